use super::*;

#[test]
fn the_responsible_operator_may_do_everything() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		sell(passport, FLEET);
		for right in DelegatedRight::ALL {
			assert!(Passport::may_act(&passport, organisation(MAKER), right));
			for other in members_except(&[MAKER]) {
				assert!(!Passport::may_act(&passport, organisation(other), right));
			}
		}
	});
}

#[test]
fn a_delegate_may_do_what_it_is_authorised_to() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		for authorised in DelegatedRight::ALL {
			delegated(passport, WORKSHOP, &[authorised]);
			for right in DelegatedRight::ALL {
				assert_eq!(
					Passport::may_act(&passport, organisation(WORKSHOP), right),
					right == authorised
				);
				assert!(!Passport::may_act(&passport, organisation(CARRIER), right));
			}
		}
	});
}

#[test]
fn a_delegation_is_for_one_passport() {
	ExtBuilder::build_and_execute(|| {
		let (first, second) = (registered(1), registered(2));
		delegated(first, WORKSHOP, &DelegatedRight::ALL);
		let right = DelegatedRight::DecideAccess;
		assert!(Passport::may_act(&first, organisation(WORKSHOP), right));
		assert!(!Passport::may_act(&second, organisation(WORKSHOP), right));
	});
}

#[test]
fn a_delegate_may_act_up_to_the_last_block() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		delegated(passport, WORKSHOP, &DelegatedRight::ALL);
		let may_act = || Passport::may_act(&passport, organisation(WORKSHOP), DelegatedRight::ManageDevices);
		System::set_block_number(101);
		assert!(may_act());
		System::set_block_number(102);
		assert!(!may_act());
	});
}

#[test]
fn who_may_not_act_can_not_act_for_others_nor_have_others_act_for_it() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		delegated(passport, WORKSHOP, &DelegatedRight::ALL);
		let may_act =
			|account| Passport::may_act(&passport, organisation(account), DelegatedRight::AnchorDocuments);
		NewlySuspended::set(vec![MAKER]);
		assert!(!may_act(MAKER));
		assert!(!may_act(WORKSHOP));
		NewlySuspended::set(vec![WORKSHOP]);
		assert!(may_act(MAKER));
		assert!(!may_act(WORKSHOP));
		NewlySuspended::set(vec![]);
		assert!(may_act(WORKSHOP));
	});
}

#[test]
fn a_delegation_does_not_outlive_the_responsibility_that_it_comes_from() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		delegated(passport, WORKSHOP, &DelegatedRight::ALL);
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
		let right = DelegatedRight::RecordEvents;
		assert!(!Passport::may_act(&passport, organisation(WORKSHOP), right));
		assert!(!Passport::may_act(&passport, organisation(MAKER), right));
		assert!(Passport::may_act(&passport, organisation(RECYCLER), right));
	});
}

#[test]
fn what_another_operator_gave_counts_for_nothing() {
	ExtBuilder::build_and_break(|| {
		let passport = registered(1);
		delegated(passport, WORKSHOP, &DelegatedRight::ALL);
		Delegations::<Test>::mutate(passport, |delegations| {
			delegations[0].given_by = organisation(OTHER_MAKER);
		});
		assert!(!Passport::may_act(
			&passport,
			organisation(WORKSHOP),
			DelegatedRight::RecordEvents
		));
	});
}

#[test]
fn for_a_passport_that_is_not_there_nobody_acts() {
	ExtBuilder::build_and_execute(|| {
		let recycled = closed(1);
		for missing in [recycled, key(2)] {
			for member in MEMBERS {
				assert!(!Passport::may_act(
					&missing,
					organisation(member),
					DelegatedRight::RecordEvents
				));
			}
		}
	});
}
