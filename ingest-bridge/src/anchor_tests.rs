//! Anchors onto a ledger in memory that fails as it is told. The oracle reads what the ledger and the content store hold, as someone
//! would who looks for a replay.

use super::*;
use crate::{
	batch::{Queued, SharedQueue},
	clock::{Clock, Timeline},
	devices::Devices,
	ledger::{
		fake::{FakeLedger, Fault},
		Reachability,
	},
	metrics::Metrics,
	stop,
	store::{read_dead_letters, QueuedFrame},
	test_battery::{Battery, NOW_SECONDS},
};
use passport_primitives::telemetry::anchor::{check_order, prove, verify};
use proptest::prelude::*;
use std::{
	collections::{BTreeMap, BTreeSet},
	path::Path,
	thread,
	time::Instant,
};

const STREAM: u32 = 4;

const SETTINGS: AnchorSettings = AnchorSettings {
	stream: STREAM,
	limits: Limits {
		frames: 5,
		bytes: MAX_ANCHOR_BYTES,
		age: Duration::ZERO,
	},
	keep: Duration::from_secs(3_600),
};

const PATIENCE: Duration = Duration::from_secs(30);

struct Bench {
	directory: tempfile::TempDir,
	parts: Parts<FakeLedger>,
	archive: Arc<Archive>,
	settings: AnchorSettings,
}

fn bench() -> Bench {
	bench_with(SETTINGS)
}

fn bench_with(settings: AnchorSettings) -> Bench {
	bench_on(
		tempfile::tempdir().unwrap(),
		Arc::new(FakeLedger::new(1)),
		settings,
	)
}

/// Opens a store. The thread that let go of a killed bench's store last may still be closing it: the lock is free a moment after the
/// last reference is gone.
fn open_when_let_go_of(directory: &Path) -> Store {
	let began = Instant::now();
	loop {
		match Store::open(directory, 1_000) {
			Err(error)
				if error.to_string().contains("lock hold by current process")
					&& began.elapsed() < PATIENCE =>
			{
				thread::yield_now();
			}
			opened => return opened.unwrap(),
		}
	}
}

fn bench_on(directory: tempfile::TempDir, ledger: Arc<FakeLedger>, settings: AnchorSettings) -> Bench {
	let reachability = Arc::new(Reachability::default());
	let store = Arc::new(open_when_let_go_of(directory.path()));
	let devices = Arc::new(Devices::load(ledger.clone(), reachability.clone(), store.clone()).unwrap());
	let queue = Arc::new(SharedQueue::for_anchors(settings.limits, Timeline::start()));
	let mut loaded = Vec::new();
	store
		.for_each_queued(|key, frame| {
			loaded.push((
				key,
				Queued {
					bytes: frame.frame.len() as u32,
					arrival_ms: 0,
					urgent: frame.urgent,
					attempted: true,
				},
			));
		})
		.unwrap();
	queue.insert(loaded);
	let archive = Arc::new(Archive::new(store.clone()));
	Bench {
		directory,
		parts: Parts {
			metrics: Arc::new(Metrics::new(ledger.lanes).unwrap()),
			ledger,
			reachability,
			devices,
			store,
			queue,
			clock: Clock::new(|| Duration::from_secs(NOW_SECONDS)),
		},
		archive,
		settings,
	}
}

impl Bench {
	/// Puts a frame on disk and into the queue, as the intake does.
	fn queue(&self, battery: &Battery, sequence: u64, frame: Vec<u8>) {
		let key = FrameKey {
			device: battery.index,
			sequence,
		};
		let queued = Queued {
			bytes: frame.len() as u32,
			arrival_ms: 0,
			urgent: false,
			attempted: false,
		};
		let frame = QueuedFrame {
			topic: battery.topic(),
			received_ms: NOW_SECONDS * 1_000,
			urgent: false,
			frame,
		};
		let changes = Changes {
			queue: vec![(key, frame)],
			..Changes::default()
		};
		self.parts.store.commit(&changes, Durability::Synced).unwrap();
		self.parts.queue.insert([(key, queued)]);
	}

	fn queue_all(&self, battery: &Battery, sequences: std::ops::RangeInclusive<u64>) {
		for sequence in sequences {
			self.queue(battery, sequence, battery.frame(sequence));
		}
	}

