//! Bytes as a row of choices.

use codec::Encode;
use sp_io::hashing::blake2_256;

/// Bytes of [`random_bytes`].
pub const RANDOM_BYTES: usize = 256;

/// Takes choices from bytes, one after the other. When the bytes are used up, every choice is the first: an input that was cut
/// off is a shorter story and no error.
pub struct Choices<'a> {
	bytes: &'a [u8],
}

impl<'a> Choices<'a> {
	/// The choices that these bytes stand for.
	pub const fn new(bytes: &'a [u8]) -> Self {
		Choices { bytes }
	}

	/// Whether no byte is left.
	pub const fn are_used_up(&self) -> bool {
		self.bytes.is_empty()
	}

	/// The next byte; 0 when there is none.
	pub fn byte(&mut self) -> u8 {
		let Some((byte, rest)) = self.bytes.split_first() else {
			return 0;
		};
		self.bytes = rest;
		*byte
	}

	/// A number of two bytes: 0 to 65,535.
	pub fn number(&mut self) -> u32 {
		u32::from(self.byte()) << 8 | u32::from(self.byte())
	}

	/// A number below `bound`, of one byte where that suffices, of two otherwise; 0 without a byte where there is no choice.
	pub fn below(&mut self, bound: u32) -> u32 {
		match bound {
			0 | 1 => 0,
			2..=256 => u32::from(self.byte()) % bound,
			_ => self.number() % bound,
		}
	}

	/// One of these; `None` when there are none.
	pub fn one_of<T: Clone>(&mut self, all: &[T]) -> Option<T> {
		all.get(self.below(all.len() as u32) as usize).cloned()
	}

	/// Yes once in eight times: for what is there to be refused.
	pub fn rarely(&mut self) -> bool {
		self.byte() % 8 == 7
	}

	/// Yes half of the time.
	pub fn either(&mut self) -> bool {
		self.byte() % 2 == 1
	}
}

/// Bytes that look random and are the same everywhere and for ever: BLAKE2b-256 of seed, step and a counter. A generator of a
/// library would be another with its next version, and a seed that was written down would be worth nothing.
pub fn random_bytes(seed: u64, step: u64) -> [u8; RANDOM_BYTES] {
	let mut bytes = [0; RANDOM_BYTES];
	for (counter, chunk) in bytes.chunks_exact_mut(32).enumerate() {
		chunk.copy_from_slice(&blake2_256(&(seed, step, counter as u64).encode()));
	}
	bytes
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn choices_are_within_their_bounds_and_end_with_the_first() {
		let mut choices = Choices::new(&[255, 9, 1, 0, 7]);
		assert_eq!(choices.below(10), 5);
		assert_eq!(choices.below(1), 0);
		assert_eq!(choices.below(0), 0);
		assert_eq!(choices.one_of(&["a", "b", "c"]), Some("a"));
		assert_eq!(choices.number(), 256);
		assert!(choices.rarely());
		assert!(choices.are_used_up());
		assert_eq!(choices.below(1_000), 0);
		assert!(!choices.rarely());
		assert_eq!(choices.one_of::<u8>(&[]), None);
	}

	#[test]
	fn the_bytes_of_a_seed_never_change() {
		assert_eq!(random_bytes(1, 2), random_bytes(1, 2));
		assert_ne!(random_bytes(1, 2), random_bytes(1, 3));
		assert_ne!(random_bytes(1, 2), random_bytes(2, 2));
		let bytes = random_bytes(0, 0);
		assert_ne!(bytes[..32], bytes[32..64]);
	}
}
