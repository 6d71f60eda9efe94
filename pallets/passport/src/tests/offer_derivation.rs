use super::*;

fn offer(account: AccountId, passport: PassportId, to: AccountId) -> DispatchResult {
	Passport::offer_derivation(signed(account), passport, organisation(to))
}

#[test]
fn the_operator_offers_a_derivation() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(offer(MAKER, passport, SECOND_LIFE));
		assert_eq!(
			DerivationOffers::<Test>::get(passport),
			Some(organisation(SECOND_LIFE))
		);
		assert_eq!(
			events().last(),
			Some(&Event::DerivationOffered {
				passport,
				to: organisation(SECOND_LIFE)
			})
		);
	});
}

#[test]
fn accounts_that_may_not_act_offer_nothing() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		refuses_whoever_may_not_act(|origin| {
			Passport::offer_derivation(origin, passport, organisation(SECOND_LIFE))
		});
	});
}

#[test]
fn only_the_responsible_operator_offers() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_eq!(Passport::set_owner(&passport, organisation(FLEET)), Ok(()));
		for member in members_except(&[MAKER]) {
			assert_noop!(offer(member, passport, SECOND_LIFE), PassportError::NotAuthorized);
		}
	});
}

#[test]
fn a_passport_that_is_not_there_is_not_found() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(offer(MAKER, key(1), SECOND_LIFE), PassportError::NotFound);
	});
}

#[test]
fn only_organisations_that_may_derive_get_an_offer() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		for member in members_except(&[SECOND_LIFE, MAKER, OTHER_MAKER]) {
			assert_noop!(offer(MAKER, passport, member), PassportError::RecipientLacksRole);
		}
		assert_ok!(offer(MAKER, passport, OTHER_MAKER));
	});
}

#[test]
fn only_organisations_that_may_act_get_an_offer() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		for nobody in [STRANGER, SUSPENDED, ENDED] {
			assert_noop!(offer(MAKER, passport, nobody), PassportError::RecipientNotActive);
		}
	});
}

#[test]
fn one_offer_is_open_at_a_time() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(offer(MAKER, passport, SECOND_LIFE));
		assert_noop!(offer(MAKER, passport, SECOND_LIFE), PassportError::AlreadyOffered);
		assert_noop!(offer(MAKER, passport, OTHER_MAKER), PassportError::AlreadyOffered);
		assert_ok!(Passport::withdraw_derivation_offer(signed(MAKER), passport));
		assert_ok!(offer(MAKER, passport, OTHER_MAKER));
	});
}
