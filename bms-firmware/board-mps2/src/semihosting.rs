//! What the host does for the board: files, its clock, the end of the run. The calls of ARM's semihosting specification.

#![allow(unsafe_code)]

use cortex_m_semihosting::{nr, syscall, syscall1};

/// What is said of a call that failed.
const FAILED: usize = usize::MAX;

/// An open file of the host.
pub(crate) struct File(usize);

impl File {
	/// Opens a file; `name` ends with a zero byte. `None` when the host does not give it.
	pub(crate) fn open(name: &core::ffi::CStr, mode: usize) -> Option<Self> {
		let arguments = [name.as_ptr() as usize, mode, name.to_bytes().len()];
		// SAFETY: the name lives through the call and ends with a zero byte.
		let handle = unsafe { syscall(nr::OPEN, &arguments) };
		(handle != FAILED).then_some(File(handle))
	}

	/// Its length, in bytes.
	pub(crate) fn length(&self) -> Option<usize> {
		// SAFETY: one argument, the handle.
		let length = unsafe { syscall(nr::FLEN, &[self.0]) };
		(length != FAILED).then_some(length)
	}

	fn seek(&mut self, offset: u32) -> bool {
		// SAFETY: two arguments, handle and position.
		unsafe { syscall(nr::SEEK, &[self.0, offset as usize]) == 0 }
	}

	/// Fills `bytes` from `offset`. Whether all of them were there.
	pub(crate) fn read(&mut self, offset: u32, bytes: &mut [u8]) -> bool {
		let arguments = [self.0, bytes.as_mut_ptr() as usize, bytes.len()];
		// SAFETY: the host writes at most as many bytes as the slice has.
		self.seek(offset) && unsafe { syscall(nr::READ, &arguments) } == 0
	}

	/// Reads what a file that has no positions gives next. Whether it filled `bytes`.
	pub(crate) fn read_next(&mut self, bytes: &mut [u8]) -> bool {
		let arguments = [self.0, bytes.as_mut_ptr() as usize, bytes.len()];
		// SAFETY: as above.
		unsafe { syscall(nr::READ, &arguments) == 0 }
	}

	/// Writes `bytes` at `offset`. Whether all of them were written.
	pub(crate) fn write(&mut self, offset: u32, bytes: &[u8]) -> bool {
		let arguments = [self.0, bytes.as_ptr() as usize, bytes.len()];
		// SAFETY: the host reads as many bytes as the slice has.
		self.seek(offset) && unsafe { syscall(nr::WRITE, &arguments) } == 0
	}
}

/// The host's clock, in seconds since 1970.
pub(crate) fn unix_seconds() -> u32 {
	// SAFETY: no arguments.
	unsafe { syscall1(nr::TIME, 0) as u32 }
}
