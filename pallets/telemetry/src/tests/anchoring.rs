//! Batches as a bridge publishes and anchors them: what the tests of anchors and disputes share.

use crate::{mock::*, AnchorOf, Anchors, DeviceIndex, Streams};
use frame_support::assert_ok;
use passport_primitives::{
	content_address::of_sha256,
	telemetry::anchor::{
		encode_batch_file, prove, root_of, AnchorId, AnchoredBatch, AnchoredLeaf, DisputedLeaf,
		InclusionProof,
	},
};
use sha2::{Digest, Sha256};
use sp_runtime::DispatchResult;

/// The stream that most tests anchor in.
pub const STREAM: u32 = 7;

/// A batch, and the anchor that it got.
#[derive(Clone, Debug)]
pub struct Published {
	pub id: AnchorId,
	pub leaves: Vec<AnchoredLeaf>,
}

impl Published {
	/// That the leaf at `index` is in there.
	pub fn proof(&self, index: usize) -> InclusionProof {
		prove(&hashes(&self.leaves), index as u32).expect("the batch has such a leaf")
	}

	/// The leaf at `index`, shown to be in there.
	pub fn shown(&self, index: usize) -> DisputedLeaf {
		DisputedLeaf {
			anchor: self.id,
			leaf: self.leaves[index].clone(),
			proof: self.proof(index),
		}
	}
}

pub fn hashes(leaves: &[AnchoredLeaf]) -> Vec<[u8; 32]> {
	leaves.iter().map(AnchoredLeaf::hash).collect()
}

pub fn leaf(device: DeviceIndex, frame: Vec<u8>) -> AnchoredLeaf {
	AnchoredLeaf {
		device,
		frame: frame.try_into().expect("the frame is not too long"),
	}
}

/// Good frames of these devices with these sequences, in this order. Devices have the BMS of their number.
pub fn leaves(places: &[(DeviceIndex, u64)]) -> Vec<AnchoredLeaf> {
	places
		.iter()
		.map(|(device, sequence)| leaf(*device, Bms::new(*device).frame(*sequence)))
		.collect()
}

/// The number that the next anchor of a stream gets.
pub fn next_number(account: u64, stream: u32) -> u64 {
	Streams::<Test>::get(organisation(account), stream).map_or(0, |state| state.next_number)
}

/// What a bridge states of these leaves: frames of two readings.
pub fn batch_of(stream: u32, number: u64, leaves: &[AnchoredLeaf]) -> AnchoredBatch {
	let file = encode_batch_file(leaves).expect("the batch is neither empty nor too large");
	AnchoredBatch {
		stream,
		number,
		root: root_of(&hashes(leaves)),
		leaves: leaves.len() as u32,
		readings: 2 * leaves.len() as u64,
		content: of_sha256(&Sha256::digest(file).into())
			.try_into()
			.expect("a content address has 36 bytes"),
	}
}

/// The organisation of `account` publishes and anchors these leaves, whatever they are.
pub fn publish(account: u64, stream: u32, leaves: Vec<AnchoredLeaf>) -> Published {
	let bridge = organisation(account);
	let number = next_number(account, stream);
	assert_ok!(Telemetry::anchor_batch(
		RuntimeOrigin::signed(account),
		batch_of(stream, number, &leaves)
	));
	Published {
		id: AnchorId {
			bridge,
			stream,
			number,
		},
		leaves,
	}
}

/// [`BRIDGE`] anchors good frames in [`STREAM`].
pub fn anchored(places: &[(DeviceIndex, u64)]) -> Published {
	publish(BRIDGE, STREAM, leaves(places))
}

/// An anchor that is there.
pub fn anchor(id: AnchorId) -> AnchorOf<Test> {
	Anchors::<Test>::get(id).expect("the anchor is on the ledger")
}

pub fn dispute_signature(account: u64, shown: DisputedLeaf) -> DispatchResult {
	Telemetry::dispute_signature(
		RuntimeOrigin::signed(account),
		shown.anchor,
		shown.leaf,
		shown.proof,
	)
}

pub fn dispute_replay(account: u64, first: DisputedLeaf, second: DisputedLeaf) -> DispatchResult {
	Telemetry::dispute_replay(RuntimeOrigin::signed(account), first, second)
}
