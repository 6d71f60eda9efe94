//! What the calls of `pallet_access_grant` cost. Written by `scripts/weights`: changed by measuring again, not by hand.
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

impl<T: frame_system::Config> pallet_access_grant::weights::WeightInfo for Measured<T> {
	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:0)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::AccessTable` (r:2 w:0)
	// Proof: `AccessGrant::AccessTable` (`max_values`: None, `max_size`: Some(18), added: 2493, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::PurposeTable` (r:2 w:0)
	// Proof: `AccessGrant::PurposeTable` (`max_values`: None, `max_size`: Some(35), added: 2510, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::RequestOf` (r:1 w:1)
	// Proof: `AccessGrant::RequestOf` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::Grants` (r:1 w:2)
	// Proof: `AccessGrant::Grants` (`max_values`: None, `max_size`: Some(161), added: 2636, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::GrantsOf` (r:1 w:1)
	// Proof: `AccessGrant::GrantsOf` (`max_values`: None, `max_size`: Some(306), added: 2781, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::NextGrantId` (r:1 w:1)
	// Proof: `AccessGrant::NextGrantId` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::GrantsTo` (r:0 w:2)
	// Proof: `AccessGrant::GrantsTo` (`max_values`: None, `max_size`: Some(40), added: 2515, mode: `MaxEncodedLen`)
	fn request() -> Weight {
		// Never faster than 116_453_000 picoseconds.
		Weight::from_parts(133_398_000, 6_010).saturating_add(T::DbWeight::get().reads_writes(11, 7))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:11 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::Grants` (r:1 w:1)
	// Proof: `AccessGrant::Grants` (`max_values`: None, `max_size`: Some(161), added: 2636, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:0)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::AccessTable` (r:3 w:0)
	// Proof: `AccessGrant::AccessTable` (`max_values`: None, `max_size`: Some(18), added: 2493, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::PurposeTable` (r:3 w:0)
	// Proof: `AccessGrant::PurposeTable` (`max_values`: None, `max_size`: Some(35), added: 2510, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DevicesOf` (r:1 w:0)
	// Proof: `Telemetry::DevicesOf` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:1 w:0)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1717), added: 4192, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::DemandingAuthorities` (r:1 w:0)
	// Proof: `AccessGrant::DemandingAuthorities` (`max_values`: Some(1), `max_size`: Some(33), added: 528, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::AuthorityEnvelopesOf` (r:8 w:0)
	// Proof: `AccessGrant::AuthorityEnvelopesOf` (`max_values`: None, `max_size`: Some(324), added: 2799, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::RequestOf` (r:0 w:1)
	// Proof: `AccessGrant::RequestOf` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
	fn approve() -> Weight {
		// Never faster than 218_396_000 picoseconds.
		Weight::from_parts(242_240_000, 37_356).saturating_add(T::DbWeight::get().reads_writes(32, 2))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::Grants` (r:1 w:1)
	// Proof: `AccessGrant::Grants` (`max_values`: None, `max_size`: Some(161), added: 2636, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:0)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::GrantsOf` (r:1 w:1)
	// Proof: `AccessGrant::GrantsOf` (`max_values`: None, `max_size`: Some(306), added: 2781, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::GrantsTo` (r:0 w:1)
	// Proof: `AccessGrant::GrantsTo` (`max_values`: None, `max_size`: Some(40), added: 2515, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::RequestOf` (r:0 w:1)
	// Proof: `AccessGrant::RequestOf` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
	fn deny() -> Weight {
		// Never faster than 88_542_000 picoseconds.
		Weight::from_parts(105_347_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(7, 4))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:2 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::Grants` (r:1 w:1)
	// Proof: `AccessGrant::Grants` (`max_values`: None, `max_size`: Some(161), added: 2636, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:0)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::GrantsOf` (r:1 w:1)
	// Proof: `AccessGrant::GrantsOf` (`max_values`: None, `max_size`: Some(306), added: 2781, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DevicesOf` (r:1 w:0)
	// Proof: `Telemetry::DevicesOf` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:1 w:1)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1717), added: 4192, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::GrantsTo` (r:0 w:1)
	// Proof: `AccessGrant::GrantsTo` (`max_values`: None, `max_size`: Some(40), added: 2515, mode: `MaxEncodedLen`)
	fn revoke() -> Weight {
		// Never faster than 112_778_000 picoseconds.
		Weight::from_parts(136_583_000, 7_602).saturating_add(T::DbWeight::get().reads_writes(9, 4))
	}

	// Storage: `AccessGrant::AccessTable` (r:0 w:1)
	// Proof: `AccessGrant::AccessTable` (`max_values`: None, `max_size`: Some(18), added: 2493, mode: `MaxEncodedLen`)
	fn set_access() -> Weight {
		// Never faster than 7_642_000 picoseconds.
		Weight::from_parts(8_572_000, 0).saturating_add(T::DbWeight::get().reads_writes(0, 1))
	}

	// Storage: `AccessGrant::PurposeTable` (r:0 w:1)
	// Proof: `AccessGrant::PurposeTable` (`max_values`: None, `max_size`: Some(35), added: 2510, mode: `MaxEncodedLen`)
	fn set_purpose() -> Weight {
		// Never faster than 8_502_000 picoseconds.
		Weight::from_parts(9_594_000, 0).saturating_add(T::DbWeight::get().reads_writes(0, 1))
	}

	// Storage: `Organisations::Organisations` (r:8 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::DemandingAuthorities` (r:0 w:1)
	// Proof: `AccessGrant::DemandingAuthorities` (`max_values`: Some(1), `max_size`: Some(33), added: 528, mode: `MaxEncodedLen`)
	fn set_demanding_authorities() -> Weight {
		// Never faster than 60_420_000 picoseconds.
		Weight::from_parts(76_694_000, 27_438).saturating_add(T::DbWeight::get().reads_writes(8, 1))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:10 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:0)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DevicesOf` (r:1 w:0)
	// Proof: `Telemetry::DevicesOf` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:1 w:0)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1717), added: 4192, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::DemandingAuthorities` (r:1 w:0)
	// Proof: `AccessGrant::DemandingAuthorities` (`max_values`: Some(1), `max_size`: Some(33), added: 528, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::AccessTable` (r:1 w:0)
	// Proof: `AccessGrant::AccessTable` (`max_values`: None, `max_size`: Some(18), added: 2493, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::PurposeTable` (r:1 w:0)
	// Proof: `AccessGrant::PurposeTable` (`max_values`: None, `max_size`: Some(35), added: 2510, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::AuthorityEnvelopesOf` (r:17 w:16)
	// Proof: `AccessGrant::AuthorityEnvelopesOf` (`max_values`: None, `max_size`: Some(324), added: 2799, mode: `MaxEncodedLen`)
	fn deposit_envelopes() -> Weight {
		// Never faster than 317_443_000 picoseconds.
		Weight::from_parts(368_899_000, 48_573).saturating_add(T::DbWeight::get().reads_writes(35, 16))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:1 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::Grants` (r:1 w:1)
	// Proof: `AccessGrant::Grants` (`max_values`: None, `max_size`: Some(161), added: 2636, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::GrantsOf` (r:1 w:1)
	// Proof: `AccessGrant::GrantsOf` (`max_values`: None, `max_size`: Some(306), added: 2781, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DevicesOf` (r:1 w:0)
	// Proof: `Telemetry::DevicesOf` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:1 w:1)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1717), added: 4192, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::GrantsTo` (r:0 w:1)
	// Proof: `AccessGrant::GrantsTo` (`max_values`: None, `max_size`: Some(40), added: 2515, mode: `MaxEncodedLen`)
	fn clear_expired() -> Weight {
		// Never faster than 89_253_000 picoseconds.
		Weight::from_parts(125_187_000, 5_182).saturating_add(T::DbWeight::get().reads_writes(6, 4))
	}

	// Storage: `Organisations::OrganisationOf` (r:1 w:0)
	// Proof: `Organisations::OrganisationOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:11 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::Grants` (r:1 w:1)
	// Proof: `AccessGrant::Grants` (`max_values`: None, `max_size`: Some(161), added: 2636, mode: `MaxEncodedLen`)
	// Storage: `Passport::Passports` (r:1 w:0)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Passport::Delegations` (r:1 w:0)
	// Proof: `Passport::Delegations` (`max_values`: None, `max_size`: Some(409), added: 2884, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::AccessTable` (r:3 w:0)
	// Proof: `AccessGrant::AccessTable` (`max_values`: None, `max_size`: Some(18), added: 2493, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::PurposeTable` (r:3 w:0)
	// Proof: `AccessGrant::PurposeTable` (`max_values`: None, `max_size`: Some(35), added: 2510, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DevicesOf` (r:1 w:0)
	// Proof: `Telemetry::DevicesOf` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:1 w:0)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1717), added: 4192, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::DemandingAuthorities` (r:1 w:0)
	// Proof: `AccessGrant::DemandingAuthorities` (`max_values`: Some(1), `max_size`: Some(33), added: 528, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::AuthorityEnvelopesOf` (r:8 w:0)
	// Proof: `AccessGrant::AuthorityEnvelopesOf` (`max_values`: None, `max_size`: Some(324), added: 2799, mode: `MaxEncodedLen`)
	fn renew_envelope() -> Weight {
		// Never faster than 230_654_000 picoseconds.
		Weight::from_parts(289_321_000, 37_356).saturating_add(T::DbWeight::get().reads_writes(32, 1))
	}

	// a: 1 to 8
	// Storage: `Telemetry::DevicesOf` (r:1 w:0)
	// Proof: `Telemetry::DevicesOf` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::DemandingAuthorities` (r:1 w:0)
	// Proof: `AccessGrant::DemandingAuthorities` (`max_values`: Some(1), `max_size`: Some(33), added: 528, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:8 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::AccessTable` (r:1 w:0)
	// Proof: `AccessGrant::AccessTable` (`max_values`: None, `max_size`: Some(18), added: 2493, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::PurposeTable` (r:1 w:0)
	// Proof: `AccessGrant::PurposeTable` (`max_values`: None, `max_size`: Some(35), added: 2510, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::AuthorityEnvelopesOf` (r:9 w:8)
	// Proof: `AccessGrant::AuthorityEnvelopesOf` (`max_values`: None, `max_size`: Some(324), added: 2799, mode: `MaxEncodedLen`)
	fn envelopes_deposited(a: u32) -> Weight {
		// Never faster than 98_577_000 picoseconds.
		Weight::from_parts(117_094_082, 27_438)
			.saturating_add(T::DbWeight::get().reads_writes(13, 0))
			// Standard error: 193_598.
			.saturating_add(Weight::from_parts(10_127_023, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(1).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().writes(1).saturating_mul(a.into()))
			.saturating_add(Weight::from_parts(0, 2_799).saturating_mul(a.into()))
	}

	// Storage: `Passport::Passports` (r:1 w:0)
	// Proof: `Passport::Passports` (`max_values`: None, `max_size`: Some(1498), added: 3973, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::DevicesOf` (r:1 w:0)
	// Proof: `Telemetry::DevicesOf` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
	// Storage: `Telemetry::Pages` (r:1 w:0)
	// Proof: `Telemetry::Pages` (`max_values`: None, `max_size`: Some(1717), added: 4192, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::DemandingAuthorities` (r:1 w:0)
	// Proof: `AccessGrant::DemandingAuthorities` (`max_values`: Some(1), `max_size`: Some(33), added: 528, mode: `MaxEncodedLen`)
	// Storage: `Organisations::Organisations` (r:8 w:0)
	// Proof: `Organisations::Organisations` (`max_values`: None, `max_size`: Some(831), added: 3306, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::AccessTable` (r:1 w:0)
	// Proof: `AccessGrant::AccessTable` (`max_values`: None, `max_size`: Some(18), added: 2493, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::PurposeTable` (r:1 w:0)
	// Proof: `AccessGrant::PurposeTable` (`max_values`: None, `max_size`: Some(35), added: 2510, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::AuthorityEnvelopesOf` (r:8 w:0)
	// Proof: `AccessGrant::AuthorityEnvelopesOf` (`max_values`: None, `max_size`: Some(324), added: 2799, mode: `MaxEncodedLen`)
	fn envelopes_due() -> Weight {
		// Never faster than 136_483_000 picoseconds.
		Weight::from_parts(170_204_000, 27_438).saturating_add(T::DbWeight::get().reads_writes(22, 0))
	}

	// g: 0 to 64
	// Storage: `AccessGrant::AuthorityEnvelopesOf` (r:8 w:8)
	// Proof: `AccessGrant::AuthorityEnvelopesOf` (`max_values`: None, `max_size`: Some(324), added: 2799, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::GrantsOf` (r:1 w:1)
	// Proof: `AccessGrant::GrantsOf` (`max_values`: None, `max_size`: Some(306), added: 2781, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::Grants` (r:64 w:64)
	// Proof: `AccessGrant::Grants` (`max_values`: None, `max_size`: Some(161), added: 2636, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::GrantsTo` (r:0 w:64)
	// Proof: `AccessGrant::GrantsTo` (`max_values`: None, `max_size`: Some(40), added: 2515, mode: `MaxEncodedLen`)
	// Storage: `AccessGrant::RequestOf` (r:0 w:64)
	// Proof: `AccessGrant::RequestOf` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
	fn passport_closed(g: u32) -> Weight {
		// Never faster than 34_191_000 picoseconds.
		Weight::from_parts(72_092_276, 23_382)
			.saturating_add(T::DbWeight::get().reads_writes(9, 9))
			// Standard error: 2_291_418.
			.saturating_add(Weight::from_parts(12_854_580, 0).saturating_mul(g.into()))
			.saturating_add(T::DbWeight::get().reads(1).saturating_mul(g.into()))
			.saturating_add(T::DbWeight::get().writes(3).saturating_mul(g.into()))
			.saturating_add(Weight::from_parts(0, 2_636).saturating_mul(g.into()))
	}
}
