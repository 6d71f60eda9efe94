use super::NOT_ACTIVE;
use crate::{mock::*, Error, Event, GrantId, KeyEnvelope, ENVELOPE_BYTES};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::data_set::Audience;
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
			envelope(9)
		));
		let stored = AccessGrant::grant(kept).unwrap();
		assert_eq!(
			stored.envelope(),
			Some(&KeyEnvelope {
				key_epoch: 1,
				bytes: [9; ENVELOPE_BYTES]
			})
		);
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
			envelope(9)
		));
		assert_eq!(
			AccessGrant::grant(grant).unwrap().envelope(),
			Some(&KeyEnvelope {
				key_epoch: 0,
				bytes: [9; ENVELOPE_BYTES]
			})
		);
	});
}

#[test]
fn who_may_no_longer_read_gets_no_new_key() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		let renew = || AccessGrant::renew_envelope(RuntimeOrigin::signed(MAKER), grant, envelope(9));

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
			AccessGrant::renew_envelope(RuntimeOrigin::signed(MAKER), request, envelope(9)),
			Error::<Test>::NotApproved
		);
		let keyless = approved(SERVICE, COMPOSITION);
		assert_noop!(
			AccessGrant::renew_envelope(RuntimeOrigin::signed(MAKER), keyless, envelope(9)),
			Error::<Test>::EnvelopeNotNeeded
		);
	});
}

#[test]
fn the_new_envelope_is_as_long_as_the_old_one() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		let short = vec![9; ENVELOPE_BYTES - 1].try_into().unwrap();
		assert_noop!(
			AccessGrant::renew_envelope(RuntimeOrigin::signed(MAKER), grant, short),
			Error::<Test>::EnvelopeLength
		);
	});
}

#[test]
fn when_the_device_is_gone_there_is_no_key_to_renew() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		StoredEpochs::remove(BATTERY);
		assert_noop!(
			AccessGrant::renew_envelope(RuntimeOrigin::signed(MAKER), grant, envelope(9)),
			Error::<Test>::NoDevice
		);
	});
}

#[test]
fn nobody_but_the_responsible_operator_renews() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		for account in [BROKER, RECYCLER] {
			assert_noop!(
				AccessGrant::renew_envelope(RuntimeOrigin::signed(account), grant, envelope(9)),
				Error::<Test>::NotResponsibleOperator
			);
		}
		for (account, error) in NOT_ACTIVE {
			assert_noop!(
				AccessGrant::renew_envelope(RuntimeOrigin::signed(account), grant, envelope(9)),
				error
			);
		}
		assert_noop!(
			AccessGrant::renew_envelope(RuntimeOrigin::root(), grant, envelope(9)),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn what_is_not_there_can_not_be_renewed() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			AccessGrant::renew_envelope(RuntimeOrigin::signed(MAKER), GrantId(0), envelope(9)),
			Error::<Test>::GrantNotFound
		);
	});
}
