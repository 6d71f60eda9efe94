//! Seats in the council: whose votes count, and that no seat is left with an account that can not vote. Otherwise the council, which
//! is the only root outside the dev preset, could lock itself out.

mod chain;

use chain::{admit_newcomer, batch, check, enact, on_local_chain, organisations, proxied, remark, send};
use codec::{Decode, Encode};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo},
	weights::Weight,
};
use passport_primitives::{organisation::OrganisationId, pool::PoolRefusal};
use passport_runtime::{
	AccountId, BlockNumber, CouncilCollective, CouncilMembership, Runtime, RuntimeCall, RuntimeEvent, System,
};
use sp_core::H256;
use sp_keyring::Sr25519Keyring::{
	self as Key, Alice, Bob, Charlie, Dave, Eve, Ferdie, FerdieStash, One, Two,
};
use sp_runtime::{traits::Hash, DispatchResult, MultiAddress};

const CELL_WORKS: OrganisationId = OrganisationId(1);
const BATTERY_TRADE: OrganisationId = OrganisationId(2);
const FLEET_ONE: OrganisationId = OrganisationId(3);
const SECOND_LIFE: OrganisationId = OrganisationId(4);
const MARKET_SURVEILLANCE: OrganisationId = OrganisationId(6);

/// Who has a seat in the local preset, and for which member.
const SEATS: [(Key, OrganisationId); 5] = [
	(Alice, CELL_WORKS),
	(Bob, BATTERY_TRADE),
	(Charlie, FLEET_ONE),
	(Dave, SECOND_LIFE),
	(Ferdie, MARKET_SURVEILLANCE),
];

/// Acts for nobody.
const STRANGER: Key = FerdieStash;

fn propose(call: RuntimeCall, threshold: u32) -> RuntimeCall {
	let length_bound = call.encoded_size() as u32;
	RuntimeCall::Council(pallet_collective::Call::propose {
		threshold,
		proposal: Box::new(call),
		length_bound,
	})
}

fn vote(proposal: H256, index: u32) -> RuntimeCall {
	RuntimeCall::Council(pallet_collective::Call::vote {
		proposal,
		index,
		approve: true,
	})
}

/// A vote on a motion that there is not: the pool does not look at motions.
fn some_vote() -> RuntimeCall {
	vote(H256([1; 32]), 0)
}

fn close(proposal_hash: H256, index: u32) -> RuntimeCall {
	RuntimeCall::Council(pallet_collective::Call::close {
		proposal_hash,
		index,
		proposal_weight_bound: Weight::MAX,
		length_bound: 10_000,
	})
}

fn set_expiry(organisation: OrganisationId, expires_at: Option<BlockNumber>) -> RuntimeCall {
	organisations(pallet_organisations::Call::set_expiry {
		organisation,
		expires_at,
	})
}

fn suspend(organisation: OrganisationId) -> RuntimeCall {
	organisations(pallet_organisations::Call::suspend { organisation })
}

fn remove(organisation: OrganisationId) -> RuntimeCall {
	organisations(pallet_organisations::Call::remove { organisation })
}

fn link(organisation: OrganisationId, account: AccountId) -> RuntimeCall {
	organisations(pallet_organisations::Call::link_account_by_council {
		organisation,
		account,
	})
}

fn swap(from: Key, to: AccountId) -> RuntimeCall {
	RuntimeCall::CouncilMembership(pallet_membership::Call::swap_member {
		remove: MultiAddress::Id(from.to_account_id()),
		add: MultiAddress::Id(to),
	})
}

fn hash_of(call: &RuntimeCall) -> H256 {
	<Runtime as frame_system::Config>::Hashing::hash_of(call)
}

/// Brings a motion through by plain calls of these members of the council, all of whom vote for it, and returns what became of the
/// call that it carries.
fn decided(by: &[Key], call: RuntimeCall) -> DispatchResult {
	let hash = hash_of(&call);
	let index = pallet_collective::ProposalCount::<Runtime, CouncilCollective>::get();
	System::reset_events();
	assert_ok!(send(by[0], propose(call, by.len() as u32)));
	// With a threshold of one the proposal is the decision.
	if by.len() > 1 {
		for voter in by {
			assert_ok!(send(*voter, vote(hash, index)));
		}
		assert_ok!(send(by[0], close(hash, index)));
	}
	System::events()
		.into_iter()
		.find_map(|record| match record.event {
			RuntimeEvent::Council(pallet_collective::Event::Executed { result, .. }) => Some(result),
			_ => None,
		})
		.expect("it was executed")
}

