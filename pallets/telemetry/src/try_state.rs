//! What always holds of the storage.

use crate::{
	Config, DeviceOfKey, Devices, DevicesOf, LastStatement, NextDevice, Pages, Pallet,
	StateOfHealthThresholdBp, DEVICES_PER_PAGE, MAX_STATE_OF_HEALTH_THRESHOLD_BP,
};
use frame_support::ensure;
use passport_primitives::ledger::Passports;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Devices, states, keys and passports point at each other; at most the last device of a passport is active; no epoch is of
	/// two devices of a passport.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut devices = 0;
		for (passport, numbers) in DevicesOf::<T>::iter() {
			ensure!(
				T::Passports::facts(&passport).is_some(),
				"a device belongs to a passport that is not there"
			);
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
					DeviceOfKey::<T>::get(state.public_key) == Some(*number),
					"a device's key does not lead to it"
				);
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
		ensure!(
			DeviceOfKey::<T>::iter().count() == devices,
			"a key leads to no device"
		);
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
		Ok(())
	}
}
