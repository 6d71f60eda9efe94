//! State of charge, state of health and throughput, in integers.
//!
//! # How
//!
//! - **State of charge** is counted: the current is integrated (trapezia, mA·ms) onto the charge that is left. The count is
//!   anchored where the truth is known: full, when the highest cell is at its end-of-charge voltage and the charging current
//!   has tapered off; empty, when the lowest cell is at its end-of-discharge voltage under a small current.
//! - **Capacity** is measured between two opposite anchors, full to empty or empty to full, with no gap in between. What is
//!   measured counts half, what was believed before the other half. Without such a run the capacity stays what it was.
//! - **State of health** is capacity by rated capacity.
//! - **Resistance** is the change of voltage by the change of current between two measurements at most 2 s apart, averaged
//!   over sixteen steps of current. It holds the ohmic part and a little of the fast polarisation.
//! - **Throughput** and **full equivalent cycles** count what was taken out.
//!
//! # What it does not do
//!
//! No open-circuit-voltage correction at rest, no filter, no temperature dependence of capacity: a pack that is never
//! charged full drifts by the offset of its current sensor.

use passport_primitives::telemetry::{
	reading::{STATUS_BALANCING, STATUS_CHARGING, STATUS_DISCHARGING},
	Reading,
};

use crate::{
	alarms::Alarms,
	measurement::Measurement,
	platform::{Copies, Record},
};

/// Where the estimator's state is stored.
pub(crate) const RECORDS: [Record; 2] = [
	Record::Estimator(Copies::First),
	Record::Estimator(Copies::Second),
];

/// Length of a stored state, in bytes.
pub const STATE_BYTES: usize = 44;

/// Measurements further apart are not integrated: nobody knows what the current was.
pub const MAX_GAP_MS: u64 = 600_000;

const MA_MS_PER_MAH: u64 = 3_600_000;
/// 1 mV·mA·ms is 1 nJ.
const NJ_PER_WH: u64 = 3_600_000_000_000;

/// Larger currents and voltages are limited to this before they are multiplied, so that no product overflows: 2 kA, 2 kV.
const MAX_CURRENT_MA: i32 = 2_000_000;
const MAX_VOLTAGE_MV: u32 = 2_000_000;

/// Measurements in a row that must say "full" or "empty".
const ANCHOR_MEASUREMENTS: u8 = 2;

/// What the maker knows of the pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratings {
	/// Rated capacity, in mAh; at least 1.
	pub rated_capacity_mah: u32,
	/// End-of-charge voltage of a cell, in mV.
	pub full_cell_mv: u16,
	/// End-of-discharge voltage of a cell, in mV.
	pub empty_cell_mv: u16,
	/// Charging current below which a pack at its end-of-charge voltage is full, in mA.
	pub taper_ma: i32,
	/// Discharging current up to which a pack at its end-of-discharge voltage is empty and not only sagging, in mA.
	pub empty_ma: i32,
	/// Currents up to this are neither charging nor discharging, in mA.
	pub idle_ma: i32,
}

/// What the estimator remembers over a loss of power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EstimatorState {
	/// Charge that is left, in mA·ms.
	pub remaining_ma_ms: i64,
	/// Capacity from full to empty as it is now, in mAh.
	pub capacity_mah: u32,
	/// Resistance of the pack, in micro-ohm.
	pub resistance_uohm: u32,
	/// Charge taken out since the battery was made, in mAh.
	pub discharged_mah: u64,
	/// Rest of that below 1 mAh, in mA·ms.
	pub discharged_rest_ma_ms: u32,
	/// Energy taken out since the battery was made, in Wh.
	pub discharged_wh: u64,
	/// Rest of that below 1 Wh, in nJ.
	pub discharged_rest_nj: u64,
}

