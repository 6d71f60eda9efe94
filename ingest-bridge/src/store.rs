//! What must survive: the queue, dead letters, what is known of devices. RocksDB, one directory.
//!
//! | column family | key | value |
//! |---|---|---|
//! | `queue` | device u32 ‖ sequence u64, big-endian | [`QueuedFrame`] |
//! | `parked` | number u64, big-endian | [`Parked`] |
//! | `dead_letters` | number u64, big-endian | [`DeadLetter`] |
//! | `devices` | device u32, big-endian | [`DeviceState`] |
//! | `fingerprints` | device u32 ‖ sequence modulo 64 u8, big-endian | sequence u64, [`fingerprint`] of a frame that is final |
//! | `batteries` | name in topics | [`BatteryFacts`] |
//! | `anchors` | number u64, big-endian | [`FinalAnchor`] |
//! | `anchored_frames` | as in `queue` | [`AnchoredFrame`] |
//! | `plain_json` | device u32, big-endian | [`SealedState`] |
//! | `meta` | `format`, `network`, `dead_letters`, `dead_letters_kept` | version, genesis hash, how many letters there are, how many of them are never dropped |
//! | `meta` | `anchor_stream`, `anchor_organisation`, `anchor_pending`, `anchor_content_from` | numbers u32, [`PendingAnchor`], number u64 |
//!
//! The key of the queue is what makes a second delivery harmless: it is the same entry. Only what a message
//! is acknowledged for is written synced; all else can be asked of the ledger again.

mod anchors;
mod plain_json;

pub use anchors::{AnchoredFrame, FinalAnchor, PendingAnchor, SentBy};
pub use plain_json::{SealedState, REMEMBERED_MESSAGES};

use crate::{
	batch::FrameKey,
	ledger::{DeviceFacts, FormerKey},
	lock,
	reason::name_can_heal,
};
use codec::{Decode, Encode};
use passport_primitives::{
	battery::PassportId,
	telemetry::{window::WINDOW_BITS, SequenceWindow},
};
use rocksdb::{
	BlockBasedOptions, ColumnFamily, ColumnFamilyDescriptor, DBWithThreadMode, Direction, IteratorMode,
	Options, SingleThreaded, WriteBatch, WriteOptions,
};
use std::{
	collections::BTreeSet,
	io::{self, Write},
	path::{Path, PathBuf},
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc, Mutex, PoisonError, RwLock, RwLockReadGuard,
	},
	time::SystemTime,
};

type Database = DBWithThreadMode<SingleThreaded>;

/// Version of the values below. A directory of another version is refused, not guessed at.
const FORMAT: u8 = 1;

const QUEUE: &str = "queue";
const PARKED: &str = "parked";
const DEAD_LETTERS: &str = "dead_letters";
const DEVICES: &str = "devices";
const FINGERPRINTS: &str = "fingerprints";
const BATTERIES: &str = "batteries";
const ANCHORS: &str = "anchors";
const ANCHORED_FRAMES: &str = "anchored_frames";
const PLAIN_JSON: &str = "plain_json";
const META: &str = "meta";
/// In [`META`]: how many letters are never dropped.
const KEPT_LETTERS: &str = "dead_letters_kept";
const FAMILIES: [&str; 10] = [
	QUEUE,
	PARKED,
	DEAD_LETTERS,
	DEVICES,
	FINGERPRINTS,
	BATTERIES,
	ANCHORS,
	ANCHORED_FRAMES,
	PLAIN_JSON,
	META,
];

/// Longest topic that is kept, in bytes; the rest is cut off. The protocol's are below 70.
pub const MAX_KEPT_TOPIC_BYTES: usize = 256;

/// Most bytes of a dead letter that are kept: twice a frame, so that what is a little too long is there as a
/// whole.
pub const MAX_KEPT_BYTES: usize = 8 * 1024;

/// A frame that waits for its block to be final.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct QueuedFrame {
	/// The topic it came on.
	pub topic: String,
	/// When, in milliseconds since 1970.
	pub received_ms: u64,
	/// Whether it is a critical alert.
	pub urgent: bool,
	/// The bytes that the battery signed.
	pub frame: Vec<u8>,
}

/// A message that only the ledger can judge, while no node answers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Parked {
	/// The topic it came on.
	pub topic: String,
	/// When, in milliseconds since 1970.
	pub received_ms: u64,
	/// The payload.
	pub payload: Vec<u8>,
	/// Whether the broker had sent it before: the ledger may have it.
	pub redelivered: bool,
}

/// A parked message from disk. Versions that did not keep whether it was redelivered wrote nothing after the payload.
fn decode_parked(bytes: &[u8]) -> Result<Parked, StoreError> {
	decode(bytes, PARKED).or_else(|_| decode(&[bytes, [0].as_slice()].concat(), PARKED))
}

/// A message that does not get onto the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DeadLetter {
	/// Name of the [`Reason`](crate::reason::Reason).
	pub reason: String,
	/// Who gave the reason.
	pub refused_by: RefusedBy,
	/// The topic it came on, at most [`MAX_KEPT_TOPIC_BYTES`] of it.
	pub topic: String,
	/// When it came, in milliseconds since 1970.
	pub received_ms: u64,
	/// When it was refused, in milliseconds since 1970.
	pub refused_ms: u64,
	/// The device, where it is known.
	pub device: Option<u32>,
	/// The frame's sequence, where it could be read.
	pub sequence: Option<u64>,
	/// How many bytes the payload had.
	pub bytes: u64,
	/// The payload, at most [`MAX_KEPT_BYTES`] of it. Measurements in it are sealed, except in plain JSON.
	pub payload: Vec<u8>,
}

/// Who refused a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum RefusedBy {
	/// The bridge, before it was sent.
	Bridge,
	/// The ledger, in a final block.
	Ledger,
}

/// Of so many frames of each device it is in memory which they were: with a million devices each costs 16 MB. Of the others in
/// the window the disk tells.
pub const RECENT_FRAMES: usize = 8;

/// What is known of a device's sequences from final blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct DeviceState {
	/// Which sequences the ledger has taken.
	pub window: SequenceWindow,
	/// Of the last that this bridge brought: sequence and [`fingerprint`], at most [`RECENT_FRAMES`].
	pub recent: Vec<(u64, u32)>,
}

impl DeviceState {
	/// Notes what the ledger said; whether it was news.
	pub fn observe(&mut self, window: SequenceWindow) -> bool {
		if window.highest() < self.window.highest() {
			// The device was reset, and its sequences are used anew by other frames.
			self.recent.clear();
		}
		std::mem::replace(&mut self.window, window) != window
	}

