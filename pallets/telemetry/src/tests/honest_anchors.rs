//! An honest batch can not be disputed, whatever becomes of its devices. A batch with an offence can, by whoever holds it.

use super::anchoring::{
	anchor, batch_of, dispute_replay, dispute_signature, hashes, leaf, publish, Published, STREAM,
};
use crate::{mock::*, AnchoringSuspended, DeviceIndex, Error};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	battery::DocumentHash,
	telemetry::anchor::{check_order, AnchoredLeaf, DisputedLeaf, InclusionProof, Offence},
};
use proptest::prelude::*;
use sp_io::hashing::blake2_256;
use std::collections::BTreeSet;

/// Devices of the tests, each with the BMS of its number.
const DEVICES: u32 = 3;

/// The BMS whose key a device gets by its rotation.
fn second_bms(device: DeviceIndex) -> u32 {
	100 + device
}

/// The BMS that takes the place of a device's.
fn replacing_bms(device: DeviceIndex) -> u32 {
	200 + device
}

/// The first sequence of the second key.
const ROTATED_FROM: u64 = 1_000;

/// A sequence of the first key that comes when the second one counts already, and after all the others.
const LATE: u64 = 60;

/// What of the devices a bridge anchors, batch by batch: each sequence of a device once in all of them.
fn honest() -> impl Strategy<Value = Vec<Vec<(DeviceIndex, u64)>>> {
	let places = prop::collection::btree_set((0..DEVICES, 1u64..60), 2..12);
	(places, 1usize..4, any::<u64>()).prop_map(|(places, batches, seed)| {
		let mut all = vec![BTreeSet::new(); batches];
		for (place, (device, sequence)) in places.into_iter().enumerate() {
			// Sequences of a device do not come in order: late frames are in later batches.
			let batch = (seed.rotate_left(7 * place as u32) % batches as u64) as usize;
			all[batch].insert((device, sequence));
		}
		all.into_iter()
			.filter(|batch| !batch.is_empty())
			.map(|batch| batch.into_iter().collect())
			.collect()
	})
}

/// Good frames, signed by the key that counts for their sequence.
fn good_leaves(places: &[(DeviceIndex, u64)]) -> Vec<AnchoredLeaf> {
	let leaves: Vec<_> = places
		.iter()
		.map(|(device, sequence)| {
			let bms = if *sequence < ROTATED_FROM {
				*device
			} else {
				second_bms(*device)
			};
			leaf(*device, Bms::new(bms).of(*device).frame(*sequence))
		})
		.collect();
	assert_eq!(check_order(&leaves), Ok(()));
	leaves
}

/// The bytes of the nodes above the leaves: two hashes each.
fn inner_nodes(leaves: &[AnchoredLeaf]) -> Vec<Vec<u8>> {
	let mut inner = Vec::new();
	let mut row = hashes(leaves);
	while row.len() > 1 {
		row = row
			.chunks(2)
			.map(|pair| match pair {
				[left, right] => {
					let node = [*left, *right].concat();
					let hash = blake2_256(&node);
					inner.push(node);
					hash
				}
				_ => pair[0],
			})
			.collect();
	}
	inner
}

