//! What a node asks the runtime.

use crate::{
	genesis, AccountId, Aura, Block, Executive, Grandpa, InherentDataExt, Nonce, Runtime,
	RuntimeGenesisConfig, SessionKeys, System, VERSION,
};
use alloc::{string::String, vec::Vec};
use frame_support::{
	genesis_builder_helper::{build_state, get_preset},
	view_functions::{ViewFunctionDispatchError, ViewFunctionId},
};
use passport_primitives::{
	battery::{Commitment, DocumentHash, PassportId},
	data_set::DataSet,
	ledger::{Membership, Passports},
	organisation::OrganisationId,
};
use passport_runtime_api::{
	DeviceView, DocumentView, GrantView, Hex, OrganisationView, PassportAnswer, PassportView, TombstoneView,
	TransferView, Verification,
};
use sp_api::impl_runtime_apis;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_core::{crypto::KeyTypeId, OpaqueMetadata};
use sp_runtime::{
	traits::Block as BlockT,
	transaction_validity::{TransactionSource, TransactionValidity},
	ApplyExtrinsicResult, ExtrinsicInclusionMode,
};
use sp_version::RuntimeVersion;

/// Printable ASCII: the pallets take nothing else.
fn text(bytes: &[u8]) -> String {
	String::from_utf8_lossy(bytes).into_owned()
}

fn passport_answer(id: PassportId) -> Option<PassportAnswer> {
	if let Some(passport) = pallet_passport::Passports::<Runtime>::get(id) {
		return Some(PassportAnswer::Live(PassportView {
			passport_id: id,
			unique_identifier: text(&passport.unique_identifier),
			alias: passport.alias.map(|alias| text(&alias)),
			category: passport.category,
			manufacturer: passport.manufacturer,
			responsible_operator: passport.responsible_operator,
			owner: passport.owner,
			status: passport.status,
			publication: passport.publication,
			commitments: passport.commitments,
			content_address: passport.content_address.map(|address| Hex(address.into_inner())),
			version: passport.version,
			predecessors: passport.predecessors.into_inner(),
			successors: passport.successors.into_inner(),
			history_head: DocumentHash(passport.history_head),
			history_length: passport.history_length,
			registered_at: passport.registered_at,
		}));
	}
	let tombstone = pallet_passport::Tombstones::<Runtime>::get(id)?;
	Some(PassportAnswer::Ceased(TombstoneView {
		passport_id: id,
		recycler: tombstone.recycler,
		closed_at: tombstone.closed_at,
		history_head: DocumentHash(tombstone.history_head),
		history_length: tombstone.history_length,
	}))
}

fn verification(id: PassportId, data_set: DataSet, commitment: Commitment) -> Verification {
	match pallet_passport::Passports::<Runtime>::get(id).map(|passport| passport.commitment(data_set)) {
		None => Verification::PassportNotFound,
		Some(None) => Verification::NotCommitted,
		Some(Some(held)) if held == commitment => Verification::Matches,
		Some(Some(_)) => Verification::Differs,
	}
}

fn organisation_view(organisation: OrganisationId) -> Option<OrganisationView> {
	let member = pallet_organisations::Organisations::<Runtime>::get(organisation)?;
	Some(OrganisationView {
		organisation,
		did: text(&member.did),
		roles: member.roles,
		hpke_public_key: Hex(member.hpke_public_key.to_vec()),
		expires_at: member.expires_at,
		suspended: member.suspended,
		active: member.standing(&System::block_number()).is_ok(),
		accounts: member
			.accounts
			.iter()
			.map(|account| Hex(AsRef::<[u8]>::as_ref(account).to_vec()))
			.collect(),
	})
}

