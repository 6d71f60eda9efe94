//! Many Ed25519 signatures checked at once, with the verdict of checking each.
//!
//! A batch of the telemetry pallet has up to 256 signatures, and they are most of what it computes. Checked together they cost
//! less than half. This crate is both ends of that: [`SignatureBatch`] is what a pallet asks for, [`HostBatch`] asks the host, and
//! [`host`] is what the node puts in the place of the SDK's functions.
//!
//! To check a single signature use `sp_io::crypto::ed25519_verify`.
//!
//! ## The verdict
//!
//! Signatures are decided by ZIP-215. For the signature `(R, s)` of a message under the key `A`, with the challenge `k`, it
//! asks for encodings of points in `A` and `R` (also non-canonical ones), for `s` below the order `l` of the group, and for
//! `D = 8 (s B - R - k A) = 0`.
//!
//! A batch asks for the same encodings and for `z1 D1 + z2 D2 + ... = 0`, with a secret random number of 128 bits for each
//! signature.
//!
//! - **All verify, so the batch does**: every `D` is 0, and so is the sum. No probability is in it.
//! - **The batch verifies, so all do**: the factor 8 puts each `D` into the group of the prime order `l`, where points of small
//!   order do not exist any more. Be one of them not 0: whatever the other numbers are, at most one remainder modulo `l` of its
//!   `z` makes the sum 0, and 2^128 equally likely ones are possible, all different since `l` is larger than 2^252. A wrong
//!   verdict has a probability of 2^-128.
//!
//! Nobody can try until it happens: the numbers are drawn from the operating system's generator after the batch is complete,
//! by each node for itself, and they never leave it. A batch without the factor 8, which other libraries verify, is decided
//! differently from its signatures where points of small order are in it: validators would disagree.
//!
//! A batch that does not verify says nothing about which signature is bad: the pallet then checks them one by one, and what it
//! says of each is what it said without this crate. A host that can not draw random numbers checks
//! each by itself and says whether all verify: its answer is part of what validators agree on.
//!
//! ## Hosts that do not know this crate
//!
//! A runtime can not ask whether its host has a function. One that imports a name that the host has not is not even
//! instantiated; with `allow_missing_host_functions`, which nodes do not set for blocks, it is, and the call then ends the
//! block's execution. Both are a node that stops, not one that falls back.
//!
//! So there is no new name. Runtimes of the first years of Substrate opened a batch with `ext_crypto_start_batch_verify`,
//! added to it with `ext_crypto_ed25519_batch_verify`, and closed it with `ext_crypto_finish_batch_verify`. Every host has
//! them for the sake of those runtimes, and our node puts an implementation in their place that does what their names say
//! ([`host`]). Others have what they have: the SDK's `ext_crypto_ed25519_batch_verify` panics (stable2609: it borrows the
//! externalities twice), one that is left empty would take every signature.
//!
//! Hence [`HostBatch`] asks first, by a question that each host answers: `ext_crypto_sr25519_batch_verify` with a signature and a
//! key of zeros, which is none (an sr25519 signature has the highest bit of its last byte set). Our host says yes to it, for one
//! message, and every other says no. Where the answer is no, nothing is checked together: the pallet checks one by one, with the same
//! verdicts. It is the fallback that is chosen by which node runs, not by which runtime. `tests/hosts.rs` holds that the SDK still has
//! the functions with the same parameters, what it answers, and that one runtime has one verdict on both hosts.
//!
//! ## Weight
//!
//! A pallet charges for a signature that is added what one costs that is checked by itself. On our node that is more than it
//! takes; a host that checks one by one needs it. Were the weight that of a batch, blocks could be filled with twice as many
//! signatures as such a host checks in time, and it would fall behind.

#![cfg_attr(not(feature = "std"), no_std)]

pub mod host;

use host::crypto;

/// The message of the question whether a host checks signatures together.
const QUESTION: &[u8] = b"battery-passport: are signatures checked together here?";

/// How a batch of signatures is checked.
pub trait SignatureBatch: Sized {
	/// From how many signatures on it pays to check them together; `None` where it never does.
	const WORTHWHILE_FROM: Option<u32>;

	/// Runs `work`, which adds signatures, and returns its outcome if all of them verify. `None` says that not all do, or that
	/// this host checks none together: each is then to be checked by itself. What of the two it was depends on the host, so nothing
	/// that validators agree on may depend on `None`.
	///
	/// `work` must not open another batch: hosts have one.
	fn if_all_verify<Outcome>(work: impl FnOnce(&mut Self) -> Outcome) -> Option<Outcome>;

	/// Adds a signature. Whether it verifies is known at the end.
	fn add(&mut self, public_key: &[u8; 32], signature: &[u8; 64], message: &[u8]);
}

/// Never checks signatures together.
pub enum OneByOne {}

impl SignatureBatch for OneByOne {
	const WORTHWHILE_FROM: Option<u32> = None;

	fn if_all_verify<Outcome>(_: impl FnOnce(&mut Self) -> Outcome) -> Option<Outcome> {
		None
	}

	fn add(&mut self, _: &[u8; 32], _: &[u8; 64], _: &[u8]) {
		match *self {}
	}
}

/// Checks signatures together, on a host that can; on another, none.
pub struct HostBatch(());

impl SignatureBatch for HostBatch {
	/// Measured by the example `cost`: alone a signature is dearer in a batch, two cost a tenth less and four a third less than
	/// one by one. Less than that is not worth what undoing a bad batch takes.
	const WORTHWHILE_FROM: Option<u32> = Some(4);

	fn if_all_verify<Outcome>(work: impl FnOnce(&mut Self) -> Outcome) -> Option<Outcome> {
		if !crypto::sr25519_batch_verify(&[0; 64].into(), QUESTION, &[0; 32].into()) {
			return None;
		}
		crypto::start_batch_verify();
		let outcome = work(&mut HostBatch(()));
		crypto::finish_batch_verify().then_some(outcome)
	}

	fn add(&mut self, public_key: &[u8; 32], signature: &[u8; 64], message: &[u8]) {
		// It was added. The verdict comes at the end.
		let _ = crypto::ed25519_batch_verify(&(*signature).into(), message, &(*public_key).into());
	}
}
