//! A chain without a node: the storage of a preset, and calls as members send them.
#![allow(dead_code, clippy::panic)] // each test program uses what it needs; a test may panic

use codec::Encode;
use frame_support::dispatch::{DispatchResultWithPostInfo, GetDispatchInfo};
use passport_runtime::{genesis, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, System};
use sp_keyring::Sr25519Keyring::{self as Key, Alice, Bob, Charlie, Dave};
use sp_runtime::{
	traits::{Dispatchable, Hash},
	DispatchResult,
};

pub use passport_fuzz::chain::built;

/// Runs a test on the four-validator preset at block 10: there is no root, only the council.
pub fn on_local_chain(test: impl FnOnce()) {
	built(genesis::LOCAL).execute_with(|| {
		System::set_block_number(10);
		test();
	});
}

/// Sends a call as the pool and a block would take it: refused by the pool is a bug of the test.
pub fn send(sender: Key, call: RuntimeCall) -> DispatchResultWithPostInfo {
	pallet_organisations::Pallet::<Runtime>::check_call(&sender.to_account_id(), &call)
		.unwrap_or_else(|refusal| panic!("the pool refuses {call:?}: {refusal}"));
	call.dispatch(RuntimeOrigin::signed(sender.to_account_id()))
}

/// The council of the local preset that votes yes: four of five are more than two thirds.
pub const YES: [Key; 4] = [Alice, Bob, Charlie, Dave];

/// Brings a motion from proposal to execution by plain calls, with so many of [`YES`] voting for it, and returns how it went
/// when it was executed; `None` when it was not.
pub fn motion(call: RuntimeCall, votes: usize) -> Option<DispatchResult> {
	let length = call.encoded_size() as u32;
	let weight = call.get_dispatch_info().call_weight;
	let hash = <Runtime as frame_system::Config>::Hashing::hash_of(&call);
	let index = pallet_collective::ProposalCount::<Runtime, pallet_collective::Instance1>::get();
	let council = RuntimeCall::Council;
	send(
		Alice,
		council(pallet_collective::Call::propose {
			threshold: 4,
			proposal: Box::new(call),
			length_bound: length,
		}),
	)
	.expect("a member of the council proposes");
	for voter in &YES[..votes] {
		send(
			*voter,
			council(pallet_collective::Call::vote {
				proposal: hash,
				index,
				approve: true,
			}),
		)
		.expect("a member of the council votes");
	}
	System::reset_events();
	let closed = send(
		Alice,
		council(pallet_collective::Call::close {
			proposal_hash: hash,
			index,
			proposal_weight_bound: weight,
			length_bound: length,
		}),
	);
	if closed.is_err() {
		return None;
	}
	System::events()
		.into_iter()
		.find_map(|record| match record.event {
			RuntimeEvent::Council(pallet_collective::Event::Executed { result, .. }) => Some(result),
			_ => None,
		})
}

/// Brings a motion through and holds that what it carried succeeded.
pub fn enact(call: RuntimeCall) {
	let what = format!("{call:?}");
	assert_eq!(motion(call, YES.len()), Some(Ok(())), "{what}");
}
