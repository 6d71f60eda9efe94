//! From arguments to action.

use crate::{
	block::Block,
	chain_spec,
	cli::{Cli, Subcommand},
	service::{self, FullBackend, FullClient},
};
use clap::{ArgMatches, FromArgMatches};
use sc_cli::{KeySubcommand, SubstrateCli};
use sc_network::{config::NetworkBackendType, Litep2pNetworkBackend};
use sc_service::{Configuration, PartialComponents};
use std::sync::Arc;

impl SubstrateCli for Cli {
	fn impl_name() -> String {
		"Battery passport node".into()
	}

	fn impl_version() -> String {
		env!("SUBSTRATE_CLI_IMPL_VERSION").into()
	}

	fn description() -> String {
		env!("CARGO_PKG_DESCRIPTION").into()
	}

	fn author() -> String {
		"the battery passport consortium".into()
	}

	fn support_url() -> String {
		concat!(env!("CARGO_PKG_REPOSITORY"), "/issues").into()
	}

	fn copyright_start_year() -> i32 {
		2026
	}

	fn load_spec(&self, chain: &str) -> Result<Box<dyn sc_cli::ChainSpec>, String> {
		Ok(Box::new(chain_spec::load(chain, self.chain_spec_dir.as_deref())?))
	}
}

/// Reads the arguments and does what they say; returns when that is done or the node has stopped.
pub fn run() -> sc_cli::Result<()> {
	// Not `Cli::from_args()`: the matches are needed once more, see `needs_no_network`.
	let matches = Cli::arguments().get_matches();
	let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());

	let Some(subcommand) = &cli.subcommand else {
		return run_node(&cli);
	};
	match subcommand {
		Subcommand::Key(KeySubcommand::GenerateNodeKey(command)) if needs_no_network(&matches) => {
			command.run("", &Cli::executable_name())
		}
		Subcommand::Key(command) => command.run(&cli),
		Subcommand::BuildSpec(command) => cli
			.create_runner(command)?
			.sync_run(|config| command.run(config.chain_spec, config.network)),
		Subcommand::ExportChainSpec(command) => command.run(cli.load_spec(&command.chain)?),
		Subcommand::CheckBlock(command) => cli.create_runner(command)?.async_run(|config| {
			let PartialComponents {
				client,
				task_manager,
				import_queue,
				..
			} = service::new_partial(&config)?;
			Ok((command.run(client, import_queue), task_manager))
		}),
		Subcommand::ExportBlocks(command) => cli.create_runner(command)?.async_run(|config| {
			let PartialComponents {
				client, task_manager, ..
			} = service::new_partial(&config)?;
			Ok((command.run(client, config.database), task_manager))
		}),
		Subcommand::ImportBlocks(command) => cli.create_runner(command)?.async_run(|config| {
			let PartialComponents {
				client,
				task_manager,
				import_queue,
				..
			} = service::new_partial(&config)?;
			Ok((command.run(client, import_queue), task_manager))
		}),
		Subcommand::ExportState(command) => cli.create_runner(command)?.async_run(|config| {
			let PartialComponents {
				client, task_manager, ..
			} = service::new_partial(&config)?;
			Ok((command.run(client, config.chain_spec), task_manager))
		}),
		Subcommand::PurgeChain(command) => cli
			.create_runner(command)?
			.sync_run(|config| command.run(config.database)),
		Subcommand::Revert(command) => cli.create_runner(command)?.async_run(|config| {
			let PartialComponents {
				client,
				backend,
				task_manager,
				..
			} = service::new_partial(&config)?;
			// GRANDPA keeps pending changes of the validator set beside the blocks: those of dropped blocks go with them.
			let drop_pending_changes = Box::new(|client: Arc<FullClient>, _: Arc<FullBackend>, blocks| {
				sc_consensus_grandpa::revert(client, blocks)?;
				Ok(())
			});
			Ok((
				command.run(client, backend, Some(drop_pending_changes)),
				task_manager,
			))
		}),
		Subcommand::ChainInfo(command) => cli
			.create_runner(command)?
			.sync_run(|config| command.run::<Block>(&config)),
	}
}

