//! Device-signed readings: how many become final in a second, what each costs, and how that compares with contracts that do
//! the same.

use crate::{
	chain::{Chain, Validators},
	ledger::calls::{self, passport_id, Kind, BATCH, MAKER},
	leg::{self, Pace},
	load::{sign, Load, Order},
	options::Options,
	outcome::Told,
	peer::{self, Contract},
	report::Report,
	show,
	statistics::percentile,
	storage::Storage,
	tally::Tally,
};
use anyhow::{ensure, Context, Result};
use bms_core::{Link, LinkEvent, NoRoom, Outgoing};
use bms_sim::{
	battery::Setup, drive_cycle::Profile, memory::Memory, pack::Design, DeviceIdentity, Produced,
	SimulatedBattery,
};
use passport_client::{
	api::{
		runtime_types::{
			pallet_telemetry::{pallet::Call as TelemetryCall, SubmittedFrame},
			passport_runtime::RuntimeCall,
		},
		telemetry::events::BatchVerified,
	},
	test_keys::TestMember,
};
use passport_primitives::battery::PassportId;
use passport_tests::{battery::now_seconds, call::bounded, program::folder};
use serde_json::json;
use std::{fs, path::PathBuf, thread};
use subxt::{events::Event, PolkadotConfig};
use tokio::time::Duration;

/// Who brings the frames: the one bridge operator of the test networks.
const BRIDGE: TestMember = TestMember::FrameBridge;

/// Most frames and bytes of a batch: the ledger's bounds.
const FRAMES_OF_A_BATCH: usize = 256;
const BYTES_OF_A_BATCH: usize = 256 * 1024;

/// What keys, packs and their use follow from.
const SEED: &str = "telemetry bench";

/// How far behind the clock the readings begin: no round gets to the end of it, and the ledger takes 30 days.
const BEHIND_SECONDS: u64 = 20 * 24 * 3_600;

/// Frames that are made for each second of a flood: more than the chain has taken.
const SIGNED_PER_SECOND: usize = 12_000;

/// Longest that a leg may take that is as long as its load.
const LONGEST: Duration = Duration::from_secs(900);

/// Readings of a frame, and its name in the report.
const SIXTY: (u8, &str) = (60, "frames of 60");
const ONE: (u8, &str) = (1, "frames of 1");

/// How much is measured.
#[derive(Clone, Copy)]
struct Extent {
	rounds: u32,
	/// Devices that send frames of 60 readings, and as many others that send frames of one.
	devices: u32,
	/// How long batches are sent as fast as the pool takes them.
	flood: Duration,
	/// How long they are sent at half of that rate.
	steady: Duration,
}

const FULL: Extent = Extent {
	rounds: 5,
	devices: 1_024,
	flood: Duration::from_secs(15),
	steady: Duration::from_secs(15),
};

const QUICK: Extent = Extent {
	rounds: 1,
	devices: 512,
	flood: Duration::from_secs(8),
	steady: Duration::from_secs(8),
};

/// Measures each chain that was asked for, with peers in turns if they are asked for as well.
pub async fn run(options: &Options, with_peers: bool) -> Result<()> {
	let extent = if options.quick { QUICK } else { FULL };
	let name = if with_peers { "peers" } else { "telemetry" };
	options
		.measure_each(name, async |validators, report| {
			Bench::start(validators, extent, report)
				.await?
				.measure(with_peers)
				.await
		})
		.await
}

/// Simulated batteries, and the numbers of their devices on the ledger.
struct Fleet {
	name: &'static str,
	readings_per_frame: u8,
	batteries: Vec<(u32, SimulatedBattery)>,
}

/// Frames, ready to be sent.
struct Frames {
	load: Load,
	frames: usize,
	/// Of the transactions that carry them.
	bytes: usize,
}

/// Keeps what is published.
#[derive(Default)]
struct Collector(Vec<(u64, Vec<u8>)>);

impl Link for Collector {
	fn publish(&mut self, frame: Outgoing<'_>) -> Result<(), NoRoom> {
		self.0.push((frame.sequence, frame.bytes.to_vec()));
		Ok(())
	}
}

/// The number of a device, and a frame of it.
type DeviceFrame = (u32, Vec<u8>);

