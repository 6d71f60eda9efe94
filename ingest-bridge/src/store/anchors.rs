//! What must survive of anchors: the one on its way, those that are final, and which frames are in them.
//!
//! Whether a frame was anchored is never forgotten: a stream that brings a (device, sequence) twice is guilty of a replay, and
//! a broker or a battery may send a frame again at any time. A frame costs some 28 bytes for that, and its anchor 110.

use super::{
	decode, family, number, queue_key, Durability, Store, StoreError, ANCHORED_FRAMES, ANCHORS, META, QUEUE,
};
use crate::{batch::FrameKey, ledger::Anchor};
use codec::{Decode, Encode};
use rocksdb::{IteratorMode, WriteBatch, WriteOptions};
use std::sync::atomic::Ordering;

const PENDING: &str = "anchor_pending";
const STREAM: &str = "anchor_stream";
const ORGANISATION: &str = "anchor_organisation";
const CONTENT_FROM: &str = "anchor_content_from";

/// The anchor that is on its way. Its batch file is written before anything of it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PendingAnchor {
	/// The number that it is to get.
	pub number: u64,
	/// What is sent.
	pub anchor: Anchor,
	/// By which extrinsic; `None`: nothing was sent yet.
	pub sent: Option<SentBy>,
}

/// What tells apart the one extrinsic that may bring an anchor. Sent again with the same account and nonce it gets into a block at
/// most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SentBy {
	/// The account.
	pub account: [u8; 32],
	/// Its nonce.
	pub nonce: u64,
	/// Height of the final block from which on no block can hold the extrinsic.
	pub until: u64,
}

/// An anchor in a final block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FinalAnchor {
	/// The organisation that anchored it.
	pub bridge: u32,
	/// What was anchored.
	pub anchor: Anchor,
	/// Height of its block.
	pub block: u64,
	/// When the bridge learned of it, in milliseconds since 1970.
	pub finalised_ms: u64,
}

/// Where a frame was anchored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct AnchoredFrame {
	/// Number of the anchor.
	pub number: u64,
	/// Place of its leaf, from 0.
	pub leaf: u32,
	/// [`fingerprint`](super::fingerprint) of the frame.
	pub fingerprint: u32,
}

impl Store {
	/// The stream whose anchors are here, if there is one.
	pub fn anchor_stream(&self) -> Result<Option<u32>, StoreError> {
		self.anchor_value(STREAM)
	}

	/// Binds the store to a stream.
	pub fn set_anchor_stream(&self, stream: u32) -> Result<(), StoreError> {
		self.write_anchors(Durability::Synced, |database, batch| {
			batch.put_cf(family(database, META)?, STREAM, stream.encode());
			Ok(())
		})
	}

	/// Number of the organisation whose anchors are here, if any is.
	pub fn anchor_organisation(&self) -> Result<Option<u32>, StoreError> {
		if let Some(organisation) = self.anchor_value(ORGANISATION)? {
			return Ok(Some(organisation));
		}
		// Earlier versions wrote it with each anchor alone.
		Ok(self.anchor(0)?.map(|first| first.bridge))
	}

	/// Binds the store to an organisation.
	pub fn set_anchor_organisation(&self, organisation: u32) -> Result<(), StoreError> {
		self.write_anchors(Durability::Synced, |database, batch| {
			batch.put_cf(family(database, META)?, ORGANISATION, organisation.encode());
			Ok(())
		})
	}

	/// The anchor that is on its way.
	pub fn pending_anchor(&self) -> Result<Option<PendingAnchor>, StoreError> {
		self.anchor_value(PENDING)
	}

	/// Notes which anchor is on its way, if any. Synced: what is sent must be known after a power cut.
	pub fn set_pending_anchor(&self, pending: Option<&PendingAnchor>) -> Result<(), StoreError> {
		self.write_anchors(Durability::Synced, |database, batch| {
			let meta = family(database, META)?;
			match pending {
				Some(pending) => batch.put_cf(meta, PENDING, pending.encode()),
				None => batch.delete_cf(meta, PENDING),
			}
			Ok(())
		})
	}

	/// The anchor on its way is final: all at once its frames leave the queue and are remembered, in the order of its leaves.
	/// Not synced: after a power cut it is on its way again, and the ledger is asked for it.
	pub fn settle_anchor(
		&self,
		number: u64,
		anchor: &FinalAnchor,
		leaves: &[(FrameKey, u32)],
	) -> Result<(), StoreError> {
		self.write_anchors(Durability::Buffered, |database, batch| {
			let (queue, frames) = (family(database, QUEUE)?, family(database, ANCHORED_FRAMES)?);
			for (leaf, (key, fingerprint)) in (0..).zip(leaves) {
				let frame = AnchoredFrame {
					number,
					leaf,
					fingerprint: *fingerprint,
				};
				batch.put_cf(frames, queue_key(key), frame.encode());
				batch.delete_cf(queue, queue_key(key));
			}
			batch.put_cf(family(database, ANCHORS)?, number.to_be_bytes(), anchor.encode());
			batch.delete_cf(family(database, META)?, PENDING);
			Ok(())
		})
	}

	/// Where these frames were anchored, in the order of `keys`; `None` for one that was not.
	pub fn anchored_frames(
		&self,
		keys: impl IntoIterator<Item = FrameKey>,
	) -> Result<Vec<Option<AnchoredFrame>>, StoreError> {
		self.with(|database| {
			let frames = family(database, ANCHORED_FRAMES)?;
			keys.into_iter()
				.map(|key| {
					let value = database.get_pinned_cf(frames, queue_key(&key))?;
					value.map(|bytes| decode(&bytes, ANCHORED_FRAMES)).transpose()
				})
				.collect()
		})
	}

