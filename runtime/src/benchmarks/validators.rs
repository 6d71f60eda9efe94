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
use pallet_organisations::Organisations;
use pallet_session::{disabling::UpToLimitDisablingStrategy, DisabledValidators, NextKeys, ShouldEndSession};
use pallet_validators::{Call, ForcedHandOver, MinimumValidators, Stalled, Validator};
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

/// This many validators with session keys, of which all but one can go.
fn ready(count: u32) -> Vec<Validator<AccountId>> {
	MinimumValidators::<Runtime>::put(1);
	let validators = set_of(count);
	for (n, validator) in (1..).zip(&validators) {
		set_session_keys(&validator.account, n);
	}
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

/// These validators take part in the session. Returns the one that is found last everywhere.
fn taking_part(mut validators: Vec<Validator<AccountId>>) -> Validator<AccountId> {
	let accounts: Vec<_> = validators
		.iter()
		.map(|validator| validator.account.clone())
		.collect();
	pallet_session::Validators::<Runtime>::put(accounts);
	DisabledValidators::<Runtime>::kill();
	validators.pop().expect("there is one")
}

/// Most offenders that are disabled in a session of this many validators.
fn most_offenders(count: u32) -> u32 {
	<UpToLimitDisablingStrategy>::disable_limit(count as usize) as u32
}

/// The accounts that the council has chosen.
fn chosen() -> Vec<AccountId> {
	Validators::validators()
}

/// Whether an account is no validator any more and has no session keys.
fn is_out(validator: &Validator<AccountId>) -> bool {
	!chosen().contains(&validator.account) && !NextKeys::<Runtime>::contains_key(&validator.account)
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

	// Each of `v` validators is asked whether it has session keys and may act.
	#[benchmark]
	fn remove_validator(v: Linear<2, MAX_AUTHORITIES>, k: Linear<1, SESSION_KEYS>) {
		let _ = k;
		let leaving = ready(v).pop().expect("there are two");

		#[extrinsic_call]
		_(council(), leaving.account.clone());

		assert!(is_out(&leaving));
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

	// Of `v` validators, of which as many are disabled that the next one is the last. With fewer than four nobody is disabled.
	#[benchmark]
	fn offender(v: Linear<4, MAX_AUTHORITIES>, k: Linear<1, SESSION_KEYS>) {
		let _ = k;
		let last = taking_part(ready(v));
		let disabled: Vec<_> = (0..most_offenders(v) - 1)
			.map(|index| (index, OffenceSeverity::max_severity()))
			.collect();
		DisabledValidators::<Runtime>::put(disabled);
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
		assert!(Session::disabled_validators().contains(&(v - 1)));
	}

	// No one of `v` validators may act, and nobody has asked before: all but one are disabled at once.
	#[benchmark]
	fn member_stopped(v: Linear<2, MAX_AUTHORITIES>, k: Linear<1, SESSION_KEYS>) {
		let _ = k;
		let validators = ready(v);
		for validator in &validators {
			Organisations::<Runtime>::mutate(validator.organisation, |member| {
				if let Some(member) = member {
					member.suspended = true;
				}
			});
		}
		let last = taking_part(validators);

		#[block]
		{
			Validators::on_member_stopped(last.organisation);
		}

		assert!(is_out(&last));
		assert_eq!(Session::disabled_validators().len() as u32, v - 1);
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
