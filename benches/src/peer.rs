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

/// The program that measures it for so long. What is signed lies in a folder.
fn program(contract: Contract<'_>, flood: Duration, folder: &Path) -> Command {
	let mut command = Command::new("node");
	command
		.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("peers"))
		.arg("peer.mjs");
	match contract {
		Contract::Protocol => command.arg("protocol"),
		Contract::Batched(frames) => command.arg("batched").arg("--frames").arg(frames),
	};
	command
		.arg("--seconds")
		.arg(flood.as_secs().to_string())
		.arg("--load")
		.arg(folder)
		.stdin(Stdio::null())
		.stderr(Stdio::inherit())
		.kill_on_drop(true);
	command
}

/// What it has printed, once it has ended well.
async fn output(mut command: Command) -> Result<Vec<u8>> {
	let output = command
		.stdout(Stdio::piped())
		.output()
		.await
		.context("node can not be started")?;
	ensure!(output.status.success(), "peer.mjs ended with {}", output.status);
	Ok(output.stdout)
}

/// Signs what is sent in so long, and keeps it in this folder for every run after it. It takes a minute and more, in which nothing
/// has to stand still.
pub async fn sign(contract: Contract<'_>, flood: Duration, folder: &Path) -> Result<()> {
	let mut command = program(contract, flood, folder);
	command.arg("--sign-only");
	output(command).await?;
	Ok(())
}

/// Measures it for so long, with what was signed into this folder.
pub async fn run(contract: Contract<'_>, flood: Duration, folder: &Path) -> Result<Run> {
	let printed = output(program(contract, flood, folder)).await?;
	let run: Run = serde_json::from_slice(&printed).context("peer.mjs printed something else")?;
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
