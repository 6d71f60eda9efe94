//! Devices, their frames and what they state.

use super::{account_for_operator, by, by_the_council, is_member_that, passport_that, probe, Step};
use crate::{
	chain::now_seconds,
	choices::Choices,
	members::{account_with, member_that},
};
use ed25519_dalek::{Signer, SigningKey};
use frame_support::BoundedVec;
use pallet_passport::PassportOf;
use pallet_telemetry::{
	Device, DeviceIndex, DeviceState, Devices, DevicesOf, FrameBytes, LastStatement,
	StateOfHealthThresholdBp, SubmittedFrame,
};
use passport_primitives::{
	battery::PassportId,
	ledger::DelegatedRight,
	organisation::{Role, Roles},
	telemetry::{
		crypto::{self, DeviceMaster},
		device::possession_message,
		statement::ThresholdStatement,
		Reading, MAX_FRAME_BYTES,
	},
};
use passport_runtime::{Passport, Runtime, Telemetry};
use sp_io::hashing::blake2_256;

type Call = pallet_telemetry::Call<Runtime>;

const MAKERS: Roles = Roles::of(&[Role::Manufacturer, Role::SecondLifeOperator]);

pub(super) fn step(choices: &mut Choices<'_>) -> Option<Step> {
	match choices.below(16) {
		0..=4 => register_device(choices),
		5 => revoke_device(choices),
		6..=10 => submit_frames(choices),
		11..=14 => submit_threshold_statement(choices),
		_ => by_the_council(Call::set_state_of_health_threshold {
			// Seldom another than the default: a yes to that opens no second life above it.
			threshold_bp: match choices.below(8) {
				0..=4 => 7_000,
				5 | 6 => 8_000,
				_ => choices.number() as u16,
			},
		}),
	}
}

/// The key of the device that takes this place in a passport's row of devices.
fn device_key(passport: &PassportId, place: u32) -> SigningKey {
	let mut seed = b"device".to_vec();
	seed.extend_from_slice(&passport.0);
	seed.extend_from_slice(&place.to_be_bytes());
	SigningKey::from_bytes(&blake2_256(&seed))
}

/// Whether it could get a device now.
fn lacks_device(passport: &PassportId, record: &PassportOf<Runtime>) -> bool {
	record.facts().is_in_use()
		&& is_member_that(record.responsible_operator, |member| {
			member.roles.intersects(MAKERS)
		}) && Telemetry::active_device_of(passport).is_none()
}

fn register_device(choices: &mut Choices<'_>) -> Option<Step> {
	let (passport, record) = passport_that(choices, lacks_device)?;
	let right = DelegatedRight::ManageDevices;
	let account = account_for_operator(choices, passport, record.responsible_operator, right)?;
	let devices = DevicesOf::<Runtime>::get(passport).len() as u32;
	// Now and then the key of the device before, or the proof of another.
	let place = if choices.rarely() {
		devices.saturating_sub(1)
	} else {
		devices
	};
	let key = device_key(&passport, place);
	let prover = if choices.rarely() {
		device_key(&passport, place + 1)
	} else {
		key.clone()
	};
	let public_key = key.verifying_key().to_bytes();
	let message = possession_message(&Telemetry::genesis_hash(), &passport, &public_key);
	by(
		account,
		Call::register_device {
			passport,
			public_key,
			proof: prover.sign(&message).to_bytes(),
		},
	)
}

/// A device that fits, or whichever, with its key.
fn device_that(
	choices: &mut Choices<'_>,
	fits: impl Fn(&DeviceState) -> bool,
) -> Option<(DeviceIndex, Device, DeviceState, SigningKey)> {
	let start = Devices::<Runtime>::hashed_key_for(choices.number());
	let (number, device) = probe(
		Devices::<Runtime>::iter_from(start).chain(Devices::<Runtime>::iter()),
		|(number, _)| Telemetry::state_of(*number).is_some_and(|state| fits(&state)),
	)?;
	let state = Telemetry::state_of(number)?;
	let place = DevicesOf::<Runtime>::get(device.passport)
		.iter()
		.position(|listed| *listed == number)? as u32;
	let key = device_key(&device.passport, place);
	Some((number, device, state, key))
}