	async fn anchorer(&self) -> Result<Anchorer<FakeLedger>, AnchorError> {
		let backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(2));
		Anchorer::open(self.parts.clone(), self.archive.clone(), self.settings, backoff).await
	}

	/// Anchors until the queue is empty.
	async fn run(&self) {
		let (stopper, stop) = stop::channel();
		let anchorer = self.anchorer().await.unwrap();
		let task = tokio::spawn(anchorer.run(stop, Duration::from_secs(5)));
		tokio::time::timeout(PATIENCE, self.parts.queue.room(1, usize::MAX))
			.await
			.expect("the queue empties");
		stopper.stop();
		task.await.unwrap().unwrap();
	}

	/// Anchors until the condition holds, lets go of everything at once, and is started again from what is on disk.
	async fn killed_when(self, condition: impl Fn(&Bench) -> bool) -> Bench {
		let (stopper, stop) = stop::channel();
		let anchorer = self.anchorer().await.unwrap();
		let task = tokio::spawn(anchorer.run(stop, Duration::from_secs(5)));
		tokio::time::timeout(PATIENCE, async {
			while !condition(&self) {
				tokio::task::yield_now().await;
			}
		})
		.await
		.expect("it gets there");
		task.abort();
		let _aborted = task.await;
		drop(stopper);
		let Bench {
			directory,
			parts,
			archive,
			settings,
		} = self;
		let ledger = parts.ledger.clone();
		let store = Arc::downgrade(&parts.store);
		drop((parts, archive));
		// Work on a thread for what blocks is not aborted: as with a real kill, it happened or it did not.
		tokio::time::timeout(PATIENCE, async {
			while store.strong_count() > 0 {
				tokio::task::yield_now().await;
			}
		})
		.await
		.expect("the store is let go of");
		bench_on(directory, ledger, settings)
	}

	/// How often an anchor was submitted.
	fn submitted(&self) -> usize {
		self.parts.ledger.chain().anchors_submitted.len()
	}

	fn written(&self) -> bool {
		let pending = self.parts.store.pending_anchor().unwrap();
		pending.is_some_and(|pending| {
			let address = BatchAddress::from_cid(&pending.anchor.content).unwrap();
			self.archive.content().path(&address).exists()
		})
	}

	fn on_disk(&self) -> usize {
		let mut count = 0;
		self.parts.store.for_each_queued(|_, _| count += 1).unwrap();
		count
	}

	fn dead(&self) -> Vec<(Option<u64>, String)> {
		let mut all = Vec::new();
		read_dead_letters::<StoreError>(self.directory.path(), |_, letter| {
			all.push((letter.sequence, letter.reason));
			Ok(())
		})
		.unwrap();
		all
	}

	/// What the ledger's anchors hold, read from the content store: every leaf in order, and none twice in the stream. And each was
	/// submitted only when all before it were final.
	fn anchored(&self) -> BTreeSet<(u32, u64)> {
		let chain = self.parts.ledger.chain();
		let anchors = chain.streams.get(&STREAM).cloned().unwrap_or_default();
		for (root, finals) in &chain.anchors_submitted {
			let number = anchors.iter().position(|(anchor, _)| anchor.root == *root);
			assert_eq!(number, Some(*finals));
		}
		drop(chain);
		let mut places = BTreeMap::new();
		for (number, (anchor, _)) in anchors.into_iter().enumerate() {
			let address = BatchAddress::from_cid(&anchor.content).unwrap();
			let file = self.archive.content().read(&address).unwrap();
			let leaves = decode_batch_file(&file.expect("the batch is kept")).unwrap();
			assert_eq!(leaves.len(), anchor.leaves as usize);
			assert!(leaves.len() <= self.settings.limits.frames);
			assert_eq!(check_order(&leaves), Ok(()));
			assert_eq!(anchor.readings, 2 * leaves.len() as u64);
			let hashes: Vec<_> = leaves.iter().map(AnchoredLeaf::hash).collect();
			assert_eq!(root_of(&hashes), anchor.root);
			for (index, leaf) in (0..).zip(&leaves) {
				let place = leaf.place().unwrap();
				let before = places.insert(place, number);
				assert_eq!(before, None, "{place:?} is in anchor {number} as well");
				assert!(verify(
					&anchor.root,
					anchor.leaves,
					leaf.hash(),
					&prove(&hashes, index).unwrap()
				));
			}
		}
		places.into_keys().collect()
	}
}

fn places(device: u32, sequences: std::ops::RangeInclusive<u64>) -> BTreeSet<(u32, u64)> {
	sequences.map(|sequence| (device, sequence)).collect()
}

