//! `dispute_signature`.

use super::{
	anchoring::{anchor, anchored, dispute_signature, leaf, leaves, publish, STREAM},
	standing::refuses_who_may_not_act,
};
use crate::{mock::*, AnchoringSuspended, Conviction, Error, Event, ANCHOR_DISPUTE_PERIOD_BLOCKS};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::telemetry::anchor::{AnchorId, AnchoredLeaf, DisputedLeaf, InclusionProof, Offence};

/// A frame of BMS 0 with one bit changed.
fn forged() -> Vec<u8> {
	let mut frame = Bms::new(0).frame(1);
	let last = frame.len() - 1;
	frame[last] ^= 1;
	frame
}

/// The batch has the leaf in its middle: a good one of device 0 before it and one of device 1 after it.
fn around(planted: AnchoredLeaf) -> Vec<AnchoredLeaf> {
	let mut all = leaves(&[(0, 1), (1, 9)]);
	all.insert(1, planted);
	all
}

#[test]
fn each_offence_of_a_leaf_convicts_whoever_anchored_it() {
	let other_network = Sent {
		genesis_hash: [8; 32],
		..Sent::default()
	};
	for (what, planted, offence) in [
		("nothing", leaf(0, vec![]), Offence::MalformedFrame),
		("no frame", leaf(0, vec![1; 80]), Offence::MalformedFrame),
		(
			"no frame of no device",
			leaf(u32::MAX, vec![]),
			Offence::MalformedFrame,
		),
		(
			"a number that was not given",
			leaf(2, Bms::new(2).frame(1)),
			Offence::UnknownDevice,
		),
		(
			"the last number",
			leaf(u32::MAX, Bms::new(0).frame(1)),
			Offence::UnknownDevice,
		),
		("a changed bit", leaf(0, forged()), Offence::BadSignature),
		(
			"another device",
			leaf(0, Bms::new(1).frame(2)),
			Offence::BadSignature,
		),
		(
			"another network",
			leaf(0, Bms::new(0).send(other_network)),
			Offence::BadSignature,
		),
	] {
		ExtBuilder::default().devices(2).build_and_execute(|| {
			let published = publish(BRIDGE, STREAM, around(planted));
			assert_eq!(dispute_signature(OUTSIDER, published.shown(1)), Ok(()), "{what}");
			let bridge = organisation(BRIDGE);
			assert_eq!(anchor(published.id).offence, Some(offence), "{what}");
			assert_eq!(
				AnchoringSuspended::<Test>::get(bridge),
				Some(Conviction {
					anchor: published.id,
					offence
				})
			);
			assert_eq!(
				last_event(),
				Some(Event::AnchoringSuspended {
					bridge,
					anchor: published.id,
					offence
				})
			);
		});
	}
}

#[test]
fn any_member_disputes_and_nobody_else() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		for (account, number) in [MAKER, SECOND_LIFE, BRIDGE, OTHER_BRIDGE, OTHER_MAKER, OUTSIDER]
			.into_iter()
			.zip(1..)
		{
			let mut leaves = around(leaf(0, forged()));
			leaves.extend(super::anchoring::leaves(&[(1, 10 + number)]));
			let shown = publish(BRIDGE, STREAM, leaves).shown(1);
			refuses_who_may_not_act(|origin| {
				let DisputedLeaf { anchor, leaf, proof } = shown.clone();
				Telemetry::dispute_signature(origin, anchor, leaf, proof)
			});
			assert_ok!(dispute_signature(account, shown));
			assert_ok!(Telemetry::allow_anchoring(
				RuntimeOrigin::root(),
				organisation(BRIDGE)
			));
		}
	});
}

#[test]
fn a_good_leaf_is_no_offence() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		let published = anchored(&[(0, 1), (0, 2), (1, 1)]);
		for index in 0..3 {
			assert_noop!(
				dispute_signature(OUTSIDER, published.shown(index)),
				Error::<Test>::NoOffence
			);
		}
	});
}

#[test]
fn what_was_well_signed_stays_so_after_rotations_and_revocation() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let by_the_first_key = anchored(&[(0, 1)]);
		assert_ok!(rotate(0, 10, 100));
		let by_the_second_key = publish(BRIDGE, STREAM, vec![leaf(0, Bms::new(10).of(0).frame(100))]);
		assert_ok!(rotate(0, 11, 200));
		assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), 0));
		for published in [&by_the_first_key, &by_the_second_key] {
			assert_noop!(
				dispute_signature(OUTSIDER, published.shown(0)),
				Error::<Test>::NoOffence
			);
		}
		// A key that the device never had.
		let forged = publish(BRIDGE, STREAM, vec![leaf(0, Bms::new(12).of(0).frame(300))]);
		assert_ok!(dispute_signature(OUTSIDER, forged.shown(0)));
		assert_eq!(anchor(forged.id).offence, Some(Offence::BadSignature));
	});
}

#[test]
fn a_number_that_is_given_later_does_not_make_the_leaf_good() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let published = publish(BRIDGE, STREAM, vec![leaf(1, Bms::new(5).frame(1))]);
		add_passport(1, MAKER);
		assert_eq!(register(1, 1), 1);
		assert_ok!(dispute_signature(OUTSIDER, published.shown(0)));
		assert_eq!(anchor(published.id).offence, Some(Offence::BadSignature));
	});
}

