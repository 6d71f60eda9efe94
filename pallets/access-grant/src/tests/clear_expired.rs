use super::NOT_ACTIVE;
use crate::{mock::*, Error, Event, GrantId};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::ledger::KeyEpochs;
use sp_runtime::DispatchError;

#[test]
fn any_member_clears_an_expired_grant() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, COMPOSITION);
		let_grants_expire();
		assert_ok!(AccessGrant::clear_expired(RuntimeOrigin::signed(CARRIER), grant));
		assert_eq!(AccessGrant::grant(grant), None);
		assert_eq!(
			last_event(),
			Event::GrantExpired {
				grant,
				passport: BATTERY,
				grantee: organisation(BROKER),
				key_epoch: None
			}
			.into()
		);
	});
}

#[test]
fn the_key_of_an_expired_grant_opens_nothing_new() {
	ExtBuilder.build_and_execute(|| {
		let grants = [approved(BROKER, INDIVIDUAL), approved(SERVICE, INDIVIDUAL)];
		let_grants_expire();
		for (grant, account) in grants.into_iter().zip([BROKER, SERVICE]) {
			assert_ok!(AccessGrant::clear_expired(RuntimeOrigin::signed(CARRIER), grant));
			assert_eq!(
				last_event(),
				Event::GrantExpired {
					grant,
					passport: BATTERY,
					grantee: organisation(account),
					key_epoch: Some(1),
				}
				.into()
			);
		}
		assert_eq!(StoredEpochs::current(&BATTERY), Some(1));
	});
}

#[test]
fn any_member_clears_a_request_that_has_lapsed() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, INDIVIDUAL);
		let_requests_lapse();
		assert_ok!(AccessGrant::clear_expired(RuntimeOrigin::signed(CARRIER), grant));
		assert_eq!(StoredEpochs::current(&BATTERY), Some(0));
		requested(BROKER, INDIVIDUAL);
	});
}

#[test]
fn what_has_not_expired_stays() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		let request = requested(SERVICE, INDIVIDUAL);
		System::set_block_number(1 + DURATION);
		for number in [grant, request] {
			assert_noop!(
				AccessGrant::clear_expired(RuntimeOrigin::signed(MAKER), number),
				Error::<Test>::NotExpired
			);
		}
	});
}

#[test]
fn nobody_but_an_active_member_clears() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		let_grants_expire();
		for (account, error) in NOT_ACTIVE {
			assert_noop!(
				AccessGrant::clear_expired(RuntimeOrigin::signed(account), grant),
				error
			);
		}
		assert_noop!(
			AccessGrant::clear_expired(RuntimeOrigin::root(), grant),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn what_is_not_there_can_not_be_cleared() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			AccessGrant::clear_expired(RuntimeOrigin::signed(MAKER), GrantId(0)),
			Error::<Test>::GrantNotFound
		);
	});
}
