//! What the calls of `pallet_telemetry` cost. Written by `scripts/weights`: changed by measuring again, not by hand.
//!
//! Date: 2026-11-21. Processor: AMD EPYC. Tool: frame-benchmarking-cli 64.0.0.
//! Values of each parameter: 10. Repetitions: 5. Execution: Compiled WASM.
//!
//! Above each function stand the parameters with the ranges that were measured, and the storage that its worst case reads and
//! writes (`r`, `w`).

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Measured time, and counted reads and writes at the database's weights.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_telemetry::weights::WeightInfo for Measured<T> {
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:0)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DevicesOf` (r:1 w:1)
	// Proof: `Telemetry::DevicesOf` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:2 w:1)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1717), added: 4192, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DeviceOfKey` (r:1 w:1)
	// Proof: `Telemetry::DeviceOfKey` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::NextDevice` (r:1 w:1)
	// Proof: `Telemetry::NextDevice` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Devices` (r:0 w:1)
	// Proof: `Telemetry::Devices` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	fn register_device() -> Weight {
		// Never faster than 174_720_000 picoseconds.
		Weight::from_parts(192_026_000, 9_374).saturating_add(T::DbWeight::get().reads_writes(11, 5))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Devices` (r:1 w:0)
	// Proof: `Telemetry::Devices` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:0)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:1 w:1)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1717), added: 4192, mode: `MaxEncodedLen`)
	fn revoke_device() -> Weight {
		// Never faster than 66_459_000 picoseconds.
		Weight::from_parts(79_178_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(7, 1))
	}

	// f: 64 to 256
	// b: 25600 to 262144
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:257 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// Storage: `Timestamp::Now` (r:1 w:0)
	// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Devices` (r:256 w:0)
	// Proof: `Telemetry::Devices` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:256 w:0)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:256 w:256)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1717), added: 4192, mode: `MaxEncodedLen`)
	fn submit_frames(f: u32, _b: u32) -> Weight {
		// Never faster than 5_195_868_000 picoseconds.
		Weight::from_parts(5_221_296_000, 4_296)
			.saturating_add(T::DbWeight::get().reads_writes(4, 0))
			// Standard error: 1_298_435.
			.saturating_add(Weight::from_parts(61_712_677, 0).saturating_mul(f.into()))
			.saturating_add(T::DbWeight::get().reads(4).saturating_mul(f.into()))
			.saturating_add(T::DbWeight::get().writes(1).saturating_mul(f.into()))
			.saturating_add(Weight::from_parts(0, 4_192).saturating_mul(f.into()))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Devices` (r:1 w:0)
	// Proof: `Telemetry::Devices` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:1 w:0)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1717), added: 4192, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::StateOfHealthThresholdBp` (r:1 w:0)
	// Proof: `Telemetry::StateOfHealthThresholdBp` (`max_values`: Some(1), `max_size`: Some(2), added: 497, mode: `MaxEncodedLen`)
	// Storage: `Timestamp::Now` (r:1 w:0)
	// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::LastStatement` (r:1 w:1)
	// Proof: `Telemetry::LastStatement` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:1 w:1)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn submit_threshold_statement() -> Weight {
		// Never faster than 138_576_000 picoseconds.
		Weight::from_parts(164_284_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(11, 3))
	}

	// Storage: `Telemetry::StateOfHealthThresholdBp` (r:0 w:1)
	// Proof: `Telemetry::StateOfHealthThresholdBp` (`max_values`: Some(1), `max_size`: Some(2), added: 497, mode: `MaxEncodedLen`)
	fn set_state_of_health_threshold() -> Weight {
		// Never faster than 5_639_000 picoseconds.
		Weight::from_parts(6_560_000, 0).saturating_add(T::DbWeight::get().reads_writes(0, 1))
	}
}
