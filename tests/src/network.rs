//! Four validators on one machine, each with its database, its keys and its ports.

use crate::{
	program::{built, folder, free_port},
	Node,
};
use anyhow::{ensure, Context, Result};
use std::process::Command;

/// Whose keys the four have; the shortcuts of `passport-node`.
const VALIDATORS: [&str; 4] = ["alice", "bob", "charlie", "dave"];

/// The network of `chain-spec/local.json`.
pub struct Network {
	/// Its validators.
	pub nodes: Vec<Node>,
}

impl Network {
	/// Starts all four. Each is told of the others; who they are is known by their node keys, as in a real network.
	pub fn start() -> Result<Self> {
		let binary = built("passport-node")?;
		built("chain-spec/local.json")?;
		let mut members = Vec::new();
		for name in VALIDATORS {
			let folder = folder(name)?;
			let key = folder.join("node.key");
			let made = Command::new(&binary)
				.args(["key", "generate-node-key", "--file"])
				.arg(&key)
				.output()?;
			ensure!(
				made.status.success(),
				"no node key: {}",
				String::from_utf8_lossy(&made.stderr)
			);
			// It prints the peer id that goes with the key.
			let printed =
				[made.stdout, made.stderr].map(|text| String::from_utf8_lossy(&text).trim().to_owned());
			let peer = printed
				.into_iter()
				.find(|text| text.starts_with("12D3Koo"))
				.context("no peer id")?;
			members.push((name, folder, key, free_port()?, peer));
		}
		let addresses: Vec<_> = members
			.iter()
			.map(|(.., port, peer)| format!("/ip4/127.0.0.1/tcp/{port}/p2p/{peer}"))
			.collect();
		let nodes = members
			.iter()
			.zip(&addresses)
			.map(|((name, folder, key, port, _), own)| {
				let mut arguments = vec![
					"--chain=local".into(),
					format!("--{name}"),
					"--validator".into(),
					format!("--node-key-file={}", key.display()),
				];
				arguments.extend(
					addresses
						.iter()
						.filter(|address| *address != own)
						.map(|other| format!("--bootnodes={other}")),
				);
				Node::start(name, folder, arguments, Some(*port))
			})
			.collect::<Result<_>>()?;
		Ok(Network { nodes })
	}
}
