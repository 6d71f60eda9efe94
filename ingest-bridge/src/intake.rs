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
	metrics::Metrics,
	mqtt::{AckGate, Acknowledger, Message, Ticket},
	reason::Reason,
	replay::{self, Request},
	stop::Stop,
	store::{
		shortened, BatteryFacts, Changes, DeadLetter, DeviceState, Durability, Parked, QueuedFrame,
		RefusedBy, Store, StoreError, MAX_KEPT_BYTES, MAX_KEPT_TOPIC_BYTES,
	},
};
use passport_primitives::{
	telemetry::{check_times, crypto, Frame, FrameRefusal, Header, WindowRefusal, MAX_FRAME_BYTES},
	topic::{self, FrameTopic},
};
use std::{
	collections::{BTreeSet, HashMap},
	sync::Arc,
	time::Duration,
};
use tokio::time::Instant;

/// Most messages that are written in one go. The wait for the disk is shared by all that came meanwhile.
pub const GROUP: usize = 256;

/// So long after its last reading a battery may send a frame again that the ledger has, in seconds: its last frames after a
/// lost connection, an acknowledgement that it did not get. An hour holds the eight frames that the reference firmware
/// keeps at the protocol's slowest rate (table 9.2) and an outage besides.
pub const REPEATS_EXPECTED_SECONDS: u64 = 3_600;

/// One in so many of the queue's frames may be parked: parked messages are not checked, so they must not fill
/// the queue.
const PARKED_SHARE: usize = 10;

/// So many dead letters of one battery are kept in a minute. More are counted and not kept: whoever publishes rubbish under one
/// name does not thereby push the letters of all others out.
pub const LETTERS_A_MINUTE: usize = 1_000;

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
}

