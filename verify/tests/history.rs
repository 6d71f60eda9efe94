//! That frames are all that the ledger has taken of a device, from the genesis validators alone: the library and the command.

#![allow(clippy::unwrap_used)]

mod network;

use network::telemetry::{failure, frames, printed, trust, Folder, Telemetry, DEVICE, NETWORK, PASSPORT};
use passport_runtime_api::Hex;
use passport_verify::{verify_history, ProvenHistory, Refusal, RollingHash};
use serde_json::{json, Value};

fn rolled(frames: &[Vec<u8>]) -> RollingHash {
	let mut rolled = RollingHash::default();
	for frame in frames {
		rolled.take(frame);
	}
	rolled
}

fn check(ledger: &Telemetry, frames: &[Vec<u8>]) -> Result<ProvenHistory, Refusal> {
	verify_history(&ledger.device_proof(), &trust(), DEVICE, &rolled(frames))
}

#[test]
fn all_frames_in_their_order_are_the_history_of_the_device() {
	let mut ledger = Telemetry::new();
	let history = check(&ledger, &frames()).unwrap();
	assert_eq!((history.block.number, history.block.genesis_hash), (100, NETWORK));
	assert_eq!(
		(history.device.device, history.device.passport_id),
		(DEVICE, PASSPORT)
	);
	assert_eq!(history.history_head.0, ledger.state().history_head);
	assert_eq!(
		(history.frames, history.readings, history.highest_sequence),
		(3, 12, 70_002)
	);
}

#[test]
fn a_device_that_has_sent_nothing_has_an_empty_history() {
	let mut ledger = Telemetry::new();
	ledger.state().history_head = [0; 32];
	ledger.state().frames = 0;
	assert_eq!(check(&ledger, &[]).unwrap().frames, 0);
}

#[test]
fn a_frame_that_is_missing_or_was_never_taken_is_noticed() {
	let all = frames();
	for left_out in 0..all.len() {
		let mut shown = all.clone();
		shown.remove(left_out);
		assert_eq!(
			check(&Telemetry::new(), &shown),
			Err(Refusal::OtherNumberOfFrames { taken: 3, shown: 2 })
		);
	}
	let mut more = all.clone();
	more.push(all[0].clone());
	assert_eq!(
		check(&Telemetry::new(), &more),
		Err(Refusal::OtherNumberOfFrames { taken: 3, shown: 4 })
	);
}

#[test]
fn another_frame_and_another_order_are_noticed() {
	let mut swapped = frames();
	swapped.swap(0, 1);
	let mut changed = frames();
	changed[1][40] ^= 1;
	for shown in [swapped, changed] {
		assert!(matches!(
			check(&Telemetry::new(), &shown),
			Err(Refusal::OtherHistory { .. })
		));
	}
}

#[test]
fn a_device_that_the_block_does_not_have_has_no_history() {
	let mut proof = Telemetry::new().device_proof();
	proof.device = 2;
	assert_eq!(
		verify_history(&proof, &trust(), 2, &rolled(&frames())),
		Err(Refusal::NoSuchDevice { device: 2 })
	);
}

#[test]
fn the_complete_history_of_another_device_is_refused() {
	let proof = Telemetry::new().device_proof();
	assert_eq!(
		verify_history(&proof, &trust(), 2, &rolled(&frames())),
		Err(Refusal::OtherDevice {
			expected: 2,
			found: DEVICE
		})
	);
}

#[test]
fn a_block_of_another_network_is_refused() {
	let proof = Telemetry::new().device_proof();
	assert!(matches!(
		verify_history(&proof, &network::trust(), DEVICE, &rolled(&frames())),
		Err(Refusal::OtherNetwork { .. })
	));
}

/// The frames as the command reads them.
fn lines(frames: &[Vec<u8>]) -> String {
	let line = |frame: &Vec<u8>| {
		let hex = serde_json::to_value(Hex(frame.clone())).unwrap();
		format!("{}\n", hex.as_str().unwrap())
	};
	frames.iter().map(line).collect()
}

/// A folder with the answers of a node and the device's frames.
fn folder() -> Folder {
	let folder = Folder::new();
	let ledger = Telemetry::new();
	let response = |value: Value| {
		let result = json!({ "at": NETWORK, "blockNumber": 100, "finalised": true, "value": value });
		json!({ "jsonrpc": "2.0", "id": 1, "result": result }).to_string()
	};
	folder.write("device.json", response(json!(ledger.device_proof())));
	folder.write("anchor.json", response(json!(ledger.anchor_proof())));
	folder.write("frames", lines(&frames()));
	folder
}

