//! Commands of the responsible operator to a battery's device: signed here, taken to the device by the broker.
//!
//! No bridge has to run for it. The device answers with its next frame, whose readings carry the command's counter
//! ([`Reading::last_command`](passport_primitives::telemetry::Reading::last_command)); a key epoch stands in the frame's header
//! besides.

use crate::{
	clock::Clock,
	config::{hash, read_secret, wrong, BrokerArguments, BrokerChoice, ConfigError, DEFAULT_NODE},
	tls,
};
use anyhow::{bail, ensure, Context};
use clap::{Args, Subcommand};
use ed25519_dalek::SigningKey;
use hex::FromHex;
use passport_client::Ledger;
use passport_primitives::{
	battery::{check_alias, PassportId},
	telemetry::{
		command::{self, Rates, SignedCommand, MAX_COMMAND_BYTES},
		crypto::is_usable_public_key,
	},
	topic::CommandTopic,
};
use rumqttc::{
	v5::{
		mqttbytes::{
			v5::{Packet, PubAckReason},
			QoS,
		},
		AsyncClient, Event, MqttOptions,
	},
	Outgoing,
};
use std::{
	path::{Path, PathBuf},
	time::Duration,
};
use tokio::time::timeout;
use zeroize::Zeroizing;

/// Name of the setting with the file of the command key.
const KEY_SETTING: &str = "key-file";

/// Longest wait for the broker's acknowledgement.
const PUBLISH_TIMEOUT: Duration = Duration::from_secs(20);

const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// What is sent, to whom and by whom.
#[derive(Args, Clone, Debug)]
pub struct SendCommand {
	/// Where to publish it.
	#[command(flatten)]
	pub broker: BrokerArguments,
	/// Alias of the battery, or its passport id in hex: as it stands in the topics of its device.
	#[arg(long, value_name = "NAME")]
	pub battery: String,
	/// Passport id of the battery, in hex, where --battery is its alias; then no node is asked for it.
	#[arg(long, value_name = "ID", value_parser = hash)]
	pub passport: Option<[u8; 32]>,
	/// File with the operator's command key, 64 hex digits in its first line, readable by its owner alone.
	#[arg(long, value_name = "FILE", env = "PASSPORT_BRIDGE_COMMAND_KEY_FILE")]
	pub key_file: PathBuf,
	/// Number of the command, above that of every command before [milliseconds since 1970].
	#[arg(long, value_name = "NUMBER")]
	pub counter: Option<u64>,
	/// Leave it with the broker for a device that is away: it gets the last one that was left when it connects again.
	#[arg(long)]
	pub retain: bool,
	/// JSON-RPC address of a node, which is asked for the network, the passport and the key epoch.
	#[arg(long, value_name = "URL", env = "PASSPORT_BRIDGE_NODE", default_value = DEFAULT_NODE)]
	pub node: String,
	/// Hash of the network's genesis block, in hex; with it, and the passport, no node is asked.
	#[arg(long, value_name = "HASH", value_parser = hash)]
	pub genesis_hash: Option<[u8; 32]>,
	/// The command.
	#[command(subcommand)]
	pub what: What,
}

/// What the device is to do.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum What {
	/// Seal under the key of this epoch, once the ledger has started it.
	KeyEpoch {
		/// The epoch.
		#[arg(value_name = "NUMBER")]
		epoch: u32,
	},
	/// Measure and report at other rates.
	Rates {
		/// Seconds from one reading to the next, 1 to 60.
		#[arg(long, value_name = "S", value_parser = clap::value_parser!(u16).range(1..=60))]
		sample_seconds: u16,
		/// Readings in a frame, 1 to 255; a device has room for fewer, maybe.
		#[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
		readings_per_frame: u8,
	},
	/// Publish a frame at once.
	ReadOut,
	/// Start the estimators anew, for a second life.
	Reset,
	/// Obey another operator's command key from now on: the responsibility moved.
	OperatorKey {
		/// The public key, in hex.
		#[arg(value_name = "KEY", value_parser = hash)]
		key: [u8; 32],
	},
}

impl From<What> for command::Command {
	fn from(what: What) -> Self {
		match what {
			What::KeyEpoch { epoch } => command::Command::KeyEpoch(epoch),
			What::Rates {
				sample_seconds,
				readings_per_frame,
			} => command::Command::Rates(Rates {
				sample_seconds,
				readings_per_frame,
			}),
			What::ReadOut => command::Command::ReadOut,
			What::Reset => command::Command::SoftwareReset,
			What::OperatorKey { key } => command::Command::OperatorKey(key),
		}
	}
}

/// A command that the broker has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
	/// The topic.
	pub topic: String,
	/// The battery's passport.
	pub passport: PassportId,
	/// Number of the command.
	pub counter: u64,
	/// What was published.
	pub message: Vec<u8>,
}

