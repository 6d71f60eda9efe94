//! The passport pallet, as the other pallets see it.

use crate::{
	history::{KEPT_FROM_HAND, KEPT_FROM_USE},
	types::ThresholdStanding,
	Config, Pallet, PassportOf, Passports,
};
use passport_primitives::{
	battery::{DocumentHash, PassportId},
	ledger::{
		self, DelegatedRight, DeviceIndex, Membership, NoRoomForDevice, OnPassportChanged, PassportFacts,
		PassportRefusal,
	},
	life_cycle::{EventKind, HistoryKind, Publication},
	organisation::OrganisationId,
};

impl<T: Config> Pallet<T> {
	/// Stores a passport whose status, publication or responsible operator has changed, and tells who keeps a copy of those.
	pub(crate) fn store_and_tell(passport: PassportId, record: PassportOf<T>) {
		let facts = record.facts();
		Passports::<T>::insert(passport, record);
		T::OnPassportChanged::on_passport_changed(&passport, &facts);
	}
}

impl<T: Config> ledger::Passports for Pallet<T> {
	fn facts(passport: &PassportId) -> Option<PassportFacts> {
		Passports::<T>::get(passport).map(|record| record.facts())
	}

	fn may_act(passport: &PassportId, organisation: OrganisationId, right: DelegatedRight) -> bool {
		T::Members::active_roles(organisation).is_some()
			&& Passports::<T>::get(passport)
				.is_some_and(|record| Self::acts_for_operator(passport, &record, organisation, right))
	}

	fn set_owner(
		passport: &PassportId,
		owner: OrganisationId,
		operated_by: Option<OrganisationId>,
	) -> Result<(), PassportRefusal> {
		let mut record = Passports::<T>::get(passport).ok_or(PassportRefusal::NotFound)?;
		if record.publication != Publication::Active {
			return Err(PassportRefusal::NotActive);
		}
		let operated_by = operated_by.unwrap_or(record.operated_by);
		let entries = u32::from(record.owner != owner) + u32::from(record.operated_by != operated_by);
		if !Self::has_room(&record, entries, KEPT_FROM_USE) {
			return Err(PassportRefusal::HistoryFull);
		}

		Self::move_ownership(*passport, &mut record, owner);
		Self::move_operation(*passport, &mut record, operated_by);
		Passports::<T>::insert(passport, record);
		Ok(())
	}

	fn record_threshold_statement(
		passport: &PassportId,
		at_or_above: bool,
		threshold_bp: u16,
		evidence: DocumentHash,
	) -> Result<(), PassportRefusal> {
		let mut record = Passports::<T>::get(passport).ok_or(PassportRefusal::NotFound)?;
		if record.publication != Publication::Active {
			return Err(PassportRefusal::NotActive);
		}
		let says_the_same = record.threshold.as_ref().is_some_and(|standing| {
			!standing.withdrawn
				&& standing.at_or_above == at_or_above
				&& standing.threshold_bp == threshold_bp
		});
		if !says_the_same && !Self::has_room(&record, 1, KEPT_FROM_HAND) {
			return Err(PassportRefusal::HistoryFull);
		}

		record.threshold = Some(ThresholdStanding {
			at_or_above,
			threshold_bp,
			stated_at: frame_system::Pallet::<T>::block_number(),
			withdrawn: false,
		});
		if !says_the_same {
			let kind = if at_or_above {
				HistoryKind::ThresholdHeld
			} else {
				HistoryKind::Event(EventKind::SohThreshold)
			};
			let operator = record.responsible_operator;
			Self::extend_history(*passport, &mut record, kind, operator, Some(evidence));
		}
		Passports::<T>::insert(passport, record);
		Ok(())
	}

	fn withdraw_threshold_statement(passport: &PassportId) {
		let Some(mut record) = Passports::<T>::get(passport) else {
			return;
		};
		if let Some(standing) = record.threshold.as_mut().filter(|standing| !standing.withdrawn) {
			standing.withdrawn = true;
			Passports::<T>::insert(passport, record);
		}
	}
}

impl<T: Config> ledger::BatteryDevices for Pallet<T> {
	fn devices(
		passport: &PassportId,
	) -> impl ExactSizeIterator<Item = DeviceIndex> + DoubleEndedIterator<Item = DeviceIndex> {
		Passports::<T>::get(passport)
			.map(|record| record.devices)
			.unwrap_or_default()
			.into_iter()
	}

	fn add_device(passport: &PassportId, device: DeviceIndex) -> Result<(), NoRoomForDevice> {
		let mut record = Passports::<T>::get(passport).ok_or(NoRoomForDevice)?;
		record.devices.try_push(device).map_err(|_| NoRoomForDevice)?;
		Passports::<T>::insert(passport, record);
		Ok(())
	}
}
