//! The bridge alone: frames that it receives, verifies, writes to disk and acknowledges, and does not send to the ledger yet.

use super::{
	fleet::Fleet,
	rows::{self, measure},
	site::Way,
	Bench, SIGNED_PER_SECOND,
};
use crate::{leg::Pace, show};
use anyhow::{ensure, Context, Result};
use serde_json::json;

impl Bench<'_> {
	/// A flood of a fleet's frames to a bridge that keeps them.
	pub(super) async fn bridge_alone(&mut self, fleet: &mut Fleet) -> Result<()> {
		let way = Way::Kept {
			stream: self.next_stream(),
		};
		let site = self.site(fleet, way).await?;
		let extent = self.course.extent;
		let messages = fleet.messages(SIGNED_PER_SECOND * extent.flood.as_secs() as usize)?;
		let chain = &self.course.chain;
		let carried = site.carry(chain, &messages, Pace::Flood(extent.flood)).await?;
		let first = *carried.began.first().context("no frame was published")?;
		let seconds = carried.ended.saturating_duration_since(first).as_secs_f64();
		let frames = carried.began.len() as f64;
		let cpu = carried.cpu;
		ensure!(cpu.bridge > 0.0, "the bridge took no time");
		show(&format!(
			"round {} {}: {frames} frames in {seconds:.1} s, {:.1} s of the bridge's processor time, {:.1} s of the broker's",
			self.course.round,
			rows::BRIDGE_ALONE,
			cpu.bridge,
			cpu.broker,
		));
		let run = json!({
			"run": "bridgeAlone",
			"round": self.course.round,
			"frames": carried.began.len(),
			"seconds": seconds,
			"bridgeCpuSeconds": cpu.bridge,
			"brokerCpuSeconds": cpu.broker,
		});
		self.course.sample(
			rows::BRIDGE_ALONE,
			measure::ACKNOWLEDGED,
			"messages/s",
			frames / seconds,
		);
		self.course.sample(
			rows::BRIDGE_ALONE,
			measure::ACKNOWLEDGED_PER_CPU,
			"messages/s",
			frames / cpu.bridge,
		);
		self.course.sample(
			rows::BRIDGE_ALONE,
			measure::FORWARDED_PER_CPU,
			"messages/s",
			frames / cpu.broker.max(0.01),
		);
		self.course.tell(run)
	}
}
