use super::*;

fn withdrawn(passport: PassportId) -> Event<Test> {
	Event::WasteHandOverWithdrawn {
		passport,
		from: organisation(MAKER),
		to: organisation(RECYCLER),
	}
}

#[test]
fn the_operator_takes_its_offer_back() {
	ExtBuilder::build_and_execute(|| {
		let passport = offered(1);
		let before = record(passport);
		assert_ok!(withdraw_waste(MAKER, passport));
		assert!(!WasteHandOvers::<Test>::contains_key(passport));
		assert_eq!(record(passport), before);
		assert_eq!(events().last(), Some(&withdrawn(passport)));
		assert_noop!(accept_waste(RECYCLER, passport), PassportError::NoHandOver);
	});
}

#[test]
fn whom_it_was_offered_to_declines() {
	ExtBuilder::build_and_execute(|| {
		let passport = offered(1);
		assert_ok!(withdraw_waste(RECYCLER, passport));
		assert!(!WasteHandOvers::<Test>::contains_key(passport));
		assert_eq!(events().last(), Some(&withdrawn(passport)));
		// Another offer is made and accepted as the first one could have been.
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
	});
}

#[test]
fn accounts_that_may_not_act_withdraw_nothing() {
	ExtBuilder::build_and_execute(|| {
		let passport = offered(1);
		refuses_whoever_may_not_act(|origin| Passport::withdraw_waste_hand_over(origin, passport));
		for party in [MAKER, RECYCLER] {
			NewlySuspended::set(vec![party]);
			assert_noop!(withdraw_waste(party, passport), PassportError::Suspended);
		}
	});
}

#[test]
fn nobody_else_withdraws_an_offer() {
	ExtBuilder::build_and_execute(|| {
		let passport = offered(1);
		sell(passport, FLEET);
		for member in members_except(&[MAKER, RECYCLER]) {
			assert_noop!(withdraw_waste(member, passport), PassportError::NotAuthorized);
		}
	});
}

#[test]
fn what_was_not_offered_is_not_withdrawn() {
	ExtBuilder::build_and_execute(|| {
		let (passport, recycled) = (registered(1), closed(2));
		for nothing in [passport, recycled, key(3)] {
			assert_noop!(withdraw_waste(MAKER, nothing), PassportError::NoHandOver);
		}
		let offered = offered(4);
		assert_ok!(withdraw_waste(MAKER, offered));
		assert_noop!(withdraw_waste(MAKER, offered), PassportError::NoHandOver);
	});
}
