use super::NOT_ACTIVE;
use crate::{mock::*, Error, Event, GrantId, GrantState, RequestOf};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	data_set::{Audience, DataSet, DataSets},
	ledger::{DelegatedRight, KeyEpochs, OnPassportClosed},
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
			Some(envelope(1, 7))
		));
		let stored = AccessGrant::grant(grant).unwrap();
		assert_eq!(
			stored.state,
			GrantState::Approved {
				expires_at: 5 + DURATION,
				delegate: None,
				envelope: Some(envelope(1, 7)),
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
				by: organisation(MAKER),
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
			AccessGrant::approve(RuntimeOrigin::signed(MAKER), open, Some(envelope(0, 1))),
			Error::<Test>::EnvelopeNotNeeded
		);
	});
}

#[test]
fn an_envelope_of_another_epoch_is_refused() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, INDIVIDUAL);
		StoredEpochs::advance(&BATTERY);
		// The operator made it before the epoch began, or for one that will.
		for key_epoch in [0, 2] {
			assert_noop!(
				AccessGrant::approve(RuntimeOrigin::signed(MAKER), grant, Some(envelope(key_epoch, 1))),
				Error::<Test>::StaleEpoch
			);
		}
		assert_ok!(AccessGrant::approve(
			RuntimeOrigin::signed(MAKER),
			grant,
			Some(envelope(1, 1))
		));
	});
}

#[test]
fn the_authority_comes_first() {
	ExtBuilder.build_and_execute(|| {
		let sealed = requested(BROKER, INDIVIDUAL);
		let open = requested(SERVICE, COMPOSITION);
		let elsewhere = requested_for(SILENT, SERVICE, MODEL);
		demand_for(&[AUTHORITY]);
		StoredPassports::commit(SILENT, MODEL);
		for (grant, envelope) in [(sealed, Some(envelope(0, 1))), (open, None)] {
			assert_noop!(
				AccessGrant::approve(RuntimeOrigin::signed(MAKER), grant, envelope),
				Error::<Test>::EnvelopesDue
			);
		}
		// Nothing is demanded of a passport that has public data alone.
		assert_ok!(AccessGrant::approve(
			RuntimeOrigin::signed(MAKER),
			elsewhere,
			None
		));
		deposited(&[for_authority(AUTHORITY, DataSet::Composition, 1)]);
		assert_ok!(AccessGrant::approve(
			RuntimeOrigin::signed(MAKER),
			sealed,
			Some(envelope(0, 1))
		));
		assert_ok!(AccessGrant::approve(RuntimeOrigin::signed(MAKER), open, None));
	});
}

#[test]
fn a_delegate_grants_in_the_responsible_operators_place() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, COMPOSITION);
		StoredPassports::delegate(BATTERY, DELEGATE, DelegatedRight::DecideAccess);
		assert_ok!(AccessGrant::approve(RuntimeOrigin::signed(DELEGATE), grant, None));
		let stored = AccessGrant::grant(grant).unwrap();
		assert_eq!(stored.delegate(), Some(organisation(DELEGATE)));
		assert!(is_open(grant));
		assert_eq!(
			last_event(),
			Event::GrantApproved {
				grant,
				passport: BATTERY,
				grantee: organisation(BROKER),
				by: organisation(DELEGATE),
				data_sets: COMPOSITION,
				expires_at: 1 + DURATION,
				key_epoch: None,
			}
			.into()
		);
	});
}

#[test]
fn a_delegate_of_something_else_or_somewhere_else_does_not_grant() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, COMPOSITION);
		let approve = || AccessGrant::approve(RuntimeOrigin::signed(DELEGATE), grant, None);
		StoredPassports::delegate(SILENT, DELEGATE, DelegatedRight::DecideAccess);
		assert_noop!(approve(), Error::<Test>::NotAuthorized);
		for right in DelegatedRight::ALL {
			StoredPassports::delegate(BATTERY, DELEGATE, right);
			if right != DelegatedRight::DecideAccess {
				assert_noop!(approve(), Error::<Test>::NotAuthorized);
			}
		}
		StoredPassports::delegate(BATTERY, DELEGATE, DelegatedRight::DecideAccess);
		TableOfMembers::suspend(MAKER);
		assert_noop!(approve(), Error::<Test>::NotAuthorized);
		TableOfMembers::reinstate(MAKER);
		StoredPassports::end_delegation(BATTERY, DELEGATE);
		assert_noop!(approve(), Error::<Test>::NotAuthorized);
	});
}

#[test]
fn without_a_device_there_is_no_key_to_grant() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested_for(SILENT, BROKER, INDIVIDUAL);
		assert_noop!(
			AccessGrant::approve(RuntimeOrigin::signed(MAKER), grant, Some(envelope(0, 1))),
			Error::<Test>::NoDevice
		);
	});
}

#[test]
fn nobody_else_approves() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, COMPOSITION);
		for account in [BROKER, RECYCLER, AUTHORITY] {
			assert_noop!(
				AccessGrant::approve(RuntimeOrigin::signed(account), grant, None),
				Error::<Test>::NotAuthorized
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
			Error::<Test>::NotAuthorized
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
fn the_purpose_is_asked_about_again() {
	ExtBuilder.build_and_execute(|| {
		let grant = requested(BROKER, COMPOSITION);
		assert_ok!(AccessGrant::set_purpose(
			RuntimeOrigin::root(),
			Audience::LegitimateInterest,
			purpose_of(BROKER),
			DataSets::NONE
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
