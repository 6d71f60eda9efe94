//! One cell: Thevenin with two RC pairs, heat, and ageing by calendar and cycles.
//!
//! ```text
//! dSoC/dt = I / 3600 Q        dV_j/dt = (I R_j - V_j) / tau_j        V = OCV(SoC) + V_1 + V_2 + I R_0
//! C dT/dt = I (V - OCV) + hA (T_ambient - T)
//! loss    = k_cal sqrt(integral of a(T)^2 dt) + k_cyc (integral of a(T) |I| dt / 2 Q)^0.75
//! ```
//!
//! Charging is positive. Over a step the current is constant, and the RC pairs and the heat are solved exactly.

use serde::{Deserialize, Serialize};

use crate::chemistry::Constants;

const GAS_CONSTANT: f64 = 8.314;
const ZERO_CELSIUS: f64 = 273.15;
const REFERENCE_K: f64 = 298.15;
/// Activation energy of resistance, in J/mol: at -10 °C it is three times what it is at 25 °C.
const RESISTANCE_ACTIVATION: f64 = 20_000.0;
/// Activation energy of ageing, in J/mol: 10 K more, twice as fast.
const AGEING_ACTIVATION: f64 = 50_000.0;
/// Resistance grows by this much for each part of capacity that is lost: half again as much at 80 % capacity.
const RESISTANCE_GROWTH: f64 = 2.5;
/// Heat capacity, in J/K for 1 Ah.
const HEAT_CAPACITY_PER_AH: f64 = 16.0;
const SECONDS_PER_YEAR: f64 = 365.25 * 86_400.0;

/// The steps of time that a pack advances in, and what follows from them for all its cells.
#[derive(Clone, Copy, Debug)]
pub struct Step {
	seconds: f64,
	/// What is left of an RC pair's voltage after the step.
	rc_decay: [f64; 2],
}

impl Step {
	/// A step of this many seconds.
	pub fn new(constants: &Constants, seconds: f64) -> Self {
		Step {
			seconds,
			rc_decay: constants.rc_seconds.map(|tau| libm::exp(-seconds / tau)),
		}
	}

	/// Its length, in s.
	pub fn seconds(&self) -> f64 {
		self.seconds
	}
}

/// A cell's parameters and its state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
	nominal_ah: f64,
	resistance_factor: f64,
	ageing_factor: f64,
	/// Heat that leaves the cell, in W/K.
	cooling_w_per_k: f64,

	capacity_ah: f64,
	r0_ohm: f64,
	rc_ohm: [f64; 2],

	state_of_charge: f64,
	rc_v: [f64; 2],
	temperature_c: f64,
	/// Years at 25 °C that age as much as the cell has aged.
	calendar_years: f64,
	/// Full equivalent cycles at 25 °C that wear as much as the cell is worn.
	cycles: f64,
}

/// How a cell differs from its nominal self.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
	/// Factor on the capacity.
	pub capacity: f64,
	/// Factor on the resistances.
	pub resistance: f64,
	/// Factor on ageing.
	pub ageing: f64,
	/// Factor on the cooling.
	pub cooling: f64,
}

/// What a cell has lived through when the simulation begins.
#[derive(Clone, Copy, Debug)]
pub struct Life {
	/// Years at 25 °C.
	pub years: f64,
	/// Full equivalent cycles.
	pub cycles: f64,
}

fn arrhenius(activation: f64, temperature_c: f64) -> f64 {
	libm::exp(activation / GAS_CONSTANT * (1.0 / REFERENCE_K - 1.0 / (temperature_c + ZERO_CELSIUS)))
}

impl Cell {
	/// A cell of this capacity that has lived.
	pub fn new(
		constants: &Constants,
		nominal_ah: f64,
		spread: Spread,
		life: Life,
		state_of_charge: f64,
		temperature_c: f64,
	) -> Self {
		let mut cell = Cell {
			nominal_ah: nominal_ah * spread.capacity,
			resistance_factor: spread.resistance / nominal_ah,
			ageing_factor: spread.ageing,
			cooling_w_per_k: 0.009 * nominal_ah * spread.cooling,
			capacity_ah: 0.0,
			r0_ohm: 0.0,
			rc_ohm: [0.0; 2],
			state_of_charge,
			rc_v: [0.0; 2],
			temperature_c,
			calendar_years: life.years,
			cycles: life.cycles,
		};
		cell.refresh(constants);
		cell
	}

