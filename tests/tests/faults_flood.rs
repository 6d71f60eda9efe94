//! One device that floods the broker with bad frames: its neighbours' latency, from publishing to a final block, stays within
//! twice, and none of theirs is lost.

use anyhow::{bail, ensure, Context, Result};
use passport_client::Ledger;
use passport_primitives::topic::FrameTopic::Telemetry;
use passport_tests::{
	oracle::nothing_lost_nothing_twice, publish, register, run, until, Battery, Bridge, BrokerChoice,
	FinalisedFrames, Mosquitto, Node, PATIENCE,
};
use rumqttc::v5::{mqttbytes::QoS, AsyncClient, MqttOptions};
use std::{
	collections::BTreeSet,
	time::{Duration, Instant},
};
use tokio::{
	task::JoinSet,
	time::{interval, MissedTickBehavior},
};

/// Frames that a latency is taken over.
const SAMPLES: u64 = 7;

/// Bad frames that are sent at once, and how often: 2,000 a second, more than all good frames of 100,000 batteries at one a
/// minute.
const AT_ONCE: usize = 50;
const PACE: Duration = Duration::from_millis(25);

/// Bad frames that the bridge must have judged while the latency was taken, for it to have been a flood: a tenth.
const JUDGED_A_SECOND: u64 = 200;

/// The device that floods.
struct Flood(JoinSet<()>);

impl Flood {
	/// Sends these frames on a topic, over and over, until it is dropped.
	fn start(mosquitto: &Mosquitto, topic: String, frames: Vec<Vec<u8>>) -> Self {
		let mut options = MqttOptions::new("flood", "127.0.0.1", mosquitto.port());
		options.set_keep_alive(Duration::from_secs(30));
		let (client, mut events) = AsyncClient::new(options, 2 * AT_ONCE);
		let mut tasks = JoinSet::new();
		tasks.spawn(async move { while events.poll().await.is_ok() {} });
		tasks.spawn(async move {
			let mut ticks = interval(PACE);
			// What the broker was too slow for is not made up for.
			ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
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
		Flood(tasks)
	}

	/// An error when it does not flow any more.
	fn check_running(&mut self) -> Result<()> {
		match self.0.try_join_next() {
			None => Ok(()),
			Some(ended) => bail!("the flood has ended: {ended:?}"),
		}
	}
}

/// A battery that publishes one frame after the other, each when the one before is final.
struct Neighbour<'a> {
	battery: &'a Battery,
	sequence: u64,
	acknowledged: BTreeSet<(u32, u64)>,
}

impl Neighbour<'_> {
	/// Median of the times from publishing a frame until it is final.
	async fn median_latency(
		&mut self,
		mosquitto: &Mosquitto,
		ledger: &Ledger,
		frames: &mut FinalisedFrames,
	) -> Result<Duration> {
		let mut latencies = Vec::new();
		for _ in 0..SAMPLES {
			self.sequence += 1;
			let key = (self.battery.device, self.sequence);
			let message = (self.battery.topic(Telemetry), self.battery.frame(self.sequence)?);
			let began = Instant::now();
			publish(&mosquitto.url(), [message]).await?;
			self.acknowledged.insert(key);
			until("the neighbour's frame is final", PATIENCE, async || {
				frames.catch_up(ledger).await?;
				Ok(frames.taken().contains(&key).then_some(()))
			})
			.await?;
			latencies.push(began.elapsed());
		}
		latencies.sort();
		Ok(latencies[latencies.len() / 2])
	}
}

#[test]
fn a_device_that_floods_with_bad_frames_leaves_its_neighbours_latency_within_twice() {
	run(async {
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		let mosquitto = Mosquitto::start().await?;
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
		let calm = neighbour.median_latency(&mosquitto, &ledger, &mut frames).await?;

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
			Ok((bridge.refused("bad_signature").await? >= JUDGED_A_SECOND).then_some(()))
		})
		.await?;
		let (before, began) = (bridge.refused("bad_signature").await?, Instant::now());
		let flooded = neighbour.median_latency(&mosquitto, &ledger, &mut frames).await?;
		flood.check_running()?;
		let judged = bridge.refused("bad_signature").await? - before;
		let least = JUDGED_A_SECOND * began.elapsed().as_secs();
		ensure!(
			judged >= least,
			"no flood: {judged} bad frames in {:?}",
			began.elapsed()
		);
		ensure!(
			flooded <= 2 * calm,
			"a neighbour waited {flooded:?}, {calm:?} without the flood of {judged} bad frames"
		);

		// The device itself is heard when it has something to say.
		publish(
			&mosquitto.url(),
			[(flooding.topic(Telemetry), flooding.frame(201)?)],
		)
		.await?;
		let mut acknowledged = neighbour.acknowledged;
		acknowledged.insert((flooding.device, 201));
		nothing_lost_nothing_twice(&ledger, &mut frames, &acknowledged, &batteries, PATIENCE).await?;
		drop(flood);
		let letters = bridge.dead_letters()?;
		ensure!(
			letters
				.iter()
				.all(|letter| letter.reason == "bad_signature" && letter.topic == flooding.topic(Telemetry)),
			"a good frame was given up"
		);
		ensure!(
			frames.skipped().is_empty(),
			"the bridge has spent blocks on: {:?}",
			frames.skipped()
		);
		Ok(())
	});
}
