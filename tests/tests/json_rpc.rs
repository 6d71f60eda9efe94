//! `docs/json-rpc.md` is true: every request in it is sent, every answer held against the one that stands there.
//!
//! The rule by which an answer may differ from the documented one is stated at the head of the document, for its readers;
//! [`compare`] is that rule.

use anyhow::{ensure, Context, Result};
use bms_sim::{identity::DEFAULT_SEED, proof_of_possession, sign_statement, DeviceIdentity};
use passport_client::{
	api::runtime_types::{self as types, passport_runtime::RuntimeCall},
	canonical,
	test_keys::TestMember,
	Ledger,
};
use passport_primitives::{
	battery::{Category, Commitment, DocumentHash, PassportId},
	data_set::{DataSet, DataSets, Purpose},
	ledger::{DelegatedRight, DelegatedRights, ENVELOPE_BYTES},
	life_cycle::EventKind,
	telemetry::statement::ThresholdStatement,
};
use passport_tests::{
	battery::{now_seconds, Battery},
	call::{batch_all, bounded, envelopes, finalise},
	run, SharedChain,
};
use serde_json::{json, Value};
use std::collections::BTreeSet;
use subxt::utils::Static;
use types::{
	pallet_access_grant::{
		pallet::Call as AccessGrantCall,
		types::{GrantId, KeyEnvelope},
	},
	pallet_passport::{pallet::Call as PassportCall, types::RecyclingBatchId},
	pallet_telemetry::pallet::Call as TelemetryCall,
};

const DOCUMENT: &str = include_str!("../../docs/json-rpc.md");

/// What opens a block of a request and its answer, and what closes it.
const OPENING: &str = "```json-rpc\n";
const CLOSING: &str = "\n```";

/// What the document cuts a value short with.
const CUT: char = '…';

/// Stands in a request for the hash of block 0.
const GENESIS: &str = "0x…";

/// Fields whose value is another one in every run, besides those whose name ends with `At`. Their type counts.
const RESTLESS: [&str; 5] = ["blockNumber", "block", "finalised", "lastSeconds", "refTimeUsed"];

/// The code that no request brings about on a sound node: a unit test of the node does, with a runtime that fails.
const OF_BROKEN_NODES: i64 = 9004;

/// The passport that the document asks for.
const IDENTIFIER: &str = "https://id.cell-works.example/01/09506000134352/21/X7Q2M4K9";
const ALIAS: &str = "BAT-2025-LI-001234";

/// The passport of a battery that was recycled.
const RECYCLED_IDENTIFIER: &str = "https://id.cell-works.example/01/09506000134352/21/B5T8N3R6";
const RECYCLED_ALIAS: &str = "BAT-2025-LI-000815";

/// The numbers that a new chain gives first.
const FIRST_DEVICE: u32 = 0;
const FIRST_GRANT: u32 = 0;
const FIRST_BATCH: u32 = 0;

static CHAIN: SharedChain = SharedChain::new();

/// A request and its answer, as the document has them.
struct Example {
	request: Value,
	answer: Value,
}

impl Example {
	fn method(&self) -> &str {
		self.request["method"].as_str().unwrap_or_default()
	}
}

/// Every block of the document.
fn examples() -> Result<Vec<Example>> {
	DOCUMENT
		.split(OPENING)
		.skip(1)
		.map(|rest| {
			let (block, _) = rest.split_once(CLOSING).context("a block that does not end")?;
			let values = serde_json::Deserializer::from_str(block)
				.into_iter::<Value>()
				.collect::<Result<Vec<_>, _>>()
				.with_context(|| format!("no JSON: {block}"))?;
			let [request, answer] = <[Value; 2]>::try_from(values)
				.map_err(|_| anyhow::anyhow!("not a request and an answer: {block}"))?;
			ensure!(
				request["jsonrpc"] == "2.0" && request["id"] == 1,
				"no request: {request}"
			);
			anyhow::Ok(Example { request, answer })
		})
		.collect()
}

/// The methods that have a heading of their own: ``### `passport_get(passport, at?)` ``.
fn headings() -> BTreeSet<String> {
	DOCUMENT
		.lines()
		.filter_map(|line| line.strip_prefix("### `")?.split_once('('))
		.map(|(method, _)| method.to_owned())
		.collect()
}

/// The codes in the document's table of errors.
fn codes() -> BTreeSet<i64> {
	DOCUMENT
		.lines()
		.filter_map(|line| line.strip_prefix("| ")?.split_once(" |"))
		.filter_map(|(code, _)| code.parse().ok())
		.collect()
}

