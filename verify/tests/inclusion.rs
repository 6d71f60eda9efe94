//! That a frame is in an anchored batch: the library and the command, with the known answers of `primitives/vectors`.

#![allow(clippy::unwrap_used)]

use passport_primitives::telemetry::{
	anchor::{root_of, AnchoredLeaf, BatchFileError, InclusionProof},
	FrameError,
};
use passport_runtime_api::Hex;
use passport_verify::{
	read_batch, read_inclusion, verify_inclusion, Anchored, InclusionFileError, Refusal, Signer,
};
use serde_json::{json, Value};
use sp_core::H256;
use std::{
	fs,
	process::{Command, Output, Stdio},
};
use tempfile::TempDir;

/// The leaf of the tests: the second frame of `frames.json` in the batch of five.
const INDEX: u32 = 1;

fn vectors(text: &str) -> Value {
	serde_json::from_str(text).unwrap()
}

/// The batch of five leaves.
fn batch() -> Value {
	vectors(include_str!("../../primitives/vectors/anchors.json"))["batches"][3].clone()
}

/// Digits as JSON-RPC and bridges write them.
fn hex(digits: &Value) -> String {
	format!("0x{}", digits.as_str().unwrap())
}

fn bytes(digits: &Value) -> Vec<u8> {
	serde_json::from_value::<Hex>(hex(digits).into()).unwrap().0
}

fn hash(digits: &Value) -> H256 {
	H256::from_slice(&bytes(digits))
}

fn anchored() -> Anchored {
	Anchored {
		root: hash(&batch()["root"]),
		leaves: 5,
	}
}

fn signer() -> Signer {
	let frame = &vectors(include_str!("../../primitives/vectors/frames.json"))["frames"][1];
	Signer {
		public_key: hash(&frame["publicKey"]),
		genesis_hash: hash(&frame["genesisHash"]),
	}
}

/// What a bridge answers.
fn answer() -> Value {
	let batch = batch();
	let leaf = &batch["leaves"][INDEX as usize];
	let siblings = batch["proofs"][INDEX as usize]["siblings"].as_array().unwrap();
	json!({
		"anchor": { "bridge": 8, "stream": 0, "number": 3 },
		"root": hex(&batch["root"]),
		"leaves": 5,
		"leafIndex": INDEX,
		"device": leaf["device"],
		"frame": hex(&leaf["frame"]),
		"proof": siblings.iter().map(hex).collect::<Vec<_>>(),
		"content": batch["cid"],
		"finalisedBlock": 12,
	})
}

fn read(answer: &Value) -> (AnchoredLeaf, InclusionProof) {
	read_inclusion(answer.to_string().as_bytes()).unwrap()
}

#[test]
fn a_frame_with_its_proof_is_included_and_signed() {
	let (leaf, proof) = read(&answer());
	let included = verify_inclusion(&anchored(), &leaf, &proof, Some(&signer())).unwrap();
	assert_eq!(included.root, anchored().root);
	assert_eq!((included.leaf_index, included.device), (INDEX, 1));
	assert_eq!(included.sequence, 70_000);
	assert_eq!(included.public_key, Some(signer().public_key));
	assert!(included.first_seconds <= included.last_seconds);
	let unsigned = verify_inclusion(&anchored(), &leaf, &proof, None).unwrap();
	assert_eq!(unsigned.public_key, None);
}

#[test]
fn a_batch_file_gives_the_same_leaf_and_proof() {
	let file = bytes(&batch()["file"]);
	assert_eq!(read_batch(&file, INDEX).unwrap(), read(&answer()));
	assert!(matches!(
		read_batch(&file, 5),
		Err(InclusionFileError::NoSuchLeaf { leaves: 5, index: 5 })
	));
	assert!(matches!(
		read_batch(&file[..40], 0),
		Err(InclusionFileError::BatchFile(BatchFileError::CutShort))
	));
}

#[test]
fn what_is_not_in_the_anchor_is_refused() {
	let (leaf, proof) = read(&answer());
	let check = |anchored: &Anchored, leaf: &AnchoredLeaf, proof: &InclusionProof| {
		verify_inclusion(anchored, leaf, proof, Some(&signer()))
	};
	assert!(check(&anchored(), &leaf, &proof).is_ok());
	let other_root = Anchored {
		root: H256::repeat_byte(1),
		..anchored()
	};
	let fewer_leaves = Anchored {
		leaves: 4,
		..anchored()
	};
	for wrong in [other_root, fewer_leaves] {
		assert_eq!(check(&wrong, &leaf, &proof), Err(Refusal::NotInAnchor));
	}
	let other_device = AnchoredLeaf {
		device: 2,
		..leaf.clone()
	};
	assert_eq!(
		check(&anchored(), &other_device, &proof),
		Err(Refusal::NotInAnchor)
	);
	let mut other_index = proof.clone();
	other_index.index = 0;
	let mut too_few = proof.clone();
	too_few.siblings.pop();
	let mut too_many = proof;
	too_many.siblings.try_push([0; 32]).unwrap();
	for wrong in [other_index, too_few, too_many] {
		assert_eq!(check(&anchored(), &leaf, &wrong), Err(Refusal::NotInAnchor));
	}
}

