//! What becomes of an offer when a passport in it is closed: Art. 77(8).

use crate::{Config, Pallet};
use passport_primitives::{battery::PassportId, ledger::OnPassportClosed};

impl<T: Config> OnPassportClosed for Pallet<T> {
	/// Takes the passport out of the offer that it is in. The offer goes on for the others.
	fn on_passport_closed(passport: &PassportId) {
		if let Some((transfer, offer)) = Self::offer_of(passport) {
			Self::take_out(passport, transfer, offer);
		}
	}

	/// Not while an offer holds it: the recipient would accept a battery that no longer is one.
	fn may_close(passport: &PassportId) -> bool {
		Self::transfer_holding(*passport).is_none()
	}
}
