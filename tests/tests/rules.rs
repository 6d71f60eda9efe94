//! What bad calls get: the pallet's own error, and a ledger that is the same as before. And what readers get who come
//! without any types: JSON-RPC with decoded fields, errors with codes.

use anyhow::{ensure, Context, Result};
use passport_client::{
	api::{self, runtime_types as types, runtime_types::passport_runtime::RuntimeCall},
	test_keys::TestMember,
	Keypair, Ledger,
};
use passport_primitives::{
	battery::{Commitment, DocumentHash, PassportId},
	data_set::{DataSet, DataSets, Purpose},
	telemetry::{window::MAX_SEQUENCE_STEP, FrameRefusal, MAX_BEHIND_SECONDS},
};
use passport_runtime_api::PassportAnswer;
use passport_tests::{
	battery::{now_seconds, Battery, Recipe},
	call::{account, bounded, commitments, dispatch_error, finalise, raw, register, register_passport},
	register as register_batteries, run,
	state::{unchanged, unchanged_but_nonce},
	Node, SharedChain,
};
use serde_json::{json, Value};
use subxt::{config::DefaultExtrinsicParamsBuilder, utils::Static};

static CHAIN: SharedChain = SharedChain::new();

/// Fails unless a call fails with this error of its pallet, and changes nothing but the sender's nonce.
async fn fails_with(ledger: &Ledger, sender: &Keypair, call: RuntimeCall, expected: &str) -> Result<()> {
	let error = unchanged_but_nonce(ledger, sender, dispatch_error(ledger, sender, &call)).await?;
	ensure!(error == expected, "{error} instead of {expected}");
	Ok(())
}

fn offer(passport: PassportId, to: TestMember) -> RuntimeCall {
	RuntimeCall::OwnershipTransfer(types::pallet_ownership_transfer::pallet::Call::offer {
		to: Static(to.organisation()),
		kind: types::pallet_ownership_transfer::types::TransferKind::Sale,
		operation_moves: true,
		passports: bounded(vec![Static(passport)]),
		location: None,
		documents: bounded(Vec::new()),
		valid_for_blocks: 1_000,
	})
}

fn accept(transfer: u32) -> RuntimeCall {
	RuntimeCall::OwnershipTransfer(types::pallet_ownership_transfer::pallet::Call::accept {
		transfer: types::pallet_ownership_transfer::types::TransferId(transfer),
		passports: None,
		take_operation: true,
	})
}

fn accept_waste(passport: PassportId) -> RuntimeCall {
	RuntimeCall::Passport(types::pallet_passport::pallet::Call::accept_waste_hand_over {
		passport: Static(passport),
	})
}

fn request(passport: PassportId) -> RuntimeCall {
	RuntimeCall::AccessGrant(types::pallet_access_grant::pallet::Call::request {
		passport: Static(passport),
		data_sets: Static(DataSets::of(&[DataSet::Individual])),
		purpose: Static(Purpose::Valuation),
		duration_blocks: 1_000,
	})
}

/// Offers a battery and gives the number of the offer.
async fn offered(ledger: &Ledger, by: TestMember, passport: PassportId, to: TestMember) -> Result<u32> {
	let done = finalise(ledger, &by.signer(), &offer(passport, to)).await?;
	let event = done
		.events
		.find_first::<api::ownership_transfer::events::TransferOffered>();
	Ok(event.context("no TransferOffered event")??.transfer.0)
}

/// A recycled battery's passport.
async fn closed(ledger: &Ledger, unique_identifier: &str) -> Result<PassportId> {
	let recycler = TestMember::RecyclingPlant;
	let passport = register_passport(ledger, unique_identifier, None).await?;
	let hand_over = types::pallet_passport::pallet::Call::hand_over_to_waste_operator {
		passport: Static(passport),
		to: Static(recycler.organisation()),
	};
	finalise(
		ledger,
		&TestMember::CellWorks.signer(),
		&RuntimeCall::Passport(hand_over),
	)
	.await?;
	finalise(ledger, &recycler.signer(), &accept_waste(passport)).await?;
	let batch = types::pallet_passport::pallet::Call::register_recycling_batch {
		facility: bounded(b"DE-HE-4711".to_vec()),
		year: 2041,
		masses: Static(Commitment([8; 32])),
	};
	let registered = finalise(ledger, &recycler.signer(), &RuntimeCall::Passport(batch)).await?;
	let batch = registered
		.events
		.find_first::<api::passport::events::RecyclingBatchRegistered>()
		.context("no RecyclingBatchRegistered event")??
		.batch;
	let close = types::pallet_passport::pallet::Call::close_as_recycled {
		passport: Static(passport),
		batch,
		evidence: Static(DocumentHash([7; 32])),
	};
	finalise(ledger, &recycler.signer(), &RuntimeCall::Passport(close)).await?;
	Ok(passport)
}

