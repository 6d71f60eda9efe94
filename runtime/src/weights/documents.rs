//! What the calls of `pallet_documents` cost. Written by `scripts/weights`: changed by measuring again, not by hand.
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

impl<T: frame_system::Config> pallet_documents::weights::WeightInfo for Measured<T> {
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:0)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Documents::DocumentOf` (r:1 w:1)
	// Proof: `Documents::DocumentOf` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	// Storage: `Documents::Counts` (r:1 w:1)
	// Proof: `Documents::Counts` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `Documents::Documents` (r:0 w:1)
	// Proof: `Documents::Documents` (`max_values`: None, `max_size`: Some(152), added: 2627, mode: `MaxEncodedLen`)
	fn anchor() -> Weight {
		// Never faster than 79_568_000 picoseconds.
		Weight::from_parts(91_106_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(7, 3))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Documents::Documents` (r:1 w:1)
	// Proof: `Documents::Documents` (`max_values`: None, `max_size`: Some(152), added: 2627, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:0)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1494), added: 3969, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Documents::Counts` (r:1 w:1)
	// Proof: `Documents::Counts` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `Documents::DocumentOf` (r:0 w:1)
	// Proof: `Documents::DocumentOf` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	fn withdraw() -> Weight {
		// Never faster than 79_909_000 picoseconds.
		Weight::from_parts(100_600_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(7, 3))
	}

	// Storage: `Documents::Counts` (r:1 w:1)
	// Proof: `Documents::Counts` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	// Storage: `Documents::Documents` (r:64 w:64)
	// Proof: `Documents::Documents` (`max_values`: None, `max_size`: Some(152), added: 2627, mode: `MaxEncodedLen`)
	// Storage: `Documents::DocumentOf` (r:64 w:64)
	// Proof: `Documents::DocumentOf` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	fn on_passport_closed() -> Weight {
		// Never faster than 178_766_000 picoseconds.
		Weight::from_parts(203_243_000, 169_118).saturating_add(T::DbWeight::get().reads_writes(129, 129))
	}
}
