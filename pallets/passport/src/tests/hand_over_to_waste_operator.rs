use super::*;
use crate::history::KEPT_FROM_ENDINGS;
use passport_primitives::life_cycle::Publication;

#[test]
fn a_battery_is_offered_and_nothing_of_it_moves_yet() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		delegated(passport, WORKSHOP, &[DelegatedRight::RecordEvents]);
		let before = record(passport);
		assert_ok!(offer_waste(MAKER, passport, RECYCLER));

		let (from, to) = (organisation(MAKER), organisation(RECYCLER));
		assert_eq!(record(passport), before);
		assert!(Delegations::<Test>::contains_key(passport));
		assert_eq!(
			WasteHandOvers::<Test>::get(passport),
			Some(WasteHandOver { from, to })
		);
		assert_eq!(
			events().last(),
			Some(&Event::WasteHandOverOffered { passport, from, to })
		);
	});
}

#[test]
fn a_new_offer_replaces_the_older_one() {
	ExtBuilder::build_and_execute(|| {
		let passport = offered(1);
		assert_ok!(offer_waste(MAKER, passport, OTHER_RECYCLER));
		assert_noop!(accept_waste(RECYCLER, passport), PassportError::NotAuthorized);
		assert_ok!(accept_waste(OTHER_RECYCLER, passport));
		assert_eq!(
			record(passport).responsible_operator,
			organisation(OTHER_RECYCLER)
		);
	});
}

#[test]
fn what_the_producer_keeps_is_offered_to_nobody() {
	ExtBuilder::build_and_execute(|| {
		let passport = offered(1);
		assert_ok!(offer_waste(MAKER, passport, MAKER));
		assert_eq!(record(passport).status, Status::Waste);
		assert!(events().contains(&Event::WasteHandOverWithdrawn {
			passport,
			from: organisation(MAKER),
			to: organisation(RECYCLER)
		}));
		assert_noop!(accept_waste(RECYCLER, passport), PassportError::NoHandOver);
		// It goes on from there by another offer.
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
	});
}

#[test]
fn the_producer_takes_its_leased_battery_back_as_waste() {
	ExtBuilder::build_and_execute(|| {
		let (passport, maker) = (registered(1), organisation(MAKER));
		assert_eq!(
			Passport::set_owner(&passport, maker, Some(organisation(FLEET))),
			Ok(())
		);
		assert_ok!(offer_waste(MAKER, passport, MAKER));
		assert_eq!(record(passport).operated_by, maker);
		assert_eq!(
			last_entries(passport),
			[
				(HistoryKind::StatusChanged(Status::Waste), maker, None),
				(HistoryKind::OperationMoved, maker, None),
			]
		);
	});
}

#[test]
fn the_operator_of_a_superseded_passport_may_keep_what_became_waste() {
	ExtBuilder::build_and_execute(|| {
		let (original, _) = superseded(1, 2);
		let before = record(original);
		assert_ok!(offer_waste(MAKER, original, MAKER));
		let stored = record(original);
		assert_eq!(stored.status, Status::Waste);
		assert_eq!(
			(stored.responsible_operator, stored.owner, stored.operated_by),
			(organisation(MAKER), before.owner, before.operated_by)
		);
		assert_eq!(stored.history_length, before.history_length + 1);
		assert_noop!(offer_waste(MAKER, original, MAKER), PassportError::Unchanged);
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
		sell(passport, FLEET);
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
		sell(passport, FLEET);
		assert_noop!(offer_waste(MAKER, passport, RECYCLER), PassportError::NotOwner);
		assert_noop!(offer_waste(MAKER, passport, MAKER), PassportError::NotOwner);
		// Its owner has given the battery to the recycler.
		sell(passport, RECYCLER);
		assert_noop!(offer_waste(MAKER, passport, OTHER_MAKER), PassportError::NotOwner);
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
	});
}

#[test]
fn of_a_superseded_passport_the_operator_hands_over_its_responsibility_alone() {
	ExtBuilder::build_and_execute(|| {
		let (original, _) = superseded(1, 2);
		let owner = organisation(SECOND_LIFE);
		let before = record(original);
		assert_eq!((before.owner, before.operated_by), (owner, organisation(MAKER)));
		assert_ok!(hand_over(MAKER, original, RECYCLER));
		let stored = record(original);
		assert_eq!(stored.status, Status::Waste);
		assert_eq!(stored.publication, Publication::Superseded);
		assert_eq!(stored.responsible_operator, organisation(RECYCLER));
		assert_eq!(
			(stored.owner, stored.operated_by),
			(before.owner, before.operated_by)
		);
		assert_eq!(
			last_entries(original),
			[
				(
					HistoryKind::StatusChanged(Status::Waste),
					organisation(MAKER),
					None
				),
				(HistoryKind::ResponsibilityMoved, organisation(RECYCLER), None),
			]
		);
	});
}

