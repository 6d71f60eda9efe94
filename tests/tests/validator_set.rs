//! A fifth validator beside four that run, as `docs/validators.md` adds one: its node makes the keys, its account sets them, the
//! council decides, and two sessions later it writes blocks, its vote counts, and the hand-over is part of every proof.
//!
//! On the runtime of `scripts/build-upgrade`, whose sessions last 20 blocks. Those of a released one last ten minutes.

use anyhow::{ensure, Context, Result};
use passport_client::{api::runtime_types as types, test_keys::TestMember, Ledger};
use passport_tests::{
	call::{account, dispatch_error, finalise, register_passport},
	network_council::enact,
	network_keys::SessionKeys,
	network_rpc::Rpc,
	network_seal::{author, AuthorityKey},
	program::built,
	run, until,
	verifier::verified,
	Network, Node, PATIENCE,
};
use serde_json::{json, Value};
use subxt::config::{substrate::BlakeTwo256, Hasher};
use types::passport_runtime::RuntimeCall;

/// A battery whose passport is proven.
const BATTERY: &str = "https://id.cell-works.example/21/validator-set/1";

/// Whose validator is added.
const NEWCOMER: TestMember = TestMember::RecyclingPlant;

/// Blocks that become final after one validator of five is gone: more than its votes on the way could carry.
const BLOCKS_WITHOUT_ONE: u32 = 8;

/// A node that can be asked.
fn rpc(name: &str, node: &Node) -> Rpc {
	Rpc {
		name: name.into(),
		address: node.address(),
	}
}

/// Brings in the runtime with short sessions.
async fn shorten_sessions(ledger: &Ledger, rpc: &Rpc, code: Vec<u8>) -> Result<()> {
	let (released, _) = rpc.runtime_version().await?;
	let authorise = types::pallet_organisations::pallet::Call::authorize_upgrade {
		code_hash: BlakeTwo256.hash(&code),
	};
	enact(ledger, RuntimeCall::Organisations(authorise)).await?;
	let apply = RuntimeCall::System(types::frame_system::pallet::Call::apply_authorized_upgrade { code });
	finalise(ledger, &NEWCOMER.signer(), &apply).await?;
	until("the runtime with short sessions", PATIENCE, async || {
		Ok((rpc.runtime_version().await?.0 > released).then_some(()))
	})
	.await?;
	// The code is in state one block before it runs.
	let applied = rpc.finalised().await?.number;
	until(
		"a block of the runtime with short sessions",
		PATIENCE,
		async || Ok((rpc.finalised().await?.number > applied).then_some(())),
	)
	.await
}

/// Keys come with a proof for one account, and nobody else gets on with them.
async fn others_are_refused(ledger: &Ledger, guest: &Rpc, keys: &SessionKeys) -> Result<()> {
	let nobodys = SessionKeys::make_for_nobody(guest).await?;
	let with_the_proof_of_others = SessionKeys {
		proof: keys.proof.clone(),
		..nobodys.clone()
	};
	for (what, sender, keys) in [
		("no proof", NEWCOMER, &nobodys),
		("the proof of other keys", NEWCOMER, &with_the_proof_of_others),
		(
			"the keys of another account",
			TestMember::MarketSurveillance,
			keys,
		),
	] {
		let error = dispatch_error(ledger, &sender.signer(), &keys.set()).await?;
		ensure!(error == "Session.InvalidProof", "{what}: {error}");
	}
	Ok(())
}

/// Whether this validator has written one of the final blocks from this one on. The set was the same in all of them.
async fn has_written(rpc: &Rpc, who: &AuthorityKey, from: u32) -> Result<bool> {
	let last = rpc.finalised().await?.number;
	if last < from {
		return Ok(false);
	}
	let authors = rpc.authors().await?;
	let numbers: Vec<u32> = (from..=last).collect();
	for hash in rpc.hashes(&numbers).await? {
		let head = rpc.head(hash.context("a final block without a hash")?).await?;
		if authors[author(&head.header, &authors)?] == *who {
			return Ok(true);
		}
	}
	Ok(false)
}

/// The validators that the council has chosen, by `passport_validators`: accounts, and whether they take part.
async fn chosen(rpc: &Rpc) -> Result<Vec<(String, bool)>> {
	let answer: Value = rpc.ask("passport_validators", json!([])).await?;
	answer["value"]["validators"]
		.as_array()
		.context("no list of validators")?
		.iter()
		.map(|validator| {
			let account = validator["account"].as_str().context("no account")?;
			let takes_part = validator["takesPart"].as_bool().context("no takesPart")?;
			anyhow::Ok((account.to_owned(), takes_part))
		})
		.collect()
}

