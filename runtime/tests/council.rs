//! The council is the only root outside the dev preset: everything that it decides is proposed, voted on and enacted by plain
//! calls of its members.

mod chain;

use chain::{admit_newcomer, check, enact, motion, on_local_chain, organisations, remark, send, YES};
use codec::Encode;
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo, traits::Contains, BoundedVec};
use passport_primitives::{
	battery::{Category, Commitment, DocumentHash},
	data_set::{Audience, DataSet, DataSets},
	ledger::{Membership, Passports},
	organisation::{OrganisationId, Role, Roles},
	pool::PoolRefusal,
};
use passport_runtime::{
	AccessGrant, AccountId, BlockNumber, CouncilCollective, Executive, Grandpa, Header, MotionDuration,
	Organisations, Passport, Runtime, RuntimeCall, RuntimeOrigin, SafeMode, Session, SessionBlocks,
	SessionKeys, System, Timestamp, TxPause, Validators, MILLISECONDS_PER_BLOCK,
};
use sp_consensus_aura::{sr25519::AuthorityId as AuraId, AURA_ENGINE_ID};
use sp_consensus_grandpa::AuthorityList;
use sp_core::{ed25519, proof_of_possession::statement_of_ownership, sr25519, Pair, H256};
use sp_keyring::Sr25519Keyring::{self as Key, Alice, Bob, Eve, Two};
use sp_runtime::{
	traits::{Dispatchable, Hash},
	Digest, DigestItem,
};

const CELL_WORKS: OrganisationId = OrganisationId(1);
const BATTERY_TRADE: OrganisationId = OrganisationId(2);

fn frames() -> RuntimeCall {
	RuntimeCall::Telemetry(pallet_telemetry::Call::submit_frames {
		frames: BoundedVec::default(),
	})
}

#[test]
fn fewer_than_two_thirds_enact_nothing() {
	on_local_chain(|| {
		assert_eq!(
			motion(admit_newcomer(), YES.len() - 1),
			None,
			"three of five have not decided"
		);
		assert_eq!(check(Key::FerdieStash, &remark()), Err(PoolRefusal::NotAMember));
	});
}

#[test]
fn who_does_not_vote_has_not_agreed() {
	on_local_chain(|| {
		let call = admit_newcomer();
		assert_eq!(motion(call.clone(), YES.len() - 1), None);
		// The time to vote is over, with three for it and two that said nothing.
		System::set_block_number(System::block_number() + MotionDuration::get());
		let weight = call.get_dispatch_info().call_weight;
		assert_ok!(send(
			Key::Alice,
			RuntimeCall::Council(pallet_collective::Call::close {
				proposal_hash: <Runtime as frame_system::Config>::Hashing::hash_of(&call),
				index: 0,
				proposal_weight_bound: weight,
				length_bound: call.encoded_size() as u32,
			})
		));
		System::assert_has_event(
			pallet_collective::Event::<Runtime, CouncilCollective>::Disapproved {
				proposal_hash: <Runtime as frame_system::Config>::Hashing::hash_of(&call),
			}
			.into(),
		);
		assert_eq!(check(Key::FerdieStash, &remark()), Err(PoolRefusal::NotAMember));
	});
}

#[test]
fn who_is_not_of_the_council_can_not_propose() {
	on_local_chain(|| {
		let propose = RuntimeCall::Council(pallet_collective::Call::propose {
			threshold: 1,
			proposal: Box::new(remark()),
			length_bound: 1_000,
		});
		assert_eq!(check(Eve, &propose), Err(PoolRefusal::NotSeated));
		// By another way than the pool, the collective refuses.
		assert_noop!(
			propose.dispatch(RuntimeOrigin::signed(Eve.to_account_id())),
			pallet_collective::Error::<Runtime, CouncilCollective>::NotMember
		);
	});
}

