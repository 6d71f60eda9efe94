//! How long to wait before the next try.

use std::time::Duration;

/// Waits that double from one failure to the next, up to a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
	least: Duration,
	most: Duration,
	next: Duration,
}

/// Not a range of waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the shortest wait must be above zero and not above the longest")]
pub struct InvalidBackoff;

impl Backoff {
	/// From the shortest wait to the longest.
	pub fn try_new(least: Duration, most: Duration) -> Result<Self, InvalidBackoff> {
		if least.is_zero() || least > most {
			return Err(InvalidBackoff);
		}
		Ok(Backoff {
			least,
			most,
			next: least,
		})
	}

	/// Counts a failure and says how long to wait.
	pub fn wait(&mut self) -> Duration {
		let wait = self.next;
		self.next = (self.next * 2).min(self.most);
		wait
	}

	/// Counts a success.
	pub fn succeed(&mut self) {
		self.next = self.least;
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn waits_double_up_to_the_limit_and_start_again_after_a_success() {
		let ms = Duration::from_millis;
		let mut backoff = Backoff::try_new(ms(100), ms(500)).unwrap();
		assert_eq!(
			[(); 5].map(|()| backoff.wait()),
			[100, 200, 400, 500, 500].map(ms)
		);
		backoff.succeed();
		assert_eq!(backoff.wait(), ms(100));
		assert_eq!(Backoff::try_new(ms(0), ms(1)), Err(InvalidBackoff));
		assert_eq!(Backoff::try_new(ms(2), ms(1)), Err(InvalidBackoff));
	}
}
