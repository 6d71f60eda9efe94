//! A node on a machine of its own, as far as network, clock and disk can tell.

use crate::{
	clock::libfaketime,
	network::NodeKey,
	network_rpc::Rpc,
	network_switch::Port,
	program::{built, folder, Program},
	until,
};
use anyhow::{ensure, Context, Result};
use passport_client::Ledger;
use serde_json::{json, Value};
use std::{
	path::{Path, PathBuf},
	process::Command,
	time::Duration,
};

/// How long a node may take to start: it compiles the runtime's WASM, beside three others.
const START_PATIENCE: Duration = Duration::from_secs(120);

/// Port of JSON-RPC. Each node has a network of its own, so that all can have the same.
const RPC_PORT: u16 = 9_944;

/// Port for other nodes.
const NODES_PORT: u16 = 30_333;

/// A node.
pub struct Peer {
	folder: PathBuf,
	base_path: PathBuf,
	port: Port,
	key: NodeKey,
	rpc: Rpc,
	/// What is said at each start: whose keys, which other nodes.
	arguments: Vec<String>,
	program: Option<Program>,
}

impl Peer {
	/// A node with an empty database that knows these others, not started yet.
	pub fn new(name: &str, port: Port, arguments: Vec<String>) -> Result<Self> {
		let folder = folder(name)?;
		Ok(Peer {
			base_path: folder.join("data"),
			key: NodeKey::make(&folder)?,
			rpc: Rpc {
				name: name.to_owned(),
				address: format!("{}:{RPC_PORT}", port.test_address()),
			},
			folder,
			port,
			arguments,
			program: None,
		})
	}

	/// Its address for other nodes.
	pub fn address(&self) -> String {
		format!(
			"/ip4/{}/tcp/{NODES_PORT}/p2p/{}",
			self.port.address(),
			self.key.peer_id
		)
	}

	/// Tells it of other nodes, from its next start on.
	pub fn knows(&mut self, addresses: &[String]) {
		let own = self.address();
		self.arguments.extend(
			addresses
				.iter()
				.filter(|address| **address != own)
				.map(|other| format!("--bootnodes={other}")),
		);
	}

	/// Takes an argument from it, such as the one that says whose keys it has, from its next start on.
	pub fn forgets(&mut self, argument: &str) {
		self.arguments.retain(|own| own != argument);
	}

	/// Starts it.
	pub fn start(&mut self) -> Result<()> {
		self.launch(Vec::new(), &[])
	}

	/// Starts it with more arguments, this time only.
	pub fn start_with(&mut self, arguments: &[&str]) -> Result<()> {
		self.launch(Vec::new(), arguments)
	}

	/// Starts it with a clock that is so many seconds fast, or slow. Only what the node reads as the time of day is changed:
	/// its timers run as they do.
	pub fn start_with_clock(&mut self, seconds_fast: i32) -> Result<()> {
		let library = libfaketime()?;
		self.launch(
			vec![
				"env".into(),
				format!("LD_PRELOAD={}", library.display()),
				format!("FAKETIME={seconds_fast:+}s"),
				"FAKETIME_DONT_FAKE_MONOTONIC=1".into(),
				"NO_FAKE_STAT=1".into(),
			],
			&[],
		)
	}

	/// `before` is what runs the node: a program that becomes the node, and its arguments.
	fn launch(&mut self, before: Vec<String>, more: &[&str]) -> Result<()> {
		ensure!(self.program.is_none(), "{} runs already", self.rpc.name);
		let mut arguments = vec![self.port.enter()];
		arguments.extend(before);
		arguments.push(built("passport-node")?.display().to_string());
		arguments.extend([
			"--chain=local".into(),
			"--validator".into(),
			format!("--node-key-file={}", self.key.file.display()),
			format!("--base-path={}", self.base_path.display()),
			format!("--listen-addr=/ip4/{}/tcp/{NODES_PORT}", self.port.address()),
			format!("--rpc-port={RPC_PORT}"),
			"--unsafe-rpc-external".into(),
			// Without it the node answers those alone who call it `localhost`.
			"--rpc-cors=all".into(),
			// Longer than a test takes: the events of all its blocks are read at its end.
			"--state-pruning=1000".into(),
			"--no-prometheus".into(),
			"--no-mdns".into(),
		]);
		// The methods that make keys are for a node whose own arguments ask for them.
		if !self
			.arguments
			.iter()
			.any(|argument| argument.starts_with("--rpc-methods="))
		{
			arguments.push("--rpc-methods=safe".into());
		}
		arguments.extend(self.arguments.iter().cloned());
		arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
		let nsenter = Path::new("nsenter");
		self.program = Some(Program::start(&self.rpc.name, nsenter, arguments, &self.folder)?);
		Ok(())
	}

