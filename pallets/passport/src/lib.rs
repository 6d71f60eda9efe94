//! # Battery passports
//!
//! One record for each battery that Regulation (EU) 2023/1542 Art. 77(1) asks a passport for: who answers for it, who owns
//! and operates it, what it is, and commitments that prove its data. The data themselves stay off the ledger: validators are
//! competitors, and of Annex XIII only point 1 is public.
//!
//! ## Terminology
//!
//! - **Unique identifier**: the name in the QR code, Art. 77(3), attributed by the operator that places the battery on the
//!   market. Its SHA-256 is the passport's key.
//! - **Alias**: the protocol's id of the same battery, `BAT-2025-LI-001234`. A name leads to one battery, whether it is an
//!   identifier or an alias.
//! - **Responsible operator**: who placed the battery on the market and keeps its data accurate, Art. 77(4). **Owner**: the
//!   purchaser. **Operated by**: who uses it, a lessee for example. **Manufacturer**: who registered the passport. Four parts,
//!   seldom one organisation's for long.
//! - **Delegate**: whom the responsible operator has authorised in writing to act in its place, for some [`DelegatedRights`] and
//!   some time. The ledger holds the hash of the writing.
//! - **Commitment**: SHA-256 over one data set; [`passport_primitives::battery::Commitment`].
//! - **Envelope**: the key of a data set for an authority, which is demanded with the passport: [`AuthorityEnvelopes`].
//! - **Status** says what the battery is, the closed list of Annex XIII point 4. **Publication** says what has become of
//!   the record. They never mix.
//! - **Superseded**: another battery was made of this one, or of parts of it, and has a passport of its own, linked to this
//!   one. The original passport stays live, Art. 77(7); its data and its owner change no more.
//! - **Consent**: the signature by which the responsible operator of a battery lets another organisation derive a passport from
//!   it; [`DerivationConsent`](passport_primitives::life_cycle::DerivationConsent).
//! - **Standing**: whether the battery's device has stated that its state of health is at or above the council's threshold. The
//!   value itself does not stand here. **Override**: a notified body that has no part in the battery allows what the standing
//!   does not, once, and for as long as a statement would count.
//! - **Hand-over**: the responsible operator offers a battery as waste, and the producer or waste operator that it offers it to
//!   accepts. What it keeps itself needs no offer.
//! - **Recycling batch**: what one facility recycled together in a year, with a commitment to the masses that it recovered.
//! - **Tombstone**: what stays of a passport that ceased to exist after recycling, Art. 77(8). Neither its identifier nor its
//!   alias is ever given again.
//! - **History**: a hash chain of everything that happened, in pages of 16 entries, see [`history`].
//!
//! ## Assumptions
//!
//! - `Members` answers for the moment of the call: an organisation that is suspended or whose membership has ended may do
//!   nothing here, is handed nothing, and a consent, a delegation or an offer that it gave before does not count. One that was
//!   removed never comes back.
//! - A manufacturer registers the identifiers that its issuing agency attributed to it, and no other: the ledger can not know
//!   whose they are. Who registered what stands in the history.
//! - A consent can not be used twice although it has no number: it names the new passport, and an identifier that was registered
//!   once is never registered again.
//! - Whoever answers for a passport tells the truth about evidence: the ledger holds hashes, not documents. They are there
//!   to be held against the document, and the organisation that recorded them.
//! - Whoever calls `Passports::record_threshold_statement` has checked that the battery's device signed the statement, and calls
//!   `Passports::withdraw_threshold_statement` when the device is revoked. A statement that is older than
//!   `StatementValidBlocks` counts as none, and so does one that leaves open how the battery stands to the threshold of today:
//!   at or above a lower one, below a higher one.
//! - Recovered masses say what a battery was made of, which competitors must not see: the batch holds a salted commitment, and
//!   an authority computes the rates of Annex XII, which bind recycler and facility per year, from batches that were opened to
//!   it.
//! - A history ends after 4,096 entries. The last ones are kept for transfers, hand-overs and the end, so that the passport of a
//!   recycled battery can always be closed.
//! - Every listener of `OnPassportClosed` drops all it keeps under the passport, at a cost within `ClosingWeight`.
//! - `OnPassportChanged` is told of every change of a stored passport's status, publication or responsible operator, and of no
//!   other: who keeps a copy of those need not read the passport.
//! - Transfers of ownership are offered and accepted in another pallet, which then calls `Passports::set_owner`.
//! - An offer of a hand-over has no end of its own: it goes with the responsibility of who made it, and with the passport.
//! - A call that is refused changes nothing: FRAME rolls it back as a whole, a batch as well.
//!
//! ## Calls
//!
//! Every caller but the council acts for an active member.
//!
//! | call | who | what it needs |
//! |---|---|---|
//! | `register`, `register_many` | manufacturer | unused names, a commitment to data set 1, the envelopes that are demanded |
//! | `update_commitment`, `update_many` | responsible operator, delegate | active passport, another commitment than before, no envelope due |
//! | `record_event`, `record_many` | as table 5.3 says: [`EventKind::recorder`]; delegate for the operator | active passport, evidence; not the kinds that the ledger writes |
//! | `delegate` | responsible operator | an active member, some rights, at most `MaxDelegationBlocks`, the hash of the writing |
//! | `end_delegation` | responsible operator, the delegate | a delegation in force |
//! | `derive` | second-life operator, manufacturer | as `register`; of each predecessor: ownership, the operator's consent unless that is the caller, the standing or an override |
//! | `override_threshold` | notified body that neither owns nor operates the battery nor answers for it | evidence; no override that counts already |
//! | `hand_over_to_waste_operator` | responsible operator | an active recycler or manufacturer; owned by the caller or the recipient, unless superseded; no standing that asks for a second life, or an override. To another it is an offer |
//! | `accept_waste_hand_over` | whom it was offered to | what `hand_over_to_waste_operator` needs; an active operator that offered |
//! | `withdraw_waste_hand_over` | who offered, whom it was offered to | an offer |
//! | `register_recycling_batch` | recycler | facility, year, commitment to the masses |
//! | `amend_recycling_batch` | recycler | its own batch |
//! | `close_as_recycled` | responsible operator that is a recycler | its own battery, waste, no live successor, its own batch, no open business, evidence |
//! | `take_over` | council | an active member that is not the responsible operator, or a removed one that owns or operates the battery |

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

