//! Membership decides at the pool: the transaction extension that refuses what a member may not send, and more than its quota, and
//! puts whoever has used less of it first.
//!
//! Nothing of it stands in a transaction, so polkadot.js and subxt sign without a custom type.

use crate::{quota::Payer, Config, CouncilSeats, OrganisationOf, Organisations, Pallet, Usage, WeightInfo};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::marker::PhantomData;
use frame_support::{
	dispatch::{DispatchClass, DispatchInfo, PostDispatchInfo},
	pallet_prelude::Weight,
	traits::Contains,
};
use passport_primitives::{
	ledger::MembershipRefusal,
	organisation::{OrganisationId, Roles},
	pool::{PoolRefusal, MAX_BATCHED_CALLS, MAX_CALL_NESTING},
};
use scale_info::TypeInfo;
use sp_runtime::{
	traits::{
		DispatchInfoOf, DispatchOriginOf, Dispatchable, PostDispatchInfoOf, TrailingZeroInput,
		TransactionExtension, ValidateResult,
	},
	transaction_validity::{
		InvalidTransaction, TransactionPriority, TransactionSource, TransactionValidityError,
		ValidTransaction,
	},
	DispatchResult,
};

/// Who may send a call.
pub enum CallRule<'a, Call, AccountId> {
	/// An active member with one of these roles; [`Roles::ANY`] for every member.
	Members(Roles),
	/// An account that has a seat in the council, whether the membership behind it is active or has merely ended: the council
	/// renews that by its members' votes.
	Council,
	/// Whoever the call's own origin check lets through: in the dev preset, the sudo key. The account must act for an active
	/// member all the same.
	OwnOriginCheck,
	/// Nobody: inherents, calls for root alone, calls that this chain does not offer.
	Nobody,
	/// A wrapper: these calls, sent by the same account or, where one is given, by that one.
	Wraps(Vec<&'a Call>, Option<AccountId>),
}

/// Tells who may send a call. The runtime implements it by an explicit list: what is not on it is for nobody.
pub trait ClassifyCall<Call, AccountId> {
	/// The rule for `call` when `sender` sends it. Whether a call is a wrapper, what it holds and whether it makes another
	/// account the sender must not hang on who sends it.
	fn classify<'a>(call: &'a Call, sender: &AccountId) -> CallRule<'a, Call, AccountId>;
}

/// What there is to look at in a transaction.
#[derive(Default)]
struct Extent {
	/// Calls: the outermost, and what wrappers hold.
	calls: u32,
	/// Accounts that wrapped calls are made for, the sender not counted.
	accounts: u32,
}

/// Whom an account acts for, and how far.
#[derive(Clone, Copy)]
struct Standing {
	/// Its organisation, which is not suspended.
	organisation: OrganisationId,
	/// The roles of that.
	roles: Roles,
	/// Whether the membership has ended: all that it leaves are the calls of the council, to the seats that it has.
	ended: bool,
}

/// What the priorities of the council's calls have above those of all others.
const COUNCIL_PRIORITY: TransactionPriority = 1_001;

impl<T: Config> Pallet<T> {
	/// Whether `sender` may send `call`, wrappers looked into, and the organisation that pays for it out of its quota: the
	/// sender's, whichever account a wrapper makes the origin. Depth and number of calls are bounded, so is the work.
	pub fn check_call(sender: &T::AccountId, call: &T::RuntimeCall) -> Result<OrganisationId, PoolRefusal> {
		// The sender must be a member even where a wrapper makes another account the origin of what it wraps.
		let standing = Self::standing_at_the_pool(sender)?;
		Self::check_nested(sender, standing, call, 0, &mut 0)?;
		Ok(standing.organisation)
	}

