//! What always holds of the storage.

use crate::{
	AnchoringSuspended, Anchors, Config, DeviceIndex, DeviceState, FormerKeys, LastStatement, NextDevice,
	Pages, Pallet, StateOfHealthThresholdBp, StreamCount, Streams, DEVICES_PER_PAGE,
	MAX_STATE_OF_HEALTH_THRESHOLD_BP, MAX_STREAMS_PER_BRIDGE,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use frame_support::ensure;
use frame_system::pallet_prelude::BlockNumberFor;
use passport_primitives::{
	battery::PassportId,
	ledger::{BatteryDevices, Passports},
	organisation::OrganisationId,
	telemetry::anchor::AnchorId,
};
use sp_runtime::{traits::Zero, TryRuntimeError};

impl<T: Config> Pallet<T> {
	/// Devices and passports point at each other; at most the last device of a passport is active, and it says what the passport
	/// says; no epoch and no key is of two devices of a passport; no sequence is of two keys of a device.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut of_passports = BTreeMap::<PassportId, BTreeSet<DeviceIndex>>::new();
		for (index, page) in Pages::<T>::iter() {
			ensure!(
				index * DEVICES_PER_PAGE + page.len() as u32 <= NextDevice::<T>::get(),
				"a page has a state of a device that was not numbered yet"
			);
		}
		for (number, state) in Self::devices() {
			of_passports
				.entry(state.device.passport)
				.or_default()
				.insert(number);
		}
		for (passport, there) in &of_passports {
			Self::check_devices_of(passport, there)?;
		}
		for device in LastStatement::<T>::iter_keys() {
			ensure!(Self::state_of(device).is_some(), "a statement is of no device");
		}
		ensure!(
			(1..=MAX_STATE_OF_HEALTH_THRESHOLD_BP).contains(&StateOfHealthThresholdBp::<T>::get()),
			"the threshold is out of its range"
		);
		for device in FormerKeys::<T>::iter_keys() {
			ensure!(Self::state_of(device).is_some(), "former keys are of no device");
		}
		Self::check_anchors()
	}

	/// What holds of the devices of a passport, where these are there.
	fn check_devices_of(passport: &PassportId, there: &BTreeSet<DeviceIndex>) -> Result<(), TryRuntimeError> {
		let facts =
			T::Passports::facts(passport).ok_or("a device belongs to a passport that is not there")?;
		let numbers: Vec<_> = T::Passports::devices(passport).collect();
		ensure!(
			numbers.iter().all(|number| there.contains(number)),
			"a passport's device is not there, or another's"
		);
		ensure!(
			numbers.iter().collect::<BTreeSet<_>>().len() == there.len(),
			"a device belongs to a passport that does not know it"
		);
		let mut last_epoch = None;
		let mut keys = BTreeSet::new();
		for (place, number) in numbers.iter().enumerate() {
			let state = Self::state_of(*number).ok_or("a device has no state")?;
			ensure!(
				state.revoked || place + 1 == numbers.len(),
				"a device is active though another came after it"
			);
			ensure!(
				state.revoked
					|| (state.responsible_operator, state.in_use)
						== (facts.responsible_operator, facts.is_in_use()),
				"the page of a device does not say what its passport says"
			);
			Self::check_former_keys(*number, &state)?;
			for key in Self::keys_of(*number).unwrap_or_default() {
				ensure!(keys.insert(key), "devices of a passport have the same key");
			}
			ensure!(
				(state.frames == 0) == (state.window.highest() == 0),
				"a device has frames without a sequence, or a sequence without frames"
			);
			ensure!(
				last_epoch < Some(state.key_epoch),
				"a device is in an epoch of the one that it replaced"
			);
			last_epoch = Some(state.key_epoch);
		}
		Ok(())
	}

	/// A stream has its anchors from the oldest to the last and no others, and counts if it has one; whoever is suspended was so for
	/// an anchor of its own.
	fn check_anchors() -> Result<(), TryRuntimeError> {
		let mut anchors = 0;
		let mut streams = BTreeMap::<OrganisationId, u32>::new();
		for (bridge, stream, state) in Streams::<T>::iter() {
			let mut before = BlockNumberFor::<T>::zero();
			for number in state.oldest_number..state.next_number {
				let id = AnchorId {
					bridge,
					stream,
					number,
				};
				let anchor = Anchors::<T>::get(id).ok_or("an anchor of a stream is not there")?;
				ensure!(
					anchor.anchored_at >= before,
					"an anchor is older than the one before it"
				);
				before = anchor.anchored_at;
				anchors += 1;
			}
			ensure!(
				state.next_number > 0 && state.oldest_number <= state.next_number,
				"a stream never had an anchor, or has fewer than none"
			);
			if !state.is_empty() {
				*streams.entry(bridge).or_default() += 1;
			}
		}
		ensure!(
			Anchors::<T>::iter().count() == anchors,
			"an anchor is of no stream"
		);
		ensure!(
			StreamCount::<T>::iter().collect::<BTreeMap<_, _>>() == streams,
			"the number of an organisation's streams is wrong"
		);
		ensure!(
			streams.values().all(|count| *count <= MAX_STREAMS_PER_BRIDGE),
			"an organisation has too many streams"
		);
		for (bridge, conviction) in AnchoringSuspended::<T>::iter() {
			ensure!(
				conviction.anchor.bridge == bridge,
				"an organisation is suspended for the anchor of another"
			);
		}
		Ok(())
	}

	fn check_former_keys(device: DeviceIndex, state: &DeviceState) -> Result<(), TryRuntimeError> {
		let mut from_sequence = 0;
		for former in FormerKeys::<T>::get(device) {
			ensure!(
				former.below_sequence > 0 && former.below_sequence >= from_sequence,
				"the former keys of a device are not in their order"
			);
			from_sequence = former.below_sequence;
		}
		ensure!(
			state.key_from_sequence == from_sequence,
			"a device's key does not begin where the one before it ends"
		);
		Ok(())
	}
}
