//! Anchored batches, and disputes about them.
//!
//! The ledger holds no leaves. So what a bridge anchors here is made of the anchor's own number, and whoever disputes it makes
//! the same again: frames that nobody has signed, now and then bytes that are none, each sequence in two anchors, and in every
//! second one a leaf twice.

use super::{by, by_the_council, probe, Step};
use crate::{choices::Choices, members::member_that};
use codec::Encode;
use frame_support::BoundedVec;
use pallet_telemetry::{AnchorOf, AnchoringSuspended, Anchors, Streams, ANCHOR_DISPUTE_PERIOD_BLOCKS};
use passport_primitives::{
	content_address,
	organisation::{OrganisationId, Role, Roles},
	telemetry::{
		anchor::{
			encode_batch_file, prove, root_of, AnchorId, AnchoredBatch, AnchoredLeaf, DisputedLeaf,
			FrameBytes,
		},
		frame::{MAX_HEADER_BYTES, SIGNATURE_BYTES, TAG_BYTES},
		Header, SignatureScheme,
	},
};
use passport_runtime::{Runtime, System};
use sp_io::hashing::{blake2_256, sha2_256};

type Call = pallet_telemetry::Call<Runtime>;

/// Streams that bridges anchor in: few, so that they get some length.
const STREAMS: u32 = 2;

pub(super) fn step(choices: &mut Choices<'_>) -> Option<Step> {
	match choices.below(9) {
		0..=3 => anchor_batch(choices),
		4 => dispute_signature(choices),
		5 => dispute_replay(choices),
		6 => prune_anchors(choices),
		_ => allow_anchoring(choices),
	}
}

/// The leaves of an anchor, in order: one for each of the first devices, and then the last one again in every second anchor.
fn leaves_of(anchor: &AnchorId) -> Vec<AnchoredLeaf> {
	let seed = blake2_256(&anchor.encode());
	let (count, rest) = (1 + u32::from(seed[0] % 4), &seed[1..]);
	let mut leaves: Vec<_> = (0..count)
		.zip(rest)
		.map(|(device, byte)| AnchoredLeaf {
			device,
			frame: if byte % 16 == 7 {
				BoundedVec::truncate_from(vec![0])
			} else {
				unsigned_frame(anchor)
			},
		})
		.collect();
	if seed[31] % 2 == 1 {
		let again = leaves.last().cloned();
		leaves.extend(again);
	}
	leaves
}

/// Whether the last of these leaves is the one before it.
fn ends_with_a_leaf_twice(leaves: &[AnchoredLeaf]) -> bool {
	matches!(leaves, [.., before, last] if before == last)
}

/// A frame of no signature. Two anchors one after the other have the same sequence.
fn unsigned_frame(anchor: &AnchorId) -> FrameBytes {
	let header = Header {
		scheme: SignatureScheme::Ed25519,
		key_epoch: 0,
		sequence: 1 + anchor.number / 2,
		first_seconds: anchor.number,
		span_seconds: 0,
		count: 1,
	};
	let mut buffer = [0; MAX_HEADER_BYTES];
	// The buffer is long enough for any header.
	let length = header.encode(&mut buffer).unwrap_or(0);
	BoundedVec::truncate_from([&buffer[..length], &[0; 1 + TAG_BYTES + SIGNATURE_BYTES]].concat())
}

fn hashes(leaves: &[AnchoredLeaf]) -> Vec<[u8; 32]> {
	leaves.iter().map(AnchoredLeaf::hash).collect()
}

fn anchor_batch(choices: &mut Choices<'_>) -> Option<Step> {
	let bridges = Roles::of(&[Role::BridgeOperator]);
	let whoever = choices.rarely();
	let member = member_that(choices, |member| {
		whoever
			|| member.is_active
				&& member.roles.intersects(bridges)
				&& !AnchoringSuspended::<Runtime>::contains_key(member.organisation)
	})?;
	let (bridge, stream) = (member.organisation, choices.below(STREAMS));
	let next = Streams::<Runtime>::get(bridge, stream).map_or(0, |state| state.next_number);
	// Now and then one that was anchored is sent again.
	let number = next.saturating_sub(u64::from(choices.rarely()));
	let leaves = leaves_of(&AnchorId {
		bridge,
		stream,
		number,
	});
	let file = encode_batch_file(&leaves).ok()?;
	let count = leaves.len() as u32;
	by(
		member.account,
		Call::anchor_batch {
			anchor: AnchoredBatch {
				stream,
				number,
				root: root_of(&hashes(&leaves)),
				leaves: count,
				// Now and then fewer than leaves.
				readings: if choices.rarely() { 0 } else { count.into() },
				content: BoundedVec::truncate_from(content_address::of_sha256(&sha2_256(&file))),
			},
		},
	)
}

