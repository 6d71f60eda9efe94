use crate::mock::*;
use frame_support::assert_ok;
use passport_primitives::{
	data_set::{Audience, DataSets},
	ledger::DelegatedRight,
};

#[test]
fn a_grant_is_open_up_to_its_last_block() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		System::set_block_number(1 + DURATION);
		assert!(is_open(grant));
		// No transaction is needed for it to end.
		System::set_block_number(1 + DURATION + 1);
		assert!(!is_open(grant));
		assert_eq!(AccessGrant::open_grants_of(BATTERY), []);
		assert_eq!(
			AccessGrant::opened_to(BATTERY, organisation(BROKER)),
			DataSets::NONE
		);
		assert!(AccessGrant::grant(grant).is_some());
	});
}

#[test]
fn a_suspended_grantee_reads_nothing() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		TableOfMembers::suspend(BROKER);
		assert!(!is_open(grant));
		TableOfMembers::reinstate(BROKER);
		assert!(is_open(grant));
	});
}

#[test]
fn what_a_suspended_operator_has_granted_opens_nothing() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		TableOfMembers::suspend(MAKER);
		assert!(!is_open(grant));
		// Whoever takes over the passport answers for its grants.
		StoredPassports::register(BATTERY, RECYCLER);
		assert!(is_open(grant));
	});
}

#[test]
fn what_a_delegate_has_granted_closes_with_the_delegate_and_with_the_operator() {
	ExtBuilder.build_and_execute(|| {
		StoredPassports::delegate(BATTERY, DELEGATE, DelegatedRight::DecideAccess);
		let grant = approved_by(DELEGATE, BROKER, INDIVIDUAL);
		for account in [DELEGATE, MAKER, BROKER] {
			assert!(is_open(grant));
			TableOfMembers::suspend(account);
			assert!(!is_open(grant), "organisation {account} is suspended");
			assert_eq!(AccessGrant::open_grants_of(BATTERY), []);
			assert_eq!(
				AccessGrant::opened_to(BATTERY, organisation(BROKER)),
				DataSets::NONE
			);
			TableOfMembers::reinstate(account);
		}
		// The end of the delegation ends nothing that was decided while it lasted.
		StoredPassports::end_delegation(BATTERY, DELEGATE);
		assert!(is_open(grant));
	});
}

#[test]
fn a_grant_opens_no_more_than_its_purpose_does_now() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, COMPOSITION.union(INDIVIDUAL));
		let opened = || AccessGrant::opened_to(BATTERY, organisation(BROKER));
		let set_purpose = |data_sets| {
			assert_ok!(AccessGrant::set_purpose(
				RuntimeOrigin::root(),
				Audience::LegitimateInterest,
				purpose_of(BROKER),
				data_sets
			));
		};
		set_purpose(INDIVIDUAL);
		assert_eq!(opened(), INDIVIDUAL);
		set_purpose(DataSets::NONE);
		assert_eq!(opened(), DataSets::NONE);
		assert!(!is_open(grant));
		set_purpose(DataSets::ALL);
		assert_eq!(opened(), COMPOSITION.union(INDIVIDUAL));
	});
}

#[test]
fn a_grant_opens_no_more_than_the_table_allows_now() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, COMPOSITION.union(INDIVIDUAL));
		let opened = || AccessGrant::opened_to(BATTERY, organisation(BROKER));
		assert_eq!(opened(), COMPOSITION.union(INDIVIDUAL));
		assert_ok!(AccessGrant::set_access(
			RuntimeOrigin::root(),
			Audience::LegitimateInterest,
			COMPOSITION
		));
		assert_eq!(opened(), COMPOSITION);
		assert!(is_open(grant));
		assert_ok!(AccessGrant::set_access(
			RuntimeOrigin::root(),
			Audience::LegitimateInterest,
			MODEL
		));
		assert_eq!(opened(), DataSets::NONE);
		assert!(!is_open(grant));
	});
}

#[test]
fn the_grants_of_a_member_add_up_and_are_nobody_elses() {
	ExtBuilder.build_and_execute(|| {
		approved(BROKER, COMPOSITION);
		approved(BROKER, INDIVIDUAL);
		approved(AUTHORITY, TEST_REPORTS);
		requested(SERVICE, INDIVIDUAL);
		let opened = |account| AccessGrant::opened_to(BATTERY, organisation(account));
		assert_eq!(opened(BROKER), COMPOSITION.union(INDIVIDUAL));
		assert_eq!(opened(AUTHORITY), TEST_REPORTS);
		assert_eq!(opened(SERVICE), DataSets::NONE);
		assert_eq!(
			AccessGrant::opened_to(OTHER, organisation(BROKER)),
			DataSets::NONE
		);
		assert_eq!(AccessGrant::open_grants_of(BATTERY).len(), 3);
		assert_eq!(AccessGrant::grants_of(BATTERY, 0).len(), 4);
	});
}
