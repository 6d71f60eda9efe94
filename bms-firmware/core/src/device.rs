//! A device: all parts together, on one non-volatile memory.

use passport_primitives::{
	battery::PassportId,
	telemetry::{
		codec::CodecError,
		command::{Command, Rates},
		crypto::{DeviceMaster, SealKey},
		frame::SIGNATURE_BYTES,
		statement::ThresholdStatement,
		FrameError, Reading,
	},
};

use crate::{
	alarms::{Alarms, Limits},
	command::{Commands, Ignored, Outcome},
	estimator::{self, Estimator, EstimatorState, Ratings, STATE_BYTES},
	measurement::Measurement,
	outbox::{Entry, Outbox, PutError, WhenFull, ENTRY_HEADER_BYTES},
	platform::{BmsSource, Clock, NonVolatile, SignerKey, MAX_RECORD_BYTES},
	policy::{self, Urgency},
	publisher::{self, Link, LinkEvent},
	sampler::{FrameLimits, Sampler},
	sequence::{SequenceError, SequenceReservation},
	twin::{Twin, TwinError},
};

/// What does not change while a device runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
	/// The network that frames are signed for.
	pub genesis_hash: [u8; 32],
	/// The battery that frames are signed for: they count for no other.
	pub passport: PassportId,
	/// When frames close.
	pub frame_limits: FrameLimits,
	/// What the maker knows of the pack.
	pub ratings: Ratings,
	/// Which values are faults.
	pub limits: Limits,
	/// What happens to telemetry when the outbox is full.
	pub when_full: WhenFull,
}

/// Why a device could not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError<E: core::fmt::Debug> {
	/// The memory does not answer.
	#[error("non-volatile memory failed: {0:?}")]
	Memory(E),
	/// The sequence counter is missing, damaged or can not be reserved ahead. No frame is made without it.
	#[error(transparent)]
	Sequence(#[from] SequenceError<E>),
	/// The estimator's state is missing or damaged.
	#[error("the estimator's state can not be read: {0}")]
	Estimator(TwinError<E>),
	/// What was obeyed is damaged. Going on could seal under a key that was taken from somebody, and obey a command twice.
	#[error("what was obeyed can not be read: {0}")]
	Commands(TwinError<E>),
	/// No slot is free: the readings stay with the sampler, and the next call tries again.
	#[error("the outbox is full")]
	OutboxFull,
	/// The readings make no frame; they were given up.
	#[error("the readings make no frame: {0}")]
	Frame(FrameError),
}

/// What a call closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Closed {
	/// Frames that were put into the outbox: mostly none or one; two where the readings did not fit into one.
	pub frames: u8,
	/// Readings in them.
	pub readings: u16,
	/// How many of the frames are alerts.
	pub alerts: u8,
}

/// Which measurements make a reading.
#[derive(Clone, Copy)]
enum Keep {
	Always,
	WhenUrgent,
}

impl Keep {
	fn leaves_out(self, urgency: Urgency) -> bool {
		matches!((self, urgency), (Keep::WhenUrgent, Urgency::Routine))
	}
}

/// A battery as the ledger sees it: a key, a counter, an outbox. `READINGS` is the sampler's room (1 to 255), `SLOTS` the
/// outbox's (1 to 64).
///
/// Some 230 bytes of RAM for each reading and 4 KiB for a frame; on a board it belongs in a static.
pub struct Device<K, N, const READINGS: usize, const SLOTS: usize> {
	key: K,
	master: DeviceMaster,
	key_epoch: u32,
	seal_key: SealKey,
	memory: N,
	settings: Settings,
	sequences: SequenceReservation,
	estimator: Estimator,
	estimator_record: Twin<STATE_BYTES>,
	alarms: Alarms,
	sampler: Sampler<READINGS>,
	outbox: Outbox<SLOTS>,
	commands: Option<Commands>,
	/// The next reading closes a frame: the operator asked for one.
	read_out: bool,
	lost_readings: u64,
	buffer: [u8; MAX_RECORD_BYTES],
}

/// Prepares a memory at the factory: the estimator's first state, then the sequence counter. Done again after a loss of
/// power in between it completes; on a memory that is complete it is [`SequenceError::AlreadyProvisioned`] and changes
/// nothing.
pub fn provision<N: NonVolatile>(
	memory: &mut N,
	birth: &EstimatorState,
	last_used_sequence: u64,
) -> Result<(), DeviceError<N::Error>> {
	match SequenceReservation::open(memory) {
		Ok(_) => return Err(SequenceError::AlreadyProvisioned.into()),
		Err(SequenceError::Stored(TwinError::NotProvisioned | TwinError::Lost)) => {}
		Err(error) => return Err(error.into()),
	}
	// The counter comes last: a memory that has one is complete.
	Twin::provision(memory, estimator::RECORDS, &birth.to_bytes()).map_err(DeviceError::Memory)?;
	SequenceReservation::provision(memory, last_used_sequence)?;
	Ok(())
}