mod access;
mod contract;
mod delegation;
mod end_of_life;
pub mod history;
mod record;
mod recycling;
mod registration;
mod second_life;
mod threshold;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use access::{PLACING_ROLES, RECYCLING_ROLES, SECOND_LIFE_ROLES, WASTE_ROLES};
pub use pallet::*;
pub use recycling::YEARS;
pub use types::{
	Alias, CommitmentUpdate, Commitments, Consent, ContentAddress, Delegation, EventRecord, FacilityName,
	HistoryEntry, HistoryHead, HistoryPage, Links, NewPassport, Passport, RecyclingBatch, RecyclingBatchId,
	ThresholdStanding, Tombstone, UniqueIdentifier, WasteHandOver, HISTORY_PAGE_ENTRIES, MAX_BATCH,
	MAX_DELEGATES, MAX_ENVELOPES, MAX_FACILITY_BYTES, MAX_LINKS,
};
pub use weights::WeightInfo;

use alloc::vec::Vec;
use frame_support::{pallet_prelude::*, traits::EnsureOrigin};
use frame_system::pallet_prelude::*;
use history::{MAX_HISTORY_ENTRIES, MAX_HISTORY_PAGES};
use passport_primitives::{
	battery::{Category, Commitment, DocumentHash, PassportId},
	data_set::DataSet,
	ledger::{AuthorityEnvelopes, DelegatedRights, Membership, OnPassportChanged, OnPassportClosed},
	life_cycle::{EventKind, SecondLife, Status},
	organisation::OrganisationId,
};
use sp_runtime::traits::{Convert, IdentifyAccount, Verify};

