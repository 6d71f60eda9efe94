//! One member can not starve the others: the chain has no fees, so quotas do what fees do elsewhere.

use anyhow::{ensure, Result};
use passport_client::{
	api::runtime_types::{
		pallet_organisations::pallet::Call as OrganisationsCall, passport_runtime::RuntimeCall,
	},
	test_keys::TestMember,
	Ledger,
};
use passport_primitives::pool::PoolRefusal;
use passport_tests::{
	call::{account, as_root, payload, remark},
	run, until, Node, PATIENCE,
};
use serde_json::{json, Value};
use std::time::{Duration, Instant};
use subxt::{config::DefaultExtrinsicParamsBuilder, utils::Static};

/// Transactions of the flood: five times what a quota holds in a period.
const FLOOD: u64 = 2_400;

/// Transactions of it that the pool must take at least, to be called a flood: half a quota.
const FLOOD_TAKEN: usize = 240;

/// Transactions of it that are sent as fast as the node takes them: the rest comes while these are worked off.
const BURST: usize = 1_200;

/// Between one of the rest and the next of the same sender: 200 a second of all senders, 1.7 times the quota.
const PACE: Duration = Duration::from_millis(20);

/// Bytes of each: 3.75 MiB a block for members' calls hold some 470 of them, and the pool's 128 MiB the whole flood.
const FLOOD_BYTES: usize = 8 * 1024;

/// Transactions that one sender of the flood has on their way.
const SENDERS: usize = 4;

/// Transactions that a latency is taken over.
const SAMPLES: usize = 5;

fn long_remark(number: u64) -> RuntimeCall {
	use passport_client::api::runtime_types as types;
	let mut remark = vec![0; FLOOD_BYTES];
	remark[..8].copy_from_slice(&number.to_le_bytes());
	RuntimeCall::System(types::frame_system::pallet::Call::remark { remark })
}

/// Signs the flood beforehand, so that sending it is all that is left to do.
async fn flood_of(ledger: &Ledger, by: TestMember, count: u64) -> Result<Vec<String>> {
	let signer = by.signer();
	let first = ledger.next_nonce(&account(&signer)).await?;
	let at = ledger.client().at_current_block().await?;
	let mut transactions = Vec::new();
	for number in 0..count {
		let call = payload(ledger, &long_remark(number)).await?;
		let parameters = DefaultExtrinsicParamsBuilder::new()
			.mortal(1_024)
			.nonce(first + number)
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

/// Median of the times from sending a transaction to its finality.
async fn median_latency(ledger: &Ledger, by: TestMember) -> Result<Duration> {
	let call = payload(ledger, &remark()).await?;
	let mut latencies = Vec::new();
	for _ in 0..SAMPLES {
		let sent = Instant::now();
		ledger.finalise(&call, &by.signer()).await?;
		latencies.push(sent.elapsed());
	}
	latencies.sort();
	Ok(latencies[SAMPLES / 2])
}

#[test]
fn a_member_that_floods_the_pool_leaves_the_others_latency_within_twice() {
	run(async {
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		let (flooder, neighbour) = (TestMember::BatteryTrade, TestMember::FleetOne);
		let flood = flood_of(&ledger, flooder, FLOOD).await?;
		let calm = median_latency(&ledger, neighbour).await?;

		let send = async {
			let (node, flood) = (&node, &flood);
			let senders = (0..SENDERS).map(|sender| async move {
				let mut answers = Vec::new();
				for (number, transaction) in flood.iter().enumerate().skip(sender).step_by(SENDERS) {
					if number >= BURST {
						tokio::time::sleep(PACE).await;
					}
					answers.push(
						node.json_rpc("author_submitExtrinsic", json!([transaction]))
							.await?,
					);
				}
				anyhow::Ok(answers)
			});
			let answers: Vec<Value> = futures::future::try_join_all(senders)
				.await?
				.into_iter()
				.flatten()
				.collect();
			anyhow::Ok(answers)
		};
		let (answers, flooded) = tokio::join!(send, median_latency(&ledger, neighbour));
		let (answers, flooded) = (answers?, flooded?);

		let taken = answers
			.iter()
			.filter(|answer| answer["result"].is_string())
			.count();
		ensure!(
			taken >= FLOOD_TAKEN,
			"the pool took only {taken} of the flood: {:?}",
			answers.first()
		);
		ensure!(
			flooded <= 2 * calm,
			"a neighbour waited {flooded:?}, {calm:?} without the flood; the pool took {taken} of {FLOOD}"
		);

		// Who sends on above its quota is told why. Whether the flood came to that depends on how fast this machine sends;
		// a quota of nothing does not.
		let none = RuntimeCall::Organisations(OrganisationsCall::set_quota {
			organisation: Static(flooder.organisation()),
			ref_time_per_period: Some(1),
		});
		as_root(&ledger, none).await?;
		let reason = format!("Custom error: {}", PoolRefusal::QuotaExceeded.code());
		until(
			"a call above the quota is refused as such",
			PATIENCE,
			async || {
				let more = flood_of(&ledger, flooder, 1).await?;
				let answer = node.json_rpc("author_submitExtrinsic", json!([more[0]])).await?;
				Ok(answer.to_string().contains(&reason).then_some(()))
			},
		)
		.await
	});
}
