//! `register_device`.

use super::standing::refuses_who_may_not_act;
use crate::{
	mock::*, Device, DeviceState, Error, Event, NextDevice, MAX_DEVICES_BY_DELEGATE, MAX_DEVICES_PER_PASSPORT,
};
use ed25519_dalek::VerifyingKey;
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	battery::PassportId,
	ledger::DelegatedRight,
	life_cycle::{Publication, Status},
	telemetry::{
		crypto::is_usable_public_key,
		device::{possession_message, SignedBy},
		frame::SIGNATURE_DOMAIN,
		FrameRefusal, SequenceWindow,
	},
};
use sp_runtime::DispatchResult;

/// Registers a BMS for a battery as `account`.
fn register_as(account: u64, battery: PassportId, bms: &Bms) -> DispatchResult {
	Telemetry::register_device(
		RuntimeOrigin::signed(account),
		battery,
		bms.public_key(),
		bms.proof(battery),
	)
}

#[test]
fn only_an_active_member_registers_devices() {
	ExtBuilder::default().batteries(1).build_and_execute(|| {
		let bms = Bms::new(0);
		refuses_who_may_not_act(|origin| {
			Telemetry::register_device(origin, passport(0), bms.public_key(), bms.proof(passport(0)))
		});
	});
}

#[test]
fn a_registered_device_is_kept_under_its_number_key_and_passport() {
	ExtBuilder::default().batteries(2).build_and_execute(|| {
		let bms = Bms::new(0);
		assert_ok!(register_as(MAKER, passport(1), &bms));
		assert_eq!(
			last_event(),
			Some(Event::DeviceRegistered {
				device: 0,
				passport: passport(1),
				maker: organisation(MAKER),
				signed_by: SignedBy::Battery,
			})
		);
		assert_eq!(
			state(0),
			DeviceState {
				device: Device {
					passport: passport(1),
					maker: organisation(MAKER),
					signed_by: SignedBy::Battery,
				},
				public_key: bms.public_key(),
				key_from_sequence: 0,
				revoked: false,
				in_use: true,
				responsible_operator: organisation(MAKER),
				key_epoch: 0,
				window: SequenceWindow::default(),
				last_seconds: 0,
				history_head: [0; 32],
				frames: 0,
				readings: 0,
			}
		);
		assert_eq!(devices_of(1), [0]);
		assert!(devices_of(0).is_empty());
		assert_eq!(NextDevice::<Test>::get(), 1);
		assert_eq!(Telemetry::active_device_of(&passport(1)), Some((0, state(0))));
		assert_eq!(Telemetry::active_device_of(&passport(0)), None);
	});
}

#[test]
fn a_second_life_operator_registers_devices_of_its_own_passports() {
	ExtBuilder::default().build_and_execute(|| {
		add_passport(0, SECOND_LIFE);
		change_passport(0, |facts| facts.status = Status::Repurposed);
		assert_ok!(register_as(SECOND_LIFE, passport(0), &Bms::new(0)));
	});
}

#[test]
fn a_battery_in_use_of_any_status_but_waste_takes_a_device() {
	ExtBuilder::default().batteries(4).build_and_execute(|| {
		for (number, status) in [
			Status::Original,
			Status::Reused,
			Status::Repurposed,
			Status::Remanufactured,
		]
		.into_iter()
		.enumerate()
		{
			let number = number as u32;
			change_passport(number, |facts| facts.status = status);
			assert_ok!(register_as(MAKER, passport(number), &Bms::new(number)));
		}
	});
}

#[test]
fn nobody_registers_a_device_of_anothers_battery() {
	ExtBuilder::default().batteries(1).build_and_execute(|| {
		for account in [OTHER_MAKER, SECOND_LIFE, BRIDGE, OUTSIDER] {
			assert_noop!(
				register_as(account, passport(0), &Bms::new(0)),
				Error::<Test>::NotAuthorized
			);
		}
	});
}

#[test]
fn who_is_responsible_but_makes_no_batteries_registers_none() {
	ExtBuilder::default().build_and_execute(|| {
		for (number, account) in [(0, OUTSIDER), (1, BRIDGE)] {
			add_passport(number, account);
			assert_noop!(
				register_as(account, passport(number), &Bms::new(number)),
				Error::<Test>::NotAuthorized
			);
		}
	});
}

