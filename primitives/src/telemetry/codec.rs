//! The code of a frame's readings: bits, each value as its difference to what the reading before lets expect.
//!
//! `docs/frame-format.md` has it bit by bit. In short, a reading is
//!
//! ```text
//! reading = slow ‖ thermal ‖ time ‖ voltage ‖ current ‖ power ‖ charge ‖ energy ‖ remaining ‖ state of charge ‖ cell voltages
//! slow    = 0, or 1 ‖ mask of 8 bits ‖ difference of each field that has changed
//! thermal = 0, or 1 ‖ mask of 4 bits ‖ difference of each field that has changed
//! ```
//!
//! A difference is written zig-zag in an exponential Golomb code (H.264, clause 9.1) whose order follows the differences that the same field had before in this
//! frame: noise of a few units takes a few bits. What a battery's model says is not written: power is voltage times current, charge and
//! energy grow by them, cells move with the pack.
//!
//! The code is canonical: two different byte strings never mean the same readings.

use super::{
	reading::{Cells, Reading, MAX_CELLS},
	MAX_READINGS,
};

/// Values of 64 bits stay below this, so that no difference of two overflows.
const VALUE_LIMIT: i64 = 1 << 61;

/// Bits of the longest code of a number: 63 ones, a zero, 63 bits.
const MAX_NUMBER_BITS: usize = 127;

/// The same of a cell's value, whose differences have 17 bits: at the lowest order, 18 ones, a zero and 18 bits.
const MAX_CELL_BITS: usize = 37;

/// Longest code of one reading, in bytes: two flags, two masks, 18 numbers, the count of cell temperatures and twice 32 cells, each at its longest; and
/// what fills up the last byte.
pub const MAX_READING_BYTES: usize =
	(2 + 8 + 4 + 18 * MAX_NUMBER_BITS + COUNT_BITS as usize + 2 * MAX_CELLS * MAX_CELL_BITS).div_ceil(8);

/// Bits of the count of cell temperatures.
const COUNT_BITS: u32 = 6;

/// Fields that have an order of their own: time, voltage, current, power, charge, energy, remaining capacity, state of charge, cell voltages.
const FOLLOWED: usize = 9;
const CELLS: usize = 8;

/// Their orders in the first reading, which is all difference: what batteries of some 50 V and 50 Ah to 800 V and 200 Ah have.
const FIRST_ORDERS: [u32; CELLS] = [0, 14, 10, 2, 20, 18, 14, 12];
/// Order of what changes rarely and of temperatures in the first reading, and after it.
const FIRST_ORDER: u32 = 8;
const SLOW_ORDER: u32 = 4;
const THERMAL_ORDER: u32 = 1;
/// Order of a cell's temperature next to what it was.
const CELL_TEMPERATURE_ORDER: u32 = 0;
/// Orders of a cell that was not there before: of the first one's voltage and temperature, and of any other next to its neighbour.
const FIRST_CELL_VOLTAGE_ORDER: u32 = 12;
const FIRST_CELL_TEMPERATURE_ORDER: u32 = 8;
const NEIGHBOUR_ORDER: u32 = 3;

/// Longest time that charge and energy are expected to go on as now, in seconds.
const MAX_EXPECTED_SECONDS: i64 = 86_400;

const SLOW_FIELDS: usize = 8;
const THERMAL_FIELDS: usize = 3;
/// In the mask of four bits: the cells' temperatures.
const CELL_TEMPERATURES: u32 = 1;

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
	/// Bytes are left after the last reading, or its last byte is not filled up with zeros.
	#[error("bytes follow the last reading")]
	TrailingBytes,
	/// A mask without a bit, or a field in it that is as before.
	#[error("the mask of a reading is not valid")]
	Mask,
	/// A value outside the range of its field.
	#[error("a value is outside its field's range")]
	Range,
}

/// A whole number of 64 bits as the code has it.
fn bounded(value: u64) -> Result<i64, CodecError> {
	i64::try_from(value)
		.ok()
		.filter(|value| *value < VALUE_LIMIT)
		.ok_or(CodecError::Range)
}

