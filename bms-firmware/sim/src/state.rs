//! The state directory of a fleet: what a restarted fleet goes on from.
//!
//! ```text
//! DIR/fleet.json          which seed and network the state belongs to
//! DIR/lock                held while a process uses the directory
//! DIR/000042/record-NNN   the non-volatile memory of device 42: counter, estimator, outbox
//! DIR/000042/model        the simulated pack, so that it goes on where it was
//! ```

use std::{
	fs::{self, File, TryLockError},
	io,
	path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::memory::{Memory, MemoryError};

const FORMAT: u32 = 1;

/// A directory that this process holds.
#[derive(Debug)]
pub struct StateDirectory {
	path: PathBuf,
	/// Unlocked when dropped.
	_lock: File,
}

/// Why a state directory can not be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
	/// A file could not be read or written.
	#[error("state directory {}: {error}", path.display())]
	File {
		/// The directory.
		path: PathBuf,
		/// What the system says.
		error: io::Error,
	},
	/// Another process holds the lock.
	#[error("state directory {} is in use by another process", .0.display())]
	InUse(PathBuf),
	/// Sequences and frames in it are of other keys or another network.
	#[error("state directory {} belongs to another seed or network: give another --state", .0.display())]
	OfAnotherFleet(PathBuf),
	/// A device's directory could not be made.
	#[error(transparent)]
	Memory(#[from] MemoryError),
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Owner {
	format: u32,
	/// SHA-256, so that a state directory does not give the seed away.
	seed_hash: String,
	genesis_hash: String,
}

impl StateDirectory {
	/// Takes the directory, or makes it.
	pub fn open(path: &Path, seed: &str, genesis_hash: &[u8; 32]) -> Result<Self, StateError> {
		let file_error = |error: io::Error| StateError::File {
			path: path.into(),
			error,
		};
		fs::create_dir_all(path).map_err(file_error)?;
		let lock = File::create(path.join("lock")).map_err(file_error)?;
		lock.try_lock().map_err(|error| match error {
			TryLockError::WouldBlock => StateError::InUse(path.into()),
			TryLockError::Error(error) => file_error(error),
		})?;
		let owner = Owner {
			format: FORMAT,
			seed_hash: hex::encode(Sha256::digest(seed)),
			genesis_hash: format!("0x{}", hex::encode(genesis_hash)),
		};
		let file = path.join("fleet.json");
		match fs::read(&file) {
			Ok(bytes) => {
				if serde_json::from_slice::<Owner>(&bytes).ok().as_ref() != Some(&owner) {
					return Err(StateError::OfAnotherFleet(path.into()));
				}
			}
			Err(error) if error.kind() == io::ErrorKind::NotFound => {
				let text = serde_json::to_string(&owner).map_err(|error| file_error(error.into()))?;
				replace(&file, text.as_bytes()).map_err(file_error)?;
			}
			Err(error) => return Err(file_error(error)),
		}
		Ok(StateDirectory {
			path: path.into(),
			_lock: lock,
		})
	}

	/// The memory of a device.
	pub fn memory(&self, index: u32) -> Result<Memory, StateError> {
		Ok(Memory::directory(&self.path.join(format!("{index:06}")))?)
	}
}

/// Replaces a file as a whole: a kill leaves the old or the new one.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
	let new = path.with_extension("new");
	fs::write(&new, bytes)?;
	fs::rename(&new, path)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_state_directory_is_of_one_fleet_and_one_process() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("state");
		let held = StateDirectory::open(&path, "seed", &[1; 32]).unwrap();
		assert!(matches!(
			StateDirectory::open(&path, "seed", &[1; 32]),
			Err(StateError::InUse(_))
		));
		drop(held);
		assert!(StateDirectory::open(&path, "seed", &[1; 32]).is_ok());
		for (seed, genesis) in [("other", 1), ("seed", 2)] {
			let refused = StateDirectory::open(&path, seed, &[genesis; 32]);
			assert!(matches!(refused, Err(StateError::OfAnotherFleet(_))));
		}
	}
}
