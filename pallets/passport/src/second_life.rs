//! Second life: a new passport linked to those of the original batteries, Art. 77(7) first sentence.

use crate::{
	access::SECOND_LIFE_ROLES,
	history::KEPT_FROM_USE,
	types::{Links, NewPassport},
	Config, ConsentOf, ConsentsOf, Error, Event, Pallet,
};
use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::{dispatch::DispatchResult, ensure};
use frame_system::pallet_prelude::{BlockNumberFor, OriginFor};
use passport_primitives::{
	battery::DocumentHash,
	ledger::{Membership, MembershipRefusal},
	life_cycle::{DerivationConsent, EventKind, HistoryKind, Publication, SecondLife},
	organisation::OrganisationId,
};
use sp_runtime::traits::{SaturatedConversion, Verify, Zero};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_derive(
		origin: OriginFor<T>,
		predecessors: Links,
		operation: SecondLife,
		new: NewPassport,
		consents: ConsentsOf<T>,
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
		let mut consents = consents.into_iter();
		let mut originals = Vec::with_capacity(predecessors.len());
		for predecessor in &predecessors {
			let mut record = Self::ensure_live(predecessor)?;
			// One that is superseded already counts as well: the modules of one battery can go into several.
			ensure!(record.owner == member.organisation, Error::<T>::NotOwner);
			Self::ensure_fit_for_second_life(&record)?;
			Self::ensure_room(&record, 2, KEPT_FROM_USE)?;
			if record.responsible_operator != member.organisation {
				let consent = consents.next().ok_or(Error::<T>::ConsentMissing)?;
				let asked = DerivationConsent {
					predecessor: *predecessor,
					successor: passport,
					deriving: member.organisation,
					operation,
					expires_at: consent.expires_at.saturated_into(),
				};
				Self::ensure_consent(&consent, &asked, record.responsible_operator)?;
			}
			record
				.successors
				.try_push(passport)
				.map_err(|_| Error::<T>::TooManySuccessors)?;
			originals.push((*predecessor, record));
		}
		ensure!(consents.next().is_none(), Error::<T>::BadConsent);

		Self::insert_new(
			passport,
			new,
			member.organisation,
			operation.status(),
			predecessors,
		)?;
		for (predecessor, mut record) in originals {
			record.publication = Publication::Superseded;
			record.overridden_at = None;
			for kind in [
				HistoryKind::Event(EventKind::SecondLifeConversion),
				HistoryKind::Succeeded,
			] {
				// The successor's key is the proof: it leads to a passport that names this one.
				let evidence = Some(DocumentHash(passport.0));
				Self::extend_history(predecessor, &mut record, kind, member.organisation, evidence);
			}
			Self::store_and_tell(predecessor, record);
			Self::deposit_event(Event::Succeeded {
				passport: predecessor,
				successor: passport,
			});
		}
		Ok(())
	}

	/// That a consent is the operator's to what is asked. Who may not act now has not consented now: a suspension suspends
	/// what was signed before.
	fn ensure_consent(
		consent: &ConsentOf<T>,
		asked: &DerivationConsent,
		operator: OrganisationId,
	) -> DispatchResult {
		ensure!(
			consent.expires_at >= frame_system::Pallet::<T>::block_number(),
			Error::<T>::ConsentExpired
		);
		let signer = T::Members::active_member(&consent.account).map_err(|refusal| match refusal {
			MembershipRefusal::NotAMember => Error::<T>::BadConsent,
			MembershipRefusal::Ended | MembershipRefusal::Suspended => Error::<T>::ConsentSuspended,
		})?;
		ensure!(signer.organisation == operator, Error::<T>::BadConsent);
		let genesis_hash = Self::genesis_hash();
		let is_signed = |message: &[u8]| consent.signature.verify(message, &consent.account);
		ensure!(
			is_signed(&asked.message(&genesis_hash)) || is_signed(&asked.wallet_message(&genesis_hash)),
			Error::<T>::BadConsent
		);
		Ok(())
	}

	/// Hash of the genesis block: what binds a signature to this network.
	fn genesis_hash() -> [u8; 32] {
		let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		let mut hash = [0; 32];
		let bytes: &[u8] = genesis.as_ref();
		for (slot, byte) in hash.iter_mut().zip(bytes) {
			*slot = *byte;
		}
		hash
	}
}
