//! One device that floods the broker with more bad frames than the bridge can check: its neighbours' latency, until the bridge has
//! a frame on disk and until the frame is final, stays within twice, and none of theirs is lost.

use anyhow::{bail, ensure, Context, Result};
use passport_client::Ledger;
use passport_primitives::topic::FrameTopic::Telemetry;
use passport_tests::{
	oracle::nothing_lost_nothing_twice, publish, register, run, until, Battery, Bridge, BrokerChoice,
	FinalisedFrames, Mosquitto, Node, PATIENCE,
};
use rumqttc::v5::{
	mqttbytes::{v5::Packet, QoS},
	AsyncClient, Event, MqttOptions,
};
use std::{
	collections::BTreeSet,
	sync::{
		atomic::{AtomicU64, Ordering},
		Arc,
	},
	time::{Duration, Instant},
};
use tokio::{
	task::JoinSet,
	time::{interval, MissedTickBehavior},
};

/// Frames that a latency is taken over.
const SAMPLES: u64 = 9;

/// Bad frames that are sent at once, and how often: 10,000 a second, for which a bridge that checks them all would need a core of its own.
/// The sender, the broker, the bridge and the node share two.
const AT_ONCE: usize = 250;
const PACE: Duration = Duration::from_millis(25);

/// What has to be sent of that, and what the bridge has to be done with of what was sent, while the latency is taken: four fifths. A
/// slower flood would be none, and a bridge that takes less leaves the rest before its neighbours' frames.
const MOST_PERCENT: u64 = 80;

/// Flood before the latency is taken: a bridge that falls behind is behind by then.
const BEFORE_MEASURING: u64 = 5 * 10_000;

/// Between two blocks.
const BLOCK: Duration = Duration::from_secs(1);

/// A frame that is on disk so soon was not held up by the flood: less than a tenth of a second is what the system needs to turn from
/// one busy program to another.
const AT_ONCE_ON_DISK: Duration = Duration::from_millis(100);

/// Between two looks at the bridge's counter: finer than what is measured.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// The device that floods.
struct Flood {
	tasks: JoinSet<()>,
	acknowledged: Arc<AtomicU64>,
}

impl Flood {
	/// Sends these frames on a topic, over and over, until it is dropped.
	fn start(mosquitto: &Mosquitto, topic: String, frames: Vec<Vec<u8>>) -> Self {
		let mut options = MqttOptions::new("flood", "127.0.0.1", mosquitto.port());
		options.set_keep_alive(Duration::from_secs(30));
		let (client, mut events) = AsyncClient::new(options, 2 * AT_ONCE);
		let acknowledged = Arc::<AtomicU64>::default();
		let count = Arc::clone(&acknowledged);
		let mut tasks = JoinSet::new();
		tasks.spawn(async move {
			while let Ok(event) = events.poll().await {
				if matches!(event, Event::Incoming(Packet::PubAck(_))) {
					count.fetch_add(1, Ordering::Relaxed);
				}
			}
		});
		tasks.spawn(async move {
			let mut ticks = interval(PACE);
			// What the broker was too slow for is not made up for.
			ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
			let mut frames = frames.iter().cycle();
			loop {
				ticks.tick().await;
				for frame in frames.by_ref().take(AT_ONCE) {
					let sent = client.publish(topic.as_str(), QoS::AtLeastOnce, false, frame.clone());
					if sent.await.is_err() {
						return;
					}
				}
			}
		});
		Flood { tasks, acknowledged }
	}

	/// An error when it does not flow any more.
	fn check_running(&mut self) -> Result<()> {
		match self.tasks.try_join_next() {
			None => Ok(()),
			Some(ended) => bail!("the flood has ended: {ended:?}"),
		}
	}

	/// Frames that the broker has acknowledged, and so has for the bridge.
	fn sent(&self) -> u64 {
		self.acknowledged.load(Ordering::Relaxed)
	}
}

/// Medians of the times from publishing a frame.
#[derive(Debug)]
struct Latency {
	/// Until the bridge has it on disk, which is when it acknowledges it.
	on_disk: Duration,
	/// Until a final block has it.
	in_final_block: Duration,
}

fn median(mut times: Vec<Duration>) -> Duration {
	times.sort();
	times[times.len() / 2]
}

/// Waits until the bridge has so many good frames on disk, and says when that was.
async fn accepted(bridge: &Bridge, count: u64) -> Result<Instant> {
	let deadline = Instant::now() + PATIENCE;
	let mut looks = interval(LOOK_EVERY);
	looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
	loop {
		looks.tick().await;
		let there = bridge.metric("frames_accepted_total").await? >= count;
		let now = Instant::now();
		if there {
			return Ok(now);
		}
		ensure!(now < deadline, "the bridge does not take the neighbour's frame");
	}
}

/// A battery that publishes one frame after the other, each when the one before is final.
struct Neighbour<'a> {
	battery: &'a Battery,
	sequence: u64,
	acknowledged: BTreeSet<(u32, u64)>,
}

