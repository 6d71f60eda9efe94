//! What the calls of `pallet_ownership_transfer` cost. Written by `scripts/weights`: changed by measuring again, not by hand.
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

impl<T: frame_system::Config> pallet_ownership_transfer::weights::WeightInfo for Measured<T> {
	// p: 1 to 32
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `OwnershipTransfer::NextTransferId` (r:1 w:1)
	// Proof: `OwnershipTransfer::NextTransferId` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:32 w:0)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `OwnershipTransfer::OpenTransferOf` (r:32 w:32)
	// Proof: `OwnershipTransfer::OpenTransferOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `OwnershipTransfer::Transfers` (r:32 w:33)
	// Proof: `OwnershipTransfer::Transfers` (`max_values`: None, `max_size`: Some(1353), added: 3828, mode: `MaxEncodedLen`)
	fn offer(p: u32) -> Weight {
		// Never faster than 73_680_000 picoseconds.
		Weight::from_parts(67_943_587, 7_602)
			.saturating_add(T::DbWeight::get().reads_writes(4, 2))
			// Standard error: 388_663.
			.saturating_add(Weight::from_parts(33_412_951, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(3).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().writes(2).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(0, 3_969).saturating_mul(p.into()))
	}

	// p: 1 to 32
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `OwnershipTransfer::Transfers` (r:1 w:1)
	// Proof: `OwnershipTransfer::Transfers` (`max_values`: None, `max_size`: Some(1353), added: 3828, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:32 w:32)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `Passport::HistoryPages` (r:64 w:64)
	// Proof: `Passport::HistoryPages` (`max_values`: None, `max_size`: Some(821), added: 3296, mode: `MaxEncodedLen`)
	// Storage: `OwnershipTransfer::OpenTransferOf` (r:0 w:32)
	// Proof: `OwnershipTransfer::OpenTransferOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	fn accept(p: u32) -> Weight {
		// Never faster than 100_299_000 picoseconds.
		Weight::from_parts(73_215_730, 7_602)
			.saturating_add(T::DbWeight::get().reads_writes(4, 1))
			// Standard error: 127_590.
			.saturating_add(Weight::from_parts(45_161_715, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(3).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().writes(4).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(0, 6_592).saturating_mul(p.into()))
	}

	// p: 1 to 32
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `OwnershipTransfer::Transfers` (r:1 w:1)
	// Proof: `OwnershipTransfer::Transfers` (`max_values`: None, `max_size`: Some(1353), added: 3828, mode: `MaxEncodedLen`)
	// Storage: `OwnershipTransfer::OpenTransferOf` (r:0 w:32)
	// Proof: `OwnershipTransfer::OpenTransferOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	fn reject(p: u32) -> Weight {
		// Never faster than 34_522_000 picoseconds.
		Weight::from_parts(33_952_975, 4_818)
			.saturating_add(T::DbWeight::get().reads_writes(3, 1))
			// Standard error: 5_341.
			.saturating_add(Weight::from_parts(2_399_383, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().writes(1).saturating_mul(p.into()))
	}

	// p: 1 to 32
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `OwnershipTransfer::Transfers` (r:1 w:1)
	// Proof: `OwnershipTransfer::Transfers` (`max_values`: None, `max_size`: Some(1353), added: 3828, mode: `MaxEncodedLen`)
	// Storage: `OwnershipTransfer::OpenTransferOf` (r:0 w:32)
	// Proof: `OwnershipTransfer::OpenTransferOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	fn cancel(p: u32) -> Weight {
		// Never faster than 33_620_000 picoseconds.
		Weight::from_parts(33_263_291, 4_818)
			.saturating_add(T::DbWeight::get().reads_writes(3, 1))
			// Standard error: 6_427.
			.saturating_add(Weight::from_parts(2_376_481, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().writes(1).saturating_mul(p.into()))
	}

	// p: 1 to 32
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `OwnershipTransfer::Transfers` (r:1 w:1)
	// Proof: `OwnershipTransfer::Transfers` (`max_values`: None, `max_size`: Some(1353), added: 3828, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:32 w:0)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `OwnershipTransfer::OpenTransferOf` (r:0 w:32)
	// Proof: `OwnershipTransfer::OpenTransferOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	fn clear_expired(p: u32) -> Weight {
		// Never faster than 43_685_000 picoseconds.
		Weight::from_parts(38_766_600, 4_818)
			.saturating_add(T::DbWeight::get().reads_writes(3, 1))
			// Standard error: 6_638.
			.saturating_add(Weight::from_parts(7_670_279, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(1).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().writes(1).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(0, 3_969).saturating_mul(p.into()))
	}
}
