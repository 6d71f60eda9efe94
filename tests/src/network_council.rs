//! The council at work, by plain transactions of its members.

use crate::call::{batch_all, finalise, include};
use anyhow::{ensure, Context, Result};
use api::council::events::{Executed, Proposed};
use futures::future::try_join_all;
use passport_client::{api, api::runtime_types as types, test_keys::TestMember, Finalised, Ledger};
use types::{
	pallet_collective::pallet::Call, passport_runtime::RuntimeCall, sp_runtime::DispatchError,
	sp_weights::weight_v2::Weight,
};

/// Members of the council of the `local` preset: four of its five, as many as two thirds take.
const YES: [TestMember; 4] = [
	TestMember::CellWorks,
	TestMember::BatteryTrade,
	TestMember::FleetOne,
	TestMember::SecondLife,
];

/// Longest motion, in bytes.
const LENGTH_BOUND: u32 = 1_000;

/// Heaviest motion: 50 ms, in picoseconds, and what a proof of it would weigh if there were one.
const WEIGHT_BOUND: Weight = Weight {
	ref_time: 50_000_000_000,
	proof_size: 10_000_000,
};

/// What became of motions.
pub struct Decision {
	/// The transaction that closed them.
	pub closed: Finalised,
	/// What each did, in their order.
	pub results: Vec<Result<(), DispatchError>>,
}

/// Several calls as one transaction; one call as it is.
fn together(mut calls: Vec<RuntimeCall>) -> RuntimeCall {
	match calls.len() {
		1 => calls.remove(0),
		_ => batch_all(calls),
	}
}

/// `council.propose`.
fn propose(threshold: usize, motion: RuntimeCall) -> RuntimeCall {
	RuntimeCall::Council(Call::propose {
		threshold: threshold as u32,
		proposal: Box::new(motion),
		length_bound: LENGTH_BOUND,
	})
}

/// `council.vote`, for the motion.
fn vote(motion: &Proposed) -> RuntimeCall {
	RuntimeCall::Council(Call::vote {
		proposal: motion.proposal_hash,
		index: motion.proposal_index,
		approve: true,
	})
}

/// `council.close`.
fn close(motion: &Proposed) -> RuntimeCall {
	RuntimeCall::Council(Call::close {
		proposal_hash: motion.proposal_hash,
		index: motion.proposal_index,
		proposal_weight_bound: WEIGHT_BOUND,
		length_bound: LENGTH_BOUND,
	})
}

/// Brings motions from their proposal to their execution, side by side. All of these members vote for all of them, and as many
/// votes as they are is the motions' threshold; the first one proposes and closes. Errors: one of the steps fails.
pub async fn decide(ledger: &Ledger, members: &[TestMember], motions: Vec<RuntimeCall>) -> Result<Decision> {
	let proposer = members.first().context("nobody votes")?.signer();
	let count = motions.len();
	let proposals = motions
		.into_iter()
		.map(|motion| propose(members.len(), motion))
		.collect();
	let proposed = finalise(ledger, &proposer, &together(proposals))
		.await?
		.events
		.find::<Proposed>()
		.collect::<Result<Vec<_>, _>>()?;
	ensure!(proposed.len() == count, "{} of {count} proposed", proposed.len());

	let votes = together(proposed.iter().map(vote).collect());
	let votes = &votes;
	try_join_all(members.iter().map(|member| async move {
		finalise(ledger, &member.signer(), votes)
			.await
			.with_context(|| format!("{} votes", member.name()))
	}))
	.await?;

	let closed = finalise(ledger, &proposer, &together(proposed.iter().map(close).collect())).await?;
	let executed = closed.events.find::<Executed>().collect::<Result<Vec<_>, _>>()?;
	ensure!(
		executed.len() == count,
		"the council has decided {} of {count}",
		executed.len()
	);
	let results = executed.into_iter().map(|motion| motion.result).collect();
	Ok(Decision { closed, results })
}

/// As [`decide`]. Errors: one of the steps fails, or what one of the motions does.
pub async fn enact_all(
	ledger: &Ledger,
	members: &[TestMember],
	motions: Vec<RuntimeCall>,
) -> Result<Finalised> {
	let Decision { closed, results } = decide(ledger, members, motions).await?;
	for (number, result) in results.into_iter().enumerate() {
		result.map_err(|error| anyhow::anyhow!("motion {number} failed: {error:?}"))?;
	}
	Ok(closed)
}

/// Brings a motion from its proposal to its execution. Errors: one of the steps fails, or what the motion does.
pub async fn enact(ledger: &Ledger, motion: RuntimeCall) -> Result<()> {
	enact_all(ledger, &YES, vec![motion]).await.map(drop)
}

/// Brings a motion to all the votes that it needs, while finality stands still: each step is waited for in a best block. Errors:
/// one of the steps fails.
pub async fn carry(ledger: &Ledger, motion: RuntimeCall) -> Result<Proposed> {
	let proposal = propose(YES.len(), motion);
	let proposed = include(ledger, &YES[0].signer(), &proposal)
		.await?
		.find_first::<Proposed>()
		.context("no Proposed event")??;
	let yes = &vote(&proposed);
	try_join_all(YES.iter().map(|member| async move {
		include(ledger, &member.signer(), yes)
			.await
			.with_context(|| format!("{} votes", member.name()))
	}))
	.await?;
	Ok(proposed)
}

/// Closes a motion that [`carry`] has brought so far. Errors: that fails, or what the motion does.
pub async fn close_carried(ledger: &Ledger, motion: &Proposed) -> Result<()> {
	include(ledger, &YES[0].signer(), &close(motion))
		.await?
		.find_first::<Executed>()
		.context("the council has not decided")??
		.result
		.map_err(|error| anyhow::anyhow!("the motion failed: {error:?}"))
}
