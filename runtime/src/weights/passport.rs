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
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
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
		// Never faster than 71_066_000 picoseconds.
		Weight::from_parts(76_694_000, 8_928).saturating_add(T::DbWeight::get().reads_writes(14, 4))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
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
		// Never faster than 85_928_000 picoseconds.
		Weight::from_parts(95_082_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(10, 2))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:1 w:1)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn record_event() -> Weight {
		// Never faster than 64_786_000 picoseconds.
		Weight::from_parts(74_751_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(6, 2))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:1)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:1 w:1)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn delegate() -> Weight {
		// Never faster than 70_565_000 picoseconds.
		Weight::from_parts(79_398_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(6, 3))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:1)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:1 w:1)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn end_delegation() -> Weight {
		// Never faster than 62_623_000 picoseconds.
		Weight::from_parts(72_077_000, 4_959).saturating_add(T::DbWeight::get().reads_writes(5, 3))
	}

	// p: 8 to 16
	// c: 0 to 8
	// Storage: `Organisations::OrganisationOf` (r:9 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:9 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:18 w:17)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `Passport::Tombstones` (r:2 w:0)
	// Proof: `Passport::Tombstones` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	// Storage: `Passport::Aliases` (r:2 w:1)
	// Proof: `Passport::Aliases` (`max_values`: None, `max_size`: Some(66), added: 2541, mode: `MaxEncodedLen`)
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
		// Never faster than 662_186_000 picoseconds.
		Weight::from_parts(49_345_122, 8_928)
			.saturating_add(T::DbWeight::get().reads_writes(14, 4))
			// Standard error: 571_527.
			.saturating_add(Weight::from_parts(41_854_614, 0).saturating_mul(p.into()))
			// Standard error: 571_527.
			.saturating_add(Weight::from_parts(105_179_410, 0).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(3).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(2).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().writes(3).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(0, 3_306).saturating_mul(c.into()))
			.saturating_add(Weight::from_parts(0, 6_592).saturating_mul(p.into()))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:2 w:2)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:1)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	fn hand_over_to_waste_operator() -> Weight {
		// Never faster than 124_395_000 picoseconds.
		Weight::from_parts(137_305_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(7, 4))
	}

	// p: 1 to 256
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:17 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `Passport::RecyclingBatches` (r:1 w:1)
	// Proof: `Passport::RecyclingBatches` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	// Storage: `OwnershipTransfer::OpenTransferOf` (r:1 w:0)
	// Proof: `OwnershipTransfer::OpenTransferOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:1 w:256)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:1)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Passport::CounterForPassports` (r:1 w:1)
	// Proof: `Passport::CounterForPassports` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::GrantsOf` (r:1 w:0)
	// Proof: `AccessGrant::GrantsOf` (`max_values`: None, `max_size`: Some(306), added: 2781, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DevicesOf` (r:1 w:0)
	// Proof: `Telemetry::DevicesOf` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
	// Storage: `Documents::Counts` (r:1 w:0)
	// Proof: `Documents::Counts` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `Passport::Tombstones` (r:0 w:1)
	// Proof: `Passport::Tombstones` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	fn close_as_recycled(p: u32) -> Weight {
		// Never faster than 164_856_000 picoseconds.
		Weight::from_parts(181_591_827, 68_463)
			.saturating_add(T::DbWeight::get().reads_writes(27, 5))
			// Standard error: 11_480.
			.saturating_add(Weight::from_parts(3_073_040, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().writes(1).saturating_mul(p.into()))
	}

	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:1)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:1 w:1)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn take_over() -> Weight {
		// Never faster than 74_932_000 picoseconds.
		Weight::from_parts(83_224_000, 4_959).saturating_add(T::DbWeight::get().reads_writes(4, 3))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:1 w:1)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn override_threshold() -> Weight {
		// Never faster than 55_523_000 picoseconds.
		Weight::from_parts(62_733_000, 4_959).saturating_add(T::DbWeight::get().reads_writes(4, 2))
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
		// Never faster than 27_071_000 picoseconds.
		Weight::from_parts(29_795_000, 4_296).saturating_add(T::DbWeight::get().reads_writes(3, 2))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::RecyclingBatches` (r:1 w:1)
	// Proof: `Passport::RecyclingBatches` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn amend_recycling_batch() -> Weight {
		// Never faster than 28_682_000 picoseconds.
		Weight::from_parts(30_926_000, 4_296).saturating_add(T::DbWeight::get().reads_writes(3, 1))
	}

	// p: 1 to 32
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:64 w:32)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
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
		// Never faster than 72_788_000 picoseconds.
		Weight::from_parts(25_660_851, 4_296)
			.saturating_add(T::DbWeight::get().reads_writes(6, 1))
			// Standard error: 30_117.
			.saturating_add(Weight::from_parts(44_635_817, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(8).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().writes(3).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(0, 7_938).saturating_mul(p.into()))
	}

	// u: 1 to 32
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:33 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:32 w:32)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
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
		// Never faster than 87_511_000 picoseconds.
		Weight::from_parts(34_004_585, 4_296)
			.saturating_add(T::DbWeight::get().reads_writes(5, 0))
			// Standard error: 152_803.
			.saturating_add(Weight::from_parts(55_772_604, 0).saturating_mul(u.into()))
			.saturating_add(T::DbWeight::get().reads(5).saturating_mul(u.into()))
			.saturating_add(T::DbWeight::get().writes(2).saturating_mul(u.into()))
			.saturating_add(Weight::from_parts(0, 3_969).saturating_mul(u.into()))
	}

	// e: 1 to 32
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:33 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:32 w:32)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:32 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:32 w:32)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn record_many(e: u32) -> Weight {
		// Never faster than 66_058_000 picoseconds.
		Weight::from_parts(48_914_926, 4_296)
			.saturating_add(T::DbWeight::get().reads_writes(2, 0))
			// Standard error: 198_004.
			.saturating_add(Weight::from_parts(39_422_466, 0).saturating_mul(e.into()))
			.saturating_add(T::DbWeight::get().reads(4).saturating_mul(e.into()))
			.saturating_add(T::DbWeight::get().writes(2).saturating_mul(e.into()))
			.saturating_add(Weight::from_parts(0, 3_969).saturating_mul(e.into()))
	}

	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:0)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	fn may_act() -> Weight {
		// Never faster than 29_254_000 picoseconds.
		Weight::from_parts(32_077_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(4, 0))
	}

	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:2 w:2)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn set_owner() -> Weight {
		// Never faster than 42_202_000 picoseconds.
		Weight::from_parts(45_257_000, 7_582).saturating_add(T::DbWeight::get().reads_writes(3, 3))
	}

	// Storage: `Passport::Passports` (r:1 w:1)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:1 w:1)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	fn record_threshold_statement() -> Weight {
		// Never faster than 26_760_000 picoseconds.
		Weight::from_parts(29_214_000, 4_959).saturating_add(T::DbWeight::get().reads_writes(2, 2))
	}
}
