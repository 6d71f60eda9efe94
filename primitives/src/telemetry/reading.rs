//! One reading of a battery: integers with units, the measurements of the protocol's section 9.1.
//!
//! No floating point: a value is the same on the battery, in a test vector and in an auditor's tool. Location is not a
//! measurement of the battery and not part of a reading.

use serde::{Deserialize, Serialize};

/// Most cell temperatures and most cell voltages in a reading.
pub const MAX_CELLS: usize = 32;

/// The charging bit of [`Reading::status`].
pub const STATUS_CHARGING: u8 = 1 << 0;
/// The discharging bit of [`Reading::status`].
pub const STATUS_DISCHARGING: u8 = 1 << 1;
/// The balancing bit of [`Reading::status`].
pub const STATUS_BALANCING: u8 = 1 << 2;

/// Values of single cells or sensors, at most [`MAX_CELLS`].
#[derive(Clone, Copy)]
pub struct Cells<T> {
	count: u8,
	values: [T; MAX_CELLS],
}

impl<T: Copy + Default> Cells<T> {
	/// None.
	pub fn none() -> Self {
		Cells {
			count: 0,
			values: [T::default(); MAX_CELLS],
		}
	}

	/// These; `None` when they are more than [`MAX_CELLS`].
	pub fn try_new(values: &[T]) -> Option<Self> {
		let mut cells = Self::none();
		cells.values.get_mut(..values.len())?.copy_from_slice(values);
		cells.count = values.len() as u8;
		Some(cells)
	}

	/// The values.
	pub fn as_slice(&self) -> &[T] {
		&self.values[..usize::from(self.count)]
	}
}

impl<T: Copy + Default> Default for Cells<T> {
	fn default() -> Self {
		Self::none()
	}
}

impl<T: Copy + Default + PartialEq> PartialEq for Cells<T> {
	fn eq(&self, other: &Self) -> bool {
		self.as_slice() == other.as_slice()
	}
}

impl<T: Copy + Default + Eq> Eq for Cells<T> {}

impl<T: Copy + Default + core::fmt::Debug> core::fmt::Debug for Cells<T> {
	fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		self.as_slice().fmt(formatter)
	}
}

impl<T: Copy + Default + Serialize> Serialize for Cells<T> {
	fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_seq(self.as_slice())
	}
}

impl<'de, T: Copy + Default + Deserialize<'de>> Deserialize<'de> for Cells<T> {
	fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		struct Visitor<T>(core::marker::PhantomData<T>);
		impl<'de, T: Copy + Default + Deserialize<'de>> serde::de::Visitor<'de> for Visitor<T> {
			type Value = Cells<T>;
			fn expecting(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
				write!(formatter, "at most {MAX_CELLS} values")
			}
			fn visit_seq<A: serde::de::SeqAccess<'de>>(
				self,
				mut sequence: A,
			) -> Result<Self::Value, A::Error> {
				let mut cells = Cells::none();
				while let Some(value) = sequence.next_element()? {
					let place = cells
						.values
						.get_mut(usize::from(cells.count))
						.ok_or_else(|| serde::de::Error::custom("more cells than 32"))?;
					*place = value;
					cells.count += 1;
				}
				Ok(cells)
			}
		}
		deserializer.deserialize_seq(Visitor(core::marker::PhantomData))
	}
}

/// What a battery measures at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reading {
	/// When, in seconds since 1970.
	pub time_seconds: u64,
	/// State of health, in basis points (0.01 %). More than 10,000 is possible: a new cell above its rating.
	pub state_of_health_bp: u16,
	/// State of charge, in basis points.
	pub state_of_charge_bp: u16,
	/// Voltage of the pack, in mV.
	pub voltage_mv: u32,
	/// Current of the pack, in mA; charging is positive, as in the protocol.
	pub current_ma: i32,
	/// Mean temperature, in 0.1 °C.
	pub temperature_average_dc: i16,
	/// Highest temperature, in 0.1 °C.
	pub temperature_max_dc: i16,
	/// Lowest temperature, in 0.1 °C.
	pub temperature_min_dc: i16,
	/// Resistance of the pack, in micro-ohm.
	pub internal_resistance_uohm: u32,
	/// Full equivalent cycles.
	pub cycle_count: u32,
	/// Energy taken out since the battery was made, in Wh.
	pub energy_throughput_wh: u64,
	/// Charge taken out since the battery was made, in mAh.
	pub capacity_throughput_mah: u64,
	/// Capacity that remains, in mAh (Annex VII).
	pub remaining_capacity_mah: u32,
	/// Power, in W; charging is positive.
	pub power_w: i32,
	/// [`STATUS_CHARGING`], [`STATUS_DISCHARGING`], [`STATUS_BALANCING`].
	pub status: u8,
	/// Faults, a bit each, as the maker's documentation numbers them.
	pub faults: u32,
	/// Warnings, a bit each, as the maker's documentation numbers them.
	pub warnings: u32,
	/// Temperatures of single cells, in 0.1 °C; empty where the maker does not publish them.
	pub cell_temperatures_dc: Cells<i16>,
	/// Voltages of single cells, in mV; empty where the maker does not publish them.
	pub cell_voltages_mv: Cells<u16>,
	/// Counter of the command of its operator that the device obeyed last ([`super::command`]): what acknowledges a command.
	/// 0 where it has obeyed none, and then it stands in no JSON.
	#[serde(default, skip_serializing_if = "is_none_obeyed")]
	pub last_command: u64,
}

// serde gives it a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
const fn is_none_obeyed(last_command: &u64) -> bool {
	*last_command == 0
}
