//! `submit_frames`: who may, how much, and what is skipped.

use super::standing::refuses_who_may_not_act;
use crate::{
	mock::*, Batch, DeviceState, Error, Event, FrameBytes, Pages, SubmittedFrame, MAX_BATCH_BYTES,
	MAX_FRAMES_PER_BATCH,
};
use codec::{Decode, Encode};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	life_cycle::{Publication, Status},
	telemetry::{
		frame::SIGNATURE_BYTES, window::MAX_SEQUENCE_STEP, FrameRefusal, MAX_AHEAD_SECONDS,
		MAX_BEHIND_SECONDS, MAX_FRAME_BYTES,
	},
};
use std::collections::BTreeSet;

fn with_flipped_bit(mut frame: Vec<u8>, byte: usize) -> Vec<u8> {
	frame[byte] ^= 1;
	frame
}

#[test]
fn only_an_active_member_brings_frames() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let frames = batch([(0, Bms::new(0).frame(1))]);
		refuses_who_may_not_act(|origin| {
			Telemetry::submit_frames(origin, frames.clone())
				.map(drop)
				.map_err(|refused| refused.error)
		});
	});
}

#[test]
fn only_a_bridge_operator_brings_frames_not_even_the_maker() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		for account in [MAKER, SECOND_LIFE, OUTSIDER] {
			assert_noop!(
				Telemetry::submit_frames(RuntimeOrigin::signed(account), batch([(0, Bms::new(0).frame(1))])),
				Error::<Test>::NotAuthorized
			);
		}
	});
}

#[test]
fn any_bridge_brings_the_frames_of_any_device() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(submit_one(0, Bms::new(0).frame(1)));
		assert_ok!(Telemetry::submit_frames(
			RuntimeOrigin::signed(OTHER_BRIDGE),
			batch([(0, Bms::new(0).frame(2))])
		));
		assert_eq!(
			last_event(),
			Some(Event::BatchVerified {
				bridge: organisation(OTHER_BRIDGE),
				frames: 1,
				readings: 2,
				skipped: Default::default(),
			})
		);
		assert_eq!(state(0).frames, 2);
	});
}

#[test]
fn a_batch_of_several_devices_is_taken_and_counted() {
	ExtBuilder::default().devices(3).build_and_execute(|| {
		let heads: Vec<_> = (0..3).map(|device| state(device).history_head).collect();
		let verified = submit([
			(0, Bms::new(0).frame(1)),
			(0, Bms::new(0).frame(2)),
			(1, Bms::new(1).frame(7)),
			(
				2,
				Bms::new(2).send(Sent {
					sequence: 1,
					last_seconds: NOW + 30,
					..Sent::default()
				}),
			),
		]);
		assert_eq!(
			verified,
			Verified {
				frames: 4,
				readings: 8,
				skipped: vec![]
			}
		);
		for (device, highest, frames, last_seconds) in [(0, 2, 2, NOW), (1, 7, 1, NOW), (2, 1, 1, NOW + 30)] {
			let DeviceState {
				device: registered,
				public_key,
				key_from_sequence,
				revoked,
				in_use,
				responsible_operator,
				key_epoch,
				window,
				last_seconds: last,
				history_head,
				frames: taken,
				readings,
			} = state(device);
			assert_eq!(registered.passport, passport(device));
			assert_eq!(public_key, Bms::new(device).public_key());
			assert!(in_use && !revoked);
			assert_eq!(responsible_operator, organisation(MAKER));
			assert_eq!((key_epoch, key_from_sequence), (0, 0));
			assert_eq!(window.highest(), highest);
			assert_eq!(last, last_seconds);
			assert_ne!(history_head, heads[device as usize]);
			assert_eq!((taken, readings), (frames, 2 * u64::from(frames)));
		}
	});
}

#[test]
fn a_batch_has_a_frame() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Telemetry::submit_frames(RuntimeOrigin::signed(BRIDGE), batch([])),
			Error::<Test>::EmptyBatch
		);
	});
}

#[test]
fn a_batch_has_at_most_256_kib() {
	ExtBuilder::default().build_and_execute(|| {
		let largest = vec![(0, vec![0; MAX_FRAME_BYTES]); MAX_BATCH_BYTES as usize / MAX_FRAME_BYTES];
		assert_eq!(Telemetry::bytes_of(&batch(largest.clone())), MAX_BATCH_BYTES);
		assert_eq!(submit(largest.clone()).skipped.len(), largest.len());
		let too_large = largest.into_iter().chain([(0, vec![0])]);
		assert_noop!(
			Telemetry::submit_frames(RuntimeOrigin::signed(BRIDGE), batch(too_large)),
			Error::<Test>::BatchTooLarge
		);
	});
}

