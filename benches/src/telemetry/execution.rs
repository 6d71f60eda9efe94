//! What the runtime's execution of a block takes, without what else a node does with it.

use crate::{
	chain::Chain,
	outcome::{outcomes, Told},
	statistics::spread,
};
use anyhow::{ensure, Context, Result};
use codec::{Compact, Encode};
use std::{ops::RangeInclusive, time::Instant};
use subxt::{config::substrate::DigestItem, utils::H256};

/// How often the block is executed.
const TIMES: usize = 5;

/// Longest block that is asked for, in bytes: in hexadecimal digits it has to fit into a request of 10 MiB.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// A block that was executed anew.
#[derive(Clone, Copy, Debug)]
pub struct Execution {
	/// Frames that it took.
	pub frames: u64,
	/// Median of the times.
	pub seconds: f64,
}

impl Execution {
	/// Executes the fullest of these blocks on the state of its parent, as a node does that takes it over: all of it in the runtime's
	/// WASM, up to the comparison of the state's root. The node is asked for it by `state_call`, so that the block's way to it is in
	/// the time. Nothing else may be going on. Errors: none of the blocks has taken a frame, or the node does not execute it.
	pub async fn of_the_fullest(chain: &Chain, blocks: RangeInclusive<u64>, told: Told) -> Result<Self> {
		let mut fullest: Option<(usize, H256)> = None;
		for number in blocks {
			let (hash, body) = chain.body(number).await?;
			let bytes = body.iter().map(Vec::len).sum::<usize>();
			if bytes <= MOST_BYTES && fullest.is_none_or(|(most, _)| bytes > most) {
				fullest = Some((bytes, hash));
			}
		}
		let (_, hash) = fullest.context("there is no block to execute")?;
		let frames: u64 = outcomes(chain.ledger(), hash, told)
			.await?
			.values()
			.filter(|outcome| outcome.succeeded)
			.map(|outcome| u64::from(outcome.calls_told))
			.sum();
		ensure!(frames > 0, "the fullest block has taken no frame");
		let block = chain
			.methods()
			.chain_get_block(Some(hash))
			.await?
			.context("the node has no such block")?
			.block;
		let mut header = block.header;
		let parent = header.parent_hash;
		// Runtimes never see the seal: the node has taken it off.
		header
			.digest
			.logs
			.retain(|item| !matches!(item, DigestItem::Seal(..)));
		let mut bytes = header.encode();
		Compact(block.extrinsics.len() as u32).encode_to(&mut bytes);
		for extrinsic in &block.extrinsics {
			// With its length before it, as it stands in a block.
			bytes.extend_from_slice(&extrinsic.0);
		}
		let mut seconds = Vec::with_capacity(TIMES);
		for _ in 0..TIMES {
			let start = Instant::now();
			chain
				.methods()
				.state_call("Core_execute_block", Some(&bytes), Some(parent))
				.await
				.context("the runtime does not execute the block anew")?;
			seconds.push(start.elapsed().as_secs_f64());
		}
		let seconds = spread(&seconds).context("no samples")?.median;
		Ok(Execution { frames, seconds })
	}
}
