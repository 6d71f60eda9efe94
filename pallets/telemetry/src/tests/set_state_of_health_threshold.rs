//! `set_state_of_health_threshold`.

use crate::{
	mock::*, Error, Event, StateOfHealthThresholdBp, DEFAULT_STATE_OF_HEALTH_THRESHOLD_BP,
	MAX_STATE_OF_HEALTH_THRESHOLD_BP,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn it_is_seventy_per_cent_until_the_council_sets_another() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(DEFAULT_STATE_OF_HEALTH_THRESHOLD_BP, 7_000);
		assert_eq!(StateOfHealthThresholdBp::<Test>::get(), 7_000);
	});
}

#[test]
fn the_council_sets_every_threshold_from_one_basis_point_to_a_new_batterys_health() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(MAX_STATE_OF_HEALTH_THRESHOLD_BP, 10_000);
		for threshold_bp in [1, 6_500, 10_000] {
			assert_ok!(Telemetry::set_state_of_health_threshold(
				RuntimeOrigin::root(),
				threshold_bp
			));
			assert_eq!(StateOfHealthThresholdBp::<Test>::get(), threshold_bp);
			assert_eq!(
				last_event(),
				Some(Event::StateOfHealthThresholdSet { threshold_bp })
			);
		}
	});
}

#[test]
fn a_threshold_that_every_battery_is_above_or_none_is_refused() {
	ExtBuilder::default().build_and_execute(|| {
		for threshold_bp in [0, 10_001, u16::MAX] {
			assert_noop!(
				Telemetry::set_state_of_health_threshold(RuntimeOrigin::root(), threshold_bp),
				Error::<Test>::ThresholdOutOfRange
			);
		}
	});
}

#[test]
fn nobody_but_the_council_sets_the_threshold() {
	ExtBuilder::default().build_and_execute(|| {
		let members = [
			MAKER,
			SECOND_LIFE,
			BRIDGE,
			OTHER_BRIDGE,
			OTHER_MAKER,
			OUTSIDER,
			SUSPENDED,
			ENDED,
			STRANGER,
		];
		let origins = members.map(RuntimeOrigin::signed);
		for origin in origins.into_iter().chain([RuntimeOrigin::none()]) {
			assert_noop!(
				Telemetry::set_state_of_health_threshold(origin, 6_000),
				DispatchError::BadOrigin
			);
		}
	});
}