/// Holds an answer against the documented one, and writes down where they differ.
fn compare(place: &str, name: &str, documented: &Value, answered: &Value, differences: &mut Vec<String>) {
	let restless = name.ends_with("At") || RESTLESS.contains(&name);
	let same = match (documented, answered) {
		(Value::Object(documented), Value::Object(answered)) => {
			for (name, documented) in documented {
				let answered = answered.get(name).unwrap_or(&Value::Null);
				compare(
					&format!("{place}.{name}"),
					name,
					documented,
					answered,
					differences,
				);
			}
			documented.keys().collect::<BTreeSet<_>>() == answered.keys().collect::<BTreeSet<_>>()
		}
		(Value::Array(documented), Value::Array(answered)) => {
			let (first, goes_on) = match documented.split_last() {
				Some((last, first)) if last == "…" => (first, true),
				_ => (documented.as_slice(), false),
			};
			for (index, answered) in answered.iter().enumerate() {
				if let Some(documented) = first.get(index).or(first.last()) {
					compare(
						&format!("{place}[{index}]"),
						name,
						documented,
						answered,
						differences,
					);
				}
			}
			answered.len() == first.len() || (goes_on && answered.len() > first.len())
		}
		(Value::String(documented), Value::String(answered)) => match documented.strip_suffix(CUT) {
			Some(start) => {
				let is_hex = |text: &str| {
					text.strip_prefix("0x")
						.is_some_and(|digits| hex::decode(digits).is_ok())
				};
				answered.starts_with(start) && (!start.starts_with("0x") || is_hex(answered))
			}
			None => documented == answered,
		},
		(Value::Number(_), Value::Number(_)) | (Value::Bool(_), Value::Bool(_)) if restless => true,
		_ => documented == answered,
	};
	if !same {
		differences.push(format!("{place} is {answered}, documented as {documented}"));
	}
}

/// A commitment, or a document's hash, that is easily told from others.
fn hash(byte: u8) -> [u8; 32] {
	[byte; 32]
}

/// CIDv1 (`raw`, SHA-256) of something.
fn content_address(byte: u8) -> types::bounded_collections::bounded_vec::BoundedVec<u8> {
	bounded([&[0x01, 0x55, 0x12, 0x20], hash(byte).as_slice()].concat())
}

/// `passport.register` with these commitments, and the envelopes that the access table demands for them.
fn register(
	identifier: &str,
	alias: &str,
	commitments: [Option<u8>; 4],
	published: Option<u8>,
) -> Result<RuntimeCall> {
	let commitments = commitments.map(|byte| byte.map(|byte| Commitment(hash(byte))));
	Ok(RuntimeCall::Passport(PassportCall::register {
		new: types::pallet_passport::types::NewPassport {
			unique_identifier: bounded(identifier.as_bytes().to_vec()),
			alias: Some(alias.as_bytes().try_into()?),
			category: Static(Category::ElectricVehicle),
			commitments: commitments.map(|commitment| commitment.map(Static)),
			content_address: published.map(content_address),
			envelopes: bounded(envelopes(&commitments)),
		},
	}))
}

/// What the maker does: two passports, and all that stands under the first one.
fn by_the_maker(passport: PassportId, identity: &DeviceIdentity, genesis: &[u8; 32]) -> Result<RuntimeCall> {
	let recycled = canonical::passport_id(RECYCLED_IDENTIFIER);
	let device = TelemetryCall::register_device {
		passport: Static(passport),
		public_key: identity.public_key(),
		proof: proof_of_possession(&identity.signing_key, genesis, passport.0),
	};
	let delegate = PassportCall::delegate {
		passport: Static(passport),
		delegate: Static(TestMember::FleetOne.organisation()),
		rights: Static(DelegatedRights::of(&[
			DelegatedRight::UpdateCommitments,
			DelegatedRight::RecordEvents,
		])),
		expires_at: 100_000,
		authorisation: Static(DocumentHash(hash(7))),
	};
	let event = PassportCall::record_event {
		passport: Static(passport),
		kind: Static(EventKind::ManufacturingComplete),
		evidence: Static(DocumentHash(hash(8))),
	};
	let document = types::pallet_documents::pallet::Call::anchor {
		passport: Static(passport),
		content_address: content_address(0x0c),
		kind: types::pallet_documents::types::DocumentKind::DeclarationOfConformity,
		data_set: Static(DataSet::Model),
		size_bytes: 184_320,
	};
	let offer = types::pallet_ownership_transfer::pallet::Call::offer {
		to: Static(TestMember::BatteryTrade.organisation()),
		kind: types::pallet_ownership_transfer::types::TransferKind::Sale,
		operation_moves: true,
		passports: bounded(vec![Static(passport)]),
		location: Some(Static(DocumentHash(hash(0x0a)))),
		documents: bounded(vec![Static(DocumentHash(hash(0x0b)))]),
		valid_for_blocks: 3_600,
	};
	let hand_over = PassportCall::hand_over_to_waste_operator {
		passport: Static(recycled),
		to: Static(TestMember::RecyclingPlant.organisation()),
	};
	Ok(batch_all(vec![
		register(IDENTIFIER, ALIAS, [Some(3), Some(4), None, Some(6)], Some(5))?,
		RuntimeCall::Telemetry(device),
		RuntimeCall::Passport(delegate),
		RuntimeCall::Passport(event),
		RuntimeCall::Documents(document),
		RuntimeCall::OwnershipTransfer(offer),
		register(
			RECYCLED_IDENTIFIER,
			RECYCLED_ALIAS,
			[Some(3), None, None, None],
			None,
		)?,
		RuntimeCall::Passport(hand_over),
	]))
}

