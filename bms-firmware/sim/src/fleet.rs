//! A fleet that publishes: each connection is a task with its share of the devices, and nothing is shared between tasks but
//! the report.

use std::{
	cmp::Reverse,
	collections::{BinaryHeap, HashMap, VecDeque},
	io,
	path::PathBuf,
	sync::Arc,
	time::Duration,
};

use bms_core::{Closed, Link, LinkEvent, NoRoom, Outcome, Outgoing, TopicName};
use passport_primitives::{battery::PassportId, telemetry::command::Command, topic::CommandTopic};
use tokio::{
	sync::watch,
	task::JoinSet,
	time::{sleep_until, Instant},
};
use tracing::{debug, info, warn};

use crate::{
	battery::{BatteryError, Produced, Setup, SimulatedBattery},
	identity::DeviceIdentity,
	manifest::Member,
	memory::Memory,
	mqtt::{BrokerAddress, Connection, ConnectionEvent, FrameKey},
	options::{unix_ms, OptionsError},
	report::{Acknowledged, Report},
	retry::{Backoff, InvalidBackoff},
	state::{StateDirectory, StateError},
};

/// How far simulated time may be ahead of real time, in s: well within what the ledger takes (300).
const MAX_AHEAD_SECONDS: u64 = 60;
/// Frames that a task makes before it looks at its connection again.
const FRAMES_PER_TURN: usize = 16;
const LEAST_WAIT: Duration = Duration::from_millis(100);
const MOST_WAIT: Duration = Duration::from_secs(5);

/// What a fleet is to do.
#[derive(Clone, Debug)]
pub struct Plan {
	/// Where to publish.
	pub broker: BrokerAddress,
	/// What keys, packs and use follow from.
	pub seed: String,
	/// How each battery is simulated.
	pub setup: Setup,
	/// The devices.
	pub members: Vec<Member>,
	/// MQTT connections that they share.
	pub connections: usize,
	/// Frames of each device; 0 for until stopped.
	pub frames_per_device: u64,
	/// From one frame of a device to its next; zero for as fast as they are acknowledged.
	pub frame_interval: Duration,
	/// Where acknowledged frames are written down.
	pub report: Option<PathBuf>,
	/// Where counters, outboxes and packs are kept.
	pub state: Option<PathBuf>,
	/// How long to publish what is in the outboxes after being told to stop.
	pub drain: Duration,
}

