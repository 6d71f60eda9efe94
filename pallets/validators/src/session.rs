//! What the session pallet asks when it plans a session.

use crate::{Config, Pallet, Validators};
use alloc::vec::Vec;
use pallet_session::SessionManager;
use sp_staking::SessionIndex;

impl<T: Config> SessionManager<T::AccountId> for Pallet<T> {
	/// The validators of a session, if they are others than those of the session that begins now.
	///
	/// Comparing with what is, instead of remembering that something was changed, also brings back a validator that was left
	/// out for want of keys. New keys of the same validators the session pallet notices itself.
	fn new_session(_: SessionIndex) -> Option<Vec<T::AccountId>> {
		let ready: Vec<_> = Validators::<T>::get()
			.into_iter()
			.filter(|validator| pallet_session::NextKeys::<T>::contains_key(validator))
			.collect();
		// At genesis, none of our own: the session pallet takes the accounts that it has keys of.
		(!ready.is_empty() && ready != pallet_session::Validators::<T>::get()).then_some(ready)
	}

	fn start_session(_: SessionIndex) {}

	fn end_session(_: SessionIndex) {}
}
