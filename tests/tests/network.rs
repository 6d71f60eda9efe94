//! Four validators that know each other by network alone.

use anyhow::{ensure, Result};
use passport_client::{test_keys::TestMember, Ledger};
use passport_tests::{
	call::{account, payload, remark},
	run, until, Network, PATIENCE,
};
use std::collections::BTreeSet;

/// Blocks that must become final to say that finality goes on.
const SOME_BLOCKS: u32 = 5;

async fn connections(network: &mut Network, which: std::ops::Range<usize>) -> Result<Vec<Ledger>> {
	let mut ledgers = Vec::new();
	for node in &mut network.nodes[which] {
		ledgers.push(node.ledger().await?);
	}
	Ok(ledgers)
}

/// Waits until each of them has so many more final blocks than the first has now; then all must have the same.
async fn finalise_together(ledgers: &[Ledger], blocks: u32) -> Result<()> {
	let height = ledgers[0].finalised_head().await?.0 + blocks;
	let mut hashes = BTreeSet::new();
	for ledger in ledgers {
		until(&format!("block {height} is final"), PATIENCE, async || {
			Ok((ledger.finalised_head().await?.0 >= height).then_some(()))
		})
		.await?;
		hashes.insert(ledger.client().at_block(height).await?.block_hash());
	}
	ensure!(
		hashes.len() == 1,
		"validators disagree about block {height}: {hashes:?}"
	);
	Ok(())
}

#[test]
fn four_validators_agree_and_go_on_without_one() {
	run(async {
		let mut network = Network::start()?;
		let ledgers = connections(&mut network, 0..4).await?;
		finalise_together(&ledgers, SOME_BLOCKS).await?;

		// What is sent to one of them stands in the block that all of them have.
		let sender = TestMember::FleetOne.signer();
		let done = ledgers[1]
			.finalise(&payload(&ledgers[1], &remark()).await?, &sender)
			.await?;
		let hash = until("the others have the block as final", PATIENCE, async || {
			let (height, _) = ledgers[3].finalised_head().await?;
			Ok(match height >= done.block_number {
				true => Some(
					ledgers[3]
						.client()
						.at_block(done.block_number)
						.await?
						.block_hash(),
				),
				false => None,
			})
		})
		.await?;
		ensure!(hash == done.block_hash, "another block {}", done.block_number);
		ensure!(
			ledgers[2].next_nonce(&account(&sender)).await? == 1,
			"the nonce was not used everywhere"
		);

		// Three of four are more than two thirds.
		network.nodes[3].program.kill()?;
		finalise_together(&ledgers[..3], SOME_BLOCKS).await?;

		// The one that was killed finds its database and catches up.
		network.nodes[3].program.start_again()?;
		let ledgers = connections(&mut network, 0..4).await?;
		finalise_together(&ledgers, SOME_BLOCKS).await
	});
}
