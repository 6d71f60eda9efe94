//! What the responsible operator tells a device: another key epoch, other rates, a read-out, a reset, its successor's key.
//!
//! A command travels on [`crate::topic::CommandTopic`], signed by the operator's command key, whose public half the device
//! holds since it was provisioned:
//!
//! ```text
//! command   = body ‖ signature                                              at most 105 bytes
//! body      = counter u64 ‖ kind u8 ‖ parameters                            big-endian
//! signature = Ed25519 over "BPL-COMMAND-v1" ‖ genesis hash ‖ passport id ‖ body
//! ```
//!
//! Genesis hash and passport id are signed and not sent: a command for one network and one battery is worthless for another.
//! A device obeys a counter once and none below it. Its next frame says which it obeyed last:
//! [`Reading::last_command`](super::Reading::last_command).

use super::frame::SIGNATURE_BYTES;
use crate::battery::PassportId;
#[cfg(feature = "frame-crypto")]
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

/// What an operator signs starts with this, so that it can never pass for anything that a device signs.
pub const COMMAND_DOMAIN: &[u8; 14] = b"BPL-COMMAND-v1";

/// Counter and kind, which every command has.
const FIXED_BYTES: usize = 8 + 1;

/// Longest body: of the command with a public key.
const MAX_BODY_BYTES: usize = FIXED_BYTES + 32;

/// Longest command as it is sent, in bytes.
pub const MAX_COMMAND_BYTES: usize = MAX_BODY_BYTES + SIGNATURE_BYTES;

/// Longest message that an operator signs, in bytes.
pub const MAX_COMMAND_MESSAGE_BYTES: usize = COMMAND_DOMAIN.len() + 2 * 32 + MAX_BODY_BYTES;

/// Furthest that a counter may be above the one obeyed before: milliseconds since 1970 fit, for an operator that counts by
/// its clock, and one mistaken command can not use the counter up.
pub const MAX_COUNTER_STEP: u64 = 1 << 48;

const KEY_EPOCH: u8 = 1;
const RATES: u8 = 2;
const READ_OUT: u8 = 3;
const SOFTWARE_RESET: u8 = 4;
const OPERATOR_KEY: u8 = 5;

/// How often a device measures for its frames, and how many readings a frame has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
	/// From one reading to the next, in s.
	pub sample_seconds: u16,
	/// A frame closes at so many readings.
	pub readings_per_frame: u8,
}

/// What a device is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
	/// Seal under the key of this epoch, which is above the one before: a grant was revoked.
	KeyEpoch(u32),
	/// Measure and report at these rates.
	Rates(Rates),
	/// Publish a frame at once.
	ReadOut,
	/// Start the estimators anew, for a second life. The key epoch that comes with it on the ledger is a command of its own.
	SoftwareReset,
	/// Obey this command key from now on: the responsibility moved. Signed by the key before.
	OperatorKey([u8; 32]),
}

/// Why bytes are no command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
	/// Shorter or longer than its kind.
	#[error("the command has another length than its kind")]
	Length,
	/// No command has this number.
	#[error("no command is of this kind")]
	Kind,
}

/// A command as it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedCommand {
	/// Above that of every command before.
	pub counter: u64,
	/// What is to be done.
	pub command: Command,
	/// The operator's.
	pub signature: [u8; SIGNATURE_BYTES],
}

/// Counter ‖ kind ‖ parameters, and how many bytes that is.
fn body(counter: u64, command: &Command) -> ([u8; MAX_BODY_BYTES], usize) {
	let mut body = [0; MAX_BODY_BYTES];
	body[..8].copy_from_slice(&counter.to_be_bytes());
	let (kind, length) = match command {
		Command::KeyEpoch(epoch) => {
			body[9..13].copy_from_slice(&epoch.to_be_bytes());
			(KEY_EPOCH, 13)
		}
		Command::Rates(rates) => {
			body[9..11].copy_from_slice(&rates.sample_seconds.to_be_bytes());
			body[11] = rates.readings_per_frame;
			(RATES, 12)
		}
		Command::ReadOut => (READ_OUT, FIXED_BYTES),
		Command::SoftwareReset => (SOFTWARE_RESET, FIXED_BYTES),
		Command::OperatorKey(key) => {
			body[9..].copy_from_slice(key);
			(OPERATOR_KEY, MAX_BODY_BYTES)
		}
	};
	body[8] = kind;
	(body, length)
}