/// A device, and all its frames in the order in which it made them.
type DeviceFrames = (u32, Vec<Vec<u8>>);

/// The next frames of a battery.
fn next_frames(battery: &mut SimulatedBattery, wanted: usize) -> Result<Vec<Vec<u8>>> {
	let mut frames = Vec::with_capacity(wanted);
	let mut link = Collector::default();
	while frames.len() < wanted {
		ensure!(
			battery.produce()? != Produced::NoRoom,
			"the outbox is full of frames that were acknowledged"
		);
		while battery.publish_next(&mut link)?.is_some() {}
		for (sequence, frame) in link.0.drain(..) {
			battery.settle(LinkEvent::Acknowledged { sequence })?;
			frames.push(frame);
		}
	}
	Ok(frames)
}

impl Fleet {
	/// The next frames of all, a batch for as many neighbours as fit into one: batches by time, and devices in the order of
	/// their numbers within each, as the bridge brings them.
	fn batches(&mut self, frames_wanted: usize) -> Result<Vec<Vec<DeviceFrame>>> {
		let each = frames_wanted.div_ceil(self.batteries.len());
		let cores = thread::available_parallelism().map_or(1, usize::from);
		let share = self.batteries.len().div_ceil(cores);
		let made: Result<Vec<Vec<DeviceFrames>>> = thread::scope(|scope| {
			let threads: Vec<_> = self
				.batteries
				.chunks_mut(share)
				.map(|some| {
					scope.spawn(move || {
						some.iter_mut()
							.map(|(device, battery)| Ok((*device, next_frames(battery, each)?)))
							.collect::<Result<Vec<_>>>()
					})
				})
				.collect();
			threads
				.into_iter()
				.map(|made| {
					made.join()
						.map_err(|_| anyhow::anyhow!("a simulation panicked"))?
				})
				.collect()
		});
		let mut made: Vec<_> = made?.into_iter().flatten().collect();
		let mut batches = Vec::new();
		for _ in 0..each {
			let mut batch: Vec<DeviceFrame> = Vec::new();
			let mut bytes = 0;
			for (device, frames) in &mut made {
				// An alert makes two frames of one: they come last and stay behind.
				let Some(frame) = (!frames.is_empty()).then(|| frames.remove(0)) else {
					continue;
				};
				if batch.len() == FRAMES_OF_A_BATCH || bytes + frame.len() > BYTES_OF_A_BATCH {
					batches.push(std::mem::take(&mut batch));
					bytes = 0;
				}
				bytes += frame.len();
				batch.push((*device, frame));
			}
			batches.push(batch);
		}
		Ok(batches)
	}
}

fn order(place: u32, batch: Vec<DeviceFrame>) -> Order {
	let calls = batch.len() as u32;
	let frames = batch
		.into_iter()
		.map(|(device, frame)| SubmittedFrame {
			device,
			frame: bounded(frame),
		})
		.collect();
	Order {
		sender: BRIDGE,
		call: RuntimeCall::Telemetry(TelemetryCall::submit_frames {
			frames: bounded(frames),
		}),
		calls,
		subject: place,
	}
}

/// A batch says how many of its frames were taken.
const TOLD: Told = Told {
	pallet: "Telemetry",
	event: "BatchVerified",
	number: None,
	calls: Some(frames_taken),
};

fn frames_taken(event: &Event<'_, PolkadotConfig>) -> Option<u32> {
	let verified = event.decode_fields_as::<BatchVerified>()?.ok()?;
	Some(verified.frames.into())
}

/// A chain under measurement.
struct Bench<'a> {
	chain: Chain,
	extent: Extent,
	report: &'a mut Report,
	round: u32,
}

impl<'a> Bench<'a> {
	async fn start(validators: Validators, extent: Extent, report: &'a mut Report) -> Result<Self> {
		show(&format!("starting {} validator(s)", validators.count()));
		let chain = Chain::start(validators).await?;
		chain
			.lift_quotas(&[MAKER, BRIDGE])
			.await
			.context("the quotas can not be lifted")?;
		Ok(Bench {
			chain,
			extent,
			report,
			round: 0,
		})
	}