#[test]
fn a_frame_is_signed_by_one_key_for_one_network() {
	let (leaf, proof) = read(&answer());
	let other_network = Signer {
		genesis_hash: H256::repeat_byte(1),
		..signer()
	};
	let other_key = Signer {
		public_key: H256::repeat_byte(2),
		..signer()
	};
	for wrong in [other_network, other_key] {
		assert_eq!(
			verify_inclusion(&anchored(), &leaf, &proof, Some(&wrong)),
			Err(Refusal::NotSigned {
				public_key: wrong.public_key
			})
		);
	}
}

#[test]
fn a_leaf_that_is_no_frame_is_refused_though_it_is_anchored() {
	let leaf = AnchoredLeaf {
		device: 1,
		frame: vec![2].try_into().unwrap(),
	};
	let anchored = Anchored {
		root: H256(root_of(&[leaf.hash()])),
		leaves: 1,
	};
	let proof = InclusionProof {
		index: 0,
		siblings: Default::default(),
	};
	assert_eq!(
		verify_inclusion(&anchored, &leaf, &proof, None),
		Err(Refusal::NotAFrame(FrameError::Version))
	);
}

#[test]
fn an_answer_that_is_none_is_not_read() {
	let with = |field: &str, value: Value| {
		let mut answer = answer();
		answer[field] = value;
		answer
	};
	let digits = |bytes: usize| format!("0x{}", "00".repeat(bytes));
	for (what, answer) in [
		("no index", with("leafIndex", Value::Null)),
		("no hex", with("frame", "frame".into())),
		("a frame that is too long", with("frame", digits(4_097).into())),
		("a hash that is too short", with("proof", json!([digits(31)]))),
		("too many hashes", with("proof", json!(vec![digits(32); 21]))),
	] {
		assert!(read_inclusion(answer.to_string().as_bytes()).is_err(), "{what}");
	}
	let problem = json!({ "title": "Not Found", "status": 404, "detail": "in no final anchor" });
	let error = read_inclusion(problem.to_string().as_bytes()).unwrap_err();
	assert_eq!(
		error.to_string(),
		"the bridge did not answer with a proof: \"in no final anchor\""
	);
	assert!(read_inclusion(b"no JSON").is_err());
}

/// Runs the command about the answer, or about what else the arguments name.
fn run(folder: &TempDir, arguments: &[&str]) -> Output {
	fs::write(folder.path().join("inclusion.json"), answer().to_string()).unwrap();
	fs::write(folder.path().join("batch"), bytes(&batch()["file"])).unwrap();
	Command::new(env!("CARGO_BIN_EXE_passport-verify"))
		.arg("inclusion")
		.args(arguments)
		.current_dir(folder.path())
		.stdin(Stdio::null())
		.output()
		.unwrap()
}

#[test]
fn the_command_prints_what_is_included_and_says_why_not() {
	let folder = TempDir::new().unwrap();
	let root = hex(&batch()["root"]);
	let (key, genesis) = (
		format!("{:?}", signer().public_key),
		format!("{:?}", signer().genesis_hash),
	);
	let ledger = ["--root", &root, "--leaves", "5"];
	let device = ["--public-key", &key, "--genesis-hash", &genesis];
	let with = |others: &[&str]| run(&folder, &[&ledger[..], others].concat());

	for arguments in [
		[&["inclusion.json"][..], &device].concat(),
		[&["--batch", "batch", "--index", "1"][..], &device].concat(),
	] {
		let output = with(&arguments);
		assert_eq!(output.status.code(), Some(0), "{output:?}");
		let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
		assert_eq!(printed["leafIndex"], 1);
		assert_eq!(printed["sequence"], 70_000);
		assert_eq!(printed["publicKey"], key);
	}

	// Leaf 0 is of another key.
	let output = with(&[&["--batch", "batch", "--index", "0"][..], &device].concat());
	assert_eq!(output.status.code(), Some(1));
	let line = String::from_utf8(output.stderr).unwrap();
	assert!(
		line.starts_with("not proven: the frame is anchored, and not signed by 0x"),
		"{line}"
	);

	let output = run(&folder, &["inclusion.json", "--root", &root, "--leaves", "4"]);
	assert_eq!(output.status.code(), Some(1));
	assert_eq!(
		String::from_utf8(output.stderr).unwrap(),
		"not proven: the proof does not lead from the frame to the anchor's root\n"
	);
}

#[test]
fn what_can_not_be_read_and_wrong_usage_end_with_status_2() {
	let folder = TempDir::new().unwrap();
	let root = hex(&batch()["root"]);
	let ledger = ["--root", root.as_str(), "--leaves", "5"];
	for arguments in [
		&["missing.json"][..],
		&["-"],
		&["batch"],
		&["--batch", "inclusion.json", "--index", "0"],
		&["--batch", "batch"],
		&["--batch", "batch", "--index", "5"],
		&["inclusion.json", "--batch", "batch", "--index", "0"],
		&["inclusion.json", "--public-key", root.as_str()],
	] {
		let output = run(&folder, &[&ledger[..], arguments].concat());
		assert_eq!(output.status.code(), Some(2), "{arguments:?}");
	}
	for arguments in [&["inclusion.json"][..], &["inclusion.json", "--leaves", "5"]] {
		let output = run(&folder, arguments);
		assert_eq!(output.status.code(), Some(2), "{arguments:?}");
	}
}
