//! Weights of the calls: storage access counted by hand for the worst case, times the database's weights.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};
use passport_primitives::organisation::MAX_ACCOUNTS_PER_ORGANISATION;

/// Weights of the calls.
pub trait WeightInfo {
	/// Worst case: 16 accounts.
	fn admit() -> Weight;
	/// `set_roles`, `set_expiry`, `suspend`, `reinstate`, `set_hpke_key`.
	fn change_organisation() -> Weight;
	/// Worst case: 16 accounts.
	fn remove() -> Weight;
	/// `link_account`, `unlink_account`.
	fn change_accounts() -> Weight;
	/// Classifying a call and looking up the account's organisation, for each call in the transaction.
	fn check_membership() -> Weight;
}

/// Decoding, checks and the event.
const BASE: Weight = Weight::from_parts(15_000_000, 0);

/// Counted reads and writes.
pub struct CountedWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for CountedWeight<T> {
	fn admit() -> Weight {
		// The next number and the organisation; for each account its organisation and the system's record.
		let accounts = u64::from(MAX_ACCOUNTS_PER_ORGANISATION);
		BASE.saturating_add(T::DbWeight::get().reads_writes(2 + 2 * accounts, 2 + 2 * accounts))
	}

	fn change_organisation() -> Weight {
		// The caller's organisation number, then the organisation.
		BASE.saturating_add(T::DbWeight::get().reads_writes(2, 1))
	}

	fn remove() -> Weight {
		let accounts = u64::from(MAX_ACCOUNTS_PER_ORGANISATION);
		BASE.saturating_add(T::DbWeight::get().reads_writes(1 + 2 * accounts, 1 + 2 * accounts))
	}

	fn change_accounts() -> Weight {
		// The caller's organisation number and the organisation; the other account's number and system record.
		BASE.saturating_add(T::DbWeight::get().reads_writes(4, 3))
	}

	fn check_membership() -> Weight {
		Weight::from_parts(2_000_000, 0).saturating_add(T::DbWeight::get().reads(2))
	}
}

impl WeightInfo for () {
	fn admit() -> Weight {
		BASE
	}
	fn change_organisation() -> Weight {
		BASE
	}
	fn remove() -> Weight {
		BASE
	}
	fn change_accounts() -> Weight {
		BASE
	}
	fn check_membership() -> Weight {
		BASE
	}
}
