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
		// Never faster than 198_165_000 picoseconds.
		Weight::from_parts(207_269_000, 41_614).saturating_add(T::DbWeight::get().reads_writes(49, 34))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:1)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	fn change_organisation() -> Weight {
		// Never faster than 26_009_000 picoseconds.
		Weight::from_parts(29_904_000, 4_296).saturating_add(T::DbWeight::get().reads_writes(2, 1))
	}

	// Storage: `Organisations::Organisations` (r:5 w:1)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `CouncilMembership::Members` (r:1 w:0)
	// Proof: `CouncilMembership::Members` (`max_values`: Some(1), `max_size`: Some(3202), added: 3697, mode: `MaxEncodedLen`)
	// Storage: `Session::Validators` (r:1 w:0)
	// Proof: `Session::Validators` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	// Storage: `Organisations::OrganisationOf` (r:4 w:16)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Session::DisabledValidators` (r:1 w:0)
	// Proof: `Session::DisabledValidators` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
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
	fn remove() -> Weight {
		// Never faster than 263_472_000 picoseconds.
		Weight::from_parts(277_093_000, 41_614).saturating_add(T::DbWeight::get().reads_writes(29, 51))
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
		// Never faster than 129_323_000 picoseconds.
		Weight::from_parts(142_302_000, 6_044).saturating_add(T::DbWeight::get().reads_writes(6, 3))
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
		// Never faster than 33_861_000 picoseconds.
		Weight::from_parts(41_492_000, 4_296).saturating_add(T::DbWeight::get().reads_writes(4, 3))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:1)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:1)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `CouncilMembership::Members` (r:1 w:0)
	// Proof: `CouncilMembership::Members` (`max_values`: Some(1), `max_size`: Some(3202), added: 3697, mode: `MaxEncodedLen`)
	// Storage: `System::Account` (r:1 w:1)
	// Proof: `System::Account` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	// Storage: `Organisations::RetiredAccounts` (r:0 w:1)
	// Proof: `Organisations::RetiredAccounts` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	fn unlink_account() -> Weight {
		// Never faster than 43_575_000 picoseconds.
		Weight::from_parts(52_798_000, 4_687).saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}

	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Quotas` (r:0 w:1)
	// Proof: `Organisations::Quotas` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn set_quota() -> Weight {
		// Never faster than 16_895_000 picoseconds.
		Weight::from_parts(22_523_000, 4_296).saturating_add(T::DbWeight::get().reads_writes(1, 1))
	}

	// Storage: `System::AuthorizedUpgrade` (r:0 w:1)
	// Proof: `System::AuthorizedUpgrade` (`max_values`: Some(1), `max_size`: Some(33), added: 528, mode: `MaxEncodedLen`)
	fn authorize_upgrade() -> Weight {
		// Never faster than 7_671_000 picoseconds.
		Weight::from_parts(9_004_000, 0).saturating_add(T::DbWeight::get().reads_writes(0, 1))
	}

	// c: 1 to 30
	// a: 0 to 75
	// Storage: `Organisations::OrganisationOf` (r:76 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:76 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `SafeMode::EnteredUntil` (r:1 w:0)
	// Proof: `SafeMode::EnteredUntil` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `CouncilMembership::Members` (r:1 w:0)
	// Proof: `CouncilMembership::Members` (`max_values`: Some(1), `max_size`: Some(3202), added: 3697, mode: `MaxEncodedLen`)
	// Storage: `TxPause::PausedCalls` (r:29 w:0)
	// Proof: `TxPause::PausedCalls` (`max_values`: None, `max_size`: Some(148), added: 2623, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Usage` (r:1 w:1)
	// Proof: `Organisations::Usage` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Quotas` (r:1 w:0)
	// Proof: `Organisations::Quotas` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn check_membership(c: u32, a: u32) -> Weight {
		// Never faster than 136_183_000 picoseconds.
		Weight::from_parts(156_629_033, 8_859)
			.saturating_add(T::DbWeight::get().reads_writes(5, 1))
			// Standard error: 7_138_895.
			.saturating_add(Weight::from_parts(68_102_108, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(1).saturating_mul(c.into()))
			.saturating_add(T::DbWeight::get().reads(2).saturating_mul(a.into()))
			.saturating_add(Weight::from_parts(0, 3_306).saturating_mul(a.into()))
			.saturating_add(Weight::from_parts(0, 2_375).saturating_mul(c.into()))
	}
}
