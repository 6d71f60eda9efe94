//! The consent to be linked, with the signatures of real accounts.

use crate::linking::{as_wallets_sign, is_signed_by, link_message, LINK_DOMAIN};
use codec::Encode;
use passport_primitives::organisation::OrganisationId;
use sp_core::{ecdsa, ed25519, sr25519, Pair};
use sp_runtime::{traits::IdentifyAccount, AccountId32, MultiSignature, MultiSigner};

fn message(account: &AccountId32) -> Vec<u8> {
	link_message(
		&[3; 32],
		OrganisationId(0x0102_0304),
		&account.encode(),
		0x0506_0708,
	)
}

#[test]
fn every_part_stands_in_the_message_at_its_place() {
	let message = message(&AccountId32::new([4; 32]));
	assert_eq!(LINK_DOMAIN, b"BPL-LINK-v1");
	assert_eq!(message[..11], *b"BPL-LINK-v1");
	assert_eq!(message[11..43], [3; 32]);
	assert_eq!(message[43..47], [1, 2, 3, 4]);
	assert_eq!(message[47..79], [4; 32]);
	assert_eq!(message[79..], [5, 6, 7, 8]);
}

#[test]
fn a_wallet_puts_the_message_between_its_words() {
	assert_eq!(as_wallets_sign(b"this"), b"<Bytes>this</Bytes>");
}

/// That a key's signature is taken plain and wrapped, and nothing else is.
fn counts<P>()
where
	P: Pair,
	MultiSignature: From<P::Signature>,
	MultiSigner: From<P::Public>,
{
	let pair_of = |seed: &str| P::from_string(seed, None).expect("a seed");
	let (pair, other) = (pair_of("//Alice"), pair_of("//Bob"));
	let account = MultiSigner::from(pair.public()).into_account();
	let message = message(&account);
	let sign = |pair: &P, bytes: &[u8]| MultiSignature::from(pair.sign(bytes));

	for signed in [message.clone(), as_wallets_sign(&message)] {
		assert!(is_signed_by(&sign(&pair, &signed), &message, &account));
		assert!(!is_signed_by(&sign(&other, &signed), &message, &account));
	}
	let mut changed = message.clone();
	changed[46] ^= 1;
	assert!(!is_signed_by(&sign(&pair, &message), &changed, &account));
	let another = AccountId32::new([4; 32]);
	assert!(!is_signed_by(&sign(&pair, &message), &message, &another));
}

#[test]
fn keys_of_every_kind_that_sign_transactions_consent() {
	counts::<sr25519::Pair>();
	counts::<ed25519::Pair>();
	counts::<ecdsa::Pair>();
}
