//! Memory-mapped registers: the one place that reads and writes them.

#![allow(unsafe_code)]

/// A block of 32-bit registers.
#[derive(Clone, Copy)]
pub(crate) struct Registers(usize);

impl Registers {
	/// The block at this address.
	///
	/// # Safety
	///
	/// There must be registers at `base`, and no memory that Rust knows of.
	pub(crate) const unsafe fn at(base: usize) -> Self {
		Registers(base)
	}

	/// Reads the register at this offset, in bytes.
	pub(crate) fn read(self, offset: usize) -> u32 {
		// SAFETY: the maker of this block promised registers here, and all offsets are multiples of four within it.
		unsafe { core::ptr::read_volatile((self.0 + offset) as *const u32) }
	}

	/// Writes the register at this offset, in bytes.
	pub(crate) fn write(self, offset: usize, value: u32) {
		// SAFETY: as above.
		unsafe { core::ptr::write_volatile((self.0 + offset) as *mut u32, value) }
	}
}
