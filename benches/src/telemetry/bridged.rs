//! Frames by way of a broker and a bridge: what a device sees, from its PUBLISH to the final block that holds the frame.

use super::{
	fleet::Fleet,
	mqtt::Message,
	rows::{self, measure},
	site::{Carried, Site, Way},
	Bench, SIGNED_PER_SECOND,
};
use crate::{leg::Pace, show, statistics::percentile};
use anyhow::{ensure, Context, Result};
use passport_tests::{finalised::FrameKey, FinalisedFrames};
use serde_json::json;
use std::collections::HashMap;
use tokio::time::{Duration, Instant};

/// How long a fleet may take to send a frame of each device, so that the bridge knows all of them.
const WARM_UP: Duration = Duration::from_secs(120);

/// Frames that are in final blocks.
#[derive(Debug)]
struct Finalised {
	/// From publishing to final, of each, in milliseconds.
	latencies_ms: Vec<f64>,
	/// From the first published to the last final.
	time: Duration,
}

impl Finalised {
	/// Looks every published frame up.
	fn of(messages: &[Message], carried: &Carried, blocks: &HashMap<FrameKey, u32>) -> Result<Self> {
		let first = *carried.began.first().context("no frame was published")?;
		let mut last: Instant = first;
		let mut latencies_ms = Vec::with_capacity(carried.began.len());
		for (message, began) in messages.iter().zip(&carried.began) {
			let block = blocks.get(&(message.device, message.sequence)).with_context(|| {
				format!(
					"sequence {} of device {} is in no final block",
					message.sequence, message.device
				)
			})?;
			let arrived = carried
				.arrived((*block).into())
				.with_context(|| format!("block {block} was not told to be final"))?;
			latencies_ms.push(arrived.saturating_duration_since(*began).as_secs_f64() * 1_000.0);
			last = last.max(arrived);
		}
		Ok(Finalised {
			latencies_ms,
			time: last.saturating_duration_since(first),
		})
	}

	fn frames_per_second(&self) -> f64 {
		self.latencies_ms.len() as f64 / self.time.as_secs_f64()
	}
}