	fn check_nested(
		sender: &T::AccountId,
		standing: Standing,
		call: &T::RuntimeCall,
		depth: u8,
		wrapped: &mut u32,
	) -> Result<(), PoolRefusal> {
		if depth > MAX_CALL_NESTING {
			return Err(PoolRefusal::NestedTooDeep);
		}
		let rule = T::Calls::classify(call, sender);
		match &rule {
			CallRule::Nobody => return Err(PoolRefusal::CallNotAllowed),
			CallRule::Council if T::Council::is_seated(sender) => {}
			// Each of the calls is asked for by itself.
			CallRule::Wraps(calls, _) if !calls.is_empty() => {}
			_ if standing.ended => return Err(PoolRefusal::MembershipEnded),
			CallRule::Council => return Err(PoolRefusal::NotSeated),
			CallRule::Members(roles) if !standing.roles.intersects(*roles) => {
				return Err(PoolRefusal::RoleNotAllowed)
			}
			_ => {}
		}
		// The SDK asks its filter at dispatch only, when the call has taken its room in a block.
		if !T::BaseCallFilter::contains(call) {
			return Err(PoolRefusal::CallPaused);
		}
		let CallRule::Wraps(calls, origin) = rule else {
			return Ok(());
		};
		// What wrappers hold counts, not the outermost wrapper itself: a batch of exactly the most calls passes.
		*wrapped = wrapped.saturating_add(calls.len() as u32);
		if *wrapped > MAX_BATCHED_CALLS {
			return Err(PoolRefusal::TooManyCalls);
		}
		let (sender, standing) = match &origin {
			Some(account) => {
				// Asked whatever the call: else a suspended member would act through a delegate.
				let of_account = Self::standing_at_the_pool(account)?;
				// An ended membership speaks for its own seats, a multisig's for example, and for nobody else's.
				if standing.ended && of_account.organisation != standing.organisation {
					return Err(PoolRefusal::MembershipEnded);
				}
				(account, of_account)
			}
			None => (sender, standing),
		};
		calls
			.into_iter()
			.try_for_each(|call| Self::check_nested(sender, standing, call, depth + 1, wrapped))
	}

	fn standing_at_the_pool(account: &T::AccountId) -> Result<Standing, PoolRefusal> {
		let organisation = OrganisationOf::<T>::get(account).ok_or(PoolRefusal::NotAMember)?;
		let member = Organisations::<T>::get(organisation).ok_or(PoolRefusal::NotAMember)?;
		let ended = match member.standing(&frame_system::Pallet::<T>::block_number()) {
			Ok(()) => false,
			Err(MembershipRefusal::Ended) => true,
			Err(MembershipRefusal::Suspended) => return Err(PoolRefusal::Suspended),
			Err(MembershipRefusal::NotAMember) => return Err(PoolRefusal::NotAMember),
		};
		Ok(Standing {
			organisation,
			roles: member.roles,
			ended,
		})
	}

	/// What the pool orders transactions by, and what it drops them by when it is full: the thousandths of its organisation's
	/// quota that this transaction leaves, 0 to 1,000. Whoever has used less comes first, and short before long. `used` is with
	/// this transaction, in picoseconds of ref_time.
	///
	/// What a seated account sends of the operational class, its part in the council that is, stands above all of that, 1,001 to
	/// 2,001: a flood is no way to keep the council from deciding, or from stopping the flood. A vote through a multisig or a
	/// proxy is ordered like any call of its signer's: the pool looks at the account that signed.
	///
	/// Transactions of one account keep the order of their nonces, whatever their priorities.
	fn priority(
		sender: &T::AccountId,
		payer: OrganisationId,
		used: u64,
		class: DispatchClass,
	) -> TransactionPriority {
		let left = Self::left_of_quota(payer, used);
		if Self::is_the_councils(sender, class) {
			left + COUNCIL_PRIORITY
		} else {
			left
		}
	}

	/// Counts what [`Self::check_call`] will look at. Stops where that refuses.
	fn measure(sender: &T::AccountId, call: &T::RuntimeCall, depth: u8, extent: &mut Extent) {
		if depth > MAX_CALL_NESTING || extent.calls > MAX_BATCHED_CALLS {
			return;
		}
		extent.calls += 1;
		if let CallRule::Wraps(calls, origin) = T::Calls::classify(call, sender) {
			extent.accounts += u32::from(origin.is_some());
			for call in calls {
				Self::measure(sender, call, depth + 1, extent);
			}
		}
	}
}

