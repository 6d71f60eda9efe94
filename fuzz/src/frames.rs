//! Frames, as a bridge and the ledger take them from devices.

use ed25519_dalek::SigningKey;
use passport_primitives::{
	battery::PassportId,
	telemetry::{
		codec::{encode, Decoder, MAX_READING_BYTES},
		crypto::{build, open, verify, DeviceMaster},
		frame::{Frame, FrameError, MAX_HEADER_BYTES},
		Reading, MAX_FRAME_BYTES,
	},
};

/// The network that the frames of the corpus are signed for.
const GENESIS_HASH: [u8; 32] = [69; 32];
/// And the battery.
const PASSPORT: PassportId = PassportId([70; 32]);

/// What became of bytes that were taken for a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameOutcome {
	/// They are none.
	NoFrame(FrameError),
	/// They are one, which does not open.
	Sealed(FrameError),
	/// They are a frame of the device, with so many readings.
	Opened {
		/// Readings that were read.
		readings: usize,
		/// Whether the device has signed it.
		is_signed: bool,
	},
}

/// The key of the device that the corpus has frames of.
pub fn device_key() -> SigningKey {
	SigningKey::from_bytes(&[1; 32])
}

/// What seals its frames.
fn device_master() -> DeviceMaster {
	DeviceMaster::new([2; 32])
}

/// A frame of that device.
///
/// Errors: those of [`build`].
pub fn frame_of(readings: &[Reading], key_epoch: u32, sequence: u64) -> Result<Vec<u8>, FrameError> {
	let mut buffer = [0; MAX_FRAME_BYTES];
	let length = build(
		readings,
		key_epoch,
		sequence,
		&GENESIS_HASH,
		&PASSPORT,
		&device_master().seal_key(key_epoch),
		&device_key(),
		&mut buffer,
	)?;
	Ok(buffer[..length].to_vec())
}

/// Takes bytes for a frame. Panics when parts are lost, when the header does not say the same after it was written again, and when
/// the readings of a frame that opens are not those that its header tells of.
pub fn take_frame(data: &[u8]) -> FrameOutcome {
	let frame = match Frame::parse(data) {
		Ok(frame) => frame,
		Err(error) => return FrameOutcome::NoFrame(error),
	};
	assert_eq!(
		[frame.header_bytes, frame.sealed, &frame.signature].concat(),
		data,
		"a part is lost"
	);
	let mut header = [0; MAX_HEADER_BYTES];
	let length = frame
		.header
		.encode(&mut header)
		.expect("a header has room for itself");
	let rewritten = [&header[..length], frame.sealed, &frame.signature].concat();
	assert_eq!(
		Frame::parse(&rewritten).map(|frame| frame.header),
		Ok(frame.header),
		"the header is another when it is written again"
	);
	let seal_key = device_master().seal_key(frame.header.key_epoch);
	let mut readings = Vec::new();
	if let Err(error) = open(&frame, &seal_key, &mut [0; MAX_FRAME_BYTES], |reading| {
		readings.push(reading);
	}) {
		assert!(readings.is_empty(), "readings of a frame that does not open");
		return FrameOutcome::Sealed(error);
	}
	assert_eq!(readings.len(), usize::from(frame.header.count));
	assert!(readings
		.windows(2)
		.all(|pair| pair[0].time_seconds <= pair[1].time_seconds));
	FrameOutcome::Opened {
		readings: readings.len(),
		is_signed: verify(
			&frame,
			&GENESIS_HASH,
			&PASSPORT,
			&device_key().verifying_key().to_bytes(),
		),
	}
}

/// Takes bytes for opened readings: how many in the first byte, the first time in the next eight, then the code of the readings.
/// Panics when readings that were read have another code when they are written, or are others after they were sealed and opened.
/// Says how many readings were read; `None` where one is broken.
pub fn take_readings(data: &[u8]) -> Option<usize> {
	let (count, rest) = data.split_first()?;
	let (first_seconds, code) = rest.split_first_chunk()?;
	let first_seconds = u64::from_be_bytes(*first_seconds);
	let read =
		|code: &[u8]| -> Result<Vec<Reading>, _> { Decoder::new(code, *count, first_seconds).collect() };
	let readings = read(code).ok()?;
	assert_eq!(readings.len(), usize::from(*count));
	if readings.is_empty() {
		return Some(0);
	}
	let mut buffer = vec![0; readings.len() * MAX_READING_BYTES];
	let length = encode(&readings, first_seconds, &mut buffer).expect("what was read can be written");
	assert_eq!(&buffer[..length], code, "the same readings have another code");
	// Times that fall and frames that are too long are refused when they are built.
	if let Ok(frame) = frame_of(&readings, 3, 9) {
		assert_eq!(
			take_frame(&frame),
			FrameOutcome::Opened {
				readings: readings.len(),
				is_signed: true
			}
		);
	}
	Some(readings.len())
}

/// The code of readings in the form that [`take_readings`] takes.
///
/// Errors: those of [`encode`].
pub fn readings_of(readings: &[Reading], first_seconds: u64) -> Result<Vec<u8>, FrameError> {
	let mut buffer = vec![0; readings.len() * MAX_READING_BYTES];
	let length = encode(readings, first_seconds, &mut buffer)?;
	Ok([
		&[readings.len() as u8],
		first_seconds.to_be_bytes().as_slice(),
		&buffer[..length],
	]
	.concat())
}
