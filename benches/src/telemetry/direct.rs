//! Frames that are brought to the node as extrinsics, signed beforehand: the chain alone.

use super::{
	execution::Execution,
	fleet::{DeviceFrame, Fleet, Member, SECOND, SEED},
	rows::{self, measure},
	signatures::{Check, SignedFrame},
	Bench, BRIDGE, SIGNED_PER_SECOND,
};
use crate::{
	ledger::calls::{self, passport_id, Kind, BATCH},
	leg::Pace,
	load::{Load, Order},
	outcome::Told,
	statistics::percentile,
	tally::Tally,
};
use anyhow::{ensure, Context, Result};
use bms_sim::DeviceIdentity;
use passport_client::api::{
	runtime_types::{
		pallet_telemetry::{pallet::Call as TelemetryCall, SubmittedFrame},
		passport_runtime::RuntimeCall,
	},
	telemetry::events::BatchVerified,
};
use passport_primitives::battery::PassportId;
use passport_tests::call::bounded;
use serde_json::json;
use subxt::{events::Event, PolkadotConfig};

/// Frames, ready to be sent.
struct Frames {
	load: Load,
	frames: usize,
	/// Of the transactions that carry them.
	bytes: usize,
	/// Some of them, with who should have signed them.
	some: Vec<SignedFrame>,
}

/// What a flood came to in a second.
#[derive(Clone, Copy)]
pub(super) struct Rate {
	pub(super) readings: f64,
	pub(super) frames: f64,
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

impl Bench<'_> {
	/// Batteries with passports and devices, and what they are from then on.
	pub(super) async fn register(
		&mut self,
		name: &'static str,
		readings_per_frame: u8,
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
			.filter(|(item, _)| item.starts_with("Telemetry.") || item.starts_with("Passport."))
			.map(|(_, bytes)| bytes)
			.sum();
		self.course.sample(rows::BATTERY, measure::STATE, "bytes", state);
		for (item, measure) in measure::STATE_ITEMS {
			let bytes = growth.get(item).copied();
			let bytes = bytes.with_context(|| format!("{item} does not grow with devices"))?;
			self.course.sample(rows::BATTERY, measure, "bytes", bytes);
		}
		self.course.tell(json!({
			"run": "statePerDevice",
			"validators": self.course.chain.validators(),
			"devices": self.devices,
			"stateBytesPerDeviceByItem": growth,
		}))?;

		let mut members = Vec::with_capacity(passports.len());
		for (passport, identity) in passports.into_iter().zip(identities) {
			let device = self
				.course
				.chain
				.ledger()
				.device_by_battery_name(&passport.to_string())
				.await?
				.with_context(|| format!("{passport} has no device"))?;
			members.push(Member {
				passport,
				device: device.index,
				identity,
			});
		}
		Fleet::open(name, readings_per_frame, SECOND, &members, genesis_hash)
	}

	/// Simulates, seals and signs the next frames of a fleet, and the extrinsics that carry them.
	async fn make(&self, fleet: &mut Fleet, frames: usize) -> Result<Frames> {
		let batches = fleet.batches(frames)?;
		let frames = batches.iter().map(Vec::len).sum();
		let some = batches
			.first()
			.into_iter()
			.flatten()
			.filter_map(|(device, frame)| fleet.signed(*device, frame))
			.collect();
		let orders = (0..).zip(batches).map(|(place, batch)| order(place, batch));
		let load = self.course.sign(orders).await?;
		let bytes = load
			.transactions
			.iter()
			.map(|transaction| transaction.hex.len() / 2 - 1)
			.sum();
		Ok(Frames {
			load,
			frames,
			bytes,
			some,
		})
	}

	/// What a fleet's frames take in blocks, without sending them: a frame of each device.
	pub(super) async fn bytes(&mut self, fleet: &mut Fleet) -> Result<()> {
		let wanted = fleet.size();
		let frames = self.make(fleet, wanted).await?;
		let readings = frames.frames as f64 * f64::from(fleet.readings_per_frame);
		self.course.sample(
			fleet.name,
			measure::BYTES,
			"bytes",
			frames.bytes as f64 / readings,
		);
		Ok(())
	}

