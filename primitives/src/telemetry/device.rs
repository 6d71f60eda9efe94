//! Devices: what binds public keys to a battery.

use crate::battery::PassportId;
use serde::{Deserialize, Serialize};

/// A proof of possession starts with this, so that it can never pass for a frame.
pub const POSSESSION_DOMAIN: &[u8; 13] = b"BPL-DEVICE-v1";

/// Length of the message that proves possession.
pub const POSSESSION_MESSAGE_BYTES: usize = POSSESSION_DOMAIN.len() + 3 * 32;

/// What the new and the present key of a device sign starts with this: it passes for no frame, no statement and no proof at
/// registration.
pub const ROTATION_DOMAIN: &[u8; 13] = b"BPL-ROTATE-v1";

/// Length of the message that both keys sign.
pub const ROTATION_MESSAGE_BYTES: usize = ROTATION_DOMAIN.len() + 3 * 32 + 8;

on_chain! {
	/// Who holds the key that a device's frames are signed with: what a signature proves depends on it.
	#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
	#[serde(rename_all = "camelCase")]
	pub enum SignedBy {
		/// The battery itself: what was measured was signed before it left the battery.
		Battery = 0,
		/// The operator's bridge, in the place of a battery that sends plain JSON: it was signed where it arrived.
		Bridge = 1,
	}
}

/// What a device signs to show that it holds the key that its maker registers for a battery: domain, network, passport, key.
/// Without it a maker could register a key that it only saw.
pub fn possession_message(
	genesis_hash: &[u8; 32],
	passport: &PassportId,
	public_key: &[u8; 32],
) -> [u8; POSSESSION_MESSAGE_BYTES] {
	let mut message = [0; POSSESSION_MESSAGE_BYTES];
	write_parts(
		&mut message,
		POSSESSION_DOMAIN,
		[genesis_hash, &passport.0, public_key],
	);
	message
}

/// What the new key of a device signs, to show that the device holds it, and the present key, to show that it is the same device:
/// domain, network, passport, new key, and the first sequence that it signs as 8 bytes, big-endian. The present key has signed no
/// frame of this sequence or a higher one.
pub fn rotation_message(
	genesis_hash: &[u8; 32],
	passport: &PassportId,
	public_key: &[u8; 32],
	from_sequence: u64,
) -> [u8; ROTATION_MESSAGE_BYTES] {
	let mut message = [0; ROTATION_MESSAGE_BYTES];
	let (parts, sequence) = message.split_at_mut(ROTATION_MESSAGE_BYTES - 8);
	write_parts(parts, ROTATION_DOMAIN, [genesis_hash, &passport.0, public_key]);
	sequence.copy_from_slice(&from_sequence.to_be_bytes());
	message
}

/// A domain and three times 32 bytes, one after the other.
fn write_parts(message: &mut [u8], domain: &[u8; 13], parts: [&[u8; 32]; 3]) {
	let (start, rest) = message.split_at_mut(domain.len());
	start.copy_from_slice(domain);
	for (place, bytes) in rest.chunks_exact_mut(32).zip(parts) {
		place.copy_from_slice(bytes);
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn every_part_stands_in_the_message() {
		let message = possession_message(&[1; 32], &PassportId([2; 32]), &[3; 32]);
		assert_eq!(&message[..13], b"BPL-DEVICE-v1");
		assert_eq!(
			message[13..].chunks(32).collect::<Vec<_>>(),
			[[1; 32], [2; 32], [3; 32]]
		);
	}

	#[test]
	fn every_part_stands_in_the_message_of_a_rotation() {
		let message = rotation_message(&[1; 32], &PassportId([2; 32]), &[3; 32], 0x0102_0304_0506_0708);
		assert_eq!(&message[..13], b"BPL-ROTATE-v1");
		assert_eq!(
			message[13..109].chunks(32).collect::<Vec<_>>(),
			[[1; 32], [2; 32], [3; 32]]
		);
		assert_eq!(message[109..], [1, 2, 3, 4, 5, 6, 7, 8]);
	}

	#[test]
	fn who_signs_has_a_name_in_json() {
		for (signed_by, name) in [
			(SignedBy::Battery, "\"battery\""),
			(SignedBy::Bridge, "\"bridge\""),
		] {
			assert_eq!(serde_json::to_string(&signed_by).unwrap(), name);
		}
	}
}
