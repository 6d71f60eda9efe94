//! Another runtime, with a migration, brought in by the council while four validators run: what was there before is there after.
//!
//! `scripts/build-upgrade` builds it: this runtime with the feature `upgrade-test`, whose version is one higher and whose
//! migration reads every live passport and writes down how many it has read. Its sessions are shorter, for `validator_set.rs`.

use anyhow::{bail, ensure, Context, Result};
use passport_client::{
	api::{self, runtime_types as types},
	test_keys::TestMember,
	Ledger,
};
use passport_primitives::{
	battery::PassportId,
	data_set::{DataSet, DataSets, Purpose},
};
use passport_tests::{
	call::{finalise, remark},
	network_consortium::{Consortium, ALL},
	network_council::enact,
	network_rpc::{bytes, Rpc},
	program::built,
	register, run, until, State, PATIENCE,
};
use serde_json::json;
use std::collections::BTreeSet;
use subxt::{
	config::{substrate::BlakeTwo256, Hasher},
	ext::codec::Decode,
	utils::Static,
};
use types::passport_runtime::RuntimeCall;

/// Batteries that are there before.
const ALIASES: [&str; 2] = ["BAT-2027-UP-000001", "BAT-2027-UP-000002"];

/// Key under which the migration writes.
const MARKER: &[u8] = b":passport-upgrade-test";

/// What the keys of frame-system begin with: twox128 of "System". An upgrade changes what it knows of the runtime.
const SYSTEM: &str = "0x26aa394eea5630e07c48ae0c9558cef7";

/// Blocks of a session of the other runtime.
const SESSION_BLOCKS: u32 = 20;

/// Digits of a key that name pallet and item, with the `0x` before them.
const ITEM_DIGITS: usize = 2 + 64;

/// Gives the data broker access to the public data and the composition of a battery.
async fn grant(ledger: &Ledger, passport: PassportId) -> Result<()> {
	use types::pallet_access_grant::pallet::Call;
	let request = RuntimeCall::AccessGrant(Call::request {
		passport: Static(passport),
		data_sets: Static(DataSets::of(&[DataSet::Model, DataSet::Composition])),
		purpose: Static(Purpose::Valuation),
		duration_blocks: 1_000,
	});
	let asked = finalise(ledger, &TestMember::DataBroker.signer(), &request).await?;
	let grant = asked
		.events
		.find_first::<api::access_grant::events::GrantRequested>()
		.context("no GrantRequested event")??
		.grant;
	let approve = RuntimeCall::AccessGrant(Call::approve {
		grant,
		envelope: None,
	});
	finalise(ledger, &TestMember::CellWorks.signer(), &approve).await?;
	Ok(())
}

/// A battery's passport, its devices with their keys, and the grants under it, as the runtime serves them.
async fn views(rpc: &Rpc, passport: PassportId) -> Result<Vec<Vec<u8>>> {
	let mut views = Vec::new();
	for function in ["passport", "devices_of", "grants_of"] {
		let answer = rpc
			.state_call(&format!("PassportLedgerApi_{function}"), &passport.0)
			.await?;
		// One byte says that there is none of it.
		ensure!(answer.len() > 1, "{function}: nothing to lose");
		views.push(answer);
	}
	Ok(views)
}

async fn final_state(ledger: &Ledger) -> Result<State> {
	State::at(ledger, ledger.finalised_head().await?.1).await
}

/// The states before and after the block of this number, when it is final.
async fn around(ledger: &Ledger, rpc: &Rpc, number: u32) -> Result<(State, State)> {
	until(&format!("block {number} is final"), PATIENCE, async || {
		Ok((rpc.finalised().await?.number >= number).then_some(()))
	})
	.await?;
	match rpc.hashes(&[number - 1, number]).await?.as_slice() {
		[Some(before), Some(after)] => Ok((
			State::at(ledger, *before).await?,
			State::at(ledger, *after).await?,
		)),
		other => bail!("a final block without a hash: {other:?}"),
	}
}

