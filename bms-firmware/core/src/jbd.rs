//! The UART protocol of JBD (Xiaoxiang) battery-management boards: what a device asks its board, and what the board answers.
//!
//! ```text
//! request  = DD ‖ A5 ‖ register ‖ length ‖ data ‖ checksum u16 ‖ 77
//! response = DD ‖ register ‖ status ‖ length ‖ data ‖ checksum u16 ‖ 77       9600 baud, 8N1, big-endian
//! checksum = 2^16 less the sum of all bytes from the third to the last of the data
//! ```
//!
//! Both have the same shape, so one [`Receiver`] finds either in a stream of bytes. It trusts nothing: a length beyond
//! [`MAX_DATA_BYTES`], a wrong checksum or a wrong end drops one byte, and the search goes on behind it.
//!
//! Source: "JBD UART/RS485 communication protocol" as published by the maker, and the frame that powermon's documents show.

use passport_primitives::telemetry::{reading::MAX_CELLS, Cells};

use crate::measurement::Measurement;

/// First byte of every packet.
const START: u8 = 0xdd;
/// Last byte of every packet.
const END: u8 = 0x77;
/// Second byte of a request that reads.
const READ: u8 = 0xa5;
/// Third byte of a response without an error.
const STATUS_OK: u8 = 0x00;
/// Third byte of a response to something that the board does not know.
pub const STATUS_UNKNOWN: u8 = 0x80;

const HEADER_BYTES: usize = 4;
const TRAILER_BYTES: usize = 3;

/// Most data bytes of a packet: 32 cells take 64, what newer boards append to the basic information stays below this.
pub const MAX_DATA_BYTES: usize = 96;
/// Longest packet, in bytes.
pub const MAX_PACKET_BYTES: usize = HEADER_BYTES + MAX_DATA_BYTES + TRAILER_BYTES;
/// Length of a request that reads, in bytes.
pub const REQUEST_BYTES: usize = HEADER_BYTES + TRAILER_BYTES;
/// Most temperature sensors that a board reports.
pub const MAX_SENSORS: usize = 8;

/// Basic information before the temperatures, in bytes.
const BASIC_BYTES: usize = 23;
/// 0 °C, in 0.1 K.
const ZERO_CELSIUS_DK: i32 = 2_731;

/// What can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
	/// Voltage, current, charge, temperatures, state: [`BasicInformation`].
	BasicInformation,
	/// Voltages of the cells: [`cell_voltages`].
	CellVoltages,
	/// The board's name, in ASCII.
	HardwareVersion,
}

impl Register {
	/// Its number.
	pub const fn number(self) -> u8 {
		match self {
			Register::BasicInformation => 0x03,
			Register::CellVoltages => 0x04,
			Register::HardwareVersion => 0x05,
		}
	}

	/// The register of a number.
	pub const fn from_number(number: u8) -> Option<Self> {
		match number {
			0x03 => Some(Register::BasicInformation),
			0x04 => Some(Register::CellVoltages),
			0x05 => Some(Register::HardwareVersion),
			_ => None,
		}
	}
}

/// Why an answer gives no measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JbdError {
	/// It answers another register.
	#[error("the answer is of another register")]
	OtherRegister,
	/// The board reports an error.
	#[error("the board answers with status {0:#04x}")]
	Status(u8),
	/// Shorter than its own counts of cells and sensors say, or an odd number of bytes.
	#[error("the answer is cut short")]
	CutShort,
	/// More cells or sensors than a reading holds.
	#[error("more cells or sensors than a reading holds")]
	TooMany,
	/// No cells or no temperature sensor: nothing that could be judged.
	#[error("the answer has no cells or no temperature")]
	Nothing,
	/// Voltages of another number of cells than the basic information counts.
	#[error("the two answers disagree on the number of cells")]
	CellCount,
	/// A temperature that no sensor can report.
	#[error("a temperature is out of range")]
	Temperature,
}

