//! Weights: what a batch costs grows with its frames and bytes, and the largest leaves room in a block.

use crate::{
	mock::*,
	weights::{together_saves_picoseconds, CountedWeight, WeightInfo, FULL_FRAMES, SIGNATURE_PICOSECONDS},
	ANCHORS_PRUNED_AT_ONCE, LOOKUPS_PER_FRAME, MAX_BATCH_BYTES, MAX_FORMER_KEYS, MAX_FRAMES_PER_BATCH,
};
use frame_support::{
	assert_ok,
	dispatch::GetDispatchInfo,
	weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
};
use passport_primitives::telemetry::{
	anchor::{AnchorId, AnchoredBatch, AnchoredLeaf, DisputedLeaf, InclusionProof},
	statement::ThresholdStatement,
};

type Counted = CountedWeight<Test>;

/// What a batch costs whose frames are gone through twice: the second time it reads and writes in memory.
fn twice(frames: u32, bytes: u32, pages: u32, lookups: u32) -> Weight {
	let once = Counted::batch(frames, bytes, pages, lookups);
	let database = <Test as frame_system::Config>::DbWeight::get();
	once + once - database.reads_writes((pages + lookups).into(), pages.into())
}

#[test]
fn a_batch_is_charged_by_its_frames_and_bytes() {
	let frames = batch([(0, vec![0; 100]), (1, vec![0; 200])]);
	let call = crate::Call::<Test>::submit_frames { frames };
	// One page; of each frame an operator and former keys.
	assert_eq!(call.get_dispatch_info().call_weight, Counted::batch(2, 300, 1, 4));
	let base = Counted::batch(1, 0, 1, 1).ref_time();
	assert!(Counted::batch(2, 0, 1, 1).ref_time() - base >= SIGNATURE_PICOSECONDS);
	assert!(Counted::batch(1, 1, 1, 1).ref_time() > base);
	let database = <Test as frame_system::Config>::DbWeight::get();
	assert!(Counted::batch(1, 0, 2, 1).ref_time() - base > database.reads_writes(1, 1).ref_time());
	assert!(Counted::batch(1, 0, 1, 2).ref_time() - base > database.reads(1).ref_time());
}

#[test]
fn a_page_is_counted_each_time_that_a_batch_turns_to_it() {
	let pages = |devices: &[u32]| Telemetry::pages_of(&batch(devices.iter().map(|device| (*device, vec![]))));
	let cases: [(&[u32], u32); 6] = [
		(&[], 0),
		(&[7], 1),
		(&[0, 15, 0], 1),
		(&[0, 15, 16, 31, 32], 3),
		(&[0, 16, 0, 16], 4),
		(&[u32::MAX, 0, u32::MAX], 3),
	];
	for (devices, count) in cases {
		assert_eq!(pages(devices), count, "{devices:?}");
	}
}

#[test]
fn a_batch_that_is_sorted_by_device_is_charged_less_than_the_same_one_shuffled() {
	let charged = |devices: [u32; 4]| {
		let frames = batch(devices.map(|device| (device, vec![0; 100])));
		crate::Call::<Test>::submit_frames { frames }
			.get_dispatch_info()
			.call_weight
	};
	let database = <Test as frame_system::Config>::DbWeight::get();
	let saved = charged([0, 16, 1, 17]) - charged([0, 1, 16, 17]);
	assert!(saved.ref_time() > database.reads_writes(2, 2).ref_time());
}

/// What [`BRIDGE`] paid for a batch beforehand, and after it.
fn paid(frames: Vec<(u32, Vec<u8>)>) -> (Weight, Weight) {
	let frames = batch(frames);
	let before = crate::Call::<Test>::submit_frames {
		frames: frames.clone(),
	}
	.get_dispatch_info()
	.call_weight;
	let after = Telemetry::submit_frames(RuntimeOrigin::signed(BRIDGE), frames)
		.expect("the batch is checked")
		.actual_weight
		.expect("it says what it cost");
	(before, after)
}

