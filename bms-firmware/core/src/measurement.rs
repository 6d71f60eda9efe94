//! What a battery-management chip sees at one time.

use passport_primitives::telemetry::Cells;

/// A measurement of the pack, not yet interpreted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Measurement {
	/// Voltage of the pack, in mV.
	pub voltage_mv: u32,
	/// Current of the pack, in mA; charging is positive.
	pub current_ma: i32,
	/// Lowest voltage of any cell, in mV, of cells that are not published too.
	pub cell_min_mv: u16,
	/// Highest voltage of any cell, in mV, of cells that are not published too.
	pub cell_max_mv: u16,
	/// Mean of all temperature sensors, in 0.1 °C.
	pub temperature_average_dc: i16,
	/// Highest of all temperature sensors, in 0.1 °C.
	pub temperature_max_dc: i16,
	/// Lowest of all temperature sensors, in 0.1 °C.
	pub temperature_min_dc: i16,
	/// The cell voltages to publish, in mV; empty where the maker publishes none.
	pub cell_voltages_mv: Cells<u16>,
	/// The temperatures to publish, in 0.1 °C; empty where the maker publishes none.
	pub cell_temperatures_dc: Cells<i16>,
	/// Whether the balancer bleeds a cell.
	pub balancing: bool,
}
