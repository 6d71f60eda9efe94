//! What the calls of the organisations pallet cost, and its transaction extension.

use super::setup::{self, account, accounts, bytes32, council, did, member, sign, signed};
use crate::{
	calls::PoolRules,
	configs::{CouncilCollective, MAX_AUTHORITIES},
	AccessGrant, AccountId, Block, BlockNumber, CouncilMembership, Documents, Hash, Organisations,
	OwnershipTransfer, Passport, Runtime, RuntimeCall, RuntimeOrigin, Signature, System, Telemetry,
};
use alloc::{boxed::Box, vec::Vec};
use codec::{Decode, Encode};
use core::hint::black_box;
use frame_benchmarking::v2::*;
use frame_support::{dispatch::GetDispatchInfo, traits::PalletInfoAccess};
use pallet_organisations::{
	linking::{as_wallets_sign, link_message, MAX_CONSENT_BLOCKS},
	Accounts, Call, CallRule, CheckMembership, ClassifyCall, Consumption, NextOrganisation, OrganisationOf,
	Quotas, RetiredAccounts, Usage,
};
use passport_primitives::{
	organisation::{OrganisationId, Roles, MAX_ACCOUNTS_PER_ORGANISATION},
	pool::MAX_CALL_NESTING,
};
use sp_runtime::traits::{DispatchTransaction, TrailingZeroInput, TransactionExtension};

/// The pallet, as a type of this crate: the macro implements a foreign trait for it.
pub struct Pallet<T: Config>(pallet_organisations::Pallet<T>);

/// The runtime: the setup speaks of its types alone.
pub trait Config:
	frame_system::Config<AccountId = AccountId, Block = Block, Hash = Hash, RuntimeOrigin = RuntimeOrigin>
	+ pallet_organisations::Config<Signature = Signature>
{
}

impl Config for Runtime {}

/// One account below the most, so that one can be linked.
const ROOM_FOR_ONE_ACCOUNT: u32 = MAX_ACCOUNTS_PER_ORGANISATION - 1;

/// Calls of different names in a batch: with each comes a read, whether it is paused. The ledger has little more than these, so
/// the further calls of a batch repeat names and cost less than what the measured line says of them.
const DISTINCT_CALLS: u32 = 30;

/// Wrappers around a call that stands in a batch.
const NESTED: u32 = MAX_CALL_NESTING as u32 - 1;

/// Most accounts that wrapped calls of one transaction are made for: of the 100 calls that a batch has room for, wrappers
/// counted, each fourth is wrapped three times.
const MOST_ACCOUNTS: u32 = 75;

/// Other signatories of a multisig, at most.
const OTHER_SIGNATORIES: u32 = 15;

/// The members that multisigs act for have the numbers from here on.
const FIRST_MULTISIG: u32 = 1_000;

/// A member that has a quota of its own and has used some of it.
fn member_with_quota() -> (OrganisationId, AccountId) {
	let (organisation, account) = member(1, Roles::ANY);
	Organisations::set_quota(council(), organisation, Some(u64::MAX)).expect("the quota is set");
	Usage::<Runtime>::insert(
		organisation,
		Consumption {
			period: 0,
			ref_time: 1,
		},
	);
	(organisation, account)
}

/// A council of as many seats as there can be, of which this account has one if it is given.
fn full_council(seated: Option<&AccountId>) {
	let others = (0..MAX_AUTHORITIES).map(|seat| AccountId::from(bytes32("seat", seat)));
	let seats = seated
		.cloned()
		.into_iter()
		.chain(others)
		.take(MAX_AUTHORITIES as usize)
		.collect();
	CouncilMembership::reset_members(council(), seats).expect("the council takes that many");
}

