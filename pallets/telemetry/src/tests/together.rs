//! Signatures that are checked together: what is said of each frame is what is said when it comes alone.

use crate::{mock::*, DeviceIndex, DeviceState, NextDevice, Page, Pages, DEVICES_PER_PAGE};
use frame_support::{assert_ok, weights::Weight};
use passport_primitives::telemetry::{frame::SIGNATURE_BYTES, FrameRefusal};
use passport_signature_batch::{HostBatch, SignatureBatch};
use proptest::prelude::*;
use sp_runtime::StateVersion;

/// The last device of a page, and the first two of the next.
const DEVICES: [DeviceIndex; 3] = [15, 16, 17];

/// It has had another key.
const ROTATED: DeviceIndex = 16;

/// The first sequence that its present key signs.
const ROTATED_FROM: u64 = 4;

/// The BMS with that key.
const PRESENT_KEY: u32 = 1_016;

const UNKNOWN_DEVICE: DeviceIndex = 18;

/// Runs a test with the devices.
fn with_devices(test: impl FnOnce()) {
	let batteries = DEVICES.len() as u32;
	ExtBuilder::default().batteries(batteries).build_and_execute(|| {
		// The passports of the devices before them were closed.
		Pages::<Test>::insert(0, Page::truncate_from(vec![None; DEVICES_PER_PAGE as usize - 1]));
		NextDevice::<Test>::put(DEVICES[0]);
		for (battery, device) in (0..).zip(DEVICES) {
			assert_eq!(register(battery, device), device);
		}
		assert_ok!(rotate(ROTATED, PRESENT_KEY, ROTATED_FROM));
		test();
	});
}

/// The BMS of a device, with a key.
fn with_key(device: DeviceIndex, key: u32) -> Bms {
	// A device that is not there has no battery either.
	let battery = DEVICES.iter().position(|known| *known == device);
	Bms::new(key).of(battery.map_or(device, |battery| battery as u32))
}

/// The BMS of a device, with the key that signs this sequence.
fn bms(device: DeviceIndex, sequence: u64) -> Bms {
	let key = if device == ROTATED && sequence >= ROTATED_FROM {
		PRESENT_KEY
	} else {
		device
	};
	with_key(device, key)
}

/// A frame of a device, and the device.
fn good(device: DeviceIndex, sequence: u64) -> (DeviceIndex, Vec<u8>) {
	(device, bms(device, sequence).frame(sequence))
}

/// The same with another scalar in the signature: of its lowest byte nothing takes notice but the signature's check.
fn with_scalar_changed_by(
	difference: u8,
	(device, mut frame): (DeviceIndex, Vec<u8>),
) -> (DeviceIndex, Vec<u8>) {
	let place = frame.len() - SIGNATURE_BYTES / 2;
	frame[place] = frame[place].wrapping_add(difference);
	(device, frame)
}

/// What a batch has in one place.
#[derive(Clone, Debug)]
enum Place {
	Good {
		sequence: u64,
	},
	FlippedBit {
		sequence: u64,
		bit: usize,
	},
	OfAnotherDevice {
		sequence: u64,
	},
	/// Signed by the key that the device has for other sequences, where it has two.
	OtherKey {
		sequence: u64,
	},
	OtherScalar {
		sequence: u64,
	},
	FutureEpoch {
		sequence: u64,
	},
	Malformed,
	UnknownDevice,
	/// The same bytes as an earlier place, for the device of that place.
	Again {
		of: usize,
	},
}

fn place() -> impl Strategy<Value = Place> {
	// Few sequences, so that frames meet each other's; of both keys.
	let sequence = || prop_oneof![1u64..7, 60u64..70];
	prop_oneof![
		6 => sequence().prop_map(|sequence| Place::Good { sequence }),
		1 => (sequence(), any::<usize>()).prop_map(|(sequence, bit)| Place::FlippedBit { sequence, bit }),
		1 => sequence().prop_map(|sequence| Place::OfAnotherDevice { sequence }),
		1 => sequence().prop_map(|sequence| Place::OtherKey { sequence }),
		1 => sequence().prop_map(|sequence| Place::OtherScalar { sequence }),
		1 => sequence().prop_map(|sequence| Place::FutureEpoch { sequence }),
		1 => Just(Place::Malformed),
		1 => Just(Place::UnknownDevice),
		2 => any::<usize>().prop_map(|of| Place::Again { of }),
	]
}

