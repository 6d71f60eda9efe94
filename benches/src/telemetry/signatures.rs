//! What checking a signature takes on this machine, by the host functions that the runtime calls.

use anyhow::{anyhow, ensure, Result};
use passport_primitives::{
	battery::PassportId,
	telemetry::{
		frame::{MAX_SIGNED_BYTES, SIGNATURE_BYTES},
		Frame,
	},
};
use passport_signature_batch::{HostBatch, SignatureBatch};
use std::time::Instant;

/// Checks that are timed at least, of each kind: some tenths of a second.
const CHECKS: usize = 4_000;

/// A frame, and who should have signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedFrame {
	/// The battery's passport.
	pub passport: PassportId,
	/// The key of its device.
	pub public_key: [u8; 32],
	/// The frame.
	pub frame: Vec<u8>,
}

/// Mean seconds of a check, in this process: the way from the runtime's WASM to the host is not in it.
#[derive(Clone, Copy, Debug)]
pub struct Check {
	/// By itself: `sp_io::crypto::ed25519_verify`.
	pub alone_seconds: f64,
	/// As one of a batch: [`HostBatch`], which the runtime checks the frames of an extrinsic with.
	pub together_seconds: f64,
}

impl Check {
	/// Checks the frames of a batch, each for its battery and with the key of its device, again and again. Errors: there is none,
	/// or a signature does not hold.
	pub fn of(genesis_hash: &[u8; 32], frames: &[SignedFrame]) -> Result<Self> {
		let mut signed: Vec<([u8; SIGNATURE_BYTES], Vec<u8>, [u8; 32])> = Vec::with_capacity(frames.len());
		for SignedFrame {
			passport,
			public_key,
			frame,
		} in frames
		{
			let frame = Frame::parse(frame).map_err(|error| anyhow!("no frame: {error:?}"))?;
			let mut message = [0; MAX_SIGNED_BYTES];
			let message = frame
				.signed_message(genesis_hash, passport, &mut message)
				.map_err(|error| anyhow!("no message: {error:?}"))?;
			signed.push((frame.signature, message.to_vec(), *public_key));
		}
		ensure!(!signed.is_empty(), "no frames to check");
		let alone_seconds = mean_seconds(signed.len(), || {
			signed.iter().all(|(signature, message, key)| {
				sp_io::crypto::ed25519_verify(&(*signature).into(), message, &(*key).into())
			})
		})?;
		// A batch needs what a host has besides its functions: a place for what is open.
		let together_seconds = sp_io::TestExternalities::default().execute_with(|| {
			mean_seconds(signed.len(), || {
				HostBatch::if_all_verify(|batch| {
					for (signature, message, key) in &signed {
						batch.add(key, signature, message);
					}
				})
				.is_some()
			})
		})?;
		Ok(Check {
			alone_seconds,
			together_seconds,
		})
	}
}

/// Mean seconds of one of so many checks that are done at once.
fn mean_seconds(at_once: usize, all_hold: impl Fn() -> bool) -> Result<f64> {
	let mut checked = 0;
	let start = Instant::now();
	while checked < CHECKS {
		ensure!(all_hold(), "a signature does not hold");
		checked += at_once;
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
		let passport = PassportId([6; 32]);
		let mut frames: Vec<_> = (1..=8)
			.map(|sequence| {
				let mut buffer = [0; MAX_FRAME_BYTES];
				let length = crypto::build(
					&[Reading::default()],
					0,
					sequence,
					&[7; 32],
					&passport,
					&identity.master.seal_key(0),
					&identity.signing_key,
					&mut buffer,
				)
				.unwrap();
				SignedFrame {
					passport,
					public_key: identity.public_key(),
					frame: buffer[..length].to_vec(),
				}
			})
			.collect();
		let check = Check::of(&[7; 32], &frames).unwrap();
		assert!(check.alone_seconds > 0.0 && check.alone_seconds < 0.1);
		// Were they not checked together, it would take as long.
		assert!(check.together_seconds > 0.0 && check.together_seconds < check.alone_seconds);
		assert!(Check::of(&[8; 32], &frames).is_err());
		assert!(Check::of(&[7; 32], &[]).is_err());
		frames[3].passport = PassportId([5; 32]);
		assert!(Check::of(&[7; 32], &frames).is_err());
	}
}
