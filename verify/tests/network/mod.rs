//! A network in miniature: validators with keys, headers over real tries, justifications, and the proof that a node would make
//! of them.

#![allow(dead_code, clippy::unwrap_used)]

pub mod telemetry;

use codec::Encode;
use finality_grandpa::{Message, Precommit, SignedPrecommit};
use pallet_passport::{Passport, RecyclingBatchId, Tombstone};
use passport_primitives::{
	battery::{Category, Commitment, PassportId},
	life_cycle::{Publication, Status},
	organisation::OrganisationId,
};
use passport_runtime_api::{
	proof::{proved_keys, PassportProof, SetChange, StateProof},
	Hex,
};
use passport_verify::{Header, Trust};
use sp_consensus_grandpa::{
	localized_payload, AuthorityId, AuthorityList, AuthoritySignature, Commit, ConsensusLog,
	GrandpaJustification, ScheduledChange, GRANDPA_ENGINE_ID,
};
use sp_core::H256;
use sp_keyring::Ed25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};
use sp_runtime::{traits::BlakeTwo256, Digest, DigestItem};
use sp_trie::{trie_types::TrieDBMutBuilderV1, MemoryDB, TrieMut};

pub const GENESIS: H256 = H256::repeat_byte(0x6e);
pub const TIME_MS: u64 = 1_790_000_000_000;
pub const UNIQUE_IDENTIFIER: &str = "https://id.example/01/09506000134352/21/X7Q2";

/// The set of the genesis: three of the four must sign.
pub const FIRST_SET: [Ed25519Keyring; 4] = [Alice, Bob, Charlie, Dave];
/// What the council made of it.
pub const SECOND_SET: [Ed25519Keyring; 4] = [Bob, Charlie, Eve, Ferdie];

pub type Entries = Vec<(Vec<u8>, Vec<u8>)>;

pub fn passport_id() -> PassportId {
	PassportId(sp_io::hashing::sha2_256(UNIQUE_IDENTIFIER.as_bytes()))
}

pub fn passport() -> Passport<u32> {
	Passport {
		unique_identifier: UNIQUE_IDENTIFIER.as_bytes().to_vec().try_into().unwrap(),
		alias: Some(*b"BAT-2025-LI-001234"),
		category: Category::ElectricVehicle,
		manufacturer: OrganisationId(1),
		responsible_operator: OrganisationId(1),
		owner: OrganisationId(2),
		operated_by: OrganisationId(3),
		status: Status::Original,
		publication: Publication::Active,
		threshold: None,
		overridden_at: None,
		commitments: [Some(Commitment([3; 32])), None, None, Some(Commitment([4; 32]))],
		content_address: None,
		version: 2,
		predecessors: Default::default(),
		successors: Default::default(),
		history_head: [5; 32],
		history_length: 7,
		registered_at: 11,
		devices: Default::default(),
	}
}

pub fn tombstone() -> Tombstone<u32> {
	Tombstone {
		closed_at: 12,
		recycler: OrganisationId(4),
		batch: RecyclingBatchId(6),
		history_head: [7; 32],
		history_length: 9,
	}
}

/// What every block's state has, and other passports, so that a path through the trie has branches.
pub fn entries_of_any_block() -> Entries {
	entries_of(GENESIS)
}

/// The same of another network.
pub fn entries_of(genesis_hash: H256) -> Entries {
	let keys = proved_keys(&passport_id());
	let mut entries = vec![
		(keys.genesis_hash, genesis_hash.encode()),
		(keys.time, TIME_MS.encode()),
	];
	for other in 0..32 {
		let keys = proved_keys(&PassportId([other; 32]));
		entries.push((keys.passport, passport().encode()));
	}
	entries
}

pub fn live() -> Entries {
	let mut entries = entries_of_any_block();
	entries.push((proved_keys(&passport_id()).passport, passport().encode()));
	entries
}

pub fn ceased() -> Entries {
	let mut entries = entries_of_any_block();
	entries.push((proved_keys(&passport_id()).tombstone, tombstone().encode()));
	entries
}

/// The root of a state, and all nodes of its trie.
pub fn trie(entries: &[(Vec<u8>, Vec<u8>)]) -> (H256, Vec<Hex>) {
	let mut nodes = MemoryDB::<BlakeTwo256>::default();
	let mut root = H256::default();
	let mut trie = TrieDBMutBuilderV1::<BlakeTwo256>::new(&mut nodes, &mut root).build();
	for (key, value) in entries {
		trie.insert(key, value).unwrap();
	}
	// Written when dropped.
	drop(trie);
	let nodes = nodes
		.drain()
		.into_iter()
		.filter(|(_, (_, references))| *references > 0)
		.map(|(_, (node, _))| Hex(node))
		.collect();
	(root, nodes)
}

