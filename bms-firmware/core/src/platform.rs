//! What a board supplies: the traits that stand between this crate and hardware.

use ed25519_dalek::{Signer, SigningKey};
use passport_primitives::{
	battery::PassportId,
	telemetry::{
		crypto, crypto::SealKey, frame::SIGNATURE_BYTES, statement::ThresholdStatement, FrameError, Reading,
	},
};

use crate::measurement::Measurement;

/// The battery-management chip: an analogue front end, a UART protocol, a CAN decoder, a simulated pack.
pub trait BmsSource {
	/// Why there is no measurement.
	type Error: core::fmt::Debug;

	/// Measures now.
	fn sample(&mut self) -> Result<Measurement, Self::Error>;
}

/// Time. Two clocks, because the one of the calendar steps when it is set and must not disturb what is integrated.
pub trait Clock {
	/// Seconds since 1970; `None` until the calendar time is known.
	fn unix_seconds(&mut self) -> Option<u64>;

	/// Milliseconds since some moment, never stepping.
	fn monotonic_ms(&mut self) -> u64;
}

/// Which record of [`NonVolatile`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Record {
	/// One of the two copies of the sequence reservation.
	Sequence(Copies),
	/// One of the two copies of the estimator's state.
	Estimator(Copies),
	/// One of the two copies of the device's keys.
	Identity(Copies),
	/// One of the two copies of what was obeyed.
	Commands(Copies),
	/// A slot of the outbox.
	Outbox(u8),
}

/// Which of two copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Copies {
	/// The first.
	First,
	/// The second.
	Second,
}

impl Record {
	/// A number for stores that are keyed by one. Below 256 are single records, from 256 the outbox; numbers never change
	/// their meaning, since stored bytes outlive the program.
	pub const fn key(self) -> u16 {
		match self {
			Record::Sequence(copy) => copy as u16,
			Record::Estimator(copy) => 2 + copy as u16,
			Record::Identity(copy) => 4 + copy as u16,
			Record::Commands(copy) => 6 + copy as u16,
			Record::Outbox(slot) => 256 + slot as u16,
		}
	}
}

/// Longest record, in bytes: an outbox slot with the longest frame.
pub const MAX_RECORD_BYTES: usize =
	crate::outbox::ENTRY_HEADER_BYTES + passport_primitives::telemetry::MAX_FRAME_BYTES;

/// Memory that survives the loss of power, as records that are written whole.
///
/// When power is lost during [`write`](Self::write) or [`erase`](Self::erase), **that** record may afterwards hold what it
/// held before, what was being written, nothing, or any other bytes; all **other** records must be as they were. When they
/// return `Ok`, the change must be durable. `sequential-storage` on NOR flash gives this, an FRAM driver and a file do too.
pub trait NonVolatile {
	/// Why the memory could not be read or written.
	type Error: core::fmt::Debug;

	/// Copies the record into `buffer`, as much of it as fits, and returns how long the record is; `None` when there is none.
	fn read(&mut self, record: Record, buffer: &mut [u8]) -> Result<Option<usize>, Self::Error>;

	/// Replaces the record.
	fn write(&mut self, record: Record, bytes: &[u8]) -> Result<(), Self::Error>;

	/// Removes the record; no error when there is none.
	fn erase(&mut self, record: Record) -> Result<(), Self::Error>;
}

/// The device's signing key: in software, or in a secure element that never shows it.
pub trait SignerKey {
	/// The public key that the maker registers.
	fn public_key(&self) -> [u8; 32];

	/// Seals and signs readings, for one network and one passport, into `buffer` and returns the length of the frame, with the
	/// errors of [`crypto::build`].
	#[allow(clippy::too_many_arguments)] // As there.
	fn seal_and_sign(
		&self,
		readings: &[Reading],
		key_epoch: u32,
		sequence: u64,
		genesis_hash: &[u8; 32],
		passport: &PassportId,
		seal_key: &SealKey,
		buffer: &mut [u8],
	) -> Result<usize, FrameError>;

	/// Signs what the device states about its state of health, for one network and one passport:
	/// [`ThresholdStatement::message`].
	fn sign_statement(
		&self,
		statement: &ThresholdStatement,
		genesis_hash: &[u8; 32],
		passport: &PassportId,
	) -> [u8; SIGNATURE_BYTES];
}

/// An Ed25519 key in memory, wiped when dropped.
pub struct SoftwareKey(SigningKey);

impl SoftwareKey {
	/// From the key.
	pub const fn new(key: SigningKey) -> Self {
		SoftwareKey(key)
	}
}

impl SignerKey for SoftwareKey {
	fn public_key(&self) -> [u8; 32] {
		self.0.verifying_key().to_bytes()
	}

	fn seal_and_sign(
		&self,
		readings: &[Reading],
		key_epoch: u32,
		sequence: u64,
		genesis_hash: &[u8; 32],
		passport: &PassportId,
		seal_key: &SealKey,
		buffer: &mut [u8],
	) -> Result<usize, FrameError> {
		crypto::build(
			readings,
			key_epoch,
			sequence,
			genesis_hash,
			passport,
			seal_key,
			&self.0,
			buffer,
		)
	}

	fn sign_statement(
		&self,
		statement: &ThresholdStatement,
		genesis_hash: &[u8; 32],
		passport: &PassportId,
	) -> [u8; SIGNATURE_BYTES] {
		let message = statement.message(genesis_hash, passport);
		self.0.sign(&message).to_bytes()
	}
}
