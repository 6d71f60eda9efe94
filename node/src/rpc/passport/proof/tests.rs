//! Which block is proved, by which justification, and from which validator set on.

use super::*;
use crate::rpc::passport::{
	tests::{LedgerApi, ALIAS, LIVE},
	TelemetryProofApiServer,
};
use codec::Decode;
use serde_json::{json, Value};
use sp_api::ApiRef;
use sp_blockchain::{BlockStatus, Info};
use sp_consensus_grandpa::{ConsensusLog, ScheduledChange};
use sp_runtime::{Digest, DigestItem};
use std::collections::BTreeMap;

/// A chain of this many final blocks, and one above them that is not.
pub(crate) const FINAL: BlockNumber = 700;

/// The chain, and what is kept beside its headers.
pub(crate) struct Chain {
	headers: Vec<Header>,
	/// A header of height 10 on a fork that lost.
	fork: Header,
	/// Heights by hash, that of the fork's included.
	numbers: BTreeMap<Hash, BlockNumber>,
	kept: BTreeMap<BlockNumber, Vec<u8>>,
	set_changes: Option<Vec<(SetId, BlockNumber)>>,
	state_pruned_below: BlockNumber,
}

fn names_the_next_set() -> DigestItem {
	let change = ConsensusLog::<BlockNumber>::ScheduledChange(ScheduledChange {
		next_authorities: Vec::new(),
		delay: 0,
	});
	DigestItem::Consensus(GRANDPA_ENGINE_ID, change.encode())
}

impl Chain {
	/// Blocks 64, 90 and 128 keep their justifications, and 90 names the second validator set.
	pub(crate) fn new() -> Self {
		let mut headers: Vec<Header> = Vec::new();
		for number in 0..=FINAL + 1 {
			headers.push(Header {
				parent_hash: headers.last().map(Header::hash).unwrap_or_default(),
				number,
				state_root: Hash::zero(),
				extrinsics_root: Hash::zero(),
				digest: Digest {
					logs: if number == 90 {
						vec![names_the_next_set()]
					} else {
						Vec::new()
					},
				},
			});
		}
		let mut fork = headers[10].clone();
		fork.extrinsics_root = Hash::repeat_byte(1);
		let all = headers.iter().chain([&fork]);
		Self {
			numbers: all.map(|header| (header.hash(), header.number)).collect(),
			headers,
			fork,
			kept: [64, 90, 128].map(|number| (number, vec![number as u8])).into(),
			set_changes: Some(vec![(0, 90)]),
			state_pruned_below: 5,
		}
	}

	pub(crate) fn at(number: BlockNumber) -> Value {
		json!(Self::new().headers[number as usize].hash())
	}

	fn number_of(&self, block: Hash) -> Option<BlockNumber> {
		self.numbers.get(&block).copied()
	}

	/// Sends a request as it comes over the wire.
	pub(crate) fn ask(self, method: &str, params: &Value) -> Value {
		let client = Arc::new(self);
		let proofs = Proofs::new(client.clone(), client);
		let mut module = ProofApiServer::into_rpc(proofs.clone());
		module.merge(TelemetryProofApiServer::into_rpc(proofs)).unwrap();
		let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
		let runtime = sc_cli::build_runtime().unwrap();
		let (response, _) = runtime
			.block_on(module.raw_json_request(&request.to_string(), 1))
			.unwrap();
		serde_json::from_str(&response).unwrap()
	}

	fn prove(self, params: &Value) -> PassportProof {
		let mut response = self.ask("passport_proof", params);
		serde_json::from_value(response["result"]["value"].take()).unwrap_or_else(|_| panic!("{response}"))
	}

	fn fail(self, params: &Value) -> (i64, String) {
		let response = self.ask("passport_proof", params);
		let error = &response["error"];
		(
			error["code"].as_i64().unwrap(),
			error["message"].as_str().unwrap().into(),
		)
	}
}

impl ProvideRuntimeApi<Block> for Chain {
	type Api = LedgerApi;

	fn runtime_api(&self) -> ApiRef<'_, LedgerApi> {
		LedgerApi.into()
	}
}

