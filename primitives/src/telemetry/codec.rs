//! The delta code of a frame's readings.
//!
//! Each reading is written as its difference to the one before; the first as its difference to a reading of zeros at the
//! header's `first_seconds`. A reading is
//!
//! ```text
//! reading = mask ‖ difference of each scalar field whose bit in the mask is set ‖ cell temperatures ‖ cell voltages ‖ last command
//! cells   = count u8 ‖ difference of each                 present where bit 17, 18 of the mask is set
//! last command = difference                               present where bit 19 of the mask is set
//! ```
//!
//! The mask is unsigned LEB128; bit `n` stands for the `n`th field of [`Reading`] in the order of its definition. Differences
//! are zig-zag LEB128 of a 64-bit integer, as postcard writes an `i64`. A cell's difference is to the same cell of the reading
//! before, 0 where it had none.
//!
//! The code is canonical: a field whose difference is 0 has no bit, nor have cells that are as before, so two different byte strings never mean the same
//! readings, except by LEB128's own redundancy, which the signature over the bytes as sent makes harmless.

use super::{
	reading::{Cells, Reading, MAX_CELLS},
	MAX_READINGS,
};

const SCALARS: usize = 17;
const CELL_TEMPERATURES_BIT: u32 = 17;
const CELL_VOLTAGES_BIT: u32 = 18;
const LAST_COMMAND_BIT: u32 = 19;
const KNOWN_BITS: u32 = (1 << 20) - 1;

/// Longest code of one reading, in bytes: mask, 18 numbers and twice 32 cells, each at its longest.
pub const MAX_READING_BYTES: usize = 3 + (SCALARS + 1) * 10 + 2 * (1 + MAX_CELLS * 3);

/// Why readings could not be written or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
	/// No reading, or more than [`MAX_READINGS`].
	#[error("a frame carries 1 to 255 readings")]
	Count,
	/// The buffer is too small for the readings.
	#[error("the readings do not fit")]
	Full,
	/// The bytes end before the readings do.
	#[error("the readings are cut short")]
	CutShort,
	/// Bytes are left after the last reading.
	#[error("bytes follow the last reading")]
	TrailingBytes,
	/// A bit of the mask is set that no field has, or a field is there without a difference: cells are so that are as before.
	#[error("the mask of a reading is not valid")]
	Mask,
	/// A value outside the range of its field.
	#[error("a value is outside its field's range")]
	Range,
}

impl Reading {
	fn scalars(&self) -> [i128; SCALARS] {
		[
			self.time_seconds.into(),
			self.state_of_health_bp.into(),
			self.state_of_charge_bp.into(),
			self.voltage_mv.into(),
			self.current_ma.into(),
			self.temperature_average_dc.into(),
			self.temperature_max_dc.into(),
			self.temperature_min_dc.into(),
			self.internal_resistance_uohm.into(),
			self.cycle_count.into(),
			self.energy_throughput_wh.into(),
			self.capacity_throughput_mah.into(),
			self.remaining_capacity_mah.into(),
			self.power_w.into(),
			self.status.into(),
			self.faults.into(),
			self.warnings.into(),
		]
	}

	fn from_scalars(scalars: &[i128; SCALARS]) -> Result<Self, CodecError> {
		fn field<T: TryFrom<i128>>(value: i128) -> Result<T, CodecError> {
			T::try_from(value).map_err(|_| CodecError::Range)
		}
		Ok(Reading {
			time_seconds: field(scalars[0])?,
			state_of_health_bp: field(scalars[1])?,
			state_of_charge_bp: field(scalars[2])?,
			voltage_mv: field(scalars[3])?,
			current_ma: field(scalars[4])?,
			temperature_average_dc: field(scalars[5])?,
			temperature_max_dc: field(scalars[6])?,
			temperature_min_dc: field(scalars[7])?,
			internal_resistance_uohm: field(scalars[8])?,
			cycle_count: field(scalars[9])?,
			energy_throughput_wh: field(scalars[10])?,
			capacity_throughput_mah: field(scalars[11])?,
			remaining_capacity_mah: field(scalars[12])?,
			power_w: field(scalars[13])?,
			status: field(scalars[14])?,
			faults: field(scalars[15])?,
			warnings: field(scalars[16])?,
			cell_temperatures_dc: Cells::none(),
			cell_voltages_mv: Cells::none(),
			last_command: 0,
		})
	}
}

struct Writer<'a> {
	buffer: &'a mut [u8],
	written: usize,
}

