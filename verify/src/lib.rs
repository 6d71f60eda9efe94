//! Checks offline what `passport_proof` answers: that a passport stood so in a finalised block of one network, is no longer
//! there, or never was. In the same way it checks answers of `passport_anchorProof`, that a frame is in a batch which a bridge has
//! anchored and that a battery's device signed it; and of `passport_deviceProof`, that frames are a device's complete history.
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
//! 3. That the trie nodes lead from the block's state root to what the proof is about: the passport's record, its tombstone, or a
//!    place where neither can be; or the anchor, the device, its page and its former keys.
//! 4. That the same state names the network's genesis.
//! 5. Of a frame: that it leads to the anchor's root, and that one of the device's keys signed it. Of a history: that the rolling
//!    hash over its frames is the device's.
//!
//! ## What is in question
//!
//! Whoever answered has chosen what the answer is about. So [`verify_history`] is told the device and [`verify_inclusion`] the frame
//! ([`AskedFrame`]), and they refuse an answer about another; of a passport, compare [`Proven::passport_id`].
//!
//! The proof says nothing of later blocks: whoever made it may have chosen an old one. [`ProvenBlock`] has its number and time.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod device;
mod finality;
mod history;
mod inclusion;
mod input;
mod ledger;
mod refusal;
mod state;
mod trust;

pub use device::ProvenDevice;
pub use history::{verify_history, ProvenHistory, RollingHash};
pub use inclusion::{read_batch, read_inclusion, verify_inclusion, AskedFrame, Included, InclusionFileError};
pub use input::{read_anchor_proof, read_device_proof, read_proof, ProofFileError};
pub use ledger::Record;
pub use refusal::Refusal;
pub use state::ProvenBlock;
pub use trust::{Trust, TrustError};

use passport_primitives::battery::PassportId;
use passport_runtime_api::proof::PassportProof;
use serde::Serialize;
use sp_runtime::{generic, traits::BlakeTwo256};

/// A block's header. It mirrors `runtime/src/lib.rs`, as the node's does.
pub type Header = generic::Header<u32, BlakeTwo256>;

/// What the proof of a passport has proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proven {
	/// The block.
	#[serde(flatten)]
	pub block: ProvenBlock,
	/// Key of the passport: SHA-256 of the battery's unique identifier.
	pub passport_id: PassportId,
	/// What the ledger held under that key.
	pub passport: Record,
}

/// Checks the proof of a passport against what is trusted.
///
/// The proof is about `proof.passport_id`, which the one who made it has chosen: compare it with the passport in question.
pub fn verify(proof: &PassportProof, trust: &Trust) -> Result<Proven, Refusal> {
	let (block, state) = state::State::open(&proof.state, trust)?;
	let passport_id = PassportId(proof.passport_id.to_fixed_bytes());
	Ok(Proven {
		block,
		passport_id,
		passport: ledger::read(&state, &passport_id)?,
	})
}
