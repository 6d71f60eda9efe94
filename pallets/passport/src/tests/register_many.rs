use super::*;

fn register_many(account: AccountId, passports: Vec<NewPassport>) -> DispatchResult {
	send(
		account,
		Call::register_many {
			passports: passports.try_into().unwrap(),
		},
	)
}

#[test]
fn as_many_as_fit_are_registered_at_once() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(register_many(MAKER, (0..32).map(battery).collect()));
		assert_eq!(Passports::<Test>::count(), 32);
		for number in 0..32 {
			let stored = record(key(number));
			assert_eq!(stored.manufacturer, organisation(MAKER));
			assert_eq!(stored.unique_identifier, identifier(number));
			assert_eq!(
				last_entries(key(number)),
				[(
					HistoryKind::Registered,
					organisation(MAKER),
					Some(DocumentHash([1; 32]))
				)]
			);
		}
		let one_too_many: Vec<_> = (0..33).map(battery).collect();
		assert!(BoundedVec::<_, ConstU32<MAX_BATCH>>::try_from(one_too_many).is_err());
	});
}

#[test]
fn one_that_is_refused_refuses_all() {
	ExtBuilder::build_and_execute(|| {
		registered(5);
		let with_alias = |number| NewPassport {
			alias: Some(ALIAS),
			..battery(number)
		};
		let table = [
			(vec![battery(1), battery(5)], PassportError::AlreadyRegistered),
			(vec![battery(1), battery(1)], PassportError::AlreadyRegistered),
			(vec![with_alias(1), with_alias(2)], PassportError::AliasTaken),
			(
				vec![
					battery(1),
					NewPassport {
						commitments: [None; 4],
						..battery(2)
					},
				],
				PassportError::CommitmentMissing,
			),
		];
		for (passports, refusal) in table {
			assert_noop!(register_many(MAKER, passports), refusal);
		}
	});
}

#[test]
fn each_brings_its_own_envelopes() {
	ExtBuilder::build_and_execute(|| {
		Demanded::set(vec![(organisation(AUTHORITY), DataSet::Model)]);
		let envelope = passport_primitives::ledger::AuthorityEnvelope {
			authority: organisation(AUTHORITY),
			data_set: DataSet::Model,
			bytes: [1; 80],
		};
		let with_envelope = |number| NewPassport {
			envelopes: vec![envelope].try_into().unwrap(),
			..battery(number)
		};
		assert_noop!(
			register_many(MAKER, vec![with_envelope(1), battery(2)]),
			PassportError::EnvelopeMissing
		);
		Deposited::take();
		assert_ok!(register_many(MAKER, vec![with_envelope(1), with_envelope(2)]));
		assert_eq!(
			Deposited::get(),
			[(key(1), vec![envelope]), (key(2), vec![envelope])]
		);
	});
}

#[test]
fn a_batch_is_not_empty() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(register_many(MAKER, vec![]), PassportError::EmptyBatch);
	});
}

#[test]
fn accounts_that_may_not_act_register_nothing() {
	ExtBuilder::build_and_execute(|| {
		refuses_whoever_may_not_act(|origin| {
			Passport::register_many(origin, vec![battery(1)].try_into().unwrap())
		});
	});
}

#[test]
fn only_manufacturers_register() {
	ExtBuilder::build_and_execute(|| {
		for member in members_except(&[MAKER, OTHER_MAKER]) {
			assert_noop!(
				register_many(member, vec![battery(1)]),
				PassportError::NotAuthorized
			);
		}
	});
}