impl Writer<'_> {
	fn put<T: serde::Serialize>(&mut self, value: &T) -> Result<(), CodecError> {
		let free = self.buffer.get_mut(self.written..).ok_or(CodecError::Full)?;
		let used = postcard::to_slice(value, free)
			.map_err(|_| CodecError::Full)?
			.len();
		self.written += used;
		Ok(())
	}

	fn cells<T: Copy + Default + Into<i64>>(
		&mut self,
		previous: &Cells<T>,
		cells: &Cells<T>,
	) -> Result<(), CodecError> {
		self.put(&(cells.as_slice().len() as u8))?;
		for (index, value) in cells.as_slice().iter().enumerate() {
			let before = previous.as_slice().get(index).copied().unwrap_or_default();
			self.put(&((*value).into() - before.into()))?;
		}
		Ok(())
	}
}

/// Writes readings into `buffer` and returns how many bytes they take. `first_seconds` is the header's.
pub fn encode(readings: &[Reading], first_seconds: u64, buffer: &mut [u8]) -> Result<usize, CodecError> {
	if readings.is_empty() || readings.len() > MAX_READINGS {
		return Err(CodecError::Count);
	}
	let mut writer = Writer { buffer, written: 0 };
	let mut previous = Reading {
		time_seconds: first_seconds,
		..Reading::default()
	};
	for reading in readings {
		let (before, now) = (previous.scalars(), reading.scalars());
		let mut mask = 0u32;
		let mut differences = [0i64; SCALARS];
		for (index, difference) in differences.iter_mut().enumerate() {
			*difference = i64::try_from(now[index] - before[index]).map_err(|_| CodecError::Range)?;
			mask |= u32::from(*difference != 0) << index;
		}
		let temperatures = reading.cell_temperatures_dc != previous.cell_temperatures_dc;
		let voltages = reading.cell_voltages_mv != previous.cell_voltages_mv;
		mask |= u32::from(temperatures) << CELL_TEMPERATURES_BIT;
		mask |= u32::from(voltages) << CELL_VOLTAGES_BIT;
		let commands = i64::try_from(i128::from(reading.last_command) - i128::from(previous.last_command))
			.map_err(|_| CodecError::Range)?;
		mask |= u32::from(commands != 0) << LAST_COMMAND_BIT;
		writer.put(&mask)?;
		for difference in differences.iter().filter(|difference| **difference != 0) {
			writer.put(difference)?;
		}
		if temperatures {
			writer.cells(&previous.cell_temperatures_dc, &reading.cell_temperatures_dc)?;
		}
		if voltages {
			writer.cells(&previous.cell_voltages_mv, &reading.cell_voltages_mv)?;
		}
		if commands != 0 {
			writer.put(&commands)?;
		}
		previous = *reading;
	}
	Ok(writer.written)
}

/// Reads the readings of a frame one after the other, without an allocator.
pub struct Decoder<'a> {
	bytes: &'a [u8],
	remaining: u8,
	previous: Reading,
	failed: bool,
}

impl<'a> Decoder<'a> {
	/// Starts on the opened part of a frame whose header says `count` and `first_seconds`.
	pub fn new(bytes: &'a [u8], count: u8, first_seconds: u64) -> Self {
		Decoder {
			bytes,
			remaining: count,
			previous: Reading {
				time_seconds: first_seconds,
				..Reading::default()
			},
			failed: false,
		}
	}

	fn get<T: serde::Deserialize<'a>>(&mut self) -> Result<T, CodecError> {
		let (value, rest) = postcard::take_from_bytes(self.bytes).map_err(|_| CodecError::CutShort)?;
		self.bytes = rest;
		Ok(value)
	}

	fn cells<T: Copy + Default + PartialEq + Into<i64> + TryFrom<i64>>(
		&mut self,
		previous: Cells<T>,
	) -> Result<Cells<T>, CodecError> {
		let count = usize::from(self.get::<u8>()?);
		let mut values = [T::default(); MAX_CELLS];
		for (index, value) in values
			.get_mut(..count)
			.ok_or(CodecError::Range)?
			.iter_mut()
			.enumerate()
		{
			let before: i64 = previous.as_slice().get(index).copied().unwrap_or_default().into();
			let now = before.checked_add(self.get::<i64>()?).ok_or(CodecError::Range)?;
			*value = T::try_from(now).map_err(|_| CodecError::Range)?;
		}
		let cells = Cells::try_new(&values[..count]).ok_or(CodecError::Range)?;
		if cells == previous {
			return Err(CodecError::Mask);
		}
		Ok(cells)
	}

	fn reading(&mut self) -> Result<Reading, CodecError> {
		let mask: u32 = self.get()?;
		if mask & !KNOWN_BITS != 0 {
			return Err(CodecError::Mask);
		}
		let mut scalars = self.previous.scalars();
		for (index, scalar) in scalars.iter_mut().enumerate() {
			if mask & (1 << index) != 0 {
				match self.get::<i64>()? {
					0 => return Err(CodecError::Mask),
					difference => *scalar += i128::from(difference),
				}
			}
		}
		let mut reading = Reading::from_scalars(&scalars)?;
		reading.cell_temperatures_dc = match mask & (1 << CELL_TEMPERATURES_BIT) {
			0 => self.previous.cell_temperatures_dc,
			_ => self.cells(self.previous.cell_temperatures_dc)?,
		};
		reading.cell_voltages_mv = match mask & (1 << CELL_VOLTAGES_BIT) {
			0 => self.previous.cell_voltages_mv,
			_ => self.cells(self.previous.cell_voltages_mv)?,
		};
		reading.last_command = match mask & (1 << LAST_COMMAND_BIT) {
			0 => self.previous.last_command,
			_ => match self.get::<i64>()? {
				0 => return Err(CodecError::Mask),
				difference => self
					.previous
					.last_command
					.checked_add_signed(difference)
					.ok_or(CodecError::Range)?,
			},
		};
		self.previous = reading;
		Ok(reading)
	}
}

