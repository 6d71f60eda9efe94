//! # Validators
//!
//! Who writes and finalises blocks. The council decides; the session pallet carries it out. What operators do is in
//! `docs/validators.md`.
//!
//! ## Terminology
//!
//! - **Validator**: an account of a member whose node takes part in Aura and GRANDPA.
//! - **Session keys**: the node's keys for that, set by the account with a proof that it has them (`session.set_keys`).
//! - **Session**: a number of blocks with one validator set. What the council decides in session *n* is planned when session *n*
//!   ends and takes effect when session *n + 1* does, so that the old set finalises its own hand-over.
//! - **Ready**: with session keys and an organisation that may act, said of a validator.
//! - **Minimum**: how few validators the council can leave. GRANDPA with *n* validators bears *(n - 1) / 3* that fail: three
//!   need all three, four bear one. So four, except on a developer's own machine.
//! - **Trade**: a role of an organisation that stands for an interest: every role but the bridge operator's, which counts for an
//!   organisation without another. A trade holds two validators at most, and more only while they are fewer than a third:
//!   [`trades`] says why.
//! - **Offender**: a validator that was proved to have voted for two histories at once.
//! - **Stopped**: not active by the council's decision, said of a member: suspended, removed, its membership ended.
//! - **Disabled**: taking part in a session, with blocks that Aura refuses. GRANDPA counts the votes all the same.
//!
//! ## Assumptions
//!
//! - A member has one validator at most: two would be two votes.
//! - Who acts for no active member is disabled, however many these are, in the block in which the council stops a member and in
//!   each that begins a session: a change of the set makes the session pallet forget who was, and a membership can have ended by
//!   itself. Who may act again is enabled by the next session. One stays enabled in any case: [`disabling`] says why.
//! - A member that is stopped loses its validator in the same block: it leaves with the session after the next, and its keys are
//!   purged. A membership that ends needs no call: who may not act when a session is planned is left out. Both as long as the
//!   minimum stays; then it takes part, disabled, until the council has replaced it.
//! - What a removal leaves: without a ready validator, as many ready ones as the minimum; without one that is not ready, as many
//!   validators of any kind as the minimum. The first keeps the minimum from being counted with validators that are on their way
//!   out; the second keeps one of these while it fills the set up. The rule is the same for the council's call, for offenders and
//!   for stopped members, whose validators are not ready any more when it is asked. An offender that was kept counts as ready.
//! - Aura stands before the session pallet in the runtime, so that it judges each block by the set that its author was drawn from.
//!   With the session pallet first, the block that begins a session would be judged by the new set, though its author was drawn
//!   from the old one. Aura knows an author by its place only (slot modulo number of validators): where the validator in that
//!   place of the new set is disabled, the block is refused. If all who may write stand in such places, nobody can write the
//!   block, and the session never begins.
//! - An account needs a provider reference before it can set session keys, which hold a consumer reference. The organisations
//!   pallet gives each account of a member one. Removing a validator purges its keys, so that nothing keeps its account.
//! - Who has no session keys when a session is planned is left out until it has. `session.purge_keys` would let a validator leave
//!   without the council, below the minimum: the runtime refuses that call to accounts. `purge_keys` here is for the others.
//! - The set is handed to the session pallet only when it has changed. Each hand-over is a change of authorities that every
//!   light client has to follow with a proof.
//! - The rule on trades is asked when a validator is added. Removing others, or a change of roles, can put a trade above it: that is
//!   shown by `trade_shares` and not enforced, for removing must always be possible.
//! - GRANDPA's equivocations come as proofs that `pallet_session::historical` checks, through `pallet_offences`, which counts each
//!   once. The key's owner is proved against the keys that are set when the proof is made: a validator that sets new keys or is
//!   removed can not be proved to have misused the old ones in the same session. The next session has the root of the keys that
//!   were in force.
//! - Two blocks by one author in one slot are seen by nodes, which log it (`Slot author is equivocating`) and do no more: Aura of
//!   this line of the SDK has no proof of it that a runtime could check. GRANDPA's equivocations are the only offence.
//!
//! ## Calls
//!
//! | index | call | who | what it needs |
//! |---|---|---|---|
//! | 0 | `add_validator` | the council | an account of an active member that has no validator, with session keys; room for its trades |
//! | 1 | `remove_validator` | the council | a validator; without it as many as the minimum, ready ones if it is ready |
//! | 2 | `replace_validator` | the council | a validator, and another account that could be added in its place |
//! | 3 | `note_stalled` | the council | finality that lags by 50 blocks; a delay of 10 to 300 blocks |
//! | 4 | `purge_keys` | the account, or the council | an account with session keys that is no validator |

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

