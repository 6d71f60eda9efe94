//! The edges of Ed25519: the chain decides by ZIP-215, the bridge by a strict check that is a part of it.

use crate::mock::*;
use curve25519_dalek::{constants::EIGHT_TORSION, edwards::CompressedEdwardsY, EdwardsPoint, Scalar};
use frame_support::assert_ok;
use passport_primitives::{
	battery::PassportId,
	telemetry::{
		crypto::{is_usable_public_key, verify},
		device::possession_message,
		frame::{MAX_SIGNED_BYTES, SIGNATURE_BYTES},
		statement::ThresholdStatement,
		Frame, FrameRefusal,
	},
};
use proptest::prelude::*;
use sha2::{Digest, Sha512};

/// The public key of `bms` plus a point of small order: a key that no honest device has.
fn mixed_order_key(bms: &Bms, torsion: usize) -> [u8; 32] {
	let key = CompressedEdwardsY(bms.public_key()).decompress().unwrap();
	(key + EIGHT_TORSION[torsion % 8]).compress().to_bytes()
}

/// Signs as the holder of `bms` under another public key: the equation holds but for that key's part of small order.
fn sign_as(bms: &Bms, public_key: &[u8; 32], message: &[u8]) -> [u8; 64] {
	let wide = |parts: &[&[u8]]| {
		let mut hasher = Sha512::new();
		parts.iter().for_each(|part| hasher.update(part));
		Scalar::from_bytes_mod_order_wide(&hasher.finalize().into())
	};
	let nonce = wide(&[&bms.signing_key.to_bytes(), message]);
	let commitment = EdwardsPoint::mul_base(&nonce).compress().to_bytes();
	let challenge = wide(&[&commitment, public_key, message]);
	let response = challenge * bms.signing_key.to_scalar() + nonce;
	let mut signature = [0; 64];
	signature[..32].copy_from_slice(&commitment);
	signature[32..].copy_from_slice(response.as_bytes());
	signature
}

/// The frame with the signature of [`sign_as`] instead of its own.
fn signed_as(bms: &Bms, public_key: &[u8; 32], mut frame: Vec<u8>) -> Vec<u8> {
	let mut buffer = [0; MAX_SIGNED_BYTES];
	let parsed = Frame::parse(&frame).unwrap();
	let message = parsed
		.signed_message(&GENESIS, &bms.passport(), &mut buffer)
		.unwrap();
	let signature = sign_as(bms, public_key, message);
	let place = frame.len() - SIGNATURE_BYTES;
	frame[place..].copy_from_slice(&signature);
	frame
}

fn chain_verifies(frame: &Frame<'_>, battery: &PassportId, public_key: &[u8; 32]) -> bool {
	let mut buffer = [0; MAX_SIGNED_BYTES];
	let message = frame.signed_message(&GENESIS, battery, &mut buffer).unwrap();
	sp_io::crypto::ed25519_verify(&frame.signature.into(), message, &(*public_key).into())
}

/// What is done to a frame and its key before both check it.
#[derive(Clone, Debug)]
enum Change {
	Nothing,
	Bit(usize),
	KeyBit(usize),
	MixedOrderKey(usize),
	OwnSignatureUnderMixedOrderKey(usize),
	SmallOrderCommitment,
}

fn change() -> impl Strategy<Value = Change> {
	prop_oneof![
		Just(Change::Nothing),
		any::<usize>().prop_map(Change::Bit),
		(0usize..256).prop_map(Change::KeyBit),
		(1usize..8).prop_map(Change::MixedOrderKey),
		(1usize..8).prop_map(Change::OwnSignatureUnderMixedOrderKey),
		Just(Change::SmallOrderCommitment),
	]
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(96))]

	#[test]
	fn whatever_the_bridges_strict_check_takes_the_chain_takes(
		number: u32,
		sequence in 1u64..,
		change in change(),
	) {
		let bms = Bms::new(number);
		let mut key = bms.public_key();
		let mut bytes = bms.frame(sequence);
		match change {
			Change::Nothing => {}
			Change::Bit(bit) => {
				let bit = bit % (8 * bytes.len());
				bytes[bit / 8] ^= 1 << (bit % 8);
			}
			Change::KeyBit(bit) => key[bit / 8] ^= 1 << (bit % 8),
			Change::MixedOrderKey(torsion) => {
				key = mixed_order_key(&bms, torsion);
				bytes = signed_as(&bms, &key, bytes);
			}
			Change::OwnSignatureUnderMixedOrderKey(torsion) => key = mixed_order_key(&bms, torsion),
			Change::SmallOrderCommitment => {
				let place = bytes.len() - SIGNATURE_BYTES;
				bytes[place..place + 32].fill(0);
				bytes[place] = 1;
			}
		}
		if let Ok(frame) = Frame::parse(&bytes) {
			if verify(&frame, &GENESIS, &bms.passport(), &key) {
				prop_assert!(chain_verifies(&frame, &bms.passport(), &key), "{:?}", change);
			}
			if matches!(change, Change::Nothing) {
				prop_assert!(verify(&frame, &GENESIS, &bms.passport(), &key));
			}
		}
	}
}

