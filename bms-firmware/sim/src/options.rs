//! The command line, and what it means.

use std::{
	num::NonZeroU64,
	path::PathBuf,
	time::{Duration, SystemTime, UNIX_EPOCH},
};

use clap::Parser;
use passport_primitives::telemetry::MAX_BEHIND_SECONDS;

use crate::{
	battery::Setup,
	chemistry::Chemistry,
	drive_cycle::Profile,
	fleet::Plan,
	identity::DEFAULT_SEED,
	jbd::{JbdPlan, MAX_JBD_CELLS},
	manifest::{self, ManifestError, Member},
	mqtt::BrokerAddress,
	pack::Design,
};

/// Between the oldest reading and what the ledger still takes: time to publish it.
const STALE_MARGIN_SECONDS: u64 = 3_600;

/// Simulates a fleet of batteries that measure, seal, sign and publish frames by MQTT 5.
///
/// Every option is also an environment variable: --frames-per-device is BMS_SIM_FRAMES_PER_DEVICE. Log by RUST_LOG.
#[derive(Clone, Debug, Parser)]
#[command(name = "bms-sim", version, about)]
pub struct Options {
	/// The broker: mqtt://host:port.
	#[arg(long, env = "BMS_SIM_BROKER", value_name = "URL")]
	pub broker: Option<BrokerAddress>,

	/// Number of devices, when there is no manifest.
	#[arg(long, env = "BMS_SIM_DEVICES", value_name = "N", default_value_t = 1)]
	pub devices: u32,

	/// Index of the first device, when there is no manifest.
	#[arg(long, env = "BMS_SIM_FIRST_DEVICE", value_name = "N", default_value_t = 0)]
	pub first_device: u32,

	/// What keys, packs and use follow from. Whoever knows it has the keys.
	#[arg(long, env = "BMS_SIM_SEED", value_name = "TEXT", default_value = DEFAULT_SEED)]
	pub seed: String,

	/// Genesis hash of the network that frames are signed for: 0x and 64 hex digits.
	#[arg(long, env = "BMS_SIM_GENESIS_HASH", value_name = "HASH", value_parser = parse_hash)]
	pub genesis_hash: Option<[u8; 32]>,

