//! # Telemetry
//!
//! Devices and the signed frames that they send. The chain proves who sent what and when, and does not show it: what a
//! battery measures is sealed (Annex XIII point 4 is not public, and validators are competitors).
//!
//! ## Terminology
//!
//! - **Device**: the BMS of one battery: an Ed25519 key, registered by the battery's maker. A device can not vouch for itself.
//! - **Frame**: 1 to 255 readings, sealed and signed by the device: [`passport_primitives::telemetry`].
//! - **Batch**: frames of many devices in one extrinsic, brought by a bridge operator. A bad frame is skipped and reported; it
//!   never costs the others.
//! - **Key epoch**: number of the key that frames are sealed under. Revoking a grant of data set 4 starts the next one, and so does
//!   a device that replaces another.
//! - **Statement**: what a device signs about its state of health without showing it: at or above the council's threshold, yes
//!   or no ([`passport_primitives::telemetry::statement`]).
//!
//! ## Assumptions
//!
//! - A bridge is trusted with nothing but liveness: every frame and every statement is checked here, whoever brings it.
//! - Who answers for the battery (Art. 77(4)) vouches for its device, also where a delegate acts in its place: while it may not
//!   act, nothing of the device is taken. That is the device's maker until responsibility moves; from then on it is whoever
//!   answers for the battery now.
//! - The state of a device is overwritten, never appended to: no growth per reading. Complete histories are proven by the
//!   rolling hash `head' = BLAKE2b-256(head ‖ frame)`.
//! - Device states lie in pages of [`DEVICES_PER_PAGE`], and devices are numbered in the order of registration: frames of one
//!   fleet, sorted, touch few pages.
//! - Signatures are decided by ZIP-215 (`sp_io::crypto::ed25519_verify`), which takes everything that the bridge's strict check
//!   takes.
//!
//! ## Calls
//!
//! | call | who | what it needs |
//! |---|---|---|
//! | `register_device` | the passport's responsible operator, if it is manufacturer or second-life operator, or its delegate for devices | passport in use, no active device, new key, proof of possession |
//! | `revoke_device` | the passport's responsible operator, or its delegate for devices | active device; what it stated is withdrawn |
//! | `submit_frames` | bridge operators | at most 256 frames and 256 KiB |
//! | `submit_threshold_statement` | any member | active device, passport in use, active responsible operator, the council's threshold, a time that is new, the device's signature |
//! | `set_state_of_health_threshold` | the council | 1 to 10,000 basis points |

#![cfg_attr(not(feature = "std"), no_std)]

mod frames;
mod statements;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use weights::WeightInfo;

extern crate alloc;

use frame_support::{
	pallet_prelude::*,
	traits::{ConstU16, UnixTime},
};
use frame_system::pallet_prelude::*;
use passport_primitives::{
	battery::PassportId,
	ledger::{
		ActiveMember, DelegatedRight, KeyEpochs, Membership, MembershipRefusal, OnPassportClosed, Passports,
	},
	organisation::{OrganisationId, Role, Roles},
	telemetry::{
		device::possession_message, statement::ThresholdStatement, FrameRefusal, SequenceWindow,
		MAX_FRAME_BYTES,
	},
};

/// Number of a device, given at registration and never again.
pub type DeviceIndex = u32;

/// Devices whose states share one storage value: 16 states are some 1.7 kB, one trie write.
pub const DEVICES_PER_PAGE: u32 = 16;

/// Most frames in one batch.
pub const MAX_FRAMES_PER_BATCH: u32 = 256;

/// Most bytes of all frames in one batch: a small part of a block (5 MiB), so that batches of several bridges fit one.
pub const MAX_BATCH_BYTES: u32 = 256 * 1024;

/// Most devices that one passport has seen: a battery outlives a BMS or two.
pub const MAX_DEVICES_PER_PASSPORT: u32 = 8;

/// The threshold of the protocol's section 5.1 until the council sets another, in 0.01 %: 70 % of the rated capacity.
pub const DEFAULT_STATE_OF_HEALTH_THRESHOLD_BP: u16 = 7_000;

/// The highest threshold that the council can set, in 0.01 %: a new battery's state of health.
pub const MAX_STATE_OF_HEALTH_THRESHOLD_BP: u16 = 10_000;

/// The bytes of a frame, as they were signed.
pub type FrameBytes = BoundedVec<u8, ConstU32<{ MAX_FRAME_BYTES as u32 }>>;