impl<K: SignerKey, N: NonVolatile, const READINGS: usize, const SLOTS: usize> Device<K, N, READINGS, SLOTS> {
	/// Starts, after power came, on a memory that was [provisioned](provision). Key epoch and frame limits are those given, or
	/// what the operator commanded since: the later epoch of the two, and the rates that it asked for.
	pub fn open(
		key: K,
		master: DeviceMaster,
		key_epoch: u32,
		settings: Settings,
		mut memory: N,
	) -> Result<Self, DeviceError<N::Error>> {
		let mut buffer = [0; MAX_RECORD_BYTES];
		let sequences = SequenceReservation::open(&mut memory)?;
		let (estimator_record, state) =
			Twin::open(&mut memory, estimator::RECORDS).map_err(DeviceError::Estimator)?;
		let outbox = Outbox::open(&mut memory, &mut buffer).map_err(DeviceError::Memory)?;
		let commands = Commands::open(&mut memory).map_err(DeviceError::Commands)?;
		let (told_epoch, rates) = commands.as_ref().map_or((0, None), |commands| {
			(commands.state.key_epoch, commands.state.rates)
		});
		let key_epoch = key_epoch.max(told_epoch);
		let frame_limits = rates.map_or(settings.frame_limits, |rates| policy::frame_limits(&rates));
		Ok(Device {
			seal_key: master.seal_key(key_epoch),
			key,
			master,
			key_epoch,
			memory,
			settings,
			sequences,
			estimator: Estimator::new(settings.ratings, EstimatorState::from_bytes(&state)),
			estimator_record,
			alarms: Alarms::default(),
			sampler: Sampler::new(frame_limits),
			outbox,
			commands,
			read_out: false,
			lost_readings: 0,
			buffer,
		})
	}

	/// The frames that wait or are on their way.
	pub const fn outbox(&self) -> &Outbox<SLOTS> {
		&self.outbox
	}

	/// What is estimated now.
	pub const fn estimate(&self) -> &EstimatorState {
		self.estimator.state()
	}

	/// The readings that no frame carries yet.
	pub fn pending(&self) -> &[Reading] {
		self.sampler.readings()
	}

	/// Readings that found no place since power came.
	pub const fn lost_readings(&self) -> u64 {
		self.lost_readings
	}

	/// The public key that the maker registers.
	pub fn public_key(&self) -> [u8; 32] {
		self.key.public_key()
	}

	/// The epoch that frames are sealed under.
	pub const fn key_epoch(&self) -> u32 {
		self.key_epoch
	}

	/// The rates that the operator asked for last; `None` where those that the board was configured with count. The frame limits
	/// among them are in use already; when it [samples](Self::sample) is the board's.
	pub fn rates(&self) -> Option<Rates> {
		self.commands.as_ref()?.state.rates
	}

	/// Counter of the command that was obeyed last; 0 where none was.
	pub fn last_command(&self) -> u64 {
		self.commands
			.as_ref()
			.map_or(0, |commands| commands.state.last_counter)
	}

	/// Measures once and [records](Self::record) it. Without calendar time the measurement is estimated from but makes no
	/// reading; a source that fails makes a reading of the values before with the fault `NO_MEASUREMENT`.
	pub fn sample<B: BmsSource, C: Clock>(
		&mut self,
		source: &mut B,
		clock: &mut C,
	) -> Result<Closed, DeviceError<N::Error>> {
		self.measure(source, clock, Keep::Always)
	}

	/// Measures once between the readings: estimates and judges as [`sample`](Self::sample) does, and makes a reading only
	/// when a fault begins. For devices that measure more often than they report.
	pub fn watch<B: BmsSource, C: Clock>(
		&mut self,
		source: &mut B,
		clock: &mut C,
	) -> Result<Closed, DeviceError<N::Error>> {
		self.measure(source, clock, Keep::WhenUrgent)
	}

	fn measure<B: BmsSource, C: Clock>(
		&mut self,
		source: &mut B,
		clock: &mut C,
		keep: Keep,
	) -> Result<Closed, DeviceError<N::Error>> {
		let monotonic_ms = clock.monotonic_ms();
		match (source.sample(), clock.unix_seconds()) {
			(Ok(measurement), Some(time)) => self.take(&measurement, time, monotonic_ms, keep),
			(Ok(measurement), None) => {
				self.estimator.update(&measurement, monotonic_ms);
				Ok(Closed::default())
			}
			(Err(_), Some(time)) => self.take_failure(time, keep),
			(Err(_), None) => {
				self.alarms.no_measurement();
				Ok(Closed::default())
			}
		}
	}

	/// Takes a measurement: estimates, judges, collects, and closes a frame when one is due.
	///
	/// After [`DeviceError::OutboxFull`] or a failure of the memory the reading is kept where there is room, else counted in
	/// [`lost_readings`](Self::lost_readings).
	pub fn record(
		&mut self,
		measurement: &Measurement,
		unix_seconds: u64,
		monotonic_ms: u64,
	) -> Result<Closed, DeviceError<N::Error>> {
		self.take(measurement, unix_seconds, monotonic_ms, Keep::Always)
	}

	fn take(
		&mut self,
		measurement: &Measurement,
		unix_seconds: u64,
		monotonic_ms: u64,
		keep: Keep,
	) -> Result<Closed, DeviceError<N::Error>> {
		self.estimator.update(measurement, monotonic_ms);
		let urgency = self.alarms.update(&self.settings.limits, measurement);
		if keep.leaves_out(urgency) && !self.read_out {
			return Ok(Closed::default());
		}
		let mut reading = self.estimator.reading(measurement, &self.alarms, unix_seconds);
		reading.last_command = self.last_command();
		self.collect(&reading, urgency)
	}

	fn take_failure(&mut self, unix_seconds: u64, keep: Keep) -> Result<Closed, DeviceError<N::Error>> {
		let urgency = self.alarms.no_measurement();
		if keep.leaves_out(urgency) && !self.read_out {
			return Ok(Closed::default());
		}
		let mut reading = self
			.estimator
			.reading(&Measurement::default(), &self.alarms, unix_seconds);
		reading.last_command = self.last_command();
		self.collect(&reading, urgency)
	}

