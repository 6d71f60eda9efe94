//! The council is the only root outside the dev preset: everything that it decides is proposed, voted on and enacted by plain
//! calls of its members.

mod chain;

use chain::{enact, motion, on_local_chain, send, YES};
use codec::Encode;
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo, traits::Contains, BoundedVec};
use passport_primitives::{
	data_set::{Audience, DataSet, DataSets},
	ledger::Membership,
	organisation::{OrganisationId, Role, Roles},
	pool::PoolRefusal,
};
use passport_runtime::{
	AccessGrant, AccountId, CouncilCollective, MotionDuration, Organisations, Runtime, RuntimeCall,
	RuntimeOrigin, SafeMode, System, TxPause, Validators,
};
use sp_keyring::Sr25519Keyring::{self as Key, Alice, Bob, Eve, Two};
use sp_runtime::traits::{Dispatchable, Hash};

const BATTERY_TRADE: OrganisationId = OrganisationId(2);

fn organisations(call: pallet_organisations::Call<Runtime>) -> RuntimeCall {
	RuntimeCall::Organisations(call)
}

fn admit_newcomer() -> RuntimeCall {
	organisations(pallet_organisations::Call::admit {
		did: BoundedVec::truncate_from(b"did:web:newcomer.example".to_vec()),
		roles: Roles::of(&[Role::Recycler]),
		hpke_public_key: [9; 32],
		expires_at: None,
		accounts: BoundedVec::truncate_from(vec![Key::FerdieStash.to_account_id()]),
	})
}

fn check(sender: Key, call: &RuntimeCall) -> Result<(), PoolRefusal> {
	Organisations::check_call(&sender.to_account_id(), call).map(drop)
}

fn remark() -> RuntimeCall {
	RuntimeCall::System(frame_system::Call::remark { remark: vec![] })
}

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
		assert_noop!(
			send(
				Eve,
				RuntimeCall::Council(pallet_collective::Call::propose {
					threshold: 1,
					proposal: Box::new(remark()),
					length_bound: 1_000,
				})
			),
			pallet_collective::Error::<Runtime, pallet_collective::Instance1>::NotMember
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
fn suspending_an_organisation_stops_what_it_does_and_what_others_have_from_it() {
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
		let name = (
			BoundedVec::truncate_from(b"Council".to_vec()),
			BoundedVec::truncate_from(b"vote".to_vec()),
		);
		let outcome = motion(
			RuntimeCall::TxPause(pallet_tx_pause::Call::pause { full_name: name }),
			YES.len(),
		);
		assert_eq!(
			outcome,
			Some(Err(pallet_tx_pause::Error::<Runtime>::Unpausable.into()))
		);
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