	/// Waits until it answers.
	pub async fn answers(&mut self) -> Result<()> {
		until(
			&format!("{} answers", self.rpc.name),
			START_PATIENCE,
			async || {
				self.check_running()?;
				Ok(self
					.rpc
					.ask::<Value>("system_health", json!([]))
					.await
					.ok()
					.map(drop))
			},
		)
		.await
	}

	/// Kills it as a power cut would.
	pub fn kill(&mut self) -> Result<()> {
		match self.program.take() {
			Some(mut program) => program.kill(),
			None => Ok(()),
		}
	}

	/// Whether it runs.
	pub fn is_running(&mut self) -> bool {
		self.check_running().is_ok()
	}

	/// An error with the end of its log, when it does not run.
	pub fn check_running(&mut self) -> Result<()> {
		self.program
			.as_mut()
			.with_context(|| format!("{} was ended by the test", self.rpc.name))?
			.check_running()
	}

	/// What can be asked of it.
	pub fn rpc(&self) -> &Rpc {
		&self.rpc
	}

	/// Its name.
	pub fn name(&self) -> &str {
		&self.rpc.name
	}

	/// Its place on the switch.
	pub fn port(&self) -> &Port {
		&self.port
	}

	/// Connects a client.
	pub async fn ledger(&self) -> Result<Ledger> {
		Ok(Ledger::connect(&format!("ws://{}", self.rpc.address)).await?)
	}

	/// In how many lines of its log a text stands, all its runs together.
	pub fn logged(&self, text: &str) -> Result<usize> {
		let log = std::fs::read(self.folder.join(format!("{}.log", self.rpc.name)))?;
		Ok(String::from_utf8_lossy(&log)
			.lines()
			.filter(|line| line.contains(text))
			.count())
	}

	/// Puts a key into its keystore, while it does not run.
	pub fn insert_key(&self, secret: &str, scheme: &str, key_type: &str) -> Result<()> {
		let inserted = Command::new(built("passport-node")?)
			.args(["key", "insert", "--chain=local", "--base-path"])
			.arg(&self.base_path)
			.args(["--suri", secret, "--scheme", scheme, "--key-type", key_type])
			.output()?;
		ensure!(
			inserted.status.success(),
			"no key: {}",
			String::from_utf8_lossy(&inserted.stderr)
		);
		Ok(())
	}

	/// Deletes its database, while it does not run.
	pub fn wipe(&self) -> Result<()> {
		ensure!(self.program.is_none(), "{} runs", self.rpc.name);
		std::fs::remove_dir_all(&self.base_path).context("the database can not be deleted")
	}

	/// Moves its database to another disk, while it does not run.
	pub fn move_to(&mut self, disk: &Path) -> Result<()> {
		self.move_database(disk.join("data"))
	}

	/// Moves its database back to where it was at first.
	pub fn move_home(&mut self) -> Result<()> {
		let home = self.folder.join("data");
		// What was left there is older.
		std::fs::remove_dir_all(&home).context("the old database can not be deleted")?;
		self.move_database(home)
	}

	fn move_database(&mut self, base_path: PathBuf) -> Result<()> {
		ensure!(self.program.is_none(), "{} runs", self.rpc.name);
		let copied = Command::new("cp")
			.arg("-a")
			.args([&self.base_path, &base_path])
			.output()?;
		ensure!(
			copied.status.success(),
			"the database can not be copied: {}",
			String::from_utf8_lossy(&copied.stderr)
		);
		self.base_path = base_path;
		Ok(())
	}
}
