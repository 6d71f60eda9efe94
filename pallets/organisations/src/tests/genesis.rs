//! The members at genesis.

use crate::{mock::*, GenesisMember, NextOrganisation};
use passport_primitives::organisation::{OrganisationId, Role, Roles, SMALL_ORDER_X25519};

fn good() -> GenesisMember<u64> {
	GenesisMember {
		did: "did:web:a.example".into(),
		roles: Roles::of(&[Role::Authority]).bits(),
		hpke_public_key: HPKE_KEY,
		accounts: vec![500],
		quota: None,
	}
}

fn build(member: GenesisMember<u64>) {
	ExtBuilder::default()
		.genesis_member(member)
		.build_and_execute(|| {});
}

#[test]
fn members_get_numbers_in_their_order_and_can_transact() {
	ExtBuilder::default()
		.member(&[Role::Manufacturer], 2)
		.member(&[Role::Authority], 1)
		.build_and_execute(|| {
			assert_eq!(organisation(1).roles, Roles::of(&[Role::Manufacturer]));
			assert_eq!(organisation(1).did.to_vec(), b"did:web:member-1.example");
			assert_eq!(organisation(1).expires_at, None);
			assert_eq!(organisation(2).roles, Roles::of(&[Role::Authority]));
			assert_eq!(NextOrganisation::<Test>::get(), OrganisationId(3));
			for account in [account(1, 0), account(1, 1), account(2, 0)] {
				assert_eq!(System::providers(&account), 1);
			}
		});
}

#[test]
fn a_chain_can_start_without_members() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(NextOrganisation::<Test>::get(), OrganisationId(1));
	});
}

#[test]
#[should_panic(expected = "did:web:a.example")]
fn an_account_of_two_members_stops_the_node() {
	ExtBuilder::default()
		.genesis_member(good())
		.genesis_member(good())
		.build_and_execute(|| {});
}

#[test]
#[should_panic(expected = "InvalidDid")]
fn a_bad_identifier_stops_the_node() {
	build(GenesisMember {
		did: "maker.example".into(),
		..good()
	});
}

#[test]
#[should_panic(expected = "InvalidDid")]
fn an_identifier_that_is_too_long_stops_the_node() {
	build(GenesisMember {
		did: format!("did:web:{}", "a".repeat(250)),
		..good()
	});
}

#[test]
#[should_panic(expected = "InvalidRoles")]
fn a_role_that_does_not_exist_stops_the_node() {
	build(GenesisMember {
		roles: 1 << 13,
		..good()
	});
}

#[test]
#[should_panic(expected = "InvalidRoles")]
fn a_member_without_a_role_stops_the_node() {
	build(GenesisMember { roles: 0, ..good() });
}

#[test]
#[should_panic(expected = "UnusableHpkeKey")]
fn a_key_of_small_order_stops_the_node() {
	build(GenesisMember {
		hpke_public_key: SMALL_ORDER_X25519[0],
		..good()
	});
}

#[test]
#[should_panic(expected = "NoAccount")]
fn a_member_without_an_account_stops_the_node() {
	build(GenesisMember {
		accounts: vec![],
		..good()
	});
}

#[test]
#[should_panic(expected = "TooManyAccounts")]
fn a_member_with_seventeen_accounts_stops_the_node() {
	build(GenesisMember {
		accounts: (500..517).collect(),
		..good()
	});
}

#[test]
fn a_genesis_from_before_quotas_is_read_and_written_as_it_was() {
	let json = serde_json::json!({
		"did": "did:web:a.example",
		"roles": 1,
		"hpkePublicKey": HPKE_KEY,
		"accounts": [500],
	});
	let member: GenesisMember<u64> = serde_json::from_value(json.clone()).unwrap();
	assert_eq!(member.quota, None);
	assert_eq!(serde_json::to_value(&member).unwrap(), json);

	let with_quota = GenesisMember {
		quota: Some(u64::MAX),
		..member
	};
	let read_again = serde_json::from_value(serde_json::to_value(&with_quota).unwrap());
	assert_eq!(read_again.ok(), Some(with_quota));
}
