//! What the session pallet asks when it plans, starts and ends a session.

use crate::{Config, MinimumValidators, Pallet, Validators};
use alloc::vec::Vec;
use frame_support::traits::Get;
use pallet_session::{historical, SessionManager};
use passport_primitives::ledger::Membership;
use sp_runtime::traits::Convert;
use sp_staking::SessionIndex;

/// `pallet_session::historical`'s full identification of a validator: there is no stake, the account says all.
pub struct AccountSaysAll;

impl<AccountId> Convert<AccountId, Option<()>> for AccountSaysAll {
	fn convert(_: AccountId) -> Option<()> {
		Some(())
	}
}

impl<T: Config> Pallet<T> {
	/// Who takes part by the council's decisions as they are now, with the session keys.
	///
	/// Left out are those without keys, and those whose organisation may not act, as long as the minimum stays: were it not for
	/// the minimum, finality would hang on fewer and fewer as memberships end. Who stays for that votes and writes no blocks.
	fn planned() -> Vec<(T::AccountId, T::Keys)> {
		let with_keys: Vec<_> = Validators::<T>::get()
			.into_iter()
			.filter_map(|validator| {
				let keys = pallet_session::NextKeys::<T>::get(&validator.account)?;
				let active = T::Members::active_roles(validator.organisation).is_some();
				Some((validator.account, keys, active))
			})
			.collect();
		let mut dispensable = with_keys
			.len()
			.saturating_sub(MinimumValidators::<T>::get() as usize);
		with_keys
			.into_iter()
			.filter_map(|(account, keys, active)| {
				if !active && dispensable > 0 {
					dispensable -= 1;
					return None;
				}
				Some((account, keys))
			})
			.collect()
	}
}

impl<T: Config> SessionManager<T::AccountId> for Pallet<T> {
	/// The validators of a session, if they or their keys are others than in the session that begins now.
	///
	/// Comparing with what is, instead of remembering that something was changed, also brings back a validator that was left out.
	/// The session pallet would notice new keys of the same validators itself; the root of the session's keys, by which evidence
	/// of an equivocation is checked after the session, is made for a set that is handed over here, and only then.
	fn new_session(_: SessionIndex) -> Option<Vec<T::AccountId>> {
		let planned = Self::planned();
		// A set of nobody makes no blocks: who takes part now goes on.
		if planned.is_empty() || planned == pallet_session::QueuedKeys::<T>::get() {
			return None;
		}
		Some(planned.into_iter().map(|(account, _)| account).collect())
	}

	/// The validators of a chain's first two sessions. The session pallet's genesis asks for them, after this pallet's: now both
	/// are known.
	///
	/// Left to itself the session pallet would take every account that it has keys of, a set that the council knows nothing of
	/// and that its first decision would replace by one validator.
	fn new_session_genesis(index: SessionIndex) -> Option<Vec<T::AccountId>> {
		let validators = Validators::<T>::get();
		assert!(
			!validators.is_empty() || pallet_session::NextKeys::<T>::iter_keys().next().is_none(),
			"the session pallet has keys at genesis, and there are no validators"
		);
		assert!(
			validators
				.iter()
				.all(|validator| pallet_session::NextKeys::<T>::contains_key(&validator.account)),
			"a validator has no session keys at genesis"
		);
		<Self as SessionManager<T::AccountId>>::new_session(index)
	}

	/// The validators of the session are in force already, and if they are others than before, or with other keys, nobody is
	/// disabled any more. What this reads needs no weight: the session pallet counts a block that begins a session as full.
	fn start_session(index: SessionIndex) {
		if let Some(oldest) = index
			.checked_sub(T::EvidenceSessions::get())
			.filter(|oldest| *oldest > 0)
		{
			historical::Pallet::<T>::prune_up_to(oldest);
		}
		Self::disable_who_may_not_act();
		Self::force_hand_over(index);
	}

	fn end_session(_: SessionIndex) {}
}

impl<T: Config> historical::SessionManager<T::AccountId, ()> for Pallet<T> {
	fn new_session(index: SessionIndex) -> Option<Vec<(T::AccountId, ())>> {
		let validators = <Self as SessionManager<T::AccountId>>::new_session(index)?;
		Some(validators.into_iter().map(|validator| (validator, ())).collect())
	}

	fn new_session_genesis(index: SessionIndex) -> Option<Vec<(T::AccountId, ())>> {
		let validators = <Self as SessionManager<T::AccountId>>::new_session_genesis(index)?;
		Some(validators.into_iter().map(|validator| (validator, ())).collect())
	}

	fn start_session(index: SessionIndex) {
		<Self as SessionManager<T::AccountId>>::start_session(index);
	}

	fn end_session(index: SessionIndex) {
		<Self as SessionManager<T::AccountId>>::end_session(index);
	}
}
