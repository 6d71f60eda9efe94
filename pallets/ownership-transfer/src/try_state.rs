//! What is true of the storage after every block.

use crate::{Config, NextTransferId, OpenTransferOf, Pallet, Transfers};
use alloc::collections::BTreeSet;
use frame_support::ensure;
use passport_primitives::ledger::Passports;

impl<T: Config> Pallet<T> {
	/// Checks that
	///
	/// - numbers are below the next one to be given;
	/// - a transfer is between two organisations, has a battery at least, none twice, and ends after it began;
	/// - each passport of a stored transfer leads back to it, so that none is in two;
	/// - a passport that leads to a transfer is in it, and is live.
	pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
		let next = NextTransferId::<T>::get();
		for (transfer, offer) in Transfers::<T>::iter() {
			ensure!(transfer < next, "a transfer has a number that was not given");
			ensure!(
				offer.from != offer.to,
				"a transfer is from and to the same organisation"
			);
			ensure!(!offer.passports.is_empty(), "a transfer has no battery");
			ensure!(
				offer.expires_at > offer.offered_at,
				"a transfer ends before it began"
			);
			let distinct: BTreeSet<_> = offer.passports.iter().collect();
			ensure!(
				distinct.len() == offer.passports.len(),
				"a battery is twice in a transfer"
			);
			for passport in &offer.passports {
				ensure!(
					OpenTransferOf::<T>::get(passport) == Some(transfer),
					"a battery of a transfer does not lead to it"
				);
			}
		}
		for (passport, transfer) in OpenTransferOf::<T>::iter() {
			ensure!(
				Transfers::<T>::get(transfer).is_some_and(|offer| offer.passports.contains(&passport)),
				"a passport leads to a transfer without it"
			);
			ensure!(
				T::Passports::facts(&passport).is_some(),
				"a closed passport is in a transfer"
			);
		}
		Ok(())
	}
}
