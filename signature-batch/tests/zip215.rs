//! A batch verifies exactly if each signature in it verifies alone, also where Ed25519 libraries disagree with each other.

mod signing;

use passport_signature_batch::{HostBatch, OneByOne, SignatureBatch};
use proptest::prelude::*;
use signing::{add_order, low_order_encodings, sign_as, Signed, Signer};
use sp_io::TestExternalities;

fn verify_together(all: &[Signed]) -> bool {
	TestExternalities::default().execute_with(|| {
		HostBatch::if_all_verify(|batch| {
			for signed in all {
				batch.add(&signed.public_key, &signed.signature, &signed.message);
			}
		})
		.is_some()
	})
}

fn verifies_alone(signed: &Signed) -> bool {
	sp_io::crypto::ed25519_verify(
		&signed.signature.into(),
		&signed.message,
		&signed.public_key.into(),
	)
}

/// How a signature was made.
#[derive(Clone, Debug)]
enum Kind {
	Good,
	/// Another signer's key.
	WrongKey,
	FlippedBitOfKey(usize),
	FlippedBitOfSignature(usize),
	OtherMessage,
	/// The scalar is not below the order of the group: the same number, written in another way.
	ScalarPlusOrder,
	/// Any bytes.
	Arbitrary(Box<([u8; 32], [u8; 32], [u8; 32])>),
	/// Points of small order as key and as commitment, also in encodings that are not canonical, and the scalar 0: ZIP-215
	/// takes all of them, for any message.
	SmallOrder {
		key: usize,
		commitment: usize,
	},
	/// A point of small order as key, and an honest commitment: its discrete logarithm as the scalar.
	SmallOrderKey(usize),
	/// An honest key and a point of small order as commitment.
	SmallOrderCommitment(usize),
	/// Points of small order added to an honest key and to an honest commitment.
	MixedOrder {
		key: usize,
		commitment: usize,
	},
	/// As [`Kind::MixedOrder`], and wrong besides.
	MixedOrderOtherMessage {
		key: usize,
		commitment: usize,
	},
}

fn kind() -> impl Strategy<Value = Kind> {
	let bad_or_odd = prop_oneof![
		Just(Kind::WrongKey),
		(0usize..256).prop_map(Kind::FlippedBitOfKey),
		(0usize..512).prop_map(Kind::FlippedBitOfSignature),
		Just(Kind::OtherMessage),
		Just(Kind::ScalarPlusOrder),
		any::<([u8; 32], [u8; 32], [u8; 32])>().prop_map(|bytes| Kind::Arbitrary(Box::new(bytes))),
		odd(),
		(0usize..8, 0usize..8).prop_map(|(key, commitment)| Kind::MixedOrderOtherMessage { key, commitment }),
	];
	prop_oneof![3 => good(), 1 => bad_or_odd]
}

/// What ZIP-215 takes and stricter checks do not.
fn odd() -> impl Strategy<Value = Kind> {
	prop_oneof![
		(any::<usize>(), any::<usize>()).prop_map(|(key, commitment)| Kind::SmallOrder { key, commitment }),
		any::<usize>().prop_map(Kind::SmallOrderKey),
		any::<usize>().prop_map(Kind::SmallOrderCommitment),
		(0usize..8, 0usize..8).prop_map(|(key, commitment)| Kind::MixedOrder { key, commitment }),
	]
}

fn good() -> impl Strategy<Value = Kind> {
	Just(Kind::Good)
}

/// A signature of this kind by signer `number`.
fn make(number: u8, kind: &Kind, message: &[u8]) -> Signed {
	let signer = Signer::new(number);
	let mut signed = sign_as(&signer, 0, 0, message);
	let encodings = low_order_encodings();
	let encoding = |n: usize| encodings[n % encodings.len()];
	match kind {
		Kind::Good => {}
		Kind::WrongKey => signed.public_key = Signer::new(number.wrapping_add(1)).public_key(0),
		Kind::FlippedBitOfKey(bit) => signed.public_key[bit / 8] ^= 1 << (bit % 8),
		Kind::FlippedBitOfSignature(bit) => signed.signature[bit / 8] ^= 1 << (bit % 8),
		Kind::OtherMessage => signed.message.push(0),
		Kind::ScalarPlusOrder => add_order(&mut signed.signature),
		Kind::Arbitrary(bytes) => {
			signed.public_key = bytes.0;
			signed.signature[..32].copy_from_slice(&bytes.1);
			signed.signature[32..].copy_from_slice(&bytes.2);
		}
		Kind::SmallOrder { key, commitment } => {
			signed.public_key = encoding(*key);
			signed.signature[..32].copy_from_slice(&encoding(*commitment));
			signed.signature[32..].fill(0);
		}
		Kind::SmallOrderKey(key) => {
			let (commitment, logarithm) = signer.commitment(message);
			signed.public_key = encoding(*key);
			signed.signature[..32].copy_from_slice(&commitment);
			signed.signature[32..].copy_from_slice(&logarithm);
		}
		Kind::SmallOrderCommitment(commitment) => {
			signed = signer.sign_with_commitment_of_small_order(encoding(*commitment), message);
		}
		Kind::MixedOrder { key, commitment } => signed = sign_as(&signer, *key, *commitment, message),
		Kind::MixedOrderOtherMessage { key, commitment } => {
			signed = sign_as(&signer, *key, *commitment, message);
			signed.message.push(0);
		}
	}
	signed
}

