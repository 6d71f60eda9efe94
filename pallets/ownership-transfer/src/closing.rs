//! What becomes of an offer when a passport in it is closed: Art. 77(8).

use crate::{Config, OpenTransferOf, Pallet, Transfers};
use passport_primitives::{battery::PassportId, ledger::OnPassportClosed};

impl<T: Config> OnPassportClosed for Pallet<T> {
	/// Drops the offer that the passport is in: it moves all its batteries or none, and this one is gone.
	fn on_passport_closed(passport: &PassportId) {
		if let Some((transfer, offer)) = Self::last_offer_of(passport) {
			Transfers::<T>::remove(transfer);
			let now = frame_system::Pallet::<T>::block_number();
			Self::deposit_outcome(transfer, &offer, offer.has_expired(now));
		}
		OpenTransferOf::<T>::remove(passport);
	}

	/// Not while an offer holds it: the recipient would accept a battery that no longer is one.
	fn may_close(passport: &PassportId) -> bool {
		Self::transfer_holding(*passport).is_none()
	}
}
