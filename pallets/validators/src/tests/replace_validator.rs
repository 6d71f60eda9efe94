use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::organisation::{OrganisationId, Role};
use sp_runtime::DispatchError;

#[test]
fn at_the_minimum_a_validator_is_replaced_in_one_step() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4])
		.build_and_execute(|| {
			set_keys(6);
			assert_ok!(Validators::replace_validator(RuntimeOrigin::root(), 2, 6));
			assert_eq!(Validators::validators(), [1, 3, 4, 6]);
			System::assert_has_event(Event::ValidatorRemoved { validator: 2 }.into());
			System::assert_has_event(
				Event::ValidatorAdded {
					validator: 6,
					organisation: OrganisationId(6),
				}
				.into(),
			);
			assert_eq!(Session::load_keys(&2), None);
			assert_eq!(System::consumers(&2), 0);
			next_session();
			assert_eq!(taking_part(), [1, 2, 3, 4]);
			next_session();
			assert_eq!(taking_part(), [1, 3, 4, 6]);
			assert_eq!(Authoring::changes(), 1);
		});
}

#[test]
fn at_the_maximum_a_validator_is_replaced() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
		.build_and_execute(|| {
			set_keys(12);
			assert_ok!(Validators::replace_validator(RuntimeOrigin::root(), 2, 12));
		});
}

#[test]
fn an_organisation_moves_its_validator_to_another_account() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4])
		.build_and_execute(|| {
			let second = second_account_of(2);
			set_keys(second);
			assert_ok!(Validators::replace_validator(RuntimeOrigin::root(), 2, second));
			assert_eq!(Validators::validators(), [1, 3, 4, second]);
		});
}

#[test]
fn nobody_but_the_council_replaces() {
	ExtBuilder::default().build_and_execute(|| {
		set_keys(6);
		for account in [1, 2, 6, STRANGER] {
			assert_noop!(
				Validators::replace_validator(RuntimeOrigin::signed(account), 2, 6),
				DispatchError::BadOrigin
			);
		}
	});
}

#[test]
fn only_a_validator_is_replaced_and_by_another_account() {
	ExtBuilder::default().build_and_execute(|| {
		set_keys(6);
		set_keys(7);
		assert_noop!(
			Validators::replace_validator(RuntimeOrigin::root(), 7, 6),
			Error::<Test>::NotAValidator
		);
		for by in [1, 2] {
			assert_noop!(
				Validators::replace_validator(RuntimeOrigin::root(), 2, by),
				Error::<Test>::AlreadyValidator
			);
		}
	});
}

#[test]
fn who_comes_in_has_to_be_what_an_added_validator_has_to_be() {
	ExtBuilder::default().build_and_execute(|| {
		let second = second_account_of(1);
		for account in [SUSPENDED, ENDED, 7, second] {
			set_keys(account);
		}
		for organisation in [1, 3, 7] {
			TableOfMembers::set_roles(organisation, &[Role::Manufacturer]);
		}
		for (by, error) in [
			(STRANGER, Error::<Test>::NotAMember),
			(ENDED, Error::MembershipEnded),
			(SUSPENDED, Error::Suspended),
			(6, Error::KeysNotSet),
			(second, Error::OrganisationHasValidator),
			(7, Error::TradeHoldsTooMany),
		] {
			assert_noop!(Validators::replace_validator(RuntimeOrigin::root(), 2, by), error);
		}
		// In the place of one of its trade it fits.
		assert_ok!(Validators::replace_validator(RuntimeOrigin::root(), 1, 7));
	});
}
