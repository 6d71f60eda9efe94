//! What every `passport_*` method answers.

use crate::block::{BlockNumber, Hash};
use serde::Serialize;

/// A value and the block that it was read at: a value of the ledger means nothing without its block.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer<T> {
	/// Hash of the block.
	pub at: Hash,
	/// Height of the block.
	pub block_number: BlockNumber,
	/// Whether the block can no longer be undone. Act on values that are.
	pub finalised: bool,
	/// What was asked for.
	pub value: T,
}

impl<T> Answer<T> {
	/// The same answer with something else made of its value.
	pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
		Answer {
			at: self.at,
			block_number: self.block_number,
			finalised: self.finalised,
			value: change(self.value),
		}
	}
}