#[test]
fn the_command_prints_what_is_proven_by_either_answer() {
	let folder = folder();
	folder.write("from-windows", lines(&frames()).replace('\n', "\r\n"));
	let passport = PASSPORT.to_string();
	for (proof, frames) in [
		("device.json", "frames"),
		("anchor.json", "frames"),
		("device.json", "from-windows"),
	] {
		let arguments = [
			"history",
			"--proof",
			proof,
			"--frames",
			frames,
			"--device",
			"1",
			"--passport",
			&passport,
		];
		let proven = printed(&folder.run(&arguments));
		assert_eq!(proven["genesisHash"], json!(NETWORK));
		assert_eq!(proven["blockNumber"], 100);
		assert_eq!((&proven["device"], &proven["frames"]), (&json!(1), &json!(3)));
		assert_eq!(
			(&proven["readings"], &proven["highestSequence"]),
			(&json!(12), &json!(70_002))
		);
		assert_eq!(proven["passportId"], passport);
		assert_eq!(proven["signedBy"], "battery");
	}
}

#[test]
fn the_command_says_in_one_line_why_nothing_is_proven() {
	let folder = folder();
	folder.write("fewer", lines(&frames()[1..]));
	let mut swapped = frames();
	swapped.swap(0, 2);
	folder.write("swapped", lines(&swapped));
	for (frames, reason) in [
		(
			"fewer",
			"not proven: there are 2 frames, and the ledger had taken 3",
		),
		("swapped", "not proven: the frames lead to 0x"),
	] {
		let arguments = [
			"history",
			"--proof",
			"device.json",
			"--frames",
			frames,
			"--device",
			"1",
		];
		let (status, line) = failure(&folder.run(&arguments));
		assert_eq!(status, 1, "{line}");
		assert!(line.starts_with(reason), "{line}");
	}
	// Whichever of the two answers it is.
	for proof in ["device.json", "anchor.json"] {
		let arguments = ["history", "--proof", proof, "--frames", "frames", "--device", "2"];
		assert_eq!(
			failure(&folder.run(&arguments)),
			(1, "not proven: this is of device 1, not of device 2".into())
		);
	}
	let arguments = [
		"history",
		"--proof",
		"device.json",
		"--frames",
		"frames",
		"--device",
		"1",
		"--passport",
		"another",
	];
	let (status, line) = failure(&folder.run(&arguments));
	assert_eq!(status, 1);
	assert!(
		line.starts_with("not proven: the proof is about passport 0xbaba"),
		"{line}"
	);
}

#[test]
fn what_can_not_be_read_and_wrong_usage_end_with_status_2() {
	let folder = folder();
	folder.write("no-hex", lines(&frames()) + "frame\n");
	folder.write("empty-line", lines(&frames()) + "\n");
	folder.write("long", lines(&[vec![0; 4_098]]));
	folder.write("no-text", [0xffu8, 0xfe]);
	for (proof, frames, reason) in [
		("missing.json", "frames", "missing.json"),
		("frames", "frames", "no JSON"),
		("device.json", "missing", "missing"),
		("device.json", "no-hex", "line 4 is no frame"),
		("device.json", "empty-line", "line 4 is no frame"),
		("device.json", "long", "line 1 is longer than frames are"),
		("device.json", "no-text", "line 1"),
	] {
		let arguments = ["history", "--proof", proof, "--frames", frames, "--device", "1"];
		let (status, line) = failure(&folder.run(&arguments));
		assert_eq!(status, 2, "{line}");
		assert!(line.contains(reason), "{line}");
	}
	for arguments in [
		&["history", "--proof", "device.json", "--device", "1"][..],
		&["history", "--frames", "frames", "--device", "1"],
		// Of no device in particular.
		&["history", "--proof", "device.json", "--frames", "frames"],
		&[
			"history",
			"--proof",
			"device.json",
			"--frames",
			"frames",
			"--device",
			"one",
		],
	] {
		assert_eq!(folder.run(arguments).status.code(), Some(2), "{arguments:?}");
	}
	let arguments = [
		"history",
		"--proof",
		"device.json",
		"--frames",
		"frames",
		"--device",
		"1",
	];
	assert_eq!(folder.run_without_trust(&arguments).status.code(), Some(2));
}
