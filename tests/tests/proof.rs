//! What a node proves about a passport, checked by `passport-verify` after the node is gone: from a file and the validators of
//! the genesis, nothing else. And whoever changes a proof, or asks it to prove something else, is told so.

use anyhow::{ensure, Context, Result};
use passport_client::{
	api::{self, runtime_types as types, runtime_types::passport_runtime::RuntimeCall},
	canonical,
	test_keys::TestMember,
	Ledger,
};
use passport_primitives::battery::{Commitment, DocumentHash, PassportId};
use passport_tests::{
	battery::now_seconds,
	call::{batch_all, bounded, commitments, finalise, register},
	program::{built, folder},
	run, until, Node, PATIENCE,
};
use serde_json::{json, Value};
use std::{path::PathBuf, process::Command};
use subxt::utils::Static;
use tokio::sync::OnceCell;
use types::pallet_passport::pallet::Call as PassportCall;

/// Batteries in use, recycled, and never registered.
const LIVE: &str = "https://id.cell-works.example/21/proof/LIVE";
const CEASED: &str = "https://id.cell-works.example/21/proof/CEASED";
const ABSENT: &str = "https://id.cell-works.example/21/proof/ABSENT";

/// GRANDPA keys of the development seeds Alice and Bob. Alice is the development chain's only validator.
const ALICE: &str = "0x88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee";
const BOB: &str = "0xd17c2d7823ebf260fd138f2d7e27d114c0145d968b5ff5006125f2414fadae69";

/// Bytes of each part of a proof that are changed, one at a time.
const CHANGES_PER_PART: usize = 24;

/// What a node said, before it was ended.
struct Evidence {
	live: Value,
	/// Of the block of the registration: with headers up to the newest justified one.
	older: Value,
	ceased: Value,
	absent: Value,
	genesis_hash: String,
	/// When it was said, in seconds since 1970.
	at_seconds: u64,
}

static EVIDENCE: OnceCell<Evidence> = OnceCell::const_new();

async fn evidence() -> Result<&'static Evidence> {
	EVIDENCE.get_or_try_init(collect).await
}

/// Accepts a battery that was handed over to the recycling plant, and recycles it.
async fn recycle(ledger: &Ledger, passport: PassportId) -> Result<()> {
	let recycler = TestMember::RecyclingPlant;
	let accept = PassportCall::accept_waste_hand_over {
		passport: Static(passport),
	};
	let register_batch = PassportCall::register_recycling_batch {
		facility: bounded(b"DE-HE-4711".to_vec()),
		year: 2041,
		masses: Static(Commitment([8; 32])),
	};
	let prepared = batch_all([accept, register_batch].map(RuntimeCall::Passport).into());
	let registered = finalise(ledger, &recycler.signer(), &prepared).await?;
	let batch = registered
		.events
		.find_first::<api::passport::events::RecyclingBatchRegistered>()
		.context("no RecyclingBatchRegistered event")??
		.batch;
	let close = PassportCall::close_as_recycled {
		passport: Static(passport),
		batch,
		evidence: Static(DocumentHash([7; 32])),
	};
	finalise(ledger, &recycler.signer(), &RuntimeCall::Passport(close)).await?;
	Ok(())
}

/// Starts a node, has it prove what there is to prove, and ends it.
async fn collect() -> Result<Evidence> {
	let mut node = Node::dev().await?;
	let ledger = node.ledger().await?;
	let ceased = canonical::passport_id(CEASED);
	let hand_over = PassportCall::hand_over_to_waste_operator {
		passport: Static(ceased),
		to: Static(TestMember::RecyclingPlant.organisation()),
	};
	let registrations = batch_all(vec![
		register(LIVE, None)?,
		register(CEASED, None)?,
		RuntimeCall::Passport(hand_over),
	]);
	let registered = finalise(&ledger, &TestMember::CellWorks.signer(), &registrations).await?;
	recycle(&ledger, ceased).await?;

	let (height, _) = ledger.finalised_head().await?;
	let newest = async |name: &str| {
		until("a proof of a block with everything in it", PATIENCE, async || {
			let answer = node.json_rpc("passport_proof", json!([name])).await?;
			let number = answer["result"]["blockNumber"].as_u64();
			Ok(number
				.is_some_and(|number| number >= u64::from(height))
				.then_some(answer))
		})
		.await
	};
	let (live, ceased, absent) = (newest(LIVE).await?, newest(CEASED).await?, newest(ABSENT).await?);

	let older = json!([LIVE, registered.block_hash]);
	let older = node.json_rpc("passport_proof", older).await?;

	let genesis_hash = format!("0x{}", hex::encode(ledger.genesis_hash()));
	node.program.stop().await?;
	Ok(Evidence {
		live,
		older,
		ceased,
		absent,
		genesis_hash,
		at_seconds: now_seconds(),
	})
}

