use super::*;
use crate::history::KEPT_FROM_ENDINGS;
use passport_primitives::life_cycle::Publication;

#[test]
fn responsibility_and_ownership_of_waste_move_on_the_same_passport() {
	ExtBuilder::build_and_execute(|| {
		let passport = offered(1);
		assert_ok!(accept_waste(RECYCLER, passport));

		let (maker, recycler) = (organisation(MAKER), organisation(RECYCLER));
		let stored = record(passport);
		assert_eq!(stored.status, Status::Waste);
		assert_eq!(stored.responsible_operator, recycler);
		assert_eq!(stored.owner, recycler);
		assert_eq!(stored.operated_by, recycler);
		assert_eq!(stored.manufacturer, maker);
		assert_eq!(stored.publication, Publication::Active);
		assert_eq!(
			last_entries(passport),
			[
				(HistoryKind::StatusChanged(Status::Waste), maker, None),
				(HistoryKind::ResponsibilityMoved, recycler, None),
				(HistoryKind::Event(EventKind::OwnershipTransfer), recycler, None),
				(HistoryKind::OperationMoved, recycler, None),
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
		assert!(events().contains(&Event::OperationMoved {
			passport,
			from: maker,
			to: recycler
		}));
	});
}

#[test]
fn an_offer_is_accepted_once() {
	ExtBuilder::build_and_execute(|| {
		let passport = offered(1);
		assert_ok!(accept_waste(RECYCLER, passport));
		assert!(!WasteHandOvers::<Test>::contains_key(passport));
		assert!(!events()
			.iter()
			.any(|event| matches!(event, Event::WasteHandOverWithdrawn { .. })));
		assert_noop!(accept_waste(RECYCLER, passport), PassportError::NoHandOver);
	});
}

#[test]
fn accounts_that_may_not_act_accept_nothing() {
	ExtBuilder::build_and_execute(|| {
		let passport = offered(1);
		refuses_whoever_may_not_act(|origin| Passport::accept_waste_hand_over(origin, passport));
	});
}

#[test]
fn a_recipient_that_was_suspended_meanwhile_accepts_nothing() {
	ExtBuilder::build_and_execute(|| {
		let passport = offered(1);
		NewlySuspended::set(vec![RECYCLER]);
		assert_noop!(accept_waste(RECYCLER, passport), PassportError::Suspended);
		NewlySuspended::set(vec![]);
		assert_ok!(accept_waste(RECYCLER, passport));
	});
}

#[test]
fn a_recipient_that_has_lost_its_role_accepts_nothing() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		// Roles are fixed in this mock, so the offer is written by hand: as it stands when the carrier was a recycler then, and the
		// council has changed its roles since.
		let offer = WasteHandOver {
			from: organisation(MAKER),
			to: organisation(CARRIER),
		};
		WasteHandOvers::<Test>::insert(passport, offer);
		assert_noop!(accept_waste(CARRIER, passport), PassportError::RecipientLacksRole);
	});
}

#[test]
fn the_offer_of_who_may_not_act_counts_for_nothing() {
	ExtBuilder::build_and_execute(|| {
		let passport = offered(1);
		NewlySuspended::set(vec![MAKER]);
		assert_noop!(accept_waste(RECYCLER, passport), PassportError::SenderNotActive);
		NewlySuspended::set(vec![]);
		Removed::set(vec![MAKER]);
		assert_noop!(accept_waste(RECYCLER, passport), PassportError::SenderNotActive);
		Removed::set(vec![]);
		assert_ok!(accept_waste(RECYCLER, passport));
	});
}

#[test]
fn only_whom_it_was_offered_to_accepts() {
	ExtBuilder::build_and_execute(|| {
		let passport = offered(1);
		for member in members_except(&[RECYCLER]) {
			assert_noop!(accept_waste(member, passport), PassportError::NotAuthorized);
		}
	});
}

#[test]
fn a_passport_that_is_not_there_is_not_found() {
	ExtBuilder::build_and_execute(|| {
		let recycled = closed(1);
		for missing in [recycled, key(2)] {
			assert_noop!(accept_waste(RECYCLER, missing), PassportError::NotFound);
		}
	});
}

#[test]
fn what_was_not_offered_is_not_accepted() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_noop!(accept_waste(RECYCLER, passport), PassportError::NoHandOver);
	});
}

#[test]
fn the_offer_of_another_operator_counts_for_nothing() {
	ExtBuilder::build_and_break(|| {
		let passport = offered(1);
		WasteHandOvers::<Test>::mutate(passport, |offer| {
			offer.as_mut().unwrap().from = organisation(OTHER_MAKER);
		});
		assert_noop!(accept_waste(RECYCLER, passport), PassportError::NoHandOver);
	});
}

#[test]
fn what_was_sold_meanwhile_is_not_taken_from_its_purchaser() {
	ExtBuilder::build_and_execute(|| {
		let passport = offered(1);
		sell(passport, FLEET);
		assert_noop!(accept_waste(RECYCLER, passport), PassportError::NotOwner);
		// Its owner has given the battery to the recycler.
		sell(passport, RECYCLER);
		assert_ok!(accept_waste(RECYCLER, passport));
		assert_eq!(record(passport).owner, organisation(RECYCLER));
	});
}

#[test]
fn of_what_was_superseded_meanwhile_responsibility_moves_alone() {
	ExtBuilder::build_and_execute(|| {
		let passport = offered(1);
		sell(passport, SECOND_LIFE);
		state(passport, true);
		assert_ok!(derive_as(SECOND_LIFE, &[passport], 2));
		assert_ok!(accept_waste(RECYCLER, passport));
		let stored = record(passport);
		assert_eq!(stored.status, Status::Waste);
		assert_eq!(
			(stored.responsible_operator, stored.owner, stored.operated_by),
			(
				organisation(RECYCLER),
				organisation(SECOND_LIFE),
				organisation(MAKER)
			)
		);
	});
}

#[test]
fn what_its_device_states_meanwhile_counts() {
	ExtBuilder::build_and_execute(|| {
		let passport = offered(1);
		state(passport, true);
		assert_noop!(accept_waste(RECYCLER, passport), PassportError::AboveThreshold);
		override_threshold(passport);
		assert_ok!(accept_waste(RECYCLER, passport));
	});
}

#[test]
fn the_acceptance_uses_an_override_up_and_not_the_offer() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		state(passport, true);
		override_threshold(passport);
		assert_ok!(offer_waste(MAKER, passport, RECYCLER));
		assert!(Passport::is_overridden(&record(passport)));
		assert_ok!(accept_waste(RECYCLER, passport));
		assert!(!Passport::is_overridden(&record(passport)));
	});
}

#[test]
fn room_for_the_hand_over_is_asked_again() {
	ExtBuilder::build_and_execute(|| {
		let (first, second) = (offered(1), offered(2));
		fill_history(first, KEPT_FROM_ENDINGS + 4);
		assert_ok!(accept_waste(RECYCLER, first));
		fill_history(second, KEPT_FROM_ENDINGS + 3);
		assert_noop!(accept_waste(RECYCLER, second), PassportError::HistoryFull);
	});
}
