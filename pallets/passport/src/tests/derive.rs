use super::*;
use crate::history::KEPT_FROM_USE;
use passport_primitives::{ledger::AuthorityEnvelope, life_cycle::Publication};

#[test]
fn a_second_life_passport_is_linked_with_every_original() {
	ExtBuilder::build_and_execute(|| {
		let originals = [derivable(1), derivable(2)];
		let consents = originals.map(|original| {
			let asked = DerivationConsent {
				operation: SecondLife::PreparationForRepurposing,
				..asked(SECOND_LIFE, original, 3)
			};
			consent(MAKER, &asked)
		});
		assert_ok!(Passport::derive(
			signed(SECOND_LIFE),
			originals.to_vec().try_into().unwrap(),
			SecondLife::PreparationForRepurposing,
			NewPassport {
				unique_identifier: identifier(3),
				alias: Some(ALIAS),
				category: Category::StationaryStorage,
				commitments: [Some(commitment(7)), Some(commitment(8)), None, None],
				content_address: Some(address(5)),
				envelopes: BoundedVec::new(),
			},
			consents.to_vec().try_into().unwrap(),
		));

		let deriving = organisation(SECOND_LIFE);
		let successor = record(key(3));
		assert_eq!(successor.predecessors.as_slice(), originals);
		assert_eq!(successor.manufacturer, deriving);
		assert_eq!(successor.responsible_operator, deriving);
		assert_eq!(successor.owner, deriving);
		assert_eq!(successor.operated_by, deriving);
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
			let original = derivable(1);
			let asked = DerivationConsent {
				operation,
				..asked(SECOND_LIFE, original, 2)
			};
			assert_ok!(Passport::derive(
				signed(SECOND_LIFE),
				vec![original].try_into().unwrap(),
				operation,
				battery(2),
				vec![consent(MAKER, &asked)].try_into().unwrap(),
			));
			assert_eq!(record(key(2)).status, status);
		});
	}
}

#[test]
fn the_operator_needs_no_consent_of_its_own() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		state(passport, true);
		assert_ok!(derive_with(MAKER, &[passport], 2, vec![]));
	});
}

#[test]
fn the_modules_of_one_battery_go_into_several_each_by_a_consent_of_its_own() {
	ExtBuilder::build_and_execute(|| {
		let passport = derivable(1);
		let first = consent(MAKER, &asked(SECOND_LIFE, passport, 2));
		assert_ok!(derive_with(SECOND_LIFE, &[passport], 2, vec![first.clone()]));
		assert_noop!(
			derive_with(SECOND_LIFE, &[passport], 3, vec![first]),
			PassportError::BadConsent
		);
		// No statement is asked of a battery that is taken apart: it was shown when the first one was made of it.
		System::set_block_number(1_000);
		assert_ok!(derive_as(SECOND_LIFE, &[passport], 3));
		assert_eq!(record(passport).successors.as_slice(), [key(2), key(3)]);
	});
}

