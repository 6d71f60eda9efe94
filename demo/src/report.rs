//! What the fleet was told, against what the ledger has.

use crate::{life::Battery, watch::Seen};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::{collections::BTreeMap, fs, path::Path};

/// A line of the fleet's report: a frame that the broker has acknowledged.
#[derive(Deserialize)]
struct Line {
	alias: String,
	sequence: u64,
	published_at_unix_ms: u64,
	readings: u32,
}

struct Published {
	at_ms: u64,
	readings: u32,
}

/// Every frame that was acknowledged to a device.
pub struct Report {
	frames: BTreeMap<(u32, u64), Published>,
	batteries: usize,
}

/// The value below which `percent` of sorted values lie.
fn percentile(sorted: &[u64], percent: usize) -> u64 {
	let rank = (sorted.len() * percent).div_ceil(100).max(1);
	sorted.get(rank - 1).copied().unwrap_or_default()
}

impl Report {
	/// Reads the fleet's report.
	pub fn read(path: &Path, fleet: &[Battery]) -> Result<Self> {
		let text = fs::read_to_string(path).with_context(|| format!("can not read {}", path.display()))?;
		let devices: BTreeMap<_, _> = fleet
			.iter()
			.map(|battery| (battery.alias.as_str(), battery.device))
			.collect();
		let mut frames = BTreeMap::new();
		for line in text.lines() {
			let line: Line =
				serde_json::from_str(line).with_context(|| format!("the fleet reported: {line}"))?;
			let device = *devices
				.get(line.alias.as_str())
				.context("the fleet reported another battery")?;
			let published = Published {
				at_ms: line.published_at_unix_ms,
				readings: line.readings,
			};
			frames.insert((device, line.sequence), published);
		}
		Ok(Report {
			frames,
			batteries: fleet.len(),
		})
	}

	/// Frames that were acknowledged.
	pub fn frames(&self) -> usize {
		self.frames.len()
	}

	/// Frames of one device that were acknowledged.
	pub fn frames_of(&self, device: u32) -> usize {
		self.frames.keys().filter(|(of, _)| *of == device).count()
	}

	/// Acknowledged frames that are in no finalised block yet.
	pub fn missing(&self, seen: &Seen) -> usize {
		self.frames
			.keys()
			.filter(|key| !seen.frames.contains_key(key))
			.count()
	}

	/// The table at the end.
	#[allow(clippy::print_stdout)]
	pub fn print(&self, seen: &Seen) {
		let mut latencies: Vec<u64> = self
			.frames
			.iter()
			.filter_map(|(key, published)| {
				Some(seen.frames.get(key)?.seen_at_ms.saturating_sub(published.at_ms))
			})
			.collect();
		latencies.sort_unstable();
		let readings: u64 = self
			.frames
			.values()
			.map(|published| u64::from(published.readings))
			.sum();
		let first = self
			.frames
			.values()
			.map(|published| published.at_ms)
			.min()
			.unwrap_or_default();
		let last = seen
			.frames
			.values()
			.map(|frame| frame.seen_at_ms)
			.max()
			.unwrap_or_default();
		let seconds = (last.saturating_sub(first).max(1)) as f64 / 1000.0;
		let rows = [
			("batteries", self.batteries.to_string()),
			(
				"frames finalised",
				format!("{} in {} extrinsics", latencies.len(), seen.extrinsics),
			),
			("readings finalised", readings.to_string()),
			(
				"readings finalised per second",
				format!("{:.0}", readings as f64 / seconds),
			),
			(
				"bytes on chain",
				format!(
					"{} ({:.1} per reading)",
					seen.extrinsic_bytes,
					seen.extrinsic_bytes as f64 / readings.max(1) as f64
				),
			),
			(
				"publish to finalised, p50",
				format!("{} ms", percentile(&latencies, 50)),
			),
			(
				"publish to finalised, p99",
				format!("{} ms", percentile(&latencies, 99)),
			),
		];
		println!();
		for (name, value) in rows {
			println!("{name:<32}{value:>32}");
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn percentiles_are_values_that_were_measured() {
		assert_eq!(percentile(&[], 50), 0);
		assert_eq!(percentile(&[7], 99), 7);
		let values: Vec<u64> = (1..=100).collect();
		assert_eq!(percentile(&values, 50), 50);
		assert_eq!(percentile(&values, 99), 99);
	}
}