fn signatures(
	kind: impl Strategy<Value = Kind>,
	number: std::ops::Range<usize>,
) -> impl Strategy<Value = Vec<Signed>> {
	// Few signers, so that several signatures of a batch are under one key: the verifier adds up what they have in common.
	let one = (0u8..6, kind, prop::collection::vec(any::<u8>(), 0..64));
	prop::collection::vec(one, number).prop_map(|all| {
		all.iter()
			.map(|(number, kind, message)| make(*number, kind, message))
			.collect()
	})
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(256))]

	#[test]
	fn a_batch_verifies_exactly_if_each_signature_does(all in signatures(kind(), 0..12)) {
		prop_assert_eq!(verify_together(&all), all.iter().all(verifies_alone));
	}

	#[test]
	fn what_only_zip_215_takes_is_taken_in_a_batch_too(
		mut all in signatures(prop_oneof![odd(), good()], 1..12),
		place: prop::sample::Index,
		bad in signatures(kind(), 1..2),
	) {
		prop_assert!(all.iter().all(verifies_alone));
		prop_assert!(verify_together(&all));
		// And one more, which may be bad, at any place.
		all.insert(place.index(all.len()), bad[0].clone());
		prop_assert_eq!(verify_together(&all), verifies_alone(&bad[0]));
	}

	#[test]
	fn one_bad_signature_is_found_wherever_it_is(number in 1usize..40, place: prop::sample::Index) {
		let mut all: Vec<_> = (0..number).map(|n| make(n as u8, &Kind::Good, &[n as u8])).collect();
		prop_assert!(verify_together(&all));
		let place = place.index(number);
		all[place].signature[40] ^= 1;
		prop_assert!(!verify_together(&all));
	}
}

#[test]
fn every_kind_of_signature_alone_in_a_batch_has_its_own_verdict() {
	let (points, encodings) = (0..8, 0..low_order_encodings().len());
	let mut kinds = vec![
		(Kind::Good, true),
		(Kind::WrongKey, false),
		(Kind::OtherMessage, false),
		(Kind::ScalarPlusOrder, false),
	];
	for key in encodings.clone() {
		kinds.push((Kind::SmallOrderKey(key), true));
		kinds.push((Kind::SmallOrderCommitment(key), true));
		kinds.extend(
			encodings
				.clone()
				.map(|commitment| (Kind::SmallOrder { key, commitment }, true)),
		);
	}
	for key in points.clone() {
		for commitment in points.clone() {
			kinds.push((Kind::MixedOrder { key, commitment }, true));
			kinds.push((Kind::MixedOrderOtherMessage { key, commitment }, false));
		}
	}
	for (kind, verifies) in kinds {
		let signed = make(0, &kind, b"a message");
		assert_eq!(verifies_alone(&signed), verifies, "{kind:?}");
		assert_eq!(verify_together(&[signed]), verifies, "{kind:?}");
	}
}

#[test]
fn signatures_that_make_up_for_each_other_do_not_verify() {
	// Without random factors the sum over both would be what it is for two good ones.
	for (first, second) in [(0, 1), (0, 0)] {
		let mut all = [
			make(first, &Kind::Good, b"one"),
			make(second, &Kind::Good, b"two"),
		];
		let place = (32..63)
			.find(|place| all[0].signature[*place] < 0xff && all[1].signature[*place] > 0)
			.unwrap();
		all[0].signature[place] += 1;
		all[1].signature[place] -= 1;
		assert!(!verify_together(&all));
	}
}

#[test]
fn a_batch_of_nothing_verifies() {
	assert!(verify_together(&[]));
}

#[test]
fn a_bad_batch_leaves_nothing_behind_for_the_next() {
	TestExternalities::default().execute_with(|| {
		let bad = make(0, &Kind::WrongKey, b"one");
		let good = make(0, &Kind::Good, b"two");
		let verifies = |signed: &Signed| {
			HostBatch::if_all_verify(|batch| {
				batch.add(&signed.public_key, &signed.signature, &signed.message);
			})
			.is_some()
		};
		assert!(!verifies(&bad));
		assert!(verifies(&good));
		assert!(!verifies(&bad));
	});
}

#[test]
fn one_by_one_checks_nothing_together() {
	let outcome = OneByOne::if_all_verify(|_| unreachable!("there is no such batch"));
	assert_eq!(outcome, None::<()>);
	assert_eq!(OneByOne::WORTHWHILE_FROM, None);
}
