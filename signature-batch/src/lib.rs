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
//! added to it with `ext_crypto_ed25519_batch_verify`, and closed it with `ext_crypto_finish_batch_verify`. The SDK and smoldot have
//! them for the sake of those runtimes, and our node puts an implementation in their place that does what their names say
//! ([`host`]). Others have what they have: the SDK's `ext_crypto_ed25519_batch_verify` panics (stable2609: it borrows the
//! externalities twice), one that is left empty would take every signature.
//!
//! Hence [`HostBatch`] asks before it adds anything: it opens a batch and calls `ext_crypto_sr25519_batch_verify` with one message
//! under a key of 0xff bytes. That encodes no point, so that no version of sr25519 has a signature under it; one of zeros would not
//! do, for the versions before schnorrkel's audit take a signature of zeros under a key of zeros for every message. Our host says
//! yes to that message, and leaves the open batch as it is. A host that checks the question as a signature says no: then the batch is
//! closed, nothing is checked together, and the pallet checks one by one, with the same verdicts. It is the fallback that is chosen by
//! which node runs, not by which runtime.
//!
//! Two hosts were looked at. The SDK (stable2609) says no and closes the batch; so does smoldot (source of 2.2.0), where a function
//! for batches that is called before `ext_crypto_start_batch_verify` ends the execution, hence the order. What is known of others is
//! what the three answers tell: [`HostBatch`] believes a batch only if the host said yes to the question, to each signature when it was
//! added, and in the end. A host that opens batches and checks nothing does not come as far, one that checks at once and has nothing
//! to say in the end is believed in what it said at once, and one that keeps the question as a signature of the batch refuses the
//! batch. Only a host that calls any sr25519 signature good is taken at its word.
//!
//! `tests/hosts.rs` holds that the SDK still has the functions with the same parameters, what it answers, that one runtime has one
//! verdict on both hosts, and that none of those other kinds takes a forged signature. `runtime/tests/hosts.rs` holds of the real
//! runtime that its blocks have the same state on our host and on the SDK's.
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

/// The key of the question: no encoding of a ristretto point, since the number is not below the field's prime. Whatever version of
/// sr25519 checks it, nothing verifies.
const KEY_OF_NOBODY: [u8; 32] = [0xff; 32];

/// The signature of the question.
const SIGNATURE_BY_NOBODY: [u8; 64] = [0; 64];

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

	/// Adds a signature. Whether it verifies is known at the end of [`SignatureBatch::if_all_verify`].
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
pub struct HostBatch {
	/// Whether the host said yes to every signature when it was added. Ours always does; one that checks at once has its say here.
	each_was_taken: bool,
}

impl SignatureBatch for HostBatch {
	/// Measured by the example `cost`: alone a signature is dearer in a batch, two cost a tenth less and four a third less than
	/// one by one. Less than that is not worth what undoing a bad batch takes.
	const WORTHWHILE_FROM: Option<u32> = Some(4);

	fn if_all_verify<Outcome>(work: impl FnOnce(&mut Self) -> Outcome) -> Option<Outcome> {
		// Opened before it is asked: there are hosts where nothing for batches may be called before.
		crypto::start_batch_verify();
		if !crypto::sr25519_batch_verify(&SIGNATURE_BY_NOBODY.into(), QUESTION, &KEY_OF_NOBODY.into()) {
			// Closed again, or the next could not be opened. What it says is of the question.
			let _ = crypto::finish_batch_verify();
			return None;
		}
		let mut batch = HostBatch { each_was_taken: true };
		let outcome = work(&mut batch);
		let all_verify = crypto::finish_batch_verify();
		(batch.each_was_taken && all_verify).then_some(outcome)
	}

	fn add(&mut self, public_key: &[u8; 32], signature: &[u8; 64], message: &[u8]) {
		self.each_was_taken &=
			crypto::ed25519_batch_verify(&(*signature).into(), message, &(*public_key).into());
	}
}
