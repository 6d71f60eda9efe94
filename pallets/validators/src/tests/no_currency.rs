use crate::{mock::*, NoCurrency};
use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungible::{Inspect, InspectHold, Mutate, MutateHold},
		tokens::{Fortitude, Precision, Preservation},
	},
};
use pallet_session::HoldReason;
use sp_runtime::TokenError;

type Nothing = NoCurrency<u64>;

#[test]
fn keys_are_set_and_purged_without_a_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		set_keys(6);
		assert_eq!(System::consumers(&6), 1);
		assert_ok!(Session::purge_keys(RuntimeOrigin::signed(6)));
		assert_eq!(System::consumers(&6), 0);
	});
}

#[test]
fn a_deposit_that_is_configured_by_mistake_fails_loudly() {
	ExtBuilder::default().build_and_execute(|| {
		KeyDeposit::set(&1);
		let (keys, proof) = session_keys(6, key_of(6));
		assert_noop!(
			Session::set_keys(RuntimeOrigin::signed(6), keys, proof),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn zero_can_be_held_released_moved_minted_and_burnt() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Nothing::hold(&HoldReason::Keys, &1, 0));
		assert_eq!(
			Nothing::release(&HoldReason::Keys, &1, 0, Precision::Exact),
			Ok(0)
		);
		assert_eq!(
			Nothing::release_all(&HoldReason::Keys, &1, Precision::BestEffort),
			Ok(0)
		);
		assert_eq!(Nothing::transfer(&1, &2, 0, Preservation::Expendable), Ok(0));
		assert_eq!(Nothing::mint_into(&1, 0), Ok(0));
		assert_eq!(
			Nothing::burn_from(
				&1,
				0,
				Preservation::Expendable,
				Precision::Exact,
				Fortitude::Force
			),
			Ok(0)
		);
	});
}

#[test]
fn more_than_zero_can_be_neither_held_nor_moved_nor_minted_nor_burnt() {
	ExtBuilder::default().build_and_execute(|| {
		for amount in [1, u128::MAX] {
			assert!(Nothing::hold(&HoldReason::Keys, &1, amount).is_err());
			assert!(Nothing::release(&HoldReason::Keys, &1, amount, Precision::Exact).is_err());
			assert!(Nothing::transfer(&1, &2, amount, Preservation::Expendable).is_err());
			assert!(Nothing::mint_into(&1, amount).is_err());
			assert!(Nothing::burn_from(
				&1,
				amount,
				Preservation::Expendable,
				Precision::Exact,
				Fortitude::Force
			)
			.is_err());
			assert_eq!(Nothing::set_balance(&1, amount), 0);
		}
	});
}

#[test]
fn nobody_has_anything() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Nothing::total_issuance(), 0);
		assert_eq!(Nothing::total_balance(&1), 0);
		assert_eq!(Nothing::total_balance_on_hold(&1), 0);
		assert_eq!(Nothing::balance_on_hold(&HoldReason::Keys, &1), 0);
		assert_eq!(
			Nothing::reducible_balance(&1, Preservation::Expendable, Fortitude::Force),
			0
		);
	});
}
