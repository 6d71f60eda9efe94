//! The chain that is measured: one validator, or four that know each other by network alone, on loopback.

use crate::process::{cpu_seconds, peak_memory_bytes};
use anyhow::{anyhow, ensure, Context, Result};
use passport_client::{
	api::runtime_types::{self as types, passport_runtime::RuntimeCall},
	test_keys::{self, TestMember},
	Ledger,
};
use passport_tests::{
	call::{account, as_root, batch_all},
	network::VALIDATORS,
	network_council::enact,
	program::{folder, free_port},
	until, Node,
};
use std::{
	fs, io,
	path::{Path, PathBuf},
	time::Duration,
};
use subxt::{
	config::RpcConfigFor,
	rpcs::{
		methods::legacy::{LegacyRpcMethods, NumberOrHex},
		rpc_params, RpcClient,
	},
	utils::{AccountId32, Static, H256},
	PolkadotConfig,
};

/// Blocks whose state a node keeps: the events of a leg are read when it is over, and the default of 256 blocks is four minutes.
const STATE_BLOCKS: u32 = 1_000;

/// A quota that nothing exceeds, in picoseconds of `ref_time` per period.
const NO_QUOTA: u64 = u64::MAX;

/// Longest that a node may take to make the state of a genesis with millions of batteries.
const LARGE_GENESIS_PATIENCE: Duration = Duration::from_secs(3_600);

/// Longest that validators may take until they know each other and agree: after they were stopped, they may have to connect anew, and
/// wait before they try again.
const JOINING_PATIENCE: Duration = Duration::from_secs(180);

/// How many validators a chain has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validators {
	/// One, on the `dev` preset.
	One,
	/// Four, on the `local` preset.
	Four,
}

impl Validators {
	/// The number.
	pub const fn count(self) -> usize {
		match self {
			Validators::One => 1,
			Validators::Four => VALIDATORS.len(),
		}
	}

	/// The name of the chain's specification.
	const fn spec(self) -> &'static str {
		match self {
			Validators::One => "dev",
			Validators::Four => "local",
		}
	}
}

/// A running chain.
pub struct Chain {
	validators: Validators,
	nodes: Vec<Running>,
	ledger: Ledger,
	methods: LegacyRpcMethods<RpcConfigFor<PolkadotConfig>>,
}

struct Running {
	// Dropped, it is killed.
	node: Node,
	folder: PathBuf,
	address: String,
	/// For transactions alone: what is asked meanwhile does not wait behind them.
	submissions: RpcClient,
}

impl Chain {
	/// Starts its validators with empty databases and waits until they finalise blocks.
	pub async fn start(validators: Validators) -> Result<Self> {
		let mut nodes: Vec<Running> = Vec::new();
		let mut first = None;
		for (place, name) in VALIDATORS.iter().enumerate().take(validators.count()) {
			let mut arguments = match validators {
				Validators::One => vec!["--dev".into()],
				Validators::Four => vec![
					"--chain=local".into(),
					"--validator".into(),
					format!("--{name}"),
					// Known to everybody, as all keys of this network are.
					format!("--node-key={:064x}", place + 1),
				],
			};
			arguments.push(format!("--state-pruning={STATE_BLOCKS}"));
			arguments.extend(nodes.iter().map(|other| format!("--bootnodes={}", other.address)));
			let folder = folder(name)?;
			let port = free_port()?;
			let mut node = Node::start(name, &folder, arguments, Some(port))?;
			let ledger = node.ledger().await?;
			let peer_id: String = ledger.rpc().request("system_localPeerId", rpc_params![]).await?;
			nodes.push(Running {
				address: format!("/ip4/127.0.0.1/tcp/{port}/p2p/{peer_id}"),
				submissions: RpcClient::from_insecure_url(node.url()).await?,
				folder,
				node,
			});
			first.get_or_insert(ledger);
		}
		let ledger = first.context("a chain without a node")?;
		Self::joined(validators, nodes, ledger).await
	}

	/// Starts one validator, with the key of the `dev` preset, on the genesis that a file specifies.
	pub async fn start_from(specification: &Path) -> Result<Self> {
		let folder = folder("genesis-node")?;
		// Of what `--dev` implies, the chain is the only thing that is another one.
		let arguments = vec![
			"--dev".into(),
			format!("--chain={}", specification.display()),
			format!("--state-pruning={STATE_BLOCKS}"),
		];
		let port = free_port()?;
		let mut node = Node::start("genesis-node", &folder, arguments, Some(port))?;
		let ledger = node.ledger_within(LARGE_GENESIS_PATIENCE).await?;
		let running = Running {
			address: format!("/ip4/127.0.0.1/tcp/{port}"),
			submissions: RpcClient::from_insecure_url(node.url()).await?,
			folder,
			node,
		};
		Self::joined(Validators::One, vec![running], ledger).await
	}

