//! The ledger as the bridge sees it: a trait, so that what is lost or repeated when a node fails can be
//! tested without one.

use crate::lock;
use codec::{Decode, Encode};
use passport_primitives::{
	battery::PassportId,
	telemetry::{FrameRefusal, SequenceWindow},
};
use std::{collections::HashMap, future::Future, sync::Mutex};
use tokio::sync::watch;

/// A key that a device had before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FormerKey {
	/// The Ed25519 public key.
	pub public_key: [u8; 32],
	/// It signs lower sequences than this, down to where the key before it ends.
	pub below_sequence: u64,
}

/// What the ledger knows of the device behind a battery's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceFacts {
	/// Its number on the ledger.
	pub index: u32,
	/// The battery's passport, which frames are signed for.
	pub passport: PassportId,
	/// Its Ed25519 public key.
	pub public_key: [u8; 32],
	/// The first sequence that this key signs; 0 when the device has had no other.
	pub key_from_sequence: u64,
	/// The keys that it had before, in their order: the ledger keeps at most 8.
	pub former_keys: Vec<FormerKey>,
	/// Whether its frames are taken at all.
	pub active: bool,
	/// The current epoch of its sealing key; earlier ones are taken too.
	pub key_epoch: u32,
	/// Which sequences the ledger has taken.
	pub window: SequenceWindow,
}

/// A frame in an extrinsic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmittedFrame {
	/// The device's number on the ledger.
	pub device: u32,
	/// The bytes that the battery signed.
	pub frame: Vec<u8>,
}

/// An anchor in an extrinsic: the root of a batch that everyone who is shown the batch can check.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Anchor {
	/// The bridge's number among those of its organisation that anchor.
	pub stream: u32,
	/// Root of the tree over the batch's leaves.
	pub root: [u8; 32],
	/// How many leaves there are.
	pub leaves: u32,
	/// Readings in them.
	pub readings: u64,
	/// Content address of the batch file: a CIDv1, in bytes.
	pub content: Vec<u8>,
}

/// What final blocks tell of a stream and of the account that brings its anchors, all as of one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamState {
	/// Height of that block.
	pub height: u64,
	/// The organisation that the lane's account acts for.
	pub bridge: u32,
	/// Number that the stream's next anchor gets.
	pub next: u64,
	/// The anchor that was asked for, if it is there.
	pub anchored: Option<Anchored>,
	/// The lane's account.
	pub account: [u8; 32],
	/// Next nonce of the account that was asked for, else of the lane's. An extrinsic with a lower one is in a final block or in
	/// none for ever.
	pub nonce: u64,
}

/// An anchor in a final block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchored {
	/// Its root.
	pub root: [u8; 32],
	/// Height of its block.
	pub block: u64,
}

/// What became of one frame of a finalised extrinsic.
pub type FrameResult = Result<(), FrameRefusal>;

/// What became of an extrinsic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// Its block is final; one result for each frame, in the order they were submitted; none for an anchor.
	Finalised(Vec<FrameResult>),
	/// Its block is final and its dispatch failed as a whole: no frame was judged.
	Failed(String),
	/// It is in no block, as far as the node can tell: dropped from the pool, invalid by now, or its 64
	/// blocks are over.
	NotIncluded(String),
}

/// Why the ledger did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
	/// No node answers: what was asked of it may have happened or not.
	#[error("no node answers: {0}")]
	Unreachable(String),
	/// The node is of another network than the frames in the queue are signed for.
	#[error("the node is of network 0x{found}, the queue is of network 0x{expected}: choose another --node or --data")]
	OtherNetwork {
		/// Genesis hash of the queue's network, in hex.
		expected: String,
		/// Genesis hash of the node's network, in hex.
		found: String,
	},
	/// The pool did not take the extrinsic.
	#[error("the node refuses the extrinsic: {0}")]
	Refused(String),
	/// The council has paused the call, or safe-mode is on: frames wait for it to end.
	#[error("the council has paused the taking of frames, or safe-mode is on")]
	Paused,
	/// The organisation's quota of this period is used up. The next period begins within seconds.
	#[error("the organisation's quota does not cover more frames in this period")]
	OverQuota,
	/// The nonce is not the account's next: something else signs with the key, or an extrinsic was dropped.
	#[error("the nonce is not the account's next: {0}")]
	Nonce(String),
	/// An answer that makes no sense: another runtime, most likely.
	#[error("the node's answer is not understood: {0}")]
	Unexpected(String),
}

