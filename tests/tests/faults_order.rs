//! Frames that come twice, out of order, and by several bridges: each is on the ledger once.

use anyhow::ensure;
use passport_client::{
	api::runtime_types::{
		pallet_organisations::pallet::Call as OrganisationsCall, passport_runtime::RuntimeCall,
	},
	test_keys::{self, TestMember},
};
use passport_primitives::topic::FrameTopic::{CriticalAlert, Telemetry};
use passport_tests::{
	bridge::Setup,
	call::{account, as_root},
	oracle::nothing_lost_nothing_twice,
	publish, register, run,
	stage::FRAME_INTERVAL,
	until, Bridge, BrokerChoice, FinalisedFrames, Fleet, Mosquitto, Node, PATIENCE,
};
use std::collections::BTreeSet;
use subxt::utils::Static;
use tokio::sync::Mutex;

/// One after the other: two sites at once are too much for two cores.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Frames that come backwards together, and how often that is: a frame and its copy lie within the ledger's window.
const BLOCK: u64 = 16;
const BLOCKS: u64 = 6;

#[test]
fn frames_that_come_twice_and_out_of_order_are_final_once() {
	run(async {
		let _turn = ONE_AT_A_TIME.lock().await;
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		let mosquitto = Mosquitto::start().await?;
		let bridge = Bridge::start(&node.url(), BrokerChoice::Remote(mosquitto.url())).await?;
		let aliases: Vec<_> = (1..=3).map(|number| format!("BAT-2027-OR-{number:06}")).collect();
		let batteries = register(&ledger, "order", &aliases).await?;
		let mut frames = FinalisedFrames::from_now(&ledger).await?;
		let mut acknowledged = BTreeSet::new();
		let (mut messages, mut copies) = (Vec::new(), 0);
		for battery in &batteries {
			let mut before = Vec::new();
			for block in 0..BLOCKS {
				let mut backwards = Vec::new();
				for sequence in (block * BLOCK + 1..=(block + 1) * BLOCK).rev() {
					backwards.push(battery.frame(sequence)?);
					acknowledged.insert((battery.device, sequence));
				}
				let good = backwards
					.iter()
					.map(|frame| (battery.topic(Telemetry), frame.clone()));
				messages.extend(good);
				// The block before again, as alerts that overtake: the bytes count, not the topic.
				copies += before.len() as u64;
				messages.extend(
					before
						.into_iter()
						.map(|frame| (battery.topic(CriticalAlert), frame)),
				);
				before = backwards;
			}
		}
		publish(&mosquitto.url(), messages).await?;
		nothing_lost_nothing_twice(&ledger, &mut frames, &acknowledged, &batteries, PATIENCE).await?;
		// A copy that was judged in the moment in which the first one became final is sent, and found on the ledger.
		until("every copy is known for what it is", PATIENCE, async || {
			let known = bridge.metric("frames_duplicate_total").await?
				+ bridge.metric("frames_already_taken_total").await?;
			Ok((known == copies).then_some(()))
		})
		.await?;
		bridge.wait_until_queue_is_empty().await?;
		let letters = bridge.dead_letters()?;
		ensure!(letters.is_empty(), "good frames were given up: {letters:#?}");
		// What was found so late is no reason to ask again.
		nothing_lost_nothing_twice(&ledger, &mut frames, &acknowledged, &batteries, PATIENCE).await
	});
}

/// Batteries of the fleet, and frames that each publishes: fewer than the ledger's window, since a bridge that was away finds
/// those in it that the other has brought.
const BATTERIES: u32 = 4;
const FRAMES: u32 = 50;

#[test]
fn two_bridges_that_both_get_every_message_bring_each_frame_once_and_either_can_be_killed() {
	run(async {
		let _turn = ONE_AT_A_TIME.lock().await;
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		let lanes = ["//Two", "//Two//1"];
		let second = test_keys::signer(lanes[1]).map_err(anyhow::Error::msg)?;
		let call = OrganisationsCall::link_account_by_council {
			organisation: Static(TestMember::FrameBridge.organisation()),
			account: account(&second),
		};
		as_root(&ledger, RuntimeCall::Organisations(call)).await?;
		let mosquitto = Mosquitto::start().await?;
		let mut bridges = Vec::new();
		for (number, lane) in lanes.iter().enumerate() {
			// No group: each has the subscriptions to itself.
			let setup = Setup {
				signers: vec![(*lane).to_owned()],
				arguments: vec![format!("--client-id=bridge-{number}")],
				..Setup::default()
			};
			let broker = BrokerChoice::Remote(mosquitto.url());
			bridges.push(Bridge::start_as(&node.url(), broker, setup).await?);
		}
		let fleet = Fleet::register(&ledger, "overlap", BATTERIES).await?;
		let mut frames = FinalisedFrames::from_now(&ledger).await?;
		let mut run = fleet.publish(&mosquitto.url(), FRAMES, FRAME_INTERVAL)?;
		run.wait_for_more(20, PATIENCE).await?;
		for bridge in &mut bridges {
			bridge.program.kill()?;
			// The other one brings these.
			run.wait_for_more(40, PATIENCE).await?;
			bridge.program.start_again()?;
			bridge.wait_until_ready().await?;
		}
		let acknowledged = run.finished(PATIENCE).await?;
		nothing_lost_nothing_twice(&ledger, &mut frames, &acknowledged, &fleet.batteries, PATIENCE).await?;
		for bridge in &bridges {
			// Both have had all of it, and neither calls a frame bad that the other has brought.
			bridge.wait_until_queue_is_empty().await?;
			let letters = bridge.dead_letters()?;
			ensure!(letters.is_empty(), "good frames were given up: {letters:#?}");
		}
		nothing_lost_nothing_twice(&ledger, &mut frames, &acknowledged, &fleet.batteries, PATIENCE).await
	});
}
