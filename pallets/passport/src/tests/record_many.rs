use super::*;

fn event(passport: PassportId, kind: EventKind) -> EventRecord {
	EventRecord {
		passport,
		kind,
		evidence: EVIDENCE,
	}
}

fn record_many(account: AccountId, events: Vec<EventRecord>) -> DispatchResult {
	send(
		account,
		Call::record_many {
			events: events.try_into().unwrap(),
		},
	)
}

#[test]
fn events_are_recorded_one_after_the_other() {
	ExtBuilder::build_and_execute(|| {
		let (first, second) = (registered(1), registered(2));
		assert_ok!(record_many(
			CARRIER,
			vec![
				event(first, EventKind::LocationUpdate),
				event(second, EventKind::LocationUpdate),
				event(first, EventKind::LocationUpdate),
			]
		));
		let moved = (
			HistoryKind::Event(EventKind::LocationUpdate),
			organisation(CARRIER),
			Some(EVIDENCE),
		);
		assert_eq!(last_entries(first), [moved, moved]);
		assert_eq!(last_entries(second), [moved]);
	});
}

#[test]
fn a_whole_batch_goes_into_one_history_over_its_pages() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(record_many(
			MAKER,
			vec![event(passport, EventKind::Installation); 32]
		));
		assert_eq!(record(passport).history_length, 33);
		assert_eq!(Passport::history(passport, 2).len(), 1);
	});
}

#[test]
fn one_that_is_refused_refuses_all() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		let (original, _) = superseded(2, 3);
		let table = [
			(event(key(9), EventKind::Installation), PassportError::NotFound),
			(event(original, EventKind::Installation), PassportError::NotActive),
			(
				event(passport, EventKind::QualityCertified),
				PassportError::NotAuthorized,
			),
			(
				event(passport, EventKind::SohThreshold),
				PassportError::RecordedByLedgerOnly,
			),
		];
		for (bad, refusal) in table {
			let good = event(passport, EventKind::Installation);
			assert_noop!(record_many(MAKER, vec![good, bad]), refusal);
		}
	});
}

#[test]
fn a_batch_is_not_empty() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(record_many(MAKER, vec![]), PassportError::EmptyBatch);
	});
}

#[test]
fn accounts_that_may_not_act_record_nothing() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		refuses_whoever_may_not_act(|origin| {
			let events = vec![event(passport, EventKind::LocationUpdate)];
			Passport::record_many(origin, events.try_into().unwrap())
		});
	});
}
