//! `anchor_batch`.

use super::{
	anchoring::{anchor, anchored, batch_of, leaf, leaves, next_number, publish, STREAM},
	standing::refuses_who_may_not_act,
};
use crate::{
	mock::*, Anchor, AnchoringSuspended, Anchors, Conviction, Error, Event, StreamCount, StreamState,
	Streams, ANCHOR_DISPUTE_PERIOD_BLOCKS, MAX_STREAMS_PER_BRIDGE,
};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::telemetry::anchor::{AnchorId, AnchoredBatch, Offence, MAX_ANCHORED_LEAVES};
use sp_runtime::DispatchResult;

/// A batch that nobody needs the leaves of.
fn batch_with(root: [u8; 32], leaves: u32, readings: u64) -> AnchoredBatch {
	AnchoredBatch {
		root,
		leaves,
		readings,
		..batch_of(STREAM, 0, &[leaf(0, vec![1])])
	}
}

/// Brings a batch as the next one of its stream.
fn bring(account: u64, batch: AnchoredBatch) -> DispatchResult {
	let number = next_number(account, batch.stream);
	bring_as(account, number, batch)
}

fn bring_as(account: u64, number: u64, batch: AnchoredBatch) -> DispatchResult {
	Telemetry::anchor_batch(RuntimeOrigin::signed(account), AnchoredBatch { number, ..batch })
}

/// The bridge is suspended, as a dispute would do.
fn suspend(account: u64) {
	let conviction = Conviction {
		anchor: AnchorId {
			bridge: organisation(account),
			stream: 0,
			number: 0,
		},
		offence: Offence::Replay,
	};
	AnchoringSuspended::<Test>::insert(organisation(account), conviction);
}

#[test]
fn what_a_bridge_states_is_written_down() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		let leaves = leaves(&[(0, 1), (0, 2), (1, 1)]);
		let batch = batch_of(STREAM, 0, &leaves);
		let published = publish(BRIDGE, STREAM, leaves);
		assert_eq!(
			published.id,
			AnchorId {
				bridge: organisation(BRIDGE),
				stream: STREAM,
				number: 0
			}
		);
		assert_eq!(
			anchor(published.id),
			Anchor {
				root: batch.root,
				leaves: 3,
				readings: 6,
				content: batch.content,
				anchored_at: 1,
				offence: None,
			}
		);
		assert_eq!(
			last_event(),
			Some(Event::BatchAnchored {
				anchor: published.id,
				leaves: 3,
				readings: 6
			})
		);
	});
}

#[test]
fn each_stream_of_each_bridge_counts_from_zero() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		for (account, stream, number) in [
			(BRIDGE, STREAM, 0),
			(BRIDGE, STREAM, 1),
			(BRIDGE, u32::MAX, 0),
			(OTHER_BRIDGE, STREAM, 0),
			(BRIDGE, STREAM, 2),
		] {
			let published = publish(account, stream, leaves(&[(0, 1 + number)]));
			assert_eq!(
				published.id,
				AnchorId {
					bridge: organisation(account),
					stream,
					number
				}
			);
			assert_eq!(anchor(published.id).leaves, 1);
		}
		assert_eq!(StreamCount::<Test>::get(organisation(BRIDGE)), 2);
		assert_eq!(StreamCount::<Test>::get(organisation(OTHER_BRIDGE)), 1);
	});
}

#[test]
fn nobody_but_an_active_bridge_operator_anchors() {
	ExtBuilder::default().build_and_execute(|| {
		let batch = batch_with([1; 32], 1, 1);
		refuses_who_may_not_act(|origin| Telemetry::anchor_batch(origin, batch.clone()));
		for account in [MAKER, SECOND_LIFE, OTHER_MAKER, OUTSIDER] {
			assert_noop!(bring(account, batch.clone()), Error::<Test>::NotAuthorized);
		}
		assert_ok!(bring(BRIDGE, batch));
	});
}

