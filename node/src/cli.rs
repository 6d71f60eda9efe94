//! What a person can type after `passport-node`.

use std::path::PathBuf;

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