	async fn measure(mut self, with_peers: bool) -> Result<()> {
		let devices = self.extent.devices;
		let mut sixty = self.register(SIXTY, 0).await?;
		let mut one = self.register(ONE, devices).await?;
		let frames_file = folder("peer")?.join("frames.json");
		for round in 1..=self.extent.rounds {
			self.round = round;
			let ours = self.readings(&mut sixty).await?;
			if with_peers {
				let peer = self
					.peer(Contract::Protocol, "protocol's contract, readings")
					.await?;
				self.ratio("frames of 60 : protocol's contract", ours.readings, peer);
			}
			let single = self.readings(&mut one).await?;
			if with_peers {
				let peer = self
					.peer(Contract::Protocol, "protocol's contract, readings")
					.await?;
				self.ratio("frames of 1 : protocol's contract", single.readings, peer);
				self.write_frames(&mut sixty, &frames_file)?;
				let peer = self
					.peer(Contract::Batched(&frames_file), "batched contract, frames of 60")
					.await?;
				self.ratio("frames of 60 : batched contract", ours.frames, peer);
			}
		}
		Ok(())
	}

	/// Batteries with passports and devices, and what they are from then on.
	async fn register(
		&mut self,
		(readings_per_frame, name): (u8, &'static str),
		first: u32,
	) -> Result<Fleet> {
		let genesis_hash = self.chain.ledger().genesis_hash();
		let numbers = first..first + self.extent.devices;
		let batches = numbers.clone().step_by(BATCH as usize);
		self.prepare(Kind::RegisterMany, batches.map(calls::register_many).collect())
			.await?;
		let before = self.storage().await?;
		let passports: Vec<PassportId> = numbers.clone().map(passport_id).collect();
		let identities: Vec<_> = numbers
			.map(|number| DeviceIdentity::derive(SEED, number))
			.collect();
		let orders = passports.iter().zip(&identities).map(|(passport, identity)| {
			calls::device(identity.index, *passport, &identity.signing_key, &genesis_hash)
		});
		self.prepare(Kind::Device, orders.collect()).await?;
		let after = self.storage().await?;
		let growth = after.growth_since(&before, self.extent.devices);
		let state: f64 = growth
			.iter()
			.filter(|(item, _)| item.starts_with("Telemetry."))
			.map(|(_, bytes)| bytes)
			.sum();
		self.sample("battery", "keys and values of telemetry in state", "bytes", state);
		self.report.run(json!({
			"run": "statePerDevice",
			"validators": self.chain.validators(),
			"devices": self.extent.devices,
			"stateBytesPerDeviceByItem": growth,
		}))?;

		let setup = Setup {
			design: Design::default(),
			profile: Profile::Daily,
			genesis_hash,
			readings_per_frame,
			sample_seconds: 1,
			start_seconds: now_seconds().saturating_sub(BEHIND_SECONDS),
			resume_time: false,
			alert_every: 0,
			key_epoch: 0,
			first_sequence: 1,
		};
		let mut batteries = Vec::new();
		for (passport, identity) in passports.iter().zip(&identities) {
			let device = self
				.chain
				.ledger()
				.device_by_battery_name(&passport.to_string())
				.await?
				.with_context(|| format!("{passport} has no device"))?;
			let battery = SimulatedBattery::open(identity, SEED, setup, Memory::volatile())?;
			batteries.push((device.index, battery));
		}
		batteries.sort_by_key(|(device, _)| *device);
		Ok(Fleet {
			name,
			readings_per_frame,
			batteries,
		})
	}

	async fn storage(&self) -> Result<Storage> {
		let (_, block) = self.chain.ledger().finalised_head().await?;
		Storage::at(&self.chain, block).await
	}

	async fn prepare(&mut self, kind: Kind, orders: Vec<Order>) -> Result<()> {
		let load = sign(self.chain.ledger(), orders).await?;
		let tally = leg::run(&self.chain, load, kind.told(), Pace::Flood(LONGEST))
			.await
			.with_context(|| kind.name().to_owned())?;
		show(&format!(
			"{}: {} calls in {:.1} s",
			kind.name(),
			tally.calls,
			tally.time().as_secs_f64()
		));
		ensure!(tally.failed == 0, "{}: {} failed", kind.name(), tally.failed);
		Ok(())
	}

	/// Simulates, seals and signs the next frames of a fleet, and the extrinsics that carry them.
	async fn make(&self, fleet: &mut Fleet, frames: usize) -> Result<Frames> {
		let batches = fleet.batches(frames)?;
		let frames = batches.iter().map(Vec::len).sum();
		let orders = (0..).zip(batches).map(|(place, batch)| order(place, batch));
		let load = sign(self.chain.ledger(), orders).await?;
		let bytes = load
			.transactions
			.iter()
			.map(|transaction| transaction.hex.len() / 2 - 1)
			.sum();
		Ok(Frames { load, frames, bytes })
	}

	/// A flood of a fleet's frames, and then half of that.
	async fn readings(&mut self, fleet: &mut Fleet) -> Result<Rate> {
		let what = fleet.name;
		let readings_each = f64::from(fleet.readings_per_frame);
		let wanted = SIGNED_PER_SECOND * self.extent.flood.as_secs() as usize;
		let frames = self.make(fleet, wanted).await?;
		let bytes_per_reading = frames.bytes as f64 / frames.frames as f64 / readings_each;
		let state_before = self.storage().await?;
		let cpu_before = self.chain.cpu_seconds()?;
		let flood = self
			.leg(what, "flood", frames.load, Pace::Flood(self.extent.flood))
			.await?;
		let cpu_seconds = self.chain.cpu_seconds()? - cpu_before;
		let state_after = self.storage().await?;

		let frames_per_second = flood.calls_per_second();
		let readings = flood.calls as f64 * readings_each;
		let rate = Rate {
			readings: frames_per_second * readings_each,
			frames: frames_per_second,
		};
		self.sample(what, "finalised", "readings/s", rate.readings);
		self.sample(what, "finalised, frames", "frames/s", rate.frames);
		self.sample(
			what,
			"bytes in blocks for each reading",
			"bytes",
			bytes_per_reading,
		);
		self.sample(
			what,
			"processor time of the validators",
			"s per 1,000 readings",
			cpu_seconds / readings * 1_000.0,
		);
		let growth = state_after.bytes() as f64 - state_before.bytes() as f64;
		self.sample(
			what,
			"growth of state for each reading",
			"bytes",
			growth / readings,
		);
		if flood.resubmitted > 0 {
			self.sample(what, "resubmitted", "batches", flood.resubmitted as f64);
		}

		let pace = frames_per_second / 2.0;
		let wanted = (pace * self.extent.steady.as_secs_f64()) as usize;
		let frames = self.make(fleet, wanted).await?;
		let per_batch = frames.frames as f64 / frames.load.transactions.len() as f64;
		let steady = self
			.leg(what, "steady", frames.load, Pace::Steady(pace / per_batch))
			.await?;
		for (measure, percent) in [
			("batch sent to final, p50 at half", 50.0),
			("batch sent to final, p99 at half", 99.0),
		] {
			if let Some(latency_ms) = percentile(&steady.latencies_ms, percent) {
				self.sample(what, measure, "ms", latency_ms);
			}
		}
		Ok(rate)
	}

	async fn leg(&mut self, what: &str, name: &str, load: Load, pace: Pace) -> Result<Tally> {
		let tally = leg::run(&self.chain, load, TOLD, pace)
			.await
			.with_context(|| format!("{what}, {name}"))?;
		show(&format!(
			"round {} {what}, {name}: {} frames in {:.1} s, {:.0} a second, {} blocks, {} in the fullest, {} batches resubmitted",
			self.round,
			tally.calls,
			tally.time().as_secs_f64(),
			tally.calls_per_second(),
			tally.blocks,
			tally.fullest_block,
			tally.resubmitted,
		));
		ensure!(
			tally.failed == 0,
			"{what}: {} frames were not taken: {}",
			tally.failed,
			tally.error.as_deref().unwrap_or("no reason")
		);
		self.report
			.run(tally.run(self.chain.validators(), self.round, what, name))?;
		Ok(tally)
	}

	/// Measures a peer, while the chain has nothing to do, and gives what it did in a second.
	async fn peer(&mut self, contract: Contract<'_>, what: &str) -> Result<f64> {
		let run = peer::run(contract, self.extent.flood)
			.await
			.with_context(|| what.to_owned())?;
		show(&format!(
			"round {} {what}: {} in {:.1} s, {:.0} a second",
			self.round, run.done, run.seconds, run.per_second
		));
		self.sample(what, "in blocks", "a second", run.per_second);
		self.sample(what, "bytes of transactions for each", "bytes", run.bytes_each);
		let per_second = run.per_second;
		self.report.run(json!({
			"run": "peer",
			"validators": self.chain.validators(),
			"round": self.round,
			"peer": run,
		}))?;
		Ok(per_second)
	}

	/// How many times as much as the peer of the same round.
	fn ratio(&mut self, what: &str, ours: f64, peer: f64) {
		self.sample(
			what,
			"a peer that neither replicates nor persists",
			"times",
			ours / peer,
		);
	}

	/// The frames that the batched contract is fed: the next one of each device.
	fn write_frames(&self, fleet: &mut Fleet, file: &PathBuf) -> Result<()> {
		let batches = fleet.batches(fleet.batteries.len())?;
		let frames: Vec<_> = batches
			.into_iter()
			.flatten()
			.map(|(_, frame)| format!("0x{}", hex::encode(frame)))
			.collect();
		fs::write(file, serde_json::to_vec(&frames)?)
			.with_context(|| format!("can not write {}", file.display()))
	}

	fn sample(&mut self, what: &str, measure: &'static str, unit: &'static str, sample: f64) {
		self.report
			.sample(self.chain.validators(), what, measure, unit, sample);
	}
}

/// What a flood came to in a second.
#[derive(Clone, Copy)]
struct Rate {
	readings: f64,
	frames: f64,
}

#[cfg(test)]
mod tests {
	use super::*;
	use passport_primitives::telemetry::frame::Frame;

