//! The module as a client sees it: JSON in, JSON out, over a ledger of three blocks and a fork.

use super::*;
use crate::block::BlockNumber;
use jsonrpsee::RpcModule;
use passport_primitives::{
	battery::{Category, Commitment, DocumentHash},
	data_set::{Audience, DataSet, DataSets, Purpose},
	ledger::{DelegatedRight, DelegatedRights},
	life_cycle::{EventKind, HistoryKind, Publication, Status},
	organisation::{OrganisationId, Role, Roles},
	telemetry::{anchor::Offence, device::SignedBy, SequenceWindow},
};
use passport_runtime_api::{
	AudienceAccessView, FormerKeyView, Hex, HistoryEntryView, PassportView, PurposeAccessView, ThresholdView,
	TombstoneView, TradeView, ValidatorView,
};
use serde_json::{json, Value};
use sp_api::{ApiError, ApiRef};
use sp_blockchain::{BlockStatus, Info};
use sp_runtime::traits::Block as BlockT;

pub(super) const ALIAS: &str = "BAT-2025-LI-001234";
pub(super) const LIVE: PassportId = PassportId([1; 32]);
const CEASED: PassportId = PassportId([2; 32]);
const COMMITMENT: Commitment = Commitment([3; 32]);
const ACCOUNT: [u8; 32] = [4; 32];

/// Blocks 1 and 2, of which 1 is finalised; a fork of height 1 that lost; and a block whose state is gone.
const FINALISED: Hash = Hash::repeat_byte(0x10);
const BEST: Hash = Hash::repeat_byte(0x20);
const LOST_FORK: Hash = Hash::repeat_byte(0x11);
const PRUNED: Hash = Hash::repeat_byte(0x01);
/// A block whose runtime does not have the API yet.
const OLD_RUNTIME: Hash = Hash::repeat_byte(0x02);

struct Ledger;

impl ProvideRuntimeApi<Block> for Ledger {
	type Api = LedgerApi;

	fn runtime_api(&self) -> ApiRef<'_, LedgerApi> {
		LedgerApi.into()
	}
}

impl HeaderBackend<Block> for Ledger {
	fn header(&self, _: Hash) -> sp_blockchain::Result<Option<<Block as BlockT>::Header>> {
		Ok(None)
	}

	fn info(&self) -> Info<Block> {
		Info {
			best_hash: BEST,
			best_number: 2,
			genesis_hash: Hash::zero(),
			finalized_hash: FINALISED,
			finalized_number: 1,
			finalized_state: None,
			number_leaves: 2,
			block_gap: None,
		}
	}

	fn status(&self, _: Hash) -> sp_blockchain::Result<BlockStatus> {
		Ok(BlockStatus::Unknown)
	}

	fn number(&self, hash: Hash) -> sp_blockchain::Result<Option<BlockNumber>> {
		let heights = [
			(PRUNED, 0),
			(OLD_RUNTIME, 0),
			(FINALISED, 1),
			(LOST_FORK, 1),
			(BEST, 2),
		];
		Ok(heights
			.into_iter()
			.find_map(|(block, height)| (block == hash).then_some(height)))
	}

	fn hash(&self, number: BlockNumber) -> sp_blockchain::Result<Option<Hash>> {
		Ok(match number {
			1 => Some(FINALISED),
			2 => Some(BEST),
			_ => None,
		})
	}
}

pub struct LedgerApi;

