use super::NOT_ACTIVE;
use crate::{mock::*, AuthorityEnvelopeList, Error, Event, StoredEnvelope, MAX_AUTHORITY_ENVELOPES};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	data_set::{Audience, DataSet, DataSets},
	ledger::{AuthorityEnvelope, DelegatedRight, KeyEpochs, ENVELOPE_BYTES},
};
use sp_runtime::{DispatchError, DispatchResult};

fn deposit(account: u64, key_epoch: u32, envelopes: &[AuthorityEnvelope]) -> DispatchResult {
	AccessGrant::deposit_envelopes(
		RuntimeOrigin::signed(account),
		BATTERY,
		key_epoch,
		envelopes.to_vec().try_into().unwrap(),
	)
}

fn composition(mark: u8) -> AuthorityEnvelope {
	for_authority(AUTHORITY, DataSet::Composition, mark)
}

fn test_reports(mark: u8) -> AuthorityEnvelope {
	for_authority(AUTHORITY, DataSet::TestReports, mark)
}

fn stored(data_set: DataSet, key_epoch: u32, mark: u8) -> StoredEnvelope {
	StoredEnvelope {
		data_set,
		key_epoch,
		bytes: [mark; ENVELOPE_BYTES],
	}
}

fn keys() -> Vec<StoredEnvelope> {
	AccessGrant::envelopes_for(BATTERY, organisation(AUTHORITY))
}

#[test]
fn after_a_new_epoch_the_operator_gives_the_authority_the_new_key() {
	ExtBuilder.build_and_execute(|| {
		demand_for(&[AUTHORITY]);
		assert_ok!(deposit(MAKER, 0, &[composition(1)]));
		StoredEpochs::advance(&BATTERY);
		assert_ok!(deposit(MAKER, 1, &[composition(2)]));
		assert_eq!(keys(), [stored(DataSet::Composition, 1, 2)]);
		assert_eq!(
			last_event(),
			Event::EnvelopesDeposited {
				passport: BATTERY,
				key_epoch: 1,
				envelopes: 1
			}
			.into()
		);
	});
}

#[test]
fn what_is_due_is_deposited_and_what_is_not_stays() {
	ExtBuilder.build_and_execute(|| {
		demand_for(&[AUTHORITY]);
		assert_ok!(deposit(MAKER, 0, &[composition(1)]));
		StoredPassports::commit(BATTERY, DataSets::ALL);
		assert_ok!(deposit(MAKER, 0, &[test_reports(2)]));
		assert_eq!(
			keys(),
			[
				stored(DataSet::Composition, 0, 1),
				stored(DataSet::TestReports, 0, 2)
			]
		);
	});
}

#[test]
fn an_envelope_that_did_not_open_is_replaced_in_the_same_epoch() {
	ExtBuilder.build_and_execute(|| {
		demand_for(&[AUTHORITY]);
		StoredPassports::commit(BATTERY, DataSets::ALL);
		assert_ok!(deposit(MAKER, 0, &[composition(1), test_reports(2)]));
		assert_ok!(deposit(MAKER, 0, &[composition(9)]));
		assert_eq!(
			keys(),
			[
				stored(DataSet::Composition, 0, 9),
				stored(DataSet::TestReports, 0, 2)
			]
		);
	});
}

#[test]
fn an_envelope_that_is_due_must_be_there() {
	ExtBuilder.build_and_execute(|| {
		demand_for(&[AUTHORITY]);
		StoredPassports::commit(BATTERY, DataSets::ALL);
		for envelopes in [vec![], vec![composition(1)], vec![test_reports(1)]] {
			assert_noop!(
				deposit(MAKER, 0, &envelopes),
				Error::<Test>::AuthorityEnvelopeMissing
			);
		}
		assert_ok!(deposit(MAKER, 0, &[composition(1), test_reports(1)]));
		// Nothing is due any more, so nothing is missing.
		assert_ok!(deposit(MAKER, 0, &[]));
		assert_eq!(keys().len(), 2);
	});
}

#[test]
fn an_envelope_that_is_not_demanded_is_not_stored() {
	ExtBuilder.build_and_execute(|| {
		demand_for(&[AUTHORITY]);
		for other in [
			for_authority(NOTIFIED_BODY, DataSet::Composition, 1),
			for_authority(BROKER, DataSet::Composition, 1),
			for_authority(AUTHORITY, DataSet::Model, 1),
			for_authority(AUTHORITY, DataSet::TestReports, 1),
			for_authority(AUTHORITY, DataSet::Individual, 1),
			composition(2),
		] {
			assert_noop!(
				deposit(MAKER, 0, &[composition(1), other]),
				Error::<Test>::EnvelopeNotDemanded
			);
		}
	});
}

#[test]
fn envelopes_of_another_epoch_are_refused() {
	ExtBuilder.build_and_execute(|| {
		demand_for(&[AUTHORITY]);
		StoredEpochs::advance(&BATTERY);
		for key_epoch in [0, 2] {
			assert_noop!(
				deposit(MAKER, key_epoch, &[composition(1)]),
				Error::<Test>::StaleEpoch
			);
		}
		// Without a device the epoch is 0.
		StoredEpochs::remove(BATTERY);
		assert_noop!(deposit(MAKER, 1, &[composition(1)]), Error::<Test>::StaleEpoch);
		assert_ok!(deposit(MAKER, 0, &[composition(1)]));
	});
}

