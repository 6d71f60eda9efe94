//! What must survive of batteries that the bridge signs for: the next sequence of each device, and which messages it has in frames.
//!
//! Both are written with the frame, all or nothing, before the message is acknowledged. So a sequence is never used for two frames,
//! and a message that the broker sends again is known, wherever the bridge was killed.

use super::{decode, family, Store, StoreError, PLAIN_JSON};
use codec::{Decode, Encode};
use rocksdb::IteratorMode;

/// Of so many messages of a battery it is remembered that they are in frames. A broker sends again what was on its way when the
/// connection was cut; of one battery, which sends once a minute, that is an hour's.
pub const REMEMBERED_MESSAGES: usize = 64;

/// What is known of a device whose key this bridge holds.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SealedState {
	/// Sequence of the next frame.
	pub next_sequence: u64,
	/// SHA-256 of the last messages that are in frames, oldest first, at most [`REMEMBERED_MESSAGES`].
	pub messages: Vec<[u8; 32]>,
}

impl SealedState {
	/// Before the first frame.
	pub const fn starting_at(next_sequence: u64) -> Self {
		SealedState {
			next_sequence,
			messages: Vec::new(),
		}
	}

	/// Notes that a message is in the frame of the next sequence.
	pub fn sealed(&mut self, message: [u8; 32]) {
		self.next_sequence = self.next_sequence.saturating_add(1);
		if self.messages.len() >= REMEMBERED_MESSAGES {
			self.messages.remove(0);
		}
		self.messages.push(message);
	}
}

impl Store {
	/// What is known of every device whose key this bridge holds.
	pub fn sealed_states(&self) -> Result<Vec<(u32, SealedState)>, StoreError> {
		self.with(|database| {
			database
				.iterator_cf(family(database, PLAIN_JSON)?, IteratorMode::Start)
				.map(|entry| {
					let (key, value) = entry?;
					let device = (*key)
						.try_into()
						.map_err(|_| StoreError::Unreadable { family: PLAIN_JSON })?;
					Ok((u32::from_be_bytes(device), decode(&value, PLAIN_JSON)?))
				})
				.collect()
		})
	}

	/// Whether this bridge has sealed frames of the device: then it alone makes them.
	pub fn seals_for(&self, device: u32) -> Result<bool, StoreError> {
		self.with(|database| {
			let stored = database.get_pinned_cf(family(database, PLAIN_JSON)?, device.to_be_bytes())?;
			Ok(stored.is_some())
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::store::{Changes, Durability};

	#[test]
	fn sequences_and_messages_survive_a_restart_and_the_oldest_message_is_forgotten() {
		let directory = tempfile::tempdir().unwrap();
		let store = Store::open(directory.path(), 10).unwrap();
		let mut state = SealedState::starting_at(7);
		for number in 0..=REMEMBERED_MESSAGES {
			state.sealed([number as u8; 32]);
		}
		assert_eq!(state.next_sequence, 8 + REMEMBERED_MESSAGES as u64);
		assert_eq!(state.messages.len(), REMEMBERED_MESSAGES);
		assert!(!state.messages.contains(&[0; 32]));
		assert!(state.messages.contains(&[REMEMBERED_MESSAGES as u8; 32]));
		let changes = Changes {
			sealed: vec![(3, SealedState::starting_at(1)), (300, state.clone())],
			..Changes::default()
		};
		store.commit(&changes, Durability::Synced).unwrap();
		drop(store);
		let store = Store::open(directory.path(), 10).unwrap();
		assert_eq!(
			store.sealed_states().unwrap(),
			[(3, SealedState::starting_at(1)), (300, state)]
		);
	}
}
