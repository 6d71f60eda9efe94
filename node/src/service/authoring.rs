//! Making blocks: Aura, one validator after the other, one slot each.

use super::{AuraPair, FullBlockImport, FullClient, FullPool, FullSelectChain};
use crate::block::{Block, BlockNumber};
use sc_basic_authorship::ProposerFactory;
use sc_consensus::JustificationSyncLink;
use sc_consensus_aura::{CompatibilityMode, SlotDuration, SlotProportion, StartAuraParams, SyncOracle};
use sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging;
use sc_service::{error::Error, KeystoreContainer, TaskManager};
use sc_telemetry::TelemetryHandle;
use sp_consensus_aura::inherents::InherentDataProvider as SlotProvider;
use sp_timestamp::InherentDataProvider as TimestampProvider;
use std::sync::Arc;
use substrate_prometheus_endpoint::Registry;

/// The share of a slot that a validator may spend on filling its block. The rest of the slot belongs to the block's way
/// to the others: who makes the next one should have executed this one before.
const PROPOSAL_PORTION: f32 = 2.0 / 3.0;

/// What making blocks needs of the rest of the node.
pub struct Params<'a, S> {
	pub task_manager: &'a TaskManager,
	pub client: Arc<FullClient>,
	pub pool: Arc<FullPool>,
	pub keystore: &'a KeystoreContainer,
	pub select_chain: FullSelectChain,
	pub block_import: FullBlockImport,
	pub sync_service: S,
	pub slot_duration: SlotDuration,
	pub force_authoring: bool,
	pub prometheus_registry: Option<Registry>,
	pub telemetry: Option<TelemetryHandle>,
}

/// Starts to claim the slots for which the keystore has a key.
pub fn start<S>(params: Params<'_, S>) -> Result<(), Error>
where
	S: SyncOracle + JustificationSyncLink<Block> + Clone + Send + Sync + 'static,
{
	let proposer_factory = ProposerFactory::new(
		params.task_manager.spawn_handle(),
		params.client.clone(),
		params.pool,
		params.prometheus_registry.as_ref(),
		params.telemetry.clone(),
	);
	let slot_duration = params.slot_duration;

	let worker = sc_consensus_aura::start_aura::<AuraPair, _, _, _, _, _, _, _, _, _, _>(StartAuraParams {
		slot_duration,
		client: params.client,
		select_chain: params.select_chain,
		block_import: params.block_import,
		proposer_factory,
		sync_oracle: params.sync_service.clone(),
		justification_sync_link: params.sync_service,
		create_inherent_data_providers: move |_, ()| inherent_data(slot_duration),
		force_authoring: params.force_authoring,
		// Aura would go on for days while too few validators vote, and one day's blocks would wait for a single vote.
		// From 50 blocks behind, each validator skips more and more slots, up to 100 seconds of silence: the chain
		// stays alive, nothing piles up, and operators see in the block time what is wrong.
		backoff_authoring_blocks: Some(BackoffAuthoringOnFinalizedHeadLagging::<BlockNumber>::default()),
		keystore: params.keystore.keystore(),
		block_proposal_slot_portion: SlotProportion::new(PROPOSAL_PORTION),
		max_block_proposal_slot_portion: None,
		telemetry: params.telemetry,
		compatibility_mode: CompatibilityMode::None,
	})?;

	// Essential: a validator that no longer makes blocks must stop and be noticed.
	params
		.task_manager
		.spawn_essential_handle()
		.spawn_blocking("aura", Some("block-authoring"), worker);
	Ok(())
}

/// What a block says about the outside world: the time, and the slot which that time falls into.
pub async fn inherent_data(
	slot_duration: SlotDuration,
) -> Result<(SlotProvider, TimestampProvider), Box<dyn std::error::Error + Send + Sync>> {
	let timestamp = TimestampProvider::from_system_time();
	Ok((
		SlotProvider::from_timestamp_and_slot_duration(*timestamp, slot_duration),
		timestamp,
	))
}