/// Signs a command and publishes it at QoS 1. `password` is the broker's, from the environment.
///
/// Errors say what stands in the way in one line. A broker that knows of nobody who listens is one, unless the command stays there.
pub async fn send(arguments: SendCommand, password: Option<String>) -> anyhow::Result<Sent> {
	let named = named_passport(&arguments.battery)?;
	let command = command::Command::from(arguments.what);
	if let command::Command::OperatorKey(key) = &command {
		ensure!(
			is_usable_public_key(key),
			"the new operator's key is no Ed25519 public key"
		);
	}
	let operator = load_key(&arguments.key_file)?;
	let broker = arguments.broker.settle(password)?;
	let (genesis_hash, passport) = match (
		arguments.genesis_hash,
		arguments.passport.map(PassportId).or(named),
	) {
		(Some(genesis_hash), Some(passport)) => (genesis_hash, passport),
		(genesis_hash, passport) => {
			let ledger = Ledger::connect(&arguments.node).await?;
			let asked = ask(&ledger, &arguments.battery, passport, &command).await?;
			(genesis_hash.unwrap_or_else(|| ledger.genesis_hash()), asked)
		}
	};
	let counter = arguments.counter.unwrap_or_else(|| Clock::system().unix_ms());
	let signed = SignedCommand::sign(counter, command, &genesis_hash, &passport, &operator);
	let message = signed.encode(&mut [0; MAX_COMMAND_BYTES]).to_vec();
	let topic = CommandTopic {
		battery: &arguments.battery,
	}
	.to_string();
	let answer = timeout(
		PUBLISH_TIMEOUT,
		publish(&broker, &topic, &message, arguments.retain),
	)
	.await
	.context("the broker does not acknowledge")??;
	match answer {
		PubAckReason::Success => {}
		PubAckReason::NoMatchingSubscribers if arguments.retain => {}
		PubAckReason::NoMatchingSubscribers => {
			bail!("nobody listens on {topic}: the device is away; with --retain it gets the command when it is back")
		}
		reason => bail!("the broker does not take a command on {topic}: {reason:?}"),
	}
	Ok(Sent {
		topic,
		passport,
		counter,
		message,
	})
}

/// The passport that a battery's name is, where it is no alias. What is neither could be a topic of another battery.
fn named_passport(name: &str) -> Result<Option<PassportId>, ConfigError> {
	if check_alias(name.as_bytes()).is_ok() {
		return Ok(None);
	}
	hash(name).map(|bytes| Some(PassportId(bytes))).map_err(|_| {
		wrong(
			"battery",
			"is neither an alias (BAT-YYYY-CC-NNNNNN) nor a passport id (64 hex digits)",
		)
	})
}

/// What is in the file is not told, whatever is wrong with it.
fn load_key(path: &Path) -> Result<SigningKey, ConfigError> {
	let text = Zeroizing::new(read_secret(KEY_SETTING, path)?);
	let line = text.lines().next().unwrap_or_default().trim();
	let seed = <[u8; 32]>::from_hex(line.strip_prefix("0x").unwrap_or(line)).map(Zeroizing::new);
	match seed {
		// All zeros is a file that was never filled.
		Ok(seed) if *seed != [0; 32] => Ok(SigningKey::from_bytes(&seed)),
		_ => Err(wrong(
			KEY_SETTING,
			format!(
				"{}: holds no key of 64 hex digits; `openssl rand -hex 32` makes one",
				path.display()
			),
		)),
	}
}

/// Asks the ledger for the battery, and refuses a key epoch that the ledger has not started: it would take no frame of it, and
/// the device does not go back.
async fn ask(
	ledger: &Ledger,
	battery: &str,
	passport: Option<PassportId>,
	command: &command::Command,
) -> anyhow::Result<PassportId> {
	let passport = match passport {
		Some(passport) => passport,
		None => ledger
			.resolve(battery)
			.await?
			.with_context(|| format!("the ledger knows no battery {battery}"))?,
	};
	if let command::Command::KeyEpoch(epoch) = command {
		let devices = ledger.devices_of(passport).await?;
		let device = devices
			.last()
			.with_context(|| format!("{battery} has no device on the ledger"))?;
		ensure!(
			*epoch <= device.key_epoch,
			"the ledger has started key epoch {} and not {epoch} yet: it would take no frame of it",
			device.key_epoch
		);
	}
	Ok(passport)
}

