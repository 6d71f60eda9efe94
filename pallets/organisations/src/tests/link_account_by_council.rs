//! `link_account_by_council`.

use super::standing::only_the_council_may;
use crate::{mock::*, Error, Event, OrganisationOf};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::organisation::{OrganisationId, Role, MAX_ACCOUNTS_PER_ORGANISATION};
use sp_runtime::DispatchResult;

fn link(member: u32, account: u64) -> DispatchResult {
	Organisations::link_account_by_council(RuntimeOrigin::root(), OrganisationId(member), account)
}

#[test]
fn only_the_council_links_without_consent() {
	only_the_council_may(|origin| Organisations::link_account_by_council(origin, OrganisationId(1), 500));
}

#[test]
fn an_account_without_a_key_acts_for_the_organisation_that_the_council_names() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			assert_ok!(link(2, 500));
			assert_eq!(
				last_event(),
				Some(Event::AccountLinked {
					organisation: OrganisationId(2),
					account: 500
				})
			);
			assert_eq!(OrganisationOf::<Test>::get(500), Some(OrganisationId(2)));
			assert_eq!(organisation(2).accounts.to_vec(), [account(2, 0), 500]);
			assert_eq!(System::providers(&500), 1);
		});
}

#[test]
fn a_member_that_may_not_act_can_get_an_account() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			assert_ok!(Organisations::suspend(RuntimeOrigin::root(), OrganisationId(1)));
			assert_ok!(link(1, 500));
		});
}

#[test]
fn an_account_acts_for_one_organisation_only_and_never_after_it_was_unlinked() {
	ExtBuilder::default()
		.member(&[Role::Operator], 2)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			for used in [account(1, 0), account(2, 0)] {
				assert_noop!(link(2, used), Error::<Test>::AccountInUse);
			}
			assert_ok!(Organisations::unlink_account(
				RuntimeOrigin::signed(account(1, 0)),
				account(1, 1)
			));
			for member in [1, 2] {
				assert_noop!(link(member, account(1, 1)), Error::<Test>::AccountRetired);
			}
		});
}

#[test]
fn an_organisation_has_at_most_sixteen_accounts() {
	ExtBuilder::default()
		.member(&[Role::BridgeOperator], 1)
		.build_and_execute(|| {
			for number in 1..u64::from(MAX_ACCOUNTS_PER_ORGANISATION) {
				assert_ok!(link(1, 500 + number));
			}
			assert_noop!(link(1, 600), Error::<Test>::TooManyAccounts);
		});
}

#[test]
fn nobody_has_a_number_that_was_not_given() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			for number in [0, 2] {
				assert_noop!(link(number, 500), Error::<Test>::NotFound);
			}
		});
}
