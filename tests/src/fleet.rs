//! A fleet: batteries on the ledger, and `bms-sim` that publishes for them.

use crate::{
	battery::{now_seconds, register, Battery},
	finalised::FrameKey,
	program::{built, folder, Program},
	until,
};
use anyhow::{ensure, Context, Result};
use passport_client::Ledger;
use serde::Deserialize;
use serde_json::json;
use std::{
	collections::{BTreeMap, BTreeSet},
	fs,
	path::PathBuf,
	time::Duration,
};

/// Readings in a frame of a fleet whose frames are counted.
const READINGS: u32 = 20;

/// How long ago the readings of a fleet without an end begin, in seconds. Its simulated time passes faster than the real one, and
/// the simulator makes no frame of more than a minute ahead: with a second in each frame, five frames in a second, that is ten
/// minutes away. Less than an hour, since a frame that comes again later than that is one that was replayed.
const BEGIN_BEFORE_SECONDS: u64 = 2_400;

/// How long a fleet that was stopped goes on to publish what it has made: longer than any test waits for it. One that ended before
/// would leave frames of which nobody knows whether the broker has them.
const DRAIN_SECONDS: u32 = 3_600;

/// Registered batteries that `bms-sim` knows the keys of.
pub struct Fleet {
	/// The batteries.
	pub batteries: Vec<Battery>,
	seed: String,
	genesis_hash: [u8; 32],
}

/// A fleet that publishes.
pub struct FleetRun {
	/// The process.
	pub program: Program,
	report: PathBuf,
	devices: BTreeMap<String, u32>,
	/// Frames after which it ends by itself, if it does.
	expected: Option<usize>,
}

/// A line of the report. What else stands in it is for the demo's table.
#[derive(Deserialize)]
struct Line {
	alias: String,
	sequence: u64,
}

impl Fleet {
	/// Registers a fleet.
	pub async fn register(ledger: &Ledger, seed: &str, batteries: u32) -> Result<Self> {
		let aliases: Vec<_> = (1..=batteries)
			.map(|number| format!("BAT-2027-EE-{number:06}"))
			.collect();
		let batteries = register(ledger, seed, &aliases).await?;
		Ok(Fleet {
			batteries,
			seed: seed.to_owned(),
			genesis_hash: ledger.genesis_hash(),
		})
	}

	/// Lets each battery publish `frames` frames of twenty readings, one every `interval`. Every eighth has a defect that makes it
	/// an alert.
	pub fn publish(&self, broker_url: &str, frames: u32, interval: Duration) -> Result<FleetRun> {
		let arguments = [
			format!("--frames-per-device={frames}"),
			format!("--readings-per-frame={READINGS}"),
		];
		let expected = self.batteries.len() * frames as usize;
		self.start(broker_url, interval, arguments, Some(expected))
	}

	/// The same without an end, with frames of one reading: [`FleetRun::stopped`] ends it. However long a test takes to do its harm,
	/// there are frames while it does.
	pub fn publish_until_stopped(&self, broker_url: &str, interval: Duration) -> Result<FleetRun> {
		let arguments = [
			format!("--start-time={}", now_seconds() - BEGIN_BEFORE_SECONDS),
			"--readings-per-frame=1".into(),
		];
		self.start(broker_url, interval, arguments, None)
	}

	fn start(
		&self,
		broker_url: &str,
		interval: Duration,
		more: [String; 2],
		expected: Option<usize>,
	) -> Result<FleetRun> {
		let folder = folder("fleet")?;
		let manifest = folder.join("manifest.json");
		let entries: Vec<_> = self
			.batteries
			.iter()
			.map(|battery| {
				json!({
					"alias": battery.alias,
					"passport": battery.passport.to_string(),
					"deviceIndex": battery.identity.index,
				})
			})
			.collect();
		fs::write(&manifest, serde_json::to_vec_pretty(&entries)?)?;
		let report = folder.join("report.jsonl");
		let mut arguments = vec![
			format!("--broker={broker_url}"),
			format!("--manifest={}", manifest.display()),
			format!("--seed={}", self.seed),
			format!("--genesis-hash=0x{}", hex::encode(self.genesis_hash)),
			format!("--frame-interval-ms={}", interval.as_millis()),
			format!("--drain-seconds={DRAIN_SECONDS}"),
			"--alert-every=8".into(),
			format!("--report={}", report.display()),
			format!("--state={}", folder.join("state").display()),
		];
		arguments.extend(more);
		let program = Program::start("bms-sim", &built("bms-sim")?, arguments, &folder)?;
		let devices = self
			.batteries
			.iter()
			.map(|battery| (battery.alias.clone(), battery.device))
			.collect();
		Ok(FleetRun {
			program,
			report,
			devices,
			expected,
		})
	}
}

impl FleetRun {
	/// Frames that the broker has acknowledged to their devices so far.
	pub fn acknowledged(&self) -> Result<BTreeSet<FrameKey>> {
		let Ok(text) = fs::read_to_string(&self.report) else {
			return Ok(BTreeSet::new());
		};
		let mut acknowledged = BTreeSet::new();
		for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
			let line: Line =
				serde_json::from_str(line).with_context(|| format!("the fleet reported: {line}"))?;
			let device = self
				.devices
				.get(&line.alias)
				.context("the fleet reported another battery")?;
			acknowledged.insert((*device, line.sequence));
		}
		Ok(acknowledged)
	}

	/// Waits until `more` frames have been acknowledged than now.
	pub async fn wait_for_more(&mut self, more: usize, patience: Duration) -> Result<()> {
		let before = self.acknowledged()?.len();
		until(
			&format!("{more} more frames are acknowledged"),
			patience,
			async || {
				self.program.check_running()?;
				Ok((self.acknowledged()?.len() >= before + more).then_some(()))
			},
		)
		.await
	}

	/// Waits until every frame is acknowledged, and gives them.
	pub async fn finished(&mut self, patience: Duration) -> Result<BTreeSet<FrameKey>> {
		let expected = self
			.expected
			.context("this fleet does not end before it is stopped")?;
		self.program.finished(patience).await?;
		let acknowledged = self.acknowledged()?;
		ensure!(
			acknowledged.len() == expected,
			"the fleet ended with {} frames acknowledged of {expected}",
			acknowledged.len()
		);
		Ok(acknowledged)
	}

	/// Tells the batteries to make no more frames, waits until those that they made are acknowledged, and gives them.
	pub async fn stopped(&mut self, patience: Duration) -> Result<BTreeSet<FrameKey>> {
		self.program.check_running()?;
		self.program.stop_within(patience).await?;
		self.acknowledged()
	}
}