	/// Start of the aliases, when there is no manifest; six digits of the device's index follow. A battery's alias is its unique
	/// identifier too then.
	#[arg(
		long,
		env = "BMS_SIM_BATTERY_PREFIX",
		value_name = "TEXT",
		default_value = "BAT-2026-LI-"
	)]
	pub battery_prefix: String,

	/// Devices and their batteries: a JSON list of {"alias", "passport", "deviceIndex", "keyEpoch"?, "operator"?}.
	#[arg(long, env = "BMS_SIM_MANIFEST", value_name = "FILE")]
	pub manifest: Option<PathBuf>,

	/// Stop after so many frames of each device; 0: go on until stopped.
	#[arg(
		long,
		env = "BMS_SIM_FRAMES_PER_DEVICE",
		value_name = "N",
		default_value_t = 0
	)]
	pub frames_per_device: u64,

	/// Readings in a frame.
	#[arg(long, env = "BMS_SIM_READINGS_PER_FRAME", value_name = "N", default_value_t = 60,
		value_parser = clap::value_parser!(u8).range(1..))]
	pub readings_per_frame: u8,

	/// Simulated seconds from one reading to the next.
	#[arg(long, env = "BMS_SIM_SAMPLE_SECONDS", value_name = "S", default_value_t = 1,
		value_parser = clap::value_parser!(u32).range(1..=60))]
	pub sample_seconds: u32,

	/// Simulated time before the first reading, in seconds since 1970. Without it: so long ago that the last of
	/// --frames-per-device frames ends now, or the first one where there is no end.
	#[arg(long, env = "BMS_SIM_START_TIME", value_name = "SECONDS")]
	pub start_time: Option<u64>,

	/// Real milliseconds from one frame of a device to its next; 0: as fast as they are acknowledged.
	#[arg(
		long,
		env = "BMS_SIM_FRAME_INTERVAL_MS",
		value_name = "MS",
		default_value_t = 1_000
	)]
	pub frame_interval_ms: u64,

	/// Simulated seconds in a real one; sets the interval of frames.
	#[arg(long, env = "BMS_SIM_TIME_SCALE", value_name = "FACTOR")]
	pub time_scale: Option<NonZeroU64>,

	/// MQTT connections that the devices share. Without it: one for each device, eight at most.
	#[arg(long, env = "BMS_SIM_CONNECTIONS", value_name = "K")]
	pub connections: Option<u32>,

	/// Append a line of JSON for each acknowledged frame to this file.
	#[arg(long, env = "BMS_SIM_REPORT", value_name = "FILE")]
	pub report: Option<PathBuf>,

	/// Keep counters, outboxes and packs here, so that a restarted fleet repeats no sequence and loses no frame. Without
	/// it the fleet begins at --initial-sequence every time.
	#[arg(long, env = "BMS_SIM_STATE", value_name = "DIR")]
	pub state: Option<PathBuf>,

	/// Epoch of the sealing keys where the manifest gives none.
	#[arg(long, env = "BMS_SIM_KEY_EPOCH", value_name = "N", default_value_t = 0)]
	pub key_epoch: u32,

	/// First sequence of a device that has no counter in --state.
	#[arg(long, env = "BMS_SIM_INITIAL_SEQUENCE", value_name = "N", default_value_t = 1,
		value_parser = clap::value_parser!(u64).range(1..))]
	pub initial_sequence: u64,

	/// A temperature sensor breaks in every so many frames of a device, which makes them alerts; 0: never.
	#[arg(long, env = "BMS_SIM_ALERT_EVERY", value_name = "N", default_value_t = 0)]
	pub alert_every: u32,

	/// What the cells are made of.
	#[arg(long, env = "BMS_SIM_CHEMISTRY", value_enum, default_value_t = Chemistry::Nmc)]
	pub chemistry: Chemistry,

	/// Cells in series; readings carry the voltages of the first 32.
	#[arg(long, env = "BMS_SIM_CELLS", value_name = "N", default_value_t = Design::default().cells,
		value_parser = clap::value_parser!(u16).range(1..=400))]
	pub cells: u16,

	/// Seconds to publish what is in the outboxes after being told to stop.
	#[arg(long, env = "BMS_SIM_DRAIN_SECONDS", value_name = "S", default_value_t = 10)]
	pub drain_seconds: u64,

	/// Be the battery-management board of one pack, --first-device of the seed, instead of a fleet: answer the JBD
	/// protocol on this Unix socket, which QEMU connects to the UART of a device. Each request is one step of
	/// --sample-seconds; --alert-every counts spans of --readings-per-frame requests. Nothing is published.
	#[arg(long, env = "BMS_SIM_JBD_SOCKET", value_name = "PATH")]
	pub jbd_socket: Option<PathBuf>,

	/// Print the devices' names and public keys as JSON, and do nothing else.
	#[arg(long, env = "BMS_SIM_PRINT_IDENTITIES")]
	pub print_identities: bool,
}

/// What is wrong with the options.
#[derive(Debug, thiserror::Error)]
pub enum OptionsError {
	/// An option that is needed to publish.
	#[error("{0} is needed to publish")]
	Missing(&'static str),
	/// No device.
	#[error("--devices must be at least 1")]
	NoDevice,
	/// No connection.
	#[error("--connections must be at least 1")]
	NoConnection,
	/// The devices.
	#[error(transparent)]
	Manifest(#[from] ManifestError),
	/// More cells than the JBD protocol reports.
	#[error("--jbd-socket reports {MAX_JBD_CELLS} cells at most: set --cells")]
	TooManyCells,
	/// Frames older than what the ledger takes.
	#[error(
		"--frames-per-device, --readings-per-frame and --sample-seconds together reach {days} days back, and the ledger \
		 takes 30: ask for less, or set --start-time"
	)]
	TooLong {
		/// How far.
		days: u64,
	},
	/// The clock of this machine.
	#[error("the clock of this machine is before 1970")]
	Clock,
}