	/// Notes that the ledger has taken a frame.
	pub fn taken(&mut self, sequence: u64, frame: &[u8]) {
		// Taken before: it is in the window already, which is all that matters.
		let _known = self.window.take(sequence);
		self.remember(sequence, frame);
	}

	/// Notes which frame had a sequence that the window tells of.
	pub fn remember(&mut self, sequence: u64, frame: &[u8]) {
		let highest = self.window.highest().max(sequence);
		self.recent
			.retain(|(known, _)| *known != sequence && highest.saturating_sub(*known) < WINDOW_BITS);
		if self.recent.len() >= RECENT_FRAMES {
			// What an earlier version wrote has more.
			self.recent.drain(..=self.recent.len() - RECENT_FRAMES);
		}
		self.recent.push((sequence, fingerprint(frame)));
	}

	/// Whether it was this very frame that the ledger took; `None` when the sequence is not among the last that this bridge brought.
	pub fn same(&self, sequence: u64, frame: &[u8]) -> Option<bool> {
		let (_, known) = self.recent.iter().find(|(known, _)| *known == sequence)?;
		Some(*known == fingerprint(frame))
	}
}

/// Tells frames of one device and sequence apart: the end of the signature. Only the holder of the device's
/// key could make another frame with the same one.
pub fn fingerprint(frame: &[u8]) -> u32 {
	frame.last_chunk().map_or(0, |end| u32::from_le_bytes(*end))
}

/// What the ledger said of a battery's device, besides its window.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct BatteryFacts {
	/// The device's number on the ledger.
	pub index: u32,
	/// Its Ed25519 public key.
	pub public_key: [u8; 32],
	/// Whether its frames are taken at all.
	pub active: bool,
	/// The current epoch of its sealing key.
	pub key_epoch: u32,
	/// The first sequence that the key signs; 0 when the device has had no other.
	pub key_from_sequence: u64,
	/// The keys that it had before, in their order: the ledger keeps at most 8.
	pub former_keys: Vec<FormerKey>,
	/// The battery's passport, which frames are signed for.
	pub passport: PassportId,
}

impl BatteryFacts {
	/// The key that signs a sequence, as the ledger judges. `None`: it told of none.
	pub fn key_for(&self, sequence: u64) -> Option<&[u8; 32]> {
		if sequence >= self.key_from_sequence {
			return Some(&self.public_key);
		}
		self.former_keys
			.iter()
			.find(|former| sequence < former.below_sequence)
			.map(|former| &former.public_key)
	}
}

impl From<&DeviceFacts> for BatteryFacts {
	fn from(facts: &DeviceFacts) -> Self {
		let DeviceFacts {
			index,
			passport,
			public_key,
			key_from_sequence,
			former_keys,
			active,
			key_epoch,
			window: _,
		} = facts.clone();
		BatteryFacts {
			index,
			public_key,
			active,
			key_epoch,
			key_from_sequence,
			former_keys,
			passport,
		}
	}
}

/// Facts of a battery from disk. `None`: a version wrote them that did not note the passport, without which no signature can be
/// checked. The ledger is asked as if nothing was known.
fn decode_facts(bytes: &[u8]) -> Result<Option<BatteryFacts>, StoreError> {
	/// Number, key, whether it is active, epoch: nothing else was written before there were rotations.
	type WithoutRotation = (u32, [u8; 32], bool, u32);
	/// The same, the first sequence that the key signs, and the keys before it.
	type WithoutPassport = (WithoutRotation, u64, Vec<FormerKey>);
	match decode(bytes, BATTERIES) {
		Ok(facts) => Ok(Some(facts)),
		Err(_) if decode::<WithoutRotation>(bytes, BATTERIES).is_ok() => Ok(None),
		Err(_) if decode::<WithoutPassport>(bytes, BATTERIES).is_ok() => Ok(None),
		Err(error) => Err(error),
	}
}

/// Why the store does not do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
	/// RocksDB's own error: the disk is full or broken, or another bridge has the directory open.
	#[error("the store: {0}")]
	Database(#[from] rocksdb::Error),
	/// A value that is not of this version.
	#[error(
		"the store holds a value in {family} that this version can not read: use the version that wrote it"
	)]
	Unreadable {
		/// The column family.
		family: &'static str,
	},
	/// Another version's directory.
	#[error("the data directory has format {found}, this version reads format {FORMAT}")]
	OtherFormat {
		/// Its format.
		found: u8,
	},
	/// A write has failed, and there is no room to open the store again.
	#[error("the store waits for room on its disk: {0}")]
	NoRoom(io::Error),
	/// No directory for the log of a reader.
	#[error("no temporary directory: {0}")]
	Scratch(io::Error),
	/// It was closed to be opened again, and did not open.
	#[error("the store is closed")]
	Closed,
}

/// Whether a change must be on disk before it is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
	/// Survives a power cut from the moment it is done: what messages are acknowledged for.
	Synced,
	/// Survives the process; after a power cut it may be undone, and is done again.
	Buffered,
}

/// Changes that are made together or not at all.
#[derive(Clone, Debug, Default)]
pub struct Changes {
	/// Frames to queue.
	pub queue: Vec<(FrameKey, QueuedFrame)>,
	/// Frames that leave the queue.
	pub settled: Vec<FrameKey>,
	/// Messages to park.
	pub park: Vec<Parked>,
	/// Parked messages that were judged, by number.
	pub judged: Vec<u64>,
	/// Dead letters.
	pub dead: Vec<DeadLetter>,
	/// Dead letters that are none any more, by number: they were judged again.
	pub revived: Vec<u64>,
	/// What is known of devices now.
	pub devices: Vec<(u32, DeviceState)>,
	/// Frames that are final, with their fingerprints.
	pub taken: Vec<(FrameKey, u32)>,
	/// What is known now of devices whose keys the bridge holds.
	pub sealed: Vec<(u32, SealedState)>,
}

/// What making changes brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
	/// Numbers of the messages that were parked, in order.
	pub parked: Vec<u64>,
	/// Dead letters that were dropped because there were too many.
	pub dead_letters_dropped: u64,
}

/// The dead letters on disk.
#[derive(Clone, Copy, Debug)]
struct Letters {
	/// No letter that may be dropped has a lower number.
	first: u64,
	/// Number of the next letter.
	next: u64,
	/// How many there are: numbers between the two are free where letters were judged again.
	count: u64,
	/// How many of them are never dropped.
	kept: u64,
}

#[derive(Debug)]
struct Counters {
	dead: Letters,
	parked_next: u64,
}

