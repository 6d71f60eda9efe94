//! That a frame is in an anchored batch, and that a device signed it.

use crate::Refusal;
use passport_primitives::telemetry::{
	anchor::{
		decode_batch_file, prove, verify, AnchoredLeaf, BatchFileError, FrameBytes, InclusionProof, Siblings,
	},
	frame::MAX_SIGNED_BYTES,
	Frame,
};
use passport_runtime_api::Hex;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sp_core::{ed25519, Pair, H256};

/// What the ledger has of an anchor: `passport_anchor` answers with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchored {
	/// Root of the tree over the leaves.
	pub root: H256,
	/// How many leaves there are.
	pub leaves: u32,
}

/// A key of a device, and the network that it signs for: `passport_device` answers with all keys that it has had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signer {
	/// Ed25519 key.
	pub public_key: H256,
	/// Hash of the network's first block.
	pub genesis_hash: H256,
}

/// A frame that is in an anchor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Included {
	/// Root of the anchor.
	pub root: H256,
	/// How many leaves the anchor has.
	pub leaves: u32,
	/// Place of the frame, from 0.
	pub leaf_index: u32,
	/// Number of the device that the bridge anchored it for.
	pub device: u32,
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
	/// The key that signed it; `None` where none was asked for.
	pub public_key: Option<H256>,
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

/// Checks that a leaf is in an anchor, that it is a frame, and that `signer` signed it where one is named. Signatures are decided by
/// ZIP-215, as on the ledger.
pub fn verify_inclusion(
	anchored: &Anchored,
	leaf: &AnchoredLeaf,
	proof: &InclusionProof,
	signer: Option<&Signer>,
) -> Result<Included, Refusal> {
	if !verify(
		anchored.root.as_fixed_bytes(),
		anchored.leaves,
		leaf.hash(),
		proof,
	) {
		return Err(Refusal::NotInAnchor);
	}
	let frame = Frame::parse(&leaf.frame).map_err(Refusal::NotAFrame)?;
	if let Some(signer) = signer {
		let mut buffer = [0; MAX_SIGNED_BYTES];
		let message = frame
			.signed_message(signer.genesis_hash.as_fixed_bytes(), &mut buffer)
			.map_err(Refusal::NotAFrame)?;
		let key = ed25519::Public::from_raw(signer.public_key.to_fixed_bytes());
		let signature = ed25519::Signature::from_raw(frame.signature);
		if !ed25519::Pair::verify(&signature, message, &key) {
			return Err(Refusal::NotSigned {
				public_key: signer.public_key,
			});
		}
	}
	Ok(Included {
		root: anchored.root,
		leaves: anchored.leaves,
		leaf_index: proof.index,
		device: leaf.device,
		sequence: frame.header.sequence,
		key_epoch: frame.header.key_epoch,
		first_seconds: frame.header.first_seconds,
		last_seconds: frame.header.last_seconds(),
		readings: frame.header.count,
		public_key: signer.map(|signer| signer.public_key),
	})
}
