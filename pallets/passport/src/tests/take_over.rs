use super::*;

fn take_over(passport: PassportId, operator: AccountId) -> DispatchResult {
	Passport::take_over(RuntimeOrigin::root(), passport, organisation(operator))
}

#[test]
fn the_council_gives_a_passport_to_another_operator() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		NewlySuspended::set(vec![MAKER]);
		assert_ok!(take_over(passport, AUTHORITY));

		let (maker, authority) = (organisation(MAKER), organisation(AUTHORITY));
		let stored = record(passport);
		assert_eq!(stored.responsible_operator, authority);
		assert_eq!((stored.owner, stored.manufacturer), (maker, maker));
		assert_eq!(
			last_entries(passport),
			[(HistoryKind::ResponsibilityMoved, authority, None)]
		);
		assert_eq!(
			events().last(),
			Some(&Event::ResponsibilityMoved {
				passport,
				from: maker,
				to: authority
			})
		);
	});
}

#[test]
fn only_the_council_takes_over() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		for member in MEMBERS {
			assert_noop!(
				Passport::take_over(signed(member), passport, organisation(OTHER_MAKER)),
				BadOrigin
			);
		}
	});
}

#[test]
fn a_passport_that_is_not_there_is_not_found() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(take_over(key(1), OTHER_MAKER), PassportError::NotFound);
	});
}

#[test]
fn the_new_operator_may_act() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		for nobody in [STRANGER, SUSPENDED, ENDED] {
			assert_noop!(take_over(passport, nobody), PassportError::RecipientNotActive);
		}
	});
}

#[test]
fn nobody_takes_over_from_itself() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_noop!(take_over(passport, MAKER), PassportError::Unchanged);
	});
}

#[test]
fn what_the_former_operator_delegated_ends() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		delegated(passport, WORKSHOP, &[DelegatedRight::RecordEvents]);
		assert_ok!(take_over(passport, OTHER_MAKER));
		assert!(!Delegations::<Test>::contains_key(passport));
		assert_eq!(
			events()
				.into_iter()
				.filter(|event| matches!(event, Event::DelegationEnded { .. }))
				.collect::<Vec<_>>(),
			[Event::DelegationEnded {
				passport,
				delegate: organisation(WORKSHOP)
			}]
		);
	});
}

#[test]
fn the_consent_of_the_former_operator_counts_no_more() {
	ExtBuilder::build_and_execute(|| {
		let passport = derivable(1);
		let signed_before = consent(MAKER, &asked(SECOND_LIFE, passport, 2));
		assert_ok!(take_over(passport, OTHER_MAKER));
		assert_noop!(
			derive_with(SECOND_LIFE, &[passport], 2, vec![signed_before]),
			PassportError::BadConsent
		);
	});
}

#[test]
fn the_council_takes_over_while_anything_fits_besides_the_closing_entry() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		fill_history(passport, 2);
		assert_ok!(take_over(passport, OTHER_MAKER));
		assert_noop!(take_over(passport, MAKER), PassportError::HistoryFull);
	});
}

#[test]
fn a_superseded_passport_is_taken_over_as_well() {
	ExtBuilder::build_and_execute(|| {
		let (original, _) = superseded(1, 2);
		assert_ok!(take_over(original, OTHER_MAKER));
		assert_eq!(record(original).responsible_operator, organisation(OTHER_MAKER));
	});
}
