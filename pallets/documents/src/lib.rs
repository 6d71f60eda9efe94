//! # Documents
//!
//! Which documents belong to a passport: declarations of conformity, test reports, manuals, authorisations. The ledger keeps
//! content address, kind, data set, size and uploader; the bytes are off the ledger, in a gateway's store or in IPFS. Who
//! reads the bytes holds them against the address, and so need not trust where they came from.
//!
//! ## Terminology
//!
//! - **Content address**: CIDv1 with SHA-256 or BLAKE2b-256 over the bytes as they are stored.
//! - **Uploader**: the organisation that a document was anchored for: the one that anchored it, or the responsible operator
//!   that a delegate acted for. The issuer of a document is often another one, and is named in the document.
//! - **Party**: the responsible operator or the owner of a passport.
//! - **Delegate**: whom the responsible operator has authorised in writing to anchor documents in its place, Art. 77(4).
//!
//! ## Assumptions
//!
//! - Only documents of data set 1 are stored in clear. Everything else is encrypted before it is addressed: a content
//!   address is public among the members, and whoever has it can ask for the bytes.
//! - `size_bytes` is the uploader's word. A reader that fetches the bytes stops after that many.
//! - Members with a role that anchors under any passport do not use up the places of others: the ledger shows who does, and
//!   the council can suspend it.
//! - Whoever may anchor in its own right does so for itself, a delegate as well. What a delegate without such a right anchors
//!   is the responsible operator's, which alone disposes of it when the delegation has ended.
//! - Whom the delegation is given to and until when is the passport pallet's to know: it is asked each time.
//! - The passport pallet calls `OnPassportClosed` when a passport ceases to exist.
//!
//! ## Calls
//!
//! | call | who | what it needs |
//! |---|---|---|
//! | `anchor` | responsible operator, its delegates, owner; any notified body, quality assurer, recycler, service centre | live passport, CID that is not anchored under it, fewer than 64 documents |
//! | `withdraw` | the uploader; where that is the responsible operator, its delegates | |

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{
	ContentAddress, Count, Document, DocumentKind, DocumentNumber, MAX_DOCUMENTS_FOR_OTHERS,
	MAX_DOCUMENTS_PER_PASSPORT,
};
pub use weights::WeightInfo;

use alloc::vec::Vec;
use core::marker::PhantomData;
use frame_support::pallet_prelude::*;
use frame_system::pallet_prelude::*;
use passport_primitives::{
	battery::PassportId,
	content_address,
	data_set::DataSet,
	ledger::{ActiveMember, DelegatedRight, Membership, MembershipRefusal, OnPassportClosed, Passports},
	organisation::{OrganisationId, Role, Roles},
};

/// Who anchors documents under any passport: those that certify a battery, repair it or recycle it without being a party.
pub const ANCHORING_ROLES: Roles = Roles::of(&[
	Role::NotifiedBody,
	Role::QualityAssurer,
	Role::Recycler,
	Role::ServiceCentre,
]);

/// A document of this chain.
pub type RecordOf<T> = Document<BlockNumberFor<T>>;

#[frame_support::pallet]
pub mod pallet {
	use super::*;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The organisations, and who may act.
		type Members: Membership<Self::AccountId>;
		/// The passports, and who the parties are.
		type Passports: Passports;
		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// The documents of each passport.
	#[pallet::storage]
	pub type Documents<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, PassportId, Blake2_128Concat, DocumentNumber, RecordOf<T>>;

	/// The document of each passport that has a content address: one, so that nothing is anchored twice.
	#[pallet::storage]
	pub type DocumentOf<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, PassportId, Blake2_128Concat, ContentAddress, DocumentNumber>;

