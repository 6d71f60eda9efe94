//! Weights of the calls: storage access counted by hand for the worst case, times the database's weights. Events are
//! written once a block and are not counted, as in FRAME's own benchmarks. The listeners of a closed passport bring their
//! own weight: `Config::ClosingWeight`.

use crate::types::MAX_LINKS;
use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of the calls.
pub trait WeightInfo {
	/// `register`.
	fn register() -> Weight;
	/// `update_commitment`.
	fn update_commitment() -> Weight;
	/// `record_event`.
	fn record_event() -> Weight;
	/// `offer_derivation`.
	fn offer_derivation() -> Weight;
	/// `withdraw_derivation_offer`.
	fn withdraw_derivation_offer() -> Weight;
	/// `derive`, from this many predecessors.
	fn derive(predecessors: u32) -> Weight;
	/// `hand_over_to_waste_operator`.
	fn hand_over_to_waste_operator() -> Weight;
	/// `close_as_recycled`, without the listeners.
	fn close_as_recycled() -> Weight;
	/// `take_over`.
	fn take_over() -> Weight;
	/// `set_owner`, for the pallet that calls it.
	fn set_owner() -> Weight;
}

/// Decoding, checks, two hashes, events. Not measured: stated high.
const BASE: Weight = Weight::from_parts(25_000_000, 0);

/// Decoding, checking, hashing twice and encoding one predecessor of at most 1.5 KiB. Not measured: stated high.
const PREDECESSOR: Weight = Weight::from_parts(15_000_000, 0);

/// The caller's organisation: the account's entry and the organisation itself.
const MEMBERSHIP_READS: u64 = 2;

/// What a new passport reads beside the membership: the identifier among passports and tombstones, as an alias; the alias
/// among aliases, and as an identifier among passports and tombstones; the number of passports.
const NEW_PASSPORT_READS: u64 = 7;

/// What a new passport writes: itself, its alias, the number of passports.
const NEW_PASSPORT_WRITES: u64 = 3;

/// Counted reads and writes.
pub struct CountedWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for CountedWeight<T> {
	fn register() -> Weight {
		BASE.saturating_add(
			T::DbWeight::get().reads_writes(MEMBERSHIP_READS + NEW_PASSPORT_READS, NEW_PASSPORT_WRITES),
		)
	}

	fn update_commitment() -> Weight {
		// The passport.
		BASE.saturating_add(T::DbWeight::get().reads_writes(MEMBERSHIP_READS + 1, 1))
	}

	fn record_event() -> Weight {
		// The passport.
		BASE.saturating_add(T::DbWeight::get().reads_writes(MEMBERSHIP_READS + 1, 1))
	}

	fn offer_derivation() -> Weight {
		// Read: the passport, the recipient, the offer. Written: the offer.
		BASE.saturating_add(T::DbWeight::get().reads_writes(MEMBERSHIP_READS + 3, 1))
	}

	fn withdraw_derivation_offer() -> Weight {
		// Read: the passport, the offer. Written: the offer.
		BASE.saturating_add(T::DbWeight::get().reads_writes(MEMBERSHIP_READS + 2, 1))
	}

	fn derive(predecessors: u32) -> Weight {
		// Of each predecessor: the passport, the offer, the operator that offered; the first two are written.
		let predecessors = u64::from(predecessors);
		Self::register()
			.saturating_add(PREDECESSOR.saturating_mul(predecessors))
			.saturating_add(T::DbWeight::get().reads_writes(3 * predecessors, 2 * predecessors))
	}

	fn hand_over_to_waste_operator() -> Weight {
		// Read: the passport, the recipient, the offer. Written: the passport, the offer.
		BASE.saturating_add(T::DbWeight::get().reads_writes(MEMBERSHIP_READS + 3, 2))
	}

	fn close_as_recycled() -> Weight {
		// Read: the passport, whether each successor is live, the offer, the number of passports. Written: the passport,
		// the offer, the tombstone, the number.
		BASE.saturating_add(T::DbWeight::get().reads_writes(MEMBERSHIP_READS + 3 + u64::from(MAX_LINKS), 4))
	}

	fn take_over() -> Weight {
		// Read: the passport, the new operator, the offer. Written: the passport, the offer.
		BASE.saturating_add(T::DbWeight::get().reads_writes(3, 2))
	}

	fn set_owner() -> Weight {
		// The passport.
		BASE.saturating_add(T::DbWeight::get().reads_writes(1, 1))
	}
}

impl WeightInfo for () {
	fn register() -> Weight {
		BASE
	}
	fn update_commitment() -> Weight {
		BASE
	}
	fn record_event() -> Weight {
		BASE
	}
	fn offer_derivation() -> Weight {
		BASE
	}
	fn withdraw_derivation_offer() -> Weight {
		BASE
	}
	fn derive(predecessors: u32) -> Weight {
		BASE.saturating_add(PREDECESSOR.saturating_mul(predecessors.into()))
	}
	fn hand_over_to_waste_operator() -> Weight {
		BASE
	}
	fn close_as_recycled() -> Weight {
		BASE
	}
	fn take_over() -> Weight {
		BASE
	}
	fn set_owner() -> Weight {
		BASE
	}
}
