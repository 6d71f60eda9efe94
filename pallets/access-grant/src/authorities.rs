//! What authorities receive without asking. Art. 77(2)(b) gives them data sets without anybody's consent, so they do not wait for
//! a grant: their keys are demanded from whoever is responsible for a passport.

use crate::{AuthorityEnvelopesOf, Config, DemandingAuthorities, Error, Event, Pallet, StoredEnvelope};
use alloc::vec::Vec;
use frame_support::{ensure, BoundedVec};
use passport_primitives::{
	battery::PassportId,
	data_set::{Audience, DataSet, DataSets, Purpose},
	ledger::{
		AuthorityEnvelope, AuthorityEnvelopes, EnvelopeRefusal, KeyEpochs, Membership, PassportFacts,
		Passports,
	},
	organisation::{OrganisationId, Role, Roles},
};

/// The data sets that are not public, and so need a key: [`crate::MAX_ENVELOPES_PER_AUTHORITY`] of them.
const NOT_PUBLIC: DataSets = DataSets::of(&[DataSet::Composition, DataSet::TestReports, DataSet::Individual]);

/// The envelopes that are demanded of a passport now.
struct Demand {
	/// Who is to have them.
	authorities: Vec<OrganisationId>,
	/// The data sets that each of them is to have one for.
	data_sets: DataSets,
	/// The epoch of the device's key; `None` without a device.
	key_epoch: Option<u32>,
}

impl Demand {
	fn includes(&self, envelope: &AuthorityEnvelope) -> bool {
		self.authorities.contains(&envelope.authority) && self.data_sets.contains(envelope.data_set)
	}

	/// Whether an envelope is for the epoch that lasts. Without a device there is none that could have ended since.
	fn is_current(&self, stored: &StoredEnvelope) -> bool {
		self.key_epoch.is_none_or(|epoch| epoch == stored.key_epoch)
	}
}

/// The envelope of this authority for this data set.
fn find(
	envelopes: &[AuthorityEnvelope],
	authority: OrganisationId,
	data_set: DataSet,
) -> Option<&AuthorityEnvelope> {
	envelopes
		.iter()
		.find(|envelope| envelope.authority == authority && envelope.data_set == data_set)
}

impl<T: Config> Pallet<T> {
	/// The envelopes that are due under a passport.
	pub(crate) fn due(passport: &PassportId, facts: &PassportFacts) -> Vec<(OrganisationId, DataSet)> {
		Self::due_of(passport, &Self::demand(passport, facts.committed))
	}

	/// The authority comes first: nobody is given access while one waits for a key.
	pub(crate) fn ensure_none_due(passport: &PassportId, facts: &PassportFacts) -> Result<(), Error<T>> {
		ensure!(Self::due(passport, facts).is_empty(), Error::<T>::EnvelopesDue);
		Ok(())
	}

	/// Whether the council can name these: active authorities and notified bodies, each once.
	pub(crate) fn ensure_authorities(authorities: &[OrganisationId]) -> Result<(), Error<T>> {
		for (index, authority) in authorities.iter().enumerate() {
			ensure!(
				!authorities[..index].contains(authority),
				Error::<T>::DuplicateAuthority
			);
			ensure!(Self::is_authority(*authority), Error::<T>::NotAnAuthority);
		}
		Ok(())
	}

	/// Whether an organisation may act and is one of those that Art. 77(2)(b) names.
	fn is_authority(organisation: OrganisationId) -> bool {
		T::Members::active_roles(organisation)
			.is_some_and(|roles| roles.intersects(Roles::of(&[Role::Authority, Role::NotifiedBody])))
	}

	fn demand(passport: &PassportId, committed: DataSets) -> Demand {
		let key_epoch = T::KeyEpochs::current(passport);
		// What a device sends is of data set 4, whether or not a document of it was committed to.
		let held = if key_epoch.is_some() {
			committed.union(DataSets::of(&[DataSet::Individual]))
		} else {
			committed
		};
		Demand {
			authorities: DemandingAuthorities::<T>::get()
				.into_iter()
				.filter(|authority| Self::is_authority(*authority))
				.collect(),
			data_sets: Self::access_for_purpose(Audience::Authority, Purpose::Surveillance)
				.intersection(held)
				.intersection(NOT_PUBLIC),
			key_epoch,
		}
	}

	fn due_of(passport: &PassportId, demand: &Demand) -> Vec<(OrganisationId, DataSet)> {
		let mut due = Vec::new();
		for authority in &demand.authorities {
			let stored = AuthorityEnvelopesOf::<T>::get(passport, authority);
			for data_set in demand.data_sets.iter() {
				let is_there = stored
					.iter()
					.any(|envelope| envelope.data_set == data_set && demand.is_current(envelope));
				if !is_there {
					due.push((*authority, data_set));
				}
			}
		}
		due
	}

	/// Drops what authorities have that the council no longer names. Those that it does name are few, so that no more pile up
	/// under a passport than [`crate::MAX_DEMANDING_AUTHORITIES`].
	fn drop_unnamed(passport: &PassportId) {
		let named = DemandingAuthorities::<T>::get();
		let unnamed: Vec<_> = AuthorityEnvelopesOf::<T>::iter_key_prefix(passport)
			.filter(|authority| !named.contains(authority))
			.collect();
		for authority in unnamed {
			AuthorityEnvelopesOf::<T>::remove(passport, authority);
		}
	}
}

impl<T: Config> AuthorityEnvelopes for Pallet<T> {
	/// Takes envelopes of the device's current key epoch, epoch 0 where there is no device: every one that is due, and others
	/// that are demanded, which replace what is there. A new passport has none, so that everything demanded is due.
	fn deposit(
		passport: &PassportId,
		committed: DataSets,
		envelopes: &[AuthorityEnvelope],
	) -> Result<(), EnvelopeRefusal> {
		let demand = Self::demand(passport, committed);
		for (index, envelope) in envelopes.iter().enumerate() {
			ensure!(demand.includes(envelope), EnvelopeRefusal::NotDemanded);
			ensure!(
				find(&envelopes[..index], envelope.authority, envelope.data_set).is_none(),
				EnvelopeRefusal::NotDemanded
			);
		}
		ensure!(
			Self::due_of(passport, &demand)
				.into_iter()
				.all(|(authority, data_set)| find(envelopes, authority, data_set).is_some()),
			EnvelopeRefusal::Missing
		);
		if envelopes.is_empty() {
			return Ok(());
		}

		Self::drop_unnamed(passport);
		let key_epoch = demand.key_epoch.unwrap_or(0);
		for authority in &demand.authorities {
			let before = AuthorityEnvelopesOf::<T>::get(passport, authority);
			let after: Vec<_> = demand
				.data_sets
				.iter()
				.filter_map(|data_set| match find(envelopes, *authority, data_set) {
					Some(envelope) => Some(StoredEnvelope {
						data_set,
						key_epoch,
						bytes: envelope.bytes,
					}),
					None => before.iter().find(|stored| stored.data_set == data_set).copied(),
				})
				.collect();
			// `NOT_PUBLIC` has as many data sets as an entry has room for, so nothing is cut off.
			AuthorityEnvelopesOf::<T>::insert(passport, authority, BoundedVec::truncate_from(after));
		}
		Self::deposit_event(Event::EnvelopesDeposited {
			passport: *passport,
			key_epoch,
			envelopes: envelopes.len() as u32,
		});
		Ok(())
	}

	fn are_due(passport: &PassportId) -> bool {
		T::Passports::facts(passport).is_some_and(|facts| !Self::due(passport, &facts).is_empty())
	}
}