#[test]
fn the_signature_of_a_device_that_is_gone_can_not_be_disputed() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		let good = anchored(&[(0, 1)]);
		let bad = publish(BRIDGE, STREAM, vec![leaf(0, forged())]);
		let no_frame = publish(BRIDGE, STREAM, vec![leaf(0, vec![7])]);
		close(0);
		for published in [good, bad] {
			assert_noop!(
				dispute_signature(OUTSIDER, published.shown(0)),
				Error::<Test>::DeviceNotFound
			);
		}
		assert_ok!(dispute_signature(OUTSIDER, no_frame.shown(0)));
	});
}

#[test]
fn an_anchor_that_is_not_there_can_not_be_disputed() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let shown = publish(BRIDGE, STREAM, vec![leaf(0, forged())]).shown(0);
		for anchor in [
			AnchorId {
				bridge: organisation(OTHER_BRIDGE),
				..shown.anchor
			},
			AnchorId {
				stream: STREAM + 1,
				..shown.anchor
			},
			AnchorId {
				number: 1,
				..shown.anchor
			},
		] {
			let shown = DisputedLeaf {
				anchor,
				..shown.clone()
			};
			assert_noop!(dispute_signature(OUTSIDER, shown), Error::<Test>::AnchorNotFound);
		}
		assert_ok!(dispute_signature(OUTSIDER, shown));
	});
}

#[test]
fn an_anchor_can_be_disputed_for_seven_days() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let first = publish(BRIDGE, STREAM, vec![leaf(0, forged())]).shown(0);
		let second = publish(OTHER_BRIDGE, STREAM, vec![leaf(0, forged())]).shown(0);
		System::set_block_number(1 + u64::from(ANCHOR_DISPUTE_PERIOD_BLOCKS));
		assert_ok!(dispute_signature(OUTSIDER, first));
		System::set_block_number(2 + u64::from(ANCHOR_DISPUTE_PERIOD_BLOCKS));
		assert_noop!(
			dispute_signature(OUTSIDER, second),
			Error::<Test>::DisputePeriodOver
		);
	});
}

#[test]
fn a_bridge_is_convicted_of_an_anchor_once() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let shown = publish(BRIDGE, STREAM, vec![leaf(0, forged()), leaf(0, vec![9])]);
		assert_ok!(dispute_signature(OUTSIDER, shown.shown(0)));
		for index in [0, 1] {
			assert_noop!(
				dispute_signature(OUTSIDER, shown.shown(index)),
				Error::<Test>::AlreadyConvicted
			);
		}
		assert_ok!(Telemetry::allow_anchoring(
			RuntimeOrigin::root(),
			organisation(BRIDGE)
		));
		assert_noop!(
			dispute_signature(OUTSIDER, shown.shown(0)),
			Error::<Test>::AlreadyConvicted
		);
	});
}

#[test]
fn a_second_anchor_of_a_suspended_bridge_is_marked_and_the_council_sees_the_first() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let first = publish(BRIDGE, STREAM, vec![leaf(0, forged())]);
		let second = publish(BRIDGE, STREAM + 1, vec![leaf(0, vec![])]);
		assert_ok!(dispute_signature(OUTSIDER, first.shown(0)));
		assert_ok!(dispute_signature(OUTSIDER, second.shown(0)));
		assert_eq!(anchor(second.id).offence, Some(Offence::MalformedFrame));
		let conviction = AnchoringSuspended::<Test>::get(organisation(BRIDGE)).unwrap();
		assert_eq!(
			(conviction.anchor, conviction.offence),
			(first.id, Offence::BadSignature)
		);
	});
}

#[test]
fn a_leaf_counts_with_the_proof_of_its_place_and_no_other() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		let published = publish(BRIDGE, STREAM, around(leaf(0, forged())));
		let other = publish(BRIDGE, STREAM + 1, vec![leaf(0, vec![1])]);
		let good = published.shown(1);
		let with_proof = |proof| DisputedLeaf {
			proof,
			..good.clone()
		};
		let mut changed = good.proof.clone();
		changed.siblings[0][0] ^= 1;
		let mut longer = good.proof.clone();
		longer.siblings.try_push([0; 32]).unwrap();
		let mut shorter = good.proof.clone();
		shorter.siblings.pop();
		for (what, shown) in [
			("another index", with_proof(published.proof(0))),
			("a changed hash", with_proof(changed)),
			("a hash too many", with_proof(longer)),
			("a hash too few", with_proof(shorter)),
			(
				"an index that is not there",
				with_proof(InclusionProof {
					index: 3,
					..good.proof.clone()
				}),
			),
			(
				"another leaf",
				DisputedLeaf {
					leaf: leaf(0, vec![]),
					..good.clone()
				},
			),
			(
				"another number of the device",
				DisputedLeaf {
					leaf: leaf(1, forged()),
					..good.clone()
				},
			),
			(
				"a leaf of another anchor",
				DisputedLeaf {
					anchor: published.id,
					..other.shown(0)
				},
			),
		] {
			assert_eq!(
				dispute_signature(OUTSIDER, shown),
				Err(Error::<Test>::NotInAnchor.into()),
				"{what}"
			);
		}
		assert_eq!(AnchoringSuspended::<Test>::iter().count(), 0);
		assert_ok!(dispute_signature(OUTSIDER, good));
	});
}
