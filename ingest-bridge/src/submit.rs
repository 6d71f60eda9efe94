//! From the queue onto the ledger: lanes that submit batches and see what becomes of them.
//!
//! ```text
//! queued ─▶ (attempted before? ask the ledger) ─▶ submitted ─▶ final: taken ───────▶ gone, window kept
//!   ▲                     │ already taken ▶ gone      │          refused ─────────▶ dead letter
//!   └───── attempted ◀────┴───────────────────────────┴─ anything else: unknown
//! ```
//!
//! Sending again is safe, because the ledger takes a sequence once; so everything that is not a final answer
//! leads back to the queue, marked as attempted. An attempted frame is sent again only after the ledger said
//! that it does not have it. A frame that is sent although an earlier extrinsic still gets into a block is
//! refused there as replayed, which is an answer too: it is on the ledger. Unless another frame has its sequence there: where the
//! bridge can tell, it is a dead letter and not lost without a word.

use crate::{
	backoff::Backoff,
	batch::{Batch, FrameKey, Queued, SharedQueue},
	clock::Clock,
	devices::Devices,
	intake::dead_letter_of_queued,
	ledger::{FrameResult, Ledger, LedgerError, Outcome, Reachability, Submission, SubmittedFrame},
	metrics::Metrics,
	reason::Reason,
	stop::Stop,
	store::{fingerprint, Changes, DeadLetter, Durability, QueuedFrame, RefusedBy, Store, StoreError},
};
use futures::{future::BoxFuture, stream::FuturesUnordered, FutureExt, StreamExt};
use passport_primitives::telemetry::{Frame, FrameRefusal, WindowRefusal};
use std::{
	collections::{BTreeMap, BTreeSet, HashMap},
	sync::Arc,
	time::Duration,
};
use tokio::time::Instant;

/// Waits after the node failed or refused. The first four together are nearly as long as a quota's period, so that whoever has
/// used up its quota sends again in the next one.
pub const LANE_BACKOFF: Backoff = Backoff::new(Duration::from_millis(250), Duration::from_secs(15));

/// The outcome of an extrinsic that the organisation's quota does not cover, in metrics.
pub(crate) const OVER_QUOTA: &str = "over_quota";

/// What the lanes work with.
pub struct Parts<L> {
	/// The ledger.
	pub ledger: Arc<L>,
	/// Whether a node answers.
	pub reachability: Arc<Reachability>,
	/// What is known of devices.
	pub devices: Arc<Devices<L>>,
	/// The disk.
	pub store: Arc<Store>,
	/// The queue.
	pub queue: Arc<SharedQueue>,
	/// Counters.
	pub metrics: Arc<Metrics>,
	/// For dead letters.
	pub clock: Clock,
}

// Not derived: that would ask for `L: Clone`.
impl<L> Clone for Parts<L> {
	fn clone(&self) -> Self {
		Parts {
			ledger: self.ledger.clone(),
			reachability: self.reachability.clone(),
			devices: self.devices.clone(),
			store: self.store.clone(),
			queue: self.queue.clone(),
			metrics: self.metrics.clone(),
			clock: self.clock.clone(),
		}
	}
}

impl<L: Ledger> Parts<L> {
	/// Reads the frames of a batch. One that is not on disk is done with: it was taken off together with its
	/// result.
	pub(crate) async fn load(&self, batch: &Batch) -> Result<(Vec<Loaded>, Vec<FrameKey>), StoreError> {
		let entries = batch.frames.clone();
		let stored = self
			.store
			.work(move |store| {
				let frames = store.frames(entries.iter().map(|(key, _)| *key))?;
				Ok(entries.into_iter().zip(frames).collect::<Vec<_>>())
			})
			.await?;
		let mut loaded = Vec::with_capacity(stored.len());
		let mut gone = Vec::new();
		for ((key, queued), frame) in stored {
			match frame {
				Some(frame) => loaded.push(Loaded { key, queued, frame }),
				None => gone.push(key),
			}
		}
		Ok((loaded, gone))
	}