	async fn joined(validators: Validators, nodes: Vec<Running>, ledger: Ledger) -> Result<Self> {
		let chain = Chain {
			validators,
			nodes,
			methods: LegacyRpcMethods::new(ledger.rpc().clone()),
			ledger,
		};
		chain.wait_until_joined().await?;
		Ok(chain)
	}

	/// Waits until each validator has all others for peers, and three more blocks are final for each.
	async fn wait_until_joined(&self) -> Result<()> {
		let mut asked = Vec::new();
		for node in &self.nodes {
			let methods = LegacyRpcMethods::<RpcConfigFor<PolkadotConfig>>::new(node.submissions.clone());
			until("the validators know each other", JOINING_PATIENCE, async || {
				let peers = methods.system_health().await?.peers;
				Ok((peers + 1 >= self.nodes.len()).then_some(()))
			})
			.await?;
			asked.push(methods);
		}
		let height = u64::from(self.ledger.finalised_head().await?.0) + 3;
		let what = format!("block {height} is final for every validator");
		for methods in &asked {
			until(&what, JOINING_PATIENCE, async || {
				let hash = methods.chain_get_finalized_head().await?;
				let header = methods.chain_get_header(Some(hash)).await?;
				Ok(header.filter(|header| header.number >= height).map(|_| ()))
			})
			.await?;
		}
		Ok(())
	}

	/// Replaces all connections to the validators. Whoever keeps one of the old ones finds it closed.
	async fn connect_anew(&mut self) -> Result<()> {
		let mut first = None;
		for running in &mut self.nodes {
			let ledger = running.node.ledger().await?;
			running.submissions = RpcClient::from_insecure_url(running.node.url()).await?;
			first.get_or_insert(ledger);
		}
		self.ledger = first.context("a chain without a node")?;
		self.methods = LegacyRpcMethods::new(self.ledger.rpc().clone());
		Ok(())
	}

	/// How many validators it has.
	pub fn validators(&self) -> usize {
		self.validators.count()
	}

