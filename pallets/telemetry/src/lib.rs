//! # Telemetry
//!
//! Devices and the signed frames that they send. The chain proves who sent what and when, and does not show it: what a
//! battery measures is sealed (Annex XIII point 4 is not public, and validators are competitors).
//!
//! ## Terminology
//!
//! - **Device**: the BMS of one battery: an Ed25519 key, registered by the battery's maker. A device can not vouch for itself.
//!   Where a battery sends plain JSON, the operator's bridge has a key for it and signs in its place; the device is marked so:
//!   [`SignedBy`].
//! - **Rotation**: from a sequence on that was not taken yet another key of the device counts. Below it the former key does, so
//!   that frames that are still on their way lose nothing. The present key agrees to it: nobody slips a device another key.
//! - **Frame**: 1 to 255 readings, sealed and signed by the device: [`passport_primitives::telemetry`].
//! - **Batch**: frames of many devices in one extrinsic, brought by a bridge operator. A bad frame is skipped and reported; it
//!   never costs the others.
//! - **Anchored batch**: frames that a bridge checked off chain, under one Merkle root; in a **stream**, in which one bridge of an
//!   organisation numbers its anchors: [`passport_primitives::telemetry::anchor`].
//! - **Offence**: a leaf that no honest bridge would have anchored, shown with its proof. It suspends whoever anchored it.
//! - **Key epoch**: number of the key that frames are sealed under. Revoking a grant of data set 4 starts the next one, and so do
//!   a device that replaces another and a reset of the software.
//! - **Reset**: the BMS starts anew with software for a second life, Art. 14: what it had estimated before counts no more. Its
//!   sequence goes on.
//! - **Statement**: what a device signs about its state of health without showing it: at or above the council's threshold, yes
//!   or no ([`passport_primitives::telemetry::statement`]).
//!
//! ## Assumptions
//!
//! - A bridge that brings frames and statements is trusted with nothing but liveness: each is checked here, whoever brings it.
//! - A bridge that anchors is believed until somebody shows otherwise, for [`ANCHOR_DISPUTE_PERIOD_BLOCKS`]. An honest one can not
//!   be convicted: what was well signed stays so whatever becomes of the device, and no sequence is twice in its own stream. It
//!   is honest to read final blocks only: a device or a key of a block that is given up was never there.
//! - Who answers for the battery (Art. 77(4)) vouches for its device, also where a delegate acts in its place: while it may not
//!   act, nothing of the device is taken. That is the device's maker until responsibility moves; from then on it is whoever
//!   answers for the battery now.
//! - The state of a device is overwritten, never appended to: no growth per reading. Complete histories are proven by the
//!   rolling hash `head' = BLAKE2b-256(head ‖ frame)`.
//! - Device states lie in pages of [`DEVICES_PER_PAGE`], and devices are numbered in the order of registration: frames of one
//!   fleet, sorted, touch few pages.
//! - What a frame asks of the passport stands in the page of its device: whether the battery is in use, and who answers for it.
//!   The passport pallet tells of every change, [`OnPassportChanged`]. So a batch reads and writes the pages of its devices,
//!   reads the standing of each operator once, and no passport.
//! - A key that is out is revoked with its device: a rotation leaves the former key its sequences. One that is lost can agree to
//!   no rotation: its device is replaced.
//! - What a device signs is bound to the battery's passport, which is not sent. So what was signed for one battery counts for no
//!   other, whatever key it has, and a passport that was closed never comes again. The devices of one battery never have the same
//!   key: were it registered anew, old frames would be good again.
//! - Signatures are decided by ZIP-215 (`sp_io::crypto::ed25519_verify`), which takes everything that the bridge's strict check
//!   takes. Those of a batch of frames may be checked together ([`passport_signature_batch`]); what is said of each frame is
//!   the same, and so is what it costs by weight.
//!
//! ## Calls
//!
//! | call | who | what it needs |
//! |---|---|---|
//! | `register_device` | the passport's responsible operator, if it is manufacturer or second-life operator, or its delegate for devices | passport in use, no active device, new key, proof of possession |
//! | `register_bridge_device` | as `register_device` | as `register_device`, with the key that the operator's bridge holds |
//! | `revoke_device` | the passport's responsible operator, or its delegate for devices | active device; what it stated is withdrawn |
//! | `replace_device` | as `register_device` | active device, which is revoked, and what `register_device` needs |
//! | `rotate_device_key` | the passport's responsible operator, or its delegate for devices | active device, passport in use, new key, proof of possession, the present key's consent, a sequence above all that were taken, at most 8 rotations |
//! | `reset_device` | the passport's responsible operator, or its delegate for devices | active device, passport in use; what it stated is withdrawn, the next epoch begins |
//! | `submit_frames` | bridge operators | at most 256 frames and 256 KiB |
//! | `submit_threshold_statement` | any member | active device, passport in use, active responsible operator, the council's threshold, a time that is new, the device's signature |
//! | `set_state_of_health_threshold` | the council | 1 to 10,000 basis points |
//! | `anchor_batch` | bridge operators that are not suspended from it | 1 to 2^20 leaves of 1 to 255 readings each, a content address, the stream's next number, at most 64 streams |
//! | `dispute_signature` | any member | a leaf with its proof that is no frame, of no device, or signed by none of its keys |
//! | `dispute_replay` | any member | two leaves of one stream with their proofs: the same sequence twice, or out of order in one anchor |
//! | `allow_anchoring` | the council | a bridge that was suspended from it |
//! | `prune_anchors` | any member | a stream whose oldest anchor is of no more use to disputes |