	/// Computes anew what changes slowly: capacity and resistances, by age and temperature. Once a minute is enough.
	pub fn refresh(&mut self, constants: &Constants) {
		let calendar = constants.calendar_loss_per_sqrt_year * self.calendar_years.sqrt();
		let wear = constants.cycle_loss_per_1000 * libm::pow(self.cycles / 1_000.0, 0.75);
		let loss = (self.ageing_factor * (calendar + wear)).min(0.9);
		let charge_ah = self.state_of_charge * self.capacity_ah;
		self.capacity_ah = self.nominal_ah * (1.0 - loss);
		if charge_ah > 0.0 {
			// The charge is what it was; the cell it is in became smaller.
			self.state_of_charge = charge_ah / self.capacity_ah;
		}
		let factor = self.resistance_factor * (1.0 + RESISTANCE_GROWTH * loss)
			/ arrhenius(RESISTANCE_ACTIVATION, self.temperature_c);
		self.r0_ohm = constants.r0_ohm_ah * factor;
		self.rc_ohm = constants.rc_ohm_ah.map(|ohm_ah| ohm_ah * factor);
	}

	/// The voltage at the end of a step without current, and how much each ampere adds to it.
	pub fn outlook(&self, constants: &Constants, step: &Step) -> (f64, f64) {
		let (open_circuit, slope) = constants.open_circuit(self.state_of_charge);
		let mut volts = open_circuit;
		let mut volts_per_ampere = self.r0_ohm + slope * step.seconds / (3_600.0 * self.capacity_ah);
		for pair in 0..2 {
			volts += self.rc_v[pair] * step.rc_decay[pair];
			volts_per_ampere += self.rc_ohm[pair] * (1.0 - step.rc_decay[pair]);
		}
		(volts, volts_per_ampere)
	}

	/// Advances by a step at a current, in A, and returns the voltage at its end.
	pub fn advance(&mut self, constants: &Constants, step: &Step, current_a: f64, ambient_c: f64) -> f64 {
		self.state_of_charge += current_a * step.seconds / (3_600.0 * self.capacity_ah);
		for pair in 0..2 {
			let settled = current_a * self.rc_ohm[pair];
			self.rc_v[pair] = settled + (self.rc_v[pair] - settled) * step.rc_decay[pair];
		}
		let polarisation = self.rc_v[0] + self.rc_v[1] + current_a * self.r0_ohm;
		let heat_w = (current_a * polarisation).max(0.0);
		let settled_c = ambient_c + heat_w / self.cooling_w_per_k;
		let rate = self.cooling_w_per_k / (HEAT_CAPACITY_PER_AH * self.nominal_ah);
		// The thermal time constant is half an hour, a step at most a minute: the rational form stays stable and needs no exp.
		self.temperature_c +=
			(settled_c - self.temperature_c) * (rate * step.seconds) / (1.0 + rate * step.seconds);
		constants.open_circuit(self.state_of_charge).0 + polarisation
	}

	/// Ages by what happened since it was last called: seconds, and charge that flowed in either direction.
	pub fn age(&mut self, seconds: f64, throughput_ah: f64) {
		let rate = arrhenius(AGEING_ACTIVATION, self.temperature_c);
		self.calendar_years += rate * rate * seconds / SECONDS_PER_YEAR;
		self.cycles += rate * throughput_ah / (2.0 * self.nominal_ah);
	}

	/// Bleeds charge, in Ah.
	pub fn bleed(&mut self, charge_ah: f64) {
		self.state_of_charge -= charge_ah / self.capacity_ah;
	}

	/// Capacity now, in Ah.
	pub fn capacity_ah(&self) -> f64 {
		self.capacity_ah
	}

	/// State of charge; a little outside of 0 to 1 at the ends.
	pub fn state_of_charge(&self) -> f64 {
		self.state_of_charge
	}

