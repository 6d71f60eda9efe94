//! Every call of the ledger's pallets, by every origin that it is not for: its own error, and the storage root as it was. What
//! the pool refuses of it before, it refuses with its own reason.

mod chain;

use chain::{on_local_chain, send};
use frame_support::{
	traits::{GetCallMetadata, PalletInfoAccess},
	BoundedVec,
};
use passport_primitives::{
	battery::{Category, Commitment, DocumentHash, PassportId},
	content_address,
	data_set::{Audience, DataSet, DataSets, Purpose},
	ledger::{DelegatedRight, DelegatedRights, ENVELOPE_BYTES},
	life_cycle::{EventKind, SecondLife},
	organisation::{OrganisationId, Role, Roles},
	pool::PoolRefusal,
	telemetry::{
		anchor::{AnchorId, AnchoredBatch, AnchoredLeaf, DisputedLeaf, InclusionProof},
		device::{possession_message, rotation_message},
		statement::ThresholdStatement,
	},
};
use passport_runtime::{
	AccessGrant, AccountId, BlockNumber, CouncilCollective, Documents, Organisations, OwnershipTransfer,
	Passport, Runtime, RuntimeCall, RuntimeOrigin, Telemetry, Validators,
};
use sp_core::{ed25519, storage::StateVersion, Pair, H256};
use sp_keyring::Sr25519Keyring::{
	self as Key, Alice, AliceStash, Bob, Charlie, Dave, Eve, EveStash, Ferdie, FerdieStash, One, Two,
};
use sp_runtime::{traits::Dispatchable, DispatchError};
use std::collections::BTreeSet;

/// Acts for nobody.
const STRANGER: Key = AliceStash;
/// Acts for a member that has every role, and is suspended.
const SUSPENDED: Key = EveStash;
/// Acts for a member that has every role, and whose membership has ended.
const ENDED: Key = FerdieStash;

const CELL_WORKS: OrganisationId = OrganisationId(1);
const BATTERY_TRADE: OrganisationId = OrganisationId(2);
const FLEET_ONE: OrganisationId = OrganisationId(3);
const RECYCLING_PLANT: OrganisationId = OrganisationId(5);
const MARKET_SURVEILLANCE: OrganisationId = OrganisationId(6);

/// Blocks that offers stand and requests ask for.
const BLOCKS: BlockNumber = 1_000;

/// An active member that a call is not for.
struct Refused {
	who: Key,
	/// What the pallet says.
	error: DispatchError,
	/// Whether the pool says so before: none of the member's roles includes the call.
	by_pool: bool,
}

fn by_pool(who: Key, error: impl Into<DispatchError>) -> Refused {
	Refused {
		who,
		error: error.into(),
		by_pool: true,
	}
}

fn by_pallet(who: Key, error: impl Into<DispatchError>) -> Refused {
	Refused {
		who,
		error: error.into(),
		by_pool: false,
	}
}

/// Whom a call is for.
enum For {
	/// Two thirds of the council.
	Council,
	/// Active members, except these.
	Members(Vec<Refused>),
	/// Two thirds of the council, or the account that it is about.
	CouncilOr(Key),
}

const IDENTIFIER: &[u8] = b"https://id.cell-works.example/21/BAD-ORIGINS";

fn new_passport(identifier: &[u8]) -> pallet_passport::NewPassport {
	pallet_passport::NewPassport {
		unique_identifier: BoundedVec::truncate_from(identifier.to_vec()),
		alias: None,
		category: Category::ElectricVehicle,
		commitments: [Some(Commitment([1; 32])), None, None, None],
		content_address: None,
		envelopes: BoundedVec::default(),
	}
}

fn passport_call(call: pallet_passport::Call<Runtime>) -> RuntimeCall {
	RuntimeCall::Passport(call)
}

fn offer(passport: PassportId, to: OrganisationId) -> RuntimeCall {
	RuntimeCall::OwnershipTransfer(pallet_ownership_transfer::Call::offer {
		to,
		kind: pallet_ownership_transfer::TransferKind::Sale,
		operation_moves: true,
		passports: BoundedVec::truncate_from(vec![passport]),
		location: None,
		documents: BoundedVec::default(),
		valid_for_blocks: BLOCKS,
	})
}

