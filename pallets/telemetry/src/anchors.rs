//! Anchored batches, and what convicts a bridge of an anchor that it should not have made.

use crate::{AnchoringSuspended, Anchors, Config, Error, Event, NextDevice, Pallet, StreamCount, Streams};
use codec::{Decode, Encode, MaxEncodedLen};
use core::cmp::Ordering;
use frame_support::ensure;
use frame_system::pallet_prelude::BlockNumberFor;
use passport_primitives::{
	content_address,
	organisation::OrganisationId,
	telemetry::{
		anchor::{
			verify, AnchorId, AnchoredBatch, AnchoredLeaf, ContentAddress, DisputedLeaf, Offence,
			MAX_ANCHORED_LEAVES,
		},
		frame::MAX_SIGNED_BYTES,
		Frame, MAX_READINGS,
	},
};
use scale_info::TypeInfo;
use sp_runtime::{traits::Saturating, DispatchResult};

/// Most streams of one organisation that have anchors on the ledger: as many bridges of its own can anchor side by side.
pub const MAX_STREAMS_PER_BRIDGE: u32 = 64;

/// How long an anchor can be disputed, in blocks: 7 days of 1 s. For as long after it a later one can be shown to be its replay,
/// and that one can be disputed for as long again: anchors stay for twice this, and batch files longer. Bridges keep in mind for
/// longer than this what they anchored.
pub const ANCHOR_DISPUTE_PERIOD_BLOCKS: u32 = 604_800;

/// Most anchors of no more use to disputes which `anchor_batch` takes off the ledger. More than the one that it adds: a stream
/// that had grown shrinks again.
pub const ANCHORS_PRUNED_PER_CALL: u32 = 2;

/// Most anchors of no more use to disputes which one `prune_anchors` takes off the ledger: 8 ms by the database's weights.
pub const ANCHORS_PRUNED_AT_ONCE: u32 = 64;

/// A batch that a bridge has anchored.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct Anchor<BlockNumber> {
	/// Root of the tree over the leaves.
	pub root: [u8; 32],
	/// Leaves of the tree, one for each frame.
	pub leaves: u32,
	/// Readings in all frames together, as the bridge states.
	pub readings: u64,
	/// Where the batch file is found.
	pub content: ContentAddress,
	/// Block in which it was anchored.
	pub anchored_at: BlockNumber,
	/// What the bridge was convicted of by this batch: do not rely on it.
	pub offence: Option<Offence>,
}

/// Anchors of a runtime.
pub type AnchorOf<T> = Anchor<BlockNumberFor<T>>;

/// The anchors of a stream that are on the ledger: from the oldest number to before the next. None when these are equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct StreamState {
	/// Number that the next anchor gets.
	pub next_number: u64,
	/// Number of the oldest anchor that is still there; the next number when there is none.
	pub oldest_number: u64,
}

impl StreamState {
	/// Whether no anchor of the stream is on the ledger.
	pub const fn is_empty(&self) -> bool {
		self.oldest_number == self.next_number
	}
}

/// Why a bridge can anchor nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, MaxEncodedLen)]
pub struct Conviction {
	/// The anchor that was disputed.
	pub anchor: AnchorId,
	/// What was shown.
	pub offence: Offence,
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_anchor(bridge: OrganisationId, batch: AnchoredBatch) -> DispatchResult {
		let AnchoredBatch {
			stream,
			number,
			root,
			leaves,
			readings,
			content,
		} = batch;
		ensure!(leaves > 0, Error::<T>::EmptyBatch);
		ensure!(leaves <= MAX_ANCHORED_LEAVES, Error::<T>::TooManyLeaves);
		let most_readings = u64::from(leaves) * MAX_READINGS as u64;
		ensure!(
			(u64::from(leaves)..=most_readings).contains(&readings),
			Error::<T>::ReadingsOutOfRange
		);
		ensure!(
			content_address::check(&content).is_ok(),
			Error::<T>::InvalidContentAddress
		);
		ensure!(
			!AnchoringSuspended::<T>::contains_key(bridge),
			Error::<T>::AnchoringIsSuspended
		);
		let mut state = Streams::<T>::get(bridge, stream).unwrap_or_default();
		// A bridge that does not know whether its extrinsic got into a block may send it again, and others may have come since.
		// Were it taken twice, the bridge would have replayed a whole batch.
		ensure!(number == state.next_number, Error::<T>::WrongNumber);
		if state.is_empty() {
			let streams = StreamCount::<T>::get(bridge);
			ensure!(streams < MAX_STREAMS_PER_BRIDGE, Error::<T>::TooManyStreams);
			StreamCount::<T>::insert(bridge, streams + 1);
		}
		Self::prune(bridge, stream, &mut state, ANCHORS_PRUNED_PER_CALL);
		let anchor = AnchorId {
			bridge,
			stream,
			number,
		};
		Anchors::<T>::insert(
			anchor,
			Anchor {
				root,
				leaves,
				readings,
				content,
				anchored_at: frame_system::Pallet::<T>::block_number(),
				offence: None,
			},
		);
		state.next_number = state.next_number.saturating_add(1);
		Streams::<T>::insert(bridge, stream, state);
		Self::deposit_event(Event::BatchAnchored {
			anchor,
			leaves,
			readings,
		});
		Ok(())
	}

