//! A disk of its own that a test can fill.

use crate::network_undo::Undo;
use anyhow::{ensure, Context, Result};
use std::{
	fs::{self, OpenOptions},
	io::{ErrorKind, Write},
	path::{Path, PathBuf},
	process::Command,
};

/// Unmounts, also while something still has a file open, and removes the folder.
const UNMOUNT: &str = r#"umount -l "$1"; rmdir "$1""#;

/// The file that takes up the room.
const FILLING: &str = "fills-the-disk";

/// Bytes that are written at once while it is filled.
static BLOCK: [u8; 64 * 1024] = [0; 64 * 1024];

/// A file system in memory (tmpfs) of a fixed size.
pub struct Disk {
	path: PathBuf,
	_unmount: Undo,
}

impl Disk {
	/// An empty one. Mounting needs root.
	pub fn new(megabytes: u32) -> Result<Self> {
		// Not in the folder of the tests: that is removed by someone else, perhaps before this is unmounted.
		let path = tempfile::Builder::new()
			.prefix("passport-tests-disk-")
			.tempdir()?
			.keep();
		let name = path.to_str().context("a folder whose name is no text")?;
		let unmount = Undo::by(UNMOUNT, &[name])?;
		let mounted = Command::new("mount")
			.args([
				"-t",
				"tmpfs",
				"-o",
				&format!("size={megabytes}m"),
				"passport-tests",
				name,
			])
			.output()
			.context("`mount` does not start")?;
		ensure!(
			mounted.status.success(),
			"the test of a full disk mounts one in memory, for which it needs root and CAP_SYS_ADMIN: {}",
			String::from_utf8_lossy(&mounted.stderr).trim()
		);
		Ok(Disk {
			path,
			_unmount: unmount,
		})
	}

	/// Where it is mounted.
	pub fn path(&self) -> &Path {
		&self.path
	}

	/// Writes a file until there is no room left, and gives the bytes that it took. Again, when something else has given room
	/// back.
	pub fn fill(&self) -> Result<usize> {
		let mut file = OpenOptions::new()
			.create(true)
			.append(true)
			.open(self.path.join(FILLING))?;
		let mut bytes = 0;
		loop {
			match file.write(&BLOCK) {
				Ok(written) => bytes += written,
				Err(error) if error.kind() == ErrorKind::StorageFull => return Ok(bytes),
				Err(error) => return Err(error).context("the disk can not be filled"),
			}
		}
	}

	/// Takes away all that [`Disk::fill`] wrote.
	pub fn make_room(&self) -> Result<()> {
		fs::remove_file(self.path.join(FILLING)).context("no room can be made on the disk")
	}
}