/// Who has a seat. The pallet that holds the seats and the one that counts the votes agree.
fn seated() -> Vec<AccountId> {
	let seats = pallet_collective::Members::<Runtime, CouncilCollective>::get();
	assert_eq!(CouncilMembership::members().into_inner(), seats);
	seats
}

fn accounts(keys: &[Key]) -> Vec<AccountId> {
	let mut accounts: Vec<_> = keys.iter().map(|key| key.to_account_id()).collect();
	accounts.sort();
	accounts
}

#[test]
fn the_pool_takes_the_councils_calls_from_seated_accounts_alone() {
	on_local_chain(|| {
		for call in [propose(remark(), 1), some_vote(), close(H256([1; 32]), 0)] {
			for (seat, _) in SEATS {
				assert_eq!(check(seat, &call), Ok(()), "{seat:?}: {call:?}");
			}
			for outsider in [Eve, One, Two] {
				assert_eq!(check(outsider, &call), Err(PoolRefusal::NotSeated), "{call:?}");
				assert_eq!(
					check(outsider, &batch(vec![remark(), call.clone()])),
					Err(PoolRefusal::NotSeated),
					"{call:?}"
				);
			}
			assert_eq!(check(STRANGER, &call), Err(PoolRefusal::NotAMember));
			// A proxy makes another account the sender, whose seat counts.
			assert_eq!(check(Eve, &proxied(Alice, call.clone())), Ok(()));
			assert_eq!(
				check(Alice, &proxied(Eve, call.clone())),
				Err(PoolRefusal::NotSeated)
			);
		}
	});
}

#[test]
fn the_councils_calls_are_those_that_the_pool_puts_first() {
	// By their class, which a batch of nothing else has as well.
	let vote = some_vote();
	for call in [
		propose(remark(), 2),
		vote.clone(),
		batch(vec![vote.clone(), vote.clone()]),
		close(H256([1; 32]), 0),
	] {
		let class = call.get_dispatch_info().class;
		assert_eq!(class, DispatchClass::Operational, "{call:?}");
	}
	for call in [remark(), batch(vec![vote, remark()])] {
		let class = call.get_dispatch_info().class;
		assert_eq!(class, DispatchClass::Normal, "{call:?}");
	}
}

#[test]
fn what_is_for_root_or_for_nobody_no_seat_can_send() {
	on_local_chain(|| {
		let proposal_hash = H256([1; 32]);
		for call in [
			pallet_collective::Call::set_members {
				new_members: vec![],
				prime: None,
				old_count: 0,
			},
			pallet_collective::Call::disapprove_proposal { proposal_hash },
			pallet_collective::Call::kill { proposal_hash },
			// What one seat says alone no call listens to.
			pallet_collective::Call::execute {
				proposal: Box::new(remark()),
				length_bound: 1_000,
			},
		] {
			let call = RuntimeCall::Council(call);
			for sender in [Alice, Eve] {
				assert_eq!(check(sender, &call), Err(PoolRefusal::CallNotAllowed), "{call:?}");
			}
		}
	});
}

#[test]
fn a_council_whose_memberships_have_all_ended_renews_them() {
	on_local_chain(|| {
		for (_, organisation) in SEATS {
			enact(set_expiry(organisation, Some(20)));
		}
		System::set_block_number(21);
		for (seat, organisation) in SEATS {
			assert_eq!(check(seat, &remark()), Err(PoolRefusal::MembershipEnded));
			enact(set_expiry(organisation, None));
			assert_eq!(check(seat, &remark()), Ok(()));
		}
		assert_eq!(seated(), accounts(&SEATS.map(|(seat, _)| seat)));
	});
}

