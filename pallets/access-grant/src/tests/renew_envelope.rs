use super::NOT_ACTIVE;
use crate::{mock::*, Error, Event, GrantId};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	data_set::{Audience, DataSet},
	ledger::{DelegatedRight, KeyEpochs},
};
use sp_runtime::DispatchError;

#[test]
fn after_a_new_epoch_the_other_grantees_get_the_new_key() {
	ExtBuilder.build_and_execute(|| {
		let revoked = approved(BROKER, INDIVIDUAL);
		let kept = approved(SERVICE, INDIVIDUAL);
		assert_ok!(AccessGrant::revoke(RuntimeOrigin::signed(MAKER), revoked));
		let expires_at = AccessGrant::grant(kept).unwrap().expires_at();
		System::set_block_number(3);
		assert_ok!(AccessGrant::renew_envelope(
			RuntimeOrigin::signed(MAKER),
			kept,
			envelope(1, 9)
		));
		let stored = AccessGrant::grant(kept).unwrap();
		assert_eq!(stored.envelope(), Some(&envelope(1, 9)));
		assert_eq!(stored.expires_at(), expires_at, "a new key is no longer grant");
		assert_eq!(
			last_event(),
			Event::EnvelopeRenewed {
				grant: kept,
				passport: BATTERY,
				grantee: organisation(SERVICE),
				key_epoch: 1,
			}
			.into()
		);
	});
}

#[test]
fn an_envelope_that_did_not_open_is_replaced_in_the_same_epoch() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		assert_ok!(AccessGrant::renew_envelope(
			RuntimeOrigin::signed(MAKER),
			grant,
			envelope(0, 9)
		));
		assert_eq!(
			AccessGrant::grant(grant).unwrap().envelope(),
			Some(&envelope(0, 9))
		);
	});
}

#[test]
fn who_may_no_longer_read_gets_no_new_key() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		let renew = || AccessGrant::renew_envelope(RuntimeOrigin::signed(MAKER), grant, envelope(0, 9));

		TableOfMembers::suspend(BROKER);
		assert_noop!(renew(), Error::<Test>::GranteeNotActive);
		TableOfMembers::reinstate(BROKER);

		assert_ok!(AccessGrant::set_access(
			RuntimeOrigin::root(),
			Audience::LegitimateInterest,
			COMPOSITION
		));
		assert_noop!(renew(), Error::<Test>::NotAllowedByAccessTable);
		assert_ok!(AccessGrant::set_access(
			RuntimeOrigin::root(),
			Audience::LegitimateInterest,
			INDIVIDUAL
		));

		assert_ok!(AccessGrant::set_purpose(
			RuntimeOrigin::root(),
			Audience::LegitimateInterest,
			purpose_of(BROKER),
			COMPOSITION
		));
		assert_noop!(renew(), Error::<Test>::NotAllowedByAccessTable);
		assert_ok!(AccessGrant::set_purpose(
			RuntimeOrigin::root(),
			Audience::LegitimateInterest,
			purpose_of(BROKER),
			INDIVIDUAL
		));

		System::set_block_number(1 + DURATION);
		assert_ok!(renew());
		System::set_block_number(1 + DURATION + 1);
		assert_noop!(renew(), Error::<Test>::GrantOver);
	});
}

#[test]
fn a_request_and_a_grant_without_a_key_have_none_to_renew() {
	ExtBuilder.build_and_execute(|| {
		let request = requested(BROKER, INDIVIDUAL);
		assert_noop!(
			AccessGrant::renew_envelope(RuntimeOrigin::signed(MAKER), request, envelope(0, 9)),
			Error::<Test>::NotApproved
		);
		let keyless = approved(SERVICE, COMPOSITION);
		assert_noop!(
			AccessGrant::renew_envelope(RuntimeOrigin::signed(MAKER), keyless, envelope(0, 9)),
			Error::<Test>::EnvelopeNotNeeded
		);
	});
}

