//! Weights of the calls: storage access counted by hand for the worst case, times the database's weights. Events are
//! written once a block and are not counted, as in FRAME's own benchmarks. What other pallets do for a call brings its own
//! weight: `Config::DepositWeight`, `Config::DueWeight`, `Config::ClosingWeight`, `Config::ChangedWeight`.

use crate::{
	types::{NewPassport, MAX_LINKS},
	Config,
};
use alloc::collections::BTreeSet;
use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};
use sp_runtime::traits::Convert;

/// Weights of the calls.
pub trait WeightInfo {
	/// `register`, without the envelopes.
	fn register() -> Weight;
	/// `update_commitment`, without the question whether envelopes are due.
	fn update_commitment() -> Weight;
	/// `record_event`.
	fn record_event() -> Weight;
	/// `delegate`.
	fn delegate() -> Weight;
	/// `end_delegation`.
	fn end_delegation() -> Weight;
	/// `derive`, from this many predecessors with this many consents, without the envelopes and the listener.
	fn derive(predecessors: u32, consents: u32) -> Weight;
	/// `hand_over_to_waste_operator`, without the listener.
	fn hand_over_to_waste_operator() -> Weight;
	/// `close_as_recycled` with a history of this many pages, without the listeners.
	fn close_as_recycled(pages: u32) -> Weight;
	/// `take_over`, without the listener.
	fn take_over() -> Weight;
	/// `override_threshold`.
	fn override_threshold() -> Weight;
	/// `register_recycling_batch`.
	fn register_recycling_batch() -> Weight;
	/// `amend_recycling_batch`.
	fn amend_recycling_batch() -> Weight;
	/// `register_many` with this many passports, without the envelopes.
	fn register_many(passports: u32) -> Weight;
	/// `update_many` with this many updates, without the question whether envelopes are due.
	fn update_many(updates: u32) -> Weight;
	/// `record_many` with this many events.
	fn record_many(events: u32) -> Weight;
	/// `accept_waste_hand_over`, without the listener.
	fn accept_waste_hand_over() -> Weight;
	/// `withdraw_waste_hand_over`.
	fn withdraw_waste_hand_over() -> Weight;
	/// `may_act`, for the pallet that calls it.
	fn may_act() -> Weight;
	/// `set_owner`, for the pallet that calls it.
	fn set_owner() -> Weight;
	/// `record_threshold_statement`, for the pallet that calls it.
	fn record_threshold_statement() -> Weight;
}

/// What `Config::Envelopes` does for new passports, for each by the number of authorities that it brings envelopes for: the
/// envelopes of one authority are stored together.
pub(crate) fn deposits<'a, T: Config>(passports: impl IntoIterator<Item = &'a NewPassport>) -> Weight {
	passports
		.into_iter()
		.map(|new| {
			let authorities: BTreeSet<_> = new.envelopes.iter().map(|envelope| envelope.authority).collect();
			T::DepositWeight::convert(authorities.len() as u32)
		})
		.fold(Weight::zero(), Weight::saturating_add)
}

/// Decoding, checks, two hashes, events. Not measured: stated high.
const BASE: Weight = Weight::from_parts(25_000_000, 0);

/// Decoding, checking, hashing twice and encoding one passport of at most 1.5 KiB. Not measured: stated high.
const PASSPORT: Weight = Weight::from_parts(15_000_000, 0);

/// A consent's signature is checked twice at worst, over the message and over what a wallet makes of it. 70 µs each: sr25519
/// and ed25519 take 43 to 57 µs on the machines that the telemetry pallet's price was measured on, ECDSA no longer.
const CONSENT: Weight = Weight::from_parts(2 * 70_000_000, 0);

/// The caller's organisation: the account's entry and the organisation itself.
const MEMBERSHIP_READS: u64 = 2;

/// What a new passport reads: the identifier among passports and tombstones, as an alias; the alias among aliases, and as an
/// identifier among passports and tombstones; the number of passports; the first page of the history.
const NEW_PASSPORT_READS: u64 = 8;

/// What a new passport writes: itself, its alias, the number of passports, the first page of the history.
const NEW_PASSPORT_WRITES: u64 = 4;

/// What an update or an event reads: the passport, the delegations, the operator that gave them, the last page of the history.
const ENTRY_READS: u64 = 4;

/// What an update or an event writes: the passport, the last page of the history.
const ENTRY_WRITES: u64 = 2;

/// Counted reads and writes.
pub struct CountedWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> CountedWeight<T> {
	fn counted(reads: u64, writes: u64) -> Weight {
		BASE.saturating_add(T::DbWeight::get().reads_writes(reads, writes))
	}

	/// A call of one member's that does the same to this many passports.
	fn many(passports: u32, reads: u64, writes: u64) -> Weight {
		let passports = u64::from(passports);
		Self::counted(MEMBERSHIP_READS + reads * passports, writes * passports)
			.saturating_add(PASSPORT.saturating_mul(passports))
	}
}

impl<T: frame_system::Config> WeightInfo for CountedWeight<T> {
	fn register() -> Weight {
		Self::register_many(1)
	}

	fn update_commitment() -> Weight {
		Self::update_many(1)
	}