/// The highest final block that a node told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
	/// Its number.
	pub height: u64,
	/// Its time in seconds since 1970, where the node told it.
	pub unix_seconds: Option<u64>,
}

/// The ledger.
pub trait Ledger: Send + Sync + 'static {
	/// An extrinsic that a node took into its pool.
	type Submission: Submission;

	/// How many signing accounts there are.
	fn lanes(&self) -> usize;

	/// Genesis hash of the network: part of what every frame signs.
	fn genesis_hash(&self) -> impl Future<Output = Result<[u8; 32], LedgerError>> + Send;

	/// The highest final block: the cheap question that shows that a node answers.
	fn finalised_head(&self) -> impl Future<Output = Result<Head, LedgerError>> + Send;

	/// The device of a battery, by its alias or its passport id in hex, at the highest final block. `None`:
	/// there is none.
	fn device_of_battery(
		&self,
		battery: &str,
	) -> impl Future<Output = Result<Option<DeviceFacts>, LedgerError>> + Send;

	/// Which sequences of these devices were taken, at the highest final block. A device that is gone is not
	/// in the answer.
	fn finalised_windows(
		&self,
		devices: &[u32],
	) -> impl Future<Output = Result<HashMap<u32, SequenceWindow>, LedgerError>> + Send;

	/// The next nonce of a lane's account, extrinsics in the node's pool included.
	fn next_nonce(&self, lane: usize) -> impl Future<Output = Result<u64, LedgerError>> + Send;

	/// Signs and submits `submit_frames`, mortal for 64 blocks. Returns when the node has taken it into its
	/// pool.
	fn submit(
		&self,
		lane: usize,
		nonce: u64,
		frames: Vec<SubmittedFrame>,
	) -> impl Future<Output = Result<Self::Submission, LedgerError>> + Send;

	/// What final blocks tell of a stream of the organisation that lane 0 acts for: whether it has an anchor of this `number`, and
	/// the next nonce of `sender`, or of the lane's account.
	fn stream_state(
		&self,
		stream: u32,
		number: u64,
		sender: Option<[u8; 32]>,
	) -> impl Future<Output = Result<StreamState, LedgerError>> + Send;

	/// Signs and submits `anchor_batch` by lane 0, mortal for 64 blocks: the anchor with this number of its stream, and no other. Returns
	/// when the node has taken it into its pool.
	fn submit_anchor(
		&self,
		nonce: u64,
		number: u64,
		anchor: &Anchor,
	) -> impl Future<Output = Result<Self::Submission, LedgerError>> + Send;
}

/// An extrinsic on its way.
pub trait Submission: Send + 'static {
	/// Waits until it is known what became of it. An error: it can not be known from this node any more.
	fn outcome(self) -> impl Future<Output = Result<Outcome, LedgerError>> + Send;
}

/// Whether a node answers, and takes frames: one state for all tasks, told once when it changes.
#[derive(Debug)]
pub struct Reachability {
	state: watch::Sender<bool>,
	last_reason: Mutex<Option<String>>,
	refusal: Mutex<Option<LedgerError>>,
}

impl Default for Reachability {
	fn default() -> Self {
		Reachability {
			state: watch::Sender::new(false),
			last_reason: Mutex::default(),
			refusal: Mutex::default(),
		}
	}
}

impl Reachability {
	/// Whether the last answer came.
	pub fn is_up(&self) -> bool {
		*self.state.borrow()
	}

