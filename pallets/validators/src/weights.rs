//! Weights of the calls: storage access counted by hand for the worst case, times the database's weights.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of the calls, by the number of session keys that a validator has.
pub trait WeightInfo {
	/// One entry more in the set.
	fn add_validator() -> Weight;
	/// With session keys to purge.
	fn remove_validator(keys: u32) -> Weight;
	/// Disabling and removing one offender.
	fn offender(keys: u32) -> Weight;
}

/// Decoding, checks and the event; the set is one value of at most 3.2 kB.
const BASE: Weight = Weight::from_parts(15_000_000, 0);

/// Counted reads and writes.
pub struct CountedWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for CountedWeight<T> {
	fn add_validator() -> Weight {
		// The account's organisation number, the organisation, the session keys, the set. Written: the set.
		BASE.saturating_add(T::DbWeight::get().reads_writes(4, 1))
	}

	fn remove_validator(keys: u32) -> Weight {
		// The set, the minimum; the session keys, the mark of keys set from outside, the account. Written: the set; the
		// session keys, the owner of each, the mark, the account.
		BASE.saturating_add(T::DbWeight::get().reads_writes(5, 4 + u64::from(keys)))
	}

	fn offender(keys: u32) -> Weight {
		// The session's validators and its disabled ones. Written: the disabled ones, and GRANDPA's digest of it.
		Self::remove_validator(keys).saturating_add(T::DbWeight::get().reads_writes(2, 2))
	}
}

impl WeightInfo for () {
	fn add_validator() -> Weight {
		BASE
	}
	fn remove_validator(_: u32) -> Weight {
		BASE
	}
	fn offender(_: u32) -> Weight {
		BASE
	}
}
