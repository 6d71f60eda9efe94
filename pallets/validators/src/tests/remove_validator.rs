use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn the_council_removes_a_validator() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 2));
		assert_eq!(Validators::validators(), [1, 3, 4, 5]);
		assert_eq!(last_event(), Event::ValidatorRemoved { validator: 2 }.into());
	});
}

#[test]
fn a_removed_validator_takes_part_until_the_session_after_the_next() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 2));
		assert_eq!(taking_part(), [1, 2, 3, 4, 5]);
		next_session();
		assert_eq!(taking_part(), [1, 2, 3, 4, 5]);
		next_session();
		assert_eq!(taking_part(), [1, 3, 4, 5]);
	});
}

#[test]
fn nobody_but_the_council_removes() {
	ExtBuilder::default().build_and_execute(|| {
		for account in [1, 2, STRANGER] {
			assert_noop!(
				Validators::remove_validator(RuntimeOrigin::signed(account), 2),
				DispatchError::BadOrigin
			);
		}
	});
}

#[test]
fn only_a_validator_can_be_removed() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Validators::remove_validator(RuntimeOrigin::root(), 6),
			Error::<Test>::NotAValidator
		);
	});
}

#[test]
fn the_minimum_stays() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 1));
		assert_noop!(
			Validators::remove_validator(RuntimeOrigin::root(), 2),
			Error::<Test>::BelowMinimum
		);
		set_keys(6);
		assert_ok!(Validators::add_validator(RuntimeOrigin::root(), 6));
		assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 2));
		assert_eq!(Validators::validators(), [3, 4, 5, 6]);
	});
}

#[test]
fn the_last_validator_stays_on_a_developers_machine() {
	ExtBuilder::default()
		.validators(&[1, 2])
		.minimum(1)
		.build_and_execute(|| {
			assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 1));
			assert_noop!(
				Validators::remove_validator(RuntimeOrigin::root(), 2),
				Error::<Test>::BelowMinimum
			);
		});
}

#[test]
fn removal_frees_the_account() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(System::consumers(&2), 1);
		assert!(!System::can_dec_provider(&2));
		assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 2));
		assert_eq!(System::consumers(&2), 0);
		// The organisations pallet can let it go now.
		assert!(System::can_dec_provider(&2));
		assert_eq!(Session::load_keys(&2), None);
	});
}

#[test]
fn a_validator_without_keys_can_be_removed() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Session::purge_keys(RuntimeOrigin::signed(2)));
		assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 2));
		assert_eq!(System::consumers(&2), 0);
	});
}

#[test]
fn a_suspended_validator_can_be_removed() {
	ExtBuilder::default().build_and_execute(|| {
		TableOfMembers::suspend(2);
		assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 2));
	});
}

#[test]
fn who_may_act_is_removed_when_as_many_as_the_minimum_are_left_that_may_act() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4, 5, 6])
		.build_and_execute(|| {
			TableOfMembers::suspend(2);
			assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 1));
			// Left are 2, which is suspended, and 3 to 6, which may act. Without 3 only three could act: fewer than the minimum of four.
			assert_noop!(
				Validators::remove_validator(RuntimeOrigin::root(), 3),
				Error::<Test>::BelowMinimum
			);
			assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 2));
			assert_eq!(Validators::validators(), [3, 4, 5, 6]);
		});
}

#[test]
fn who_has_no_keys_counts_as_little_as_who_may_not_act() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Session::purge_keys(RuntimeOrigin::signed(2)));
		assert_noop!(
			Validators::remove_validator(RuntimeOrigin::root(), 1),
			Error::<Test>::BelowMinimum
		);
		set_keys(2);
		assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 1));
	});
}

#[test]
fn who_may_not_act_fills_the_minimum_up() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4])
		.build_and_execute(|| {
			TableOfMembers::suspend(2);
			assert_noop!(
				Validators::remove_validator(RuntimeOrigin::root(), 2),
				Error::<Test>::BelowMinimum
			);
			set_keys(6);
			assert_ok!(Validators::add_validator(RuntimeOrigin::root(), 6));
			assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 2));
			assert_eq!(Validators::validators(), [1, 3, 4, 6]);
		});
}
