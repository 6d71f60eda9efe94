//! Who may act, and on what.

use crate::{Config, Error, Pallet, PassportOf, Passports};
use frame_support::ensure;
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use passport_primitives::{
	battery::PassportId,
	ledger::{ActiveMember, EnvelopeRefusal, Membership, MembershipRefusal},
	organisation::{OrganisationId, Role, Roles},
};
use sp_runtime::DispatchError;

/// Who places batteries on the market for the first time: `register`.
pub const PLACING_ROLES: Roles = Roles::of(&[Role::Manufacturer]);

/// Who places batteries on the market again after one of the operations of Art. 77(7): `derive`. Remanufacturing is often
/// the manufacturer's own.
pub const SECOND_LIFE_ROLES: Roles = Roles::of(&[Role::SecondLifeOperator, Role::Manufacturer]);

/// To whom responsibility moves when a battery becomes waste, Art. 77(7): the producer or the waste operator.
pub const WASTE_ROLES: Roles = Roles::of(&[Role::Recycler, Role::Manufacturer]);

/// Who recycles: `register_recycling_batch`, `close_as_recycled`.
pub const RECYCLING_ROLES: Roles = Roles::of(&[Role::Recycler]);

impl<T> From<MembershipRefusal> for Error<T> {
	fn from(refusal: MembershipRefusal) -> Self {
		match refusal {
			MembershipRefusal::NotAMember => Error::NotAMember,
			MembershipRefusal::Ended => Error::MembershipEnded,
			MembershipRefusal::Suspended => Error::Suspended,
		}
	}
}

impl<T> From<EnvelopeRefusal> for Error<T> {
	fn from(refusal: EnvelopeRefusal) -> Self {
		match refusal {
			EnvelopeRefusal::Missing => Error::EnvelopeMissing,
			EnvelopeRefusal::NotDemanded => Error::EnvelopeNotDemanded,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// The organisation that the caller acts for.
	pub(crate) fn ensure_active_member(origin: OriginFor<T>) -> Result<ActiveMember, DispatchError> {
		let account = ensure_signed(origin)?;
		Ok(T::Members::active_member(&account).map_err(Error::<T>::from)?)
	}

	/// The live passport of this key.
	pub(crate) fn ensure_live(passport: &PassportId) -> Result<PassportOf<T>, DispatchError> {
		Ok(Passports::<T>::get(passport).ok_or(Error::<T>::NotFound)?)
	}

	/// The live passport of this key, for its responsible operator alone.
	pub(crate) fn ensure_operated_by(
		passport: &PassportId,
		organisation: OrganisationId,
	) -> Result<PassportOf<T>, DispatchError> {
		let record = Self::ensure_live(passport)?;
		ensure!(
			record.responsible_operator == organisation,
			Error::<T>::NotAuthorized
		);
		Ok(record)
	}

	/// That something can be handed to an organisation in one of these roles.
	pub(crate) fn ensure_recipient(organisation: OrganisationId, roles: Roles) -> Result<(), DispatchError> {
		let held = T::Members::active_roles(organisation).ok_or(Error::<T>::RecipientNotActive)?;
		ensure!(held.intersects(roles), Error::<T>::RecipientLacksRole);
		Ok(())
	}
}
