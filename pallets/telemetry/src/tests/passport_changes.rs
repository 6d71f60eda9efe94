//! [`OnPassportChanged`]: what becomes of a passport is seen by the next frame, and the page of its device alone says it.

use crate::{mock::*, DeviceState, Pages};
use frame_support::{assert_ok, assert_storage_noop};
use passport_primitives::{
	ledger::OnPassportChanged,
	life_cycle::{Publication, Status},
	telemetry::FrameRefusal,
};

fn tell(number: u32) {
	Telemetry::on_passport_changed(&passport(number), &Facts::get()[&passport(number)]);
}

#[test]
fn a_battery_that_becomes_waste_or_another_sends_nothing_from_then_on() {
	ExtBuilder::default().devices(3).build_and_execute(|| {
		for device in 0..3 {
			assert_ok!(submit_one(device, Bms::new(device).frame(1)));
		}
		change_passport(0, |facts| facts.status = Status::Waste);
		change_passport(1, |facts| facts.publication = Publication::Superseded);
		for device in 0..2 {
			assert_eq!(
				submit_one(device, Bms::new(device).frame(2)),
				Err(FrameRefusal::PassportNotActive)
			);
		}
		assert_ok!(submit_one(2, Bms::new(2).frame(2)));
	});
}

#[test]
fn a_battery_of_another_status_that_is_in_use_goes_on_sending() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		for (sequence, status) in [
			(1, Status::Reused),
			(2, Status::Repurposed),
			(3, Status::Remanufactured),
		] {
			change_passport(0, |facts| facts.status = status);
			assert_ok!(submit_one(0, Bms::new(0).frame(sequence)));
		}
	});
}

#[test]
fn after_a_take_over_the_new_operator_vouches_for_the_device() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		SuspendedLater::set(vec![organisation(MAKER)]);
		assert_eq!(
			submit_one(0, Bms::new(0).frame(1)),
			Err(FrameRefusal::DeviceNotActive)
		);
		change_passport(0, |facts| facts.responsible_operator = organisation(OTHER_MAKER));
		assert_ok!(submit_one(0, Bms::new(0).frame(1)));
		SuspendedLater::set(vec![organisation(OTHER_MAKER)]);
		assert_eq!(
			submit_one(0, Bms::new(0).frame(2)),
			Err(FrameRefusal::DeviceNotActive)
		);
	});
}

#[test]
fn a_hand_over_as_waste_moves_both_at_once() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		let (before, other) = (state(0), state(1));
		change_passport(0, |facts| {
			facts.status = Status::Waste;
			facts.responsible_operator = organisation(OUTSIDER);
		});
		assert_eq!(
			state(0),
			DeviceState {
				in_use: false,
				responsible_operator: organisation(OUTSIDER),
				..before
			}
		);
		assert_eq!(state(1), other);
	});
}

#[test]
fn a_batch_asks_the_page_and_not_the_passport() {
	ExtBuilder::default().devices(1).build_and_leave_broken(|| {
		change_passport_unseen(0, |facts| facts.status = Status::Waste);
		assert_ok!(submit_one(0, Bms::new(0).frame(1)));
		tell(0);
		assert_eq!(
			submit_one(0, Bms::new(0).frame(2)),
			Err(FrameRefusal::PassportNotActive)
		);
	});
}

#[test]
fn the_page_of_a_passports_last_device_is_changed_and_no_other() {
	ExtBuilder::default().devices(16).build_and_execute(|| {
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		assert_eq!(register(0, 16), 16);
		let first_page = Pages::<Test>::get(0);
		change_passport(0, |facts| facts.responsible_operator = organisation(OTHER_MAKER));
		assert_eq!(Pages::<Test>::get(0), first_page);
		assert_eq!(state(16).responsible_operator, organisation(OTHER_MAKER));
	});
}

#[test]
fn nothing_is_written_where_nothing_changes() {
	ExtBuilder::default()
		.devices(2)
		.batteries(3)
		.build_and_execute(|| {
			// Told of what the page says already; without a device; of a passport that nobody knows.
			assert_storage_noop!(tell(0));
			change_passport(2, |facts| facts.status = Status::Waste);
			assert_storage_noop!(tell(2));
			let facts = Facts::get()[&passport(0)];
			assert_storage_noop!(Telemetry::on_passport_changed(&passport(77), &facts));
			// A device that was revoked stays as it was.
			assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 1));
			change_passport_unseen(1, |facts| facts.status = Status::Waste);
			assert_storage_noop!(tell(1));
		});
}

#[test]
fn a_device_that_comes_after_a_change_knows_of_it() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		change_passport(0, |facts| facts.responsible_operator = organisation(OTHER_MAKER));
		let device = register(0, 1);
		assert_eq!(state(device).responsible_operator, organisation(OTHER_MAKER));
		assert_ok!(submit_one(device, Bms::new(1).of(0).frame(1)));
	});
}