#[test]
fn waste_goes_to_recyclers_and_producers() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		for member in members_except(&[RECYCLER, OTHER_RECYCLER, MAKER, OTHER_MAKER]) {
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
fn what_the_former_operator_delegated_ends() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		delegated(passport, WORKSHOP, &[DelegatedRight::RecordEvents]);
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
		assert!(!Delegations::<Test>::contains_key(passport));
		assert!(events().contains(&Event::DelegationEnded {
			passport,
			delegate: organisation(WORKSHOP)
		}));
	});
}

#[test]
fn what_the_producer_delegated_stays_while_it_keeps_the_waste() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		delegated(passport, WORKSHOP, &[DelegatedRight::RecordEvents]);
		assert_ok!(hand_over(MAKER, passport, MAKER));
		assert!(Delegations::<Test>::contains_key(passport));
	});
}

#[test]
fn a_battery_that_is_good_for_a_second_life_is_not_recycled() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		state(passport, true);
		assert_noop!(
			hand_over(MAKER, passport, RECYCLER),
			PassportError::AboveThreshold
		);
		state(passport, false);
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
	});
}

#[test]
fn a_notified_body_lets_it_be_recycled_once() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		state(passport, true);
		override_threshold(passport);
		assert_ok!(hand_over(MAKER, passport, OTHER_MAKER));
		assert_eq!(record(passport).overridden_at, None);
		// Waste goes on without another one.
		assert_ok!(hand_over(OTHER_MAKER, passport, RECYCLER));
	});
}

#[test]
fn revoking_the_device_does_not_open_the_way_to_recycling() {
	ExtBuilder::build_and_execute(|| {
		let (overridden, stated_anew) = (registered(1), registered(2));
		for passport in [overridden, stated_anew] {
			state(passport, true);
			Passport::withdraw_threshold_statement(&passport);
			assert_noop!(
				hand_over(MAKER, passport, RECYCLER),
				PassportError::AboveThreshold
			);
		}
		override_threshold(overridden);
		assert_ok!(hand_over(MAKER, overridden, RECYCLER));
		// What another device says counts.
		state(stated_anew, false);
		assert_ok!(hand_over(MAKER, stated_anew, RECYCLER));
	});
}

#[test]
fn a_wreck_states_nothing_and_is_recycled() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_eq!(record(passport).threshold, None);
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
	});
}

#[test]
fn what_a_device_stated_long_ago_keeps_nothing_from_recycling() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		state(passport, true);
		System::set_block_number(1 + StatementValidBlocks::get());
		assert_noop!(
			hand_over(MAKER, passport, RECYCLER),
			PassportError::AboveThreshold
		);
		System::set_block_number(2 + StatementValidBlocks::get());
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
	});
}

#[test]
fn what_a_device_stated_about_a_lower_threshold_keeps_nothing_from_recycling() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		state(passport, true);
		for threshold_bp in [6_999, 7_000] {
			StateOfHealthThresholdBp::set(threshold_bp);
			assert_noop!(
				hand_over(MAKER, passport, RECYCLER),
				PassportError::AboveThreshold
			);
		}
		StateOfHealthThresholdBp::set(7_001);
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
	});
}

#[test]
fn what_a_notified_body_allowed_long_ago_lets_nothing_be_recycled() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		override_threshold(passport);
		System::set_block_number(2 + StatementValidBlocks::get());
		state(passport, true);
		assert_noop!(
			hand_over(MAKER, passport, RECYCLER),
			PassportError::AboveThreshold
		);
		override_threshold(passport);
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
	});
}

#[test]
fn only_an_original_battery_in_use_is_kept_from_recycling() {
	ExtBuilder::build_and_execute(|| {
		// Its statement was above the threshold, and another battery was made of it.
		let (original, successor) = superseded(1, 2);
		assert_eq!(
			record(original).threshold.map(|standing| standing.at_or_above),
			Some(true)
		);
		assert_ok!(hand_over(MAKER, original, RECYCLER));
		// It has had its second life.
		state(successor, true);
		assert_ok!(hand_over(SECOND_LIFE, successor, RECYCLER));
	});
}

#[test]
fn room_for_a_hand_over_is_kept_in_the_history() {
	ExtBuilder::build_and_execute(|| {
		let (first, second) = (registered(1), registered(2));
		let (original, _) = superseded(3, 4);
		fill_history(first, KEPT_FROM_ENDINGS + 4);
		assert_ok!(hand_over(MAKER, first, RECYCLER));
		fill_history(second, KEPT_FROM_ENDINGS + 3);
		assert_noop!(hand_over(MAKER, second, RECYCLER), PassportError::HistoryFull);
		// To the producer itself it is one entry, not four; of a superseded passport it is two.
		assert_ok!(hand_over(MAKER, second, MAKER));
		fill_history(original, KEPT_FROM_ENDINGS + 2);
		assert_ok!(hand_over(MAKER, original, RECYCLER));
	});
}
