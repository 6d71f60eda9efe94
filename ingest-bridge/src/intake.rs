//! From the inbox onto the disk: every message is checked, queued or made a dead letter, written down,
//! acknowledged. In that order.
//!
//! The checks are the ledger's own, made early so that what it would refuse does not use up a block: form,
//! size, device, key epoch, times, sequence, signature. Where a check fails by what is known of the device,
//! the ledger is asked before the message is given up; while no node answers, it is *parked* on disk and
//! judged later, so that one misconfigured battery does not stop the others during an outage.

use crate::{
	backoff::Backoff,
	batch::{FrameKey, Queued, SharedQueue},
	clock::{Clock, LedgerTime},
	devices::{Answer, Devices},
	inbox::Inbox,
	ledger::{Ledger, Reachability},
	metrics::{Hold, Metrics},
	mqtt::{AckGate, Acknowledger, Message, Ticket},
	plain_json::{self, PlainRefusal},
	reason::Reason,
	replay::{self, Request},
	signatures::{self, BadSignatures, Finding, Unchecked},
	stop::Stop,
	store::{
		fingerprint, shortened, BatteryFacts, Changes, DeadLetter, Durability, Parked, QueuedFrame,
		RefusedBy, SealedState, Store, StoreError, MAX_KEPT_BYTES, MAX_KEPT_TOPIC_BYTES,
	},
	vault::Vault,
};
use passport_primitives::{
	telemetry::{
		check_times, window::MAX_SEQUENCE_STEP, Frame, FrameRefusal, Header, Reading, SequenceWindow,
		SignatureScheme, WindowRefusal, MAX_FRAME_BYTES,
	},
	topic::{self, FrameTopic},
};
use sha2::{Digest, Sha256};
use std::{
	collections::{BTreeSet, HashMap},
	sync::{Arc, Mutex},
	time::Duration,
};
use tokio::time::Instant;

/// Most messages that are written in one go. The wait for the disk is shared by all that came meanwhile.
pub const GROUP: usize = 256;

/// So long after its last reading a battery may send a frame again that the ledger has, in seconds: its last frames after a
/// lost connection, an acknowledgement that it did not get. An hour holds the eight frames that the reference firmware
/// keeps at the protocol's slowest rate (table 9.2) and an outage besides.
pub const REPEATS_EXPECTED_SECONDS: u64 = 3_600;

/// One in so many of the queue's frames, and of its bytes, may be parked: parked messages are not checked, so they must not fill
/// the queue.
const PARKED_SHARE: usize = 10;

/// So many dead letters of one battery are kept in a minute, of those that can not become good. More are counted and not kept: whoever
/// publishes rubbish under one name does not thereby push the letters of all others out.
pub const LETTERS_A_MINUTE: usize = 1_000;

/// So many sequences of a device that the bridge signs for are left out where it does not know the last one: more than can be on
/// their way to the ledger.
const SEQUENCES_LEFT_OUT: u64 = 1 << 16;

/// A node whose final head is further than this behind the machine's clock, in seconds, does not know which sequences were used
/// last: plain JSON waits for one that does.
pub const MAX_BEHIND_SECONDS: u64 = 300;

/// Most names whose letters are counted.
const MAX_COUNTED_NAMES: usize = 10_000;

/// Counts the dead letters of each battery.
#[derive(Debug, Default)]
struct LetterCounts {
	since: Option<Instant>,
	letters: HashMap<String, usize>,
}

impl LetterCounts {
	/// Whether a letter of this battery is kept; counts it.
	fn keep(&mut self, battery: &str, now: Instant) -> bool {
		let over = self
			.since
			.is_none_or(|since| now.saturating_duration_since(since) >= Duration::from_secs(60));
		if over || self.letters.len() >= MAX_COUNTED_NAMES {
			self.since = Some(now);
			self.letters.clear();
		}
		let count = self.letters.entry(battery.to_owned()).or_default();
		*count += 1;
		*count <= LETTERS_A_MINUTE
	}
}

/// How much may wait on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
	/// Frames.
	pub frames: usize,
	/// Bytes of frames.
	pub bytes: usize,
}

impl Bounds {
	fn have_room(&self, queue: &SharedQueue) -> bool {
		queue.with(|queue| queue.len() < self.frames && queue.bytes() < self.bytes)
	}
}

/// When messages are judged again that the ledger did not answer for.
const JUDGE_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// How often the intake looks whether dead letters are to be judged again.
const LOOK_FOR_REPLAY_EVERY: Duration = Duration::from_secs(1);

/// Between two groups of dead letters that are judged again: batteries that send now do not wait for what is old.
const REPLAY_PAUSE: Duration = Duration::from_millis(100);

/// What the intake works with.
pub struct Parts<L, A> {
	/// What is known of devices.
	pub devices: Arc<Devices<L>>,
	/// Whether a node answers.
	pub reachability: Arc<Reachability>,
	/// The disk.
	pub store: Arc<Store>,
	/// The queue in memory.
	pub queue: Arc<SharedQueue>,
	/// Where acknowledgements go.
	pub gate: Arc<AckGate<A>>,
	/// Counters.
	pub metrics: Arc<Metrics>,
	/// The time that frames are checked against.
	pub clock: Clock,
	/// The ledger's, which a frame is checked against before it is refused.
	pub ledger_time: Arc<LedgerTime>,
	/// The network that frames are signed for.
	pub genesis_hash: [u8; 32],
	/// How much may wait on disk.
	pub bounds: Bounds,
	/// Waits after the disk failed.
	pub backoff: Backoff,
	/// The batteries whose plain JSON the bridge seals and signs, where there are any.
	pub vault: Option<Arc<Vault>>,
}

/// Where a message comes from, and how it is done with.
#[derive(Clone, Copy, Debug)]
enum Origin {
	/// The broker: acknowledge it.
	Broker(Ticket),
	/// The parked ones: take it off them.
	Parked(u64),
	/// The dead letters, where someone asked for it to be judged again: take it off them.
	Dead(u64),
}

/// A message to judge.
#[derive(Clone, Debug)]
struct Letter {
	topic: String,
	payload: Vec<u8>,
	received_ms: u64,
	redelivered: bool,
	origin: Origin,
	/// What it says, or why it says nothing, where it is plain JSON; `None`: it is to be a frame.
	plain: Option<Result<Box<PlainReading>, Reason>>,
	/// Whether it is a frame or plain JSON by its form: only then is the ledger worth asking.
	readable: bool,
}

/// A reading of a battery that the bridge signs for.
#[derive(Clone, Debug)]
struct PlainReading {
	reading: Reading,
	/// The key that the battery's device on the ledger has to have.
	public_key: [u8; 32],
}

impl Letter {
	/// The battery that the message is of, if it is worth asking for.
	fn readable_battery(&self) -> Option<&str> {
		battery(&self.topic).filter(|_| self.readable)
	}

	/// What it takes among the parked ones, in bytes.
	fn parked_bytes(&self) -> usize {
		parked_bytes(&self.topic, &self.payload)
	}
}

/// Reads a message that is plain JSON for a bridge that signs for batteries. Alerts have one topic for both: a frame starts with
/// its version, JSON with a brace.
fn read_plain_json(vault: &Vault, topic: &str, payload: &[u8]) -> Option<Result<Box<PlainReading>, Reason>> {
	let name = match (topic::parse_plain_json(topic), topic::parse(topic)) {
		(Some(name), _) => name,
		(None, Some((name, FrameTopic::CriticalAlert)))
			if payload.trim_ascii_start().first() == Some(&b'{') && vault.find(name).is_some() =>
		{
			name
		}
		_ => return None,
	};
	let read = || {
		if payload.len() > MAX_FRAME_BYTES {
			return Err(Reason::Oversized);
		}
		let battery = vault.find(name).ok_or(Reason::PlainJson(PlainRefusal::NoKey))?;
		let told = plain_json::read(payload).map_err(Reason::PlainJson)?;
		if told.battery.is_some_and(|named| !battery.goes_by(&named)) {
			return Err(Reason::PlainJson(PlainRefusal::OtherBattery));
		}
		Ok(Box::new(PlainReading {
			reading: told.reading,
			public_key: battery.public_key,
		}))
	};
	Some(read())
}

fn parked_bytes(topic: &str, payload: &[u8]) -> usize {
	topic.len() + payload.len()
}

/// What tells a message from another: battery and topic, payload.
fn digest(topic: &str, payload: &[u8]) -> [u8; 32] {
	let mut hash = Sha256::new();
	// With its length, so that no two pairs make the same bytes.
	hash.update((topic.len() as u64).to_le_bytes());
	hash.update(topic);
	hash.update(payload);
	hash.finalize().into()
}

/// The sequence to begin with where the bridge does not know the last one: it is the device's first, or the data directory was
/// lost or is an old copy. Never one that may have been used: two frames under one sequence are sealed with one key stream. So
/// the second of now, which is ahead of a device that sends less than a frame a second, and at least far ahead of the ledger.
fn first_sequence(highest: u64, now_seconds: u64) -> u64 {
	highest
		.saturating_add(SEQUENCES_LEFT_OUT)
		.max(now_seconds)
		.min(highest.saturating_add(MAX_SEQUENCE_STEP))
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
	/// Queue it.
	Accept { key: FrameKey, urgent: bool },
	/// Plain JSON: make it a frame of this device, sealed under this epoch's key, of a sequence that the present key signs.
	Seal {
		device: u32,
		key_epoch: u32,
		key_from_sequence: u64,
	},
	/// The ledger took this very frame.
	Duplicate,
	Refuse {
		reason: Reason,
		device: Option<u32>,
		sequence: Option<u64>,
	},
	/// Only the ledger can say, and no node answers.
	Park,
}

/// The battery that a message is of, if its topic is one of a frame or of plain JSON.
fn battery(topic: &str) -> Option<&str> {
	match topic::parse(topic) {
		Some((battery, _)) => Some(battery),
		None => topic::parse_plain_json(topic),
	}
}

/// What the clocks say, in seconds since 1970.
#[derive(Clone, Copy, Debug)]
struct Now {
	/// This machine's.
	here: u64,
	/// The ledger's, where it is known.
	ledger: Option<u64>,
}

impl Now {
	/// As the ledger will see it, as far as that is known.
	fn likely(self) -> u64 {
		self.ledger.unwrap_or(self.here)
	}

	/// A frame is refused for its times when no clock takes it. One clock that has jumped costs at most a place in a block.
	fn check(self, header: &Header) -> Result<(), FrameRefusal> {
		check_times(header, self.here).or_else(|_| check_times(header, self.likely()))
	}

	/// Whether the node may not know yet what the ledger has: no sequence is given out by what it says.
	fn node_is_behind(self) -> bool {
		self.ledger
			.is_none_or(|ledger| ledger.saturating_add(MAX_BEHIND_SECONDS) < self.here)
	}
}

/// A frame of which only the signature is not checked yet.
struct Unsigned {
	signature: Unchecked,
	key: FrameKey,
	/// What it comes to if the device signed it, and if not.
	good: Verdict,
	bad: FrameRefusal,
}

impl Unsigned {
	fn verdict(self, finding: Finding) -> Verdict {
		let reason = match finding {
			Finding::Good => return self.good,
			Finding::Bad => Reason::Frame(self.bad),
			Finding::Flood => Reason::Flood,
		};
		Verdict::Refuse {
			reason,
			device: Some(self.key.device),
			sequence: Some(self.key.sequence),
		}
	}
}

/// Judges one message by what is known, except for its signature: the only check that costs time. Blocks where something is on disk.
fn judge<L: Ledger>(
	topic: &str,
	payload: &[u8],
	redelivered: bool,
	answer: &Answer,
	devices: &Devices<L>,
	genesis_hash: &[u8; 32],
	now: Now,
) -> Result<Unsigned, Verdict> {
	let refuse = |reason| Verdict::Refuse {
		reason,
		device: None,
		sequence: None,
	};
	let Some((_, kind)) = topic::parse(topic) else {
		return Err(refuse(Reason::UnexpectedTopic));
	};
	if payload.len() > MAX_FRAME_BYTES {
		return Err(refuse(Reason::Oversized));
	}
	let Ok(frame) = Frame::parse(payload) else {
		return Err(refuse(Reason::Frame(FrameRefusal::Malformed)));
	};
	let header = frame.header;
	let sequence = header.sequence;
	let device = match answer {
		Answer::Known(facts) => Some(facts.index),
		Answer::Unknown | Answer::Unanswered => None,
	};
	let refuse = |refusal| Verdict::Refuse {
		reason: Reason::Frame(refusal),
		device,
		sequence: Some(sequence),
	};
	if let Err(refusal) = now.check(&header) {
		// Before a node has told the ledger's time nobody knows whether it is the frame's that is wrong or this machine's.
		return Err(match now.ledger {
			Some(_) => refuse(refusal),
			None => Verdict::Park,
		});
	}
	let facts: &BatteryFacts = match answer {
		Answer::Known(facts) => facts,
		Answer::Unknown => {
			return Err(Verdict::Refuse {
				reason: Reason::UnknownBattery,
				device,
				sequence: Some(sequence),
			})
		}
		Answer::Unanswered => return Err(Verdict::Park),
	};
	if !facts.active {
		return Err(refuse(FrameRefusal::DeviceNotActive));
	}
	// Late frames of an earlier epoch are good; a key of the future was given to nobody.
	if header.key_epoch > facts.key_epoch {
		return Err(refuse(FrameRefusal::WrongKeyEpoch));
	}
	let key = FrameKey {
		device: facts.index,
		sequence,
	};
	let accept = Verdict::Accept {
		key,
		urgent: kind == FrameTopic::CriticalAlert,
	};
	let (good, bad) = match devices.window(key.device).check(sequence) {
		Ok(()) => (accept, FrameRefusal::BadSignature),
		Err(WindowRefusal::Replayed) => {
			// A broker that was not told in time sends a message again and says so; a battery that lost its connection sends its
			// last frames again: nothing to tell anyone. What comes again long after it was made is somebody's copy.
			let expected =
				redelivered || header.last_seconds().saturating_add(REPEATS_EXPECTED_SECONDS) >= now.likely();
			match devices.same(key, payload) {
				Ok(Some(true)) if expected => return Err(Verdict::Duplicate),
				// Not known: another bridge brought it.
				Ok(None) if expected => (Verdict::Duplicate, FrameRefusal::Replayed),
				Ok(_) => return Err(refuse(FrameRefusal::Replayed)),
				Err(error) => {
					tracing::error!(%error, "which frame was taken can not be read; the message is judged again later");
					return Err(Verdict::Park);
				}
			}
		}
		Err(WindowRefusal::TooOld) => return Err(refuse(FrameRefusal::TooOld)),
		Err(WindowRefusal::Leap) => return Err(refuse(FrameRefusal::SequenceLeap)),
	};
	// What was signed before a rotation may come after it: each sequence has its key.
	let signature = Unchecked::new(
		key.device,
		&frame,
		genesis_hash,
		&facts.passport,
		facts.key_for(sequence),
	);
	Ok(Unsigned {
		signature,
		key,
		good,
		bad,
	})
}

