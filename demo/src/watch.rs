//! Watches finalised blocks for the frames in them: what a data broker reads, and what the table counts.

use anyhow::{Context, Result};
use passport_client::{api, Ledger};
use passport_primitives::telemetry::Frame;
use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex, PoisonError},
	time::{SystemTime, UNIX_EPOCH},
};

/// A frame in a finalised block.
#[derive(Clone)]
pub struct FinalisedFrame {
	/// The frame, as it was signed.
	pub bytes: Vec<u8>,
	/// When this program learnt that the block is final, in milliseconds since 1970.
	pub seen_at_ms: u64,
}

/// What stood in finalised blocks so far.
#[derive(Default)]
pub struct Seen {
	/// Frames by device and sequence.
	pub frames: BTreeMap<(u32, u64), FinalisedFrame>,
	/// Bytes of all extrinsics that carried frames.
	pub extrinsic_bytes: usize,
	/// Extrinsics that carried frames.
	pub extrinsics: usize,
}

/// Milliseconds since 1970.
pub fn now_ms() -> u64 {
	let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
	u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Follows finalised blocks until the task is dropped.
pub struct Watcher {
	seen: Arc<Mutex<Seen>>,
	task: tokio::task::JoinHandle<()>,
}

impl Watcher {
	/// Starts with the next finalised block.
	pub async fn start(ledger: &Ledger) -> Result<Self> {
		let mut blocks = ledger
			.client()
			.stream_blocks()
			.await
			.context("can not follow finalised blocks")?;
		let seen = Arc::new(Mutex::new(Seen::default()));
		let shared = Arc::clone(&seen);
		let task = tokio::spawn(async move {
			while let Some(Ok(block)) = blocks.next().await {
				let seen_at_ms = now_ms();
				if let Err(error) = read_block(&block, seen_at_ms, &shared).await {
					tracing::warn!("block {} could not be read: {error:#}", block.number());
				}
			}
		});
		Ok(Watcher { seen, task })
	}

	/// Looks at what was seen so far.
	pub fn read<Answer>(&self, look: impl FnOnce(&Seen) -> Answer) -> Answer {
		look(&self.seen.lock().unwrap_or_else(PoisonError::into_inner))
	}
}

impl Drop for Watcher {
	fn drop(&mut self) {
		self.task.abort();
	}
}

async fn read_block(
	block: &subxt::client::Block<subxt::PolkadotConfig>,
	seen_at_ms: u64,
	seen: &Mutex<Seen>,
) -> Result<()> {
	let at = block.at().await?;
	let extrinsics = at.extrinsics().fetch().await?;
	for extrinsic in extrinsics.iter() {
		let extrinsic = extrinsic?;
		let Some(call) = extrinsic.decode_call_data_fields_as::<api::telemetry::calls::SubmitFrames>() else {
			continue;
		};
		let call = call?;
		// A frame that the chain skipped is in the block's body too: it is not one that it took.
		let skipped: Vec<u16> = extrinsic
			.events()
			.await?
			.find::<api::telemetry::events::BatchVerified>()
			.filter_map(Result::ok)
			.flat_map(|event| event.skipped.0.into_iter().map(|frame| frame.position))
			.collect();
		let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
		seen.extrinsics += 1;
		seen.extrinsic_bytes += extrinsic.bytes().len();
		for (position, submitted) in call.frames.0.into_iter().enumerate() {
			let bytes = submitted.frame.0;
			if skipped.iter().any(|skipped| usize::from(*skipped) == position) {
				continue;
			}
			if let Ok(frame) = Frame::parse(&bytes) {
				let key = (submitted.device, frame.header.sequence);
				seen.frames.insert(key, FinalisedFrame { bytes, seen_at_ms });
			}
		}
	}
	Ok(())
}
