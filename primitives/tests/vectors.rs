//! Known answers: `vectors/frames.json` and `vectors/commands.json` hold what any implementation in any language has to come to.
//!
//! The tests compute every answer again from the inputs and compare the files byte for byte. A change of a file is a change
//! of the wire format. `REGENERATE_VECTORS=1 cargo test -p passport-primitives --all-features --test vectors` writes them; an
//! envelope that opens is kept, since sealing is random.

#![allow(clippy::unwrap_used)]

use ed25519_dalek::{Signer, SigningKey};
use passport_primitives::{
	battery::PassportId,
	envelope::{self, Binding, EnvelopeSecret},
	organisation::OrganisationId,
	telemetry::{
		codec,
		command::{
			command_message, Command, Rates, SignedCommand, MAX_COMMAND_BYTES, MAX_COMMAND_MESSAGE_BYTES,
		},
		crypto::{self, DeviceMaster, SealKey},
		device::{possession_message, rotation_message},
		frame::{MAX_SIGNED_BYTES, TAG_BYTES},
		reading::{STATUS_BALANCING, STATUS_CHARGING, STATUS_DISCHARGING},
		statement::ThresholdStatement,
		window::MAX_SEQUENCE_STEP,
		Cells, Frame, Reading, SequenceWindow, WindowRefusal, MAX_FRAME_BYTES,
	},
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{
	fs,
	path::{Path, PathBuf},
};

const GENESIS: [u8; 32] = [0x9e; 32];
const OTHER_GENESIS: [u8; 32] = [0x01; 32];
const PASSPORT: PassportId = PassportId([0xba; 32]);
const OTHER_PASSPORT: PassportId = PassportId([0x02; 32]);

fn path() -> PathBuf {
	PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors/frames.json")
}

fn path_of_commands() -> PathBuf {
	path().with_file_name("commands.json")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Vectors {
	frames: Vec<FrameVector>,
	not_frames: Vec<NotAFrame>,
	possession: Vec<PossessionVector>,
	rotation: Vec<RotationVector>,
	statements: Vec<StatementVector>,
	envelopes: Vec<EnvelopeVector>,
	windows: Vec<WindowVector>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FrameVector {
	name: &'static str,
	signing_seed: String,
	public_key: String,
	master: String,
	genesis_hash: String,
	passport: String,
	key_epoch: u32,
	sequence: u64,
	readings: Vec<Reading>,
	first_seconds: u64,
	span_seconds: u32,
	count: u8,
	delta_coded: String,
	seal_key: String,
	nonce: String,
	header: String,
	sealed: String,
	signed_message: String,
	signature: String,
	frame: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NotAFrame {
	name: &'static str,
	frame: String,
	error: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PossessionVector {
	name: &'static str,
	signing_seed: String,
	public_key: String,
	genesis_hash: String,
	passport: String,
	message: String,
	signature: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RotationVector {
	name: &'static str,
	signing_seed: String,
	public_key: String,
	genesis_hash: String,
	passport: String,
	from_sequence: u64,
	message: String,
	signature: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatementVector {
	name: &'static str,
	signing_seed: String,
	public_key: String,
	genesis_hash: String,
	passport: String,
	threshold_bp: u16,
	at_or_above: bool,
	made_at_seconds: u64,
	message: String,
	signature: String,
	evidence: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EnvelopeVector {
	name: &'static str,
	secret: String,
	public_key: String,
	passport: String,
	key_epoch: u32,
	grantee: u32,
	info: String,
	associated_data: String,
	envelope: String,
	key: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CommandVectors {
	commands: Vec<CommandVector>,
	not_commands: Vec<NotACommand>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CommandVector {
	name: &'static str,
	signing_seed: String,
	public_key: String,
	genesis_hash: String,
	passport: String,
	counter: u64,
	kind: &'static str,
	parameters: String,
	message: String,
	signature: String,
	command: String,
}

#[derive(Serialize)]
struct NotACommand {
	name: &'static str,
	command: String,
	error: String,
}

#[derive(Serialize)]
struct WindowVector {
	name: &'static str,
	steps: Vec<WindowStep>,
}

#[derive(Serialize)]
struct WindowStep {
	sequence: u64,
	outcome: &'static str,
	highest: u64,
}

/// What a frame is made of.
struct Inputs {
	name: &'static str,
	seed: [u8; 32],
	master: [u8; 32],
	genesis_hash: [u8; 32],
	passport: PassportId,
	key_epoch: u32,
	sequence: u64,
	readings: Vec<Reading>,
}

/// A pack in a vehicle that is charged, in minute `minute` of a record.
fn charging(minute: u64) -> Reading {
	Reading {
		time_seconds: 1_800_000_000 + 60 * minute,
		state_of_health_bp: 9_970,
		state_of_charge_bp: 6_200 + 35 * minute as u16,
		voltage_mv: 398_400 + 210 * minute as u32,
		current_ma: 48_000 - 150 * minute as i32,
		temperature_average_dc: 287 + minute as i16,
		temperature_max_dc: 301 + minute as i16,
		temperature_min_dc: 274,
		internal_resistance_uohm: 41_200,
		cycle_count: 183,
		energy_throughput_wh: 13_904_200,
		capacity_throughput_mah: 34_760_500,
		remaining_capacity_mah: 148_300,
		power_w: 19_123 - 50 * minute as i32,
		status: STATUS_CHARGING | STATUS_BALANCING,
		faults: 0,
		warnings: u32::from(minute > 2) << 4,
		cell_temperatures_dc: Cells::try_new(&[281, 287, 294, 301 + minute as i16]).unwrap(),
		cell_voltages_mv: Cells::try_new(&[4_150, 4_151, 4_148 + minute as u16]).unwrap(),
		last_command: 0,
	}
}

/// The largest value of every field, or the smallest. Differences of 64-bit fields have to fit 63 bits.
/// The largest value of a reading's fields of 64 bits.
const LARGEST: u64 = (1 << 61) - 1;

fn extreme(largest: bool, time_seconds: u64) -> Reading {
	if largest {
		Reading {
			time_seconds,
			state_of_health_bp: u16::MAX,
			state_of_charge_bp: u16::MAX,
			voltage_mv: u32::MAX,
			current_ma: i32::MAX,
			temperature_average_dc: i16::MAX,
			temperature_max_dc: i16::MAX,
			temperature_min_dc: i16::MAX,
			internal_resistance_uohm: u32::MAX,
			cycle_count: u32::MAX,
			energy_throughput_wh: LARGEST,
			capacity_throughput_mah: LARGEST,
			remaining_capacity_mah: u32::MAX,
			power_w: i32::MAX,
			status: u8::MAX,
			faults: u32::MAX,
			warnings: u32::MAX,
			cell_temperatures_dc: Cells::try_new(&[i16::MAX; 32]).unwrap(),
			cell_voltages_mv: Cells::try_new(&[u16::MAX; 32]).unwrap(),
			last_command: 0,
		}
	} else {
		Reading {
			time_seconds,
			current_ma: i32::MIN,
			temperature_average_dc: i16::MIN,
			temperature_max_dc: i16::MIN,
			temperature_min_dc: i16::MIN,
			power_w: i32::MIN,
			cell_temperatures_dc: Cells::try_new(&[i16::MIN]).unwrap(),
			..Reading::default()
		}
	}
}

fn inputs() -> Vec<Inputs> {
	let bytes = |first: u8| core::array::from_fn(|index| first.wrapping_add(index as u8));
	let steady = Reading {
		cell_temperatures_dc: Cells::none(),
		cell_voltages_mv: Cells::none(),
		status: STATUS_DISCHARGING,
		..charging(0)
	};
	vec![
		Inputs {
			name: "one reading of zeros at the start of time",
			seed: [0x11; 32],
			master: [0x22; 32],
			genesis_hash: GENESIS,
			passport: PASSPORT,
			key_epoch: 0,
			sequence: 1,
			readings: vec![Reading::default()],
		},
		Inputs {
			name: "five minutes of charging with values of cells",
			seed: bytes(0x40),
			master: bytes(0x80),
			genesis_hash: GENESIS,
			passport: PASSPORT,
			key_epoch: 3,
			sequence: 70_000,
			readings: (0..5).map(charging).collect(),
		},
		Inputs {
			name: "the same readings on another network",
			seed: bytes(0x40),
			master: bytes(0x80),
			genesis_hash: OTHER_GENESIS,
			passport: PASSPORT,
			key_epoch: 3,
			sequence: 70_000,
			readings: (0..5).map(charging).collect(),
		},
		Inputs {
			name: "a steady battery without values of cells, two readings in the same second",
			seed: bytes(0x40),
			master: bytes(0x80),
			genesis_hash: GENESIS,
			passport: PASSPORT,
			key_epoch: 4,
			sequence: 70_001,
			readings: vec![
				steady,
				steady,
				Reading {
					time_seconds: steady.time_seconds + 60,
					..steady
				},
			],
		},
		Inputs {
			name: "cells that come, go and change their number",
			seed: bytes(0x40),
			master: bytes(0x80),
			genesis_hash: GENESIS,
			passport: PASSPORT,
			key_epoch: 4,
			sequence: 70_002,
			readings: vec![
				steady,
				Reading {
					cell_voltages_mv: Cells::try_new(&[4_100, 4_101]).unwrap(),
					..steady
				},
				Reading {
					cell_voltages_mv: Cells::try_new(&[4_100, 4_102, 4_099]).unwrap(),
					cell_temperatures_dc: Cells::try_new(&[-50]).unwrap(),
					..steady
				},
				steady,
			],
		},
		Inputs {
			name: "a command that was obeyed between two readings",
			seed: bytes(0x40),
			master: bytes(0x80),
			genesis_hash: GENESIS,
			passport: PASSPORT,
			key_epoch: 5,
			sequence: 70_003,
			readings: vec![
				steady,
				Reading {
					last_command: 1_800_000_000_123,
					..steady
				},
				Reading {
					time_seconds: steady.time_seconds + 60,
					last_command: 1_800_000_000_123,
					..steady
				},
			],
		},
		Inputs {
			name: "a command behind values of cells, then one with the largest counter that a reading has",
			seed: bytes(0x40),
			master: bytes(0x80),
			genesis_hash: GENESIS,
			passport: PASSPORT,
			key_epoch: 5,
			sequence: 70_004,
			readings: vec![
				Reading {
					last_command: 1,
					..charging(0)
				},
				Reading {
					last_command: LARGEST,
					..charging(1)
				},
			],
		},
		Inputs {
			name: "the readings of five minutes for another battery",
			seed: bytes(0x40),
			master: bytes(0x80),
			genesis_hash: GENESIS,
			passport: OTHER_PASSPORT,
			key_epoch: 3,
			sequence: 70_000,
			readings: (0..5).map(charging).collect(),
		},
		Inputs {
			name: "the smallest and the largest values",
			seed: [0xff; 32],
			master: [0xff; 32],
			genesis_hash: [0xff; 32],
			passport: PassportId([0xff; 32]),
			key_epoch: u32::MAX,
			sequence: u64::MAX,
			readings: vec![
				extreme(false, LARGEST - u64::from(u32::MAX)),
				extreme(true, LARGEST),
			],
		},
	]
}

fn frame_vector(inputs: Inputs) -> FrameVector {
	let Inputs {
		name,
		seed,
		master,
		genesis_hash,
		passport,
		key_epoch,
		sequence,
		readings,
	} = inputs;
	let signing_key = SigningKey::from_bytes(&seed);
	let public_key = signing_key.verifying_key().to_bytes();
	let seal_key = DeviceMaster::new(master).seal_key(key_epoch);
	let mut buffer = [0; MAX_FRAME_BYTES];
	let length = crypto::build(
		&readings,
		key_epoch,
		sequence,
		&genesis_hash,
		&passport,
		&seal_key,
		&signing_key,
		&mut buffer,
	)
	.unwrap();
	let bytes = &buffer[..length];
	let frame = Frame::parse(bytes).unwrap();
	let mut message = [0; MAX_SIGNED_BYTES];
	let signed_message = frame
		.signed_message(&genesis_hash, &passport, &mut message)
		.unwrap();
	let mut coded = [0; MAX_FRAME_BYTES];
	let coded_length = codec::encode(&readings, frame.header.first_seconds, &mut coded).unwrap();

	// The parts are of one frame, which verifies and opens.
	assert!(
		crypto::verify(&frame, &genesis_hash, &passport, &public_key),
		"{name}"
	);
	assert_eq!(frame.sealed.len(), coded_length + TAG_BYTES, "{name}");
	let mut opened = Vec::new();
	let key = SealKey::new(*seal_key.expose());
	crypto::open(&frame, &key, &mut [0; MAX_FRAME_BYTES], |reading| {
		opened.push(reading);
	})
	.unwrap();
	assert_eq!(opened, readings, "{name}");

	FrameVector {
		name,
		signing_seed: hex::encode(seed),
		public_key: hex::encode(public_key),
		master: hex::encode(master),
		genesis_hash: hex::encode(genesis_hash),
		passport: hex::encode(passport.0),
		key_epoch,
		sequence,
		first_seconds: frame.header.first_seconds,
		span_seconds: frame.header.span_seconds,
		count: frame.header.count,
		delta_coded: hex::encode(&coded[..coded_length]),
		seal_key: hex::encode(seal_key.expose()),
		nonce: hex::encode([sequence.to_le_bytes().as_slice(), &[0; 4]].concat()),
		header: hex::encode(frame.header_bytes),
		sealed: hex::encode(frame.sealed),
		signed_message: hex::encode(signed_message),
		signature: hex::encode(frame.signature),
		frame: hex::encode(bytes),
		readings,
	}
}

fn not_frames(good: &FrameVector) -> Vec<NotAFrame> {
	let bytes = hex::decode(&good.frame).unwrap();
	let header = good.header.len() / 2;
	// Version, scheme, epoch 0, sequence 1, time 0, span 0, one reading: a byte each.
	assert_eq!(header, 7);
	let with = |place: usize, value: u8| {
		let mut bytes = bytes.clone();
		bytes[place] = value;
		bytes
	};
	[
		("no byte", vec![]),
		("a version that is not known", with(0, 2)),
		("a scheme that is reserved", with(1, 1)),
		("sequence 0", with(3, 0)),
		("no reading", with(6, 0)),
		("more readings than bytes", with(6, 14)),
		("a header that ends in a number", bytes[..4].to_vec()),
		("a number of more than 32 bits", {
			let epoch = [0xff, 0xff, 0xff, 0xff, 0x1f];
			[&bytes[..2], &epoch, &bytes[3..]].concat()
		}),
		("no byte of a reading", bytes[..bytes.len() - 13].to_vec()),
	]
	.into_iter()
	.map(|(name, bytes)| NotAFrame {
		name,
		error: Frame::parse(&bytes).unwrap_err().to_string(),
		frame: hex::encode(bytes),
	})
	.collect()
}

fn possession_vector() -> PossessionVector {
	let signing_key = SigningKey::from_bytes(&[0x11; 32]);
	let public_key = signing_key.verifying_key().to_bytes();
	let passport = PASSPORT;
	let message = possession_message(&GENESIS, &passport, &public_key);
	PossessionVector {
		name: "proof of possession at registration",
		signing_seed: hex::encode([0x11; 32]),
		public_key: hex::encode(public_key),
		genesis_hash: hex::encode(GENESIS),
		passport: hex::encode(passport.0),
		message: hex::encode(message),
		signature: hex::encode(signing_key.sign(&message).to_bytes()),
	}
}

fn rotation_vector() -> RotationVector {
	let signing_key = SigningKey::from_bytes(&[0x22; 32]);
	let public_key = signing_key.verifying_key().to_bytes();
	let passport = PASSPORT;
	let from_sequence = 0x0102_0304_0506;
	let message = rotation_message(&GENESIS, &passport, &public_key, from_sequence);
	RotationVector {
		name: "proof of possession of the key that comes after",
		signing_seed: hex::encode([0x22; 32]),
		public_key: hex::encode(public_key),
		genesis_hash: hex::encode(GENESIS),
		passport: hex::encode(passport.0),
		from_sequence,
		message: hex::encode(message),
		signature: hex::encode(signing_key.sign(&message).to_bytes()),
	}
}

fn statement_vector(name: &'static str, statement: ThresholdStatement) -> StatementVector {
	let signing_key = SigningKey::from_bytes(&[0x11; 32]);
	let passport = PASSPORT;
	let message = statement.message(&GENESIS, &passport);
	let signature = signing_key.sign(&message).to_bytes();
	StatementVector {
		name,
		signing_seed: hex::encode([0x11; 32]),
		public_key: hex::encode(signing_key.verifying_key().to_bytes()),
		genesis_hash: hex::encode(GENESIS),
		passport: hex::encode(passport.0),
		threshold_bp: statement.threshold_bp,
		at_or_above: statement.at_or_above,
		made_at_seconds: statement.made_at_seconds,
		message: hex::encode(message),
		signature: hex::encode(signature),
		evidence: hex::encode(Sha256::digest([message.as_slice(), &signature].concat())),
	}
}

fn statement_vectors() -> Vec<StatementVector> {
	vec![
		statement_vector(
			"at or above 70 %",
			ThresholdStatement {
				threshold_bp: 7_000,
				at_or_above: true,
				made_at_seconds: 1_800_000_000,
			},
		),
		statement_vector(
			"below the largest threshold, at the end of time",
			ThresholdStatement {
				threshold_bp: u16::MAX,
				at_or_above: false,
				made_at_seconds: u64::MAX,
			},
		),
	]
}

fn command_vector(name: &'static str, counter: u64, command: Command) -> CommandVector {
	let operator = SigningKey::from_bytes(&[0x33; 32]);
	let public_key = operator.verifying_key().to_bytes();
	let passport = PASSPORT;
	let signed = SignedCommand::sign(counter, command, &GENESIS, &passport, &operator);
	assert!(signed.is_signed_by(&public_key, &GENESIS, &passport), "{name}");
	let mut buffer = [0; MAX_COMMAND_BYTES];
	let sent = signed.encode(&mut buffer);
	assert_eq!(SignedCommand::parse(sent), Ok(signed), "{name}");
	let mut message = [0; MAX_COMMAND_MESSAGE_BYTES];
	let message = command_message(counter, &command, &GENESIS, &passport, &mut message);
	let (kind, parameters) = match command {
		Command::KeyEpoch(epoch) => ("key_epoch", epoch.to_be_bytes().to_vec()),
		Command::Rates(rates) => {
			let [high, low] = rates.sample_seconds.to_be_bytes();
			("rates", vec![high, low, rates.readings_per_frame])
		}
		Command::ReadOut => ("read_out", vec![]),
		Command::SoftwareReset => ("software_reset", vec![]),
		Command::OperatorKey(key) => ("operator_key", key.to_vec()),
	};
	CommandVector {
		name,
		signing_seed: hex::encode([0x33; 32]),
		public_key: hex::encode(public_key),
		genesis_hash: hex::encode(GENESIS),
		passport: hex::encode(passport.0),
		counter,
		kind,
		parameters: hex::encode(parameters),
		message: hex::encode(message),
		signature: hex::encode(signed.signature),
		command: hex::encode(sent),
	}
}

fn command_vectors() -> Vec<CommandVector> {
	let next_operator = SigningKey::from_bytes(&[0x44; 32]).verifying_key();
	vec![
		command_vector("the next key epoch", 1, Command::KeyEpoch(4)),
		command_vector("the largest numbers", u64::MAX, Command::KeyEpoch(u32::MAX)),
		command_vector(
			"a reading each 10 s, twelve in a frame",
			1_800_000_000_000,
			Command::Rates(Rates {
				sample_seconds: 10,
				readings_per_frame: 12,
			}),
		),
		command_vector("a frame at once", 1_800_000_000_001, Command::ReadOut),
		command_vector("a second life", 1_800_000_000_002, Command::SoftwareReset),
		command_vector(
			"another operator's key",
			1_800_000_000_003,
			Command::OperatorKey(next_operator.to_bytes()),
		),
	]
}

fn not_commands(good: &CommandVector) -> Vec<NotACommand> {
	let bytes = hex::decode(&good.command).unwrap();
	// Counter, kind, a key epoch, the signature.
	assert_eq!(bytes.len(), 8 + 1 + 4 + 64);
	[
		("no byte", vec![]),
		("a signature alone", bytes[13..].to_vec()),
		("no byte of a reading", bytes[..bytes.len() - 13].to_vec()),
		("a byte too many", [&bytes[..], &[0]].concat()),
		("a kind that is not known", {
			let mut bytes = bytes.clone();
			bytes[8] = 6;
			bytes
		}),
	]
	.into_iter()
	.map(|(name, bytes)| NotACommand {
		name,
		error: SignedCommand::parse(&bytes).unwrap_err().to_string(),
		command: hex::encode(bytes),
	})
	.collect()
}

/// Opens the envelope that is in the file, or seals a new one where there is none that opens.
fn envelope_vector(existing: Option<Vec<u8>>) -> EnvelopeVector {
	let secret = *b"thirty-two secret bytes, or more";
	let (private_key, public_key) = EnvelopeSecret::derive(&secret);
	let binding = Binding {
		passport: PASSPORT,
		key_epoch: 3,
		grantee: OrganisationId(0x0102_0304),
	};
	let key = *DeviceMaster::new(core::array::from_fn(|index| 0x80 + index as u8))
		.seal_key(3)
		.expose();
	let envelope = existing
		.filter(|envelope| envelope::open(envelope, &private_key, &binding) == Ok(key))
		.unwrap_or_else(|| {
			let sealed = envelope::seal(&key, &public_key, &binding).unwrap();
			sealed.to_vec()
		});
	let associated_data = [
		binding.passport.0.as_slice(),
		&binding.key_epoch.to_be_bytes(),
		&binding.grantee.0.to_be_bytes(),
	]
	.concat();
	EnvelopeVector {
		name: "the sealing key of epoch 3 of the second frame's device",
		secret: hex::encode(secret),
		public_key: hex::encode(public_key),
		passport: hex::encode(binding.passport.0),
		key_epoch: binding.key_epoch,
		grantee: binding.grantee.0,
		info: hex::encode(b"BPL-ENVELOPE-v1"),
		associated_data: hex::encode(associated_data),
		envelope: hex::encode(envelope),
		key: hex::encode(key),
	}
}

fn window_vectors() -> Vec<WindowVector> {
	let script = |name, sequences: &[u64]| {
		let mut window = SequenceWindow::default();
		let steps = sequences
			.iter()
			.map(|sequence| WindowStep {
				sequence: *sequence,
				outcome: match window.take(*sequence) {
					Ok(()) => "taken",
					Err(WindowRefusal::Replayed) => "replayed",
					Err(WindowRefusal::TooOld) => "too_old",
					Err(WindowRefusal::Leap) => "sequence_leap",
				},
				highest: window.highest(),
			})
			.collect();
		WindowVector { name, steps }
	};
	vec![
		script("in order, each twice", &[1, 1, 2, 2, 3, 3]),
		script("sequence 0 is never taken", &[0, 1, 0]),
		script(
			"late ones within 64 are taken once",
			&[70, 7, 7, 6, 69, 69, 70, 71, 7, 8, 8],
		),
		script(
			"the window slides by one, by 63, by 64 and by more",
			&[1, 2, 65, 2, 1, 129, 65, 66, 66, 500, 436, 437, 129],
		),
		script(
			"a step of 2^32 is the longest",
			&[
				MAX_SEQUENCE_STEP + 1,
				MAX_SEQUENCE_STEP,
				2 * MAX_SEQUENCE_STEP + 1,
				2 * MAX_SEQUENCE_STEP,
				MAX_SEQUENCE_STEP,
			],
		),
	]
}

/// The envelope that the file holds, where it holds one.
fn envelope_in(text: &str) -> Option<Vec<u8>> {
	let file: serde_json::Value = serde_json::from_str(text).ok()?;
	hex::decode(file["envelopes"][0]["envelope"].as_str()?).ok()
}

#[test]
fn the_file_holds_what_this_implementation_comes_to() {
	let in_file = fs::read_to_string(path()).unwrap_or_default();
	let frames: Vec<_> = inputs().into_iter().map(frame_vector).collect();
	let vectors = Vectors {
		not_frames: not_frames(&frames[0]),
		frames,
		possession: vec![possession_vector()],
		rotation: vec![rotation_vector()],
		statements: statement_vectors(),
		envelopes: vec![envelope_vector(envelope_in(&in_file))],
		windows: window_vectors(),
	};
	compare(&path(), &in_file, &vectors);
}

#[test]
fn the_file_of_commands_holds_what_this_implementation_comes_to() {
	let in_file = fs::read_to_string(path_of_commands()).unwrap_or_default();
	let commands = command_vectors();
	let vectors = CommandVectors {
		not_commands: not_commands(&commands[0]),
		commands,
	};
	compare(&path_of_commands(), &in_file, &vectors);
}

/// Holds a file against what was computed, or writes it where that is wished for.
fn compare(path: &Path, in_file: &str, vectors: &impl Serialize) {
	let computed = serde_json::to_string_pretty(vectors).unwrap() + "\n";
	if std::env::var_os("REGENERATE_VECTORS").is_some() {
		fs::write(path, computed).unwrap();
		return;
	}
	let difference = in_file
		.lines()
		.zip(computed.lines())
		.enumerate()
		.find(|(_, (file, computed))| file != computed);
	assert_eq!(difference, None, "the first line that differs: file, computed");
	assert!(in_file == computed, "the file has more lines or fewer");
}

#[test]
fn the_readings_in_the_file_are_read_back() {
	let file: serde_json::Value = serde_json::from_str(&fs::read_to_string(path()).unwrap()).unwrap();
	for (vector, inputs) in file["frames"].as_array().unwrap().iter().zip(inputs()) {
		let readings: Vec<Reading> = serde_json::from_value(vector["readings"].clone()).unwrap();
		assert_eq!(readings, inputs.readings, "{}", inputs.name);
	}
}

#[test]
fn an_envelope_of_another_binding_does_not_open() {
	let text = fs::read_to_string(path()).unwrap();
	let envelope = envelope_in(&text).unwrap();
	let (secret, _) = EnvelopeSecret::derive(b"thirty-two secret bytes, or more");
	let binding = Binding {
		passport: PASSPORT,
		key_epoch: 3,
		grantee: OrganisationId(0x0102_0304),
	};
	assert!(envelope::open(&envelope, &secret, &binding).is_ok());
	let other = Binding {
		key_epoch: 4,
		..binding
	};
	assert!(envelope::open(&envelope, &secret, &other).is_err());
}
