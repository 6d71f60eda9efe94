//! What a state proves, and what it does not.

#![allow(clippy::unwrap_used)]

mod network;

use codec::Encode;
use network::{block_100, ceased, entries_of_any_block, live, passport, passport_id, trie, trust, TIME_MS};
use passport_primitives::{battery::Commitment, organisation::OrganisationId};
use passport_runtime_api::{proof::proved_keys, Hex};
use passport_verify::{verify, Record, Refusal};
use sp_core::H256;
use sp_keyring::Ed25519Keyring::{Alice, Bob, Dave};

const BROKEN: Refusal = Refusal::BrokenStorageProof { what: "passport" };

#[test]
fn a_live_passport_is_proven_with_its_block() {
	let (header, proof) = block_100(&live());
	let proven = verify(&proof, &trust()).unwrap();
	let block = &proven.block;
	assert_eq!(block.genesis_hash, network::GENESIS);
	assert_eq!((block.number, block.hash), (100, header.hash()));
	assert_eq!((block.time_ms, block.set_id), (TIME_MS, 0));
	assert_eq!(proven.passport_id, passport_id());
	let Record::Live {
		unique_identifier,
		alias,
		responsible_operator,
		owner,
		operated_by,
		commitments,
		version,
		history_length,
		..
	} = proven.passport
	else {
		panic!("{:?}", proven.passport);
	};
	assert_eq!(unique_identifier, network::UNIQUE_IDENTIFIER);
	assert_eq!(alias.as_deref(), Some("BAT-2025-LI-001234"));
	assert_eq!(
		(responsible_operator, owner, operated_by),
		(OrganisationId(1), OrganisationId(2), OrganisationId(3))
	);
	assert_eq!(commitments[0], Some(Commitment([3; 32])));
	assert_eq!((version, history_length), (2, 7));
}

#[test]
fn a_ceased_passport_is_proven_by_its_tombstone() {
	let proven = verify(&block_100(&ceased()).1, &trust()).unwrap();
	let Record::Ceased {
		recycler,
		batch,
		closed_at,
		..
	} = proven.passport
	else {
		panic!("{:?}", proven.passport);
	};
	assert_eq!((recycler, batch, closed_at), (OrganisationId(4), 6, 12));
}

#[test]
fn that_there_is_no_passport_is_proven() {
	let proven = verify(&block_100(&entries_of_any_block()).1, &trust()).unwrap();
	assert_eq!(proven.passport, Record::Absent);
}

#[test]
fn the_proof_of_one_passport_says_nothing_of_another() {
	let (_, mut proof) = block_100(&live());
	proof.passport_id = H256::repeat_byte(0xab);
	// The nodes of the whole trie are there, so that this one is proven to be absent.
	assert_eq!(verify(&proof, &trust()).unwrap().passport, Record::Absent);
}

#[test]
fn a_changed_value_is_refused() {
	let (_, mut proof) = block_100(&live());
	let mut forged = passport();
	forged.owner = OrganisationId(666);
	let (record, forged) = (Hex(passport().encode()), Hex(forged.encode()));
	// The other passports of this state have the same record, so that its node is there once.
	let node = proof
		.state
		.storage_proof
		.iter_mut()
		.find(|node| **node == record)
		.unwrap();
	*node = forged;
	assert_eq!(verify(&proof, &trust()), Err(BROKEN));
}

#[test]
fn a_trie_with_another_root_is_refused() {
	let (_, mut proof) = block_100(&live());
	proof.state.storage_proof = trie(&ceased()).1;
	assert!(matches!(
		verify(&proof, &trust()),
		Err(Refusal::BrokenStorageProof { .. })
	));
}

#[test]
fn a_node_that_is_left_out_is_not_taken_for_absence() {
	let (_, proof) = block_100(&live());
	let mut refused = 0;
	for left_out in 0..proof.state.storage_proof.len() {
		let mut proof = proof.clone();
		proof.state.storage_proof.remove(left_out);
		match verify(&proof, &trust()) {
			// A node of another passport.
			Ok(proven) => assert!(matches!(proven.passport, Record::Live { .. })),
			Err(Refusal::BrokenStorageProof { .. }) => refused += 1,
			Err(other) => panic!("{other}"),
		}
	}
	// The root, the record and something between at least.
	assert!(refused >= 3, "{refused}");
}

#[test]
fn a_state_of_another_network_is_refused() {
	let mut trust = trust();
	trust.genesis_hash = H256::repeat_byte(0x11);
	assert_eq!(
		verify(&block_100(&live()).1, &trust),
		Err(Refusal::OtherNetwork {
			expected: H256::repeat_byte(0x11),
			found: network::GENESIS,
		})
	);
}

#[test]
fn a_state_that_names_no_genesis_is_refused() {
	let genesis = proved_keys(&passport_id()).genesis_hash;
	let mut entries = live();
	entries.retain(|(key, _)| *key != genesis);
	assert_eq!(
		verify(&block_100(&entries).1, &trust()),
		Err(Refusal::MissingValue {
			what: "hash of the genesis"
		})
	);
}

#[test]
fn a_record_of_a_form_that_is_not_known_is_refused() {
	let mut entries = live();
	if let Some((_, record)) = entries.last_mut() {
		record.push(0);
	}
	assert_eq!(
		verify(&block_100(&entries).1, &trust()),
		Err(Refusal::UnknownForm { what: "passport" })
	);
}

#[test]
fn a_state_root_that_nobody_has_signed_is_refused() {
	// Everything is of one piece, but the validators signed another header.
	let (_, signed) = block_100(&live());
	let (_, mut forged) = block_100(&ceased());
	forged.state.justification = signed.state.justification;
	assert_eq!(
		verify(&forged, &trust()),
		Err(Refusal::JustifiesAnotherBlock { block: 100 })
	);
	// Nor does it help to give their votes another target.
	let (header, _) = block_100(&live());
	let votes = [Alice, Bob, Dave].map(|voter| network::vote(voter, &header, 0));
	let (forged_header, mut forged) = block_100(&ceased());
	forged.state.justification = network::justification_of(&forged_header, votes.into(), Vec::new());
	assert_eq!(
		verify(&forged, &trust()),
		Err(Refusal::NotFinal { block: 100, set: 0 })
	);
}
