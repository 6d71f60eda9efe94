//! What holds of the ledger after every call, asked of the storage and not of the pallets that keep it.

use frame_support::{storage::storage_prefix, traits::PalletInfoAccess};
use pallet_access_grant::{AccessTable, GrantOf, Grants, GrantsTo, PurposeTable};
use pallet_organisations::NextOrganisation;
use pallet_passport::{Aliases, PassportOf, Passports, TombstoneOf, Tombstones};
use pallet_telemetry::{DeviceIndex, DeviceState, FormerKeys, LastStatement};
use passport_primitives::{
	battery::PassportId,
	data_set::{Audience, DataSets, Purpose},
	ledger::Membership,
	life_cycle::{Publication, Status},
	organisation::{OrganisationId, Roles},
};
use passport_runtime::{
	AccessGrant, AccountId, Documents, Organisations, OwnershipTransfer, Passport, Runtime, System,
	Telemetry, Validators,
};
use sp_io::hashing::sha2_256;
use std::collections::{BTreeMap, BTreeSet};

/// What does not hold.
pub type Broken = String;

fn hold(condition: bool, what: impl FnOnce() -> String) -> Result<(), Broken> {
	if condition {
		Ok(())
	} else {
		Err(what())
	}
}

/// One live passport for each identifier and alias; manufacturer, responsible operator, owner and operator are organisations that
/// the council admitted; grants open what the access table allows, to those who may act, and nothing else.
pub fn check() -> Result<(), Broken> {
	for (passport, record) in Passports::<Runtime>::iter() {
		check_passport(&passport, &record)?;
	}
	let now = System::block_number();
	for (number, grant) in Grants::<Runtime>::iter() {
		let opened = AccessGrant::opened_by(&grant, now);
		hold(opened.is_subset_of(allowed(&grant)), || {
			format!("{number:?} opens {opened:?}: {grant:?}")
		})?;
	}
	Ok(())
}

fn check_passport(passport: &PassportId, record: &PassportOf<Runtime>) -> Result<(), Broken> {
	hold(sha2_256(&record.unique_identifier) == passport.0, || {
		format!("{passport} is not the key of its identifier")
	})?;
	hold(!Tombstones::<Runtime>::contains_key(passport), || {
		format!("{passport} is live and closed")
	})?;
	let is_its = |device: &DeviceIndex| {
		Telemetry::state_of(*device).is_some_and(|state| state.device.passport == *passport)
	};
	hold(record.devices.iter().all(is_its), || {
		format!("{passport} has a device that is not there, or another's")
	})?;
	hold(
		record
			.alias
			.is_none_or(|alias| Aliases::<Runtime>::get(alias) == Some(*passport)),
		|| format!("the alias of {passport} is another's"),
	)?;
	hold(
		record.publication != Publication::Active
			|| record
				.threshold
				.as_ref()
				.is_none_or(|standing| standing.withdrawn)
			|| Telemetry::active_device_of(passport).is_some(),
		|| format!("what stands of {passport} was stated by no active device"),
	)?;
	let given = OrganisationId(1)..NextOrganisation::<Runtime>::get();
	let parts = parts_of(record);
	hold(parts.iter().all(|part| given.contains(part)), || {
		format!("{passport} has a part that nobody was admitted for: {parts:?}")
	})
}

/// The organisations that have a part in a passport.
pub const fn parts_of(record: &PassportOf<Runtime>) -> [OrganisationId; 4] {
	[
		record.manufacturer,
		record.responsible_operator,
		record.owner,
		record.operated_by,
	]
}

/// What a grant may open at most now: by the tables that are stored, to an organisation that may act, for an operator that may.
fn allowed(grant: &GrantOf<Runtime>) -> DataSets {
	let roles_of = <Organisations as Membership<AccountId>>::active_roles;
	let is_answered_for = Passports::<Runtime>::get(grant.passport)
		.is_some_and(|record| roles_of(record.responsible_operator).is_some());
	let is_over = grant
		.expires_at()
		.is_none_or(|last| last < System::block_number());
	match roles_of(grant.grantee) {
		Some(roles) if is_answered_for && !is_over => shown_to(roles, grant.purpose),
		_ => DataSets::NONE,
	}
}

/// What the access table shows an organisation with these roles for a purpose.
pub fn shown_to(roles: Roles, purpose: Purpose) -> DataSets {
	let cell = |audience: Audience| {
		let seen = AccessTable::<Runtime>::get(audience).unwrap_or(audience.default_access());
		let is_its_purpose = !purpose.default_access(audience).is_empty();
		match PurposeTable::<Runtime>::get(audience, purpose) {
			Some(opened) => seen.intersection(opened),
			None if is_its_purpose => seen,
			None => DataSets::NONE,
		}
	};
	cell(Audience::of(roles)).union(cell(Audience::Public))
}