/// 2^16 less the sum of the bytes.
fn checksum(bytes: &[u8]) -> [u8; 2] {
	bytes
		.iter()
		.fold(0u16, |sum, byte| sum.wrapping_sub(u16::from(*byte)))
		.to_be_bytes()
}

/// The bytes that ask for a register.
pub fn request(register: Register) -> [u8; REQUEST_BYTES] {
	let [high, low] = checksum(&[register.number(), 0]);
	[START, READ, register.number(), 0, high, low, END]
}

/// Writes a response as a board does and returns its length; `None` when the data are longer than [`MAX_DATA_BYTES`] or
/// `packet` has no room. For responders and tests.
pub fn response(register: u8, status: u8, data: &[u8], packet: &mut [u8]) -> Option<usize> {
	if data.len() > MAX_DATA_BYTES {
		return None;
	}
	let body = HEADER_BYTES + data.len();
	let packet = packet.get_mut(..body + TRAILER_BYTES)?;
	packet[..HEADER_BYTES].copy_from_slice(&[START, register, status, data.len() as u8]);
	packet[HEADER_BYTES..body].copy_from_slice(data);
	let sum = checksum(&packet[2..body]);
	packet[body..body + 2].copy_from_slice(&sum);
	packet[body + 2] = END;
	Some(packet.len())
}

/// A packet whose checksum is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
	/// Second byte: the register of a response, the direction of a request.
	second: u8,
	/// Third byte: the status of a response, the register of a request.
	third: u8,
	/// The data.
	data: &'a [u8],
}

impl<'a> Packet<'a> {
	/// The data of a response to `register`.
	pub fn answer_to(&self, register: Register) -> Result<&'a [u8], JbdError> {
		match (self.second == register.number(), self.third) {
			(false, _) => Err(JbdError::OtherRegister),
			(true, STATUS_OK) => Ok(self.data),
			(true, status) => Err(JbdError::Status(status)),
		}
	}

	/// The number of the register that a request wants to read; `None` when it is no such request.
	pub fn requested(&self) -> Option<u8> {
		(self.second == READ).then_some(self.third)
	}
}

/// Finds packets in a stream of bytes that may begin anywhere, lose bytes and carry noise.
#[derive(Clone, Debug)]
pub struct Receiver {
	buffer: [u8; MAX_PACKET_BYTES],
	length: usize,
	/// Length of the packet that was given out last and is still in the buffer.
	given: usize,
}

impl Default for Receiver {
	fn default() -> Self {
		Self::new()
	}
}

impl Receiver {
	/// That has seen nothing.
	pub const fn new() -> Self {
		Receiver {
			buffer: [0; MAX_PACKET_BYTES],
			length: 0,
			given: 0,
		}
	}

	/// Forgets what it has seen: before a request, so that an answer to the one before is not taken for its own.
	pub fn clear(&mut self) {
		(self.length, self.given) = (0, 0);
	}

	/// Takes a byte; a packet when it was the last one of it.
	pub fn push(&mut self, byte: u8) -> Option<Packet<'_>> {
		self.remove_first(self.given);
		self.given = 0;
		// There is room: what is shorter than the buffer waits for its end, and nothing is longer.
		*self.buffer.get_mut(self.length)? = byte;
		self.length += 1;
		while let Found::Damaged = self.look() {
			self.remove_first(1);
		}
		let Found::Whole(length) = self.look() else {
			return None;
		};
		self.given = length;
		let packet = &self.buffer[..length];
		Some(Packet {
			second: packet[1],
			third: packet[2],
			data: &packet[HEADER_BYTES..length - TRAILER_BYTES],
		})
	}

	/// What the buffer begins with.
	fn look(&self) -> Found {
		let bytes = &self.buffer[..self.length];
		match (bytes.first(), bytes.get(3)) {
			(None, _) => return Found::Incomplete,
			(Some(first), _) if *first != START => return Found::Damaged,
			(_, Some(length)) if usize::from(*length) > MAX_DATA_BYTES => return Found::Damaged,
			(_, None) => return Found::Incomplete,
			_ => {}
		}
		let body = HEADER_BYTES + usize::from(bytes[3]);
		let Some(packet) = bytes.get(..body + TRAILER_BYTES) else {
			return Found::Incomplete;
		};
		if packet[body..body + 2] == checksum(&packet[2..body]) && packet[body + 2] == END {
			Found::Whole(packet.len())
		} else {
			Found::Damaged
		}
	}

	fn remove_first(&mut self, count: usize) {
		let count = count.min(self.length);
		self.buffer.copy_within(count..self.length, 0);
		self.length -= count;
	}
}

