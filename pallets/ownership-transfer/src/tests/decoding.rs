//! What a call's bytes can not say: one more than each bound, and values that no variant has.

use crate::{mock::*, Call, MAX_DOCUMENTS};
use codec::{Decode, Encode};

const OFFER: u8 = 0;
const ACCEPT: u8 = 1;

/// The bytes of an offer.
fn offer(kind: u8, operation_moves: u8, passports: u32, documents: u32) -> Vec<u8> {
	(
		(OFFER, organisation(DEALER), kind, operation_moves),
		vec![battery(1); passports as usize],
		None::<[u8; 32]>,
		vec![[7u8; 32]; documents as usize],
		5u64,
	)
		.encode()
}

/// The bytes of an acceptance.
fn accept(passports: Option<u32>, take_operation: u8) -> Vec<u8> {
	let passports = passports.map(|count| vec![battery(1); count as usize]);
	(ACCEPT, 0u32, passports, take_operation).encode()
}

fn is_a_call(bytes: &[u8]) -> bool {
	Call::<Test>::decode(&mut &bytes[..]).is_ok()
}

#[test]
fn a_list_above_its_bound_is_no_call() {
	let full = MaxPassportsPerTransfer::get();
	assert!(is_a_call(&offer(0, 0, full, MAX_DOCUMENTS)));
	assert!(!is_a_call(&offer(0, 0, full + 1, MAX_DOCUMENTS)));
	assert!(!is_a_call(&offer(0, 0, full, MAX_DOCUMENTS + 1)));
	assert!(is_a_call(&accept(Some(full), 0)));
	assert!(!is_a_call(&accept(Some(full + 1), 0)));
}

#[test]
fn a_value_that_means_nothing_is_no_call() {
	assert!(is_a_call(&offer(4, 1, 1, 0)));
	assert!(!is_a_call(&offer(5, 1, 1, 0)), "a sixth kind");
	assert!(!is_a_call(&offer(4, 2, 1, 0)), "neither true nor false");
	assert!(is_a_call(&accept(None, 1)));
	assert!(!is_a_call(&accept(None, 2)), "neither true nor false");
	assert!(!is_a_call(&[5]), "a sixth call");
	assert!(!is_a_call(&[]));
}
