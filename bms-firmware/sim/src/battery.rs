//! One simulated battery: a pack that is used, and the device that reports it.

use std::path::PathBuf;

use bms_core::{
	command, device, outbox::Entry, sampler::FrameLimits, sequence::SequenceError, BmsSource, Closed, Device,
	DeviceError, Ignored, Link, LinkEvent, Measurement, Outcome, Settings, SoftwareKey, WhenFull,
};
use passport_primitives::{battery::PassportId, telemetry::command::Rates};
use serde::{Deserialize, Serialize};

use crate::{
	cell::Step,
	drive_cycle::{DriveCycle, Profile},
	identity::{DeviceIdentity, Operator},
	memory::{read_if_there, Memory, MemoryError},
	pack::{Design, Pack, SensorFault},
	state::replace,
};

/// Frames that a simulated device keeps until they are acknowledged.
pub const OUTBOX_SLOTS: usize = 32;

/// How a battery is simulated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setup {
	/// What the pack is built as.
	pub design: Design,
	/// How it is used.
	pub profile: Profile,
	/// The network that frames are signed for.
	pub genesis_hash: [u8; 32],
	/// Readings in a frame, 1 to 255.
	pub readings_per_frame: u8,
	/// From one reading to the next, in s: 1 to 60.
	pub sample_seconds: u32,
	/// Time before the first reading, in seconds since 1970.
	pub start_seconds: u64,
	/// Whether a pack that was stored goes on no earlier than it stopped.
	pub resume_time: bool,
	/// A sensor breaks in every frame of this number, which makes it an alert; 0 for never.
	pub alert_every: u32,
	/// The epoch of the sealing key.
	pub key_epoch: u32,
	/// The first sequence of a device that has no counter yet; at least 1.
	pub first_sequence: u64,
}

/// Why a battery can not go on.
#[derive(Debug, thiserror::Error)]
pub enum BatteryError {
	/// The device.
	#[error("device {index}: {error}")]
	Device {
		/// Which.
		index: u32,
		/// What is wrong.
		error: Box<DeviceError<MemoryError>>,
	},
	/// The stored pack.
	#[error("device {index}: {error}")]
	Model {
		/// Which.
		index: u32,
		/// What is wrong.
		error: MemoryError,
	},
	/// The stored pack is of another version or design.
	#[error("device {index}: the stored pack {} is of another design or version", path.display())]
	OtherModel {
		/// Which.
		index: u32,
		/// Its file.
		path: PathBuf,
	},
	/// The stored pack could not be written.
	#[error("device {index}: {}: {error}", path.display())]
	Store {
		/// Which.
		index: u32,
		/// Its file.
		path: PathBuf,
		/// What the system says.
		error: std::io::Error,
	},
}

/// What came of asking for a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Produced {
	/// These were put into the outbox.
	Frames(Closed),
	/// The outbox is full: nothing was measured.
	NoRoom,
}

/// A device whatever the room of its sampler: 255 readings for each of ten thousand devices would be half a gigabyte.
trait AnyDevice: Send {
	fn record(
		&mut self,
		measurement: &Measurement,
		at: u64,
		ms: u64,
	) -> Result<Closed, DeviceError<MemoryError>>;
	fn publish_next(&mut self, link: &mut dyn Link) -> Result<Option<Entry>, DeviceError<MemoryError>>;
	fn settle(&mut self, event: LinkEvent) -> Result<Option<Entry>, DeviceError<MemoryError>>;
	fn obey(&mut self, passport: &PassportId, message: &[u8]) -> Result<Outcome, DeviceError<MemoryError>>;
	fn rates(&self) -> Option<Rates>;
	fn outbox_free(&self) -> usize;
	fn outbox_len(&self) -> usize;
	fn entry(&self, sequence: u64) -> Option<Entry>;
	fn state_of_charge_bp(&self) -> u16;
	fn state_of_health_bp(&self) -> u16;
}

struct SizedDevice<const READINGS: usize> {
	device: Device<SoftwareKey, Memory, READINGS, OUTBOX_SLOTS>,
	settings: Settings,
}

impl<const READINGS: usize> SizedDevice<READINGS> {
	fn open(
		identity: &DeviceIdentity,
		key_epoch: u32,
		settings: Settings,
		memory: Memory,
	) -> Result<Box<dyn AnyDevice>, DeviceError<MemoryError>> {
		let key = SoftwareKey::new(identity.signing_key.clone());
		let device = Device::open(key, identity.master.clone(), key_epoch, settings, memory)?;
		Ok(Box::new(SizedDevice::<READINGS> { device, settings }))
	}
}

impl<const READINGS: usize> AnyDevice for SizedDevice<READINGS> {
	fn record(
		&mut self,
		measurement: &Measurement,
		at: u64,
		ms: u64,
	) -> Result<Closed, DeviceError<MemoryError>> {
		self.device.record(measurement, at, ms)
	}

