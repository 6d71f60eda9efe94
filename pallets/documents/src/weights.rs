//! Weights of the calls: storage access counted by hand for the worst case, times the database's weights. Events are
//! written once a block and are not counted, as in FRAME's own benchmarks.

use crate::types::MAX_DOCUMENTS_PER_PASSPORT;
use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of the calls.
pub trait WeightInfo {
	/// `anchor`.
	fn anchor() -> Weight;
	/// `withdraw`.
	fn withdraw() -> Weight;
	/// Dropping everything under a passport that is closed, for the pallet that closes it.
	fn on_passport_closed() -> Weight;
}

/// Decoding, checks, the event. Not measured: stated high.
const BASE: Weight = Weight::from_parts(20_000_000, 0);

/// The caller's organisation: the account's entry and the organisation itself.
const MEMBERSHIP_READS: u64 = 2;

/// `Passports::may_act` of a delegate: its organisation, the passport, the delegations, the organisation that gave it.
const MAY_ACT_READS: u64 = 4;

/// Counted reads and writes.
pub struct CountedWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for CountedWeight<T> {
	fn anchor() -> Weight {
		// Read: the passport, the address, the count. Written: the document, the address, the count.
		BASE.saturating_add(T::DbWeight::get().reads_writes(MEMBERSHIP_READS + MAY_ACT_READS + 3, 3))
	}

	fn withdraw() -> Weight {
		// Read: the document, the passport, the count. Written: the document, the address, the count.
		BASE.saturating_add(T::DbWeight::get().reads_writes(MEMBERSHIP_READS + MAY_ACT_READS + 3, 3))
	}

	fn on_passport_closed() -> Weight {
		// The count; each document and each address is found and removed, and both searches end with one more look.
		let documents = u64::from(MAX_DOCUMENTS_PER_PASSPORT);
		BASE.saturating_add(T::DbWeight::get().reads_writes(1 + 2 * (documents + 1), 1 + 2 * documents))
	}
}

impl WeightInfo for () {
	fn anchor() -> Weight {
		BASE
	}
	fn withdraw() -> Weight {
		BASE
	}
	fn on_passport_closed() -> Weight {
		BASE
	}
}