	fn collect(&mut self, reading: &Reading, urgency: Urgency) -> Result<Closed, DeviceError<N::Error>> {
		let mut closed = Closed::default();
		let mut result = Ok(());
		if !self.sampler.accepts(reading) {
			result = self.close_into(&mut closed);
		}
		self.lost_readings += self.sampler.push(reading, urgency) as u64;
		if result.is_ok() && (self.read_out || self.sampler.is_due()) {
			result = self.close_into(&mut closed);
			self.read_out &= result.is_err();
		}
		// An error with frames closed before it is reported by the next call, which tries again.
		match result {
			Err(error) if closed.frames == 0 => Err(error),
			_ => Ok(closed),
		}
	}

	/// Makes frames of the readings that were collected, whether or not they are due.
	pub fn close(&mut self) -> Result<Closed, DeviceError<N::Error>> {
		let mut closed = Closed::default();
		self.close_into(&mut closed)?;
		Ok(closed)
	}

	fn close_into(&mut self, closed: &mut Closed) -> Result<(), DeviceError<N::Error>> {
		let urgency = self.sampler.urgency();
		while !self.sampler.readings().is_empty() {
			let slot = self
				.outbox
				.slot_for(urgency, self.settings.when_full)
				.ok_or(DeviceError::OutboxFull)?;
			// Before the frame that reports them: counters that the ledger's readers have seen must never fall.
			let state = self.estimator.state().to_bytes();
			self.estimator_record
				.write(&mut self.memory, &state)
				.map_err(DeviceError::Memory)?;
			let sequence = self.sequences.next(&mut self.memory)?;
			let (readings, bytes) = self.seal(sequence)?;
			self.outbox
				.put(&mut self.memory, slot, urgency, &mut self.buffer, bytes)
				.map_err(|error| match error {
					PutError::Memory(error) => DeviceError::Memory(error),
					PutError::NoFrame => DeviceError::Frame(FrameError::CutShort),
				})?;
			self.sampler.remove_first(readings);
			closed.frames += 1;
			closed.readings += readings as u16;
			closed.alerts += u8::from(urgency == Urgency::Alert);
		}
		Ok(())
	}

	/// Seals and signs as many of the oldest readings as fit into a frame: how many, and the frame's length.
	fn seal(&mut self, sequence: u64) -> Result<(usize, usize), DeviceError<N::Error>> {
		let mut count = self.sampler.readings().len();
		loop {
			let built = self.key.seal_and_sign(
				&self.sampler.readings()[..count],
				self.key_epoch,
				sequence,
				&self.settings.genesis_hash,
				&self.settings.passport,
				&self.seal_key,
				&mut self.buffer[ENTRY_HEADER_BYTES..],
			);
			match built {
				Ok(bytes) => return Ok((count, bytes)),
				// Nothing was sealed yet: the sequence, and with it the nonce, is still unused.
				Err(FrameError::Readings(CodecError::Full) | FrameError::TooLong) if count > 1 => {
					count = count.div_ceil(2);
				}
				Err(error) => {
					// Readings that no frame can carry would stop all that come after them.
					self.lost_readings += count as u64;
					self.sampler.remove_first(count);
					return Err(DeviceError::Frame(error));
				}
			}
		}
	}

	/// Obeys a command of the operator, or says why not. What is [`Outcome::Obeyed`] is durable; after an error nothing took effect
	/// and the command may be handed over again.
	///
	/// What was collected is closed before a key epoch or a reset, under the key and as the estimate of before; where the outbox
	/// has no room for it, it goes into the first frame after.
	pub fn obey(&mut self, passport: &PassportId, message: &[u8]) -> Result<Outcome, DeviceError<N::Error>> {
		let Some(commands) = &self.commands else {
			return Ok(Outcome::Ignored(Ignored::NoOperator));
		};
		let judged = commands.judge(
			message,
			&self.settings.genesis_hash,
			passport,
			self.key_epoch,
			READINGS,
		);
		let (command, next) = match judged {
			Ok(judged) => judged,
			Err(ignored) => return Ok(Outcome::Ignored(ignored)),
		};
		let mut closed = Closed::default();
		if let Command::KeyEpoch(_) | Command::SoftwareReset = command {
			match self.close_into(&mut closed) {
				Ok(()) | Err(DeviceError::OutboxFull | DeviceError::Frame(_)) => {}
				Err(error) => return Err(error),
			}
		}
		// Before it takes effect: a command that comes again after a loss of power must do nothing.
		if let Some(commands) = &mut self.commands {
			commands
				.remember(&mut self.memory, next)
				.map_err(DeviceError::Memory)?;
		}
		match command {
			Command::KeyEpoch(key_epoch) => {
				self.key_epoch = key_epoch;
				self.seal_key = self.master.seal_key(key_epoch);
			}
			Command::Rates(rates) => self.sampler.set_limits(policy::frame_limits(&rates)),
			Command::ReadOut => self.read_out = true,
			Command::SoftwareReset => {
				self.estimator.start_anew();
				self.alarms = Alarms::default();
			}
			// It stands in what was remembered.
			Command::OperatorKey(_) => {}
		}
		Ok(Outcome::Obeyed {
			counter: next.last_counter,
			command,
			closed,
		})
	}

	/// States whether the state of health is at or above `threshold_bp`, in 0.01 %, as estimated now, and signs that for the
	/// battery's passport. The ledger takes it for a day, and nothing that was stated before it.
	///
	/// Who may ask for any threshold finds the value itself by asking often: a board answers its operator alone.
	pub fn state_threshold(
		&self,
		passport: &PassportId,
		threshold_bp: u16,
		unix_seconds: u64,
	) -> (ThresholdStatement, [u8; SIGNATURE_BYTES]) {
		let state_of_health_bp = self.estimator.state().state_of_health_bp(&self.settings.ratings);
		let statement = ThresholdStatement {
			threshold_bp,
			at_or_above: state_of_health_bp >= threshold_bp,
			made_at_seconds: unix_seconds,
		};
		let signature = self
			.key
			.sign_statement(&statement, &self.settings.genesis_hash, passport);
		(statement, signature)
	}

