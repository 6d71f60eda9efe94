//! Which of its operator's commands a device obeys, and what it remembers of them.
//!
//! A board hands what arrives on the topic of commands to [`Device::obey`](crate::Device::obey). What outlives a loss of power
//! stands in one record, in two copies ([`crate::twin`]), which is written **before** the command takes effect: after power
//! loss at any moment either nothing was obeyed, or the command was and will not be again.
//!
//! A device that was never [provisioned](provision) with an operator's key obeys nothing.

use passport_primitives::{
	battery::PassportId,
	telemetry::{
		command::{Command, Rates, SignedCommand, MAX_COUNTER_STEP},
		crypto::is_usable_public_key,
	},
};

use crate::{
	device::Closed,
	platform::{Copies, NonVolatile, Record},
	policy,
	sequence::{SequenceError, SequenceReservation},
	twin::{Twin, TwinError},
};

const RECORDS: [Record; 2] = [Record::Commands(Copies::First), Record::Commands(Copies::Second)];

/// Counter, operator's key, key epoch, rates (zeros where there are none).
const STATE_BYTES: usize = 8 + 32 + 4 + 2 + 1;

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// It took effect.
	Obeyed {
		/// Its counter.
		counter: u64,
		/// What was done.
		command: Command,
		/// What was closed before it took effect.
		closed: Closed,
	},
	/// Nothing changed.
	Ignored(Ignored),
}

/// Why a command is not obeyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ignored {
	/// The device was not provisioned with an operator's key.
	#[error("the device has no operator to obey")]
	NoOperator,
	/// The bytes are no command.
	#[error("the bytes are no command")]
	Malformed,
	/// Its counter is not above that of the command obeyed last: it was replayed, or overtaken by a later one.
	#[error("its counter is not above the one obeyed last")]
	NotNew,
	/// Its counter is further ahead than one command may be.
	#[error("its counter leaps too far ahead")]
	Leap,
	/// Signed by somebody else, for another network or for another battery.
	#[error("it is not signed by the operator for this network and battery")]
	BadSignature,
	/// A key epoch that is not above the present one, rates out of bounds, or a key that verifies nothing.
	#[error("its parameters are out of bounds")]
	OutOfBounds,
}

/// What a device remembers of the commands that it obeyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CommandState {
	/// Counter of the last one; 0 where there was none.
	pub last_counter: u64,
	/// Whom it obeys.
	pub operator_key: [u8; 32],
	/// The key epoch that it was told last; 0 where it was told none.
	pub key_epoch: u32,
	/// The rates that it was told last.
	pub rates: Option<Rates>,
}

impl CommandState {
	fn to_bytes(self) -> [u8; STATE_BYTES] {
		let mut bytes = [0; STATE_BYTES];
		bytes[..8].copy_from_slice(&self.last_counter.to_le_bytes());
		bytes[8..40].copy_from_slice(&self.operator_key);
		bytes[40..44].copy_from_slice(&self.key_epoch.to_le_bytes());
		if let Some(rates) = self.rates {
			bytes[44..46].copy_from_slice(&rates.sample_seconds.to_le_bytes());
			bytes[46] = rates.readings_per_frame;
		}
		bytes
	}

	fn from_bytes(bytes: &[u8; STATE_BYTES]) -> Self {
		let (mut counter, mut key, mut epoch) = ([0; 8], [0; 32], [0; 4]);
		counter.copy_from_slice(&bytes[..8]);
		key.copy_from_slice(&bytes[8..40]);
		epoch.copy_from_slice(&bytes[40..44]);
		let rates = Rates {
			sample_seconds: u16::from_le_bytes([bytes[44], bytes[45]]),
			readings_per_frame: bytes[46],
		};
		CommandState {
			last_counter: u64::from_le_bytes(counter),
			operator_key: key,
			key_epoch: u32::from_le_bytes(epoch),
			rates: (rates.sample_seconds > 0).then_some(rates),
		}
	}
}

/// Provisions the key of the operator that the device obeys: before [`device::provision`](crate::device::provision), after
/// which it changes by command alone. Done again it changes nothing, whatever the key.
///
/// [`TwinError::Lost`] when both copies are damaged on a device that may have obeyed: it would obey old commands again. Damaged
/// ones of a device that has no counter of sequences yet are made anew, for power was lost while they were made.
pub fn provision<N: NonVolatile>(memory: &mut N, operator_key: &[u8; 32]) -> Result<(), TwinError<N::Error>> {
	match Twin::<STATE_BYTES>::open(memory, RECORDS) {
		Ok(_) => return Ok(()),
		Err(TwinError::NotProvisioned) => {}
		Err(TwinError::Lost)
			if matches!(
				SequenceReservation::open(memory),
				Err(SequenceError::Stored(TwinError::NotProvisioned))
			) => {}
		Err(error) => return Err(error),
	}
	let state = CommandState {
		last_counter: 0,
		operator_key: *operator_key,
		key_epoch: 0,
		rates: None,
	};
	Twin::provision(memory, RECORDS, &state.to_bytes())
		.map(drop)
		.map_err(TwinError::Memory)
}

