//! Weights of the calls: storage access counted by hand for the worst case, times the database's weights, and the measured
//! price of a signature.

use crate::{
	ANCHORS_PRUNED_PER_CALL, MAX_BATCH_BYTES, MAX_DEVICES_PER_PASSPORT, MAX_FORMER_KEYS, MAX_FRAMES_PER_BATCH,
};
use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};
use passport_primitives::telemetry::{
	anchor::{ANCHOR_LEAF_DOMAIN, MAX_SIBLINGS},
	MAX_FRAME_BYTES,
};

/// Bytes of a frame with one small reading. One that is taken has 92 at least (header 11, reading 1, tag 16, signature 64) and
/// [`MAX_FRAME_BYTES`] at most.
pub const SMALL_FRAME_BYTES: u32 = 100;

/// Frames of [`MAX_FRAME_BYTES`] that a batch has room for: fewer can not bring [`MAX_BATCH_BYTES`].
pub const FULL_FRAMES: u32 = MAX_BATCH_BYTES / MAX_FRAME_BYTES as u32;

/// Weights of the calls.
pub trait WeightInfo {
	/// The last device that the passport has room for, whose key is compared with all that the ones before it had. Two signatures are
	/// checked: the proof and the trivial one. A bridge's key is registered at the same price.
	fn register_device() -> Weight;
	/// Revoking.
	fn revoke_device() -> Weight;
	/// The last rotation that the last device of a passport has room for. Three signatures are checked: those of a registration, and the present key's.
	fn rotate_device_key() -> Weight;
	/// Revoking and registering, with the old and the new device on two pages.
	fn replace_device() -> Weight;
	/// A reset, which begins an epoch and withdraws what was stated.
	fn reset_device() -> Weight;
	/// What the passport pallet pays for a change that the active device's page has to say: `OnPassportChanged`.
	fn passport_changed() -> Weight;
	/// A batch of this many frames of [`SMALL_FRAME_BYTES`], of one page and of one operator.
	fn submit_frames(frames: u32) -> Weight;
	/// A batch of [`FULL_FRAMES`] such frames that have this many bytes together.
	fn submit_frames_bytes(bytes: u32) -> Weight;
	/// A batch of as many such frames as fit, which turns to another page this often and changes each.
	fn submit_frames_pages(pages: u32) -> Weight;
	/// A batch of as many such frames as fit, of this many operators. To look a device's former keys up costs less.
	fn submit_frames_lookups(lookups: u32) -> Weight;
	/// A batch of this many frames with this many bytes together, which turns to another page so often and looks up so many
	/// operators and devices' former keys.
	///
	/// What a batch costs is a base, so much for each frame, byte, page and lookup. Base, frames, the first page and the first
	/// operator are those of small frames. Bytes come on top, all of them, and what pages and lookups are more than one: base and
	/// frames of the other measurements fall out of the differences. The bytes of small frames are counted twice so, and the weight
	/// is never below the cost. Measured in one, with several parameters, the price of a byte was lost in the scatter of the
	/// signatures' time and the base took the time of the smallest batch that was measured.
	fn batch(frames: u32, bytes: u32, pages: u32, lookups: u32) -> Weight {
		let bytes = Self::submit_frames_bytes(bytes).saturating_sub(Self::submit_frames_bytes(0));
		let pages = Self::submit_frames_pages(pages).saturating_sub(Self::submit_frames_pages(1));
		let lookups = Self::submit_frames_lookups(lookups).saturating_sub(Self::submit_frames_lookups(1));
		Self::submit_frames(frames)
			.saturating_add(bytes)
			.saturating_add(pages)
			.saturating_add(lookups)
	}
	/// One signature is checked and the passport's history written.
	fn submit_threshold_statement() -> Weight;
	/// The council's threshold.
	fn set_state_of_health_threshold() -> Weight;
	/// An anchor, with [`ANCHORS_PRUNED_PER_CALL`] old ones taken off the ledger.
	fn anchor_batch() -> Weight;
	/// The longest leaf with the longest proof, of a device with as many former keys as it can have: none of them signed it.
	fn dispute_signature() -> Weight;
	/// Two of the longest leaves with the longest proofs, in two anchors.
	fn dispute_replay() -> Weight;
	/// The council's leave to anchor again.
	fn allow_anchoring() -> Weight;
	/// So many anchors are taken off the ledger, at most [`ANCHORS_PRUNED_AT_ONCE`](crate::ANCHORS_PRUNED_AT_ONCE), all that the stream has.
	fn prune_anchors(anchors: u32) -> Weight;
}

/// Decoding, checks and the event.
const BASE: Weight = Weight::from_parts(15_000_000, 0);

