//! What a node asks the runtime.

use crate::{
	genesis, AccountId, Aura, Block, BlockNumber, Executive, Grandpa, Historical, InherentDataExt, Nonce,
	Passport, Runtime, RuntimeGenesisConfig, SessionKeys, System, VERSION,
};
use alloc::{string::String, vec::Vec};
use codec::Encode;
use frame_support::{
	genesis_builder_helper::{build_state, get_preset},
	traits::KeyOwnerProofSystem,
	view_functions::{ViewFunctionDispatchError, ViewFunctionId},
};
use passport_primitives::{
	battery::{Commitment, DocumentHash, PassportId},
	data_set::{Audience, DataSet, Purpose},
	ledger::{BatteryDevices, Membership},
	organisation::{OrganisationId, Roles},
	telemetry::anchor::AnchorId,
};
use passport_runtime_api::{
	AccessTableView, AnchorView, AnchorsView, AudienceAccessView, AuthorityEnvelopeView, DelegationView,
	DeviceView, DocumentView, FormerKeyView, GrantView, Hex, HistoryEntryView, HistoryPageView,
	OrganisationView, PassportAnswer, PassportView, PurposeAccessView, QuotaView, RecyclingBatchView,
	ThresholdView, TombstoneView, TradeView, TransferView, ValidatorView, ValidatorsView, Verification,
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
		let threshold_overridden = pallet_passport::Pallet::<Runtime>::is_overridden(&passport);
		return Some(PassportAnswer::Live(PassportView {
			passport_id: id,
			unique_identifier: text(&passport.unique_identifier),
			alias: passport.alias.map(|alias| text(&alias)),
			category: passport.category,
			manufacturer: passport.manufacturer,
			responsible_operator: passport.responsible_operator,
			owner: passport.owner,
			operated_by: passport.operated_by,
			status: passport.status,
			publication: passport.publication,
			threshold: passport
				.threshold
				.filter(|standing| !standing.withdrawn)
				.map(|standing| ThresholdView {
					at_or_above: standing.at_or_above,
					threshold_bp: standing.threshold_bp,
					stated_at: standing.stated_at,
				}),
			threshold_overridden,
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
		batch: tombstone.batch.0,
		closed_at: tombstone.closed_at,
		history_head: DocumentHash(tombstone.history_head),
		history_length: tombstone.history_length,
	}))
}

fn history_page(id: PassportId, page: u32) -> Option<HistoryPageView> {
	let (history_head, history_length, pages) = match pallet_passport::Passports::<Runtime>::get(id) {
		Some(passport) => (
			passport.history_head,
			passport.history_length,
			pallet_passport::history::pages_of(passport.history_length),
		),
		// The entries went with the passport: who has a copy checks it against the head.
		None => {
			let tombstone = pallet_passport::Tombstones::<Runtime>::get(id)?;
			(tombstone.history_head, tombstone.history_length, 0)
		}
	};
	let entries = pallet_passport::HistoryPages::<Runtime>::get(id, page)
		.into_iter()
		.map(|entry| HistoryEntryView {
			hashed: Hex(entry.encode()),
			index: entry.index,
			kind: entry.kind,
			organisation: entry.organisation,
			block: entry.block,
			evidence: entry.evidence,
		})
		.collect();
	Some(HistoryPageView {
		page,
		pages,
		history_head: DocumentHash(history_head),
		history_length,
		entries,
	})
}

fn delegation_views(id: PassportId) -> Vec<DelegationView> {
	pallet_passport::Pallet::<Runtime>::delegations(id)
		.into_iter()
		.map(|delegation| DelegationView {
			delegate: delegation.delegate,
			rights: delegation.rights,
			expires_at: delegation.expires_at,
			authorisation: delegation.authorisation,
			given_by: delegation.given_by,
			in_force: may_act(delegation.delegate) && may_act(delegation.given_by),
		})
		.collect()
}

fn recycling_batch_view(number: u32) -> Option<RecyclingBatchView> {
	let batch = pallet_passport::RecyclingBatches::<Runtime>::get(pallet_passport::RecyclingBatchId(number))?;
	Some(RecyclingBatchView {
		batch: number,
		recycler: batch.recycler,
		facility: text(&batch.facility),
		year: batch.year,
		masses: batch.masses,
		batteries: batch.batteries,
	})
}

fn verification(id: PassportId, data_set: DataSet, commitment: Commitment) -> Verification {
	match pallet_passport::Passports::<Runtime>::get(id).map(|passport| passport.commitment(data_set)) {
		None => Verification::PassportNotFound,
		Some(None) => Verification::NotCommitted,
		Some(Some(held)) if held == commitment => Verification::Matches,
		Some(Some(_)) => Verification::Differs,
	}
}

