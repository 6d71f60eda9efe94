//! Another time of day for a program, by libfaketime. Only what it reads as the time of day is changed: its timers run as they
//! do.

use crate::program::folder;
use anyhow::{ensure, Result};
use std::{fs, path::PathBuf};

/// The library that gives a program another clock.
pub(crate) fn libfaketime() -> Result<PathBuf> {
	let library = PathBuf::from(format!(
		"/usr/lib/{}-linux-gnu/faketime/libfaketimeMT.so.1",
		std::env::consts::ARCH
	));
	ensure!(
		library.exists(),
		"{} is not there: scripts/setup installs Debian's libfaketime",
		library.display()
	);
	Ok(library)
}

/// A clock that jumps when the test says so, also while a program runs by it.
pub struct JumpingClock {
	file: PathBuf,
}

impl JumpingClock {
	/// A clock that is right.
	pub fn new() -> Result<Self> {
		let clock = JumpingClock {
			file: folder("clock")?.join("offset"),
		};
		clock.jump(0)?;
		Ok(clock)
	}

	/// From now on it is so many seconds fast; slow, where that is below zero.
	pub fn jump(&self, seconds_fast: i64) -> Result<()> {
		// Whole or not at all: it is read whenever the program looks at its clock.
		let next = self.file.with_extension("next");
		fs::write(&next, format!("{seconds_fast:+}\n"))?;
		fs::rename(next, &self.file)?;
		Ok(())
	}

	/// What stands before a program's own words, for `env`, to have it run by this clock.
	pub fn environment(&self) -> Result<Vec<String>> {
		Ok(vec![
			format!("LD_PRELOAD={}", libfaketime()?.display()),
			format!("FAKETIME_TIMESTAMP_FILE={}", self.file.display()),
			"FAKETIME_NO_CACHE=1".into(),
			"FAKETIME_DONT_FAKE_MONOTONIC=1".into(),
			"NO_FAKE_STAT=1".into(),
		])
	}
}