#[test]
fn a_batch_of_the_most_frames_is_taken_whole() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		let devices = [Bms::new(0), Bms::new(1)];
		let half = u64::from(MAX_FRAMES_PER_BATCH) / 2;
		let verified = submit((0..2u32).flat_map(|device| {
			let bms = &devices[device as usize];
			(1..=half).map(move |sequence| (device, bms.frame(sequence)))
		}));
		assert_eq!(
			verified,
			Verified {
				frames: 256,
				readings: 512,
				skipped: vec![]
			}
		);
	});
}

#[test]
fn a_batch_that_is_skipped_whole_is_reported_whole() {
	ExtBuilder::default().build_and_execute(|| {
		let verified = submit(vec![(0, vec![]); MAX_FRAMES_PER_BATCH as usize]);
		assert_eq!(verified.frames, 0);
		assert_eq!(
			verified.skipped,
			(0..256)
				.map(|position| (position, FrameRefusal::Malformed))
				.collect::<Vec<_>>()
		);
	});
}

#[test]
fn a_frame_of_more_than_4096_bytes_is_no_call_at_all() {
	let call = |length: usize| {
		// As on the wire: pallet, call, one frame of device 0.
		[
			vec![1u8, 2],
			codec::Compact(1u32).encode(),
			codec::Compact(0u32).encode(),
			vec![0u8; length].encode(),
		]
		.concat()
	};
	assert!(matches!(
		RuntimeCall::decode(&mut call(MAX_FRAME_BYTES).as_slice()),
		Ok(RuntimeCall::Telemetry(crate::Call::submit_frames { frames })) if frames.len() == 1
	));
	assert!(RuntimeCall::decode(&mut call(MAX_FRAME_BYTES + 1).as_slice()).is_err());
	assert!(FrameBytes::try_from(vec![0; MAX_FRAME_BYTES + 1]).is_err());
}

#[test]
fn a_batch_of_more_than_256_frames_is_no_call_at_all() {
	let frame = SubmittedFrame {
		device: 0,
		frame: FrameBytes::default(),
	};
	assert!(Batch::decode(&mut vec![frame.clone(); 256].encode().as_slice()).is_ok());
	assert!(Batch::decode(&mut vec![frame; 257].encode().as_slice()).is_err());
}

/// One batch with a frame of each kind that is skipped, each of a device of its own, between good ones.
#[test]
fn each_bad_frame_is_skipped_with_its_reason_and_the_rest_goes_on() {
	ExtBuilder::default().devices(16).build_and_execute(|| {
		let bms = |number: u32| Bms::new(number);
		let sent = |number: u32, sent: Sent| (number, Bms::new(number).send(sent));
		// Device 16, in the next page, is of another maker.
		add_passport(16, OTHER_MAKER);
		assert_eq!(register(16, 16), 16);
		SuspendedLater::set(vec![organisation(OTHER_MAKER)]);
		// Devices 3 and 12 have sent before.
		let replayed = bms(3).frame(5);
		assert_ok!(submit_one(3, replayed.clone()));
		assert_ok!(submit_one(12, bms(12).frame(100)));
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 6));
		change_passport(7, |facts| facts.publication = Publication::Superseded);
		change_passport(8, |facts| facts.status = Status::Waste);

		let cut_short = bms(1).frame(1)[..90].to_vec();
		let wrongly_signed = bms(2).frame(1);
		let wrongly_signed = with_flipped_bit(wrongly_signed.clone(), wrongly_signed.len() - 1);
		let table = [
			((0, bms(0).frame(1)), None),
			((1, cut_short), Some(FrameRefusal::Malformed)),
			((2, wrongly_signed), Some(FrameRefusal::BadSignature)),
			((3, replayed), Some(FrameRefusal::Replayed)),
			(
				sent(
					4,
					Sent {
						first_seconds: NOW - MAX_BEHIND_SECONDS - 1,
						..Sent::default()
					},
				),
				Some(FrameRefusal::Stale),
			),
			(
				sent(
					5,
					Sent {
						last_seconds: NOW + MAX_AHEAD_SECONDS + 1,
						..Sent::default()
					},
				),
				Some(FrameRefusal::FromTheFuture),
			),
			((6, bms(6).frame(1)), Some(FrameRefusal::DeviceNotActive)),
			((7, bms(7).frame(1)), Some(FrameRefusal::PassportNotActive)),
			((0, bms(0).frame(2)), None),
			((8, bms(8).frame(1)), Some(FrameRefusal::PassportNotActive)),
			((16, bms(16).frame(1)), Some(FrameRefusal::DeviceNotActive)),
			((17, bms(17).frame(1)), Some(FrameRefusal::UnknownDevice)),
			(
				sent(
					10,
					Sent {
						key_epoch: 1,
						..Sent::default()
					},
				),
				Some(FrameRefusal::WrongKeyEpoch),
			),
			(
				sent(
					11,
					Sent {
						sequence: MAX_SEQUENCE_STEP + 1,
						..Sent::default()
					},
				),
				Some(FrameRefusal::SequenceLeap),
			),
			((12, bms(12).frame(36)), Some(FrameRefusal::TooOld)),
			((13, bms(13).frame(1)), None),
		];
		let reasons: BTreeSet<_> = table
			.iter()
			.filter_map(|(_, reason)| reason.map(FrameRefusal::name))
			.collect();
		assert_eq!(
			reasons,
			FrameRefusal::ALL.map(FrameRefusal::name).into(),
			"the table has every reason"
		);

		let states = || (0..=16).map(state).collect::<Vec<_>>();
		let before = states();
		let expected: Vec<_> = table
			.iter()
			.enumerate()
			.filter_map(|(position, (_, reason))| reason.map(|reason| (position as u16, reason)))
			.collect();
		let verified = submit(table.into_iter().map(|(frame, _)| frame));
		assert_eq!(
			verified,
			Verified {
				frames: 3,
				readings: 6,
				skipped: expected
			}
		);
		for (device, (before, after)) in before.into_iter().zip(states()).enumerate() {
			assert_eq!(
				before != after,
				[0, 13].contains(&device),
				"device {device}: {after:?}"
			);
		}
		assert_eq!(state(0).frames, 2);
		assert_eq!(state(13).frames, 1);
	});
}