	/// Hands the next frame to the link and returns it; `None` when there is nothing to hand over or no room.
	pub fn publish_next<L: Link + ?Sized>(
		&mut self,
		link: &mut L,
	) -> Result<Option<Entry>, DeviceError<N::Error>> {
		publisher::publish_next(&mut self.outbox, &mut self.memory, link, &mut self.buffer)
			.map_err(DeviceError::Memory)
	}

	/// Takes a report of the link and returns the frame that left the outbox by it.
	pub fn settle(&mut self, event: LinkEvent) -> Result<Option<Entry>, DeviceError<N::Error>> {
		publisher::settle(&mut self.outbox, &mut self.memory, event).map_err(DeviceError::Memory)
	}

	/// Gives the memory back, as the loss of power does.
	pub fn into_memory(self) -> N {
		self.memory
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		alarms::{tests::well, tests::LIMITS, NO_MEASUREMENT, OVER_TEMPERATURE},
		command,
		estimator::tests::RATINGS,
		platform::SoftwareKey,
		power_cut::{PowerCut, PowerCutMemory, Tear},
		publisher::{NoRoom, Outgoing},
	};
	use ed25519_dalek::{Signature, SigningKey};
	use passport_primitives::{
		telemetry::{
			command::{SignedCommand, MAX_COMMAND_BYTES, MAX_COUNTER_STEP},
			crypto, Cells, Frame, MAX_FRAME_BYTES,
		},
		topic::FrameTopic,
	};
	use proptest::prelude::*;
	use std::{collections::BTreeMap, vec::Vec};

	const START: u64 = 1_800_000_000;
	const SETTINGS: Settings = Settings {
		genesis_hash: [7; 32],
		passport: PASSPORT,
		frame_limits: FrameLimits {
			readings: 10,
			age_seconds: 60,
		},
		ratings: RATINGS,
		limits: LIMITS,
		when_full: WhenFull::Wait,
	};

	type TestDevice<const SLOTS: usize> = Device<SoftwareKey, PowerCutMemory, 60, SLOTS>;

	fn open<const SLOTS: usize>(memory: PowerCutMemory) -> Result<TestDevice<SLOTS>, DeviceError<PowerCut>> {
		let key = SoftwareKey::new(SigningKey::from_bytes(&[1; 32]));
		Device::open(key, DeviceMaster::new([2; 32]), 3, SETTINGS, memory)
	}

	fn new_device<const SLOTS: usize>() -> TestDevice<SLOTS> {
		let mut memory = PowerCutMemory::new();
		provision(&mut memory, &EstimatorState::new(60_000, 15_000, 8_000), 0).unwrap();
		open(memory).unwrap()
	}

	const PASSPORT: PassportId = PassportId([0xba; 32]);

	fn operator() -> SigningKey {
		SigningKey::from_bytes(&[5; 32])
	}

	/// One that was provisioned with the operator's key.
	fn operated_device<const SLOTS: usize>() -> TestDevice<SLOTS> {
		let mut memory = PowerCutMemory::new();
		command::provision(&mut memory, &operator().verifying_key().to_bytes()).unwrap();
		provision(&mut memory, &EstimatorState::new(60_000, 15_000, 8_000), 0).unwrap();
		open(memory).unwrap()
	}

	/// A command as it is sent: for the network of the settings and the passport of the tests.
	fn sent(counter: u64, command: Command, operator: &SigningKey) -> Vec<u8> {
		let signed = SignedCommand::sign(counter, command, &SETTINGS.genesis_hash, &PASSPORT, operator);
		signed.encode(&mut [0; MAX_COMMAND_BYTES]).to_vec()
	}

	fn obey<const SLOTS: usize>(device: &mut TestDevice<SLOTS>, counter: u64, command: Command) -> Closed {
		let outcome = device
			.obey(&PASSPORT, &sent(counter, command, &operator()))
			.unwrap();
		let Outcome::Obeyed {
			counter: of,
			command: what,
			closed,
		} = outcome
		else {
			panic!("{command:?}: {outcome:?}")
		};
		assert_eq!((of, what), (counter, command));
		closed
	}

	/// A broker that takes everything; frames by sequence.
	#[derive(Default)]
	struct Broker(BTreeMap<u64, (FrameTopic, Vec<u8>)>);

	impl Link for Broker {
		fn publish(&mut self, frame: Outgoing<'_>) -> Result<(), NoRoom> {
			let before = self.0.insert(frame.sequence, (frame.topic, frame.bytes.to_vec()));
			if let Some((_, bytes)) = before {
				assert_eq!(bytes, frame.bytes, "two frames of one sequence");
			}
			Ok(())
		}
	}

	impl Broker {
		fn readings(&self, sequence: u64) -> Vec<Reading> {
			let frame = Frame::parse(&self.0[&sequence].1).unwrap();
			let public_key = SigningKey::from_bytes(&[1; 32]).verifying_key().to_bytes();
			assert!(crypto::verify(&frame, &[7; 32], &PASSPORT, &public_key));
			assert!(!crypto::verify(
				&frame,
				&[7; 32],
				&PassportId([0xbb; 32]),
				&public_key
			));
			let mut readings = Vec::new();
			let seal_key = DeviceMaster::new([2; 32]).seal_key(frame.header.key_epoch);
			crypto::open(&frame, &seal_key, &mut [0; MAX_FRAME_BYTES], |reading| {
				readings.push(reading);
			})
			.unwrap();
			readings
		}
	}

