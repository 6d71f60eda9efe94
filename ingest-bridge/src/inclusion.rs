//! Proofs that a frame is in an anchor, for whoever asks: the ledger has the root, the bridge the batch.

use crate::{
	batch::FrameKey,
	content::{BatchAddress, ContentStore},
	mqtt::Trouble,
	store::{FinalAnchor, Store, StoreError},
};
use passport_primitives::telemetry::anchor::{decode_batch_file, prove, AnchoredLeaf};
use serde::Serialize;
use std::{io, sync::Arc, time::Duration};
use tokio::sync::Mutex;

/// Most batch files that are removed at a time, so that a bridge which keeps less from now on goes on with its work.
const REMOVED_AT_ONCE: u64 = 16;

/// Batch files are kept for at least so many blocks: twice the ledger's `ANCHOR_DISPUTE_PERIOD_BLOCKS` (7 days of 1 s), since an anchor
/// can be disputed as the replay of an earlier one for as long again as that one could.
pub const MIN_KEPT_BLOCKS: u64 = 2 * 604_800;

/// The time between two blocks, in seconds: they are never closer, so that nothing is kept shorter than is set.
const BLOCK_SECONDS: u64 = 1;

/// That a frame is in an anchor, with everything that is needed to check it against the ledger: what `/v1/inclusion` answers and
/// `passport-verify inclusion` reads. Bytes are in hex with 0x.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Inclusion {
	/// Which anchor.
	pub anchor: AnchorName,
	/// Its root.
	pub root: String,
	/// How many leaves it has.
	pub leaves: u32,
	/// Place of the frame's leaf, from 0.
	pub leaf_index: u32,
	/// The device's number on the ledger.
	pub device: u32,
	/// The frame, as the battery sent it.
	pub frame: String,
	/// The hashes beside the way from the leaf to the root, from the leaf up.
	pub proof: Vec<String>,
	/// Content address of the batch file.
	pub content: String,
	/// Height of the final block that has the anchor.
	pub finalised_block: u64,
}

