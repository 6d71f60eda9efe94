use super::NOT_ACTIVE;
use crate::{mock::*, Error, Event, GrantId, GrantsTo};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::ledger::{DelegatedRight, KeyEpochs, OnPassportClosed};
use sp_runtime::DispatchError;

#[test]
fn a_revoked_grant_opens_nothing_new() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		assert_ok!(AccessGrant::revoke(RuntimeOrigin::signed(MAKER), grant));
		assert!(!is_open(grant));
		assert_eq!(StoredEpochs::current(&BATTERY), Some(1));
		assert_eq!(AccessGrant::grants_of(BATTERY, 0), []);
		assert!(!GrantsTo::<Test>::contains_key(organisation(BROKER), grant));
		assert_eq!(
			last_event(),
			Event::GrantRevoked {
				grant,
				passport: BATTERY,
				grantee: organisation(BROKER),
				by: organisation(MAKER),
				key_epoch: Some(1),
			}
			.into()
		);
	});
}

#[test]
fn a_grant_without_a_key_is_revoked_without_a_new_epoch() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, COMPOSITION);
		assert_ok!(AccessGrant::revoke(RuntimeOrigin::signed(MAKER), grant));
		assert_eq!(StoredEpochs::current(&BATTERY), Some(0));
		assert_eq!(
			last_event(),
			Event::GrantRevoked {
				grant,
				passport: BATTERY,
				grantee: organisation(BROKER),
				by: organisation(MAKER),
				key_epoch: None,
			}
			.into()
		);
	});
}

#[test]
fn revoking_many_at_once_starts_one_epoch() {
	ExtBuilder.build_and_execute(|| {
		let grants = [approved(BROKER, INDIVIDUAL), approved(SERVICE, INDIVIDUAL)];
		for grant in grants {
			assert_ok!(AccessGrant::revoke(RuntimeOrigin::signed(MAKER), grant));
		}
		// The second grantee was never given the key of epoch 1, so there is nothing to take from it.
		assert_eq!(StoredEpochs::current(&BATTERY), Some(1));
	});
}

#[test]
fn a_grantee_with_a_renewed_key_loses_that_one_too() {
	ExtBuilder.build_and_execute(|| {
		let first = approved(BROKER, INDIVIDUAL);
		let second = approved(SERVICE, INDIVIDUAL);
		assert_ok!(AccessGrant::revoke(RuntimeOrigin::signed(MAKER), first));
		assert_ok!(AccessGrant::renew_envelope(
			RuntimeOrigin::signed(MAKER),
			second,
			envelope(1, 9)
		));
		assert_ok!(AccessGrant::revoke(RuntimeOrigin::signed(MAKER), second));
		assert_eq!(StoredEpochs::current(&BATTERY), Some(2));
	});
}

#[test]
fn a_delegate_revokes_what_the_operator_granted_and_the_other_way_round() {
	ExtBuilder.build_and_execute(|| {
		StoredPassports::delegate(BATTERY, DELEGATE, DelegatedRight::DecideAccess);
		for (decider, by) in [(MAKER, DELEGATE), (DELEGATE, MAKER)] {
			let grant = approved_by(decider, BROKER, COMPOSITION);
			assert_ok!(AccessGrant::revoke(RuntimeOrigin::signed(by), grant));
			assert_eq!(
				last_event(),
				Event::GrantRevoked {
					grant,
					passport: BATTERY,
					grantee: organisation(BROKER),
					by: organisation(by),
					key_epoch: None,
				}
				.into()
			);
		}
	});
}

#[test]
fn a_grant_can_be_revoked_while_an_authoritys_envelope_is_due() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		demand_for(&[AUTHORITY]);
		assert_ok!(AccessGrant::revoke(RuntimeOrigin::signed(MAKER), grant));
	});
}

#[test]
fn a_grantee_gives_its_grant_up() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		assert_ok!(AccessGrant::revoke(RuntimeOrigin::signed(BROKER), grant));
		assert_eq!(
			last_event(),
			Event::GrantRevoked {
				grant,
				passport: BATTERY,
				grantee: organisation(BROKER),
				by: organisation(BROKER),
				key_epoch: Some(1),
			}
			.into()
		);
	});
}

#[test]
fn a_member_withdraws_its_request() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, INDIVIDUAL);
		assert_ok!(AccessGrant::revoke(RuntimeOrigin::signed(BROKER), grant));
		assert_eq!(
			last_event(),
			Event::RequestWithdrawn {
				grant,
				passport: BATTERY,
				grantee: organisation(BROKER)
			}
			.into()
		);
		assert_eq!(StoredEpochs::current(&BATTERY), Some(0));
		requested(BROKER, INDIVIDUAL);
	});
}

#[test]
fn the_operator_answers_a_request_and_does_not_revoke_it() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, INDIVIDUAL);
		assert_noop!(
			AccessGrant::revoke(RuntimeOrigin::signed(MAKER), grant),
			Error::<Test>::NotApproved
		);
	});
}

#[test]
fn nobody_but_the_parties_revokes() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		StoredPassports::delegate(BATTERY, DELEGATE, DelegatedRight::RecordEvents);
		for account in [AUTHORITY, RECYCLER, DELEGATE] {
			assert_noop!(
				AccessGrant::revoke(RuntimeOrigin::signed(account), grant),
				Error::<Test>::NotParty
			);
		}
		for (account, error) in NOT_ACTIVE {
			assert_noop!(AccessGrant::revoke(RuntimeOrigin::signed(account), grant), error);
		}
		assert_noop!(
			AccessGrant::revoke(RuntimeOrigin::root(), grant),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn who_has_become_responsible_revokes_what_another_approved() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		StoredPassports::register(BATTERY, RECYCLER);
		assert_noop!(
			AccessGrant::revoke(RuntimeOrigin::signed(MAKER), grant),
			Error::<Test>::NotParty
		);
		assert_ok!(AccessGrant::revoke(RuntimeOrigin::signed(RECYCLER), grant));
	});
}

#[test]
fn a_grant_of_a_suspended_grantee_can_be_revoked() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		TableOfMembers::suspend(BROKER);
		assert_ok!(AccessGrant::revoke(RuntimeOrigin::signed(MAKER), grant));
		assert_eq!(StoredEpochs::current(&BATTERY), Some(1));
	});
}

#[test]
fn when_the_device_is_gone_there_is_no_epoch_to_start() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		StoredEpochs::remove(BATTERY);
		assert_ok!(AccessGrant::revoke(RuntimeOrigin::signed(MAKER), grant));
		assert_eq!(StoredEpochs::current(&BATTERY), None);
	});
}

#[test]
fn a_grant_dies_with_the_passport() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, COMPOSITION);
		StoredPassports::close(BATTERY);
		assert_noop!(
			AccessGrant::revoke(RuntimeOrigin::signed(MAKER), grant),
			Error::<Test>::PassportNotFound
		);
		AccessGrant::on_passport_closed(&BATTERY);
		assert_noop!(
			AccessGrant::revoke(RuntimeOrigin::signed(MAKER), grant),
			Error::<Test>::GrantNotFound
		);
	});
}

#[test]
fn what_is_not_there_can_not_be_revoked() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			AccessGrant::revoke(RuntimeOrigin::signed(MAKER), GrantId(0)),
			Error::<Test>::GrantNotFound
		);
	});
}
