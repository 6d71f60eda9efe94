//! Seats in the council: who may not vote holds none, or the others could not decide without it.

use crate::{Config, Error, Event, Pallet};
use alloc::vec::Vec;
use frame_support::{dispatch::DispatchResult, ensure};
use passport_primitives::organisation::OrganisationId;

/// The council, as this pallet sees it: accounts that have a seat, each of which counts in what the council decides.
pub trait CouncilSeats<AccountId: PartialEq> {
	/// The accounts that have a seat, each once.
	fn seats() -> Vec<AccountId>;

	/// These accounts have a seat from now on, and no others. Votes of those that lose theirs count no more.
	///
	/// Errors: those of the pallet that holds the seats.
	fn set_seats(accounts: Vec<AccountId>) -> DispatchResult;

	/// Whether this account has a seat.
	fn is_seated(account: &AccountId) -> bool {
		Self::seats().contains(account)
	}
}

impl<T: Config> Pallet<T> {
	/// Takes the seats of a member's accounts away. Emits `SeatVacated` for each.
	///
	/// Errors: `LastSeat`.
	pub(crate) fn vacate_seats(organisation: OrganisationId, accounts: &[T::AccountId]) -> DispatchResult {
		let (vacated, stay): (Vec<_>, Vec<_>) = T::Council::seats()
			.into_iter()
			.partition(|seated| accounts.contains(seated));
		if vacated.is_empty() {
			return Ok(());
		}
		ensure!(!stay.is_empty(), Error::<T>::LastSeat);
		T::Council::set_seats(stay)?;
		for account in vacated {
			Self::deposit_event(Event::SeatVacated {
				organisation,
				account,
			});
		}
		Ok(())
	}
}
