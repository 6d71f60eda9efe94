//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use passport_primitives::{
	battery::{
		Category, Commitment, DocumentHash, PassportId, ALIAS_BYTES, DATA_SETS, MAX_UNIQUE_IDENTIFIER_BYTES,
	},
	content_address::MAX_CID_BYTES,
	data_set::{DataSet, DataSets},
	ledger::{
		AuthorityEnvelope, DelegatedRight, DelegatedRights, DeviceIndex, PassportFacts,
		MAX_DEVICES_PER_PASSPORT,
	},
	life_cycle::{EventKind, HistoryKind, Publication, Status},
	organisation::OrganisationId,
};
use scale_info::TypeInfo;

/// Most predecessors of a passport, and most successors: Art. 77(7) speaks of "passport(s) of the original battery or
/// batteries". Sixteen keeps a passport below 1.5 KiB and the work of one derivation bounded; a larger system is assembled
/// in two steps.
pub const MAX_LINKS: u32 = 16;

/// Most organisations that may act for the responsible operator of one passport at a time: a service centre, a data service, a
/// bridge, and as many for another site or country.
pub const MAX_DELEGATES: u32 = 8;

/// Most envelopes that come with a new passport: data sets 2 to 4 for each of 8 authorities.
pub const MAX_ENVELOPES: u32 = 24;

/// Most passports that one of `register_many`, `update_many` and `record_many` changes.
pub const MAX_BATCH: u32 = 32;

/// Longest name of a facility, in bytes.
pub const MAX_FACILITY_BYTES: u32 = 64;

/// Entries in one page of a history: below 1 KiB, so that adding one to a page costs what adding one to a passport does.
pub const HISTORY_PAGE_ENTRIES: u32 = 16;

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

/// One page of a history. All but the last are full.
pub type HistoryPage<BlockNumber> = BoundedVec<HistoryEntry<BlockNumber>, ConstU32<HISTORY_PAGE_ENTRIES>>;

/// Name of a recycling facility, as in its permit: 1 to 64 printable ASCII characters.
pub type FacilityName = BoundedVec<u8, ConstU32<MAX_FACILITY_BYTES>>;

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
	/// Who operates the battery: its owner, a lessee, a fleet. It gives no right over the record.
	pub operated_by: OrganisationId,
	/// What the battery is.
	pub status: Status,
	/// What has become of the record.
	pub publication: Publication,
	/// What the battery's device has last stated of its state of health. Gone when the device is revoked.
	pub threshold: Option<ThresholdStanding<BlockNumber>>,
	/// Block in which a notified body allowed what the state of health alone would not. It counts as long as a statement, and
	/// the next derivation or hand-over uses it up: ask [`Pallet::is_overridden`](crate::Pallet::is_overridden).
	pub overridden_at: Option<BlockNumber>,
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
	/// Numbers of the battery's devices, in the order of their registration.
	pub devices: BoundedVec<DeviceIndex, ConstU32<MAX_DEVICES_PER_PASSPORT>>,
}

impl<BlockNumber> Passport<BlockNumber> {
	/// The commitment to one data set.
	pub fn commitment(&self, data_set: DataSet) -> Option<Commitment> {
		self.commitments.get(data_set as usize).copied().flatten()
	}

	/// The data sets that it has a commitment to.
	pub fn committed(&self) -> DataSets {
		DataSet::ALL
			.into_iter()
			.filter(|data_set| self.commitment(*data_set).is_some())
			.fold(DataSets::NONE, |sets, data_set| {
				sets.union(DataSets::of(&[data_set]))
			})
	}

	/// What other pallets may know.
	pub fn facts(&self) -> PassportFacts {
		PassportFacts {
			responsible_operator: self.responsible_operator,
			owner: self.owner,
			operated_by: self.operated_by,
			category: self.category,
			status: self.status,
			publication: self.publication,
			committed: self.committed(),
		}
	}
}

/// What a device has stated of its battery's state of health. The value is Annex XIII point 4 and does not stand here.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ThresholdStanding<BlockNumber> {
	/// Whether it is at or above the threshold.
	pub at_or_above: bool,
	/// The council's threshold at that time, in 0.01 %.
	pub threshold_bp: u16,
	/// Block of the last such statement.
	pub stated_at: BlockNumber,
	/// Whether the device was revoked since. Then nothing of it allows a second life any more, and what would have forbidden
	/// recycling still does: else whoever is bound by it would revoke the device.
	pub withdrawn: bool,
}

/// A written authorisation of the responsible operator's, Art. 77(4).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Delegation<BlockNumber> {
	/// Who may act.
	pub delegate: OrganisationId,
	/// How far.
	pub rights: DelegatedRights,
	/// Last block in which it may.
	pub expires_at: BlockNumber,
	/// SHA-256 of the written authorisation.
	pub authorisation: DocumentHash,
	/// The responsible operator that gave it. It counts for no other.
	pub given_by: OrganisationId,
}

