//! What transactions are charged, and what the pool and the block refuse for want of quota.

use crate::{mock::*, CheckMembership, Consumption, Usage};
use codec::Encode;
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchClass, DispatchInfo, GetDispatchInfo, PostDispatchInfo},
	weights::Weight,
};
use frame_system::limits::{BlockLength, BlockWeights};
use passport_primitives::{
	organisation::{OrganisationId, Role},
	pool::PoolRefusal,
};
use sp_runtime::{
	traits::{DispatchTransaction, TransactionExtension},
	transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
	DispatchError,
};

/// Member 1 has two accounts and a delegate, member 2.
const MAKER: u64 = account(1, 0);
const CLERK: u64 = account(1, 1);
const OPERATOR: u64 = account(2, 0);

fn consortium(test: impl FnOnce()) {
	ExtBuilder::default()
		.member(&[Role::Manufacturer], 2)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			assert_ok!(Proxy::add_proxy(RuntimeOrigin::signed(MAKER), OPERATOR, (), 0));
			test();
		});
}

fn remark(bytes: usize) -> RuntimeCall {
	RuntimeCall::System(frame_system::Call::remark {
		remark: vec![7; bytes],
	})
}

/// A call that fails at dispatch: nobody signed this.
fn failing() -> RuntimeCall {
	RuntimeCall::Organisations(crate::Call::link_account {
		account: 500,
		expires_at: 1,
		proof: consent(1, 501, 1),
	})
}

fn batch(calls: Vec<RuntimeCall>) -> RuntimeCall {
	RuntimeCall::Utility(pallet_utility::Call::batch { calls })
}

fn proxied(call: RuntimeCall) -> RuntimeCall {
	RuntimeCall::Proxy(pallet_proxy::Call::proxy {
		real: MAKER,
		force_proxy_type: None,
		call: Box::new(call),
	})
}

/// The weights that a transaction of this call is declared with.
fn info(call: &RuntimeCall) -> DispatchInfo {
	DispatchInfo {
		extension_weight: CheckMembership::<Test>::default().weight(call),
		..call.get_dispatch_info()
	}
}

/// What a short transaction of the normal class takes of its block when it has this weight.
fn by_weight(weight: Weight) -> u64 {
	let base = BlockWeights::default().get(DispatchClass::Normal).base_extrinsic;
	assert!(base.ref_time() > 0);
	(weight + base).ref_time()
}

/// What a call is charged before it is dispatched.
fn charge(call: &RuntimeCall) -> u64 {
	by_weight(info(call).total_weight())
}

fn exceeded() -> TransactionValidityError {
	InvalidTransaction::Custom(PoolRefusal::QuotaExceeded.code()).into()
}

/// What the pool says.
fn pool(sender: u64, call: &RuntimeCall) -> Result<(), TransactionValidityError> {
	CheckMembership::<Test>::default()
		.validate_only(
			RuntimeOrigin::signed(sender),
			call,
			&info(call),
			call.encoded_size(),
			TransactionSource::External,
			0,
		)
		.map(|_| ())
}

/// What the block makes of a transaction.
fn dispatch(sender: u64, call: RuntimeCall) -> Result<Result<(), DispatchError>, TransactionValidityError> {
	let (info, length) = (info(&call), call.encoded_size());
	CheckMembership::<Test>::default()
		.dispatch_transaction(RuntimeOrigin::signed(sender), call, &info, length, 0)
		.map(|result| result.map(|_| ()).map_err(|failed| failed.error))
}

/// Puts a transaction into the block that succeeds.
fn send(sender: u64, call: RuntimeCall) {
	assert_eq!(dispatch(sender, call), Ok(Ok(())));
}

/// What a member has used in this period.
fn used(member: u32) -> u64 {
	Organisations::quota(OrganisationId(member))
		.unwrap()
		.ref_time_used
}

fn set_quota(member: u32, quota: u64) {
	assert_ok!(Organisations::set_quota(
		RuntimeOrigin::root(),
		OrganisationId(member),
		Some(quota)
	));
}

