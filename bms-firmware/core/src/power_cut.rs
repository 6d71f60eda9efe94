//! A double of non-volatile memory whose power can be cut during any write, for tests.

use std::{collections::BTreeMap, vec::Vec};

use crate::platform::{NonVolatile, Record};

/// What a write that is cut leaves in its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tear {
	/// What was there before.
	Old,
	/// What was being written: power was lost after the write and before it returned.
	New,
	/// Nothing, as when an erase went before the write.
	Nothing,
	/// The first bytes of what was being written.
	Prefix,
	/// The first bytes new, the rest old.
	Mixed,
	/// Bytes that nobody wrote.
	Garbage,
}

impl Tear {
	/// Every way.
	pub const ALL: [Tear; 6] = [
		Tear::Old,
		Tear::New,
		Tear::Nothing,
		Tear::Prefix,
		Tear::Mixed,
		Tear::Garbage,
	];
}

/// The memory has no power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerCut;

/// Records in a map, and a budget of writes after which power is lost.
#[derive(Clone, Debug)]
pub struct PowerCutMemory {
	/// What is stored.
	pub records: BTreeMap<Record, Vec<u8>>,
	cut: Option<(u32, Tear)>,
	off: bool,
	/// Writes and erasures that were done, cut ones included.
	pub writes: u32,
}

impl PowerCutMemory {
	/// Empty and powered.
	pub fn new() -> Self {
		PowerCutMemory {
			records: BTreeMap::new(),
			cut: None,
			off: false,
			writes: 0,
		}
	}

	/// Lets `writes` more writes through and cuts the next one.
	pub fn cut_after(&mut self, writes: u32, tear: Tear) {
		self.cut = Some((writes, tear));
	}

	/// Power is back, what is stored is what is left.
	pub fn restore_power(&mut self) {
		(self.off, self.cut) = (false, None);
	}

	fn change(&mut self, record: Record, new: Option<&[u8]>) -> Result<(), PowerCut> {
		if self.off {
			return Err(PowerCut);
		}
		self.writes += 1;
		let old = self.records.get(&record).cloned();
		let (left, result) = match &mut self.cut {
			None => (new.map(<[u8]>::to_vec), Ok(())),
			Some((remaining, _)) if *remaining > 0 => {
				*remaining -= 1;
				(new.map(<[u8]>::to_vec), Ok(()))
			}
			Some((_, tear)) => {
				self.off = true;
				let half = new.map_or(0, |new| new.len() / 2);
				let left = match tear {
					Tear::Old => old,
					Tear::New => new.map(<[u8]>::to_vec),
					Tear::Nothing => None,
					Tear::Prefix => new.map(|new| new[..half].to_vec()),
					Tear::Mixed => new.map(|new| {
						let tail = old.unwrap_or_default();
						[&new[..half], tail.get(half..).unwrap_or(&[])].concat()
					}),
					Tear::Garbage => Some((0..37u8).map(|index| index.wrapping_mul(71)).collect()),
				};
				(left, Err(PowerCut))
			}
		};
		match left {
			Some(bytes) => self.records.insert(record, bytes),
			None => self.records.remove(&record),
		};
		result
	}
}

impl NonVolatile for PowerCutMemory {
	type Error = PowerCut;

	fn read(&mut self, record: Record, buffer: &mut [u8]) -> Result<Option<usize>, PowerCut> {
		if self.off {
			return Err(PowerCut);
		}
		Ok(self.records.get(&record).map(|bytes| {
			let room = buffer.len().min(bytes.len());
			buffer[..room].copy_from_slice(&bytes[..room]);
			bytes.len()
		}))
	}

	fn write(&mut self, record: Record, bytes: &[u8]) -> Result<(), PowerCut> {
		self.change(record, Some(bytes))
	}

	fn erase(&mut self, record: Record) -> Result<(), PowerCut> {
		self.change(record, None)
	}
}
