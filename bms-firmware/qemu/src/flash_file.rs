//! The file that is the board's flash.
//!
//! Its size is the board's (`board-mps2/src/flash.rs`); an image refuses a file of another one. The first erase unit holds the
//! configuration, the rest is the device's own and is never written here.

use std::{
	fs::{self, OpenOptions},
	io::{self, Seek, SeekFrom, Write},
	net::Ipv4Addr,
	path::Path,
};

use bms_flash::{
	configuration::{Network, Rates, MAX_PAGE_BYTES},
	Configuration, ConfigurationError,
};
use bms_sim::pack::{Design, Pack};
use passport_primitives::battery::PassportId;

/// An erase unit, in bytes.
pub const PAGE_BYTES: usize = 16 * 1_024;
/// Erase units for records.
pub const RECORD_PAGES: usize = 32;
/// The whole flash, in bytes.
pub const CAPACITY_BYTES: usize = (1 + RECORD_PAGES) * PAGE_BYTES;
/// Name of the file in the emulator's working directory.
pub const FILE_NAME: &str = "flash.bin";

/// Addresses in QEMU's user network: the guest's, and the one that leads to the broker and to nothing else.
pub const NETWORK: Network = Network {
	address: Ipv4Addr::new(10, 0, 2, 15),
	prefix_bits: 24,
	gateway: None,
	broker: Ipv4Addr::new(10, 0, 2, 100),
	broker_port: 1883,
};

/// Why the file could not be made.
#[derive(Debug, thiserror::Error)]
pub enum FlashFileError {
	/// The file.
	#[error("{path}: {source}")]
	File {
		/// Which.
		path: String,
		/// What the system says.
		source: io::Error,
	},
	/// There is a file of another size: it is not the flash of this board.
	#[error("{path} has {found} bytes and the board's flash {CAPACITY_BYTES}")]
	Size {
		/// Which.
		path: String,
		/// How many it has.
		found: u64,
	},
	/// A value.
	#[error(transparent)]
	Configuration(#[from] ConfigurationError),
	/// The battery's name.
	#[error("a battery's name has at most 66 bytes")]
	Name,
}

/// The configuration of a simulated pack's device: what `bms-sim --jbd-socket` answers for with the same seed and index.
pub fn configuration(
	battery: &str,
	genesis_hash: [u8; 32],
	passport: PassportId,
	rates: Rates,
	design: Design,
	seed: &str,
	index: u32,
) -> Result<Configuration, FlashFileError> {
	let birth = Pack::new(design, seed, index).birth();
	Ok(Configuration {
		battery: heapless::String::try_from(battery).map_err(|_| FlashFileError::Name)?,
		genesis_hash,
		passport,
		key_epoch: 0,
		network: NETWORK,
		rates,
		ratings: design.ratings(),
		limits: design.limits(),
		birth_capacity_mah: birth.capacity_mah,
		birth_resistance_uohm: birth.resistance_uohm,
		birth_state_of_charge_bp: birth.state_of_charge_bp(),
		stop_after_frames: 0,
	})
}

/// Writes the page of configuration into the file, which is made, erased, where it is missing. The records stay.
pub fn write(path: &Path, configuration: &Configuration) -> Result<(), FlashFileError> {
	let failed = |source| FlashFileError::File {
		path: path.display().to_string(),
		source,
	};
	let mut page = [0xff; MAX_PAGE_BYTES];
	configuration.to_page(&mut page)?;
	let found = match fs::metadata(path) {
		Ok(found) => found.len(),
		Err(error) if error.kind() == io::ErrorKind::NotFound => {
			fs::write(path, vec![0xff; CAPACITY_BYTES]).map_err(failed)?;
			CAPACITY_BYTES as u64
		}
		Err(error) => return Err(failed(error)),
	};
	if found != CAPACITY_BYTES as u64 {
		return Err(FlashFileError::Size {
			path: path.display().to_string(),
			found,
		});
	}
	let mut unit = vec![0xff; PAGE_BYTES];
	unit[..MAX_PAGE_BYTES].copy_from_slice(&page);
	let mut file = OpenOptions::new().write(true).open(path).map_err(failed)?;
	file.seek(SeekFrom::Start(0)).map_err(failed)?;
	file.write_all(&unit).map_err(failed)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn some(stop_after_frames: u32) -> Configuration {
		Configuration {
			stop_after_frames,
			..configuration(
				"BAT-2026-LI-000000",
				[7; 32],
				PassportId([0xba; 32]),
				Rates::SERVICE,
				Design::default(),
				"a",
				0,
			)
			.unwrap()
		}
	}

	#[test]
	fn a_new_file_is_erased_and_an_old_one_keeps_its_records() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join(FILE_NAME);
		write(&path, &some(1)).unwrap();
		let mut bytes = fs::read(&path).unwrap();
		assert_eq!(bytes.len(), CAPACITY_BYTES);
		assert!(bytes[PAGE_BYTES..].iter().all(|byte| *byte == 0xff));
		bytes[PAGE_BYTES] = 0x12;
		fs::write(&path, &bytes).unwrap();
		write(&path, &some(2)).unwrap();
		let bytes = fs::read(&path).unwrap();
		assert_eq!(bytes[PAGE_BYTES], 0x12);
		assert_eq!(Configuration::from_page(&bytes[..MAX_PAGE_BYTES]), Ok(some(2)));
	}

	#[test]
	fn a_file_of_another_size_is_left_alone() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("notes.txt");
		fs::write(&path, "keep").unwrap();
		assert!(matches!(
			write(&path, &some(1)),
			Err(FlashFileError::Size { found: 4, .. })
		));
		assert_eq!(fs::read_to_string(&path).unwrap(), "keep");
	}
}
