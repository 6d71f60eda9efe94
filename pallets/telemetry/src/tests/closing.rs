//! [`OnPassportClosed`]: a closed passport takes its devices with it, and nobody else's.

use crate::{mock::*, FormerKeys, LastStatement, NextDevice, Pages};
use frame_support::assert_ok;
use passport_primitives::{
	ledger::{KeyEpochs, OnPassportClosed},
	telemetry::{statement::ThresholdStatement, FrameRefusal},
};

/// Brings a statement of device `device`, which is BMS `bms` in battery `number`.
fn state_threshold(device: u32, bms: u32, number: u32) {
	let statement = ThresholdStatement {
		threshold_bp: 7_000,
		at_or_above: true,
		made_at_seconds: NOW,
	};
	assert_ok!(Telemetry::submit_threshold_statement(
		RuntimeOrigin::signed(BRIDGE),
		device,
		statement,
		Bms::new(bms).state(passport(number), &statement)
	));
}

fn pages() -> Vec<u32> {
	let mut pages: Vec<_> = Pages::<Test>::iter_keys().collect();
	pages.sort_unstable();
	pages
}

#[test]
fn nothing_is_left_of_a_closed_passports_devices() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		// Battery 0 has had two devices.
		state_threshold(0, 0, 0);
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		assert_eq!(register(0, 2), 2);
		assert_ok!(submit_one(2, Bms::new(2).of(0).frame(1)));
		state_threshold(2, 2, 0);
		state_threshold(1, 1, 1);
		let neighbour = state(1);
		close(0);
		for (device, bms) in [(0, Bms::new(0)), (2, Bms::new(2).of(0))] {
			assert_eq!(Telemetry::state_of(device), None);
			assert!(!LastStatement::<Test>::contains_key(device));
			assert_eq!(submit_one(device, bms.frame(9)), Err(FrameRefusal::UnknownDevice));
		}
		assert_eq!(Telemetry::active_device_of(&passport(0)), None);
		assert_eq!(Telemetry::current(&passport(0)), None);
		assert_eq!(state(1), neighbour);
		assert_eq!(LastStatement::<Test>::get(1), NOW);
		assert_ok!(submit_one(1, Bms::new(1).frame(1)));
	});
}

#[test]
fn the_former_keys_of_a_device_go_with_it() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		assert_ok!(rotate(0, 10, 5));
		assert_ok!(rotate(0, 11, 6));
		assert_ok!(rotate(1, 12, 5));
		close(0);
		assert_eq!(FormerKeys::<Test>::iter_keys().collect::<Vec<_>>(), [1]);
		assert_eq!(Telemetry::keys_of(0), None);
		assert_eq!(Telemetry::keys_of(1).map(|keys| keys.len()), Some(2));
	});
}

#[test]
fn closing_a_passport_without_devices_changes_nothing() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		add_passport(1, MAKER);
		frame_support::assert_storage_noop!(close(1));
		frame_support::assert_storage_noop!(close_unknown());
		fn close_unknown() {
			Telemetry::on_passport_closed(&passport(77));
		}
	});
}

#[test]
fn later_devices_keep_their_numbers() {
	ExtBuilder::default().devices(3).build_and_execute(|| {
		close(1);
		assert_eq!(NextDevice::<Test>::get(), 3, "a number is not given again");
		add_passport(3, MAKER);
		assert_eq!(register(3, 3), 3);
		for device in [0, 2, 3] {
			assert_eq!(state(device).public_key, Bms::new(device).public_key());
			assert_ok!(submit_one(device, Bms::new(device).frame(1)));
		}
	});
}

#[test]
fn a_page_in_which_all_are_gone_stays_while_numbers_are_still_given_in_it() {
	ExtBuilder::default().devices(3).build_and_execute(|| {
		(0..3).for_each(close);
		assert_eq!(pages(), [0]);
		add_passport(3, MAKER);
		assert_eq!(register(3, 3), 3);
		assert_eq!(state(3).public_key, Bms::new(3).public_key());
		assert_ok!(submit_one(3, Bms::new(3).frame(1)));
	});
}

#[test]
fn a_full_page_goes_with_its_last_device() {
	ExtBuilder::default().devices(40).build_and_execute(|| {
		assert_eq!(pages(), [0, 1, 2]);
		// Not in order, and the middle page first.
		(16..31).rev().for_each(close);
		assert_eq!(pages(), [0, 1, 2]);
		close(31);
		assert_eq!(pages(), [0, 2]);
		(0..16).for_each(close);
		assert_eq!(pages(), [2]);
		for device in [15, 16, 31] {
			assert_eq!(
				submit_one(device, Bms::new(device).frame(1)),
				Err(FrameRefusal::UnknownDevice)
			);
		}
		assert_eq!(pages(), [2]);
		assert_ok!(submit_one(39, Bms::new(39).frame(1)));
		add_passport(40, MAKER);
		assert_eq!(register(40, 40), 40);
	});
}

#[test]
fn a_passport_with_devices_in_two_pages_leaves_both() {
	ExtBuilder::default().devices(16).build_and_execute(|| {
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		assert_eq!(register(0, 16), 16);
		close(0);
		assert_eq!(Telemetry::state_of(0), None);
		assert_eq!(Telemetry::state_of(16), None);
		(1..16).for_each(close);
		assert_eq!(pages(), [1]);
		assert_eq!(Telemetry::devices().count(), 0);
	});
}

#[test]
fn what_a_closed_batterys_device_has_sent_can_not_be_sent_for_another() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let sent = Bms::new(0).frame(1);
		assert_ok!(submit_one(0, sent.clone()));
		close(0);
		add_passport(1, MAKER);
		// The same BMS in another battery: what it signed is bound to the one before.
		assert_eq!(register(1, 0), 1);
		assert_eq!(submit_one(1, sent), Err(FrameRefusal::BadSignature));
		assert_ok!(submit_one(1, Bms::new(0).of(1).frame(1)));
	});
}
