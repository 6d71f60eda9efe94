use super::NOT_ACTIVE;
use crate::{mock::*, Error, Event, GrantId, GrantState, KeyEnvelope, RequestOf, ENVELOPE_BYTES};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	data_set::Audience,
	ledger::{KeyEpochs, OnPassportClosed},
};
use sp_runtime::DispatchError;

#[test]
fn the_responsible_operator_grants_the_individual_batterys_data_with_a_key() {
	ExtBuilder.build_and_execute(|| {
		StoredEpochs::advance(&BATTERY);
		let data_sets = COMPOSITION.union(INDIVIDUAL);
		let grant = requested(BROKER, data_sets);
		System::set_block_number(5);
		assert_ok!(AccessGrant::approve(
			RuntimeOrigin::signed(MAKER),
			grant,
			Some(envelope(7))
		));
		let stored = AccessGrant::grant(grant).unwrap();
		assert_eq!(
			stored.state,
			GrantState::Approved {
				expires_at: 5 + DURATION,
				envelope: Some(KeyEnvelope {
					key_epoch: 1,
					bytes: [7; ENVELOPE_BYTES]
				}),
			}
		);
		assert!(is_open(grant));
		assert_eq!(RequestOf::<Test>::get(BATTERY, organisation(BROKER)), None);
		assert_eq!(
			last_event(),
			Event::GrantApproved {
				grant,
				passport: BATTERY,
				grantee: organisation(BROKER),
				data_sets,
				expires_at: 5 + DURATION,
				key_epoch: Some(1),
			}
			.into()
		);
	});
}

#[test]
fn what_is_not_sealed_is_granted_without_a_key() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested_for(SILENT, AUTHORITY, COMPOSITION.union(TEST_REPORTS));
		assert_ok!(AccessGrant::approve(RuntimeOrigin::signed(MAKER), grant, None));
		let stored = AccessGrant::grant(grant).unwrap();
		assert_eq!(stored.expires_at(), Some(1 + DURATION));
		assert_eq!(stored.envelope(), None);
		assert!(is_open(grant));
	});
}

#[test]
fn a_key_goes_with_data_set_four_and_with_no_other() {
	ExtBuilder.build_and_execute(|| {
		let sealed = requested(BROKER, INDIVIDUAL);
		assert_noop!(
			AccessGrant::approve(RuntimeOrigin::signed(MAKER), sealed, None),
			Error::<Test>::EnvelopeMissing
		);
		let open = requested(AUTHORITY, COMPOSITION);
		assert_noop!(
			AccessGrant::approve(RuntimeOrigin::signed(MAKER), open, Some(envelope(1))),
			Error::<Test>::EnvelopeNotNeeded
		);
	});
}

#[test]
fn an_envelope_has_exactly_eighty_bytes() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, INDIVIDUAL);
		for length in [0, 1, ENVELOPE_BYTES - 1] {
			let short = vec![1; length].try_into().unwrap();
			assert_noop!(
				AccessGrant::approve(RuntimeOrigin::signed(MAKER), grant, Some(short)),
				Error::<Test>::EnvelopeLength
			);
		}
		assert!(crate::EnvelopeBytes::try_from(vec![1; ENVELOPE_BYTES + 1]).is_err());
	});
}

#[test]
fn without_a_device_there_is_no_key_to_grant() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested_for(SILENT, BROKER, INDIVIDUAL);
		assert_noop!(
			AccessGrant::approve(RuntimeOrigin::signed(MAKER), grant, Some(envelope(1))),
			Error::<Test>::NoDevice
		);
	});
}

#[test]
fn nobody_but_the_responsible_operator_approves() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, COMPOSITION);
		for account in [BROKER, RECYCLER, AUTHORITY] {
			assert_noop!(
				AccessGrant::approve(RuntimeOrigin::signed(account), grant, None),
				Error::<Test>::NotResponsibleOperator
			);
		}
		for (account, error) in NOT_ACTIVE {
			assert_noop!(
				AccessGrant::approve(RuntimeOrigin::signed(account), grant, None),
				error
			);
		}
		assert_noop!(
			AccessGrant::approve(RuntimeOrigin::root(), grant, None),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn who_has_become_responsible_decides() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, COMPOSITION);
		StoredPassports::register(BATTERY, RECYCLER);
		assert_noop!(
			AccessGrant::approve(RuntimeOrigin::signed(MAKER), grant, None),
			Error::<Test>::NotResponsibleOperator
		);
		assert_ok!(AccessGrant::approve(RuntimeOrigin::signed(RECYCLER), grant, None));
	});
}

#[test]
fn the_access_table_is_asked_again() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, COMPOSITION);
		assert_ok!(AccessGrant::set_access(
			RuntimeOrigin::root(),
			Audience::LegitimateInterest,
			INDIVIDUAL
		));
		assert_noop!(
			AccessGrant::approve(RuntimeOrigin::signed(MAKER), grant, None),
			Error::<Test>::NotAllowedByAccessTable
		);
	});
}

#[test]
fn a_grantee_that_has_lost_its_role_is_not_granted() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, COMPOSITION);
		TableOfMembers::take_roles(BROKER);
		assert_noop!(
			AccessGrant::approve(RuntimeOrigin::signed(MAKER), grant, None),
			Error::<Test>::NotAllowedByAccessTable
		);
	});
}

#[test]
fn a_suspended_grantee_is_not_granted() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, COMPOSITION);
		TableOfMembers::suspend(BROKER);
		assert_noop!(
			AccessGrant::approve(RuntimeOrigin::signed(MAKER), grant, None),
			Error::<Test>::GranteeNotActive
		);
	});
}

#[test]
fn a_request_is_approved_once() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, COMPOSITION);
		assert_noop!(
			AccessGrant::approve(RuntimeOrigin::signed(MAKER), grant, None),
			Error::<Test>::AlreadyApproved
		);
	});
}

#[test]
fn a_request_that_waited_too_long_is_not_approved() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, COMPOSITION);
		let late = requested(SERVICE, COMPOSITION);
		System::set_block_number(1 + MaxGrantBlocks::get());
		assert_ok!(AccessGrant::approve(RuntimeOrigin::signed(MAKER), grant, None));
		System::set_block_number(1 + MaxGrantBlocks::get() + 1);
		assert_noop!(
			AccessGrant::approve(RuntimeOrigin::signed(MAKER), late, None),
			Error::<Test>::GrantOver
		);
	});
}

#[test]
fn what_was_never_asked_for_can_not_be_approved() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			AccessGrant::approve(RuntimeOrigin::signed(MAKER), GrantId(0), None),
			Error::<Test>::GrantNotFound
		);
	});
}

#[test]
fn a_request_dies_with_the_passport() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, COMPOSITION);
		StoredPassports::close(BATTERY);
		assert_noop!(
			AccessGrant::approve(RuntimeOrigin::signed(MAKER), grant, None),
			Error::<Test>::PassportNotFound
		);
		AccessGrant::on_passport_closed(&BATTERY);
		assert_noop!(
			AccessGrant::approve(RuntimeOrigin::signed(MAKER), grant, None),
			Error::<Test>::GrantNotFound
		);
	});
}
