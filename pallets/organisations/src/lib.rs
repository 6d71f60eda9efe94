//! # Organisations
//!
//! Who the members of the consortium are and what they may do. Membership is the right to transact: the chain has no token
//! and no fees, so this pallet stands where other chains have balances.
//!
//! ## Terminology
//!
//! - **Organisation**: a legal person, with a decentralised identifier, roles, an HPKE public key and an end of membership.
//! - **Account**: a key that acts for exactly one organisation. A member has several: a root key, clerks, one for each
//!   submitter lane of a bridge (each lane needs a nonce of its own).
//! - **Active**: admitted, not suspended, membership not ended. Whoever is not active may do nothing, and what it granted or
//!   delegated counts for nothing: the other pallets ask [`Membership::active_roles`] when they read, not only when they write.
//! - **Stopped**: not active because the council suspended or removed the member, or set the end of its membership into the past.
//! - **Retired**: an account that was unlinked. It is never linked again.
//! - **Consent**: what an account signs before a member can link it, [`linking::link_message`].
//! - **Quota**: what an organisation may use in a period of `QuotaPeriodBlocks`, in picoseconds of ref_time (10^12 are one second
//!   of one core); `DefaultQuota` unless the council says otherwise.
//! - **Council**: the origin that admits, changes, suspends and removes; `CouncilOrigin`.
//! - **Seat**: what an account votes in the council with; [`CouncilSeats`] tells who has one.
//!
//! ## Assumptions
//!
//! - `CheckNonce` refuses an account without providers. Each account of an organisation therefore holds one provider reference
//!   from [`Pallet::admit`] or [`Pallet::link_account`] until it is unlinked.
//! - [`CheckMembership`] stands in the runtime's transaction extensions, so that a call which a member may not send is refused
//!   by the pool. The pallets check again at dispatch, for calls that come by another way than a signed extrinsic.
//! - The organisation whose account signed pays out of its quota, for what the transaction takes of its block: weight or length,
//!   whichever is the larger part. What a call leaves of its declared weight is given back. Periods are the same for everybody and
//!   begin with nothing used, so across the border of two periods a member can use two quotas without a pause.
//! - Whoever listens for stopped members (`OnMemberStopped`) is told by the council's calls. Nobody is told when a membership ends
//!   by itself: no call runs then. What must end with it asks [`Membership`].
//! - Every seat counts in what the council decides, so none may be left with an account that can not vote. Suspending and removing
//!   a member vacates its seats in the same step, and an account that has one stays linked. A membership that merely ended leaves
//!   the seat where it is, and with it the council's own calls, so that the council can renew it. The last seat is never vacated.
//! - An account that loses its last provider reference loses its nonce. Were it linked again, its old immortal transactions
//!   would count once more. So an unlinked account is retired for good; a member that comes back brings new keys. The
//!   list of retired accounts only grows, by an account number for each; who makes it grow pays for a link before.
//! - Root exists on a development chain alone. [`Pallet::authorize_upgrade`] is therefore the only way to a new runtime:
//!   `system.set_code` and `system.authorize_upgrade` need root, and `system.apply_authorized_upgrade` takes the code with the
//!   authorised hash from anybody, provided that it has the same name and a higher version.
//!
//! ## Calls
//!
//! | call | who | what it needs |
//! |---|---|---|
//! | `admit` | council | new accounts, usable HPKE key, at least one role |
//! | `set_roles` | council | at least one role |
//! | `set_expiry` | council | |
//! | `suspend` | council | not already so, not all of the seats |
//! | `reinstate` | council | suspended |
//! | `remove` | council | no account needed elsewhere, not all of the seats |
//! | `link_account` | any account of the organisation | new account, its consent, at most 16 |
//! | `link_account_by_council` | council | new account, at most 16 |
//! | `unlink_account` | any account of the organisation | not the last one, no seat |
//! | `set_hpke_key` | any account of the organisation | usable key |
//! | `set_quota` | council | |
//! | `authorize_upgrade` | council | |
//!
//! A new account is one that acts for nobody and never did.

#![cfg_attr(not(feature = "std"), no_std)]

mod council;
mod extension;
pub mod linking;
mod quota;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use council::CouncilSeats;
pub use extension::{CallRule, CheckMembership, ClassifyCall};
pub use pallet::*;
pub use quota::{Consumption, Payer, QuotaView};
pub use weights::WeightInfo;

extern crate alloc;

