use super::*;
use passport_primitives::life_cycle::Publication;

#[test]
fn a_second_life_passport_is_linked_with_every_original() {
	ExtBuilder::build_and_execute(|| {
		let originals = [derivable(1), derivable(2)];
		assert_ok!(Passport::derive(
			signed(SECOND_LIFE),
			originals.to_vec().try_into().unwrap(),
			SecondLife::PreparationForRepurposing,
			identifier(3),
			Some(ALIAS),
			Category::StationaryStorage,
			[Some(commitment(7)), Some(commitment(8)), None, None],
			Some(address(5)),
		));

		let deriving = organisation(SECOND_LIFE);
		let successor = record(key(3));
		assert_eq!(successor.predecessors.as_slice(), originals);
		assert_eq!(successor.manufacturer, deriving);
		assert_eq!(successor.responsible_operator, deriving);
		assert_eq!(successor.owner, deriving);
		assert_eq!(successor.status, Status::Repurposed);
		assert_eq!(successor.publication, Publication::Active);
		assert_eq!(successor.category, Category::StationaryStorage);
		assert_eq!(successor.alias, Some(ALIAS));
		assert_eq!(
			successor.commitments,
			[Some(commitment(7)), Some(commitment(8)), None, None]
		);
		assert_eq!(successor.content_address, Some(address(5)));
		assert_eq!(Passports::<Test>::count(), 3);
		for original in originals {
			let stored = record(original);
			assert_eq!(stored.successors.as_slice(), [key(3)]);
			assert_eq!(stored.publication, Publication::Superseded);
			// What the original battery was, it was; who answers for its record, does.
			assert_eq!(stored.status, Status::Original);
			assert_eq!(stored.responsible_operator, organisation(MAKER));
			assert_eq!(DerivationOffers::<Test>::get(original), None);
			let evidence = Some(DocumentHash(key(3).0));
			assert_eq!(
				last_entries(original),
				[
					(
						HistoryKind::Event(EventKind::SecondLifeConversion),
						deriving,
						evidence
					),
					(HistoryKind::Succeeded, deriving, evidence),
				]
			);
			assert!(events().contains(&Event::Succeeded {
				passport: original,
				successor: key(3)
			}));
			assert!(events().contains(&Event::DerivationOfferEnded {
				passport: original,
				to: deriving
			}));
		}
		assert!(events().contains(&Event::Registered {
			passport: key(3),
			unique_identifier: identifier(3),
			alias: Some(ALIAS),
			category: Category::StationaryStorage,
			operator: deriving,
			status: Status::Repurposed,
		}));
	});
}

#[test]
fn the_operation_decides_the_status() {
	let table = [
		(SecondLife::PreparationForReuse, Status::Reused),
		(SecondLife::PreparationForRepurposing, Status::Repurposed),
		(SecondLife::Repurposing, Status::Repurposed),
		(SecondLife::Remanufacturing, Status::Remanufactured),
	];
	for (operation, status) in table {
		ExtBuilder::build_and_execute(|| {
			assert_ok!(Passport::derive(
				signed(SECOND_LIFE),
				vec![derivable(1)].try_into().unwrap(),
				operation,
				identifier(2),
				None,
				Category::Industrial,
				MODEL_ONLY,
				None,
			));
			assert_eq!(record(key(2)).status, status);
		});
	}
}

#[test]
fn the_operator_needs_no_offer_of_its_own() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(derive_as(MAKER, &[passport], 2));
	});
}

#[test]
fn an_offer_to_another_does_not_outlive_the_operators_own_derivation() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(Passport::offer_derivation(
			signed(MAKER),
			passport,
			organisation(SECOND_LIFE)
		));
		assert_ok!(derive_as(MAKER, &[passport], 2));
		assert_eq!(DerivationOffers::<Test>::get(passport), None);
	});
}

#[test]
fn a_battery_that_is_waste_can_be_prepared_for_re_use() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(hand_over(MAKER, passport, OTHER_MAKER));
		assert_ok!(derive_as(OTHER_MAKER, &[passport], 2));
		assert_eq!(record(passport).status, Status::Waste);
		assert_eq!(record(key(2)).status, Status::Repurposed);
	});
}

#[test]
fn the_modules_of_one_battery_go_into_several_each_by_an_offer_of_its_own() {
	ExtBuilder::build_and_execute(|| {
		let passport = derivable(1);
		assert_ok!(derive_as(SECOND_LIFE, &[passport], 2));
		assert_noop!(derive_as(SECOND_LIFE, &[passport], 3), PassportError::NotOffered);
		assert_ok!(Passport::offer_derivation(
			signed(MAKER),
			passport,
			organisation(SECOND_LIFE)
		));
		assert_ok!(derive_as(SECOND_LIFE, &[passport], 3));
		assert_eq!(record(passport).successors.as_slice(), [key(2), key(3)]);
	});
}

#[test]
fn accounts_that_may_not_act_derive_nothing() {
	ExtBuilder::build_and_execute(|| {
		let passport = derivable(1);
		refuses_whoever_may_not_act(|origin| {
			Passport::derive(
				origin,
				vec![passport].try_into().unwrap(),
				SecondLife::Repurposing,
				identifier(2),
				None,
				Category::Industrial,
				MODEL_ONLY,
				None,
			)
		});
	});
}

