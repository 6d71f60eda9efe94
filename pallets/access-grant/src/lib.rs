//! # Access grants
//!
//! Who may read the data sets of a passport that are not public, and by whose decision. Regulation (EU) 2023/1542 Art. 77(2) and
//! Annex XIII say which audience may see what; the responsible operator decides on each request; the ledger records both.
//!
//! ## Terminology
//!
//! - **Audience**: the public, authorities, persons with a legitimate interest: Art. 77(2)(a) to (c). An organisation's roles
//!   say which one it belongs to.
//! - **Access table**: what each audience may see. It starts as the Annex has it and the council changes it, for the
//!   implementing act of Art. 77(9) is outstanding: access rights are data, not code.
//! - **Request**: a member asks the responsible operator for data sets, with a purpose and a duration.
//! - **Grant**: an approved request.
//! - **Open**: approved, not expired, grantee and responsible operator active. What an open grant opens is what it names *and*
//!   the access table allows now.
//! - **Envelope**: the sealing key of a key epoch, for the grantee alone (HPKE, RFC 9180). Measured values (data set 4) are
//!   sealed by the battery, so a grant of them is worth nothing without.
//! - **Key epoch**: while one lasts, a device seals under one key. A new one begins when somebody who holds the key loses the
//!   right to it.
//!
//! ## Assumptions
//!
//! - Validators are competitors: no data set stands here, only who may read it, and keys that nobody but the grantee can open.
//! - Nothing has to be sent for a grant to end in time: whoever serves data asks [`Pallet::is_open`] or [`Pallet::opened_to`] at
//!   the block it serves from. [`Pallet::clear_expired`] tidies up.
//! - What was sealed under a key stays readable to those who had it. Revoking, and clearing an expired grant away, starts a new
//!   key epoch, so that nothing sealed from then on does. A grantee who was not given the current epoch's key has none to lose:
//!   then no epoch is started, so that ending many grants at once costs the others one renewal.
//! - A new epoch leaves the other grantees with an old key until the operator sends them new ones:
//!   [`Pallet::renew_envelope`].
//! - Suspending an organisation closes what it was granted and what it grants, until it is reinstated. It does not start a key
//!   epoch; the operator revokes if the key is to be taken too.
//! - A grant goes with the passport: who is responsible now answers for it and can revoke it, whoever approved it.
//! - The public gateway serves data set 1 without asking here.
//!
//! ## Calls
//!
//! | index | call | who | what it needs |
//! |---|---|---|---|
//! | 0 | `request` | any active member | the table allows its audience the data sets; no request of its own waiting |
//! | 1 | `approve` | the responsible operator | a request that waits; the table allows it still; an envelope for data set 4 |
//! | 2 | `deny` | the responsible operator | a request that waits |
//! | 3 | `revoke` | the responsible operator, or the grantee | a grant; the grantee can also withdraw a request |
//! | 4 | `set_access` | the council | the public never beyond data set 1 |
//! | 5 | `clear_expired` | any active member | its time is over |
//! | 6 | `renew_envelope` | the responsible operator | an open grant of data set 4 |

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

mod closing;
mod reading;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{EnvelopeBytes, Grant, GrantId, GrantState, KeyEnvelope, ENVELOPE_BYTES};
pub use weights::WeightInfo;

extern crate alloc;

use alloc::vec::Vec;
use frame_support::{pallet_prelude::*, traits::EnsureOrigin};
use frame_system::pallet_prelude::*;
use passport_primitives::{
	battery::PassportId,
	data_set::{Audience, DataSet, DataSets, Purpose},
	ledger::{ActiveMember, KeyEpochs, Membership, MembershipRefusal, Passports},
	organisation::{OrganisationId, Roles},
};
use sp_runtime::traits::{Saturating, Zero};

/// A grant as this runtime stores it.
pub type GrantOf<T> = Grant<BlockNumberFor<T>>;

