use super::*;
use passport_primitives::{ledger::AuthorityEnvelope, life_cycle::Publication};

fn register_names(unique_identifier: UniqueIdentifier, alias: Option<Alias>) -> DispatchResult {
	let new = NewPassport {
		unique_identifier,
		alias,
		..battery(1)
	};
	Passport::register(signed(MAKER), new)
}

#[test]
fn a_manufacturer_becomes_operator_and_owner_of_what_it_registers() {
	ExtBuilder::build_and_execute(|| {
		let commitments = [
			Some(commitment(1)),
			Some(commitment(2)),
			None,
			Some(commitment(4)),
		];
		assert_ok!(Passport::register(
			signed(MAKER),
			NewPassport {
				unique_identifier: identifier(7),
				alias: Some(ALIAS),
				category: Category::LightMeansOfTransport,
				commitments,
				content_address: Some(address(9)),
				envelopes: BoundedVec::new(),
			}
		));

		let maker = organisation(MAKER);
		let stored = record(key(7));
		assert_eq!(
			stored,
			crate::Passport {
				unique_identifier: identifier(7),
				alias: Some(ALIAS),
				category: Category::LightMeansOfTransport,
				manufacturer: maker,
				responsible_operator: maker,
				owner: maker,
				operated_by: maker,
				status: Status::Original,
				publication: Publication::Active,
				threshold: None,
				overridden_at: None,
				commitments,
				content_address: Some(address(9)),
				version: 1,
				predecessors: Links::new(),
				successors: Links::new(),
				history_head: stored.history_head,
				history_length: 1,
				registered_at: 1,
				devices: Default::default(),
			}
		);
		assert_eq!(Aliases::<Test>::get(ALIAS), Some(key(7)));
		assert_eq!(Passports::<Test>::count(), 1);
		assert_eq!(
			last_entries(key(7)),
			[(HistoryKind::Registered, maker, Some(DocumentHash([1; 32])))]
		);
		assert_eq!(
			events().first(),
			Some(&Event::Registered {
				passport: key(7),
				unique_identifier: identifier(7),
				alias: Some(ALIAS),
				category: Category::LightMeansOfTransport,
				operator: maker,
				status: Status::Original,
			})
		);
	});
}

#[test]
fn an_alias_is_not_needed() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_eq!(record(passport).alias, None);
		assert_eq!(Aliases::<Test>::iter().count(), 0);
	});
}

#[test]
fn accounts_that_may_not_act_register_nothing() {
	ExtBuilder::build_and_execute(|| {
		refuses_whoever_may_not_act(|origin| Passport::register(origin, battery(1)));
	});
}

#[test]
fn only_manufacturers_register() {
	ExtBuilder::build_and_execute(|| {
		for member in members_except(&[MAKER, OTHER_MAKER]) {
			assert_noop!(register_as(member, 1), PassportError::NotAuthorized);
		}
		assert_ok!(register_as(MAKER, 1));
		assert_ok!(register_as(OTHER_MAKER, 2));
	});
}

#[test]
fn an_identifier_is_printable_and_not_empty() {
	ExtBuilder::build_and_execute(|| {
		for wrong in [&b""[..], b"two words", "ä".as_bytes()] {
			assert_noop!(
				register_names(name(wrong), None),
				PassportError::InvalidIdentifier
			);
		}
		assert_ok!(register_names(name(&[b'x'; 128]), None));
	});
}

#[test]
fn an_alias_has_the_protocols_form() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(
			register_names(identifier(1), Some(*b"BAT-2027-Li-000001")),
			PassportError::InvalidAlias
		);
		assert_ok!(register_names(identifier(1), Some(ALIAS)));
	});
}

#[test]
fn data_set_1_is_always_committed_to() {
	ExtBuilder::build_and_execute(|| {
		let register = |commitments| {
			let new = NewPassport {
				commitments,
				..battery(1)
			};
			Passport::register(signed(MAKER), new)
		};
		let without_model = [
			None,
			Some(commitment(2)),
			Some(commitment(3)),
			Some(commitment(4)),
		];
		assert_noop!(register(without_model), PassportError::CommitmentMissing);
		assert_ok!(register(MODEL_ONLY));
	});
}

#[test]
fn a_content_address_is_a_cid() {
	ExtBuilder::build_and_execute(|| {
		let register = |address| {
			let new = NewPassport {
				content_address: Some(address),
				..battery(1)
			};
			Passport::register(signed(MAKER), new)
		};
		assert_noop!(register(bad_address()), PassportError::InvalidContentAddress);
		assert_ok!(register(address(1)));
	});
}

