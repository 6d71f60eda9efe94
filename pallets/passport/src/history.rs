//! The history of a passport: a hash chain.
//!
//! The ledger's state holds the head and the length; the entries are in the events [`Event::HistoryExtended`]. Whoever has
//! the entries, from an archive node or from the operator, folds [`extend`] over them, starting at [`first_head`], and
//! compares with the head: an entry that was changed, left out, put in or moved shows.

use crate::{Config, Event, HistoryEntry, HistoryHead, Pallet, PassportOf};
use codec::Encode;
use passport_primitives::{
	battery::{DocumentHash, PassportId},
	life_cycle::HistoryKind,
	organisation::OrganisationId,
};
use sp_io::hashing::blake2_256;

/// Head of the history without an entry: the passport's own key, so that two passports never share a head and one history
/// can not be passed off as another's.
pub const fn first_head(passport: &PassportId) -> HistoryHead {
	passport.0
}

/// Head after one more entry: BLAKE2b-256 over the head and the entry's SCALE bytes.
pub fn extend<BlockNumber: Encode>(head: &HistoryHead, entry: &HistoryEntry<BlockNumber>) -> HistoryHead {
	blake2_256(&(head, entry).encode())
}

impl<T: Config> Pallet<T> {
	/// Appends an entry. The caller stores the passport.
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
		// 2^32 entries are more than a passport can be given in a century of blocks.
		record.history_length = record.history_length.saturating_add(1);
		Self::deposit_event(Event::HistoryExtended {
			passport,
			entry,
			head: record.history_head,
		});
	}
}
