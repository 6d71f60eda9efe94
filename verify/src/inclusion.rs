//! That a frame is in a batch that a bridge has anchored, and that a device signed it.

use crate::{
	device::{DeviceRecord, ProvenDevice},
	state::{ProvenBlock, State},
	Refusal, Trust,
};
use pallet_telemetry::Anchor;
use passport_primitives::{
	organisation::OrganisationId,
	telemetry::{
		anchor::{
			decode_batch_file, prove, verify, AnchoredLeaf, BatchFileError, FrameBytes, InclusionProof,
			Siblings,
		},
		frame::MAX_SIGNED_BYTES,
		Frame,
	},
};
use passport_runtime_api::{
	proof::{anchor_key, AnchorProof},
	Hex,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sp_core::{ed25519, Pair, H256};

/// The frame in question. `None` is any: the bridge and the node that answered have chosen then, and [`Included`] says which.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AskedFrame {
	/// The device that sent it.
	pub device: Option<u32>,
	/// Its sequence.
	pub sequence: Option<u64>,
	/// Who anchored it.
	pub bridge: Option<OrganisationId>,
	/// In which of its streams.
	pub stream: Option<u32>,
	/// Number of the anchor in the stream.
	pub number: Option<u64>,
}

impl AskedFrame {
	/// That a leaf is of the device in question, and a proof of that leaf's device and of the anchor in question.
	fn check_names(&self, proof: &AnchorProof, leaf: &AnchoredLeaf) -> Result<(), Refusal> {
		let expected = self.device.unwrap_or(leaf.device);
		for found in [leaf.device, proof.device] {
			if found != expected {
				return Err(Refusal::OtherDevice { expected, found });
			}
		}
		let found = proof.anchor();
		let is_asked_for = self.bridge.is_none_or(|bridge| bridge == found.bridge)
			&& self.stream.is_none_or(|stream| stream == found.stream)
			&& self.number.is_none_or(|number| number == found.number);
		if !is_asked_for {
			return Err(Refusal::OtherAnchor { found });
		}
		Ok(())
	}
}

/// A frame that is in an anchor, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Included {
	/// The block that had the anchor and the device.
	#[serde(flatten)]
	pub block: ProvenBlock,
	/// Who anchored it.
	pub bridge: OrganisationId,
	/// In which of its streams.
	pub stream: u32,
	/// Number of the anchor in the stream.
	pub number: u64,
	/// Root of the anchor.
	pub root: H256,
	/// How many leaves the anchor has.
	pub leaves: u32,
	/// Block in which it was anchored: the frame was there by then.
	pub anchored_at: u32,
	/// CID of the batch file.
	pub content_address: Hex,
	/// Place of the frame in the batch, from 0.
	pub leaf_index: u32,
	/// The device that signed it.
	#[serde(flatten)]
	pub device: ProvenDevice,
	/// The key that it was signed with: the device's present one, or one that it had before.
	pub public_key: H256,
	/// Sequence of the frame.
	pub sequence: u64,
	/// Epoch of the key that its readings are sealed under.
	pub key_epoch: u32,
	/// Time of the first reading, in seconds since 1970.
	pub first_seconds: u64,
	/// Time of the last reading, in seconds since 1970.
	pub last_seconds: u64,
	/// How many readings.
	pub readings: u8,
}

