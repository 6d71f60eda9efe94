//! MQTT topics of the protocol, section 4.3, and those that frames and commands travel on.

use core::fmt;

/// Root of every topic.
pub const ROOT: &str = "wia/battery-passport";

/// What the bridge subscribes to: the frames of every battery.
pub const FRAME_FILTER: &str = "wia/battery-passport/+/telemetry/frame";

/// What the bridge subscribes to: the alerts of every battery, which are frames too.
pub const ALERT_FILTER: &str = "wia/battery-passport/+/alerts/critical";

/// What a bridge that signs for batteries subscribes to besides: the topics of section 4.3 that carry measurements as plain
/// JSON. `alerts/critical` is [`ALERT_FILTER`]; `events/lifecycle` carries no measurement.
pub const PLAIN_JSON_FILTERS: [&str; 5] = [
	"wia/battery-passport/+/telemetry/soh",
	"wia/battery-passport/+/telemetry/voltage",
	"wia/battery-passport/+/telemetry/temperature",
	"wia/battery-passport/+/telemetry/current",
	"wia/battery-passport/+/alerts/warning",
];

/// The part of those topics after the battery's name.
const PLAIN_JSON_SUFFIXES: [&str; 5] = [
	"telemetry/soh",
	"telemetry/voltage",
	"telemetry/temperature",
	"telemetry/current",
	"alerts/warning",
];

/// The part after the battery's name of the topic that a device takes its operator's commands from.
pub const COMMAND_SUFFIX: &str = "command";

/// The topic of a battery's commands ([`crate::telemetry::command`]), which its device subscribes to at QoS 1. Display writes it
/// without an allocator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandTopic<'a> {
	/// The battery's alias, or its passport id in hex.
	pub battery: &'a str,
}

impl fmt::Display for CommandTopic<'_> {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(formatter, "{ROOT}/{}/{COMMAND_SUFFIX}", self.battery)
	}
}

/// The last part of a topic that a frame travels on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameTopic {
	/// `telemetry/frame`: readings at the protocol's rates, QoS 1.
	Telemetry,
	/// `alerts/critical`: a frame that must not wait, QoS 2 (protocol table 9.2).
	CriticalAlert,
}

impl FrameTopic {
	/// The part of the topic after the battery's name.
	pub const fn suffix(self) -> &'static str {
		match self {
			FrameTopic::Telemetry => "telemetry/frame",
			FrameTopic::CriticalAlert => "alerts/critical",
		}
	}
}

/// Takes a topic apart into the battery's name and the kind of frame. `None` when it is no topic of a frame.
///
/// The name is the battery's alias or, since `/` separates levels, its passport id in hex: never a URL.
pub fn parse(topic: &str) -> Option<(&str, FrameTopic)> {
	let (battery, suffix) = split(topic)?;
	[FrameTopic::Telemetry, FrameTopic::CriticalAlert]
		.into_iter()
		.find(|kind| kind.suffix() == suffix)
		.map(|kind| (battery, kind))
}

/// The battery's name in a topic that only plain JSON travels on: one of [`PLAIN_JSON_FILTERS`].
pub fn parse_plain_json(topic: &str) -> Option<&str> {
	let (battery, suffix) = split(topic)?;
	PLAIN_JSON_SUFFIXES.contains(&suffix).then_some(battery)
}

/// The battery's name, and what comes after it.
fn split(topic: &str) -> Option<(&str, &str)> {
	let rest = topic.strip_prefix(ROOT)?.strip_prefix('/')?;
	rest.split_once('/').filter(|(battery, _)| !battery.is_empty())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_topic_of_the_protocol_is_taken_apart() {
		assert_eq!(
			parse("wia/battery-passport/BAT-2025-LI-001234/telemetry/frame"),
			Some(("BAT-2025-LI-001234", FrameTopic::Telemetry))
		);
		assert_eq!(
			parse("wia/battery-passport/BAT-2025-LI-001234/alerts/critical"),
			Some(("BAT-2025-LI-001234", FrameTopic::CriticalAlert))
		);
	}

	#[test]
	fn commands_travel_on_a_topic_that_no_bridge_takes_for_another() {
		let topic = CommandTopic {
			battery: "BAT-2025-LI-001234",
		}
		.to_string();
		assert_eq!(topic, "wia/battery-passport/BAT-2025-LI-001234/command");
		assert_eq!((parse(&topic), parse_plain_json(&topic)), (None, None));
	}

	#[test]
	fn other_topics_are_none() {
		for topic in [
			"wia/battery-passport//telemetry/frame",
			"wia/battery-passport/BAT/telemetry/soh",
			"wia/battery-passport/BAT/telemetry/frame/more",
			"wia/battery-passportX/BAT/telemetry/frame",
			"other/BAT/telemetry/frame",
			"",
		] {
			assert_eq!(parse(topic), None, "{topic}");
		}
	}

	#[test]
	fn plain_json_travels_on_the_topics_that_its_filters_match_and_on_no_other() {
		for (filter, suffix) in PLAIN_JSON_FILTERS.iter().zip(PLAIN_JSON_SUFFIXES) {
			let battery = filter
				.strip_prefix(ROOT)
				.and_then(|rest| rest.strip_prefix("/+/"));
			assert_eq!(battery, Some(suffix));
		}
		for topic in [
			"wia/battery-passport/BAT-2025-LI-001234/telemetry/soh",
			"wia/battery-passport/BAT-2025-LI-001234/alerts/warning",
		] {
			assert_eq!(parse_plain_json(topic), Some("BAT-2025-LI-001234"), "{topic}");
			assert_eq!(parse(topic), None, "{topic}");
		}
		for topic in [
			"wia/battery-passport/BAT-2025-LI-001234/telemetry/frame",
			"wia/battery-passport/BAT-2025-LI-001234/alerts/critical",
			"wia/battery-passport/BAT-2025-LI-001234/events/lifecycle",
			"wia/battery-passport/BAT-2025-LI-001234/telemetry/soh/more",
			"wia/battery-passport//telemetry/soh",
			"",
		] {
			assert_eq!(parse_plain_json(topic), None, "{topic}");
		}
	}
}
