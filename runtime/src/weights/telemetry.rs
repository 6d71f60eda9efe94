//! What the calls of `pallet_telemetry` cost. Written by `scripts/weights`: changed by measuring again, not by hand.
//!
//! Date: 2026-11-22. Processor: AMD EPYC. Tool: frame-benchmarking-cli 64.0.0.
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
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1499), added: 3974, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DevicesOf` (r:1 w:1)
	// Proof: `Telemetry::DevicesOf` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:2 w:1)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1925), added: 4400, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DeviceOfKey` (r:1 w:1)
	// Proof: `Telemetry::DeviceOfKey` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::NextDevice` (r:1 w:1)
	// Proof: `Telemetry::NextDevice` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Devices` (r:0 w:1)
	// Proof: `Telemetry::Devices` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
	fn register_device() -> Weight {
		// Never faster than 186_137_000 picoseconds.
		Weight::from_parts(205_376_000, 9_790).saturating_add(T::DbWeight::get().reads_writes(11, 5))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Devices` (r:1 w:0)
	// Proof: `Telemetry::Devices` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1499), added: 3974, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:1 w:1)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1925), added: 4400, mode: `MaxEncodedLen`)
	fn revoke_device() -> Weight {
		// Never faster than 79_839_000 picoseconds.
		Weight::from_parts(97_335_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(7, 2))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Devices` (r:1 w:0)
	// Proof: `Telemetry::Devices` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:0)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1499), added: 3974, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:1 w:1)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1925), added: 4400, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::FormerKeys` (r:1 w:1)
	// Proof: `Telemetry::FormerKeys` (`max_values`: None, `max_size`: Some(341), added: 2816, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DeviceOfKey` (r:1 w:1)
	// Proof: `Telemetry::DeviceOfKey` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	fn rotate_device_key() -> Weight {
		// Never faster than 213_168_000 picoseconds.
		Weight::from_parts(237_523_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(10, 3))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Devices` (r:1 w:1)
	// Proof: `Telemetry::Devices` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1499), added: 3974, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:2 w:2)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1925), added: 4400, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DevicesOf` (r:1 w:1)
	// Proof: `Telemetry::DevicesOf` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DeviceOfKey` (r:1 w:1)
	// Proof: `Telemetry::DeviceOfKey` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::NextDevice` (r:1 w:1)
	// Proof: `Telemetry::NextDevice` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn replace_device() -> Weight {
		// Never faster than 227_509_000 picoseconds.
		Weight::from_parts(262_270_000, 9_790).saturating_add(T::DbWeight::get().reads_writes(12, 7))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Devices` (r:1 w:0)
	// Proof: `Telemetry::Devices` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1499), added: 3974, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:1 w:1)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1925), added: 4400, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DevicesOf` (r:1 w:0)
	// Proof: `Telemetry::DevicesOf` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
	// Storage: `Timestamp::Now` (r:1 w:0)
	// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::LastStatement` (r:1 w:1)
	// Proof: `Telemetry::LastStatement` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn reset_device() -> Weight {
		// Never faster than 105_127_000 picoseconds.
		Weight::from_parts(128_572_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(10, 3))
	}

	// Storage: `Telemetry::DevicesOf` (r:1 w:0)
	// Proof: `Telemetry::DevicesOf` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:1 w:1)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1925), added: 4400, mode: `MaxEncodedLen`)
	fn passport_changed() -> Weight {
		// Never faster than 22_914_000 picoseconds.
		Weight::from_parts(30_025_000, 5_390).saturating_add(T::DbWeight::get().reads_writes(2, 1))
	}

	// f: 1 to 256
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// Storage: `Timestamp::Now` (r:1 w:0)
	// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:1 w:1)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1925), added: 4400, mode: `MaxEncodedLen`)
	fn submit_frames(f: u32) -> Weight {
		// Never faster than 94_441_000 picoseconds.
		Weight::from_parts(103_700_329, 7_602)
			.saturating_add(T::DbWeight::get().reads_writes(6, 1))
			// Standard error: 112_336.
			.saturating_add(Weight::from_parts(40_942_461, 0).saturating_mul(f.into()))
	}

	// b: 6400 to 262144
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// Storage: `Timestamp::Now` (r:1 w:0)
	// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:1 w:1)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1925), added: 4400, mode: `MaxEncodedLen`)
	fn submit_frames_bytes(b: u32) -> Weight {
		// Never faster than 2_639_391_000 picoseconds.
		Weight::from_parts(3_141_524_362, 7_602)
			.saturating_add(T::DbWeight::get().reads_writes(6, 1))
			// Standard error: 204.
			.saturating_add(Weight::from_parts(3_461, 0).saturating_mul(b.into()))
	}

	// p: 1 to 256
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// Storage: `Timestamp::Now` (r:1 w:0)
	// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:256 w:256)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1925), added: 4400, mode: `MaxEncodedLen`)
	fn submit_frames_pages(p: u32) -> Weight {
		// Never faster than 10_266_860_000 picoseconds.
		Weight::from_parts(10_684_847_613, 7_602)
			.saturating_add(T::DbWeight::get().reads_writes(5, 0))
			// Standard error: 699_127.
			.saturating_add(Weight::from_parts(12_192_506, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(1).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().writes(1).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(0, 4_400).saturating_mul(p.into()))
	}

	// l: 1 to 256
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:257 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// Storage: `Timestamp::Now` (r:1 w:0)
	// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:16 w:16)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1925), added: 4400, mode: `MaxEncodedLen`)
	fn submit_frames_lookups(l: u32) -> Weight {
		// Never faster than 10_941_343_000 picoseconds.
		Weight::from_parts(11_467_178_635, 71_390)
			.saturating_add(T::DbWeight::get().reads_writes(20, 16))
			// Standard error: 2_269_255.
			.saturating_add(Weight::from_parts(6_822_033, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(1).saturating_mul(l.into()))
			.saturating_add(Weight::from_parts(0, 3_306).saturating_mul(l.into()))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Devices` (r:1 w:0)
	// Proof: `Telemetry::Devices` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:1 w:0)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1925), added: 4400, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1499), added: 3974, mode: `MaxEncodedLen`)
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
		// Never faster than 140_319_000 picoseconds.
		Weight::from_parts(157_134_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(11, 3))
	}

	// Storage: `Telemetry::StateOfHealthThresholdBp` (r:0 w:1)
	// Proof: `Telemetry::StateOfHealthThresholdBp` (`max_values`: Some(1), `max_size`: Some(2), added: 497, mode: `MaxEncodedLen`)
	fn set_state_of_health_threshold() -> Weight {
		// Never faster than 5_959_000 picoseconds.
		Weight::from_parts(6_840_000, 0).saturating_add(T::DbWeight::get().reads_writes(0, 1))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::AnchoringSuspended` (r:1 w:0)
	// Proof: `Telemetry::AnchoringSuspended` (`max_values`: None, `max_size`: Some(37), added: 2512, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Streams` (r:1 w:1)
	// Proof: `Telemetry::Streams` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Anchors` (r:2 w:3)
	// Proof: `Telemetry::Anchors` (`max_values`: None, `max_size`: Some(148), added: 2623, mode: `MaxEncodedLen`)
	fn anchor_batch() -> Weight {
		// Never faster than 51_958_000 picoseconds.
		Weight::from_parts(60_410_000, 6_236).saturating_add(T::DbWeight::get().reads_writes(6, 4))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Anchors` (r:1 w:1)
	// Proof: `Telemetry::Anchors` (`max_values`: None, `max_size`: Some(148), added: 2623, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::NextDevice` (r:1 w:0)
	// Proof: `Telemetry::NextDevice` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:1 w:0)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1925), added: 4400, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::FormerKeys` (r:1 w:0)
	// Proof: `Telemetry::FormerKeys` (`max_values`: None, `max_size`: Some(341), added: 2816, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::AnchoringSuspended` (r:1 w:1)
	// Proof: `Telemetry::AnchoringSuspended` (`max_values`: None, `max_size`: Some(37), added: 2512, mode: `MaxEncodedLen`)
	fn dispute_signature() -> Weight {
		// Never faster than 511_151_000 picoseconds.
		Weight::from_parts(550_891_000, 5_390).saturating_add(T::DbWeight::get().reads_writes(8, 2))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Anchors` (r:2 w:1)
	// Proof: `Telemetry::Anchors` (`max_values`: None, `max_size`: Some(148), added: 2623, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::AnchoringSuspended` (r:1 w:1)
	// Proof: `Telemetry::AnchoringSuspended` (`max_values`: None, `max_size`: Some(37), added: 2512, mode: `MaxEncodedLen`)
	fn dispute_replay() -> Weight {
		// Never faster than 147_590_000 picoseconds.
		Weight::from_parts(174_230_000, 6_236).saturating_add(T::DbWeight::get().reads_writes(5, 2))
	}

	// Storage: `Telemetry::AnchoringSuspended` (r:1 w:1)
	// Proof: `Telemetry::AnchoringSuspended` (`max_values`: None, `max_size`: Some(37), added: 2512, mode: `MaxEncodedLen`)
	fn allow_anchoring() -> Weight {
		// Never faster than 11_156_000 picoseconds.
		Weight::from_parts(16_665_000, 3_502).saturating_add(T::DbWeight::get().reads_writes(1, 1))
	}

	// n: 1 to 64
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Streams` (r:1 w:1)
	// Proof: `Telemetry::Streams` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Anchors` (r:64 w:64)
	// Proof: `Telemetry::Anchors` (`max_values`: None, `max_size`: Some(148), added: 2623, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::StreamCount` (r:1 w:1)
	// Proof: `Telemetry::StreamCount` (`max_values`: None, `max_size`: Some(24), added: 2499, mode: `MaxEncodedLen`)
	fn prune_anchors(n: u32) -> Weight {
		// Never faster than 44_246_000 picoseconds.
		Weight::from_parts(44_831_221, 4_296)
			.saturating_add(T::DbWeight::get().reads_writes(5, 2))
			// Standard error: 32_022.
			.saturating_add(Weight::from_parts(7_555_598, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().writes(1).saturating_mul(n.into()))
			.saturating_add(Weight::from_parts(0, 2_603).saturating_mul(n.into()))
	}
}
