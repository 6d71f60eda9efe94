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

	/// What a grant opens at block `now`: nothing when it is a request, has expired, or the grantee, the responsible operator
	/// or the delegate that granted it may not act; never more than the access table allows the grantee for the purpose.
	pub fn opened_by(grant: &GrantOf<T>, now: BlockNumberFor<T>) -> DataSets {
		if !grant.is_approved() || grant.has_expired(now) {
			return DataSets::NONE;
		}
		// Suspending an organisation suspends what it has granted: nobody answers for the data while it is, and what a suspended
		// delegate has decided is in doubt.
		let may_act = |organisation| T::Members::active_roles(organisation).is_some();
		let answered_for = T::Passports::facts(&grant.passport)
			.is_some_and(|facts| may_act(facts.responsible_operator))
			&& grant.delegate().is_none_or(may_act);
		if !answered_for {
			return DataSets::NONE;
		}
		T::Members::active_roles(grant.grantee).map_or(DataSets::NONE, |roles| {
			grant
				.data_sets
				.intersection(Self::access_with(roles, grant.purpose))
		})
	}
}
