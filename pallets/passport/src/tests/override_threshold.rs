use super::*;
use crate::history::KEPT_FROM_ENDINGS;

fn override_as(account: AccountId, passport: PassportId) -> DispatchResult {
	Passport::override_threshold(signed(account), passport, EVIDENCE)
}

#[test]
fn a_notified_body_overrides_with_evidence() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(override_as(NOTIFIED_BODY, passport));
		assert_eq!(record(passport).overridden_at, Some(1));
		assert!(Passport::is_overridden(&record(passport)));
		assert_eq!(
			last_entries(passport),
			[(
				HistoryKind::ThresholdOverridden,
				organisation(NOTIFIED_BODY),
				Some(EVIDENCE)
			)]
		);
		assert_eq!(
			events().last(),
			Some(&Event::ThresholdOverridden {
				passport,
				notified_body: organisation(NOTIFIED_BODY)
			})
		);
	});
}

#[test]
fn accounts_that_may_not_act_override_nothing() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		refuses_whoever_may_not_act(|origin| Passport::override_threshold(origin, passport, EVIDENCE));
	});
}

#[test]
fn only_notified_bodies_override() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		for member in members_except(&[NOTIFIED_BODY]) {
			assert_noop!(override_as(member, passport), PassportError::NotAuthorized);
		}
	});
}

#[test]
fn nobody_overrides_for_a_battery_that_it_has_a_part_in() {
	ExtBuilder::build_and_execute(|| {
		let (owned, operated, answered_for) = (registered(1), registered(2), registered(3));
		let move_to = |organisation| {
			assert_eq!(Passport::set_owner(&owned, organisation, None), Ok(()));
			let owner = record(operated).owner;
			assert_eq!(Passport::set_owner(&operated, owner, Some(organisation)), Ok(()));
			assert_ok!(Passport::take_over(
				RuntimeOrigin::root(),
				answered_for,
				organisation
			));
		};
		move_to(organisation(NOTIFIED_BODY));
		for passport in [owned, operated, answered_for] {
			assert_noop!(
				override_as(NOTIFIED_BODY, passport),
				PassportError::NotIndependent
			);
		}
		move_to(organisation(MAKER));
		for passport in [owned, operated, answered_for] {
			assert_ok!(override_as(NOTIFIED_BODY, passport));
		}
	});
}

#[test]
fn a_passport_that_is_not_there_is_not_found() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(override_as(NOTIFIED_BODY, key(1)), PassportError::NotFound);
	});
}

#[test]
fn one_override_waits_at_a_time() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(override_as(NOTIFIED_BODY, passport));
		assert_noop!(override_as(NOTIFIED_BODY, passport), PassportError::Unchanged);
		assert_ok!(hand_over(MAKER, passport, OTHER_MAKER));
		// Waste again, to prepare it for re-use.
		assert_ok!(override_as(NOTIFIED_BODY, passport));
	});
}

#[test]
fn an_override_counts_as_long_as_a_statement_and_can_be_made_anew_then() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(override_as(NOTIFIED_BODY, passport));
		System::set_block_number(1 + StatementValidBlocks::get());
		assert!(Passport::is_overridden(&record(passport)));
		assert_noop!(override_as(NOTIFIED_BODY, passport), PassportError::Unchanged);
		let later = 2 + StatementValidBlocks::get();
		System::set_block_number(later);
		assert!(!Passport::is_overridden(&record(passport)));
		assert_ok!(override_as(NOTIFIED_BODY, passport));
		assert_eq!(record(passport).overridden_at, Some(later));
		assert!(Passport::is_overridden(&record(passport)));
	});
}

#[test]
fn room_for_an_override_is_kept_in_the_history() {
	ExtBuilder::build_and_execute(|| {
		let (first, second) = (registered(1), registered(2));
		fill_history(first, KEPT_FROM_ENDINGS + 1);
		assert_ok!(override_as(NOTIFIED_BODY, first));
		fill_history(second, KEPT_FROM_ENDINGS);
		assert_noop!(override_as(NOTIFIED_BODY, second), PassportError::HistoryFull);
	});
}
