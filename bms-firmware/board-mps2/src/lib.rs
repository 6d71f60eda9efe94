//! ARM's MPS2 board with a Cortex-M4F, as QEMU's `mps2-an386` has it, or with a Cortex-M7 (`mps2-an500`): what an image
//! needs of it, and nothing else. One image runs on both.
//!
//! | part | here | on a real board |
//! |---|---|---|
//! | time | CMSDK timer 0 and SysTick ([`time`]) | a low-power timer |
//! | BMS chip's line | CMSDK UART 1 ([`uart`]) | any UART |
//! | console | CMSDK UART 0 ([`console`]) | a UART or RTT |
//! | network | LAN9118 ([`ethernet`]) | the part's MAC, or a modem |
//! | flash for records | a file of the host, by semihosting ([`flash`]) | SPI NOR, or the part's own flash |
//! | calendar | the host's clock, by semihosting ([`calendar`]) | an RTC, or SNTP |
//! | randomness | the host's, by semihosting ([`entropy`]) | a TRNG |
//!
//! The last three come from the host because QEMU's board has no such parts. **An image that trusts its host for keys is for
//! emulators alone**; that is why it can not be linked without this crate.
//!
//! # Safety
//!
//! Registers are read and written at the addresses of ARM's application note AN386. [`Board::take`] gives each part out
//! once, so each has one owner; interrupt handlers share with it only what lies behind a critical section.

#![no_std]
#![warn(missing_docs)]

pub mod calendar;
pub mod console;
pub mod entropy;
pub mod ethernet;
pub mod executor;
pub mod exit;
mod faults;
pub mod flash;
mod interrupts;
mod registers;
mod semihosting;
pub mod stack;
pub mod time;
pub mod uart;

use core::sync::atomic::{AtomicBool, Ordering};

pub use entropy::HostEntropy;
pub use ethernet::Ethernet;
pub use flash::HostFileFlash;
pub use uart::Uart;

/// Frequency of the processor and of all that hangs on its clock, in Hz (AN386, and QEMU's `mps2`).
pub const CLOCK_HZ: u32 = 25_000_000;

/// The parts of the board.
pub struct Board {
	/// The line to the BMS chip: UART 1.
	pub bms_line: Uart,
	/// The network; `None` when there is no such chip or it does not answer.
	pub ethernet: Option<Ethernet>,
	/// The flash for configuration and records; `None` when the host gives no file of its size.
	pub flash: Option<HostFileFlash>,
	/// The source of keys and of what must not be predicted; `None` when the host gives none.
	pub entropy: Option<HostEntropy>,
}

impl Board {
	/// Starts the clock, the console and the parts; `None` when it was done before. `baud` is the rate of the BMS line.
	pub fn take(baud: u32) -> Option<Board> {
		static TAKEN: AtomicBool = AtomicBool::new(false);
		if TAKEN.swap(true, Ordering::AcqRel) {
			return None;
		}
		let mut core = cortex_m::Peripherals::take()?;
		stack::paint();
		console::start();
		time::start(&mut core.SYST);
		let board = Board {
			bms_line: Uart::start(baud),
			ethernet: Ethernet::start(),
			flash: HostFileFlash::open(),
			entropy: HostEntropy::open(),
		};
		interrupts::enable();
		Some(board)
	}
}
