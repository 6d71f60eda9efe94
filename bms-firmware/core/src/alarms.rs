//! Faults and warnings: which limits a measurement crosses.
//!
//! A limit that was crossed counts as crossed until the value is back by a margin, so that a value that trembles at a limit
//! raises one alert and not hundreds.

use crate::{measurement::Measurement, policy::Urgency};

/// A cell's voltage is too high.
pub const CELL_OVER_VOLTAGE: u32 = 1 << 0;
/// A cell's voltage is too low.
pub const CELL_UNDER_VOLTAGE: u32 = 1 << 1;
/// A sensor is too hot.
pub const OVER_TEMPERATURE: u32 = 1 << 2;
/// A sensor is too cold to charge, and the pack is charged: lithium plating.
pub const CHARGED_TOO_COLD: u32 = 1 << 3;
/// More current is drawn than the pack is made for.
pub const DISCHARGE_OVER_CURRENT: u32 = 1 << 4;
/// More current is charged than the pack is made for.
pub const CHARGE_OVER_CURRENT: u32 = 1 << 5;
/// The cells' voltages are too far apart.
pub const CELL_IMBALANCE: u32 = 1 << 6;
/// The measuring chip does not answer: there are no new values.
pub const NO_MEASUREMENT: u32 = 1 << 7;

/// Every bit with the name that a reader is shown.
pub const NAMES: [(u32, &str); 8] = [
	(CELL_OVER_VOLTAGE, "cell_over_voltage"),
	(CELL_UNDER_VOLTAGE, "cell_under_voltage"),
	(OVER_TEMPERATURE, "over_temperature"),
	(CHARGED_TOO_COLD, "charged_too_cold"),
	(DISCHARGE_OVER_CURRENT, "discharge_over_current"),
	(CHARGE_OVER_CURRENT, "charge_over_current"),
	(CELL_IMBALANCE, "cell_imbalance"),
	(NO_MEASUREMENT, "no_measurement"),
];

/// A value that warns, a value that is a fault, and how far back the value must be for either to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
	/// From here on it is a warning.
	pub warning: i32,
	/// From here on it is a fault.
	pub fault: i32,
	/// It ends this much before.
	pub margin: i32,
}

/// The limits of a pack. "From here on" is upwards, and downwards for what may be too low.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
	/// Highest cell voltage, in mV.
	pub cell_over_mv: Limit,
	/// Lowest cell voltage, in mV; downwards.
	pub cell_under_mv: Limit,
	/// Highest temperature, in 0.1 °C.
	pub over_temperature_dc: Limit,
	/// Lowest temperature while charged, in 0.1 °C; downwards.
	pub charged_too_cold_dc: Limit,
	/// Current drawn, in mA.
	pub discharge_ma: Limit,
	/// Current charged, in mA.
	pub charge_ma: Limit,
	/// Highest less lowest cell voltage, in mV.
	pub imbalance_mv: Limit,
	/// Currents up to this are no charging, in mA.
	pub idle_ma: i32,
}

/// Which limits are crossed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Alarms {
	faults: u32,
	warnings: u32,
}

impl Alarms {
	/// Faults, a bit each.
	pub const fn faults(&self) -> u32 {
		self.faults
	}

	/// Warnings, a bit each; a fault is a warning too.
	pub const fn warnings(&self) -> u32 {
		self.warnings
	}

	/// Judges a measurement. [`Urgency::Alert`] when a fault begins; one that goes on is not urgent again.
	pub fn update(&mut self, limits: &Limits, measurement: &Measurement) -> Urgency {
		let charged = measurement.current_ma > limits.idle_ma;
		let spread = i32::from(measurement.cell_max_mv) - i32::from(measurement.cell_min_mv);
		let too_cold = if charged {
			i32::from(measurement.temperature_min_dc)
		} else {
			i32::MAX
		};
		let upwards = [
			(
				CELL_OVER_VOLTAGE,
				i32::from(measurement.cell_max_mv),
				limits.cell_over_mv,
			),
			(
				OVER_TEMPERATURE,
				i32::from(measurement.temperature_max_dc),
				limits.over_temperature_dc,
			),
			(
				DISCHARGE_OVER_CURRENT,
				measurement.current_ma.saturating_neg(),
				limits.discharge_ma,
			),
			(CHARGE_OVER_CURRENT, measurement.current_ma, limits.charge_ma),
			(CELL_IMBALANCE, spread, limits.imbalance_mv),
		];
		let downwards = [
			(
				CELL_UNDER_VOLTAGE,
				i32::from(measurement.cell_min_mv),
				limits.cell_under_mv,
			),
			(CHARGED_TOO_COLD, too_cold, limits.charged_too_cold_dc),
		];
		let before = *self;
		*self = Alarms::default();
		for (bit, value, limit) in upwards {
			let crossed = |at: i32, was: u32| {
				value
					>= if was & bit != 0 {
						at.saturating_sub(limit.margin)
					} else {
						at
					}
			};
			self.set(
				bit,
				crossed(limit.warning, before.warnings),
				crossed(limit.fault, before.faults),
			);
		}
		for (bit, value, limit) in downwards {
			let crossed = |at: i32, was: u32| {
				value
					<= if was & bit != 0 {
						at.saturating_add(limit.margin)
					} else {
						at
					}
			};
			self.set(
				bit,
				crossed(limit.warning, before.warnings),
				crossed(limit.fault, before.faults),
			);
		}
		self.urgency_since(before)
	}

