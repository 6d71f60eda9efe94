use super::*;
use crate::history::KEPT_FROM_ENDINGS;

fn end(account: AccountId, passport: PassportId, delegate: AccountId) -> DispatchResult {
	Passport::end_delegation(signed(account), passport, organisation(delegate))
}

#[test]
fn the_operator_ends_a_delegation_before_its_time() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		delegated(passport, WORKSHOP, &DelegatedRight::ALL);
		delegated(passport, CARRIER, &DelegatedRight::ALL);
		assert_ok!(end(MAKER, passport, WORKSHOP));

		let workshop = organisation(WORKSHOP);
		let left = Delegations::<Test>::get(passport);
		assert_eq!(
			left.iter()
				.map(|delegation| delegation.delegate)
				.collect::<Vec<_>>(),
			[organisation(CARRIER)]
		);
		assert_eq!(
			last_entries(passport),
			[(HistoryKind::DelegationEnded, workshop, Some(AUTHORISATION))]
		);
		assert_eq!(
			events().last(),
			Some(&Event::DelegationEnded {
				passport,
				delegate: workshop
			})
		);
	});
}

#[test]
fn a_delegate_gives_its_authorisation_back() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		delegated(passport, WORKSHOP, &DelegatedRight::ALL);
		assert_ok!(end(WORKSHOP, passport, WORKSHOP));
		assert!(!Delegations::<Test>::contains_key(passport));
	});
}

#[test]
fn accounts_that_may_not_act_end_nothing() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		delegated(passport, WORKSHOP, &DelegatedRight::ALL);
		refuses_whoever_may_not_act(|origin| {
			Passport::end_delegation(origin, passport, organisation(WORKSHOP))
		});
	});
}

#[test]
fn nobody_else_ends_a_delegation() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		sell(passport, FLEET);
		delegated(passport, WORKSHOP, &DelegatedRight::ALL);
		delegated(passport, CARRIER, &DelegatedRight::ALL);
		for member in members_except(&[MAKER, WORKSHOP]) {
			assert_noop!(end(member, passport, WORKSHOP), PassportError::NotAuthorized);
		}
	});
}

#[test]
fn a_passport_that_is_not_there_is_not_found() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(end(MAKER, key(1), WORKSHOP), PassportError::NotFound);
	});
}

#[test]
fn what_is_not_in_force_can_not_be_ended() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_noop!(end(MAKER, passport, WORKSHOP), PassportError::DelegationNotFound);
		delegated(passport, WORKSHOP, &DelegatedRight::ALL);
		assert_noop!(end(MAKER, passport, CARRIER), PassportError::DelegationNotFound);
		assert_noop!(end(CARRIER, passport, CARRIER), PassportError::DelegationNotFound);
		System::set_block_number(102);
		assert_noop!(end(MAKER, passport, WORKSHOP), PassportError::DelegationNotFound);
		System::set_block_number(101);
		assert_ok!(end(MAKER, passport, WORKSHOP));
	});
}

#[test]
fn room_for_the_end_of_a_delegation_is_kept_in_the_history() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		delegated(passport, WORKSHOP, &DelegatedRight::ALL);
		delegated(passport, CARRIER, &DelegatedRight::ALL);
		fill_history(passport, KEPT_FROM_ENDINGS + 1);
		assert_ok!(end(MAKER, passport, WORKSHOP));
		assert_noop!(end(MAKER, passport, CARRIER), PassportError::HistoryFull);
	});
}
