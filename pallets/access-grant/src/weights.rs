//! Weights of the calls: storage access counted by hand for the worst case, times the database's weights.

use crate::MAX_DEMANDING_AUTHORITIES;
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
	/// One entry of the table.
	fn set_purpose() -> Weight;
	/// As many authorities as can be named.
	fn set_demanding_authorities() -> Weight;
	/// As many authorities as can be named, and as many that no longer are.
	fn deposit_envelopes() -> Weight;
	/// A new key epoch begins.
	fn clear_expired() -> Weight;
	/// An envelope is replaced.
	fn renew_envelope() -> Weight;
	/// What `AuthorityEnvelopes::deposit` costs with all the envelopes of this many authorities for a new passport, which has none
	/// yet. As many are named as can be; the others may not act.
	fn envelopes_deposited(authorities: u32) -> Weight;
	/// What `AuthorityEnvelopes::are_due` costs: as many authorities as can be named.
	fn envelopes_due() -> Weight;
	/// What closing a passport costs here, by the number of requests and grants that it may have.
	fn passport_closed(grants: u32) -> Weight;
}

/// Decoding, checks and the event.
const BASE: Weight = Weight::from_parts(15_000_000, 0);

/// `Membership::active_member`: the account's organisation number and the organisation.
const MEMBER_READS: u64 = 2;

/// The grantee's audience's and the public's entries of the access table, and those of the purpose.
const TABLE_READS: u64 = 4;

/// Who decides: `Passports::facts` reads the passport; `Passports::may_act` the passport, the delegation and the responsible
/// operator.
const DECIDER_READS: u64 = 4;

/// Removing a request or grant: the list of the passport is read; the list, the grant, the grantee's entry and the waiting
/// request's are written.
const REMOVAL_READS: u64 = 1;
const REMOVAL_WRITES: u64 = 4;

/// `KeyEpochs::current`: the passport's device and its state. `KeyEpochs::advance` writes the state.
const EPOCH_READS: u64 = 2;
const EPOCH_WRITES: u64 = 1;

/// As many authorities as can be named.
const AUTHORITIES: u64 = MAX_DEMANDING_AUTHORITIES as u64;

/// Which envelopes are demanded: the authorities' list; of each its organisation; the audience's entry of the access table and that
/// of the purpose; the epoch.
const DEMAND_READS: u64 = 1 + AUTHORITIES + 2 + EPOCH_READS;

/// Which of them are due: the envelopes of each authority.
const DUE_READS: u64 = DEMAND_READS + AUTHORITIES;

/// Storing them: the authorities' list; the keys of all entries under the passport and the end of them; each authority's entry.
/// Those of authorities that are no longer named are removed, the others written.
const DEPOSIT_READS: u64 = DUE_READS + 1 + AUTHORITIES + 1 + AUTHORITIES;
const DEPOSIT_WRITES: u64 = 2 * AUTHORITIES;

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
		// Caller, grant, decider, grantee, table, what is due, epoch. Written: grant, waiting request.
		Self::counted(
			MEMBER_READS + 1 + DECIDER_READS + 1 + TABLE_READS + DUE_READS + EPOCH_READS,
			2,
		)
	}

	fn deny() -> Weight {
		// Caller, grant, decider.
		Self::counted(MEMBER_READS + 1 + DECIDER_READS + REMOVAL_READS, REMOVAL_WRITES)
	}

	fn revoke() -> Weight {
		// As denying, and the epoch.
		Self::counted(
			MEMBER_READS + 1 + DECIDER_READS + REMOVAL_READS + EPOCH_READS,
			REMOVAL_WRITES + EPOCH_WRITES,
		)
	}

	fn set_access() -> Weight {
		Self::counted(0, 1)
	}

	fn set_purpose() -> Weight {
		Self::counted(0, 1)
	}

	fn set_demanding_authorities() -> Weight {
		// Each authority's organisation. Written: the list.
		Self::counted(AUTHORITIES, 1)
	}

	fn deposit_envelopes() -> Weight {
		// Caller, decider, epoch.
		Self::counted(
			MEMBER_READS + DECIDER_READS + EPOCH_READS + DEPOSIT_READS,
			DEPOSIT_WRITES,
		)
	}

	fn clear_expired() -> Weight {
		// Caller, grant.
		Self::counted(
			MEMBER_READS + 1 + REMOVAL_READS + EPOCH_READS,
			REMOVAL_WRITES + EPOCH_WRITES,
		)
	}

	fn renew_envelope() -> Weight {
		// As approving; no request waits.
		Self::counted(
			MEMBER_READS + 1 + DECIDER_READS + 1 + TABLE_READS + DUE_READS + EPOCH_READS,
			1,
		)
	}

	fn envelopes_deposited(authorities: u32) -> Weight {
		// What is demanded; that no other entry is under the passport; each authority's entry. Written: that entry.
		let each = u64::from(authorities);
		Self::counted(DEMAND_READS + 1 + each, each)
	}

	fn envelopes_due() -> Weight {
		// The passport.
		Self::counted(1 + DUE_READS, 0)
	}

	fn passport_closed(grants: u32) -> Weight {
		// The list; each grant. Written: the list; each grant, the grantee's entry and the waiting request's. The envelopes of
		// each authority are looked for and removed.
		let each = u64::from(grants);
		Self::counted(1 + each + AUTHORITIES + 1, 1 + 3 * each + AUTHORITIES)
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
	fn set_purpose() -> Weight {
		BASE
	}
	fn set_demanding_authorities() -> Weight {
		BASE
	}
	fn deposit_envelopes() -> Weight {
		BASE
	}
	fn envelopes_deposited(_: u32) -> Weight {
		BASE
	}
	fn envelopes_due() -> Weight {
		BASE
	}
	fn passport_closed(_: u32) -> Weight {
		BASE
	}
}
