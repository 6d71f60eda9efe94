//! From the header of a final block to the values of its state that a proof shows.

use crate::{finality, Refusal, Trust};
use codec::{Decode, DecodeAll};
use passport_runtime_api::proof::{genesis_hash_key, time_key, StateProof};
use serde::Serialize;
use sp_consensus_grandpa::SetId;
use sp_core::H256;
use sp_runtime::traits::BlakeTwo256;
use sp_trie::{read_trie_value, LayoutV1, MemoryDB, StorageProof};

/// The block that a proof is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvenBlock {
	/// The network.
	pub genesis_hash: H256,
	/// Height of the block whose state it was.
	#[serde(rename = "blockNumber")]
	pub number: u32,
	/// Hash of that block.
	#[serde(rename = "blockHash")]
	pub hash: H256,
	/// When that block was made, in milliseconds since 1970, by its author's clock.
	#[serde(rename = "blockTimeMs")]
	pub time_ms: u64,
	/// The validator set that finalised it; 0 is that of the genesis.
	pub set_id: SetId,
}

/// The part of a state that the trie nodes of a proof show.
pub(crate) struct State {
	nodes: MemoryDB<BlakeTwo256>,
	root: H256,
}

impl State {
	/// Checks that the block is final, and that its state is one of the trusted network.
	pub fn open(proof: &StateProof, trust: &Trust) -> Result<(ProvenBlock, Self), Refusal> {
		let finalised = finality::check(proof, trust)?;
		let state = Self {
			// Found by their hashes: a node that was changed is one that is missing.
			nodes: StorageProof::new(proof.storage_proof.iter().map(|node| node.0.clone())).into_memory_db(),
			root: finalised.header.state_root,
		};
		let found: H256 = state.required(&genesis_hash_key(), "hash of the genesis")?;
		if found != trust.genesis_hash {
			return Err(Refusal::OtherNetwork {
				expected: trust.genesis_hash,
				found,
			});
		}
		let block = ProvenBlock {
			genesis_hash: trust.genesis_hash,
			number: finalised.header.number,
			hash: finalised.header.hash(),
			time_ms: state.required(&time_key(), "time")?,
			set_id: finalised.set_id,
		};
		Ok((block, state))
	}

	/// The value under a key; `None` when the trie nodes show that there is none.
	pub fn value<T: Decode>(&self, key: &[u8], what: &'static str) -> Result<Option<T>, Refusal> {
		read_trie_value::<LayoutV1<BlakeTwo256>, _>(&self.nodes, &self.root, key, None, None)
			.map_err(|_| Refusal::BrokenStorageProof { what })?
			.map(|value| T::decode_all(&mut value.as_slice()))
			.transpose()
			.map_err(|_| Refusal::UnknownForm { what })
	}

	fn required<T: Decode>(&self, key: &[u8], what: &'static str) -> Result<T, Refusal> {
		self.value(key, what)?.ok_or(Refusal::MissingValue { what })
	}
}