/// A batch of this many calls that a member with a seat may send, each of another name: a vote, then calls of the ledger. Their
/// arguments are zeros: they are looked at and not dispatched.
fn batch_of(count: u32, sender: &AccountId) -> RuntimeCall {
	let vote = pallet_collective::Call::<Runtime, CouncilCollective>::vote {
		proposal: Hash::zero(),
		index: 0,
		approve: true,
	};
	let ledger = [
		Passport::index(),
		OwnershipTransfer::index(),
		AccessGrant::index(),
		Telemetry::index(),
		Documents::index(),
	];
	let of_the_ledger = ledger
		.into_iter()
		.flat_map(|pallet| (0..=u8::MAX).map(move |call| [pallet as u8, call]))
		.filter_map(|indices| RuntimeCall::decode(&mut TrailingZeroInput::new(&indices)).ok())
		.filter(|call| Organisations::check_call(sender, call).is_ok());
	let calls: Vec<_> = core::iter::once(RuntimeCall::from(vote))
		.chain(of_the_ledger)
		.take(count as usize)
		.collect();
	assert_eq!(calls.len(), count as usize, "the ledger has fewer calls");
	pallet_utility::Call::<Runtime>::batch_all { calls }.into()
}

/// A batch of calls that are wrapped as often as the pool allows, each time for another multisig of 16 signatories, until it is
/// this many. Each of them acts for a member of its own: to ask for it is two reads. `None` for none.
fn batch_for(accounts_in_all: u32, sender: &AccountId) -> Option<RuntimeCall> {
	let mut calls = Vec::new();
	let mut made = 0;
	while made < accounts_in_all {
		let others: Vec<AccountId> = (0..OTHER_SIGNATORIES)
			.map(|n| bytes32("signatory", made * OTHER_SIGNATORIES + n).into())
			.collect();
		let mut call = RuntimeCall::from(frame_system::Call::<Runtime>::remark { remark: Vec::new() });
		let mut signer = sender.clone();
		for _ in 0..NESTED.min(accounts_in_all - made) {
			call = pallet_multisig::Call::<Runtime>::as_multi_threshold_1 {
				other_signatories: others.clone(),
				call: Box::new(call),
			}
			.into();
			signer = wrapped_for(&call, &signer).expect("the call is made for a multisig");
			let mut acting = accounts(FIRST_MULTISIG + made, MAX_ACCOUNTS_PER_ORGANISATION);
			acting[0] = signer.clone();
			setup::admit(FIRST_MULTISIG + made, Roles::ANY, acting);
			made += 1;
		}
		calls.push(call);
	}
	(!calls.is_empty()).then(|| pallet_utility::Call::<Runtime>::batch_all { calls }.into())
}

/// The account that a wrapper makes what it wraps for.
fn wrapped_for(call: &RuntimeCall, sender: &AccountId) -> Option<AccountId> {
	match PoolRules::classify(call, sender) {
		CallRule::Wraps(_, account) => account,
		_ => None,
	}
}

