//! What a chain specification and a list of validators say.

#![allow(clippy::unwrap_used)]

mod network;

use codec::Encode;
use network::{authorities, block_100, live, trie, FIRST_SET, GENESIS};
use passport_runtime_api::{
	proof::{authorities_key, proved_keys},
	Hex,
};
use passport_verify::{verify, Header, Trust, TrustError};
use serde_json::{json, Map, Value};
use sp_core::H256;

/// A raw specification over this storage.
fn specification(storage: &[(Vec<u8>, Vec<u8>)]) -> Value {
	let text = |bytes: &[u8]| serde_json::to_value(Hex(bytes.to_vec())).unwrap();
	let top: Map<String, Value> = storage
		.iter()
		.map(|(key, value)| (text(key).as_str().unwrap().into(), text(value)))
		.collect();
	json!({ "name": "Test", "id": "test", "genesis": { "raw": { "top": top, "childrenDefault": {} } } })
}

fn genesis_storage() -> Vec<(Vec<u8>, Vec<u8>)> {
	vec![
		(b":code".to_vec(), vec![0x0a; 4_000]),
		(authorities_key(), authorities(&FIRST_SET).encode()),
		(proved_keys(&network::passport_id()).genesis_hash, vec![69; 32]),
	]
}

#[test]
fn a_raw_chain_specification_names_network_and_first_validators() {
	let storage = genesis_storage();
	let json = specification(&storage).to_string();
	let trust = Trust::from_chain_specification(json.as_bytes()).unwrap();
	assert_eq!((trust.set_id, trust.authorities), (0, authorities(&FIRST_SET)));
	// The trie that a database builds, node by node, has the root that was computed from the list.
	let genesis = Header {
		extrinsics_root: trie(&Vec::new()).0,
		..network::header(0, H256::zero(), trie(&storage).0, Vec::new())
	};
	assert_eq!(trust.genesis_hash, genesis.hash());
}

#[test]
fn a_specification_without_raw_storage_or_validators_is_refused() {
	let refused = |document: &Value| Trust::from_chain_specification(document.to_string().as_bytes());
	let patch = json!({ "genesis": { "runtimeGenesis": { "patch": {} } } });
	assert!(matches!(
		refused(&patch),
		Err(TrustError::NotARawSpecification(_))
	));
	assert!(matches!(
		Trust::from_chain_specification(b"{"),
		Err(TrustError::NotARawSpecification(_))
	));
	let mut storage = genesis_storage();
	storage.remove(1);
	assert!(matches!(
		refused(&specification(&storage)),
		Err(TrustError::NoValidators)
	));
	storage.push((authorities_key(), vec![1, 2, 3]));
	assert!(matches!(
		refused(&specification(&storage)),
		Err(TrustError::NoValidators)
	));
	let mut children = specification(&genesis_storage());
	children["genesis"]["raw"]["childrenDefault"] = json!({ "0x00": {} });
	assert!(matches!(refused(&children), Err(TrustError::ChildStorage)));
}

#[test]
fn a_list_of_validators_is_as_good() {
	let list: Vec<_> = FIRST_SET
		.iter()
		.map(|validator| json!([H256(validator.to_raw_public()), 1]))
		.collect();
	let json = Value::from(list).to_string();
	let trust = Trust::from_list(json.as_bytes(), GENESIS, 0).unwrap();
	assert_eq!(trust, network::trust());
	verify(&block_100(&live()).1, &trust).unwrap();
	for wrong in ["{}", "[[\"0x1234\", 1]]", "[\"Alice\"]"] {
		assert!(matches!(
			Trust::from_list(wrong.as_bytes(), GENESIS, 0),
			Err(TrustError::NotAList(_))
		));
	}
}