/// What `passport-verify` ended with.
struct Judgement {
	status: Option<i32>,
	printed: String,
	complaint: String,
}

impl Judgement {
	/// What is proven.
	fn proven(&self) -> Result<Value> {
		ensure!(
			self.status == Some(0) && self.complaint.is_empty(),
			"status {:?}: {}",
			self.status,
			self.complaint
		);
		Ok(serde_json::from_str(&self.printed)?)
	}

	/// Fails unless it ended so, printed nothing, and said why in one line that holds this.
	fn is_refused(&self, status: i32, reason: &str) -> Result<()> {
		ensure!(
			self.status == Some(status) && self.printed.is_empty(),
			"status {:?} instead of {status}: {}{}",
			self.status,
			self.printed,
			self.complaint
		);
		let says = if status == 1 { "not proven: " } else { "error: " };
		ensure!(
			self.complaint.lines().count() == 1
				&& self.complaint.starts_with(says)
				&& self.complaint.contains(reason),
			"the reason should be \"{says}… {reason} …\", and is: {}",
			self.complaint
		);
		Ok(())
	}
}

/// A folder with the list of validators, from which proofs are checked.
struct Auditor {
	folder: PathBuf,
	genesis_hash: String,
}

impl Auditor {
	/// Who trusts these validators of this network.
	fn new(validators: &[&str], genesis_hash: &str) -> Result<Self> {
		let folder = folder("auditor")?;
		let list: Vec<_> = validators.iter().map(|key| json!([key, 1])).collect();
		std::fs::write(
			folder.join("authorities.json"),
			serde_json::to_vec(&Value::from(list))?,
		)?;
		Ok(Auditor {
			folder,
			genesis_hash: genesis_hash.to_owned(),
		})
	}

	/// Who trusts the validator of the development chain that was there.
	fn of(evidence: &Evidence) -> Result<Self> {
		Self::new(&[ALICE], &evidence.genesis_hash)
	}

	/// Checks a proof from the list of validators.
	fn judge(&self, proof: &Value, passport: &str) -> Result<Judgement> {
		let trusted = [
			"--authorities",
			"authorities.json",
			"--genesis-hash",
			&self.genesis_hash,
		];
		self.run(proof, &trusted, passport)
	}

	/// Checks a proof from the chain specification that the nodes were started with.
	fn judge_by_specification(&self, proof: &Value, passport: &str) -> Result<Judgement> {
		let specification = built("chain-spec/dev.json")?.display().to_string();
		self.run(proof, &["--chain-spec", &specification], passport)
	}

	fn run(&self, proof: &Value, trusted: &[&str], passport: &str) -> Result<Judgement> {
		std::fs::write(self.folder.join("proof.json"), serde_json::to_vec(proof)?)?;
		let output = Command::new(built("passport-verify")?)
			.arg("proof.json")
			.args(trusted)
			.args(["--passport", passport])
			.current_dir(&self.folder)
			.env_clear()
			.output()?;
		Ok(Judgement {
			status: output.status.code(),
			printed: String::from_utf8(output.stdout)?,
			complaint: String::from_utf8(output.stderr)?,
		})
	}
}

