//! The peer: contracts on anvil, an Ethereum development chain in one process, measured by `peers/peer.mjs`.

use anyhow::{ensure, Context, Result};
use serde::{Deserialize, Serialize};
use std::{path::Path, process::Stdio, time::Duration};
use tokio::process::Command;

/// What is measured of it.
#[derive(Clone, Copy, Debug)]
pub enum Contract<'a> {
	/// The protocol's own, section 8.2: a transaction for each reading.
	Protocol,
	/// Many frames in a transaction, one signature each: a file with the frames, hexadecimal, as a JSON list.
	Batched(&'a Path),
}

/// One run of it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
	/// Which contract.
	pub peer: String,
	/// Readings, or frames, that its blocks hold, by its own events.
	pub done: u64,
	/// Frames that the contract did not take.
	pub skipped: u64,
	/// Transactions of them.
	pub transactions: u64,
	/// Transactions that failed.
	pub failed: u64,
	/// From the first sent to the last in a block.
	pub seconds: f64,
	/// Readings, or frames, of a second.
	pub per_second: f64,
	/// Transaction bytes of each.
	pub bytes_each: f64,
	/// Processor time of anvil alone.
	pub cpu_seconds: f64,
	/// Everything that was signed was sent: the peer was not the limit.
	pub all_sent: bool,
}

/// Measures it for so long.
pub async fn run(contract: Contract<'_>, flood: Duration) -> Result<Run> {
	let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
	let mut command = Command::new("node");
	command.current_dir(&folder).arg("peer.mjs");
	match contract {
		Contract::Protocol => command.arg("protocol"),
		Contract::Batched(frames) => command.arg("batched").arg("--frames").arg(frames),
	};
	let output = command
		.arg("--seconds")
		.arg(flood.as_secs().to_string())
		.stdin(Stdio::null())
		.stderr(Stdio::inherit())
		.kill_on_drop(true)
		.output()
		.await
		.context("node can not be started")?;
	ensure!(output.status.success(), "peer.mjs ended with {}", output.status);
	let run: Run = serde_json::from_slice(&output.stdout).context("peer.mjs printed something else")?;
	ensure!(
		run.failed == 0 && run.skipped == 0 && run.done > 0,
		"not everything was taken by the peer: {run:?}"
	);
	ensure!(
		!run.all_sent,
		"the peer took all that was signed: it could do more than this measures"
	);
	Ok(run)
}
