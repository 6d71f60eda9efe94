//! What is true of the storage after every block.

use crate::{Config, MinimumValidators, Pallet, Validators};
use alloc::collections::BTreeSet;
use frame_support::ensure;

impl<T: Config> Pallet<T> {
	/// Checks that
	///
	/// - the minimum is one at least;
	/// - no account is twice a validator;
	/// - there are as many validators as the minimum, unless the genesis left the choice to the session pallet.
	pub(crate) fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
		let validators = Validators::<T>::get();
		let minimum = MinimumValidators::<T>::get();
		ensure!(minimum > 0, "the minimum is zero");
		let distinct: BTreeSet<_> = validators.iter().collect();
		ensure!(
			distinct.len() == validators.len(),
			"an account is twice a validator"
		);
		ensure!(
			validators.is_empty() || validators.len() >= minimum as usize,
			"there are fewer validators than the minimum"
		);
		Ok(())
	}
}
