//! `passport-verify`: checks offline what the ledger holds of a passport, that a frame is in an anchored batch, or that frames are
//! a device's complete history.

use clap::{Args, Parser, Subcommand};
use passport_primitives::{
	battery::{check_alias, check_unique_identifier, PassportId},
	organisation::OrganisationId,
	telemetry::MAX_FRAME_BYTES,
};
use passport_runtime_api::Hex;
use passport_verify::{
	read_anchor_proof, read_batch, read_device_proof, read_inclusion, read_proof, verify, verify_history,
	verify_inclusion, AskedFrame, Included, Proven, ProvenDevice, ProvenHistory, Record, Refusal,
	RollingHash, Trust,
};
use serde::Serialize;
use sp_core::H256;
use std::{
	fs::File,
	io::{self, BufRead, BufReader, Read, Write},
	path::{Path, PathBuf},
	process::ExitCode,
};

/// Longest file that is read, in bytes. A chain specification has some 2 MB, a proof some 10 kB and 3 kB for each change of the
/// validator set; a node answers with 15 MB at most.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Longest batch file that is read, in bytes: as many leaves as an anchor can have, each with the longest frame.
const MAX_BATCH_FILE_BYTES: u64 = 13 + 4 + (1 << 20) * (4 + 2 + 4_096);

/// Longest line of a file of frames, in bytes: `0x`, the longest frame in hex, and the line's end.
const MAX_LINE_BYTES: u64 = 2 + 2 * MAX_FRAME_BYTES as u64 + 2;

const ABOUT_EXIT: &str = "\
Prints what is proven as JSON. Exit status: 0 proven; 1 not proven, the reason stands on standard error; 2 wrong usage, or a \
file that can not be read.

The proof is as old as its block: judge blockTimeMs.";

/// Checks an answer of `passport_proof` offline: a passport's record in a finalised block, or that there is none.
#[derive(Debug, Parser)]
#[command(
	version,
	after_help = ABOUT_EXIT,
	args_conflicts_with_subcommands = true,
	subcommand_negates_reqs = true,
	disable_help_subcommand = true
)]
struct Options {
	#[command(subcommand)]
	command: Option<Command>,

	/// The JSON-RPC answer, its `result`, or the `value` in that; `-` reads standard input.
	#[arg(default_value = "-")]
	proof: PathBuf,

	#[command(flatten)]
	trusted: TrustOptions,

	/// The passport that the proof must be about: unique identifier, or passport id (0x and 64 hex digits). Without it only a
	/// live passport can be proven, which names its battery itself.
	#[arg(long, value_name = "PASSPORT", value_parser = passport)]
	passport: Option<PassportId>,
}

/// What is trusted.
#[derive(Debug, Args)]
struct TrustOptions {
	/// The network's raw chain specification: what the nodes are started with. It has the genesis hash and the first
	/// validators.
	#[arg(
		long,
		value_name = "FILE",
		required_unless_present = "authorities",
		conflicts_with_all = ["authorities", "genesis_hash", "set_id"]
	)]
	chain_spec: Option<PathBuf>,

	/// Instead of a chain specification: the validators, a JSON list `[["0x<GRANDPA key>", 1], ...]` with the weight of each.
	#[arg(long, value_name = "FILE", requires = "genesis_hash")]
	authorities: Option<PathBuf>,

	/// With `--authorities`: hash of the network's first block.
	#[arg(long, value_name = "HASH", requires = "authorities", value_parser = hash)]
	genesis_hash: Option<H256>,

	/// With `--authorities`: the number of that validator set, 0 for the genesis. A later one is needed after the council has
	/// changed the validators by force; ask the node for a proof from that set on.
	#[arg(long, value_name = "NUMBER", default_value_t = 0, requires = "authorities")]
	set_id: u64,
}

#[derive(Debug, Subcommand)]
enum Command {
	/// Checks that a frame is in a batch that a bridge has anchored, and that a battery's device signed it.
	Inclusion(InclusionOptions),
	/// Checks that frames are all that the ledger has taken of a device, in the order in which it took them.
	History(HistoryOptions),
}