	/// A final anchor.
	pub fn anchor(&self, number: u64) -> Result<Option<FinalAnchor>, StoreError> {
		self.with(|database| {
			let value = database.get_pinned_cf(family(database, ANCHORS)?, number.to_be_bytes())?;
			value.map(|bytes| decode(&bytes, ANCHORS)).transpose()
		})
	}

	/// Number that the next anchor gets: they are final one after the other.
	pub fn next_anchor(&self) -> Result<u64, StoreError> {
		self.with(|database| {
			let last = database
				.iterator_cf(family(database, ANCHORS)?, IteratorMode::End)
				.next();
			match last {
				Some(entry) => Ok(number(&entry?.0, ANCHORS)? + 1),
				None => Ok(0),
			}
		})
	}

	/// The first anchor whose batch file is kept.
	pub fn content_from(&self) -> Result<u64, StoreError> {
		Ok(self.anchor_value(CONTENT_FROM)?.unwrap_or(0))
	}

	/// Notes that the batch files of anchors before this one are gone.
	pub fn set_content_from(&self, number: u64) -> Result<(), StoreError> {
		self.write_anchors(Durability::Buffered, |database, batch| {
			batch.put_cf(family(database, META)?, CONTENT_FROM, number.encode());
			Ok(())
		})
	}

	fn anchor_value<T: Decode>(&self, name: &str) -> Result<Option<T>, StoreError> {
		self.with(|database| {
			let value = database.get_pinned_cf(family(database, META)?, name)?;
			value.map(|bytes| decode(&bytes, META)).transpose()
		})
	}

	fn write_anchors(
		&self,
		durability: Durability,
		fill: impl FnOnce(&super::Database, &mut WriteBatch) -> Result<(), StoreError>,
	) -> Result<(), StoreError> {
		#[cfg(test)]
		{
			use Ordering::SeqCst;
			if self
				.fail_commits
				.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1))
				.is_ok()
			{
				return Err(StoreError::Closed);
			}
		}
		self.heal()?;
		let guard = self.read();
		let database = guard.as_ref().ok_or(StoreError::Closed)?;
		let mut batch = WriteBatch::default();
		fill(database, &mut batch)?;
		let mut options = WriteOptions::default();
		options.set_sync(durability == Durability::Synced);
		if let Err(error) = database.write_opt(batch, &options) {
			self.broken.store(true, Ordering::SeqCst);
			return Err(error.into());
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::store::{tests::queued, Changes};

	fn key(device: u32, sequence: u64) -> FrameKey {
		FrameKey { device, sequence }
	}

	fn anchor(root: u8) -> Anchor {
		Anchor {
			stream: 3,
			root: [root; 32],
			leaves: 2,
			readings: 40,
			content: vec![1, 0x55, 0x12, 32],
		}
	}

	#[test]
	fn an_anchor_is_final_together_with_its_frames_or_not_at_all() {
		let directory = tempfile::tempdir().unwrap();
		let store = Store::open(directory.path(), 10).unwrap();
		let changes = Changes {
			queue: vec![
				(key(1, 1), queued(b"frame a")),
				(key(1, 2), queued(b"frame b")),
				(key(2, 1), queued(b"frame c")),
			],
			..Changes::default()
		};
		store.commit(&changes, Durability::Synced).unwrap();
		let pending = PendingAnchor {
			number: 0,
			anchor: anchor(9),
			sent: Some(SentBy {
				account: [4; 32],
				nonce: 7,
				until: 200,
			}),
		};
		store.set_pending_anchor(Some(&pending)).unwrap();
		store.set_anchor_stream(3).unwrap();
		let done = FinalAnchor {
			bridge: 2,
			anchor: anchor(9),
			block: 77,
			finalised_ms: 1_800_000_000_000,
		};
		let leaves = [(key(1, 1), 11), (key(2, 1), 22)];
		store.fail_commits.store(1, Ordering::SeqCst);
		assert!(store.settle_anchor(0, &done, &leaves).is_err());
		drop(store);

		let store = Store::open(directory.path(), 10).unwrap();
		assert_eq!(store.pending_anchor().unwrap(), Some(pending));
		assert_eq!(store.anchor_stream().unwrap(), Some(3));
		assert_eq!(store.next_anchor().unwrap(), 0);
		assert_eq!(store.anchored_frames([key(1, 1)]).unwrap(), [None]);
		store.settle_anchor(0, &done, &leaves).unwrap();
		drop(store);

		let store = Store::open(directory.path(), 10).unwrap();
		assert_eq!(store.pending_anchor().unwrap(), None);
		assert_eq!(store.next_anchor().unwrap(), 1);
		assert_eq!(store.anchor(0).unwrap(), Some(done));
		assert_eq!(store.anchor(1).unwrap(), None);
		let found = store.anchored_frames([key(2, 1), key(1, 2)]).unwrap();
		let second = AnchoredFrame {
			number: 0,
			leaf: 1,
			fingerprint: 22,
		};
		assert_eq!(found, [Some(second), None]);
		let mut left = Vec::new();
		store.for_each_queued(|key, _| left.push(key)).unwrap();
		assert_eq!(left, [key(1, 2)]);
		assert_eq!(store.content_from().unwrap(), 0);
		store.set_content_from(1).unwrap();
		assert_eq!(store.content_from().unwrap(), 1);
	}
}