	/// Takes note of an answer, or of none, and passes it on.
	pub fn note<T>(&self, answer: Result<T, LedgerError>) -> Result<T, LedgerError> {
		match &answer {
			Err(LedgerError::Unreachable(reason)) => {
				let first_failure = lock(&self.last_reason).replace(reason.clone()).is_none();
				if self.state.send_replace(false) || first_failure {
					tracing::warn!(reason, "no node answers; frames wait on disk until one does");
				}
			}
			Err(LedgerError::OtherNetwork { .. }) => {
				self.state.send_replace(false);
			}
			// An error of another kind is an answer too.
			_ => {
				if !self.state.send_replace(true) {
					*lock(&self.last_reason) = None;
					tracing::info!("the node answers");
				}
			}
		}
		answer
	}

	/// As [`Self::note`], of what the pool says to an extrinsic.
	pub fn note_submission<T>(&self, answer: Result<T, LedgerError>) -> Result<T, LedgerError> {
		match &answer {
			Ok(_) => *lock(&self.refusal) = None,
			Err(refusal @ (LedgerError::Refused(_) | LedgerError::Paused | LedgerError::OverQuota)) => {
				*lock(&self.refusal) = Some(refusal.clone());
			}
			Err(_) => {}
		}
		self.note(answer)
	}

	/// Why the pool has taken no extrinsic since the last one that it took; `None` when it refused none.
	pub fn refusal(&self) -> Option<LedgerError> {
		lock(&self.refusal).clone()
	}

	/// Waits until a node answers.
	pub async fn up(&self) {
		let mut state = self.state.subscribe();
		// The sender lives in `self`: there is no error.
		let _gone = state.wait_for(|up| *up).await;
	}
}

#[cfg(test)]
pub(crate) mod fake {
	//! A ledger in memory that takes each sequence once, as the chain does, and fails as it is told.

	use super::*;
	use crate::{
		batch::FrameKey,
		test_battery::{GENESIS, NOW_SECONDS},
	};
	use passport_primitives::telemetry::{Frame, WindowRefusal};
	use std::{
		collections::{BTreeMap, VecDeque},
		sync::Arc,
	};

	/// What goes wrong with one submission.
	#[derive(Clone, Copy, Debug, PartialEq, Eq)]
	pub enum Fault {
		/// Nothing.
		None,
		/// The node is gone before it took the extrinsic.
		UnreachableBefore,
		/// The node took it, it gets into a block, and the answer never comes.
		UnreachableAfter,
		/// The node took it, then says nothing; it gets into a block when the next one is submitted.
		IncludedLater,
		/// The node took it and lost its pool.
		Lost,
		/// It is in a block and its dispatch failed.
		DispatchFails,
		/// The pool refuses it.
		PoolRefuses,
		/// The council has paused the call.
		Paused,
		/// The organisation's quota is used up.
		OverQuota,
		/// Someone else used the nonce.
		NonceTaken,
		/// The next question for windows, or for a stream, is not answered.
		WindowsUnanswered,
		/// The node says that it dropped it; another node has it, and it gets into a block when the next one is submitted.
		DroppedAndIncludedLater,
	}

	#[derive(Default)]
	pub struct Chain {
		pub devices: BTreeMap<String, DeviceFacts>,
		pub windows: BTreeMap<u32, SequenceWindow>,
		/// Every frame that was taken, in order.
		pub taken: Vec<FrameKey>,
		/// Frames that the chain refuses, with the reason.
		pub refuses: BTreeMap<FrameKey, FrameRefusal>,
		pub faults: VecDeque<Fault>,
		pub nonces: BTreeMap<usize, u64>,
		pub lookups: usize,
		pub extrinsics: usize,
		pub largest: usize,
		pub unreachable: bool,
		/// Anchors of each stream, in order, with the heights of their blocks.
		pub streams: BTreeMap<u32, Vec<(Anchor, u64)>>,
		/// Root of each anchor that was submitted, in a block or not, and how many were final then.
		pub anchors_submitted: Vec<([u8; 32], usize)>,
		/// Happens once, when an anchor gets into a block.
		pub on_anchor: Option<Box<dyn FnOnce() + Send>>,
		/// No anchor is answered for, though it gets into a block.
		pub anchors_unanswered: bool,
		/// The organisation that the accounts act for, if it is another one than 2.
		pub organisation: Option<u32>,
		pub height: u64,
		windows_unanswered: bool,
		later: Vec<(usize, Vec<SubmittedFrame>)>,
		/// With account, nonce and the height at which they were submitted.
		later_anchors: Vec<(usize, u64, u64, u64, Anchor)>,
	}