/// Disputes of one leaf that do not name it as it stands there.
fn distorted(published: &Published, index: usize, bit: usize) -> Vec<DisputedLeaf> {
	let good = published.shown(index);
	let mut all = Vec::new();

	let mut frame = good.leaf.frame.to_vec();
	let bit = bit % (8 * frame.len());
	frame[bit / 8] ^= 1 << (bit % 8);
	all.push(DisputedLeaf {
		leaf: leaf(good.leaf.device, frame),
		..good.clone()
	});
	for device in [good.leaf.device + 1, u32::MAX] {
		all.push(DisputedLeaf {
			leaf: leaf(device, good.leaf.frame.to_vec()),
			..good.clone()
		});
	}
	let with_proof = |proof| DisputedLeaf {
		proof,
		..good.clone()
	};
	for other in (0..published.leaves.len() + 2).filter(|other| *other != index) {
		all.push(with_proof(InclusionProof {
			index: other as u32,
			..good.proof.clone()
		}));
		if other < published.leaves.len() {
			all.push(with_proof(published.proof(other)));
		}
	}
	for place in 0..good.proof.siblings.len() {
		let mut changed = good.proof.clone();
		changed.siblings[place][bit % 32] ^= 1;
		all.push(with_proof(changed));
		let mut fewer = good.proof.clone();
		fewer.siblings.remove(place);
		all.push(with_proof(fewer));
	}
	let mut longer = good.proof.clone();
	if longer.siblings.try_push([bit as u8; 32]).is_ok() {
		all.push(with_proof(longer));
	}
	// Inner nodes, cut as a leaf would be, on their own ways up.
	for node in inner_nodes(&published.leaves) {
		let device = u32::from_be_bytes([node[18], node[19], node[20], node[21]]);
		for skipped in 0..=good.proof.siblings.len() {
			let siblings = good.proof.siblings[skipped..].to_vec();
			for leaf in [leaf(device, node[22..].to_vec()), leaf(0, node.clone())] {
				all.push(DisputedLeaf {
					leaf,
					anchor: good.anchor,
					proof: InclusionProof {
						index: good.proof.index,
						siblings: siblings.clone().try_into().unwrap(),
					},
				});
			}
		}
	}
	all
}

/// Whether an earlier batch is sent again by mistake, or the last one: nothing of it is anchored twice.
fn are_refused_when_they_are_sent_again(all: &[Published]) {
	for published in all {
		let again = batch_of(published.id.stream, published.id.number, &published.leaves);
		let account = u64::from(published.id.bridge.0);
		assert_noop!(
			Telemetry::anchor_batch(RuntimeOrigin::signed(account), again),
			Error::<Test>::WrongNumber
		);
	}
}

/// Nothing that can be shown of these batches convicts their bridges.
fn can_not_be_disputed(all: &[Published], bit: usize) {
	let mut shown = Vec::new();
	for published in all {
		for index in 0..published.leaves.len() {
			let good = published.shown(index);
			assert!(dispute_signature(OUTSIDER, good.clone()).is_err());
			for wrong in distorted(published, index, bit) {
				assert!(dispute_signature(OUTSIDER, wrong.clone()).is_err(), "{wrong:?}");
				assert!(dispute_replay(OUTSIDER, good.clone(), wrong).is_err());
			}
			// As a leaf of another anchor.
			for other in all.iter().filter(|other| other.id != published.id) {
				let elsewhere = DisputedLeaf {
					anchor: other.id,
					..good.clone()
				};
				assert!(dispute_signature(OUTSIDER, elsewhere.clone()).is_err());
				assert!(dispute_replay(OUTSIDER, good.clone(), elsewhere).is_err());
			}
			shown.push(good);
		}
	}
	for one in &shown {
		for two in &shown {
			assert!(dispute_replay(OUTSIDER, one.clone(), two.clone()).is_err());
		}
	}
	assert_eq!(AnchoringSuspended::<Test>::iter().count(), 0);
	for published in all {
		assert_eq!(anchor(published.id).offence, None);
	}
}

/// What a bridge that is not honest puts into a batch.
#[derive(Clone, Copy, Debug)]
enum Plant {
	BadSignature,
	NoFrame,
	UnknownDevice,
	ReplayWithin,
	ReplayAcross,
	Unsorted,
}

const PLANTS: [Plant; 6] = [
	Plant::BadSignature,
	Plant::NoFrame,
	Plant::UnknownDevice,
	Plant::ReplayWithin,
	Plant::ReplayAcross,
	Plant::Unsorted,
];

