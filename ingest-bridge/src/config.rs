//! Settings: command line, then environment (`PASSPORT_BRIDGE_*`), then a TOML file, then the default; the
//! same names in all three. `README.md` lists them with bounds and units.

use crate::{
	anchor::{AnchorSettings, MAX_ANCHOR_BYTES},
	batch::Limits,
	command::SendCommand,
	intake::Bounds,
	reason::Reason,
	signer::SignerSource,
	tls::{self, CertificateFiles, OwnCertificate, CA_SETTING, CERTIFICATE_SETTING, KEY_SETTING},
	vault::{VaultFiles, MASTER_SETTING, VAULT_SETTING},
};
use clap::{Args, Parser, Subcommand};
use hex::FromHex;
use serde::Deserialize;
use std::{
	fmt::{self, Display},
	net::{IpAddr, SocketAddr},
	ops::RangeInclusive,
	path::{Path, PathBuf},
	str::FromStr,
	time::Duration,
};

/// Most frames in an extrinsic: the telemetry pallet's bound.
pub const MAX_BATCH_FRAMES: u64 = 256;

/// Most bytes of frames in an extrinsic, so that a block holds several (notes on block limits).
pub const MAX_BATCH_BYTES: u64 = 256 * 1024;

/// Most leaves of an anchor: a proof of one has twenty hashes.
pub const MAX_ANCHOR_LEAVES: u64 = 1 << 20;

/// Fewest days that the batch of an anchor is kept: longer than the two weeks in which the ledger takes disputes that it is part of, one
/// about itself and one more about what replays it.
pub const MIN_ANCHOR_KEEP_DAYS: u64 = 15;

/// The environment variable of the broker's password. There is no flag for it: other users see a process's
/// arguments.
pub const PASSWORD_VARIABLE: &str = "PASSPORT_BRIDGE_BROKER_PASSWORD";

/// Takes frames of batteries from MQTT 5 and puts them on the ledger: each once, none lost.
#[derive(Debug, Parser)]
#[command(name = "passport-ingest-bridge", version)]
pub struct CommandLine {
	/// The settings of a running bridge.
	#[command(flatten)]
	pub options: Options,
	/// Another thing to do.
	#[command(subcommand)]
	pub command: Option<Command>,
}

/// What else the program does.
#[derive(Debug, Subcommand)]
pub enum Command {
	/// Shows messages that did not get onto the ledger, or has them judged again; also while a bridge runs.
	DeadLetters {
		/// What to do with them.
		#[command(subcommand)]
		action: DeadLetters,
	},
	/// Tells what the ledger and grantees need to know of batteries whose plain JSON this bridge seals and signs.
	PlainJson {
		/// What to tell.
		#[command(subcommand)]
		action: PlainJson,
	},
	/// Signs a command of the responsible operator and sends it to a battery's device.
	#[command(name = "command")]
	Send(Box<SendCommand>),
	/// Runs the embedded broker alone, so that it outlives restarts of the bridge.
	Broker {
		/// Address and port to listen on.
		#[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:1883")]
		listen: SocketAddr,
		/// Listen beyond loopback. The broker asks nobody who they are.
		#[arg(long)]
		allow_public_broker: bool,
	},
}

/// What to tell of batteries whose plain JSON the bridge seals and signs.
#[derive(Debug, Subcommand)]
pub enum PlainJson {
	/// Of each battery a line of JSON: passport, alias, public key, and the proof of possession that `register_bridge_device`
	/// wants with it.
	Keys {
		/// Batteries and secret.
		#[command(flatten)]
		vault: VaultArguments,
		/// JSON-RPC address of a node, which is asked for the network that the proofs are for.
		#[arg(long, value_name = "URL", env = "PASSPORT_BRIDGE_NODE", default_value = DEFAULT_NODE)]
		node: String,
		/// Hash of the network's genesis block, in hex; then no node is asked.
		#[arg(long, value_name = "HASH", value_parser = hash)]
		genesis_hash: Option<[u8; 32]>,
	},
	/// The secret key, in hex, that a battery's frames of an epoch are sealed under: what the envelope of a grant of data set 4
	/// carries.
	SealKey {
		/// Batteries and secret.
		#[command(flatten)]
		vault: VaultArguments,
		/// Alias of the battery, or its passport id in hex.
		#[arg(long, value_name = "NAME")]
		battery: String,
		/// The epoch.
		#[arg(long, value_name = "NUMBER")]
		epoch: u32,
	},
}

/// Where batteries and secret are, as in the settings of a running bridge.
#[derive(Args, Clone, Debug)]
pub struct VaultArguments {
	/// TOML file with the batteries that this bridge signs for.
	#[arg(long, value_name = "FILE", env = "PASSPORT_BRIDGE_PLAIN_JSON_VAULT")]
	pub plain_json_vault: PathBuf,
	/// File with the secret that their keys follow from, readable by its owner alone.
	#[arg(long, value_name = "FILE", env = "PASSPORT_BRIDGE_PLAIN_JSON_KEY_FILE")]
	pub plain_json_key_file: PathBuf,
}

impl From<VaultArguments> for VaultFiles {
	fn from(arguments: VaultArguments) -> Self {
		VaultFiles {
			batteries: arguments.plain_json_vault,
			master: arguments.plain_json_key_file,
		}
	}
}

/// A broker for a message that is sent once, with the settings that a running bridge has for its own.
#[derive(Args, Clone, Debug)]
pub struct BrokerArguments {
	/// The broker, mqtts://HOST:PORT, or mqtt://HOST:PORT without TLS.
	#[arg(long, value_name = "URL", env = "PASSPORT_BRIDGE_BROKER")]
	pub broker: Text,
	/// PEM file with the certificates that may sign the broker's; for mqtts://.
	#[arg(long, value_name = "FILE", env = "PASSPORT_BRIDGE_BROKER_CA_FILE")]
	pub broker_ca_file: Option<Text>,
	/// PEM file with the sender's own certificate, for a broker that asks for one.
	#[arg(long, value_name = "FILE", env = "PASSPORT_BRIDGE_BROKER_CERTIFICATE_FILE")]
	pub broker_certificate_file: Option<Text>,
	/// PEM file with the key of that certificate, readable by its owner alone.
	#[arg(long, value_name = "FILE", env = "PASSPORT_BRIDGE_BROKER_KEY_FILE")]
	pub broker_key_file: Option<Text>,
	/// User name at the broker. The password comes from PASSPORT_BRIDGE_BROKER_PASSWORD or a file.
	#[arg(long, value_name = "NAME", env = "PASSPORT_BRIDGE_BROKER_USERNAME")]
	pub broker_username: Option<Text>,
	/// File with the password at the broker, readable by its owner alone.
	#[arg(long, value_name = "FILE", env = "PASSPORT_BRIDGE_BROKER_PASSWORD_FILE")]
	pub broker_password_file: Option<Text>,
}

