//! Frames that were made and not yet acknowledged, in non-volatile memory.
//!
//! A frame is put here before it is published and is settled when the broker has acknowledged it: PUBACK or PUBCOMP. What the
//! MQTT client remembers is lost with power; this is not.
//!
//! # After the acknowledgement
//!
//! Brokers acknowledge before they write to disk: Mosquitto saves its messages every so many seconds, others when they are
//! asked to end. One that is killed has lost what it acknowledged since. The last [`KEPT_AFTER_ACKNOWLEDGEMENT`] frames
//! therefore stay in slots that nothing else needs, and are published again after a lost connection. The ledger takes each
//! once.
//!
//! ```text
//! slot = format u8 ‖ urgency u8 ‖ length u16 ‖ CRC-32 ‖ frame     little-endian; the CRC is over all but itself
//! ```
//!
//! # Order
//!
//! Alerts first, then telemetry, each by sequence; but never a frame whose sequence is 64 or more above the lowest that
//! waits for its acknowledgement. The ledger's window takes late frames up to 64 behind the highest it has seen: an alert
//! that overtook more would have the telemetry behind it refused for ever.
//!
//! # When it is full
//!
//! [`WhenFull`] decides for telemetry. Alerts never give way: where all slots hold alerts, or frames that are on their way,
//! a new frame is not taken and the readings stay in the sampler until a slot is free.

use passport_primitives::telemetry::{window::WINDOW_BITS, Frame, MAX_FRAME_BYTES};

use crate::{
	checksum::crc32,
	platform::{NonVolatile, Record, MAX_RECORD_BYTES},
	policy::Urgency,
};

const FORMAT: u8 = 1;

/// Frames that stay after their acknowledgement: at the protocol's rate (table 9.2: a frame a minute) those of the last eight
/// minutes, where brokers save their messages every few seconds to minutes.
pub const KEPT_AFTER_ACKNOWLEDGEMENT: usize = 8;

/// Bytes of a slot before its frame.
pub const ENTRY_HEADER_BYTES: usize = 8;

/// What happens to telemetry when the outbox is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
	/// The oldest telemetry that is not on its way gives way, and is counted: a battery can not stop measuring, and what is
	/// new is worth more than what will be stale. Its sequence becomes a gap that the ledger counts.
	DropOldestTelemetry,
	/// Nothing gives way: no frame closes until a slot is free. For sources that can wait: simulations, replays.
	Wait,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
	Waiting,
	InFlight,
	/// Acknowledged on this connection.
	Settled,
}

/// A frame of the outbox, without its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
	/// Its sequence.
	pub sequence: u64,
	/// Whether it may wait.
	pub urgency: Urgency,
	/// Its length, in bytes.
	pub bytes: u16,
	/// How many readings it carries.
	pub readings: u8,
	fate: Fate,
	acknowledged: bool,
}

impl Entry {
	/// Whether a broker has acknowledged it since power came: it is published once more for a broker that forgot.
	pub const fn is_acknowledged(&self) -> bool {
		self.acknowledged
	}

	/// Whether a frame that is worth more may have its slot.
	fn gives_way(&self) -> bool {
		self.acknowledged && self.fate != Fate::InFlight
	}
}

/// At most `SLOTS` frames, 1 to 64.
pub struct Outbox<const SLOTS: usize> {
	slots: [Option<Entry>; SLOTS],
	dropped: u64,
	damaged: u64,
}

impl<const SLOTS: usize> Outbox<SLOTS> {
	/// Finds what is stored. A slot that a loss of power left half written is freed: its frame was never published.
	pub fn open<N: NonVolatile>(
		memory: &mut N,
		buffer: &mut [u8; MAX_RECORD_BYTES],
	) -> Result<Self, N::Error> {
		const { assert!(SLOTS >= 1 && SLOTS <= 64) };
		let mut outbox = Outbox {
			slots: [None; SLOTS],
			dropped: 0,
			damaged: 0,
		};
		for slot in 0..SLOTS {
			let record = Self::record(slot);
			let Some(length) = memory.read(record, buffer)? else {
				continue;
			};
			match Self::parse(buffer, length) {
				Some((entry, _)) => outbox.slots[slot] = Some(entry),
				None => {
					outbox.damaged += 1;
					memory.erase(record)?;
				}
			}
		}
		Ok(outbox)
	}

