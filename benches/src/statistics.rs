//! What many samples come down to.

/// The middle of some samples, and how far they lie apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
	/// The middle sample, or the mean of the middle two.
	pub median: f64,
	/// The lowest sample.
	pub min: f64,
	/// The highest sample.
	pub max: f64,
}

fn sorted(samples: &[f64]) -> Vec<f64> {
	let mut sorted = samples.to_vec();
	sorted.sort_by(f64::total_cmp);
	sorted
}

/// Median and spread; `None` without a sample.
pub fn spread(samples: &[f64]) -> Option<Spread> {
	let sorted = sorted(samples);
	let (min, max) = (*sorted.first()?, *sorted.last()?);
	let upper = sorted.len() / 2;
	let lower = (sorted.len() - 1) / 2;
	Some(Spread {
		median: (sorted[lower] + sorted[upper]) / 2.0,
		min,
		max,
	})
}

/// The nearest-rank percentile: the lowest sample that at least `percent` (above 0, at most 100) of all samples do not exceed.
/// It is one of the samples, never a value between two. `None` without a sample.
pub fn percentile(samples: &[f64], percent: f64) -> Option<f64> {
	let sorted = sorted(samples);
	// In this order, for 0.07 times 100 is more than 7.
	let rank = (percent * sorted.len() as f64 / 100.0).ceil() as usize;
	sorted.get(rank.max(1) - 1).or(sorted.last()).copied()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_median_is_the_middle_sample_or_lies_between_two() {
		for (samples, median, min, max) in [
			(&[7.0][..], 7.0, 7.0, 7.0),
			(&[3.0, 1.0][..], 2.0, 1.0, 3.0),
			(&[9.0, 1.0, 5.0][..], 5.0, 1.0, 9.0),
			(&[4.0, 1.0, 100.0, 2.0][..], 3.0, 1.0, 100.0),
			(&[5.0, 4.0, 3.0, 2.0, 1.0][..], 3.0, 1.0, 5.0),
		] {
			assert_eq!(spread(samples), Some(Spread { median, min, max }), "{samples:?}");
		}
		assert_eq!(spread(&[]), None);
	}

	#[test]
	fn a_percentile_is_the_nearest_rank() {
		// The example of the definition: ranks 1, 2, 2, 3 and 5 of five.
		let five = [50.0, 15.0, 40.0, 20.0, 35.0];
		for (percent, sample) in [
			(5.0, 15.0),
			(30.0, 20.0),
			(40.0, 20.0),
			(50.0, 35.0),
			(100.0, 50.0),
		] {
			assert_eq!(percentile(&five, percent), Some(sample), "{percent} %");
		}
		let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
		assert_eq!(percentile(&hundred, 50.0), Some(50.0));
		assert_eq!(percentile(&hundred, 99.0), Some(99.0));
		let thousand: Vec<f64> = (1..=1_000).map(f64::from).collect();
		assert_eq!(percentile(&thousand, 99.0), Some(990.0));
	}

	#[test]
	fn the_ninety_ninth_of_few_samples_is_the_highest() {
		assert_eq!(percentile(&[1.0, 2.0, 3.0], 99.0), Some(3.0));
		assert_eq!(percentile(&[4.0], 50.0), Some(4.0));
		assert_eq!(percentile(&[], 50.0), None);
	}
}
