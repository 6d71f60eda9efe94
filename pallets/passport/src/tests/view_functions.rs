use super::*;

#[test]
fn a_commitment_is_verified_against_the_ledger() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert!(Passport::verify(passport, DataSet::Model, commitment(1)));
		assert!(!Passport::verify(passport, DataSet::Model, commitment(2)));
		assert!(!Passport::verify(passport, DataSet::Composition, commitment(1)));
		assert!(!Passport::verify(key(2), DataSet::Model, commitment(1)));
	});
}

#[test]
fn a_name_leads_to_its_passport() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered_with_alias(1, ALIAS);
		assert_eq!(Passport::resolve(identifier(1).into_inner()), Some(passport));
		assert_eq!(Passport::resolve(ALIAS.to_vec()), Some(passport));
		for unknown in [
			identifier(2).into_inner(),
			OTHER_ALIAS.to_vec(),
			vec![],
			vec![b'x'; 129],
		] {
			assert_eq!(Passport::resolve(unknown), None);
		}
	});
}

#[test]
fn the_names_of_a_closed_passport_lead_to_its_tombstone() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered_with_alias(1, ALIAS);
		assert_eq!(Passport::passport(passport), Some(record(passport)));
		assert_eq!(Passport::tombstone(passport), None);
		recycle(passport);

		assert_eq!(Passport::resolve(identifier(1).into_inner()), Some(passport));
		assert_eq!(Passport::resolve(ALIAS.to_vec()), Some(passport));
		assert_eq!(Passport::passport(passport), None);
		assert_eq!(
			Passport::tombstone(passport).map(|tombstone| tombstone.recycler),
			Some(organisation(RECYCLER))
		);
		assert!(!Passport::verify(passport, DataSet::Model, commitment(1)));
	});
}

#[test]
fn a_history_shows_while_the_passport_is_live() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_eq!(Passport::history(passport, 0).into_inner(), history_of(passport));
		assert!(Passport::history(passport, 1).is_empty());
		recycle(passport);
		assert!(Passport::history(passport, 0).is_empty());
	});
}

#[test]
fn delegations_show_while_they_are_in_force() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert!(Passport::delegations(passport).is_empty());
		delegated(passport, WORKSHOP, &[DelegatedRight::RecordEvents]);
		let delegation = Delegation {
			delegate: organisation(WORKSHOP),
			rights: DelegatedRights::of(&[DelegatedRight::RecordEvents]),
			expires_at: 101,
			authorisation: AUTHORISATION,
			given_by: organisation(MAKER),
		};
		assert_eq!(Passport::delegations(passport), std::slice::from_ref(&delegation));
		System::set_block_number(101);
		assert_eq!(Passport::delegations(passport), [delegation]);
		System::set_block_number(102);
		assert!(Passport::delegations(passport).is_empty());
	});
}

#[test]
fn a_hand_over_shows_until_it_is_accepted_or_withdrawn() {
	ExtBuilder::build_and_execute(|| {
		let (first, second) = (registered(1), registered(2));
		let offer = WasteHandOver {
			from: organisation(MAKER),
			to: organisation(RECYCLER),
		};
		for passport in [first, second] {
			assert_eq!(Passport::waste_hand_over(passport), None);
			assert_ok!(offer_waste(MAKER, passport, RECYCLER));
			assert_eq!(Passport::waste_hand_over(passport), Some(offer));
		}
		assert_ok!(accept_waste(RECYCLER, first));
		assert_ok!(withdraw_waste(RECYCLER, second));
		for passport in [first, second] {
			assert_eq!(Passport::waste_hand_over(passport), None);
		}
	});
}

#[test]
fn a_recycling_batch_shows() {
	ExtBuilder::build_and_execute(|| {
		assert_eq!(Passport::recycling_batch(BATCH), None);
		let batch = recycling_batch();
		assert_eq!(
			Passport::recycling_batch(batch).map(|batch| batch.masses),
			Some(MASSES)
		);
	});
}
