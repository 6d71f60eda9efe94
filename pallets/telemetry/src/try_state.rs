//! What always holds of the storage.

use crate::{
	AnchoringSuspended, Anchors, Config, DeviceIndex, DeviceOfKey, DeviceState, Devices, DevicesOf,
	FormerKeys, LastStatement, NextDevice, Pages, Pallet, StateOfHealthThresholdBp, StreamCount, Streams,
	DEVICES_PER_PAGE, MAX_STATE_OF_HEALTH_THRESHOLD_BP, MAX_STREAMS_PER_BRIDGE,
};
use alloc::collections::BTreeMap;
use frame_support::ensure;
use frame_system::pallet_prelude::BlockNumberFor;
use passport_primitives::{ledger::Passports, organisation::OrganisationId, telemetry::anchor::AnchorId};
use sp_runtime::{traits::Zero, TryRuntimeError};

impl<T: Config> Pallet<T> {
	/// Devices, states, keys and passports point at each other; at most the last device of a passport is active, and its page says
	/// what the passport says; no epoch is of two devices of a passport; no sequence is of two keys of a device; a key that leads to
	/// a device which is not there leads to one that was.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut devices = 0;
		let mut keys = 0;
		for (passport, numbers) in DevicesOf::<T>::iter() {
			let facts =
				T::Passports::facts(&passport).ok_or("a device belongs to a passport that is not there")?;
			let mut last_epoch = None;
			for (place, number) in numbers.iter().enumerate() {
				let device = Devices::<T>::get(number).ok_or("a passport's device is not there")?;
				ensure!(device.passport == passport, "a device belongs to two passports");
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
				ensure!(
					DeviceOfKey::<T>::get(state.public_key) == Some(*number),
					"a device's key does not lead to it"
				);
				keys += 1 + Self::check_former_keys(*number, &state)?;
				ensure!(
					(state.frames == 0) == (state.window.highest() == 0),
					"a device has frames without a sequence, or a sequence without frames"
				);
				ensure!(
					last_epoch < Some(state.key_epoch),
					"a device is in an epoch of the one that it replaced"
				);
				last_epoch = Some(state.key_epoch);
				devices += 1;
			}
		}
		ensure!(
			Devices::<T>::iter().count() == devices,
			"a device belongs to no passport"
		);
		for device in LastStatement::<T>::iter_keys() {
			ensure!(Devices::<T>::contains_key(device), "a statement is of no device");
		}
		ensure!(
			(1..=MAX_STATE_OF_HEALTH_THRESHOLD_BP).contains(&StateOfHealthThresholdBp::<T>::get()),
			"the threshold is out of its range"
		);
		for device in FormerKeys::<T>::iter_keys() {
			ensure!(Devices::<T>::contains_key(device), "former keys are of no device");
		}
		let states: usize = Pages::<T>::iter()
			.map(|(_, page)| page.iter().flatten().count())
			.sum();
		ensure!(states == devices, "a state belongs to no device");
		for (index, page) in Pages::<T>::iter() {
			ensure!(
				index * DEVICES_PER_PAGE + page.len() as u32 <= NextDevice::<T>::get(),
				"a page has a state of a device that was not numbered yet"
			);
		}
		// Of a device that is there each key leads to it, so as many that lead to such devices are theirs and no others. The keys of
		// closed passports' devices lead to numbers that were given.
		let mut leading = 0;
		for device in DeviceOfKey::<T>::iter_values() {
			ensure!(
				device < NextDevice::<T>::get(),
				"a key leads to a device that was not numbered yet"
			);
			leading += usize::from(Devices::<T>::contains_key(device));
		}
		ensure!(leading == keys, "a key leads to a device that never had it");
		Self::check_anchors()
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

	/// Returns how many keys the device had before.
	fn check_former_keys(device: DeviceIndex, state: &DeviceState) -> Result<usize, TryRuntimeError> {
		let former_keys = FormerKeys::<T>::get(device);
		let mut from_sequence = 0;
		for former in &former_keys {
			ensure!(
				DeviceOfKey::<T>::get(former.public_key) == Some(device),
				"a device's former key does not lead to it"
			);
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
		Ok(former_keys.len())
	}
}
