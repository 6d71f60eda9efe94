//! `rotate_device_key`: each sequence is judged by the key that covers it, whenever its frame comes.

use super::standing::refuses_who_may_not_act;
use crate::{mock::*, DeviceState, Error, Event, FormerKey, FormerKeys, LastStatement, MAX_FORMER_KEYS};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	ledger::DelegatedRight,
	life_cycle::{Publication, Status},
	telemetry::{
		device::{possession_message, rotation_message},
		statement::ThresholdStatement,
		window::{MAX_SEQUENCE_STEP, WINDOW_BITS},
		FrameRefusal,
	},
};
use proptest::prelude::*;
use sp_runtime::DispatchResult;

/// `account` gives device 0 of battery 0 the key of BMS `bms` from this sequence on. Its present key agrees.
fn rotate_as(account: u64, bms: u32, from_sequence: u64) -> DispatchResult {
	let (present, bms) = (Bms::with_key(state(0).public_key), Bms::new(bms));
	let consent = present.consent(passport(0), &bms, from_sequence);
	rotate_with(account, &bms, from_sequence, consent)
}

fn rotate_with(account: u64, bms: &Bms, from_sequence: u64, consent: [u8; 64]) -> DispatchResult {
	Telemetry::rotate_device_key(
		RuntimeOrigin::signed(account),
		0,
		bms.public_key(),
		from_sequence,
		bms.rotation_proof(passport(0), from_sequence),
		consent,
	)
}

#[test]
fn only_an_active_member_rotates_keys() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let bms = Bms::new(1);
		refuses_who_may_not_act(|origin| {
			let proof = bms.rotation_proof(passport(0), 1);
			let consent = Bms::new(0).consent(passport(0), &bms, 1);
			Telemetry::rotate_device_key(origin, 0, bms.public_key(), 1, proof, consent)
		});
	});
}

#[test]
fn the_new_key_is_the_devices_and_the_former_one_is_kept() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		assert_ok!(submit_one(0, Bms::new(0).of(0).frame(4)));
		let (before, other) = (state(0), state(1));
		assert_ok!(rotate_as(MAKER, 10, 5));
		let public_key = Bms::new(10).public_key();
		assert_eq!(
			last_event(),
			Some(Event::DeviceKeyRotated {
				device: 0,
				public_key,
				from_sequence: 5,
			})
		);
		assert_eq!(
			state(0),
			DeviceState {
				public_key,
				key_from_sequence: 5,
				..before.clone()
			}
		);
		assert_eq!(state(1), other);
		assert_eq!(
			FormerKeys::<Test>::get(0).to_vec(),
			[FormerKey {
				public_key: before.public_key,
				below_sequence: 5,
			}]
		);
	});
}

#[test]
fn every_key_that_a_device_has_had_is_known_the_present_one_first() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		assert_ok!(rotate_as(MAKER, 10, 5));
		assert_ok!(rotate_as(MAKER, 11, 6));
		let keys = [11, 10, 0].map(|bms| Bms::new(bms).public_key());
		assert_eq!(Telemetry::keys_of(0), Some(keys.to_vec()));
		assert_eq!(Telemetry::keys_of(1), Some(vec![Bms::new(1).public_key()]));
		assert_eq!(Telemetry::keys_of(2), None);
		// Of a revoked device as well: what it signed stays its own.
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		assert_eq!(Telemetry::keys_of(0), Some(keys.to_vec()));
	});
}

#[test]
fn an_outbox_that_was_full_at_the_rotation_loses_nothing() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let [first, second, third] = [0, 10, 11].map(|bms| Bms::new(bms).of(0));
		assert_ok!(submit_one(0, first.frame(1)));
		assert_ok!(rotate_as(MAKER, 10, 4));
		assert_ok!(rotate_as(MAKER, 11, 6));
		// The newest first, the rest late and in one batch.
		assert_ok!(submit_one(0, third.frame(6)));
		let late = submit([
			(0, second.frame(5)),
			(0, first.frame(3)),
			(0, second.frame(4)),
			(0, first.frame(2)),
			(0, third.frame(7)),
		]);
		assert_eq!(
			late,
			Verified {
				frames: 5,
				readings: 10,
				skipped: vec![]
			}
		);
		assert_eq!((state(0).frames, state(0).window.highest()), (7, 7));
	});
}

