use super::*;

/// A passport of waste that `RECYCLER` answers for, and its batch.
fn waste(number: u8) -> PassportId {
	recycling_batch();
	let passport = registered(number);
	assert_ok!(hand_over(MAKER, passport, RECYCLER));
	passport
}

#[test]
fn of_a_recycled_battery_only_the_tombstone_stays() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered_with_alias(1, ALIAS);
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
		recycling_batch();
		System::set_block_number(30);
		assert_ok!(close(RECYCLER, passport));

		assert_eq!(Passports::<Test>::get(passport), None);
		assert_eq!(Passports::<Test>::count(), 0);
		assert_eq!(Passport::facts(&passport), None);
		assert_eq!(
			last_entries(passport),
			[(
				HistoryKind::Event(EventKind::MaterialsRecovered),
				organisation(RECYCLER),
				Some(EVIDENCE)
			)]
		);
		let history = history_of(passport);
		let head = history
			.iter()
			.fold(crate::history::first_head(&passport), |head, entry| {
				crate::history::extend(&head, entry)
			});
		assert_eq!(
			Tombstones::<Test>::get(passport),
			Some(Tombstone {
				closed_at: 30,
				recycler: organisation(RECYCLER),
				batch: BATCH,
				history_head: head,
				history_length: 6,
			})
		);
		assert_eq!(
			events().last(),
			Some(&Event::Closed {
				passport,
				recycler: organisation(RECYCLER),
				batch: BATCH,
			})
		);
	});
}

#[test]
fn waste_that_was_sold_is_not_recycled_by_who_sold_it() {
	ExtBuilder::build_and_execute(|| {
		let passport = waste(1);
		sell(passport, FLEET);
		assert_noop!(close(RECYCLER, passport), PassportError::NotOwner);
		sell(passport, RECYCLER);
		assert_ok!(close(RECYCLER, passport));
	});
}

#[test]
fn the_listeners_are_told_once() {
	ExtBuilder::build_and_execute(|| {
		let passport = waste(1);
		assert!(ClosedPassports::get().is_empty());
		assert_ok!(close(RECYCLER, passport));
		assert_eq!(ClosedPassports::get(), [passport]);
	});
}

#[test]
fn the_battery_is_counted_in_its_batch() {
	ExtBuilder::build_and_execute(|| {
		let (first, second) = (waste(1), waste(2));
		assert_ok!(close(RECYCLER, first));
		assert_eq!(
			RecyclingBatches::<Test>::get(BATCH),
			Some(RecyclingBatch {
				recycler: organisation(RECYCLER),
				facility: facility(),
				year: 2030,
				masses: MASSES,
				batteries: 1,
			})
		);
		assert_ok!(close(RECYCLER, second));
		assert_eq!(RecyclingBatches::<Test>::get(BATCH).unwrap().batteries, 2);
	});
}

#[test]
fn the_history_goes_and_the_weight_is_that_of_what_was_there() {
	ExtBuilder::build_and_execute(|| {
		let passport = waste(1);
		// The closing entry, of index 32, starts the third page.
		fill_history(passport, MAX_HISTORY_ENTRIES - 32);
		assert_eq!(record(passport).history_length, 32);
		let kept = ListenersWeight::convert(passport);
		assert!(kept.all_gt(Weight::zero()) && kept.all_lt(ListenersWeight::get()));
		let closed = Passport::close_as_recycled(signed(RECYCLER), passport, BATCH, EVIDENCE).unwrap();
		assert_eq!(HistoryPages::<Test>::iter().count(), 0);
		assert_eq!(
			closed.actual_weight,
			Some(<Test as Config>::WeightInfo::close_as_recycled(3) + kept)
		);
	});
}

#[test]
fn the_longest_history_can_be_closed() {
	ExtBuilder::build_and_execute(|| {
		let passport = waste(1);
		fill_history(passport, 1);
		assert_ok!(close(RECYCLER, passport));
		assert_eq!(
			Tombstones::<Test>::get(passport).unwrap().history_length,
			MAX_HISTORY_ENTRIES
		);
		assert_eq!(HistoryPages::<Test>::iter().count(), 0);
	});
}

#[test]
fn delegations_end_with_the_passport() {
	ExtBuilder::build_and_execute(|| {
		let passport = waste(1);
		assert_ok!(Passport::delegate(
			signed(RECYCLER),
			passport,
			organisation(WORKSHOP),
			DelegatedRights::ALL,
			50,
			AUTHORISATION,
		));
		assert_ok!(close(RECYCLER, passport));
		assert!(!Delegations::<Test>::contains_key(passport));
		assert!(events().contains(&Event::DelegationEnded {
			passport,
			delegate: organisation(WORKSHOP)
		}));
	});
}