#[test]
fn only_second_life_operators_and_manufacturers_derive() {
	ExtBuilder::build_and_execute(|| {
		let passport = derivable(1);
		for member in members_except(&[SECOND_LIFE, MAKER, OTHER_MAKER]) {
			assert_noop!(derive_as(member, &[passport], 2), PassportError::NotAuthorized);
		}
	});
}

#[test]
fn there_is_at_least_one_original() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(derive_as(SECOND_LIFE, &[], 2), PassportError::NoPredecessor);
	});
}

#[test]
fn an_original_is_named_once() {
	ExtBuilder::build_and_execute(|| {
		let passport = derivable(1);
		assert_noop!(
			derive_as(SECOND_LIFE, &[passport, passport], 2),
			PassportError::DuplicatePredecessor
		);
	});
}

#[test]
fn an_original_that_is_not_there_is_not_found() {
	ExtBuilder::build_and_execute(|| {
		let known = derivable(1);
		let recycled = closed(3);
		for missing in [key(9), recycled] {
			assert_noop!(
				derive_as(SECOND_LIFE, &[known, missing], 2),
				PassportError::NotFound
			);
		}
	});
}

#[test]
fn each_original_has_to_be_offered_to_the_caller() {
	ExtBuilder::build_and_execute(|| {
		let offered = derivable(1);
		let not_offered = registered(2);
		assert_eq!(
			Passport::set_owner(&not_offered, organisation(SECOND_LIFE)),
			Ok(())
		);
		assert_noop!(
			derive_as(SECOND_LIFE, &[offered, not_offered], 3),
			PassportError::NotOffered
		);
		// An offer to another does not count.
		assert_ok!(Passport::offer_derivation(
			signed(MAKER),
			not_offered,
			organisation(OTHER_MAKER)
		));
		assert_noop!(
			derive_as(SECOND_LIFE, &[offered, not_offered], 3),
			PassportError::NotOffered
		);
	});
}

#[test]
fn the_consent_of_a_suspended_operator_does_not_count() {
	ExtBuilder::build_and_execute(|| {
		let passport = derivable(1);
		NewlySuspended::set(vec![MAKER]);
		assert_noop!(
			derive_as(SECOND_LIFE, &[passport], 2),
			PassportError::ConsentSuspended
		);
		NewlySuspended::set(vec![]);
		assert_ok!(derive_as(SECOND_LIFE, &[passport], 2));
	});
}

#[test]
fn the_caller_owns_every_original() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(Passport::offer_derivation(
			signed(MAKER),
			passport,
			organisation(SECOND_LIFE)
		));
		assert_noop!(derive_as(SECOND_LIFE, &[passport], 2), PassportError::NotOwner);
		// The operator that has sold the battery neither.
		assert_eq!(Passport::set_owner(&passport, organisation(FLEET)), Ok(()));
		assert_noop!(derive_as(MAKER, &[passport], 2), PassportError::NotOwner);
		assert_eq!(Passport::set_owner(&passport, organisation(SECOND_LIFE)), Ok(()));
		assert_ok!(derive_as(SECOND_LIFE, &[passport], 2));
	});
}

#[test]
fn a_battery_has_at_most_sixteen_successors() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		for number in 2..18 {
			assert_ok!(derive_as(MAKER, &[passport], number));
		}
		assert_noop!(
			derive_as(MAKER, &[passport], 18),
			PassportError::TooManySuccessors
		);
	});
}

#[test]
fn sixteen_originals_make_one_battery() {
	ExtBuilder::build_and_execute(|| {
		let originals: Vec<_> = (0..16).map(derivable).collect();
		assert_ok!(derive_as(SECOND_LIFE, &originals, 16));
		assert_eq!(record(key(16)).predecessors.len(), 16);
	});
}

#[test]
fn the_new_passport_follows_the_rules_of_registration() {
	ExtBuilder::build_and_execute(|| {
		let passport = derivable(1);
		registered_with_alias(2, ALIAS);
		closed(3);
		let derive = |unique_identifier, alias, commitments, address| {
			Passport::derive(
				signed(SECOND_LIFE),
				vec![passport].try_into().unwrap(),
				SecondLife::Repurposing,
				unique_identifier,
				alias,
				Category::Industrial,
				commitments,
				address,
			)
		};
		assert_noop!(
			derive(name(b""), None, MODEL_ONLY, None),
			PassportError::InvalidIdentifier
		);
		assert_noop!(
			derive(identifier(9), Some([b'x'; 18]), MODEL_ONLY, None),
			PassportError::InvalidAlias
		);
		assert_noop!(
			derive(identifier(9), None, [None; 4], None),
			PassportError::CommitmentMissing
		);
		assert_noop!(
			derive(identifier(9), None, MODEL_ONLY, Some(bad_address())),
			PassportError::InvalidContentAddress
		);
		assert_noop!(
			derive(identifier(1), None, MODEL_ONLY, None),
			PassportError::AlreadyRegistered
		);
		assert_noop!(
			derive(identifier(3), None, MODEL_ONLY, None),
			PassportError::IdentifierRetired
		);
		assert_noop!(
			derive(identifier(9), Some(ALIAS), MODEL_ONLY, None),
			PassportError::AliasTaken
		);
		assert_ok!(derive(
			identifier(9),
			Some(OTHER_ALIAS),
			MODEL_ONLY,
			Some(address(1))
		));
	});
}