/// One `ed25519_verify` with the call into the host, in picoseconds: 57 µs with libsodium and 43 µs as the SDK's reference on
/// slower and faster machines than the validators' minimum; 70 µs leaves a margin.
pub const SIGNATURE_PICOSECONDS: u64 = 70_000_000;

/// What each signature of a batch is charged less, in picoseconds, where so many are checked together: 39 µs by itself, 22 as one of 16,
/// 21 as one of 64, 17 as one of 256 (`signature-batch/README.md`).
pub const fn together_saves_picoseconds(frames: u32) -> u64 {
	match frames {
		0..16 => 0,
		16..128 => 16_000_000,
		128.. => 21_000_000,
	}
}

/// Copying, hashing twice (the message and the rolling hash) and decoding one byte, in picoseconds.
const BYTE_PICOSECONDS: u64 = 10_000;

/// Decoding and encoding a page of 16 states, in picoseconds. Not measured: stated high.
const PAGE_PICOSECONDS: u64 = 10_000_000;

/// Decoding an organisation, in picoseconds. Not measured: stated high.
const LOOKUP_PICOSECONDS: u64 = 5_000_000;

/// `Passports::may_act` of a delegate: its organisation, the passport, the delegations, the operator that gave them.
const MAY_ACT_READS: u64 = 4;

/// `Passports::record_threshold_statement`: the passport and the last page of its history are read and written.
const RECORD_STATEMENT: u64 = 2;

/// What recording and withdrawing a statement computes: a link of the history's hash chain, decoding and encoding. Not measured:
/// stated high.
const RECORDING: Weight = Weight::from_parts(25_000_000, 0);

/// The keys that all devices of a battery have and had: a page and an entry of former keys for each.
const ALL_KEYS_READS: u64 = 2 * MAX_DEVICES_PER_PASSPORT as u64;

/// Decoding and comparing them.
const ALL_KEYS: Weight = Weight::from_parts(PAGE_PICOSECONDS * MAX_DEVICES_PER_PASSPORT as u64, 0);

/// Bytes that are hashed to check one leaf at its longest: the leaf with its domain and number, and at each sibling of its proof one
/// block of BLAKE2b, which has 128 bytes.
const PROOF_BYTES: u64 = (ANCHOR_LEAF_DOMAIN.len() + 4 + MAX_FRAME_BYTES) as u64 + 128 * MAX_SIBLINGS as u64;

/// Most keys that a device has ever had.
const MOST_KEYS: u64 = 1 + MAX_FORMER_KEYS as u64;

/// Counted reads and writes.
pub struct CountedWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for CountedWeight<T> {
	fn register_device() -> Weight {
		// Reads: account, organisation, passport, responsible operator, genesis hash, next number, page, the keys of the battery's
		// devices, and whether the account may act. Writes: passport, page, next number.
		BASE.saturating_add(Weight::from_parts(2 * SIGNATURE_PICOSECONDS, 0))
			.saturating_add(ALL_KEYS)
			.saturating_add(T::DbWeight::get().reads_writes(7 + ALL_KEYS_READS + MAY_ACT_READS, 3))
	}

	fn revoke_device() -> Weight {
		// Reads: account, organisation, page, passport, and whether the account may act. Writes: page, and the passport, whose
		// statement is withdrawn.
		BASE.saturating_add(RECORDING)
			.saturating_add(T::DbWeight::get().reads_writes(4 + MAY_ACT_READS, 2))
	}

	fn rotate_device_key() -> Weight {
		// Reads: account, organisation, passport, genesis hash, the keys of the battery's devices, and whether the account may act.
		// Writes: page, former keys.
		BASE.saturating_add(Weight::from_parts(3 * SIGNATURE_PICOSECONDS, 0))
			.saturating_add(ALL_KEYS)
			.saturating_add(T::DbWeight::get().reads_writes(4 + ALL_KEYS_READS + MAY_ACT_READS, 2))
	}

