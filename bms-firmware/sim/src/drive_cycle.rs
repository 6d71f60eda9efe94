//! What is done to a pack: driven, charged, left alone.

use serde::{Deserialize, Serialize};

use crate::{cell::Step, pack::Pack, random::Random};

/// A charger stops at this current, in parts of the capacity in an hour.
const CHARGE_END_C: f64 = 1.0 / 25.0;
/// The deepest state of charge that a drive goes down to.
const DRIVE_END: f64 = 0.15;

/// How a pack is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Profile {
	/// Trips with pulses and regeneration, pauses, a charge when it is needed.
	Daily,
	/// From full to empty and back at a third of the capacity in an hour, with pauses: what measures a capacity.
	FullCycles,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Phase {
	Rest {
		seconds: f64,
		then: Next,
	},
	Drive {
		seconds: f64,
		pulse_seconds: f64,
		pulse_c: f64,
	},
	Charge {
		rate_c: f64,
	},
	Discharge {
		rate_c: f64,
	},
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Next {
	Use,
	Charge,
}

/// The use of one pack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DriveCycle {
	profile: Profile,
	phase: Phase,
	random: Random,
	/// Since the beginning, in s.
	elapsed_seconds: f64,
	/// Mean of the place's temperature, in °C.
	climate_c: f64,
}

impl DriveCycle {
	/// The use of the pack of this index, beginning anywhere in a day.
	pub fn new(profile: Profile, seed: &str, index: u32) -> Self {
		let mut random = Random::derive("drive cycle", seed, index);
		let climate_c = random.between(8.0, 26.0);
		let phase = match profile {
			Profile::FullCycles => Phase::Charge { rate_c: 1.0 / 3.0 },
			Profile::Daily => match (random.unit() * 4.0) as u8 {
				0 => Phase::Rest {
					seconds: random.between(60.0, 1_800.0),
					then: Next::Use,
				},
				1 => Phase::Charge {
					rate_c: random.between(0.25, 0.6),
				},
				_ => Phase::Drive {
					seconds: random.between(600.0, 3_600.0),
					pulse_seconds: 0.0,
					pulse_c: 0.0,
				},
			},
		};
		DriveCycle {
			profile,
			phase,
			elapsed_seconds: random.between(0.0, 86_400.0),
			random,
			climate_c,
		}
	}

	/// Advances the pack by a step.
	pub fn advance(&mut self, pack: &mut Pack, step: &Step) {
		let capacity_ah = pack.design().capacity_ah;
		let day = core::f64::consts::TAU * self.elapsed_seconds / 86_400.0;
		let ambient_c = self.climate_c + 5.0 * libm::sin(day);
		self.elapsed_seconds += step.seconds();
		let asked_a = self.asked_c(step) * capacity_ah;
		let flowed_a = pack.advance(step, asked_a, ambient_c);
		self.phase = self.next_phase(pack, flowed_a / capacity_ah);
	}

	fn asked_c(&mut self, step: &Step) -> f64 {
		match &mut self.phase {
			Phase::Rest { seconds, .. } => {
				*seconds -= step.seconds();
				0.0
			}
			Phase::Charge { rate_c } => *rate_c,
			Phase::Discharge { rate_c } => -*rate_c,
			Phase::Drive {
				seconds,
				pulse_seconds,
				pulse_c,
			} => {
				*seconds -= step.seconds();
				*pulse_seconds -= step.seconds();
				if *pulse_seconds <= 0.0 {
					*pulse_seconds = self.random.between(4.0, 40.0);
					*pulse_c = match (self.random.unit() * 10.0) as u8 {
						0..=1 => 0.0,
						2 => self.random.between(0.1, 0.5),
						3..=7 => -self.random.between(0.2, 0.9),
						_ => -self.random.between(0.9, 1.8),
					};
				}
				*pulse_c
			}
		}
	}

	fn next_phase(&mut self, pack: &Pack, flowed_c: f64) -> Phase {
		let rest = |random: &mut Random, then| match self.profile {
			Profile::Daily => Phase::Rest {
				seconds: random.between(300.0, 3_000.0),
				then,
			},
			Profile::FullCycles => Phase::Rest {
				seconds: 1_800.0,
				then,
			},
		};
		match self.phase {
			Phase::Rest { seconds, then } if seconds <= 0.0 => match (then, self.profile) {
				(Next::Charge, Profile::Daily) => Phase::Charge {
					rate_c: self.random.between(0.25, 0.6),
				},
				(Next::Charge, Profile::FullCycles) => Phase::Charge { rate_c: 1.0 / 3.0 },
				(Next::Use, Profile::FullCycles) => Phase::Discharge { rate_c: 1.0 / 3.0 },
				(Next::Use, Profile::Daily) => Phase::Drive {
					seconds: self.random.between(600.0, 3_600.0),
					pulse_seconds: 0.0,
					pulse_c: 0.0,
				},
			},
			Phase::Charge { .. } if flowed_c < CHARGE_END_C => rest(&mut self.random, Next::Use),
			Phase::Discharge { .. } if flowed_c > -CHARGE_END_C => rest(&mut self.random, Next::Charge),
			Phase::Drive { seconds, .. } if seconds <= 0.0 || pack.state_of_charge() < DRIVE_END => {
				let then = if pack.state_of_charge() < 0.45 {
					Next::Charge
				} else {
					Next::Use
				};
				rest(&mut self.random, then)
			}
			phase => phase,
		}
	}

	/// Whether the pack is left alone.
	pub fn is_resting(&self) -> bool {
		matches!(self.phase, Phase::Rest { .. })
	}
}