#[test]
fn a_batch_of_which_nothing_is_taken_writes_nothing() {
	ExtBuilder::default().devices(20).build_and_execute(|| {
		let pages = || Pages::<Test>::iter().collect::<Vec<_>>();
		let before = pages();
		let verified = submit([
			(0, with_flipped_bit(Bms::new(0).frame(1), 20)),
			(17, Bms::new(0).frame(1)),
			(400, Bms::new(0).frame(1)),
			(u32::MAX, Bms::new(0).frame(1)),
		]);
		assert_eq!(verified.frames, 0);
		assert_eq!(pages(), before);
	});
}

#[test]
fn a_frame_that_was_skipped_is_taken_once_its_cause_is_gone() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let bms = Bms::new(0);
		// Somebody guesses the next sequence: it is not burnt.
		assert_eq!(
			submit_one(0, with_flipped_bit(bms.frame(1), 20)),
			Err(FrameRefusal::BadSignature)
		);
		SuspendedLater::set(vec![organisation(MAKER)]);
		assert_eq!(submit_one(0, bms.frame(1)), Err(FrameRefusal::DeviceNotActive));
		SuspendedLater::set(vec![]);
		let early = bms.send(Sent {
			last_seconds: NOW + 400,
			..Sent::default()
		});
		assert_eq!(submit_one(0, early.clone()), Err(FrameRefusal::FromTheFuture));
		ChainSeconds::set(NOW + 100);
		assert_ok!(submit_one(0, early));
	});
}

#[test]
fn times_are_taken_up_to_their_bounds() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let bms = Bms::new(0);
		for (sequence, (first_seconds, last_seconds, said)) in (1..).zip([
			(NOW - MAX_BEHIND_SECONDS, NOW, Ok(())),
			(NOW - MAX_BEHIND_SECONDS - 1, NOW, Err(FrameRefusal::Stale)),
			(NOW, NOW + MAX_AHEAD_SECONDS, Ok(())),
			(NOW, NOW + MAX_AHEAD_SECONDS + 1, Err(FrameRefusal::FromTheFuture)),
		]) {
			let frame = bms.send(Sent {
				sequence,
				first_seconds,
				last_seconds,
				..Sent::default()
			});
			assert_eq!(submit_one(0, frame), said, "{first_seconds} to {last_seconds}");
		}
	});
}

#[test]
fn the_latest_time_of_a_device_never_goes_back() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let bms = Bms::new(0);
		for (sequence, last_seconds, latest) in [(1, NOW - 10, NOW - 10), (3, NOW, NOW), (2, NOW - 5, NOW)] {
			let frame = bms.send(Sent {
				sequence,
				last_seconds,
				..Sent::default()
			});
			assert_ok!(submit_one(0, frame));
			assert_eq!(state(0).last_seconds, latest);
		}
	});
}

