//! A full pool: who gets in, who is refused, and whom it lets go, as docs/architecture.md says. The node has no validator beside
//! it: no block comes that would take something out of its pool.

use anyhow::{bail, ensure, Context, Result};
use passport_client::{
	api::runtime_types::{
		frame_system::pallet::Call as SystemCall, pallet_collective::pallet::Call as CouncilCall,
		passport_runtime::RuntimeCall,
	},
	test_keys::TestMember,
	Ledger, LedgerError, Submitted,
};
use passport_tests::{
	call::{account, payload},
	program::folder,
	run, Node, PATIENCE,
};
use serde_json::json;
use subxt::utils::H256;
use tokio::time::timeout;

/// Transactions that the pool holds as ready.
const POOL_LIMIT: usize = 10;

/// Bytes of a step: two thousandths of a quota, which is a block's share of length for members (5.03 MB). What is a step longer has a
/// lower priority.
const STEP_BYTES: usize = 10 * 1024;

/// JSON-RPC's code for what is the lowest of a full pool.
const IMMEDIATELY_DROPPED: u32 = 1_016;

/// That for a nonce that waits already, with a priority that is as high or higher.
const PRIORITY_TOO_LOW: u32 = 1_014;

/// A remark that is so many steps long.
fn remark(steps: usize) -> RuntimeCall {
	RuntimeCall::System(SystemCall::remark {
		remark: vec![0; steps * STEP_BYTES],
	})
}

/// A motion of the council.
fn motion(proposal: RuntimeCall) -> RuntimeCall {
	RuntimeCall::Council(CouncilCall::propose {
		threshold: 2,
		proposal: Box::new(proposal),
		length_bound: 1_000_000,
	})
}

/// A vote on a motion. Whether there is such a motion only a block would tell.
fn vote() -> RuntimeCall {
	RuntimeCall::Council(CouncilCall::vote {
		proposal: H256::repeat_byte(7),
		index: 0,
		approve: true,
	})
}

/// The pool of a node to which no block comes.
struct StillPool {
	node: Node,
	ledger: Ledger,
}

impl StillPool {
	async fn open() -> Result<Self> {
		let folder = folder("still-node")?;
		let arguments = vec!["--chain=dev".into(), format!("--pool-limit={POOL_LIMIT}")];
		let mut node = Node::start("passport-node", &folder, arguments, None)?;
		let ledger = node.ledger().await?;
		Ok(StillPool { node, ledger })
	}

	async fn next_nonce(&self, of: TestMember) -> Result<u64> {
		Ok(self.ledger.next_nonce(&account(&of.signer())).await?)
	}

	/// Hands in what the pool must take. Without a nonce the account's next one is taken.
	async fn takes(&self, by: TestMember, nonce: Option<u64>, call: &RuntimeCall) -> Result<Submitted> {
		let call = payload(&self.ledger, call).await?;
		self.ledger
			.submit(&call, &by.signer(), nonce)
			.await
			.with_context(|| format!("{} hands in", by.name()))
	}

	/// Hands in what the pool must refuse with this code.
	async fn refuses(&self, by: TestMember, nonce: Option<u64>, call: &RuntimeCall, code: u32) -> Result<()> {
		let call = payload(&self.ledger, call).await?;
		match self.ledger.submit(&call, &by.signer(), nonce).await {
			Err(LedgerError::Pool(reason)) if reason.contains(&format!("({code})")) => Ok(()),
			Err(other) => Err(other).context(format!("it was refused, and not with {code}")),
			Ok(_) => bail!("the pool took from {} what it must refuse with {code}", by.name()),
		}
	}

	/// Fails unless so many transactions are ready.
	async fn holds(&self, count: usize) -> Result<()> {
		let answer = self.node.json_rpc("author_pendingExtrinsics", json!([])).await?;
		let ready = answer["result"]
			.as_array()
			.map(Vec::len)
			.context("no transactions are told")?;
		ensure!(ready == count, "{ready} transactions are ready, not {count}");
		Ok(())
	}
}

