//! Recycling batches: what Annex XII counts by, recycler, facility and year.

use crate::{
	access::RECYCLING_ROLES,
	types::{FacilityName, RecyclingBatch, RecyclingBatchId},
	Config, Error, Event, NextRecyclingBatchId, Pallet, RecyclingBatches,
};
use core::ops::RangeInclusive;
use frame_support::{dispatch::DispatchResult, ensure};
use frame_system::pallet_prelude::OriginFor;
use passport_primitives::{battery::Commitment, organisation::OrganisationId};
use sp_runtime::DispatchError;

/// Years that a batch can count for, from the Regulation's on. The ledger does not compare with a clock: a batch is
/// registered when the year is over, or while it lasts.
pub const YEARS: RangeInclusive<u16> = 2023..=2099;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register_recycling_batch(
		origin: OriginFor<T>,
		facility: FacilityName,
		year: u16,
		masses: Commitment,
	) -> DispatchResult {
		let member = Self::ensure_active_member(origin)?;
		ensure!(member.has_any(RECYCLING_ROLES), Error::<T>::NotAuthorized);
		let is_printable = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
		ensure!(
			!facility.is_empty() && facility.iter().all(is_printable),
			Error::<T>::InvalidFacility
		);
		ensure!(YEARS.contains(&year), Error::<T>::InvalidYear);
		let batch = NextRecyclingBatchId::<T>::get();
		let next = batch.next().ok_or(Error::<T>::NumbersExhausted)?;

		NextRecyclingBatchId::<T>::put(next);
		RecyclingBatches::<T>::insert(
			batch,
			RecyclingBatch {
				recycler: member.organisation,
				facility: facility.clone(),
				year,
				masses,
				batteries: 0,
			},
		);
		Self::deposit_event(Event::RecyclingBatchRegistered {
			batch,
			recycler: member.organisation,
			facility,
			year,
			masses,
		});
		Ok(())
	}

	pub(crate) fn do_amend_recycling_batch(
		origin: OriginFor<T>,
		batch: RecyclingBatchId,
		masses: Commitment,
	) -> DispatchResult {
		let member = Self::ensure_active_member(origin)?;
		let mut stored = Self::ensure_batch_of(batch, member.organisation)?;
		ensure!(stored.masses != masses, Error::<T>::Unchanged);

		stored.masses = masses;
		RecyclingBatches::<T>::insert(batch, stored);
		Self::deposit_event(Event::RecyclingBatchAmended { batch, masses });
		Ok(())
	}

	/// The batch of this number, for its recycler alone.
	pub(crate) fn ensure_batch_of(
		batch: RecyclingBatchId,
		recycler: OrganisationId,
	) -> Result<RecyclingBatch, DispatchError> {
		let stored = RecyclingBatches::<T>::get(batch).ok_or(Error::<T>::BatchNotFound)?;
		ensure!(stored.recycler == recycler, Error::<T>::BatchOfAnother);
		Ok(stored)
	}
}