#[test]
fn a_consent_is_used_once() {
	ExtBuilder::build_and_execute(|| {
		let passport = derivable(1);
		let once = consent(MAKER, &asked(SECOND_LIFE, passport, 2));
		assert_ok!(derive_with(SECOND_LIFE, &[passport], 2, vec![once.clone()]));
		// The new passport is there, and when it is closed its identifier is retired.
		assert_noop!(
			derive_with(SECOND_LIFE, &[passport], 2, vec![once.clone()]),
			PassportError::AlreadyRegistered
		);
		assert_ok!(hand_over(SECOND_LIFE, key(2), RECYCLER));
		recycling_batch();
		assert_ok!(close(RECYCLER, key(2)));
		assert_noop!(
			derive_with(SECOND_LIFE, &[passport], 2, vec![once]),
			PassportError::IdentifierRetired
		);
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
				battery(2),
				BoundedVec::new(),
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
fn each_operator_consents() {
	ExtBuilder::build_and_execute(|| {
		let (first, second) = (derivable(1), derivable(2));
		let consents = |passports: &[PassportId]| {
			passports
				.iter()
				.map(|passport| consent(MAKER, &asked(SECOND_LIFE, *passport, 3)))
				.collect::<Vec<_>>()
		};
		for too_few in [&[][..], &[first]] {
			assert_noop!(
				derive_with(SECOND_LIFE, &[first, second], 3, consents(too_few)),
				PassportError::ConsentMissing
			);
		}
		for wrong in [
			// In another order than the predecessors.
			&[second, first][..],
			// One more than is needed.
			&[first, second, second],
		] {
			assert_noop!(
				derive_with(SECOND_LIFE, &[first, second], 3, consents(wrong)),
				PassportError::BadConsent
			);
		}
		assert_ok!(derive_with(
			SECOND_LIFE,
			&[first, second],
			3,
			consents(&[first, second])
		));
	});
}

#[test]
fn only_the_originals_of_others_need_a_consent() {
	ExtBuilder::build_and_execute(|| {
		let own = registered(1);
		state(own, true);
		assert_ok!(register_as(OTHER_MAKER, 2));
		let bought = key(2);
		sell(bought, MAKER);
		state(bought, true);
		let needed = consent(OTHER_MAKER, &asked(MAKER, bought, 3));
		assert_ok!(derive_with(MAKER, &[own, bought], 3, vec![needed]));
	});
}

#[test]
fn a_consent_is_to_this_derivation_and_no_other() {
	ExtBuilder::build_and_execute(|| {
		let (passport, other) = (derivable(1), derivable(2));
		let right = asked(SECOND_LIFE, passport, 3);
		let changed = [
			DerivationConsent {
				predecessor: other,
				..right
			},
			DerivationConsent {
				successor: key(4),
				..right
			},
			DerivationConsent {
				deriving: organisation(OTHER_MAKER),
				..right
			},
			DerivationConsent {
				operation: SecondLife::Remanufacturing,
				..right
			},
			DerivationConsent {
				expires_at: CONSENTED_UNTIL - 1,
				..right
			},
		];
		let derive = |message: Vec<u8>| {
			let consent = Consent {
				account: MAKER,
				signature: TestSignature(MAKER, message),
				expires_at: CONSENTED_UNTIL,
			};
			derive_with(SECOND_LIFE, &[passport], 3, vec![consent])
		};
		for asked in changed {
			assert_noop!(
				derive(asked.message(&genesis_hash()).to_vec()),
				PassportError::BadConsent
			);
		}
		// Of another network.
		assert_noop!(
			derive(right.message(&[9; 32]).to_vec()),
			PassportError::BadConsent
		);
		assert_ok!(derive(right.message(&genesis_hash()).to_vec()));
	});
}

#[test]
fn a_consent_may_be_signed_as_a_wallet_signs() {
	ExtBuilder::build_and_execute(|| {
		let passport = derivable(1);
		let asked = asked(SECOND_LIFE, passport, 2);
		let wrapped = asked.wallet_message(&genesis_hash()).to_vec();
		let sign = |message| Consent {
			account: MAKER,
			signature: TestSignature(MAKER, message),
			expires_at: CONSENTED_UNTIL,
		};
		// Not twice.
		let twice = [b"<Bytes>".as_slice(), &wrapped, b"</Bytes>"].concat();
		assert_noop!(
			derive_with(SECOND_LIFE, &[passport], 2, vec![sign(twice)]),
			PassportError::BadConsent
		);
		assert_ok!(derive_with(SECOND_LIFE, &[passport], 2, vec![sign(wrapped)]));
	});
}

#[test]
fn every_account_of_the_operator_consents_and_no_other() {
	ExtBuilder::build_and_execute(|| {
		let passport = derivable(1);
		let asked = asked(SECOND_LIFE, passport, 2);
		for other in [OTHER_MAKER, SECOND_LIFE, STRANGER] {
			assert_noop!(
				derive_with(SECOND_LIFE, &[passport], 2, vec![consent(other, &asked)]),
				PassportError::BadConsent
			);
		}
		// One that names the operator's account and is signed by another.
		let forged = Consent {
			account: MAKER,
			..consent(SECOND_LIFE, &asked)
		};
		assert_noop!(
			derive_with(SECOND_LIFE, &[passport], 2, vec![forged]),
			PassportError::BadConsent
		);
		assert_ok!(derive_with(
			SECOND_LIFE,
			&[passport],
			2,
			vec![consent(CLERK, &asked)]
		));
	});
}

#[test]
fn a_delegate_does_not_consent() {
	ExtBuilder::build_and_execute(|| {
		let passport = derivable(1);
		delegated(passport, WORKSHOP, &DelegatedRight::ALL);
		let asked = asked(SECOND_LIFE, passport, 2);
		assert_noop!(
			derive_with(SECOND_LIFE, &[passport], 2, vec![consent(WORKSHOP, &asked)]),
			PassportError::BadConsent
		);
	});
}

#[test]
fn a_consent_counts_up_to_its_last_block() {
	ExtBuilder::build_and_execute(|| {
		let passport = derivable(1);
		let until = |expires_at| {
			let asked = DerivationConsent {
				expires_at,
				..asked(SECOND_LIFE, passport, 2)
			};
			vec![consent(MAKER, &asked)]
		};
		System::set_block_number(20);
		assert_noop!(
			derive_with(SECOND_LIFE, &[passport], 2, until(19)),
			PassportError::ConsentExpired
		);
		assert_ok!(derive_with(SECOND_LIFE, &[passport], 2, until(20)));
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
		state(passport, true);
		assert_noop!(derive_as(SECOND_LIFE, &[passport], 2), PassportError::NotOwner);
		// The operator that has sold the battery neither.
		sell(passport, FLEET);
		assert_noop!(derive_as(MAKER, &[passport], 2), PassportError::NotOwner);
		sell(passport, SECOND_LIFE);
		assert_ok!(derive_as(SECOND_LIFE, &[passport], 2));
	});
}

#[test]
fn each_battery_shows_that_it_is_good_for_a_second_life() {
	ExtBuilder::build_and_execute(|| {
		let good = derivable(1);
		let other = registered(2);
		sell(other, SECOND_LIFE);
		assert_noop!(
			derive_as(SECOND_LIFE, &[good, other], 3),
			PassportError::ThresholdNotShown
		);
		state(other, false);
		assert_noop!(
			derive_as(SECOND_LIFE, &[good, other], 3),
			PassportError::BelowThreshold
		);
		state(other, true);
		assert_ok!(derive_as(SECOND_LIFE, &[good, other], 3));
	});
}

#[test]
fn what_a_device_stated_long_ago_shows_nothing() {
	ExtBuilder::build_and_execute(|| {
		let (first, second) = (derivable(1), derivable(2));
		System::set_block_number(1 + StatementValidBlocks::get());
		assert_ok!(derive_as(SECOND_LIFE, &[first], 3));
		System::set_block_number(2 + StatementValidBlocks::get());
		assert_noop!(
			derive_as(SECOND_LIFE, &[second], 4),
			PassportError::ThresholdNotShown
		);
		state(second, true);
		assert_ok!(derive_as(SECOND_LIFE, &[second], 4));
	});
}

#[test]
fn what_was_stated_about_a_lower_threshold_shows_nothing() {
	ExtBuilder::build_and_execute(|| {
		let (first, second) = (derivable(1), derivable(2));
		StateOfHealthThresholdBp::set(7_001);
		assert_noop!(
			derive_as(SECOND_LIFE, &[first], 3),
			PassportError::ThresholdNotShown
		);
		StateOfHealthThresholdBp::set(7_000);
		assert_ok!(derive_as(SECOND_LIFE, &[first], 3));
		// What is at or above 70 % is at or above less.
		StateOfHealthThresholdBp::set(6_999);
		assert_ok!(derive_as(SECOND_LIFE, &[second], 4));
	});
}

#[test]
fn a_battery_below_a_higher_threshold_may_be_at_or_above_this_one() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		sell(passport, SECOND_LIFE);
		state(passport, false);
		// What is below 70 % is below more.
		for (threshold_bp, refusal) in [
			(6_999, PassportError::ThresholdNotShown),
			(7_000, PassportError::BelowThreshold),
			(7_001, PassportError::BelowThreshold),
		] {
			StateOfHealthThresholdBp::set(threshold_bp);
			assert_noop!(derive_as(SECOND_LIFE, &[passport], 2), refusal);
		}
	});
}