#![cfg_attr(not(feature = "std"), no_std)]

mod anchors;
mod devices;
mod frames;
mod statements;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use anchors::{
	Anchor, AnchorOf, Conviction, StreamState, ANCHORS_PRUNED_AT_ONCE, ANCHORS_PRUNED_PER_CALL,
	ANCHOR_DISPUTE_PERIOD_BLOCKS, MAX_STREAMS_PER_BRIDGE,
};
pub use pallet::*;
pub use passport_primitives::ledger::{DeviceIndex, MAX_DEVICES_PER_PASSPORT};
pub use weights::WeightInfo;

extern crate alloc;

use codec::Compact;
use frame_support::{
	pallet_prelude::*,
	traits::{ConstU16, UnixTime},
};
use frame_system::pallet_prelude::*;
use frames::Needed;
use passport_primitives::{
	battery::{DocumentHash, PassportId},
	ledger::{
		ActiveMember, BatteryDevices, KeyEpochs, Membership, MembershipRefusal, OnPassportChanged,
		OnPassportClosed, PassportFacts, Passports,
	},
	organisation::{OrganisationId, Role},
	telemetry::{
		anchor::{AnchorId, AnchoredBatch, AnchoredLeaf, DisputedLeaf, InclusionProof, Offence},
		device::SignedBy,
		statement::ThresholdStatement,
		FrameRefusal, SequenceWindow, MAX_FRAME_BYTES,
	},
};
use passport_signature_batch::SignatureBatch;

/// Devices whose states share one storage value. A state has at most 158 bytes, a page at most 2,545 (one byte for each place,
/// one for the count). Of a battery that sends it has 142, since numbers that seldom change are written as short as they are; what
/// changes with each frame has a fixed length. Beside that a battery takes a sixteenth of a key of 52.
///
/// A page is read and written once for the frames of its 16 devices, so that of a sorted batch of neighbours each pays a sixteenth
/// of an access: 8 of 125 µs by the database's weights, where its signature takes 70. Larger pages would save little of that, and
/// cost a frame that comes alone more: as it is, it decodes, encodes and hashes 2 kB.
pub const DEVICES_PER_PAGE: u32 = 16;

/// Most frames in one batch.
pub const MAX_FRAMES_PER_BATCH: u32 = 256;

/// Most bytes of all frames in one batch: a small part of a block (6 MiB), so that batches of several bridges fit one.
pub const MAX_BATCH_BYTES: u32 = 256 * 1024;

