use crate::{mock::*, GenesisConfig, DEFAULT_MINIMUM};
use frame_support::traits::BuildGenesisConfig;
use passport_primitives::organisation::Role;

#[test]
fn the_first_validators_take_part_from_the_start() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Validators::validators(), [1, 2, 3, 4, 5]);
		assert_eq!(Validators::minimum_validators(), 4);
		assert_eq!(taking_part(), [1, 2, 3, 4, 5]);
		next_session();
		assert_eq!(taking_part(), [1, 2, 3, 4, 5]);
	});
}

#[test]
fn one_validator_is_enough_on_a_developers_machine() {
	ExtBuilder::default()
		.validators(&[1])
		.minimum(1)
		.build_and_execute(|| {
			next_session();
			next_session();
			assert_eq!(taking_part(), [1]);
		});
}

#[test]
fn unless_it_is_said_otherwise_the_minimum_is_four() {
	assert_eq!(
		GenesisConfig::<Test>::default().minimum_validators,
		DEFAULT_MINIMUM
	);
	ExtBuilder::default().build_and_execute(|| {
		crate::MinimumValidators::<Test>::kill();
		assert_eq!(Validators::minimum_validators(), DEFAULT_MINIMUM);
	});
}

/// Builds a genesis with these validators and this minimum.
fn build(validators: &[u64], minimum_validators: u32) {
	ExtBuilder::default().build_and_execute(|| {
		GenesisConfig::<Test> {
			validators: validators.to_vec(),
			minimum_validators,
		}
		.build();
	});
}

#[test]
#[should_panic = "fewer validators than the minimum"]
fn a_genesis_below_the_minimum_builds_no_chain() {
	build(&[1, 2, 3], 4);
}

#[test]
#[should_panic = "one validator at least"]
fn a_genesis_without_a_minimum_builds_no_chain() {
	build(&[1], 0);
}

#[test]
#[should_panic = "named twice"]
fn a_genesis_that_names_a_validator_twice_builds_no_chain() {
	build(&[1, 2, 3, 1], 4);
}

#[test]
#[should_panic = "more validators than MaxValidators"]
fn a_genesis_with_too_many_validators_builds_no_chain() {
	build(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 4);
}

#[test]
#[should_panic = "acts for no active member"]
fn a_genesis_validator_of_no_member_builds_no_chain() {
	build(&[1, 2, 3, STRANGER], 4);
}

#[test]
#[should_panic = "an organisation has two validators"]
fn a_genesis_with_two_validators_of_one_organisation_builds_no_chain() {
	build(&[1, 2, 3, second_account_of(1)], 4);
}

#[test]
#[should_panic = "a trade holds too many validators"]
fn a_genesis_with_three_of_four_validators_of_one_trade_builds_no_chain() {
	ExtBuilder::default().build_and_execute(|| {
		for organisation in 1..=3 {
			TableOfMembers::set_roles(organisation, &[Role::Manufacturer]);
		}
		GenesisConfig::<Test> {
			validators: vec![1, 2, 3, 4],
			minimum_validators: 4,
		}
		.build();
	});
}

#[test]
#[should_panic = "the session pallet has keys at genesis, and there are no validators"]
fn a_genesis_with_session_keys_and_no_validators_builds_no_chain() {
	ExtBuilder::default()
		.validators(&[])
		.with_keys(&[1, 2, 3, 4])
		.build_and_execute(|| {});
}

#[test]
#[should_panic = "a validator has no session keys at genesis"]
fn a_genesis_validator_without_session_keys_builds_no_chain() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4, 5])
		.with_keys(&[1, 2, 3, 4])
		.build_and_execute(|| {});
}

#[test]
fn session_keys_of_a_member_that_is_no_validator_make_it_none() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4])
		.with_keys(&[1, 2, 3, 4, 5])
		.build_and_execute(|| {
			assert_eq!(taking_part(), [1, 2, 3, 4]);
			next_session();
			assert_eq!(taking_part(), [1, 2, 3, 4]);
		});
}

#[test]
fn a_genesis_without_validators_and_session_keys_is_a_chain_of_nobody() {
	ExtBuilder::default().validators(&[]).build_and_execute(|| {
		next_session();
		assert!(taking_part().is_empty());
	});
}
