//! A leg: transactions of one kind, sent at one pace, until the last of them is final.

use crate::{
	chain::Chain,
	load::{Load, Transaction},
	outcome::{outcomes, Told},
	tally::{Sent, Tally},
};
use anyhow::{bail, Context, Result};
use futures::future::try_join_all;
use std::{
	collections::HashMap,
	sync::{
		atomic::{AtomicUsize, Ordering},
		Arc,
	},
};
use subxt::{
	config::{substrate::BlakeTwo256, Hasher},
	rpcs::{self, rpc_params, RpcClient},
	utils::H256,
};
use tokio::{
	sync::{watch, Semaphore},
	task::JoinSet,
	time::{sleep_until, Duration, Instant},
};

/// Calls that a flood starts with, sent and not final: some blocks of the heaviest calls.
const FIRST_CALLS: usize = 1_500;

/// Blocks that a flood keeps on their way: two wait for finality, one is made, and the next two are full whatever happens.
const BLOCKS_AHEAD: usize = 5;

/// Most transactions on their way: far below the 32,768 that the pool takes, above which it drops some.
const MOST_TRANSACTIONS: usize = 6_000;

/// Most bytes on their way: far below the pool's 128 MiB, and more than five full blocks.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// After so many final blocks in a row a pool has lost the nonce that it lacks, and what was sent from it on is sent once more. For
/// one block it can lack what it has not lost: a transaction that arrives while the pool makes a new block's view is put into
/// the next one. Those after it are "future" meanwhile; of these the pool drops the ones that only an old view holds, when
/// that view goes because the block after it is final. It tells only who watches them.
const GAP_BLOCKS: u32 = 3;

/// A leg in which nothing becomes final for so long has lost a transaction that can not be sent again, and never ends.
const STALL: Duration = Duration::from_secs(60);

/// The code by which a node says that its pool has a transaction already.
const IN_THE_POOL: i32 = 1_013;

/// How fast transactions are sent.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
	/// As fast as the pool takes them without ever dropping one, for at most so long. What is left of the load is not sent.
	Flood(Duration),
	/// So many transactions per second, at regular intervals, whatever becomes of them.
	Steady(f64),
}

impl Pace {
	/// Its name in the report.
	pub const fn name(self) -> &'static str {
		match self {
			Pace::Flood(_) => "flood",
			Pace::Steady(_) => "steady",
		}
	}
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
	/// Open unless the pool lacks a transaction of this member.
	gate: watch::Receiver<bool>,
	schedule: Schedule,
}

impl Feed {
	/// The place of the next transaction, once it is due, there is room for it and the gate is open, and when it began to
	/// wait. `None` when all are sent, or the time is over.
	async fn next(&mut self) -> Option<(usize, Instant)> {
		let place = *self.load.lanes.get(self.lane)?.places.get(self.next)?;
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
		// The leg that holds the gate outlives this.
		if self.gate.wait_for(|open| *open).await.is_err() {
			return None;
		}
		let now = Instant::now();
		match self.schedule {
			Schedule::Until(end) if now >= end => return None,
			_ => {}
		}
		self.next += 1;
		Some((place, due.unwrap_or(now)))
	}
}

/// Sends what a feed has, each transaction once the pool has answered about the one before it: of several on their way one can
/// overtake another. Places and beginnings of what was sent. Errors: the pool refused one.
async fn send(rpc: RpcClient, mut feed: Feed, sent: Arc<AtomicUsize>) -> Result<Vec<(usize, Instant)>> {
	let mut began = Vec::new();
	while let Some((place, start)) = feed.next().await {
		submit(&rpc, &feed.load.transactions[place]).await?;
		began.push((place, start));
		sent.store(began.len(), Ordering::Relaxed);
	}
	Ok(began)
}

