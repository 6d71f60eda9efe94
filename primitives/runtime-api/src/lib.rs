//! What a node can ask the runtime about passports, devices, grants, transfers, documents, members and validators.
//!
//! The views are what JSON-RPC serves: decoded fields, hashes in hex, no chain types. The node knows this crate and not the
//! pallets, so an edit of a pallet does not rebuild the node.

#![cfg_attr(not(feature = "std"), no_std)]
#![allow(clippy::too_many_arguments)]

extern crate alloc;

#[cfg(feature = "std")]
pub mod proof;

use alloc::{string::String, vec::Vec};
use codec::{Decode, Encode};
use passport_primitives::{
	battery::{Category, Commitment, DocumentHash, PassportId},
	data_set::{Audience, DataSet, DataSets, Purpose},
	ledger::DelegatedRights,
	life_cycle::{HistoryKind, Publication, Status},
	organisation::{OrganisationId, Role, Roles},
	telemetry::{anchor::Offence, device::SignedBy, SequenceWindow},
};
use scale_info::TypeInfo;
use serde::Serialize;

/// Bytes that JSON shows as `0x…`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, TypeInfo)]
pub struct Hex(pub Vec<u8>);

impl Serialize for Hex {
	fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		struct Digits<'a>(&'a [u8]);
		impl core::fmt::Display for Digits<'_> {
			fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
				formatter.write_str("0x")?;
				self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
			}
		}
		serializer.collect_str(&Digits(&self.0))
	}
}

#[cfg(feature = "std")]
impl<'de> serde::Deserialize<'de> for Hex {
	fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let text = String::deserialize(deserializer)?;
		let digits = text
			.strip_prefix("0x")
			.ok_or_else(|| serde::de::Error::custom("bytes are written as 0x and hex digits"))?;
		hex::decode(digits).map(Hex).map_err(serde::de::Error::custom)
	}
}

/// A passport, or what is left of one. Read once and written out: the size of its variants does not matter.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum PassportAnswer {
	/// It is live.
	Live(PassportView),
	/// It ceased to exist after recycling, Art. 77(8).
	Ceased(TombstoneView),
}

/// A live passport.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PassportView {
	/// Key on the ledger: SHA-256 of the unique identifier.
	pub passport_id: PassportId,
	/// The unique identifier, Art. 77(3).
	pub unique_identifier: String,
	/// The protocol's battery id, where there is one.
	pub alias: Option<String>,
	/// Category of the battery.
	pub category: Category,
	/// Who registered it.
	pub manufacturer: OrganisationId,
	/// Who answers for the data, Art. 77(4).
	pub responsible_operator: OrganisationId,
	/// Who owns the battery.
	pub owner: OrganisationId,
	/// Who operates the battery: its owner, a lessee, a fleet.
	pub operated_by: OrganisationId,
	/// Status of Annex XIII point 4.
	pub status: Status,
	/// What has become of the record.
	pub publication: Publication,
	/// What the battery's device has last stated of its state of health; `None` once the device is revoked.
	pub threshold: Option<ThresholdView>,
	/// Whether a notified body has allowed what the state of health alone would not, and that counts now.
	pub threshold_overridden: bool,
	/// Commitments to data sets 1 to 4.
	pub commitments: [Option<Commitment>; 4],
	/// CID of the document store's entry.
	pub content_address: Option<Hex>,
	/// Raised by one with each update of a commitment.
	pub version: u32,
	/// Passports of the batteries that this one was made of, Art. 77(7).
	pub predecessors: Vec<PassportId>,
	/// Passports derived from this one.
	pub successors: Vec<PassportId>,
	/// Head of the history's hash chain.
	pub history_head: DocumentHash,
	/// Entries in the history.
	pub history_length: u32,
	/// Block of the registration.
	pub registered_at: u32,
}

/// What a device has stated of its battery's state of health. The value itself does not stand on the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ThresholdView {
	/// Whether it is at or above the threshold.
	pub at_or_above: bool,
	/// The council's threshold at that time, in 0.01 %.
	pub threshold_bp: u16,
	/// Block of the statement.
	pub stated_at: u32,
}

/// What is left of a passport that ceased to exist.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TombstoneView {
	/// Key that it had on the ledger.
	pub passport_id: PassportId,
	/// Who recycled the battery.
	pub recycler: OrganisationId,
	/// Number of the recycling batch.
	pub batch: u32,
	/// Block in which it was closed.
	pub closed_at: u32,
	/// Last head of the history's hash chain.
	pub history_head: DocumentHash,
	/// Entries in the history.
	pub history_length: u32,
}