/// Why there is no leaf and no proof to check.
#[derive(Debug, thiserror::Error)]
pub enum InclusionFileError {
	/// Not JSON of the form that a bridge answers with.
	#[error("this is no answer of /v1/inclusion: {0}")]
	NotAnInclusion(#[source] serde_json::Error),
	/// The bridge answered with an error.
	#[error("the bridge did not answer with a proof: {0}")]
	BridgeError(Value),
	/// More bytes than a frame has.
	#[error("the frame is longer than frames are")]
	FrameTooLong,
	/// A hash of another length, or more hashes than a proof has.
	#[error("the proof is not of at most 20 hashes of 32 bytes")]
	NotHashes,
	/// The batch file is none.
	#[error(transparent)]
	BatchFile(#[from] BatchFileError),
	/// The batch file has fewer leaves.
	#[error("the batch has {leaves} leaves, and none at {index}")]
	NoSuchLeaf {
		/// How many there are.
		leaves: usize,
		/// Which was asked for, from 0.
		index: u32,
	},
}

/// The part of a bridge's answer that is checked. The rest of it, the anchor's root included, is what the bridge says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InclusionFile {
	leaf_index: u32,
	device: u32,
	frame: Hex,
	proof: Vec<Hex>,
}

/// Reads what a bridge answers at `/v1/inclusion/{device}/{sequence}`.
pub fn read_inclusion(json: &[u8]) -> Result<(AnchoredLeaf, InclusionProof), InclusionFileError> {
	let mut document: Value = serde_json::from_slice(json).map_err(InclusionFileError::NotAnInclusion)?;
	// RFC 9457.
	if let Some(detail) = document.get_mut("detail") {
		return Err(InclusionFileError::BridgeError(detail.take()));
	}
	let file: InclusionFile = serde_json::from_value(document).map_err(InclusionFileError::NotAnInclusion)?;
	let frame = FrameBytes::try_from(file.frame.0).map_err(|_| InclusionFileError::FrameTooLong)?;
	let siblings: Vec<[u8; 32]> = file
		.proof
		.into_iter()
		.map(|hash| <[u8; 32]>::try_from(hash.0).map_err(|_| InclusionFileError::NotHashes))
		.collect::<Result<_, _>>()?;
	let siblings = Siblings::try_from(siblings).map_err(|_| InclusionFileError::NotHashes)?;
	Ok((
		AnchoredLeaf {
			device: file.device,
			frame,
		},
		InclusionProof {
			index: file.leaf_index,
			siblings,
		},
	))
}

/// Reads a batch file, and proves its leaf at `index`. Whether it is the batch of an anchor, [`verify_inclusion`] tells.
pub fn read_batch(bytes: &[u8], index: u32) -> Result<(AnchoredLeaf, InclusionProof), InclusionFileError> {
	let leaves = decode_batch_file(bytes)?;
	let hashes: Vec<_> = leaves.iter().map(AnchoredLeaf::hash).collect();
	let count = leaves.len();
	prove(&hashes, index)
		.and_then(|proof| Some((leaves.into_iter().nth(index as usize)?, proof)))
		.ok_or(InclusionFileError::NoSuchLeaf { leaves: count, index })
}

/// Checks that a leaf is in the anchor of a proof, that it is the frame in question, and that the proof's device signed it.
///
/// Any key will do that the device has had, as on the ledger: a bridge anchors frames that it has checked before a rotation. What it
/// signed is for the device's battery alone.
/// Signatures are decided by ZIP-215, as on the ledger.
pub fn verify_inclusion(
	proof: &AnchorProof,
	trust: &Trust,
	asked: &AskedFrame,
	leaf: &AnchoredLeaf,
	inclusion: &InclusionProof,
) -> Result<Included, Refusal> {
	asked.check_names(proof, leaf)?;
	let (block, state) = State::open(&proof.state, trust)?;
	let id = proof.anchor();
	let anchor: Anchor<u32> = state
		.value(&anchor_key(&id), "anchor")?
		.ok_or(Refusal::NoSuchAnchor { anchor: id })?;
	if let Some(offence) = anchor.offence {
		return Err(Refusal::Convicted { offence });
	}
	let device = DeviceRecord::read(&state, leaf.device)?;
	if !verify(&anchor.root, anchor.leaves, leaf.hash(), inclusion) {
		return Err(Refusal::NotInAnchor);
	}
	let frame = Frame::parse(&leaf.frame).map_err(Refusal::NotAFrame)?;
	let found = frame.header.sequence;
	if let Some(expected) = asked.sequence.filter(|expected| *expected != found) {
		return Err(Refusal::OtherSequence { expected, found });
	}
	let mut buffer = [0; MAX_SIGNED_BYTES];
	let message = frame
		.signed_message(
			trust.genesis_hash.as_fixed_bytes(),
			&device.proven.passport_id,
			&mut buffer,
		)
		.map_err(Refusal::NotAFrame)?;
	let signature = ed25519::Signature::from_raw(frame.signature);
	let public_key = device
		.keys()
		.find(|key| ed25519::Pair::verify(&signature, message, &ed25519::Public::from_raw(*key)))
		.ok_or(Refusal::NotSigned { device: leaf.device })?;
	Ok(Included {
		block,
		bridge: id.bridge,
		stream: id.stream,
		number: id.number,
		root: H256(anchor.root),
		leaves: anchor.leaves,
		anchored_at: anchor.anchored_at,
		content_address: Hex(anchor.content.into_inner()),
		leaf_index: inclusion.index,
		device: device.proven,
		public_key: H256(public_key),
		sequence: frame.header.sequence,
		key_epoch: frame.header.key_epoch,
		first_seconds: frame.header.first_seconds,
		last_seconds: frame.header.last_seconds(),
		readings: frame.header.count,
	})
}