#[test]
fn a_battery_is_registered_once_under_each_of_its_names() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		let maker = TestMember::CellWorks.signer();
		let (identifier, alias) = ("https://id.cell-works.example/21/ONCE", "BAT-2027-RU-000001");
		register_passport(&ledger, identifier, Some(alias)).await?;
		let again = register(identifier, None)?;
		fails_with(&ledger, &maker, again, "Passport.AlreadyRegistered").await?;
		let same_alias = register("https://id.cell-works.example/21/ONCE-MORE", Some(alias))?;
		fails_with(&ledger, &maker, same_alias, "Passport.AliasTaken").await
	});
}

#[test]
fn a_battery_is_transferred_by_its_owner_and_to_whom_it_was_offered() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		let (maker, trader, fleet) = (
			TestMember::CellWorks,
			TestMember::BatteryTrade,
			TestMember::FleetOne,
		);
		let passport = register_passport(&ledger, "https://id.cell-works.example/21/OWNED", None).await?;
		let by_another = offer(passport, trader);
		fails_with(&ledger, &fleet.signer(), by_another, "OwnershipTransfer.NotOwner").await?;
		let transfer = offered(&ledger, maker, passport, trader).await?;
		fails_with(
			&ledger,
			&fleet.signer(),
			accept(transfer),
			"OwnershipTransfer.NotRecipient",
		)
		.await?;
		let twice = offer(passport, fleet);
		fails_with(
			&ledger,
			&maker.signer(),
			twice,
			"OwnershipTransfer.AlreadyOffered",
		)
		.await?;

		finalise(&ledger, &trader.signer(), &accept(transfer)).await?;
		let view = ledger
			.live_passport(passport)
			.await?
			.context("the passport is gone")?;
		ensure!(view.owner == trader.organisation(), "the owner is {}", view.owner);
		// The maker answers for the battery still, and owns it no more.
		let by_the_maker = offer(passport, fleet);
		fails_with(
			&ledger,
			&maker.signer(),
			by_the_maker,
			"OwnershipTransfer.NotOwner",
		)
		.await
	});
}

#[test]
fn a_closed_passport_takes_nothing_and_its_name_is_not_given_again() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		let identifier = "https://id.cell-works.example/21/RECYCLED";
		let passport = closed(&ledger, identifier).await?;
		let answer = ledger.passport(passport).await?;
		ensure!(
			matches!(answer, Some(PassportAnswer::Ceased(_))),
			"no tombstone: {answer:?}"
		);

		let broker = TestMember::DataBroker.signer();
		fails_with(
			&ledger,
			&broker,
			request(passport),
			"AccessGrant.PassportNotFound",
		)
		.await?;
		let recycler = TestMember::RecyclingPlant.signer();
		let sold = offer(passport, TestMember::BatteryTrade);
		fails_with(&ledger, &recycler, sold, "OwnershipTransfer.PassportNotFound").await?;
		let maker = TestMember::CellWorks.signer();
		fails_with(
			&ledger,
			&maker,
			register(identifier, None)?,
			"Passport.IdentifierRetired",
		)
		.await
	});
}

/// A signed transaction, as it travels.
async fn signed_update(
	ledger: &Ledger,
	signer: &Keypair,
	passport: PassportId,
	commitment: &[u8],
) -> Result<Vec<u8>> {
	let mut arguments = passport.0.to_vec();
	arguments.push(DataSet::Composition as u8);
	arguments.extend(commitment);
	// No content address.
	arguments.push(0);
	let nonce = ledger.next_nonce(&account(signer)).await?;
	let parameters = DefaultExtrinsicParamsBuilder::new()
		.mortal(64)
		.nonce(nonce)
		.build();
	let at = ledger.client().at_current_block().await?;
	let call = raw("Passport", "update_commitment", arguments);
	Ok(at
		.transactions()
		.create_signed(&call, signer, parameters)
		.await?
		.into_encoded())
}

