//! # Battery passports
//!
//! One record for each battery that Regulation (EU) 2023/1542 Art. 77(1) asks a passport for: who answers for it, who owns
//! it, what it is, and commitments that prove its data. The data themselves stay off the ledger: validators are
//! competitors, and of Annex XIII only point 1 is public.
//!
//! ## Terminology
//!
//! - **Unique identifier**: the name in the QR code, Art. 77(3), attributed by the operator that places the battery on the
//!   market. Its SHA-256 is the passport's key.
//! - **Alias**: the protocol's id of the same battery, `BAT-2025-LI-001234`. A name leads to one battery, whether it is an
//!   identifier or an alias.
//! - **Responsible operator**: who placed the battery on the market and keeps its data accurate, Art. 77(4). **Owner**: the
//!   purchaser. **Manufacturer**: who registered the passport. Three roles, seldom one organisation for long.
//! - **Commitment**: SHA-256 over one data set; [`passport_primitives::battery::Commitment`].
//! - **Status** says what the battery is, the closed list of Annex XIII point 4. **Publication** says what has become of
//!   the record. They never mix.
//! - **Superseded**: another battery was made of this one, or of parts of it, and has a passport of its own, linked to this
//!   one. The original passport stays live, Art. 77(7), and is written to no more but to hand it over and to close it.
//! - **Tombstone**: what stays of a passport that ceased to exist after recycling, Art. 77(8). Neither its identifier nor its
//!   alias is ever given again.
//! - **History**: a hash chain of everything that happened, see [`history`]. State holds its head and length, the entries
//!   are events; pages of entries in state are work to come.
//!
//! ## Assumptions
//!
//! - `Members` answers for the moment of the call: an organisation that is suspended or whose membership has ended may do
//!   nothing here, is handed nothing, and a consent that it gave before does not count.
//! - A manufacturer registers the identifiers that its issuing agency attributed to it, and no other: the ledger can not know
//!   whose they are. Who registered what stands in the history.
//! - Whoever answers for a passport tells the truth about evidence: the ledger holds hashes, not documents. They are there
//!   to be held against the document, and the organisation that recorded them.
//! - Every listener of `OnPassportClosed` drops all it keeps under the passport, at a cost within `ClosingWeight`.
//! - Transfers of ownership are offered and accepted in another pallet, which then calls `Passports::set_owner`.
//!
//! ## Calls
//!
//! Every caller but the council acts for an active member.
//!
//! | call | who | what it needs |
//! |---|---|---|
//! | `register` | manufacturer | unused names, a commitment to data set 1 |
//! | `update_commitment` | responsible operator | active passport, another commitment than before |
//! | `record_event` | as table 5.3 says: [`EventKind::recorder`] | active passport, evidence; not the kinds that the ledger writes |
//! | `offer_derivation` | responsible operator | an active second-life operator or manufacturer, no open offer |
//! | `withdraw_derivation_offer` | responsible operator | an open offer |
//! | `derive` | second-life operator, manufacturer | of each predecessor: ownership, and an offer unless operated by the caller |
//! | `hand_over_to_waste_operator` | responsible operator | an active recycler or manufacturer; owned by the caller or the recipient, unless superseded |
//! | `close_as_recycled` | responsible operator that is a recycler | waste, no live successor, no open business, evidence |
//! | `take_over` | council | an active member that is not the responsible operator |

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

mod access;
mod contract;
mod end_of_life;
pub mod history;
mod record;
mod registration;
mod second_life;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;
mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use access::{PLACING_ROLES, RECYCLING_ROLES, SECOND_LIFE_ROLES, WASTE_ROLES};
pub use pallet::*;
pub use types::{
	Alias, Commitments, ContentAddress, HistoryEntry, HistoryHead, Links, Passport, Tombstone,
	UniqueIdentifier, MAX_LINKS,
};
pub use weights::WeightInfo;

use alloc::vec::Vec;
use frame_support::{pallet_prelude::*, traits::EnsureOrigin};
use frame_system::pallet_prelude::*;
use passport_primitives::{
	battery::{Category, Commitment, DocumentHash, PassportId},
	data_set::DataSet,
	ledger::{Membership, OnPassportClosed},
	life_cycle::{EventKind, SecondLife, Status},
	organisation::OrganisationId,
};
use types::NewPassport;

/// A passport of this chain.
pub type PassportOf<T> = Passport<BlockNumberFor<T>>;