	/// Publishes and acknowledges everything.
	fn drain<const SLOTS: usize>(device: &mut TestDevice<SLOTS>, broker: &mut Broker) {
		while let Some(entry) = device.publish_next(broker).unwrap() {
			let gone = device
				.settle(LinkEvent::Acknowledged {
					sequence: entry.sequence,
				})
				.unwrap();
			assert_eq!(gone.map(|gone| gone.sequence), Some(entry.sequence));
		}
	}

	#[test]
	fn readings_arrive_as_they_were_recorded() {
		let (mut device, mut broker) = (new_device::<8>(), Broker::default());
		for second in 0..25 {
			let closed = device.record(&well(), START + second, second * 1_000).unwrap();
			assert_eq!(closed.frames, u8::from(second % 10 == 9));
		}
		assert_eq!(device.pending().len(), 5);
		assert_eq!(
			device.close(),
			Ok(Closed {
				frames: 1,
				readings: 5,
				alerts: 0
			})
		);
		drain(&mut device, &mut broker);
		let times: Vec<_> = [1, 2, 3]
			.iter()
			.flat_map(|sequence| broker.readings(*sequence))
			.map(|reading| reading.time_seconds)
			.collect();
		assert_eq!(times, (START..START + 25).collect::<Vec<_>>());
	}

	#[test]
	fn a_fault_closes_at_once_with_what_led_to_it() {
		let (mut device, mut broker) = (new_device::<8>(), Broker::default());
		for second in 0..4 {
			device.record(&well(), START + second, second * 1_000).unwrap();
		}
		let hot = Measurement {
			temperature_max_dc: 700,
			..well()
		};
		assert_eq!(
			device.record(&hot, START + 4, 4_000),
			Ok(Closed {
				frames: 1,
				readings: 5,
				alerts: 1
			})
		);
		assert_eq!(
			device.record(&hot, START + 5, 5_000),
			Ok(Closed::default()),
			"the fault goes on"
		);
		drain(&mut device, &mut broker);
		assert_eq!(broker.0[&1].0, FrameTopic::CriticalAlert);
		let readings = broker.readings(1);
		assert_eq!((readings.len(), readings[4].faults), (5, OVER_TEMPERATURE));
	}

	#[test]
	fn a_clock_that_is_set_back_closes_a_frame() {
		let mut device = new_device::<8>();
		device.record(&well(), START + 100, 0).unwrap();
		assert_eq!(
			device.record(&well(), START, 1_000),
			Ok(Closed {
				frames: 1,
				readings: 1,
				alerts: 0
			})
		);
		assert_eq!(device.pending().len(), 1);
	}

	#[test]
	fn readings_that_do_not_fit_into_one_frame_make_more() {
		let (mut device, mut broker) = (new_device::<8>(), Broker::default());
		device.sampler = Sampler::new(FrameLimits {
			readings: 60,
			age_seconds: 600,
		});
		for second in 0..60u64 {
			// 32 cells whose voltages jump by volts: 100 bytes for the voltages of one reading.
			let cells: Vec<u16> = (0..32)
				.map(|cell| 1_000 + 3_000 * ((second + cell) % 2) as u16)
				.collect();
			let temperatures: Vec<i16> = (0..32).map(|cell| 900 * ((second + cell) % 2) as i16).collect();
			let measurement = Measurement {
				cell_voltages_mv: Cells::try_new(&cells).unwrap(),
				cell_temperatures_dc: Cells::try_new(&temperatures).unwrap(),
				..well()
			};
			device
				.record(&measurement, START + second, second * 1_000)
				.unwrap();
		}
		drain(&mut device, &mut broker);
		assert!(broker.0.len() > 1);
		let count: usize = broker
			.0
			.keys()
			.map(|sequence| broker.readings(*sequence).len())
			.sum();
		assert_eq!(count, 60);
	}

	#[test]
	fn a_full_outbox_waits_and_an_alert_is_taken_all_the_same() {
		let (mut device, mut broker) = (new_device::<2>(), Broker::default());
		let mut second = 0;
		let mut record = |device: &mut TestDevice<2>, measurement: Measurement| {
			second += 1;
			device.record(&measurement, START + second, second * 1_000)
		};
		for _ in 0..20 {
			record(&mut device, well()).unwrap();
		}
		assert_eq!(device.outbox().free(), 0);
		for _ in 0..9 {
			record(&mut device, well()).unwrap();
		}
		assert_eq!(record(&mut device, well()), Err(DeviceError::OutboxFull));
		assert_eq!((device.pending().len(), device.lost_readings()), (10, 0));
		let closed = record(
			&mut device,
			Measurement {
				temperature_max_dc: 700,
				..well()
			},
		);
		assert_eq!(
			closed,
			Ok(Closed {
				frames: 1,
				readings: 11,
				alerts: 1
			})
		);
		assert_eq!(device.outbox().dropped(), 1, "telemetry gave way");
		drain(&mut device, &mut broker);
		assert_eq!(broker.0.keys().copied().collect::<Vec<_>>(), [2, 3]);
	}

	#[test]
	fn frames_of_a_new_epoch_open_under_its_key_alone() {
		let (mut device, mut broker) = (operated_device::<8>(), Broker::default());
		device.record(&well(), START, 0).unwrap();
		assert_eq!(obey(&mut device, 1, Command::KeyEpoch(4)).frames, 1);
		device.record(&well(), START + 1, 1_000).unwrap();
		device.close().unwrap();
		drain(&mut device, &mut broker);
		let epochs: Vec<_> = broker
			.0
			.values()
			.map(|(_, bytes)| Frame::parse(bytes).unwrap().header.key_epoch)
			.collect();
		assert_eq!(epochs, [3, 4]);
		assert_eq!(broker.readings(2).len(), 1);
	}