/// What the device sends: a frame, and that its state of health is above the threshold. Its bridge brings both and anchors a batch.
fn by_the_device(passport: PassportId, identity: DeviceIdentity, genesis: [u8; 32]) -> Result<RuntimeCall> {
	let statement = ThresholdStatement {
		threshold_bp: 7_000,
		at_or_above: true,
		made_at_seconds: now_seconds(),
	};
	let signature = sign_statement(&identity.signing_key, &statement, &genesis, passport.0);
	let battery = Battery {
		alias: ALIAS.into(),
		passport,
		identity,
		device: FIRST_DEVICE,
		genesis_hash: genesis,
	};
	let frame = types::pallet_telemetry::SubmittedFrame {
		device: FIRST_DEVICE,
		frame: bounded(battery.frame(1)?),
	};
	Ok(batch_all(vec![
		RuntimeCall::Telemetry(TelemetryCall::submit_frames {
			frames: bounded(vec![frame]),
		}),
		RuntimeCall::Telemetry(TelemetryCall::submit_threshold_statement {
			device: FIRST_DEVICE,
			statement: Static(statement),
			signature,
		}),
		RuntimeCall::Telemetry(TelemetryCall::anchor_batch {
			anchor: types::passport_primitives::telemetry::anchor::AnchoredBatch {
				stream: 3,
				number: 0,
				root: hash(0x0f),
				leaves: 2,
				readings: 120,
				content: content_address(0x10),
			},
		}),
	]))
}

fn request(passport: PassportId, data_sets: &[DataSet], purpose: Purpose) -> RuntimeCall {
	RuntimeCall::AccessGrant(AccessGrantCall::request {
		passport: Static(passport),
		data_sets: Static(DataSets::of(data_sets)),
		purpose: Static(purpose),
		duration_blocks: 86_400,
	})
}

/// Brings a new chain into the state that the document tells of.
async fn set_up(ledger: &Ledger) -> Result<()> {
	let (passport, recycled) = (
		canonical::passport_id(IDENTIFIER),
		canonical::passport_id(RECYCLED_IDENTIFIER),
	);
	let genesis = ledger.genesis_hash();
	let identity = DeviceIdentity::derive(DEFAULT_SEED, 0);
	let [maker, recycler, broker, fleet, bridge] = [
		TestMember::CellWorks,
		TestMember::RecyclingPlant,
		TestMember::DataBroker,
		TestMember::FleetOne,
		TestMember::FrameBridge,
	]
	.map(TestMember::signer);
	finalise(ledger, &maker, &by_the_maker(passport, &identity, &genesis)?).await?;

	let ask_for_values = request(
		passport,
		&[DataSet::Model, DataSet::Individual],
		Purpose::Valuation,
	);
	let accept = PassportCall::accept_waste_hand_over {
		passport: Static(recycled),
	};
	let batch = PassportCall::register_recycling_batch {
		facility: bounded(b"DE-HE-4711".to_vec()),
		year: 2041,
		masses: Static(Commitment(hash(0x0d))),
	};
	let prepared = batch_all([accept, batch].map(RuntimeCall::Passport).into());
	let sent = by_the_device(passport, identity, genesis)?;
	tokio::try_join!(
		finalise(ledger, &broker, &ask_for_values),
		finalise(ledger, &recycler, &prepared),
		finalise(ledger, &bridge, &sent),
	)?;

	let approve = RuntimeCall::AccessGrant(AccessGrantCall::approve {
		grant: GrantId(FIRST_GRANT),
		envelope: Some(KeyEnvelope {
			key_epoch: 0,
			bytes: [9; ENVELOPE_BYTES],
		}),
	});
	let close = RuntimeCall::Passport(PassportCall::close_as_recycled {
		passport: Static(recycled),
		batch: RecyclingBatchId(FIRST_BATCH),
		evidence: Static(DocumentHash(hash(0x0e))),
	});
	let ask_for_manuals = request(passport, &[DataSet::Composition], Purpose::Maintenance);
	tokio::try_join!(
		finalise(ledger, &maker, &approve),
		finalise(ledger, &recycler, &close),
		finalise(ledger, &fleet, &ask_for_manuals),
	)?;
	Ok(())
}