#[test]
fn a_battery_is_registered_once() {
	ExtBuilder::build_and_execute(|| {
		registered(1);
		assert_noop!(register_as(MAKER, 1), PassportError::AlreadyRegistered);
		assert_noop!(register_as(OTHER_MAKER, 1), PassportError::AlreadyRegistered);
	});
}

#[test]
fn the_identifier_of_a_closed_passport_is_never_given_again() {
	ExtBuilder::build_and_execute(|| {
		closed(1);
		assert_noop!(register_as(MAKER, 1), PassportError::IdentifierRetired);
	});
}

#[test]
fn an_alias_names_one_battery() {
	ExtBuilder::build_and_execute(|| {
		registered_with_alias(1, ALIAS);
		assert_noop!(
			register_names(identifier(2), Some(ALIAS)),
			PassportError::AliasTaken
		);
		assert_ok!(register_names(identifier(2), Some(OTHER_ALIAS)));
	});
}

#[test]
fn the_alias_of_a_closed_passport_is_never_given_again() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered_with_alias(1, ALIAS);
		recycle(passport);
		assert_noop!(
			register_names(identifier(2), Some(ALIAS)),
			PassportError::AliasTaken
		);
		assert_noop!(register_names(name(&ALIAS), None), PassportError::AliasTaken);
	});
}

#[test]
fn an_identifier_is_no_other_batterys_alias() {
	ExtBuilder::build_and_execute(|| {
		registered_with_alias(1, ALIAS);
		assert_noop!(register_names(name(&ALIAS), None), PassportError::AliasTaken);
		assert_ok!(register_names(name(&OTHER_ALIAS), None));
	});
}

#[test]
fn an_alias_is_no_other_batterys_identifier() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(register_names(name(&ALIAS), None));
		assert_noop!(
			register_names(identifier(2), Some(ALIAS)),
			PassportError::AliasTaken
		);

		let passport = Passport::passport_id(&ALIAS);
		recycle(passport);
		assert_noop!(
			register_names(identifier(2), Some(ALIAS)),
			PassportError::AliasTaken
		);
	});
}

#[test]
fn one_battery_may_go_by_the_same_name_twice() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(register_names(name(&ALIAS), Some(ALIAS)));
		assert_eq!(Aliases::<Test>::get(ALIAS), Some(Passport::passport_id(&ALIAS)));
	});
}

fn envelope(authority: AccountId, data_set: DataSet) -> AuthorityEnvelope {
	AuthorityEnvelope {
		authority: organisation(authority),
		data_set,
		bytes: [data_set.point(); 80],
	}
}

/// A battery with a commitment to data set 2 as well.
fn with_composition(envelopes: &[AuthorityEnvelope]) -> Call<Test> {
	Call::register {
		new: NewPassport {
			commitments: [Some(commitment(1)), Some(commitment(2)), None, None],
			envelopes: envelopes.to_vec().try_into().unwrap(),
			..battery(1)
		},
	}
}

#[test]
fn the_envelopes_that_are_demanded_come_with_the_passport() {
	ExtBuilder::build_and_execute(|| {
		Demanded::set(vec![
			(organisation(AUTHORITY), DataSet::Composition),
			// There is nothing of this data set yet.
			(organisation(AUTHORITY), DataSet::TestReports),
		]);
		assert_noop!(send(MAKER, with_composition(&[])), PassportError::EnvelopeMissing);
		let wanted = envelope(AUTHORITY, DataSet::Composition);
		assert_ok!(send(MAKER, with_composition(&[wanted])));
		assert_eq!(Deposited::get(), [(key(1), vec![wanted])]);
	});
}

#[test]
fn envelopes_that_are_not_demanded_are_not_taken() {
	ExtBuilder::build_and_execute(|| {
		Demanded::set(vec![(organisation(AUTHORITY), DataSet::Composition)]);
		let wanted = envelope(AUTHORITY, DataSet::Composition);
		for superfluous in [
			envelope(AUTHORITY, DataSet::Individual),
			envelope(NOTIFIED_BODY, DataSet::Composition),
		] {
			assert_noop!(
				send(MAKER, with_composition(&[wanted, superfluous])),
				PassportError::EnvelopeNotDemanded
			);
		}
		assert!(Deposited::get().is_empty());
	});
}
