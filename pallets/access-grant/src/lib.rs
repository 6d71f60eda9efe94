//! # Access grants
//!
//! Who may read the data sets of a passport that are not public, and by whose decision. Regulation (EU) 2023/1542 Art. 77(2) and
//! Annex XIII say which audience may see what; the responsible operator decides on each request; the ledger records both.
//!
//! ## Terminology
//!
//! - **Audience**: the public, authorities, persons with a legitimate interest: Art. 77(2)(a) to (c). An organisation's roles
//!   say which one it belongs to.
//! - **Purpose**: what access is asked for. The access table says which audience may name which.
//! - **Access table**: what each audience may see at all, and what of it each purpose opens to it. It starts as the Annex has it
//!   and the council changes it, for the implementing act of Art. 77(9) is outstanding: access rights are data, not code.
//! - **Request**: a member asks the responsible operator for data sets, with a purpose and a duration.
//! - **Grant**: an approved request.
//! - **Open**: approved, not expired, grantee and responsible operator active, and the delegate too if one granted it. What an
//!   open grant opens is what it names *and* the access table allows for its purpose now.
//! - **Delegate**: an organisation that the responsible operator has given the right `DecideAccess`, Art. 77(4). It does
//!   whatever the responsible operator does here.
//! - **Envelope**: the sealing key of a key epoch, for the grantee alone (HPKE, RFC 9180). Measured values (data set 4) are
//!   sealed by the battery, so a grant of them is worth nothing without.
//! - **Key epoch**: while one lasts, a device seals under one key. A new one begins when a grantee that holds the key loses
//!   the right to it; not when the council takes an authority off its list.
//! - **Demanding authorities**: the council's list of those that ask nobody, Art. 77(2)(b): each is to have an envelope for every
//!   data set that the table shows authorities for surveillance, that is not public and that the passport has.
//! - **Due**: demanded, and not there, or made for another key epoch than the device's current one.
//!
//! ## Assumptions
//!
//! - Validators are competitors: no data set stands here, only who may read it, and keys that nobody but the grantee can open.
//! - Nothing has to be sent for a grant to end in time: whoever serves data asks [`Pallet::is_open`] or [`Pallet::opened_to`] at
//!   the block it serves from. [`Pallet::clear_expired`] tidies up.
//! - What was sealed under a key stays readable to those who had it. Revoking, and clearing an expired grant away, starts a new
//!   key epoch, so that nothing sealed from then on does. A grantee who was not given the current epoch's key has none to lose:
//!   then no epoch is started, so that ending many grants at once costs the others one renewal.
//! - A new epoch leaves the authorities and the other grantees with an old key until the operator sends them new ones:
//!   [`Pallet::deposit_envelopes`], then [`Pallet::renew_envelope`].
//! - Whoever sends an envelope says which epoch it was made for. If a new one has begun meanwhile, the call is refused: nobody
//!   is left with a key that does not open, and with an envelope that looks current.
//! - The authority comes first: while an envelope for one is due, nobody else is given access to the passport.
//! - An envelope is replaced by the next epoch's. Who needs the older keys keeps them; the blocks do.
//! - Suspending an organisation closes what it was granted, what it grants and what it has granted as a delegate, until it is
//!   reinstated. It does not start a key epoch; the operator revokes if the key is to be taken too.
//! - A grant goes with the passport: who is responsible now answers for it and can revoke it, whoever approved it.
//! - The public gateway serves data set 1 without asking here.
//!
//! ## Calls
//!
//! | index | call | who | what it needs |
//! |---|---|---|---|
//! | 0 | `request` | any active member; the pool takes it of those whose roles read | the table allows its audience the data sets for the purpose; no request of its own waiting |
//! | 1 | `approve` | the responsible operator or a delegate | a request that waits; the table allows it still; no authority's envelope due; an envelope of the current epoch for data set 4 |
//! | 2 | `deny` | the responsible operator or a delegate | a request that waits |
//! | 3 | `revoke` | the responsible operator, a delegate, or the grantee | a grant; the grantee can also withdraw a request |
//! | 4 | `set_access` | the council | the public never beyond data set 1 |
//! | 5 | `clear_expired` | any active member | its time is over |
//! | 6 | `renew_envelope` | the responsible operator or a delegate | an open grant of data set 4; no authority's envelope due; an envelope of the current epoch |
//! | 7 | `set_purpose` | the council | the public never beyond data set 1 |
//! | 8 | `set_demanding_authorities` | the council | at most 8 active authorities or notified bodies, each once |
//! | 9 | `deposit_envelopes` | the responsible operator or a delegate | every envelope that is due, and none that is not demanded |

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

