//! The sliding window that takes each sequence once, late ones too: as IPsec (RFC 4303 section 3.4.3) and DTLS do.
//!
//! Frames come late when an alert overtakes them or a full outbox is sent after the link is back. Gaps are allowed and
//! counted; they are what a battery skips over after power loss.

use serde::{Serialize, Serializer};

/// Sequences below the highest that can still be told apart.
pub const WINDOW_BITS: u64 = 64;

/// Furthest that a sequence may be ahead of the highest: 2^32 frames are 8,000 years of one a minute, and a device whose
/// counter is broken can not burn its whole sequence space with one frame.
pub const MAX_SEQUENCE_STEP: u64 = 1 << 32;

/// Why a sequence is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowRefusal {
	/// Taken before.
	Replayed,
	/// More than [`WINDOW_BITS`] behind the highest.
	TooOld,
	/// More than [`MAX_SEQUENCE_STEP`] ahead of the highest.
	Leap,
}

on_chain! {
	/// Highest sequence taken and which of the 64 up to it were taken. Sequences start at 1: 0 means none was.
	#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
	#[serde(rename_all = "camelCase")]
	pub struct SequenceWindow {
		highest: u64,
		// 64 bits do not fit the numbers of JavaScript: hex, with bit 0 for the highest.
		#[serde(serialize_with = "as_hex")]
		taken: u64,
	}
}

fn as_hex<S: Serializer>(bits: &u64, serializer: S) -> Result<S::Ok, S::Error> {
	serializer.collect_str(&format_args!("0x{bits:016x}"))
}

impl SequenceWindow {
	/// The highest sequence that was taken; 0 when none was.
	pub const fn highest(&self) -> u64 {
		self.highest
	}

	/// Whether `sequence` would be taken.
	pub const fn check(&self, sequence: u64) -> Result<(), WindowRefusal> {
		if sequence > self.highest {
			return if sequence - self.highest > MAX_SEQUENCE_STEP {
				Err(WindowRefusal::Leap)
			} else {
				Ok(())
			};
		}
		let behind = self.highest - sequence;
		if sequence == 0 || behind >= WINDOW_BITS {
			Err(WindowRefusal::TooOld)
		} else if self.taken & (1 << behind) != 0 {
			Err(WindowRefusal::Replayed)
		} else {
			Ok(())
		}
	}

	/// Takes `sequence`.
	pub const fn take(&mut self, sequence: u64) -> Result<(), WindowRefusal> {
		if let Err(refusal) = self.check(sequence) {
			return Err(refusal);
		}
		if sequence > self.highest {
			let step = sequence - self.highest;
			self.taken = if step >= WINDOW_BITS {
				0
			} else {
				self.taken << step
			};
			self.taken |= 1;
			self.highest = sequence;
		} else {
			self.taken |= 1 << (self.highest - sequence);
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use std::collections::BTreeSet;

	#[test]
	fn late_frames_are_taken_once() {
		let mut window = SequenceWindow::default();
		assert_eq!(window.take(70), Ok(()));
		assert_eq!(window.take(7), Ok(()));
		assert_eq!(window.take(7), Err(WindowRefusal::Replayed));
		assert_eq!(window.take(6), Err(WindowRefusal::TooOld));
		assert_eq!(window.take(70), Err(WindowRefusal::Replayed));
		assert_eq!(window.take(0), Err(WindowRefusal::TooOld));
		assert_eq!(window.take(70 + MAX_SEQUENCE_STEP + 1), Err(WindowRefusal::Leap));
		assert_eq!(window.take(70 + MAX_SEQUENCE_STEP), Ok(()));
	}

	#[test]
	fn sequence_zero_is_never_taken() {
		assert_eq!(SequenceWindow::default().take(0), Err(WindowRefusal::TooOld));
	}

	proptest! {
		/// The window against the plain definition: a set of everything that was taken.
		#[test]
		fn the_window_is_a_set_that_forgets_only_what_is_too_old(sequences in prop::collection::vec(0u64..300, 1..400)) {
			let mut window = SequenceWindow::default();
			let mut taken = BTreeSet::new();
			for sequence in sequences {
				let highest = taken.last().copied().unwrap_or(0);
				let expected = if sequence > highest {
					Ok(())
				} else if sequence == 0 || highest - sequence >= WINDOW_BITS {
					Err(WindowRefusal::TooOld)
				} else if taken.contains(&sequence) {
					Err(WindowRefusal::Replayed)
				} else {
					Ok(())
				};
				prop_assert_eq!(window.take(sequence), expected);
				if expected.is_ok() {
					taken.insert(sequence);
				}
				prop_assert_eq!(window.highest(), taken.last().copied().unwrap_or(0));
			}
		}
	}
}