#[tokio::test]
async fn what_is_final_leaves_the_queue_and_is_remembered_with_its_place() {
	let bench = bench();
	let battery = Battery::new(1);
	bench.queue_all(&battery, 1..=12);
	bench.run().await;
	assert_eq!(bench.on_disk(), 0);
	assert_eq!(bench.anchored(), places(1, 1..=12));
	let metrics = &bench.parts.metrics;
	assert_eq!(
		(
			metrics.anchors_finalised.get(),
			metrics.frames_finalised.get(),
			metrics.readings_finalised.get()
		),
		(3, 12, 24)
	);
	assert_eq!(metrics.receive_to_finalised_seconds.get_sample_count(), 12);
	let seventh = FrameKey {
		device: 1,
		sequence: 7,
	};
	let inclusion = bench.archive.inclusion(seventh).await.unwrap();
	assert_eq!((inclusion.anchor.number, inclusion.leaf_index), (1, 1));
	assert_eq!((inclusion.anchor.bridge, inclusion.anchor.stream), (2, STREAM));
	assert_eq!(inclusion.frame, format!("0x{}", hex::encode(battery.frame(7))));
	assert_eq!(bench.parts.store.pending_anchor().unwrap(), None);
}

#[tokio::test]
async fn a_frame_that_comes_again_is_not_anchored_again_however_much_later() {
	let bench = bench();
	let battery = Battery::new(1);
	bench.queue_all(&battery, 1..=200);
	bench.run().await;
	// Byte by byte: known. Another frame with a sequence that was anchored: the first one counts.
	bench.queue_all(&battery, 1..=3);
	bench.queue(&battery, 4, battery.frame_at(4, NOW_SECONDS - 60));
	bench.queue_all(&battery, 201..=201);
	bench.run().await;
	assert_eq!(bench.anchored(), places(1, 1..=201));
	assert_eq!(bench.parts.metrics.frames_duplicate.get(), 3);
	assert_eq!(bench.dead(), [(Some(4), "replayed".to_owned())]);
	assert_eq!(bench.on_disk(), 0);
	// Over a restart too.
	let before = bench.submitted();
	let Bench {
		directory,
		parts,
		archive,
		settings,
	} = bench;
	let ledger = parts.ledger.clone();
	drop((parts, archive));
	let bench = bench_on(directory, ledger, settings);
	bench.queue_all(&battery, 1..=1);
	bench.run().await;
	assert_eq!(bench.submitted(), before);
}

#[tokio::test]
async fn killed_before_the_batch_file_is_written_the_frames_are_anchored_later() {
	let bench = bench();
	bench.queue_all(&Battery::new(1), 1..=3);
	// What a kill between the note and the file leaves behind.
	let pending = PendingAnchor {
		number: 0,
		anchor: Anchor {
			stream: STREAM,
			root: [9; 32],
			leaves: 3,
			readings: 6,
			content: BatchAddress::of(b"never written").cid(),
		},
		sent: None,
	};
	bench.parts.store.set_pending_anchor(Some(&pending)).unwrap();
	bench.run().await;
	assert_eq!(bench.anchored(), places(1, 1..=3));
	assert_eq!(bench.submitted(), 1);
}

#[tokio::test]
async fn killed_after_the_batch_file_is_written_the_same_anchor_is_sent() {
	let bench = bench();
	bench.queue_all(&Battery::new(1), 1..=3);
	bench.parts.ledger.chain().unreachable = true;
	let bench = bench.killed_when(Bench::written).await;
	let begun = bench.parts.store.pending_anchor().unwrap().unwrap();
	assert_eq!(begun.sent, None);
	// These came later: they are in another anchor.
	bench.queue_all(&Battery::new(2), 1..=1);
	bench.parts.ledger.chain().unreachable = false;
	bench.run().await;
	let mut expected = places(1, 1..=3);
	expected.insert((2, 1));
	assert_eq!(bench.anchored(), expected);
	let anchors = bench.parts.ledger.chain().streams[&STREAM].clone();
	assert_eq!(anchors.len(), 2);
	assert_eq!(anchors[0].0, begun.anchor);
}

#[tokio::test]
async fn killed_after_it_was_sent_the_anchor_is_not_sent_again_once_it_is_there() {
	let bench = bench();
	bench.queue_all(&Battery::new(1), 1..=3);
	bench.parts.ledger.chain().anchors_unanswered = true;
	bench
		.parts
		.ledger
		.chain()
		.faults
		.extend([Fault::WindowsUnanswered]);
	let bench = bench.killed_when(|bench| bench.submitted() == 1).await;
	bench.parts.ledger.chain().anchors_unanswered = false;
	bench.run().await;
	assert_eq!(bench.anchored(), places(1, 1..=3));
	assert_eq!(bench.submitted(), 1);
	assert_eq!(bench.on_disk(), 0);
}