	/// The name of its specification.
	pub fn spec(&self) -> &'static str {
		self.validators.spec()
	}

	/// `ws://` address of the first validator's JSON-RPC.
	pub fn url(&self) -> String {
		self.nodes[0].node.url()
	}

	/// Address of the first validator for other nodes.
	pub fn address(&self) -> &str {
		&self.nodes[0].address
	}

	/// The connection to the first validator. What is final is what this one says.
	pub fn ledger(&self) -> &Ledger {
		&self.ledger
	}

	/// JSON-RPC of the first validator.
	pub fn methods(&self) -> &LegacyRpcMethods<RpcConfigFor<PolkadotConfig>> {
		&self.methods
	}

	/// The connection that a member sends its transactions by: members are spread over the validators, and each stays with its
	/// own.
	pub fn submissions(&self, lane: usize) -> RpcClient {
		self.nodes[lane % self.nodes.len()].submissions.clone()
	}

	/// The connections to all validators, the member's own first.
	pub fn submissions_from(&self, lane: usize) -> Vec<RpcClient> {
		(lane..lane + self.nodes.len())
			.map(|lane| self.submissions(lane))
			.collect()
	}

	/// The nonce that a member's pool waits for: the first that neither the best block nor a ready transaction has used.
	pub async fn next_nonce(&self, lane: usize, account: &AccountId32) -> Result<u64> {
		let methods = LegacyRpcMethods::<RpcConfigFor<PolkadotConfig>>::new(self.submissions(lane));
		Ok(methods.system_account_next_index(account).await?)
	}

	/// How many transactions, of all members, are ready in a member's pool.
	pub async fn ready_transactions(&self, lane: usize) -> Result<usize> {
		let ready: Vec<String> = self
			.submissions(lane)
			.request("author_pendingExtrinsics", rpc_params![])
			.await?;
		Ok(ready.len())
	}

	/// Takes the quotas of these members out of the way: by sudo on one validator, by the council on four. With the default, one
	/// member has a quarter of what all may use, and a transaction above it is thrown out of the pool with all that follow it.
	pub async fn lift_quotas(&self, members: &[TestMember]) -> Result<()> {
		let calls = members.iter().map(|member| {
			RuntimeCall::Organisations(types::pallet_organisations::pallet::Call::set_quota {
				organisation: Static(member.organisation()),
				ref_time_per_period: Some(NO_QUOTA),
			})
		});
		self.decide(batch_all(calls.collect())).await
	}

	/// Lets the accounts of these secret URIs act for a member as well, by sudo or by the council.
	pub async fn link_accounts(&self, member: TestMember, uris: &[String]) -> Result<()> {
		let calls: Result<Vec<_>> = uris
			.iter()
			.map(|uri| {
				let signer = test_keys::signer(uri).map_err(|reason| anyhow!("{uri}: {reason}"))?;
				Ok(RuntimeCall::Organisations(
					types::pallet_organisations::pallet::Call::link_account_by_council {
						organisation: Static(member.organisation()),
						account: account(&signer),
					},
				))
			})
			.collect();
		self.decide(batch_all(calls?)).await
	}

	/// Does what on one validator sudo decides, and on four the council.
	async fn decide(&self, decision: RuntimeCall) -> Result<()> {
		match self.validators {
			Validators::One => as_root(&self.ledger, decision).await,
			Validators::Four => enact(&self.ledger, decision).await,
		}
	}

	/// The hash and the transactions, inherents among them, of a final block.
	pub async fn body(&self, number: u64) -> Result<(H256, Vec<Vec<u8>>)> {
		let hash = self
			.methods
			.chain_get_block_hash(Some(NumberOrHex::Number(number)))
			.await?
			.with_context(|| format!("the node has no block {number}"))?;
		let block = self
			.methods
			.chain_get_block(Some(hash))
			.await?
			.with_context(|| format!("the node has no body of block {number}"))?;
		let extrinsics = block.block.extrinsics;
		Ok((hash, extrinsics.into_iter().map(|bytes| bytes.0).collect()))
	}

	/// Signed transactions in the whole chain: each has used a nonce of its sender. Nothing may be on its way.
	pub async fn transactions(&self) -> Result<u64> {
		let mut nonces = 0;
		for member in TestMember::ALL {
			nonces += self.ledger.next_nonce(&account(&member.signer())).await?;
		}
		Ok(nonces)
	}

	/// Seconds of processor time that all its validators have used.
	pub fn cpu_seconds(&self) -> Result<f64> {
		self.nodes
			.iter()
			.map(|running| cpu_seconds(&running.node.program))
			.sum()
	}

	/// Most memory that the first validator has had, in bytes.
	pub fn peak_memory_bytes(&self) -> Result<u64> {
		peak_memory_bytes(&self.nodes[0].node.program)
	}

	/// Stops all validators where they stand, so that they take no processor time from what is measured meanwhile.
	pub fn freeze(&mut self) -> Result<()> {
		self.nodes
			.iter_mut()
			.try_for_each(|running| running.node.program.freeze())
	}

	/// Lets them go on, and waits until they know each other again and blocks become final. Connections are new ones afterwards: a
	/// validator that was stopped finds the old ones silent, counts that over all stops, and closes them at the third time.
	pub async fn thaw(&mut self) -> Result<()> {
		self.nodes
			.iter_mut()
			.try_for_each(|running| running.node.program.thaw())?;
		self.connect_anew()
			.await
			.context("no new connection to a validator")?;
		self.wait_until_joined().await.context("over new connections")
	}

	/// Bytes that the first validator's files have: database, write-ahead log, keys.
	pub fn disk_bytes(&self) -> Result<u64> {
		let data = self.nodes[0].folder.join("data");
		let bytes = bytes_under(&data).with_context(|| format!("can not read {}", data.display()))?;
		ensure!(bytes > 0, "{} is empty", data.display());
		Ok(bytes)
	}
}

fn bytes_under(folder: &Path) -> io::Result<u64> {
	let mut bytes = 0;
	for entry in fs::read_dir(folder)? {
		let entry = entry?;
		// The database removes files while it is looked at.
		bytes += match entry.metadata() {
			Ok(file) if file.is_dir() => bytes_under(&entry.path())?,
			Ok(file) => file.len(),
			Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
			Err(error) => return Err(error),
		};
	}
	Ok(bytes)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn files_are_counted_at_every_depth() {
		let folder = std::env::temp_dir().join(format!("passport-benches-{}", std::process::id()));
		fs::create_dir_all(folder.join("a/b")).unwrap();
		fs::write(folder.join("one"), [0; 10]).unwrap();
		fs::write(folder.join("a/b/two"), [0; 7]).unwrap();
		let bytes = bytes_under(&folder);
		fs::remove_dir_all(&folder).unwrap();
		assert_eq!(bytes.unwrap(), 17);
	}
}