fn request(passport: PassportId) -> RuntimeCall {
	RuntimeCall::AccessGrant(pallet_access_grant::Call::request {
		passport,
		data_sets: DataSets::of(&[DataSet::Individual]),
		purpose: Purpose::Valuation,
		duration_blocks: BLOCKS,
	})
}

fn anchor(passport: PassportId, seed: u8) -> RuntimeCall {
	RuntimeCall::Documents(pallet_documents::Call::anchor {
		passport,
		content_address: BoundedVec::truncate_from(content_address::of_sha256(&[seed; 32])),
		kind: pallet_documents::DocumentKind::DeclarationOfConformity,
		data_set: DataSet::Model,
		size_bytes: 1,
	})
}

/// A device's key, and its proof of possession for a passport.
fn device_key(passport: PassportId, seed: u8) -> ([u8; 32], [u8; 64]) {
	let device = ed25519::Pair::from_seed(&[seed; 32]);
	let public_key = device.public().0;
	let message = possession_message(&Telemetry::genesis_hash(), &passport, &public_key);
	(public_key, device.sign(&message).0)
}

fn register_device(passport: PassportId, seed: u8) -> RuntimeCall {
	let (public_key, proof) = device_key(passport, seed);
	RuntimeCall::Telemetry(pallet_telemetry::Call::register_device {
		passport,
		public_key,
		proof,
	})
}

/// Device 0, which has the key of `present`, is to sign with another from its first frame on.
fn rotate_device_key(passport: PassportId, present: u8, seed: u8) -> RuntimeCall {
	let key = ed25519::Pair::from_seed(&[seed; 32]);
	let public_key = key.public().0;
	let message = rotation_message(&Telemetry::genesis_hash(), &passport, &public_key, 1);
	RuntimeCall::Telemetry(pallet_telemetry::Call::rotate_device_key {
		device: 0,
		public_key,
		from_sequence: 1,
		proof: key.sign(&message).0,
		consent: ed25519::Pair::from_seed(&[present; 32]).sign(&message).0,
	})
}

/// Cell-works' battery with device 0, document 0, transfer 0 to battery-trade, a hand-over that is offered to the recycling plant and
/// grant 0 asked for by data-broker; recycling batch 0 of the recycling plant; a suspended member and one whose membership has
/// ended.
fn on_chain_with_a_battery(test: impl FnOnce(PassportId)) {
	on_local_chain(|| {
		let passport = Passport::passport_id(IDENTIFIER);
		for (sender, call) in [
			(
				Alice,
				passport_call(pallet_passport::Call::register {
					new: new_passport(IDENTIFIER),
				}),
			),
			(Alice, register_device(passport, 1)),
			(Alice, anchor(passport, 1)),
			(Alice, offer(passport, BATTERY_TRADE)),
			(
				Alice,
				passport_call(pallet_passport::Call::hand_over_to_waste_operator {
					passport,
					to: RECYCLING_PLANT,
				}),
			),
			(One, request(passport)),
			(
				Eve,
				passport_call(pallet_passport::Call::register_recycling_batch {
					facility: BoundedVec::truncate_from(b"Shredder 1".to_vec()),
					year: 2027,
					masses: Commitment([1; 32]),
				}),
			),
		] {
			let what = format!("{call:?}");
			assert!(send(sender, call).is_ok(), "{what}");
		}
		for (key, name) in [(SUSPENDED, "suspended"), (ENDED, "ended")] {
			let organisation = pallet_organisations::NextOrganisation::<Runtime>::get();
			Organisations::admit(
				RuntimeOrigin::root(),
				BoundedVec::truncate_from(format!("did:web:{name}.example").into_bytes()),
				Roles::ANY,
				[9; 32],
				None,
				BoundedVec::truncate_from(vec![key.to_account_id()]),
			)
			.expect("the council admits a member");
			if key == SUSPENDED {
				Organisations::suspend(RuntimeOrigin::root(), organisation).expect("it was not suspended");
			} else {
				Organisations::set_expiry(RuntimeOrigin::root(), organisation, Some(5))
					.expect("it is a member");
			}
		}
		test(passport);
	});
}

