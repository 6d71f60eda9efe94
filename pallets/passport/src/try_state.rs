//! What always holds of the storage.

use crate::{
	history::{extend, first_head, page_of, pages_of, MAX_HISTORY_ENTRIES},
	types::{Alias, Links, RecyclingBatchId},
	Aliases, Config, Delegations, HistoryPages, NextRecyclingBatchId, Pallet, PassportOf, Passports,
	RecyclingBatches, Tombstones, WasteHandOvers,
};
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::ensure;
use passport_primitives::{
	battery::{check_alias, check_unique_identifier, PassportId},
	content_address,
	data_set::DataSet,
	life_cycle::Publication,
	organisation::OrganisationId,
};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Names and keys agree, links go both ways, histories are whole, nothing is live and closed at once, nothing stays of what
	/// was closed but its tombstone, delegations and offers are by who answers now, counters agree.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut live = 0;
		let mut pages = 0;
		for (passport, record) in Passports::<T>::iter() {
			live += 1;
			Self::check_names(&passport, &record)?;
			Self::check_links(&passport, &record)?;
			Self::check_history(&passport, &record)?;
			pages += pages_of(record.history_length) as usize;
			ensure!(
				!Tombstones::<T>::contains_key(passport),
				"a passport is live and closed"
			);
			// The organisations pallet numbers from 1: 0 is a field that was forgotten.
			ensure!(
				![
					record.manufacturer,
					record.responsible_operator,
					record.owner,
					record.operated_by
				]
				.contains(&OrganisationId::default()),
				"a passport has nobody as manufacturer, operator or owner"
			);
			ensure!(
				record.commitment(DataSet::Model).is_some(),
				"a passport does not commit to data set 1"
			);
			ensure!(
				record
					.content_address
					.is_none_or(|address| content_address::check(&address).is_ok()),
				"a passport's content address is none"
			);
			ensure!(record.version >= 1, "a passport has no version");
			let now = frame_system::Pallet::<T>::block_number();
			ensure!(
				record
					.threshold
					.as_ref()
					.is_none_or(|standing| standing.stated_at <= now)
					&& record.overridden_at.is_none_or(|at| at <= now),
				"a statement or an override is of a block that is to come"
			);
		}
		ensure!(
			Passports::<T>::count() == live,
			"the number of passports is wrong"
		);
		ensure!(
			HistoryPages::<T>::iter_keys().count() == pages,
			"a page is of no history"
		);

		for (alias, passport) in Aliases::<T>::iter() {
			ensure!(check_alias(&alias).is_ok(), "an alias has the wrong form");
			let in_use = Passports::<T>::get(passport).is_some_and(|record| record.alias == Some(alias));
			ensure!(
				in_use || Tombstones::<T>::contains_key(passport),
				"an alias names a passport that does not have it"
			);
		}
		let mut closed_with = BTreeMap::<RecyclingBatchId, u32>::new();
		for tombstone in Tombstones::<T>::iter_values() {
			// Registered, waste, recycled.
			ensure!(
				(3..=MAX_HISTORY_ENTRIES).contains(&tombstone.history_length),
				"a closed passport has no history"
			);
			ensure!(
				tombstone.recycler != OrganisationId::default(),
				"a passport was closed by nobody"
			);
			ensure!(
				RecyclingBatches::<T>::get(tombstone.batch)
					.is_some_and(|batch| batch.recycler == tombstone.recycler),
				"a passport was closed with a batch that its recycler does not have"
			);
			*closed_with.entry(tombstone.batch).or_default() += 1;
		}
		for (number, batch) in RecyclingBatches::<T>::iter() {
			ensure!(
				number < NextRecyclingBatchId::<T>::get(),
				"a recycling batch has a number that was not given"
			);
			ensure!(
				closed_with.get(&number).copied().unwrap_or_default() == batch.batteries,
				"a recycling batch counts other batteries than were closed with it"
			);
		}
		Self::check_delegations()?;
		Self::check_waste_hand_overs()
	}

	fn check_waste_hand_overs() -> Result<(), TryRuntimeError> {
		for (passport, offer) in WasteHandOvers::<T>::iter() {
			let operator = Passports::<T>::get(passport)
				.ok_or("a hand-over is of no passport")?
				.responsible_operator;
			ensure!(
				offer.from == operator && offer.to != operator,
				"a hand-over is not by the responsible operator to another organisation"
			);
		}
		Ok(())
	}

	fn check_delegations() -> Result<(), TryRuntimeError> {
		for (passport, delegations) in Delegations::<T>::iter() {
			let operator = Passports::<T>::get(passport)
				.ok_or("a delegation is for no passport")?
				.responsible_operator;
			let delegates: BTreeSet<_> = delegations.iter().map(|delegation| delegation.delegate).collect();
			ensure!(
				delegates.len() == delegations.len() && !delegates.is_empty(),
				"an organisation has two delegations for a passport, or there is an empty list"
			);
			for delegation in &delegations {
				ensure!(
					delegation.given_by == operator && delegation.delegate != operator,
					"a delegation is not by the responsible operator to another organisation"
				);
				ensure!(
					delegation.rights.is_valid() && !delegation.rights.is_empty(),
					"a delegation is of no right"
				);
			}
		}
		Ok(())
	}

	/// The pages have every entry, and fold to the head.
	fn check_history(passport: &PassportId, record: &PassportOf<T>) -> Result<(), TryRuntimeError> {
		ensure!(
			(1..MAX_HISTORY_ENTRIES).contains(&record.history_length),
			"a passport has no history, or one without room for its end"
		);
		let mut head = first_head(passport);
		let mut length = 0;
		for page in 0..pages_of(record.history_length) {
			for entry in HistoryPages::<T>::get(passport, page) {
				ensure!(
					entry.index == length && page_of(length) == page,
					"an entry of a history is out of its place"
				);
				head = extend(&head, &entry);
				length += 1;
			}
		}
		ensure!(
			length == record.history_length && head == record.history_head,
			"the pages of a history do not fold to its head"
		);
		Ok(())
	}

	fn check_names(passport: &PassportId, record: &PassportOf<T>) -> Result<(), TryRuntimeError> {
		ensure!(
			check_unique_identifier(&record.unique_identifier).is_ok(),
			"a unique identifier has the wrong form"
		);
		ensure!(
			Self::passport_id(&record.unique_identifier) == *passport,
			"a passport's key is not the hash of its identifier"
		);
		if let Some(alias) = record.alias {
			ensure!(
				Aliases::<T>::get(alias) == Some(*passport),
				"a passport's alias does not name it"
			);
		}
		if let Ok(name) = Alias::try_from(record.unique_identifier.as_slice()) {
			ensure!(
				Aliases::<T>::get(name).is_none_or(|named| named == *passport),
				"a passport's identifier is another one's alias"
			);
		}
		Ok(())
	}

	fn check_links(passport: &PassportId, record: &PassportOf<T>) -> Result<(), TryRuntimeError> {
		let superseded = record.publication == Publication::Superseded;
		ensure!(
			superseded != record.successors.is_empty(),
			"a passport is superseded without a successor, or has one and is not"
		);
		let links_back = |linked: &PassportId, back: fn(&PassportOf<T>) -> &Links| {
			// A closed passport is a tombstone and has no links any more.
			Passports::<T>::get(linked).map_or_else(
				|| Tombstones::<T>::contains_key(linked),
				|other| back(&other).contains(passport),
			)
		};
		for (links, back) in [
			(
				&record.predecessors,
				(|other| &other.successors) as fn(&PassportOf<T>) -> &Links,
			),
			(&record.successors, |other| &other.predecessors),
		] {
			let distinct: BTreeSet<_> = links.iter().collect();
			ensure!(
				distinct.len() == links.len(),
				"a passport is linked twice with another"
			);
			ensure!(
				links.iter().all(|linked| links_back(linked, back)),
				"a passport is linked with one that is not linked back"
			);
		}
		Ok(())
	}
}