#[test]
fn every_flipped_bit_of_a_frame_keeps_it_out() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let frame = Bms::new(0).frame(1);
		assert!(frame.len() < MAX_FRAMES_PER_BATCH as usize);
		let before = state(0);
		let verified = submit((0..frame.len()).map(|byte| (0, with_flipped_bit(frame.clone(), byte))));
		assert_eq!(verified.frames, 0);
		assert_eq!(state(0), before);
		assert_ok!(submit_one(0, frame));
	});
}

#[test]
fn a_frame_that_is_cut_or_lengthened_is_skipped() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let frame = Bms::new(0).frame(1);
		for length in 0..frame.len() {
			let said = submit_one(0, frame[..length].to_vec());
			assert!(
				matches!(said, Err(FrameRefusal::Malformed | FrameRefusal::BadSignature)),
				"{length} bytes: {said:?}"
			);
		}
		let longer = [frame.as_slice(), &[0; SIGNATURE_BYTES]].concat();
		assert_eq!(submit_one(0, longer), Err(FrameRefusal::BadSignature));
	});
}

#[test]
fn a_frame_counts_for_the_device_that_signed_it_alone() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		assert_eq!(
			submit_one(1, Bms::new(0).frame(1)),
			Err(FrameRefusal::BadSignature)
		);
		assert_ok!(submit_one(0, Bms::new(0).frame(1)));
	});
}

#[test]
fn a_frame_of_another_network_is_wrongly_signed() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_eq!(Telemetry::genesis_hash(), GENESIS);
		let frame = Bms::new(0).send(Sent {
			genesis_hash: [8; 32],
			..Sent::default()
		});
		assert_eq!(submit_one(0, frame), Err(FrameRefusal::BadSignature));
	});
}

#[test]
fn a_proof_of_possession_is_no_frame_and_a_frame_of_a_reserved_scheme_is_none_either() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let frame = Bms::new(0).frame(1);
		for (byte, value) in [(0, 0), (0, 2), (1, 1), (1, 0xff)] {
			let mut reserved = frame.clone();
			reserved[byte] = value;
			assert_eq!(submit_one(0, reserved), Err(FrameRefusal::Malformed));
		}
	});
}

#[test]
fn the_devices_of_a_suspended_operators_batteries_are_silent_until_it_is_reinstated() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let bms = Bms::new(0);
		SuspendedLater::set(vec![organisation(MAKER)]);
		assert_eq!(submit_one(0, bms.frame(1)), Err(FrameRefusal::DeviceNotActive));
		SuspendedLater::set(vec![]);
		assert_ok!(submit_one(0, bms.frame(1)));
	});
}

#[test]
fn who_answers_for_the_battery_now_vouches_for_its_device_whoever_made_it() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let bms = Bms::new(0);
		SuspendedLater::set(vec![organisation(MAKER)]);
		assert_eq!(submit_one(0, bms.frame(1)), Err(FrameRefusal::DeviceNotActive));
		// The council gives the passport to another, as it does when the maker has ceased to exist.
		change_passport(0, |facts| facts.responsible_operator = organisation(OUTSIDER));
		assert_ok!(submit_one(0, bms.frame(1)));
		assert_eq!(
			Telemetry::state_of(0).map(|state| state.device.maker),
			Some(organisation(MAKER))
		);
		SuspendedLater::set(vec![organisation(OUTSIDER)]);
		assert_eq!(submit_one(0, bms.frame(2)), Err(FrameRefusal::DeviceNotActive));
		SuspendedLater::set(vec![]);
		assert_ok!(submit_one(0, bms.frame(2)));
	});
}

#[test]
fn a_replaced_device_is_silent_and_its_successor_starts_anew() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(submit_one(0, Bms::new(0).frame(50)));
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		assert_eq!(register(0, 1), 1);
		assert_eq!(
			submit_one(0, Bms::new(0).frame(51)),
			Err(FrameRefusal::DeviceNotActive)
		);
		assert_eq!(
			submit_one(1, Bms::new(0).frame(51)),
			Err(FrameRefusal::BadSignature)
		);
		assert_ok!(submit_one(1, Bms::new(1).of(0).frame(1)));
	});
}

#[test]
fn a_device_that_was_revoked_is_not_active_whatever_became_of_its_battery() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		change_passport(0, |facts| facts.status = Status::Waste);
		assert_eq!(
			submit_one(0, Bms::new(0).frame(1)),
			Err(FrameRefusal::DeviceNotActive)
		);
	});
}