/// Publishes, and says what the broker answers.
async fn publish(
	broker: &BrokerChoice,
	topic: &str,
	message: &[u8],
	retain: bool,
) -> anyhow::Result<PubAckReason> {
	let BrokerChoice::Remote {
		host,
		port,
		login,
		tls,
	} = broker
	else {
		bail!("a command needs the address of a broker");
	};
	let client_id = format!("passport-command-{}", std::process::id());
	let mut options = MqttOptions::new(client_id, host, *port);
	options.set_keep_alive(KEEP_ALIVE);
	if let Some(login) = login {
		options.set_credentials(&login.username, &login.password);
	}
	if let Some(files) = tls {
		options.set_transport(tls::transport(files)?);
	}
	let (client, mut events) = AsyncClient::new(options, 4);
	client.try_publish(topic, QoS::AtLeastOnce, retain, message.to_vec())?;
	let reason = loop {
		match events.poll().await {
			Ok(event) => {
				if let Some(reason) = answer_in(&event) {
					break reason;
				}
			}
			// Mosquitto hangs up behind its refusal, and rumqttc then gives out the end before what came with it.
			Err(error) => match events.state.events.iter().find_map(answer_in) {
				Some(reason) => return Ok(reason),
				None => bail!(tls::explain(&error, tls.is_some())),
			},
		}
	};
	// The broker has it; a goodbye that does not arrive changes nothing.
	if client.try_disconnect().is_ok() {
		while !matches!(
			events.poll().await,
			Ok(Event::Outgoing(Outgoing::Disconnect)) | Err(_)
		) {}
	}
	Ok(reason)
}

/// What the broker says to the message, if the event is that.
fn answer_in(event: &Event) -> Option<PubAckReason> {
	match event {
		Event::Incoming(Packet::PubAck(answer)) => Some(answer.reason),
		_ => None,
	}
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
	use super::*;
	use crate::config::{Command, CommandLine};
	use clap::Parser;
	use std::{fs, os::unix::fs::PermissionsExt};

	const PASSPORT: &str = "0xbabababababababababababababababababababababababababababababababa";

	fn key_file(text: &str, mode: u32) -> (tempfile::TempDir, PathBuf) {
		let directory = tempfile::tempdir().unwrap();
		let path = directory.path().join("key");
		fs::write(&path, text).unwrap();
		fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
		(directory, path)
	}

	fn arguments(words: &[&str]) -> Result<SendCommand, String> {
		let needed = [
			"passport-ingest-bridge",
			"command",
			"--broker",
			"mqtt://127.0.0.1:1",
			"--battery",
			PASSPORT,
			"--key-file",
			"key",
		];
		let parsed =
			CommandLine::try_parse_from(needed.iter().chain(words)).map_err(|error| error.to_string())?;
		match parsed.command {
			Some(Command::Send(arguments)) => Ok(*arguments),
			other => Err(format!("{other:?}")),
		}
	}

	#[test]
	fn each_command_has_a_word() {
		let key = "0c".repeat(32);
		let rates = ["rates", "--sample-seconds", "10", "--readings-per-frame", "6"];
		for (words, command) in [
			(&["key-epoch", "7"][..], command::Command::KeyEpoch(7)),
			(
				&rates[..],
				command::Command::Rates(Rates {
					sample_seconds: 10,
					readings_per_frame: 6,
				}),
			),
			(&["read-out"][..], command::Command::ReadOut),
			(&["reset"][..], command::Command::SoftwareReset),
			(
				&["operator-key", key.as_str()][..],
				command::Command::OperatorKey([0x0c; 32]),
			),
		] {
			let parsed = arguments(words).unwrap();
			assert_eq!(command::Command::from(parsed.what), command, "{words:?}");
		}
		for words in [
			&["rates", "--sample-seconds", "61", "--readings-per-frame", "6"][..],
			&["rates", "--sample-seconds", "1", "--readings-per-frame", "0"],
			&["operator-key", "0x12"],
			&["key-epoch", "-1"],
			&[],
		] {
			assert!(arguments(words).is_err(), "{words:?}");
		}
	}

	#[test]
	fn a_battery_is_an_alias_or_a_passport_and_never_a_topic() {
		assert_eq!(named_passport("BAT-2025-LI-001234"), Ok(None));
		assert_eq!(named_passport(PASSPORT), Ok(Some(PassportId([0xba; 32]))));
		for name in ["", "+", "#", "BAT-2025-LI-001234/command", "0x12"] {
			assert!(named_passport(name).is_err(), "{name}");
		}
	}

	#[test]
	fn a_key_that_others_can_read_or_that_is_none_is_refused_and_not_told() {
		let good = "07".repeat(32);
		let (_directory, path) = key_file(&format!("0x{good}\n"), 0o600);
		assert_eq!(load_key(&path).unwrap().to_bytes(), [7; 32]);
		let (_directory, path) = key_file(&good, 0o640);
		assert!(load_key(&path).unwrap_err().to_string().contains("chmod 600"));
		for text in [
			"",
			"correct horse battery staple",
			"0707",
			"00".repeat(32).as_str(),
		] {
			let (_directory, path) = key_file(text, 0o600);
			let error = load_key(&path).unwrap_err().to_string();
			assert!(text.is_empty() || !error.contains(text), "{error}");
		}
	}

	#[tokio::test]
	async fn a_broker_that_is_away_is_said_in_one_line() {
		let (_directory, path) = key_file(&"07".repeat(32), 0o600);
		let mut arguments = arguments(&["--genesis-hash", PASSPORT, "read-out"]).unwrap();
		arguments.key_file = path;
		let error = format!("{:#}", send(arguments, None).await.unwrap_err());
		assert!(!error.is_empty() && !error.contains('\n'), "{error}");
	}
}
