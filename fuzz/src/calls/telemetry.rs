//! Devices, their frames and what they state.

use super::{
	account_for_operator, by, by_the_council, is_member_that, passport_that, probe, some_hash, Step,
};
use crate::{
	chain::now_seconds,
	choices::Choices,
	members::{account_with, member_that},
};
use ed25519_dalek::{Signer, SigningKey};
use frame_support::BoundedVec;
use pallet_passport::PassportOf;
use pallet_telemetry::{
	DeviceIndex, DeviceState, FormerKeys, FrameBytes, LastStatement, StateOfHealthThresholdBp, SubmittedFrame,
};
use passport_primitives::{
	battery::PassportId,
	ledger::{BatteryDevices, DelegatedRight},
	organisation::{Role, Roles},
	telemetry::{
		crypto::{self, DeviceMaster},
		device::{possession_message, rotation_message},
		statement::ThresholdStatement,
		window::MAX_SEQUENCE_STEP,
		Reading, MAX_FRAME_BYTES,
	},
};
use passport_runtime::{AccountId, Passport, Runtime, Telemetry};
use sp_io::hashing::blake2_256;

type Call = pallet_telemetry::Call<Runtime>;

const MAKERS: Roles = Roles::of(&[Role::Manufacturer, Role::SecondLifeOperator]);

