//! That a frame is in an anchored batch and whose it is, from the genesis validators alone: the library and the command.

#![allow(clippy::unwrap_used)]

mod network;

use network::telemetry::{
	batch, bytes, failure, frames, hash, hex, key, known_frame, printed, trust, Folder, Telemetry, ANCHOR,
	DEVICE, NETWORK, PASSPORT,
};
use passport_primitives::{
	battery::PassportId,
	organisation::OrganisationId,
	telemetry::{
		anchor::{AnchorId, AnchoredLeaf, BatchFileError, InclusionProof, Offence},
		device::SignedBy,
		FrameError,
	},
};
use passport_verify::{
	read_batch, read_inclusion, verify_inclusion, AskedFrame, Included, InclusionFileError, Refusal,
};
use serde_json::{json, Value};
use sp_core::H256;

/// The leaf of the tests: the device's first frame in the batch of five.
const INDEX: u32 = 1;
/// Its sequence.
const SEQUENCE: u64 = 70_000;

/// What a bridge answers.
fn answer() -> Value {
	let batch = batch();
	let leaf = &batch["leaves"][INDEX as usize];
	let siblings = batch["proofs"][INDEX as usize]["siblings"].as_array().unwrap();
	json!({
		"anchor": { "bridge": 8, "stream": 2, "number": 3 },
		"root": hex(&batch["root"]),
		"leaves": 5,
		"leafIndex": INDEX,
		"device": leaf["device"],
		"frame": hex(&leaf["frame"]),
		"proof": siblings.iter().map(hex).collect::<Vec<_>>(),
		"content": batch["cid"],
		"finalisedBlock": 90,
	})
}

fn read(answer: &Value) -> (AnchoredLeaf, InclusionProof) {
	read_inclusion(answer.to_string().as_bytes()).unwrap()
}

/// The frame of the tests, named in full.
fn asked() -> AskedFrame {
	AskedFrame {
		device: Some(DEVICE),
		sequence: Some(SEQUENCE),
		bridge: Some(ANCHOR.bridge),
		stream: Some(ANCHOR.stream),
		number: Some(ANCHOR.number),
	}
}

/// Checks the leaf of the tests against what the ledger holds.
fn check(ledger: &Telemetry) -> Result<Included, Refusal> {
	let (leaf, inclusion) = read(&answer());
	verify_inclusion(&ledger.anchor_proof(), &trust(), &asked(), &leaf, &inclusion)
}

/// A leaf of the device that is anchored alone, and its way to the root.
fn alone(frame: Vec<u8>) -> (AnchoredLeaf, InclusionProof) {
	let leaf = AnchoredLeaf {
		device: DEVICE,
		frame: frame.try_into().unwrap(),
	};
	let inclusion = InclusionProof {
		index: 0,
		siblings: Default::default(),
	};
	(leaf, inclusion)
}

fn check_alone(frame: Vec<u8>) -> Result<Included, Refusal> {
	let (leaf, inclusion) = alone(frame);
	let mut ledger = Telemetry::new();
	ledger.anchor_alone(&leaf);
	let asked = AskedFrame {
		sequence: None,
		..asked()
	};
	verify_inclusion(&ledger.anchor_proof(), &trust(), &asked, &leaf, &inclusion)
}