pub mod disabling;
pub mod finality;
pub mod no_currency;
mod offences;
mod session;
pub mod trades;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use disabling::OffendersUpToAThird;
pub use finality::ForcedHandOver;
pub use no_currency::NoCurrency;
pub use offences::StoppingWeight;
pub use pallet::*;
pub use session::AccountSaysAll;
pub use trades::TradeShare;
pub use weights::WeightInfo;

extern crate alloc;

use alloc::{collections::BTreeSet, vec::Vec};
use finality::{MAX_DELAY_BLOCKS, MIN_DELAY_BLOCKS, MIN_LAG_BLOCKS};
use frame_support::{pallet_prelude::*, traits::EnsureOrigin};
use frame_system::{pallet_prelude::*, RawOrigin};
use pallet_session::ShouldEndSession;
use passport_primitives::{
	ledger::{Membership, MembershipRefusal},
	organisation::{OrganisationId, Roles},
};
use sp_runtime::traits::{OpaqueKeys, Saturating};
use sp_staking::SessionIndex;

/// Fewest validators unless the genesis says otherwise: the fewest that bear the failure of one.
pub const DEFAULT_MINIMUM: u32 = 4;

/// An account that the council has made a validator.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Validator<AccountId> {
	/// Whose session keys its node has.
	pub account: AccountId,
	/// The member that runs it. The account can not change its organisation while it has session keys.
	pub organisation: OrganisationId,
	/// The first session that it takes part in by the council's decision; 0 for a validator of the genesis.
	pub since: SessionIndex,
}

