//! One member can not starve the others: the chain has no fees, so quotas do what fees do elsewhere.
//!
//! Two things are held. While a member's flood waits, ten blocks of it, a neighbour's call is final within twice the time that it
//! takes in the calm: with quotas the neighbour has used less than the flooder and comes before it, and the flood is dropped as soon
//! as a block of it has used the flooder's quota up, so that each sample needs a flood of its own. And who sends above its quota is
//! refused with that reason.
//!
//! Only the second is red without quotas. With both members' quotas lifted the first held as well when it was tried: one account's
//! flood alone does not keep the pool from others. That priority follows the quota is held by the unit tests of
//! `pallet-organisations` (`extension`).

use anyhow::{ensure, Context, Result};
use futures::stream::{self, StreamExt, TryStreamExt};
use passport_client::{
	api::runtime_types::{
		pallet_organisations::pallet::Call as OrganisationsCall,
		pallet_passport::pallet::Call as PassportCall, passport_runtime::RuntimeCall,
	},
	canonical,
	test_keys::TestMember,
	Ledger, MORTALITY_BLOCKS,
};
use passport_primitives::pool::PoolRefusal;
use passport_tests::{
	call::{account, as_root, bounded, new_passport, payload, remark},
	run, until, Node, PATIENCE,
};
use serde_json::{json, Value};
use std::time::{Duration, Instant};
use subxt::{config::DefaultExtrinsicParamsBuilder, utils::Static};

/// Who floods: the one member that may register.
const FLOODER: TestMember = TestMember::CellWorks;

/// Who only wants what is due to it.
const NEIGHBOUR: TestMember = TestMember::FleetOne;

/// Passports that a call of the flood registers: the most that one may.
const BATCH: u32 = 32;

/// Calls of a flood: a block holds some ten of them (`docs/performance.md`).
const FLOOD: u32 = 100;

/// Calls of it that must wait beside the neighbour's for a sample to count: more than seven blocks.
const STILL_WAITING: usize = 75;

/// Calls of it that are on their way to the node at a time.
const SENT_AT_ONCE: usize = 16;

/// Transactions that a latency is taken over.
const SAMPLES: usize = 5;

/// Floods for so many samples: where a block comes while one is sent, what is left of it is dropped before the neighbour's call is
/// there.
const MOST_FLOODS: u32 = 3 * SAMPLES as u32;

/// The unique identifier of a battery of the flood.
fn identifier(number: u32) -> String {
	format!("https://id.cell-works.example/21/flood/{number}")
}

/// `passport.register_many`, [`BATCH`] batteries from this number on. None comes twice: a call that fails gives its weight back,
/// and the block has room for another.
fn register_many(first: u32) -> Result<RuntimeCall> {
	let passports = (first..first + BATCH)
		.map(|number| new_passport(&identifier(number), None))
		.collect::<Result<Vec<_>>>()?;
	Ok(RuntimeCall::Passport(PassportCall::register_many {
		passports: bounded(passports),
	}))
}

/// Signs a flood beforehand, so that sending it is all that is left to do. `first` is the number of its first battery.
async fn flood_of(ledger: &Ledger, calls: u32, first: u32) -> Result<Vec<String>> {
	let signer = FLOODER.signer();
	let nonce = ledger.next_nonce(&account(&signer)).await?;
	let at = ledger.client().at_current_block().await?;
	let mut transactions = Vec::new();
	for number in 0..calls {
		let call = payload(ledger, &register_many(first + number * BATCH)?).await?;
		let parameters = DefaultExtrinsicParamsBuilder::new()
			// As the client does for the neighbour: with a longer one the flood would stand behind it without any quota.
			.mortal(MORTALITY_BLOCKS)
			.nonce(nonce + u64::from(number))
			.build();
		let signed = at
			.transactions()
			.create_signed(&call, &signer, parameters)
			.await?
			.into_encoded();
		transactions.push(format!("0x{}", hex::encode(signed)));
	}
	Ok(transactions)
}

/// Hands transactions to the node as fast as it takes them, and gives its answers.
async fn send(node: &Node, transactions: &[String]) -> Result<Vec<Value>> {
	stream::iter(transactions)
		.map(|transaction| node.json_rpc("author_submitExtrinsic", json!([transaction])))
		.buffered(SENT_AT_ONCE)
		.try_collect()
		.await
}

