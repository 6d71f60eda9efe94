//! Anchored batches: many frames under one Merkle root.
//!
//! A bridge checks frames itself, publishes them as a batch file and puts root, count and content address on the ledger. Whoever
//! holds the file can prove that a frame is in the batch, and can prove it when the bridge should not have anchored it.
//!
//! ```text
//! leaf       = "BPL-ANCHOR-LEAF-v1" ‖ device u32 ‖ frame                 numbers big-endian
//! leaf hash  = BLAKE2b-256(leaf)
//! node       = BLAKE2b-256(left ‖ right)                                  the last of an odd row goes up as it is
//! batch file = "BPL-BATCH-v1\0" ‖ leaves u32 ‖ (device u32 ‖ length u16 ‖ frame) for each leaf
//! ```
//!
//! Leaves are sorted strictly ascending by (device, sequence): a replay inside a batch can not hide, for two leaves that break
//! the order are the proof of it. The tree is that of `binary-merkle-tree` of polkadot-sdk. The domain keeps the 64 bytes of an
//! inner node from passing for a leaf. The number of leaves is not hashed: the anchor states it, and a proof holds against
//! root and number together. Whatever can be shown to be in an anchor can be disputed by the same proof.

use super::{Frame, FrameError, MAX_FRAME_BYTES};
use crate::{content_address::MAX_CID_BYTES, organisation::OrganisationId};
use alloc::vec::Vec;
use binary_merkle_tree::{merkle_proof_raw, merkle_root_raw, verify_proof, Leaf};
use blake2::{digest::consts::U32, Blake2b, Digest};
use bounded_collections::{BoundedVec, ConstU32};
use hash256_std_hasher::Hash256StdHasher;

/// A leaf starts with this, so that it can never pass for an inner node.
pub const ANCHOR_LEAF_DOMAIN: &[u8; 18] = b"BPL-ANCHOR-LEAF-v1";

/// A batch file starts with this.
pub const BATCH_FILE_DOMAIN: &[u8; 13] = b"BPL-BATCH-v1\0";

/// Most leaves of one anchor: a proof has at most [`MAX_SIBLINGS`] hashes.
pub const MAX_ANCHORED_LEAVES: u32 = 1 << MAX_SIBLINGS;

/// Most hashes of a proof.
pub const MAX_SIBLINGS: u32 = 20;

/// Bytes of a leaf in a batch file besides its frame: number of the device and length.
const LEAF_OVERHEAD_BYTES: usize = 4 + 2;

/// Content address (CIDv1) of a batch file.
pub type ContentAddress = BoundedVec<u8, ConstU32<MAX_CID_BYTES>>;

/// The bytes of a frame, as they were sent.
pub type FrameBytes = BoundedVec<u8, ConstU32<{ MAX_FRAME_BYTES as u32 }>>;

/// The hashes beside a leaf's way to the root, from the leaf up.
pub type Siblings = BoundedVec<[u8; 32], ConstU32<MAX_SIBLINGS>>;

on_chain! {
	/// What a bridge states of a batch that it has checked and published.
	#[derive(Clone, Debug, PartialEq, Eq)]
	pub struct AnchoredBatch {
		/// Which of the bridge's streams: one for each of its instances.
		pub stream: u32,
		/// Its number in the stream, from 0: the next one that the ledger has no anchor of.
		pub number: u64,
		/// Root of the tree over the leaves.
		pub root: [u8; 32],
		/// Leaves of the tree, one for each frame: 1 to [`MAX_ANCHORED_LEAVES`].
		pub leaves: u32,
		/// Readings in all frames together: 1 to 255 for each leaf.
		pub readings: u64,
		/// Where the batch file is found: [`of_sha256`](crate::content_address::of_sha256) over its SHA-256.
		pub content: ContentAddress,
	}
}

on_chain! {
	/// Which anchor.
	#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
	pub struct AnchorId {
		/// Who anchored it.
		pub bridge: OrganisationId,
		/// In which of its streams.
		pub stream: u32,
		/// Its number in the stream, from 0.
		pub number: u64,
	}
}

on_chain! {
	/// What a bridge was convicted of.
	#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
	#[serde(rename_all = "camelCase")]
	pub enum Offence {
		/// A leaf's bytes are no frame.
		MalformedFrame = 0,
		/// A leaf's device number was never given.
		UnknownDevice = 1,
		/// No key that the device ever had has signed the leaf's frame.
		BadSignature = 2,
		/// The same device and sequence twice in one stream.
		Replay = 3,
		/// Leaves that are not sorted by device and sequence.
		BrokenOrder = 4,
	}
}