#[frame_support::pallet]
pub mod pallet {
	use super::*;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config:
		frame_system::Config<RuntimeEvent: From<Event<Self>>>
		+ pallet_session::Config<ValidatorId = <Self as frame_system::Config>::AccountId>
		+ pallet_session::historical::Config<FullIdentification = ()>
		+ pallet_grandpa::Config
	{
		/// Adds, removes and replaces validators, and gives finality to another set.
		type CouncilOrigin: EnsureOrigin<Self::RuntimeOrigin>;
		/// Who acts for which organisation.
		type Members: Membership<Self::AccountId>;
		/// Most validators. GRANDPA's votes grow with their square, and each justification with their number.
		#[pallet::constant]
		type MaxValidators: Get<u32>;
		/// When a session ends by itself. The session pallet asks this pallet, which ends it sooner to bring finality back.
		type Sessions: ShouldEndSession<BlockNumberFor<Self>>;
		/// Sessions after which an equivocation can no longer be proved: so many roots of sessions are kept.
		#[pallet::constant]
		type EvidenceSessions: Get<SessionIndex>;
		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// The validators, in the order in which they were added.
	#[pallet::storage]
	pub type Validators<T: Config> =
		StorageValue<_, BoundedVec<Validator<T::AccountId>, T::MaxValidators>, ValueQuery>;

	/// Fewest validators that the council can leave. Set at genesis.
	#[pallet::storage]
	pub type MinimumValidators<T: Config> = StorageValue<_, u32, ValueQuery, ConstU32<DEFAULT_MINIMUM>>;

	/// The hand-over of finality that waits for its session. While there is one, sessions last one block.
	#[pallet::storage]
	pub type Stalled<T: Config> = StorageValue<_, ForcedHandOver<BlockNumberFor<T>>>;

	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// The first validators: the accounts of the session pallet's genesis keys. Empty when there are no such keys, which is
		/// no chain that makes blocks: the session pallet's genesis refuses the one without the other.
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
			let mut organisations = BTreeSet::new();
			let mut roles = Vec::new();
			let validators: Vec<_> = self
				.validators
				.iter()
				.map(|account| {
					let member = T::Members::active_member(account)
						.expect("a validator's account acts for no active member");
					assert!(
						organisations.insert(member.organisation),
						"an organisation has two validators"
					);
					roles.push(member.roles);
					Validator {
						account: account.clone(),
						organisation: member.organisation,
						since: 0,
					}
				})
				.collect();
			assert!(
				trades::shares(&roles)
					.iter()
					.all(|share| share.held <= share.most),
				"a trade holds too many validators"
			);
			let validators: BoundedVec<_, T::MaxValidators> =
				validators.try_into().expect("more validators than MaxValidators");
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
		/// A validator was removed because its organisation may no longer act.
		StoppedValidatorRemoved {
			/// Its account.
			validator: T::AccountId,
			/// The member that was stopped.
			organisation: OrganisationId,
		},
		/// A validator's organisation may no longer act, and it stays, for without it there would be fewer than the minimum.
		/// The council has to replace it.
		StoppedValidatorKept {
			/// Its account.
			validator: T::AccountId,
			/// The member that was stopped.
			organisation: OrganisationId,
		},
		/// The council gives finality to the set that it has chosen, without a proof by the set that has it.
		FinalityStalled {
			/// The block that the new set goes on from.
			best_finalised: BlockNumberFor<T>,
			/// Blocks between the signal and the change.
			delay_blocks: BlockNumberFor<T>,
			/// The session that the change is signalled in.
			session: SessionIndex,
		},
		/// The session keys of an account that is no validator were purged.
		KeysPurged {
			/// Which account.
			account: T::AccountId,
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
		/// The account's organisation has a validator.
		OrganisationHasValidator,
		/// A trade of the account's organisation would hold more than two validators, and a third or more of all.
		TradeHoldsTooMany,
		/// The account is no validator.
		NotAValidator,
		/// There are `MaxValidators` validators.
		TooManyValidators,
		/// Too few would be left: fewer validators than the minimum or, without one that has session keys and may act, fewer than
		/// the minimum that do.
		BelowMinimum,
		/// The block that finality is to go on from is not 50 blocks old: finality works, or the number is wrong.
		NotStalled,
		/// The delay is not from 10 to 300 blocks.
		InvalidDelay,
		/// A hand-over of finality waits already.
		HandOverPending,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			// The session pallet asks in each block whether the session ends, and does not count what that reads.
			<T as Config>::WeightInfo::on_initialize()
		}

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
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `KeysNotSet`, `AlreadyValidator`, `OrganisationHasValidator`,
		/// `TradeHoldsTooMany`, `TooManyValidators`.
		#[pallet::call_index(0)]
		#[pallet::weight(<T as Config>::WeightInfo::add_validator(T::MaxValidators::get()))]
		pub fn add_validator(origin: OriginFor<T>, validator: T::AccountId) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			Self::add(Validators::<T>::get(), validator)
		}

