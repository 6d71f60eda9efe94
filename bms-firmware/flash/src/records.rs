//! A device's records in NOR flash, by `sequential-storage`'s map.
//!
//! A record is written behind all others and its copy before it becomes stale; a page that is full of stale copies is
//! erased. Each copy has a checksum, so one that a loss of power tore is not seen, and the one before it still is: what
//! [`NonVolatile`] promises. Wear is spread over all pages.
//!
//! An erased record is an empty one: the map can not remove without writing a word twice, which not all flash allows.
//!
//! What the map can not see: when **both** newest copies of a counter rot, not by a loss of power but by age, older ones come
//! back with a good checksum. Flash with error correction, as STM32's, turns such a read into an error instead.

use bms_core::{platform::MAX_RECORD_BYTES, NonVolatile, Record};
use embassy_futures::block_on;
use embedded_storage_async::nor_flash::NorFlash;
use sequential_storage::{
	cache::{page_pointers::ArrayPagePointers, page_states::ArrayPageStates, Cache, Uncached},
	map::{MapConfig, MapStorage},
	Error,
};

/// Key and record, rounded up to the widest word of flash that is handled here.
const BUFFER_BYTES: usize = (2 + MAX_RECORD_BYTES).next_multiple_of(32);

/// Why records can not be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordsError<E: core::fmt::Debug> {
	/// The flash does not answer.
	#[error("the flash failed: {0:?}")]
	Flash(E),
	/// The flash has another number of pages than the type says, a page is shorter than the longest record, or there are
	/// fewer than two.
	#[error("the flash does not have the shape that the records need")]
	Shape,
	/// No page can be freed: more is stored than the flash holds.
	#[error("the flash is full")]
	Full,
	/// Neither the map's own repair nor anything else makes sense of what is there.
	#[error("the flash holds nothing that can be read as records")]
	Corrupted,
}

impl<E: core::fmt::Debug> From<Error<E>> for RecordsError<E> {
	fn from(error: Error<E>) -> Self {
		match error {
			Error::Storage { value, .. } => RecordsError::Flash(value),
			Error::FullStorage => RecordsError::Full,
			Error::ItemTooBig | Error::BufferTooBig | Error::BufferTooSmall(_) => RecordsError::Shape,
			_ => RecordsError::Corrupted,
		}
	}
}

type PageCache<const PAGES: usize> = Cache<ArrayPageStates<PAGES>, ArrayPagePointers<PAGES>, Uncached, u16>;

/// The records of a device in `PAGES` erase units of flash, behind the first one, which is the configuration's.
///
/// One record may take all of [`MAX_RECORD_BYTES`], and an outbox has up to 64: the pages less one should hold them all.
/// Each call needs [`MAX_RECORD_BYTES`] of stack. Reading and writing wait for the flash and let no other task run.
pub struct FlashRecords<F: NorFlash, const PAGES: usize> {
	map: MapStorage<u16, F, PageCache<PAGES>>,
}

impl<F: NorFlash, const PAGES: usize> FlashRecords<F, PAGES>
where
	F::Error: core::fmt::Debug,
{
	/// On flash whose first erase unit is not looked at. Reads nothing yet.
	pub fn new(flash: F) -> Result<Self, RecordsError<F::Error>> {
		let page_bytes = F::ERASE_SIZE;
		// A page begins and ends with a word of state, an item has a header.
		if flash.capacity() != (PAGES + 1) * page_bytes || page_bytes < BUFFER_BYTES + 64 {
			return Err(RecordsError::Shape);
		}
		let end = u32::try_from(flash.capacity()).map_err(|_| RecordsError::Shape)?;
		let range = F::ERASE_SIZE as u32..end;
		let config = MapConfig::try_new(range).map_err(|_| RecordsError::Shape)?;
		let cache = Cache::new(ArrayPageStates::new(), ArrayPagePointers::new(), Uncached);
		Ok(FlashRecords {
			map: MapStorage::new(flash, config, cache),
		})
	}

	/// Gives the flash back, as the loss of power does.
	pub fn into_flash(self) -> F {
		self.map.destroy().0
	}
}

