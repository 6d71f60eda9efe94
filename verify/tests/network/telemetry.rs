//! A device of the network, and the batch of five frames that a bridge has anchored there: the known answers of
//! `primitives/vectors`. Three of the five are the device's.

use super::{authorities, entries_of, state_of_block_100, Entries, FIRST_SET};
use codec::Encode;
use pallet_telemetry::{Anchor, Device, DeviceState, FormerKey, FormerKeysOfDevice, Page};
use passport_primitives::{
	battery::PassportId,
	organisation::OrganisationId,
	telemetry::{
		anchor::{root_of, AnchorId, AnchoredLeaf},
		device::SignedBy,
		SequenceWindow,
	},
};
use passport_runtime_api::{
	proof::{anchor_key, device_keys, AnchorProof, DeviceProof},
	Hex,
};
use passport_verify::Trust;
use serde_json::{json, Value};
use sp_core::H256;
use std::{
	fs,
	process::{Command, Output, Stdio},
};
use tempfile::TempDir;

/// The network that the frames are signed for.
pub const NETWORK: H256 = H256::repeat_byte(0x9e);
pub const DEVICE: u32 = 1;
/// Of the known frames.
pub const PASSPORT: PassportId = PassportId([0xba; 32]);
pub const ANCHOR: AnchorId = AnchorId {
	bridge: OrganisationId(8),
	stream: 2,
	number: 3,
};

fn vectors(text: &str) -> Value {
	serde_json::from_str(text).unwrap()
}

/// The batch of five leaves.
pub fn batch() -> Value {
	vectors(include_str!("../../../primitives/vectors/anchors.json"))["batches"][3].clone()
}

/// One of the known frames.
pub fn known_frame(index: usize) -> Value {
	vectors(include_str!("../../../primitives/vectors/frames.json"))["frames"][index].clone()
}

/// Digits as JSON-RPC and bridges write them.
pub fn hex(digits: &Value) -> String {
	format!("0x{}", digits.as_str().unwrap())
}

pub fn bytes(digits: &Value) -> Vec<u8> {
	serde_json::from_value::<Hex>(hex(digits).into()).unwrap().0
}

pub fn hash(digits: &Value) -> H256 {
	H256::from_slice(&bytes(digits))
}

/// The key that the device's frames are signed with.
pub fn key() -> H256 {
	hash(&known_frame(1)["publicKey"])
}

/// The device's frames, in their order.
pub fn frames() -> Vec<Vec<u8>> {
	let batch = batch();
	let leaves = batch["leaves"].as_array().unwrap();
	leaves
		.iter()
		.filter(|leaf| leaf["device"] == DEVICE)
		.map(|leaf| bytes(&leaf["frame"]))
		.collect()
}

pub fn trust() -> Trust {
	Trust {
		genesis_hash: NETWORK,
		..super::trust()
	}
}

/// What a state holds of telemetry.
#[derive(Clone)]
pub struct Telemetry {
	pub page: Option<Page>,
	pub former_keys: FormerKeysOfDevice,
	pub anchor: Option<Anchor<u32>>,
}

impl Telemetry {
	/// The device has its first key, and its frames are all that the ledger has taken of it.
	pub fn new() -> Self {
		let mut window = SequenceWindow::default();
		for sequence in 70_000..70_003 {
			window.take(sequence).unwrap();
		}
		// By the definition in `docs/frame-format.md`.
		let history_head = frames().iter().fold([0u8; 32], |head, frame| {
			sp_io::hashing::blake2_256(&[head.as_slice(), frame.as_slice()].concat())
		});
		let state = DeviceState {
			device: Device {
				passport: PASSPORT,
				maker: OrganisationId(1),
				signed_by: SignedBy::Battery,
			},
			public_key: key().to_fixed_bytes(),
			key_from_sequence: 0,
			revoked: false,
			in_use: true,
			responsible_operator: OrganisationId(1),
			key_epoch: 4,
			window,
			last_seconds: 1_800_000_240,
			history_head,
			frames: 3,
			readings: 12,
		};
		let batch = batch();
		Self {
			// The passport of the device before it was closed.
			page: Some(vec![None, Some(state)].try_into().unwrap()),
			former_keys: FormerKeysOfDevice::default(),
			anchor: Some(Anchor {
				root: hash(&batch["root"]).to_fixed_bytes(),
				leaves: 5,
				readings: 14,
				content: bytes(&batch["contentAddress"]).try_into().unwrap(),
				anchored_at: 90,
				offence: None,
			}),
		}
	}

