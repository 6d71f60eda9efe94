//! What an operator runs beside a node: a broker and a bridge, started for one measurement and ended with it.

use super::mqtt::{publish, Message};
use crate::{chain::Chain, leg::Pace, process::cpu_seconds};
use anyhow::{bail, Context, Result};
use passport_client::test_keys::TestMember;
use passport_tests::{bridge::Setup, program::folder, until, Bridge, BrokerChoice, Mosquitto};
use std::{convert::Infallible, path::PathBuf};
use tokio::{
	sync::Semaphore,
	time::{sleep, Duration, Instant},
};

/// Frames of a flood that are published and not done: some seconds of what two cores can do. A device has at most 64 sequences on
/// their way, so a fleet of 512 has room for more.
const ROOM: usize = 24_576;

/// How often the bridge is asked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How long the last frames may take. A transaction that a pool has lost is sent again when its 64 blocks are over.
const PATIENCE: Duration = Duration::from_secs(240);

/// Whose accounts the bridge sends by: one sends 16 extrinsics before the first is final, which is too few for a flood.
const LANES: usize = 8;

/// The secret URIs of the bridge operator's lanes; the first is the account that the test networks have.
pub fn lanes() -> Vec<String> {
	let own = TestMember::FrameBridge.seed();
	(0..LANES)
		.map(|lane| match lane {
			0 => own.to_owned(),
			lane => format!("{own}//{lane}"),
		})
		.collect()
}

/// What the bridge does with frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
	/// Each is checked on the ledger.
	Verified,
	/// They are put under a root, in this stream of the bridge's organisation.
	Anchored {
		/// Its number. A bridge with an empty disk needs one that was never used.
		stream: u32,
	},
	/// They are checked and written to disk, and that is all: they would be anchored in an hour.
	Kept {
		/// See [`Way::Anchored`].
		stream: u32,
	},
}

impl Way {
	/// The bridge's settings.
	fn arguments(self) -> Vec<String> {
		let anchored = |stream: u32| ["--path=anchored".to_owned(), format!("--anchor-stream={stream}")];
		match self {
			Way::Verified => vec!["--in-flight=16".into()],
			Way::Anchored { stream } => [
				&anchored(stream)[..],
				&[format!("--anchor-max-age-seconds={ANCHOR_AGE_SECONDS}")],
			]
			.concat(),
			Way::Kept { stream } => [
				&anchored(stream)[..],
				&[
					"--anchor-max-age-seconds=3600".to_owned(),
					"--anchor-max-leaves=1048576".to_owned(),
				],
			]
			.concat(),
		}
	}

	/// The counters of frames that make room for others.
	const fn room_counters(self) -> &'static [&'static str] {
		match self {
			Way::Verified => ON_THE_LEDGER,
			Way::Anchored { .. } | Way::Kept { .. } => ACKNOWLEDGED,
		}
	}

	/// The counters of frames that are done.
	const fn done_counters(self) -> &'static [&'static str] {
		match self {
			Way::Verified | Way::Anchored { .. } => ON_THE_LEDGER,
			Way::Kept { .. } => ACKNOWLEDGED,
		}
	}
}

/// How long frames wait for others before they are anchored, in seconds: short, so that a flood has several anchors. The bridge's
/// default is a minute.
pub const ANCHOR_AGE_SECONDS: u32 = 5;

/// The bridge's counters of frames that the ledger has: those whose final block it saw, and those that it found there after an answer was lost.
const ON_THE_LEDGER: &[&str] = &["frames_finalised_total", "frames_already_taken_total"];
const ACKNOWLEDGED: &[&str] = &["messages_acknowledged_total"];
const ACCEPTED: &str = "frames_accepted_total";

/// Processor time, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Cpu {
	/// Of the bridge.
	pub bridge: f64,
	/// Of the broker.
	pub broker: f64,
	/// Of all validators.
	pub validators: f64,
}

impl Cpu {
	fn since(self, before: Cpu) -> Cpu {
		Cpu {
			bridge: self.bridge - before.bridge,
			broker: self.broker - before.broker,
			validators: self.validators - before.validators,
		}
	}
}

/// What became of messages.
pub struct Carried {
	/// When each was published, or due to be: fewer than there were, where the time was over before.
	pub began: Vec<Instant>,
	/// When the bridge was heard to be done with all of them.
	pub ended: Instant,
	/// Highest block when publishing began.
	pub first_block: u32,
	/// Block numbers in their order, and when each was told to be final.
	pub told: Vec<(u64, Instant)>,
	/// Used from the first message until all were done.
	pub cpu: Cpu,
}

impl Carried {
	/// When a block was heard to be final: of several that become final at once only the last is told.
	pub fn arrived(&self, block: u64) -> Option<Instant> {
		let place = self.told.partition_point(|(number, _)| *number < block);
		self.told.get(place).map(|(_, arrived)| *arrived)
	}

	/// The last block that was told to be final.
	pub fn last_block(&self) -> u64 {
		self.told.last().map_or(0, |(number, _)| *number)
	}
}

/// A broker, and a bridge that takes frames from it to a node.
pub struct Site {
	broker: Mosquitto,
	bridge: Bridge,
	way: Way,
	/// The bridge's data directory.
	data: PathBuf,
}

impl Site {
	/// Starts both, with nothing on their disks, and waits until they are ready.
	pub async fn start(chain: &Chain, way: Way) -> Result<Self> {
		let broker = Mosquitto::for_load().await?;
		let data = folder("site")?.join("data");
		let setup = Setup {
			signers: match way {
				Way::Verified => lanes(),
				// Anchors are signed with one key.
				Way::Anchored { .. } | Way::Kept { .. } => Vec::new(),
			},
			arguments: way.arguments(),
			data: Some(data.clone()),
			..Setup::default()
		};
		let choice = BrokerChoice::Remote(broker.url());
		let bridge = Bridge::start_as(&chain.url(), choice, setup).await?;
		Ok(Site {
			broker,
			bridge,
			way,
			data,
		})
	}

