//! The history of a passport: a hash chain, kept in pages.
//!
//! The passport holds the head and the length, [`HistoryPages`] the entries, and each is told in an event
//! [`Event::HistoryExtended`] as well. Whoever has the entries, from the pages, an archive node or the operator, folds
//! [`extend`] over them, starting at [`first_head`], and compares with the head: an entry that was changed, left out, put in
//! or moved shows. Pages end with the passport; head and length stay on the tombstone.
//!
//! A history has an end, so that what a closing drops is bounded. Not everybody can use it up: the last entries are kept for
//! what matters more, by the constants below.

use crate::{
	types::{HISTORY_PAGE_ENTRIES, MAX_DELEGATES},
	Config, Error, Event, HistoryEntry, HistoryHead, HistoryPages, Pallet, PassportOf,
};
use codec::Encode;
use frame_support::{dispatch::DispatchResult, ensure};
use passport_primitives::{
	battery::{DocumentHash, PassportId},
	life_cycle::HistoryKind,
	organisation::OrganisationId,
};
use sp_io::hashing::blake2_256;

/// Most entries of a history: one a day for eleven years.
pub const MAX_HISTORY_ENTRIES: u32 = 4_096;

/// Most pages of a history.
pub const MAX_HISTORY_PAGES: u32 = MAX_HISTORY_ENTRIES.div_ceil(HISTORY_PAGE_ENTRIES);

/// Entries that are kept from members that have no part in the battery: a workshop, a carrier, a recycler may record something of any
/// battery, and shall not be able to use up what its operator has to write.
pub const KEPT_FROM_OTHERS: u32 = MAX_HISTORY_ENTRIES / 2;

/// Entries that are kept from what is made by hand: updates, events, delegations, and what its device states. Who may write those can not keep the owner
/// from selling the battery, nor the passport from its end.
pub const KEPT_FROM_HAND: u32 = 64;

/// Entries that are kept from what the ledger writes of a battery in use: transfers, derivations.
pub const KEPT_FROM_USE: u32 = 24;

/// Entries that are kept from what leads to the end: hand-overs to waste operators (4 entries at most), what a notified body
/// allows, the end of a delegation (of which 8 can be left when hand-made entries are refused).
pub const KEPT_FROM_ENDINGS: u32 = 8;

/// Entries that a take-over by the council writes at most: responsibility, ownership and operation move.
pub const TAKE_OVER_ENTRIES: u32 = 3;

/// The one that is kept from everything but closing, the council's take-over included: it closes every history.
pub const KEPT_FROM_TAKE_OVER: u32 = 1;

// Less is kept from what matters more. Room is left for all delegations to end, an override, a hand-over of four entries and
// another one of three; and after all of that for a take-over.
const _: () = assert!(
	KEPT_FROM_OTHERS > KEPT_FROM_HAND
		&& KEPT_FROM_HAND > KEPT_FROM_USE
		&& KEPT_FROM_USE >= KEPT_FROM_ENDINGS + MAX_DELEGATES + 1 + 4 + 3
		&& KEPT_FROM_ENDINGS >= KEPT_FROM_TAKE_OVER + TAKE_OVER_ENTRIES
		&& KEPT_FROM_TAKE_OVER > 0
);

/// Head of the history without an entry: the passport's own key, so that two passports never share a head and one history
/// can not be passed off as another's.
pub const fn first_head(passport: &PassportId) -> HistoryHead {
	passport.0
}

/// Head after one more entry: BLAKE2b-256 over the head and the entry's SCALE bytes.
pub fn extend<BlockNumber: Encode>(head: &HistoryHead, entry: &HistoryEntry<BlockNumber>) -> HistoryHead {
	blake2_256(&(head, entry).encode())
}

/// The page that an entry stands on.
pub const fn page_of(index: u32) -> u32 {
	index / HISTORY_PAGE_ENTRIES
}

/// Pages of a history with this many entries.
pub const fn pages_of(length: u32) -> u32 {
	length.div_ceil(HISTORY_PAGE_ENTRIES)
}

impl<T: Config> Pallet<T> {
	/// Whether the history has room for `entries` more, besides those that are kept.
	pub(crate) fn has_room(record: &PassportOf<T>, entries: u32, kept: u32) -> bool {
		record.history_length.saturating_add(entries) <= MAX_HISTORY_ENTRIES.saturating_sub(kept)
	}

	/// As [`Self::has_room`], for calls.
	pub(crate) fn ensure_room(record: &PassportOf<T>, entries: u32, kept: u32) -> DispatchResult {
		ensure!(Self::has_room(record, entries, kept), Error::<T>::HistoryFull);
		Ok(())
	}

	/// Appends an entry that there is room for. The caller stores the passport.
	pub(crate) fn extend_history(
		passport: PassportId,
		record: &mut PassportOf<T>,
		kind: HistoryKind,
		organisation: OrganisationId,
		evidence: Option<DocumentHash>,
	) {
		let entry = HistoryEntry {
			index: record.history_length,
			kind,
			organisation,
			block: frame_system::Pallet::<T>::block_number(),
			evidence,
		};
		record.history_head = extend(&record.history_head, &entry);
		record.history_length = record.history_length.saturating_add(1);
		let appended = HistoryPages::<T>::try_append(passport, page_of(entry.index), &entry);
		debug_assert!(appended.is_ok(), "the page of an index has room for it");
		Self::deposit_event(Event::HistoryExtended {
			passport,
			entry,
			head: record.history_head,
		});
	}

	/// Drops the pages of a passport that is closed, and says how many there were.
	pub(crate) fn drop_history(passport: &PassportId, record: &PassportOf<T>) -> u32 {
		let pages = pages_of(record.history_length);
		for page in 0..pages {
			HistoryPages::<T>::remove(passport, page);
		}
		pages
	}
}
