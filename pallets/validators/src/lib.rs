//! # Validators
//!
//! Who writes and finalises blocks. The council decides; the session pallet carries it out.
//!
//! ## Terminology
//!
//! - **Validator**: an account of a member whose node takes part in Aura and GRANDPA.
//! - **Session keys**: the node's keys for that, set by the account with a proof that it has them (`session.set_keys`).
//! - **Session**: a number of blocks with one validator set. What the council decides in session *n* is planned when session *n*
//!   ends and takes effect when session *n + 1* does, so that the old set finalises its own hand-over.
//! - **Minimum**: how few validators the council can leave. GRANDPA with *n* validators bears *(n - 1) / 3* that fail: three
//!   need all three, four bear one. So four, except on a developer's own machine.
//! - **Offender**: a validator that was proved to have voted for two histories at once.
//!
//! ## Assumptions
//!
//! - A validator is one by the council's decision alone. A membership that ends, or a suspension, does not remove it: were it
//!   so, the chain would stop on the day on which several memberships end. The council removes it.
//! - An account needs a provider reference before it can set session keys, which hold a consumer reference. The organisations
//!   pallet gives each account of a member one. Removing a validator purges its keys, so that nothing keeps its account.
//! - Who has no session keys when a session is planned is left out until it has. `session.purge_keys` would let a validator leave
//!   without the council, below the minimum: the runtime refuses that call to accounts.
//! - The set is handed to the session pallet only when it has changed. Each hand-over is a change of authorities that every
//!   light client has to follow with a proof.
//!
//! ## Calls
//!
//! | index | call | who | what it needs |
//! |---|---|---|---|
//! | 0 | `add_validator` | the council | an account of an active member, with session keys, not a validator yet |
//! | 1 | `remove_validator` | the council | a validator, and more of them than the minimum |

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

pub mod no_currency;
mod offences;
mod session;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use no_currency::NoCurrency;
pub use pallet::*;
pub use weights::WeightInfo;

extern crate alloc;

use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::{pallet_prelude::*, traits::EnsureOrigin};
use frame_system::{pallet_prelude::*, RawOrigin};
use passport_primitives::{
	ledger::{Membership, MembershipRefusal},
	organisation::OrganisationId,
};
use sp_runtime::traits::OpaqueKeys;

/// Fewest validators unless the genesis says otherwise: the fewest that bear the failure of one.
pub const DEFAULT_MINIMUM: u32 = 4;

