//! The line to the BMS chip: CMSDK APB UART 1 (ARM DDI 0479, chapter 4.2).

#![allow(unsafe_code)]

use core::convert::Infallible;

use embassy_sync::{blocking_mutex::raw::CriticalSectionRawMutex, pipe::Pipe};
use embedded_io_async::{ErrorType, Read, Write};

use crate::registers::Registers;

// SAFETY: AN386 has UART 0 and UART 1 here.
pub(crate) const UART0: Registers = unsafe { Registers::at(0x4000_4000) };
const UART1: Registers = unsafe { Registers::at(0x4000_5000) };

const DATA: usize = 0x00;
const STATE: usize = 0x04;
const CONTROL: usize = 0x08;
const INTERRUPT: usize = 0x0c;
const DIVISOR: usize = 0x10;

const STATE_TRANSMIT_FULL: u32 = 1 << 0;
const STATE_RECEIVE_FULL: u32 = 1 << 1;
const CONTROL_TRANSMIT: u32 = 1 << 0;
const CONTROL_RECEIVE: u32 = 1 << 1;
const CONTROL_RECEIVE_INTERRUPT: u32 = 1 << 3;
const INTERRUPT_RECEIVE: u32 = 1 << 1;

/// The least divisor that the part allows.
const LEAST_DIVISOR: u32 = 16;

/// What came in and was not read yet: an answer has at most 103 bytes. What comes after it is full is lost, and the
/// protocol's checksum sees that.
static RECEIVED: Pipe<CriticalSectionRawMutex, 256> = Pipe::new();

pub(crate) fn start(registers: Registers, baud: u32, control: u32) {
	let divisor = (crate::CLOCK_HZ / baud.max(1)).max(LEAST_DIVISOR);
	registers.write(DIVISOR, divisor);
	registers.write(CONTROL, control);
}

/// Starts a UART that only sends.
pub(crate) fn start_sender(registers: Registers, baud: u32) {
	start(registers, baud, CONTROL_TRANSMIT);
}

pub(crate) fn has_room(registers: Registers) -> bool {
	registers.read(STATE) & STATE_TRANSMIT_FULL == 0
}

pub(crate) fn send(registers: Registers, byte: u8) {
	registers.write(DATA, u32::from(byte));
}

pub(crate) fn on_interrupt() {
	UART1.write(INTERRUPT, INTERRUPT_RECEIVE);
	while UART1.read(STATE) & STATE_RECEIVE_FULL != 0 {
		// The register holds a byte in its low eight bits.
		let byte = UART1.read(DATA) as u8;
		// `RECEIVED` is full when the task that reads the line is behind. Then the byte is dropped, as the UART itself drops one
		// that finds its register full; the packet fails its checksum and counts as no answer.
		let _ = RECEIVED.try_write(&[byte]);
	}
}

/// UART 1.
pub struct Uart(());

impl Uart {
	pub(crate) fn start(baud: u32) -> Self {
		start(
			UART1,
			baud,
			CONTROL_TRANSMIT | CONTROL_RECEIVE | CONTROL_RECEIVE_INTERRUPT,
		);
		Uart(())
	}
}

impl ErrorType for Uart {
	type Error = Infallible;
}

impl Read for Uart {
	async fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Infallible> {
		if bytes.is_empty() {
			return Ok(0);
		}
		Ok(RECEIVED.read(bytes).await)
	}
}

impl Write for Uart {
	/// The part has room for one byte and a request has seven: at 9600 baud a byte takes a millisecond, which other tasks
	/// have meanwhile.
	async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
		for byte in bytes {
			while !has_room(UART1) {
				embassy_time::Timer::after_ticks(1).await;
			}
			send(UART1, *byte);
		}
		Ok(bytes.len())
	}

	async fn flush(&mut self) -> Result<(), Infallible> {
		while !has_room(UART1) {
			embassy_time::Timer::after_ticks(1).await;
		}
		Ok(())
	}
}