#[test]
fn what_the_ledger_holds_is_proven_from_the_genesis_validators_alone() {
	run(async {
		let evidence = evidence().await?;
		let auditor = Auditor::of(evidence)?;
		let proven = auditor.judge(&evidence.live, LIVE)?.proven()?;
		ensure!(
			auditor.judge_by_specification(&evidence.live, LIVE)?.proven()? == proven,
			"by the chain specification something else is proven"
		);
		ensure!(proven["genesisHash"] == *evidence.genesis_hash, "{proven}");
		ensure!(
			proven["blockHash"] == evidence.live["result"]["at"]
				&& proven["blockNumber"] == evidence.live["result"]["blockNumber"]
				&& proven["setId"] == 0,
			"another block: {proven}"
		);
		let made = proven["blockTimeMs"].as_u64().context("no time")? / 1_000;
		ensure!(
			evidence.at_seconds.abs_diff(made) < PATIENCE.as_secs(),
			"the block is not of that time: {proven}"
		);
		let passport = &proven["passport"];
		let committed = commitments(LIVE).map(|commitment| commitment.map(|hash| hash.to_string()));
		ensure!(
			passport["state"] == "live"
				&& passport["uniqueIdentifier"] == LIVE
				&& passport["responsibleOperator"] == 1
				&& passport["owner"] == 1
				&& passport["status"] == "original"
				&& passport["commitments"] == json!(committed),
			"{passport:#}"
		);
		// By its id too.
		let id = canonical::passport_id(LIVE).to_string();
		auditor.judge(&evidence.live, &id)?.proven()?;
		Ok(())
	});
}

#[test]
fn that_a_passport_ceased_to_exist_or_never_was_is_proven_too() {
	run(async {
		let evidence = evidence().await?;
		let auditor = Auditor::of(evidence)?;
		let ceased = auditor.judge(&evidence.ceased, CEASED)?.proven()?;
		ensure!(
			ceased["passport"]["state"] == "ceased" && ceased["passport"]["recycler"] == 5,
			"{ceased:#}"
		);
		let absent = auditor.judge(&evidence.absent, ABSENT)?.proven()?;
		ensure!(absent["passport"] == json!({"state": "absent"}), "{absent:#}");
		Ok(())
	});
}

#[test]
fn a_block_of_which_no_justification_is_kept_is_proven_by_those_above_it() {
	run(async {
		let evidence = evidence().await?;
		let headers = evidence.older["result"]["value"]["ancestry"]
			.as_array()
			.context("no ancestry")?;
		// One block in 64 keeps its justification, and this one is among the first.
		ensure!(!headers.is_empty(), "the block has a justification of its own");
		let proven = Auditor::of(evidence)?.judge(&evidence.older, LIVE)?.proven()?;
		ensure!(
			proven["blockHash"] == evidence.older["result"]["at"],
			"another block: {proven}"
		);
		Ok(())
	});
}

#[test]
fn a_proof_for_other_validators_another_network_or_another_passport_is_refused() {
	run(async {
		let evidence = evidence().await?;
		let genesis_hash = evidence.genesis_hash.as_str();
		Auditor::new(&[BOB], genesis_hash)?
			.judge(&evidence.live, LIVE)?
			.is_refused(1, "who is not in validator set 0")?;
		// One vote of three.
		Auditor::new(&[ALICE, BOB, &format!("0x{}", "07".repeat(32))], genesis_hash)?
			.judge(&evidence.live, LIVE)?
			.is_refused(1, "are no two thirds of validator set 0")?;
		let other_network = format!("0x{}", "11".repeat(32));
		Auditor::new(&[ALICE], &other_network)?
			.judge(&evidence.live, LIVE)?
			.is_refused(1, "the block belongs to the network with genesis 0x")?;
		let auditor = Auditor::of(evidence)?;
		for (proof, other) in [
			(&evidence.live, CEASED),
			(&evidence.ceased, LIVE),
			(&evidence.absent, LIVE),
		] {
			auditor
				.judge(proof, other)?
				.is_refused(1, &format!("not about {}", canonical::passport_id(other)))?;
		}
		// The absence of one passport does not become that of another by its name.
		let mut renamed = evidence.absent.clone();
		renamed["result"]["value"]["passportId"] = json!(canonical::passport_id(LIVE).to_string());
		auditor.judge(&renamed, LIVE)?.is_refused(
			1,
			"the storage proof does not lead from the block's state root to passport",
		)?;
		Ok(())
	});
}

/// The bytes at a place in a proof.
fn bytes_at(proof: &Value, pointer: &str) -> Result<Vec<u8>> {
	let digits = proof.pointer(pointer).and_then(Value::as_str);
	let digits = digits.and_then(|text| text.strip_prefix("0x"));
	Ok(hex::decode(
		digits.with_context(|| format!("no bytes at {pointer}"))?,
	)?)
}

