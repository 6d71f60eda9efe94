//! A bridge whose disk is full acknowledges nothing, loses nothing, and goes on when there is room.

use anyhow::ensure;
use passport_tests::{
	bridge::Setup, network_disk::Disk, oracle::nothing_lost_nothing_twice, run, until, Bridge, BrokerChoice,
	FinalisedFrames, Fleet, Mosquitto, Node, PATIENCE,
};
use std::time::Duration;

/// Smaller than what RocksDB sets aside for a log: a larger disk would have room left after it was filled.
const DISK_MEGABYTES: u32 = 24;

const BATTERIES: u32 = 4;
const FRAME_INTERVAL: Duration = Duration::from_millis(200);

#[test]
fn a_bridge_whose_disk_is_full_holds_acknowledgements_back_until_there_is_room() {
	run(async {
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		let disk = Disk::new(DISK_MEGABYTES)?;
		let mosquitto = Mosquitto::start().await?;
		let setup = Setup {
			data: Some(disk.path().join("bridge")),
			..Setup::default()
		};
		let broker = BrokerChoice::Remote(mosquitto.url());
		let mut bridge = Bridge::start_as(&node.url(), broker, setup).await?;
		let fleet = Fleet::register(&ledger, "disk-full", BATTERIES).await?;
		let mut frames = FinalisedFrames::from_now(&ledger).await?;
		let mut run = fleet.publish_until_stopped(&mosquitto.url(), FRAME_INTERVAL)?;
		run.wait_for_more(20, PATIENCE).await?;
		until("a write fails for want of room", PATIENCE, async || {
			bridge.program.check_running()?;
			// What the bridge gives free is taken too.
			disk.fill()?;
			Ok((bridge.metric("store_errors_total").await? > 0).then_some(()))
		})
		.await?;
		// The broker goes on to acknowledge; the bridge does not.
		let before = bridge.metric("messages_acknowledged_total").await?;
		run.wait_for_more(20, PATIENCE).await?;
		bridge.program.check_running()?;
		let meanwhile = bridge.metric("messages_acknowledged_total").await? - before;
		ensure!(meanwhile == 0, "{meanwhile} acknowledged that were not written");
		disk.make_room()?;
		let acknowledged = run.stopped(PATIENCE).await?;
		nothing_lost_nothing_twice(&ledger, &mut frames, &acknowledged, &fleet.batteries, PATIENCE).await?;
		let letters = bridge.dead_letters()?;
		ensure!(letters.is_empty(), "good frames were given up: {letters:#?}");
		bridge.program.stop().await
	});
}
