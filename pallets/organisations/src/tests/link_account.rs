//! `link_account`.

use super::standing::only_an_active_member_may;
use crate::{mock::*, Error, Event, OrganisationOf};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	ledger::Membership,
	organisation::{OrganisationId, Role, MAX_ACCOUNTS_PER_ORGANISATION},
};

fn link(sender: u64, account: u64) -> sp_runtime::DispatchResult {
	Organisations::link_account(RuntimeOrigin::signed(sender), account)
}

#[test]
fn only_an_active_member_links_accounts() {
	only_an_active_member_may(|origin| Organisations::link_account(origin, 500));
}

#[test]
fn a_linked_account_acts_for_the_callers_organisation() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.member(&[Role::BridgeOperator], 1)
		.build_and_execute(|| {
			assert_ok!(link(account(2, 0), 500));
			assert_eq!(
				last_event(),
				Some(Event::AccountLinked {
					organisation: OrganisationId(2),
					account: 500
				})
			);
			assert_eq!(OrganisationOf::<Test>::get(500), Some(OrganisationId(2)));
			assert_eq!(organisation(2).accounts.to_vec(), [account(2, 0), 500]);
			assert_eq!(organisation(1).accounts.to_vec(), [account(1, 0)]);
			assert_eq!(System::providers(&500), 1);
			assert_eq!(
				Organisations::active_member(&500),
				Organisations::active_member(&account(2, 0))
			);
		});
}

#[test]
fn a_linked_account_links_others() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			assert_ok!(link(account(1, 0), 500));
			assert_ok!(link(500, 501));
			assert_eq!(organisation(1).accounts.to_vec(), [account(1, 0), 500, 501]);
		});
}

#[test]
fn an_account_acts_for_one_organisation_only() {
	ExtBuilder::default()
		.member(&[Role::Operator], 2)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			for used in [account(1, 0), account(1, 1), account(2, 0)] {
				assert_noop!(link(account(1, 0), used), Error::<Test>::AccountInUse);
			}
		});
}

#[test]
fn an_organisation_has_at_most_sixteen_accounts() {
	ExtBuilder::default()
		.member(&[Role::BridgeOperator], 1)
		.build_and_execute(|| {
			for number in 1..u64::from(MAX_ACCOUNTS_PER_ORGANISATION) {
				assert_ok!(link(account(1, 0), 500 + number));
			}
			assert_noop!(link(account(1, 0), 600), Error::<Test>::TooManyAccounts);
			assert_ok!(Organisations::unlink_account(
				RuntimeOrigin::signed(account(1, 0)),
				501
			));
			assert_ok!(link(account(1, 0), 600));
		});
}
