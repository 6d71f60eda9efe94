//! The currency of a chain without a token, for the two pallets that take deposits: proxy and multisig. Deposits are 0 there;
//! any other amount is refused, so that one which somebody configures by mistake fails loudly.
//!
//! (`pallet_validators::no_currency` is the same for the session pallet, which wants the newer `fungible` traits; the SDK's own `()`
//! implements these here on the host only, not in WASM.)

use crate::AccountId;
use frame_support::traits::{
	tokens::{
		currency::{Currency, ReservableCurrency},
		imbalance::{Imbalance, SignedImbalance, TryMerge},
		BalanceStatus, ExistenceRequirement, WithdrawReasons,
	},
	SameOrOther, TryDrop,
};
use sp_runtime::{DispatchError, DispatchResult, TokenError};

/// Nobody has anything.
pub struct NoToken;

/// What moved: nothing.
#[derive(Default)]
pub struct Nothing;

impl TryDrop for Nothing {
	fn try_drop(self) -> Result<(), Self> {
		Ok(())
	}
}

impl TryMerge for Nothing {
	fn try_merge(self, _: Self) -> Result<Self, (Self, Self)> {
		Ok(Nothing)
	}
}

impl Imbalance<u32> for Nothing {
	type Opposite = Nothing;

	fn zero() -> Self {
		Nothing
	}

	fn drop_zero(self) -> Result<(), Self> {
		Ok(())
	}

	fn split(self, _: u32) -> (Self, Self) {
		(Nothing, Nothing)
	}

	fn extract(&mut self, _: u32) -> Self {
		Nothing
	}

	fn merge(self, _: Self) -> Self {
		Nothing
	}

	fn subsume(&mut self, _: Self) {}

	fn offset(self, _: Nothing) -> SameOrOther<Self, Nothing> {
		SameOrOther::None
	}

	fn peek(&self) -> u32 {
		0
	}
}

fn only_zero(amount: u32) -> DispatchResult {
	if amount == 0 {
		Ok(())
	} else {
		Err(TokenError::Unsupported.into())
	}
}

impl Currency<AccountId> for NoToken {
	type Balance = u32;
	type NegativeImbalance = Nothing;
	type PositiveImbalance = Nothing;

	fn total_balance(_: &AccountId) -> u32 {
		0
	}

	fn can_slash(_: &AccountId, amount: u32) -> bool {
		amount == 0
	}

	fn total_issuance() -> u32 {
		0
	}

	fn minimum_balance() -> u32 {
		0
	}

	fn burn(_: u32) -> Nothing {
		Nothing
	}

	fn issue(_: u32) -> Nothing {
		Nothing
	}

	fn free_balance(_: &AccountId) -> u32 {
		0
	}

	fn ensure_can_withdraw(_: &AccountId, amount: u32, _: WithdrawReasons, _: u32) -> DispatchResult {
		only_zero(amount)
	}

	fn transfer(_: &AccountId, _: &AccountId, amount: u32, _: ExistenceRequirement) -> DispatchResult {
		only_zero(amount)
	}

	fn slash(_: &AccountId, amount: u32) -> (Nothing, u32) {
		(Nothing, amount)
	}

	fn deposit_into_existing(_: &AccountId, amount: u32) -> Result<Nothing, DispatchError> {
		only_zero(amount).map(|()| Nothing)
	}

	fn deposit_creating(_: &AccountId, _: u32) -> Nothing {
		Nothing
	}

	fn withdraw(
		_: &AccountId,
		amount: u32,
		_: WithdrawReasons,
		_: ExistenceRequirement,
	) -> Result<Nothing, DispatchError> {
		only_zero(amount).map(|()| Nothing)
	}

	fn make_free_balance_be(_: &AccountId, _: u32) -> SignedImbalance<u32, Nothing> {
		SignedImbalance::zero()
	}
}

impl ReservableCurrency<AccountId> for NoToken {
	fn can_reserve(_: &AccountId, amount: u32) -> bool {
		amount == 0
	}

	fn slash_reserved(_: &AccountId, amount: u32) -> (Nothing, u32) {
		(Nothing, amount)
	}

	fn reserved_balance(_: &AccountId) -> u32 {
		0
	}

	fn reserve(_: &AccountId, amount: u32) -> DispatchResult {
		only_zero(amount)
	}

	fn unreserve(_: &AccountId, amount: u32) -> u32 {
		amount
	}

	fn repatriate_reserved(
		_: &AccountId,
		_: &AccountId,
		amount: u32,
		_: BalanceStatus,
	) -> Result<u32, DispatchError> {
		Ok(amount)
	}
}