// No variable below has the name of a benchmark: the macro makes a type of each.
#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn admit() {
		let organisation = NextOrganisation::<Runtime>::get();
		let acting: Accounts<AccountId> = accounts(1, MAX_ACCOUNTS_PER_ORGANISATION)
			.try_into()
			.expect("16 accounts");

		#[extrinsic_call]
		_(
			council(),
			did(),
			Roles::ANY,
			bytes32("hpke", 1),
			Some(BlockNumber::MAX),
			acting,
		);

		for account in accounts(1, MAX_ACCOUNTS_PER_ORGANISATION) {
			assert_eq!(OrganisationOf::<Runtime>::get(account), Some(organisation));
		}
	}

	// Of the five calls the one that looks up its caller. The council's look up the organisation alone; what listens to a member
	// that was stopped is no part of this.
	#[benchmark]
	fn change_organisation() {
		let (organisation, account) = member(1, Roles::ANY);
		let key = bytes32("another hpke", 1);

		#[extrinsic_call]
		set_hpke_key(signed(&account), key);

		let member = pallet_organisations::Organisations::<Runtime>::get(organisation);
		assert_eq!(member.map(|member| member.hpke_public_key), Some(key));
	}

	// `MemberStoppedWeight` is no part of this: the member has no validator, so what is left of that is to read the list of them and
	// to ask for the few that take part. Nor is `VacateSeatsWeight`: it has no seat, and the list of those is read.
	#[benchmark]
	fn remove() {
		let (organisation, _) = member_with_quota();
		full_council(None);

		#[extrinsic_call]
		_(council(), organisation);

		assert!(!pallet_organisations::Organisations::<Runtime>::contains_key(
			organisation
		));
		assert!(!Quotas::<Runtime>::contains_key(organisation));
		assert!(!Usage::<Runtime>::contains_key(organisation));
		for account in accounts(1, MAX_ACCOUNTS_PER_ORGANISATION) {
			assert!(RetiredAccounts::<Runtime>::contains_key(account));
		}
	}

	// The proof is one that a wallet signed: two signatures are checked.
	#[benchmark]
	fn link_account() {
		let organisation = setup::admit(1, Roles::ANY, accounts(1, ROOM_FOR_ONE_ACCOUNT));
		let (caller, linked) = (account(1), account(2));
		let genesis_hash = System::block_hash(0u32);
		let message = link_message(
			genesis_hash.as_bytes(),
			organisation,
			&linked.encode(),
			MAX_CONSENT_BLOCKS,
		);
		let proof = sign(&linked, &as_wallets_sign(&message));

		#[extrinsic_call]
		_(signed(&caller), linked.clone(), MAX_CONSENT_BLOCKS, proof);

		assert_eq!(OrganisationOf::<Runtime>::get(linked), Some(organisation));
	}

	#[benchmark]
	fn link_account_by_council() {
		let organisation = setup::admit(1, Roles::ANY, accounts(1, ROOM_FOR_ONE_ACCOUNT));
		let linked = account(2);

		#[extrinsic_call]
		_(council(), organisation, linked.clone());

		assert_eq!(OrganisationOf::<Runtime>::get(linked), Some(organisation));
	}

	// The account that is found last.
	#[benchmark]
	fn unlink_account() {
		let (_, caller) = member(1, Roles::ANY);
		let unlinked = accounts(1, MAX_ACCOUNTS_PER_ORGANISATION)
			.pop()
			.expect("16 accounts");
		full_council(None);

		#[extrinsic_call]
		_(signed(&caller), unlinked.clone());

		assert!(!OrganisationOf::<Runtime>::contains_key(&unlinked));
		assert!(RetiredAccounts::<Runtime>::contains_key(unlinked));
	}

	#[benchmark]
	fn set_quota() {
		let (organisation, _) = member(1, Roles::ANY);

		#[extrinsic_call]
		_(council(), organisation, Some(u64::MAX));

		assert_eq!(Quotas::<Runtime>::get(organisation), Some(u64::MAX));
	}

	#[benchmark]
	fn authorize_upgrade() {
		#[extrinsic_call]
		_(council(), Hash::repeat_byte(1));

		assert!(System::authorized_upgrade().is_some());
	}

	// A batch of `c` calls goes through the whole extension; the batch itself is a call more, which keeps a lone call from being
	// paid too little. The accounts come with a second batch, which is looked at in the same way and not charged: a wrapper is a
	// call itself, so that in one transaction the number of the ones would bound that of the others. Each account is so paid
	// together with its wrapper.
	#[benchmark]
	fn check_membership(c: Linear<1, DISTINCT_CALLS>, a: Linear<0, MOST_ACCOUNTS>) {
		let (organisation, sender) = member_with_quota();
		full_council(Some(&sender));
		let batch = batch_of(c, &sender);
		let wrapped = batch_for(a, &sender);
		let extension = CheckMembership::<Runtime>::default();
		let mut info = batch.get_dispatch_info();
		let length_bytes = batch.encoded_size();

		#[block]
		{
			info.extension_weight = extension.weight(&batch);
			let _ = extension
				.test_run(signed(&sender), &batch, &info, length_bytes, 0, |_| Ok(().into()))
				.expect("the member may send it");
			if let Some(wrapped) = &wrapped {
				black_box(CheckMembership::<Runtime>::default().weight(wrapped));
				Organisations::check_call(&sender, wrapped).expect("the member may send it");
			}
		}

		let used = Usage::<Runtime>::get(organisation).map(|used| used.ref_time);
		assert!(used.is_some_and(|used| used > 1), "the quota is charged");
	}

	impl_benchmark_test_suite!(Pallet, crate::benchmarks::chain(), crate::Runtime);
}