async fn submit_raw(node: &Node, transaction: &[u8]) -> Result<Value> {
	node.json_rpc(
		"author_submitExtrinsic",
		json!([format!("0x{}", hex::encode(transaction))]),
	)
	.await
}

#[test]
fn a_commitment_of_another_length_is_no_transaction() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		let maker = TestMember::CellWorks.signer();
		let passport = register_passport(&ledger, "https://id.cell-works.example/21/LENGTH", None).await?;
		unchanged(&ledger, async {
			for bytes in [0, 20, 31, 33, 64] {
				// Zeros: what is too much must not pass for the address that is not there.
				for filling in [0, 0xab] {
					let transaction = signed_update(&ledger, &maker, passport, &vec![filling; bytes]).await?;
					let answer = submit_raw(&node, &transaction).await?;
					ensure!(
						answer["error"]["code"].is_i64(),
						"a commitment of {bytes} bytes was taken: {answer}"
					);
				}
			}
			let mut cut_short = signed_update(&ledger, &maker, passport, &[1; 32]).await?;
			cut_short.pop();
			let answer = submit_raw(&node, &cut_short).await?;
			ensure!(
				answer["error"]["code"].is_i64(),
				"a transaction that was cut short was taken: {answer}"
			);
			Ok(())
		})
		.await?;
		// Made in the same way with the length that it has, it is one.
		let transaction = signed_update(&ledger, &maker, passport, &[1; 32]).await?;
		let answer = submit_raw(&node, &transaction).await?;
		ensure!(answer["result"].is_string(), "{answer}");
		let height = ledger.finalised_head().await?.0;
		node.wait_for_height(&ledger, height + 3).await?;
		let view = ledger
			.live_passport(passport)
			.await?
			.context("the passport is gone")?;
		ensure!(view.version == 2, "the commitment was not updated");
		Ok(())
	});
}

/// The value of a `passport_*` answer, with the frame that every answer has.
async fn ask(node: &Node, method: &str, parameters: Value) -> Result<Value> {
	let answer = node.json_rpc(method, parameters).await?;
	let result = &answer["result"];
	ensure!(
		result["at"].is_string() && result["blockNumber"].is_u64() && result["finalised"].is_boolean(),
		"{method}: {answer}"
	);
	Ok(result["value"].clone())
}

#[test]
fn json_rpc_answers_with_decoded_fields() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		let (identifier, alias) = (
			"https://id.cell-works.example/21/rpc/BAT-2027-RU-000002",
			"BAT-2027-RU-000002",
		);
		let batteries = register_batteries(&ledger, "rpc", &[alias.to_owned()]).await?;
		let [battery] = batteries.as_slice() else {
			anyhow::bail!("one battery")
		};
		let passport = battery.passport.to_string();
		let transfer = offered(
			&ledger,
			TestMember::CellWorks,
			battery.passport,
			TestMember::BatteryTrade,
		)
		.await?;
		finalise(
			&ledger,
			&TestMember::DataBroker.signer(),
			&request(battery.passport),
		)
		.await?;

		for name in [identifier, alias, &passport] {
			let view = ask(&node, "passport_get", json!([name])).await?;
			ensure!(
				view["state"] == "live" && view["passportId"] == passport,
				"{name}: {view}"
			);
			ensure!(
				view["uniqueIdentifier"] == identifier && view["alias"] == alias,
				"{view}"
			);
			ensure!(
				view["category"] == "electricVehicle" && view["status"] == "original",
				"{view}"
			);
			ensure!(
				view["manufacturer"] == 1 && view["responsibleOperator"] == 1 && view["owner"] == 1,
				"{view}"
			);
			ensure!(
				view["version"] == 1 && view["commitments"].as_array().is_some_and(|sets| sets.len() == 4),
				"{view}"
			);
		}
		let [first, ..] = commitments(identifier);
		let first = first.context("a commitment to set 1")?.to_string();
		let other = format!("0x{}", "00".repeat(32));
		for (name, commitment, expected) in [
			(alias, &first, "matches"),
			(alias, &other, "differs"),
			(
				"https://id.cell-works.example/21/nobody",
				&first,
				"passportNotFound",
			),
		] {
			let value = ask(&node, "passport_verify", json!([name, 1, commitment])).await?;
			ensure!(value == expected, "{name} {commitment}: {value}");
		}
		let organisation = ask(&node, "passport_organisation", json!([1])).await?;
		ensure!(
			organisation["did"] == "did:web:cell-works.example" && organisation["active"] == true,
			"{organisation}"
		);
		ensure!(
			organisation["roles"] == json!(["manufacturer", "supplier"]),
			"{organisation}"
		);
		let account = format!("0x{}", hex::encode(TestMember::CellWorks.signer().public_key().0));
		ensure!(
			ask(&node, "passport_organisation", json!([account])).await? == organisation,
			"by its account"
		);
		let devices = ask(&node, "passport_devices", json!([alias])).await?;
		let device = ask(&node, "passport_device", json!([battery.device])).await?;
		ensure!(devices == json!([device]), "{devices}");
		ensure!(
			device["publicKey"] == format!("0x{}", hex::encode(battery.identity.public_key())),
			"{device}"
		);
		ensure!(
			device["active"] == true && device["frames"] == 0 && device["window"]["highest"] == 0,
			"{device}"
		);
		let view = ask(&node, "passport_transfer", json!([transfer])).await?;
		ensure!(
			view["from"] == 1 && view["to"] == 2 && view["kind"] == "sale",
			"{view}"
		);
		ensure!(view["passports"] == json!([passport]), "{view}");
		let grants = ask(&node, "passport_grants", json!([alias])).await?;
		ensure!(
			grants[0]["dataSets"] == json!(["individual"]) && grants[0]["purpose"] == "valuation",
			"{grants}"
		);
		ensure!(
			grants[0]["open"] == false && grants[0]["grantee"] == 7,
			"{grants}"
		);
		ensure!(
			ask(&node, "passport_documents", json!([alias])).await? == json!([]),
			"a document"
		);

		// At the block before, nothing of this was there.
		let genesis = format!("0x{}", hex::encode(ledger.genesis_hash()));
		let answer = node.json_rpc("passport_get", json!([alias, genesis])).await?;
		ensure!(answer["error"]["code"] == 9003, "{answer}");
		Ok(())
	});
}

