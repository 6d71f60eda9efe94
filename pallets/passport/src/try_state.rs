//! What always holds of the storage.

use crate::{
	types::{Alias, Links},
	Aliases, Config, DerivationOffers, Pallet, PassportOf, Passports, Tombstones,
};
use alloc::collections::BTreeSet;
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
	/// Names and keys agree, links go both ways, nothing is live and closed at once, counters agree.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut live = 0;
		for (passport, record) in Passports::<T>::iter() {
			live += 1;
			Self::check_names(&passport, &record)?;
			Self::check_links(&passport, &record)?;
			ensure!(
				!Tombstones::<T>::contains_key(passport),
				"a passport is live and closed"
			);
			// The organisations pallet numbers from 1: 0 is a field that was forgotten.
			ensure!(
				![record.manufacturer, record.responsible_operator, record.owner]
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
			ensure!(record.history_length >= 1, "a passport has no history");
		}
		ensure!(
			Passports::<T>::count() == live,
			"the number of passports is wrong"
		);

		for (alias, passport) in Aliases::<T>::iter() {
			ensure!(check_alias(&alias).is_ok(), "an alias has the wrong form");
			let in_use = Passports::<T>::get(passport).is_some_and(|record| record.alias == Some(alias));
			ensure!(
				in_use || Tombstones::<T>::contains_key(passport),
				"an alias names a passport that does not have it"
			);
		}
		for tombstone in Tombstones::<T>::iter_values() {
			// Registered, waste, recycled.
			ensure!(tombstone.history_length >= 3, "a closed passport has no history");
			ensure!(
				tombstone.recycler != OrganisationId::default(),
				"a passport was closed by nobody"
			);
		}
		for passport in DerivationOffers::<T>::iter_keys() {
			ensure!(
				Passports::<T>::contains_key(passport),
				"an offer is for no passport"
			);
		}
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