	/// Asks the ledger which attempted frames it has, and settles those.
	async fn leave_out_taken(
		&self,
		frames: Vec<Loaded>,
		settled: &mut Vec<FrameKey>,
	) -> Result<Vec<Loaded>, Trouble> {
		let devices: BTreeSet<u32> = frames
			.iter()
			.filter(|frame| frame.queued.attempted)
			.map(|frame| frame.key.device)
			.collect();
		if devices.is_empty() {
			return Ok(frames);
		}
		let devices: Vec<u32> = devices.into_iter().collect();
		let answer = self.ledger.finalised_windows(&devices).await;
		let windows = self.reachability.note(answer).map_err(Trouble::Ledger)?;
		let (taken, rest): (Vec<_>, Vec<_>) = frames.into_iter().partition(|frame| {
			let window = windows.get(&frame.key.device).copied().unwrap_or_default();
			frame.queued.attempted && window.check(frame.key.sequence) == Err(WindowRefusal::Replayed)
		});
		if taken.is_empty() {
			return Ok(rest);
		}
		let others = self.others(&taken).await.map_err(Trouble::Store)?;
		let mut changes = Changes::default();
		let mut states = HashMap::new();
		let refused_ms = self.clock.unix_ms();
		for Loaded { key, frame, .. } in taken {
			changes.settled.push(key);
			let observe = |state: &mut crate::store::DeviceState| {
				if let Some(window) = windows.get(&key.device) {
					state.observe(*window);
				}
			};
			if others.contains_key(&key) {
				states.insert(key.device, self.devices.update(key.device, observe));
				changes
					.dead
					.push(refused_by_ledger(REPLAYED, key, frame, refused_ms));
				continue;
			}
			self.devices.settle(key, &frame.frame);
			let state = self.devices.update(key.device, |state| {
				observe(state);
				state.remember(key.sequence, &frame.frame);
			});
			states.insert(key.device, state);
			changes.taken.push((key, fingerprint(&frame.frame)));
		}
		changes.devices = states.into_iter().collect();
		let keys = changes.settled.clone();
		let refused = changes.dead.len();
		self.commit(changes).await.map_err(Trouble::Store)?;
		tell_of_others(&others);
		for _ in 0..refused {
			self.metrics.refused(REPLAYED);
		}
		self.metrics
			.frames_already_taken
			.inc_by((keys.len() - refused) as u64);
		settled.extend(keys);
		Ok(rest)
	}

	/// Those of these frames whose sequence the ledger has from another frame, as far as can be known, and whether this bridge
	/// made them. What this bridge brought it knows. What it did not bring is taken for another bridge's delivery of the same frame,
	/// unless the frame was made here and is sent for the first time: nobody else can have it.
	async fn others(&self, replayed: &[Loaded]) -> Result<BTreeMap<FrameKey, bool>, StoreError> {
		let asked: Vec<_> = replayed
			.iter()
			.map(|frame| (frame.key, frame.queued.attempted, frame.frame.frame.clone()))
			.collect();
		let devices = self.devices.clone();
		self.store
			.work(move |store| {
				let mut others = BTreeMap::new();
				for (key, attempted, frame) in asked {
					let made_here = store.seals_for(key.device)?;
					let same = devices.same(key, &frame)?.unwrap_or(attempted || !made_here);
					if !same {
						others.insert(key, made_here);
					}
				}
				Ok(others)
			})
			.await
	}

	/// Writes down the results of a final extrinsic and returns the frames that are done with: all of them.
	async fn settle(
		&self,
		frames: Vec<Loaded>,
		results: Vec<FrameResult>,
	) -> Result<Vec<FrameKey>, StoreError> {
		let mut changes = Changes::default();
		let mut states = HashMap::new();
		let mut reasons = Vec::new();
		let mut doubted = BTreeSet::new();
		let mut arrivals = Vec::new();
		let (mut readings, mut already) = (0, 0);
		let refused_ms = self.clock.unix_ms();
		let replayed: Vec<_> = frames
			.iter()
			.zip(&results)
			.filter(|(_, result)| **result == Err(FrameRefusal::Replayed))
			.map(|(frame, _)| frame.clone())
			.collect();
		let others = match replayed.is_empty() {
			true => BTreeMap::new(),
			false => self.others(&replayed).await?,
		};
		for (frame, result) in frames.into_iter().zip(results) {
			let Loaded { key, queued, frame } = frame;
			changes.settled.push(key);
			match result {
				Ok(()) => {
					readings += Frame::parse(&frame.frame).map_or(0, |frame| u64::from(frame.header.count));
					arrivals.push(queued.arrival_ms);
					self.devices.settle(key, &frame.frame);
					let taken =
						|state: &mut crate::store::DeviceState| state.taken(key.sequence, &frame.frame);
					states.insert(key.device, self.devices.update(key.device, taken));
					changes.taken.push((key, fingerprint(&frame.frame)));
				}
				// It is on the ledger: an earlier extrinsic brought it, or another bridge.
				Err(FrameRefusal::Replayed) if !others.contains_key(&key) => {
					already += 1;
					self.devices.settle(key, &frame.frame);
					let taken =
						|state: &mut crate::store::DeviceState| state.taken(key.sequence, &frame.frame);
					states.insert(key.device, self.devices.update(key.device, taken));
					changes.taken.push((key, fingerprint(&frame.frame)));
				}
				Err(refusal) => {
					let reason = match refusal {
						// The extrinsic that it was in before may have brought it, and the window does not tell any more.
						FrameRefusal::TooOld if queued.attempted => Reason::OutcomeUnknown,
						refusal => Reason::Frame(refusal),
					};
					reasons.push(reason);
					if let (true, Some((battery, _))) = (
						reason.depends_on_ledger(),
						passport_primitives::topic::parse(&frame.topic),
					) {
						doubted.insert(battery.to_owned());
					}
					changes
						.dead
						.push(refused_by_ledger(reason, key, frame, refused_ms));
				}
			}
		}
		changes.devices = states.into_iter().collect();
		let settled = changes.settled.clone();
		self.commit(changes).await?;
		tell_of_others(&others);
		for battery in &doubted {
			self.devices.doubt(battery);
		}
		let metrics = &self.metrics;
		metrics.frames_finalised.inc_by(arrivals.len() as u64);
		metrics.readings_finalised.inc_by(readings);
		metrics.frames_already_taken.inc_by(already);
		for reason in reasons {
			metrics.refused(reason);
		}
		let now_ms = self.queue.timeline().now_ms();
		for arrival_ms in arrivals {
			let waited_ms = u32::try_from(now_ms.saturating_sub(arrival_ms)).unwrap_or(u32::MAX);
			metrics
				.receive_to_finalised_seconds
				.observe(f64::from(waited_ms) / 1_000.0);
		}
		Ok(settled)
	}

