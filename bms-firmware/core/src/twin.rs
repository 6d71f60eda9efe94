//! A small value that survives power loss at any moment: two copies, written one after the other.
//!
//! ```text
//! copy = generation u64 ‖ value ‖ CRC-32 of record number, generation and value     little-endian
//! ```
//!
//! Only one copy is ever being written, and never the only good one: whatever a torn write leaves behind, the other copy
//! has the value from before. Once [`Twin::write`] has returned, both have the new value, so one of them may rot as well.

use crate::{
	checksum::crc32,
	platform::{NonVolatile, Record},
};

const GENERATION_BYTES: usize = 8;
const CHECKSUM_BYTES: usize = 4;
const MAX_COPY_BYTES: usize = 128;

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TwinError<E: core::fmt::Debug> {
	/// The memory does not answer.
	#[error("non-volatile memory failed: {0:?}")]
	Memory(E),
	/// Never written: the device was not provisioned.
	#[error("the record was never written")]
	NotProvisioned,
	/// Both copies are damaged. Going on from a guess could repeat a sequence: the device has to be provisioned again.
	#[error("both copies of the record are damaged")]
	Lost,
}

/// A value of `BYTES` bytes in two records.
pub struct Twin<const BYTES: usize> {
	records: [Record; 2],
	/// The copy to write first: the damaged or the older one.
	first: usize,
	generation: u64,
}

impl<const BYTES: usize> Twin<BYTES> {
	const COPY_BYTES: usize = {
		let bytes = GENERATION_BYTES + BYTES + CHECKSUM_BYTES;
		assert!(bytes <= MAX_COPY_BYTES);
		bytes
	};

	/// Reads the value.
	pub fn open<N: NonVolatile>(
		memory: &mut N,
		records: [Record; 2],
	) -> Result<(Self, [u8; BYTES]), TwinError<N::Error>> {
		let (first_found, first) = Self::read_copy(memory, records[0])?;
		let (second_found, second) = Self::read_copy(memory, records[1])?;
		let (newest, older_or_damaged) = match (first, second) {
			(Some(first), Some(second)) if first.0 < second.0 => (second, 0),
			(Some(first), Some(second)) if first.0 > second.0 => (first, 1),
			(Some(first), Some(_)) => (first, 0),
			(Some(first), None) => (first, 1),
			(None, Some(second)) => (second, 0),
			(None, None) if first_found || second_found => return Err(TwinError::Lost),
			(None, None) => return Err(TwinError::NotProvisioned),
		};
		let (generation, value) = newest;
		Ok((
			Twin {
				records,
				first: older_or_damaged,
				generation,
			},
			value,
		))
	}

	/// Writes the first value ever, over whatever is there.
	pub fn provision<N: NonVolatile>(
		memory: &mut N,
		records: [Record; 2],
		value: &[u8; BYTES],
	) -> Result<Self, N::Error> {
		let mut twin = Twin {
			records,
			first: 0,
			generation: 0,
		};
		twin.write(memory, value)?;
		Ok(twin)
	}

	/// Replaces the value. After an error the old or the new one stands.
	pub fn write<N: NonVolatile>(&mut self, memory: &mut N, value: &[u8; BYTES]) -> Result<(), N::Error> {
		let generation = self.generation + 1;
		let mut copy = [0; MAX_COPY_BYTES];
		let copy = &mut copy[..Self::COPY_BYTES];
		copy[..GENERATION_BYTES].copy_from_slice(&generation.to_le_bytes());
		copy[GENERATION_BYTES..GENERATION_BYTES + BYTES].copy_from_slice(value);
		for _ in 0..2 {
			let record = self.records[self.first];
			let (body, checksum) = copy.split_at_mut(GENERATION_BYTES + BYTES);
			checksum.copy_from_slice(&Self::checksum(record, body).to_le_bytes());
			memory.write(record, copy)?;
			// Whatever happens to the second write: this copy is good now, and the other one is to be written first.
			self.first ^= 1;
		}
		self.generation = generation;
		Ok(())
	}

	fn checksum(record: Record, body: &[u8]) -> u32 {
		crc32(&[&record.key().to_le_bytes(), body])
	}

	/// Whether there is a record at all, and what a good copy says.
	#[allow(clippy::type_complexity)]
	fn read_copy<N: NonVolatile>(
		memory: &mut N,
		record: Record,
	) -> Result<(bool, Option<(u64, [u8; BYTES])>), TwinError<N::Error>> {
		let mut copy = [0; MAX_COPY_BYTES];
		let copy = &mut copy[..Self::COPY_BYTES];
		match memory.read(record, copy).map_err(TwinError::Memory)? {
			None => return Ok((false, None)),
			Some(length) if length != Self::COPY_BYTES => return Ok((true, None)),
			Some(_) => {}
		}
		let (body, checksum) = copy.split_at(GENERATION_BYTES + BYTES);
		if Self::checksum(record, body).to_le_bytes() != *checksum {
			return Ok((true, None));
		}
		let (mut generation, mut value) = ([0; GENERATION_BYTES], [0; BYTES]);
		generation.copy_from_slice(&body[..GENERATION_BYTES]);
		value.copy_from_slice(&body[GENERATION_BYTES..]);
		Ok((true, Some((u64::from_le_bytes(generation), value))))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		platform::Copies,
		power_cut::{PowerCutMemory, Tear},
	};
	use proptest::prelude::*;
	use std::vec;