/// A value of a field, from what is expected and the difference to it.
fn value<T: TryFrom<i64>>(expected: i64, difference: i64) -> Result<T, CodecError> {
	let value = expected.checked_add(difference).ok_or(CodecError::Range)?;
	T::try_from(value).map_err(|_| CodecError::Range)
}

/// The same of a field of 64 bits.
fn wide(expected: i64, difference: i64) -> Result<u64, CodecError> {
	let value: u64 = value(expected, difference)?;
	bounded(value).map(|_| value)
}

/// How large the differences of a field have been in this frame: four times their mean, the last ones counting most.
#[derive(Clone, Copy)]
struct Habit(u32);

impl Habit {
	/// Larger ones count as this: one jump must not make the code long for the rest of the frame.
	const MOST: u64 = 1 << 20;

	const fn order(self) -> u32 {
		u32::BITS - (self.0 >> 4).leading_zeros()
	}

	fn note(&mut self, number: u64) {
		self.0 = self.0 - (self.0 >> 2) + number.min(Self::MOST) as u32;
	}
}

/// What the next reading is written against.
struct Context {
	previous: Reading,
	/// Between the two readings before, in seconds.
	interval: i64,
	is_first: bool,
	habits: [Habit; FOLLOWED],
}

impl Context {
	fn new(first_seconds: u64) -> Self {
		Context {
			previous: Reading {
				time_seconds: first_seconds,
				..Reading::default()
			},
			interval: 0,
			is_first: true,
			habits: [Habit(8); FOLLOWED],
		}
	}

	const fn order(&self, later: u32) -> u32 {
		if self.is_first {
			FIRST_ORDER
		} else {
			later
		}
	}

	/// How much all cells have moved together, if the pack's voltage says so of as many cells as before.
	fn common_mv(&self, voltage_mv: u32, cells: usize) -> i64 {
		let count = cells as i64;
		if count == 0 || cells != self.previous.cell_voltages_mv.as_slice().len() {
			return 0;
		}
		let moved = i64::from(voltage_mv) - i64::from(self.previous.voltage_mv);
		(moved + moved.signum() * (count / 2)) / count
	}
}

/// What the pack gives or takes at this voltage and current, in W.
fn power_of(voltage_mv: u32, current_ma: i32) -> i64 {
	i64::from(voltage_mv) * i64::from(current_ma) / 1_000_000
}

/// The power that is expected: none of a battery that has not told it.
fn expected_power_w(previous: &Reading, voltage_mv: u32, current_ma: i32) -> i64 {
	if previous.power_w == 0 && power_of(previous.voltage_mv, previous.current_ma) != 0 {
		return 0;
	}
	power_of(voltage_mv, current_ma)
}

/// A counter that goes on by what flows in so many seconds at this rate for an hour. One that stands at 0 is not kept.
fn expected_count(before: i64, per_hour: i64, seconds: i64) -> i64 {
	if before == 0 {
		return 0;
	}
	before + per_hour * seconds / 3_600
}

/// The state of charge in proportion to the capacity that remains, in basis points.
fn state_of_charge_bp(previous: &Reading, remaining_mah: u32) -> i64 {
	let (before, now) = (
		i64::from(previous.remaining_capacity_mah),
		i64::from(remaining_mah),
	);
	let state = i64::from(previous.state_of_charge_bp);
	if before == 0 {
		return state;
	}
	(state * now + before / 2) / before
}

/// Where the code is written to or read from. What is written is given back, what is read is not asked for: so one walk through a reading serves both.
trait Bits {
	/// So many bits, at most 32, the highest first.
	fn bits(&mut self, value: u32, count: u32) -> Result<u32, CodecError>;

	/// A number below 2^63, in the exponential Golomb code of this order.
	fn number(&mut self, number: u64, order: u32) -> Result<u64, CodecError>;

	/// A difference, of less than 2^62: zig-zag.
	fn difference(&mut self, difference: i64, order: u32) -> Result<i64, CodecError> {
		let number = self.number(zigzag(difference), order)?;
		Ok((number >> 1) as i64 ^ -((number & 1) as i64))
	}

	/// Which fields of a group have changed, one of them at least, or none.
	fn changed(&mut self, mask: u32, fields: u32) -> Result<u32, CodecError> {
		if self.bits(u32::from(mask != 0), 1)? == 0 {
			return Ok(0);
		}
		match self.bits(mask, fields)? {
			0 => Err(CodecError::Mask),
			mask => Ok(mask),
		}
	}