#[tokio::test]
async fn killed_after_it_is_final_and_before_that_is_written_down_the_ledger_is_asked() {
	let bench = bench();
	bench.queue_all(&Battery::new(1), 1..=3);
	// From the moment that it is in a block no write succeeds.
	let (ledger, store) = (bench.parts.ledger.clone(), bench.parts.store.clone());
	ledger.chain().on_anchor = Some(Box::new(move || {
		store
			.fail_commits
			.store(usize::MAX, std::sync::atomic::Ordering::SeqCst);
	}));
	let bench = bench
		.killed_when(|bench| bench.parts.metrics.store_errors.get() > 1)
		.await;
	assert_eq!(bench.on_disk(), 3);
	assert!(bench
		.parts
		.store
		.pending_anchor()
		.unwrap()
		.unwrap()
		.sent
		.is_some());
	bench.run().await;
	assert_eq!(bench.anchored(), places(1, 1..=3));
	assert_eq!(bench.submitted(), 1);
	assert_eq!(bench.on_disk(), 0);
}

#[tokio::test]
async fn what_a_node_says_that_it_dropped_may_still_come_and_is_anchored_once() {
	for fault in [Fault::DroppedAndIncludedLater, Fault::IncludedLater, Fault::Lost] {
		let bench = bench();
		bench.queue_all(&Battery::new(1), 1..=3);
		bench.parts.ledger.chain().faults.extend([fault, fault]);
		bench.run().await;
		bench.queue_all(&Battery::new(1), 4..=6);
		bench.run().await;
		assert_eq!(bench.anchored(), places(1, 1..=6), "{fault:?}");
		assert_eq!(bench.on_disk(), 0);
	}
}

#[tokio::test]
async fn an_anchor_that_another_key_sent_is_not_sent_by_this_one_before_it_can_not_come_any_more() {
	let bench = bench();
	bench.queue_all(&Battery::new(1), 1..=3);
	let fault = Fault::DroppedAndIncludedLater;
	bench.parts.ledger.chain().faults.push_back(fault);
	bench.parts.ledger.chain().anchors_unanswered = true;
	let bench = bench.killed_when(|bench| bench.submitted() == 1).await;
	bench.parts.ledger.chain().anchors_unanswered = false;
	let sent = bench.parts.store.pending_anchor().unwrap().unwrap().sent.unwrap();
	assert_eq!(sent.account, [0; 32]);
	let Bench {
		directory,
		parts,
		archive,
		settings,
	} = bench;
	let chain = parts.ledger.chain.clone();
	drop((parts, archive));
	// The chain forgets it only when its blocks are over.
	let other_key = FakeLedger {
		chain,
		lanes: 1,
		first_account: 7,
	};
	let bench = bench_on(directory, Arc::new(other_key), settings);
	let height = bench.parts.ledger.chain().height;
	assert!(height < sent.until);
	bench.run().await;
	let chain = bench.parts.ledger.chain();
	assert!(chain.height > sent.until, "{} {}", chain.height, sent.until);
	assert_eq!(chain.nonces.get(&7), Some(&1));
	drop(chain);
	assert_eq!(bench.anchored(), places(1, 1..=3));
}

#[tokio::test]
async fn a_stream_that_another_bridge_uses_is_left_alone() {
	let bench = bench();
	let foreign = Anchor {
		stream: STREAM,
		root: [9; 32],
		leaves: 1,
		readings: 1,
		content: vec![1],
	};
	let streams = BTreeMap::from([(STREAM, vec![(foreign, 1)])]);
	bench.parts.ledger.chain().streams = streams;
	bench.queue_all(&Battery::new(1), 1..=3);
	let (_stopper, stop) = stop::channel();
	let anchorer = bench.anchorer().await.unwrap();
	let ended = tokio::time::timeout(PATIENCE, anchorer.run(stop, Duration::ZERO)).await;
	assert!(matches!(
		ended.expect("it ends"),
		Err(AnchorError::OtherBridge {
			stream: STREAM,
			number: 0
		})
	));
	assert_eq!(bench.submitted(), 0);
	assert_eq!(bench.on_disk(), 3);
}

