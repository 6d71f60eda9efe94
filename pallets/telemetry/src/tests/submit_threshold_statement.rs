//! `submit_threshold_statement`.

use super::standing::refuses_who_may_not_act;
use crate::{mock::*, DeviceIndex, Error, Event, LastStatement};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	battery::DocumentHash,
	ledger::PassportRefusal,
	life_cycle::{Publication, Status},
	telemetry::{
		device::possession_message,
		statement::{ThresholdStatement, STATEMENT_DOMAIN},
	},
};
use sha2::{Digest, Sha256};
use sp_runtime::DispatchResult;

/// At or above the council's threshold, made now.
fn statement() -> ThresholdStatement {
	ThresholdStatement {
		threshold_bp: 7_000,
		at_or_above: true,
		made_at_seconds: ChainSeconds::get(),
	}
}

/// The same, made at another time.
fn made_at(made_at_seconds: u64) -> ThresholdStatement {
	ThresholdStatement {
		made_at_seconds,
		..statement()
	}
}

/// Brings a statement of device `device`, which is BMS `device` and in battery `device`.
fn bring(account: u64, device: DeviceIndex, statement: ThresholdStatement) -> DispatchResult {
	let signature = Bms::new(device).state(passport(device), &statement);
	Telemetry::submit_threshold_statement(RuntimeOrigin::signed(account), device, statement, signature)
}

#[test]
fn only_an_active_member_brings_statements() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let signature = Bms::new(0).state(passport(0), &statement());
		refuses_who_may_not_act(|origin| {
			Telemetry::submit_threshold_statement(origin, 0, statement(), signature)
		});
	});
}

#[test]
fn a_statement_is_written_down_with_the_hash_of_what_was_signed() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		for (seconds, at_or_above) in [(NOW, true), (NOW + 1, false)] {
			let statement = ThresholdStatement {
				at_or_above,
				..made_at(seconds)
			};
			let signature = Bms::new(1).state(passport(1), &statement);
			assert_ok!(Telemetry::submit_threshold_statement(
				RuntimeOrigin::signed(BRIDGE),
				1,
				statement,
				signature
			));
			assert_eq!(
				last_event(),
				Some(Event::ThresholdStated {
					device: 1,
					passport: passport(1),
					at_or_above,
					threshold_bp: 7_000,
				})
			);
			let message = statement.message(&GENESIS, &passport(1));
			assert_eq!(
				Recorded::take(),
				[RecordedStatement {
					passport: passport(1),
					at_or_above,
					threshold_bp: 7_000,
					evidence: DocumentHash(Sha256::digest([message.as_slice(), &signature].concat()).into()),
				}]
			);
			assert_eq!(LastStatement::<Test>::get(1), seconds);
			assert_eq!(LastStatement::<Test>::get(0), 0);
		}
	});
}

#[test]
fn any_active_member_brings_a_statement() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		for (account, seconds) in [MAKER, SECOND_LIFE, BRIDGE, OTHER_MAKER, OUTSIDER]
			.into_iter()
			.zip(NOW..)
		{
			assert_ok!(bring(account, 0, made_at(seconds)));
		}
	});
}

#[test]
fn a_statement_changes_nothing_of_the_devices_frames() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(submit_one(0, Bms::new(0).frame(1)));
		let before = state(0);
		assert_ok!(bring(BRIDGE, 0, statement()));
		assert_eq!(state(0), before);
		assert_ok!(submit_one(0, Bms::new(0).frame(2)));
	});
}

#[test]
fn a_statement_is_about_the_councils_threshold_and_no_other() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let about = |threshold_bp| ThresholdStatement {
			threshold_bp,
			..statement()
		};
		for threshold_bp in [0, 6_999, 7_001, u16::MAX] {
			assert_noop!(
				bring(BRIDGE, 0, about(threshold_bp)),
				Error::<Test>::OtherThreshold
			);
		}
		assert_ok!(Telemetry::set_state_of_health_threshold(
			RuntimeOrigin::root(),
			8_000
		));
		assert_noop!(bring(BRIDGE, 0, about(7_000)), Error::<Test>::OtherThreshold);
		assert_ok!(bring(BRIDGE, 0, about(8_000)));
		assert_eq!(Recorded::get()[0].threshold_bp, 8_000);
	});
}

#[test]
fn a_statement_is_of_the_last_day_and_at_most_five_minutes_ahead() {
	const DAY: u64 = 24 * 3600;
	ExtBuilder::default().devices(2).build_and_execute(|| {
		for seconds in [0, NOW - DAY - 1] {
			assert_noop!(bring(BRIDGE, 0, made_at(seconds)), Error::<Test>::StatementTooOld);
		}
		assert_ok!(bring(BRIDGE, 0, made_at(NOW - DAY)));
		for seconds in [NOW + 301, u64::MAX] {
			assert_noop!(
				bring(BRIDGE, 1, made_at(seconds)),
				Error::<Test>::StatementFromTheFuture
			);
		}
		assert_ok!(bring(BRIDGE, 1, made_at(NOW + 300)));
	});
}

#[test]
fn a_statement_is_taken_once_and_none_from_before_it() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		assert_ok!(bring(BRIDGE, 0, made_at(NOW - 10)));
		for seconds in [NOW - 10, NOW - 11] {
			assert_noop!(
				bring(OTHER_BRIDGE, 0, made_at(seconds)),
				Error::<Test>::StatementNotNew
			);
		}
		assert_ok!(bring(BRIDGE, 0, made_at(NOW - 9)));
		// Each device has times of its own.
		assert_ok!(bring(BRIDGE, 1, made_at(NOW - 11)));
		assert_eq!(Recorded::get().len(), 3);
	});
}