#[test]
fn no_key_signs_the_sequences_of_another() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(submit_one(0, Bms::new(0).of(0).frame(1)));
		assert_ok!(rotate_as(MAKER, 10, 4));
		assert_ok!(rotate_as(MAKER, 11, 6));
		for (sequence, owner) in [(2, 0), (3, 0), (4, 10), (5, 10), (6, 11), (7, 11)] {
			for bms in [0, 10, 11] {
				if bms != owner {
					assert_eq!(
						submit_one(0, Bms::new(bms).of(0).frame(sequence)),
						Err(FrameRefusal::BadSignature),
						"sequence {sequence} by {bms}"
					);
				}
			}
		}
		for (sequence, owner) in [(2, 0), (3, 0), (4, 10), (5, 10), (6, 11), (7, 11)] {
			assert_ok!(submit_one(0, Bms::new(owner).of(0).frame(sequence)));
		}
	});
}

#[test]
fn a_frame_that_was_taken_before_the_rotation_is_not_taken_after_it() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(submit_one(0, Bms::new(0).of(0).frame(3)));
		assert_ok!(rotate_as(MAKER, 10, 4));
		assert_eq!(
			submit_one(0, Bms::new(0).of(0).frame(3)),
			Err(FrameRefusal::Replayed)
		);
		assert_ok!(submit_one(0, Bms::new(10).of(0).frame(3 + WINDOW_BITS)));
		assert_eq!(
			submit_one(0, Bms::new(0).of(0).frame(2)),
			Err(FrameRefusal::TooOld)
		);
	});
}

#[test]
fn a_new_key_begins_above_all_that_was_taken_and_within_reach() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_noop!(rotate_as(MAKER, 10, 0), Error::<Test>::FromSequenceOutOfRange);
		assert_ok!(submit_one(0, Bms::new(0).of(0).frame(100)));
		// A late frame can still be taken; the highest alone counts.
		for from_sequence in [0, 1, 99, 100, 100 + MAX_SEQUENCE_STEP + 1, u64::MAX] {
			assert_noop!(
				rotate_as(MAKER, 10, from_sequence),
				Error::<Test>::FromSequenceOutOfRange
			);
		}
		assert_ok!(rotate_as(MAKER, 10, 101));
		assert_ok!(rotate_as(MAKER, 11, 102));
		assert_ok!(rotate_as(MAKER, 12, 100 + MAX_SEQUENCE_STEP));
		assert_ok!(submit_one(0, Bms::new(12).of(0).frame(100 + MAX_SEQUENCE_STEP)));
		// Each key keeps what was taken of it.
		assert_noop!(
			rotate_as(MAKER, 13, 100 + MAX_SEQUENCE_STEP),
			Error::<Test>::FromSequenceOutOfRange
		);
	});
}

#[test]
fn a_rotation_that_went_too_far_is_made_good_as_long_as_nothing_of_its_key_was_taken() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(rotate_as(MAKER, 10, 200));
		assert_ok!(submit_one(0, Bms::new(10).of(0).frame(200)));
		let far = 200 + MAX_SEQUENCE_STEP;
		assert_ok!(rotate_as(MAKER, 11, far));
		for from_sequence in [200, far + 1] {
			assert_noop!(
				rotate_as(MAKER, 12, from_sequence),
				Error::<Test>::FromSequenceOutOfRange
			);
		}
		assert_ok!(rotate_as(MAKER, 12, 205));
		let former = |bms: u32, below_sequence| FormerKey {
			public_key: Bms::new(bms).public_key(),
			below_sequence,
		};
		assert_eq!(
			FormerKeys::<Test>::get(0).to_vec(),
			[former(0, 200), former(10, 205), former(11, 205)]
		);
		// What bridges have anchored of it stays its own; here it counts for nothing.
		let keys = [12, 11, 10, 0].map(|bms| Bms::new(bms).public_key());
		assert_eq!(Telemetry::keys_of(0), Some(keys.to_vec()));
		for sequence in [204, 205, far] {
			assert_eq!(
				submit_one(0, Bms::new(11).of(0).frame(sequence)),
				Err(FrameRefusal::BadSignature)
			);
		}
		assert_ok!(submit_one(0, Bms::new(10).of(0).frame(204)));
		assert_ok!(submit_one(0, Bms::new(12).of(0).frame(205)));
	});
}

