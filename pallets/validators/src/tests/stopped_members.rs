use crate::{mock::*, weights::CountedWeight, Config, Event, StoppingWeight, WeightInfo};
use frame_support::{assert_ok, traits::Get, weights::Weight};
use passport_primitives::{ledger::OnMemberStopped, organisation::OrganisationId};

/// What the organisations pallet does when the council suspends a member.
fn stop(organisation: u64) {
	TableOfMembers::suspend(organisation);
	Validators::on_member_stopped(OrganisationId(organisation as u32));
}

#[test]
fn a_stopped_members_validator_is_disabled_at_once_and_leaves_with_the_session_after_the_next() {
	ExtBuilder::default().build_and_execute(|| {
		stop(2);
		assert_eq!(Validators::validators(), [1, 3, 4, 5]);
		assert_eq!(Session::disabled_validators(), [1]);
		assert_eq!(
			last_event(),
			Event::StoppedValidatorRemoved {
				validator: 2,
				organisation: OrganisationId(2)
			}
			.into()
		);
		next_session();
		assert_eq!(taking_part(), [1, 2, 3, 4, 5]);
		assert_eq!(Session::disabled_validators(), [1]);
		next_session();
		assert_eq!(taking_part(), [1, 3, 4, 5]);
		assert!(Session::disabled_validators().is_empty());
	});
}

#[test]
fn its_account_is_free_so_that_the_member_can_be_removed() {
	ExtBuilder::default().build_and_execute(|| {
		stop(2);
		assert_eq!(Session::load_keys(&2), None);
		assert!(System::can_dec_provider(&2));
	});
}

#[test]
fn whichever_account_of_the_member_is_the_validator_it_is_found() {
	ExtBuilder::default().build_and_execute(|| {
		let second = second_account_of(2);
		set_keys(second);
		assert_ok!(Validators::replace_validator(RuntimeOrigin::root(), 2, second));
		stop(2);
		assert_eq!(Validators::validators(), [1, 3, 4, 5]);
	});
}

#[test]
fn a_member_without_a_validator_stops_none() {
	ExtBuilder::default().build_and_execute(|| {
		let events = System::event_count();
		stop(6);
		stop(77);
		assert_eq!(Validators::validators(), [1, 2, 3, 4, 5]);
		assert_eq!(System::event_count(), events);
	});
}

#[test]
fn at_the_minimum_it_is_kept_disabled_and_leaves_when_another_comes() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4])
		.build_and_execute(|| {
			stop(2);
			assert_eq!(Validators::validators(), [1, 2, 3, 4]);
			assert_eq!(Session::disabled_validators(), [1]);
			assert_eq!(
				last_event(),
				Event::StoppedValidatorKept {
					validator: 2,
					organisation: OrganisationId(2)
				}
				.into()
			);
			next_session();
			next_session();
			assert_eq!(taking_part(), [1, 2, 3, 4]);
			assert_eq!(Session::disabled_validators(), [1]);
			// With another one the sessions do without it, and removing the member takes it out of the set.
			set_keys(6);
			assert_ok!(Validators::add_validator(RuntimeOrigin::root(), 6));
			next_session();
			next_session();
			assert_eq!(taking_part(), [1, 3, 4, 6]);
			stop(2);
			assert_eq!(Validators::validators(), [1, 3, 4, 6]);
			assert!(System::can_dec_provider(&2));
		});
}

#[test]
fn all_that_are_stopped_are_disabled_even_more_than_a_third() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4, 5, 6, 7])
		.build_and_execute(|| {
			stop(1);
			stop(2);
			stop(3);
			assert_eq!(Session::disabled_validators(), [0, 1, 2]);
			assert_eq!(Validators::validators(), [4, 5, 6, 7]);
		});
}

#[test]
fn two_of_four_are_both_kept_and_disabled() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4])
		.build_and_execute(|| {
			stop(2);
			stop(3);
			assert_eq!(Session::disabled_validators(), [1, 2]);
			assert_eq!(Validators::validators(), [1, 2, 3, 4]);
			next_session();
			assert_eq!(Session::disabled_validators(), [1, 2]);
		});
}

