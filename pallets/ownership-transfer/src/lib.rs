//! # Ownership transfer
//!
//! Moves the ownership of batteries from one member to another, by an offer and its acceptance: the protocol's section 5.2.
//! The operation of a battery may move with it, responsibility never does.
//!
//! ## Terminology
//!
//! - **Transfer**: an offer that stands: who offers which batteries to whom, as what, until when. A finished one is no longer
//!   in storage; the events tell how it ended.
//! - **Sender** and **recipient**: the organisation that offers, and the one that accepts or rejects.
//! - **Owner**: who holds the battery by the last transfer and alone can pass it on. Every kind of transfer moves it, as the
//!   protocol has one `toOwner` for every `transferType`: whoever has leased a battery, or has it on loan or in consignment,
//!   is its owner here until a `Return`. Whose property it is by civil law stands in the contract, whose hash goes with the
//!   offer.
//! - **Operator**: who runs the battery; it gives no right over the record. It moves only where both say so: the sender in
//!   the offer, the recipient when it accepts. Otherwise it stays where it is.
//! - **Responsible operator**: who answers for the passport, Art. 77(4). A transfer never moves that; it moves by the passport
//!   pallet's own calls (Art. 77(7)).
//! - **Expired**: the last block in which the recipient could accept has passed.
//! - **Gone**: of a battery in an offer, no longer the sender's to give: it left the sender's ownership by another way
//!   (handed over as waste, or taken over by the council because the sender was removed), was superseded by a second-life passport, or its passport was closed.
//! - **Lapsed**: not expired, and yet nobody can accept any of it: every battery in it is gone.
//! - **Holds**: a transfer holds a passport while it could still be accepted for it: not expired, the sender active, the
//!   battery not gone. What is held is in no second offer and its passport can not be closed.
//!
//! ## Assumptions
//!
//! - A battery that somebody else owns can not be had by a one-sided act: the owner offers, the recipient accepts.
//! - The recipient takes all batteries of an offer or some of them. The offer goes on for the rest, until that is accepted,
//!   rejected, cancelled or expired. All batteries of one acceptance move, or none does.
//! - A battery may change hands otherwise while an offer stands. Nothing tells this pallet; it reads the owner when it matters.
//!   So nothing gets stuck: the new owner can offer at once, the recipient can accept the others, and anybody can clear away an
//!   offer of which nothing is left.
//! - An offer in the way that no longer holds the passport (expired, or of a former owner) loses it to the next offer of that
//!   passport, with an event, and ends when it was the last one. No one has to clear up before trading.
//! - What a suspended sender has offered can not be accepted while it is suspended.
//! - Storage is bounded by the number of passports: a stored transfer holds one at least, and a passport is in one at most.
//!
//! ## Calls
//!
//! | index | call | who | what it needs |
//! |---|---|---|---|
//! | 0 | `offer` | the owner of every battery | passports active, in no open offer, named once; the recipient another active member |
//! | 1 | `accept` | the recipient | not expired; the sender active and still the owner of every battery that is accepted |
//! | 2 | `reject` | the recipient | |
//! | 3 | `cancel` | the sender | |
//! | 4 | `clear_expired` | any active member | expired or lapsed |

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

mod closing;
#[cfg(any(feature = "try-runtime", feature = "std"))]
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

