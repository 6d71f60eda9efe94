//! Keeping a passport up to date: commitments and the events of table 5.3.

use crate::{
	history::{KEPT_FROM_HAND, KEPT_FROM_OTHERS},
	types::{CommitmentUpdate, EventRecord},
	Config, Error, Event, Pallet, Passports,
};
use frame_support::{dispatch::DispatchResult, ensure};
use frame_system::pallet_prelude::OriginFor;
use passport_primitives::{
	battery::DocumentHash,
	ledger::{ActiveMember, AuthorityEnvelopes, DelegatedRight},
	life_cycle::{HistoryKind, Publication, Recorder},
};

impl<T: Config> Pallet<T> {
	/// One after the other. The call is transactional: none is made when one is refused.
	pub(crate) fn do_update_commitments(
		origin: OriginFor<T>,
		updates: impl IntoIterator<Item = CommitmentUpdate>,
	) -> DispatchResult {
		let member = Self::ensure_active_member(origin)?;
		updates
			.into_iter()
			.try_for_each(|update| Self::update(member, update))
	}

	fn update(member: ActiveMember, update: CommitmentUpdate) -> DispatchResult {
		let CommitmentUpdate {
			passport,
			data_set,
			commitment,
			content_address,
		} = update;
		let mut record = Self::ensure_live(&passport)?;
		let right = DelegatedRight::UpdateCommitments;
		ensure!(
			Self::acts_for_operator(&passport, &record, member.organisation, right),
			Error::<T>::NotAuthorized
		);
		ensure!(record.publication == Publication::Active, Error::<T>::NotActive);
		ensure!(
			record.commitment(data_set) != Some(commitment),
			Error::<T>::Unchanged
		);
		if let Some(address) = &content_address {
			Self::ensure_content_address(address)?;
		}
		Self::ensure_room(&record, 1, KEPT_FROM_HAND)?;
		// Art. 77(2)(b): authorities have access, so new data wait until they have the keys to what is there.
		ensure!(!T::Envelopes::are_due(&passport), Error::<T>::EnvelopesDue);

		if let Some(slot) = record.commitments.get_mut(data_set as usize) {
			*slot = Some(commitment);
		}
		if content_address.is_some() {
			record.content_address = content_address;
		}
		// Raised with an entry of the history each time: as far from overflow as that is.
		record.version = record.version.saturating_add(1);
		Self::extend_history(
			passport,
			&mut record,
			HistoryKind::CommitmentUpdated,
			member.organisation,
			// The entry says to what: a history that is shown later proves each version of the data.
			Some(DocumentHash(commitment.0)),
		);
		Self::deposit_event(Event::CommitmentUpdated {
			passport,
			data_set,
			commitment,
			version: record.version,
			content_address: record.content_address.clone(),
		});
		Passports::<T>::insert(passport, record);
		Ok(())
	}

	/// One after the other. The call is transactional: none is recorded when one is refused.
	pub(crate) fn do_record_events(
		origin: OriginFor<T>,
		events: impl IntoIterator<Item = EventRecord>,
	) -> DispatchResult {
		let member = Self::ensure_active_member(origin)?;
		events
			.into_iter()
			.try_for_each(|event| Self::record(member, &event))
	}

	fn record(member: ActiveMember, event: &EventRecord) -> DispatchResult {
		let EventRecord {
			passport,
			kind,
			evidence,
		} = *event;
		let recorder = kind.recorder();
		ensure!(recorder != Recorder::LedgerOnly, Error::<T>::RecordedByLedgerOnly);
		let mut record = Self::ensure_live(&passport)?;
		let acts_for_operator = || {
			let right = DelegatedRight::RecordEvents;
			Self::acts_for_operator(&passport, &record, member.organisation, right)
		};
		let is_party = record.owner == member.organisation || acts_for_operator();
		let may_record = match recorder {
			Recorder::ResponsibleOperator => acts_for_operator(),
			Recorder::PartyOr(roles) => is_party || member.has_any(roles),
			Recorder::Roles(roles) => member.has_any(roles),
			Recorder::LedgerOnly => false,
		};
		ensure!(may_record, Error::<T>::NotAuthorized);
		ensure!(record.publication == Publication::Active, Error::<T>::NotActive);
		let kept = if is_party {
			KEPT_FROM_HAND
		} else {
			KEPT_FROM_OTHERS
		};
		Self::ensure_room(&record, 1, kept)?;

		Self::extend_history(
			passport,
			&mut record,
			HistoryKind::Event(kind),
			member.organisation,
			Some(evidence),
		);
		Passports::<T>::insert(passport, record);
		Ok(())
	}
}