#[frame_support::pallet]
pub mod pallet {
	use super::*;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// Who acts for which organisation.
		type Members: Membership<Self::AccountId>;
		/// Who is responsible for which passport.
		type Passports: Passports;
		/// The epochs of the devices' sealing keys.
		type KeyEpochs: KeyEpochs;
		/// Changes the access table.
		type CouncilOrigin: EnsureOrigin<Self::RuntimeOrigin>;
		/// Most requests and grants under one passport: as many as can be dropped in one go when it is closed.
		#[pallet::constant]
		type MaxGrantsPerPassport: Get<u32>;
		/// Most blocks that a grant lasts, and that a request waits for an answer: none stands for ever.
		#[pallet::constant]
		type MaxGrantBlocks: Get<BlockNumberFor<Self>>;
		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// What the council has changed in the access table. [`Pallet::access_of`] reads it: an audience without an entry has what
	/// Annex XIII shows it.
	#[pallet::storage]
	pub type AccessTable<T: Config> = StorageMap<_, Blake2_128Concat, Audience, DataSets>;

	/// Requests and grants that were not ended.
	#[pallet::storage]
	pub type Grants<T: Config> = StorageMap<_, Blake2_128Concat, GrantId, GrantOf<T>>;

	/// The requests and grants under a passport.
	#[pallet::storage]
	pub type GrantsOf<T: Config> =
		StorageMap<_, Blake2_128Concat, PassportId, BoundedVec<GrantId, T::MaxGrantsPerPassport>, ValueQuery>;

	/// The requests and grants of an organisation, for it to find its keys.
	#[pallet::storage]
	pub type GrantsTo<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, OrganisationId, Blake2_128Concat, GrantId, ()>;

	/// The request of an organisation that waits for an answer.
	#[pallet::storage]
	pub type RequestOf<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, PassportId, Blake2_128Concat, OrganisationId, GrantId>;

