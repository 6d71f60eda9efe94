//! Registering a passport, and the rules for its names.

use crate::{
	access::PLACING_ROLES,
	history::first_head,
	types::{Alias, ContentAddress, Links, NewPassport, Passport},
	Aliases, Config, Error, Event, Pallet, Passports, Tombstones,
};
use frame_support::{dispatch::DispatchResult, ensure, BoundedVec};
use frame_system::pallet_prelude::OriginFor;
use passport_primitives::{
	battery::{check_alias, check_unique_identifier, Commitment, DocumentHash, PassportId},
	content_address,
	data_set::DataSet,
	ledger::AuthorityEnvelopes,
	life_cycle::{HistoryKind, Publication, Status},
	organisation::OrganisationId,
};
use sp_io::hashing::sha2_256;
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	/// Key of the passport of a battery: SHA-256 of its unique identifier.
	pub fn passport_id(unique_identifier: &[u8]) -> PassportId {
		PassportId(sha2_256(unique_identifier))
	}

	/// One after the other. The call is transactional: none is registered when one is refused.
	pub(crate) fn do_register(
		origin: OriginFor<T>,
		passports: impl IntoIterator<Item = NewPassport>,
	) -> DispatchResult {
		let member = Self::ensure_active_member(origin)?;
		ensure!(member.has_any(PLACING_ROLES), Error::<T>::NotAuthorized);
		passports.into_iter().try_for_each(|new| {
			let passport = Self::ensure_registrable(&new)?;
			Self::insert_new(passport, new, member.organisation, Status::Original, Links::new())
		})
	}

	/// The key that a new passport will have, when everything about it is in order.
	pub(crate) fn ensure_registrable(new: &NewPassport) -> Result<PassportId, DispatchError> {
		check_unique_identifier(&new.unique_identifier).map_err(|_| Error::<T>::InvalidIdentifier)?;
		if let Some(alias) = &new.alias {
			check_alias(alias).map_err(|_| Error::<T>::InvalidAlias)?;
		}
		// Point 1 of Annex XIII is public and always owed; the other sets may not apply to the category, Art. 77(2).
		let [model, ..] = &new.commitments;
		ensure!(model.is_some(), Error::<T>::CommitmentMissing);
		if let Some(address) = &new.content_address {
			Self::ensure_content_address(address)?;
		}
		let passport = Self::passport_id(&new.unique_identifier);
		ensure!(
			!Passports::<T>::contains_key(passport),
			Error::<T>::AlreadyRegistered
		);
		ensure!(
			!Tombstones::<T>::contains_key(passport),
			Error::<T>::IdentifierRetired
		);
		Self::ensure_names_unambiguous(new)?;
		Ok(passport)
	}

	pub(crate) fn ensure_content_address(address: &ContentAddress) -> DispatchResult {
		content_address::check(address).map_err(|_| Error::<T>::InvalidContentAddress)?;
		Ok(())
	}

	/// A reader looks a battery up by either name. A unique identifier that has the form of an alias must therefore not be
	/// another battery's alias, nor an alias another battery's identifier: its QR code would lead to the wrong passport.
	fn ensure_names_unambiguous(new: &NewPassport) -> DispatchResult {
		if let Ok(name) = Alias::try_from(new.unique_identifier.as_slice()) {
			ensure!(!Aliases::<T>::contains_key(name), Error::<T>::AliasTaken);
		}
		if let Some(alias) = &new.alias {
			ensure!(!Aliases::<T>::contains_key(alias), Error::<T>::AliasTaken);
			// Of the same battery the passport is not known yet, so that one battery may go by the same name twice.
			ensure!(!Self::is_known(&Self::passport_id(alias)), Error::<T>::AliasTaken);
		}
		Ok(())
	}

	/// Whether a passport of this key is live or was closed.
	pub(crate) fn is_known(passport: &PassportId) -> bool {
		Passports::<T>::contains_key(passport) || Tombstones::<T>::contains_key(passport)
	}

	/// Stores a passport that [`Self::ensure_registrable`] found in order, and the envelopes that come with it.
	pub(crate) fn insert_new(
		passport: PassportId,
		new: NewPassport,
		organisation: OrganisationId,
		status: Status,
		predecessors: Links,
	) -> DispatchResult {
		let mut record = Passport {
			unique_identifier: new.unique_identifier,
			alias: new.alias,
			category: new.category,
			manufacturer: organisation,
			responsible_operator: organisation,
			owner: organisation,
			operated_by: organisation,
			status,
			publication: Publication::Active,
			threshold: None,
			overridden_at: None,
			commitments: new.commitments,
			content_address: new.content_address,
			version: 1,
			predecessors,
			successors: Links::new(),
			history_head: first_head(&passport),
			history_length: 0,
			registered_at: frame_system::Pallet::<T>::block_number(),
			devices: BoundedVec::new(),
		};
		Self::deposit_event(Event::Registered {
			passport,
			unique_identifier: record.unique_identifier.clone(),
			alias: record.alias,
			category: record.category,
			operator: organisation,
			status,
		});
		// The history starts with what the battery was said to be: a copy of it proves the first version of set 1.
		let evidence = record
			.commitment(DataSet::Model)
			.map(|commitment| DocumentHash(commitment.0));
		Self::extend_history(
			passport,
			&mut record,
			HistoryKind::Registered,
			organisation,
			evidence,
		);
		if let Some(alias) = record.alias {
			Aliases::<T>::insert(alias, passport);
		}
		let committed = record.committed();
		Passports::<T>::insert(passport, record);
		T::Envelopes::deposit(&passport, committed, &new.envelopes).map_err(Error::<T>::from)?;
		Ok(())
	}

	/// The passport that goes by this name: see the view function `resolve`.
	pub(crate) fn find_by_name(name: &[u8]) -> Option<PassportId> {
		// Longer names and other characters name nothing: spare the look-up.
		check_unique_identifier(name).ok()?;
		let by_identifier = Self::passport_id(name);
		if Self::is_known(&by_identifier) {
			return Some(by_identifier);
		}
		Aliases::<T>::get(Alias::try_from(name).ok()?)
	}

	/// Whether the ledger holds this commitment: see the view function `verify`.
	pub(crate) fn holds_commitment(passport: &PassportId, data_set: DataSet, commitment: Commitment) -> bool {
		Passports::<T>::get(passport).and_then(|record| record.commitment(data_set)) == Some(commitment)
	}
}
