//! What stands in final blocks: the other side of every claim that nothing was lost or came twice.

use anyhow::{Context, Result};
use passport_client::{api, Ledger};
use passport_primitives::telemetry::{Frame, FrameRefusal};
use std::collections::{BTreeMap, BTreeSet};

/// A frame's device and sequence.
pub type FrameKey = (u32, u64);

/// Frames that final blocks hold, read block by block: a subscription misses blocks when a node is restarted.
pub struct FinalisedFrames {
	next_block: u32,
	taken: BTreeMap<FrameKey, Vec<u32>>,
	skipped: Vec<(FrameKey, FrameRefusal)>,
}

impl FinalisedFrames {
	/// Begins after the highest final block.
	pub async fn from_now(ledger: &Ledger) -> Result<Self> {
		let next_block = ledger.finalised_head().await?.0 + 1;
		Ok(FinalisedFrames {
			next_block,
			taken: BTreeMap::new(),
			skipped: Vec::new(),
		})
	}

	/// Reads the blocks that have become final since. To be called often enough: a node forgets the events of block 256
	/// before its last.
	pub async fn catch_up(&mut self, ledger: &Ledger) -> Result<()> {
		let (last, _) = ledger.finalised_head().await?;
		while self.next_block <= last {
			self.read(ledger, self.next_block)
				.await
				.with_context(|| format!("block {}", self.next_block))?;
			self.next_block += 1;
		}
		Ok(())
	}

	async fn read(&mut self, ledger: &Ledger, number: u32) -> Result<()> {
		let at = ledger.client().at_block(number).await?;
		let extrinsics = at.extrinsics().fetch().await?;
		for extrinsic in extrinsics.iter() {
			let extrinsic = extrinsic?;
			let Some(call) = extrinsic.decode_call_data_fields_as::<api::telemetry::calls::SubmitFrames>()
			else {
				continue;
			};
			let call = call?;
			let events = extrinsic.events().await?;
			// Without the event the extrinsic failed as a whole, and took nothing.
			let Some(verified) = events.find_first::<api::telemetry::events::BatchVerified>() else {
				continue;
			};
			let skipped: BTreeMap<usize, FrameRefusal> = verified?
				.skipped
				.0
				.into_iter()
				.map(|frame| (usize::from(frame.position), frame.reason.0))
				.collect();
			for (position, submitted) in call.frames.0.into_iter().enumerate() {
				let sequence = Frame::parse(&submitted.frame.0).map_or(0, |frame| frame.header.sequence);
				let key = (submitted.device, sequence);
				match skipped.get(&position) {
					Some(reason) => self.skipped.push((key, *reason)),
					None => self.taken.entry(key).or_default().push(number),
				}
			}
		}
		Ok(())
	}

	/// Frames that the ledger took.
	pub fn taken(&self) -> BTreeSet<FrameKey> {
		self.taken.keys().copied().collect()
	}

	/// Frames that the ledger took, each with its block; the first, should there be several.
	pub fn blocks(&self) -> impl Iterator<Item = (FrameKey, u32)> + '_ {
		self.taken
			.iter()
			.filter_map(|(key, blocks)| Some((*key, *blocks.first()?)))
	}

	/// Frames that were taken in more than one block.
	pub fn taken_twice(&self) -> Vec<FrameKey> {
		self.taken
			.iter()
			.filter(|(_, blocks)| blocks.len() > 1)
			.map(|(key, _)| *key)
			.collect()
	}

	/// Frames that the ledger skipped, and why.
	pub fn skipped(&self) -> &[(FrameKey, FrameRefusal)] {
		&self.skipped
	}
}