impl<F: NorFlash, const PAGES: usize> NonVolatile for FlashRecords<F, PAGES>
where
	F::Error: core::fmt::Debug,
{
	type Error = RecordsError<F::Error>;

	fn read(&mut self, record: Record, buffer: &mut [u8]) -> Result<Option<usize>, Self::Error> {
		let mut item = [0; BUFFER_BYTES];
		let found: Option<&[u8]> = block_on(self.map.fetch_item(&mut item, &record.key()))?;
		Ok(found.filter(|bytes| !bytes.is_empty()).map(|bytes| {
			let room = buffer.len().min(bytes.len());
			buffer[..room].copy_from_slice(&bytes[..room]);
			bytes.len()
		}))
	}

	fn write(&mut self, record: Record, bytes: &[u8]) -> Result<(), Self::Error> {
		let mut item = [0; BUFFER_BYTES];
		Ok(block_on(self.map.store_item(&mut item, &record.key(), &bytes))?)
	}

	fn erase(&mut self, record: Record) -> Result<(), Self::Error> {
		if self.read(record, &mut [])?.is_some() {
			self.write(record, &[])?;
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use bms_core::{
		alarms::{Limit, Limits},
		device,
		estimator::{EstimatorState, Ratings},
		platform::Copies,
		sampler::FrameLimits,
		sequence::SequenceError,
		Device, DeviceError, Identity, Link, LinkEvent, Measurement, Outgoing, Settings, WhenFull,
	};
	use embedded_storage_async::nor_flash::{ErrorType, NorFlashError, NorFlashErrorKind, ReadNorFlash};
	use passport_primitives::battery::PassportId;
	use proptest::prelude::*;
	use std::{collections::BTreeMap, vec, vec::Vec};

	const PAGES: usize = 4;
	const PAGE_BYTES: usize = 8_192;

	/// NOR flash whose power can be cut at any byte of any write or erasure.
	#[derive(Clone)]
	struct CutFlash {
		bytes: Vec<u8>,
		/// Bytes until power is lost.
		budget: Option<usize>,
		off: bool,
		/// Bytes that were written or erased.
		changed: usize,
	}

	#[derive(Clone, Copy, Debug, PartialEq, Eq)]
	enum Failure {
		Off,
		Bounds,
		WrittenTwice,
	}

	impl NorFlashError for Failure {
		fn kind(&self) -> NorFlashErrorKind {
			NorFlashErrorKind::Other
		}
	}

	impl CutFlash {
		fn new() -> Self {
			CutFlash {
				bytes: vec![0xff; (PAGES + 1) * PAGE_BYTES],
				budget: None,
				off: false,
				changed: 0,
			}
		}

		fn change(&mut self, at: usize, value: u8) -> Result<(), Failure> {
			if self.off || self.budget == Some(0) {
				self.off = true;
				return Err(Failure::Off);
			}
			self.budget = self.budget.map(|left| left - 1);
			self.changed += 1;
			self.bytes[at] = value;
			Ok(())
		}

		fn check(&self, offset: u32, length: usize, unit: usize) -> Result<(), Failure> {
			let offset = offset as usize;
			let good = offset + length <= self.bytes.len()
				&& offset.is_multiple_of(unit)
				&& length.is_multiple_of(unit);
			good.then_some(()).ok_or(Failure::Bounds)
		}

		/// What is there when power is back.
		fn restored(self) -> Self {
			CutFlash {
				budget: None,
				off: false,
				..self
			}
		}
	}

	impl ErrorType for CutFlash {
		type Error = Failure;
	}

	impl ReadNorFlash for CutFlash {
		const READ_SIZE: usize = 1;

		async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Failure> {
			if self.off {
				return Err(Failure::Off);
			}
			self.check(offset, bytes.len(), 1)?;
			let from = offset as usize;
			bytes.copy_from_slice(&self.bytes[from..from + bytes.len()]);
			Ok(())
		}

		fn capacity(&self) -> usize {
			self.bytes.len()
		}
	}

	impl NorFlash for CutFlash {
		const WRITE_SIZE: usize = 4;
		const ERASE_SIZE: usize = PAGE_BYTES;

		async fn erase(&mut self, from: u32, to: u32) -> Result<(), Failure> {
			self.check(from, (to - from) as usize, PAGE_BYTES)?;
			assert!(from as usize >= PAGE_BYTES, "the configuration is not erased");
			(from as usize..to as usize).try_for_each(|at| self.change(at, 0xff))
		}

		async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Failure> {
			self.check(offset, bytes.len(), 4)?;
			for (index, value) in bytes.iter().enumerate() {
				let at = offset as usize + index;
				if self.bytes[at] & value != *value {
					return Err(Failure::WrittenTwice);
				}
				self.change(at, *value)?;
			}
			Ok(())
		}
	}

	type Records = FlashRecords<CutFlash, PAGES>;

	#[test]
	fn records_are_read_back_and_an_erased_one_is_gone() {
		let mut records = Records::new(CutFlash::new()).unwrap();
		let (record, other) = (Record::Outbox(3), Record::Sequence(Copies::First));
		let mut buffer = [0; 4];
		assert_eq!(records.read(record, &mut buffer), Ok(None));
		records.write(record, b"longer").unwrap();
		records.write(other, b"b").unwrap();
		assert_eq!(records.read(record, &mut buffer), Ok(Some(6)));
		assert_eq!(&buffer, b"long");
		records.erase(record).unwrap();
		let changed = records.map.flash().changed;
		records.erase(record).unwrap();
		assert_eq!(records.map.flash().changed, changed, "nothing is erased twice");
		assert_eq!(records.read(record, &mut buffer), Ok(None));
		let mut records = Records::new(records.into_flash()).unwrap();
		assert_eq!(records.read(record, &mut buffer), Ok(None));
		assert_eq!(records.read(other, &mut buffer), Ok(Some(1)));
	}

	#[test]
	fn flash_of_another_shape_is_refused() {
		assert!(matches!(
			FlashRecords::<_, 3>::new(CutFlash::new()),
			Err(RecordsError::Shape)
		));
	}

	#[test]
	fn more_than_the_flash_holds_is_an_error_and_loses_nothing() {
		let mut records = Records::new(CutFlash::new()).unwrap();
		let mut stored = 0;
		while records.write(Record::Outbox(stored), &[stored; 3_000]).is_ok() {
			stored += 1;
		}
		assert!(stored >= 4, "{stored} records of 3 kB in 32 kB");
		for slot in 0..stored {
			let mut buffer = [0; 3_000];
			assert_eq!(records.read(Record::Outbox(slot), &mut buffer), Ok(Some(3_000)));
			assert_eq!(buffer, [slot; 3_000]);
		}
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(48))]

		/// Random writes, cut at a random byte, over and over: a record holds what was written last or, where that was
		/// cut, what it held before; all others hold what they held.
		#[test]
		fn a_cut_at_any_byte_leaves_the_record_before_or_after_and_all_others(
			writes in prop::collection::vec((0u8..6, 0usize..1_200, prop::option::of(0usize..4_000)), 1..40),
		) {
			let mut expected: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
			let mut flash = CutFlash::new();
			for (round, (slot, length, cut)) in writes.into_iter().enumerate() {
				let mut records = Records::new(CutFlash { budget: cut, ..flash }).unwrap();
				let bytes = vec![round as u8; length];
				let record = Record::Outbox(slot);
				let written = if length == 0 { records.erase(record) } else { records.write(record, &bytes) };
				flash = records.into_flash().restored();
				let mut records = Records::new(flash).unwrap();
				let mut buffer = [0; 1_200];
				for other in 0..6 {
					let length = records.read(Record::Outbox(other), &mut buffer).unwrap();
					let found = length.map(|length| buffer[..length].to_vec()).unwrap_or_default();
					let before = expected.get(&other).cloned().unwrap_or_default();
					if other == slot && found == bytes {
						expected.insert(slot, bytes.clone());
					} else {
						prop_assert_eq!(found, before);
						prop_assert!(other != slot || written.is_err());
					}
				}
				flash = records.into_flash();
			}
		}
	}

	/// A broker that takes everything; frames by sequence.
	#[derive(Clone, Default)]
	struct Broker(BTreeMap<u64, Vec<u8>>);

	impl Link for Broker {
		fn publish(&mut self, frame: Outgoing<'_>) -> Result<(), bms_core::NoRoom> {
			let before = self.0.insert(frame.sequence, frame.bytes.to_vec());
			if let Some(bytes) = before {
				assert_eq!(bytes, frame.bytes, "two frames of one sequence");
			}
			Ok(())
		}
	}

	const NEVER: Limit = Limit {
		warning: 1_000_000,
		fault: 1_000_000,
		margin: 1,
	};
	const NEVER_BELOW: Limit = Limit {
		warning: -1_000_000,
		fault: -1_000_000,
		margin: 1,
	};
	const SETTINGS: Settings = Settings {
		genesis_hash: [7; 32],
		passport: PassportId([0xba; 32]),
		frame_limits: FrameLimits {
			readings: 4,
			age_seconds: 60,
		},
		ratings: Ratings {
			rated_capacity_mah: 60_000,
			full_cell_mv: 4_200,
			empty_cell_mv: 3_000,
			taper_ma: 3_000,
			empty_ma: 12_000,
			idle_ma: 300,
		},
		limits: Limits {
			cell_over_mv: NEVER,
			cell_under_mv: NEVER_BELOW,
			over_temperature_dc: NEVER,
			charged_too_cold_dc: NEVER_BELOW,
			discharge_ma: NEVER,
			charge_ma: NEVER,
			imbalance_mv: NEVER,
			idle_ma: 300,
		},
		when_full: WhenFull::Wait,
	};

	type TestDevice<'a> = Device<bms_core::SoftwareKey, FlashRecords<&'a mut CutFlash, PAGES>, 8, 8>;

	/// What a board does after power came.
	fn start(flash: &mut CutFlash) -> Result<TestDevice<'_>, DeviceError<RecordsError<Failure>>> {
		let mut records = FlashRecords::new(flash).map_err(DeviceError::Memory)?;
		let identity = Identity::make(&mut records, &[9; 64]).map_err(DeviceError::Estimator)?;
		let birth = EstimatorState::new(60_000, 15_000, 8_000);
		match device::provision(&mut records, &birth, 0) {
			Ok(()) | Err(DeviceError::Sequence(SequenceError::AlreadyProvisioned)) => {}
			Err(error) => return Err(error),
		}
		Device::open(identity.signing_key, identity.master, 0, SETTINGS, records)
	}

	fn publish(device: &mut TestDevice<'_>, broker: &mut Broker) {
		while let Ok(Some(entry)) = device.publish_next(broker) {
			let sequence = entry.sequence;
			if device.settle(LinkEvent::Acknowledged { sequence }).is_err() {
				break;
			}
		}
	}

	/// Starts, publishes what is there, makes two frames and publishes them. How many frames it made.
	fn live(flash: &mut CutFlash, day: u64, broker: &mut Broker) -> u8 {
		let Ok(mut device) = start(flash) else {
			return 0;
		};
		publish(&mut device, broker);
		let mut closed = 0;
		for second in 0..8 {
			let at = 1_800_000_000 + 100 * day + second;
			match device.record(&Measurement::default(), at, 1_000 * second) {
				Ok(now) => closed += now.frames,
				Err(_) => break,
			}
		}
		publish(&mut device, broker);
		closed
	}

	/// Cuts the power of a device at each `step`th byte that the next days change, and looks at what arrives.
	fn cut_everywhere(base: &CutFlash, base_broker: &Broker, first_day: u64, step: usize) {
		let (mut flash, mut broker) = (base.clone(), base_broker.clone());
		for day in 0..2 {
			assert_eq!(live(&mut flash, first_day + day, &mut broker), 2);
		}
		assert_eq!(broker.0.len(), base_broker.0.len() + 4);
		for cut in (base.changed..flash.changed).step_by(step) {
			let (mut flash, mut broker) = (base.clone(), base_broker.clone());
			let mut closed = base_broker.0.len();
			for day in 0..4 {
				flash.budget = (flash.changed < cut).then(|| cut - flash.changed);
				closed += usize::from(live(&mut flash, first_day + day, &mut broker));
				flash = flash.restored();
			}
			assert_eq!(
				live(&mut flash, first_day + 9, &mut broker),
				2,
				"cut at byte {cut}"
			);
			// The broker has checked that no sequence came with other bytes. What was closed has arrived, and at most one
			// frame more, whose power was lost before it was told of.
			let arrived = broker.0.len();
			assert!(
				(closed + 2..=closed + 3).contains(&arrived),
				"cut at byte {cut}: {arrived} of {closed}"
			);
		}
	}

	#[test]
	fn a_new_device_whose_power_is_cut_at_any_byte_repeats_no_sequence_and_loses_no_frame() {
		cut_everywhere(&CutFlash::new(), &Broker::default(), 0, 1);
	}

	#[test]
	fn nor_does_one_that_frees_a_page_just_then() {
		let (mut flash, mut broker) = (CutFlash::new(), Broker::default());
		// A day that has erased a page shows what the day before was about to do.
		for day in 0..1_000 {
			let before = (flash.clone(), broker.clone());
			assert_eq!(live(&mut flash, day, &mut broker), 2);
			if flash.changed - before.0.changed > PAGE_BYTES {
				return cut_everywhere(&before.0, &before.1, day, 17);
			}
		}
		unreachable!("the flash was never full");
	}
}
