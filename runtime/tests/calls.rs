//! Who may send which call: the list in `calls.rs`, asked as the pool asks it.

mod chain;

use chain::{batch, check, proxied, remark};
use frame_support::{traits::InstanceFilter, BoundedVec};
use passport_primitives::{
	organisation::{OrganisationId, Roles},
	pool::PoolRefusal,
	telemetry::anchor::{AnchorId, AnchoredBatch, AnchoredLeaf, DisputedLeaf, InclusionProof},
};
use passport_runtime::{genesis, AccountId, ProxyType, Runtime, RuntimeCall, RuntimeOrigin};
use sp_keyring::Sr25519Keyring::{self as Key, Alice, Bob, Dave, Eve, Two};
use sp_runtime::BuildStorage;

fn on_dev_chain(test: impl FnOnce()) {
	let members = genesis::TEST_ORGANISATIONS
		.iter()
		.map(|organisation| pallet_organisations::GenesisMember {
			did: format!("did:web:{}.example", organisation.name),
			roles: organisation.roles.bits(),
			hpke_public_key: organisation.hpke_public_key,
			accounts: vec![organisation.account.to_account_id()],
			quota: None,
		})
		.collect();
	let config = passport_runtime::RuntimeGenesisConfig {
		organisations: passport_runtime::OrganisationsConfig { members },
		..Default::default()
	};
	let mut externalities: sp_io::TestExternalities = config.build_storage().expect("it builds").into();
	externalities.execute_with(|| {
		frame_system::Pallet::<Runtime>::set_block_number(10);
		test();
	});
}

fn frames() -> RuntimeCall {
	RuntimeCall::Telemetry(pallet_telemetry::Call::submit_frames {
		frames: BoundedVec::default(),
	})
}

fn multisig(with: Key, call: RuntimeCall) -> RuntimeCall {
	RuntimeCall::Multisig(pallet_multisig::Call::as_multi_threshold_1 {
		other_signatories: vec![with.to_account_id()],
		call: Box::new(call),
	})
}

#[test]
fn a_role_opens_its_calls_and_no_others() {
	on_dev_chain(|| {
		assert_eq!(check(Two, &frames()), Ok(()));
		assert_eq!(check(Alice, &frames()), Err(PoolRefusal::RoleNotAllowed));
		assert_eq!(check(Alice, &remark()), Ok(()));
		let close = RuntimeCall::Passport(pallet_passport::Call::close_as_recycled {
			passport: Default::default(),
			batch: Default::default(),
			evidence: Default::default(),
		});
		assert_eq!(check(Eve, &close), Ok(()));
		assert_eq!(check(Bob, &close), Err(PoolRefusal::RoleNotAllowed));
		// Who may accept or withdraw follows from the offer: the pallet decides, whatever the role.
		let passport = Default::default();
		for call in [
			pallet_passport::Call::accept_waste_hand_over { passport },
			pallet_passport::Call::withdraw_waste_hand_over { passport },
		] {
			let call = RuntimeCall::Passport(call);
			assert_eq!(check(Eve, &call), Ok(()));
			assert_eq!(check(Bob, &call), Ok(()));
		}
		// Who manages a device follows from its battery.
		let (device, public_key, proof) = (0, [0; 32], [0; 64]);
		for call in [
			pallet_telemetry::Call::register_bridge_device {
				passport,
				public_key,
				proof,
			},
			pallet_telemetry::Call::rotate_device_key {
				device,
				public_key,
				from_sequence: 1,
				proof,
				consent: proof,
			},
			pallet_telemetry::Call::replace_device {
				device,
				public_key,
				proof,
			},
			pallet_telemetry::Call::reset_device {
				device,
				software: Default::default(),
			},
		] {
			let call = RuntimeCall::Telemetry(call);
			assert_eq!(check(Eve, &call), Ok(()));
			assert_eq!(check(Bob, &call), Ok(()));
			assert!(!ProxyType::Telemetry.filter(&call) && ProxyType::Ledger.filter(&call));
		}
	});
}

#[test]
fn a_stranger_a_suspended_and_an_ended_member_are_refused_each_with_its_reason() {
	on_dev_chain(|| {
		assert_eq!(check(Key::AliceStash, &remark()), Err(PoolRefusal::NotAMember));
		let root = RuntimeOrigin::root;
		pallet_organisations::Pallet::<Runtime>::suspend(root(), OrganisationId(2))
			.expect("Bob's organisation");
		assert_eq!(check(Bob, &remark()), Err(PoolRefusal::Suspended));
		pallet_organisations::Pallet::<Runtime>::set_expiry(root(), OrganisationId(4), Some(10))
			.expect("Dave's");
		assert_eq!(check(Dave, &remark()), Ok(()));
		pallet_organisations::Pallet::<Runtime>::set_expiry(root(), OrganisationId(4), Some(9))
			.expect("Dave's");
		assert_eq!(check(Dave, &remark()), Err(PoolRefusal::MembershipEnded));
	});
}

