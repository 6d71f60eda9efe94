//! What is true of the storage after every block.

use crate::{
	AccessTable, AuthorityEnvelopesOf, Config, DemandingAuthorities, Grants, GrantsOf, GrantsTo, NextGrantId,
	Pallet, PurposeTable, RequestOf, MAX_DEMANDING_AUTHORITIES, PUBLIC_AT_MOST,
};
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{ensure, traits::Get};
use passport_primitives::{
	battery::PassportId,
	data_set::{Audience, DataSet},
	ledger::Passports,
};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks that
	///
	/// - the access table names data sets that exist, and the public has the first at most;
	/// - a grant names data sets, lasts no longer than allowed, and has a key exactly if data set 4 is among them;
	/// - a grant stands under a passport that lives, and is found from it and from the grantee, once each;
	/// - a request is found as the one that waits, a grant is not;
	/// - an authority is named once, and has keys under passports that live, one for a data set and none for the first.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let by_purpose = PurposeTable::<T>::iter().map(|(audience, _, data_sets)| (audience, data_sets));
		for (audience, data_sets) in AccessTable::<T>::iter().chain(by_purpose) {
			ensure!(
				data_sets.is_valid(),
				"the access table names a data set that does not exist"
			);
			ensure!(
				audience != Audience::Public || data_sets.is_subset_of(PUBLIC_AT_MOST),
				"the public may see more than data set 1"
			);
		}

		let next = NextGrantId::<T>::get();
		let (mut grants, mut requests) = (0, 0);
		for (grant, stored) in Grants::<T>::iter() {
			grants += 1;
			ensure!(grant < next, "a grant has a number that was not given");
			ensure!(
				stored.data_sets.is_valid() && !stored.data_sets.is_empty(),
				"a grant names no data set, or one that does not exist"
			);
			ensure!(
				stored.duration_blocks <= T::MaxGrantBlocks::get(),
				"a grant lasts too long"
			);
			ensure!(
				T::Passports::facts(&stored.passport).is_some(),
				"a grant of a passport that is gone"
			);
			ensure!(
				GrantsOf::<T>::get(stored.passport)
					.iter()
					.filter(|listed| **listed == grant)
					.count() == 1,
				"a grant is not found from its passport, or twice"
			);
			ensure!(
				GrantsTo::<T>::contains_key(stored.grantee, grant),
				"a grant is not found from its grantee"
			);
			let waiting = RequestOf::<T>::get(stored.passport, stored.grantee) == Some(grant);
			ensure!(
				waiting != stored.is_approved(),
				"a grant waits, or a request does not"
			);
			if stored.is_approved() {
				ensure!(
					stored.envelope().is_some() == stored.needs_key(),
					"a key without data set 4, or the other way round"
				);
			} else {
				requests += 1;
			}
		}

		let listed: usize = GrantsOf::<T>::iter_values().map(|listed| listed.len()).sum();
		ensure!(listed == grants, "a passport lists a grant that is gone");
		ensure!(
			GrantsOf::<T>::iter_values().all(|listed| !listed.is_empty()),
			"an empty list is stored"
		);
		ensure!(
			GrantsTo::<T>::iter().count() == grants,
			"a grantee has a grant that is gone"
		);
		ensure!(
			RequestOf::<T>::iter().count() == requests,
			"a request waits that is gone"
		);
		Self::try_authorities()
	}

	fn try_authorities() -> Result<(), TryRuntimeError> {
		let named = DemandingAuthorities::<T>::get();
		ensure!(
			named.iter().collect::<BTreeSet<_>>().len() == named.len(),
			"an authority is named twice"
		);
		let mut entries = BTreeMap::<PassportId, u32>::new();
		for (passport, _, envelopes) in AuthorityEnvelopesOf::<T>::iter() {
			ensure!(
				T::Passports::facts(&passport).is_some(),
				"an authority has keys of a passport that is gone"
			);
			let data_sets: BTreeSet<_> = envelopes.iter().map(|envelope| envelope.data_set).collect();
			ensure!(
				!envelopes.is_empty() && data_sets.len() == envelopes.len(),
				"an authority has no key, or two for one data set"
			);
			ensure!(
				!data_sets.contains(&DataSet::Model),
				"an authority has a key for what is public"
			);
			let entries = entries.entry(passport).or_default();
			*entries += 1;
			ensure!(
				*entries <= MAX_DEMANDING_AUTHORITIES,
				"more authorities have keys of a passport than can be named"
			);
		}
		Ok(())
	}
}
