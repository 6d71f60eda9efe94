//! What final blocks say of transactions, fetched once for all that wait for the same block.

use crate::{
	api,
	ledger::{answer, connection},
	LedgerError,
};
use std::{
	collections::VecDeque,
	fmt,
	future::Future,
	sync::{Arc, Mutex, PoisonError},
	time::Duration,
};
use subxt::{
	error::{DispatchError, EventsError},
	events::{DecodeAsEvent, Event, Events, Phase},
	utils::H256,
	ArcMetadata, PolkadotConfig,
};
use tokio::{sync::OnceCell, time::timeout};

/// Blocks that are kept. Transactions that wait together are in the last few.
const KEPT_BLOCKS: usize = 16;

/// Longest wait for a block: it takes several answers, and one of them has megabytes.
const BLOCK_TIMEOUT: Duration = Duration::from_secs(60);

/// A place for a block that is fetched, being fetched, or still to be fetched.
type Place<Block> = Arc<OnceCell<Arc<Block>>>;

/// The blocks that were asked for last, at most [`KEPT_BLOCKS`].
pub(crate) struct LatestBlocks<Block> {
	places: Mutex<VecDeque<(H256, Place<Block>)>>,
}

impl<Block> LatestBlocks<Block> {
	/// None yet.
	pub(crate) fn new() -> Self {
		LatestBlocks {
			places: Mutex::new(VecDeque::with_capacity(KEPT_BLOCKS)),
		}
	}

	fn place(&self, hash: H256) -> Place<Block> {
		let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
		if let Some((_, place)) = places.iter().find(|(of, _)| *of == hash) {
			return place.clone();
		}
		if places.len() >= KEPT_BLOCKS {
			places.pop_front();
		}
		let place: Place<Block> = Arc::default();
		places.push_back((hash, place.clone()));
		place
	}

	/// The block, fetched by one of those that ask for it while the others wait. What failed is not kept: the next one
	/// fetches anew.
	///
	/// Errors: those of `fetch`; `Connection` after [`BLOCK_TIMEOUT`].
	pub(crate) async fn get<Fetch, Answer>(&self, hash: H256, fetch: Fetch) -> Result<Arc<Block>, LedgerError>
	where
		Fetch: FnOnce() -> Answer,
		Answer: Future<Output = Result<Block, LedgerError>>,
	{
		let place = self.place(hash);
		let fetched = place.get_or_try_init(|| async move { fetch().await.map(Arc::new) });
		// Around the waiting too: else everyone would wait for each fetch before its own that gets no answer.
		let block = timeout(BLOCK_TIMEOUT, fetched)
			.await
			.map_err(|_| connection(format!("no answer to what block {hash:?} holds")))??;
		Ok(block.clone())
	}
}

/// A final block, as far as its transactions ask for it.
pub(crate) struct FinalBlock {
	/// Its number.
	pub(crate) number: u32,
	/// Its hash.
	pub(crate) hash: H256,
	/// Hashes of its transactions, by their places. Their bytes would be megabytes.
	pub(crate) transactions: Vec<H256>,
	/// All its events.
	pub(crate) events: Events<PolkadotConfig>,
	/// By which its events are read.
	pub(crate) metadata: ArcMetadata,
}

/// The events of one transaction in a final block. Cheap to clone: all transactions of a block share what was fetched.
#[derive(Clone)]
pub struct TransactionEvents {
	block: Arc<FinalBlock>,
	index: u32,
	hash: H256,
}

impl fmt::Debug for TransactionEvents {
	// Without the block: its metadata alone are thousands of lines.
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("TransactionEvents")
			.field("block", &self.block.number)
			.field("index", &self.index)
			.field("hash", &self.hash)
			.finish_non_exhaustive()
	}
}

impl TransactionEvents {
	/// Errors: `Connection` when the block has no transaction with this hash.
	pub(crate) fn new(block: Arc<FinalBlock>, hash: H256) -> Result<Self, LedgerError> {
		let index = block
			.transactions
			.iter()
			.position(|transaction| *transaction == hash)
			.ok_or_else(|| {
				connection(format!(
					"the node says that transaction {hash:?} is in block {:?}, which does not hold it",
					block.hash
				))
			})?;
		Ok(TransactionEvents {
			index: u32::try_from(index).map_err(answer)?,
			block,
			hash,
		})
	}

	/// The block of the transaction.
	pub(crate) fn block(&self) -> &FinalBlock {
		&self.block
	}

	/// Why the call failed; `None` when it did not.
	///
	/// Errors: `Connection` when an event can not be read.
	pub(crate) fn failure(&self) -> Result<Option<DispatchError>, LedgerError> {
		for event in self.iter() {
			let event = event.map_err(connection)?;
			if event.is::<api::system::events::ExtrinsicFailed>() {
				let error = DispatchError::decode_from(event.field_bytes(), self.block.metadata.clone());
				return error.map(Some).map_err(connection);
			}
		}
		Ok(None)
	}

	/// Hash of the transaction.
	pub fn extrinsic_hash(&self) -> H256 {
		self.hash
	}

	/// Place of the transaction in its block.
	pub fn extrinsic_index(&self) -> u32 {
		self.index
	}

	/// The events of the transaction, in their order. What can not be read is an error, and the last item.
	pub fn iter(&self) -> impl Iterator<Item = Result<Event<'_, PolkadotConfig>, EventsError>> + use<'_> {
		let phase = Phase::ApplyExtrinsic(self.index);
		self.block.events.iter().filter(move |event| match event {
			Ok(event) => event.phase() == phase,
			Err(_) => true,
		})
	}