/// Judges plain JSON by what is known: the checks that a frame would have to pass, before it is made.
fn judge_plain_json(plain: &Result<Box<PlainReading>, Reason>, answer: &Answer, now: Now) -> Verdict {
	let refuse = |reason, device| Verdict::Refuse {
		reason,
		device,
		sequence: None,
	};
	let plain = match plain {
		Ok(plain) => plain,
		Err(reason) => return refuse(*reason, None),
	};
	let header = Header {
		scheme: SignatureScheme::Ed25519,
		key_epoch: 0,
		sequence: 1,
		first_seconds: plain.reading.time_seconds,
		span_seconds: 0,
		count: 1,
	};
	if let Err(refusal) = now.check(&header) {
		// As for a frame: see `judge`.
		return match now.ledger {
			Some(_) => refuse(Reason::Frame(refusal), None),
			None => Verdict::Park,
		};
	}
	if now.node_is_behind() {
		return Verdict::Park;
	}
	match answer {
		Answer::Unanswered => Verdict::Park,
		Answer::Unknown => refuse(Reason::UnknownBattery, None),
		Answer::Known(facts) if facts.public_key != plain.public_key => {
			refuse(Reason::PlainJson(PlainRefusal::OtherDevice), Some(facts.index))
		}
		Answer::Known(facts) if !facts.active => {
			refuse(Reason::Frame(FrameRefusal::DeviceNotActive), Some(facts.index))
		}
		Answer::Known(facts) => Verdict::Seal {
			device: facts.index,
			key_epoch: facts.key_epoch,
			key_from_sequence: facts.key_from_sequence,
		},
	}
}

/// The intake. One task runs it.
pub struct Intake<L, A> {
	parts: Parts<L, A>,
	/// Next sequences of the devices that the bridge signs for, and which messages are in their frames: of those that it has made frames
	/// of in this run, and as earlier runs left them.
	sealed: HashMap<u32, SealedState>,
	sealed_before: HashMap<u32, SealedState>,
	/// Whether frames were anchored from this directory: the ledger's windows do not tell of them.
	has_anchored: bool,
	/// How many messages are parked, how many bytes, and of which batteries: theirs go there too, or they would overtake.
	parked: usize,
	parked_bytes: usize,
	parked_batteries: HashMap<String, usize>,
	/// Not before then are parked messages judged again.
	judge_parked_at: Instant,
	/// Parked messages are judged in rounds: number of the next one, whether any was done with in this round, and of which
	/// batteries some were left behind, whose later ones do not overtake them.
	parked_next: u64,
	parked_moved: bool,
	left_behind: BTreeSet<String>,
	/// Badly signed frames of this second.
	bad_signatures: Arc<Mutex<BadSignatures>>,
	/// Dead letters of this minute.
	letter_counts: LetterCounts,
	/// Dead letters that are judged again.
	replaying: Option<Replaying>,
	/// Not before then is the next group of them judged, or is it looked whether there are any.
	replay_at: Instant,
	/// How many messages were judged, repeats included.
	#[cfg(test)]
	judged: Arc<std::sync::atomic::AtomicUsize>,
}

/// How far a request has got.
#[derive(Debug)]
struct Replaying {
	request: Request,
	/// Number of the next letter to look at.
	next: u64,
	judged: usize,
	accepted: usize,
	/// Letters whose payload was cut: nobody can judge them.
	cut: usize,
}

impl<L: Ledger, A: Acknowledger> Intake<L, A> {
	/// With what is parked on disk.
	pub fn load(parts: Parts<L, A>) -> Result<Self, StoreError> {
		let sealed_before = parts.store.sealed_states()?.into_iter().collect();
		let has_anchored = parts.store.anchor_stream()?.is_some();
		let store = parts.store.clone();
		let mut intake = Intake {
			parts,
			sealed: HashMap::new(),
			sealed_before,
			has_anchored,
			parked: 0,
			parked_bytes: 0,
			parked_batteries: HashMap::new(),
			judge_parked_at: Instant::now(),
			parked_next: 0,
			parked_moved: false,
			left_behind: BTreeSet::new(),
			bad_signatures: Arc::default(),
			letter_counts: LetterCounts::default(),
			replaying: None,
			replay_at: Instant::now(),
			#[cfg(test)]
			judged: Arc::default(),
		};
		store.for_each_parked(|message| {
			intake.note_parked(&message.topic, parked_bytes(&message.topic, &message.payload));
		})?;
		intake.show_gauges();
		Ok(intake)
	}

	/// Takes messages from the inbox until it is time to stop. What is in the inbox then stays with the
	/// broker.
	pub async fn run(mut self, inbox: Arc<Inbox>, stop: Stop) {
		loop {
			let (queue, reachability) = (self.parts.queue.clone(), self.parts.reachability.clone());
			let (bounds, judge_parked_at) = (self.parts.bounds, self.judge_parked_at);
			let replay_at = self.replay_at;
			let metrics = self.parts.metrics.clone();
			tokio::select! {
				biased;
				() = stop.requested() => return,
				() = async {
					tokio::time::sleep_until(judge_parked_at).await;
					reachability.up().await;
				}, if self.parked > 0 => {
					self.take_parked(&stop).await;
				},
				() = tokio::time::sleep_until(replay_at) => self.replay_some(&stop).await,
				group = async {
					// A full queue holds acknowledgements back; the broker then keeps the messages.
					if !bounds.have_room(&queue) {
						metrics.hold(Some(Hold::Queue));
						queue.room(bounds.frames, bounds.bytes).await;
					}
					metrics.hold(None);
					inbox.take(GROUP).await
				} => {
					self.take(group, &stop).await;
				},
			}
		}
	}

	fn letter(
		&self,
		topic: String,
		payload: Vec<u8>,
		received_ms: u64,
		redelivered: bool,
		origin: Origin,
	) -> Letter {
		let vault = self.parts.vault.as_deref();
		let plain = vault.and_then(|vault| read_plain_json(vault, &topic, &payload));
		let readable = match &plain {
			Some(plain) => plain.is_ok(),
			None => Frame::parse(&payload).is_ok(),
		};
		Letter {
			topic,
			payload,
			received_ms,
			redelivered,
			origin,
			plain,
			readable,
		}
	}

	/// Takes a group of messages to disk and acknowledges them.
	async fn take(&mut self, group: Vec<Message>, stop: &Stop) {
		let received_ms = self.parts.clock.unix_ms();
		let letters = group
			.into_iter()
			.map(|message| {
				let origin = Origin::Broker(message.ticket);
				self.letter(
					message.topic,
					message.payload,
					received_ms,
					message.redelivered,
					origin,
				)
			})
			.collect();
		self.process(letters, stop).await;
	}

	/// Judges the next parked messages again, oldest first, now that a node answers; whether there are more in this round. What is not
	/// done with stays parked: nothing here waits for room.
	async fn take_parked(&mut self, stop: &Stop) -> bool {
		let (store, next) = (self.parts.store.clone(), self.parked_next);
		let Some(parked) = self.blocking(stop, move || store.parked_from(next, GROUP)).await else {
			return false;
		};
		if parked.is_empty() && next == 0 {
			// They were counted and are not there: nothing to wait for.
			self.parked = 0;
			self.parked_bytes = 0;
			self.parked_batteries.clear();
			self.show_gauges();
			return false;
		}
		let more = parked.len() == GROUP;
		let after = parked.last().map_or(next, |(number, _)| number + 1);
		let letters = parked
			.into_iter()
			.map(|(number, message)| {
				self.letter(
					message.topic,
					message.payload,
					message.received_ms,
					message.redelivered,
					Origin::Parked(number),
				)
			})
			.collect();
		let (letters, mut verdicts) = self.judge_all(letters).await;
		let holds = self.without_room(&letters, &verdicts);
		for (verdict, hold) in verdicts.iter_mut().zip(holds) {
			if hold.is_some() {
				*verdict = Verdict::Park;
			}
		}
		for (letter, verdict) in letters.iter().zip(&verdicts) {
			if let (Verdict::Park, Some(name)) = (verdict, battery(&letter.topic)) {
				self.left_behind.insert(name.to_owned());
			}
		}
		let before = self.parked;
		if !self.write_down(letters, verdicts, stop).await {
			return false;
		}
		self.parked_moved |= self.parked < before;
		if more {
			self.parked_next = after;
			return true;
		}
		self.parked_next = 0;
		self.left_behind.clear();
		if !std::mem::take(&mut self.parked_moved) {
			self.judge_parked_at = Instant::now() + JUDGE_AGAIN_AFTER;
		}
		false
	}

	/// Judges parked messages until none is left or a whole round is done with none of them.
	async fn take_all_parked(&mut self, stop: &Stop) {
		while self.parked > 0 && !stop.is_requested() {
			let before = self.parked;
			self.parked_next = 0;
			self.left_behind.clear();
			while self.take_parked(stop).await {}
			if self.parked >= before {
				return;
			}
		}
	}

	/// Judges some dead letters again, if someone asked for it and there is room for what may have become good.
	async fn replay_some(&mut self, stop: &Stop) {
		self.replay_at = Instant::now() + LOOK_FOR_REPLAY_EVERY;
		let mut replaying = match self.replaying.take() {
			Some(replaying) => replaying,
			None => match replay::asked(self.parts.store.path()).await {
				// What is refused again is a new letter, and must not come up again and again.
				Ok(Some(request)) => Replaying {
					request: Request {
						below: request.below.min(self.parts.store.next_dead_letter()),
						..request
					},
					next: 0,
					judged: 0,
					accepted: 0,
					cut: 0,
				},
				Ok(None) => return,
				Err(error) => {
					tracing::error!(%error, "what dead letters are to be judged again can not be read; it is dropped");
					return self.forget_replay().await;
				}
			},
		};
		let room = self.parts.bounds.have_room(&self.parts.queue);
		let (store, next) = (self.parts.store.clone(), replaying.next);
		let read = match room {
			true => {
				self.blocking(stop, move || store.dead_letters_from(next, GROUP))
					.await
			}
			false => None,
		};
		let Some(read) = read else {
			self.replaying = Some(replaying);
			return;
		};
		let mut all = read.len() < GROUP;
		let mut cut = 0;
		let mut letters = Vec::new();
		let mut next = replaying.next;
		for (number, letter) in read {
			// Those that were written since are not meant.
			if number >= replaying.request.below {
				all = true;
				break;
			}
			next = number + 1;
			if !replaying.request.means(number, &letter.reason) {
				continue;
			}
			if letter.bytes != letter.payload.len() as u64 {
				cut += 1;
				continue;
			}
			// Redelivered: what the ledger has by now is done, and not somebody's copy.
			letters.push(self.letter(
				letter.topic,
				letter.payload,
				letter.received_ms,
				true,
				Origin::Dead(number),
			));
		}
		let (letters, verdicts) = self.judge_all(letters).await;
		if verdicts.contains(&Verdict::Park) {
			// No node answers: the same ones again.
			self.replaying = Some(replaying);
			return;
		}
		replaying.judged += letters.len();
		replaying.accepted += verdicts
			.iter()
			.filter(|verdict| matches!(verdict, Verdict::Accept { .. } | Verdict::Seal { .. }))
			.count();
		replaying.cut += cut;
		replaying.next = next;
		let count = letters.len() as u64;
		if !letters.is_empty() {
			if !self.write_down(letters, verdicts, stop).await {
				// The request stays for the next start.
				return;
			}
			self.parts.metrics.dead_letters_judged_again.inc_by(count);
		}
		if all {
			let Replaying {
				judged,
				accepted,
				cut,
				..
			} = replaying;
			tracing::info!(judged, accepted, cut, "dead letters were judged again");
			self.forget_replay().await;
		} else {
			self.replay_at = Instant::now() + REPLAY_PAUSE;
			self.replaying = Some(replaying);
		}
	}

	async fn forget_replay(&self) {
		if let Err(error) = replay::done(self.parts.store.path()).await {
			tracing::error!(%error, "the request for dead letters can not be removed");
		}
	}

	/// For each message why it can not be written down now, if so: there are as many parked ones as may be, or as many dead letters as may
	/// be that can become good.
	fn without_room(&self, letters: &[Letter], verdicts: &[Verdict]) -> Vec<Option<Hold>> {
		let Bounds { frames, bytes } = self.parts.bounds;
		let parks = |letter: &Letter, verdict: &Verdict| {
			*verdict == Verdict::Park && matches!(letter.origin, Origin::Broker(_))
		};
		let (mut parked, mut parked_bytes) = (self.parked, self.parked_bytes);
		for (letter, verdict) in letters.iter().zip(verdicts) {
			if parks(letter, verdict) {
				parked += 1;
				parked_bytes += letter.parked_bytes();
			}
		}
		let may_park = parked <= frames / PARKED_SHARE && parked_bytes <= bytes / PARKED_SHARE;
		let mut letters_left = self.parts.store.room_for_kept_letters();
		let without_room = |(letter, verdict): (&Letter, &Verdict)| match verdict {
			Verdict::Park => (!may_park && parks(letter, verdict)).then_some(Hold::Parked),
			// One that was a letter before takes the place of that one.
			Verdict::Refuse { reason, .. }
				if reason.can_heal() && !matches!(letter.origin, Origin::Dead(_)) =>
			{
				let room = letters_left > 0;
				letters_left = letters_left.saturating_sub(1);
				(!room).then_some(Hold::DeadLetters)
			}
			_ => None,
		};
		letters.iter().zip(verdicts).map(without_room).collect()
	}

