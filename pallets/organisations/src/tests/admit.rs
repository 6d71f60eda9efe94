//! `admit`.

use super::standing::only_the_council_may;
use crate::{
	mock::*, Accounts, Did, Error, Event, NextOrganisation, Organisation, OrganisationOf,
	Organisations as Members,
};
use codec::{Decode, Encode};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::organisation::{OrganisationId, Role, Roles, MAX_DID_BYTES, SMALL_ORDER_X25519};
use sp_runtime::DispatchResult;

const MAKER: Roles = Roles::of(&[Role::Manufacturer]);

fn did(text: &[u8]) -> Did {
	text.to_vec().try_into().unwrap()
}

fn accounts(list: &[u64]) -> Accounts<u64> {
	list.to_vec().try_into().unwrap()
}

/// Admits a member that differs from a good one only in what the test is about.
fn admit(did_text: &[u8], roles: Roles, hpke_key: [u8; 32], list: &[u64]) -> DispatchResult {
	Organisations::admit(
		RuntimeOrigin::root(),
		did(did_text),
		roles,
		hpke_key,
		None,
		accounts(list),
	)
}

#[test]
fn only_the_council_admits() {
	only_the_council_may(|origin| {
		Organisations::admit(
			origin,
			did(b"did:web:a.example"),
			MAKER,
			HPKE_KEY,
			None,
			accounts(&[500]),
		)
	});
}

#[test]
fn an_admitted_organisation_is_kept_as_it_was_given() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Organisations::admit(
			RuntimeOrigin::root(),
			did(b"did:web:maker.example:batteries"),
			MAKER,
			HPKE_KEY,
			Some(400),
			accounts(&[500, 501])
		));
		assert_eq!(
			organisation(1),
			Organisation {
				did: did(b"did:web:maker.example:batteries"),
				roles: MAKER,
				hpke_public_key: HPKE_KEY,
				expires_at: Some(400),
				suspended: false,
				accounts: accounts(&[500, 501]),
			}
		);
		for account in [500, 501] {
			assert_eq!(OrganisationOf::<Test>::get(account), Some(OrganisationId(1)));
		}
		assert_eq!(
			last_event(),
			Some(Event::Admitted {
				organisation: OrganisationId(1),
				roles: MAKER
			})
		);
	});
}

#[test]
fn numbers_start_at_one_and_count_up() {
	ExtBuilder::default().build_and_execute(|| {
		for number in 1..=3u32 {
			assert_eq!(NextOrganisation::<Test>::get(), OrganisationId(number));
			assert_ok!(admit(
				b"did:web:a.example",
				MAKER,
				HPKE_KEY,
				&[500 + u64::from(number)]
			));
			assert!(Members::<Test>::contains_key(OrganisationId(number)));
		}
		assert!(!Members::<Test>::contains_key(OrganisationId(0)));
	});
}

#[test]
fn a_number_that_was_removed_is_not_given_again() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(admit(b"did:web:a.example", MAKER, HPKE_KEY, &[500]));
		assert_ok!(Organisations::remove(RuntimeOrigin::root(), OrganisationId(1)));
		assert_ok!(admit(b"did:web:a.example", MAKER, HPKE_KEY, &[501]));
		assert!(!Members::<Test>::contains_key(OrganisationId(1)));
		assert_eq!(OrganisationOf::<Test>::get(501), Some(OrganisationId(2)));
	});
}

#[test]
fn a_member_that_comes_back_brings_new_accounts() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(admit(b"did:web:a.example", MAKER, HPKE_KEY, &[500, 501]));
		assert_ok!(Organisations::remove(RuntimeOrigin::root(), OrganisationId(1)));
		for retired in [500, 501] {
			assert_noop!(
				admit(b"did:web:a.example", MAKER, HPKE_KEY, &[502, retired]),
				Error::<Test>::AccountRetired
			);
		}
		assert_ok!(admit(b"did:web:a.example", MAKER, HPKE_KEY, &[502]));
	});
}