#[frame_support::pallet]
pub mod pallet {
	use super::*;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config:
		frame_system::Config<RuntimeEvent: From<Event<Self>>>
		+ pallet_session::Config<ValidatorId = <Self as frame_system::Config>::AccountId>
	{
		/// Adds and removes validators.
		type CouncilOrigin: EnsureOrigin<Self::RuntimeOrigin>;
		/// Who acts for which organisation.
		type Members: Membership<Self::AccountId>;
		/// Most validators. GRANDPA's votes grow with their square, and each justification with their number.
		#[pallet::constant]
		type MaxValidators: Get<u32>;
		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// The validators, in the order in which they were added.
	#[pallet::storage]
	pub type Validators<T: Config> = StorageValue<_, BoundedVec<T::AccountId, T::MaxValidators>, ValueQuery>;

	/// Fewest validators that the council can leave. Set at genesis.
	#[pallet::storage]
	pub type MinimumValidators<T: Config> = StorageValue<_, u32, ValueQuery, ConstU32<DEFAULT_MINIMUM>>;

	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// The first validators: the accounts of the session pallet's genesis keys. Empty leaves the choice to those.
		pub validators: Vec<T::AccountId>,
		/// Fewest validators that the council can leave: 1 for a developer's own machine, else [`DEFAULT_MINIMUM`] or more.
		pub minimum_validators: u32,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self {
				validators: Vec::new(),
				minimum_validators: DEFAULT_MINIMUM,
			}
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		/// A genesis that breaks a rule of this pallet is a mistake that nobody can mend later: it builds no chain.
		fn build(&self) {
			assert!(
				self.minimum_validators > 0,
				"a chain needs one validator at least"
			);
			let distinct: BTreeSet<_> = self.validators.iter().collect();
			assert!(
				distinct.len() == self.validators.len(),
				"a validator is named twice"
			);
			assert!(
				self.validators.is_empty() || self.validators.len() >= self.minimum_validators as usize,
				"fewer validators than the minimum"
			);
			let validators: BoundedVec<_, T::MaxValidators> = self
				.validators
				.clone()
				.try_into()
				.expect("more validators than MaxValidators");
			Validators::<T>::put(validators);
			MinimumValidators::<T>::put(self.minimum_validators);
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// The council has added a validator. It takes part from the session after the next.
		ValidatorAdded {
			/// Its account.
			validator: T::AccountId,
			/// The member that runs it.
			organisation: OrganisationId,
		},
		/// The council has removed a validator. It takes part no longer from the session after the next.
		ValidatorRemoved {
			/// Its account.
			validator: T::AccountId,
		},
		/// A validator was removed because of a proved offence.
		OffenderRemoved {
			/// Its account.
			validator: T::AccountId,
		},
		/// A validator was proved to have offended and stays, for without it there would be fewer than the minimum. The
		/// council has to replace it.
		OffenderKept {
			/// Its account.
			validator: T::AccountId,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account acts for no organisation.
		NotAMember,
		/// The organisation's membership has ended.
		MembershipEnded,
		/// The council has suspended the organisation.
		Suspended,
		/// The account has set no session keys.
		KeysNotSet,
		/// The account is a validator.
		AlreadyValidator,
		/// The account is no validator.
		NotAValidator,
		/// There are `MaxValidators` validators.
		TooManyValidators,
		/// There would be fewer validators than the minimum.
		BelowMinimum,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Makes a member's account a validator, from the session after the next.
		///
		/// It must have set its session keys: a validator without keys counts for the minimum and finalises nothing. Emits
		/// [`Event::ValidatorAdded`].
		#[pallet::call_index(0)]
		#[pallet::weight(<T as Config>::WeightInfo::add_validator())]
		pub fn add_validator(origin: OriginFor<T>, validator: T::AccountId) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			let member = T::Members::active_member(&validator).map_err(Error::<T>::from)?;
			ensure!(
				pallet_session::NextKeys::<T>::contains_key(&validator),
				Error::<T>::KeysNotSet
			);
			Validators::<T>::try_mutate(|validators| {
				ensure!(!validators.contains(&validator), Error::<T>::AlreadyValidator);
				validators
					.try_push(validator.clone())
					.map_err(|_| Error::<T>::TooManyValidators)
			})?;
			Self::deposit_event(Event::ValidatorAdded {
				validator,
				organisation: member.organisation,
			});
			Ok(())
		}

		/// Takes an account out of the validator set, from the session after the next, and purges its session keys. Emits
		/// [`Event::ValidatorRemoved`].
		#[pallet::call_index(1)]
		#[pallet::weight(<T as Config>::WeightInfo::remove_validator(Pallet::<T>::session_keys()))]
		pub fn remove_validator(origin: OriginFor<T>, validator: T::AccountId) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			Self::remove(&validator)?;
			Self::deposit_event(Event::ValidatorRemoved { validator });
			Ok(())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The validators that the council has chosen. The session pallet's are the ones that take part now.
		pub fn validators() -> Vec<T::AccountId> {
			Validators::<T>::get().into_inner()
		}

		/// Fewest validators that the council can leave.
		pub fn minimum_validators() -> u32 {
			MinimumValidators::<T>::get()
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Keys that a validator has: one for Aura, one for GRANDPA.
	pub(crate) fn session_keys() -> u32 {
		<T as pallet_session::Config>::Keys::key_ids().len() as u32
	}

	/// Removes a validator and its session keys. Checks before it writes, for not every caller can undo.
	pub(crate) fn remove(validator: &T::AccountId) -> Result<(), Error<T>> {
		let mut validators = Validators::<T>::get();
		let position = validators
			.iter()
			.position(|other| other == validator)
			.ok_or(Error::<T>::NotAValidator)?;
		ensure!(
			validators.len() > MinimumValidators::<T>::get() as usize,
			Error::<T>::BelowMinimum
		);
		validators.remove(position);
		Validators::<T>::put(validators);
		// Frees the account's consumer reference, so that the organisations pallet can let the account go. That the account has
		// no keys is the one way in which this fails, and then there is nothing to free. The sets that take part now and next
		// have the keys in copies of their own.
		let _ = pallet_session::Pallet::<T>::purge_keys(RawOrigin::Signed(validator.clone()).into());
		Ok(())
	}
}

impl<T> From<MembershipRefusal> for Error<T> {
	fn from(refusal: MembershipRefusal) -> Self {
		match refusal {
			MembershipRefusal::NotAMember => Error::NotAMember,
			MembershipRefusal::Ended => Error::MembershipEnded,
			MembershipRefusal::Suspended => Error::Suspended,
		}
	}
}
