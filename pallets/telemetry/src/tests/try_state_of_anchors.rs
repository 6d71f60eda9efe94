//! That the check of the storage finds what is broken about anchors.

use super::anchoring::{anchored, dispute_signature, leaf, publish, STREAM};
use crate::{mock::*, AnchoringSuspended, Anchors, StreamCount, Streams, MAX_STREAMS_PER_BRIDGE};
use frame_support::assert_ok;
use passport_primitives::telemetry::anchor::AnchorId;
use sp_runtime::TryRuntimeError;

/// Three anchors of a bridge, the last of them convicted, then what breaks them.
fn finds(broken: &'static str, break_it: impl FnOnce(AnchorId)) {
	ExtBuilder::default().devices(1).build_and_leave_broken(|| {
		anchored(&[(0, 1)]);
		System::set_block_number(2);
		let second = anchored(&[(0, 2)]);
		let third = publish(BRIDGE, STREAM, vec![leaf(0, vec![])]);
		assert_ok!(dispute_signature(OUTSIDER, third.shown(0)));
		assert_eq!(Telemetry::do_try_state(), Ok(()));
		break_it(second.id);
		assert_eq!(Telemetry::do_try_state(), Err(TryRuntimeError::Other(broken)));
	});
}

#[test]
fn an_anchor_that_is_not_there_is_found() {
	finds("an anchor of a stream is not there", |id| {
		Anchors::<Test>::remove(id);
	});
}

#[test]
fn an_anchor_that_is_older_than_the_one_before_it_is_found() {
	finds("an anchor is older than the one before it", |id| {
		Anchors::<Test>::mutate(id, |anchor| anchor.as_mut().unwrap().anchored_at = 0);
	});
}

#[test]
fn an_anchor_of_no_stream_is_found() {
	finds("an anchor is of no stream", |id| {
		let stray = AnchorId { number: 9, ..id };
		Anchors::<Test>::insert(stray, Anchors::<Test>::get(id).unwrap());
	});
}

#[test]
fn a_stream_that_begins_after_its_end_is_found() {
	finds("a stream never had an anchor, or has fewer than none", |id| {
		Streams::<Test>::mutate(id.bridge, id.stream, |state| {
			state.as_mut().unwrap().oldest_number = 4;
		});
	});
}

#[test]
fn a_stream_that_never_had_an_anchor_is_found() {
	finds("a stream never had an anchor, or has fewer than none", |id| {
		Streams::<Test>::insert(id.bridge, STREAM + 1, crate::StreamState::default());
	});
}

#[test]
fn a_stream_that_has_no_anchor_left_does_not_count() {
	finds("the number of an organisation's streams is wrong", |id| {
		let left = crate::StreamState {
			next_number: 5,
			oldest_number: 5,
		};
		Streams::<Test>::insert(id.bridge, STREAM + 1, left);
		assert_eq!(Telemetry::do_try_state(), Ok(()));
		StreamCount::<Test>::insert(id.bridge, 2);
	});
}

#[test]
fn a_wrong_number_of_streams_is_found() {
	for count in [0, 2] {
		finds("the number of an organisation's streams is wrong", |id| {
			StreamCount::<Test>::insert(id.bridge, count);
		});
	}
}

#[test]
fn streams_beyond_the_bound_are_found() {
	finds("an organisation has too many streams", |id| {
		let state = crate::StreamState {
			next_number: 6,
			oldest_number: 5,
		};
		for stream in 100..100 + MAX_STREAMS_PER_BRIDGE {
			Streams::<Test>::insert(id.bridge, stream, state);
			let anchor = AnchorId {
				stream,
				number: 5,
				..id
			};
			Anchors::<Test>::insert(anchor, Anchors::<Test>::get(id).unwrap());
		}
		StreamCount::<Test>::insert(id.bridge, MAX_STREAMS_PER_BRIDGE + 1);
	});
}

#[test]
fn a_suspension_for_the_anchor_of_another_is_found() {
	finds("an organisation is suspended for the anchor of another", |id| {
		let conviction = AnchoringSuspended::<Test>::get(id.bridge).unwrap();
		AnchoringSuspended::<Test>::insert(organisation(OTHER_BRIDGE), conviction);
	});
}
