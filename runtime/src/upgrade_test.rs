//! The migration of the version that the test of an upgrade brings to a live network. Not part of any released runtime.

use crate::Runtime;
use frame_support::{
	storage::unhashed,
	traits::OnRuntimeUpgrade,
	weights::{constants::RocksDbWeight, Weight},
};

/// Where the migration leaves its mark: the number of passports that it found, as SCALE `u32`.
const MARKER: &[u8] = b":passport-upgrade-test";

/// Counts the passports, once.
pub struct CountPassports;

impl OnRuntimeUpgrade for CountPassports {
	fn on_runtime_upgrade() -> Weight {
		if unhashed::exists(MARKER) {
			return RocksDbWeight::get().reads(1);
		}
		let passports = pallet_passport::Passports::<Runtime>::iter_values().count() as u32;
		unhashed::put(MARKER, &passports);
		RocksDbWeight::get().reads_writes(1 + u64::from(passports), 1)
	}
}