fn device_view(index: u32) -> Option<DeviceView> {
	let device = pallet_telemetry::Devices::<Runtime>::get(index)?;
	let state = pallet_telemetry::Pallet::<Runtime>::state_of(index)?;
	let in_use =
		pallet_passport::Pallet::<Runtime>::facts(&device.passport).is_some_and(|facts| facts.is_in_use());
	let maker_active =
		<pallet_organisations::Pallet<Runtime> as Membership<AccountId>>::active_roles(device.maker)
			.is_some();
	Some(DeviceView {
		device: index,
		passport_id: device.passport,
		maker: device.maker,
		public_key: Hex(state.public_key.to_vec()),
		active: !state.revoked && in_use && maker_active,
		key_epoch: state.key_epoch,
		window: state.window,
		last_seconds: state.last_seconds,
		history_head: DocumentHash(state.history_head),
		frames: state.frames,
		readings: state.readings,
	})
}

fn grant_view(id: pallet_access_grant::GrantId) -> Option<GrantView> {
	let grant = pallet_access_grant::Grants::<Runtime>::get(id)?;
	let open = pallet_access_grant::Pallet::<Runtime>::is_open(&grant, System::block_number());
	Some(GrantView {
		grant: id.0,
		passport_id: grant.passport,
		grantee: grant.grantee,
		data_sets: grant.data_sets,
		purpose: grant.purpose,
		open,
		expires_at: grant.expires_at(),
		key_epoch: grant.envelope().map(|envelope| envelope.key_epoch),
		envelope: grant.envelope().map(|envelope| Hex(envelope.bytes.to_vec())),
	})
}

fn transfer_view(id: u32) -> Option<TransferView> {
	let transfer =
		pallet_ownership_transfer::Transfers::<Runtime>::get(pallet_ownership_transfer::TransferId(id))?;
	Some(TransferView {
		transfer: id,
		from: transfer.from,
		to: transfer.to,
		kind: transfer.kind.name().into(),
		passports: transfer.passports.into_inner(),
		expires_at: transfer.expires_at,
	})
}

fn document_views(passport: PassportId) -> Vec<DocumentView> {
	let mut views: Vec<_> = pallet_documents::Documents::<Runtime>::iter_prefix(passport)
		.map(|(document, anchored)| DocumentView {
			document,
			content_address: Hex(anchored.content_address.into_inner()),
			kind: anchored.kind.name().into(),
			data_set: anchored.data_set,
			size_bytes: anchored.size_bytes,
			uploader: anchored.uploader,
			anchored_at: anchored.anchored_at,
		})
		.collect();
	views.sort_by_key(|view| view.document);
	views
}

