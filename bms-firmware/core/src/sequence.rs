//! Sequences that are never used twice: a counter that is reserved ahead.
//!
//! A sequence used twice would be refused as a replay and, worse, would repeat a nonce of the sealing key. So a device
//! writes down how far it may count **before** it counts: 64 sequences for one write. After power loss it goes on behind
//! everything that it may have used. What it skips is a gap, which the ledger counts and takes.

use crate::{
	platform::{Copies, NonVolatile, Record},
	twin::{Twin, TwinError},
};

/// Sequences that one write reserves, and the longest gap that one loss of power makes: the width of the ledger's window,
/// so that frames from before and after the loss can still be told apart when they arrive in any order.
pub const RESERVE_AHEAD: u64 = passport_primitives::telemetry::window::WINDOW_BITS;

const RECORDS: [Record; 2] = [Record::Sequence(Copies::First), Record::Sequence(Copies::Second)];

/// Why there is no next sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SequenceError<E: core::fmt::Debug> {
	/// The counter could not be read.
	#[error("the sequence counter can not be read: {0}")]
	Stored(#[from] TwinError<E>),
	/// The counter could not be reserved ahead.
	#[error("sequences can not be reserved: {0:?}")]
	Memory(E),
	/// A counter is there already: provisioning again would repeat sequences.
	#[error("the sequence counter was provisioned before")]
	AlreadyProvisioned,
	/// 2^64 sequences were used.
	#[error("no sequence is left")]
	Exhausted,
}

/// The counter of a device.
pub struct SequenceReservation {
	twin: Twin<8>,
	/// The last one given out, or skipped.
	last: u64,
	/// The last one that may be given out without writing.
	reserved: u64,
}

impl SequenceReservation {
	/// Makes the counter at the factory; the first sequence will be the one after `last_used`.
	///
	/// A counter whose copies are both damaged may be provisioned again, with a `last_used` above whatever the ledger has
	/// seen; one that is good may not.
	pub fn provision<N: NonVolatile>(
		memory: &mut N,
		last_used: u64,
	) -> Result<Self, SequenceError<N::Error>> {
		match Twin::<8>::open(memory, RECORDS) {
			Ok(_) => return Err(SequenceError::AlreadyProvisioned),
			Err(TwinError::NotProvisioned | TwinError::Lost) => {}
			Err(error) => return Err(error.into()),
		}
		let twin =
			Twin::provision(memory, RECORDS, &last_used.to_le_bytes()).map_err(SequenceError::Memory)?;
		Ok(SequenceReservation {
			twin,
			last: last_used,
			reserved: last_used,
		})
	}

	/// Reads the counter after power came back.
	pub fn open<N: NonVolatile>(memory: &mut N) -> Result<Self, SequenceError<N::Error>> {
		let (twin, value) = Twin::open(memory, RECORDS)?;
		let reserved = u64::from_le_bytes(value);
		Ok(SequenceReservation {
			twin,
			last: reserved,
			reserved,
		})
	}

