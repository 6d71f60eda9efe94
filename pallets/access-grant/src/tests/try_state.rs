use crate::{
	mock::*, AccessTable, AuthorityEnvelopesOf, DemandingAuthorities, DemandingAuthorityList, PurposeTable,
	StoredEnvelope,
};
use frame_support::{storage::with_transaction, BoundedVec};
use passport_primitives::{
	battery::PassportId,
	data_set::{Audience, DataSet, DataSets, Purpose},
	ledger::ENVELOPE_BYTES,
};
use sp_runtime::{DispatchError, TransactionOutcome};

/// What the check says of a state that no call can make. The state is as before afterwards.
fn broken(break_it: impl FnOnce()) -> &'static str {
	let checked = with_transaction(|| {
		break_it();
		TransactionOutcome::Rollback(AccessGrant::do_try_state())
	});
	match checked {
		Err(DispatchError::Other(said)) => said,
		other => panic!("the check says {other:?}"),
	}
}

fn store(passport: PassportId, authority: u64, data_sets: &[DataSet]) {
	let envelopes: Vec<_> = data_sets
		.iter()
		.map(|data_set| StoredEnvelope {
			data_set: *data_set,
			key_epoch: 0,
			bytes: [1; ENVELOPE_BYTES],
		})
		.collect();
	AuthorityEnvelopesOf::<Test>::insert(
		passport,
		organisation(authority),
		BoundedVec::try_from(envelopes).unwrap(),
	);
}

#[test]
fn the_check_knows_what_can_not_be_in_the_table() {
	ExtBuilder.build_and_execute(|| {
		let beyond = "the public may see more than data set 1";
		assert_eq!(
			broken(|| AccessTable::<Test>::insert(Audience::Public, COMPOSITION)),
			beyond
		);
		assert_eq!(
			broken(|| PurposeTable::<Test>::insert(Audience::Public, Purpose::Recycling, COMPOSITION)),
			beyond
		);
		let invalid: DataSets = codec::Decode::decode(&mut &[0b1_0001u8][..]).unwrap();
		assert_eq!(
			broken(|| PurposeTable::<Test>::insert(Audience::Authority, Purpose::Recycling, invalid)),
			"the access table names a data set that does not exist"
		);
	});
}

#[test]
fn the_check_knows_what_authorities_can_not_have() {
	ExtBuilder.build_and_execute(|| {
		let composition = DataSet::Composition;
		store(BATTERY, AUTHORITY, &[composition]);
		AccessGrant::do_try_state().unwrap();
		assert_eq!(
			broken(|| {
				let twice: DemandingAuthorityList = vec![organisation(AUTHORITY); 2].try_into().unwrap();
				DemandingAuthorities::<Test>::put(twice);
			}),
			"an authority is named twice"
		);
		assert_eq!(
			broken(|| store(NOWHERE, AUTHORITY, &[composition])),
			"an authority has keys of a passport that is gone"
		);
		let none: &[DataSet] = &[];
		for data_sets in [none, &[composition; 2]] {
			assert_eq!(
				broken(|| store(BATTERY, AUTHORITY, data_sets)),
				"an authority has no key, or two for one data set"
			);
		}
		assert_eq!(
			broken(|| store(BATTERY, AUTHORITY, &[DataSet::Model])),
			"an authority has a key for what is public"
		);
		assert_eq!(
			broken(|| {
				for authority in FIRST_AUTHORITY..FIRST_AUTHORITY + 8 {
					store(BATTERY, authority, &[composition]);
				}
			}),
			"more authorities have keys of a passport than can be named"
		);
	});
}
