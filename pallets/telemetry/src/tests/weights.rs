//! Weights: what a batch costs grows with its frames and bytes, and the largest leaves room in a block.

use crate::{
	mock::*,
	weights::{CountedWeight, WeightInfo, FULL_FRAMES, SIGNATURE_PICOSECONDS},
	MAX_BATCH_BYTES, MAX_FRAMES_PER_BATCH,
};
use frame_support::{dispatch::GetDispatchInfo, weights::constants::WEIGHT_REF_TIME_PER_MILLIS};
use passport_primitives::telemetry::statement::ThresholdStatement;

type Counted = CountedWeight<Test>;

#[test]
fn a_batch_is_charged_by_its_frames_and_bytes() {
	let frames = batch([(0, vec![0; 100]), (1, vec![0; 200])]);
	let call = crate::Call::<Test>::submit_frames { frames };
	assert_eq!(call.get_dispatch_info().call_weight, Counted::batch(2, 300));
	let [base, frame, byte] =
		[(1, 0), (2, 0), (1, 1)].map(|(frames, bytes)| Counted::batch(frames, bytes).ref_time());
	assert!(frame - base > SIGNATURE_PICOSECONDS);
	assert!(byte > base);
}

#[test]
fn the_bytes_of_a_batch_bring_neither_a_base_nor_frames() {
	assert_eq!(FULL_FRAMES, 64);
	assert_eq!(Counted::batch(1, 0), Counted::submit_frames(1));
	assert_eq!(
		Counted::batch(FULL_FRAMES, MAX_BATCH_BYTES),
		Counted::submit_frames_bytes(MAX_BATCH_BYTES)
	);
	assert_eq!(
		Counted::batch(1, MAX_BATCH_BYTES) - Counted::batch(1, 0),
		Counted::batch(256, MAX_BATCH_BYTES) - Counted::batch(256, 0)
	);
}

#[test]
fn the_largest_batch_takes_less_than_a_tenth_of_a_second() {
	let largest = Counted::batch(MAX_FRAMES_PER_BATCH, MAX_BATCH_BYTES);
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
