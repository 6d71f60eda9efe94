//! What becomes of a validator that was proved to have offended.

use crate::{Config, Error, Event, Pallet, WeightInfo};
use frame_support::weights::Weight;
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
	/// Disables the offender for the rest of the session, as far as the session pallet's `DisablingStrategy` goes, and removes
	/// it. There is no stake to take away; a fraction of zero says that nothing is to be done.
	///
	/// At the minimum it stays: four validators of which one is known to offend bear that one, three bear none. The council
	/// adds another and removes it.
	fn on_offence(
		offenders: &[OffenceDetails<Reporter, (T::AccountId, Identification)>],
		slash_fraction: &[Perbill],
		_: SessionIndex,
	) -> Weight {
		let mut weight = Weight::zero();
		for (details, fraction) in offenders.iter().zip(slash_fraction) {
			if fraction.is_zero() {
				continue;
			}
			let validator = details.offender.0.clone();
			pallet_session::Pallet::<T>::report_offence(validator.clone(), OffenceSeverity(*fraction));
			weight.saturating_accrue(<T as Config>::WeightInfo::offender(Self::session_keys()));
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