/// One page of a passport's history.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryPageView {
	/// Its number, from 0.
	pub page: u32,
	/// How many pages there are; none of a passport that ceased to exist.
	pub pages: u32,
	/// Head of the hash chain after the last entry of the last page. Before the first entry the head is the passport's key;
	/// after each it is BLAKE2b-256 over the head before it and the entry's `hashed`.
	pub history_head: DocumentHash,
	/// Entries in the history.
	pub history_length: u32,
	/// The entries of the page, the oldest first; none of a page after the last.
	pub entries: Vec<HistoryEntryView>,
}

/// One entry of a passport's history.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntryView {
	/// Place in the history, from 0.
	pub index: u32,
	/// What happened.
	pub kind: HistoryKind,
	/// Who did it, or to whom something was given.
	pub organisation: OrganisationId,
	/// Block in which it was written.
	pub block: u32,
	/// SHA-256 of what proves it.
	pub evidence: Option<DocumentHash>,
	/// The entry as the hash chain has it, SCALE.
	pub hashed: Hex,
}

/// A written authorisation of the responsible operator's, Art. 77(4), whose time has not passed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DelegationView {
	/// Who may act.
	pub delegate: OrganisationId,
	/// How far.
	pub rights: DelegatedRights,
	/// Last block in which it may.
	pub expires_at: u32,
	/// SHA-256 of the written authorisation.
	pub authorisation: DocumentHash,
	/// The responsible operator that gave it.
	pub given_by: OrganisationId,
	/// Whether it lets the delegate act now: neither of the two is suspended or has left.
	pub in_force: bool,
}

/// Batteries that were recycled together.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecyclingBatchView {
	/// Its number.
	pub batch: u32,
	/// Who recycles.
	pub recycler: OrganisationId,
	/// Where, as in the facility's permit.
	pub facility: String,
	/// The calendar year that it counts for.
	pub year: u16,
	/// Salted commitment to the masses that went in and were recovered.
	pub masses: Commitment,
	/// Passports that were closed with it.
	pub batteries: u32,
}

/// Answer to the protocol's `verifyData`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verification {
	/// The ledger holds this commitment.
	Matches,
	/// The ledger holds another one.
	Differs,
	/// The passport has no commitment for the data set.
	NotCommitted,
	/// No live passport.
	PassportNotFound,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganisationView {
	/// Its number.
	pub organisation: OrganisationId,
	/// Its decentralised identifier.
	pub did: String,
	/// Its roles.
	pub roles: Roles,
	/// X25519 key for envelopes.
	pub hpke_public_key: Hex,
	/// Last block of its membership; `None` for no end.
	pub expires_at: Option<u32>,
	/// Whether the council has suspended it.
	pub suspended: bool,
	/// Whether it may act now.
	pub active: bool,
	/// The accounts that act for it.
	pub accounts: Vec<Hex>,
}

/// What a member may use of the chain, and has used. Times are picoseconds of `ref_time`, the weight of calls.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QuotaView {
	/// Whose.
	pub organisation: OrganisationId,
	/// What it may use in each period.
	pub ref_time_per_period: u64,
	/// What it has used in the current one.
	pub ref_time_used: u64,
	/// Last block of the current period.
	pub period_ends_at: u32,
}

/// Who writes and finalises blocks.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ValidatorsView {
	/// The validators that the council has chosen, in the order in which they were added.
	pub validators: Vec<ValidatorView>,
	/// Fewest that the council can leave.
	pub minimum: u32,
	/// How many each trade holds.
	pub trades: Vec<TradeView>,
}

/// A validator.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ValidatorView {
	/// Its account.
	pub account: Hex,
	/// Whose it is.
	pub organisation: OrganisationId,
	/// The organisation's roles; none when it may not act.
	pub roles: Roles,
	/// The first session that it takes part in; 0 for one of the genesis.
	pub since_session: u32,
	/// Whether it takes part now.
	pub takes_part: bool,
}

/// The share of one trade in the validators.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TradeView {
	/// Which trade.
	pub trade: Role,
	/// Validators whose organisation is of it.
	pub held: u32,
	/// Most that it may hold among as many validators as there are.
	pub most: u32,
}