	/// Judges messages of the broker, writes them down and acknowledges them. For what there is no room for, acknowledgements are held
	/// back until there is.
	async fn process(&mut self, mut letters: Vec<Letter>, stop: &Stop) {
		loop {
			let (judged, verdicts) = self.judge_all(letters).await;
			let holds = self.without_room(&judged, &verdicts);
			let why = match holds.contains(&Some(Hold::Parked)) {
				true => Some(Hold::Parked),
				false => holds.iter().find_map(|hold| *hold),
			};
			let (mut now, mut verdicts_now, mut held) = (Vec::new(), Vec::new(), Vec::new());
			for ((letter, verdict), hold) in judged.into_iter().zip(verdicts).zip(holds) {
				match hold {
					None => {
						now.push(letter);
						verdicts_now.push(verdict);
					}
					Some(_) => held.push(letter),
				}
			}
			// What was not written stays with the broker.
			if !now.is_empty() && !self.write_down(now, verdicts_now, stop).await {
				return;
			}
			self.parts.metrics.hold(why);
			let Some(why) = why else {
				return;
			};
			letters = held;
			tokio::select! {
				() = stop.requested() => return,
				() = async {
					tokio::time::sleep(JUDGE_AGAIN_AFTER).await;
					if why == Hold::Parked {
						self.parts.reachability.up().await;
					}
				} => {},
			}
			// What is parked goes first: as long as a message of a battery is, later ones of it have to be parked too.
			if self.parts.reachability.is_up() {
				self.take_all_parked(stop).await;
			}
			// And an operator who has letters judged again makes room for others.
			self.replay_some(stop).await;
		}
	}

	/// Judges messages; asks the ledger where what is known does not suffice.
	async fn judge_all(&self, letters: Vec<Letter>) -> (Vec<Letter>, Vec<Verdict>) {
		// What follows a parked message of the same battery is parked too: nothing is looked up for it.
		let overtakes = |letter: &Letter, name: &str| match letter.origin {
			Origin::Broker(_) => self.parked_batteries.contains_key(name),
			Origin::Parked(_) => self.left_behind.contains(name),
			Origin::Dead(_) => false,
		};
		let (mut of_frames, mut of_plain_json) = (BTreeSet::new(), BTreeSet::new());
		for letter in &letters {
			let name = letter.readable_battery();
			if let Some(name) = name.filter(|name| !overtakes(letter, name)) {
				match letter.plain {
					Some(_) => of_plain_json.insert(name.to_owned()),
					None => of_frames.insert(name.to_owned()),
				};
			}
		}
		let mut answers = self.parts.devices.look_up(&of_frames).await;
		// The bridge seals under the epoch of now: what it remembers may be from before a grant was revoked.
		answers.extend(self.parts.devices.ask_again(&of_plain_json).await);
		let answers = Arc::new(answers);
		let devices = &self.parts.devices;
		let index_of = |answer: Option<&Answer>| match answer {
			Some(Answer::Known(facts)) => Some(facts.index),
			_ => None,
		};
		let windows: HashMap<u32, SequenceWindow> = answers
			.values()
			.filter_map(|answer| index_of(Some(answer)))
			.map(|index| (index, devices.window(index)))
			.collect();
		let nothing_known = vec![None; letters.len()];
		let (mut letters, mut verdicts) = self.judge_by(letters, nothing_known, answers.clone()).await;
		let is_doubtful = |verdict: &Verdict| matches!(verdict, Verdict::Refuse { reason, .. } if reason.depends_on_ledger());
		let doubtful: BTreeSet<String> = letters
			.iter()
			.zip(&verdicts)
			.filter(|(_, verdict)| is_doubtful(verdict))
			.filter_map(|(letter, _)| letter.readable_battery().map(str::to_owned))
			.collect();
		if !doubtful.is_empty() {
			let asked = devices.ask_again(&doubtful).await;
			let changed = |name: &str| {
				let answer = asked.get(name);
				let index = index_of(answer);
				answer != answers.get(name)
					|| index.is_some_and(|index| windows.get(&index) != Some(&devices.window(index)))
			};
			// The rest stands: whoever publishes one bad frame among good ones does not have all of them checked twice.
			let known: Vec<_> = letters
				.iter()
				.zip(verdicts)
				.map(|(letter, verdict)| {
					let name = letter.readable_battery().filter(|_| is_doubtful(&verdict));
					(!name.is_some_and(changed)).then_some(verdict)
				})
				.collect();
			(letters, verdicts) = self.judge_by(letters, known, Arc::new(asked)).await;
		}
		// Within the group too: what follows a parked message is parked.
		let mut parked = BTreeSet::new();
		for (letter, verdict) in letters.iter().zip(&mut verdicts) {
			if let Some(name) = battery(&letter.topic) {
				match verdict {
					Verdict::Park => {
						parked.insert(name);
					}
					Verdict::Accept { .. } | Verdict::Seal { .. } if parked.contains(name) => {
						*verdict = Verdict::Park;
					}
					_ => {}
				}
			}
		}
		(letters, verdicts)
	}

	/// Judges the messages whose verdict is not known by these answers, on a thread for work that takes time: the signatures of a group
	/// take some milliseconds.
	async fn judge_by(
		&self,
		letters: Vec<Letter>,
		known: Vec<Option<Verdict>>,
		answers: Arc<HashMap<String, Answer>>,
	) -> (Vec<Letter>, Vec<Verdict>) {
		let to_judge = known.iter().filter(|verdict| verdict.is_none()).count();
		#[cfg(test)]
		self.judged
			.fetch_add(to_judge, std::sync::atomic::Ordering::SeqCst);
		if to_judge == 0 {
			return (letters, known.into_iter().flatten().collect());
		}
		let genesis_hash = self.parts.genesis_hash;
		let now = Now {
			here: self.parts.clock.unix_seconds(),
			ledger: self.parts.ledger_time.unix_seconds(),
		};
		let (devices, bad_signatures) = (self.parts.devices.clone(), self.bad_signatures.clone());
		let letters = Arc::new(letters);
		let shared = letters.clone();
		let judged = tokio::task::spawn_blocking(move || {
			let judge_one = |letter: &Letter| {
				let answer = battery(&letter.topic).and_then(|name| answers.get(name));
				let answer = answer.unwrap_or(&Answer::Unanswered);
				if let Some(plain) = &letter.plain {
					return Err(judge_plain_json(plain, answer, now));
				}
				let judged = judge(
					&letter.topic,
					&letter.payload,
					letter.redelivered,
					answer,
					&devices,
					&genesis_hash,
					now,
				);
				match judged {
					// The window does not tell any more, and the broker sends again what it was told on a connection that was cut.
					Err(Verdict::Refuse {
						reason: Reason::Frame(FrameRefusal::TooOld),
						device: Some(device),
						sequence: Some(sequence),
					}) if letter.redelivered
						&& devices.is_settled(FrameKey { device, sequence }, &letter.payload) =>
					{
						Err(Verdict::Duplicate)
					}
					judged => judged,
				}
			};
			let judged: Vec<_> = shared
				.iter()
				.zip(known)
				.map(|(letter, known)| known.map_or_else(|| judge_one(letter), Err))
				.collect();
			let unchecked: Vec<_> = judged.iter().flatten().map(|frame| &frame.signature).collect();
			let mut findings = signatures::check(&unchecked, &bad_signatures, Instant::now()).into_iter();
			judged
				.into_iter()
				.map(|judged| match judged {
					Ok(frame) => frame.verdict(findings.next().unwrap_or(Finding::Flood)),
					Err(verdict) => verdict,
				})
				.collect::<Vec<_>>()
		})
		.await;
		let letters = Arc::unwrap_or_clone(letters);
		let verdicts = judged.unwrap_or_else(|error| {
			// A check that ended early must neither lose nor admit anything.
			tracing::error!(%error, "a check ended early; the messages are judged again later");
			vec![Verdict::Park; letters.len()]
		});
		(letters, verdicts)
	}

	/// Writes down what was judged, then acknowledges. `false`: it was time to stop, and nothing was written.
	async fn write_down(&mut self, letters: Vec<Letter>, verdicts: Vec<Verdict>, stop: &Stop) -> bool {
		let metrics = self.parts.metrics.clone();
		let mut changes = Changes::default();
		let mut reasons = Vec::new();
		let mut accepted: HashMap<FrameKey, usize> = HashMap::new();
		let mut queued = Vec::new();
		let mut tickets = Vec::new();
		let mut newly_parked = Vec::new();
		let mut unparked = Vec::new();
		let mut unparked_bytes = 0;
		let mut duplicates = 0;
		let mut not_kept = 0;
		let mut sealed = HashMap::new();
		let mut newly_sealed = 0;
		let refused_ms = self.parts.clock.unix_ms();
		let now_ms = self.parts.queue.timeline().now_ms();
		let Some(anchored) = self.anchored_before(&verdicts, stop).await else {
			return false;
		};
		for (mut letter, verdict) in letters.into_iter().zip(verdicts) {
			match (letter.origin, verdict) {
				(Origin::Broker(ticket), _) => tickets.push(ticket),
				// Stays where it is.
				(Origin::Parked(_) | Origin::Dead(_), Verdict::Park) => continue,
				(Origin::Dead(number), _) => changes.revived.push(number),
				(Origin::Parked(number), _) => {
					changes.judged.push(number);
					unparked_bytes += letter.parked_bytes();
					unparked.extend(battery(&letter.topic).map(str::to_owned));
				}
			}
			let verdict = match verdict {
				Verdict::Accept { key, .. } => {
					let same = match anchored.get(&key) {
						Some(before) => Some(Some(*before == fingerprint(&letter.payload))),
						None => {
							self.same_as_queued(&key, &letter.payload, &changes, &accepted, stop)
								.await
						}
					};
					match same {
						Some(None) => verdict,
						Some(Some(true)) => Verdict::Duplicate,
						// The battery signed two frames with one sequence: the first one counts.
						Some(Some(false)) => Verdict::Refuse {
							reason: Reason::Frame(FrameRefusal::Replayed),
							device: Some(key.device),
							sequence: Some(key.sequence),
						},
						None => return false,
					}
				}
				// Here and not on a thread of its own: sequences follow the order of the messages, and such messages are few.
				Verdict::Seal {
					device,
					key_epoch,
					key_from_sequence,
				} => {
					let verdict = self.seal(&mut letter, device, key_epoch, key_from_sequence, &mut sealed);
					newly_sealed += u64::from(matches!(verdict, Verdict::Accept { .. }));
					verdict
				}
				other => other,
			};
			match verdict {
				Verdict::Accept { key, urgent } => {
					let meta = Queued {
						bytes: u32::try_from(letter.payload.len()).unwrap_or(u32::MAX),
						arrival_ms: arrival(now_ms, refused_ms, letter.received_ms),
						urgent,
						attempted: false,
					};
					accepted.insert(key, changes.queue.len());
					queued.push((key, meta));
					changes.queue.push((
						key,
						QueuedFrame {
							topic: letter.topic,
							received_ms: letter.received_ms,
							urgent,
							frame: letter.payload,
						},
					));
				}
				Verdict::Duplicate => duplicates += 1,
				Verdict::Refuse {
					reason,
					device,
					sequence,
				} => {
					reasons.push(reason);
					let name = battery(&letter.topic).unwrap_or_default();
					// One that was kept before is kept again, and so is what may become good.
					if !matches!(letter.origin, Origin::Dead(_))
						&& !reason.can_heal()
						&& !self.letter_counts.keep(name, Instant::now())
					{
						not_kept += 1;
						continue;
					}
					changes.dead.push(dead_letter(
						reason,
						RefusedBy::Bridge,
						&letter.topic,
						letter.received_ms,
						refused_ms,
						device,
						sequence,
						letter.payload,
					));
				}
				// What is to be sealed was: nothing comes here with that verdict.
				Verdict::Park | Verdict::Seal { .. } => {
					newly_parked.push((letter.topic.clone(), letter.parked_bytes()));
					changes.park.push(Parked {
						topic: letter.topic,
						received_ms: letter.received_ms,
						payload: letter.payload,
						redelivered: letter.redelivered,
					});
				}
			}
		}
		// In the same write as the frames: a sequence is never used twice, and no message is two frames.
		changes.sealed = sealed.into_iter().collect();
		let changes = Arc::new(changes);
		let written = {
			let (store, changes) = (self.parts.store.clone(), changes.clone());
			self.blocking(stop, move || store.commit(&changes, Durability::Synced))
				.await
		};
		// Not written: not acknowledged. The broker keeps it.
		let Some(committed) = written else {
			return false;
		};
		metrics
			.dead_letters_dropped
			.inc_by(committed.dead_letters_dropped + not_kept);
		for (device, state) in &changes.sealed {
			self.sealed_before.remove(device);
			self.sealed.insert(*device, state.clone());
		}
		metrics.plain_json_sealed.inc_by(newly_sealed);
		metrics.frames_accepted.inc_by(queued.len() as u64);
		metrics.frames_duplicate.inc_by(duplicates);
		for reason in reasons {
			metrics.refused(reason);
		}
		for (topic, bytes) in newly_parked {
			self.note_parked(&topic, bytes);
		}
		self.parked = self.parked.saturating_sub(changes.judged.len());
		self.parked_bytes = self.parked_bytes.saturating_sub(unparked_bytes);
		for name in unparked {
			if let Some(count) = self.parked_batteries.get_mut(&name) {
				*count -= 1;
				if *count == 0 {
					self.parked_batteries.remove(&name);
				}
			}
		}
		self.parts.queue.insert(queued);
		self.show_gauges();
		for ticket in tickets {
			self.parts.gate.acknowledge(ticket);
		}
		true
	}