#[test]
fn a_frame_in_an_anchor_is_proven_with_its_device() {
	let included = check(&Telemetry::new()).unwrap();
	assert_eq!((included.block.number, included.block.set_id), (100, 0));
	assert_eq!(included.block.genesis_hash, NETWORK);
	assert_eq!(
		(included.bridge, included.stream, included.number),
		(ANCHOR.bridge, ANCHOR.stream, ANCHOR.number)
	);
	assert_eq!((included.root, included.leaves), (hash(&batch()["root"]), 5));
	assert_eq!((included.anchored_at, included.leaf_index), (90, INDEX));
	assert_eq!(included.content_address.0, bytes(&batch()["contentAddress"]));
	assert_eq!(
		(included.device.device, included.device.passport_id),
		(DEVICE, PASSPORT)
	);
	assert_eq!(
		(included.device.signed_by, included.device.revoked),
		(SignedBy::Battery, false)
	);
	assert_eq!(included.public_key, key());
	assert_eq!(
		(included.sequence, included.key_epoch, included.readings),
		(70_000, 3, 5)
	);
	assert_eq!(
		(included.first_seconds, included.last_seconds),
		(1_800_000_000, 1_800_000_240)
	);
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
fn any_key_that_the_device_has_had_signs_for_it() {
	let others = [1, 2, 3].map(H256::repeat_byte);
	let mut ledger = Telemetry::new();
	for former in [
		&[key()][..],
		&[key(), others[1], others[2]],
		&[others[1], others[2], key()],
	] {
		ledger.rotate(others[0], former);
		assert_eq!(check(&ledger).unwrap().public_key, key());
	}
	ledger.rotate(key(), &others);
	assert_eq!(check(&ledger).unwrap().public_key, key());
	ledger.rotate(others[0], &others[1..]);
	assert_eq!(check(&ledger), Err(Refusal::NotSigned { device: DEVICE }));
}

#[test]
fn a_bridge_that_signs_in_a_batterys_place_and_a_revoked_device_are_marked() {
	let mut ledger = Telemetry::new();
	ledger.state().device.signed_by = SignedBy::Bridge;
	ledger.state().revoked = true;
	let device = check(&ledger).unwrap().device;
	assert_eq!((device.signed_by, device.revoked), (SignedBy::Bridge, true));
}

#[test]
fn what_is_not_in_the_anchor_is_refused() {
	let mut other_root = Telemetry::new();
	other_root.anchor().root = [1; 32];
	let mut fewer_leaves = Telemetry::new();
	fewer_leaves.anchor().leaves = 4;
	for ledger in [other_root, fewer_leaves] {
		assert_eq!(check(&ledger), Err(Refusal::NotInAnchor));
	}

	let proof = Telemetry::new().anchor_proof();
	let (leaf, inclusion) = read(&answer());
	let mut other_frame = leaf.clone();
	other_frame.frame[20] ^= 1;
	let mut other_index = inclusion.clone();
	other_index.index = 0;
	let mut too_few = inclusion.clone();
	too_few.siblings.pop();
	let mut too_many = inclusion.clone();
	too_many.siblings.try_push([0; 32]).unwrap();
	for (leaf, inclusion) in [
		(&other_frame, &inclusion),
		(&leaf, &other_index),
		(&leaf, &too_few),
		(&leaf, &too_many),
	] {
		assert_eq!(
			verify_inclusion(&proof, &trust(), &asked(), leaf, inclusion),
			Err(Refusal::NotInAnchor)
		);
	}
}

#[test]
fn a_proof_about_another_device_is_refused() {
	let mut proof = Telemetry::new().anchor_proof();
	proof.device = 0;
	let (leaf, inclusion) = read(&answer());
	assert_eq!(
		verify_inclusion(&proof, &trust(), &asked(), &leaf, &inclusion),
		Err(Refusal::OtherDevice {
			expected: DEVICE,
			found: 0
		})
	);
}

#[test]
fn a_good_proof_of_another_frame_than_the_one_in_question_is_refused() {
	let proof = Telemetry::new().anchor_proof();
	let (leaf, inclusion) = read(&answer());
	let verify = |asked: AskedFrame| verify_inclusion(&proof, &trust(), &asked, &leaf, &inclusion);
	let expected = verify(asked()).unwrap();
	assert_eq!(verify(AskedFrame::default()), Ok(expected));
	assert_eq!(
		verify(AskedFrame {
			device: Some(2),
			..asked()
		}),
		Err(Refusal::OtherDevice {
			expected: 2,
			found: DEVICE
		})
	);
	assert_eq!(
		verify(AskedFrame {
			sequence: Some(SEQUENCE + 1),
			..asked()
		}),
		Err(Refusal::OtherSequence {
			expected: SEQUENCE + 1,
			found: SEQUENCE
		})
	);
	for other in [
		AskedFrame {
			bridge: Some(OrganisationId(9)),
			..asked()
		},
		AskedFrame {
			stream: Some(3),
			..asked()
		},
		AskedFrame {
			number: Some(4),
			..asked()
		},
	] {
		assert_eq!(verify(other), Err(Refusal::OtherAnchor { found: ANCHOR }));
	}
}

#[test]
fn an_anchor_that_the_block_does_not_have_is_refused() {
	let mut without = Telemetry::new();
	without.anchor = None;
	assert_eq!(check(&without), Err(Refusal::NoSuchAnchor { anchor: ANCHOR }));
	let (leaf, inclusion) = read(&answer());
	// All nodes of the trie are in the proof, so that it shows that there are no others.
	for other in [
		AnchorId {
			bridge: OrganisationId(9),
			..ANCHOR
		},
		AnchorId { stream: 3, ..ANCHOR },
		AnchorId { number: 4, ..ANCHOR },
	] {
		let mut proof = Telemetry::new().anchor_proof();
		(proof.bridge, proof.stream, proof.number) = (other.bridge, other.stream, other.number);
		let any = AskedFrame::default();
		assert_eq!(
			verify_inclusion(&proof, &trust(), &any, &leaf, &inclusion),
			Err(Refusal::NoSuchAnchor { anchor: other })
		);
		// It is not even looked for if another is in question.
		assert_eq!(
			verify_inclusion(&proof, &trust(), &asked(), &leaf, &inclusion),
			Err(Refusal::OtherAnchor { found: other })
		);
	}
}

#[test]
fn an_anchor_that_its_bridge_was_convicted_of_is_refused() {
	let mut ledger = Telemetry::new();
	ledger.anchor().offence = Some(Offence::Replay);
	assert_eq!(
		check(&ledger),
		Err(Refusal::Convicted {
			offence: Offence::Replay
		})
	);
}

#[test]
fn a_device_that_the_block_does_not_have_is_refused() {
	let mut no_page = Telemetry::new();
	no_page.page = None;
	let mut closed = Telemetry::new();
	closed.page.as_mut().unwrap()[DEVICE as usize] = None;
	let mut beyond_the_page = Telemetry::new();
	beyond_the_page.page.as_mut().unwrap().truncate(1);
	for ledger in [no_page, closed, beyond_the_page] {
		assert_eq!(check(&ledger), Err(Refusal::NoSuchDevice { device: DEVICE }));
	}
}

#[test]
fn a_frame_that_is_signed_for_another_network_or_battery_is_refused() {
	assert!(check_alone(frames().remove(0)).is_ok());
	let good = known_frame(1);
	// Readings, keys and header are the same.
	for (index, other) in [(2, "genesisHash"), (7, "passport")] {
		let frame = known_frame(index);
		for field in ["publicKey", "header", "sealed", "genesisHash", "passport"] {
			assert_eq!(frame[field] == good[field], field != other, "{field}");
		}
		assert_eq!(
			check_alone(bytes(&frame["frame"])),
			Err(Refusal::NotSigned { device: DEVICE })
		);
	}
}

#[test]
fn a_frame_that_is_anchored_for_a_device_of_another_battery_is_refused() {
	let mut ledger = Telemetry::new();
	ledger.state().device.passport = PassportId([7; 32]);
	assert_eq!(check(&ledger), Err(Refusal::NotSigned { device: DEVICE }));
}

#[test]
fn a_leaf_that_is_no_frame_is_refused_though_it_is_anchored() {
	assert_eq!(check_alone(vec![2]), Err(Refusal::NotAFrame(FrameError::Version)));
}

#[test]
fn a_block_that_is_not_final_or_of_another_network_is_refused() {
	let ledger = Telemetry::new();
	let (leaf, inclusion) = read(&answer());
	let mut not_final = ledger.anchor_proof();
	// The justification of another state's block.
	let mut other = ledger.clone();
	other.state().frames = 4;
	not_final.state.justification = other.anchor_proof().state.justification;
	assert_eq!(
		verify_inclusion(&not_final, &trust(), &asked(), &leaf, &inclusion),
		Err(Refusal::JustifiesAnotherBlock { block: 100 })
	);
	assert_eq!(
		verify_inclusion(
			&ledger.anchor_proof(),
			&network::trust(),
			&asked(),
			&leaf,
			&inclusion
		),
		Err(Refusal::OtherNetwork {
			expected: network::GENESIS,
			found: NETWORK,
		})
	);
}

#[test]
fn a_node_of_the_trie_that_is_left_out_or_changed_proves_nothing_else() {
	let proof = Telemetry::new().anchor_proof();
	let (leaf, inclusion) = read(&answer());
	let expected = verify_inclusion(&proof, &trust(), &asked(), &leaf, &inclusion).unwrap();
	let mut refused = 0;
	for node in 0..proof.state.storage_proof.len() {
		let mut left_out = proof.clone();
		left_out.state.storage_proof.remove(node);
		let mut changed = proof.clone();
		changed.state.storage_proof[node].0[0] ^= 1;
		for proof in [left_out, changed] {
			match verify_inclusion(&proof, &trust(), &asked(), &leaf, &inclusion) {
				// A node that the frame does not need.
				Ok(included) => assert_eq!(included, expected),
				Err(Refusal::BrokenStorageProof { .. }) => refused += 1,
				Err(other) => panic!("{other}"),
			}
		}
	}
	// The root, the anchor, the device and its page at least.
	assert!(refused >= 8, "{refused}");
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

/// A folder with a bridge's answer, the batch file, and a node's answer.
fn folder(ledger: &Telemetry) -> Folder {
	let folder = Folder::new();
	let proof = json!({
		"jsonrpc": "2.0",
		"id": 1,
		"result": { "at": H256::zero(), "blockNumber": 100, "finalised": true, "value": ledger.anchor_proof() },
	});
	folder.write("proof.json", proof.to_string());
	folder.write("inclusion.json", answer().to_string());
	folder.write("batch", bytes(&batch()["file"]));
	folder
}

#[test]
fn the_command_prints_what_is_proven() {
	let folder = folder(&Telemetry::new());
	let passport = PASSPORT.to_string();
	let anchor = ["--bridge", "8", "--stream", "2", "--number", "3"];
	let by_the_bridge = [
		"--inclusion",
		"inclusion.json",
		"--device",
		"1",
		"--sequence",
		"70000",
	];
	let in_the_batch = ["--batch", "batch", "--index", "1"];
	for source in [
		by_the_bridge.to_vec(),
		in_the_batch.to_vec(),
		[&by_the_bridge[..], &anchor].concat(),
		[&in_the_batch[..], &anchor, &by_the_bridge[2..]].concat(),
	] {
		let common = ["--proof", "proof.json", "--passport", &passport];
		let proven = printed(&folder.run(&[&["inclusion"][..], &source[..], &common[..]].concat()));
		assert_eq!(proven["genesisHash"], json!(NETWORK));
		assert_eq!(
			(&proven["blockNumber"], &proven["setId"]),
			(&json!(100), &json!(0))
		);
		assert_eq!(
			(&proven["bridge"], &proven["stream"], &proven["number"]),
			(&json!(8), &json!(2), &json!(3))
		);
		assert_eq!(proven["contentAddress"], hex(&batch()["contentAddress"]));
		assert_eq!((&proven["leafIndex"], &proven["device"]), (&json!(1), &json!(1)));
		assert_eq!(proven["passportId"], passport);
		assert_eq!(
			(&proven["signedBy"], &proven["revoked"]),
			(&json!("battery"), &json!(false))
		);
		assert_eq!(proven["publicKey"], json!(key()));
		assert_eq!(
			(&proven["sequence"], &proven["readings"]),
			(&json!(70_000), &json!(5))
		);
	}
}

#[test]
fn the_command_says_in_one_line_why_nothing_is_proven() {
	let proof = ["--proof", "proof.json"];
	let by_the_bridge = ["inclusion", "--inclusion", "inclusion.json"];
	let named = ["--device", "1", "--sequence", "70000"];
	let arguments = [&by_the_bridge[..], &proof, &named].concat();
	let mut convicted = Telemetry::new();
	convicted.anchor().offence = Some(Offence::BadSignature);
	let mut pruned = Telemetry::new();
	pruned.anchor = None;
	let mut rotated = Telemetry::new();
	rotated.rotate(H256::repeat_byte(1), &[]);
	for (ledger, reason) in [
		(
			&convicted,
			"the bridge was convicted of this anchor (BadSignature): it is not to be relied on",
		),
		(&pruned, "the block has no anchor 3 in stream 2 of organisation 8"),
		(
			&rotated,
			"the frame is anchored, and signed for this network and its battery by no key that device 1 has had",
		),
	] {
		assert_eq!(
			failure(&folder(ledger).run(&arguments)),
			(1, format!("not proven: {reason}"))
		);
	}

	let folder = folder(&Telemetry::new());
	// Leaf 0 is of another device.
	let of_another = ["inclusion", "--batch", "batch", "--index", "0"];
	assert_eq!(
		failure(&folder.run(&[&of_another[..], &proof].concat())),
		(1, "not proven: this is of device 1, not of device 0".into())
	);
	// Whatever the bridge answers with instead: all of it is in the anchor, and signed.
	for (asked, reason) in [
		(
			["--device", "2", "--sequence", "70000"],
			"this is of device 1, not of device 2",
		),
		(
			["--device", "1", "--sequence", "70001"],
			"the frame has sequence 70000, not 70001",
		),
	] {
		for source in [
			&by_the_bridge[..],
			&["inclusion", "--batch", "batch", "--index", "1"],
		] {
			let arguments = [source, &proof, &asked].concat();
			assert_eq!(
				failure(&folder.run(&arguments)),
				(1, format!("not proven: {reason}"))
			);
		}
	}
	for other in [["--bridge", "9"], ["--stream", "3"], ["--number", "4"]] {
		assert_eq!(
			failure(&folder.run(&[&arguments[..], &other].concat())),
			(
				1,
				"not proven: the proof is about anchor 3 in stream 2 of organisation 8, not about the one in question"
					.into()
			)
		);
	}
	let (status, reason) = failure(&folder.run(&[&arguments[..], &["--passport", "another"]].concat()));
	assert_eq!(status, 1);
	assert!(
		reason.starts_with("not proven: the proof is about passport 0xbaba"),
		"{reason}"
	);
}

#[test]
fn what_can_not_be_read_ends_with_status_2() {
	let folder = folder(&Telemetry::new());
	folder.write(
		"error.json",
		json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": 9003, "message": "there is no anchor 3" } })
			.to_string(),
	);
	for (source, proof, reason) in [
		(&["--inclusion", "missing.json"][..], "proof.json", "missing.json"),
		(&["--inclusion", "-"], "proof.json", "no answer of /v1/inclusion"),
		(
			&["--inclusion", "batch"],
			"proof.json",
			"no answer of /v1/inclusion",
		),
		(
			&["--batch", "inclusion.json", "--index", "0"],
			"proof.json",
			"no batch file",
		),
		(
			&["--batch", "batch", "--index", "5"],
			"proof.json",
			"and none at 5",
		),
		(
			&["--inclusion", "inclusion.json"],
			"error.json",
			"there is no anchor 3",
		),
		(
			&["--inclusion", "inclusion.json"],
			"inclusion.json",
			"no answer of passport_anchorProof",
		),
	] {
		let named = ["--device", "1", "--sequence", "70000"];
		let arguments = [&["inclusion"][..], source, &["--proof", proof], &named].concat();
		let (status, line) = failure(&folder.run(&arguments));
		assert_eq!(status, 2, "{arguments:?}");
		assert!(line.contains(reason), "{line}");
	}
}

#[test]
fn wrong_usage_ends_with_status_2() {
	let folder = folder(&Telemetry::new());
	for arguments in [
		&["--proof", "proof.json"][..],
		&[
			"--inclusion",
			"inclusion.json",
			"--device",
			"1",
			"--sequence",
			"70000",
		],
		// Whatever the bridge has chosen.
		&["--inclusion", "inclusion.json", "--proof", "proof.json"],
		&[
			"--inclusion",
			"inclusion.json",
			"--proof",
			"proof.json",
			"--device",
			"1",
		],
		&[
			"--inclusion",
			"inclusion.json",
			"--proof",
			"proof.json",
			"--sequence",
			"70000",
		],
		&["--batch", "batch", "--proof", "proof.json"],
		&["--index", "1", "--proof", "proof.json"],
		&[
			"--inclusion",
			"inclusion.json",
			"--batch",
			"batch",
			"--index",
			"1",
			"--proof",
			"proof.json",
			"--device",
			"1",
			"--sequence",
			"70000",
		],
	] {
		let arguments = [&["inclusion"][..], arguments].concat();
		assert_eq!(folder.run(&arguments).status.code(), Some(2), "{arguments:?}");
	}
	let arguments = [
		"inclusion",
		"--inclusion",
		"inclusion.json",
		"--proof",
		"proof.json",
		"--device",
		"1",
		"--sequence",
		"70000",
	];
	assert_eq!(folder.run_without_trust(&arguments).status.code(), Some(2));
}
