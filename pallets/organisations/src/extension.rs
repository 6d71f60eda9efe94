//! Membership decides at the pool: the transaction extension that refuses what a member may not send.
//!
//! Its value is `()`, so polkadot.js and subxt sign without a custom type.

use crate::{Config, Pallet, WeightInfo};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::marker::PhantomData;
use frame_support::pallet_prelude::Weight;
use passport_primitives::{
	ledger::{Membership, MembershipRefusal},
	organisation::Roles,
	pool::{PoolRefusal, MAX_BATCHED_CALLS, MAX_CALL_NESTING},
};
use scale_info::TypeInfo;
use sp_runtime::{
	impl_tx_ext_default,
	traits::{DispatchInfoOf, DispatchOriginOf, TransactionExtension, ValidateResult},
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
	},
};

/// Who may send a call.
pub enum CallRule<'a, Call, AccountId> {
	/// An active member with one of these roles; [`Roles::ANY`] for every member.
	Members(Roles),
	/// Whoever the call's own origin check lets through, member or not: the council and, in the dev preset, the sudo key. The
	/// account must act for an active member all the same.
	OwnOriginCheck,
	/// Nobody: inherents, calls for root alone, calls that this chain does not offer.
	Nobody,
	/// A wrapper: these calls, sent by the same account or, where one is given, by that one.
	Wraps(Vec<&'a Call>, Option<AccountId>),
}

/// Tells who may send a call. The runtime implements it by an explicit list: what is not on it is for nobody.
pub trait ClassifyCall<Call, AccountId> {
	/// The rule for `call` when `sender` sends it.
	fn classify<'a>(call: &'a Call, sender: &AccountId) -> CallRule<'a, Call, AccountId>;
}

impl<T: Config> Pallet<T> {
	/// Whether `sender` may send `call`, wrappers looked into. Depth and number of calls are bounded, so is the work.
	pub fn check_call(sender: &T::AccountId, call: &T::RuntimeCall) -> Result<(), PoolRefusal> {
		// The sender must be a member even where a wrapper makes another account the origin of what it wraps.
		Self::check_roles(sender, Roles::ANY)?;
		let mut wrapped = 0;
		Self::check_nested(sender, call, 0, &mut wrapped)
	}

	fn check_nested(
		sender: &T::AccountId,
		call: &T::RuntimeCall,
		depth: u8,
		wrapped: &mut u32,
	) -> Result<(), PoolRefusal> {
		if depth > MAX_CALL_NESTING {
			return Err(PoolRefusal::NestedTooDeep);
		}
		match T::Calls::classify(call, sender) {
			CallRule::Members(roles) => Self::check_roles(sender, roles),
			// Asked of the proxied account too: else a suspended council member would vote through a delegate.
			CallRule::OwnOriginCheck => Self::check_roles(sender, Roles::ANY),
			CallRule::Nobody => Err(PoolRefusal::CallNotAllowed),
			CallRule::Wraps(calls, origin) => {
				// What wrappers hold counts, not the outermost wrapper itself: a batch of exactly the most calls passes.
				*wrapped = wrapped.saturating_add(calls.len() as u32);
				if *wrapped > MAX_BATCHED_CALLS {
					return Err(PoolRefusal::TooManyCalls);
				}
				let sender = origin.as_ref().unwrap_or(sender);
				calls
					.into_iter()
					.try_for_each(|call| Self::check_nested(sender, call, depth + 1, wrapped))
			}
		}
	}

	fn check_roles(sender: &T::AccountId, roles: Roles) -> Result<(), PoolRefusal> {
		match Self::active_member(sender) {
			Ok(member) if member.has_any(roles) => Ok(()),
			Ok(_) => Err(PoolRefusal::RoleNotAllowed),
			Err(MembershipRefusal::NotAMember) => Err(PoolRefusal::NotAMember),
			Err(MembershipRefusal::Ended) => Err(PoolRefusal::MembershipEnded),
			Err(MembershipRefusal::Suspended) => Err(PoolRefusal::Suspended),
		}
	}
}

/// Refuses, before a block is built, every signed transaction that the sender's membership does not cover.
#[derive(Clone, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[scale_info(skip_type_params(T))]
pub struct CheckMembership<T>(PhantomData<T>);

impl<T> Default for CheckMembership<T> {
	fn default() -> Self {
		CheckMembership(PhantomData)
	}
}

impl<T> core::fmt::Debug for CheckMembership<T> {
	fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		formatter.write_str("CheckMembership")
	}
}

impl<T: Config + Send + Sync> TransactionExtension<T::RuntimeCall> for CheckMembership<T> {
	const IDENTIFIER: &'static str = "CheckMembership";
	type Implicit = ();
	type Val = ();
	type Pre = ();

	fn weight(&self, _: &T::RuntimeCall) -> Weight {
		// The sender, then each call by the sender it has inside its wrapper; the second look at the same account is cached,
		// so one more stands for all of them but those of a proxy.
		T::WeightInfo::check_membership().saturating_mul(2)
	}

	fn validate(
		&self,
		origin: DispatchOriginOf<T::RuntimeCall>,
		call: &T::RuntimeCall,
		_: &DispatchInfoOf<T::RuntimeCall>,
		_: usize,
		(): (),
		_: &impl Encode,
		_: TransactionSource,
	) -> ValidateResult<(), T::RuntimeCall> {
		// Only what an account signs is a member's call; inherents and authorised general transactions have rules of their own.
		if let Ok(sender) = frame_system::ensure_signed(origin.clone()) {
			Self::check(&sender, call)?;
		}
		Ok((ValidTransaction::default(), (), origin))
	}

	impl_tx_ext_default!(T::RuntimeCall; prepare);
}

impl<T: Config> CheckMembership<T> {
	fn check(sender: &T::AccountId, call: &T::RuntimeCall) -> Result<(), TransactionValidityError> {
		Pallet::<T>::check_call(sender, call)
			.map_err(|refusal| InvalidTransaction::Custom(refusal.code()).into())
	}
}