	#[test]
	fn what_is_no_new_command_of_the_operator_for_this_battery_is_ignored_and_changes_nothing() {
		let mut device = operated_device::<8>();
		obey(&mut device, 10, Command::KeyEpoch(4));
		let of = |genesis_hash: [u8; 32], passport: PassportId, operator: &SigningKey| {
			SignedCommand::sign(11, Command::KeyEpoch(5), &genesis_hash, &passport, operator)
				.encode(&mut [0; MAX_COMMAND_BYTES])
				.to_vec()
		};
		let rates = |sample_seconds, readings_per_frame| {
			Command::Rates(Rates {
				sample_seconds,
				readings_per_frame,
			})
		};
		let good = operator();
		for (message, why) in [
			(b"rubbish".to_vec(), Ignored::Malformed),
			(sent(10, Command::KeyEpoch(4), &good), Ignored::NotNew),
			(sent(9, Command::ReadOut, &good), Ignored::NotNew),
			(sent(0, Command::ReadOut, &good), Ignored::NotNew),
			(
				sent(11 + MAX_COUNTER_STEP, Command::ReadOut, &good),
				Ignored::Leap,
			),
			(
				sent(11, Command::ReadOut, &SigningKey::from_bytes(&[6; 32])),
				Ignored::BadSignature,
			),
			(of([8; 32], PASSPORT, &good), Ignored::BadSignature),
			(
				of(SETTINGS.genesis_hash, PassportId([0xbb; 32]), &good),
				Ignored::BadSignature,
			),
			(sent(11, Command::KeyEpoch(4), &good), Ignored::OutOfBounds),
			(sent(11, rates(0, 10), &good), Ignored::OutOfBounds),
			(sent(11, rates(61, 10), &good), Ignored::OutOfBounds),
			(sent(11, rates(1, 0), &good), Ignored::OutOfBounds),
			(sent(11, rates(1, 61), &good), Ignored::OutOfBounds),
			// A point of small order: anybody's signature would pass under it.
			(
				sent(11, Command::OperatorKey([0; 32]), &good),
				Ignored::OutOfBounds,
			),
		] {
			let before = device.memory.records.clone();
			assert_eq!(device.obey(&PASSPORT, &message), Ok(Outcome::Ignored(why)));
			assert_eq!((device.key_epoch(), device.last_command()), (4, 10), "{why:?}");
			assert!(device.memory.records == before, "{why:?}");
		}
		obey(&mut device, 10 + MAX_COUNTER_STEP, rates(60, 60));
	}

	#[test]
	fn a_device_without_an_operator_obeys_nobody() {
		let mut device = new_device::<8>();
		assert_eq!(
			device.obey(&PASSPORT, &sent(1, Command::KeyEpoch(4), &operator())),
			Ok(Outcome::Ignored(Ignored::NoOperator))
		);
		assert_eq!(
			(device.key_epoch(), device.last_command(), device.rates()),
			(3, 0, None)
		);
	}

	#[test]
	fn the_readings_after_a_command_acknowledge_it() {
		let (mut device, mut broker) = (operated_device::<8>(), Broker::default());
		device.record(&well(), START, 0).unwrap();
		let rates = Rates {
			sample_seconds: 1,
			readings_per_frame: 4,
		};
		assert_eq!(obey(&mut device, 77, Command::Rates(rates)), Closed::default());
		for second in 1..8 {
			device.record(&well(), START + second, second * 1_000).unwrap();
		}
		drain(&mut device, &mut broker);
		assert_eq!(broker.0.len(), 2, "four readings in each");
		let said = |sequence| -> Vec<_> {
			let readings = broker.readings(sequence);
			readings.iter().map(|reading| reading.last_command).collect()
		};
		assert_eq!(
			(said(1), said(2)),
			([0_u64, 77, 77, 77].to_vec(), [77_u64; 4].to_vec())
		);
		assert_eq!(device.rates(), Some(rates));
	}

	#[test]
	fn a_read_out_closes_a_frame_with_the_next_measurement_whether_or_not_a_reading_is_due() {
		struct Chip;
		impl BmsSource for Chip {
			type Error = ();
			fn sample(&mut self) -> Result<Measurement, ()> {
				Ok(well())
			}
		}
		struct Seconds(u64);
		impl Clock for Seconds {
			fn unix_seconds(&mut self) -> Option<u64> {
				Some(START + self.0)
			}
			fn monotonic_ms(&mut self) -> u64 {
				self.0 += 1;
				self.0 * 1_000
			}
		}
		let (mut device, mut broker, mut clock) = (operated_device::<8>(), Broker::default(), Seconds(0));
		device.sample(&mut Chip, &mut clock).unwrap();
		obey(&mut device, 1, Command::ReadOut);
		let closed = device.watch(&mut Chip, &mut clock).unwrap();
		assert_eq!(
			closed,
			Closed {
				frames: 1,
				readings: 2,
				alerts: 0
			}
		);
		assert_eq!(device.watch(&mut Chip, &mut clock), Ok(Closed::default()), "once");
		drain(&mut device, &mut broker);
		assert_eq!(broker.readings(1)[1].last_command, 1);
	}

	#[test]
	fn a_software_reset_forgets_the_run_and_counts_on() {
		let mut device = operated_device::<8>();
		let hot = Measurement {
			temperature_max_dc: 700,
			..well()
		};
		for second in 0..30 {
			device.record(&hot, START + second, second * 1_000).unwrap();
		}
		let before = *device.estimate();
		assert!(before.discharged_mah > 0);
		obey(&mut device, 1, Command::SoftwareReset);
		assert_eq!(
			*device.estimate(),
			before,
			"nobody makes a battery younger by a reset"
		);
		assert!(
			device.pending().is_empty(),
			"what was collected is of the life before"
		);
		let closed = device.record(&hot, START + 30, 30_000).unwrap();
		assert_eq!(closed.alerts, 1, "the fault is judged anew");
		assert_eq!(
			device.estimate().discharged_mah,
			before.discharged_mah,
			"nothing flowed between a measurement of before and one of after"
		);
	}