sp_api::mock_impl_runtime_apis! {
	impl PassportLedgerApi<Block> for LedgerApi {
		#[advanced]
		fn resolve(at: Hash, name: Vec<u8>) -> Result<Option<PassportId>, ApiError> {
			if at == PRUNED {
				return Err(ApiError::UnknownBlock("state discarded".into()));
			}
			if at == OLD_RUNTIME {
				return Err(ApiError::Application("no such function".into()));
			}
			Ok((name == ALIAS.as_bytes()).then_some(LIVE))
		}

		fn passport(passport: PassportId) -> Option<PassportAnswer> {
			match passport {
				LIVE => Some(PassportAnswer::Live(PassportView {
					passport_id: LIVE,
					unique_identifier: "https://id.example/01/09506000134352/21/X7Q2".into(),
					alias: Some(ALIAS.into()),
					category: Category::ElectricVehicle,
					manufacturer: OrganisationId(1),
					responsible_operator: OrganisationId(1),
					owner: OrganisationId(2),
					operated_by: OrganisationId(3),
					status: Status::Original,
					publication: Publication::Active,
					threshold: Some(ThresholdView {
						at_or_above: true,
						threshold_bp: 7_000,
						stated_at: 1,
					}),
					threshold_overridden: false,
					commitments: [Some(COMMITMENT), None, None, None],
					content_address: Some(Hex(vec![1, 0x55, 0x12, 0x20])),
					version: 1,
					predecessors: Vec::new(),
					successors: Vec::new(),
					history_head: DocumentHash([5; 32]),
					history_length: 1,
					registered_at: 1,
				})),
				CEASED => Some(PassportAnswer::Ceased(TombstoneView {
					passport_id: CEASED,
					recycler: OrganisationId(3),
					batch: 5,
					closed_at: 1,
					history_head: DocumentHash([6; 32]),
					history_length: 9,
				})),
				_ => None,
			}
		}

		fn history_of(passport: PassportId, page: u32) -> Option<HistoryPageView> {
			(passport == LIVE).then(|| HistoryPageView {
				page,
				pages: 1,
				history_head: DocumentHash([5; 32]),
				history_length: 1,
				entries: if page == 0 {
					vec![HistoryEntryView {
						index: 0,
						kind: HistoryKind::Event(EventKind::Installation),
						organisation: OrganisationId(1),
						block: 1,
						evidence: None,
						hashed: Hex(vec![0; 4]),
					}]
				} else {
					Vec::new()
				},
			})
		}

		fn delegations_of(passport: PassportId) -> Vec<DelegationView> {
			if passport != LIVE {
				return Vec::new();
			}
			vec![DelegationView {
				delegate: OrganisationId(7),
				rights: DelegatedRights::of(&[DelegatedRight::DecideAccess]),
				expires_at: 9,
				authorisation: DocumentHash([8; 32]),
				given_by: OrganisationId(1),
				in_force: true,
			}]
		}

		fn recycling_batch(batch: u32) -> Option<RecyclingBatchView> {
			(batch == 5).then(|| RecyclingBatchView {
				batch,
				recycler: OrganisationId(3),
				facility: "DE-4711".into(),
				year: 2031,
				masses: COMMITMENT,
				batteries: 1,
			})
		}

		fn verify(passport: PassportId, data_set: DataSet, commitment: Commitment) -> Verification {
			match (passport, data_set) {
				(LIVE, DataSet::Model) if commitment == COMMITMENT => Verification::Matches,
				(LIVE, DataSet::Model) => Verification::Differs,
				(LIVE, _) => Verification::NotCommitted,
				_ => Verification::PassportNotFound,
			}
		}

		fn organisation(organisation: OrganisationId) -> Option<OrganisationView> {
			(organisation == OrganisationId(7)).then(|| OrganisationView {
				organisation,
				did: "did:web:cells.example".into(),
				roles: Roles::of(&[Role::Manufacturer, Role::BridgeOperator]),
				hpke_public_key: Hex(vec![7; 32]),
				expires_at: None,
				suspended: false,
				active: true,
				accounts: vec![Hex(ACCOUNT.to_vec())],
			})
		}

		fn organisation_of(account: [u8; 32]) -> Option<OrganisationId> {
			(account == ACCOUNT).then_some(OrganisationId(7))
		}

		fn quota(organisation: OrganisationId) -> Option<QuotaView> {
			(organisation == OrganisationId(7)).then_some(QuotaView {
				organisation,
				ref_time_per_period: 1_000,
				ref_time_used: 10,
				period_ends_at: 59,
			})
		}

		fn validators() -> ValidatorsView {
			ValidatorsView {
				validators: vec![ValidatorView {
					account: Hex(ACCOUNT.to_vec()),
					organisation: OrganisationId(7),
					roles: Roles::of(&[Role::Recycler]),
					since_session: 0,
					takes_part: true,
				}],
				minimum: 4,
				trades: vec![TradeView { trade: Role::Recycler, held: 1, most: 2 }],
			}
		}

		fn access_table() -> AccessTableView {
			AccessTableView {
				audiences: vec![AudienceAccessView {
					audience: Audience::Public,
					data_sets: DataSets::of(&[DataSet::Model]),
				}],
				purposes: vec![PurposeAccessView {
					audience: Audience::LegitimateInterest,
					purpose: Purpose::SecondLife,
					data_sets: DataSets::of(&[DataSet::Model, DataSet::Individual]),
				}],
				demanding_authorities: vec![OrganisationId(4)],
			}
		}

		fn device(device: u32) -> Option<DeviceView> {
			(device == 12).then(|| a_device(device))
		}

		fn devices_of(passport: PassportId) -> Vec<DeviceView> {
			if passport == LIVE { vec![a_device(12)] } else { Vec::new() }
		}

		fn anchor(bridge: OrganisationId, stream: u32, number: u64) -> Option<AnchorView> {
			anchors(bridge, stream).and_then(|view| view.anchors.into_iter().find(|anchor| anchor.number == number))
		}

		fn anchors_of(bridge: OrganisationId, stream: u32, from: Option<u64>) -> Option<AnchorsView> {
			anchors(bridge, stream).map(|view| AnchorsView {
				anchors: view.anchors.iter().filter(|anchor| anchor.number >= from.unwrap_or(0)).cloned().collect(),
				..view
			})
		}

		fn grants_of(_: PassportId) -> Vec<GrantView> {
			Vec::new()
		}

		fn grants_to(grantee: OrganisationId, after: Option<u32>) -> Vec<GrantView> {
			if grantee == OrganisationId(7) && after.is_none() { vec![a_grant(grantee)] } else { Vec::new() }
		}

		fn authority_envelopes_of(_: PassportId) -> Vec<AuthorityEnvelopeView> {
			Vec::new()
		}

		fn transfer(_: u32) -> Option<TransferView> {
			None
		}

		fn transfers_of(_: PassportId) -> Vec<TransferView> {
			Vec::new()
		}

		fn documents_of(_: PassportId) -> Vec<DocumentView> {
			Vec::new()
		}
	}
}