impl Letter {
	/// The battery that the message is of, if it can be a frame at all: only then is the ledger worth asking.
	fn readable_battery(&self) -> Option<&str> {
		battery(&self.topic).filter(|_| Frame::parse(&self.payload).is_ok())
	}
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
	/// Queue it.
	Accept { key: FrameKey, urgent: bool },
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

/// The battery that a message is of, if its topic is one of a frame.
fn battery(topic: &str) -> Option<&str> {
	topic::parse(topic).map(|(battery, _)| battery)
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
}

/// Judges one message by what is known.
fn judge(
	topic: &str,
	payload: &[u8],
	redelivered: bool,
	answer: Answer,
	state: &DeviceState,
	genesis_hash: &[u8; 32],
	now: Now,
) -> Verdict {
	let refuse = |reason| Verdict::Refuse {
		reason,
		device: None,
		sequence: None,
	};
	let Some((_, kind)) = topic::parse(topic) else {
		return refuse(Reason::UnexpectedTopic);
	};
	if payload.len() > MAX_FRAME_BYTES {
		return refuse(Reason::Oversized);
	}
	let Ok(frame) = Frame::parse(payload) else {
		return refuse(Reason::Frame(FrameRefusal::Malformed));
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
		return refuse(refusal);
	}
	let facts: BatteryFacts = match answer {
		Answer::Known(facts) => facts,
		Answer::Unknown => {
			return Verdict::Refuse {
				reason: Reason::UnknownBattery,
				device,
				sequence: Some(sequence),
			}
		}
		Answer::Unanswered => return Verdict::Park,
	};
	if !facts.active {
		return refuse(FrameRefusal::DeviceNotActive);
	}
	// Late frames of an earlier epoch are good; a key of the future was given to nobody.
	if header.key_epoch > facts.key_epoch {
		return refuse(FrameRefusal::WrongKeyEpoch);
	}
	match state.window.check(sequence) {
		Ok(()) => {}
		// A broker that was not told in time sends a message again and says so; a battery that lost its connection sends its
		// last frames again: nothing to tell anyone. What comes again long after it was made is somebody's copy.
		Err(WindowRefusal::Replayed)
			if (redelivered
				|| header.last_seconds().saturating_add(REPEATS_EXPECTED_SECONDS) >= now.likely())
				&& match state.same(sequence, payload) {
					Some(same) => same,
					// Another bridge brought it.
					None => crypto::verify(&frame, genesis_hash, &facts.public_key),
				} =>
		{
			return Verdict::Duplicate
		}
		Err(WindowRefusal::Replayed) => return refuse(FrameRefusal::Replayed),
		Err(WindowRefusal::TooOld) => return refuse(FrameRefusal::TooOld),
		Err(WindowRefusal::Leap) => return refuse(FrameRefusal::SequenceLeap),
	}
	// Last: it is the only check that costs time.
	if !crypto::verify(&frame, genesis_hash, &facts.public_key) {
		return refuse(FrameRefusal::BadSignature);
	}
	Verdict::Accept {
		key: FrameKey {
			device: facts.index,
			sequence,
		},
		urgent: kind == FrameTopic::CriticalAlert,
	}
}

/// The intake. One task runs it.
pub struct Intake<L, A> {
	parts: Parts<L, A>,
	/// How many messages are parked, and of which batteries: theirs go there too, or they would overtake.
	parked: usize,
	parked_batteries: HashMap<String, usize>,
	/// Not before then are parked messages judged again.
	judge_parked_at: Instant,
	/// Dead letters of this minute.
	letter_counts: LetterCounts,
	/// Dead letters that are judged again.
	replaying: Option<Replaying>,
	/// Not before then is the next group of them judged, or is it looked whether there are any.
	replay_at: Instant,
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
		let mut intake = Intake {
			parts,
			parked: 0,
			parked_batteries: HashMap::new(),
			judge_parked_at: Instant::now(),
			letter_counts: LetterCounts::default(),
			replaying: None,
			replay_at: Instant::now(),
		};
		for (_, message) in intake.parts.store.parked(usize::MAX)? {
			intake.note_parked(&message.topic);
		}
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
					queue.room(bounds.frames, bounds.bytes).await;
					inbox.take(GROUP).await
				} => {
					self.take(group, &stop).await;
				},
			}
		}
	}

	/// Takes a group of messages to disk and acknowledges them.
	async fn take(&mut self, group: Vec<Message>, stop: &Stop) {
		let received_ms = self.parts.clock.unix_ms();
		let letters = group
			.into_iter()
			.map(|message| Letter {
				topic: message.topic,
				payload: message.payload,
				received_ms,
				redelivered: message.redelivered,
				origin: Origin::Broker(message.ticket),
			})
			.collect();
		self.process(letters, stop).await;
	}

	/// Judges parked messages again, oldest first, now that a node answers.
	async fn take_parked(&mut self, stop: &Stop) {
		let store = self.parts.store.clone();
		let Some(parked) = self.blocking(stop, move || store.parked(GROUP)).await else {
			return;
		};
		if parked.is_empty() {
			// They were counted and are not there: nothing to wait for.
			self.parked = 0;
			self.parked_batteries.clear();
			return;
		}
		let letters = parked
			.into_iter()
			.map(|(number, message)| Letter {
				topic: message.topic,
				payload: message.payload,
				received_ms: message.received_ms,
				redelivered: false,
				origin: Origin::Parked(number),
			})
			.collect();
		let before = self.parked;
		self.process(letters, stop).await;
		if self.parked >= before {
			self.judge_parked_at = Instant::now() + JUDGE_AGAIN_AFTER;
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
		let Bounds { frames, bytes } = self.parts.bounds;
		let room = self
			.parts
			.queue
			.with(|queue| queue.len() < frames && queue.bytes() < bytes);
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
			letters.push(Letter {
				topic: letter.topic,
				payload: letter.payload,
				received_ms: letter.received_ms,
				// What the ledger has by now is done, and not somebody's copy.
				redelivered: true,
				origin: Origin::Dead(number),
			});
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
			.filter(|verdict| matches!(verdict, Verdict::Accept { .. }))
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

	async fn process(&mut self, mut letters: Vec<Letter>, stop: &Stop) {
		loop {
			let (judged, verdicts) = self.judge_all(letters).await;
			let parking = verdicts
				.iter()
				.zip(&judged)
				.filter(|(verdict, letter)| {
					**verdict == Verdict::Park && matches!(letter.origin, Origin::Broker(_))
				})
				.count();
			if parking == 0 || self.parked + parking <= self.parts.bounds.frames / PARKED_SHARE {
				// What was not written stays with the broker, or parked.
				let _written = self.write_down(judged, verdicts, stop).await;
				return;
			}
			// No room to park: acknowledgements are held back until a node answers, and then all is judged
			// anew.
			letters = judged;
			tokio::select! {
				() = stop.requested() => return,
				() = async {
					tokio::time::sleep(JUDGE_AGAIN_AFTER).await;
					self.parts.reachability.up().await;
				} => {},
			}
		}
	}

	/// Judges messages; asks the ledger where what is known does not suffice.
	async fn judge_all(&self, letters: Vec<Letter>) -> (Vec<Letter>, Vec<Verdict>) {
		// What follows a parked message of the same battery is parked too: nothing is looked up for it.
		let overtakes = |letter: &Letter, name: &str| {
			matches!(letter.origin, Origin::Broker(_)) && self.parked_batteries.contains_key(name)
		};
		let names = letters
			.iter()
			.filter_map(|letter| letter.readable_battery().filter(|name| !overtakes(letter, name)))
			.map(str::to_owned)
			.collect();
		let mut answers = self.parts.devices.look_up(&names).await;
		let (mut letters, mut verdicts) = self.judge_by(letters, answers.clone()).await;
		let doubtful: BTreeSet<String> = letters
			.iter()
			.zip(&verdicts)
			.filter(
				|(_, verdict)| matches!(verdict, Verdict::Refuse { reason, .. } if reason.depends_on_ledger()),
			)
			.filter_map(|(letter, _)| letter.readable_battery().map(str::to_owned))
			.collect();
		if !doubtful.is_empty() {
			answers.extend(self.parts.devices.ask_again(&doubtful).await);
			(letters, verdicts) = self.judge_by(letters, answers).await;
		}
		// Within the group too: what follows a parked message is parked.
		let mut parked = BTreeSet::new();
		for (letter, verdict) in letters.iter().zip(&mut verdicts) {
			if let Some(name) = battery(&letter.topic) {
				match verdict {
					Verdict::Park => {
						parked.insert(name);
					}
					Verdict::Accept { .. } if parked.contains(name) => *verdict = Verdict::Park,
					_ => {}
				}
			}
		}
		(letters, verdicts)
	}

	/// Judges messages by these answers, on a thread for work that takes time: a signature takes some 50 µs.
	async fn judge_by(
		&self,
		letters: Vec<Letter>,
		answers: HashMap<String, Answer>,
	) -> (Vec<Letter>, Vec<Verdict>) {
		let genesis_hash = self.parts.genesis_hash;
		let now = Now {
			here: self.parts.clock.unix_seconds(),
			ledger: self.parts.ledger_time.unix_seconds(),
		};
		let devices = self.parts.devices.clone();
		let letters = Arc::new(letters);
		let shared = letters.clone();
		let judged = tokio::task::spawn_blocking(move || {
			let judge_one = |letter: &Letter| {
				let answer = battery(&letter.topic).and_then(|name| answers.get(name).copied());
				let answer = answer.unwrap_or(Answer::Unanswered);
				let state = match answer {
					Answer::Known(facts) => devices.state(facts.index),
					Answer::Unknown | Answer::Unanswered => DeviceState::default(),
				};
				let verdict = judge(
					&letter.topic,
					&letter.payload,
					letter.redelivered,
					answer,
					&state,
					&genesis_hash,
					now,
				);
				match verdict {
					// The window does not tell any more, and the broker sends again what it was told on a connection that was cut.
					Verdict::Refuse {
						reason: Reason::Frame(FrameRefusal::TooOld),
						device: Some(device),
						sequence: Some(sequence),
					} if letter.redelivered
						&& devices.is_settled(FrameKey { device, sequence }, &letter.payload) =>
					{
						Verdict::Duplicate
					}
					verdict => verdict,
				}
			};
			shared.iter().map(judge_one).collect::<Vec<_>>()
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
		let mut duplicates = 0;
		let mut not_kept = 0;
		let refused_ms = self.parts.clock.unix_ms();
		let now_ms = self.parts.queue.timeline().now_ms();
		for (letter, verdict) in letters.into_iter().zip(verdicts) {
			match (letter.origin, verdict) {
				(Origin::Broker(ticket), _) => tickets.push(ticket),
				// Stays where it is.
				(Origin::Parked(_) | Origin::Dead(_), Verdict::Park) => continue,
				(Origin::Dead(number), _) => changes.revived.push(number),
				(Origin::Parked(number), _) => {
					changes.judged.push(number);
					unparked.extend(battery(&letter.topic).map(str::to_owned));
				}
			}
			let verdict = match verdict {
				Verdict::Accept { key, .. } => {
					match self
						.same_as_queued(&key, &letter.payload, &changes, &accepted, stop)
						.await
					{
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
					// One that was kept before is kept again.
					if !matches!(letter.origin, Origin::Dead(_))
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
				Verdict::Park => {
					newly_parked.push(letter.topic.clone());
					changes.park.push(Parked {
						topic: letter.topic,
						received_ms: letter.received_ms,
						payload: letter.payload,
					});
				}
			}
		}
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
		metrics.frames_accepted.inc_by(queued.len() as u64);
		metrics.frames_duplicate.inc_by(duplicates);
		for reason in reasons {
			metrics.refused(reason);
		}
		self.parked = (self.parked + newly_parked.len()).saturating_sub(changes.judged.len());
		for topic in newly_parked {
			if let Some(name) = battery(&topic) {
				*self.parked_batteries.entry(name.to_owned()).or_default() += 1;
			}
		}
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
						tracing::info!("the store works again");
					}
					return Some(done);
				}
				Ok(Err(error)) => {
					self.parts.metrics.store_errors.inc();
					if !told {
						told = true;
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

	fn note_parked(&mut self, topic: &str) {
		self.parked += 1;
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
		store::read_dead_letters,
		test_battery::{Battery, GENESIS, NOW_SECONDS},
	};
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
		let reachability = Arc::new(Reachability::default());
		let store = Arc::new(Store::open(directory.path(), 1_000).unwrap());
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
			self.ledger
				.register(&battery.name, battery.index, battery.public_key());
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
		ledger.register(&known.name, known.index, known.public_key());
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
