//! The queue in memory: which frames wait, and which go together into the next extrinsic.
//!
//! The frames themselves are on disk ([`store`](crate::store)); here is what is needed to choose among them,
//! some 50 bytes each. Choosing follows four rules:
//!
//! 1. never more frames or bytes than the limits;
//! 2. within a device the order of the sequences, from the lowest, without skipping;
//! 3. a device is in one batch at a time, with sequences less than [`WINDOW_BITS`] apart: whatever becomes of
//!    the extrinsic, the ledger's window afterwards still tells of each frame whether it was taken;
//! 4. devices with an urgent frame first, then the one that has waited longest.
//!
//! For anchors ([`Queue::for_anchors`]) the third is not needed, since the bridge itself remembers what it has anchored; and
//! devices with an urgent frame go alone, so that an alert costs a small anchor and not a half empty large one.

use crate::{clock::Timeline, lock};
use passport_primitives::telemetry::window::WINDOW_BITS;
use std::{
	collections::{BTreeMap, BTreeSet, HashMap},
	sync::Mutex,
	time::Duration,
};
use tokio::sync::watch;

/// What a frame takes in an extrinsic besides its own bytes: the device's number and the length, rounded up.
pub const FRAME_OVERHEAD_BYTES: usize = 8;

/// Names a frame: what a second delivery of it has in common with the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameKey {
	/// The device's number on the ledger.
	pub device: u32,
	/// The frame's sequence.
	pub sequence: u64,
}

/// What is known of a frame in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queued {
	/// Length of the frame, in bytes.
	pub bytes: u32,
	/// When it arrived, on the [`Timeline`].
	pub arrival_ms: i64,
	/// It came as a critical alert and does not wait for others.
	pub urgent: bool,
	/// It was in an extrinsic whose end is not known, or may have been: the ledger is asked before it is
	/// sent.
	pub attempted: bool,
}

/// When a batch is full or old enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
	/// Most frames.
	pub frames: usize,
	/// Most bytes, [`FRAME_OVERHEAD_BYTES`] for each frame included.
	pub bytes: usize,
	/// How long a frame waits for others.
	pub age: Duration,
}

/// Frames that go into one extrinsic, sorted by device and sequence. Their devices stay out of other batches
/// until it is given back to [`Queue::finish`].
#[derive(Debug)]
#[must_use = "the devices of a batch are released by finishing it"]
pub struct Batch {
	/// The frames.
	pub frames: Vec<(FrameKey, Queued)>,
}

/// What the queue has for who asks.
#[derive(Debug)]
pub enum Next {
	/// A batch, now.
	Batch(Batch),
	/// Nothing before this many milliseconds have passed, unless frames arrive.
	Wait(u64),
	/// Nothing until frames arrive.
	Idle,
}

#[derive(Clone, Copy, Debug)]
struct Device {
	frames: usize,
	bytes: usize,
	urgent: usize,
	oldest_ms: i64,
	in_flight: bool,
}

impl Device {
	/// Its place in the order of turns: urgent ones first, then by age.
	fn turn(&self, device: u32) -> (bool, i64, u32) {
		(self.urgent == 0, self.oldest_ms, device)
	}
}

/// The queue. See the [module](self) for how it chooses.
#[derive(Debug)]
pub struct Queue {
	limits: Limits,
	/// Sequences of a device in a batch are less than this apart.
	most_apart: u64,
	/// Devices with an urgent frame go alone.
	urgent_alone: bool,
	entries: BTreeMap<FrameKey, Queued>,
	devices: HashMap<u32, Device>,
	/// The turns of devices that are in no batch.
	turns: BTreeSet<(bool, i64, u32)>,
	/// Frames and bytes of devices that are in no batch.
	waiting_frames: usize,
	waiting_bytes: usize,
	bytes: usize,
}

impl Queue {
	/// An empty queue.
	pub fn new(limits: Limits) -> Self {
		Queue {
			limits,
			most_apart: WINDOW_BITS,
			urgent_alone: false,
			entries: BTreeMap::new(),
			devices: HashMap::new(),
			turns: BTreeSet::new(),
			waiting_frames: 0,
			waiting_bytes: 0,
			bytes: 0,
		}
	}