impl BrokerArguments {
	/// Checks them. `password` is what the environment holds under [`PASSWORD_VARIABLE`].
	pub fn settle(self, password: Option<String>) -> Result<BrokerChoice, ConfigError> {
		let login = login(self.broker_username, self.broker_password_file, password)?;
		let certificates = certificates(
			self.broker_ca_file,
			self.broker_certificate_file,
			self.broker_key_file,
		)?;
		let Text(url) = self.broker;
		remote_broker(&url, login, certificates)
	}
}

pub(crate) fn hash(text: &str) -> Result<[u8; 32], String> {
	<[u8; 32]>::from_hex(text.strip_prefix("0x").unwrap_or(text))
		.map_err(|_| "is no hash of 64 hex digits".to_owned())
}

/// What to do with dead letters.
#[derive(Debug, Subcommand)]
pub enum DeadLetters {
	/// One line for each: number, time, reason, who refused, topic, sequence, bytes.
	List {
		/// The bridge's data directory.
		#[arg(long, value_name = "DIR", env = "PASSPORT_BRIDGE_DATA", default_value = DEFAULT_DATA)]
		data: PathBuf,
	},
	/// Everything of each as a line of JSON, the payload in hex.
	Export {
		/// The bridge's data directory.
		#[arg(long, value_name = "DIR", env = "PASSPORT_BRIDGE_DATA", default_value = DEFAULT_DATA)]
		data: PathBuf,
	},
	/// Has the bridge on the directory judge letters again, now or at its next start: what has become good is queued, the
	/// rest is a dead letter again with the reason of today.
	Replay(Replay),
}

/// Which dead letters are judged again.
#[derive(Args, Clone, Debug)]
pub struct Replay {
	/// The bridge's data directory.
	#[arg(long, value_name = "DIR", env = "PASSPORT_BRIDGE_DATA", default_value = DEFAULT_DATA)]
	pub data: PathBuf,
	/// Letters with this reason. Several: with commas or repeated.
	#[arg(long, value_name = "REASON", value_delimiter = ',', value_parser = known_reason)]
	pub reason: Vec<String>,
	/// The letter with this number, as `list` shows it. Several: with commas or repeated.
	#[arg(long, value_name = "NUMBER", value_delimiter = ',')]
	pub number: Vec<u64>,
	/// Every letter.
	#[arg(long, conflicts_with_all = ["reason", "number"])]
	pub all: bool,
}

impl Replay {
	/// Refuses to judge letters again that nobody named.
	pub fn check(&self) -> Result<(), ConfigError> {
		match self.all || !self.reason.is_empty() || !self.number.is_empty() {
			true => Ok(()),
			false => Err(wrong("dead-letters replay", "needs --reason, --number or --all")),
		}
	}
}

fn known_reason(name: &str) -> Result<String, String> {
	match Reason::all().any(|reason| reason.name() == name) {
		true => Ok(name.to_owned()),
		false => Err(format!(
			"is none of {}",
			Reason::all().map(Reason::name).collect::<Vec<_>>().join(", ")
		)),
	}
}

const DEFAULT_DATA: &str = "passport-bridge-data";

pub(crate) const DEFAULT_NODE: &str = "ws://127.0.0.1:9944";

/// A value as it was written: checked in one place, whichever of the three it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(String);

impl FromStr for Text {
	type Err = std::convert::Infallible;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		Ok(Text(text.to_owned()))
	}
}

impl<'de> Deserialize<'de> for Text {
	fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		#[derive(Deserialize)]
		#[serde(untagged)]
		enum Value {
			Text(String),
			Number(i64),
			Switch(bool),
		}
		Ok(Text(match Value::deserialize(deserializer)? {
			Value::Text(text) => text,
			Value::Number(number) => number.to_string(),
			Value::Switch(switch) => switch.to_string(),
		}))
	}
}

