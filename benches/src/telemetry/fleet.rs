//! Simulated batteries, and the frames that they would send: made, sealed and signed before anything is measured.

use super::{mqtt::Message, signatures::SignedFrame};
use crate::ledger::calls::passport_id;
use anyhow::{anyhow, ensure, Result};
use bms_core::{Link, LinkEvent, NoRoom, Outgoing};
use bms_sim::{
	battery::Setup, drive_cycle::Profile, memory::Memory, pack::Design, DeviceIdentity, Produced,
	SimulatedBattery,
};
use passport_primitives::{battery::PassportId, telemetry::Frame, topic::FrameTopic};
use passport_tests::battery::{now_seconds, topic_of};
use std::{collections::HashMap, sync::Arc, thread};

/// Most frames and bytes of a batch: the ledger's bounds.
pub const FRAMES_OF_A_BATCH: usize = 256;
/// See [`FRAMES_OF_A_BATCH`].
pub const BYTES_OF_A_BATCH: usize = 256 * 1024;

/// What keys, packs and their use follow from.
pub const SEED: &str = "telemetry bench";

/// Between two readings of the simulator's usual fleet, in seconds.
pub const SECOND: u32 = 1;

/// Between two readings of a battery that is watched less closely, in seconds: what changes from one to the next is more, and so
/// is what the frame has to say.
pub const MINUTE: u32 = 60;

/// How far behind the clock the readings begin: no round gets to the end of it, and the ledger takes 30 days.
pub const BEHIND_SECONDS: u64 = 20 * 24 * 3_600;

/// The number of a device, and a frame of it.
pub type DeviceFrame = (u32, Vec<u8>);

/// A device, and all its frames in the order in which it made them.
type DeviceFrames = (u32, Vec<Vec<u8>>);

/// A battery with a passport and a device on the ledger.
pub struct Member {
	/// Its passport.
	pub passport: PassportId,
	/// The number of its device.
	pub device: u32,
	/// The device's keys: [`DeviceIdentity::derive`] of [`SEED`].
	pub identity: DeviceIdentity,
}

/// Simulated batteries, by the numbers of their devices on the ledger.
pub struct Fleet {
	/// Its name in the report.
	pub name: &'static str,
	/// Readings in each of its frames.
	pub readings_per_frame: u8,
	/// In the order of the devices' numbers.
	batteries: Vec<(u32, SimulatedBattery)>,
	topics: HashMap<u32, Arc<str>>,
	/// Passport and key of each device.
	signers: HashMap<u32, (PassportId, [u8; 32])>,
}

/// Keeps what is published.
#[derive(Default)]
struct Collector(Vec<(u64, Vec<u8>)>);

impl Link for Collector {
	fn publish(&mut self, frame: Outgoing<'_>) -> Result<(), NoRoom> {
		self.0.push((frame.sequence, frame.bytes.to_vec()));
		Ok(())
	}
}

/// The next frames of a battery.
fn next_frames(battery: &mut SimulatedBattery, wanted: usize) -> Result<Vec<Vec<u8>>> {
	let mut frames = Vec::with_capacity(wanted);
	let mut link = Collector::default();
	while frames.len() < wanted {
		ensure!(
			battery.produce()? != Produced::NoRoom,
			"the outbox is full of frames that were acknowledged"
		);
		while battery.publish_next(&mut link)?.is_some() {}
		for (sequence, frame) in link.0.drain(..) {
			battery.settle(LinkEvent::Acknowledged { sequence })?;
			frames.push(frame);
		}
	}
	Ok(frames)
}

impl Fleet {
	/// Batteries in daily use, a reading each `sample_seconds`, whose devices have sent nothing yet.
	pub fn open(
		name: &'static str,
		readings_per_frame: u8,
		sample_seconds: u32,
		members: &[Member],
		genesis_hash: [u8; 32],
	) -> Result<Self> {
		let setup = Setup {
			design: Design::default(),
			profile: Profile::Daily,
			genesis_hash,
			readings_per_frame,
			sample_seconds,
			start_seconds: now_seconds().saturating_sub(BEHIND_SECONDS),
			resume_time: false,
			alert_every: 0,
			key_epoch: 0,
			first_sequence: 1,
		};
		let mut fleet = Fleet {
			name,
			readings_per_frame,
			batteries: Vec::with_capacity(members.len()),
			topics: HashMap::new(),
			signers: HashMap::new(),
		};
		for member in members {
			let battery =
				SimulatedBattery::open(&member.identity, member.passport, SEED, setup, Memory::volatile())?;
			fleet.batteries.push((member.device, battery));
			let topic = topic_of(&member.passport.to_string(), FrameTopic::Telemetry);
			fleet.topics.insert(member.device, topic.into());
			let signer = (member.passport, member.identity.public_key());
			fleet.signers.insert(member.device, signer);
		}
		fleet.batteries.sort_by_key(|(device, _)| *device);
		Ok(fleet)
	}

	/// The same with batteries whose devices have the numbers that their keys and passports follow from.
	pub fn numbered(
		name: &'static str,
		readings_per_frame: u8,
		sample_seconds: u32,
		devices: impl IntoIterator<Item = u32>,
		genesis_hash: [u8; 32],
	) -> Result<Self> {
		let members: Vec<_> = devices
			.into_iter()
			.map(|device| Member {
				passport: passport_id(device),
				device,
				identity: DeviceIdentity::derive(SEED, device),
			})
			.collect();
		Self::open(name, readings_per_frame, sample_seconds, &members, genesis_hash)
	}

	/// How many batteries it has.
	pub fn size(&self) -> usize {
		self.batteries.len()
	}