	/// An empty queue whose batches are anchored.
	pub fn for_anchors(limits: Limits) -> Self {
		Queue {
			most_apart: u64::MAX,
			urgent_alone: true,
			..Queue::new(limits)
		}
	}

	/// How many frames are queued, those in a batch included.
	pub fn len(&self) -> usize {
		self.entries.len()
	}

	/// Whether no frame is queued.
	pub fn is_empty(&self) -> bool {
		self.entries.is_empty()
	}

	/// Bytes of all queued frames.
	pub fn bytes(&self) -> usize {
		self.bytes
	}

	/// Whether the frame is queued.
	pub fn contains(&self, key: &FrameKey) -> bool {
		self.entries.contains_key(key)
	}

	/// When the oldest queued frame arrived.
	pub fn oldest_ms(&self) -> Option<i64> {
		self.devices.values().map(|device| device.oldest_ms).min()
	}

	/// Queues a frame. `false` when it is queued already.
	pub fn insert(&mut self, key: FrameKey, queued: Queued) -> bool {
		if self.entries.contains_key(&key) {
			return false;
		}
		self.entries.insert(key, queued);
		let size = queued.bytes as usize + FRAME_OVERHEAD_BYTES;
		self.bytes += queued.bytes as usize;
		let device = self.devices.entry(key.device).or_insert(Device {
			frames: 0,
			bytes: 0,
			urgent: 0,
			oldest_ms: i64::MAX,
			in_flight: false,
		});
		if !device.in_flight {
			self.turns.remove(&device.turn(key.device));
			self.waiting_frames += 1;
			self.waiting_bytes += size;
		}
		device.frames += 1;
		device.bytes += size;
		device.urgent += usize::from(queued.urgent);
		device.oldest_ms = device.oldest_ms.min(queued.arrival_ms);
		if !device.in_flight {
			self.turns.insert(device.turn(key.device));
		}
		true
	}

	/// The next batch, or how long there is none.
	pub fn next(&mut self, now_ms: i64) -> Next {
		let Some(&(not_urgent, oldest_ms, _)) = self.turns.first() else {
			return Next::Idle;
		};
		let full = self.waiting_frames >= self.limits.frames || self.waiting_bytes >= self.limits.bytes;
		let limit_ms = i64::try_from(self.limits.age.as_millis()).unwrap_or(i64::MAX);
		let age_ms = now_ms.saturating_sub(oldest_ms);
		if not_urgent && !full && age_ms < limit_ms {
			// At most the limit: an arrival in the future (a clock was set back) must not hold a frame up.
			return Next::Wait((limit_ms - age_ms.max(0)).unsigned_abs());
		}
		// The others do not wait longer for the sake of alerts.
		let others_due = self
			.turns
			.range((true, i64::MIN, 0)..)
			.next()
			.is_some_and(|(_, oldest_ms, _)| now_ms.saturating_sub(*oldest_ms) >= limit_ms);
		Next::Batch(self.take(self.urgent_alone && !full && !others_due))
	}

	fn take(&mut self, only_urgent: bool) -> Batch {
		let mut frames = Vec::new();
		let mut bytes = 0;
		while let Some(&turn) = self.turns.first() {
			let (not_urgent, _, index) = turn;
			if only_urgent && not_urgent {
				break;
			}
			let before = frames.len();
			let from = FrameKey {
				device: index,
				sequence: 0,
			};
			let to = FrameKey {
				device: index,
				sequence: u64::MAX,
			};
			let mut full = false;
			for (key, queued) in self.entries.range(from..=to) {
				let first = frames
					.get(before)
					.map_or(*key, |(first, _): &(FrameKey, Queued)| *first);
				if key.sequence - first.sequence >= self.most_apart {
					break;
				}
				let size = queued.bytes as usize + FRAME_OVERHEAD_BYTES;
				// The first frame goes in any case: one that alone is above the limit would stay for ever.
				full = frames.len() >= self.limits.frames
					|| (!frames.is_empty() && bytes + size > self.limits.bytes);
				if full {
					break;
				}
				bytes += size;
				frames.push((*key, *queued));
			}
			if frames.len() > before {
				self.turns.remove(&turn);
				if let Some(device) = self.devices.get_mut(&index) {
					device.in_flight = true;
					self.waiting_frames -= device.frames;
					self.waiting_bytes -= device.bytes;
				}
			}
			if full || frames.len() >= self.limits.frames {
				break;
			}
		}
		frames.sort_unstable_by_key(|(key, _)| *key);
		Batch { frames }
	}