#[test]
fn json_rpc_says_by_its_code_why_there_is_no_answer() {
	run(async {
		let mut node = CHAIN.take().await?;
		node.ledger().await?;
		let (nobody, unknown) = (format!("0x{}", "11".repeat(32)), format!("0x{}", "22".repeat(32)));
		for (method, parameters, code) in [
			("passport_get", json!(["no name has spaces"]), 9001),
			("passport_get", json!([""]), 9001),
			("passport_get", json!(["x".repeat(129)]), 9001),
			("passport_verify", json!([nobody, 5, nobody]), 9001),
			("passport_verify", json!([nobody, 1, "0x00"]), 9001),
			("passport_organisation", json!(["5Gnobody"]), 9001),
			("passport_get", json!([nobody, unknown]), 9002),
			("passport_get", json!([nobody]), 9003),
			("passport_get", json!(["BAT-2099-ZZ-999999"]), 9003),
			("passport_devices", json!([nobody]), 9003),
			("passport_grants", json!([nobody]), 9003),
			("passport_documents", json!([nobody]), 9003),
			("passport_device", json!([4_000_000]), 9003),
			("passport_transfer", json!([4_000_000]), 9003),
			("passport_organisation", json!([4_000_000]), 9003),
			("passport_organisation", json!([nobody]), 9003),
			("passport_device", json!(["one"]), -32602),
			("passport_get", json!([]), -32602),
			("passport_everything", json!([]), -32601),
		] {
			let answer = node.json_rpc(method, parameters.clone()).await?;
			ensure!(answer["error"]["code"] == code, "{method} {parameters}: {answer}");
			let message = answer["error"]["message"].as_str().unwrap_or_default();
			ensure!(
				!message.is_empty() && !message.contains('\n'),
				"no line that says why: {answer}"
			);
		}
		Ok(())
	});
}

async fn submit_frames(ledger: &Ledger, frames: Vec<(u32, Vec<u8>)>) -> Result<Vec<(u16, FrameRefusal)>> {
	let frames = frames
		.into_iter()
		.map(|(device, frame)| types::pallet_telemetry::SubmittedFrame {
			device,
			frame: bounded(frame),
		})
		.collect();
	let call = api::tx().telemetry().submit_frames(bounded(frames));
	let done = ledger.finalise(&call, &TestMember::FrameBridge.signer()).await?;
	let event = done
		.events
		.find_first::<api::telemetry::events::BatchVerified>()
		.context("no BatchVerified event")??;
	Ok(event
		.skipped
		.0
		.into_iter()
		.map(|frame| (frame.position, frame.reason.0))
		.collect())
}