#[test]
fn the_council_brings_another_runtime_and_data_keys_and_grants_survive() {
	run(async {
		let code =
			std::fs::read(built("chain-spec/upgrade.wasm").context("scripts/build-upgrade makes it")?)?;
		let mut network = Consortium::start().await?;
		let ledger = network.peers[0].ledger().await?;
		let rpc = network.peers[0].rpc().clone();

		let batteries = register(&ledger, "upgrade", &ALIASES.map(str::to_owned)).await?;
		let passport = batteries[0].passport;
		grant(&ledger, passport).await?;
		let (spec_version, transaction_version) = rpc.runtime_version().await?;
		let validators = (rpc.authors().await?, rpc.finalisers().await?);
		let views_before = views(&rpc, passport).await?;

		enact(
			&ledger,
			RuntimeCall::Organisations(types::pallet_organisations::pallet::Call::authorize_upgrade {
				code_hash: BlakeTwo256.hash(&code),
			}),
		)
		.await?;

		// So that no session of the other runtime ends with its first block, in which the migration runs.
		until("a session is not about to end", PATIENCE, async || {
			let number = rpc.finalised().await?.number;
			Ok((number % SESSION_BLOCKS < SESSION_BLOCKS / 2).then_some(()))
		})
		.await?;

		// What time and a transaction change by themselves, learnt from the chain: it is at rest but for them.
		let sender = TestMember::FleetOne.signer();
		let earlier = final_state(&ledger).await?;
		finalise(&ledger, &sender, &remark()).await?;
		let before = final_state(&ledger).await?;

		// Anybody brings the code; its hash is what was decided.
		let apply = RuntimeCall::System(types::frame_system::pallet::Call::apply_authorized_upgrade { code });
		let applied = finalise(&ledger, &sender, &apply).await?.block_number;
		for peer in &mut network.peers {
			until(
				&format!("{} runs the other runtime", peer.name()),
				PATIENCE,
				async || {
					peer.check_running()?;
					let (spec, transaction) = peer.rpc().runtime_version().await?;
					ensure!(
						transaction == transaction_version,
						"calls are encoded in another way: {transaction}"
					);
					Ok((spec == spec_version + 1).then_some(()))
				},
			)
			.await?;
		}
		// The code is in state one block before it runs.
		network.goes_on(&ALL, PATIENCE).await?;

		let after = final_state(&ledger).await?;
		// The same for the end of a session, the first one: it writes what was never written.
		let session_end = (applied / SESSION_BLOCKS + 1) * SESSION_BLOCKS;
		let (in_session, in_the_next) = around(&ledger, &rpc, session_end).await?;
		let restless: BTreeSet<&str> = [(&earlier, &before), (&in_session, &in_the_next)]
			.into_iter()
			.flat_map(|(one, other)| one.differing(other))
			.map(item)
			.collect();
		let marker = format!("0x{}", hex::encode(MARKER));
		let lost: Vec<&str> = before
			.differing(&after)
			.into_iter()
			.filter(|key| !restless.contains(item(key)) && !key.starts_with(SYSTEM) && *key != marker)
			.collect();
		ensure!(
			lost.is_empty(),
			"the upgrade changed what it should not: {lost:#?}"
		);
		ensure!(
			views(&rpc, passport).await? == views_before,
			"the passport, its devices or its grants read otherwise"
		);
		ensure!(
			(rpc.authors().await?, rpc.finalisers().await?) == validators,
			"the validators' keys are others"
		);

		let written: Option<String> = rpc.ask("state_getStorage", json!([marker])).await?;
		let written = bytes(&written.context("the migration has not run")?)?;
		let read = u32::decode(&mut written.as_slice())?;
		ensure!(
			read as usize == ALIASES.len(),
			"the migration has read {read} passports"
		);

		// And it is a ledger to work with.
		network.listen();
		network.is_one_ledger().await
	});
}

/// Pallet and item of a key.
fn item(key: &str) -> &str {
	key.get(..ITEM_DIGITS).unwrap_or(key)
}
