//! What `passport_proof` answers and `passport-verify` checks: the shape of a proof, and the keys that it covers.
//!
//! Bytes that are hashed or signed stay bytes here, SCALE in hex: a verifier must hash what was signed, not what a decoder
//! made of it.

use crate::Hex;
use passport_primitives::battery::PassportId;
use serde::{Deserialize, Serialize};
use sp_core::H256;
use sp_io::hashing::{blake2_128, twox_128, twox_64};

/// Most headers between the block that is proved and the block whose justification proves it. One block in 64 keeps its
/// justification, so that more are between only where finality had stopped.
pub const MAX_ANCESTRY: u32 = 512;

/// Everything that a verifier needs to know besides the validators that it trusts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PassportProof {
	/// Key of the passport on the ledger: SHA-256 of its unique identifier.
	pub passport_id: H256,
	/// Header of the block whose state is proved, SCALE.
	pub header: Hex,
	/// Trie nodes on the ways from the header's state root to [`proved_keys`], or to where such a way ends.
	pub storage_proof: Vec<Hex>,
	/// Headers from the child of `header` up to the justified block, SCALE; empty when `header` is that block itself. At most
	/// [`MAX_ANCESTRY`].
	pub ancestry: Vec<Hex>,
	/// GRANDPA justification of the last header of `ancestry`, else of `header`, SCALE.
	pub justification: Hex,
	/// The validator set that the first of `set_changes` hands over from; without any, the one that signed `justification`.
	/// 0 is the set of the genesis.
	pub first_set: u64,
	/// Each change of the validator set from there up to the set that signed `justification`, in order.
	pub set_changes: Vec<SetChange>,
}

/// A block whose header names the next validator set, justified by the set before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetChange {
	/// Header with the digest that names the next set, SCALE.
	pub header: Hex,
	/// Its GRANDPA justification, SCALE.
	pub justification: Hex,
}

/// Storage keys that a proof covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedKeys {
	/// `Passport::Passports`: the record of a live passport.
	pub passport: Vec<u8>,
	/// `Passport::Tombstones`: what is left of a passport that ceased to exist.
	pub tombstone: Vec<u8>,
	/// `System::BlockHash` of block 0, which the ledger never drops: it ties the state to one network. Signatures of
	/// GRANDPA do not, so that validators with the same keys in two networks would sign for both.
	pub genesis_hash: Vec<u8>,
	/// `Timestamp::Now`: when the block was made, in milliseconds since 1970.
	pub time: Vec<u8>,
}

/// The keys that a proof about `passport` covers. Names of pallets and storage are part of the ledger's interface: the
/// runtime holds them by a test.
pub fn proved_keys(passport: &PassportId) -> ProvedKeys {
	let by_passport = |storage: &str| {
		let mut key = prefix("Passport", storage);
		key.extend(blake2_128(&passport.0));
		key.extend(passport.0);
		key
	};
	let genesis = 0u32.to_le_bytes();
	let mut genesis_hash = prefix("System", "BlockHash");
	genesis_hash.extend(twox_64(&genesis));
	genesis_hash.extend(genesis);
	ProvedKeys {
		passport: by_passport("Passports"),
		tombstone: by_passport("Tombstones"),
		genesis_hash,
		time: prefix("Timestamp", "Now"),
	}
}

/// Key of `Grandpa::Authorities`: the first validator set in the state of the genesis.
pub fn authorities_key() -> Vec<u8> {
	prefix("Grandpa", "Authorities")
}

fn prefix(pallet: &str, storage: &str) -> Vec<u8> {
	[twox_128(pallet.as_bytes()), twox_128(storage.as_bytes())].concat()
}
