//! The keys of a device, made on the device and kept on it.
//!
//! Two secrets of 32 bytes: the seed of the Ed25519 key that frames are signed with, and the master that the sealing keys
//! of all epochs follow from. They stand in two copies of a record ([`crate::twin`]), so a loss of power while they are made
//! leaves them or nothing. They are **not** encrypted there: a part that keeps secrets protects its flash against being read
//! out, or has a secure element behind [`SignerKey`](crate::SignerKey) instead.

use ed25519_dalek::SigningKey;
use passport_primitives::telemetry::crypto::DeviceMaster;

use crate::{
	platform::{Copies, NonVolatile, Record, SoftwareKey},
	sequence::{SequenceError, SequenceReservation},
	twin::{Twin, TwinError},
};

const RECORDS: [Record; 2] = [Record::Identity(Copies::First), Record::Identity(Copies::Second)];

/// Random bytes that an identity is made of.
pub const IDENTITY_BYTES: usize = 64;

/// The two secrets of a device.
pub struct Identity {
	/// The key that frames are signed with.
	pub signing_key: SoftwareKey,
	/// The secret that the sealing keys follow from.
	pub master: DeviceMaster,
}

impl Identity {
	fn from_bytes(bytes: &[u8; IDENTITY_BYTES]) -> Self {
		let (mut seed, mut master) = ([0; 32], [0; 32]);
		seed.copy_from_slice(&bytes[..32]);
		master.copy_from_slice(&bytes[32..]);
		Identity {
			signing_key: SoftwareKey::new(SigningKey::from_bytes(&seed)),
			master: DeviceMaster::new(master),
		}
	}

	/// Reads the keys after power came. [`TwinError::NotProvisioned`] on a device that has none yet;
	/// [`TwinError::Lost`] when both copies are damaged: the ledger knows the device by these keys, so it is not the
	/// device that may decide to make others.
	pub fn open<N: NonVolatile>(memory: &mut N) -> Result<Self, TwinError<N::Error>> {
		Twin::<IDENTITY_BYTES>::open(memory, RECORDS).map(|(_, bytes)| Self::from_bytes(&bytes))
	}

	/// Makes the keys of 64 bytes from a source that nobody can predict, on a device that has none: before
	/// [`device::provision`](crate::device::provision). Damaged keys of a device that was never provisioned are made anew,
	/// for power was lost while they were made, and nobody knows them.
	pub fn make<N: NonVolatile>(
		memory: &mut N,
		random: &[u8; IDENTITY_BYTES],
	) -> Result<Self, TwinError<N::Error>> {
		match Self::open(memory) {
			Err(TwinError::NotProvisioned) => {}
			Err(TwinError::Lost) if Self::is_unused(memory) => {}
			there_or_damaged => return there_or_damaged,
		}
		Twin::provision(memory, RECORDS, random).map_err(TwinError::Memory)?;
		Ok(Self::from_bytes(random))
	}

	/// Whether the device has no counter of sequences, which comes last: it never made a frame.
	fn is_unused<N: NonVolatile>(memory: &mut N) -> bool {
		matches!(
			SequenceReservation::open(memory),
			Err(SequenceError::Stored(TwinError::NotProvisioned))
		)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		power_cut::{PowerCutMemory, Tear},
		SignerKey,
	};

	#[test]
	fn keys_are_made_once_and_read_back() {
		let mut memory = PowerCutMemory::new();
		assert!(matches!(
			Identity::open(&mut memory),
			Err(TwinError::NotProvisioned)
		));
		let made = Identity::make(&mut memory, &[7; 64]).unwrap();
		let again = Identity::make(&mut memory, &[8; 64]).unwrap();
		let read = Identity::open(&mut memory).unwrap();
		for other in [again, read] {
			assert_eq!(made.signing_key.public_key(), other.signing_key.public_key());
			assert!(made.master.seal_key(3) == other.master.seal_key(3));
		}
	}

	#[test]
	fn a_cut_while_keys_are_made_leaves_them_or_lets_them_be_made_again() {
		for tear in Tear::ALL {
			for cut in 0..2 {
				let mut memory = PowerCutMemory::new();
				memory.cut_after(cut, tear);
				assert!(Identity::make(&mut memory, &[7; 64]).is_err());
				memory.restore_power();
				let made = Identity::make(&mut memory, &[8; 64]).unwrap();
				let read = Identity::open(&mut memory).unwrap();
				assert_eq!(read.signing_key.public_key(), made.signing_key.public_key());
			}
		}
	}

	#[test]
	fn damaged_keys_of_a_device_that_is_known_are_not_replaced() {
		let mut memory = PowerCutMemory::new();
		Identity::make(&mut memory, &[7; 64]).unwrap();
		SequenceReservation::provision(&mut memory, 0).unwrap();
		for record in RECORDS {
			memory.records.get_mut(&record).unwrap()[12] ^= 1;
		}
		assert!(matches!(
			Identity::make(&mut memory, &[8; 64]),
			Err(TwinError::Lost)
		));
	}
}
