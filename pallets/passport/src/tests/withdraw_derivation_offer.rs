use super::*;

fn withdraw(account: AccountId, passport: PassportId) -> DispatchResult {
	Passport::withdraw_derivation_offer(signed(account), passport)
}

#[test]
fn a_withdrawn_offer_opens_nothing() {
	ExtBuilder::build_and_execute(|| {
		let passport = derivable(1);
		assert_ok!(withdraw(MAKER, passport));
		assert_eq!(
			events().last(),
			Some(&Event::DerivationOfferEnded {
				passport,
				to: organisation(SECOND_LIFE)
			})
		);
		assert_noop!(derive_as(SECOND_LIFE, &[passport], 2), PassportError::NotOffered);
	});
}

#[test]
fn accounts_that_may_not_act_withdraw_nothing() {
	ExtBuilder::build_and_execute(|| {
		let passport = derivable(1);
		refuses_whoever_may_not_act(|origin| Passport::withdraw_derivation_offer(origin, passport));
	});
}

#[test]
fn only_the_responsible_operator_withdraws() {
	ExtBuilder::build_and_execute(|| {
		let passport = derivable(1);
		for member in members_except(&[MAKER]) {
			assert_noop!(withdraw(member, passport), PassportError::NotAuthorized);
		}
	});
}

#[test]
fn a_passport_that_is_not_there_is_not_found() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(withdraw(MAKER, key(1)), PassportError::NotFound);
	});
}

#[test]
fn without_an_offer_there_is_nothing_to_withdraw() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_noop!(withdraw(MAKER, passport), PassportError::OfferNotFound);
	});
}