	/// The batch of an anchor that an earlier run began: those of these frames that are queued.
	pub fn resume(&mut self, keys: impl IntoIterator<Item = FrameKey>) -> Batch {
		let mut frames = Vec::new();
		for key in keys {
			let Some(queued) = self.entries.get(&key) else {
				continue;
			};
			frames.push((key, *queued));
			let device = self.devices.get_mut(&key.device);
			if let Some(device) = device.filter(|device| !device.in_flight) {
				self.turns.remove(&device.turn(key.device));
				device.in_flight = true;
				self.waiting_frames -= device.frames;
				self.waiting_bytes -= device.bytes;
			}
		}
		Batch { frames }
	}

	/// Takes a batch back: frames in `settled` leave the queue, the others count as attempted and take their
	/// turn again.
	pub fn finish(&mut self, batch: &Batch, settled: &[FrameKey]) {
		for key in settled {
			if let Some(queued) = self.entries.remove(key) {
				self.bytes -= queued.bytes as usize;
			}
		}
		let mut previous = None;
		for (key, _) in &batch.frames {
			if let Some(queued) = self.entries.get_mut(key) {
				queued.attempted = true;
			}
			if previous.replace(key.device) != Some(key.device) {
				self.release(key.device);
			}
		}
	}

	fn release(&mut self, index: u32) {
		let from = FrameKey {
			device: index,
			sequence: 0,
		};
		let to = FrameKey {
			device: index,
			sequence: u64::MAX,
		};
		let mut device = Device {
			frames: 0,
			bytes: 0,
			urgent: 0,
			oldest_ms: i64::MAX,
			in_flight: false,
		};
		for queued in self.entries.range(from..=to).map(|(_, queued)| queued) {
			device.frames += 1;
			device.bytes += queued.bytes as usize + FRAME_OVERHEAD_BYTES;
			device.urgent += usize::from(queued.urgent);
			device.oldest_ms = device.oldest_ms.min(queued.arrival_ms);
		}
		if device.frames == 0 {
			self.devices.remove(&index);
			return;
		}
		self.waiting_frames += device.frames;
		self.waiting_bytes += device.bytes;
		self.turns.insert(device.turn(index));
		self.devices.insert(index, device);
	}
}

/// The queue, shared between the intake and the lanes.
#[derive(Debug)]
pub struct SharedQueue {
	queue: Mutex<Queue>,
	timeline: Timeline,
	changed: watch::Sender<()>,
}

impl SharedQueue {
	/// An empty queue.
	pub fn new(limits: Limits, timeline: Timeline) -> Self {
		Self::of(Queue::new(limits), timeline)
	}

	/// An empty queue whose batches are anchored.
	pub fn for_anchors(limits: Limits, timeline: Timeline) -> Self {
		Self::of(Queue::for_anchors(limits), timeline)
	}

	fn of(queue: Queue, timeline: Timeline) -> Self {
		SharedQueue {
			queue: Mutex::new(queue),
			timeline,
			changed: watch::Sender::new(()),
		}
	}

	/// The clock of arrivals.
	pub fn timeline(&self) -> Timeline {
		self.timeline
	}

	/// Looks at the queue, or works on it.
	pub fn with<T>(&self, work: impl FnOnce(&mut Queue) -> T) -> T {
		work(&mut lock(&self.queue))
	}

	/// Queues frames.
	pub fn insert(&self, frames: impl IntoIterator<Item = (FrameKey, Queued)>) {
		self.with(|queue| {
			for (key, queued) in frames {
				queue.insert(key, queued);
			}
		});
		self.changed.send_replace(());
	}

