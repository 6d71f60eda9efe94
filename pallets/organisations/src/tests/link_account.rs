//! `link_account`.

use super::standing::only_an_active_member_may;
use crate::{
	linking::{as_wallets_sign, link_message, MAX_CONSENT_BLOCKS},
	mock::*,
	Error, Event, OrganisationOf,
};
use codec::Encode;
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	ledger::Membership,
	organisation::{OrganisationId, Role, MAX_ACCOUNTS_PER_ORGANISATION},
};
use sp_runtime::{testing::TestSignature, DispatchResult};

/// Last block of a consent that counts now.
const SOON: u32 = 100;

/// Links with the account's consent to act for this member.
fn link(sender: u64, member: u32, account: u64) -> DispatchResult {
	link_by(sender, account, SOON, consent(member, account, SOON))
}

fn link_by(sender: u64, account: u64, expires_at: u32, proof: TestSignature) -> DispatchResult {
	Organisations::link_account(RuntimeOrigin::signed(sender), account, expires_at.into(), proof)
}

#[test]
fn only_an_active_member_links_accounts() {
	only_an_active_member_may(|origin| {
		Organisations::link_account(origin, 500, SOON.into(), consent(1, 500, SOON))
	});
}

#[test]
fn a_linked_account_acts_for_the_callers_organisation() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.member(&[Role::BridgeOperator], 1)
		.build_and_execute(|| {
			assert_ok!(link(account(2, 0), 2, 500));
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
			assert_ok!(link(account(1, 0), 1, 500));
			assert_ok!(link(500, 1, 501));
			assert_eq!(organisation(1).accounts.to_vec(), [account(1, 0), 500, 501]);
		});
}

#[test]
fn nobody_is_linked_without_having_signed_just_that() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			let signed = |message: Vec<u8>| TestSignature(500, message);
			let message = |genesis: &[u8], member: u32, account: u64, expires_at: u32| {
				link_message(genesis, OrganisationId(member), &account.encode(), expires_at)
			};
			for proof in [
				// Another's signature, network, member, account, end, domain.
				TestSignature(501, message(&GENESIS, 1, 500, SOON)),
				signed(message(&[70; 32], 1, 500, SOON)),
				signed(message(&GENESIS, 2, 500, SOON)),
				signed(message(&GENESIS, 1, 501, SOON)),
				signed(message(&GENESIS, 1, 500, SOON + 1)),
				signed(message(&GENESIS, 1, 500, SOON)[1..].to_vec()),
				signed(vec![]),
				// Wrapped twice.
				signed(as_wallets_sign(&as_wallets_sign(&message(
					&GENESIS, 1, 500, SOON,
				)))),
			] {
				assert_noop!(link_by(account(1, 0), 500, SOON, proof), Error::<Test>::NoConsent);
			}
			// The same signature serves the member that it names, and no other.
			assert_noop!(link(account(2, 0), 1, 500), Error::<Test>::NoConsent);
			assert_ok!(link(account(1, 0), 1, 500));
		});
}

#[test]
fn a_consent_that_a_wallet_signed_between_its_words_counts() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			let TestSignature(signer, message) = consent(1, 500, SOON);
			assert_ok!(link_by(
				account(1, 0),
				500,
				SOON,
				TestSignature(signer, as_wallets_sign(&message))
			));
		});
}

#[test]
fn a_consent_counts_until_its_last_block_and_not_for_too_long() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			System::set_block_number(1_000);
			let link_until =
				|expires_at: u32| link_by(account(1, 0), 500, expires_at, consent(1, 500, expires_at));
			for expired in [0, 999] {
				assert_noop!(link_until(expired), Error::<Test>::ConsentExpired);
			}
			for too_long in [1_001 + MAX_CONSENT_BLOCKS, u32::MAX] {
				assert_noop!(link_until(too_long), Error::<Test>::ConsentTooLong);
			}
			assert_ok!(link_until(1_000));
			assert_ok!(link_by(
				account(1, 0),
				501,
				1_000 + MAX_CONSENT_BLOCKS,
				consent(1, 501, 1_000 + MAX_CONSENT_BLOCKS)
			));
		});
}

#[test]
fn an_account_acts_for_one_organisation_only() {
	ExtBuilder::default()
		.member(&[Role::Operator], 2)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			for used in [account(1, 0), account(1, 1), account(2, 0)] {
				assert_noop!(link(account(1, 0), 1, used), Error::<Test>::AccountInUse);
			}
		});
}

#[test]
fn an_organisation_has_at_most_sixteen_accounts() {
	ExtBuilder::default()
		.member(&[Role::BridgeOperator], 1)
		.build_and_execute(|| {
			for number in 1..u64::from(MAX_ACCOUNTS_PER_ORGANISATION) {
				assert_ok!(link(account(1, 0), 1, 500 + number));
			}
			assert_noop!(link(account(1, 0), 1, 600), Error::<Test>::TooManyAccounts);
			assert_ok!(Organisations::unlink_account(
				RuntimeOrigin::signed(account(1, 0)),
				501
			));
			assert_ok!(link(account(1, 0), 1, 600));
		});
}

#[test]
fn an_account_that_was_unlinked_is_never_linked_again() {
	ExtBuilder::default()
		.member(&[Role::Operator], 2)
		.member(&[Role::Recycler], 1)
		.build_and_execute(|| {
			let retired = account(1, 1);
			assert_ok!(Organisations::unlink_account(
				RuntimeOrigin::signed(account(1, 0)),
				retired
			));
			for member in [1, 2] {
				assert_noop!(
					link(account(member, 0), member, retired),
					Error::<Test>::AccountRetired
				);
			}
		});
}
