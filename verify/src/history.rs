//! That frames are all that the ledger has taken of a device, in the order in which it took them.

use crate::{
	device::{DeviceRecord, ProvenDevice},
	state::{ProvenBlock, State},
	Refusal, Trust,
};
use passport_runtime_api::proof::DeviceProof;
use serde::Serialize;
use sp_core::H256;

/// The rolling hash over a device's frames, as the ledger takes it: `head' = BLAKE2b-256(head ‖ frame)`, from 32 zero bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RollingHash {
	head: [u8; 32],
	frames: u64,
}

impl RollingHash {
	/// Takes the next frame, byte by byte as it stands in its block.
	pub fn take(&mut self, frame: &[u8]) {
		self.head = sp_io::hashing::blake2_256(&[self.head.as_slice(), frame].concat());
		self.frames = self.frames.saturating_add(1);
	}
}

/// The complete history of a device: all frames of the verified path, from the first one up to a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvenHistory {
	/// The block.
	#[serde(flatten)]
	pub block: ProvenBlock,
	/// The device.
	#[serde(flatten)]
	pub device: ProvenDevice,
	/// Rolling hash over all frames.
	pub history_head: H256,
	/// How many frames.
	pub frames: u32,
	/// How many readings are in them.
	pub readings: u64,
	/// The highest sequence of a frame; 0 where there is none.
	pub highest_sequence: u64,
}

/// Checks that frames, which `rolled` has taken one after the other, are the complete history of the device of this number at the
/// block of the proof. Whoever made the proof may have chosen another device's: that is refused.
///
/// Their signatures are not checked again: the ledger has taken no frame that the device had not signed.
pub fn verify_history(
	proof: &DeviceProof,
	trust: &Trust,
	device: u32,
	rolled: &RollingHash,
) -> Result<ProvenHistory, Refusal> {
	if proof.device != device {
		return Err(Refusal::OtherDevice {
			expected: device,
			found: proof.device,
		});
	}
	let (block, state) = State::open(&proof.state, trust)?;
	let DeviceRecord { proven, state, .. } = DeviceRecord::read(&state, device)?;
	if rolled.frames != u64::from(state.frames) {
		return Err(Refusal::OtherNumberOfFrames {
			taken: state.frames,
			shown: rolled.frames,
		});
	}
	if rolled.head != state.history_head {
		return Err(Refusal::OtherHistory {
			expected: H256(state.history_head),
			found: H256(rolled.head),
		});
	}
	Ok(ProvenHistory {
		block,
		device: proven,
		history_head: H256(state.history_head),
		frames: state.frames,
		readings: state.readings,
		highest_sequence: state.window.highest(),
	})
}
