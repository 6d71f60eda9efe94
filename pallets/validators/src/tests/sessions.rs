use crate::mock::*;
use frame_support::assert_ok;

#[test]
fn while_nothing_changes_no_change_is_handed_over() {
	ExtBuilder::default().build_and_execute(|| {
		for _ in 0..5 {
			next_session();
		}
		assert_eq!(taking_part(), [1, 2, 3, 4, 5]);
		assert_eq!(Consensus::changes(), 0);
	});
}

#[test]
fn each_decision_is_one_change() {
	ExtBuilder::default().build_and_execute(|| {
		set_keys(6);
		assert_ok!(Validators::add_validator(RuntimeOrigin::root(), 6));
		assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 1));
		for _ in 0..5 {
			next_session();
		}
		assert_eq!(taking_part(), [2, 3, 4, 5, 6]);
		assert_eq!(Consensus::changes(), 1);
	});
}

#[test]
fn decisions_in_one_session_after_another_all_take_effect() {
	ExtBuilder::default().build_and_execute(|| {
		set_keys(6);
		set_keys(7);
		assert_ok!(Validators::add_validator(RuntimeOrigin::root(), 6));
		next_session();
		assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 1));
		assert_ok!(Validators::add_validator(RuntimeOrigin::root(), 7));
		next_session();
		assert_eq!(taking_part(), [1, 2, 3, 4, 5, 6]);
		next_session();
		assert_eq!(taking_part(), [2, 3, 4, 5, 6, 7]);
	});
}

#[test]
fn a_decision_that_is_taken_back_changes_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		set_keys(6);
		assert_ok!(Validators::add_validator(RuntimeOrigin::root(), 6));
		assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 6));
		next_session();
		next_session();
		assert_eq!(Consensus::changes(), 0);
	});
}

#[test]
fn new_keys_of_a_validator_take_its_place() {
	ExtBuilder::default().build_and_execute(|| {
		let (keys, proof) = session_keys(2, 777);
		assert_ok!(Session::set_keys(RuntimeOrigin::signed(2), keys, proof));
		next_session();
		next_session();
		assert_eq!(Session::validators(), [1, 2, 3, 4, 5]);
		assert_eq!(Consensus::authorities(), [101, 777, 103, 104, 105]);
		assert_eq!(Consensus::changes(), 1);
	});
}

#[test]
fn a_validator_without_keys_is_left_out_until_it_has_some() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Session::purge_keys(RuntimeOrigin::signed(2)));
		next_session();
		next_session();
		assert_eq!(taking_part(), [1, 3, 4, 5]);
		set_keys(2);
		next_session();
		next_session();
		assert_eq!(taking_part(), [1, 2, 3, 4, 5]);
		assert_eq!(Consensus::changes(), 2);
	});
}

#[test]
fn a_suspension_does_not_stop_a_validator() {
	ExtBuilder::default().build_and_execute(|| {
		for account in [1, 2, 3] {
			TableOfMembers::suspend(account);
		}
		next_session();
		next_session();
		assert_eq!(taking_part(), [1, 2, 3, 4, 5]);
	});
}