/// Devices of a passport up to which a delegate registers them. The rest is the responsible operator's alone: a delegate can not use
/// up all that a battery may have, and the operator can end the delegation and go on.
pub const MAX_DEVICES_BY_DELEGATE: u32 = MAX_DEVICES_PER_PASSPORT - 2;

/// Most keys that a device can have had before its present one: one a year for the life of a battery's BMS.
pub const MAX_FORMER_KEYS: u32 = 8;

/// Entries that one frame makes a batch look up beside the page, at worst: who answers for the battery, and the former keys.
pub const LOOKUPS_PER_FRAME: u32 = 2;

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
	/// Who holds its key.
	pub signed_by: SignedBy,
}

/// A key that a device had before. It has no sequences where the next key begins no later than it did.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct FormerKey {
	/// The key.
	pub public_key: [u8; 32],
	/// It signs frames of lower sequences than this, as far down as the key before it counts.
	pub below_sequence: u64,
}

/// The keys that a device had before, in their order.
pub type FormerKeysOfDevice = BoundedVec<FormerKey, ConstU32<MAX_FORMER_KEYS>>;

/// A device, and what each of its frames reads and writes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DeviceState {
	/// What does not change.
	pub device: Device,
	/// Key that its frames are signed with.
	pub public_key: [u8; 32],
	/// The first sequence that this key signs; 0 when the device has had no other. Below it a former key counts.
	#[codec(compact)]
	pub key_from_sequence: u64,
	/// Whether it was revoked: it sends nothing any more.
	pub revoked: bool,
	/// Whether the battery's passport is the current record of a battery in use. Kept as long as the device is not revoked.
	pub in_use: bool,
	/// Who answers for the battery now. Kept as long as the device is not revoked.
	pub responsible_operator: OrganisationId,
	/// Epoch of the key that its frames are sealed under.
	#[codec(compact)]
	pub key_epoch: u32,
	/// Sequences that were taken.
	pub window: SequenceWindow,
	/// Latest time of a reading, in seconds since 1970.
	#[codec(compact)]
	pub last_seconds: u64,
	/// Rolling hash over all frames.
	pub history_head: [u8; 32],
	/// Frames taken.
	pub frames: u32,
	/// Readings taken.
	pub readings: u64,
}

impl MaxEncodedLen for DeviceState {
	/// Not derived: that takes a compact number for one of fixed length, which can be shorter (`parity-scale-codec` 3.7).
	fn max_encoded_len() -> usize {
		let numbers = 2 * Compact::<u64>::max_encoded_len()
			+ Compact::<u32>::max_encoded_len()
			+ u32::max_encoded_len()
			+ u64::max_encoded_len();
		Device::max_encoded_len()
			+ 2 * <[u8; 32]>::max_encoded_len()
			+ 2 * bool::max_encoded_len()
			+ OrganisationId::max_encoded_len()
			+ SequenceWindow::max_encoded_len()
			+ numbers
	}
}

