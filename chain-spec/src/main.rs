//! Makes the chain specification of a network from the runtime's WASM.
//!
//! It links no runtime: it runs the WASM that it is given, so it is built once and an edit of a pallet only makes it run again.

use anyhow::{bail, ensure, Context};
use clap::{Parser, ValueEnum};
use sc_chain_spec::{ChainType, GenericChainSpec, GenesisConfigBuilderRuntimeCaller, Properties};
use std::{fs, path::PathBuf};

/// A network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Network {
	/// One validator, a sudo key, test members.
	Dev,
	/// Four validators on one machine, a council, test members.
	Local,
}

impl Network {
	/// Id and file name.
	fn id(self) -> &'static str {
		match self {
			Network::Dev => "dev",
			Network::Local => "local",
		}
	}

	/// Preset in the runtime.
	fn preset(self) -> &'static str {
		match self {
			Network::Dev => "development",
			Network::Local => "local_testnet",
		}
	}

	fn name(self) -> &'static str {
		match self {
			Network::Dev => "Battery Passport Development",
			Network::Local => "Battery Passport Local",
		}
	}

	fn chain_type(self) -> ChainType {
		match self {
			Network::Dev => ChainType::Development,
			Network::Local => ChainType::Local,
		}
	}
}

/// Makes chain specifications from the built runtime.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
	/// The runtime: compressed or plain WASM.
	#[arg(long)]
	runtime: PathBuf,
	/// The folder that `<network>.json` is written to.
	#[arg(long)]
	output: PathBuf,
	/// The networks; all of them when none is named.
	networks: Vec<Network>,
}

/// What wallets show. There is no token: no symbol, no decimals.
fn properties() -> Properties {
	let mut properties = Properties::new();
	properties.insert("ss58Format".into(), 42.into());
	properties
}

fn specification(network: Network, code: &[u8]) -> anyhow::Result<String> {
	// The builder panics on a preset that the runtime does not have or can not build: ask first, for the reason.
	let runtime = GenesisConfigBuilderRuntimeCaller::<sp_io::SubstrateHostFunctions>::new(code);
	let preset = network.preset().to_owned();
	let patch = runtime
		.get_named_preset(Some(&preset))
		.map_err(|reason| anyhow::anyhow!("the runtime has no preset {preset}: {reason}"))?;
	runtime
		.get_storage_for_patch(patch.clone())
		.map_err(|reason| anyhow::anyhow!("the runtime can not build the preset {preset}: {reason}"))?;
	let specification = GenericChainSpec::<Option<()>>::builder(code, None)
		.with_name(network.name())
		.with_id(network.id())
		.with_protocol_id(&format!("bpl-{}", network.id()))
		.with_chain_type(network.chain_type())
		.with_properties(properties())
		.with_genesis_config_patch(patch)
		.build();
	specification
		.as_json(true)
		.map_err(|reason| anyhow::anyhow!("{reason}"))
}

fn main() -> anyhow::Result<()> {
	let options = Options::parse();
	let code = fs::read(&options.runtime)
		.with_context(|| format!("can not read the runtime {}", options.runtime.display()))?;
	ensure!(
		!code.is_empty(),
		"the runtime {} is empty",
		options.runtime.display()
	);
	fs::create_dir_all(&options.output)
		.with_context(|| format!("can not make the folder {}", options.output.display()))?;
	let networks = match options.networks.as_slice() {
		[] => Network::value_variants(),
		networks => networks,
	};
	for network in networks {
		let json = specification(*network, &code)?;
		let path = options.output.join(format!("{}.json", network.id()));
		// A node that starts meanwhile must not read half a file.
		let partial = path.with_extension("json.part");
		if let Err(error) = fs::write(&partial, json).and_then(|()| fs::rename(&partial, &path)) {
			bail!("can not write {}: {error}", path.display());
		}
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn bytes_that_are_no_runtime_are_an_error_with_the_reason() {
		let error = specification(Network::Dev, b"\0asm").unwrap_err().to_string();
		assert!(error.contains("development"), "{error}");
	}
}
