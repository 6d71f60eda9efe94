//! From the outbox to the broker: what is handed over, and what its fate means.
//!
//! The machine has no clock and no socket. A board calls [`publish_next`] while it returns a frame, and [`settle`] for
//! everything that its MQTT client reports:
//!
//! | report | the frame |
//! |---|---|
//! | [`LinkEvent::Acknowledged`]: PUBACK for QoS 1, PUBCOMP for QoS 2 | is settled |
//! | [`LinkEvent::Refused`]: an acknowledgement whose reason is an error | waits again; pause before the next try |
//! | [`LinkEvent::Lost`]: the connection is gone | all that were on their way wait again, and those settled last: [`crate::outbox`] |
//!
//! An acknowledgement belongs to the connection that it came on. After [`LinkEvent::Lost`] the link must report none of the
//! connection before.

use passport_primitives::topic::FrameTopic;

use crate::{
	outbox::{Entry, Outbox},
	platform::{NonVolatile, MAX_RECORD_BYTES},
	policy::Delivery,
};

/// A frame to publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outgoing<'a> {
	/// Where to.
	pub topic: FrameTopic,
	/// How surely.
	pub delivery: Delivery,
	/// What its fate is reported by.
	pub sequence: u64,
	/// The frame.
	pub bytes: &'a [u8],
}

/// The link has no room now: not connected, or too much is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the link has no room")]
pub struct NoRoom;

/// An MQTT client.
pub trait Link {
	/// Takes a frame to publish; its fate is reported as a [`LinkEvent`].
	fn publish(&mut self, frame: Outgoing<'_>) -> Result<(), NoRoom>;
}

/// What a link reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkEvent {
	/// The broker has this frame.
	Acknowledged {
		/// Its sequence.
		sequence: u64,
	},
	/// The broker does not take this frame now.
	Refused {
		/// Its sequence.
		sequence: u64,
	},
	/// The connection is gone, and with it the fate of everything that was on its way.
	Lost,
}

/// Hands the next frame to the link and returns it; `None` when there is nothing to hand over or no room.
pub fn publish_next<N: NonVolatile, L: Link + ?Sized, const SLOTS: usize>(
	outbox: &mut Outbox<SLOTS>,
	memory: &mut N,
	link: &mut L,
	buffer: &mut [u8; MAX_RECORD_BYTES],
) -> Result<Option<Entry>, N::Error> {
	while let Some((slot, entry)) = outbox.next_to_send() {
		// A slot that rotted is freed by the attempt to read it: on to the next.
		let Some(bytes) = outbox.read(memory, slot, buffer)? else {
			continue;
		};
		let (topic, delivery) = (entry.urgency.topic(), entry.urgency.delivery());
		if link
			.publish(Outgoing {
				topic,
				delivery,
				sequence: entry.sequence,
				bytes,
			})
			.is_err()
		{
			return Ok(None);
		}
		outbox.mark_in_flight(slot);
		return Ok(Some(entry));
	}
	Ok(None)
}

