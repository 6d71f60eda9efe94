//! What a test changes on the machine, changed back whatever ends the test.

use anyhow::{Context, Result};
use std::{
	os::unix::process::CommandExt,
	process::{Child, Command, Stdio},
};

/// A shell that waits for the end of its input and then undoes something.
///
/// Its input is a pipe of the test program. The pipe closes when this value is dropped, by a panic too, and when the test
/// program is killed: one way back for all of them.
pub struct Undo(Child);

impl Undo {
	/// `script`, for `sh`, with these arguments.
	pub fn by(script: &str, arguments: &[&str]) -> Result<Self> {
		Command::new("sh")
			.args(["-c", &format!("cat >/dev/null\n{script}"), "sh"])
			.args(arguments)
			.stdin(Stdio::piped())
			.stdout(Stdio::null())
			.stderr(Stdio::null())
			// A Ctrl-C in the terminal ends the test program; this one then has its work to do.
			.process_group(0)
			.spawn()
			.map(Undo)
			.context("no shell")
	}
}

impl Drop for Undo {
	fn drop(&mut self) {
		drop(self.0.stdin.take());
		// There is nobody left to tell of a failure.
		let _ended = self.0.wait();
	}
}