#[tokio::test]
async fn an_account_of_another_organisation_ends_the_bridge_also_after_a_restart() {
	let bench = bench();
	let battery = Battery::new(1);
	bench.queue_all(&battery, 1..=3);
	bench.run().await;
	let Bench {
		directory,
		parts,
		archive,
		settings,
	} = bench;
	let ledger = parts.ledger.clone();
	drop((parts, archive));
	ledger.chain().organisation = Some(3);
	let bench = bench_on(directory, ledger, settings);
	bench.queue_all(&battery, 4..=6);
	let (_stopper, stop) = stop::channel();
	let anchorer = bench.anchorer().await.unwrap();
	let ended = tokio::time::timeout(PATIENCE, anchorer.run(stop, Duration::ZERO)).await;
	assert!(matches!(
		ended.expect("it ends"),
		Err(AnchorError::OtherOrganisation {
			expected: 2,
			found: 3
		})
	));
	assert_eq!((bench.submitted(), bench.on_disk()), (1, 3));
}

#[tokio::test]
async fn a_node_that_is_behind_is_told_of_and_waited_for() {
	let bench = bench();
	let battery = Battery::new(1);
	bench.queue_all(&battery, 1..=3);
	bench.run().await;
	let streams = std::mem::take(&mut bench.parts.ledger.chain().streams);
	bench.queue_all(&battery, 4..=6);
	let (stopper, stop) = stop::channel();
	let anchorer = bench.anchorer().await.unwrap();
	let task = tokio::spawn(anchorer.run(stop, Duration::from_secs(5)));
	tokio::time::timeout(PATIENCE, async {
		while bench.archive.trouble().get().is_none() {
			tokio::task::yield_now().await;
		}
	})
	.await
	.expect("it is told");
	let told = bench.archive.trouble().get().unwrap();
	assert!(told.contains("0 anchors of stream 4, and 1 are final"), "{told}");
	assert_eq!(bench.submitted(), 1);
	bench.parts.ledger.chain().streams = streams;
	tokio::time::timeout(PATIENCE, bench.parts.queue.room(1, usize::MAX))
		.await
		.expect("the queue empties");
	stopper.stop();
	task.await.unwrap().unwrap();
	assert_eq!(bench.archive.trouble().get(), None);
	assert_eq!(bench.anchored(), places(1, 1..=6));
}

#[tokio::test]
async fn a_clock_that_jumps_removes_no_batch() {
	let mut bench = bench();
	let battery = Battery::new(1);
	bench.queue_all(&battery, 1..=5);
	bench.run().await;
	bench.parts.clock = Clock::new(|| Duration::from_secs(100 * NOW_SECONDS));
	bench.queue_all(&battery, 6..=10);
	bench.run().await;
	// The oracle reads every batch.
	assert_eq!(bench.anchored(), places(1, 1..=10));
	// What takes a batch away is blocks.
	let height = bench.parts.ledger.chain().height + crate::inclusion::MIN_KEPT_BLOCKS;
	bench.archive.drop_old(SETTINGS.keep, height + 1).await.unwrap();
	assert_eq!(bench.parts.store.content_from().unwrap(), 2);
}

#[tokio::test]
async fn a_data_directory_stays_with_its_stream() {
	let bench = bench();
	bench.run().await;
	let other = AnchorSettings {
		stream: STREAM + 1,
		..SETTINGS
	};
	let opened = Anchorer::open(
		bench.parts.clone(),
		bench.archive.clone(),
		other,
		Backoff::new(Duration::from_millis(1), Duration::from_millis(2)),
	);
	assert!(matches!(
		opened.await,
		Err(AnchorError::OtherStream { found: STREAM })
	));
}

#[tokio::test]
async fn an_anchor_that_was_sent_without_its_file_is_not_guessed_at() {
	let bench = bench();
	bench.queue_all(&Battery::new(1), 1..=3);
	bench.parts.ledger.chain().anchors_unanswered = true;
	let bench = bench.killed_when(|bench| bench.submitted() > 0).await;
	let pending = bench.parts.store.pending_anchor().unwrap().unwrap();
	let address = BatchAddress::from_cid(&pending.anchor.content).unwrap();
	bench.archive.content().remove(&address).unwrap();
	let (_stopper, stop) = stop::channel();
	let anchorer = bench.anchorer().await.unwrap();
	assert!(matches!(
		anchorer.run(stop, Duration::ZERO).await,
		Err(AnchorError::Damaged { .. })
	));
	assert_eq!(bench.on_disk(), 3);
}

