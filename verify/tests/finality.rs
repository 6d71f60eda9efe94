//! What votes and headers prove, and what they do not.

#![allow(clippy::unwrap_used)]

mod network;

use codec::{Decode, Encode};
use network::{
	after_a_set_change, authorities, block_100, bytes, children, justification, justification_of, live, log,
	scheduled, set_change, trust, vote, FIRST_SET, SECOND_SET,
};
use passport_runtime_api::{proof::PassportProof, Hex};
use passport_verify::{verify, Header, Record, Refusal, Trust};
use sp_consensus_grandpa::{AuthorityId, ConsensusLog, GrandpaJustification, ScheduledChange};
use sp_core::H256;
use sp_keyring::Ed25519Keyring::{Alice, Bob, Charlie, Dave, Eve, Ferdie};

const NOT_FINAL: Refusal = Refusal::NotFinal { block: 100, set: 0 };

#[test]
fn three_of_four_finalise_and_two_do_not() {
	let (header, mut proof) = block_100(&live());
	for (voters, proven) in [
		(vec![Alice, Bob, Charlie, Dave], true),
		(vec![Bob, Charlie, Dave], true),
		(vec![Alice, Bob], false),
		(vec![], false),
	] {
		proof.state.justification = justification(&header, 0, &voters);
		let result = verify(&proof, &trust()).map(|_| ());
		assert_eq!(result, if proven { Ok(()) } else { Err(NOT_FINAL) }, "{voters:?}");
	}
}

#[test]
fn a_vote_that_is_there_twice_counts_once() {
	let (header, mut proof) = block_100(&live());
	proof.state.justification = justification(&header, 0, &[Alice, Bob, Bob, Bob]);
	assert_eq!(verify(&proof, &trust()), Err(NOT_FINAL));
}

#[test]
fn a_vote_weighs_what_the_set_says() {
	let mut trust = trust();
	trust.authorities[0].1 = 10;
	let (header, mut proof) = block_100(&live());
	proof.state.justification = justification(&header, 0, &[Bob, Charlie, Dave]);
	assert_eq!(verify(&proof, &trust), Err(NOT_FINAL));
	proof.state.justification = justification(&header, 0, &[Alice]);
	verify(&proof, &trust).unwrap();
}

#[test]
fn a_signature_is_checked() {
	let (header, mut proof) = block_100(&live());
	let mut votes: Vec<_> = FIRST_SET.iter().map(|voter| vote(*voter, &header, 0)).collect();
	votes[2].signature = votes[1].signature.clone();
	proof.state.justification = justification_of(&header, votes, Vec::new());
	assert_eq!(
		verify(&proof, &trust()),
		Err(Refusal::BadSignature {
			block: 100,
			set: 0,
			voter: Charlie.public().into(),
		})
	);
}

#[test]
fn votes_of_another_set_are_refused() {
	let (header, mut proof) = block_100(&live());
	// Others than the set.
	proof.state.justification = justification(&header, 0, &[Alice, Bob, Eve]);
	assert_eq!(
		verify(&proof, &trust()),
		Err(Refusal::ForeignVote {
			block: 100,
			set: 0,
			voter: AuthorityId::from(Eve.public()),
		})
	);
	// The same validators, but as a set before or after.
	for other in [1, u64::MAX] {
		proof.state.justification = justification(&header, other, &FIRST_SET);
		assert_eq!(
			verify(&proof, &trust()),
			Err(Refusal::BadSignature {
				block: 100,
				set: 0,
				voter: Alice.public().into(),
			})
		);
	}
}

#[test]
fn a_justification_of_another_block_is_refused() {
	let (header, mut proof) = block_100(&live());
	let child = &children(&header, 1)[0];
	proof.state.justification = justification(child, 0, &FIRST_SET);
	assert_eq!(
		verify(&proof, &trust()),
		Err(Refusal::JustifiesAnotherBlock { block: 100 })
	);
}

#[test]
fn votes_for_descendants_count_if_the_headers_show_it() {
	let (header, mut proof) = block_100(&live());
	let above = children(&header, 3);
	let votes = || {
		vec![
			vote(Alice, &header, 0),
			vote(Bob, &above[0], 0),
			vote(Dave, &above[2], 0),
		]
	};
	proof.state.justification = justification_of(&header, votes(), above.clone());
	verify(&proof, &trust()).unwrap();
	proof.state.justification = justification_of(&header, votes(), vec![above[0].clone(), above[2].clone()]);
	assert_eq!(verify(&proof, &trust()), Err(NOT_FINAL));
}