	/// How many documents each passport has and has had.
	#[pallet::storage]
	pub type Counts<T: Config> = StorageMap<_, Blake2_128Concat, PassportId, Count, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A document belongs to a passport from now on.
		Anchored {
			/// To which.
			passport: PassportId,
			/// Its number under the passport.
			document: DocumentNumber,
			/// Where its bytes are found.
			content_address: ContentAddress,
			/// What it is.
			kind: DocumentKind,
			/// The data set that it belongs to.
			data_set: DataSet,
			/// Length of its bytes.
			size_bytes: u64,
			/// For whom it was anchored.
			uploader: OrganisationId,
			/// Who anchored it: the uploader, or a delegate of it.
			anchored_by: OrganisationId,
		},
		/// A document was taken back.
		Withdrawn {
			/// From which passport.
			passport: PassportId,
			/// Number that it had.
			document: DocumentNumber,
			/// Where its bytes were found.
			content_address: ContentAddress,
			/// Who took it back: the uploader, or a delegate of it.
			withdrawn_by: OrganisationId,
		},
		/// A passport ceased to exist, and its documents with it: their bytes can be deleted.
		Dropped {
			/// Which passport.
			passport: PassportId,
			/// How many documents.
			documents: u32,
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
		/// The caller's organisation is no party of the passport, has no role that anchors and no delegation to anchor.
		NotAuthorized,
		/// No live passport has this key.
		PassportNotFound,
		/// The content address is no CIDv1 with SHA-256 or BLAKE2b-256.
		InvalidContentAddress,
		/// A document has at least one byte.
		Empty,
		/// A document of the passport has this content address.
		AlreadyAnchored,
		/// The passport has 64 documents, or 32 and the caller's organisation has no part in the battery.
		TooManyDocuments,
		/// The passport has no document of this number.
		NotFound,
		/// The document is another organisation's, and the caller's has no delegation to withdraw it.
		NotUploader,
	}

