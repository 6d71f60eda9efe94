//! A leg: transactions of one kind, sent at one pace, until the last of them is final.

use crate::{
	chain::Chain,
	load::{Load, Transaction},
	outcome::{outcomes, Told},
	tally::{Sent, Tally},
};
use anyhow::{bail, Context, Result};
use futures::{stream, StreamExt};
use std::{collections::HashMap, pin::pin, sync::Arc};
use subxt::{
	config::{substrate::BlakeTwo256, Hasher},
	rpcs::{self, rpc_params, RpcClient},
	utils::H256,
};
use tokio::{
	sync::Semaphore,
	task::JoinSet,
	time::{sleep_until, Duration, Instant},
};

/// Requests of one member that wait for an answer. The node checks each before it answers; with some on their way it never
/// waits for the bench.
const ON_THE_WIRE: usize = 16;

/// Calls that a flood starts with, sent and not final: some blocks of the heaviest calls.
const FIRST_CALLS: usize = 1_500;

/// Blocks that a flood keeps on their way: two wait for finality, one is made, and the next two are full whatever happens.
const BLOCKS_AHEAD: usize = 5;

/// Most transactions on their way: below the 8,192 that the pool takes, above which it drops some.
const MOST_TRANSACTIONS: usize = 6_000;

/// Most bytes on their way: half of the pool's 20 MiB.
const MOST_BYTES: usize = 10 * 1024 * 1024;

/// A leg in which nothing becomes final for so long has lost a transaction, and never ends.
const STALL: Duration = Duration::from_secs(60);

/// How fast transactions are sent.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
	/// As fast as the pool takes them without ever dropping one, for at most so long. What is left of the load is not sent.
	Flood(Duration),
	/// So many transactions per second, at regular intervals, whatever becomes of them.
	Steady(f64),
}

/// When a transaction is due.
#[derive(Clone, Copy)]
enum Schedule {
	Until(Instant),
	Every { start: Instant, interval: Duration },
}

/// What one member still has to send.
struct Feed {
	load: Arc<Load>,
	lane: usize,
	next: usize,
	room: Arc<Semaphore>,
	schedule: Schedule,
}

impl Feed {
	/// The place of the next transaction, once it is due and there is room for it, and when it began to wait. `None` when all
	/// are sent, or the time is over.
	async fn next(&mut self) -> Option<(usize, Instant)> {
		let place = *self.load.lanes.get(self.lane)?.get(self.next)?;
		let due = match self.schedule {
			Schedule::Every { start, interval } => {
				let due = start + interval.mul_f64(place as f64);
				sleep_until(due).await;
				Some(due)
			}
			Schedule::Until(_) => None,
		};
		let calls = self.load.transactions[place].calls;
		// Never closed. What is taken here comes back when the transaction is final.
		self.room.acquire_many(calls).await.ok()?.forget();
		let now = Instant::now();
		match self.schedule {
			Schedule::Until(end) if now >= end => return None,
			_ => {}
		}
		self.next += 1;
		Some((place, due.unwrap_or(now)))
	}
}

/// Sends what a feed has; places and beginnings of what was sent. Errors: the pool refused one.
async fn send(rpc: RpcClient, feed: Feed) -> Result<Vec<(usize, Instant)>> {
	let load = Arc::clone(&feed.load);
	let transactions = stream::unfold(feed, |mut feed| async move {
		let next = feed.next().await?;
		Some((next, feed))
	});
	let answers = transactions
		.map(move |(place, began)| {
			let (rpc, load) = (rpc.clone(), Arc::clone(&load));
			async move {
				submit(&rpc, &load.transactions[place]).await?;
				anyhow::Ok((place, began))
			}
		})
		// In order: a nonce that comes before the one below it has to wait in the pool.
		.buffered(ON_THE_WIRE);
	let mut answers = pin!(answers);
	let mut sent = Vec::new();
	while let Some(answer) = answers.next().await {
		sent.push(answer?);
	}
	Ok(sent)
}

async fn submit(rpc: &RpcClient, transaction: &Transaction) -> Result<()> {
	let answer: Result<H256, _> = rpc
		.request("author_submitExtrinsic", rpc_params![&transaction.hex])
		.await;
	match answer {
		Ok(_) => Ok(()),
		// The reason stands in the data, which no `Display` shows.
		Err(rpcs::Error::User(refused)) => bail!(
			"the pool refused a transaction: {} ({}) {}",
			refused.message,
			refused.code,
			refused.data.as_ref().map_or("", |data| data.get())
		),
		Err(other) => Err(other).context("the node does not answer"),
	}
}