	/// The number that the next request gets. Numbers are never given again.
	#[pallet::storage]
	pub type NextGrantId<T: Config> = StorageValue<_, GrantId, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A member asks for access.
		GrantRequested {
			/// Number of the request.
			grant: GrantId,
			/// The passport.
			passport: PassportId,
			/// Who asks.
			grantee: OrganisationId,
			/// For which data sets.
			data_sets: DataSets,
			/// What for.
			purpose: Purpose,
			/// For how long.
			duration_blocks: BlockNumberFor<T>,
		},
		/// The responsible operator has granted access.
		GrantApproved {
			/// Which request.
			grant: GrantId,
			/// The passport.
			passport: PassportId,
			/// Who may read.
			grantee: OrganisationId,
			/// Which data sets.
			data_sets: DataSets,
			/// Last block in which it may.
			expires_at: BlockNumberFor<T>,
			/// Epoch of the key in the envelope, if one goes with it.
			key_epoch: Option<u32>,
		},
		/// The responsible operator has said no.
		GrantDenied {
			/// Which request.
			grant: GrantId,
			/// The passport.
			passport: PassportId,
			/// Who had asked.
			grantee: OrganisationId,
		},
		/// A grant was ended before its time.
		GrantRevoked {
			/// Which.
			grant: GrantId,
			/// The passport.
			passport: PassportId,
			/// Who may no longer read.
			grantee: OrganisationId,
			/// Who ended it: the responsible operator, or the grantee.
			by: OrganisationId,
			/// If a key went with it: the epoch from which on the grantee has none.
			key_epoch: Option<u32>,
		},
		/// A member no longer asks.
		RequestWithdrawn {
			/// Which request.
			grant: GrantId,
			/// The passport.
			passport: PassportId,
			/// Who had asked.
			grantee: OrganisationId,
		},
		/// A grant or a request whose time was over is gone from storage.
		GrantExpired {
			/// Which.
			grant: GrantId,
			/// The passport.
			passport: PassportId,
			/// Whose.
			grantee: OrganisationId,
			/// If a key went with it: the epoch from which on the grantee has none.
			key_epoch: Option<u32>,
		},
		/// A grantee has the key of the current epoch again.
		EnvelopeRenewed {
			/// Which grant.
			grant: GrantId,
			/// The passport.
			passport: PassportId,
			/// Whose.
			grantee: OrganisationId,
			/// Epoch of the key.
			key_epoch: u32,
		},
		/// A passport was closed, and with it every request and grant under it.
		GrantsClosed {
			/// The passport.
			passport: PassportId,
			/// How many.
			grants: u32,
		},
		/// The council has changed what an audience may see.
		AccessChanged {
			/// Which audience.
			audience: Audience,
			/// What it may see from now on.
			data_sets: DataSets,
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
		/// No such passport, or it was closed.
		PassportNotFound,
		/// No such request or grant, or it was ended.
		GrantNotFound,
		/// Only the responsible operator of the passport decides.
		NotResponsibleOperator,
		/// Only the responsible operator and the grantee end a grant.
		NotParty,
		/// No data set is named.
		NoDataSets,
		/// A bit is set that stands for no data set.
		InvalidDataSets,
		/// The access table does not show the grantee's audience these data sets.
		NotAllowedByAccessTable,
		/// A grant lasts one block at least and `MaxGrantBlocks` at most.
		DurationOutOfRange,
		/// A request of the organisation for this passport waits already.
		AlreadyRequested,
		/// The passport has `MaxGrantsPerPassport` requests and grants; expired ones can be cleared away.
		TooManyGrants,
		/// It is a grant already, not a request.
		AlreadyApproved,
		/// It is a request still, not a grant.
		NotApproved,
		/// Its time is over.
		GrantOver,
		/// Its time is not over.
		NotExpired,
		/// The grantee may not act now: suspended, or its membership has ended.
		GranteeNotActive,
		/// Data set 4 is sealed: its grant needs an envelope with the key.
		EnvelopeMissing,
		/// An envelope has 80 bytes.
		EnvelopeLength,
		/// A key goes with data set 4 alone.
		EnvelopeNotNeeded,
		/// The battery has no device, so there is no key.
		NoDevice,
		/// The public may see data set 1 at most.
		BeyondPublic,
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
		/// Asks the responsible operator of a passport for access to data sets, for `duration_blocks` from the approval.
		///
		/// The request waits for `MaxGrantBlocks` blocks. A later one by the same organisation replaces it once they have
		/// passed. Emits [`Event::GrantRequested`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::request())]
		pub fn request(
			origin: OriginFor<T>,
			passport: PassportId,
			data_sets: DataSets,
			purpose: Purpose,
			duration_blocks: BlockNumberFor<T>,
		) -> DispatchResult {
			let member = Self::active_caller(origin)?;
			let grantee = member.organisation;
			ensure!(
				T::Passports::facts(&passport).is_some(),
				Error::<T>::PassportNotFound
			);
			ensure!(data_sets.is_valid(), Error::<T>::InvalidDataSets);
			ensure!(!data_sets.is_empty(), Error::<T>::NoDataSets);
			ensure!(
				data_sets.is_subset_of(Self::access_with(member.roles)),
				Error::<T>::NotAllowedByAccessTable
			);
			ensure!(
				!duration_blocks.is_zero() && duration_blocks <= T::MaxGrantBlocks::get(),
				Error::<T>::DurationOutOfRange
			);

			let requested_at = frame_system::Pallet::<T>::block_number();
			if let Some((waiting, request)) = Self::waiting_request(&passport, grantee) {
				ensure!(request.has_expired(requested_at), Error::<T>::AlreadyRequested);
				Self::remove(waiting, &request);
				Self::deposit_event(Event::GrantExpired {
					grant: waiting,
					passport,
					grantee,
					key_epoch: None,
				});
			}
			let grant = NextGrantId::<T>::get();
			NextGrantId::<T>::put(grant.next().ok_or(Error::<T>::NumbersExhausted)?);
			GrantsOf::<T>::try_append(passport, grant).map_err(|()| Error::<T>::TooManyGrants)?;
			GrantsTo::<T>::insert(grantee, grant, ());
			RequestOf::<T>::insert(passport, grantee, grant);
			Grants::<T>::insert(
				grant,
				Grant {
					passport,
					grantee,
					data_sets,
					purpose,
					requested_at,
					duration_blocks,
					state: GrantState::Requested {
						lapses_at: requested_at.saturating_add(T::MaxGrantBlocks::get()),
					},
				},
			);
			Self::deposit_event(Event::GrantRequested {
				grant,
				passport,
				grantee,
				data_sets,
				purpose,
				duration_blocks,
			});
			Ok(())
		}

		/// Grants what was asked for.
		///
		/// `envelope` is the key of the device's current epoch, sealed to the grantee's HPKE key and bound to passport, epoch
		/// and grantee; it has to be there for data set 4 and must not be there without. Should a new epoch begin between the
		/// making of the envelope and this call, it does not open: the operator sends the right one with
		/// [`Pallet::renew_envelope`]. Emits [`Event::GrantApproved`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::approve())]
		pub fn approve(
			origin: OriginFor<T>,
			grant: GrantId,
			envelope: Option<EnvelopeBytes>,
		) -> DispatchResult {
			let caller = Self::active_caller(origin)?.organisation;
			let mut request = Self::stored(grant)?;
			Self::ensure_responsible(caller, &request.passport)?;
			ensure!(!request.is_approved(), Error::<T>::AlreadyApproved);
			let now = frame_system::Pallet::<T>::block_number();
			ensure!(!request.has_expired(now), Error::<T>::GrantOver);
			// The council may have changed the table, or the grantee's roles, since it asked.
			Self::ensure_allowed(&request)?;
			let envelope = match envelope {
				Some(bytes) if request.needs_key() => Some(Self::envelope_of_now(&request.passport, &bytes)?),
				Some(_) => return Err(Error::<T>::EnvelopeNotNeeded.into()),
				None if request.needs_key() => return Err(Error::<T>::EnvelopeMissing.into()),
				None => None,
			};

			let expires_at = now.saturating_add(request.duration_blocks);
			request.state = GrantState::Approved { expires_at, envelope };
			Grants::<T>::insert(grant, request);
			RequestOf::<T>::remove(request.passport, request.grantee);
			Self::deposit_event(Event::GrantApproved {
				grant,
				passport: request.passport,
				grantee: request.grantee,
				data_sets: request.data_sets,
				expires_at,
				key_epoch: envelope.map(|envelope| envelope.key_epoch),
			});
			Ok(())
		}

		/// Says no to a request. Emits [`Event::GrantDenied`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::deny())]
		pub fn deny(origin: OriginFor<T>, grant: GrantId) -> DispatchResult {
			let caller = Self::active_caller(origin)?.organisation;
			let request = Self::stored(grant)?;
			Self::ensure_responsible(caller, &request.passport)?;
			ensure!(!request.is_approved(), Error::<T>::AlreadyApproved);
			Self::remove(grant, &request);
			Self::deposit_event(Event::GrantDenied {
				grant,
				passport: request.passport,
				grantee: request.grantee,
			});
			Ok(())
		}

		/// Ends a grant before its time. The responsible operator can, and the grantee, who can also withdraw a request.
		///
		/// If the grantee holds the key of the current epoch, a new epoch begins. Emits [`Event::GrantRevoked`] or
		/// [`Event::RequestWithdrawn`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::revoke())]
		pub fn revoke(origin: OriginFor<T>, grant: GrantId) -> DispatchResult {
			let by = Self::active_caller(origin)?.organisation;
			let ended = Self::stored(grant)?;
			let (passport, grantee) = (ended.passport, ended.grantee);
			if by != grantee {
				let facts = T::Passports::facts(&passport).ok_or(Error::<T>::PassportNotFound)?;
				ensure!(facts.responsible_operator == by, Error::<T>::NotParty);
				// The operator answers a request by approving or denying it.
				ensure!(ended.is_approved(), Error::<T>::NotApproved);
			}
			Self::remove(grant, &ended);
			Self::deposit_event(if ended.is_approved() {
				let key_epoch = Self::retire_key(&ended);
				Event::GrantRevoked {
					grant,
					passport,
					grantee,
					by,
					key_epoch,
				}
			} else {
				Event::RequestWithdrawn {
					grant,
					passport,
					grantee,
				}
			});
			Ok(())
		}

		/// Changes what an audience may see: Art. 77(9). The public stays with data set 1, for the other sets hold what
		/// competitors must not see. Grants beyond the new table open no longer what it leaves out. Emits
		/// [`Event::AccessChanged`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::set_access())]
		pub fn set_access(origin: OriginFor<T>, audience: Audience, data_sets: DataSets) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			ensure!(data_sets.is_valid(), Error::<T>::InvalidDataSets);
			ensure!(
				!matches!(audience, Audience::Public) || data_sets.is_subset_of(PUBLIC_AT_MOST),
				Error::<T>::BeyondPublic
			);
			AccessTable::<T>::insert(audience, data_sets);
			Self::deposit_event(Event::AccessChanged { audience, data_sets });
			Ok(())
		}