#[test]
fn under_a_key_of_mixed_order_the_strict_check_takes_some_and_the_chain_takes_all() {
	ExtBuilder::default().batteries(7).build_and_execute(|| {
		let (mut frames, mut strict) = (0, 0);
		for torsion in 1..8u32 {
			let (bms, battery) = (Bms::new(torsion).of(torsion - 1), passport(torsion - 1));
			let key = mixed_order_key(&bms, torsion as usize);
			assert!(is_usable_public_key(&key));
			let proof = sign_as(&bms, &key, &possession_message(&GENESIS, &battery, &key));
			assert_ok!(Telemetry::register_device(
				RuntimeOrigin::signed(MAKER),
				battery,
				key,
				proof
			));
			for sequence in 1..=12 {
				let bytes = signed_as(&bms, &key, bms.frame(sequence));
				strict += u32::from(verify(&Frame::parse(&bytes).unwrap(), &GENESIS, &battery, &key));
				frames += 1;
				assert_ok!(submit_one(torsion - 1, bytes));
			}
		}
		// As the challenge is a multiple of the order of the key's small part or not: were it all or none, the test would
		// show nothing.
		assert!((1..frames).contains(&strict), "{strict} of {frames}");
	});
}

#[test]
fn a_statement_under_a_key_of_mixed_order_is_decided_as_a_frame_is() {
	ExtBuilder::default().batteries(1).build_and_execute(|| {
		let (bms, battery) = (Bms::new(0), passport(0));
		let key = mixed_order_key(&bms, 1);
		let proof = sign_as(&bms, &key, &possession_message(&GENESIS, &battery, &key));
		assert_ok!(Telemetry::register_device(
			RuntimeOrigin::signed(MAKER),
			battery,
			key,
			proof
		));
		for made_at_seconds in NOW..NOW + 12 {
			let statement = ThresholdStatement {
				threshold_bp: 7_000,
				at_or_above: false,
				made_at_seconds,
			};
			let signature = sign_as(&bms, &key, &statement.message(&GENESIS, &battery));
			assert_ok!(Telemetry::submit_threshold_statement(
				RuntimeOrigin::signed(BRIDGE),
				0,
				statement,
				signature
			));
		}
	});
}

#[test]
fn a_signature_that_is_written_in_another_way_is_refused() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		// The order of the group, little-endian: S + L is the same scalar (RFC 8032 section 5.1.7 asks for S < L).
		const ORDER: [u8; 32] = [
			0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
			0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
		];
		let good = Bms::new(0).frame(1);
		let mut malleated = good.clone();
		let place = good.len() - 32;
		let mut carry = 0u16;
		for (byte, order) in malleated[place..].iter_mut().zip(ORDER) {
			let sum = u16::from(*byte) + u16::from(order) + carry;
			*byte = sum as u8;
			carry = sum >> 8;
		}
		assert_eq!(carry, 0);
		assert!(!verify(
			&Frame::parse(&malleated).unwrap(),
			&GENESIS,
			&passport(0),
			&Bms::new(0).public_key()
		));
		assert_eq!(submit_one(0, malleated), Err(FrameRefusal::BadSignature));
		assert_ok!(submit_one(0, good));
	});
}

#[test]
fn the_trivial_signature_verifies_under_no_registered_key() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let mut bytes = Bms::new(0).frame(1);
		let place = bytes.len() - SIGNATURE_BYTES;
		bytes[place..].fill(0);
		bytes[place] = 1;
		assert_eq!(submit_one(0, bytes), Err(FrameRefusal::BadSignature));
	});
}