/// The store. Its calls block: async code makes them by [`Store::work`].
pub struct Store {
	/// `None` only between closing and opening again, when opening failed.
	database: RwLock<Option<Database>>,
	path: PathBuf,
	max_dead_letters: u64,
	counters: Mutex<Counters>,
	/// A write has failed.
	broken: AtomicBool,
	/// Held by who opens the store again.
	opening: Mutex<()>,
	#[cfg(test)]
	pub(crate) fail_commits: std::sync::atomic::AtomicUsize,
}

fn options() -> Options {
	let mut options = Options::default();
	options.create_if_missing(true);
	options.create_missing_column_families(true);
	// RocksDB's own log is for who debugs RocksDB.
	options.set_keep_log_file_num(2);
	options.set_max_total_wal_size(128 * 1024 * 1024);
	// Secondary readers (`dead-letters list`) need all files open.
	options.set_max_open_files(-1);
	options
}

fn descriptors() -> impl Iterator<Item = ColumnFamilyDescriptor> {
	FAMILIES.into_iter().map(|name| {
		let mut options = Options::default();
		options.set_write_buffer_size(32 * 1024 * 1024);
		options.set_compression_type(match name {
			// Sealed bytes do not compress.
			QUEUE | PARKED | DEAD_LETTERS => rocksdb::DBCompressionType::None,
			_ => rocksdb::DBCompressionType::Snappy,
		});
		if name == ANCHORED_FRAMES {
			// It grows for ever, and nearly every frame that it is asked for is not in it.
			let mut table = BlockBasedOptions::default();
			table.set_bloom_filter(10.0, false);
			options.set_block_based_table_factory(&table);
		}
		ColumnFamilyDescriptor::new(name, options)
	})
}

fn open_database(path: &Path) -> Result<Database, StoreError> {
	Ok(Database::open_cf_descriptors(&options(), path, descriptors())?)
}

fn family<'a>(database: &'a Database, name: &str) -> Result<&'a ColumnFamily, StoreError> {
	database.cf_handle(name).ok_or(StoreError::Closed)
}

fn decode<T: Decode>(mut bytes: &[u8], family: &'static str) -> Result<T, StoreError> {
	match T::decode(&mut bytes) {
		Ok(value) if bytes.is_empty() => Ok(value),
		_ => Err(StoreError::Unreadable { family }),
	}
}

fn queue_key(key: &FrameKey) -> [u8; 12] {
	let mut bytes = [0; 12];
	bytes[..4].copy_from_slice(&key.device.to_be_bytes());
	bytes[4..].copy_from_slice(&key.sequence.to_be_bytes());
	bytes
}

/// The place of a frame's fingerprint: those of a window are in places of their own, and a later one is put over an earlier one.
fn fingerprint_key(key: &FrameKey) -> [u8; 5] {
	let [a, b, c, d] = key.device.to_be_bytes();
	let [.., place] = (key.sequence % WINDOW_BITS).to_be_bytes();
	[a, b, c, d, place]
}

fn number(bytes: &[u8], family: &'static str) -> Result<u64, StoreError> {
	bytes
		.try_into()
		.map(u64::from_be_bytes)
		.map_err(|_| StoreError::Unreadable { family })
}

/// The number at one end of a column family.
fn end(database: &Database, name: &'static str, mode: IteratorMode<'_>) -> Result<Option<u64>, StoreError> {
	match database.iterator_cf(family(database, name)?, mode).next() {
		Some(entry) => Ok(Some(number(&entry?.0, name)?)),
		None => Ok(None),
	}
}

fn next_number(database: &Database, name: &'static str) -> Result<u64, StoreError> {
	Ok(end(database, name, IteratorMode::End)?.map_or(0, |last| last + 1))
}

fn letters(database: &Database) -> Result<Letters, StoreError> {
	let first = end(database, DEAD_LETTERS, IteratorMode::Start)?.unwrap_or(0);
	let next = next_number(database, DEAD_LETTERS)?;
	// Not written by versions that took no letter out of the middle: there the numbers tell.
	let count = match database.get_cf(family(database, META)?, DEAD_LETTERS)? {
		Some(count) => number(&count, META)?,
		None => next - first,
	};
	// Earlier versions dropped any letter: there each has to be looked at once.
	let kept = match database.get_cf(family(database, META)?, KEPT_LETTERS)? {
		Some(kept) => number(&kept, META)?,
		None => {
			let mut kept = 0;
			for entry in database.iterator_cf(family(database, DEAD_LETTERS)?, IteratorMode::Start) {
				let letter: DeadLetter = decode(&entry?.1, DEAD_LETTERS)?;
				kept += u64::from(name_can_heal(&letter.reason));
			}
			kept
		}
	};
	Ok(Letters {
		first,
		next,
		count,
		kept,
	})
}

/// The first `most` bytes of `text`, or a few less: no character is cut through.
pub(crate) fn shortened(text: &str, most: usize) -> &str {
	let end = (0..=most.min(text.len()))
		.rev()
		.find(|end| text.is_char_boundary(*end))
		.unwrap_or(0);
	&text[..end]
}

impl Store {
	/// Opens the store, or makes one. Only one process may have it open.
	pub fn open(path: &Path, max_dead_letters: u64) -> Result<Self, StoreError> {
		let database = open_database(path)?;
		let meta = family(&database, META)?;
		match database.get_cf(meta, "format")?.as_deref() {
			None => database.put_cf(meta, "format", [FORMAT])?,
			Some([FORMAT]) => {}
			Some(other) => {
				return Err(StoreError::OtherFormat {
					found: other.first().copied().unwrap_or_default(),
				})
			}
		}
		let mut dead = letters(&database)?;
		if max_dead_letters == 0 {
			// Whoever keeps none keeps none of these either.
			dead.kept = 0;
		}
		let counters = Counters {
			dead,
			parked_next: next_number(&database, PARKED)?,
		};
		Ok(Store {
			database: RwLock::new(Some(database)),
			path: path.to_owned(),
			max_dead_letters,
			counters: Mutex::new(counters),
			broken: AtomicBool::new(false),
			opening: Mutex::default(),
			#[cfg(test)]
			fail_commits: 0.into(),
		})
	}

	/// Closes the store and opens it again, when there is room to.
	fn reopen(&self) -> Result<(), StoreError> {
		let _alone = lock(&self.opening);
		if !self.wants_opening() {
			return Ok(());
		}
		// Opening writes the log anew as tables. Without room for that the store would stay closed; as it is,
		// it can at least be read.
		self.room_to_open().map_err(StoreError::NoRoom)?;
		let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
		// Closed first: the directory is locked.
		*database = None;
		*database = Some(open_database(&self.path)?);
		self.broken.store(false, Ordering::SeqCst);
		Ok(())
	}

