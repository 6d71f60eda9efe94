//! How much stack was used: what is free at the start is painted, and what was painted over is counted.
//!
//! Interrupts use the same stack, so they are in it.

#![allow(unsafe_code)]

const PAINT: u32 = 0x5ea1_9a1e;
/// Left free below the function that paints: its own frame and an interrupt's.
const MARGIN_BYTES: usize = 256;

extern "C" {
	/// Top of the stack and end of RAM (cortex-m-rt).
	static _stack_start: u32;
	/// First address behind all statics (cortex-m-rt).
	static __sheap: u32;
}

fn top() -> usize {
	&raw const _stack_start as usize
}

fn bottom() -> usize {
	(&raw const __sheap as usize).next_multiple_of(4)
}

/// Paints all that is free now: what is counted begins anew.
pub fn paint() {
	// Interrupts off, so that the count begins at one moment: what a handler used of the stack while this loop runs would be
	// painted over, and not counted.
	cortex_m::interrupt::free(|_| {
		let here = cortex_m::register::msp::read() as usize;
		for address in (bottom()..here.saturating_sub(MARGIN_BYTES)).step_by(4) {
			// SAFETY: between the statics and the stack pointer there is RAM that nothing uses.
			unsafe { core::ptr::write_volatile(address as *mut u32, PAINT) };
		}
	});
}

/// Most bytes of stack that were used since it was painted.
pub fn peak_bytes() -> usize {
	let untouched = (bottom()..top()).step_by(4).take_while(|address| {
		// SAFETY: all of it is RAM; a value that changes meanwhile ends the count.
		unsafe { core::ptr::read_volatile(*address as *const u32) == PAINT }
	});
	top() - bottom() - 4 * untouched.count()
}
