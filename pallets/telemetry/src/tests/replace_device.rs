//! `replace_device`: revoking and registering in one step.

use super::standing::refuses_who_may_not_act;
use crate::{mock::*, DeviceState, Error, Event, MAX_DEVICES_BY_DELEGATE, MAX_DEVICES_PER_PASSPORT};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	ledger::{DelegatedRight, KeyEpochs},
	life_cycle::{Publication, Status},
	telemetry::{device::SignedBy, FrameRefusal},
};
use sp_runtime::DispatchResult;

/// `account` replaces a device of battery `battery` by BMS `bms`.
fn replace(account: u64, battery: u32, device: u32, bms: u32) -> DispatchResult {
	let bms = Bms::new(bms);
	Telemetry::replace_device(
		RuntimeOrigin::signed(account),
		device,
		bms.public_key(),
		bms.proof(passport(battery)),
	)
}

fn events() -> Vec<Event<Test>> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Telemetry(event) => Some(event),
			RuntimeEvent::System(_) => None,
		})
		.collect()
}

#[test]
fn only_an_active_member_replaces_devices() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let bms = Bms::new(1);
		refuses_who_may_not_act(|origin| {
			Telemetry::replace_device(origin, 0, bms.public_key(), bms.proof(passport(0)))
		});
	});
}

#[test]
fn the_new_device_goes_on_for_the_battery_and_the_old_one_is_silent() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(submit_one(0, Bms::new(0).frame(1)));
		assert_eq!(Telemetry::advance(&passport(0)), Some(1));
		let old = state(0);
		System::reset_events();
		assert_ok!(replace(MAKER, 0, 0, 1));
		assert_eq!(
			events(),
			[
				Event::<Test>::DeviceRevoked { device: 0 },
				Event::DeviceRegistered {
					device: 1,
					passport: passport(0),
					maker: organisation(MAKER),
					signed_by: SignedBy::Battery,
				},
			]
		);
		assert_eq!(state(0), DeviceState { revoked: true, ..old });
		assert_eq!(Telemetry::active_device_of(&passport(0)), Some((1, state(1))));
		assert_eq!(devices_of(0), [0, 1]);
		// In the epoch after the old one's last, with a sequence of its own.
		assert_eq!((state(1).key_epoch, state(1).frames), (2, 0));
		assert_eq!(
			submit_one(0, Bms::new(0).frame(2)),
			Err(FrameRefusal::DeviceNotActive)
		);
		assert_ok!(submit_one(1, Bms::new(1).of(0).frame(1)));
	});
}

#[test]
fn what_the_old_device_stated_is_withdrawn() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		assert_ok!(replace(MAKER, 1, 1, 2));
		assert_eq!(Withdrawn::get(), [passport(1)]);
	});
}

#[test]
fn nobody_replaces_a_device_of_anothers_battery() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		for account in [OTHER_MAKER, SECOND_LIFE, BRIDGE, OUTSIDER] {
			assert_noop!(replace(account, 0, 0, 9), Error::<Test>::NotAuthorized);
		}
		for right in DelegatedRight::ALL {
			delegate(u32::from(right == DelegatedRight::ManageDevices), OUTSIDER, right);
		}
		assert_noop!(replace(OUTSIDER, 0, 0, 9), Error::<Test>::NotAuthorized);
		assert_ok!(replace(OUTSIDER, 1, 1, 9));
	});
}

#[test]
fn who_answers_for_a_battery_but_makes_none_replaces_no_device() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		change_passport(0, |facts| facts.responsible_operator = organisation(OUTSIDER));
		assert_noop!(replace(OUTSIDER, 0, 0, 1), Error::<Test>::NotAuthorized);
		assert_eq!(Telemetry::active_device_of(&passport(0)), Some((0, state(0))));
	});
}

#[test]
fn a_device_that_is_not_there_or_was_revoked_is_not_replaced() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		for device in [1, 16, u32::MAX] {
			assert_noop!(replace(MAKER, 0, device, 1), Error::<Test>::DeviceNotFound);
		}
		assert_ok!(replace(MAKER, 0, 0, 1));
		assert_noop!(replace(MAKER, 0, 0, 2), Error::<Test>::DeviceRevoked);
		assert_ok!(replace(MAKER, 0, 1, 2));
	});
}

#[test]
fn a_device_of_a_passport_that_is_gone_is_not_replaced() {
	ExtBuilder::default().devices(1).build_and_leave_broken(|| {
		Facts::mutate(std::collections::BTreeMap::clear);
		assert_noop!(replace(MAKER, 0, 0, 1), Error::<Test>::PassportNotFound);
	});
}

#[test]
fn a_battery_that_is_not_in_use_gets_no_other_device() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		change_passport(0, |facts| facts.publication = Publication::Superseded);
		change_passport(1, |facts| facts.status = Status::Waste);
		for number in 0..2 {
			assert_noop!(replace(MAKER, number, number, 9), Error::<Test>::PassportNotInUse);
		}
	});
}

#[test]
fn the_new_key_is_checked_as_at_a_registration_and_the_old_device_stays_when_it_is_refused() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		// Its own key.
		assert_noop!(replace(MAKER, 0, 0, 0), Error::<Test>::KeyInUse);
		assert_noop!(
			Telemetry::replace_device(
				RuntimeOrigin::signed(MAKER),
				0,
				Bms::new(9).public_key(),
				Bms::new(9).proof(passport(1)),
			),
			Error::<Test>::BadProofOfPossession
		);
		let mut neutral_point = [0; 32];
		neutral_point[0] = 1;
		let mut proof = [0; 64];
		proof[0] = 1;
		assert_noop!(
			Telemetry::replace_device(RuntimeOrigin::signed(MAKER), 0, neutral_point, proof),
			Error::<Test>::UnusableKey
		);
		assert_ok!(submit_one(0, Bms::new(0).frame(1)));
	});
}

#[test]
fn a_passport_sees_at_most_eight_devices() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		for bms in 1..MAX_DEVICES_PER_PASSPORT {
			assert_ok!(replace(MAKER, 0, bms - 1, bms));
		}
		assert_noop!(
			replace(MAKER, 0, MAX_DEVICES_PER_PASSPORT - 1, 100),
			Error::<Test>::TooManyDevices
		);
	});
}

#[test]
fn a_delegate_leaves_the_operator_devices_to_replace_by() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		delegate(0, OUTSIDER, DelegatedRight::ManageDevices);
		for bms in 1..MAX_DEVICES_BY_DELEGATE {
			assert_ok!(replace(OUTSIDER, 0, bms - 1, bms));
		}
		let last = MAX_DEVICES_BY_DELEGATE - 1;
		assert_noop!(replace(OUTSIDER, 0, last, 100), Error::<Test>::TooManyDevices);
		assert!(!state(last).revoked);
		assert_ok!(replace(MAKER, 0, last, 100));
	});
}

#[test]
fn a_bridges_key_is_replaced_by_a_bridges_key() {
	ExtBuilder::default().batteries(1).build_and_execute(|| {
		let bridge = Bms::new(0);
		assert_ok!(Telemetry::register_bridge_device(
			RuntimeOrigin::signed(MAKER),
			passport(0),
			bridge.public_key(),
			bridge.proof(passport(0)),
		));
		assert_ok!(replace(MAKER, 0, 0, 1));
		assert_eq!(
			Telemetry::state_of(1).map(|state| state.device.signed_by),
			Some(SignedBy::Bridge)
		);
	});
}