fn organisations() -> Vec<(RuntimeCall, For)> {
	use pallet_organisations::Call;
	[
		(
			Call::admit {
				did: BoundedVec::truncate_from(b"did:web:newcomer.example".to_vec()),
				roles: Roles::of(&[Role::Recycler]),
				hpke_public_key: [9; 32],
				expires_at: None,
				accounts: BoundedVec::truncate_from(vec![STRANGER.to_account_id()]),
			},
			For::Council,
		),
		(
			Call::set_roles {
				organisation: BATTERY_TRADE,
				roles: Roles::ANY,
			},
			For::Council,
		),
		(
			Call::set_expiry {
				organisation: BATTERY_TRADE,
				expires_at: Some(BLOCKS),
			},
			For::Council,
		),
		(
			Call::suspend {
				organisation: BATTERY_TRADE,
			},
			For::Council,
		),
		(
			// The suspended member: the newcomer after the eleven of the preset.
			Call::reinstate {
				organisation: OrganisationId(12),
			},
			For::Council,
		),
		(
			Call::remove {
				organisation: FLEET_ONE,
			},
			For::Council,
		),
		(
			Call::link_account {
				account: STRANGER.to_account_id(),
				expires_at: BLOCKS,
				proof: STRANGER.sign(b"another message").into(),
			},
			For::Members(vec![]),
		),
		(
			Call::unlink_account {
				account: Bob.to_account_id(),
			},
			For::Members(vec![by_pallet(
				Charlie,
				pallet_organisations::Error::<Runtime>::AccountNotLinked,
			)]),
		),
		(
			Call::set_hpke_key {
				hpke_public_key: [9; 32],
			},
			For::Members(vec![]),
		),
		(
			Call::set_quota {
				organisation: BATTERY_TRADE,
				ref_time_per_period: Some(1),
			},
			For::Council,
		),
		(
			Call::link_account_by_council {
				organisation: BATTERY_TRADE,
				account: STRANGER.to_account_id(),
			},
			For::Council,
		),
		(
			Call::authorize_upgrade {
				code_hash: H256([7; 32]),
			},
			For::Council,
		),
	]
	.map(|(call, whom)| (RuntimeCall::Organisations(call), whom))
	.into()
}

fn validators() -> Vec<(RuntimeCall, For)> {
	use pallet_validators::Call;
	[
		(
			Call::add_validator {
				validator: Eve.to_account_id(),
			},
			For::Council,
		),
		(
			Call::remove_validator {
				validator: Dave.to_account_id(),
			},
			For::Council,
		),
		(
			Call::replace_validator {
				validator: Dave.to_account_id(),
				by: Eve.to_account_id(),
			},
			For::Council,
		),
		(
			Call::note_stalled {
				best_finalised: 0,
				delay_blocks: 10,
			},
			For::Council,
		),
		(
			Call::purge_keys {
				account: Eve.to_account_id(),
			},
			For::CouncilOr(Eve),
		),
	]
	.map(|(call, whom)| (RuntimeCall::Validators(call), whom))
	.into()
}

