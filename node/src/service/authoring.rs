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
		backoff_authoring_blocks: Some(backoff()),
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

/// When a validator leaves a slot empty because finality lags.
///
/// Aura would go on for days while too few validators vote, and one day's blocks would wait for a single vote. From 50
/// blocks behind, each validator skips more and more slots, up to 100 seconds of silence: the chain stays alive, nothing
/// piles up, and operators see in the block time what is wrong.
fn backoff() -> BackoffAuthoringOnFinalizedHeadLagging<BlockNumber> {
	BackoffAuthoringOnFinalizedHeadLagging::default()
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

#[cfg(test)]
mod tests {
	use super::*;
	use sc_consensus_slots::BackoffAuthoringBlocksStrategy;
	use sp_consensus_aura::Slot;

	/// The table of docs/validators.md: unfinalised blocks, a block every so many slots of a second, and after how many slots
	/// without finality the chain is there.
	const TABLE: [(BlockNumber, u64, u64); 4] =
		[(51, 1, 51), (100, 26, 700), (150, 51, 2_600), (250, 101, 10_150)];

	/// Whether a validator leaves `slot` empty when block `height`, of `head_slot`, is the best and block 0 the last final one.
	fn skips(height: BlockNumber, head_slot: u64, slot: u64) -> bool {
		backoff().should_backoff(height, Slot::from(head_slot), 0, Slot::from(slot), "aura")
	}

	#[test]
	fn blocks_slow_down_with_the_unfinalised_ones_as_documented() {
		let longest = (1_000, 101, 0);
		for (unfinalised, every, _) in TABLE.into_iter().chain([longest]) {
			let head_slot = 5_000;
			for slot in head_slot + 1..head_slot + every {
				assert!(skips(unfinalised, head_slot, slot), "{unfinalised}, slot {slot}");
			}
			assert!(!skips(unfinalised, head_slot, head_slot + every), "{unfinalised}");
		}
	}

	#[test]
	fn so_many_unfinalised_blocks_take_as_long_as_documented() {
		let (mut height, mut head_slot) = (0, 0);
		let mut reached = Vec::new();
		for slot in 1..=TABLE[3].2 {
			if !skips(height, head_slot, slot) {
				(height, head_slot) = (height + 1, slot);
				reached.push(slot);
			}
		}
		for (unfinalised, _, after) in TABLE {
			assert_eq!(
				reached.get(unfinalised as usize - 1),
				Some(&after),
				"{unfinalised}"
			);
		}
	}

	#[test]
	fn the_slot_after_finality_has_caught_up_is_used() {
		assert!(!backoff().should_backoff(250, Slot::from(5_000), 249, Slot::from(5_001), "aura"));
	}
}
