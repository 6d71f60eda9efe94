//! From the queue into anchors: the anchored path. Many frames go under one Merkle root, and only the root goes onto the ledger.
//!
//! ```text
//! queued ─▶ anchored before? ─▶ numbered ─▶ batch file ─▶ is it there? ─▶ sent ─▶ final ─▶ remembered, gone from the queue
//!                │ yes ▶ gone                               ▲   │ yes ───────────────▲
//!                                                           └───┴─ anything else: unknown
//! ```
//!
//! The ledger takes any root, so it is the bridge that must bring a frame once: the same (device, sequence) twice in a stream is a
//! replay, and suspends the organisation. Three things hold that whatever is killed or lost:
//!
//! 1. one anchor at a time, with the number that the stream's next one must get, written down before anything is sent: the ledger takes
//!    it with that number alone;
//! 2. it is sent again only by the same account with the same nonce, of which a block takes one, until final blocks say that this
//!    nonce was used otherwise or that no block can hold the extrinsic any more;
//! 3. when it is final, its frames leave the queue and are remembered for ever in one write.
//!
//! ## Assumptions
//! - No other bridge of the organisation anchors with the same stream, and the data directory is not set back to an earlier state. Where
//!   the ledger shows an anchor that this directory does not know, the bridge ends rather than go on.

use crate::{
	backoff::Backoff,
	batch::{Batch, FrameKey, Limits},
	content::BatchAddress,
	inclusion::{blocking, Archive, NoProof},
	intake::{dead_letter, Bounds},
	ledger::{Anchor, Ledger, LedgerError, Outcome, StreamState, Submission},
	reason::Reason,
	stop::Stop,
	store::{
		fingerprint, Changes, Durability, FinalAnchor, PendingAnchor, RefusedBy, SentBy, Store, StoreError,
	},
	submit::{Loaded, Parts, OVER_QUOTA},
};
use passport_primitives::telemetry::{
	anchor::{decode_batch_file, encode_batch_file, root_of, AnchoredLeaf, FrameBytes},
	Frame, FrameRefusal,
};
use std::{io, sync::Arc, time::Duration};
use tokio::time::{sleep, Instant};

/// Most bytes of frames in an anchor. Frames and file are in memory while it is made: twice as much.
pub const MAX_ANCHOR_BYTES: usize = 256 * 1024 * 1024;

/// After so many final blocks no block can hold an extrinsic that was signed after the question: 64 that it is mortal for, and as many
/// for the time between the question and the signature.
const MAY_BE_INCLUDED_BLOCKS: u64 = 128;

/// The lane that anchors. One: a stream's anchors come one after the other.
const LANE: &str = "0";

/// What is set for the anchored path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnchorSettings {
	/// Number of this bridge among those of its organisation that anchor.
	pub stream: u32,
	/// When an anchor is full or old enough.
	pub limits: Limits,
	/// How long batch files are kept, in blocks of a second; never shorter than [`MIN_KEPT_BLOCKS`](crate::inclusion::MIN_KEPT_BLOCKS).
	pub keep: Duration,
}

impl AnchorSettings {
	/// When an anchor is full, in a queue that holds no more than this: a full queue does not wait for an anchor's age.
	pub fn limits_within(&self, queue: Bounds) -> Limits {
		Limits {
			frames: self.limits.frames.min(queue.frames),
			bytes: self.limits.bytes.min(queue.bytes),
			age: self.limits.age,
		}
	}
}