	/// State of the device.
	pub fn state(&mut self) -> &mut DeviceState {
		self.page.as_mut().unwrap()[DEVICE as usize].as_mut().unwrap()
	}

	pub fn anchor(&mut self) -> &mut Anchor<u32> {
		self.anchor.as_mut().unwrap()
	}

	/// Anchors this leaf alone instead of the batch.
	pub fn anchor_alone(&mut self, leaf: &AnchoredLeaf) {
		self.anchor().root = root_of(&[leaf.hash()]);
		self.anchor().leaves = 1;
	}

	/// Gives the device other keys: the present one, and those that it had before.
	pub fn rotate(&mut self, present: H256, former: &[H256]) {
		self.state().public_key = present.to_fixed_bytes();
		self.state().key_from_sequence = former.len() as u64;
		let former = (1..).zip(former).map(|(below_sequence, key)| FormerKey {
			public_key: key.to_fixed_bytes(),
			below_sequence,
		});
		self.former_keys = former.collect::<Vec<_>>().try_into().unwrap();
	}

	fn entries(&self) -> Entries {
		let keys = device_keys(DEVICE);
		let mut entries = entries_of(NETWORK);
		let mut insert = |key, value: Option<Vec<u8>>| entries.extend(value.map(|value| (key, value)));
		insert(keys.page, self.page.as_ref().map(Encode::encode));
		let former_keys = Some(&self.former_keys).filter(|keys| !keys.is_empty());
		insert(keys.former_keys, former_keys.map(Encode::encode));
		insert(anchor_key(&ANCHOR), self.anchor.as_ref().map(Encode::encode));
		entries
	}

	pub fn device_proof(&self) -> DeviceProof {
		DeviceProof {
			device: DEVICE,
			state: state_of_block_100(&self.entries()).1,
		}
	}

	pub fn anchor_proof(&self) -> AnchorProof {
		AnchorProof {
			bridge: ANCHOR.bridge,
			stream: ANCHOR.stream,
			number: ANCHOR.number,
			device: DEVICE,
			state: state_of_block_100(&self.entries()).1,
		}
	}
}

/// A folder with `authorities.json`, in which the command is run.
pub struct Folder(TempDir);

impl Folder {
	pub fn new() -> Self {
		let folder = Self(TempDir::new().unwrap());
		let list: Vec<_> = authorities(&FIRST_SET)
			.into_iter()
			.map(|(key, weight)| json!([Hex(key.encode()), weight]))
			.collect();
		folder.write("authorities.json", Value::from(list).to_string());
		folder
	}

	pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
		fs::write(self.0.path().join(name), content).unwrap();
	}

	/// Runs the command with these arguments, and with the list of validators.
	pub fn run(&self, arguments: &[&str]) -> Output {
		let genesis = format!("{NETWORK:?}");
		let trusted = ["--authorities", "authorities.json", "--genesis-hash", &genesis];
		self.run_without_trust(&[arguments, &trusted[..]].concat())
	}

	pub fn run_without_trust(&self, arguments: &[&str]) -> Output {
		Command::new(env!("CARGO_BIN_EXE_passport-verify"))
			.args(arguments)
			.current_dir(self.0.path())
			.stdin(Stdio::null())
			.output()
			.unwrap()
	}
}

/// What was proven.
pub fn printed(output: &Output) -> Value {
	assert_eq!(output.status.code(), Some(0), "{output:?}");
	serde_json::from_slice(&output.stdout).unwrap()
}

/// Exit status, and the one line on standard error.
pub fn failure(output: &Output) -> (i32, String) {
	assert!(output.stdout.is_empty());
	let line = String::from_utf8(output.stderr.clone()).unwrap();
	assert_eq!(line.lines().count(), 1, "{line}");
	(output.status.code().unwrap(), line.trim_end().into())
}
