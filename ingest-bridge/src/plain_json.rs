//! The protocol's plain JSON (sections 4.3 and 9.1) as a reading: every number is taken from its decimal text, never by way of a
//! floating point number, and rounded once, to the nearest unit of [`Reading`] (a tie away from zero).
//!
//! Two forms are known, as the protocol's examples have them: the measurements beside the timestamp (4.3), or in an object
//! `measurements` (9.1). What a reading has no place for is ignored: the location, members that nobody knows.
//!
//! A reading can not say that something was not measured. So a message has to carry what both examples carry: state of health,
//! state of charge, voltage, current, temperature, cycle count. Nothing is carried over from an earlier message: the bridge signs
//! what it was told, and nothing else. A member that is `null` is not there.

use crate::rfc3339;
use passport_primitives::telemetry::{
	reading::{STATUS_BALANCING, STATUS_CHARGING, STATUS_DISCHARGING},
	Cells, Reading,
};
use serde_json::value::RawValue;
use std::{collections::HashMap, ops::RangeInclusive};

/// From this number on a timestamp is in milliseconds since 1970 and not in seconds: as seconds it were the year 5138.
const FIRST_MILLISECONDS: i128 = 100_000_000_000;

/// Most digits before the point that a number may have, once it is in the unit of its field. More than any field holds.
const MAX_DIGITS: i64 = 30;

/// Bits of faults and of warnings.
const FLAG_BITS: i128 = 32;

/// Why plain JSON is no reading of a battery that this bridge signs for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlainRefusal {
	/// No JSON object (RFC 8259).
	NotJson,
	/// `NaN` or `Infinity`, which some clients write for what was not measured, and which are no JSON.
	NotANumber,
	/// No timestamp.
	NoTimestamp,
	/// The timestamp is neither RFC 3339 with its offset nor a number of seconds or milliseconds since 1970.
	BadTimestamp,
	/// A member that both of the protocol's examples have is not there.
	Incomplete,
	/// A member is of another type: a text with its unit where a number belongs.
	WrongType,
	/// A value that no battery has, which a value in another unit looks like; or more than 32 cells.
	OutOfRange,
	/// The message names another battery than its topic.
	OtherBattery,
	/// The bridge holds no key of this battery.
	NoKey,
	/// The battery's device on the ledger has another key than the one that the bridge holds: it signs for itself, or the bridge's
	/// key was not registered.
	OtherDevice,
}

impl PlainRefusal {
	/// Every reason.
	pub const ALL: [PlainRefusal; 10] = [
		PlainRefusal::NotJson,
		PlainRefusal::NotANumber,
		PlainRefusal::NoTimestamp,
		PlainRefusal::BadTimestamp,
		PlainRefusal::Incomplete,
		PlainRefusal::WrongType,
		PlainRefusal::OutOfRange,
		PlainRefusal::OtherBattery,
		PlainRefusal::NoKey,
		PlainRefusal::OtherDevice,
	];

	/// The name in metrics and dead letters.
	pub const fn name(self) -> &'static str {
		match self {
			PlainRefusal::NotJson => "json_malformed",
			PlainRefusal::NotANumber => "json_not_a_number",
			PlainRefusal::NoTimestamp => "json_no_timestamp",
			PlainRefusal::BadTimestamp => "json_bad_timestamp",
			PlainRefusal::Incomplete => "json_incomplete",
			PlainRefusal::WrongType => "json_wrong_type",
			PlainRefusal::OutOfRange => "json_out_of_range",
			PlainRefusal::OtherBattery => "json_other_battery",
			PlainRefusal::NoKey => "json_no_key",
			PlainRefusal::OtherDevice => "json_other_device",
		}
	}
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
	/// The battery that it names, if it names one.
	pub battery: Option<String>,
	/// What was measured, and when.
	pub reading: Reading,
}

/// The members of an object, each as it is written.
struct Members<'a>(HashMap<String, &'a RawValue>);

impl<'a> Members<'a> {
	fn of(text: &'a str) -> Result<Self, PlainRefusal> {
		serde_json::from_str(text)
			.map(Members)
			.map_err(|_| PlainRefusal::WrongType)
	}