/// A passport of this chain.
pub type PassportOf<T> = Passport<BlockNumberFor<T>>;

/// A tombstone of this chain.
pub type TombstoneOf<T> = Tombstone<BlockNumberFor<T>>;

/// A delegation on this chain.
pub type DelegationOf<T> = Delegation<BlockNumberFor<T>>;

/// The delegations of one passport.
pub type DelegationsOf<T> = BoundedVec<DelegationOf<T>, ConstU32<MAX_DELEGATES>>;

/// A page of a history on this chain.
pub type HistoryPageOf<T> = HistoryPage<BlockNumberFor<T>>;

/// The consent of a predecessor's operator on this chain.
pub type ConsentOf<T> =
	Consent<<T as frame_system::Config>::AccountId, <T as Config>::Signature, BlockNumberFor<T>>;

/// The consents that a derivation brings.
pub type ConsentsOf<T> = BoundedVec<ConsentOf<T>, ConstU32<MAX_LINKS>>;

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
		/// The keys that authorities receive without asking.
		type Envelopes: AuthorityEnvelopes;
		/// What `Envelopes::deposit` costs at worst for a new passport, by the number of authorities that it has envelopes for.
		type DepositWeight: Convert<u32, Weight>;
		/// What `Envelopes::are_due` costs at worst, for one passport.
		type DueWeight: Get<Weight>;
		/// How an account signs a consent: as it signs its transactions.
		type Signature: Parameter + Verify<Signer: IdentifyAccount<AccountId = Self::AccountId>>;
		/// Most blocks that a delegation lasts: a written authorisation is looked at again now and then.
		#[pallet::constant]
		type MaxDelegationBlocks: Get<BlockNumberFor<Self>>;
		/// The council's threshold of the state of health as it is now, in 0.01 %: asking for it is one read of the storage.
		type StateOfHealthThresholdBp: Get<u16>;
		/// Blocks for which a device's statement of its state of health counts, and a notified body's override of it.
		#[pallet::constant]
		type StatementValidBlocks: Get<BlockNumberFor<Self>>;
		/// Who keeps something under a passport.
		type OnPassportClosed: OnPassportClosed;
		/// What `OnPassportClosed` costs, all listeners, both of its functions: at worst; and for one passport that is live, by what
		/// is kept under it.
		type ClosingWeight: Get<Weight> + Convert<PassportId, Weight>;
		/// Who keeps a copy of a passport's status, publication or responsible operator.
		type OnPassportChanged: OnPassportChanged;
		/// What `OnPassportChanged` costs at worst, for one passport.
		type ChangedWeight: Get<Weight>;
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

	/// Whom the responsible operator of a passport has authorised. All end when responsibility moves.
	#[pallet::storage]
	pub type Delegations<T: Config> =
		StorageMap<_, Blake2_128Concat, PassportId, DelegationsOf<T>, ValueQuery>;

	/// Hand-overs to waste operators that nobody has accepted yet: one of a passport at most, by its responsible operator.
	#[pallet::storage]
	pub type WasteHandOvers<T: Config> = StorageMap<_, Blake2_128Concat, PassportId, WasteHandOver>;

	/// The histories of live passports, page by page.
	#[pallet::storage]
	pub type HistoryPages<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		PassportId,
		Blake2_128Concat,
		u32,
		HistoryPageOf<T>,
		ValueQuery,
	>;

	/// Every recycling batch. They stay: a year's rates are audited when the passports are closed.
	#[pallet::storage]
	pub type RecyclingBatches<T: Config> = StorageMap<_, Blake2_128Concat, RecyclingBatchId, RecyclingBatch>;

	/// The number that the next recycling batch gets.
	#[pallet::storage]
	pub type NextRecyclingBatchId<T: Config> = StorageValue<_, RecyclingBatchId, ValueQuery>;

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
			/// Who registered it: manufacturer, responsible operator and owner, and who operates it.
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
		/// The responsible operator has authorised an organisation. An earlier authorisation of the same one is replaced.
		Delegated {
			/// For which passport.
			passport: PassportId,
			/// Whom.
			delegate: OrganisationId,
			/// To do what.
			rights: DelegatedRights,
			/// Last block in which it may.
			expires_at: BlockNumberFor<T>,
			/// SHA-256 of the written authorisation.
			authorisation: DocumentHash,
		},
		/// An authorisation has ended before its time: by a call, because responsibility moved, or with the passport.
		DelegationEnded {
			/// For which passport.
			passport: PassportId,
			/// Whose.
			delegate: OrganisationId,
		},
		/// A second-life passport was derived.
		Succeeded {
			/// From which passport.
			passport: PassportId,
			/// The new one.
			successor: PassportId,
		},
		/// A notified body has allowed what the state of health alone would not.
		ThresholdOverridden {
			/// Of which passport.
			passport: PassportId,
			/// Who has.
			notified_body: OrganisationId,
		},
		/// The status changed.
		StatusChanged {
			/// Of which passport.
			passport: PassportId,
			/// What the battery is now.
			status: Status,
		},
		/// The responsible operator has offered a battery to a waste operator. An earlier offer of the same one is replaced. When
		/// this one is accepted, `ResponsibilityMoved` tells it.
		WasteHandOverOffered {
			/// Which passport.
			passport: PassportId,
			/// Who answers for it.
			from: OrganisationId,
			/// Who may accept.
			to: OrganisationId,
		},
		/// Nobody can accept such an offer any more: one of the two has withdrawn, the operator keeps the waste itself, the
		/// council has taken the passport over, or it is closed.
		WasteHandOverWithdrawn {
			/// Which passport.
			passport: PassportId,
			/// Who had offered.
			from: OrganisationId,
			/// Who had not accepted.
			to: OrganisationId,
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
		/// Another organisation operates a battery.
		OperationMoved {
			/// Its passport.
			passport: PassportId,
			/// Who operated it.
			from: OrganisationId,
			/// Who does now.
			to: OrganisationId,
		},
		/// A recycler has registered a batch.
		RecyclingBatchRegistered {
			/// Its number.
			batch: RecyclingBatchId,
			/// Who recycles.
			recycler: OrganisationId,
			/// Where.
			facility: FacilityName,
			/// The calendar year that it counts for.
			year: u16,
			/// Commitment to the masses.
			masses: Commitment,
		},
		/// The masses of a batch were measured again.
		RecyclingBatchAmended {
			/// Which.
			batch: RecyclingBatchId,
			/// The commitment that counts now.
			masses: Commitment,
		},
		/// A passport ceased to exist.
		Closed {
			/// Which.
			passport: PassportId,
			/// Who recycled the battery.
			recycler: OrganisationId,
			/// In which batch.
			batch: RecyclingBatchId,
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
		/// An envelope that the access table demands for an authority is not there.
		EnvelopeMissing,
		/// An envelope is for an organisation or a data set that none is demanded for, or there twice.
		EnvelopeNotDemanded,
		/// An authority waits for an envelope, and comes first.
		EnvelopesDue,
		/// A batch has at least one entry.
		EmptyBatch,
		/// The history has no room for such an entry.
		HistoryFull,
		/// The responsible operator does not authorise itself.
		ToOneself,
		/// A delegation is of at least one right, and of none that does not exist.
		InvalidRights,
		/// A delegation lasts one block at least and `MaxDelegationBlocks` at most.
		ExpiryOutOfRange,
		/// The passport has 8 delegates.
		TooManyDelegates,
		/// The organisation has no delegation in force for this passport.
		DelegationNotFound,
		/// There is no consent for a predecessor that the caller does not answer for. They come in the order of the
		/// predecessors.
		ConsentMissing,
		/// The last block of a consent has passed.
		ConsentExpired,
		/// A consent is not the signature of the predecessor's responsible operator to this derivation, or there is one more
		/// than is needed.
		BadConsent,
		/// Who signed a consent may not act now: suspended, or its membership has ended.
		ConsentSuspended,
		/// It is not shown that the battery's state of health is at or above the threshold of today: no statement of its device
		/// counts and tells, as of waste none does, and no notified body has overridden.
		ThresholdNotShown,
		/// The battery's state of health is below the threshold, and no notified body has overridden.
		BelowThreshold,
		/// The battery's state of health is at or above the threshold: a second life comes before recycling, and no notified
		/// body has overridden.
		AboveThreshold,
		/// The notified body owns or operates the battery, or answers for it.
		NotIndependent,
		/// No hand-over of the passport is offered.
		NoHandOver,
		/// Who offered the hand-over may not act now: suspended, removed, or its membership has ended.
		SenderNotActive,
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
		/// A facility has a name of printable ASCII characters.
		InvalidFacility,
		/// No year from 2023 to 2099.
		InvalidYear,
		/// No recycling batch has this number.
		BatchNotFound,
		/// The recycling batch is another recycler's.
		BatchOfAnother,
		/// All 2^32 numbers have been given.
		NumbersExhausted,
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

		/// Most entries of one of the batch calls.
		fn max_batch() -> u32 {
			MAX_BATCH
		}

		/// Most delegations of one passport.
		fn max_delegates() -> u32 {
			MAX_DELEGATES
		}

		/// Most entries of a history.
		fn max_history_entries() -> u32 {
			MAX_HISTORY_ENTRIES
		}

		/// Entries of one page of a history.
		fn history_page_entries() -> u32 {
			HISTORY_PAGE_ENTRIES
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
		/// manufacturer, responsible operator and owner, and operates it. Emits `Registered`.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `NotAuthorized`, `InvalidIdentifier`, `InvalidAlias`,
		/// `CommitmentMissing`, `InvalidContentAddress`, `AlreadyRegistered`, `IdentifierRetired`, `AliasTaken`,
		/// `EnvelopeMissing`, `EnvelopeNotDemanded`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register().saturating_add(weights::deposits::<T>([new])))]
		pub fn register(origin: OriginFor<T>, new: NewPassport) -> DispatchResult {
			Self::do_register(origin, [new])
		}

		/// Replaces the commitment to one data set and raises the version. A content address of `None` leaves the address
		/// as it is. Emits `CommitmentUpdated`.
		///
		/// An envelope that is due to an authority comes first: by the access-grant pallet's call.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `NotFound`, `NotAuthorized`, `NotActive`, `Unchanged`,
		/// `InvalidContentAddress`, `HistoryFull`, `EnvelopesDue`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::update_commitment().saturating_add(T::DueWeight::get()))]
		pub fn update_commitment(
			origin: OriginFor<T>,
			passport: PassportId,
			data_set: DataSet,
			commitment: Commitment,
			content_address: Option<ContentAddress>,
		) -> DispatchResult {
			let update = CommitmentUpdate {
				passport,
				data_set,
				commitment,
				content_address,
			};
			Self::do_update_commitments(origin, [update])
		}

		/// Records an event of the protocol's table 5.3. Every event there requires data, which stay off the ledger: their
		/// hash is the evidence. Emits `HistoryExtended`.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `RecordedByLedgerOnly`, `NotFound`, `NotAuthorized`,
		/// `NotActive`, `HistoryFull`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::record_event())]
		pub fn record_event(
			origin: OriginFor<T>,
			passport: PassportId,
			kind: EventKind,
			evidence: DocumentHash,
		) -> DispatchResult {
			let event = EventRecord {
				passport,
				kind,
				evidence,
			};
			Self::do_record_events(origin, [event])
		}

		/// Authorises another organisation to act for the responsible operator, Art. 77(4): in writing, of which the ledger
		/// holds the hash. Replaces what the same organisation was authorised to before. Emits `Delegated`.
		///
		/// `expires_at` is the last block in which it may act. The authorisation ends before when responsibility moves, and
		/// rests while either of the two may not act.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `NotFound`, `NotAuthorized`, `ToOneself`, `InvalidRights`,
		/// `ExpiryOutOfRange`, `RecipientNotActive`, `HistoryFull`, `TooManyDelegates`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::delegate())]
		pub fn delegate(
			origin: OriginFor<T>,
			passport: PassportId,
			delegate: OrganisationId,
			rights: DelegatedRights,
			expires_at: BlockNumberFor<T>,
			authorisation: DocumentHash,
		) -> DispatchResult {
			Self::do_delegate(origin, passport, delegate, rights, expires_at, authorisation)
		}

		/// Ends an authorisation before its time. Emits `DelegationEnded`.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `NotFound`, `NotAuthorized`, `DelegationNotFound`,
		/// `HistoryFull`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::end_delegation())]
		pub fn end_delegation(
			origin: OriginFor<T>,
			passport: PassportId,
			delegate: OrganisationId,
		) -> DispatchResult {
			Self::do_end_delegation(origin, passport, delegate)
		}

		/// Registers the battery that was made of others, Art. 77(7): a new passport, linked to theirs both ways, whose
		/// responsible operator is the caller's organisation. Theirs stay live and are superseded. Which of the four
		/// operations it was, the caller declares. Emits `Registered`, and `Succeeded` for each predecessor.
		///
		/// `consents` has one for each predecessor that the caller's organisation does not answer for, in their order.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `NotAuthorized`, `NoPredecessor`, `DuplicatePredecessor`,
		/// those of `register` about the new passport, `NotFound`, `NotOwner`, `ThresholdNotShown`, `BelowThreshold`,
		/// `HistoryFull`, `ConsentMissing`, `ConsentExpired`, `ConsentSuspended`, `BadConsent`, `TooManySuccessors`.
		#[pallet::call_index(5)]
		#[pallet::weight(
			T::WeightInfo::derive(predecessors.len() as u32, consents.len() as u32)
				.saturating_add(weights::deposits::<T>([new]))
				.saturating_add(T::ChangedWeight::get().saturating_mul(predecessors.len() as u64))
		)]
		pub fn derive(
			origin: OriginFor<T>,
			predecessors: Links,
			operation: SecondLife,
			new: NewPassport,
			consents: ConsentsOf<T>,
		) -> DispatchResult {
			Self::do_derive(origin, predecessors, operation, new, consents)
		}

		/// The battery is to become waste, or to go on from one waste operator to the next, on the same passport: Art. 77(7)
		/// second sentence. Nobody receives a battery without wanting it: this is an offer, which replaces an earlier one, until
		/// `to` calls `accept_waste_hand_over`. Emits `WasteHandOverOffered`.
		///
		/// Where `to` is the caller's own organisation it happens at once, and an offer to another ends. Emits `StatusChanged`,
		/// `OperationMoved`, `WasteHandOverWithdrawn`, each where something changes.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `NotFound`, `NotAuthorized`, `NotOwner`,
		/// `RecipientNotActive`, `RecipientLacksRole`, `Unchanged`, `AboveThreshold`, `HistoryFull`.
		#[pallet::call_index(6)]
		#[pallet::weight(
			T::WeightInfo::hand_over_to_waste_operator().saturating_add(T::ChangedWeight::get())
		)]
		pub fn hand_over_to_waste_operator(
			origin: OriginFor<T>,
			passport: PassportId,
			to: OrganisationId,
		) -> DispatchResult {
			Self::do_hand_over_to_waste_operator(origin, passport, to)
		}

		/// The battery has been recycled: the passport ceases to exist, Art. 77(8). A tombstone stays, everything else is
		/// dropped, here and by the listeners. The battery is counted in the recycling batch. Emits `Closed`.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `NotFound`, `NotAuthorized`, `NotWaste`, `SuccessorLive`,
		/// `BatchNotFound`, `BatchOfAnother`, `Busy`.
		#[pallet::call_index(7)]
		#[pallet::weight(
			T::WeightInfo::close_as_recycled(MAX_HISTORY_PAGES).saturating_add(T::ClosingWeight::get())
		)]
		pub fn close_as_recycled(
			origin: OriginFor<T>,
			passport: PassportId,
			batch: RecyclingBatchId,
			evidence: DocumentHash,
		) -> DispatchResultWithPostInfo {
			// Asked before it is dropped.
			let dropping = T::ClosingWeight::convert(passport);
			let pages = Self::do_close_as_recycled(origin, passport, batch, evidence)?;
			let actual = T::WeightInfo::close_as_recycled(pages).saturating_add(dropping);
			Ok(Some(actual).into())
		}

		/// The council names the operator that answers for a passport whose operator has ceased to exist or left the Union,
		/// Art. 78(e). Ownership and operation stay, but for those of an organisation that was removed from the consortium: they
		/// go to the new operator, who may be the present one. What the former operator delegated ends, and so does its offer of
		/// a hand-over. Emits `ResponsibilityMoved`, `OwnerChanged`, `OperationMoved`, `WasteHandOverWithdrawn`, each where
		/// something changes.
		///
		/// Errors: `BadOrigin`, `NotFound`, `Unchanged`, `RecipientNotActive`, `HistoryFull`.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::take_over().saturating_add(T::ChangedWeight::get()))]
		pub fn take_over(
			origin: OriginFor<T>,
			passport: PassportId,
			operator: OrganisationId,
		) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			Self::do_take_over(passport, operator)
		}

		/// A notified body allows the way that the battery's state of health alone would not: a second life below the
		/// threshold or out of waste, recycling above it. It counts for `StatementValidBlocks`, and the next derivation or
		/// hand-over uses it up. Emits `ThresholdOverridden`.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `NotAuthorized`, `NotFound`, `NotIndependent`, `Unchanged`,
		/// `HistoryFull`.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::override_threshold())]
		pub fn override_threshold(
			origin: OriginFor<T>,
			passport: PassportId,
			evidence: DocumentHash,
		) -> DispatchResult {
			Self::do_override_threshold(origin, passport, evidence)
		}

		/// Registers a recycling batch: what one facility recycles together. `masses` is the commitment to the masses that
		/// went in and were recovered, salted as those of data sets 2 to 4. Emits `RecyclingBatchRegistered`.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `NotAuthorized`, `InvalidFacility`, `InvalidYear`,
		/// `NumbersExhausted`.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::register_recycling_batch())]
		pub fn register_recycling_batch(
			origin: OriginFor<T>,
			facility: FacilityName,
			year: u16,
			masses: Commitment,
		) -> DispatchResult {
			Self::do_register_recycling_batch(origin, facility, year, masses)
		}

		/// Replaces the commitment to the masses of a batch: it was weighed again, or goes on. Emits `RecyclingBatchAmended`.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `BatchNotFound`, `BatchOfAnother`, `Unchanged`.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::amend_recycling_batch())]
		pub fn amend_recycling_batch(
			origin: OriginFor<T>,
			batch: RecyclingBatchId,
			masses: Commitment,
		) -> DispatchResult {
			Self::do_amend_recycling_batch(origin, batch, masses)
		}

		/// Registers batteries as `register` does: all, or none when one is refused. Emits `Registered` for each.
		///
		/// Errors: `EmptyBatch`, and those of `register`.
		#[pallet::call_index(12)]
		#[pallet::weight(
			T::WeightInfo::register_many(passports.len() as u32)
				.saturating_add(weights::deposits::<T>(passports))
		)]
		pub fn register_many(
			origin: OriginFor<T>,
			passports: BoundedVec<NewPassport, ConstU32<MAX_BATCH>>,
		) -> DispatchResult {
			ensure!(!passports.is_empty(), Error::<T>::EmptyBatch);
			Self::do_register(origin, passports)
		}

		/// Replaces commitments as `update_commitment` does, one after the other: all, or none when one is refused. Emits
		/// `CommitmentUpdated` for each.
		///
		/// Errors: `EmptyBatch`, and those of `update_commitment`.
		#[pallet::call_index(13)]
		#[pallet::weight(
			T::WeightInfo::update_many(updates.len() as u32)
				.saturating_add(T::DueWeight::get().saturating_mul(updates.len() as u64))
		)]
		pub fn update_many(
			origin: OriginFor<T>,
			updates: BoundedVec<CommitmentUpdate, ConstU32<MAX_BATCH>>,
		) -> DispatchResult {
			ensure!(!updates.is_empty(), Error::<T>::EmptyBatch);
			Self::do_update_commitments(origin, updates)
		}

		/// Records events as `record_event` does, one after the other: all, or none when one is refused. Emits
		/// `HistoryExtended` for each.
		///
		/// Errors: `EmptyBatch`, and those of `record_event`.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::record_many(events.len() as u32))]
		pub fn record_many(
			origin: OriginFor<T>,
			events: BoundedVec<EventRecord, ConstU32<MAX_BATCH>>,
		) -> DispatchResult {
			ensure!(!events.is_empty(), Error::<T>::EmptyBatch);
			Self::do_record_events(origin, events)
		}

		/// Takes a battery that was offered by `hand_over_to_waste_operator`: responsibility, ownership and operation move to the
		/// caller's organisation. Of a superseded passport responsibility moves alone. What the former operator delegated ends.
		/// Emits `StatusChanged`, `ResponsibilityMoved`, `OwnerChanged`, `OperationMoved`, each where something changes.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `NotFound`, `NoHandOver`, `NotAuthorized`, `SenderNotActive`,
		/// `NotOwner`, `RecipientLacksRole`, `AboveThreshold`, `HistoryFull`.
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::accept_waste_hand_over().saturating_add(T::ChangedWeight::get()))]
		pub fn accept_waste_hand_over(origin: OriginFor<T>, passport: PassportId) -> DispatchResult {
			Self::do_accept_waste_hand_over(origin, passport)
		}

		/// Ends an offer of a hand-over: the responsible operator takes it back, or the one that it was made to declines. Emits
		/// `WasteHandOverWithdrawn`.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `NoHandOver`, `NotAuthorized`.
		#[pallet::call_index(16)]
		#[pallet::weight(T::WeightInfo::withdraw_waste_hand_over())]
		pub fn withdraw_waste_hand_over(origin: OriginFor<T>, passport: PassportId) -> DispatchResult {
			Self::do_withdraw_waste_hand_over(origin, passport)
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

		/// A page of a live passport's history, from page 0. Every page but the last is full; one after the last is empty, as
		/// all are of a closed passport.
		pub fn history(passport: PassportId, page: u32) -> HistoryPageOf<T> {
			HistoryPages::<T>::get(passport, page)
		}

		/// The delegations of a passport whose time has not passed.
		pub fn delegations(passport: PassportId) -> Vec<DelegationOf<T>> {
			Self::delegations_in_force(&passport)
		}

		/// The hand-over to a waste operator that is offered of a passport and that nobody has accepted yet.
		pub fn waste_hand_over(passport: PassportId) -> Option<WasteHandOver> {
			WasteHandOvers::<T>::get(passport)
		}

		/// A recycling batch.
		pub fn recycling_batch(batch: RecyclingBatchId) -> Option<RecyclingBatch> {
			RecyclingBatches::<T>::get(batch)
		}
	}
}