	/// What a field that has changed is now.
	// For the same reason as `Writer::put`.
	#[inline(never)]
	fn change(&mut self, before: i64, now: i64, order: u32) -> Result<i64, CodecError> {
		match self.difference(now - before, order)? {
			0 => Err(CodecError::Mask),
			difference => before.checked_add(difference).ok_or(CodecError::Range),
		}
	}
}

const fn zigzag(difference: i64) -> u64 {
	(difference as u64) << 1 ^ (difference >> 63) as u64
}

struct Writer<'a> {
	buffer: &'a mut [u8],
	written_bits: usize,
}

impl Writer<'_> {
	// Not where it is called: a device has room for it once.
	#[inline(never)]
	fn put(&mut self, value: u64, count: u32) -> Result<(), CodecError> {
		for place in (0..count).rev() {
			let byte = self
				.buffer
				.get_mut(self.written_bits / 8)
				.ok_or(CodecError::Full)?;
			let bit = self.written_bits % 8;
			if bit == 0 {
				*byte = 0;
			}
			*byte |= ((value >> place & 1) as u8) << (7 - bit);
			self.written_bits += 1;
		}
		Ok(())
	}
}

impl Bits for Writer<'_> {
	fn bits(&mut self, value: u32, count: u32) -> Result<u32, CodecError> {
		self.put(value.into(), count)?;
		Ok(value)
	}

	fn number(&mut self, number: u64, order: u32) -> Result<u64, CodecError> {
		let code = number + (1 << order);
		let bits = u64::BITS - 1 - code.leading_zeros();
		for _ in order..bits {
			self.put(1, 1)?;
		}
		self.put(0, 1)?;
		self.put(code, bits)?;
		Ok(number)
	}
}

struct Reader<'a> {
	bytes: &'a [u8],
	read_bits: usize,
}

impl Reader<'_> {
	fn get(&mut self, count: u32) -> Result<u64, CodecError> {
		let mut value = 0;
		for _ in 0..count {
			let byte = self.bytes.get(self.read_bits / 8).ok_or(CodecError::CutShort)?;
			value = value << 1 | u64::from(byte >> (7 - self.read_bits % 8) & 1);
			self.read_bits += 1;
		}
		Ok(value)
	}

	/// Whether nothing is left but what fills up the last byte.
	fn is_at_its_end(&self) -> bool {
		let mut rest = Reader {
			bytes: self.bytes,
			read_bits: self.read_bits,
		};
		let left = self.bytes.len() * 8 - self.read_bits;
		left < 8 && rest.get(left as u32) == Ok(0)
	}
}

impl Bits for Reader<'_> {
	fn bits(&mut self, _: u32, count: u32) -> Result<u32, CodecError> {
		Ok(self.get(count)? as u32)
	}

	fn number(&mut self, _: u64, order: u32) -> Result<u64, CodecError> {
		let mut bits = order;
		while self.get(1)? == 1 {
			bits += 1;
			if bits > 63 {
				return Err(CodecError::Range);
			}
		}
		let code = 1 << bits | self.get(bits)?;
		Ok(code - (1 << order))
	}
}

fn slow_fields(reading: &Reading) -> Result<[i64; SLOW_FIELDS], CodecError> {
	Ok([
		reading.state_of_health_bp.into(),
		reading.internal_resistance_uohm.into(),
		reading.cycle_count.into(),
		reading.status.into(),
		reading.faults.into(),
		reading.warnings.into(),
		reading.cell_voltages_mv.as_slice().len() as i64,
		bounded(reading.last_command)?,
	])
}

fn thermal_fields(reading: &Reading) -> [i64; THERMAL_FIELDS] {
	[
		reading.temperature_average_dc.into(),
		reading.temperature_max_dc.into(),
		reading.temperature_min_dc.into(),
	]
}

/// A bit for each field that is another than before, the first the highest.
fn mask_of(before: &[i64], now: &[i64]) -> u32 {
	let changed = before.iter().zip(now).map(|(before, now)| before != now);
	changed.fold(0, |mask, changed| mask << 1 | u32::from(changed))
}

