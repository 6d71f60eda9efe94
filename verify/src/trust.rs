//! What a verifier begins with.

use crate::Header;
use codec::DecodeAll;
use passport_runtime_api::{proof::authorities_key, Hex};
use serde::{de::IgnoredAny, Deserialize};
use sp_consensus_grandpa::{AuthorityId, AuthorityList, AuthorityWeight, SetId};
use sp_core::{ed25519, H256};
use sp_runtime::{traits::BlakeTwo256, Digest};
use sp_trie::{empty_trie_root, LayoutV1, TrieConfiguration};
use std::collections::BTreeMap;

/// A network, and validators of it that are known to be the right ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
	/// Hash of the network's first block.
	pub genesis_hash: H256,
	/// Number of the set: 0 for that of the genesis.
	pub set_id: SetId,
	/// GRANDPA keys of the set and the weights of their votes.
	pub authorities: AuthorityList,
}

/// Why a file says nothing to trust.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
	/// No chain specification, or one that is not raw: only raw storage can be hashed.
	#[error("this is no raw chain specification: {0}")]
	NotARawSpecification(#[source] serde_json::Error),
	/// The genesis has child storage, which this network never has.
	#[error("the chain specification has child storage, which no genesis of this ledger has")]
	ChildStorage,
	/// No validators in the genesis, or not in this ledger's form.
	#[error("the chain specification names no GRANDPA validators")]
	NoValidators,
	/// The list of validators is not of the form that it should be.
	#[error("this is no list of validators as [[\"0x…\", 1], …]: {0}")]
	NotAList(#[source] serde_json::Error),
}

#[derive(Deserialize)]
struct ChainSpecification {
	genesis: Genesis,
}

#[derive(Deserialize)]
struct Genesis {
	raw: RawGenesis,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawGenesis {
	top: BTreeMap<Hex, Hex>,
	#[serde(default)]
	children_default: BTreeMap<Hex, IgnoredAny>,
}

impl Trust {
	/// The genesis hash and the first validators of a raw chain specification, the file that a node is started with.
	pub fn from_chain_specification(json: &[u8]) -> Result<Self, TrustError> {
		let ChainSpecification {
			genesis: Genesis { raw },
		} = serde_json::from_slice(json).map_err(TrustError::NotARawSpecification)?;
		if !raw.children_default.is_empty() {
			return Err(TrustError::ChildStorage);
		}
		let authorities = raw
			.top
			.get(&Hex(authorities_key()))
			.and_then(|value| AuthorityList::decode_all(&mut value.0.as_slice()).ok())
			.ok_or(TrustError::NoValidators)?;
		let genesis = Header {
			parent_hash: H256::zero(),
			number: 0,
			state_root: LayoutV1::<BlakeTwo256>::trie_root(
				raw.top.iter().map(|(key, value)| (&key.0, &value.0)),
			),
			extrinsics_root: empty_trie_root::<LayoutV1<BlakeTwo256>>(),
			digest: Digest::default(),
		};
		Ok(Self {
			genesis_hash: genesis.hash(),
			set_id: 0,
			authorities,
		})
	}

	/// The validators of set `set_id`, as a JSON list of GRANDPA keys (0x and 64 hex digits) and weights.
	pub fn from_list(json: &[u8], genesis_hash: H256, set_id: SetId) -> Result<Self, TrustError> {
		let list: Vec<(H256, AuthorityWeight)> =
			serde_json::from_slice(json).map_err(TrustError::NotAList)?;
		let authorities = list
			.into_iter()
			.map(|(key, weight)| {
				let key = ed25519::Public::from_raw(key.to_fixed_bytes());
				(AuthorityId::from(key), weight)
			})
			.collect();
		Ok(Self {
			genesis_hash,
			set_id,
			authorities,
		})
	}
}
