//! What a measurement and a frame cost, in steps of the board's clock: the mean since the start, and told at the end of a run
//! that ends. On a processor whose clock counts instructions, as QEMU's does with `-icount`, it is the number of them.

use core::{
	fmt,
	sync::atomic::{AtomicU32, Ordering},
};

use bms_core::SignerKey;
use passport_primitives::{
	battery::PassportId,
	telemetry::{
		crypto::SealKey, frame::SIGNATURE_BYTES, statement::ThresholdStatement, FrameError, Reading,
	},
};

use crate::board::time;

/// Something that is done again and again.
pub struct Effort {
	times: AtomicU32,
	steps: AtomicU32,
}

/// Measurements that closed no frame.
pub static MEASUREMENT: Effort = Effort::new();
/// Measurements that closed one: estimate, seal, sign, write to flash.
pub static FRAME: Effort = Effort::new();
/// Of those, sealing and signing.
pub static SEAL: Effort = Effort::new();

impl Effort {
	const fn new() -> Self {
		Effort {
			times: AtomicU32::new(0),
			steps: AtomicU32::new(0),
		}
	}

	/// Notes what began when [`time::steps`] said `began`.
	pub fn note(&self, began: u64) {
		// Both begin anew after 2^32 steps, three minutes of work: a mean needs no more.
		let spent = time::steps().saturating_sub(began) as u32;
		let Some(steps) = self.steps.load(Ordering::Relaxed).checked_add(spent) else {
			self.times.store(1, Ordering::Relaxed);
			self.steps.store(spent, Ordering::Relaxed);
			return;
		};
		self.steps.store(steps, Ordering::Relaxed);
		self.times.fetch_add(1, Ordering::Relaxed);
	}
}

impl fmt::Display for Effort {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		let times = self.times.load(Ordering::Relaxed).max(1);
		write!(formatter, "{}", self.steps.load(Ordering::Relaxed) / times)
	}
}

/// A key whose work is noted.
pub struct Noted<K>(pub K);

impl<K: SignerKey> SignerKey for Noted<K> {
	fn public_key(&self) -> [u8; 32] {
		self.0.public_key()
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
		let began = time::steps();
		let built = self.0.seal_and_sign(
			readings,
			key_epoch,
			sequence,
			genesis_hash,
			passport,
			seal_key,
			buffer,
		);
		SEAL.note(began);
		built
	}

	fn sign_statement(
		&self,
		statement: &ThresholdStatement,
		genesis_hash: &[u8; 32],
		passport: &PassportId,
	) -> [u8; SIGNATURE_BYTES] {
		self.0.sign_statement(statement, genesis_hash, passport)
	}
}