		/// Clears a grant or a request away whose time is over. Any active member can.
		///
		/// If the grantee holds the key of the current epoch, a new epoch begins: its time to read is over, so it must not be
		/// able to read on. Emits [`Event::GrantExpired`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::clear_expired())]
		pub fn clear_expired(origin: OriginFor<T>, grant: GrantId) -> DispatchResult {
			Self::active_caller(origin)?;
			let expired = Self::stored(grant)?;
			let now = frame_system::Pallet::<T>::block_number();
			ensure!(expired.has_expired(now), Error::<T>::NotExpired);
			Self::remove(grant, &expired);
			let key_epoch = Self::retire_key(&expired);
			Self::deposit_event(Event::GrantExpired {
				grant,
				passport: expired.passport,
				grantee: expired.grantee,
				key_epoch,
			});
			Ok(())
		}

		/// Gives a grantee the key of the current epoch, after another's grant was ended; or a better envelope for the epoch
		/// that it has. The same is asked of the grantee as for an approval: who may no longer read gets no new key.
		/// Emits [`Event::EnvelopeRenewed`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::renew_envelope())]
		pub fn renew_envelope(
			origin: OriginFor<T>,
			grant: GrantId,
			envelope: EnvelopeBytes,
		) -> DispatchResult {
			let caller = Self::active_caller(origin)?.organisation;
			let mut renewed = Self::stored(grant)?;
			Self::ensure_responsible(caller, &renewed.passport)?;
			let expires_at = renewed.expires_at().ok_or(Error::<T>::NotApproved)?;
			ensure!(
				!renewed.has_expired(frame_system::Pallet::<T>::block_number()),
				Error::<T>::GrantOver
			);
			ensure!(renewed.needs_key(), Error::<T>::EnvelopeNotNeeded);
			Self::ensure_allowed(&renewed)?;
			let envelope = Self::envelope_of_now(&renewed.passport, &envelope)?;
			renewed.state = GrantState::Approved {
				expires_at,
				envelope: Some(envelope),
			};
			Grants::<T>::insert(grant, renewed);
			Self::deposit_event(Event::EnvelopeRenewed {
				grant,
				passport: renewed.passport,
				grantee: renewed.grantee,
				key_epoch: envelope.key_epoch,
			});
			Ok(())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What an audience may see.
		pub fn access_of(audience: Audience) -> DataSets {
			AccessTable::<T>::get(audience).unwrap_or_else(|| audience.default_access())
		}

		/// A request or a grant, by its number.
		pub fn grant(grant: GrantId) -> Option<GrantOf<T>> {
			Grants::<T>::get(grant)
		}

		/// The requests and grants under a passport, the oldest first.
		pub fn grants_of(passport: PassportId) -> Vec<(GrantId, GrantOf<T>)> {
			GrantsOf::<T>::get(passport)
				.into_iter()
				.filter_map(|grant| Grants::<T>::get(grant).map(|stored| (grant, stored)))
				.collect()
		}

		/// The grants under a passport that open something now.
		pub fn open_grants_of(passport: PassportId) -> Vec<(GrantId, GrantOf<T>)> {
			let now = frame_system::Pallet::<T>::block_number();
			Self::grants_of(passport)
				.into_iter()
				.filter(|(_, grant)| Self::is_open(grant, now))
				.collect()
		}

		/// What the grants of an organisation open to it now under a passport. What its audience may see without a grant is not
		/// in it.
		pub fn opened_to(passport: PassportId, grantee: OrganisationId) -> DataSets {
			let now = frame_system::Pallet::<T>::block_number();
			Self::grants_of(passport)
				.into_iter()
				.filter(|(_, grant)| grant.grantee == grantee)
				.fold(DataSets::NONE, |opened, (_, grant)| {
					opened.union(Self::opened_by(&grant, now))
				})
		}
	}
}

