//! Collects readings and says when a frame of them is due.

use passport_primitives::telemetry::{Reading, MAX_READINGS};

use crate::policy::Urgency;

/// When a frame closes that no alert closes before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameLimits {
	/// At this many readings; what the buffer holds is the most.
	pub readings: u8,
	/// When the oldest reading is this old, in seconds: the protocol's table 9.2 wants telemetry every 60 s.
	pub age_seconds: u32,
}

/// Up to `N` readings that no frame carries yet, in the order of their times. 1 to 255.
pub struct Sampler<const N: usize> {
	readings: [Reading; N],
	count: usize,
	alert: bool,
	limits: FrameLimits,
}

impl<const N: usize> Sampler<N> {
	/// Empty.
	pub fn new(limits: FrameLimits) -> Self {
		const { assert!(N >= 1 && N <= MAX_READINGS) };
		Sampler {
			readings: [Reading::default(); N],
			count: 0,
			alert: false,
			limits,
		}
	}

	/// Closes by other limits from now on.
	pub fn set_limits(&mut self, limits: FrameLimits) {
		self.limits = limits;
	}

	/// What was collected.
	pub fn readings(&self) -> &[Reading] {
		&self.readings[..self.count]
	}

	/// Whether an alert is among them.
	pub const fn urgency(&self) -> Urgency {
		if self.alert {
			Urgency::Alert
		} else {
			Urgency::Routine
		}
	}

	/// Whether a reading has a place behind the others: there is room, and its time is not before theirs (a clock that was
	/// set back) nor further behind than a frame can tell.
	pub fn accepts(&self, reading: &Reading) -> bool {
		self.count < N && self.is_in_order(reading)
	}

	fn is_in_order(&self, reading: &Reading) -> bool {
		let (Some(first), Some(last)) = (self.readings().first(), self.readings().last()) else {
			return true;
		};
		reading.time_seconds >= last.time_seconds
			&& reading.time_seconds - first.time_seconds <= u64::from(u32::MAX)
	}

	/// Takes a reading and returns how many readings had to give way.
	///
	/// Where it has no place, a routine reading is not taken, and an alert takes the place of the oldest reading, or of all
	/// when its time is before theirs.
	pub fn push(&mut self, reading: &Reading, urgency: Urgency) -> usize {
		let mut lost = 0;
		if !self.accepts(reading) {
			if urgency == Urgency::Routine {
				return 1;
			}
			lost = if self.is_in_order(reading) { 1 } else { self.count };
			self.remove_first(lost);
		}
		self.readings[self.count] = *reading;
		self.count += 1;
		self.alert |= urgency == Urgency::Alert;
		lost
	}

	/// Whether a frame is due at the time of the newest reading.
	pub fn is_due(&self) -> bool {
		let (Some(first), Some(last)) = (self.readings().first(), self.readings().last()) else {
			return false;
		};
		self.alert
			|| self.count >= N.min(usize::from(self.limits.readings))
			|| last.time_seconds - first.time_seconds >= u64::from(self.limits.age_seconds)
	}

	/// Removes the oldest readings, after a frame carries them.
	pub fn remove_first(&mut self, count: usize) {
		let count = count.min(self.count);
		self.readings.copy_within(count..self.count, 0);
		self.count -= count;
		self.alert &= self.count > 0;
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use std::vec::Vec;

	fn at(time_seconds: u64) -> Reading {
		Reading {
			time_seconds,
			..Reading::default()
		}
	}

	fn times<const N: usize>(sampler: &Sampler<N>) -> Vec<u64> {
		sampler
			.readings()
			.iter()
			.map(|reading| reading.time_seconds)
			.collect()
	}

	const LIMITS: FrameLimits = FrameLimits {
		readings: 4,
		age_seconds: 60,
	};

	#[test]
	fn a_frame_is_due_by_count_by_age_or_at_once() {
		let mut sampler = Sampler::<8>::new(LIMITS);
		assert!(!sampler.is_due());
		for time in 0..3 {
			sampler.push(&at(time), Urgency::Routine);
			assert!(!sampler.is_due());
		}
		sampler.push(&at(3), Urgency::Routine);
		assert!(sampler.is_due(), "by count");

		let mut sampler = Sampler::<8>::new(LIMITS);
		sampler.push(&at(100), Urgency::Routine);
		sampler.push(&at(159), Urgency::Routine);
		assert!(!sampler.is_due());
		sampler.push(&at(160), Urgency::Routine);
		assert!(sampler.is_due(), "by age");

		let mut sampler = Sampler::<8>::new(LIMITS);
		sampler.push(&at(100), Urgency::Alert);
		assert!(sampler.is_due(), "at once");
		assert_eq!(sampler.urgency(), Urgency::Alert);
		sampler.remove_first(1);
		assert_eq!(sampler.urgency(), Urgency::Routine);
	}

	#[test]
	fn a_small_buffer_is_due_when_it_is_full() {
		let mut sampler = Sampler::<2>::new(LIMITS);
		sampler.push(&at(0), Urgency::Routine);
		sampler.push(&at(1), Urgency::Routine);
		assert!(sampler.is_due());
	}

	#[test]
	fn a_reading_from_before_the_others_has_no_place_and_an_alert_makes_one() {
		let mut sampler = Sampler::<8>::new(LIMITS);
		sampler.push(&at(100), Urgency::Routine);
		sampler.push(&at(101), Urgency::Routine);
		assert!(!sampler.accepts(&at(99)));
		assert_eq!(sampler.push(&at(99), Urgency::Routine), 1);
		assert_eq!(times(&sampler), [100, 101]);
		assert_eq!(sampler.push(&at(99), Urgency::Alert), 2);
		assert_eq!(times(&sampler), [99]);
	}

	#[test]
	fn a_full_buffer_keeps_what_it_has_and_takes_an_alert_for_its_oldest() {
		let mut sampler = Sampler::<2>::new(LIMITS);
		sampler.push(&at(1), Urgency::Routine);
		sampler.push(&at(2), Urgency::Routine);
		assert_eq!(sampler.push(&at(3), Urgency::Routine), 1);
		assert_eq!(times(&sampler), [1, 2]);
		assert_eq!(sampler.push(&at(3), Urgency::Alert), 1);
		assert_eq!(times(&sampler), [2, 3]);
	}

	proptest! {
		#[test]
		fn readings_stay_in_order_and_every_one_is_kept_or_counted_as_lost(
			steps in prop::collection::vec((0u64..50, any::<bool>(), 0usize..4), 1..100),
		) {
			let mut sampler = Sampler::<5>::new(LIMITS);
			let (mut pushed, mut lost, mut removed) = (0, 0, 0);
			for (time, alert, remove) in steps {
				let urgency = if alert { Urgency::Alert } else { Urgency::Routine };
				lost += sampler.push(&at(time), urgency);
				pushed += 1;
				prop_assert!(times(&sampler).is_sorted());
				if alert {
					prop_assert_eq!(times(&sampler).last().copied(), Some(time));
				}
				removed += remove.min(sampler.readings().len());
				sampler.remove_first(remove);
				prop_assert_eq!(pushed, lost + removed + sampler.readings().len());
			}
		}
	}
}
