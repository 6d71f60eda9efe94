//! `passport_proof`: what a verifier needs to check a passport without trusting the node that answered. What is proved of devices
//! and anchors stands in `telemetry_proof.rs`, on the same ground.
//!
//! The proved block is final by a justification that GRANDPA's voters signed. They sign one block for all below it, and the
//! database keeps the justification of the newest one, of one block in 64, and of each block that changes the voters. So a proof
//! is of the newest justified block unless another one is asked for; then the headers up to the next kept justification are part
//! of it.

#[cfg(test)]
pub(super) mod tests;

use super::{answer::Answer, argument::PassportReference, error::Error};
use crate::{
	block::{Block, BlockNumber, Hash},
	service::FullClient,
};
use codec::Encode;
use jsonrpsee::proc_macros::rpc;
use passport_primitives::battery::PassportId;
use passport_runtime_api::{
	proof::{proved_keys, PassportProof, SetChange, StateProof, MAX_ANCESTRY},
	Hex, PassportLedgerApi,
};
use sc_client_api::{BlockBackend, ProofProvider};
use sc_consensus_grandpa::{
	best_justification, find_scheduled_change, SharedAuthoritySet, GRANDPA_ENGINE_ID,
};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_consensus_grandpa::SetId;
use sp_runtime::traits::Block as BlockT;
use std::sync::Arc;

type Header = <Block as BlockT>::Header;

/// The method. `passport` is a passport id (0x and 64 hex digits), a unique identifier, or an alias.
#[rpc(server)]
pub trait ProofApi {
	/// Proof of what the ledger held under a passport's key at a final block: the passport, its tombstone, or nothing.
	///
	/// Without `at` the block is the newest one whose justification is known. A name that nothing goes by is taken for a
	/// unique identifier, of which the absence is proved. Nothing proves where an alias leads: who wants to trust nobody
	/// asks by the unique identifier. `from_set` leaves out the changes of the validator set before the one that the
	/// verifier trusts; without it they begin with the genesis.
	#[method(name = "passport_proof", blocking)]
	fn proof(
		&self,
		passport: String,
		at: Option<Hash>,
		from_set: Option<SetId>,
	) -> Result<Answer<PassportProof>, Error>;
}

/// What the database keeps beside headers: justifications, the changes of the validator set, and the state's trie.
pub trait Records {
	/// The justification that is kept with a block, SCALE.
	fn justification(&self, block: Hash) -> sp_blockchain::Result<Option<Vec<u8>>>;

	/// The newest justified block and its justification, SCALE.
	fn newest_justification(&self) -> sp_blockchain::Result<Option<(Hash, Vec<u8>)>>;

	/// Each change of the validator set: the number of the set and its last block, in order. `None` while some are not known
	/// yet: a node that has warp synced learns them with the old blocks.
	fn set_changes(&self) -> Option<Vec<(SetId, BlockNumber)>>;

	/// The trie nodes that lead from a block's state root to these keys.
	fn read_proof(&self, block: Hash, keys: &[&[u8]]) -> sp_blockchain::Result<Vec<Vec<u8>>>;
}

/// The records of a running node.
#[derive(Clone)]
pub struct NodeRecords {
	client: Arc<FullClient>,
	authority_set: SharedAuthoritySet<Hash, BlockNumber>,
}

impl NodeRecords {
	/// Of this client, whose validator set GRANDPA keeps there.
	pub fn new(client: Arc<FullClient>, authority_set: SharedAuthoritySet<Hash, BlockNumber>) -> Self {
		Self {
			client,
			authority_set,
		}
	}
}

impl Records for NodeRecords {
	fn justification(&self, block: Hash) -> sp_blockchain::Result<Option<Vec<u8>>> {
		Ok(self
			.client
			.justifications(block)?
			.and_then(|justifications| justifications.into_justification(GRANDPA_ENGINE_ID)))
	}

	fn newest_justification(&self) -> sp_blockchain::Result<Option<(Hash, Vec<u8>)>> {
		let newest = best_justification::<_, Block>(&*self.client)?;
		Ok(newest.map(|justification| (justification.target().1, justification.encode())))
	}