	pub(crate) fn do_prune(bridge: OrganisationId, stream: u32) -> Result<u32, Error<T>> {
		let mut state = Streams::<T>::get(bridge, stream).ok_or(Error::<T>::NothingToPrune)?;
		let anchors = Self::prune(bridge, stream, &mut state, ANCHORS_PRUNED_AT_ONCE);
		ensure!(anchors > 0, Error::<T>::NothingToPrune);
		// The stream stays with its next number: were it to start anew, its anchors would get numbers that others had.
		Streams::<T>::insert(bridge, stream, state);
		if state.is_empty() {
			StreamCount::<T>::mutate_exists(bridge, |streams| {
				*streams = streams
					.and_then(|count| count.checked_sub(1))
					.filter(|count| *count > 0);
			});
		}
		Self::deposit_event(Event::AnchorsPruned {
			bridge,
			stream,
			anchors,
		});
		Ok(anchors)
	}

	/// Takes the oldest anchors of a stream off the ledger that are of no more use, at most so many, and returns how many.
	fn prune(bridge: OrganisationId, stream: u32, state: &mut StreamState, most: u32) -> u32 {
		let mut pruned = 0;
		while pruned < most {
			let oldest = AnchorId {
				bridge,
				stream,
				number: state.oldest_number,
			};
			if !Anchors::<T>::get(oldest).is_some_and(|anchor| Self::is_past_use(&anchor)) {
				break;
			}
			Anchors::<T>::remove(oldest);
			state.oldest_number = state.oldest_number.saturating_add(1);
			pruned += 1;
		}
		pruned
	}

	/// Whether an anchor can not be disputed any more.
	fn is_past_dispute(anchor: &AnchorOf<T>) -> bool {
		frame_system::Pallet::<T>::block_number() > Self::period_after(anchor.anchored_at)
	}

	/// Whether an anchor can neither be disputed nor show another to be a replay. The last of which it can was anchored a period
	/// later, and has a whole one of its own.
	fn is_past_use(anchor: &AnchorOf<T>) -> bool {
		let last = Self::period_after(Self::period_after(anchor.anchored_at));
		frame_system::Pallet::<T>::block_number() > last
	}

	/// The block that is [`ANCHOR_DISPUTE_PERIOD_BLOCKS`] after this one.
	fn period_after(block: BlockNumberFor<T>) -> BlockNumberFor<T> {
		block.saturating_add(ANCHOR_DISPUTE_PERIOD_BLOCKS.into())
	}

	pub(crate) fn do_dispute_signature(shown: &DisputedLeaf) -> DispatchResult {
		let anchor = Self::disputable(shown.anchor)?;
		ensure!(anchor.offence.is_none(), Error::<T>::AlreadyConvicted);
		Self::ensure_anchored(&anchor, shown)?;
		let offence = Self::offence_of(&shown.leaf)?;
		Self::convict(shown.anchor, anchor, offence);
		Ok(())
	}

