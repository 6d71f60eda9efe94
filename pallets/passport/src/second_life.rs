//! Second life: a new passport linked to those of the original batteries, Art. 77(7) first sentence.

use crate::{
	access::SECOND_LIFE_ROLES,
	types::{Links, NewPassport},
	Config, DerivationOffers, Error, Event, Pallet, PassportOf, Passports,
};
use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::{dispatch::DispatchResult, ensure};
use frame_system::pallet_prelude::OriginFor;
use passport_primitives::{
	battery::{DocumentHash, PassportId},
	ledger::Membership,
	life_cycle::{EventKind, HistoryKind, Publication, SecondLife},
	organisation::OrganisationId,
};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_offer_derivation(
		origin: OriginFor<T>,
		passport: PassportId,
		to: OrganisationId,
	) -> DispatchResult {
		let member = Self::ensure_active_member(origin)?;
		Self::ensure_operated_by(&passport, member.organisation)?;
		Self::ensure_recipient(to, SECOND_LIFE_ROLES)?;
		ensure!(
			!DerivationOffers::<T>::contains_key(passport),
			Error::<T>::AlreadyOffered
		);

		DerivationOffers::<T>::insert(passport, to);
		Self::deposit_event(Event::DerivationOffered { passport, to });
		Ok(())
	}

	pub(crate) fn do_withdraw_derivation_offer(origin: OriginFor<T>, passport: PassportId) -> DispatchResult {
		let member = Self::ensure_active_member(origin)?;
		Self::ensure_operated_by(&passport, member.organisation)?;
		ensure!(
			DerivationOffers::<T>::contains_key(passport),
			Error::<T>::OfferNotFound
		);

		Self::end_offer(passport);
		Ok(())
	}

	/// Ends an offer, if there is one: it was withdrawn or used, or who gave it answers for the passport no more.
	pub(crate) fn end_offer(passport: PassportId) {
		if let Some(to) = DerivationOffers::<T>::take(passport) {
			Self::deposit_event(Event::DerivationOfferEnded { passport, to });
		}
	}

	pub(crate) fn do_derive(
		origin: OriginFor<T>,
		predecessors: Links,
		operation: SecondLife,
		new: NewPassport,
	) -> DispatchResult {
		let member = Self::ensure_active_member(origin)?;
		ensure!(member.has_any(SECOND_LIFE_ROLES), Error::<T>::NotAuthorized);
		ensure!(!predecessors.is_empty(), Error::<T>::NoPredecessor);
		let distinct: BTreeSet<_> = predecessors.iter().collect();
		ensure!(
			distinct.len() == predecessors.len(),
			Error::<T>::DuplicatePredecessor
		);
		let passport = Self::ensure_registrable(&new)?;
		let mut originals = Vec::with_capacity(predecessors.len());
		for predecessor in &predecessors {
			let mut record = Self::ensure_derivable(predecessor, member.organisation)?;
			record
				.successors
				.try_push(passport)
				.map_err(|_| Error::<T>::TooManySuccessors)?;
			originals.push((*predecessor, record));
		}

		Self::insert_new(
			passport,
			new,
			member.organisation,
			operation.status(),
			predecessors,
		);
		for (predecessor, mut record) in originals {
			Self::end_offer(predecessor);
			record.publication = Publication::Superseded;
			for kind in [
				HistoryKind::Event(EventKind::SecondLifeConversion),
				HistoryKind::Succeeded,
			] {
				// The successor's key is the proof: it leads to a passport that names this one.
				let evidence = Some(DocumentHash(passport.0));
				Self::extend_history(predecessor, &mut record, kind, member.organisation, evidence);
			}
			Passports::<T>::insert(predecessor, record);
			Self::deposit_event(Event::Succeeded {
				passport: predecessor,
				successor: passport,
			});
		}
		Ok(())
	}

	/// The passport, when `organisation` may make another battery of what it stands for. One that is superseded already
	/// counts as well: the modules of one battery can go into several.
	fn ensure_derivable(
		predecessor: &PassportId,
		organisation: OrganisationId,
	) -> Result<PassportOf<T>, DispatchError> {
		let record = Self::ensure_live(predecessor)?;
		if record.responsible_operator != organisation {
			ensure!(
				DerivationOffers::<T>::get(predecessor) == Some(organisation),
				Error::<T>::NotOffered
			);
			// Who may not act now has not consented now: a suspension suspends what was granted before.
			ensure!(
				T::Members::active_roles(record.responsible_operator).is_some(),
				Error::<T>::ConsentSuspended
			);
		}
		ensure!(record.owner == organisation, Error::<T>::NotOwner);
		Ok(record)
	}
}
