//! A currency for pallets that want one, on a chain that has none.

use codec::Encode;
use core::marker::PhantomData;
use frame_support::traits::{
	fungible::{Dust, Inspect, InspectHold, Mutate, MutateHold, Unbalanced, UnbalancedHold},
	tokens::{DepositConsequence, Fortitude, Preservation, Provenance, WithdrawConsequence},
};
use scale_info::TypeInfo;
use sp_runtime::{traits::Zero, DispatchError, DispatchResult, TokenError};

/// Nobody has anything: every balance is zero and stays zero.
///
/// The session pallet holds a deposit for session keys and asks for a currency to hold it in. The chain has no token; what
/// keeps session keys few is membership. With this currency a deposit of zero can be held and released, and an amount above
/// zero can be neither held nor minted nor moved: a deposit that somebody configures by mistake fails loudly.
///
/// For pallets that hold (`fungible::MutateHold`), each with its own `Reason`. Proxy and multisig reserve: they need another
/// trait.
pub struct NoCurrency<AccountId, Reason = pallet_session::HoldReason>(PhantomData<(AccountId, Reason)>);

/// An amount of zero is as good as done; any other is not.
fn only_zero(amount: u128) -> DispatchResult {
	if amount.is_zero() {
		Ok(())
	} else {
		Err(TokenError::Unsupported.into())
	}
}

impl<AccountId, Reason> Inspect<AccountId> for NoCurrency<AccountId, Reason> {
	type Balance = u128;

	fn total_issuance() -> u128 {
		0
	}

	fn minimum_balance() -> u128 {
		0
	}

	fn total_balance(_: &AccountId) -> u128 {
		0
	}

	fn balance(_: &AccountId) -> u128 {
		0
	}

	fn reducible_balance(_: &AccountId, _: Preservation, _: Fortitude) -> u128 {
		0
	}

	fn can_deposit(_: &AccountId, amount: u128, _: Provenance) -> DepositConsequence {
		if amount.is_zero() {
			DepositConsequence::Success
		} else {
			DepositConsequence::CannotCreate
		}
	}

	fn can_withdraw(_: &AccountId, amount: u128) -> WithdrawConsequence<u128> {
		if amount.is_zero() {
			WithdrawConsequence::Success
		} else {
			WithdrawConsequence::BalanceLow
		}
	}
}

impl<AccountId, Reason> Unbalanced<AccountId> for NoCurrency<AccountId, Reason> {
	fn handle_dust(_: Dust<AccountId, Self>) {}

	fn write_balance(_: &AccountId, amount: u128) -> Result<Option<u128>, DispatchError> {
		only_zero(amount).map(|()| None)
	}

	fn set_total_issuance(_: u128) {}
}

impl<AccountId: Eq, Reason> Mutate<AccountId> for NoCurrency<AccountId, Reason> {}

impl<AccountId, Reason: Encode + TypeInfo + 'static> InspectHold<AccountId>
	for NoCurrency<AccountId, Reason>
{
	type Reason = Reason;

	fn total_balance_on_hold(_: &AccountId) -> u128 {
		0
	}

	fn balance_on_hold(_: &Reason, _: &AccountId) -> u128 {
		0
	}
}

impl<AccountId, Reason: Encode + TypeInfo + 'static> UnbalancedHold<AccountId>
	for NoCurrency<AccountId, Reason>
{
	fn set_balance_on_hold(_: &Reason, _: &AccountId, amount: u128) -> DispatchResult {
		only_zero(amount)
	}
}

impl<AccountId, Reason: Encode + TypeInfo + 'static> MutateHold<AccountId> for NoCurrency<AccountId, Reason> {}
