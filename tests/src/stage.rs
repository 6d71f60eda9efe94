//! What the faults of the telemetry path are done to: a node, a broker, a bridge and a fleet, and the question at the end.

use crate::{
	oracle::nothing_lost_nothing_twice, until, Bridge, BrokerChoice, FinalisedFrames, Fleet, FleetRun,
	Mosquitto, Node, PATIENCE,
};
use anyhow::{ensure, Result};
use std::time::Duration;

/// Batteries of a fleet: enough that batches hold frames of several devices.
const BATTERIES: u32 = 4;

/// From one frame of a battery to its next. Some batteries together publish a frame each 50 ms.
pub const FRAME_INTERVAL: Duration = Duration::from_millis(200);

/// A site that works, with a fleet that publishes nothing yet.
pub struct Stage {
	/// A development chain.
	pub node: Node,
	/// The broker.
	pub mosquitto: Mosquitto,
	/// The bridge between the two.
	pub bridge: Bridge,
	/// The batteries.
	pub fleet: Fleet,
	/// What is final of theirs.
	pub frames: FinalisedFrames,
}

impl Stage {
	/// With a broker of this kind.
	pub async fn set(mosquitto: impl AsyncFnOnce() -> Result<Mosquitto>) -> Result<Self> {
		let node = Node::dev().await?;
		let mosquitto = mosquitto().await?;
		let bridge = Bridge::start(&node.url(), BrokerChoice::Remote(mosquitto.url())).await?;
		Self::around(node, mosquitto, bridge).await
	}

	/// Around a bridge that is not as usual.
	pub async fn around(mut node: Node, mosquitto: Mosquitto, bridge: Bridge) -> Result<Self> {
		let ledger = node.ledger().await?;
		let fleet = Fleet::register(&ledger, "faults", BATTERIES).await?;
		let frames = FinalisedFrames::from_now(&ledger).await?;
		Ok(Stage {
			node,
			mosquitto,
			bridge,
			fleet,
			frames,
		})
	}

	/// Lets each battery publish to the broker, a frame every `interval`, until [`Self::judge`] ends it.
	pub fn publish(&self, interval: Duration) -> Result<FleetRun> {
		self.fleet.publish_until_stopped(&self.mosquitto.url(), interval)
	}

	/// Waits until so many more frames are final than were when it was last looked.
	pub async fn wait_for_more_final(&mut self, more: usize) -> Result<()> {
		let ledger = self.node.ledger().await?;
		let before = self.frames.taken().len();
		until(&format!("{more} more frames are final"), PATIENCE, async || {
			self.bridge.program.check_running()?;
			self.frames.catch_up(&ledger).await?;
			Ok((self.frames.taken().len() >= before + more).then_some(()))
		})
		.await
	}

	/// Stops the fleet: the ledger has what the fleet was told, and no message was given up.
	pub async fn judge(&mut self, mut run: FleetRun) -> Result<()> {
		let acknowledged = run.stopped(PATIENCE).await?;
		let ledger = self.node.ledger().await?;
		nothing_lost_nothing_twice(
			&ledger,
			&mut self.frames,
			&acknowledged,
			&self.fleet.batteries,
			PATIENCE,
		)
		.await?;
		let letters = self.bridge.dead_letters()?;
		ensure!(letters.is_empty(), "good frames were given up: {letters:#?}");
		self.bridge.wait_until_queue_is_empty().await
	}
}
