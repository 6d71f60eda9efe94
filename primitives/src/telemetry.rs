//! Telemetry frames: sealed by the battery, provable by anyone.
//!
//! A frame carries 1 to 255 [readings](Reading), delta-coded ([`codec`]), sealed under the battery's key of the current
//! epoch and signed ([`frame`]). What is measured stands only in the sealed part; the header is in clear:
//!
//! ```text
//! frame     = header ‖ sealed ‖ signature
//! header    = version u8 ‖ scheme u8 ‖ key_epoch ‖ sequence ‖ first_seconds ‖ span_seconds ‖ count u8
//! sealed    = ChaCha20-Poly1305(readings, nonce = sequence, associated data = header)   16 bytes more than the readings
//! signature = Ed25519 over "BPL-FRAME-v1" ‖ genesis hash ‖ passport id ‖ header ‖ sealed 64 bytes
//! ```
//!
//! Numbers without a size are unsigned LEB128, which is what postcard writes. Genesis hash and passport id are signed and not
//! sent: a frame of one network is worthless on another, and one of one battery counts for no other.
//! `docs/frame-format.md` says the same byte by byte.

#[cfg(feature = "anchor")]
pub mod anchor;
pub mod codec;
pub mod command;
#[cfg(feature = "frame-crypto")]
pub mod crypto;
pub mod device;
pub mod frame;
pub mod reading;
pub mod statement;
pub mod window;

pub use frame::{Frame, FrameError, Header, SignatureScheme};
pub use reading::{Cells, Reading};
pub use window::{SequenceWindow, WindowRefusal};

/// Most readings in one frame: the count is one byte.
pub const MAX_READINGS: usize = 255;

/// Longest frame, in bytes: header, sealed readings and signature. 60 readings a second apart, of a pack with 14 cells, take some
/// 600 bytes; 4 KiB holds 255 readings without cells whatever their deltas are worth in practice, and a full batch of such
/// frames still fits a block.
pub const MAX_FRAME_BYTES: usize = 4096;

/// Readings may be this far ahead of the chain's clock, in seconds: a battery's clock drifts, and blocks are 1 s apart.
pub const MAX_AHEAD_SECONDS: u64 = 300;

/// Readings may be this far behind the chain's clock, in seconds: 30 days, the longest that a battery is expected to keep
/// frames in its outbox. Older frames are stale.
pub const MAX_BEHIND_SECONDS: u64 = 30 * 24 * 3600;

on_chain! {
	/// Why the ledger did not take a frame. The rest of its batch goes on.
	#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, thiserror::Error)]
	#[serde(rename_all = "snake_case")]
	pub enum FrameRefusal {
		/// The bytes are no frame.
		#[error("malformed frame")]
		Malformed,
		/// No such device.
		#[error("unknown device")]
		UnknownDevice,
		/// The device was replaced or revoked, or who answers for its battery may not act.
		#[error("device is not active")]
		DeviceNotActive,
		/// The passport takes no telemetry: closed, superseded or waste.
		#[error("the passport takes no telemetry")]
		PassportNotActive,
		/// Sealed under an epoch that was not started yet. Late frames of an earlier epoch are good.
		#[error("wrong key epoch")]
		WrongKeyEpoch,
		/// This sequence was taken before.
		#[error("sequence was seen before")]
		Replayed,
		/// Behind the sliding window: whether it was taken before can not be told any more.
		#[error("sequence is behind the window")]
		TooOld,
		/// Further ahead than [`window::MAX_SEQUENCE_STEP`].
		#[error("sequence leaps too far ahead")]
		SequenceLeap,
		/// Times further from the chain's clock than [`MAX_BEHIND_SECONDS`].
		#[error("readings are stale")]
		Stale,
		/// Times further ahead of the chain's clock than [`MAX_AHEAD_SECONDS`].
		#[error("readings are from the future")]
		FromTheFuture,
		/// The signature is not the device's.
		#[error("bad signature")]
		BadSignature,
	}
}

impl FrameRefusal {
	/// Every reason, for counters that shall exist before they count.
	pub const ALL: [FrameRefusal; 11] = [
		FrameRefusal::Malformed,
		FrameRefusal::UnknownDevice,
		FrameRefusal::DeviceNotActive,
		FrameRefusal::PassportNotActive,
		FrameRefusal::WrongKeyEpoch,
		FrameRefusal::Replayed,
		FrameRefusal::TooOld,
		FrameRefusal::SequenceLeap,
		FrameRefusal::Stale,
		FrameRefusal::FromTheFuture,
		FrameRefusal::BadSignature,
	];

	/// The name in metrics and dead letters.
	pub const fn name(self) -> &'static str {
		match self {
			FrameRefusal::Malformed => "malformed",
			FrameRefusal::UnknownDevice => "unknown_device",
			FrameRefusal::DeviceNotActive => "device_not_active",
			FrameRefusal::PassportNotActive => "passport_not_active",
			FrameRefusal::WrongKeyEpoch => "wrong_key_epoch",
			FrameRefusal::Replayed => "replayed",
			FrameRefusal::TooOld => "too_old",
			FrameRefusal::SequenceLeap => "sequence_leap",
			FrameRefusal::Stale => "stale",
			FrameRefusal::FromTheFuture => "from_the_future",
			FrameRefusal::BadSignature => "bad_signature",
		}
	}
}

/// Checks the times of a frame against a clock, both in seconds since 1970. The chain and the bridge ask the same question
/// of their own clocks.
pub fn check_times(header: &Header, now_seconds: u64) -> Result<(), FrameRefusal> {
	if header.last_seconds() > now_seconds.saturating_add(MAX_AHEAD_SECONDS) {
		Err(FrameRefusal::FromTheFuture)
	} else if header.first_seconds.saturating_add(MAX_BEHIND_SECONDS) < now_seconds {
		Err(FrameRefusal::Stale)
	} else {
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn times_are_taken_up_to_their_bounds() {
		let header = |first_seconds, span_seconds| Header {
			scheme: SignatureScheme::Ed25519,
			key_epoch: 0,
			sequence: 1,
			first_seconds,
			span_seconds,
			count: 2,
		};
		let now = 1_800_000_000;
		assert_eq!(check_times(&header(now, 300), now), Ok(()));
		assert_eq!(
			check_times(&header(now, 301), now),
			Err(FrameRefusal::FromTheFuture)
		);
		assert_eq!(check_times(&header(now - MAX_BEHIND_SECONDS, 0), now), Ok(()));
		assert_eq!(
			check_times(&header(now - MAX_BEHIND_SECONDS - 1, 0), now),
			Err(FrameRefusal::Stale)
		);
		assert_eq!(
			check_times(&header(u64::MAX, u32::MAX), now),
			Err(FrameRefusal::FromTheFuture)
		);
	}

	#[test]
	fn the_name_of_a_refusal_is_its_name_in_json() {
		for refusal in FrameRefusal::ALL {
			assert_eq!(
				serde_json::to_string(&refusal).unwrap(),
				format!("\"{}\"", refusal.name())
			);
		}
	}
}
