//! Contracts between the pallets: what one needs of another, without knowing it.

use crate::{
	battery::{Category, DocumentHash, PassportId},
	data_set::{DataSet, DataSets},
	life_cycle::{Publication, Status},
	organisation::{OrganisationId, Role, Roles},
};
use serde::{Deserialize, Serialize};

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

	/// Whether an organisation is a member, suspended or ended as it may be; `false` for good once the council has removed it.
	fn is_member(organisation: OrganisationId) -> bool;
}

/// Told when an organisation may no longer act because the council suspended or removed it, or set the end of its membership into
/// the past. What it granted and delegated needs no telling: whoever reads a grant asks [`Membership::active_roles`] at that
/// moment. A validator does, for it takes part until somebody takes it out.
pub trait OnMemberStopped {
	/// `organisation` may not act any more. The members' storage says so already.
	fn on_member_stopped(organisation: OrganisationId);
}

impl OnMemberStopped for () {
	fn on_member_stopped(_: OrganisationId) {}
}

on_chain! {
	/// What a responsible operator can authorise another organisation to do in its place: Art. 77(4), "in writing".
	///
	/// The number of a variant is its bit in [`DelegatedRights`] and part of the wire format.
	#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
	#[serde(rename_all = "camelCase")]
	pub enum DelegatedRight {
		/// Replace commitments to data sets.
		UpdateCommitments = 0,
		/// Record events of the protocol's table 5.3.
		RecordEvents = 1,
		/// Approve, deny and revoke access, and hand out the keys of epochs.
		DecideAccess = 2,
		/// Register, revoke and replace the battery's devices, rotate their keys, reset their software.
		ManageDevices = 3,
		/// Anchor and withdraw documents.
		AnchorDocuments = 4,
	}
}

impl DelegatedRight {
	/// Every right, in the order of its bits.
	pub const ALL: [DelegatedRight; 5] = [
		DelegatedRight::UpdateCommitments,
		DelegatedRight::RecordEvents,
		DelegatedRight::DecideAccess,
		DelegatedRight::ManageDevices,
		DelegatedRight::AnchorDocuments,
	];
}

on_chain! {
	/// A set of rights, one bit for each variant of [`DelegatedRight`].
	#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
	pub struct DelegatedRights(u8);
}

impl DelegatedRights {
	/// Every right there is.
	pub const ALL: DelegatedRights = DelegatedRights((1 << DelegatedRight::ALL.len()) - 1);

	/// The set of these rights.
	pub const fn of(rights: &[DelegatedRight]) -> Self {
		let mut bits = 0;
		let mut index = 0;
		while index < rights.len() {
			bits |= 1 << rights[index] as u8;
			index += 1;
		}
		DelegatedRights(bits)
	}

	/// The bits, one for each variant of [`DelegatedRight`].
	pub const fn bits(self) -> u8 {
		self.0
	}

	/// Whether no bit is set that no right has: a value that came over the wire can be anything.
	pub const fn is_valid(self) -> bool {
		self.0 & !Self::ALL.0 == 0
	}

	/// Whether the set is empty.
	pub const fn is_empty(self) -> bool {
		self.0 == 0
	}

	/// Whether `right` is in the set.
	pub const fn contains(self, right: DelegatedRight) -> bool {
		self.0 & (1 << right as u8) != 0
	}

	/// The rights in the set.
	pub fn iter(self) -> impl Iterator<Item = DelegatedRight> {
		DelegatedRight::ALL
			.into_iter()
			.filter(move |right| self.contains(*right))
	}
}

impl Serialize for DelegatedRights {
	fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_seq(self.iter())
	}
}

/// What other pallets may know of a passport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassportFacts {
	/// Who placed the battery on the market: Art. 77(4).
	pub responsible_operator: OrganisationId,
	/// Who owns the battery.
	pub owner: OrganisationId,
	/// Who operates the battery: a lessee, a fleet. It gives no right over the record.
	pub operated_by: OrganisationId,
	/// The battery's category.
	pub category: Category,
	/// What the battery is.
	pub status: Status,
	/// What has become of the record.
	pub publication: Publication,
	/// Data sets that it has a commitment to.
	pub committed: DataSets,
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
	/// The history has no room for such an entry.
	HistoryFull,
}

/// The passport pallet, as the others see it.
pub trait Passports {
	/// What is known of a passport; `None` when it never was or was closed.
	fn facts(passport: &PassportId) -> Option<PassportFacts>;

	/// Whether `organisation` may do this for a live passport: it is the responsible operator, or the responsible operator has
	/// delegated the right to it, the delegation has not ended, and the operator that gave it may act itself.
	fn may_act(passport: &PassportId, organisation: OrganisationId, right: DelegatedRight) -> bool;

	/// Moves ownership and writes `ownership_transfer` into the history; operation moves as well where a new operator is named.
	/// Responsibility stays: Art. 77(4).
	fn set_owner(
		passport: &PassportId,
		owner: OrganisationId,
		operated_by: Option<OrganisationId>,
	) -> Result<(), PassportRefusal>;

