//! The program as it is started: where settings come from, what is said of wrong ones, and what is never said.

// clippy.toml allows it in test functions; these are their helpers.
#![allow(clippy::unwrap_used)]

use std::{
	fs,
	path::Path,
	process::{Command, Output},
};

/// Runs the program in an empty environment but for these variables; it ends at once, since something is wrong each time.
fn run(directory: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
	Command::new(env!("CARGO_BIN_EXE_passport-ingest-bridge"))
		.current_dir(directory)
		.env_clear()
		.envs(variables.iter().copied())
		.args(arguments)
		.output()
		.unwrap()
}

/// What it said on standard error, which must be one line, for settings that can not be used.
fn refused(output: &Output) -> String {
	let text = String::from_utf8(output.stderr.clone()).unwrap();
	assert_eq!(output.status.code(), Some(2), "{text}");
	assert_eq!(text.lines().count(), 1, "{text}");
	assert!(output.stdout.is_empty());
	text
}

/// Variables of the environment, by name and value.
type Environment<'a> = &'a [(&'a str, &'a str)];

#[test]
fn a_flag_goes_before_the_environment_and_that_before_the_file() {
	let directory = tempfile::tempdir().unwrap();
	fs::write(directory.path().join("bridge.toml"), "in-flight = 91\n").unwrap();
	let file = ("PASSPORT_BRIDGE_CONFIG", "bridge.toml");
	let signer = ("PASSPORT_BRIDGE_DEV_SIGNER", "//Alice");
	let variable = ("PASSPORT_BRIDGE_IN_FLIGHT", "92");
	let cases: [(Environment<'_>, &[&str], &str); 4] = [
		(&[file, signer], &[], "91"),
		(&[file, signer, variable], &[], "92"),
		(&[file, signer, variable], &["--in-flight", "93"], "93"),
		(
			&[signer, variable],
			&["--config", "bridge.toml", "--in-flight", "93"],
			"93",
		),
	];
	for (variables, arguments, wanted) in cases {
		let said = refused(&run(directory.path(), variables, arguments));
		assert_eq!(
			said,
			format!("error: in-flight: \"{wanted}\" is no number from 1 to 16\n")
		);
	}
}

#[test]
fn an_unknown_setting_is_refused_wherever_it_stands() {
	let directory = tempfile::tempdir().unwrap();
	fs::write(directory.path().join("bridge.toml"), "max-batch-frame = 10\n").unwrap();
	let said = refused(&run(
		directory.path(),
		&[],
		&["--config", "bridge.toml", "--dev-signer", "//Alice"],
	));
	assert!(
		said.starts_with("error: config: bridge.toml: ") && said.contains("max-batch-frame"),
		"{said}"
	);
	let flag = run(directory.path(), &[], &["--max-batch-frame", "10"]);
	assert_eq!(flag.status.code(), Some(2));
	assert!(String::from_utf8_lossy(&flag.stderr).contains("--max-batch-frame"));
}

#[test]
fn no_secret_is_repeated() {
	let directory = tempfile::tempdir().unwrap();
	let secret = "correct-horse";
	let key = directory.path().join("key");
	fs::write(&key, secret).unwrap();
	#[cfg(unix)]
	fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
	let password = [("PASSPORT_BRIDGE_BROKER_PASSWORD", secret)];
	let cases: [(Environment<'_>, &[&str]); 4] = [
		(&password, &["--dev-signer", "//Alice", "--broker", "mqtt://b"]),
		(
			&[],
			&[
				"--dev-signer",
				"//Alice",
				"--broker",
				"mqtt://user:correct-horse@b",
			],
		),
		(&[], &["--dev-signer", "correct-horse"]),
		(&[], &["--signer-key-file", "key", "--http", "127.0.0.1:0"]),
	];
	for (variables, arguments) in cases {
		let output = run(directory.path(), variables, arguments);
		assert!(!output.status.success());
		for text in [&output.stdout, &output.stderr] {
			let text = String::from_utf8_lossy(text);
			assert!(!text.contains(secret), "{text}");
		}
	}
	let help = run(directory.path(), &password, &["--help"]);
	assert!(!String::from_utf8_lossy(&help.stdout).contains(secret));
}

#[test]
#[cfg(unix)]
fn the_keys_of_a_vault_are_told_and_its_secret_is_not() {
	use std::os::unix::fs::PermissionsExt;
	let directory = tempfile::tempdir().unwrap();
	let passport = format!("0x{}", "5a".repeat(32));
	let genesis_hash = "07".repeat(32);
	let secret = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
	fs::write(
		directory.path().join("batteries.toml"),
		format!("[[battery]]\npassport = \"{passport}\"\nalias = \"BAT-2025-LI-001234\"\n"),
	)
	.unwrap();
	let file = directory.path().join("secret");
	fs::write(&file, secret).unwrap();
	let variables = [
		("PASSPORT_BRIDGE_PLAIN_JSON_VAULT", "batteries.toml"),
		("PASSPORT_BRIDGE_PLAIN_JSON_KEY_FILE", "secret"),
	];
	let keys = ["plain-json", "keys", "--genesis-hash", genesis_hash.as_str()];
	let seal_key = |battery: &str| {
		let arguments = ["plain-json", "seal-key", "--battery", battery, "--epoch", "3"];
		run(directory.path(), &variables, &arguments)
	};

	fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
	let said = refused(&run(directory.path(), &variables, &keys));
	assert!(
		said.contains("plain-json-key-file") && !said.contains(secret),
		"{said}"
	);

	fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
	let output = run(directory.path(), &variables, &keys);
	let said = String::from_utf8(output.stdout).unwrap();
	assert!(output.status.success() && output.stderr.is_empty(), "{said}");
	assert_eq!(said.lines().count(), 1, "{said}");
	for part in [
		passport.as_str(),
		"BAT-2025-LI-001234",
		"\"publicKey\":\"0x",
		"\"proof\":\"0x",
	] {
		assert!(said.contains(part), "{said}");
	}
	assert!(!said.contains(secret), "{said}");
	// By any of its names, and no key of a battery that is not there.
	let by_alias = seal_key("BAT-2025-LI-001234");
	assert_eq!(by_alias.stdout.len(), "0x".len() + 64 + "\n".len());
	assert_eq!(by_alias.stdout, seal_key(&passport).stdout);
	let unknown = seal_key("BAT-2025-LI-999999");
	assert_eq!(unknown.status.code(), Some(1));
	assert!(unknown.stdout.is_empty());
}

#[test]
#[cfg(unix)]
fn with_a_vault_a_data_directory_that_others_can_read_is_refused_also_when_it_was_there() {
	use std::os::unix::fs::PermissionsExt;
	let directory = tempfile::tempdir().unwrap();
	let passport = format!("0x{}", "5a".repeat(32));
	fs::write(
		directory.path().join("batteries.toml"),
		format!("[[battery]]\npassport = \"{passport}\"\n"),
	)
	.unwrap();
	let secret = directory.path().join("secret");
	fs::write(&secret, "00".repeat(32)).unwrap();
	fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
	let data = directory.path().join("data");
	fs::create_dir(&data).unwrap();
	let variables = [
		("PASSPORT_BRIDGE_PLAIN_JSON_VAULT", "batteries.toml"),
		("PASSPORT_BRIDGE_PLAIN_JSON_KEY_FILE", "secret"),
		("PASSPORT_BRIDGE_DEV_SIGNER", "//Alice"),
		("PASSPORT_BRIDGE_DATA", "data"),
	];
	for mode in [0o755, 0o750, 0o701] {
		fs::set_permissions(&data, fs::Permissions::from_mode(mode)).unwrap();
		let said = refused(&run(directory.path(), &variables, &[]));
		assert!(
			said.starts_with("error: data: data: ") && said.contains(&format!("mode {mode:o}")),
			"{said}"
		);
		// Nothing was put there.
		assert_eq!(fs::read_dir(&data).unwrap().count(), 0);
	}
}

#[test]
fn letters_are_judged_again_only_when_they_are_named() {
	let directory = tempfile::tempdir().unwrap();
	let said = refused(&run(
		directory.path(),
		&[],
		&["dead-letters", "replay", "--data", "."],
	));
	assert!(said.contains("--reason"), "{said}");
	let unknown = run(
		directory.path(),
		&[],
		&["dead-letters", "replay", "--reason", "too-old"],
	);
	assert_eq!(unknown.status.code(), Some(2));
	let said = String::from_utf8_lossy(&unknown.stderr);
	assert!(
		said.contains("too_old") && said.contains("unknown_battery"),
		"{said}"
	);
	let nowhere = run(
		directory.path(),
		&[],
		&["dead-letters", "replay", "--all", "--data", "nowhere"],
	);
	assert_eq!(nowhere.status.code(), Some(1));
}
