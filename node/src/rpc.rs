//! The JSON-RPC methods that this node adds to those of every Substrate node.

mod passport;

use crate::{
	block::{AccountId, Block, BlockNumber, Hash, Nonce},
	service::{FullBackend, FullClient, FullPool},
};
use jsonrpsee::{core::RegisterMethodError, RpcModule};
use passport::{NodeRecords, PassportApiServer, Passports, ProofApiServer, Proofs, TelemetryProofApiServer};
use sc_consensus_grandpa::{FinalityProofProvider, SharedAuthoritySet, SharedVoterState};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use std::sync::Arc;
use substrate_frame_rpc_system::{System, SystemApiServer};

/// What serves `grandpa_*`.
pub type GrandpaRpc = Grandpa<
	SharedAuthoritySet<Hash, BlockNumber>,
	SharedVoterState,
	Block,
	FinalityProofProvider<FullBackend, Block>,
>;

/// The methods `system_accountNextIndex` and `system_dryRun`, `grandpa_*` and `passport_*`.
pub fn module(
	client: Arc<FullClient>,
	pool: Arc<FullPool>,
	grandpa: GrandpaRpc,
	authority_set: SharedAuthoritySet<Hash, BlockNumber>,
) -> Result<RpcModule<()>, RegisterMethodError> {
	let mut module = RpcModule::new(());
	module.merge(SystemApiServer::<Hash, AccountId, Nonce>::into_rpc(System::new(
		client.clone(),
		pool,
	)))?;
	module.merge(grandpa.into_rpc())?;
	module.merge(Passports::new(client.clone()).into_rpc())?;
	let records = NodeRecords::new(client.clone(), authority_set);
	let proofs = Proofs::new(client, records);
	module.merge(ProofApiServer::into_rpc(proofs.clone()))?;
	module.merge(TelemetryProofApiServer::into_rpc(proofs))?;
	Ok(module)
}