#[test]
fn an_anchor_has_a_leaf_and_at_most_as_many_as_a_proof_reaches() {
	ExtBuilder::default().build_and_execute(|| {
		let with = |leaves: u32| batch_with([leaves as u8; 32], leaves, leaves.into());
		assert_noop!(bring(BRIDGE, with(0)), Error::<Test>::EmptyBatch);
		for leaves in [MAX_ANCHORED_LEAVES + 1, u32::MAX] {
			assert_noop!(bring(BRIDGE, with(leaves)), Error::<Test>::TooManyLeaves);
		}
		assert_ok!(bring(BRIDGE, with(1)));
		assert_ok!(bring(BRIDGE, with(MAX_ANCHORED_LEAVES)));
	});
}

#[test]
fn a_leaf_has_one_to_255_readings() {
	ExtBuilder::default().build_and_execute(|| {
		for readings in [0, 2, 3 * 255 + 1, u64::MAX] {
			assert_noop!(
				bring(BRIDGE, batch_with([1; 32], 3, readings)),
				Error::<Test>::ReadingsOutOfRange
			);
		}
		assert_ok!(bring(BRIDGE, batch_with([1; 32], 3, 3)));
		assert_ok!(bring(BRIDGE, batch_with([2; 32], 3, 3 * 255)));
	});
}

#[test]
fn a_batch_has_a_content_address() {
	ExtBuilder::default().build_and_execute(|| {
		let good = batch_with([1; 32], 1, 1);
		for content in [vec![], vec![0; 36], good.content[..35].to_vec()] {
			let batch = AnchoredBatch {
				content: content.try_into().unwrap(),
				..good.clone()
			};
			assert_noop!(bring(BRIDGE, batch), Error::<Test>::InvalidContentAddress);
		}
		assert_ok!(bring(BRIDGE, good));
	});
}

#[test]
fn a_batch_that_is_sent_again_is_not_anchored_again_whatever_came_after_it() {
	ExtBuilder::default().build_and_execute(|| {
		let [one, two] = [1, 2].map(|root| batch_with([root; 32], 1, 1));
		assert_ok!(bring_as(BRIDGE, 0, one.clone()));
		assert_noop!(bring_as(BRIDGE, 0, one.clone()), Error::<Test>::WrongNumber);
		assert_ok!(bring_as(OTHER_BRIDGE, 0, one.clone()));
		let elsewhere = AnchoredBatch {
			stream: STREAM + 1,
			..one.clone()
		};
		assert_ok!(bring_as(BRIDGE, 0, elsewhere));
		assert_ok!(bring_as(BRIDGE, 1, two.clone()));
		assert_noop!(bring_as(BRIDGE, 0, one), Error::<Test>::WrongNumber);
		assert_noop!(bring_as(BRIDGE, 1, two), Error::<Test>::WrongNumber);
	});
}

#[test]
fn an_anchor_has_the_next_number_of_its_stream_and_no_other() {
	ExtBuilder::default().build_and_execute(|| {
		let batch = batch_with([1; 32], 1, 1);
		for next in 0..2 {
			for number in [next + 1, next + 2, u64::MAX] {
				assert_noop!(
					bring_as(BRIDGE, number, batch.clone()),
					Error::<Test>::WrongNumber
				);
			}
			assert_ok!(bring_as(BRIDGE, next, batch.clone()));
		}
	});
}

#[test]
fn an_organisation_has_at_most_64_streams() {
	ExtBuilder::default().build_and_execute(|| {
		let in_stream = |stream: u32, root: u8| AnchoredBatch {
			stream,
			..batch_with([root; 32], 1, 1)
		};
		for stream in 0..MAX_STREAMS_PER_BRIDGE {
			assert_ok!(bring(BRIDGE, in_stream(stream * 1_000, 1)));
		}
		assert_noop!(bring(BRIDGE, in_stream(1, 1)), Error::<Test>::TooManyStreams);
		assert_ok!(bring(BRIDGE, in_stream(63_000, 2)));
		assert_ok!(bring(OTHER_BRIDGE, in_stream(1, 1)));
	});
}