	/// A frame of a device, and who should have signed it.
	pub fn signed(&self, device: u32, frame: &[u8]) -> Option<SignedFrame> {
		let (passport, public_key) = *self.signers.get(&device)?;
		Some(SignedFrame {
			passport,
			public_key,
			frame: frame.to_vec(),
		})
	}

	/// The next frames of all, a batch for as many neighbours as fit into one: batches by time, and devices in the order of
	/// their numbers within each, as the bridge brings them.
	pub fn batches(&mut self, frames_wanted: usize) -> Result<Vec<Vec<DeviceFrame>>> {
		let each = frames_wanted.div_ceil(self.batteries.len());
		let cores = thread::available_parallelism().map_or(1, usize::from);
		let share = self.batteries.len().div_ceil(cores);
		let made: Result<Vec<Vec<DeviceFrames>>> = thread::scope(|scope| {
			let threads: Vec<_> = self
				.batteries
				.chunks_mut(share)
				.map(|some| {
					scope.spawn(move || {
						some.iter_mut()
							.map(|(device, battery)| Ok((*device, next_frames(battery, each)?)))
							.collect::<Result<Vec<_>>>()
					})
				})
				.collect();
			threads
				.into_iter()
				.map(|made| made.join().map_err(|_| anyhow!("a simulation panicked"))?)
				.collect()
		});
		let mut made: Vec<_> = made?
			.into_iter()
			.flatten()
			.map(|(device, frames)| (device, frames.into_iter()))
			.collect();
		let mut batches = Vec::new();
		for _ in 0..each {
			let mut batch: Vec<DeviceFrame> = Vec::new();
			let mut bytes = 0;
			for (device, frames) in &mut made {
				// An alert makes two frames of one: they come last and stay behind.
				let Some(frame) = frames.next() else {
					continue;
				};
				if batch.len() == FRAMES_OF_A_BATCH || bytes + frame.len() > BYTES_OF_A_BATCH {
					batches.push(std::mem::take(&mut batch));
					bytes = 0;
				}
				bytes += frame.len();
				batch.push((*device, frame));
			}
			batches.push(batch);
		}
		Ok(batches)
	}

	/// The next frames of all as they are published: by time, each on its battery's topic.
	pub fn messages(&mut self, frames_wanted: usize) -> Result<Vec<Message>> {
		let batches = self.batches(frames_wanted)?;
		batches
			.into_iter()
			.flatten()
			.map(|(device, frame)| {
				let sequence = Frame::parse(&frame)
					.map_err(|error| anyhow!("the simulator made no frame: {error:?}"))?
					.header
					.sequence;
				let topic = self
					.topics
					.get(&device)
					.ok_or_else(|| anyhow!("device {device} is of another fleet"))?;
				Ok(Message {
					topic: Arc::clone(topic),
					device,
					sequence,
					frame,
				})
			})
			.collect()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use passport_primitives::{telemetry::crypto, topic};

	fn fleet(readings_per_frame: u8, devices: u32) -> Fleet {
		Fleet::numbered("test", readings_per_frame, SECOND, 0..devices, [7; 32]).unwrap()
	}

	#[test]
	fn readings_are_a_second_apart_or_a_minute() {
		for sample_seconds in [SECOND, MINUTE] {
			let mut fleet = Fleet::numbered("test", 60, sample_seconds, 0..20, [7; 32]).unwrap();
			let batches = fleet.batches(40).unwrap();
			assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 40);
			for (_, frame) in batches.iter().flatten() {
				let header = Frame::parse(frame).unwrap().header;
				assert_eq!(
					header.span_seconds,
					(u32::from(header.count) - 1) * sample_seconds
				);
			}
		}
	}

	#[test]
	fn each_device_sends_frame_after_frame_and_no_batch_has_two_of_one() {
		let mut fleet = fleet(60, 300);
		let batches = fleet.batches(900).unwrap();
		let mut last = vec![0; 300];
		for batch in &batches {
			assert!(batch.len() <= FRAMES_OF_A_BATCH);
			assert!(batch.iter().map(|(_, frame)| frame.len()).sum::<usize>() <= BYTES_OF_A_BATCH);
			assert!(batch.windows(2).all(|two| two[0].0 < two[1].0));
			for (device, bytes) in batch {
				let header = Frame::parse(bytes).unwrap().header;
				assert_eq!(header.count, 60);
				assert_eq!(header.sequence, last[*device as usize] + 1);
				last[*device as usize] = header.sequence;
			}
		}
		assert_eq!(last, vec![3; 300]);
		// The next ones go on where these ended.
		let next = fleet.batches(300).unwrap();
		let header = Frame::parse(&next[0][0].1).unwrap().header;
		assert_eq!(header.sequence, 4);
	}

	#[test]
	fn a_message_is_on_its_batterys_topic_and_says_which_frame_it_is() {
		let mut fleet = fleet(1, 3);
		let messages = fleet.messages(6).unwrap();
		let places: Vec<_> = messages
			.iter()
			.map(|message| (message.device, message.sequence))
			.collect();
		assert_eq!(places, [(0, 1), (1, 1), (2, 1), (0, 2), (1, 2), (2, 2)]);
		let (name, kind) = topic::parse(&messages[1].topic).unwrap();
		assert_eq!(
			(name, kind),
			(passport_id(1).to_string().as_str(), FrameTopic::Telemetry)
		);
		let identity = DeviceIdentity::derive(SEED, 1);
		let signed = fleet.signed(1, &messages[1].frame).unwrap();
		assert_eq!(
			(signed.passport, signed.public_key),
			(passport_id(1), identity.public_key())
		);
		let frame = Frame::parse(&signed.frame).unwrap();
		assert!(crypto::verify(
			&frame,
			&[7; 32],
			&signed.passport,
			&signed.public_key
		));
		assert_eq!(fleet.signed(3, &signed.frame), None);
	}
}
