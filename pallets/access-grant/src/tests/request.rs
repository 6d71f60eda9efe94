use super::NOT_ACTIVE;
use crate::{mock::*, Error, Event, GrantId, GrantState, GrantsTo, NextGrantId, RequestOf};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::{
	battery::PassportId,
	data_set::{Audience, DataSets, Purpose},
};
use sp_runtime::{DispatchError, DispatchResult};

fn request(account: u64, passport: PassportId, data_sets: DataSets, duration: u64) -> DispatchResult {
	AccessGrant::request(
		RuntimeOrigin::signed(account),
		passport,
		data_sets,
		purpose_of(account),
		duration,
	)
}

fn request_for_purpose(account: u64, data_sets: DataSets, purpose: Purpose) -> DispatchResult {
	AccessGrant::request(
		RuntimeOrigin::signed(account),
		BATTERY,
		data_sets,
		purpose,
		DURATION,
	)
}

#[test]
fn a_member_asks_for_access() {
	ExtBuilder.build_and_execute(|| {
		let data_sets = COMPOSITION.union(INDIVIDUAL);
		assert_ok!(request(BROKER, BATTERY, data_sets, 20));
		let grant = GrantId(0);
		let stored = AccessGrant::grant(grant).unwrap();
		assert_eq!(stored.passport, BATTERY);
		assert_eq!(stored.grantee, organisation(BROKER));
		assert_eq!(stored.data_sets, data_sets);
		assert_eq!(stored.purpose, Purpose::Valuation);
		assert_eq!((stored.requested_at, stored.duration_blocks), (1, 20));
		assert_eq!(
			stored.state,
			GrantState::Requested {
				lapses_at: 1 + MaxGrantBlocks::get()
			}
		);
		assert_eq!(stored.expires_at(), None);
		assert_eq!(AccessGrant::grants_of(BATTERY, 0), [(grant, stored)]);
		assert!(GrantsTo::<Test>::contains_key(organisation(BROKER), grant));
		System::assert_last_event(
			Event::GrantRequested {
				grant,
				passport: BATTERY,
				grantee: organisation(BROKER),
				data_sets,
				purpose: Purpose::Valuation,
				duration_blocks: 20,
			}
			.into(),
		);
	});
}

#[test]
fn a_request_opens_nothing() {
	ExtBuilder.build_and_execute(|| {
		assert!(!is_open(requested(BROKER, INDIVIDUAL)));
		assert_eq!(AccessGrant::open_grants_of(BATTERY), []);
	});
}

#[test]
fn the_table_of_annex_xiii_says_who_may_ask_for_what() {
	ExtBuilder.build_and_execute(|| {
		// (data set, public, authority, legitimate interest)
		let table = [
			(MODEL, true, true, true),
			(COMPOSITION, false, true, true),
			(TEST_REPORTS, false, true, false),
			(INDIVIDUAL, false, false, true),
		];
		for (data_sets, public, authority, interest) in table {
			for (account, allowed) in [(CARRIER, public), (AUTHORITY, authority), (BROKER, interest)] {
				if allowed {
					let grant = requested(account, data_sets);
					assert_ok!(AccessGrant::revoke(RuntimeOrigin::signed(account), grant));
				} else {
					assert_noop!(
						request(account, BATTERY, data_sets, DURATION),
						Error::<Test>::NotAllowedByAccessTable
					);
				}
			}
		}
	});
}

#[test]
fn each_purpose_is_named_by_the_audience_that_it_is_of() {
	ExtBuilder.build_and_execute(|| {
		for purpose in Purpose::ALL {
			let surveys = purpose == Purpose::Surveillance;
			for (account, names_it) in [(AUTHORITY, surveys), (BROKER, !surveys), (CARRIER, false)] {
				if names_it {
					assert_ok!(request_for_purpose(account, COMPOSITION, purpose));
				} else {
					assert_noop!(
						request_for_purpose(account, COMPOSITION, purpose),
						Error::<Test>::NotAllowedByAccessTable
					);
					// What is public is so for whatever purpose.
					assert_ok!(request_for_purpose(account, MODEL, purpose));
				}
				let waiting = RequestOf::<Test>::get(BATTERY, organisation(account)).unwrap();
				assert_ok!(AccessGrant::revoke(RuntimeOrigin::signed(account), waiting));
			}
		}
	});
}

#[test]
fn a_purpose_opens_what_the_council_says() {
	ExtBuilder.build_and_execute(|| {
		let set = |audience, purpose, data_sets| {
			assert_ok!(AccessGrant::set_purpose(
				RuntimeOrigin::root(),
				audience,
				purpose,
				data_sets
			));
		};
		set(Audience::LegitimateInterest, Purpose::Recycling, COMPOSITION);
		assert_noop!(
			request_for_purpose(BROKER, INDIVIDUAL, Purpose::Recycling),
			Error::<Test>::NotAllowedByAccessTable
		);
		assert_ok!(request_for_purpose(BROKER, COMPOSITION, Purpose::Recycling));
		// The other purposes are as they were.
		assert_ok!(request_for_purpose(SERVICE, INDIVIDUAL, Purpose::Maintenance));
		// A purpose does not open what the audience may not see at all.
		set(Audience::Authority, Purpose::Recycling, DataSets::ALL);
		assert_noop!(
			request_for_purpose(AUTHORITY, INDIVIDUAL, Purpose::Recycling),
			Error::<Test>::NotAllowedByAccessTable
		);
		assert_ok!(request_for_purpose(AUTHORITY, TEST_REPORTS, Purpose::Recycling));
	});
}

