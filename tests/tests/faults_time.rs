//! Time that goes wrong: a node that stands still for a minute, and a bridge whose clock jumps. Whatever was acknowledged to a
//! battery ends on the ledger, once.
//!
//! The tests run side by side: most of the minute is waiting.

use anyhow::{ensure, Context, Result};
use passport_primitives::topic::FrameTopic::Telemetry;
use passport_tests::{
	battery::now_seconds, bridge::Setup, clock::JumpingClock, publish, run, stage::FRAME_INTERVAL, until,
	Bridge, BrokerChoice, Mosquitto, Node, Stage, PATIENCE,
};
use std::time::{Duration, Instant};

const A_MINUTE: Duration = Duration::from_secs(60);

/// A day, in seconds.
const DAY: i64 = 86_400;

/// Further than a frame may be old: the ledger takes those of the last 30 days.
const TOO_FAR_AHEAD: i64 = 40 * DAY;

/// Frames that wait on the bridge's disk after a minute without a node: half of what the fleet publishes meanwhile.
const QUEUED: u64 = 120;

#[test]
fn a_node_that_stands_still_for_a_minute_costs_time_and_nothing_else() {
	run(async {
		let mut stage = Stage::set(Mosquitto::start).await?;
		// Four frames a second, for longer than the minute.
		let mut run = stage.publish(5 * FRAME_INTERVAL)?;
		stage.wait_for_more_final(8).await?;
		stage.node.program.freeze()?;
		let frozen = Instant::now();
		// Its connections are open and nobody has hung up: only that it does not answer tells.
		stage.bridge.wait_until_it_misses("node").await?;
		until("the minute is over", 2 * A_MINUTE, async || {
			stage.bridge.program.check_running()?;
			Ok((frozen.elapsed() >= A_MINUTE).then_some(()))
		})
		.await?;
		let queued = stage.bridge.metric("frames_queued").await?;
		ensure!(queued >= QUEUED, "only {queued} frames were taken to disk");
		// Frames still come when it goes on.
		run.program.check_running()?;
		stage.node.program.thaw()?;
		stage.bridge.wait_until_ready().await?;
		stage.judge(run).await
	});
}

/// A site whose bridge runs by a clock of its own.
async fn site_by(clock: &JumpingClock) -> Result<Stage> {
	let node = Node::dev().await?;
	let mosquitto = Mosquitto::start().await?;
	let setup = Setup {
		environment: clock.environment()?,
		..Setup::default()
	};
	let broker = BrokerChoice::Remote(mosquitto.url());
	let bridge = Bridge::start_as(&node.url(), broker, setup).await?;
	Stage::around(node, mosquitto, bridge).await
}

/// Fails unless the bridge's clock is this fast: a clock that did not jump would show nothing. A message that is no frame shows
/// it, by the time that its dead letter gives.
async fn runs_by(stage: &Stage, seconds_fast: i64) -> Result<()> {
	let battery = stage.fleet.batteries.first().context("no battery")?;
	let before = stage.bridge.dead_letters()?.len();
	publish(
		&stage.mosquitto.url(),
		[(battery.topic(Telemetry), b"rubbish".to_vec())],
	)
	.await?;
	let letters = until("rubbish is a dead letter", PATIENCE, async || {
		let letters = stage.bridge.dead_letters()?;
		Ok((letters.len() > before).then_some(letters))
	})
	.await?;
	let letter = letters.last().context("no letter")?;
	let expected = now_seconds().saturating_add_signed(seconds_fast);
	let off = expected.abs_diff(letter.received_ms / 1_000);
	ensure!(
		off < A_MINUTE.as_secs(),
		"the bridge's clock is {off} s from where it should have jumped to"
	);
	Ok(())
}

#[test]
fn a_bridge_whose_clock_jumps_ahead_and_back_refuses_no_good_frame() {
	run(async {
		let clock = JumpingClock::new()?;
		let mut stage = site_by(&clock).await?;
		let mut run = stage.publish(FRAME_INTERVAL)?;
		stage.wait_for_more_final(8).await?;
		for seconds_fast in [TOO_FAR_AHEAD, -DAY, 0] {
			clock.jump(seconds_fast)?;
			// More than wait on its disk: some come by the new clock.
			run.wait_for_more(40, PATIENCE).await?;
			stage.wait_for_more_final(60).await?;
		}
		stage.judge(run).await?;
		for seconds_fast in [TOO_FAR_AHEAD, -DAY, 0] {
			clock.jump(seconds_fast)?;
			runs_by(&stage, seconds_fast).await?;
		}
		Ok(())
	});
}

#[test]
fn a_bridge_that_starts_by_a_wrong_clock_gives_up_no_frame_that_waited_for_it() {
	run(async {
		let clock = JumpingClock::new()?;
		let mut stage = site_by(&clock).await?;
		let mut run = stage.publish(FRAME_INTERVAL)?;
		stage.wait_for_more_final(8).await?;
		for seconds_fast in [TOO_FAR_AHEAD, -DAY] {
			stage.bridge.program.kill()?;
			clock.jump(seconds_fast)?;
			// These are the first that it gets, before any node has told it the time.
			run.wait_for_more(20, PATIENCE).await?;
			stage.bridge.program.start_again()?;
			stage.bridge.wait_until_ready().await?;
		}
		stage.judge(run).await?;
		runs_by(&stage, -DAY).await
	});
}
