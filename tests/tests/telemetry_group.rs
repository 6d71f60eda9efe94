//! Several bridges for one site: they share the messages, each with lanes of its own, and one of them is killed.

use anyhow::ensure;
use passport_client::{
	api::runtime_types::{
		pallet_organisations::pallet::Call as OrganisationsCall, passport_runtime::RuntimeCall,
	},
	test_keys::{self, TestMember},
};
use passport_tests::{
	bridge::Setup,
	call::{account, as_root},
	oracle::nothing_lost_nothing_twice,
	run, until, Bridge, BrokerChoice, FinalisedFrames, Fleet, Mosquitto, Node, PATIENCE,
};
use std::time::Duration;
use subxt::utils::Static;

/// Batteries of the fleet, and frames that each publishes: fewer than the ledger's window, since a member that is away holds
/// some of them back.
const BATTERIES: u32 = 6;
const FRAMES: u32 = 50;
/// The fleet publishes for 20 s: there are frames left when the first member is back and the second is killed.
const FRAME_INTERVAL: Duration = Duration::from_millis(400);

#[test]
fn bridges_that_share_a_sites_messages_lose_nothing_and_repeat_nothing_when_one_is_killed() {
	run(async {
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		// Two lanes each: accounts that act for the same member.
		let lanes = ["//Two", "//Two//1", "//Two//2", "//Two//3"];
		for lane in &lanes[1..] {
			let signer = test_keys::signer(lane).map_err(anyhow::Error::msg)?;
			let call = OrganisationsCall::link_account_by_council {
				organisation: Static(TestMember::FrameBridge.organisation()),
				account: account(&signer),
			};
			as_root(&ledger, RuntimeCall::Organisations(call)).await?;
		}
		let mosquitto = Mosquitto::start().await?;
		let mut bridges = Vec::new();
		for (number, lanes) in lanes.chunks(2).enumerate() {
			let setup = Setup {
				signers: lanes.iter().map(|lane| (*lane).to_owned()).collect(),
				arguments: vec![
					"--share-group=site".into(),
					format!("--client-id=bridge-{number}"),
				],
				..Setup::default()
			};
			let broker = BrokerChoice::Remote(mosquitto.url());
			bridges.push(Bridge::start_as(&node.url(), broker, setup).await?);
		}
		let fleet = Fleet::register(&ledger, "group", BATTERIES).await?;
		let mut frames = FinalisedFrames::from_now(&ledger).await?;
		let mut run = fleet.publish(&mosquitto.url(), FRAMES, FRAME_INTERVAL)?;
		run.wait_for_more(40, PATIENCE).await?;
		for bridge in &mut bridges {
			bridge.program.kill()?;
			run.wait_for_more(20, PATIENCE).await?;
			bridge.program.start_again()?;
			bridge.wait_until_ready().await?;
		}
		let acknowledged = run.finished(PATIENCE).await?;
		nothing_lost_nothing_twice(&ledger, &mut frames, &acknowledged, &fleet.batteries, PATIENCE).await?;
		for bridge in &bridges {
			until("the queue is empty", PATIENCE, async || {
				Ok((bridge.metric("frames_queued").await? == 0).then_some(()))
			})
			.await?;
			let letters = bridge.dead_letters()?;
			ensure!(letters.is_empty(), "good frames were given up: {letters:#?}");
			let brought = bridge.metric("frames_finalised_total").await?;
			ensure!(brought > 0, "a bridge brought nothing");
		}
		Ok(())
	});
}