	fn set_changes(&self) -> Option<Vec<(SetId, BlockNumber)>> {
		// Read first: a set that begins meanwhile makes the list longer than this number, never shorter.
		let current = self.authority_set.set_id();
		let changes = self.authority_set.authority_set_changes();
		let changes: Vec<_> = changes.iter_from(0)?.copied().collect();
		let complete =
			changes.len() as u64 >= current && (0..).zip(&changes).all(|(id, (set, _))| id == *set);
		complete.then_some(changes)
	}

	fn read_proof(&self, block: Hash, keys: &[&[u8]]) -> sp_blockchain::Result<Vec<Vec<u8>>> {
		let proof = self.client.read_proof(block, &mut keys.iter().copied())?;
		Ok(proof.into_iter_nodes().collect())
	}
}

/// Serves [`ProofApiServer`] and [`TelemetryProofApiServer`](super::TelemetryProofApiServer).
pub struct Proofs<Client, Kept> {
	client: Arc<Client>,
	records: Kept,
}

// Derived it would ask the client to be cloned, which is shared.
impl<Client, Kept: Clone> Clone for Proofs<Client, Kept> {
	fn clone(&self) -> Self {
		Self {
			client: self.client.clone(),
			records: self.records.clone(),
		}
	}
}

/// A final block, and what shows that it is final.
struct Justified {
	header: Header,
	ancestry: Vec<Hex>,
	justification: Vec<u8>,
}