#[test]
fn each_account_gets_one_provider_reference_so_that_it_can_transact() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(System::providers(&500), 0);
		assert_ok!(admit(b"did:web:a.example", MAKER, HPKE_KEY, &[500, 501]));
		assert_eq!((System::providers(&500), System::providers(&501)), (1, 1));
		assert_eq!(System::providers(&502), 0);
	});
}

#[test]
fn an_identifier_is_did_and_something_printable() {
	ExtBuilder::default().build_and_execute(|| {
		for (index, good) in [&b"did:x"[..], b"did:web:maker.example", b"did:key:z6Mk~!"]
			.into_iter()
			.enumerate()
		{
			assert_ok!(admit(good, MAKER, HPKE_KEY, &[500 + index as u64]));
		}
		for bad in [
			&b""[..],
			b"did",
			b"did:",
			b"DID:web:maker.example",
			b"web:did:maker.example",
			b"did:web:maker example",
			b"did:web:maker.example\n",
			b"did:web:maker.example\0",
			"did:web:größe.example".as_bytes(),
			b"did:web:\x7f",
		] {
			assert_noop!(admit(bad, MAKER, HPKE_KEY, &[600]), Error::<Test>::InvalidDid);
		}
	});
}

#[test]
fn an_identifier_has_at_most_256_bytes() {
	ExtBuilder::default().build_and_execute(|| {
		let mut longest = b"did:web:".to_vec();
		longest.resize(MAX_DID_BYTES as usize, b'a');
		assert_ok!(admit(&longest, MAKER, HPKE_KEY, &[500]));
		longest.push(b'a');
		assert!(Did::try_from(longest.clone()).is_err());
		assert!(Did::decode(&mut longest.encode().as_slice()).is_err());
	});
}

#[test]
fn a_member_has_at_least_one_role_and_none_that_does_not_exist() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(admit(b"did:web:a.example", Roles::ANY, HPKE_KEY, &[500]));
		assert_noop!(
			admit(b"did:web:a.example", Roles::NONE, HPKE_KEY, &[600]),
			Error::<Test>::InvalidRoles
		);
		// What comes over the wire can have any bit.
		for bits in [1u16 << 13, 1 << 15, u16::MAX] {
			let roles = Roles::decode(&mut bits.encode().as_slice()).unwrap();
			assert_noop!(
				admit(b"did:web:a.example", roles, HPKE_KEY, &[600]),
				Error::<Test>::InvalidRoles
			);
		}
	});
}

#[test]
fn a_key_of_small_order_is_refused_in_every_encoding() {
	ExtBuilder::default().build_and_execute(|| {
		for mut key in SMALL_ORDER_X25519 {
			for highest_bit in [0, 0x80] {
				key[31] = (key[31] & 0x7f) | highest_bit;
				assert_noop!(
					admit(b"did:web:a.example", MAKER, key, &[600]),
					Error::<Test>::UnusableHpkeKey
				);
			}
		}
	});
}

#[test]
fn a_member_has_at_least_one_account_and_at_most_sixteen() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			admit(b"did:web:a.example", MAKER, HPKE_KEY, &[]),
			Error::<Test>::NoAccount
		);
		let sixteen: Vec<u64> = (500..516).collect();
		assert_ok!(admit(b"did:web:a.example", MAKER, HPKE_KEY, &sixteen));
		let seventeen: Vec<u64> = (600..617).collect();
		assert!(Accounts::<u64>::decode(&mut seventeen.encode().as_slice()).is_err());
	});
}

#[test]
fn an_account_acts_for_one_organisation_only() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			assert_noop!(
				admit(b"did:web:a.example", MAKER, HPKE_KEY, &[500, account(1, 0)]),
				Error::<Test>::AccountInUse
			);
			assert_eq!(
				System::providers(&500),
				0,
				"nothing is left of the accounts before"
			);
		});
}

#[test]
fn an_account_that_is_named_twice_is_refused() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			admit(b"did:web:a.example", MAKER, HPKE_KEY, &[500, 501, 500]),
			Error::<Test>::AccountInUse
		);
	});
}
