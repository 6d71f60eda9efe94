//! Which questions this node may ask of a runtime, as types without code.
//!
//! `sc-service` wants a type that implements the runtime APIs to derive the client's calls from. Linking the real
//! runtime would give it one, and a rebuild of the node at each edit of a pallet. Here the same traits are implemented
//! on an empty type: the calls that come out of the macro encode their arguments and execute the WASM in the chain's
//! state; the bodies below never run.

use crate::block::{AccountId, Block, Nonce};
use passport_primitives::{
	battery::{Commitment, PassportId},
	data_set::DataSet,
	organisation::OrganisationId,
};
use passport_runtime_api::{
	AccessTableView, AnchorView, AnchorsView, AuthorityEnvelopeView, DelegationView, DeviceView,
	DocumentView, GrantView, HistoryPageView, OrganisationView, PassportAnswer, QuotaView,
	RecyclingBatchView, TransferView, ValidatorsView, Verification,
};
use sp_consensus_aura::{sr25519::AuthorityId as AuraId, SlotDuration};
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use sp_core::{crypto::KeyTypeId, OpaqueMetadata};
use sp_runtime::{
	traits::{Block as BlockT, NumberFor},
	transaction_validity::{TransactionSource, TransactionValidity},
	ApplyExtrinsicResult, ExtrinsicInclusionMode,
};
use sp_session::OpaqueGeneratedSessionKeys;
use sp_version::RuntimeVersion;

/// Stands for the runtime in `impl_runtime_apis`; has no value and no behaviour.
#[allow(dead_code)]
struct Runtime;

#[allow(dead_code)] // The macro drops the bodies from the native build.
fn executed_as_wasm() -> ! {
	unreachable!("the runtime is executed as WASM; nothing calls the native stand-in")
}

sp_api::impl_runtime_apis! {
	impl sp_api::Core<Block> for Runtime {
		fn version() -> RuntimeVersion {
			executed_as_wasm()
		}

		fn execute_block(_: <Block as BlockT>::LazyBlock) {
			executed_as_wasm()
		}

		fn initialize_block(_: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode {
			executed_as_wasm()
		}
	}

	impl sp_api::Metadata<Block> for Runtime {
		fn metadata() -> OpaqueMetadata {
			executed_as_wasm()
		}

		fn metadata_at_version(_: u32) -> Option<OpaqueMetadata> {
			executed_as_wasm()
		}

		fn metadata_versions() -> Vec<u32> {
			executed_as_wasm()
		}
	}

	impl sp_block_builder::BlockBuilder<Block> for Runtime {
		fn apply_extrinsic(_: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
			executed_as_wasm()
		}

		fn finalize_block() -> <Block as BlockT>::Header {
			executed_as_wasm()
		}

		fn inherent_extrinsics(_: sp_inherents::InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
			executed_as_wasm()
		}

		fn check_inherents(
			_: <Block as BlockT>::LazyBlock,
			_: sp_inherents::InherentData,
		) -> sp_inherents::CheckInherentsResult {
			executed_as_wasm()
		}
	}

	impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
		fn validate_transaction(
			_: TransactionSource,
			_: <Block as BlockT>::Extrinsic,
			_: <Block as BlockT>::Hash,
		) -> TransactionValidity {
			executed_as_wasm()
		}
	}

	impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
		fn offchain_worker(_: &<Block as BlockT>::Header) {
			executed_as_wasm()
		}
	}

	impl sp_session::SessionKeys<Block> for Runtime {
		fn generate_session_keys(_: Vec<u8>, _: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
			executed_as_wasm()
		}

		fn decode_session_keys(_: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
			executed_as_wasm()
		}
	}

	impl sp_consensus_aura::AuraApi<Block, AuraId> for Runtime {
		fn slot_duration() -> SlotDuration {
			executed_as_wasm()
		}

		fn authorities() -> Vec<AuraId> {
			executed_as_wasm()
		}
	}

	impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
		fn grandpa_authorities() -> sp_consensus_grandpa::AuthorityList {
			executed_as_wasm()
		}

		fn current_set_id() -> sp_consensus_grandpa::SetId {
			executed_as_wasm()
		}

		fn submit_report_equivocation_unsigned_extrinsic(
			_: sp_consensus_grandpa::EquivocationProof<<Block as BlockT>::Hash, NumberFor<Block>>,
			_: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
		) -> Option<()> {
			executed_as_wasm()
		}

		fn generate_key_ownership_proof(
			_: sp_consensus_grandpa::SetId,
			_: GrandpaId,
		) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
			executed_as_wasm()
		}
	}

	impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
		fn account_nonce(_: AccountId) -> Nonce {
			executed_as_wasm()
		}
	}

	impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
		fn build_state(_: Vec<u8>) -> sp_genesis_builder::Result {
			executed_as_wasm()
		}

		fn get_preset(_: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
			executed_as_wasm()
		}

		fn preset_names() -> Vec<sp_genesis_builder::PresetId> {
			executed_as_wasm()
		}
	}

	impl passport_runtime_api::PassportLedgerApi<Block> for Runtime {
		fn resolve(_: Vec<u8>) -> Option<PassportId> {
			executed_as_wasm()
		}

		fn passport(_: PassportId) -> Option<PassportAnswer> {
			executed_as_wasm()
		}

		fn history_of(_: PassportId, _: u32) -> Option<HistoryPageView> {
			executed_as_wasm()
		}

		fn delegations_of(_: PassportId) -> Vec<DelegationView> {
			executed_as_wasm()
		}

		fn recycling_batch(_: u32) -> Option<RecyclingBatchView> {
			executed_as_wasm()
		}

		fn verify(_: PassportId, _: DataSet, _: Commitment) -> Verification {
			executed_as_wasm()
		}

		fn organisation(_: OrganisationId) -> Option<OrganisationView> {
			executed_as_wasm()
		}

		fn organisation_of(_: [u8; 32]) -> Option<OrganisationId> {
			executed_as_wasm()
		}

		fn quota(_: OrganisationId) -> Option<QuotaView> {
			executed_as_wasm()
		}

		fn validators() -> ValidatorsView {
			executed_as_wasm()
		}

		fn access_table() -> AccessTableView {
			executed_as_wasm()
		}

		fn device(_: u32) -> Option<DeviceView> {
			executed_as_wasm()
		}

		fn devices_of(_: PassportId) -> Vec<DeviceView> {
			executed_as_wasm()
		}

		fn anchor(_: OrganisationId, _: u32, _: u64) -> Option<AnchorView> {
			executed_as_wasm()
		}

		fn anchors_of(_: OrganisationId, _: u32, _: Option<u64>) -> Option<AnchorsView> {
			executed_as_wasm()
		}

		fn grants_of(_: PassportId) -> Vec<GrantView> {
			executed_as_wasm()
		}

		fn grants_to(_: OrganisationId, _: Option<u32>) -> Vec<GrantView> {
			executed_as_wasm()
		}

		fn authority_envelopes_of(_: PassportId) -> Vec<AuthorityEnvelopeView> {
			executed_as_wasm()
		}

		fn transfer(_: u32) -> Option<TransferView> {
			executed_as_wasm()
		}

		fn transfers_of(_: PassportId) -> Vec<TransferView> {
			executed_as_wasm()
		}

		fn documents_of(_: PassportId) -> Vec<DocumentView> {
			executed_as_wasm()
		}
	}
}
