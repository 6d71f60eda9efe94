//! The council at work, by plain transactions of its members.

use crate::call::finalise;
use anyhow::{Context, Result};
use passport_client::{api, api::runtime_types as types, test_keys::TestMember, Ledger};
use types::{pallet_collective::pallet::Call, passport_runtime::RuntimeCall, sp_weights::weight_v2::Weight};

/// Members of the council of the `local` preset: four of its five, as many as two thirds take.
const YES: [TestMember; 4] = [
	TestMember::CellWorks,
	TestMember::BatteryTrade,
	TestMember::FleetOne,
	TestMember::SecondLife,
];

/// Longest motion, in bytes.
const LENGTH_BOUND: u32 = 1_000;

/// Heaviest motion: 10 ms, in picoseconds, and what a proof of it would weigh if there were one.
const WEIGHT_BOUND: Weight = Weight {
	ref_time: 10_000_000_000,
	proof_size: 1_000_000,
};

/// Brings a motion from its proposal to its execution. Errors: one of the steps fails, or what the motion does.
pub async fn enact(ledger: &Ledger, motion: RuntimeCall) -> Result<()> {
	let proposer = YES[0].signer();
	let propose = RuntimeCall::Council(Call::propose {
		threshold: YES.len() as u32,
		proposal: Box::new(motion),
		length_bound: LENGTH_BOUND,
	});
	let proposed = finalise(ledger, &proposer, &propose)
		.await?
		.events
		.find_first::<api::council::events::Proposed>()
		.context("no Proposed event")??;
	for member in YES {
		let vote = RuntimeCall::Council(Call::vote {
			proposal: proposed.proposal_hash,
			index: proposed.proposal_index,
			approve: true,
		});
		finalise(ledger, &member.signer(), &vote).await?;
	}
	let close = RuntimeCall::Council(Call::close {
		proposal_hash: proposed.proposal_hash,
		index: proposed.proposal_index,
		proposal_weight_bound: WEIGHT_BOUND,
		length_bound: LENGTH_BOUND,
	});
	finalise(ledger, &proposer, &close)
		.await?
		.events
		.find_first::<api::council::events::Executed>()
		.context("the council has not decided")??
		.result
		.map_err(|error| anyhow::anyhow!("the motion failed: {error:?}"))
}
