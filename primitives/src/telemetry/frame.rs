//! The frame around the readings: header in clear, sealed part, signature.

use super::{codec::CodecError, MAX_FRAME_BYTES};
use crate::battery::PassportId;

/// The only version so far, the first byte of every frame.
pub const VERSION: u8 = 1;

/// Bytes that the seal adds: Poly1305's tag (RFC 8439).
pub const TAG_BYTES: usize = 16;

/// Bytes of an Ed25519 signature (RFC 8032).
pub const SIGNATURE_BYTES: usize = 64;

/// Longest header: two bytes, four numbers at their longest (5, 10, 10, 5), one byte.
pub const MAX_HEADER_BYTES: usize = 2 + 5 + 10 + 10 + 5 + 1;

/// What is signed starts with this, so that a signature over a frame can never pass for one over something else.
pub const SIGNATURE_DOMAIN: &[u8; 12] = b"BPL-FRAME-v1";

/// Longest message that is signed.
pub const MAX_SIGNED_BYTES: usize = SIGNATURE_DOMAIN.len() + 2 * 32 + MAX_FRAME_BYTES - SIGNATURE_BYTES;

on_chain! {
	/// How a frame is signed: its second byte.
	#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
	#[serde(rename_all = "camelCase")]
	pub enum SignatureScheme {
		/// Ed25519, RFC 8032. Numbers 1 (ECDSA over P-256, for secure elements that know nothing else) and above are reserved:
		/// a frame that carries one is malformed until the ledger learns it.
		#[default]
		Ed25519 = 0,
	}
}

/// The part of a frame that stands in clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
	/// How the frame is signed.
	pub scheme: SignatureScheme,
	/// Epoch of the key that the readings are sealed under.
	pub key_epoch: u32,
	/// Sequence of the frame, from 1, never used twice by a device.
	pub sequence: u64,
	/// Time of the first reading, in seconds since 1970.
	pub first_seconds: u64,
	/// From the first reading to the last, in seconds.
	pub span_seconds: u32,
	/// How many readings: 1 to 255.
	pub count: u8,
}

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
	/// Longer than [`MAX_FRAME_BYTES`].
	#[error("the frame has more than {MAX_FRAME_BYTES} bytes")]
	TooLong,
	/// Too short for header, seal and signature.
	#[error("the frame is cut short")]
	CutShort,
	/// Not [`VERSION`].
	#[error("the frame is of a version that is not known")]
	Version,
	/// A signature scheme that is reserved.
	#[error("the frame is signed by a scheme that is not known")]
	Scheme,
	/// No reading, or sequence 0.
	#[error("the frame's header is not valid")]
	Header,
	/// The readings could not be written or read.
	#[error(transparent)]
	Readings(#[from] CodecError),
	/// The seal does not open: another key, or changed bytes.
	#[error("the frame does not open under this key")]
	Seal,
	/// The readings' times or number are not the header's.
	#[error("the readings are not those that the header tells of")]
	Mismatch,
}

impl Header {
	/// Time of the last reading, in seconds since 1970.
	pub const fn last_seconds(&self) -> u64 {
		self.first_seconds.saturating_add(self.span_seconds as u64)
	}

	/// Writes the header and returns how many bytes it takes.
	pub fn encode(&self, buffer: &mut [u8]) -> Result<usize, FrameError> {
		let parts = (
			VERSION,
			self.scheme as u8,
			self.key_epoch,
			self.sequence,
			self.first_seconds,
			self.span_seconds,
			self.count,
		);
		postcard::to_slice(&parts, buffer)
			.map(|used| used.len())
			.map_err(|_| FrameError::TooLong)
	}

	fn decode(bytes: &[u8]) -> Result<(Self, usize), FrameError> {
		match bytes {
			[version, ..] if *version != VERSION => return Err(FrameError::Version),
			[_, scheme, ..] if *scheme != SignatureScheme::Ed25519 as u8 => return Err(FrameError::Scheme),
			_ => {}
		}
		type Parts = (u8, u8, u32, u64, u64, u32, u8);
		let ((_, _, key_epoch, sequence, first_seconds, span_seconds, count), rest): (Parts, &[u8]) =
			postcard::take_from_bytes(bytes).map_err(|_| FrameError::CutShort)?;
		if count == 0 || sequence == 0 {
			return Err(FrameError::Header);
		}
		let header = Header {
			scheme: SignatureScheme::Ed25519,
			key_epoch,
			sequence,
			first_seconds,
			span_seconds,
			count,
		};
		Ok((header, bytes.len() - rest.len()))
	}
}

/// A frame taken apart, borrowing the bytes that were sent: nobody re-encodes before checking a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
	/// The part in clear.
	pub header: Header,
	/// The header's bytes: the associated data of the seal.
	pub header_bytes: &'a [u8],
	/// The sealed readings with their tag.
	pub sealed: &'a [u8],
	/// Header and sealed readings: what the signature is over, after domain, genesis hash and passport id.
	pub signed: &'a [u8],
	/// The signature.
	pub signature: [u8; SIGNATURE_BYTES],
}

impl<'a> Frame<'a> {
	/// Takes bytes apart. Neither the signature nor the seal is checked here.
	pub fn parse(bytes: &'a [u8]) -> Result<Self, FrameError> {
		if bytes.len() > MAX_FRAME_BYTES {
			return Err(FrameError::TooLong);
		}
		let (header, header_length) = Header::decode(bytes)?;
		let (signed, signature) = bytes
			.split_last_chunk::<SIGNATURE_BYTES>()
			.ok_or(FrameError::CutShort)?;
		// A reading takes at least its mask, one byte.
		if signed.len() < header_length + usize::from(header.count) + TAG_BYTES {
			return Err(FrameError::CutShort);
		}
		let (header_bytes, sealed) = signed.split_at(header_length);
		Ok(Frame {
			header,
			header_bytes,
			sealed,
			signed,
			signature: *signature,
		})
	}