/// Settings as they were written.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
	/// TOML file with settings of the same names.
	#[arg(long, value_name = "FILE", env = "PASSPORT_BRIDGE_CONFIG")]
	#[serde(skip)]
	pub config: Option<PathBuf>,
	/// Directory of the queue and dead letters [passport-bridge-data].
	#[arg(long, value_name = "DIR", env = "PASSPORT_BRIDGE_DATA")]
	pub data: Option<Text>,
	/// JSON-RPC address of a node [ws://127.0.0.1:9944].
	#[arg(long, value_name = "URL", env = "PASSPORT_BRIDGE_NODE")]
	pub node: Option<Text>,
	/// A broker, mqtts://HOST:PORT, or mqtt://HOST:PORT without TLS.
	#[arg(long, value_name = "URL", env = "PASSPORT_BRIDGE_BROKER")]
	pub broker: Option<Text>,
	/// PEM file with the certificates that may sign the broker's; for mqtts://.
	#[arg(long, value_name = "FILE", env = "PASSPORT_BRIDGE_BROKER_CA_FILE")]
	pub broker_ca_file: Option<Text>,
	/// PEM file with the bridge's own certificate, for a broker that asks for one.
	#[arg(long, value_name = "FILE", env = "PASSPORT_BRIDGE_BROKER_CERTIFICATE_FILE")]
	pub broker_certificate_file: Option<Text>,
	/// PEM file with the key of that certificate, readable by its owner alone.
	#[arg(long, value_name = "FILE", env = "PASSPORT_BRIDGE_BROKER_KEY_FILE")]
	pub broker_key_file: Option<Text>,
	/// Run a broker inside, listening here; without --broker it is the default [127.0.0.1:1883].
	#[arg(long, value_name = "ADDRESS", env = "PASSPORT_BRIDGE_EMBEDDED_BROKER")]
	pub embedded_broker: Option<Text>,
	/// Let the broker inside listen beyond loopback. It asks nobody who they are.
	#[arg(
		long,
		value_name = "BOOL",
		env = "PASSPORT_BRIDGE_ALLOW_PUBLIC_BROKER",
		num_args = 0..=1,
		default_missing_value = "true"
	)]
	pub allow_public_broker: Option<Text>,
	/// User name at the broker. The password comes from PASSPORT_BRIDGE_BROKER_PASSWORD or a file.
	#[arg(long, value_name = "NAME", env = "PASSPORT_BRIDGE_BROKER_USERNAME")]
	pub broker_username: Option<Text>,
	/// File with the password at the broker, readable by its owner alone.
	#[arg(long, value_name = "FILE", env = "PASSPORT_BRIDGE_BROKER_PASSWORD_FILE")]
	pub broker_password_file: Option<Text>,
	/// Name of the session at the broker; always the same one [passport-ingest-bridge].
	#[arg(long, value_name = "NAME", env = "PASSPORT_BRIDGE_CLIENT_ID")]
	pub client_id: Option<Text>,
	/// Group of bridges that share the messages among them, each with a client id and a data directory of its own.
	#[arg(long, value_name = "NAME", env = "PASSPORT_BRIDGE_SHARE_GROUP")]
	pub share_group: Option<Text>,
	/// TOML file with the batteries whose plain JSON this bridge seals and signs.
	#[arg(long, value_name = "FILE", env = "PASSPORT_BRIDGE_PLAIN_JSON_VAULT")]
	pub plain_json_vault: Option<Text>,
	/// File with the secret that the keys of those batteries follow from, readable by its owner alone.
	#[arg(long, value_name = "FILE", env = "PASSPORT_BRIDGE_PLAIN_JSON_KEY_FILE")]
	pub plain_json_key_file: Option<Text>,
	/// File with a signing key, readable by its owner alone. Several, with commas or repeated: several lanes.
	#[arg(
		long,
		value_name = "FILE",
		env = "PASSPORT_BRIDGE_SIGNER_KEY_FILE",
		value_delimiter = ','
	)]
	#[serde(deserialize_with = "one_or_many")]
	pub signer_key_file: Vec<Text>,
	/// A development key such as //Alice, for a node on this machine. Several, with commas or repeated:
	/// several lanes.
	#[arg(
		long,
		value_name = "URI",
		env = "PASSPORT_BRIDGE_DEV_SIGNER",
		value_delimiter = ','
	)]
	#[serde(deserialize_with = "one_or_many")]
	pub dev_signer: Vec<Text>,
	/// Extrinsics of a lane on their way at a time, 1 to 16 [4].
	#[arg(long, value_name = "COUNT", env = "PASSPORT_BRIDGE_IN_FLIGHT")]
	pub in_flight: Option<Text>,
	/// Most frames in an extrinsic, 1 to 256 [256].
	#[arg(long, value_name = "COUNT", env = "PASSPORT_BRIDGE_MAX_BATCH_FRAMES")]
	pub max_batch_frames: Option<Text>,
	/// Most bytes of frames in an extrinsic, 8192 to 262144 [262144].
	#[arg(long, value_name = "BYTES", env = "PASSPORT_BRIDGE_MAX_BATCH_BYTES")]
	pub max_batch_bytes: Option<Text>,
	/// How long a frame waits for others, 0 to 60000 ms [500].
	#[arg(long, value_name = "MS", env = "PASSPORT_BRIDGE_MAX_BATCH_AGE_MS")]
	pub max_batch_age_ms: Option<Text>,
	/// How frames get onto the ledger: "verified", each in an extrinsic, or "anchored", a root for many [verified].
	#[arg(long, value_name = "PATH", env = "PASSPORT_BRIDGE_PATH")]
	pub path: Option<Text>,
	/// Number of this bridge among those of its organisation that anchor, 0 to 4294967295.
	#[arg(long, value_name = "NUMBER", env = "PASSPORT_BRIDGE_ANCHOR_STREAM")]
	pub anchor_stream: Option<Text>,
	/// Most frames in an anchor, 1 to 1048576 [65536].
	#[arg(long, value_name = "COUNT", env = "PASSPORT_BRIDGE_ANCHOR_MAX_LEAVES")]
	pub anchor_max_leaves: Option<Text>,
	/// How long a frame waits for others before it is anchored, 0 to 3600 s [60].
	#[arg(long, value_name = "SECONDS", env = "PASSPORT_BRIDGE_ANCHOR_MAX_AGE_SECONDS")]
	pub anchor_max_age_seconds: Option<Text>,
	/// How long the batch of an anchor is kept, 8 to 36500 days [3650].
	#[arg(long, value_name = "DAYS", env = "PASSPORT_BRIDGE_ANCHOR_KEEP_DAYS")]
	pub anchor_keep_days: Option<Text>,
	/// Most frames on disk, 1 to 10000000 [1000000]; above, acknowledgements are held back.
	#[arg(long, value_name = "COUNT", env = "PASSPORT_BRIDGE_MAX_QUEUE_FRAMES")]
	pub max_queue_frames: Option<Text>,
	/// Most bytes of frames on disk, 65536 to 1099511627776 [1073741824]; above, acknowledgements are held
	/// back.
	#[arg(long, value_name = "BYTES", env = "PASSPORT_BRIDGE_MAX_QUEUE_BYTES")]
	pub max_queue_bytes: Option<Text>,
	/// Most dead letters on disk, 0 to 10000000 [100000]; above, the oldest are dropped.
	#[arg(long, value_name = "COUNT", env = "PASSPORT_BRIDGE_MAX_DEAD_LETTERS")]
	pub max_dead_letters: Option<Text>,
	/// Most messages that the broker sends without acknowledgement, 1 to 4096 [256].
	#[arg(long, value_name = "COUNT", env = "PASSPORT_BRIDGE_RECEIVE_MAXIMUM")]
	pub receive_maximum: Option<Text>,
	/// After this much silence the broker is asked whether it is there, 5 to 3600 s [30].
	#[arg(long, value_name = "SECONDS", env = "PASSPORT_BRIDGE_KEEP_ALIVE_SECONDS")]
	pub keep_alive_seconds: Option<Text>,
	/// How long the broker keeps messages for an absent bridge, 0 to 4294967295 s [86400].
	#[arg(long, value_name = "SECONDS", env = "PASSPORT_BRIDGE_SESSION_EXPIRY_SECONDS")]
	pub session_expiry_seconds: Option<Text>,
	/// Where metrics and health are served; port 0 chooses one [127.0.0.1:9620].
	#[arg(long, value_name = "ADDRESS", env = "PASSPORT_BRIDGE_HTTP")]
	pub http: Option<Text>,
	/// File to write that address to, once it is served.
	#[arg(long, value_name = "FILE", env = "PASSPORT_BRIDGE_HTTP_ADDRESS_FILE")]
	pub http_address_file: Option<Text>,
	/// How long stopping may take, 1 to 300 s [10].
	#[arg(long, value_name = "SECONDS", env = "PASSPORT_BRIDGE_SHUTDOWN_SECONDS")]
	pub shutdown_seconds: Option<Text>,
	/// What is logged: a level, or directives as in RUST_LOG [info].
	#[arg(long, value_name = "FILTER", env = "PASSPORT_BRIDGE_LOG")]
	pub log: Option<Text>,
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Text>, D::Error> {
	#[derive(Deserialize)]
	#[serde(untagged)]
	enum Value {
		One(Text),
		Many(Vec<Text>),
	}
	Ok(match Value::deserialize(deserializer)? {
		Value::One(text) => vec![text],
		Value::Many(texts) => texts,
	})
}