fn passports(passport: PassportId) -> Vec<(RuntimeCall, For)> {
	use pallet_passport::{Call, CommitmentUpdate, Error, EventRecord, RecyclingBatchId};
	let not_authorized = || Error::<Runtime>::NotAuthorized;
	let evidence = DocumentHash([2; 32]);
	let another = new_passport(b"https://id.battery-trade.example/21/ANOTHER");
	let update = CommitmentUpdate {
		passport,
		data_set: DataSet::Model,
		commitment: Commitment([2; 32]),
		content_address: None,
	};
	let mut rows = vec![
		(
			Call::register { new: another.clone() },
			For::Members(vec![by_pool(Bob, not_authorized())]),
		),
		(
			Call::register_many {
				passports: BoundedVec::truncate_from(vec![another.clone()]),
			},
			For::Members(vec![by_pool(Bob, not_authorized())]),
		),
		(
			Call::update_commitment {
				passport,
				data_set: update.data_set,
				commitment: update.commitment,
				content_address: None,
			},
			For::Members(vec![by_pallet(Bob, not_authorized())]),
		),
		(
			Call::update_many {
				updates: BoundedVec::truncate_from(vec![update]),
			},
			For::Members(vec![by_pallet(Bob, not_authorized())]),
		),
		(
			Call::record_many {
				events: BoundedVec::truncate_from(vec![EventRecord {
					passport,
					kind: EventKind::ManufacturingComplete,
					evidence,
				}]),
			},
			For::Members(vec![by_pallet(Bob, not_authorized())]),
		),
		(
			Call::delegate {
				passport,
				delegate: FLEET_ONE,
				rights: DelegatedRights::of(&[DelegatedRight::AnchorDocuments]),
				expires_at: BLOCKS,
				authorisation: evidence,
			},
			For::Members(vec![by_pallet(Bob, not_authorized())]),
		),
		(
			Call::end_delegation {
				passport,
				delegate: FLEET_ONE,
			},
			For::Members(vec![by_pallet(Bob, not_authorized())]),
		),
		(
			Call::derive {
				predecessors: BoundedVec::truncate_from(vec![passport]),
				operation: SecondLife::Repurposing,
				new: another,
				consents: BoundedVec::default(),
			},
			For::Members(vec![
				by_pool(Bob, not_authorized()),
				by_pallet(Dave, Error::<Runtime>::NotOwner),
			]),
		),
		(
			Call::hand_over_to_waste_operator {
				passport,
				to: RECYCLING_PLANT,
			},
			For::Members(vec![
				by_pallet(Bob, not_authorized()),
				by_pallet(Eve, not_authorized()),
			]),
		),
		(
			Call::accept_waste_hand_over { passport },
			For::Members(vec![
				by_pallet(Alice, not_authorized()),
				by_pallet(Bob, not_authorized()),
			]),
		),
		(
			Call::withdraw_waste_hand_over { passport },
			For::Members(vec![
				by_pallet(Bob, not_authorized()),
				by_pallet(Charlie, not_authorized()),
			]),
		),
		(
			Call::close_as_recycled {
				passport,
				batch: RecyclingBatchId(0),
				evidence,
			},
			For::Members(vec![
				// It answers for the passport and does not recycle.
				by_pool(Alice, not_authorized()),
				// It recycles and does not answer for the passport.
				by_pallet(Eve, not_authorized()),
			]),
		),
		(
			Call::take_over {
				passport,
				operator: BATTERY_TRADE,
			},
			For::Council,
		),
		(
			Call::override_threshold { passport, evidence },
			For::Members(vec![by_pool(Alice, not_authorized())]),
		),
		(
			Call::register_recycling_batch {
				facility: BoundedVec::truncate_from(b"Shredder 2".to_vec()),
				year: 2027,
				masses: Commitment([2; 32]),
			},
			For::Members(vec![by_pool(Alice, not_authorized())]),
		),
		(
			Call::amend_recycling_batch {
				batch: RecyclingBatchId(0),
				masses: Commitment([2; 32]),
			},
			For::Members(vec![by_pool(Alice, Error::<Runtime>::BatchOfAnother)]),
		),
	];
	// Table 5.3 of the protocol: who may not record which event. Nobody records what the ledger writes.
	for kind in EventKind::ALL {
		let refused = match kind {
			EventKind::ManufacturingComplete => vec![Bob, Charlie, Eve],
			EventKind::QualityCertified => vec![Alice, Bob, Charlie],
			EventKind::LocationUpdate | EventKind::EndOfLife => vec![Bob, Charlie, Eve],
			EventKind::Installation | EventKind::MaintenanceRequired => vec![Bob, Eve],
			EventKind::RecyclingInitiated => vec![Bob, Charlie],
			EventKind::OwnershipTransfer
			| EventKind::SohThreshold
			| EventKind::SecondLifeConversion
			| EventKind::MaterialsRecovered => vec![],
		};
		let refused = if refused.is_empty() {
			vec![by_pallet(Alice, Error::<Runtime>::RecordedByLedgerOnly)]
		} else {
			refused
				.into_iter()
				.map(|who| by_pallet(who, not_authorized()))
				.collect()
		};
		rows.push((
			Call::record_event {
				passport,
				kind,
				evidence,
			},
			For::Members(refused),
		));
	}
	rows.into_iter()
		.map(|(call, whom)| (passport_call(call), whom))
		.collect()
}

