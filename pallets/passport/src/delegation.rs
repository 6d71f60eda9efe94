//! Delegates: whom the responsible operator has authorised in writing to act in its place, Art. 77(4).

use crate::{
	history::{KEPT_FROM_ENDINGS, KEPT_FROM_HAND},
	types::Delegation,
	Config, DelegationOf, Delegations, DelegationsOf, Error, Event, Pallet, PassportOf, Passports,
};
use alloc::vec::Vec;
use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use frame_system::pallet_prelude::{BlockNumberFor, OriginFor};
use passport_primitives::{
	battery::{DocumentHash, PassportId},
	ledger::{DelegatedRight, DelegatedRights, Membership},
	life_cycle::HistoryKind,
	organisation::{OrganisationId, Roles},
};
use sp_runtime::traits::Saturating;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_delegate(
		origin: OriginFor<T>,
		passport: PassportId,
		delegate: OrganisationId,
		rights: DelegatedRights,
		expires_at: BlockNumberFor<T>,
		authorisation: DocumentHash,
	) -> DispatchResult {
		let member = Self::ensure_active_member(origin)?;
		let mut record = Self::ensure_operated_by(&passport, member.organisation)?;
		ensure!(delegate != member.organisation, Error::<T>::ToOneself);
		ensure!(rights.is_valid() && !rights.is_empty(), Error::<T>::InvalidRights);
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(
			expires_at > now && expires_at <= now.saturating_add(T::MaxDelegationBlocks::get()),
			Error::<T>::ExpiryOutOfRange
		);
		Self::ensure_recipient(delegate, Roles::ANY)?;
		Self::ensure_room(&record, 1, KEPT_FROM_HAND)?;

		let mut delegations = Delegations::<T>::get(passport);
		delegations.retain(|earlier| earlier.delegate != delegate && !earlier.has_expired(&now));
		delegations
			.try_push(Delegation {
				delegate,
				rights,
				expires_at,
				authorisation,
				given_by: member.organisation,
			})
			.map_err(|_| Error::<T>::TooManyDelegates)?;
		Delegations::<T>::insert(passport, delegations);
		Self::extend_history(
			passport,
			&mut record,
			HistoryKind::Delegated,
			delegate,
			Some(authorisation),
		);
		Passports::<T>::insert(passport, record);
		Self::deposit_event(Event::Delegated {
			passport,
			delegate,
			rights,
			expires_at,
			authorisation,
		});
		Ok(())
	}

	pub(crate) fn do_end_delegation(
		origin: OriginFor<T>,
		passport: PassportId,
		delegate: OrganisationId,
	) -> DispatchResult {
		let member = Self::ensure_active_member(origin)?;
		let mut record = Self::ensure_live(&passport)?;
		ensure!(
			member.organisation == record.responsible_operator || member.organisation == delegate,
			Error::<T>::NotAuthorized
		);
		let now = frame_system::Pallet::<T>::block_number();
		let mut delegations = Delegations::<T>::get(passport);
		let position = delegations
			.iter()
			.position(|delegation| delegation.delegate == delegate && !delegation.has_expired(&now))
			.ok_or(Error::<T>::DelegationNotFound)?;
		Self::ensure_room(&record, 1, KEPT_FROM_ENDINGS)?;

		let ended = delegations.remove(position);
		if delegations.is_empty() {
			Delegations::<T>::remove(passport);
		} else {
			Delegations::<T>::insert(passport, delegations);
		}
		Self::extend_history(
			passport,
			&mut record,
			HistoryKind::DelegationEnded,
			delegate,
			Some(ended.authorisation),
		);
		Passports::<T>::insert(passport, record);
		Self::deposit_event(Event::DelegationEnded { passport, delegate });
		Ok(())
	}

	/// Ends all delegations of a passport: who gave them answers for it no more, or it is closed. The history says that by
	/// itself.
	pub(crate) fn end_delegations(passport: PassportId) {
		for delegation in Self::delegations_in_force(&passport) {
			Self::deposit_event(Event::DelegationEnded {
				passport,
				delegate: delegation.delegate,
			});
		}
		Delegations::<T>::remove(passport);
	}

	/// The delegations whose time has not passed.
	pub(crate) fn delegations_in_force(passport: &PassportId) -> Vec<DelegationOf<T>> {
		let now = frame_system::Pallet::<T>::block_number();
		let stored: DelegationsOf<T> = Delegations::<T>::get(passport);
		stored
			.into_iter()
			.filter(|delegation| !delegation.has_expired(&now))
			.collect()
	}

	/// Whether an active organisation may do this in the place of the responsible operator, or is it. An operator that may not
	/// act can not have others act for it.
	pub(crate) fn acts_for_operator(
		passport: &PassportId,
		record: &PassportOf<T>,
		organisation: OrganisationId,
		right: DelegatedRight,
	) -> bool {
		let operator = record.responsible_operator;
		if organisation == operator {
			return true;
		}
		let now = frame_system::Pallet::<T>::block_number();
		Delegations::<T>::get(passport)
			.iter()
			.any(|delegation| delegation.allows(organisation, right, operator, &now))
			&& T::Members::active_roles(operator).is_some()
	}
}
