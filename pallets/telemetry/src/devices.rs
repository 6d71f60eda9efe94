//! Devices and their keys: registering, revoking, replacing, rotating the key, resetting the software.

use crate::{
	Config, Device, DeviceIndex, DeviceState, Error, Event, FormerKey, FormerKeys, LastStatement, NextDevice,
	Pages, Pallet, DEVICES_PER_PAGE, MAX_DEVICES_BY_DELEGATE,
};
use alloc::vec::Vec;
use frame_support::{ensure, traits::UnixTime};
use passport_primitives::{
	battery::{DocumentHash, PassportId},
	ledger::{ActiveMember, BatteryDevices, DelegatedRight, KeyEpochs, Membership, PassportFacts, Passports},
	organisation::{Role, Roles},
	telemetry::{
		device::{possession_message, rotation_message, SignedBy},
		window::MAX_SEQUENCE_STEP,
		SequenceWindow, MAX_AHEAD_SECONDS,
	},
};
use sp_runtime::{DispatchError, DispatchResult};

/// Who can be a device's maker.
const MAKERS: Roles = Roles::of(&[Role::Manufacturer, Role::SecondLifeOperator]);

impl<T: Config> Pallet<T> {
	/// Every key that a device has ever had: the present one, then the former ones, the latest first. `None` where there is no
	/// such device, or not any more.
	pub fn keys_of(device: DeviceIndex) -> Option<Vec<[u8; 32]>> {
		let present = Self::state_of(device)?.public_key;
		let former = FormerKeys::<T>::get(device);
		let former = former.iter().rev().map(|former| former.public_key);
		Some(core::iter::once(present).chain(former).collect())
	}

	/// Whether the member is the passport's responsible operator or acts in its place.
	fn ensure_may_manage(member: &ActiveMember, passport: &PassportId) -> DispatchResult {
		ensure!(
			T::Passports::may_act(passport, member.organisation, DelegatedRight::ManageDevices),
			Error::<T>::NotAuthorized
		);
		Ok(())
	}

	/// A device that the member may manage, and what its passport says.
	fn ensure_manages(
		member: &ActiveMember,
		device: DeviceIndex,
	) -> Result<(Device, PassportFacts), DispatchError> {
		let device = Self::state_of(device).ok_or(Error::<T>::DeviceNotFound)?.device;
		let facts = T::Passports::facts(&device.passport).ok_or(Error::<T>::PassportNotFound)?;
		Self::ensure_may_manage(member, &device.passport)?;
		Ok((device, facts))
	}

	/// State of a device that was not revoked.
	fn ensure_active(device: DeviceIndex) -> Result<DeviceState, DispatchError> {
		let state = Self::state_of(device).ok_or(Error::<T>::DeviceNotFound)?;
		ensure!(!state.revoked, Error::<T>::DeviceRevoked);
		Ok(state)
	}

	/// That no device of the battery has or ever had this key, and that whoever brings it holds it: `proof` is its signature over
	/// `message`.
	fn ensure_new_key(
		passport: &PassportId,
		public_key: &[u8; 32],
		message: &[u8],
		proof: &[u8; 64],
	) -> DispatchResult {
		let mut keys = T::Passports::devices(passport)
			.filter_map(Self::keys_of)
			.flatten();
		ensure!(!keys.any(|key| key == *public_key), Error::<T>::KeyInUse);
		ensure!(
			!crate::frames::is_small_order(public_key),
			Error::<T>::UnusableKey
		);
		ensure!(
			sp_io::crypto::ed25519_verify(&(*proof).into(), message, &(*public_key).into()),
			Error::<T>::BadProofOfPossession
		);
		Ok(())
	}

	pub(crate) fn do_register(
		member: &ActiveMember,
		passport: PassportId,
		public_key: [u8; 32],
		proof: &[u8; 64],
		signed_by: SignedBy,
	) -> DispatchResult {
		let facts = T::Passports::facts(&passport).ok_or(Error::<T>::PassportNotFound)?;
		Self::ensure_may_manage(member, &passport)?;
		// Whoever acts in its place: the responsible operator is the device's maker, and it has to be one that makes them.
		let maker = facts.responsible_operator;
		ensure!(
			T::Members::active_roles(maker).is_some_and(|roles| roles.intersects(MAKERS)),
			Error::<T>::NotAuthorized
		);
		ensure!(facts.is_in_use(), Error::<T>::PassportNotInUse);
		let last = Self::last_device_of(&passport);
		ensure!(
			last.as_ref().is_none_or(|(_, state)| state.revoked),
			Error::<T>::DeviceActive
		);
		// An envelope is bound to the passport and the epoch, not to the device: were an epoch of two devices, nobody could
		// tell whose key it carries.
		let key_epoch = last.map_or(0, |(_, state)| state.key_epoch.saturating_add(1));
		let message = possession_message(&Self::genesis_hash(), &passport, &public_key);
		Self::ensure_new_key(&passport, &public_key, &message, proof)?;
		let device = NextDevice::<T>::get();
		let registered = T::Passports::devices(&passport).len() as u32;
		ensure!(
			member.organisation == maker || registered < MAX_DEVICES_BY_DELEGATE,
			Error::<T>::TooManyDevices
		);
		T::Passports::add_device(&passport, device).map_err(|_| Error::<T>::TooManyDevices)?;
		let state = DeviceState {
			device: Device {
				passport,
				maker,
				signed_by,
			},
			public_key,
			key_from_sequence: 0,
			revoked: false,
			in_use: true,
			responsible_operator: maker,
			key_epoch,
			window: SequenceWindow::default(),
			last_seconds: 0,
			history_head: [0; 32],
			frames: 0,
			readings: 0,
		};
		// A page never overflows: devices are numbered one after the other, 16 to a page.
		Pages::<T>::try_append(device / DEVICES_PER_PAGE, Some(state))
			.map_err(|()| Error::<T>::TooManyDevices)?;
		NextDevice::<T>::put(device.saturating_add(1));
		Self::deposit_event(Event::DeviceRegistered {
			device,
			passport,
			maker,
			signed_by,
		});
		Ok(())
	}

