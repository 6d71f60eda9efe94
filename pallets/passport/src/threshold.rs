//! The branch of the protocol's section 5.1: a battery whose state of health is at or above the council's threshold gets a
//! second life, another one is recycled, and a notified body may decide otherwise.
//!
//! What decides is the last statement of the battery's device, yes or no; the telemetry pallet checks its signature. It
//! counts for [`Config::StatementValidBlocks`]: a statement from the battery's first day says nothing of its last. And it
//! counts as far as it answers the threshold that the council asks for today: at or above 70 % says nothing of 80 %. An
//! override counts for as long: what a notified body found was the battery of that day.

use crate::{
	history::KEPT_FROM_ENDINGS, types::ThresholdStanding, Config, Error, Event, Pallet, PassportOf, Passports,
};
use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use frame_system::pallet_prelude::{BlockNumberFor, OriginFor};
use passport_primitives::{
	battery::{DocumentHash, PassportId},
	life_cycle::{HistoryKind, Publication, Status},
	organisation::Role,
};
use sp_runtime::traits::Saturating;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_override_threshold(
		origin: OriginFor<T>,
		passport: PassportId,
		evidence: DocumentHash,
	) -> DispatchResult {
		let member = Self::ensure_active_member(origin)?;
		ensure!(member.has(Role::NotifiedBody), Error::<T>::NotAuthorized);
		let mut record = Self::ensure_live(&passport)?;
		// Nobody decides in its own cause, whatever other roles it has.
		let parties = [record.owner, record.responsible_operator, record.operated_by];
		ensure!(
			!parties.contains(&member.organisation),
			Error::<T>::NotIndependent
		);
		ensure!(!Self::is_overridden(&record), Error::<T>::Unchanged);
		Self::ensure_room(&record, 1, KEPT_FROM_ENDINGS)?;

		record.overridden_at = Some(frame_system::Pallet::<T>::block_number());
		Self::extend_history(
			passport,
			&mut record,
			HistoryKind::ThresholdOverridden,
			member.organisation,
			Some(evidence),
		);
		Passports::<T>::insert(passport, record);
		Self::deposit_event(Event::ThresholdOverridden {
			passport,
			notified_body: member.organisation,
		});
		Ok(())
	}

	/// Whether a notified body has allowed what the state of health alone would not, and that counts now.
	pub fn is_overridden(record: &PassportOf<T>) -> bool {
		record.overridden_at.is_some_and(Self::still_counts)
	}

	/// Whether another battery may be made of this one, as far as its state of health goes.
	pub(crate) fn ensure_fit_for_second_life(record: &PassportOf<T>) -> DispatchResult {
		if Self::is_overridden(record) {
			return Ok(());
		}
		// What was discarded is used again only after somebody has checked it, Art. 73, whatever its device said before.
		ensure!(record.status != Status::Waste, Error::<T>::ThresholdNotShown);
		// It was shown when the first battery was made of this one. Since then it has no device that could state anything.
		if record.publication == Publication::Superseded {
			return Ok(());
		}
		let standing = record.threshold.as_ref().filter(|standing| !standing.withdrawn);
		match standing.and_then(Self::shown_at_or_above) {
			Some(true) => Ok(()),
			Some(false) => Err(Error::<T>::BelowThreshold.into()),
			None => Err(Error::<T>::ThresholdNotShown.into()),
		}
	}

	/// Whether the battery may become waste, as far as its state of health goes. One that states nothing may: a wreck can not.
	/// What a revoked device had stated still stands here: its operator may not silence the battery to be rid of it.
	pub(crate) fn ensure_fit_for_waste(record: &PassportOf<T>) -> DispatchResult {
		let has_a_second_life_before_it = record.status == Status::Original
			&& record.publication == Publication::Active
			&& record.threshold.as_ref().and_then(Self::shown_at_or_above) == Some(true);
		ensure!(
			!has_a_second_life_before_it || Self::is_overridden(record),
			Error::<T>::AboveThreshold
		);
		Ok(())
	}

	/// Whether the battery is at or above the council's threshold of today, as far as what the device has stated still counts
	/// and tells: at or above a higher threshold is at or above this one, below a lower one is below it.
	fn shown_at_or_above(standing: &ThresholdStanding<BlockNumberFor<T>>) -> Option<bool> {
		let threshold_bp = T::StateOfHealthThresholdBp::get();
		let tells = if standing.at_or_above {
			threshold_bp <= standing.threshold_bp
		} else {
			threshold_bp >= standing.threshold_bp
		};
		(tells && Self::still_counts(standing.stated_at)).then_some(standing.at_or_above)
	}

	/// Whether what was said of the battery's state of health in this block still counts.
	fn still_counts(said_at: BlockNumberFor<T>) -> bool {
		let counts_until = said_at.saturating_add(T::StatementValidBlocks::get());
		frame_system::Pallet::<T>::block_number() <= counts_until
	}
}
