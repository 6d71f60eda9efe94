//! The branch of the protocol's section 5.1: a battery whose state of health is at or above the council's threshold gets a
//! second life, another one is recycled, and a notified body may decide otherwise.
//!
//! What decides is the last statement of the battery's device, yes or no; the telemetry pallet checks its signature. It
//! counts for [`Config::StatementValidBlocks`]: a statement from the battery's first day says nothing of its last.

use crate::{history::KEPT_FROM_ENDINGS, Config, Error, Event, Pallet, PassportOf, Passports};
use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use frame_system::pallet_prelude::OriginFor;
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
		ensure!(!record.threshold_overridden, Error::<T>::Unchanged);
		Self::ensure_room(&record, 1, KEPT_FROM_ENDINGS)?;

		record.threshold_overridden = true;
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

	/// Whether another battery may be made of this one, as far as its state of health goes.
	pub(crate) fn ensure_fit_for_second_life(record: &PassportOf<T>) -> DispatchResult {
		if record.threshold_overridden {
			return Ok(());
		}
		// What was discarded is used again only after somebody has checked it, Art. 73, whatever its device said before.
		ensure!(record.status != Status::Waste, Error::<T>::ThresholdNotShown);
		// It was shown when the first battery was made of this one. Since then it has no device that could state anything.
		if record.publication == Publication::Superseded {
			return Ok(());
		}
		match Self::shown_at_or_above(record) {
			Some(true) => Ok(()),
			Some(false) => Err(Error::<T>::BelowThreshold.into()),
			None => Err(Error::<T>::ThresholdNotShown.into()),
		}
	}

	/// Whether the battery may become waste, as far as its state of health goes. One that states nothing may: a wreck can not.
	pub(crate) fn ensure_fit_for_waste(record: &PassportOf<T>) -> DispatchResult {
		let has_a_second_life_before_it = record.status == Status::Original
			&& record.publication == Publication::Active
			&& Self::shown_at_or_above(record) == Some(true);
		ensure!(
			!has_a_second_life_before_it || record.threshold_overridden,
			Error::<T>::AboveThreshold
		);
		Ok(())
	}

	/// What the device has stated, as long as that counts.
	fn shown_at_or_above(record: &PassportOf<T>) -> Option<bool> {
		let standing = record.threshold.as_ref()?;
		let counts_until = standing.stated_at.saturating_add(T::StatementValidBlocks::get());
		(frame_system::Pallet::<T>::block_number() <= counts_until).then_some(standing.at_or_above)
	}
}