#[test]
fn new_keys_of_another_validator_do_not_enable_who_was_kept() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4])
		.build_and_execute(|| {
			stop(2);
			let (keys, proof) = session_keys(1, 777);
			assert_ok!(Session::set_keys(RuntimeOrigin::signed(1), keys, proof));
			for _ in 0..3 {
				next_session();
				assert_eq!(Session::disabled_validators(), [1]);
			}
			// The set did change, and with that the session pallet forgot who was disabled.
			assert_eq!(Authoring::changes(), 1);
		});
}

#[test]
fn who_was_removed_stays_disabled_through_a_change_of_the_set() {
	ExtBuilder::default().build_and_execute(|| {
		let (keys, proof) = session_keys(1, 777);
		assert_ok!(Session::set_keys(RuntimeOrigin::signed(1), keys, proof));
		next_session();
		stop(2);
		assert_eq!(Validators::validators(), [1, 3, 4, 5]);
		next_session();
		assert_eq!(Authoring::changes(), 1);
		assert_eq!(Session::validators(), [1, 2, 3, 4, 5]);
		assert_eq!(Session::disabled_validators(), [1]);
		next_session();
		assert_eq!(Session::validators(), [1, 3, 4, 5]);
		assert!(Session::disabled_validators().is_empty());
	});
}

#[test]
fn who_was_removed_before_its_member_is_stopped_is_disabled_too() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 2));
		assert!(Session::disabled_validators().is_empty());
		stop(2);
		assert_eq!(Session::disabled_validators(), [1]);
		assert_eq!(Validators::validators(), [1, 3, 4, 5]);
	});
}

#[test]
fn reinstated_it_is_enabled_with_the_next_session() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4])
		.build_and_execute(|| {
			stop(2);
			stop(3);
			TableOfMembers::reinstate(2);
			assert_eq!(Session::disabled_validators(), [1, 2]);
			next_session();
			assert_eq!(Session::disabled_validators(), [2]);
			assert_eq!(Authoring::changes(), 0);
		});
}

#[test]
fn one_stays_enabled_when_all_are_stopped() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4])
		.build_and_execute(|| {
			for organisation in [4, 3, 2, 1] {
				stop(organisation);
			}
			assert_eq!(Session::disabled_validators(), [1, 2, 3]);
			next_session();
			assert_eq!(Session::disabled_validators(), [1, 2, 3]);
			// Whoever may act again takes its place.
			TableOfMembers::reinstate(3);
			next_session();
			assert_eq!(Session::disabled_validators(), [0, 1, 3]);
			// Of a new set it is the last.
			TableOfMembers::suspend(3);
			let (keys, proof) = session_keys(1, 777);
			assert_ok!(Session::set_keys(RuntimeOrigin::signed(1), keys, proof));
			next_session();
			assert_eq!(Session::disabled_validators(), [0, 1, 3]);
			next_session();
			assert_eq!(Authoring::changes(), 1);
			assert_eq!(Session::disabled_validators(), [0, 1, 2]);
		});
}

#[test]
fn the_only_validator_of_a_developers_machine_is_not_disabled() {
	ExtBuilder::default()
		.validators(&[1])
		.minimum(1)
		.build_and_execute(|| {
			stop(1);
			next_session();
			assert!(Session::disabled_validators().is_empty());
			assert_eq!(taking_part(), [1]);
		});
}

#[test]
fn stopping_costs_what_the_organisations_pallet_is_told() {
	ExtBuilder::default().build_and_execute(|| {
		// Two keys: authoring and GRANDPA.
		assert_eq!(
			<StoppingWeight<Test> as Get<Weight>>::get(),
			CountedWeight::<Test>::member_stopped(<Test as Config>::MaxValidators::get(), 2)
		);
	});
}