impl HeaderBackend<Block> for Chain {
	fn header(&self, block: Hash) -> sp_blockchain::Result<Option<Header>> {
		if block == self.fork.hash() {
			return Ok(Some(self.fork.clone()));
		}
		Ok(self
			.number_of(block)
			.and_then(|number| self.headers.get(number as usize).cloned()))
	}

	fn info(&self) -> Info<Block> {
		Info {
			best_hash: self.headers[FINAL as usize + 1].hash(),
			best_number: FINAL + 1,
			genesis_hash: self.headers[0].hash(),
			finalized_hash: self.headers[FINAL as usize].hash(),
			finalized_number: FINAL,
			finalized_state: None,
			number_leaves: 2,
			block_gap: None,
		}
	}

	fn status(&self, _: Hash) -> sp_blockchain::Result<BlockStatus> {
		Ok(BlockStatus::Unknown)
	}

	fn number(&self, block: Hash) -> sp_blockchain::Result<Option<BlockNumber>> {
		Ok(self.number_of(block))
	}

	fn hash(&self, number: BlockNumber) -> sp_blockchain::Result<Option<Hash>> {
		Ok(self.headers.get(number as usize).map(Header::hash))
	}
}

impl Records for Arc<Chain> {
	fn justification(&self, block: Hash) -> sp_blockchain::Result<Option<Vec<u8>>> {
		Ok(self
			.number_of(block)
			.and_then(|number| self.kept.get(&number).cloned()))
	}

	fn newest_justification(&self) -> sp_blockchain::Result<Option<(Hash, Vec<u8>)>> {
		Ok(Some((self.headers[FINAL as usize].hash(), b"newest".to_vec())))
	}

	fn set_changes(&self) -> Option<Vec<(SetId, BlockNumber)>> {
		self.set_changes.clone()
	}

	fn read_proof(&self, block: Hash, keys: &[&[u8]]) -> sp_blockchain::Result<Vec<Vec<u8>>> {
		if self.number_of(block) < Some(self.state_pruned_below) {
			return Err(sp_blockchain::Error::UnknownBlock("state discarded".into()));
		}
		Ok(keys.iter().map(|key| key.to_vec()).collect())
	}
}

fn numbers(headers: &[Hex]) -> Vec<BlockNumber> {
	headers.iter().map(number).collect()
}

fn number(header: &Hex) -> BlockNumber {
	Header::decode(&mut header.0.as_slice()).unwrap().number
}

#[test]
fn without_a_block_the_newest_justified_one_is_proved() {
	let response = Chain::new().ask("passport_proof", &json!([ALIAS]));
	let answer = &response["result"];
	assert_eq!(answer["blockNumber"], FINAL);
	assert_eq!(answer["at"], Chain::at(FINAL));
	assert_eq!(answer["finalised"], true);

	let proof = Chain::new().prove(&json!([ALIAS]));
	assert_eq!(number(&proof.state.header), FINAL);
	assert!(proof.state.ancestry.is_empty());
	assert_eq!(proof.state.justification.0, b"newest");
	assert_eq!(proof.passport_id.0, LIVE.0);
	let keys = proved_keys(&LIVE);
	let expected = [keys.passport, keys.tombstone, keys.genesis_hash, keys.time].map(Hex);
	assert_eq!(proof.state.storage_proof, expected);
}

#[test]
fn a_name_that_nothing_goes_by_is_taken_for_a_unique_identifier() {
	let proof = Chain::new().prove(&json!(["nothing"]));
	assert_eq!(
		proof.passport_id.0,
		sp_io::hashing::sha2_256("nothing".as_bytes())
	);
}

#[test]
fn an_older_block_is_proved_by_the_first_justification_above_it() {
	for (at, justified) in [(40, 64), (64, 64), (65, 90), (90, 90), (91, 128)] {
		let proof = Chain::new().prove(&json!([ALIAS, Chain::at(at)]));
		assert_eq!(number(&proof.state.header), at);
		assert_eq!(
			numbers(&proof.state.ancestry),
			((at + 1)..=justified).collect::<Vec<_>>()
		);
		assert_eq!(proof.state.justification.0, [justified as u8]);
	}
}

