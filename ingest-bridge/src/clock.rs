//! The two clocks: the world's, which frames are checked against, and one that never jumps, for ages.

use crate::lock;
use std::{
	fmt,
	sync::{Arc, Mutex},
	time::{Duration, SystemTime},
};
use tokio::time::Instant;

/// The world's time. It stands behind a function so that a test can set it.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Duration + Send + Sync>);

impl Clock {
	/// The machine's clock. It should be kept by NTP: frames are refused by it (`check_times`).
	pub fn system() -> Self {
		Self::new(|| {
			SystemTime::now()
				.duration_since(SystemTime::UNIX_EPOCH)
				.unwrap_or_default()
		})
	}

	/// A clock that tells the time since 1970 as `now` does.
	pub fn new(now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
		Clock(Arc::new(now))
	}

	/// Seconds since 1970.
	pub fn unix_seconds(&self) -> u64 {
		(self.0)().as_secs()
	}

	/// Milliseconds since 1970.
	pub fn unix_ms(&self) -> u64 {
		u64::try_from((self.0)().as_millis()).unwrap_or(u64::MAX)
	}
}

impl fmt::Debug for Clock {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(formatter, "Clock({} ms)", self.unix_ms())
	}
}

/// The ledger's time, as final blocks tell it and a clock that never jumps carries it on. What a frame is refused for must be
/// true by this one too: a machine whose own clock has jumped would otherwise refuse every good frame.
#[derive(Debug, Default)]
pub struct LedgerTime(Mutex<Option<Told>>);

#[derive(Clone, Copy, Debug)]
struct Told {
	height: u64,
	unix_seconds: u64,
	at: Instant,
}

impl LedgerTime {
	/// A final block of this height has this time. Only a higher one counts: while finality stalls the same block is told of
	/// again and again, and the world's time goes on.
	pub fn note(&self, height: u64, unix_seconds: u64) {
		self.note_at(height, unix_seconds, Instant::now());
	}

	/// Seconds since 1970; `None` while no block was told of.
	pub fn unix_seconds(&self) -> Option<u64> {
		self.unix_seconds_at(Instant::now())
	}

	fn note_at(&self, height: u64, unix_seconds: u64, at: Instant) {
		let mut told = lock(&self.0);
		if told.is_none_or(|told| height > told.height) {
			*told = Some(Told {
				height,
				unix_seconds,
				at,
			});
		}
	}

	fn unix_seconds_at(&self, now: Instant) -> Option<u64> {
		let told = *lock(&self.0);
		told.map(|told| {
			let passed = now.saturating_duration_since(told.at);
			told.unix_seconds.saturating_add(passed.as_secs())
		})
	}
}

/// Milliseconds since the bridge started; what was stored by an earlier run has a negative time.
#[derive(Clone, Copy, Debug)]
pub struct Timeline {
	origin: Instant,
}

impl Timeline {
	/// Starts now.
	pub fn start() -> Self {
		Timeline {
			origin: Instant::now(),
		}
	}

	/// Milliseconds since the start.
	pub fn now_ms(&self) -> i64 {
		i64::try_from(self.origin.elapsed().as_millis()).unwrap_or(i64::MAX)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_ledgers_time_goes_on_while_its_blocks_do_not() {
		let time = LedgerTime::default();
		assert_eq!(time.unix_seconds(), None);
		let start = Instant::now();
		let later = start + Duration::from_secs(60);
		time.note_at(5, 1_000, start);
		assert_eq!(time.unix_seconds_at(later), Some(1_060));
		// The same block again, and an earlier one of another node.
		time.note_at(5, 1_000, later);
		time.note_at(4, 999, later);
		assert_eq!(time.unix_seconds_at(later), Some(1_060));
		time.note_at(6, 1_059, later);
		assert_eq!(time.unix_seconds_at(later), Some(1_059));
	}
}