/// What the public may see at most: Annex XIII point 1. Part of the code and not of the table, for points 2 to 4 are what members
/// entrust to the ledger's parties.
const PUBLIC_AT_MOST: DataSets = DataSets::of(&[DataSet::Model]);

impl<T: Config> Pallet<T> {
	/// The organisation that the caller acts for.
	fn active_caller(origin: OriginFor<T>) -> Result<ActiveMember, DispatchError> {
		let account = ensure_signed(origin)?;
		Ok(T::Members::active_member(&account).map_err(Error::<T>::from)?)
	}

	fn stored(grant: GrantId) -> Result<GrantOf<T>, Error<T>> {
		Grants::<T>::get(grant).ok_or(Error::<T>::GrantNotFound)
	}

	/// The organisation's request that waits for an answer.
	fn waiting_request(passport: &PassportId, grantee: OrganisationId) -> Option<(GrantId, GrantOf<T>)> {
		let grant = RequestOf::<T>::get(passport, grantee)?;
		Grants::<T>::get(grant).map(|request| (grant, request))
	}

	/// Art. 77(4): the responsible operator decides who sees what the Annex does not give to all.
	fn ensure_responsible(organisation: OrganisationId, passport: &PassportId) -> Result<(), Error<T>> {
		let facts = T::Passports::facts(passport).ok_or(Error::<T>::PassportNotFound)?;
		ensure!(
			facts.responsible_operator == organisation,
			Error::<T>::NotResponsibleOperator
		);
		Ok(())
	}