/// A frame and the device that the bridge says it is of: the signature decides.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen)]
pub struct SubmittedFrame {
	/// Number of the device.
	#[codec(compact)]
	pub device: DeviceIndex,
	/// The frame.
	pub frame: FrameBytes,
}

/// Frames of one batch.
pub type Batch = BoundedVec<SubmittedFrame, ConstU32<MAX_FRAMES_PER_BATCH>>;

/// A frame that was skipped.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen)]
pub struct SkippedFrame {
	/// Its place in the batch, from 0.
	pub position: u16,
	/// Why.
	pub reason: FrameRefusal,
}

/// What does not change about a device.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct Device {
	/// The battery's passport.
	pub passport: PassportId,
	/// The responsible operator at its registration.
	pub maker: OrganisationId,
}

/// What each frame of a device reads and writes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct DeviceState {
	/// Key that its frames are signed with.
	pub public_key: [u8; 32],
	/// Whether it was revoked: it sends nothing any more.
	pub revoked: bool,
	/// Epoch of the key that its frames are sealed under.
	pub key_epoch: u32,
	/// Sequences that were taken.
	pub window: SequenceWindow,
	/// Latest time of a reading, in seconds since 1970.
	pub last_seconds: u64,
	/// Rolling hash over all frames.
	pub history_head: [u8; 32],
	/// Frames taken.
	pub frames: u32,
	/// Readings taken.
	pub readings: u64,
}

/// States of the devices `page * DEVICES_PER_PAGE ..`; `None` where the passport was closed.
pub type Page = BoundedVec<Option<DeviceState>, ConstU32<DEVICES_PER_PAGE>>;

#[frame_support::pallet]
pub mod pallet {
	use super::*;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// Sets the threshold that devices are asked for.
		type CouncilOrigin: EnsureOrigin<Self::RuntimeOrigin>;
		/// Who may register devices, bring frames and bring statements.
		type Members: Membership<Self::AccountId>;
		/// The batteries.
		type Passports: Passports;
		/// The chain's clock.
		type Time: UnixTime;
		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// What does not change about a device.
	#[pallet::storage]
	pub type Devices<T: Config> = StorageMap<_, Blake2_128Concat, DeviceIndex, Device>;

	/// States of devices, by page.
	#[pallet::storage]
	pub type Pages<T: Config> = StorageMap<_, Blake2_128Concat, u32, Page, ValueQuery>;

	/// Devices of a passport in the order of their registration; at most the last one is active.
	#[pallet::storage]
	pub type DevicesOf<T: Config> = StorageMap<
		_,
		Blake2_128Concat,
		PassportId,
		BoundedVec<DeviceIndex, ConstU32<MAX_DEVICES_PER_PASSPORT>>,
		ValueQuery,
	>;

	/// The device that has a public key: no two have the same.
	#[pallet::storage]
	pub type DeviceOfKey<T: Config> = StorageMap<_, Blake2_128Concat, [u8; 32], DeviceIndex>;

	/// The number that the next device gets.
	#[pallet::storage]
	pub type NextDevice<T: Config> = StorageValue<_, DeviceIndex, ValueQuery>;

	/// The state of health that decides between a second life and recycling, in 0.01 %: the protocol's section 5.1. Devices
	/// are asked for this one and no other, since the answers for many thresholds would show the value.
	#[pallet::storage]
	pub type StateOfHealthThresholdBp<T: Config> =
		StorageValue<_, u16, ValueQuery, ConstU16<DEFAULT_STATE_OF_HEALTH_THRESHOLD_BP>>;

