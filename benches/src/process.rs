//! Processor time and memory of other processes.

use anyhow::{Context, Result};
use passport_tests::program::Program;
use std::fs;

/// What Linux counts processor time in for programs, whatever the kernel's own clock: `USER_HZ`.
const TICKS_PER_SECOND: f64 = 100.0;

/// Seconds of processor time that a program has used since it was started, user and system. Errors: it has ended.
pub fn cpu_seconds(program: &Program) -> Result<f64> {
	let id = program.id().context("a program has ended")?;
	let ticks = cpu_ticks(&fs::read_to_string(format!("/proc/{id}/stat"))?)
		.context("the system does not say how long a program ran")?;
	Ok(ticks as f64 / TICKS_PER_SECOND)
}

/// Processor time in a line of `/proc/PID/stat`, proc(5): fields 14 and 15, user and system. The name in field 2 may hold anything.
fn cpu_ticks(stat: &str) -> Option<u64> {
	let (_, fields) = stat.rsplit_once(") ")?;
	let mut times = fields.split(' ').skip(11).map(str::parse::<u64>);
	Some(times.next()?.ok()? + times.next()?.ok()?)
}

/// Most memory that a program has had in the machine at one time, in bytes. Errors: it has ended.
pub fn peak_memory_bytes(program: &Program) -> Result<u64> {
	let id = program.id().context("a program has ended")?;
	peak_memory(&fs::read_to_string(format!("/proc/{id}/status"))?)
		.context("the system does not say how much memory a program had")
}

/// The peak of the resident set in `/proc/PID/status`, proc(5): `VmHWM`, in units of 1,024 bytes whatever it is called there.
fn peak_memory(status: &str) -> Option<u64> {
	let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
	let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
	kibibytes.checked_mul(1_024)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn processor_time_is_user_and_system_whatever_the_program_is_called() {
		let stat = "77 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 250 31 0 0 20 0";
		assert_eq!(cpu_ticks(stat), Some(281));
		assert_eq!(cpu_ticks("77 (a"), None);
		assert_eq!(cpu_ticks("77 (a) S 1 2"), None);
	}

	#[test]
	fn memory_is_the_highest_that_there_was() {
		let status = "Name:\tnode\nVmPeak:\t  900 kB\nVmHWM:\t     250 kB\nVmRSS:\t 10 kB\n";
		assert_eq!(peak_memory(status), Some(256_000));
		assert_eq!(peak_memory("Name:\tnode\n"), None);
		assert_eq!(peak_memory("VmHWM:\t250 MB\n"), None);
	}
}
