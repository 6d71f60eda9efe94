//! Devices: what binds a public key to a battery.

use crate::battery::PassportId;

/// A proof of possession starts with this, so that it can never pass for a frame.
pub const POSSESSION_DOMAIN: &[u8; 13] = b"BPL-DEVICE-v1";

/// Length of the message that proves possession.
pub const POSSESSION_MESSAGE_BYTES: usize = POSSESSION_DOMAIN.len() + 3 * 32;

/// What a device signs to show that it holds the key that its maker registers for a battery: domain, network, passport, key.
/// Without it a maker could register a key that it only saw.
pub fn possession_message(
	genesis_hash: &[u8; 32],
	passport: &PassportId,
	public_key: &[u8; 32],
) -> [u8; POSSESSION_MESSAGE_BYTES] {
	let mut message = [0; POSSESSION_MESSAGE_BYTES];
	let (domain, rest) = message.split_at_mut(POSSESSION_DOMAIN.len());
	domain.copy_from_slice(POSSESSION_DOMAIN);
	for (part, bytes) in rest
		.chunks_exact_mut(32)
		.zip([genesis_hash, &passport.0, public_key])
	{
		part.copy_from_slice(bytes);
	}
	message
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
}