/// Room for transactions that are on their way, counted in calls.
struct Room {
	free: Arc<Semaphore>,
	size: usize,
	most: usize,
	fullest_block: usize,
}

impl Room {
	fn new(load: &Load, pace: Pace) -> Self {
		let (mut calls, mut bytes) = (1, 1);
		for transaction in &load.transactions {
			calls = calls.max(transaction.calls as usize);
			bytes = bytes.max(transaction.hex.len() / 2);
		}
		let most = calls * MOST_TRANSACTIONS.min(MOST_BYTES / bytes).max(1);
		let size = match pace {
			Pace::Flood(_) => FIRST_CALLS.clamp(calls, most),
			Pace::Steady(_) => most,
		};
		Room {
			free: Arc::new(Semaphore::new(size)),
			size,
			most,
			fullest_block: 0,
		}
	}

	/// So many calls of a block have become final. Grows with the fullest block, so that the next is never less full for want
	/// of transactions.
	fn became_final(&mut self, calls: usize) {
		self.free.add_permits(calls);
		self.fullest_block = self.fullest_block.max(calls);
		let wanted = (self.fullest_block * BLOCKS_AHEAD).min(self.most);
		if wanted > self.size {
			self.free.add_permits(wanted - self.size);
			self.size = wanted;
		}
	}
}

/// A final block with transactions of the leg.
struct FinalBlock {
	arrived: Instant,
	hash: H256,
	/// Place in the block, and in the load.
	ours: Vec<(u32, usize)>,
}

/// Looks for the transactions of a leg in final blocks.
struct Search<'a> {
	chain: &'a Chain,
	load: Arc<Load>,
	places: HashMap<H256, usize>,
	room: Room,
	/// The last block that was looked at.
	last: u64,
	found: usize,
	blocks: Vec<FinalBlock>,
	progress: Instant,
}

impl<'a> Search<'a> {
	/// Begins after the block that is final now.
	async fn begin(chain: &'a Chain, load: &Arc<Load>, room: Room) -> Result<Self> {
		let hashes = load.transactions.iter().map(|transaction| transaction.hash);
		Ok(Search {
			chain,
			load: Arc::clone(load),
			places: hashes.zip(0..).collect(),
			room,
			last: chain.ledger().finalised_head().await?.0.into(),
			found: 0,
			blocks: Vec::new(),
			progress: Instant::now(),
		})
	}

	/// Reads the blocks up to this one, which was told to be final at this moment. Several can become final at once, and the
	/// last of them alone is told.
	async fn read_to(&mut self, number: u64, arrived: Instant) -> Result<()> {
		while self.last < number {
			self.last += 1;
			let (hash, body) = self.chain.body(self.last).await?;
			let mut ours = Vec::new();
			let mut calls = 0;
			for (index, bytes) in (0..).zip(&body) {
				if let Some(place) = self.places.get(&BlakeTwo256.hash(bytes)) {
					ours.push((index, *place));
					calls += self.load.transactions[*place].calls as usize;
				}
			}
			if !ours.is_empty() {
				self.progress = arrived;
				self.found += ours.len();
				self.room.became_final(calls);
				self.blocks.push(FinalBlock { arrived, hash, ours });
			}
		}
		Ok(())
	}

	/// Counts what was found, by what the blocks say of it.
	async fn count(self, began: &HashMap<usize, Instant>, told: Told) -> Result<Tally> {
		let mut tally = Tally::default();
		for block in self.blocks {
			let mut outcomes = outcomes(self.chain.ledger(), block.hash, told).await?;
			let transactions = block.ours.iter().map(|(index, place)| {
				let transaction = &self.load.transactions[*place];
				let sent = Sent {
					calls: transaction.calls,
					subject: transaction.subject,
					began: began.get(place).copied().unwrap_or(block.arrived),
				};
				(sent, outcomes.remove(index).unwrap_or_default())
			});
			tally.block(block.arrived, transactions);
		}
		Ok(tally)
	}
}

