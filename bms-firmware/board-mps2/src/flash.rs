//! Flash for configuration and records: a file of the host that behaves as NOR flash.
//!
//! Bits go from 1 to 0 by writing and back by erasing a whole unit, in words of four bytes. A write that would set a bit is an
//! error here, so that code which would fail on a chip fails in the emulator. What was written is in the file when the
//! call returns: a kill of the emulator is a loss of power, between any two writes.

use cortex_m_semihosting::nr;
use embedded_storage_async::nor_flash::{
	ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};

use crate::semihosting::File;

/// Erase units for records.
pub const RECORD_PAGES: usize = 32;
/// An erase unit, in bytes: the longest record must fit (STM32F4's first sectors, four sectors of a SPI NOR).
pub const PAGE_BYTES: usize = 16 * 1_024;
/// One unit of configuration, and the records.
pub const CAPACITY_BYTES: usize = (1 + RECORD_PAGES) * PAGE_BYTES;

/// Bytes that are read, compared and written at a time.
const CHUNK_BYTES: usize = 64;

/// Why the flash did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlashError {
	/// An address or a length that the flash does not have.
	#[error("{0:?}")]
	Address(NorFlashErrorKind),
	/// A bit would go from 0 to 1 without being erased.
	#[error("a bit can not be set without erasing")]
	NotErased,
	/// The host's file.
	#[error("the host's file failed")]
	Host,
}

impl NorFlashError for FlashError {
	fn kind(&self) -> NorFlashErrorKind {
		match self {
			FlashError::Address(kind) => *kind,
			FlashError::NotErased | FlashError::Host => NorFlashErrorKind::Other,
		}
	}
}

/// `flash.bin` in the emulator's working directory, of exactly [`CAPACITY_BYTES`].
pub struct HostFileFlash(File);

impl HostFileFlash {
	pub(crate) fn open() -> Option<Self> {
		let file = File::open(c"flash.bin", nr::open::RW_BINARY)?;
		(file.length() == Some(CAPACITY_BYTES)).then_some(HostFileFlash(file))
	}
}

/// Whether there is such a place, in whole units.
fn check(offset: u32, length: usize, unit: usize) -> Result<(), FlashError> {
	let offset = offset as usize;
	if offset > CAPACITY_BYTES || length > CAPACITY_BYTES - offset {
		Err(FlashError::Address(NorFlashErrorKind::OutOfBounds))
	} else if !offset.is_multiple_of(unit) || !length.is_multiple_of(unit) {
		Err(FlashError::Address(NorFlashErrorKind::NotAligned))
	} else {
		Ok(())
	}
}

impl ErrorType for HostFileFlash {
	type Error = FlashError;
}

impl ReadNorFlash for HostFileFlash {
	const READ_SIZE: usize = 1;

	async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
		check(offset, bytes.len(), 1)?;
		if bytes.is_empty() {
			return Ok(());
		}
		self.0.read(offset, bytes).then_some(()).ok_or(FlashError::Host)
	}

	fn capacity(&self) -> usize {
		CAPACITY_BYTES
	}
}

impl NorFlash for HostFileFlash {
	const WRITE_SIZE: usize = 4;
	const ERASE_SIZE: usize = PAGE_BYTES;

	async fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
		check(from, to.saturating_sub(from) as usize, PAGE_BYTES)?;
		for offset in (from..to).step_by(CHUNK_BYTES) {
			if !self.0.write(offset, &[0xff; CHUNK_BYTES]) {
				return Err(FlashError::Host);
			}
		}
		Ok(())
	}

	async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
		check(offset, bytes.len(), Self::WRITE_SIZE)?;
		let mut there = [0; CHUNK_BYTES];
		for (index, chunk) in bytes.chunks(CHUNK_BYTES).enumerate() {
			let offset = offset + (index * CHUNK_BYTES) as u32;
			let there = &mut there[..chunk.len()];
			if !self.0.read(offset, there) {
				return Err(FlashError::Host);
			}
			if there.iter().zip(chunk).any(|(there, new)| there & new != *new) {
				return Err(FlashError::NotErased);
			}
			if !self.0.write(offset, chunk) {
				return Err(FlashError::Host);
			}
		}
		Ok(())
	}
}