#[tokio::test]
async fn a_content_store_that_can_not_be_written_to_holds_frames_back() {
	let bench = bench();
	bench.queue_all(&Battery::new(1), 1..=3);
	let anchorer = bench.anchorer().await.unwrap();
	let (stopper, stop) = stop::channel();
	// As a full disk would: the folder is gone and can not be made again.
	let folder = bench.directory.path().join("content");
	std::fs::remove_dir_all(&folder).unwrap();
	std::fs::write(&folder, b"").unwrap();
	let task = tokio::spawn(anchorer.run(stop, Duration::from_secs(5)));
	let errors = || bench.parts.metrics.store_errors.get();
	tokio::time::timeout(PATIENCE, async {
		while errors() < 3 {
			tokio::task::yield_now().await;
		}
	})
	.await
	.unwrap();
	assert_eq!(bench.submitted(), 0);
	assert_eq!(bench.on_disk(), 3);
	std::fs::remove_file(&folder).unwrap();
	std::fs::create_dir(&folder).unwrap();
	tokio::time::timeout(PATIENCE, bench.parts.queue.room(1, usize::MAX))
		.await
		.unwrap();
	stopper.stop();
	task.await.unwrap().unwrap();
	assert_eq!(bench.anchored(), places(1, 1..=3));
}

#[tokio::test]
async fn two_anchors_are_never_on_their_way_at_once() {
	let bench = bench();
	for device in 1..=4 {
		bench.queue_all(&Battery::new(device), 1..=10);
	}
	let faults = [Fault::Lost, Fault::UnreachableAfter, Fault::IncludedLater];
	bench.parts.ledger.chain().faults.extend(faults);
	bench.run().await;
	// The oracle looks at each submission.
	assert_eq!(bench.anchored().len(), 40);
	let chain = bench.parts.ledger.chain();
	let anchors = &chain.streams[&STREAM];
	assert_eq!(anchors.len(), 8);
	assert!(anchors.is_sorted_by_key(|(_, height)| *height));
}

const FAULTS: [Fault; 12] = [
	Fault::None,
	Fault::UnreachableBefore,
	Fault::UnreachableAfter,
	Fault::IncludedLater,
	Fault::DroppedAndIncludedLater,
	Fault::Lost,
	Fault::DispatchFails,
	Fault::PoolRefuses,
	Fault::Paused,
	Fault::OverQuota,
	Fault::NonceTaken,
	Fault::WindowsUnanswered,
];

proptest! {
	#![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

	/// Whatever goes wrong, in whatever order, and however often the bridge is killed meanwhile: every frame is in one anchor, none
	/// is in two, and the disk has no more of it than where it is.
	#[test]
	fn no_schedule_of_faults_and_kills_loses_or_replays_a_frame(
		faults in prop::collection::vec(prop::sample::select(FAULTS.to_vec()), 0..25),
		frames in prop::collection::btree_set((1u32..5, 1u64..120), 1..60),
		again in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
		kills in prop::collection::vec(0usize..4, 0..5),
		most_leaves in 1usize..20,
	) {
		let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
		runtime.block_on(async {
			let limits = Limits { frames: most_leaves, ..SETTINGS.limits };
			let mut bench = bench_with(AnchorSettings { limits, ..SETTINGS });
			bench.parts.ledger.chain().faults.extend(faults);
			for (device, sequence) in &frames {
				let battery = Battery::new(*device);
				bench.queue(&battery, *sequence, battery.frame(*sequence));
			}
			for more in kills {
				let submitted = bench.submitted();
				bench = bench
					.killed_when(|bench| {
						bench.submitted() >= submitted + more
							|| bench.parts.queue.with(|queue| queue.is_empty())
					})
					.await;
			}
			bench.run().await;
			let places: Vec<_> = frames.iter().copied().collect();
			for index in again {
				let (device, sequence) = places[index.index(places.len())];
				let battery = Battery::new(device);
				bench.queue(&battery, sequence, battery.frame(sequence));
			}
			bench.run().await;
			assert_eq!(bench.anchored(), frames);
			assert_eq!(bench.on_disk(), 0);
			let dead = bench.dead();
			assert!(dead.is_empty(), "{dead:?}");
			assert_eq!(bench.parts.store.pending_anchor().unwrap(), None);
			let files = std::fs::read_dir(bench.directory.path().join("content"))
				.unwrap()
				.filter_map(|shelf| std::fs::read_dir(shelf.unwrap().path()).ok())
				.map(Iterator::count)
				.sum::<usize>();
			assert_eq!(files, bench.parts.ledger.chain().streams[&STREAM].len());
		});
	}
}