	/// Notes that there was no measurement to judge: what was crossed stays crossed.
	pub fn no_measurement(&mut self) -> Urgency {
		let before = *self;
		self.set(NO_MEASUREMENT, true, true);
		self.urgency_since(before)
	}

	fn set(&mut self, bit: u32, warning: bool, fault: bool) {
		if fault {
			self.faults |= bit;
		}
		if warning || fault {
			self.warnings |= bit;
		}
	}

	fn urgency_since(&self, before: Alarms) -> Urgency {
		if self.faults & !before.faults != 0 {
			Urgency::Alert
		} else {
			Urgency::Routine
		}
	}
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;

	/// Limits of an NMC pack of 60 Ah.
	pub(crate) const LIMITS: Limits = Limits {
		cell_over_mv: Limit {
			warning: 4_220,
			fault: 4_280,
			margin: 30,
		},
		cell_under_mv: Limit {
			warning: 2_950,
			fault: 2_700,
			margin: 100,
		},
		over_temperature_dc: Limit {
			warning: 500,
			fault: 600,
			margin: 30,
		},
		charged_too_cold_dc: Limit {
			warning: 50,
			fault: 0,
			margin: 20,
		},
		discharge_ma: Limit {
			warning: 180_000,
			fault: 240_000,
			margin: 6_000,
		},
		charge_ma: Limit {
			warning: 90_000,
			fault: 120_000,
			margin: 6_000,
		},
		imbalance_mv: Limit {
			warning: 150,
			fault: 400,
			margin: 30,
		},
		idle_ma: 300,
	};

	/// A measurement that crosses nothing.
	pub(crate) fn well() -> Measurement {
		Measurement {
			voltage_mv: 59_200,
			current_ma: -20_000,
			cell_min_mv: 3_690,
			cell_max_mv: 3_710,
			temperature_average_dc: 250,
			temperature_max_dc: 260,
			temperature_min_dc: 240,
			..Measurement::default()
		}
	}

	#[test]
	fn each_limit_sets_its_bit_and_a_fault_is_urgent() {
		let cases: [(u32, Measurement); 7] = [
			(
				CELL_OVER_VOLTAGE,
				Measurement {
					cell_min_mv: 4_200,
					cell_max_mv: 4_280,
					..well()
				},
			),
			(
				CELL_UNDER_VOLTAGE,
				Measurement {
					cell_min_mv: 2_700,
					cell_max_mv: 2_750,
					..well()
				},
			),
			(
				OVER_TEMPERATURE,
				Measurement {
					temperature_max_dc: 600,
					..well()
				},
			),
			(
				CHARGED_TOO_COLD,
				Measurement {
					temperature_min_dc: 0,
					current_ma: 301,
					..well()
				},
			),
			(
				DISCHARGE_OVER_CURRENT,
				Measurement {
					current_ma: -240_000,
					..well()
				},
			),
			(
				CHARGE_OVER_CURRENT,
				Measurement {
					current_ma: 120_000,
					..well()
				},
			),
			(
				CELL_IMBALANCE,
				Measurement {
					cell_min_mv: 3_300,
					cell_max_mv: 3_700,
					..well()
				},
			),
		];
		for (bit, measurement) in cases {
			let mut alarms = Alarms::default();
			assert_eq!(alarms.update(&LIMITS, &well()), Urgency::Routine);
			assert_eq!(alarms.update(&LIMITS, &measurement), Urgency::Alert);
			assert_eq!((alarms.faults(), alarms.warnings()), (bit, bit));
			assert_eq!(
				alarms.update(&LIMITS, &measurement),
				Urgency::Routine,
				"a fault that goes on"
			);
			assert_eq!(alarms.update(&LIMITS, &well()), Urgency::Routine);
			assert_eq!(alarms, Alarms::default());
		}
	}

	#[test]
	fn cold_matters_only_while_charged() {
		let mut alarms = Alarms::default();
		alarms.update(
			&LIMITS,
			&Measurement {
				temperature_min_dc: -100,
				..well()
			},
		);
		assert_eq!(alarms, Alarms::default());
	}

	#[test]
	fn a_value_that_trembles_at_its_limit_is_urgent_once() {
		let mut alarms = Alarms::default();
		let urgent = (0..100)
			.filter(|round| {
				let temperature_max_dc = if round % 2 == 0 { 600 } else { 580 };
				alarms.update(
					&LIMITS,
					&Measurement {
						temperature_max_dc,
						..well()
					},
				) == Urgency::Alert
			})
			.count();
		assert_eq!(urgent, 1);
	}

	#[test]
	fn a_chip_that_does_not_answer_is_a_fault_and_keeps_the_others() {
		let mut alarms = Alarms::default();
		alarms.update(
			&LIMITS,
			&Measurement {
				temperature_max_dc: 600,
				..well()
			},
		);
		assert_eq!(alarms.no_measurement(), Urgency::Alert);
		assert_eq!(alarms.no_measurement(), Urgency::Routine);
		assert_eq!(alarms.faults(), OVER_TEMPERATURE | NO_MEASUREMENT);
		alarms.update(&LIMITS, &well());
		assert_eq!(alarms.faults(), 0);
	}
}