use alloc::{string::String, vec::Vec};
use frame_support::{pallet_prelude::*, traits::EnsureOrigin};
use frame_system::pallet_prelude::*;
use passport_primitives::{
	ledger::{ActiveMember, Membership, MembershipRefusal, OnMemberStopped},
	organisation::{is_usable_hpke_key, OrganisationId, Roles, MAX_ACCOUNTS_PER_ORGANISATION, MAX_DID_BYTES},
};
use sp_runtime::traits::{IdentifyAccount, Verify};

/// Decentralised identifier: `did:` and printable ASCII.
pub type Did = BoundedVec<u8, ConstU32<MAX_DID_BYTES>>;

/// The accounts that act for one organisation.
pub type Accounts<AccountId> = BoundedVec<AccountId, ConstU32<MAX_ACCOUNTS_PER_ORGANISATION>>;

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Organisation<AccountId, BlockNumber> {
	/// Its decentralised identifier, `did:web` as a rule.
	pub did: Did,
	/// Its roles.
	pub roles: Roles,
	/// X25519 public key that envelopes for it are made with.
	pub hpke_public_key: [u8; 32],
	/// Last block in which it may act; `None` for no end.
	pub expires_at: Option<BlockNumber>,
	/// Whether the council has suspended it.
	pub suspended: bool,
	/// The accounts that act for it.
	pub accounts: Accounts<AccountId>,
}

#[frame_support::pallet]
pub mod pallet {
	use super::*;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// Admits, changes, suspends and removes members.
		type CouncilOrigin: EnsureOrigin<Self::RuntimeOrigin>;
		/// Which roles a call needs, wrappers included.
		type Calls: ClassifyCall<Self::RuntimeCall, Self::AccountId>;
		/// What an account signs its consent with: the same as a transaction.
		type Signature: Parameter + Verify<Signer: IdentifyAccount<AccountId = Self::AccountId>>;
		/// Blocks of a quota's period.
		#[pallet::constant]
		type QuotaPeriodBlocks: Get<BlockNumberFor<Self>>;
		/// What an organisation may use in a period unless the council says otherwise, in picoseconds of ref_time.
		#[pallet::constant]
		type DefaultQuota: Get<u64>;
		/// Told when a member is stopped: what must not wait until somebody asks [`Membership`].
		type OnMemberStopped: OnMemberStopped;
		/// Weight of telling it, worst case.
		type MemberStoppedWeight: Get<Weight>;
		/// The council's seats.
		type Council: CouncilSeats<Self::AccountId>;
		/// Weight of reading the seats and setting them, worst case.
		type VacateSeatsWeight: Get<Weight>;
		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Every organisation that was admitted and not removed.
	#[pallet::storage]
	pub type Organisations<T: Config> =
		StorageMap<_, Blake2_128Concat, OrganisationId, Organisation<T::AccountId, BlockNumberFor<T>>>;

	/// The organisation that an account acts for.
	#[pallet::storage]
	pub type OrganisationOf<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, OrganisationId>;

	/// Accounts that were unlinked: they are never linked again. One entry for each, for ever.
	#[pallet::storage]
	pub type RetiredAccounts<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, ()>;

	/// What the council lets an organisation use in a period, in picoseconds of ref_time; `DefaultQuota` for the others.
	#[pallet::storage]
	pub type Quotas<T: Config> = StorageMap<_, Blake2_128Concat, OrganisationId, u64>;

	/// What an organisation has used. One value for each, overwritten.
	#[pallet::storage]
	pub type Usage<T: Config> =
		StorageMap<_, Blake2_128Concat, OrganisationId, Consumption<BlockNumberFor<T>>>;

	/// The number that the next organisation gets. Numbers start at 1 and are never given again.
	#[pallet::storage]
	pub type NextOrganisation<T: Config> = StorageValue<_, OrganisationId, ValueQuery, FirstOrganisation>;

