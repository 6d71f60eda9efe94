//! The passport pallet, as the other pallets see it.

use crate::{Config, Pallet, Passports};
use passport_primitives::{
	battery::PassportId,
	ledger::{self, PassportFacts, PassportRefusal},
	life_cycle::Publication,
	organisation::OrganisationId,
};

impl<T: Config> ledger::Passports for Pallet<T> {
	fn facts(passport: &PassportId) -> Option<PassportFacts> {
		Passports::<T>::get(passport).map(|record| record.facts())
	}

	fn set_owner(passport: &PassportId, owner: OrganisationId) -> Result<(), PassportRefusal> {
		let mut record = Passports::<T>::get(passport).ok_or(PassportRefusal::NotFound)?;
		if record.publication != Publication::Active {
			return Err(PassportRefusal::NotActive);
		}
		Self::move_ownership(*passport, &mut record, owner);
		Passports::<T>::insert(passport, record);
		Ok(())
	}
}