pub(super) fn step(choices: &mut Choices<'_>) -> Option<Step> {
	match choices.below(24) {
		0..=4 => register(choices),
		5 => revoke_device(choices),
		6..=11 => submit_frames(choices),
		12..=16 => submit_threshold_statement(choices),
		17 | 18 => rotate_device_key(choices),
		19 | 20 => replace_device(choices),
		21 | 22 => reset_device(choices),
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

/// A key of the device that takes this place in a passport's row of devices: the one that it has after so many rotations.
fn device_key(passport: &PassportId, place: u32, rotations: u32) -> SigningKey {
	let mut seed = b"device".to_vec();
	seed.extend_from_slice(&passport.0);
	seed.extend_from_slice(&place.to_be_bytes());
	seed.extend_from_slice(&rotations.to_be_bytes());
	SigningKey::from_bytes(&blake2_256(&seed))
}

/// Whether it could get a device now.
fn lacks_device(passport: &PassportId, record: &PassportOf<Runtime>) -> bool {
	record.facts().is_in_use()
		&& is_member_that(record.responsible_operator, |member| {
			member.roles.intersects(MAKERS)
		}) && Telemetry::active_device_of(passport).is_none()
}

/// The key that a passport's next device has, and its proof: now and then the key of the device before, or the proof of another.
fn next_key(choices: &mut Choices<'_>, passport: &PassportId) -> ([u8; 32], [u8; 64]) {
	let devices = Passport::devices(passport).len() as u32;
	let place = if choices.rarely() {
		devices.saturating_sub(1)
	} else {
		devices
	};
	let key = device_key(passport, place, 0);
	let prover = if choices.rarely() {
		device_key(passport, place + 1, 0)
	} else {
		key.clone()
	};
	let public_key = key.verifying_key().to_bytes();
	let message = possession_message(&Telemetry::genesis_hash(), passport, &public_key);
	(public_key, prover.sign(&message).to_bytes())
}

/// The battery's own device, or a bridge's for it.
fn register(choices: &mut Choices<'_>) -> Option<Step> {
	let (passport, record) = passport_that(choices, lacks_device)?;
	let right = DelegatedRight::ManageDevices;
	let account = account_for_operator(choices, passport, record.responsible_operator, right)?;
	let (public_key, proof) = next_key(choices, &passport);
	by(
		account,
		if choices.below(4) == 3 {
			Call::register_bridge_device {
				passport,
				public_key,
				proof,
			}
		} else {
			Call::register_device {
				passport,
				public_key,
				proof,
			}
		},
	)
}

/// A device, and the place that it has in its passport's row of devices.
struct Found {
	number: DeviceIndex,
	state: DeviceState,
	place: u32,
}

impl Found {
	/// The key that signs its frames of this sequence.
	fn key_for(&self, sequence: u64) -> SigningKey {
		let former_keys = FormerKeys::<Runtime>::get(self.number);
		let rotations = former_keys
			.iter()
			.filter(|former| former.below_sequence <= sequence)
			.count();
		device_key(&self.state.device.passport, self.place, rotations as u32)
	}

	/// The key that it has now.
	fn key(&self) -> SigningKey {
		self.key_for(u64::MAX)
	}

	/// An account that may manage it.
	fn manager(&self, choices: &mut Choices<'_>) -> Option<AccountId> {
		let operator = Passport::passport(self.state.device.passport)?.responsible_operator;
		let right = DelegatedRight::ManageDevices;
		account_for_operator(choices, self.state.device.passport, operator, right)
	}
}

/// A device that fits, or whichever.
fn device_that(choices: &mut Choices<'_>, fits: impl Fn(&DeviceState) -> bool) -> Option<Found> {
	// Few enough to look at all of them.
	let devices: Vec<_> = Telemetry::devices().collect();
	let first = choices.below((devices.len() as u32).max(1)) as usize;
	let (number, state) = probe(
		devices[first..].iter().chain(&devices[..first]).cloned(),
		|(_, state)| fits(state),
	)?;
	let place = Passport::devices(&state.device.passport).position(|listed| listed == number)? as u32;
	Some(Found { number, state, place })
}

/// One that was not revoked, or whichever.
fn active_device(choices: &mut Choices<'_>) -> Option<Found> {
	device_that(choices, |state| !state.revoked)
}

fn revoke_device(choices: &mut Choices<'_>) -> Option<Step> {
	let found = active_device(choices)?;
	let account = found.manager(choices)?;
	by(account, Call::revoke_device { device: found.number })
}

fn replace_device(choices: &mut Choices<'_>) -> Option<Step> {
	let found = active_device(choices)?;
	let account = found.manager(choices)?;
	let (public_key, proof) = next_key(choices, &found.state.device.passport);
	by(
		account,
		Call::replace_device {
			device: found.number,
			public_key,
			proof,
		},
	)
}

/// From one of the next sequences on, now and then from one that was taken or by far too high; now and then with the proof or the consent
/// of another key.
fn rotate_device_key(choices: &mut Choices<'_>) -> Option<Step> {
	let found = active_device(choices)?;
	let account = found.manager(choices)?;
	let rotations = FormerKeys::<Runtime>::get(found.number).len() as u32;
	let key = device_key(&found.state.device.passport, found.place, rotations + 1);
	let prover = if choices.rarely() {
		found.key()
	} else {
		key.clone()
	};
	let consents = if choices.rarely() {
		key.clone()
	} else {
		found.key()
	};
	let highest = found.state.window.highest();
	let next = highest + 1 + u64::from(choices.below(4));
	// In most cases above the rotation before.
	let from_sequence = match choices.below(16) {
		12 | 13 => next,
		14 => highest,
		15 => highest + MAX_SEQUENCE_STEP,
		_ => next.max(found.state.key_from_sequence + 1),
	};
	let public_key = key.verifying_key().to_bytes();
	let message = rotation_message(
		&Telemetry::genesis_hash(),
		&found.state.device.passport,
		&public_key,
		from_sequence,
	);
	by(
		account,
		Call::rotate_device_key {
			device: found.number,
			public_key,
			from_sequence,
			proof: prover.sign(&message).to_bytes(),
			consent: consents.sign(&message).to_bytes(),
		},
	)
}

fn reset_device(choices: &mut Choices<'_>) -> Option<Step> {
	let found = active_device(choices)?;
	let account = found.manager(choices)?;
	by(
		account,
		Call::reset_device {
			device: found.number,
			software: some_hash(choices),
		},
	)
}

fn submit_frames(choices: &mut Choices<'_>) -> Option<Step> {
	let account = account_with(choices, Roles::of(&[Role::BridgeOperator]))?;
	let mut frames = Vec::new();
	// A batch without a frame now and then.
	for _ in 0..choices.below(6) {
		let found = active_device(choices)?;
		let frame = frame(choices, &found)?;
		frames.push(SubmittedFrame {
			device: found.number,
			frame,
		});
	}
	by(
		account,
		Call::submit_frames {
			frames: BoundedVec::truncate_from(frames),
		},
	)
}

/// A frame of the device: mostly the next, now and then late, replayed, of another time or epoch, or broken.
fn frame(choices: &mut Choices<'_>, found: &Found) -> Option<FrameBytes> {
	let state = &found.state;
	let highest = state.window.highest();
	let sequence = match choices.below(8) {
		0..=4 => highest + 1 + u64::from(choices.below(4)),
		5 => highest + u64::from(choices.number()),
		6 => highest.max(1),
		_ => highest.saturating_sub(choices.below(80).into()).max(1),
	};
	let key = found.key_for(sequence);
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
		&state.device.passport,
		&DeviceMaster::new(key.to_bytes()).seal_key(key_epoch),
		&key,
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
	let found = active_device(choices)?;
	let number = found.number;
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
	let message = statement.message(&Telemetry::genesis_hash(), &found.state.device.passport);
	let mut signature = found.key().sign(&message).to_bytes();
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