	/// Not synced: after a power cut the frames are back in the queue, and the ledger is asked for them.
	async fn commit(&self, changes: Changes) -> Result<(), StoreError> {
		let committed = self
			.store
			.work(move |store| store.commit(&changes, Durability::Buffered))
			.await?;
		self.metrics
			.dead_letters_dropped
			.inc_by(committed.dead_letters_dropped);
		Ok(())
	}
}

/// Another frame has the sequence.
pub(crate) const REPLAYED: Reason = Reason::Frame(FrameRefusal::Replayed);

/// The dead letter of a frame that the ledger has refused.
fn refused_by_ledger(reason: Reason, key: FrameKey, frame: QueuedFrame, refused_ms: u64) -> DeadLetter {
	dead_letter_of_queued(reason, RefusedBy::Ledger, key, frame, refused_ms)
}

/// A device that signs two frames with one sequence is its maker's to explain; a bridge that does has a second one beside it.
fn tell_of_others(others: &BTreeMap<FrameKey, bool>) {
	for (key, _) in others.iter().filter(|(_, made_here)| **made_here) {
		tracing::error!(
			device = key.device,
			sequence = key.sequence,
			"the ledger has another frame under a sequence that this bridge gave out: the data directory is an old copy, or another \
			 bridge has this vault; the reading is a dead letter"
		);
	}
}

/// A frame with what the queue and the disk know of it.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
	pub(crate) key: FrameKey,
	pub(crate) queued: Queued,
	pub(crate) frame: QueuedFrame,
}

/// A batch on its way.
struct InFlight {
	batch: Batch,
	/// Frames of the batch that are done with already.
	settled: Vec<FrameKey>,
	/// Frames in the extrinsic, in its order.
	frames: Vec<Loaded>,
}

type Ending = (InFlight, Result<Outcome, LedgerError>);

/// One signing account.
pub struct Lane<L> {
	parts: Parts<L>,
	number: usize,
	label: String,
	most_in_flight: usize,
	/// The account's next nonce; `None` when the node must be asked.
	nonce: Option<u64>,
	backoff: Backoff,
	/// Nothing is submitted before then.
	wait_until: Option<Instant>,
	/// What was told last, so that a state is told once.
	trouble: Option<String>,
	in_flight: FuturesUnordered<BoxFuture<'static, Ending>>,
}

impl<L: Ledger> Lane<L> {
	/// Lane `number`, with at most `most_in_flight` extrinsics on their way.
	pub fn new(parts: Parts<L>, number: usize, most_in_flight: usize, backoff: Backoff) -> Self {
		Lane {
			parts,
			number,
			label: number.to_string(),
			most_in_flight: most_in_flight.max(1),
			nonce: None,
			backoff,
			wait_until: None,
			trouble: None,
			in_flight: FuturesUnordered::new(),
		}
	}

