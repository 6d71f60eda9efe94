//! What the figures were measured on, and of what.

use serde::Serialize;
use serde_json::Value;
use std::{fs, process::Command, thread};

/// The machine, the moment and the sources: a figure without them says nothing.
#[derive(Debug, Serialize)]
pub struct Machine {
	/// When the bench began, UTC.
	pub date: String,
	/// Commit of the sources; `+changes` when files differ from it.
	pub commit: String,
	/// Model of the processor.
	pub cpu: String,
	/// Cores that this process may use.
	pub cores: usize,
	/// What it runs that the figures depend on, with versions; what can not be found out is left out.
	pub software: Vec<String>,
	/// Memory, in MiB.
	pub memory_mib: u64,
	/// Load of the last minute before the bench began: above 0.1 the machine was not idle.
	pub load_before: f64,
}

/// The name of what can not be found out.
const UNKNOWN: &str = "unknown";

impl Machine {
	/// Looks at this machine.
	pub fn look() -> Self {
		Machine {
			date: said_by("date", &["-u", "+%Y-%m-%dT%H:%M:%SZ"]).unwrap_or_else(|| UNKNOWN.into()),
			commit: commit().unwrap_or_else(|| UNKNOWN.into()),
			cpu: field("/proc/cpuinfo", "model name").unwrap_or_else(|| UNKNOWN.into()),
			cores: thread::available_parallelism().map_or(0, usize::from),
			software: software(),
			memory_mib: memory_kib().unwrap_or(0) / 1024,
			load_before: load().unwrap_or(0.0),
		}
	}
}

/// What a program prints in its first line, when it ends well.
fn said_by(program: &str, arguments: &[&str]) -> Option<String> {
	let output = Command::new(program).args(arguments).output().ok()?;
	let text = String::from_utf8_lossy(&output.stdout);
	output
		.status
		.success()
		.then(|| text.lines().next().unwrap_or_default().to_owned())
}

fn software() -> Vec<String> {
	let system = fs::read_to_string("/etc/os-release").ok().and_then(|text| {
		let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
		Some(name.trim_matches('"').to_owned())
	});
	let mosquitto = said_by("dpkg-query", &["--show", "--showformat=${Version}", "mosquitto"]);
	let rust = said_by("rustc", &["--version"]);
	let mosquitto = mosquitto.map(|version| format!("Mosquitto {version}"));
	[system, rust, mosquitto]
		.into_iter()
		.flatten()
		.chain(peers())
		.collect()
}

/// The packages that the peers are made of.
fn peers() -> Vec<String> {
	let package: Value = serde_json::from_str(include_str!("../peers/package.json")).unwrap_or_default();
	let dependencies = package["dependencies"].as_object();
	dependencies
		.into_iter()
		.flatten()
		.filter_map(|(name, version)| Some(format!("{name} {}", version.as_str()?)))
		.collect()
}

fn commit() -> Option<String> {
	let repository = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
	let commit = said_by("git", &["-C", repository, "rev-parse", "HEAD"])?;
	let changes = said_by("git", &["-C", repository, "status", "--porcelain"])?;
	Some(match changes.is_empty() {
		true => commit,
		false => format!("{commit}+changes"),
	})
}

/// The value of the first line `name : value` of a file.
fn field(path: &str, name: &str) -> Option<String> {
	let text = fs::read_to_string(path).ok()?;
	let value = text.lines().find_map(|line| {
		let (found, value) = line.split_once(':')?;
		(found.trim() == name).then_some(value)
	})?;
	Some(value.trim().to_owned())
}

fn memory_kib() -> Option<u64> {
	field("/proc/meminfo", "MemTotal")?
		.split_whitespace()
		.next()?
		.parse()
		.ok()
}

fn load() -> Option<f64> {
	let text = fs::read_to_string("/proc/loadavg").ok()?;
	text.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_peers_are_told_with_their_versions() {
		let peers = peers();
		for name in ["@foundry-rs/anvil", "solc ", "ethers "] {
			assert!(
				peers.iter().any(|peer| peer.starts_with(name)),
				"{name}: {peers:?}"
			);
		}
	}
}
