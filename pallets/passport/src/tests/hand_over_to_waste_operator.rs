use super::*;
use passport_primitives::life_cycle::Publication;

#[test]
fn responsibility_and_ownership_of_waste_move_on_the_same_passport() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(hand_over(MAKER, passport, RECYCLER));

		let (maker, recycler) = (organisation(MAKER), organisation(RECYCLER));
		let stored = record(passport);
		assert_eq!(stored.status, Status::Waste);
		assert_eq!(stored.responsible_operator, recycler);
		assert_eq!(stored.owner, recycler);
		assert_eq!(stored.manufacturer, maker);
		assert_eq!(stored.publication, Publication::Active);
		assert_eq!(
			last_entries(passport),
			[
				(HistoryKind::StatusChanged(Status::Waste), maker, None),
				(HistoryKind::ResponsibilityMoved, recycler, None),
				(HistoryKind::Event(EventKind::OwnershipTransfer), recycler, None),
			]
		);
		assert!(events().contains(&Event::StatusChanged {
			passport,
			status: Status::Waste
		}));
		assert!(events().contains(&Event::ResponsibilityMoved {
			passport,
			from: maker,
			to: recycler
		}));
		assert!(events().contains(&Event::OwnerChanged {
			passport,
			from: maker,
			to: recycler
		}));
	});
}

#[test]
fn the_producer_may_keep_what_became_waste() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(hand_over(MAKER, passport, MAKER));
		assert_eq!(record(passport).status, Status::Waste);
		assert_eq!(
			last_entries(passport),
			[
				(
					HistoryKind::Registered,
					organisation(MAKER),
					Some(DocumentHash([1; 32]))
				),
				(
					HistoryKind::StatusChanged(Status::Waste),
					organisation(MAKER),
					None
				),
			]
		);
	});
}

#[test]
fn waste_goes_on_from_the_producer_to_the_recycler() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(hand_over(MAKER, passport, OTHER_MAKER));
		assert_ok!(hand_over(OTHER_MAKER, passport, RECYCLER));
		assert_eq!(record(passport).responsible_operator, organisation(RECYCLER));
		let changes = events()
			.into_iter()
			.filter(|event| matches!(event, Event::StatusChanged { .. }))
			.count();
		assert_eq!(changes, 1);
	});
}

#[test]
fn waste_is_not_handed_to_who_has_it() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
		assert_noop!(hand_over(RECYCLER, passport, RECYCLER), PassportError::Unchanged);
	});
}

#[test]
fn accounts_that_may_not_act_hand_nothing_over() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		refuses_whoever_may_not_act(|origin| {
			Passport::hand_over_to_waste_operator(origin, passport, organisation(RECYCLER))
		});
	});
}

#[test]
fn only_the_responsible_operator_hands_over() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_eq!(Passport::set_owner(&passport, organisation(FLEET)), Ok(()));
		for member in members_except(&[MAKER]) {
			assert_noop!(
				hand_over(member, passport, RECYCLER),
				PassportError::NotAuthorized
			);
		}
	});
}

#[test]
fn a_passport_that_is_not_there_is_not_found() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(hand_over(MAKER, key(1), RECYCLER), PassportError::NotFound);
	});
}

#[test]
fn nobody_hands_over_what_another_owns() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_eq!(Passport::set_owner(&passport, organisation(FLEET)), Ok(()));
		assert_noop!(hand_over(MAKER, passport, RECYCLER), PassportError::NotOwner);
		// Its owner has given the battery to the recycler.
		assert_eq!(Passport::set_owner(&passport, organisation(RECYCLER)), Ok(()));
		assert_noop!(hand_over(MAKER, passport, OTHER_MAKER), PassportError::NotOwner);
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
	});
}

#[test]
fn what_is_left_of_a_superseded_battery_is_handed_over_by_its_operator_alone() {
	ExtBuilder::build_and_execute(|| {
		let (original, _) = superseded(1, 2);
		assert_eq!(record(original).owner, organisation(SECOND_LIFE));
		assert_ok!(hand_over(MAKER, original, RECYCLER));
		assert_eq!(record(original).status, Status::Waste);
		assert_eq!(record(original).publication, Publication::Superseded);
	});
}

#[test]
fn waste_goes_to_recyclers_and_producers() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		for member in members_except(&[RECYCLER, MAKER, OTHER_MAKER]) {
			assert_noop!(
				hand_over(MAKER, passport, member),
				PassportError::RecipientLacksRole
			);
		}
		for nobody in [STRANGER, SUSPENDED, ENDED] {
			assert_noop!(
				hand_over(MAKER, passport, nobody),
				PassportError::RecipientNotActive
			);
		}
	});
}

#[test]
fn an_offer_of_the_former_operator_ends() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(Passport::offer_derivation(
			signed(MAKER),
			passport,
			organisation(SECOND_LIFE)
		));
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
		assert_eq!(DerivationOffers::<Test>::get(passport), None);
		assert!(events().contains(&Event::DerivationOfferEnded {
			passport,
			to: organisation(SECOND_LIFE)
		}));
	});
}
