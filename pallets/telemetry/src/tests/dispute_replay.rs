//! `dispute_replay`.

use super::{
	anchoring::{anchor, anchored, dispute_replay, dispute_signature, leaf, leaves, publish, STREAM},
	standing::refuses_who_may_not_act,
};
use crate::{mock::*, AnchoringSuspended, Conviction, Error, Event, ANCHOR_DISPUTE_PERIOD_BLOCKS};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::telemetry::anchor::{AnchorId, DisputedLeaf, Offence};

fn is_convicted(id: AnchorId, offence: Offence) {
	assert_eq!(anchor(id).offence, Some(offence));
	assert_eq!(
		AnchoringSuspended::<Test>::get(id.bridge),
		Some(Conviction { anchor: id, offence })
	);
	assert_eq!(
		last_event(),
		Some(Event::AnchoringSuspended {
			bridge: id.bridge,
			anchor: id,
			offence
		})
	);
}

#[test]
fn the_later_of_two_anchors_with_a_frame_is_the_replay_however_they_are_shown() {
	for swapped in [false, true] {
		ExtBuilder::default().devices(2).build_and_execute(|| {
			let first = anchored(&[(0, 1), (0, 2), (1, 1)]);
			anchored(&[(0, 3)]);
			let second = anchored(&[(0, 2), (0, 4)]);
			let (mut one, mut two) = (first.shown(1), second.shown(0));
			if swapped {
				core::mem::swap(&mut one, &mut two);
			}
			assert_ok!(dispute_replay(OUTSIDER, one, two));
			is_convicted(second.id, Offence::Replay);
			assert_eq!(anchor(first.id).offence, None);
		});
	}
}

#[test]
fn a_sequence_twice_is_a_replay_whatever_else_the_frames_say() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let first = anchored(&[(0, 1)]);
		let other_times = Bms::new(0).send(Sent {
			first_seconds: NOW - 10,
			..Sent::default()
		});
		assert_ne!(first.leaves[0].frame.as_slice(), other_times.as_slice());
		let second = publish(BRIDGE, STREAM, vec![leaf(0, other_times)]);
		assert_ok!(dispute_replay(OUTSIDER, first.shown(0), second.shown(0)));
		is_convicted(second.id, Offence::Replay);
	});
}

#[test]
fn a_frame_twice_in_one_anchor_is_a_replay() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let published = anchored(&[(0, 1), (0, 2), (0, 2), (0, 3)]);
		assert_ok!(dispute_replay(OUTSIDER, published.shown(2), published.shown(1)));
		is_convicted(published.id, Offence::Replay);
	});
}

#[test]
fn leaves_that_are_not_sorted_break_the_order() {
	for places in [[(0, 2), (0, 1)], [(1, 1), (0, 2)]] {
		ExtBuilder::default().devices(2).build_and_execute(|| {
			let published = anchored(&places);
			assert_ok!(dispute_replay(OUTSIDER, published.shown(0), published.shown(1)));
			is_convicted(published.id, Offence::BrokenOrder);
		});
	}
}

#[test]
fn sorted_leaves_and_different_sequences_are_no_offence() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		let first = anchored(&[(0, 2), (0, 5), (1, 1)]);
		// A late frame, in a later anchor.
		let second = anchored(&[(0, 1), (1, 2)]);
		let all: Vec<_> = (0..3)
			.map(|index| first.shown(index))
			.chain((0..2).map(|index| second.shown(index)))
			.collect();
		for one in &all {
			for two in &all {
				assert_noop!(
					dispute_replay(OUTSIDER, one.clone(), two.clone()),
					Error::<Test>::NoOffence
				);
			}
		}
	});
}

#[test]
fn the_same_sequence_may_stand_in_two_streams_and_with_two_bridges() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let first = anchored(&[(0, 1)]);
		let other_stream = publish(BRIDGE, STREAM + 1, leaves(&[(0, 1)]));
		let other_bridge = publish(OTHER_BRIDGE, STREAM, leaves(&[(0, 1)]));
		for other in [other_stream, other_bridge] {
			assert_noop!(
				dispute_replay(OUTSIDER, first.shown(0), other.shown(0)),
				Error::<Test>::OtherStream
			);
		}
	});
}

#[test]
fn a_leaf_that_is_no_frame_has_no_sequence() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let good = anchored(&[(0, 1)]);
		let no_frame = publish(BRIDGE, STREAM, vec![leaf(0, vec![1])]);
		for (one, two) in [(&good, &no_frame), (&no_frame, &good)] {
			assert_noop!(
				dispute_replay(OUTSIDER, one.shown(0), two.shown(0)),
				Error::<Test>::MalformedLeaf
			);
		}
	});
}

