use crate::{mock::*, weights::CountedWeight, Event, StoppingWeight, WeightInfo};
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
fn more_than_a_third_are_not_disabled() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4, 5, 6, 7])
		.build_and_execute(|| {
			stop(1);
			stop(2);
			stop(3);
			assert_eq!(Session::disabled_validators(), [0, 1]);
			assert_eq!(Validators::validators(), [4, 5, 6, 7]);
		});
}

#[test]
fn stopping_costs_what_the_organisations_pallet_is_told() {
	ExtBuilder::default().build_and_execute(|| {
		// Two keys: authoring and GRANDPA.
		assert_eq!(
			<StoppingWeight<Test> as Get<Weight>>::get(),
			CountedWeight::<Test>::member_stopped(2)
		);
	});
}
