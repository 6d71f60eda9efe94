//! Puts the parts of a node together: first those that every command needs, then those of a running node.

mod authoring;
mod finality;

use crate::{
	block::{Block, Hash},
	fake_runtime_api::RuntimeApi,
	rpc,
};
use futures::FutureExt;
use sc_client_api::{Backend, BlockBackend};
use sc_consensus::{DefaultImportQueue, LongestChain};
use sc_consensus_aura::{CheckForEquivocation, CompatibilityMode, SlotDuration};
use sc_consensus_grandpa::{
	warp_proof::NetworkProvider, FinalityProofProvider, GrandpaBlockImport, GrandpaPruningFilter, LinkHalf,
	SharedVoterState,
};
use sc_executor::{sp_wasm_interface::ExtendedHostFunctions, WasmExecutor};
use sc_network::config::FullNetworkConfiguration;
use sc_offchain::{OffchainWorkerOptions, OffchainWorkers};
use sc_service::{
	error::Error, BuildNetworkParams, Configuration, PartialComponents, SpawnTasksParams, TaskManager,
	WarpSyncConfig,
};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool::TransactionPoolHandle;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_aura::sr25519::AuthorityPair as AuraPair;
use std::sync::Arc;

/// What the runtime can call. Standard host functions only, so that light clients, `chain-spec-builder` and
/// `frame-omni-bencher` execute the same runtime without being told of ours; those that check many signatures do it together,
/// with the same verdict.
pub type HostFunctions = ExtendedHostFunctions<
	sp_io::SubstrateHostFunctions,
	passport_signature_batch::host::crypto::HostFunctions,
>;

/// The client: database, executor and the runtime's APIs.
pub type FullClient = sc_service::TFullClient<Block, RuntimeApi, WasmExecutor<HostFunctions>>;

/// The database.
pub type FullBackend = sc_service::TFullBackend<Block>;

/// The transaction pool, of the kind that `--pool-type` names.
pub type FullPool = TransactionPoolHandle<Block, FullClient>;

type FullSelectChain = LongestChain<FullBackend, Block>;
type FullBlockImport = GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;
type FullGrandpaLink = LinkHalf<Block, FullClient, FullSelectChain>;

/// What consensus left over while the parts were built, for [`new_full`] to start.
pub struct Consensus {
	block_import: FullBlockImport,
	grandpa_link: FullGrandpaLink,
	slot_duration: SlotDuration,
	telemetry: Option<Telemetry>,
}

/// The parts that a running node and the commands on its database share.
pub type Parts = PartialComponents<
	FullClient,
	FullBackend,
	FullSelectChain,
	DefaultImportQueue<Block>,
	FullPool,
	Consensus,
>;

/// Opens the database, or makes it from the chain spec, and builds what imports blocks into it. Starts nothing.
pub fn new_partial(config: &Configuration) -> Result<Parts, Error> {
	// Only if the operator names an endpoint or the chain spec does; ours do not.
	let telemetry = config
		.telemetry_endpoints
		.clone()
		.filter(|endpoints| !endpoints.is_empty())
		.map(|endpoints| -> Result<_, sc_telemetry::Error> {
			let worker = TelemetryWorker::new(16)?;
			let telemetry = worker.handle().new_telemetry(endpoints);
			Ok((worker, telemetry))
		})
		.transpose()?;
	let telemetry_handle = telemetry.as_ref().map(|(_, telemetry)| telemetry.handle());

	let (client, backend, keystore_container, task_manager) =
		sc_service::new_full_parts::<Block, RuntimeApi, _>(
			config,
			telemetry_handle.clone(),
			sc_service::new_wasm_executor(&config.executor),
			// A node that prunes blocks keeps those that carry a justification: others warp sync by them, and auditors
			// prove by them that an old block is final.
			vec![Arc::new(GrandpaPruningFilter)],
		)?;
	let client = Arc::new(client);

	let telemetry = telemetry.map(|(worker, telemetry)| {
		task_manager.spawn_handle().spawn("telemetry", None, worker.run());
		telemetry
	});

	let select_chain = LongestChain::new(backend.clone());

	let transaction_pool = Arc::from(
		sc_transaction_pool::Builder::new(
			task_manager.spawn_essential_handle(),
			client.clone(),
			config.role.is_authority().into(),
		)
		.with_options(config.transaction_pool.clone())
		.with_prometheus(config.prometheus_registry())
		.build(),
	);

	let (block_import, grandpa_link) = sc_consensus_grandpa::block_import(
		client.clone(),
		finality::JUSTIFICATION_PERIOD,
		&client,
		select_chain.clone(),
		telemetry_handle.clone(),
	)?;

	// Once, at the start: Aura does not support that a chain changes it.
	let slot_duration = sc_consensus_aura::slot_duration(&*client)?;

	let import_queue =
		sc_consensus_aura::import_queue::<AuraPair, _, _, _, _, _>(sc_consensus_aura::ImportQueueParams {
			block_import: block_import.clone(),
			justification_import: Some(Box::new(block_import.clone())),
			client: client.clone(),
			create_inherent_data_providers: move |_, ()| authoring::inherent_data(slot_duration),
			spawner: &task_manager.spawn_essential_handle(),
			registry: config.prometheus_registry(),
			check_for_equivocation: CheckForEquivocation::Yes,
			telemetry: telemetry_handle,
			compatibility_mode: CompatibilityMode::None,
		})?;

	Ok(PartialComponents {
		client,
		backend,
		task_manager,
		import_queue,
		keystore_container,
		select_chain,
		transaction_pool,
		other: Consensus {
			block_import,
			grandpa_link,
			slot_duration,
			telemetry,
		},
	})
}