/// Anchors 4 and 5 of stream 7 of member 1, of which the second one is an offence.
fn anchors(bridge: OrganisationId, stream: u32) -> Option<AnchorsView> {
	let anchor = |number, offence| AnchorView {
		bridge,
		stream,
		number,
		root: Hex(vec![9; 32]),
		leaves: 3,
		readings: 180,
		content_address: Hex(vec![1, 0x55]),
		anchored_at: 2,
		offence,
	};
	((bridge, stream) == (OrganisationId(1), 7)).then(|| AnchorsView {
		oldest_number: 4,
		next_number: 6,
		suspended: true,
		anchors: vec![anchor(4, None), anchor(5, Some(Offence::BadSignature))],
	})
}

fn a_grant(grantee: OrganisationId) -> GrantView {
	GrantView {
		grant: 3,
		passport_id: LIVE,
		grantee,
		data_sets: DataSets::of(&[DataSet::Composition, DataSet::Individual]),
		purpose: Purpose::Valuation,
		open: true,
		opens: DataSets::of(&[DataSet::Individual]),
		lapses_at: None,
		expires_at: Some(90),
		delegate: None,
		key_epoch: Some(2),
		envelope: Some(Hex(vec![9; 80])),
	}
}

fn a_device(device: u32) -> DeviceView {
	DeviceView {
		device,
		passport_id: LIVE,
		maker: OrganisationId(1),
		signed_by: SignedBy::Bridge,
		public_key: Hex(vec![8; 32]),
		key_from_sequence: 9,
		former_keys: vec![FormerKeyView {
			public_key: Hex(vec![7; 32]),
			below_sequence: 9,
		}],
		active: true,
		key_epoch: 1,
		window: SequenceWindow::default(),
		last_seconds: 1_800_000_000,
		history_head: DocumentHash([9; 32]),
		frames: 3,
		readings: 30,
	}
}

/// Sends a request as it comes over the wire.
fn call(method: &str, params: impl Into<Value>) -> Value {
	let params = params.into();
	let module: RpcModule<_> = Passports::new(Arc::new(Ledger)).into_rpc();
	let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
	let runtime = sc_cli::build_runtime().unwrap();
	let (response, _) = runtime.block_on(module.raw_json_request(&request, 1)).unwrap();
	serde_json::from_str(&response).unwrap()
}

fn code(method: &str, params: Value) -> Value {
	call(method, params)["error"]["code"].clone()
}

#[test]
fn a_passport_is_found_by_id_and_by_name_and_says_at_which_block() {
	for name in [json!(ALIAS), json!(LIVE.to_string())] {
		let answer = &call("passport_get", json!([name]))["result"];
		assert_eq!(answer["at"], json!(BEST));
		assert_eq!(answer["blockNumber"], 2);
		assert_eq!(answer["finalised"], false);
		assert_eq!(answer["value"]["state"], "live");
		assert_eq!(answer["value"]["passportId"], LIVE.to_string());
		assert_eq!(
			answer["value"]["commitments"],
			json!([COMMITMENT.to_string(), null, null, null])
		);
		assert_eq!(answer["value"]["contentAddress"], "0x01551220");
	}
}

