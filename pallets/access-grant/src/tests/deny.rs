use super::NOT_ACTIVE;
use crate::{mock::*, Error, Event, GrantId, GrantsTo};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::ledger::{DelegatedRight, OnPassportClosed};
use sp_runtime::DispatchError;

#[test]
fn the_responsible_operator_says_no() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, COMPOSITION);
		assert_ok!(AccessGrant::deny(RuntimeOrigin::signed(MAKER), grant));
		assert_eq!(
			last_event(),
			Event::GrantDenied {
				grant,
				passport: BATTERY,
				grantee: organisation(BROKER),
				by: organisation(MAKER),
			}
			.into()
		);
		assert_eq!(AccessGrant::grants_of(BATTERY, 0), []);
		assert!(!GrantsTo::<Test>::contains_key(organisation(BROKER), grant));
		// It may ask again, with a better reason.
		requested(BROKER, COMPOSITION);
	});
}

#[test]
fn a_delegate_says_no() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, COMPOSITION);
		StoredPassports::delegate(BATTERY, DELEGATE, DelegatedRight::DecideAccess);
		assert_ok!(AccessGrant::deny(RuntimeOrigin::signed(DELEGATE), grant));
		assert_eq!(
			last_event(),
			Event::GrantDenied {
				grant,
				passport: BATTERY,
				grantee: organisation(BROKER),
				by: organisation(DELEGATE),
			}
			.into()
		);
	});
}

#[test]
fn a_denial_does_not_wait_for_an_authoritys_envelope() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, COMPOSITION);
		demand_for(&[AUTHORITY]);
		assert_ok!(AccessGrant::deny(RuntimeOrigin::signed(MAKER), grant));
	});
}

#[test]
fn a_request_that_has_lapsed_can_still_be_denied() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, COMPOSITION);
		let_requests_lapse();
		assert_ok!(AccessGrant::deny(RuntimeOrigin::signed(MAKER), grant));
	});
}

#[test]
fn nobody_else_denies() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, COMPOSITION);
		StoredPassports::delegate(BATTERY, DELEGATE, DelegatedRight::UpdateCommitments);
		for account in [BROKER, RECYCLER, DELEGATE] {
			assert_noop!(
				AccessGrant::deny(RuntimeOrigin::signed(account), grant),
				Error::<Test>::NotAuthorized
			);
		}
		for (account, error) in NOT_ACTIVE {
			assert_noop!(AccessGrant::deny(RuntimeOrigin::signed(account), grant), error);
		}
		assert_noop!(
			AccessGrant::deny(RuntimeOrigin::root(), grant),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn a_grant_is_revoked_and_not_denied() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, COMPOSITION);
		assert_noop!(
			AccessGrant::deny(RuntimeOrigin::signed(MAKER), grant),
			Error::<Test>::AlreadyApproved
		);
	});
}

#[test]
fn a_request_dies_with_the_passport() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, COMPOSITION);
		StoredPassports::close(BATTERY);
		assert_noop!(
			AccessGrant::deny(RuntimeOrigin::signed(MAKER), grant),
			Error::<Test>::PassportNotFound
		);
		AccessGrant::on_passport_closed(&BATTERY);
		assert_noop!(
			AccessGrant::deny(RuntimeOrigin::signed(MAKER), grant),
			Error::<Test>::GrantNotFound
		);
	});
}

#[test]
fn what_was_never_asked_for_can_not_be_denied() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			AccessGrant::deny(RuntimeOrigin::signed(MAKER), GrantId(0)),
			Error::<Test>::GrantNotFound
		);
	});
}
