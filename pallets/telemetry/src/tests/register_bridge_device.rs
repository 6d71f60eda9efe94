//! `register_bridge_device`: as `register_device`, and marked.

use super::standing::refuses_who_may_not_act;
use crate::{mock::*, Device, Error, Event};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	battery::PassportId,
	ledger::DelegatedRight,
	life_cycle::Status,
	telemetry::{device::SignedBy, FrameRefusal},
};
use sp_runtime::DispatchResult;

/// Registers the key of a bridge for a battery as `account`.
fn register_as(account: u64, battery: PassportId, bridge: &Bms) -> DispatchResult {
	Telemetry::register_bridge_device(
		RuntimeOrigin::signed(account),
		battery,
		bridge.public_key(),
		bridge.proof(battery),
	)
}

#[test]
fn only_an_active_member_registers_a_bridges_key() {
	ExtBuilder::default().batteries(1).build_and_execute(|| {
		let bridge = Bms::new(0);
		refuses_who_may_not_act(|origin| {
			Telemetry::register_bridge_device(
				origin,
				passport(0),
				bridge.public_key(),
				bridge.proof(passport(0)),
			)
		});
	});
}

#[test]
fn a_bridges_key_is_marked_and_its_frames_are_taken() {
	ExtBuilder::default().batteries(1).build_and_execute(|| {
		assert_ok!(register_as(MAKER, passport(0), &Bms::new(0)));
		assert_eq!(
			last_event(),
			Some(Event::DeviceRegistered {
				device: 0,
				passport: passport(0),
				maker: organisation(MAKER),
				signed_by: SignedBy::Bridge,
			})
		);
		assert_eq!(
			state(0).device,
			Device {
				passport: passport(0),
				maker: organisation(MAKER),
				signed_by: SignedBy::Bridge,
			}
		);
		assert_ok!(submit_one(0, Bms::new(0).frame(1)));
	});
}

#[test]
fn a_bridge_vouches_for_no_battery_itself_unless_its_operator_has_authorised_it() {
	ExtBuilder::default().batteries(1).build_and_execute(|| {
		for account in [OTHER_MAKER, SECOND_LIFE, BRIDGE, OUTSIDER] {
			assert_noop!(
				register_as(account, passport(0), &Bms::new(0)),
				Error::<Test>::NotAuthorized
			);
		}
		delegate(0, BRIDGE, DelegatedRight::ManageDevices);
		assert_ok!(register_as(BRIDGE, passport(0), &Bms::new(0)));
		// While the operator may not act, nothing that the bridge signs is taken either.
		SuspendedLater::set(vec![organisation(MAKER)]);
		assert_eq!(
			submit_one(0, Bms::new(0).frame(1)),
			Err(FrameRefusal::DeviceNotActive)
		);
	});
}

#[test]
fn what_a_device_needs_a_bridges_key_needs() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let bridge = Bms::new(9);
		assert_noop!(
			register_as(MAKER, passport(77), &bridge),
			Error::<Test>::PassportNotFound
		);
		assert_noop!(
			register_as(MAKER, passport(0), &bridge),
			Error::<Test>::DeviceActive
		);
		add_passport(1, MAKER);
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		assert_noop!(
			register_as(MAKER, passport(0), &Bms::new(0)),
			Error::<Test>::KeyInUse
		);
		assert_noop!(
			Telemetry::register_bridge_device(
				RuntimeOrigin::signed(MAKER),
				passport(1),
				bridge.public_key(),
				bridge.proof(passport(0)),
			),
			Error::<Test>::BadProofOfPossession
		);
		change_passport(1, |facts| facts.status = Status::Waste);
		assert_noop!(
			register_as(MAKER, passport(1), &bridge),
			Error::<Test>::PassportNotInUse
		);
	});
}

#[test]
fn a_battery_that_gets_a_device_of_its_own_is_no_more_the_bridges() {
	ExtBuilder::default().batteries(1).build_and_execute(|| {
		assert_ok!(register_as(MAKER, passport(0), &Bms::new(0)));
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		assert_eq!(register(0, 1), 1);
		let marks = [0, 1].map(|device| state(device).device.signed_by);
		assert_eq!(marks, [SignedBy::Bridge, SignedBy::Battery]);
	});
}