	/// Writes and removes as many bytes as opening may need.
	fn room_to_open(&self) -> io::Result<()> {
		static PIECE: [u8; 64 * 1024] = [0; 64 * 1024];
		let mut needed = 1024 * 1024;
		for entry in std::fs::read_dir(&self.path)? {
			let entry = entry?;
			if entry
				.path()
				.extension()
				.is_some_and(|extension| extension == "log")
			{
				needed += entry.metadata()?.len();
			}
		}
		let probe = self.path.join("room");
		let written = (|| {
			let mut file = std::fs::File::create(&probe)?;
			for _ in 0..needed.div_ceil(PIECE.len() as u64) {
				file.write_all(&PIECE)?;
			}
			file.sync_all()
		})();
		std::fs::remove_file(&probe)?;
		written
	}

	/// After a write has failed RocksDB refuses all others for good, room or not (tried with a full disk): it
	/// wants to be opened again.
	fn heal(&self) -> Result<(), StoreError> {
		match self.wants_opening() {
			true => self.reopen(),
			false => Ok(()),
		}
	}

	fn wants_opening(&self) -> bool {
		self.broken.load(Ordering::SeqCst) || self.read().is_none()
	}

	/// Works on the store from async code, on a thread for work that blocks.
	pub async fn work<T: Send + 'static>(
		self: &Arc<Self>,
		work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
	) -> Result<T, StoreError> {
		let store = self.clone();
		// Work that panicked, or was dropped at the end of the process, did not happen.
		tokio::task::spawn_blocking(move || work(&store))
			.await
			.unwrap_or(Err(StoreError::Closed))
	}

	fn read(&self) -> RwLockReadGuard<'_, Option<Database>> {
		self.database.read().unwrap_or_else(PoisonError::into_inner)
	}

	/// Works on the database; opens the store again when it is closed. After a failed write it can still be read, so that alone is
	/// no reason to.
	fn with<T>(&self, work: impl FnOnce(&Database) -> Result<T, StoreError>) -> Result<T, StoreError> {
		if self.read().is_none() {
			self.heal()?;
		}
		let guard = self.read();
		work(guard.as_ref().ok_or(StoreError::Closed)?)
	}

	/// Genesis hash of the network that the frames here are signed for.
	pub fn network(&self) -> Result<Option<[u8; 32]>, StoreError> {
		self.with(|database| {
			let stored = database.get_cf(family(database, META)?, "network")?;
			stored
				.map(|bytes| {
					bytes
						.try_into()
						.map_err(|_| StoreError::Unreadable { family: META })
				})
				.transpose()
		})
	}

	/// Binds the store to a network.
	pub fn set_network(&self, genesis_hash: &[u8; 32]) -> Result<(), StoreError> {
		self.with(|database| {
			let mut options = WriteOptions::default();
			options.set_sync(true);
			Ok(database.put_cf_opt(family(database, META)?, "network", genesis_hash, &options)?)
		})
	}

	/// Makes changes, all or none.
	pub fn commit(&self, changes: &Changes, durability: Durability) -> Result<Committed, StoreError> {
		#[cfg(test)]
		{
			use Ordering::SeqCst;
			if self
				.fail_commits
				.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1))
				.is_ok()
			{
				return Err(StoreError::Closed);
			}
		}
		self.heal()?;
		let guard = self.read();
		let database = guard.as_ref().ok_or(StoreError::Closed)?;
		// Held until the write is done: numbers are given out in the order they are written.
		let mut counters = lock(&self.counters);
		let mut dead = counters.dead;
		let mut parked_next = counters.parked_next;
		let mut committed = Committed::default();
		let mut batch = WriteBatch::default();
		let queue = family(database, QUEUE)?;
		for (key, frame) in &changes.queue {
			batch.put_cf(queue, queue_key(key), frame.encode());
		}
		for key in &changes.settled {
			batch.delete_cf(queue, queue_key(key));
		}
		let parked = family(database, PARKED)?;
		for message in &changes.park {
			batch.put_cf(parked, parked_next.to_be_bytes(), message.encode());
			committed.parked.push(parked_next);
			parked_next += 1;
		}
		for number in &changes.judged {
			batch.delete_cf(parked, number.to_be_bytes());
		}
		committed.dead_letters_dropped = self.change_letters(database, &mut batch, &mut dead, changes)?;
		let devices = family(database, DEVICES)?;
		for (index, state) in &changes.devices {
			batch.put_cf(devices, index.to_be_bytes(), state.encode());
		}
		let fingerprints = family(database, FINGERPRINTS)?;
		for (key, fingerprint) in &changes.taken {
			batch.put_cf(
				fingerprints,
				fingerprint_key(key),
				(key.sequence, fingerprint).encode(),
			);
		}
		let sealed = family(database, PLAIN_JSON)?;
		for (device, state) in &changes.sealed {
			batch.put_cf(sealed, device.to_be_bytes(), state.encode());
		}
		let mut options = WriteOptions::default();
		options.set_sync(durability == Durability::Synced);
		if let Err(error) = database.write_opt(batch, &options) {
			self.broken.store(true, Ordering::SeqCst);
			return Err(error.into());
		}
		counters.dead = dead;
		counters.parked_next = parked_next;
		Ok(committed)
	}

	/// Whether a letter with this reason is never dropped: what it tells of may become good. An operator who keeps no letters at all
	/// keeps none of these either.
	fn is_kept(&self, reason: &str) -> bool {
		self.max_dead_letters > 0 && name_can_heal(reason)
	}

	/// For how many more letters of messages that may become good there is room: they are never dropped to make some.
	pub fn room_for_kept_letters(&self) -> u64 {
		match self.max_dead_letters {
			0 => u64::MAX,
			most => most.saturating_sub(lock(&self.counters).dead.kept),
		}
	}

	/// Takes letters out and puts letters in, and drops the oldest of those that are too many and can not become good: how many
	/// those were.
	fn change_letters(
		&self,
		database: &Database,
		batch: &mut WriteBatch,
		dead: &mut Letters,
		changes: &Changes,
	) -> Result<u64, StoreError> {
		if changes.dead.is_empty() && changes.revived.is_empty() {
			return Ok(0);
		}
		let family_of_letters = family(database, DEAD_LETTERS)?;
		let mut revived = BTreeSet::new();
		for number in &changes.revived {
			// One that was dropped meanwhile does not count.
			let key = number.to_be_bytes();
			let Some(letter) = database.get_pinned_cf(family_of_letters, key)? else {
				continue;
			};
			if revived.insert(*number) {
				let letter: DeadLetter = decode(&letter, DEAD_LETTERS)?;
				batch.delete_cf(family_of_letters, key);
				dead.count = dead.count.saturating_sub(1);
				dead.kept = dead.kept.saturating_sub(u64::from(self.is_kept(&letter.reason)));
			}
		}
		let newly_kept = changes
			.dead
			.iter()
			.filter(|letter| self.is_kept(&letter.reason))
			.count() as u64;
		dead.kept += newly_kept;
		dead.count += changes.dead.len() as u64;
		let too_many = dead.count.saturating_sub(self.max_dead_letters);
		let dropped = too_many.min(dead.count.saturating_sub(dead.kept));
		dead.count -= dropped;
		let mut excess = dropped;
		if excess > 0 {
			let from = dead.first.to_be_bytes();
			let oldest_first = IteratorMode::From(&from, Direction::Forward);
			for entry in database.iterator_cf(family_of_letters, oldest_first) {
				if excess == 0 {
					break;
				}
				let (key, value) = entry?;
				let oldest = number(&key, DEAD_LETTERS)?;
				let letter: DeadLetter = decode(&value, DEAD_LETTERS)?;
				if !revived.contains(&oldest) && !self.is_kept(&letter.reason) {
					batch.delete_cf(family_of_letters, &key);
					excess -= 1;
				}
				dead.first = oldest + 1;
			}
		}
		for letter in &changes.dead {
			// More letters at once than there may be at all.
			if excess > 0 && !self.is_kept(&letter.reason) {
				excess -= 1;
			} else {
				batch.put_cf(family_of_letters, dead.next.to_be_bytes(), letter.encode());
			}
			dead.next += 1;
		}
		let meta = family(database, META)?;
		batch.put_cf(meta, DEAD_LETTERS, dead.count.to_be_bytes());
		batch.put_cf(meta, KEPT_LETTERS, dead.kept.to_be_bytes());
		Ok(dropped)
	}

	/// Frames of the queue, in the order of `keys`.
	pub fn frames(
		&self,
		keys: impl IntoIterator<Item = FrameKey>,
	) -> Result<Vec<Option<QueuedFrame>>, StoreError> {
		self.with(|database| {
			let queue = family(database, QUEUE)?;
			keys.into_iter()
				.map(|key| {
					let value = database.get_pinned_cf(queue, queue_key(&key))?;
					value.map(|bytes| decode(&bytes, QUEUE)).transpose()
				})
				.collect()
		})
	}

	/// Gives every frame of the queue to `each`.
	pub fn for_each_queued(&self, mut each: impl FnMut(FrameKey, QueuedFrame)) -> Result<(), StoreError> {
		self.with(|database| {
			for entry in database.iterator_cf(family(database, QUEUE)?, IteratorMode::Start) {
				let (key, value) = entry?;
				let unreadable = || StoreError::Unreadable { family: QUEUE };
				let (device, sequence) = key.split_first_chunk().ok_or_else(unreadable)?;
				let sequence = sequence.try_into().map_err(|_| unreadable())?;
				let key = FrameKey {
					device: u32::from_be_bytes(*device),
					sequence: u64::from_be_bytes(sequence),
				};
				each(key, decode(&value, QUEUE)?);
			}
			Ok(())
		})
	}

	/// At most `most` parked messages with their numbers, from number `from` on.
	pub fn parked_from(&self, from: u64, most: usize) -> Result<Vec<(u64, Parked)>, StoreError> {
		self.with(|database| {
			let from = from.to_be_bytes();
			database
				.iterator_cf(
					family(database, PARKED)?,
					IteratorMode::From(&from, Direction::Forward),
				)
				.take(most)
				.map(|entry| {
					let (key, value) = entry?;
					Ok((number(&key, PARKED)?, decode_parked(&value)?))
				})
				.collect()
		})
	}

	/// Gives every parked message to `each`, one after the other: all of them together may be large.
	pub fn for_each_parked(&self, mut each: impl FnMut(Parked)) -> Result<(), StoreError> {
		self.with(|database| {
			for entry in database.iterator_cf(family(database, PARKED)?, IteratorMode::Start) {
				each(decode_parked(&entry?.1)?);
			}
			Ok(())
		})
	}

	/// What is known of every device.
	pub fn devices(&self) -> Result<Vec<(u32, DeviceState)>, StoreError> {
		self.with(|database| {
			database
				.iterator_cf(family(database, DEVICES)?, IteratorMode::Start)
				.map(|entry| {
					let (key, value) = entry?;
					let index = (*key)
						.try_into()
						.map_err(|_| StoreError::Unreadable { family: DEVICES })?;
					let mut state: DeviceState = decode(&value, DEVICES)?;
					// An earlier version kept a whole window's.
					let excess = state.recent.len().saturating_sub(RECENT_FRAMES);
					state.recent.drain(..excess);
					state.recent.shrink_to_fit();
					Ok((u32::from_be_bytes(index), state))
				})
				.collect()
		})
	}

	/// [`fingerprint`] of the frame that this bridge brought under this key, while no frame 64 sequences on has taken its place.
	pub fn fingerprint_of(&self, key: &FrameKey) -> Result<Option<u32>, StoreError> {
		self.with(|database| {
			let stored = database.get_pinned_cf(family(database, FINGERPRINTS)?, fingerprint_key(key))?;
			let Some(stored) = stored else {
				return Ok(None);
			};
			let (sequence, fingerprint): (u64, u32) = decode(&stored, FINGERPRINTS)?;
			Ok((sequence == key.sequence).then_some(fingerprint))
		})
	}

	/// What is known of every battery.
	pub fn batteries(&self) -> Result<Vec<(String, BatteryFacts)>, StoreError> {
		self.with(|database| {
			database
				.iterator_cf(family(database, BATTERIES)?, IteratorMode::Start)
				.map(|entry| {
					let (key, value) = entry?;
					let facts = decode_facts(&value)?;
					Ok(facts.map(|facts| (String::from_utf8_lossy(&key).into_owned(), facts)))
				})
				.filter_map(Result::transpose)
				.collect()
		})
	}

	/// Remembers what the ledger said of batteries and their devices; `None`: it knows no device any more. Of devices in `reset`
	/// it is forgotten which frames they sent: their sequences are used anew.
	pub fn remember_batteries(
		&self,
		batteries: &[(String, Option<BatteryFacts>)],
		devices: &[(u32, DeviceState)],
		reset: &[u32],
	) -> Result<(), StoreError> {
		self.with(|database| {
			let (batteries_family, devices_family) =
				(family(database, BATTERIES)?, family(database, DEVICES)?);
			let fingerprints = family(database, FINGERPRINTS)?;
			let mut batch = WriteBatch::default();
			for (name, facts) in batteries {
				match facts {
					Some(facts) => batch.put_cf(batteries_family, name, facts.encode()),
					None => batch.delete_cf(batteries_family, name),
				}
			}
			for (index, state) in devices {
				batch.put_cf(devices_family, index.to_be_bytes(), state.encode());
			}
			for device in reset {
				for sequence in 0..WINDOW_BITS {
					let key = FrameKey {
						device: *device,
						sequence,
					};
					batch.delete_cf(fingerprints, fingerprint_key(&key));
				}
			}
			Ok(database.write(batch)?)
		})
	}

	/// How many dead letters there are.
	pub fn dead_letters(&self) -> u64 {
		lock(&self.counters).dead.count
	}

	/// Number that the next dead letter gets.
	pub fn next_dead_letter(&self) -> u64 {
		lock(&self.counters).dead.next
	}

	/// At most `most` dead letters with their numbers, from number `from` on.
	pub fn dead_letters_from(&self, from: u64, most: usize) -> Result<Vec<(u64, DeadLetter)>, StoreError> {
		self.with(|database| {
			let from = from.to_be_bytes();
			database
				.iterator_cf(
					family(database, DEAD_LETTERS)?,
					IteratorMode::From(&from, Direction::Forward),
				)
				.take(most)
				.map(|entry| {
					let (key, value) = entry?;
					Ok((number(&key, DEAD_LETTERS)?, decode(&value, DEAD_LETTERS)?))
				})
				.collect()
		})
	}

	/// Its directory.
	pub fn path(&self) -> &Path {
		&self.path
	}

	/// Writes everything from memory to files, so that the next start is quick.
	pub fn flush(&self) -> Result<(), StoreError> {
		self.with(|database| {
			database.flush_wal(true)?;
			for name in FAMILIES {
				database.flush_cf(family(database, name)?)?;
			}
			Ok(())
		})
	}
}