on_chain! {
	/// A frame of a batch.
	#[derive(Clone, Debug, PartialEq, Eq)]
	pub struct AnchoredLeaf {
		/// Number of the device that the bridge says it is of.
		pub device: u32,
		/// The frame, as it was sent.
		pub frame: FrameBytes,
	}
}

impl AnchoredLeaf {
	/// The bytes that stand in the tree.
	pub fn bytes(&self) -> Vec<u8> {
		[
			ANCHOR_LEAF_DOMAIN.as_slice(),
			&self.device.to_be_bytes(),
			self.frame.as_slice(),
		]
		.concat()
	}

	/// The hash that stands in the tree.
	pub fn hash(&self) -> [u8; 32] {
		leaf_hash(self.device, &self.frame)
	}

	/// What leaves are sorted by: device and sequence.
	///
	/// Errors: those of [`Frame::parse`].
	pub fn place(&self) -> Result<(u32, u64), FrameError> {
		Frame::parse(&self.frame).map(|frame| (self.device, frame.header.sequence))
	}
}

on_chain! {
	/// The way from a leaf to the root.
	#[derive(Clone, Debug, PartialEq, Eq)]
	pub struct InclusionProof {
		/// Place of the leaf in the batch, from 0.
		pub index: u32,
		/// The hashes beside the way, from the leaf up.
		pub siblings: Siblings,
	}
}

on_chain! {
	/// A leaf that is shown to be in an anchor.
	#[derive(Clone, Debug, PartialEq, Eq)]
	pub struct DisputedLeaf {
		/// Which anchor.
		pub anchor: AnchorId,
		/// The leaf.
		pub leaf: AnchoredLeaf,
		/// That it is in there.
		pub proof: InclusionProof,
	}
}

/// BLAKE2b-256, as the tree takes it.
enum NodeHasher {}

impl hash_db::Hasher for NodeHasher {
	type Out = [u8; 32];
	type StdHasher = Hash256StdHasher;
	const LENGTH: usize = 32;

	fn hash(bytes: &[u8]) -> [u8; 32] {
		Blake2b::<U32>::digest(bytes).into()
	}
}

/// The hash that stands in the tree for a device's frame: of [`AnchoredLeaf::bytes`], without putting them together.
pub fn leaf_hash(device: u32, frame: &[u8]) -> [u8; 32] {
	Blake2b::<U32>::new()
		.chain_update(ANCHOR_LEAF_DOMAIN)
		.chain_update(device.to_be_bytes())
		.chain_update(frame)
		.finalize()
		.into()
}

/// Root of the tree over these leaf hashes, in this order; zeros for none.
pub fn root_of(leaf_hashes: &[[u8; 32]]) -> [u8; 32] {
	merkle_root_raw::<NodeHasher, _>(leaf_hashes.iter().copied())
}

/// The way from the leaf at `index` to the root; `None` where there is no such leaf, or there are more than
/// [`MAX_ANCHORED_LEAVES`].
pub fn prove(leaf_hashes: &[[u8; 32]], index: u32) -> Option<InclusionProof> {
	let leaves = u32::try_from(leaf_hashes.len()).ok()?;
	if leaves > MAX_ANCHORED_LEAVES || index >= leaves {
		return None;
	}
	let proof = merkle_proof_raw::<NodeHasher, _>(leaf_hashes.iter().copied(), index).proof;
	Siblings::try_from(proof)
		.ok()
		.map(|siblings| InclusionProof { index, siblings })
}

/// Whether a leaf with this hash stands where the proof says in a tree with this root and this many leaves.
///
/// The tree's own check takes any number of hashes. Here it is the one that number of leaves and index ask for: each index of a
/// tree has one way to the root and no other.
pub fn verify(root: &[u8; 32], leaves: u32, leaf_hash: [u8; 32], proof: &InclusionProof) -> bool {
	leaves <= MAX_ANCHORED_LEAVES
		&& proof.index < leaves
		&& proof.siblings.len() == siblings_required(leaves, proof.index)
		&& verify_proof::<NodeHasher, _, _>(
			root,
			proof.siblings.iter().copied(),
			leaves,
			proof.index,
			Leaf::Hash(leaf_hash),
		)
}