	const RECORDS: [Record; 2] = [Record::Sequence(Copies::First), Record::Sequence(Copies::Second)];

	fn open(memory: &mut PowerCutMemory) -> Result<u64, TwinError<crate::power_cut::PowerCut>> {
		Twin::<8>::open(memory, RECORDS).map(|(_, value)| u64::from_le_bytes(value))
	}

	#[test]
	fn a_value_that_was_never_written_is_not_a_value() {
		assert_eq!(open(&mut PowerCutMemory::new()), Err(TwinError::NotProvisioned));
	}

	#[test]
	fn a_cut_during_a_write_leaves_the_old_or_the_new_value() {
		for tear in Tear::ALL {
			for cut in 0..2 {
				let mut memory = PowerCutMemory::new();
				let mut twin = Twin::<8>::provision(&mut memory, RECORDS, &1u64.to_le_bytes()).unwrap();
				twin.write(&mut memory, &2u64.to_le_bytes()).unwrap();
				memory.cut_after(cut, tear);
				assert!(twin.write(&mut memory, &3u64.to_le_bytes()).is_err());
				memory.restore_power();
				let value = open(&mut memory).unwrap();
				assert!(value == 2 || value == 3, "{tear:?} at write {cut}: {value}");
			}
		}
	}

	#[test]
	fn a_cut_during_the_repair_of_a_damaged_copy_leaves_a_value() {
		for (tear, again) in Tear::ALL
			.into_iter()
			.flat_map(|tear| Tear::ALL.map(|again| (tear, again)))
		{
			for (cut, cut_again) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
				let mut memory = PowerCutMemory::new();
				let mut twin = Twin::<8>::provision(&mut memory, RECORDS, &1u64.to_le_bytes()).unwrap();
				memory.cut_after(cut, tear);
				assert!(twin.write(&mut memory, &2u64.to_le_bytes()).is_err());
				memory.restore_power();
				let (mut twin, _) = Twin::<8>::open(&mut memory, RECORDS).unwrap();
				memory.cut_after(cut_again, again);
				assert!(twin.write(&mut memory, &3u64.to_le_bytes()).is_err());
				memory.restore_power();
				assert!(
					open(&mut memory).is_ok(),
					"{tear:?} at {cut}, {again:?} at {cut_again}"
				);
			}
		}
	}

	proptest! {
		/// Writes that are cut one after the other: each leaves what was read before it, or what it wrote.
		#[test]
		fn a_value_that_was_read_stays_until_a_new_one_is_written(
			writes in prop::collection::vec((0u32..3, 0usize..6), 1..30),
		) {
			let mut memory = PowerCutMemory::new();
			Twin::<8>::provision(&mut memory, RECORDS, &0u64.to_le_bytes()).unwrap();
			for (value, (cut, tear)) in writes.into_iter().enumerate() {
				let before = open(&mut memory).unwrap();
				let (mut twin, _) = Twin::<8>::open(&mut memory, RECORDS).unwrap();
				let value = value as u64 + 1;
				memory.cut_after(cut, Tear::ALL[tear]);
				let written = twin.write(&mut memory, &value.to_le_bytes()).is_ok();
				memory.restore_power();
				let after = open(&mut memory).unwrap();
				prop_assert!(after == value || (after == before && !written));
			}
		}
	}

	#[test]
	fn one_copy_may_rot_and_two_are_an_error() {
		let mut memory = PowerCutMemory::new();
		let mut twin = Twin::<8>::provision(&mut memory, RECORDS, &1u64.to_le_bytes()).unwrap();
		twin.write(&mut memory, &2u64.to_le_bytes()).unwrap();
		for record in RECORDS {
			let good = memory.records[&record].clone();
			memory.records.insert(record, vec![0xff; good.len()]);
			assert_eq!(open(&mut memory), Ok(2));
			memory.records.insert(record, good);
		}
		for record in RECORDS {
			memory.records.get_mut(&record).unwrap()[3] ^= 1;
		}
		assert_eq!(open(&mut memory), Err(TwinError::Lost));
	}

	#[test]
	fn copies_in_each_others_place_are_damaged() {
		let mut memory = PowerCutMemory::new();
		let _ = Twin::<8>::provision(&mut memory, RECORDS, &1u64.to_le_bytes()).unwrap();
		let [first, second] = RECORDS.map(|record| memory.records[&record].clone());
		memory.records.insert(RECORDS[0], second);
		memory.records.insert(RECORDS[1], first);
		assert_eq!(open(&mut memory), Err(TwinError::Lost));
	}
}
