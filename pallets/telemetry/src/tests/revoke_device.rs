//! `revoke_device`.

use super::standing::refuses_who_may_not_act;
use crate::{mock::*, DeviceState, Error, Event};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{ledger::DelegatedRight, life_cycle::Publication, telemetry::FrameRefusal};
use sp_runtime::DispatchResult;

fn revoke(account: u64, device: u32) -> DispatchResult {
	Telemetry::revoke_device(RuntimeOrigin::signed(account), device)
}

#[test]
fn only_an_active_member_revokes_devices() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		refuses_who_may_not_act(|origin| Telemetry::revoke_device(origin, 0));
	});
}

#[test]
fn a_revoked_device_sends_nothing_and_what_it_sent_stays() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		let bms = Bms::new(0);
		assert_ok!(submit_one(0, bms.frame(1)));
		let before = state(0);
		assert_ok!(revoke(MAKER, 0));
		assert_eq!(last_event(), Some(Event::DeviceRevoked { device: 0 }));
		let after = DeviceState {
			revoked: true,
			..before
		};
		assert_eq!(state(0), after);
		assert_eq!(submit_one(0, bms.frame(2)), Err(FrameRefusal::DeviceNotActive));
		assert_eq!(state(0), after);
		assert_eq!(Telemetry::active_device_of(&passport(0)), None);
		assert_ok!(submit_one(1, Bms::new(1).frame(1)));
	});
}

#[test]
fn what_a_device_stated_is_withdrawn_with_it() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		assert_noop!(revoke(OTHER_MAKER, 1), Error::<Test>::NotAuthorized);
		assert!(Withdrawn::get().is_empty());
		assert_ok!(revoke(MAKER, 1));
		assert_eq!(Withdrawn::get(), [passport(1)]);
		// Not what a device states that came after it.
		assert_eq!(register(1, 2), 2);
		assert_noop!(revoke(MAKER, 1), Error::<Test>::DeviceRevoked);
		assert_eq!(Withdrawn::get(), [passport(1)]);
	});
}

#[test]
fn a_device_is_revoked_once() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(revoke(MAKER, 0));
		assert_noop!(revoke(MAKER, 0), Error::<Test>::DeviceRevoked);
	});
}

#[test]
fn a_number_that_was_not_given_has_no_device() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		for number in [1, 15, 16, u32::MAX] {
			assert_noop!(revoke(MAKER, number), Error::<Test>::DeviceNotFound);
		}
	});
}

#[test]
fn nobody_revokes_a_device_of_anothers_battery() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		for account in [OTHER_MAKER, SECOND_LIFE, BRIDGE, OUTSIDER] {
			assert_noop!(revoke(account, 0), Error::<Test>::NotAuthorized);
		}
	});
}

#[test]
fn the_right_to_revoke_goes_with_the_responsibility() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		change_passport(0, |facts| facts.responsible_operator = organisation(OUTSIDER));
		assert_noop!(revoke(MAKER, 0), Error::<Test>::NotAuthorized);
		// No role is asked for: who answers for the battery can stop its device.
		assert_ok!(revoke(OUTSIDER, 0));
	});
}

#[test]
fn a_delegate_for_devices_revokes_one_and_a_delegate_for_something_else_none() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		for right in DelegatedRight::ALL {
			delegate(u32::from(right == DelegatedRight::ManageDevices), OUTSIDER, right);
		}
		assert_noop!(revoke(OUTSIDER, 0), Error::<Test>::NotAuthorized);
		assert_ok!(revoke(OUTSIDER, 1));
		assert_eq!(last_event(), Some(Event::DeviceRevoked { device: 1 }));
	});
}

#[test]
fn a_delegate_of_a_suspended_operator_revokes_none() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		delegate(0, OUTSIDER, DelegatedRight::ManageDevices);
		SuspendedLater::set(vec![organisation(MAKER)]);
		assert_noop!(revoke(OUTSIDER, 0), Error::<Test>::NotAuthorized);
		SuspendedLater::set(vec![]);
		assert_ok!(revoke(OUTSIDER, 0));
	});
}

#[test]
fn a_device_of_a_superseded_passport_can_be_revoked() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		change_passport(0, |facts| facts.publication = Publication::Superseded);
		assert_ok!(revoke(MAKER, 0));
	});
}

#[test]
fn without_its_passport_nobody_answers_for_a_device() {
	ExtBuilder::default().devices(1).build_and_leave_broken(|| {
		Facts::mutate(std::collections::BTreeMap::clear);
		assert_noop!(revoke(MAKER, 0), Error::<Test>::PassportNotFound);
	});
}
