//! The whole state of the ledger, to show that a call changed nothing.
//!
//! On a running chain the state root differs from block to block: the time, the number, the author are in it. So every
//! item of the state is compared, and what two blocks without a transaction differ in is taken out. That is learnt from
//! the chain, not listed here: a list would hide what someone adds to it.

use anyhow::{ensure, Context, Result};
use passport_client::{Keypair, Ledger};
use std::{
	collections::{BTreeMap, BTreeSet},
	future::Future,
};
use subxt::{rpcs::rpc_params, utils::H256};
use tokio::sync::OnceCell;

use crate::{until, PATIENCE};

/// Keys that are asked for at a time: the node's limit.
const PAGE: u32 = 1_000;

/// Length of the part of a key that names pallet and item.
const ITEM_BYTES: usize = 32;

/// Key of the runtime's code: a megabyte that only an upgrade changes, and an upgrade changes other items too.
const CODE: &str = "0x3a636f6465";

/// Pallet and item of `Organisations.Usage`: what a member's transactions have used of its quota.
const USAGE: &str = "0xad27ca4e32b671dcad8c32ed7a4743d521a322863109b5791b44c4ddd4fd49b9";

/// Every value in the state of a block, by key, in hex.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State(BTreeMap<String, String>);

#[derive(serde::Deserialize)]
struct Values {
	changes: Vec<(String, Option<String>)>,
}

impl State {
	/// The state after a block.
	pub async fn at(ledger: &Ledger, block: H256) -> Result<Self> {
		let mut state = BTreeMap::new();
		let mut last: Option<String> = None;
		loop {
			let page: Vec<String> = ledger
				.rpc()
				.request("state_getKeysPaged", rpc_params!["0x", PAGE, last.clone(), block])
				.await?;
			let Some(end) = page.last().cloned() else { break };
			last = Some(end);
			let keys: Vec<&String> = page.iter().filter(|key| *key != CODE).collect();
			let values: Vec<Values> = ledger
				.rpc()
				.request("state_queryStorageAt", rpc_params![&keys, block])
				.await?;
			for (key, value) in values.into_iter().flat_map(|values| values.changes) {
				state.insert(key, value.context("a key without a value")?);
			}
		}
		ensure!(!state.is_empty(), "the state is empty");
		Ok(State(state))
	}

	/// The keys whose values differ, or that only one of the two has.
	pub fn differing<'a>(&'a self, other: &'a State) -> BTreeSet<&'a str> {
		self.0
			.keys()
			.chain(other.0.keys())
			.filter(|key| self.0.get(*key) != other.0.get(*key))
			.map(String::as_str)
			.collect()
	}
}

/// Pallet and item of a key.
fn item(key: &str) -> &str {
	key.get(..2 + 2 * ITEM_BYTES).unwrap_or(key)
}

async fn next_final(ledger: &Ledger, blocks: u32) -> Result<H256> {
	let (now, _) = ledger.finalised_head().await?;
	until("the next blocks are final", PATIENCE, async || {
		let (number, hash) = ledger.finalised_head().await?;
		Ok((number >= now + blocks).then_some(hash))
	})
	.await
}

/// Items that every block changes. Learnt once: all chains of a test program run one runtime.
async fn restless_items(ledger: &Ledger) -> Result<&'static BTreeSet<String>> {
	static ITEMS: OnceCell<BTreeSet<String>> = OnceCell::const_new();
	let learn = async || {
		let one = State::at(ledger, next_final(ledger, 0).await?).await?;
		let other = State::at(ledger, next_final(ledger, 1).await?).await?;
		anyhow::Ok(
			one.differing(&other)
				.into_iter()
				.map(|key| item(key).to_owned())
				.collect(),
		)
	};
	ITEMS.get_or_try_init(learn).await
}

/// The keys that change while `act` goes on, beyond what every block changes, and what `act` gives. The caller has the
/// chain to itself. `blocks` more are looked at than are final when `act` ends.
async fn changes_by<T>(
	ledger: &Ledger,
	blocks: u32,
	act: impl Future<Output = Result<T>>,
) -> Result<(T, BTreeSet<String>)> {
	let restless = restless_items(ledger).await?;
	let before = State::at(ledger, next_final(ledger, 0).await?).await?;
	let done = act.await?;
	let after = State::at(ledger, next_final(ledger, blocks).await?).await?;
	let changes = before
		.differing(&after)
		.into_iter()
		.filter(|key| !restless.contains(item(key)));
	Ok((done, changes.map(str::to_owned).collect()))
}

/// Fails unless `act` leaves every item as it was. For what the pool refuses.
pub async fn unchanged<T>(ledger: &Ledger, act: impl Future<Output = Result<T>>) -> Result<T> {
	// A transaction that the pool has taken after all would be in one of the next three blocks.
	let (done, changes) = changes_by(ledger, 3, act).await?;
	ensure!(changes.is_empty(), "the state changed: {changes:#?}");
	Ok(done)
}

/// Fails unless `act` leaves every item as it was but the sender's account and what its organisation has used of its quota: a
/// call that fails in a block has used both. For what has a final block when `act` ends.
pub async fn unchanged_but_nonce<T>(
	ledger: &Ledger,
	sender: &Keypair,
	act: impl Future<Output = Result<T>>,
) -> Result<T> {
	let (done, changes) = changes_by(ledger, 0, act).await?;
	let account = hex::encode(sender.public_key().0);
	let (usage, rest): (Vec<_>, Vec<_>) = changes.iter().partition(|key| item(key) == USAGE);
	let others: Vec<_> = rest.iter().filter(|key| !key.ends_with(&account)).collect();
	ensure!(others.is_empty(), "the state changed: {others:#?}");
	ensure!(
		rest.len() == 1 && usage.len() == 1,
		"the sender's account and its organisation's usage change: {changes:#?}"
	);
	Ok(done)
}