/// User name and password at the broker. Its `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
	/// User name.
	pub username: String,
	/// Password.
	pub password: String,
}

impl fmt::Debug for Login {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		formatter.write_str("Login(..)")
	}
}

/// Which broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrokerChoice {
	/// The one inside.
	Embedded(SocketAddr),
	/// Another one.
	Remote {
		/// Host name or address; an IPv6 address in brackets.
		host: String,
		/// TCP port.
		port: u16,
		/// Who the bridge is there.
		login: Option<Login>,
		/// Certificates, for TLS.
		tls: Option<CertificateFiles>,
	},
}

/// Settings that were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // `Options` says it, once.
pub struct Settings {
	pub data: PathBuf,
	pub node: String,
	pub broker: BrokerChoice,
	pub client_id: String,
	pub share_group: Option<String>,
	pub plain_json: Option<VaultFiles>,
	pub signers: Vec<SignerSource>,
	pub in_flight: usize,
	pub batch: Limits,
	/// Set for the anchored path.
	pub anchor: Option<AnchorSettings>,
	pub queue: Bounds,
	pub max_dead_letters: u64,
	pub receive_maximum: u16,
	pub keep_alive: Duration,
	pub session_expiry_seconds: u32,
	pub http: SocketAddr,
	pub http_address_file: Option<PathBuf>,
	pub shutdown: Duration,
	pub log: String,
}

/// A setting that can not be used: one line that names it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {problem}")]
pub struct ConfigError {
	setting: &'static str,
	problem: String,
}

pub(crate) fn wrong(setting: &'static str, problem: impl Display) -> ConfigError {
	ConfigError {
		setting,
		problem: problem.to_string(),
	}
}

fn number(
	setting: &'static str,
	given: Option<Text>,
	default: u64,
	bounds: RangeInclusive<u64>,
) -> Result<u64, ConfigError> {
	let Some(Text(text)) = given else {
		return Ok(default);
	};
	match text.replace('_', "").parse() {
		Ok(number) if bounds.contains(&number) => Ok(number),
		_ => Err(wrong(
			setting,
			format!(
				"\"{text}\" is no number from {} to {}",
				bounds.start(),
				bounds.end()
			),
		)),
	}
}

fn size(
	setting: &'static str,
	given: Option<Text>,
	default: u64,
	bounds: RangeInclusive<u64>,
) -> Result<usize, ConfigError> {
	let number = number(setting, given, default, bounds)?;
	usize::try_from(number).map_err(|_| wrong(setting, "too large for this machine"))
}

fn address(setting: &'static str, text: &str) -> Result<SocketAddr, ConfigError> {
	text.parse().map_err(|_| {
		wrong(
			setting,
			format!("\"{text}\" is no ADDRESS:PORT, like 127.0.0.1:1883"),
		)
	})
}

fn text(given: Option<Text>, default: &str) -> String {
	given.map_or_else(|| default.to_owned(), |Text(text)| text)
}

/// Refuses a broker inside that is reachable from elsewhere, unless that is wished for.
pub fn check_listen(listen: SocketAddr, public_allowed: bool) -> Result<SocketAddr, ConfigError> {
	if listen.port() == 0 {
		return Err(wrong(
			"embedded-broker",
			"the port must be given: the broker can not tell which it chose",
		));
	}
	if !listen.ip().is_loopback() && !public_allowed {
		return Err(wrong(
			"embedded-broker",
			format!("{listen} is reachable from elsewhere and the broker asks nobody who they are; allow-public-broker allows it"),
		));
	}
	Ok(listen)
}

/// Takes `scheme://host[:port]` apart.
fn authority<'a>(url: &'a str, scheme: &str) -> Option<(&'a str, Option<u16>)> {
	let rest = url.strip_prefix(scheme)?.strip_prefix("://")?;
	let rest = rest.strip_suffix('/').unwrap_or(rest);
	if rest.is_empty() || rest.contains(['/', '@', '?', '#', ' ']) {
		return None;
	}
	let host_end = if rest.starts_with('[') {
		rest.find(']')? + 1
	} else {
		rest.find(':').unwrap_or(rest.len())
	};
	let (host, port) = rest.split_at(host_end);
	match port.strip_prefix(':') {
		None if port.is_empty() => Some((host, None)),
		Some(port) => port
			.parse()
			.ok()
			.filter(|port| *port != 0)
			.map(|port| (host, Some(port))),
		None => None,
	}
	.filter(|(host, _)| !host.is_empty())
}

