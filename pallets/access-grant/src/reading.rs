//! What a grant opens. Nobody has to send a transaction for a grant to end: whether it is open is decided when it is read.

use crate::{Config, GrantOf, Pallet};
use frame_system::pallet_prelude::BlockNumberFor;
use passport_primitives::{
	data_set::DataSets,
	ledger::{Membership, Passports},
};

impl<T: Config> Pallet<T> {
	/// Whether a grant opens anything at block `now`.
	pub fn is_open(grant: &GrantOf<T>, now: BlockNumberFor<T>) -> bool {
		!Self::opened_by(grant, now).is_empty()
	}

	/// What a grant opens at block `now`: nothing when it is a request, has expired, or the grantee or the responsible operator
	/// may not act; never more than the access table allows the grantee.
	pub fn opened_by(grant: &GrantOf<T>, now: BlockNumberFor<T>) -> DataSets {
		if !grant.is_approved() || grant.has_expired(now) {
			return DataSets::NONE;
		}
		// Suspending an organisation suspends what it has granted: nobody answers for the data while it is.
		let answered_for = T::Passports::facts(&grant.passport)
			.is_some_and(|facts| T::Members::active_roles(facts.responsible_operator).is_some());
		if !answered_for {
			return DataSets::NONE;
		}
		T::Members::active_roles(grant.grantee).map_or(DataSets::NONE, |roles| {
			grant.data_sets.intersection(Self::access_with(roles))
		})
	}
}