#[test]
fn what_a_notified_body_allowed_long_ago_allows_nothing() {
	ExtBuilder::build_and_execute(|| {
		let (first, second) = (registered(1), registered(2));
		for passport in [first, second] {
			sell(passport, SECOND_LIFE);
			override_threshold(passport);
		}
		System::set_block_number(1 + StatementValidBlocks::get());
		assert_ok!(derive_as(SECOND_LIFE, &[first], 3));
		System::set_block_number(2 + StatementValidBlocks::get());
		assert_noop!(
			derive_as(SECOND_LIFE, &[second], 4),
			PassportError::ThresholdNotShown
		);
		override_threshold(second);
		assert_ok!(derive_as(SECOND_LIFE, &[second], 4));
	});
}

#[test]
fn a_notified_body_overrides_the_threshold_once() {
	ExtBuilder::build_and_execute(|| {
		let (silent, weak) = (registered(1), registered(2));
		for passport in [silent, weak] {
			sell(passport, SECOND_LIFE);
			override_threshold(passport);
		}
		state(weak, false);
		assert_ok!(derive_as(SECOND_LIFE, &[silent, weak], 3));
		for passport in [silent, weak] {
			assert_eq!(record(passport).overridden_at, None);
		}
	});
}

#[test]
fn waste_is_prepared_for_re_use_when_a_notified_body_has_checked_it() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(hand_over(MAKER, passport, OTHER_MAKER));
		// What the device says counts no more.
		state(passport, true);
		assert_noop!(
			derive_as(OTHER_MAKER, &[passport], 2),
			PassportError::ThresholdNotShown
		);
		override_threshold(passport);
		assert_ok!(derive_as(OTHER_MAKER, &[passport], 2));
		assert_eq!(record(passport).status, Status::Waste);
		assert_eq!(record(key(2)).status, Status::Repurposed);
		// The rest of it is waste still.
		assert_noop!(
			derive_as(OTHER_MAKER, &[passport], 3),
			PassportError::ThresholdNotShown
		);
	});
}

