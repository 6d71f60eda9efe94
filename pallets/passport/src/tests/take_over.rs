use super::*;
use crate::history::TAKE_OVER_ENTRIES;

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
fn what_a_removed_organisation_owned_and_operated_goes_to_the_new_operator() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		Removed::set(vec![MAKER]);
		assert_ok!(take_over(passport, OTHER_MAKER));

		let (gone, other) = (organisation(MAKER), organisation(OTHER_MAKER));
		let stored = record(passport);
		assert_eq!(
			(stored.responsible_operator, stored.owner, stored.operated_by),
			(other, other, other)
		);
		assert_eq!(stored.manufacturer, gone);
		assert_eq!(
			last_entries(passport),
			[
				(HistoryKind::ResponsibilityMoved, other, None),
				(HistoryKind::Event(EventKind::OwnershipTransfer), other, None),
				(HistoryKind::OperationMoved, other, None),
			]
		);
		assert!(events().contains(&Event::OwnerChanged {
			passport,
			from: gone,
			to: other
		}));
		assert!(events().contains(&Event::OperationMoved {
			passport,
			from: gone,
			to: other
		}));
		// The new owner sells it, or discards it.
		sell(passport, FLEET);
	});
}

#[test]
fn the_present_operator_gets_the_battery_of_an_owner_that_was_removed() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		let (maker, fleet) = (organisation(MAKER), organisation(FLEET));
		delegated(passport, WORKSHOP, &[DelegatedRight::RecordEvents]);
		assert_eq!(Passport::set_owner(&passport, fleet, Some(fleet)), Ok(()));
		assert_noop!(take_over(passport, MAKER), PassportError::Unchanged);
		Removed::set(vec![FLEET]);
		assert_ok!(take_over(passport, MAKER));

		let stored = record(passport);
		assert_eq!(
			(stored.responsible_operator, stored.owner, stored.operated_by),
			(maker, maker, maker)
		);
		assert_eq!(
			last_entries(passport),
			[
				(HistoryKind::Event(EventKind::OwnershipTransfer), maker, None),
				(HistoryKind::OperationMoved, maker, None),
			]
		);
		// It answered before as well, so whom it has authorised stays.
		assert!(Delegations::<Test>::contains_key(passport));
		assert_noop!(take_over(passport, MAKER), PassportError::Unchanged);
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
	});
}

#[test]
fn an_owner_that_is_a_member_keeps_its_battery_when_who_operates_it_was_removed() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		let (owner, lessee) = (organisation(FLEET), organisation(CARRIER));
		assert_eq!(Passport::set_owner(&passport, owner, Some(lessee)), Ok(()));
		Removed::set(vec![CARRIER]);
		assert_ok!(take_over(passport, OTHER_MAKER));
		let stored = record(passport);
		let other = organisation(OTHER_MAKER);
		assert_eq!(
			(stored.responsible_operator, stored.owner, stored.operated_by),
			(other, owner, other)
		);
	});
}

#[test]
fn who_may_come_back_keeps_its_battery() {
	ExtBuilder::build_and_execute(|| {
		let (first, second, third) = (registered(1), registered(2), registered(3));
		for (passport, owner) in [(first, FLEET), (second, SUSPENDED), (third, ENDED)] {
			let owner = organisation(owner);
			assert_eq!(Passport::set_owner(&passport, owner, Some(owner)), Ok(()));
		}
		NewlySuspended::set(vec![FLEET]);
		for (passport, owner) in [(first, FLEET), (second, SUSPENDED), (third, ENDED)] {
			assert_noop!(take_over(passport, MAKER), PassportError::Unchanged);
			assert_ok!(take_over(passport, OTHER_MAKER));
			let stored = record(passport);
			assert_eq!(
				(stored.owner, stored.operated_by),
				(organisation(owner), organisation(owner))
			);
		}
	});
}

#[test]
fn an_offer_of_a_hand_over_ends() {
	ExtBuilder::build_and_execute(|| {
		let (first, second) = (offered(1), offered(2));
		assert_ok!(take_over(first, OTHER_MAKER));
		// The battery was sold since, and comes back to the one who offered it.
		sell(second, FLEET);
		Removed::set(vec![FLEET]);
		assert_ok!(take_over(second, MAKER));
		for passport in [first, second] {
			assert!(events().contains(&Event::WasteHandOverWithdrawn {
				passport,
				from: organisation(MAKER),
				to: organisation(RECYCLER)
			}));
			assert_noop!(accept_waste(RECYCLER, passport), PassportError::NoHandOver);
		}
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
fn all_that_moves_fits_or_nothing_does() {
	ExtBuilder::build_and_execute(|| {
		let (first, second) = (registered(1), registered(2));
		fill_history(first, TAKE_OVER_ENTRIES + 1);
		fill_history(second, TAKE_OVER_ENTRIES);
		Removed::set(vec![MAKER]);
		assert_ok!(take_over(first, OTHER_MAKER));
		assert_noop!(take_over(second, OTHER_MAKER), PassportError::HistoryFull);
	});
}

#[test]
fn a_superseded_passport_is_taken_over_as_well() {
	ExtBuilder::build_and_execute(|| {
		let (original, _) = superseded(1, 2);
		assert_ok!(take_over(original, OTHER_MAKER));
		assert_eq!(record(original).responsible_operator, organisation(OTHER_MAKER));
		// What is left of the battery can be made into another one, by its owner alone: somebody has to be that.
		assert_eq!(record(original).owner, organisation(SECOND_LIFE));
		Removed::set(vec![SECOND_LIFE]);
		assert_ok!(take_over(original, OTHER_MAKER));
		assert_eq!(record(original).owner, organisation(OTHER_MAKER));
		assert_ok!(derive_as(OTHER_MAKER, &[original], 3));
	});
}