	#[pallet::extra_constants]
	impl<T: Config> Pallet<T> {
		/// Most documents under a passport.
		fn max_documents_per_passport() -> u32 {
			MAX_DOCUMENTS_PER_PASSPORT
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
		/// Anchors a document under a passport, a superseded one as well. Emits `Anchored`.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `PassportNotFound`, `NotAuthorized`,
		/// `InvalidContentAddress`, `Empty`, `AlreadyAnchored`, `TooManyDocuments`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::anchor())]
		pub fn anchor(
			origin: OriginFor<T>,
			passport: PassportId,
			content_address: ContentAddress,
			kind: DocumentKind,
			data_set: DataSet,
			size_bytes: u64,
		) -> DispatchResult {
			let member = Self::ensure_active_member(origin)?;
			let facts = T::Passports::facts(&passport).ok_or(Error::<T>::PassportNotFound)?;
			let anchored_by = member.organisation;
			let is_party = [facts.responsible_operator, facts.owner].contains(&anchored_by);
			let (uploader, room) = if is_party {
				(anchored_by, MAX_DOCUMENTS_PER_PASSPORT)
			} else if member.has_any(ANCHORING_ROLES) {
				(anchored_by, MAX_DOCUMENTS_FOR_OTHERS)
			} else {
				ensure!(
					T::Passports::may_act(&passport, anchored_by, DelegatedRight::AnchorDocuments),
					Error::<T>::NotAuthorized
				);
				(facts.responsible_operator, MAX_DOCUMENTS_PER_PASSPORT)
			};
			content_address::check(&content_address).map_err(|_| Error::<T>::InvalidContentAddress)?;
			ensure!(size_bytes > 0, Error::<T>::Empty);
			ensure!(
				!DocumentOf::<T>::contains_key(passport, &content_address),
				Error::<T>::AlreadyAnchored
			);
			let count = Counts::<T>::get(passport);
			ensure!(count.anchored < room, Error::<T>::TooManyDocuments);

			let document = count.next;
			Documents::<T>::insert(
				passport,
				document,
				Document {
					content_address: content_address.clone(),
					kind,
					data_set,
					size_bytes,
					uploader,
					anchored_at: frame_system::Pallet::<T>::block_number(),
				},
			);
			DocumentOf::<T>::insert(passport, &content_address, document);
			Counts::<T>::insert(
				passport,
				// 2^32 documents are more than a chain has extrinsics for one passport.
				Count {
					next: count.next.saturating_add(1),
					anchored: count.anchored.saturating_add(1),
				},
			);
			Self::deposit_event(Event::Anchored {
				passport,
				document,
				content_address,
				kind,
				data_set,
				size_bytes,
				uploader,
				anchored_by,
			});
			Ok(())
		}

		/// Takes a document back: the uploader does, or a delegate of the responsible operator where that is the uploader.
		/// That it was anchored stays in the events. Emits `Withdrawn`.
		///
		/// Errors: `NotAMember`, `MembershipEnded`, `Suspended`, `NotFound`, `NotUploader`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(
			origin: OriginFor<T>,
			passport: PassportId,
			document: DocumentNumber,
		) -> DispatchResult {
			let member = Self::ensure_active_member(origin)?;
			let record = Documents::<T>::get(passport, document).ok_or(Error::<T>::NotFound)?;
			let withdrawn_by = member.organisation;
			ensure!(
				record.uploader == withdrawn_by
					|| Self::may_withdraw_for(&passport, record.uploader, withdrawn_by),
				Error::<T>::NotUploader
			);

			let content_address = record.content_address;
			Documents::<T>::remove(passport, document);
			DocumentOf::<T>::remove(passport, &content_address);
			Counts::<T>::mutate(passport, |count| {
				count.anchored = count.anchored.saturating_sub(1);
			});
			Self::deposit_event(Event::Withdrawn {
				passport,
				document,
				content_address,
				withdrawn_by,
			});
			Ok(())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The documents of a passport, by their numbers.
		pub fn documents(passport: PassportId) -> Vec<(DocumentNumber, RecordOf<T>)> {
			let mut documents: Vec<_> = Documents::<T>::iter_prefix(passport).collect();
			documents.sort_unstable_by_key(|(number, _)| *number);
			documents
		}

		/// One document of a passport.
		pub fn document(passport: PassportId, document: DocumentNumber) -> Option<RecordOf<T>> {
			Documents::<T>::get(passport, document)
		}

		/// The document of a passport with this content address: whether bytes that somebody shows belong to the battery.
		pub fn find(passport: PassportId, content_address: ContentAddress) -> Option<DocumentNumber> {
			DocumentOf::<T>::get(passport, content_address)
		}
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

impl<T: Config> Pallet<T> {
	/// The organisation that the caller acts for.
	fn ensure_active_member(origin: OriginFor<T>) -> Result<ActiveMember, DispatchError> {
		let account = frame_system::ensure_signed(origin)?;
		Ok(T::Members::active_member(&account).map_err(Error::<T>::from)?)
	}

	/// Whether the document is the responsible operator's and `organisation` its delegate. A former operator's documents stay
	/// that operator's.
	fn may_withdraw_for(
		passport: &PassportId,
		uploader: OrganisationId,
		organisation: OrganisationId,
	) -> bool {
		T::Passports::facts(passport).is_some_and(|facts| facts.responsible_operator == uploader)
			&& T::Passports::may_act(passport, organisation, DelegatedRight::AnchorDocuments)
	}
}

impl<T: Config> OnPassportClosed for Pallet<T> {
	fn on_passport_closed(passport: &PassportId) {
		let documents = Counts::<T>::take(passport).anchored;
		// At most as many as the limit are there, so that nothing stays and no cursor is needed.
		let _ = Documents::<T>::clear_prefix(passport, MAX_DOCUMENTS_PER_PASSPORT, None);
		let _ = DocumentOf::<T>::clear_prefix(passport, MAX_DOCUMENTS_PER_PASSPORT, None);
		if documents > 0 {
			Self::deposit_event(Event::Dropped {
				passport: *passport,
				documents,
			});
		}
	}
}

/// What this pallet's part in closing a passport costs at worst, for the passport pallet's `ClosingWeight`.
pub struct ClosingWeight<T>(PhantomData<T>);

impl<T: Config> Get<Weight> for ClosingWeight<T> {
	fn get() -> Weight {
		T::WeightInfo::on_passport_closed()
	}
}