#[test]
fn nobody_alone_does_what_the_council_does() {
	on_local_chain(|| {
		let call = admit_newcomer();
		assert_eq!(check(Alice, &call), Err(PoolRefusal::CallNotAllowed));
		// By another way than the pool, the pallet refuses.
		assert_noop!(
			call.dispatch(RuntimeOrigin::signed(Alice.to_account_id())),
			sp_runtime::DispatchError::BadOrigin
		);
	});
}

#[test]
fn the_council_admits_changes_suspends_reinstates_ends_and_removes_members() {
	on_local_chain(|| {
		enact(admit_newcomer());
		let organisation = OrganisationId(12);
		assert_eq!(check(Key::FerdieStash, &remark()), Ok(()));
		enact(organisations(pallet_organisations::Call::set_roles {
			organisation,
			roles: Roles::of(&[Role::BridgeOperator]),
		}));
		assert_eq!(check(Key::FerdieStash, &frames()), Ok(()));
		enact(organisations(pallet_organisations::Call::suspend {
			organisation,
		}));
		assert_eq!(check(Key::FerdieStash, &remark()), Err(PoolRefusal::Suspended));
		enact(organisations(pallet_organisations::Call::reinstate {
			organisation,
		}));
		assert_eq!(check(Key::FerdieStash, &remark()), Ok(()));
		enact(organisations(pallet_organisations::Call::set_expiry {
			organisation,
			expires_at: Some(5),
		}));
		assert_eq!(
			check(Key::FerdieStash, &remark()),
			Err(PoolRefusal::MembershipEnded)
		);
		enact(organisations(pallet_organisations::Call::remove { organisation }));
		assert_eq!(check(Key::FerdieStash, &remark()), Err(PoolRefusal::NotAMember));
	});
}

#[test]
fn the_council_gives_a_member_another_quota() {
	on_local_chain(|| {
		enact(organisations(pallet_organisations::Call::set_quota {
			organisation: BATTERY_TRADE,
			ref_time_per_period: Some(1),
		}));
		assert_eq!(
			pallet_organisations::Quotas::<Runtime>::get(BATTERY_TRADE),
			Some(1)
		);
	});
}

#[test]
fn the_council_changes_the_access_table() {
	on_local_chain(|| {
		assert!(!AccessGrant::access_of(Audience::Authority).contains(DataSet::Individual));
		enact(RuntimeCall::AccessGrant(pallet_access_grant::Call::set_access {
			audience: Audience::Authority,
			data_sets: DataSets::ALL,
		}));
		assert!(AccessGrant::access_of(Audience::Authority).contains(DataSet::Individual));
	});
}

#[test]
fn a_suspended_member_sends_nothing_and_its_validator_stays_at_the_minimum() {
	on_local_chain(|| {
		enact(organisations(pallet_organisations::Call::suspend {
			organisation: BATTERY_TRADE,
		}));
		assert_eq!(check(Bob, &remark()), Err(PoolRefusal::Suspended));
		// Grants, delegations and devices ask this at the moment that they are used.
		assert_eq!(
			<Organisations as Membership<AccountId>>::active_roles(BATTERY_TRADE),
			None
		);
		// Its validator would leave three, which finalise nothing once one of them fails: it stays until there is another.
		assert!(Validators::validators().contains(&Bob.to_account_id()));
	});
}

/// The slot of a block of the validator in this place of the four.
fn slot_of(number: BlockNumber, place: u64) -> u64 {
	u64::from(number) * 4 + place
}

/// Begins a block of the validator in this place of the four.
fn begin_block(number: BlockNumber, place: u64) {
	System::set_block_number(number - 1);
	let slot = slot_of(number, place);
	Executive::initialize_block(&Header {
		parent_hash: H256::zero(),
		number,
		state_root: H256::zero(),
		extrinsics_root: H256::zero(),
		digest: Digest {
			logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())],
		},
	});
}

