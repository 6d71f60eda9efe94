//! Frames by way of a broker and a bridge that anchors them: many under one root.

use super::{
	fleet::Fleet,
	rows::{self, measure},
	site::{Carried, Way},
	Bench, SIGNED_PER_SECOND,
};
use crate::{
	chain::Chain,
	leg::Pace,
	outcome::{outcomes, Told},
	show,
};
use anyhow::{ensure, Context, Result};
use passport_client::api::telemetry::events::BatchAnchored;
use serde_json::json;
use subxt::{events::Event, PolkadotConfig};
use tokio::time::Instant;

/// An anchor says how many readings are in it, which count as its calls, and how many frames.
const TOLD: Told = Told {
	pallet: "Telemetry",
	event: "BatchAnchored",
	number: Some(leaves),
	calls: Some(readings),
};

fn leaves(event: &Event<'_, PolkadotConfig>) -> Option<u32> {
	let anchored = event.decode_fields_as::<BatchAnchored>()?.ok()?;
	Some(anchored.leaves)
}

fn readings(event: &Event<'_, PolkadotConfig>) -> Option<u32> {
	let anchored = event.decode_fields_as::<BatchAnchored>()?.ok()?;
	anchored.readings.try_into().ok()
}

/// What stands in final blocks of a bridge's anchors.
#[derive(Default)]
struct Anchors {
	anchors: u64,
	frames: u64,
	readings: u64,
	/// Of the extrinsics.
	bytes: u64,
	/// When the last one was heard to be final.
	last: Option<Instant>,
}

impl Anchors {
	/// Reads the blocks since frames were published.
	async fn of(chain: &Chain, carried: &Carried) -> Result<Self> {
		let mut anchors = Anchors::default();
		for number in u64::from(carried.first_block) + 1..=carried.last_block() {
			let (hash, body) = chain.body(number).await?;
			for (place, outcome) in outcomes(chain.ledger(), hash, TOLD).await? {
				let Some(frames) = outcome.number.filter(|_| outcome.succeeded) else {
					continue;
				};
				let extrinsic = body.get(place as usize).context("an event of no extrinsic")?;
				anchors.anchors += 1;
				anchors.frames += u64::from(frames);
				anchors.readings += u64::from(outcome.calls_told);
				anchors.bytes += extrinsic.len() as u64;
				anchors.last = anchors.last.max(carried.arrived(number));
			}
		}
		Ok(anchors)
	}
}

impl Bench<'_> {
	/// A flood of a fleet's frames by MQTT, anchored by the bridge.
	pub(super) async fn anchored(&mut self, fleet: &mut Fleet) -> Result<()> {
		let way = Way::Anchored {
			stream: self.next_stream(),
		};
		let site = self.site(fleet, way).await?;
		let extent = self.course.extent;
		let messages = fleet.messages(SIGNED_PER_SECOND * extent.flood.as_secs() as usize)?;
		let chain = &self.course.chain;
		let carried = site.carry(chain, &messages, Pace::Flood(extent.flood)).await?;
		let anchors = Anchors::of(chain, &carried).await?;
		let published = carried.began.len() as u64;
		ensure!(
			anchors.frames == published,
			"{published} frames were published, and {} anchored",
			anchors.frames
		);
		let (Some(first), Some(last)) = (carried.began.first(), anchors.last) else {
			anyhow::bail!("no frame was anchored");
		};
		let seconds = last.saturating_duration_since(*first).as_secs_f64();
		let readings = anchors.readings as f64;
		let cpu = carried.cpu;
		show(&format!(
			"round {} {}: {published} frames under {} roots in {seconds:.1} s",
			self.course.round,
			rows::ANCHORED,
			anchors.anchors,
		));
		let run = json!({
			"run": "anchored",
			"validators": chain.validators(),
			"round": self.course.round,
			"anchors": anchors.anchors,
			"frames": anchors.frames,
			"readings": anchors.readings,
			"bytes": anchors.bytes,
			"seconds": seconds,
			"bridgeCpuSeconds": cpu.bridge,
			"brokerCpuSeconds": cpu.broker,
			"validatorsCpuSeconds": cpu.validators,
		});
		for (what, unit, sample) in [
			(measure::FINALISED, "readings/s", readings / seconds),
			(measure::BYTES, "bytes", anchors.bytes as f64 / readings),
			(
				measure::CPU_OF_ALL,
				measure::CPU_UNIT,
				(cpu.bridge + cpu.validators) / readings * 1_000.0,
			),
		] {
			self.course.sample(rows::ANCHORED, what, unit, sample);
		}
		self.course.tell(run)
	}
}