	fn fleet(readings_per_frame: u8, devices: u32) -> Fleet {
		let setup = Setup {
			design: Design::default(),
			profile: Profile::Daily,
			genesis_hash: [7; 32],
			readings_per_frame,
			sample_seconds: 1,
			start_seconds: 1_800_000_000,
			resume_time: false,
			alert_every: 0,
			key_epoch: 0,
			first_sequence: 1,
		};
		let batteries = (0..devices)
			.map(|index| {
				let identity = DeviceIdentity::derive(SEED, index);
				let battery = SimulatedBattery::open(&identity, SEED, setup, Memory::volatile()).unwrap();
				(index, battery)
			})
			.collect();
		Fleet {
			name: "test",
			readings_per_frame,
			batteries,
		}
	}

	#[test]
	fn each_device_sends_frame_after_frame_and_no_batch_has_two_of_one() {
		let mut fleet = fleet(60, 300);
		let batches = fleet.batches(900).unwrap();
		let mut last = vec![0; 300];
		for batch in &batches {
			assert!(batch.len() <= FRAMES_OF_A_BATCH);
			assert!(batch.iter().map(|(_, frame)| frame.len()).sum::<usize>() <= BYTES_OF_A_BATCH);
			assert!(batch.windows(2).all(|two| two[0].0 < two[1].0));
			for (device, bytes) in batch {
				let header = Frame::parse(bytes).unwrap().header;
				assert_eq!(header.count, 60);
				assert_eq!(header.sequence, last[*device as usize] + 1);
				last[*device as usize] = header.sequence;
			}
		}
		assert_eq!(last, vec![3; 300]);
		// The next ones go on where these ended.
		let next = fleet.batches(300).unwrap();
		let header = Frame::parse(&next[0][0].1).unwrap().header;
		assert_eq!(header.sequence, 4);
	}

	#[test]
	fn a_round_stays_within_the_time_that_the_ledger_takes() {
		for extent in [FULL, QUICK] {
			// A flood, as much again at half of the pace, and what a peer is fed, of each device.
			let frames =
				SIGNED_PER_SECOND as u64 * extent.flood.as_secs() / u64::from(extent.devices) * 2 + 2;
			assert!(u64::from(extent.rounds) * frames * 60 < BEHIND_SECONDS);
		}
	}
}
