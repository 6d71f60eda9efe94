//! Weights of the calls: storage access counted by hand for the worst case, times the database's weights.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of the calls.
pub trait WeightInfo {
	/// A lapsed request of the same organisation is replaced.
	fn request() -> Weight;
	/// With an envelope.
	fn approve() -> Weight;
	/// A request is removed.
	fn deny() -> Weight;
	/// A new key epoch begins.
	fn revoke() -> Weight;
	/// One entry of the table.
	fn set_access() -> Weight;
	/// A new key epoch begins.
	fn clear_expired() -> Weight;
	/// An envelope is replaced.
	fn renew_envelope() -> Weight;
	/// What closing a passport costs here, by the number of requests and grants that it may have.
	fn passport_closed(grants: u32) -> Weight;
}

/// Decoding, checks and the event.
const BASE: Weight = Weight::from_parts(15_000_000, 0);

/// `Membership::active_member`: the account's organisation number and the organisation.
const MEMBER_READS: u64 = 2;

/// The grantee's audience's and the public's entries of the access table.
const TABLE_READS: u64 = 2;

/// Removing a request or grant: the list of the passport is read; the list, the grant, the grantee's entry and the waiting
/// request's are written.
const REMOVAL_READS: u64 = 1;
const REMOVAL_WRITES: u64 = 4;

/// `KeyEpochs::current`: the passport's device and its state. `KeyEpochs::advance` writes the state.
const EPOCH_READS: u64 = 2;
const EPOCH_WRITES: u64 = 1;

/// Counted reads and writes.
pub struct CountedWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> CountedWeight<T> {
	fn counted(reads: u64, writes: u64) -> Weight {
		BASE.saturating_add(T::DbWeight::get().reads_writes(reads, writes))
	}
}

impl<T: frame_system::Config> WeightInfo for CountedWeight<T> {
	fn request() -> Weight {
		// Caller, passport, table, the waiting request's number and the request, next number, the passport's list. Written:
		// next number, list, grantee's entry, waiting request, grant.
		Self::counted(
			MEMBER_READS + 1 + TABLE_READS + 2 + 1 + 1 + REMOVAL_READS,
			5 + REMOVAL_WRITES,
		)
	}

	fn approve() -> Weight {
		// Caller, grant, passport, grantee, table, epoch. Written: grant, waiting request.
		Self::counted(MEMBER_READS + 3 + TABLE_READS + EPOCH_READS, 2)
	}

	fn deny() -> Weight {
		// Caller, grant, passport.
		Self::counted(MEMBER_READS + 2 + REMOVAL_READS, REMOVAL_WRITES)
	}

	fn revoke() -> Weight {
		// As denying, and the epoch.
		Self::counted(
			MEMBER_READS + 2 + REMOVAL_READS + EPOCH_READS,
			REMOVAL_WRITES + EPOCH_WRITES,
		)
	}

	fn set_access() -> Weight {
		Self::counted(0, 1)
	}

	fn clear_expired() -> Weight {
		// Caller, grant.
		Self::counted(
			MEMBER_READS + 1 + REMOVAL_READS + EPOCH_READS,
			REMOVAL_WRITES + EPOCH_WRITES,
		)
	}

	fn renew_envelope() -> Weight {
		// Caller, grant, passport, grantee, table, epoch. Written: grant.
		Self::counted(MEMBER_READS + 3 + TABLE_READS + EPOCH_READS, 1)
	}

	fn passport_closed(grants: u32) -> Weight {
		// The list; each grant. Written: the list; each grant, the grantee's entry and the waiting request's.
		let each = u64::from(grants);
		Self::counted(1 + each, 1 + 3 * each)
	}
}

impl WeightInfo for () {
	fn request() -> Weight {
		BASE
	}
	fn approve() -> Weight {
		BASE
	}
	fn deny() -> Weight {
		BASE
	}
	fn revoke() -> Weight {
		BASE
	}
	fn set_access() -> Weight {
		BASE
	}
	fn clear_expired() -> Weight {
		BASE
	}
	fn renew_envelope() -> Weight {
		BASE
	}
	fn passport_closed(_: u32) -> Weight {
		BASE
	}
}
