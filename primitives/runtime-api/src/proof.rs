//! What `passport_proof`, `passport_deviceProof` and `passport_anchorProof` answer and `passport-verify` checks: the shape of a
//! proof, and the keys that it covers.
//!
//! Bytes that are hashed or signed stay bytes here, SCALE in hex: a verifier must hash what was signed, not what a decoder
//! made of it.

use crate::Hex;
use codec::Encode;
use passport_primitives::{battery::PassportId, organisation::OrganisationId, telemetry::anchor::AnchorId};
use serde::{Deserialize, Serialize};
use sp_core::H256;
use sp_io::hashing::{blake2_128, twox_128, twox_64};

/// Most headers between the block that is proved and the block whose justification proves it. One block in 64 keeps its
/// justification, so that more are between only where finality had stopped.
pub const MAX_ANCESTRY: u32 = 512;

/// Devices whose states share one storage value: `DEVICES_PER_PAGE` of the telemetry pallet, which a test of the runtime holds
/// this to.
pub const DEVICES_PER_PAGE: u32 = 16;

/// Proof of what stood in the state of a final block. With the keys that it is about it is everything that a verifier needs to
/// know besides the validators that it trusts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StateProof {
	/// Header of the block whose state is proved, SCALE.
	pub header: Hex,
	/// Trie nodes on the ways from the header's state root to the keys, or to where such a way ends.
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

/// Proof of what the ledger held of a passport: of [`proved_keys`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PassportProof {
	/// Key of the passport on the ledger: SHA-256 of its unique identifier.
	pub passport_id: H256,
	/// The proof itself.
	#[serde(flatten)]
	pub state: StateProof,
}

/// Proof of what the ledger held of a device: of [`device_keys`]. An [`AnchorProof`] is read as one as well, since it has these
/// fields and covers these keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceProof {
	/// Number of the device.
	pub device: u32,
	/// The proof itself.
	#[serde(flatten)]
	pub state: StateProof,
}

/// Proof of what the ledger held of an anchor and of a device that has frames in it: of [`anchor_key`] and [`device_keys`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnchorProof {
	/// Who anchored it.
	pub bridge: OrganisationId,
	/// In which of its streams.
	pub stream: u32,
	/// Its number in the stream, from 0.
	pub number: u64,
	/// Number of the device.
	pub device: u32,
	/// The proof itself.
	#[serde(flatten)]
	pub state: StateProof,
}

impl AnchorProof {
	/// Which anchor.
	pub fn anchor(&self) -> AnchorId {
		AnchorId {
			bridge: self.bridge,
			stream: self.stream,
			number: self.number,
		}
	}
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

/// Storage keys that a proof of a passport covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedKeys {
	/// `Passport::Passports`: the record of a live passport.
	pub passport: Vec<u8>,
	/// `Passport::Tombstones`: what is left of a passport that ceased to exist.
	pub tombstone: Vec<u8>,
	/// [`genesis_hash_key`].
	pub genesis_hash: Vec<u8>,
	/// [`time_key`].
	pub time: Vec<u8>,
}

/// The keys that a proof about `passport` covers. Names of pallets and storage are part of the ledger's interface: the
/// runtime holds them by a test.
pub fn proved_keys(passport: &PassportId) -> ProvedKeys {
	ProvedKeys {
		passport: map_key("Passport", "Passports", &passport.0),
		tombstone: map_key("Passport", "Tombstones", &passport.0),
		genesis_hash: genesis_hash_key(),
		time: time_key(),
	}
}

/// Storage keys that a proof of a device covers, and that of an anchor with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceKeys {
	/// `Telemetry::Pages`: the page with the device and its state, at `device % DEVICES_PER_PAGE`.
	pub page: Vec<u8>,
	/// `Telemetry::FormerKeys`: the keys that the device had before its present one.
	pub former_keys: Vec<u8>,
	/// [`genesis_hash_key`].
	pub genesis_hash: Vec<u8>,
	/// [`time_key`].
	pub time: Vec<u8>,
}

/// The keys that a proof about the device of this number covers.
pub fn device_keys(device: u32) -> DeviceKeys {
	DeviceKeys {
		page: map_key("Telemetry", "Pages", &(device / DEVICES_PER_PAGE).encode()),
		former_keys: map_key("Telemetry", "FormerKeys", &device.encode()),
		genesis_hash: genesis_hash_key(),
		time: time_key(),
	}
}

/// Key of `Telemetry::Anchors`: a batch that a bridge has anchored.
pub fn anchor_key(anchor: &AnchorId) -> Vec<u8> {
	map_key("Telemetry", "Anchors", &anchor.encode())
}

/// Key of `System::BlockHash` of block 0, which the ledger never drops: it ties the state to one network. Signatures of GRANDPA do
/// not, so that validators with the same keys in two networks would sign for both.
pub fn genesis_hash_key() -> Vec<u8> {
	let genesis = 0u32.to_le_bytes();
	let mut key = prefix("System", "BlockHash");
	key.extend(twox_64(&genesis));
	key.extend(genesis);
	key
}

/// Key of `Timestamp::Now`: when the block was made, in milliseconds since 1970.
pub fn time_key() -> Vec<u8> {
	prefix("Timestamp", "Now")
}

/// Key of `Grandpa::Authorities`: the first validator set in the state of the genesis.
pub fn authorities_key() -> Vec<u8> {
	prefix("Grandpa", "Authorities")
}

/// Key of an entry in a map whose keys are hashed by `Blake2_128Concat`, as those of the ledger's own pallets are.
fn map_key(pallet: &str, storage: &str, key: &[u8]) -> Vec<u8> {
	let mut full = prefix(pallet, storage);
	full.extend(blake2_128(key));
	full.extend(key);
	full
}

fn prefix(pallet: &str, storage: &str) -> Vec<u8> {
	[twox_128(pallet.as_bytes()), twox_128(storage.as_bytes())].concat()
}