	fn replace_device() -> Weight {
		// Reads: those of a registration. Writes: those of a registration, and the old device's page. What the old one stated is
		// withdrawn.
		Self::register_device()
			.saturating_add(RECORDING)
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn reset_device() -> Weight {
		// Reads: account, organisation, page, passport, clock, last statement, and whether the account may act. Writes: page, last
		// statement, and the passport, whose statement is withdrawn.
		BASE.saturating_add(RECORDING)
			.saturating_add(T::DbWeight::get().reads_writes(6 + MAY_ACT_READS, 3))
	}

	fn passport_changed() -> Weight {
		// Read: passport, page. Written: page.
		Weight::from_parts(PAGE_PICOSECONDS, 0).saturating_add(T::DbWeight::get().reads_writes(2, 1))
	}

	fn submit_frames(frames: u32) -> Weight {
		// Reads: account, organisation, genesis hash, clock, page, who answers for the batteries. Writes: page.
		BASE.saturating_add(Weight::from_parts(
			PAGE_PICOSECONDS + SIGNATURE_PICOSECONDS * u64::from(frames),
			0,
		))
		.saturating_add(T::DbWeight::get().reads_writes(6, 1))
	}

	fn submit_frames_pages(pages: u32) -> Weight {
		let pages = u64::from(pages);
		Self::submit_frames(MAX_FRAMES_PER_BATCH)
			.saturating_add(Weight::from_parts(PAGE_PICOSECONDS * pages, 0))
			.saturating_add(T::DbWeight::get().reads_writes(pages, pages))
	}

	fn submit_frames_lookups(lookups: u32) -> Weight {
		let lookups = u64::from(lookups);
		Self::submit_frames(MAX_FRAMES_PER_BATCH)
			.saturating_add(Weight::from_parts(LOOKUP_PICOSECONDS * lookups, 0))
			.saturating_add(T::DbWeight::get().reads(lookups))
	}

	fn submit_frames_bytes(bytes: u32) -> Weight {
		Self::submit_frames(FULL_FRAMES)
			.saturating_add(Weight::from_parts(BYTE_PICOSECONDS * u64::from(bytes), 0))
	}

	fn submit_threshold_statement() -> Weight {
		// Reads: account, organisation, page, passport, responsible operator, threshold, clock, last statement, genesis hash, and
		// what recording reads. Writes: last statement, and what recording writes.
		BASE.saturating_add(RECORDING)
			.saturating_add(Weight::from_parts(SIGNATURE_PICOSECONDS, 0))
			.saturating_add(T::DbWeight::get().reads_writes(9 + RECORD_STATEMENT, 1 + RECORD_STATEMENT))
	}

	fn set_state_of_health_threshold() -> Weight {
		BASE.saturating_add(T::DbWeight::get().writes(1))
	}

	fn anchor_batch() -> Weight {
		// Reads: account, organisation, suspension, stream, number of streams, the two oldest anchors. Writes: number of streams, the
		// two oldest anchors, the new one, stream. A new stream has nothing to prune: both are counted all the same.
		let pruned = u64::from(ANCHORS_PRUNED_PER_CALL);
		BASE.saturating_add(T::DbWeight::get().reads_writes(5 + pruned, 3 + pruned))
	}

	fn dispute_signature() -> Weight {
		// Reads: account, organisation, anchor, next number, page, former keys, genesis hash, suspension. Writes: anchor,
		// suspension.
		let bytes = PROOF_BYTES + MOST_KEYS * MAX_FRAME_BYTES as u64;
		let picoseconds = MOST_KEYS * SIGNATURE_PICOSECONDS + BYTE_PICOSECONDS * bytes;
		BASE.saturating_add(Weight::from_parts(picoseconds, 0))
			.saturating_add(T::DbWeight::get().reads_writes(8, 2))
	}

	fn dispute_replay() -> Weight {
		// Reads: account, organisation, both anchors, suspension. Writes: the later anchor, suspension.
		BASE.saturating_add(Weight::from_parts(2 * BYTE_PICOSECONDS * PROOF_BYTES, 0))
			.saturating_add(T::DbWeight::get().reads_writes(5, 2))
	}

	fn allow_anchoring() -> Weight {
		BASE.saturating_add(T::DbWeight::get().reads_writes(1, 1))
	}

	fn prune_anchors(anchors: u32) -> Weight {
		// Reads: account, organisation, stream, number of streams, each anchor, and the one behind them that may stay. Writes: stream,
		// number of streams, each anchor.
		let anchors = u64::from(anchors);
		BASE.saturating_add(T::DbWeight::get().reads_writes(5 + anchors, 2 + anchors))
	}
}

impl WeightInfo for () {
	fn register_device() -> Weight {
		BASE
	}
	fn revoke_device() -> Weight {
		BASE
	}
	fn submit_frames(_: u32) -> Weight {
		BASE
	}
	fn submit_frames_bytes(_: u32) -> Weight {
		BASE
	}
	fn rotate_device_key() -> Weight {
		BASE
	}
	fn replace_device() -> Weight {
		BASE
	}
	fn reset_device() -> Weight {
		BASE
	}
	fn passport_changed() -> Weight {
		BASE
	}
	fn submit_frames_pages(_: u32) -> Weight {
		BASE
	}
	fn submit_frames_lookups(_: u32) -> Weight {
		BASE
	}
	fn submit_threshold_statement() -> Weight {
		BASE
	}
	fn set_state_of_health_threshold() -> Weight {
		BASE
	}
	fn anchor_batch() -> Weight {
		BASE
	}
	fn dispute_signature() -> Weight {
		BASE
	}
	fn dispute_replay() -> Weight {
		BASE
	}
	fn allow_anchoring() -> Weight {
		BASE
	}
	fn prune_anchors(_: u32) -> Weight {
		BASE
	}
}