	/// When a device made the latest of its statements that was taken, in seconds since 1970: an older one is not taken any
	/// more. 0 when none was.
	#[pallet::storage]
	pub type LastStatement<T: Config> = StorageMap<_, Blake2_128Concat, DeviceIndex, u64, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A device was registered.
		DeviceRegistered {
			/// Its number.
			device: DeviceIndex,
			/// The battery's passport.
			passport: PassportId,
			/// The responsible operator.
			maker: OrganisationId,
		},
		/// A device was revoked.
		DeviceRevoked {
			/// Its number.
			device: DeviceIndex,
		},
		/// A batch was checked.
		BatchVerified {
			/// Who brought it.
			bridge: OrganisationId,
			/// Frames taken.
			frames: u16,
			/// Readings in them.
			readings: u32,
			/// What was skipped, and why.
			skipped: BoundedVec<SkippedFrame, ConstU32<MAX_FRAMES_PER_BATCH>>,
		},
		/// Frames of this device are to be sealed under the next epoch's key.
		KeyEpochStarted {
			/// Which device.
			device: DeviceIndex,
			/// The epoch.
			key_epoch: u32,
		},
		/// A device has stated whether its state of health is at or above the threshold.
		ThresholdStated {
			/// Which device.
			device: DeviceIndex,
			/// The battery's passport.
			passport: PassportId,
			/// What it stated.
			at_or_above: bool,
			/// The threshold, in 0.01 %.
			threshold_bp: u16,
		},
		/// The council has set the threshold that devices are asked for.
		StateOfHealthThresholdSet {
			/// In 0.01 %.
			threshold_bp: u16,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account acts for no organisation.
		NotAMember,
		/// The organisation's membership has ended.
		MembershipEnded,
		/// The organisation is suspended.
		OrganisationSuspended,
		/// Another organisation may do this, or one with another role.
		NotAuthorized,
		/// No live passport.
		PassportNotFound,
		/// Superseded, or waste: its battery sends nothing.
		PassportNotInUse,
		/// The passport has an active device: revoke it first.
		DeviceActive,
		/// The passport has seen 8 devices.
		TooManyDevices,
		/// Another device has this key.
		KeyInUse,
		/// The key is of small order: it would verify what nobody signed.
		UnusableKey,
		/// The proof of possession is not signed by the key.
		BadProofOfPossession,
		/// No such device.
		DeviceNotFound,
		/// The device was revoked.
		DeviceRevoked,
		/// A batch has at least one frame.
		EmptyBatch,
		/// The frames have more than 256 KiB.
		BatchTooLarge,
		/// A threshold is 1 to 10,000 basis points.
		ThresholdOutOfRange,
		/// Who answers for the battery may not act.
		OperatorNotActive,
		/// The statement is about another threshold than the council's.
		OtherThreshold,
		/// The statement was made more than a day ago.
		StatementTooOld,
		/// The statement was made more than 5 minutes ahead of the chain's clock.
		StatementFromTheFuture,
		/// A statement that the device made then or later was taken before.
		StatementNotNew,
		/// The statement is not signed by the device for this network and this passport.
		BadStatementSignature,
		/// The passport's history has no room for the statement.
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
		/// Registers the BMS of a battery. `proof` is the device's signature over [`possession_message`]. A device that replaces
		/// another starts in the epoch after that one's last. Emits `DeviceRegistered`.
		///
		/// Errors: `NotAuthorized`, `PassportNotFound`, `PassportNotInUse`, `DeviceActive`, `TooManyDevices`, `KeyInUse`,
		/// `UnusableKey`, `BadProofOfPossession`, and those of membership.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register_device())]
		pub fn register_device(
			origin: OriginFor<T>,
			passport: PassportId,
			public_key: [u8; 32],
			proof: [u8; 64],
		) -> DispatchResult {
			let member = Self::ensure_member(origin)?;
			Self::do_register(&member, passport, public_key, &proof)
		}

		/// Revokes a device: lost, replaced, or its key is out. What it sent stays proven; what it stated of its state of health
		/// counts no more. Emits `DeviceRevoked`.
		///
		/// Errors: `DeviceNotFound`, `PassportNotFound`, `NotAuthorized`, `DeviceRevoked`, and those of membership.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::revoke_device())]
		pub fn revoke_device(origin: OriginFor<T>, device: DeviceIndex) -> DispatchResult {
			let member = Self::ensure_member(origin)?;
			let passport = Devices::<T>::get(device)
				.ok_or(Error::<T>::DeviceNotFound)?
				.passport;
			ensure!(
				T::Passports::facts(&passport).is_some(),
				Error::<T>::PassportNotFound
			);
			Self::ensure_may_manage(&member, &passport)?;
			Self::mutate_state(device, |state| {
				ensure!(!state.revoked, Error::<T>::DeviceRevoked);
				state.revoked = true;
				Ok(())
			})?;
			// Whoever has its key could have signed that.
			T::Passports::withdraw_threshold_statement(&passport);
			Self::deposit_event(Event::DeviceRevoked { device });
			Ok(())
		}

		/// Checks frames and takes those that are good. Sorted by device they cost the fewest writes. Emits `BatchVerified`.
		///
		/// Errors: `NotAuthorized`, `EmptyBatch`, `BatchTooLarge`, and those of membership. A bad frame is no error.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::batch(frames.len() as u32, Pallet::<T>::bytes_of(frames)))]
		pub fn submit_frames(origin: OriginFor<T>, frames: Batch) -> DispatchResult {
			let member = Self::ensure_member(origin)?;
			ensure!(member.has(Role::BridgeOperator), Error::<T>::NotAuthorized);
			ensure!(!frames.is_empty(), Error::<T>::EmptyBatch);
			ensure!(
				Self::bytes_of(&frames) <= MAX_BATCH_BYTES,
				Error::<T>::BatchTooLarge
			);
			Self::do_submit(member.organisation, &frames);
			Ok(())
		}

		/// Brings what a device states about its state of health: the passport writes it down. Whoever brings it, the device's
		/// signature over [`ThresholdStatement::message`] decides. Emits `ThresholdStated`.
		///
		/// Errors: `DeviceNotFound`, `DeviceRevoked`, `PassportNotFound`, `PassportNotInUse`, `OperatorNotActive`,
		/// `OtherThreshold`, `StatementFromTheFuture`, `StatementTooOld`, `StatementNotNew`, `BadStatementSignature`,
		/// `HistoryFull`, and those of membership.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::submit_threshold_statement())]
		pub fn submit_threshold_statement(
			origin: OriginFor<T>,
			device: DeviceIndex,
			statement: ThresholdStatement,
			signature: [u8; 64],
		) -> DispatchResult {
			Self::ensure_member(origin)?;
			Self::do_submit_statement(device, &statement, &signature)
		}

		/// Sets the threshold that devices are asked for, in 0.01 %: 1 to [`MAX_STATE_OF_HEALTH_THRESHOLD_BP`]. What was stated
		/// about another stays written, and counts as far as it answers this one: the passport pallet says how far. Emits
		/// `StateOfHealthThresholdSet`.
		///
		/// Errors: `BadOrigin`, `ThresholdOutOfRange`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::set_state_of_health_threshold())]
		pub fn set_state_of_health_threshold(origin: OriginFor<T>, threshold_bp: u16) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			ensure!(
				(1..=MAX_STATE_OF_HEALTH_THRESHOLD_BP).contains(&threshold_bp),
				Error::<T>::ThresholdOutOfRange
			);
			StateOfHealthThresholdBp::<T>::put(threshold_bp);
			Self::deposit_event(Event::StateOfHealthThresholdSet { threshold_bp });
			Ok(())
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Bytes of all frames of a batch.
	pub fn bytes_of(batch: &Batch) -> u32 {
		batch.iter().map(|submitted| submitted.frame.len() as u32).sum()
	}

	/// State of a device.
	pub fn state_of(device: DeviceIndex) -> Option<DeviceState> {
		Pages::<T>::get(device / DEVICES_PER_PAGE)
			.get((device % DEVICES_PER_PAGE) as usize)
			.cloned()
			.flatten()
	}

	/// The device of a passport that was registered last, if there is one.
	fn last_device_of(passport: &PassportId) -> Option<(DeviceIndex, DeviceState)> {
		let device = *DevicesOf::<T>::get(passport).last()?;
		Self::state_of(device).map(|state| (device, state))
	}

	/// The device of a passport that sends frames now, if there is one.
	pub fn active_device_of(passport: &PassportId) -> Option<(DeviceIndex, DeviceState)> {
		Self::last_device_of(passport).filter(|(_, state)| !state.revoked)
	}

	/// Hash of the genesis block: what binds a signature to this network.
	pub fn genesis_hash() -> [u8; 32] {
		let mut hash = [0; 32];
		let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::from(0u32));
		let bytes = genesis.as_ref();
		let length = bytes.len().min(32);
		hash[..length].copy_from_slice(&bytes[..length]);
		hash
	}