enum Found {
	/// The beginning of a packet, or nothing.
	Incomplete,
	/// A packet of this length.
	Whole(usize),
	/// No packet begins here.
	Damaged,
}

/// Register 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct BasicInformation {
	/// Voltage of the pack, in mV; the board resolves 10 mV.
	pub voltage_mv: u32,
	/// Current, in mA, charging positive; the board resolves 10 mA.
	pub current_ma: i32,
	/// Charge that is left, as the board counts it, in mAh.
	pub remaining_mah: u32,
	/// Nominal capacity, in mAh.
	pub nominal_mah: u32,
	/// Cycles, as the board counts them.
	pub cycles: u16,
	/// A bit for each cell that is bled, the first cell lowest.
	pub balancing: u32,
	/// The board's own protection bits.
	pub protection: u16,
	/// State of charge, as the board estimates it, in percent.
	pub state_of_charge_percent: u8,
	/// Number of cells in series.
	pub cell_count: u8,
	/// Temperatures, in 0.1 °C.
	pub temperatures_dc: Cells<i16>,
}

fn u16_at(data: &[u8], at: usize) -> Result<u16, JbdError> {
	let bytes = data.get(at..at + 2).ok_or(JbdError::CutShort)?;
	Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
}

impl BasicInformation {
	/// From the data of a response. Bytes behind the temperatures, as newer boards append them, are not looked at.
	pub fn parse(data: &[u8]) -> Result<Self, JbdError> {
		let header = data.get(..BASIC_BYTES).ok_or(JbdError::CutShort)?;
		let sensors = usize::from(header[22]);
		let mut temperatures_dc = [0; MAX_SENSORS];
		let temperatures = temperatures_dc.get_mut(..sensors).ok_or(JbdError::TooMany)?;
		for (index, temperature) in temperatures.iter_mut().enumerate() {
			let kelvin = i32::from(u16_at(data, BASIC_BYTES + 2 * index)?);
			*temperature = i16::try_from(kelvin - ZERO_CELSIUS_DK).map_err(|_| JbdError::Temperature)?;
		}
		Ok(BasicInformation {
			voltage_mv: 10 * u32::from(u16_at(header, 0)?),
			current_ma: 10 * i32::from(u16_at(header, 2)? as i16),
			remaining_mah: 10 * u32::from(u16_at(header, 4)?),
			nominal_mah: 10 * u32::from(u16_at(header, 6)?),
			cycles: u16_at(header, 8)?,
			balancing: u32::from(u16_at(header, 14)?) << 16 | u32::from(u16_at(header, 12)?),
			protection: u16_at(header, 16)?,
			state_of_charge_percent: header[19],
			cell_count: header[21],
			temperatures_dc: Cells::try_new(temperatures).ok_or(JbdError::TooMany)?,
		})
	}

