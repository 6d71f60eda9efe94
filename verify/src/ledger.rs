//! What the ledger held of a passport.

use crate::{state::State, Refusal};
use passport_primitives::{
	battery::{Commitment, DocumentHash, PassportId, DATA_SETS},
	life_cycle::{Publication, Status},
	organisation::OrganisationId,
};
use passport_runtime_api::proof::proved_keys;
use serde::Serialize;

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

/// Reads what a state holds under a passport's key.
pub(crate) fn read(state: &State, passport: &PassportId) -> Result<Record, Refusal> {
	let keys = proved_keys(passport);
	let live = state
		.value(&keys.passport, "passport")?
		.map(|passport| live(&passport));
	let ceased = state
		.value(&keys.tombstone, "tombstone")?
		.map(|tombstone| ceased(&tombstone));
	Ok(live.or(ceased).unwrap_or(Record::Absent))
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
