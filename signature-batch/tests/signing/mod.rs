//! Signatures that honest signers make, and those that they do not.

// Each test program uses a part of it.
#![allow(dead_code)]

use curve25519_dalek::{
	constants::EIGHT_TORSION,
	edwards::{CompressedEdwardsY, EdwardsPoint},
	Scalar,
};
use sha2::{Digest, Sha512};

/// A signature with its key and its message.
#[derive(Clone, Debug)]
pub struct Signed {
	pub public_key: [u8; 32],
	pub signature: [u8; 64],
	pub message: Vec<u8>,
}

/// Who signs.
pub struct Signer {
	secret: Scalar,
}

fn hash(parts: &[&[u8]]) -> Scalar {
	let mut hasher = Sha512::new();
	parts.iter().for_each(|part| hasher.update(part));
	Scalar::from_bytes_mod_order_wide(&hasher.finalize().into())
}

impl Signer {
	pub fn new(number: u8) -> Self {
		Signer {
			secret: hash(&[b"signer", &[number]]),
		}
	}

	/// The key plus a point of small order; point 0 is the neutral one.
	pub fn public_key(&self, torsion: usize) -> [u8; 32] {
		(EdwardsPoint::mul_base(&self.secret) + EIGHT_TORSION[torsion])
			.compress()
			.to_bytes()
	}

	/// The point that a signature commits to, and its logarithm.
	pub fn commitment(&self, message: &[u8]) -> ([u8; 32], [u8; 32]) {
		let nonce = self.nonce(message);
		(
			EdwardsPoint::mul_base(&nonce).compress().to_bytes(),
			nonce.to_bytes(),
		)
	}

	fn nonce(&self, message: &[u8]) -> Scalar {
		hash(&[b"nonce", self.secret.as_bytes(), message])
	}

	/// A signature that commits to this point of small order: the nonce is 0.
	pub fn sign_with_commitment_of_small_order(&self, commitment: [u8; 32], message: &[u8]) -> Signed {
		self.respond(self.public_key(0), commitment, Scalar::ZERO, message)
	}

	fn respond(&self, public_key: [u8; 32], commitment: [u8; 32], nonce: Scalar, message: &[u8]) -> Signed {
		let challenge = hash(&[&commitment, &public_key, message]);
		let mut signature = [0; 64];
		signature[..32].copy_from_slice(&commitment);
		signature[32..].copy_from_slice(&(nonce + challenge * self.secret).to_bytes());
		Signed {
			public_key,
			signature,
			message: message.to_vec(),
		}
	}
}

/// Signs with points of small order added to key and commitment. With the points 0 and 0 it is a signature of RFC 8032.
pub fn sign_as(signer: &Signer, key_torsion: usize, commitment_torsion: usize, message: &[u8]) -> Signed {
	let nonce = signer.nonce(message);
	let commitment = EdwardsPoint::mul_base(&nonce) + EIGHT_TORSION[commitment_torsion];
	signer.respond(
		signer.public_key(key_torsion),
		commitment.compress().to_bytes(),
		nonce,
		message,
	)
}

/// All encodings of points of small order: the canonical ones of the eight points, and six that are not canonical: the
/// coordinate plus the field's prime, the sign bit where there is no sign, or both.
pub fn low_order_encodings() -> Vec<[u8; 32]> {
	let little_endian = |lowest: u8, between: u8, highest: u8| {
		let mut bytes = [between; 32];
		bytes[0] = lowest;
		bytes[31] = highest;
		bytes
	};
	let mut all: Vec<_> = EIGHT_TORSION
		.iter()
		.map(|point| point.compress().to_bytes())
		.collect();
	all.extend([
		little_endian(0x01, 0x00, 0x80),
		little_endian(0xec, 0xff, 0xff),
		little_endian(0xed, 0xff, 0x7f),
		little_endian(0xed, 0xff, 0xff),
		little_endian(0xee, 0xff, 0x7f),
		little_endian(0xee, 0xff, 0xff),
	]);
	for bytes in &all {
		assert!(CompressedEdwardsY(*bytes)
			.decompress()
			.is_some_and(|point| point.is_small_order()));
	}
	all
}

/// Writes the scalar of a signature as the same number plus the order of the group.
pub fn add_order(signature: &mut [u8; 64]) {
	let order_less_one = (-Scalar::ONE).to_bytes();
	let mut carry = 1u16;
	for (byte, order) in signature[32..].iter_mut().zip(order_less_one) {
		let sum = u16::from(*byte) + u16::from(order) + carry;
		*byte = sum as u8;
		carry = sum >> 8;
	}
	assert_eq!(carry, 0);
}