		/// Takes an account out of the validator set, from the session after the next, and purges its session keys. Emits
		/// [`Event::ValidatorRemoved`].
		///
		/// As many as the minimum have to be left; if it has keys and may act, as many that have keys and may act.
		///
		/// Errors: `NotAValidator`, `BelowMinimum`.
		#[pallet::call_index(1)]
		#[pallet::weight(<T as Config>::WeightInfo::remove_validator(
			T::MaxValidators::get(),
			Pallet::<T>::session_keys()
		))]
		pub fn remove_validator(origin: OriginFor<T>, validator: T::AccountId) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			Self::remove(&validator)?;
			Self::deposit_event(Event::ValidatorRemoved { validator });
			Ok(())
		}

		/// Takes one account out of the validator set and puts another in, which may be one of the same organisation. It works
		/// at the minimum and at the maximum. Emits [`Event::ValidatorRemoved`] and [`Event::ValidatorAdded`].
		///
		/// Errors: `NotAValidator`, `AlreadyValidator`, and those of `add_validator`.
		#[pallet::call_index(2)]
		#[pallet::weight(<T as Config>::WeightInfo::replace_validator(
			T::MaxValidators::get(),
			Pallet::<T>::session_keys()
		))]
		pub fn replace_validator(
			origin: OriginFor<T>,
			validator: T::AccountId,
			by: T::AccountId,
		) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			ensure!(validator != by, Error::<T>::AlreadyValidator);
			let mut others = Validators::<T>::get();
			let position = others
				.iter()
				.position(|other| other.account == validator)
				.ok_or(Error::<T>::NotAValidator)?;
			others.remove(position);
			Self::purge(&validator);
			Self::deposit_event(Event::ValidatorRemoved { validator });
			Self::add(others, by)
		}

		/// Gives finality to the set that takes part from the session after the next, when too many of the present set are gone
		/// for good. The sessions until then last one block each; the change comes `delay_blocks` after the signal, and the new
		/// set goes on from `best_finalised`, the highest block that any of its nodes has seen finalised. Read
		/// `docs/validators.md` first. Emits [`Event::FinalityStalled`].
		///
		/// Errors: `NotStalled`, `InvalidDelay`, `HandOverPending`.
		#[pallet::call_index(3)]
		#[pallet::weight(<T as Config>::WeightInfo::note_stalled())]
		pub fn note_stalled(
			origin: OriginFor<T>,
			best_finalised: BlockNumberFor<T>,
			delay_blocks: BlockNumberFor<T>,
		) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			let lag = frame_system::Pallet::<T>::block_number().saturating_sub(best_finalised);
			ensure!(lag >= MIN_LAG_BLOCKS.into(), Error::<T>::NotStalled);
			ensure!(
				delay_blocks >= MIN_DELAY_BLOCKS.into() && delay_blocks <= MAX_DELAY_BLOCKS.into(),
				Error::<T>::InvalidDelay
			);
			ensure!(!Stalled::<T>::exists(), Error::<T>::HandOverPending);
			let session = Self::next_to_plan();
			Stalled::<T>::put(ForcedHandOver {
				best_finalised,
				delay_blocks,
				session,
			});
			Self::deposit_event(Event::FinalityStalled {
				best_finalised,
				delay_blocks,
				session,
			});
			Ok(())
		}

		/// Purges the session keys of an account that is no validator, by the account itself or by the council. Keys hold a
		/// consumer reference: as long as an account has some, it can be neither unlinked nor removed with its organisation. Emits
		/// [`Event::KeysPurged`].
		///
		/// Errors: `BadOrigin` for another account, `AlreadyValidator`, `KeysNotSet`.
		#[pallet::call_index(4)]
		#[pallet::weight(<T as Config>::WeightInfo::purge_keys(Pallet::<T>::session_keys()))]
		pub fn purge_keys(origin: OriginFor<T>, account: T::AccountId) -> DispatchResult {
			if let Err(origin) = T::CouncilOrigin::try_origin(origin) {
				ensure!(ensure_signed(origin)? == account, DispatchError::BadOrigin);
			}
			ensure!(
				Validators::<T>::get()
					.iter()
					.all(|validator| validator.account != account),
				Error::<T>::AlreadyValidator
			);
			ensure!(
				pallet_session::NextKeys::<T>::contains_key(&account),
				Error::<T>::KeysNotSet
			);
			Self::purge(&account);
			Self::deposit_event(Event::KeysPurged { account });
			Ok(())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The accounts that the council has chosen. The session pallet's are the ones that take part now.
		pub fn validators() -> Vec<T::AccountId> {
			Validators::<T>::get()
				.into_iter()
				.map(|validator| validator.account)
				.collect()
		}

		/// Fewest validators that the council can leave.
		pub fn minimum_validators() -> u32 {
			MinimumValidators::<T>::get()
		}

		/// How many validators each trade holds, of those whose organisation may act. A trade with more than its most got
		/// there when others left, and gets no further one.
		pub fn trade_shares() -> Vec<TradeShare> {
			trades::shares(&Self::roles(&Validators::<T>::get()))
		}
	}
}