	/// Makes plain JSON a frame of the battery's device, in place of the message. `sealed` is what this group has changed.
	fn seal(
		&self,
		letter: &mut Letter,
		device: u32,
		key_epoch: u32,
		key_from_sequence: u64,
		sealed: &mut HashMap<u32, SealedState>,
	) -> Verdict {
		let refuse = |reason| Verdict::Refuse {
			reason,
			device: Some(device),
			sequence: None,
		};
		let (Some(vault), Some(name), Some(Ok(plain))) =
			(self.parts.vault.as_deref(), battery(&letter.topic), &letter.plain)
		else {
			return refuse(Reason::PlainJson(PlainRefusal::NoKey));
		};
		let Some(of_vault) = vault.find(name) else {
			return refuse(Reason::PlainJson(PlainRefusal::NoKey));
		};
		let of_this_run = sealed.get(&device).or_else(|| self.sealed.get(&device));
		let is_first = of_this_run.is_none();
		let known = of_this_run.or_else(|| self.sealed_before.get(&device));
		let mut state = known.cloned().unwrap_or_else(|| SealedState::starting_at(0));
		let message = digest(&letter.topic, &letter.payload);
		if state.messages.contains(&message) {
			return Verdict::Duplicate;
		}
		let highest = self.parts.devices.window(device).highest();
		let is_behind = state.next_sequence <= highest;
		if is_behind && state.next_sequence > 0 {
			tracing::warn!(
				battery = name,
				highest,
				"the ledger has sequences that this bridge did not give out: the data directory is an old copy, or another bridge has this vault"
			);
		}
		// Once in each run, also where the ledger shows nothing: an old copy of the directory does not know what was given out since,
		// and the ledger not what is on its way.
		if is_first || is_behind {
			let ledger_seconds = self.parts.ledger_time.unix_seconds().unwrap_or(0);
			let now_seconds = self.parts.clock.unix_seconds().max(ledger_seconds);
			state.next_sequence = state.next_sequence.max(first_sequence(highest, now_seconds));
		}
		// Below it another key signs. It is no leap: a rotation is at most as far ahead as a frame may be.
		state.next_sequence = state.next_sequence.max(key_from_sequence);
		let sequence = state.next_sequence;
		let frame = vault.seal(
			of_vault,
			&plain.reading,
			key_epoch,
			sequence,
			&self.parts.genesis_hash,
		);
		let frame = match frame {
			Ok(frame) => frame,
			Err(error) => {
				tracing::error!(%error, battery = name, "a reading could not be sealed");
				return refuse(Reason::Frame(FrameRefusal::Malformed));
			}
		};
		let kind = topic::parse(&letter.topic).map_or(FrameTopic::Telemetry, |(_, kind)| kind);
		let topic = format!("{}/{name}/{}", topic::ROOT, kind.suffix());
		letter.topic = topic;
		letter.payload = frame;
		state.sealed(message);
		sealed.insert(device, state);
		Verdict::Accept {
			key: FrameKey { device, sequence },
			urgent: kind == FrameTopic::CriticalAlert,
		}
	}

	/// Fingerprints of the frames that are anchored under the keys of those that are to be queued. On the anchored path the ledger's windows
	/// do not move, and after a change of path it would take them a second time. `None`: it is time to stop.
	async fn anchored_before(&self, verdicts: &[Verdict], stop: &Stop) -> Option<HashMap<FrameKey, u32>> {
		let keys: Vec<FrameKey> = verdicts
			.iter()
			.filter_map(|verdict| match verdict {
				Verdict::Accept { key, .. } => Some(*key),
				_ => None,
			})
			.collect();
		if !self.has_anchored || keys.is_empty() {
			return Some(HashMap::new());
		}
		let store = self.parts.store.clone();
		self.blocking(stop, move || {
			let found = store.anchored_frames(keys.iter().copied())?;
			let anchored = keys.iter().zip(found);
			Ok(anchored
				.filter_map(|(key, frame)| Some((*key, frame?.fingerprint)))
				.collect())
		})
		.await
	}

	/// Whether a frame with this key waits already, here or on disk: `Some(Some(true))` the same one,
	/// `Some(Some(false))` another one, `Some(None)` none. `None`: it is time to stop.
	async fn same_as_queued(
		&self,
		key: &FrameKey,
		payload: &[u8],
		changes: &Changes,
		accepted: &HashMap<FrameKey, usize>,
		stop: &Stop,
	) -> Option<Option<bool>> {
		if let Some(position) = accepted.get(key) {
			return Some(
				changes
					.queue
					.get(*position)
					.map(|(_, earlier)| earlier.frame == payload),
			);
		}
		if !self.parts.queue.with(|queue| queue.contains(key)) {
			return Some(None);
		}
		let (store, key) = (self.parts.store.clone(), *key);
		let stored = self.blocking(stop, move || store.frames([key])).await?;
		Some(
			stored
				.into_iter()
				.flatten()
				.next()
				.map(|earlier| earlier.frame == payload),
		)
	}

	/// Works on the store until it succeeds; the store opens itself again. Meanwhile nothing is read or
	/// acknowledged, and polling goes on. `None`: it is time to stop.
	async fn blocking<T: Send + 'static>(
		&self,
		stop: &Stop,
		work: impl Fn() -> Result<T, StoreError> + Send + Sync + 'static,
	) -> Option<T> {
		let work = Arc::new(work);
		let mut backoff = self.parts.backoff;
		let mut told = false;
		loop {
			let attempt = work.clone();
			match tokio::task::spawn_blocking(move || attempt()).await {
				Ok(Ok(done)) => {
					if told {
						self.parts.metrics.hold(None);
						tracing::info!("the store works again");
					}
					return Some(done);
				}
				Ok(Err(error)) => {
					self.parts.metrics.store_errors.inc();
					if !told {
						told = true;
						self.parts.metrics.hold(Some(Hold::Store));
						tracing::error!(%error, "the store does not work; acknowledgements are held back until it does");
					}
				}
				Err(error) => tracing::error!(%error, "work on the store ended early"),
			}
			tokio::select! {
				() = tokio::time::sleep(backoff.failed()) => {},
				() = stop.requested() => return None,
			}
		}
	}

	fn note_parked(&mut self, topic: &str, bytes: usize) {
		self.parked += 1;
		self.parked_bytes += bytes;
		if let Some(name) = battery(topic) {
			*self.parked_batteries.entry(name.to_owned()).or_default() += 1;
		}
	}

	fn show_gauges(&self) {
		self.parts
			.metrics
			.messages_parked
			.set(i64::try_from(self.parked).unwrap_or(i64::MAX));
	}
}

/// When a message arrived, on the timeline: `received_ms` and `unix_now_ms` are of the world's clock.
pub(crate) fn arrival(now_ms: i64, unix_now_ms: u64, received_ms: u64) -> i64 {
	now_ms.saturating_sub(i64::try_from(unix_now_ms.saturating_sub(received_ms)).unwrap_or(i64::MAX))
}

/// A dead letter, cut to what is kept.
#[allow(clippy::too_many_arguments)] // Each is a field; a struct of them would be the dead letter again.
pub(crate) fn dead_letter(
	reason: Reason,
	refused_by: RefusedBy,
	topic: &str,
	received_ms: u64,
	refused_ms: u64,
	device: Option<u32>,
	sequence: Option<u64>,
	mut payload: Vec<u8>,
) -> DeadLetter {
	let bytes = payload.len() as u64;
	payload.truncate(MAX_KEPT_BYTES);
	DeadLetter {
		reason: reason.name().to_owned(),
		refused_by,
		topic: shortened(topic, MAX_KEPT_TOPIC_BYTES).to_owned(),
		received_ms,
		refused_ms,
		device,
		sequence,
		bytes,
		payload,
	}
}

/// The dead letter of a frame that was queued.
pub(crate) fn dead_letter_of_queued(
	reason: Reason,
	refused_by: RefusedBy,
	key: FrameKey,
	frame: QueuedFrame,
	refused_ms: u64,
) -> DeadLetter {
	dead_letter(
		reason,
		refused_by,
		&frame.topic,
		frame.received_ms,
		refused_ms,
		Some(key.device),
		Some(key.sequence),
		frame.frame,
	)
}