fn transfers(passport: PassportId) -> Vec<(RuntimeCall, For)> {
	use pallet_ownership_transfer::{Call, Error, TransferId};
	let transfer = TransferId(0);
	let wrap = RuntimeCall::OwnershipTransfer;
	vec![
		(
			offer(passport, FLEET_ONE),
			For::Members(vec![by_pallet(Bob, Error::<Runtime>::NotOwner)]),
		),
		(
			wrap(Call::accept {
				transfer,
				passports: None,
				take_operation: true,
			}),
			For::Members(vec![
				by_pallet(Alice, Error::<Runtime>::NotRecipient),
				by_pallet(Charlie, Error::<Runtime>::NotRecipient),
			]),
		),
		(
			wrap(Call::reject { transfer }),
			For::Members(vec![
				by_pallet(Alice, Error::<Runtime>::NotRecipient),
				by_pallet(Charlie, Error::<Runtime>::NotRecipient),
			]),
		),
		(
			wrap(Call::cancel { transfer }),
			For::Members(vec![
				by_pallet(Bob, Error::<Runtime>::NotSender),
				by_pallet(Charlie, Error::<Runtime>::NotSender),
			]),
		),
		(wrap(Call::clear_expired { transfer }), For::Members(vec![])),
	]
}

fn grants(passport: PassportId) -> Vec<(RuntimeCall, For)> {
	use pallet_access_grant::{Call, Error, GrantId, KeyEnvelope};
	let grant = GrantId(0);
	let envelope = KeyEnvelope {
		key_epoch: 0,
		bytes: [0; ENVELOPE_BYTES],
	};
	let decide = || {
		For::Members(vec![
			by_pallet(Bob, Error::<Runtime>::NotAuthorized),
			by_pallet(One, Error::<Runtime>::NotAuthorized),
		])
	};
	let wrap = RuntimeCall::AccessGrant;
	vec![
		(
			request(passport),
			For::Members(vec![
				by_pool(Alice, Error::<Runtime>::NotAllowedByAccessTable),
				// Art. 77(2)(b): authorities do not see data set 4.
				by_pallet(Ferdie, Error::<Runtime>::NotAllowedByAccessTable),
			]),
		),
		(
			wrap(Call::approve {
				grant,
				envelope: Some(envelope),
			}),
			decide(),
		),
		(wrap(Call::deny { grant }), decide()),
		(
			wrap(Call::revoke { grant }),
			For::Members(vec![by_pallet(Bob, Error::<Runtime>::NotParty)]),
		),
		(wrap(Call::renew_envelope { grant, envelope }), decide()),
		(
			wrap(Call::deposit_envelopes {
				passport,
				key_epoch: 0,
				envelopes: BoundedVec::default(),
			}),
			decide(),
		),
		(wrap(Call::clear_expired { grant }), For::Members(vec![])),
		(
			wrap(Call::set_access {
				audience: Audience::Authority,
				data_sets: DataSets::ALL,
			}),
			For::Council,
		),
		(
			wrap(Call::set_purpose {
				audience: Audience::Authority,
				purpose: Purpose::Valuation,
				data_sets: DataSets::ALL,
			}),
			For::Council,
		),
		(
			wrap(Call::set_demanding_authorities {
				authorities: BoundedVec::truncate_from(vec![MARKET_SURVEILLANCE]),
			}),
			For::Council,
		),
	]
}

