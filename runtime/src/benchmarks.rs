//! What the calls of the ledger's own pallets cost, and the hooks and contracts that they pay for: measured by
//! `scripts/weights`, which writes the results into `weights/`.
//!
//! The benchmarks stand here and not in the pallets, for the worst case of a call is put together by several of them: a member of
//! 16 accounts, a passport as large as one can be, a delegate that is found last. Here all of it is the real thing, made by the
//! calls of the real pallets ([`setup`], [`setup_passports`]); what would take hundreds of calls for each run is written into storage
//! as they write it, and says so.
//!
//! - A benchmark has the name of a function of its pallet's `WeightInfo`, and that function's parameters in their order, from the
//!   least to the most that a call can bring. Where a range is narrower, the benchmark says why.
//! - A parameter that costs little beside another one has a benchmark of its own (`submit_frames`, `submit_frames_bytes`,
//!   `submit_frames_pages`, `submit_frames_lookups`): measured together, the smaller price is lost in the scatter of the larger.
//! - Where several calls share a weight, the dearest is measured.
//! - What a call's declared weight adds for another pallet (`MemberStoppedWeight`, `DepositWeight`, `DueWeight`, `ClosingWeight`,
//!   `ChangedWeight`) has a benchmark of its own in that pallet's file; `VacateSeatsWeight` is put together of what the SDK measured
//!   for its pallets. The call is measured with a setup in which it finds nothing to do.
//! - Each benchmark holds afterwards that the work was done. With the feature `runtime-benchmarks`, `cargo test` runs every one of
//!   them once for several values of its parameters, without measuring.
//!
//! Storage is counted: each read and each write weighs what `RocksDbWeight` says. The measured time is that of everything else,
//! with a database in memory.

pub mod access_grant;
pub mod documents;
pub mod organisations;
pub mod ownership_transfer;
pub mod passport;
mod setup;
mod setup_passports;
pub mod telemetry;
pub mod validators;

frame_benchmarking::define_benchmarks!(
	[pallet_organisations, crate::benchmarks::organisations::Pallet<crate::Runtime>]
	[pallet_validators, crate::benchmarks::validators::Pallet<crate::Runtime>]
	[pallet_passport, crate::benchmarks::passport::Pallet<crate::Runtime>]
	[pallet_ownership_transfer, crate::benchmarks::ownership_transfer::Pallet<crate::Runtime>]
	[pallet_access_grant, crate::benchmarks::access_grant::Pallet<crate::Runtime>]
	[pallet_telemetry, crate::benchmarks::telemetry::Pallet<crate::Runtime>]
	[pallet_documents, crate::benchmarks::documents::Pallet<crate::Runtime>]
);

/// The chain that the tests run the benchmarks on: that of `scripts/weights`, the local preset with an empty keystore.
#[cfg(test)]
fn chain() -> sp_io::TestExternalities {
	use crate::{genesis, RuntimeGenesisConfig};
	use sp_runtime::BuildStorage;

	let preset = genesis::get_preset(&genesis::LOCAL.into()).expect("the preset is known");
	let preset: serde_json::Value = serde_json::from_slice(&preset).expect("a preset is JSON");
	let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).expect("the default is JSON");
	for (pallet, settings) in preset.as_object().into_iter().flatten() {
		for (name, setting) in settings.as_object().into_iter().flatten() {
			config[pallet][name] = setting.clone();
		}
	}
	let config: RuntimeGenesisConfig = serde_json::from_value(config).expect("a preset fits");
	let mut chain = sp_io::TestExternalities::from(config.build_storage().expect("a preset builds"));
	chain.register_extension(sp_keystore::KeystoreExt::new(
		sp_keystore::testing::MemoryKeystore::new(),
	));
	chain
}