mod authorities;
mod closing;
mod reading;
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
	AuthorityEnvelopeList, DemandingAuthorityList, Grant, GrantId, GrantState, KeyEnvelope, StoredEnvelope,
	GRANTS_PER_PAGE, MAX_AUTHORITY_ENVELOPES, MAX_DEMANDING_AUTHORITIES, MAX_ENVELOPES_PER_AUTHORITY,
};
pub use weights::WeightInfo;

extern crate alloc;

use alloc::vec::Vec;
use frame_support::{pallet_prelude::*, traits::EnsureOrigin};
use frame_system::pallet_prelude::*;
use passport_primitives::{
	battery::PassportId,
	data_set::{Audience, DataSet, DataSets, Purpose},
	ledger::{
		ActiveMember, AuthorityEnvelopes, DelegatedRight, EnvelopeRefusal, KeyEpochs, Membership,
		MembershipRefusal, PassportFacts, Passports,
	},
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

	/// What the council has decided that a purpose opens to an audience. [`Pallet::access_for_purpose`] reads it.
	#[pallet::storage]
	pub type PurposeTable<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, Audience, Blake2_128Concat, Purpose, DataSets>;

	/// The authorities that envelopes are demanded for, as the council has named them. One that is suspended, or is no authority
	/// any more, stays named; nothing is demanded for it meanwhile.
	#[pallet::storage]
	pub type DemandingAuthorities<T: Config> = StorageValue<_, DemandingAuthorityList, ValueQuery>;

	/// The keys that authorities have under a passport: at most [`MAX_DEMANDING_AUTHORITIES`] entries, since an authority that
	/// is no longer named loses its entry with the next deposit.
	#[pallet::storage]
	pub type AuthorityEnvelopesOf<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		PassportId,
		Blake2_128Concat,
		OrganisationId,
		BoundedVec<StoredEnvelope, ConstU32<MAX_ENVELOPES_PER_AUTHORITY>>,
		ValueQuery,
	>;

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

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Numbers of the authorities that envelopes are demanded for from the first block.
		pub demanding_authorities: Vec<u32>,
		/// Ties the configuration to its runtime.
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		// A genesis that can not be built must stop the node, with the reason.
		#[allow(clippy::panic)]
		fn build(&self) {
			let authorities: Vec<_> = self
				.demanding_authorities
				.iter()
				.copied()
				.map(OrganisationId)
				.collect();
			let Ok(authorities) = DemandingAuthorityList::try_from(authorities) else {
				panic!("genesis names more than {MAX_DEMANDING_AUTHORITIES} demanding authorities");
			};
			if let Err(error) = Pallet::<T>::ensure_authorities(&authorities) {
				panic!("genesis demanding authorities: {error:?}");
			}
			DemandingAuthorities::<T>::put(authorities);
		}
	}

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
		/// Access is granted.
		GrantApproved {
			/// Which request.
			grant: GrantId,
			/// The passport.
			passport: PassportId,
			/// Who may read.
			grantee: OrganisationId,
			/// Who decided: the responsible operator, or a delegate.
			by: OrganisationId,
			/// Which data sets.
			data_sets: DataSets,
			/// Last block in which it may.
			expires_at: BlockNumberFor<T>,
			/// Epoch of the key in the envelope, if one goes with it.
			key_epoch: Option<u32>,
		},
		/// Access is denied.
		GrantDenied {
			/// Which request.
			grant: GrantId,
			/// The passport.
			passport: PassportId,
			/// Who had asked.
			grantee: OrganisationId,
			/// Who decided: the responsible operator, or a delegate.
			by: OrganisationId,
		},
		/// A grant was ended before its time.
		GrantRevoked {
			/// Which.
			grant: GrantId,
			/// The passport.
			passport: PassportId,
			/// Who may no longer read.
			grantee: OrganisationId,
			/// Who ended it: the responsible operator, a delegate, or the grantee.
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
		/// The council has changed what a purpose opens to an audience.
		PurposeChanged {
			/// Which audience.
			audience: Audience,
			/// Which purpose.
			purpose: Purpose,
			/// What it opens from now on, as far as the audience may see it.
			data_sets: DataSets,
		},
		/// The council has named the authorities that envelopes are demanded for.
		DemandingAuthoritiesChanged {
			/// All of them.
			authorities: DemandingAuthorityList,
		},
		/// Authorities have received keys.
		EnvelopesDeposited {
			/// The passport.
			passport: PassportId,
			/// Epoch of the device's key; 0 where there is no device.
			key_epoch: u32,
			/// How many envelopes.
			envelopes: u32,
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
		/// Only the responsible operator of the passport decides, or a delegate with the right `DecideAccess`.
		NotAuthorized,
		/// Only the responsible operator, a delegate with the right `DecideAccess`, and the grantee end a grant.
		NotParty,
		/// No data set is named.
		NoDataSets,
		/// A bit is set that stands for no data set.
		InvalidDataSets,
		/// The access table does not show the grantee's audience these data sets for this purpose.
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
		/// A key goes with data set 4 alone.
		EnvelopeNotNeeded,
		/// The battery has no device, so there is no key.
		NoDevice,
		/// The public may see data set 1 at most.
		BeyondPublic,
		/// All 2^32 numbers have been given.
		NumbersExhausted,
		/// The envelope was made for another epoch than the current one.
		StaleEpoch,
		/// An authority waits for an envelope, and comes first.
		EnvelopesDue,
		/// An envelope for an authority that is due is not there.
		AuthorityEnvelopeMissing,
		/// An envelope is for an organisation or a data set that none is demanded for, or there twice.
		EnvelopeNotDemanded,
		/// Not an active organisation that is an authority or a notified body.
		NotAnAuthority,
		/// An authority is named twice.
		DuplicateAuthority,
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
				data_sets.is_subset_of(Self::access_with(member.roles, purpose)),
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
		/// making of the envelope and this call, the call is refused with [`Error::StaleEpoch`]. Emits
		/// [`Event::GrantApproved`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::approve())]
		pub fn approve(
			origin: OriginFor<T>,
			grant: GrantId,
			envelope: Option<KeyEnvelope>,
		) -> DispatchResult {
			let by = Self::active_caller(origin)?.organisation;
			let mut request = Self::stored(grant)?;
			let facts = Self::ensure_decides(by, &request.passport)?;
			ensure!(!request.is_approved(), Error::<T>::AlreadyApproved);
			let now = frame_system::Pallet::<T>::block_number();
			ensure!(!request.has_expired(now), Error::<T>::GrantOver);
			// The council may have changed the table, or the grantee's roles, since it asked.
			Self::ensure_allowed(&request)?;
			Self::ensure_none_due(&request.passport, &facts)?;
			match envelope {
				Some(envelope) if request.needs_key() => Self::ensure_current(&request.passport, &envelope)?,
				Some(_) => return Err(Error::<T>::EnvelopeNotNeeded.into()),
				None if request.needs_key() => return Err(Error::<T>::EnvelopeMissing.into()),
				None => (),
			}

			let expires_at = now.saturating_add(request.duration_blocks);
			request.state = GrantState::Approved {
				expires_at,
				delegate: (by != facts.responsible_operator).then_some(by),
				envelope,
			};
			Grants::<T>::insert(grant, request);
			RequestOf::<T>::remove(request.passport, request.grantee);
			Self::deposit_event(Event::GrantApproved {
				grant,
				passport: request.passport,
				grantee: request.grantee,
				by,
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
			let by = Self::active_caller(origin)?.organisation;
			let request = Self::stored(grant)?;
			Self::ensure_decides(by, &request.passport)?;
			ensure!(!request.is_approved(), Error::<T>::AlreadyApproved);
			Self::remove(grant, &request);
			Self::deposit_event(Event::GrantDenied {
				grant,
				passport: request.passport,
				grantee: request.grantee,
				by,
			});
			Ok(())
		}

		/// Ends a grant before its time. The responsible operator and its delegates can, and the grantee, who can also withdraw a
		/// request.
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
				ensure!(
					T::Passports::facts(&passport).is_some(),
					Error::<T>::PassportNotFound
				);
				ensure!(
					T::Passports::may_act(&passport, by, DelegatedRight::DecideAccess),
					Error::<T>::NotParty
				);
				// Who decides answers a request by approving or denying it.
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
		/// competitors must not see. Grants beyond the new table open no longer what it leaves out. What the audience gains, its
		/// own purposes open to it, unless the council has decided on them by [`Pallet::set_purpose`]. Emits
		/// [`Event::AccessChanged`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::set_access())]
		pub fn set_access(origin: OriginFor<T>, audience: Audience, data_sets: DataSets) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			Self::ensure_cell(audience, data_sets)?;
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
		/// that it has. The same is asked of the grantee as for an approval: who may no longer read gets no new key. The
		/// responsible operator that renews what a delegate had granted answers for it itself from then on. Emits
		/// [`Event::EnvelopeRenewed`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::renew_envelope())]
		pub fn renew_envelope(origin: OriginFor<T>, grant: GrantId, envelope: KeyEnvelope) -> DispatchResult {
			let caller = Self::active_caller(origin)?.organisation;
			let mut renewed = Self::stored(grant)?;
			let facts = Self::ensure_decides(caller, &renewed.passport)?;
			let expires_at = renewed.expires_at().ok_or(Error::<T>::NotApproved)?;
			ensure!(
				!renewed.has_expired(frame_system::Pallet::<T>::block_number()),
				Error::<T>::GrantOver
			);
			ensure!(renewed.needs_key(), Error::<T>::EnvelopeNotNeeded);
			Self::ensure_allowed(&renewed)?;
			Self::ensure_none_due(&renewed.passport, &facts)?;
			Self::ensure_current(&renewed.passport, &envelope)?;
			renewed.state = GrantState::Approved {
				expires_at,
				delegate: renewed
					.delegate()
					.filter(|_| caller != facts.responsible_operator),
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

		/// Changes what a purpose opens to an audience, of what it may see at all; nothing, and the audience can not name it.
		/// Grants for the purpose open no longer what it leaves out. Emits [`Event::PurposeChanged`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::set_purpose())]
		pub fn set_purpose(
			origin: OriginFor<T>,
			audience: Audience,
			purpose: Purpose,
			data_sets: DataSets,
		) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			Self::ensure_cell(audience, data_sets)?;
			PurposeTable::<T>::insert(audience, purpose, data_sets);
			Self::deposit_event(Event::PurposeChanged {
				audience,
				purpose,
				data_sets,
			});
			Ok(())
		}

		/// Names the authorities that envelopes are demanded for, all of them: Art. 77(2)(b). From now on those of a new one are
		/// due under every passport. Emits [`Event::DemandingAuthoritiesChanged`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::set_demanding_authorities())]
		pub fn set_demanding_authorities(
			origin: OriginFor<T>,
			authorities: DemandingAuthorityList,
		) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			Self::ensure_authorities(&authorities)?;
			DemandingAuthorities::<T>::put(&authorities);
			Self::deposit_event(Event::DemandingAuthoritiesChanged { authorities });
			Ok(())
		}

		/// Gives authorities the keys that are due to them: after a new key epoch, a new device, a new data set, or a decision of
		/// the council. [`Pallet::due_envelopes`] lists what is due. An envelope that is demanded and not due may go with them:
		/// it replaces one that does not open.
		///
		/// `key_epoch` is the epoch that the envelopes were made for, 0 where there is no device. Emits
		/// [`Event::EnvelopesDeposited`].
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::deposit_envelopes())]
		pub fn deposit_envelopes(
			origin: OriginFor<T>,
			passport: PassportId,
			key_epoch: u32,
			envelopes: AuthorityEnvelopeList,
		) -> DispatchResult {
			let caller = Self::active_caller(origin)?.organisation;
			let facts = Self::ensure_decides(caller, &passport)?;
			ensure!(
				key_epoch == T::KeyEpochs::current(&passport).unwrap_or(0),
				Error::<T>::StaleEpoch
			);
			<Self as AuthorityEnvelopes>::deposit(&passport, facts.committed, &envelopes)
				.map_err(Error::<T>::from)?;
			Ok(())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What an audience may see.
		pub fn access_of(audience: Audience) -> DataSets {
			AccessTable::<T>::get(audience).unwrap_or_else(|| audience.default_access())
		}

		/// What an audience may see for a purpose: never more than it may see at all. Until the council has decided on the
		/// purpose, it opens all of that to the audience whose purpose it is, see [`Purpose::default_access`].
		pub fn access_for_purpose(audience: Audience, purpose: Purpose) -> DataSets {
			let seen = Self::access_of(audience);
			match PurposeTable::<T>::get(audience, purpose) {
				Some(opened) => seen.intersection(opened),
				None if purpose.default_access(audience).is_empty() => DataSets::NONE,
				None => seen,
			}
		}

		/// A request or a grant, by its number.
		pub fn grant(grant: GrantId) -> Option<GrantOf<T>> {
			Grants::<T>::get(grant)
		}

		/// One page of the requests and grants under a passport, the oldest first; the first page is 0. A page has
		/// [`GRANTS_PER_PAGE`] entries, the last one less. What is ended between two reads moves the rest up.
		pub fn grants_of(passport: PassportId, page: u32) -> Vec<(GrantId, GrantOf<T>)> {
			let per_page = GRANTS_PER_PAGE as usize;
			GrantsOf::<T>::get(passport)
				.into_iter()
				.skip((page as usize).saturating_mul(per_page))
				.take(per_page)
				.filter_map(|grant| Some((grant, Grants::<T>::get(grant)?)))
				.collect()
		}

		/// One page of the requests and grants of an organisation, under whatever passport: those after the last one of the page
		/// before, from the start with `None`. A page has [`GRANTS_PER_PAGE`] entries, the last one less, down to none.
		///
		/// The order is that of the keys' hashes. It never changes, so that whoever reads page after page meets everything once
		/// that is there all the while, and a page costs the same wherever it begins; `after` may be gone by then.
		pub fn grants_to(organisation: OrganisationId, after: Option<GrantId>) -> Vec<(GrantId, GrantOf<T>)> {
			let numbers = match after {
				None => GrantsTo::<T>::iter_key_prefix(organisation),
				Some(last) => GrantsTo::<T>::iter_key_prefix_from(
					organisation,
					GrantsTo::<T>::hashed_key_for(organisation, last),
				),
			};
			numbers
				.take(GRANTS_PER_PAGE as usize)
				.filter_map(|grant| Some((grant, Grants::<T>::get(grant)?)))
				.collect()
		}

		/// The grants under a passport that open something now: `MaxGrantsPerPassport` at most.
		pub fn open_grants_of(passport: PassportId) -> Vec<(GrantId, GrantOf<T>)> {
			let now = frame_system::Pallet::<T>::block_number();
			Self::all_of(passport)
				.filter(|(_, grant)| Self::is_open(grant, now))
				.collect()
		}

		/// What the grants of an organisation open to it now under a passport. What its audience may see without a grant is not
		/// in it.
		pub fn opened_to(passport: PassportId, grantee: OrganisationId) -> DataSets {
			let now = frame_system::Pallet::<T>::block_number();
			Self::all_of(passport)
				.filter(|(_, grant)| grant.grantee == grantee)
				.fold(DataSets::NONE, |opened, (_, grant)| {
					opened.union(Self::opened_by(&grant, now))
				})
		}

		/// The authorities that envelopes are demanded for.
		pub fn demanding_authorities() -> Vec<OrganisationId> {
			DemandingAuthorities::<T>::get().into_inner()
		}

		/// The keys that an authority has under a passport: [`MAX_ENVELOPES_PER_AUTHORITY`] at most.
		pub fn envelopes_for(passport: PassportId, authority: OrganisationId) -> Vec<StoredEnvelope> {
			AuthorityEnvelopesOf::<T>::get(passport, authority).into_inner()
		}

		/// The envelopes that are due under a passport: for whom, of which data set. [`MAX_AUTHORITY_ENVELOPES`] at most.
		pub fn due_envelopes(passport: PassportId) -> Vec<(OrganisationId, DataSet)> {
			T::Passports::facts(&passport).map_or_else(Vec::new, |facts| Self::due(&passport, &facts))
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

	/// The requests and grants under a passport, the oldest first.
	fn all_of(passport: PassportId) -> impl Iterator<Item = (GrantId, GrantOf<T>)> {
		GrantsOf::<T>::get(passport)
			.into_iter()
			.filter_map(|grant| Some((grant, Grants::<T>::get(grant)?)))
	}

	/// Art. 77(4): the responsible operator decides who sees what the Annex does not give to all, or whom it has authorised to.
	fn ensure_decides(
		organisation: OrganisationId,
		passport: &PassportId,
	) -> Result<PassportFacts, Error<T>> {
		let facts = T::Passports::facts(passport).ok_or(Error::<T>::PassportNotFound)?;
		ensure!(
			T::Passports::may_act(passport, organisation, DelegatedRight::DecideAccess),
			Error::<T>::NotAuthorized
		);
		Ok(facts)
	}

	/// Whether the grantee may have now what it asked for.
	fn ensure_allowed(grant: &GrantOf<T>) -> Result<(), Error<T>> {
		let roles = T::Members::active_roles(grant.grantee).ok_or(Error::<T>::GranteeNotActive)?;
		ensure!(
			grant
				.data_sets
				.is_subset_of(Self::access_with(roles, grant.purpose)),
			Error::<T>::NotAllowedByAccessTable
		);
		Ok(())
	}

	/// What an organisation with these roles may see for a purpose: its audience's sets, and what everybody may.
	fn access_with(roles: Roles, purpose: Purpose) -> DataSets {
		Self::access_for_purpose(Audience::of(roles), purpose)
			.union(Self::access_for_purpose(Audience::Public, purpose))
	}

	/// Whether an audience can be shown these data sets.
	fn ensure_cell(audience: Audience, data_sets: DataSets) -> Result<(), Error<T>> {
		ensure!(data_sets.is_valid(), Error::<T>::InvalidDataSets);
		ensure!(
			!matches!(audience, Audience::Public) || data_sets.is_subset_of(PUBLIC_AT_MOST),
			Error::<T>::BeyondPublic
		);
		Ok(())
	}

	/// Whether an envelope was made for the epoch that lasts now.
	fn ensure_current(passport: &PassportId, envelope: &KeyEnvelope) -> Result<(), Error<T>> {
		let current = T::KeyEpochs::current(passport).ok_or(Error::<T>::NoDevice)?;
		ensure!(envelope.key_epoch == current, Error::<T>::StaleEpoch);
		Ok(())
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

impl<T> From<EnvelopeRefusal> for Error<T> {
	fn from(refusal: EnvelopeRefusal) -> Self {
		match refusal {
			EnvelopeRefusal::Missing => Error::AuthorityEnvelopeMissing,
			EnvelopeRefusal::NotDemanded => Error::EnvelopeNotDemanded,
		}
	}
}