	impl Chain {
		fn include(&mut self, lane: usize, frames: &[SubmittedFrame]) -> Vec<FrameResult> {
			*self.nonces.entry(lane).or_default() += 1;
			frames.iter().map(|submitted| self.judge(submitted)).collect()
		}

		/// Puts an anchor into a block, if its nonce is the account's next one; whether it is anchored then, for which its number is
		/// the stream's next one.
		fn include_anchor(&mut self, account: usize, nonce: u64, number: u64, anchor: Anchor) -> bool {
			let next = self.nonces.entry(account).or_default();
			if *next != nonce {
				return false;
			}
			*next += 1;
			if self.streams.get(&anchor.stream).map_or(0, Vec::len) as u64 != number {
				return false;
			}
			if let Some(hook) = self.on_anchor.take() {
				hook();
			}
			self.height += 1;
			let height = self.height;
			self.streams
				.entry(anchor.stream)
				.or_default()
				.push((anchor, height));
			true
		}

		fn judge(&mut self, submitted: &SubmittedFrame) -> FrameResult {
			let frame = Frame::parse(&submitted.frame).map_err(|_| FrameRefusal::Malformed)?;
			let key = FrameKey {
				device: submitted.device,
				sequence: frame.header.sequence,
			};
			if let Some(refusal) = self.refuses.get(&key) {
				return Err(*refusal);
			}
			self.windows
				.entry(key.device)
				.or_default()
				.take(key.sequence)
				.map_err(|refusal| match refusal {
					WindowRefusal::Replayed => FrameRefusal::Replayed,
					WindowRefusal::TooOld => FrameRefusal::TooOld,
					WindowRefusal::Leap => FrameRefusal::SequenceLeap,
				})?;
			self.taken.push(key);
			Ok(())
		}
	}

	pub struct FakeLedger {
		pub chain: Arc<Mutex<Chain>>,
		pub lanes: usize,
		/// Number of the first lane's account: bridges on one chain have accounts of their own.
		pub first_account: usize,
	}

	impl FakeLedger {
		pub fn new(lanes: usize) -> Self {
			FakeLedger {
				chain: Arc::default(),
				lanes,
				first_account: 0,
			}
		}

		pub fn chain(&self) -> std::sync::MutexGuard<'_, Chain> {
			lock(&self.chain)
		}

		/// Registers a battery's device.
		pub fn register(&self, battery: &str, index: u32, passport: PassportId, public_key: [u8; 32]) {
			let facts = DeviceFacts {
				index,
				passport,
				public_key,
				key_from_sequence: 0,
				former_keys: Vec::new(),
				active: true,
				key_epoch: 0,
				window: SequenceWindow::default(),
			};
			self.chain().devices.insert(battery.to_owned(), facts);
		}

		/// Gives a battery's device another key, which counts from this sequence on.
		pub fn rotate(&self, battery: &str, public_key: [u8; 32], from_sequence: u64) {
			let mut chain = self.chain();
			let facts = chain.devices.get_mut(battery).unwrap();
			facts.former_keys.push(FormerKey {
				public_key: facts.public_key,
				below_sequence: from_sequence,
			});
			facts.public_key = public_key;
			facts.key_from_sequence = from_sequence;
		}