fn run_node(cli: &Cli) -> sc_cli::Result<()> {
	cli.create_runner(&cli.run)?
		.run_node_until_exit(|config| async move {
			refuse_libp2p(&config)?;
			service::new_full::<Litep2pNetworkBackend>(config).map_err(sc_cli::Error::Service)
		})
}

/// The node is built for one network backend: the second would be compiled, and attacked, for nothing. Litep2p is
/// Substrate's default and the only one of the two that serves documents by Bitswap.
fn refuse_libp2p(config: &Configuration) -> sc_cli::Result<()> {
	match config.network.network_backend {
		NetworkBackendType::Litep2p => Ok(()),
		NetworkBackendType::Libp2p => Err("This node has no libp2p backend; leave --network-backend out."
			.to_string()
			.into()),
	}
}

/// Whether `key generate-node-key` was asked for a key in a file or on the terminal, and not in a network's folder.
///
/// Such a key belongs to no network yet, and a machine on which keys are made need not hold a chain spec. Substrate's
/// command would load one in any case.
fn needs_no_network(matches: &ArgMatches) -> bool {
	let names_a_folder = |matches: &ArgMatches| {
		["chain", "base_path", "default_base_path"]
			.iter()
			.any(|id| matches.value_source(id) == Some(clap::parser::ValueSource::CommandLine))
	};
	matches
		.subcommand_matches("key")
		.and_then(|key| key.subcommand_matches("generate-node-key"))
		.is_some_and(|command| !names_a_folder(command))
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::path::Path;

	fn parse(arguments: &[&str]) -> (Cli, ArgMatches) {
		let matches = Cli::arguments()
			.try_get_matches_from([&["passport-node"], arguments].concat())
			.unwrap();
		(Cli::from_arg_matches(&matches).unwrap(), matches)
	}

	#[test]
	fn the_arguments_are_consistent() {
		Cli::arguments().debug_assert();
	}

	#[test]
	fn the_pool_holds_more_than_substrates_unless_the_operator_says_otherwise() {
		for (arguments, transactions, kib) in [
			(&["--dev"][..], 32_768, 131_072),
			(&["--dev", "--pool-limit", "10"], 10, 131_072),
			(&["--dev", "--pool-kbytes", "20"], 32_768, 20),
		] {
			let pool = parse(arguments).0.run.pool_config;
			assert_eq!(
				(pool.pool_limit, pool.pool_kbytes),
				(transactions, kib),
				"{arguments:?}"
			);
		}
	}

	#[test]
	fn the_folder_of_specs_can_be_named_before_and_after_a_subcommand() {
		for arguments in [
			&["--dev", "--chain-spec-dir", "/specs"][..],
			&["build-spec", "--chain-spec-dir", "/specs", "--chain", "dev"],
			&[
				"key",
				"insert",
				"--key-type",
				"aura",
				"--scheme",
				"sr25519",
				"--chain-spec-dir",
				"/specs",
			],
		] {
			assert_eq!(
				parse(arguments).0.chain_spec_dir.as_deref(),
				Some(Path::new("/specs")),
				"{arguments:?}"
			);
		}
	}

	#[test]
	fn a_node_key_in_a_file_needs_no_network() {
		for (arguments, expected) in [
			(&["key", "generate-node-key"][..], true),
			(&["key", "generate-node-key", "--file", "node.key"], true),
			(&["key", "generate-node-key", "--base-path", "/data"], false),
			(&["key", "generate-node-key", "--default-base-path"], false),
			(
				&["key", "generate-node-key", "--file", "node.key", "--chain", "dev"],
				false,
			),
			(&["key", "generate"], false),
			(&["--dev"], false),
		] {
			assert_eq!(needs_no_network(&parse(arguments).1), expected, "{arguments:?}");
		}
	}
}
