use super::*;
use crate::history::{KEPT_FROM_HAND, KEPT_FROM_OTHERS};

fn record_as(account: AccountId, passport: PassportId, kind: EventKind) -> DispatchResult {
	Passport::record_event(signed(account), passport, kind, EVIDENCE)
}

#[test]
fn an_event_goes_into_the_history_with_its_evidence() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		System::set_block_number(12);
		assert_ok!(record_as(QUALITY, passport, EventKind::QualityCertified));

		let entry = HistoryEntry {
			index: 1,
			kind: HistoryKind::Event(EventKind::QualityCertified),
			organisation: organisation(QUALITY),
			block: 12,
			evidence: Some(EVIDENCE),
		};
		let stored = record(passport);
		assert_eq!(stored.history_length, 2);
		assert_eq!(
			events().last(),
			Some(&Event::HistoryExtended {
				passport,
				entry,
				head: stored.history_head
			})
		);
	});
}

#[test]
fn each_event_is_recorded_by_those_that_table_5_3_names() {
	// MAKER is the responsible operator, FLEET the owner.
	let table = [
		(EventKind::ManufacturingComplete, vec![MAKER]),
		(EventKind::QualityCertified, vec![QUALITY, NOTIFIED_BODY]),
		(EventKind::LocationUpdate, vec![MAKER, FLEET, CARRIER]),
		(EventKind::Installation, vec![MAKER, FLEET, WORKSHOP]),
		(EventKind::MaintenanceRequired, vec![MAKER, FLEET, WORKSHOP]),
		(EventKind::EndOfLife, vec![MAKER, FLEET]),
		(
			EventKind::RecyclingInitiated,
			vec![MAKER, FLEET, RECYCLER, OTHER_RECYCLER],
		),
	];
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		sell(passport, FLEET);
		for (kind, recorders) in table {
			for member in &recorders {
				assert_ok!(record_as(*member, passport, kind));
			}
			for member in members_except(&recorders) {
				assert_noop!(record_as(member, passport, kind), PassportError::NotAuthorized);
			}
		}
	});
}

#[test]
fn a_delegate_records_what_the_operator_may() {
	let table = [
		(EventKind::ManufacturingComplete, true),
		(EventKind::QualityCertified, false),
		(EventKind::LocationUpdate, true),
		(EventKind::Installation, true),
		(EventKind::MaintenanceRequired, true),
		(EventKind::EndOfLife, true),
		(EventKind::RecyclingInitiated, true),
	];
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		delegated(passport, AUTHORITY, &[DelegatedRight::RecordEvents]);
		delegated(passport, OTHER_MAKER, &[DelegatedRight::UpdateCommitments]);
		for (kind, may) in table {
			if may {
				assert_ok!(record_as(AUTHORITY, passport, kind));
			} else {
				assert_noop!(record_as(AUTHORITY, passport, kind), PassportError::NotAuthorized);
			}
			assert_noop!(
				record_as(OTHER_MAKER, passport, kind),
				PassportError::NotAuthorized
			);
		}
	});
}

#[test]
fn whoever_operates_a_battery_has_no_right_over_its_record() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		let (owner, operator) = (organisation(WORKSHOP), organisation(FLEET));
		assert_eq!(Passport::set_owner(&passport, owner, Some(operator)), Ok(()));
		assert_noop!(
			record_as(FLEET, passport, EventKind::EndOfLife),
			PassportError::NotAuthorized
		);
	});
}

#[test]
fn a_full_history_takes_no_event() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		fill_history(passport, KEPT_FROM_HAND + 1);
		assert_ok!(record_as(MAKER, passport, EventKind::Installation));
		assert_noop!(
			record_as(MAKER, passport, EventKind::Installation),
			PassportError::HistoryFull
		);
	});
}

#[test]
fn who_has_no_part_in_a_battery_can_not_fill_its_history() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		sell(passport, FLEET);
		fill_history(passport, KEPT_FROM_OTHERS + 1);
		assert_ok!(record_as(WORKSHOP, passport, EventKind::MaintenanceRequired));
		assert_noop!(
			record_as(WORKSHOP, passport, EventKind::MaintenanceRequired),
			PassportError::HistoryFull
		);
		for party in [MAKER, FLEET] {
			assert_ok!(record_as(party, passport, EventKind::MaintenanceRequired));
		}
	});
}

#[test]
fn what_the_ledger_writes_nobody_records_by_hand() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		for kind in [
			EventKind::OwnershipTransfer,
			EventKind::SohThreshold,
			EventKind::SecondLifeConversion,
			EventKind::MaterialsRecovered,
		] {
			for member in MEMBERS {
				assert_noop!(
					record_as(member, passport, kind),
					PassportError::RecordedByLedgerOnly
				);
			}
		}
	});
}

#[test]
fn accounts_that_may_not_act_record_nothing() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		refuses_whoever_may_not_act(|origin| {
			Passport::record_event(origin, passport, EventKind::LocationUpdate, EVIDENCE)
		});
	});
}

#[test]
fn a_passport_that_is_not_there_is_not_found() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(
			record_as(MAKER, key(1), EventKind::Installation),
			PassportError::NotFound
		);
	});
}

#[test]
fn a_superseded_passport_takes_no_events() {
	ExtBuilder::build_and_execute(|| {
		let (original, successor) = superseded(1, 2);
		assert_noop!(
			record_as(MAKER, original, EventKind::Installation),
			PassportError::NotActive
		);
		assert_ok!(record_as(SECOND_LIFE, successor, EventKind::Installation));
	});
}