fn is_loopback(host: &str) -> bool {
	let bare = host.trim_start_matches('[').trim_end_matches(']');
	bare == "localhost" || bare.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Whether the node's address is on this machine.
pub fn is_loopback_node(url: &str) -> bool {
	["ws", "wss"]
		.iter()
		.any(|scheme| authority(url, scheme).is_some_and(|(host, _)| is_loopback(host)))
}

impl Options {
	/// Fills in from a file what was given neither on the command line nor in the environment.
	fn or(self, file: Options) -> Options {
		let many = |given: Vec<Text>, file: Vec<Text>| if given.is_empty() { file } else { given };
		Options {
			config: self.config,
			data: self.data.or(file.data),
			node: self.node.or(file.node),
			broker: self.broker.or(file.broker),
			broker_ca_file: self.broker_ca_file.or(file.broker_ca_file),
			broker_certificate_file: self.broker_certificate_file.or(file.broker_certificate_file),
			broker_key_file: self.broker_key_file.or(file.broker_key_file),
			embedded_broker: self.embedded_broker.or(file.embedded_broker),
			allow_public_broker: self.allow_public_broker.or(file.allow_public_broker),
			broker_username: self.broker_username.or(file.broker_username),
			broker_password_file: self.broker_password_file.or(file.broker_password_file),
			client_id: self.client_id.or(file.client_id),
			share_group: self.share_group.or(file.share_group),
			plain_json_vault: self.plain_json_vault.or(file.plain_json_vault),
			plain_json_key_file: self.plain_json_key_file.or(file.plain_json_key_file),
			signer_key_file: many(self.signer_key_file, file.signer_key_file),
			dev_signer: many(self.dev_signer, file.dev_signer),
			in_flight: self.in_flight.or(file.in_flight),
			max_batch_frames: self.max_batch_frames.or(file.max_batch_frames),
			max_batch_bytes: self.max_batch_bytes.or(file.max_batch_bytes),
			max_batch_age_ms: self.max_batch_age_ms.or(file.max_batch_age_ms),
			path: self.path.or(file.path),
			anchor_stream: self.anchor_stream.or(file.anchor_stream),
			anchor_max_leaves: self.anchor_max_leaves.or(file.anchor_max_leaves),
			anchor_max_age_seconds: self.anchor_max_age_seconds.or(file.anchor_max_age_seconds),
			anchor_keep_days: self.anchor_keep_days.or(file.anchor_keep_days),
			max_queue_frames: self.max_queue_frames.or(file.max_queue_frames),
			max_queue_bytes: self.max_queue_bytes.or(file.max_queue_bytes),
			max_dead_letters: self.max_dead_letters.or(file.max_dead_letters),
			receive_maximum: self.receive_maximum.or(file.receive_maximum),
			keep_alive_seconds: self.keep_alive_seconds.or(file.keep_alive_seconds),
			session_expiry_seconds: self.session_expiry_seconds.or(file.session_expiry_seconds),
			http: self.http.or(file.http),
			http_address_file: self.http_address_file.or(file.http_address_file),
			shutdown_seconds: self.shutdown_seconds.or(file.shutdown_seconds),
			log: self.log.or(file.log),
		}
	}

	/// Checks everything. `password` is what the environment holds under [`PASSWORD_VARIABLE`].
	pub fn settle(mut self, password: Option<String>) -> Result<Settings, ConfigError> {
		if let Some(path) = self.config.clone() {
			let problem = |error: &dyn Display| {
				// TOML's errors have several lines; the first says what, the rest draws a picture.
				let error = error.to_string();
				let lines: Vec<_> = error
					.lines()
					.map(str::trim)
					.filter(|line| !line.is_empty())
					.collect();
				let line = match lines.as_slice() {
					[first, .., last] => format!("{first}: {last}"),
					_ => error.clone(),
				};
				wrong("config", format!("{}: {line}", path.display()))
			};
			let file = std::fs::read_to_string(&path).map_err(|error| problem(&error))?;
			let file: Options = toml::from_str(&file).map_err(|error| problem(&error))?;
			self = self.or(file);
		}
		let public_allowed = match text(self.allow_public_broker, "false").as_str() {
			"true" => true,
			"false" => false,
			other => {
				return Err(wrong(
					"allow-public-broker",
					format!("\"{other}\" is neither true nor false"),
				))
			}
		};
		let login = login(self.broker_username, self.broker_password_file, password)?;
		let certificates = certificates(
			self.broker_ca_file,
			self.broker_certificate_file,
			self.broker_key_file,
		)?;
		let broker = match (self.broker, self.embedded_broker) {
			(Some(_), Some(_)) => {
				return Err(wrong("broker", "is given besides embedded-broker; choose one"))
			}
			(Some(Text(url)), None) => remote_broker(&url, login, certificates)?,
			(None, embedded) => {
				if login.is_some() {
					return Err(wrong("broker-username", "the embedded broker knows no users"));
				}
				if certificates.is_some() {
					return Err(wrong(CA_SETTING, "the embedded broker does not speak TLS"));
				}
				let listen = address("embedded-broker", &text(embedded, "127.0.0.1:1883"))?;
				BrokerChoice::Embedded(check_listen(listen, public_allowed)?)
			}
		};
		let node = text(self.node, DEFAULT_NODE);
		if ["ws", "wss"]
			.iter()
			.all(|scheme| authority(&node, scheme).is_none())
		{
			return Err(wrong(
				"node",
				format!("\"{node}\" is no ws://HOST:PORT or wss://HOST:PORT"),
			));
		}
		let signers = signers(self.signer_key_file, self.dev_signer, &node)?;
		let client_id = text(self.client_id, "passport-ingest-bridge");
		let named =
			|setting, name: &str| match (1..=64).contains(&name.len()) && name.bytes().all(is_name_byte) {
				true => Ok(()),
				false => Err(wrong(setting, "needs 1 to 64 letters, digits, '-', '_' or '.'")),
			};
		named("client-id", &client_id)?;
		let share_group = self.share_group.map(|Text(name)| name);
		if let Some(name) = &share_group {
			named("share-group", name)?;
			if let BrokerChoice::Embedded(_) = broker {
				return Err(wrong(
					"share-group",
					"the embedded broker is for one bridge; give broker",
				));
			}
		}
		let plain_json = match (self.plain_json_vault, self.plain_json_key_file) {
			(Some(Text(batteries)), Some(Text(master))) => Some(VaultFiles {
				batteries: PathBuf::from(batteries),
				master: PathBuf::from(master),
			}),
			(None, None) => None,
			(Some(_), None) => {
				return Err(wrong(
					MASTER_SETTING,
					"is missing: the keys of the batteries in plain-json-vault follow from it",
				))
			}
			(None, Some(_)) => {
				return Err(wrong(
					VAULT_SETTING,
					"is missing: it says for which batteries the key is",
				))
			}
		};
		let seconds = |setting, given, default, bounds| {
			number(setting, given, default, bounds).map(Duration::from_secs)
		};
		let anchor = match text(self.path, "verified").as_str() {
			"verified" => None,
			"anchored" => {
				if self.anchor_stream.is_none() {
					return Err(wrong(
						"anchor-stream",
						"is missing: each bridge that anchors has a number of its own",
					));
				}
				// Anchors of a stream come one after the other: a second key would have nothing to do.
				if signers.len() > 1 {
					return Err(wrong("signer-key-file", "anchors are signed with one key"));
				}
				let keep_days = number(
					"anchor-keep-days",
					self.anchor_keep_days,
					3_650,
					MIN_ANCHOR_KEEP_DAYS..=36_500,
				)?;
				Some(AnchorSettings {
					stream: number("anchor-stream", self.anchor_stream, 0, 0..=u64::from(u32::MAX))? as u32,
					limits: Limits {
						frames: size(
							"anchor-max-leaves",
							self.anchor_max_leaves,
							65_536,
							1..=MAX_ANCHOR_LEAVES,
						)?,
						bytes: MAX_ANCHOR_BYTES,
						age: seconds(
							"anchor-max-age-seconds",
							self.anchor_max_age_seconds,
							60,
							0..=3_600,
						)?,
					},
					keep: Duration::from_secs(keep_days * 24 * 3_600),
				})
			}
			other => {
				return Err(wrong(
					"path",
					format!("\"{other}\" is neither verified nor anchored"),
				))
			}
		};
		Ok(Settings {
			data: PathBuf::from(text(self.data, DEFAULT_DATA)),
			node,
			broker,
			client_id,
			share_group,
			plain_json,
			signers,
			in_flight: size("in-flight", self.in_flight, 4, 1..=16)?,
			batch: Limits {
				frames: size(
					"max-batch-frames",
					self.max_batch_frames,
					MAX_BATCH_FRAMES,
					1..=MAX_BATCH_FRAMES,
				)?,
				bytes: size(
					"max-batch-bytes",
					self.max_batch_bytes,
					MAX_BATCH_BYTES,
					8_192..=MAX_BATCH_BYTES,
				)?,
				age: Duration::from_millis(number(
					"max-batch-age-ms",
					self.max_batch_age_ms,
					500,
					0..=60_000,
				)?),
			},
			anchor,
			queue: Bounds {
				frames: size(
					"max-queue-frames",
					self.max_queue_frames,
					1_000_000,
					1..=10_000_000,
				)?,
				bytes: size(
					"max-queue-bytes",
					self.max_queue_bytes,
					1 << 30,
					1 << 16..=1 << 40,
				)?,
			},
			max_dead_letters: number("max-dead-letters", self.max_dead_letters, 100_000, 0..=10_000_000)?,
			receive_maximum: number("receive-maximum", self.receive_maximum, 256, 1..=4_096)? as u16,
			keep_alive: seconds("keep-alive-seconds", self.keep_alive_seconds, 30, 5..=3_600)?,
			session_expiry_seconds: number(
				"session-expiry-seconds",
				self.session_expiry_seconds,
				86_400,
				0..=u64::from(u32::MAX),
			)? as u32,
			http: address("http", &text(self.http, "127.0.0.1:9620"))?,
			http_address_file: self.http_address_file.map(|Text(path)| PathBuf::from(path)),
			shutdown: seconds("shutdown-seconds", self.shutdown_seconds, 10, 1..=300)?,
			log: text(self.log, "info"),
		})
	}
}

fn is_name_byte(byte: u8) -> bool {
	byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)
}