/// Nothing is left of closed passports but their tombstones: no storage key of any pallet of the ledger begins with the key of one
/// under its map, no value names one where it should be live, no index leads to what is gone.
///
/// Links and history entries of live passports name closed ones for good; the values of the passport pallet are left out.
pub fn check_nothing_left_behind() -> Result<(), Broken> {
	let closed: BTreeSet<[u8; 32]> = Tombstones::<Runtime>::iter_keys()
		.map(|passport| passport.0)
		.collect();
	let tombstones = storage_prefix(Passport::name().as_bytes(), b"Tombstones");
	let is_closed = |bytes: &[u8]| <[u8; 32]>::try_from(bytes).is_ok_and(|bytes| closed.contains(&bytes));
	for pallet in [
		Organisations::name_hash(),
		Validators::name_hash(),
		Passport::name_hash(),
		OwnershipTransfer::name_hash(),
		AccessGrant::name_hash(),
		Telemetry::name_hash(),
		Documents::name_hash(),
	] {
		let mut key = pallet.to_vec();
		while let Some(next) = sp_io::storage::next_key(&key).filter(|next| next.starts_with(&pallet)) {
			key = next;
			if key.starts_with(&tombstones) {
				continue;
			}
			// Pallet and map, 16 bytes each, then hash and key of each part: a passport may be the first or the second one.
			let named = key.get(32..).unwrap_or_default().windows(32).any(is_closed);
			hold(!named, || format!("left behind: 0x{}", hex(&key)))?;
			if pallet != Passport::name_hash() {
				let value = sp_io::storage::get(&key).unwrap_or_default();
				hold(!value.windows(32).any(is_closed), || {
					format!("0x{} names a closed passport", hex(&key))
				})?;
			}
		}
	}
	hold(
		LastStatement::<Runtime>::iter_keys()
			.chain(FormerKeys::<Runtime>::iter_keys())
			.all(|device| Telemetry::state_of(device).is_some()),
		|| "a former key or a statement is of a device that is gone".to_owned(),
	)?;
	hold(
		GrantsTo::<Runtime>::iter_keys().all(|(_, grant)| Grants::<Runtime>::contains_key(grant)),
		|| "a grantee has a grant that is gone".to_owned(),
	)
}

fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The `try_state` of each of the ledger's pallets. Not by the hook: it needs a feature with which the SDK would be built twice.
pub fn try_state() -> Result<(), Broken> {
	let told =
		|outcome: Result<(), sp_runtime::TryRuntimeError>| outcome.map_err(|error| format!("{error:?}"));
	told(Organisations::do_try_state())?;
	told(Validators::do_try_state())?;
	told(Passport::do_try_state())?;
	told(OwnershipTransfer::do_try_state())?;
	told(AccessGrant::do_try_state())?;
	told(Telemetry::do_try_state())?;
	told(Documents::do_try_state())
}

/// What is only added to, between two looks at the ledger.
#[derive(Clone, Default)]
pub struct Watch {
	devices: BTreeMap<DeviceIndex, DeviceState>,
	passports: BTreeMap<PassportId, PassportOf<Runtime>>,
	tombstones: BTreeMap<PassportId, TombstoneOf<Runtime>>,
}

impl Watch {
	/// Holds against the last look: a device's sequence, counters, key epoch and last time never fall and it is never active again;
	/// a history and a version never get shorter, waste stays waste, what is superseded stays so; a passport that is gone has a
	/// tombstone, and tombstones stay as they are.
	pub fn look(&mut self) -> Result<(), Broken> {
		let passports: BTreeMap<_, _> = Passports::<Runtime>::iter().collect();
		let tombstones: BTreeMap<_, _> = Tombstones::<Runtime>::iter().collect();
		let devices: BTreeMap<_, _> = Telemetry::devices().collect();
		for (passport, before) in &self.passports {
			match (passports.get(passport), tombstones.get(passport)) {
				(Some(now), None) => hold(goes_on(before, now), || {
					format!("{passport} went back: from {before:?} to {now:?}")
				})?,
				(None, Some(tombstone)) => hold(tombstone.history_length > before.history_length, || {
					format!("the history of {passport} was cut off when it was closed")
				})?,
				_ => return Err(format!("{passport} is neither live nor closed, or both")),
			}
		}
		for (passport, before) in &self.tombstones {
			hold(tombstones.get(passport) == Some(before), || {
				format!("the tombstone of {passport} was {before:?}")
			})?;
		}
		for (device, before) in &self.devices {
			let Some(now) = devices.get(device) else {
				continue;
			};
			hold(only_rises(before, now), || {
				format!("device {device} went back: from {before:?} to {now:?}")
			})?;
		}
		*self = Watch {
			devices,
			passports,
			tombstones,
		};
		Ok(())
	}
}

fn goes_on(before: &PassportOf<Runtime>, now: &PassportOf<Runtime>) -> bool {
	now.unique_identifier == before.unique_identifier
		&& now.alias == before.alias
		&& now.manufacturer == before.manufacturer
		&& now.registered_at == before.registered_at
		&& now.predecessors == before.predecessors
		&& now.successors.starts_with(&before.successors)
		&& now.history_length >= before.history_length
		&& (now.history_head == before.history_head) == (now.history_length == before.history_length)
		&& now.version >= before.version
		&& (before.status != Status::Waste || now.status == Status::Waste)
		&& (before.publication != Publication::Superseded || now.publication == Publication::Superseded)
}

fn only_rises(before: &DeviceState, now: &DeviceState) -> bool {
	// A rotation of which nothing was taken yet may be followed by one to an earlier sequence.
	let key_holds = if now.public_key == before.public_key {
		now.key_from_sequence == before.key_from_sequence
	} else {
		now.key_from_sequence > before.window.highest()
	};
	key_holds
		&& now.device == before.device
		&& now.window.highest() >= before.window.highest()
		&& now.last_seconds >= before.last_seconds
		&& now.key_epoch >= before.key_epoch
		&& now.frames >= before.frames
		&& now.readings >= before.readings
		&& (now.history_head == before.history_head) == (now.frames == before.frames)
		&& (now.revoked || !before.revoked)
}
