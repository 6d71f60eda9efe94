//! Whose blocks are refused. Aura asks the session pallet who is disabled; GRANDPA counts the votes of all who take part.
//!
//! There are two reasons, and the severity that the session pallet keeps tells them apart:
//!
//! - **An offence**: [`OffendersUpToAThird`]. The session pallet forgets it when the set changes.
//! - **Acting for no active member**: [`NO_OFFENCE`]. The council has decided or the membership has ended; that is no slash, so no
//!   limit is set to it, and it lasts until the member may act again. Whoever takes part is asked for when a session begins and
//!   when the council stops a member.
//!
//! One validator stays enabled in any case: without blocks the council could decide nothing more.

use crate::{Config, Pallet};
use alloc::vec::Vec;
use pallet_session::disabling::{DisablingDecision, DisablingStrategy, UpToLimitDisablingStrategy};
use passport_primitives::ledger::Membership;
use sp_runtime::Perbill;
use sp_staking::offence::OffenceSeverity;

/// Severity of who is disabled for no offence. An offence has more: `on_offence` leaves a fraction of zero alone.
pub const NO_OFFENCE: OffenceSeverity = OffenceSeverity(Perbill::zero());

/// Disables offenders up to a third of the set, so that blocks go on when evidence comes against many at once. Who is disabled for
/// no offence takes none of that room.
pub struct OffendersUpToAThird;

impl<T: pallet_session::Config> DisablingStrategy<T> for OffendersUpToAThird {
	fn decision(
		offender: &T::ValidatorId,
		severity: OffenceSeverity,
		disabled: &Vec<(u32, OffenceSeverity)>,
	) -> DisablingDecision {
		let offenders: Vec<_> = disabled
			.iter()
			.filter(|(_, severity)| *severity > NO_OFFENCE)
			.copied()
			.collect();
		let decision =
			<UpToLimitDisablingStrategy as DisablingStrategy<T>>::decision(offender, severity, &offenders);
		let taking_part = pallet_session::Validators::<T>::decode_len().unwrap_or_default();
		let another_is_enabled = disabled.len() + 1 < taking_part;
		DisablingDecision {
			// Who is disabled already is marked as an offender, and stays disabled when its member may act again.
			disable: decision
				.disable
				.filter(|index| another_is_enabled || disabled.iter().any(|(other, _)| other == index)),
			reenable: decision.reenable,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Disables everybody who takes part and acts for no active member, and enables again who was disabled for that and acts for
	/// one. When nobody does, who is enabled stays so; of a new set that is the last.
	pub(crate) fn disable_who_may_not_act() {
		// By the account, not by our own list: who was removed from that takes part in up to two sessions more.
		let may_act: Vec<bool> = pallet_session::Validators::<T>::get()
			.iter()
			.map(|account| T::Members::active_member(account).is_ok())
			.collect();
		for (index, severity) in pallet_session::DisabledValidators::<T>::get() {
			if severity == NO_OFFENCE && may_act.get(index as usize) == Some(&true) {
				pallet_session::Pallet::<T>::reenable_index(index);
			}
		}
		let disabled = pallet_session::Pallet::<T>::disabled_validators();
		let mut enabled = may_act.len().saturating_sub(disabled.len());
		for (index, may_act) in (0u32..).zip(may_act) {
			if !may_act && enabled > 1 && !disabled.contains(&index) {
				pallet_session::Pallet::<T>::disable_index_with_severity(index, NO_OFFENCE);
				enabled -= 1;
			}
		}
	}
}
