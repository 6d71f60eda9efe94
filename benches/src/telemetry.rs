//! Device-signed readings: how many become final in a second, what each costs, and how that compares with contracts that do
//! the same.

mod anchored;
mod bridge_alone;
mod bridged;
mod direct;
mod execution;
mod fleet;
mod growth;
mod mqtt;
mod rows;
mod signatures;
mod site;

use crate::{
	chain::Validators,
	course::{Course, Extent},
	ledger::calls::MAKER,
	options,
	peer::{self, Contract},
	show,
};
use anyhow::{Context, Result};
use fleet::{Fleet, MINUTE};
use passport_client::test_keys::TestMember;
use passport_tests::program::folder;
use rows::{measure, ratio, ONE, SIXTY, SIXTY_BY_MINUTE};
use serde_json::json;
use std::{
	fs,
	path::{Path, PathBuf},
};

/// Who brings the frames: the one bridge operator of the test networks.
const BRIDGE: TestMember = TestMember::FrameBridge;

/// Frames that are made for each second of a flood: more than the chain has taken.
const SIGNED_PER_SECOND: usize = 12_000;

/// Devices that send frames of 60 readings, and as many others that send frames of one. So many that at half of the peak the frame
/// before is final in most cases when a device sends the next, as in any real fleet: the bridge has one batch at a time with frames of
/// a device on its way.
const DEVICES: u32 = 4_096;
/// The same of a short round.
const QUICK_DEVICES: u32 = 1_024;

/// What a bench of telemetry can be told.
#[derive(Debug, clap::Args)]
pub struct TelemetryOptions {
	#[command(flatten)]
	course: options::Options,
	/// Batteries of the chain with many: a million, or 50,000 with --quick.
	#[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(32_000..=20_000_000))]
	batteries: Option<u32>,
	/// Measure these parts alone.
	#[arg(long, value_enum, value_delimiter = ',', value_name = "PART")]
	only: Vec<Part>,
	/// Put the table of what was asked for between its marks in this file.
	#[arg(long, value_name = "FILE")]
	markdown: Option<PathBuf>,
}

/// What is measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
	/// Batches that are brought to the node as extrinsics.
	Direct,
	/// Frames by MQTT, a bridge, each checked on the ledger.
	Bridged,
	/// Frames by MQTT to a bridge that keeps them.
	BridgeAlone,
	/// Frames by MQTT to a bridge that anchors them.
	Anchored,
	/// A chain with many batteries.
	Growth,
}

impl Part {
	/// The parts of a round, in their order. The last two are about the bridge: one validator shows them.
	const fn of_a_round(validators: Validators) -> &'static [Part] {
		match validators {
			Validators::One => &[Part::Direct, Part::Bridged, Part::BridgeAlone, Part::Anchored],
			Validators::Four => &[Part::Direct, Part::Bridged],
		}
	}
}

impl TelemetryOptions {
	fn wants(&self, part: Part) -> bool {
		self.only.is_empty() || self.only.contains(&part)
	}

	/// How many batteries the chain with many has, where nothing else is measured.
	fn growth_alone(&self) -> Option<u32> {
		let wanted = <Part as clap::ValueEnum>::value_variants()
			.iter()
			.filter(|part| self.wants(**part));
		wanted.eq(&[Part::Growth]).then(|| self.batteries())
	}

	fn batteries(&self) -> u32 {
		self.batteries
			.unwrap_or(if self.course.quick { 50_000 } else { 1_000_000 })
	}
}

/// Measures each chain that was asked for, with peers in turns if they are asked for as well.
pub async fn run(options: &TelemetryOptions, with_peers: bool) -> Result<()> {
	let devices = if options.course.quick {
		QUICK_DEVICES
	} else {
		DEVICES
	};
	let extent = Extent::of(&options.course);
	let name = if with_peers { "peers" } else { "telemetry" };
	let report = options
		.course
		.measure_each(name, async |validators, report| {
			let mut parts = Part::of_a_round(validators).to_vec();
			parts.retain(|part| options.wants(*part));
			let mut rounds = Ok(());
			if !parts.is_empty() {
				let course = Course::start(validators, &[MAKER, BRIDGE], extent, report).await?;
				rounds = Bench::on(course, devices).measure(parts, with_peers).await;
			}
			if validators == Validators::One && options.wants(Part::Growth) {
				growth::measure(options.batteries(), extent, report)
					.await
					.context("a chain with many batteries")?;
			}
			rounds
		})
		.await?;
	if let Some(file) = &options.markdown {
		rows::write_table(&report, file, options.growth_alone())?;
	}
	report.ensure_complete()
}