	/// Revokes a device, and returns what does not change about it.
	pub(crate) fn do_revoke(member: &ActiveMember, device: DeviceIndex) -> Result<Device, DispatchError> {
		let (revoked, _) = Self::ensure_manages(member, device)?;
		Self::mutate_state(device, |state| {
			ensure!(!state.revoked, Error::<T>::DeviceRevoked);
			state.revoked = true;
			Ok(())
		})?;
		// Whoever has its key could have signed that.
		T::Passports::withdraw_threshold_statement(&revoked.passport);
		Self::deposit_event(Event::DeviceRevoked { device });
		Ok(revoked)
	}

	/// The device that comes after is signed for by whom the one before was: a bridge's key does not become a battery's unseen.
	pub(crate) fn do_replace(
		member: &ActiveMember,
		device: DeviceIndex,
		public_key: [u8; 32],
		proof: &[u8; 64],
	) -> DispatchResult {
		let replaced = Self::do_revoke(member, device)?;
		Self::do_register(member, replaced.passport, public_key, proof, replaced.signed_by)
	}

	pub(crate) fn do_rotate(
		member: &ActiveMember,
		device: DeviceIndex,
		public_key: [u8; 32],
		from_sequence: u64,
		proof: &[u8; 64],
		consent: &[u8; 64],
	) -> DispatchResult {
		let (registered, facts) = Self::ensure_manages(member, device)?;
		ensure!(facts.is_in_use(), Error::<T>::PassportNotInUse);
		let state = Self::ensure_active(device)?;
		let mut former_keys = FormerKeys::<T>::get(device);
		let highest = state.window.highest();
		// What was taken is not judged again, and the device can get there in one step. A key of which nothing was taken may be left
		// without sequences: a rotation that went too far ahead would block every other. The one before it keeps some.
		let begin_before = former_keys
			.iter()
			.rev()
			.nth(1)
			.map_or(0, |key| key.below_sequence);
		ensure!(
			from_sequence > highest.max(begin_before)
				&& from_sequence <= highest.saturating_add(MAX_SEQUENCE_STEP),
			Error::<T>::FromSequenceOutOfRange
		);
		let message = rotation_message(
			&Self::genesis_hash(),
			&registered.passport,
			&public_key,
			from_sequence,
		);
		Self::ensure_new_key(&registered.passport, &public_key, &message, proof)?;
		// Whoever manages devices holds keys of its own. That this is one of the same device, the device alone can say.
		ensure!(
			sp_io::crypto::ed25519_verify(&(*consent).into(), &message, &state.public_key.into()),
			Error::<T>::BadConsent
		);
		if let Some(before) = former_keys.last_mut() {
			before.below_sequence = before.below_sequence.min(from_sequence);
		}
		let former = FormerKey {
			public_key: state.public_key,
			below_sequence: from_sequence,
		};
		former_keys
			.try_push(former)
			.map_err(|_| Error::<T>::TooManyKeys)?;
		FormerKeys::<T>::insert(device, former_keys);
		Self::mutate_state(device, |state| {
			state.public_key = public_key;
			state.key_from_sequence = from_sequence;
			Ok(())
		})?;
		Self::deposit_event(Event::DeviceKeyRotated {
			device,
			public_key,
			from_sequence,
		});
		Ok(())
	}

	pub(crate) fn do_reset(
		member: &ActiveMember,
		device: DeviceIndex,
		software: DocumentHash,
	) -> DispatchResult {
		let (registered, facts) = Self::ensure_manages(member, device)?;
		ensure!(facts.is_in_use(), Error::<T>::PassportNotInUse);
		Self::ensure_active(device)?;
		// The passport's active device is this one: no other can be active.
		let key_epoch = Self::advance(&registered.passport).ok_or(Error::<T>::DeviceNotFound)?;
		T::Passports::withdraw_threshold_statement(&registered.passport);
		// What was stated before and not brought yet comes from an estimator that is gone, and may be of a clock that is ahead.
		let latest_before = T::Time::now().as_secs().saturating_add(MAX_AHEAD_SECONDS);
		LastStatement::<T>::mutate(device, |last| *last = latest_before.max(*last));
		Self::deposit_event(Event::DeviceReset {
			device,
			key_epoch,
			software,
		});
		Ok(())
	}
}