#[test]
fn the_key_before_one_that_is_made_good_keeps_a_sequence() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(rotate_as(MAKER, 10, 5));
		assert_ok!(rotate_as(MAKER, 11, 9));
		for from_sequence in [0, 4, 5] {
			assert_noop!(
				rotate_as(MAKER, 12, from_sequence),
				Error::<Test>::FromSequenceOutOfRange
			);
		}
		assert_ok!(rotate_as(MAKER, 12, 6));
		// And so it is again: 11 has none to give up.
		assert_noop!(rotate_as(MAKER, 13, 6), Error::<Test>::FromSequenceOutOfRange);
		assert_ok!(rotate_as(MAKER, 13, 7));
		for (sequence, owner) in [(4, 0), (5, 10), (6, 12), (7, 13)] {
			assert_ok!(submit_one(0, Bms::new(owner).of(0).frame(sequence)));
		}
	});
}

#[test]
fn a_device_gets_no_key_that_its_present_one_has_not_agreed_to() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		let (present, bms) = (Bms::new(0), Bms::new(10));
		let sign = |signer: &Bms, genesis: [u8; 32], battery: u32, key: &Bms, from_sequence: u64| {
			signer.sign(&rotation_message(
				&genesis,
				&passport(battery),
				&key.public_key(),
				from_sequence,
			))
		};
		let possession = possession_message(&GENESIS, &passport(0), &bms.public_key());
		for (what, wrong) in [
			("the new key", sign(&bms, GENESIS, 0, &bms, 5)),
			("another device", sign(&Bms::new(1), GENESIS, 0, &bms, 5)),
			("another network", sign(&present, [8; 32], 0, &bms, 5)),
			("another battery", sign(&present, GENESIS, 1, &bms, 5)),
			("another key", sign(&present, GENESIS, 0, &Bms::new(11), 5)),
			("another sequence", sign(&present, GENESIS, 0, &bms, 6)),
			("a proof of possession", present.sign(&possession)),
			("nothing", [0; 64]),
		] {
			assert_eq!(
				rotate_with(MAKER, &bms, 5, wrong),
				Err(Error::<Test>::BadConsent.into()),
				"{what}"
			);
		}
		assert_noop!(rotate_with(MAKER, &bms, 5, [0; 64]), Error::<Test>::BadConsent);
		assert_ok!(rotate_with(MAKER, &bms, 5, sign(&present, GENESIS, 0, &bms, 5)));
		// The former key has no say any more.
		let next = Bms::new(11);
		let by_the_former_key = present.consent(passport(0), &next, 6);
		assert_noop!(
			rotate_with(MAKER, &next, 6, by_the_former_key),
			Error::<Test>::BadConsent
		);
		// Where the present one is lost, the device is replaced.
		assert_ok!(Telemetry::replace_device(
			RuntimeOrigin::signed(MAKER),
			0,
			next.public_key(),
			next.proof(passport(0))
		));
	});
}

#[test]
fn a_device_that_sent_nothing_yet_can_have_another_key_from_its_first_frame_on() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(rotate_as(MAKER, 10, 1));
		assert_eq!(
			submit_one(0, Bms::new(0).of(0).frame(1)),
			Err(FrameRefusal::BadSignature)
		);
		assert_ok!(submit_one(0, Bms::new(10).of(0).frame(1)));
	});
}