proptest! {
	#![proptest_config(ProptestConfig::with_cases(16))]

	#[test]
	fn an_honest_batch_can_not_be_disputed(
		batches in honest(),
		bit: u16,
		rotated in 0..DEVICES,
		reset in 0..DEVICES,
		replaced in 0..DEVICES,
		revoked in 0..DEVICES,
		closed in 0..DEVICES,
	) {
		ExtBuilder::default().devices(DEVICES).build_and_execute(|| {
			let mut all: Vec<_> = batches
				.iter()
				.map(|places| publish(BRIDGE, STREAM, good_leaves(places)))
				.collect();
			// Another instance and another bridge got the first frames as well.
			all.push(publish(BRIDGE, STREAM + 1, good_leaves(&batches[0])));
			all.push(publish(OTHER_BRIDGE, STREAM, good_leaves(&batches[0])));
			can_not_be_disputed(&all, bit.into());

			assert_ok!(rotate(rotated, second_bms(rotated), ROTATED_FROM));
			all.push(publish(BRIDGE, STREAM, good_leaves(&[(rotated, ROTATED_FROM)])));
			// A frame of the former key that was on its way.
			all.push(publish(BRIDGE, STREAM, good_leaves(&[(rotated, LATE)])));
			can_not_be_disputed(&all, bit.into());

			let software = DocumentHash([0x50; 32]);
			assert_ok!(Telemetry::reset_device(RuntimeOrigin::signed(MAKER), reset, software));
			can_not_be_disputed(&all, bit.into());

			let other = Bms::new(replacing_bms(replaced)).of(replaced);
			assert_ok!(Telemetry::replace_device(
				RuntimeOrigin::signed(MAKER),
				replaced,
				other.public_key(),
				other.proof(passport(replaced)),
			));
			// The new device begins with the sequences that the old one had.
			all.push(publish(BRIDGE, STREAM, vec![
				leaf(DEVICES, other.frame(1)),
				leaf(DEVICES, other.frame(LATE)),
			]));
			can_not_be_disputed(&all, bit.into());
			are_refused_when_they_are_sent_again(&all);

			let (active, _) = Telemetry::active_device_of(&passport(revoked)).expect("each battery has one");
			assert_ok!(Telemetry::revoke_device(RuntimeOrigin::signed(MAKER), active));
			can_not_be_disputed(&all, bit.into());

			close(closed);
			can_not_be_disputed(&all, bit.into());
		});
	}

	#[test]
	fn a_batch_with_an_offence_can_be_disputed_by_whoever_holds_it(
		batches in honest(),
		plant in prop::sample::select(&PLANTS[..]),
		place: prop::sample::Index,
	) {
		ExtBuilder::default().devices(DEVICES).build_and_execute(|| {
			let before: Vec<_> = batches
				.iter()
				.map(|places| publish(BRIDGE, STREAM, good_leaves(places)))
				.collect();
			// The batch that offends has sequences of its own, all of one device: what is wrong is what is planted.
			let mut leaves = good_leaves(&[(0, 70), (0, 71), (0, 72), (0, 73), (0, 74)]);
			let at = place.index(leaves.len() - 1);
			let replayed = &before[place.index(before.len())];
			let replayed_at = place.index(replayed.leaves.len());
			match plant {
				Plant::BadSignature => leaves[at] = leaf(0, Bms::new(1).frame(70 + at as u64)),
				Plant::NoFrame => leaves[at] = leaf(0, vec![0; place.index(200)]),
				Plant::UnknownDevice => leaves[at] = leaf(DEVICES, Bms::new(0).frame(70 + at as u64)),
				Plant::ReplayWithin => leaves[at + 1] = leaves[at].clone(),
				Plant::ReplayAcross => leaves[at] = replayed.leaves[replayed_at].clone(),
				Plant::Unsorted => leaves.swap(at, at + 1),
			}
			let bad = publish(BRIDGE, STREAM, leaves);
			let offence = match plant {
				Plant::BadSignature => Offence::BadSignature,
				Plant::NoFrame => Offence::MalformedFrame,
				Plant::UnknownDevice => Offence::UnknownDevice,
				Plant::ReplayWithin | Plant::ReplayAcross => Offence::Replay,
				Plant::Unsorted => Offence::BrokenOrder,
			};
			let disputed = match plant {
				Plant::BadSignature | Plant::NoFrame | Plant::UnknownDevice => {
					dispute_signature(OUTSIDER, bad.shown(at))
				}
				Plant::ReplayWithin | Plant::Unsorted => {
					dispute_replay(OUTSIDER, bad.shown(at), bad.shown(at + 1))
				}
				Plant::ReplayAcross => {
					dispute_replay(OUTSIDER, replayed.shown(replayed_at), bad.shown(at))
				}
			};
			assert_ok!(disputed);
			assert_eq!(anchor(bad.id).offence, Some(offence));
			assert!(AnchoringSuspended::<Test>::contains_key(organisation(BRIDGE)));
			for published in before {
				assert_eq!(anchor(published.id).offence, None);
			}
		});
	}
}