impl Iterator for Decoder<'_> {
	type Item = Result<Reading, CodecError>;

	fn next(&mut self) -> Option<Self::Item> {
		if self.failed {
			return None;
		}
		if self.remaining == 0 {
			self.failed = true;
			return (!self.bytes.is_empty()).then_some(Err(CodecError::TrailingBytes));
		}
		self.remaining -= 1;
		let reading = self.reading();
		self.failed = reading.is_err();
		Some(reading)
	}
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;
	use proptest::prelude::*;

	fn cells<T: Copy + Default + core::fmt::Debug + Arbitrary>() -> impl Strategy<Value = Cells<T>> {
		prop::collection::vec(any::<T>(), 0..=MAX_CELLS).prop_map(|values| Cells::try_new(&values).unwrap())
	}

	prop_compose! {
		pub(crate) fn any_reading()(
			(time, energy, charge, command) in (0u64..1 << 62, 0u64..1 << 62, 0u64..1 << 62, 0u64..1 << 62),
			(health, soc, status) in any::<(u16, u16, u8)>(),
			(voltage, resistance, cycles, remaining, faults, warnings) in any::<(u32, u32, u32, u32, u32, u32)>(),
			(current, power) in any::<(i32, i32)>(),
			(average, max, min) in any::<(i16, i16, i16)>(),
			temperatures in cells::<i16>(),
			voltages in cells::<u16>(),
		) -> Reading {
			Reading {
				time_seconds: time,
				state_of_health_bp: health,
				state_of_charge_bp: soc,
				voltage_mv: voltage,
				current_ma: current,
				temperature_average_dc: average,
				temperature_max_dc: max,
				temperature_min_dc: min,
				internal_resistance_uohm: resistance,
				cycle_count: cycles,
				energy_throughput_wh: energy,
				capacity_throughput_mah: charge,
				remaining_capacity_mah: remaining,
				power_w: power,
				status,
				faults,
				warnings,
				cell_temperatures_dc: temperatures,
				cell_voltages_mv: voltages,
				last_command: command,
			}
		}
	}

	proptest! {
		#[test]
		fn what_is_written_is_read_back(
			readings in prop::collection::vec(any_reading(), 1..6),
			first in 0u64..1 << 62,
		) {
			let mut buffer = [0; 6 * MAX_READING_BYTES];
			let length = encode(&readings, first, &mut buffer).unwrap();
			prop_assert!(length <= readings.len() * MAX_READING_BYTES);
			let back: Result<Vec<_>, _> =
				Decoder::new(&buffer[..length], readings.len() as u8, first).collect();
			prop_assert_eq!(back, Ok(readings));
		}

		#[test]
		fn any_bytes_are_readings_or_an_error_and_never_a_panic(
			bytes in prop::collection::vec(any::<u8>(), 0..600),
			count: u8,
			first: u64,
		) {
			let items: Vec<_> = Decoder::new(&bytes, count, first).collect();
			prop_assert!(items.len() <= usize::from(count) + 1);
		}

		#[test]
		fn a_code_that_is_cut_short_is_an_error(reading in any_reading(), cut in 1usize..20) {
			let mut buffer = [0; MAX_READING_BYTES];
			let length = encode(&[reading], 0, &mut buffer).unwrap();
			let cut = cut.min(length);
			prop_assert_eq!(
				Decoder::new(&buffer[..length - cut], 1, 0).next(),
				Some(Err(CodecError::CutShort))
			);
		}
	}

	#[test]
	fn the_number_of_readings_is_bounded() {
		let mut buffer = [0; 4096];
		assert_eq!(encode(&[], 0, &mut buffer), Err(CodecError::Count));
		assert_eq!(
			encode(&[Reading::default(); 256], 0, &mut buffer),
			Err(CodecError::Count)
		);
		assert_eq!(encode(&[Reading::default(); 255], 0, &mut buffer), Ok(255));
	}

	#[test]
	fn a_buffer_that_is_too_small_is_an_error() {
		let reading = Reading {
			voltage_mv: 400_000,
			..Reading::default()
		};
		assert_eq!(encode(&[reading], 0, &mut [0; 3]), Err(CodecError::Full));
	}

	#[test]
	fn bytes_after_the_last_reading_and_unknown_fields_are_errors() {
		let all = |bytes: &[u8], count| Decoder::new(bytes, count, 0).collect::<Result<Vec<_>, _>>();
		assert_eq!(all(&[0, 0], 1), Err(CodecError::TrailingBytes));
		assert_eq!(all(&[0x80, 0x80, 0x40], 1), Err(CodecError::Mask), "bit 20");
		assert_eq!(all(&[1, 0], 1), Err(CodecError::Mask));
		assert_eq!(all(&[0x80, 0x80, 0x20, 0], 1), Err(CodecError::Mask));
		assert_eq!(all(&[0x80, 0x80, 0x20], 1), Err(CodecError::CutShort));
		assert_eq!(all(&[0x80, 0x80, 0x20, 1], 1), Err(CodecError::Range), "below 0");
		assert_eq!(all(&[2, 1], 1), Err(CodecError::Range));
	}

	#[test]
	fn cells_that_are_as_before_are_not_written_and_not_read() {
		let all = |bytes: &[u8], count| Decoder::new(bytes, count, 0).collect::<Result<Vec<_>, _>>();
		// Bits 17 and 18, each alone: none after none.
		for mask in [[0x80, 0x80, 0x08], [0x80, 0x80, 0x10]] {
			let none = [mask.as_slice(), &[0]].concat();
			assert_eq!(all(&none, 1), Err(CodecError::Mask));
			// Two cells, 3 and 0; then the same again, and in its place fewer, more or others.
			let first = [mask.as_slice(), &[2, 6, 0]].concat();
			assert!(all(&first, 1).is_ok());
			let then = |cells: &[u8]| all(&[first.as_slice(), &mask, cells].concat(), 2);
			assert_eq!(then(&[2, 0, 0]), Err(CodecError::Mask));
			for others in [[1, 0].as_slice(), &[3, 0, 0, 0], &[2, 0, 2], &[0]] {
				assert_eq!(then(others).map(|readings| readings.len()), Ok(2), "{others:?}");
			}
			// Without its bit it is one byte, and the only code of this.
			let same = all(&[first.as_slice(), &[0]].concat(), 2).unwrap();
			assert_eq!(same[0], same[1]);
			let mut buffer = [0; 64];
			let length = encode(&same, 0, &mut buffer).unwrap();
			assert_eq!(buffer[..length], [first.as_slice(), &[0]].concat());
		}
	}

	#[test]
	fn the_last_command_stands_behind_the_cells_and_costs_nothing_while_it_stays() {
		let reading = Reading {
			cell_voltages_mv: Cells::try_new(&[3]).unwrap(),
			last_command: 7,
			..Reading::default()
		};
		let mut buffer = [0; 64];
		let length = encode(&[reading; 3], 0, &mut buffer).unwrap();
		// Bits 18 and 19; one cell, 3 above nothing; 7 above 0; then two readings that are as the one before.
		assert_eq!(buffer[..length], [0x80, 0x80, 0x30, 1, 6, 14, 0, 0]);
		let back: Result<Vec<_>, _> = Decoder::new(&buffer[..length], 3, 0).collect();
		assert_eq!(back, Ok(vec![reading; 3]));
	}

	#[test]
	fn a_steady_battery_costs_few_bytes_a_reading() {
		let readings: Vec<_> = (0..60u64)
			.map(|index| Reading {
				time_seconds: 1_800_000_000 + 60 * index,
				state_of_health_bp: 9_970,
				state_of_charge_bp: 8_200 - index as u16,
				voltage_mv: 402_500 - 12 * index as u32,
				current_ma: -15_200 + 3 * index as i32,
				..Reading::default()
			})
			.collect();
		let mut buffer = [0; 4096];
		let length = encode(&readings, 1_800_000_000, &mut buffer).unwrap();
		assert!(length < 60 * 7, "{length} bytes for 60 readings");
	}
}
