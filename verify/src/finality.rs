//! From the trusted validators to a block that can not be undone.

use crate::{Header, Refusal, Trust};
use codec::DecodeAll;
use finality_grandpa::{validate_commit, voter_set::VoterSet, Chain, Error as GrandpaError, Message};
use passport_runtime_api::{
	proof::{SetChange, StateProof},
	Hex,
};
use sp_consensus_grandpa::{
	check_message_signature, AuthorityId, AuthorityList, ConsensusLog, GrandpaJustification, ScheduledChange,
	SetId, GRANDPA_ENGINE_ID,
};
use sp_core::H256;
use sp_runtime::generic::OpaqueDigestItemId;
use std::collections::HashMap;

/// A block that can not be undone.
pub(crate) struct Finalised {
	/// Its header.
	pub header: Header,
	/// The validator set that finalised it.
	pub set_id: SetId,
}

/// Follows the validator sets from the trusted one, and checks that the last one finalised the proof's block.
pub(crate) fn check(proof: &StateProof, trust: &Trust) -> Result<Finalised, Refusal> {
	let known_already = trust
		.set_id
		.checked_sub(proof.first_set)
		.ok_or(Refusal::BeginsAfterTrustedSet {
			first: proof.first_set,
			trusted: trust.set_id,
		})?;
	let changes = usize::try_from(known_already)
		.ok()
		.and_then(|known_already| proof.set_changes.get(known_already..))
		.ok_or(Refusal::EndsBeforeTrustedSet {
			last: proof.first_set.saturating_add(proof.set_changes.len() as u64),
			trusted: trust.set_id,
		})?;
	let mut set = ValidatorSet::new(trust.set_id, trust.authorities.clone(), 0)?;
	for change in changes {
		set = set.hand_over(change)?;
	}

	let header = decode(&proof.header)?;
	set.must_be_below(&header)?;
	let mut last = header.clone();
	for child in &proof.ancestry {
		let child = decode(child)?;
		if child.parent_hash != last.hash() {
			return Err(Refusal::BrokenAncestry { block: last.number });
		}
		last = child;
	}
	set.check(&proof.justification, &last)?;
	Ok(Finalised {
		header,
		set_id: set.id,
	})
}

fn decode(header: &Hex) -> Result<Header, Refusal> {
	Header::decode_all(&mut header.0.as_slice()).map_err(|_| Refusal::HeaderEncoding)
}

/// Who votes for the blocks above `named_in`.
struct ValidatorSet {
	id: SetId,
	voters: VoterSet<AuthorityId>,
	/// The block that named the set; 0 for the one that was trusted from the beginning.
	named_in: u32,
}

impl ValidatorSet {
	fn new(id: SetId, authorities: AuthorityList, named_in: u32) -> Result<Self, Refusal> {
		let voters = VoterSet::new(authorities).ok_or(Refusal::PowerlessSet { set: id })?;
		Ok(Self { id, voters, named_in })
	}

	/// The set that this one has finalised the naming of.
	fn hand_over(&self, change: &SetChange) -> Result<Self, Refusal> {
		let header = decode(&change.header)?;
		self.must_be_below(&header)?;
		self.check(&change.justification, &header)?;
		Self::new(
			self.id.saturating_add(1),
			next_authorities(&header)?,
			header.number,
		)
	}

	fn must_be_below(&self, header: &Header) -> Result<(), Refusal> {
		if header.number > self.named_in {
			Ok(())
		} else {
			Err(Refusal::NotAboveItsValidators {
				block: header.number,
				named_in: self.named_in,
			})
		}
	}

	/// That the votes of this set finalise the block of `header`.
	fn check(&self, justification: &Hex, header: &Header) -> Result<(), Refusal> {
		let (set, block) = (self.id, header.number);
		let justification = GrandpaJustification::<Header>::decode_all(&mut justification.0.as_slice())
			.map_err(|_| Refusal::JustificationEncoding { block })?;
		let commit = &justification.commit;
		if (commit.target_hash, commit.target_number) != (header.hash(), block) {
			return Err(Refusal::JustifiesAnotherBlock { block });
		}
		for vote in &commit.precommits {
			let voter = || vote.id.clone();
			if !self.voters.contains(&vote.id) {
				return Err(Refusal::ForeignVote {
					block,
					set,
					voter: voter(),
				});
			}
			let message = Message::Precommit(vote.precommit.clone());
			let signature =
				check_message_signature(&message, &vote.id, &vote.signature, justification.round, set);
			if !signature.is_valid() {
				return Err(Refusal::BadSignature {
					block,
					set,
					voter: voter(),
				});
			}
		}
		// Counts each voter once, and each vote for its block and what the headers show to lie below.
		let ancestry = VotesAncestry::of(&justification.votes_ancestries);
		match validate_commit(commit, &self.voters, &ancestry) {
			Ok(result) if result.is_valid() => Ok(()),
			_ => Err(Refusal::NotFinal { block, set }),
		}
	}
}

/// The validators that a header names: from its children on they vote.
fn next_authorities(header: &Header) -> Result<AuthorityList, Refusal> {
	let block = header.number;
	let logs = || {
		header.digest.logs().iter().filter_map(|item| {
			item.try_to::<ConsensusLog<u32>>(OpaqueDigestItemId::Consensus(&GRANDPA_ENGINE_ID))
		})
	};
	// Takes precedence over a scheduled one, wherever in the header it stands.
	if logs().any(|log| matches!(log, ConsensusLog::ForcedChange(..))) {
		return Err(Refusal::ForcedSetChange { block });
	}
	let ScheduledChange {
		next_authorities,
		delay,
	} = logs()
		.find_map(ConsensusLog::try_into_change)
		.ok_or(Refusal::NoSetChange { block })?;
	if delay != 0 {
		return Err(Refusal::DelayedSetChange { block });
	}
	Ok(next_authorities)
}

/// The headers between the blocks that were voted for: parent by child.
struct VotesAncestry(HashMap<H256, H256>);

impl VotesAncestry {
	fn of(headers: &[Header]) -> Self {
		Self(
			headers
				.iter()
				.map(|header| (header.hash(), header.parent_hash))
				.collect(),
		)
	}
}

impl Chain<H256, u32> for VotesAncestry {
	fn ancestry(&self, base: H256, block: H256) -> Result<Vec<H256>, GrandpaError> {
		let mut route = Vec::new();
		let mut current = block;
		// Ends: a header that led back to itself would be a collision of BLAKE2b-256.
		while current != base {
			current = *self.0.get(&current).ok_or(GrandpaError::NotDescendent)?;
			route.push(current);
		}
		route.pop();
		Ok(route)
	}
}