#[test]
fn a_fifth_validator_sets_its_keys_is_added_and_takes_part_and_the_hand_over_is_proven() {
	run(async {
		let code =
			std::fs::read(built("chain-spec/upgrade.wasm").context("scripts/build-upgrade makes it")?)?;
		let mut network = Network::start()?;
		let mut guest = network.guest("eve")?;
		let ledger = network.nodes[0].ledger().await?;
		network.nodes[0].wait_for_height(&ledger, 2).await?;
		let alice = rpc("alice", &network.nodes[0]);
		shorten_sessions(&ledger, &alice, code).await?;
		// A client knows the runtime that it was connected to.
		let ledger = network.nodes[0].ledger().await?;
		register_passport(&ledger, BATTERY, None).await?;

		// Its machine is in step.
		guest.ledger().await?;
		let eve = rpc("eve", &guest);
		let height = alice.finalised().await?.number;
		until("the fifth is in step", PATIENCE, async || {
			guest.program.check_running()?;
			Ok((eve.finalised().await?.number >= height).then_some(()))
		})
		.await?;

		// It makes its keys, and the account sets them.
		let owner = NEWCOMER.signer();
		let keys = SessionKeys::make(&eve, &owner).await?;
		others_are_refused(&ledger, &eve, &keys).await?;
		finalise(&ledger, &owner, &keys.set()).await?;
		ensure!(keys.are_held_by(&eve).await?, "it has not the keys that it made");
		ensure!(!keys.are_held_by(&alice).await?, "another machine has its keys");

		// The council adds it: two sessions later it takes part.
		let add = types::pallet_validators::pallet::Call::add_validator {
			validator: account(&owner),
		};
		enact(&ledger, RuntimeCall::Validators(add)).await?;
		let account = format!("0x{}", hex::encode(owner.public_key().0));
		let added = chosen(&alice).await?;
		ensure!(
			added.len() == 5 && added.last() == Some(&(account.clone(), false)),
			"{added:?}"
		);
		until("the fifth takes part", PATIENCE, async || {
			guest.program.check_running()?;
			Ok((chosen(&alice).await?.last() == Some(&(account.clone(), true))).then_some(()))
		})
		.await?;
		// `passport_validators` tells of the best block, which becomes final a moment later.
		until("its keys are Aura's and GRANDPA's", PATIENCE, async || {
			let authors = alice.authors().await?;
			let finalisers = alice.finalisers().await?;
			Ok(
				(authors.last() == Some(&keys.aura) && finalisers.last() == Some(&keys.grandpa))
					.then_some(()),
			)
		})
		.await?;
		let changed = alice.finalised().await?.number;
		until("the fifth has written a block", PATIENCE, async || {
			guest.program.check_running()?;
			Ok(has_written(&alice, &keys.aura, changed + 1).await?.then_some(()))
		})
		.await?;

		// A proof leads from the genesis validators to the five, and is checked without a node.
		let proof = until("a block that the five finalised", PATIENCE, async || {
			let proof: Value = alice.ask("passport_proof", json!([BATTERY])).await?;
			let number = proof["blockNumber"].as_u64();
			Ok(number
				.is_some_and(|number| number > u64::from(changed))
				.then_some(proof))
		})
		.await?;
		let changes = proof["value"]["setChanges"].as_array().map(Vec::len);
		ensure!(
			proof["value"]["firstSet"] == 0 && changes == Some(1),
			"changes from set {}: {changes:?}",
			proof["value"]["firstSet"]
		);
		let specification = built("chain-spec/local.json")?.display().to_string();
		let proven = verified(&proof, BATTERY, &["--chain-spec", &specification])?;
		ensure!(
			proven["setId"] == 1
				&& proven["blockHash"] == proof["at"]
				&& proven["passport"]["uniqueIdentifier"] == BATTERY,
			"{proven:#}"
		);

		// Four of five have to vote: without one of the old it is the newcomer's vote that makes blocks final.
		network.nodes[3].program.kill()?;
		let last = alice.finalised().await?.number + BLOCKS_WITHOUT_ONE;
		until(&format!("block {last} is final"), PATIENCE, async || {
			guest.program.check_running()?;
			let both = alice.finalised().await?.number.min(eve.finalised().await?.number);
			Ok((both >= last).then_some(()))
		})
		.await?;
		ensure!(
			alice.hashes(&[last]).await? == eve.hashes(&[last]).await?,
			"the fifth has another block {last}"
		);
		Ok(())
	});
}
