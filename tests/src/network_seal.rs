//! Who wrote a block and who voted for it, read from the block and its justification as an auditor would.

use anyhow::{bail, ensure, Context, Result};
use subxt::{
	config::{
		substrate::{BlakeTwo256, ConsensusEngineId, DigestItem, SubstrateHeader},
		Hasher,
	},
	ext::codec::{Decode, Encode},
	utils::H256,
};
use subxt_signer::sr25519::{self, PublicKey, Signature};

/// A header of this chain.
pub type Header = SubstrateHeader<H256>;

/// A public key as it stands in a list of authorities.
pub type AuthorityKey = [u8; 32];

/// Name of Aura in digests.
const AURA: ConsensusEngineId = *b"aura";

/// The slot that a block was made for: seconds since 1970, with a block a second.
pub fn slot(header: &Header) -> Result<u64> {
	let slot = header.digest.logs.iter().find_map(|item| match item {
		DigestItem::PreRuntime(AURA, slot) => Some(slot),
		_ => None,
	});
	Ok(u64::decode(
		&mut slot.context("a block without a slot")?.as_slice(),
	)?)
}

/// The place of a block's author in the list of authorities, from the slot and held against the seal.
pub fn author(header: &Header, authorities: &[AuthorityKey]) -> Result<usize> {
	ensure!(!authorities.is_empty(), "no authorities");
	let turn = (slot(header)? % authorities.len() as u64) as usize;
	let mut unsealed = header.clone();
	let Some(DigestItem::Seal(AURA, seal)) = unsealed.digest.logs.pop() else {
		bail!("block {} has no seal", header.number);
	};
	let seal = Signature(seal.try_into().ok().context("a seal of another length")?);
	let signed = BlakeTwo256.hash(&unsealed.encode());
	ensure!(
		sr25519::verify(&seal, signed, &PublicKey(authorities[turn])),
		"block {} is not sealed by whose turn it was",
		header.number
	);
	Ok(turn)
}

/// Block and vote as they stand in a justification: what is voted for, signature, voter.
type SignedVote = ((H256, u32), [u8; 64], AuthorityKey);

/// Number of the block that a justification of GRANDPA makes final, and who signed.
pub fn voters(justification: &[u8]) -> Result<(u32, Vec<AuthorityKey>)> {
	// Round, block, votes. What follows are headers between that block and those voted for.
	let (_, (_, number), votes): (u64, (H256, u32), Vec<SignedVote>) = Decode::decode(&mut &*justification)?;
	Ok((number, votes.into_iter().map(|(.., voter)| voter).collect()))
}