#[test]
fn one_set_too_many_refuses_the_whole_request() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			request(BROKER, BATTERY, INDIVIDUAL.union(TEST_REPORTS), DURATION),
			Error::<Test>::NotAllowedByAccessTable
		);
	});
}

#[test]
fn what_the_council_opens_can_be_asked_for() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			request(AUTHORITY, BATTERY, INDIVIDUAL, DURATION),
			Error::<Test>::NotAllowedByAccessTable
		);
		assert_ok!(AccessGrant::set_access(
			RuntimeOrigin::root(),
			Audience::Authority,
			DataSets::ALL
		));
		assert_ok!(request(AUTHORITY, BATTERY, INDIVIDUAL, DURATION));
	});
}

#[test]
fn a_request_names_data_sets_that_exist() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			request(BROKER, BATTERY, DataSets::NONE, DURATION),
			Error::<Test>::NoDataSets
		);
		// What comes over the wire can have any bit.
		let invalid: DataSets = codec::Decode::decode(&mut &[0b1_0001u8][..]).unwrap();
		assert_noop!(
			request(BROKER, BATTERY, invalid, DURATION),
			Error::<Test>::InvalidDataSets
		);
	});
}

#[test]
fn a_grant_lasts_one_block_to_the_maximum() {
	ExtBuilder.build_and_execute(|| {
		let too_long = MaxGrantBlocks::get() + 1;
		for duration in [0, too_long] {
			assert_noop!(
				request(BROKER, BATTERY, INDIVIDUAL, duration),
				Error::<Test>::DurationOutOfRange
			);
		}
		assert_ok!(request(BROKER, BATTERY, INDIVIDUAL, 1));
		assert_ok!(request(SERVICE, BATTERY, INDIVIDUAL, too_long - 1));
	});
}

#[test]
fn a_passport_that_never_was_or_is_closed_grants_nothing() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			request(BROKER, NOWHERE, INDIVIDUAL, DURATION),
			Error::<Test>::PassportNotFound
		);
		StoredPassports::close(BATTERY);
		assert_noop!(
			request(BROKER, BATTERY, INDIVIDUAL, DURATION),
			Error::<Test>::PassportNotFound
		);
	});
}

#[test]
fn only_an_account_of_an_active_member_asks() {
	ExtBuilder.build_and_execute(|| {
		for (account, error) in NOT_ACTIVE {
			assert_noop!(request(account, BATTERY, MODEL, DURATION), error);
		}
		assert_noop!(
			AccessGrant::request(
				RuntimeOrigin::root(),
				BATTERY,
				MODEL,
				Purpose::Valuation,
				DURATION
			),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn one_request_of_a_member_waits_for_a_passport() {
	ExtBuilder.build_and_execute(|| {
		requested(BROKER, INDIVIDUAL);
		assert_noop!(
			request(BROKER, BATTERY, COMPOSITION, DURATION),
			Error::<Test>::AlreadyRequested
		);
		assert_ok!(request(SERVICE, BATTERY, COMPOSITION, DURATION));
		assert_ok!(request(BROKER, OTHER, COMPOSITION, DURATION));
	});
}

#[test]
fn a_grantee_asks_for_more_while_its_grant_is_open() {
	ExtBuilder.build_and_execute(|| {
		let first = approved(BROKER, COMPOSITION);
		let second = requested(BROKER, INDIVIDUAL);
		assert!(is_open(first));
		assert!(!is_open(second));
	});
}

#[test]
fn a_request_replaces_one_that_has_lapsed() {
	ExtBuilder.build_and_execute(|| {
		let old = requested(BROKER, INDIVIDUAL);
		System::set_block_number(1 + MaxGrantBlocks::get());
		assert_noop!(
			request(BROKER, BATTERY, COMPOSITION, DURATION),
			Error::<Test>::AlreadyRequested
		);
		System::set_block_number(1 + MaxGrantBlocks::get() + 1);
		let new = requested(BROKER, COMPOSITION);
		assert_eq!(AccessGrant::grant(old), None);
		assert_eq!(AccessGrant::grants_of(BATTERY, 0).len(), 1);
		assert!(AccessGrant::grant(new).is_some());
		System::assert_has_event(
			Event::GrantExpired {
				grant: old,
				passport: BATTERY,
				grantee: organisation(BROKER),
				key_epoch: None,
			}
			.into(),
		);
	});
}

#[test]
fn a_full_passport_takes_no_request_until_one_is_ended() {
	ExtBuilder.build_and_execute(|| {
		let first = approved(BROKER, COMPOSITION);
		for _ in 1..MaxGrantsPerPassport::get() {
			approved(BROKER, COMPOSITION);
		}
		assert_noop!(
			request(SERVICE, BATTERY, COMPOSITION, DURATION),
			Error::<Test>::TooManyGrants
		);
		assert_ok!(request(SERVICE, OTHER, COMPOSITION, DURATION));
		let_grants_expire();
		assert_ok!(AccessGrant::clear_expired(RuntimeOrigin::signed(SERVICE), first));
		assert_ok!(request(SERVICE, BATTERY, COMPOSITION, DURATION));
	});
}

#[test]
fn when_all_numbers_are_given_there_are_no_more_requests() {
	ExtBuilder.build_and_execute(|| {
		NextGrantId::<Test>::put(GrantId(u32::MAX));
		assert_noop!(
			request(BROKER, BATTERY, COMPOSITION, DURATION),
			Error::<Test>::NumbersExhausted
		);
	});
}