/// The files of a connection by TLS, if any is given.
fn certificates(
	ca: Option<Text>,
	chain: Option<Text>,
	key: Option<Text>,
) -> Result<Option<CertificateFiles>, ConfigError> {
	let path = |Text(path): Text| PathBuf::from(path);
	let own = match (chain, key) {
		(Some(chain), Some(key)) => Some(OwnCertificate {
			chain: path(chain),
			key: path(key),
		}),
		(None, None) => None,
		(Some(_), None) => return Err(wrong(KEY_SETTING, "is missing: there is a certificate")),
		(None, Some(_)) => return Err(wrong(CERTIFICATE_SETTING, "is missing: there is a key")),
	};
	match (ca, own) {
		(Some(ca), own) => Ok(Some(CertificateFiles { ca: path(ca), own })),
		(None, Some(_)) => Err(wrong(
			CA_SETTING,
			"is missing: who may sign the broker's certificate?",
		)),
		(None, None) => Ok(None),
	}
}

fn remote_broker(
	url: &str,
	login: Option<Login>,
	certificates: Option<CertificateFiles>,
) -> Result<BrokerChoice, ConfigError> {
	// The URL is not repeated: it may hold a password.
	let no_url = || {
		wrong(
			"broker",
			"is no mqtts://HOST:PORT or mqtt://HOST:PORT; user name and password have settings of their own",
		)
	};
	let (scheme, usual_port) = match url.split_once("://") {
		Some(("mqtts", _)) => ("mqtts", 8883),
		Some(("mqtt", _)) => ("mqtt", 1883),
		_ => return Err(no_url()),
	};
	let (host, port) = authority(url, scheme).ok_or_else(no_url)?;
	match (scheme, &certificates) {
		("mqtts", None) => {
			return Err(wrong(
				CA_SETTING,
				"is missing: mqtts:// wants to know who may sign the broker's certificate",
			))
		}
		("mqtt", Some(_)) => {
			return Err(wrong(
				CA_SETTING,
				"is given, and broker is mqtt://, which is not encrypted; use mqtts://",
			))
		}
		// rumqttc takes the host as it stands in the address for the name in the certificate.
		("mqtts", Some(_)) if host.starts_with('[') => {
			return Err(wrong("broker", "mqtts:// needs a host name or an IPv4 address"))
		}
		("mqtts", Some(files)) => {
			// Only to see now rather than at the first connection that they can be used.
			tls::transport(files)?;
		}
		_ => {}
	}
	Ok(BrokerChoice::Remote {
		host: host.to_owned(),
		port: port.unwrap_or(usual_port),
		login,
		tls: certificates,
	})
}

