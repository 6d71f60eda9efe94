//! The links of a bridge cut at chosen packets, and the bridge killed at every stage of its work: whatever was acknowledged to a
//! battery ends on the ledger, once.
//!
//! Real processes and SIGKILL: a stage is recognised by what goes over the bridge's links to broker and node, and the bridge is
//! held there until it is dead.

use anyhow::{ensure, Context};
use passport_primitives::topic::FrameTopic::Telemetry;
use passport_tests::{
	link::{
		Link,
		Place::{self, After, Before, Within},
		Protocol, Snag, Sought, Then, Towards,
	},
	oracle::nothing_lost_nothing_twice,
	publish, register, run,
	stage::FRAME_INTERVAL,
	Bridge, BrokerChoice, FinalisedFrames, Mosquitto, Node, Stage, PATIENCE,
};
use std::collections::BTreeSet;
use tokio::sync::Mutex;

/// One after the other: two networks at once are too much for two cores.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

// Types of packets (MQTT 5 section 2.1.2).
const CONNECT: u8 = 1;
const CONNACK: u8 = 2;
const PUBLISH: u8 = 3;
const PUBACK: u8 = 4;
const PUBREC: u8 = 5;
const PUBREL: u8 = 6;
const PUBCOMP: u8 = 7;
const SUBSCRIBE: u8 = 8;
const SUBACK: u8 = 9;

/// Cuts between bridge and broker. The first is of a connection that lasts: those after it find a new one.
const OF_THE_BRIDGE: [(Towards, u8, usize); 8] = [
	(Towards::Client, PUBLISH, 1),
	(Towards::Server, CONNECT, 1),
	(Towards::Client, CONNACK, 1),
	(Towards::Server, SUBSCRIBE, 1),
	(Towards::Client, SUBACK, 1),
	(Towards::Client, PUBLISH, 7),
	(Towards::Server, PUBACK, 1),
	(Towards::Server, PUBACK, 5),
];

/// Cuts between batteries and broker. Every eighth frame is an alert, which travels at QoS 2.
const OF_THE_BATTERIES: [(Towards, u8, usize); 8] = [
	(Towards::Server, PUBLISH, 3),
	(Towards::Server, CONNECT, 1),
	(Towards::Client, CONNACK, 1),
	(Towards::Server, PUBLISH, 1),
	(Towards::Client, PUBACK, 2),
	(Towards::Client, PUBREC, 1),
	(Towards::Server, PUBREL, 1),
	(Towards::Client, PUBCOMP, 1),
];

fn cuts(packets: &[(Towards, u8, usize)], places: &[Place]) -> Vec<Snag> {
	let mut cuts = Vec::new();
	for &place in places {
		for &(towards, kind, nth) in packets {
			cuts.push(Snag {
				towards,
				sought: Sought::Kind(kind),
				nth,
				place,
				then: Then::Cut,
			});
		}
	}
	cuts
}

#[test]
fn links_that_are_cut_at_any_packet_of_mqtt_lose_nothing_and_repeat_nothing() {
	run(async {
		let _turn = ONE_AT_A_TIME.lock().await;
		let node = Node::dev().await?;
		let mosquitto = Mosquitto::start().await?;
		let broker = format!("127.0.0.1:{}", mosquitto.port());
		let of_the_bridge = Link::start(&broker, Protocol::Mqtt).await?;
		let of_the_batteries = Link::start(&broker, Protocol::Mqtt).await?;
		let url = format!("mqtt://{}", of_the_bridge.address());
		let bridge = Bridge::start(&node.url(), BrokerChoice::Remote(url)).await?;
		let mut stage = Stage::around(node, mosquitto, bridge).await?;
		let url = format!("mqtt://{}", of_the_batteries.address());
		let mut run = stage.fleet.publish_until_stopped(&url, FRAME_INTERVAL)?;
		stage.wait_for_more_final(4).await?;

		let connections = "broker_connections_total";
		let before = stage.bridge.metric(connections).await?;
		of_the_bridge.catch(cuts(&OF_THE_BRIDGE, &[Before, Within, After]))?;
		of_the_batteries.catch(cuts(&OF_THE_BATTERIES, &[Before, After]))?;
		for link in [&of_the_bridge, &of_the_batteries] {
			link.until_caught(PATIENCE, || {
				stage.bridge.program.check_running()?;
				run.program.check_running()
			})
			.await?;
		}
		let again = stage.bridge.metric(connections).await? - before;
		ensure!(
			again >= OF_THE_BRIDGE.len() as u64,
			"the bridge connected only {again} times again"
		);
		stage.judge(run).await
	});
}

