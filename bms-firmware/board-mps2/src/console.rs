//! The console: lines of text on UART 0, for people and tests.
//!
//! It waits for the part, 87 µs for a byte at 115,200 baud: a line for an event, never one for a measurement.

use core::fmt::{self, Write};

use crate::uart;

const BAUD: u32 = 115_200;

struct Console;

impl Write for Console {
	fn write_str(&mut self, text: &str) -> fmt::Result {
		for byte in text.bytes() {
			while !uart::has_room(uart::UART0) {}
			uart::send(uart::UART0, byte);
		}
		Ok(())
	}
}

pub(crate) fn start() {
	uart::start_sender(uart::UART0, BAUD);
}

/// Writes a line.
pub fn line(text: fmt::Arguments<'_>) {
	// The console itself can not fail; what a value's own Display fails with is cut off.
	let _ = Console.write_fmt(text);
	let _ = Console.write_str("\n");
}
