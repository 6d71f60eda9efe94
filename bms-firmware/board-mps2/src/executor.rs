//! The executor: embassy's, which sleeps by WFI.
//!
//! Embassy's own loop sleeps by WFE. QEMU 7.2 takes that for no sleep at all: an idle device used a whole processor of the
//! host (4.05 s in 4 s; 0.06 s with WFI). WFI with interrupts masked wakes on an interrupt that came between the last look
//! and the sleep, so none is missed.

#![allow(unsafe_code)]

use core::sync::atomic::{AtomicBool, Ordering};

use embassy_executor::{raw, Spawner};
use static_cell::StaticCell;

static WOKEN: AtomicBool = AtomicBool::new(false);

/// Embassy calls this when a task is to run.
#[export_name = "__pender"]
fn pend(_context: *mut ()) {
	WOKEN.store(true, Ordering::Release);
}

/// Starts the tasks that `init` spawns and runs them for ever. To be called once: a second call ends the run.
pub fn run(init: impl FnOnce(Spawner)) -> ! {
	static EXECUTOR: StaticCell<raw::Executor> = StaticCell::new();
	let Some(executor) = EXECUTOR.try_init_with(|| raw::Executor::new(core::ptr::null_mut())) else {
		crate::exit::failure();
	};
	init(executor.spawner());
	loop {
		// SAFETY: not called from a task, and from nowhere else: the executor is this function's.
		unsafe { executor.poll() };
		cortex_m::interrupt::disable();
		if !WOKEN.swap(false, Ordering::AcqRel) {
			cortex_m::asm::wfi();
		}
		// SAFETY: they were masked above, outside of any critical section.
		unsafe { cortex_m::interrupt::enable() };
	}
}