#[test]
fn a_delegate_registers_a_device_in_the_place_of_the_operator_who_vouches_for_it() {
	ExtBuilder::default().batteries(2).build_and_execute(|| {
		// Whatever its roles are: the operator is the maker.
		for (number, account) in [(0, OUTSIDER), (1, SECOND_LIFE)] {
			delegate(number, account, DelegatedRight::ManageDevices);
			assert_ok!(register_as(account, passport(number), &Bms::new(number)));
			assert_eq!(
				last_event(),
				Some(Event::DeviceRegistered {
					device: number,
					passport: passport(number),
					maker: organisation(MAKER),
					signed_by: SignedBy::Battery,
				})
			);
			assert_eq!(
				Telemetry::state_of(number).map(|state| state.device.maker),
				Some(organisation(MAKER))
			);
		}
		assert_ok!(submit_one(0, Bms::new(0).frame(1)));
		// The delegate's standing is nothing to the device, the operator's is.
		SuspendedLater::set(vec![organisation(OUTSIDER)]);
		assert_ok!(submit_one(0, Bms::new(0).frame(2)));
		SuspendedLater::set(vec![organisation(MAKER)]);
		assert_eq!(
			submit_one(0, Bms::new(0).frame(3)),
			Err(FrameRefusal::DeviceNotActive)
		);
	});
}

#[test]
fn a_delegate_for_something_else_or_for_another_battery_registers_none() {
	ExtBuilder::default().batteries(2).build_and_execute(|| {
		for right in DelegatedRight::ALL {
			let number = u32::from(right == DelegatedRight::ManageDevices);
			delegate(number, OTHER_MAKER, right);
		}
		assert_noop!(
			register_as(OTHER_MAKER, passport(0), &Bms::new(0)),
			Error::<Test>::NotAuthorized
		);
		assert_ok!(register_as(OTHER_MAKER, passport(1), &Bms::new(0)));
	});
}

#[test]
fn a_delegate_of_who_may_not_register_a_device_registers_none() {
	ExtBuilder::default().batteries(1).build_and_execute(|| {
		delegate(0, OTHER_MAKER, DelegatedRight::ManageDevices);
		SuspendedLater::set(vec![organisation(MAKER)]);
		// A maker itself, but its operator makes no batteries.
		add_passport(1, OUTSIDER);
		delegate(1, OTHER_MAKER, DelegatedRight::ManageDevices);
		for number in 0..2 {
			assert_noop!(
				register_as(OTHER_MAKER, passport(number), &Bms::new(number)),
				Error::<Test>::NotAuthorized
			);
		}
		SuspendedLater::set(vec![]);
		assert_ok!(register_as(OTHER_MAKER, passport(0), &Bms::new(0)));
	});
}

#[test]
fn a_device_needs_a_passport() {
	ExtBuilder::default().batteries(1).build_and_execute(|| {
		assert_noop!(
			register_as(MAKER, passport(1), &Bms::new(0)),
			Error::<Test>::PassportNotFound
		);
	});
}

#[test]
fn a_superseded_passport_and_waste_take_no_device() {
	ExtBuilder::default().batteries(2).build_and_execute(|| {
		change_passport(0, |facts| facts.publication = Publication::Superseded);
		change_passport(1, |facts| facts.status = Status::Waste);
		for number in 0..2 {
			assert_noop!(
				register_as(MAKER, passport(number), &Bms::new(0)),
				Error::<Test>::PassportNotInUse
			);
		}
	});
}

#[test]
fn a_battery_has_one_active_device() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_noop!(
			register_as(MAKER, passport(0), &Bms::new(1)),
			Error::<Test>::DeviceActive
		);
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		assert_ok!(register_as(MAKER, passport(0), &Bms::new(1)));
		assert_eq!(devices_of(0), [0, 1]);
		assert_eq!(Telemetry::active_device_of(&passport(0)), Some((1, state(1))));
		assert!(state(0).revoked);
	});
}

#[test]
fn a_passport_sees_at_most_eight_devices() {
	ExtBuilder::default().batteries(1).build_and_execute(|| {
		for number in 0..MAX_DEVICES_PER_PASSPORT {
			let device = register(0, number);
			assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), device));
		}
		assert_noop!(
			register_as(MAKER, passport(0), &Bms::new(100)),
			Error::<Test>::TooManyDevices
		);
	});
}

#[test]
fn the_last_two_devices_of_a_passport_are_the_operators_alone() {
	ExtBuilder::default().batteries(1).build_and_execute(|| {
		delegate(0, OUTSIDER, DelegatedRight::ManageDevices);
		for number in 0..MAX_DEVICES_BY_DELEGATE {
			assert_ok!(register_as(OUTSIDER, passport(0), &Bms::new(number)));
			assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(OUTSIDER), number));
		}
		for number in MAX_DEVICES_BY_DELEGATE..MAX_DEVICES_PER_PASSPORT {
			assert_noop!(
				register_as(OUTSIDER, passport(0), &Bms::new(100)),
				Error::<Test>::TooManyDevices
			);
			assert_ok!(register_as(MAKER, passport(0), &Bms::new(number)));
			assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(OUTSIDER), number));
		}
	});
}