	/// The first number: 0 stays free, so that a forgotten field is nobody.
	pub struct FirstOrganisation;
	impl Get<OrganisationId> for FirstOrganisation {
		fn get() -> OrganisationId {
			OrganisationId(1)
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An organisation has become a member.
		Admitted {
			/// Its number.
			organisation: OrganisationId,
			/// Its roles.
			roles: Roles,
		},
		/// The roles of a member were changed.
		RolesChanged {
			/// Whose.
			organisation: OrganisationId,
			/// What they are now.
			roles: Roles,
		},
		/// The end of a membership was changed.
		ExpiryChanged {
			/// Whose.
			organisation: OrganisationId,
			/// Last block; `None` for no end.
			expires_at: Option<BlockNumberFor<T>>,
		},
		/// A member was suspended.
		Suspended {
			/// Which.
			organisation: OrganisationId,
		},
		/// A suspension was lifted.
		Reinstated {
			/// Whose.
			organisation: OrganisationId,
		},
		/// A member was removed.
		Removed {
			/// Which.
			organisation: OrganisationId,
		},
		/// An account acts for a member from now on.
		AccountLinked {
			/// Which member.
			organisation: OrganisationId,
			/// Which account.
			account: T::AccountId,
		},
		/// An account acts for its member no more.
		AccountUnlinked {
			/// Which member.
			organisation: OrganisationId,
			/// Which account.
			account: T::AccountId,
		},
		/// A member that may not act any more has lost a seat in the council.
		SeatVacated {
			/// Which member.
			organisation: OrganisationId,
			/// The account that had the seat.
			account: T::AccountId,
		},
		/// A member has a new HPKE key.
		HpkeKeyChanged {
			/// Which member.
			organisation: OrganisationId,
		},
		/// What a member may use in a period was changed.
		QuotaChanged {
			/// Whose.
			organisation: OrganisationId,
			/// Picoseconds of ref_time; `None` for `DefaultQuota`.
			ref_time_per_period: Option<u64>,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// No organisation has this number.
		NotFound,
		/// The account acts for no organisation.
		NotAMember,
		/// The organisation's membership has ended.
		MembershipEnded,
		/// The organisation is suspended.
		OrganisationSuspended,
		/// The organisation is not suspended.
		NotSuspended,
		/// The account acts for an organisation already.
		AccountInUse,
		/// The account does not act for this organisation.
		AccountNotLinked,
		/// The organisation would have no account left.
		LastAccount,
		/// The organisation would have more than 16 accounts.
		TooManyAccounts,
		/// A member has at least one account.
		NoAccount,
		/// A member has at least one role, and none that does not exist.
		InvalidRoles,
		/// The identifier does not start with `did:` or has a character outside printable ASCII.
		InvalidDid,
		/// The HPKE key is of small order.
		UnusableHpkeKey,
		/// The account was unlinked once: its old transactions would count again.
		AccountRetired,
		/// The account's signature is not under its consent to act for this organisation.
		NoConsent,
		/// The last block in which the consent counts has passed.
		ConsentExpired,
		/// The consent would count for more than 14,400 blocks from now.
		ConsentTooLong,
		/// All seats of the council are this member's. Without them nobody could decide anything any more, not even to give a seat.
		LastSeat,
		/// The account has a seat in the council, which has to give it to another or take it away first.
		AccountSeated,
	}

	/// The members at genesis; they get the numbers 1, 2, … in this order.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// In the order of their numbers.
		pub members: Vec<GenesisMember<T::AccountId>>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		// A genesis that can not be built must stop the node, with the reason.
		#[allow(clippy::panic)]
		fn build(&self) {
			for member in &self.members {
				let admitted = Roles::from_bits(member.roles)
					.ok_or(Error::<T>::InvalidRoles.into())
					.and_then(|roles| {
						Pallet::<T>::do_admit(
							member.did.as_bytes().to_vec(),
							roles,
							member.hpke_public_key,
							None,
							member.accounts.clone(),
						)
					});
				match admitted {
					Ok(organisation) => Quotas::<T>::set(organisation, member.quota),
					Err(error) => panic!("genesis member {}: {error:?}", member.did),
				}
			}
		}
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
		/// Admits an organisation. Emits `Admitted`.
		///
		/// Errors: `InvalidDid`, `InvalidRoles`, `UnusableHpkeKey`, `NoAccount`, `AccountRetired`, `AccountInUse`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::admit())]
		pub fn admit(
			origin: OriginFor<T>,
			did: Did,
			roles: Roles,
			hpke_public_key: [u8; 32],
			expires_at: Option<BlockNumberFor<T>>,
			accounts: Accounts<T::AccountId>,
		) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			Self::do_admit(
				did.into_inner(),
				roles,
				hpke_public_key,
				expires_at,
				accounts.into_inner(),
			)?;
			Ok(())
		}

		/// Replaces the roles of a member. Emits `RolesChanged`.
		///
		/// Errors: `InvalidRoles`, `NotFound`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::change_organisation())]
		pub fn set_roles(origin: OriginFor<T>, organisation: OrganisationId, roles: Roles) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			ensure!(roles.is_valid() && !roles.is_empty(), Error::<T>::InvalidRoles);
			Self::mutate(organisation, |member| {
				member.roles = roles;
				Ok(())
			})?;
			Self::deposit_event(Event::RolesChanged { organisation, roles });
			Ok(())
		}

