//! What a device is told once: who it is, where it publishes, what its pack can stand.
//!
//! ```text
//! page = "BPL-CFG2" ‖ length u16 ‖ CRC-32 ‖ postcard of Configuration     little-endian; the CRC is over length and postcard
//! ```
//!
//! No secret stands here: keys are made on the device ([`bms_core::identity`]).

use core::net::Ipv4Addr;

use bms_core::{
	alarms::{Limit, Limits},
	estimator::{EstimatorState, Ratings},
	sampler::FrameLimits,
	Settings, WhenFull,
};
use heapless::String;
use passport_primitives::battery::PassportId;
use serde::{Deserialize, Serialize};

const MAGIC: &[u8; 8] = b"BPL-CFG2";
const HEADER_BYTES: usize = MAGIC.len() + 2 + 4;

/// Longest page, in bytes: what a device reads of its first erase unit.
pub const MAX_PAGE_BYTES: usize = 512;

/// Longest name of a battery, in bytes: `0x` and a passport id in hex.
pub const MAX_BATTERY_BYTES: usize = 66;

/// Most readings of a frame that a device with little RAM collects.
pub const MAX_READINGS_PER_FRAME: u8 = 16;

const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);

/// Why there is no configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigurationError {
	/// Nothing was written, or something else.
	#[error("there is no configuration page")]
	Missing,
	/// The page is damaged or of another version.
	#[error("the configuration page is damaged")]
	Damaged,
	/// A value is out of its range.
	#[error("the configuration has a bad {0}")]
	Value(&'static str),
}

/// When a device measures and reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
	/// From one measurement to the next, in ms: 20 to 60,000. 1,000 in service.
	pub measure_every_ms: u16,
	/// Every so many measurements one becomes a reading of a frame; at least 1. A fault always does.
	pub measurements_per_reading: u16,
	/// A frame closes at so many readings: 1 to [`MAX_READINGS_PER_FRAME`].
	pub readings_per_frame: u8,
	/// A frame closes when its oldest reading is so old, in seconds: 60 in service (protocol, table 9.2).
	pub frame_seconds: u16,
}

impl Rates {
	/// A measurement a second, a reading every five, a frame every sixty.
	pub const SERVICE: Rates = Rates {
		measure_every_ms: 1_000,
		measurements_per_reading: 5,
		readings_per_frame: 12,
		frame_seconds: 60,
	};
}

/// Where a device stands in its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
	/// Its own address.
	pub address: Ipv4Addr,
	/// Length of the network's prefix, in bits: at most 32.
	pub prefix_bits: u8,
	/// Where to send what is not for the own network; none when the broker is in it.
	pub gateway: Option<Ipv4Addr>,
	/// The broker's address.
	pub broker: Ipv4Addr,
	/// The broker's port; not 0.
	pub broker_port: u16,
}

/// As [`Limit`], to be stored.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct StoredLimit(i32, i32, i32);

impl From<Limit> for StoredLimit {
	fn from(limit: Limit) -> Self {
		StoredLimit(limit.warning, limit.fault, limit.margin)
	}
}

impl From<StoredLimit> for Limit {
	fn from(StoredLimit(warning, fault, margin): StoredLimit) -> Self {
		Limit {
			warning,
			fault,
			margin,
		}
	}
}

/// What is written. Its fields' order is the format: new ones go to the end, with a new magic.
#[derive(Serialize, Deserialize)]
struct Stored {
	battery: String<MAX_BATTERY_BYTES>,
	genesis_hash: [u8; 32],
	key_epoch: u32,
	network: Network,
	rates: Rates,
	ratings: (u32, u16, u16, i32, i32, i32),
	limits: [StoredLimit; 7],
	limits_idle_ma: i32,
	birth: (u32, u32, u16),
	stop_after_frames: u32,
	passport: [u8; 32],
}

/// Everything that a device is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
	/// The battery's alias, or `0x` and its passport id in hex. It stands in topics: no `/`, `+` or `#`, not empty.
	pub battery: String<MAX_BATTERY_BYTES>,
	/// Hash of the genesis block of the network that frames are signed for.
	pub genesis_hash: [u8; 32],
	/// The battery's passport id, which frames are signed for.
	pub passport: PassportId,
	/// Epoch of the sealing key.
	pub key_epoch: u32,
	/// Its network and broker.
	pub network: Network,
	/// When it measures and reports.
	pub rates: Rates,
	/// What the maker knows of the pack.
	pub ratings: Ratings,
	/// Which values are faults.
	pub limits: Limits,
	/// Capacity of the new pack, in mAh.
	pub birth_capacity_mah: u32,
	/// Resistance of the new pack, in micro-ohm.
	pub birth_resistance_uohm: u32,
	/// State of charge when the device starts for the first time, in 0.01 %.
	pub birth_state_of_charge_bp: u16,
	/// Stop after so many acknowledged frames; 0, in service, never. For tests in an emulator.
	pub stop_after_frames: u32,
}