#[test]
fn validators_of_suspended_members_are_disabled_until_the_session_after_they_are_reinstated() {
	on_local_chain(|| {
		let suspend = |organisation| organisations(pallet_organisations::Call::suspend { organisation });
		// Two of four: the second and the third.
		enact(RuntimeCall::Utility(pallet_utility::Call::batch_all {
			calls: vec![suspend(OrganisationId(2)), suspend(OrganisationId(3))],
		}));
		assert_eq!(Session::disabled_validators(), [1, 2]);
		assert_ok!(Organisations::reinstate(RuntimeOrigin::root(), OrganisationId(2)));
		begin_block(11, 0);
		assert_eq!(Session::disabled_validators(), [1, 2]);
		begin_block(600, 0);
		assert_eq!(Session::disabled_validators(), [2]);
		begin_block(601, 1);
	});
}

#[test]
#[should_panic = "Validator with index 1 is disabled"]
fn a_suspended_members_validator_writes_no_block() {
	on_local_chain(|| {
		enact(organisations(pallet_organisations::Call::suspend {
			organisation: BATTERY_TRADE,
		}));
		begin_block(11, 1);
	});
}

#[test]
fn who_is_disabled_when_a_session_begins_may_write_the_block_that_begins_it() {
	on_local_chain(|| {
		enact(organisations(pallet_organisations::Call::set_expiry {
			organisation: BATTERY_TRADE,
			expires_at: Some(500),
		}));
		// Its author was drawn from the set before. Judged by the next one, it could be a block that nobody is allowed to write.
		begin_block(600, 1);
		assert_eq!(Session::disabled_validators(), [1]);
	});
}

#[test]
fn the_council_authorises_a_new_runtime_and_a_member_brings_it() {
	on_local_chain(|| {
		let code_hash = sp_core::H256([7; 32]);
		enact(organisations(pallet_organisations::Call::authorize_upgrade {
			code_hash,
		}));
		assert_eq!(
			System::authorized_upgrade().map(|upgrade| *upgrade.code_hash()),
			Some(code_hash)
		);
		let apply = RuntimeCall::System(frame_system::Call::apply_authorized_upgrade { code: vec![1] });
		assert_eq!(check(Eve, &apply), Ok(()));
		assert_noop!(send(Eve, apply), frame_system::Error::<Runtime>::Unauthorized);
	});
}

#[test]
fn in_safe_mode_the_council_acts_and_nothing_else() {
	on_local_chain(|| {
		enact(RuntimeCall::SafeMode(pallet_safe_mode::Call::force_enter {}));
		assert!(pallet_safe_mode::EnteredUntil::<Runtime>::exists());
		assert_eq!(check(Two, &frames()), Err(PoolRefusal::CallPaused));
		let hidden = RuntimeCall::Utility(pallet_utility::Call::batch {
			calls: vec![frames()],
		});
		assert_eq!(check(Two, &hidden), Err(PoolRefusal::CallPaused));
		// What the council decides on the ledger goes on.
		enact(RuntimeCall::Telemetry(
			pallet_telemetry::Call::set_state_of_health_threshold { threshold_bp: 8_000 },
		));
		// The way out is open.
		enact(RuntimeCall::SafeMode(pallet_safe_mode::Call::force_exit {}));
		assert_eq!(check(Two, &frames()), Ok(()));
	});
}

