//! The end: waste, recycling, and a passport that ceases to exist. Art. 77(7) second sentence and 77(8).

use crate::{
	access::{RECYCLING_ROLES, WASTE_ROLES},
	history::{KEPT_FROM_ENDINGS, KEPT_FROM_TAKE_OVER},
	types::{RecyclingBatchId, WasteHandOver},
	Config, Error, Event, Pallet, PassportOf, Passports, RecyclingBatches, Tombstone, Tombstones,
	WasteHandOvers,
};
use frame_support::{dispatch::DispatchResult, ensure};
use frame_system::pallet_prelude::OriginFor;
use passport_primitives::{
	battery::{DocumentHash, PassportId},
	ledger::{Membership, OnPassportClosed},
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
		let record = Self::ensure_operated_by(&passport, member.organisation)?;
		Self::ensure_may_hand_over(&record, to)?;

		let from = member.organisation;
		if to == from {
			// What it keeps itself it offers to nobody.
			Self::withdraw_hand_over(passport);
			Self::hand_over(passport, record, to);
		} else {
			WasteHandOvers::<T>::insert(passport, WasteHandOver { from, to });
			Self::deposit_event(Event::WasteHandOverOffered { passport, from, to });
		}
		Ok(())
	}

	pub(crate) fn do_accept_waste_hand_over(origin: OriginFor<T>, passport: PassportId) -> DispatchResult {
		let member = Self::ensure_active_member(origin)?;
		let record = Self::ensure_live(&passport)?;
		let offer = WasteHandOvers::<T>::get(passport)
			.filter(|offer| offer.from == record.responsible_operator)
			.ok_or(Error::<T>::NoHandOver)?;
		ensure!(offer.to == member.organisation, Error::<T>::NotAuthorized);
		// What a suspended organisation has offered counts for nothing.
		ensure!(
			T::Members::active_roles(offer.from).is_some(),
			Error::<T>::SenderNotActive
		);
		// Between offer and acceptance the battery can have been sold, or its device have stated something else.
		Self::ensure_may_hand_over(&record, offer.to)?;

		WasteHandOvers::<T>::remove(passport);
		Self::hand_over(passport, record, offer.to);
		Ok(())
	}

	pub(crate) fn do_withdraw_waste_hand_over(origin: OriginFor<T>, passport: PassportId) -> DispatchResult {
		let member = Self::ensure_active_member(origin)?;
		let offer = WasteHandOvers::<T>::get(passport).ok_or(Error::<T>::NoHandOver)?;
		ensure!(
			[offer.from, offer.to].contains(&member.organisation),
			Error::<T>::NotAuthorized
		);

		Self::withdraw_hand_over(passport);
		Ok(())
	}

	/// That the responsible operator may hand the battery over to this organisation.
	fn ensure_may_hand_over(record: &PassportOf<T>, to: OrganisationId) -> DispatchResult {
		let from = record.responsible_operator;
		let has_battery = record.publication != Publication::Superseded;
		// Responsibility does not make anyone the owner: without this check, whoever placed a battery on the market could
		// take it from its purchaser. Of a superseded passport there is no battery left to own.
		ensure!(
			!has_battery || record.owner == from || record.owner == to,
			Error::<T>::NotOwner
		);
		Self::ensure_recipient(to, WASTE_ROLES)?;
		// Waste goes on from the producer to the recycler on the same passport.
		let becomes_waste = record.status.may_become(Status::Waste);
		ensure!(becomes_waste || from != to, Error::<T>::Unchanged);
		Self::ensure_fit_for_waste(record)?;
		let entries = u32::from(becomes_waste)
			+ u32::from(from != to)
			+ u32::from(has_battery && record.owner != to)
			+ u32::from(has_battery && record.operated_by != to);
		Self::ensure_room(record, entries, KEPT_FROM_ENDINGS)
	}

	/// What has been checked. Of a superseded passport status and responsibility move alone: there is no battery left to own, and
	/// its owner has agreed to nothing.
	fn hand_over(passport: PassportId, mut record: PassportOf<T>, to: OrganisationId) {
		record.overridden_at = None;
		if record.status.may_become(Status::Waste) {
			record.status = Status::Waste;
			let kind = HistoryKind::StatusChanged(Status::Waste);
			// Who discards it says that it is waste, whoever receives it.
			let from = record.responsible_operator;
			Self::extend_history(passport, &mut record, kind, from, None);
			Self::deposit_event(Event::StatusChanged {
				passport,
				status: Status::Waste,
			});
		}
		if record.responsible_operator != to {
			Self::move_responsibility(passport, &mut record, to);
		}
		if record.publication != Publication::Superseded {
			Self::move_ownership(passport, &mut record, to);
			Self::move_operation(passport, &mut record, to);
		}
		Self::store_and_tell(passport, record);
	}

	/// Drops the offer of a passport, if there is one.
	fn withdraw_hand_over(passport: PassportId) {
		if let Some(WasteHandOver { from, to }) = WasteHandOvers::<T>::take(passport) {
			Self::deposit_event(Event::WasteHandOverWithdrawn { passport, from, to });
		}
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
		Self::withdraw_hand_over(passport);
		let pages = Self::drop_history(&passport, &record);
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
		Passports::<T>::remove(passport);
		Ok(pages)
	}

	/// Art. 78(e): the passport stays available, and someone answers for it, after its operator has ceased to exist. An owner that
	/// was removed can neither sell nor discard its battery, so that goes to the new operator as well. Who is suspended or has
	/// let its membership end may come back.
	pub(crate) fn do_take_over(passport: PassportId, operator: OrganisationId) -> DispatchResult {
		let mut record = Self::ensure_live(&passport)?;
		let moves_responsibility = record.responsible_operator != operator;
		let who_has_it_then = |holder: OrganisationId| {
			if T::Members::is_member(holder) {
				holder
			} else {
				operator
			}
		};
		let owner = who_has_it_then(record.owner);
		let operated_by = who_has_it_then(record.operated_by);
		let entries = u32::from(moves_responsibility)
			+ u32::from(record.owner != owner)
			+ u32::from(record.operated_by != operated_by);
		ensure!(entries > 0, Error::<T>::Unchanged);
		Self::ensure_recipient(operator, Roles::ANY)?;
		Self::ensure_room(&record, entries, KEPT_FROM_TAKE_OVER)?;

		// What the council has decided is not changed by an offer from before.
		Self::withdraw_hand_over(passport);
		if moves_responsibility {
			Self::move_responsibility(passport, &mut record, operator);
		}
		Self::move_ownership(passport, &mut record, owner);
		Self::move_operation(passport, &mut record, operated_by);
		if moves_responsibility {
			Self::store_and_tell(passport, record);
		} else {
			Passports::<T>::insert(passport, record);
		}
		Ok(())
	}

	/// The caller stores the passport and tells of it.
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