/// The bridge refuses these before they cost a block. The ledger does not rely on that.
#[test]
fn the_ledger_checks_every_frame_whatever_bridge_brings_it() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		let aliases = ["BAT-2027-RU-000011", "BAT-2027-RU-000012"].map(str::to_owned);
		let batteries = register_batteries(&ledger, "careless-bridge", &aliases).await?;
		let [battery, revoked] = batteries.as_slice() else {
			anyhow::bail!("two batteries")
		};
		let revoke = types::pallet_telemetry::pallet::Call::revoke_device {
			device: revoked.device,
		};
		finalise(
			&ledger,
			&TestMember::CellWorks.signer(),
			&RuntimeCall::Telemetry(revoke),
		)
		.await?;

		let first = battery.frame(1)?;
		let with = |sequence, change: fn(&mut Recipe)| {
			let mut recipe = battery.recipe(sequence);
			change(&mut recipe);
			battery.bake(&recipe)
		};
		let mut tampered = battery.frame(102)?;
		let middle = tampered.len() / 2;
		tampered[middle] ^= 1;
		use FrameRefusal as Why;
		let of_another = Battery {
			identity: revoked.identity.clone(),
			..battery.clone()
		}
		.frame(103)?;
		let batch: Vec<(u32, Vec<u8>, Option<FrameRefusal>)> = vec![
			(battery.device, first.clone(), None),
			(battery.device, first, Some(Why::Replayed)),
			(
				battery.device,
				with(1, |recipe| recipe.state_of_charge_bp = 1)?,
				Some(Why::Replayed),
			),
			(battery.device, battery.frame(100)?, None),
			(battery.device, battery.frame(2)?, Some(Why::TooOld)),
			(battery.device, battery.frame(99)?, None),
			(
				battery.device,
				battery.frame(1_000 + MAX_SEQUENCE_STEP)?,
				Some(Why::SequenceLeap),
			),
			(battery.device, b"no frame at all".to_vec(), Some(Why::Malformed)),
			(battery.device, Vec::new(), Some(Why::Malformed)),
			(battery.device, tampered, Some(Why::BadSignature)),
			(battery.device, of_another, Some(Why::BadSignature)),
			(
				battery.device,
				with(104, |recipe| recipe.genesis_hash = [9; 32])?,
				Some(Why::BadSignature),
			),
			(
				battery.device,
				with(104, |recipe| recipe.passport.0[31] ^= 1)?,
				Some(Why::BadSignature),
			),
			(
				battery.device,
				with(105, |recipe| recipe.seconds -= MAX_BEHIND_SECONDS + 600)?,
				Some(Why::Stale),
			),
			(
				battery.device,
				with(106, |recipe| recipe.seconds += 3_600)?,
				Some(Why::FromTheFuture),
			),
			(
				battery.device,
				with(107, |recipe| recipe.key_epoch = 1)?,
				Some(Why::WrongKeyEpoch),
			),
			(battery.device, battery.frame(108)?, None),
			(revoked.device, revoked.frame(1)?, Some(Why::DeviceNotActive)),
			(4_000_000, battery.frame(109)?, Some(Why::UnknownDevice)),
		];
		let expected: Vec<_> = (0..)
			.zip(&batch)
			.filter_map(|(place, (.., why))| why.map(|why| (place, why)))
			.collect();
		let frames = batch
			.into_iter()
			.map(|(device, frame, _)| (device, frame))
			.collect();
		let skipped = submit_frames(&ledger, frames).await?;
		ensure!(skipped == expected, "skipped {skipped:?}, not {expected:?}");
		let view = ledger
			.device(battery.device)
			.await?
			.context("the device is gone")?;
		ensure!(
			view.frames == 4 && view.readings == 4 && view.window.highest() == 108,
			"{view:?}"
		);
		ensure!(
			view.last_seconds.abs_diff(now_seconds()) < 3_000,
			"a refused frame has set the time: {view:?}"
		);

		// Brought again in a later block, by whom ever.
		let again = submit_frames(&ledger, vec![(battery.device, battery.frame(100)?)]).await?;
		ensure!(again == [(0, Why::Replayed)], "{again:?}");
		Ok(())
	});
}
