use super::NOT_ACTIVE;
use crate::{mock::*, Error, Event, GrantId, GrantsTo};
use frame_support::{assert_noop, assert_ok};
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
				grantee: organisation(BROKER)
			}
			.into()
		);
		assert_eq!(AccessGrant::grants_of(BATTERY), []);
		assert!(!GrantsTo::<Test>::contains_key(organisation(BROKER), grant));
		// It may ask again, with a better reason.
		requested(BROKER, COMPOSITION);
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
fn nobody_but_the_responsible_operator_denies() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, COMPOSITION);
		for account in [BROKER, RECYCLER] {
			assert_noop!(
				AccessGrant::deny(RuntimeOrigin::signed(account), grant),
				Error::<Test>::NotResponsibleOperator
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
fn what_was_never_asked_for_can_not_be_denied() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			AccessGrant::deny(RuntimeOrigin::signed(MAKER), GrantId(0)),
			Error::<Test>::GrantNotFound
		);
	});
}