#[test]
fn a_delegate_deposits_and_nobody_else() {
	ExtBuilder.build_and_execute(|| {
		demand_for(&[AUTHORITY]);
		StoredPassports::delegate(BATTERY, DELEGATE, DelegatedRight::UpdateCommitments);
		for account in [AUTHORITY, BROKER, RECYCLER, DELEGATE] {
			assert_noop!(
				deposit(account, 0, &[composition(1)]),
				Error::<Test>::NotAuthorized
			);
		}
		for (account, error) in NOT_ACTIVE {
			assert_noop!(deposit(account, 0, &[composition(1)]), error);
		}
		assert_noop!(
			AccessGrant::deposit_envelopes(
				RuntimeOrigin::root(),
				BATTERY,
				0,
				vec![composition(1)].try_into().unwrap()
			),
			DispatchError::BadOrigin
		);
		StoredPassports::delegate(BATTERY, DELEGATE, DelegatedRight::DecideAccess);
		assert_ok!(deposit(DELEGATE, 0, &[composition(1)]));
	});
}

#[test]
fn a_passport_that_is_gone_takes_no_envelopes() {
	ExtBuilder.build_and_execute(|| {
		demand_for(&[AUTHORITY]);
		StoredPassports::close(BATTERY);
		assert_noop!(
			deposit(MAKER, 0, &[composition(1)]),
			Error::<Test>::PassportNotFound
		);
	});
}

#[test]
fn an_authority_that_is_no_longer_named_loses_its_entry_with_the_next_deposit() {
	ExtBuilder.build_and_execute(|| {
		let eight: Vec<u64> = (FIRST_AUTHORITY..FIRST_AUTHORITY + 8).collect();
		demand_for(&eight);
		let envelopes: Vec<_> = eight
			.iter()
			.map(|authority| for_authority(*authority, DataSet::Composition, 1))
			.collect();
		assert_ok!(deposit(MAKER, 0, &envelopes));
		demand_for(&[AUTHORITY, FIRST_AUTHORITY]);
		assert_ok!(deposit(MAKER, 0, &[composition(2)]));
		let entries = |account| AccessGrant::envelopes_for(BATTERY, organisation(account)).len();
		assert_eq!(entries(AUTHORITY), 1);
		assert_eq!(entries(FIRST_AUTHORITY), 1);
		for gone in &eight[1..] {
			assert_eq!(entries(*gone), 0);
		}
	});
}

#[test]
fn the_keys_of_a_suspended_authority_wait_for_it() {
	ExtBuilder.build_and_execute(|| {
		demand_for(&[AUTHORITY, NOTIFIED_BODY]);
		let other = |mark| for_authority(NOTIFIED_BODY, DataSet::Composition, mark);
		assert_ok!(deposit(MAKER, 0, &[composition(1), other(1)]));
		TableOfMembers::suspend(AUTHORITY);
		assert_ok!(deposit(MAKER, 0, &[other(2)]));
		TableOfMembers::reinstate(AUTHORITY);
		assert_eq!(keys(), [stored(DataSet::Composition, 0, 1)]);
		assert_eq!(AccessGrant::due_envelopes(BATTERY), []);
	});
}

#[test]
fn a_data_set_that_the_table_no_longer_shows_goes_with_the_next_deposit() {
	ExtBuilder.build_and_execute(|| {
		demand_for(&[AUTHORITY]);
		StoredPassports::commit(BATTERY, DataSets::ALL);
		assert_ok!(deposit(MAKER, 0, &[composition(1), test_reports(1)]));
		assert_ok!(AccessGrant::set_access(
			RuntimeOrigin::root(),
			Audience::Authority,
			COMPOSITION
		));
		assert_ok!(deposit(MAKER, 0, &[composition(2)]));
		assert_eq!(keys(), [stored(DataSet::Composition, 0, 2)]);
	});
}

#[test]
fn as_many_envelopes_as_there_can_be_are_taken_at_once() {
	ExtBuilder.build_and_execute(|| {
		let eight: Vec<u64> = (FIRST_AUTHORITY..FIRST_AUTHORITY + 8).collect();
		demand_for(&eight);
		assert_ok!(AccessGrant::set_access(
			RuntimeOrigin::root(),
			Audience::Authority,
			DataSets::ALL
		));
		StoredPassports::commit(BATTERY, DataSets::ALL);
		let envelopes: Vec<_> = eight
			.iter()
			.flat_map(|authority| {
				[DataSet::Composition, DataSet::TestReports, DataSet::Individual]
					.map(|data_set| for_authority(*authority, data_set, 1))
			})
			.collect();
		assert_eq!(envelopes.len(), MAX_AUTHORITY_ENVELOPES as usize);
		assert_ok!(deposit(MAKER, 0, &envelopes));
		assert_eq!(AccessGrant::due_envelopes(BATTERY), []);
		// One more does not even decode.
		let mut too_many = envelopes;
		too_many.push(composition(1));
		assert!(AuthorityEnvelopeList::try_from(too_many).is_err());
	});
}
