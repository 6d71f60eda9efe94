//! Time: a counter that runs by itself, and SysTick at 1 kHz that looks whether somebody waits.
//!
//! Time is read from the counter, CMSDK APB timer 0 (ARM DDI 0479, chapter 4.1), and not counted in interrupts: those that
//! come while interrupts are masked, or while the emulator gets no processor of its host, are one, and a clock of ticks
//! loses them. It ran at a third of its speed on a busy host.
//!
//! SysTick also keeps QEMU's UARTs alive: without a timer that interrupts, QEMU 7.2 does not look again for bytes that came
//! before reception was on, and 5 of 8 runs waited for ever.

#![allow(unsafe_code)]

use core::{
	cell::{Cell, RefCell},
	task::Waker,
};

use cortex_m::peripheral::{syst::SystClkSource, SYST};
use critical_section::{CriticalSection, Mutex};
use embassy_time_driver::{Driver, TICK_HZ};
use embassy_time_queue_utils::Queue;

use crate::registers::Registers;

// SAFETY: AN386 has timer 0 here.
const TIMER: Registers = unsafe { Registers::at(0x4000_0000) };

const CONTROL: usize = 0x00;
const VALUE: usize = 0x04;
const RELOAD: usize = 0x08;
const CONTROL_ENABLE: u32 = 1 << 0;

/// Steps of the counter in a tick of embassy's clock.
const STEPS_PER_TICK: u32 = crate::CLOCK_HZ / TICK_HZ as u32;

/// Counts down and begins again after 2^32 steps, 171 s: SysTick looks at it far more often.
#[derive(Clone, Copy)]
struct Elapsed {
	ticks: u64,
	/// Steps that make no whole tick yet.
	steps: u32,
	/// What the counter said last.
	value: u32,
}

struct CounterDriver {
	elapsed: Mutex<Cell<Elapsed>>,
	next: Mutex<Cell<u64>>,
	queue: Mutex<RefCell<Queue>>,
}

embassy_time_driver::time_driver_impl!(static DRIVER: CounterDriver = CounterDriver {
	elapsed: Mutex::new(Cell::new(Elapsed { ticks: 0, steps: 0, value: u32::MAX })),
	next: Mutex::new(Cell::new(u64::MAX)),
	queue: Mutex::new(RefCell::new(Queue::new())),
});

impl Driver for CounterDriver {
	fn now(&self) -> u64 {
		critical_section::with(|section| self.ticks(section))
	}

	fn schedule_wake(&self, at: u64, waker: &Waker) {
		critical_section::with(|section| {
			let mut queue = self.queue.borrow(section).borrow_mut();
			if queue.schedule_wake(at, waker) {
				let now = self.ticks(section);
				self.next.borrow(section).set(queue.next_expiration(now));
			}
		});
	}
}

impl CounterDriver {
	fn ticks(&self, section: CriticalSection<'_>) -> u64 {
		let elapsed = self.elapsed.borrow(section);
		let before = elapsed.get();
		// Before the counter runs it says 0.
		if TIMER.read(CONTROL) & CONTROL_ENABLE == 0 {
			return before.ticks;
		}
		let value = TIMER.read(VALUE);
		let steps = u64::from(before.steps) + u64::from(before.value.wrapping_sub(value));
		let ticks = before.ticks + steps / u64::from(STEPS_PER_TICK);
		// The rest is below STEPS_PER_TICK.
		let steps = (steps % u64::from(STEPS_PER_TICK)) as u32;
		elapsed.set(Elapsed { ticks, steps, value });
		ticks
	}

	fn look(&self) {
		critical_section::with(|section| {
			let now = self.ticks(section);
			if now >= self.next.borrow(section).get() {
				let next = self.queue.borrow(section).borrow_mut().next_expiration(now);
				self.next.borrow(section).set(next);
			}
		});
	}
}

/// Steps of the counter since the start, at [`CLOCK_HZ`](crate::CLOCK_HZ): to measure how long something takes. In QEMU with
/// `-icount shift=0`, where an instruction takes a nanosecond, a step is 40 instructions.
pub fn steps() -> u64 {
	critical_section::with(|section| {
		let ticks = DRIVER.ticks(section);
		ticks * u64::from(STEPS_PER_TICK) + u64::from(DRIVER.elapsed.borrow(section).get().steps)
	})
}

pub(crate) fn start(timer: &mut SYST) {
	TIMER.write(RELOAD, u32::MAX);
	TIMER.write(VALUE, u32::MAX);
	TIMER.write(CONTROL, CONTROL_ENABLE);
	timer.set_clock_source(SystClkSource::Core);
	timer.set_reload(STEPS_PER_TICK - 1);
	timer.clear_current();
	timer.enable_interrupt();
	timer.enable_counter();
}

#[cortex_m_rt::exception]
fn SysTick() {
	DRIVER.look();
}
