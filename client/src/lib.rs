//! Typed access to the ledger for programs: the bridge, the demo, tests, a gateway.
//!
//! Calls and events are generated from `metadata/passport.scale`, which is committed and held equal to the runtime's by
//! `runtime/tests/metadata.rs`. Reads go through the runtime's `PassportLedgerApi` and come back as the types of
//! [`passport_runtime_api`], the same that JSON-RPC serves.

#![forbid(unsafe_code)]

pub mod canonical;
mod final_blocks;
mod frame_batch;
mod ledger;
#[cfg(test)]
mod offline;
pub mod test_keys;

pub use final_blocks::TransactionEvents;
pub use frame_batch::FrameBatch;
pub use ledger::{DeviceFacts, Finalised, FormerKey, Ledger, LedgerError, Submitted, MORTALITY_BLOCKS};
pub use subxt_signer::sr25519::Keypair;

// So that a changed file makes a new build: the macro below does not tell the compiler which file it read.
const _: &[u8] = include_bytes!("../metadata/passport.scale");

/// Calls, events, storage and constants, generated from the metadata. What primitives define stands as itself, wrapped in
/// [`Static`](subxt::utils::Static).
#[allow(missing_docs, clippy::all, clippy::pedantic, clippy::unwrap_used)]
#[subxt::subxt(
	runtime_metadata_path = "metadata/passport.scale",
	substitute_type(
		path = "passport_primitives::battery::PassportId",
		with = "::subxt::utils::Static<::passport_primitives::battery::PassportId>"
	),
	substitute_type(
		path = "passport_primitives::battery::Commitment",
		with = "::subxt::utils::Static<::passport_primitives::battery::Commitment>"
	),
	substitute_type(
		path = "passport_primitives::battery::DocumentHash",
		with = "::subxt::utils::Static<::passport_primitives::battery::DocumentHash>"
	),
	substitute_type(
		path = "passport_primitives::battery::Category",
		with = "::subxt::utils::Static<::passport_primitives::battery::Category>"
	),
	substitute_type(
		path = "passport_primitives::data_set::DataSet",
		with = "::subxt::utils::Static<::passport_primitives::data_set::DataSet>"
	),
	substitute_type(
		path = "passport_primitives::data_set::DataSets",
		with = "::subxt::utils::Static<::passport_primitives::data_set::DataSets>"
	),
	substitute_type(
		path = "passport_primitives::data_set::Purpose",
		with = "::subxt::utils::Static<::passport_primitives::data_set::Purpose>"
	),
	substitute_type(
		path = "passport_primitives::data_set::Audience",
		with = "::subxt::utils::Static<::passport_primitives::data_set::Audience>"
	),
	substitute_type(
		path = "passport_primitives::ledger::AuthorityEnvelope",
		with = "::subxt::utils::Static<::passport_primitives::ledger::AuthorityEnvelope>"
	),
	substitute_type(
		path = "passport_primitives::ledger::DelegatedRights",
		with = "::subxt::utils::Static<::passport_primitives::ledger::DelegatedRights>"
	),
	substitute_type(
		path = "passport_primitives::telemetry::statement::ThresholdStatement",
		with = "::subxt::utils::Static<::passport_primitives::telemetry::statement::ThresholdStatement>"
	),
	substitute_type(
		path = "passport_primitives::life_cycle::EventKind",
		with = "::subxt::utils::Static<::passport_primitives::life_cycle::EventKind>"
	),
	substitute_type(
		path = "passport_primitives::life_cycle::SecondLife",
		with = "::subxt::utils::Static<::passport_primitives::life_cycle::SecondLife>"
	),
	substitute_type(
		path = "passport_primitives::organisation::OrganisationId",
		with = "::subxt::utils::Static<::passport_primitives::organisation::OrganisationId>"
	),
	substitute_type(
		path = "passport_primitives::organisation::Roles",
		with = "::subxt::utils::Static<::passport_primitives::organisation::Roles>"
	),
	substitute_type(
		path = "passport_primitives::telemetry::FrameRefusal",
		with = "::subxt::utils::Static<::passport_primitives::telemetry::FrameRefusal>"
	)
)]
pub mod api {}
