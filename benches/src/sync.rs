//! A cold sync: a node with an empty database takes over a chain, block by block, executing each.

use crate::chain::Chain;
use anyhow::{ensure, Context, Result};
use passport_client::Ledger;
use passport_tests::{program::folder, until, Node};
use serde::Serialize;
use subxt::{config::RpcConfigFor, rpcs::methods::legacy::LegacyRpcMethods, PolkadotConfig};
use tokio::time::{Duration, Instant};

/// Blocks that a figure is told for.
const BLOCKS_TOLD: f64 = 100_000.0;

/// Longest that a sync may take.
const PATIENCE: Duration = Duration::from_secs(1_800);

/// A sync, and what it was measured on.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ColdSync {
	run: &'static str,
	validators: usize,
	round: u32,
	/// Blocks that were synced while the time was taken.
	pub blocks: u32,
	/// Signed transactions in the whole chain.
	transactions: u64,
	/// Signed transactions in a block, the mean of the whole chain.
	pub transactions_per_block: f64,
	/// From starting the node until it answered: it compiles the runtime's WASM and makes the genesis.
	seconds_to_answer: f64,
	/// From its answer until it had executed as many blocks as were final when it was started.
	seconds_to_import: f64,
	/// From its answer until the last of these was final for it.
	pub seconds_to_final: f64,
	/// The same for 100,000 such blocks, extrapolated.
	pub seconds_per_100000_blocks: f64,
}

/// Number of the best block that a node has.
async fn best(ledger: &Ledger) -> Result<u32> {
	let methods = LegacyRpcMethods::<RpcConfigFor<PolkadotConfig>>::new(ledger.rpc().clone());
	let head = methods.chain_get_header(None).await?;
	Ok(head.context("a node without a block")?.number.try_into()?)
}

/// Starts a node that validates nothing, and waits until what is final on the chain now is final for it.
pub async fn cold_sync(chain: &Chain, round: u32) -> Result<ColdSync> {
	let transactions = chain.transactions().await?;
	let (target, hash) = chain.ledger().finalised_head().await?;
	let arguments = vec![
		format!("--chain={}", chain.spec()),
		format!("--bootnodes={}", chain.address()),
		"--sync=full".into(),
	];
	let started = Instant::now();
	let mut node = Node::start("cold-sync", &folder("cold-sync")?, arguments, None)?;
	let ledger = node.ledger().await?;
	let answered = Instant::now();
	// What it had before its clock was started does not count.
	let first = best(&ledger).await?;
	ensure!(
		first < target,
		"the chain of {target} blocks is too short for a figure"
	);
	let mut imported = None;
	until(
		&format!("block {target} is final for a new node"),
		PATIENCE,
		async || {
			node.program.check_running()?;
			if imported.is_none() && best(&ledger).await? >= target {
				imported = Some(Instant::now());
			}
			Ok((ledger.finalised_head().await?.0 >= target).then_some(()))
		},
	)
	.await?;
	let finished = Instant::now();
	let synced = ledger.client().at_block(target).await?.block_hash();
	ensure!(synced == hash, "the new node has another block {target}");
	node.program.stop().await?;

	let blocks = target - first;
	let seconds = |from: Instant, to: Instant| to.saturating_duration_since(from).as_secs_f64();
	let seconds_to_final = seconds(answered, finished);
	Ok(ColdSync {
		run: "coldSync",
		validators: chain.validators(),
		round,
		blocks,
		transactions,
		transactions_per_block: transactions as f64 / f64::from(target),
		seconds_to_answer: seconds(started, answered),
		seconds_to_import: seconds(answered, imported.unwrap_or(finished)),
		seconds_to_final,
		seconds_per_100000_blocks: seconds_to_final / f64::from(blocks) * BLOCKS_TOLD,
	})
}
