//! What cells are made of: open-circuit voltage and the constants of the model.
//!
//! The values are typical of published cells, chosen for plausibility; they are nobody's data sheet.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// The chemistry of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
pub enum Chemistry {
	/// Lithium nickel manganese cobalt oxide.
	Nmc,
	/// Lithium iron phosphate: its voltage hardly says how full it is.
	Lfp,
}

/// The constants of a chemistry. Resistances are for 1 Ah: divide by the cell's capacity.
#[derive(Debug)]
pub struct Constants {
	/// End-of-charge voltage, in V.
	pub full_v: f64,
	/// End-of-discharge voltage, in V.
	pub empty_v: f64,
	/// Ohmic resistance at 25 °C, in ohm·Ah.
	pub r0_ohm_ah: f64,
	/// Resistances of the two RC pairs, in ohm·Ah.
	pub rc_ohm_ah: [f64; 2],
	/// Time constants of the two RC pairs, in s.
	pub rc_seconds: [f64; 2],
	/// Capacity that is lost in the first year at 25 °C; it grows with the square root of time.
	pub calendar_loss_per_sqrt_year: f64,
	/// Capacity that is lost over the first 1,000 full equivalent cycles; it grows with their power of 0.75.
	pub cycle_loss_per_1000: f64,
	open_circuit: [f64; GRID + 1],
}

/// Steps of the even grid that a table of voltages is spread over.
const GRID: usize = 1_000;

/// Open-circuit voltage over state of charge, both ends included.
type Table = &'static [(f64, f64)];

const NMC: Table = &[
	(0.00, 3.000),
	(0.02, 3.250),
	(0.05, 3.400),
	(0.10, 3.500),
	(0.15, 3.550),
	(0.20, 3.585),
	(0.25, 3.610),
	(0.30, 3.630),
	(0.35, 3.650),
	(0.40, 3.668),
	(0.45, 3.690),
	(0.50, 3.720),
	(0.55, 3.760),
	(0.60, 3.810),
	(0.65, 3.860),
	(0.70, 3.910),
	(0.75, 3.955),
	(0.80, 4.000),
	(0.85, 4.045),
	(0.90, 4.085),
	(0.95, 4.130),
	(1.00, 4.196),
];

const LFP: Table = &[
	(0.00, 2.500),
	(0.02, 2.800),
	(0.05, 3.050),
	(0.10, 3.170),
	(0.15, 3.210),
	(0.20, 3.232),
	(0.25, 3.250),
	(0.30, 3.265),
	(0.35, 3.276),
	(0.40, 3.283),
	(0.45, 3.287),
	(0.50, 3.290),
	(0.55, 3.293),
	(0.60, 3.298),
	(0.65, 3.308),
	(0.70, 3.322),
	(0.75, 3.327),
	(0.80, 3.329),
	(0.85, 3.331),
	(0.90, 3.333),
	(0.95, 3.337),
	(0.98, 3.360),
	(0.99, 3.420),
	(1.00, 3.645),
];

fn spread(table: Table) -> [f64; GRID + 1] {
	std::array::from_fn(|index| {
		let charge = index as f64 / GRID as f64;
		let upper = table
			.iter()
			.position(|(at, _)| *at >= charge)
			.unwrap_or(table.len() - 1)
			.max(1);
		let ((from, low), (to, high)) = (table[upper - 1], table[upper]);
		low + (high - low) * (charge - from) / (to - from)
	})
}

static NMC_CONSTANTS: LazyLock<Constants> = LazyLock::new(|| Constants {
	full_v: 4.2,
	empty_v: 3.0,
	r0_ohm_ah: 0.050,
	rc_ohm_ah: [0.030, 0.024],
	rc_seconds: [20.0, 600.0],
	calendar_loss_per_sqrt_year: 0.025,
	cycle_loss_per_1000: 0.090,
	open_circuit: spread(NMC),
});

static LFP_CONSTANTS: LazyLock<Constants> = LazyLock::new(|| Constants {
	full_v: 3.65,
	empty_v: 2.5,
	r0_ohm_ah: 0.045,
	rc_ohm_ah: [0.025, 0.030],
	rc_seconds: [15.0, 900.0],
	calendar_loss_per_sqrt_year: 0.018,
	cycle_loss_per_1000: 0.045,
	open_circuit: spread(LFP),
});

impl Chemistry {
	/// Its constants.
	pub fn constants(self) -> &'static Constants {
		match self {
			Chemistry::Nmc => &NMC_CONSTANTS,
			Chemistry::Lfp => &LFP_CONSTANTS,
		}
	}
}

impl Constants {
	/// Open-circuit voltage and its slope, in V and V per unit of charge. Outside of 0 to 1 the last slope goes on: steep, as
	/// a cell's is that is charged too far or discharged too deep.
	pub fn open_circuit(&self, state_of_charge: f64) -> (f64, f64) {
		let place = state_of_charge * GRID as f64;
		// Saturates: below 0 it is the first step, above 1 the last.
		let step = (place as usize).min(GRID - 1);
		let (low, high) = (self.open_circuit[step], self.open_circuit[step + 1]);
		(
			low + (high - low) * (place - step as f64),
			(high - low) * GRID as f64,
		)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn open_circuit_voltage_rises_from_empty_to_full() {
		for (chemistry, table) in [(Chemistry::Nmc, NMC), (Chemistry::Lfp, LFP)] {
			let constants = chemistry.constants();
			let mut before = 0.0;
			for step in -10..=1_010 {
				let (voltage, slope) = constants.open_circuit(f64::from(step) / 1_000.0);
				assert!(voltage > before && slope > 0.0, "{chemistry:?} at {step}");
				before = voltage;
			}
			for (charge, voltage) in table {
				assert!(
					(constants.open_circuit(*charge).0 - voltage).abs() < 1e-9,
					"{chemistry:?} at {charge}"
				);
			}
			assert!(constants.open_circuit(0.0).0 >= constants.empty_v);
			assert!(constants.open_circuit(1.0).0 <= constants.full_v);
		}
	}
}
