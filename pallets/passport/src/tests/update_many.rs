use super::*;

fn update(passport: PassportId, data_set: DataSet, seed: u8) -> CommitmentUpdate {
	CommitmentUpdate {
		passport,
		data_set,
		commitment: commitment(seed),
		content_address: None,
	}
}

fn update_many(account: AccountId, updates: Vec<CommitmentUpdate>) -> DispatchResult {
	send(
		account,
		Call::update_many {
			updates: updates.try_into().unwrap(),
		},
	)
}

#[test]
fn updates_are_made_one_after_the_other() {
	ExtBuilder::build_and_execute(|| {
		let (first, second) = (registered(1), registered(2));
		assert_ok!(update_many(
			MAKER,
			vec![
				update(first, DataSet::Model, 2),
				update(second, DataSet::Composition, 3),
				CommitmentUpdate {
					content_address: Some(address(4)),
					..update(first, DataSet::Model, 5)
				},
			]
		));
		let stored = record(first);
		assert_eq!(stored.commitment(DataSet::Model), Some(commitment(5)));
		assert_eq!(stored.content_address, Some(address(4)));
		assert_eq!(stored.version, 3);
		let updated = |seed| {
			(
				HistoryKind::CommitmentUpdated,
				organisation(MAKER),
				Some(DocumentHash([seed; 32])),
			)
		};
		assert_eq!(last_entries(first), [updated(2), updated(5)]);
		assert_eq!(last_entries(second), [updated(3)]);
	});
}

#[test]
fn one_that_is_refused_refuses_all() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(register_as(OTHER_MAKER, 2));
		let good = update(passport, DataSet::Model, 2);
		let table = [
			(update(key(9), DataSet::Model, 2), PassportError::NotFound),
			(update(key(2), DataSet::Model, 2), PassportError::NotAuthorized),
			(good.clone(), PassportError::Unchanged),
			(
				CommitmentUpdate {
					content_address: Some(bad_address()),
					..update(passport, DataSet::Composition, 2)
				},
				PassportError::InvalidContentAddress,
			),
		];
		for (bad, refusal) in table {
			assert_noop!(update_many(MAKER, vec![good.clone(), bad]), refusal);
		}
	});
}

#[test]
fn a_batch_is_not_empty() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(update_many(MAKER, vec![]), PassportError::EmptyBatch);
	});
}

#[test]
fn accounts_that_may_not_act_update_nothing() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		refuses_whoever_may_not_act(|origin| {
			let updates = vec![update(passport, DataSet::Model, 2)];
			Passport::update_many(origin, updates.try_into().unwrap())
		});
	});
}

#[test]
fn nothing_is_updated_while_an_authority_waits_for_an_envelope() {
	ExtBuilder::build_and_execute(|| {
		let (first, second) = (registered(1), registered(2));
		Due::set(vec![second]);
		assert_noop!(
			update_many(
				MAKER,
				vec![
					update(first, DataSet::Model, 2),
					update(second, DataSet::Model, 2)
				]
			),
			PassportError::EnvelopesDue
		);
	});
}