	fn ensure_member(origin: OriginFor<T>) -> Result<ActiveMember, DispatchError> {
		let account = frame_system::ensure_signed(origin)?;
		T::Members::active_member(&account).map_err(|refusal| {
			match refusal {
				MembershipRefusal::NotAMember => Error::<T>::NotAMember,
				MembershipRefusal::Ended => Error::<T>::MembershipEnded,
				MembershipRefusal::Suspended => Error::<T>::OrganisationSuspended,
			}
			.into()
		})
	}

	/// Whether the member is the passport's responsible operator or acts in its place.
	fn ensure_may_manage(member: &ActiveMember, passport: &PassportId) -> DispatchResult {
		ensure!(
			T::Passports::may_act(passport, member.organisation, DelegatedRight::ManageDevices),
			Error::<T>::NotAuthorized
		);
		Ok(())
	}

	fn do_register(
		member: &ActiveMember,
		passport: PassportId,
		public_key: [u8; 32],
		proof: &[u8; 64],
	) -> DispatchResult {
		const MAKERS: Roles = Roles::of(&[Role::Manufacturer, Role::SecondLifeOperator]);
		let facts = T::Passports::facts(&passport).ok_or(Error::<T>::PassportNotFound)?;
		Self::ensure_may_manage(member, &passport)?;
		// Whoever acts in its place: the responsible operator is the device's maker, and it has to be one that makes them.
		let maker = facts.responsible_operator;
		ensure!(
			T::Members::active_roles(maker).is_some_and(|roles| roles.intersects(MAKERS)),
			Error::<T>::NotAuthorized
		);
		ensure!(facts.is_in_use(), Error::<T>::PassportNotInUse);
		let last = Self::last_device_of(&passport);
		ensure!(
			last.as_ref().is_none_or(|(_, state)| state.revoked),
			Error::<T>::DeviceActive
		);
		// An envelope is bound to the passport and the epoch, not to the device: were an epoch of two devices, nobody could
		// tell whose key it carries.
		let key_epoch = last.map_or(0, |(_, state)| state.key_epoch.saturating_add(1));
		ensure!(!DeviceOfKey::<T>::contains_key(public_key), Error::<T>::KeyInUse);
		ensure!(!frames::is_small_order(&public_key), Error::<T>::UnusableKey);
		let message = possession_message(&Self::genesis_hash(), &passport, &public_key);
		ensure!(
			sp_io::crypto::ed25519_verify(&(*proof).into(), &message, &public_key.into()),
			Error::<T>::BadProofOfPossession
		);
		let device = NextDevice::<T>::get();
		DevicesOf::<T>::try_append(passport, device).map_err(|()| Error::<T>::TooManyDevices)?;
		let state = DeviceState {
			public_key,
			revoked: false,
			key_epoch,
			window: SequenceWindow::default(),
			last_seconds: 0,
			history_head: [0; 32],
			frames: 0,
			readings: 0,
		};
		// A page never overflows: devices are numbered one after the other, 16 to a page.
		Pages::<T>::try_append(device / DEVICES_PER_PAGE, Some(state))
			.map_err(|()| Error::<T>::TooManyDevices)?;
		Devices::<T>::insert(device, Device { passport, maker });
		DeviceOfKey::<T>::insert(public_key, device);
		NextDevice::<T>::put(device.saturating_add(1));
		Self::deposit_event(Event::DeviceRegistered {
			device,
			passport,
			maker,
		});
		Ok(())
	}