/// Takes a report of the link and returns the frame that was settled by it, the first time that it is.
pub fn settle<N: NonVolatile, const SLOTS: usize>(
	outbox: &mut Outbox<SLOTS>,
	memory: &mut N,
	event: LinkEvent,
) -> Result<Option<Entry>, N::Error> {
	match event {
		LinkEvent::Acknowledged { sequence } => outbox.acknowledge(memory, sequence),
		LinkEvent::Refused { sequence } => {
			outbox.mark_waiting(sequence);
			Ok(None)
		}
		LinkEvent::Lost => {
			outbox.mark_all_waiting();
			Ok(None)
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		outbox::{
			tests::{put, BUFFER},
			WhenFull,
		},
		policy::Urgency,
		power_cut::PowerCutMemory,
	};
	use proptest::prelude::*;
	use std::{collections::BTreeSet, vec, vec::Vec};

	/// A link that takes so many frames and remembers what it took.
	#[derive(Default)]
	struct Script {
		room: usize,
		taken: Vec<(u64, FrameTopic, Delivery)>,
	}

	impl Link for Script {
		fn publish(&mut self, frame: Outgoing<'_>) -> Result<(), NoRoom> {
			self.room = self.room.checked_sub(1).ok_or(NoRoom)?;
			self.taken.push((frame.sequence, frame.topic, frame.delivery));
			Ok(())
		}
	}

	struct Bench {
		outbox: Outbox<8>,
		memory: PowerCutMemory,
		link: Script,
	}

	impl Bench {
		fn with(frames: &[(u64, Urgency)]) -> Self {
			let mut memory = PowerCutMemory::new();
			let mut outbox = Outbox::open(&mut memory, &mut BUFFER.clone()).unwrap();
			for (sequence, urgency) in frames {
				assert!(put(&mut outbox, &mut memory, *sequence, *urgency, WhenFull::Wait));
			}
			Bench {
				outbox,
				memory,
				link: Script {
					room: 10_000,
					taken: vec![],
				},
			}
		}

		fn publish(&mut self) -> Vec<u64> {
			core::iter::from_fn(|| {
				publish_next(
					&mut self.outbox,
					&mut self.memory,
					&mut self.link,
					&mut BUFFER.clone(),
				)
				.unwrap()
			})
			.map(|entry| entry.sequence)
			.collect()
		}

		fn settle(&mut self, event: LinkEvent) -> Option<u64> {
			settle(&mut self.outbox, &mut self.memory, event)
				.unwrap()
				.map(|entry| entry.sequence)
		}
	}

	#[test]
	fn a_frame_is_settled_only_when_it_is_acknowledged() {
		let mut bench = Bench::with(&[(1, Urgency::Routine), (2, Urgency::Routine)]);
		assert_eq!(bench.publish(), [1, 2]);
		assert_eq!(bench.outbox.len(), 2);
		assert_eq!(bench.publish(), [], "what is on its way is not published twice");
		assert_eq!(bench.settle(LinkEvent::Acknowledged { sequence: 2 }), Some(2));
		assert_eq!(bench.settle(LinkEvent::Acknowledged { sequence: 2 }), None);
		assert_eq!(bench.outbox.len(), 1);
	}

	#[test]
	fn a_lost_connection_publishes_again_what_was_not_acknowledged_and_what_was_lately() {
		let mut bench = Bench::with(&[
			(1, Urgency::Routine),
			(2, Urgency::Routine),
			(3, Urgency::Routine),
		]);
		bench.publish();
		bench.settle(LinkEvent::Acknowledged { sequence: 2 });
		bench.settle(LinkEvent::Lost);
		assert_eq!(
			bench.settle(LinkEvent::Acknowledged { sequence: 1 }),
			None,
			"of the connection before"
		);
		assert_eq!(
			bench.publish(),
			[1, 2, 3],
			"the broker may have forgotten the second"
		);
	}

	#[test]
	fn a_refused_frame_waits_again() {
		let mut bench = Bench::with(&[(1, Urgency::Routine)]);
		bench.publish();
		assert_eq!(bench.settle(LinkEvent::Refused { sequence: 1 }), None);
		assert_eq!(bench.outbox.len(), 1);
		assert_eq!(bench.publish(), [1]);
	}

	#[test]
	fn a_link_without_room_is_asked_again() {
		let mut bench = Bench::with(&[(1, Urgency::Routine), (2, Urgency::Routine)]);
		bench.link.room = 1;
		assert_eq!(bench.publish(), [1]);
		bench.link.room = 1;
		assert_eq!(bench.publish(), [2]);
	}

	#[test]
	fn alerts_go_first_on_their_topic_and_exactly_once() {
		let mut bench = Bench::with(&[(1, Urgency::Routine), (2, Urgency::Alert)]);
		bench.publish();
		assert_eq!(
			bench.link.taken,
			[
				(2, FrameTopic::CriticalAlert, Delivery::ExactlyOnce),
				(1, FrameTopic::Telemetry, Delivery::AtLeastOnce),
			]
		);
	}

	#[test]
	fn a_rotten_slot_does_not_stop_the_others() {
		let mut bench = Bench::with(&[(1, Urgency::Routine), (2, Urgency::Routine)]);
		bench.memory.records.get_mut(&crate::Record::Outbox(0)).unwrap()[30] ^= 0x80;
		assert_eq!(bench.publish(), [2]);
		assert_eq!(bench.outbox.damaged(), 1);
	}

	proptest! {
		/// Whatever the link does, every frame is acknowledged in the end, and none leaves before.
		#[test]
		fn every_frame_arrives_over_a_link_that_loses_and_refuses(
			fates in prop::collection::vec(0u8..4, 0..60),
		) {
			let frames: Vec<_> = (1..=8)
				.map(|sequence| (sequence, if sequence % 3 == 0 { Urgency::Alert } else { Urgency::Routine }))
				.collect();
			let mut bench = Bench::with(&frames);
			let mut arrived = BTreeSet::new();
			let mut on_its_way = Vec::new();
			for fate in fates.into_iter().chain([3; 1]).chain([0; 64]) {
				on_its_way.extend(bench.publish());
				match (fate, on_its_way.is_empty()) {
					(3, _) => {
						bench.settle(LinkEvent::Lost);
						on_its_way.clear();
					},
					(_, true) => {},
					(0 | 1, _) => {
						let sequence = on_its_way.remove(0);
						let settled = bench.settle(LinkEvent::Acknowledged { sequence });
						prop_assert_eq!(settled, arrived.insert(sequence).then_some(sequence));
					},
					_ => {
						let sequence = on_its_way.remove(0);
						bench.settle(LinkEvent::Refused { sequence });
					},
				}
				prop_assert!(bench.outbox.len() + arrived.len() >= 8);
			}
			prop_assert_eq!(arrived.len(), 8);
			prop_assert!(bench.outbox.is_empty());
		}
	}
}
