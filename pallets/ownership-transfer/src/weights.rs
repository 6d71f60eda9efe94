//! Weights of the calls: storage access counted by hand for the worst case, times the database's weights.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of the calls, by the number of batteries in the transfer.
pub trait WeightInfo {
	/// Each battery in an old offer of its own, which loses it.
	fn offer(passports: u32) -> Weight;
	/// This many batteries change owner and operator, and others are left in the offer.
	fn accept(passports: u32) -> Weight;
	/// Every battery is freed.
	fn reject(passports: u32) -> Weight;
	/// Every battery is freed.
	fn cancel(passports: u32) -> Weight;
	/// Every battery is looked at and freed.
	fn clear_expired(passports: u32) -> Weight;
}

/// Decoding, checks and the event.
const BASE: Weight = Weight::from_parts(15_000_000, 0);

/// `Membership::active_member`: the account's organisation number and the organisation.
const MEMBER_READS: u64 = 2;

/// `Passports::set_owner`, where operation moves as well: the passport and the two pages of its history that the two entries
/// can stand on are read and written.
const SET_OWNER: u64 = 3;

/// What `Passports::set_owner` computes: two links of the hash chain, decoding and encoding. Not measured: stated high.
const MOVE: Weight = Weight::from_parts(25_000_000, 0);

/// Counted reads and writes.
pub struct CountedWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> CountedWeight<T> {
	/// A party ends the transfer: caller, transfer; the transfer and each battery's entry are removed.
	fn ended_by_a_party(passports: u32) -> Weight {
		BASE.saturating_add(T::DbWeight::get().reads_writes(MEMBER_READS + 1, 1 + u64::from(passports)))
	}
}

impl<T: frame_system::Config> WeightInfo for CountedWeight<T> {
	fn offer(passports: u32) -> Weight {
		// Caller, recipient, next number; for each battery the passport, its entry and the old transfer (whose sender is the
		// caller wherever it is asked for). Written: the next number and the transfer; for each battery its entry and the old
		// transfer.
		let each = u64::from(passports);
		BASE.saturating_add(T::DbWeight::get().reads_writes(MEMBER_READS + 2 + 3 * each, 2 + 2 * each))
	}

	fn accept(passports: u32) -> Weight {
		// Caller, transfer, sender; for each battery the passport and what moving it reads. Written: the transfer; for each
		// battery its entry's removal and what moving it writes.
		let each = u64::from(passports);
		BASE.saturating_add(MOVE.saturating_mul(each))
			.saturating_add(T::DbWeight::get().reads_writes(
				MEMBER_READS + 2 + (1 + SET_OWNER) * each,
				1 + (1 + SET_OWNER) * each,
			))
	}

	fn reject(passports: u32) -> Weight {
		Self::ended_by_a_party(passports)
	}

	fn cancel(passports: u32) -> Weight {
		Self::ended_by_a_party(passports)
	}

	fn clear_expired(passports: u32) -> Weight {
		// As above, and each passport is looked at.
		Self::ended_by_a_party(passports).saturating_add(T::DbWeight::get().reads(u64::from(passports)))
	}
}

impl WeightInfo for () {
	fn offer(_: u32) -> Weight {
		BASE
	}
	fn accept(_: u32) -> Weight {
		BASE
	}
	fn reject(_: u32) -> Weight {
		BASE
	}
	fn cancel(_: u32) -> Weight {
		BASE
	}
	fn clear_expired(_: u32) -> Weight {
		BASE
	}
}