	/// Writes the data of a response and returns their length: at most 39 bytes. Values beyond what the protocol's
	/// fields hold are limited to it. For responders and tests.
	pub fn encode(&self, data: &mut [u8; MAX_DATA_BYTES]) -> usize {
		let tens = |value: u32| (value / 10).min(u32::from(u16::MAX)) as u16;
		let current = (self.current_ma / 10).clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16;
		let sensors = self.temperatures_dc.as_slice();
		let sensors = &sensors[..sensors.len().min(MAX_SENSORS)];
		for (at, value) in [
			(0, tens(self.voltage_mv)),
			(2, current as u16),
			(4, tens(self.remaining_mah)),
			(6, tens(self.nominal_mah)),
			(8, self.cycles),
			(10, 0),
			(12, self.balancing as u16),
			(14, (self.balancing >> 16) as u16),
			(16, self.protection),
		] {
			data[at..at + 2].copy_from_slice(&value.to_be_bytes());
		}
		data[18] = 0x10;
		data[19] = self.state_of_charge_percent;
		data[20] = 0b11;
		data[21] = self.cell_count;
		data[22] = sensors.len() as u8;
		for (index, temperature) in sensors.iter().enumerate() {
			let kelvin = (i32::from(*temperature) + ZERO_CELSIUS_DK).clamp(0, i32::from(u16::MAX)) as u16;
			let at = BASIC_BYTES + 2 * index;
			data[at..at + 2].copy_from_slice(&kelvin.to_be_bytes());
		}
		BASIC_BYTES + 2 * sensors.len()
	}
}

/// Register 4: the voltages of the cells, in mV.
pub fn cell_voltages(data: &[u8]) -> Result<Cells<u16>, JbdError> {
	if !data.len().is_multiple_of(2) {
		return Err(JbdError::CutShort);
	}
	let mut voltages_mv = [0; MAX_CELLS];
	let voltages = voltages_mv.get_mut(..data.len() / 2).ok_or(JbdError::TooMany)?;
	for (index, voltage) in voltages.iter_mut().enumerate() {
		*voltage = u16_at(data, 2 * index)?;
	}
	Cells::try_new(voltages).ok_or(JbdError::TooMany)
}

