//! `unlink_account`.

use super::standing::only_an_active_member_may;
use crate::{mock::*, Error, Event, OrganisationOf, RetiredAccounts};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	ledger::{Membership, MembershipRefusal},
	organisation::{OrganisationId, Role},
};
use sp_runtime::{DispatchError, DispatchResult};

fn unlink(sender: u64, account: u64) -> DispatchResult {
	Organisations::unlink_account(RuntimeOrigin::signed(sender), account)
}

#[test]
fn only_an_active_member_unlinks_accounts() {
	only_an_active_member_may(|origin| Organisations::unlink_account(origin, account(1, 1)));
}

#[test]
fn an_unlinked_account_acts_for_nobody() {
	ExtBuilder::default()
		.member(&[Role::Operator], 3)
		.build_and_execute(|| {
			let gone = account(1, 1);
			assert_ok!(unlink(account(1, 0), gone));
			assert_eq!(
				last_event(),
				Some(Event::AccountUnlinked {
					organisation: OrganisationId(1),
					account: gone
				})
			);
			assert_eq!(OrganisationOf::<Test>::get(gone), None);
			assert_eq!(System::providers(&gone), 0);
			assert_eq!(organisation(1).accounts.to_vec(), [account(1, 0), account(1, 2)]);
			assert_eq!(
				Organisations::active_member(&gone),
				Err(MembershipRefusal::NotAMember)
			);
			assert_noop!(unlink(gone, account(1, 0)), Error::<Test>::NotAMember);
		});
}

#[test]
fn a_key_retires_itself() {
	ExtBuilder::default()
		.member(&[Role::Operator], 2)
		.build_and_execute(|| {
			assert_ok!(unlink(account(1, 0), account(1, 0)));
			assert_eq!(organisation(1).accounts.to_vec(), [account(1, 1)]);
		});
}

#[test]
fn an_unlinked_account_loses_its_nonce_and_is_retired() {
	ExtBuilder::default()
		.member(&[Role::Operator], 2)
		.build_and_execute(|| {
			let gone = account(1, 1);
			System::inc_account_nonce(gone);
			assert_eq!(System::account_nonce(gone), 1);
			assert!(!RetiredAccounts::<Test>::contains_key(gone));
			assert_ok!(unlink(account(1, 0), gone));
			// What it sent with nonce 0 would be taken again, were it not for this.
			assert_eq!(System::account_nonce(gone), 0);
			assert!(RetiredAccounts::<Test>::contains_key(gone));
			assert!(!RetiredAccounts::<Test>::contains_key(account(1, 0)));
		});
}

#[test]
fn the_last_account_stays() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			assert_noop!(unlink(account(1, 0), account(1, 0)), Error::<Test>::LastAccount);
		});
}

#[test]
fn nobody_unlinks_anothers_account() {
	ExtBuilder::default()
		.member(&[Role::Operator], 2)
		.member(&[Role::Recycler], 2)
		.build_and_execute(|| {
			for account_of_nobody_here in [account(2, 0), STRANGER] {
				assert_noop!(
					unlink(account(1, 0), account_of_nobody_here),
					Error::<Test>::AccountNotLinked
				);
			}
		});
}

#[test]
fn an_account_with_a_seat_in_the_council_stays_linked_until_the_council_takes_the_seat() {
	ExtBuilder::default()
		.member(&[Role::Operator], 3)
		.build_and_execute(|| {
			Seated::set(&vec![account(1, 1), STRANGER]);
			for sender in [account(1, 0), account(1, 1)] {
				assert_noop!(unlink(sender, account(1, 1)), Error::<Test>::AccountSeated);
			}
			// Another account of the same member goes.
			assert_ok!(unlink(account(1, 1), account(1, 2)));
			// The council has moved the seat.
			Seated::set(&vec![account(1, 0), STRANGER]);
			assert_ok!(unlink(account(1, 0), account(1, 1)));
		});
}

#[test]
fn an_account_that_is_needed_elsewhere_stays_linked() {
	ExtBuilder::default()
		.member(&[Role::Operator], 2)
		.build_and_execute(|| {
			assert_ok!(System::inc_consumers(&account(1, 1)));
			assert_noop!(
				unlink(account(1, 0), account(1, 1)),
				DispatchError::ConsumerRemaining
			);
			System::dec_consumers(&account(1, 1));
			assert_ok!(unlink(account(1, 0), account(1, 1)));
		});
}