/// A tombstone of this chain.
pub type TombstoneOf<T> = Tombstone<BlockNumberFor<T>>;

#[frame_support::pallet]
pub mod pallet {
	use super::*;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The organisations, and who may act.
		type Members: Membership<Self::AccountId>;
		/// Gives a passport whose operator has ceased to exist to another one.
		type CouncilOrigin: EnsureOrigin<Self::RuntimeOrigin>;
		/// Who keeps something under a passport.
		type OnPassportClosed: OnPassportClosed;
		/// What `OnPassportClosed` costs at worst: all listeners, both of its functions.
		type ClosingWeight: Get<Weight>;
		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Every live passport.
	#[pallet::storage]
	pub type Passports<T: Config> = CountedStorageMap<_, Blake2_128Concat, PassportId, PassportOf<T>>;

	/// The passport that an alias names. Stays when the passport is closed, so that nobody gets the alias again.
	#[pallet::storage]
	pub type Aliases<T: Config> = StorageMap<_, Blake2_128Concat, Alias, PassportId>;

	/// What stays of closed passports.
	#[pallet::storage]
	pub type Tombstones<T: Config> = StorageMap<_, Blake2_128Concat, PassportId, TombstoneOf<T>>;

	/// Whom the responsible operator of a passport lets derive a second-life passport from it. One at a time; a derivation
	/// uses it up, and it ends when responsibility moves.
	#[pallet::storage]
	pub type DerivationOffers<T: Config> = StorageMap<_, Blake2_128Concat, PassportId, OrganisationId>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A passport was registered: by `register` with status `original`, by `derive` with another.
		Registered {
			/// Its key.
			passport: PassportId,
			/// What the key is the hash of.
			unique_identifier: UniqueIdentifier,
			/// The battery's other name.
			alias: Option<Alias>,
			/// Category of the battery.
			category: Category,
			/// Who registered it: manufacturer, responsible operator and owner.
			operator: OrganisationId,
			/// What the battery is.
			status: Status,
		},
		/// A commitment was replaced, or given for the first time.
		CommitmentUpdated {
			/// Whose.
			passport: PassportId,
			/// To which data set.
			data_set: DataSet,
			/// The commitment that counts now.
			commitment: Commitment,
			/// The passport's version that starts with it.
			version: u32,
			/// Where the published data are found now.
			content_address: Option<ContentAddress>,
		},
		/// The history has one entry more.
		HistoryExtended {
			/// Whose.
			passport: PassportId,
			/// The entry.
			entry: HistoryEntry<BlockNumberFor<T>>,
			/// Hash over the history that ends with it.
			head: HistoryHead,
		},
		/// The responsible operator lets an organisation derive a second-life passport.
		DerivationOffered {
			/// From which passport.
			passport: PassportId,
			/// Whom.
			to: OrganisationId,
		},
		/// An offer is no more: withdrawn, used, or the operator that gave it is not responsible any more.
		DerivationOfferEnded {
			/// For which passport.
			passport: PassportId,
			/// To whom it was.
			to: OrganisationId,
		},
		/// A second-life passport was derived.
		Succeeded {
			/// From which passport.
			passport: PassportId,
			/// The new one.
			successor: PassportId,
		},
		/// The status changed.
		StatusChanged {
			/// Of which passport.
			passport: PassportId,
			/// What the battery is now.
			status: Status,
		},
		/// Another organisation answers for a passport.
		ResponsibilityMoved {
			/// Which.
			passport: PassportId,
			/// Who answered for it.
			from: OrganisationId,
			/// Who does now.
			to: OrganisationId,
		},
		/// A battery has another owner.
		OwnerChanged {
			/// Its passport.
			passport: PassportId,
			/// Who owned it.
			from: OrganisationId,
			/// Who does now.
			to: OrganisationId,
		},
		/// A passport ceased to exist.
		Closed {
			/// Which.
			passport: PassportId,
			/// Who recycled the battery.
			recycler: OrganisationId,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account acts for no organisation.
		NotAMember,
		/// The membership of the caller's organisation has ended.
		MembershipEnded,
		/// The caller's organisation is suspended.
		Suspended,
		/// The caller's organisation has neither the role nor the part in this passport that the call needs.
		NotAuthorized,
		/// No live passport has this key.
		NotFound,
		/// The passport is superseded.
		NotActive,
		/// A live passport has this unique identifier.
		AlreadyRegistered,
		/// A closed passport had this unique identifier.
		IdentifierRetired,
		/// The unique identifier is empty or has a character outside printable ASCII.
		InvalidIdentifier,
		/// The alias does not match `BAT-YYYY-CC-NNNNNN`.
		InvalidAlias,
		/// The alias, or the identifier that has the form of one, names another passport, live or closed.
		AliasTaken,
		/// There is no commitment to data set 1.
		CommitmentMissing,
		/// The content address is no CIDv1 with SHA-256 or BLAKE2b-256.
		InvalidContentAddress,
		/// The passport is so already.
		Unchanged,
		/// Nobody records this event by hand: the ledger writes it when what it tells of happens.
		RecordedByLedgerOnly,
		/// The organisation that is to receive something is unknown, suspended or its membership has ended.
		RecipientNotActive,
		/// The organisation that is to receive something has none of the roles for it.
		RecipientLacksRole,
		/// A derivation from this passport is offered already.
		AlreadyOffered,
		/// No derivation from this passport is offered.
		OfferNotFound,
		/// The responsible operator of a predecessor has not offered the derivation to the caller.
		NotOffered,
		/// The responsible operator of a predecessor offered the derivation and may not act now.
		ConsentSuspended,
		/// The battery belongs to another organisation.
		NotOwner,
		/// A second-life passport has at least one predecessor.
		NoPredecessor,
		/// A predecessor is named twice.
		DuplicatePredecessor,
		/// A predecessor has 16 successors already.
		TooManySuccessors,
		/// The battery is not waste.
		NotWaste,
		/// A battery that was made of this one has a live passport.
		SuccessorLive,
		/// Something under the passport is still open, a transfer for example.
		Busy,
	}