#[test]
fn parameters_can_be_named() {
	let answer = call("passport_get", json!({ "passport": ALIAS, "at": FINALISED }));
	assert_eq!(answer["result"]["finalised"], true);
}

#[test]
fn a_ceased_passport_is_an_answer_and_its_empty_lists_are_no_error() {
	let id = CEASED.to_string();
	assert_eq!(
		call("passport_get", json!([id]))["result"]["value"]["state"],
		"ceased"
	);
	assert_eq!(
		call("passport_devices", json!([id]))["result"]["value"],
		json!([])
	);
}

#[test]
fn a_device_says_who_signs_for_it_and_which_keys_it_has_had() {
	let answer = call("passport_device", json!([12]));
	let device = &answer["result"]["value"];
	assert_eq!(device["signedBy"], "bridge");
	assert_eq!(device["publicKey"], format!("0x{}", "08".repeat(32)));
	assert_eq!(device["keyFromSequence"], 9);
	assert_eq!(
		device["formerKeys"],
		json!([{ "publicKey": format!("0x{}", "07".repeat(32)), "belowSequence": 9 }])
	);
}

#[test]
fn an_anchor_says_what_its_bridge_was_convicted_of() {
	let answer = call("passport_anchor", json!([1, 7, 5]));
	assert_eq!(
		answer["result"]["value"],
		json!({
			"bridge": 1,
			"stream": 7,
			"number": 5,
			"root": format!("0x{}", "09".repeat(32)),
			"leaves": 3,
			"readings": 180,
			"contentAddress": "0x0155",
			"anchoredAt": 2,
			"offence": "badSignature",
		})
	);
}

#[test]
fn anchors_come_in_pages_from_a_number_on() {
	let numbers = |parameters| {
		let answer = call("passport_anchors", parameters);
		let view = &answer["result"]["value"];
		assert_eq!(
			(&view["oldestNumber"], &view["nextNumber"], &view["suspended"]),
			(&json!(4), &json!(6), &json!(true))
		);
		let anchors = view["anchors"].as_array().expect("a list");
		anchors
			.iter()
			.map(|anchor| anchor["number"].clone())
			.collect::<Vec<_>>()
	};
	assert_eq!(numbers(json!([1, 7])), [4, 5]);
	assert_eq!(numbers(json!([1, 7, 5])), [5]);
	assert!(numbers(json!([1, 7, 6])).is_empty());
}

#[test]
fn only_a_block_of_the_finalised_chain_is_called_finalised() {
	for (block, finalised) in [(FINALISED, true), (LOST_FORK, false), (BEST, false)] {
		let answer = call("passport_device", json!([12, block]));
		assert_eq!(answer["result"]["at"], json!(block));
		assert_eq!(answer["result"]["finalised"], finalised, "{block:?}");
	}
}

#[test]
fn verification_tells_the_four_cases_apart() {
	let (held, other) = (COMMITMENT.to_string(), Commitment([0xff; 32]).to_string());
	for (passport, data_set, commitment, expected) in [
		(ALIAS, 1, &held, "matches"),
		(ALIAS, 1, &other, "differs"),
		(ALIAS, 2, &held, "notCommitted"),
		("BAT-2025-LI-999999", 1, &held, "passportNotFound"),
	] {
		let answer = call("passport_verify", json!([passport, data_set, commitment]));
		assert_eq!(answer["result"]["value"], expected);
	}
}

#[test]
fn an_organisation_is_found_by_number_and_by_account() {
	let account = DocumentHash(ACCOUNT).to_string();
	for argument in [json!(7), json!("7"), json!(account)] {
		let answer = call("passport_organisation", json!([argument]));
		assert_eq!(answer["result"]["value"]["did"], "did:web:cells.example");
		assert_eq!(
			answer["result"]["value"]["roles"],
			json!(["manufacturer", "bridgeOperator"])
		);
		assert_eq!(answer["result"]["value"]["accounts"], json!([account]));
	}
}

