//! The program: what it prints, and how it fails.

// clippy.toml allows it in test functions; these are their helpers.
#![allow(clippy::unwrap_used)]

use std::{
	io::{Read, Write},
	net::TcpListener,
	os::unix::net::UnixStream,
	process::{Command, Output, Stdio},
	time::{Duration, Instant},
};

use bms_core::jbd::{self, Register};
use bms_sim::DeviceIdentity;
use sha2::{Digest, Sha256};

fn program() -> Command {
	let mut command = Command::new(env!("CARGO_BIN_EXE_bms-sim"));
	for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("BMS_SIM_")) {
		command.env_remove(name);
	}
	command.env_remove("RUST_LOG");
	command
}

fn text(bytes: &[u8]) -> String {
	String::from_utf8_lossy(bytes).into_owned()
}

fn fails_with(output: &Output, says: &str) {
	let error = text(&output.stderr);
	assert_eq!(output.status.code(), Some(1), "{error}");
	assert!(error.starts_with("error: ") && error.contains(says), "{error}");
	assert_eq!(error.trim_end().lines().count(), 1, "{error}");
}

#[test]
fn identities_are_printed_for_registration() {
	let output = program()
		.args([
			"--print-identities",
			"--devices",
			"3",
			"--seed",
			"s",
			"--first-device",
			"7",
			"--key-epoch",
			"2",
		])
		.output()
		.unwrap();
	assert!(output.status.success(), "{}", text(&output.stderr));
	let identities: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
	assert_eq!(identities.as_array().unwrap().len(), 3);
	assert_eq!(
		identities[1],
		serde_json::json!({
			"deviceIndex": 8,
			"alias": "BAT-2026-LI-000008",
			"passport": format!("0x{}", hex::encode(Sha256::digest("BAT-2026-LI-000008"))),
			"publicKey": format!("0x{}", hex::encode(DeviceIdentity::derive("s", 8).public_key())),
			"keyEpoch": 2,
		})
	);
}

#[test]
fn options_are_environment_variables_too() {
	let output = program()
		.env("BMS_SIM_PRINT_IDENTITIES", "true")
		.env("BMS_SIM_DEVICES", "2")
		.env("BMS_SIM_BATTERY_PREFIX", "BAT-2030-XX-")
		.output()
		.unwrap();
	let identities: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
	assert_eq!(identities[1]["alias"], "BAT-2030-XX-000001");
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
	let genesis = format!("0x{}", "07".repeat(32));
	for (arguments, says) in [
		(vec![], "--broker is needed"),
		(vec!["--broker", "mqtt://127.0.0.1:1"], "--genesis-hash is needed"),
		(vec!["--broker", "mqtts://127.0.0.1:1"], "TLS"),
		(vec!["--genesis-hash", "7"], "0x"),
		(vec!["--jbd-socket", "/nowhere/socket"], "/nowhere/socket"),
		(
			vec!["--jbd-socket", "/nowhere/socket", "--cells", "33"],
			"32 cells",
		),
		(vec!["--frames-per-device", "many"], "--frames-per-device"),
		(vec!["--no-such-option"], "--no-such-option"),
		(vec!["--manifest", "/nowhere", "--print-identities"], "/nowhere"),
		(
			vec![
				"--broker",
				"mqtt://127.0.0.1:1",
				"--genesis-hash",
				&genesis,
				"--report",
				"/nowhere/report",
			],
			"/nowhere/report",
		),
		(
			vec![
				"--broker",
				"mqtt://127.0.0.1:1",
				"--genesis-hash",
				&genesis,
				"--state",
				"/dev/null/state",
			],
			"/dev/null/state",
		),
	] {
		fails_with(&program().args(&arguments).output().unwrap(), says);
	}
}

#[test]
fn told_to_stop_it_ends_well_though_no_broker_ever_answers() {
	// A port that nobody listens on.
	let port = TcpListener::bind("127.0.0.1:0")
		.unwrap()
		.local_addr()
		.unwrap()
		.port();
	for signal in ["INT", "TERM"] {
		let mut child = program()
			.args([
				"--broker",
				&format!("mqtt://127.0.0.1:{port}"),
				"--drain-seconds",
				"1",
			])
			.args([
				"--genesis-hash",
				&format!("0x{}", "07".repeat(32)),
				"--frame-interval-ms",
				"50",
			])
			.stderr(Stdio::piped())
			.spawn()
			.unwrap();
		// Until it says that there is no connection, it may not have taken over the signals.
		let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
		assert!(lines
			.by_ref()
			.map_while(Result::ok)
			.any(|line| line.contains("no connection")));
		let killed = Command::new("kill")
			.args([&format!("-{signal}"), &child.id().to_string()])
			.status()
			.unwrap();
		assert!(killed.success());
		let deadline = Instant::now() + Duration::from_secs(20);
		let rest: Vec<_> = lines.map_while(Result::ok).collect();
		let status = child.wait().unwrap();
		assert!(Instant::now() < deadline);
		assert_eq!(status.code(), Some(0), "{rest:?}");
		assert!(rest.iter().any(|line| line.contains("are lost")), "{rest:?}");
	}
}

#[test]
fn a_bms_board_answers_on_its_socket_until_it_is_told_to_stop() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("jbd.sock");
	let mut child = program()
		.arg("--jbd-socket")
		.arg(&path)
		.stderr(Stdio::piped())
		.spawn()
		.unwrap();
	let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
	assert!(lines
		.by_ref()
		.map_while(Result::ok)
		.any(|line| line.contains("answering")));
	let mut device = UnixStream::connect(&path).unwrap();
	device.write_all(&jbd::request(Register::CellVoltages)).unwrap();
	let mut header = [0; 4];
	device.read_exact(&mut header).unwrap();
	assert_eq!(header, [0xdd, 0x04, 0x00, 0], "no measurement was asked for yet");
	device
		.write_all(&jbd::request(Register::BasicInformation))
		.unwrap();
	device.write_all(&jbd::request(Register::CellVoltages)).unwrap();
	// The rest of the first answer, the whole second one, the third one's header.
	let mut answers = [0; 3 + 23 + 2 * 4 + 7 + 4];
	device.read_exact(&mut answers).unwrap();
	assert_eq!(answers[answers.len() - 4..], [0xdd, 0x04, 0x00, 2 * 14]);
	let killed = Command::new("kill").arg(child.id().to_string()).status().unwrap();
	assert!(killed.success());
	assert_eq!(child.wait().unwrap().code(), Some(0));
	assert!(!path.exists());
}