#[test]
fn wrappers_are_looked_into() {
	on_dev_chain(|| {
		assert_eq!(check(Two, &batch(vec![remark(), frames()])), Ok(()));
		assert_eq!(
			check(Alice, &batch(vec![remark(), frames()])),
			Err(PoolRefusal::RoleNotAllowed)
		);
		assert_eq!(
			check(Alice, &batch(vec![batch(vec![frames()])])),
			Err(PoolRefusal::RoleNotAllowed)
		);
		// A proxy acts with the roles of the account it stands for, and has to be a member itself.
		assert_eq!(check(Alice, &proxied(Two, frames())), Ok(()));
		assert_eq!(
			check(Two, &proxied(Alice, frames())),
			Err(PoolRefusal::RoleNotAllowed)
		);
		assert_eq!(
			check(Key::AliceStash, &proxied(Two, frames())),
			Err(PoolRefusal::NotAMember)
		);
		assert_eq!(
			check(Two, &proxied(Key::AliceStash, remark())),
			Err(PoolRefusal::NotAMember)
		);
		// The account of a multisig is a member or it is not; its signatories' roles do not count.
		assert_eq!(
			check(Two, &multisig(Alice, frames())),
			Err(PoolRefusal::NotAMember)
		);
		let approval = RuntimeCall::Multisig(pallet_multisig::Call::approve_as_multi {
			threshold: 1,
			other_signatories: vec![Alice.to_account_id()],
			maybe_timepoint: None,
			call_hash: [0; 32],
			max_weight: Default::default(),
		});
		assert_eq!(check(Two, &approval), Err(PoolRefusal::NotAMember));
		let account: AccountId = {
			let mut signatories = vec![Two.to_account_id(), Alice.to_account_id()];
			signatories.sort();
			pallet_multisig::Pallet::<Runtime>::multi_account_id(&signatories, 1)
		};
		// The account of a multisig has no key to consent with: the council links it.
		pallet_organisations::Pallet::<Runtime>::link_account_by_council(
			RuntimeOrigin::root(),
			OrganisationId(8),
			account,
		)
		.expect("the bridge operator's multisig is linked");
		assert_eq!(check(Two, &multisig(Alice, frames())), Ok(()));
		assert_eq!(check(Two, &approval), Ok(()));
	});
}

#[test]
fn wrappers_are_bounded_in_depth_and_number() {
	on_dev_chain(|| {
		let nested = |depth| (0..depth).fold(remark(), |call, _| batch(vec![call]));
		assert_eq!(check(Alice, &nested(4)), Ok(()));
		assert_eq!(check(Alice, &nested(5)), Err(PoolRefusal::NestedTooDeep));
		assert_eq!(check(Alice, &batch(vec![remark(); 100])), Ok(()));
		assert_eq!(
			check(Alice, &batch(vec![remark(); 101])),
			Err(PoolRefusal::TooManyCalls)
		);
	});
}

#[test]
fn what_only_the_council_or_the_chain_does_no_account_can_send() {
	on_dev_chain(|| {
		let calls = [
			RuntimeCall::Timestamp(pallet_timestamp::Call::set { now: 1 }),
			RuntimeCall::System(frame_system::Call::set_code { code: vec![] }),
			RuntimeCall::Organisations(pallet_organisations::Call::suspend {
				organisation: OrganisationId(1),
			}),
			RuntimeCall::Organisations(pallet_organisations::Call::set_roles {
				organisation: OrganisationId(1),
				roles: Roles::ANY,
			}),
			RuntimeCall::Validators(pallet_validators::Call::remove_validator {
				validator: Alice.to_account_id(),
			}),
			RuntimeCall::Utility(pallet_utility::Call::dispatch_as {
				as_origin: Box::new(frame_system::RawOrigin::Root.into()),
				call: Box::new(remark()),
			}),
			RuntimeCall::Proxy(pallet_proxy::Call::create_pure {
				proxy_type: ProxyType::Any,
				delay: 0,
				index: 0,
			}),
		];
		for call in calls {
			assert_eq!(check(Alice, &call), Err(PoolRefusal::CallNotAllowed), "{call:?}");
			assert_eq!(check(Alice, &batch(vec![call])), Err(PoolRefusal::CallNotAllowed));
		}
	});
}

#[test]
fn bridges_anchor_any_member_disputes_and_prunes_and_the_council_allows_again() {
	let bridge = OrganisationId(8);
	let shown = DisputedLeaf {
		anchor: AnchorId {
			bridge,
			stream: 0,
			number: 0,
		},
		leaf: AnchoredLeaf {
			device: 0,
			frame: BoundedVec::default(),
		},
		proof: InclusionProof {
			index: 0,
			siblings: BoundedVec::default(),
		},
	};
	let wrap = RuntimeCall::Telemetry;
	let anchor = wrap(pallet_telemetry::Call::anchor_batch {
		anchor: AnchoredBatch {
			stream: 0,
			number: 0,
			root: [1; 32],
			leaves: 1,
			readings: 1,
			content: BoundedVec::default(),
		},
	});
	let disputes = [
		wrap(pallet_telemetry::Call::prune_anchors { bridge, stream: 0 }),
		wrap(pallet_telemetry::Call::dispute_signature {
			anchor: shown.anchor,
			leaf: shown.leaf.clone(),
			proof: shown.proof.clone(),
		}),
		wrap(pallet_telemetry::Call::dispute_replay {
			first: shown.clone(),
			second: shown,
		}),
	];
	let allow = wrap(pallet_telemetry::Call::allow_anchoring { bridge });
	on_dev_chain(|| {
		assert_eq!(check(Two, &anchor), Ok(()));
		assert_eq!(check(Alice, &anchor), Err(PoolRefusal::RoleNotAllowed));
		for key in [Alice, Bob, Dave, Eve, Two] {
			for dispute in &disputes {
				assert_eq!(check(key, dispute), Ok(()));
			}
			assert_eq!(check(key, &allow), Err(PoolRefusal::CallNotAllowed));
		}
	});
	// A bridge's hot key anchors, and that is all.
	assert!(ProxyType::Telemetry.filter(&anchor));
	for dispute in &disputes {
		assert!(!ProxyType::Telemetry.filter(dispute));
		assert!(ProxyType::Ledger.filter(dispute));
	}
}