	fn publish_next(&mut self, link: &mut dyn Link) -> Result<Option<Entry>, DeviceError<MemoryError>> {
		self.device.publish_next(link)
	}

	fn settle(&mut self, event: LinkEvent) -> Result<Option<Entry>, DeviceError<MemoryError>> {
		self.device.settle(event)
	}

	fn obey(&mut self, passport: &PassportId, message: &[u8]) -> Result<Outcome, DeviceError<MemoryError>> {
		self.device.obey(passport, message)
	}

	fn rates(&self) -> Option<Rates> {
		self.device.rates()
	}

	fn outbox_free(&self) -> usize {
		self.device.outbox().free()
	}

	fn outbox_len(&self) -> usize {
		self.device.outbox().len()
	}

	fn entry(&self, sequence: u64) -> Option<Entry> {
		self.device
			.outbox()
			.entries()
			.find(|entry| entry.sequence == sequence)
			.copied()
	}

	fn state_of_charge_bp(&self) -> u16 {
		self.device.estimate().state_of_charge_bp()
	}

	fn state_of_health_bp(&self) -> u16 {
		self.device.estimate().state_of_health_bp(&self.settings.ratings)
	}
}

/// What is stored of the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Model {
	pack: Pack,
	cycle: DriveCycle,
	/// Time of the last reading, in seconds since 1970.
	at_seconds: u64,
	/// On the clock that never steps, in ms.
	monotonic_ms: u64,
	/// Frames that were asked for.
	frames: u64,
}

/// A pack that is used, and the device that reports it.
pub struct SimulatedBattery {
	index: u32,
	passport: PassportId,
	setup: Setup,
	operator: Option<Operator>,
	step: Step,
	model: Model,
	model_path: Option<PathBuf>,
	device: Box<dyn AnyDevice>,
}

impl SimulatedBattery {
	/// The battery of this identity and this passport, in the fleet of this seed. A memory that is empty is provisioned; one that
	/// is not goes on from where it is.
	pub fn open(
		identity: &DeviceIdentity,
		passport: PassportId,
		seed: &str,
		setup: Setup,
		memory: Memory,
	) -> Result<Self, BatteryError> {
		Self::open_for(identity, passport, seed, setup, None, memory)
	}

	/// The same with an operator, whose commands the device obeys. Rates and key epoch that it was told before it was closed count
	/// above those of the setup.
	pub fn open_for(
		identity: &DeviceIdentity,
		passport: PassportId,
		seed: &str,
		setup: Setup,
		operator: Option<Operator>,
		mut memory: Memory,
	) -> Result<Self, BatteryError> {
		let index = identity.index;
		let device_error = |error: DeviceError<MemoryError>| BatteryError::Device {
			index,
			error: Box::new(error),
		};
		let mut model = Model {
			pack: Pack::new(setup.design, seed, index),
			cycle: DriveCycle::new(setup.profile, seed, index),
			at_seconds: setup.start_seconds,
			monotonic_ms: 0,
			frames: 0,
		};
		// Before the counter: a memory that has one is complete.
		if let Some(operator) = &operator {
			command::provision(&mut memory, &operator.command_key.0)
				.map_err(|error| device_error(DeviceError::Commands(error)))?;
		}
		match device::provision(
			&mut memory,
			&model.pack.birth(),
			setup.first_sequence.saturating_sub(1),
		) {
			Ok(()) | Err(DeviceError::Sequence(SequenceError::AlreadyProvisioned)) => {}
			Err(error) => return Err(device_error(error)),
		}
		let model_path = memory.path().map(|path| path.join("model"));
		if let Some(path) = &model_path {
			let stored = read_if_there(path.clone()).map_err(|error| BatteryError::Model { index, error })?;
			if let Some(bytes) = stored {
				let stored: Model = postcard::from_bytes(&bytes)
					.ok()
					.filter(|stored: &Model| *stored.pack.design() == setup.design)
					.ok_or_else(|| BatteryError::OtherModel {
						index,
						path: path.clone(),
					})?;
				let at_seconds = if setup.resume_time {
					stored.at_seconds.max(setup.start_seconds)
				} else {
					setup.start_seconds
				};
				model = Model { at_seconds, ..stored };
			}
		}
		let settings = Settings {
			genesis_hash: setup.genesis_hash,
			passport,
			frame_limits: FrameLimits {
				readings: setup.readings_per_frame,
				age_seconds: u32::from(setup.readings_per_frame) * setup.sample_seconds,
			},
			ratings: setup.design.ratings(),
			limits: setup.design.limits(),
			when_full: WhenFull::Wait,
		};
		// An operator may ask for any number of readings.
		let open = match (operator, setup.readings_per_frame) {
			(Some(_), _) => SizedDevice::<255>::open,
			(None, ..=8) => SizedDevice::<8>::open,
			(None, 9..=64) => SizedDevice::<64>::open,
			(None, _) => SizedDevice::<255>::open,
		};
		let mut battery = SimulatedBattery {
			index,
			passport,
			step: Step::new(
				setup.design.chemistry.constants(),
				f64::from(setup.sample_seconds),
			),
			setup,
			operator,
			model,
			model_path,
			device: open(identity, setup.key_epoch, settings, memory).map_err(device_error)?,
		};
		battery.follow_rates();
		Ok(battery)
	}