pub fn header(number: u32, parent_hash: H256, state_root: H256, logs: Vec<DigestItem>) -> Header {
	Header {
		parent_hash,
		number,
		state_root,
		extrinsics_root: H256::repeat_byte(0xee),
		digest: Digest { logs },
	}
}

/// `count` headers on top of one another.
pub fn children(of: &Header, count: u32) -> Vec<Header> {
	let mut headers: Vec<Header> = Vec::new();
	for _ in 0..count {
		let parent = headers.last().unwrap_or(of);
		headers.push(header(
			parent.number + 1,
			parent.hash(),
			H256::repeat_byte(0xcc),
			Vec::new(),
		));
	}
	headers
}

pub fn authorities(set: &[Ed25519Keyring]) -> AuthorityList {
	set.iter()
		.map(|validator| (AuthorityId::from(validator.public()), 1))
		.collect()
}

pub fn log(log: &ConsensusLog<u32>) -> DigestItem {
	DigestItem::Consensus(GRANDPA_ENGINE_ID, log.encode())
}

pub fn scheduled(set: &[Ed25519Keyring]) -> DigestItem {
	log(&ConsensusLog::ScheduledChange(ScheduledChange {
		next_authorities: authorities(set),
		delay: 0,
	}))
}

pub type Vote = SignedPrecommit<H256, u32, AuthoritySignature, AuthorityId>;

/// A vote for a block, signed for round 5 of a set.
pub fn vote(voter: Ed25519Keyring, of: &Header, set_id: u64) -> Vote {
	let precommit = Precommit {
		target_hash: of.hash(),
		target_number: of.number,
	};
	let payload = localized_payload(5, set_id, &Message::Precommit(precommit.clone()));
	SignedPrecommit {
		precommit,
		signature: voter.sign(&payload).into(),
		id: voter.public().into(),
	}
}

pub fn justification_of(target: &Header, precommits: Vec<Vote>, votes_ancestries: Vec<Header>) -> Hex {
	let justification = GrandpaJustification::<Header> {
		round: 5,
		commit: Commit::<Header> {
			target_hash: target.hash(),
			target_number: target.number,
			precommits,
		},
		votes_ancestries,
	};
	Hex(justification.encode())
}

/// That these validators voted for a block.
pub fn justification(target: &Header, set_id: u64, voters: &[Ed25519Keyring]) -> Hex {
	let votes = voters.iter().map(|voter| vote(*voter, target, set_id)).collect();
	justification_of(target, votes, Vec::new())
}

pub fn bytes(headers: &[Header]) -> Vec<Hex> {
	headers.iter().map(|header| Hex(header.encode())).collect()
}

pub fn trust() -> Trust {
	Trust {
		genesis_hash: GENESIS,
		set_id: 0,
		authorities: authorities(&FIRST_SET),
	}
}

/// Block 100 with this state, justified by three of the first four validators.
pub fn state_of_block_100(entries: &[(Vec<u8>, Vec<u8>)]) -> (Header, StateProof) {
	let (state_root, nodes) = trie(entries);
	let header = header(100, H256::repeat_byte(0x99), state_root, Vec::new());
	let proof = StateProof {
		header: Hex(header.encode()),
		storage_proof: nodes,
		ancestry: Vec::new(),
		justification: justification(&header, 0, &[Alice, Bob, Dave]),
		first_set: 0,
		set_changes: Vec::new(),
	};
	(header, proof)
}

/// The proof of a passport at that block.
pub fn block_100(entries: &[(Vec<u8>, Vec<u8>)]) -> (Header, PassportProof) {
	let (header, state) = state_of_block_100(entries);
	let passport_id = H256(passport_id().0);
	(header, PassportProof { passport_id, state })
}

/// A block that hands over to the next set, justified.
pub fn set_change(number: u32, logs: Vec<DigestItem>, set_id: u64, voters: &[Ed25519Keyring]) -> SetChange {
	let header = header(number, H256::repeat_byte(0x88), H256::repeat_byte(0x77), logs);
	SetChange {
		header: Hex(header.encode()),
		justification: justification(&header, set_id, voters),
	}
}

/// Block 100, finalised by the second set after the first has handed over in block 60.
pub fn after_a_set_change(entries: &[(Vec<u8>, Vec<u8>)]) -> (Header, PassportProof) {
	let (header, mut proof) = block_100(entries);
	proof.state.justification = justification(&header, 1, &[Bob, Eve, Ferdie]);
	proof.state.set_changes = vec![set_change(
		60,
		vec![scheduled(&SECOND_SET)],
		0,
		&[Alice, Bob, Charlie],
	)];
	(header, proof)
}
