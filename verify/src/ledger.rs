//! From a block's state root to what the ledger held of a passport.

use crate::Refusal;
use codec::{Decode, DecodeAll};
use passport_primitives::{
	battery::{Commitment, DocumentHash, PassportId, DATA_SETS},
	life_cycle::{Publication, Status},
	organisation::OrganisationId,
};
use passport_runtime_api::{proof::proved_keys, Hex};
use serde::Serialize;
use sp_core::H256;
use sp_runtime::traits::BlakeTwo256;
use sp_trie::{read_trie_value, LayoutV1, MemoryDB, StorageProof};

/// What the ledger held under a passport's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "state")]
pub enum Record {
	/// A live passport.
	Live {
		/// The unique identifier, Art. 77(3).
		unique_identifier: String,
		/// The protocol's battery id, where there is one.
		alias: Option<String>,
		/// Who answers for the data, Art. 77(4).
		responsible_operator: OrganisationId,
		/// Who owns the battery.
		owner: OrganisationId,
		/// Who operates the battery.
		operated_by: OrganisationId,
		/// Status of Annex XIII point 4.
		status: Status,
		/// What has become of the record.
		publication: Publication,
		/// Commitments to data sets 1 to 4.
		commitments: [Option<Commitment>; DATA_SETS],
		/// Raised by one with each update of a commitment.
		version: u32,
		/// Head of the history's hash chain.
		history_head: DocumentHash,
		/// Entries in the history.
		history_length: u32,
		/// Block of the registration.
		registered_at: u32,
	},
	/// It ceased to exist after recycling, Art. 77(8).
	Ceased {
		/// Who recycled the battery.
		recycler: OrganisationId,
		/// Number of the recycling batch.
		batch: u32,
		/// Block in which it was closed.
		closed_at: u32,
		/// Last head of the history's hash chain.
		history_head: DocumentHash,
		/// Entries in the history.
		history_length: u32,
	},
	/// No passport of this key was ever registered.
	Absent,
}

/// What a block's state said.
pub(crate) struct LedgerState {
	/// When the block was made, in milliseconds since 1970.
	pub time_ms: u64,
	/// What it held of the passport.
	pub record: Record,
}

/// Reads a passport from the trie nodes, if they belong to the state with this root and the state to this network.
pub(crate) fn check(
	nodes: &[Hex],
	state_root: H256,
	passport: &PassportId,
	genesis_hash: H256,
) -> Result<LedgerState, Refusal> {
	let keys = proved_keys(passport);
	let state = State {
		// Found by their hashes: a node that was changed is one that is missing.
		nodes: StorageProof::new(nodes.iter().map(|node| node.0.clone())).into_memory_db(),
		root: state_root,
	};

	let found: H256 = state.required(&keys.genesis_hash, "hash of the genesis")?;
	if found != genesis_hash {
		return Err(Refusal::OtherNetwork {
			expected: genesis_hash,
			found,
		});
	}
	let time_ms = state.required(&keys.time, "time")?;
	let live = state
		.value(&keys.passport, "passport")?
		.map(|passport| live(&passport));
	let ceased = state
		.value(&keys.tombstone, "tombstone")?
		.map(|tombstone| ceased(&tombstone));
	Ok(LedgerState {
		time_ms,
		record: live.or(ceased).unwrap_or(Record::Absent),
	})
}

fn live(passport: &pallet_passport::Passport<u32>) -> Record {
	Record::Live {
		unique_identifier: text(&passport.unique_identifier),
		alias: passport.alias.map(|alias| text(&alias)),
		responsible_operator: passport.responsible_operator,
		owner: passport.owner,
		operated_by: passport.operated_by,
		status: passport.status,
		publication: passport.publication,
		commitments: passport.commitments,
		version: passport.version,
		history_head: DocumentHash(passport.history_head),
		history_length: passport.history_length,
		registered_at: passport.registered_at,
	}
}

fn ceased(tombstone: &pallet_passport::Tombstone<u32>) -> Record {
	Record::Ceased {
		recycler: tombstone.recycler,
		batch: tombstone.batch.0,
		closed_at: tombstone.closed_at,
		history_head: DocumentHash(tombstone.history_head),
		history_length: tombstone.history_length,
	}
}

/// Printable ASCII: the ledger takes nothing else.
fn text(bytes: &[u8]) -> String {
	String::from_utf8_lossy(bytes).into_owned()
}

/// The part of a state that the trie nodes show.
struct State {
	nodes: MemoryDB<BlakeTwo256>,
	root: H256,
}

impl State {
	/// The value under a key; `None` when the trie nodes show that there is none.
	fn value<T: Decode>(&self, key: &[u8], what: &'static str) -> Result<Option<T>, Refusal> {
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
