//! A story: bytes become a sequence of calls, and after it everything holds that always does.

use crate::{
	calls::{Ledger, Sender, Step},
	chain,
	choices::Choices,
	invariants,
};
use frame_support::traits::GetCallMetadata;
use passport_primitives::pool::PoolRefusal;
use passport_runtime::{CouncilCollective, Organisations, Runtime, RuntimeCall, RuntimeOrigin};
use sp_runtime::{traits::Dispatchable, DispatchError};

/// Most steps of one story, however long the input is.
const MAX_STEPS: usize = 24;

/// Who of the local preset's council votes yes, and of how many: two thirds and a bit.
const COUNCIL: (u32, u32) = (4, 5);

/// A call by its names: pallet and function.
pub type CallName = (&'static str, &'static str);

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// It was dispatched.
	Done,
	/// The pool did not take it.
	RefusedByPool(PoolRefusal),
	/// Its pallet refused it.
	Refused(DispatchError),
}

/// The names of a call.
pub fn name_of(call: &RuntimeCall) -> CallName {
	let names = call.get_call_metadata();
	(names.pallet_name, names.function_name)
}

/// Sends a call as the pool and a block would take it, the council's by the council's origin.
pub fn send(step: Step) -> Outcome {
	let origin = match step.sender {
		Sender::Account(account) => {
			if let Err(refusal) = Organisations::check_call(&account, &step.call) {
				return Outcome::RefusedByPool(refusal);
			}
			RuntimeOrigin::signed(account)
		}
		Sender::Council => {
			let (votes, members) = COUNCIL;
			pallet_collective::Origin::<Runtime, CouncilCollective>::Members(votes, members).into()
		}
	};
	match step.call.dispatch(origin) {
		Ok(_) => Outcome::Done,
		Err(failed) => Outcome::Refused(failed.error),
	}
}

/// Whether a call takes something from a member, so that it may not be able to act any more.
pub const fn changes_membership(call: &RuntimeCall) -> bool {
	use pallet_organisations::Call;
	matches!(
		call,
		RuntimeCall::Organisations(
			Call::suspend { .. } | Call::set_expiry { .. } | Call::set_roles { .. } | Call::remove { .. }
		)
	)
}

/// Takes bytes for a sequence of calls of one pallet, with a call of another now and then and time that goes by, on a ledger on
/// which something has happened already. Panics when a call does, and when something does not hold afterwards. Says what became
/// of each call.
pub fn tell(ledger: Ledger, data: &[u8]) -> Vec<(CallName, Outcome)> {
	chain::after_the_prologue(|mut watch| {
		let mut choices = Choices::new(data);
		let mut told = Vec::new();
		for _ in 0..MAX_STEPS {
			if choices.are_used_up() {
				break;
			}
			let step = match choices.below(8) {
				0..=5 => ledger.step(&mut choices),
				6 => Ledger::any(&mut choices).step(&mut choices),
				_ => {
					chain::pass_time(&mut choices);
					None
				}
			};
			if let Some(step) = step {
				told.push((name_of(&step.call), send(step)));
			}
		}
		assert_eq!(watch.look(), Ok(()), "after {told:?}");
		assert_eq!(invariants::check(), Ok(()), "after {told:?}");
		let closing = (Ledger::Passport.name(), "close_as_recycled");
		if told.contains(&(closing, Outcome::Done)) {
			assert_eq!(invariants::check_nothing_left_behind(), Ok(()), "after {told:?}");
		}
		assert_eq!(invariants::try_state(), Ok(()), "after {told:?}");
		told
	})
}