fn telemetry(passport: PassportId) -> Vec<(RuntimeCall, For)> {
	use pallet_telemetry::{Call, Error, SubmittedFrame};
	let device = 0;
	let (public_key, proof) = device_key(passport, 2);
	let disputed = DisputedLeaf {
		anchor: AnchorId {
			bridge: CELL_WORKS,
			stream: 0,
			number: 0,
		},
		leaf: AnchoredLeaf {
			device,
			frame: BoundedVec::truncate_from(vec![0; 100]),
		},
		proof: InclusionProof {
			index: 0,
			siblings: BoundedVec::default(),
		},
	};
	let wrap = RuntimeCall::Telemetry;
	vec![
		(
			register_device(passport, 2),
			For::Members(vec![
				by_pallet(Bob, Error::<Runtime>::NotAuthorized),
				by_pallet(Dave, Error::<Runtime>::NotAuthorized),
			]),
		),
		(
			wrap(Call::register_bridge_device {
				passport,
				public_key,
				proof,
			}),
			For::Members(vec![
				by_pallet(Bob, Error::<Runtime>::NotAuthorized),
				by_pallet(Two, Error::<Runtime>::NotAuthorized),
			]),
		),
		(
			wrap(Call::revoke_device { device }),
			For::Members(vec![by_pallet(Bob, Error::<Runtime>::NotAuthorized)]),
		),
		(
			rotate_device_key(passport, 1, 2),
			For::Members(vec![by_pallet(Bob, Error::<Runtime>::NotAuthorized)]),
		),
		(
			wrap(Call::replace_device {
				device,
				public_key,
				proof,
			}),
			For::Members(vec![by_pallet(Bob, Error::<Runtime>::NotAuthorized)]),
		),
		(
			wrap(Call::reset_device {
				device,
				software: DocumentHash([1; 32]),
			}),
			For::Members(vec![by_pallet(Bob, Error::<Runtime>::NotAuthorized)]),
		),
		(
			wrap(Call::submit_frames {
				frames: BoundedVec::truncate_from(vec![SubmittedFrame {
					device,
					frame: BoundedVec::truncate_from(vec![0; 100]),
				}]),
			}),
			For::Members(vec![by_pool(Alice, Error::<Runtime>::NotAuthorized)]),
		),
		(
			// Whoever brings it, the device's signature decides.
			wrap(Call::submit_threshold_statement {
				device,
				statement: ThresholdStatement {
					threshold_bp: 7_000,
					at_or_above: true,
					made_at_seconds: 0,
				},
				signature: [0; 64],
			}),
			For::Members(vec![]),
		),
		(
			wrap(Call::set_state_of_health_threshold { threshold_bp: 8_000 }),
			For::Council,
		),
		(
			wrap(Call::anchor_batch {
				anchor: AnchoredBatch {
					stream: 0,
					number: 0,
					root: [1; 32],
					leaves: 1,
					readings: 1,
					content: BoundedVec::truncate_from(content_address::of_sha256(&[1; 32])),
				},
			}),
			For::Members(vec![by_pool(Alice, Error::<Runtime>::NotAuthorized)]),
		),
		(
			// Whoever shows it, the leaf decides.
			wrap(Call::dispute_signature {
				anchor: disputed.anchor,
				leaf: disputed.leaf.clone(),
				proof: disputed.proof.clone(),
			}),
			For::Members(vec![]),
		),
		(
			wrap(Call::dispute_replay {
				first: disputed.clone(),
				second: disputed,
			}),
			For::Members(vec![]),
		),
		(wrap(Call::allow_anchoring { bridge: CELL_WORKS }), For::Council),
		(
			// Whoever sends it, the age of the anchors decides.
			wrap(Call::prune_anchors {
				bridge: CELL_WORKS,
				stream: 0,
			}),
			For::Members(vec![]),
		),
	]
}