#[test]
fn a_device_that_replaces_another_states_from_the_start() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(bring(BRIDGE, 0, made_at(NOW)));
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		assert_eq!(register(0, 1), 1);
		let earlier = made_at(NOW - 1);
		assert_ok!(Telemetry::submit_threshold_statement(
			RuntimeOrigin::signed(BRIDGE),
			1,
			earlier,
			Bms::new(1).state(passport(0), &earlier)
		));
		assert_eq!(LastStatement::<Test>::get(0), NOW);
		assert_eq!(LastStatement::<Test>::get(1), NOW - 1);
	});
}

#[test]
fn a_number_that_was_not_given_states_nothing() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		for number in [1, 16, u32::MAX] {
			assert_noop!(bring(BRIDGE, number, statement()), Error::<Test>::DeviceNotFound);
		}
	});
}

#[test]
fn a_revoked_device_states_nothing() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		assert_noop!(bring(BRIDGE, 0, statement()), Error::<Test>::DeviceRevoked);
		assert_ok!(bring(BRIDGE, 1, statement()));
	});
}

#[test]
fn the_device_of_a_suspended_operators_battery_states_nothing() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		SuspendedLater::set(vec![organisation(MAKER)]);
		assert_noop!(bring(BRIDGE, 0, statement()), Error::<Test>::OperatorNotActive);
		SuspendedLater::set(vec![]);
		assert_ok!(bring(BRIDGE, 0, statement()));
	});
}

#[test]
fn a_device_states_for_whoever_answers_for_its_battery_now_whoever_made_it() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		change_passport(0, |facts| facts.responsible_operator = organisation(OUTSIDER));
		SuspendedLater::set(vec![organisation(OUTSIDER)]);
		assert_noop!(bring(BRIDGE, 0, statement()), Error::<Test>::OperatorNotActive);
		SuspendedLater::set(vec![organisation(MAKER)]);
		assert_ok!(bring(BRIDGE, 0, statement()));
	});
}

#[test]
fn a_battery_that_is_not_in_use_states_nothing() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		change_passport(0, |facts| facts.publication = Publication::Superseded);
		change_passport(1, |facts| facts.status = Status::Waste);
		for device in 0..2 {
			assert_noop!(
				bring(BRIDGE, device, statement()),
				Error::<Test>::PassportNotInUse
			);
		}
	});
}

#[test]
fn a_device_without_its_passport_states_nothing() {
	ExtBuilder::default().devices(1).build_and_leave_broken(|| {
		Facts::mutate(std::collections::BTreeMap::clear);
		assert_noop!(bring(BRIDGE, 0, statement()), Error::<Test>::PassportNotFound);
	});
}

#[test]
fn what_the_passport_refuses_is_not_taken() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		for (refusal, error) in [
			(PassportRefusal::NotFound, Error::<Test>::PassportNotFound),
			(PassportRefusal::NotActive, Error::<Test>::PassportNotInUse),
			(PassportRefusal::HistoryFull, Error::<Test>::HistoryFull),
		] {
			RecordingRefused::set(Some(refusal));
			assert_noop!(bring(BRIDGE, 0, statement()), error);
		}
		RecordingRefused::set(None);
		assert_ok!(bring(BRIDGE, 0, statement()));
	});
}

#[test]
fn a_signature_is_for_one_network_one_battery_one_device_and_one_statement() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		let (bms, good) = (Bms::new(0), statement());
		let signature = bms.state(passport(0), &good);
		let mut changed = signature;
		changed[63] ^= 1;
		let message = good.message(&GENESIS, &passport(0));
		let about = |threshold_bp, at_or_above, made_at_seconds| {
			bms.state(
				passport(0),
				&ThresholdStatement {
					threshold_bp,
					at_or_above,
					made_at_seconds,
				},
			)
		};
		for (what, wrong) in [
			("another battery", bms.state(passport(1), &good)),
			("another network", bms.sign(&good.message(&[8; 32], &passport(0)))),
			("another device", Bms::new(1).state(passport(0), &good)),
			("another threshold", about(7_001, true, NOW)),
			("the other answer", about(7_000, false, NOW)),
			("another time", about(7_000, true, NOW - 1)),
			("no domain", bms.sign(&message[STATEMENT_DOMAIN.len()..])),
			(
				"a proof of possession",
				bms.sign(&possession_message(&GENESIS, &passport(0), &bms.public_key())),
			),
			("a changed bit", changed),
			("nothing", [0; 64]),
		] {
			assert_eq!(
				Telemetry::submit_threshold_statement(RuntimeOrigin::signed(BRIDGE), 0, good, wrong),
				Err(Error::<Test>::BadStatementSignature.into()),
				"{what}"
			);
		}
		assert_noop!(
			Telemetry::submit_threshold_statement(RuntimeOrigin::signed(BRIDGE), 0, good, changed),
			Error::<Test>::BadStatementSignature
		);
		assert!(Recorded::get().is_empty());
		assert_ok!(Telemetry::submit_threshold_statement(
			RuntimeOrigin::signed(BRIDGE),
			0,
			good,
			signature
		));
	});
}
