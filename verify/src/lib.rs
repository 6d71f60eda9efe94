//! Checks offline what `passport_proof` answers: that a passport stood so in a finalised block of one network, is no longer
//! there, or never was.
//!
//! ## What is taken on trust
//!
//! A [`Trust`]: the network's genesis hash and its first validators, both from the chain specification, or a later validator set
//! that is known otherwise. And that less than a third of each validator set on the way, sets that have left included, signed
//! for another history. Nothing is asked of any node.
//!
//! ## What is checked
//!
//! 1. Each change of the validator set, from the trusted set on: the block that names the next set is justified by the set
//!    before it.
//! 2. The justification of the last header by the last set, and that the block in question is that one's ancestor.
//! 3. That the trie nodes lead from the block's state root to the passport's record, to its tombstone, or to a place where
//!    neither can be.
//! 4. That the same state names the network's genesis.
//!
//! The proof says nothing of later blocks: whoever made it may have chosen an old one. [`Proven`] has the block's number and time.
//!
//! Apart from that, [`verify_inclusion`] checks that a frame of a device is in a batch that a bridge has anchored. The anchor's root
//! and number of leaves are taken on trust there: from a node of one's own.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod finality;
mod inclusion;
mod input;
mod ledger;
mod refusal;
mod trust;

pub use inclusion::{
	read_batch, read_inclusion, verify_inclusion, Anchored, Included, InclusionFileError, Signer,
};
pub use input::{read_proof, ProofFileError};
pub use ledger::Record;
pub use refusal::Refusal;
pub use trust::{Trust, TrustError};

use passport_primitives::battery::PassportId;
use passport_runtime_api::proof::PassportProof;
use serde::Serialize;
use sp_consensus_grandpa::SetId;
use sp_core::H256;
use sp_runtime::{generic, traits::BlakeTwo256};

/// A block's header. It mirrors `runtime/src/lib.rs`, as the node's does.
pub type Header = generic::Header<u32, BlakeTwo256>;

/// What a proof has proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proven {
	/// The network.
	pub genesis_hash: H256,
	/// Height of the block whose state it was.
	pub block_number: u32,
	/// Hash of that block.
	pub block_hash: H256,
	/// When that block was made, in milliseconds since 1970, by its author's clock.
	pub block_time_ms: u64,
	/// The validator set that finalised it; 0 is that of the genesis.
	pub set_id: SetId,
	/// Key of the passport: SHA-256 of the battery's unique identifier.
	pub passport_id: PassportId,
	/// What the ledger held under that key.
	pub passport: Record,
}

/// Checks a proof against what is trusted.
///
/// The proof is about `proof.passport_id`, which the one who made it has chosen: compare it with the passport in question.
pub fn verify(proof: &PassportProof, trust: &Trust) -> Result<Proven, Refusal> {
	let finalised = finality::check(proof, trust)?;
	let passport_id = PassportId(proof.passport_id.to_fixed_bytes());
	let state = ledger::check(
		&proof.storage_proof,
		finalised.header.state_root,
		&passport_id,
		trust.genesis_hash,
	)?;
	Ok(Proven {
		genesis_hash: trust.genesis_hash,
		block_number: finalised.header.number,
		block_hash: finalised.header.hash(),
		block_time_ms: state.time_ms,
		set_id: finalised.set_id,
		passport_id,
		passport: state.record,
	})
}