/// The council's validators.
type ValidatorsOf<T> =
	BoundedVec<Validator<<T as frame_system::Config>::AccountId>, <T as Config>::MaxValidators>;

impl<T: Config> Pallet<T> {
	/// Keys that a validator has: one for Aura, one for GRANDPA.
	pub(crate) fn session_keys() -> u32 {
		<T as pallet_session::Config>::Keys::key_ids().len() as u32
	}

	/// The session that is planned when the present one ends: the first to show what is decided now.
	fn next_to_plan() -> SessionIndex {
		pallet_session::CurrentIndex::<T>::get().saturating_add(2)
	}

	/// The roles of each validator's organisation. Who may not act is on its way out of the set and counts for no trade.
	fn roles(validators: &[Validator<T::AccountId>]) -> Vec<Roles> {
		validators
			.iter()
			.filter_map(|validator| T::Members::active_roles(validator.organisation))
			.collect()
	}

	/// Adds an account to these validators, which become the council's.
	fn add(mut validators: ValidatorsOf<T>, account: T::AccountId) -> DispatchResult {
		let member = T::Members::active_member(&account).map_err(Error::<T>::from)?;
		let organisation = member.organisation;
		ensure!(
			pallet_session::NextKeys::<T>::contains_key(&account),
			Error::<T>::KeysNotSet
		);
		ensure!(
			validators.iter().all(|validator| validator.account != account),
			Error::<T>::AlreadyValidator
		);
		ensure!(
			validators
				.iter()
				.all(|validator| validator.organisation != organisation),
			Error::<T>::OrganisationHasValidator
		);
		let mut roles = Self::roles(&validators);
		roles.push(member.roles);
		// Only its own trades are asked for: another trade's share falls with every validator that is not of it.
		let its_trades = trades::trades(member.roles);
		ensure!(
			trades::shares(&roles)
				.iter()
				.all(|share| share.held <= share.most || !its_trades.contains(share.trade)),
			Error::<T>::TradeHoldsTooMany
		);
		validators
			.try_push(Validator {
				account: account.clone(),
				organisation,
				since: Self::next_to_plan(),
			})
			.map_err(|_| Error::<T>::TooManyValidators)?;
		Validators::<T>::put(validators);
		Self::deposit_event(Event::ValidatorAdded {
			validator: account,
			organisation,
		});
		Ok(())
	}

	/// Whether a validator has session keys and acts for an organisation that may act.
	fn is_ready(validator: &Validator<T::AccountId>) -> bool {
		pallet_session::NextKeys::<T>::contains_key(&validator.account)
			&& T::Members::active_roles(validator.organisation).is_some()
	}

	/// Removes a validator and its session keys. Checks before it writes, for not every caller can undo.
	pub(crate) fn remove(account: &T::AccountId) -> Result<(), Error<T>> {
		let mut validators = Validators::<T>::get();
		let position = validators
			.iter()
			.position(|validator| validator.account == *account)
			.ok_or(Error::<T>::NotAValidator)?;
		let left = if Self::is_ready(&validators.remove(position)) {
			validators
				.iter()
				.filter(|validator| Self::is_ready(validator))
				.count()
		} else {
			validators.len()
		};
		ensure!(
			left >= MinimumValidators::<T>::get() as usize,
			Error::<T>::BelowMinimum
		);
		Validators::<T>::put(validators);
		Self::purge(account);
		Ok(())
	}

	/// Purges session keys, which frees the account's consumer reference, so that the organisations pallet can let the account
	/// go. That the account has no keys is the one way in which this fails, and then there is nothing to free. The sets that
	/// take part now and next have the keys in copies of their own.
	fn purge(account: &T::AccountId) {
		let _ = pallet_session::Pallet::<T>::purge_keys(RawOrigin::Signed(account.clone()).into());
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