	/// The events of a kind, in their order. What comes after an event that can not be read is left out.
	pub fn find<E: DecodeAsEvent>(&self) -> impl Iterator<Item = Result<E, EventsError>> + use<'_, E> {
		self.iter()
			.filter_map(Result::ok)
			.filter_map(|event| event.decode_fields_as::<E>())
	}

	/// The first event of a kind.
	pub fn find_first<E: DecodeAsEvent>(&self) -> Option<Result<E, EventsError>> {
		self.find::<E>().next()
	}

	/// Whether there is an event of a kind.
	pub fn has<E: DecodeAsEvent>(&self) -> bool {
		self.iter().filter_map(Result::ok).any(|event| event.is::<E>())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::offline::offline;
	use codec::{Compact, Encode};
	use futures::future::join_all;
	use std::sync::atomic::{AtomicU32, Ordering};

	async fn counted(fetches: &AtomicU32) -> Result<u32, LedgerError> {
		tokio::task::yield_now().await;
		Ok(fetches.fetch_add(1, Ordering::Relaxed))
	}

	#[tokio::test]
	async fn those_that_wait_for_a_block_fetch_it_once() {
		let blocks = LatestBlocks::<u32>::new();
		let fetches = &AtomicU32::new(0);
		let waiters = (0..10).map(|_| blocks.get(H256::zero(), move || counted(fetches)));
		for block in join_all(waiters).await {
			assert_eq!(*block.unwrap(), 0);
		}
		assert_eq!(fetches.load(Ordering::Relaxed), 1);
	}

	#[tokio::test]
	async fn what_failed_is_fetched_again() {
		let blocks = LatestBlocks::<u32>::new();
		let hash = H256::zero();
		let failed = blocks.get(hash, || async { Err(connection("gone")) }).await;
		assert!(matches!(failed, Err(LedgerError::Connection(_))));
		assert_eq!(*blocks.get(hash, || async { Ok(1) }).await.unwrap(), 1);
		assert_eq!(*blocks.get(hash, || async { Ok(2) }).await.unwrap(), 1);
	}

	#[tokio::test]
	async fn only_the_latest_blocks_are_kept() {
		let blocks = LatestBlocks::<u32>::new();
		let fetches = &AtomicU32::new(0);
		assert_eq!(KEPT_BLOCKS, 16);
		// One more than are kept; then two that are.
		for byte in (0..=16).chain([16, 1]) {
			let hash = H256::repeat_byte(byte);
			blocks.get(hash, move || counted(fetches)).await.unwrap();
		}
		assert_eq!(fetches.load(Ordering::Relaxed), 17);
		// The first had to go.
		blocks
			.get(H256::repeat_byte(0), move || counted(fetches))
			.await
			.unwrap();
		assert_eq!(fetches.load(Ordering::Relaxed), 18);
	}

	#[test]
	fn a_transaction_has_its_own_events_of_the_block() {
		let chain = offline();
		let event = |phase: Phase, name: &str, fields: &[u8]| {
			let metadata = chain.metadata();
			let system = metadata.pallet_by_name("System").unwrap();
			let variants = system.event_variants().unwrap();
			let variant = variants.iter().find(|variant| variant.name == name).unwrap();
			let mut bytes = (phase, system.event_index(), variant.index).encode();
			bytes.extend_from_slice(fields);
			bytes.extend(Vec::<H256>::new().encode());
			bytes
		};
		let events = [
			event(Phase::Initialization, "NewAccount", &[9; 32]),
			// A bad origin; no weight, a normal call, that pays.
			event(Phase::ApplyExtrinsic(0), "ExtrinsicFailed", &[2, 0, 0, 0, 0]),
			event(Phase::ApplyExtrinsic(1), "NewAccount", &[7; 32]),
			event(Phase::ApplyExtrinsic(1), "NewAccount", &[8; 32]),
		];
		let mut bytes = Compact(4_u32).encode();
		bytes.extend(events.concat());
		let (failed, succeeded) = (H256::repeat_byte(2), H256::repeat_byte(3));
		let block = Arc::new(FinalBlock {
			number: 7,
			hash: H256::repeat_byte(1),
			transactions: vec![failed, succeeded],
			events: chain.events().from_bytes(bytes),
			metadata: chain.metadata(),
		});

		let events = TransactionEvents::new(block.clone(), failed).unwrap();
		assert_eq!(events.failure().unwrap(), Some(DispatchError::BadOrigin));
		assert!(!events.has::<api::system::events::NewAccount>());

		let events = TransactionEvents::new(block.clone(), succeeded).unwrap();
		assert_eq!(
			(events.extrinsic_hash(), events.extrinsic_index()),
			(succeeded, 1)
		);
		assert_eq!(events.failure().unwrap(), None);
		assert_eq!(events.iter().count(), 2);
		assert!(events.has::<api::system::events::NewAccount>());
		let accounts: Vec<_> = events
			.find::<api::system::events::NewAccount>()
			.map(|event| event.unwrap().account.0)
			.collect();
		assert_eq!(accounts, [[7_u8; 32], [8; 32]]);
		let first = events.find_first::<api::system::events::NewAccount>();
		assert_eq!(first.unwrap().unwrap().account.0, [7; 32]);

		let missing = TransactionEvents::new(block, H256::zero());
		assert!(matches!(missing, Err(LedgerError::Connection(_))));
	}
}