fn device() -> impl Strategy<Value = DeviceIndex> {
	prop::sample::select(DEVICES.to_vec())
}

fn frames_of(places: &[(DeviceIndex, Place)]) -> Vec<(DeviceIndex, Vec<u8>)> {
	let mut frames: Vec<(DeviceIndex, Vec<u8>)> = vec![];
	for (device, place) in places {
		let device = *device;
		frames.push(match place {
			Place::Good { sequence } => good(device, *sequence),
			Place::FlippedBit { sequence, bit } => {
				let (_, mut frame) = good(device, *sequence);
				let bit = bit % (8 * frame.len());
				frame[bit / 8] ^= 1 << (bit % 8);
				(device, frame)
			}
			Place::OfAnotherDevice { sequence } => (device, bms(device + 1, *sequence).frame(*sequence)),
			Place::OtherKey { sequence } if *sequence < ROTATED_FROM => {
				(device, with_key(device, PRESENT_KEY).frame(*sequence))
			}
			Place::OtherKey { sequence } => (device, with_key(device, device).frame(*sequence)),
			Place::OtherScalar { sequence } => with_scalar_changed_by(1, good(device, *sequence)),
			Place::FutureEpoch { sequence } => {
				let sent = Sent {
					sequence: *sequence,
					key_epoch: 1,
					..Sent::default()
				};
				(device, bms(device, *sequence).send(sent))
			}
			Place::Malformed => (device, vec![0; 40]),
			Place::UnknownDevice => (UNKNOWN_DEVICE, Bms::new(UNKNOWN_DEVICE).frame(1)),
			Place::Again { of } if frames.is_empty() => good(device, *of as u64 % 4 + 1),
			Place::Again { of } => frames[of % frames.len()].clone(),
		});
	}
	frames
}

/// What is said of each frame, and what the devices' states are then.
type Said = (Vec<Option<FrameRefusal>>, Vec<DeviceState>);

fn states() -> Vec<DeviceState> {
	DEVICES.map(state).into()
}

fn together(frames: &[(DeviceIndex, Vec<u8>)]) -> Said {
	let mut said = None;
	with_devices(|| {
		let verified = submit(frames.to_vec());
		let mut reasons = vec![None; frames.len()];
		for (position, reason) in verified.skipped {
			reasons[usize::from(position)] = Some(reason);
		}
		let taken = reasons.iter().filter(|reason| reason.is_none()).count();
		assert_eq!(usize::from(verified.frames), taken);
		assert_eq!(verified.readings as usize, 2 * taken);
		said = Some((reasons, states()));
	});
	said.unwrap()
}

fn one_after_the_other(frames: &[(DeviceIndex, Vec<u8>)]) -> Said {
	let mut said = None;
	with_devices(|| {
		let reasons = frames
			.iter()
			.map(|(device, frame)| submit_one(*device, frame.clone()).err())
			.collect();
		said = Some((reasons, states()));
	});
	said.unwrap()
}

/// What a host leaves behind: the root of the state, with the events in it, and the weight that is charged.
fn on_a_host(checks_together: bool, frames: &[(DeviceIndex, Vec<u8>)]) -> (Vec<u8>, Option<Weight>) {
	HostChecksTogether::set(checks_together);
	let mut left = None;
	with_devices(|| {
		let charged = Telemetry::submit_frames(RuntimeOrigin::signed(BRIDGE), batch(frames.to_vec()));
		left = Some((
			sp_io::storage::root(StateVersion::V1),
			charged.unwrap().actual_weight,
		));
	});
	HostChecksTogether::set(true);
	left.unwrap()
}

