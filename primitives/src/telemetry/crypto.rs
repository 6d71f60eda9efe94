//! Sealing and opening, signing and verifying frames.

use super::{
	codec::{self, Decoder},
	frame::{self, Frame, FrameError, Header, SignatureScheme, MAX_SIGNED_BYTES, SIGNATURE_BYTES, TAG_BYTES},
	reading::Reading,
	MAX_FRAME_BYTES,
};
use crate::battery::PassportId;
use chacha20poly1305::{
	aead::{AeadInPlace, KeyInit},
	ChaCha20Poly1305,
};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// HKDF's `info` for the sealing key of an epoch; the epoch follows, four bytes, big-endian.
const SEAL_KEY_INFO: &[u8; 16] = b"BPL-SEAL-KEY-v1\0";

/// The secret that all sealing keys of a device are derived from. It never leaves the device and its operator's key store;
/// it has no `Debug` and is wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DeviceMaster([u8; 32]);

impl DeviceMaster {
	/// From 32 secret bytes.
	pub const fn new(bytes: [u8; 32]) -> Self {
		DeviceMaster(bytes)
	}

	/// The sealing key of an epoch: HKDF-SHA256 (RFC 5869) without salt. Who holds one epoch's key learns nothing of
	/// another's: revoking a grant is starting an epoch.
	pub fn seal_key(&self, key_epoch: u32) -> SealKey {
		let mut info = [0; SEAL_KEY_INFO.len() + 4];
		info[..SEAL_KEY_INFO.len()].copy_from_slice(SEAL_KEY_INFO);
		info[SEAL_KEY_INFO.len()..].copy_from_slice(&key_epoch.to_be_bytes());
		let mut key = [0; 32];
		// Expanding fails above 255 blocks of 32 bytes only; this is one.
		let expanded = Hkdf::<Sha256>::new(None, &self.0).expand(&info, &mut key);
		debug_assert!(expanded.is_ok());
		SealKey(key)
	}
}

/// The key that the frames of one epoch are sealed under: what a grant of data set 4 carries in its envelope.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SealKey([u8; 32]);

impl SealKey {
	/// From the bytes that an envelope carried.
	pub const fn new(bytes: [u8; 32]) -> Self {
		SealKey(bytes)
	}

	/// The bytes to put into an envelope.
	pub const fn expose(&self) -> &[u8; 32] {
		&self.0
	}
}

/// ChaCha20-Poly1305's nonce: the sequence, little-endian, then zeros. A device never uses a sequence twice, so under one
/// key no nonce repeats.
fn nonce(sequence: u64) -> [u8; 12] {
	let mut nonce = [0; 12];
	nonce[..8].copy_from_slice(&sequence.to_le_bytes());
	nonce
}

/// Seals and signs readings, in the order of their times, for a battery on the network of `genesis_hash`, into `buffer`, and
/// returns the length of the frame.
///
/// Errors: [`FrameError::Readings`] when there are none, more than 255, or when they do not fit into
/// [`MAX_FRAME_BYTES`] or `buffer`; [`FrameError::Header`] for sequence 0; [`FrameError::Mismatch`] when a reading is
/// earlier than the one before.
#[allow(clippy::too_many_arguments)] // Each is a part of the frame or of what is signed; a struct of them would be the frame again.
pub fn build(
	readings: &[Reading],
	key_epoch: u32,
	sequence: u64,
	genesis_hash: &[u8; 32],
	passport: &PassportId,
	seal_key: &SealKey,
	signing_key: &SigningKey,
	buffer: &mut [u8],
) -> Result<usize, FrameError> {
	let (Some(first), Some(last)) = (readings.first(), readings.last()) else {
		return Err(codec::CodecError::Count.into());
	};
	if sequence == 0 {
		return Err(FrameError::Header);
	}
	if readings
		.windows(2)
		.any(|pair| pair[0].time_seconds > pair[1].time_seconds)
	{
		return Err(FrameError::Mismatch);
	}
	let header = Header {
		scheme: SignatureScheme::Ed25519,
		key_epoch,
		sequence,
		first_seconds: first.time_seconds,
		span_seconds: u32::try_from(last.time_seconds - first.time_seconds)
			.map_err(|_| FrameError::Mismatch)?,
		count: u8::try_from(readings.len()).map_err(|_| codec::CodecError::Count)?,
	};
	let room = buffer.len().min(MAX_FRAME_BYTES);
	let buffer = &mut buffer[..room];
	let header_length = header.encode(buffer)?;
	let (header_bytes, body) = buffer.split_at_mut(header_length);
	let readings_room = body
		.len()
		.checked_sub(TAG_BYTES + SIGNATURE_BYTES)
		.ok_or(FrameError::TooLong)?;
	let length = codec::encode(readings, header.first_seconds, &mut body[..readings_room])?;
	let tag = ChaCha20Poly1305::new(seal_key.expose().into())
		.encrypt_in_place_detached(&nonce(sequence).into(), header_bytes, &mut body[..length])
		.map_err(|_| FrameError::Seal)?;
	body[length..length + TAG_BYTES].copy_from_slice(&tag);
	let signed_length = header_length + length + TAG_BYTES;
	let mut message = [0; MAX_SIGNED_BYTES];
	let message = frame::signed_message(genesis_hash, passport, &buffer[..signed_length], &mut message)?;
	let signature = signing_key.sign(message).to_bytes();
	buffer[signed_length..signed_length + SIGNATURE_BYTES].copy_from_slice(&signature);
	Ok(signed_length + SIGNATURE_BYTES)
}