/// An anchor that fits, or whichever.
fn anchor_that(
	choices: &mut Choices<'_>,
	fits: impl Fn(&AnchorId, &AnchorOf<Runtime>) -> bool,
) -> Option<AnchorId> {
	let anywhere = Anchors::<Runtime>::hashed_key_for(AnchorId {
		bridge: OrganisationId(choices.number()),
		stream: 0,
		number: 0,
	});
	probe(
		Anchors::<Runtime>::iter_from(anywhere).chain(Anchors::<Runtime>::iter()),
		|(id, anchor)| fits(id, anchor),
	)
	.map(|(id, _)| id)
}

/// Whether a bridge can be convicted of an anchor now. Most that are on the ledger are too old.
fn can_be_disputed(anchor: &AnchorOf<Runtime>) -> bool {
	let last = anchor.anchored_at.saturating_add(ANCHOR_DISPUTE_PERIOD_BLOCKS);
	anchor.offence.is_none() && System::block_number() <= last
}

/// A leaf of an anchor, with its proof; now and then with that of another place.
fn shown(choices: &mut Choices<'_>, anchor: AnchorId, index: u32) -> Option<DisputedLeaf> {
	let leaves = leaves_of(&anchor);
	let mut proof = prove(&hashes(&leaves), index)?;
	if choices.rarely() {
		proof.index += 1;
	}
	let leaf = leaves.into_iter().nth(index as usize)?;
	Some(DisputedLeaf { anchor, leaf, proof })
}

fn dispute_signature(choices: &mut Choices<'_>) -> Option<Step> {
	let account = member_that(choices, |member| member.is_active)?.account;
	let anchor = anchor_that(choices, |_, anchor| can_be_disputed(anchor))?;
	let index = choices.below(leaves_of(&anchor).len() as u32);
	let DisputedLeaf { anchor, leaf, proof } = shown(choices, anchor, index)?;
	by(account, Call::dispute_signature { anchor, leaf, proof })
}

/// The anchor that has the same sequence.
fn twin(anchor: &AnchorId) -> AnchorId {
	AnchorId {
		number: anchor.number ^ 1,
		..*anchor
	}
}

fn dispute_replay(choices: &mut Choices<'_>) -> Option<Step> {
	let account = member_that(choices, |member| member.is_active)?.account;
	let anchor = anchor_that(choices, |id, anchor| {
		let other = Anchors::<Runtime>::get(twin(id));
		can_be_disputed(anchor)
			&& (ends_with_a_leaf_twice(&leaves_of(id)) || other.is_some_and(|other| can_be_disputed(&other)))
	})?;
	let leaves = leaves_of(&anchor);
	let last = leaves.len() as u32 - 1;
	let [first, second] = if ends_with_a_leaf_twice(&leaves) {
		[(anchor, last - 1), (anchor, last)]
	} else {
		[(anchor, 0), (twin(&anchor), 0)]
	};
	let first = shown(choices, first.0, first.1)?;
	let second = shown(choices, second.0, second.1)?;
	by(account, Call::dispute_replay { first, second })
}

/// Of a stream with an anchor that is of no more use, or of whichever; now and then of one that never was.
fn prune_anchors(choices: &mut Choices<'_>) -> Option<Step> {
	let account = member_that(choices, |member| member.is_active)?.account;
	let AnchorId { bridge, stream, .. } = anchor_that(choices, |_, anchor| {
		let last = anchor
			.anchored_at
			.saturating_add(2 * ANCHOR_DISPUTE_PERIOD_BLOCKS);
		System::block_number() > last
	})?;
	let stream = if choices.rarely() { STREAMS } else { stream };
	by(account, Call::prune_anchors { bridge, stream })
}

fn allow_anchoring(choices: &mut Choices<'_>) -> Option<Step> {
	let suspended = AnchoringSuspended::<Runtime>::iter_keys().next();
	let bridge = suspended.unwrap_or(OrganisationId(choices.below(16)));
	by_the_council(Call::allow_anchoring { bridge })
}