#[test]
fn what_a_batch_did_not_look_up_is_given_back() {
	ExtBuilder::default().devices(20).build_and_execute(|| {
		let frames: Vec<_> = [0, 1, 2, 16, 17]
			.map(|device| (device, Bms::new(device).frame(1)))
			.into();
		let bytes = frames.iter().map(|(_, frame)| frame.len() as u32).sum();
		let (before, after) = paid(frames);
		assert_eq!(before, twice(5, bytes, 2, 10));
		// Every signature is good. One operator answers for all of them.
		assert_eq!(after, Counted::batch(5, bytes, 2, 1));
	});
}

#[test]
fn each_operator_and_each_device_from_before_a_rotation_is_paid_for_once() {
	ExtBuilder::default().devices(3).build_and_execute(|| {
		add_passport(3, OTHER_MAKER);
		assert_eq!(register(3, 3), 3);
		assert_ok!(rotate(0, 10, 100));
		let frames: Vec<_> = [
			(0, Bms::new(0).frame(1)),
			(0, Bms::new(0).frame(2)),
			(0, Bms::new(10).of(0).frame(100)),
			(1, Bms::new(1).frame(1)),
			(3, Bms::new(3).frame(1)),
		]
		.into();
		let bytes = frames.iter().map(|(_, frame)| frame.len() as u32).sum();
		let (_, after) = paid(frames);
		assert!([0, 1, 3].into_iter().all(|device| state(device).frames > 0));
		// Two operators, and the former keys of device 0.
		assert_eq!(after, Counted::batch(5, bytes, 1, 3));
	});
}

#[test]
fn the_second_time_through_the_frames_is_paid_for_where_one_of_their_signatures_is_bad() {
	ExtBuilder::default().devices(17).build_and_execute(|| {
		assert_ok!(rotate(0, 100, 1_000));
		let frames = |first: u64| -> Vec<_> {
			(first..first + 4)
				.flat_map(|sequence| [0, 16].map(|device| (device, Bms::new(device).frame(sequence))))
				.collect()
		};
		let bytes =
			|frames: &[(u32, Vec<u8>)]| -> u32 { frames.iter().map(|(_, frame)| frame.len() as u32).sum() };
		let good = frames(1);
		let (bytes_of_good, pages) = (bytes(&good), 8);
		let (before, after) = paid(good);
		// It turns to another page for each frame. One operator and the former keys of device 0 are looked up, once for both times.
		assert_eq!(before, twice(8, bytes_of_good, pages, 16));
		assert_eq!(after, Counted::batch(8, bytes_of_good, pages, 2));

		let mut with_a_bad_one = frames(5);
		*with_a_bad_one[3].1.last_mut().unwrap() ^= 1;
		let bytes_of_bad = bytes(&with_a_bad_one);
		let (before, after) = paid(with_a_bad_one);
		assert_eq!([0, 16].map(|device| state(device).frames), [8, 7]);
		assert_eq!(before, twice(8, bytes_of_bad, pages, 16));
		assert_eq!(after, twice(8, bytes_of_bad, pages, 2));
		// All that is computed is charged again.
		assert!((after - Counted::batch(8, bytes_of_bad, pages, 2)).ref_time() > 8 * SIGNATURE_PICOSECONDS);
	});
}

