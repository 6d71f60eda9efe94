//! What a node can ask the runtime about passports, devices, grants, transfers and documents.
//!
//! The views are what JSON-RPC serves: decoded fields, hashes in hex, no chain types. The node knows this crate and not the
//! pallets, so an edit of a pallet does not rebuild the node.

#![cfg_attr(not(feature = "std"), no_std)]
#![allow(clippy::too_many_arguments)]

extern crate alloc;

use alloc::{string::String, vec::Vec};
use codec::{Decode, Encode};
use passport_primitives::{
	battery::{Category, Commitment, DocumentHash, PassportId},
	data_set::{DataSet, DataSets, Purpose},
	life_cycle::{Publication, Status},
	organisation::{OrganisationId, Roles},
	telemetry::SequenceWindow,
};
use scale_info::TypeInfo;
use serde::Serialize;

/// Bytes that JSON shows as `0x…`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
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
	/// Status of Annex XIII point 4.
	pub status: Status,
	/// What has become of the record.
	pub publication: Publication,
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

/// What is left of a passport that ceased to exist.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TombstoneView {
	/// Key that it had on the ledger.
	pub passport_id: PassportId,
	/// Who recycled the battery.
	pub recycler: OrganisationId,
	/// Block in which it was closed.
	pub closed_at: u32,
	/// Last head of the history's hash chain.
	pub history_head: DocumentHash,
	/// Entries in the history.
	pub history_length: u32,
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
	/// Ed25519 key that its frames are signed with.
	pub public_key: Hex,
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
	/// Last block in which it does; `None` while it is a request.
	pub expires_at: Option<u32>,
	/// Epoch of the key in the envelope.
	pub key_epoch: Option<u32>,
	/// HPKE envelope, for the grantee's eyes alone.
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
	/// The batteries.
	pub passports: Vec<PassportId>,
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
		/// Whether the ledger holds this commitment: the protocol's `verifyData`, section 8.2.
		fn verify(passport: PassportId, data_set: DataSet, commitment: Commitment) -> Verification;
		/// A member by its number.
		fn organisation(organisation: OrganisationId) -> Option<OrganisationView>;
		/// The member that an account acts for.
		fn organisation_of(account: [u8; 32]) -> Option<OrganisationId>;
		/// A device by its number.
		fn device(device: u32) -> Option<DeviceView>;
		/// The devices of a passport, the current one last.
		fn devices_of(passport: PassportId) -> Vec<DeviceView>;
		/// Requests and grants under a passport.
		fn grants_of(passport: PassportId) -> Vec<GrantView>;
		/// An open offer by its number.
		fn transfer(transfer: u32) -> Option<TransferView>;
		/// The documents of a passport.
		fn documents_of(passport: PassportId) -> Vec<DocumentView>;
	}
}
