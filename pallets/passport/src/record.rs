//! Keeping a passport up to date: commitments and the events of table 5.3.

use crate::{types::ContentAddress, Config, Error, Event, Pallet, Passports};
use frame_support::{dispatch::DispatchResult, ensure};
use frame_system::pallet_prelude::OriginFor;
use passport_primitives::{
	battery::{Commitment, DocumentHash, PassportId},
	data_set::DataSet,
	life_cycle::{EventKind, HistoryKind, Publication, Recorder},
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_update_commitment(
		origin: OriginFor<T>,
		passport: PassportId,
		data_set: DataSet,
		commitment: Commitment,
		content_address: Option<ContentAddress>,
	) -> DispatchResult {
		let member = Self::ensure_active_member(origin)?;
		let mut record = Self::ensure_operated_by(&passport, member.organisation)?;
		ensure!(record.publication == Publication::Active, Error::<T>::NotActive);
		ensure!(
			record.commitment(data_set) != Some(commitment),
			Error::<T>::Unchanged
		);
		if let Some(address) = &content_address {
			Self::ensure_content_address(address)?;
		}

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

	pub(crate) fn do_record_event(
		origin: OriginFor<T>,
		passport: PassportId,
		kind: EventKind,
		evidence: DocumentHash,
	) -> DispatchResult {
		let member = Self::ensure_active_member(origin)?;
		let recorder = kind.recorder();
		ensure!(recorder != Recorder::LedgerOnly, Error::<T>::RecordedByLedgerOnly);
		let mut record = Self::ensure_live(&passport)?;
		let is_operator = record.responsible_operator == member.organisation;
		let may_record = match recorder {
			Recorder::ResponsibleOperator => is_operator,
			Recorder::PartyOr(roles) => {
				is_operator || record.owner == member.organisation || member.has_any(roles)
			}
			Recorder::Roles(roles) => member.has_any(roles),
			Recorder::LedgerOnly => false,
		};
		ensure!(may_record, Error::<T>::NotAuthorized);
		ensure!(record.publication == Publication::Active, Error::<T>::NotActive);

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
