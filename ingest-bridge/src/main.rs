//! The program: settings, logging, signals; everything else is in the library.

use anyhow::Context;
use clap::Parser;
use passport_ingest_bridge::{
	bridge, broker,
	chain::Chain,
	clock::Clock,
	command::{self, SendCommand},
	config::{
		check_listen, Command, CommandLine, ConfigError, DeadLetters, PlainJson, Replay, Settings,
		PASSWORD_VARIABLE,
	},
	ledger::Ledger,
	replay::{self, Request},
	signer::SignerSource,
	status::Screen,
	stop,
	store::{private_directory, read_dead_letters, DeadLetter, RefusedBy, Store},
	vault::{check_data_directory, Vault, VaultFiles},
};
use std::{
	io::{self, IsTerminal, Write},
	path::Path,
	process::ExitCode,
	time::Duration,
};
use tracing_subscriber::EnvFilter;

/// Exit code for settings that can not be used, as clap's own.
const WRONG_SETTINGS: u8 = 2;

fn main() -> ExitCode {
	let command_line = CommandLine::parse();
	let result = match command_line.command {
		Some(Command::DeadLetters {
			action: DeadLetters::List { data },
		}) => dead_letters(&data, list_line),
		Some(Command::DeadLetters {
			action: DeadLetters::Export { data },
		}) => dead_letters(&data, json_line),
		Some(Command::DeadLetters {
			action: DeadLetters::Replay(replay),
		}) => judge_again(replay),
		Some(Command::PlainJson { action }) => plain_json(action),
		Some(Command::Send(arguments)) => send_command(*arguments),
		Some(Command::Broker {
			listen,
			allow_public_broker,
		}) => run_broker(listen, allow_public_broker),
		None => command_line
			.options
			.settle(std::env::var(PASSWORD_VARIABLE).ok())
			.map_err(anyhow::Error::from)
			.and_then(|settings| run_bridge(&settings)),
	};
	match result {
		Ok(()) => ExitCode::SUCCESS,
		// The reader of a pipe has read enough.
		Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
		Err(error) => {
			// One line: what a person can act on.
			eprintln!("error: {error:#}");
			match is_of_settings(&error) {
				true => ExitCode::from(WRONG_SETTINGS),
				false => ExitCode::FAILURE,
			}
		}
	}
}

/// Whether a setting can not be used, or a file that it names.
fn is_of_settings(error: &anyhow::Error) -> bool {
	let of_file = matches!(
		error.downcast_ref::<bridge::BridgeError>(),
		Some(bridge::BridgeError::File(_))
	);
	error.is::<ConfigError>() || of_file
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
	error
		.downcast_ref::<io::Error>()
		.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Starts logging to standard error. When that is a terminal, there is room for a status line below the log.
fn start_logging(filter: &str) -> anyhow::Result<Option<Screen>> {
	// The broker inside tells of every connection; what matters of it is a warning.
	let filter = EnvFilter::try_new(format!("rumqttd=warn,{filter}")).context("log")?;
	let log = tracing_subscriber::fmt().with_env_filter(filter);
	if io::stderr().is_terminal() {
		let screen = Screen::new(io::stderr());
		log.with_ansi(true).with_writer(screen.clone()).init();
		Ok(Some(screen))
	} else {
		log.with_ansi(false).with_writer(io::stderr).init();
		Ok(None)
	}
}

fn run_broker(listen: std::net::SocketAddr, public_allowed: bool) -> anyhow::Result<()> {
	let listen = check_listen(listen, public_allowed)?;
	let _no_status = start_logging("info")?;
	tracing::info!(%listen, "the embedded broker runs; it keeps messages in memory");
	Ok(broker::run(listen)?)
}

fn run_bridge(settings: &Settings) -> anyhow::Result<()> {
	let screen = start_logging(&settings.log)?;
	let keys = settings
		.signers
		.iter()
		.map(SignerSource::load)
		.collect::<Result<Vec<_>, _>>()?;
	private_directory()
		.recursive(true)
		.create(&settings.data)
		.with_context(|| format!("the data directory {}", settings.data.display()))?;
	// Plain JSON waits and stays there as it was sent.
	if settings.plain_json.is_some() {
		check_data_directory(&settings.data)?;
	}
	let store = Store::open(&settings.data, settings.max_dead_letters)
		.with_context(|| format!("the data directory {}", settings.data.display()))?;
	let chain = Chain::new(settings.node.clone(), keys, store.network()?);
	let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
	let result = runtime.block_on(async {
		let (stopper, stop) = stop::channel();
		tokio::spawn(async move {
			match stop_signal().await {
				Ok(signal) => tracing::info!(signal, "asked to stop"),
				Err(error) => tracing::error!(%error, "signals can not be heard"),
			}
			stopper.stop();
		});
		bridge::run(settings, store, chain, Clock::system(), screen, stop).await
	});
	// Threads that still wait for a disk must not hold the process up.
	runtime.shutdown_timeout(Duration::from_secs(1));
	Ok(result?)
}

#[cfg(unix)]
async fn stop_signal() -> io::Result<&'static str> {
	use tokio::signal::unix::{signal, SignalKind};
	let mut terminate = signal(SignalKind::terminate())?;
	let mut interrupt = signal(SignalKind::interrupt())?;
	Ok(tokio::select! {
		_ = terminate.recv() => "SIGTERM",
		_ = interrupt.recv() => "SIGINT",
	})
}

