use super::*;
use passport_primitives::life_cycle::Publication;

fn register_names(unique_identifier: UniqueIdentifier, alias: Option<Alias>) -> DispatchResult {
	Passport::register(
		signed(MAKER),
		unique_identifier,
		alias,
		Category::Industrial,
		MODEL_ONLY,
		None,
	)
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
			identifier(7),
			Some(ALIAS),
			Category::LightMeansOfTransport,
			commitments,
			Some(address(9)),
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
				status: Status::Original,
				publication: Publication::Active,
				commitments,
				content_address: Some(address(9)),
				version: 1,
				predecessors: Links::new(),
				successors: Links::new(),
				history_head: stored.history_head,
				history_length: 1,
				registered_at: 1,
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
		refuses_whoever_may_not_act(|origin| {
			Passport::register(
				origin,
				identifier(1),
				None,
				Category::Industrial,
				MODEL_ONLY,
				None,
			)
		});
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
			Passport::register(
				signed(MAKER),
				identifier(1),
				None,
				Category::Industrial,
				commitments,
				None,
			)
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
			Passport::register(
				signed(MAKER),
				identifier(1),
				None,
				Category::Industrial,
				MODEL_ONLY,
				Some(address),
			)
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
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
		assert_ok!(close(RECYCLER, passport));
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
		assert_ok!(hand_over(MAKER, passport, RECYCLER));
		assert_ok!(close(RECYCLER, passport));
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
