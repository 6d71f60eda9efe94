//! What is known of batteries and their devices: asked of the ledger once, remembered on disk, asked again
//! when a frame does not fit what is known.

use crate::{
	batch::FrameKey,
	ledger::{Ledger, LedgerError, Reachability},
	lock,
	store::{fingerprint, BatteryFacts, DeviceState, Store, StoreError},
};
use futures::{stream, StreamExt};
use passport_primitives::telemetry::SequenceWindow;
use std::{
	collections::{BTreeSet, HashMap, HashSet, VecDeque},
	sync::{Arc, Mutex},
	time::Duration,
};
use tokio::time::Instant;

/// The ledger is asked about one battery at most this often: whoever publishes rubbish under a battery's name
/// does not thereby burden the node. A block's time: sooner nothing new can be final.
pub const ASK_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Most names without a device that are remembered. Names are free to invent.
const MAX_UNKNOWN: usize = 10_000;

/// Most frames of which it is remembered that they are done with, some 4 MB. More than a broker has on its way to a bridge when
/// the connection is cut: Mosquitto 2.0.11 has whole queues on their way (it releases 16 messages for one acknowledgement).
const MAX_SETTLED: usize = 65_536;

/// Questions to the node at a time.
const QUESTIONS_AT_ONCE: usize = 16;

/// The answer to: which device is behind this battery's name?
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
	/// This one.
	Known(BatteryFacts),
	/// None.
	Unknown,
	/// No node answers and nothing is remembered.
	Unanswered,
}

#[derive(Debug, Default)]
struct Register {
	batteries: HashMap<String, (BatteryFacts, Option<Instant>)>,
	/// Names that have no device, and when the ledger said so.
	unknown: HashMap<String, Instant>,
	states: HashMap<u32, DeviceState>,
	settled: Settled,
}

/// Frames that were done with last, however far they are behind the ledger's window by now. In memory alone: what it is for is a
/// broker that sends again what was acknowledged on a connection that was cut.
#[derive(Debug, Default)]
struct Settled {
	known: HashSet<(FrameKey, u32)>,
	order: VecDeque<(FrameKey, u32)>,
}

impl Settled {
	fn insert(&mut self, frame: (FrameKey, u32)) {
		if self.known.insert(frame) {
			self.order.push_back(frame);
		}
		if self.order.len() > MAX_SETTLED {
			if let Some(oldest) = self.order.pop_front() {
				self.known.remove(&oldest);
			}
		}
	}
}

/// The register of devices.
pub struct Devices<L> {
	ledger: Arc<L>,
	reachability: Arc<Reachability>,
	store: Arc<Store>,
	register: Mutex<Register>,
}

impl<L: Ledger> Devices<L> {
	/// With what the store remembers.
	pub fn load(
		ledger: Arc<L>,
		reachability: Arc<Reachability>,
		store: Arc<Store>,
	) -> Result<Self, StoreError> {
		let register = Register {
			batteries: store
				.batteries()?
				.into_iter()
				.map(|(name, facts)| (name, (facts, None)))
				.collect(),
			unknown: HashMap::new(),
			states: store.devices()?.into_iter().collect(),
			settled: Settled::default(),
		};
		Ok(Devices {
			ledger,
			reachability,
			store,
			register: Mutex::new(register),
		})
	}

	/// What is known of these batteries; the ledger is asked about those that are not.
	pub async fn look_up(&self, names: &BTreeSet<String>) -> HashMap<String, Answer> {
		let (mut answers, questions) = {
			let register = lock(&self.register);
			let mut answers = HashMap::new();
			let mut questions = Vec::new();
			for name in names {
				let answer = match (register.batteries.get(name), register.unknown.get(name)) {
					(Some((facts, _)), _) => Answer::Known(facts.clone()),
					(None, Some(asked)) if asked.elapsed() < ASK_AGAIN_AFTER => Answer::Unknown,
					(None, _) => {
						questions.push(name.clone());
						Answer::Unanswered
					}
				};
				answers.insert(name.clone(), answer);
			}
			(answers, questions)
		};
		answers.extend(self.ask(questions).await);
		answers
	}

