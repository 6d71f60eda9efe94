//! What a person can type after `passport-node`.

use clap::{Command, CommandFactory};
use sc_cli::SubstrateCli;
use std::path::PathBuf;

/// Most transactions that the pool holds as ready, where `--pool-limit` names no other number.
///
/// A member is not held to its quota before a block has charged it, so in a second it can hand in as much as a node can check: some
/// thousands of transactions. With Substrate's 8,192 one member could fill the pool in a moment in which nothing is lower than what
/// it sends, if that is short, and all that is longer was refused.
pub const POOL_TRANSACTIONS: &str = "32768";

/// Most KiB of them, where `--pool-kbytes` names no other number: 128 MiB, 26 blocks full of members' calls. Substrate's 20 MiB are
/// four. What waits for an earlier nonce gets a tenth more of both.
pub const POOL_KIB: &str = "131072";

/// Arguments of the program. Without a subcommand it runs a node.
#[derive(Debug, clap::Parser)]
pub struct Cli {
	/// What to do instead of running a node.
	#[command(subcommand)]
	pub subcommand: Option<Subcommand>,

	/// Folder of the chain specs that `--chain NAME` and `--dev` load.
	///
	/// By default the folder `chain-spec` beside the executable. `scripts/build-spec` fills it.
	#[arg(long, global = true, value_name = "FOLDER", env = "PASSPORT_CHAIN_SPEC_DIR")]
	pub chain_spec_dir: Option<PathBuf>,

	/// Arguments of a running node.
	#[command(flatten)]
	pub run: sc_cli::RunCmd,
}

impl Cli {
	/// The arguments with their defaults: where ours differ from Substrate's, `--help` shows ours.
	pub fn arguments() -> Command {
		Self::setup_command(Self::command())
			.mut_arg("pool_limit", |argument| argument.default_value(POOL_TRANSACTIONS))
			.mut_arg("pool_kbytes", |argument| argument.default_value(POOL_KIB))
	}
}

/// Everything that the program does besides running a node.
// One value per process: boxing the large variants would save nothing.
#[allow(clippy::large_enum_variant)]
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
	/// Make, show and store keys: of accounts, of sessions, of the network.
	#[command(subcommand)]
	Key(sc_cli::KeySubcommand),

	/// Print a chain spec, with a boot node or as raw storage.
	BuildSpec(sc_cli::BuildSpecCmd),

	/// Write a chain spec to a file, as it is or as raw storage.
	ExportChainSpec(sc_cli::ExportChainSpecCmd),

	/// Execute a block again and check that the result is the same.
	CheckBlock(sc_cli::CheckBlockCmd),

	/// Write blocks to a file.
	ExportBlocks(sc_cli::ExportBlocksCmd),

	/// Read blocks from a file and execute them.
	ImportBlocks(sc_cli::ImportBlocksCmd),

	/// Print a chain spec whose genesis is the state of a block.
	ExportState(sc_cli::ExportStateCmd),

	/// Delete the database of a chain; keys stay.
	PurgeChain(sc_cli::PurgeChainCmd),

	/// Drop the newest blocks. What is finalised is never dropped.
	Revert(sc_cli::RevertCmd),

	/// Print the best, the finalised and the genesis block of the database.
	ChainInfo(sc_cli::ChainInfoCmd),
}