/// The frame with its place in the batch, and what the ledger has of anchor and device.
#[derive(Debug, Args)]
struct InclusionOptions {
	/// What a bridge answers at `/v1/inclusion`; `-` reads standard input. What it says of the anchor is not believed.
	#[arg(
		long,
		value_name = "FILE",
		required_unless_present = "batch",
		conflicts_with = "batch"
	)]
	inclusion: Option<PathBuf>,

	/// Instead of a bridge's answer: the batch file.
	#[arg(long, value_name = "FILE", requires = "index")]
	batch: Option<PathBuf>,

	/// With `--batch`: place of the frame in it, from 0.
	#[arg(long, value_name = "NUMBER", requires = "batch")]
	index: Option<u32>,

	/// What a node answers to `passport_anchorProof` of this anchor and the frame's device; `-` reads standard input.
	#[arg(long, value_name = "FILE")]
	proof: PathBuf,

	/// The device that the frame must be of. With `--inclusion` it has to be given: the bridge has chosen the frame.
	#[arg(long, value_name = "NUMBER", required_unless_present = "batch")]
	device: Option<u32>,

	/// The sequence that the frame must have. With `--inclusion` it has to be given.
	#[arg(long, value_name = "NUMBER", required_unless_present = "batch")]
	sequence: Option<u64>,

	/// The member that must have anchored the frame: its number.
	#[arg(long, value_name = "NUMBER")]
	bridge: Option<u32>,

	/// The stream of that member that the frame must have been anchored in.
	#[arg(long, value_name = "NUMBER")]
	stream: Option<u32>,

	/// The number that the anchor must have in its stream.
	#[arg(long, value_name = "NUMBER")]
	number: Option<u64>,

	#[command(flatten)]
	trusted: TrustOptions,

	/// The passport whose battery the frame must be of: unique identifier, or passport id (0x and 64 hex digits).
	#[arg(long, value_name = "PASSPORT", value_parser = passport)]
	passport: Option<PassportId>,
}

/// The frames, and what the ledger has of their device.
#[derive(Debug, Args)]
struct HistoryOptions {
	/// What a node answers to `passport_deviceProof` or `passport_anchorProof`; `-` reads standard input.
	#[arg(long, value_name = "FILE")]
	proof: PathBuf,

	/// All frames that the ledger has taken of the device up to the block of the proof, in that order: one a line, as 0x and hex
	/// digits; `-` reads standard input.
	#[arg(long, value_name = "FILE")]
	frames: PathBuf,

	/// The device that they must be of: the node has chosen which one its answer is about.
	#[arg(long, value_name = "NUMBER")]
	device: u32,

	#[command(flatten)]
	trusted: TrustOptions,

	/// The passport whose battery the device must be of: unique identifier, or passport id (0x and 64 hex digits).
	#[arg(long, value_name = "PASSPORT", value_parser = passport)]
	passport: Option<PassportId>,
}

fn hash(text: &str) -> Result<H256, String> {
	text.strip_prefix("0x")
		.filter(|digits| digits.len() == 64)
		.and_then(|digits| digits.parse().ok())
		.ok_or_else(|| "a hash is 0x and 64 hex digits".into())
}

fn passport(text: &str) -> Result<PassportId, String> {
	if let Ok(id) = hash(text) {
		return Ok(PassportId(id.to_fixed_bytes()));
	}
	// Taken for an identifier, an alias would name a passport that is on no ledger, and its absence would be proven.
	if check_alias(text.as_bytes()).is_ok() {
		return Err(
			"this is an alias, and no proof covers those: give the unique identifier or the passport id"
				.into(),
		);
	}
	check_unique_identifier(text.as_bytes()).map_err(|error| error.to_string())?;
	Ok(PassportId(sp_io::hashing::sha2_256(text.as_bytes())))
}

/// Why nothing was proven.
enum Failure {
	/// The proof does not hold.
	Disproven(Refusal),
	/// There was nothing to check.
	Unreadable(String),
}

fn unreadable(path: &Path, reason: impl std::fmt::Display) -> Failure {
	Failure::Unreadable(format!("{}: {reason}", path.display()))
}

fn open(path: &Path) -> Result<Box<dyn Read>, Failure> {
	if path == Path::new("-") {
		return Ok(Box::new(io::stdin().lock()));
	}
	match File::open(path) {
		Ok(file) => Ok(Box::new(file)),
		Err(error) => Err(unreadable(path, error)),
	}
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
	read_up_to(path, MAX_FILE_BYTES)
}

fn read_up_to(path: &Path, most_bytes: u64) -> Result<Vec<u8>, Failure> {
	let mut bytes = Vec::new();
	open(path)?
		.take(most_bytes + 1)
		.read_to_end(&mut bytes)
		.map_err(|error| unreadable(path, error))?;
	if bytes.len() as u64 > most_bytes {
		return Err(unreadable(path, format_args!("more than {most_bytes} bytes")));
	}
	Ok(bytes)
}

/// Rolls the frames of a file, of which one is in memory at a time: a battery's life has gigabytes of them.
fn roll(path: &Path) -> Result<RollingHash, Failure> {
	let mut lines = BufReader::new(open(path)?);
	let mut rolled = RollingHash::default();
	let mut line = String::new();
	for number in 1u64.. {
		line.clear();
		let read = lines
			.by_ref()
			.take(MAX_LINE_BYTES + 1)
			.read_line(&mut line)
			.map_err(|error| unreadable(path, format_args!("line {number}: {error}")))?;
		if read == 0 {
			break;
		}
		if read as u64 > MAX_LINE_BYTES {
			return Err(unreadable(
				path,
				format_args!("line {number} is longer than frames are"),
			));
		}
		let Hex(frame) = serde_json::from_value(line.trim_end().into())
			.map_err(|error| unreadable(path, format_args!("line {number} is no frame: {error}")))?;
		rolled.take(&frame);
	}
	Ok(rolled)
}

