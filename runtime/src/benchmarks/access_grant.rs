//! What the calls of the access-grant pallet cost, and what it does for the passport pallet.

use super::{
	setup::{council, device, member, passport, signed},
	setup_passports::{delegated, Member, OPERATOR},
};
use crate::{
	configs::MaxGrantBlocks, AccessGrant, AccountId, Block, BlockNumber, Organisations, Runtime,
	RuntimeOrigin, System, Telemetry,
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use frame_benchmarking::v2::*;
use frame_support::traits::Get;
use pallet_access_grant::{
	AccessTable, AuthorityEnvelopeList, AuthorityEnvelopesOf, Call, DemandingAuthorities,
	DemandingAuthorityList, GrantId, Grants, GrantsOf, GrantsTo, KeyEnvelope, NextGrantId, PurposeTable,
	RequestOf, MAX_AUTHORITY_ENVELOPES, MAX_DEMANDING_AUTHORITIES, MAX_ENVELOPES_PER_AUTHORITY,
};
use passport_primitives::{
	battery::PassportId,
	data_set::{Audience, DataSet, DataSets, Purpose},
	ledger::{
		AuthorityEnvelope, AuthorityEnvelopes as _, KeyEpochs as _, OnPassportClosed as _, ENVELOPE_BYTES,
	},
	organisation::{Role, Roles},
};

/// The pallet, as a type of this crate: the macro implements a foreign trait for it.
pub struct Pallet<T: Config>(pallet_access_grant::Pallet<T>);

/// The runtime: the setup speaks of its types alone.
pub trait Config:
	frame_system::Config<AccountId = AccountId, Block = Block, RuntimeOrigin = RuntimeOrigin>
	+ pallet_access_grant::Config
{
}

impl Config for Runtime {}

/// Who has a legitimate interest.
const GRANTEE: Roles = Roles::of(&[Role::DataBroker]);

/// The member that asks for access.
const ASKING: u32 = 1;

/// The member that has all other grants.
const OTHER: u32 = 2;

/// The members that ask for access when many do have the numbers from here on.
const FIRST_ASKING: u32 = 100;

/// The authorities that envelopes are demanded for have the numbers from here on.
const FIRST_AUTHORITY: u32 = 200;

/// Those that they were demanded for before.
const FIRST_FORMER_AUTHORITY: u32 = 300;

/// Most requests and grants under one passport.
fn most() -> u32 {
	<Runtime as pallet_access_grant::Config>::MaxGrantsPerPassport::get()
}

/// The council has decided on every cell of the table, so that each is read and not made up, and shows everything that it can.
fn decide_on_the_table() {
	for audience in Audience::ALL {
		let data_sets = match audience {
			Audience::Public => DataSets::of(&[DataSet::Model]),
			Audience::Authority | Audience::LegitimateInterest => DataSets::ALL,
		};
		AccessGrant::set_access(council(), audience, data_sets).expect("the council may");
		for purpose in Purpose::ALL {
			AccessGrant::set_purpose(council(), audience, purpose, data_sets).expect("the council may");
		}
	}
}

/// A passport with a device, under the council's table, and who decides on it: the last one of its eight delegates.
fn decided_by_delegate() -> (PassportId, Member) {
	decide_on_the_table();
	let (passport, operator, delegate) = delegated();
	device(&operator, passport, 0);
	(passport, delegate)
}

/// Epoch of the key of the passport's device.
fn key_epoch(passport: PassportId) -> u32 {
	Telemetry::current(&passport).expect("the passport has a device")
}

/// A key of the current epoch.
fn key_envelope(passport: PassportId, byte: u8) -> KeyEnvelope {
	KeyEnvelope {
		key_epoch: key_epoch(passport),
		bytes: [byte; ENVELOPE_BYTES],
	}
}

/// Asks for everything.
fn requested(grantee: &AccountId, passport: PassportId, duration_blocks: BlockNumber) -> GrantId {
	let grant = NextGrantId::<Runtime>::get();
	AccessGrant::request(
		signed(grantee),
		passport,
		DataSets::ALL,
		Purpose::Valuation,
		duration_blocks,
	)
	.expect("access is asked for");
	grant
}

/// Asks for everything, and has it granted with a key.
fn granted(
	decider: &AccountId,
	grantee: &AccountId,
	passport: PassportId,
	duration_blocks: BlockNumber,
) -> GrantId {
	let grant = requested(grantee, passport, duration_blocks);
	let envelope = Some(key_envelope(passport, 1));
	AccessGrant::approve(signed(decider), grant, envelope).expect("access is granted");
	grant
}

/// Gives a passport all the grants that it has room for, besides one that it has.
fn fill_up(decider: &AccountId, passport: PassportId) {
	let (_, other) = member(OTHER, GRANTEE);
	for _ in 1..most() {
		granted(decider, &other, passport, MaxGrantBlocks::get());
	}
	assert_eq!(GrantsOf::<Runtime>::get(passport).len() as u32, most());
}

/// As many authorities as can be named, admitted as the members `first` and so on.
fn authorities(first: u32) -> DemandingAuthorityList {
	let admitted: Vec<_> = (first..first + MAX_DEMANDING_AUTHORITIES)
		.map(|n| member(n, Roles::of(&[Role::Authority])).0)
		.collect();
	admitted.try_into().expect("within the bound")
}

/// The council names as many authorities as it can. Returns all the envelopes that are demanded for them.
fn name_authorities(first: u32) -> AuthorityEnvelopeList {
	let named = authorities(first);
	AccessGrant::set_demanding_authorities(council(), named.clone()).expect("the council may");
	let envelopes: Vec<_> = named
		.into_iter()
		.flat_map(|authority| {
			[DataSet::Composition, DataSet::TestReports, DataSet::Individual].map(|data_set| {
				AuthorityEnvelope {
					authority,
					data_set,
					bytes: [1; ENVELOPE_BYTES],
				}
			})
		})
		.collect();
	assert_eq!(envelopes.len() as u32, MAX_AUTHORITY_ENVELOPES);
	envelopes.try_into().expect("within the bound")
}

/// As many authorities as can be named have all the envelopes of a passport that are demanded for them: nothing is due.
fn provide_authorities(decider: &AccountId, passport: PassportId, first: u32) {
	let envelopes = name_authorities(first);
	AccessGrant::deposit_envelopes(signed(decider), passport, key_epoch(passport), envelopes)
		.expect("the envelopes are taken");
}

/// The same, of authorities that the council then names no more. Returns the envelopes that are due now.
fn replace_authorities(decider: &AccountId, passport: PassportId) -> AuthorityEnvelopeList {
	provide_authorities(decider, passport, FIRST_FORMER_AUTHORITY);
	name_authorities(FIRST_AUTHORITY)
}

/// That every authority that is named has its envelopes under a passport, and nobody else has any.
fn assert_named_alone_are_provided(passport: PassportId) {
	let named = DemandingAuthorities::<Runtime>::get();
	for authority in &named {
		let envelopes = AuthorityEnvelopesOf::<Runtime>::get(passport, authority);
		assert_eq!(envelopes.len() as u32, MAX_ENVELOPES_PER_AUTHORITY);
	}
	assert_eq!(
		AuthorityEnvelopesOf::<Runtime>::iter_key_prefix(passport).count(),
		named.len()
	);
}

/// That a request or grant is gone, and the passport has one less.
fn assert_ended(grant: GrantId, passport: PassportId) {
	assert!(!Grants::<Runtime>::contains_key(grant));
	assert_eq!(GrantsOf::<Runtime>::get(passport).len() as u32, most() - 1);
}

// No variable below has the name of a benchmark: the macro makes a type of each.
#[benchmarks]
mod benchmarks {
	use super::*;

	// A request of the same organisation has lapsed, and the passport has no room but what that leaves.
	#[benchmark]
	fn request() {
		let (passport, (_, decider)) = decided_by_delegate();
		let (grantee, account) = member(ASKING, GRANTEE);
		let lapsed = requested(&account, passport, MaxGrantBlocks::get());
		fill_up(&decider, passport);
		System::set_block_number(MaxGrantBlocks::get() + 1);
		let grant = NextGrantId::<Runtime>::get();

		#[extrinsic_call]
		_(
			signed(&account),
			passport,
			DataSets::ALL,
			Purpose::Valuation,
			MaxGrantBlocks::get(),
		);

		assert!(!Grants::<Runtime>::contains_key(lapsed));
		assert!(Grants::<Runtime>::contains_key(grant));
		assert_eq!(RequestOf::<Runtime>::get(passport, grantee), Some(grant));
		assert_eq!(GrantsOf::<Runtime>::get(passport).len() as u32, most());
	}

	// Whether envelopes are due is a part of this: the call adds no other weight for it.
	#[benchmark]
	fn approve() {
		let (passport, (delegate, decider)) = decided_by_delegate();
		let (grantee, account) = member(ASKING, GRANTEE);
		let grant = requested(&account, passport, MaxGrantBlocks::get());
		provide_authorities(&decider, passport, FIRST_AUTHORITY);
		let envelope = key_envelope(passport, 2);

		#[extrinsic_call]
		_(signed(&decider), grant, Some(envelope));

		let approved = Grants::<Runtime>::get(grant).expect("the grant is there");
		assert_eq!(approved.delegate(), Some(delegate));
		assert_eq!(approved.envelope(), Some(&envelope));
		assert!(!RequestOf::<Runtime>::contains_key(passport, grantee));
	}

	#[benchmark]
	fn deny() {
		let (passport, (_, decider)) = decided_by_delegate();
		let (grantee, account) = member(ASKING, GRANTEE);
		let grant = requested(&account, passport, MaxGrantBlocks::get());
		fill_up(&decider, passport);

		#[extrinsic_call]
		_(signed(&decider), grant);

		assert_ended(grant, passport);
		assert!(!RequestOf::<Runtime>::contains_key(passport, grantee));
	}

	#[benchmark]
	fn revoke() {
		let (passport, (_, decider)) = decided_by_delegate();
		let (_, account) = member(ASKING, GRANTEE);
		let grant = granted(&decider, &account, passport, MaxGrantBlocks::get());
		fill_up(&decider, passport);
		let before = key_epoch(passport);

		#[extrinsic_call]
		_(signed(&decider), grant);

		assert_ended(grant, passport);
		assert_eq!(key_epoch(passport), before + 1);
	}

	#[benchmark]
	fn set_access() {
		#[extrinsic_call]
		_(council(), Audience::Authority, DataSets::ALL);

		assert_eq!(
			AccessTable::<Runtime>::get(Audience::Authority),
			Some(DataSets::ALL)
		);
	}

	#[benchmark]
	fn set_purpose() {
		#[extrinsic_call]
		_(
			council(),
			Audience::Authority,
			Purpose::Surveillance,
			DataSets::ALL,
		);

		assert_eq!(
			PurposeTable::<Runtime>::get(Audience::Authority, Purpose::Surveillance),
			Some(DataSets::ALL)
		);
	}

	#[benchmark]
	fn set_demanding_authorities() {
		let named = authorities(FIRST_AUTHORITY);

		#[extrinsic_call]
		_(council(), named.clone());

		assert_eq!(DemandingAuthorities::<Runtime>::get(), named);
	}

	#[benchmark]
	fn deposit_envelopes() {
		let (passport, (_, decider)) = decided_by_delegate();
		let envelopes = replace_authorities(&decider, passport);

		#[extrinsic_call]
		_(signed(&decider), passport, key_epoch(passport), envelopes);

		assert_named_alone_are_provided(passport);
	}

	// A grant with a key: clearing a request away begins no epoch.
	#[benchmark]
	fn clear_expired() {
		let (passport, (_, decider)) = decided_by_delegate();
		let (_, account) = member(ASKING, GRANTEE);
		let grant = granted(&decider, &account, passport, 1);
		fill_up(&decider, passport);
		let before = key_epoch(passport);
		System::set_block_number(2);

		#[extrinsic_call]
		_(signed(&account), grant);

		assert_ended(grant, passport);
		assert_eq!(key_epoch(passport), before + 1);
	}

	// Whether envelopes are due is a part of this, as of `approve`.
	#[benchmark]
	fn renew_envelope() {
		let (passport, (_, decider)) = decided_by_delegate();
		let (_, account) = member(ASKING, GRANTEE);
		let grant = granted(&decider, &account, passport, MaxGrantBlocks::get());
		provide_authorities(&decider, passport, FIRST_AUTHORITY);
		let envelope = key_envelope(passport, 2);

		#[extrinsic_call]
		_(signed(&decider), grant, envelope);

		let renewed = Grants::<Runtime>::get(grant).expect("the grant is there");
		assert_eq!(renewed.envelope(), Some(&envelope));
	}

	// Eight authorities are named, as many as can be, and `a` of them get envelopes. The others are suspended: of an active one
	// without envelopes, `deposit` would say `Missing`. Decoding the envelopes is measured here, for the benchmark of the call that
	// brings them has none. `a` begins at 1: with 0 nothing is written, and the runtime charges `envelopes_due`.
	#[benchmark]
	fn envelopes_deposited(a: Linear<1, MAX_DEMANDING_AUTHORITIES>) {
		decide_on_the_table();
		let (_, maker) = member(ASKING, OPERATOR);
		let new = passport(&maker, 0);
		let mut envelopes = name_authorities(FIRST_AUTHORITY);
		envelopes.truncate((a * MAX_ENVELOPES_PER_AUTHORITY) as usize);
		let named = DemandingAuthorities::<Runtime>::get();
		let (provided, others) = named.split_at(a as usize);
		for authority in others {
			Organisations::suspend(council(), *authority).expect("the council may");
		}
		let encoded = envelopes.encode();

		#[block]
		{
			let envelopes = AuthorityEnvelopeList::decode(&mut encoded.as_slice()).expect("it was encoded");
			AccessGrant::deposit(&new, DataSets::ALL, &envelopes).expect("the envelopes are taken");
		}

		for authority in provided {
			let envelopes = AuthorityEnvelopesOf::<Runtime>::get(new, authority);
			assert_eq!(envelopes.len() as u32, MAX_ENVELOPES_PER_AUTHORITY);
		}
		assert_eq!(
			AuthorityEnvelopesOf::<Runtime>::iter_key_prefix(new).count(),
			provided.len()
		);
	}

	// Nothing is due, which only who has looked at everything can tell.
	#[benchmark]
	fn envelopes_due() {
		let (passport, (_, decider)) = decided_by_delegate();
		provide_authorities(&decider, passport, FIRST_AUTHORITY);
		let due;

		#[block]
		{
			due = AccessGrant::are_due(&passport);
		}

		assert!(!due);
		assert_named_alone_are_provided(passport);
	}

	// Each request is another organisation's, and every authority that can be named has its envelopes.
	#[benchmark]
	fn passport_closed(g: Linear<0, { T::MaxGrantsPerPassport::get() }>) {
		let (passport, (_, decider)) = decided_by_delegate();
		provide_authorities(&decider, passport, FIRST_AUTHORITY);
		let grantees: Vec<_> = (0..g)
			.map(|n| {
				let (grantee, account) = member(FIRST_ASKING + n, GRANTEE);
				requested(&account, passport, MaxGrantBlocks::get());
				grantee
			})
			.collect();

		#[block]
		{
			AccessGrant::on_passport_closed(&passport);
		}

		assert!(!GrantsOf::<Runtime>::contains_key(passport));
		assert!(AuthorityEnvelopesOf::<Runtime>::iter_key_prefix(passport)
			.next()
			.is_none());
		assert!(RequestOf::<Runtime>::iter_key_prefix(passport).next().is_none());
		for grantee in grantees {
			assert!(GrantsTo::<Runtime>::iter_key_prefix(grantee).next().is_none());
		}
		assert!(Grants::<Runtime>::iter_keys().next().is_none());
	}

	impl_benchmark_test_suite!(Pallet, crate::benchmarks::chain(), crate::Runtime);
}