#[test]
fn a_block_is_proven_by_a_justification_above_it() {
	let (header, mut proof) = block_100(&live());
	let above = children(&header, 5);
	proof.state.ancestry = bytes(&above);
	proof.state.justification = justification(&above[4], 0, &[Alice, Bob, Charlie]);
	let proven = verify(&proof, &trust()).unwrap();
	assert_eq!(proven.block.number, 100);
	assert!(matches!(proven.passport, Record::Live { .. }));
}

#[test]
fn ancestry_with_a_gap_or_from_a_fork_is_refused() {
	let (header, mut proof) = block_100(&live());
	let above = children(&header, 5);
	proof.state.justification = justification(&above[4], 0, &FIRST_SET);

	let mut gap = above.clone();
	gap.remove(2);
	proof.state.ancestry = bytes(&gap);
	assert_eq!(
		verify(&proof, &trust()),
		Err(Refusal::BrokenAncestry { block: 102 })
	);

	let (fork, _) = block_100(&network::ceased());
	proof.state.ancestry = bytes(&children(&fork, 5));
	assert_eq!(
		verify(&proof, &trust()),
		Err(Refusal::BrokenAncestry { block: 100 })
	);

	// Cut off below the justified block.
	proof.state.ancestry = bytes(&above[..4]);
	assert_eq!(
		verify(&proof, &trust()),
		Err(Refusal::JustifiesAnotherBlock { block: 104 })
	);
}

#[test]
fn the_next_set_finalises_after_the_first_has_handed_over() {
	let (_, proof) = after_a_set_change(&live());
	assert_eq!(verify(&proof, &trust()).unwrap().block.set_id, 1);
}

#[test]
fn two_changes_are_followed_in_order() {
	let (header, mut proof) = after_a_set_change(&live());
	proof.state.set_changes.push(set_change(
		80,
		vec![scheduled(&FIRST_SET)],
		1,
		&[Bob, Charlie, Eve],
	));
	proof.state.justification = justification(&header, 2, &[Alice, Bob, Dave]);
	assert_eq!(verify(&proof, &trust()).unwrap().block.set_id, 2);

	let mut swapped = proof.clone();
	swapped.state.set_changes.swap(0, 1);
	assert!(verify(&swapped, &trust()).is_err());
	let mut first_is_missing = proof;
	first_is_missing.state.set_changes.remove(0);
	assert!(verify(&first_is_missing, &trust()).is_err());
}

#[test]
fn a_set_that_has_handed_over_finalises_nothing_more() {
	let (header, mut proof) = after_a_set_change(&live());
	proof.state.justification = justification(&header, 1, &[Alice, Bob, Charlie, Dave]);
	assert!(matches!(
		verify(&proof, &trust()),
		Err(Refusal::ForeignVote { set: 1, .. })
	));
	// With its own number neither.
	proof.state.justification = justification(&header, 0, &[Bob, Charlie]);
	assert!(matches!(
		verify(&proof, &trust()),
		Err(Refusal::BadSignature { set: 1, .. })
	));
}

#[test]
fn a_set_does_not_appoint_itself() {
	let (_, mut proof) = after_a_set_change(&live());
	proof.state.set_changes = vec![set_change(60, vec![scheduled(&SECOND_SET)], 0, &SECOND_SET)];
	assert!(matches!(
		verify(&proof, &trust()),
		Err(Refusal::ForeignVote {
			block: 60,
			set: 0,
			..
		})
	));
	// Nor by two of four.
	proof.state.set_changes = vec![set_change(60, vec![scheduled(&SECOND_SET)], 0, &[Alice, Bob])];
	assert_eq!(
		verify(&proof, &trust()),
		Err(Refusal::NotFinal { block: 60, set: 0 })
	);
}

#[test]
fn a_block_that_should_change_the_set_must_do_so() {
	let change = |delay| {
		ConsensusLog::ScheduledChange(ScheduledChange {
			next_authorities: authorities(&SECOND_SET),
			delay,
		})
	};
	let forced = ConsensusLog::ForcedChange(
		3,
		ScheduledChange {
			next_authorities: authorities(&SECOND_SET),
			delay: 0,
		},
	);
	let block = 60;
	for (logs, refusal) in [
		(vec![], Refusal::NoSetChange { block }),
		(vec![log(&ConsensusLog::Pause(0))], Refusal::NoSetChange { block }),
		(vec![log(&change(1))], Refusal::DelayedSetChange { block }),
		(
			vec![log(&change(0)), log(&forced)],
			Refusal::ForcedSetChange { block },
		),
		(vec![scheduled(&[])], Refusal::PowerlessSet { set: 1 }),
	] {
		let (_, mut proof) = after_a_set_change(&live());
		proof.state.set_changes = vec![set_change(block, logs, 0, &FIRST_SET)];
		assert_eq!(verify(&proof, &trust()), Err(refusal));
	}
}