	fn record(slot: usize) -> Record {
		// SLOTS is at most 64.
		Record::Outbox(slot as u8)
	}

	fn parse(buffer: &[u8], length: usize) -> Option<(Entry, &[u8])> {
		let (header, frame) = buffer.get(..length)?.split_at_checked(ENTRY_HEADER_BYTES)?;
		let urgency = match header {
			[FORMAT, 0, ..] => Urgency::Routine,
			[FORMAT, 1, ..] => Urgency::Alert,
			_ => return None,
		};
		let bytes = u16::try_from(frame.len()).ok()?;
		let whole = header[2..4] == bytes.to_le_bytes()
			&& header[4..8] == crc32(&[&header[..4], frame]).to_le_bytes();
		let parsed = Frame::parse(frame).ok().filter(|_| whole)?;
		let (sequence, readings) = (parsed.header.sequence, parsed.header.count);
		Some((
			Entry {
				sequence,
				urgency,
				bytes,
				readings,
				fate: Fate::Waiting,
				acknowledged: false,
			},
			frame,
		))
	}

	/// The frames that are to be published or on their way, in no order.
	pub fn entries(&self) -> impl Iterator<Item = &Entry> {
		self.slots
			.iter()
			.flatten()
			.filter(|entry| entry.fate != Fate::Settled)
	}

	/// How many of them there are.
	pub fn len(&self) -> usize {
		self.entries().count()
	}

	/// Whether there is none.
	pub fn is_empty(&self) -> bool {
		self.len() == 0
	}

	/// How many slots a new frame could have without another giving way that was never acknowledged.
	pub fn free(&self) -> usize {
		self.slots
			.iter()
			.filter(|slot| slot.is_none_or(|entry| entry.gives_way()))
			.count()
	}

	/// Telemetry frames that gave way since power came.
	pub const fn dropped(&self) -> u64 {
		self.dropped
	}

	/// Slots that were damaged and freed since power came.
	pub const fn damaged(&self) -> u64 {
		self.damaged
	}

	/// The slot that a new frame would take; `None` when it has to wait.
	pub fn slot_for(&self, urgency: Urgency, when_full: WhenFull) -> Option<usize> {
		let free = self.slots.iter().position(Option::is_none);
		free.or_else(|| self.lowest(Entry::gives_way).map(|(slot, _)| slot))
			.or_else(|| match (urgency, when_full) {
				(Urgency::Routine, WhenFull::Wait) => None,
				// An alert takes the place of telemetry even where telemetry itself would wait.
				_ => self
					.lowest(|entry| entry.urgency == Urgency::Routine && entry.fate == Fate::Waiting)
					.map(|(slot, _)| slot),
			})
	}

	/// Stores the frame that stands in `buffer` after [`ENTRY_HEADER_BYTES`], in a slot from [`slot_for`](Self::slot_for).
	///
	/// Once this has returned, the frame survives the loss of power and may be published.
	pub fn put<N: NonVolatile>(
		&mut self,
		memory: &mut N,
		slot: usize,
		urgency: Urgency,
		buffer: &mut [u8; MAX_RECORD_BYTES],
		frame_bytes: usize,
	) -> Result<(), PutError<N::Error>> {
		let length = ENTRY_HEADER_BYTES + frame_bytes.min(MAX_FRAME_BYTES);
		let (header, frame) = buffer[..length].split_at_mut(ENTRY_HEADER_BYTES);
		header[0] = FORMAT;
		header[1] = urgency as u8;
		// MAX_FRAME_BYTES fits two bytes.
		header[2..4].copy_from_slice(&(frame.len() as u16).to_le_bytes());
		let checksum = crc32(&[&header[..4], frame]);
		header[4..8].copy_from_slice(&checksum.to_le_bytes());
		let (entry, _) = Self::parse(&buffer[..], length).ok_or(PutError::NoFrame)?;
		let place = self.slots.get_mut(slot).ok_or(PutError::NoFrame)?;
		// What was in the slot is gone from here on, whether or not the write succeeds.
		if place.take().is_some_and(|gone| !gone.acknowledged) {
			self.dropped += 1;
		}
		memory
			.write(Self::record(slot), &buffer[..length])
			.map_err(PutError::Memory)?;
		self.slots[slot] = Some(entry);
		Ok(())
	}