	/// Whether the grantee may have now what it asked for.
	fn ensure_allowed(grant: &GrantOf<T>) -> Result<(), Error<T>> {
		let roles = T::Members::active_roles(grant.grantee).ok_or(Error::<T>::GranteeNotActive)?;
		ensure!(
			grant.data_sets.is_subset_of(Self::access_with(roles)),
			Error::<T>::NotAllowedByAccessTable
		);
		Ok(())
	}

	/// What an organisation with these roles may see: its audience's sets, and what everybody may.
	fn access_with(roles: Roles) -> DataSets {
		Self::access_of(Audience::of(roles)).union(Self::access_of(Audience::Public))
	}

	/// An envelope for the key of the current epoch.
	fn envelope_of_now(passport: &PassportId, bytes: &[u8]) -> Result<KeyEnvelope, Error<T>> {
		let bytes = bytes.try_into().map_err(|_| Error::<T>::EnvelopeLength)?;
		let key_epoch = T::KeyEpochs::current(passport).ok_or(Error::<T>::NoDevice)?;
		Ok(KeyEnvelope { key_epoch, bytes })
	}

	/// Sees to it that the key which went with a grant opens nothing that is sealed from now on. The epoch from which on the
	/// grantee has no key; `None` when none went with the grant, or there is no device any more.
	fn retire_key(grant: &GrantOf<T>) -> Option<u32> {
		let held = grant.envelope()?.key_epoch;
		let current = T::KeyEpochs::current(&grant.passport)?;
		if held < current {
			// Somebody else's end has begun a new epoch since, and this grantee was not given its key.
			Some(current)
		} else {
			T::KeyEpochs::advance(&grant.passport)
		}
	}

	/// Removes a request or a grant and what points to it.
	fn remove(grant: GrantId, stored: &GrantOf<T>) {
		Grants::<T>::remove(grant);
		GrantsTo::<T>::remove(stored.grantee, grant);
		GrantsOf::<T>::mutate_exists(stored.passport, |entry| {
			if let Some(grants) = entry {
				grants.retain(|other| *other != grant);
				if grants.is_empty() {
					*entry = None;
				}
			}
		});
		if !stored.is_approved() {
			RequestOf::<T>::remove(stored.passport, stored.grantee);
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