/// Gives a transaction to a pool; whether that did not have it. Errors: it was refused, or the node does not answer.
async fn submit(rpc: &RpcClient, transaction: &Transaction) -> Result<bool> {
	let answer: Result<H256, _> = rpc
		.request("author_submitExtrinsic", rpc_params![&transaction.hex])
		.await;
	match answer {
		Ok(_) => Ok(true),
		Err(rpcs::Error::User(refused)) if refused.code == IN_THE_POOL => Ok(false),
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

/// What sending once more came to.
#[derive(Default)]
struct Again {
	/// Transactions that a pool took, because it had lost them.
	taken: u64,
	/// Why the last one that no pool wanted was refused. One that is in a block meanwhile is refused as well.
	refusal: Option<String>,
}

/// Sends these as they were signed. A pool bans what it has dropped, for half an hour unless it is a development chain's, so
/// what the first of these validators refuses is given to the next.
async fn send_again(validators: Vec<RpcClient>, load: Arc<Load>, places: Vec<usize>) -> Again {
	let mut again = Again::default();
	for place in places {
		for rpc in &validators {
			match submit(rpc, &load.transactions[place]).await {
				Ok(new) => {
					again.taken += u64::from(new);
					break;
				}
				Err(refusal) => again.refusal = Some(format!("{refusal:#}")),
			}
		}
	}
	again
}

/// What is known of one member's transactions.
struct Member {
	/// How many of them the pool has taken. The task that sends them counts.
	sent: Arc<AtomicUsize>,
	/// How many are final.
	found: usize,
	/// The nonce that the pool lacks, and after how many final blocks in a row it did.
	gap: Option<(u64, u32)>,
	/// See [`Feed::gate`].
	gate: watch::Sender<bool>,
}

impl Member {
	fn new() -> Self {
		Member {
			sent: Arc::default(),
			found: 0,
			gap: None,
			gate: watch::Sender::new(true),
		}
	}

	/// After a final block: the pool waits for nonce `next`, and has taken all below `end`. Gives the nonce from which on they
	/// have to be sent once more.
	///
	/// What is sent after a transaction that the pool lacks only waits there, in danger of being lost as well: the gate closes.
	fn lacks(&mut self, next: u64, end: u64) -> Option<u64> {
		if next >= end {
			self.gap = None;
			self.gate.send_replace(true);
			return None;
		}
		let blocks = match self.gap {
			Some((nonce, blocks)) if nonce == next => blocks + 1,
			_ => 1,
		};
		self.gap = Some((next, blocks % GAP_BLOCKS));
		self.gate.send_replace(false);
		(blocks == GAP_BLOCKS).then_some(next)
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

/// Looks for the transactions of a leg in final blocks, and after those that pools have lost.
struct Search<'a> {
	chain: &'a Chain,
	load: Arc<Load>,
	places: HashMap<H256, usize>,
	/// One for each lane.
	members: Vec<Member>,
	room: Room,
	/// The last block that was looked at.
	last: u64,
	found: usize,
	blocks: Vec<FinalBlock>,
	progress: Instant,
	/// What all sending once more came to.
	again: Again,
}

impl<'a> Search<'a> {
	/// Begins after the block that is final now.
	async fn begin(chain: &'a Chain, load: &Arc<Load>, room: Room) -> Result<Self> {
		let hashes = load.transactions.iter().map(|transaction| transaction.hash);
		Ok(Search {
			chain,
			load: Arc::clone(load),
			places: hashes.zip(0..).collect(),
			members: load.lanes.iter().map(|_| Member::new()).collect(),
			room,
			last: chain.ledger().finalised_head().await?.0.into(),
			found: 0,
			blocks: Vec::new(),
			progress: Instant::now(),
			again: Again::default(),
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
					let transaction = &self.load.transactions[*place];
					ours.push((index, *place));
					calls += transaction.calls as usize;
					self.members[transaction.lane].found += 1;
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

	/// Asks the pools, after a final block, whether they have all that they took. What one has lost is sent once more.
	async fn look_after(&mut self, sending_again: &mut JoinSet<Again>) -> Result<()> {
		let (chain, members) = (self.chain, &self.members);
		let asked = self.load.lanes.iter().enumerate().map(|(number, lane)| {
			// Before asking: what is sent meanwhile is no gap.
			let sent = members[number].sent.load(Ordering::Relaxed);
			async move { anyhow::Ok((sent, chain.next_nonce(number, &lane.account).await?)) }
		});
		let answers = try_join_all(asked).await?;
		for (number, (sent, next)) in answers.into_iter().enumerate() {
			let lane = &self.load.lanes[number];
			let end = lane.first_nonce + sent as u64;
			if let Some(from) = self.members[number].lacks(next, end) {
				let first = from.saturating_sub(lane.first_nonce) as usize;
				let places = lane.places[first..sent].to_vec();
				let validators = chain.submissions_from(number);
				sending_again.spawn(send_again(validators, Arc::clone(&self.load), places));
			}
		}
		Ok(())
	}

	fn sent_again(&mut self, again: Again) {
		self.again.taken += again.taken;
		self.again.refusal = again.refusal.or(self.again.refusal.take());
	}

	/// What is missing of each member that is not done, and what its pool says.
	async fn missing(&self) -> String {
		let mut missing = Vec::new();
		for (number, (lane, member)) in self.load.lanes.iter().zip(&self.members).enumerate() {
			let sent = member.sent.load(Ordering::Relaxed);
			if sent == member.found {
				continue;
			}
			let asked = async {
				let next = self.chain.next_nonce(number, &lane.account).await?;
				anyhow::Ok((next, self.chain.ready_transactions(number).await?))
			};
			let pool = match asked.await {
				Ok((next, ready)) => {
					format!("its pool waits for nonce {next} and has {ready} ready transactions of all")
				}
				Err(error) => format!("its pool does not answer: {error:#}"),
			};
			missing.push(format!(
				"{} ({}) has sent {sent} from nonce {} on, {} are final, {pool}",
				lane.sender.name(),
				lane.account,
				lane.first_nonce,
				member.found
			));
		}
		missing.push(format!(
			"{} were resubmitted, and the last refusal of that was: {}",
			self.again.taken,
			self.again.refusal.as_deref().unwrap_or("none")
		));
		missing.join("; ")
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
		tally.resubmitted = self.again.taken;
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
	for (lane, member) in search.members.iter().enumerate() {
		let feed = Feed {
			load: Arc::clone(&load),
			lane,
			next: 0,
			room: Arc::clone(&free),
			gate: member.gate.subscribe(),
			schedule,
		};
		lanes.spawn(send(chain.submissions(lane), feed, Arc::clone(&member.sent)));
	}

	let mut sending_again = JoinSet::new();
	let mut began: HashMap<usize, Instant> = HashMap::new();
	while !lanes.is_empty() || search.found < began.len() {
		tokio::select! {
			Some(sent) = lanes.join_next() => began.extend(sent.context("a member's task ended")??),
			Some(again) = sending_again.join_next() => {
				search.sent_again(again.context("a task that sends once more ended")?);
			}
			head = heads.next() => {
				let head = head.context("the node closed its subscription")??;
				search.read_to(head.number, Instant::now()).await?;
				search.look_after(&mut sending_again).await?;
			}
			() = sleep_until(search.progress + STALL) => {
				let missing = search.missing().await;
				bail!("none became final for {} s, {} are: {missing}", STALL.as_secs(), search.found)
			}
		}
	}
	// Nothing is left to be sent; what still asks is refused.
	while let Some(again) = sending_again.join_next().await {
		search.sent_again(again.context("a task that sends once more ended")?);
	}
	search.count(&began, told).await
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::load::Lane;
	use passport_client::test_keys::TestMember;
	use subxt::utils::AccountId32;

	fn load(transactions: usize, calls: u32, bytes: usize) -> Load {
		let transaction = |subject: usize| Transaction {
			hex: "00".repeat(bytes),
			hash: H256::zero(),
			calls,
			subject: subject as u32,
			lane: 0,
		};
		Load {
			transactions: (0..transactions).map(transaction).collect(),
			lanes: vec![Lane {
				sender: TestMember::CellWorks,
				account: AccountId32([0; 32]),
				first_nonce: 0,
				places: (0..transactions).collect(),
			}],
		}
	}

	fn feed(load: &Arc<Load>, schedule: Schedule) -> Feed {
		Feed {
			load: Arc::clone(load),
			lane: 0,
			next: 0,
			room: Arc::new(Semaphore::new(10)),
			gate: watch::channel(true).1,
			schedule,
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
		assert_eq!((room.size, room.most), (1_024, 1_024));
		let room = Room::new(&load(1, 2_000, 100), flood);
		assert_eq!(room.size, 2_000);
		let empty = Room::new(&Load::default(), flood);
		assert_eq!(empty.size, 1_500);
	}

	#[tokio::test]
	async fn a_feed_ends_with_its_transactions_or_with_its_time() {
		let load = Arc::new(load(3, 1, 100));
		let mut all = feed(&load, Schedule::Until(Instant::now() + Duration::from_secs(60)));
		for place in 0..3 {
			assert_eq!(all.next().await.map(|(place, _)| place), Some(place));
		}
		assert!(all.next().await.is_none());
		let mut late = feed(&load, Schedule::Until(Instant::now()));
		assert!(late.next().await.is_none());
	}

	#[tokio::test]
	async fn a_steady_feed_counts_from_when_a_transaction_was_due() {
		let start = Instant::now();
		let interval = Duration::from_millis(5);
		let load = Arc::new(load(3, 1, 100));
		let mut feed = feed(&load, Schedule::Every { start, interval });
		for place in 0..3_u32 {
			assert_eq!(
				feed.next().await,
				Some((place as usize, start + interval * place))
			);
			assert!(Instant::now() >= start + interval * place);
		}
		assert!(feed.next().await.is_none());
	}

	#[tokio::test]
	async fn a_feed_waits_while_the_pool_lacks_a_transaction() {
		let load = Arc::new(load(1, 1, 100));
		let member = Member::new();
		let mut feed = Feed {
			gate: member.gate.subscribe(),
			..feed(&load, Schedule::Until(Instant::now() + Duration::from_secs(60)))
		};
		member.gate.send_replace(false);
		let sent = tokio::select! {
			biased;
			_ = feed.next() => true,
			() = std::future::ready(()) => false,
		};
		assert!(!sent);
		member.gate.send_replace(true);
		assert_eq!(feed.next().await.map(|(place, _)| place), Some(0));
	}

	#[test]
	fn what_a_pool_lacks_for_three_blocks_is_sent_once_more_and_again_after_three() {
		let mut member = Member::new();
		// All that was sent is there, or in a block.
		assert_eq!(member.lacks(10, 10), None);
		assert!(*member.gate.borrow());
		// A gap that closes with the next block.
		assert_eq!(member.lacks(12, 20), None);
		assert!(!*member.gate.borrow());
		assert_eq!(member.lacks(25, 20), None);
		assert!(*member.gate.borrow());
		// Another nonce is another gap.
		assert_eq!(member.lacks(22, 30), None);
		assert_eq!(member.lacks(22, 30), None);
		for _ in 0..2 {
			assert_eq!(member.lacks(23, 30), None);
			assert_eq!(member.lacks(23, 30), None);
			assert_eq!(member.lacks(23, 30), Some(23));
			assert!(!*member.gate.borrow());
		}
		assert_eq!(member.lacks(30, 30), None);
		assert!(*member.gate.borrow());
	}
}