impl_runtime_apis! {
	impl sp_api::Core<Block> for Runtime {
		fn version() -> RuntimeVersion {
			VERSION
		}

		fn execute_block(block: <Block as BlockT>::LazyBlock) {
			Executive::execute_block(block);
		}

		fn initialize_block(header: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode {
			Executive::initialize_block(header)
		}
	}

	impl sp_api::Metadata<Block> for Runtime {
		fn metadata() -> OpaqueMetadata {
			OpaqueMetadata::new(Runtime::metadata().into())
		}

		fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
			Runtime::metadata_at_version(version)
		}

		fn metadata_versions() -> Vec<u32> {
			Runtime::metadata_versions()
		}
	}

	impl frame_support::view_functions::runtime_api::RuntimeViewFunction<Block> for Runtime {
		fn execute_view_function(
			id: ViewFunctionId,
			input: Vec<u8>,
		) -> Result<Vec<u8>, ViewFunctionDispatchError> {
			Runtime::execute_view_function(id, input)
		}
	}

	impl sp_block_builder::BlockBuilder<Block> for Runtime {
		fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
			Executive::apply_extrinsic(extrinsic)
		}

		fn finalize_block() -> <Block as BlockT>::Header {
			Executive::finalize_block()
		}

		fn inherent_extrinsics(data: sp_inherents::InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
			data.create_extrinsics()
		}

		fn check_inherents(
			block: <Block as BlockT>::LazyBlock,
			data: sp_inherents::InherentData,
		) -> sp_inherents::CheckInherentsResult {
			data.check_extrinsics(&block)
		}
	}

	impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
		fn validate_transaction(
			source: TransactionSource,
			transaction: <Block as BlockT>::Extrinsic,
			block_hash: <Block as BlockT>::Hash,
		) -> TransactionValidity {
			Executive::validate_transaction(source, transaction, block_hash)
		}
	}

	impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
		fn offchain_worker(header: &<Block as BlockT>::Header) {
			Executive::offchain_worker(header);
		}
	}

	impl sp_consensus_aura::AuraApi<Block, AuraId> for Runtime {
		fn slot_duration() -> sp_consensus_aura::SlotDuration {
			sp_consensus_aura::SlotDuration::from_millis(Aura::slot_duration())
		}

		fn authorities() -> Vec<AuraId> {
			pallet_aura::Authorities::<Runtime>::get().into_inner()
		}
	}

	impl sp_session::SessionKeys<Block> for Runtime {
		fn generate_session_keys(
			owner: Vec<u8>,
			seed: Option<Vec<u8>>,
		) -> sp_session::OpaqueGeneratedSessionKeys {
			SessionKeys::generate(&owner, seed).into()
		}

		fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
			SessionKeys::decode_into_raw_public_keys(&encoded)
		}
	}

	impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
		fn grandpa_authorities() -> sp_consensus_grandpa::AuthorityList {
			Grandpa::grandpa_authorities()
		}

		fn current_set_id() -> sp_consensus_grandpa::SetId {
			Grandpa::current_set_id()
		}

		fn submit_report_equivocation_unsigned_extrinsic(
			_: sp_consensus_grandpa::EquivocationProof<
				<Block as BlockT>::Hash,
				sp_runtime::traits::NumberFor<Block>,
			>,
			_: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
		) -> Option<()> {
			None
		}

		fn generate_key_ownership_proof(
			_: sp_consensus_grandpa::SetId,
			_: sp_consensus_grandpa::AuthorityId,
		) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
			None
		}
	}

	impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
		fn account_nonce(account: AccountId) -> Nonce {
			System::account_nonce(account)
		}
	}

	impl passport_runtime_api::PassportLedgerApi<Block> for Runtime {
		fn resolve(name: Vec<u8>) -> Option<PassportId> {
			pallet_passport::Pallet::<Runtime>::resolve(name)
		}

		fn passport(passport: PassportId) -> Option<PassportAnswer> {
			passport_answer(passport)
		}

		fn verify(passport: PassportId, data_set: DataSet, commitment: Commitment) -> Verification {
			verification(passport, data_set, commitment)
		}

		fn organisation(organisation: OrganisationId) -> Option<OrganisationView> {
			organisation_view(organisation)
		}

		fn organisation_of(account: [u8; 32]) -> Option<OrganisationId> {
			pallet_organisations::OrganisationOf::<Runtime>::get(AccountId::from(account))
		}

		fn device(device: u32) -> Option<DeviceView> {
			device_view(device)
		}

		fn devices_of(passport: PassportId) -> Vec<DeviceView> {
			pallet_telemetry::DevicesOf::<Runtime>::get(passport).into_iter().filter_map(device_view).collect()
		}

		fn grants_of(passport: PassportId) -> Vec<GrantView> {
			pallet_access_grant::GrantsOf::<Runtime>::get(passport).into_iter().filter_map(grant_view).collect()
		}

		fn transfer(transfer: u32) -> Option<TransferView> {
			transfer_view(transfer)
		}

		fn documents_of(passport: PassportId) -> Vec<DocumentView> {
			document_views(passport)
		}
	}

	impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
		fn build_state(json: Vec<u8>) -> sp_genesis_builder::Result {
			build_state::<RuntimeGenesisConfig>(json)
		}

		fn get_preset(id: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
			get_preset::<RuntimeGenesisConfig>(id, genesis::get_preset)
		}

		fn preset_names() -> Vec<sp_genesis_builder::PresetId> {
			genesis::preset_names()
		}
	}
}