	/// The text of a member; `None` where it is not there or `null`.
	fn get(&self, name: &str) -> Option<&'a str> {
		self.0
			.get(name)
			.map(|value| value.get())
			.filter(|text| *text != "null")
	}

	fn object(&self, name: &str) -> Result<Option<Members<'a>>, PlainRefusal> {
		self.get(name).map(Members::of).transpose()
	}

	fn text(&self, name: &str) -> Result<Option<String>, PlainRefusal> {
		self.get(name)
			.map(|text| serde_json::from_str(text).map_err(|_| PlainRefusal::WrongType))
			.transpose()
	}

	fn switch(&self, name: &str) -> Result<bool, PlainRefusal> {
		match self.get(name) {
			None | Some("false") => Ok(false),
			Some("true") => Ok(true),
			Some(_) => Err(PlainRefusal::WrongType),
		}
	}

	fn list(&self, name: &str) -> Result<Vec<&'a str>, PlainRefusal> {
		let Some(text) = self.get(name) else {
			return Ok(Vec::new());
		};
		let values: Vec<&'a RawValue> = serde_json::from_str(text).map_err(|_| PlainRefusal::WrongType)?;
		Ok(values.into_iter().map(RawValue::get).collect())
	}

	/// A number in the unit of its field; `None` where it is not there.
	fn measured<T: TryFrom<i128>>(&self, name: &str, field: &Field) -> Result<Option<T>, PlainRefusal> {
		self.get(name).map(|text| field.value(text)).transpose()
	}

	/// A number that has to be there.
	fn needed<T: TryFrom<i128>>(&self, name: &str, field: &Field) -> Result<T, PlainRefusal> {
		self.measured(name, field)?.ok_or(PlainRefusal::Incomplete)
	}

	fn cells<T: TryFrom<i128> + Copy + Default>(
		&self,
		name: &str,
		field: &Field,
	) -> Result<Cells<T>, PlainRefusal> {
		let values = self
			.list(name)?
			.into_iter()
			.map(|text| field.value(text))
			.collect::<Result<Vec<T>, _>>()?;
		Cells::try_new(&values).ok_or(PlainRefusal::OutOfRange)
	}

	/// A bit for each number in a list, which counts from 0 as the maker's documentation does.
	fn flags(&self, name: &str) -> Result<u32, PlainRefusal> {
		let mut flags = 0;
		for text in self.list(name)? {
			let bit: u32 = FLAG.value(text)?;
			flags |= 1 << bit;
		}
		Ok(flags)
	}
}

/// How a number of the protocol becomes one of [`Reading`].
struct Field {
	/// The field's unit is this many powers of ten smaller than the protocol's.
	decimals: i64,
	/// What a battery can have, in the field's unit: tighter than the field, so that millivolts are not taken for volts.
	bounds: RangeInclusive<i128>,
}

impl Field {
	const fn new(decimals: i64, bounds: RangeInclusive<i128>) -> Self {
		Field { decimals, bounds }
	}

	fn value<T: TryFrom<i128>>(&self, text: &str) -> Result<T, PlainRefusal> {
		if !text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
			return Err(PlainRefusal::WrongType);
		}
		scaled(text, self.decimals)
			.filter(|value| self.bounds.contains(value))
			.and_then(|value| T::try_from(value).ok())
			.ok_or(PlainRefusal::OutOfRange)
	}
}

