//! That the check of the storage finds what is broken.

use crate::{
	mock::*, DeviceState, FormerKeys, LastStatement, NextDevice, Pages, StateOfHealthThresholdBp,
	DEVICES_PER_PAGE,
};
use frame_support::assert_ok;
use passport_primitives::life_cycle::Status;
use sp_runtime::TryRuntimeError;

/// Three good devices, then what breaks them.
fn finds(broken: &'static str, break_it: impl FnOnce()) {
	ExtBuilder::default().devices(3).build_and_leave_broken(|| {
		assert_eq!(Telemetry::do_try_state(), Ok(()));
		break_it();
		assert_eq!(Telemetry::do_try_state(), Err(TryRuntimeError::Other(broken)));
	});
}

fn change_state(device: u32, change: impl FnOnce(&mut DeviceState)) {
	Pages::<Test>::mutate(device / DEVICES_PER_PAGE, |page| {
		change(page[(device % DEVICES_PER_PAGE) as usize].as_mut().unwrap());
	});
}

#[test]
fn a_device_whose_passport_was_closed_without_a_word_is_found() {
	finds("a device belongs to a passport that is not there", || {
		Facts::mutate(|all| all.remove(&passport(1)));
	});
}

#[test]
fn a_device_that_is_not_there_is_found() {
	finds("a passport's device is not there, or another's", || {
		list_devices(1, vec![1, 9]);
	});
}

#[test]
fn a_device_of_another_passport_is_found() {
	let broken = "a passport's device is not there, or another's";
	finds(broken, || {
		list_devices(1, vec![1, 2]);
	});
	finds(broken, || {
		change_state(1, |state| state.device.passport = passport(0));
		list_devices(0, vec![0, 1, 2]);
	});
}

#[test]
fn an_active_device_before_the_last_is_found() {
	finds("a device is active though another came after it", || {
		change_state(1, |state| state.device.passport = passport(0));
		list_devices(0, vec![0, 1]);
	});
}

#[test]
fn a_key_of_two_devices_of_a_passport_is_found() {
	let broken = "devices of a passport have the same key";
	let replaced = || {
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 1));
		assert_eq!(register(1, 3), 3);
		assert_eq!(Telemetry::do_try_state(), Ok(()));
	};
	finds(broken, || {
		replaced();
		change_state(3, |state| state.public_key = Bms::new(1).public_key());
	});
	finds(broken, || {
		replaced();
		assert_ok!(rotate(3, 9, 10));
		FormerKeys::<Test>::mutate(3, |keys| keys[0].public_key = Bms::new(1).public_key());
	});
	finds(broken, || {
		assert_ok!(rotate(1, 9, 10));
		change_state(1, |state| state.public_key = Bms::new(1).public_key());
	});
}

#[test]
fn a_key_of_two_passports_devices_is_no_fault() {
	ExtBuilder::default().batteries(2).build_and_execute(|| {
		register(0, 0);
		register(1, 0);
	});
}

#[test]
fn a_page_that_does_not_say_what_the_passport_says_is_found() {
	let broken = "the page of a device does not say what its passport says";
	finds(broken, || change_state(1, |state| state.in_use = false));
	finds(broken, || {
		change_state(1, |state| state.responsible_operator = organisation(OTHER_MAKER));
	});
	finds(broken, || {
		change_passport_unseen(1, |facts| facts.status = Status::Waste);
	});
}

#[test]
fn the_page_of_a_revoked_device_may_say_what_was() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		change_passport_unseen(0, |facts| facts.status = Status::Waste);
	});
}

#[test]
fn former_keys_out_of_their_order_are_found() {
	for (first, second) in [(0, 20), (10, 9), (21, 20)] {
		finds("the former keys of a device are not in their order", || {
			assert_ok!(rotate(1, 8, 10));
			assert_ok!(rotate(1, 9, 20));
			FormerKeys::<Test>::mutate(1, |keys| {
				keys[0].below_sequence = first;
				keys[1].below_sequence = second;
			});
		});
	}
}

#[test]
fn a_key_that_a_later_rotation_has_left_no_sequences_is_no_fault() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(rotate(0, 8, 20));
		assert_ok!(rotate(0, 9, 10));
		assert_eq!(FormerKeys::<Test>::get(0).len(), 2);
	});
}

#[test]
fn a_key_that_does_not_begin_where_the_one_before_it_ends_is_found() {
	let broken = "a device's key does not begin where the one before it ends";
	finds(broken, || change_state(1, |state| state.key_from_sequence = 1));
	finds(broken, || {
		assert_ok!(rotate(1, 9, 10));
		change_state(1, |state| state.key_from_sequence = 11);
	});
}

#[test]
fn former_keys_of_no_device_are_found() {
	finds("former keys are of no device", || {
		assert_ok!(rotate(1, 9, 10));
		FormerKeys::<Test>::insert(7, FormerKeys::<Test>::get(1));
	});
}

#[test]
fn a_count_that_does_not_fit_the_window_is_found() {
	finds(
		"a device has frames without a sequence, or a sequence without frames",
		|| {
			change_state(1, |state| state.frames = 1);
		},
	);
	finds(
		"a device has frames without a sequence, or a sequence without frames",
		|| {
			change_state(1, |state| state.window.take(1).unwrap());
		},
	);
}

#[test]
fn a_device_in_an_epoch_of_the_one_before_is_found() {
	for key_epoch in [0, 1] {
		finds("a device is in an epoch of the one that it replaced", || {
			change_state(1, |state| state.key_epoch = 1);
			assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 1));
			assert_eq!(register(1, 3), 3);
			assert_eq!(Telemetry::do_try_state(), Ok(()));
			change_state(3, |state| state.key_epoch = key_epoch);
		});
	}
}

#[test]
fn a_statement_of_no_device_is_found() {
	finds("a statement is of no device", || {
		LastStatement::<Test>::insert(9, NOW);
	});
}

#[test]
fn a_threshold_out_of_its_range_is_found() {
	for threshold_bp in [0, 10_001] {
		finds("the threshold is out of its range", || {
			StateOfHealthThresholdBp::<Test>::put(threshold_bp);
		});
	}
}

#[test]
fn a_device_that_its_passport_does_not_know_is_found() {
	let broken = "a device belongs to a passport that does not know it";
	finds(broken, || list_devices(1, vec![]));
	finds(broken, || {
		let stray = state(0);
		Pages::<Test>::try_append(0, Some(stray)).unwrap();
		NextDevice::<Test>::put(4);
	});
}

#[test]
fn a_state_ahead_of_the_numbers_is_found() {
	finds("a page has a state of a device that was not numbered yet", || {
		NextDevice::<Test>::put(2);
	});
}

#[test]
fn holes_that_closed_passports_leave_are_no_fault() {
	ExtBuilder::default().devices(3).build_and_execute(|| {
		close(1);
	});
}