#[test]
fn three_of_five_whose_membership_has_ended_vote_and_do_nothing_else() {
	on_local_chain(|| {
		let ended = [Bob, Charlie, Dave];
		for organisation in [BATTERY_TRADE, FLEET_ONE, SECOND_LIFE] {
			enact(set_expiry(organisation, Some(20)));
		}
		System::set_block_number(21);
		for seat in ended {
			for allowed in [some_vote(), batch(vec![some_vote(), close(H256([1; 32]), 0)])] {
				assert_eq!(check(seat, &allowed), Ok(()), "{allowed:?}");
			}
			for refused in [
				remark(),
				batch(vec![]),
				batch(vec![some_vote(), remark()]),
				proxied(Alice, remark()),
				proxied(Alice, some_vote()),
			] {
				let refusal = check(seat, &refused);
				assert_eq!(refusal, Err(PoolRefusal::MembershipEnded), "{refused:?}");
			}
		}
		assert_eq!(
			decided(&[Alice, Bob, Charlie, Dave], set_expiry(BATTERY_TRADE, None)),
			Ok(())
		);
		assert_eq!(check(Bob, &remark()), Ok(()));
	});
}

#[test]
fn the_seat_of_a_multisig_votes_when_its_membership_has_ended() {
	on_local_chain(|| {
		let clerk = FerdieStash;
		let multisig = pallet_multisig::Pallet::<Runtime>::multi_account_id(&accounts(&[Ferdie, clerk]), 2);
		for account in [clerk.to_account_id(), multisig.clone()] {
			enact(link(MARKET_SURVEILLANCE, account));
		}
		enact(swap(Ferdie, multisig));
		enact(set_expiry(MARKET_SURVEILLANCE, Some(20)));
		System::set_block_number(21);
		let with = |other: Key, call| {
			RuntimeCall::Multisig(pallet_multisig::Call::as_multi {
				threshold: 2,
				other_signatories: vec![other.to_account_id()],
				maybe_timepoint: None,
				call: Box::new(call),
				max_weight: Weight::zero(),
			})
		};
		for (sender, other) in [(Ferdie, clerk), (clerk, Ferdie)] {
			assert_eq!(check(sender, &with(other, some_vote())), Ok(()));
			assert_eq!(
				check(sender, &with(other, remark())),
				Err(PoolRefusal::MembershipEnded)
			);
			// Their own accounts have no seat.
			assert_eq!(check(sender, &some_vote()), Err(PoolRefusal::MembershipEnded));
		}
	});
}

#[test]
fn members_can_be_suspended_down_to_the_last_seat_and_those_who_are_left_decide() {
	on_local_chain(|| {
		// Two thirds of five are four, of four three, of three two.
		assert_eq!(
			decided(&[Alice, Bob, Charlie, Dave], suspend(MARKET_SURVEILLANCE)),
			Ok(())
		);
		System::assert_has_event(
			pallet_organisations::Event::<Runtime>::SeatVacated {
				organisation: MARKET_SURVEILLANCE,
				account: Ferdie.to_account_id(),
			}
			.into(),
		);
		assert_eq!(seated(), accounts(&[Alice, Bob, Charlie, Dave]));
		assert_eq!(check(Ferdie, &some_vote()), Err(PoolRefusal::Suspended));
		assert_eq!(decided(&[Alice, Bob, Charlie], suspend(SECOND_LIFE)), Ok(()));
		assert_eq!(decided(&[Alice, Bob], suspend(FLEET_ONE)), Ok(()));
		assert_eq!(seated(), accounts(&[Alice, Bob]));
		assert_eq!(decided(&[Alice, Bob], suspend(BATTERY_TRADE)), Ok(()));
		// The last one decides alone, but not that there is none.
		for call in [suspend(CELL_WORKS), remove(CELL_WORKS)] {
			assert_eq!(
				decided(&[Alice], call),
				Err(pallet_organisations::Error::<Runtime>::LastSeat.into())
			);
			assert_eq!(seated(), accounts(&[Alice]));
			assert_eq!(check(Alice, &remark()), Ok(()));
		}
		assert_eq!(decided(&[Alice], admit_newcomer()), Ok(()));
	});
}

