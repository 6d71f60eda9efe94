//! Known answers: `vectors/anchors.json` holds what any implementation of anchored batches has to come to. It was not made by this
//! one: see `vectors/README.md`.

#![allow(clippy::unwrap_used)]

use passport_primitives::{
	content_address::{check, of_sha256},
	telemetry::anchor::{
		check_order, decode_batch_file, encode_batch_file, prove, root_of, verify, AnchoredLeaf,
		InclusionProof, Siblings, MAX_ANCHORED_LEAVES,
	},
};
use serde::Deserialize;
use sha2::{Digest, Sha256};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vectors {
	batches: Vec<Batch>,
	not_proofs: Vec<NotAProof>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Batch {
	name: String,
	leaves: Vec<LeafVector>,
	root: String,
	proofs: Vec<Proof>,
	file: String,
	sha256: String,
	content_address: String,
	cid: String,
}

#[derive(Deserialize)]
struct LeafVector {
	device: u32,
	sequence: u64,
	frame: String,
	leaf: String,
	hash: String,
}

#[derive(Deserialize)]
struct Proof {
	index: u32,
	siblings: Vec<String>,
}

#[derive(Deserialize)]
struct NotAProof {
	name: String,
	root: String,
	leaves: u32,
	index: u32,
	hash: String,
	siblings: Vec<String>,
}

fn vectors() -> Vectors {
	serde_json::from_str(include_str!("../vectors/anchors.json")).unwrap()
}

fn hash(digits: &str) -> [u8; 32] {
	hex::decode(digits).unwrap().try_into().unwrap()
}

fn proof(index: u32, siblings: &[String]) -> InclusionProof {
	let siblings: Vec<_> = siblings.iter().map(|digits| hash(digits)).collect();
	InclusionProof {
		index,
		siblings: Siblings::try_from(siblings).unwrap(),
	}
}

fn leaves_of(batch: &Batch) -> Vec<AnchoredLeaf> {
	batch
		.leaves
		.iter()
		.map(|leaf| AnchoredLeaf {
			device: leaf.device,
			frame: hex::decode(&leaf.frame).unwrap().try_into().unwrap(),
		})
		.collect()
}

#[test]
fn leaves_and_their_hashes_are_those_of_the_file() {
	for batch in vectors().batches {
		let leaves = leaves_of(&batch);
		assert_eq!(check_order(&leaves), Ok(()), "{}", batch.name);
		for (leaf, vector) in leaves.iter().zip(&batch.leaves) {
			assert_eq!(
				leaf.place(),
				Ok((vector.device, vector.sequence)),
				"{}",
				batch.name
			);
			assert_eq!(hex::encode(leaf.bytes()), vector.leaf, "{}", batch.name);
			assert_eq!(hex::encode(leaf.hash()), vector.hash, "{}", batch.name);
		}
	}
}

#[test]
fn roots_and_proofs_are_those_of_the_file() {
	let batches = vectors().batches;
	assert_eq!(
		batches.iter().map(|batch| batch.leaves.len()).collect::<Vec<_>>(),
		[1, 2, 3, 5, 7]
	);
	for batch in batches {
		let hashes: Vec<_> = leaves_of(&batch).iter().map(AnchoredLeaf::hash).collect();
		let root = root_of(&hashes);
		assert_eq!(hex::encode(root), batch.root, "{}", batch.name);
		assert_eq!(batch.proofs.len(), hashes.len());
		for vector in &batch.proofs {
			let proof = proof(vector.index, &vector.siblings);
			assert_eq!(
				prove(&hashes, vector.index),
				Some(proof.clone()),
				"{}",
				batch.name
			);
			let leaf_hash = hashes[vector.index as usize];
			assert!(
				verify(&root, hashes.len() as u32, leaf_hash, &proof),
				"{}",
				batch.name
			);
		}
	}
}

#[test]
fn batch_files_and_their_content_addresses_are_those_of_the_file() {
	for batch in vectors().batches {
		let leaves = leaves_of(&batch);
		let file = encode_batch_file(&leaves).unwrap();
		assert_eq!(hex::encode(&file), batch.file, "{}", batch.name);
		assert_eq!(decode_batch_file(&file), Ok(leaves), "{}", batch.name);
		let digest: [u8; 32] = Sha256::digest(&file).into();
		assert_eq!(hex::encode(digest), batch.sha256, "{}", batch.name);
		let content = of_sha256(&digest);
		assert_eq!(check(&content), Ok(()));
		assert_eq!(hex::encode(&content), batch.content_address, "{}", batch.name);
		let cid = cid::Cid::try_from(content.as_slice()).unwrap();
		assert_eq!(cid.to_string(), batch.cid, "{}", batch.name);
	}
}

#[test]
fn what_is_no_proof_is_refused() {
	let cases = vectors().not_proofs;
	assert!(cases.iter().any(|case| case.leaves > MAX_ANCHORED_LEAVES));
	for case in cases {
		let proof = proof(case.index, &case.siblings);
		assert!(
			!verify(&hash(&case.root), case.leaves, hash(&case.hash), &proof),
			"{}",
			case.name
		);
	}
}
