use crate::{
	disabling::NO_OFFENCE, mock::*, ForcedHandOver, MinimumValidators, Stalled, Validator,
	Validators as ValidatorSet,
};
use frame_support::assert_ok;
use pallet_session::DisabledValidators;
use passport_primitives::organisation::OrganisationId;

/// Breaks the state, sees that it is found, and mends it.
fn is_found(break_it: impl FnOnce(), message: &'static str) {
	ExtBuilder::default().build_and_execute(|| {
		let validators = ValidatorSet::<Test>::get();
		break_it();
		assert_eq!(Validators::do_try_state(), Err(message.into()));
		ValidatorSet::<Test>::put(validators);
		MinimumValidators::<Test>::kill();
		DisabledValidators::<Test>::kill();
		Stalled::<Test>::kill();
	});
}

fn change(position: usize, change: impl FnOnce(&mut Validator<u64>)) {
	ValidatorSet::<Test>::mutate(|validators| change(&mut validators[position]));
}

#[test]
fn what_must_not_be_is_found() {
	is_found(|| MinimumValidators::<Test>::put(0), "the minimum is zero");
	is_found(
		|| MinimumValidators::<Test>::put(6),
		"there are fewer validators than the minimum",
	);
	is_found(
		|| change(0, |validator| validator.account = 2),
		"an account is twice a validator",
	);
	is_found(
		|| change(0, |validator| validator.organisation = OrganisationId(2)),
		"an organisation has two validators",
	);
	is_found(
		|| change(0, |validator| validator.organisation = OrganisationId(9)),
		"a validator acts for another organisation than it was added for",
	);
	is_found(
		|| DisabledValidators::<Test>::put([0u32, 1, 2, 3, 4].map(|index| (index, NO_OFFENCE)).to_vec()),
		"nobody who takes part is enabled",
	);
	for session in [0, 3] {
		is_found(
			|| {
				Stalled::<Test>::put(ForcedHandOver {
					best_finalised: 1,
					delay_blocks: 10,
					session,
				});
			},
			"a hand-over of finality waits for a session that is past or far",
		);
	}
}

#[test]
fn what_is_after_a_genesis_is_in_order() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Validators::do_try_state());
	});
}