/// Hashes beside the way from the leaf at `index` to the root.
fn siblings_required(leaves: u32, index: u32) -> usize {
	let (mut width, mut position, mut required) = (leaves, index, 0);
	while width > 1 {
		// The last of an odd row has none beside it: it goes up as it is.
		if position % 2 == 1 || position + 1 < width {
			required += 1;
		}
		position /= 2;
		width = width.div_ceil(2);
	}
	required
}

/// Why leaves can not be anchored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
	/// A leaf is no frame.
	#[error("leaf {index} is no frame: {error}")]
	Malformed {
		/// Its place in the batch, from 0.
		index: usize,
		/// What is wrong with it.
		error: FrameError,
	},
	/// A leaf is not after the one before it.
	#[error("leaf {index} is not after the one before it by device and sequence")]
	NotAscending {
		/// Its place in the batch, from 0.
		index: usize,
	},
}

/// Checks that leaves are frames, sorted strictly ascending by device and sequence. Signatures are not checked here.
pub fn check_order(leaves: &[AnchoredLeaf]) -> Result<(), OrderError> {
	let mut before = None;
	for (index, leaf) in leaves.iter().enumerate() {
		let place = leaf
			.place()
			.map_err(|error| OrderError::Malformed { index, error })?;
		if before >= Some(place) {
			return Err(OrderError::NotAscending { index });
		}
		before = Some(place);
	}
	Ok(())
}

/// Why bytes are no batch file, or leaves can not be written into one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchFileError {
	/// It does not start with [`BATCH_FILE_DOMAIN`].
	#[error("this is no batch file")]
	Domain,
	/// No leaf, or more than [`MAX_ANCHORED_LEAVES`].
	#[error("a batch has 1 to {MAX_ANCHORED_LEAVES} leaves")]
	Count,
	/// It ends in the middle of a leaf, or before the last.
	#[error("the batch file is cut short")]
	CutShort,
	/// A frame of more than [`MAX_FRAME_BYTES`].
	#[error("a frame has more than {MAX_FRAME_BYTES} bytes")]
	FrameTooLong,
	/// Bytes follow the last leaf.
	#[error("bytes follow the last leaf")]
	TrailingBytes,
}

/// Writes the batch file of these leaves, in this order: what the anchor's content address is of.
///
/// Errors: [`BatchFileError::Count`].
pub fn encode_batch_file(leaves: &[AnchoredLeaf]) -> Result<Vec<u8>, BatchFileError> {
	let count = u32::try_from(leaves.len())
		.ok()
		.filter(|count| (1..=MAX_ANCHORED_LEAVES).contains(count))
		.ok_or(BatchFileError::Count)?;
	let frames: usize = leaves.iter().map(|leaf| leaf.frame.len()).sum();
	let mut bytes =
		Vec::with_capacity(BATCH_FILE_DOMAIN.len() + 4 + leaves.len() * LEAF_OVERHEAD_BYTES + frames);
	bytes.extend_from_slice(BATCH_FILE_DOMAIN);
	bytes.extend_from_slice(&count.to_be_bytes());
	for leaf in leaves {
		// A frame has at most 4,096 bytes.
		let length = leaf.frame.len() as u16;
		bytes.extend_from_slice(&leaf.device.to_be_bytes());
		bytes.extend_from_slice(&length.to_be_bytes());
		bytes.extend_from_slice(&leaf.frame);
	}
	Ok(bytes)
}

