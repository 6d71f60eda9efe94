//! Finding and reading the spec of a network.
//!
//! A spec is a file, never a part of the program: it contains the genesis runtime, and embedding that would rebuild the
//! node at each edit of a pallet.

use std::path::{Path, PathBuf};

/// The spec of a network: who validates at genesis, which runtime, which boot nodes. No extensions.
pub type ChainSpec = sc_service::GenericChainSpec;

/// The folder of named specs if nothing else was said, beside the executable.
const DEFAULT_FOLDER: &str = "chain-spec";

/// Loads the spec that `chain` names: a network (`dev`, `local`) in `folder`, or the path of a file.
///
/// Errors are one sentence that says what to do.
pub fn load(chain: &str, folder: Option<&Path>) -> Result<ChainSpec, String> {
	let path = match Named::parse(chain)? {
		Named::Path(path) => {
			if !path.is_file() {
				return Err(format!(
					"There is no chain spec at {}; check the path after --chain.",
					path.display()
				));
			}
			path
		}
		Named::Network(name) => {
			let folder = match folder {
				Some(folder) => folder.to_path_buf(),
				None => default_folder()?,
			};
			let path = folder.join(format!("{name}.json"));
			if !path.is_file() {
				return Err(format!(
					"There is no chain spec at {}; run `scripts/build-spec` to make it, or name another folder with \
					 --chain-spec-dir or PASSPORT_CHAIN_SPEC_DIR.",
					path.display()
				));
			}
			path
		}
	};
	ChainSpec::from_json_file(path)
}

/// The value of `--chain`, understood.
#[derive(Debug, PartialEq, Eq)]
enum Named {
	/// A network whose spec has that name in the folder of specs.
	Network(String),
	/// A file.
	Path(PathBuf),
}

impl Named {
	/// A bare word is a network. What has a dot or a separator in it is a path, so that `--chain my.json` and
	/// `--chain ./dev` mean files whatever the folder of specs contains.
	fn parse(chain: &str) -> Result<Self, String> {
		if chain.is_empty() {
			return Err("Say which network: --dev, --chain local, or --chain PATH of a chain spec.".into());
		}
		let is_word = chain
			.bytes()
			.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
		Ok(if is_word {
			Self::Network(chain.into())
		} else {
			Self::Path(chain.into())
		})
	}
}

fn default_folder() -> Result<PathBuf, String> {
	std::env::current_exe()
		.ok()
		.and_then(|executable| Some(executable.parent()?.join(DEFAULT_FOLDER)))
		.ok_or_else(|| {
			"The folder of the executable is unknown; name the specs' folder with --chain-spec-dir.".into()
		})
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_bare_word_is_a_network_and_anything_else_a_path() {
		for word in ["dev", "local", "staging", "local-4", "eu_west"] {
			assert_eq!(Named::parse(word), Ok(Named::Network(word.into())));
		}
		for path in [
			"dev.json",
			"./dev",
			"/etc/passport/dev",
			"../local",
			"specs/dev",
			"..",
		] {
			assert_eq!(Named::parse(path), Ok(Named::Path(path.into())));
		}
	}

	#[test]
	fn without_a_chain_the_error_says_how_to_name_one() {
		let error = load("", None).err().unwrap();
		assert!(error.contains("--dev") && error.contains("--chain"), "{error}");
	}

	#[test]
	fn a_missing_named_spec_names_the_command_that_makes_it() {
		let error = load("dev", Some(Path::new("/nowhere"))).err().unwrap();
		assert!(
			error.contains("/nowhere/dev.json") && error.contains("scripts/build-spec"),
			"{error}"
		);
	}

	#[test]
	fn a_missing_file_is_not_blamed_on_the_folder_of_specs() {
		let error = load("./missing.json", Some(Path::new("/nowhere"))).err().unwrap();
		assert!(
			error.contains("./missing.json") && !error.contains("/nowhere"),
			"{error}"
		);
	}
}
