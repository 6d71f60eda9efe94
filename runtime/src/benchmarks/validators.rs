//! What the calls of the validators pallet cost, and what it does for the session, offences and organisations pallets.

use super::setup::{council, member, secret, signed};
use crate::{
	AccountId, Block, BlockNumber, Runtime, RuntimeOrigin, Session, SessionKeys, System, Validators,
	MAX_AUTHORITIES,
};
use alloc::vec::Vec;
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::{traits::ConstU32, weights::Weight, BoundedVec};
use pallet_session::{disabling::UpToLimitDisablingStrategy, DisabledValidators, NextKeys, ShouldEndSession};
use pallet_validators::{Call, ForcedHandOver, Stalled, Validator};
use passport_primitives::{
	ledger::OnMemberStopped,
	organisation::{Role, Roles},
};
use sp_runtime::Perbill;
use sp_staking::offence::{OffenceDetails, OffenceSeverity, OnOffenceHandler};

/// The pallet, as a type of this crate: the macro implements a foreign trait for it.
pub struct Pallet<T: Config>(pallet_validators::Pallet<T>);

/// The runtime: the setup speaks of its types alone.
pub trait Config:
	frame_system::Config<AccountId = AccountId, Block = Block, RuntimeOrigin = RuntimeOrigin>
	+ pallet_validators::Config
{
}

impl Config for Runtime {}

/// Session keys of a validator. Each has both, so this parameter changes nothing, and what is measured of it is noise.
const SESSION_KEYS: u32 = 2;

/// The validators have the numbers of members from here on.
const FIRST_VALIDATOR: u32 = 1_000;

/// The trades of whoever is a validator: as many as can be without keeping [`JOINING`] out, for each is counted.
const IN_THE_SET: Roles = Roles::of(&[
	Role::Manufacturer,
	Role::QualityAssurer,
	Role::Distributor,
	Role::Logistics,
	Role::Operator,
	Role::ServiceCentre,
	Role::SecondLifeOperator,
	Role::Recycler,
	Role::Authority,
	Role::NotifiedBody,
	Role::DataBroker,
	Role::BridgeOperator,
]);

/// The trade of whoever becomes a validator.
const JOINING: Roles = Roles::of(&[Role::Supplier]);

/// Makes this many members validators. Straight into storage: each call of the council would ask for session keys.
fn set_of(count: u32) -> Vec<Validator<AccountId>> {
	let validators: Vec<_> = (FIRST_VALIDATOR..FIRST_VALIDATOR + count)
		.map(|n| {
			let (organisation, account) = member(n, IN_THE_SET);
			Validator {
				account,
				organisation,
				since: 0,
			}
		})
		.collect();
	let set: BoundedVec<_, ConstU32<MAX_AUTHORITIES>> =
		validators.clone().try_into().expect("at most 100 validators");
	pallet_validators::Validators::<Runtime>::put(set);
	validators
}

/// The one of these validators that is found last. It gets session keys.
fn last_with_keys(mut validators: Vec<Validator<AccountId>>) -> Validator<AccountId> {
	let last = validators.pop().expect("there is one");
	set_session_keys(&last.account, 1);
	last
}

/// A member that has session keys and is no validator.
fn candidate() -> AccountId {
	let (_, account) = member(0, JOINING);
	set_session_keys(&account, 0);
	account
}

fn set_session_keys(account: &AccountId, n: u32) {
	let generated = SessionKeys::generate(&account.encode(), Some(secret("session", n)));
	Session::set_keys(signed(account), generated.keys, generated.proof.encode())
		.expect("the session keys are set");
}

/// A full set that takes part in the session, of which as many are disabled that the next one is the last. Returns the
/// validator that is found last everywhere.
fn taking_part() -> Validator<AccountId> {
	let validators = set_of(MAX_AUTHORITIES);
	let accounts: Vec<_> = validators
		.iter()
		.map(|validator| validator.account.clone())
		.collect();
	pallet_session::Validators::<Runtime>::put(accounts);
	let disabled: Vec<_> = (0..most_disabled() - 1)
		.map(|index| (index, OffenceSeverity::max_severity()))
		.collect();
	DisabledValidators::<Runtime>::put(disabled);
	last_with_keys(validators)
}

