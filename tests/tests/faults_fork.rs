//! A node that is killed on a fork which the others do not follow: frames that stood in its blocks, and were not final, are on
//! the ledger in the end, once.

use anyhow::{ensure, Result};
use passport_primitives::topic::FrameTopic::Telemetry;
use passport_tests::{
	link::{Link, Protocol},
	network_consortium::{Consortium, ALL},
	network_rpc::{Head, Rpc},
	oracle::nothing_lost_nothing_twice,
	publish, register, run, until, Battery, Bridge, BrokerChoice, FinalisedFrames, Mosquitto, PATIENCE,
};
use std::{collections::BTreeSet, time::Duration};

/// Blocks that the other fork must be longer by: a node that is more than five behind makes none before it has them.
const LONGER_BY: u32 = 6;

/// How long the four may take to be one again.
const RECOVERY: Duration = Duration::from_secs(150);

/// What the batteries publish, and what they were told is taken.
struct Batteries {
	all: Vec<Battery>,
	next: u64,
	acknowledged: BTreeSet<(u32, u64)>,
}

impl Batteries {
	/// Each publishes so many more frames; the last one of them.
	async fn publish(&mut self, mosquitto: &Mosquitto, count: u64) -> Result<Vec<u8>> {
		let mut messages = Vec::new();
		for sequence in self.next..self.next + count {
			for battery in &self.all {
				messages.push((battery.topic(Telemetry), battery.frame(sequence)?));
				self.acknowledged.insert((battery.device, sequence));
			}
		}
		self.next += count;
		let last = messages.last().map(|(_, frame)| frame.clone());
		publish(&mosquitto.url(), messages).await?;
		Ok(last.unwrap_or_default())
	}
}

/// The block of a node's best chain that is not final and holds this frame.
async fn unfinalised_block_with(rpc: &Rpc, frame: &[u8]) -> Result<Option<Head>> {
	let last = rpc.finalised().await?;
	let mut head = rpc.best().await?;
	while head.number > last.number {
		let transactions = rpc.body(head.hash).await?;
		let holds = |transaction: &Vec<u8>| transaction.windows(frame.len()).any(|part| part == frame);
		if transactions.iter().any(holds) {
			return Ok(Some(head));
		}
		head = rpc.head(head.header.parent_hash).await?;
	}
	Ok(None)
}

#[test]
fn frames_in_blocks_that_another_fork_replaces_are_final_once() {
	run(async {
		let mut network = Consortium::start().await?;
		let ledger = network.peers[0].ledger().await?;
		let mosquitto = Mosquitto::start().await?;
		// The bridge's node is the third. By way of loopback: a key that everyone knows is for no other node.
		let link = Link::start(&network.peers[2].rpc().address, Protocol::JsonRpc).await?;
		let url = format!("ws://{}", link.address());
		let mut bridge = Bridge::start(&url, BrokerChoice::Remote(mosquitto.url())).await?;
		let aliases: Vec<_> = (1..=3).map(|number| format!("BAT-2027-FK-{number:06}")).collect();
		let mut batteries = Batteries {
			all: register(&ledger, "fork", &aliases).await?,
			next: 1,
			acknowledged: BTreeSet::new(),
		};
		let mut frames = FinalisedFrames::from_now(&ledger).await?;
		batteries.publish(&mosquitto, 2).await?;
		nothing_lost_nothing_twice(
			&ledger,
			&mut frames,
			&batteries.acknowledged,
			&batteries.all,
			PATIENCE,
		)
		.await?;

		// Neither half can finalise; what comes now gets into blocks of the bridge's half alone.
		network.part(&[2, 3])?;
		let frame = batteries.publish(&mosquitto, 5).await?;
		let abandoned = until("a block that is not final holds a frame", PATIENCE, async || {
			network.peers[2].check_running()?;
			bridge.program.check_running()?;
			unfinalised_block_with(network.peers[2].rpc(), &frame).await
		})
		.await?;
		let mut height = abandoned.number;
		for place in [2, 3] {
			height = height.max(network.peers[place].rpc().best().await?.number);
			network.peers[place].kill()?;
		}
		bridge.wait_until_it_misses("node").await?;
		// To the bridge's disk.
		batteries.publish(&mosquitto, 5).await?;
		height += LONGER_BY;
		until("the other fork is longer", PATIENCE, async || {
			network.peers[0].check_running()?;
			Ok((network.peers[0].rpc().best().await?.number >= height).then_some(()))
		})
		.await?;
		let hashes = network.peers[0].rpc().hashes(&[abandoned.number]).await?;
		ensure!(
			hashes != [Some(abandoned.hash)],
			"the halves have gone the same way"
		);

		// They begin with their own fork, and find another one to be the best.
		network.heal()?;
		for place in [2, 3] {
			network.peers[place].start()?;
		}
		for place in [2, 3] {
			network.peers[place].answers().await?;
		}
		network.goes_on(&ALL, RECOVERY).await?;
		bridge.wait_until_ready().await?;
		batteries.publish(&mosquitto, 2).await?;
		nothing_lost_nothing_twice(
			&ledger,
			&mut frames,
			&batteries.acknowledged,
			&batteries.all,
			PATIENCE,
		)
		.await?;
		for peer in &network.peers {
			let hashes = peer.rpc().hashes(&[abandoned.number]).await?;
			ensure!(
				hashes != [Some(abandoned.hash)],
				"{} has the block that was to be replaced",
				peer.name()
			);
		}
		bridge.wait_until_queue_is_empty().await?;
		let letters = bridge.dead_letters()?;
		ensure!(letters.is_empty(), "good frames were given up: {letters:#?}");
		Ok(())
	});
}
