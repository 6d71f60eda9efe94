//! Randomness that is the same on every run.

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::identity::derive_bytes;

/// A stream of numbers that follows from purpose, seed and index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Random(ChaCha8Rng);

impl Random {
	pub(crate) fn derive(purpose: &str, seed: &str, index: u32) -> Self {
		Random(ChaCha8Rng::from_seed(derive_bytes(purpose, seed, index)))
	}

	/// From 0 up to, not including, 1.
	pub(crate) fn unit(&mut self) -> f64 {
		// 53 bits: every value has one exact representation.
		(self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
	}

	pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
		low + (high - low) * self.unit()
	}

	/// Around 0 with deviation 1, never beyond 6: a sum of uniform numbers, which needs no logarithm.
	pub(crate) fn normal(&mut self) -> f64 {
		(0..12).map(|_| self.unit()).sum::<f64>() - 6.0
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn numbers_have_the_mean_and_deviation_they_say() {
		let mut random = Random::derive("test", "seed", 0);
		let count = 20_000;
		let values: Vec<_> = (0..count).map(|_| random.normal()).collect();
		let mean = values.iter().sum::<f64>() / f64::from(count);
		let variance = values
			.iter()
			.map(|value| (value - mean) * (value - mean))
			.sum::<f64>()
			/ f64::from(count);
		assert!(mean.abs() < 0.03, "{mean}");
		assert!((variance - 1.0).abs() < 0.05, "{variance}");
		assert!((0..count).all(|_| (0.0..1.0).contains(&random.unit())));
	}
}
