//! A fleet: batteries on the ledger, and `bms-sim` that publishes for them.

use crate::{
	battery::{register, Battery},
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
	expected: usize,
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

	/// Lets each battery publish `frames` frames, one every `interval`. Every eighth has a defect that makes it an alert.
	pub fn publish(&self, broker_url: &str, frames: u32, interval: Duration) -> Result<FleetRun> {
		let folder = folder("fleet")?;
		let manifest = folder.join("manifest.json");
		let entries: Vec<_> = self
			.batteries
			.iter()
			.map(|battery| json!({"alias": battery.alias, "deviceIndex": battery.identity.index}))
			.collect();
		fs::write(&manifest, serde_json::to_vec_pretty(&entries)?)?;
		let report = folder.join("report.jsonl");
		let arguments = vec![
			format!("--broker={broker_url}"),
			format!("--manifest={}", manifest.display()),
			format!("--seed={}", self.seed),
			format!("--genesis-hash=0x{}", hex::encode(self.genesis_hash)),
			format!("--frames-per-device={frames}"),
			"--readings-per-frame=20".into(),
			format!("--frame-interval-ms={}", interval.as_millis()),
			"--alert-every=8".into(),
			format!("--report={}", report.display()),
			format!("--state={}", folder.join("state").display()),
		];
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
			expected: self.batteries.len() * frames as usize,
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
		self.program.finished(patience).await?;
		let acknowledged = self.acknowledged()?;
		ensure!(
			acknowledged.len() == self.expected,
			"the fleet ended with {} frames acknowledged of {}",
			acknowledged.len(),
			self.expected
		);
		Ok(acknowledged)
	}
}