	/// Measures and reports as the operator asked last.
	fn follow_rates(&mut self) {
		if let Some(rates) = self.device.rates() {
			self.setup.readings_per_frame = rates.readings_per_frame;
			self.setup.sample_seconds = u32::from(rates.sample_seconds);
			self.step = Step::new(
				self.setup.design.chemistry.constants(),
				f64::from(rates.sample_seconds),
			);
		}
	}

	/// Obeys a command of its operator, or says why not: see [`Device::obey`].
	pub fn obey(&mut self, message: &[u8]) -> Result<Outcome, BatteryError> {
		if self.operator.is_none() {
			return Ok(Outcome::Ignored(Ignored::NoOperator));
		}
		let obeyed = self.device.obey(&self.passport, message);
		let outcome = obeyed.map_err(|error| self.device_error(error))?;
		self.follow_rates();
		Ok(outcome)
	}

	/// Uses and measures the pack until a frame is closed.
	pub fn produce(&mut self) -> Result<Produced, BatteryError> {
		// Two, because readings that do not fit into one frame make two.
		if self.device.outbox_free() < 2 {
			return Ok(Produced::NoRoom);
		}
		self.model.frames += 1;
		let breaks = self.setup.alert_every > 0
			&& self
				.model
				.frames
				.is_multiple_of(u64::from(self.setup.alert_every));
		for reading in 0u32.. {
			let broken = breaks && reading >= u32::from(self.setup.readings_per_frame) / 2;
			self.model
				.pack
				.set_sensor_fault(broken.then_some(SensorFault::HotSpot));
			let closed = self.advance()?;
			if closed.frames > 0 {
				self.store()?;
				return Ok(Produced::Frames(closed));
			}
		}
		Ok(Produced::NoRoom)
	}

	/// Uses the pack for one step and measures it.
	pub fn advance(&mut self) -> Result<Closed, BatteryError> {
		let model = &mut self.model;
		model.cycle.advance(&mut model.pack, &self.step);
		model.at_seconds += u64::from(self.setup.sample_seconds);
		model.monotonic_ms += 1_000 * u64::from(self.setup.sample_seconds);
		let Ok(measurement) = model.pack.sample();
		let recorded = self
			.device
			.record(&measurement, model.at_seconds, model.monotonic_ms);
		recorded.map_err(|error| self.device_error(error))
	}

	fn store(&self) -> Result<(), BatteryError> {
		let Some(path) = &self.model_path else {
			return Ok(());
		};
		postcard::to_stdvec(&self.model)
			.map_err(std::io::Error::other)
			.and_then(|bytes| replace(path, &bytes))
			.map_err(|error| BatteryError::Store {
				index: self.index,
				path: path.clone(),
				error,
			})
	}

	fn device_error(&self, error: DeviceError<MemoryError>) -> BatteryError {
		BatteryError::Device {
			index: self.index,
			error: Box::new(error),
		}
	}

	/// Hands the next frame to the link: see [`Device::publish_next`].
	pub fn publish_next(&mut self, link: &mut dyn Link) -> Result<Option<Entry>, BatteryError> {
		self.device
			.publish_next(link)
			.map_err(|error| self.device_error(error))
	}

	/// Takes a report of the link: see [`Device::settle`].
	pub fn settle(&mut self, event: LinkEvent) -> Result<Option<Entry>, BatteryError> {
		self.device
			.settle(event)
			.map_err(|error| self.device_error(error))
	}

	/// The frame of this sequence, while it is in the outbox.
	pub fn entry(&self, sequence: u64) -> Option<Entry> {
		self.device.entry(sequence)
	}

	/// How many frames of the outbox are to be published or on their way.
	pub fn outbox_len(&self) -> usize {
		self.device.outbox_len()
	}

	/// When the last reading of the next frame will be, unless an alert closes it before, in seconds since 1970.
	pub fn next_frame_seconds(&self) -> u64 {
		self.model.at_seconds
			+ u64::from(self.setup.readings_per_frame) * u64::from(self.setup.sample_seconds)
	}

	/// The pack, whose truth the device only estimates.
	pub fn pack(&self) -> &Pack {
		&self.model.pack
	}

	/// Whether the pack is left alone now.
	pub fn is_resting(&self) -> bool {
		self.model.cycle.is_resting()
	}

	/// The device's estimate of the state of charge, in basis points.
	pub fn state_of_charge_bp(&self) -> u16 {
		self.device.state_of_charge_bp()
	}

	/// The device's estimate of the state of health, in basis points.
	pub fn state_of_health_bp(&self) -> u16 {
		self.device.state_of_health_bp()
	}
}
