use crate::{mock::*, DemandingAuthorityList, Error, Event, MAX_DEMANDING_AUTHORITIES};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{data_set::DataSet, organisation::OrganisationId};
use sp_runtime::{DispatchError, DispatchResult};

fn list(accounts: &[u64]) -> DemandingAuthorityList {
	let organisations: Vec<OrganisationId> = accounts.iter().map(|account| organisation(*account)).collect();
	organisations.try_into().unwrap()
}

fn name(accounts: &[u64]) -> DispatchResult {
	AccessGrant::set_demanding_authorities(RuntimeOrigin::root(), list(accounts))
}

#[test]
fn the_council_names_authorities_and_notified_bodies() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!(AccessGrant::demanding_authorities(), []);
		assert_ok!(name(&[AUTHORITY, NOTIFIED_BODY]));
		assert_eq!(
			AccessGrant::demanding_authorities(),
			[organisation(AUTHORITY), organisation(NOTIFIED_BODY)]
		);
		assert_eq!(
			last_event(),
			Event::DemandingAuthoritiesChanged {
				authorities: list(&[AUTHORITY, NOTIFIED_BODY])
			}
			.into()
		);
		// The list is the whole list.
		assert_ok!(name(&[NOTIFIED_BODY]));
		assert_eq!(
			AccessGrant::demanding_authorities(),
			[organisation(NOTIFIED_BODY)]
		);
		assert_ok!(name(&[]));
		assert_eq!(AccessGrant::demanding_authorities(), []);
	});
}

#[test]
fn envelopes_for_a_new_name_are_due_under_every_passport() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!(AccessGrant::due_envelopes(BATTERY), []);
		assert_ok!(name(&[AUTHORITY]));
		for passport in [BATTERY, SILENT, OTHER] {
			assert_eq!(
				AccessGrant::due_envelopes(passport),
				[(organisation(AUTHORITY), DataSet::Composition)]
			);
		}
		assert_ok!(name(&[]));
		assert_eq!(AccessGrant::due_envelopes(BATTERY), []);
	});
}

#[test]
fn nobody_is_named_that_is_no_authority_now() {
	ExtBuilder.build_and_execute(|| {
		TableOfMembers::suspend(NOTIFIED_BODY);
		TableOfMembers::take_roles(FIRST_AUTHORITY);
		for account in [
			BROKER,
			MAKER,
			STRANGER,
			SUSPENDED,
			ENDED,
			NOTIFIED_BODY,
			FIRST_AUTHORITY,
		] {
			assert_noop!(name(&[AUTHORITY, account]), Error::<Test>::NotAnAuthority);
		}
		TableOfMembers::reinstate(NOTIFIED_BODY);
		assert_ok!(name(&[AUTHORITY, NOTIFIED_BODY]));
	});
}

#[test]
fn each_is_named_once() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			name(&[AUTHORITY, NOTIFIED_BODY, AUTHORITY]),
			Error::<Test>::DuplicateAuthority
		);
	});
}

#[test]
fn eight_can_be_named_and_not_nine() {
	ExtBuilder.build_and_execute(|| {
		let most = u64::from(MAX_DEMANDING_AUTHORITIES);
		let accounts: Vec<u64> = (FIRST_AUTHORITY..FIRST_AUTHORITY + most).collect();
		assert_ok!(name(&accounts));
		assert_eq!(
			AccessGrant::demanding_authorities().len(),
			MAX_DEMANDING_AUTHORITIES as usize
		);
		// Nine do not even decode.
		let nine: Vec<OrganisationId> = (0..9).map(OrganisationId).collect();
		let encoded = codec::Encode::encode(&nine);
		assert!(<DemandingAuthorityList as codec::Decode>::decode(&mut &encoded[..]).is_err());
	});
}

#[test]
fn nobody_but_the_council_names_authorities() {
	ExtBuilder.build_and_execute(|| {
		for account in [MAKER, AUTHORITY, STRANGER] {
			assert_noop!(
				AccessGrant::set_demanding_authorities(RuntimeOrigin::signed(account), list(&[AUTHORITY])),
				DispatchError::BadOrigin
			);
		}
	});
}
