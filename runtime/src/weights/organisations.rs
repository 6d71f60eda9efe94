//! What the calls of `pallet_organisations` cost. Written by `scripts/weights`: changed by measuring again, not by hand.
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

impl<T: frame_system::Config> pallet_organisations::weights::WeightInfo for Measured<T> {
	// Storage: `Organisations::NextOrganisation` (r:1 w:1)
	// Proof: `Organisations::NextOrganisation` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `Organisations::RetiredAccounts` (r:16 w:0)
	// Proof: `Organisations::RetiredAccounts` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	// Storage: `Organisations::OrganisationOf` (r:16 w:16)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:16 w:16)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:0 w:1)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	fn admit() -> Weight {
		// Never faster than 200_569_000 picoseconds.
		Weight::from_parts(211_295_000, 41_614).saturating_add(T::DbWeight::get().reads_writes(49, 34))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:1)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	fn change_organisation() -> Weight {
		// Never faster than 24_917_000 picoseconds.
		Weight::from_parts(27_201_000, 4_296).saturating_add(T::DbWeight::get().reads_writes(2, 1))
	}

	// Storage: `Organisations::Organisations` (r:1 w:1)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Validators::Validators` (r:1 w:0)
	// Proof: `Validators::Validators` (`max_values`: Some(1), `max_size`: Some(4002), added: 4497, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:16 w:16)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Quotas` (r:0 w:1)
	// Proof: `Organisations::Quotas` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Usage` (r:0 w:1)
	// Proof: `Organisations::Usage` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	// Storage: `Organisations::RetiredAccounts` (r:0 w:16)
	// Proof: `Organisations::RetiredAccounts` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	// Storage: `Organisations::OrganisationOf` (r:0 w:16)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	fn remove() -> Weight {
		// Never faster than 208_610_000 picoseconds.
		Weight::from_parts(215_752_000, 41_614).saturating_add(T::DbWeight::get().reads_writes(18, 51))
	}

	// Storage: `Organisations::OrganisationOf` (r:2 w:1)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:1)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `System::BlockHash` (r:1 w:0)
	// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	// Storage: `Organisations::RetiredAccounts` (r:1 w:0)
	// Proof: `Organisations::RetiredAccounts` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:1 w:1)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	fn link_account() -> Weight {
		// Never faster than 127_770_000 picoseconds.
		Weight::from_parts(134_991_000, 6_044).saturating_add(T::DbWeight::get().reads_writes(6, 3))
	}

	// Storage: `Organisations::Organisations` (r:1 w:1)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Organisations::RetiredAccounts` (r:1 w:0)
	// Proof: `Organisations::RetiredAccounts` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	// Storage: `Organisations::OrganisationOf` (r:1 w:1)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:1 w:1)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	fn link_account_by_council() -> Weight {
		// Never faster than 32_799_000 picoseconds.
		Weight::from_parts(35_913_000, 4_296).saturating_add(T::DbWeight::get().reads_writes(4, 3))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:1)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:1)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:1 w:1)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	// Storage: `Organisations::RetiredAccounts` (r:0 w:1)
	// Proof: `Organisations::RetiredAccounts` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	fn unlink_account() -> Weight {
		// Never faster than 36_985_000 picoseconds.
		Weight::from_parts(39_899_000, 4_296).saturating_add(T::DbWeight::get().reads_writes(3, 4))
	}

	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Quotas` (r:0 w:1)
	// Proof: `Organisations::Quotas` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn set_quota() -> Weight {
		// Never faster than 16_034_000 picoseconds.
		Weight::from_parts(18_117_000, 4_296).saturating_add(T::DbWeight::get().reads_writes(1, 1))
	}

	// Storage: `System::AuthorizedUpgrade` (r:0 w:1)
	// Proof: `System::AuthorizedUpgrade` (`max_values`: Some(1), `max_size`: Some(33), added: 528, mode: `MaxEncodedLen`)
	fn authorize_upgrade() -> Weight {
		// Never faster than 7_431_000 picoseconds.
		Weight::from_parts(8_312_000, 0).saturating_add(T::DbWeight::get().reads_writes(0, 1))
	}

	// c: 1 to 30
	// a: 0 to 75
	// Storage: `Organisations::OrganisationOf` (r:76 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:76 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `SafeMode::EnteredUntil` (r:1 w:0)
	// Proof: `SafeMode::EnteredUntil` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `TxPause::PausedCalls` (r:30 w:0)
	// Proof: `TxPause::PausedCalls` (`max_values`: None, `max_size`: Some(148), added: 2623, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Usage` (r:1 w:1)
	// Proof: `Organisations::Usage` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Quotas` (r:1 w:0)
	// Proof: `Organisations::Quotas` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn check_membership(c: u32, a: u32) -> Weight {
		// Never faster than 125_738_000 picoseconds.
		Weight::from_parts(118_069_544, 4_296)
			.saturating_add(T::DbWeight::get().reads_writes(5, 1))
			// Standard error: 270_019.
			.saturating_add(Weight::from_parts(322_092, 0).saturating_mul(c.into()))
			// Standard error: 105_363.
			.saturating_add(Weight::from_parts(25_248_917, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(1).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(2).saturating_mul(a.into()))
			.saturating_add(Weight::from_parts(0, 3_306).saturating_mul(a.into()))
			.saturating_add(Weight::from_parts(0, 2_623).saturating_mul(c.into()))
	}
}
