//! The keys that sign extrinsics. A key never gets into a log, an error or the store.

use std::{fmt, path::PathBuf, str::FromStr};
use subxt_signer::{sr25519::Keypair, SecretUri};

/// Where a signing key is.
#[derive(Clone, PartialEq, Eq)]
pub enum SignerSource {
	/// A file with a secret phrase, secret URI or `0x` seed in its first line, readable by its owner alone.
	KeyFile(PathBuf),
	/// A development key such as `//Alice`, which everyone knows: loopback chains only.
	Development(String),
}

impl fmt::Debug for SignerSource {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			SignerSource::KeyFile(path) => write!(formatter, "KeyFile({})", path.display()),
			SignerSource::Development(name) => write!(formatter, "Development({name})"),
		}
	}
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
	/// The file can not be read.
	#[error("the key file {path} can not be read: {error}")]
	File {
		/// Which.
		path: PathBuf,
		/// Why not.
		error: std::io::Error,
	},
	/// Others can read the file.
	#[error("the key file {path} is readable by others (mode {mode:03o}): run `chmod 600` on it")]
	Readable {
		/// Which.
		path: PathBuf,
		/// Its mode.
		mode: u32,
	},
	/// No key in it. What is in it is not told.
	#[error("{0} holds no secret phrase, secret URI or 0x seed")]
	NoKey(String),
}

impl SignerSource {
	/// Loads the key.
	pub fn load(&self) -> Result<Keypair, SignerError> {
		match self {
			SignerSource::KeyFile(path) => {
				let file = |error| SignerError::File {
					path: path.clone(),
					error,
				};
				check_mode(path, &std::fs::metadata(path).map_err(file)?)?;
				let text = std::fs::read_to_string(path).map_err(file)?;
				keypair(
					text.lines().next().unwrap_or_default().trim(),
					&path.display().to_string(),
				)
			}
			SignerSource::Development(uri) => keypair(uri, "the development signer"),
		}
	}
}

#[cfg(unix)]
fn check_mode(path: &std::path::Path, metadata: &std::fs::Metadata) -> Result<(), SignerError> {
	use std::os::unix::fs::PermissionsExt;
	let mode = metadata.permissions().mode() & 0o777;
	match mode & 0o077 {
		0 => Ok(()),
		_ => Err(SignerError::Readable {
			path: path.to_owned(),
			mode,
		}),
	}
}

#[cfg(not(unix))]
fn check_mode(_: &std::path::Path, _: &std::fs::Metadata) -> Result<(), SignerError> {
	Ok(())
}

fn keypair(uri: &str, place: &str) -> Result<Keypair, SignerError> {
	let no_key = || SignerError::NoKey(place.to_owned());
	// An empty phrase would mean the development phrase.
	if uri.is_empty() {
		return Err(no_key());
	}
	let uri = SecretUri::from_str(uri).map_err(|_| no_key())?;
	Keypair::from_uri(&uri).map_err(|_| no_key())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
	use super::*;
	use std::{fs, os::unix::fs::PermissionsExt};

	fn file(text: &str, mode: u32) -> (tempfile::TempDir, SignerSource) {
		let directory = tempfile::tempdir().unwrap();
		let path = directory.path().join("key");
		fs::write(&path, text).unwrap();
		fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
		(directory, SignerSource::KeyFile(path))
	}

	#[test]
	fn a_key_file_that_others_can_read_is_refused() {
		for mode in [0o644, 0o640, 0o604, 0o620] {
			let (_directory, source) = file("//Alice\n", mode);
			assert!(
				matches!(source.load(), Err(SignerError::Readable { .. })),
				"{mode:o}"
			);
		}
		let (_directory, source) = file("//Alice\n", 0o600);
		let alice = SignerSource::Development("//Alice".into()).load().unwrap();
		assert_eq!(source.load().unwrap().public_key().0, alice.public_key().0);
	}

	#[test]
	fn what_is_no_key_is_not_told() {
		for text in ["", "\n", "correct horse battery staple", "0x12"] {
			let (_directory, source) = file(text, 0o600);
			let error = source.load().err().unwrap().to_string();
			assert!(text.trim().is_empty() || !error.contains(text), "{error}");
		}
	}
}
