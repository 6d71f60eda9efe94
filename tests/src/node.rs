//! A node, and a development chain that the tests of a file share.

use crate::{
	http,
	program::{built, folder, free_port, Program},
	until, PATIENCE,
};
use anyhow::{Context, Result};
use passport_client::{Ledger, LedgerError};
use serde_json::Value;
use std::{
	env,
	ops::{Deref, DerefMut},
	path::Path,
	time::Duration,
};
use tokio::sync::{Mutex, MutexGuard};

/// How long a node may take to start: it compiles the runtime's WASM, on a machine where other tests do so as well.
const START_PATIENCE: Duration = Duration::from_secs(120);

/// Further arguments of every node, with blanks between them: `PASSPORT_NODE_ARGUMENTS="--pool-type=single-state"`. For trying what
/// measures better.
const ARGUMENTS_VARIABLE: &str = "PASSPORT_NODE_ARGUMENTS";

/// A node.
pub struct Node {
	/// The process.
	pub program: Program,
	rpc_port: u16,
}

impl Node {
	/// Starts a development chain: one validator, blocks each second, a sudo key, an empty database.
	pub async fn dev() -> Result<Self> {
		let folder = folder("dev-node")?;
		let mut node = Node::start("passport-node", &folder, vec!["--dev".into()], None)?;
		let ledger = node.ledger().await?;
		node.wait_for_height(&ledger, 1).await?;
		Ok(node)
	}

	/// Starts a node with these arguments besides those that every node of a test has. `p2p_port` 0 chooses one.
	pub fn start(
		name: &str,
		folder: &Path,
		mut arguments: Vec<String>,
		p2p_port: Option<u16>,
	) -> Result<Self> {
		let rpc_port = free_port()?;
		arguments.extend([
			format!("--base-path={}", folder.join("data").display()),
			format!("--rpc-port={rpc_port}"),
			format!("--listen-addr=/ip4/127.0.0.1/tcp/{}", p2p_port.unwrap_or(0)),
			"--no-prometheus".into(),
			"--no-mdns".into(),
		]);
		let further = env::var(ARGUMENTS_VARIABLE).unwrap_or_default();
		arguments.extend(further.split_whitespace().map(str::to_owned));
		let program = Program::start(name, &built("passport-node")?, arguments, folder)?;
		Ok(Node { program, rpc_port })
	}

	/// `ws://` address of JSON-RPC.
	pub fn url(&self) -> String {
		format!("ws://{}", self.address())
	}

	/// Address of JSON-RPC.
	pub fn address(&self) -> String {
		format!("127.0.0.1:{}", self.rpc_port)
	}

	/// Connects, as soon as the node answers. A connection does not outlive the node, nor the test that made it.
	pub async fn ledger(&mut self) -> Result<Ledger> {
		self.ledger_within(START_PATIENCE).await
	}

	/// The same for a node that has more to do before it answers: a genesis with millions of entries.
	pub async fn ledger_within(&mut self, patience: Duration) -> Result<Ledger> {
		until("the node answers", patience, async || {
			self.program.check_running()?;
			match Ledger::connect(&self.url()).await {
				Ok(ledger) => Ok(Some(ledger)),
				Err(LedgerError::Connection(_)) => Ok(None),
				Err(other) => Err(other.into()),
			}
		})
		.await
	}

	/// Waits until this height is final.
	pub async fn wait_for_height(&mut self, ledger: &Ledger, height: u32) -> Result<()> {
		until(&format!("block {height} is final"), PATIENCE, async || {
			self.program.check_running()?;
			Ok((ledger.finalised_head().await?.0 >= height).then_some(()))
		})
		.await
	}

	/// Asks by JSON-RPC over HTTP, as `curl` would: the whole answer, with `result` or `error`.
	pub async fn json_rpc(&self, method: &str, parameters: Value) -> Result<Value> {
		http::json_rpc(&self.address(), method, parameters)
			.await
			.with_context(|| method.to_owned())
	}
}

/// A development chain that the tests of a file share, one at a time: starting one takes longer than most tests.
pub struct SharedChain(Mutex<Option<Node>>);

/// Sole use of a [`SharedChain`].
pub struct SoleUse(MutexGuard<'static, Option<Node>>);

impl SharedChain {
	/// Not started yet.
	pub const fn new() -> Self {
		SharedChain(Mutex::const_new(None))
	}

	/// Waits for its turn; the first one starts the chain.
	pub async fn take(&'static self) -> Result<SoleUse> {
		let mut node = self.0.lock().await;
		if node.is_none() {
			*node = Some(Node::dev().await?);
		}
		Ok(SoleUse(node))
	}
}

impl Default for SharedChain {
	fn default() -> Self {
		Self::new()
	}
}

impl Deref for SoleUse {
	type Target = Node;

	fn deref(&self) -> &Node {
		self.0
			.as_ref()
			.unwrap_or_else(|| unreachable!("`take` starts the chain"))
	}
}

impl DerefMut for SoleUse {
	fn deref_mut(&mut self) -> &mut Node {
		self.0
			.as_mut()
			.unwrap_or_else(|| unreachable!("`take` starts the chain"))
	}
}