#[test]
fn a_frame_that_comes_alone_is_checked_by_itself() {
	assert!(HostBatch::WORTHWHILE_FROM.is_some_and(|fewest| fewest > 1));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(48))]

	#[test]
	fn a_batch_says_of_its_frames_what_they_say_one_after_the_other(
		places in prop::collection::vec((device(), place()), 2..16),
	) {
		let frames = frames_of(&places);
		prop_assert_eq!(together(&frames), one_after_the_other(&frames));
	}

	#[test]
	fn a_host_that_checks_none_together_comes_to_the_same_state_and_the_same_weight(
		places in prop::collection::vec((device(), place()), 2..16),
	) {
		let frames = frames_of(&places);
		prop_assert_eq!(on_a_host(true, &frames), on_a_host(false, &frames));
	}

	#[test]
	fn a_batch_without_a_bad_signature_as_well(
		places in prop::collection::vec((device(), 1u64..20), 2..16),
	) {
		let frames: Vec<_> = places.iter().map(|(device, sequence)| good(*device, *sequence)).collect();
		let said = together(&frames);
		prop_assert!(!said.0.contains(&Some(FrameRefusal::BadSignature)));
		prop_assert_eq!(said, one_after_the_other(&frames));
	}
}

#[test]
fn a_bad_signature_does_not_use_up_the_sequence_of_a_good_frame_behind_it() {
	let mut frames: Vec<_> = (1..=8).map(|sequence| good(15, sequence)).collect();
	frames.extend([with_scalar_changed_by(1, good(15, 9)), good(15, 9), good(15, 9)]);
	let (reasons, states) = together(&frames);
	assert_eq!(
		reasons[8..],
		[
			Some(FrameRefusal::BadSignature),
			None,
			Some(FrameRefusal::Replayed)
		]
	);
	assert_eq!((states[0].window.highest(), states[0].frames), (9, 9));
}

#[test]
fn a_badly_signed_leap_does_not_make_good_frames_too_old() {
	let leap = with_scalar_changed_by(1, good(15, 10_000));
	let frames: Vec<_> = [leap]
		.into_iter()
		.chain((1..=8).map(|sequence| good(15, sequence)))
		.collect();
	let (reasons, states) = together(&frames);
	assert_eq!(reasons[0], Some(FrameRefusal::BadSignature));
	assert_eq!(reasons[1..], [None; 8]);
	assert_eq!((states[0].window.highest(), states[0].frames), (8, 8));
}

#[test]
fn two_bad_signatures_do_not_make_up_for_each_other() {
	// Their sum is what it would be if both were good.
	let mut frames: Vec<_> = (1..=8).map(|sequence| good(15, sequence)).collect();
	for (place, difference) in [(3, 1), (6, 0xff)] {
		frames[place] = with_scalar_changed_by(difference, frames[place].clone());
	}
	let (reasons, states) = together(&frames);
	let refused: Vec<_> = (0..8).filter(|place| reasons[*place].is_some()).collect();
	assert_eq!(refused, [3, 6]);
	assert_eq!(reasons[3], Some(FrameRefusal::BadSignature));
	assert_eq!(states[0].frames, 6);
}

#[test]
fn whatever_page_a_bad_signature_is_on_the_frames_of_all_pages_are_taken_once() {
	let all: Vec<_> = DEVICES
		.into_iter()
		.flat_map(|device| (1..=4).map(move |sequence| good(device, sequence)))
		.collect();
	for bad in 0..all.len() {
		let mut frames = all.clone();
		frames[bad] = with_scalar_changed_by(1, frames[bad].clone());
		// Back to the page that was written first.
		frames.push(good(15, 5));
		let (reasons, states) = together(&frames);
		let mut expected = vec![None; frames.len()];
		expected[bad] = Some(FrameRefusal::BadSignature);
		assert_eq!(reasons, expected, "{bad} is bad");
		let mut taken = [5, 4, 4];
		taken[bad / 4] -= 1;
		let counted: Vec<_> = states.iter().map(|state| state.frames).collect();
		assert_eq!(counted, taken, "{bad} is bad");
	}
}

#[test]
fn in_one_batch_each_sequence_is_checked_with_the_key_that_signs_it() {
	let mut frames: Vec<_> = (1..=8).map(|sequence| good(ROTATED, sequence)).collect();
	let (reasons, states) = together(&frames);
	assert_eq!(reasons, [None; 8]);
	assert_eq!(states[1].frames, 8);
	// The former key for the first sequence of the present one, and the other way round.
	frames[2] = (ROTATED, with_key(ROTATED, PRESENT_KEY).frame(3));
	frames[3] = (ROTATED, with_key(ROTATED, ROTATED).frame(4));
	let (reasons, states) = together(&frames);
	let bad = Some(FrameRefusal::BadSignature);
	assert_eq!(reasons, [None, None, bad, bad, None, None, None, None]);
	assert_eq!(states[1].frames, 6);
}