/// Sends a load and waits until all that was sent is final. The chain has nothing else to do.
pub async fn run(chain: &Chain, load: Load, told: Told, pace: Pace) -> Result<Tally> {
	let mut heads = chain.methods().chain_subscribe_finalized_heads().await?;
	let room = Room::new(&load, pace);
	let free = Arc::clone(&room.free);
	let load = Arc::new(load);
	let mut search = Search::begin(chain, &load, room).await?;

	let start = Instant::now();
	let schedule = match pace {
		Pace::Flood(longest) => Schedule::Until(start + longest),
		Pace::Steady(per_second) => Schedule::Every {
			start,
			interval: Duration::try_from_secs_f64(1.0 / per_second).context("a pace of nothing")?,
		},
	};
	let mut lanes = JoinSet::new();
	for lane in 0..load.lanes.len() {
		let feed = Feed {
			load: Arc::clone(&load),
			lane,
			next: 0,
			room: Arc::clone(&free),
			schedule,
		};
		lanes.spawn(send(chain.submissions(lane), feed));
	}

	let mut began: HashMap<usize, Instant> = HashMap::new();
	while !lanes.is_empty() || search.found < began.len() {
		tokio::select! {
			Some(sent) = lanes.join_next() => began.extend(sent.context("a member's task ended")??),
			head = heads.next() => {
				let head = head.context("the node closed its subscription")??;
				search.read_to(head.number, Instant::now()).await?;
			}
			() = sleep_until(search.progress + STALL) => bail!(
				"no transaction became final for {} s: {} of {} are, {} members are sending",
				STALL.as_secs(),
				search.found,
				began.len(),
				lanes.len()
			),
		}
	}
	search.count(&began, told).await
}

#[cfg(test)]
mod tests {
	use super::*;

	fn load(transactions: usize, calls: u32, bytes: usize) -> Load {
		let transaction = |subject: usize| Transaction {
			hex: "00".repeat(bytes),
			hash: H256::zero(),
			calls,
			subject: subject as u32,
		};
		Load {
			transactions: (0..transactions).map(transaction).collect(),
			lanes: vec![(0..transactions).collect()],
		}
	}

	#[test]
	fn a_flood_stays_below_the_pool_and_ahead_of_the_blocks() {
		let flood = Pace::Flood(Duration::from_secs(1));
		let mut room = Room::new(&load(10, 1, 200), flood);
		assert_eq!(room.free.available_permits(), 1_500);
		// As it comes back from blocks that are no fuller than was foreseen.
		room.free = Arc::new(Semaphore::new(0));
		room.became_final(100);
		assert_eq!(room.free.available_permits(), 100);
		// Fuller blocks: five of them are on their way, and what this one frees.
		room.became_final(1_000);
		assert_eq!(room.free.available_permits(), 100 + 1_000 + 3_500);
		assert_eq!(room.size, 5_000);
		// Never above the pool.
		room.became_final(5_000);
		assert_eq!(room.size, MOST_TRANSACTIONS);
	}

	#[test]
	fn large_transactions_are_bounded_by_bytes_and_a_batch_always_fits() {
		let flood = Pace::Flood(Duration::from_secs(1));
		let room = Room::new(&load(10, 32, 1024 * 1024), flood);
		assert_eq!((room.size, room.most), (320, 320));
		let room = Room::new(&load(1, 2_000, 100), flood);
		assert_eq!(room.size, 2_000);
		let empty = Room::new(&Load::default(), flood);
		assert_eq!(empty.size, 1_500);
	}

	#[tokio::test]
	async fn a_feed_ends_with_its_transactions_or_with_its_time() {
		let load = Arc::new(load(3, 1, 100));
		let feed = |schedule| Feed {
			load: Arc::clone(&load),
			lane: 0,
			next: 0,
			room: Arc::new(Semaphore::new(10)),
			schedule,
		};
		let mut all = feed(Schedule::Until(Instant::now() + Duration::from_secs(60)));
		for place in 0..3 {
			assert_eq!(all.next().await.map(|(place, _)| place), Some(place));
		}
		assert!(all.next().await.is_none());
		let mut late = feed(Schedule::Until(Instant::now()));
		assert!(late.next().await.is_none());
	}

	#[tokio::test]
	async fn a_steady_feed_counts_from_when_a_transaction_was_due() {
		let start = Instant::now();
		let interval = Duration::from_millis(5);
		let mut feed = Feed {
			load: Arc::new(load(3, 1, 100)),
			lane: 0,
			next: 0,
			room: Arc::new(Semaphore::new(10)),
			schedule: Schedule::Every { start, interval },
		};
		for place in 0..3_u32 {
			assert_eq!(
				feed.next().await,
				Some((place as usize, start + interval * place))
			);
			assert!(Instant::now() >= start + interval * place);
		}
		assert!(feed.next().await.is_none());
	}
}