		/// Sets the last block of a membership, in the past as well: the membership has ended then, and `OnMemberStopped` is told.
		/// Emits `ExpiryChanged`.
		///
		/// Errors: `NotFound`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::change_organisation().saturating_add(T::MemberStoppedWeight::get()))]
		pub fn set_expiry(
			origin: OriginFor<T>,
			organisation: OrganisationId,
			expires_at: Option<BlockNumberFor<T>>,
		) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			Self::mutate(organisation, |member| {
				member.expires_at = expires_at;
				Ok(())
			})?;
			Self::deposit_event(Event::ExpiryChanged {
				organisation,
				expires_at,
			});
			if expires_at.is_some_and(|last| last < frame_system::Pallet::<T>::block_number()) {
				T::OnMemberStopped::on_member_stopped(organisation);
			}
			Ok(())
		}

		/// Suspends a member: its calls, and everything that it had granted or delegated. Its seats in the council are vacated, so
		/// that they do not count against those who can still vote. `OnMemberStopped` is told. Emits `SeatVacated` for each seat,
		/// then `Suspended`.
		///
		/// Errors: `NotFound`, `OrganisationSuspended`, `LastSeat`.
		#[pallet::call_index(3)]
		#[pallet::weight(
			T::WeightInfo::change_organisation()
				.saturating_add(T::MemberStoppedWeight::get())
				.saturating_add(T::VacateSeatsWeight::get())
		)]
		pub fn suspend(origin: OriginFor<T>, organisation: OrganisationId) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			Self::mutate(organisation, |member| {
				ensure!(!member.suspended, Error::<T>::OrganisationSuspended);
				member.suspended = true;
				Self::vacate_seats(organisation, &member.accounts)
			})?;
			Self::deposit_event(Event::Suspended { organisation });
			T::OnMemberStopped::on_member_stopped(organisation);
			Ok(())
		}

		/// Lifts a suspension. A seat in the council does not come back with it: that is for the council to give. Emits `Reinstated`.
		///
		/// Errors: `NotFound`, `NotSuspended`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::change_organisation())]
		pub fn reinstate(origin: OriginFor<T>, organisation: OrganisationId) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			Self::mutate(organisation, |member| {
				ensure!(member.suspended, Error::<T>::NotSuspended);
				member.suspended = false;
				Ok(())
			})?;
			Self::deposit_event(Event::Reinstated { organisation });
			Ok(())
		}

		/// Removes a member, vacates its seats in the council, retires its accounts and drops its quota. `OnMemberStopped` is told
		/// before, so that it can let go of accounts that it needs. The number stays in the records that the member wrote, and
		/// nobody gets it again. Emits `SeatVacated` for each seat, then `Removed`.
		///
		/// Errors: `NotFound`, `LastSeat`; `ConsumerRemaining` of the system pallet while one of its accounts is needed all the
		/// same: a validator's that can not be spared, for example.
		#[pallet::call_index(5)]
		#[pallet::weight(
			T::WeightInfo::remove()
				.saturating_add(T::MemberStoppedWeight::get())
				.saturating_add(T::VacateSeatsWeight::get())
		)]
		pub fn remove(origin: OriginFor<T>, organisation: OrganisationId) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			// Stopped first and unlinked afterwards: who listens still finds the accounts, of a member that may not act.
			Self::mutate(organisation, |member| {
				member.suspended = true;
				Self::vacate_seats(organisation, &member.accounts)
			})?;
			T::OnMemberStopped::on_member_stopped(organisation);
			let member = Organisations::<T>::take(organisation).ok_or(Error::<T>::NotFound)?;
			for account in member.accounts {
				Self::unlink(&account)?;
			}
			Quotas::<T>::remove(organisation);
			Usage::<T>::remove(organisation);
			Self::deposit_event(Event::Removed { organisation });
			Ok(())
		}

		/// Lets another account act for the caller's organisation, if it has signed that it wants to. Without its consent a
		/// member could take any account that nobody uses yet and so keep it from the organisation that it belongs to.
		///
		/// `proof` is the account's signature over [`linking::link_message`], plain or between `<Bytes>` and `</Bytes>`.
		/// `expires_at` is the last block in which it counts, at most 14,400 from now. Emits `AccountLinked`.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `OrganisationSuspended`, `ConsentExpired`, `ConsentTooLong`, `NoConsent`,
		/// `AccountRetired`, `AccountInUse`, `TooManyAccounts`.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::link_account())]
		pub fn link_account(
			origin: OriginFor<T>,
			account: T::AccountId,
			expires_at: BlockNumberFor<T>,
			proof: T::Signature,
		) -> DispatchResult {
			let organisation = Self::ensure_active(origin)?;
			Self::ensure_consent(organisation, &account, expires_at, &proof)?;
			Self::add_account(organisation, &account)?;
			Self::deposit_event(Event::AccountLinked {
				organisation,
				account,
			});
			Ok(())
		}

		/// Ends, for good, that an account acts for the caller's organisation: the caller's own one as well. The account is retired:
		/// no organisation can link it again. Emits `AccountUnlinked`.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `OrganisationSuspended`, `AccountNotLinked`, `LastAccount`, `AccountSeated`;
		/// `ConsumerRemaining` of the system pallet while the account is needed.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::unlink_account())]
		pub fn unlink_account(origin: OriginFor<T>, account: T::AccountId) -> DispatchResult {
			let organisation = Self::ensure_active(origin)?;
			Self::mutate(organisation, |member| {
				let index = member
					.accounts
					.iter()
					.position(|linked| *linked == account)
					.ok_or(Error::<T>::AccountNotLinked)?;
				ensure!(member.accounts.len() > 1, Error::<T>::LastAccount);
				ensure!(!T::Council::is_seated(&account), Error::<T>::AccountSeated);
				member.accounts.remove(index);
				Self::unlink(&account)
			})?;
			Self::deposit_event(Event::AccountUnlinked {
				organisation,
				account,
			});
			Ok(())
		}

		/// Replaces the key that envelopes for the caller's organisation are made with. Emits `HpkeKeyChanged`.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `OrganisationSuspended`, `UnusableHpkeKey`.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::change_organisation())]
		pub fn set_hpke_key(origin: OriginFor<T>, hpke_public_key: [u8; 32]) -> DispatchResult {
			let organisation = Self::ensure_active(origin)?;
			ensure!(is_usable_hpke_key(&hpke_public_key), Error::<T>::UnusableHpkeKey);
			Self::mutate(organisation, |member| {
				member.hpke_public_key = hpke_public_key;
				Ok(())
			})?;
			Self::deposit_event(Event::HpkeKeyChanged { organisation });
			Ok(())
		}

		/// Sets what a member may use in a period, in picoseconds of ref_time; `None` for `DefaultQuota`. It counts from the next
		/// transaction on, together with what the member has used in this period. Zero stops its transactions, but not what it granted
		/// or delegated: that is what `suspend` is for. What its accounts with a seat send to the council has `DefaultQuota` at
		/// least. Emits `QuotaChanged`.
		///
		/// Errors: `NotFound`.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::set_quota())]
		pub fn set_quota(
			origin: OriginFor<T>,
			organisation: OrganisationId,
			ref_time_per_period: Option<u64>,
		) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			ensure!(
				Organisations::<T>::contains_key(organisation),
				Error::<T>::NotFound
			);
			Quotas::<T>::set(organisation, ref_time_per_period);
			Self::deposit_event(Event::QuotaChanged {
				organisation,
				ref_time_per_period,
			});
			Ok(())
		}

		/// Lets an account act for a member without a signature of its own: for multisigs, which have no key to sign with. The
		/// council makes sure that whoever stands behind the account agrees. Emits `AccountLinked`.
		///
		/// Errors: `NotFound`, `AccountRetired`, `AccountInUse`, `TooManyAccounts`.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::link_account_by_council())]
		pub fn link_account_by_council(
			origin: OriginFor<T>,
			organisation: OrganisationId,
			account: T::AccountId,
		) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			Self::add_account(organisation, &account)?;
			Self::deposit_event(Event::AccountLinked {
				organisation,
				account,
			});
			Ok(())
		}

		/// Authorises the runtime whose code has this hash; one that was authorised before and not applied is so no more. Anybody
		/// then brings the code with `system.apply_authorized_upgrade`, which checks the hash, the name and that the version is
		/// higher. Emits `UpgradeAuthorized` of the system pallet.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::authorize_upgrade())]
		pub fn authorize_upgrade(origin: OriginFor<T>, code_hash: T::Hash) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			frame_system::Pallet::<T>::do_authorize_upgrade(code_hash, true);
			Ok(())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What an organisation may use in each period, and what it has used in the current one; `None` when there is no such
		/// organisation.
		pub fn quota(organisation: OrganisationId) -> Option<QuotaView<BlockNumberFor<T>>> {
			Self::view_quota(organisation)
		}
	}
}

