//! What a grant is.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use passport_primitives::{
	battery::PassportId,
	data_set::{DataSet, DataSets, Purpose},
	organisation::OrganisationId,
};
use scale_info::TypeInfo;

/// Length of an envelope in bytes: `passport_primitives::envelope::ENVELOPE_BYTES`, which is not for `no_std` code. RFC 9180
/// with X25519 and ChaCha20-Poly1305: encapsulated key (32), sealed key (32), tag (16).
pub const ENVELOPE_BYTES: usize = 80;

/// An envelope as a call carries it: its length is checked when it is taken.
pub type EnvelopeBytes = BoundedVec<u8, ConstU32<{ ENVELOPE_BYTES as u32 }>>;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct KeyEnvelope {
	/// The epoch of the key. The envelope is bound to it, to the passport and to the grantee.
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
	/// What for: an auditor holds the grantee to it.
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
