//! A fleet that is as it should be and one sender who is not, through a broker and a bridge onto the ledger.

use anyhow::{ensure, Context, Result};
use passport_client::{
	api::runtime_types::{pallet_telemetry::pallet::Call as TelemetryCall, passport_runtime::RuntimeCall},
	test_keys::TestMember,
};
use passport_primitives::{
	telemetry::{window::MAX_SEQUENCE_STEP, MAX_FRAME_BYTES},
	topic::FrameTopic::{CriticalAlert, Telemetry},
};
use passport_tests::{
	battery::{now_seconds, topic_of, Recipe},
	call::finalise,
	oracle::nothing_lost_nothing_twice,
	publish, register, until, Bridge, BrokerChoice, DeadLetter, FinalisedFrames, Fleet, Node, PATIENCE,
};
use std::{
	collections::{BTreeMap, BTreeSet},
	time::Duration,
};

/// Batteries of the fleet, and frames that each publishes.
const BATTERIES: u32 = 6;
const FRAMES: u32 = 12;
const FRAME_INTERVAL: Duration = Duration::from_millis(300);

/// A message that the bridge must refuse: reason, topic, payload.
type Bad = (&'static str, String, Vec<u8>);

fn message((_, topic, payload): &Bad) -> (String, Vec<u8>) {
	(topic.clone(), payload.clone())
}

/// What a dead letter is told apart by.
fn key(letter: &DeadLetter) -> (String, String, String) {
	(
		letter.reason.clone(),
		letter.topic.clone(),
		letter.payload.clone(),
	)
}

/// Plays the scenario.
pub async fn play(broker: BrokerChoice) -> Result<()> {
	let mut node = Node::dev().await?;
	let bridge = Bridge::start(&node.url(), broker).await?;
	let ledger = node.ledger().await?;
	let fleet = Fleet::register(&ledger, "fleet", BATTERIES).await?;
	let aliases = ["BAT-2027-HM-000001", "BAT-2027-HM-000002"].map(str::to_owned);
	let by_hand = register(&ledger, "by-hand", &aliases).await?;
	let [battery, revoked] = by_hand.as_slice() else {
		anyhow::bail!("two batteries")
	};
	let revoke = RuntimeCall::Telemetry(TelemetryCall::revoke_device {
		device: revoked.device,
	});
	finalise(&ledger, &TestMember::CellWorks.signer(), &revoke).await?;
	let mut frames = FinalisedFrames::from_now(&ledger).await?;

	let mut run = fleet.publish(bridge.broker_url(), FRAMES, FRAME_INTERVAL)?;
	run.wait_for_more(1, PATIENCE).await?;

	// Amid the fleet's: good frames by hand, on both topics and under both names, and bad ones between them.
	let bake = |sequence, change: fn(&mut Recipe)| {
		let mut recipe = battery.recipe(sequence);
		change(&mut recipe);
		battery.bake(&recipe)
	};
	let (own, alert) = (battery.topic(Telemetry), battery.topic(CriticalAlert));
	let by_id = topic_of(&battery.passport.to_string(), Telemetry);
	let mut tampered = battery.frame(20)?;
	let middle = tampered.len() / 2;
	tampered[middle] ^= 1;
	let mut too_long = battery.frame(21)?;
	too_long.resize(MAX_FRAME_BYTES + 1, 0);
	let stranger = topic_of("BAT-2099-ZZ-999999", Telemetry);
	let stale = bake(22, |recipe| recipe.seconds = now_seconds() - 40 * 24 * 3_600)?;
	let second_frame = battery.frame(2)?;
	// All within the ledger's window: telemetry and alerts travel by themselves, and one overtakes the other.
	let good = [
		(own.clone(), battery.frame(1)?),
		(alert.clone(), second_frame.clone()),
		(by_id, battery.frame(3)?),
		(own.clone(), battery.frame(60)?),
	];
	let bad: Vec<Bad> = vec![
		("malformed", own.clone(), b"{\"stateOfHealth\": 97.2}".to_vec()),
		("malformed", alert.clone(), Vec::new()),
		("oversized", own.clone(), too_long),
		("bad_signature", own.clone(), tampered),
		("bad_signature", own.clone(), revoked.frame(23)?),
		(
			"bad_signature",
			own.clone(),
			bake(24, |recipe| recipe.genesis_hash = [9; 32])?,
		),
		("stale", own.clone(), stale),
		(
			"from_the_future",
			own.clone(),
			bake(25, |recipe| recipe.seconds += 3_600)?,
		),
		(
			"wrong_key_epoch",
			own.clone(),
			bake(26, |recipe| recipe.key_epoch = 1)?,
		),
		("unknown_battery", stranger, battery.frame(27)?),
		("device_not_active", revoked.topic(Telemetry), revoked.frame(1)?),
		("unexpected_topic", topic_of("", Telemetry), battery.frame(28)?),
	];
	let mut mixed: Vec<_> = bad.iter().map(message).collect();
	for (place, message) in good.into_iter().enumerate() {
		mixed.insert(place * 4, message);
	}
	publish(bridge.broker_url(), mixed).await?;
	let mut acknowledged = run.finished(PATIENCE).await?;
	let device = battery.device;
	acknowledged.extend([1, 2, 3, 60].map(|sequence| (device, sequence)));
	let all_final = async |frames: &mut FinalisedFrames, acknowledged: &BTreeSet<(u32, u64)>| {
		let batteries = fleet.batteries.iter().chain(&by_hand);
		nothing_lost_nothing_twice(&ledger, frames, acknowledged, batteries, PATIENCE).await?;
		// The bridge learns of it a moment later.
		until("the queue is empty", PATIENCE, async || {
			Ok((bridge.metric("frames_queued").await? == 0).then_some(()))
		})
		.await
	};
	all_final(&mut frames, &acknowledged).await?;

	// A battery that comes out of a tunnel after two hours: good, and late.
	let two_hours_old = bake(100, |recipe| recipe.seconds -= 2 * 3_600)?;
	publish(bridge.broker_url(), [(own.clone(), two_hours_old.clone())]).await?;
	acknowledged.insert((device, 100));
	all_final(&mut frames, &acknowledged).await?;

	// By now they are on the ledger: what comes again is known for what it is. A frame that comes again byte by byte soon
	// after it was made is no attack: MQTT may deliver twice, and a battery whose connection was lost sends its last frames
	// again. A copy of an old one is.
	let mut late: Vec<Bad> = vec![
		(
			"replayed",
			own.clone(),
			bake(60, |recipe| recipe.state_of_charge_bp = 1)?,
		),
		("replayed", own.clone(), two_hours_old),
		(
			"sequence_leap",
			own.clone(),
			battery.frame(1_000 + MAX_SEQUENCE_STEP)?,
		),
	];
	let thrice = battery.frame(101)?;
	let again = [
		(own.clone(), thrice.clone()),
		(alert, thrice.clone()),
		(own.clone(), thrice),
	];
	publish(bridge.broker_url(), late.iter().map(message).chain(again)).await?;
	acknowledged.insert((device, 101));
	all_final(&mut frames, &acknowledged).await?;

	// Behind the window nobody knows any more what was taken: the very bytes of a frame that was, are refused too.
	let too_old: Vec<Bad> = vec![
		("too_old", own.clone(), battery.frame(4)?),
		("too_old", own, second_frame),
	];
	publish(bridge.broker_url(), too_old.iter().map(message)).await?;
	late.extend(too_old);
	ensure!(
		frames.skipped().is_empty(),
		"the bridge has spent blocks on: {:?}",
		frames.skipped()
	);

	// Every bad message is a dead letter with its reason, and there is no other.
	let mut all = bad;
	all.append(&mut late);
	let letters = until("every bad message is a dead letter", PATIENCE, async || {
		let letters = bridge.dead_letters()?;
		Ok((letters.len() >= all.len()).then_some(letters))
	})
	.await?;
	let mut expected: Vec<_> = all
		.iter()
		.map(|(reason, topic, payload)| {
			(
				(*reason).to_owned(),
				topic.clone(),
				format!("0x{}", hex::encode(payload)),
			)
		})
		.collect();
	let mut found: Vec<_> = letters.iter().map(key).collect();
	expected.sort();
	found.sort();
	ensure!(
		found == expected,
		"dead letters:\n{found:#?}\ninstead of\n{expected:#?}"
	);
	ensure!(
		letters.iter().all(|letter| letter.refused_by == "bridge"),
		"the bridge knows all of these: {letters:#?}"
	);
	let replayed = letters
		.iter()
		.find(|letter| letter.reason == "replayed")
		.context("no replay")?;
	ensure!(
		replayed.device == Some(device) && replayed.sequence == Some(60),
		"{replayed:?}"
	);

	// And each is counted, as are the good ones.
	let mut counts = BTreeMap::<&str, u64>::new();
	for (reason, ..) in &all {
		*counts.entry(reason).or_default() += 1;
	}
	for (reason, count) in counts {
		let counted = bridge.refused(reason).await?;
		ensure!(counted == count, "{reason}: {counted} counted, {count} sent");
	}
	let duplicates = bridge.metric("frames_duplicate_total").await?;
	ensure!(
		duplicates == 2,
		"a frame that came three times came twice too often, counted: {duplicates}"
	);
	let finalised = bridge.metric("frames_finalised_total").await?;
	ensure!(
		finalised == acknowledged.len() as u64,
		"{finalised} counted as final of {}",
		acknowledged.len()
	);
	Ok(())
}