	/// Temperature, in °C.
	pub fn temperature_c(&self) -> f64 {
		self.temperature_c
	}

	/// Ohmic resistance now, in ohm.
	pub fn r0_ohm(&self) -> f64 {
		self.r0_ohm
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::chemistry::Chemistry;

	const NOMINAL: Spread = Spread {
		capacity: 1.0,
		resistance: 1.0,
		ageing: 1.0,
		cooling: 1.0,
	};
	const NEW: Life = Life {
		years: 0.0,
		cycles: 0.0,
	};

	fn cell(life: Life, temperature_c: f64) -> Cell {
		Cell::new(
			Chemistry::Nmc.constants(),
			60.0,
			NOMINAL,
			life,
			0.5,
			temperature_c,
		)
	}

	#[test]
	fn a_current_step_shows_the_ohmic_part_at_once_and_the_pairs_later() {
		let constants = Chemistry::Nmc.constants();
		let mut cell = cell(NEW, 25.0);
		let rest = constants.open_circuit(0.5).0;
		let quick = cell.advance(constants, &Step::new(constants, 0.001), -60.0, 25.0);
		assert!((rest - quick - 60.0 * cell.r0_ohm()).abs() < 1e-4);
		let mut later = quick;
		for _ in 0..60 {
			later = cell.advance(constants, &Step::new(constants, 1.0), -60.0, 25.0);
		}
		let fast_pair = 60.0 * 0.030 / 60.0;
		assert!(quick - later > 0.9 * fast_pair, "{quick} {later}");
	}

	#[test]
	fn the_outlook_is_what_happens() {
		let constants = Chemistry::Nmc.constants();
		let step = Step::new(constants, 1.0);
		for current in [-90.0, -10.0, 0.0, 40.0] {
			let mut cell = cell(NEW, 25.0);
			cell.advance(constants, &step, -30.0, 25.0);
			let (volts, volts_per_ampere) = cell.outlook(constants, &step);
			let happened = cell.advance(constants, &step, current, 25.0);
			// The slope of the open-circuit voltage may change on the way.
			assert!(
				(volts + current * volts_per_ampere - happened).abs() < 1e-4,
				"{current}"
			);
		}
	}

	#[test]
	fn current_heats_and_rest_cools_to_ambient() {
		let constants = Chemistry::Nmc.constants();
		let step = Step::new(constants, 10.0);
		let mut cell = cell(NEW, 20.0);
		for _ in 0..180 {
			cell.advance(constants, &step, -60.0, 20.0);
		}
		let hot = cell.temperature_c();
		assert!((25.0..45.0).contains(&hot), "half an hour at 1 C: {hot}");
		for _ in 0..2_000 {
			cell.advance(constants, &step, 0.0, 20.0);
		}
		assert!((cell.temperature_c() - 20.0).abs() < 0.1);
	}

	#[test]
	fn age_wear_and_cold_show_in_capacity_and_resistance() {
		let new = cell(NEW, 25.0);
		let old = cell(
			Life {
				years: 8.0,
				cycles: 1_000.0,
			},
			25.0,
		);
		let cold = cell(NEW, -10.0);
		assert!((new.capacity_ah() - 60.0).abs() < 1e-9);
		assert!(
			(0.78..0.88).contains(&(old.capacity_ah() / 60.0)),
			"{}",
			old.capacity_ah()
		);
		assert!((1.3..1.6).contains(&(old.r0_ohm() / new.r0_ohm())));
		assert!((2.0..4.0).contains(&(cold.r0_ohm() / new.r0_ohm())));
	}

	#[test]
	fn heat_ages_faster() {
		let constants = Chemistry::Nmc.constants();
		let [mut cool, mut hot] = [20.0, 45.0].map(|temperature_c| cell(NEW, temperature_c));
		for cell in [&mut cool, &mut hot] {
			cell.age(SECONDS_PER_YEAR, 60.0 * 2.0 * 200.0);
			cell.refresh(constants);
		}
		assert!(hot.capacity_ah() < cool.capacity_ah() - 1.0);
	}
}