impl EstimatorState {
	/// Of a new pack that nothing is known of but its rating, its resistance and how full it is.
	pub const fn new(rated_capacity_mah: u32, resistance_uohm: u32, state_of_charge_bp: u16) -> Self {
		EstimatorState {
			remaining_ma_ms: (rated_capacity_mah as i64) * 360 * (state_of_charge_bp as i64),
			capacity_mah: rated_capacity_mah,
			resistance_uohm,
			discharged_mah: 0,
			discharged_rest_ma_ms: 0,
			discharged_wh: 0,
			discharged_rest_nj: 0,
		}
	}

	/// To be stored.
	pub fn to_bytes(&self) -> [u8; STATE_BYTES] {
		let mut bytes = [0; STATE_BYTES];
		bytes[..8].copy_from_slice(&self.remaining_ma_ms.to_le_bytes());
		bytes[8..12].copy_from_slice(&self.capacity_mah.to_le_bytes());
		bytes[12..16].copy_from_slice(&self.resistance_uohm.to_le_bytes());
		bytes[16..24].copy_from_slice(&self.discharged_mah.to_le_bytes());
		bytes[24..28].copy_from_slice(&self.discharged_rest_ma_ms.to_le_bytes());
		bytes[28..36].copy_from_slice(&self.discharged_wh.to_le_bytes());
		bytes[36..44].copy_from_slice(&self.discharged_rest_nj.to_le_bytes());
		bytes
	}

	/// From what was stored.
	pub fn from_bytes(bytes: &[u8; STATE_BYTES]) -> Self {
		fn part<const LENGTH: usize>(bytes: &[u8; STATE_BYTES], from: usize) -> [u8; LENGTH] {
			let mut part = [0; LENGTH];
			part.copy_from_slice(&bytes[from..from + LENGTH]);
			part
		}
		EstimatorState {
			remaining_ma_ms: i64::from_le_bytes(part(bytes, 0)),
			capacity_mah: u32::from_le_bytes(part(bytes, 8)),
			resistance_uohm: u32::from_le_bytes(part(bytes, 12)),
			discharged_mah: u64::from_le_bytes(part(bytes, 16)),
			discharged_rest_ma_ms: u32::from_le_bytes(part(bytes, 24)),
			discharged_wh: u64::from_le_bytes(part(bytes, 28)),
			discharged_rest_nj: u64::from_le_bytes(part(bytes, 36)),
		}
	}

	fn full_ma_ms(&self) -> i64 {
		(u64::from(self.capacity_mah) * MA_MS_PER_MAH) as i64
	}

	/// State of charge, in basis points of the capacity as it is now.
	pub fn state_of_charge_bp(&self) -> u16 {
		let per_bp = (i64::from(self.capacity_mah) * 360).max(1);
		(self.remaining_ma_ms / per_bp).clamp(0, 10_000) as u16
	}

	/// State of health, in basis points of the rated capacity.
	pub fn state_of_health_bp(&self, ratings: &Ratings) -> u16 {
		let rated = u64::from(ratings.rated_capacity_mah.max(1));
		(u64::from(self.capacity_mah) * 10_000 / rated).min(u64::from(u16::MAX)) as u16
	}

	/// Full equivalent cycles: charge taken out by rated capacity.
	pub fn cycle_count(&self, ratings: &Ratings) -> u32 {
		(self.discharged_mah / u64::from(ratings.rated_capacity_mah.max(1))).min(u64::from(u32::MAX)) as u32
	}
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Anchor {
	Full,
	Empty,
}

#[derive(Clone, Copy)]
struct Sample {
	at_ms: u64,
	voltage_mv: i64,
	current_ma: i64,
}

/// Estimates from one measurement after the other.
pub struct Estimator {
	ratings: Ratings,
	state: EstimatorState,
	previous: Option<Sample>,
	/// The last anchor and the charge that went in since, less what went out. Not stored: what flowed while there was no
	/// power is not known, so no capacity is measured across a loss of power.
	since_anchor: Option<(Anchor, i64)>,
	/// What the last measurements in a row said.
	candidate: Option<(Anchor, u8)>,
	/// Started anew and no capacity measured since. Not stored: after a loss of power it counts half as ever.
	anew: bool,
}

impl Estimator {
	/// Goes on from a state.
	pub const fn new(ratings: Ratings, state: EstimatorState) -> Self {
		Estimator {
			ratings,
			state,
			previous: None,
			since_anchor: None,
			candidate: None,
			anew: false,
		}
	}