/// Starts a node; it runs until the task manager is dropped.
pub fn new_full<N: sc_network::NetworkBackend<Block, Hash>>(
	config: Configuration,
) -> Result<TaskManager, Error> {
	let PartialComponents {
		client,
		backend,
		mut task_manager,
		import_queue,
		keystore_container,
		select_chain,
		transaction_pool,
		other: Consensus {
			block_import,
			grandpa_link,
			slot_duration,
			mut telemetry,
		},
	} = new_partial(&config)?;

	let mut net_config = FullNetworkConfiguration::<Block, Hash, N>::new(
		&config.network,
		config.prometheus_registry().cloned(),
	);
	let metrics = N::register_notification_metrics(config.prometheus_registry());

	let genesis_hash = client
		.block_hash(0)?
		.ok_or("The database has no genesis block; purge it and sync again.")?;
	let grandpa_protocol = sc_consensus_grandpa::protocol_standard_name(&genesis_hash, &config.chain_spec);
	let (grandpa_protocol_config, grandpa_notifications) =
		sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
			grandpa_protocol.clone(),
			metrics.clone(),
			net_config.peer_store_handle(),
		);
	net_config.add_notification_protocol(grandpa_protocol_config);

	let authority_set = grandpa_link.shared_authority_set().clone();
	let warp_sync = Arc::new(NetworkProvider::new(
		backend.clone(),
		authority_set.clone(),
		Vec::new(),
	));

	// The fifth value is the handle of Bitswap, which serves by itself once `--ipfs-server` has started it.
	let (network, system_rpc_tx, tx_handler_controller, sync_service, _) =
		sc_service::build_network(BuildNetworkParams {
			config: &config,
			net_config,
			client: client.clone(),
			transaction_pool: transaction_pool.clone(),
			spawn_handle: task_manager.spawn_handle(),
			spawn_essential_handle: task_manager.spawn_essential_handle(),
			import_queue,
			block_announce_validator_builder: None,
			warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
			block_relay: None,
			metrics,
			gap_sync_body_policy: None,
		})?;

	if config.offchain_worker.enabled {
		let workers = OffchainWorkers::new(OffchainWorkerOptions {
			runtime_api_provider: client.clone(),
			is_validator: config.role.is_authority(),
			keystore: Some(keystore_container.keystore()),
			offchain_db: backend.offchain_storage(),
			transaction_pool: Some(OffchainTransactionPoolFactory::new(transaction_pool.clone())),
			network_provider: Arc::new(network.clone()),
			// No pallet of ours fetches anything, and no future one shall reach out of a validator's network.
			enable_http_requests: false,
			custom_extensions: |_| Vec::new(),
		})
		.map_err(|error| {
			format!(
				"Off-chain workers do not start ({error}); install the system's CA certificates or pass \
				 --offchain-worker never."
			)
		})?;
		task_manager.spawn_handle().spawn(
			"offchain-workers-runner",
			"offchain-worker",
			workers.run(client.clone(), task_manager.spawn_handle()).boxed(),
		);
	}

	let role = config.role;
	let force_authoring = config.force_authoring;
	let finality_enabled = !config.disable_grandpa;
	let node_name = config.network.node_name.clone();
	let prometheus_registry = config.prometheus_registry().cloned();
	let shared_voter_state = SharedVoterState::empty();

	let rpc_builder = {
		let client = client.clone();
		let pool = transaction_pool.clone();
		let shared_voter_state = shared_voter_state.clone();
		let justification_stream = grandpa_link.justification_stream();
		let finality_proofs =
			FinalityProofProvider::new_for_service(backend.clone(), Some(authority_set.clone()));

		Box::new(move |subscription_executor| {
			let grandpa = sc_consensus_grandpa_rpc::Grandpa::new(
				subscription_executor,
				authority_set.clone(),
				shared_voter_state.clone(),
				justification_stream.clone(),
				finality_proofs.clone(),
			);
			rpc::module(client.clone(), pool.clone(), grandpa, authority_set.clone())
				.map_err(|error| Error::Application(error.into()))
		})
	};

	sc_service::spawn_tasks(SpawnTasksParams {
		network: Arc::new(network.clone()),
		client: client.clone(),
		keystore: keystore_container.keystore(),
		task_manager: &mut task_manager,
		transaction_pool: transaction_pool.clone(),
		rpc_builder,
		backend,
		system_rpc_tx,
		tx_handler_controller,
		sync_service: sync_service.clone(),
		config,
		telemetry: telemetry.as_mut(),
		tracing_execute_block: None,
	})?;

	let telemetry = telemetry.as_ref().map(Telemetry::handle);

	if role.is_authority() {
		authoring::start(authoring::Params {
			task_manager: &task_manager,
			client: client.clone(),
			pool: transaction_pool.clone(),
			keystore: &keystore_container,
			select_chain,
			block_import,
			sync_service: sync_service.clone(),
			slot_duration,
			force_authoring,
			prometheus_registry: prometheus_registry.clone(),
			telemetry: telemetry.clone(),
		})?;
	}

	if finality_enabled {
		let config = finality::config(
			role,
			node_name,
			&keystore_container,
			grandpa_protocol,
			telemetry.clone(),
		);
		let voter = sc_consensus_grandpa::run_grandpa_voter(sc_consensus_grandpa::GrandpaParams {
			config,
			link: grandpa_link,
			network,
			sync: sync_service,
			notification_service: grandpa_notifications,
			voting_rule: finality::voting_rule::<FullClient>(),
			prometheus_registry,
			shared_voter_state,
			telemetry,
			offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(transaction_pool),
		})?;
		// Essential: a node that no longer sees finality must stop, not go on and call old blocks the newest final ones.
		task_manager
			.spawn_essential_handle()
			.spawn_blocking("grandpa-voter", None, voter);
	}

	Ok(task_manager)
}