		fn answers(&self) -> Result<(), LedgerError> {
			match self.chain().unreachable {
				true => Err(LedgerError::Unreachable("the fake node is down".into())),
				false => Ok(()),
			}
		}
	}

	impl Ledger for FakeLedger {
		type Submission = FakeSubmission;

		fn lanes(&self) -> usize {
			self.lanes
		}

		async fn genesis_hash(&self) -> Result<[u8; 32], LedgerError> {
			self.answers().map(|()| GENESIS)
		}

		async fn finalised_head(&self) -> Result<Head, LedgerError> {
			self.answers().map(|()| Head {
				height: 1,
				unix_seconds: Some(NOW_SECONDS),
			})
		}

		async fn device_of_battery(&self, battery: &str) -> Result<Option<DeviceFacts>, LedgerError> {
			tokio::task::yield_now().await;
			self.answers()?;
			let mut chain = self.chain();
			chain.lookups += 1;
			let window = |index| chain.windows.get(&index).copied().unwrap_or_default();
			let facts = chain.devices.get(battery).map(|facts| DeviceFacts {
				window: window(facts.index),
				..facts.clone()
			});
			Ok(facts)
		}

		async fn finalised_windows(
			&self,
			devices: &[u32],
		) -> Result<HashMap<u32, SequenceWindow>, LedgerError> {
			tokio::task::yield_now().await;
			self.answers()?;
			let mut chain = self.chain();
			if std::mem::take(&mut chain.windows_unanswered) {
				return Err(LedgerError::Unreachable("the fake node went away".into()));
			}
			Ok(devices
				.iter()
				.map(|device| (*device, chain.windows.get(device).copied().unwrap_or_default()))
				.collect())
		}

		async fn next_nonce(&self, lane: usize) -> Result<u64, LedgerError> {
			self.answers()?;
			let account = self.first_account + lane;
			Ok(self.chain().nonces.get(&account).copied().unwrap_or_default())
		}

		async fn submit(
			&self,
			lane: usize,
			nonce: u64,
			frames: Vec<SubmittedFrame>,
		) -> Result<FakeSubmission, LedgerError> {
			tokio::task::yield_now().await;
			self.answers()?;
			let lane = self.first_account + lane;
			let mut chain = self.chain();
			for (lane, frames) in std::mem::take(&mut chain.later) {
				chain.include(lane, &frames);
			}
			chain.extrinsics += 1;
			chain.largest = chain.largest.max(frames.len());
			let outcome = match chain.faults.pop_front().unwrap_or(Fault::None) {
				Fault::UnreachableBefore => return Err(LedgerError::Unreachable("before".into())),
				Fault::PoolRefuses => return Err(LedgerError::Refused("1010: Custom error: 3".into())),
				Fault::Paused => return Err(LedgerError::Paused),
				Fault::OverQuota => return Err(LedgerError::OverQuota),
				Fault::NonceTaken => {
					*chain.nonces.entry(lane).or_default() += 1;
					return Err(LedgerError::Nonce("1014: Priority is too low".into()));
				}
				Fault::Lost => Ok(Outcome::NotIncluded("dropped".into())),
				_ if nonce != chain.nonces.get(&lane).copied().unwrap_or_default() => {
					Ok(Outcome::NotIncluded("a nonce before it is missing".into()))
				}
				Fault::None => Ok(Outcome::Finalised(chain.include(lane, &frames))),
				Fault::UnreachableAfter => {
					chain.include(lane, &frames);
					Err(LedgerError::Unreachable("after".into()))
				}
				Fault::IncludedLater => {
					chain.later.push((lane, frames));
					Err(LedgerError::Unreachable("later".into()))
				}
				Fault::DispatchFails => {
					*chain.nonces.entry(lane).or_default() += 1;
					Ok(Outcome::Failed("Telemetry.NotAuthorized".into()))
				}
				Fault::WindowsUnanswered => {
					chain.windows_unanswered = true;
					chain.include(lane, &frames);
					Err(LedgerError::Unreachable("after, and windows later".into()))
				}
				Fault::DroppedAndIncludedLater => {
					chain.later.push((lane, frames));
					Ok(Outcome::NotIncluded("dropped".into()))
				}
			};
			Ok(FakeSubmission(outcome))
		}

		async fn stream_state(
			&self,
			stream: u32,
			number: u64,
			sender: Option<[u8; 32]>,
		) -> Result<StreamState, LedgerError> {
			tokio::task::yield_now().await;
			self.answers()?;
			let mut chain = self.chain();
			if std::mem::take(&mut chain.windows_unanswered) {
				return Err(LedgerError::Unreachable("the fake node went away".into()));
			}
			// Finality goes on whether anyone submits or not.
			chain.height += 1;
			let account = sender.map_or(self.first_account, |account| usize::from(account[0]));
			let anchors = chain.streams.get(&stream);
			let anchored = anchors.and_then(|anchors| anchors.get(number as usize));
			Ok(StreamState {
				height: chain.height,
				bridge: chain.organisation.unwrap_or(2),
				next: anchors.map_or(0, Vec::len) as u64,
				anchored: anchored.map(|(anchor, block)| Anchored {
					root: anchor.root,
					block: *block,
				}),
				account: [self.first_account as u8; 32],
				nonce: chain.nonces.get(&account).copied().unwrap_or_default(),
			})
		}

		async fn submit_anchor(
			&self,
			nonce: u64,
			number: u64,
			anchor: &Anchor,
		) -> Result<FakeSubmission, LedgerError> {
			tokio::task::yield_now().await;
			self.answers()?;
			let account = self.first_account;
			let anchor = anchor.clone();
			let mut chain = self.chain();
			let anchors = chain.streams.get(&anchor.stream).map_or(0, Vec::len);
			chain.anchors_submitted.push((anchor.root, anchors));
			for (account, nonce, submitted_at, number, anchor) in std::mem::take(&mut chain.later_anchors) {
				// Mortal for 64 blocks.
				if chain.height < submitted_at + 64 {
					chain.include_anchor(account, nonce, number, anchor);
				}
			}
			let height = chain.height;
			let fault = chain.faults.pop_front().unwrap_or(Fault::None);
			match fault {
				Fault::UnreachableBefore => return Err(LedgerError::Unreachable("before".into())),
				Fault::PoolRefuses => return Err(LedgerError::Refused("1010: Custom error: 3".into())),
				Fault::Paused => return Err(LedgerError::Paused),
				Fault::OverQuota => return Err(LedgerError::OverQuota),
				Fault::NonceTaken => {
					*chain.nonces.entry(account).or_default() += 1;
					return Err(LedgerError::Nonce("1014: Priority is too low".into()));
				}
				_ => {}
			}
			let next = chain.nonces.get(&account).copied().unwrap_or_default();
			if nonce < next {
				return Err(LedgerError::Nonce("1010: Transaction is outdated".into()));
			}
			if nonce > next {
				return Ok(FakeSubmission(Ok(Outcome::NotIncluded(
					"a nonce before it is missing".into(),
				))));
			}
			let outcome = match fault {
				Fault::Lost => Ok(Outcome::NotIncluded("dropped".into())),
				Fault::DroppedAndIncludedLater => {
					chain.later_anchors.push((account, nonce, height, number, anchor));
					Ok(Outcome::NotIncluded("dropped".into()))
				}
				Fault::IncludedLater => {
					chain.later_anchors.push((account, nonce, height, number, anchor));
					Err(LedgerError::Unreachable("later".into()))
				}
				Fault::DispatchFails => {
					*chain.nonces.entry(account).or_default() += 1;
					Ok(Outcome::Failed("Telemetry.AnchoringIsSuspended".into()))
				}
				other => {
					let anchored = chain.include_anchor(account, nonce, number, anchor);
					chain.windows_unanswered = other == Fault::WindowsUnanswered;
					match other {
						Fault::UnreachableAfter | Fault::WindowsUnanswered => {
							Err(LedgerError::Unreachable("after".into()))
						}
						_ if !anchored => Ok(Outcome::Failed("Telemetry.WrongNumber".into())),
						_ => Ok(Outcome::Finalised(Vec::new())),
					}
				}
			};
			match chain.anchors_unanswered {
				true => Err(LedgerError::Unreachable("nobody answers for anchors".into())),
				false => Ok(FakeSubmission(outcome)),
			}
		}
	}

	pub struct FakeSubmission(Result<Outcome, LedgerError>);

	impl Submission for FakeSubmission {
		async fn outcome(self) -> Result<Outcome, LedgerError> {
			tokio::task::yield_now().await;
			self.0
		}
	}
}
