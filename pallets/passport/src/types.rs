//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use passport_primitives::{
	battery::{
		Category, Commitment, DocumentHash, PassportId, ALIAS_BYTES, DATA_SETS, MAX_UNIQUE_IDENTIFIER_BYTES,
	},
	content_address::MAX_CID_BYTES,
	data_set::DataSet,
	ledger::PassportFacts,
	life_cycle::{HistoryKind, Publication, Status},
	organisation::OrganisationId,
};
use scale_info::TypeInfo;

/// Most predecessors of a passport, and most successors: Art. 77(7) speaks of "passport(s) of the original battery or
/// batteries". Sixteen keeps a passport below 1.5 KiB and the work of one derivation bounded; a larger system is assembled
/// in two steps.
pub const MAX_LINKS: u32 = 16;

/// Unique identifier of a battery, Art. 77(3): 1 to 128 printable ASCII characters.
pub type UniqueIdentifier = BoundedVec<u8, ConstU32<MAX_UNIQUE_IDENTIFIER_BYTES>>;

/// The protocol's battery id, `BAT-2025-LI-001234`.
pub type Alias = [u8; ALIAS_BYTES];

/// Content address (CIDv1) of what the responsible operator publishes about the battery.
pub type ContentAddress = BoundedVec<u8, ConstU32<MAX_CID_BYTES>>;

/// A commitment for each data set, in the order of Annex XIII's points.
pub type Commitments = [Option<Commitment>; DATA_SETS];

/// Passports that a passport is linked with.
pub type Links = BoundedVec<PassportId, ConstU32<MAX_LINKS>>;

/// BLAKE2b-256 over everything that a history says.
pub type HistoryHead = [u8; 32];

/// A live passport.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Passport<BlockNumber> {
	/// What the key is the SHA-256 of.
	pub unique_identifier: UniqueIdentifier,
	/// The protocol's id of the same battery.
	pub alias: Option<Alias>,
	/// Category of the battery.
	pub category: Category,
	/// Who registered the passport. Never changes.
	pub manufacturer: OrganisationId,
	/// Who answers for the data: Art. 77(4).
	pub responsible_operator: OrganisationId,
	/// Who owns the battery.
	pub owner: OrganisationId,
	/// What the battery is.
	pub status: Status,
	/// What has become of the record.
	pub publication: Publication,
	/// Commitments to the data sets; that to set 1 is always there.
	pub commitments: Commitments,
	/// Where the published data are found.
	pub content_address: Option<ContentAddress>,
	/// 1 at registration, raised by one with each update of a commitment.
	pub version: u32,
	/// Passports of the batteries that this one was made of.
	pub predecessors: Links,
	/// Passports that were derived from this one.
	pub successors: Links,
	/// Hash over the whole history.
	pub history_head: HistoryHead,
	/// Entries in the history: 1 and more.
	pub history_length: u32,
	/// Block of the registration.
	pub registered_at: BlockNumber,
}

impl<BlockNumber> Passport<BlockNumber> {
	/// The commitment to one data set.
	pub fn commitment(&self, data_set: DataSet) -> Option<Commitment> {
		self.commitments.get(data_set as usize).copied().flatten()
	}

	/// What other pallets may know.
	pub fn facts(&self) -> PassportFacts {
		PassportFacts {
			responsible_operator: self.responsible_operator,
			owner: self.owner,
			category: self.category,
			status: self.status,
			publication: self.publication,
		}
	}
}

/// What stays of a passport that ceased to exist, Art. 77(8): enough to refuse its identifier for ever and to check a copy
/// of its history, and nothing of its data.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Tombstone<BlockNumber> {
	/// Block in which it was closed.
	pub closed_at: BlockNumber,
	/// Who recycled the battery.
	pub recycler: OrganisationId,
	/// Hash over the whole history.
	pub history_head: HistoryHead,
	/// Entries in the history.
	pub history_length: u32,
}

/// One entry of a passport's history. Never changed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct HistoryEntry<BlockNumber> {
	/// Place in the history, from 0.
	pub index: u32,
	/// What happened.
	pub kind: HistoryKind,
	/// Who did it; where something is handed over (`ResponsibilityMoved`, `OwnershipTransfer`), who received it, so that the
	/// history alone tells who was responsible and who owned when.
	pub organisation: OrganisationId,
	/// Block in which it was written.
	pub block: BlockNumber,
	/// What proves it: SHA-256 of a document; the commitment itself for `CommitmentUpdated`, that to set 1 for `Registered`;
	/// the new passport's key for `SecondLifeConversion` and `Succeeded`.
	pub evidence: Option<DocumentHash>,
}

/// What a passport starts with, as it comes in a call.
pub(crate) struct NewPassport {
	pub unique_identifier: UniqueIdentifier,
	pub alias: Option<Alias>,
	pub category: Category,
	pub commitments: Commitments,
	pub content_address: Option<ContentAddress>,
}