/// Why a transaction left the pool, as its client is told.
async fn end_of(transaction: Submitted) -> Result<LedgerError> {
	match timeout(PATIENCE, transaction.finalised())
		.await
		.context("its client was not told that it left the pool")?
	{
		Err(error) => Ok(error),
		Ok(_) => bail!("it is in a block"),
	}
}

/// Waits until a client is told that its transaction was pushed out. The pool has room for another one then.
async fn is_pushed_out(transaction: Submitted) -> Result<()> {
	match end_of(transaction).await? {
		LedgerError::Dropped(_) => Ok(()),
		other => Err(other).context("it was not pushed out"),
	}
}

#[test]
fn a_full_pool_pushes_out_its_lowest_priority_and_refuses_what_is_lower() {
	run(async {
		let pool = StillPool::open().await?;
		let filler = TestMember::Carrier;
		let first = pool.next_nonce(filler).await?;
		let mut filling = Vec::new();
		for (nonce, steps) in (first..).zip(1..=POOL_LIMIT - 2) {
			filling.push(pool.takes(filler, Some(nonce), &remark(steps)).await?);
		}
		let lowest = pool.takes(TestMember::DataBroker, None, &remark(20)).await?;
		let behind_it = pool.takes(TestMember::DataBroker, None, &remark(0)).await?;
		pool.holds(POOL_LIMIT).await?;

		let next = first + filling.len() as u64;
		pool.refuses(filler, Some(next), &remark(21), IMMEDIATELY_DROPPED)
			.await?;
		pool.holds(POOL_LIMIT).await?;

		// The lowest goes, and with it what can not come before it.
		pool.takes(TestMember::SecondLife, None, &remark(0)).await?;
		is_pushed_out(lowest).await?;
		is_pushed_out(behind_it).await?;
		pool.holds(POOL_LIMIT - 1).await?;

		// Of equals the one that waits longest goes.
		let oldest = filling.pop().context("nothing fills the pool")?;
		let second = pool
			.takes(TestMember::QualityLab, None, &remark(POOL_LIMIT - 2))
			.await?;
		pool.holds(POOL_LIMIT).await?;
		let third = pool
			.takes(TestMember::NotifiedBody, None, &remark(POOL_LIMIT - 2))
			.await?;
		is_pushed_out(oldest).await?;
		pool.holds(POOL_LIMIT).await?;

		// What is lower than all is taken as a part in the council.
		let seated = TestMember::BatteryTrade;
		pool.refuses(seated, None, &remark(30), IMMEDIATELY_DROPPED)
			.await?;
		pool.takes(seated, None, &motion(remark(30))).await?;
		is_pushed_out(second).await?;
		pool.takes(TestMember::CellWorks, None, &vote()).await?;
		is_pushed_out(third).await?;
		pool.holds(POOL_LIMIT).await?;

		// A nonce that waits is given to what has a higher priority, and to nothing else.
		let replaced = filling.swap_remove(0);
		pool.refuses(filler, Some(first), &remark(2), PRIORITY_TOO_LOW)
			.await?;
		pool.takes(filler, Some(first), &remark(0)).await?;
		match end_of(replaced).await? {
			LedgerError::Pool(reason) if reason.contains("usurped") => {}
			other => return Err(other).context("it was not replaced"),
		}
		pool.holds(POOL_LIMIT).await
	});
}

#[test]
fn who_hands_in_more_of_one_size_than_the_pool_holds_loses_all_of_it() {
	run(async {
		let pool = StillPool::open().await?;
		let filler = TestMember::Carrier;
		let first = pool.next_nonce(filler).await?;
		let mut filling = Vec::new();
		for nonce in (first..).take(POOL_LIMIT) {
			filling.push(pool.takes(filler, Some(nonce), &remark(1)).await?);
		}
		pool.holds(POOL_LIMIT).await?;

		// The first is the oldest of equals, and all others stand behind it.
		let next = first + filling.len() as u64;
		pool.refuses(filler, Some(next), &remark(1), IMMEDIATELY_DROPPED)
			.await?;
		pool.holds(0).await?;
		for transaction in filling {
			is_pushed_out(transaction).await?;
		}
		pool.takes(filler, Some(first), &remark(2)).await?;
		pool.holds(1).await
	});
}
