//! Where a frame is published and how surely: the protocol's sections 4.3 and 9.2.
//!
//! | kind | when | topic | QoS |
//! |---|---|---|---|
//! | [`Urgency::Alert`] | at once | `alerts/critical` | 2, exactly once |
//! | [`Urgency::Routine`] | when a frame is full or old enough | `telemetry/frame` | 1, at least once |
//!
//! The table gives live telemetry QoS 0. A frame is more: it carries the state of health (QoS 1 in the table), it was stored
//! until now and its loss would be a gap in the battery's record. What QoS 1 delivers twice the ledger takes once, by device
//! and sequence.

use core::fmt;

use passport_primitives::{
	telemetry::command::Rates,
	topic::{FrameTopic, ROOT},
};

use crate::sampler::FrameLimits;

/// Longest time from one reading to the next that an operator may ask for, in s: the protocol's table 9.2 has telemetry every
/// 60 s.
pub const MAX_SAMPLE_SECONDS: u16 = 60;

/// Whether a device whose frames have room for so many readings can report at these rates.
pub(crate) fn are_in_bounds(rates: &Rates, room: usize) -> bool {
	(1..=MAX_SAMPLE_SECONDS).contains(&rates.sample_seconds)
		&& (1..=room).contains(&usize::from(rates.readings_per_frame))
}

/// When frames close at these rates.
pub(crate) const fn frame_limits(rates: &Rates) -> FrameLimits {
	FrameLimits {
		readings: rates.readings_per_frame,
		age_seconds: rates.readings_per_frame as u32 * rates.sample_seconds as u32,
	}
}

/// Whether a frame may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Urgency {
	/// Telemetry.
	Routine,
	/// A fault was raised: the frame closes at once, overtakes telemetry and is never dropped.
	Alert,
}

/// How surely a message arrives: MQTT's quality of service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Delivery {
	/// QoS 0.
	AtMostOnce,
	/// QoS 1.
	AtLeastOnce,
	/// QoS 2.
	ExactlyOnce,
}

impl Delivery {
	/// The number of the quality of service.
	pub const fn qos(self) -> u8 {
		self as u8
	}
}

impl Urgency {
	/// The topic that such a frame is published on.
	pub const fn topic(self) -> FrameTopic {
		match self {
			Urgency::Routine => FrameTopic::Telemetry,
			Urgency::Alert => FrameTopic::CriticalAlert,
		}
	}

	/// How surely it must arrive.
	pub const fn delivery(self) -> Delivery {
		match self {
			Urgency::Routine => Delivery::AtLeastOnce,
			Urgency::Alert => Delivery::ExactlyOnce,
		}
	}
}

/// The whole name of a topic. Display writes it without an allocator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicName<'a> {
	/// The battery's alias, or its passport id in hex.
	pub battery: &'a str,
	/// The last part.
	pub topic: FrameTopic,
}

impl fmt::Display for TopicName<'_> {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(formatter, "{ROOT}/{}/{}", self.battery, self.topic.suffix())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use passport_primitives::topic;
	use std::string::ToString;

	#[test]
	fn rates_are_bounded_by_the_protocols_table_and_by_the_devices_room() {
		for (sample_seconds, readings_per_frame, in_bounds) in [
			(1, 1, true),
			(60, 16, true),
			(0, 1, false),
			(61, 1, false),
			(1, 0, false),
			(1, 17, false),
		] {
			let rates = Rates {
				sample_seconds,
				readings_per_frame,
			};
			assert_eq!(are_in_bounds(&rates, 16), in_bounds, "{rates:?}");
		}
	}

	#[test]
	fn alerts_and_telemetry_travel_as_the_protocols_table_says() {
		for (urgency, name, qos) in [
			(
				Urgency::Routine,
				"wia/battery-passport/BAT-2025-LI-001234/telemetry/frame",
				1,
			),
			(
				Urgency::Alert,
				"wia/battery-passport/BAT-2025-LI-001234/alerts/critical",
				2,
			),
		] {
			let written = TopicName {
				battery: "BAT-2025-LI-001234",
				topic: urgency.topic(),
			}
			.to_string();
			assert_eq!(written, name);
			assert_eq!(
				topic::parse(&written),
				Some(("BAT-2025-LI-001234", urgency.topic()))
			);
			assert_eq!(urgency.delivery().qos(), qos);
		}
	}
}