	/// Waits for the next batch. Whoever stops waiting has taken nothing.
	pub async fn next_batch(&self) -> Batch {
		let mut changed = self.changed.subscribe();
		loop {
			changed.mark_unchanged();
			match self.with(|queue| queue.next(self.timeline.now_ms())) {
				Next::Batch(batch) => return batch,
				Next::Wait(wait_ms) => {
					// Either way the queue is asked again.
					let _elapsed =
						tokio::time::timeout(Duration::from_millis(wait_ms), changed.changed()).await;
				}
				Next::Idle => {
					let _gone = changed.changed().await;
				}
			}
		}
	}

	/// Takes a batch back, see [`Queue::finish`].
	pub fn finish(&self, batch: &Batch, settled: &[FrameKey]) {
		self.with(|queue| queue.finish(batch, settled));
		self.changed.send_replace(());
	}

	/// Waits until the queue has fewer than `frames` frames and `bytes` bytes.
	pub async fn room(&self, frames: usize, bytes: usize) {
		let mut changed = self.changed.subscribe();
		loop {
			changed.mark_unchanged();
			if self.with(|queue| queue.len() < frames && queue.bytes() < bytes) {
				return;
			}
			let _gone = changed.changed().await;
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn limits(frames: usize, bytes: usize) -> Limits {
		Limits {
			frames,
			bytes,
			age: Duration::from_millis(500),
		}
	}

	fn key(device: u32, sequence: u64) -> FrameKey {
		FrameKey { device, sequence }
	}

	fn queued(arrival_ms: i64) -> Queued {
		Queued {
			bytes: 100,
			arrival_ms,
			urgent: false,
			attempted: false,
		}
	}

	fn keys(batch: &Batch) -> Vec<(u32, u64)> {
		batch
			.frames
			.iter()
			.map(|(key, _)| (key.device, key.sequence))
			.collect()
	}

	fn batch(queue: &mut Queue, now_ms: i64) -> Batch {
		match queue.next(now_ms) {
			Next::Batch(batch) => batch,
			other => panic!("no batch but {other:?}"),
		}
	}

	#[test]
	fn frames_wait_for_others_until_the_oldest_is_old_enough() {
		let mut queue = Queue::new(limits(256, 262_144));
		assert!(matches!(queue.next(0), Next::Idle));
		queue.insert(key(1, 1), queued(1_000));
		queue.insert(key(2, 1), queued(1_200));
		assert!(matches!(queue.next(1_200), Next::Wait(300)));
		assert_eq!(keys(&batch(&mut queue, 1_500)), [(1, 1), (2, 1)]);
	}

	#[test]
	fn a_full_batch_does_not_wait() {
		let mut queue = Queue::new(limits(2, 262_144));
		queue.insert(key(2, 1), queued(0));
		queue.insert(key(1, 1), queued(0));
		assert_eq!(keys(&batch(&mut queue, 0)), [(1, 1), (2, 1)]);
		let mut queue = Queue::new(limits(256, 216));
		queue.insert(key(2, 1), queued(0));
		queue.insert(key(1, 1), queued(0));
		assert_eq!(keys(&batch(&mut queue, 0)), [(1, 1), (2, 1)]);
	}

	#[test]
	fn an_alert_skips_the_age_and_not_the_order() {
		let mut queue = Queue::new(limits(256, 262_144));
		queue.insert(key(7, 1), queued(1_000));
		assert!(matches!(queue.next(1_000), Next::Wait(500)));
		queue.insert(
			key(7, 2),
			Queued {
				urgent: true,
				..queued(1_000)
			},
		);
		assert_eq!(keys(&batch(&mut queue, 1_000)), [(7, 1), (7, 2)]);
	}

	#[test]
	fn a_device_with_an_alert_goes_before_older_ones() {
		let mut queue = Queue::new(limits(1, 262_144));
		queue.insert(key(1, 1), queued(0));
		queue.insert(
			key(9, 1),
			Queued {
				urgent: true,
				..queued(900)
			},
		);
		assert_eq!(keys(&batch(&mut queue, 900)), [(9, 1)]);
	}

	#[test]
	fn a_device_is_in_one_batch_at_a_time() {
		let mut queue = Queue::new(limits(1, 262_144));
		queue.insert(key(1, 1), queued(0));
		queue.insert(key(1, 2), queued(0));
		let first = batch(&mut queue, 1_000);
		assert_eq!(keys(&first), [(1, 1)]);
		assert!(matches!(queue.next(1_000), Next::Idle));
		queue.insert(key(1, 3), queued(0));
		assert!(matches!(queue.next(1_000), Next::Idle));
		queue.finish(&first, &[key(1, 1)]);
		assert_eq!(keys(&batch(&mut queue, 1_000)), [(1, 2)]);
		assert_eq!(queue.len(), 2);
	}

	#[test]
	fn what_is_not_settled_is_asked_after_before_it_is_sent_again() {
		let mut queue = Queue::new(limits(256, 262_144));
		queue.insert(key(1, 1), queued(0));
		let first = batch(&mut queue, 1_000);
		assert!(!first.frames[0].1.attempted);
		queue.finish(&first, &[]);
		assert!(batch(&mut queue, 1_000).frames[0].1.attempted);
	}

	#[test]
	fn sequences_of_a_batch_are_less_than_a_window_apart() {
		let mut queue = Queue::new(limits(256, 262_144));
		for sequence in [1, 2, 64, 65, 200] {
			queue.insert(key(1, sequence), queued(0));
		}
		let first = batch(&mut queue, 1_000);
		assert_eq!(keys(&first), [(1, 1), (1, 2), (1, 64)]);
		queue.finish(&first, &[key(1, 1), key(1, 2), key(1, 64)]);
		let second = batch(&mut queue, 1_000);
		assert_eq!(keys(&second), [(1, 65)]);
	}

	fn urgent(arrival_ms: i64) -> Queued {
		Queued {
			urgent: true,
			..queued(arrival_ms)
		}
	}

	#[test]
	fn an_alert_is_anchored_at_once_and_does_not_take_the_others_along() {
		let mut queue = Queue::for_anchors(limits(256, 262_144));
		queue.insert(key(1, 1), queued(1_000));
		queue.insert(key(7, 1), queued(1_000));
		queue.insert(key(7, 2), urgent(1_100));
		assert_eq!(keys(&batch(&mut queue, 1_100)), [(7, 1), (7, 2)]);
		assert!(matches!(queue.next(1_100), Next::Wait(400)));
		// Nor does it hold them up.
		queue.insert(key(8, 1), urgent(1_500));
		assert_eq!(keys(&batch(&mut queue, 1_500)), [(1, 1), (8, 1)]);
	}

	#[test]
	fn sequences_in_an_anchor_are_any_way_apart() {
		let mut queue = Queue::for_anchors(limits(256, 262_144));
		for sequence in [1, 64, 65, 1 << 40] {
			queue.insert(key(1, sequence), queued(0));
		}
		assert_eq!(
			keys(&batch(&mut queue, 1_000)),
			[(1, 1), (1, 64), (1, 65), (1, 1 << 40)]
		);
	}

	#[test]
	fn what_an_earlier_run_began_is_in_no_other_batch() {
		let mut queue = Queue::for_anchors(limits(256, 262_144));
		for (device, sequence) in [(1, 1), (1, 2), (2, 1), (3, 1)] {
			queue.insert(key(device, sequence), queued(0));
		}
		// One of them is not queued any more.
		let begun = queue.resume([key(1, 1), key(2, 1), key(9, 9)]);
		assert_eq!(keys(&begun), [(1, 1), (2, 1)]);
		assert_eq!(keys(&batch(&mut queue, 1_000)), [(3, 1)]);
		assert!(matches!(queue.next(1_000), Next::Idle));
		queue.finish(&begun, &[key(1, 1), key(2, 1)]);
		assert_eq!(keys(&batch(&mut queue, 1_000)), [(1, 2)]);
		assert_eq!(queue.waiting_frames, 0);
	}

	#[test]
	fn an_arrival_in_the_future_does_not_hold_a_frame_up() {
		let mut queue = Queue::new(limits(256, 262_144));
		queue.insert(key(1, 1), queued(1_000_000));
		assert!(matches!(queue.next(0), Next::Wait(500)));
	}

	#[derive(Clone, Debug)]
	enum Step {
		Insert {
			device: u32,
			sequence: u64,
			bytes: u32,
			urgent: bool,
		},
		Pass {
			ms: i64,
		},
		Finish {
			settle_every: usize,
		},
	}

	fn step() -> impl Strategy<Value = Step> {
		prop_oneof![
			6 => (0u32..6, 1u64..300, 90u32..4_096, prop::bool::weighted(0.05))
				.prop_map(|(device, sequence, bytes, urgent)| Step::Insert { device, sequence, bytes, urgent }),
			2 => (0i64..700).prop_map(|ms| Step::Pass { ms }),
			2 => (1usize..4).prop_map(|settle_every| Step::Finish { settle_every }),
		]
	}

	proptest! {
		/// Against the plain definition: a set of what was inserted and not settled.
		#[test]
		fn batches_keep_to_limits_and_order_and_lose_nothing(
			steps in prop::collection::vec(step(), 1..200),
			frames in 1usize..40,
			bytes in 5_000usize..40_000,
		) {
			let limits = limits(frames, bytes);
			let mut queue = Queue::new(limits);
			let mut model: BTreeMap<FrameKey, u32> = BTreeMap::new();
			let mut flying: Vec<Batch> = Vec::new();
			let mut now_ms = 0;
			for step in steps {
				match step {
					Step::Insert { device, sequence, bytes, urgent } => {
						let key = key(device, sequence);
						let new = !model.contains_key(&key);
						model.entry(key).or_insert(bytes);
						let queued = Queued { bytes, arrival_ms: now_ms, urgent, attempted: false };
						prop_assert_eq!(queue.insert(key, queued), new);
					},
					Step::Pass { ms } => now_ms += ms,
					Step::Finish { settle_every } => {
						if let Some(batch) = flying.pop() {
							let settled: Vec<_> =
								batch.frames.iter().step_by(settle_every).map(|(key, _)| *key).collect();
							queue.finish(&batch, &settled);
							for key in settled {
								model.remove(&key);
							}
						}
					},
				}
				let in_flight: BTreeSet<u32> =
					flying.iter().flat_map(|batch| batch.frames.iter().map(|(key, _)| key.device)).collect();
				if let Next::Batch(batch) = queue.next(now_ms) {
					prop_assert!(!batch.frames.is_empty());
					prop_assert!(batch.frames.len() <= limits.frames);
					let size: usize =
						batch.frames.iter().map(|(_, queued)| queued.bytes as usize + FRAME_OVERHEAD_BYTES).sum();
					prop_assert!(size <= limits.bytes);
					prop_assert!(batch.frames.windows(2).all(|pair| pair[0].0 < pair[1].0));
					let mut by_device: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
					for (key, _) in &batch.frames {
						by_device.entry(key.device).or_default().push(key.sequence);
					}
					for (device, sequences) in by_device {
						prop_assert!(!in_flight.contains(&device));
						// The lowest sequences of the device, none skipped.
						let lowest: Vec<u64> = model
							.keys()
							.filter(|key| key.device == device)
							.map(|key| key.sequence)
							.take(sequences.len())
							.collect();
						prop_assert_eq!(&sequences, &lowest);
						prop_assert!(sequences[sequences.len() - 1] - sequences[0] < WINDOW_BITS);
					}
					flying.push(batch);
				}
				prop_assert_eq!(queue.len(), model.len());
				prop_assert_eq!(queue.bytes(), model.values().map(|bytes| *bytes as usize).sum::<usize>());
			}
			// Everything comes out in the end.
			for batch in flying.drain(..) {
				queue.finish(&batch, &[]);
			}
			while let Next::Batch(batch) = queue.next(now_ms + 1_000) {
				let settled: Vec<_> = batch.frames.iter().map(|(key, _)| *key).collect();
				for key in &settled {
					prop_assert!(model.remove(key).is_some());
				}
				queue.finish(&batch, &settled);
			}
			prop_assert!(model.is_empty());
			prop_assert!(queue.is_empty());
		}
	}
}