	/// Starts anew, for a battery's second life: forgets the run that it is in, and lets the next capacity that is measured count
	/// wholly. What was taken out stays counted, and the capacity stays what was believed until one is measured: nobody makes a
	/// battery younger by a reset.
	pub fn start_anew(&mut self) {
		*self = Estimator {
			anew: true,
			..Self::new(self.ratings, self.state)
		};
	}

	/// What is estimated now.
	pub const fn state(&self) -> &EstimatorState {
		&self.state
	}

	/// What the maker knows of the pack.
	pub const fn ratings(&self) -> &Ratings {
		&self.ratings
	}

	/// Takes a measurement. `monotonic_ms` is when it was made, on the clock that never steps.
	pub fn update(&mut self, measurement: &Measurement, monotonic_ms: u64) {
		let now = Sample {
			at_ms: monotonic_ms,
			voltage_mv: i64::from(measurement.voltage_mv.min(MAX_VOLTAGE_MV)),
			current_ma: i64::from(measurement.current_ma.clamp(-MAX_CURRENT_MA, MAX_CURRENT_MA)),
		};
		if let Some(before) = self.previous.replace(now) {
			match now.at_ms.saturating_sub(before.at_ms) {
				0 => {}
				elapsed if elapsed > MAX_GAP_MS => self.since_anchor = None,
				elapsed => self.integrate(before, now, elapsed as i64),
			}
		}
		let seen = self.anchor_seen(measurement);
		self.candidate = match (seen, self.candidate) {
			(None, _) => None,
			(Some(anchor), Some((before, count))) if anchor == before => {
				Some((anchor, count.saturating_add(1)))
			}
			(Some(anchor), _) => Some((anchor, 1)),
		};
		if let Some((anchor, ANCHOR_MEASUREMENTS..)) = self.candidate {
			self.reach(anchor);
		}
	}

	fn integrate(&mut self, before: Sample, now: Sample, elapsed_ms: i64) {
		let charge = (before.current_ma + now.current_ma) * elapsed_ms / 2;
		let state = &mut self.state;
		state.remaining_ma_ms = state
			.remaining_ma_ms
			.saturating_add(charge)
			.clamp(0, state.full_ma_ms());
		if let Some((_, since)) = &mut self.since_anchor {
			*since = since.saturating_add(charge);
		}
		if charge < 0 {
			let rest = u64::from(state.discharged_rest_ma_ms) + charge.unsigned_abs();
			state.discharged_mah = state.discharged_mah.saturating_add(rest / MA_MS_PER_MAH);
			state.discharged_rest_ma_ms = (rest % MA_MS_PER_MAH) as u32;
			let energy = (before.voltage_mv + now.voltage_mv) / 2 * charge;
			let rest = state.discharged_rest_nj.saturating_add(energy.unsigned_abs());
			state.discharged_wh = state.discharged_wh.saturating_add(rest / NJ_PER_WH);
			state.discharged_rest_nj = rest % NJ_PER_WH;
		}
		let (voltage_step, current_step) = (
			now.voltage_mv - before.voltage_mv,
			now.current_ma - before.current_ma,
		);
		// A fifth of the rated capacity in an hour: smaller steps drown in the noise of the voltage.
		let worth = current_step.abs() >= i64::from(self.ratings.rated_capacity_mah / 5).max(1);
		if worth && elapsed_ms <= 2_000 && voltage_step.signum() == current_step.signum() {
			let measured = voltage_step * 1_000_000 / current_step;
			let believed = i64::from(state.resistance_uohm);
			state.resistance_uohm =
				(believed + (measured - believed) / 16).clamp(0, i64::from(u32::MAX)) as u32;
		}
	}