impl Context {
	/// A value that is expected to be this one, by the habit of its field.
	// For the same reason as `Writer::put`.
	#[inline(never)]
	fn follow(
		&mut self,
		bits: &mut impl Bits,
		field: usize,
		expected: i64,
		now: i64,
	) -> Result<i64, CodecError> {
		let habit = self.habits.get_mut(field).ok_or(CodecError::Range)?;
		let first = FIRST_ORDERS.get(field).filter(|_| self.is_first);
		let order = first.copied().unwrap_or(habit.order());
		let difference = bits.difference(now - expected, order)?;
		if first.is_none() {
			habit.note(zigzag(difference));
		}
		expected.checked_add(difference).ok_or(CodecError::Range)
	}

	/// The next reading: this one where it is written.
	// For the same reason as `Writer::put`.
	#[inline(never)]
	fn next(&mut self, bits: &mut impl Bits, now: &Reading) -> Result<Reading, CodecError> {
		let previous = self.previous;
		let mut slow = slow_fields(&previous)?;
		let slow_now = slow_fields(now)?;
		let changed = bits.changed(mask_of(&slow, &slow_now), SLOW_FIELDS as u32)?;
		let order = self.order(SLOW_ORDER);
		for (place, (field, now)) in (0..SLOW_FIELDS).rev().zip(slow.iter_mut().zip(slow_now)) {
			if changed >> place & 1 == 1 {
				*field = bits.change(*field, now, order)?;
			}
		}

		let mut thermal = thermal_fields(&previous);
		let thermal_now = thermal_fields(now);
		let cells_changed = now.cell_temperatures_dc != previous.cell_temperatures_dc;
		let mask = (mask_of(&thermal, &thermal_now) << 1) | (u32::from(cells_changed) * CELL_TEMPERATURES);
		let changed = bits.changed(mask, THERMAL_FIELDS as u32 + 1)?;
		let order = self.order(THERMAL_ORDER);
		for (place, (field, now)) in (1..=THERMAL_FIELDS)
			.rev()
			.zip(thermal.iter_mut().zip(thermal_now))
		{
			if changed >> place & 1 == 1 {
				*field = bits.change(*field, now, order)?;
			}
		}
		let mut cell_temperatures_dc = previous.cell_temperatures_dc;
		if changed & CELL_TEMPERATURES != 0 {
			let given = now.cell_temperatures_dc;
			let count = bits.bits(given.as_slice().len() as u32, COUNT_BITS)?;
			cell_temperatures_dc = cells(count as usize, |place, neighbour| {
				let before = previous.cell_temperatures_dc.as_slice().get(place);
				let now = given.as_slice().get(place).copied().unwrap_or_default().into();
				let Some(before) = before.copied().map(i64::from) else {
					return new_cell(bits, FIRST_CELL_TEMPERATURE_ORDER, neighbour, now);
				};
				value(before, bits.difference(now - before, CELL_TEMPERATURE_ORDER)?)
			})?;
			if cell_temperatures_dc == previous.cell_temperatures_dc {
				return Err(CodecError::Mask);
			}
		}

		let (before, at) = (bounded(previous.time_seconds)?, bounded(now.time_seconds)?);
		let interval = self.follow(bits, 0, self.interval, at - before)?;
		let time_seconds = wide(before, interval)?;
		let seconds = interval.clamp(0, MAX_EXPECTED_SECONDS);
		let voltage = self.follow(bits, 1, previous.voltage_mv.into(), now.voltage_mv.into())?;
		let voltage_mv = value(voltage, 0)?;
		let current = self.follow(bits, 2, previous.current_ma.into(), now.current_ma.into())?;
		let current_ma = value(current, 0)?;
		let expected = expected_power_w(&previous, voltage_mv, current_ma);
		let power_w = value(self.follow(bits, 3, expected, now.power_w.into())?, 0)?;
		let taken_out = |rate: i32| i64::from(rate).min(0).abs();
		let before = bounded(previous.capacity_throughput_mah)?;
		let expected = expected_count(before, taken_out(current_ma), seconds);
		let charge = self.follow(bits, 4, expected, bounded(now.capacity_throughput_mah)?)?;
		let before = bounded(previous.energy_throughput_wh)?;
		let expected = expected_count(before, taken_out(power_w), seconds);
		let energy = self.follow(bits, 5, expected, bounded(now.energy_throughput_wh)?)?;
		let before = previous.remaining_capacity_mah.into();
		let expected = expected_count(before, current_ma.into(), seconds);
		let remaining = self.follow(bits, 6, expected, now.remaining_capacity_mah.into())?;
		let remaining_capacity_mah = value(remaining, 0)?;
		let expected = state_of_charge_bp(&previous, remaining_capacity_mah);
		let state_of_charge = self.follow(bits, 7, expected, now.state_of_charge_bp.into())?;

		let [health, resistance, cycles, status, faults, warnings, cell_count, last_command] = slow;
		let cell_count = value::<usize>(cell_count, 0)?;
		let common_mv = self.common_mv(voltage_mv, cell_count);
		let cell_voltages_mv = cells(cell_count, |place, neighbour| {
			let before = previous.cell_voltages_mv.as_slice().get(place);
			let now = now.cell_voltages_mv.as_slice().get(place).copied();
			let now = now.unwrap_or_default().into();
			let Some(before) = before.copied().map(i64::from) else {
				return new_cell(bits, FIRST_CELL_VOLTAGE_ORDER, neighbour, now);
			};
			value(self.follow(bits, CELLS, before + common_mv, now)?, 0)
		})?;

		let [average, max, min] = thermal;
		let reading = Reading {
			time_seconds,
			state_of_health_bp: value(health, 0)?,
			state_of_charge_bp: value(state_of_charge, 0)?,
			voltage_mv,
			current_ma,
			temperature_average_dc: value(average, 0)?,
			temperature_max_dc: value(max, 0)?,
			temperature_min_dc: value(min, 0)?,
			internal_resistance_uohm: value(resistance, 0)?,
			cycle_count: value(cycles, 0)?,
			energy_throughput_wh: wide(energy, 0)?,
			capacity_throughput_mah: wide(charge, 0)?,
			remaining_capacity_mah,
			power_w,
			status: value(status, 0)?,
			faults: value(faults, 0)?,
			warnings: value(warnings, 0)?,
			cell_temperatures_dc,
			cell_voltages_mv,
			last_command: wide(last_command, 0)?,
		};
		self.previous = reading;
		self.interval = interval;
		self.is_first = false;
		Ok(reading)
	}
}