#[test]
fn a_young_block_is_proved_by_the_newest_justification() {
	let proof = Chain::new().prove(&json!({ "passport": ALIAS, "at": Chain::at(FINAL - 3) }));
	assert_eq!(numbers(&proof.state.ancestry), [FINAL - 2, FINAL - 1, FINAL]);
	assert_eq!(proof.state.justification.0, b"newest");
}

#[test]
fn the_headers_to_a_justification_are_bounded() {
	let furthest = FINAL - MAX_ANCESTRY;
	let proof = Chain::new().prove(&json!([ALIAS, Chain::at(furthest)]));
	assert_eq!(proof.state.ancestry.len(), MAX_ANCESTRY as usize);
	let (code, reason) = Chain::new().fail(&json!([ALIAS, Chain::at(furthest - 1)]));
	assert_eq!(code, 9005);
	assert!(reason.ends_with("of block 700"), "{reason}");
}

#[test]
fn a_block_that_is_not_final_or_lost_is_not_proved() {
	let fork = json!(Chain::new().fork.hash());
	for at in [Chain::at(FINAL + 1), fork, Chain::at(0)] {
		assert_eq!(Chain::new().fail(&json!([ALIAS, at])).0, 9005, "{at}");
	}
}

#[test]
fn changes_of_the_validator_set_come_with_the_blocks_above_them() {
	for (at, expected) in [(64, vec![]), (90, vec![]), (91, vec![90])] {
		let proof = Chain::new().prove(&json!([ALIAS, Chain::at(at)]));
		let changes: Vec<_> = proof
			.state
			.set_changes
			.iter()
			.map(|change| number(&change.header))
			.collect();
		assert_eq!((proof.state.first_set, changes), (0, expected), "{at}");
	}
	let proof = Chain::new().prove(&json!([ALIAS]));
	assert_eq!(proof.state.set_changes[0].justification.0, [90u8]);
}

#[test]
fn a_verifier_that_trusts_a_later_set_need_not_be_shown_the_earlier_ones() {
	let proof = Chain::new().prove(&json!({ "passport": ALIAS, "fromSet": 1 }));
	assert_eq!((proof.state.first_set, proof.state.set_changes), (1, vec![]));
	assert_eq!(
		Chain::new().fail(&json!({ "passport": ALIAS, "fromSet": 2 })).0,
		9001
	);
	// Block 90 was finalised by the set that it took leave of.
	assert_eq!(Chain::new().fail(&json!([ALIAS, Chain::at(90), 1])).0, 9001);
}

#[test]
fn a_proof_begins_after_the_last_change_by_force() {
	let mut chain = Chain::new();
	chain.set_changes = Some(vec![(0, 90), (1, 600)]);
	let proof = chain.prove(&json!([ALIAS]));
	assert_eq!((proof.state.first_set, proof.state.set_changes), (2, vec![]));
}

#[test]
fn a_set_that_was_replaced_by_force_before_it_finalised_a_block_hands_nothing_over() {
	for params in [json!([ALIAS]), json!({ "passport": ALIAS, "fromSet": 1 })] {
		let mut chain = Chain::new();
		// Block 90 names set 1, which never votes: the last final block is still that one.
		chain.set_changes = Some(vec![(0, 90), (1, 90)]);
		let proof = chain.prove(&params);
		assert_eq!(
			(proof.state.first_set, proof.state.set_changes),
			(2, vec![]),
			"{params}"
		);
	}
}

#[test]
fn what_is_not_here_is_an_error() {
	let mut not_synced = Chain::new();
	not_synced.set_changes = None;
	assert_eq!(not_synced.fail(&json!([ALIAS])).0, 9005);
	let mut not_kept = Chain::new();
	not_kept.kept.remove(&90);
	assert_eq!(not_kept.fail(&json!([ALIAS])).0, 9005);
	let unknown = Hash::repeat_byte(0x99);
	assert_eq!(Chain::new().fail(&json!([ALIAS, unknown])).0, 9002);
	let (code, reason) = Chain::new().fail(&json!([LIVE.to_string(), Chain::at(4)]));
	assert_eq!(code, 9002);
	assert!(reason.contains("archive"), "{reason}");
	assert_eq!(Chain::new().fail(&json!(["two words"])).0, 9001);
}