/// A member at genesis.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisMember<AccountId> {
	/// Its decentralised identifier.
	pub did: String,
	/// Its roles, a bit each: [`Roles::bits`].
	pub roles: u16,
	/// X25519 public key.
	pub hpke_public_key: [u8; 32],
	/// The accounts that act for it.
	pub accounts: Vec<AccountId>,
	/// What it may use in a period, in picoseconds of ref_time; `DefaultQuota` when it is left out.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub quota: Option<u64>,
}

impl<T: Config> Pallet<T> {
	fn do_admit(
		did: Vec<u8>,
		roles: Roles,
		hpke_public_key: [u8; 32],
		expires_at: Option<BlockNumberFor<T>>,
		accounts: Vec<T::AccountId>,
	) -> Result<OrganisationId, DispatchError> {
		ensure!(
			did.strip_prefix(b"did:")
				.is_some_and(|rest| !rest.is_empty() && rest.iter().all(u8::is_ascii_graphic)),
			Error::<T>::InvalidDid
		);
		let did = Did::try_from(did).map_err(|_| Error::<T>::InvalidDid)?;
		ensure!(roles.is_valid() && !roles.is_empty(), Error::<T>::InvalidRoles);
		ensure!(is_usable_hpke_key(&hpke_public_key), Error::<T>::UnusableHpkeKey);
		ensure!(!accounts.is_empty(), Error::<T>::NoAccount);
		let accounts = Accounts::try_from(accounts).map_err(|_| Error::<T>::TooManyAccounts)?;
		let organisation = NextOrganisation::<T>::get();
		// Linking one after the other also refuses an account that is named twice.
		for account in &accounts {
			Self::link(organisation, account)?;
		}
		NextOrganisation::<T>::put(OrganisationId(organisation.0.saturating_add(1)));
		Organisations::<T>::insert(
			organisation,
			Organisation {
				did,
				roles,
				hpke_public_key,
				expires_at,
				suspended: false,
				accounts,
			},
		);
		Self::deposit_event(Event::Admitted { organisation, roles });
		Ok(organisation)
	}

