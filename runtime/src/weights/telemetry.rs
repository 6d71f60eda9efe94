//! What the calls of `pallet_telemetry` cost. Written by `scripts/weights`: changed by measuring again, not by hand.
//!
//! Date: 2026-11-21. Processor: AMD EPYC. Tool: frame-benchmarking-cli 64.0.0.
//! Values of each parameter: 10. Repetitions: 10. Execution: Compiled WASM.
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
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
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
		// Never faster than 184_705_000 picoseconds.
		Weight::from_parts(222_021_000, 9_374).saturating_add(T::DbWeight::get().reads_writes(11, 5))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Devices` (r:1 w:0)
	// Proof: `Telemetry::Devices` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:1 w:1)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1717), added: 4192, mode: `MaxEncodedLen`)
	fn revoke_device() -> Weight {
		// Never faster than 79_879_000 picoseconds.
		Weight::from_parts(94_891_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(7, 2))
	}

	// Reads: those of `register_device` but the devices of the passport and the next number, and the former keys. Writes: page, key,
	// former keys.
	fn rotate_device_key() -> Weight {
		Weight::from_parts(292_021_000, 9_374).saturating_add(T::DbWeight::get().reads_writes(10, 3))
	}

	// Reads: those of `register_device`, and the device. Writes: those of `register_device`, the old device's page, the passport.
	fn replace_device() -> Weight {
		Weight::from_parts(300_000_000, 9_374).saturating_add(T::DbWeight::get().reads_writes(12, 7))
	}

	// Reads: those of `revoke_device`, the devices of the passport, the clock, the last statement. Writes: page, passport, last
	// statement.
	fn reset_device() -> Weight {
		Weight::from_parts(110_000_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(10, 3))
	}

	// Reads: devices of the passport, page. Writes: page.
	fn passport_changed() -> Weight {
		Weight::from_parts(15_000_000, 4_400).saturating_add(T::DbWeight::get().reads_writes(2, 1))
	}

	// f: 1 to 256
	// Reads: account, organisation, genesis hash, clock, page, operator. Writes: page.
	fn submit_frames(f: u32) -> Weight {
		// Never faster than 106_398_000 picoseconds.
		Weight::from_parts(109_553_000, 4_400)
			.saturating_add(T::DbWeight::get().reads_writes(6, 1))
			// Standard error: 153_907.
			.saturating_add(Weight::from_parts(72_977_623, 0).saturating_mul(f.into()))
	}

	// b: 6400 to 262144
	// Reads: account, organisation, genesis hash, clock, page, operator. Writes: page.
	fn submit_frames_bytes(b: u32) -> Weight {
		// Never faster than 4_497_958_000 picoseconds.
		Weight::from_parts(4_582_215_306, 4_400)
			.saturating_add(T::DbWeight::get().reads_writes(6, 1))
			// Standard error: 104.
			.saturating_add(Weight::from_parts(3_690, 0).saturating_mul(b.into()))
	}

	// p: 1 to 256
	// Reads and writes: those of `submit_frames` but the page, and each page.
	fn submit_frames_pages(p: u32) -> Weight {
		Weight::from_parts(18_700_000_000, 4_400)
			.saturating_add(T::DbWeight::get().reads_writes(5, 0))
			.saturating_add(Weight::from_parts(10_000_000, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(1).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().writes(1).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(0, 4_400).saturating_mul(p.into()))
	}

	// l: 1 to 256
	// Reads: account, organisation, genesis hash, clock, 16 pages, each operator. Writes: the pages.
	fn submit_frames_lookups(l: u32) -> Weight {
		Weight::from_parts(18_900_000_000, 70_400)
			.saturating_add(T::DbWeight::get().reads_writes(20, 16))
			.saturating_add(Weight::from_parts(5_000_000, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(1).saturating_mul(l.into()))
			.saturating_add(Weight::from_parts(0, 3_306).saturating_mul(l.into()))
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
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
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
		// Never faster than 140_890_000 picoseconds.
		Weight::from_parts(166_418_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(11, 3))
	}

	// Storage: `Telemetry::StateOfHealthThresholdBp` (r:0 w:1)
	// Proof: `Telemetry::StateOfHealthThresholdBp` (`max_values`: Some(1), `max_size`: Some(2), added: 497, mode: `MaxEncodedLen`)
	fn set_state_of_health_threshold() -> Weight {
		// Never faster than 5_858_000 picoseconds.
		Weight::from_parts(6_449_000, 0).saturating_add(T::DbWeight::get().reads_writes(0, 1))
	}

	// Reads: account, organisation, suspension, stream, number of streams, two oldest anchors. Writes: number of streams, two
	// oldest anchors, new anchor, stream.
	fn anchor_batch() -> Weight {
		Weight::from_parts(60_000_000, 4_400).saturating_add(T::DbWeight::get().reads_writes(7, 5))
	}

	// Reads: account, organisation, anchor, next number, page, former keys, genesis hash, suspension. Writes: anchor, suspension.
	fn dispute_signature() -> Weight {
		Weight::from_parts(1_100_000_000, 4_400).saturating_add(T::DbWeight::get().reads_writes(8, 2))
	}

	// Reads: account, organisation, two anchors, suspension. Writes: anchor, suspension.
	fn dispute_replay() -> Weight {
		Weight::from_parts(150_000_000, 4_400).saturating_add(T::DbWeight::get().reads_writes(5, 2))
	}

	// Reads: suspension. Writes: suspension.
	fn allow_anchoring() -> Weight {
		Weight::from_parts(15_000_000, 3_000).saturating_add(T::DbWeight::get().reads_writes(1, 1))
	}

	// n: 1 to 64
	// Reads: account, organisation, stream, number of streams, each anchor and the one behind them. Writes: stream, number of
	// streams, each anchor.
	fn prune_anchors(n: u32) -> Weight {
		Weight::from_parts(20_000_000, 4_400)
			.saturating_add(T::DbWeight::get().reads_writes(5, 2))
			.saturating_add(Weight::from_parts(6_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().writes(1).saturating_mul(n.into()))
			.saturating_add(Weight::from_parts(0, 2_700).saturating_mul(n.into()))
	}
}