/// Reads a batch file. What its frames are, and their order, is not checked: whoever disputes a batch has to read it first.
pub fn decode_batch_file(bytes: &[u8]) -> Result<Vec<AnchoredLeaf>, BatchFileError> {
	let rest = bytes
		.strip_prefix(BATCH_FILE_DOMAIN.as_slice())
		.ok_or(BatchFileError::Domain)?;
	let (count, mut rest) = rest.split_first_chunk::<4>().ok_or(BatchFileError::CutShort)?;
	let count = u32::from_be_bytes(*count);
	if !(1..=MAX_ANCHORED_LEAVES).contains(&count) {
		return Err(BatchFileError::Count);
	}
	// No more room than there can be leaves: the count is only a claim.
	let mut leaves = Vec::with_capacity((count as usize).min(rest.len() / LEAF_OVERHEAD_BYTES));
	for _ in 0..count {
		let (device, after_device) = rest.split_first_chunk::<4>().ok_or(BatchFileError::CutShort)?;
		let (length, after_length) = after_device
			.split_first_chunk::<2>()
			.ok_or(BatchFileError::CutShort)?;
		let length = usize::from(u16::from_be_bytes(*length));
		if length > MAX_FRAME_BYTES {
			return Err(BatchFileError::FrameTooLong);
		}
		let (frame, after_frame) = after_length
			.split_at_checked(length)
			.ok_or(BatchFileError::CutShort)?;
		leaves.push(AnchoredLeaf {
			device: u32::from_be_bytes(*device),
			frame: FrameBytes::try_from(frame.to_vec()).map_err(|_| BatchFileError::FrameTooLong)?,
		});
		rest = after_frame;
	}
	if !rest.is_empty() {
		return Err(BatchFileError::TrailingBytes);
	}
	Ok(leaves)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::telemetry::{
		frame::{MAX_HEADER_BYTES, SIGNATURE_BYTES, TAG_BYTES},
		Header, SignatureScheme,
	};
	use proptest::prelude::*;

	fn leaf(device: u32, frame: Vec<u8>) -> AnchoredLeaf {
		AnchoredLeaf {
			device,
			frame: frame.try_into().unwrap(),
		}
	}

	/// A frame of this sequence that nobody has signed.
	fn frame(sequence: u64) -> Vec<u8> {
		let header = Header {
			scheme: SignatureScheme::Ed25519,
			key_epoch: 0,
			sequence,
			first_seconds: 1_800_000_000,
			span_seconds: 0,
			count: 1,
		};
		let mut bytes = [0; MAX_HEADER_BYTES];
		let length = header.encode(&mut bytes).unwrap();
		[&bytes[..length], &[0; 1 + TAG_BYTES + SIGNATURE_BYTES]].concat()
	}

	fn hashes(leaves: &[AnchoredLeaf]) -> Vec<[u8; 32]> {
		leaves.iter().map(AnchoredLeaf::hash).collect()
	}

	/// Sorted leaves, each (device, sequence) once.
	fn batch() -> impl Strategy<Value = Vec<AnchoredLeaf>> {
		prop::collection::btree_set((0u32..20, 1u64..1000), 1..34).prop_map(|places| {
			places
				.into_iter()
				.map(|(device, sequence)| leaf(device, frame(sequence)))
				.collect()
		})
	}

	/// Leaves of any bytes.
	fn any_leaves() -> impl Strategy<Value = Vec<AnchoredLeaf>> {
		let bytes = prop::collection::vec(any::<u8>(), 0..60);
		prop::collection::vec((any::<u32>(), bytes), 1..10).prop_map(|leaves| {
			leaves
				.into_iter()
				.map(|(device, frame)| leaf(device, frame))
				.collect()
		})
	}

	/// Whether each hash of the way stands on the left, from the leaf up.
	fn way(leaves: u32, index: u32) -> Vec<bool> {
		let (mut width, mut position, mut way) = (leaves, index, Vec::new());
		while width > 1 {
			if position % 2 == 1 {
				way.push(true);
			} else if position + 1 < width {
				way.push(false);
			}
			position /= 2;
			width = width.div_ceil(2);
		}
		way
	}

	proptest! {
		#[test]
		fn every_leaf_of_a_batch_proves(leaves in batch()) {
			let hashes = hashes(&leaves);
			let root = root_of(&hashes);
			let count = leaves.len() as u32;
			for (index, leaf) in leaves.iter().enumerate() {
				let proof = prove(&hashes, index as u32).unwrap();
				prop_assert!(verify(&root, count, leaf.hash(), &proof));
			}
			prop_assert_eq!(prove(&hashes, count), None);
		}

		#[test]
		fn nothing_else_proves(
			leaves in batch(),
			which: prop::sample::Index,
			other: prop::sample::Index,
			bit in 0u8..8,
			extra: [u8; 32],
		) {
			let hashes = hashes(&leaves);
			let root = root_of(&hashes);
			let count = leaves.len() as u32;
			let index = which.index(leaves.len());
			let good = prove(&hashes, index as u32).unwrap();
			let leaf = &leaves[index];

			let byte = other.index(leaf.frame.len());
			let mut changed = leaf.frame.to_vec();
			changed[byte] ^= 1 << bit;
			prop_assert!(!verify(&root, count, leaf_hash(leaf.device, &changed), &good));
			prop_assert!(!verify(&root, count, leaf_hash(leaf.device ^ (1 << bit), &leaf.frame), &good));

			for index in (0..count + 2).filter(|index| *index != good.index) {
				let proof = InclusionProof { index, ..good.clone() };
				prop_assert!(!verify(&root, count, leaf.hash(), &proof), "index {index}");
			}

			for place in 0..good.siblings.len() {
				let mut siblings = good.siblings.to_vec();
				siblings[place][other.index(32)] ^= 1 << bit;
				let proof = InclusionProof { siblings: siblings.try_into().unwrap(), ..good.clone() };
				prop_assert!(!verify(&root, count, leaf.hash(), &proof));
				let mut fewer = good.siblings.to_vec();
				fewer.remove(place);
				let proof = InclusionProof { siblings: fewer.try_into().unwrap(), ..good.clone() };
				prop_assert!(!verify(&root, count, leaf.hash(), &proof));
			}
			let more = [good.siblings.as_slice(), &[extra]].concat();
			let proof = InclusionProof { siblings: more.try_into().unwrap(), ..good.clone() };
			prop_assert!(!verify(&root, count, leaf.hash(), &proof));

			let mut other_root = root;
			other_root[other.index(32)] ^= 1 << bit;
			prop_assert!(!verify(&other_root, count, leaf.hash(), &good));
		}

		#[test]
		fn another_number_of_leaves_proves_only_where_the_way_is_the_same(leaves in batch(), which: prop::sample::Index) {
			let hashes = hashes(&leaves);
			let root = root_of(&hashes);
			let count = leaves.len() as u32;
			let index = which.index(leaves.len());
			let good = prove(&hashes, index as u32).unwrap();
			for claimed in (0..2 * count + 2).chain([MAX_ANCHORED_LEAVES + 1, u32::MAX]) {
				let same = claimed > good.index
					&& claimed <= MAX_ANCHORED_LEAVES
					&& way(claimed, good.index) == way(count, good.index);
				prop_assert_eq!(verify(&root, claimed, leaves[index].hash(), &good), same, "{} leaves", claimed);
			}
		}

		#[test]
		fn an_inner_node_never_passes_for_a_leaf(mut leaves in batch()) {
			leaves.truncate(13);
			let mut row = hashes(&leaves);
			let root = root_of(&row);
			let count = leaves.len() as u32;
			let proofs: Vec<_> = (0..count).map(|index| prove(&row, index).unwrap()).collect();
			while row.len() > 1 {
				for pair in row.chunks_exact(2) {
					let inner = pair.concat();
					// As the frame of a leaf, and with the bytes that leaves have before their frames taken off.
					for (device, frame) in [
						(0, inner.as_slice()),
						(u32::from_be_bytes([inner[18], inner[19], inner[20], inner[21]]), &inner[22..]),
					] {
						let passed_off = leaf_hash(device, frame);
						prop_assert_ne!(passed_off, <NodeHasher as hash_db::Hasher>::hash(&inner));
						for whole in &proofs {
							for skipped in 0..=whole.siblings.len() {
								let siblings = whole.siblings[skipped..].to_vec();
								let proof = InclusionProof {
									index: whole.index,
									siblings: siblings.try_into().unwrap(),
								};
								prop_assert!(!verify(&root, count, passed_off, &proof));
							}
						}
					}
				}
				row = row
					.chunks(2)
					.map(|pair| match pair {
						[left, right] => <NodeHasher as hash_db::Hasher>::hash(&[*left, *right].concat()),
						_ => pair[0],
					})
					.collect();
			}
			prop_assert_eq!(row, vec![root]);
		}

		#[test]
		fn a_batch_file_is_read_back(leaves in any_leaves()) {
			let bytes = encode_batch_file(&leaves).unwrap();
			prop_assert_eq!(decode_batch_file(&bytes), Ok(leaves));
			for length in 0..bytes.len() {
				prop_assert!(decode_batch_file(&bytes[..length]).is_err());
			}
			let longer = [bytes.as_slice(), &[0]].concat();
			prop_assert_eq!(decode_batch_file(&longer), Err(BatchFileError::TrailingBytes));
		}

		#[test]
		fn any_bytes_are_a_batch_or_an_error_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
			let _ = decode_batch_file(&bytes);
			for prefix in [BATCH_FILE_DOMAIN.to_vec(), [BATCH_FILE_DOMAIN.as_slice(), &[0, 0, 0]].concat()] {
				let bytes = [prefix.as_slice(), &bytes].concat();
				if let Ok(leaves) = decode_batch_file(&bytes) {
					prop_assert_eq!(encode_batch_file(&leaves), Ok(bytes));
				}
			}
		}

		#[test]
		fn sorted_leaves_are_in_order_and_a_swap_is_found(leaves in batch(), which: prop::sample::Index) {
			prop_assert_eq!(check_order(&leaves), Ok(()));
			if leaves.len() > 1 {
				let index = 1 + which.index(leaves.len() - 1);
				let mut swapped = leaves.clone();
				swapped.swap(index - 1, index);
				prop_assert_eq!(check_order(&swapped), Err(OrderError::NotAscending { index }));
				let mut twice = leaves;
				twice.insert(index, twice[index - 1].clone());
				prop_assert_eq!(check_order(&twice), Err(OrderError::NotAscending { index }));
			}
		}
	}

	#[test]
	fn the_hash_of_a_leaf_is_that_of_its_bytes() {
		let leaf = leaf(0x0102_0304, vec![9; 70]);
		let bytes = leaf.bytes();
		assert_eq!(&bytes[..18], b"BPL-ANCHOR-LEAF-v1");
		assert_eq!(bytes[18..22], [1, 2, 3, 4]);
		assert_eq!(bytes[22..], [9; 70]);
		assert_eq!(leaf.hash(), <NodeHasher as hash_db::Hasher>::hash(&bytes));
	}

	#[test]
	fn a_lone_leaf_is_the_root_and_no_leaves_have_none() {
		let hash = leaf(1, frame(1)).hash();
		assert_eq!(root_of(&[hash]), hash);
		let proof = prove(&[hash], 0).unwrap();
		assert!(proof.siblings.is_empty());
		assert!(verify(&hash, 1, hash, &proof));
		assert_eq!(root_of(&[]), [0; 32]);
		assert_eq!(prove(&[], 0), None);
		assert!(!verify(&[0; 32], 0, [0; 32], &proof));
	}

	#[test]
	fn the_longest_way_has_as_many_hashes_as_a_proof_takes() {
		for index in [0, 1, MAX_ANCHORED_LEAVES / 2, MAX_ANCHORED_LEAVES - 1] {
			assert_eq!(
				siblings_required(MAX_ANCHORED_LEAVES, index),
				MAX_SIBLINGS as usize
			);
		}
		assert_eq!(
			siblings_required(MAX_ANCHORED_LEAVES - 1, MAX_ANCHORED_LEAVES - 2),
			19
		);
		assert_eq!(siblings_required((1 << 19) + 1, 1 << 19), 1);
	}

	#[test]
	fn a_leaf_that_is_no_frame_breaks_the_order() {
		let leaves = [leaf(1, frame(1)), leaf(2, vec![2])];
		assert_eq!(
			check_order(&leaves),
			Err(OrderError::Malformed {
				index: 1,
				error: FrameError::Version
			})
		);
	}

	#[test]
	fn each_part_of_a_batch_file_is_checked() {
		let file =
			|count: u32, leaves: &[u8]| [BATCH_FILE_DOMAIN.as_slice(), &count.to_be_bytes(), leaves].concat();
		let one = [0, 0, 0, 7, 0, 2, 0xaa, 0xbb];
		assert_eq!(
			decode_batch_file(&file(1, &one)),
			Ok(vec![leaf(7, vec![0xaa, 0xbb])])
		);
		assert_eq!(decode_batch_file(b"BPL-BATCH-v2\0"), Err(BatchFileError::Domain));
		assert_eq!(
			decode_batch_file(BATCH_FILE_DOMAIN),
			Err(BatchFileError::CutShort)
		);
		assert_eq!(decode_batch_file(&file(0, &[])), Err(BatchFileError::Count));
		assert_eq!(
			decode_batch_file(&file(MAX_ANCHORED_LEAVES + 1, &one)),
			Err(BatchFileError::Count)
		);
		assert_eq!(
			decode_batch_file(&file(MAX_ANCHORED_LEAVES, &one)),
			Err(BatchFileError::CutShort)
		);
		assert_eq!(
			decode_batch_file(&file(1, &[0, 0, 0, 7, 0x10, 0x01])),
			Err(BatchFileError::FrameTooLong)
		);
		assert_eq!(
			decode_batch_file(&file(1, &[one.as_slice(), &[0]].concat())),
			Err(BatchFileError::TrailingBytes)
		);
		assert_eq!(encode_batch_file(&[]), Err(BatchFileError::Count));
	}
}
