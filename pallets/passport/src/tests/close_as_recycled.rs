use super::*;

/// A passport of waste that `RECYCLER` answers for.
fn waste(number: u8) -> PassportId {
	let passport = registered(number);
	assert_ok!(hand_over(MAKER, passport, RECYCLER));
	passport
}

#[test]
fn of_a_recycled_battery_only_the_tombstone_stays() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered_with_alias(1, ALIAS);
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
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
				history_head: head,
				history_length: 5,
			})
		);
		assert_eq!(
			events().last(),
			Some(&Event::Closed {
				passport,
				recycler: organisation(RECYCLER)
			})
		);
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
fn an_open_offer_ends() {
	ExtBuilder::build_and_execute(|| {
		let passport = waste(1);
		assert_ok!(Passport::offer_derivation(
			signed(RECYCLER),
			passport,
			organisation(SECOND_LIFE)
		));
		assert_ok!(close(RECYCLER, passport));
		assert_eq!(DerivationOffers::<Test>::get(passport), None);
	});
}

#[test]
fn accounts_that_may_not_act_close_nothing() {
	ExtBuilder::build_and_execute(|| {
		let passport = waste(1);
		refuses_whoever_may_not_act(|origin| Passport::close_as_recycled(origin, passport, EVIDENCE));
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
		let (original, successor) = superseded(1, 2);
		assert_ok!(hand_over(MAKER, original, RECYCLER));
		assert_noop!(close(RECYCLER, original), PassportError::SuccessorLive);

		assert_ok!(hand_over(SECOND_LIFE, successor, RECYCLER));
		assert_noop!(close(RECYCLER, original), PassportError::SuccessorLive);
		assert_ok!(close(RECYCLER, successor));
		assert_ok!(close(RECYCLER, original));
	});
}