	fn lowest(&self, mut which: impl FnMut(&Entry) -> bool) -> Option<(usize, Entry)> {
		self.slots
			.iter()
			.enumerate()
			.filter_map(|(slot, entry)| entry.map(|entry| (slot, entry)))
			.filter(|(_, entry)| which(entry))
			.min_by_key(|(_, entry)| entry.sequence)
	}

	/// The slot and frame to publish next; `None` when there is none, or when those that are on their way must be
	/// acknowledged first.
	pub fn next_to_send(&self) -> Option<(usize, Entry)> {
		let (_, oldest) = self.lowest(|entry| entry.fate != Fate::Settled)?;
		let sendable =
			|entry: &Entry| entry.fate == Fate::Waiting && entry.sequence - oldest.sequence < WINDOW_BITS;
		self.lowest(|entry| sendable(entry) && entry.urgency == Urgency::Alert)
			.or_else(|| self.lowest(sendable))
	}

	/// Reads a frame; `None` when its slot is damaged, which frees it.
	pub fn read<'b, N: NonVolatile>(
		&mut self,
		memory: &mut N,
		slot: usize,
		buffer: &'b mut [u8; MAX_RECORD_BYTES],
	) -> Result<Option<&'b [u8]>, N::Error> {
		let record = Self::record(slot);
		let length = memory.read(record, buffer)?.unwrap_or(0);
		let known = self.slots.get(slot).copied().flatten();
		let found = Self::parse(buffer, length);
		let same =
			matches!((known, found), (Some(known), Some((found, _))) if known.sequence == found.sequence);
		if !same {
			self.damaged += 1;
			if let Some(place) = self.slots.get_mut(slot) {
				*place = None;
			}
			memory.erase(record)?;
			return Ok(None);
		}
		Ok(Some(&buffer[ENTRY_HEADER_BYTES..length]))
	}

	/// Notes that the frame of a slot was handed to the link.
	pub fn mark_in_flight(&mut self, slot: usize) {
		if let Some(Some(entry)) = self.slots.get_mut(slot) {
			entry.fate = Fate::InFlight;
		}
	}

	/// Notes that a frame was not taken: it is published again.
	pub fn mark_waiting(&mut self, sequence: u64) {
		for entry in self
			.slots
			.iter_mut()
			.flatten()
			.filter(|entry| entry.sequence == sequence)
		{
			entry.fate = Fate::Waiting;
		}
	}

	/// Notes that nothing is on its way any more: the connection was lost.
	pub fn mark_all_waiting(&mut self) {
		for entry in self.slots.iter_mut().flatten() {
			entry.fate = Fate::Waiting;
		}
	}

	/// Settles a frame that was acknowledged and returns it; `None` when it is not here, was not on its way (a second
	/// acknowledgement, or one of a connection from before), or was acknowledged once already.
	pub fn acknowledge<N: NonVolatile>(
		&mut self,
		memory: &mut N,
		sequence: u64,
	) -> Result<Option<Entry>, N::Error> {
		let Some((slot, entry)) =
			self.lowest(|entry| entry.sequence == sequence && entry.fate == Fate::InFlight)
		else {
			return Ok(None);
		};
		self.slots[slot] = Some(Entry {
			fate: Fate::Settled,
			acknowledged: true,
			..entry
		});
		let settled = |entry: &Entry| entry.fate == Fate::Settled;
		if self.slots.iter().flatten().filter(|entry| settled(entry)).count() > KEPT_AFTER_ACKNOWLEDGEMENT {
			if let Some((oldest, _)) = self.lowest(settled) {
				self.slots[oldest] = None;
				// Where power is lost before this is durable, the frame is published again; the ledger takes it once.
				memory.erase(Self::record(oldest))?;
			}
		}
		Ok((!entry.acknowledged).then_some(entry))
	}
}

