//! A pack: cells in series that are not quite alike, and the sensors that look at them.

use bms_core::{
	alarms::{Limit, Limits},
	estimator::{EstimatorState, Ratings},
	BmsSource, Measurement,
};
use passport_primitives::telemetry::{reading::MAX_CELLS, Cells};
use serde::{Deserialize, Serialize};

use crate::{
	cell::{Cell, Life, Spread, Step},
	chemistry::{Chemistry, Constants},
	random::Random,
};

/// Cells to one temperature sensor.
const CELLS_PER_SENSOR: usize = 4;
/// A temperature sensor with its converter resolves half a degree.
const TEMPERATURE_STEP_DC: f64 = 5.0;
/// Capacity, resistances and age are computed anew this often, in s.
const REFRESH_SECONDS: f64 = 60.0;

/// What a pack is built as.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Design {
	/// What its cells are made of.
	pub chemistry: Chemistry,
	/// Cells in series, 1 to 400.
	pub cells: u16,
	/// Rated capacity, in Ah.
	pub capacity_ah: f64,
}

impl Default for Design {
	/// 14 NMC cells of 60 Ah: 52 V and 3 kWh, a light electric vehicle's.
	fn default() -> Self {
		Design {
			chemistry: Chemistry::Nmc,
			cells: 14,
			capacity_ah: 60.0,
		}
	}
}

impl Design {
	/// What the maker tells the estimator.
	pub fn ratings(&self) -> Ratings {
		let constants = self.chemistry.constants();
		Ratings {
			rated_capacity_mah: milli(self.capacity_ah) as u32,
			full_cell_mv: milli(constants.full_v) as u16,
			empty_cell_mv: milli(constants.empty_v) as u16,
			taper_ma: milli(self.capacity_ah / 18.0),
			empty_ma: milli(self.capacity_ah / 10.0),
			idle_ma: milli(self.capacity_ah / 200.0),
		}
	}

	/// What the maker says is too much.
	pub fn limits(&self) -> Limits {
		let (constants, current) = (self.chemistry.constants(), milli(self.capacity_ah));
		let (full, empty) = (milli(constants.full_v), milli(constants.empty_v));
		Limits {
			cell_over_mv: Limit {
				warning: full + 25,
				fault: full + 80,
				margin: 30,
			},
			cell_under_mv: Limit {
				warning: empty - 50,
				fault: empty - 250,
				margin: 100,
			},
			over_temperature_dc: Limit {
				warning: 500,
				fault: 600,
				margin: 30,
			},
			charged_too_cold_dc: Limit {
				warning: 20,
				fault: -50,
				margin: 20,
			},
			discharge_ma: Limit {
				warning: 3 * current,
				fault: 4 * current,
				margin: current / 10,
			},
			charge_ma: Limit {
				warning: 2 * current,
				fault: 3 * current,
				margin: current / 10,
			},
			// At the steep ends of the curve cells of one pack are this far apart.
			imbalance_mv: Limit {
				warning: 300,
				fault: 600,
				margin: 50,
			},
			idle_ma: current / 200,
		}
	}
}

fn milli(value: f64) -> i32 {
	(value * 1_000.0).round() as i32
}

/// Something that is wrong with a sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SensorFault {
	/// One temperature sensor reads 75 degrees too much, as one with a broken wire does.
	HotSpot,
}

/// A pack with its sensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pack {
	design: Design,
	cells: Vec<Cell>,
	volts: Vec<f64>,
	current_a: f64,
	since_refresh_seconds: f64,
	since_refresh_ah: f64,
	balancing: bool,

	noise: Random,
	current_gain: f64,
	current_offset_a: f64,
	fault: Option<SensorFault>,
	/// Full equivalent cycles that the pack had when the simulation began.
	born_with_cycles: f64,
}