	#[test]
	fn responsibility_moves_with_the_operators_key() {
		let mut device = operated_device::<8>();
		let next = SigningKey::from_bytes(&[6; 32]);
		obey(
			&mut device,
			1,
			Command::OperatorKey(next.verifying_key().to_bytes()),
		);
		assert_eq!(
			device.obey(&PASSPORT, &sent(2, Command::ReadOut, &operator())),
			Ok(Outcome::Ignored(Ignored::BadSignature))
		);
		let mut device = open::<8>(device.into_memory()).unwrap();
		assert_eq!(
			device.obey(&PASSPORT, &sent(1, Command::ReadOut, &next)),
			Ok(Outcome::Ignored(Ignored::NotNew)),
			"the counter goes on"
		);
		let outcome = device.obey(&PASSPORT, &sent(2, Command::ReadOut, &next));
		assert!(matches!(outcome, Ok(Outcome::Obeyed { counter: 2, .. })));
	}

	#[test]
	fn a_full_outbox_loses_no_command() {
		let (mut device, mut broker) = (operated_device::<1>(), Broker::default());
		for second in 0..11 {
			device.record(&well(), START + second, second * 1_000).unwrap();
		}
		assert_eq!((device.outbox().free(), device.pending().len()), (0, 1));
		assert_eq!(obey(&mut device, 1, Command::KeyEpoch(4)), Closed::default());
		drain(&mut device, &mut broker);
		device.close().unwrap();
		drain(&mut device, &mut broker);
		let epochs: Vec<_> = broker
			.0
			.values()
			.map(|(_, bytes)| Frame::parse(bytes).unwrap().header.key_epoch)
			.collect();
		assert_eq!(epochs, [3, 4]);
	}

	#[test]
	fn a_command_whose_power_was_cut_was_obeyed_for_good_or_not_at_all() {
		// The frame that is closed before takes five writes, the record of commands two.
		for tear in Tear::ALL {
			for cut in 0..7 {
				let mut device = operated_device::<8>();
				device.record(&well(), START, 0).unwrap();
				device.memory.cut_after(cut, tear);
				let message = sent(5, Command::KeyEpoch(4), &operator());
				assert!(device.obey(&PASSPORT, &message).is_err(), "{tear:?} at {cut}");
				let mut memory = device.into_memory();
				memory.restore_power();
				let mut device = open::<8>(memory).unwrap();
				let again = device.obey(&PASSPORT, &message).unwrap();
				match device.last_command() {
					5 if again == Outcome::Ignored(Ignored::NotNew) => {}
					5 => assert!(matches!(again, Outcome::Obeyed { counter: 5, .. })),
					other => panic!("{tear:?} at {cut}: {other} was obeyed"),
				}
				assert_eq!(device.key_epoch(), 4, "{tear:?} at {cut}");
				let mut device = open::<8>(device.into_memory()).unwrap();
				assert_eq!((device.key_epoch(), device.last_command()), (4, 5));
				assert_eq!(
					device.obey(&PASSPORT, &message),
					Ok(Outcome::Ignored(Ignored::NotNew))
				);
			}
		}
	}

	#[test]
	fn what_was_commanded_outlives_a_loss_of_power() {
		let mut device = operated_device::<8>();
		let rates = Rates {
			sample_seconds: 30,
			readings_per_frame: 2,
		};
		obey(&mut device, 1, Command::KeyEpoch(9));
		obey(&mut device, 2, Command::Rates(rates));
		let mut device = open::<8>(device.into_memory()).unwrap();
		assert_eq!(
			(device.key_epoch(), device.rates(), device.last_command()),
			(9, Some(rates), 2)
		);
		device.record(&well(), START, 0).unwrap();
		let closed = device.record(&well(), START + 30, 30_000).unwrap();
		assert_eq!((closed.frames, closed.readings), (1, 2));
	}

	#[test]
	fn a_statement_says_on_which_side_of_the_threshold_the_battery_is_and_is_signed_for_its_passport() {
		let mut memory = PowerCutMemory::new();
		let worn = EstimatorState {
			capacity_mah: 42_000,
			..EstimatorState::new(60_000, 15_000, 8_000)
		};
		provision(&mut memory, &worn, 0).unwrap();
		let device = open::<8>(memory).unwrap();
		assert_eq!(device.estimate().state_of_health_bp(&RATINGS), 7_000);
		let (passport, other) = (PassportId([0xba; 32]), PassportId([0xbb; 32]));
		let key = SigningKey::from_bytes(&[1; 32]).verifying_key();
		for (threshold_bp, at_or_above) in [
			(0, true),
			(6_999, true),
			(7_000, true),
			(7_001, false),
			(u16::MAX, false),
		] {
			let (statement, signature) = device.state_threshold(&passport, threshold_bp, START);
			assert_eq!(
				statement,
				ThresholdStatement {
					threshold_bp,
					at_or_above,
					made_at_seconds: START,
				}
			);
			let signature = Signature::from_bytes(&signature);
			let verifies =
				|statement: &ThresholdStatement, genesis_hash: &[u8; 32], passport: &PassportId| {
					key.verify_strict(&statement.message(genesis_hash, passport), &signature)
						.is_ok()
				};
			assert!(verifies(&statement, &SETTINGS.genesis_hash, &passport));
			assert!(!verifies(&statement, &[8; 32], &passport));
			assert!(!verifies(&statement, &SETTINGS.genesis_hash, &other));
			let other_answer = ThresholdStatement {
				at_or_above: !at_or_above,
				..statement
			};
			assert!(!verifies(&other_answer, &SETTINGS.genesis_hash, &passport));
		}
	}