	fn record_event() -> Weight {
		Self::record_many(1)
	}

	fn delegate() -> Weight {
		// Read: the passport, the delegate's organisation, the delegations, the history's last page. Written: the passport, the
		// delegations, the page.
		Self::counted(MEMBERSHIP_READS + 4, 3)
	}

	fn end_delegation() -> Weight {
		// Read: the passport, the delegations, the history's last page. Written: the same.
		Self::counted(MEMBERSHIP_READS + 3, 3)
	}

	fn derive(predecessors: u32, consents: u32) -> Weight {
		// Of each predecessor the passport and two pages of the history, for its two entries can stand on two: read and written.
		// Of each consent: the account's entry and the organisation. Once: the genesis hash and the council's threshold.
		let (predecessors, consents) = (u64::from(predecessors), u64::from(consents));
		Self::register()
			.saturating_add(PASSPORT.saturating_mul(predecessors))
			.saturating_add(CONSENT.saturating_mul(consents))
			.saturating_add(
				T::DbWeight::get().reads_writes(3 * predecessors + 2 * consents + 2, 3 * predecessors),
			)
	}

	fn hand_over_to_waste_operator() -> Weight {
		// At once, to itself. Read: the passport, the council's threshold, an offer to another, two pages of the history.
		// Written: the passport, the offer, the pages. What an offer reads and writes is less: the recipient, but no history.
		Self::counted(MEMBERSHIP_READS + 5, 4)
	}

	fn close_as_recycled(pages: u32) -> Weight {
		// Read: the passport, whether each successor is live, the batch, the delegations, the offer of a hand-over, the number of
		// passports, the history's last page. Written: the passport, the batch, the delegations, the offer, the tombstone, the
		// number, every page.
		Self::counted(MEMBERSHIP_READS + 6 + u64::from(MAX_LINKS), 6 + u64::from(pages))
	}

	fn take_over() -> Weight {
		// Read: the passport, the owner, who operates the battery, the new operator, the offer of a hand-over, the delegations, two
		// pages of the history. Written: the passport, the offer, the delegations, the pages.
		Self::counted(8, 5)
	}

	fn override_threshold() -> Weight {
		// The passport and the history's last page.
		Self::counted(MEMBERSHIP_READS + 2, 2)
	}

	fn register_recycling_batch() -> Weight {
		// Read: the next number. Written: that and the batch.
		Self::counted(MEMBERSHIP_READS + 1, 2)
	}

	fn amend_recycling_batch() -> Weight {
		// The batch.
		Self::counted(MEMBERSHIP_READS + 1, 1)
	}

	fn register_many(passports: u32) -> Weight {
		Self::many(passports, NEW_PASSPORT_READS, NEW_PASSPORT_WRITES)
	}

	fn update_many(updates: u32) -> Weight {
		Self::many(updates, ENTRY_READS, ENTRY_WRITES)
	}

	fn record_many(events: u32) -> Weight {
		Self::many(events, ENTRY_READS, ENTRY_WRITES)
	}

	fn accept_waste_hand_over() -> Weight {
		// Read: the passport, the offer, who offered, the council's threshold, the delegations, two pages of the history. Written:
		// the passport, the offer, the delegations, the pages.
		Self::counted(MEMBERSHIP_READS + 7, 5)
	}

	fn withdraw_waste_hand_over() -> Weight {
		// The offer.
		Self::counted(MEMBERSHIP_READS + 1, 1)
	}

	fn may_act() -> Weight {
		// The organisation, the passport, the delegations, the operator that gave them.
		T::DbWeight::get().reads(4)
	}

	fn set_owner() -> Weight {
		// The passport and two pages of the history, for its two entries can stand on two.
		Self::counted(3, 3)
	}

	fn record_threshold_statement() -> Weight {
		// The passport and the history's last page.
		Self::counted(2, 2)
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
	fn delegate() -> Weight {
		BASE
	}
	fn end_delegation() -> Weight {
		BASE
	}
	fn derive(predecessors: u32, consents: u32) -> Weight {
		BASE.saturating_add(PASSPORT.saturating_mul(predecessors.into()))
			.saturating_add(CONSENT.saturating_mul(consents.into()))
	}
	fn hand_over_to_waste_operator() -> Weight {
		BASE
	}
	fn close_as_recycled(_: u32) -> Weight {
		BASE
	}
	fn take_over() -> Weight {
		BASE
	}
	fn override_threshold() -> Weight {
		BASE
	}
	fn register_recycling_batch() -> Weight {
		BASE
	}
	fn amend_recycling_batch() -> Weight {
		BASE
	}
	fn register_many(passports: u32) -> Weight {
		BASE.saturating_mul(passports.into())
	}
	fn update_many(updates: u32) -> Weight {
		BASE.saturating_mul(updates.into())
	}
	fn record_many(events: u32) -> Weight {
		BASE.saturating_mul(events.into())
	}
	fn accept_waste_hand_over() -> Weight {
		BASE
	}
	fn withdraw_waste_hand_over() -> Weight {
		BASE
	}
	fn may_act() -> Weight {
		BASE
	}
	fn set_owner() -> Weight {
		BASE
	}
	fn record_threshold_statement() -> Weight {
		BASE
	}
}