/// Transactions that wait in the pool for a block.
async fn waiting(node: &Node) -> Result<usize> {
	let answer = node.json_rpc("author_pendingExtrinsics", json!([])).await?;
	let transactions = answer["result"]
		.as_array()
		.with_context(|| format!("the node does not say what waits: {answer}"))?;
	Ok(transactions.len())
}

/// Waits until nothing of a flood is left and the flooder has its whole quota again.
async fn until_calm(node: &mut Node) -> Result<()> {
	until(
		"the pool is empty and the flooder's quota whole",
		PATIENCE,
		async || {
			node.program.check_running()?;
			let quota = node
				.json_rpc("passport_quota", json!([FLOODER.organisation().0]))
				.await?;
			let used = quota["result"]["value"]["refTimeUsed"]
				.as_u64()
				.with_context(|| format!("the node does not say what was used: {quota}"))?;
			Ok((used == 0 && waiting(node).await? == 0).then_some(()))
		},
	)
	.await
}

/// Waits for a block: until the next one there is time to hand in a flood. What has come to the pool by then is all that counts.
async fn until_next_block(node: &Node) -> Result<()> {
	let best = async || {
		let answer = node.json_rpc("chain_getBlockHash", json!([])).await?;
		anyhow::Ok(answer["result"].clone())
	};
	let before = best().await?;
	until("there is another block", PATIENCE, async || {
		Ok((best().await? != before).then_some(()))
	})
	.await
}

/// The time from sending a transaction of the neighbour's to its finality, and how many of others waited once it was in the pool.
async fn sample(node: &Node, ledger: &Ledger) -> Result<(Duration, usize)> {
	let call = payload(ledger, &remark()).await?;
	let sent = Instant::now();
	let submitted = ledger.submit(&call, &NEIGHBOUR.signer(), None).await?;
	let others = waiting(node).await?.saturating_sub(1);
	submitted.finalised().await?;
	Ok((sent.elapsed(), others))
}

fn median(mut latencies: Vec<Duration>) -> Duration {
	latencies.sort();
	latencies[latencies.len() / 2]
}

#[test]
fn a_member_that_floods_the_pool_leaves_the_others_latency_within_twice() {
	run(async {
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		let mut latencies = Vec::new();
		for _ in 0..SAMPLES {
			let (latency, _) = sample(&node, &ledger).await?;
			latencies.push(latency);
		}
		let calm = median(latencies);

		let (mut latencies, mut floods) = (Vec::new(), 0);
		while latencies.len() < SAMPLES {
			until_calm(&mut node).await?;
			let flood = flood_of(&ledger, FLOOD, floods * FLOOD * BATCH).await?;
			floods += 1;
			until_next_block(&node).await?;
			let answers = send(&node, &flood).await?;
			let (latency, others) = sample(&node, &ledger).await?;
			if others >= STILL_WAITING {
				latencies.push(latency);
			}
			ensure!(
				floods < MOST_FLOODS || latencies.len() == SAMPLES,
				"no measurement: of {floods} floods only {} were there when the neighbour's call was, {others} calls of the last \
				 one, of which the node said: {:?}",
				latencies.len(),
				answers.last()
			);
		}
		let flooded = median(latencies);
		ensure!(
			flooded <= 2 * calm,
			"a neighbour waited {flooded:?}, {calm:?} without a flood"
		);
		ensure!(
			ledger
				.passport(canonical::passport_id(&identifier(0)))
				.await?
				.is_some(),
			"the flood's calls failed, and weighed nothing"
		);

		// Who sends on above its quota is told why. Whether the flood came to that depends on how fast this machine sends;
		// a quota of nothing does not.
		until_calm(&mut node).await?;
		let none = RuntimeCall::Organisations(OrganisationsCall::set_quota {
			organisation: Static(FLOODER.organisation()),
			ref_time_per_period: Some(1),
		});
		as_root(&ledger, none).await?;
		let reason = format!("Custom error: {}", PoolRefusal::QuotaExceeded.code());
		until(
			"a call above the quota is refused as such",
			PATIENCE,
			async || {
				let more = flood_of(&ledger, 1, floods * FLOOD * BATCH).await?;
				let answers = send(&node, &more).await?;
				Ok(answers[0].to_string().contains(&reason).then_some(()))
			},
		)
		.await
	});
}