// An offer states what is offered, to whom, for what and until when: eight arguments, each a field of the call.
#[allow(clippy::too_many_arguments)]
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

	/// The stored transfer that a passport is in: one entry for each passport of each transfer.
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
			/// Whether the recipient can become the operator as well.
			operation_moves: bool,
			/// The batteries.
			passports: BoundedVec<PassportId, T::MaxPassportsPerTransfer>,
			/// Hash of the record that says where they are handed over.
			location: Option<DocumentHash>,
			/// Hashes of the invoice and whatever else goes with it.
			documents: BoundedVec<DocumentHash, ConstU32<MAX_DOCUMENTS>>,
			/// Last block in which the recipient can accept.
			expires_at: BlockNumberFor<T>,
		},
		/// The recipient has accepted and owns these batteries.
		TransferAccepted {
			/// Which transfer.
			transfer: TransferId,
			/// Who owned them.
			from: OrganisationId,
			/// Who owns them.
			to: OrganisationId,
			/// The batteries that moved: all of the offer, or some of them.
			passports: BoundedVec<PassportId, T::MaxPassportsPerTransfer>,
			/// Whether the new owner operates them as well, because both said so.
			operation_moved: bool,
			/// How many batteries the offer still has. At 0 it is finished.
			remaining: u32,
		},
		/// The recipient has rejected what was left of the offer.
		TransferRejected {
			/// Which transfer.
			transfer: TransferId,
			/// Who offered.
			from: OrganisationId,
			/// Who rejected.
			to: OrganisationId,
		},
		/// The sender has taken back what was left of the offer.
		TransferCancelled {
			/// Which transfer.
			transfer: TransferId,
			/// Who offered.
			from: OrganisationId,
			/// To whom.
			to: OrganisationId,
		},
		/// Nobody accepted in time what was left of the offer; it is gone from storage.
		TransferExpired {
			/// Which transfer.
			transfer: TransferId,
			/// Who offered.
			from: OrganisationId,
			/// To whom.
			to: OrganisationId,
		},
		/// Every battery that was left in the offer stopped being the sender's to give, so nobody could accept; the offer is
		/// gone from storage.
		TransferLapsed {
			/// Which transfer.
			transfer: TransferId,
			/// Who offered.
			from: OrganisationId,
			/// To whom.
			to: OrganisationId,
		},
		/// A battery is in the offer no more, because its owner offered it anew or its passport was closed. The offer keeps the
		/// others.
		PassportTakenOut {
			/// Which transfer.
			transfer: TransferId,
			/// Which battery.
			passport: PassportId,
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
		/// The sender does not own every battery that is to be offered or accepted.
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
		/// An offer and an acceptance name one battery at least.
		NoPassports,
		/// A battery is named twice.
		DuplicatePassport,
		/// The battery is in an open offer already.
		AlreadyOffered,
		/// The battery that is to be accepted is not in the offer, or not any more.
		PassportNotOffered,
		/// An offer stands for one block at least and for `MaxOpenBlocks` at most.
		ValidityOutOfRange,
		/// The last block in which the offer could be accepted has passed.
		OfferExpired,
		/// The offer has neither expired nor lapsed.
		StillOpen,
		/// All 2^32 numbers have been given.
		NumbersExhausted,
		/// The history of a passport has no room for a change of owner.
		HistoryFull,
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
		/// documents. The recipient can accept in this block and the `valid_for_blocks` after it. With `operation_moves` it can
		/// become the batteries' operator too.
		///
		/// An older offer of one of the batteries that no longer holds it loses it. Emits [`Event::TransferOffered`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::offer(passports.len() as u32))]
		pub fn offer(
			origin: OriginFor<T>,
			to: OrganisationId,
			kind: TransferKind,
			operation_moves: bool,
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
			Self::ensure_each_once(&passports)?;

			let offered_at = frame_system::Pallet::<T>::block_number();
			let expires_at = offered_at.saturating_add(valid_for_blocks);
			let transfer = NextTransferId::<T>::get();
			NextTransferId::<T>::put(transfer.next().ok_or(Error::<T>::NumbersExhausted)?);
			for passport in &passports {
				Self::free_for_offer(passport, from, offered_at)?;
				OpenTransferOf::<T>::insert(passport, transfer);
			}
			Transfers::<T>::insert(
				transfer,
				Transfer {
					from,
					to,
					kind,
					operation_moves,
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
				operation_moves,
				passports,
				location,
				documents,
				expires_at,
			});
			Ok(())
		}

		/// Takes batteries over: `passports` of the offer, or with `None` all that it has. All of them change owner, or none
		/// does; the offer goes on for the others. Only the recipient can, and not after the offer has expired.
		///
		/// With `take_operation` the recipient becomes their operator as well, if the offer says that operation moves. If it does
		/// not, the operator stays who it is.
		///
		/// Writes `ownership_transfer` into the history of each passport. Emits [`Event::TransferAccepted`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::accept(
			passports.as_ref().map_or(T::MaxPassportsPerTransfer::get(), |chosen| chosen.len() as u32)
		))]
		pub fn accept(
			origin: OriginFor<T>,
			transfer: TransferId,
			passports: Option<BoundedVec<PassportId, T::MaxPassportsPerTransfer>>,
			take_operation: bool,
		) -> DispatchResultWithPostInfo {
			let caller = Self::active_caller(origin)?;
			let mut offer = Self::stored(transfer)?;
			let (from, to) = (offer.from, offer.to);
			ensure!(caller == to, Error::<T>::NotRecipient);
			ensure!(
				!offer.has_expired(frame_system::Pallet::<T>::block_number()),
				Error::<T>::OfferExpired
			);
			// What a suspended organisation has granted counts for nothing, and an offer is a grant of its batteries.
			ensure!(
				T::Members::active_roles(from).is_some(),
				Error::<T>::SenderNotActive
			);
			let passports = match passports {
				Some(chosen) => {
					Self::ensure_each_once(&chosen)?;
					ensure!(
						chosen.iter().all(|passport| offer.passports.contains(passport)),
						Error::<T>::PassportNotOffered
					);
					chosen
				}
				None => offer.passports.clone(),
			};

			let operation_moved = offer.operation_moves && take_operation;
			for passport in &passports {
				let facts = T::Passports::facts(passport).ok_or(Error::<T>::PassportNotFound)?;
				ensure!(facts.owner == from, Error::<T>::NotOwner);
				T::Passports::set_owner(passport, to, operation_moved.then_some(to))
					.map_err(Error::<T>::from)?;
				OpenTransferOf::<T>::remove(passport);
			}
			offer.passports.retain(|passport| !passports.contains(passport));
			let moved = passports.len() as u32;
			let remaining = offer.passports.len() as u32;
			if remaining == 0 {
				Transfers::<T>::remove(transfer);
			} else {
				Transfers::<T>::insert(transfer, offer);
			}
			Self::deposit_event(Event::TransferAccepted {
				transfer,
				from,
				to,
				passports,
				operation_moved,
				remaining,
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
			Self::deposit_outcome(transfer, &offer);
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
			let (transfer, offer) = Self::offer_of(&passport)?;
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

	/// A list of batteries names one at least, and each once.
	fn ensure_each_once(passports: &[PassportId]) -> Result<(), Error<T>> {
		ensure!(!passports.is_empty(), Error::<T>::NoPassports);
		let distinct: BTreeSet<_> = passports.iter().collect();
		ensure!(distinct.len() == passports.len(), Error::<T>::DuplicatePassport);
		Ok(())
	}

	/// The offer that a passport is in.
	fn offer_of(passport: &PassportId) -> Option<(TransferId, TransferOf<T>)> {
		let transfer = OpenTransferOf::<T>::get(passport)?;
		Transfers::<T>::get(transfer).map(|offer| (transfer, offer))
	}

	/// Whether the battery is still the sender's to give.
	fn is_to_give(offer: &TransferOf<T>, facts: &PassportFacts) -> bool {
		facts.owner == offer.from && matches!(facts.publication, Publication::Active)
	}

	/// Whether an offer could still be accepted as far as this passport goes.
	fn holds(offer: &TransferOf<T>, facts: &PassportFacts, now: BlockNumberFor<T>) -> bool {
		!offer.has_expired(now)
			&& Self::is_to_give(offer, facts)
			&& T::Members::active_roles(offer.from).is_some()
	}

	/// Whether no battery of the offer is the sender's to give.
	fn has_lapsed(offer: &TransferOf<T>) -> bool {
		!offer.passports.iter().any(|passport| {
			T::Passports::facts(passport).is_some_and(|facts| Self::is_to_give(offer, &facts))
		})
	}

	/// Fails unless `from` may offer the passport. Takes it out of an older offer that holds it no longer.
	fn free_for_offer(passport: &PassportId, from: OrganisationId, now: BlockNumberFor<T>) -> DispatchResult {
		let facts = T::Passports::facts(passport).ok_or(Error::<T>::PassportNotFound)?;
		ensure!(facts.owner == from, Error::<T>::NotOwner);
		ensure!(
			matches!(facts.publication, Publication::Active),
			Error::<T>::PassportNotActive
		);
		if let Some((transfer, offer)) = Self::offer_of(passport) {
			ensure!(!Self::holds(&offer, &facts, now), Error::<T>::AlreadyOffered);
			Self::take_out(passport, transfer, offer);
		}
		Ok(())
	}

	/// Takes a battery out of an offer that can no longer be accepted for it. The offer ends when it was the last one.
	fn take_out(passport: &PassportId, transfer: TransferId, mut offer: TransferOf<T>) {
		OpenTransferOf::<T>::remove(passport);
		offer.passports.retain(|other| other != passport);
		if offer.passports.is_empty() {
			Transfers::<T>::remove(transfer);
			Self::deposit_outcome(transfer, &offer);
		} else {
			Transfers::<T>::insert(transfer, offer);
			Self::deposit_event(Event::PassportTakenOut {
				transfer,
				passport: *passport,
			});
		}
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
	fn deposit_outcome(transfer: TransferId, offer: &TransferOf<T>) {
		let (from, to) = (offer.from, offer.to);
		Self::deposit_event(if offer.has_expired(frame_system::Pallet::<T>::block_number()) {
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
			PassportRefusal::HistoryFull => Error::HistoryFull,
		}
	}
}
