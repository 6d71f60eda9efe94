//! Device-signed readings: how many become final in a second, what each costs, and how that compares with contracts that do
//! the same.

use crate::{
	course::{Course, Extent},
	ledger::calls::{self, passport_id, Kind, BATCH, MAKER},
	leg::Pace,
	load::{Load, Order},
	options::Options,
	outcome::Told,
	peer::{self, Contract},
	show,
	statistics::percentile,
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

/// Readings of a frame, and its name in the report.
const SIXTY: (u8, &str) = (60, "frames of 60");
const ONE: (u8, &str) = (1, "frames of 1");

/// Devices that send frames of 60 readings, and as many others that send frames of one.
const DEVICES: u32 = 1_024;
/// The same of a short round.
const QUICK_DEVICES: u32 = 512;

/// Measures each chain that was asked for, with peers in turns if they are asked for as well.
pub async fn run(options: &Options, with_peers: bool) -> Result<()> {
	let devices = if options.quick { QUICK_DEVICES } else { DEVICES };
	let name = if with_peers { "peers" } else { "telemetry" };
	options
		.measure_each(name, async |validators, report| {
			let course = Course::start(validators, &[MAKER, BRIDGE], Extent::of(options), report).await?;
			Bench { course, devices }.measure(with_peers).await
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

/// Batteries that send to a chain.
struct Bench<'a> {
	course: Course<'a>,
	/// [`DEVICES`], or fewer.
	devices: u32,
}

impl Bench<'_> {
	async fn measure(mut self, with_peers: bool) -> Result<()> {
		let mut sixty = self.register(SIXTY, 0).await?;
		let mut one = self.register(ONE, self.devices).await?;
		let frames_file = folder("peer")?.join("frames.json");
		for round in 1..=self.course.extent.rounds {
			self.course.round = round;
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
		let genesis_hash = self.course.chain.ledger().genesis_hash();
		let numbers = first..first + self.devices;
		let batches = numbers.clone().step_by(BATCH as usize);
		self.course
			.prepare(Kind::RegisterMany, batches.map(calls::register_many).collect())
			.await?;
		let before = self.course.storage().await?;
		let passports: Vec<PassportId> = numbers.clone().map(passport_id).collect();
		let identities: Vec<_> = numbers
			.map(|number| DeviceIdentity::derive(SEED, number))
			.collect();
		let orders = passports.iter().zip(&identities).map(|(passport, identity)| {
			calls::device(identity.index, *passport, &identity.signing_key, &genesis_hash)
		});
		self.course.prepare(Kind::Device, orders.collect()).await?;
		let after = self.course.storage().await?;
		let growth = after.growth_since(&before, self.devices);
		let state: f64 = growth
			.iter()
			.filter(|(item, _)| item.starts_with("Telemetry."))
			.map(|(_, bytes)| bytes)
			.sum();
		self.course
			.sample("battery", "keys and values of telemetry in state", "bytes", state);
		self.course.tell(json!({
			"run": "statePerDevice",
			"validators": self.course.chain.validators(),
			"devices": self.devices,
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
				.course
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

	/// Simulates, seals and signs the next frames of a fleet, and the extrinsics that carry them.
	async fn make(&self, fleet: &mut Fleet, frames: usize) -> Result<Frames> {
		let batches = fleet.batches(frames)?;
		let frames = batches.iter().map(Vec::len).sum();
		let orders = (0..).zip(batches).map(|(place, batch)| order(place, batch));
		let load = self.course.sign(orders).await?;
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
		let wanted = SIGNED_PER_SECOND * self.course.extent.flood.as_secs() as usize;
		let frames = self.make(fleet, wanted).await?;
		let bytes_per_reading = frames.bytes as f64 / frames.frames as f64 / readings_each;
		let state_before = self.course.storage().await?;
		let cpu_before = self.course.chain.cpu_seconds()?;
		let flood = self
			.leg(what, frames.load, Pace::Flood(self.course.extent.flood))
			.await?;
		let cpu_seconds = self.course.chain.cpu_seconds()? - cpu_before;
		let state_after = self.course.storage().await?;

		let frames_per_second = flood.calls_per_second();
		let readings = flood.calls as f64 * readings_each;
		let rate = Rate {
			readings: frames_per_second * readings_each,
			frames: frames_per_second,
		};
		self.course.sample(what, "finalised", "readings/s", rate.readings);
		self.course
			.sample(what, "finalised, frames", "frames/s", rate.frames);
		self.course.sample(
			what,
			"bytes in blocks for each reading",
			"bytes",
			bytes_per_reading,
		);
		self.course.sample(
			what,
			"processor time of the validators",
			"s per 1,000 readings",
			cpu_seconds / readings * 1_000.0,
		);
		let growth = state_after.bytes() as f64 - state_before.bytes() as f64;
		self.course.sample(
			what,
			"growth of state for each reading",
			"bytes",
			growth / readings,
		);

		let pace = frames_per_second / 2.0;
		let wanted = (pace * self.course.extent.steady.as_secs_f64()) as usize;
		let frames = self.make(fleet, wanted).await?;
		let per_batch = frames.frames as f64 / frames.load.transactions.len() as f64;
		let steady = self
			.leg(what, frames.load, Pace::Steady(pace / per_batch))
			.await?;
		for (measure, percent) in [
			("batch sent to final, p50 at half", 50.0),
			("batch sent to final, p99 at half", 99.0),
		] {
			if let Some(latency_ms) = percentile(&steady.latencies_ms, percent) {
				self.course.sample(what, measure, "ms", latency_ms);
			}
		}
		Ok(rate)
	}

	/// Sends frames, all of which are to be taken.
	async fn leg(&mut self, what: &str, load: Load, pace: Pace) -> Result<Tally> {
		let tally = self.course.leg(what, "frames", load, TOLD, pace).await?;
		ensure!(
			tally.failed == 0,
			"{what}: {} frames were not taken: {}",
			tally.failed,
			tally.error.as_deref().unwrap_or("no reason")
		);
		Ok(tally)
	}

	/// Measures a peer, while the chain has nothing to do, and gives what it did in a second.
	async fn peer(&mut self, contract: Contract<'_>, what: &str) -> Result<f64> {
		let run = peer::run(contract, self.course.extent.flood)
			.await
			.with_context(|| what.to_owned())?;
		show(&format!(
			"round {} {what}: {} in {:.1} s, {:.0} a second",
			self.course.round, run.done, run.seconds, run.per_second
		));
		self.course.sample(what, "in blocks", "a second", run.per_second);
		self.course
			.sample(what, "bytes of transactions for each", "bytes", run.bytes_each);
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
		self.course.sample(
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
		for (extent, devices) in [(Extent::FULL, DEVICES), (Extent::QUICK, QUICK_DEVICES)] {
			// A flood, as much again at half of the pace, and what a peer is fed, of each device.
			let frames = SIGNED_PER_SECOND as u64 * extent.flood.as_secs() / u64::from(devices) * 2 + 2;
			assert!(u64::from(extent.rounds) * frames * 60 < BEHIND_SECONDS);
		}
	}
}