	fn mutate(
		organisation: OrganisationId,
		change: impl FnOnce(&mut Organisation<T::AccountId, BlockNumberFor<T>>) -> DispatchResult,
	) -> DispatchResult {
		Organisations::<T>::try_mutate(organisation, |member| {
			change(member.as_mut().ok_or(Error::<T>::NotFound)?)
		})
	}

	fn ensure_active(origin: OriginFor<T>) -> Result<OrganisationId, DispatchError> {
		let account = frame_system::ensure_signed(origin)?;
		Self::active_member(&account)
			.map(|member| member.organisation)
			.map_err(|refusal| {
				match refusal {
					MembershipRefusal::NotAMember => Error::<T>::NotAMember,
					MembershipRefusal::Ended => Error::<T>::MembershipEnded,
					MembershipRefusal::Suspended => Error::<T>::OrganisationSuspended,
				}
				.into()
			})
	}
}

impl<AccountId, BlockNumber: PartialOrd> Organisation<AccountId, BlockNumber> {
	/// Whether it may act in block `now`.
	pub fn standing(&self, now: &BlockNumber) -> Result<(), MembershipRefusal> {
		if self.suspended {
			Err(MembershipRefusal::Suspended)
		} else if self.expires_at.as_ref().is_some_and(|last| last < now) {
			Err(MembershipRefusal::Ended)
		} else {
			Ok(())
		}
	}
}

impl<T: Config> Membership<T::AccountId> for Pallet<T> {
	fn active_member(account: &T::AccountId) -> Result<ActiveMember, MembershipRefusal> {
		let organisation = OrganisationOf::<T>::get(account).ok_or(MembershipRefusal::NotAMember)?;
		let member = Organisations::<T>::get(organisation).ok_or(MembershipRefusal::NotAMember)?;
		member.standing(&frame_system::Pallet::<T>::block_number())?;
		Ok(ActiveMember {
			organisation,
			roles: member.roles,
		})
	}

	fn active_roles(organisation: OrganisationId) -> Option<Roles> {
		let member = Organisations::<T>::get(organisation)?;
		member.standing(&frame_system::Pallet::<T>::block_number()).ok()?;
		Some(member.roles)
	}

	fn is_member(organisation: OrganisationId) -> bool {
		Organisations::<T>::contains_key(organisation)
	}
}