	fn mutate_state(
		device: DeviceIndex,
		change: impl FnOnce(&mut DeviceState) -> DispatchResult,
	) -> DispatchResult {
		Pages::<T>::try_mutate(device / DEVICES_PER_PAGE, |page| {
			let state = page
				.get_mut((device % DEVICES_PER_PAGE) as usize)
				.and_then(Option::as_mut)
				.ok_or(Error::<T>::DeviceNotFound)?;
			change(state)
		})
	}
}

impl<T: Config> KeyEpochs for Pallet<T> {
	fn current(passport: &PassportId) -> Option<u32> {
		Self::active_device_of(passport).map(|(_, state)| state.key_epoch)
	}

	fn advance(passport: &PassportId) -> Option<u32> {
		let (device, state) = Self::active_device_of(passport)?;
		let key_epoch = state.key_epoch.saturating_add(1);
		Self::mutate_state(device, |state| {
			state.key_epoch = key_epoch;
			Ok(())
		})
		.ok()?;
		Self::deposit_event(Event::KeyEpochStarted { device, key_epoch });
		Some(key_epoch)
	}
}

impl<T: Config> OnPassportClosed for Pallet<T> {
	fn on_passport_closed(passport: &PassportId) {
		for device in DevicesOf::<T>::take(passport) {
			Devices::<T>::remove(device);
			LastStatement::<T>::remove(device);
			let index = device / DEVICES_PER_PAGE;
			let mut page = Pages::<T>::get(index);
			if let Some(state) = page
				.get_mut((device % DEVICES_PER_PAGE) as usize)
				.and_then(Option::take)
			{
				DeviceOfKey::<T>::remove(state.public_key);
			}
			// A page that devices will still be numbered into stays: their place in it is counted from its start.
			if page.iter().all(Option::is_none) && page.len() as u32 == DEVICES_PER_PAGE {
				Pages::<T>::remove(index);
			} else {
				Pages::<T>::insert(index, page);
			}
		}
	}
}