#[test]
fn a_stream_with_no_anchor_left_counts_again_when_it_has_one() {
	ExtBuilder::default().build_and_execute(|| {
		let in_stream = |stream: u32| AnchoredBatch {
			stream,
			..batch_with([1; 32], 1, 1)
		};
		for stream in 0..MAX_STREAMS_PER_BRIDGE {
			assert_ok!(bring(BRIDGE, in_stream(stream)));
		}
		System::set_block_number(2 + 2 * u64::from(ANCHOR_DISPUTE_PERIOD_BLOCKS));
		assert_ok!(Telemetry::prune_anchors(
			RuntimeOrigin::signed(OUTSIDER),
			organisation(BRIDGE),
			0
		));
		assert_ok!(bring(BRIDGE, in_stream(100)));
		assert_noop!(bring(BRIDGE, in_stream(0)), Error::<Test>::TooManyStreams);
		assert_eq!(
			StreamCount::<Test>::get(organisation(BRIDGE)),
			MAX_STREAMS_PER_BRIDGE
		);
	});
}

#[test]
fn a_convicted_bridge_anchors_nothing_and_may_still_bring_frames() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		suspend(BRIDGE);
		assert_noop!(
			bring(BRIDGE, batch_with([1; 32], 1, 1)),
			Error::<Test>::AnchoringIsSuspended
		);
		assert_eq!(submit_one(0, Bms::new(0).frame(1)), Ok(()));
		assert_ok!(bring(OTHER_BRIDGE, batch_with([1; 32], 1, 1)));
	});
}

#[test]
fn what_is_of_no_more_use_to_disputes_leaves_the_ledger_two_at_a_time() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let two_periods = 2 * u64::from(ANCHOR_DISPUTE_PERIOD_BLOCKS);
		let old: Vec<_> = (1..=3).map(|sequence| anchored(&[(0, sequence)]).id).collect();
		let elsewhere = publish(BRIDGE, STREAM + 1, leaves(&[(0, 1)])).id;
		System::set_block_number(2);
		let younger = anchored(&[(0, 4)]).id;
		let there = || {
			let numbers = old.iter().chain([&younger]);
			numbers.map(Anchors::<Test>::contains_key).collect::<Vec<_>>()
		};
		let oldest_and_next = || {
			let StreamState {
				next_number,
				oldest_number,
			} = Streams::<Test>::get(organisation(BRIDGE), STREAM).unwrap();
			(oldest_number, next_number)
		};

		System::set_block_number(1 + two_periods);
		anchored(&[(0, 5)]);
		assert_eq!(there(), [true, true, true, true]);
		assert_eq!(oldest_and_next(), (0, 5));

		System::set_block_number(2 + two_periods);
		anchored(&[(0, 6)]);
		assert_eq!(there(), [false, false, true, true]);
		assert_eq!(oldest_and_next(), (2, 6));

		anchored(&[(0, 7)]);
		assert_eq!(there(), [false, false, false, true]);
		assert_eq!(oldest_and_next(), (3, 7));
		assert!(Anchors::<Test>::contains_key(elsewhere));
	});
}

#[test]
fn a_stream_that_was_silent_for_long_starts_with_the_next_number() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let last = anchored(&[(0, 1)]).id;
		System::set_block_number(u64::from(ANCHOR_DISPUTE_PERIOD_BLOCKS) * 3);
		assert_eq!(anchored(&[(0, 2)]).id.number, 1);
		assert!(!Anchors::<Test>::contains_key(last));
		System::set_block_number(u64::from(ANCHOR_DISPUTE_PERIOD_BLOCKS) * 6);
		assert_eq!(anchored(&[(0, 3)]).id.number, 2);
		assert_eq!(Anchors::<Test>::iter().count(), 1);
	});
}
