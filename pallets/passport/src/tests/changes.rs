//! `OnPassportChanged`: who keeps a copy of a passport's status, publication or responsible operator is told of each change. After
//! every other test as well, the mock's listener is held against the storage.

use super::*;
use passport_primitives::life_cycle::Publication;

/// What the listener was told last: who answers for the passport, what has become of it, what the battery is.
fn told(passport: PassportId) -> Option<(AccountId, Publication, Status)> {
	ChangedPassports::get().get(&passport).map(|facts| {
		(
			account_of(facts.responsible_operator),
			facts.publication,
			facts.status,
		)
	})
}

#[test]
fn a_new_passport_is_told_to_nobody() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_eq!(told(passport), None);
	});
}

#[test]
fn waste_that_its_operator_keeps_is_told() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(hand_over(MAKER, passport, MAKER));
		assert_eq!(told(passport), Some((MAKER, Publication::Active, Status::Waste)));
	});
}

#[test]
fn an_offer_of_waste_is_told_when_it_is_accepted_and_not_before() {
	ExtBuilder::build_and_execute(|| {
		let passport = offered(1);
		assert_eq!(told(passport), None);
		assert_ok!(accept_waste(RECYCLER, passport));
		assert_eq!(
			told(passport),
			Some((RECYCLER, Publication::Active, Status::Waste))
		);
		// It goes on to the next: the status stays, the operator does not.
		assert_ok!(hand_over(RECYCLER, passport, OTHER_RECYCLER));
		assert_eq!(
			told(passport),
			Some((OTHER_RECYCLER, Publication::Active, Status::Waste))
		);
	});
}

#[test]
fn every_predecessor_is_told_to_be_superseded_and_the_new_passport_is_not() {
	ExtBuilder::build_and_execute(|| {
		let predecessors = [derivable(1), derivable(2)];
		assert_ok!(derive_as(SECOND_LIFE, &predecessors, 9));
		for predecessor in predecessors {
			assert_eq!(
				told(predecessor),
				Some((MAKER, Publication::Superseded, Status::Original))
			);
		}
		assert_eq!(told(key(9)), None);
	});
}

#[test]
fn a_take_over_of_the_responsibility_is_told_and_one_of_the_ownership_alone_is_not() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		sell(passport, FLEET);
		Removed::set(vec![FLEET]);
		assert_ok!(Passport::take_over(
			RuntimeOrigin::root(),
			passport,
			organisation(MAKER)
		));
		assert_eq!(record(passport).owner, organisation(MAKER));
		assert_eq!(told(passport), None);
		assert_ok!(Passport::take_over(
			RuntimeOrigin::root(),
			passport,
			organisation(OTHER_MAKER)
		));
		assert_eq!(
			told(passport),
			Some((OTHER_MAKER, Publication::Active, Status::Original))
		);
	});
}

#[test]
fn what_changes_nothing_that_is_kept_is_not_told() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		state(passport, true);
		sell(passport, FLEET);
		override_threshold(passport);
		delegated(passport, WORKSHOP, &[DelegatedRight::RecordEvents]);
		assert_eq!(told(passport), None);
	});
}

#[test]
fn every_call_that_may_tell_pays_for_the_listener() {
	let passport = key(1);
	for (call, without) in [
		(
			Call::hand_over_to_waste_operator {
				passport,
				to: organisation(RECYCLER),
			},
			<Test as Config>::WeightInfo::hand_over_to_waste_operator(),
		),
		(
			Call::accept_waste_hand_over { passport },
			<Test as Config>::WeightInfo::accept_waste_hand_over(),
		),
		(
			Call::take_over {
				passport,
				operator: organisation(MAKER),
			},
			<Test as Config>::WeightInfo::take_over(),
		),
	] {
		assert_eq!(weight_of(&call) - without, ChangedWeight::get());
	}
}
