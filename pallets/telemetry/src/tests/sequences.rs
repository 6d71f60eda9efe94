//! Each sequence once, and the rolling hash over what was taken.

use crate::mock::*;
use frame_support::assert_ok;
use passport_primitives::telemetry::{
	window::{MAX_SEQUENCE_STEP, WINDOW_BITS},
	FrameRefusal, SequenceWindow, WindowRefusal,
};
use proptest::prelude::*;
use std::{collections::BTreeSet, sync::LazyLock};

/// The definition: `head' = BLAKE2b-256(head ‖ frame)`, from a head of zeros.
fn rolled<'a>(frames: impl IntoIterator<Item = &'a Vec<u8>>) -> [u8; 32] {
	frames.into_iter().fold([0; 32], |head, frame| {
		sp_io::hashing::blake2_256(&[head.as_slice(), frame].concat())
	})
}

#[test]
fn the_rolling_hash_proves_every_frame_in_the_order_taken() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		let (first, second) = (Bms::new(0), Bms::new(1));
		let taken: Vec<_> = [3, 1, 2].map(|sequence| first.frame(sequence)).into();
		let of_the_other = vec![second.frame(9)];
		assert_eq!(state(0).history_head, [0; 32]);

		// Over several batches, with skipped frames and frames of another device between.
		submit([(0, taken[0].clone()), (1, of_the_other[0].clone())]);
		assert_eq!(state(0).history_head, rolled(&taken[..1]));
		submit([
			(0, taken[0].clone()),
			(0, taken[1].clone()),
			(0, vec![1, 2, 3]),
			(0, taken[2].clone()),
		]);
		assert_eq!(state(0).history_head, rolled(&taken));
		assert_eq!(state(1).history_head, rolled(&of_the_other));
		assert_ne!(
			state(0).history_head,
			rolled(taken.iter().rev()),
			"the order is part of the proof"
		);
	});
}

#[test]
fn a_late_frame_within_the_window_is_taken_once() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let bms = Bms::new(0);
		assert_ok!(submit_one(0, bms.frame(100)));
		// The oldest that can still be told apart, and one behind it.
		assert_ok!(submit_one(0, bms.frame(100 - WINDOW_BITS + 1)));
		assert_eq!(
			submit_one(0, bms.frame(100 - WINDOW_BITS)),
			Err(FrameRefusal::TooOld)
		);
		for again in [100, 100 - WINDOW_BITS + 1] {
			assert_eq!(submit_one(0, bms.frame(again)), Err(FrameRefusal::Replayed));
		}
		assert_eq!((state(0).frames, state(0).window.highest()), (2, 100));
	});
}

#[test]
fn a_frame_that_is_twice_in_a_batch_is_taken_once() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let frame = Bms::new(0).frame(1);
		let verified = submit([(0, frame.clone()), (0, frame)]);
		assert_eq!(verified.frames, 1);
		assert_eq!(verified.skipped, [(1, FrameRefusal::Replayed)]);
	});
}

#[test]
fn another_frame_of_a_sequence_that_was_taken_is_a_replay_too() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let bms = Bms::new(0);
		assert_ok!(submit_one(0, bms.frame(1)));
		let other = bms.send(Sent {
			last_seconds: NOW - 1,
			..Sent::default()
		});
		assert_eq!(submit_one(0, other), Err(FrameRefusal::Replayed));
	});
}

#[test]
fn gaps_are_taken_and_leaps_are_not() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let bms = Bms::new(0);
		assert_eq!(
			submit_one(0, bms.frame(MAX_SEQUENCE_STEP + 1)),
			Err(FrameRefusal::SequenceLeap)
		);
		assert_ok!(submit_one(0, bms.frame(MAX_SEQUENCE_STEP)));
		assert_eq!(
			submit_one(0, bms.frame(2 * MAX_SEQUENCE_STEP + 1)),
			Err(FrameRefusal::SequenceLeap)
		);
		assert_ok!(submit_one(0, bms.frame(2 * MAX_SEQUENCE_STEP)));
		assert_eq!(
			submit_one(0, bms.frame(u64::MAX)),
			Err(FrameRefusal::SequenceLeap)
		);
	});
}

