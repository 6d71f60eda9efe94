use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::organisation::OrganisationId;
use sp_runtime::DispatchError;

#[test]
fn the_council_adds_a_members_account() {
	ExtBuilder::default().build_and_execute(|| {
		set_keys(6);
		assert_ok!(Validators::add_validator(RuntimeOrigin::root(), 6));
		assert_eq!(Validators::validators(), [1, 2, 3, 4, 5, 6]);
		assert_eq!(
			last_event(),
			Event::ValidatorAdded {
				validator: 6,
				organisation: OrganisationId(6)
			}
			.into()
		);
	});
}

#[test]
fn an_added_validator_takes_part_from_the_session_after_the_next() {
	ExtBuilder::default().build_and_execute(|| {
		set_keys(6);
		assert_ok!(Validators::add_validator(RuntimeOrigin::root(), 6));
		assert_eq!(taking_part(), [1, 2, 3, 4, 5]);
		next_session();
		assert_eq!(taking_part(), [1, 2, 3, 4, 5]);
		next_session();
		assert_eq!(taking_part(), [1, 2, 3, 4, 5, 6]);
	});
}

#[test]
fn nobody_but_the_council_adds() {
	ExtBuilder::default().build_and_execute(|| {
		set_keys(6);
		for account in [1, 6, STRANGER] {
			assert_noop!(
				Validators::add_validator(RuntimeOrigin::signed(account), 6),
				DispatchError::BadOrigin
			);
		}
	});
}

#[test]
fn only_an_account_of_an_active_member_becomes_a_validator() {
	ExtBuilder::default().build_and_execute(|| {
		set_keys(SUSPENDED);
		set_keys(ENDED);
		for (account, error) in [
			(STRANGER, Error::<Test>::NotAMember),
			(ENDED, Error::MembershipEnded),
			(SUSPENDED, Error::Suspended),
		] {
			assert_noop!(Validators::add_validator(RuntimeOrigin::root(), account), error);
		}
	});
}

#[test]
fn a_validator_has_set_its_session_keys_before() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Validators::add_validator(RuntimeOrigin::root(), 6),
			Error::<Test>::KeysNotSet
		);
		set_keys(6);
		assert_ok!(Validators::add_validator(RuntimeOrigin::root(), 6));
	});
}

#[test]
fn keys_without_a_proof_that_the_account_has_them_are_not_set() {
	ExtBuilder::default().build_and_execute(|| {
		let (keys, proof) = session_keys(6, key_of(6));
		let (_, proof_for_another_account) = session_keys(7, key_of(6));
		let (_, proof_of_other_keys) = session_keys(6, key_of(7));
		let mut longer = proof.clone();
		longer.push(0);
		for no_proof in [
			Vec::new(),
			proof_for_another_account,
			proof_of_other_keys,
			proof[..proof.len() - 1].to_vec(),
			longer,
		] {
			assert_noop!(
				Session::set_keys(RuntimeOrigin::signed(6), keys.clone(), no_proof),
				pallet_session::Error::<Test>::InvalidProof
			);
		}
		assert_ok!(Session::set_keys(RuntimeOrigin::signed(6), keys, proof));
	});
}

#[test]
fn keys_of_another_validator_are_not_set() {
	ExtBuilder::default().build_and_execute(|| {
		let (keys, proof) = session_keys(6, key_of(1));
		assert_noop!(
			Session::set_keys(RuntimeOrigin::signed(6), keys, proof),
			pallet_session::Error::<Test>::DuplicatedKey
		);
	});
}

#[test]
fn nobody_is_twice_a_validator() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Validators::add_validator(RuntimeOrigin::root(), 1),
			Error::<Test>::AlreadyValidator
		);
	});
}

#[test]
fn an_organisation_has_one_validator() {
	ExtBuilder::default().build_and_execute(|| {
		let second = second_account_of(1);
		set_keys(second);
		assert_noop!(
			Validators::add_validator(RuntimeOrigin::root(), second),
			Error::<Test>::OrganisationHasValidator
		);
		assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 1));
		assert_ok!(Validators::add_validator(RuntimeOrigin::root(), second));
	});
}

#[test]
fn there_are_no_more_validators_than_the_maximum() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
		.build_and_execute(|| {
			set_keys(12);
			assert_noop!(
				Validators::add_validator(RuntimeOrigin::root(), 12),
				Error::<Test>::TooManyValidators
			);
			assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 1));
			assert_ok!(Validators::add_validator(RuntimeOrigin::root(), 12));
		});
}