	/// Writes down what the battery's device stated about its state of health, and `soh_threshold` into the history when it
	/// says that it fell below. `evidence` is the hash of what the device signed. No value is shown.
	fn record_threshold_statement(
		passport: &PassportId,
		at_or_above: bool,
		threshold_bp: u16,
		evidence: DocumentHash,
	) -> Result<(), PassportRefusal>;

	/// What the battery's device stated about its state of health counts no more: its key may be in other hands. The history
	/// keeps that it was stated. Nothing happens where nothing was, or the passport was closed.
	fn withdraw_threshold_statement(passport: &PassportId);
}

/// Number of a device, given at registration and never again.
pub type DeviceIndex = u32;

/// Most devices that one passport has seen: a battery outlives a BMS or two.
pub const MAX_DEVICES_PER_PASSPORT: u32 = 8;

/// A battery has had [`MAX_DEVICES_PER_PASSPORT`] devices, or there is no such passport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoomForDevice;

/// The passport pallet, as the telemetry pallet sees it: which devices are a battery's stands in its passport, where it costs
/// 4 bytes of the state. An entry of its own would take 85.
pub trait BatteryDevices {
	/// Numbers of a battery's devices, in the order of their registration. None where there is no such passport.
	fn devices(
		passport: &PassportId,
	) -> impl ExactSizeIterator<Item = DeviceIndex> + DoubleEndedIterator<Item = DeviceIndex>;

	/// Adds a device to those of a battery.
	fn add_device(passport: &PassportId, device: DeviceIndex) -> Result<(), NoRoomForDevice>;
}

/// Length of an envelope: see [`crate::envelope`] (RFC 9180): encapsulated key, sealed key, tag.
pub const ENVELOPE_BYTES: usize = 80;

on_chain! {
	/// The key of one data set, for one authority. Authorities do not ask: Art. 77(2)(b).
	#[derive(Clone, Copy, Debug, PartialEq, Eq)]
	pub struct AuthorityEnvelope {
		/// For whom.
		pub authority: OrganisationId,
		/// Of which data set.
		pub data_set: DataSet,
		/// The key, sealed to the authority's HPKE key.
		pub bytes: [u8; ENVELOPE_BYTES],
	}
}

/// Why envelopes for authorities were not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvelopeRefusal {
	/// One that the access table demands is not there.
	Missing,
	/// One is for an organisation or a data set that the table does not demand one for, or there twice.
	NotDemanded,
}

/// The access-grant pallet, as the passport pallet sees it: the keys that authorities receive without asking.
pub trait AuthorityEnvelopes {
	/// Stores envelopes of the passport's current key epoch: every one that is due, and none that the table does not demand of
	/// a passport with commitments to these data sets.
	fn deposit(
		passport: &PassportId,
		committed: DataSets,
		envelopes: &[AuthorityEnvelope],
	) -> Result<(), EnvelopeRefusal>;

	/// Whether an authority lacks an envelope that the table demands now: a key epoch began, a data set or a device came to the
	/// passport, or the council changed the table.
	fn are_due(passport: &PassportId) -> bool;
}

/// Keys of epochs: the telemetry pallet, as the access-grant pallet sees it.
pub trait KeyEpochs {
	/// The current epoch of the passport's device; `None` without an active device.
	fn current(passport: &PassportId) -> Option<u32>;

	/// Starts the next epoch, so that what is sealed from now on opens to nobody who held the key before. `None` without a
	/// device.
	fn advance(passport: &PassportId) -> Option<u32>;
}

/// Told when a passport ceases to exist, Art. 77(8): whoever keeps storage under it drops that, all of it, now. What is
/// kept under a passport is bounded, so the work is.
pub trait OnPassportClosed {
	/// `passport` goes: its tombstone is there, and its record for the last time.
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

/// Told when something about a stored passport changes that others keep beside their own data, so as not to read the passport
/// each time that they need it: its status, its publication, or who answers for it. A new passport has nobody to tell yet, and
/// of one that ceases to exist [`OnPassportClosed`] tells.
pub trait OnPassportChanged {
	/// `passport` is stored and says `facts`.
	fn on_passport_changed(passport: &PassportId, facts: &PassportFacts);
}

impl OnPassportChanged for () {
	fn on_passport_changed(_: &PassportId, _: &PassportFacts) {}
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

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn each_right_has_a_bit_of_its_own() {
		for (index, right) in DelegatedRight::ALL.into_iter().enumerate() {
			assert_eq!(right as usize, index);
			assert_eq!(DelegatedRights::of(&[right]).iter().collect::<Vec<_>>(), [right]);
		}
		assert_eq!(DelegatedRights::of(&DelegatedRight::ALL), DelegatedRights::ALL);
		assert!(DelegatedRights::ALL.is_valid());
		assert!(!DelegatedRights(1 << DelegatedRight::ALL.len()).is_valid());
	}
}