impl Configuration {
	/// What the device core is given.
	pub fn settings(&self) -> Settings {
		Settings {
			genesis_hash: self.genesis_hash,
			passport: self.passport,
			frame_limits: FrameLimits {
				readings: self.rates.readings_per_frame,
				age_seconds: u32::from(self.rates.frame_seconds),
			},
			ratings: self.ratings,
			limits: self.limits,
			when_full: WhenFull::DropOldestTelemetry,
		}
	}

	/// The estimator's state at the first start.
	pub fn birth(&self) -> EstimatorState {
		EstimatorState::new(
			self.birth_capacity_mah,
			self.birth_resistance_uohm,
			self.birth_state_of_charge_bp,
		)
	}

	/// Whether every value is in its range.
	fn checked(self) -> Result<Self, ConfigurationError> {
		let battery = self.battery.as_bytes();
		let plain = |byte: &u8| byte.is_ascii_graphic() && !b"/+#".contains(byte);
		let rates = self.rates;
		for (good, what) in [
			(!battery.is_empty() && battery.iter().all(plain), "battery"),
			(self.network.broker_port != 0, "broker's port"),
			(self.network.prefix_bits <= 32, "network prefix"),
			(
				(20..=60_000).contains(&rates.measure_every_ms),
				"interval of measurements",
			),
			(
				rates.measurements_per_reading >= 1,
				"number of measurements per reading",
			),
			(
				(1..=MAX_READINGS_PER_FRAME).contains(&rates.readings_per_frame),
				"number of readings per frame",
			),
			(self.ratings.rated_capacity_mah >= 1, "rated capacity"),
			(self.birth_state_of_charge_bp <= 10_000, "state of charge"),
		] {
			if !good {
				return Err(ConfigurationError::Value(what));
			}
		}
		Ok(self)
	}

	/// Reads the page.
	pub fn from_page(page: &[u8]) -> Result<Self, ConfigurationError> {
		let (header, rest) = page
			.split_first_chunk::<HEADER_BYTES>()
			.ok_or(ConfigurationError::Missing)?;
		if header[..8] != MAGIC[..] {
			return Err(ConfigurationError::Missing);
		}
		let length = usize::from(u16::from_le_bytes([header[8], header[9]]));
		let checksum = u32::from_le_bytes([header[10], header[11], header[12], header[13]]);
		let body = rest.get(..length).ok_or(ConfigurationError::Damaged)?;
		if checksum != Self::checksum([header[8], header[9]], body) {
			return Err(ConfigurationError::Damaged);
		}
		let stored: Stored = postcard::from_bytes(body).map_err(|_| ConfigurationError::Damaged)?;
		let (rated_capacity_mah, full_cell_mv, empty_cell_mv, taper_ma, empty_ma, idle_ma) = stored.ratings;
		let limit = |index: usize| Limit::from(stored.limits[index]);
		Configuration {
			battery: stored.battery,
			genesis_hash: stored.genesis_hash,
			passport: PassportId(stored.passport),
			key_epoch: stored.key_epoch,
			network: stored.network,
			rates: stored.rates,
			ratings: Ratings {
				rated_capacity_mah,
				full_cell_mv,
				empty_cell_mv,
				taper_ma,
				empty_ma,
				idle_ma,
			},
			limits: Limits {
				cell_over_mv: limit(0),
				cell_under_mv: limit(1),
				over_temperature_dc: limit(2),
				charged_too_cold_dc: limit(3),
				discharge_ma: limit(4),
				charge_ma: limit(5),
				imbalance_mv: limit(6),
				idle_ma: stored.limits_idle_ma,
			},
			birth_capacity_mah: stored.birth.0,
			birth_resistance_uohm: stored.birth.1,
			birth_state_of_charge_bp: stored.birth.2,
			stop_after_frames: stored.stop_after_frames,
		}
		.checked()
	}

	/// Writes the page and returns its length, at most [`MAX_PAGE_BYTES`].
	pub fn to_page(&self, page: &mut [u8; MAX_PAGE_BYTES]) -> Result<usize, ConfigurationError> {
		let checked = self.clone().checked()?;
		let (ratings, limits) = (checked.ratings, checked.limits);
		let stored = Stored {
			battery: checked.battery,
			genesis_hash: checked.genesis_hash,
			key_epoch: checked.key_epoch,
			network: checked.network,
			rates: checked.rates,
			ratings: (
				ratings.rated_capacity_mah,
				ratings.full_cell_mv,
				ratings.empty_cell_mv,
				ratings.taper_ma,
				ratings.empty_ma,
				ratings.idle_ma,
			),
			limits: [
				limits.cell_over_mv,
				limits.cell_under_mv,
				limits.over_temperature_dc,
				limits.charged_too_cold_dc,
				limits.discharge_ma,
				limits.charge_ma,
				limits.imbalance_mv,
			]
			.map(StoredLimit::from),
			limits_idle_ma: limits.idle_ma,
			birth: (
				checked.birth_capacity_mah,
				checked.birth_resistance_uohm,
				checked.birth_state_of_charge_bp,
			),
			stop_after_frames: checked.stop_after_frames,
			passport: checked.passport.0,
		};
		let (header, rest) = page.split_at_mut(HEADER_BYTES);
		let body = postcard::to_slice(&stored, rest)
			.map_err(|_| ConfigurationError::Value("length"))?
			.len();
		// A page has 512 bytes.
		let length = (body as u16).to_le_bytes();
		header[..8].copy_from_slice(MAGIC);
		header[8..10].copy_from_slice(&length);
		header[10..].copy_from_slice(&Self::checksum(length, &rest[..body]).to_le_bytes());
		Ok(HEADER_BYTES + body)
	}