/// Why a frame was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PutError<E: core::fmt::Debug> {
	/// The memory does not answer.
	#[error("non-volatile memory failed: {0:?}")]
	Memory(E),
	/// The buffer holds no frame, or there is no such slot.
	#[error("there is no frame to store")]
	NoFrame,
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;
	use crate::power_cut::{PowerCutMemory, Tear};
	use ed25519_dalek::SigningKey;
	use passport_primitives::{
		battery::PassportId,
		telemetry::{crypto, Reading},
	};
	use proptest::prelude::*;
	use std::{collections::BTreeSet, vec::Vec};

	pub(crate) const BUFFER: [u8; MAX_RECORD_BYTES] = [0; MAX_RECORD_BYTES];

	/// Puts a frame of this sequence; whether there was a slot.
	pub(crate) fn put<const SLOTS: usize>(
		outbox: &mut Outbox<SLOTS>,
		memory: &mut PowerCutMemory,
		sequence: u64,
		urgency: Urgency,
		when_full: WhenFull,
	) -> bool {
		let Some(slot) = outbox.slot_for(urgency, when_full) else {
			return false;
		};
		let mut buffer = BUFFER;
		let length = crypto::build(
			&[Reading {
				time_seconds: 1_800_000_000 + sequence,
				..Reading::default()
			}],
			0,
			sequence,
			&[7; 32],
			&PassportId([0xba; 32]),
			&crypto::SealKey::new([2; 32]),
			&SigningKey::from_bytes(&[1; 32]),
			&mut buffer[ENTRY_HEADER_BYTES..],
		)
		.unwrap();
		outbox.put(memory, slot, urgency, &mut buffer, length).is_ok()
	}

	fn sequences<const SLOTS: usize>(outbox: &Outbox<SLOTS>) -> BTreeSet<u64> {
		outbox.entries().map(|entry| entry.sequence).collect()
	}

	fn send_all<const SLOTS: usize>(outbox: &mut Outbox<SLOTS>) -> Vec<u64> {
		core::iter::from_fn(|| {
			let (slot, entry) = outbox.next_to_send()?;
			outbox.mark_in_flight(slot);
			Some(entry.sequence)
		})
		.collect()
	}

	fn empty<const SLOTS: usize>() -> (Outbox<SLOTS>, PowerCutMemory) {
		let mut memory = PowerCutMemory::new();
		(Outbox::open(&mut memory, &mut BUFFER.clone()).unwrap(), memory)
	}

	use Urgency::{Alert, Routine};
	use WhenFull::{DropOldestTelemetry, Wait};

	#[test]
	fn alerts_overtake_telemetry_and_the_rest_goes_by_sequence() {
		let (mut outbox, mut memory) = empty::<8>();
		for (sequence, urgency) in [(3, Routine), (1, Routine), (4, Alert), (2, Routine), (5, Alert)] {
			assert!(put(&mut outbox, &mut memory, sequence, urgency, Wait));
		}
		assert_eq!(send_all(&mut outbox), [4, 5, 1, 2, 3]);
	}

	#[test]
	fn an_alert_does_not_overtake_what_the_window_would_then_refuse() {
		let (mut outbox, mut memory) = empty::<8>();
		for (sequence, urgency) in [(10, Routine), (11, Routine), (74, Alert)] {
			put(&mut outbox, &mut memory, sequence, urgency, Wait);
		}
		assert_eq!(send_all(&mut outbox), [10, 11], "74 is 64 above 10");
		outbox.acknowledge(&mut memory, 10).unwrap();
		assert_eq!(send_all(&mut outbox), [74], "and 63 above 11");
	}

	#[test]
	fn what_is_full_lets_telemetry_wait_or_drops_the_oldest_that_is_not_on_its_way() {
		for when_full in [Wait, DropOldestTelemetry] {
			let (mut outbox, mut memory) = empty::<3>();
			for (sequence, urgency) in [(1, Routine), (2, Alert), (3, Routine)] {
				put(&mut outbox, &mut memory, sequence, urgency, when_full);
			}
			let (slot, entry) = outbox.lowest(|entry| entry.sequence == 1).unwrap();
			assert_eq!(entry.sequence, 1);
			outbox.mark_in_flight(slot);
			let taken = put(&mut outbox, &mut memory, 4, Routine, when_full);
			assert_eq!(taken, when_full == DropOldestTelemetry);
			assert_eq!(
				sequences(&outbox),
				if taken { [1, 2, 4].into() } else { [1, 2, 3].into() }
			);
			assert!(
				put(&mut outbox, &mut memory, 5, Alert, when_full),
				"an alert displaces telemetry"
			);
			assert_eq!(sequences(&outbox), [1, 2, 5].into());
			assert!(
				!put(&mut outbox, &mut memory, 6, Alert, when_full),
				"alerts do not displace alerts"
			);
			assert_eq!(outbox.dropped(), if taken { 2 } else { 1 });
		}
	}

	#[test]
	fn a_frame_is_settled_once_and_only_when_it_was_on_its_way() {
		let (mut outbox, mut memory) = empty::<4>();
		put(&mut outbox, &mut memory, 1, Routine, Wait);
		assert_eq!(outbox.acknowledge(&mut memory, 1), Ok(None));
		assert_eq!(send_all(&mut outbox), [1]);
		assert_eq!(outbox.acknowledge(&mut memory, 2), Ok(None));
		assert_eq!(
			outbox
				.acknowledge(&mut memory, 1)
				.unwrap()
				.map(|entry| entry.sequence),
			Some(1)
		);
		assert_eq!(outbox.acknowledge(&mut memory, 1), Ok(None));
		assert!(outbox.is_empty());
		assert_eq!(outbox.free(), 4);
	}

	#[test]
	fn the_last_acknowledged_frames_are_published_again_after_a_lost_connection_and_told_of_once() {
		let (mut outbox, mut memory) = empty::<16>();
		let kept = KEPT_AFTER_ACKNOWLEDGEMENT as u64;
		for sequence in 1..=kept + 2 {
			put(&mut outbox, &mut memory, sequence, Routine, Wait);
			send_all(&mut outbox);
			assert!(outbox.acknowledge(&mut memory, sequence).unwrap().is_some());
		}
		assert_eq!(
			memory.records.len(),
			KEPT_AFTER_ACKNOWLEDGEMENT,
			"the oldest are erased"
		);
		assert_eq!(
			send_all(&mut outbox),
			[],
			"not on the connection that they were acknowledged on"
		);
		outbox.mark_all_waiting();
		assert_eq!(send_all(&mut outbox), (3..=kept + 2).collect::<Vec<_>>());
		assert_eq!(outbox.acknowledge(&mut memory, 3), Ok(None));
		assert_eq!(outbox.len(), KEPT_AFTER_ACKNOWLEDGEMENT - 1);
	}

	#[test]
	fn an_acknowledged_frame_gives_way_before_anything_else_and_is_not_counted_as_dropped() {
		let (mut outbox, mut memory) = empty::<2>();
		put(&mut outbox, &mut memory, 1, Routine, Wait);
		put(&mut outbox, &mut memory, 2, Routine, Wait);
		assert_eq!(outbox.free(), 0);
		send_all(&mut outbox);
		outbox.acknowledge(&mut memory, 2).unwrap();
		outbox.mark_all_waiting();
		assert_eq!(outbox.free(), 1);
		assert!(put(&mut outbox, &mut memory, 3, Routine, Wait));
		assert_eq!(sequences(&outbox), [1, 3].into());
		assert_eq!(outbox.dropped(), 0);
	}

	#[test]
	fn a_slot_that_rots_is_freed_and_counted() {
		let (mut outbox, mut memory) = empty::<4>();
		put(&mut outbox, &mut memory, 1, Routine, Wait);
		memory.records.get_mut(&Record::Outbox(0)).unwrap()[20] ^= 1;
		assert_eq!(outbox.read(&mut memory, 0, &mut BUFFER.clone()), Ok(None));
		assert_eq!((outbox.len(), outbox.damaged()), (0, 1));
	}

	#[test]
	fn a_cut_while_storing_leaves_the_frame_or_nothing() {
		for tear in Tear::ALL {
			let (mut outbox, mut memory) = empty::<4>();
			put(&mut outbox, &mut memory, 1, Routine, Wait);
			memory.cut_after(0, tear);
			assert!(!put(&mut outbox, &mut memory, 2, Alert, Wait));
			memory.restore_power();
			let found = sequences(&Outbox::<4>::open(&mut memory, &mut BUFFER.clone()).unwrap());
			assert!(
				found == [1].into() || found == [1, 2].into(),
				"{tear:?}: {found:?}"
			);
		}
	}

	proptest! {
		/// The outbox against plain sets, through power cuts: nothing that was stored and not acknowledged is lost, nothing
		/// comes back but what was acknowledged lately, and no frame is sent for the first time that the window would refuse.
		#[test]
		fn what_was_stored_is_sent_until_it_is_acknowledged(
			steps in prop::collection::vec((0u8..8, 0usize..8, 0usize..6, 1u64..40), 1..80),
		) {
			let (mut outbox, mut memory) = empty::<6>();
			let mut stored = BTreeSet::new();
			let mut maybe = BTreeSet::new();
			let mut told = BTreeSet::new();
			let mut in_flight = Vec::new();
			let mut window = passport_primitives::telemetry::SequenceWindow::default();
			let mut sequence = 0;
			for (step, which, tear, gap) in steps {
				match step {
					0..=2 => {
						sequence += if which == 0 { gap } else { 1 };
						let urgency = if which % 3 == 0 { Alert } else { Routine };
						let before = sequences(&outbox);
						if put(&mut outbox, &mut memory, sequence, urgency, DropOldestTelemetry) {
							stored.insert(sequence);
							for gone in before.difference(&sequences(&outbox)) {
								prop_assert!(outbox.dropped() > 0 || told.contains(gone));
								stored.remove(gone);
							}
						}
					},
					3 | 4 => {
						if let Some((slot, entry)) = outbox.next_to_send() {
							let frame = outbox.read(&mut memory, slot, &mut BUFFER.clone()).unwrap().map(<[u8]>::to_vec);
							let frame = frame.unwrap();
							prop_assert_eq!(Frame::parse(&frame).unwrap().header.sequence, entry.sequence);
							outbox.mark_in_flight(slot);
							in_flight.push(entry.sequence);
						}
					},
					5 => {
						if !in_flight.is_empty() {
							let acknowledged = in_flight.remove(which % in_flight.len());
							// The ledger takes it, unless it did so before the connection was lost.
							let taken = window.take(acknowledged);
							let told_before = told.contains(&acknowledged);
							prop_assert!(
								told_before || taken != Err(passport_primitives::telemetry::WindowRefusal::TooOld)
							);
							// After a loss of power the outbox tells of it once more.
							let tells = outbox.acknowledge(&mut memory, acknowledged).unwrap().is_some();
							prop_assert!(tells || told_before);
							stored.remove(&acknowledged);
							told.insert(acknowledged);
						}
					},
					6 => {
						outbox.mark_all_waiting();
						in_flight.clear();
					},
					_ => {
						memory.cut_after(0, Tear::ALL[tear]);
						sequence += 1;
						if let Some(slot) = outbox.slot_for(Routine, Wait) {
							prop_assert!(!put(&mut outbox, &mut memory, sequence, Routine, Wait));
							prop_assert!(slot < 6);
							maybe.insert(sequence);
						}
						memory.restore_power();
						outbox = Outbox::open(&mut memory, &mut BUFFER.clone()).unwrap();
						in_flight.clear();
						for back in sequences(&outbox) {
							if maybe.contains(&back) {
								stored.insert(back);
							}
						}
					},
				}
				let found = sequences(&outbox);
				prop_assert!(stored.is_subset(&found), "{stored:?} {found:?}");
				prop_assert!(found.difference(&stored).all(|sequence| told.contains(sequence)));
			}
		}
	}
}