/// The proof with one byte changed.
fn with_a_changed_byte(proof: &Value, pointer: &str, index: usize) -> Result<Value> {
	let mut bytes = bytes_at(proof, pointer)?;
	*bytes.get_mut(index).context("no such byte")? ^= 1;
	let mut changed = proof.clone();
	*changed.pointer_mut(pointer).context("no such part")? = json!(format!("0x{}", hex::encode(bytes)));
	Ok(changed)
}

#[test]
fn a_proof_with_one_byte_changed_is_refused_and_the_reason_names_the_part() {
	run(async {
		let evidence = evidence().await?;
		let auditor = Auditor::of(evidence)?;
		let value = "/result/value";
		let (block, header) = (&evidence.live["result"]["blockNumber"], format!("{value}/header"));
		let justification = format!("{value}/justification");
		// A justification begins with its round and the block that it is of; the one vote in it ends with signature and voter.
		let voter = bytes_at(&evidence.live, &justification)?.len() - 33;
		let signature = voter - 64;
		for (pointer, index, reason) in [
			(
				header.as_str(),
				0,
				format!("beside block {block} is that of another block"),
			),
			(
				justification.as_str(),
				0,
				format!("the justification of block {block} has a vote"),
			),
			(
				justification.as_str(),
				8,
				format!("beside block {block} is that of another block"),
			),
			(
				justification.as_str(),
				signature,
				"did not sign for validator set 0".into(),
			),
			(
				justification.as_str(),
				voter,
				"who is not in validator set 0".into(),
			),
		] {
			auditor
				.judge(&with_a_changed_byte(&evidence.live, pointer, index)?, LIVE)?
				.is_refused(1, &reason)
				.with_context(|| format!("byte {index} of {pointer}"))?;
		}
		let other_id = with_a_changed_byte(&evidence.live, &format!("{value}/passportId"), 31)?;
		auditor
			.judge(&other_id, LIVE)?
			.is_refused(1, &format!("not about {}", canonical::passport_id(LIVE)))?;
		let parent = with_a_changed_byte(&evidence.older, &format!("{value}/ancestry/0"), 0)?;
		let below = &evidence.older["result"]["blockNumber"];
		auditor.judge(&parent, LIVE)?.is_refused(
			1,
			&format!("the header that follows the one of block {below} is not that of its child"),
		)?;
		Ok(())
	});
}

#[test]
fn no_byte_of_a_proof_can_be_changed_or_left_out() {
	run(async {
		let evidence = evidence().await?;
		let auditor = Auditor::of(evidence)?;
		let value = "/result/value";
		let nodes = evidence.older["result"]["value"]["storageProof"]
			.as_array()
			.context("no trie nodes")?;
		let mut parts: Vec<_> = ["header", "justification", "ancestry/0"]
			.map(|part| (format!("{value}/{part}"), ""))
			.into();
		parts.extend((0..nodes.len()).map(|index| {
			(
				format!("{value}/storageProof/{index}"),
				"the storage proof does not lead from the block's state root to ",
			)
		}));
		for (pointer, reason) in &parts {
			let length = bytes_at(&evidence.older, pointer)?.len();
			for index in (0..length).step_by(length.div_ceil(CHANGES_PER_PART)) {
				auditor
					.judge(&with_a_changed_byte(&evidence.older, pointer, index)?, LIVE)?
					.is_refused(1, reason)
					.with_context(|| format!("byte {index} of {length} of {pointer}"))?;
			}
		}
		for index in 0..nodes.len() {
			let mut shorter = evidence.older.clone();
			shorter["result"]["value"]["storageProof"]
				.as_array_mut()
				.context("no trie nodes")?
				.remove(index);
			auditor.judge(&shorter, LIVE)?.is_refused(
				1,
				"the storage proof does not lead from the block's state root to ",
			)?;
		}
		Ok(())
	});
}

#[test]
fn what_is_no_proof_is_told_apart_from_a_proof_that_does_not_hold() {
	run(async {
		let evidence = evidence().await?;
		let auditor = Auditor::of(evidence)?;
		let error = json!({"jsonrpc": "2.0", "id": 1, "error": {"code": 9005, "message": "not final"}});
		auditor
			.judge(&error, LIVE)?
			.is_refused(2, "the node did not answer with a proof")?;
		auditor
			.judge(&json!({"result": {"value": {}}}), LIVE)?
			.is_refused(2, "this is no answer of passport_proof")?;
		Ok(())
	});
}