/// Devices and sequences of the properties below; signing is the slow part, so each frame is made once.
const DEVICES: u32 = 3;
const SEQUENCES: u64 = 100;
const SENT: u64 = 8;
static FRAMES: LazyLock<Vec<Vec<Vec<u8>>>> = LazyLock::new(|| {
	(0..DEVICES)
		.map(|number| {
			let bms = Bms::new(number);
			(1..=SEQUENCES).map(|sequence| bms.frame(sequence)).collect()
		})
		.collect()
});

fn frame(device: u32, sequence: u64) -> &'static Vec<u8> {
	&FRAMES[device as usize][sequence as usize - 1]
}

/// Frames of all devices, each at least once and some several times, in any order, cut into batches.
fn deliveries() -> impl Strategy<Value = Vec<Vec<(u32, u64)>>> {
	let sent = (0..DEVICES)
		.flat_map(|device| (1..=SENT).map(move |sequence| (device, sequence)))
		.collect::<Vec<(u32, u64)>>();
	prop::collection::vec(prop::sample::select(sent.clone()), 0..12)
		.prop_map(move |duplicates| [sent.clone(), duplicates].concat())
		.prop_shuffle()
		.prop_flat_map(|order| {
			(1..=order.len()).prop_map(move |size| order.chunks(size).map(<[_]>::to_vec).collect())
		})
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(24))]

	#[test]
	fn whatever_the_order_and_the_duplicates_each_sequence_is_taken_exactly_once(batches in deliveries()) {
		ExtBuilder::default().devices(DEVICES).build_and_execute(|| {
			let mut seen = BTreeSet::new();
			let mut order = vec![vec![]; DEVICES as usize];
			for sent in batches {
				let verified = submit(sent.iter().map(|(device, sequence)| (*device, frame(*device, *sequence).clone())));
				let mut repeated = vec![];
				for (position, (device, sequence)) in sent.into_iter().enumerate() {
					if seen.insert((device, sequence)) {
						order[device as usize].push(frame(device, sequence));
					} else {
						repeated.push((position as u16, FrameRefusal::Replayed));
					}
				}
				assert_eq!(verified.skipped, repeated);
			}
			for device in 0..DEVICES {
				let state = state(device);
				assert_eq!((state.frames, state.readings, state.window.highest()), (SENT as u32, 2 * SENT, SENT));
				assert_eq!(state.history_head, rolled(order[device as usize].iter().copied()));
			}
		});
	}

	#[test]
	fn the_chain_skips_what_the_window_refuses_and_nothing_else(
		sequences in prop::collection::vec(1..=SEQUENCES, 1..48),
	) {
		ExtBuilder::default().devices(1).build_and_execute(|| {
			let mut window = SequenceWindow::default();
			let mut taken = vec![];
			let mut refused = vec![];
			for (position, sequence) in sequences.iter().enumerate() {
				match window.take(*sequence) {
					Ok(()) => taken.push(frame(0, *sequence)),
					Err(WindowRefusal::Replayed) => refused.push((position as u16, FrameRefusal::Replayed)),
					Err(WindowRefusal::TooOld) => refused.push((position as u16, FrameRefusal::TooOld)),
					Err(WindowRefusal::Leap) => refused.push((position as u16, FrameRefusal::SequenceLeap)),
				}
			}
			let verified = submit(sequences.iter().map(|sequence| (0, frame(0, *sequence).clone())));
			assert_eq!(verified.skipped, refused);
			assert_eq!(state(0).window, window);
			assert_eq!(state(0).history_head, rolled(taken));
		});
	}
}