fn revoke_device(choices: &mut Choices<'_>) -> Option<Step> {
	let (number, device, ..) = device_that(choices, |state| !state.revoked)?;
	let operator = Passport::passport(device.passport)?.responsible_operator;
	let right = DelegatedRight::ManageDevices;
	let account = account_for_operator(choices, device.passport, operator, right)?;
	by(account, Call::revoke_device { device: number })
}

fn submit_frames(choices: &mut Choices<'_>) -> Option<Step> {
	let account = account_with(choices, Roles::of(&[Role::BridgeOperator]))?;
	let mut frames = Vec::new();
	// A batch without a frame now and then.
	for _ in 0..choices.below(6) {
		let (device, _, state, key) = device_that(choices, |state| !state.revoked)?;
		let frame = frame(choices, &state, &key)?;
		frames.push(SubmittedFrame { device, frame });
	}
	by(
		account,
		Call::submit_frames {
			frames: BoundedVec::truncate_from(frames),
		},
	)
}

/// A frame of the device: mostly the next, now and then late, replayed, of another time or epoch, or broken.
fn frame(choices: &mut Choices<'_>, state: &DeviceState, key: &SigningKey) -> Option<FrameBytes> {
	let highest = state.window.highest();
	let sequence = match choices.below(8) {
		0..=4 => highest + 1 + u64::from(choices.below(4)),
		5 => highest + u64::from(choices.number()),
		6 => highest.max(1),
		_ => highest.saturating_sub(choices.below(80).into()).max(1),
	};
	let now = now_seconds();
	let first_seconds = match choices.below(16) {
		14 => now + u64::from(choices.number()),
		15 => now - u64::from(choices.number()) * 100,
		_ => now - u64::from(choices.below(200)),
	};
	let readings: Vec<_> = (0..=u64::from(choices.below(3)))
		.map(|place| Reading {
			time_seconds: first_seconds + place,
			state_of_charge_bp: 5_000 + place as u16,
			..Reading::default()
		})
		.collect();
	let key_epoch = match choices.below(16) {
		14 => state.key_epoch + 1,
		15 => state.key_epoch.saturating_sub(1),
		_ => state.key_epoch,
	};
	let mut buffer = [0; MAX_FRAME_BYTES];
	let length = crypto::build(
		&readings,
		key_epoch,
		sequence,
		&Telemetry::genesis_hash(),
		&DeviceMaster::new(key.to_bytes()).seal_key(key_epoch),
		key,
		&mut buffer,
	)
	.ok()?;
	let mut bytes = buffer[..length].to_vec();
	if choices.rarely() {
		let place = choices.below(length as u32) as usize;
		bytes[place] ^= 1 << choices.below(8);
	}
	Some(BoundedVec::truncate_from(bytes))
}

fn submit_threshold_statement(choices: &mut Choices<'_>) -> Option<Step> {
	let (number, device, _, key) = device_that(choices, |state| !state.revoked)?;
	let account = member_that(choices, |member| member.is_active)?.account;
	let now = now_seconds();
	let last = LastStatement::<Runtime>::get(number);
	let statement = ThresholdStatement {
		threshold_bp: if choices.rarely() {
			6_000
		} else {
			StateOfHealthThresholdBp::<Runtime>::get()
		},
		at_or_above: choices.below(4) > 0,
		made_at_seconds: match choices.below(16) {
			13 => last,
			14 => now + 1_000,
			15 => now - 100_000,
			_ => now.max(last + 1),
		},
	};
	let message = statement.message(&Telemetry::genesis_hash(), &device.passport);
	let mut signature = key.sign(&message).to_bytes();
	if choices.rarely() {
		signature[0] ^= 1;
	}
	by(
		account,
		Call::submit_threshold_statement {
			device: number,
			statement,
			signature,
		},
	)
}