/// So many cells, each made from its place and from the cell before it in this reading, if there is one.
fn cells<T: Copy + Default + Into<i64>>(
	count: usize,
	mut cell: impl FnMut(usize, Option<i64>) -> Result<T, CodecError>,
) -> Result<Cells<T>, CodecError> {
	let mut values = [T::default(); MAX_CELLS];
	let mut neighbour = None;
	for (place, value) in values
		.get_mut(..count)
		.ok_or(CodecError::Range)?
		.iter_mut()
		.enumerate()
	{
		*value = cell(place, neighbour)?;
		neighbour = Some((*value).into());
	}
	Cells::try_new(&values[..count]).ok_or(CodecError::Range)
}

/// A cell that was not there before.
fn new_cell<T: TryFrom<i64>>(
	bits: &mut impl Bits,
	first_order: u32,
	neighbour: Option<i64>,
	now: i64,
) -> Result<T, CodecError> {
	let order = neighbour.map_or(first_order, |_| NEIGHBOUR_ORDER);
	let expected = neighbour.unwrap_or(0);
	value(expected, bits.difference(now - expected, order)?)
}

/// Writes readings into `buffer` and returns how many bytes they take. `first_seconds` is the header's.
pub fn encode(readings: &[Reading], first_seconds: u64, buffer: &mut [u8]) -> Result<usize, CodecError> {
	if readings.is_empty() || readings.len() > MAX_READINGS {
		return Err(CodecError::Count);
	}
	let mut writer = Writer {
		buffer,
		written_bits: 0,
	};
	let mut context = Context::new(first_seconds);
	for reading in readings {
		context.next(&mut writer, reading)?;
	}
	Ok(writer.written_bits.div_ceil(8))
}