/// Batteries that send to a chain.
struct Bench<'a> {
	course: Course<'a>,
	/// [`DEVICES`], or fewer.
	devices: u32,
	/// Streams of anchors that bridges have used.
	streams: u32,
	/// What is sent to peers, once there is one.
	peer_folder: Option<PathBuf>,
}

impl<'a> Bench<'a> {
	fn on(course: Course<'a>, devices: u32) -> Self {
		Bench {
			course,
			devices,
			streams: 0,
			peer_folder: None,
		}
	}

	/// A number that no bridge has anchored under.
	fn next_stream(&mut self) -> u32 {
		self.streams += 1;
		self.streams
	}

	/// The rounds of one chain. A part that fails is told and not measured again; the others go on.
	async fn measure(mut self, mut parts: Vec<Part>, with_peers: bool) -> Result<()> {
		let mut sixty = self.register(SIXTY, 60, 0).await?;
		let mut one = self.register(ONE, 1, self.devices).await?;
		self.course
			.chain
			.link_accounts(BRIDGE, &site::lanes()[1..])
			.await
			.context("the bridge has no lanes")?;
		if parts.contains(&Part::Direct) {
			let genesis_hash = self.course.chain.ledger().genesis_hash();
			let mut by_minute = Fleet::numbered(SIXTY_BY_MINUTE, 60, MINUTE, 0..self.devices, genesis_hash)?;
			self.bytes(&mut by_minute).await?;
		}
		for round in 1..=self.course.extent.rounds {
			self.course.round = round;
			for part in parts.clone() {
				let done = match part {
					Part::Direct => self.direct(&mut sixty, &mut one, with_peers).await,
					Part::Bridged => self.by_mqtt(&mut sixty, with_peers).await,
					Part::BridgeAlone => self.bridge_alone(&mut sixty).await,
					Part::Anchored => self.anchored(&mut sixty).await,
					// On a chain of its own.
					Part::Growth => Ok(()),
				};
				if let Err(error) = done {
					self.course.failed(format!("round {round}, {part:?}: {error:#}"));
					parts.retain(|other| *other != part);
				}
			}
		}
		Ok(())
	}

	/// Frames of 60 and of one as batches, each followed by what is compared with it.
	async fn direct(&mut self, sixty: &mut Fleet, one: &mut Fleet, with_peers: bool) -> Result<()> {
		let ours = self.readings(sixty).await?;
		if with_peers {
			let peer = self.peer(Contract::Protocol, PROTOCOL).await?;
			self.ratio(ratio::SIXTY, ours.readings, peer);
		}
		let single = self.readings(one).await?;
		if with_peers {
			let peer = self.peer(Contract::Protocol, PROTOCOL).await?;
			self.ratio(ratio::ONE, single.readings, peer);
			let frames = self.peer_folder()?.join("frames.json");
			// The contract does not look into a frame: those of the first round are as good as others, and are signed already.
			if !frames.exists() {
				write_frames(sixty, &frames)?;
			}
			let peer = self.peer(Contract::Batched(&frames), BATCHED).await?;
			self.ratio(ratio::BATCHED, ours.frames, peer);
		}
		Ok(())
	}

	/// Frames of 60 by MQTT, followed by what is compared with them.
	async fn by_mqtt(&mut self, sixty: &mut Fleet, with_peers: bool) -> Result<()> {
		let ours = self.bridged(sixty).await?;
		if with_peers {
			let peer = self.peer(Contract::Protocol, PROTOCOL).await?;
			self.ratio(ratio::BY_MQTT, ours, peer);
		}
		Ok(())
	}

	/// The folder of what is sent to peers, the same in all rounds.
	fn peer_folder(&mut self) -> Result<PathBuf> {
		if let Some(known) = &self.peer_folder {
			return Ok(known.clone());
		}
		let made = folder("peer")?;
		self.peer_folder = Some(made.clone());
		Ok(made)
	}