fn parse_hash(text: &str) -> Result<[u8; 32], String> {
	let mut hash = [0; 32];
	let digits = text.strip_prefix("0x").ok_or("a hash begins with 0x")?;
	hex::decode_to_slice(digits, &mut hash).map_err(|_| "a hash is 0x and 64 hex digits")?;
	Ok(hash)
}

/// Real time, in ms since 1970.
pub fn unix_ms() -> Result<u64, OptionsError> {
	let since = SystemTime::now()
		.duration_since(UNIX_EPOCH)
		.map_err(|_| OptionsError::Clock)?;
	u64::try_from(since.as_millis()).map_err(|_| OptionsError::Clock)
}

impl Options {
	/// The devices.
	pub fn members(&self) -> Result<Vec<Member>, OptionsError> {
		if let Some(path) = &self.manifest {
			return Ok(manifest::read(path)?);
		}
		if self.devices == 0 {
			return Err(OptionsError::NoDevice);
		}
		Ok(manifest::numbered(
			&self.battery_prefix,
			self.first_device,
			self.devices,
		)?)
	}

	/// The battery-management board to be; `None` where a fleet was asked for.
	pub fn jbd_plan(&self) -> Result<Option<JbdPlan>, OptionsError> {
		let Some(path) = self.jbd_socket.clone() else {
			return Ok(None);
		};
		if self.cells > MAX_JBD_CELLS {
			return Err(OptionsError::TooManyCells);
		}
		Ok(Some(JbdPlan {
			path,
			seed: self.seed.clone(),
			index: self.first_device,
			design: self.design(),
			step_seconds: self.sample_seconds,
			alert_every: self.alert_every,
			span: u32::from(self.readings_per_frame),
		}))
	}

	/// What the packs are built as.
	pub fn design(&self) -> Design {
		Design {
			chemistry: self.chemistry,
			cells: self.cells,
			..Design::default()
		}
	}