impl<BlockNumber: PartialOrd> Delegation<BlockNumber> {
	/// Whether its last block has passed.
	pub fn has_expired(&self, now: &BlockNumber) -> bool {
		*now > self.expires_at
	}

	/// Whether it lets `organisation` do this for `operator` now.
	pub fn allows(
		&self,
		organisation: OrganisationId,
		right: DelegatedRight,
		operator: OrganisationId,
		now: &BlockNumber,
	) -> bool {
		self.delegate == organisation
			&& self.given_by == operator
			&& self.rights.contains(right)
			&& !self.has_expired(now)
	}
}

/// An offer of the responsible operator's: that a waste operator answers for the battery from now on, and owns it. It stands until
/// it is accepted, withdrawn or replaced by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct WasteHandOver {
	/// The responsible operator that offers.
	pub from: OrganisationId,
	/// Who may accept: another organisation.
	pub to: OrganisationId,
}

/// What stays of a passport that ceased to exist, Art. 77(8): enough to refuse its identifier for ever and to check a copy
/// of its history, and nothing of its data.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Tombstone<BlockNumber> {
	/// Block in which it was closed.
	pub closed_at: BlockNumber,
	/// Who recycled the battery.
	pub recycler: OrganisationId,
	/// In which batch.
	pub batch: RecyclingBatchId,
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
	/// Who did it; where something is given (`ResponsibilityMoved`, `OwnershipTransfer`, `OperationMoved`, `Delegated`), who
	/// received it, and whose delegation it was at `DelegationEnded`, so that the history alone tells who was responsible, owned
	/// and operated when. For what the device states, the responsible operator.
	pub organisation: OrganisationId,
	/// Block in which it was written.
	pub block: BlockNumber,
	/// What proves it: SHA-256 of a document; the commitment itself for `CommitmentUpdated`, that to set 1 for `Registered`;
	/// the new passport's key for `SecondLifeConversion` and `Succeeded`; the written authorisation for `Delegated` and
	/// `DelegationEnded`.
	pub evidence: Option<DocumentHash>,
}

/// What a passport starts with.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct NewPassport {
	/// The battery's unique identifier.
	pub unique_identifier: UniqueIdentifier,
	/// The protocol's id of the same battery.
	pub alias: Option<Alias>,
	/// Category of the battery.
	pub category: Category,
	/// Commitments to the data sets; that to set 1 is owed.
	pub commitments: Commitments,
	/// Where the published data are found.
	pub content_address: Option<ContentAddress>,
	/// The keys that the access table demands for authorities.
	pub envelopes: BoundedVec<AuthorityEnvelope, ConstU32<MAX_ENVELOPES>>,
}

/// One update of `update_many`: the arguments of `update_commitment`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct CommitmentUpdate {
	/// Whose.
	pub passport: PassportId,
	/// To which data set.
	pub data_set: DataSet,
	/// The commitment that is to count.
	pub commitment: Commitment,
	/// Where the published data are found now; `None` leaves that as it is.
	pub content_address: Option<ContentAddress>,
}

/// One event of `record_many`: the arguments of `record_event`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct EventRecord {
	/// Into whose history.
	pub passport: PassportId,
	/// What happened.
	pub kind: EventKind,
	/// SHA-256 of what proves it.
	pub evidence: DocumentHash,
}

/// The consent of a predecessor's responsible operator to a derivation: a signature over
/// [`passport_primitives::life_cycle::DerivationConsent`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Consent<AccountId, Signature, BlockNumber> {
	/// An account that acts for the operator.
	pub account: AccountId,
	/// Its signature over the message, as it is or between `<Bytes>` and `</Bytes>`.
	pub signature: Signature,
	/// Last block in which it counts.
	pub expires_at: BlockNumber,
}

/// Number of a recycling batch, given when it is registered and never given again.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct RecyclingBatchId(pub u32);

impl RecyclingBatchId {
	/// The number after this one; `None` after the last.
	pub fn next(self) -> Option<Self> {
		self.0.checked_add(1).map(RecyclingBatchId)
	}
}

/// Batteries that were recycled together. Annex XII binds recycler and facility per year and not the single battery, so the
/// masses are recorded here: an authority adds up the batches that were opened to it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct RecyclingBatch {
	/// Who recycles.
	pub recycler: OrganisationId,
	/// Where.
	pub facility: FacilityName,
	/// The calendar year that it counts for.
	pub year: u16,
	/// Salted commitment to the masses that went in and were recovered: what a battery is made of does not stand in clear.
	pub masses: Commitment,
	/// Passports that were closed with it.
	pub batteries: u32,
}