	/// Measures a peer, while the validators are stopped, and gives what it did in a second.
	async fn peer(&mut self, contract: Contract<'_>, what: &str) -> Result<f64> {
		let signed = self.peer_folder()?;
		let flood = self.course.extent.flood;
		// Before the validators are stopped: the first time it takes longer than the run.
		peer::sign(contract, flood, &signed)
			.await
			.with_context(|| format!("{what}: nothing was signed"))?;
		// They make blocks, empty ones too, on the cores that the peer has to itself.
		self.course.chain.freeze()?;
		let run = peer::run(contract, flood, &signed).await;
		self.course
			.chain
			.thaw()
			.await
			.context("the validators do not go on")?;
		let run = run.with_context(|| what.to_owned())?;
		show(&format!(
			"round {} {what}: {} in {:.1} s, {:.0} a second",
			self.course.round, run.done, run.seconds, run.per_second
		));
		self.course.sample(what, "in blocks", "a second", run.per_second);
		self.course
			.sample(what, "bytes of transactions for each", "bytes", run.bytes_each);
		self.course.sample(
			what,
			"cores that anvil used",
			"cores",
			run.cpu_seconds / run.seconds,
		);
		let per_second = run.per_second;
		self.course.tell(json!({
			"run": "peer",
			"validators": self.course.chain.validators(),
			"round": self.course.round,
			"peer": run,
		}))?;
		Ok(per_second)
	}

	/// How many times as much as the peer of the same round.
	fn ratio(&mut self, what: &str, ours: f64, peer: f64) {
		self.course
			.sample(what, measure::TIMES_PEER, "times", ours / peer);
	}
}

/// The peers, in the report.
const PROTOCOL: &str = "protocol's contract, readings";
const BATCHED: &str = "batched contract, frames of 60";

/// The frames that the batched contract is fed: the next one of each device.
fn write_frames(fleet: &mut Fleet, file: &Path) -> Result<()> {
	let frames: Vec<_> = fleet
		.batches(fleet.size())?
		.into_iter()
		.flatten()
		.map(|(_, frame)| format!("0x{}", hex::encode(frame)))
		.collect();
	fs::write(file, serde_json::to_vec(&frames)?).with_context(|| format!("can not write {}", file.display()))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::options::Which;
	use fleet::BEHIND_SECONDS;

	#[test]
	fn a_round_stays_within_the_time_that_the_ledger_takes() {
		for (extent, devices) in [(Extent::FULL, DEVICES), (Extent::QUICK, QUICK_DEVICES)] {
			// Four floods, two of them with as much again at half of the pace, a frame for each of three bridges, and what a peer is
			// fed, of each device.
			let flood = SIGNED_PER_SECOND as u64 * extent.flood.as_secs() / u64::from(devices) + 1;
			let frames = 6 * flood + 4;
			assert!(u64::from(extent.rounds) * frames * 60 < BEHIND_SECONDS);
		}
	}

	#[test]
	fn all_parts_are_measured_unless_some_are_named() {
		#[derive(Debug, clap::Parser)]
		struct Line {
			#[command(flatten)]
			options: TelemetryOptions,
		}
		let parse = |arguments: &[&str]| {
			let line = [&["bench"], arguments].concat();
			<Line as clap::Parser>::try_parse_from(line).map(|line| line.options)
		};
		let all = parse(&[]).unwrap();
		for part in <Part as clap::ValueEnum>::value_variants() {
			assert!(all.wants(*part), "{part:?}");
		}
		assert_eq!((all.batteries(), all.course.validators), (1_000_000, Which::Both));
		let some = parse(&["--quick", "--only=growth,bridge-alone"]).unwrap();
		assert!(some.wants(Part::Growth) && some.wants(Part::BridgeAlone) && !some.wants(Part::Direct));
		assert_eq!(some.batteries(), 50_000);
		assert_eq!((all.growth_alone(), some.growth_alone()), (None, None));
		let growth = parse(&["--only=growth", "--batteries=10000000"]).unwrap();
		assert_eq!(growth.growth_alone(), Some(10_000_000));
		assert_eq!(parse(&["--batteries=10000000"]).unwrap().batteries(), 10_000_000);
		for wrong in ["--batteries=10", "--only=nothing"] {
			assert!(parse(&[wrong]).is_err(), "{wrong}");
		}
	}
}