/// The record of a device that has an operator.
pub(crate) struct Commands {
	twin: Twin<STATE_BYTES>,
	pub state: CommandState,
}

impl Commands {
	/// Reads the record after power came; `None` on a device that has no operator.
	pub fn open<N: NonVolatile>(memory: &mut N) -> Result<Option<Self>, TwinError<N::Error>> {
		match Twin::open(memory, RECORDS) {
			Ok((twin, bytes)) => Ok(Some(Commands {
				twin,
				state: CommandState::from_bytes(&bytes),
			})),
			Err(TwinError::NotProvisioned) => Ok(None),
			Err(error) => Err(error),
		}
	}

	/// Whether the device is to obey, and what it will remember then. `key_epoch` is the present one; `room` is how many readings
	/// a frame of the device can have.
	///
	/// The counter is looked at before the signature: a replayed command costs no verification.
	pub fn judge(
		&self,
		message: &[u8],
		genesis_hash: &[u8; 32],
		passport: &PassportId,
		key_epoch: u32,
		room: usize,
	) -> Result<(Command, CommandState), Ignored> {
		let signed = SignedCommand::parse(message).map_err(|_| Ignored::Malformed)?;
		match signed.counter.checked_sub(self.state.last_counter) {
			None | Some(0) => return Err(Ignored::NotNew),
			Some(step) if step > MAX_COUNTER_STEP => return Err(Ignored::Leap),
			Some(_) => {}
		}
		if !signed.is_signed_by(&self.state.operator_key, genesis_hash, passport) {
			return Err(Ignored::BadSignature);
		}
		let mut next = CommandState {
			last_counter: signed.counter,
			..self.state
		};
		match signed.command {
			Command::KeyEpoch(epoch) if epoch > key_epoch => next.key_epoch = epoch,
			Command::Rates(rates) if policy::are_in_bounds(&rates, room) => next.rates = Some(rates),
			Command::OperatorKey(key) if is_usable_public_key(&key) => next.operator_key = key,
			Command::ReadOut | Command::SoftwareReset => {}
			Command::KeyEpoch(_) | Command::Rates(_) | Command::OperatorKey(_) => {
				return Err(Ignored::OutOfBounds)
			}
		}
		Ok((signed.command, next))
	}

	/// Remembers. After an error the old or the new state stands in the memory.
	pub fn remember<N: NonVolatile>(&mut self, memory: &mut N, next: CommandState) -> Result<(), N::Error> {
		self.twin.write(memory, &next.to_bytes())?;
		self.state = next;
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::power_cut::{PowerCutMemory, Tear};
	use proptest::prelude::*;

	fn opened(memory: &mut PowerCutMemory) -> Commands {
		Commands::open(memory).unwrap().unwrap()
	}

	#[test]
	fn a_device_without_an_operator_has_no_record() {
		assert!(Commands::open(&mut PowerCutMemory::new()).unwrap().is_none());
	}

	#[test]
	fn an_operator_is_provisioned_once() {
		let mut memory = PowerCutMemory::new();
		provision(&mut memory, &[1; 32]).unwrap();
		let mut commands = opened(&mut memory);
		let next = CommandState {
			last_counter: 7,
			key_epoch: 3,
			rates: Some(Rates {
				sample_seconds: 10,
				readings_per_frame: 6,
			}),
			..commands.state
		};
		commands.remember(&mut memory, next).unwrap();
		provision(&mut memory, &[2; 32]).unwrap();
		assert_eq!(opened(&mut memory).state, next);
		assert_eq!(next.operator_key, [1; 32]);
	}

	#[test]
	fn provisioning_that_was_cut_can_be_done_again() {
		for tear in Tear::ALL {
			for cut in 0..2 {
				let mut memory = PowerCutMemory::new();
				memory.cut_after(cut, tear);
				assert!(provision(&mut memory, &[1; 32]).is_err());
				memory.restore_power();
				provision(&mut memory, &[1; 32]).unwrap();
				assert_eq!(opened(&mut memory).state.operator_key, [1; 32]);
			}
		}
	}

	#[test]
	fn a_damaged_record_of_a_device_that_may_have_obeyed_is_not_made_anew() {
		let mut memory = PowerCutMemory::new();
		provision(&mut memory, &[1; 32]).unwrap();
		SequenceReservation::provision(&mut memory, 0).unwrap();
		for record in RECORDS {
			memory.records.get_mut(&record).unwrap()[12] ^= 1;
		}
		assert!(matches!(provision(&mut memory, &[1; 32]), Err(TwinError::Lost)));
		assert!(matches!(Commands::open(&mut memory), Err(TwinError::Lost)));
	}

	proptest! {
		#[test]
		fn what_is_remembered_is_read_back(
			last_counter: u64,
			operator_key: [u8; 32],
			key_epoch: u32,
			rates in prop::option::of((1u16.., any::<u8>())),
		) {
			let state = CommandState {
				last_counter,
				operator_key,
				key_epoch,
				rates: rates.map(|(sample_seconds, readings_per_frame)| Rates {
					sample_seconds,
					readings_per_frame,
				}),
			};
			prop_assert_eq!(CommandState::from_bytes(&state.to_bytes()), state);
		}
	}
}
