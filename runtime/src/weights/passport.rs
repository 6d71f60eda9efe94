//! What the calls of `pallet_passport` cost. Written by `scripts/weights`: changed by measuring again, not by hand.
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

impl<T: frame_system::Config> pallet_passport::weights::WeightInfo for Measured<T> {
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:2 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::Tombstones` (r:2 w:0)
	// Proof: `Passport::Tombstones` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	// Storage: `Passport::Aliases` (r:2 w:1)
	// Proof: `Passport::Aliases` (`max_values`: None, `max_size`: Some(66), added: 2541, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:1 w:1)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	// Storage: `Passport::CounterForPassports` (r:1 w:1)
	// Proof: `Passport::CounterForPassports` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DevicesOf` (r:1 w:0)
	// Proof: `Telemetry::DevicesOf` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::DemandingAuthorities` (r:1 w:0)
	// Proof: `AccessGrant::DemandingAuthorities` (`max_values`: Some(1), `max_size`: Some(33), added: 528, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::AccessTable` (r:1 w:0)
	// Proof: `AccessGrant::AccessTable` (`max_values`: None, `max_size`: Some(18), added: 2493, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::PurposeTable` (r:1 w:0)
	// Proof: `AccessGrant::PurposeTable` (`max_values`: None, `max_size`: Some(35), added: 2510, mode: `MaxEncodedLen`)
	fn register() -> Weight {
		// Never faster than 71_086_000 picoseconds.
		Weight::from_parts(78_617_000, 8_936).saturating_add(T::DbWeight::get().reads_writes(14, 4))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DevicesOf` (r:1 w:0)
	// Proof: `Telemetry::DevicesOf` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::DemandingAuthorities` (r:1 w:0)
	// Proof: `AccessGrant::DemandingAuthorities` (`max_values`: Some(1), `max_size`: Some(33), added: 528, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::AccessTable` (r:1 w:0)
	// Proof: `AccessGrant::AccessTable` (`max_values`: None, `max_size`: Some(18), added: 2493, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::PurposeTable` (r:1 w:0)
	// Proof: `AccessGrant::PurposeTable` (`max_values`: None, `max_size`: Some(35), added: 2510, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:1 w:1)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn update_commitment() -> Weight {
		// Never faster than 85_808_000 picoseconds.
		Weight::from_parts(111_066_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(10, 2))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:1 w:1)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn record_event() -> Weight {
		// Never faster than 66_429_000 picoseconds.
		Weight::from_parts(87_881_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(6, 2))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:1)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:1 w:1)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn delegate() -> Weight {
		// Never faster than 70_815_000 picoseconds.
		Weight::from_parts(93_390_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(6, 3))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:1)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:1 w:1)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn end_delegation() -> Weight {
		// Never faster than 64_036_000 picoseconds.
		Weight::from_parts(80_459_000, 4_963).saturating_add(T::DbWeight::get().reads_writes(5, 3))
	}

	// p: 8 to 16
	// c: 0 to 8
	// Storage: `Organisations::OrganisationOf` (r:9 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:9 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:18 w:17)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::Tombstones` (r:2 w:0)
	// Proof: `Passport::Tombstones` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	// Storage: `Passport::Aliases` (r:2 w:1)
	// Proof: `Passport::Aliases` (`max_values`: None, `max_size`: Some(66), added: 2541, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::StateOfHealthThresholdBp` (r:1 w:0)
	// Proof: `Telemetry::StateOfHealthThresholdBp` (`max_values`: Some(1), `max_size`: Some(2), added: 497, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:33 w:33)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	// Storage: `Passport::CounterForPassports` (r:1 w:1)
	// Proof: `Passport::CounterForPassports` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DevicesOf` (r:1 w:0)
	// Proof: `Telemetry::DevicesOf` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::DemandingAuthorities` (r:1 w:0)
	// Proof: `AccessGrant::DemandingAuthorities` (`max_values`: Some(1), `max_size`: Some(33), added: 528, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::AccessTable` (r:1 w:0)
	// Proof: `AccessGrant::AccessTable` (`max_values`: None, `max_size`: Some(18), added: 2493, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::PurposeTable` (r:1 w:0)
	// Proof: `AccessGrant::PurposeTable` (`max_values`: None, `max_size`: Some(35), added: 2510, mode: `MaxEncodedLen`)
	fn derive(p: u32, c: u32) -> Weight {
		// Never faster than 669_717_000 picoseconds.
		Weight::from_parts(694_454_000, 8_936)
			.saturating_add(T::DbWeight::get().reads_writes(15, 4))
			// Standard error: 5_917_369.
			.saturating_add(Weight::from_parts(11_205_514, 0).saturating_mul(p.into()))
			// Standard error: 12_855_554.
			.saturating_add(Weight::from_parts(122_915_215, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(3).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(2).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().writes(3).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(0, 3_306).saturating_mul(c.into()))
			.saturating_add(Weight::from_parts(0, 6_592).saturating_mul(p.into()))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::StateOfHealthThresholdBp` (r:1 w:0)
	// Proof: `Telemetry::StateOfHealthThresholdBp` (`max_values`: Some(1), `max_size`: Some(2), added: 497, mode: `MaxEncodedLen`)
	// Storage: `Passport::WasteHandOvers` (r:1 w:1)
	// Proof: `Passport::WasteHandOvers` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:2 w:2)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn hand_over_to_waste_operator() -> Weight {
		// Never faster than 80_540_000 picoseconds.
		Weight::from_parts(91_246_000, 7_582).saturating_add(T::DbWeight::get().reads_writes(7, 4))
	}

	// p: 1 to 256
	// Storage: `AccessGrant::GrantsOf` (r:1 w:0)
	// Proof: `AccessGrant::GrantsOf` (`max_values`: None, `max_size`: Some(306), added: 2781, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DevicesOf` (r:1 w:0)
	// Proof: `Telemetry::DevicesOf` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
	// Storage: `Documents::Counts` (r:1 w:0)
	// Proof: `Documents::Counts` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:17 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::RecyclingBatches` (r:1 w:1)
	// Proof: `Passport::RecyclingBatches` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// Storage: `OwnershipTransfer::OpenTransferOf` (r:1 w:0)
	// Proof: `OwnershipTransfer::OpenTransferOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:1 w:256)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:1)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Passport::WasteHandOvers` (r:1 w:1)
	// Proof: `Passport::WasteHandOvers` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `Passport::CounterForPassports` (r:1 w:1)
	// Proof: `Passport::CounterForPassports` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Passport::Tombstones` (r:0 w:1)
	// Proof: `Passport::Tombstones` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	fn close_as_recycled(p: u32) -> Weight {
		// Never faster than 200_198_000 picoseconds.
		Weight::from_parts(241_990_195, 68_531)
			.saturating_add(T::DbWeight::get().reads_writes(28, 6))
			// Standard error: 25_223.
			.saturating_add(Weight::from_parts(3_185_553, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().writes(1).saturating_mul(p.into()))
	}

	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:3 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::WasteHandOvers` (r:1 w:1)
	// Proof: `Passport::WasteHandOvers` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:1)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:2 w:2)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn take_over() -> Weight {
		// Never faster than 117_254_000 picoseconds.
		Weight::from_parts(140_659_000, 10_908).saturating_add(T::DbWeight::get().reads_writes(8, 5))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:1 w:1)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn override_threshold() -> Weight {
		// Never faster than 61_201_000 picoseconds.
		Weight::from_parts(88_382_000, 4_963).saturating_add(T::DbWeight::get().reads_writes(4, 2))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::NextRecyclingBatchId` (r:1 w:1)
	// Proof: `Passport::NextRecyclingBatchId` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Passport::RecyclingBatches` (r:0 w:1)
	// Proof: `Passport::RecyclingBatches` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn register_recycling_batch() -> Weight {
		// Never faster than 26_951_000 picoseconds.
		Weight::from_parts(30_566_000, 4_296).saturating_add(T::DbWeight::get().reads_writes(3, 2))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::RecyclingBatches` (r:1 w:1)
	// Proof: `Passport::RecyclingBatches` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn amend_recycling_batch() -> Weight {
		// Never faster than 28_703_000 picoseconds.
		Weight::from_parts(31_908_000, 4_296).saturating_add(T::DbWeight::get().reads_writes(3, 1))
	}

	// p: 1 to 32
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:64 w:32)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::Tombstones` (r:64 w:0)
	// Proof: `Passport::Tombstones` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	// Storage: `Passport::Aliases` (r:64 w:32)
	// Proof: `Passport::Aliases` (`max_values`: None, `max_size`: Some(66), added: 2541, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:32 w:32)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	// Storage: `Passport::CounterForPassports` (r:1 w:1)
	// Proof: `Passport::CounterForPassports` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DevicesOf` (r:32 w:0)
	// Proof: `Telemetry::DevicesOf` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::DemandingAuthorities` (r:1 w:0)
	// Proof: `AccessGrant::DemandingAuthorities` (`max_values`: Some(1), `max_size`: Some(33), added: 528, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::AccessTable` (r:1 w:0)
	// Proof: `AccessGrant::AccessTable` (`max_values`: None, `max_size`: Some(18), added: 2493, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::PurposeTable` (r:1 w:0)
	// Proof: `AccessGrant::PurposeTable` (`max_values`: None, `max_size`: Some(35), added: 2510, mode: `MaxEncodedLen`)
	fn register_many(p: u32) -> Weight {
		// Never faster than 72_668_000 picoseconds.
		Weight::from_parts(22_904_523, 4_296)
			.saturating_add(T::DbWeight::get().reads_writes(6, 1))
			// Standard error: 52_522.
			.saturating_add(Weight::from_parts(44_776_203, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(8).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().writes(3).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(0, 7_946).saturating_mul(p.into()))
	}

	// u: 1 to 32
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:33 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:32 w:32)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:32 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DevicesOf` (r:32 w:0)
	// Proof: `Telemetry::DevicesOf` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::DemandingAuthorities` (r:1 w:0)
	// Proof: `AccessGrant::DemandingAuthorities` (`max_values`: Some(1), `max_size`: Some(33), added: 528, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::AccessTable` (r:1 w:0)
	// Proof: `AccessGrant::AccessTable` (`max_values`: None, `max_size`: Some(18), added: 2493, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::PurposeTable` (r:1 w:0)
	// Proof: `AccessGrant::PurposeTable` (`max_values`: None, `max_size`: Some(35), added: 2510, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:32 w:32)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn update_many(u: u32) -> Weight {
		// Never faster than 89_213_000 picoseconds.
		Weight::from_parts(93_088_000, 4_296)
			.saturating_add(T::DbWeight::get().reads_writes(5, 0))
			// Standard error: 3_232_854.
			.saturating_add(Weight::from_parts(73_470_546, 0).saturating_mul(u.into()))
			.saturating_add(T::DbWeight::get().reads(5).saturating_mul(u.into()))
			.saturating_add(T::DbWeight::get().writes(2).saturating_mul(u.into()))
			.saturating_add(Weight::from_parts(0, 3_973).saturating_mul(u.into()))
	}

	// e: 1 to 32
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:33 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:32 w:32)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:32 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:32 w:32)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn record_many(e: u32) -> Weight {
		// Never faster than 72_948_000 picoseconds.
		Weight::from_parts(79_044_859, 4_296)
			.saturating_add(T::DbWeight::get().reads_writes(2, 0))
			// Standard error: 1_163_094.
			.saturating_add(Weight::from_parts(44_558_965, 0).saturating_mul(e.into()))
			.saturating_add(T::DbWeight::get().reads(4).saturating_mul(e.into()))
			.saturating_add(T::DbWeight::get().writes(2).saturating_mul(e.into()))
			.saturating_add(Weight::from_parts(0, 3_973).saturating_mul(e.into()))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::WasteHandOvers` (r:1 w:1)
	// Proof: `Passport::WasteHandOvers` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::StateOfHealthThresholdBp` (r:1 w:0)
	// Proof: `Telemetry::StateOfHealthThresholdBp` (`max_values`: Some(1), `max_size`: Some(2), added: 497, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:2 w:2)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:1)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	fn accept_waste_hand_over() -> Weight {
		// Never faster than 140_138_000 picoseconds.
		Weight::from_parts(171_245_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(9, 5))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::WasteHandOvers` (r:1 w:1)
	// Proof: `Passport::WasteHandOvers` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	fn withdraw_waste_hand_over() -> Weight {
		// Never faster than 38_628_000 picoseconds.
		Weight::from_parts(51_937_000, 4_296).saturating_add(T::DbWeight::get().reads_writes(3, 1))
	}

	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:0)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	fn may_act() -> Weight {
		// Never faster than 29_554_000 picoseconds.
		Weight::from_parts(37_396_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(4, 0))
	}

	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:2 w:2)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn set_owner() -> Weight {
		// Never faster than 42_293_000 picoseconds.
		Weight::from_parts(46_640_000, 7_582).saturating_add(T::DbWeight::get().reads_writes(3, 3))
	}

	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:1 w:1)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn record_threshold_statement() -> Weight {
		// Never faster than 27_541_000 picoseconds.
		Weight::from_parts(29_544_000, 4_963).saturating_add(T::DbWeight::get().reads_writes(2, 2))
	}
}