	/// A flood of a fleet's frames, and then half of that.
	pub(super) async fn readings(&mut self, fleet: &mut Fleet) -> Result<Rate> {
		let state_before = self.course.storage().await?;
		let (rate, readings) = self.flood(fleet).await?;
		let state_after = self.course.storage().await?;
		let growth = state_after.bytes() as f64 - state_before.bytes() as f64;
		self.course
			.sample(fleet.name, measure::GROWTH, "bytes", growth / readings);
		self.steady(fleet, rate.frames / 2.0).await?;
		Ok(rate)
	}

	/// As many of a fleet's frames as the chain takes. Gives how many became final in a second, and how many readings in all.
	pub(super) async fn flood(&mut self, fleet: &mut Fleet) -> Result<(Rate, f64)> {
		let what = fleet.name;
		let readings_each = f64::from(fleet.readings_per_frame);
		let wanted = SIGNED_PER_SECOND * self.course.extent.flood.as_secs() as usize;
		let frames = self.make(fleet, wanted).await?;
		let bytes_per_reading = frames.bytes as f64 / frames.frames as f64 / readings_each;
		let genesis_hash = self.course.chain.ledger().genesis_hash();
		let check = Check::of(&genesis_hash, &frames.some)?;
		let (before, _) = self.course.chain.ledger().finalised_head().await?;
		let cpu_before = self.course.chain.cpu_seconds()?;
		let flood = self
			.leg(what, frames.load, Pace::Flood(self.course.extent.flood))
			.await?;
		let cpu_seconds = self.course.chain.cpu_seconds()? - cpu_before;

		let frames_per_second = flood.calls_per_second();
		let readings = flood.calls as f64 * readings_each;
		let rate = Rate {
			readings: frames_per_second * readings_each,
			frames: frames_per_second,
		};
		for (what_of_it, unit, sample) in [
			(measure::FINALISED, "readings/s", rate.readings),
			(measure::FINALISED_FRAMES, "frames/s", rate.frames),
			(measure::BYTES, "bytes", bytes_per_reading),
			(
				measure::CPU_OF_VALIDATORS,
				measure::CPU_UNIT,
				cpu_seconds / readings * 1_000.0,
			),
			(measure::ED25519_ALONE, "µs", check.alone_seconds * 1_000_000.0),
			(
				measure::ED25519_TOGETHER,
				"µs",
				check.together_seconds * 1_000_000.0,
			),
		] {
			self.course.sample(what, what_of_it, unit, sample);
		}
		let (after, _) = self.course.chain.ledger().finalised_head().await?;
		let blocks = u64::from(before) + 1..=u64::from(after);
		let executed = Execution::of_the_fullest(&self.course.chain, blocks, TOLD).await;
		match executed {
			Ok(execution) => {
				let for_a_frame = execution.seconds / execution.frames as f64;
				let share = check.together_seconds / for_a_frame;
				self.course
					.sample(what, measure::EXECUTION, "µs", for_a_frame * 1_000_000.0);
				self.course.sample(what, measure::ED25519, "%", share * 100.0);
			}
			// What the flood has shown counts all the same.
			Err(error) => self
				.course
				.failed(format!("{what}: no block was executed anew: {error:#}")),
		}
		Ok((rate, readings))
	}

	/// So many frames in a second.
	async fn steady(&mut self, fleet: &mut Fleet, pace: f64) -> Result<()> {
		let wanted = (pace * self.course.extent.steady.as_secs_f64()) as usize;
		let frames = self.make(fleet, wanted).await?;
		let per_batch = frames.frames as f64 / frames.load.transactions.len() as f64;
		let steady = self
			.leg(fleet.name, frames.load, Pace::Steady(pace / per_batch))
			.await?;
		for (what, percent) in [
			("batch sent to final, p50 at half", 50.0),
			("batch sent to final, p99 at half", 99.0),
		] {
			if let Some(latency_ms) = percentile(&steady.latencies_ms, percent) {
				self.course.sample(fleet.name, what, "ms", latency_ms);
			}
		}
		Ok(())
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
}
