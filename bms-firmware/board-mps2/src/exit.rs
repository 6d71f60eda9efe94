//! How a run in the emulator ends: QEMU exits, and its exit code says how it went.

use cortex_m_semihosting::debug;

/// Ends the emulator with exit code 0.
pub fn success() -> ! {
	loop {
		debug::exit(debug::EXIT_SUCCESS);
	}
}

/// Ends the emulator with exit code 1.
pub fn failure() -> ! {
	loop {
		debug::exit(debug::EXIT_FAILURE);
	}
}