	/// Writes the message that a device of this battery signs into `buffer`, which [`MAX_SIGNED_BYTES`] always suffice for, and
	/// returns it. Network and battery are not in the frame: whoever checks it says whose it should be.
	pub fn signed_message<'b>(
		&self,
		genesis_hash: &[u8; 32],
		passport: &PassportId,
		buffer: &'b mut [u8],
	) -> Result<&'b [u8], FrameError> {
		signed_message(genesis_hash, passport, self.signed, buffer)
	}
}

/// Writes `domain ‖ genesis hash ‖ passport id ‖ signed` into `buffer` and returns it.
pub(crate) fn signed_message<'b>(
	genesis_hash: &[u8; 32],
	passport: &PassportId,
	signed: &[u8],
	buffer: &'b mut [u8],
) -> Result<&'b [u8], FrameError> {
	let length = SIGNATURE_DOMAIN.len() + genesis_hash.len() + passport.0.len() + signed.len();
	let message = buffer.get_mut(..length).ok_or(FrameError::TooLong)?;
	let (domain, rest) = message.split_at_mut(SIGNATURE_DOMAIN.len());
	let (genesis, rest) = rest.split_at_mut(genesis_hash.len());
	let (battery, body) = rest.split_at_mut(passport.0.len());
	domain.copy_from_slice(SIGNATURE_DOMAIN);
	genesis.copy_from_slice(genesis_hash);
	battery.copy_from_slice(&passport.0);
	body.copy_from_slice(signed);
	Ok(message)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn header() -> impl Strategy<Value = Header> {
		(any::<u32>(), 1u64.., any::<u64>(), any::<u32>(), 1u8..).prop_map(
			|(key_epoch, sequence, first_seconds, span_seconds, count)| Header {
				scheme: SignatureScheme::Ed25519,
				key_epoch,
				sequence,
				first_seconds,
				span_seconds,
				count,
			},
		)
	}

	proptest! {
		#[test]
		fn a_header_is_read_back(header in header()) {
			let mut buffer = [0; MAX_HEADER_BYTES];
			let length = header.encode(&mut buffer).unwrap();
			prop_assert_eq!(Header::decode(&buffer[..length]), Ok((header, length)));
		}

		#[test]
		fn any_bytes_are_a_frame_or_an_error_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
			let _ = Frame::parse(&bytes);
			let mut versioned = vec![VERSION, 0];
			versioned.extend(bytes);
			if let Ok(frame) = Frame::parse(&versioned) {
				prop_assert_eq!(frame.header_bytes.len() + frame.sealed.len(), frame.signed.len());
				prop_assert_eq!(frame.signed.len() + SIGNATURE_BYTES, versioned.len());
			}
		}
	}

	#[test]
	fn every_part_stands_in_the_signed_message() {
		let mut bytes = vec![1, 0, 0, 1, 10, 0, 1];
		bytes.extend([4; 1 + TAG_BYTES]);
		bytes.extend([5; SIGNATURE_BYTES]);
		let frame = Frame::parse(&bytes).unwrap();
		let mut buffer = [0; MAX_SIGNED_BYTES];
		let message = frame
			.signed_message(&[2; 32], &PassportId([3; 32]), &mut buffer)
			.unwrap();
		assert_eq!(&message[..12], b"BPL-FRAME-v1");
		assert_eq!(message[12..44], [2; 32]);
		assert_eq!(message[44..76], [3; 32]);
		assert_eq!(message[76..], bytes[..bytes.len() - SIGNATURE_BYTES]);
		let length = message.len();
		assert_eq!(
			frame.signed_message(&[2; 32], &PassportId([3; 32]), &mut buffer[..length - 1]),
			Err(FrameError::TooLong)
		);
	}

	#[test]
	fn the_longest_frame_has_room_for_its_signed_message() {
		let mut bytes = vec![1, 0, 0, 1, 10, 0, 1];
		bytes.resize(MAX_FRAME_BYTES, 0);
		let mut buffer = [0; MAX_SIGNED_BYTES];
		let message =
			Frame::parse(&bytes)
				.unwrap()
				.signed_message(&[2; 32], &PassportId([3; 32]), &mut buffer);
		assert_eq!(message.map(<[u8]>::len), Ok(MAX_SIGNED_BYTES));
	}

	#[test]
	fn each_part_of_a_header_is_checked() {
		let good = {
			let mut bytes = vec![1, 0, 0, 1, 10, 0, 1];
			bytes.extend([0; 1 + TAG_BYTES + SIGNATURE_BYTES]);
			bytes
		};
		assert!(Frame::parse(&good).is_ok());
		let with = |index: usize, value: u8| {
			let mut bytes = good.clone();
			bytes[index] = value;
			Frame::parse(&bytes).map(|frame| frame.header)
		};
		assert_eq!(with(0, 2), Err(FrameError::Version));
		assert_eq!(with(1, 1), Err(FrameError::Scheme));
		assert_eq!(with(3, 0), Err(FrameError::Header));
		assert_eq!(with(6, 0), Err(FrameError::Header));
		assert_eq!(with(6, 2), Err(FrameError::CutShort));
		assert_eq!(Frame::parse(&good[..good.len() - 1]), Err(FrameError::CutShort));
		assert_eq!(Frame::parse(&[]), Err(FrameError::CutShort));
		assert_eq!(Frame::parse(&[1; MAX_FRAME_BYTES + 1]), Err(FrameError::TooLong));
	}
}
