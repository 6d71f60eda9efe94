//! Non-volatile memory of simulated devices: a map, or a directory of files that outlives the process.

use std::{
	collections::BTreeMap,
	fs, io,
	path::{Path, PathBuf},
};

use bms_core::{NonVolatile, Record};

/// The records of one device.
#[derive(Debug)]
pub enum Memory {
	/// Gone when the process ends.
	Volatile(BTreeMap<u16, Vec<u8>>),
	/// One file for each record. It outlives a kill of the process at any moment; files are not synced, so it does not
	/// outlive the loss of the host's power.
	Directory(PathBuf),
}

/// A file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct MemoryError {
	path: PathBuf,
	source: io::Error,
}

impl Memory {
	/// Empty, and gone when the process ends.
	pub fn volatile() -> Self {
		Memory::Volatile(BTreeMap::new())
	}

	/// In a directory, which is made where it is missing.
	pub fn directory(path: &Path) -> Result<Self, MemoryError> {
		fs::create_dir_all(path).map_err(|source| MemoryError {
			path: path.into(),
			source,
		})?;
		Ok(Memory::Directory(path.into()))
	}

	/// Where further files of the device belong; `None` when nothing is kept.
	pub fn path(&self) -> Option<&Path> {
		match self {
			Memory::Volatile(_) => None,
			Memory::Directory(path) => Some(path),
		}
	}
}

fn file_of(directory: &Path, record: Record) -> PathBuf {
	directory.join(format!("record-{:03}", record.key()))
}

/// `None` where there is no such file.
pub(crate) fn read_if_there(path: PathBuf) -> Result<Option<Vec<u8>>, MemoryError> {
	match fs::read(&path) {
		Ok(bytes) => Ok(Some(bytes)),
		Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
		Err(source) => Err(MemoryError { path, source }),
	}
}

impl NonVolatile for Memory {
	type Error = MemoryError;

	fn read(&mut self, record: Record, buffer: &mut [u8]) -> Result<Option<usize>, MemoryError> {
		let mut copy = |bytes: &[u8]| {
			let room = buffer.len().min(bytes.len());
			buffer[..room].copy_from_slice(&bytes[..room]);
			bytes.len()
		};
		Ok(match self {
			Memory::Volatile(records) => records.get(&record.key()).map(|bytes| copy(bytes)),
			Memory::Directory(path) => read_if_there(file_of(path, record))?.map(|bytes| copy(&bytes)),
		})
	}

	fn write(&mut self, record: Record, bytes: &[u8]) -> Result<(), MemoryError> {
		match self {
			Memory::Volatile(records) => {
				records.insert(record.key(), bytes.to_vec());
			}
			Memory::Directory(path) => {
				// In place: a kill between truncating and writing leaves a torn record, which bms-core survives.
				let path = file_of(path, record);
				fs::write(&path, bytes).map_err(|source| MemoryError { path, source })?;
			}
		}
		Ok(())
	}

	fn erase(&mut self, record: Record) -> Result<(), MemoryError> {
		match self {
			Memory::Volatile(records) => {
				records.remove(&record.key());
			}
			Memory::Directory(path) => {
				let path = file_of(path, record);
				match fs::remove_file(&path) {
					Err(error) if error.kind() == io::ErrorKind::NotFound => {}
					done => done.map_err(|source| MemoryError { path, source })?,
				}
			}
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use bms_core::platform::Copies;

	#[test]
	fn records_are_read_back_from_a_map_and_from_files() {
		let folder = tempfile::tempdir().unwrap();
		for mut memory in [
			Memory::volatile(),
			Memory::directory(&folder.path().join("a/b")).unwrap(),
		] {
			let (record, other) = (Record::Outbox(3), Record::Sequence(Copies::First));
			let mut buffer = [0; 4];
			assert_eq!(memory.read(record, &mut buffer).unwrap(), None);
			memory.write(record, b"longer").unwrap();
			memory.write(other, b"b").unwrap();
			assert_eq!(memory.read(record, &mut buffer).unwrap(), Some(6));
			assert_eq!(&buffer, b"long");
			memory.erase(record).unwrap();
			memory.erase(record).unwrap();
			assert_eq!(memory.read(record, &mut buffer).unwrap(), None);
			assert_eq!(memory.read(other, &mut buffer).unwrap(), Some(1));
		}
	}
}
