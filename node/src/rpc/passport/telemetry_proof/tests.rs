//! Which keys are proved of devices and anchors, and what is told where there are none. Which block is proved, and by what, the
//! tests of `passport_proof` show.

use crate::rpc::passport::proof::tests::{Chain, FINAL};
use passport_primitives::{organisation::OrganisationId, telemetry::anchor::AnchorId};
use passport_runtime_api::{
	proof::{anchor_key, device_keys, AnchorProof, DeviceProof},
	Hex,
};
use serde_json::{json, Value};

/// The device of the ledger of the tests, and the anchor 4 of stream 7 of member 1.
const DEVICE: u32 = 12;
const ANCHOR: AnchorId = AnchorId {
	bridge: OrganisationId(1),
	stream: 7,
	number: 4,
};

/// The keys of [`DEVICE`], in the order in which they are proved.
fn keys_of_the_device() -> Vec<Hex> {
	let keys = device_keys(DEVICE);
	[keys.page, keys.former_keys, keys.genesis_hash, keys.time]
		.map(Hex)
		.into()
}

fn code(method: &str, params: &Value) -> Value {
	Chain::new().ask(method, params)["error"]["code"].clone()
}

#[test]
fn a_device_is_proved_with_its_page_and_all_its_keys() {
	let mut response = Chain::new().ask("passport_deviceProof", &json!([DEVICE]));
	let answer = &mut response["result"];
	assert_eq!(answer["blockNumber"], FINAL);
	assert_eq!(answer["at"], Chain::at(FINAL));
	assert_eq!(answer["finalised"], true);
	let proof: DeviceProof = serde_json::from_value(answer["value"].take()).unwrap();
	assert_eq!(proof.device, DEVICE);
	assert_eq!(proof.state.storage_proof, keys_of_the_device());
	assert_eq!(proof.state.justification.0, b"newest");
	assert_eq!(proof.state.set_changes.len(), 1);
}

#[test]
fn an_anchor_is_proved_with_a_device() {
	let mut response = Chain::new().ask("passport_anchorProof", &json!([1, 7, 4, DEVICE]));
	let value = response["result"]["value"].take();
	let proof: AnchorProof = serde_json::from_value(value.clone()).unwrap();
	assert_eq!((proof.anchor(), proof.device), (ANCHOR, DEVICE));
	let mut expected = keys_of_the_device();
	expected.push(Hex(anchor_key(&ANCHOR)));
	assert_eq!(proof.state.storage_proof, expected);
	// What it says of the device stands by itself.
	let of_the_device: DeviceProof = serde_json::from_value(value).unwrap();
	assert_eq!(of_the_device.device, DEVICE);
	assert_eq!(of_the_device.state, proof.state);
}

#[test]
fn block_and_first_set_are_chosen_as_for_a_passport() {
	let params = json!({
		"bridge": "1", "stream": 7, "number": 4, "device": DEVICE, "at": Chain::at(91), "fromSet": 1,
	});
	let mut response = Chain::new().ask("passport_anchorProof", &params);
	assert_eq!(response["result"]["blockNumber"], 91);
	let proof: AnchorProof = serde_json::from_value(response["result"]["value"].take()).unwrap();
	assert_eq!((proof.state.first_set, proof.state.set_changes), (1, vec![]));
	assert_eq!(proof.state.justification.0, [128u8]);
	let params = json!({ "device": DEVICE, "fromSet": 2 });
	assert_eq!(code("passport_deviceProof", &params), 9001);
}

#[test]
fn what_is_not_there_is_an_error() {
	let nobody = format!("0x{}", "77".repeat(32));
	let above_the_final = Chain::at(FINAL + 1);
	for (expected, method, params) in [
		(9003, "passport_deviceProof", json!([13])),
		(9003, "passport_anchorProof", json!([1, 7, 6, DEVICE])),
		(9003, "passport_anchorProof", json!([1, 8, 4, DEVICE])),
		(9003, "passport_anchorProof", json!([1, 7, 4, 13])),
		(9003, "passport_anchorProof", json!([nobody, 7, 4, DEVICE])),
		(
			9001,
			"passport_anchorProof",
			json!(["did:web:cells.example", 7, 4, DEVICE]),
		),
		(9002, "passport_deviceProof", json!([DEVICE, Chain::at(4)])),
		(9005, "passport_deviceProof", json!([DEVICE, above_the_final])),
		(-32602, "passport_anchorProof", json!([1, 7, 4])),
	] {
		assert_eq!(code(method, &params), expected, "{method} {params}");
	}
}
