//! A battery for tests: signs frames as the firmware does.

use ed25519_dalek::SigningKey;
use passport_primitives::{
	battery::PassportId,
	telemetry::{
		crypto::{build, DeviceMaster},
		Reading, MAX_FRAME_BYTES,
	},
};

pub const GENESIS: [u8; 32] = [7; 32];
pub const NOW_SECONDS: u64 = 1_800_000_000;

#[derive(Clone, Debug)]
pub struct Battery {
	pub name: String,
	pub index: u32,
	pub seed: u8,
}

impl Battery {
	pub fn new(index: u32) -> Self {
		Battery {
			name: format!("BAT-2025-LI-{index:06}"),
			index,
			seed: index as u8 + 1,
		}
	}

	/// Its passport, whatever key its device has.
	pub fn passport(&self) -> PassportId {
		let mut id = [0x1d; 32];
		id[..4].copy_from_slice(&self.index.to_be_bytes());
		PassportId(id)
	}

	fn key(&self) -> SigningKey {
		SigningKey::from_bytes(&[self.seed; 32])
	}

	pub fn public_key(&self) -> [u8; 32] {
		self.key().verifying_key().to_bytes()
	}

	pub fn topic(&self) -> String {
		format!("wia/battery-passport/{}/telemetry/frame", self.name)
	}

	pub fn alert_topic(&self) -> String {
		format!("wia/battery-passport/{}/alerts/critical", self.name)
	}

	pub fn frame(&self, sequence: u64) -> Vec<u8> {
		self.build(sequence, 0, NOW_SECONDS)
	}

	pub fn frame_of_epoch(&self, sequence: u64, key_epoch: u32) -> Vec<u8> {
		self.build(sequence, key_epoch, NOW_SECONDS)
	}

	pub fn frame_at(&self, sequence: u64, seconds: u64) -> Vec<u8> {
		self.build(sequence, 0, seconds)
	}

	fn build(&self, sequence: u64, key_epoch: u32, seconds: u64) -> Vec<u8> {
		let readings = [0, 1].map(|index| Reading {
			time_seconds: seconds + index,
			state_of_charge_bp: 5_000,
			..Reading::default()
		});
		let mut buffer = [0; MAX_FRAME_BYTES];
		let seal_key = DeviceMaster::new([2; 32]).seal_key(key_epoch);
		let length = build(
			&readings,
			key_epoch,
			sequence,
			&GENESIS,
			&self.passport(),
			&seal_key,
			&self.key(),
			&mut buffer,
		)
		.unwrap();
		buffer[..length].to_vec()
	}
}
