//! MQTT topics of the protocol, section 4.3, and the one that frames travel on.

/// Root of every topic.
pub const ROOT: &str = "wia/battery-passport";

/// What the bridge subscribes to: the frames of every battery.
pub const FRAME_FILTER: &str = "wia/battery-passport/+/telemetry/frame";

/// What the bridge subscribes to: the alerts of every battery, which are frames too.
pub const ALERT_FILTER: &str = "wia/battery-passport/+/alerts/critical";

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
	let rest = topic.strip_prefix(ROOT)?.strip_prefix('/')?;
	let (battery, suffix) = rest.split_once('/')?;
	if battery.is_empty() {
		return None;
	}
	[FrameTopic::Telemetry, FrameTopic::CriticalAlert]
		.into_iter()
		.find(|kind| kind.suffix() == suffix)
		.map(|kind| (battery, kind))
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
}
