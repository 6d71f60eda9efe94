//! What always holds of the storage.

use crate::{
	Config, NextOrganisation, OrganisationOf, Organisations, Pallet, Quotas, RetiredAccounts, Usage,
};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Accounts and organisations point at each other, numbers are below the next one, every account can transact and none was
	/// retired, only organisations have a quota.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut linked = 0;
		for (number, organisation) in Organisations::<T>::iter() {
			ensure!(
				number < NextOrganisation::<T>::get(),
				"an organisation has a number that was not given yet"
			);
			ensure!(
				!organisation.accounts.is_empty(),
				"an organisation has no account"
			);
			ensure!(
				organisation.roles.is_valid() && !organisation.roles.is_empty(),
				"an organisation has no role, or one that does not exist"
			);
			for account in &organisation.accounts {
				ensure!(
					OrganisationOf::<T>::get(account) == Some(number),
					"an account of an organisation does not point back at it"
				);
				ensure!(
					frame_system::Pallet::<T>::providers(account) > 0,
					"an account of an organisation has no provider reference"
				);
				ensure!(
					!RetiredAccounts::<T>::contains_key(account),
					"an account that was retired acts for an organisation"
				);
				linked += 1;
			}
		}
		ensure!(
			OrganisationOf::<T>::iter().count() == linked,
			"an account points at an organisation without it"
		);
		ensure!(
			Quotas::<T>::iter_keys()
				.chain(Usage::<T>::iter_keys())
				.all(Organisations::<T>::contains_key),
			"a quota was left behind by an organisation"
		);
		Ok(())
	}
}
