//! What the council or a quota holds back for a while waits in the bridge: nothing is lost, nothing is refused, and whoever asks is
//! told why nothing moves.

use anyhow::{ensure, Context, Result};
use passport_client::{
	api::runtime_types::{self as types, passport_runtime::RuntimeCall},
	test_keys::TestMember,
};
use passport_primitives::topic::FrameTopic;
use passport_tests::{
	call::{as_root, bounded},
	oracle::nothing_lost_nothing_twice,
	publish, register, run, until, Bridge, BrokerChoice, FinalisedFrames, Node, PATIENCE,
};
use std::collections::BTreeSet;
use subxt::utils::Static;
use types::{
	pallet_organisations::pallet::Call as OrganisationsCall, pallet_safe_mode::pallet::Call as SafeModeCall,
	pallet_tx_pause::pallet::Call as TxPauseCall,
};

/// Frames that are published while they are held back.
const FRAMES: u64 = 3;

/// Something that holds frames back.
struct Hold {
	begins: RuntimeCall,
	ends: RuntimeCall,
	/// What `/readyz` answers meanwhile: its status, and what stands behind `ledger:`.
	status: u16,
	says: &'static str,
	/// How the bridge counts extrinsics that are not taken.
	outcome: &'static str,
}

fn holds() -> [Hold; 3] {
	let quota = |ref_time_per_period| {
		RuntimeCall::Organisations(OrganisationsCall::set_quota {
			organisation: Static(TestMember::FrameBridge.organisation()),
			ref_time_per_period,
		})
	};
	let submit_frames = || (bounded(b"Telemetry".to_vec()), bounded(b"submit_frames".to_vec()));
	[
		Hold {
			begins: RuntimeCall::TxPause(TxPauseCall::pause {
				full_name: submit_frames(),
			}),
			ends: RuntimeCall::TxPause(TxPauseCall::unpause {
				ident: submit_frames(),
			}),
			status: 503,
			says: "the council has paused the taking of frames, or safe-mode is on",
			outcome: "paused",
		},
		Hold {
			begins: RuntimeCall::SafeMode(SafeModeCall::force_enter),
			ends: RuntimeCall::SafeMode(SafeModeCall::force_exit),
			status: 503,
			says: "the council has paused the taking of frames, or safe-mode is on",
			outcome: "paused",
		},
		// A bridge that waits for its quota is ready: it sends as fast as its member may.
		Hold {
			begins: quota(Some(1)),
			ends: quota(None),
			status: 200,
			says: "the organisation's quota does not cover more frames in this period",
			outcome: "over_quota",
		},
	]
}

/// Waits until `/readyz` says this of the ledger.
async fn until_it_says(bridge: &mut Bridge, status: u16, says: &str) -> Result<()> {
	let line = format!("ledger: {says}\n");
	until(&format!("/readyz says: {says}"), PATIENCE, async || {
		bridge.program.check_running()?;
		let (found, text) = bridge.readiness().await.context("the bridge does not answer")?;
		Ok((found == status && text.ends_with(&line)).then_some(()))
	})
	.await
}

#[test]
fn frames_that_are_paused_or_over_the_quota_wait_and_are_all_taken_afterwards() {
	run(async {
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		let mut bridge = Bridge::start(&node.url(), BrokerChoice::Embedded).await?;
		let batteries = register(&ledger, "held-back", &["BAT-2027-HB-000001".to_owned()]).await?;
		let battery = batteries.first().context("a battery")?;
		let mut frames = FinalisedFrames::from_now(&ledger).await?;
		let mut published = BTreeSet::new();
		for (round, hold) in (0..).zip(holds()) {
			as_root(&ledger, hold.begins).await?;
			let sequences = round * FRAMES + 1..=(round + 1) * FRAMES;
			let messages = sequences
				.clone()
				.map(|sequence| anyhow::Ok((battery.topic(FrameTopic::Telemetry), battery.frame(sequence)?)))
				.collect::<Result<Vec<_>>>()?;
			publish(bridge.broker_url(), messages).await?;
			published.extend(sequences.map(|sequence| (battery.device, sequence)));

			until_it_says(&mut bridge, hold.status, hold.says).await?;
			frames.catch_up(&ledger).await?;
			ensure!(
				frames.taken().len() as u64 == round * FRAMES,
				"frames were taken while {}",
				hold.says
			);
			let counter = format!("extrinsics_unsuccessful_total{{outcome=\"{}\"}}", hold.outcome);
			ensure!(
				bridge.metric(&counter).await? > 0,
				"not counted as {}",
				hold.outcome
			);

			as_root(&ledger, hold.ends).await?;
			nothing_lost_nothing_twice(&ledger, &mut frames, &published, &batteries, PATIENCE).await?;
			until_it_says(&mut bridge, 200, "takes frames").await?;
		}
		let letters = bridge.dead_letters()?;
		ensure!(letters.is_empty(), "frames were given up: {letters:#?}");
		Ok(())
	});
}