	/// Submits batches until it is time to stop; then waits at most `drain` for what is on its way. What is
	/// not known by then is asked of the ledger at the next start.
	pub async fn run(mut self, stop: Stop, drain: Duration) {
		while !stop.is_requested() {
			let queue = self.parts.queue.clone();
			let may_submit = self.wait_until.is_none() && self.in_flight.len() < self.most_in_flight;
			let wait_until = self.wait_until.unwrap_or_else(Instant::now);
			tokio::select! {
				biased;
				() = stop.requested() => break,
				Some(ending) = self.in_flight.next(), if !self.in_flight.is_empty() => self.end(ending).await,
				() = tokio::time::sleep_until(wait_until), if self.wait_until.is_some() => {
					self.wait_until = None;
					self.show();
				},
				batch = queue.next_batch(), if may_submit => self.start(batch).await,
			}
		}
		let drained = async {
			while let Some(ending) = self.in_flight.next().await {
				self.end(ending).await;
			}
		};
		if tokio::time::timeout(drain, drained).await.is_err() {
			tracing::info!(
				lane = self.label,
				"stopping with extrinsics on their way; their frames stay on disk"
			);
		}
	}

	fn show(&self) {
		let metrics = &self.parts.metrics;
		let in_flight = i64::try_from(self.in_flight.len()).unwrap_or(i64::MAX);
		metrics
			.lane_in_flight
			.with_label_values(&[&self.label])
			.set(in_flight);
		metrics
			.lane_waiting
			.with_label_values(&[&self.label])
			.set(self.wait_until.is_some().into());
	}

	/// Nothing is submitted for a while, and then with a nonce asked for anew.
	fn wait(&mut self) {
		self.nonce = None;
		self.wait_until = Some(Instant::now() + self.backoff.failed());
		self.show();
	}

	/// An extrinsic was not successful: count it, tell it once, wait.
	///
	/// A used up quota is not told: a bridge that has more to send than it may is in that state every few seconds.
	fn failed(&mut self, outcome: &str, reason: &str) {
		self.parts
			.metrics
			.extrinsics_unsuccessful
			.with_label_values(&[outcome])
			.inc();
		// That no node answers is told by `Reachability`, for all lanes at once.
		if self.parts.reachability.is_up()
			&& outcome != OVER_QUOTA
			&& self.trouble.replace(outcome.to_owned()).as_deref() != Some(outcome)
		{
			tracing::warn!(
				lane = self.label,
				reason,
				"an extrinsic was not successful; its frames are sent again"
			);
		}
		self.wait();
	}

	fn succeeded(&mut self) {
		self.backoff.succeeded();
		if self.trouble.take().is_some() {
			tracing::info!(lane = self.label, "extrinsics are successful again");
		}
	}

	/// Submits a batch.
	async fn start(&mut self, batch: Batch) {
		self.parts
			.metrics
			.frames_batched
			.inc_by(batch.frames.len() as u64);
		let (frames, mut settled) = match self.parts.load(&batch).await {
			Ok(loaded) => loaded,
			Err(error) => {
				self.store_failed(&error);
				return self.parts.queue.finish(&batch, &[]);
			}
		};
		let frames = match self.parts.leave_out_taken(frames, &mut settled).await {
			Ok(frames) => frames,
			Err(Trouble::Ledger(error)) => {
				self.parts.queue.finish(&batch, &settled);
				tracing::debug!(lane = self.label, %error, "the ledger was asked what it has");
				return self.wait();
			}
			Err(Trouble::Store(error)) => {
				self.store_failed(&error);
				return self.parts.queue.finish(&batch, &settled);
			}
		};
		if frames.is_empty() {
			return self.parts.queue.finish(&batch, &settled);
		}
		match self.submit(&frames).await {
			Ok(submission) => {
				let metrics = &self.parts.metrics;
				metrics.extrinsics_submitted.inc();
				metrics.frames_submitted.inc_by(frames.len() as u64);
				let on_its_way = InFlight {
					batch,
					settled,
					frames,
				};
				self.in_flight
					.push(async move { (on_its_way, submission.outcome().await) }.boxed());
				self.show();
			}
			Err(error) => {
				self.parts.queue.finish(&batch, &settled);
				let outcome = match error {
					LedgerError::Unreachable(_) => "unknown",
					LedgerError::Paused => "paused",
					LedgerError::OverQuota => OVER_QUOTA,
					_ => "refused",
				};
				self.failed(outcome, &error.to_string());
			}
		}
	}

	async fn submit(&mut self, frames: &[Loaded]) -> Result<L::Submission, LedgerError> {
		let parts = &self.parts;
		let nonce = match self.nonce {
			Some(nonce) => nonce,
			None => parts
				.reachability
				.note(parts.ledger.next_nonce(self.number).await)?,
		};
		let frames = frames
			.iter()
			.map(|frame| SubmittedFrame {
				device: frame.key.device,
				frame: frame.frame.frame.clone(),
			})
			.collect();
		let submission = parts
			.reachability
			.note_submission(parts.ledger.submit(self.number, nonce, frames).await)?;
		self.nonce = Some(nonce + 1);
		Ok(submission)
	}