/// The devices `page * DEVICES_PER_PAGE ..`; `None` where the passport was closed.
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
		type Passports: Passports + BatteryDevices;
		/// How the signatures of a batch of frames are checked.
		type Signatures: SignatureBatch;
		/// The chain's clock.
		type Time: UnixTime;
		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Devices, by page. Which are a battery's, its passport says: [`BatteryDevices`].
	#[pallet::storage]
	pub type Pages<T: Config> = StorageMap<_, Blake2_128Concat, u32, Page, ValueQuery>;

	/// The keys that a device had before its present one. Anything that it has signed can be checked with one of its keys: see
	/// [`Pallet::keys_of`].
	#[pallet::storage]
	pub type FormerKeys<T: Config> =
		StorageMap<_, Blake2_128Concat, DeviceIndex, FormerKeysOfDevice, ValueQuery>;

	/// The number that the next device gets.
	#[pallet::storage]
	pub type NextDevice<T: Config> = StorageValue<_, DeviceIndex, ValueQuery>;

	/// The state of health that decides between a second life and recycling, in 0.01 %: the protocol's section 5.1. Devices
	/// are asked for this one and no other, since the answers for many thresholds would show the value.
	#[pallet::storage]
	pub type StateOfHealthThresholdBp<T: Config> =
		StorageValue<_, u16, ValueQuery, ConstU16<DEFAULT_STATE_OF_HEALTH_THRESHOLD_BP>>;

	/// The time in seconds since 1970 up to which no statement of a device is taken any more: when it made the latest that was
	/// taken, or five minutes after its last reset. 0 when there was neither.
	#[pallet::storage]
	pub type LastStatement<T: Config> = StorageMap<_, Blake2_128Concat, DeviceIndex, u64, ValueQuery>;

	/// What bridges have anchored and what can be disputed, or shows a later anchor to be a replay. It leaves the ledger two
	/// [`ANCHOR_DISPUTE_PERIOD_BLOCKS`] after it was anchored, with the stream's next anchors or by `prune_anchors`.
	#[pallet::storage]
	pub type Anchors<T: Config> = StorageMap<_, Blake2_128Concat, AnchorId, AnchorOf<T>>;

	/// Which anchors a stream has on the ledger. A stream that has none left stays with its next number: no [`AnchorId`] comes again.
	#[pallet::storage]
	pub type Streams<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, OrganisationId, Blake2_128Concat, u32, StreamState>;

	/// How many streams of an organisation have anchors on the ledger: at most [`MAX_STREAMS_PER_BRIDGE`].
	#[pallet::storage]
	pub type StreamCount<T: Config> = StorageMap<_, Blake2_128Concat, OrganisationId, u32, ValueQuery>;

	/// Organisations that were convicted of an anchor, with the first one: they anchor nothing until the council allows it. Frames
	/// they may still bring, since those are checked here.
	#[pallet::storage]
	pub type AnchoringSuspended<T: Config> = StorageMap<_, Blake2_128Concat, OrganisationId, Conviction>;

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
			/// Who holds its key.
			signed_by: SignedBy,
		},
		/// From a sequence on a device signs with another key.
		DeviceKeyRotated {
			/// Its number.
			device: DeviceIndex,
			/// The new key.
			public_key: [u8; 32],
			/// The first sequence that it signs.
			from_sequence: u64,
		},
		/// The software of a BMS was reset: its estimators start anew.
		DeviceReset {
			/// Its number.
			device: DeviceIndex,
			/// The epoch that began with it.
			key_epoch: u32,
			/// SHA-256 of the software that it runs now.
			software: DocumentHash,
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
		/// A batch was anchored.
		BatchAnchored {
			/// Whose it is, and its number.
			anchor: AnchorId,
			/// Leaves of its tree, one for each frame.
			leaves: u32,
			/// Readings in all frames together, as the bridge states.
			readings: u64,
		},
		/// A bridge was convicted of an anchor and can anchor nothing.
		AnchoringSuspended {
			/// Who anchored it.
			bridge: OrganisationId,
			/// The anchor.
			anchor: AnchorId,
			/// What was shown.
			offence: Offence,
		},
		/// The council lets a bridge anchor again.
		AnchoringAllowed {
			/// Which.
			bridge: OrganisationId,
		},
		/// Anchors that are of no more use to disputes were taken off the ledger.
		AnchorsPruned {
			/// Whose they were.
			bridge: OrganisationId,
			/// Of which stream.
			stream: u32,
			/// How many.
			anchors: u32,
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
		/// The passport has an active device: revoke or replace it.
		DeviceActive,
		/// The passport has seen 8 devices, or 6 and a delegate registers no more.
		TooManyDevices,
		/// One of the battery's devices has this key, or had it.
		KeyInUse,
		/// The key is of small order: it would verify what nobody signed.
		UnusableKey,
		/// The proof of possession is not signed by the key for what it is to be used for.
		BadProofOfPossession,
		/// The device has had 8 keys before: replace it.
		TooManyKeys,
		/// The device's present key has not signed for the new one: replace the device where it is lost.
		BadConsent,
		/// A new key counts from a sequence that is above every one that was taken, above the first one of the key before the
		/// present one, and at most 2^32 above the highest that was taken.
		FromSequenceOutOfRange,
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
		/// An anchor has at most 2^20 leaves.
		TooManyLeaves,
		/// A leaf has 1 to 255 readings.
		ReadingsOutOfRange,
		/// The content address is no CIDv1 with SHA-256 or BLAKE2b-256.
		InvalidContentAddress,
		/// The organisation was convicted of an anchor: the council decides when it may anchor again.
		AnchoringIsSuspended,
		/// The anchor's number is not the stream's next: it was anchored before, or another one has to come first.
		WrongNumber,
		/// The organisation has 64 streams with anchors.
		TooManyStreams,
		/// No such anchor: not yet, or no longer.
		AnchorNotFound,
		/// The anchor is more than 7 days old; or, of a replay, the earlier one was so when the later one was anchored.
		DisputePeriodOver,
		/// The bridge was convicted of this anchor before.
		AlreadyConvicted,
		/// The proof does not lead from the leaf to the anchor's root.
		NotInAnchor,
		/// The leaves are of two streams, in which the same sequence may stand.
		OtherStream,
		/// The leaf is no frame and has no sequence: `dispute_signature` is for that.
		MalformedLeaf,
		/// What is shown, an honest bridge could have anchored.
		NoOffence,
		/// The organisation is not suspended from anchoring.
		AnchoringNotSuspended,
		/// The stream has no anchor, or its oldest is less than 14 days old.
		NothingToPrune,
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
		/// Registers the BMS of a battery. `proof` is the device's signature over [`possession_message`]. A device that comes after
		/// another starts in the epoch after that one's last. Emits `DeviceRegistered`.
		///
		/// Errors: `NotAuthorized`, `PassportNotFound`, `PassportNotInUse`, `DeviceActive`, `TooManyDevices`, `KeyInUse`,
		/// `UnusableKey`, `BadProofOfPossession`, and those of membership.
		///
		/// [`possession_message`]: passport_primitives::telemetry::device::possession_message
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register_device())]
		pub fn register_device(
			origin: OriginFor<T>,
			passport: PassportId,
			public_key: [u8; 32],
			proof: [u8; 64],
		) -> DispatchResult {
			let member = Self::ensure_member(origin)?;
			Self::do_register(&member, passport, public_key, &proof, SignedBy::Battery)
		}

		/// Revokes a device: lost, replaced, or its key is out. What it sent stays proven; what it stated of its state of health
		/// counts no more. Emits `DeviceRevoked`.
		///
		/// Errors: `DeviceNotFound`, `PassportNotFound`, `NotAuthorized`, `DeviceRevoked`, and those of membership.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::revoke_device())]
		pub fn revoke_device(origin: OriginFor<T>, device: DeviceIndex) -> DispatchResult {
			let member = Self::ensure_member(origin)?;
			Self::do_revoke(&member, device).map(drop)
		}

		/// Checks frames and takes those that are good. Emits `BatchVerified`.
		///
		/// Sorted by device they cost the least: each change from one page to another along the batch is paid for. What could have
		/// been looked up of operators and former keys is paid for beforehand, and given back as far as it was not. So is a second
		/// time through the frames where signatures are checked together: it is needed when one of them does not verify.
		///
		/// Errors: `NotAuthorized`, `EmptyBatch`, `BatchTooLarge`, and those of membership. A bad frame is no error.
		#[pallet::call_index(2)]
		#[pallet::weight(Pallet::<T>::weight_of(frames))]
		pub fn submit_frames(origin: OriginFor<T>, frames: Batch) -> DispatchResultWithPostInfo {
			let member = Self::ensure_member(origin)?;
			ensure!(member.has(Role::BridgeOperator), Error::<T>::NotAuthorized);
			ensure!(!frames.is_empty(), Error::<T>::EmptyBatch);
			ensure!(
				Self::bytes_of(&frames) <= MAX_BATCH_BYTES,
				Error::<T>::BatchTooLarge
			);
			let needed = Self::do_submit(member.organisation, &frames);
			Ok(Some(Self::weight_for(&frames, &needed)).into())
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

		/// Gives a device another key. `proof` is the new key's signature over [`rotation_message`], and `consent` the present key's
		/// over the same. The new one signs the frames from `from_sequence` on, which is above every sequence that was taken and at
		/// most 2^32 above the highest; frames of lower sequences, brought before or after, are the former key's. Statements are the
		/// new key's at once. Emits `DeviceKeyRotated`.
		///
		/// The device chooses `from_sequence` above everything that it has signed: the ledger knows what was taken, and not what is
		/// on its way. It is above that of the rotation before as well, unless nothing of the present key was taken yet: such a
		/// rotation can be made good by one from a lower sequence, that is above the first one of the key before.
		///
		/// The former key keeps its sequences: one that is out is revoked with its device. One that is lost can not consent: its
		/// device is replaced.
		///
		/// Errors: `DeviceNotFound`, `PassportNotFound`, `NotAuthorized`, `PassportNotInUse`, `DeviceRevoked`,
		/// `FromSequenceOutOfRange`, `KeyInUse`, `UnusableKey`, `BadProofOfPossession`, `BadConsent`, `TooManyKeys`, and those of
		/// membership.
		///
		/// [`rotation_message`]: passport_primitives::telemetry::device::rotation_message
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::rotate_device_key())]
		pub fn rotate_device_key(
			origin: OriginFor<T>,
			device: DeviceIndex,
			public_key: [u8; 32],
			from_sequence: u64,
			proof: [u8; 64],
			consent: [u8; 64],
		) -> DispatchResult {
			let member = Self::ensure_member(origin)?;
			Self::do_rotate(&member, device, public_key, from_sequence, &proof, &consent)
		}

		/// The BMS of a battery was exchanged: revokes the device and registers the one that comes after it, which starts in the
		/// epoch after its last and is signed for by whom it was: battery or bridge. `proof` is as of `register_device`. What the
		/// old one stated of its state of health counts no more. Emits `DeviceRevoked` and `DeviceRegistered`.
		///
		/// Errors: `DeviceNotFound`, `PassportNotFound`, `NotAuthorized`, `DeviceRevoked`, `PassportNotInUse`, `KeyInUse`,
		/// `UnusableKey`, `BadProofOfPossession`, `TooManyDevices`, and those of membership.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::replace_device())]
		pub fn replace_device(
			origin: OriginFor<T>,
			device: DeviceIndex,
			public_key: [u8; 32],
			proof: [u8; 64],
		) -> DispatchResult {
			let member = Self::ensure_member(origin)?;
			Self::do_replace(&member, device, public_key, &proof)
		}

		/// The software of a BMS was reset for a second life, Regulation (EU) 2023/1542 Art. 14(3): its estimators start anew.
		/// `software` is SHA-256 of what it runs now. The next key epoch begins; what it stated of its state of health counts no
		/// more, and no statement that it made before the reset is taken any more, be its clock up to five minutes ahead: so those
		/// that it makes after it count again five minutes later. Frames that it signed before are taken as before. Its sequence goes
		/// on: no frame's number comes again. Emits `KeyEpochStarted` and `DeviceReset`.
		///
		/// Errors: `DeviceNotFound`, `PassportNotFound`, `NotAuthorized`, `PassportNotInUse`, `DeviceRevoked`, and those of
		/// membership.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::reset_device())]
		pub fn reset_device(
			origin: OriginFor<T>,
			device: DeviceIndex,
			software: DocumentHash,
		) -> DispatchResult {
			let member = Self::ensure_member(origin)?;
			Self::do_reset(&member, device, software)
		}

		/// Registers, for a battery that sends plain JSON, the key with which the operator's bridge seals and signs in its place.
		/// As `register_device`, and marked: [`SignedBy::Bridge`]. Emits `DeviceRegistered`.
		///
		/// Errors: those of `register_device`.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::register_device())]
		pub fn register_bridge_device(
			origin: OriginFor<T>,
			passport: PassportId,
			public_key: [u8; 32],
			proof: [u8; 64],
		) -> DispatchResult {
			let member = Self::ensure_member(origin)?;
			Self::do_register(&member, passport, public_key, &proof, SignedBy::Bridge)
		}

		/// Anchors a batch that the bridge has checked and published: the next one of its stream, which has that number. So one that
		/// is sent again is refused, whatever came after it. Up to [`ANCHORS_PRUNED_PER_CALL`] of the stream that are of no more use
		/// to disputes leave the ledger. Emits `BatchAnchored`.
		///
		/// Errors: `NotAuthorized`, `EmptyBatch`, `TooManyLeaves`, `ReadingsOutOfRange`, `InvalidContentAddress`,
		/// `AnchoringIsSuspended`, `WrongNumber`, `TooManyStreams`, and those of membership.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::anchor_batch())]
		pub fn anchor_batch(origin: OriginFor<T>, anchor: AnchoredBatch) -> DispatchResult {
			let member = Self::ensure_member(origin)?;
			ensure!(member.has(Role::BridgeOperator), Error::<T>::NotAuthorized);
			Self::do_anchor(member.organisation, anchor)
		}

		/// Shows a leaf of an anchor that is no frame, is of a device that never was, or that none of the device's keys has
		/// signed. Suspends the bridge from anchoring. Emits `AnchoringSuspended`.
		///
		/// Of a device whose passport was closed nothing can be shown but that a leaf is no frame: its state is gone.
		///
		/// Errors: `AnchorNotFound`, `DisputePeriodOver`, `AlreadyConvicted`, `NotInAnchor`, `DeviceNotFound`, `NoOffence`, and
		/// those of membership.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::dispute_signature())]
		pub fn dispute_signature(
			origin: OriginFor<T>,
			anchor: AnchorId,
			leaf: AnchoredLeaf,
			proof: InclusionProof,
		) -> DispatchResult {
			Self::ensure_member(origin)?;
			Self::do_dispute_signature(&DisputedLeaf { anchor, leaf, proof })
		}

		/// Shows two leaves of one stream with the same device and sequence, or two of one anchor that are not in order: the
		/// later one offends. It can be disputed for [`ANCHOR_DISPUTE_PERIOD_BLOCKS`] after it was anchored, if the earlier one was
		/// anchored no longer than that before it. Suspends the bridge from anchoring. Emits `AnchoringSuspended`.
		///
		/// Errors: `OtherStream`, `AnchorNotFound`, `DisputePeriodOver`, `AlreadyConvicted`, `MalformedLeaf`, `NoOffence`,
		/// `NotInAnchor`, and those of membership.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::dispute_replay())]
		pub fn dispute_replay(
			origin: OriginFor<T>,
			first: DisputedLeaf,
			second: DisputedLeaf,
		) -> DispatchResult {
			Self::ensure_member(origin)?;
			Self::do_dispute_replay(&first, &second)
		}

		/// Lets a bridge anchor again that was convicted. The anchor stays marked. Emits `AnchoringAllowed`.
		///
		/// Errors: `BadOrigin`, `AnchoringNotSuspended`.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::allow_anchoring())]
		pub fn allow_anchoring(origin: OriginFor<T>, bridge: OrganisationId) -> DispatchResult {
			T::CouncilOrigin::ensure_origin(origin)?;
			ensure!(
				AnchoringSuspended::<T>::take(bridge).is_some(),
				Error::<T>::AnchoringNotSuspended
			);
			Self::deposit_event(Event::AnchoringAllowed { bridge });
			Ok(())
		}

		/// Takes anchors of a stream off the ledger that are of no more use to disputes: the oldest, at most
		/// [`ANCHORS_PRUNED_AT_ONCE`]. It is for streams in which nothing is anchored any more; a stream that has none left does not
		/// count against its bridge's bound, and goes on with its next number. Emits `AnchorsPruned`.
		///
		/// Charged for the most, and given back for those that were not there.
		///
		/// Errors: `NothingToPrune`, and those of membership.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::prune_anchors(ANCHORS_PRUNED_AT_ONCE))]
		pub fn prune_anchors(
			origin: OriginFor<T>,
			bridge: OrganisationId,
			stream: u32,
		) -> DispatchResultWithPostInfo {
			Self::ensure_member(origin)?;
			let pruned = Self::do_prune(bridge, stream)?;
			Ok(Some(T::WeightInfo::prune_anchors(pruned)).into())
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Bytes of all frames of a batch.
	pub fn bytes_of(batch: &Batch) -> u32 {
		batch.iter().map(|submitted| submitted.frame.len() as u32).sum()
	}

	/// How often a batch turns to another page, as it is sent: as many pages as it touches when it is sorted by device.
	pub fn pages_of(batch: &Batch) -> u32 {
		let mut held = None;
		batch
			.iter()
			.map(|submitted| submitted.device / DEVICES_PER_PAGE)
			.filter(|page| held.replace(*page) != Some(*page))
			.count() as u32
	}

	/// What a batch costs at worst: every frame may be of another operator, and from before a rotation, and of signatures that are
	/// checked together one may be bad.
	fn weight_of(batch: &Batch) -> Weight {
		let needed = Needed {
			pages: Self::pages_of(batch),
			lookups: (batch.len() as u32).saturating_mul(LOOKUPS_PER_FRAME),
			twice: Self::is_checked_together(batch),
		};
		Self::weight_for(batch, &needed)
	}

	/// What a batch costs that needs this. Its signatures are charged as checked by themselves, less what is saved where so many are
	/// checked together: [`weights::together_saves_picoseconds`].
	fn weight_for(batch: &Batch, needed: &Needed) -> Weight {
		let Needed {
			pages,
			lookups,
			twice,
		} = *needed;
		let frames = batch.len() as u32;
		let by_themselves = T::WeightInfo::batch(frames, Self::bytes_of(batch), pages, lookups);
		let saved = if Self::is_checked_together(batch) {
			u64::from(frames) * weights::together_saves_picoseconds(frames)
		} else {
			0
		};
		let once = by_themselves.saturating_sub(Weight::from_parts(saved, 0));
		if !twice {
			return once;
		}
		// The second time what was read is in memory; of what was written the database sees the last alone.
		let database = T::DbWeight::get().reads_writes(u64::from(pages) + u64::from(lookups), pages.into());
		once.saturating_add(by_themselves.saturating_sub(database).set_proof_size(0))
	}

	/// A device and its state. `None` where there is no such device, or not any more.
	pub fn state_of(device: DeviceIndex) -> Option<DeviceState> {
		Pages::<T>::get(device / DEVICES_PER_PAGE)
			.get((device % DEVICES_PER_PAGE) as usize)
			.cloned()
			.flatten()
	}

	/// All devices, in no order. For tools and tests: no call goes through all.
	pub fn devices() -> impl Iterator<Item = (DeviceIndex, DeviceState)> {
		Pages::<T>::iter().flat_map(|(index, page)| {
			(index * DEVICES_PER_PAGE..)
				.zip(page)
				.filter_map(|(number, state)| Some((number, state?)))
		})
	}

	/// The device of a passport that was registered last, if there is one.
	fn last_device_of(passport: &PassportId) -> Option<(DeviceIndex, DeviceState)> {
		let device = T::Passports::devices(passport).next_back()?;
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

impl<T: Config> OnPassportChanged for Pallet<T> {
	fn on_passport_changed(passport: &PassportId, facts: &PassportFacts) {
		// Nothing is taken of devices that were revoked, whoever answers for the battery.
		let Some((device, state)) = Self::active_device_of(passport) else {
			return;
		};
		let (operator, in_use) = (facts.responsible_operator, facts.is_in_use());
		if (state.responsible_operator, state.in_use) != (operator, in_use) {
			// It is there: it was read just now.
			let _ = Self::mutate_state(device, |state| {
				state.responsible_operator = operator;
				state.in_use = in_use;
				Ok(())
			});
		}
	}
}

impl<T: Config> OnPassportClosed for Pallet<T> {
	fn on_passport_closed(passport: &PassportId) {
		for device in T::Passports::devices(passport) {
			LastStatement::<T>::remove(device);
			FormerKeys::<T>::remove(device);
			let index = device / DEVICES_PER_PAGE;
			let mut page = Pages::<T>::get(index);
			if let Some(place) = page.get_mut((device % DEVICES_PER_PAGE) as usize) {
				*place = None;
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
