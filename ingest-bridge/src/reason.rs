//! Why a message becomes a dead letter.

use crate::plain_json::PlainRefusal;
use passport_primitives::telemetry::FrameRefusal;
use std::fmt;

/// Why a message does not get onto the ledger: one of the ledger's refusals, or one that only the bridge can
/// give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
	/// A refusal that the ledger knows too, whether it or the bridge gave it.
	Frame(FrameRefusal),
	/// Longer than a frame can be.
	Oversized,
	/// The topic's battery has no device on the ledger.
	UnknownBattery,
	/// The topic is none that frames travel on.
	UnexpectedTopic,
	/// Plain JSON that the bridge can not sign for a battery.
	PlainJson(PlainRefusal),
}

impl Reason {
	/// Every reason, for counters that shall exist before they count.
	pub fn all() -> impl Iterator<Item = Reason> {
		FrameRefusal::ALL
			.into_iter()
			.map(Reason::Frame)
			.chain([Reason::Oversized, Reason::UnknownBattery, Reason::UnexpectedTopic])
			.chain(PlainRefusal::ALL.map(Reason::PlainJson))
	}

	/// The name in metrics and dead letters.
	pub const fn name(self) -> &'static str {
		match self {
			Reason::Frame(refusal) => refusal.name(),
			Reason::Oversized => "oversized",
			Reason::UnknownBattery => "unknown_battery",
			Reason::UnexpectedTopic => "unexpected_topic",
			Reason::PlainJson(refusal) => refusal.name(),
		}
	}

	/// Whether the answer may be another one when the ledger is asked again: keys are rotated, devices are
	/// registered and reset. The other reasons lie in the message itself.
	pub const fn depends_on_ledger(self) -> bool {
		match self {
			Reason::UnknownBattery => true,
			Reason::Oversized | Reason::UnexpectedTopic => false,
			Reason::PlainJson(refusal) => matches!(refusal, PlainRefusal::OtherDevice),
			Reason::Frame(refusal) => match refusal {
				FrameRefusal::UnknownDevice
				| FrameRefusal::DeviceNotActive
				| FrameRefusal::PassportNotActive
				| FrameRefusal::WrongKeyEpoch
				| FrameRefusal::Replayed
				| FrameRefusal::TooOld
				| FrameRefusal::SequenceLeap
				| FrameRefusal::BadSignature => true,
				FrameRefusal::Malformed | FrameRefusal::Stale | FrameRefusal::FromTheFuture => false,
			},
		}
	}
}

impl fmt::Display for Reason {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		formatter.write_str(self.name())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::collections::HashSet;

	#[test]
	fn each_reason_has_a_name_of_its_own() {
		let names: HashSet<_> = Reason::all().map(Reason::name).collect();
		assert_eq!(names.len(), Reason::all().count());
		assert_eq!(names.len(), FrameRefusal::ALL.len() + 3 + PlainRefusal::ALL.len());
	}
}