fn login(
	username: Option<Text>,
	file: Option<Text>,
	password: Option<String>,
) -> Result<Option<Login>, ConfigError> {
	let password = match (file, password) {
		(Some(_), Some(_)) => {
			return Err(wrong(
				"broker-password-file",
				format!("is given besides {PASSWORD_VARIABLE}; choose one"),
			))
		}
		(Some(Text(path)), None) => Some(
			read_secret("broker-password-file", Path::new(&path))?
				.trim_end_matches(['\r', '\n'])
				.to_owned(),
		),
		(None, password) => password,
	};
	match (username, password) {
		(None, None) => Ok(None),
		(Some(Text(username)), Some(password)) => Ok(Some(Login { username, password })),
		(Some(_), None) => Err(wrong("broker-username", "is given without a password")),
		(None, Some(_)) => Err(wrong("broker-username", "is missing: there is a password")),
	}
}

/// Reads a file that nobody but its owner may read.
pub(crate) fn read_secret(setting: &'static str, path: &Path) -> Result<String, ConfigError> {
	let problem = |error: &dyn Display| wrong(setting, format!("{}: {error}", path.display()));
	#[cfg(unix)]
	{
		use std::os::unix::fs::PermissionsExt;
		let mode = std::fs::metadata(path)
			.map_err(|error| problem(&error))?
			.permissions()
			.mode();
		if mode & 0o077 != 0 {
			return Err(problem(&"is readable by others: run `chmod 600` on it"));
		}
	}
	std::fs::read_to_string(path).map_err(|error| problem(&error))
}

