//! The calendar: the host's clock, by semihosting.
//!
//! QEMU's board has no real-time clock. A real board has one, or asks the network, and says `None` until it knows. The host is
//! asked each time.

/// Seconds since 1970.
pub fn unix_seconds() -> u64 {
	u64::from(crate::semihosting::unix_seconds())
}