	#[test]
	fn what_is_watched_makes_a_reading_only_when_a_fault_begins() {
		struct Chip(Measurement);
		impl BmsSource for Chip {
			type Error = ();
			fn sample(&mut self) -> Result<Measurement, ()> {
				Ok(self.0)
			}
		}
		struct Seconds(u64);
		impl Clock for Seconds {
			fn unix_seconds(&mut self) -> Option<u64> {
				Some(START + self.0)
			}
			fn monotonic_ms(&mut self) -> u64 {
				self.0 += 1;
				self.0 * 1_000
			}
		}
		let (mut device, mut clock) = (new_device::<8>(), Seconds(0));
		for _ in 0..3_600 {
			device.watch(&mut Chip(well()), &mut clock).unwrap();
		}
		assert!(device.pending().is_empty());
		assert_eq!(device.estimate().discharged_mah, 19_994, "20 A for 3,599 s");
		device.sample(&mut Chip(well()), &mut clock).unwrap();
		assert_eq!(device.pending().len(), 1);
		let hot = Measurement {
			temperature_max_dc: 600,
			..well()
		};
		let closed = device.watch(&mut Chip(hot), &mut clock).unwrap();
		assert_eq!((closed.alerts, closed.readings), (1, 2));
		let again = device.watch(&mut Chip(hot), &mut clock).unwrap();
		assert_eq!(again, Closed::default(), "a fault that goes on");
	}

	#[test]
	fn a_source_that_fails_is_an_alert_and_a_clock_that_does_not_know_the_time_makes_no_reading() {
		struct Chip(Option<Measurement>);
		impl BmsSource for Chip {
			type Error = ();
			fn sample(&mut self) -> Result<Measurement, ()> {
				self.0.ok_or(())
			}
		}
		struct Watch(Option<u64>, u64);
		impl Clock for Watch {
			fn unix_seconds(&mut self) -> Option<u64> {
				self.0
			}
			fn monotonic_ms(&mut self) -> u64 {
				self.1 += 60_000;
				self.1
			}
		}
		let (mut device, mut broker) = (new_device::<8>(), Broker::default());
		let mut clock = Watch(None, 0);
		for _ in 0..11 {
			device.sample(&mut Chip(Some(well())), &mut clock).unwrap();
		}
		assert!(device.pending().is_empty());
		assert_eq!(device.estimate().discharged_mah, 3_333, "20 A for ten minutes");
		clock.0 = Some(START);
		assert_eq!(device.sample(&mut Chip(None), &mut clock).unwrap().alerts, 1);
		drain(&mut device, &mut broker);
		assert_eq!(broker.readings(1)[0].faults, NO_MEASUREMENT);
	}

	#[test]
	fn a_memory_that_was_not_provisioned_opens_no_device() {
		assert!(matches!(
			open::<8>(PowerCutMemory::new()),
			Err(DeviceError::Sequence(SequenceError::Stored(
				TwinError::NotProvisioned
			)))
		));
	}

	#[test]
	fn provisioning_that_was_cut_is_completed_by_doing_it_again() {
		let birth = EstimatorState::new(60_000, 15_000, 8_000);
		for tear in Tear::ALL {
			for cut in 0..4 {
				let mut memory = PowerCutMemory::new();
				memory.cut_after(cut, tear);
				assert!(provision(&mut memory, &birth, 0).is_err());
				memory.restore_power();
				match provision(&mut memory, &birth, 0) {
					Ok(()) | Err(DeviceError::Sequence(SequenceError::AlreadyProvisioned)) => {}
					Err(error) => panic!("{tear:?} at {cut}: {error}"),
				}
				assert!(open::<8>(memory).is_ok());
			}
		}
	}

	proptest! {
		#![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

		/// Power is cut at any write, again and again: no two frames share a sequence, every frame that was reported closed
		/// arrives, and the counters that frames report never fall.
		#[test]
		fn a_device_survives_power_loss_at_any_write(
			lives in prop::collection::vec((0u32..30, 0usize..6, 1usize..60), 1..20),
		) {
			let mut memory = PowerCutMemory::new();
			provision(&mut memory, &EstimatorState::new(60_000, 15_000, 8_000), 0).unwrap();
			let (mut second, mut closed, mut broker) = (0u64, 0usize, Broker::default());
			let hard = Measurement { current_ma: -150_000, ..well() };
			for (cut, tear, most) in lives {
				let mut device = open::<8>(memory).unwrap();
				device.memory.cut_after(cut, Tear::ALL[tear]);
				for _ in 0..most {
					second += 5;
					match device.record(&hard, START + second, second * 1_000) {
						Ok(report) => closed += usize::from(report.frames),
						Err(DeviceError::OutboxFull) => break,
						Err(_) => break,
					}
					if second % 3 == 0 {
						let Ok(Some(entry)) = device.publish_next(&mut broker) else { continue };
						if device.settle(LinkEvent::Acknowledged { sequence: entry.sequence }).is_err() {
							break;
						}
					}
				}
				memory = device.into_memory();
				memory.restore_power();
			}
			let mut device = open::<8>(memory).unwrap();
			drain(&mut device, &mut broker);
			prop_assert!(broker.0.len() >= closed);
			let mut throughput = 0;
			for sequence in broker.0.keys() {
				for reading in broker.readings(*sequence) {
					prop_assert!(reading.capacity_throughput_mah >= throughput);
					throughput = reading.capacity_throughput_mah;
				}
			}
		}
	}
}
