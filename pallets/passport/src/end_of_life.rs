//! The end: waste, recycling, and a passport that ceases to exist. Art. 77(7) second sentence and 77(8).

use crate::{
	access::{RECYCLING_ROLES, WASTE_ROLES},
	history::{KEPT_FROM_ENDINGS, KEPT_FROM_TAKE_OVER},
	types::RecyclingBatchId,
	Config, Error, Event, Pallet, PassportOf, Passports, RecyclingBatches, Tombstone, Tombstones,
};
use frame_support::{dispatch::DispatchResult, ensure};
use frame_system::pallet_prelude::OriginFor;
use passport_primitives::{
	battery::{DocumentHash, PassportId},
	ledger::OnPassportClosed,
	life_cycle::{EventKind, HistoryKind, Publication, Status},
	organisation::{OrganisationId, Roles},
};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_hand_over_to_waste_operator(
		origin: OriginFor<T>,
		passport: PassportId,
		to: OrganisationId,
	) -> DispatchResult {
		let member = Self::ensure_active_member(origin)?;
		let mut record = Self::ensure_operated_by(&passport, member.organisation)?;
		// Responsibility does not make anyone the owner: without this check, whoever placed a battery on the market could
		// take it from its purchaser. Of a superseded passport there is no battery left to own.
		ensure!(
			record.publication == Publication::Superseded
				|| record.owner == member.organisation
				|| record.owner == to,
			Error::<T>::NotOwner
		);
		Self::ensure_recipient(to, WASTE_ROLES)?;
		// Waste goes on from the producer to the recycler on the same passport.
		let becomes_waste = record.status.may_become(Status::Waste);
		ensure!(
			becomes_waste || record.responsible_operator != to,
			Error::<T>::Unchanged
		);
		Self::ensure_fit_for_waste(&record)?;
		let entries = u32::from(becomes_waste)
			+ u32::from(record.responsible_operator != to)
			+ u32::from(record.owner != to)
			+ u32::from(record.operated_by != to);
		Self::ensure_room(&record, entries, KEPT_FROM_ENDINGS)?;

		record.threshold_overridden = false;
		if becomes_waste {
			record.status = Status::Waste;
			let kind = HistoryKind::StatusChanged(Status::Waste);
			Self::extend_history(passport, &mut record, kind, member.organisation, None);
			Self::deposit_event(Event::StatusChanged {
				passport,
				status: Status::Waste,
			});
		}
		if record.responsible_operator != to {
			Self::move_responsibility(passport, &mut record, to);
		}
		Self::move_ownership(passport, &mut record, to);
		Self::move_operation(passport, &mut record, to);
		Passports::<T>::insert(passport, record);
		Ok(())
	}

	/// Returns how many pages the history had.
	pub(crate) fn do_close_as_recycled(
		origin: OriginFor<T>,
		passport: PassportId,
		batch: RecyclingBatchId,
		evidence: DocumentHash,
	) -> Result<u32, DispatchError> {
		let member = Self::ensure_active_member(origin)?;
		let mut record = Self::ensure_operated_by(&passport, member.organisation)?;
		ensure!(member.has_any(RECYCLING_ROLES), Error::<T>::NotAuthorized);
		ensure!(record.status == Status::Waste, Error::<T>::NotWaste);
		// It may have been sold since, for a second life. Of a superseded passport there is no battery left to own.
		ensure!(
			record.owner == member.organisation || record.publication == Publication::Superseded,
			Error::<T>::NotOwner
		);
		// What the battery was made into lives on, so it has not been recycled: Art. 77(7) links the new passport to the
		// original one, which has to be there for that.
		ensure!(
			!record.successors.iter().any(Passports::<T>::contains_key),
			Error::<T>::SuccessorLive
		);
		let mut recycling = Self::ensure_batch_of(batch, member.organisation)?;
		ensure!(T::OnPassportClosed::may_close(&passport), Error::<T>::Busy);

		// Its one entry is kept from everything else, so there is room.
		let kind = HistoryKind::Event(EventKind::MaterialsRecovered);
		Self::extend_history(passport, &mut record, kind, member.organisation, Some(evidence));
		recycling.batteries = recycling.batteries.saturating_add(1);
		RecyclingBatches::<T>::insert(batch, recycling);
		Self::end_delegations(passport);
		let pages = Self::drop_history(&passport, &record);
		Passports::<T>::remove(passport);
		Tombstones::<T>::insert(
			passport,
			Tombstone {
				closed_at: frame_system::Pallet::<T>::block_number(),
				recycler: member.organisation,
				batch,
				history_head: record.history_head,
				history_length: record.history_length,
			},
		);
		Self::deposit_event(Event::Closed {
			passport,
			recycler: member.organisation,
			batch,
		});
		T::OnPassportClosed::on_passport_closed(&passport);
		Ok(pages)
	}

	/// Art. 78(e): the passport stays available, and someone answers for it, after its operator has ceased to exist.
	pub(crate) fn do_take_over(passport: PassportId, operator: OrganisationId) -> DispatchResult {
		let mut record = Self::ensure_live(&passport)?;
		ensure!(record.responsible_operator != operator, Error::<T>::Unchanged);
		Self::ensure_recipient(operator, Roles::ANY)?;
		Self::ensure_room(&record, 1, KEPT_FROM_TAKE_OVER)?;

		Self::move_responsibility(passport, &mut record, operator);
		Passports::<T>::insert(passport, record);
		Ok(())
	}

	/// The caller stores the passport.
	fn move_responsibility(passport: PassportId, record: &mut PassportOf<T>, to: OrganisationId) {
		// They were those of the operator who answers no more.
		Self::end_delegations(passport);
		let from = core::mem::replace(&mut record.responsible_operator, to);
		Self::extend_history(passport, record, HistoryKind::ResponsibilityMoved, to, None);
		Self::deposit_event(Event::ResponsibilityMoved { passport, from, to });
	}

	/// The caller stores the passport. Nothing happens to what is there already.
	pub(crate) fn move_ownership(passport: PassportId, record: &mut PassportOf<T>, to: OrganisationId) {
		if record.owner == to {
			return;
		}
		let from = core::mem::replace(&mut record.owner, to);
		let kind = HistoryKind::Event(EventKind::OwnershipTransfer);
		Self::extend_history(passport, record, kind, to, None);
		Self::deposit_event(Event::OwnerChanged { passport, from, to });
	}

	/// The caller stores the passport. Nothing happens to what is there already.
	pub(crate) fn move_operation(passport: PassportId, record: &mut PassportOf<T>, to: OrganisationId) {
		if record.operated_by == to {
			return;
		}
		let from = core::mem::replace(&mut record.operated_by, to);
		Self::extend_history(passport, record, HistoryKind::OperationMoved, to, None);
		Self::deposit_event(Event::OperationMoved { passport, from, to });
	}
}