fn documents(passport: PassportId) -> Vec<(RuntimeCall, For)> {
	use pallet_documents::{Call, Error};
	vec![
		(
			anchor(passport, 2),
			For::Members(vec![
				by_pallet(Bob, Error::<Runtime>::NotAuthorized),
				by_pallet(Two, Error::<Runtime>::NotAuthorized),
			]),
		),
		(
			RuntimeCall::Documents(Call::withdraw {
				passport,
				document: 0,
			}),
			For::Members(vec![
				by_pallet(Bob, Error::<Runtime>::NotUploader),
				by_pallet(Eve, Error::<Runtime>::NotUploader),
			]),
		),
	]
}

fn table(passport: PassportId) -> Vec<(RuntimeCall, For)> {
	[
		organisations(),
		validators(),
		passports(passport),
		transfers(passport),
		grants(passport),
		telemetry(passport),
		documents(passport),
	]
	.into_iter()
	.flatten()
	.collect()
}

/// What the pallet of a call says to an account of no member, of one whose membership has ended, and of a suspended one.
fn standing_errors(call: &RuntimeCall) -> [DispatchError; 3] {
	match call {
		RuntimeCall::Organisations(_) => {
			use pallet_organisations::Error;
			[
				Error::<Runtime>::NotAMember.into(),
				Error::<Runtime>::MembershipEnded.into(),
				Error::<Runtime>::OrganisationSuspended.into(),
			]
		}
		RuntimeCall::Passport(_) => {
			use pallet_passport::Error;
			[
				Error::<Runtime>::NotAMember.into(),
				Error::<Runtime>::MembershipEnded.into(),
				Error::<Runtime>::Suspended.into(),
			]
		}
		RuntimeCall::OwnershipTransfer(_) => {
			use pallet_ownership_transfer::Error;
			[
				Error::<Runtime>::NotAMember.into(),
				Error::<Runtime>::MembershipEnded.into(),
				Error::<Runtime>::Suspended.into(),
			]
		}
		RuntimeCall::AccessGrant(_) => {
			use pallet_access_grant::Error;
			[
				Error::<Runtime>::NotAMember.into(),
				Error::<Runtime>::MembershipEnded.into(),
				Error::<Runtime>::Suspended.into(),
			]
		}
		RuntimeCall::Telemetry(_) => {
			use pallet_telemetry::Error;
			[
				Error::<Runtime>::NotAMember.into(),
				Error::<Runtime>::MembershipEnded.into(),
				Error::<Runtime>::OrganisationSuspended.into(),
			]
		}
		RuntimeCall::Documents(_) => {
			use pallet_documents::Error;
			[
				Error::<Runtime>::NotAMember.into(),
				Error::<Runtime>::MembershipEnded.into(),
				Error::<Runtime>::Suspended.into(),
			]
		}
		other => unreachable!("no call of a member's: {other:?}"),
	}
}

fn signed(key: Key) -> RuntimeOrigin {
	RuntimeOrigin::signed(key.to_account_id())
}

/// So many of the council's five.
fn council(votes: u32) -> RuntimeOrigin {
	pallet_collective::Origin::<Runtime, CouncilCollective>::Members(votes, 5).into()
}

/// The call fails with this error, whoever `who` describes sends it, and leaves nothing behind.
fn assert_refused(call: &RuntimeCall, origin: RuntimeOrigin, who: &str, expected: DispatchError) {
	let before = sp_io::storage::root(StateVersion::V1);
	let outcome = call
		.clone()
		.dispatch(origin)
		.map(drop)
		.map_err(|failed| failed.error);
	assert_eq!(outcome, Err(expected), "{who} sends {call:?}");
	let after = sp_io::storage::root(StateVersion::V1);
	assert_eq!(before, after, "{who} changed the storage by {call:?}");
}

fn assert_pool_says(call: &RuntimeCall, who: Key, expected: Result<(), PoolRefusal>) {
	let answer = Organisations::check_call(&who.to_account_id(), call).map(drop);
	assert_eq!(answer, expected, "{who:?} sends {call:?}");
}

/// The active members of every trade, the council's among them.
const ACTIVE: [Key; 8] = [Alice, Bob, Charlie, Dave, Eve, Ferdie, One, Two];