#[test]
fn a_device_has_at_most_eight_former_keys() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		for number in 1..=MAX_FORMER_KEYS {
			assert_ok!(rotate_as(MAKER, 9 + number, number.into()));
		}
		assert_noop!(rotate_as(MAKER, 99, 99), Error::<Test>::TooManyKeys);
		assert_eq!(Telemetry::keys_of(0).map(|keys| keys.len()), Some(9));
		// A device that comes after it begins without.
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		let device = register(0, 50);
		assert_ok!(rotate(device, 51, 1));
	});
}

#[test]
fn statements_are_the_present_keys_alone() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_ok!(rotate_as(MAKER, 10, 50));
		let statement = ThresholdStatement {
			threshold_bp: 7_000,
			at_or_above: true,
			made_at_seconds: NOW,
		};
		let bring = |bms: u32| {
			let signature = Bms::new(bms).state(passport(0), &statement);
			Telemetry::submit_threshold_statement(RuntimeOrigin::signed(BRIDGE), 0, statement, signature)
		};
		assert_noop!(bring(0), Error::<Test>::BadStatementSignature);
		assert_ok!(bring(10));
		// What was stated counts on: the device is the same.
		assert_ok!(rotate_as(MAKER, 11, 51));
		assert!(Withdrawn::get().is_empty());
		assert_eq!(LastStatement::<Test>::get(0), NOW);
	});
}

#[test]
fn nobody_rotates_the_key_of_anothers_device() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		for account in [OTHER_MAKER, SECOND_LIFE, BRIDGE, OUTSIDER] {
			assert_noop!(rotate_as(account, 10, 1), Error::<Test>::NotAuthorized);
		}
		for right in DelegatedRight::ALL {
			let delegate_of = if right == DelegatedRight::ManageDevices {
				OUTSIDER
			} else {
				OTHER_MAKER
			};
			delegate(0, delegate_of, right);
		}
		assert_noop!(rotate_as(OTHER_MAKER, 10, 1), Error::<Test>::NotAuthorized);
		assert_ok!(rotate_as(OUTSIDER, 10, 1));
		// The right goes with the responsibility, and no role is asked for.
		change_passport(0, |facts| facts.responsible_operator = organisation(OUTSIDER));
		assert_noop!(rotate_as(MAKER, 11, 2), Error::<Test>::NotAuthorized);
		assert_ok!(rotate_as(OUTSIDER, 11, 2));
	});
}

#[test]
fn a_device_that_is_not_there_or_was_revoked_gets_no_key() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let bms = Bms::new(10);
		for device in [1, 16, u32::MAX] {
			assert_noop!(
				Telemetry::rotate_device_key(
					RuntimeOrigin::signed(MAKER),
					device,
					bms.public_key(),
					1,
					bms.rotation_proof(passport(0), 1),
					Bms::new(0).consent(passport(0), &bms, 1),
				),
				Error::<Test>::DeviceNotFound
			);
		}
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		assert_noop!(rotate_as(MAKER, 10, 1), Error::<Test>::DeviceRevoked);
	});
}

#[test]
fn a_device_of_a_passport_that_is_gone_gets_no_key() {
	ExtBuilder::default().devices(1).build_and_leave_broken(|| {
		Facts::mutate(std::collections::BTreeMap::clear);
		assert_noop!(rotate_as(MAKER, 10, 1), Error::<Test>::PassportNotFound);
	});
}

#[test]
fn a_battery_that_is_not_in_use_has_no_key_to_rotate() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		change_passport(0, |facts| facts.publication = Publication::Superseded);
		assert_noop!(rotate_as(MAKER, 10, 1), Error::<Test>::PassportNotInUse);
		change_passport(0, |facts| {
			facts.publication = Publication::Active;
			facts.status = Status::Waste;
		});
		assert_noop!(rotate_as(MAKER, 10, 1), Error::<Test>::PassportNotInUse);
	});
}

