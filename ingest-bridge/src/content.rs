//! The content store: batch files of anchors, each named by its content address.
//!
//! Files, not the database: a batch has up to 256 MiB and is written once, read as a whole and never changed. A file is there as a
//! whole or not at all, and is on disk when [`ContentStore::write`] returns.

use crate::store::private_directory;
use passport_primitives::content_address;
use sha2::{Digest, Sha256};
use std::{
	fmt, fs,
	io::{self, Write},
	path::{Path, PathBuf},
};

/// The folder in the data directory.
const FOLDER: &str = "content";

/// A file that is being written. One at a time: anchors come one after the other.
const PART: &str = "part";

/// Bytes that there must be room for at the start.
const ROOM_BYTES: usize = 1024 * 1024;

/// Longest text of an address: one character for the base, and one for each bit of the CID's 36 bytes in the longest of bases.
/// Others are not decoded: base 58 takes time by the square of the length.
const MAX_TEXT_BYTES: usize = 1 + 8 * 36;

/// Content address of a batch file: CIDv1, codec `raw`, SHA-256. Its `Display` is the usual text, base32 with the prefix `b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchAddress([u8; 32]);

impl BatchAddress {
	/// The address of these bytes.
	pub fn of(bytes: &[u8]) -> Self {
		BatchAddress(Sha256::digest(bytes).into())
	}

	/// From the bytes of a CID; `None` when it is not one of a batch file.
	pub fn from_cid(bytes: &[u8]) -> Option<Self> {
		let digest = *bytes.last_chunk::<32>()?;
		let address = BatchAddress(digest);
		(address.cid() == bytes).then_some(address)
	}

	/// From the text of a CID, in any base that multibase knows.
	pub fn parse(text: &str) -> Option<Self> {
		if text.len() > MAX_TEXT_BYTES {
			return None;
		}
		Self::from_cid(&cid::Cid::try_from(text).ok()?.to_bytes())
	}

	/// The CID's bytes.
	pub fn cid(&self) -> Vec<u8> {
		content_address::of_sha256(&self.0)
	}
}

impl fmt::Display for BatchAddress {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		let cid = cid::Cid::try_from(self.cid().as_slice()).map_err(|_| fmt::Error)?;
		write!(formatter, "{cid}")
	}
}

/// The store. Its calls block.
#[derive(Clone, Debug)]
pub struct ContentStore {
	folder: PathBuf,
}

impl ContentStore {
	/// The content store of a data directory. Nothing is made or read yet.
	pub fn of(data: &Path) -> Self {
		ContentStore {
			folder: data.join(FOLDER),
		}
	}

	/// Makes the folder, removes what an earlier run did not write to its end, and looks whether there is room.
	pub fn prepare(&self) -> io::Result<()> {
		private_directory().recursive(true).create(&self.folder)?;
		// Its name is on disk before that of any file in it.
		sync_folder(self.folder.parent().unwrap_or(&self.folder))?;
		let part = self.folder.join(PART);
		let written = write_synced(&part, &vec![0; ROOM_BYTES]);
		fs::remove_file(&part)?;
		written
	}

	/// Where a batch file is. Folders by the last two characters: some hundred thousand files in one are slow to list.
	pub fn path(&self, address: &BatchAddress) -> PathBuf {
		let name = address.to_string();
		let shelf = name.get(name.len().saturating_sub(2)..).unwrap_or_default();
		self.folder.join(shelf).join(&name)
	}

	/// Writes a batch file. After an error it is not there.
	pub fn write(&self, address: &BatchAddress, bytes: &[u8]) -> io::Result<()> {
		let path = self.path(address);
		let written = self.write_as(&path, bytes);
		if written.is_err() {
			let _not_there = fs::remove_file(&path);
		}
		written
	}

	fn write_as(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
		let part = self.folder.join(PART);
		write_synced(&part, bytes)?;
		let shelf = path.parent().unwrap_or(&self.folder);
		private_directory().recursive(true).create(shelf)?;
		fs::rename(&part, path)?;
		// The names are on disk too, the shelf's and the file's.
		sync_folder(shelf)?;
		sync_folder(&self.folder)
	}

	/// Reads a batch file; `None` when there is none.
	pub fn read(&self, address: &BatchAddress) -> io::Result<Option<Vec<u8>>> {
		match fs::read(self.path(address)) {
			Ok(bytes) => Ok(Some(bytes)),
			Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
			Err(error) => Err(error),
		}
	}

	/// Removes a batch file, if it is there.
	pub fn remove(&self, address: &BatchAddress) -> io::Result<()> {
		match fs::remove_file(self.path(address)) {
			Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
			_ => Ok(()),
		}
	}
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
	let mut file = fs::File::create(path)?;
	file.write_all(bytes)?;
	file.sync_all()
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
	fs::File::open(folder)?.sync_all()
}

/// Other systems do not open folders.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	/// CID of "hello world" as a raw block, as every IPFS tool gives it.
	const HELLO: &str = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";

	#[test]
	fn an_address_is_the_cid_that_others_compute() {
		let address = BatchAddress::of(b"hello world");
		assert_eq!(address.to_string(), HELLO);
		assert_eq!(BatchAddress::parse(HELLO), Some(address));
		assert_eq!(BatchAddress::from_cid(&address.cid()), Some(address));
	}

	#[test]
	fn what_is_no_address_of_a_batch_leads_to_no_file() {
		for text in [
			"",
			"../../etc/passwd",
			// CIDv0, and a CIDv1 of another codec.
			"QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR",
			"bafyreibjo4xmgaevkgud7mbifn3dzp4v4lyaui4yvqp3f2bqwtxcjrdqg4",
			&HELLO[..HELLO.len() - 1],
		] {
			assert_eq!(BatchAddress::parse(text), None, "{text}");
		}
		assert_eq!(BatchAddress::from_cid(&[0; 36]), None);
		// The library would look behind its delimiter, however far that is.
		let long = format!("{}/ipfs/{HELLO}", "z".repeat(MAX_TEXT_BYTES));
		assert_eq!(BatchAddress::parse(&long), None);
	}

	#[test]
	fn a_file_is_there_as_a_whole_or_not_at_all() {
		let directory = tempfile::tempdir().unwrap();
		let content = ContentStore::of(directory.path());
		let address = BatchAddress::of(b"hello world");
		// The folder is not there yet.
		assert!(content.write(&address, b"hello world").is_err());
		content.prepare().unwrap();
		assert_eq!(content.read(&address).unwrap(), None);
		fs::write(directory.path().join("content/part"), b"hello").unwrap();
		content.prepare().unwrap();
		assert!(!directory.path().join("content/part").exists());
		content.write(&address, b"hello world").unwrap();
		assert_eq!(
			content.read(&address).unwrap().as_deref(),
			Some(b"hello world".as_slice())
		);
		assert!(content.path(&address).ends_with(Path::new("5e").join(HELLO)));
		content.remove(&address).unwrap();
		content.remove(&address).unwrap();
		assert_eq!(content.read(&address).unwrap(), None);
	}

	#[test]
	fn without_room_or_permission_it_does_not_start() {
		let directory = tempfile::tempdir().unwrap();
		// A file where the folder would be: the error that a test can make on every system.
		fs::write(directory.path().join(FOLDER), b"").unwrap();
		assert!(ContentStore::of(directory.path()).prepare().is_err());
	}
}