/// Who may see what, as the council has it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessTableView {
	/// What each audience may see at all.
	pub audiences: Vec<AudienceAccessView>,
	/// What each purpose opens to an audience that asks for it.
	pub purposes: Vec<PurposeAccessView>,
	/// The authorities that every passport owes envelopes.
	pub demanding_authorities: Vec<OrganisationId>,
}

/// What an audience may see.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AudienceAccessView {
	/// Who.
	pub audience: Audience,
	/// What.
	pub data_sets: DataSets,
}

/// What a purpose opens to an audience.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PurposeAccessView {
	/// To whom.
	pub audience: Audience,
	/// What for.
	pub purpose: Purpose,
	/// What.
	pub data_sets: DataSets,
}

/// A key that a device had before.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FormerKeyView {
	/// Ed25519 key.
	pub public_key: Hex,
	/// It signed frames of lower sequences than this, down to where the key before it ends.
	pub below_sequence: u64,
}

/// A device and what it has sent.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceView {
	/// Its number.
	pub device: u32,
	/// The battery's passport.
	pub passport_id: PassportId,
	/// Who registered it.
	pub maker: OrganisationId,
	/// Who holds its key: the battery, or a bridge in its place.
	pub signed_by: SignedBy,
	/// Ed25519 key that its frames are signed with.
	pub public_key: Hex,
	/// The first sequence that this key signs; 0 when the device has had no other.
	pub key_from_sequence: u64,
	/// The keys that it had before, in their order: at most 8.
	pub former_keys: Vec<FormerKeyView>,
	/// Whether its frames are taken now.
	pub active: bool,
	/// Epoch of the key that frames are sealed under.
	pub key_epoch: u32,
	/// Sequences that were taken.
	pub window: SequenceWindow,
	/// Latest time of a reading, in seconds since 1970.
	pub last_seconds: u64,
	/// Rolling hash over all frames.
	pub history_head: DocumentHash,
	/// Frames taken.
	pub frames: u32,
	/// Readings taken.
	pub readings: u64,
}

/// A batch of frames that a bridge has anchored.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AnchorView {
	/// Who anchored it.
	pub bridge: OrganisationId,
	/// In which of its streams.
	pub stream: u32,
	/// Its number in the stream.
	pub number: u64,
	/// Root of the tree over the leaves.
	pub root: Hex,
	/// Leaves of the tree, one for each frame.
	pub leaves: u32,
	/// Readings in all frames together, as the bridge states.
	pub readings: u64,
	/// CID of the batch file.
	pub content_address: Hex,
	/// Block in which it was anchored. For 604,800 blocks from then on it can be disputed.
	pub anchored_at: u32,
	/// What the bridge was convicted of by this batch: do not rely on it.
	pub offence: Option<Offence>,
}

/// One page of the anchors of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AnchorsView {
	/// Number of the oldest anchor of the stream that is on the ledger; the next number when there is none.
	pub oldest_number: u64,
	/// Number that the next anchor gets.
	pub next_number: u64,
	/// Whether the bridge was convicted, and can anchor nothing until the council allows it.
	pub suspended: bool,
	/// The anchors of the page, in their order; none of a page after the last.
	pub anchors: Vec<AnchorView>,
}

/// A request for access or a grant.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantView {
	/// Its number.
	pub grant: u32,
	/// The passport.
	pub passport_id: PassportId,
	/// Who asks, or was granted.
	pub grantee: OrganisationId,
	/// For which data sets.
	pub data_sets: DataSets,
	/// What for.
	pub purpose: Purpose,
	/// Whether it opens anything now.
	pub open: bool,
	/// What it opens now: no more than the access table allows the grantee for the purpose.
	pub opens: DataSets,
	/// Last block in which the request can be approved; `None` once it was.
	pub lapses_at: Option<u32>,
	/// Last block in which the grant opens anything; `None` while it is a request.
	pub expires_at: Option<u32>,
	/// The delegate that granted it; `None` when the responsible operator did.
	pub delegate: Option<OrganisationId>,
	/// Epoch of the key in the envelope.
	pub key_epoch: Option<u32>,
	/// HPKE envelope, for the grantee's eyes alone.
	pub envelope: Option<Hex>,
}

