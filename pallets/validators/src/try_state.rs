//! What is true of the storage after every block.

use crate::{Config, MinimumValidators, Pallet, Stalled, Validators};
use alloc::collections::BTreeSet;
use frame_support::ensure;
use passport_primitives::ledger::Membership;

impl<T: Config> Pallet<T> {
	/// Checks that
	///
	/// - the minimum is one at least;
	/// - no account is twice a validator, and no organisation has two;
	/// - a validator that may act acts for the organisation that it was added for;
	/// - there are as many validators as the minimum, or none at all: a genesis without session keys makes no blocks;
	/// - somebody who takes part is enabled;
	/// - a hand-over of finality that waits does so for one of the next two sessions.
	pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
		let validators = Validators::<T>::get();
		let minimum = MinimumValidators::<T>::get();
		ensure!(minimum > 0, "the minimum is zero");
		let accounts: BTreeSet<_> = validators.iter().map(|validator| &validator.account).collect();
		ensure!(
			accounts.len() == validators.len(),
			"an account is twice a validator"
		);
		let organisations: BTreeSet<_> = validators
			.iter()
			.map(|validator| validator.organisation)
			.collect();
		ensure!(
			organisations.len() == validators.len(),
			"an organisation has two validators"
		);
		ensure!(
			validators.iter().all(|validator| {
				T::Members::active_member(&validator.account)
					.map_or(true, |member| member.organisation == validator.organisation)
			}),
			"a validator acts for another organisation than it was added for"
		);
		ensure!(
			validators.is_empty() || validators.len() >= minimum as usize,
			"there are fewer validators than the minimum"
		);
		let taking_part = pallet_session::Validators::<T>::get().len();
		ensure!(
			taking_part == 0 || pallet_session::DisabledValidators::<T>::get().len() < taking_part,
			"nobody who takes part is enabled"
		);
		let session = pallet_session::CurrentIndex::<T>::get();
		ensure!(
			Stalled::<T>::get()
				.is_none_or(|hand_over| (session + 1..=session + 2).contains(&hand_over.session)),
			"a hand-over of finality waits for a session that is past or far"
		);
		Ok(())
	}
}
