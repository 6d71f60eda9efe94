//! The two clocks: the world's, which frames are checked against, and one that never jumps, for ages.

use std::{
	fmt,
	sync::Arc,
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
