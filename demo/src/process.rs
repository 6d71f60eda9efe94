//! The programs that the demo starts. Each ends with the demo, whatever happens.

use anyhow::{bail, Context, Result};
use std::{
	fs::File,
	net::{Ipv4Addr, TcpListener},
	path::{Path, PathBuf},
	process::Stdio,
	time::Duration,
};
use tokio::process::{Child, Command};

/// Longest wait for a program to end by itself after it was asked to.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// A program of ours, writing its log to a file.
pub struct Program {
	name: &'static str,
	child: Child,
	log: PathBuf,
}

/// The folder that this program lies in, and the others beside it.
pub fn binaries() -> Result<PathBuf> {
	let own = std::env::current_exe().context("this program does not know where it lies")?;
	own.parent()
		.map(Path::to_path_buf)
		.context("this program lies in no folder")
}

/// A port on loopback that nobody listens on.
pub fn free_port() -> Result<u16> {
	let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on loopback")?;
	Ok(listener.local_addr()?.port())
}

/// `wanted` where nobody listens on it, another one otherwise.
pub fn port_or_free(wanted: u16) -> Result<u16> {
	match TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)) {
		Ok(_) => Ok(wanted),
		Err(_) => free_port(),
	}
}

impl Program {
	/// Starts a program that lies beside this one.
	pub fn start(name: &'static str, arguments: &[String], logs: &Path) -> Result<Self> {
		let path = binaries()?.join(name);
		if !path.exists() {
			bail!("{} is not built: run scripts/build", path.display());
		}
		let log = logs.join(format!("{name}.log"));
		let output = File::create(&log).with_context(|| format!("can not write {}", log.display()))?;
		let child = Command::new(&path)
			.args(arguments)
			.stdin(Stdio::null())
			.stdout(output.try_clone()?)
			.stderr(output)
			// A Ctrl-C in the terminal is for the demo, which ends the others in their order.
			.process_group(0)
			.kill_on_drop(true)
			.spawn()
			.with_context(|| format!("can not start {}", path.display()))?;
		Ok(Program { name, child, log })
	}

	/// An error with the end of its log, when it has ended.
	pub fn check_running(&mut self) -> Result<()> {
		match self.child.try_wait()? {
			None => Ok(()),
			Some(status) => bail!(
				"{} ended with {status}; its last lines:\n{}",
				self.name,
				self.last_lines()
			),
		}
	}

	/// Waits until it ends by itself; an error unless it ends well.
	pub async fn finished(&mut self) -> Result<()> {
		let status = self.child.wait().await?;
		if !status.success() {
			bail!(
				"{} ended with {status}; its last lines:\n{}",
				self.name,
				self.last_lines()
			);
		}
		Ok(())
	}

	fn last_lines(&self) -> String {
		let log = std::fs::read_to_string(&self.log).unwrap_or_default();
		let lines: Vec<_> = log.lines().collect();
		lines[lines.len().saturating_sub(8)..].join("\n")
	}

	/// Asks it to end, as Ctrl-C would, and ends it when it does not.
	pub async fn stop(mut self) -> Result<()> {
		if let Some(id) = self.child.id() {
			let asked = std::process::Command::new("kill")
				.args(["-INT", &id.to_string()])
				.status();
			let ended = tokio::time::timeout(STOP_PATIENCE, self.child.wait()).await;
			if asked.is_err() || ended.is_err() {
				self.child
					.kill()
					.await
					.with_context(|| format!("{} can not be ended", self.name))?;
			}
		}
		Ok(())
	}
}