#[test]
fn a_removed_members_seat_is_gone_and_its_votes_with_it() {
	on_local_chain(|| {
		let open = admit_newcomer();
		let hash = hash_of(&open);
		assert_ok!(send(Alice, propose(open, 4)));
		for voter in [Alice, Ferdie] {
			assert_ok!(send(voter, vote(hash, 0)));
		}
		enact(remove(MARKET_SURVEILLANCE));
		assert_eq!(seated(), accounts(&[Alice, Bob, Charlie, Dave]));
		// The fields are private: index, threshold, ayes, nays, end.
		type Votes = (u32, u32, Vec<AccountId>, Vec<AccountId>, BlockNumber);
		let votes = pallet_collective::Voting::<Runtime, CouncilCollective>::get(hash)
			.map(|votes| votes.encode())
			.expect("the motion is open");
		let (_, _, ayes, ..) = Votes::decode(&mut votes.as_slice()).expect("it has these fields");
		assert_eq!(ayes, accounts(&[Alice]));
	});
}

#[test]
fn a_reinstated_member_has_no_seat_until_the_council_gives_it_one() {
	on_local_chain(|| {
		enact(suspend(MARKET_SURVEILLANCE));
		enact(organisations(pallet_organisations::Call::reinstate {
			organisation: MARKET_SURVEILLANCE,
		}));
		assert_eq!(check(Ferdie, &remark()), Ok(()));
		assert_eq!(check(Ferdie, &some_vote()), Err(PoolRefusal::NotSeated));
		enact(RuntimeCall::CouncilMembership(
			pallet_membership::Call::add_member {
				who: MultiAddress::Id(Ferdie.to_account_id()),
			},
		));
		assert_eq!(check(Ferdie, &some_vote()), Ok(()));
	});
}

#[test]
fn the_council_gives_no_seat_to_who_can_not_vote_and_never_takes_the_last() {
	on_local_chain(|| {
		use pallet_membership::Call;
		let council_membership = RuntimeCall::CouncilMembership;
		let id = |key: Key| MultiAddress::Id(key.to_account_id());
		enact(suspend(BATTERY_TRADE));
		let seats = seated();
		// Three of the four that are left.
		let motion = |call| decided(&[Alice, Charlie, Dave], council_membership(call));
		for call in [
			// Who acts for nobody, and who is suspended.
			Call::add_member { who: id(STRANGER) },
			Call::add_member { who: id(Bob) },
			Call::swap_member {
				remove: id(Alice),
				add: id(STRANGER),
			},
			Call::reset_members { members: vec![] },
			Call::reset_members {
				members: accounts(&[Alice, STRANGER]),
			},
		] {
			assert_eq!(
				motion(call.clone()),
				Err(frame_system::Error::<Runtime>::CallFiltered.into()),
				"{call:?}"
			);
			assert_eq!(seated(), seats);
		}
		// Eve acts for a member.
		assert_eq!(motion(Call::add_member { who: id(Eve) }), Ok(()));
		assert_eq!(seated().len(), seats.len() + 1);
	});
}

#[test]
fn the_last_seat_is_not_taken_by_the_one_that_has_it() {
	on_local_chain(|| {
		let reset = |keys: &[Key]| {
			RuntimeCall::CouncilMembership(pallet_membership::Call::reset_members {
				members: accounts(keys),
			})
		};
		enact(reset(&[Alice]));
		let remove_alice = RuntimeCall::CouncilMembership(pallet_membership::Call::remove_member {
			who: MultiAddress::Id(Alice.to_account_id()),
		});
		for call in [remove_alice, reset(&[])] {
			assert_eq!(
				decided(&[Alice], call),
				Err(frame_system::Error::<Runtime>::CallFiltered.into())
			);
			assert_eq!(seated(), accounts(&[Alice]));
		}
	});
}

#[test]
fn an_account_is_unlinked_when_the_council_has_moved_its_seat() {
	on_local_chain(|| {
		let clerk = FerdieStash;
		enact(link(MARKET_SURVEILLANCE, clerk.to_account_id()));
		let unlink = || {
			organisations(pallet_organisations::Call::unlink_account {
				account: Ferdie.to_account_id(),
			})
		};
		for sender in [Ferdie, clerk] {
			assert_noop!(
				send(sender, unlink()),
				pallet_organisations::Error::<Runtime>::AccountSeated
			);
		}
		enact(swap(Ferdie, clerk.to_account_id()));
		assert_ok!(send(clerk, unlink()));
		assert_eq!(check(clerk, &some_vote()), Ok(()));
		assert_eq!(
			seated(),
			accounts(&[Alice, Bob, Charlie, Dave, clerk]),
			"the council is as large as before"
		);
	});
}
