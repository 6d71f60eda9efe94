//! Four validators on one machine, each with its database, its keys and its ports.

use crate::{
	program::{built, folder, free_port},
	Node,
};
use anyhow::{ensure, Context, Result};
use std::{
	path::{Path, PathBuf},
	process::Command,
};

/// Whose keys the four have; the shortcuts of `passport-node`.
pub const VALIDATORS: [&str; 4] = ["alice", "bob", "charlie", "dave"];

/// The key by which the others know a node.
pub(crate) struct NodeKey {
	/// The file that holds it.
	pub file: PathBuf,
	/// The peer id that goes with it.
	pub peer_id: String,
}

impl NodeKey {
	/// Makes one in this folder.
	pub fn make(folder: &Path) -> Result<Self> {
		let file = folder.join("node.key");
		let made = Command::new(built("passport-node")?)
			.args(["key", "generate-node-key", "--file"])
			.arg(&file)
			.output()?;
		ensure!(
			made.status.success(),
			"no node key: {}",
			String::from_utf8_lossy(&made.stderr)
		);
		let printed = [made.stdout, made.stderr].map(|text| String::from_utf8_lossy(&text).trim().to_owned());
		let peer_id = printed
			.into_iter()
			.find(|text| text.starts_with("12D3Koo"))
			.context("no peer id")?;
		Ok(NodeKey { file, peer_id })
	}
}

/// The network of `chain-spec/local.json`.
pub struct Network {
	/// Its validators.
	pub nodes: Vec<Node>,
	/// Their addresses for other nodes.
	addresses: Vec<String>,
}

/// The arguments of a node that may write blocks and knows these others.
fn arguments<'a>(key: &NodeKey, others: impl Iterator<Item = &'a String>) -> Vec<String> {
	let mut arguments = vec![
		"--chain=local".into(),
		"--validator".into(),
		format!("--node-key-file={}", key.file.display()),
	];
	arguments.extend(others.map(|other| format!("--bootnodes={other}")));
	arguments
}

impl Network {
	/// Starts all four. Each is told of the others; who they are is known by their node keys, as in a real network.
	pub fn start() -> Result<Self> {
		built("chain-spec/local.json")?;
		let mut members = Vec::new();
		for name in VALIDATORS {
			let folder = folder(name)?;
			let key = NodeKey::make(&folder)?;
			members.push((name, folder, key, free_port()?));
		}
		let addresses: Vec<_> = members
			.iter()
			.map(|(.., key, port)| format!("/ip4/127.0.0.1/tcp/{port}/p2p/{}", key.peer_id))
			.collect();
		let nodes = members
			.iter()
			.zip(&addresses)
			.map(|((name, folder, key, port), own)| {
				let mut arguments = arguments(key, addresses.iter().filter(|address| *address != own));
				arguments.push(format!("--{name}"));
				Node::start(name, folder, arguments, Some(*port))
			})
			.collect::<Result<_>>()?;
		Ok(Network { nodes, addresses })
	}

	/// Starts a fifth node that knows the four, as a member sets up a validator: its keystore is empty, and its JSON-RPC, which
	/// is on loopback alone, answers what makes keys in it.
	pub fn guest(&self, name: &str) -> Result<Node> {
		let folder = folder(name)?;
		let key = NodeKey::make(&folder)?;
		Node::start(name, &folder, arguments(&key, self.addresses.iter()), None)
	}
}
