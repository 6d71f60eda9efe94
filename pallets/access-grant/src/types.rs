//! What a grant is, and what an authority receives.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use passport_primitives::{
	battery::PassportId,
	data_set::{DataSet, DataSets, Purpose},
	ledger::{AuthorityEnvelope, ENVELOPE_BYTES},
	organisation::OrganisationId,
};
use scale_info::TypeInfo;

/// Grants in one page of a list: two pages hold all that a passport has.
pub const GRANTS_PER_PAGE: u32 = 32;

/// Most authorities that envelopes are demanded for. Each costs the responsible operator up to three envelopes with every key
/// epoch of every battery, so they are the authorities' points of entry and not every authority there is.
pub const MAX_DEMANDING_AUTHORITIES: u32 = 8;

/// Most envelopes of one authority under one passport: one for each of data sets 2 to 4.
pub const MAX_ENVELOPES_PER_AUTHORITY: u32 = 3;

/// Most envelopes of all authorities under one passport.
pub const MAX_AUTHORITY_ENVELOPES: u32 = MAX_DEMANDING_AUTHORITIES * MAX_ENVELOPES_PER_AUTHORITY;

/// The authorities that envelopes are demanded for.
pub type DemandingAuthorityList = BoundedVec<OrganisationId, ConstU32<MAX_DEMANDING_AUTHORITIES>>;

/// Envelopes for authorities, as a call carries them.
pub type AuthorityEnvelopeList = BoundedVec<AuthorityEnvelope, ConstU32<MAX_AUTHORITY_ENVELOPES>>;

/// Number of a request and of the grant that it becomes, never given again.
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
pub struct GrantId(pub u32);

impl GrantId {
	/// The number after this one; `None` after the last.
	pub fn next(self) -> Option<Self> {
		self.0.checked_add(1).map(GrantId)
	}
}

/// The key of an epoch, for the grantee's eyes alone: HPKE, RFC 9180.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct KeyEnvelope {
	/// The epoch of the key. The envelope is bound to it, to the passport and to the grantee.
	pub key_epoch: u32,
	/// Encapsulated key, sealed key, tag.
	pub bytes: [u8; ENVELOPE_BYTES],
}

/// The key of one data set that an authority has under a passport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct StoredEnvelope {
	/// Which data set it opens.
	pub data_set: DataSet,
	/// Epoch of the device's key when it was deposited; 0 where there was no device.
	pub key_epoch: u32,
	/// Encapsulated key, sealed key, tag.
	pub bytes: [u8; ENVELOPE_BYTES],
}

/// How far a grant has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum GrantState<BlockNumber> {
	/// Asked for; opens nothing.
	Requested {
		/// Last block in which it can be approved.
		lapses_at: BlockNumber,
	},
	/// Granted.
	Approved {
		/// Last block in which it opens anything.
		expires_at: BlockNumber,
		/// The delegate that granted it; `None` when the responsible operator did.
		delegate: Option<OrganisationId>,
		/// The key that opens the individual battery's data; `None` when that data set is not in the grant.
		envelope: Option<KeyEnvelope>,
	},
}

/// A request for access, or what it became.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Grant<BlockNumber> {
	/// The passport.
	pub passport: PassportId,
	/// Who asked.
	pub grantee: OrganisationId,
	/// For which data sets.
	pub data_sets: DataSets,
	/// What for: it limits what the grant opens, and an auditor holds the grantee to it.
	pub purpose: Purpose,
	/// Block of the request.
	pub requested_at: BlockNumber,
	/// How long it is to last, counted from the block of the approval.
	pub duration_blocks: BlockNumber,
	/// How far it has come.
	pub state: GrantState<BlockNumber>,
}

impl<BlockNumber: Copy + Ord> Grant<BlockNumber> {
	/// Whether it has been approved, expired or not.
	pub const fn is_approved(&self) -> bool {
		matches!(self.state, GrantState::Approved { .. })
	}

	/// Whether a key goes with it: measured values are sealed, the other data sets are served.
	pub const fn needs_key(&self) -> bool {
		self.data_sets.contains(DataSet::Individual)
	}

	/// Whether its time is over at block `now`: as a request or as a grant.
	pub fn has_expired(&self, now: BlockNumber) -> bool {
		match self.state {
			GrantState::Requested { lapses_at } => now > lapses_at,
			GrantState::Approved { expires_at, .. } => now > expires_at,
		}
	}

	/// Last block in which it opens anything; `None` while it is a request.
	pub const fn expires_at(&self) -> Option<BlockNumber> {
		match self.state {
			GrantState::Requested { .. } => None,
			GrantState::Approved { expires_at, .. } => Some(expires_at),
		}
	}

	/// The delegate that granted it; `None` for a request, and when the responsible operator granted it.
	pub const fn delegate(&self) -> Option<OrganisationId> {
		match self.state {
			GrantState::Requested { .. } => None,
			GrantState::Approved { delegate, .. } => delegate,
		}
	}

	/// The key that goes with it.
	pub const fn envelope(&self) -> Option<&KeyEnvelope> {
		match &self.state {
			GrantState::Approved {
				envelope: Some(envelope),
				..
			} => Some(envelope),
			_ => None,
		}
	}
}
