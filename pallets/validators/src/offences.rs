//! What becomes of a validator that was proved to have offended, and of one whose organisation may no longer act.

use crate::{Config, Error, Event, Pallet, Validators, WeightInfo};
use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};
use passport_primitives::{ledger::OnMemberStopped, organisation::OrganisationId};
use sp_runtime::Perbill;
use sp_staking::{
	offence::{OffenceDetails, OffenceSeverity, OnOffenceHandler},
	SessionIndex,
};

/// For any form of identification: the session pallet's is a pair that begins with the validator.
impl<T, Reporter, Identification> OnOffenceHandler<Reporter, (T::AccountId, Identification), Weight>
	for Pallet<T>
where
	T: Config,
{
	/// Disables the offender until the set next changes, as far as the session pallet's `DisablingStrategy` goes, and removes
	/// it. There is no stake to take away; a fraction of zero says that nothing is to be done.
	///
	/// At the minimum it stays: four validators of which one is known to offend bear that one, three bear none. The council
	/// replaces it.
	///
	/// An offence from before the council's decision to have the validator is past: the council knew of it or can remove the
	/// validator again. Otherwise whoever kept old evidence could remove it a second time.
	fn on_offence(
		offenders: &[OffenceDetails<Reporter, (T::AccountId, Identification)>],
		slash_fraction: &[Perbill],
		session: SessionIndex,
	) -> Weight {
		let mut weight = Weight::zero();
		for (details, fraction) in offenders.iter().zip(slash_fraction) {
			if fraction.is_zero() {
				continue;
			}
			let validator = details.offender.0.clone();
			weight.saturating_accrue(<T as Config>::WeightInfo::offender(
				T::MaxValidators::get(),
				Self::session_keys(),
			));
			let is_past = Validators::<T>::get()
				.iter()
				.any(|other| other.account == validator && other.since > session);
			if is_past {
				continue;
			}
			pallet_session::Pallet::<T>::report_offence(validator.clone(), OffenceSeverity(*fraction));
			match Self::remove(&validator) {
				Ok(()) => Self::deposit_event(Event::OffenderRemoved { validator }),
				Err(Error::BelowMinimum) => Self::deposit_event(Event::OffenderKept { validator }),
				// Removed already: an offence is reported again with the earlier offenders in it.
				Err(_) => {}
			}
		}
		weight
	}
}

impl<T: Config> OnMemberStopped for Pallet<T> {
	/// Disables whoever takes part for the organisation, and removes its validator.
	///
	/// At the minimum it stays, disabled in every session until the organisation may act again, and is left out of the first
	/// session that is planned with more than the minimum.
	fn on_member_stopped(organisation: OrganisationId) {
		Self::disable_who_may_not_act();
		let Some(validator) = Validators::<T>::get()
			.into_iter()
			.find(|validator| validator.organisation == organisation)
			.map(|validator| validator.account)
		else {
			return;
		};
		match Self::remove(&validator) {
			Ok(()) => Self::deposit_event(Event::StoppedValidatorRemoved {
				validator,
				organisation,
			}),
			Err(_) => Self::deposit_event(Event::StoppedValidatorKept {
				validator,
				organisation,
			}),
		}
	}
}

/// What this pallet's part in stopping a member costs at worst, for the organisations pallet.
pub struct StoppingWeight<T>(PhantomData<T>);

impl<T: Config> Get<Weight> for StoppingWeight<T> {
	fn get() -> Weight {
		<T as Config>::WeightInfo::member_stopped(T::MaxValidators::get(), Pallet::<T>::session_keys())
	}
}