	fn anchor_seen(&self, measurement: &Measurement) -> Option<Anchor> {
		let (ratings, current) = (&self.ratings, measurement.current_ma);
		// The end-of-charge voltage is held by the charger, which is as exact as its own measurement.
		if measurement.cell_max_mv.saturating_add(10) >= ratings.full_cell_mv
			&& (1..=ratings.taper_ma).contains(&current)
		{
			Some(Anchor::Full)
		} else if measurement.cell_min_mv <= ratings.empty_cell_mv.saturating_add(10)
			&& (ratings.empty_ma.saturating_neg()..0).contains(&current)
		{
			Some(Anchor::Empty)
		} else {
			None
		}
	}

	fn reach(&mut self, anchor: Anchor) {
		if let Some((from, charge)) = self.since_anchor {
			let ran = match (from, anchor) {
				(Anchor::Full, Anchor::Empty) => charge.saturating_neg(),
				(Anchor::Empty, Anchor::Full) => charge,
				(Anchor::Full, Anchor::Full) | (Anchor::Empty, Anchor::Empty) => 0,
			};
			let measured = u64::try_from(ran).unwrap_or(0) / MA_MS_PER_MAH;
			let rated = u64::from(self.ratings.rated_capacity_mah);
			// Outside of this it was no full run, whatever the voltages said.
			if (rated / 2..=rated + rated / 5).contains(&measured) {
				let believed = if core::mem::take(&mut self.anew) {
					measured
				} else {
					u64::from(self.state.capacity_mah)
				};
				self.state.capacity_mah = (believed + measured).div_ceil(2) as u32;
			}
		}
		self.state.remaining_ma_ms = match anchor {
			Anchor::Full => self.state.full_ma_ms(),
			Anchor::Empty => 0,
		};
		self.since_anchor = Some((anchor, 0));
	}

	/// The reading of a measurement.
	pub fn reading(&self, measurement: &Measurement, alarms: &Alarms, time_seconds: u64) -> Reading {
		let (state, ratings) = (&self.state, &self.ratings);
		let mut status = if measurement.balancing {
			STATUS_BALANCING
		} else {
			0
		};
		if measurement.current_ma > ratings.idle_ma {
			status |= STATUS_CHARGING;
		} else if measurement.current_ma < ratings.idle_ma.saturating_neg() {
			status |= STATUS_DISCHARGING;
		}
		let power_w = i64::from(measurement.voltage_mv) * i64::from(measurement.current_ma) / 1_000_000;
		Reading {
			time_seconds,
			state_of_health_bp: state.state_of_health_bp(ratings),
			state_of_charge_bp: state.state_of_charge_bp(),
			voltage_mv: measurement.voltage_mv,
			current_ma: measurement.current_ma,
			temperature_average_dc: measurement.temperature_average_dc,
			temperature_max_dc: measurement.temperature_max_dc,
			temperature_min_dc: measurement.temperature_min_dc,
			internal_resistance_uohm: state.resistance_uohm,
			cycle_count: state.cycle_count(ratings),
			energy_throughput_wh: state.discharged_wh,
			capacity_throughput_mah: state.discharged_mah,
			remaining_capacity_mah: state.capacity_mah,
			power_w: power_w.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32,
			status,
			faults: alarms.faults(),
			warnings: alarms.warnings(),
			cell_temperatures_dc: measurement.cell_temperatures_dc,
			cell_voltages_mv: measurement.cell_voltages_mv,
			last_command: 0,
		}
	}
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;
	use crate::alarms::tests::well;
	use proptest::prelude::*;

	pub(crate) const RATINGS: Ratings = Ratings {
		rated_capacity_mah: 60_000,
		full_cell_mv: 4_200,
		empty_cell_mv: 3_000,
		taper_ma: 3_000,
		empty_ma: 12_000,
		idle_ma: 300,
	};

	fn estimator(state_of_charge_bp: u16) -> Estimator {
		Estimator::new(RATINGS, EstimatorState::new(60_000, 15_000, state_of_charge_bp))
	}

