//! `reset_device`: Regulation (EU) 2023/1542 Art. 14(3).

use super::standing::refuses_who_may_not_act;
use crate::{mock::*, DeviceState, Error, Event, LastStatement};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	battery::DocumentHash,
	ledger::{DelegatedRight, KeyEpochs},
	life_cycle::{Publication, Status},
	telemetry::{statement::ThresholdStatement, FrameRefusal, MAX_AHEAD_SECONDS},
};
use sp_runtime::DispatchResult;

const SOFTWARE: DocumentHash = DocumentHash([0x50; 32]);

fn reset(account: u64, device: u32) -> DispatchResult {
	Telemetry::reset_device(RuntimeOrigin::signed(account), device, SOFTWARE)
}

/// Brings what device 0, which is BMS 0 of battery 0, stated at this time.
fn bring_statement(made_at_seconds: u64) -> DispatchResult {
	let statement = ThresholdStatement {
		threshold_bp: 7_000,
		at_or_above: true,
		made_at_seconds,
	};
	let signature = Bms::new(0).state(passport(0), &statement);
	Telemetry::submit_threshold_statement(RuntimeOrigin::signed(BRIDGE), 0, statement, signature)
}

#[test]
fn only_an_active_member_resets_devices() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		refuses_who_may_not_act(|origin| Telemetry::reset_device(origin, 0, SOFTWARE));
	});
}

#[test]
fn the_next_epoch_begins_and_everything_else_of_the_state_goes_on() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		let bms = Bms::new(0);
		assert_ok!(submit_one(0, bms.frame(7)));
		let (before, other) = (state(0), state(1));
		assert_ok!(reset(MAKER, 0));
		assert_eq!(
			state(0),
			DeviceState {
				key_epoch: 1,
				..before
			}
		);
		assert_eq!(state(1), other);
		assert_eq!(Telemetry::current(&passport(0)), Some(1));
		assert_eq!(
			last_event(),
			Some(Event::DeviceReset {
				device: 0,
				key_epoch: 1,
				software: SOFTWARE,
			})
		);
		System::assert_has_event(
			Event::<Test>::KeyEpochStarted {
				device: 0,
				key_epoch: 1,
			}
			.into(),
		);
		// Its sequence does not begin anew.
		assert_eq!(submit_one(0, bms.frame(7)), Err(FrameRefusal::Replayed));
		assert_ok!(submit_one(
			0,
			bms.send(Sent {
				sequence: 8,
				key_epoch: 1,
				..Sent::default()
			})
		));
	});
}

#[test]
fn what_was_stated_is_withdrawn_and_what_was_signed_before_is_not_taken() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(bring_statement(NOW - 100));
		assert_ok!(reset(MAKER, 0));
		assert_eq!(Withdrawn::get(), [passport(0)]);
		// Also by a clock that was as far ahead as it may be.
		for made_at_seconds in [NOW - 50, NOW, NOW + 1, NOW + MAX_AHEAD_SECONDS] {
			assert_noop!(bring_statement(made_at_seconds), Error::<Test>::StatementNotNew);
		}
	});
}

#[test]
fn statements_count_again_five_minutes_after_a_reset() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(reset(MAKER, 0));
		assert_eq!(LastStatement::<Test>::get(0), NOW + MAX_AHEAD_SECONDS);
		ChainSeconds::set(NOW + MAX_AHEAD_SECONDS);
		assert_noop!(
			bring_statement(NOW + MAX_AHEAD_SECONDS),
			Error::<Test>::StatementNotNew
		);
		ChainSeconds::set(NOW + MAX_AHEAD_SECONDS + 1);
		assert_ok!(bring_statement(NOW + MAX_AHEAD_SECONDS + 1));
	});
}

#[test]
fn a_reset_does_not_turn_the_time_of_the_last_statement_back() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(bring_statement(NOW + 200));
		// The chain's clock does not go back; were it to, the statement would still have been taken.
		ChainSeconds::set(NOW - MAX_AHEAD_SECONDS);
		assert_ok!(reset(MAKER, 0));
		assert_eq!(LastStatement::<Test>::get(0), NOW + 200);
		ChainSeconds::set(NOW);
		assert_noop!(bring_statement(NOW + 200), Error::<Test>::StatementNotNew);
	});
}

#[test]
fn nobody_resets_a_device_of_anothers_battery() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		for account in [OTHER_MAKER, SECOND_LIFE, BRIDGE, OUTSIDER] {
			assert_noop!(reset(account, 0), Error::<Test>::NotAuthorized);
		}
		for right in DelegatedRight::ALL {
			delegate(u32::from(right == DelegatedRight::ManageDevices), OUTSIDER, right);
		}
		assert_noop!(reset(OUTSIDER, 0), Error::<Test>::NotAuthorized);
		assert_ok!(reset(OUTSIDER, 1));
		// The right goes with the responsibility, and no role is asked for.
		change_passport(0, |facts| facts.responsible_operator = organisation(OUTSIDER));
		assert_noop!(reset(MAKER, 0), Error::<Test>::NotAuthorized);
		assert_ok!(reset(OUTSIDER, 0));
	});
}

#[test]
fn a_device_that_is_not_there_or_was_revoked_is_not_reset() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		for device in [1, 16, u32::MAX] {
			assert_noop!(reset(MAKER, device), Error::<Test>::DeviceNotFound);
		}
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		assert_eq!(register(0, 1), 1);
		assert_noop!(reset(MAKER, 0), Error::<Test>::DeviceRevoked);
		assert_ok!(reset(MAKER, 1));
	});
}

#[test]
fn a_device_of_a_passport_that_is_gone_is_not_reset() {
	ExtBuilder::default().devices(1).build_and_leave_broken(|| {
		Facts::mutate(std::collections::BTreeMap::clear);
		assert_noop!(reset(MAKER, 0), Error::<Test>::PassportNotFound);
	});
}

#[test]
fn a_battery_that_is_not_in_use_has_no_device_to_reset() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		change_passport(0, |facts| facts.publication = Publication::Superseded);
		change_passport(1, |facts| facts.status = Status::Waste);
		for device in 0..2 {
			assert_noop!(reset(MAKER, device), Error::<Test>::PassportNotInUse);
		}
	});
}