/// Why a fleet can not run.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
	/// A device.
	#[error(transparent)]
	Battery(#[from] BatteryError),
	/// The state directory.
	#[error(transparent)]
	State(#[from] StateError),
	/// The report.
	#[error("report {}: {error}", path.display())]
	Report {
		/// The file.
		path: PathBuf,
		/// What the system says.
		error: io::Error,
	},
	/// The clock.
	#[error(transparent)]
	Clock(#[from] OptionsError),
	/// A constant of this module.
	#[error(transparent)]
	Backoff(#[from] InvalidBackoff),
	/// A task ended before its work did.
	#[error("a connection's task failed: {0}")]
	Task(#[from] tokio::task::JoinError),
}

/// What a run did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Summary {
	/// Frames that were made.
	pub produced: u64,
	/// Frames that were acknowledged.
	pub acknowledged: u64,
	/// Frames that are still in outboxes.
	pub left: u64,
}

/// Runs a fleet until its frames are acknowledged, or until `stop` says so and the outboxes are empty or the time for that is
/// over.
pub async fn run(plan: Plan, stop: watch::Receiver<bool>) -> Result<Summary, FleetError> {
	let state = match &plan.state {
		Some(path) => Some(StateDirectory::open(path, &plan.seed, &plan.setup.genesis_hash)?),
		None => None,
	};
	let report = match &plan.report {
		Some(path) => Report::append_to(path).map_err(|error| FleetError::Report {
			path: path.clone(),
			error,
		})?,
		None => Report::none(),
	};
	let plan = Arc::new(plan);
	let report = Arc::new(report);
	let connections = plan.connections.clamp(1, plan.members.len().max(1));
	let start = Instant::now();
	let mut tasks = JoinSet::new();
	for number in 0..connections {
		let share = plan.members.iter().enumerate().skip(number).step_by(connections);
		let mut worker = Worker::new(number, &plan, Arc::clone(&report), stop.clone())?;
		for (place, member) in share {
			// Devices begin one after the other over an interval, so that the load is even.
			let offset = plan
				.frame_interval
				.mul_f64(place as f64 / plan.members.len() as f64);
			worker.add(member, state.as_ref(), start + offset)?;
		}
		tasks.spawn(worker.run());
	}
	info!(devices = plan.members.len(), connections, broker = %plan.broker, "fleet started");
	let mut summary = Summary::default();
	while let Some(done) = tasks.join_next().await {
		let part = done??;
		summary.produced += part.produced;
		summary.acknowledged += part.acknowledged;
		summary.left += part.left;
	}
	Ok(summary)
}

/// A device in its task.
struct Slot {
	alias: String,
	battery: SimulatedBattery,
	produced: u64,
	/// Frames in the outbox.
	waiting: usize,
	/// Stands in the queue of those that have something to publish.
	queued: bool,
	/// Its outbox is full: the next acknowledgement wakes it.
	blocked: bool,
	/// When frames were first published, in ms since 1970, by sequence.
	published_ms: HashMap<u64, u64>,
}

struct Worker {
	number: usize,
	plan: Arc<Plan>,
	report: Arc<Report>,
	stop: watch::Receiver<bool>,
	connection: Connection,
	slots: Vec<Slot>,
	/// When each device is to make its next frame.
	due: BinaryHeap<Reverse<(Instant, usize)>>,
	ready: VecDeque<usize>,
	/// Frames in all outboxes.
	waiting: usize,
	/// The broker did not answer the last time.
	away: bool,
	/// Since when to stop.
	stopping: Option<Instant>,
	summary: Summary,
}

impl Worker {
	fn new(
		number: usize,
		plan: &Arc<Plan>,
		report: Arc<Report>,
		stop: watch::Receiver<bool>,
	) -> Result<Self, FleetError> {
		// Of this process: two fleets of one seed must not take each other's connections.
		let client_id = format!("bms-sim-{}-{number}", std::process::id());
		let backoff = Backoff::try_new(LEAST_WAIT, MOST_WAIT)?;
		Ok(Worker {
			number,
			connection: Connection::new(plan.broker.clone(), client_id, backoff),
			plan: Arc::clone(plan),
			report,
			stop,
			slots: Vec::new(),
			due: BinaryHeap::new(),
			ready: VecDeque::new(),
			waiting: 0,
			away: false,
			stopping: None,
			summary: Summary::default(),
		})
	}

	fn add(
		&mut self,
		member: &Member,
		state: Option<&StateDirectory>,
		due: Instant,
	) -> Result<(), FleetError> {
		let memory = match state {
			Some(state) => state.memory(member.device_index)?,
			None => Memory::volatile(),
		};
		let identity = DeviceIdentity::derive(&self.plan.seed, member.device_index);
		let setup = Setup {
			key_epoch: member.key_epoch.unwrap_or(self.plan.setup.key_epoch),
			..self.plan.setup
		};
		let place = self.slots.len();
		self.slots.push(Slot {
			alias: member.alias.clone(),
			battery: SimulatedBattery::open_for(
				&identity,
				PassportId(member.passport.0),
				&self.plan.seed,
				setup,
				member.operator,
				memory,
			)?,
			produced: 0,
			waiting: 0,
			queued: false,
			blocked: false,
			published_ms: HashMap::new(),
		});
		if member.operator.is_some() {
			let topic = CommandTopic {
				battery: &member.alias,
			};
			self.connection.listen(place, topic.to_string());
		}
		self.due.push(Reverse((due, place)));
		// What the process before left in the outbox.
		self.recount(place);
		self.queue(place);
		Ok(())
	}

	async fn run(mut self) -> Result<Summary, FleetError> {
		loop {
			self.produce_due()?;
			self.publish_ready()?;
			if self.is_done() {
				break;
			}
			let wake = self.wake_at();
			let stop = &mut self.stop;
			// A dropped sender stops too. The guard that it answers with must not be held on to.
			let told_to_stop = async { drop(stop.wait_for(|stop| *stop).await) };
			let event = tokio::select! {
				biased;
				() = told_to_stop, if self.stopping.is_none() => {
					self.stopping = Some(Instant::now());
					self.due.clear();
					None
				},
				event = self.connection.next_event() => Some(event),
				() = sleep_until(wake) => None,
			};
			if let Some(event) = event {
				self.take(event)?;
			}
		}
		self.summary.left = self.waiting as u64;
		self.connection.close().await;
		Ok(self.summary)
	}

	fn is_done(&self) -> bool {
		let drained = self.waiting == 0;
		match self.stopping {
			Some(since) => drained || since.elapsed() >= self.plan.drain,
			// A device that has made all its frames is in no heap and not blocked.
			None => drained && self.due.is_empty() && self.slots.iter().all(|slot| !slot.blocked),
		}
	}

	fn wake_at(&self) -> Instant {
		let an_hour = Instant::now() + Duration::from_secs(3_600);
		match (self.stopping, self.due.peek()) {
			(Some(since), _) => since + self.plan.drain,
			(None, Some(Reverse((at, _)))) => *at,
			(None, None) => an_hour,
		}
	}

	/// Makes the frames that are due.
	fn produce_due(&mut self) -> Result<(), FleetError> {
		for _ in 0..FRAMES_PER_TURN {
			let now = Instant::now();
			let Some(Reverse((at, place))) = self.due.peek().copied() else {
				break;
			};
			if at > now {
				break;
			}
			self.due.pop();
			let slot = &mut self.slots[place];
			let latest = unix_ms()? / 1_000 + MAX_AHEAD_SECONDS;
			let ahead = slot.battery.next_frame_seconds().saturating_sub(latest);
			if ahead > 0 {
				self.due.push(Reverse((now + Duration::from_secs(ahead), place)));
				continue;
			}
			match slot.battery.produce()? {
				Produced::NoRoom => slot.blocked = true,
				Produced::Frames(closed) => {
					self.count(place, closed);
					let produced = self.slots[place].produced;
					if self.plan.frames_per_device == 0 || produced < self.plan.frames_per_device {
						// By the plan and not by now: a task that was late catches up.
						self.due.push(Reverse((at + self.plan.frame_interval, place)));
					}
				}
			}
		}
		Ok(())
	}

	/// Notes frames that a device has made, and that they are to be published.
	fn count(&mut self, place: usize, closed: Closed) {
		self.slots[place].produced += u64::from(closed.frames);
		self.summary.produced += u64::from(closed.frames);
		self.recount(place);
		self.queue(place);
	}

	/// Lets a device obey a command, and says what became of it.
	fn obey(&mut self, place: usize, message: &[u8]) -> Result<(), FleetError> {
		let slot = &mut self.slots[place];
		match slot.battery.obey(message)? {
			Outcome::Ignored(why) => warn!(alias = slot.alias, %why, "a command was ignored"),
			Outcome::Obeyed {
				counter,
				command,
				closed,
			} => {
				info!(alias = slot.alias, counter, ?command, "a command was obeyed");
				// Without room the next frame is the one that was asked for.
				let at_once = match command {
					Command::ReadOut => slot.battery.produce()?,
					_ => Produced::NoRoom,
				};
				self.count(place, closed);
				if let Produced::Frames(closed) = at_once {
					self.count(place, closed);
				}
			}
		}
		Ok(())
	}

	fn recount(&mut self, place: usize) {
		let slot = &mut self.slots[place];
		let now = slot.battery.outbox_len();
		self.waiting = self.waiting + now - slot.waiting;
		slot.waiting = now;
	}

	fn queue(&mut self, place: usize) {
		let slot = &mut self.slots[place];
		if slot.waiting > 0 && !slot.queued {
			slot.queued = true;
			self.ready.push_back(place);
		}
	}

	/// Hands frames to the connection, one of each device in turn, while it has room.
	fn publish_ready(&mut self) -> Result<(), FleetError> {
		while self.connection.has_room() {
			let Some(place) = self.ready.pop_front() else {
				break;
			};
			let slot = &mut self.slots[place];
			slot.queued = false;
			let mut link = DeviceLink {
				connection: &mut self.connection,
				place,
				alias: &slot.alias,
			};
			let published = slot.battery.publish_next(&mut link)?;
			if let Some(entry) = published {
				let now = unix_ms()?;
				slot.published_ms.entry(entry.sequence).or_insert(now);
				self.queue(place);
			}
			self.recount(place);
		}
		Ok(())
	}

	fn take(&mut self, event: ConnectionEvent) -> Result<(), FleetError> {
		match event {
			ConnectionEvent::Up => {
				if std::mem::take(&mut self.away) {
					info!(connection = self.number, "the broker is back");
				}
			}
			ConnectionEvent::Acknowledged((place, sequence)) => {
				self.write_down(place, sequence)?;
				self.settle(place, LinkEvent::Acknowledged { sequence })?;
				let slot = &mut self.slots[place];
				if slot.blocked && self.stopping.is_none() {
					self.due.push(Reverse((Instant::now(), place)));
				}
				slot.blocked = false;
			}
			ConnectionEvent::Command(place, message) => self.obey(place, &message)?,
			ConnectionEvent::Refused((place, sequence), reason) => {
				warn!(
					alias = self.slots[place].alias,
					sequence, reason, "the broker refused a frame, trying again"
				);
				self.settle(place, LinkEvent::Refused { sequence })?;
			}
			ConnectionEvent::Lost(reason) => {
				// Once for each time that the broker is away, not for each try.
				if std::mem::replace(&mut self.away, true) {
					debug!(connection = self.number, reason, "no connection, trying again");
				} else {
					warn!(connection = self.number, broker = %self.plan.broker, reason, "no connection, trying again");
				}
				for place in 0..self.slots.len() {
					self.settle(place, LinkEvent::Lost)?;
				}
			}
		}
		Ok(())
	}

	fn settle(&mut self, place: usize, event: LinkEvent) -> Result<(), FleetError> {
		self.slots[place].battery.settle(event)?;
		self.recount(place);
		self.queue(place);
		Ok(())
	}

	/// Before the frame is settled: a process that is killed in between publishes and reports it again, and none that was
	/// acknowledged is missing from the report. Once: a later connection may acknowledge it again.
	fn write_down(&mut self, place: usize, sequence: u64) -> Result<(), FleetError> {
		let slot = &mut self.slots[place];
		let Some(entry) = slot
			.battery
			.entry(sequence)
			.filter(|entry| !entry.is_acknowledged())
		else {
			return Ok(());
		};
		self.summary.acknowledged += 1;
		let acked_at_unix_ms = unix_ms()?;
		let line = Acknowledged {
			alias: slot.alias.clone(),
			sequence,
			published_at_unix_ms: slot.published_ms.remove(&sequence).unwrap_or(acked_at_unix_ms),
			acked_at_unix_ms,
			readings: entry.readings,
			bytes: entry.bytes,
			kind: entry.urgency.into(),
		};
		let path = || self.plan.report.clone().unwrap_or_default();
		self.report
			.write(&line)
			.map_err(|error| FleetError::Report { path: path(), error })
	}
}

/// One device's view of the connection.
struct DeviceLink<'a> {
	connection: &'a mut Connection,
	place: usize,
	alias: &'a str,
}

impl Link for DeviceLink<'_> {
	fn publish(&mut self, frame: Outgoing<'_>) -> Result<(), NoRoom> {
		let key: FrameKey = (self.place, frame.sequence);
		let topic = TopicName {
			battery: self.alias,
			topic: frame.topic,
		}
		.to_string();
		if self.connection.publish(key, topic, frame.delivery, frame.bytes) {
			Ok(())
		} else {
			Err(NoRoom)
		}
	}
}