/// What the operator signs: domain ‖ genesis hash ‖ passport ‖ counter (u64, big-endian) ‖ kind ‖ parameters.
pub fn command_message<'a>(
	counter: u64,
	command: &Command,
	genesis_hash: &[u8; 32],
	passport: &PassportId,
	buffer: &'a mut [u8; MAX_COMMAND_MESSAGE_BYTES],
) -> &'a [u8] {
	const BODY: usize = COMMAND_DOMAIN.len() + 2 * 32;
	let (body, length) = body(counter, command);
	buffer[..14].copy_from_slice(COMMAND_DOMAIN);
	buffer[14..46].copy_from_slice(genesis_hash);
	buffer[46..BODY].copy_from_slice(&passport.0);
	buffer[BODY..].copy_from_slice(&body);
	&buffer[..BODY + length]
}

impl SignedCommand {
	/// Writes the command as it is sent.
	pub fn encode<'a>(&self, buffer: &'a mut [u8; MAX_COMMAND_BYTES]) -> &'a [u8] {
		let (body, length) = body(self.counter, &self.command);
		let end = length + SIGNATURE_BYTES;
		buffer[..length].copy_from_slice(&body[..length]);
		buffer[length..end].copy_from_slice(&self.signature);
		&buffer[..end]
	}

	/// Takes a command apart. Nothing is known yet of its signature, its counter and the bounds of its parameters.
	pub fn parse(bytes: &[u8]) -> Result<Self, CommandError> {
		let (body, signature) = bytes
			.split_last_chunk::<SIGNATURE_BYTES>()
			.ok_or(CommandError::Length)?;
		let (counter, rest) = body.split_first_chunk::<8>().ok_or(CommandError::Length)?;
		let (kind, parameters) = rest.split_first().ok_or(CommandError::Length)?;
		let command = match (*kind, parameters) {
			(KEY_EPOCH, &[a, b, c, d]) => Command::KeyEpoch(u32::from_be_bytes([a, b, c, d])),
			(RATES, &[high, low, readings_per_frame]) => Command::Rates(Rates {
				sample_seconds: u16::from_be_bytes([high, low]),
				readings_per_frame,
			}),
			(READ_OUT, []) => Command::ReadOut,
			(SOFTWARE_RESET, []) => Command::SoftwareReset,
			(OPERATOR_KEY, key) => {
				Command::OperatorKey(<[u8; 32]>::try_from(key).map_err(|_| CommandError::Length)?)
			}
			(KEY_EPOCH..=SOFTWARE_RESET, _) => return Err(CommandError::Length),
			_ => return Err(CommandError::Kind),
		};
		Ok(SignedCommand {
			counter: u64::from_be_bytes(*counter),
			command,
			signature: *signature,
		})
	}

	/// Signs a command for one network and one battery.
	#[cfg(feature = "frame-crypto")]
	pub fn sign(
		counter: u64,
		command: Command,
		genesis_hash: &[u8; 32],
		passport: &PassportId,
		operator: &SigningKey,
	) -> Self {
		let mut buffer = [0; MAX_COMMAND_MESSAGE_BYTES];
		let message = command_message(counter, &command, genesis_hash, passport, &mut buffer);
		SignedCommand {
			counter,
			command,
			signature: operator.sign(message).to_bytes(),
		}
	}

	/// Whether the operator of this public key signed it for this network and this battery. Strict, as for frames.
	#[cfg(feature = "frame-crypto")]
	pub fn is_signed_by(
		&self,
		operator_key: &[u8; 32],
		genesis_hash: &[u8; 32],
		passport: &PassportId,
	) -> bool {
		let mut buffer = [0; MAX_COMMAND_MESSAGE_BYTES];
		let message = command_message(self.counter, &self.command, genesis_hash, passport, &mut buffer);
		VerifyingKey::from_bytes(operator_key).is_ok_and(|key| {
			key.verify_strict(message, &Signature::from_bytes(&self.signature))
				.is_ok()
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const COMMANDS: [Command; 5] = [
		Command::KeyEpoch(0x0102_0304),
		Command::Rates(Rates {
			sample_seconds: 0x0506,
			readings_per_frame: 7,
		}),
		Command::ReadOut,
		Command::SoftwareReset,
		Command::OperatorKey([9; 32]),
	];

	fn any_command() -> impl Strategy<Value = Command> {
		prop_oneof![
			any::<u32>().prop_map(Command::KeyEpoch),
			any::<(u16, u8)>().prop_map(|(sample_seconds, readings_per_frame)| {
				Command::Rates(Rates {
					sample_seconds,
					readings_per_frame,
				})
			}),
			Just(Command::ReadOut),
			Just(Command::SoftwareReset),
			any::<[u8; 32]>().prop_map(Command::OperatorKey),
		]
	}

	fn sent(counter: u64, command: Command) -> Vec<u8> {
		let signed = SignedCommand {
			counter,
			command,
			signature: [0xab; 64],
		};
		signed.encode(&mut [0; MAX_COMMAND_BYTES]).to_vec()
	}

	#[test]
	fn every_part_stands_in_the_message() {
		let mut buffer = [0; MAX_COMMAND_MESSAGE_BYTES];
		let message = command_message(
			0x1112_1314_1516_1718,
			&Command::KeyEpoch(0x0102_0304),
			&[1; 32],
			&PassportId([2; 32]),
			&mut buffer,
		);
		assert_eq!(&message[..14], b"BPL-COMMAND-v1");
		assert_eq!(message[14..46], [1; 32]);
		assert_eq!(message[46..78], [2; 32]);
		assert_eq!(message[78..86], [0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18]);
		assert_eq!(message[86..], [1, 1, 2, 3, 4]);
	}

	#[test]
	fn each_kind_has_its_length_and_no_other() {
		for (command, body) in COMMANDS.into_iter().zip([13, 12, 9, 9, 41]) {
			let bytes = sent(7, command);
			assert_eq!(bytes.len(), body + 64, "{command:?}");
			let one_more = [&bytes[..body], &[0], &bytes[body..]].concat();
			assert_eq!(SignedCommand::parse(&one_more), Err(CommandError::Length));
			assert_eq!(SignedCommand::parse(&bytes[1..]).ok(), None, "{command:?}");
		}
		for length in 0..73 {
			assert_eq!(
				SignedCommand::parse(&[1; 73][..length]),
				Err(CommandError::Length)
			);
		}
	}

	#[test]
	fn a_kind_that_is_not_known_is_no_command() {
		for kind in [0, 6, 255] {
			let mut bytes = sent(7, Command::ReadOut);
			bytes[8] = kind;
			assert_eq!(SignedCommand::parse(&bytes), Err(CommandError::Kind));
		}
	}

	proptest! {
		#[test]
		fn what_is_sent_is_read_back(counter: u64, command in any_command()) {
			let bytes = sent(counter, command);
			let back = SignedCommand::parse(&bytes).unwrap();
			prop_assert_eq!((back.counter, back.command, back.signature), (counter, command, [0xab; 64]));
		}

		#[test]
		fn any_bytes_are_the_one_way_to_write_a_command_or_none(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
			if let Ok(command) = SignedCommand::parse(&bytes) {
				let mut buffer = [0; MAX_COMMAND_BYTES];
				prop_assert_eq!(command.encode(&mut buffer), bytes.as_slice());
			}
		}
	}

	#[cfg(feature = "frame-crypto")]
	#[test]
	fn a_command_is_for_one_operator_network_battery_counter_and_deed() {
		let operator = SigningKey::from_bytes(&[3; 32]);
		let key = operator.verifying_key().to_bytes();
		let other_key = SigningKey::from_bytes(&[4; 32]).verifying_key().to_bytes();
		let (genesis, passport) = ([1; 32], PassportId([2; 32]));
		for command in COMMANDS {
			let signed = SignedCommand::sign(7, command, &genesis, &passport, &operator);
			assert!(signed.is_signed_by(&key, &genesis, &passport), "{command:?}");
			assert!(!signed.is_signed_by(&other_key, &genesis, &passport));
			assert!(!signed.is_signed_by(&key, &[9; 32], &passport));
			assert!(!signed.is_signed_by(&key, &genesis, &PassportId([9; 32])));
			let later = SignedCommand { counter: 8, ..signed };
			assert!(!later.is_signed_by(&key, &genesis, &passport));
			let another = SignedCommand {
				command: Command::KeyEpoch(77),
				..signed
			};
			assert!(!another.is_signed_by(&key, &genesis, &passport));
		}
	}
}
