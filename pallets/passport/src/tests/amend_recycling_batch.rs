use super::*;

const WEIGHED_AGAIN: Commitment = commitment(78);

fn amend(account: AccountId, batch: RecyclingBatchId, masses: Commitment) -> DispatchResult {
	Passport::amend_recycling_batch(signed(account), batch, masses)
}

#[test]
fn the_recycler_replaces_the_masses_and_nothing_else() {
	ExtBuilder::build_and_execute(|| {
		closed(1);
		let before = RecyclingBatches::<Test>::get(BATCH).unwrap();
		assert_ok!(amend(RECYCLER, BATCH, WEIGHED_AGAIN));
		assert_eq!(
			RecyclingBatches::<Test>::get(BATCH),
			Some(RecyclingBatch {
				masses: WEIGHED_AGAIN,
				..before
			})
		);
		assert_eq!(
			events().last(),
			Some(&Event::RecyclingBatchAmended {
				batch: BATCH,
				masses: WEIGHED_AGAIN
			})
		);
	});
}

#[test]
fn accounts_that_may_not_act_amend_nothing() {
	ExtBuilder::build_and_execute(|| {
		let batch = recycling_batch();
		refuses_whoever_may_not_act(|origin| Passport::amend_recycling_batch(origin, batch, WEIGHED_AGAIN));
	});
}

#[test]
fn only_the_recycler_of_the_batch_amends() {
	ExtBuilder::build_and_execute(|| {
		let batch = recycling_batch();
		for member in members_except(&[RECYCLER]) {
			assert_noop!(amend(member, batch, WEIGHED_AGAIN), PassportError::BatchOfAnother);
		}
	});
}

#[test]
fn a_batch_that_is_not_there_is_not_found() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(
			amend(RECYCLER, BATCH, WEIGHED_AGAIN),
			PassportError::BatchNotFound
		);
	});
}

#[test]
fn the_same_masses_are_no_amendment() {
	ExtBuilder::build_and_execute(|| {
		let batch = recycling_batch();
		assert_noop!(amend(RECYCLER, batch, MASSES), PassportError::Unchanged);
	});
}
