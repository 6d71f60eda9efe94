//! How long to wait before trying again.

use std::time::Duration;

/// Waits that double from the first to the longest, and start again after a success.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
	first: Duration,
	longest: Duration,
	next: Duration,
}

impl Backoff {
	/// From `first` to `longest`; `longest` is `first` where it would be shorter.
	pub const fn new(first: Duration, longest: Duration) -> Self {
		let longest = if longest.as_nanos() < first.as_nanos() {
			first
		} else {
			longest
		};
		Backoff {
			first,
			longest,
			next: first,
		}
	}

	/// The wait after another failure.
	pub fn failed(&mut self) -> Duration {
		let wait = self.next;
		self.next = self.next.saturating_mul(2).min(self.longest);
		wait
	}

	/// After a success.
	pub fn succeeded(&mut self) {
		self.next = self.first;
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn waits_double_up_to_the_longest_and_start_again_after_a_success() {
		let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_millis(350));
		let waits: Vec<_> = (0..4).map(|_| backoff.failed().as_millis()).collect();
		assert_eq!(waits, [100, 200, 350, 350]);
		backoff.succeeded();
		assert_eq!(backoff.failed().as_millis(), 100);
	}
}