#[cfg(not(unix))]
async fn stop_signal() -> io::Result<&'static str> {
	tokio::signal::ctrl_c().await.map(|()| "ctrl-c")
}

fn dead_letters(data: &Path, line: impl Fn(u64, &DeadLetter) -> String) -> anyhow::Result<()> {
	anyhow::ensure!(data.is_dir(), "{} is no data directory", data.display());
	let mut out = io::BufWriter::new(io::stdout().lock());
	read_dead_letters::<anyhow::Error>(data, |number, letter| {
		Ok(writeln!(out, "{}", line(number, &letter))?)
	})
	.with_context(|| format!("the data directory {}", data.display()))
	.or_else(|error| {
		if is_broken_pipe(&error) {
			Ok(())
		} else {
			Err(error)
		}
	})?;
	match out.flush() {
		Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
		_ => Ok(()),
	}
}

/// Leaves a request for the bridge on the directory.
fn judge_again(replay: Replay) -> anyhow::Result<()> {
	replay.check()?;
	let Replay {
		data,
		reason: reasons,
		number: numbers,
		all: _,
	} = replay;
	anyhow::ensure!(data.is_dir(), "{} is no data directory", data.display());
	let place = || format!("the data directory {}", data.display());
	let mut request = Request {
		reasons,
		numbers,
		below: u64::MAX,
	};
	let (mut meant, mut cut, mut below) = (0_usize, 0_usize, 0);
	read_dead_letters::<anyhow::Error>(&data, |number, letter| {
		below = number + 1;
		if request.means(number, &letter.reason) {
			meant += 1;
			cut += usize::from(letter.bytes != letter.payload.len() as u64);
		}
		Ok(())
	})
	.with_context(place)?;
	anyhow::ensure!(meant > cut, "no dead letter that is there as a whole is meant");
	request.below = below;
	match replay::ask(&data, &request) {
		Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
			anyhow::bail!(
				"letters that were asked for before wait for the bridge; when it has judged them, ask again"
			)
		}
		asked => asked.with_context(place)?,
	}
	let mut out = io::stdout().lock();
	writeln!(
		out,
		"{} dead letters are judged again: now by a bridge that runs on {}, else at its next start",
		meant - cut,
		data.display()
	)?;
	if cut > 0 {
		writeln!(out, "{cut} stay: their payload was too long to be kept")?;
	}
	Ok(())
}

/// Tells of the batteries that the bridge signs for.
fn plain_json(action: PlainJson) -> anyhow::Result<()> {
	let mut out = io::BufWriter::new(io::stdout().lock());
	match action {
		PlainJson::Keys {
			vault,
			node,
			genesis_hash,
		} => {
			let vault = Vault::load(&VaultFiles::from(vault))?;
			let genesis_hash = match genesis_hash {
				Some(hash) => hash,
				None => {
					let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
					let chain = Chain::new(node, Vec::new(), None);
					runtime.block_on(chain.genesis_hash())?
				}
			};
			for battery in vault.batteries() {
				let proof = vault.proof_of_possession(battery, &genesis_hash);
				let line = serde_json::json!({
					"passport": battery.passport.to_string(),
					"alias": battery.alias,
					"publicKey": format!("0x{}", hex::encode(battery.public_key)),
					"proof": format!("0x{}", hex::encode(proof)),
				});
				writeln!(out, "{line}")?;
			}
		}
		PlainJson::SealKey {
			vault,
			battery: name,
			epoch,
		} => {
			let vault = Vault::load(&VaultFiles::from(vault))?;
			let battery = vault
				.find(&name)
				.with_context(|| format!("{name} is not in the vault"))?;
			let key = vault.seal_key(battery, epoch);
			writeln!(out, "0x{}", hex::encode(key.expose()))?;
		}
	}
	Ok(out.flush()?)
}

/// Sends a command to a battery's device, and tells what was sent.
fn send_command(arguments: SendCommand) -> anyhow::Result<()> {
	let password = std::env::var(PASSWORD_VARIABLE).ok();
	let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
	let sent = runtime.block_on(command::send(arguments, password))?;
	let line = serde_json::json!({
		"topic": sent.topic,
		"passport": sent.passport.to_string(),
		"counter": sent.counter,
		"command": format!("0x{}", hex::encode(sent.message)),
	});
	writeln!(io::stdout().lock(), "{line}")?;
	Ok(())
}

const fn refused_by(letter: &DeadLetter) -> &'static str {
	match letter.refused_by {
		RefusedBy::Bridge => "bridge",
		RefusedBy::Ledger => "ledger",
	}
}

fn list_line(number: u64, letter: &DeadLetter) -> String {
	let known = |value: Option<u64>| value.map_or_else(|| "-".to_owned(), |value| value.to_string());
	format!(
		"{number}\t{}\t{}\t{}\t{}\t{}\t{}",
		letter.refused_ms,
		letter.reason,
		refused_by(letter),
		// A topic is what someone sent: no control characters into a terminal.
		letter.topic.escape_debug(),
		known(letter.sequence),
		letter.bytes,
	)
}

fn json_line(number: u64, letter: &DeadLetter) -> String {
	serde_json::json!({
		"number": number,
		"reason": letter.reason,
		"refusedBy": refused_by(letter),
		"topic": letter.topic,
		"receivedMs": letter.received_ms,
		"refusedMs": letter.refused_ms,
		"device": letter.device,
		"sequence": letter.sequence,
		"bytes": letter.bytes,
		"payload": format!("0x{}", hex::encode(&letter.payload)),
	})
	.to_string()
}
