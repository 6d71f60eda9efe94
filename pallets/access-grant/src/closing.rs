//! What becomes of grants and keys when the passport is closed: Art. 77(8).

use crate::{
	AuthorityEnvelopesOf, Config, Event, Grants, GrantsOf, GrantsTo, Pallet, RequestOf,
	MAX_DEMANDING_AUTHORITIES,
};
use passport_primitives::{battery::PassportId, ledger::OnPassportClosed};

impl<T: Config> OnPassportClosed for Pallet<T> {
	/// Drops every request, grant and envelope: the data that they open ceases to exist with the passport. At most
	/// `MaxGrantsPerPassport` grants and the envelopes of [`MAX_DEMANDING_AUTHORITIES`]; [`crate::WeightInfo::passport_closed`]
	/// is what it costs.
	fn on_passport_closed(passport: &PassportId) {
		let _ = AuthorityEnvelopesOf::<T>::clear_prefix(passport, MAX_DEMANDING_AUTHORITIES, None);
		let grants = GrantsOf::<T>::take(passport);
		for grant in &grants {
			if let Some(stored) = Grants::<T>::take(grant) {
				GrantsTo::<T>::remove(stored.grantee, grant);
				RequestOf::<T>::remove(passport, stored.grantee);
			}
		}
		if !grants.is_empty() {
			Self::deposit_event(Event::GrantsClosed {
				passport: *passport,
				grants: grants.len() as u32,
			});
		}
	}
}
