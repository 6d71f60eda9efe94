//! The batch that a runtime has opened and not closed yet.

use core::any::{Any, TypeId};
use ed25519_zebra::{
	batch::{Item, Verifier},
	Signature, VerificationKeyBytes,
};
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};
use sp_core::ed25519;
use sp_externalities::Extension;

/// Lives as an extension of the runtime call that opened it, and ends with it.
#[derive(Default)]
pub struct OpenBatch {
	ed25519: Vec<Item>,
	/// Whether one that is checked when it is added does not verify.
	one_is_bad: bool,
}

impl Extension for OpenBatch {
	fn as_mut_any(&mut self) -> &mut dyn Any {
		self
	}

	fn type_id(&self) -> TypeId {
		TypeId::of::<Self>()
	}
}

impl OpenBatch {
	/// Adds a signature that is checked with the others. The message is hashed now and need not be kept.
	pub fn add(&mut self, signature: &ed25519::Signature, message: &[u8], public_key: &ed25519::Public) {
		self.ed25519.push(Item::from((
			VerificationKeyBytes::from(public_key.0),
			Signature::from_bytes(&signature.0),
			message,
		)));
	}

	/// Adds one that was checked.
	pub fn add_checked(&mut self, verifies: bool) {
		self.one_is_bad |= !verifies;
	}

	/// Whether all verify. Draws one seed from the operating system for all the random numbers: 256 system calls would cost as
	/// much as two signatures.
	///
	/// A system that has no random numbers has each signature checked by itself: the verdict is part of what validators agree
	/// on, and must not depend on the machine.
	pub fn all_verify(self) -> bool {
		if self.one_is_bad {
			return false;
		}
		let Ok(random) = ChaCha20Rng::from_rng(OsRng) else {
			return self.ed25519.into_iter().all(|item| item.verify_single().is_ok());
		};
		let mut together = Verifier::new();
		for item in self.ed25519 {
			together.queue(item);
		}
		together.verify(random).is_ok()
	}
}
