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
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
		assert_ok!(close(RECYCLER, passport));

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
fn an_open_offer_shows() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_eq!(Passport::derivation_offer(passport), None);
		assert_ok!(Passport::offer_derivation(
			signed(MAKER),
			passport,
			organisation(SECOND_LIFE)
		));
		assert_eq!(
			Passport::derivation_offer(passport),
			Some(organisation(SECOND_LIFE))
		);
	});
}