/// Refuses, before a block is built, every signed transaction that the sender's membership or its quota does not cover, gives the
/// others a priority by what is left of the quota, and charges the quota for those that are dispatched.
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

impl<T: Config + Send + Sync> TransactionExtension<T::RuntimeCall> for CheckMembership<T>
where
	T::RuntimeCall: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>,
{
	const IDENTIFIER: &'static str = "CheckMembership";
	type Implicit = ();
	/// Who pays; `None` for what no account signs.
	type Val = Option<Payer>;
	/// Who has paid.
	type Pre = Option<OrganisationId>;

	fn weight(&self, call: &T::RuntimeCall) -> Weight {
		// Who sends is not known here, and does not matter for how much there is to look at.
		let extent = match T::AccountId::decode(&mut TrailingZeroInput::zeroes()) {
			Ok(anybody) => {
				let mut extent = Extent::default();
				Pallet::<T>::measure(&anybody, call, 0, &mut extent);
				extent
			}
			Err(_) => Extent {
				calls: MAX_BATCHED_CALLS + 1,
				accounts: MAX_BATCHED_CALLS + 1,
			},
		};
		T::WeightInfo::check_membership(extent.calls, extent.accounts)
	}

	fn validate(
		&self,
		origin: DispatchOriginOf<T::RuntimeCall>,
		call: &T::RuntimeCall,
		info: &DispatchInfoOf<T::RuntimeCall>,
		length_bytes: usize,
		(): (),
		_: &impl Encode,
		_: TransactionSource,
	) -> ValidateResult<Self::Val, T::RuntimeCall> {
		// Only what an account signs is a member's call; inherents and authorised general transactions have rules of their own.
		let Ok(sender) = frame_system::ensure_signed(origin.clone()) else {
			return Ok((ValidTransaction::default(), None, origin));
		};
		let organisation = Pallet::<T>::check_call(&sender, call).map_err(refused)?;
		let payer = Pallet::<T>::payer(&sender, organisation, info.class);
		let share = Pallet::<T>::block_share(info, info.total_weight(), length_bytes);
		let consumption = Pallet::<T>::covered(payer, share).map_err(refused)?;
		let validity = ValidTransaction {
			priority: Pallet::<T>::priority(&sender, organisation, consumption.ref_time, info.class),
			..ValidTransaction::default()
		};
		Ok((validity, Some(payer), origin))
	}

	fn prepare(
		self,
		payer: Self::Val,
		_: &DispatchOriginOf<T::RuntimeCall>,
		_: &T::RuntimeCall,
		info: &DispatchInfoOf<T::RuntimeCall>,
		length_bytes: usize,
	) -> Result<Self::Pre, TransactionValidityError> {
		if let Some(payer) = payer {
			let share = Pallet::<T>::block_share(info, info.total_weight(), length_bytes);
			let consumption = Pallet::<T>::covered(payer, share).map_err(refused)?;
			Usage::<T>::insert(payer.organisation, consumption);
		}
		Ok(payer.map(|payer| payer.organisation))
	}

	fn post_dispatch_details(
		payer: Self::Pre,
		info: &DispatchInfoOf<T::RuntimeCall>,
		post_info: &PostDispatchInfoOf<T::RuntimeCall>,
		length_bytes: usize,
		_: &DispatchResult,
	) -> Result<Weight, TransactionValidityError> {
		if let Some(payer) = payer {
			let charged = Pallet::<T>::block_share(info, info.total_weight(), length_bytes);
			let used = Pallet::<T>::block_share(info, post_info.calc_actual_weight(info), length_bytes);
			Pallet::<T>::give_back(payer, charged.saturating_sub(used));
		}
		// The extension itself has used all of its own weight.
		Ok(Weight::zero())
	}
}

fn refused(refusal: PoolRefusal) -> TransactionValidityError {
	InvalidTransaction::Custom(refusal.code()).into()
}