#[test]
fn what_checking_many_signatures_together_saves_is_not_charged() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let mut first = 1;
		let mut batch_of = |frames: u32| -> Vec<_> {
			let sequences = first..first + u64::from(frames);
			first = sequences.end;
			sequences
				.map(|sequence| (0, Bms::new(0).frame(sequence)))
				.collect()
		};
		let by_themselves = |frames: &[(u32, Vec<u8>)]| {
			let bytes = frames.iter().map(|(_, frame)| frame.len() as u32).sum();
			Counted::batch(frames.len() as u32, bytes, 1, 1)
		};
		// In microseconds.
		for (frames, saved) in [(15, 0), (16, 16), (127, 16), (128, 21), (256, 21)] {
			let saved = Weight::from_parts(saved * u64::from(frames) * 1_000_000, 0);
			let many = batch_of(frames);
			let cost = by_themselves(&many) - saved;
			assert_eq!(paid(many).1, cost, "{frames} frames");

			// They are gone through together in vain, and then one by one.
			let mut with_a_bad_one = batch_of(frames);
			*with_a_bad_one[3].1.last_mut().unwrap() ^= 1;
			let bytes = with_a_bad_one.iter().map(|(_, frame)| frame.len() as u32).sum();
			let cost = twice(frames, bytes, 1, 1) - saved;
			assert_eq!(paid(with_a_bad_one).1, cost, "{frames} frames, a bad one");
		}
		assert!(together_saves_picoseconds(MAX_FRAMES_PER_BATCH) < SIGNATURE_PICOSECONDS);
	});
}

#[test]
fn a_batch_that_is_checked_one_by_one_is_charged_once() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let mut frames: Vec<_> = (1..4).map(|sequence| (0, Bms::new(0).frame(sequence))).collect();
		*frames[1].1.last_mut().unwrap() ^= 1;
		let bytes = frames.iter().map(|(_, frame)| frame.len() as u32).sum();
		let (before, after) = paid(frames);
		assert_eq!(before, Counted::batch(3, bytes, 1, 6));
		assert_eq!(after, Counted::batch(3, bytes, 1, 1));
	});
}

#[test]
fn a_page_that_no_frame_asks_for_is_given_back() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		// What is no frame is of no device.
		let frames = vec![(0, Bms::new(0).frame(1)), (16, vec![]), (0, Bms::new(0).frame(2))];
		let bytes = frames.iter().map(|(_, frame)| frame.len() as u32).sum();
		let (before, after) = paid(frames);
		assert_eq!(before, Counted::batch(3, bytes, 3, 6));
		assert_eq!(after, Counted::batch(3, bytes, 1, 1));
		let (_, nothing) = paid(vec![(0, vec![])]);
		assert_eq!(nothing, Counted::batch(1, 0, 0, 0));
	});
}

#[test]
fn the_bytes_of_a_batch_bring_neither_a_base_nor_frames() {
	assert_eq!(FULL_FRAMES, 64);
	assert_eq!(Counted::batch(1, 0, 1, 1), Counted::submit_frames(1));
	assert_eq!(
		Counted::batch(FULL_FRAMES, MAX_BATCH_BYTES, 1, 1),
		Counted::submit_frames_bytes(MAX_BATCH_BYTES)
	);
	assert_eq!(
		Counted::batch(1, MAX_BATCH_BYTES, 1, 1) - Counted::batch(1, 0, 1, 1),
		Counted::batch(256, MAX_BATCH_BYTES, 1, 1) - Counted::batch(256, 0, 1, 1)
	);
}

#[test]
fn the_pages_and_lookups_of_a_batch_bring_neither_a_base_nor_frames() {
	let frames = MAX_FRAMES_PER_BATCH;
	for count in [1, 2, 256] {
		assert_eq!(
			Counted::batch(frames, 0, count, 1) - Counted::batch(frames, 0, 1, 1),
			Counted::submit_frames_pages(count) - Counted::submit_frames_pages(1)
		);
		assert_eq!(
			Counted::batch(1, 0, 1, count) - Counted::batch(1, 0, 1, 1),
			Counted::submit_frames_lookups(count) - Counted::submit_frames_lookups(1)
		);
	}
}

#[test]
fn the_largest_batch_takes_less_than_a_tenth_of_a_second() {
	let frames = MAX_FRAMES_PER_BATCH;
	let largest = twice(frames, MAX_BATCH_BYTES, frames, LOOKUPS_PER_FRAME * frames);
	assert!(
		largest.ref_time() < 100 * WEIGHT_REF_TIME_PER_MILLIS,
		"{largest:?}"
	);
}