	/// Asks the ledger again about batteries whose frames do not fit what is known. What was asked just now
	/// stands; [`Answer::Unanswered`] says that no node answers.
	pub async fn ask_again(&self, names: &BTreeSet<String>) -> HashMap<String, Answer> {
		let (mut answers, questions) = {
			let register = lock(&self.register);
			let mut answers = HashMap::new();
			let mut questions = Vec::new();
			for name in names {
				match (register.batteries.get(name), register.unknown.get(name)) {
					(Some((facts, Some(asked))), _) if asked.elapsed() < ASK_AGAIN_AFTER => {
						answers.insert(name.clone(), Answer::Known(facts.clone()));
					}
					(None, Some(asked)) if asked.elapsed() < ASK_AGAIN_AFTER => {
						answers.insert(name.clone(), Answer::Unknown);
					}
					_ => questions.push(name.clone()),
				}
			}
			(answers, questions)
		};
		answers.extend(self.ask(questions).await);
		answers
	}

	async fn ask(&self, names: Vec<String>) -> HashMap<String, Answer> {
		let answers: Vec<(String, Result<_, LedgerError>)> = stream::iter(names)
			.map(|name| async move {
				let answer = self.reachability.note(self.ledger.device_of_battery(&name).await);
				(name, answer)
			})
			.buffer_unordered(QUESTIONS_AT_ONCE)
			.collect()
			.await;
		let mut result = HashMap::new();
		let mut learned_batteries = Vec::new();
		let mut learned_states = Vec::new();
		let mut reset = Vec::new();
		{
			let mut register = lock(&self.register);
			let now = Instant::now();
			for (name, answer) in answers {
				let answer = match answer {
					Ok(Some(facts)) => {
						let battery = BatteryFacts::from(&facts);
						let state = register.states.entry(facts.index).or_default();
						if facts.window.highest() < state.window.highest() {
							reset.push(facts.index);
						}
						// The ledger's word replaces what is known: a device that was reset starts again.
						if state.observe(facts.window) {
							learned_states.push((facts.index, state.clone()));
						}
						register.unknown.remove(&name);
						let known = (battery.clone(), Some(now));
						let before = register.batteries.insert(name.clone(), known);
						if before.is_none_or(|(facts, _)| facts != battery) {
							learned_batteries.push((name.clone(), Some(battery.clone())));
						}
						Answer::Known(battery)
					}
					Ok(None) => {
						if register.batteries.remove(&name).is_some() {
							learned_batteries.push((name.clone(), None));
						}
						if register.unknown.len() >= MAX_UNKNOWN {
							register.unknown.clear();
						}
						register.unknown.insert(name.clone(), now);
						Answer::Unknown
					}
					Err(LedgerError::Unreachable(_)) => Answer::Unanswered,
					Err(error) => {
						tracing::warn!(%error, battery = name, "the ledger was asked for a device");
						Answer::Unanswered
					}
				};
				result.insert(name, answer);
			}
		}
		if !learned_batteries.is_empty() || !learned_states.is_empty() {
			let written = self
				.store
				.work(move |store| store.remember_batteries(&learned_batteries, &learned_states, &reset))
				.await;
			// Not remembered, it is asked again after a restart.
			if let Err(error) = written {
				tracing::warn!(%error, "what the ledger said of a battery could not be written down");
			}
		}
		result
	}

	/// Which sequences of a device were taken, as far as is known.
	pub fn window(&self, device: u32) -> SequenceWindow {
		let register = lock(&self.register);
		register
			.states
			.get(&device)
			.map_or_else(SequenceWindow::default, |state| state.window)
	}

	/// Whether the frame that the ledger took under this key is this very one; `None` when this bridge did not bring it, or 64
	/// sequences ago. Blocks: what is not among the last few is read from disk.
	pub fn same(&self, key: FrameKey, frame: &[u8]) -> Result<Option<bool>, StoreError> {
		let in_memory = {
			let register = lock(&self.register);
			let state = register.states.get(&key.device);
			state.and_then(|state| state.same(key.sequence, frame))
		};
		if in_memory.is_some() {
			return Ok(in_memory);
		}
		let on_disk = self.store.fingerprint_of(&key)?;
		Ok(on_disk.map(|known| known == fingerprint(frame)))
	}