#[test]
fn what_was_stated_is_held_against_the_threshold_that_the_council_has_set_since() {
	on_local_chain(|| {
		let unique_identifier = b"https://id.example/01/09506000134352/21/X7Q2".to_vec();
		let passport = Passport::passport_id(&unique_identifier);
		let new = pallet_passport::NewPassport {
			unique_identifier: BoundedVec::truncate_from(unique_identifier),
			alias: None,
			category: Category::ElectricVehicle,
			commitments: [Some(Commitment([1; 32])), None, None, None],
			content_address: None,
			envelopes: BoundedVec::new(),
		};
		assert_ok!(send(
			Alice,
			RuntimeCall::Passport(pallet_passport::Call::register { new })
		));
		assert_eq!(
			Passport::record_threshold_statement(&passport, true, 7_000, DocumentHash([2; 32])),
			Ok(())
		);
		// Cell Works keeps its battery as waste.
		let discard = || {
			let maker = RuntimeOrigin::signed(Alice.to_account_id());
			Passport::hand_over_to_waste_operator(maker, passport, CELL_WORKS)
		};
		assert_noop!(discard(), pallet_passport::Error::<Runtime>::AboveThreshold);
		enact(RuntimeCall::Telemetry(
			pallet_telemetry::Call::set_state_of_health_threshold { threshold_bp: 7_001 },
		));
		assert_ok!(discard());
	});
}

#[test]
fn a_paused_call_is_refused_and_others_go_on() {
	on_local_chain(|| {
		let name = (
			BoundedVec::truncate_from(b"Telemetry".to_vec()),
			BoundedVec::truncate_from(b"submit_frames".to_vec()),
		);
		enact(RuntimeCall::TxPause(pallet_tx_pause::Call::pause {
			full_name: name.clone(),
		}));
		assert!(!TxPause::contains(&frames()));
		assert_eq!(check(Two, &frames()), Err(PoolRefusal::CallPaused));
		assert_eq!(check(Two, &remark()), Ok(()));
		enact(RuntimeCall::TxPause(pallet_tx_pause::Call::unpause {
			ident: name,
		}));
		assert_eq!(check(Two, &frames()), Ok(()));
	});
}

#[test]
fn what_the_way_out_needs_can_not_be_paused() {
	on_local_chain(|| {
		use frame_support::traits::GetCallMetadata;
		for (pallet, call) in [
			("Council", "vote"),
			("Organisations", "reinstate"),
			("Validators", "note_stalled"),
			("Passport", "take_over"),
			("AccessGrant", "set_access"),
			("AccessGrant", "set_purpose"),
			("AccessGrant", "set_demanding_authorities"),
			("Telemetry", "set_state_of_health_threshold"),
			("Telemetry", "allow_anchoring"),
		] {
			// Under another name it could be paused, and nobody would notice.
			assert!(
				RuntimeCall::get_call_names(pallet).contains(&call),
				"{pallet}.{call}"
			);
			let full_name = (
				BoundedVec::truncate_from(pallet.as_bytes().to_vec()),
				BoundedVec::truncate_from(call.as_bytes().to_vec()),
			);
			assert_eq!(
				motion(
					RuntimeCall::TxPause(pallet_tx_pause::Call::pause { full_name }),
					YES.len(),
				),
				Some(Err(pallet_tx_pause::Error::<Runtime>::Unpausable.into())),
				"{pallet}.{call}"
			);
		}
		assert!(SafeMode::contains(&remark()));
	});
}

#[test]
fn names_of_calls_fit_what_the_pause_compares() {
	use frame_support::traits::{Get, GetCallName};
	let longest = pallet_passport::Call::<Runtime>::get_call_names()
		.iter()
		.chain(pallet_organisations::Call::<Runtime>::get_call_names())
		.chain(pallet_access_grant::Call::<Runtime>::get_call_names())
		.chain(pallet_telemetry::Call::<Runtime>::get_call_names())
		.chain(pallet_ownership_transfer::Call::<Runtime>::get_call_names())
		.chain(pallet_documents::Call::<Runtime>::get_call_names())
		.chain(pallet_validators::Call::<Runtime>::get_call_names())
		.map(|name| name.len())
		.max();
	let bound = <<Runtime as pallet_tx_pause::Config>::MaxNameLen as Get<u32>>::get() as usize;
	assert!(longest < Some(bound), "{longest:?}");
}

