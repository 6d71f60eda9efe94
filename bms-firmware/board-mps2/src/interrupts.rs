//! The board's interrupts: which number calls what (AN386, table "Interrupt assignments").

#![allow(unsafe_code)]

use cortex_m::{interrupt::InterruptNumber, peripheral::NVIC};

const UART1_RX_NUMBER: u16 = 2;
const ETHERNET_NUMBER: u16 = 13;
const COUNT: usize = 32;

#[derive(Clone, Copy)]
struct Interrupt(u16);

// SAFETY: both numbers are interrupts of the board, below COUNT.
unsafe impl InterruptNumber for Interrupt {
	fn number(self) -> u16 {
		self.0
	}
}

/// Handlers are functions without arguments.
type Handler = unsafe extern "C" fn();

extern "C" {
	fn DefaultHandler();
}

/// The part of the vector table behind the processor's own exceptions; `cortex-m-rt` places it.
#[link_section = ".vector_table.interrupts"]
#[no_mangle]
#[used]
static __INTERRUPTS: [Handler; COUNT] = {
	let mut table: [Handler; COUNT] = [DefaultHandler; COUNT];
	table[UART1_RX_NUMBER as usize] = uart1_received;
	table[ETHERNET_NUMBER as usize] = ethernet;
	table
};

unsafe extern "C" fn uart1_received() {
	crate::uart::on_interrupt();
}

unsafe extern "C" fn ethernet() {
	crate::ethernet::on_interrupt();
}

/// Lets them through, once the parts are ready.
pub(crate) fn enable() {
	for number in [UART1_RX_NUMBER, ETHERNET_NUMBER] {
		// SAFETY: the handlers share with the rest only what is behind critical sections.
		unsafe { NVIC::unmask(Interrupt(number)) };
	}
}