#[test]
fn a_key_is_never_that_of_another_device_of_the_battery() {
	ExtBuilder::default().batteries(1).build_and_execute(|| {
		register(0, 0);
		assert_ok!(rotate(0, 10, 1));
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		// Else its old frames could be sent again: the sequences of a device begin anew.
		for bms in [0, 10] {
			assert_noop!(
				register_as(MAKER, passport(0), &Bms::new(bms)),
				Error::<Test>::KeyInUse
			);
		}
		assert_eq!(register(0, 1), 1);
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 1));
		for bms in [0, 10, 1] {
			assert_noop!(
				register_as(MAKER, passport(0), &Bms::new(bms)),
				Error::<Test>::KeyInUse
			);
		}
	});
}

#[test]
fn what_is_signed_for_one_battery_counts_for_no_other_with_the_same_key() {
	ExtBuilder::default().batteries(2).build_and_execute(|| {
		assert_eq!((register(0, 0), register(1, 0)), (0, 1));
		assert_eq!(
			submit_one(1, Bms::new(0).frame(1)),
			Err(FrameRefusal::BadSignature)
		);
		assert_ok!(submit_one(0, Bms::new(0).frame(1)));
		assert_ok!(submit_one(1, Bms::new(0).of(1).frame(1)));
	});
}

/// The points of small order: 0, ±1 and the four of order 8 as y, with either sign. The first eight are canonical; ZIP-215
/// reads the others, with y above the prime or a sign on x = 0, as the same points.
const SMALL_ORDER: [&str; 14] = [
	"0x0100000000000000000000000000000000000000000000000000000000000000",
	"0xecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"0x0000000000000000000000000000000000000000000000000000000000000000",
	"0x0000000000000000000000000000000000000000000000000000000000000080",
	"0x26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"0x26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	"0xc7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"0xc7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	"0x0100000000000000000000000000000000000000000000000000000000000080",
	"0xecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"0xedffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"0xedffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"0xeeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"0xeeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

#[test]
fn a_key_of_small_order_is_refused_in_every_encoding() {
	ExtBuilder::default().batteries(1).build_and_execute(|| {
		// The signature that such keys verify for any message: nobody holds a secret.
		let mut proof = [0; 64];
		proof[0] = 1;
		for encoding in SMALL_ORDER {
			let key: [u8; 32] = sp_core::bytes::from_hex(encoding).unwrap().try_into().unwrap();
			let message = possession_message(&GENESIS, &passport(0), &key);
			assert!(
				sp_io::crypto::ed25519_verify(&proof.into(), &message, &key.into()),
				"the proof alone does not keep it out: {encoding}"
			);
			assert_noop!(
				Telemetry::register_device(RuntimeOrigin::signed(MAKER), passport(0), key, proof),
				Error::<Test>::UnusableKey
			);
			assert!(!is_usable_public_key(&key), "{encoding}");
		}
	});
}

#[test]
fn every_other_key_is_usable() {
	for number in 0..32 {
		let key = Bms::new(number).public_key();
		assert!(!crate::frames::is_small_order(&key));
		assert!(is_usable_public_key(&key));
	}
}

#[test]
fn bytes_that_are_no_point_are_no_key() {
	ExtBuilder::default().batteries(1).build_and_execute(|| {
		let no_point = (0..=255)
			.map(|byte| [byte; 32])
			.find(|bytes| VerifyingKey::from_bytes(bytes).is_err())
			.unwrap();
		assert_noop!(
			Telemetry::register_device(RuntimeOrigin::signed(MAKER), passport(0), no_point, [0; 64]),
			Error::<Test>::BadProofOfPossession
		);
	});
}

#[test]
fn a_proof_is_for_one_network_one_battery_and_one_key() {
	ExtBuilder::default().batteries(2).build_and_execute(|| {
		let bms = Bms::new(0);
		let key = bms.public_key();
		let proof = bms.proof(passport(0));
		let mut changed = proof;
		changed[63] ^= 1;
		let mut without_domain = SIGNATURE_DOMAIN.to_vec();
		without_domain.extend(&possession_message(&GENESIS, &passport(0), &key)[13..]);
		for (what, wrong) in [
			("another battery", bms.proof(passport(1))),
			(
				"another network",
				bms.sign(&possession_message(&[8; 32], &passport(0), &key)),
			),
			(
				"another key",
				bms.sign(&possession_message(
					&GENESIS,
					&passport(0),
					&Bms::new(1).public_key(),
				)),
			),
			("another signer", Bms::new(1).proof(passport(0))),
			("another domain", bms.sign(&without_domain)),
			("a changed bit", changed),
			("nothing", [0; 64]),
		] {
			assert_eq!(
				Telemetry::register_device(RuntimeOrigin::signed(MAKER), passport(0), key, wrong),
				Err(Error::<Test>::BadProofOfPossession.into()),
				"{what}"
			);
		}
		assert_noop!(
			Telemetry::register_device(RuntimeOrigin::signed(MAKER), passport(0), key, changed),
			Error::<Test>::BadProofOfPossession
		);
		assert_ok!(Telemetry::register_device(
			RuntimeOrigin::signed(MAKER),
			passport(0),
			key,
			proof
		));
	});
}