/// A new directory that no other user can write to.
fn scratch_directory() -> io::Result<PathBuf> {
	let nanoseconds = SystemTime::now()
		.duration_since(SystemTime::UNIX_EPOCH)
		.unwrap_or_default()
		.as_nanos();
	let name = format!("passport-dead-letters-{}-{nanoseconds}", std::process::id());
	let path = std::env::temp_dir().join(name);
	private_directory().create(&path)?;
	Ok(path)
}

/// Makes directories for their owner alone: what a battery sends in clear by mistake is in here too.
pub fn private_directory() -> std::fs::DirBuilder {
	#[allow(unused_mut)] // Other systems have no modes.
	let mut builder = std::fs::DirBuilder::new();
	#[cfg(unix)]
	std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
	builder
}

/// Gives every dead letter in `path` to `each`, oldest first, with its number. Works while a bridge runs on
/// the directory and changes nothing there.
pub fn read_dead_letters<E: From<StoreError>>(
	path: &Path,
	mut each: impl FnMut(u64, DeadLetter) -> Result<(), E>,
) -> Result<(), E> {
	let read = |each: &mut dyn FnMut(u64, DeadLetter) -> Result<(), E>| -> Result<(), E> {
		let mut options = options();
		options.create_if_missing(false);
		options.create_missing_column_families(false);
		// A reader of its own kind: it follows the files of the bridge and keeps its own log elsewhere.
		let scratch = scratch_directory().map_err(StoreError::Scratch)?;
		// The letters alone: a directory that was last open by an earlier version has not all families.
		let letters = descriptors().filter(|family| family.name() == DEAD_LETTERS);
		let database = Database::open_cf_descriptors_as_secondary(
			&options,
			path,
			scratch.as_path(),
			letters.collect::<Vec<_>>(),
		)
		.map_err(StoreError::from)?;
		let result = (|| {
			database.try_catch_up_with_primary().map_err(StoreError::from)?;
			for entry in database.iterator_cf(family(&database, DEAD_LETTERS)?, IteratorMode::Start) {
				let (key, value) = entry.map_err(StoreError::from)?;
				each(number(&key, DEAD_LETTERS)?, decode(&value, DEAD_LETTERS)?)?;
			}
			Ok(())
		})();
		drop(database);
		// Left behind it would only be litter.
		let _litter = std::fs::remove_dir_all(scratch);
		result
	};
	read(&mut each)
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;

	pub fn queued(frame: &[u8]) -> QueuedFrame {
		QueuedFrame {
			topic: "wia/battery-passport/BAT-2025-LI-000001/telemetry/frame".into(),
			received_ms: 1_800_000_000_000,
			urgent: false,
			frame: frame.to_vec(),
		}
	}

	pub fn letter(reason: &str) -> DeadLetter {
		DeadLetter {
			reason: reason.into(),
			refused_by: RefusedBy::Bridge,
			topic: "wia/battery-passport/X/telemetry/frame".into(),
			received_ms: 1,
			refused_ms: 2,
			device: None,
			sequence: Some(7),
			bytes: 3,
			payload: vec![1, 2, 3],
		}
	}

	fn key(device: u32, sequence: u64) -> FrameKey {
		FrameKey { device, sequence }
	}

	fn letters(path: &Path) -> Vec<(u64, String)> {
		let mut all = Vec::new();
		read_dead_letters::<StoreError>(path, |number, letter| {
			all.push((number, letter.reason));
			Ok(())
		})
		.unwrap();
		all
	}

	#[test]
	fn the_queue_survives_a_restart_and_a_second_delivery_is_the_same_entry() {
		let directory = tempfile::tempdir().unwrap();
		let store = Store::open(directory.path(), 10).unwrap();
		let changes = Changes {
			queue: vec![
				(key(2, 1), queued(b"b")),
				(key(1, 300), queued(b"c")),
				(key(1, 2), queued(b"a")),
				(key(1, 2), queued(b"a")),
			],
			park: vec![Parked {
				topic: "t".into(),
				received_ms: 5,
				payload: vec![9],
				redelivered: true,
			}],
			devices: vec![(
				1,
				DeviceState {
					window: SequenceWindow::default(),
					recent: vec![(4, 5)],
				},
			)],
			..Changes::default()
		};
		assert_eq!(store.commit(&changes, Durability::Synced).unwrap().parked, [0]);
		store.set_network(&[3; 32]).unwrap();
		drop(store);

		let store = Store::open(directory.path(), 10).unwrap();
		let mut found = Vec::new();
		store
			.for_each_queued(|key, frame| found.push((key, frame.frame)))
			.unwrap();
		assert_eq!(
			found,
			[
				(key(1, 2), b"a".to_vec()),
				(key(1, 300), b"c".to_vec()),
				(key(2, 1), b"b".to_vec())
			]
		);
		assert_eq!(store.network().unwrap(), Some([3; 32]));
		assert_eq!(store.devices().unwrap()[0].1.recent, [(4, 5)]);
		let parked = store.parked_from(0, 10).unwrap();
		let parked = &parked[0].1;
		assert_eq!(
			(parked.payload.as_slice(), parked.redelivered),
			([9].as_slice(), true)
		);
		assert_eq!(store.parked_from(1, 10).unwrap(), []);
		let changes = Changes {
			settled: vec![key(1, 2)],
			judged: vec![0],
			..Changes::default()
		};
		store.commit(&changes, Durability::Buffered).unwrap();
		assert_eq!(
			store.frames([key(1, 2), key(2, 1)]).unwrap(),
			[None, Some(queued(b"b"))]
		);
		assert_eq!(store.parked_from(0, 10).unwrap(), []);
	}

	#[test]
	fn after_a_failed_write_the_store_is_opened_again_with_everything() {
		let directory = tempfile::tempdir().unwrap();
		let store = Store::open(directory.path(), 10).unwrap();
		let changes = Changes {
			queue: vec![(key(1, 1), queued(b"a"))],
			dead: vec![letter("stale")],
			..Changes::default()
		};
		store.commit(&changes, Durability::Synced).unwrap();
		store.broken.store(true, Ordering::SeqCst);
		assert_eq!(store.frames([key(1, 1)]).unwrap(), [Some(queued(b"a"))]);
		store.commit(&changes, Durability::Synced).unwrap();
		assert_eq!(store.dead_letters(), 2);
		assert!(!store.broken.load(Ordering::SeqCst));
		assert!(!directory.path().join("room").exists());
	}

	#[test]
	fn the_oldest_dead_letters_are_dropped_beyond_the_bound() {
		let directory = tempfile::tempdir().unwrap();
		let store = Store::open(directory.path(), 2).unwrap();
		let changes = Changes {
			dead: vec![letter("malformed"), letter("stale"), letter("too_old")],
			..Changes::default()
		};
		assert_eq!(
			store
				.commit(&changes, Durability::Synced)
				.unwrap()
				.dead_letters_dropped,
			1
		);
		// Read while the store is open, as an operator does.
		assert_eq!(
			letters(directory.path()),
			[(1, "stale".to_owned()), (2, "too_old".to_owned())]
		);
		drop(store);
		let store = Store::open(directory.path(), 2).unwrap();
		assert_eq!(store.dead_letters(), 2);
		let changes = Changes {
			dead: vec![letter("replayed")],
			..Changes::default()
		};
		assert_eq!(
			store
				.commit(&changes, Durability::Synced)
				.unwrap()
				.dead_letters_dropped,
			1
		);
		drop(store);
		assert_eq!(
			letters(directory.path()),
			[(2, "too_old".to_owned()), (3, "replayed".to_owned())]
		);
	}

	#[test]
	fn letters_taken_out_of_the_middle_are_not_counted_and_the_oldest_are_still_dropped_first() {
		let directory = tempfile::tempdir().unwrap();
		let store = Store::open(directory.path(), 3).unwrap();
		let dead = |reasons: &[&str]| Changes {
			dead: reasons.iter().map(|reason| letter(reason)).collect(),
			..Changes::default()
		};
		store
			.commit(&dead(&["stale", "too_old", "malformed"]), Durability::Synced)
			.unwrap();
		let revived = Changes {
			// Twice, and one that never was: counted once.
			revived: vec![1, 1, 77],
			..Changes::default()
		};
		store.commit(&revived, Durability::Synced).unwrap();
		assert_eq!(store.dead_letters(), 2);
		drop(store);
		let store = Store::open(directory.path(), 3).unwrap();
		assert_eq!(store.dead_letters(), 2);
		let from_1 = store.dead_letters_from(1, 10).unwrap();
		assert_eq!(from_1, [(2, letter("malformed"))]);
		let dropped = |changes: Changes| {
			store
				.commit(&changes, Durability::Synced)
				.unwrap()
				.dead_letters_dropped
		};
		assert_eq!(dropped(dead(&["replayed"])), 0);
		assert_eq!(dropped(dead(&["oversized"])), 1);
		// One goes and one comes: there is room.
		assert_eq!(
			dropped(Changes {
				revived: vec![2],
				..dead(&["stale"])
			}),
			0
		);
		assert_eq!(
			letters(directory.path()),
			[
				(3, "replayed".to_owned()),
				(4, "oversized".to_owned()),
				(5, "stale".to_owned())
			]
		);
		// More at once than there may be.
		assert_eq!(dropped(dead(&["a", "b", "c", "d", "e"])), 5);
		assert_eq!(store.dead_letters(), 3);
		assert_eq!(
			letters(directory.path()),
			[(8, "c".to_owned()), (9, "d".to_owned()), (10, "e".to_owned())]
		);
	}

	/// A device that has had three keys.
	fn rotated() -> BatteryFacts {
		let former = |key, below_sequence| FormerKey {
			public_key: [key; 32],
			below_sequence,
		};
		BatteryFacts {
			index: 7,
			public_key: [3; 32],
			active: true,
			key_epoch: 2,
			key_from_sequence: 20,
			former_keys: vec![former(1, 10), former(2, 20)],
			passport: PassportId([9; 32]),
		}
	}

	#[test]
	fn each_sequence_has_the_key_of_its_time() {
		let facts = rotated();
		for (sequence, key) in [(0, 1), (9, 1), (10, 2), (19, 2), (20, 3), (u64::MAX, 3)] {
			assert_eq!(facts.key_for(sequence), Some(&[key; 32]), "{sequence}");
		}
		let unnamed = BatteryFacts {
			former_keys: Vec::new(),
			..facts
		};
		assert_eq!(unnamed.key_for(19), None);
		assert_eq!(unnamed.key_for(20), Some(&[3; 32]));
	}

	#[test]
	fn facts_of_batteries_are_read_back_and_those_of_versions_that_did_not_note_the_passport_are_not_known() {
		let directory = tempfile::tempdir().unwrap();
		let store = Store::open(directory.path(), 10).unwrap();
		let facts = rotated();
		let written = [("present".to_owned(), Some(facts.clone()))];
		store.remember_batteries(&written, &[], &[]).unwrap();
		let put = |store: &Store, name: &str, bytes: &[u8]| {
			let guard = store.read();
			let database = guard.as_ref().unwrap();
			database
				.put_cf(family(database, BATTERIES).unwrap(), name, bytes)
				.unwrap();
		};
		let without_rotation = (facts.index, facts.public_key, facts.active, facts.key_epoch);
		put(&store, "without rotation", &without_rotation.encode());
		for former_keys in 0..=8 {
			let former_keys = vec![facts.former_keys[0]; former_keys];
			let name = format!("{} former keys", former_keys.len());
			let without_passport = (without_rotation, facts.key_from_sequence, former_keys);
			put(&store, &name, &without_passport.encode());
		}
		drop(store);
		let store = Store::open(directory.path(), 10).unwrap();
		assert_eq!(store.batteries().unwrap(), [("present".to_owned(), facts)]);
		put(&store, "neither", &[0; 42]);
		assert!(matches!(
			store.batteries(),
			Err(StoreError::Unreadable { family: BATTERIES })
		));
	}

	#[test]
	fn a_second_bridge_on_the_same_directory_does_not_start() {
		let directory = tempfile::tempdir().unwrap();
		let _first = Store::open(directory.path(), 2).unwrap();
		assert!(matches!(
			Store::open(directory.path(), 2),
			Err(StoreError::Database(_))
		));
	}

	#[test]
	fn a_device_remembers_the_last_frames_in_memory_and_a_windows_on_disk() {
		let directory = tempfile::tempdir().unwrap();
		let store = Store::open(directory.path(), 10).unwrap();
		let mut state = DeviceState::default();
		let mut changes = Changes::default();
		for sequence in 1..=100u64 {
			state.taken(sequence, &sequence.to_le_bytes());
			changes.taken.push((key(1, sequence), sequence as u32));
		}
		assert_eq!(state.recent.len(), RECENT_FRAMES);
		assert_eq!(state.same(93, &93u64.to_le_bytes()), Some(true));
		assert_eq!(state.same(92, &92u64.to_le_bytes()), None);
		state.taken(101, b"frame");
		assert_eq!(state.same(101, b"frame"), Some(true));
		assert_eq!(state.same(101, b"other"), Some(false));
		assert_eq!(state.same(99, b"frame"), Some(false));

		store.commit(&changes, Durability::Buffered).unwrap();
		drop(store);
		let store = Store::open(directory.path(), 10).unwrap();
		let found = |sequence| store.fingerprint_of(&key(1, sequence)).unwrap();
		assert_eq!((found(36), found(37), found(100)), (None, Some(37), Some(100)));
		assert_eq!(store.fingerprint_of(&key(2, 100)).unwrap(), None);
		// Reset: its sequences are used anew.
		assert!(state.observe(SequenceWindow::default()));
		assert_eq!(state.recent, []);
		store.remember_batteries(&[], &[], &[1]).unwrap();
		assert_eq!(found(100), None);
	}

	#[test]
	fn every_reader_opens_a_closed_store_again() {
		let directory = tempfile::tempdir().unwrap();
		let store = Store::open(directory.path(), 10).unwrap();
		let close = || *store.database.write().unwrap() = None;
		type Reader = fn(&Store) -> Result<(), StoreError>;
		let readers: [Reader; 16] = [
			|store| store.network().map(drop),
			|store| store.set_network(&[3; 32]),
			|store| store.frames([key(1, 1)]).map(drop),
			|store| store.for_each_queued(|_, _| {}),
			|store| store.parked_from(0, 1).map(drop),
			|store| store.for_each_parked(drop),
			|store| store.devices().map(drop),
			|store| store.fingerprint_of(&key(1, 1)).map(drop),
			|store| store.batteries().map(drop),
			|store| store.remember_batteries(&[], &[], &[]),
			|store| store.dead_letters_from(0, 1).map(drop),
			|store| store.anchor_stream().map(drop),
			|store| store.anchor(0).map(drop),
			|store| store.next_anchor().map(drop),
			|store| store.anchored_frames([key(1, 1)]).map(drop),
			|store| store.sealed_states().map(drop),
		];
		for (number, reader) in readers.into_iter().enumerate() {
			close();
			reader(&store).unwrap_or_else(|error| panic!("reader {number}: {error}"));
		}
	}

	#[test]
	fn parked_messages_of_versions_that_kept_no_redelivery_are_read() {
		let parked = Parked {
			topic: "t".into(),
			received_ms: 5,
			payload: vec![9, 1],
			redelivered: false,
		};
		let earlier = (&parked.topic, parked.received_ms, &parked.payload).encode();
		assert_eq!(decode_parked(&earlier).unwrap(), parked);
		assert_eq!(decode_parked(&parked.encode()).unwrap(), parked);
	}

	#[test]
	fn letters_of_messages_that_may_become_good_are_not_dropped_for_others() {
		let directory = tempfile::tempdir().unwrap();
		let store = Store::open(directory.path(), 3).unwrap();
		let write = |reasons: &[&str], revived: &[u64]| {
			let changes = Changes {
				dead: reasons.iter().map(|reason| letter(reason)).collect(),
				revived: revived.to_vec(),
				..Changes::default()
			};
			let committed = store.commit(&changes, Durability::Synced).unwrap();
			committed.dead_letters_dropped
		};
		assert_eq!(
			write(&["unknown_battery", "malformed", "device_not_active"], &[]),
			0
		);
		assert_eq!(store.room_for_kept_letters(), 1);
		// The flood takes turns in the one place that is left.
		assert_eq!(write(&["malformed", "stale", "too_old"], &[]), 3);
		assert_eq!(
			letters(directory.path()),
			[
				(0, "unknown_battery".to_owned()),
				(2, "device_not_active".to_owned()),
				(5, "too_old".to_owned())
			]
		);
		assert_eq!(write(&["wrong_key_epoch"], &[]), 1);
		assert_eq!(store.room_for_kept_letters(), 0);
		// What the ledger refused is kept in any case: its frame leaves the queue. Nothing else has room then.
		assert_eq!(write(&["passport_not_active", "malformed"], &[]), 1);
		assert_eq!((store.dead_letters(), store.room_for_kept_letters()), (4, 0));
		assert_eq!(write(&[], &[0, 2]), 0);
		assert_eq!((store.dead_letters(), store.room_for_kept_letters()), (2, 1));
	}

	#[test]
	fn a_topic_is_shortened_between_characters() {
		assert_eq!(shortened("abc", 256), "abc");
		assert_eq!(shortened("aä", 2), "a");
		assert_eq!(shortened("", 2), "");
	}
}