#[test]
fn an_offer_of_a_hand_over_ends_with_the_passport() {
	ExtBuilder::build_and_execute(|| {
		let passport = waste(1);
		assert_ok!(offer_waste(RECYCLER, passport, OTHER_RECYCLER));
		assert_ok!(close(RECYCLER, passport));
		assert!(!WasteHandOvers::<Test>::contains_key(passport));
		assert!(events().contains(&Event::WasteHandOverWithdrawn {
			passport,
			from: organisation(RECYCLER),
			to: organisation(OTHER_RECYCLER)
		}));
		assert_noop!(accept_waste(OTHER_RECYCLER, passport), PassportError::NotFound);
	});
}

#[test]
fn what_is_offered_and_not_accepted_is_not_closed_by_whom_it_was_offered_to() {
	ExtBuilder::build_and_execute(|| {
		recycling_batch();
		let passport = offered(1);
		assert_noop!(close(RECYCLER, passport), PassportError::NotAuthorized);
	});
}

#[test]
fn a_battery_is_recycled_in_a_batch_that_is_there() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
		assert_noop!(close(RECYCLER, passport), PassportError::BatchNotFound);
		recycling_batch();
		assert_ok!(close(RECYCLER, passport));
	});
}

#[test]
fn a_battery_is_recycled_in_the_recyclers_own_batch() {
	ExtBuilder::build_and_execute(|| {
		recycling_batch();
		let passport = registered(1);
		assert_ok!(hand_over(MAKER, passport, OTHER_RECYCLER));
		assert_noop!(close(OTHER_RECYCLER, passport), PassportError::BatchOfAnother);
	});
}

#[test]
fn accounts_that_may_not_act_close_nothing() {
	ExtBuilder::build_and_execute(|| {
		let passport = waste(1);
		refuses_whoever_may_not_act(|origin| {
			Passport::close_as_recycled(origin, passport, BATCH, EVIDENCE)
				.map(|_| ())
				.map_err(|refused| refused.error)
		});
	});
}

#[test]
fn only_the_responsible_operator_closes() {
	ExtBuilder::build_and_execute(|| {
		let passport = waste(1);
		for member in members_except(&[RECYCLER]) {
			assert_noop!(close(member, passport), PassportError::NotAuthorized);
		}
	});
}

#[test]
fn a_recycler_does_not_close_what_it_does_not_answer_for() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(hand_over(MAKER, passport, OTHER_MAKER));
		assert_noop!(close(RECYCLER, passport), PassportError::NotAuthorized);
	});
}

#[test]
fn an_operator_that_is_no_recycler_does_not_close() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(hand_over(MAKER, passport, OTHER_MAKER));
		assert_noop!(close(OTHER_MAKER, passport), PassportError::NotAuthorized);
	});
}

#[test]
fn a_passport_that_is_not_there_is_not_found() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(close(RECYCLER, key(1)), PassportError::NotFound);
		let passport = waste(1);
		assert_ok!(close(RECYCLER, passport));
		assert_noop!(close(RECYCLER, passport), PassportError::NotFound);
	});
}

#[test]
fn what_is_not_waste_is_not_closed() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(Passport::take_over(
			RuntimeOrigin::root(),
			passport,
			organisation(RECYCLER)
		));
		assert_noop!(close(RECYCLER, passport), PassportError::NotWaste);
	});
}

#[test]
fn open_business_keeps_a_passport_open() {
	ExtBuilder::build_and_execute(|| {
		let passport = waste(1);
		BusyPassports::set(vec![passport]);
		assert_noop!(close(RECYCLER, passport), PassportError::Busy);
		assert!(ClosedPassports::get().is_empty());
		BusyPassports::set(vec![]);
		assert_ok!(close(RECYCLER, passport));
	});
}

#[test]
fn an_original_stays_until_the_battery_made_of_it_is_recycled() {
	ExtBuilder::build_and_execute(|| {
		recycling_batch();
		let (original, successor) = superseded(1, 2);
		assert_ok!(hand_over(MAKER, original, RECYCLER));
		// Who recycles what is left of it does not own it: there is no battery left to own.
		assert_eq!(record(original).owner, organisation(SECOND_LIFE));
		assert_noop!(close(RECYCLER, original), PassportError::SuccessorLive);

		assert_ok!(hand_over(SECOND_LIFE, successor, RECYCLER));
		assert_noop!(close(RECYCLER, original), PassportError::SuccessorLive);
		assert_ok!(close(RECYCLER, successor));
		assert_ok!(close(RECYCLER, original));
	});
}