fn active_roles(organisation: OrganisationId) -> Option<Roles> {
	<pallet_organisations::Pallet<Runtime> as Membership<AccountId>>::active_roles(organisation)
}

fn may_act(organisation: OrganisationId) -> bool {
	active_roles(organisation).is_some()
}

fn account_bytes(account: &AccountId) -> Hex {
	Hex(AsRef::<[u8]>::as_ref(account).to_vec())
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
		accounts: member.accounts.iter().map(account_bytes).collect(),
	})
}

fn quota_view(organisation: OrganisationId) -> Option<QuotaView> {
	let quota = pallet_organisations::Pallet::<Runtime>::quota(organisation)?;
	Some(QuotaView {
		organisation,
		ref_time_per_period: quota.ref_time_per_period,
		ref_time_used: quota.ref_time_used,
		period_ends_at: quota.period_ends_at,
	})
}

fn validators_view() -> ValidatorsView {
	let disabled = pallet_session::DisabledValidators::<Runtime>::get();
	let taking_part: Vec<_> = pallet_session::Validators::<Runtime>::get()
		.into_iter()
		.enumerate()
		.filter(|(place, _)| !disabled.iter().any(|(index, _)| *index as usize == *place))
		.map(|(_, account)| account)
		.collect();
	let validators = pallet_validators::Validators::<Runtime>::get()
		.into_iter()
		.map(|validator| ValidatorView {
			account: account_bytes(&validator.account),
			organisation: validator.organisation,
			roles: active_roles(validator.organisation).unwrap_or(Roles::NONE),
			since_session: validator.since,
			takes_part: taking_part.contains(&validator.account),
		})
		.collect();
	let trades = pallet_validators::Pallet::<Runtime>::trade_shares()
		.into_iter()
		.map(|share| TradeView {
			trade: share.trade,
			held: share.held,
			most: share.most,
		})
		.collect();
	ValidatorsView {
		validators,
		minimum: pallet_validators::Pallet::<Runtime>::minimum_validators(),
		trades,
	}
}

fn access_table_view() -> AccessTableView {
	type AccessGrant = pallet_access_grant::Pallet<Runtime>;
	let audiences = Audience::ALL
		.into_iter()
		.map(|audience| AudienceAccessView {
			audience,
			data_sets: AccessGrant::access_of(audience),
		})
		.collect();
	let purposes = Audience::ALL
		.into_iter()
		.flat_map(|audience| Purpose::ALL.map(|purpose| (audience, purpose)))
		.map(|(audience, purpose)| PurposeAccessView {
			audience,
			purpose,
			data_sets: AccessGrant::access_for_purpose(audience, purpose),
		})
		.collect();
	AccessTableView {
		audiences,
		purposes,
		demanding_authorities: AccessGrant::demanding_authorities(),
	}
}

fn device_view(index: u32) -> Option<DeviceView> {
	let state = pallet_telemetry::Pallet::<Runtime>::state_of(index)?;
	Some(DeviceView {
		device: index,
		passport_id: state.device.passport,
		maker: state.device.maker,
		signed_by: state.device.signed_by,
		public_key: Hex(state.public_key.to_vec()),
		key_from_sequence: state.key_from_sequence,
		former_keys: pallet_telemetry::FormerKeys::<Runtime>::get(index)
			.into_iter()
			.map(|former| FormerKeyView {
				public_key: Hex(former.public_key.to_vec()),
				below_sequence: former.below_sequence,
			})
			.collect(),
		active: !state.revoked && state.in_use && may_act(state.responsible_operator),
		key_epoch: state.key_epoch,
		window: state.window,
		last_seconds: state.last_seconds,
		history_head: DocumentHash(state.history_head),
		frames: state.frames,
		readings: state.readings,
	})
}

/// Anchors in one page.
const ANCHORS_PER_PAGE: u64 = 64;

fn anchor_view(bridge: OrganisationId, stream: u32, number: u64) -> Option<AnchorView> {
	let anchor = pallet_telemetry::Anchors::<Runtime>::get(AnchorId {
		bridge,
		stream,
		number,
	})?;
	Some(AnchorView {
		bridge,
		stream,
		number,
		root: Hex(anchor.root.to_vec()),
		leaves: anchor.leaves,
		readings: anchor.readings,
		content_address: Hex(anchor.content.into_inner()),
		anchored_at: anchor.anchored_at,
		offence: anchor.offence,
	})
}