#[test]
fn registering_is_charged_for_both_signatures() {
	let call = crate::Call::<Test>::register_device {
		passport: passport(0),
		public_key: [0; 32],
		proof: [0; 64],
	};
	let weight = call.get_dispatch_info().call_weight;
	assert_eq!(weight, Counted::register_device());
	assert!(weight.ref_time() > 2 * SIGNATURE_PICOSECONDS);
	assert_eq!(
		crate::Call::<Test>::revoke_device { device: 0 }
			.get_dispatch_info()
			.call_weight,
		Counted::revoke_device()
	);
}

#[test]
fn every_call_about_a_device_is_charged_for_what_it_does() {
	use crate::Call;
	let (device, public_key, proof) = (0, [0; 32], [0; 64]);
	for (call, weight) in [
		(
			Call::<Test>::register_bridge_device {
				passport: passport(0),
				public_key,
				proof,
			},
			Counted::register_device(),
		),
		(
			Call::rotate_device_key {
				device,
				public_key,
				from_sequence: 1,
				proof,
				consent: proof,
			},
			Counted::rotate_device_key(),
		),
		(
			Call::replace_device {
				device,
				public_key,
				proof,
			},
			Counted::replace_device(),
		),
		(
			Call::reset_device {
				device,
				software: Default::default(),
			},
			Counted::reset_device(),
		),
	] {
		assert_eq!(call.get_dispatch_info().call_weight, weight);
	}
	assert!(Counted::rotate_device_key().ref_time() > 3 * SIGNATURE_PICOSECONDS);
	assert!(Counted::replace_device().ref_time() > Counted::register_device().ref_time());
}

#[test]
fn a_statement_is_charged_for_its_signature_and_the_council_for_one_write() {
	let call = crate::Call::<Test>::submit_threshold_statement {
		device: 0,
		statement: ThresholdStatement {
			threshold_bp: 7_000,
			at_or_above: true,
			made_at_seconds: 0,
		},
		signature: [0; 64],
	};
	let weight = call.get_dispatch_info().call_weight;
	assert_eq!(weight, Counted::submit_threshold_statement());
	assert!(weight.ref_time() > SIGNATURE_PICOSECONDS);
	assert_eq!(
		crate::Call::<Test>::set_state_of_health_threshold { threshold_bp: 1 }
			.get_dispatch_info()
			.call_weight,
		Counted::set_state_of_health_threshold()
	);
}

#[test]
fn a_dispute_is_charged_for_every_key_that_a_device_can_have_had() {
	use crate::Call;

	let shown = DisputedLeaf {
		anchor: AnchorId {
			bridge: organisation(BRIDGE),
			stream: 0,
			number: 0,
		},
		leaf: AnchoredLeaf {
			device: 0,
			frame: Default::default(),
		},
		proof: InclusionProof {
			index: 0,
			siblings: Default::default(),
		},
	};
	let anchor = AnchoredBatch {
		stream: 0,
		number: 0,
		root: [0; 32],
		leaves: 1,
		readings: 1,
		content: Default::default(),
	};
	let by_signature = Call::<Test>::dispute_signature {
		anchor: shown.anchor,
		leaf: shown.leaf.clone(),
		proof: shown.proof.clone(),
	};
	let by_replay = Call::dispute_replay {
		first: shown.clone(),
		second: shown,
	};
	let bridge = organisation(BRIDGE);
	for (call, weight) in [
		(Call::anchor_batch { anchor }, Counted::anchor_batch()),
		(by_signature, Counted::dispute_signature()),
		(by_replay, Counted::dispute_replay()),
		(Call::allow_anchoring { bridge }, Counted::allow_anchoring()),
		(
			Call::prune_anchors { bridge, stream: 0 },
			Counted::prune_anchors(ANCHORS_PRUNED_AT_ONCE),
		),
	] {
		assert_eq!(call.get_dispatch_info().call_weight, weight);
	}
	let keys = 1 + u64::from(MAX_FORMER_KEYS);
	assert!(Counted::dispute_signature().ref_time() > keys * SIGNATURE_PICOSECONDS);
}