/// Reads the readings of a frame one after the other, without an allocator.
pub struct Decoder<'a> {
	reader: Reader<'a>,
	remaining: u8,
	context: Context,
	failed: bool,
}

impl<'a> Decoder<'a> {
	/// Starts on the opened part of a frame whose header says `count` and `first_seconds`.
	pub fn new(bytes: &'a [u8], count: u8, first_seconds: u64) -> Self {
		Decoder {
			reader: Reader { bytes, read_bits: 0 },
			remaining: count,
			context: Context::new(first_seconds),
			failed: false,
		}
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
			return (!self.reader.is_at_its_end()).then_some(Err(CodecError::TrailingBytes));
		}
		self.remaining -= 1;
		let reading = self.context.next(&mut self.reader, &Reading::default());
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
			(time, energy, charge, command) in (0u64..1 << 61, 0u64..1 << 61, 0u64..1 << 61, 0u64..1 << 61),
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
			first in 0u64..1 << 61,
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
		// Two flags and eight numbers: of 98 bits in the first reading, of one each in the others.
		assert_eq!(
			encode(&[Reading::default(); 255], 0, &mut buffer),
			Ok((2 + 98 + 254 * 10_usize).div_ceil(8))
		);
	}

	#[test]
	fn a_buffer_that_is_too_small_is_an_error() {
		let reading = Reading {
			voltage_mv: 400_000,
			..Reading::default()
		};
		assert_eq!(encode(&[reading], 0, &mut [0; 11]), Err(CodecError::Full));
	}

	/// Bytes of bits that are written as text.
	fn bytes_of(text: &str) -> Vec<u8> {
		let bits: Vec<_> = text.bytes().filter(u8::is_ascii_digit).collect();
		bits.chunks(8)
			.map(|chunk| (0..8).fold(0, |byte, bit| byte << 1 | u8::from(chunk.get(bit) == Some(&b'1'))))
			.collect()
	}

	fn read(text: &str, count: u8) -> Result<Vec<Reading>, CodecError> {
		Decoder::new(&bytes_of(text), count, 0).collect()
	}

	/// Zeros of the first reading: time; voltage; current, power, charge, energy, remaining capacity, state of charge; all of them.
	const TIME: &str = "0";
	const VOLTAGE: &str = "000000000000000";
	const THE_OTHERS: &str =
		"00000000000 000 000000000000000000000 0000000000000000000 000000000000000 0000000000000";

	fn zeros() -> String {
		[TIME, VOLTAGE, THE_OTHERS].concat()
	}

	#[test]
	fn a_reading_stands_bit_for_bit_as_the_specification_has_it() {
		let reading = Reading {
			state_of_health_bp: 1,
			temperature_max_dc: -1,
			voltage_mv: 30_000,
			cell_voltages_mv: Cells::try_new(&[3, 5]).unwrap(),
			..Reading::default()
		};
		let then = Reading {
			time_seconds: 1,
			voltage_mv: 30_005,
			cell_voltages_mv: Cells::try_new(&[5, 7]).unwrap(),
			..reading
		};
		let code = [
			// Slow: state of health +1 and two cells, zig-zag 2 and 4 of order 8.
			"1 10000010 0 00000010 0 00000100",
			// Thermal: the highest temperature -1, zig-zag 1.
			"1 0100 0 00000001",
			// Time 0, voltage +30,000: zig-zag 60,000, with 2^14 above it 76,384, which has 17 bits.
			TIME,
			"110 0010101001100000",
			THE_OTHERS,
			// Cells: +3 of order 12, and +2 to the one before it, of order 3.
			"0 000000000110 0 100",
			// The second: nothing slow, nothing thermal; order 0 from here on. Time +1, voltage +5: zig-zag 2 and 10.
			"0 0 10 1 1110 011",
			"0 0 0 0 0 0",
			// Cells: 5 mV on two are 3 for each with rounding away from zero: -1 and -1, zig-zag 1.
			"10 0 10 0",
		]
		.concat();
		let mut buffer = [0; 64];
		let length = encode(&[reading, then], 0, &mut buffer).unwrap();
		assert_eq!(read(&code, 2), Ok(vec![reading, then]));
		assert_eq!(buffer[..length], bytes_of(&code));
	}

	#[test]
	fn what_is_no_code_of_readings_is_an_error() {
		let all = |text: &str| read(text, 1);
		let whole = ["0 0 ", &zeros()].concat();
		assert_eq!(all(&whole), Ok(vec![Reading::default()]));
		assert_eq!(
			all(&[&whole, "0000 00000000"].concat()),
			Err(CodecError::TrailingBytes)
		);
		assert_eq!(all(&[&whole, "0001"].concat()), Err(CodecError::TrailingBytes));
		assert_eq!(
			all("1 00000000"),
			Err(CodecError::Mask),
			"nothing slow has changed"
		);
		assert_eq!(all("0 1 0000"), Err(CodecError::Mask), "nothing thermal");
		assert_eq!(all("1 10000000 0 00000000"), Err(CodecError::Mask));
		assert_eq!(all("0 1 0010 0 00000000"), Err(CodecError::Mask));
		assert_eq!(
			all("0 1 0001 000000"),
			Err(CodecError::Mask),
			"no cells after none"
		);
		assert_eq!(all("0 1 0001 100001"), Err(CodecError::Range), "33 cells");
		assert_eq!(all("1 10000000"), Err(CodecError::CutShort));
		// State of health -1, which the reading's end shows.
		assert_eq!(
			all(&["1 10000000 0 00000001 0", &zeros()].concat()),
			Err(CodecError::Range)
		);
		assert_eq!(all(&["0 0 ", &"1".repeat(64)].concat()), Err(CodecError::Range));
	}

	#[test]
	fn cells_that_are_as_before_are_not_read_again() {
		// One sensor at 2, zig-zag 4 of order 8; then the same again, and in its place another, none or two.
		let first = ["0 1 0001 000001 0 00000100 ", &zeros()].concat();
		let then = |cells: &str| read(&[&first, "0 1 0001 ", cells, "00000000"].concat(), 2);
		assert_eq!(then("000001 0"), Err(CodecError::Mask));
		for (others, expected) in [
			("000001 101", [3].as_slice()),
			("000000", &[]),
			("000010 0 0 010", &[2, 3]),
		] {
			let readings = then(others).unwrap();
			assert_eq!(readings[1].cell_temperatures_dc.as_slice(), expected, "{others}");
		}
	}

	#[test]
	fn a_value_that_no_difference_could_tell_is_an_error() {
		let mut buffer = [0; MAX_READING_BYTES];
		for reading in [
			Reading {
				time_seconds: 1 << 61,
				..Reading::default()
			},
			Reading {
				last_command: u64::MAX,
				..Reading::default()
			},
		] {
			assert_eq!(encode(&[reading], 0, &mut buffer), Err(CodecError::Range));
		}
		assert_eq!(
			encode(&[Reading::default()], u64::MAX, &mut buffer),
			Err(CodecError::Range)
		);
		assert_eq!(
			Decoder::new(&[0; 32], 1, u64::MAX).next(),
			Some(Err(CodecError::Range))
		);
	}

	#[test]
	fn what_follows_from_the_rest_costs_a_bit() {
		// A pack that is discharged evenly: power, charge, energy, remaining capacity, state of charge and cells follow.
		let readings: Vec<_> = (0..60_i32)
			.map(|minute| Reading {
				time_seconds: 60 * minute as u64,
				state_of_charge_bp: 9_000 - 18 * minute as u16,
				voltage_mv: 50_000 - 14 * minute as u32,
				current_ma: -6_000,
				power_w: -((50_000 - 14 * minute) * 6 / 1_000),
				capacity_throughput_mah: 100 * minute as u64,
				remaining_capacity_mah: 50_000 - 100 * minute as u32,
				cell_voltages_mv: Cells::try_new(&[3_600 - minute as u16; 14]).unwrap(),
				..Reading::default()
			})
			.collect();
		let mut buffer = [0; 4096];
		let length = encode(&readings, 0, &mut buffer).unwrap();
		assert!(length < 60 * 6, "{length} bytes for 60 readings");
		let back: Result<Vec<_>, _> = Decoder::new(&buffer[..length], 60, 0).collect();
		assert_eq!(back, Ok(readings));
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
		assert!(length < 60 * 5, "{length} bytes for 60 readings");
	}
}