impl Pack {
	/// The pack of this index: its age, its cells' spread, its charge and its sensors' errors follow from the seed.
	pub fn new(design: Design, seed: &str, index: u32) -> Self {
		let mut random = Random::derive("pack", seed, index);
		let constants = design.chemistry.constants();
		let life = Life {
			years: random.between(0.0, 6.0),
			cycles: random.between(0.0, 900.0),
		};
		let charge = random.between(0.35, 0.9);
		let cells: Vec<_> = (0..design.cells)
			.map(|_| {
				let spread = Spread {
					capacity: 1.0 + 0.008 * random.normal(),
					resistance: 1.0 + 0.03 * random.normal(),
					ageing: 1.0 + 0.05 * random.normal(),
					cooling: 1.0 + 0.05 * random.normal(),
				};
				let charge = charge + 0.003 * random.normal();
				Cell::new(constants, design.capacity_ah, spread, life, charge, 22.0)
			})
			.collect();
		let volts = cells
			.iter()
			.map(|cell| constants.open_circuit(cell.state_of_charge()).0)
			.collect();
		Pack {
			design,
			cells,
			volts,
			current_a: 0.0,
			since_refresh_seconds: 0.0,
			since_refresh_ah: 0.0,
			balancing: false,
			current_gain: 1.0 + 0.002 * random.normal(),
			current_offset_a: design.capacity_ah / 4_000.0 * random.normal(),
			noise: Random::derive("sensor noise", seed, index),
			fault: None,
			born_with_cycles: life.cycles,
		}
	}

	/// What it is built as.
	pub fn design(&self) -> &Design {
		&self.design
	}

	fn constants(&self) -> &'static Constants {
		self.design.chemistry.constants()
	}

	/// The least and the most current of the next step, in A, that keep every cell between its end voltages. Where a cell
	/// rests outside of them, the range holds no more than the direction back.
	pub fn current_range_a(&self, step: &Step) -> (f64, f64) {
		let constants = self.constants();
		let (mut least, mut most) = (f64::NEG_INFINITY, f64::INFINITY);
		for cell in &self.cells {
			let (volts, volts_per_ampere) = cell.outlook(constants, step);
			least = least.max((constants.empty_v - volts) / volts_per_ampere);
			most = most.min((constants.full_v - volts) / volts_per_ampere);
		}
		(least.min(0.0), most.max(0.0))
	}

	/// Advances by a step. The current that is asked for is limited to what the cells' end voltages allow, as a charger and an
	/// inverter do. Returns the current that flowed, in A.
	pub fn advance(&mut self, step: &Step, asked_a: f64, ambient_c: f64) -> f64 {
		let constants = self.constants();
		let (least, most) = self.current_range_a(step);
		let current_a = asked_a.clamp(least, most);
		for (cell, volts) in self.cells.iter_mut().zip(&mut self.volts) {
			*volts = cell.advance(constants, step, current_a, ambient_c);
		}
		self.balance(step, current_a);
		self.current_a = current_a;
		self.since_refresh_seconds += step.seconds();
		self.since_refresh_ah += current_a.abs() * step.seconds() / 3_600.0;
		if self.since_refresh_seconds >= REFRESH_SECONDS {
			for cell in &mut self.cells {
				cell.age(self.since_refresh_seconds, self.since_refresh_ah);
				cell.refresh(constants);
			}
			(self.since_refresh_seconds, self.since_refresh_ah) = (0.0, 0.0);
		}
		current_a
	}

	/// Passive balancing: near full and not discharged, cells well above the lowest are bled by a thousandth of the capacity
	/// in an hour.
	fn balance(&mut self, step: &Step, current_a: f64) {
		let lowest = self.volts.iter().copied().fold(f64::INFINITY, f64::min);
		let near_full = self.constants().open_circuit(0.93).0;
		self.balancing = false;
		if current_a < 0.0 || lowest < near_full {
			return;
		}
		let bled_ah = self.design.capacity_ah / 1_000.0 * step.seconds() / 3_600.0;
		for (cell, volts) in self.cells.iter_mut().zip(&self.volts) {
			if *volts > lowest + 0.010 {
				cell.bleed(bled_ah);
				self.balancing = true;
			}
		}
	}

	/// Charge that can be taken out until the first cell is empty, and charge that fits in until the first is full, in Ah.
	fn room_ah(&self) -> (f64, f64) {
		let least = |room: fn(&Cell) -> f64| self.cells.iter().map(room).fold(f64::INFINITY, f64::min);
		(
			least(|cell| cell.capacity_ah() * cell.state_of_charge()),
			least(|cell| cell.capacity_ah() * (1.0 - cell.state_of_charge())),
		)
	}

	/// The truth: charge that is left by charge from full to empty, as a pack in series has it.
	pub fn state_of_charge(&self) -> f64 {
		let (out, into) = self.room_ah();
		out / (out + into)
	}

	/// The truth: charge from full to empty, in Ah.
	pub fn capacity_ah(&self) -> f64 {
		let (out, into) = self.room_ah();
		out + into
	}

	/// The truth: ohmic resistance of all cells, in ohm.
	pub fn resistance_ohm(&self) -> f64 {
		self.cells.iter().map(Cell::r0_ohm).sum()
	}

	/// The truth: voltages of the cells, in V.
	pub fn volts(&self) -> &[f64] {
		&self.volts
	}

	/// The truth: the current that flows, in A.
	pub fn current_a(&self) -> f64 {
		self.current_a
	}

	/// The truth: temperatures of the cells, in °C.
	pub fn temperatures_c(&self) -> impl Iterator<Item = f64> + '_ {
		self.cells.iter().map(Cell::temperature_c)
	}

	/// What an estimator that ran all the pack's life would say now.
	pub fn birth(&self) -> EstimatorState {
		let capacity_mah = milli(self.capacity_ah()) as u32;
		let resistance_uohm = (self.resistance_ohm() * 1e6).round() as u32;
		let state_of_charge_bp = (self.state_of_charge() * 10_000.0).round() as u16;
		let discharged_mah = self.born_with_cycles * self.design.capacity_ah * 1_000.0;
		let mean_v = self.constants().open_circuit(0.5).0 * f64::from(self.design.cells);
		EstimatorState {
			discharged_mah: discharged_mah as u64,
			discharged_wh: (discharged_mah / 1_000.0 * mean_v) as u64,
			..EstimatorState::new(capacity_mah, resistance_uohm, state_of_charge_bp)
		}
	}

	/// Breaks a sensor, or mends it.
	pub fn set_sensor_fault(&mut self, fault: Option<SensorFault>) {
		self.fault = fault;
	}
}

