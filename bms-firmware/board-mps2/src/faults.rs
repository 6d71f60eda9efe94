//! What happens when the program can not go on: it says so on the console and ends the run with exit code 1. A board in
//! service resets instead.

#![allow(unsafe_code)]

use core::panic::PanicInfo;

use cortex_m_rt::{exception, ExceptionFrame};

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
	crate::console::line(format_args!("panic {info}"));
	crate::exit::failure()
}

#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
	crate::console::line(format_args!(
		"hard fault pc={:#010x} lr={:#010x}",
		frame.pc(),
		frame.lr()
	));
	crate::exit::failure()
}