#[test]
fn a_history_that_is_full_but_for_its_end_lets_nothing_be_derived() {
	ExtBuilder::build_and_execute(|| {
		let (full, almost) = (derivable(1), derivable(2));
		fill_history(full, KEPT_FROM_USE + 1);
		assert_noop!(derive_as(SECOND_LIFE, &[full], 3), PassportError::HistoryFull);
		fill_history(almost, KEPT_FROM_USE + 2);
		assert_ok!(derive_as(SECOND_LIFE, &[almost], 3));
	});
}

#[test]
fn the_envelopes_that_are_demanded_come_with_the_new_passport() {
	ExtBuilder::build_and_execute(|| {
		let passport = derivable(1);
		Demanded::set(vec![(organisation(AUTHORITY), DataSet::Model)]);
		let derive = |envelopes: Vec<AuthorityEnvelope>| {
			let call = Call::derive {
				predecessors: vec![passport].try_into().unwrap(),
				operation: SecondLife::Repurposing,
				new: NewPassport {
					envelopes: envelopes.try_into().unwrap(),
					..battery(2)
				},
				consents: vec![consent(MAKER, &asked(SECOND_LIFE, passport, 2))]
					.try_into()
					.unwrap(),
			};
			send(SECOND_LIFE, call)
		};
		let envelope = AuthorityEnvelope {
			authority: organisation(AUTHORITY),
			data_set: DataSet::Model,
			bytes: [1; 80],
		};
		assert_noop!(derive(vec![]), PassportError::EnvelopeMissing);
		assert_ok!(derive(vec![envelope]));
		assert_eq!(Deposited::get().last(), Some(&(key(2), vec![envelope])));
	});
}

#[test]
fn a_battery_has_at_most_sixteen_successors() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		state(passport, true);
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
		let derive = |new: NewPassport| {
			let asked = DerivationConsent {
				successor: Passport::passport_id(&new.unique_identifier),
				..asked(SECOND_LIFE, passport, 9)
			};
			Passport::derive(
				signed(SECOND_LIFE),
				vec![passport].try_into().unwrap(),
				SecondLife::Repurposing,
				new,
				vec![consent(MAKER, &asked)].try_into().unwrap(),
			)
		};
		let table = [
			(
				NewPassport {
					unique_identifier: name(b""),
					..battery(9)
				},
				PassportError::InvalidIdentifier,
			),
			(
				NewPassport {
					alias: Some([b'x'; 18]),
					..battery(9)
				},
				PassportError::InvalidAlias,
			),
			(
				NewPassport {
					commitments: [None; 4],
					..battery(9)
				},
				PassportError::CommitmentMissing,
			),
			(
				NewPassport {
					content_address: Some(bad_address()),
					..battery(9)
				},
				PassportError::InvalidContentAddress,
			),
			(battery(1), PassportError::AlreadyRegistered),
			(battery(3), PassportError::IdentifierRetired),
			(
				NewPassport {
					alias: Some(ALIAS),
					..battery(9)
				},
				PassportError::AliasTaken,
			),
		];
		for (new, refusal) in table {
			assert_noop!(derive(new), refusal);
		}
		assert_ok!(derive(NewPassport {
			alias: Some(OTHER_ALIAS),
			content_address: Some(address(1)),
			..battery(9)
		}));
	});
}