/// Names an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AnchorName {
	/// Number of the organisation that anchored it.
	pub bridge: u32,
	/// Which of the bridge's streams.
	pub stream: u32,
	/// Its number in the stream, from 0.
	pub number: u64,
}

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum NoProof {
	/// The frame is in no final anchor of this bridge.
	#[error("this frame is in no final anchor of this bridge")]
	NotAnchored,
	/// It is in one, whose batch file was kept for as long as it is kept.
	#[error("the batch of anchor {number} is not kept any more")]
	NotKept {
		/// Number of the anchor.
		number: u64,
	},
	/// The batch file is not there or not what it was.
	#[error("the batch file {address} is missing or damaged")]
	Damaged {
		/// Its address.
		address: String,
	},
	/// It can not be read.
	#[error("the batch file can not be read: {0}")]
	Unreadable(#[from] io::Error),
	/// The store can not be read.
	#[error(transparent)]
	Store(#[from] StoreError),
}

/// A batch as it is proven from.
struct OpenBatch {
	number: u64,
	leaves: Vec<AnchoredLeaf>,
	hashes: Vec<[u8; 32]>,
}

/// What was anchored: batch files and where each frame is in them.
pub struct Archive {
	store: Arc<Store>,
	content: ContentStore,
	/// The batch that was asked for last: whoever checks a battery asks for many frames of one. Held until a question is answered,
	/// so that questions cost the memory of two batches and one thread at most and not of as many as there are questions.
	open: Mutex<Option<Arc<OpenBatch>>>,
	/// Why no anchor goes on.
	trouble: Trouble,
}

fn hex(bytes: &[u8]) -> String {
	format!("0x{}", hex::encode(bytes))
}

/// Does work that blocks. What panicked did not happen.
pub(crate) async fn blocking<T: Send + 'static>(
	work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
	tokio::task::spawn_blocking(work)
		.await
		.unwrap_or_else(|error| Err(io::Error::other(error)))
}

impl Archive {
	/// The archive in the store's directory.
	pub fn new(store: Arc<Store>) -> Self {
		Archive {
			content: ContentStore::of(store.path()),
			store,
			open: Mutex::default(),
			trouble: Trouble::default(),
		}
	}

	/// Why anchors do not go on, for `/readyz`.
	pub fn trouble(&self) -> &Trouble {
		&self.trouble
	}

	/// The batch files.
	pub fn content(&self) -> &ContentStore {
		&self.content
	}

	/// Proves that a frame is in an anchor.
	pub async fn inclusion(&self, key: FrameKey) -> Result<Inclusion, NoProof> {
		let found = self.store.work(move |store| {
			let Some(place) = store.anchored_frames([key])?.into_iter().flatten().next() else {
				return Ok(None);
			};
			let anchor = store.anchor(place.number)?;
			Ok(anchor.map(|anchor| (place, anchor)))
		});
		let (place, anchor) = found.await?.ok_or(NoProof::NotAnchored)?;
		let mut open = self.open.lock().await;
		let batch = self.open(&mut open, place.number, &anchor).await?;
		let damaged = || NoProof::Damaged {
			address: address_text(&anchor),
		};
		let leaf = batch
			.leaves
			.get(place.leaf as usize)
			.filter(|leaf| leaf.place() == Ok((key.device, key.sequence)))
			.ok_or_else(damaged)?;
		let (device, frame) = (leaf.device, hex(&leaf.frame));
		let proof = blocking(move || Ok(prove(&batch.hashes, place.leaf)))
			.await?
			.ok_or_else(damaged)?;
		Ok(Inclusion {
			anchor: AnchorName {
				bridge: anchor.bridge,
				stream: anchor.anchor.stream,
				number: place.number,
			},
			root: hex(&anchor.anchor.root),
			leaves: anchor.anchor.leaves,
			leaf_index: place.leaf,
			device,
			frame,
			proof: proof.siblings.iter().map(|sibling| hex(sibling)).collect(),
			content: address_text(&anchor),
			finalised_block: anchor.block,
		})
	}

	/// Reads the batch of an anchor, unless it is the one that is open.
	async fn open(
		&self,
		open: &mut Option<Arc<OpenBatch>>,
		number: u64,
		anchor: &FinalAnchor,
	) -> Result<Arc<OpenBatch>, NoProof> {
		if let Some(batch) = open.as_ref().filter(|batch| batch.number == number) {
			return Ok(batch.clone());
		}
		let damaged = || NoProof::Damaged {
			address: address_text(anchor),
		};
		if number < self.store.work(Store::content_from).await? {
			return Err(NoProof::NotKept { number });
		}
		let address = BatchAddress::from_cid(&anchor.anchor.content).ok_or_else(damaged)?;
		let content = self.content.clone();
		let read = blocking(move || {
			let bytes = content.read(&address)?;
			let leaves = bytes
				.filter(|bytes| BatchAddress::of(bytes) == address)
				.and_then(|bytes| decode_batch_file(&bytes).ok());
			Ok(leaves.map(|leaves| OpenBatch {
				number,
				hashes: leaves.iter().map(AnchoredLeaf::hash).collect(),
				leaves,
			}))
		});
		let batch = Arc::new(read.await?.ok_or_else(damaged)?);
		*open = Some(batch.clone());
		Ok(batch)
	}

	/// Removes the oldest batch files, if their anchors are this far below the final block of this height. By blocks and no clock: one that
	/// jumps must not remove what can still be disputed. Which frames they had is remembered: none of them may be anchored again.
	pub async fn drop_old(&self, keep: Duration, height: u64) -> Result<(), NoProof> {
		let kept_blocks = (keep.as_secs() / BLOCK_SECONDS).max(MIN_KEPT_BLOCKS);
		let content = self.content.clone();
		let from = self.store.work(Store::content_from).await?;
		for number in from..from + REMOVED_AT_ONCE {
			let anchor = self.store.work(move |store| store.anchor(number)).await?;
			let Some(anchor) = anchor.filter(|anchor| anchor.block.saturating_add(kept_blocks) < height)
			else {
				return Ok(());
			};
			if let Some(address) = BatchAddress::from_cid(&anchor.anchor.content) {
				let content = content.clone();
				blocking(move || content.remove(&address)).await?;
			}
			self.store
				.work(move |store| store.set_content_from(number + 1))
				.await?;
		}
		Ok(())
	}
}

fn address_text(anchor: &FinalAnchor) -> String {
	BatchAddress::from_cid(&anchor.anchor.content)
		.map_or_else(|| hex(&anchor.anchor.content), |address| address.to_string())
}
