//! Weights of the calls: storage access counted by hand for the worst case, times the database's weights.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of the calls, by the number of validators and of the session keys that a validator has.
pub trait WeightInfo {
	/// One entry more in the set.
	fn add_validator(validators: u32) -> Weight;
	/// One of as many that could be ready, with session keys to purge.
	fn remove_validator(validators: u32, keys: u32) -> Weight;
	/// One entry less, with session keys to purge, and one more.
	fn replace_validator(validators: u32, keys: u32) -> Weight;
	/// A hand-over that waits for its session.
	fn note_stalled() -> Weight;
	/// With session keys to purge.
	fn purge_keys(keys: u32) -> Weight;
	/// Disabling and removing one offender.
	fn offender(validators: u32, keys: u32) -> Weight;
	/// Disabling who may not act, of as many that take part, and removing the validator of the member that was stopped.
	fn member_stopped(validators: u32, keys: u32) -> Weight;
	/// Looking in each block whether a hand-over waits.
	fn on_initialize() -> Weight;
}

/// Decoding, checks and the event; the set is one value of at most 4 kB.
const BASE: Weight = Weight::from_parts(15_000_000, 0);

/// Counting one validator's roles.
const SHARE: Weight = Weight::from_parts(1_000_000, 0);

/// Disabling one validator: finding it, its event, and what tells Aura and GRANDPA.
const DISABLING: Weight = Weight::from_parts(10_000_000, 0);

/// Counted reads and writes.
pub struct CountedWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> CountedWeight<T> {
	fn purging(keys: u32) -> Weight {
		// The session keys, the mark of keys set from outside, the account. Written: the session keys, the owner of each, the
		// mark, the account.
		T::DbWeight::get().reads_writes(3, 3 + u64::from(keys))
	}
}

impl<T: frame_system::Config> WeightInfo for CountedWeight<T> {
	fn add_validator(validators: u32) -> Weight {
		// The account's organisation number, the organisation, the session keys, the set, the session's index; the organisation
		// of each other validator. Written: the set.
		BASE.saturating_add(SHARE.saturating_mul(u64::from(validators)))
			.saturating_add(T::DbWeight::get().reads_writes(5 + u64::from(validators), 1))
	}

	fn remove_validator(validators: u32, keys: u32) -> Weight {
		// The set, the minimum; the session keys and the organisation of each validator. Written: the set.
		BASE.saturating_add(SHARE.saturating_mul(u64::from(validators)))
			.saturating_add(Self::purging(keys))
			.saturating_add(T::DbWeight::get().reads_writes(2 + 2 * u64::from(validators), 1))
	}

	fn replace_validator(validators: u32, keys: u32) -> Weight {
		Self::add_validator(validators).saturating_add(Self::purging(keys))
	}

	fn note_stalled() -> Weight {
		// The session's index, whether one waits. Written: the hand-over.
		BASE.saturating_add(T::DbWeight::get().reads_writes(2, 1))
	}

	fn purge_keys(keys: u32) -> Weight {
		// The set.
		BASE.saturating_add(Self::purging(keys))
			.saturating_add(T::DbWeight::get().reads(1))
	}

	fn offender(validators: u32, keys: u32) -> Weight {
		// The session's validators and its disabled ones. Written: the disabled ones, and the digest that says so.
		Self::remove_validator(validators, keys).saturating_add(T::DbWeight::get().reads_writes(2, 2))
	}

	fn member_stopped(validators: u32, keys: u32) -> Weight {
		// The session's validators and its disabled ones, the set, the minimum; the organisation number and the organisation of
		// each that takes part. Written: the disabled ones, the digest that says so, the set.
		BASE.saturating_add(DISABLING.saturating_mul(u64::from(validators)))
			.saturating_add(Self::purging(keys))
			.saturating_add(T::DbWeight::get().reads_writes(4 + 2 * u64::from(validators), 3))
	}

	fn on_initialize() -> Weight {
		T::DbWeight::get().reads(1)
	}
}

impl WeightInfo for () {
	fn add_validator(_: u32) -> Weight {
		BASE
	}
	fn remove_validator(_: u32, _: u32) -> Weight {
		BASE
	}
	fn replace_validator(_: u32, _: u32) -> Weight {
		BASE
	}
	fn note_stalled() -> Weight {
		BASE
	}
	fn purge_keys(_: u32) -> Weight {
		BASE
	}
	fn offender(_: u32, _: u32) -> Weight {
		BASE
	}
	fn member_stopped(_: u32, _: u32) -> Weight {
		BASE
	}
	fn on_initialize() -> Weight {
		Weight::zero()
	}
}
