//! The command: what it takes, what it prints, and how it ends.

#![allow(clippy::unwrap_used)]

mod network;

use network::{
	after_a_set_change, block_100, ceased, entries_of_any_block, live, FIRST_SET, GENESIS, UNIQUE_IDENTIFIER,
};
use passport_runtime_api::proof::PassportProof;
use serde_json::{json, Value};
use sp_core::H256;
use std::{
	fs,
	io::Write,
	path::PathBuf,
	process::{Command, Output, Stdio},
};
use tempfile::TempDir;

/// A folder with `authorities.json` and `proof.json`.
struct Folder(TempDir);

impl Folder {
	fn with(proof: &PassportProof) -> Self {
		let folder = Self(TempDir::new().unwrap());
		let list: Vec<_> = FIRST_SET
			.iter()
			.map(|validator| json!([H256(validator.to_raw_public()), 1]))
			.collect();
		folder.write("authorities.json", &Value::from(list));
		folder.write("proof.json", &response(proof));
		folder
	}

	fn path(&self, name: &str) -> PathBuf {
		self.0.path().join(name)
	}

	fn write(&self, name: &str, content: &Value) {
		fs::write(self.path(name), content.to_string()).unwrap();
	}

	/// Runs the command with the list of validators.
	fn run(&self, arguments: &[&str]) -> Output {
		Command::new(env!("CARGO_BIN_EXE_passport-verify"))
			.args(arguments)
			.arg("--authorities")
			.arg(self.path("authorities.json"))
			.args(["--genesis-hash", &format!("{GENESIS:?}")])
			.current_dir(self.0.path())
			.stdin(Stdio::null())
			.output()
			.unwrap()
	}
}

/// The proof as a node answers it.
fn response(proof: &PassportProof) -> Value {
	json!({
		"jsonrpc": "2.0",
		"id": 1,
		"result": { "at": H256::zero(), "blockNumber": 100, "finalised": true, "value": proof },
	})
}

/// Exit status, and the one line on standard error.
fn failure(output: &Output) -> (i32, String) {
	assert!(output.stdout.is_empty());
	let line = String::from_utf8(output.stderr.clone()).unwrap();
	assert_eq!(line.lines().count(), 1, "{line}");
	(output.status.code().unwrap(), line.trim_end().into())
}

#[test]
fn what_is_proven_is_printed_as_json() {
	let folder = Folder::with(&after_a_set_change(&live()).1);
	let output = folder.run(&["proof.json", "--passport", UNIQUE_IDENTIFIER]);
	assert_eq!(output.status.code(), Some(0), "{output:?}");
	let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
	assert_eq!(printed["blockNumber"], 100);
	assert_eq!(printed["setId"], 1);
	assert_eq!(printed["genesisHash"], json!(GENESIS));
	let passport = &printed["passport"];
	assert_eq!(passport["state"], "live");
	assert_eq!(passport["uniqueIdentifier"], UNIQUE_IDENTIFIER);
	assert_eq!(passport["responsibleOperator"], 1);
	assert_eq!(passport["status"], "original");
	assert_eq!(
		passport["commitments"],
		json!([H256::repeat_byte(3), null, null, H256::repeat_byte(4)])
	);
}

#[test]
fn absence_is_proven_with_status_0() {
	let folder = Folder::with(&block_100(&entries_of_any_block()).1);
	let output = folder.run(&["proof.json", "--passport", UNIQUE_IDENTIFIER]);
	assert_eq!(output.status.code(), Some(0), "{output:?}");
	let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
	assert_eq!(printed["passport"], json!({ "state": "absent" }));
}

#[test]
fn a_record_that_does_not_name_its_battery_proves_nothing_until_the_passport_is_named() {
	for (entries, record) in [(entries_of_any_block(), "an absence"), (ceased(), "a tombstone")] {
		let folder = Folder::with(&block_100(&entries).1);
		let reason =
			format!("not proven: the proof is of {record}: say with --passport of which unique identifier");
		assert_eq!(failure(&folder.run(&["proof.json"])), (1, reason));
		let named = folder.run(&["proof.json", "--passport", UNIQUE_IDENTIFIER]);
		assert_eq!(named.status.code(), Some(0), "{named:?}");
	}
}

#[test]
fn a_passport_is_not_named_by_its_alias() {
	let folder = Folder::with(&block_100(&live()).1);
	let output = folder.run(&["proof.json", "--passport", "BAT-2025-LI-001234"]);
	assert_eq!(output.status.code(), Some(2), "{output:?}");
	assert!(output.stdout.is_empty());
	let complaint = String::from_utf8(output.stderr).unwrap();
	assert!(
		complaint.contains("this is an alias, and no proof covers those"),
		"{complaint}"
	);
}

#[test]
fn the_proof_is_read_from_standard_input_whole_or_in_part() {
	let proof = block_100(&live()).1;
	let folder = Folder::with(&proof);
	let whole = response(&proof);
	for part in [&whole, &whole["result"], &whole["result"]["value"]] {
		let mut command = Command::new(env!("CARGO_BIN_EXE_passport-verify"))
			.arg("--authorities")
			.arg(folder.path("authorities.json"))
			.args(["--genesis-hash", &format!("{GENESIS:?}")])
			.stdin(Stdio::piped())
			.stdout(Stdio::null())
			.spawn()
			.unwrap();
		// Taken, so that it is closed when it has been written.
		let mut input = command.stdin.take().unwrap();
		input.write_all(part.to_string().as_bytes()).unwrap();
		drop(input);
		assert_eq!(command.wait().unwrap().code(), Some(0));
	}
}

#[test]
fn what_is_not_proven_ends_with_status_1_and_the_reason() {
	let (header, mut proof) = block_100(&live());
	proof.state.justification = network::justification(&header, 0, &FIRST_SET[..2]);
	let folder = Folder::with(&proof);
	assert_eq!(
		failure(&folder.run(&["proof.json"])),
		(
			1,
			"not proven: the votes in the justification of block 100 are no two thirds of validator set 0"
				.into()
		)
	);
}

#[test]
fn the_proof_of_another_passport_ends_with_status_1() {
	let folder = Folder::with(&block_100(&live()).1);
	let (status, reason) = failure(&folder.run(&["proof.json", "--passport", "another"]));
	assert_eq!(status, 1);
	assert!(
		reason.starts_with("not proven: the proof is about passport 0x"),
		"{reason}"
	);
}

#[test]
fn what_can_not_be_read_ends_with_status_2() {
	let folder = Folder::with(&block_100(&live()).1);
	folder.write(
		"error.json",
		&json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": 9005, "message": "not final" } }),
	);
	folder.write("nothing.json", &json!({}));
	for (file, reason) in [
		("missing.json", "missing.json"),
		("error.json", "not final"),
		("nothing.json", "no answer of passport_proof"),
		("-", "no JSON"),
	] {
		let (status, line) = failure(&folder.run(&[file]));
		assert_eq!(status, 2, "{file}");
		assert!(line.contains(reason), "{line}");
	}
}

#[test]
fn wrong_usage_ends_with_status_2() {
	let folder = Folder::with(&block_100(&live()).1);
	for arguments in [
		&["proof.json", "--chain-spec", "spec.json"][..],
		&["proof.json", "--passport", "two words"],
		&["proof.json", "--unknown"],
	] {
		assert_eq!(folder.run(arguments).status.code(), Some(2), "{arguments:?}");
	}
	let nothing_trusted = Command::new(env!("CARGO_BIN_EXE_passport-verify"))
		.stdin(Stdio::null())
		.output()
		.unwrap();
	assert_eq!(nothing_trusted.status.code(), Some(2));
}