/// Why the bridge can not anchor. Going on would risk a replay.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
	/// The ledger has an anchor of the stream that this directory did not bring.
	#[error("stream {stream} has anchor {number} on the ledger, which this data directory does not know: choose another anchor-stream")]
	OtherBridge {
		/// The stream.
		stream: u32,
		/// The first number that is not this directory's.
		number: u64,
	},
	/// The directory's anchors are of another stream.
	#[error("the data directory is of anchor-stream {found}: choose that one, or another data directory")]
	OtherStream {
		/// Its stream.
		found: u32,
	},
	/// The signing account acts for another organisation than the one whose anchors the directory has.
	#[error("the data directory has anchors of organisation {expected}, and the signing account acts for organisation {found}: choose the account that it had before, or another data directory")]
	OtherOrganisation {
		/// The directory's.
		expected: u32,
		/// The account's.
		found: u32,
	},
	/// An anchor was sent, and its batch file is not what it was.
	#[error("the batch file {address} is missing or damaged, and its anchor may be on the ledger: restore it from a copy")]
	Damaged {
		/// Its address.
		address: String,
	},
	/// No batch file can be written.
	#[error("the content store: {0}")]
	Content(#[from] io::Error),
	/// The store can not be read.
	#[error(transparent)]
	Store(#[from] StoreError),
}

/// A write that failed and is tried again.
#[derive(Debug, thiserror::Error)]
enum Failure {
	#[error(transparent)]
	Store(#[from] StoreError),
	#[error("the content store: {0}")]
	Content(#[from] io::Error),
}

/// An anchor that is to be brought onto the ledger. Its batch file is written.
struct Job {
	batch: Batch,
	pending: PendingAnchor,
	leaves: Leaves,
}

/// The frames of an anchor with their fingerprints, in the order of its leaves.
type Leaves = Arc<[(FrameKey, u32)]>;

/// A batch that is put together and not written yet.
struct Made {
	file: Vec<u8>,
	address: BatchAddress,
	anchor: Anchor,
}

/// Puts a batch together from leaves that are in order.
fn make(stream: u32, leaves: &[AnchoredLeaf]) -> io::Result<Made> {
	let file = encode_batch_file(leaves).map_err(io::Error::other)?;
	let hashes: Vec<_> = leaves.iter().map(AnchoredLeaf::hash).collect();
	let address = BatchAddress::of(&file);
	let readings =
		|leaf: &AnchoredLeaf| Frame::parse(&leaf.frame).map_or(0, |frame| u64::from(frame.header.count));
	Ok(Made {
		file,
		address,
		anchor: Anchor {
			stream,
			root: root_of(&hashes),
			leaves: u32::try_from(leaves.len()).map_err(io::Error::other)?,
			readings: leaves.iter().map(readings).sum(),
			content: address.cid(),
		},
	})
}

/// The frames of a batch file, if it is the one that is anchored.
fn leaves_of(file: &[u8], anchor: &Anchor) -> Option<Leaves> {
	let leaves = decode_batch_file(file).ok()?;
	let hashes: Vec<_> = leaves.iter().map(AnchoredLeaf::hash).collect();
	if root_of(&hashes) != anchor.root {
		return None;
	}
	leaves
		.iter()
		.map(|leaf| {
			let (device, sequence) = leaf.place().ok()?;
			Some((FrameKey { device, sequence }, fingerprint(&leaf.frame)))
		})
		.collect()
}

/// Brings anchors onto the ledger, one after the other. One task runs it.
pub struct Anchorer<L> {
	parts: Parts<L>,
	archive: Arc<Archive>,
	stream: u32,
	keep: Duration,
	/// The organisation whose anchors are here, once it is known.
	organisation: Option<u32>,
	backoff: Backoff,
	/// What was told last, so that a state is told once.
	trouble: Option<String>,
}

impl<L: Ledger> Anchorer<L> {
	/// Makes the content store ready, and binds the data directory to the stream.
	///
	/// Errors: no room, or a directory that is of another stream.
	pub async fn open(
		parts: Parts<L>,
		archive: Arc<Archive>,
		settings: AnchorSettings,
		backoff: Backoff,
	) -> Result<Self, AnchorError> {
		let content = archive.content().clone();
		blocking(move || content.prepare()).await?;
		match parts.store.work(Store::anchor_stream).await? {
			Some(found) if found != settings.stream => return Err(AnchorError::OtherStream { found }),
			Some(_) => {}
			None => {
				let stream = settings.stream;
				parts
					.store
					.work(move |store| store.set_anchor_stream(stream))
					.await?;
			}
		}
		let organisation = parts.store.work(Store::anchor_organisation).await?;
		Ok(Anchorer {
			parts,
			archive,
			stream: settings.stream,
			keep: settings.keep,
			organisation,
			backoff,
			trouble: None,
		})
	}

	/// Anchors until it is time to stop; then waits at most `drain` for the anchor that is on its way. What is not known by then is
	/// asked of the ledger at the next start.
	pub async fn run(mut self, stop: Stop, drain: Duration) -> Result<(), AnchorError> {
		let drained = async {
			stop.requested().await;
			sleep(drain).await;
		};
		tokio::select! {
			ended = self.work(&stop) => ended,
			() = drained => {
				tracing::info!("stopping with an anchor on its way; its frames stay on disk");
				Ok(())
			},
		}
	}

	async fn work(&mut self, stop: &Stop) -> Result<(), AnchorError> {
		let mut job = self.begun().await?;
		loop {
			if let Some(job) = job.take() {
				if !self.bring(job, stop).await? {
					return Ok(());
				}
			}
			let queue = self.parts.queue.clone();
			let batch = tokio::select! {
				biased;
				() = stop.requested() => return Ok(()),
				batch = queue.next_batch() => batch,
			};
			job = self.prepare(batch, stop).await;
		}
	}

	/// The anchor that an earlier run began.
	async fn begun(&self) -> Result<Option<Job>, AnchorError> {
		let Some(pending) = self.parts.store.work(Store::pending_anchor).await? else {
			return Ok(None);
		};
		let damaged = || AnchorError::Damaged {
			address: format!("0x{}", hex::encode(&pending.anchor.content)),
		};
		let address = BatchAddress::from_cid(&pending.anchor.content).ok_or_else(damaged)?;
		let (content, anchor) = (self.archive.content().clone(), pending.anchor.clone());
		let leaves = blocking(move || {
			let file = content.read(&address)?;
			Ok(file.and_then(|file| leaves_of(&file, &anchor)))
		})
		.await?;
		match (leaves, pending.sent) {
			(Some(leaves), _) => {
				let keys = leaves.iter().map(|(key, _)| *key);
				let batch = self.parts.queue.with(|queue| queue.resume(keys));
				Ok(Some(Job {
					batch,
					pending,
					leaves,
				}))
			}
			// Killed before the file was written: nothing of it was sent, and its frames are queued.
			(None, None) => {
				let content = self.archive.content().clone();
				blocking(move || content.remove(&address)).await?;
				self.parts
					.store
					.work(|store| store.set_pending_anchor(None))
					.await?;
				Ok(None)
			}
			(None, Some(_)) => Err(AnchorError::Damaged {
				address: address.to_string(),
			}),
		}
	}

	/// Makes a batch into an anchor. `None`: there was nothing left to anchor, or a write failed and the frames are queued again.
	async fn prepare(&mut self, batch: Batch, stop: &Stop) -> Option<Job> {
		self.parts
			.metrics
			.frames_batched
			.inc_by(batch.frames.len() as u64);
		let mut settled = Vec::new();
		match self.written(&batch, &mut settled).await {
			Ok(Some((pending, leaves))) => Some(Job {
				batch,
				pending,
				leaves,
			}),
			Ok(None) => {
				self.parts.queue.finish(&batch, &settled);
				None
			}
			Err(failure) => {
				self.parts.queue.finish(&batch, &settled);
				self.write_failed(&failure);
				// Whether it is time to stop is asked before the next batch.
				let _go_on = self.wait(stop).await;
				None
			}
		}
	}

	/// Writes down what is to be sent, then the batch file. In this order a file without an anchor can not be left behind, and
	/// nothing is sent before both are on disk.
	async fn written(
		&self,
		batch: &Batch,
		settled: &mut Vec<FrameKey>,
	) -> Result<Option<(PendingAnchor, Leaves)>, Failure> {
		let (frames, gone) = self.parts.load(batch).await?;
		settled.extend(gone);
		let frames = self.leave_out_anchored(frames, settled).await?;
		if frames.is_empty() {
			return Ok(None);
		}
		let leaves = frames
			.iter()
			.map(|(key, leaf)| (*key, fingerprint(&leaf.frame)))
			.collect();
		let stream = self.stream;
		let made = blocking(move || {
			let leaves: Vec<_> = frames.into_iter().map(|(_, leaf)| leaf).collect();
			make(stream, &leaves)
		});
		let Made {
			file,
			address,
			anchor,
		} = made.await?;
		let pending = PendingAnchor {
			number: self.parts.store.work(Store::next_anchor).await?,
			anchor,
			sent: None,
		};
		self.note_pending(&pending).await?;
		let archive = self.archive.clone();
		blocking(move || archive.content().write(&address, &file)).await?;
		Ok(Some((pending, leaves)))
	}

	/// Takes frames out that were anchored before, by whatever way they came again.
	async fn leave_out_anchored(
		&self,
		frames: Vec<Loaded>,
		settled: &mut Vec<FrameKey>,
	) -> Result<Vec<(FrameKey, AnchoredLeaf)>, Failure> {
		let keys: Vec<_> = frames.iter().map(|frame| frame.key).collect();
		let before = self
			.parts
			.store
			.work(move |store| store.anchored_frames(keys))
			.await?;
		let mut leaves = Vec::with_capacity(frames.len());
		let mut changes = Changes::default();
		let mut reasons = Vec::new();
		let mut duplicates = 0;
		for (Loaded { key, frame, .. }, before) in frames.into_iter().zip(before) {
			let (reason, payload) = match before {
				Some(before) if before.fingerprint == fingerprint(&frame.frame) => {
					duplicates += 1;
					changes.settled.push(key);
					continue;
				}
				// The battery signed two frames with one sequence: the first one counts.
				Some(_) => (Reason::Frame(FrameRefusal::Replayed), frame.frame),
				None => match FrameBytes::try_from(frame.frame) {
					Ok(frame) => {
						let device = key.device;
						leaves.push((key, AnchoredLeaf { device, frame }));
						continue;
					}
					Err(payload) => (Reason::Oversized, payload),
				},
			};
			changes.settled.push(key);
			reasons.push(reason);
			changes.dead.push(dead_letter(
				reason,
				RefusedBy::Bridge,
				&frame.topic,
				frame.received_ms,
				self.parts.clock.unix_ms(),
				Some(key.device),
				Some(key.sequence),
				payload,
			));
		}
		if changes.settled.is_empty() {
			return Ok(leaves);
		}
		settled.extend(&changes.settled);
		let committed = self
			.parts
			.store
			.work(move |store| store.commit(&changes, Durability::Buffered))
			.await?;
		let metrics = &self.parts.metrics;
		metrics
			.dead_letters_dropped
			.inc_by(committed.dead_letters_dropped);
		metrics.frames_duplicate.inc_by(duplicates);
		for reason in reasons {
			metrics.refused(reason);
		}
		Ok(leaves)
	}

	async fn note_pending(&self, pending: &PendingAnchor) -> Result<(), StoreError> {
		let pending = pending.clone();
		self.parts
			.store
			.work(move |store| store.set_pending_anchor(Some(&pending)))
			.await
	}

	/// Brings an anchor onto the ledger, however often it takes. `false`: it was time to stop before it was final.
	async fn bring(&mut self, mut job: Job, stop: &Stop) -> Result<bool, AnchorError> {
		loop {
			let pending = &mut job.pending;
			let sender = pending.sent.map(|sent| sent.account);
			let ledger = self.parts.ledger.clone();
			let answer = ledger.stream_state(self.stream, pending.number, sender).await;
			let state = match self.parts.reachability.note(answer) {
				Ok(state) => state,
				Err(error) => {
					self.tell("stream", &error.to_string());
					if !self.wait(stop).await {
						return Ok(false);
					}
					continue;
				}
			};
			match self.organisation {
				// Its streams are others, and what is anchored there says nothing of ours.
				Some(expected) if expected != state.bridge => {
					return Err(AnchorError::OtherOrganisation {
						expected,
						found: state.bridge,
					});
				}
				Some(_) => {}
				None => {
					let organisation = state.bridge;
					let written = self
						.parts
						.store
						.work(move |store| store.set_anchor_organisation(organisation))
						.await;
					if let Err(error) = written {
						self.write_failed(&error.into());
						if !self.wait(stop).await {
							return Ok(false);
						}
						continue;
					}
					self.organisation = Some(organisation);
				}
			}
			match state.anchored {
				Some(anchored) if anchored.root == pending.anchor.root => {
					self.archive.trouble().set(None);
					return self.settle(job, &state, anchored.block, stop).await;
				}
				Some(_) => return Err(self.other_bridge(pending.number)),
				None if state.next > pending.number => return Err(self.other_bridge(pending.number)),
				None => {}
			}
			if let Some(sent) = pending.sent {
				if state.nonce > sent.nonce || state.height > sent.until {
					// It is in no block and can get into none: from here on as if it had not been sent.
					pending.sent = None;
					continue;
				}
			}
			// What a node that is behind knows is no reason to send anything, nor is there one while another account's may still come.
			let waits_for = if state.next < pending.number {
				Some(format!(
					"the node has {} anchors of stream {}, and {} are final: it is behind, or the network is not the one that it was",
					state.next, self.stream, pending.number
				))
			} else {
				let sent = pending.sent.filter(|sent| sent.account != state.account);
				sent.map(|sent| {
					format!(
						"the last one was sent by another account, and may get into a block up to final block {}, now {}",
						sent.until, state.height
					)
				})
			};
			self.archive.trouble().set(waits_for.as_deref());
			if let Some(reason) = waits_for {
				self.tell("waits", &reason);
				if !self.wait(stop).await {
					return Ok(false);
				}
				continue;
			}
			if stop.is_requested() {
				return Ok(false);
			}
			let nonce = pending.sent.map_or(state.nonce, |sent| sent.nonce);
			pending.sent = Some(SentBy {
				account: state.account,
				nonce,
				until: state.height + MAY_BE_INCLUDED_BLOCKS,
			});
			let sent = match self.note_pending(pending).await {
				Ok(()) => self.send(nonce, pending.number, &pending.anchor).await,
				Err(error) => {
					self.write_failed(&error.into());
					false
				}
			};
			if !sent && !self.wait(stop).await {
				return Ok(false);
			}
		}
	}

	fn other_bridge(&self, number: u64) -> AnchorError {
		AnchorError::OtherBridge {
			stream: self.stream,
			number,
		}
	}

	/// Sends an anchor and waits for what becomes of it; whether that is said to be final. Whether it is there is asked of the ledger in
	/// any case.
	async fn send(&mut self, nonce: u64, number: u64, anchor: &Anchor) -> bool {
		let parts = &self.parts;
		let submitted = parts.ledger.submit_anchor(nonce, number, anchor).await;
		let outcome = match parts.reachability.note_submission(submitted) {
			Ok(submission) => {
				parts.metrics.extrinsics_submitted.inc();
				parts.metrics.frames_submitted.inc_by(u64::from(anchor.leaves));
				let in_flight = parts.metrics.lane_in_flight.with_label_values(&[LANE]);
				in_flight.set(1);
				let outcome = parts.reachability.note(submission.outcome().await);
				in_flight.set(0);
				outcome
			}
			Err(error) => {
				let outcome = match error {
					LedgerError::Unreachable(_) => "unknown",
					LedgerError::Paused => "paused",
					LedgerError::OverQuota => OVER_QUOTA,
					_ => "refused",
				};
				self.failed(outcome, &error.to_string());
				return false;
			}
		};
		match outcome {
			Ok(Outcome::Finalised(_)) => return true,
			Ok(Outcome::Failed(reason)) => self.failed("failed", &reason),
			Ok(Outcome::NotIncluded(reason)) => self.failed("not_included", &reason),
			Err(error) => self.failed("unknown", &error.to_string()),
		}
		false
	}

	/// An anchor is final: its frames are done with.
	async fn settle(
		&mut self,
		job: Job,
		state: &StreamState,
		block: u64,
		stop: &Stop,
	) -> Result<bool, AnchorError> {
		let PendingAnchor { number, anchor, .. } = job.pending;
		let readings = anchor.readings;
		let done = FinalAnchor {
			bridge: state.bridge,
			anchor,
			block,
			finalised_ms: self.parts.clock.unix_ms(),
		};
		loop {
			let (done, leaves) = (done.clone(), job.leaves.clone());
			let written = self
				.parts
				.store
				.work(move |store| store.settle_anchor(number, &done, &leaves))
				.await;
			match written {
				Ok(()) => break,
				Err(error) => {
					self.write_failed(&error.into());
					if !self.wait(stop).await {
						return Ok(false);
					}
				}
			}
		}
		let keys: Vec<_> = job.batch.frames.iter().map(|(key, _)| *key).collect();
		self.parts.queue.finish(&job.batch, &keys);
		let metrics = &self.parts.metrics;
		metrics.anchors_finalised.inc();
		metrics.frames_finalised.inc_by(job.leaves.len() as u64);
		metrics.readings_finalised.inc_by(readings);
		let now_ms = self.parts.queue.timeline().now_ms();
		for (_, queued) in &job.batch.frames {
			let waited_ms = u32::try_from(now_ms.saturating_sub(queued.arrival_ms)).unwrap_or(u32::MAX);
			metrics
				.receive_to_finalised_seconds
				.observe(f64::from(waited_ms) / 1_000.0);
		}
		self.backoff.succeeded();
		if self.trouble.take().is_some() {
			tracing::info!("anchors are successful again");
		}
		tracing::debug!(number, leaves = job.leaves.len(), block, "an anchor is final");
		if let Err(error) = self.archive.drop_old(self.keep, state.height).await {
			self.not_removed(&error);
		}
		Ok(true)
	}

	/// Files that are kept for too long take room, and no more than that: it is tried again after the next anchor.
	fn not_removed(&self, error: &NoProof) {
		self.parts.metrics.store_errors.inc();
		tracing::warn!(%error, "old batch files could not be removed");
	}

	/// An extrinsic was not successful: count it, and tell it once.
	fn failed(&mut self, outcome: &str, reason: &str) {
		self.parts
			.metrics
			.extrinsics_unsuccessful
			.with_label_values(&[outcome])
			.inc();
		// As in a lane: a used up quota is no news.
		if outcome != OVER_QUOTA {
			self.tell(outcome, reason);
		}
	}

	/// That no node answers is told elsewhere.
	fn tell(&mut self, what: &str, reason: &str) {
		if self.parts.reachability.is_up() && self.trouble.replace(what.to_owned()).as_deref() != Some(what) {
			tracing::warn!(
				reason,
				"an anchor is not final yet; the ledger is asked for it before it is sent again"
			);
		}
	}

	fn write_failed(&mut self, failure: &Failure) {
		self.parts.metrics.store_errors.inc();
		if self.trouble.replace("store".to_owned()).as_deref() != Some("store") {
			tracing::error!(error = %failure, "an anchor can not be written down; trying again until it can");
		}
	}

	/// Waits before the next attempt; `false` when it is time to stop.
	async fn wait(&mut self, stop: &Stop) -> bool {
		let until = Instant::now() + self.backoff.failed();
		let waiting = self.parts.metrics.lane_waiting.with_label_values(&[LANE]);
		waiting.set(1);
		let go_on = tokio::select! {
			() = stop.requested() => false,
			() = tokio::time::sleep_until(until) => true,
		};
		waiting.set(0);
		go_on
	}
}

#[cfg(test)]
#[path = "anchor_tests.rs"]
mod tests;
