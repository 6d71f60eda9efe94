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
	/// Not checked: its device has sent too many badly signed frames in this second ([`crate::signatures`]).
	Flood,
	/// It was sent, its end is not known, and by now it is so far behind that the ledger does not tell.
	OutcomeUnknown,
	/// Plain JSON that the bridge can not sign for a battery.
	PlainJson(PlainRefusal),
}

impl Reason {
	/// Every reason, for counters that shall exist before they count.
	pub fn all() -> impl Iterator<Item = Reason> {
		FrameRefusal::ALL
			.into_iter()
			.map(Reason::Frame)
			.chain([
				Reason::Oversized,
				Reason::UnknownBattery,
				Reason::UnexpectedTopic,
				Reason::Flood,
				Reason::OutcomeUnknown,
			])
			.chain(PlainRefusal::ALL.map(Reason::PlainJson))
	}

	/// The name in metrics and dead letters.
	pub const fn name(self) -> &'static str {
		match self {
			Reason::Frame(refusal) => refusal.name(),
			Reason::Oversized => "oversized",
			Reason::UnknownBattery => "unknown_battery",
			Reason::UnexpectedTopic => "unexpected_topic",
			Reason::Flood => "flood",
			Reason::OutcomeUnknown => "outcome_unknown",
			Reason::PlainJson(refusal) => refusal.name(),
		}
	}

	/// Whether the answer may be another one when the ledger is asked again: keys are rotated, devices are
	/// registered and reset. The other reasons lie in the message itself.
	pub const fn depends_on_ledger(self) -> bool {
		match self {
			Reason::UnknownBattery => true,
			Reason::Oversized | Reason::UnexpectedTopic | Reason::Flood | Reason::OutcomeUnknown => false,
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

	/// Whether the message may be good, and becomes so by what someone does on the ledger: a device is registered or activated, a key
	/// epoch started. Its letter must not get lost. A bad signature is none of them, since whoever can publish makes as many as he likes;
	/// nor is plain JSON of a battery that another bridge has the key of.
	pub const fn can_heal(self) -> bool {
		match self {
			Reason::UnknownBattery => true,
			Reason::Oversized | Reason::UnexpectedTopic | Reason::Flood | Reason::OutcomeUnknown => false,
			Reason::PlainJson(refusal) => matches!(refusal, PlainRefusal::OtherDevice),
			Reason::Frame(refusal) => matches!(
				refusal,
				FrameRefusal::UnknownDevice
					| FrameRefusal::DeviceNotActive
					| FrameRefusal::PassportNotActive
					| FrameRefusal::WrongKeyEpoch
			),
		}
	}
}

/// [`Reason::can_heal`] of the reason with this name, as dead letters have it.
pub fn name_can_heal(name: &str) -> bool {
	Reason::all().any(|reason| reason.can_heal() && reason.name() == name)
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
		for reason in Reason::all() {
			assert_eq!(name_can_heal(reason.name()), reason.can_heal(), "{reason}");
		}
		assert_eq!(names.len(), FrameRefusal::ALL.len() + 5 + PlainRefusal::ALL.len());
	}
}