#[test]
fn both_anchors_have_to_be_there() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let [first, second] = [anchored(&[(0, 1)]), anchored(&[(0, 1), (0, 2)])];
		let elsewhere = |shown: DisputedLeaf| DisputedLeaf {
			anchor: AnchorId {
				number: 9,
				..shown.anchor
			},
			..shown
		};
		for (one, two) in [
			(elsewhere(first.shown(0)), second.shown(0)),
			(first.shown(0), elsewhere(second.shown(0))),
		] {
			assert_noop!(dispute_replay(OUTSIDER, one, two), Error::<Test>::AnchorNotFound);
		}
		assert_ok!(dispute_replay(OUTSIDER, first.shown(0), second.shown(0)));
	});
}

#[test]
fn the_later_anchor_is_of_the_last_seven_days() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let period = u64::from(ANCHOR_DISPUTE_PERIOD_BLOCKS);
		let first = anchored(&[(0, 1)]);
		System::set_block_number(2);
		let second = anchored(&[(0, 1), (0, 2)]);
		let again = || dispute_replay(OUTSIDER, first.shown(0), second.shown(0));
		System::set_block_number(3 + period);
		assert_noop!(again(), Error::<Test>::DisputePeriodOver);
		// The earlier one is older than that: it could not be disputed itself.
		System::set_block_number(2 + period);
		assert_noop!(
			dispute_signature(OUTSIDER, first.shown(0)),
			Error::<Test>::DisputePeriodOver
		);
		assert_ok!(again());
	});
}

#[test]
fn what_is_replayed_a_week_later_can_be_disputed_for_a_week() {
	for (offset, after) in [(0, 0), (0, 1), (1, 0)] {
		ExtBuilder::default().devices(1).build_and_execute(|| {
			let period = u64::from(ANCHOR_DISPUTE_PERIOD_BLOCKS);
			let first = anchored(&[(0, 1)]);
			System::set_block_number(1 + period + offset);
			let second = anchored(&[(0, 1), (0, 2)]);
			System::set_block_number(1 + 2 * period + offset + after);
			if (offset, after) == (0, 0) {
				// What the bridge anchors in the meantime takes nothing off that shows it.
				anchored(&[(0, 3)]);
				assert_ok!(dispute_replay(OUTSIDER, first.shown(0), second.shown(0)));
				is_convicted(second.id, Offence::Replay);
			} else {
				// A block too late, or a replay of what an honest bridge need not keep in mind.
				assert_noop!(
					dispute_replay(OUTSIDER, first.shown(0), second.shown(0)),
					Error::<Test>::DisputePeriodOver
				);
			}
		});
	}
}

#[test]
fn an_earlier_anchor_that_has_left_the_ledger_shows_no_replay() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let first = anchored(&[(0, 1)]);
		System::set_block_number(2 + 2 * u64::from(ANCHOR_DISPUTE_PERIOD_BLOCKS));
		let second = anchored(&[(0, 1), (0, 2)]);
		assert_noop!(
			dispute_replay(OUTSIDER, first.shown(0), second.shown(0)),
			Error::<Test>::AnchorNotFound
		);
	});
}

#[test]
fn a_bridge_is_convicted_of_the_later_anchor_once_and_the_earlier_one_may_be_convicted() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let [first, second, third] = [
			anchored(&[(0, 1)]),
			publish(BRIDGE, STREAM, {
				let mut all = leaves(&[(0, 1)]);
				all.push(leaf(0, vec![]));
				all
			}),
			anchored(&[(0, 1), (0, 2)]),
		];
		assert_ok!(dispute_signature(OUTSIDER, second.shown(1)));
		assert_noop!(
			dispute_replay(OUTSIDER, first.shown(0), second.shown(0)),
			Error::<Test>::AlreadyConvicted
		);
		assert_ok!(dispute_replay(OUTSIDER, second.shown(0), third.shown(0)));
		assert_eq!(anchor(third.id).offence, Some(Offence::Replay));
		assert_noop!(
			dispute_replay(OUTSIDER, first.shown(0), third.shown(0)),
			Error::<Test>::AlreadyConvicted
		);
	});
}

#[test]
fn both_leaves_have_to_be_in_their_anchors() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let [first, second] = [anchored(&[(0, 1), (0, 2)]), anchored(&[(0, 3), (0, 4)])];
		// Leaf 1 of the first, passed off as one of the second, and the other way round.
		let passed_off = |shown: DisputedLeaf, anchor| DisputedLeaf { anchor, ..shown };
		for (one, two) in [
			(first.shown(1), passed_off(first.shown(1), second.id)),
			(passed_off(second.shown(1), first.id), second.shown(1)),
			(first.shown(0), {
				// The same leaf at another place of its own anchor.
				let mut moved = first.shown(0);
				moved.proof.index = 1;
				moved
			}),
		] {
			assert_noop!(dispute_replay(OUTSIDER, one, two), Error::<Test>::NotInAnchor);
		}
	});
}

#[test]
fn any_member_disputes_and_nobody_else() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let [first, second] = [anchored(&[(0, 1)]), anchored(&[(0, 1), (0, 2)])];
		refuses_who_may_not_act(|origin| Telemetry::dispute_replay(origin, first.shown(0), second.shown(0)));
		assert_ok!(dispute_replay(MAKER, first.shown(0), second.shown(0)));
	});
}