/// A key that an authority has under a passport without asking, or is owed: Art. 77(2)(b).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorityEnvelopeView {
	/// Whose.
	pub authority: OrganisationId,
	/// Of which data set.
	pub data_set: DataSet,
	/// Whether the responsible operator owes one now: there is none, or one of an earlier key epoch.
	pub due: bool,
	/// Epoch of the device's key when it was deposited; 0 where there was no device.
	pub key_epoch: Option<u32>,
	/// HPKE envelope, for the authority's eyes alone.
	pub envelope: Option<Hex>,
}

/// An open offer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransferView {
	/// Its number.
	pub transfer: u32,
	/// Who offers.
	pub from: OrganisationId,
	/// To whom.
	pub to: OrganisationId,
	/// `sale`, `lease`, `return`, `loan`, `consignment`.
	pub kind: String,
	/// Whether the sender lets the recipient become the operator as well.
	pub operation_moves: bool,
	/// The batteries that are left in the offer.
	pub passports: Vec<PassportId>,
	/// Hash of the record that says where they are handed over.
	pub location: Option<DocumentHash>,
	/// Hashes of the documents that go with them.
	pub documents: Vec<DocumentHash>,
	/// Block of the offer.
	pub offered_at: u32,
	/// Last block in which it can be accepted.
	pub expires_at: u32,
}

/// A document.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentView {
	/// Its number under the passport.
	pub document: u32,
	/// CID of its bytes.
	pub content_address: Hex,
	/// What it is.
	pub kind: String,
	/// The data set that it belongs to.
	pub data_set: DataSet,
	/// Length of its bytes.
	pub size_bytes: u64,
	/// Who anchored it.
	pub uploader: OrganisationId,
	/// Block in which it was anchored.
	pub anchored_at: u32,
}

sp_api::decl_runtime_apis! {
	/// Reads that join several pallets.
	pub trait PassportLedgerApi {
		/// The passport that goes by this unique identifier or alias.
		fn resolve(name: Vec<u8>) -> Option<PassportId>;
		/// A passport, live or ceased.
		fn passport(passport: PassportId) -> Option<PassportAnswer>;
		/// A page of a passport's history, from 0; `None` when there never was such a passport.
		fn history_of(passport: PassportId, page: u32) -> Option<HistoryPageView>;
		/// The delegations of a passport whose time has not passed.
		fn delegations_of(passport: PassportId) -> Vec<DelegationView>;
		/// A recycling batch by its number.
		fn recycling_batch(batch: u32) -> Option<RecyclingBatchView>;
		/// Whether the ledger holds this commitment: the protocol's `verifyData`, section 8.2.
		fn verify(passport: PassportId, data_set: DataSet, commitment: Commitment) -> Verification;
		/// A member by its number.
		fn organisation(organisation: OrganisationId) -> Option<OrganisationView>;
		/// The member that an account acts for.
		fn organisation_of(account: [u8; 32]) -> Option<OrganisationId>;
		/// The quota of a member.
		fn quota(organisation: OrganisationId) -> Option<QuotaView>;
		/// The validators, and the shares of the trades in them.
		fn validators() -> ValidatorsView;
		/// Who may see what.
		fn access_table() -> AccessTableView;
		/// A device by its number.
		fn device(device: u32) -> Option<DeviceView>;
		/// The devices of a passport, the current one last.
		fn devices_of(passport: PassportId) -> Vec<DeviceView>;
		/// An anchored batch, as long as it is on the ledger.
		fn anchor(bridge: OrganisationId, stream: u32, number: u64) -> Option<AnchorView>;
		/// A page of the anchors of a stream: those from this number on, from the oldest that is on the ledger with `None`.
		/// `None` when the organisation has no such stream.
		fn anchors_of(bridge: OrganisationId, stream: u32, from: Option<u64>) -> Option<AnchorsView>;
		/// Requests and grants under a passport.
		fn grants_of(passport: PassportId) -> Vec<GrantView>;
		/// A page of the requests and grants of a member, under whatever passport: those after the last one of the page before,
		/// from the start with `None`.
		fn grants_to(organisation: OrganisationId, after: Option<u32>) -> Vec<GrantView>;
		/// The keys that authorities have under a passport, and those that they are owed.
		fn authority_envelopes_of(passport: PassportId) -> Vec<AuthorityEnvelopeView>;
		/// An open offer by its number.
		fn transfer(transfer: u32) -> Option<TransferView>;
		/// The open offers that a passport is in: one at most.
		fn transfers_of(passport: PassportId) -> Vec<TransferView>;
		/// The documents of a passport.
		fn documents_of(passport: PassportId) -> Vec<DocumentView>;
	}
}
