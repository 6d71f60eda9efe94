//! `passport-verify`: checks an answer of `passport_proof` offline.

use clap::Parser;
use passport_primitives::battery::{check_alias, check_unique_identifier, PassportId};
use passport_verify::{read_proof, verify, Proven, Record, Refusal, Trust};
use sp_core::H256;
use std::{
	fs::File,
	io::{self, Read, Write},
	path::{Path, PathBuf},
	process::ExitCode,
};

/// Longest file that is read, in bytes. A chain specification has some 2 MB, a proof some 10 kB and 3 kB for each change of the
/// validator set; a node answers with 15 MB at most.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

const ABOUT_EXIT: &str = "\
Prints what is proven as JSON. Exit status: 0 proven; 1 not proven, the reason stands on standard error; 2 wrong usage, or a \
file that can not be read.

The proof is as old as its block: judge blockTimeMs.";

/// Checks an answer of `passport_proof` offline: a passport's record in a finalised block, or that there is none.
#[derive(Debug, Parser)]
#[command(version, after_help = ABOUT_EXIT)]
struct Options {
	/// The JSON-RPC answer, its `result`, or the `value` in that; `-` reads standard input.
	#[arg(default_value = "-")]
	proof: PathBuf,

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

	/// The passport that the proof must be about: unique identifier, or passport id (0x and 64 hex digits). Without it only a
	/// live passport can be proven, which names its battery itself.
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

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
	let unreadable =
		|reason: &dyn std::fmt::Display| Failure::Unreadable(format!("{}: {reason}", path.display()));
	let source: Box<dyn Read> = if path == Path::new("-") {
		Box::new(io::stdin().lock())
	} else {
		Box::new(File::open(path).map_err(|error| unreadable(&error))?)
	};
	let mut bytes = Vec::new();
	source
		.take(MAX_FILE_BYTES + 1)
		.read_to_end(&mut bytes)
		.map_err(|error| unreadable(&error))?;
	if bytes.len() as u64 > MAX_FILE_BYTES {
		return Err(unreadable(&format_args!("more than {MAX_FILE_BYTES} bytes")));
	}
	Ok(bytes)
}

fn trust(options: &Options) -> Result<Trust, Failure> {
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
	trust.map_err(|error| Failure::Unreadable(format!("{}: {error}", path.display())))
}

fn run(options: &Options) -> Result<Proven, Failure> {
	let trust = trust(options)?;
	let proof = read_proof(&read(&options.proof)?)
		.map_err(|error| Failure::Unreadable(format!("{}: {error}", options.proof.display())))?;
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

fn print(proven: &Proven) -> io::Result<()> {
	let mut out = io::stdout().lock();
	serde_json::to_writer_pretty(&mut out, proven)?;
	writeln!(out)
}

fn main() -> ExitCode {
	let failure = match run(&Options::parse()) {
		Ok(proven) => match print(&proven) {
			Ok(()) => return ExitCode::SUCCESS,
			Err(error) => Failure::Unreadable(format!("standard output: {error}")),
		},
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
