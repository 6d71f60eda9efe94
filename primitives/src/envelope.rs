//! Envelopes: a key of an epoch, readable by one organisation alone.
//!
//! HPKE (RFC 9180) in base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and ChaCha20-Poly1305, single-shot (section
//! 6.1). `info` binds the envelope to a domain; the associated data binds it to passport, epoch and grantee, so that an
//! envelope moved elsewhere does not open.

use crate::{battery::PassportId, organisation::OrganisationId};
use alloc::vec::Vec;
use hpke::{
	aead::ChaCha20Poly1305, kdf::HkdfSha256, kem::X25519HkdfSha256, Deserializable, Kem, OpModeR, OpModeS,
	Serializable,
};
use zeroize::{Zeroize, ZeroizeOnDrop};

pub use crate::ledger::ENVELOPE_BYTES;

const ENCAPSULATED_BYTES: usize = 32;
const INFO: &[u8] = b"BPL-ENVELOPE-v1";

/// Why an envelope could not be made or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
	/// The grantee's key is no X25519 public key that HPKE accepts.
	#[error("the public key is not usable")]
	PublicKey,
	/// Not [`ENVELOPE_BYTES`] long.
	#[error("an envelope has {ENVELOPE_BYTES} bytes")]
	Length,
	/// Made for another key, passport, epoch or grantee, or changed.
	#[error("the envelope does not open")]
	Open,
}

/// Private HPKE key of an organisation. Wiped when dropped, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct EnvelopeSecret([u8; 32]);

impl EnvelopeSecret {
	/// Derives the key pair from at least 32 secret bytes (RFC 9180 section 7.1.3): private key and public key.
	pub fn derive(secret: &[u8]) -> (Self, [u8; 32]) {
		let (private, public) = X25519HkdfSha256::derive_keypair(secret);
		let (mut bytes, mut public_bytes) = ([0; 32], [0; 32]);
		bytes.copy_from_slice(&private.to_bytes());
		public_bytes.copy_from_slice(&public.to_bytes());
		(EnvelopeSecret(bytes), public_bytes)
	}
}

/// What an envelope is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
	/// The passport whose data the key opens.
	pub passport: PassportId,
	/// The epoch of the key.
	pub key_epoch: u32,
	/// Who may open it.
	pub grantee: OrganisationId,
}

impl Binding {
	fn associated_data(&self) -> [u8; 40] {
		let mut data = [0; 40];
		data[..32].copy_from_slice(&self.passport.0);
		data[32..36].copy_from_slice(&self.key_epoch.to_be_bytes());
		data[36..].copy_from_slice(&self.grantee.0.to_be_bytes());
		data
	}
}

/// Makes an envelope with the operating system's randomness.
///
/// Errors: [`EnvelopeError::PublicKey`] when the grantee's key is of small order (RFC 9180 section 7.1.4).
pub fn seal(
	key: &[u8; 32],
	grantee_public_key: &[u8; 32],
	binding: &Binding,
) -> Result<[u8; ENVELOPE_BYTES], EnvelopeError> {
	let public_key = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(grantee_public_key)
		.map_err(|_| EnvelopeError::PublicKey)?;
	let (encapsulated, sealed) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
		&OpModeS::Base,
		&public_key,
		INFO,
		key,
		&binding.associated_data(),
	)
	.map_err(|_| EnvelopeError::PublicKey)?;
	let mut envelope = [0; ENVELOPE_BYTES];
	envelope[..ENCAPSULATED_BYTES].copy_from_slice(&encapsulated.to_bytes());
	envelope[ENCAPSULATED_BYTES..].copy_from_slice(&sealed);
	Ok(envelope)
}

/// Opens an envelope.
///
/// Errors: [`EnvelopeError::Length`]; [`EnvelopeError::Open`] when it was made for another key or binding.
pub fn open(envelope: &[u8], secret: &EnvelopeSecret, binding: &Binding) -> Result<[u8; 32], EnvelopeError> {
	if envelope.len() != ENVELOPE_BYTES {
		return Err(EnvelopeError::Length);
	}
	let (encapsulated, sealed) = envelope.split_at(ENCAPSULATED_BYTES);
	let private_key =
		<X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&secret.0).map_err(|_| EnvelopeError::Open)?;
	let encapsulated =
		<X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| EnvelopeError::Open)?;
	let mut opened: Vec<u8> = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
		&OpModeR::Base,
		&private_key,
		&encapsulated,
		INFO,
		sealed,
		&binding.associated_data(),
	)
	.map_err(|_| EnvelopeError::Open)?;
	let key = opened.as_slice().try_into().map_err(|_| EnvelopeError::Open);
	opened.zeroize();
	key
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::organisation::{is_usable_hpke_key, SMALL_ORDER_X25519};

	fn binding() -> Binding {
		Binding {
			passport: PassportId([3; 32]),
			key_epoch: 2,
			grantee: OrganisationId(7),
		}
	}

	#[test]
	fn the_grantee_and_nobody_else_opens_an_envelope() {
		let (secret, public) = EnvelopeSecret::derive(b"thirty-two bytes of test secret!");
		let (other, _) = EnvelopeSecret::derive(b"another thirty-two bytes secret!");
		let envelope = seal(&[9; 32], &public, &binding()).unwrap();
		assert_eq!(open(&envelope, &secret, &binding()), Ok([9; 32]));
		assert_eq!(open(&envelope, &other, &binding()), Err(EnvelopeError::Open));
		assert_eq!(
			open(&envelope[..79], &secret, &binding()),
			Err(EnvelopeError::Length)
		);
	}

	#[test]
	fn an_envelope_moved_elsewhere_does_not_open() {
		let (secret, public) = EnvelopeSecret::derive(b"thirty-two bytes of test secret!");
		let envelope = seal(&[9; 32], &public, &binding()).unwrap();
		for moved in [
			Binding {
				passport: PassportId([4; 32]),
				..binding()
			},
			Binding {
				key_epoch: 3,
				..binding()
			},
			Binding {
				grantee: OrganisationId(8),
				..binding()
			},
		] {
			assert_eq!(
				open(&envelope, &secret, &moved),
				Err(EnvelopeError::Open),
				"{moved:?}"
			);
		}
		for index in 0..ENVELOPE_BYTES {
			let mut changed = envelope;
			changed[index] ^= 1;
			assert_eq!(
				open(&changed, &secret, &binding()),
				Err(EnvelopeError::Open),
				"byte {index}"
			);
		}
	}

	#[test]
	fn hpke_refuses_every_key_that_the_ledger_refuses() {
		for key in SMALL_ORDER_X25519 {
			assert_eq!(
				seal(&[9; 32], &key, &binding()),
				Err(EnvelopeError::PublicKey),
				"{key:02x?}"
			);
			assert!(!is_usable_hpke_key(&key));
		}
		let (_, public) = EnvelopeSecret::derive(b"thirty-two bytes of test secret!");
		assert!(is_usable_hpke_key(&public));
	}
}
