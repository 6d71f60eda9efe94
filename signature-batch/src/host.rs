//! The batch functions of the Polkadot host, implemented as their names say. The SDK has them for old runtimes only and checks
//! each signature when it is added.
//!
//! A node puts them over the SDK's:
//!
//! ```
//! type HostFunctions = sc_executor::sp_wasm_interface::ExtendedHostFunctions<
//!     sp_io::SubstrateHostFunctions,
//!     passport_signature_batch::host::crypto::HostFunctions,
//! >;
//! # fn is_a_set_of_host_functions<T: sc_executor::HostFunctions>() {}
//! # is_a_set_of_host_functions::<HostFunctions>();
//! ```

// What the macro makes for a runtime calls imported functions, and leaves the trait unused.
#![allow(unsafe_code)]
#![cfg_attr(substrate_runtime, allow(dead_code))]

#[cfg(not(any(feature = "std", substrate_runtime)))]
extern crate alloc;

#[cfg(not(substrate_runtime))]
mod open_batch;

#[cfg(not(substrate_runtime))]
use crate::{KEY_OF_NOBODY, QUESTION, SIGNATURE_BY_NOBODY};
#[cfg(not(any(feature = "std", substrate_runtime)))]
use alloc::vec::Vec;
#[cfg(not(substrate_runtime))]
use open_batch::OpenBatch;
#[cfg(not(substrate_runtime))]
use sp_core::Pair;
use sp_core::{ecdsa, ed25519, sr25519};
#[cfg(not(substrate_runtime))]
use sp_externalities::ExternalitiesExt;
use sp_runtime_interface::{
	pass_by::{PassFatPointerAndRead, PassPointerAndRead},
	runtime_interface,
};

/// Batches of signatures. The name is a part of the functions' names: `ext_crypto_...`.
///
/// All five are here, not only those that our runtime calls: the SDK's functions for the other two kinds of signatures would
/// not find the batch that is open here, and a bad signature would be forgotten.
#[runtime_interface]
pub trait Crypto {
	/// Opens a batch. One that was left open is dropped.
	fn start_batch_verify(&mut self) {
		let _ = self.deregister_extension::<OpenBatch>();
		// Where a host has no extensions there is no batch, and closing it says that it does not verify.
		let _ = self.register_extension(OpenBatch::default());
	}

	/// Adds an Ed25519 signature to the open batch and returns true. Without one, checks it and returns the verdict.
	fn ed25519_batch_verify(
		&mut self,
		signature: PassPointerAndRead<&ed25519::Signature, 64>,
		message: PassFatPointerAndRead<&[u8]>,
		public_key: PassPointerAndRead<&ed25519::Public, 32>,
	) -> bool {
		match self.extension::<OpenBatch>() {
			Some(batch) => {
				batch.add(signature, message, public_key);
				true
			}
			None => ed25519::Pair::verify(signature, message, public_key),
		}
	}

	/// Answers yes to the question whether signatures are checked together here, a message that is signed by nobody, and leaves the
	/// open batch as it is. Else checks an sr25519 signature, and the open batch verifies only if it does.
	fn sr25519_batch_verify(
		&mut self,
		signature: PassPointerAndRead<&sr25519::Signature, 64>,
		message: PassFatPointerAndRead<&[u8]>,
		public_key: PassPointerAndRead<&sr25519::Public, 32>,
	) -> bool {
		if message == QUESTION && public_key.0 == KEY_OF_NOBODY && signature.0 == SIGNATURE_BY_NOBODY {
			return true;
		}
		let verifies = sr25519::Pair::verify(signature, message, public_key);
		if let Some(batch) = self.extension::<OpenBatch>() {
			batch.add_checked(verifies);
		}
		verifies
	}

	/// Checks an ECDSA signature, and the open batch verifies only if it does. No runtime of ours calls it.
	#[version(1, register_only)]
	fn ecdsa_batch_verify(
		&mut self,
		signature: PassPointerAndRead<&ecdsa::Signature, 65>,
		message: PassFatPointerAndRead<&[u8]>,
		public_key: PassPointerAndRead<&ecdsa::Public, 33>,
	) -> bool {
		let verifies = ecdsa::Pair::verify(signature, message, public_key);
		if let Some(batch) = self.extension::<OpenBatch>() {
			batch.add_checked(verifies);
		}
		verifies
	}

	/// Closes the batch and returns whether all signatures in it verify. Without one, nothing does.
	fn finish_batch_verify(&mut self) -> bool {
		let batch = self.extension::<OpenBatch>().map(core::mem::take);
		let _ = self.deregister_extension::<OpenBatch>();
		batch.is_some_and(OpenBatch::all_verify)
	}
}