#[test]
fn a_transaction_is_charged_its_declared_weight_and_what_the_chain_adds_for_each() {
	consortium(|| {
		let call = remark(1);
		let once = charge(&call);
		assert!(once > call.get_dispatch_info().call_weight.ref_time());
		send(MAKER, call.clone());
		assert_eq!(used(1), once);
		send(MAKER, call);
		assert_eq!(used(1), 2 * once);
		assert_eq!(used(2), 0);
	});
}

#[test]
fn being_looked_at_by_the_pool_costs_nothing() {
	consortium(|| {
		assert_ok!(pool(MAKER, &remark(1)));
		assert_eq!(Usage::<Test>::iter().count(), 0);
	});
}

#[test]
fn all_accounts_of_an_organisation_share_its_quota() {
	consortium(|| {
		let once = charge(&remark(1));
		set_quota(1, 2 * once);
		send(MAKER, remark(1));
		send(CLERK, remark(1));
		for account in [MAKER, CLERK] {
			assert_eq!(pool(account, &remark(1)), Err(exceeded()));
		}
	});
}

#[test]
fn a_quota_is_used_to_the_last_picosecond_and_not_beyond() {
	consortium(|| {
		let once = charge(&remark(1));
		for (quota, fits) in [(once - 1, false), (once, true), (once + 1, true)] {
			set_quota(1, quota);
			assert_eq!(
				pool(MAKER, &remark(1)),
				if fits { Ok(()) } else { Err(exceeded()) },
				"{quota} of {once}"
			);
		}
		set_quota(1, 3 * once - 1);
		send(MAKER, remark(1));
		send(MAKER, remark(1));
		assert_noop!(dispatch(MAKER, remark(1)), exceeded());
	});
}

#[test]
fn a_member_that_has_used_its_quota_stops_nobody_else() {
	consortium(|| {
		set_quota(1, 0);
		assert_eq!(pool(MAKER, &remark(1)), Err(exceeded()));
		assert_ok!(pool(OPERATOR, &failing()));
		send(OPERATOR, proxied(remark(1)));
	});
}

#[test]
fn the_organisation_whose_account_signs_pays_whatever_it_wraps() {
	consortium(|| {
		let call = batch(vec![proxied(remark(1)), proxied(batch(vec![remark(1)]))]);
		let declared = charge(&call);
		send(OPERATOR, call.clone());
		assert_eq!(used(1), 0);
		assert!(used(2) > 2 * remark(1).get_dispatch_info().call_weight.ref_time());
		assert!(used(2) <= declared);
		set_quota(2, used(2));
		assert_eq!(pool(OPERATOR, &call), Err(exceeded()));
	});
}

#[test]
fn the_next_period_begins_with_nothing_used() {
	consortium(|| {
		let once = charge(&remark(1));
		set_quota(1, once);
		for first_block in [PERIOD, 2 * PERIOD, 7 * PERIOD] {
			System::set_block_number(first_block);
			send(MAKER, remark(1));
			System::set_block_number(first_block + PERIOD - 1);
			assert_eq!(pool(MAKER, &remark(1)), Err(exceeded()));
			assert_noop!(dispatch(MAKER, remark(1)), exceeded());
		}
		assert_eq!(Usage::<Test>::iter().count(), 1, "one value, overwritten");
	});
}

#[test]
fn a_transaction_above_a_whole_quota_is_never_taken() {
	consortium(|| {
		set_quota(1, charge(&remark(1)) - 1);
		for period in 0..3 {
			System::set_block_number(period * PERIOD);
			assert_eq!(pool(MAKER, &remark(1)), Err(exceeded()));
		}
	});
}

#[test]
fn what_the_pool_took_twice_is_taken_once_by_the_block() {
	consortium(|| {
		let call = remark(1);
		let (info, length) = (info(&call), call.encoded_size());
		set_quota(1, charge(&call));
		let validated = || {
			CheckMembership::<Test>::default()
				.validate_only(
					RuntimeOrigin::signed(MAKER),
					&call,
					&info,
					length,
					TransactionSource::External,
					0,
				)
				.expect("the pool looks at each by itself")
		};
		let [first, second] = [validated(), validated()];
		let prepare = |(_, payer, origin): (_, _, RuntimeOrigin)| {
			CheckMembership::<Test>::default().prepare(payer, &origin, &call, &info, length)
		};
		assert_eq!(prepare(first), Ok(Some(OrganisationId(1))));
		assert_noop!(prepare(second), exceeded());
	});
}