	/// Runs `current_ma` for `hours`, a measurement a minute.
	fn run(estimator: &mut Estimator, clock_ms: &mut u64, measurement: &Measurement, hours: u64) {
		for _ in 0..=60 * hours {
			estimator.update(measurement, *clock_ms);
			*clock_ms += 60_000;
		}
		*clock_ms -= 60_000;
	}

	#[test]
	fn charge_and_energy_are_counted() {
		let (mut estimator, mut clock_ms) = (estimator(8_000), 0);
		run(
			&mut estimator,
			&mut clock_ms,
			&Measurement {
				current_ma: -12_000,
				voltage_mv: 50_000,
				..well()
			},
			2,
		);
		assert_eq!(estimator.state.state_of_charge_bp(), 4_000);
		assert_eq!(estimator.state.discharged_mah, 24_000);
		assert_eq!(estimator.state.discharged_wh, 1_200);
		assert_eq!(estimator.state.cycle_count(&RATINGS), 0);
		let idle = Measurement {
			current_ma: 0,
			..well()
		};
		estimator.update(&idle, clock_ms);
		run(
			&mut estimator,
			&mut clock_ms,
			&Measurement {
				current_ma: 12_000,
				..well()
			},
			1,
		);
		assert_eq!(estimator.state.state_of_charge_bp(), 6_000);
		assert_eq!(
			estimator.state.discharged_mah, 24_000,
			"charging takes nothing out"
		);
	}

	#[test]
	fn cycles_are_full_equivalents() {
		let (mut estimator, mut clock_ms) = (estimator(10_000), 0);
		run(
			&mut estimator,
			&mut clock_ms,
			&Measurement {
				current_ma: -60_000,
				..well()
			},
			3,
		);
		assert_eq!(estimator.state.cycle_count(&RATINGS), 3);
	}

	#[test]
	fn a_full_discharge_measures_the_capacity() {
		let (mut estimator, mut clock_ms) = (estimator(9_000), 0);
		let full = Measurement {
			current_ma: 2_000,
			cell_max_mv: 4_200,
			..well()
		};
		let empty = Measurement {
			current_ma: -2_000,
			cell_min_mv: 3_000,
			..well()
		};
		for _ in 0..8 {
			run(&mut estimator, &mut clock_ms, &full, 0);
			estimator.update(&full, clock_ms);
			assert_eq!(estimator.state.state_of_charge_bp(), 10_000);
			run(
				&mut estimator,
				&mut clock_ms,
				&Measurement {
					current_ma: -10_000,
					..well()
				},
				5,
			);
			estimator.update(&empty, clock_ms);
			estimator.update(&empty, clock_ms);
			assert_eq!(estimator.state.state_of_charge_bp(), 0);
			run(
				&mut estimator,
				&mut clock_ms,
				&Measurement {
					current_ma: 10_000,
					..well()
				},
				5,
			);
		}
		let capacity = estimator.state.capacity_mah;
		assert!((49_700..=50_300).contains(&capacity), "{capacity}");
		let health = estimator.state.state_of_health_bp(&RATINGS);
		assert!((8_280..=8_390).contains(&health), "{health}");
	}

	#[test]
	fn after_a_new_start_the_first_capacity_counts_wholly_and_none_is_measured_across_it() {
		let full = Measurement {
			current_ma: 2_000,
			cell_max_mv: 4_200,
			..well()
		};
		let empty = Measurement {
			current_ma: -2_000,
			cell_min_mv: 3_000,
			..well()
		};
		let discharge = Measurement {
			current_ma: -10_000,
			..well()
		};
		let charge = Measurement {
			current_ma: 10_000,
			..well()
		};
		let (mut estimator, mut clock_ms) = (estimator(9_000), 0);
		let mut reach = |estimator: &mut Estimator, anchor: &Measurement, way: &Measurement| {
			run(estimator, &mut clock_ms, way, 5);
			estimator.update(anchor, clock_ms);
			estimator.update(anchor, clock_ms);
		};
		reach(&mut estimator, &full, &charge);
		estimator.start_anew();
		reach(&mut estimator, &empty, &discharge);
		assert_eq!(
			estimator.state.capacity_mah, 60_000,
			"full was before the new start"
		);
		reach(&mut estimator, &full, &charge);
		let capacity = estimator.state.capacity_mah;
		assert!(
			(49_500..=50_500).contains(&capacity),
			"{capacity}: not half of 60,000"
		);
		reach(&mut estimator, &empty, &discharge);
		let again = estimator.state.capacity_mah;
		assert!((49_500..=50_500).contains(&again), "{again}");
	}