impl Neighbour<'_> {
	/// Publishes some frames. Nobody else has a good one to publish meanwhile.
	async fn latency(
		&mut self,
		mosquitto: &Mosquitto,
		bridge: &Bridge,
		ledger: &Ledger,
		frames: &mut FinalisedFrames,
	) -> Result<Latency> {
		let (mut on_disk, mut in_final_block) = (Vec::new(), Vec::new());
		for _ in 0..SAMPLES {
			self.sequence += 1;
			let key = (self.battery.device, self.sequence);
			let message = (self.battery.topic(Telemetry), self.battery.frame(self.sequence)?);
			let url = mosquitto.url();
			let count = bridge.metric("frames_accepted_total").await? + 1;
			let began = Instant::now();
			let ((), taken) = tokio::try_join!(publish(&url, [message]), accepted(bridge, count))?;
			on_disk.push(taken.saturating_duration_since(began));
			self.acknowledged.insert(key);
			until("the neighbour's frame is final", PATIENCE, async || {
				frames.catch_up(ledger).await?;
				Ok(frames.taken().contains(&key).then_some(()))
			})
			.await?;
			in_final_block.push(began.elapsed());
		}
		Ok(Latency {
			on_disk: median(on_disk),
			in_final_block: median(in_final_block),
		})
	}
}

#[test]
fn a_device_that_floods_with_bad_frames_leaves_its_neighbours_latency_within_twice() {
	run(async {
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		// Of one client it takes more messages at once than usual: the flood is not to wait for its acknowledgements.
		let mosquitto = Mosquitto::for_load().await?;
		let mut bridge = Bridge::start(&node.url(), BrokerChoice::Remote(mosquitto.url())).await?;
		let aliases = ["BAT-2027-FL-000001", "BAT-2027-FL-000002"].map(str::to_owned);
		let batteries = register(&ledger, "flood", &aliases).await?;
		let [quiet, flooding] = batteries.as_slice() else {
			bail!("two batteries")
		};
		let mut frames = FinalisedFrames::from_now(&ledger).await?;
		let mut neighbour = Neighbour {
			battery: quiet,
			sequence: 0,
			acknowledged: BTreeSet::new(),
		};
		let calm = neighbour
			.latency(&mosquitto, &bridge, &ledger, &mut frames)
			.await?;

		// Each has to be checked to its end: only the signature is wrong.
		let mut forged = Vec::new();
		for sequence in 1..=200 {
			let mut frame = flooding.frame(sequence)?;
			*frame.last_mut().context("an empty frame")? ^= 1;
			forged.push(frame);
		}
		let mut flood = Flood::start(&mosquitto, flooding.topic(Telemetry), forged);
		until("the flood is there", PATIENCE, async || {
			flood.check_running()?;
			bridge.program.check_running()?;
			Ok((flood.sent() >= BEFORE_MEASURING).then_some(()))
		})
		.await?;
		let done = "messages_acknowledged_total";
		let (sent_before, done_before, began) = (flood.sent(), bridge.metric(done).await?, Instant::now());
		let flooded = neighbour
			.latency(&mosquitto, &bridge, &ledger, &mut frames)
			.await?;
		flood.check_running()?;
		let (sent, done) = (
			flood.sent() - sent_before,
			bridge.metric(done).await? - done_before,
		);
		let lasted = began.elapsed();
		let wanted = lasted.as_millis() as u64 / PACE.as_millis() as u64 * AT_ONCE as u64;
		ensure!(
			sent >= wanted * MOST_PERCENT / 100,
			"no flood: {sent} of {wanted} bad frames were sent in {lasted:?}"
		);
		ensure!(
			done >= sent * MOST_PERCENT / 100,
			"the bridge is behind: {sent} bad frames were sent in {lasted:?}, and it is done with {done}; {flooded:?}, {calm:?} \
			 without the flood"
		);
		ensure!(
			flooded.on_disk <= AT_ONCE_ON_DISK.max(2 * calm.on_disk),
			"a neighbour waited until its frame was on disk: {flooded:?}, {calm:?} without the flood of {sent} bad frames"
		);
		// A block more at most, which is less than twice where it takes a block and more.
		ensure!(
			flooded.in_final_block <= (calm.in_final_block + BLOCK).min(2 * calm.in_final_block),
			"a neighbour waited until its frame was final: {flooded:?}, {calm:?} without the flood of {sent} bad frames"
		);

		// Most of it cost no check of a signature.
		let checked = bridge.refused("bad_signature").await?;
		let unchecked = bridge.refused("flood").await?;
		ensure!(
			unchecked > 10 * checked,
			"{checked} bad signatures were checked, {unchecked} were not"
		);

		// The device itself is heard again when its flood is over.
		drop(flood);
		let count = bridge.metric("frames_accepted_total").await? + 1;
		until("the device that has flooded is heard", PATIENCE, async || {
			let message = (flooding.topic(Telemetry), flooding.frame(201)?);
			publish(&mosquitto.url(), [message]).await?;
			let there = bridge.metric("frames_accepted_total").await? >= count;
			Ok(there.then_some(()))
		})
		.await?;
		let mut acknowledged = neighbour.acknowledged;
		acknowledged.insert((flooding.device, 201));
		nothing_lost_nothing_twice(&ledger, &mut frames, &acknowledged, &batteries, PATIENCE).await?;
		let letters = bridge.dead_letters()?;
		ensure!(
			letters
				.iter()
				.all(|letter| letter.topic == flooding.topic(Telemetry)),
			"a neighbour's frame was given up"
		);
		ensure!(
			frames.skipped().is_empty(),
			"the bridge has spent blocks on: {:?}",
			frames.skipped()
		);
		Ok(())
	});
}