impl<Client, Kept> Proofs<Client, Kept>
where
	Client: ProvideRuntimeApi<Block> + HeaderBackend<Block>,
	Client::Api: PassportLedgerApi<Block>,
	Kept: Records,
{
	/// Serves from `client` and what is kept beside its headers.
	pub fn new(client: Arc<Client>, records: Kept) -> Self {
		Self { client, records }
	}

	fn header(&self, block: Hash) -> Result<Header, Error> {
		self.client
			.header(block)?
			.ok_or_else(|| Error::BlockUnknown(format!("block {block:?} is unknown here")))
	}

	fn final_header(&self, number: BlockNumber) -> Result<Header, Error> {
		match self.client.hash(number)? {
			Some(hash) => self.header(hash),
			None => Err(Error::BlockUnknown(format!("block {number} is unknown here"))),
		}
	}

	/// The newest justified block.
	fn newest_justified(&self) -> Result<Justified, Error> {
		let (block, justification) = self
			.records
			.newest_justification()?
			.ok_or_else(|| Error::NotProvable("this node has seen no block become final".into()))?;
		Ok(Justified {
			header: self.header(block)?,
			ancestry: Vec::new(),
			justification,
		})
	}

	/// This block, by the first justification at or above it.
	fn justified(&self, block: Hash) -> Result<Justified, Error> {
		let header = self.header(block)?;
		let number = header.number;
		if number == 0 {
			return Err(Error::NotProvable(
				"block 0 is what a verifier begins with: ask for a later block".into(),
			));
		}
		let newest = self.newest_justified()?;
		// A height below a final one is not enough: the block may lie on a fork that lost.
		if number > newest.header.number || self.client.hash(number)? != Some(block) {
			return Err(Error::NotProvable(format!("block {block:?} is not final")));
		}
		let mut ancestry = Vec::new();
		let mut above = header.clone();
		while above.number < newest.header.number {
			if let Some(justification) = self.records.justification(above.hash())? {
				return Ok(Justified {
					header,
					ancestry,
					justification,
				});
			}
			if ancestry.len() == MAX_ANCESTRY as usize {
				return Err(Error::NotProvable(format!(
					"no justification is kept of block {number} nor of the {MAX_ANCESTRY} above it: the newest one is of block {}",
					newest.header.number
				)));
			}
			above = self.final_header(above.number + 1)?;
			ancestry.push(Hex(above.encode()));
		}
		Ok(Justified {
			header,
			ancestry,
			justification: newest.justification,
		})
	}

	/// The set that the changes begin with, and the changes up to the set that finalised `number`.
	fn set_changes(
		&self,
		number: BlockNumber,
		from_set: Option<SetId>,
	) -> Result<(SetId, Vec<SetChange>), Error> {
		let changes = self.records.set_changes().ok_or_else(|| {
			Error::NotProvable(
				"this node has not fetched all changes of the validator set yet: ask again later, or another one".into(),
			)
		})?;
		// A set finalises its last block itself, the one that names the next.
		let below: Vec<_> = changes.into_iter().filter(|(_, last)| *last < number).collect();
		let finalised_by = below.last().map_or(0, |(set, _)| set + 1);
		let mut first_set = from_set.unwrap_or(0);
		if first_set > finalised_by {
			return Err(Error::Malformed(format!(
				"block {number} was finalised by validator set {finalised_by}, before set {first_set}"
			)));
		}
		let mut proved = Vec::new();
		let asked_from = first_set;
		let mut named_in = 0;
		for (set, last) in below {
			// A change by force is recorded with the last block that was final before it. Where the set never finalised any,
			// that is the block that named it, whose hand-over is the one of the set before.
			let finalised_none = last <= named_in;
			named_in = last;
			if set < asked_from {
				continue;
			}
			let header = self.final_header(last)?;
			if finalised_none || find_scheduled_change::<Block>(&header).is_none() {
				// Changed by force: no set before it vouches for the one after it.
				first_set = set + 1;
				proved.clear();
				continue;
			}
			let justification = self.records.justification(header.hash())?.ok_or_else(|| {
				Error::NotProvable(format!(
					"this node does not have the justification of block {last}, which changed the validator set: ask another one"
				))
			})?;
			proved.push(SetChange {
				header: Hex(header.encode()),
				justification: Hex(justification),
			});
		}
		Ok((first_set, proved))
	}

	/// The proof of a final block's state, the newest justified one's without `at`.
	///
	/// `read` says what it is about, by the runtime of that block, and the keys that it covers.
	pub(super) fn prove<T>(
		&self,
		at: Option<Hash>,
		from_set: Option<SetId>,
		read: impl FnOnce(&Client::Api, Hash) -> Result<(T, Vec<Vec<u8>>), Error>,
	) -> Result<Answer<(T, StateProof)>, Error> {
		let Justified {
			header,
			ancestry,
			justification,
		} = match at {
			Some(block) => self.justified(block)?,
			None => self.newest_justified()?,
		};
		let block = header.hash();
		let (subject, keys) = read(&self.client.runtime_api(), block)?;
		let keys: Vec<_> = keys.iter().map(Vec::as_slice).collect();
		let nodes = self.records.read_proof(block, &keys)?;
		let (first_set, set_changes) = self.set_changes(header.number, from_set)?;
		let proof = StateProof {
			header: Hex(header.encode()),
			storage_proof: nodes.into_iter().map(Hex).collect(),
			ancestry,
			justification: Hex(justification),
			first_set,
			set_changes,
		};
		Ok(Answer {
			at: block,
			block_number: header.number,
			finalised: true,
			value: (subject, proof),
		})
	}
}

impl<Client, Kept> ProofApiServer for Proofs<Client, Kept>
where
	Client: ProvideRuntimeApi<Block> + HeaderBackend<Block> + Send + Sync + 'static,
	Client::Api: PassportLedgerApi<Block>,
	Kept: Records + Send + Sync + 'static,
{
	fn proof(
		&self,
		passport: String,
		at: Option<Hash>,
		from_set: Option<SetId>,
	) -> Result<Answer<PassportProof>, Error> {
		let reference = PassportReference::parse(&passport)?;
		let proved = self.prove(at, from_set, |api, block| {
			let passport = reference
				.resolve(api, block)?
				.unwrap_or_else(|| PassportId(sp_io::hashing::sha2_256(passport.as_bytes())));
			let keys = proved_keys(&passport);
			Ok((
				passport,
				vec![keys.passport, keys.tombstone, keys.genesis_hash, keys.time],
			))
		})?;
		Ok(proved.map(|(passport, state)| PassportProof {
			passport_id: passport.0.into(),
			state,
		}))
	}
}