	fn checksum(length: [u8; 2], body: &[u8]) -> u32 {
		let mut digest = CRC.digest();
		digest.update(&length);
		digest.update(body);
		digest.finalize()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn limit(value: i32) -> Limit {
		Limit {
			warning: value,
			fault: 2 * value,
			margin: 3,
		}
	}

	fn configuration() -> Configuration {
		Configuration {
			battery: String::try_from("BAT-2026-LI-000042").unwrap(),
			genesis_hash: [7; 32],
			passport: PassportId([0xba; 32]),
			key_epoch: 3,
			network: Network {
				address: Ipv4Addr::new(10, 0, 2, 15),
				prefix_bits: 24,
				gateway: Some(Ipv4Addr::new(10, 0, 2, 2)),
				broker: Ipv4Addr::new(10, 0, 2, 100),
				broker_port: 1883,
			},
			rates: Rates::SERVICE,
			ratings: Ratings {
				rated_capacity_mah: 60_000,
				full_cell_mv: 4_200,
				empty_cell_mv: 3_000,
				taper_ma: 3_333,
				empty_ma: 6_000,
				idle_ma: 300,
			},
			limits: Limits {
				cell_over_mv: limit(1),
				cell_under_mv: limit(-2),
				over_temperature_dc: limit(3),
				charged_too_cold_dc: limit(4),
				discharge_ma: limit(5),
				charge_ma: limit(6),
				imbalance_mv: limit(7),
				idle_ma: 300,
			},
			birth_capacity_mah: 58_000,
			birth_resistance_uohm: 15_000,
			birth_state_of_charge_bp: 5_000,
			stop_after_frames: 0,
		}
	}

	fn page_of(configuration: &Configuration) -> [u8; MAX_PAGE_BYTES] {
		let mut page = [0xff; MAX_PAGE_BYTES];
		configuration.to_page(&mut page).unwrap();
		page
	}

	#[test]
	fn what_was_written_is_read() {
		let configuration = configuration();
		assert_eq!(
			Configuration::from_page(&page_of(&configuration)),
			Ok(configuration)
		);
	}

	#[test]
	fn an_erased_page_is_missing_and_a_damaged_one_is_damaged() {
		assert_eq!(
			Configuration::from_page(&[0xff; MAX_PAGE_BYTES]),
			Err(ConfigurationError::Missing)
		);
		let page = page_of(&configuration());
		let length = HEADER_BYTES + usize::from(u16::from_le_bytes([page[8], page[9]]));
		for byte in 8..length {
			let mut damaged = page;
			damaged[byte] ^= 0x10;
			assert_eq!(
				Configuration::from_page(&damaged),
				Err(ConfigurationError::Damaged),
				"byte {byte}"
			);
			assert!(Configuration::from_page(&page[..byte]).is_err());
		}
	}

	#[test]
	fn values_out_of_range_are_neither_written_nor_read() {
		let good = configuration();
		let with = |change: fn(&mut Configuration)| {
			let mut bad = good.clone();
			change(&mut bad);
			bad.to_page(&mut [0; MAX_PAGE_BYTES])
		};
		for (change, what) in [
			((|bad| bad.battery.clear()) as fn(&mut Configuration), "battery"),
			(|bad| bad.battery = String::try_from("a/b").unwrap(), "battery"),
			(|bad| bad.network.broker_port = 0, "broker's port"),
			(|bad| bad.network.prefix_bits = 33, "network prefix"),
			(|bad| bad.rates.measure_every_ms = 19, "interval of measurements"),
			(
				|bad| bad.rates.measurements_per_reading = 0,
				"number of measurements per reading",
			),
			(
				|bad| bad.rates.readings_per_frame = 17,
				"number of readings per frame",
			),
			(|bad| bad.ratings.rated_capacity_mah = 0, "rated capacity"),
			(|bad| bad.birth_state_of_charge_bp = 10_001, "state of charge"),
		] {
			assert_eq!(with(change), Err(ConfigurationError::Value(what)));
		}
	}

	proptest! {
		#[test]
		fn any_page_is_read_or_refused(page in prop::collection::vec(any::<u8>(), 0..MAX_PAGE_BYTES)) {
			let _ = Configuration::from_page(&page);
			let good = [&MAGIC[..], &page].concat();
			let _ = Configuration::from_page(&good);
		}
	}
}