/// The session keys of a member's node, Aura's and GRANDPA's, from the seed of its account as in the presets.
fn key_pairs(member: Key) -> (sr25519::Pair, ed25519::Pair) {
	let finality = ed25519::Pair::from_string(&member.to_seed(), None).expect("a well-known seed");
	(member.pair(), finality)
}

/// A member's account sets the keys of its node, with the proof that it has them.
fn set_keys(member: Key) {
	let (aura, grandpa) = key_pairs(member);
	let statement = statement_of_ownership(&member.to_account_id().encode());
	assert_ok!(send(
		member,
		RuntimeCall::Session(pallet_session::Call::set_keys {
			keys: SessionKeys {
				aura: aura.public().into(),
				grandpa: grandpa.public().into(),
			},
			proof: (aura.sign(&statement), grandpa.sign(&statement)).encode(),
		})
	));
}

/// The whole block that ends the session, by every hook of the runtime.
fn end_session() {
	let number = (System::block_number() / SessionBlocks::get() + 1) * SessionBlocks::get();
	begin_block(number, 0);
	assert_ok!(Timestamp::set(
		RuntimeOrigin::none(),
		slot_of(number, 0) * MILLISECONDS_PER_BLOCK
	));
	Executive::finalize_block();
}

/// The session pallet, Aura and GRANDPA have the validators of these members, in this order.
fn assert_take_part(members: &[Key]) {
	let accounts: Vec<AccountId> = members.iter().map(|member| member.to_account_id()).collect();
	assert_eq!(Session::validators(), accounts);
	let pairs = || members.iter().map(|member| key_pairs(*member));
	let aura: Vec<AuraId> = pairs().map(|(aura, _)| aura.public().into()).collect();
	let grandpa: AuthorityList = pairs().map(|(_, grandpa)| (grandpa.public().into(), 1)).collect();
	assert_eq!(pallet_aura::Authorities::<Runtime>::get().into_inner(), aura);
	assert_eq!(Grandpa::grandpa_authorities(), grandpa);
}

#[test]
fn the_council_adds_replaces_and_removes_a_validator() {
	use pallet_validators::Call;
	on_local_chain(|| {
		let (eve, ferdie) = (Eve.to_account_id(), Key::Ferdie.to_account_id());
		let genesis = [Alice, Bob, Key::Charlie, Key::Dave];
		// What is decided in a session is planned when it ends, and takes part when the next one ends.
		let decide = |call: Call<Runtime>, before: &[Key], after: &[Key]| {
			enact(RuntimeCall::Validators(call));
			assert_take_part(before);
			end_session();
			assert_take_part(before);
			end_session();
			assert_take_part(after);
		};

		let add = Call::<Runtime>::add_validator {
			validator: eve.clone(),
		};
		assert_eq!(
			motion(RuntimeCall::Validators(add.clone()), YES.len()),
			Some(Err(pallet_validators::Error::<Runtime>::KeysNotSet.into()))
		);
		set_keys(Eve);
		let with_eve = [Alice, Bob, Key::Charlie, Key::Dave, Eve];
		decide(add, &genesis, &with_eve);

		set_keys(Key::Ferdie);
		let with_ferdie = [Alice, Bob, Key::Charlie, Key::Dave, Key::Ferdie];
		let replace = Call::<Runtime>::replace_validator {
			validator: eve.clone(),
			by: ferdie.clone(),
		};
		decide(replace, &with_eve, &with_ferdie);
		assert!(
			!pallet_session::NextKeys::<Runtime>::contains_key(&eve),
			"keys are left of the one that went"
		);

		let remove = Call::<Runtime>::remove_validator { validator: ferdie };
		decide(remove, &with_ferdie, &genesis);
		// Four are the minimum.
		let one_more = Call::<Runtime>::remove_validator {
			validator: Bob.to_account_id(),
		};
		assert_eq!(
			motion(RuntimeCall::Validators(one_more), YES.len()),
			Some(Err(pallet_validators::Error::<Runtime>::BelowMinimum.into()))
		);
	});
}