	/// Sees what became of an extrinsic.
	async fn end(&mut self, (on_its_way, outcome): Ending) {
		let InFlight {
			batch,
			mut settled,
			frames,
		} = on_its_way;
		match self.parts.reachability.note(outcome) {
			Ok(Outcome::Finalised(results)) if results.len() == frames.len() => {
				match self.parts.settle(frames, results).await {
					Ok(keys) => {
						settled.extend(keys);
						self.succeeded();
					}
					// The frames stay queued as attempted; the ledger is asked for them next time.
					Err(error) => self.store_failed(&error),
				}
			}
			Ok(Outcome::Finalised(results)) => self.failed(
				"unknown",
				&format!("{} results came for {} frames", results.len(), frames.len()),
			),
			Ok(Outcome::Failed(reason)) => self.failed("failed", &reason),
			Ok(Outcome::NotIncluded(reason)) => self.failed("not_included", &reason),
			Err(error) => self.failed("unknown", &error.to_string()),
		}
		self.parts.queue.finish(&batch, &settled);
		self.show();
	}

	fn store_failed(&mut self, error: &StoreError) {
		self.parts.metrics.store_errors.inc();
		if self.trouble.replace("store".to_owned()).as_deref() != Some("store") {
			tracing::error!(lane = self.label, %error, "the store does not work; trying again until it does");
		}
		self.wait();
	}
}

