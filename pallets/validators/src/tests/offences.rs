use crate::{mock::*, Event, Validators as ValidatorSet};
use frame_support::{assert_ok, weights::Weight};
use passport_primitives::{ledger::OnMemberStopped, organisation::OrganisationId};
use sp_runtime::Perbill;
use sp_staking::offence::{OffenceDetails, OnOffenceHandler};

/// Reports offenders of this session as the offences pallet does, with this fraction of their stake to be taken.
fn report(offenders: &[u64], fraction: Perbill) -> Weight {
	let details: Vec<_> = offenders
		.iter()
		.map(|validator| OffenceDetails {
			offender: (*validator, ()),
			reporters: vec![1u64],
		})
		.collect();
	Validators::on_offence(
		&details,
		&vec![fraction; offenders.len()],
		Session::current_index(),
	)
}

#[test]
fn an_offender_is_disabled_at_once_and_leaves_with_the_session_after_the_next() {
	ExtBuilder::default().build_and_execute(|| {
		let weight = report(&[2], Perbill::from_percent(10));
		assert!(weight.ref_time() > 0);
		assert_eq!(Validators::validators(), [1, 3, 4, 5]);
		assert_eq!(Session::disabled_validators(), [1]);
		assert_eq!(last_event(), Event::OffenderRemoved { validator: 2 }.into());
		assert_eq!(System::consumers(&2), 0);
		next_session();
		assert_eq!(Session::disabled_validators(), [1]);
		next_session();
		assert_eq!(taking_part(), [1, 3, 4, 5]);
		assert!(Session::disabled_validators().is_empty());
	});
}

#[test]
fn at_the_minimum_an_offender_is_kept_and_disabled() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4])
		.build_and_execute(|| {
			report(&[2], Perbill::one());
			assert_eq!(Validators::validators(), [1, 2, 3, 4]);
			assert_eq!(Session::disabled_validators(), [1]);
			assert_eq!(last_event(), Event::OffenderKept { validator: 2 }.into());
			assert!(Session::load_keys(&2).is_some());
			set_keys(6);
			assert_ok!(Validators::replace_validator(RuntimeOrigin::root(), 2, 6));
		});
}

#[test]
fn offenders_beyond_the_minimum_are_kept() {
	ExtBuilder::default().build_and_execute(|| {
		report(&[1, 2], Perbill::one());
		assert_eq!(Validators::validators(), [2, 3, 4, 5]);
		System::assert_has_event(Event::OffenderRemoved { validator: 1 }.into());
		System::assert_has_event(Event::OffenderKept { validator: 2 }.into());
	});
}

#[test]
fn an_offender_is_kept_when_fewer_than_the_minimum_would_be_left_that_may_act() {
	ExtBuilder::default().build_and_execute(|| {
		TableOfMembers::end(5);
		report(&[2], Perbill::one());
		assert_eq!(Validators::validators(), [1, 2, 3, 4, 5]);
		assert_eq!(last_event(), Event::OffenderKept { validator: 2 }.into());
		// One that may not act anyhow goes.
		report(&[5], Perbill::one());
		assert_eq!(Validators::validators(), [1, 2, 3, 4]);
		assert_eq!(last_event(), Event::OffenderRemoved { validator: 5 }.into());
	});
}

#[test]
fn more_offenders_than_a_third_are_not_disabled() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4, 5, 6, 7])
		.build_and_execute(|| {
			report(&[1, 2, 3], Perbill::one());
			assert_eq!(Session::disabled_validators(), [0, 1]);
			assert_eq!(Validators::validators(), [4, 5, 6, 7]);
		});
}

/// Suspends these members, and tells this pallet.
fn stop(organisations: &[u64]) {
	for organisation in organisations {
		TableOfMembers::suspend(*organisation);
		Validators::on_member_stopped(OrganisationId(*organisation as u32));
	}
}

#[test]
fn who_is_disabled_for_no_offence_takes_no_room_of_the_offenders() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4])
		.build_and_execute(|| {
			stop(&[2]);
			report(&[3], Perbill::one());
			assert_eq!(Session::disabled_validators(), [1, 2]);
			report(&[4], Perbill::one());
			assert_eq!(Session::disabled_validators(), [1, 2]);
		});
}

#[test]
fn the_last_that_is_enabled_stays_so() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4])
		.build_and_execute(|| {
			stop(&[1, 2, 3]);
			report(&[4], Perbill::one());
			assert_eq!(Session::disabled_validators(), [0, 1, 2]);
		});
}

#[test]
fn a_stopped_members_validator_that_has_offended_is_not_enabled_when_the_member_is_reinstated() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4])
		.build_and_execute(|| {
			stop(&[1, 2, 3]);
			report(&[2], Perbill::one());
			TableOfMembers::reinstate(1);
			TableOfMembers::reinstate(2);
			next_session();
			assert_eq!(Session::disabled_validators(), [1, 2]);
		});
}

#[test]
fn a_new_set_forgets_the_offence_and_not_that_the_member_is_stopped() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4])
		.build_and_execute(|| {
			stop(&[2]);
			report(&[3], Perbill::one());
			let (keys, proof) = session_keys(1, 777);
			assert_ok!(Session::set_keys(RuntimeOrigin::signed(1), keys, proof));
			next_session();
			assert_eq!(Session::disabled_validators(), [1, 2]);
			next_session();
			assert_eq!(Session::disabled_validators(), [1]);
		});
}

#[test]
fn a_fraction_of_zero_does_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(report(&[2], Perbill::zero()), Weight::zero());
		assert_eq!(Validators::validators(), [1, 2, 3, 4, 5]);
		assert!(Session::disabled_validators().is_empty());
	});
}

#[test]
fn an_offender_that_was_removed_is_not_removed_again() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4, 5, 6])
		.build_and_execute(|| {
			report(&[2], Perbill::one());
			let events = System::event_count();
			report(&[2], Perbill::one());
			assert_eq!(System::event_count(), events);
			assert_eq!(ValidatorSet::<Test>::get().len(), 5);
		});
}
