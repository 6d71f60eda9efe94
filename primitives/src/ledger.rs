//! Contracts between the pallets: what one needs of another, without knowing it.

use crate::{
	battery::{Category, PassportId},
	life_cycle::{Publication, Status},
	organisation::{OrganisationId, Role, Roles},
};

/// An organisation that may act now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActiveMember {
	/// Which.
	pub organisation: OrganisationId,
	/// Its roles.
	pub roles: Roles,
}

impl ActiveMember {
	/// Whether it has one of these roles.
	pub const fn has_any(&self, roles: Roles) -> bool {
		self.roles.intersects(roles)
	}

	/// Whether it has this role.
	pub const fn has(&self, role: Role) -> bool {
		self.roles.contains(role)
	}
}

/// Why an account may not act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MembershipRefusal {
	/// It acts for no organisation.
	NotAMember,
	/// The organisation's membership has run out.
	Ended,
	/// The council has suspended the organisation.
	Suspended,
}

/// The organisations pallet, as the others see it.
pub trait Membership<AccountId> {
	/// The organisation that `account` acts for, if it may act now.
	fn active_member(account: &AccountId) -> Result<ActiveMember, MembershipRefusal>;

	/// The roles of an organisation that may act now; `None` when it is unknown, suspended or its membership has ended.
	fn active_roles(organisation: OrganisationId) -> Option<Roles>;
}

/// What other pallets may know of a passport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassportFacts {
	/// Who placed the battery on the market: Art. 77(4).
	pub responsible_operator: OrganisationId,
	/// Who owns the battery.
	pub owner: OrganisationId,
	/// The battery's category.
	pub category: Category,
	/// What the battery is.
	pub status: Status,
	/// What has become of the record.
	pub publication: Publication,
}

impl PassportFacts {
	/// Whether the passport is the current record of a battery in use: only such a battery sends telemetry.
	pub const fn is_in_use(&self) -> bool {
		matches!(self.publication, Publication::Active) && !matches!(self.status, Status::Waste)
	}
}

/// Why a passport does not do what another pallet asks of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassportRefusal {
	/// No such passport, or it was closed.
	NotFound,
	/// Superseded by a second-life passport.
	NotActive,
}

/// The passport pallet, as the others see it.
pub trait Passports {
	/// What is known of a passport; `None` when it never was or was closed.
	fn facts(passport: &PassportId) -> Option<PassportFacts>;

	/// Moves ownership and writes `ownership_transfer` into the history. Responsibility stays: Art. 77(4).
	fn set_owner(passport: &PassportId, owner: OrganisationId) -> Result<(), PassportRefusal>;
}

/// Keys of epochs: the telemetry pallet, as the access-grant pallet sees it.
pub trait KeyEpochs {
	/// The current epoch of the passport's device; `None` without a device.
	fn current(passport: &PassportId) -> Option<u32>;

	/// Starts the next epoch, so that what is sealed from now on opens to nobody who held the key before. `None` without a
	/// device.
	fn advance(passport: &PassportId) -> Option<u32>;
}

/// Told when a passport ceases to exist, Art. 77(8): whoever keeps storage under it drops that, all of it, now. What is
/// kept under a passport is bounded, so the work is.
pub trait OnPassportClosed {
	/// `passport` is gone.
	fn on_passport_closed(passport: &PassportId);

	/// Whether something under the passport forbids closing it: an open offer, say.
	fn may_close(passport: &PassportId) -> bool {
		let _ = passport;
		true
	}
}

impl OnPassportClosed for () {
	fn on_passport_closed(_: &PassportId) {}
}

macro_rules! tuple_of_listeners {
	($($name:ident)*) => {
		impl<$($name: OnPassportClosed),*> OnPassportClosed for ($($name,)*) {
			fn on_passport_closed(passport: &PassportId) {
				$($name::on_passport_closed(passport);)*
			}
			fn may_close(passport: &PassportId) -> bool {
				$($name::may_close(passport))&&*
			}
		}
	};
}
tuple_of_listeners!(A B);
tuple_of_listeners!(A B C);
tuple_of_listeners!(A B C D);