fn trust(options: &TrustOptions) -> Result<Trust, Failure> {
	let (path, trust) = match (&options.chain_spec, &options.authorities, options.genesis_hash) {
		(Some(path), _, _) => (path, Trust::from_chain_specification(&read(path)?)),
		(None, Some(path), Some(genesis_hash)) => {
			(path, Trust::from_list(&read(path)?, genesis_hash, options.set_id))
		}
		_ => {
			return Err(Failure::Unreadable(
				"neither --chain-spec nor --authorities is given".into(),
			))
		}
	};
	trust.map_err(|error| unreadable(path, error))
}

fn run(options: &Options) -> Result<Proven, Failure> {
	let trust = trust(&options.trusted)?;
	let proof = read_proof(&read(&options.proof)?).map_err(|error| unreadable(&options.proof, error))?;
	let found = PassportId(proof.passport_id.to_fixed_bytes());
	if let Some(expected) = options.passport.filter(|expected| *expected != found) {
		return Err(Failure::Disproven(Refusal::OtherPassport { expected, found }));
	}
	let proven = verify(&proof, &trust).map_err(Failure::Disproven)?;
	let nameless = match proven.passport {
		Record::Live { .. } => None,
		Record::Ceased { .. } => Some("a tombstone"),
		Record::Absent => Some("an absence"),
	};
	match (options.passport, nameless) {
		// The node that answered chose the key, and there is one without a passport for every alias.
		(None, Some(record)) => Err(Failure::Disproven(Refusal::NobodysRecord { record })),
		_ => Ok(proven),
	}
}

/// That a device is the one of this passport's battery, where one is named.
fn must_be_of(device: &ProvenDevice, passport: Option<PassportId>) -> Result<(), Failure> {
	let found = device.passport_id;
	match passport.filter(|expected| *expected != found) {
		Some(expected) => Err(Failure::Disproven(Refusal::OtherPassport { expected, found })),
		None => Ok(()),
	}
}

fn run_inclusion(options: &InclusionOptions) -> Result<Included, Failure> {
	let trust = trust(&options.trusted)?;
	let (path, found) = match (&options.inclusion, &options.batch, options.index) {
		(Some(path), _, _) => (path, read_inclusion(&read(path)?)),
		(None, Some(path), Some(index)) => {
			(path, read_batch(&read_up_to(path, MAX_BATCH_FILE_BYTES)?, index))
		}
		_ => {
			return Err(Failure::Unreadable(
				"neither --inclusion nor --batch with --index is given".into(),
			))
		}
	};
	let (leaf, inclusion) = found.map_err(|error| unreadable(path, error))?;
	let proof =
		read_anchor_proof(&read(&options.proof)?).map_err(|error| unreadable(&options.proof, error))?;
	let asked = AskedFrame {
		device: options.device,
		sequence: options.sequence,
		bridge: options.bridge.map(OrganisationId),
		stream: options.stream,
		number: options.number,
	};
	let included = verify_inclusion(&proof, &trust, &asked, &leaf, &inclusion).map_err(Failure::Disproven)?;
	must_be_of(&included.device, options.passport)?;
	Ok(included)
}

fn run_history(options: &HistoryOptions) -> Result<ProvenHistory, Failure> {
	let trust = trust(&options.trusted)?;
	let proof =
		read_device_proof(&read(&options.proof)?).map_err(|error| unreadable(&options.proof, error))?;
	let rolled = roll(&options.frames)?;
	let history = verify_history(&proof, &trust, options.device, &rolled).map_err(Failure::Disproven)?;
	must_be_of(&history.device, options.passport)?;
	Ok(history)
}

fn print(proven: &impl Serialize) -> io::Result<()> {
	let mut out = io::stdout().lock();
	serde_json::to_writer_pretty(&mut out, proven)?;
	writeln!(out)
}

fn main() -> ExitCode {
	let options = Options::parse();
	let printed = match &options.command {
		None => run(&options).map(|proven| print(&proven)),
		Some(Command::Inclusion(options)) => run_inclusion(options).map(|included| print(&included)),
		Some(Command::History(options)) => run_history(options).map(|history| print(&history)),
	};
	let failure = match printed {
		Ok(Ok(())) => return ExitCode::SUCCESS,
		Ok(Err(error)) => Failure::Unreadable(format!("standard output: {error}")),
		Err(failure) => failure,
	};
	match failure {
		Failure::Disproven(refusal) => {
			eprintln!("not proven: {refusal}");
			ExitCode::from(1)
		}
		Failure::Unreadable(reason) => {
			eprintln!("error: {reason}");
			ExitCode::from(2)
		}
	}
}
