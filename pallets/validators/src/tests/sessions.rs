use crate::mock::*;
use frame_support::assert_ok;

#[test]
fn while_nothing_changes_no_change_is_handed_over() {
	ExtBuilder::default().build_and_execute(|| {
		for _ in 0..5 {
			next_session();
		}
		assert_eq!(taking_part(), [1, 2, 3, 4, 5]);
		assert_eq!(Authoring::changes(), 0);
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
		assert_eq!(Authoring::changes(), 1);
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
		assert_eq!(Authoring::changes(), 0);
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
		assert_eq!(Authoring::authorities(), [101, 777, 103, 104, 105]);
		assert_eq!(Authoring::changes(), 1);
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
		assert_eq!(Authoring::changes(), 2);
	});
}

#[test]
fn a_validator_whose_membership_has_ended_is_left_out_until_it_is_extended() {
	ExtBuilder::default().build_and_execute(|| {
		TableOfMembers::end(2);
		next_session();
		assert_eq!(taking_part(), [1, 2, 3, 4, 5]);
		next_session();
		assert_eq!(taking_part(), [1, 3, 4, 5]);
		assert_eq!(Validators::validators(), [1, 2, 3, 4, 5]);
		TableOfMembers::extend(2);
		next_session();
		next_session();
		assert_eq!(taking_part(), [1, 2, 3, 4, 5]);
	});
}

#[test]
fn a_validator_whose_membership_has_ended_is_disabled_from_the_next_session_on_until_it_is_extended() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4])
		.build_and_execute(|| {
			TableOfMembers::end(2);
			run_block();
			assert!(Session::disabled_validators().is_empty());
			for _ in 0..3 {
				next_session();
				assert_eq!(taking_part(), [1, 2, 3, 4]);
				assert_eq!(Session::disabled_validators(), [1]);
			}
			TableOfMembers::extend(2);
			next_session();
			assert!(Session::disabled_validators().is_empty());
		});
}

#[test]
fn when_several_memberships_end_the_minimum_stays() {
	ExtBuilder::default().build_and_execute(|| {
		for organisation in [2, 3, 5] {
			TableOfMembers::end(organisation);
		}
		next_session();
		next_session();
		assert_eq!(taking_part(), [1, 3, 4, 5]);
		assert_eq!(Session::disabled_validators(), [1, 3]);
		// Another validator lets another one go.
		set_keys(6);
		assert_ok!(Validators::add_validator(RuntimeOrigin::root(), 6));
		next_session();
		next_session();
		assert_eq!(taking_part(), [1, 4, 5, 6]);
		assert_eq!(Session::disabled_validators(), [2]);
	});
}

#[test]
fn a_session_ends_after_its_blocks_and_not_before() {
	ExtBuilder::default().build_and_execute(|| {
		for block in 2..=3 * SESSION {
			run_block();
			assert_eq!(u64::from(Session::current_index()), block / SESSION);
		}
	});
}

#[test]
fn roots_of_sessions_are_kept_as_long_as_evidence_is_taken() {
	ExtBuilder::default().build_and_execute(|| {
		for _ in 0..2 * EVIDENCE_SESSIONS {
			next_session();
		}
		let session = Session::current_index();
		assert_eq!(session, 2 * EVIDENCE_SESSIONS);
		for index in 0..session - EVIDENCE_SESSIONS {
			assert_eq!(Historical::historical_root(index), None, "session {index}");
		}
		// The one that is planned has its root already.
		for index in session - EVIDENCE_SESSIONS..=session + 1 {
			assert!(Historical::historical_root(index).is_some(), "session {index}");
		}
	});
}