/// A stage of a frame's way through the bridge, by what goes over a link when it begins or ends.
struct AtStage {
	/// What has happened when the bridge is killed, and what has not.
	name: &'static str,
	/// The link to the broker, or the one to the node.
	to_broker: bool,
	towards: Towards,
	sought: Sought,
	place: Place,
}

const fn at_node(name: &'static str, towards: Towards, text: &'static str, place: Place) -> AtStage {
	AtStage {
		name,
		to_broker: false,
		towards,
		sought: Sought::Text(text),
		place,
	}
}

/// In this order: some leave on the disk what the next one finds there.
const STAGES: [AtStage; 10] = [
	at_node(
		"a message came, and nothing is on disk: the node is asked whose it is",
		Towards::Server,
		"PassportLedgerApi_resolve\"",
		Before,
	),
	AtStage {
		name: "frames are on disk, and the broker is not told",
		to_broker: true,
		towards: Towards::Server,
		sought: Sought::Kind(PUBACK),
		place: Before,
	},
	AtStage {
		name: "the broker was told of one frame",
		to_broker: true,
		towards: Towards::Server,
		sought: Sought::Kind(PUBACK),
		place: After,
	},
	at_node(
		"the node is asked for a nonce",
		Towards::Server,
		"system_accountNextIndex",
		Before,
	),
	at_node(
		"an extrinsic is signed, and the node does not have it",
		Towards::Server,
		"author_submitAndWatchExtrinsic",
		Before,
	),
	at_node(
		"the node has the extrinsic, and the bridge does not know",
		Towards::Server,
		"author_submitAndWatchExtrinsic",
		After,
	),
	at_node(
		"after that: the node is asked which of the frames it has",
		Towards::Server,
		"PassportLedgerApi_device\"",
		Before,
	),
	at_node(
		"frames are in a block, and the bridge does not know",
		Towards::Client,
		"\"inBlock\":",
		Before,
	),
	at_node(
		"frames are in a final block, and the bridge does not know",
		Towards::Client,
		"\"finalized\":",
		Before,
	),
	at_node(
		"the bridge was told that a block is final, and not what became of its frames",
		Towards::Client,
		"\"finalized\":",
		After,
	),
];

/// Frames of each battery that are published for each stage. All together are within the ledger's window.
const FRAMES: u64 = 4;

#[test]
fn a_bridge_that_is_killed_at_every_stage_of_its_work_loses_nothing_and_repeats_nothing() {
	run(async {
		let _turn = ONE_AT_A_TIME.lock().await;
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		let mosquitto = Mosquitto::start().await?;
		let broker = format!("127.0.0.1:{}", mosquitto.port());
		let to_broker = Link::start(&broker, Protocol::Mqtt).await?;
		let to_node = Link::start(&node.address(), Protocol::JsonRpc).await?;
		let mut bridge = Bridge::start(
			&format!("ws://{}", to_node.address()),
			BrokerChoice::Remote(format!("mqtt://{}", to_broker.address())),
		)
		.await?;
		let aliases: Vec<_> = (1..=3).map(|number| format!("BAT-2027-ST-{number:06}")).collect();
		let batteries = register(&ledger, "stages", &aliases).await?;
		let mut frames = FinalisedFrames::from_now(&ledger).await?;
		let mut acknowledged = BTreeSet::new();
		let mut first = 1;
		for stage in STAGES {
			let link = if stage.to_broker { &to_broker } else { &to_node };
			link.catch([Snag {
				towards: stage.towards,
				sought: stage.sought,
				nth: 1,
				place: stage.place,
				then: Then::Hold,
			}])?;
			if bridge.program.id().is_none() {
				bridge.program.start_again()?;
			}
			let mut messages = Vec::new();
			for sequence in first..first + FRAMES {
				for battery in &batteries {
					messages.push((battery.topic(Telemetry), battery.frame(sequence)?));
					acknowledged.insert((battery.device, sequence));
				}
			}
			first += FRAMES;
			// The broker answers to the batteries, whatever becomes of the bridge.
			publish(&mosquitto.url(), messages).await?;
			link.until_caught(PATIENCE, || bridge.program.check_running())
				.await
				.context(stage.name)?;
			bridge.program.kill()?;
		}
		bridge.program.start_again()?;
		bridge.wait_until_ready().await?;
		nothing_lost_nothing_twice(&ledger, &mut frames, &acknowledged, &batteries, PATIENCE).await?;
		bridge.wait_until_queue_is_empty().await?;
		let letters = bridge.dead_letters()?;
		ensure!(letters.is_empty(), "good frames were given up: {letters:#?}");
		Ok(())
	});
}
