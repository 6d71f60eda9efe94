//! # Ownership transfer
//!
//! Moves the ownership of batteries from one member to another, by an offer and its acceptance: the protocol's section 5.2.
//!
//! ## Terminology
//!
//! - **Transfer**: an offer that stands: who offers which batteries to whom, as what, until when. A finished one is no longer
//!   in storage; the events tell how it ended.
//! - **Sender** and **recipient**: the organisation that offers, and the one that accepts or rejects.
//! - **Owner**: who owns the battery. The *responsible operator* of Art. 77(4) is somebody else: a transfer moves ownership
//!   and never responsibility, which moves by the passport pallet's own calls (Art. 77(7)).
//! - **Expired**: the last block in which the recipient could accept has passed.
//! - **Lapsed**: not expired, and yet nobody can accept it: a battery in it has left the sender's ownership by another way
//!   (handed over as waste), was superseded by a second-life passport, or its passport was closed.
//! - **Holds**: a transfer holds a passport while it could still be accepted for it: not expired, the sender active and still
//!   the owner. What is held is in no second offer and its passport can not be closed.
//!
//! ## Assumptions
//!
//! - A battery that somebody else owns can not be had by a one-sided act: the owner offers, the recipient accepts. All
//!   batteries of a transfer move, or none does.
//! - A battery may change hands otherwise while an offer stands. Nothing tells this pallet; it reads the owner when it matters.
//!   So nothing gets stuck: the new owner can offer at once, and anybody can clear the lapsed offer away.
//! - An offer in the way that no longer holds the passport (expired, or of a former owner) is dropped, with its event, by the
//!   next offer of that passport. No one has to clear up before trading.
//! - What a suspended sender has offered can not be accepted while it is suspended.
//! - Storage is bounded by the number of passports: a stored transfer holds one at least, and a passport is in one at most.
//!
//! ## Calls
//!
//! | index | call | who | what it needs |
//! |---|---|---|---|
//! | 0 | `offer` | the owner of every battery | passports active, in no open offer, named once; the recipient another active member |
//! | 1 | `accept` | the recipient | not expired; the sender active and still the owner of every battery |
//! | 2 | `reject` | the recipient | |
//! | 3 | `cancel` | the sender | |
//! | 4 | `clear_expired` | any active member | expired or lapsed |

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

mod closing;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{Transfer, TransferId, TransferKind, MAX_DOCUMENTS};
pub use weights::WeightInfo;

extern crate alloc;

use alloc::collections::BTreeSet;
use frame_support::pallet_prelude::*;
use frame_system::pallet_prelude::*;
use passport_primitives::{
	battery::{DocumentHash, PassportId},
	ledger::{Membership, MembershipRefusal, PassportFacts, PassportRefusal, Passports},
	life_cycle::Publication,
	organisation::OrganisationId,
};
use sp_runtime::traits::{Saturating, Zero};

/// A transfer as this runtime stores it.
pub type TransferOf<T> = Transfer<BlockNumberFor<T>, <T as Config>::MaxPassportsPerTransfer>;

#[frame_support::pallet]
pub mod pallet {
	use super::*;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// Who acts for which organisation.
		type Members: Membership<Self::AccountId>;
		/// Who owns what, and the one that moves it.
		type Passports: Passports;
		/// Most batteries in one transfer: a pallet load. Bounds the work of accepting, which moves all of them at once.
		#[pallet::constant]
		type MaxPassportsPerTransfer: Get<u32>;
		/// Most blocks that an offer may stand, so that none stands for ever.
		#[pallet::constant]
		type MaxOpenBlocks: Get<BlockNumberFor<Self>>;
		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// The transfers that were offered and not finished.
	#[pallet::storage]
	pub type Transfers<T: Config> = StorageMap<_, Blake2_128Concat, TransferId, TransferOf<T>>;

	/// The transfer that a passport was last offered in. One that [`Transfers`] no longer has means nothing: when an offer is
	/// dropped for one of its passports, the entries of the others stay behind until they are offered anew or closed, which
	/// keeps the worst case of an offer linear.
	#[pallet::storage]
	pub type OpenTransferOf<T: Config> = StorageMap<_, Blake2_128Concat, PassportId, TransferId>;