#[test]
fn a_block_below_its_validators_is_refused() {
	let (_, mut proof) = after_a_set_change(&live());
	proof.state.set_changes = vec![set_change(100, vec![scheduled(&SECOND_SET)], 0, &FIRST_SET)];
	assert_eq!(
		verify(&proof, &trust()),
		Err(Refusal::NotAboveItsValidators {
			block: 100,
			named_in: 100
		})
	);
}

#[test]
fn trust_can_begin_with_a_later_set() {
	let second = Trust {
		set_id: 1,
		authorities: authorities(&SECOND_SET),
		..trust()
	};
	// Of a proof from the genesis on, what lies before is not looked at.
	let (_, mut proof) = after_a_set_change(&live());
	proof.state.set_changes[0].justification = Hex(Vec::new());
	verify(&proof, &second).unwrap();
	// A proof that begins with it.
	proof.state.set_changes.clear();
	proof.state.first_set = 1;
	verify(&proof, &second).unwrap();
	assert_eq!(
		verify(&proof, &trust()),
		Err(Refusal::BeginsAfterTrustedSet { first: 1, trusted: 0 })
	);
	let (_, before) = block_100(&live());
	assert_eq!(
		verify(&before, &second),
		Err(Refusal::EndsBeforeTrustedSet { last: 0, trusted: 1 })
	);
	let third = Trust {
		set_id: u64::MAX,
		..second
	};
	assert_eq!(
		verify(&before, &third),
		Err(Refusal::EndsBeforeTrustedSet {
			last: 0,
			trusted: u64::MAX
		})
	);
}

#[test]
fn bytes_that_are_nothing_are_refused() {
	let (_, proof) = block_100(&live());
	for length in [0, 1, 40] {
		let mut proof = proof.clone();
		proof.state.header.0.truncate(length);
		assert_eq!(verify(&proof, &trust()), Err(Refusal::HeaderEncoding));
	}
	let mut longer = proof.clone();
	longer.state.justification.0.push(0);
	assert_eq!(
		verify(&longer, &trust()),
		Err(Refusal::JustificationEncoding { block: 100 })
	);
	// A target number that is not the header's.
	let mut justification =
		GrandpaJustification::<Header>::decode(&mut &*proof.state.justification.0).unwrap();
	justification.commit.target_number = 99;
	let mut other_number = proof;
	other_number.state.justification = Hex(justification.encode());
	assert_eq!(
		verify(&other_number, &trust()),
		Err(Refusal::JustifiesAnotherBlock { block: 100 })
	);
}

#[test]
fn two_votes_of_one_validator_for_different_blocks_are_no_two_validators() {
	// Bob votes for two children of the block: an equivocation counts as one vote for what lies below both.
	let (header, mut proof) = block_100(&live());
	let left = children(&header, 1).remove(0);
	let mut right = left.clone();
	right.state_root = H256::repeat_byte(0xdd);
	let votes = vec![vote(Alice, &header, 0), vote(Bob, &left, 0), vote(Bob, &right, 0)];
	proof.state.justification = justification_of(&header, votes, vec![left, right]);
	assert_eq!(verify(&proof, &trust()), Err(NOT_FINAL));
}

#[test]
fn no_byte_of_a_proof_can_be_changed_to_prove_something_else() {
	let (header, mut proof) = after_a_set_change(&live());
	let above = children(&header, 2);
	proof.state.ancestry = bytes(&above);
	proof.state.justification = justification(&above[1], 1, &[Bob, Charlie, Ferdie]);
	let proven = verify(&proof, &trust()).unwrap();

	/// The bytes of a proof, one part after the other.
	fn parts(proof: &mut PassportProof) -> Vec<&mut Hex> {
		let mut parts = vec![&mut proof.state.header, &mut proof.state.justification];
		parts.extend(&mut proof.state.ancestry);
		for change in &mut proof.state.set_changes {
			parts.extend([&mut change.header, &mut change.justification]);
		}
		parts.extend(&mut proof.state.storage_proof);
		parts
	}
	let lengths: Vec<_> = parts(&mut proof).iter().map(|part| part.0.len()).collect();
	for (part, length) in lengths.into_iter().enumerate() {
		// Every seventeenth byte, a bit of each.
		for position in (part % 17..length).step_by(17) {
			let mut changed = proof.clone();
			parts(&mut changed)[part].0[position] ^= 1 << (position % 8);
			if let Ok(same) = verify(&changed, &trust()) {
				// A node that the passport does not need.
				assert_eq!(same, proven, "part {part}, byte {position}");
			}
		}
	}
}
