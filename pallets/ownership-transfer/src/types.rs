//! What a transfer is.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::{ConstU32, Get},
	BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use passport_primitives::{
	battery::{DocumentHash, PassportId},
	organisation::OrganisationId,
};
use scale_info::TypeInfo;

/// Most documents that go with a transfer: invoice, delivery note, certificates of origin and of dangerous-goods transport,
/// and as many again.
pub const MAX_DOCUMENTS: u32 = 8;

/// Number of a transfer, given with the offer and never given again.
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
pub struct TransferId(pub u32);

impl TransferId {
	/// The number after this one; `None` after the last.
	pub fn next(self) -> Option<Self> {
		self.0.checked_add(1).map(TransferId)
	}
}

/// The protocol's `transferType`: what the parties agreed on. The ledger moves the owner for each of them alike; a lease, a
/// loan or an unsold consignment ends with a `Return`.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum TransferKind {
	/// For good, against payment.
	Sale,
	/// For a time, against payment.
	Lease,
	/// Back to whom it came from.
	Return,
	/// For a time, without payment.
	Loan,
	/// To be sold on the sender's account.
	Consignment,
}

impl TransferKind {
	/// Every kind.
	pub const ALL: [TransferKind; 5] = [
		TransferKind::Sale,
		TransferKind::Lease,
		TransferKind::Return,
		TransferKind::Loan,
		TransferKind::Consignment,
	];

	/// The word of the protocol's section 5.2.
	pub const fn name(self) -> &'static str {
		match self {
			TransferKind::Sale => "sale",
			TransferKind::Lease => "lease",
			TransferKind::Return => "return",
			TransferKind::Loan => "loan",
			TransferKind::Consignment => "consignment",
		}
	}
}

/// An offer that stands.
#[derive(
	CloneNoBound, DebugNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo,
)]
#[scale_info(skip_type_params(MaxPassports))]
#[codec(mel_bound(BlockNumber: MaxEncodedLen))]
pub struct Transfer<BlockNumber, MaxPassports>
where
	BlockNumber: Clone + core::fmt::Debug + Eq,
	MaxPassports: Get<u32>,
{
	/// Who offers, and owned every battery when it did.
	pub from: OrganisationId,
	/// Who can accept or reject.
	pub to: OrganisationId,
	/// As what.
	pub kind: TransferKind,
	/// Whether the sender lets the recipient become the operator as well.
	pub operation_moves: bool,
	/// The batteries that are left in the offer: one at least, each once.
	pub passports: BoundedVec<PassportId, MaxPassports>,
	/// Hash of the record that says where they are handed over.
	pub location: Option<DocumentHash>,
	/// Hashes of the documents that go with them.
	pub documents: BoundedVec<DocumentHash, ConstU32<MAX_DOCUMENTS>>,
	/// Block of the offer.
	pub offered_at: BlockNumber,
	/// Last block in which it can be accepted.
	pub expires_at: BlockNumber,
}

impl<BlockNumber, MaxPassports> Transfer<BlockNumber, MaxPassports>
where
	BlockNumber: Copy + core::fmt::Debug + Ord,
	MaxPassports: Get<u32>,
{
	/// Whether it can no longer be accepted at block `now`.
	pub fn has_expired(&self, now: BlockNumber) -> bool {
		now > self.expires_at
	}
}