	/// The number that the next transfer gets. Numbers are never given again.
	#[pallet::storage]
	pub type NextTransferId<T: Config> = StorageValue<_, TransferId, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Batteries were offered.
		TransferOffered {
			/// Which transfer.
			transfer: TransferId,
			/// Who offers.
			from: OrganisationId,
			/// To whom.
			to: OrganisationId,
			/// As what.
			kind: TransferKind,
			/// The batteries.
			passports: BoundedVec<PassportId, T::MaxPassportsPerTransfer>,
			/// Hash of the record that says where they are handed over.
			location: Option<DocumentHash>,
			/// Hashes of the invoice and whatever else goes with it.
			documents: BoundedVec<DocumentHash, ConstU32<MAX_DOCUMENTS>>,
			/// Last block in which the recipient can accept.
			expires_at: BlockNumberFor<T>,
		},
		/// The recipient has accepted and owns the batteries.
		TransferAccepted {
			/// Which transfer.
			transfer: TransferId,
			/// Who owned them.
			from: OrganisationId,
			/// Who owns them.
			to: OrganisationId,
		},
		/// The recipient has rejected.
		TransferRejected {
			/// Which transfer.
			transfer: TransferId,
			/// Who offered.
			from: OrganisationId,
			/// Who rejected.
			to: OrganisationId,
		},
		/// The sender has taken the offer back.
		TransferCancelled {
			/// Which transfer.
			transfer: TransferId,
			/// Who offered.
			from: OrganisationId,
			/// To whom.
			to: OrganisationId,
		},
		/// Nobody accepted in time; the offer is gone from storage.
		TransferExpired {
			/// Which transfer.
			transfer: TransferId,
			/// Who offered.
			from: OrganisationId,
			/// To whom.
			to: OrganisationId,
		},
		/// A battery left the sender's ownership by another way, so nobody could accept; the offer is gone from storage.
		TransferLapsed {
			/// Which transfer.
			transfer: TransferId,
			/// Who offered.
			from: OrganisationId,
			/// To whom.
			to: OrganisationId,
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
		/// No such transfer, or it is finished.
		TransferNotFound,
		/// No such passport, or it was closed.
		PassportNotFound,
		/// The passport was superseded by a second-life passport.
		PassportNotActive,
		/// The sender does not own every battery of the transfer.
		NotOwner,
		/// The caller is not whom the batteries were offered to.
		NotRecipient,
		/// The caller is not the one who offered.
		NotSender,
		/// The recipient may not act now: unknown, suspended, or its membership has ended.
		RecipientNotActive,
		/// The sender may not act now: suspended, or its membership has ended.
		SenderNotActive,
		/// An organisation can not offer to itself.
		ToOneself,
		/// A transfer has one battery at least.
		NoPassports,
		/// A battery is named twice.
		DuplicatePassport,
		/// The battery is in an open offer already.
		AlreadyOffered,
		/// An offer stands for one block at least and for `MaxOpenBlocks` at most.
		ValidityOutOfRange,
		/// The last block in which the offer could be accepted has passed.
		OfferExpired,
		/// The offer has neither expired nor lapsed.
		StillOpen,
		/// All 2^32 numbers have been given.
		NumbersExhausted,
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
		/// Offers batteries to another member.
		///
		/// `location` is the hash of the record that says where they are handed over; the record itself stays off the ledger,
		/// and carries a salt if it is short enough to be guessed. `documents` are hashes of at most [`MAX_DOCUMENTS`]
		/// documents. The recipient can accept in this block and the `valid_for_blocks` after it.
		///
		/// An older offer of one of the batteries that no longer holds it is dropped. Emits [`Event::TransferOffered`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::offer(passports.len() as u32))]
		pub fn offer(
			origin: OriginFor<T>,
			to: OrganisationId,
			kind: TransferKind,
			passports: BoundedVec<PassportId, T::MaxPassportsPerTransfer>,
			location: Option<DocumentHash>,
			documents: BoundedVec<DocumentHash, ConstU32<MAX_DOCUMENTS>>,
			valid_for_blocks: BlockNumberFor<T>,
		) -> DispatchResult {
			let from = Self::active_caller(origin)?;
			ensure!(to != from, Error::<T>::ToOneself);
			ensure!(
				T::Members::active_roles(to).is_some(),
				Error::<T>::RecipientNotActive
			);
			ensure!(
				!valid_for_blocks.is_zero() && valid_for_blocks <= T::MaxOpenBlocks::get(),
				Error::<T>::ValidityOutOfRange
			);
			ensure!(!passports.is_empty(), Error::<T>::NoPassports);
			let distinct: BTreeSet<_> = passports.iter().collect();
			ensure!(distinct.len() == passports.len(), Error::<T>::DuplicatePassport);

			let offered_at = frame_system::Pallet::<T>::block_number();
			let expires_at = offered_at.saturating_add(valid_for_blocks);
			let transfer = NextTransferId::<T>::get();
			NextTransferId::<T>::put(transfer.next().ok_or(Error::<T>::NumbersExhausted)?);
			for passport in &passports {
				Self::ensure_offerable(passport, from, offered_at)?;
				OpenTransferOf::<T>::insert(passport, transfer);
			}
			Transfers::<T>::insert(
				transfer,
				Transfer {
					from,
					to,
					kind,
					passports: passports.clone(),
					location,
					documents: documents.clone(),
					offered_at,
					expires_at,
				},
			);
			Self::deposit_event(Event::TransferOffered {
				transfer,
				from,
				to,
				kind,
				passports,
				location,
				documents,
				expires_at,
			});
			Ok(())
		}

		/// Takes the batteries over: all of them change owner, or none does. Only the recipient can, and not after the offer
		/// has expired.
		///
		/// Writes `ownership_transfer` into the history of each passport. Emits [`Event::TransferAccepted`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::accept(T::MaxPassportsPerTransfer::get()))]
		pub fn accept(origin: OriginFor<T>, transfer: TransferId) -> DispatchResultWithPostInfo {
			let caller = Self::active_caller(origin)?;
			let offer = Self::stored(transfer)?;
			ensure!(caller == offer.to, Error::<T>::NotRecipient);
			ensure!(
				!offer.has_expired(frame_system::Pallet::<T>::block_number()),
				Error::<T>::OfferExpired
			);
			// What a suspended organisation has granted counts for nothing, and an offer is a grant of its batteries.
			ensure!(
				T::Members::active_roles(offer.from).is_some(),
				Error::<T>::SenderNotActive
			);
			for passport in &offer.passports {
				let facts = T::Passports::facts(passport).ok_or(Error::<T>::PassportNotFound)?;
				ensure!(facts.owner == offer.from, Error::<T>::NotOwner);
				T::Passports::set_owner(passport, offer.to).map_err(Error::<T>::from)?;
			}
			let moved = Self::remove(transfer, &offer);
			Self::deposit_event(Event::TransferAccepted {
				transfer,
				from: offer.from,
				to: offer.to,
			});
			Ok(Some(T::WeightInfo::accept(moved)).into())
		}

		/// Turns an offer down. Only the recipient can. Emits [`Event::TransferRejected`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::reject(T::MaxPassportsPerTransfer::get()))]
		pub fn reject(origin: OriginFor<T>, transfer: TransferId) -> DispatchResultWithPostInfo {
			let caller = Self::active_caller(origin)?;
			let offer = Self::stored(transfer)?;
			ensure!(caller == offer.to, Error::<T>::NotRecipient);
			let freed = Self::remove(transfer, &offer);
			Self::deposit_event(Event::TransferRejected {
				transfer,
				from: offer.from,
				to: offer.to,
			});
			Ok(Some(T::WeightInfo::reject(freed)).into())
		}

		/// Takes an offer back. Only the sender can. Emits [`Event::TransferCancelled`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::cancel(T::MaxPassportsPerTransfer::get()))]
		pub fn cancel(origin: OriginFor<T>, transfer: TransferId) -> DispatchResultWithPostInfo {
			let caller = Self::active_caller(origin)?;
			let offer = Self::stored(transfer)?;
			ensure!(caller == offer.from, Error::<T>::NotSender);
			let freed = Self::remove(transfer, &offer);
			Self::deposit_event(Event::TransferCancelled {
				transfer,
				from: offer.from,
				to: offer.to,
			});
			Ok(Some(T::WeightInfo::cancel(freed)).into())
		}

		/// Clears an offer away that nobody can accept any more. Any active member can, so that storage does not depend on the
		/// parties' tidiness. Emits [`Event::TransferExpired`] or [`Event::TransferLapsed`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::clear_expired(T::MaxPassportsPerTransfer::get()))]
		pub fn clear_expired(origin: OriginFor<T>, transfer: TransferId) -> DispatchResultWithPostInfo {
			Self::active_caller(origin)?;
			let offer = Self::stored(transfer)?;
			let expired = offer.has_expired(frame_system::Pallet::<T>::block_number());
			ensure!(expired || Self::has_lapsed(&offer), Error::<T>::StillOpen);
			let freed = Self::remove(transfer, &offer);
			Self::deposit_outcome(transfer, &offer, expired);
			Ok(Some(T::WeightInfo::clear_expired(freed)).into())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// An offer that stands, by its number.
		pub fn transfer(transfer: TransferId) -> Option<TransferOf<T>> {
			Transfers::<T>::get(transfer)
		}

		/// The transfer that holds a passport now.
		pub fn transfer_holding(passport: PassportId) -> Option<TransferId> {
			let (transfer, offer) = Self::last_offer_of(&passport)?;
			let facts = T::Passports::facts(&passport)?;
			Self::holds(&offer, &facts, frame_system::Pallet::<T>::block_number()).then_some(transfer)
		}
	}
}

impl<T: Config> Pallet<T> {
	/// The organisation that the caller acts for.
	fn active_caller(origin: OriginFor<T>) -> Result<OrganisationId, DispatchError> {
		let account = ensure_signed(origin)?;
		let member = T::Members::active_member(&account).map_err(Error::<T>::from)?;
		Ok(member.organisation)
	}