/// The measurement that both registers make.
pub fn measurement(basic: &BasicInformation, cell_voltages_mv: &Cells<u16>) -> Result<Measurement, JbdError> {
	let (cells, sensors) = (cell_voltages_mv.as_slice(), basic.temperatures_dc.as_slice());
	if cells.len() != usize::from(basic.cell_count) {
		return Err(JbdError::CellCount);
	}
	let (Some(cell_min_mv), Some(cell_max_mv)) = (cells.iter().min(), cells.iter().max()) else {
		return Err(JbdError::Nothing);
	};
	let (Some(coldest), Some(hottest)) = (sensors.iter().min(), sensors.iter().max()) else {
		return Err(JbdError::Nothing);
	};
	let sum: i32 = sensors.iter().map(|value| i32::from(*value)).sum();
	Ok(Measurement {
		voltage_mv: basic.voltage_mv,
		current_ma: basic.current_ma,
		cell_min_mv: *cell_min_mv,
		cell_max_mv: *cell_max_mv,
		// A mean lies between the least and the most, which are 16 bits wide.
		temperature_average_dc: (sum / sensors.len() as i32) as i16,
		temperature_max_dc: *hottest,
		temperature_min_dc: *coldest,
		cell_voltages_mv: *cell_voltages_mv,
		cell_temperatures_dc: basic.temperatures_dc,
		balancing: basic.balancing != 0,
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use std::{vec, vec::Vec};

	/// From powermon's documents: 58.88 V, 0 A, 72 %, 15 cells, 20.3 °C and 21.5 °C.
	const KNOWN: [u8; 34] = [
		0xdd, 0x03, 0x00, 0x1b, 0x17, 0x00, 0x00, 0x00, 0x02, 0xd0, 0x03, 0xe8, 0x00, 0x00, 0x20, 0x78, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x48, 0x03, 0x0f, 0x02, 0x0b, 0x76, 0x0b, 0x82, 0xfb, 0xff, 0x77,
	];

	/// All packets of a stream, as their three parts.
	fn packets(bytes: &[u8]) -> Vec<(u8, u8, Vec<u8>)> {
		let mut receiver = Receiver::new();
		let mut found = vec![];
		for byte in bytes {
			if let Some(packet) = receiver.push(*byte) {
				found.push((packet.second, packet.third, packet.data.to_vec()));
			}
		}
		found
	}

	#[test]
	fn a_boards_answer_is_read() {
		let mut receiver = Receiver::new();
		for byte in &KNOWN[..33] {
			assert_eq!(receiver.push(*byte), None);
		}
		let packet = receiver.push(KNOWN[33]).unwrap();
		assert_eq!(
			packet.answer_to(Register::CellVoltages),
			Err(JbdError::OtherRegister)
		);
		let basic = BasicInformation::parse(packet.answer_to(Register::BasicInformation).unwrap()).unwrap();
		assert_eq!((basic.voltage_mv, basic.current_ma), (58_880, 0));
		assert_eq!((basic.remaining_mah, basic.nominal_mah), (7_200, 10_000));
		assert_eq!((basic.state_of_charge_percent, basic.cell_count), (72, 15));
		assert_eq!(basic.temperatures_dc.as_slice(), [203, 215]);
	}

	#[test]
	fn a_request_is_what_the_makers_document_shows() {
		assert_eq!(
			request(Register::BasicInformation),
			[0xdd, 0xa5, 0x03, 0x00, 0xff, 0xfd, 0x77]
		);
		assert_eq!(
			request(Register::CellVoltages),
			[0xdd, 0xa5, 0x04, 0x00, 0xff, 0xfc, 0x77]
		);
		assert_eq!(packets(&request(Register::HardwareVersion)).len(), 1);
	}

	#[test]
	fn a_board_that_reports_an_error_gives_its_status() {
		let mut bytes = [0; MAX_PACKET_BYTES];
		let length = response(0x03, 0x80, &[], &mut bytes).unwrap();
		let mut receiver = Receiver::new();
		let (last, rest) = bytes[..length].split_last().unwrap();
		for byte in rest {
			assert_eq!(receiver.push(*byte), None);
		}
		let packet = receiver.push(*last).unwrap();
		assert_eq!(
			packet.answer_to(Register::BasicInformation),
			Err(JbdError::Status(0x80))
		);
	}

	#[test]
	fn answers_that_contradict_themselves_give_no_measurement() {
		let basic = BasicInformation::parse(&KNOWN[4..31]).unwrap();
		let cells = |count: usize| Cells::try_new(&vec![3_700; count]).unwrap();
		assert!(measurement(&basic, &cells(15)).is_ok());
		assert_eq!(measurement(&basic, &cells(14)), Err(JbdError::CellCount));
		let without = BasicInformation {
			cell_count: 0,
			..basic
		};
		assert_eq!(measurement(&without, &cells(0)), Err(JbdError::Nothing));
		let blind = BasicInformation {
			temperatures_dc: Cells::none(),
			..basic
		};
		assert_eq!(measurement(&blind, &cells(15)), Err(JbdError::Nothing));
		assert_eq!(BasicInformation::parse(&KNOWN[4..30]), Err(JbdError::CutShort));
		let mut many = KNOWN[4..31].to_vec();
		many[22] = 9;
		assert_eq!(BasicInformation::parse(&many), Err(JbdError::TooMany));
		let mut hot = KNOWN[4..31].to_vec();
		hot[23] = 0xff;
		assert_eq!(BasicInformation::parse(&hot), Err(JbdError::Temperature));
		assert_eq!(cell_voltages(&[0; 3]), Err(JbdError::CutShort));
		assert_eq!(cell_voltages(&[0; 66]), Err(JbdError::TooMany));
	}

	prop_compose! {
		fn any_basic()(
			(voltage, current, remaining, nominal) in any::<(u16, i16, u16, u16)>(),
			(cycles, balancing, protection) in any::<(u16, u32, u16)>(),
			percent in 0u8..=100,
			cell_count in 1u8..=32,
			temperatures in prop::collection::vec(-400i16..1_200, 1..=MAX_SENSORS),
		) -> BasicInformation {
			BasicInformation {
				voltage_mv: 10 * u32::from(voltage),
				current_ma: 10 * i32::from(current),
				remaining_mah: 10 * u32::from(remaining),
				nominal_mah: 10 * u32::from(nominal),
				cycles,
				balancing,
				protection,
				state_of_charge_percent: percent,
				cell_count,
				temperatures_dc: Cells::try_new(&temperatures).unwrap(),
			}
		}
	}

	proptest! {
		#[test]
		fn what_a_responder_writes_is_read_back(basic in any_basic()) {
			let (mut data, mut packet) = ([0; MAX_DATA_BYTES], [0; MAX_PACKET_BYTES]);
			let length = basic.encode(&mut data);
			let length = response(0x03, 0, &data[..length], &mut packet).unwrap();
			let found = packets(&packet[..length]);
			prop_assert_eq!(found.len(), 1);
			prop_assert_eq!(BasicInformation::parse(&found[0].2), Ok(basic));
		}

		/// Whatever comes in: no panic, and nothing is taken for a packet whose checksum is wrong.
		#[test]
		fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
			for (second, third, data) in packets(&bytes) {
				let mut written = [0; MAX_PACKET_BYTES];
				let length = response(second, third, &data, &mut written).unwrap();
				prop_assert!(bytes.windows(length).any(|window| *window == written[..length]));
			}
		}

		/// The same with bytes that look like packets: starts, lengths and ends where they hurt.
		#[test]
		fn bytes_that_look_like_packets_are_survived(
			bytes in prop::collection::vec(prop::sample::select(vec![0xdd, 0xa5, 0x03, 0x04, 0x00, 0x60, 0x61, 0x77, 0xff]), 0..800),
		) {
			for (_, _, data) in packets(&bytes) {
				prop_assert!(data.len() <= MAX_DATA_BYTES);
				let _ = (BasicInformation::parse(&data), cell_voltages(&data));
			}
		}

		/// Data of any shape: an error or values, never a panic.
		#[test]
		fn any_data_are_parsed_or_refused(
			data in prop::collection::vec(any::<u8>(), 0..=MAX_DATA_BYTES),
			cells in prop::collection::vec(any::<u8>(), 0..=MAX_DATA_BYTES),
		) {
			if let (Ok(basic), Ok(cells)) = (BasicInformation::parse(&data), cell_voltages(&cells)) {
				if let Ok(measurement) = measurement(&basic, &cells) {
					prop_assert!(measurement.cell_min_mv <= measurement.cell_max_mv);
					prop_assert!(measurement.temperature_min_dc <= measurement.temperature_average_dc);
					prop_assert!(measurement.temperature_average_dc <= measurement.temperature_max_dc);
				}
			}
		}

		/// A packet is found behind noise and behind a packet that lost its end, once enough bytes follow to see the loss.
		#[test]
		fn a_packet_is_found_behind_damage(
			noise in prop::collection::vec(any::<u8>(), 0..150),
			lost in 1usize..30,
			basic in any_basic(),
		) {
			let (mut data, mut packet) = ([0; MAX_DATA_BYTES], [0; MAX_PACKET_BYTES]);
			let length = basic.encode(&mut data);
			let length = response(0x03, 0, &data[..length], &mut packet).unwrap();
			let stream = [
				&noise[..],
				&packet[..length - lost.min(length)],
				&packet[..length],
				&[0; MAX_PACKET_BYTES],
			]
			.concat();
			// Only noise that happens to be a packet itself could hide it, and its checksum stands against that.
			let found = packets(&stream);
			prop_assert!(found.iter().any(|(_, _, found)| BasicInformation::parse(found) == Ok(basic)));
		}

		/// A single damaged bit is never taken for a packet.
		#[test]
		fn a_flipped_bit_is_noticed(basic in any_basic(), bit in 0usize..8 * 40) {
			let (mut data, mut packet) = ([0; MAX_DATA_BYTES], [0; MAX_PACKET_BYTES]);
			let length = basic.encode(&mut data);
			let length = response(0x03, 0, &data[..length], &mut packet).unwrap();
			let bit = bit % (8 * length);
			packet[bit / 8] ^= 1 << (bit % 8);
			let found = packets(&packet[..length]);
			// The register itself is not under the checksum; the asker compares it with what it asked for.
			prop_assert!(found.is_empty() || (bit / 8 == 1 && found[0].0 != 0x03));
		}
	}
}
