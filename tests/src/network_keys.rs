//! Session keys as an operator makes and sets them: steps 3 to 5 of "Adding a validator" in `docs/validators.md`.

use crate::{
	network_rpc::{bytes, Rpc},
	network_seal::AuthorityKey,
};
use anyhow::{ensure, Context, Result};
use passport_client::{api::runtime_types as types, Keypair};
use serde::Deserialize;
use serde_json::json;
use types::passport_runtime::RuntimeCall;

/// Bytes of a signature by one of the two keys.
const SIGNATURE_BYTES: usize = 64;

/// Keys that a node has made, with a proof that it has them.
#[derive(Clone, Debug)]
pub struct SessionKeys {
	/// Public key of what seals blocks.
	pub aura: AuthorityKey,
	/// Public key of what signs votes.
	pub grandpa: AuthorityKey,
	/// A signature by each over `POP_` and the account, one after the other; none where the keys were made for no account.
	pub proof: Vec<u8>,
}

/// What `author_rotateKeysWithOwner` answers.
#[derive(Deserialize)]
struct Made {
	keys: String,
	proof: String,
}

impl SessionKeys {
	/// Has a node make keys for an account. Its JSON-RPC has to answer unsafe methods.
	pub async fn make(rpc: &Rpc, owner: &Keypair) -> Result<Self> {
		let owner = format!("0x{}", hex::encode(owner.public_key().0));
		let made: Made = rpc.ask("author_rotateKeysWithOwner", json!([owner])).await?;
		let proof = bytes(&made.proof)?;
		ensure!(
			proof.len() == 2 * SIGNATURE_BYTES,
			"a proof of {} bytes",
			proof.len()
		);
		Self::from_answer(&made.keys, proof)
	}

	/// Has a node make keys for no account, as `author_rotateKeys` does: there is no proof with them.
	pub async fn make_for_nobody(rpc: &Rpc) -> Result<Self> {
		let keys: String = rpc.ask("author_rotateKeys", json!([])).await?;
		Self::from_answer(&keys, Vec::new())
	}

	fn from_answer(keys: &str, proof: Vec<u8>) -> Result<Self> {
		let keys = bytes(keys)?;
		let (aura, grandpa) = keys
			.split_at_checked(size_of::<AuthorityKey>())
			.context("session keys that are too short")?;
		Ok(SessionKeys {
			aura: aura.try_into()?,
			grandpa: grandpa.try_into()?,
			proof,
		})
	}

	/// `session.set_keys`, for the account to send.
	pub fn set(&self) -> RuntimeCall {
		RuntimeCall::Session(types::pallet_session::pallet::Call::set_keys {
			keys: types::passport_runtime::SessionKeys {
				aura: types::sp_consensus_aura::sr25519::app_sr25519::Public(self.aura),
				grandpa: types::sp_consensus_grandpa::app::Public(self.grandpa),
			},
			proof: self.proof.clone(),
		})
	}

	/// Whether a node has both keys.
	pub async fn are_held_by(&self, rpc: &Rpc) -> Result<bool> {
		let keys = format!("0x{}", hex::encode([self.aura, self.grandpa].concat()));
		rpc.ask("author_hasSessionKeys", json!([keys])).await
	}
}
