//! `passport_deviceProof` and `passport_anchorProof`: what a verifier needs to check a device's history, and a frame in an anchored
//! batch, without trusting the node that answered. Which block is proved, and by what, `proof.rs` says.
//!
//! Neither proves that something is not there: who asks for a device or an anchor that the block does not have is told so.

#[cfg(test)]
mod tests;

use super::{
	answer::Answer,
	argument::{OrganisationArgument, OrganisationReference},
	error::Error,
	find_anchor, find_device, of_member,
	proof::{Proofs, Records},
};
use crate::block::{Block, Hash};
use jsonrpsee::proc_macros::rpc;
use passport_primitives::telemetry::anchor::AnchorId;
use passport_runtime_api::{
	proof::{anchor_key, device_keys, AnchorProof, DeviceKeys, DeviceProof},
	PassportLedgerApi,
};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_consensus_grandpa::SetId;

/// The methods. `at` and `from_set` are those of `passport_proof`.
#[rpc(server)]
pub trait TelemetryProofApi {
	/// Proof of a device at a final block: its battery, who signs for it, all its keys, and the rolling hash over its frames.
	#[method(name = "passport_deviceProof", blocking)]
	fn device_proof(
		&self,
		device: u32,
		at: Option<Hash>,
		from_set: Option<SetId>,
	) -> Result<Answer<DeviceProof>, Error>;

	/// Proof of an anchored batch at a final block, and of a device that has frames in it. The bridge is named as for
	/// `passport_organisation`.
	#[method(name = "passport_anchorProof", blocking)]
	fn anchor_proof(
		&self,
		bridge: OrganisationArgument,
		stream: u32,
		number: u64,
		device: u32,
		at: Option<Hash>,
		from_set: Option<SetId>,
	) -> Result<Answer<AnchorProof>, Error>;
}

fn listed(keys: DeviceKeys) -> Vec<Vec<u8>> {
	vec![keys.page, keys.former_keys, keys.genesis_hash, keys.time]
}

impl<Client, Kept> TelemetryProofApiServer for Proofs<Client, Kept>
where
	Client: ProvideRuntimeApi<Block> + HeaderBackend<Block> + Send + Sync + 'static,
	Client::Api: PassportLedgerApi<Block>,
	Kept: Records + Send + Sync + 'static,
{
	fn device_proof(
		&self,
		device: u32,
		at: Option<Hash>,
		from_set: Option<SetId>,
	) -> Result<Answer<DeviceProof>, Error> {
		let proved = self.prove(at, from_set, |api, block| {
			find_device(api, block, device)?;
			Ok((device, listed(device_keys(device))))
		})?;
		Ok(proved.map(|(device, state)| DeviceProof { device, state }))
	}

	fn anchor_proof(
		&self,
		bridge: OrganisationArgument,
		stream: u32,
		number: u64,
		device: u32,
		at: Option<Hash>,
		from_set: Option<SetId>,
	) -> Result<Answer<AnchorProof>, Error> {
		let reference = OrganisationReference::try_from(bridge)?;
		let proved = self.prove(at, from_set, |api, block| {
			let anchor = AnchorId {
				bridge: of_member(&reference, api, block, |bridge| Ok(Some(bridge)))?,
				stream,
				number,
			};
			find_anchor(api, block, &anchor)?;
			find_device(api, block, device)?;
			let mut keys = listed(device_keys(device));
			keys.push(anchor_key(&anchor));
			Ok((anchor, keys))
		})?;
		Ok(proved.map(|(anchor, state)| AnchorProof {
			bridge: anchor.bridge,
			stream: anchor.stream,
			number: anchor.number,
			device,
			state,
		}))
	}
}