/// Whether `public_key` signed the frame for this battery on the network of `genesis_hash`.
///
/// Strict (no small-order keys, no malleable points): a subset of ZIP-215, which the chain decides by. So whatever passes
/// here passes on chain.
pub fn verify(
	frame: &Frame<'_>,
	genesis_hash: &[u8; 32],
	passport: &PassportId,
	public_key: &[u8; 32],
) -> bool {
	let mut message = [0; MAX_SIGNED_BYTES];
	let (Ok(key), Ok(message)) = (
		VerifyingKey::from_bytes(public_key),
		frame.signed_message(genesis_hash, passport, &mut message),
	) else {
		return false;
	};
	key.verify_strict(message, &Signature::from_bytes(&frame.signature))
		.is_ok()
}

/// Whether bytes are an Ed25519 public key that [`verify`] can ever say yes to.
pub fn is_usable_public_key(public_key: &[u8; 32]) -> bool {
	VerifyingKey::from_bytes(public_key).is_ok_and(|key| !key.is_weak())
}

/// Opens a frame into `buffer`, which [`MAX_FRAME_BYTES`] always suffice for, and gives each reading to `take`.
///
/// Readings are given only after all of them were read and agree with the header's times.
pub fn open(
	frame: &Frame<'_>,
	seal_key: &SealKey,
	buffer: &mut [u8],
	mut take: impl FnMut(Reading),
) -> Result<(), FrameError> {
	let (sealed, tag) = frame
		.sealed
		.split_last_chunk::<TAG_BYTES>()
		.ok_or(FrameError::CutShort)?;
	let opened = buffer.get_mut(..sealed.len()).ok_or(FrameError::TooLong)?;
	opened.copy_from_slice(sealed);
	ChaCha20Poly1305::new(seal_key.expose().into())
		.decrypt_in_place_detached(
			&nonce(frame.header.sequence).into(),
			frame.header_bytes,
			opened,
			tag.into(),
		)
		.map_err(|_| FrameError::Seal)?;
	let readings = || Decoder::new(opened, frame.header.count, frame.header.first_seconds);
	let (mut first, mut last) = (None, 0);
	for reading in readings() {
		let time = reading?.time_seconds;
		if time < last {
			return Err(FrameError::Mismatch);
		}
		first.get_or_insert(time);
		last = time;
	}
	if first != Some(frame.header.first_seconds) || last != frame.header.last_seconds() {
		return Err(FrameError::Mismatch);
	}
	readings().flatten().for_each(&mut take);
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::telemetry::codec::tests::any_reading;
	use proptest::prelude::*;

	const GENESIS: [u8; 32] = [7; 32];
	const PASSPORT: PassportId = PassportId([6; 32]);

	fn key() -> SigningKey {
		SigningKey::from_bytes(&[1; 32])
	}

	fn master() -> DeviceMaster {
		DeviceMaster::new([2; 32])
	}

	fn frame_of(readings: &[Reading], sequence: u64) -> Vec<u8> {
		let mut buffer = [0; MAX_FRAME_BYTES];
		let length = build(
			readings,
			3,
			sequence,
			&GENESIS,
			&PASSPORT,
			&master().seal_key(3),
			&key(),
			&mut buffer,
		)
		.unwrap();
		buffer[..length].to_vec()
	}

	fn readings_of(bytes: &[u8], seal_key: &SealKey) -> Result<Vec<Reading>, FrameError> {
		let mut readings = Vec::new();
		open(
			&Frame::parse(bytes)?,
			seal_key,
			&mut [0; MAX_FRAME_BYTES],
			|reading| readings.push(reading),
		)?;
		Ok(readings)
	}

	fn at(seconds: u64) -> Reading {
		Reading {
			time_seconds: seconds,
			state_of_charge_bp: 5_000,
			..Reading::default()
		}
	}

	proptest! {
		#[test]
		fn what_is_sealed_and_signed_verifies_and_opens(
			mut readings in prop::collection::vec(any_reading(), 1..8),
			sequence in 1u64..,
			start in 0u64..1 << 40,
		) {
			for (index, reading) in readings.iter_mut().enumerate() {
				reading.time_seconds = start + 60 * index as u64;
			}
			let bytes = frame_of(&readings, sequence);
			let frame = Frame::parse(&bytes).unwrap();
			prop_assert!(verify(&frame, &GENESIS, &PASSPORT, &key().verifying_key().to_bytes()));
			prop_assert_eq!(readings_of(&bytes, &master().seal_key(3)), Ok(readings));
		}

		#[test]
		fn a_frame_with_any_bit_flipped_is_refused(bit in 0usize..8 * 100) {
			let mut bytes = frame_of(&[at(100), at(160)], 9);
			let bit = bit % (8 * bytes.len());
			bytes[bit / 8] ^= 1 << (bit % 8);
			let accepted = Frame::parse(&bytes)
				.is_ok_and(|frame| verify(&frame, &GENESIS, &PASSPORT, &key().verifying_key().to_bytes()));
			prop_assert!(!accepted);
		}

		#[test]
		fn a_frame_counts_for_its_own_battery_alone(own in any::<[u8; 32]>(), other in any::<[u8; 32]>(), bit in 0usize..256) {
			let mut near = own;
			near[bit / 8] ^= 1 << (bit % 8);
			let mut buffer = [0; MAX_FRAME_BYTES];
			let length = build(
				&[at(100)],
				3,
				9,
				&GENESIS,
				&PassportId(own),
				&master().seal_key(3),
				&key(),
				&mut buffer,
			)
			.unwrap();
			let frame = Frame::parse(&buffer[..length]).unwrap();
			for passport in [own, near, other] {
				let taken = verify(&frame, &GENESIS, &PassportId(passport), &key().verifying_key().to_bytes());
				prop_assert_eq!(taken, passport == own);
			}
		}
	}

	#[test]
	fn a_frame_of_another_network_battery_or_device_does_not_verify() {
		let bytes = frame_of(&[at(100)], 1);
		let frame = Frame::parse(&bytes).unwrap();
		let own = key().verifying_key().to_bytes();
		assert!(verify(&frame, &GENESIS, &PASSPORT, &own));
		assert!(!verify(&frame, &[8; 32], &PASSPORT, &own));
		assert!(!verify(&frame, &GENESIS, &PassportId([8; 32]), &own));
		assert!(
			!verify(&frame, &PASSPORT.0, &PassportId(GENESIS), &own),
			"each in its place"
		);
		let other = SigningKey::from_bytes(&[9; 32]).verifying_key().to_bytes();
		assert!(!verify(&frame, &GENESIS, &PASSPORT, &other));
		assert!(!verify(&frame, &GENESIS, &PASSPORT, &[0xff; 32]));
	}

	#[test]
	fn another_epochs_key_opens_nothing() {
		let bytes = frame_of(&[at(100)], 1);
		assert_eq!(readings_of(&bytes, &master().seal_key(4)), Err(FrameError::Seal));
		assert_eq!(readings_of(&bytes, &master().seal_key(3)), Ok(vec![at(100)]));
	}

	#[test]
	fn readings_that_are_not_the_headers_are_refused() {
		let build = |readings: &[Reading], sequence| {
			build(
				readings,
				0,
				sequence,
				&GENESIS,
				&PASSPORT,
				&master().seal_key(0),
				&key(),
				&mut [0; MAX_FRAME_BYTES],
			)
		};
		assert_eq!(build(&[], 1), Err(codec::CodecError::Count.into()));
		assert_eq!(build(&[at(100)], 0), Err(FrameError::Header));
		assert_eq!(build(&[at(100), at(99)], 1), Err(FrameError::Mismatch));
		assert_eq!(
			build(&[at(0), at(u64::from(u32::MAX) + 1)], 1),
			Err(FrameError::Mismatch)
		);
	}

	#[test]
	fn a_weak_key_is_not_usable() {
		assert!(is_usable_public_key(&key().verifying_key().to_bytes()));
		let mut identity = [0; 32];
		identity[0] = 1;
		assert!(!is_usable_public_key(&identity));
	}
}