#[test]
fn a_key_of_another_epoch_is_no_renewal() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		StoredEpochs::advance(&BATTERY);
		for key_epoch in [0, 2] {
			assert_noop!(
				AccessGrant::renew_envelope(RuntimeOrigin::signed(MAKER), grant, envelope(key_epoch, 9)),
				Error::<Test>::StaleEpoch
			);
		}
		assert_ok!(AccessGrant::renew_envelope(
			RuntimeOrigin::signed(MAKER),
			grant,
			envelope(1, 9)
		));
	});
}

#[test]
fn after_a_new_epoch_the_authority_comes_first() {
	ExtBuilder.build_and_execute(|| {
		demand_for(&[AUTHORITY]);
		let for_the_authority = [for_authority(AUTHORITY, DataSet::Composition, 1)];
		deposited(&for_the_authority);
		let grant = approved(BROKER, INDIVIDUAL);
		StoredEpochs::advance(&BATTERY);
		assert_noop!(
			AccessGrant::renew_envelope(RuntimeOrigin::signed(MAKER), grant, envelope(1, 9)),
			Error::<Test>::EnvelopesDue
		);
		deposited(&for_the_authority);
		assert_ok!(AccessGrant::renew_envelope(
			RuntimeOrigin::signed(MAKER),
			grant,
			envelope(1, 9)
		));
	});
}

#[test]
fn a_delegate_renews_and_the_operators_grant_stays_the_operators() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		StoredPassports::delegate(BATTERY, DELEGATE, DelegatedRight::DecideAccess);
		assert_ok!(AccessGrant::renew_envelope(
			RuntimeOrigin::signed(DELEGATE),
			grant,
			envelope(0, 9)
		));
		let stored = AccessGrant::grant(grant).unwrap();
		assert_eq!(stored.envelope(), Some(&envelope(0, 9)));
		assert_eq!(stored.delegate(), None);
		TableOfMembers::suspend(DELEGATE);
		assert!(is_open(grant));
	});
}

#[test]
fn the_operator_makes_a_delegates_grant_its_own_by_renewing_it() {
	ExtBuilder.build_and_execute(|| {
		StoredPassports::delegate(BATTERY, DELEGATE, DelegatedRight::DecideAccess);
		let grant = approved_by(DELEGATE, BROKER, INDIVIDUAL);
		assert_ok!(AccessGrant::renew_envelope(
			RuntimeOrigin::signed(DELEGATE),
			grant,
			envelope(0, 8)
		));
		TableOfMembers::suspend(DELEGATE);
		assert!(!is_open(grant));
		assert_ok!(AccessGrant::renew_envelope(
			RuntimeOrigin::signed(MAKER),
			grant,
			envelope(0, 9)
		));
		assert!(is_open(grant));
	});
}

#[test]
fn when_the_device_is_gone_there_is_no_key_to_renew() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		StoredEpochs::remove(BATTERY);
		assert_noop!(
			AccessGrant::renew_envelope(RuntimeOrigin::signed(MAKER), grant, envelope(0, 9)),
			Error::<Test>::NoDevice
		);
	});
}

#[test]
fn nobody_else_renews() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		StoredPassports::delegate(BATTERY, DELEGATE, DelegatedRight::ManageDevices);
		for account in [BROKER, RECYCLER, DELEGATE] {
			assert_noop!(
				AccessGrant::renew_envelope(RuntimeOrigin::signed(account), grant, envelope(0, 9)),
				Error::<Test>::NotAuthorized
			);
		}
		for (account, error) in NOT_ACTIVE {
			assert_noop!(
				AccessGrant::renew_envelope(RuntimeOrigin::signed(account), grant, envelope(0, 9)),
				error
			);
		}
		assert_noop!(
			AccessGrant::renew_envelope(RuntimeOrigin::root(), grant, envelope(0, 9)),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn what_is_not_there_can_not_be_renewed() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			AccessGrant::renew_envelope(RuntimeOrigin::signed(MAKER), GrantId(0), envelope(0, 9)),
			Error::<Test>::GrantNotFound
		);
	});
}