#[test]
fn every_call_is_refused_to_every_origin_that_it_is_not_for() {
	on_chain_with_a_battery(|passport| {
		for (call, whom) in table(passport) {
			let call = &call;
			assert_refused(call, RuntimeOrigin::none(), "nobody", DispatchError::BadOrigin);
			match whom {
				For::Council => {
					for who in ACTIVE.into_iter().chain([STRANGER, SUSPENDED, ENDED]) {
						assert_refused(call, signed(who), &format!("{who:?}"), DispatchError::BadOrigin);
					}
					assert_refused(call, council(3), "a minority", DispatchError::BadOrigin);
					assert_pool_says(call, Alice, Err(PoolRefusal::CallNotAllowed));
				}
				For::CouncilOr(account) => {
					for who in ACTIVE.into_iter().chain([STRANGER, SUSPENDED, ENDED]) {
						if who != account {
							assert_refused(call, signed(who), &format!("{who:?}"), DispatchError::BadOrigin);
						}
					}
					assert_refused(call, council(3), "a minority", DispatchError::BadOrigin);
				}
				For::Members(refused) => {
					assert_refused(call, RuntimeOrigin::root(), "root", DispatchError::BadOrigin);
					assert_refused(call, council(5), "the whole council", DispatchError::BadOrigin);
					let standing = [
						(STRANGER, PoolRefusal::NotAMember),
						(ENDED, PoolRefusal::MembershipEnded),
						(SUSPENDED, PoolRefusal::Suspended),
					];
					for ((who, reason), error) in standing.into_iter().zip(standing_errors(call)) {
						assert_refused(call, signed(who), &format!("{who:?}"), error);
						assert_pool_says(call, who, Err(reason));
					}
					for Refused { who, error, by_pool } in refused {
						assert_refused(call, signed(who), &format!("{who:?}"), error);
						let reason = if by_pool {
							Err(PoolRefusal::RoleNotAllowed)
						} else {
							Ok(())
						};
						assert_pool_says(call, who, reason);
					}
				}
			}
		}
	});
}

#[test]
fn no_call_of_the_ledger_is_missing_in_the_table() {
	let ledger = [
		Organisations::name(),
		Validators::name(),
		Passport::name(),
		OwnershipTransfer::name(),
		AccessGrant::name(),
		Telemetry::name(),
		Documents::name(),
	];
	let there_are: BTreeSet<_> = ledger
		.into_iter()
		.flat_map(|pallet| {
			RuntimeCall::get_call_names(pallet)
				.iter()
				.map(move |call| (pallet, *call))
		})
		.collect();
	on_chain_with_a_battery(|passport| {
		let tried: BTreeSet<_> = table(passport)
			.iter()
			.map(|(call, _)| {
				let names = call.get_call_metadata();
				(names.pallet_name, names.function_name)
			})
			.collect();
		assert_eq!(tried, there_are);
	});
}

#[test]
fn the_table_stands_on_what_it_says() {
	on_chain_with_a_battery(|passport| {
		// A refusal counts only where the thing is there, and the call would do something for whom it is for.
		let facts = <Passport as passport_primitives::ledger::Passports>::facts(&passport);
		assert_eq!(facts.map(|facts| facts.owner), Some(CELL_WORKS));
		assert!(pallet_ownership_transfer::Transfers::<Runtime>::contains_key(
			pallet_ownership_transfer::TransferId(0)
		));
		assert!(pallet_passport::WasteHandOvers::<Runtime>::contains_key(passport));
		assert!(pallet_access_grant::Grants::<Runtime>::contains_key(
			pallet_access_grant::GrantId(0)
		));
		assert!(Telemetry::state_of(0).is_some());
		assert!(pallet_documents::Documents::<Runtime>::contains_key(passport, 0));
		assert!(pallet_passport::RecyclingBatches::<Runtime>::contains_key(
			pallet_passport::RecyclingBatchId(0)
		));
		let roles = |key: Key| {
			<Organisations as passport_primitives::ledger::Membership<AccountId>>::active_member(
				&key.to_account_id(),
			)
		};
		assert!(ACTIVE.into_iter().all(|key| roles(key).is_ok()));
	});
}