#[test]
fn what_a_call_leaves_of_its_weight_is_given_back() {
	consortium(|| {
		// The batch stops at its first call.
		let call = batch(vec![failing(), remark(1), remark(1), remark(1)]);
		let declared = charge(&call);
		let ran = batch(vec![failing()]);
		send(MAKER, call.clone());
		assert!(used(1) < declared);
		let looked_at = info(&call).extension_weight;
		assert_eq!(
			used(1),
			by_weight(ran.get_dispatch_info().call_weight + looked_at),
			"what ran, and the look at all of it"
		);
	});
}

#[test]
fn a_call_that_fails_is_paid_for() {
	consortium(|| {
		let declared = charge(&failing());
		assert_eq!(
			dispatch(MAKER, failing()),
			Ok(Err(crate::Error::<Test>::NoConsent.into()))
		);
		assert_eq!(used(1), declared);
	});
}

#[test]
fn long_transactions_pay_for_the_room_that_they_take() {
	consortium(|| {
		let class = DispatchClass::Normal;
		let block_ref_time = BlockWeights::default().get(class).max_total.unwrap().ref_time();
		let block_bytes = *BlockLength::default().max.get(class);
		let call = remark(block_bytes as usize / 4);
		let share = block_ref_time / 4;
		assert!(
			charge(&call) < share / 10,
			"by its weight it is a small part of that"
		);
		send(MAKER, call.clone());
		assert!(
			used(1) >= share && used(1) < share + share / 1_000,
			"a quarter of a block, not {} of {block_ref_time}",
			used(1)
		);
		// So four of them are a block's worth, whatever they weigh.
		set_quota(1, block_ref_time);
		send(MAKER, call.clone());
		send(MAKER, call.clone());
		assert_noop!(dispatch(MAKER, call), exceeded());
	});
}

/// A charge for member 1, given back as if nothing of it had been used, after something happened.
fn give_back_after(happened: impl FnOnce()) -> Option<Consumption<u64>> {
	let call = remark(1);
	let (info, length) = (info(&call), call.encoded_size());
	let (payer, _) = CheckMembership::<Test>::default()
		.validate_and_prepare(RuntimeOrigin::signed(MAKER), &call, &info, length, 0)
		.expect("the quota covers it");
	happened();
	let nothing = PostDispatchInfo {
		actual_weight: Some(Weight::zero()),
		..PostDispatchInfo::default()
	};
	let left = CheckMembership::<Test>::post_dispatch_details(payer, &info, &nothing, length, &Ok(()));
	assert_eq!(left, Ok(Weight::zero()), "the extension has used its own weight");
	Usage::<Test>::get(OrganisationId(1))
}

#[test]
fn what_the_chain_adds_for_each_transaction_is_never_given_back() {
	consortium(|| {
		let base = by_weight(Weight::zero());
		assert_eq!(
			give_back_after(|| {}),
			Some(Consumption {
				period: 0,
				ref_time: base
			})
		);
	});
}

#[test]
fn nothing_is_given_back_to_a_member_that_its_own_transaction_removed() {
	consortium(|| {
		let left = give_back_after(|| {
			assert_ok!(Organisations::remove(RuntimeOrigin::root(), OrganisationId(1)));
		});
		assert_eq!(left, None);
	});
}

#[test]
fn nothing_is_given_back_in_another_period() {
	consortium(|| {
		let next = Consumption {
			period: 1,
			ref_time: 99,
		};
		let left = give_back_after(|| {
			System::set_block_number(PERIOD);
			Usage::<Test>::insert(OrganisationId(1), next);
			System::set_block_number(2 * PERIOD);
		});
		assert_eq!(left, Some(next));
	});
}