impl Bench<'_> {
	/// Starts a broker and a bridge, and lets each device of a fleet send one frame: the bridge has asked the ledger for all of them.
	pub(super) async fn site(&self, fleet: &mut Fleet, way: Way) -> Result<Site> {
		let site = Site::start(&self.course.chain, way).await?;
		let messages = fleet.messages(fleet.size())?;
		site.carry(&self.course.chain, &messages, Pace::Flood(WARM_UP))
			.await
			.context("a frame of each device")?;
		Ok(site)
	}

	/// A flood of a fleet's frames by MQTT, and then half of that. Gives the readings that became final in a second.
	pub(super) async fn bridged(&mut self, fleet: &mut Fleet) -> Result<f64> {
		let site = self.site(fleet, Way::Verified).await?;
		let readings_each = f64::from(fleet.readings_per_frame);
		let extent = self.course.extent;

		let messages = fleet.messages(SIGNED_PER_SECOND * extent.flood.as_secs() as usize)?;
		let (flood, carried) = self
			.bridged_leg(&site, &messages, Pace::Flood(extent.flood))
			.await?;
		let per_second = flood.frames_per_second() * readings_each;
		let thousands = flood.latencies_ms.len() as f64 * readings_each / 1_000.0;
		let cpu = carried.cpu;
		for (what, unit, sample) in [
			(measure::FINALISED, "readings/s", per_second),
			(
				measure::CPU_OF_ALL,
				measure::CPU_UNIT,
				(cpu.bridge + cpu.validators) / thousands,
			),
			(measure::CPU_OF_BRIDGE, measure::CPU_UNIT, cpu.bridge / thousands),
			(measure::CPU_OF_BROKER, measure::CPU_UNIT, cpu.broker / thousands),
		] {
			self.course.sample(rows::BY_MQTT, what, unit, sample);
		}

		let pace = flood.frames_per_second() / 2.0;
		let messages = fleet.messages((pace * extent.steady.as_secs_f64()) as usize)?;
		let (steady, _) = self.bridged_leg(&site, &messages, Pace::Steady(pace)).await?;
		for (what, percent) in [(measure::P50_OF_PUBLISH, 50.0), (measure::P99_OF_PUBLISH, 99.0)] {
			if let Some(latency_ms) = percentile(&steady.latencies_ms, percent) {
				self.course.sample(rows::BY_MQTT, what, "ms", latency_ms);
			}
		}
		Ok(per_second)
	}

	/// Publishes messages, and looks for each of them in final blocks: all are to be there, once.
	async fn bridged_leg(
		&mut self,
		site: &Site,
		messages: &[Message],
		pace: Pace,
	) -> Result<(Finalised, Carried)> {
		ensure!(!messages.is_empty(), "the rate of the flood was nothing");
		let chain = &self.course.chain;
		let mut frames = FinalisedFrames::from_now(chain.ledger()).await?;
		let carried = site
			.carry(chain, messages, pace)
			.await
			.with_context(|| format!("round {} {}, {}", self.course.round, rows::BY_MQTT, pace.name()))?;
		frames.catch_up(chain.ledger()).await?;
		ensure!(
			frames.skipped().is_empty() && frames.taken_twice().is_empty(),
			"{} frames were skipped by the ledger, {} taken twice",
			frames.skipped().len(),
			frames.taken_twice().len()
		);
		let finalised = Finalised::of(messages, &carried, &frames.blocks().collect())?;
		let percentile_ms = |percent| percentile(&finalised.latencies_ms, percent);
		show(&format!(
			"round {} {}, {}: {} frames in {:.1} s, {:.1} a second",
			self.course.round,
			rows::BY_MQTT,
			pace.name(),
			finalised.latencies_ms.len(),
			finalised.time.as_secs_f64(),
			finalised.frames_per_second(),
		));
		let run = json!({
			"run": "bridged",
			"validators": chain.validators(),
			"round": self.course.round,
			"pace": pace.name(),
			"frames": finalised.latencies_ms.len(),
			"seconds": finalised.time.as_secs_f64(),
			"framesPerSecond": finalised.frames_per_second(),
			"latencyP50Ms": percentile_ms(50.0),
			"latencyP99Ms": percentile_ms(99.0),
			"latencyMaxMs": percentile_ms(100.0),
			"bridgeCpuSeconds": carried.cpu.bridge,
			"brokerCpuSeconds": carried.cpu.broker,
			"validatorsCpuSeconds": carried.cpu.validators,
		});
		self.course.tell(run)?;
		Ok((finalised, carried))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::telemetry::site::Cpu;

	#[test]
	fn a_frame_takes_from_its_publish_to_the_block_that_holds_it() {
		let start = Instant::now();
		let at = |ms| start + Duration::from_millis(ms);
		let message = |device| Message {
			topic: "topic".into(),
			device,
			sequence: 3,
			frame: Vec::new(),
		};
		let messages = [message(1), message(2), message(3)];
		// The third was not published any more.
		let carried = Carried {
			began: vec![at(0), at(500)],
			ended: at(9_000),
			first_block: 7,
			told: vec![(7, at(100)), (8, at(1_100)), (10, at(2_000))],
			cpu: Cpu {
				bridge: 0.0,
				broker: 0.0,
				validators: 0.0,
			},
		};
		let mut blocks = HashMap::from([((1, 3), 8), ((2, 3), 9)]);
		let finalised = Finalised::of(&messages, &carried, &blocks).unwrap();
		let latencies: Vec<_> = finalised.latencies_ms.iter().map(|ms| ms.round()).collect();
		assert_eq!(latencies, [1_100.0, 1_500.0]);
		assert_eq!(finalised.time, Duration::from_millis(2_000));
		assert!((finalised.frames_per_second() - 1.0).abs() < 1e-9);

		blocks.remove(&(2, 3));
		let lost = Finalised::of(&messages, &carried, &blocks).unwrap_err();
		assert!(lost.to_string().contains("device 2"), "{lost}");
		blocks.insert((2, 3), 11);
		assert!(Finalised::of(&messages, &carried, &blocks).is_err());
	}
}