/// Most validators of a full set that are disabled in a session.
fn most_disabled() -> u32 {
	<UpToLimitDisablingStrategy>::disable_limit(MAX_AUTHORITIES as usize) as u32
}

/// The accounts that the council has chosen.
fn chosen() -> Vec<AccountId> {
	Validators::validators()
}

/// Whether an account is disabled and no validator any more.
fn is_out(validator: &Validator<AccountId>) -> bool {
	let last = MAX_AUTHORITIES - 1;
	DisabledValidators::<Runtime>::get()
		.iter()
		.any(|(index, _)| *index == last)
		&& !chosen().contains(&validator.account)
		&& !NextKeys::<Runtime>::contains_key(&validator.account)
}

// No variable below has the name of a benchmark: the macro makes a type of each.
#[benchmarks]
mod benchmarks {
	use super::*;

	// With the new one there are `v` validators.
	#[benchmark]
	fn add_validator(v: Linear<1, MAX_AUTHORITIES>) {
		set_of(v - 1);
		let joining = candidate();

		#[extrinsic_call]
		_(council(), joining.clone());

		assert_eq!(chosen().len(), v as usize);
		assert_eq!(chosen().last(), Some(&joining));
	}

	#[benchmark]
	fn remove_validator(k: Linear<1, SESSION_KEYS>) {
		let _ = k;
		let leaving = last_with_keys(set_of(MAX_AUTHORITIES)).account;

		#[extrinsic_call]
		_(council(), leaving.clone());

		assert!(!chosen().contains(&leaving));
		assert!(!NextKeys::<Runtime>::contains_key(leaving));
	}

	// There are `v` validators before and after.
	#[benchmark]
	fn replace_validator(v: Linear<1, MAX_AUTHORITIES>, k: Linear<1, SESSION_KEYS>) {
		let _ = k;
		let leaving = last_with_keys(set_of(v)).account;
		let joining = candidate();

		#[extrinsic_call]
		_(council(), leaving.clone(), joining.clone());

		assert_eq!(chosen().len(), v as usize);
		assert_eq!(chosen().last(), Some(&joining));
		assert!(!NextKeys::<Runtime>::contains_key(leaving));
	}

	#[benchmark]
	fn note_stalled() {
		let (best_finalised, delay_blocks): (BlockNumber, BlockNumber) = (0, 300);
		System::set_block_number(1_000);

		#[extrinsic_call]
		_(council(), best_finalised, delay_blocks);

		assert!(Stalled::<Runtime>::exists());
	}

	// By the account itself: that the origin is not the council's is found out first.
	#[benchmark]
	fn purge_keys(k: Linear<1, SESSION_KEYS>) {
		let _ = k;
		set_of(MAX_AUTHORITIES);
		let account = candidate();

		#[extrinsic_call]
		_(signed(&account), account.clone());

		assert!(!NextKeys::<Runtime>::contains_key(account));
	}

	#[benchmark]
	fn offender(k: Linear<1, SESSION_KEYS>) {
		let _ = k;
		let last = taking_part();
		let details = [OffenceDetails {
			offender: (last.account.clone(), ()),
			reporters: Vec::<AccountId>::new(),
		}];

		#[block]
		{
			<Validators as OnOffenceHandler<AccountId, (AccountId, ()), Weight>>::on_offence(
				&details,
				&[Perbill::one()],
				0,
			);
		}

		assert!(is_out(&last));
	}

	#[benchmark]
	fn member_stopped(k: Linear<1, SESSION_KEYS>) {
		let _ = k;
		let last = taking_part();

		#[block]
		{
			Validators::on_member_stopped(last.organisation);
		}

		assert!(is_out(&last));
	}

	// The question that the session pallet asks in each block, in one in which the session does not end by itself: whether a
	// hand-over waits.
	#[benchmark]
	fn on_initialize() {
		let block: BlockNumber = 1;
		Stalled::<Runtime>::put(ForcedHandOver {
			best_finalised: 0,
			delay_blocks: 300,
			session: 2,
		});
		let ends;

		#[block]
		{
			ends = Validators::should_end_session(block);
		}

		assert!(ends);
	}

	impl_benchmark_test_suite!(Pallet, crate::benchmarks::chain(), crate::Runtime);
}