	/// Changes what is known of a device's sequences, and returns it for the store.
	pub fn update(&self, device: u32, change: impl FnOnce(&mut DeviceState)) -> DeviceState {
		let mut register = lock(&self.register);
		let state = register.states.entry(device).or_default();
		change(state);
		state.clone()
	}

	/// A frame is on the ledger.
	pub fn settle(&self, key: FrameKey, frame: &[u8]) {
		lock(&self.register).settled.insert((key, fingerprint(frame)));
	}

	/// Whether this very frame was on the ledger when this bridge last looked, as far as it remembers.
	pub fn is_settled(&self, key: FrameKey, frame: &[u8]) -> bool {
		lock(&self.register)
			.settled
			.known
			.contains(&(key, fingerprint(frame)))
	}

	/// Forgets which names have no device, as time does.
	#[cfg(test)]
	pub(crate) fn forget_unknown(&self) {
		lock(&self.register).unknown.clear();
	}

	/// The ledger refused a frame of this battery that fitted what is known: it is asked again before the
	/// next frame.
	pub fn doubt(&self, name: &str) {
		lock(&self.register).batteries.remove(name);
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::ledger::fake::FakeLedger;
	use passport_primitives::battery::PassportId;

	fn names(names: &[&str]) -> BTreeSet<String> {
		names.iter().map(|name| (*name).to_owned()).collect()
	}

	fn devices(directory: &std::path::Path, ledger: &Arc<FakeLedger>) -> Devices<FakeLedger> {
		let store = Arc::new(Store::open(directory, 10).unwrap());
		Devices::load(ledger.clone(), Arc::new(Reachability::default()), store).unwrap()
	}

	#[tokio::test]
	async fn the_ledger_is_asked_once_and_remembered_over_a_restart_without_a_node() {
		let directory = tempfile::tempdir().unwrap();
		let ledger = Arc::new(FakeLedger::new(1));
		ledger.register("BAT", 7, PassportId([9; 32]), [1; 32]);
		let register = devices(directory.path(), &ledger);
		for _ in 0..2 {
			let answers = register.look_up(&names(&["BAT", "NONE"])).await;
			assert!(matches!(
				answers["BAT"],
				Answer::Known(BatteryFacts { index: 7, .. })
			));
			assert_eq!(answers["NONE"], Answer::Unknown);
		}
		assert_eq!(ledger.chain().lookups, 2);
		drop(register);
		ledger.chain().unreachable = true;
		let register = devices(directory.path(), &ledger);
		let answers = register.look_up(&names(&["BAT", "NEW"])).await;
		assert!(matches!(answers["BAT"], Answer::Known(_)));
		assert_eq!(answers["NEW"], Answer::Unanswered);
		// The node is asked anew where a frame does not fit: nothing is known for sure of this run.
		assert_eq!(
			register.ask_again(&names(&["BAT"])).await["BAT"],
			Answer::Unanswered
		);
	}

	#[test]
	fn the_oldest_of_too_many_settled_frames_is_forgotten() {
		let mut settled = Settled::default();
		let frame = |sequence| (FrameKey { device: 1, sequence }, 7);
		for sequence in 0..=MAX_SETTLED as u64 {
			settled.insert(frame(sequence));
			settled.insert(frame(sequence));
		}
		assert!(!settled.known.contains(&frame(0)));
		assert!(settled.known.contains(&frame(1)));
		assert_eq!(
			(settled.known.len(), settled.order.len()),
			(MAX_SETTLED, MAX_SETTLED)
		);
	}

	#[tokio::test]
	async fn rubbish_under_a_batterys_name_does_not_burden_the_node() {
		let directory = tempfile::tempdir().unwrap();
		let ledger = Arc::new(FakeLedger::new(1));
		ledger.register("BAT", 7, PassportId([9; 32]), [1; 32]);
		let register = devices(directory.path(), &ledger);
		register.look_up(&names(&["BAT"])).await;
		for _ in 0..100 {
			register.ask_again(&names(&["BAT", "NONE"])).await;
		}
		assert_eq!(ledger.chain().lookups, 2);
		register.doubt("BAT");
		register.look_up(&names(&["BAT"])).await;
		assert_eq!(ledger.chain().lookups, 3);
	}
}