	fn stored(transfer: TransferId) -> Result<TransferOf<T>, Error<T>> {
		Transfers::<T>::get(transfer).ok_or(Error::<T>::TransferNotFound)
	}

	/// The offer that a passport was last in, if it is still stored.
	fn last_offer_of(passport: &PassportId) -> Option<(TransferId, TransferOf<T>)> {
		let transfer = OpenTransferOf::<T>::get(passport)?;
		Transfers::<T>::get(transfer).map(|offer| (transfer, offer))
	}

	/// Whether an offer could still be accepted as far as this passport goes.
	fn holds(offer: &TransferOf<T>, facts: &PassportFacts, now: BlockNumberFor<T>) -> bool {
		!offer.has_expired(now)
			&& facts.owner == offer.from
			&& matches!(facts.publication, Publication::Active)
			&& T::Members::active_roles(offer.from).is_some()
	}

	/// Whether a battery of the offer is no longer the sender's to give.
	fn has_lapsed(offer: &TransferOf<T>) -> bool {
		offer.passports.iter().any(|passport| {
			T::Passports::facts(passport).is_none_or(|facts| {
				facts.owner != offer.from || !matches!(facts.publication, Publication::Active)
			})
		})
	}

	/// Whether `from` may offer the passport. Drops an older offer of it that holds it no longer.
	fn ensure_offerable(
		passport: &PassportId,
		from: OrganisationId,
		now: BlockNumberFor<T>,
	) -> DispatchResult {
		let facts = T::Passports::facts(passport).ok_or(Error::<T>::PassportNotFound)?;
		ensure!(facts.owner == from, Error::<T>::NotOwner);
		ensure!(
			matches!(facts.publication, Publication::Active),
			Error::<T>::PassportNotActive
		);
		let Some((transfer, offer)) = Self::last_offer_of(passport) else {
			return Ok(());
		};
		ensure!(!Self::holds(&offer, &facts, now), Error::<T>::AlreadyOffered);
		// The other passports' entries now name a transfer that is gone, which means nothing.
		Transfers::<T>::remove(transfer);
		Self::deposit_outcome(transfer, &offer, offer.has_expired(now));
		Ok(())
	}

	/// Removes a transfer and what points to it. Returns how many passports it had.
	fn remove(transfer: TransferId, offer: &TransferOf<T>) -> u32 {
		Transfers::<T>::remove(transfer);
		for passport in &offer.passports {
			OpenTransferOf::<T>::remove(passport);
		}
		offer.passports.len() as u32
	}

	/// Tells how an offer ended that neither party ended.
	fn deposit_outcome(transfer: TransferId, offer: &TransferOf<T>, expired: bool) {
		let (from, to) = (offer.from, offer.to);
		Self::deposit_event(if expired {
			Event::TransferExpired { transfer, from, to }
		} else {
			Event::TransferLapsed { transfer, from, to }
		});
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

impl<T> From<PassportRefusal> for Error<T> {
	fn from(refusal: PassportRefusal) -> Self {
		match refusal {
			PassportRefusal::NotFound => Error::PassportNotFound,
			PassportRefusal::NotActive => Error::PassportNotActive,
		}
	}
}
