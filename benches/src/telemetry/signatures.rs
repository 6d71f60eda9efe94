//! What checking a signature takes on this machine, by the host function that the runtime calls.

use anyhow::{anyhow, ensure, Result};
use passport_primitives::telemetry::{
	frame::{MAX_SIGNED_BYTES, SIGNATURE_BYTES},
	Frame,
};
use std::time::Instant;

/// Checks that are timed at least: a quarter of a second.
const CHECKS: usize = 4_000;

/// Mean seconds that `sp_io::crypto::ed25519_verify` takes for these frames, each with the key of its device. It is called
/// from this process, so the way from the runtime's WASM to the host is not in it. Errors: a signature does not hold.
pub fn seconds_for_a_check(genesis_hash: &[u8; 32], frames: &[([u8; 32], Vec<u8>)]) -> Result<f64> {
	let mut signed: Vec<([u8; SIGNATURE_BYTES], Vec<u8>, [u8; 32])> = Vec::with_capacity(frames.len());
	for (key, bytes) in frames {
		let frame = Frame::parse(bytes).map_err(|error| anyhow!("no frame: {error:?}"))?;
		let mut message = [0; MAX_SIGNED_BYTES];
		let message = frame
			.signed_message(genesis_hash, &mut message)
			.map_err(|error| anyhow!("no message: {error:?}"))?;
		signed.push((frame.signature, message.to_vec(), *key));
	}
	ensure!(!signed.is_empty(), "no frames to check");
	let mut checked = 0;
	let start = Instant::now();
	while checked < CHECKS {
		for (signature, message, key) in &signed {
			let holds = sp_io::crypto::ed25519_verify(&(*signature).into(), message, &(*key).into());
			ensure!(holds, "a signature does not hold");
		}
		checked += signed.len();
	}
	Ok(start.elapsed().as_secs_f64() / checked as f64)
}

#[cfg(test)]
mod tests {
	use super::*;
	use bms_sim::DeviceIdentity;
	use passport_primitives::telemetry::{crypto, Reading, MAX_FRAME_BYTES};

	#[test]
	fn good_signatures_take_their_time_and_a_bad_one_is_an_error() {
		let identity = DeviceIdentity::derive("signatures", 1);
		let mut buffer = [0; MAX_FRAME_BYTES];
		let length = crypto::build(
			&[Reading::default()],
			0,
			1,
			&[7; 32],
			&identity.master.seal_key(0),
			&identity.signing_key,
			&mut buffer,
		)
		.unwrap();
		let frames = vec![(identity.public_key(), buffer[..length].to_vec())];
		let seconds = seconds_for_a_check(&[7; 32], &frames).unwrap();
		assert!(seconds > 0.0 && seconds < 0.1);
		assert!(seconds_for_a_check(&[8; 32], &frames).is_err());
		assert!(seconds_for_a_check(&[7; 32], &[]).is_err());
	}
}
