//! What anybody was told is final while a fault went on: it must be there when the fault is over, on every honest node.
//!
//! Two kinds of listeners: one asks a node again and again for its latest final block, as a gateway does; the other is a client
//! whose transaction the node called final. Each writes down what it was told, and nothing else counts: a transaction whose
//! node died before it answered is no promise.

use crate::{
	battery::now_seconds,
	call::{self, batch_all},
	network_rpc::{Head, Rpc},
	network_seal::slot,
};
use anyhow::{ensure, Result};
use passport_client::{api::runtime_types as types, test_keys::TestMember, Ledger};
use std::{
	collections::{BTreeMap, BTreeSet},
	sync::{
		atomic::{AtomicU64, Ordering},
		Arc, Mutex, MutexGuard, PoisonError,
	},
	time::Duration,
};
use subxt::{
	config::{substrate::BlakeTwo256, Hasher},
	utils::H256,
};
use tokio::{task::JoinHandle, time::sleep};
use types::passport_runtime::RuntimeCall;

/// Between two questions for the latest final block: a third of a block.
const ASK_EVERY: Duration = Duration::from_millis(300);

/// A client whose node is gone tries again so often.
const CONNECT_EVERY: Duration = Duration::from_millis(500);

/// How far a final block's slot may lie before the test's clock, in seconds: the one that Aura lets pass.
const SLOTS_AHEAD: u64 = 1;

/// Something that goes on beside the test until it is dropped.
pub struct Background(JoinHandle<()>);

impl Background {
	/// Ends it and waits until it has.
	pub async fn end(mut self) {
		self.0.abort();
		// It was aborted, or has panicked: then the test that it belongs to goes on without it, and misses what it would tell.
		let _ended = (&mut self.0).await;
	}
}

impl Drop for Background {
	fn drop(&mut self) {
		self.0.abort();
	}
}

/// What a client sends, each after the one before is final.
#[derive(Clone, Copy, Debug)]
pub enum Sends {
	/// `system.remark` of so many bytes.
	Remarks(usize),
	/// A batch of so many new passports. For a manufacturer.
	Registrations(usize),
}

impl Sends {
	/// The next call. No two registrations of a test program name the same battery.
	fn call(self) -> Result<RuntimeCall> {
		static NEXT: AtomicU64 = AtomicU64::new(0);
		match self {
			Sends::Remarks(bytes) => Ok(RuntimeCall::System(types::frame_system::pallet::Call::remark {
				remark: vec![0x42; bytes],
			})),
			Sends::Registrations(batteries) => {
				let calls = (0..batteries)
					.map(|_| {
						let number = NEXT.fetch_add(1, Ordering::Relaxed);
						call::register(&format!("https://id.cell-works.example/21/faults/{number}"), None)
					})
					.collect::<Result<_>>()?;
				Ok(batch_all(calls))
			}
		}
	}
}

/// A block that somebody was told is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Block {
	number: u32,
	hash: H256,
}

#[derive(Default)]
struct Records {
	/// Final blocks by height, and who said so first.
	blocks: BTreeMap<u32, (H256, String)>,
	/// Transactions that were called final, by the block that they were said to stand in.
	transactions: BTreeMap<Block, BTreeSet<H256>>,
	/// What can not be true together.
	contradictions: Vec<String>,
	/// Why a client had to begin again, for whoever reads of a failure.
	last_trouble: Option<String>,
}

impl Records {
	fn note(&mut self, by: &str, block: Block) {
		let (hash, first) = self
			.blocks
			.entry(block.number)
			.or_insert_with(|| (block.hash, by.to_owned()));
		if *hash != block.hash {
			let contradiction = format!("{by} was told that {block:?} is final, {first} that it is {hash:?}");
			self.contradictions.push(contradiction);
		}
	}
}

/// Everything that was told.
#[derive(Clone, Default)]
pub struct Told(Arc<Mutex<Records>>);

impl Told {
	fn records(&self) -> MutexGuard<'_, Records> {
		self.0.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Notes the final blocks of a node from now on.
	pub fn watch(&self, rpc: &Rpc) -> Background {
		let (told, rpc) = (self.clone(), rpc.clone());
		Background(tokio::spawn(async move {
			loop {
				// A node that is down says nothing.
				if let Ok(head) = rpc.finalised().await {
					told.note_head(&rpc.name, &head);
				}
				sleep(ASK_EVERY).await;
			}
		}))
	}

	/// A client at a node, which sends from now on.
	pub fn client(&self, rpc: &Rpc, member: TestMember, sends: Sends) -> Background {
		let (told, url) = (self.clone(), format!("ws://{}", rpc.address));
		Background(tokio::spawn(async move {
			loop {
				// It ends with an error alone: the node is gone, or the pool let go of the transaction.
				if let Err(error) = told.send_on(&url, member, sends).await {
					told.records().last_trouble = Some(format!("{} at {url}: {error:#}", member.name()));
				}
				sleep(CONNECT_EVERY).await;
			}
		}))
	}

	async fn send_on(&self, url: &str, member: TestMember, sends: Sends) -> Result<()> {
		let ledger = Ledger::connect(url).await?;
		let signer = member.signer();
		loop {
			let done = call::finalise(&ledger, &signer, &sends.call()?).await?;
			let block = Block {
				number: done.block_number,
				hash: done.block_hash,
			};
			let mut records = self.records();
			records.note(member.name(), block);
			records
				.transactions
				.entry(block)
				.or_default()
				.insert(done.events.extrinsic_hash());
		}
	}

	fn note_head(&self, by: &str, head: &Head) {
		let mut records = self.records();
		let block = Block {
			number: head.number,
			hash: head.hash,
		};
		records.note(by, block);
		match slot(&head.header) {
			Ok(slot) if slot <= now_seconds() + SLOTS_AHEAD => {}
			// The genesis has no slot.
			Err(_) if head.number == 0 => {}
			other => records
				.contradictions
				.push(format!("{by}: the slot of {block:?} is {other:?}")),
		}
	}

	/// How many transactions were called final.
	pub fn transactions(&self) -> usize {
		self.records().transactions.values().map(BTreeSet::len).sum()
	}

	/// The last reason for which a client had to begin again.
	pub fn last_trouble(&self) -> String {
		self.records().last_trouble.clone().unwrap_or_default()
	}

	/// Fails unless all of it fits together, and stands on this node's chain.
	pub async fn stands_on(&self, rpc: &Rpc) -> Result<()> {
		let (blocks, transactions) = {
			let records = self.records();
			ensure!(records.contradictions.is_empty(), "{:#?}", records.contradictions);
			(records.blocks.clone(), records.transactions.clone())
		};
		let numbers: Vec<u32> = blocks.keys().copied().collect();
		let hashes = rpc.hashes(&numbers).await?;
		ensure!(hashes.len() == numbers.len(), "{}: fewer answers", rpc.name);
		for ((number, (told, by)), has) in blocks.iter().zip(hashes) {
			ensure!(
				has == Some(*told),
				"{by} was told that block {number} is {told:?}; {} has {has:?}",
				rpc.name
			);
		}
		for (block, told) in transactions {
			let has: BTreeSet<H256> = rpc
				.body(block.hash)
				.await?
				.iter()
				.map(|bytes| BlakeTwo256.hash(bytes))
				.collect();
			let missing: Vec<_> = told.difference(&has).collect();
			ensure!(
				missing.is_empty(),
				"{} lost transactions of {block:?}: {missing:?}",
				rpc.name
			);
		}
		Ok(())
	}
}
