//! Weights: of the right order, and charged for what is checked at the pool.

use crate::{
	mock::*,
	weights::{CountedWeight, WeightInfo},
	CheckMembership,
};
use frame_support::dispatch::GetDispatchInfo;
use passport_primitives::{
	organisation::OrganisationId,
	pool::{MAX_BATCHED_CALLS, MAX_CALL_NESTING},
};
use sp_runtime::traits::TransactionExtension;

type Counted = CountedWeight<Test>;
type Call = crate::Call<Test>;

#[test]
fn every_call_costs_what_it_was_counted_to_cost() {
	let organisation = OrganisationId(1);
	for (call, weight) in [
		(
			Call::remove { organisation },
			Counted::remove().saturating_add(TOLD).saturating_add(VACATED),
		),
		(
			Call::suspend { organisation },
			Counted::change_organisation()
				.saturating_add(TOLD)
				.saturating_add(VACATED),
		),
		(
			Call::set_expiry {
				organisation,
				expires_at: None,
			},
			Counted::change_organisation().saturating_add(TOLD),
		),
		(Call::reinstate { organisation }, Counted::change_organisation()),
		(
			Call::link_account {
				account: 5,
				expires_at: 1,
				proof: consent(1, 5, 1),
			},
			Counted::link_account(),
		),
		(
			Call::link_account_by_council {
				organisation,
				account: 5,
			},
			Counted::link_account_by_council(),
		),
		(Call::unlink_account { account: 5 }, Counted::unlink_account()),
		(
			Call::set_quota {
				organisation,
				ref_time_per_period: None,
			},
			Counted::set_quota(),
		),
		(
			Call::authorize_upgrade {
				code_hash: Default::default(),
			},
			Counted::authorize_upgrade(),
		),
	] {
		assert_eq!(call.get_dispatch_info().call_weight, weight, "{call:?}");
	}
}

fn remark() -> RuntimeCall {
	RuntimeCall::System(frame_system::Call::remark { remark: vec![] })
}

fn batch(calls: Vec<RuntimeCall>) -> RuntimeCall {
	RuntimeCall::Utility(pallet_utility::Call::batch { calls })
}

fn proxied(call: RuntimeCall) -> RuntimeCall {
	RuntimeCall::Proxy(pallet_proxy::Call::proxy {
		real: account(1, 0),
		force_proxy_type: None,
		call: Box::new(call),
	})
}

/// `call` inside this many batches of one.
fn nested(wrappers: u8, call: RuntimeCall) -> RuntimeCall {
	(0..wrappers).fold(call, |call, _| batch(vec![call]))
}

#[test]
fn the_check_at_the_pool_is_paid_for_each_call_and_each_account() {
	let most = MAX_BATCHED_CALLS as usize;
	let deep = proxied(proxied(proxied(remark())));
	for (call, calls, accounts) in [
		(remark(), 1, 0),
		(batch(vec![]), 1, 0),
		(batch(vec![remark(); most]), MAX_BATCHED_CALLS + 1, 0),
		(proxied(remark()), 2, 1),
		(
			batch(vec![proxied(remark()); most / 2]),
			MAX_BATCHED_CALLS + 1,
			MAX_BATCHED_CALLS / 2,
		),
		// As many accounts as fit.
		(
			batch(vec![deep; most / 4]),
			MAX_BATCHED_CALLS + 1,
			MAX_BATCHED_CALLS / 4 * 3,
		),
	] {
		assert_eq!(
			CheckMembership::<Test>::default().weight(&call),
			Counted::check_membership(calls, accounts)
		);
	}
}

#[test]
fn what_is_refused_unseen_is_not_paid_for() {
	for (call, calls) in [
		(batch(vec![remark(); 5_000]), MAX_BATCHED_CALLS + 1),
		(
			nested(MAX_CALL_NESTING + 1, remark()),
			u32::from(MAX_CALL_NESTING) + 1,
		),
	] {
		assert_eq!(
			CheckMembership::<Test>::default().weight(&call),
			Counted::check_membership(calls, 0)
		);
	}
}

#[test]
fn more_calls_and_more_accounts_weigh_more_in_time() {
	let more = |calls, accounts| Counted::check_membership(calls, accounts).ref_time();
	assert!(more(2, 0) > more(1, 0));
	assert!(more(2, 1) > more(2, 0));
}