impl BmsSource for Pack {
	type Error = std::convert::Infallible;

	/// Measures with noise, offset, gain and resolution of real sensors: 1 mV, 1 mA, half a degree.
	fn sample(&mut self) -> Result<Measurement, Self::Error> {
		let mut cells_mv = Vec::with_capacity(self.volts.len());
		for volts in &self.volts {
			cells_mv.push(milli(volts + 0.000_4 * self.noise.normal()).clamp(0, i32::from(u16::MAX)) as u16);
		}
		let offset_a = self.current_offset_a + 0.000_3 * self.design.capacity_ah * self.noise.normal();
		let mut sensors_dc: Vec<i16> = self
			.cells
			.iter()
			.step_by(CELLS_PER_SENSOR)
			.map(|cell| {
				((cell.temperature_c() * 10.0 / TEMPERATURE_STEP_DC).round() * TEMPERATURE_STEP_DC) as i16
			})
			.collect();
		if let (Some(SensorFault::HotSpot), Some(sensor)) = (self.fault, sensors_dc.last_mut()) {
			*sensor += 750;
		}
		let mean =
			sensors_dc.iter().map(|value| i32::from(*value)).sum::<i32>() / sensors_dc.len().max(1) as i32;
		let published = |count: usize| count.min(MAX_CELLS);
		Ok(Measurement {
			voltage_mv: cells_mv.iter().map(|value| u32::from(*value)).sum(),
			current_ma: milli(self.current_a * self.current_gain + offset_a),
			cell_min_mv: cells_mv.iter().copied().min().unwrap_or(0),
			cell_max_mv: cells_mv.iter().copied().max().unwrap_or(0),
			temperature_average_dc: mean as i16,
			temperature_max_dc: sensors_dc.iter().copied().max().unwrap_or(0),
			temperature_min_dc: sensors_dc.iter().copied().min().unwrap_or(0),
			cell_voltages_mv: Cells::try_new(&cells_mv[..published(cells_mv.len())]).unwrap_or_default(),
			cell_temperatures_dc: Cells::try_new(&sensors_dc[..published(sensors_dc.len())])
				.unwrap_or_default(),
			balancing: self.balancing,
		})
	}
}