#[test]
fn a_key_that_was_rotated_away_is_never_one_of_the_batterys_again() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		assert_noop!(rotate_as(MAKER, 0, 1), Error::<Test>::KeyInUse);
		assert_ok!(rotate_as(MAKER, 10, 1));
		// Back to the first one.
		assert_noop!(rotate_as(MAKER, 0, 2), Error::<Test>::KeyInUse);
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		assert_eq!(register(0, 11), 1);
		for former in [0, 10, 11] {
			assert_noop!(rotate(1, former, 1), Error::<Test>::KeyInUse);
		}
	});
}

#[test]
fn a_key_of_small_order_is_refused() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let mut neutral_point = [0; 32];
		neutral_point[0] = 1;
		let mut proof = [0; 64];
		proof[0] = 1;
		assert_noop!(
			Telemetry::rotate_device_key(RuntimeOrigin::signed(MAKER), 0, neutral_point, 1, proof, proof),
			Error::<Test>::UnusableKey
		);
	});
}

#[test]
fn a_proof_is_for_one_network_one_battery_one_key_and_one_sequence() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		let bms = Bms::new(10);
		let key = bms.public_key();
		let consent = Bms::new(0).consent(passport(0), &bms, 5);
		let sign = |genesis: [u8; 32], battery: u32, key: [u8; 32], from_sequence: u64| {
			bms.sign(&rotation_message(
				&genesis,
				&passport(battery),
				&key,
				from_sequence,
			))
		};
		for (what, wrong) in [
			("another network", sign([8; 32], 0, key, 5)),
			("another battery", sign(GENESIS, 1, key, 5)),
			("another key", sign(GENESIS, 0, Bms::new(11).public_key(), 5)),
			("another sequence", sign(GENESIS, 0, key, 6)),
			(
				"a proof of possession",
				bms.sign(&possession_message(&GENESIS, &passport(0), &key)),
			),
			(
				"the former key",
				Bms::new(0).sign(&rotation_message(&GENESIS, &passport(0), &key, 5)),
			),
			("nothing", [0; 64]),
		] {
			assert_eq!(
				Telemetry::rotate_device_key(RuntimeOrigin::signed(MAKER), 0, key, 5, wrong, consent),
				Err(Error::<Test>::BadProofOfPossession.into()),
				"{what}"
			);
		}
		assert_noop!(
			Telemetry::rotate_device_key(RuntimeOrigin::signed(MAKER), 0, key, 5, [0; 64], consent),
			Error::<Test>::BadProofOfPossession
		);
		assert_ok!(Telemetry::rotate_device_key(
			RuntimeOrigin::signed(MAKER),
			0,
			key,
			5,
			sign(GENESIS, 0, key, 5),
			consent
		));
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(8))]

	/// Whatever the order in which frames of several keys come: each is taken once, with the signature of the key that covers it
	/// and no other.
	#[test]
	fn in_any_order_each_sequence_is_its_own_keys(
		order in Just((1..=24u64).collect::<Vec<_>>()).prop_shuffle(),
		steps in proptest::collection::vec(1..8u64, 3),
	) {
		ExtBuilder::default().devices(1).build_and_execute(|| {
			let mut from_sequence = 0;
			let mut begins = vec![];
			for (number, step) in steps.iter().enumerate() {
				from_sequence += step;
				begins.push(from_sequence);
				assert_ok!(rotate_as(MAKER, 10 + number as u32, from_sequence));
			}
			let owner_of = |sequence: u64| {
				let key = begins.iter().rposition(|begin| *begin <= sequence);
				key.map_or(0, |number| 10 + number as u32)
			};
			for sequence in order {
				let owner = owner_of(sequence);
				let other = if owner == 0 { 10 } else { 0 };
				assert_eq!(
					submit_one(0, Bms::new(other).of(0).frame(sequence)),
					Err(FrameRefusal::BadSignature)
				);
				assert_ok!(submit_one(0, Bms::new(owner).of(0).frame(sequence)));
			}
			assert_eq!(state(0).frames, 24);
		});
	}
}