#[test]
fn a_history_is_read_page_by_page() {
	for (params, page, entries) in [
		(json!([ALIAS]), 0, 1),
		(json!([ALIAS, 0]), 0, 1),
		(json!([ALIAS, 1]), 1, 0),
	] {
		let answer = &call("passport_history", params)["result"]["value"];
		assert_eq!(answer["page"], page);
		assert_eq!(answer["pages"], 1);
		assert_eq!(answer["entries"].as_array().map(Vec::len), Some(entries));
	}
	let answer = call("passport_history", json!([ALIAS]));
	assert_eq!(
		answer["result"]["value"]["entries"][0]["kind"],
		json!({ "event": "installation" })
	);
}

#[test]
fn what_belongs_to_a_member_is_found_by_number_and_by_account() {
	let account = DocumentHash(ACCOUNT).to_string();
	for argument in [json!(7), json!(account)] {
		let quota = call("passport_quota", json!([argument]));
		assert_eq!(quota["result"]["value"]["refTimeUsed"], 10);
		let grants = &call("passport_grantsTo", json!([argument]))["result"]["value"];
		assert_eq!(grants[0]["dataSets"], json!(["composition", "individual"]));
		assert_eq!(grants[0]["opens"], json!(["individual"]));
		let next = call(
			"passport_grantsTo",
			json!({ "organisation": argument, "after": 3 }),
		);
		assert_eq!(next["result"]["value"], json!([]));
	}
}

#[test]
fn what_belongs_to_the_consortium_needs_no_argument() {
	let validators = &call("passport_validators", json!([]))["result"]["value"];
	assert_eq!(validators["validators"][0]["roles"], json!(["recycler"]));
	assert_eq!(
		validators["trades"],
		json!([{ "trade": "recycler", "held": 1, "most": 2 }])
	);
	let table = call("passport_accessTable", json!({ "at": FINALISED }));
	assert_eq!(table["result"]["finalised"], true);
	assert_eq!(
		table["result"]["value"],
		json!({
			"audiences": [{ "audience": "public", "dataSets": ["model"] }],
			"purposes": [{
				"audience": "legitimateInterest",
				"purpose": "secondLife",
				"dataSets": ["model", "individual"],
			}],
			"demandingAuthorities": [4],
		})
	);
}

#[test]
fn delegations_and_recycling_batches_are_decoded() {
	let delegations = &call("passport_delegations", json!([ALIAS]))["result"]["value"];
	assert_eq!(delegations[0]["rights"], json!(["decideAccess"]));
	assert_eq!(delegations[0]["inForce"], true);
	let batch = &call("passport_recyclingBatch", json!([5]))["result"]["value"];
	assert_eq!(batch["facility"], "DE-4711");
}

#[test]
fn each_failure_has_its_code() {
	let nobody = "0x".to_string() + &"77".repeat(32);
	let unknown_block = Hash::repeat_byte(0x99);
	for (expected, method, params) in [
		(9001, "passport_get", json!(["two words"])),
		(9001, "passport_verify", json!([ALIAS, 5, nobody])),
		(9001, "passport_verify", json!([ALIAS, 1, "0x00"])),
		(9001, "passport_organisation", json!(["did:web:cells.example"])),
		(9002, "passport_get", json!([ALIAS, unknown_block])),
		(9002, "passport_get", json!([ALIAS, PRUNED])),
		(9003, "passport_get", json!(["BAT-2025-LI-999999"])),
		(9003, "passport_get", json!([nobody])),
		(9003, "passport_devices", json!([nobody])),
		(9003, "passport_grants", json!([nobody])),
		(9003, "passport_documents", json!([nobody])),
		(9003, "passport_organisation", json!([nobody])),
		(9003, "passport_organisation", json!([8])),
		(9003, "passport_device", json!([13])),
		(9003, "passport_anchor", json!([1, 7, 6])),
		(9003, "passport_anchor", json!([nobody, 7, 4])),
		(9003, "passport_anchors", json!([1, 8])),
		(9003, "passport_transfer", json!([1])),
		(9003, "passport_history", json!([nobody])),
		(9003, "passport_delegations", json!([nobody])),
		(9003, "passport_authorityEnvelopes", json!([nobody])),
		(9003, "passport_transfers", json!([nobody])),
		(9003, "passport_quota", json!([nobody])),
		(9003, "passport_quota", json!([8])),
		(9003, "passport_grantsTo", json!([8])),
		(9003, "passport_recyclingBatch", json!([6])),
		(9004, "passport_get", json!([ALIAS, OLD_RUNTIME])),
		(-32602, "passport_get", json!([])),
		(-32602, "passport_device", json!(["twelve"])),
	] {
		assert_eq!(code(method, params.clone()), expected, "{method} {params}");
	}
}