/// 0 to 200 %: a new cell may be above its rating.
const STATE_OF_HEALTH: Field = Field::new(2, 0..=20_000);
/// 0 to 100 %.
const STATE_OF_CHARGE: Field = Field::new(2, 0..=10_000);
/// 0 to 2,000 V: above every battery, and below every battery's voltage in millivolts.
const VOLTAGE: Field = Field::new(3, 0..=2_000_000);
/// 10,000 A either way.
const CURRENT: Field = Field::new(3, -10_000_000..=10_000_000);
/// From -100 °C to 1,000 °C, which a burning cell reaches.
const TEMPERATURE: Field = Field::new(1, -1_000..=10_000);
/// 0 to 100 ohm.
const INTERNAL_RESISTANCE: Field = Field::new(6, 0..=100_000_000);
/// 0 to 1,000,000.
const CYCLE_COUNT: Field = Field::new(0, 0..=1_000_000);
/// 0 to 10^9 kWh.
const ENERGY_THROUGHPUT: Field = Field::new(3, 0..=1_000_000_000_000);
/// 20,000 kW either way.
const POWER: Field = Field::new(3, -20_000_000..=20_000_000);
/// 0 to 10 V.
const CELL_VOLTAGE: Field = Field::new(3, 0..=10_000);
/// Number of a fault or of a warning.
const FLAG: Field = Field::new(0, 0..=FLAG_BITS - 1);
/// Seconds or milliseconds since 1970, in thousandths.
const EPOCH: Field = Field::new(3, 0..=u64::MAX as i128);

/// A decimal number (RFC 8259 section 6) times 10^`decimals`, rounded to the nearest integer, a tie away from zero. `None` when
/// it has more digits than any field.
fn scaled(text: &str, decimals: i64) -> Option<i128> {
	let (negative, text) = match text.strip_prefix('-') {
		Some(text) => (true, text),
		None => (false, text),
	};
	let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
	let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
	let digits: Vec<u8> = whole
		.bytes()
		.chain(fraction.bytes())
		.skip_while(|digit| *digit == b'0')
		.collect();
	if digits.is_empty() {
		return Some(0);
	}
	// Far beyond what any number of digits in a message could make up for.
	let exponent = exponent
		.parse::<i64>()
		.unwrap_or(match exponent.starts_with('-') {
			true => i64::MIN,
			false => i64::MAX,
		})
		.clamp(-1_000_000, 1_000_000);
	let length = digits.len() as i64;
	// So many digits stand before the point; the others are rounded away.
	let kept = length + exponent + decimals - fraction.len() as i64;
	if kept > MAX_DIGITS {
		return None;
	}
	if kept < 0 {
		return Some(0);
	}
	let mut value = (0..kept).fold(0_i128, |value, place| {
		let digit = usize::try_from(place).ok().and_then(|place| digits.get(place));
		value * 10 + digit.map_or(0, |digit| i128::from(*digit - b'0'))
	});
	let next = usize::try_from(kept).ok().and_then(|place| digits.get(place));
	if next.is_some_and(|digit| *digit >= b'5') {
		value += 1;
	}
	Some(if negative { -value } else { value })
}

/// Whether a token `NaN` or `Infinity` stands outside the texts of what is not JSON.
fn has_no_number(payload: &[u8]) -> bool {
	let mut rest = payload;
	let mut quoted = false;
	while let Some((first, after)) = rest.split_first() {
		match first {
			b'"' => quoted = !quoted,
			b'\\' if quoted => {
				rest = after.get(1..).unwrap_or_default();
				continue;
			}
			_ if !quoted && (rest.starts_with(b"NaN") || rest.starts_with(b"Infinity")) => return true,
			_ => {}
		}
		rest = after;
	}
	false
}

fn timestamp(text: &str) -> Result<u64, PlainRefusal> {
	if text.starts_with('"') {
		let text: String = serde_json::from_str(text).map_err(|_| PlainRefusal::BadTimestamp)?;
		return rfc3339::unix_seconds(&text).ok_or(PlainRefusal::BadTimestamp);
	}
	let thousandths: i128 = EPOCH.value(text).map_err(|_| PlainRefusal::BadTimestamp)?;
	let number = thousandths / 1_000;
	let seconds = if number < FIRST_MILLISECONDS {
		number
	} else {
		number / 1_000
	};
	u64::try_from(seconds).map_err(|_| PlainRefusal::BadTimestamp)
}