fn signers(files: Vec<Text>, development: Vec<Text>, node: &str) -> Result<Vec<SignerSource>, ConfigError> {
	if !development.is_empty() && !is_loopback_node(node) {
		return Err(wrong(
			"dev-signer",
			"everyone knows these keys: only for a node on this machine; use signer-key-file",
		));
	}
	let mut signers: Vec<_> = files
		.into_iter()
		.map(|Text(path)| SignerSource::KeyFile(PathBuf::from(path)))
		.collect();
	for Text(uri) in development {
		// Only derivations of the public development phrase: a real phrase does not belong on a command line.
		if !uri.starts_with("//") {
			return Err(wrong(
				"dev-signer",
				"is no development key like //Alice; a real key goes into signer-key-file",
			));
		}
		signers.push(SignerSource::Development(uri));
	}
	if signers.is_empty() {
		return Err(wrong(
			"signer-key-file",
			"is missing: extrinsics must be signed (or dev-signer, for a node on this machine)",
		));
	}
	let mut seen = std::collections::HashSet::new();
	if signers.iter().any(|signer| !seen.insert(format!("{signer:?}"))) {
		return Err(wrong(
			"signer-key-file",
			"names one key twice: two lanes can not share an account's nonces",
		));
	}
	Ok(signers)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::test_certificates::Authority;

	fn options(arguments: &[&str]) -> Options {
		let arguments = ["passport-ingest-bridge"].iter().chain(arguments);
		CommandLine::try_parse_from(arguments).unwrap().options
	}

	fn settle(arguments: &[&str]) -> Result<Settings, ConfigError> {
		options(arguments).settle(None)
	}

	#[test]
	fn the_defaults_are_those_of_the_readme() {
		let settings = settle(&["--dev-signer", "//Alice"]).unwrap();
		assert_eq!(
			settings.broker,
			BrokerChoice::Embedded("127.0.0.1:1883".parse().unwrap())
		);
		assert_eq!(settings.batch.frames, 256);
		assert_eq!(settings.batch.age, Duration::from_millis(500));
		assert_eq!(settings.queue.frames, 1_000_000);
		assert_eq!(
			(settings.receive_maximum, settings.session_expiry_seconds),
			(256, 86_400)
		);
		assert_eq!(settings.signers, [SignerSource::Development("//Alice".into())]);
		assert_eq!(settings.anchor, None);
		let anchored = settle(&["--dev-signer=//Alice", "--path=anchored", "--anchor-stream=3"]).unwrap();
		let anchor = anchored.anchor.unwrap();
		assert_eq!((anchor.stream, anchor.limits.frames), (3, 65_536));
		assert_eq!(anchor.limits.age, Duration::from_secs(60));
		assert_eq!(anchor.keep, Duration::from_secs(3_650 * 24 * 3_600));
	}

	#[test]
	fn a_wrong_value_gives_one_line_that_names_the_setting() {
		let directory = tempfile::tempdir().unwrap();
		let open = directory.path().join("password");
		std::fs::write(&open, "secret").unwrap();
		let open = open.display().to_string();
		let ca = directory.path().join("ca.pem");
		std::fs::write(&ca, Authority::new("CA").certificate()).unwrap();
		let ca = ca.display().to_string();
		let cases: &[(&str, &[&str])] = &[
			("in-flight", &["--in-flight", "17"]),
			("max-batch-frames", &["--max-batch-frames", "257"]),
			("max-batch-bytes", &["--max-batch-bytes", "8191"]),
			("max-batch-age-ms", &["--max-batch-age-ms=-1"]),
			("max-queue-frames", &["--max-queue-frames", "many"]),
			("path", &["--path", "sideways"]),
			("anchor-stream", &["--path", "anchored"]),
			(
				"anchor-stream",
				&["--path", "anchored", "--anchor-stream", "4294967296"],
			),
			(
				"anchor-max-leaves",
				&[
					"--path=anchored",
					"--anchor-stream=1",
					"--anchor-max-leaves=1048577",
				],
			),
			(
				"anchor-max-age-seconds",
				&[
					"--path=anchored",
					"--anchor-stream=1",
					"--anchor-max-age-seconds=3601",
				],
			),
			(
				"anchor-keep-days",
				&["--path=anchored", "--anchor-stream=1", "--anchor-keep-days=14"],
			),
			(
				"signer-key-file",
				&["--path=anchored", "--anchor-stream=1", "--dev-signer=//Bob"],
			),
			("receive-maximum", &["--receive-maximum", "0"]),
			("keep-alive-seconds", &["--keep-alive-seconds", "4"]),
			("http", &["--http", "9620"]),
			("broker", &["--broker", "http://broker:1883"]),
			("broker-ca-file", &["--broker", "mqtts://broker:8883"]),
			(
				"broker-ca-file",
				&["--broker", "mqtts://broker", "--broker-ca-file", "/no/such/file"],
			),
			(
				"broker-ca-file",
				&["--broker", "mqtts://broker", "--broker-ca-file", &open],
			),
			(
				"broker-ca-file",
				&["--broker", "mqtt://broker", "--broker-ca-file", &ca],
			),
			("broker-ca-file", &["--broker-ca-file", &ca]),
			("broker", &["--broker", "mqtts://[::1]", "--broker-ca-file", &ca]),
			(
				"broker-key-file",
				&[
					"--broker",
					"mqtts://broker",
					"--broker-ca-file",
					&ca,
					"--broker-certificate-file",
					&ca,
				],
			),
			(
				"broker-certificate-file",
				&[
					"--broker",
					"mqtts://broker",
					"--broker-ca-file",
					&ca,
					"--broker-key-file",
					&open,
				],
			),
			(
				"broker-key-file",
				&[
					"--broker",
					"mqtts://broker",
					"--broker-ca-file",
					&ca,
					"--broker-certificate-file",
					&ca,
					"--broker-key-file",
					&open,
				],
			),
			("plain-json-key-file", &["--plain-json-vault", "batteries.toml"]),
			("plain-json-vault", &["--plain-json-key-file", "master"]),
			("share-group", &["--broker", "mqtt://b", "--share-group", "a/b"]),
			("share-group", &["--share-group", "bridges"]),
			("broker", &["--broker", "mqtt://user:secret@broker"]),
			("broker", &["--broker", "mqtt://broker:0"]),
			(
				"broker",
				&["--broker", "mqtt://b", "--embedded-broker", "127.0.0.1:1"],
			),
			("embedded-broker", &["--embedded-broker", "127.0.0.1:0"]),
			("embedded-broker", &["--embedded-broker", "0.0.0.0:1883"]),
			("allow-public-broker", &["--allow-public-broker", "perhaps"]),
			(
				"broker-username",
				&["--broker", "mqtt://b", "--broker-username", "bridge"],
			),
			(
				"broker-password-file",
				&[
					"--broker",
					"mqtt://b",
					"--broker-username",
					"bridge",
					"--broker-password-file",
					&open,
				],
			),
			("node", &["--node", "http://127.0.0.1:9944"]),
			("dev-signer", &["--node", "ws://node.example:9944"]),
			("dev-signer", &["--dev-signer", "bottom drive obey"]),
			("signer-key-file", &["--dev-signer", "//Alice"]),
			("client-id", &["--client-id", "a/b"]),
			("config", &["--config", "/no/such/file"]),
		];
		for (setting, arguments) in cases {
			let arguments: Vec<_> = arguments
				.iter()
				.copied()
				.chain(["--dev-signer", "//Alice"])
				.collect();
			let error = settle(&arguments).unwrap_err().to_string();
			assert!(
				error.starts_with(&format!("{setting}: ")),
				"{arguments:?} gave {error}"
			);
			assert_eq!(error.lines().count(), 1, "{error}");
			assert!(!error.contains("secret"), "{error}");
		}
		assert!(settle(&[])
			.unwrap_err()
			.to_string()
			.starts_with("signer-key-file: "));
	}

	#[test]
	fn a_file_has_the_same_names_and_gives_way_to_the_command_line() {
		let directory = tempfile::tempdir().unwrap();
		let file = directory.path().join("bridge.toml");
		std::fs::write(
			&file,
			"max-batch-frames = 10\nin-flight = \"2\"\nbroker = \"mqtt://[::1]:1884\"\ndev-signer = [\"//Alice\", \"//Bob\"]\n",
		)
		.unwrap();
		let file = file.display().to_string();
		let settings = settle(&["--config", &file, "--in-flight", "3"]).unwrap();
		assert_eq!(
			(settings.batch.frames, settings.in_flight, settings.signers.len()),
			(10, 3, 2)
		);
		assert_eq!(
			settings.broker,
			BrokerChoice::Remote {
				host: "[::1]".into(),
				port: 1884,
				login: None,
				tls: None
			}
		);
		std::fs::write(&file, "max-batch-frame = 10\n").unwrap();
		let error = settle(&["--config", &file]).unwrap_err().to_string();
		assert!(
			error.starts_with("config: ") && error.contains("max-batch-frame"),
			"{error}"
		);
		assert_eq!(error.lines().count(), 1, "{error}");
	}

	#[test]
	fn the_readme_has_every_setting_and_its_example_has_no_other() {
		use clap::CommandFactory;
		let readme = include_str!("../README.md");
		let command = CommandLine::command();
		let settings = command.get_arguments().filter_map(clap::Arg::get_long);
		for setting in settings.filter(|setting| !["help", "version"].contains(setting)) {
			assert!(readme.contains(&format!("\n| `{setting}` | ")), "{setting}");
		}
		let (_, example) = readme.split_once("```toml\n").unwrap();
		let (example, _) = example.split_once("```").unwrap();
		let example: Options = toml::from_str(example).unwrap();
		assert_eq!(example.signer_key_file.len(), 2);
		assert!(example.broker_key_file.is_some());
	}

	#[test]
	fn a_password_is_never_shown() {
		let settings = options(&[
			"--broker",
			"mqtt://b",
			"--broker-username",
			"u",
			"--dev-signer",
			"//Alice",
		])
		.settle(Some("secret".into()))
		.unwrap();
		assert!(!format!("{settings:?}").contains("secret"));
		assert!(matches!(
			settings.broker,
			BrokerChoice::Remote { login: Some(_), .. }
		));
	}

	#[test]
	fn the_broker_inside_listens_beyond_loopback_only_when_told_to() {
		let settings = settle(&[
			"--embedded-broker",
			"0.0.0.0:1883",
			"--allow-public-broker",
			"--dev-signer",
			"//Alice",
		])
		.unwrap();
		assert_eq!(
			settings.broker,
			BrokerChoice::Embedded("0.0.0.0:1883".parse().unwrap())
		);
	}
}
