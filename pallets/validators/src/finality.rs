//! Giving finality to another set when the one that has it will not come back.
//!
//! GRANDPA's validators finalise their own hand-over. When more than a third of them are gone for good, that never happens, and
//! whatever set the council chooses waits behind it. GRANDPA has a way out, a forced change: every node that imports the block
//! which signals it takes the new set a number of blocks later, with no proof but the chain itself. `grandpa.note_stalled` asks for
//! one at the next session, with the validators of that session. Here it is asked for in the session with which the council's
//! present decisions take effect, and the sessions until then last one block each: validators back off while finality lags, down to
//! a block in 100 seconds, and two sessions of 600 blocks would be a day and a half.
//!
//! What it costs: the hand-over has no proof. Warp sync stops at it, and who verifies proofs needs the new set from elsewhere. And it
//! must not be used while the old set can still finalise: both sets could finalise another block each.

use crate::{Config, Pallet, Stalled};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use pallet_session::ShouldEndSession;
use scale_info::TypeInfo;
use sp_staking::SessionIndex;

/// How far finality lags at least when it is given to another set: that many unfinalised blocks, after which validators begin to
/// back off (`BackoffAuthoringOnFinalizedHeadLagging`), never stand in a network that works.
pub const MIN_LAG_BLOCKS: u32 = 50;

/// Fewest blocks between the signal and the change, so that every node has imported the block with the signal.
pub const MIN_DELAY_BLOCKS: u32 = 10;

/// Most of them. GRANDPA refuses any other change while one is pending, so that it has to be over before the end of the session after.
pub const MAX_DELAY_BLOCKS: u32 = 300;

/// A hand-over of finality that waits for its session.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ForcedHandOver<BlockNumber> {
	/// The highest block that any validator of the new set has seen finalised. The new set goes on from there.
	pub best_finalised: BlockNumber,
	/// Blocks between the one that signals the change and the change.
	pub delay_blocks: BlockNumber,
	/// The session whose validators get finality.
	pub session: SessionIndex,
}

impl<T: Config> Pallet<T> {
	/// Asks GRANDPA for the forced change that the session which starts now has been waiting for. GRANDPA is told of the session's
	/// validators after this, in the same block.
	pub(crate) fn force_hand_over(starting: SessionIndex) {
		if let Some(hand_over) = Stalled::<T>::get().filter(|hand_over| hand_over.session <= starting) {
			Stalled::<T>::kill();
			// Root's call has no other way to fail than by its origin.
			let _ = pallet_grandpa::Pallet::<T>::note_stalled(
				RawOrigin::Root.into(),
				hand_over.delay_blocks,
				hand_over.best_finalised,
			);
		}
	}
}

impl<T: Config> ShouldEndSession<BlockNumberFor<T>> for Pallet<T> {
	fn should_end_session(now: BlockNumberFor<T>) -> bool {
		T::Sessions::should_end_session(now) || Stalled::<T>::exists()
	}
}
