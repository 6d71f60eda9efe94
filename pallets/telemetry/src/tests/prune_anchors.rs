//! `prune_anchors`: what is of no more use to disputes leaves the ledger also where nothing is anchored any more.

use super::{
	anchoring::{
		anchored, batch_of, dispute_replay, dispute_signature, leaf, leaves, next_number, publish, STREAM,
	},
	standing::refuses_who_may_not_act,
};
use crate::{
	mock::*,
	weights::{CountedWeight, WeightInfo},
	Anchors, Error, Event, StreamCount, StreamState, Streams, ANCHORS_PRUNED_AT_ONCE,
	ANCHOR_DISPUTE_PERIOD_BLOCKS,
};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::telemetry::anchor::{AnchorId, Offence};
use sp_runtime::DispatchResult;

/// The last block in which something anchored in block 1 is of use.
const LAST_USE: u64 = 1 + 2 * ANCHOR_DISPUTE_PERIOD_BLOCKS as u64;

fn prune_as(account: u64, stream: u32) -> DispatchResult {
	Telemetry::prune_anchors(RuntimeOrigin::signed(account), organisation(BRIDGE), stream)
		.map(drop)
		.map_err(|refused| refused.error)
}

fn prune() -> DispatchResult {
	prune_as(OUTSIDER, STREAM)
}

fn stream() -> StreamState {
	Streams::<Test>::get(organisation(BRIDGE), STREAM).expect("the stream is known")
}

/// So many anchors of [`BRIDGE`] with the same frame.
fn anchors(count: u32) -> Vec<AnchorId> {
	let leaves = leaves(&[(0, 1)]);
	(0..count)
		.map(|_| publish(BRIDGE, STREAM, leaves.clone()).id)
		.collect()
}

#[test]
fn any_member_prunes_and_nobody_else() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		for stream in [1, 2, 3, 4] {
			publish(BRIDGE, stream, leaves(&[(0, 1)]));
		}
		System::set_block_number(LAST_USE + 1);
		refuses_who_may_not_act(|origin| {
			Telemetry::prune_anchors(origin, organisation(BRIDGE), 1)
				.map(drop)
				.map_err(|refused| refused.error)
		});
		for (account, stream) in [(MAKER, 1), (SECOND_LIFE, 2), (OTHER_BRIDGE, 3), (OUTSIDER, 4)] {
			assert_ok!(prune_as(account, stream));
		}
	});
}

#[test]
fn an_anchor_leaves_when_it_is_of_no_more_use_and_younger_ones_stay() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let old = anchors(2);
		System::set_block_number(2);
		let younger = anchored(&[(0, 2)]).id;
		System::set_block_number(LAST_USE);
		assert_noop!(prune(), Error::<Test>::NothingToPrune);
		System::set_block_number(LAST_USE + 1);
		assert_ok!(prune());
		assert_eq!(
			last_event(),
			Some(Event::AnchorsPruned {
				bridge: organisation(BRIDGE),
				stream: STREAM,
				anchors: 2
			})
		);
		assert!(old.iter().all(|id| !Anchors::<Test>::contains_key(id)));
		assert!(Anchors::<Test>::contains_key(younger));
		assert_eq!((stream().oldest_number, stream().next_number), (2, 3));
		assert_eq!(StreamCount::<Test>::get(organisation(BRIDGE)), 1);
		assert_noop!(prune(), Error::<Test>::NothingToPrune);
	});
}

#[test]
fn at_most_64_leave_at_once_and_each_is_paid_for() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let ids = anchors(ANCHORS_PRUNED_AT_ONCE + 3);
		System::set_block_number(LAST_USE + 1);
		for (pruned, left) in [(ANCHORS_PRUNED_AT_ONCE, 3), (3, 0)] {
			let origin = RuntimeOrigin::signed(OUTSIDER);
			let done = Telemetry::prune_anchors(origin, organisation(BRIDGE), STREAM).unwrap();
			assert_eq!(
				done.actual_weight,
				Some(CountedWeight::<Test>::prune_anchors(pruned))
			);
			let there = ids
				.iter()
				.copied()
				.filter(|id| Anchors::<Test>::contains_key(*id));
			assert_eq!(there.count(), left);
		}
		assert_noop!(prune(), Error::<Test>::NothingToPrune);
		let weight = |anchors| CountedWeight::<Test>::prune_anchors(anchors).ref_time();
		assert!(weight(2) > weight(1));
	});
}

#[test]
fn a_stream_without_anchors_counts_no_more_and_goes_on_with_its_next_number() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let bridge = organisation(BRIDGE);
		anchors(2);
		publish(BRIDGE, STREAM + 1, leaves(&[(0, 1)]));
		System::set_block_number(LAST_USE + 1);
		assert_ok!(prune());
		assert_eq!(StreamCount::<Test>::get(bridge), 1);
		assert!(stream().is_empty());
		assert_eq!(next_number(BRIDGE, STREAM), 2);
		assert_ok!(prune_as(OUTSIDER, STREAM + 1));
		assert!(!StreamCount::<Test>::contains_key(bridge));
		assert_eq!(Anchors::<Test>::iter().count(), 0);

		// An extrinsic that is sent again after all that time is still refused.
		let again = batch_of(STREAM, 1, &leaves(&[(0, 1)]));
		assert_noop!(
			Telemetry::anchor_batch(RuntimeOrigin::signed(BRIDGE), again),
			Error::<Test>::WrongNumber
		);
		assert_eq!(anchored(&[(0, 2)]).id.number, 2);
		assert_eq!(StreamCount::<Test>::get(bridge), 1);
	});
}

#[test]
fn a_convicted_bridges_anchors_leave_too() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let convicted = publish(BRIDGE, STREAM, vec![leaf(0, vec![])]);
		assert_ok!(dispute_signature(OUTSIDER, convicted.shown(0)));
		System::set_block_number(LAST_USE + 1);
		assert_ok!(prune());
		assert!(!Anchors::<Test>::contains_key(convicted.id));
	});
}

#[test]
fn nothing_is_taken_off_that_still_shows_a_replay() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let period = u64::from(ANCHOR_DISPUTE_PERIOD_BLOCKS);
		let first = anchored(&[(0, 1)]);
		System::set_block_number(1 + period);
		let second = anchored(&[(0, 1), (0, 2)]);
		System::set_block_number(LAST_USE);
		assert_noop!(prune(), Error::<Test>::NothingToPrune);
		assert_ok!(dispute_replay(OUTSIDER, first.shown(0), second.shown(0)));
		let convicted = Anchors::<Test>::get(second.id).and_then(|anchor| anchor.offence);
		assert_eq!(convicted, Some(Offence::Replay));
	});
}

#[test]
fn a_stream_that_never_was_has_nothing_to_prune() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		anchors(1);
		System::set_block_number(LAST_USE + 1);
		assert_noop!(prune_as(OUTSIDER, STREAM + 1), Error::<Test>::NothingToPrune);
		assert_noop!(
			Telemetry::prune_anchors(
				RuntimeOrigin::signed(OUTSIDER),
				organisation(OTHER_BRIDGE),
				STREAM
			),
			Error::<Test>::NothingToPrune
		);
		assert_ok!(prune());
		assert_noop!(prune(), Error::<Test>::NothingToPrune);
	});
}
