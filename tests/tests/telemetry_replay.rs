//! A battery that sends before its maker has registered it: its frames are dead letters, and are good once someone asks for them.

use anyhow::{ensure, Context, Result};
use bms_sim::DeviceIdentity;
use passport_client::canonical;
use passport_primitives::topic::FrameTopic::Telemetry;
use passport_tests::{
	battery::unique_identifier, oracle::nothing_lost_nothing_twice, publish, register, run, until, Battery,
	Bridge, BrokerChoice, FinalisedFrames, Node, PATIENCE,
};
use std::collections::BTreeSet;

const ALIAS: &str = "BAT-2027-RE-000001";
const SEED: &str = "replay";
const FRAMES: u64 = 5;

async fn until_letters(bridge: &Bridge, count: usize) -> Result<()> {
	until("dead letters", PATIENCE, async || {
		Ok((bridge.dead_letters()?.len() == count).then_some(()))
	})
	.await
}

#[test]
fn dead_letters_of_a_battery_that_was_registered_since_get_onto_the_ledger_when_asked_for() {
	run(async {
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		let mut bridge = Bridge::start(&node.url(), BrokerChoice::Embedded).await?;
		// What `register` will make of it.
		let early = Battery {
			alias: ALIAS.to_owned(),
			passport: canonical::passport_id(&unique_identifier(SEED, ALIAS)),
			identity: DeviceIdentity::derive(SEED, 0),
			device: 0,
			genesis_hash: ledger.genesis_hash(),
		};
		let mut messages = Vec::new();
		for sequence in 1..=FRAMES {
			messages.push((early.topic(Telemetry), early.frame(sequence)?));
		}
		messages.push((early.topic(Telemetry), b"rubbish".to_vec()));
		publish(bridge.broker_url(), messages).await?;
		until_letters(&bridge, FRAMES as usize + 1).await?;
		ensure!(
			bridge.refused("unknown_battery").await? == FRAMES,
			"for another reason"
		);

		let mut frames = FinalisedFrames::from_now(&ledger).await?;
		let batteries = register(&ledger, SEED, &[ALIAS.to_owned()]).await?;
		let battery = batteries.first().context("a battery")?;
		let expected = |to| {
			(1..=to)
				.map(|sequence| (battery.device, sequence))
				.collect::<BTreeSet<_>>()
		};

		// One letter by its number, with the bridge away: it is done at the next start.
		bridge.program.stop().await?;
		bridge.replay(&["--number", "0"])?;
		bridge.program.start_again()?;
		bridge.wait_until_ready().await?;
		nothing_lost_nothing_twice(&ledger, &mut frames, &expected(1), &batteries, PATIENCE).await?;
		until_letters(&bridge, FRAMES as usize).await?;

		// The others by their reason, while it runs.
		bridge.replay(&["--reason", "unknown_battery"])?;
		nothing_lost_nothing_twice(&ledger, &mut frames, &expected(FRAMES), &batteries, PATIENCE).await?;
		until_letters(&bridge, 1).await?;
		let letters = bridge.dead_letters()?;
		ensure!(
			letters.iter().all(|letter| letter.reason == "malformed"),
			"{letters:#?}"
		);
		ensure!(
			bridge.replay(&["--reason", "unknown_battery"]).is_err(),
			"there are none any more"
		);
		Ok(())
	});
}