/// Average, highest and lowest: of one sensor (4.3) they are the same.
fn temperatures(measured: &Members<'_>, reading: &mut Reading) -> Result<(), PlainRefusal> {
	let text = measured.get("temperature").ok_or(PlainRefusal::Incomplete)?;
	if !text.starts_with('{') {
		let temperature = TEMPERATURE.value(text)?;
		reading.temperature_average_dc = temperature;
		reading.temperature_max_dc = temperature;
		reading.temperature_min_dc = temperature;
		return Ok(());
	}
	let members = Members::of(text)?;
	reading.temperature_average_dc = members.needed("average", &TEMPERATURE)?;
	reading.temperature_max_dc = members.needed("max", &TEMPERATURE)?;
	reading.temperature_min_dc = members.needed("min", &TEMPERATURE)?;
	reading.cell_temperatures_dc = members.cells("cells", &TEMPERATURE)?;
	let in_order = reading.temperature_min_dc <= reading.temperature_average_dc
		&& reading.temperature_average_dc <= reading.temperature_max_dc;
	match in_order {
		true => Ok(()),
		false => Err(PlainRefusal::OutOfRange),
	}
}

/// Reads a message of the protocol.
pub fn read(payload: &[u8]) -> Result<Told, PlainRefusal> {
	let message: HashMap<String, &RawValue> =
		serde_json::from_slice(payload).map_err(|_| match has_no_number(payload) {
			true => PlainRefusal::NotANumber,
			false => PlainRefusal::NotJson,
		})?;
	let message = Members(message);
	let time_seconds = timestamp(message.get("timestamp").ok_or(PlainRefusal::NoTimestamp)?)?;
	let nested = message.object("measurements")?;
	let measured = nested.as_ref().unwrap_or(&message);
	let mut reading = Reading {
		time_seconds,
		state_of_health_bp: measured.needed("stateOfHealth", &STATE_OF_HEALTH)?,
		state_of_charge_bp: measured.needed("stateOfCharge", &STATE_OF_CHARGE)?,
		voltage_mv: measured.needed("voltage", &VOLTAGE)?,
		current_ma: measured.needed("current", &CURRENT)?,
		internal_resistance_uohm: measured
			.measured("internalResistance", &INTERNAL_RESISTANCE)?
			.unwrap_or_default(),
		cycle_count: measured.needed("cycleCount", &CYCLE_COUNT)?,
		energy_throughput_wh: measured
			.measured("energyThroughput", &ENERGY_THROUGHPUT)?
			.unwrap_or_default(),
		power_w: measured.measured("powerOutput", &POWER)?.unwrap_or_default(),
		cell_voltages_mv: measured.cells("cellVoltages", &CELL_VOLTAGE)?,
		..Reading::default()
	};
	temperatures(measured, &mut reading)?;
	if let Some(status) = message.object("status")? {
		for (name, bit) in [
			("charging", STATUS_CHARGING),
			("discharging", STATUS_DISCHARGING),
			("balancing", STATUS_BALANCING),
		] {
			if status.switch(name)? {
				reading.status |= bit;
			}
		}
		reading.faults = status.flags("faults")?;
		reading.warnings = status.flags("warnings")?;
	}
	Ok(Told {
		battery: message.text("batteryId")?,
		reading,
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use serde_json::{json, Value};

	/// The message of the protocol's section 4.3.
	const SECTION_4_3: &str = r#"{
		"timestamp": "2025-01-15T10:30:00Z",
		"stateOfHealth": 99.7,
		"stateOfCharge": 82.0,
		"voltage": 402.5,
		"current": -15.2,
		"temperature": 26.5,
		"cycleCount": 48
	}"#;

	/// The message of the protocol's section 9.1.
	const SECTION_9_1: &str = r#"{
		"batteryId": "BAT-2025-LI-001234",
		"timestamp": "2025-01-15T10:30:15Z",
		"measurements": {
			"stateOfHealth": 99.7,
			"stateOfCharge": 82.0,
			"voltage": 402.5,
			"current": -15.2,
			"temperature": {
				"average": 26.5,
				"max": 28.2,
				"min": 24.8,
				"cells": [26.1, 26.5, 26.8, 27.0, 26.3, 26.9, 27.2, 26.4]
			},
			"cellVoltages": [4.02, 4.03, 4.01, 4.02, 4.03, 4.02, 4.01, 4.02],
			"internalResistance": 0.015,
			"cycleCount": 48,
			"energyThroughput": 4800,
			"powerOutput": -6.1
		},
		"status": {
			"charging": false,
			"discharging": true,
			"balancing": false,
			"faults": [],
			"warnings": []
		},
		"location": {
			"latitude": 37.5665,
			"longitude": 126.9780,
			"altitude": 38,
			"speed": 65
		}
	}"#;

	/// `date -u -d 2025-01-15T10:30:00Z +%s`
	const EXAMPLE_SECONDS: u64 = 1_736_937_000;

	fn refusal(message: &Value) -> PlainRefusal {
		read(message.to_string().as_bytes()).unwrap_err()
	}

	/// The message of section 4.3 with one member changed, or without it.
	fn changed(name: &str, value: Value) -> Value {
		let mut message: Value = serde_json::from_str(SECTION_4_3).unwrap();
		message[name] = value;
		message
	}

	#[test]
	fn the_protocols_message_of_section_4_3_is_a_reading() {
		let told = read(SECTION_4_3.as_bytes()).unwrap();
		assert_eq!(told.battery, None);
		assert_eq!(
			told.reading,
			Reading {
				time_seconds: EXAMPLE_SECONDS,
				state_of_health_bp: 9_970,
				state_of_charge_bp: 8_200,
				voltage_mv: 402_500,
				current_ma: -15_200,
				temperature_average_dc: 265,
				temperature_max_dc: 265,
				temperature_min_dc: 265,
				cycle_count: 48,
				..Reading::default()
			}
		);
	}

	#[test]
	fn the_protocols_message_of_section_9_1_is_a_reading_and_its_location_is_not_part_of_it() {
		let told = read(SECTION_9_1.as_bytes()).unwrap();
		assert_eq!(told.battery.as_deref(), Some("BAT-2025-LI-001234"));
		assert_eq!(
			told.reading,
			Reading {
				time_seconds: EXAMPLE_SECONDS + 15,
				state_of_health_bp: 9_970,
				state_of_charge_bp: 8_200,
				voltage_mv: 402_500,
				current_ma: -15_200,
				temperature_average_dc: 265,
				temperature_max_dc: 282,
				temperature_min_dc: 248,
				internal_resistance_uohm: 15_000,
				cycle_count: 48,
				energy_throughput_wh: 4_800_000,
				power_w: -6_100,
				status: STATUS_DISCHARGING,
				cell_temperatures_dc: Cells::try_new(&[261, 265, 268, 270, 263, 269, 272, 264]).unwrap(),
				cell_voltages_mv: Cells::try_new(&[4020, 4030, 4010, 4020, 4030, 4020, 4010, 4020]).unwrap(),
				..Reading::default()
			}
		);
	}

	#[test]
	fn what_nobody_knows_is_ignored_and_what_is_null_is_not_there() {
		let mut message = changed("ownersMood", json!({"today": "good"}));
		message["internalResistance"] = Value::Null;
		message["status"] = Value::Null;
		assert_eq!(read(message.to_string().as_bytes()), read(SECTION_4_3.as_bytes()));
	}

	#[test]
	fn faults_and_warnings_are_bits() {
		let status = json!({"charging": true, "balancing": true, "faults": [0, 31], "warnings": [3, 3]});
		let reading = read(changed("status", status).to_string().as_bytes())
			.unwrap()
			.reading;
		assert_eq!(reading.status, STATUS_CHARGING | STATUS_BALANCING);
		assert_eq!((reading.faults, reading.warnings), ((1 << 31) | 1, 1 << 3));
	}

	#[test]
	fn every_refusal_has_its_reason() {
		use PlainRefusal::{
			BadTimestamp, Incomplete, NoTimestamp, NotANumber, NotJson, OutOfRange, WrongType,
		};
		for (payload, reason) in [
			("", NotJson),
			("rubbish", NotJson),
			("[]", NotJson),
			("17", NotJson),
			("{\"timestamp\": 1", NotJson),
			("{\"voltage\": NaN}", NotANumber),
			("{\"voltage\": -Infinity}", NotANumber),
			("{\"a\\\"NaN\": }", NotJson),
			("{\"a\": \"NaN\", }", NotJson),
		] {
			assert_eq!(read(payload.as_bytes()), Err(reason), "{payload}");
		}
		assert_eq!(read(b"{\"a\": \"\xff\"}"), Err(NotJson));
		assert_eq!(refusal(&json!({"voltage": 402.5})), NoTimestamp);
		let mut cases = vec![
			(changed("timestamp", Value::Null), NoTimestamp),
			(changed("timestamp", json!("yesterday")), BadTimestamp),
			(changed("timestamp", json!("2025-01-15T10:30:00")), BadTimestamp),
			(changed("timestamp", json!(-1)), BadTimestamp),
			(changed("timestamp", json!(true)), BadTimestamp),
			(changed("timestamp", json!(1e300)), BadTimestamp),
			(changed("measurements", json!({"voltage": 402.5})), Incomplete),
			(changed("measurements", json!([1])), WrongType),
			(changed("temperature", json!({"average": 26.5})), Incomplete),
			(
				changed("temperature", json!({"average": 30, "max": 29, "min": 20})),
				OutOfRange,
			),
			(
				changed("temperature", json!({"average": 19, "max": 29, "min": 20})),
				OutOfRange,
			),
			(changed("cellVoltages", json!([4.02, "4.02"])), WrongType),
			(changed("cellVoltages", json!(4.02)), WrongType),
			(changed("cellVoltages", json!([4020])), OutOfRange),
			(changed("cellVoltages", json!(vec![4; 33])), OutOfRange),
			(changed("status", json!("charging")), WrongType),
			(changed("status", json!({"charging": 1})), WrongType),
			(changed("status", json!({"faults": ["overheated"]})), WrongType),
			(changed("status", json!({"warnings": [32]})), OutOfRange),
			(changed("batteryId", json!(1234)), WrongType),
		];
		for name in [
			"stateOfHealth",
			"stateOfCharge",
			"voltage",
			"current",
			"temperature",
			"cycleCount",
		] {
			cases.push((changed(name, Value::Null), Incomplete));
			cases.push((changed(name, json!("26.5")), WrongType));
			cases.push((changed(name, json!("402.5 V")), WrongType));
			cases.push((changed(name, json!(true)), WrongType));
			cases.push((changed(name, json!(1e9)), OutOfRange));
			cases.push((changed(name, json!(-1e9)), OutOfRange));
		}
		for (message, reason) in cases {
			assert_eq!(refusal(&message), reason, "{message}");
		}
	}

	#[test]
	fn a_value_in_another_unit_is_not_taken() {
		for (name, value) in [
			// mV, mA, basis points, tenths of a degree, Wh.
			("voltage", json!(402_500)),
			("current", json!(-15_200)),
			("stateOfHealth", json!(9_970)),
			("stateOfCharge", json!(8_200)),
			("temperature", json!(2_650)),
			("energyThroughput", json!(4_800_000_000_u64)),
		] {
			assert_eq!(
				refusal(&changed(name, value.clone())),
				PlainRefusal::OutOfRange,
				"{name}: {value}"
			);
		}
	}

	#[test]
	fn the_bounds_of_every_field_fit_it() {
		fn fits<T: TryFrom<i128>>(field: &Field) -> bool {
			T::try_from(*field.bounds.start()).is_ok() && T::try_from(*field.bounds.end()).is_ok()
		}
		assert!(fits::<u16>(&STATE_OF_HEALTH) && fits::<u16>(&STATE_OF_CHARGE) && fits::<u32>(&VOLTAGE));
		assert!(fits::<i32>(&CURRENT) && fits::<i16>(&TEMPERATURE) && fits::<u32>(&INTERNAL_RESISTANCE));
		assert!(fits::<u32>(&CYCLE_COUNT) && fits::<u64>(&ENERGY_THROUGHPUT) && fits::<i32>(&POWER));
		assert!(fits::<u16>(&CELL_VOLTAGE) && fits::<u32>(&FLAG));
	}

	#[test]
	fn a_timestamp_is_rfc_3339_or_a_number_since_1970() {
		for value in [
			json!("2025-01-15T10:30:00Z"),
			json!("2025-01-15T19:30:00.999+09:00"),
			json!(EXAMPLE_SECONDS),
			json!(1_736_937_000.75),
			json!(1.736937e9),
			json!(EXAMPLE_SECONDS * 1_000 + 999),
		] {
			let message = changed("timestamp", value.clone()).to_string();
			assert_eq!(
				read(message.as_bytes()).unwrap().reading.time_seconds,
				EXAMPLE_SECONDS,
				"{value}"
			);
		}
	}

	#[test]
	fn a_number_is_rounded_once_and_exactly() {
		for (text, decimals, expected) in [
			("402.5", 3, Some(402_500)),
			// As a double it were 100.49999999999999.
			("1.005", 2, Some(101)),
			("26.54", 1, Some(265)),
			("26.55", 1, Some(266)),
			("-26.55", 1, Some(-266)),
			("-0.04", 1, Some(0)),
			("0.05", 1, Some(1)),
			("0.049999999999999999999999999999999999", 1, Some(0)),
			("0", 3, Some(0)),
			("-0.0e5", 3, Some(0)),
			("1.5e-2", 6, Some(15_000)),
			("15E-3", 6, Some(15_000)),
			("0.0000015e4", 6, Some(15_000)),
			("4.8e+3", 3, Some(4_800_000)),
			("1e-999999999999999999999", 3, Some(0)),
			("0e999999999999999999999", 3, Some(0)),
			("1e999999999999999999999", 3, None),
			("1e27", 3, None),
			("1e26", 3, Some(10_i128.pow(29))),
			("0.30000000000000004", 3, Some(300)),
		] {
			assert_eq!(scaled(text, decimals), expected, "{text}");
		}
	}

	/// The same number with its point elsewhere, and an exponent that makes up for it.
	fn shifted(digits: &str, places: usize, negative: bool) -> String {
		let (whole, fraction) = digits.split_at(digits.len() - places);
		let sign = if negative { "-" } else { "" };
		format!("{sign}{whole}.{fraction}e{places}")
	}

	proptest! {
		#[test]
		fn a_value_in_the_fields_own_unit_comes_back_as_it_was(value in 0_i64..1_000_000_000_000, decimals in 0_u32..7, negative: bool) {
			let unit = 10_i64.pow(decimals);
			let text = match decimals {
				0 => value.to_string(),
				_ => format!("{}.{:0width$}", value / unit, value % unit, width = decimals as usize),
			};
			let (text, value) = if negative { (format!("-{text}"), -value) } else { (text, value) };
			prop_assert_eq!(scaled(&text, i64::from(decimals)), Some(i128::from(value)));
		}

		#[test]
		fn how_a_number_is_written_does_not_matter(value in 0_u64.., places in 1_usize..12, decimals in 0_i64..7, negative: bool) {
			let digits = format!("{value:020}");
			let plain = if negative { format!("-{value}") } else { value.to_string() };
			prop_assert_eq!(scaled(&shifted(&digits, places, negative), decimals), scaled(&plain, decimals));
		}

		#[test]
		fn the_nearest_unit_is_never_more_than_half_a_unit_away(value in -1_000_000_000_i64..1_000_000_000, decimals in 0_i64..6) {
			// `value` in millionths.
			let text = format!(
				"{}{}.{:06}",
				if value < 0 { "-" } else { "" },
				value.abs() / 1_000_000,
				value.abs() % 1_000_000
			);
			let unit = 10_i128.pow(6 - decimals as u32);
			let value = i128::from(value);
			let rounded = scaled(&text, decimals).unwrap() * unit;
			prop_assert!(2 * (rounded - value).abs() <= unit, "{text} became {rounded}");
			// A tie goes away from zero.
			if 2 * (rounded - value).abs() == unit {
				prop_assert!(rounded.abs() > value.abs());
			}
		}

		#[test]
		fn any_bytes_are_a_reading_or_a_refusal_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
			let _ = read(&bytes);
		}

		#[test]
		fn any_text_in_the_place_of_a_value_is_a_reading_or_a_refusal(text in "[-+0-9.eE\"\\[\\]{}NaIfinty, ]{0,40}") {
			let message = SECTION_4_3.replace("402.5", &text);
			if let Ok(told) = read(message.as_bytes()) {
				prop_assert!(told.reading.voltage_mv <= 2_000_000);
			}
		}
	}
}
