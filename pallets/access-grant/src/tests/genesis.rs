use crate::{mock::*, DemandingAuthorities, GenesisConfig};
use sp_runtime::BuildStorage;

/// The authorities that a chain demands envelopes for whose genesis names these.
fn demanded_after_genesis(demanding_authorities: Vec<u32>) -> Vec<u32> {
	let genesis = GenesisConfig::<Test> {
		demanding_authorities,
		..Default::default()
	};
	let storage = genesis.build_storage().unwrap();
	sp_io::TestExternalities::new(storage).execute_with(|| {
		AccessGrant::do_try_state().unwrap();
		DemandingAuthorities::<Test>::get()
			.into_iter()
			.map(|authority| authority.0)
			.collect()
	})
}

#[test]
fn a_chain_starts_without_demands_unless_genesis_names_authorities() {
	assert_eq!(demanded_after_genesis(Vec::new()), Vec::<u32>::new());
	let named = vec![AUTHORITY as u32, NOTIFIED_BODY as u32];
	assert_eq!(demanded_after_genesis(named.clone()), named);
}

#[test]
#[should_panic(expected = "NotAnAuthority")]
fn genesis_names_no_other_member() {
	demanded_after_genesis(vec![BROKER as u32]);
}

#[test]
#[should_panic(expected = "DuplicateAuthority")]
fn genesis_names_an_authority_once() {
	demanded_after_genesis(vec![AUTHORITY as u32, AUTHORITY as u32]);
}

#[test]
#[should_panic(expected = "more than 8")]
fn genesis_names_eight_authorities_at_most() {
	demanded_after_genesis((FIRST_AUTHORITY as u32..FIRST_AUTHORITY as u32 + 9).collect());
}
