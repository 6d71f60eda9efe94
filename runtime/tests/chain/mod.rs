//! A chain without a node: the storage of a preset, and calls as members send them.
#![allow(dead_code, clippy::panic)] // each test program uses what it needs; a test may panic

use codec::Encode;
use frame_support::{
	dispatch::{DispatchResultWithPostInfo, GetDispatchInfo},
	BoundedVec,
};
use passport_primitives::{
	organisation::{Role, Roles},
	pool::PoolRefusal,
};
use passport_runtime::{genesis, Organisations, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, System};
use sp_keyring::Sr25519Keyring::{self as Key, Alice, Bob, Charlie, Dave};
use sp_runtime::{
	traits::{Dispatchable, Hash},
	DispatchResult, MultiAddress,
};

pub use passport_fuzz::chain::built;

/// Runs a test on the four-validator preset at block 10: there is no root, only the council. Afterwards every pallet's `try_state`
/// holds.
pub fn on_local_chain(test: impl FnOnce()) {
	built(genesis::LOCAL).execute_with(|| {
		System::set_block_number(10);
		test();
		assert_eq!(passport_fuzz::invariants::try_state(), Ok(()));
	});
}

/// What the pool says of a call.
pub fn check(sender: Key, call: &RuntimeCall) -> Result<(), PoolRefusal> {
	Organisations::check_call(&sender.to_account_id(), call).map(drop)
}

/// A call that every member may send and that does nothing.
pub fn remark() -> RuntimeCall {
	RuntimeCall::System(frame_system::Call::remark { remark: vec![] })
}

/// Calls in one transaction.
pub fn batch(calls: Vec<RuntimeCall>) -> RuntimeCall {
	RuntimeCall::Utility(pallet_utility::Call::batch { calls })
}

/// A call in the name of another account.
pub fn proxied(real: Key, call: RuntimeCall) -> RuntimeCall {
	RuntimeCall::Proxy(pallet_proxy::Call::proxy {
		real: MultiAddress::Id(real.to_account_id()),
		force_proxy_type: None,
		call: Box::new(call),
	})
}

/// A call of the organisations pallet.
pub fn organisations(call: pallet_organisations::Call<Runtime>) -> RuntimeCall {
	RuntimeCall::Organisations(call)
}

/// The admission of a recycler whose account no member has.
pub fn admit_newcomer() -> RuntimeCall {
	organisations(pallet_organisations::Call::admit {
		did: BoundedVec::truncate_from(b"did:web:newcomer.example".to_vec()),
		roles: Roles::of(&[Role::Recycler]),
		hpke_public_key: [9; 32],
		expires_at: None,
		accounts: BoundedVec::truncate_from(vec![Key::FerdieStash.to_account_id()]),
	})
}

/// Sends a call that the pool's list lets through straight to dispatch: no quota, no nonce, no weight is asked for. Refused by the
/// list is a bug of the test.
pub fn send(sender: Key, call: RuntimeCall) -> DispatchResultWithPostInfo {
	check(sender, &call).unwrap_or_else(|refusal| panic!("the pool refuses {call:?}: {refusal}"));
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
