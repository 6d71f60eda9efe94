//! Weights of the calls: storage access counted by hand for the worst case, times the database's weights, and the measured
//! price of a signature.

use crate::MAX_BATCH_BYTES;
use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};
use passport_primitives::telemetry::MAX_FRAME_BYTES;

/// Bytes of a frame with one small reading. One that is taken has 92 at least (header 11, reading 1, tag 16, signature 64) and
/// [`MAX_FRAME_BYTES`] at most.
pub const SMALL_FRAME_BYTES: u32 = 100;

/// Frames of [`MAX_FRAME_BYTES`] that a batch has room for: fewer can not bring [`MAX_BATCH_BYTES`].
pub const FULL_FRAMES: u32 = MAX_BATCH_BYTES / MAX_FRAME_BYTES as u32;

/// Weights of the calls.
pub trait WeightInfo {
	/// Two signatures are checked: the proof and the trivial one.
	fn register_device() -> Weight;
	/// Revoking.
	fn revoke_device() -> Weight;
	/// A batch of this many frames of [`SMALL_FRAME_BYTES`]. Worst case: each of another device in another page.
	fn submit_frames(frames: u32) -> Weight;
	/// A batch of [`FULL_FRAMES`] such frames that have this many bytes together.
	fn submit_frames_bytes(bytes: u32) -> Weight;
	/// A batch of this many frames with this many bytes together.
	///
	/// What a batch costs is a base, so much for each frame and so much for each byte. Base and frames are those of small frames.
	/// Bytes come on top, all of them: base and frames of the other measurement fall out of the difference. The bytes of small
	/// frames are counted twice so, and the weight is never below the cost. Measured in one, with two parameters, the price
	/// of a byte was lost in the scatter of the signatures' time and the base took the time of the smallest batch that was measured.
	fn batch(frames: u32, bytes: u32) -> Weight {
		let bytes = Self::submit_frames_bytes(bytes).saturating_sub(Self::submit_frames_bytes(0));
		Self::submit_frames(frames).saturating_add(bytes)
	}
	/// One signature is checked and the passport's history written.
	fn submit_threshold_statement() -> Weight;
	/// The council's threshold.
	fn set_state_of_health_threshold() -> Weight;
}

/// Decoding, checks and the event.
const BASE: Weight = Weight::from_parts(15_000_000, 0);

/// One `ed25519_verify` with the call into the host, in picoseconds: 57 µs with libsodium and 43 µs as the SDK's reference on
/// slower and faster machines than the validators' minimum; 70 µs leaves a margin.
pub const SIGNATURE_PICOSECONDS: u64 = 70_000_000;

/// Copying, hashing twice (the message and the rolling hash) and decoding one byte, in picoseconds.
const BYTE_PICOSECONDS: u64 = 10_000;

/// `Passports::may_act` of a delegate: its organisation, the passport, the delegations, the operator that gave them.
const MAY_ACT_READS: u64 = 4;

/// `Passports::record_threshold_statement`: the passport and the last page of its history are read and written.
const RECORD_STATEMENT: u64 = 2;

/// What recording and withdrawing a statement computes: a link of the history's hash chain, decoding and encoding. Not measured:
/// stated high.
const RECORDING: Weight = Weight::from_parts(25_000_000, 0);

/// Counted reads and writes.
pub struct CountedWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for CountedWeight<T> {
	fn register_device() -> Weight {
		// Reads: account, organisation, passport, responsible operator, devices of the passport, page of its last device, key,
		// genesis hash, next number, page, and whether the account may act.
		// Writes: devices of the passport, page, device, key, next number.
		BASE.saturating_add(Weight::from_parts(2 * SIGNATURE_PICOSECONDS, 0))
			.saturating_add(T::DbWeight::get().reads_writes(10 + MAY_ACT_READS, 5))
	}

	fn revoke_device() -> Weight {
		// Reads: account, organisation, device, passport, page, and whether the account may act. Writes: page, and the passport,
		// whose statement is withdrawn.
		BASE.saturating_add(RECORDING)
			.saturating_add(T::DbWeight::get().reads_writes(5 + MAY_ACT_READS, 2))
	}

	fn submit_frames(frames: u32) -> Weight {
		let frames = u64::from(frames);
		// Reads: account, organisation, genesis hash, clock; for each frame device, passport, who answers for that, page. Writes: page.
		BASE.saturating_add(Weight::from_parts(SIGNATURE_PICOSECONDS * frames, 0))
			.saturating_add(T::DbWeight::get().reads_writes(4 + 4 * frames, frames))
	}

	fn submit_frames_bytes(bytes: u32) -> Weight {
		Self::submit_frames(FULL_FRAMES)
			.saturating_add(Weight::from_parts(BYTE_PICOSECONDS * u64::from(bytes), 0))
	}

	fn submit_threshold_statement() -> Weight {
		// Reads: account, organisation, device, page, passport, responsible operator, threshold, clock, last statement, genesis
		// hash, and what recording reads. Writes: last statement, and what recording writes.
		BASE.saturating_add(RECORDING)
			.saturating_add(Weight::from_parts(SIGNATURE_PICOSECONDS, 0))
			.saturating_add(T::DbWeight::get().reads_writes(10 + RECORD_STATEMENT, 1 + RECORD_STATEMENT))
	}

	fn set_state_of_health_threshold() -> Weight {
		BASE.saturating_add(T::DbWeight::get().writes(1))
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
	fn submit_threshold_statement() -> Weight {
		BASE
	}
	fn set_state_of_health_threshold() -> Weight {
		BASE
	}
}
