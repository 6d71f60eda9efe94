//! What fails in the field fails here, mid-stream: whatever was acknowledged to a battery ends on the ledger, once.

use passport_tests::{run, stage::FRAME_INTERVAL, until, Mosquitto, Stage, PATIENCE};
use tokio::sync::Mutex;

/// Each test has a node, a broker, a bridge and a fleet: one after the other is enough for two cores.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

#[test]
fn a_bridge_that_is_killed_mid_stream_loses_nothing_and_repeats_nothing() {
	run(async {
		let _turn = ONE_AT_A_TIME.lock().await;
		let mut stage = Stage::set(Mosquitto::start).await?;
		let mut run = stage.publish(FRAME_INTERVAL)?;
		stage.wait_for_more_final(1).await?;
		for kill in 0..5 {
			// Sometimes with frames on their way to a block, sometimes at once.
			if kill % 2 == 0 {
				stage.wait_for_more_final(10).await?;
			}
			stage.bridge.program.kill()?;
			// The broker goes on to acknowledge, and keeps what the bridge has not taken.
			run.wait_for_more(5, PATIENCE).await?;
			stage.bridge.program.start_again()?;
			stage.bridge.wait_until_ready().await?;
		}
		stage.judge(run).await
	});
}

#[test]
fn a_broker_that_is_killed_mid_stream_forgets_what_it_acknowledged_and_the_batteries_do_not() {
	run(async {
		let _turn = ONE_AT_A_TIME.lock().await;
		let mut stage = Stage::set(Mosquitto::saving_each_second).await?;
		// Mosquitto forgets at most what it acknowledged since it saved, a second ago and what saving takes: two or three
		// frames of a battery. A battery keeps eight.
		let mut run = stage.publish(2 * FRAME_INTERVAL)?;
		for _ in 0..3 {
			stage.wait_for_more_final(10).await?;
			stage.mosquitto.program.kill()?;
			stage.bridge.wait_until_it_misses("broker").await?;
			stage.mosquitto.start_again().await?;
			stage.bridge.wait_until_ready().await?;
			run.wait_for_more(10, PATIENCE).await?;
		}
		stage.judge(run).await
	});
}

#[test]
fn a_bridge_that_is_killed_while_the_node_is_down_keeps_what_it_had_taken() {
	run(async {
		let _turn = ONE_AT_A_TIME.lock().await;
		let mut stage = Stage::set(Mosquitto::start).await?;
		let mut run = stage.publish(FRAME_INTERVAL)?;
		stage.wait_for_more_final(10).await?;
		stage.node.program.kill()?;
		stage.bridge.wait_until_it_misses("node").await?;
		until("frames wait on the bridge's disk", PATIENCE, async || {
			stage.bridge.program.check_running()?;
			Ok((stage.bridge.metric("frames_queued").await? >= 20).then_some(()))
		})
		.await?;
		stage.bridge.program.kill()?;
		run.wait_for_more(5, PATIENCE).await?;
		stage.bridge.program.start_again()?;
		stage.node.program.start_again()?;
		stage.node.ledger().await?;
		stage.bridge.wait_until_ready().await?;
		stage.judge(run).await
	});
}

#[test]
fn a_node_that_is_killed_mid_stream_costs_time_and_nothing_else() {
	run(async {
		let _turn = ONE_AT_A_TIME.lock().await;
		let mut stage = Stage::set(Mosquitto::start).await?;
		let mut run = stage.publish(FRAME_INTERVAL)?;
		for _ in 0..2 {
			stage.wait_for_more_final(10).await?;
			stage.node.program.kill()?;
			stage.bridge.wait_until_it_misses("node").await?;
			// The bridge takes what comes, to its own disk.
			run.wait_for_more(20, PATIENCE).await?;
			stage.node.program.start_again()?;
			stage.node.ledger().await?;
			stage.bridge.wait_until_ready().await?;
		}
		stage.judge(run).await
	});
}