enum Trouble {
	Ledger(LedgerError),
	Store(StoreError),
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		batch::Limits,
		clock::Timeline,
		ledger::fake::{FakeLedger, Fault},
		stop,
		store::{read_dead_letters, SealedState},
		test_battery::{Battery, NOW_SECONDS},
	};
	use proptest::prelude::*;

	struct Bench {
		directory: tempfile::TempDir,
		parts: Parts<FakeLedger>,
	}

	fn bench(lanes: usize, limits: Limits) -> Bench {
		bench_on(
			tempfile::tempdir().unwrap(),
			Arc::new(FakeLedger::new(lanes)),
			limits,
		)
	}

	fn bench_on(directory: tempfile::TempDir, ledger: Arc<FakeLedger>, limits: Limits) -> Bench {
		let reachability = Arc::new(Reachability::default());
		let store = Arc::new(Store::open(directory.path(), 1_000).unwrap());
		let devices = Arc::new(Devices::load(ledger.clone(), reachability.clone(), store.clone()).unwrap());
		let queue = Arc::new(SharedQueue::new(limits, Timeline::start()));
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
		let metrics = Arc::new(Metrics::new(ledger.lanes).unwrap());
		let clock = Clock::new(|| Duration::from_secs(NOW_SECONDS));
		Bench {
			directory,
			parts: Parts {
				ledger,
				reachability,
				devices,
				store,
				queue,
				metrics,
				clock,
			},
		}
	}

	const SMALL: Limits = Limits {
		frames: 5,
		bytes: 262_144,
		age: Duration::ZERO,
	};

	impl Bench {
		fn queue(&self, battery: &Battery, sequence: u64) {
			let key = FrameKey {
				device: battery.index,
				sequence,
			};
			let frame = QueuedFrame {
				topic: battery.topic(),
				received_ms: NOW_SECONDS * 1_000,
				urgent: false,
				frame: battery.frame(sequence),
			};
			let queued = Queued {
				bytes: frame.frame.len() as u32,
				arrival_ms: 0,
				urgent: false,
				attempted: false,
			};
			let changes = Changes {
				queue: vec![(key, frame)],
				..Changes::default()
			};
			self.parts.store.commit(&changes, Durability::Synced).unwrap();
			self.parts.queue.insert([(key, queued)]);
		}

		/// Runs the lanes until the queue is empty.
		async fn run(&self, most_in_flight: usize) {
			let (stopper, stop) = stop::channel();
			let backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(2));
			let lanes: Vec<_> = (0..self.parts.ledger.lanes)
				.map(|number| {
					let lane = Lane::new(self.parts.clone(), number, most_in_flight, backoff);
					tokio::spawn(lane.run(stop.clone(), Duration::from_secs(5)))
				})
				.collect();
			tokio::time::timeout(Duration::from_secs(30), self.parts.queue.room(1, usize::MAX))
				.await
				.expect("the queue empties");
			stopper.stop();
			for lane in lanes {
				lane.await.unwrap();
			}
		}

		fn on_disk(&self) -> usize {
			let mut count = 0;
			self.parts.store.for_each_queued(|_, _| count += 1).unwrap();
			count
		}

		fn dead(&self) -> Vec<(Option<u64>, String, RefusedBy)> {
			let mut all = Vec::new();
			read_dead_letters::<StoreError>(self.directory.path(), |_, letter| {
				all.push((letter.sequence, letter.reason, letter.refused_by));
				Ok(())
			})
			.unwrap();
			all
		}
	}

	#[tokio::test]
	async fn what_is_final_leaves_the_disk_and_stays_in_the_window() {
		let bench = bench(1, SMALL);
		let battery = Battery::new(1);
		for sequence in 1..=12 {
			bench.queue(&battery, sequence);
		}
		bench.run(4).await;
		assert_eq!(bench.on_disk(), 0);
		let metrics = &bench.parts.metrics;
		assert_eq!(
			(metrics.frames_finalised.get(), metrics.readings_finalised.get()),
			(12, 24)
		);
		assert_eq!(metrics.receive_to_finalised_seconds.get_sample_count(), 12);
		assert!(bench.parts.ledger.chain().largest <= 5);
		// Over a restart too.
		let state = bench.parts.store.devices().unwrap();
		assert_eq!(state[0].1.window.highest(), 12);
		assert_eq!(state[0].1.same(7, &battery.frame(7)), Some(true));
		assert_eq!(state[0].1.same(4, &battery.frame(4)), None);
	}

	#[tokio::test]
	async fn what_the_ledger_refuses_is_a_dead_letter_with_its_reason() {
		let bench = bench(1, SMALL);
		let battery = Battery::new(1);
		for sequence in 1..=4 {
			bench.queue(&battery, sequence);
		}
		let key = |sequence| FrameKey { device: 1, sequence };
		bench
			.parts
			.ledger
			.chain()
			.refuses
			.insert(key(2), FrameRefusal::PassportNotActive);
		bench
			.parts
			.ledger
			.chain()
			.refuses
			.insert(key(3), FrameRefusal::Stale);
		bench.run(1).await;
		assert_eq!(bench.on_disk(), 0);
		assert_eq!(
			bench.dead(),
			[
				(Some(2), "passport_not_active".to_owned(), RefusedBy::Ledger),
				(Some(3), "stale".to_owned(), RefusedBy::Ledger)
			]
		);
		let metrics = &bench.parts.metrics;
		assert_eq!(metrics.frames_refused.with_label_values(&["stale"]).get(), 1);
		assert_eq!(metrics.frames_finalised.get(), 2);
	}

	#[tokio::test]
	async fn a_frame_that_is_on_the_ledger_already_is_done() {
		let bench = bench(1, SMALL);
		let battery = Battery::new(1);
		bench
			.parts
			.ledger
			.chain()
			.windows
			.entry(1)
			.or_default()
			.take(1)
			.unwrap();
		bench.queue(&battery, 1);
		bench.queue(&battery, 2);
		bench.run(1).await;
		assert_eq!(bench.dead(), []);
		assert_eq!(bench.parts.metrics.frames_already_taken.get(), 1);
		assert_eq!(bench.parts.ledger.chain().taken.len(), 1);
	}

	impl Bench {
		/// Another frame of the battery has this sequence on the ledger.
		fn taken_from_another(&self, battery: &Battery, sequence: u64) {
			let mut chain = self.parts.ledger.chain();
			let window = chain.windows.entry(battery.index).or_default();
			window.take(sequence).unwrap();
		}

		/// This bridge brought it.
		fn brought(&self, battery: &Battery, sequence: u64, frame: &[u8]) {
			self.parts
				.devices
				.update(battery.index, |state| state.taken(sequence, frame));
		}
	}

	#[tokio::test]
	async fn a_frame_whose_sequence_another_one_has_is_a_dead_letter_and_not_lost() {
		let battery = Battery::new(1);
		for attempted in [false, true] {
			let mut bench = bench(1, SMALL);
			bench.taken_from_another(&battery, 1);
			bench.queue(&battery, 1);
			if attempted {
				let Bench { directory, parts } = bench;
				let ledger = parts.ledger.clone();
				drop(parts);
				bench = bench_on(directory, ledger, SMALL);
			}
			bench.brought(&battery, 1, &battery.frame_at(1, NOW_SECONDS - 60));
			bench.run(1).await;
			assert_eq!(
				bench.dead(),
				[(Some(1), "replayed".to_owned(), RefusedBy::Ledger)],
				"{attempted}"
			);
			let metrics = &bench.parts.metrics;
			assert_eq!(metrics.frames_already_taken.get(), 0);
			assert_eq!(metrics.frames_refused.with_label_values(&["replayed"]).get(), 1);
			assert_eq!(bench.on_disk(), 0);
		}
	}

	#[tokio::test]
	async fn a_frame_that_was_made_here_and_not_sent_before_is_not_on_the_ledger_already() {
		let bench = bench(1, SMALL);
		let battery = Battery::new(1);
		bench.taken_from_another(&battery, 1);
		let changes = Changes {
			sealed: vec![(battery.index, SealedState::starting_at(2))],
			..Changes::default()
		};
		bench.parts.store.commit(&changes, Durability::Synced).unwrap();
		bench.queue(&battery, 1);
		bench.run(1).await;
		assert_eq!(
			bench.dead(),
			[(Some(1), "replayed".to_owned(), RefusedBy::Ledger)]
		);
	}

	#[tokio::test]
	async fn which_frames_are_final_is_known_of_a_whole_window_over_a_restart() {
		let bench = bench(1, Limits { frames: 64, ..SMALL });
		let battery = Battery::new(1);
		for sequence in 1..=64 {
			bench.queue(&battery, sequence);
		}
		bench.run(1).await;
		let Bench { directory, parts } = bench;
		let ledger = parts.ledger.clone();
		drop(parts);
		let bench = bench_on(directory, ledger, SMALL);
		for sequence in 1..=64 {
			let key = FrameKey { device: 1, sequence };
			let same = |frame: &[u8]| bench.parts.devices.same(key, frame).unwrap();
			assert_eq!(same(&battery.frame(sequence)), Some(true), "{sequence}");
			assert_eq!(same(&battery.frame_at(sequence, NOW_SECONDS - 60)), Some(false));
		}
	}

	#[tokio::test]
	async fn of_a_frame_that_was_sent_and_is_far_behind_by_now_the_outcome_is_unknown() {
		let battery = Battery::new(1);
		let first = bench(1, SMALL);
		first.queue(&battery, 1);
		let Bench { directory, parts } = first;
		let ledger = parts.ledger.clone();
		drop(parts);
		let window = |sequence| {
			let mut chain = ledger.chain();
			chain.windows.entry(1).or_default().take(sequence).unwrap();
		};
		// It was taken just before the kill, and another bridge brought later ones.
		window(1);
		window(100);
		let second = bench_on(directory, ledger.clone(), SMALL);
		// One that was never sent.
		second.queue(&battery, 2);
		second.run(1).await;
		assert_eq!(
			second.dead(),
			[
				(Some(1), "outcome_unknown".to_owned(), RefusedBy::Ledger),
				(Some(2), "too_old".to_owned(), RefusedBy::Ledger)
			]
		);
	}

	#[tokio::test]
	async fn after_a_restart_the_ledger_is_asked_before_anything_is_sent() {
		let battery = Battery::new(1);
		let first = bench(1, SMALL);
		first.queue(&battery, 1);
		first.queue(&battery, 2);
		let Bench { directory, parts } = first;
		let ledger = parts.ledger.clone();
		drop(parts);
		ledger.chain().windows.entry(1).or_default().take(1).unwrap();
		let second = bench_on(directory, ledger.clone(), SMALL);
		second.run(1).await;
		assert_eq!(
			ledger.chain().taken,
			[FrameKey {
				device: 1,
				sequence: 2
			}]
		);
		assert_eq!(second.parts.metrics.frames_already_taken.get(), 1);
		assert_eq!(second.parts.metrics.frames_submitted.get(), 1);
		assert_eq!(second.on_disk(), 0);
	}

	#[tokio::test]
	async fn every_fault_is_got_over() {
		for fault in FAULTS {
			let bench = bench(1, SMALL);
			let battery = Battery::new(1);
			bench.parts.ledger.chain().faults.push_back(fault);
			for sequence in 1..=7 {
				bench.queue(&battery, sequence);
			}
			bench.run(2).await;
			assert_eq!(bench.on_disk(), 0, "{fault:?}");
			assert_eq!(bench.parts.ledger.chain().taken.len(), 7, "{fault:?}");
			assert_eq!(bench.dead(), [], "{fault:?}");
		}
	}

	#[tokio::test]
	async fn a_node_that_is_gone_is_waited_for() {
		let bench = bench(1, SMALL);
		let battery = Battery::new(1);
		bench.parts.ledger.chain().unreachable = true;
		bench.queue(&battery, 1);
		let chain = bench.parts.ledger.chain.clone();
		let metrics = bench.parts.metrics.clone();
		let back = async move {
			while metrics.frames_batched.get() < 3 {
				tokio::task::yield_now().await;
			}
			crate::lock(&chain).unreachable = false;
		};
		tokio::join!(bench.run(1), back);
		assert_eq!(bench.parts.ledger.chain().taken.len(), 1);
		assert!(bench.parts.reachability.is_up());
	}

	#[tokio::test]
	async fn stopping_leaves_on_disk_what_is_not_final() {
		let bench = bench(1, SMALL);
		bench.parts.ledger.chain().unreachable = true;
		bench.queue(&Battery::new(1), 1);
		let (stopper, stop) = stop::channel();
		let backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(1));
		let lane = tokio::spawn(Lane::new(bench.parts.clone(), 0, 1, backoff).run(stop, Duration::ZERO));
		stopper.stop();
		tokio::time::timeout(Duration::from_secs(10), lane)
			.await
			.unwrap()
			.unwrap();
		assert_eq!(bench.on_disk(), 1);
	}

	#[tokio::test]
	async fn while_the_call_is_paused_or_the_quota_used_up_frames_wait_and_none_is_refused() {
		let bench = bench(1, SMALL);
		let battery = Battery::new(1);
		for sequence in 1..=7 {
			bench.queue(&battery, sequence);
		}
		let faults = [Fault::Paused, Fault::OverQuota, Fault::Paused, Fault::OverQuota];
		bench.parts.ledger.chain().faults.extend(faults);
		bench.run(1).await;
		assert_eq!(bench.on_disk(), 0);
		assert_eq!(bench.parts.ledger.chain().taken.len(), 7);
		assert_eq!(bench.dead(), []);
		let metrics = &bench.parts.metrics;
		for outcome in ["paused", OVER_QUOTA] {
			let counted = metrics.extrinsics_unsuccessful.with_label_values(&[outcome]);
			assert_eq!(counted.get(), 2, "{outcome}");
		}
		for reason in Reason::all() {
			let counted = metrics.frames_refused.with_label_values(&[reason.name()]);
			assert_eq!(counted.get(), 0, "{reason}");
		}
		assert_eq!(bench.parts.reachability.refusal(), None);
	}

	#[tokio::test]
	async fn what_the_pool_refuses_for_is_known_as_long_as_it_does() {
		let bench = bench(1, SMALL);
		let reachability = &bench.parts.reachability;
		for refusal in [
			LedgerError::Paused,
			LedgerError::OverQuota,
			LedgerError::Refused("no role".into()),
		] {
			reachability
				.note_submission::<()>(Err(refusal.clone()))
				.unwrap_err();
			// Other questions that are answered do not change it.
			reachability.note(Ok(())).unwrap();
			assert_eq!(reachability.refusal(), Some(refusal));
			assert!(reachability.is_up());
		}
		reachability.note_submission(Ok(())).unwrap();
		assert_eq!(reachability.refusal(), None);
	}

	const FAULTS: [Fault; 11] = [
		Fault::None,
		Fault::UnreachableBefore,
		Fault::UnreachableAfter,
		Fault::IncludedLater,
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

		/// Whatever goes wrong and in whatever order: every frame is on the ledger once, or a dead letter
		/// because the ledger said so, and the disk is empty.
		#[test]
		fn no_schedule_of_faults_loses_or_repeats_a_frame(
			faults in prop::collection::vec(prop::sample::select(FAULTS.to_vec()), 0..25),
			frames in prop::collection::btree_set((1u32..5, 1u64..120), 1..60),
			refused in prop::collection::btree_set((1u32..5, 1u64..120), 0..6),
			lanes in 1usize..3,
			most_in_flight in 1usize..4,
			most_frames in 1usize..20,
		) {
			let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
			runtime.block_on(async {
				let limits = Limits { frames: most_frames, ..SMALL };
				let bench = bench(lanes, limits);
				let refused: BTreeSet<FrameKey> = refused
					.into_iter()
					.map(|(device, sequence)| FrameKey { device, sequence })
					.collect();
				{
					let mut chain = bench.parts.ledger.chain();
					chain.faults.extend(faults);
					for key in &refused {
						chain.refuses.insert(*key, FrameRefusal::Stale);
					}
				}
				let mut expected = BTreeSet::new();
				for (device, sequence) in frames {
					bench.queue(&Battery::new(device), sequence);
					expected.insert(FrameKey { device, sequence });
				}
				bench.run(most_in_flight).await;
				let chain = bench.parts.ledger.chain();
				let taken: BTreeSet<FrameKey> = chain.taken.iter().copied().collect();
				assert_eq!(taken.len(), chain.taken.len(), "taken once");
				assert!(chain.largest <= most_frames);
				let wanted: BTreeSet<FrameKey> = expected.difference(&refused).copied().collect();
				assert_eq!(taken, wanted);
				drop(chain);
				assert_eq!(bench.on_disk(), 0);
				assert_eq!(bench.dead().len(), expected.intersection(&refused).count());
			});
		}
	}
}