	#[test]
	fn sagging_under_load_is_not_empty_and_a_single_measurement_is_not_full() {
		let mut estimator = estimator(5_000);
		for at_ms in [0, 1_000, 2_000] {
			estimator.update(
				&Measurement {
					current_ma: -100_000,
					cell_min_mv: 2_990,
					..well()
				},
				at_ms,
			);
		}
		assert!(estimator.state.state_of_charge_bp() > 4_900);
		estimator.update(
			&Measurement {
				current_ma: 2_000,
				cell_max_mv: 4_200,
				..well()
			},
			3_000,
		);
		assert!(estimator.state.state_of_charge_bp() < 5_100);
	}

	#[test]
	fn what_flowed_in_a_gap_is_not_guessed() {
		let mut estimator = estimator(5_000);
		estimator.update(&well(), 0);
		estimator.update(&well(), MAX_GAP_MS + 1);
		assert_eq!(estimator.state.state_of_charge_bp(), 5_000);
		assert_eq!(estimator.state.discharged_mah, 0);
	}

	#[test]
	fn steps_of_current_measure_the_resistance() {
		let mut estimator = estimator(5_000);
		for step in 0..200u64 {
			let current_ma = if step % 2 == 0 { 0 } else { -30_000 };
			// 20 milli-ohm: 600 mV at 30 A.
			let voltage_mv = if step % 2 == 0 { 59_000 } else { 58_400 };
			estimator.update(
				&Measurement {
					current_ma,
					voltage_mv,
					..well()
				},
				step * 1_000,
			);
		}
		let resistance = estimator.state.resistance_uohm;
		assert!((19_900..=20_000).contains(&resistance), "{resistance}");
	}

	proptest! {
		#[test]
		fn any_measurements_are_estimated_without_a_panic_and_throughput_never_falls(
			steps in prop::collection::vec(
				(any::<u32>(), any::<i32>(), any::<u16>(), any::<u16>(), any::<u32>()), 1..50),
			charge in 0u16..=10_000,
		) {
			let mut estimator = estimator(charge);
			let mut clock_ms = 0u64;
			let mut last = (0, 0);
			for (voltage_mv, current_ma, cell_min_mv, cell_max_mv, elapsed) in steps {
				clock_ms += u64::from(elapsed);
				let measurement = Measurement { voltage_mv, current_ma, cell_min_mv, cell_max_mv, ..well() };
				estimator.update(&measurement, clock_ms);
				let reading = estimator.reading(&measurement, &Alarms::default(), 1);
				prop_assert!(reading.state_of_charge_bp <= 10_000);
				let now = (reading.energy_throughput_wh, reading.capacity_throughput_mah);
				prop_assert!(now.0 >= last.0 && now.1 >= last.1);
				last = now;
			}
		}

		#[test]
		fn a_state_is_read_back(
			remaining in any::<i64>(),
			(capacity, resistance, rest) in any::<(u32, u32, u32)>(),
			(charge, energy, rest_nj) in any::<(u64, u64, u64)>(),
		) {
			let state = EstimatorState {
				remaining_ma_ms: remaining,
				capacity_mah: capacity,
				resistance_uohm: resistance,
				discharged_mah: charge,
				discharged_rest_ma_ms: rest,
				discharged_wh: energy,
				discharged_rest_nj: rest_nj,
			};
			prop_assert_eq!(EstimatorState::from_bytes(&state.to_bytes()), state);
		}
	}
}
