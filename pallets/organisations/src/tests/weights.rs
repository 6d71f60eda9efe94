//! Weights: of the right order, and charged for what is checked at the pool.

use crate::{
	mock::*,
	weights::{CountedWeight, WeightInfo},
	CheckMembership,
};
use frame_support::dispatch::GetDispatchInfo;
use passport_primitives::organisation::OrganisationId;
use sp_runtime::traits::TransactionExtension;

type Counted = CountedWeight<Test>;

#[test]
fn every_call_costs_what_it_was_counted_to_cost() {
	let weight = |call: crate::Call<Test>| call.get_dispatch_info().call_weight;
	let organisation = OrganisationId(1);
	assert_eq!(weight(crate::Call::remove { organisation }), Counted::remove());
	assert_eq!(
		weight(crate::Call::suspend { organisation }),
		Counted::change_organisation()
	);
	assert_eq!(
		weight(crate::Call::link_account { account: 5 }),
		Counted::change_accounts()
	);
}

#[test]
fn the_check_at_the_pool_is_paid_for() {
	let call = RuntimeCall::System(frame_system::Call::remark { remark: vec![] });
	assert!(CheckMembership::<Test>::default()
		.weight(&call)
		.all_gte(Counted::check_membership()));
}