/// Waits after a failed write: the disk is not asked more than a few times a second, and a minute after it
/// has room again all goes on.
pub const STORE_BACKOFF: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		batch::Limits,
		clock::Timeline,
		ledger::fake::FakeLedger,
		mqtt::fake::{packet, FakeAcknowledger},
		stop,
		store::{read_dead_letters, AnchoredFrame, DeviceState, FinalAnchor},
		test_battery::{Battery, GENESIS, NOW_SECONDS},
	};
	use passport_primitives::{battery::PassportId, telemetry::crypto};
	use std::sync::atomic::Ordering;

	struct Bench {
		directory: tempfile::TempDir,
		ledger: Arc<FakeLedger>,
		reachability: Arc<Reachability>,
		devices: Arc<Devices<FakeLedger>>,
		store: Arc<Store>,
		queue: Arc<SharedQueue>,
		gate: Arc<AckGate<FakeAcknowledger>>,
		acknowledger: FakeAcknowledger,
		metrics: Arc<Metrics>,
		intake: Intake<FakeLedger, FakeAcknowledger>,
		_stopper: stop::Stopper,
		stop: Stop,
		next_packet: u16,
		redelivered: bool,
	}

	fn bench() -> Bench {
		bench_on(tempfile::tempdir().unwrap(), Arc::new(FakeLedger::new(1)))
	}

	fn bench_on(directory: tempfile::TempDir, ledger: Arc<FakeLedger>) -> Bench {
		bench_with(directory, ledger, 1_000)
	}

	fn bench_with(directory: tempfile::TempDir, ledger: Arc<FakeLedger>, max_dead_letters: u64) -> Bench {
		let reachability = Arc::new(Reachability::default());
		let store = Arc::new(Store::open(directory.path(), max_dead_letters).unwrap());
		let devices = Arc::new(Devices::load(ledger.clone(), reachability.clone(), store.clone()).unwrap());
		let limits = Limits {
			frames: 256,
			bytes: 262_144,
			age: Duration::from_millis(500),
		};
		let queue = Arc::new(SharedQueue::new(limits, Timeline::start()));
		let metrics = Arc::new(Metrics::new(1).unwrap());
		let acknowledger = FakeAcknowledger::default();
		let gate = Arc::new(AckGate::new(acknowledger.clone(), metrics.clone()));
		gate.link_up();
		let intake = Intake::load(Parts {
			devices: devices.clone(),
			reachability: reachability.clone(),
			store: store.clone(),
			queue: queue.clone(),
			gate: gate.clone(),
			metrics: metrics.clone(),
			clock: Clock::new(|| Duration::from_secs(NOW_SECONDS)),
			ledger_time: Arc::default(),
			genesis_hash: GENESIS,
			bounds: Bounds {
				frames: 1_000,
				bytes: 1_000_000,
			},
			backoff: Backoff::new(Duration::from_millis(1), Duration::from_millis(1)),
			vault: None,
		})
		.unwrap();
		let (stopper, stop) = stop::channel();
		Bench {
			directory,
			ledger,
			reachability,
			devices,
			store,
			queue,
			gate,
			acknowledger,
			metrics,
			intake,
			_stopper: stopper,
			stop,
			next_packet: 1,
			redelivered: false,
		}
	}

	impl Bench {
		fn register(&self, battery: &Battery) {
			self.ledger.register(
				&battery.name,
				battery.index,
				battery.passport(),
				battery.public_key(),
			);
		}

		fn message(&mut self, topic: &str, payload: &[u8]) -> Message {
			let ticket = self.gate.ticket(packet(self.next_packet));
			self.next_packet += 1;
			Message {
				topic: topic.to_owned(),
				payload: payload.to_vec(),
				redelivered: self.redelivered,
				ticket,
			}
		}

		async fn take(&mut self, messages: &[(String, Vec<u8>)]) {
			let group = messages
				.iter()
				.map(|(topic, payload)| self.message(topic, payload))
				.collect();
			let stop = self.stop.clone();
			self.intake.take(group, &stop).await;
		}

		fn dead(&self) -> Vec<DeadLetter> {
			let mut all = Vec::new();
			read_dead_letters::<StoreError>(self.directory.path(), |_, letter| {
				all.push(letter);
				Ok(())
			})
			.unwrap();
			all
		}

		fn refused(&self, reason: &str) -> u64 {
			self.metrics.frames_refused.with_label_values(&[reason]).get()
		}

		fn acknowledged(&self) -> usize {
			crate::lock(&self.acknowledger.0).packets.len()
		}

		fn queued(&self) -> usize {
			self.queue.with(|queue| queue.len())
		}
	}

	#[tokio::test]
	async fn every_refusal_is_a_dead_letter_with_its_reason_and_the_others_go_on() {
		let mut bench = bench();
		bench.intake.parts.ledger_time.note(7, NOW_SECONDS);
		let battery = Battery::new(1);
		let sleeping = Battery::new(2);
		let stranger = Battery::new(3);
		bench.register(&battery);
		bench.register(&sleeping);
		{
			let mut chain = bench.ledger.chain();
			chain.devices.get_mut(&sleeping.name).unwrap().active = false;
			let window = chain.windows.entry(battery.index).or_default();
			window.take(100).unwrap();
		}
		let flipped = {
			let mut frame = battery.frame(120);
			*frame.last_mut().unwrap() ^= 1;
			frame
		};
		let cases: Vec<(&str, String, Vec<u8>)> = vec![
			("malformed", battery.topic(), b"{\"soh\": 97}".to_vec()),
			("malformed", battery.topic(), Vec::new()),
			("oversized", battery.topic(), vec![1; MAX_FRAME_BYTES + 1]),
			(
				"unexpected_topic",
				"wia/battery-passport/x/telemetry/soh".into(),
				battery.frame(121),
			),
			("unknown_battery", stranger.topic(), stranger.frame(1)),
			("device_not_active", sleeping.topic(), sleeping.frame(1)),
			("wrong_key_epoch", battery.topic(), battery.frame_of_epoch(122, 5)),
			(
				"replayed",
				battery.topic(),
				battery.frame_at(100, NOW_SECONDS - 2 * REPEATS_EXPECTED_SECONDS),
			),
			("too_old", battery.topic(), battery.frame(36)),
			("sequence_leap", battery.topic(), battery.frame(101 + (1 << 32))),
			(
				"stale",
				battery.topic(),
				battery.frame_at(123, NOW_SECONDS - 31 * 24 * 3600),
			),
			(
				"from_the_future",
				battery.topic(),
				battery.frame_at(124, NOW_SECONDS + 301),
			),
			("bad_signature", battery.topic(), flipped),
			("bad_signature", battery.topic(), stranger.frame(125)),
		];
		// Good ones before, between and after.
		let mut messages = vec![(battery.topic(), battery.frame(101))];
		for (position, (_, topic, payload)) in cases.iter().enumerate() {
			messages.push((topic.clone(), payload.clone()));
			messages.push((battery.topic(), battery.frame(102 + position as u64)));
		}
		bench.take(&messages).await;
		let dead: Vec<_> = bench.dead().into_iter().map(|letter| letter.reason).collect();
		let expected: Vec<_> = cases.iter().map(|(reason, _, _)| (*reason).to_owned()).collect();
		assert_eq!(dead, expected);
		for (reason, _, _) in &cases {
			let count = cases.iter().filter(|(other, _, _)| other == reason).count() as u64;
			assert_eq!(bench.refused(reason), count, "{reason}");
		}
		assert_eq!(bench.queued(), cases.len() + 1);
		assert_eq!(bench.acknowledged(), messages.len());
	}

	#[tokio::test]
	async fn a_frame_that_was_signed_for_another_battery_is_a_bad_signature_though_both_devices_have_one_key()
	{
		let mut bench = bench();
		let own = Battery::new(1);
		// Nobody keeps a maker from giving the devices of two batteries one key.
		let other = Battery {
			seed: own.seed,
			..Battery::new(2)
		};
		assert_eq!(own.public_key(), other.public_key());
		bench.register(&own);
		bench.register(&other);
		bench
			.take(&[
				(own.topic(), own.frame(1)),
				(own.topic(), other.frame(2)),
				(other.topic(), own.frame(1)),
				(other.topic(), other.frame(2)),
			])
			.await;
		let dead: Vec<_> = bench
			.dead()
			.into_iter()
			.map(|letter| (letter.reason, letter.device, letter.sequence))
			.collect();
		assert_eq!(
			dead,
			[
				("bad_signature".to_owned(), Some(1), Some(2)),
				("bad_signature".to_owned(), Some(2), Some(1)),
			]
		);
		assert_eq!((bench.queued(), bench.acknowledged()), (2, 4));
	}

	#[tokio::test]
	async fn rubbish_under_one_name_does_not_push_the_letters_of_others_out() {
		let mut bench = bench();
		let (loud, quiet) = (Battery::new(1), Battery::new(2));
		let mut messages = vec![(quiet.topic(), b"rubbish".to_vec())];
		messages.extend((0..LETTERS_A_MINUTE + 50).map(|_| (loud.topic(), b"rubbish".to_vec())));
		bench.take(&messages).await;
		// The bench keeps a thousand letters: those of one battery in a minute leave no room for one more.
		assert_eq!(bench.dead().len(), 1_000);
		assert_eq!(bench.refused("malformed") as usize, messages.len());
		assert_eq!(bench.metrics.dead_letters_dropped.get(), 51);
		assert_eq!(bench.acknowledged(), messages.len());
		let mut counts = LetterCounts::default();
		let start = Instant::now();
		let kept = |counts: &mut LetterCounts, name, now| {
			(0..2 * LETTERS_A_MINUTE)
				.filter(|_| counts.keep(name, now))
				.count()
		};
		assert_eq!(kept(&mut counts, "loud", start), LETTERS_A_MINUTE);
		assert_eq!(kept(&mut counts, "quiet", start), LETTERS_A_MINUTE);
		let later = start + Duration::from_secs(60);
		assert_eq!(kept(&mut counts, "loud", later), LETTERS_A_MINUTE);
	}

	#[tokio::test]
	async fn a_dead_letter_tells_what_was_sent() {
		let mut bench = bench();
		let battery = Battery::new(1);
		bench.register(&battery);
		let mut frame = battery.frame(9);
		*frame.last_mut().unwrap() ^= 1;
		bench
			.take(&[
				(battery.topic(), frame.clone()),
				(battery.topic(), vec![7; 20_000]),
			])
			.await;
		let dead = bench.dead();
		assert_eq!(dead[0].device, Some(battery.index));
		assert_eq!(dead[0].sequence, Some(9));
		assert_eq!(dead[0].payload, frame);
		assert_eq!(dead[0].topic, battery.topic());
		assert_eq!(dead[0].received_ms, NOW_SECONDS * 1_000);
		assert_eq!((dead[1].bytes, dead[1].payload.len()), (20_000, MAX_KEPT_BYTES));
	}

	#[tokio::test]
	async fn frames_of_earlier_epochs_are_taken_and_none_of_the_future() {
		let mut bench = bench();
		let battery = Battery::new(1);
		bench.register(&battery);
		bench
			.ledger
			.chain()
			.devices
			.get_mut(&battery.name)
			.unwrap()
			.key_epoch = 4;
		bench
			.take(&[
				(battery.topic(), battery.frame_of_epoch(1, 4)),
				(battery.topic(), battery.frame_of_epoch(2, 0)),
				(battery.topic(), battery.frame_of_epoch(3, 5)),
			])
			.await;
		assert_eq!(bench.queued(), 2);
		assert_eq!(bench.refused("wrong_key_epoch"), 1);
	}

	#[tokio::test]
	async fn a_second_delivery_is_acknowledged_and_queued_once() {
		let mut bench = bench();
		let battery = Battery::new(1);
		bench.register(&battery);
		let frame = (battery.topic(), battery.frame(1));
		bench.take(&[frame.clone(), frame.clone()]).await;
		bench.take(std::slice::from_ref(&frame)).await;
		// And once it is final.
		let key = FrameKey {
			device: battery.index,
			sequence: 1,
		};
		bench
			.devices
			.update(battery.index, |state| state.taken(1, &frame.1));
		let batch = bench.queue.with(|queue| match queue.next(i64::MAX) {
			crate::batch::Next::Batch(batch) => batch,
			other => panic!("{other:?}"),
		});
		bench.queue.finish(&batch, &[key]);
		bench.take(&[frame]).await;
		assert_eq!(bench.queued(), 0);
		assert_eq!(bench.metrics.frames_duplicate.get(), 3);
		assert_eq!(bench.acknowledged(), 4);
		assert_eq!(bench.dead(), []);
	}

	#[tokio::test]
	async fn a_copy_of_a_taken_frame_is_a_replay_once_nobody_has_a_reason_to_send_it_again() {
		let mut bench = bench();
		let battery = Battery::new(1);
		bench.register(&battery);
		let taken = bench
			.ledger
			.chain()
			.devices
			.get_mut(&battery.name)
			.map(|facts| facts.window.take(1));
		assert_eq!(taken, Some(Ok(())));
		// What the ledger knows is known here from the first message on.
		bench.take(&[(battery.topic(), battery.frame(2))]).await;
		let made = |seconds_ago| battery.frame_at(1, NOW_SECONDS - seconds_ago);
		for (seconds_ago, redelivered, replay) in [
			(REPEATS_EXPECTED_SECONDS / 2, false, false),
			(2 * REPEATS_EXPECTED_SECONDS, true, false),
			(2 * REPEATS_EXPECTED_SECONDS, false, true),
		] {
			let frame = made(seconds_ago);
			bench.devices.update(battery.index, |state| {
				*state = DeviceState::default();
				state.taken(1, &frame);
			});
			bench.redelivered = redelivered;
			let (refused, duplicates) = (bench.refused("replayed"), bench.metrics.frames_duplicate.get());
			bench.take(&[(battery.topic(), frame)]).await;
			assert_eq!(
				bench.refused("replayed") - refused,
				u64::from(replay),
				"{seconds_ago}"
			);
			assert_eq!(
				bench.metrics.frames_duplicate.get() - duplicates,
				u64::from(!replay)
			);
		}
		assert_eq!(bench.dead().len(), 1);
	}

	#[tokio::test]
	async fn a_frame_that_another_bridge_brought_is_no_dead_letter_and_a_forged_one_is() {
		let mut bench = bench();
		let battery = Battery::new(1);
		bench.register(&battery);
		bench
			.ledger
			.chain()
			.windows
			.entry(1)
			.or_default()
			.take(1)
			.unwrap();
		let mut forged = battery.frame(1);
		*forged.last_mut().unwrap() ^= 1;
		bench
			.take(&[(battery.topic(), battery.frame(1)), (battery.topic(), forged)])
			.await;
		assert_eq!(bench.metrics.frames_duplicate.get(), 1);
		assert_eq!(bench.refused("replayed"), 1);
	}

	#[tokio::test]
	async fn a_frame_that_the_broker_sends_again_is_known_also_when_it_is_far_behind_the_window() {
		let mut bench = bench();
		let battery = Battery::new(1);
		bench.register(&battery);
		bench
			.ledger
			.chain()
			.windows
			.entry(1)
			.or_default()
			.take(500)
			.unwrap();
		let key = FrameKey {
			device: battery.index,
			sequence: 1,
		};
		bench.devices.settle(key, &battery.frame(1));
		let again = [(battery.topic(), battery.frame(1))];
		bench.take(&again).await;
		assert_eq!(bench.refused("too_old"), 1);
		bench.redelivered = true;
		bench.take(&again).await;
		assert_eq!(bench.metrics.frames_duplicate.get(), 1);
		// Another one with the same sequence, and one that nobody knows of.
		let other = battery.frame_at(1, NOW_SECONDS - 60);
		bench
			.take(&[(battery.topic(), other), (battery.topic(), battery.frame(2))])
			.await;
		assert_eq!(bench.refused("too_old"), 3);
	}

	#[tokio::test]
	async fn of_two_frames_with_one_sequence_the_first_counts() {
		let mut bench = bench();
		let battery = Battery::new(1);
		bench.register(&battery);
		let other = (battery.topic(), battery.frame_at(1, NOW_SECONDS - 60));
		bench
			.take(&[(battery.topic(), battery.frame(1)), other.clone()])
			.await;
		bench.take(&[other]).await;
		assert_eq!(bench.queued(), 1);
		assert_eq!(bench.refused("replayed"), 2);
	}

	#[tokio::test]
	async fn nothing_is_acknowledged_before_it_is_on_disk() {
		let mut bench = bench();
		let battery = Battery::new(1);
		bench.register(&battery);
		bench.store.fail_commits.store(3, Ordering::SeqCst);
		bench
			.take(&[
				(battery.topic(), battery.frame(1)),
				(battery.topic(), b"rubbish".to_vec()),
			])
			.await;
		assert_eq!(bench.metrics.store_errors.get(), 3);
		assert_eq!((bench.acknowledged(), bench.queued()), (2, 1));
		// A disk that stays full: the bridge is stopped, and the broker still has the message.
		bench.store.fail_commits.store(usize::MAX, Ordering::SeqCst);
		let group = vec![bench.message(&battery.topic(), &battery.frame(2))];
		let (stopper, stop) = stop::channel();
		let metrics = bench.metrics.clone();
		let stopping = async move {
			while metrics.store_errors.get() < 5 {
				tokio::task::yield_now().await;
			}
			stopper.stop();
		};
		tokio::join!(bench.intake.take(group, &stop), stopping);
		assert_eq!((bench.acknowledged(), bench.queued()), (2, 1));
	}

	#[tokio::test]
	async fn a_rotated_key_is_asked_for_and_its_frames_are_taken() {
		let mut bench = bench();
		let battery = Battery::new(1);
		bench.register(&battery);
		bench.take(&[(battery.topic(), battery.frame(1))]).await;
		let rotated = Battery { seed: 77, ..battery };
		bench.register(&rotated);
		// Asked a moment ago: the first frames under the new key are too early to ask again for.
		bench.devices.doubt(&rotated.name);
		bench.take(&[(rotated.topic(), rotated.frame(2))]).await;
		assert_eq!(bench.queued(), 2);
		assert_eq!(bench.dead(), []);
	}

	/// A battery, and the same one with the key that it gets from sequence 10 on.
	fn before_and_after_rotation() -> (Battery, Battery) {
		let before = Battery::new(1);
		let after = Battery {
			seed: 77,
			..before.clone()
		};
		(before, after)
	}

	#[tokio::test]
	async fn a_late_frame_of_a_former_key_is_queued_also_after_a_restart_without_a_node() {
		let mut bench = bench();
		let (first, second) = before_and_after_rotation();
		let third = Battery {
			seed: 78,
			..first.clone()
		};
		bench.register(&first);
		bench.ledger.rotate(&first.name, second.public_key(), 10);
		bench.ledger.rotate(&first.name, third.public_key(), 20);
		// The last and the first sequences of each key, and those next to them.
		let frames = |from_the_edge: u64| {
			[
				(third.topic(), third.frame(20 + from_the_edge)),
				(second.topic(), second.frame(19 - from_the_edge)),
				(second.topic(), second.frame(10 + from_the_edge)),
				(first.topic(), first.frame(9 - from_the_edge)),
			]
		};
		bench.take(&frames(0)).await;
		assert_eq!((bench.queued(), bench.dead().len()), (4, 0));
		let mut bench = bench.restarted();
		bench.ledger.chain().unreachable = true;
		bench.take(&frames(1)).await;
		assert_eq!((bench.queued(), bench.dead().len()), (4, 0));
		assert_eq!(bench.ledger.chain().lookups, 1);
	}

	#[tokio::test]
	async fn a_key_that_signs_sequences_of_another_one_is_a_bad_signature_after_asking_again() {
		let mut bench = bench();
		let (before, after) = before_and_after_rotation();
		bench.register(&before);
		bench.ledger.rotate(&before.name, after.public_key(), 10);
		bench.take(&[(after.topic(), after.frame(12))]).await;
		for (frame, lookups) in [
			// The former key where the new one counts already.
			(before.frame(10), 2),
			(before.frame(13), 3),
			// The new key where it does not count yet.
			(after.frame(9), 4),
		] {
			// After a restart what is known is old enough to ask again.
			bench = bench.restarted();
			bench.take(&[(before.topic(), frame)]).await;
			assert_eq!((bench.refused("bad_signature"), bench.queued()), (1, 0));
			assert_eq!(bench.ledger.chain().lookups, lookups);
		}
	}

	#[tokio::test]
	async fn what_was_learned_before_a_rotation_is_asked_for_again_and_refuses_nothing_good() {
		let mut bench = bench();
		let (before, after) = before_and_after_rotation();
		bench.register(&before);
		bench.take(&[(before.topic(), before.frame(1))]).await;
		bench.ledger.rotate(&before.name, after.public_key(), 10);
		let mut bench = bench.restarted();
		bench
			.take(&[
				(after.topic(), after.frame(10)),
				(before.topic(), before.frame(9)),
				(after.topic(), after.frame(8)),
			])
			.await;
		assert_eq!((bench.queued(), bench.refused("bad_signature")), (2, 1));
		assert_eq!(bench.ledger.chain().lookups, 2);
	}

	#[tokio::test]
	async fn a_frame_of_a_former_key_that_another_bridge_brought_is_no_dead_letter() {
		let mut bench = bench();
		let (before, after) = before_and_after_rotation();
		bench.register(&before);
		bench.ledger.rotate(&before.name, after.public_key(), 10);
		bench
			.ledger
			.chain()
			.windows
			.entry(before.index)
			.or_default()
			.take(9)
			.unwrap();
		bench
			.take(&[(before.topic(), before.frame(9)), (after.topic(), after.frame(9))])
			.await;
		assert_eq!(bench.metrics.frames_duplicate.get(), 1);
		assert_eq!(bench.refused("replayed"), 1);
	}

	#[tokio::test]
	async fn a_clock_that_has_jumped_refuses_no_good_frame() {
		let mut bench = bench();
		let battery = Battery::new(1);
		bench.register(&battery);
		bench.intake.parts.ledger_time.note(7, NOW_SECONDS);
		// An hour back, and forty days ahead.
		for (sequence, now) in [(1, NOW_SECONDS - 3_600), (2, NOW_SECONDS + 40 * 86_400)] {
			bench.intake.parts.clock = Clock::new(move || Duration::from_secs(now));
			bench.take(&[(battery.topic(), battery.frame(sequence))]).await;
			assert_eq!(bench.queued() as u64, sequence);
		}
		// What is wrong by both clocks is refused.
		bench
			.take(&[
				(battery.topic(), battery.frame_at(3, NOW_SECONDS + 50 * 86_400)),
				(battery.topic(), battery.frame_at(4, NOW_SECONDS - 50 * 86_400)),
			])
			.await;
		assert_eq!((bench.refused("from_the_future"), bench.refused("stale")), (1, 1));
	}

	#[tokio::test]
	async fn a_machine_that_starts_with_a_wrong_clock_parks_what_it_would_refuse_until_the_ledger_tells_the_time(
	) {
		let mut bench = bench();
		let battery = Battery::new(1);
		bench.register(&battery);
		bench.intake.parts.clock = Clock::new(|| Duration::from_secs(NOW_SECONDS + 40 * 86_400));
		bench.take(&[(battery.topic(), battery.frame(1))]).await;
		assert_eq!((bench.queued(), bench.metrics.messages_parked.get()), (0, 1));
		assert_eq!(bench.refused("stale"), 0);
		bench.intake.parts.ledger_time.note(7, NOW_SECONDS);
		let stop = bench.stop.clone();
		bench.intake.take_parked(&stop).await;
		assert_eq!((bench.queued(), bench.refused("stale")), (1, 0));
	}

	#[tokio::test]
	async fn dead_letters_that_have_become_good_are_queued_when_asked_for_and_the_others_stay() {
		let mut bench = bench();
		let (late, stranger) = (Battery::new(1), Battery::new(2));
		let mut broken = late.frame(3);
		*broken.last_mut().unwrap() ^= 1;
		bench
			.take(&[
				(late.topic(), late.frame(1)),
				(late.topic(), late.frame(2)),
				(stranger.topic(), stranger.frame(1)),
				(late.topic(), broken),
				(late.topic(), b"rubbish".to_vec()),
				(late.topic(), vec![7; 2 * MAX_KEPT_BYTES]),
			])
			.await;
		assert_eq!(bench.dead().len(), 6);
		bench.register(&late);
		let ask = |reasons: &[&str]| {
			let request = Request {
				reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
				numbers: Vec::new(),
				below: 6,
			};
			replay::ask(bench.directory.path(), &request).unwrap();
		};
		ask(&["unknown_battery"]);
		let stop = bench.stop.clone();
		// The name was asked after a moment ago.
		bench.devices.forget_unknown();
		bench.intake.replay_some(&stop).await;
		let reasons: Vec<_> = bench.dead().into_iter().map(|letter| letter.reason).collect();
		assert_eq!(
			reasons,
			["malformed", "oversized", "unknown_battery", "bad_signature"]
		);
		assert_eq!(bench.queued(), 2);
		assert_eq!(bench.store.dead_letters(), 4);
		assert_eq!(bench.metrics.dead_letters_judged_again.get(), 4);
		assert_eq!(replay::asked(bench.directory.path()).await.unwrap(), None);
		// What is queued already or on the ledger is done; a payload that was cut can not be judged.
		let all = Request {
			reasons: Vec::new(),
			numbers: Vec::new(),
			below: u64::MAX,
		};
		replay::ask(bench.directory.path(), &all).unwrap();
		bench.intake.replay_some(&stop).await;
		assert_eq!(bench.queued(), 2);
		assert_eq!(bench.dead().len(), 4);
		assert_eq!(bench.metrics.dead_letters_judged_again.get(), 7);
		assert_eq!(bench.acknowledged(), 6);
	}

	#[tokio::test]
	async fn dead_letters_wait_for_a_node_and_for_room() {
		let mut bench = bench();
		let battery = Battery::new(1);
		bench.take(&[(battery.topic(), battery.frame(1))]).await;
		assert_eq!(bench.dead().len(), 1);
		bench.register(&battery);
		let all = Request {
			reasons: Vec::new(),
			numbers: vec![0],
			below: 1,
		};
		replay::ask(bench.directory.path(), &all).unwrap();
		let stop = bench.stop.clone();
		bench.devices.forget_unknown();
		bench.ledger.chain().unreachable = true;
		bench.intake.replay_some(&stop).await;
		assert_eq!((bench.dead().len(), bench.queued()), (1, 0));
		bench.ledger.chain().unreachable = false;
		let bounds = bench.intake.parts.bounds;
		bench.intake.parts.bounds.frames = 0;
		bench.intake.replay_some(&stop).await;
		assert_eq!((bench.dead().len(), bench.queued()), (1, 0));
		bench.intake.parts.bounds = bounds;
		bench.intake.replay_some(&stop).await;
		assert_eq!((bench.dead().len(), bench.queued()), (0, 1));
	}

	#[tokio::test]
	async fn without_a_node_known_batteries_go_on_and_others_are_parked_until_one_answers() {
		let directory = tempfile::tempdir().unwrap();
		let ledger = Arc::new(FakeLedger::new(1));
		let (known, new, stranger) = (Battery::new(1), Battery::new(2), Battery::new(3));
		ledger.register(&known.name, known.index, known.passport(), known.public_key());
		let mut bench = bench_on(directory, ledger);
		bench.take(&[(known.topic(), known.frame(1))]).await;
		bench.ledger.chain().unreachable = true;
		bench.register(&new);
		bench
			.take(&[
				(known.topic(), known.frame(2)),
				(new.topic(), new.frame(1)),
				(stranger.topic(), stranger.frame(1)),
				(new.topic(), b"rubbish".to_vec()),
			])
			.await;
		assert!(!bench.reachability.is_up());
		assert_eq!((bench.queued(), bench.acknowledged()), (2, 5));
		assert_eq!(
			(bench.refused("malformed"), bench.metrics.messages_parked.get()),
			(1, 2)
		);
		// What follows is parked too, also when the node is back, or it would overtake.
		bench.ledger.chain().unreachable = false;
		bench.take(&[(new.topic(), new.frame(2))]).await;
		assert_eq!(bench.metrics.messages_parked.get(), 3);

		// Over a restart.
		let Bench {
			directory,
			ledger,
			store,
			devices,
			intake,
			..
		} = bench;
		drop((store, devices, intake));
		let mut bench = bench_on(directory, ledger);
		assert_eq!(bench.metrics.messages_parked.get(), 3);
		let stop = bench.stop.clone();
		bench.intake.take_parked(&stop).await;
		assert_eq!(bench.metrics.messages_parked.get(), 0);
		assert_eq!(bench.queued(), 2);
		assert_eq!(
			bench.dead().last().map(|letter| letter.reason.as_str()),
			Some("unknown_battery")
		);
		bench.take(&[(new.topic(), new.frame(3))]).await;
		assert_eq!(bench.queued(), 3);
	}

	/// Takes a group that is held back, does `meanwhile` as soon as it is, and sees that it then is taken within five seconds.
	async fn held_until(
		bench: &mut Bench,
		messages: &[(String, Vec<u8>)],
		why: Hold,
		meanwhile: impl FnOnce(&AtWork),
	) {
		let group = messages
			.iter()
			.map(|(topic, payload)| bench.message(topic, payload))
			.collect();
		let stop = bench.stop.clone();
		let others = AtWork {
			metrics: bench.metrics.clone(),
			ledger: bench.ledger.clone(),
			devices: bench.devices.clone(),
			reachability: bench.reachability.clone(),
			acknowledger: bench.acknowledger.clone(),
		};
		let held = || {
			let gauge = others
				.metrics
				.acknowledgements_held
				.with_label_values(&[why.name()]);
			gauge.get() == 1
		};
		let taken = tokio::time::timeout(Duration::from_secs(5), async {
			tokio::join!(bench.intake.take(group, &stop), async {
				while !held() {
					tokio::task::yield_now().await;
				}
				meanwhile(&others);
			})
		});
		taken.await.expect("back-pressure ends");
		assert!(!held());
	}

	/// What a test looks at while the intake is at work.
	struct AtWork {
		metrics: Arc<Metrics>,
		ledger: Arc<FakeLedger>,
		devices: Arc<Devices<FakeLedger>>,
		reachability: Arc<Reachability>,
		acknowledger: FakeAcknowledger,
	}

	#[tokio::test]
	async fn back_pressure_by_parked_messages_ends_when_the_node_is_back_also_over_a_restart() {
		for restarted in [false, true] {
			let mut bench = bench();
			let (waits, other, rubbish) = (Battery::new(1), Battery::new(2), Battery::new(3));
			bench.register(&waits);
			bench.register(&other);
			bench.ledger.chain().unreachable = true;
			bench
				.take(&[(waits.topic(), waits.frame(1)), (waits.topic(), waits.frame(2))])
				.await;
			assert_eq!((bench.queued(), bench.metrics.messages_parked.get()), (0, 2));
			if restarted {
				bench = bench.restarted();
			}
			// Two of twenty may be parked: the third one has no room.
			bench.intake.parts.bounds.frames = 20;
			let before = bench.acknowledged();
			let messages = [
				(waits.topic(), waits.frame(3)),
				(rubbish.topic(), b"rubbish".to_vec()),
				(other.topic(), other.frame(1)),
			];
			held_until(&mut bench, &messages, Hold::Parked, |bench| {
				// What does not wait for the ledger is done with.
				assert_eq!(crate::lock(&bench.acknowledger.0).packets.len() - before, 1);
				bench.ledger.chain().unreachable = false;
				// The probe tells.
				bench.reachability.note(Ok(())).unwrap();
			})
			.await;
			assert_eq!((bench.queued(), bench.metrics.messages_parked.get()), (4, 0));
			assert_eq!(bench.acknowledged() - before, 3);
			assert_eq!(bench.refused("malformed"), 1);
		}
	}

	#[tokio::test]
	async fn parked_messages_are_bounded_by_bytes_too() {
		let mut bench = bench();
		let battery = Battery::new(1);
		bench.register(&battery);
		bench.ledger.chain().unreachable = true;
		let message = (battery.topic(), battery.frame(1));
		// Room for one.
		bench.intake.parts.bounds.bytes = PARKED_SHARE * (parked_bytes(&message.0, &message.1) + 1);
		bench.take(&[message]).await;
		assert_eq!(bench.metrics.messages_parked.get(), 1);
		let messages = [(battery.topic(), battery.frame(2))];
		held_until(&mut bench, &messages, Hold::Parked, |bench| {
			bench.ledger.chain().unreachable = false;
			bench.reachability.note(Ok(())).unwrap();
		})
		.await;
		assert_eq!(bench.queued(), 2);
		assert_eq!((bench.intake.parked, bench.intake.parked_bytes), (0, 0));
	}

	#[tokio::test]
	async fn parked_messages_that_stay_do_not_keep_later_ones_from_being_judged_and_are_not_overtaken() {
		let mut bench = bench_with_vault();
		bench.intake.parts.bounds.frames = 10_000;
		let battery = Battery::new(1);
		bench.register(&battery);
		bench.ledger.chain().unreachable = true;
		let mut messages: Vec<_> = (0..GROUP as u64)
			.map(|second| plain_message(NOW_SECONDS + second, "82"))
			.collect();
		messages.push((battery.topic(), battery.frame(1)));
		messages.push(plain_message(NOW_SECONDS - 1, "82"));
		bench.take(&messages).await;
		assert_eq!(bench.metrics.messages_parked.get() as usize, GROUP + 2);
		bench.ledger.chain().unreachable = false;
		// Plain JSON waits: the node is behind.
		let (here, stop) = (NOW_SECONDS + MAX_BEHIND_SECONDS + 60, bench.stop.clone());
		bench.intake.parts.clock = Clock::new(move || Duration::from_secs(here));
		assert!(bench.intake.take_parked(&stop).await);
		// Not any more, but the last one must not be sealed before those that were left behind.
		bench.intake.parts.ledger_time.note(2, here);
		assert!(!bench.intake.take_parked(&stop).await);
		let key = FrameKey {
			device: battery.index,
			sequence: 1,
		};
		assert!(bench.queue.with(|queue| queue.contains(&key)));
		assert_eq!(bench.queued(), 1);
		assert_eq!(bench.metrics.messages_parked.get() as usize, GROUP + 1);
		// The next round begins with them.
		bench.intake.take_all_parked(&stop).await;
		assert_eq!(
			(bench.queued(), bench.metrics.messages_parked.get()),
			(GROUP + 2, 0)
		);
	}

	#[tokio::test]
	async fn a_parked_message_is_still_one_that_the_broker_has_sent_before() {
		let mut bench = bench();
		let battery = Battery::new(1);
		bench.register(&battery);
		bench.ledger.chain().unreachable = true;
		bench.redelivered = true;
		let old = battery.frame_at(1, NOW_SECONDS - 2 * REPEATS_EXPECTED_SECONDS);
		bench.take(&[(battery.topic(), old)]).await;
		assert_eq!(bench.metrics.messages_parked.get(), 1);
		bench.ledger.chain().unreachable = false;
		let taken = bench.ledger.chain().windows.entry(1).or_default().take(1);
		assert_eq!(taken, Ok(()));
		let mut bench = bench.restarted();
		let stop = bench.stop.clone();
		bench.intake.take_parked(&stop).await;
		assert_eq!(
			(bench.metrics.frames_duplicate.get(), bench.refused("replayed")),
			(1, 0)
		);
	}

	#[tokio::test]
	async fn a_message_that_may_become_good_is_not_acknowledged_when_its_letter_has_no_room() {
		let mut bench = bench_with(tempfile::tempdir().unwrap(), Arc::new(FakeLedger::new(1)), 2);
		let strangers = [Battery::new(1), Battery::new(2), Battery::new(3)];
		bench
			.take(&[
				(strangers[0].topic(), strangers[0].frame(1)),
				(strangers[1].topic(), strangers[1].frame(1)),
			])
			.await;
		// Others are dropped, and push nothing out.
		bench.take(&[(strangers[0].topic(), b"rubbish".to_vec())]).await;
		assert_eq!((bench.acknowledged(), bench.dead().len()), (3, 2));
		let late = strangers[2].clone();
		let messages = [(late.topic(), late.frame(1))];
		held_until(&mut bench, &messages, Hold::DeadLetters, |bench| {
			assert_eq!(crate::lock(&bench.acknowledger.0).packets.len(), 3);
			bench
				.ledger
				.register(&late.name, late.index, late.passport(), late.public_key());
			bench.devices.forget_unknown();
		})
		.await;
		assert_eq!(
			(bench.acknowledged(), bench.queued(), bench.dead().len()),
			(4, 1, 2)
		);
	}

	#[tokio::test]
	async fn letters_that_may_become_good_have_no_bound_by_the_minute() {
		let mut bench = bench_with(
			tempfile::tempdir().unwrap(),
			Arc::new(FakeLedger::new(1)),
			100_000,
		);
		let stranger = Battery::new(1);
		let many = LETTERS_A_MINUTE as u64 + 50;
		let messages: Vec<_> = (1..=many)
			.map(|sequence| (stranger.topic(), stranger.frame(sequence)))
			.collect();
		bench.take(&messages).await;
		assert_eq!(bench.dead().len() as u64, many);
	}

	#[tokio::test]
	async fn one_bad_frame_has_no_good_one_checked_again() {
		let mut bench = bench();
		let battery = Battery::new(1);
		bench.register(&battery);
		let mut messages: Vec<_> = (1..=10)
			.map(|sequence| (battery.topic(), battery.frame(sequence)))
			.collect();
		let mut bad = battery.frame(11);
		*bad.last_mut().unwrap() ^= 1;
		messages.push((battery.topic(), bad.clone()));
		let judged = bench.intake.judged.clone();
		bench.take(&messages).await;
		// The ledger's answer was of a moment ago.
		assert_eq!(judged.swap(0, Ordering::SeqCst), 11);
		// Where it says something else, the doubtful ones are.
		let mut bench = bench.restarted();
		let rotated = Battery {
			seed: 77,
			..battery.clone()
		};
		bench.ledger.rotate(&battery.name, rotated.public_key(), 20);
		let judged = bench.intake.judged.clone();
		bench
			.take(&[
				(battery.topic(), battery.frame(12)),
				(battery.topic(), bad),
				(battery.topic(), rotated.frame(20)),
			])
			.await;
		assert_eq!(judged.load(Ordering::SeqCst), 3 + 2);
		assert_eq!((bench.queued(), bench.refused("bad_signature")), (2, 1));
	}

	#[tokio::test]
	async fn after_a_change_of_path_what_was_anchored_is_not_queued_again() {
		let bench = bench();
		let battery = Battery::new(1);
		bench.register(&battery);
		let anchor = FinalAnchor {
			bridge: 2,
			anchor: crate::ledger::Anchor {
				stream: 4,
				root: [9; 32],
				leaves: 2,
				readings: 4,
				content: Vec::new(),
			},
			block: 7,
			finalised_ms: 1,
		};
		let leaves: Vec<_> = (1..=2)
			.map(|sequence| {
				let key = FrameKey { device: 1, sequence };
				(key, fingerprint(&battery.frame(sequence)))
			})
			.collect();
		bench.store.set_anchor_stream(4).unwrap();
		bench.store.settle_anchor(0, &anchor, &leaves).unwrap();
		let place = AnchoredFrame {
			number: 0,
			leaf: 0,
			fingerprint: leaves[0].1,
		};
		assert_eq!(bench.store.anchored_frames([leaves[0].0]).unwrap(), [Some(place)]);
		let mut bench = bench.restarted();
		bench
			.take(&[
				(battery.topic(), battery.frame(1)),
				(battery.topic(), battery.frame_at(2, NOW_SECONDS - 60)),
				(battery.topic(), battery.frame(3)),
			])
			.await;
		assert_eq!(bench.metrics.frames_duplicate.get(), 1);
		assert_eq!((bench.refused("replayed"), bench.queued()), (1, 1));
	}

	/// A battery that sends plain JSON, and the vault that signs for it.
	const PLAIN: &str = "BAT-2025-LI-001234";
	const PLAIN_DEVICE: u32 = 9;
	const PLAIN_PASSPORT: PassportId = PassportId([0x5a; 32]);

	fn vault() -> Vault {
		Vault::of([3; 32], &[(PLAIN_PASSPORT, PLAIN)])
	}

	fn bench_with_vault() -> Bench {
		let mut bench = bench();
		bench.intake.parts.vault = Some(Arc::new(vault()));
		bench.intake.parts.ledger_time.note(1, NOW_SECONDS);
		bench.ledger.register(
			PLAIN,
			PLAIN_DEVICE,
			PLAIN_PASSPORT,
			vault().batteries()[0].public_key,
		);
		bench
	}

	fn plain_topic(suffix: &str) -> String {
		format!("{}/{PLAIN}/{suffix}", topic::ROOT)
	}

	/// The message of the protocol's section 4.3 with another time.
	fn plain_message(seconds: u64, state_of_charge: &str) -> (String, Vec<u8>) {
		let message = format!(
			"{{\"timestamp\": {seconds}, \"stateOfHealth\": 99.7, \"stateOfCharge\": {state_of_charge}, \"voltage\": 402.5, \
			 \"current\": -15.2, \"temperature\": 26.5, \"cycleCount\": 48}}"
		);
		(plain_topic("telemetry/soh"), message.into_bytes())
	}

	impl Bench {
		/// Frames on disk of the device that the bridge signs for: sequence, counted from the first one's, topic, and the reading,
		/// opened under its epoch's key.
		fn sealed_frames(&self) -> Vec<(u64, String, Reading)> {
			let vault = vault();
			let battery = vault.find(PLAIN).unwrap();
			let mut all = Vec::new();
			let mut first = None;
			self.store
				.for_each_queued(|key, queued| {
					let sequence = key.sequence - *first.get_or_insert(key.sequence);
					let frame = Frame::parse(&queued.frame).unwrap();
					assert_eq!(key.device, PLAIN_DEVICE);
					assert_eq!(key.sequence, frame.header.sequence);
					assert!(crypto::verify(
						&frame,
						&GENESIS,
						&PLAIN_PASSPORT,
						&battery.public_key
					));
					let seal_key = vault.seal_key(battery, frame.header.key_epoch);
					let topic = queued.topic.clone();
					crypto::open(&frame, &seal_key, &mut [0; MAX_FRAME_BYTES], |reading| {
						all.push((sequence, topic.clone(), reading));
					})
					.unwrap();
				})
				.unwrap();
			all
		}

		/// The same directory and ledger after a restart.
		fn restarted(self) -> Bench {
			let Bench {
				directory,
				ledger,
				store,
				devices,
				intake,
				..
			} = self;
			drop((store, devices, intake));
			let mut bench = bench_on(directory, ledger);
			bench.intake.parts.vault = Some(Arc::new(vault()));
			bench.intake.parts.ledger_time.note(1, NOW_SECONDS);
			bench
		}
	}

	#[tokio::test]
	async fn plain_json_becomes_frames_of_the_batterys_device_in_the_order_it_came() {
		let mut bench = bench_with_vault();
		let by_id = format!("{}/0x{}/telemetry/current", topic::ROOT, "5a".repeat(32));
		bench.ledger.register(
			&format!("0x{}", "5a".repeat(32)),
			PLAIN_DEVICE,
			PLAIN_PASSPORT,
			vault().batteries()[0].public_key,
		);
		let alert = plain_message(NOW_SECONDS + 2, "80");
		bench
			.take(&[
				plain_message(NOW_SECONDS, "82.0"),
				(by_id.clone(), plain_message(NOW_SECONDS + 1, "81.5").1),
				(plain_topic("alerts/critical"), alert.1.clone()),
				(plain_topic("alerts/warning"), alert.1),
			])
			.await;
		let frames = bench.sealed_frames();
		let told: Vec<_> = frames
			.iter()
			.map(|(sequence, topic, reading)| {
				(
					*sequence,
					topic.as_str(),
					reading.time_seconds,
					reading.state_of_charge_bp,
				)
			})
			.collect();
		let frame_topic = plain_topic("telemetry/frame");
		assert_eq!(
			told,
			[
				(0, frame_topic.as_str(), NOW_SECONDS, 8_200),
				(
					1,
					by_id.replace("telemetry/current", "telemetry/frame").as_str(),
					NOW_SECONDS + 1,
					8_150
				),
				(2, plain_topic("alerts/critical").as_str(), NOW_SECONDS + 2, 8_000),
				(3, frame_topic.as_str(), NOW_SECONDS + 2, 8_000),
			]
		);
		assert_eq!((bench.queued(), bench.acknowledged()), (4, 4));
		assert_eq!(bench.metrics.plain_json_sealed.get(), 4);
		assert_eq!(bench.dead(), []);
	}

	#[tokio::test]
	async fn an_alert_in_plain_json_does_not_wait_for_others() {
		let mut bench = bench_with_vault();
		let alert = (plain_topic("alerts/critical"), plain_message(NOW_SECONDS, "82").1);
		bench.take(&[alert]).await;
		let next = bench.queue.with(|queue| queue.next(0));
		assert!(matches!(next, crate::batch::Next::Batch(_)), "{next:?}");
	}

	#[tokio::test]
	async fn plain_json_that_can_not_be_signed_for_is_a_dead_letter_with_its_reason_and_uses_no_sequence() {
		let mut bench = bench_with_vault();
		let good = || plain_message(NOW_SECONDS, "82");
		let text = |message: (String, Vec<u8>)| String::from_utf8(message.1).unwrap();
		let with = |from: &str, to: &str| {
			let changed = text(good()).replace(from, to);
			assert_ne!(changed, text(good()));
			changed.into_bytes()
		};
		let soh = || plain_topic("telemetry/soh");
		let stranger = format!("{}/BAT-2025-LI-999999/telemetry/soh", topic::ROOT);
		let mut long = good().1;
		long.resize(MAX_FRAME_BYTES + 1, b' ');
		let cases: Vec<(&str, String, Vec<u8>)> = vec![
			("json_malformed", soh(), b"rubbish".to_vec()),
			("json_not_a_number", soh(), with("402.5", "NaN")),
			("json_no_timestamp", soh(), with("timestamp", "time")),
			(
				"json_bad_timestamp",
				soh(),
				with(&NOW_SECONDS.to_string(), "\"2027-01-15T08:00:00\""),
			),
			("json_incomplete", soh(), with("voltage", "tension")),
			("json_wrong_type", soh(), with("402.5", "\"402.5 V\"")),
			("json_out_of_range", soh(), with("402.5", "402500")),
			(
				"json_other_battery",
				soh(),
				with("{", "{\"batteryId\": \"BAT-2025-LI-999999\", "),
			),
			("json_no_key", stranger, good().1),
			("oversized", soh(), long),
			(
				"stale",
				soh(),
				plain_message(NOW_SECONDS - 31 * 24 * 3_600, "82").1,
			),
			("from_the_future", soh(), plain_message(NOW_SECONDS + 400, "82").1),
			// JSON has a topic of its own, and so have frames.
			("malformed", plain_topic("telemetry/frame"), good().1),
			("unexpected_topic", plain_topic("events/lifecycle"), good().1),
		];
		let mut messages = vec![plain_message(NOW_SECONDS, "1")];
		for (position, (_, topic, payload)) in cases.iter().enumerate() {
			messages.push((topic.clone(), payload.clone()));
			messages.push(plain_message(NOW_SECONDS, &(position + 2).to_string()));
		}
		bench.take(&messages).await;
		let dead: Vec<_> = bench.dead().into_iter().map(|letter| letter.reason).collect();
		let expected: Vec<_> = cases.iter().map(|(reason, _, _)| (*reason).to_owned()).collect();
		assert_eq!(dead, expected);
		for reason in &expected {
			assert_eq!(bench.refused(reason), 1, "{reason}");
		}
		assert_eq!(bench.acknowledged(), messages.len());
		let sequences: Vec<_> = bench
			.sealed_frames()
			.into_iter()
			.map(|(sequence, ..)| sequence)
			.collect();
		assert_eq!(sequences, (0..=cases.len() as u64).collect::<Vec<_>>());
	}

	#[tokio::test]
	async fn the_bridge_signs_for_no_battery_that_signs_for_itself_or_may_send_nothing() {
		let mut bench = bench_with_vault();
		bench
			.ledger
			.register(PLAIN, PLAIN_DEVICE, PLAIN_PASSPORT, [8; 32]);
		bench.take(&[plain_message(NOW_SECONDS, "1")]).await;
		assert_eq!(bench.refused("json_other_device"), 1);
		// Its key is registered since.
		bench.ledger.register(
			PLAIN,
			PLAIN_DEVICE,
			PLAIN_PASSPORT,
			vault().batteries()[0].public_key,
		);
		bench.devices.doubt(PLAIN);
		bench.take(&[plain_message(NOW_SECONDS, "2")]).await;
		assert_eq!(bench.queued(), 1);
		bench.ledger.chain().devices.get_mut(PLAIN).unwrap().active = false;
		bench.devices.doubt(PLAIN);
		bench.take(&[plain_message(NOW_SECONDS, "3")]).await;
		assert_eq!(bench.refused("device_not_active"), 1);
		bench.ledger.chain().devices.clear();
		bench.devices.doubt(PLAIN);
		bench.take(&[plain_message(NOW_SECONDS, "4")]).await;
		assert_eq!((bench.refused("unknown_battery"), bench.queued()), (1, 1));
	}

	#[tokio::test]
	async fn plain_json_gets_no_sequence_that_is_a_former_keys() {
		let mut bench = bench_with_vault();
		let from_sequence = NOW_SECONDS + 5_000;
		let key = vault().batteries()[0].public_key;
		bench
			.ledger
			.register(PLAIN, PLAIN_DEVICE, PLAIN_PASSPORT, [8; 32]);
		bench.ledger.rotate(PLAIN, key, from_sequence);
		bench
			.take(&[plain_message(NOW_SECONDS, "1"), plain_message(NOW_SECONDS, "2")])
			.await;
		for sequence in [from_sequence, from_sequence + 1] {
			let key = FrameKey {
				device: PLAIN_DEVICE,
				sequence,
			};
			assert!(bench.queue.with(|queue| queue.contains(&key)), "{sequence}");
		}
		assert_eq!(bench.queued(), 2);
	}

	#[tokio::test]
	async fn without_a_vault_plain_json_is_on_an_unexpected_topic_or_no_frame() {
		let mut bench = bench_with_vault();
		bench.intake.parts.vault = None;
		let message = plain_message(NOW_SECONDS, "82");
		bench
			.take(&[
				message.clone(),
				(plain_topic("alerts/critical"), message.1.clone()),
			])
			.await;
		assert_eq!(
			(bench.refused("unexpected_topic"), bench.refused("malformed")),
			(1, 1)
		);
		assert_eq!(bench.queued(), 0);
	}

	#[tokio::test]
	async fn a_message_that_comes_again_is_one_frame_also_after_a_restart() {
		let mut bench = bench_with_vault();
		let message = plain_message(NOW_SECONDS, "82");
		bench.take(&[message.clone(), message.clone()]).await;
		bench.take(std::slice::from_ref(&message)).await;
		assert_eq!(bench.metrics.frames_duplicate.get(), 2);
		let mut bench = bench.restarted();
		bench.redelivered = true;
		bench.take(&[message, plain_message(NOW_SECONDS, "81")]).await;
		assert_eq!(
			(bench.metrics.frames_duplicate.get(), bench.acknowledged()),
			(1, 2)
		);
		let sequences: Vec<_> = bench
			.sealed_frames()
			.into_iter()
			.map(|(sequence, ..)| sequence)
			.collect();
		assert_eq!(sequences, [0, 1]);
	}

	#[tokio::test]
	async fn a_frame_that_could_not_be_written_is_not_acknowledged_and_written_once_when_it_can() {
		let mut bench = bench_with_vault();
		bench.store.fail_commits.store(3, Ordering::SeqCst);
		bench.take(&[plain_message(NOW_SECONDS, "82")]).await;
		assert_eq!(bench.metrics.store_errors.get(), 3);
		assert_eq!((bench.acknowledged(), bench.sealed_frames().len()), (1, 1));
		// A disk that stays full, and a bridge that is stopped: nothing of the second one is there.
		bench.store.fail_commits.store(usize::MAX, Ordering::SeqCst);
		let (topic, payload) = plain_message(NOW_SECONDS, "81");
		let group = vec![bench.message(&topic, &payload)];
		let (stopper, stop) = stop::channel();
		let metrics = bench.metrics.clone();
		let stopping = async move {
			while metrics.store_errors.get() < 5 {
				tokio::task::yield_now().await;
			}
			stopper.stop();
		};
		tokio::join!(bench.intake.take(group, &stop), stopping);
		assert_eq!((bench.acknowledged(), bench.queued()), (1, 1));
		// The broker sends it again to the next run.
		let mut bench = bench.restarted();
		bench.take(&[(topic, payload)]).await;
		let sequences: Vec<_> = bench
			.sealed_frames()
			.into_iter()
			.map(|(sequence, ..)| sequence)
			.collect();
		assert_eq!(sequences, [0, 1]);
	}

	#[tokio::test]
	async fn a_reading_is_sealed_under_the_epoch_of_now_and_waits_for_a_node_to_tell_it() {
		let mut bench = bench_with_vault();
		bench.take(&[plain_message(NOW_SECONDS, "1")]).await;
		bench.ledger.chain().unreachable = true;
		// Long enough ago that the ledger is asked again.
		bench.devices.doubt(PLAIN);
		bench
			.take(&[plain_message(NOW_SECONDS, "2"), plain_message(NOW_SECONDS, "3")])
			.await;
		assert_eq!((bench.queued(), bench.metrics.messages_parked.get()), (1, 2));
		{
			// A grant was revoked meanwhile.
			let mut chain = bench.ledger.chain();
			chain.unreachable = false;
			chain.devices.get_mut(PLAIN).unwrap().key_epoch = 4;
		}
		// What follows does not overtake.
		bench.take(&[plain_message(NOW_SECONDS, "4")]).await;
		assert_eq!(bench.metrics.messages_parked.get(), 3);
		let mut bench = bench.restarted();
		let stop = bench.stop.clone();
		bench.intake.take_parked(&stop).await;
		assert_eq!(bench.metrics.messages_parked.get(), 0);
		let told: Vec<_> = bench
			.sealed_frames()
			.into_iter()
			.map(|(sequence, _, reading)| (sequence, reading.state_of_charge_bp))
			.collect();
		assert_eq!(told, [(0, 100), (1, 200), (2, 300), (3, 400)]);
		let mut epochs = Vec::new();
		bench
			.store
			.for_each_queued(|_, queued| {
				epochs.push(Frame::parse(&queued.frame).unwrap().header.key_epoch);
			})
			.unwrap();
		assert_eq!(epochs, [0, 4, 4, 4]);
	}

	#[tokio::test]
	async fn where_the_last_sequence_is_not_known_none_is_used_that_may_have_been() {
		for (highest, now, first) in [
			(0, 1_800_000_000, 1_800_000_000),
			(1_800_000_500, 1_800_000_400, 1_800_000_500 + SEQUENCES_LEFT_OUT),
			(5, 1_800_000_000, 1_800_000_000),
			// A clock that is centuries ahead does not make a sequence that the ledger refuses.
			(7, 1 << 40, 7 + MAX_SEQUENCE_STEP),
			(u64::MAX, 0, u64::MAX),
		] {
			assert_eq!(first_sequence(highest, now), first, "{highest}, {now}");
		}
		// The data directory is new, and the ledger has frames of the device.
		let mut bench = bench_with_vault();
		let used = NOW_SECONDS + 1_000;
		bench
			.ledger
			.chain()
			.windows
			.entry(PLAIN_DEVICE)
			.or_default()
			.take(used)
			.unwrap();
		bench.take(&[plain_message(NOW_SECONDS, "82")]).await;
		let key = FrameKey {
			device: PLAIN_DEVICE,
			sequence: used + SEQUENCES_LEFT_OUT,
		};
		assert!(bench.queue.with(|queue| queue.contains(&key)));
	}

	#[tokio::test]
	async fn a_restored_data_directory_gives_out_no_sequence_again_though_the_ledger_shows_none() {
		let mut bench = bench_with_vault();
		bench.take(&[plain_message(NOW_SECONDS, "1")]).await;
		let used = |bench: &Bench| {
			let mut used = BTreeSet::new();
			bench
				.store
				.for_each_queued(|key, _| {
					used.insert(key.sequence);
				})
				.unwrap();
			used
		};
		let at_copy = used(&bench);
		// RocksDB's files of a store that is closed.
		let Bench {
			directory,
			ledger,
			store,
			devices,
			intake,
			..
		} = bench;
		drop((store, devices, intake));
		let copy = tempfile::tempdir().unwrap();
		for entry in std::fs::read_dir(directory.path()).unwrap() {
			let entry = entry.unwrap();
			std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
		}
		let with_vault = |directory, seconds| {
			let mut bench = bench_on(directory, ledger.clone());
			bench.intake.parts.vault = Some(Arc::new(vault()));
			bench.intake.parts.clock = Clock::new(move || Duration::from_secs(seconds));
			bench.intake.parts.ledger_time.note(1, NOW_SECONDS);
			bench
		};
		let mut later = with_vault(directory, NOW_SECONDS + 10);
		for second in 1..=5 {
			later.take(&[plain_message(NOW_SECONDS + second, "2")]).await;
		}
		let advanced: BTreeSet<_> = used(&later).difference(&at_copy).copied().collect();
		assert_eq!(advanced.len(), 5);
		let mut restored = with_vault(copy, NOW_SECONDS + 60);
		restored.take(&[plain_message(NOW_SECONDS + 6, "3")]).await;
		let after: BTreeSet<_> = used(&restored).difference(&at_copy).copied().collect();
		assert_eq!(after.len(), 1);
		assert!(after.first() > advanced.last(), "{after:?} {advanced:?}");
	}

	#[tokio::test]
	async fn plain_json_waits_for_a_node_that_is_not_behind() {
		let mut bench = bench_with_vault();
		let here = NOW_SECONDS + MAX_BEHIND_SECONDS + 60;
		bench.intake.parts.clock = Clock::new(move || Duration::from_secs(here));
		bench.take(&[plain_message(here, "82")]).await;
		assert_eq!((bench.queued(), bench.metrics.messages_parked.get()), (0, 1));
		bench.intake.parts.ledger_time.note(2, here - 5);
		let stop = bench.stop.clone();
		bench.intake.take_parked(&stop).await;
		assert_eq!((bench.queued(), bench.metrics.messages_parked.get()), (1, 0));
		// So does it while no node has told the time.
		bench.intake.parts.ledger_time = Arc::default();
		bench.take(&[plain_message(here, "81")]).await;
		assert_eq!((bench.queued(), bench.metrics.messages_parked.get()), (1, 1));
	}

	#[tokio::test]
	async fn plain_json_of_a_battery_that_was_registered_since_is_sealed_when_asked_for() {
		let mut bench = bench_with_vault();
		bench.ledger.chain().devices.clear();
		bench.take(&[plain_message(NOW_SECONDS, "82")]).await;
		assert_eq!(bench.refused("unknown_battery"), 1);
		bench.ledger.register(
			PLAIN,
			PLAIN_DEVICE,
			PLAIN_PASSPORT,
			vault().batteries()[0].public_key,
		);
		let request = Request {
			reasons: vec!["unknown_battery".into()],
			numbers: Vec::new(),
			below: 1,
		};
		replay::ask(bench.directory.path(), &request).unwrap();
		bench.devices.forget_unknown();
		let stop = bench.stop.clone();
		bench.intake.replay_some(&stop).await;
		assert_eq!((bench.dead().len(), bench.sealed_frames().len()), (0, 1));
	}

	#[tokio::test]
	async fn a_full_queue_holds_acknowledgements_back_until_it_has_room() {
		let mut bench = bench();
		let battery = Battery::new(1);
		bench.register(&battery);
		bench.intake.parts.bounds = Bounds {
			frames: 1,
			bytes: 1_000_000,
		};
		let inbox = Arc::new(Inbox::new(256));
		bench.take(&[(battery.topic(), battery.frame(1))]).await;
		inbox.put(bench.message(&battery.topic(), &battery.frame(2)));
		let (stopper, stop) = stop::channel();
		let Bench {
			intake,
			queue,
			acknowledger,
			..
		} = bench;
		let task = tokio::spawn(intake.run(inbox, stop));
		for _ in 0..50 {
			tokio::task::yield_now().await;
		}
		assert_eq!(crate::lock(&acknowledger.0).packets.len(), 1);
		let batch = queue.next_batch().await;
		let settled: Vec<_> = batch.frames.iter().map(|(key, _)| *key).collect();
		queue.finish(&batch, &settled);
		tokio::time::timeout(Duration::from_secs(10), async {
			while crate::lock(&acknowledger.0).packets.len() < 2 {
				tokio::task::yield_now().await;
			}
		})
		.await
		.unwrap();
		stopper.stop();
		task.await.unwrap();
	}
}
