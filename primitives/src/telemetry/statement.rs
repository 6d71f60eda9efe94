//! What a device says about its state of health without showing it: at or above a threshold, yes or no.
//!
//! The value itself is Annex XIII point 4 and stays sealed. The branch of the protocol's section 5.1 (second life above, recycling
//! below) needs one bit of it, and only the device can give that bit.

use crate::battery::PassportId;

/// A statement starts with this, so that it can never pass for a frame or a proof of possession.
pub const STATEMENT_DOMAIN: &[u8; 10] = b"BPL-SOH-v1";

/// Length of the message that a device signs.
pub const STATEMENT_MESSAGE_BYTES: usize = STATEMENT_DOMAIN.len() + 2 * 32 + 2 + 1 + 8;

/// A statement may be this far behind the chain's clock when it is brought, in seconds: a day, so that a battery without a
/// link is asked in the evening and heard in the morning. An older one says nothing of the battery as it is.
/// Ahead it may be as far as a reading: [`super::MAX_AHEAD_SECONDS`].
pub const MAX_STATEMENT_AGE_SECONDS: u64 = 24 * 3600;

on_chain! {
	/// A device's statement about its state of health.
	#[derive(Clone, Copy, Debug, PartialEq, Eq)]
	pub struct ThresholdStatement {
		/// The threshold that it was asked for, in 0.01 %.
		pub threshold_bp: u16,
		/// Whether its state of health is at or above that.
		pub at_or_above: bool,
		/// When it was made, in seconds since 1970.
		pub made_at_seconds: u64,
	}
}

impl ThresholdStatement {
	/// What the device signs: domain ‖ genesis hash ‖ passport ‖ threshold (u16, big-endian) ‖ 1 or 0 ‖ time (u64, big-endian).
	pub fn message(&self, genesis_hash: &[u8; 32], passport: &PassportId) -> [u8; STATEMENT_MESSAGE_BYTES] {
		let mut message = [0; STATEMENT_MESSAGE_BYTES];
		let parts: [&[u8]; 6] = [
			STATEMENT_DOMAIN,
			genesis_hash,
			&passport.0,
			&self.threshold_bp.to_be_bytes(),
			&[u8::from(self.at_or_above)],
			&self.made_at_seconds.to_be_bytes(),
		];
		let mut rest = &mut message[..];
		for part in parts {
			let (head, tail) = rest.split_at_mut(part.len());
			head.copy_from_slice(part);
			rest = tail;
		}
		message
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn every_part_stands_in_the_message() {
		let statement = ThresholdStatement {
			threshold_bp: 7_000,
			at_or_above: true,
			made_at_seconds: 1_700_000_000,
		};
		let message = statement.message(&[1; 32], &PassportId([2; 32]));
		assert_eq!(&message[..10], b"BPL-SOH-v1");
		assert_eq!(message[10..42], [1; 32]);
		assert_eq!(message[42..74], [2; 32]);
		assert_eq!(message[74..76], [0x1b, 0x58]);
		assert_eq!(message[76], 1);
		assert_eq!(message[77..], 1_700_000_000u64.to_be_bytes());
	}
}