	/// What to do, by a clock that says `now_seconds` since 1970.
	pub fn plan(&self, now_seconds: u64) -> Result<Plan, OptionsError> {
		let members = self.members()?;
		let broker = self.broker.clone().ok_or(OptionsError::Missing("--broker"))?;
		let genesis_hash = self.genesis_hash.ok_or(OptionsError::Missing("--genesis-hash"))?;
		let frame_seconds = u64::from(self.readings_per_frame) * u64::from(self.sample_seconds);
		let back = frame_seconds.saturating_mul(self.frames_per_device.max(1));
		if self.start_time.is_none() && back > MAX_BEHIND_SECONDS - STALE_MARGIN_SECONDS {
			return Err(OptionsError::TooLong { days: back / 86_400 });
		}
		let connections = match self.connections {
			Some(0) => return Err(OptionsError::NoConnection),
			Some(connections) => connections as usize,
			None => 8,
		};
		let frame_interval = match self.time_scale {
			Some(scale) => {
				Duration::from_secs(frame_seconds) / u32::try_from(scale.get()).unwrap_or(u32::MAX)
			}
			None => Duration::from_millis(self.frame_interval_ms),
		};
		Ok(Plan {
			broker,
			seed: self.seed.clone(),
			setup: Setup {
				design: self.design(),
				profile: Profile::Daily,
				genesis_hash,
				readings_per_frame: self.readings_per_frame,
				sample_seconds: self.sample_seconds,
				start_seconds: self
					.start_time
					.unwrap_or_else(|| now_seconds.saturating_sub(back)),
				resume_time: self.start_time.is_none() && self.frames_per_device == 0,
				alert_every: self.alert_every,
				key_epoch: self.key_epoch,
				first_sequence: self.initial_sequence,
			},
			connections: connections.min(members.len()),
			members,
			frames_per_device: self.frames_per_device,
			frame_interval,
			report: self.report.clone(),
			state: self.state.clone(),
			drain: Duration::from_secs(self.drain_seconds),
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const NOW: u64 = 1_800_000_000;
	const NEEDED: [&str; 5] = [
		"bms-sim",
		"--broker",
		"mqtt://127.0.0.1:1883",
		"--genesis-hash",
		"0x0707070707070707070707070707070707070707070707070707070707070707",
	];

	fn plan(more: &[&str]) -> Result<Plan, String> {
		Options::try_parse_from(NEEDED.iter().chain(more))
			.map_err(|error| error.to_string())?
			.plan(NOW)
			.map_err(|error| error.to_string())
	}

	#[test]
	fn readings_end_now_unless_told_otherwise() {
		let start = |more: &[&str]| plan(more).unwrap().setup.start_seconds;
		assert_eq!(start(&["--frames-per-device", "10"]), NOW - 600);
		assert_eq!(
			start(&[
				"--frames-per-device",
				"10",
				"--sample-seconds",
				"5",
				"--readings-per-frame",
				"6"
			]),
			NOW - 300
		);
		assert_eq!(start(&[]), NOW - 60, "the first frame ends now");
		assert_eq!(start(&["--start-time", "1790000000"]), 1_790_000_000);
		let stale = plan(&["--frames-per-device", "50000"]).unwrap_err();
		assert!(stale.contains("34 days"), "{stale}");
		assert!(plan(&["--frames-per-device", "50000", "--start-time", "1"]).is_ok());
	}

	#[test]
	fn connections_are_shared_by_large_fleets() {
		let connections = |more: &[&str]| plan(more).unwrap().connections;
		assert_eq!(connections(&["--devices", "3"]), 3);
		assert_eq!(connections(&["--devices", "3000"]), 8);
		assert_eq!(connections(&["--devices", "3000", "--connections", "20"]), 20);
		assert_eq!(connections(&["--devices", "3", "--connections", "20"]), 3);
	}

	#[test]
	fn a_time_scale_sets_the_pace() {
		assert_eq!(
			plan(&["--time-scale", "60"]).unwrap().frame_interval,
			Duration::from_secs(1)
		);
		assert_eq!(
			plan(&["--frame-interval-ms", "0"]).unwrap().frame_interval,
			Duration::ZERO
		);
		assert_eq!(plan(&[]).unwrap().frame_interval, Duration::from_secs(1));
	}

	#[test]
	fn options_that_make_no_sense_are_refused() {
		for (more, says) in [
			(&["--devices", "0"][..], "--devices"),
			(&["--connections", "0"], "--connections"),
			(&["--readings-per-frame", "0"], "--readings-per-frame"),
			(&["--readings-per-frame", "256"], "--readings-per-frame"),
			(&["--sample-seconds", "61"], "--sample-seconds"),
			(&["--initial-sequence", "0"], "--initial-sequence"),
			(&["--time-scale", "0"], "--time-scale"),
			(&["--cells", "0"], "--cells"),
			(&["--battery-prefix", "x"], "prefix"),
			(&["--manifest", "/nowhere/at/all"], "/nowhere/at/all"),
			(&["--devices", "2", "--first-device", "999999"], "six digits"),
		] {
			let error = plan(more).err().unwrap_or_default();
			assert!(error.contains(says), "{more:?}: {error}");
		}
		for hash in ["07", "0x07", "0xzz"] {
			assert!(
				Options::try_parse_from(["bms-sim", "--genesis-hash", hash]).is_err(),
				"{hash}"
			);
		}
		let missing = Options::try_parse_from(["bms-sim"])
			.unwrap()
			.plan(NOW)
			.err()
			.unwrap();
		assert_eq!(missing.to_string(), "--broker is needed to publish");
	}
}