	#[pallet::extra_constants]
	impl<T: Config> Pallet<T> {
		/// Most predecessors of a passport, and most successors.
		fn max_links() -> u32 {
			MAX_LINKS
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
		/// Registers a battery that is placed on the market for the first time. The caller's organisation becomes its
		/// manufacturer, responsible operator and owner. Emits `Registered`.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `NotAuthorized`, `InvalidIdentifier`, `InvalidAlias`,
		/// `CommitmentMissing`, `InvalidContentAddress`, `AlreadyRegistered`, `IdentifierRetired`, `AliasTaken`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register())]
		pub fn register(
			origin: OriginFor<T>,
			unique_identifier: UniqueIdentifier,
			alias: Option<Alias>,
			category: Category,
			commitments: Commitments,
			content_address: Option<ContentAddress>,
		) -> DispatchResult {
			let new = NewPassport {
				unique_identifier,
				alias,
				category,
				commitments,
				content_address,
			};
			Self::do_register(origin, new)
		}

		/// Replaces the commitment to one data set and raises the version. A content address of `None` leaves the address
		/// as it is. Emits `CommitmentUpdated`.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `NotFound`, `NotAuthorized`, `NotActive`, `Unchanged`,
		/// `InvalidContentAddress`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::update_commitment())]
		pub fn update_commitment(
			origin: OriginFor<T>,
			passport: PassportId,
			data_set: DataSet,
			commitment: Commitment,
			content_address: Option<ContentAddress>,
		) -> DispatchResult {
			Self::do_update_commitment(origin, passport, data_set, commitment, content_address)
		}

		/// Records an event of the protocol's table 5.3. Every event there requires data, which stay off the ledger: their
		/// hash is the evidence. Emits `HistoryExtended`.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `RecordedByLedgerOnly`, `NotFound`, `NotAuthorized`,
		/// `NotActive`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::record_event())]
		pub fn record_event(
			origin: OriginFor<T>,
			passport: PassportId,
			kind: EventKind,
			evidence: DocumentHash,
		) -> DispatchResult {
			Self::do_record_event(origin, passport, kind, evidence)
		}

		/// Lets an organisation derive one second-life passport from this one. Emits `DerivationOffered`.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `NotFound`, `NotAuthorized`, `RecipientNotActive`,
		/// `RecipientLacksRole`, `AlreadyOffered`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::offer_derivation())]
		pub fn offer_derivation(
			origin: OriginFor<T>,
			passport: PassportId,
			to: OrganisationId,
		) -> DispatchResult {
			Self::do_offer_derivation(origin, passport, to)
		}

		/// Takes an offer back that was not used. Emits `DerivationOfferEnded`.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `NotFound`, `NotAuthorized`, `OfferNotFound`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::withdraw_derivation_offer())]
		pub fn withdraw_derivation_offer(origin: OriginFor<T>, passport: PassportId) -> DispatchResult {
			Self::do_withdraw_derivation_offer(origin, passport)
		}

		/// Registers the battery that was made of others, Art. 77(7): a new passport, linked to theirs both ways, whose
		/// responsible operator is the caller's organisation. Theirs stay live and are superseded. Which of the four
		/// operations it was, the caller declares. Emits `Registered`, and `Succeeded` for each predecessor.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `NotAuthorized`, `NoPredecessor`, `DuplicatePredecessor`,
		/// those of `register` about names, commitments and address, `NotFound`, `NotOffered`, `ConsentSuspended`,
		/// `NotOwner`, `TooManySuccessors`.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::derive(predecessors.len() as u32))]
		#[allow(clippy::too_many_arguments)] // Clients see the fields of `register` by the same names.
		pub fn derive(
			origin: OriginFor<T>,
			predecessors: Links,
			operation: SecondLife,
			unique_identifier: UniqueIdentifier,
			alias: Option<Alias>,
			category: Category,
			commitments: Commitments,
			content_address: Option<ContentAddress>,
		) -> DispatchResult {
			let new = NewPassport {
				unique_identifier,
				alias,
				category,
				commitments,
				content_address,
			};
			Self::do_derive(origin, predecessors, operation, new)
		}

		/// The battery becomes waste, or goes on from one waste operator to the next: responsibility and ownership move on
		/// the same passport, Art. 77(7) second sentence. Emits `StatusChanged`, `ResponsibilityMoved`, `OwnerChanged`, each
		/// where something changes.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `NotFound`, `NotAuthorized`, `NotOwner`,
		/// `RecipientNotActive`, `RecipientLacksRole`, `Unchanged`.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::hand_over_to_waste_operator())]
		pub fn hand_over_to_waste_operator(
			origin: OriginFor<T>,
			passport: PassportId,
			to: OrganisationId,
		) -> DispatchResult {
			Self::do_hand_over_to_waste_operator(origin, passport, to)
		}

		/// The battery has been recycled: the passport ceases to exist, Art. 77(8). A tombstone stays, everything else is
		/// dropped, here and by the listeners. Emits `Closed`.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `NotFound`, `NotAuthorized`, `NotWaste`, `SuccessorLive`,
		/// `Busy`.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::close_as_recycled().saturating_add(T::ClosingWeight::get()))]
		pub fn close_as_recycled(
			origin: OriginFor<T>,
			passport: PassportId,
			evidence: DocumentHash,
		) -> DispatchResult {
			Self::do_close_as_recycled(origin, passport, evidence)
		}

		/// The council names the operator that answers for a passport whose operator has ceased to exist or left the Union,
		/// Art. 78(e). Ownership stays. Emits `ResponsibilityMoved`.
		///
		/// Errors: `BadOrigin`, `NotFound`, `Unchanged`, `RecipientNotActive`.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::take_over())]
		pub fn take_over(
			origin: OriginFor<T>,
			passport: PassportId,
			operator: OrganisationId,
		) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			Self::do_take_over(passport, operator)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Whether a live passport holds this commitment: the protocol's `verifyData`, section 8.2.
		pub fn verify(passport: PassportId, data_set: DataSet, commitment: Commitment) -> bool {
			Self::holds_commitment(&passport, data_set, commitment)
		}

		/// The passport that goes by this unique identifier or alias, live or closed: who scans the code of a recycled
		/// battery is to be told so.
		#[allow(clippy::needless_pass_by_value)] // View functions decode owned arguments.
		pub fn resolve(name: Vec<u8>) -> Option<PassportId> {
			Self::find_by_name(&name)
		}

		/// A live passport.
		pub fn passport(passport: PassportId) -> Option<PassportOf<T>> {
			Passports::<T>::get(passport)
		}

		/// What stays of a closed passport.
		pub fn tombstone(passport: PassportId) -> Option<TombstoneOf<T>> {
			Tombstones::<T>::get(passport)
		}

		/// Who may derive a second-life passport by an offer of the responsible operator.
		pub fn derivation_offer(passport: PassportId) -> Option<OrganisationId> {
			DerivationOffers::<T>::get(passport)
		}
	}
}