	/// Two leaves at different places of one stream: the later one offends.
	pub(crate) fn do_dispute_replay(first: &DisputedLeaf, second: &DisputedLeaf) -> DispatchResult {
		let stream_of = |shown: &DisputedLeaf| (shown.anchor.bridge, shown.anchor.stream);
		let place_of = |shown: &DisputedLeaf| (shown.anchor.number, shown.proof.index);
		ensure!(stream_of(first) == stream_of(second), Error::<T>::OtherStream);
		let (earlier, later) = match place_of(first).cmp(&place_of(second)) {
			Ordering::Less => (first, second),
			Ordering::Greater => (second, first),
			Ordering::Equal => return Err(Error::<T>::NoOffence.into()),
		};
		let anchor = Self::disputable(later.anchor)?;
		ensure!(anchor.offence.is_none(), Error::<T>::AlreadyConvicted);
		// An honest bridge need not keep in mind what it anchored longer ago. From the later anchor on there is a whole period all the
		// same: were the earlier one's what counts, a bridge could replay what is a week old and nobody had time to show it.
		let before = Anchors::<T>::get(earlier.anchor).ok_or(Error::<T>::AnchorNotFound)?;
		ensure!(
			anchor.anchored_at <= Self::period_after(before.anchored_at),
			Error::<T>::DisputePeriodOver
		);
		let [from, to] = [earlier, later].map(|shown| shown.leaf.place());
		let (Ok(from), Ok(to)) = (from, to) else {
			return Err(Error::<T>::MalformedLeaf.into());
		};
		let offence = match from.cmp(&to) {
			Ordering::Equal => Offence::Replay,
			Ordering::Greater if earlier.anchor == later.anchor => Offence::BrokenOrder,
			_ => return Err(Error::<T>::NoOffence.into()),
		};
		Self::ensure_anchored(&before, earlier)?;
		Self::ensure_anchored(&anchor, later)?;
		Self::convict(later.anchor, anchor, offence);
		Ok(())
	}

	/// An anchor that is there and can still be disputed.
	fn disputable(id: AnchorId) -> Result<AnchorOf<T>, Error<T>> {
		let anchor = Anchors::<T>::get(id).ok_or(Error::<T>::AnchorNotFound)?;
		ensure!(!Self::is_past_dispute(&anchor), Error::<T>::DisputePeriodOver);
		Ok(anchor)
	}

	/// That a leaf is in the anchor, where its proof says.
	fn ensure_anchored(anchor: &AnchorOf<T>, shown: &DisputedLeaf) -> Result<(), Error<T>> {
		ensure!(
			verify(&anchor.root, anchor.leaves, shown.leaf.hash(), &shown.proof),
			Error::<T>::NotInAnchor
		);
		Ok(())
	}

	/// What no honest bridge would have anchored about a single leaf.
	///
	/// Signatures are decided by ZIP-215, which takes whatever the bridge's strict check takes; and any key that the device ever
	/// had will do, since the bridge may have checked the frame before a rotation. So what was good when it was anchored is good
	/// for ever.
	fn offence_of(leaf: &AnchoredLeaf) -> Result<Offence, Error<T>> {
		let Ok(frame) = Frame::parse(&leaf.frame) else {
			return Ok(Offence::MalformedFrame);
		};
		if leaf.device >= NextDevice::<T>::get() {
			return Ok(Offence::UnknownDevice);
		}
		// The number was given, and the passport was closed since: which key counted is gone.
		let passport = Self::state_of(leaf.device)
			.ok_or(Error::<T>::DeviceNotFound)?
			.device
			.passport;
		let keys = Self::keys_of(leaf.device).ok_or(Error::<T>::DeviceNotFound)?;
		let mut buffer = [0; MAX_SIGNED_BYTES];
		// A frame that parses always fits.
		let message = frame
			.signed_message(&Self::genesis_hash(), &passport, &mut buffer)
			.map_err(|_| Error::<T>::NoOffence)?;
		let signature = frame.signature.into();
		ensure!(
			!keys
				.into_iter()
				.any(|key| sp_io::crypto::ed25519_verify(&signature, message, &key.into())),
			Error::<T>::NoOffence
		);
		Ok(Offence::BadSignature)
	}

	/// Marks the anchor, for those who would read it, and suspends whoever made it.
	fn convict(id: AnchorId, mut anchor: AnchorOf<T>, offence: Offence) {
		anchor.offence = Some(offence);
		Anchors::<T>::insert(id, anchor);
		// The council is shown the first one.
		if !AnchoringSuspended::<T>::contains_key(id.bridge) {
			AnchoringSuspended::<T>::insert(id.bridge, Conviction { anchor: id, offence });
		}
		Self::deposit_event(Event::AnchoringSuspended {
			bridge: id.bridge,
			anchor: id,
			offence,
		});
	}
}