fn anchors_view(bridge: OrganisationId, stream: u32, from: Option<u64>) -> Option<AnchorsView> {
	let state = pallet_telemetry::Streams::<Runtime>::get(bridge, stream)?;
	let first = from.map_or(state.oldest_number, |from| from.max(state.oldest_number));
	let end = first.saturating_add(ANCHORS_PER_PAGE).min(state.next_number);
	Some(AnchorsView {
		oldest_number: state.oldest_number,
		next_number: state.next_number,
		suspended: pallet_telemetry::AnchoringSuspended::<Runtime>::contains_key(bridge),
		anchors: (first..end)
			.filter_map(|number| anchor_view(bridge, stream, number))
			.collect(),
	})
}

type GrantAndNumber = (
	pallet_access_grant::GrantId,
	pallet_access_grant::Grant<BlockNumber>,
);

fn grant_view((id, grant): GrantAndNumber) -> GrantView {
	let opens = pallet_access_grant::Pallet::<Runtime>::opened_by(&grant, System::block_number());
	GrantView {
		grant: id.0,
		passport_id: grant.passport,
		grantee: grant.grantee,
		data_sets: grant.data_sets,
		purpose: grant.purpose,
		open: !opens.is_empty(),
		opens,
		lapses_at: match grant.state {
			pallet_access_grant::GrantState::Requested { lapses_at } => Some(lapses_at),
			pallet_access_grant::GrantState::Approved { .. } => None,
		},
		expires_at: grant.expires_at(),
		delegate: grant.delegate(),
		key_epoch: grant.envelope().map(|envelope| envelope.key_epoch),
		envelope: grant.envelope().map(|envelope| Hex(envelope.bytes.to_vec())),
	}
}

fn grant_views(passport: PassportId) -> Vec<GrantView> {
	pallet_access_grant::GrantsOf::<Runtime>::get(passport)
		.into_iter()
		.filter_map(|grant| Some((grant, pallet_access_grant::Grants::<Runtime>::get(grant)?)))
		.map(grant_view)
		.collect()
}

fn grant_views_of_grantee(grantee: OrganisationId, after: Option<u32>) -> Vec<GrantView> {
	pallet_access_grant::Pallet::<Runtime>::grants_to(grantee, after.map(pallet_access_grant::GrantId))
		.into_iter()
		.map(grant_view)
		.collect()
}

fn authority_envelope_views(passport: PassportId) -> Vec<AuthorityEnvelopeView> {
	let due = pallet_access_grant::Pallet::<Runtime>::due_envelopes(passport);
	let is_due = |authority, data_set| due.contains(&(authority, data_set));
	let mut views: Vec<_> = pallet_access_grant::AuthorityEnvelopesOf::<Runtime>::iter_prefix(passport)
		.flat_map(|(authority, envelopes)| envelopes.into_iter().map(move |envelope| (authority, envelope)))
		.map(|(authority, envelope)| AuthorityEnvelopeView {
			authority,
			data_set: envelope.data_set,
			due: is_due(authority, envelope.data_set),
			key_epoch: Some(envelope.key_epoch),
			envelope: Some(Hex(envelope.bytes.to_vec())),
		})
		.collect();
	for (authority, data_set) in &due {
		let is_there = views
			.iter()
			.any(|view| view.authority == *authority && view.data_set == *data_set);
		if !is_there {
			views.push(AuthorityEnvelopeView {
				authority: *authority,
				data_set: *data_set,
				due: true,
				key_epoch: None,
				envelope: None,
			});
		}
	}
	views.sort_by_key(|view| (view.authority, view.data_set));
	views
}

fn transfer_view(id: u32) -> Option<TransferView> {
	let transfer =
		pallet_ownership_transfer::Transfers::<Runtime>::get(pallet_ownership_transfer::TransferId(id))?;
	Some(TransferView {
		transfer: id,
		from: transfer.from,
		to: transfer.to,
		kind: transfer.kind.name().into(),
		operation_moves: transfer.operation_moves,
		passports: transfer.passports.into_inner(),
		location: transfer.location,
		documents: transfer.documents.into_inner(),
		offered_at: transfer.offered_at,
		expires_at: transfer.expires_at,
	})
}