	/// Where the bridge keeps the batch files of its anchors, in folders by the end of their names.
	pub fn batch_files(&self) -> PathBuf {
		self.data.join("content")
	}

	/// Publishes messages at this pace, and waits until the bridge is done with all of them.
	pub async fn carry(&self, chain: &Chain, messages: &[Message], pace: Pace) -> Result<Carried> {
		let mut heads = chain.methods().chain_subscribe_finalized_heads().await?;
		let (first_block, _) = chain.ledger().finalised_head().await?;
		let done_before = self.count(self.way.done_counters()).await?;
		let accepted_before = self.bridge.metric(ACCEPTED).await?;
		let cpu_before = self.cpu(chain)?;
		let room = Semaphore::new(match pace {
			Pace::Flood(_) => ROOM,
			Pace::Steady(_) => messages.len().max(1),
		});
		let mut told: Vec<(u64, Instant)> = Vec::new();

		let work = async {
			let began = tokio::select! {
				began = publish(self.broker.port(), messages, pace, &room) => began?,
				never = self.make_room(&room) => match never? {},
			};
			let done = done_before + began.len() as u64;
			until("the bridge is done with all frames", PATIENCE, async || {
				Ok((self.count(self.way.done_counters()).await? >= done).then_some(()))
			})
			.await?;
			anyhow::Ok((began, Instant::now()))
		};
		let listen = async {
			while let Some(head) = heads.next().await {
				told.push((head?.number, Instant::now()));
			}
			anyhow::Ok(())
		};
		let (began, ended) = tokio::select! {
			done = work => done?,
			closed = listen => {
				closed?;
				bail!("the node closed its subscription")
			}
		};
		let cpu = self.cpu(chain)?.since(cpu_before);
		let accepted = self.bridge.metric(ACCEPTED).await? - accepted_before;
		if accepted != began.len() as u64 {
			bail!(
				"{} frames were published, and {accepted} were good and new to the bridge",
				began.len()
			);
		}
		// The block that the bridge has heard of may not have been told here yet.
		let (last, _) = chain.ledger().finalised_head().await?;
		while told.last().is_none_or(|(number, _)| *number < u64::from(last)) {
			let head = heads.next().await.context("the node closed its subscription")??;
			told.push((head.number, Instant::now()));
		}
		Ok(Carried {
			began,
			ended,
			first_block,
			told,
			cpu,
		})
	}

	/// Lets as many frames be published as the bridge has made room for, for ever.
	async fn make_room(&self, room: &Semaphore) -> Result<Infallible> {
		let mut before = self.count(self.way.room_counters()).await?;
		loop {
			sleep(LOOK_EVERY).await;
			let now = self.count(self.way.room_counters()).await?;
			room.add_permits(now.saturating_sub(before) as usize);
			before = now;
		}
	}

	/// What these counters come to.
	async fn count(&self, counters: &[&str]) -> Result<u64> {
		let mut count = 0;
		for counter in counters {
			count += self.bridge.metric(counter).await?;
		}
		Ok(count)
	}

	fn cpu(&self, chain: &Chain) -> Result<Cpu> {
		Ok(Cpu {
			bridge: cpu_seconds(&self.bridge.program)?,
			broker: cpu_seconds(&self.broker.program)?,
			validators: chain.cpu_seconds()?,
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use passport_client::test_keys;
	use std::collections::BTreeSet;

	#[test]
	fn lanes_are_accounts_of_their_own_and_the_first_is_the_members() {
		let lanes = lanes();
		assert_eq!(lanes[0], "//Two");
		let accounts: BTreeSet<_> = lanes
			.iter()
			.map(|lane| test_keys::signer(lane).unwrap().public_key().0)
			.collect();
		assert_eq!(accounts.len(), LANES);
	}

	#[test]
	fn only_what_is_to_reach_the_ledger_is_sent_there_soon() {
		let arguments = Way::Kept { stream: 4 }.arguments();
		assert!(arguments.contains(&"--path=anchored".to_owned()));
		assert!(arguments.contains(&"--anchor-stream=4".to_owned()));
		assert!(arguments.contains(&"--anchor-max-age-seconds=3600".to_owned()));
		assert_eq!(Way::Kept { stream: 4 }.done_counters(), ACKNOWLEDGED);
		assert_eq!(Way::Anchored { stream: 4 }.done_counters(), ON_THE_LEDGER);
		assert_eq!(Way::Verified.room_counters(), ON_THE_LEDGER);
		assert!(!Way::Verified.arguments().contains(&"--path=anchored".to_owned()));
	}

	#[test]
	fn a_block_arrives_with_the_first_one_that_is_told_from_it_on() {
		let start = Instant::now();
		let at = |seconds| start + Duration::from_secs(seconds);
		let carried = Carried {
			began: vec![start],
			ended: at(9),
			first_block: 4,
			told: vec![(5, at(1)), (8, at(3)), (9, at(4))],
			cpu: Cpu {
				bridge: 0.0,
				broker: 0.0,
				validators: 0.0,
			},
		};
		assert_eq!(carried.arrived(5), Some(at(1)));
		assert_eq!(carried.arrived(6), Some(at(3)));
		assert_eq!(carried.arrived(8), Some(at(3)));
		assert_eq!(carried.arrived(10), None);
		assert_eq!(carried.last_block(), 9);
	}
}