	/// The next sequence. Writes once in [`RESERVE_AHEAD`] calls.
	pub fn next<N: NonVolatile>(&mut self, memory: &mut N) -> Result<u64, SequenceError<N::Error>> {
		let next = self.last.checked_add(1).ok_or(SequenceError::Exhausted)?;
		if next > self.reserved {
			let reserved = self.last.saturating_add(RESERVE_AHEAD);
			self.twin
				.write(memory, &reserved.to_le_bytes())
				.map_err(SequenceError::Memory)?;
			self.reserved = reserved;
		}
		self.last = next;
		Ok(next)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::power_cut::{PowerCut, PowerCutMemory, Tear};
	use proptest::prelude::*;
	use std::vec::Vec;

	/// Counts until power is lost or `most` sequences were given out.
	fn run(memory: &mut PowerCutMemory, most: usize) -> Vec<u64> {
		let mut given = Vec::new();
		let Ok(mut sequences) = SequenceReservation::open(memory) else {
			return given;
		};
		while given.len() < most {
			match sequences.next(memory) {
				Ok(sequence) => given.push(sequence),
				Err(_) => break,
			}
		}
		given
	}

	#[test]
	fn the_first_sequence_is_one_and_the_rest_follow_without_a_gap() {
		let mut memory = PowerCutMemory::new();
		let mut sequences = SequenceReservation::provision(&mut memory, 0).unwrap();
		let given: Vec<_> = (0..200).map(|_| sequences.next(&mut memory).unwrap()).collect();
		assert_eq!(given, (1..=200).collect::<Vec<_>>());
		// Two copies each: one provisioning and one reservation in 64.
		assert_eq!(memory.writes, 2 * (1 + 200u32.div_ceil(64)));
	}

	#[test]
	fn a_counter_is_provisioned_once() {
		let mut memory = PowerCutMemory::new();
		assert!(matches!(
			SequenceReservation::open(&mut memory),
			Err(SequenceError::Stored(TwinError::NotProvisioned))
		));
		SequenceReservation::provision(&mut memory, 0).unwrap();
		assert!(matches!(
			SequenceReservation::provision(&mut memory, 0),
			Err(SequenceError::AlreadyProvisioned)
		));
	}

	#[test]
	fn provisioning_that_was_cut_can_be_done_again_and_gives_out_nothing_before() {
		for tear in Tear::ALL {
			for cut in 0..2 {
				let mut memory = PowerCutMemory::new();
				memory.cut_after(cut, tear);
				assert!(SequenceReservation::provision(&mut memory, 0).is_err());
				memory.restore_power();
				match SequenceReservation::provision(&mut memory, 0) {
					Ok(_) | Err(SequenceError::AlreadyProvisioned) => {}
					Err(error) => panic!("{tear:?} at {cut}: {error}"),
				}
				assert_eq!(run(&mut memory, 3), [1, 2, 3]);
			}
		}
	}

	#[test]
	fn the_last_sequence_is_the_last() {
		let mut memory = PowerCutMemory::new();
		let mut sequences = SequenceReservation::provision(&mut memory, u64::MAX - 1).unwrap();
		assert_eq!(sequences.next(&mut memory), Ok(u64::MAX));
		assert_eq!(
			sequences.next(&mut memory),
			Err(SequenceError::<PowerCut>::Exhausted)
		);
	}

	#[test]
	fn no_sequence_is_given_out_that_power_loss_at_any_write_could_repeat() {
		// Four reservations of two writes each: cut at each of them, in each way.
		for tear in Tear::ALL {
			for cut in 0..8 {
				let mut memory = PowerCutMemory::new();
				SequenceReservation::provision(&mut memory, 0).unwrap();
				memory.cut_after(cut, tear);
				let before = run(&mut memory, 4 * 64);
				memory.restore_power();
				let after = run(&mut memory, 10);
				let (last, first) = (before.last().copied().unwrap_or(0), after[0]);
				assert!(first > last, "{tear:?} at write {cut}: {first} after {last}");
				assert!(
					first - last <= RESERVE_AHEAD + 1,
					"{tear:?} at write {cut}: {first} after {last}"
				);
			}
		}
	}

	proptest! {
		/// Boots one after the other, each cut at some write in some way, or not at all.
		#[test]
		fn sequences_only_grow_over_any_number_of_power_cuts(
			boots in prop::collection::vec((0u32..6, 0usize..6, 0usize..200), 1..60),
		) {
			let mut memory = PowerCutMemory::new();
			SequenceReservation::provision(&mut memory, 0).unwrap();
			let mut last = 0;
			for (cut, tear, most) in boots {
				memory.cut_after(cut, Tear::ALL[tear]);
				let given = run(&mut memory, most);
				memory.restore_power();
				for sequence in given {
					prop_assert!(sequence > last);
					last = sequence;
				}
				prop_assert!(SequenceReservation::open(&mut memory).is_ok());
			}
		}
	}
}