fn transfer_views(passport: PassportId) -> Vec<TransferView> {
	pallet_ownership_transfer::OpenTransferOf::<Runtime>::get(passport)
		.and_then(|transfer| transfer_view(transfer.0))
		.into_iter()
		.collect()
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
			equivocation_proof: sp_consensus_grandpa::EquivocationProof<
				<Block as BlockT>::Hash,
				sp_runtime::traits::NumberFor<Block>,
			>,
			key_owner_proof: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
		) -> Option<()> {
			Grandpa::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof.decode()?)
		}

		fn generate_key_ownership_proof(
			_: sp_consensus_grandpa::SetId,
			authority: sp_consensus_grandpa::AuthorityId,
		) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
			<Historical as KeyOwnerProofSystem<_>>::prove((sp_consensus_grandpa::KEY_TYPE, authority))
				.map(|proof| sp_consensus_grandpa::OpaqueKeyOwnershipProof::new(proof.encode()))
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

		fn history_of(passport: PassportId, page: u32) -> Option<HistoryPageView> {
			history_page(passport, page)
		}

		fn delegations_of(passport: PassportId) -> Vec<DelegationView> {
			delegation_views(passport)
		}

		fn recycling_batch(batch: u32) -> Option<RecyclingBatchView> {
			recycling_batch_view(batch)
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

		fn quota(organisation: OrganisationId) -> Option<QuotaView> {
			quota_view(organisation)
		}

		fn validators() -> ValidatorsView {
			validators_view()
		}

		fn access_table() -> AccessTableView {
			access_table_view()
		}

		fn device(device: u32) -> Option<DeviceView> {
			device_view(device)
		}

		fn devices_of(passport: PassportId) -> Vec<DeviceView> {
			Passport::devices(&passport).filter_map(device_view).collect()
		}

		fn anchor(bridge: OrganisationId, stream: u32, number: u64) -> Option<AnchorView> {
			anchor_view(bridge, stream, number)
		}

		fn anchors_of(bridge: OrganisationId, stream: u32, from: Option<u64>) -> Option<AnchorsView> {
			anchors_view(bridge, stream, from)
		}

		fn grants_of(passport: PassportId) -> Vec<GrantView> {
			grant_views(passport)
		}

		fn grants_to(organisation: OrganisationId, after: Option<u32>) -> Vec<GrantView> {
			grant_views_of_grantee(organisation, after)
		}

		fn authority_envelopes_of(passport: PassportId) -> Vec<AuthorityEnvelopeView> {
			authority_envelope_views(passport)
		}

		fn transfer(transfer: u32) -> Option<TransferView> {
			transfer_view(transfer)
		}

		fn transfers_of(passport: PassportId) -> Vec<TransferView> {
			transfer_views(passport)
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

	#[cfg(feature = "runtime-benchmarks")]
	impl frame_benchmarking::Benchmark<Block> for Runtime {
		fn benchmark_metadata(
			extra: bool,
		) -> (Vec<frame_benchmarking::BenchmarkList>, Vec<frame_support::traits::StorageInfo>) {
			use frame_support::traits::StorageInfoTrait;

			let mut list = Vec::new();
			list_benchmarks!(list, extra);
			(list, crate::AllPalletsWithSystem::storage_info())
		}

		fn dispatch_benchmark(
			config: frame_benchmarking::BenchmarkConfig,
		) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, String> {
			use frame_support::traits::WhitelistedStorageKeys;

			let whitelist = crate::AllPalletsWithSystem::whitelisted_storage_keys();
			let mut batches = Vec::new();
			let params = (&config, &whitelist);
			add_benchmarks!(params, batches);
			Ok(batches)
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use passport_runtime_api::proof::{authorities_key, proved_keys};

	#[test]
	fn the_keys_of_a_proof_are_those_of_the_storage() {
		let passport = PassportId([7; 32]);
		let keys = proved_keys(&passport);
		assert_eq!(
			keys.passport,
			pallet_passport::Passports::<Runtime>::hashed_key_for(passport)
		);
		assert_eq!(
			keys.tombstone,
			pallet_passport::Tombstones::<Runtime>::hashed_key_for(passport)
		);
		assert_eq!(
			keys.genesis_hash,
			frame_system::BlockHash::<Runtime>::hashed_key_for(0)
		);
		assert_eq!(keys.time, pallet_timestamp::Now::<Runtime>::hashed_key());
		assert_eq!(
			authorities_key(),
			pallet_grandpa::Authorities::<Runtime>::hashed_key()
		);
	}

	#[test]
	fn the_keys_of_a_proof_of_telemetry_are_those_of_the_storage() {
		use passport_runtime_api::proof::{anchor_key, device_keys, DEVICES_PER_PAGE};

		assert_eq!(DEVICES_PER_PAGE, pallet_telemetry::DEVICES_PER_PAGE);
		let keys = device_keys(35);
		assert_eq!(keys.page, pallet_telemetry::Pages::<Runtime>::hashed_key_for(2));
		assert_eq!(
			keys.former_keys,
			pallet_telemetry::FormerKeys::<Runtime>::hashed_key_for(35)
		);
		let anchor = AnchorId {
			bridge: OrganisationId(8),
			stream: 3,
			number: 1 << 40,
		};
		assert_eq!(
			anchor_key(&anchor),
			pallet_telemetry::Anchors::<Runtime>::hashed_key_for(anchor)
		);
	}
}