#[test]
fn every_documented_request_is_answered_as_documented() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		set_up(&ledger).await?;
		// A proof is of the newest block that a justification is known of, and so must be what it proves.
		let (height, _) = ledger.finalised_head().await?;
		node.wait_for_height(&ledger, height + 1).await?;

		let genesis = format!("0x{}", hex::encode(ledger.genesis_hash()));
		let mut differences = Vec::new();
		for example in examples()? {
			let method = example.method();
			let parameters = example.request["params"].to_string();
			let parameters: Value = serde_json::from_str(&parameters.replace(GENESIS, &genesis))?;
			let answer = node.json_rpc(method, parameters).await?;
			compare(method, "", &example.answer, &answer, &mut differences);
		}
		ensure!(
			differences.is_empty(),
			"docs/json-rpc.md is not true:\n{}",
			differences.join("\n")
		);
		Ok(())
	});
}

#[test]
fn every_method_that_a_node_has_is_documented_with_an_example_and_no_other_is() {
	run(async {
		let mut node = CHAIN.take().await?;
		node.ledger().await?;
		let listed = node.json_rpc("rpc_methods", json!([])).await?;
		let listed: BTreeSet<String> = serde_json::from_value(listed["result"]["methods"].clone())?;
		let listed: BTreeSet<String> = listed
			.into_iter()
			.filter(|method| method.starts_with("passport_"))
			.collect();
		ensure!(!listed.is_empty(), "the node lists none");
		ensure!(
			headings() == listed,
			"documented: {:#?}\nlisted by the node: {listed:#?}",
			headings()
		);
		let answered: BTreeSet<String> = examples()?
			.iter()
			.filter(|example| example.answer["result"].is_object())
			.map(|example| example.method().to_owned())
			.collect();
		ensure!(
			answered == listed,
			"with an answer: {answered:#?}\nlisted by the node: {listed:#?}"
		);
		Ok(())
	});
}

#[test]
fn every_documented_error_code_has_an_example() {
	run(async {
		let mut shown: BTreeSet<i64> = examples()?
			.iter()
			.filter_map(|example| example.answer["error"]["code"].as_i64())
			.collect();
		shown.insert(OF_BROKEN_NODES);
		ensure!(
			codes() == shown,
			"in the table: {:?}, with an example: {shown:?}",
			codes()
		);
		Ok(())
	});
}

#[test]
fn the_comparison_sees_what_differs() {
	let documented = json!({
		"at": "0x…", "blockNumber": 7, "finalised": true,
		"value": {"kind": "sale", "head": "0x01…", "nodes": ["0x…", "…"], "expiresAt": 9, "held": 1},
	});
	let same = json!({
		"at": "0x1234", "blockNumber": 8, "finalised": false,
		"value": {"kind": "sale", "head": "0x0102", "nodes": ["0x01", "0x02"], "expiresAt": 10, "held": 1},
	});
	let differences = |answered: &Value| {
		let mut differences = Vec::new();
		compare("answer", "", &documented, answered, &mut differences);
		differences.len()
	};
	assert_eq!(differences(&same), 0);
	for (pointer, other) in [
		("/at", json!("1234")),
		("/at", json!("0x123")),
		("/blockNumber", json!("8")),
		("/finalised", json!(null)),
		("/value/kind", json!("lease")),
		("/value/head", json!("0x0202")),
		("/value/nodes", json!([])),
		("/value/nodes/1", json!(2)),
		("/value/expiresAt", json!(null)),
		("/value/held", json!(2)),
		("/value", json!({"kind": "sale"})),
	] {
		let mut answered = same.clone();
		if let Some(value) = answered.pointer_mut(pointer) {
			*value = other.clone();
		}
		assert!(differences(&answered) > 0, "{pointer} = {other}");
	}
	let mut with_another_field = same;
	with_another_field["value"]["more"] = json!(1);
	assert_eq!(differences(&with_another_field), 1);
}
