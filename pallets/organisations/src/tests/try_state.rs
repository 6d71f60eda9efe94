//! That the check of the storage finds what is broken.

use crate::{
	mock::*, Consumption, NextOrganisation, OrganisationOf, Organisations as Members, Quotas,
	RetiredAccounts, Usage,
};
use codec::{Decode, Encode};
use passport_primitives::organisation::{OrganisationId, Role, Roles};
use sp_runtime::TryRuntimeError;

/// Two good members, then what breaks them.
fn finds(broken: &'static str, break_it: impl FnOnce()) {
	ExtBuilder::default()
		.member(&[Role::Operator], 2)
		.member(&[Role::Recycler], 1)
		.build_and_leave_broken(|| {
			assert_eq!(Organisations::do_try_state(), Ok(()));
			break_it();
			assert_eq!(Organisations::do_try_state(), Err(TryRuntimeError::Other(broken)));
		});
}

fn change(change: impl FnOnce(&mut crate::Organisation<u64, u64>)) {
	Members::<Test>::mutate(OrganisationId(1), |member| change(member.as_mut().unwrap()));
}

#[test]
fn a_number_that_was_not_given_is_found() {
	finds("an organisation has a number that was not given yet", || {
		NextOrganisation::<Test>::put(OrganisationId(2));
	});
}

#[test]
fn a_member_without_accounts_is_found() {
	finds("an organisation has no account", || {
		change(|member| member.accounts.clear());
	});
}

#[test]
fn roles_that_do_not_exist_are_found() {
	for bits in [0u16, 1 << 14] {
		finds("an organisation has no role, or one that does not exist", || {
			change(|member| member.roles = Roles::decode(&mut bits.encode().as_slice()).unwrap());
		});
	}
}

#[test]
fn an_account_that_does_not_point_back_is_found() {
	finds("an account of an organisation does not point back at it", || {
		OrganisationOf::<Test>::insert(account(1, 1), OrganisationId(2));
	});
}

#[test]
fn an_account_that_can_not_transact_is_found() {
	finds("an account of an organisation has no provider reference", || {
		System::dec_providers(&account(1, 0)).unwrap();
	});
}

#[test]
fn an_account_that_no_member_has_is_found() {
	finds("an account points at an organisation without it", || {
		OrganisationOf::<Test>::insert(STRANGER, OrganisationId(1));
	});
}

#[test]
fn an_account_that_a_member_names_twice_is_found() {
	finds("an account points at an organisation without it", || {
		change(|member| member.accounts.try_push(account(1, 0)).unwrap());
	});
}

#[test]
fn a_retired_account_that_acts_for_a_member_is_found() {
	finds("an account that was retired acts for an organisation", || {
		RetiredAccounts::<Test>::insert(account(2, 0), ());
	});
}

#[test]
fn a_quota_of_nobody_is_found() {
	finds("a quota was left behind by an organisation", || {
		Quotas::<Test>::insert(OrganisationId(3), 1);
	});
	finds("a quota was left behind by an organisation", || {
		Usage::<Test>::insert(
			OrganisationId(3),
			Consumption {
				period: 0,
				ref_time: 1,
			},
		);
	});
}
