//! The image that runs on a battery: it measures, seals, signs, keeps and publishes.
//!
//! Three tasks on one executor, no heap:
//!
//! | task | does | never waits for |
//! |---|---|---|
//! | [`measuring`] | asks the BMS chip at its rate, estimates, judges, closes frames into the outbox | the network |
//! | [`publishing`] | connects, publishes what is in the outbox, settles what is acknowledged | a measurement |
//! | network | moves packets | either |
//!
//! What they share is the [`Device`]; it is borrowed between two awaits and never across one. This file is the only one that
//! knows the board: another board is another crate behind the name `board` here (docs/firmware-porting.md).

#![no_std]
#![no_main]

mod bms_line;
mod effort;
mod measuring;
mod publishing;

use core::cell::RefCell;

use bms_board_mps2 as board;
use bms_core::{
	device::{self, DeviceError},
	identity::IDENTITY_BYTES,
	sequence::SequenceError,
	twin::TwinError,
	Clock, Device, Identity, SoftwareKey,
};
use bms_flash::{
	configuration::{MAX_PAGE_BYTES, MAX_READINGS_PER_FRAME},
	Configuration, ConfigurationError, FlashRecords, RecordsError,
};
use embassy_executor::Spawner;
use embassy_net::{Ipv4Cidr, Runner, Stack, StackResources, StaticConfigV4};
use embedded_storage_async::nor_flash::ReadNorFlash;
use static_cell::StaticCell;

use board::{calendar, console, exit, flash::FlashError, stack, Board, Ethernet, HostFileFlash, Uart};
use effort::Noted;
use publishing::Buffers;

/// Rate of the line to a JBD board.
const BMS_BAUD: u32 = 9_600;
/// Frames that wait for a broker: an hour of them at the protocol's rate.
const OUTBOX_SLOTS: usize = 64;
/// One TCP connection.
const SOCKETS: usize = 1;

type Records = FlashRecords<HostFileFlash, { board::flash::RECORD_PAGES }>;
type BatteryDevice = Device<Noted<SoftwareKey>, Records, { MAX_READINGS_PER_FRAME as usize }, OUTBOX_SLOTS>;
type FlashFailure = RecordsError<FlashError>;

/// Why the device does not start.
#[derive(Debug, thiserror::Error)]
enum StartError {
	#[error("the board was taken before")]
	Board,
	#[error("there is no flash of the right size")]
	NoFlash,
	#[error("there is no network chip")]
	NoNetwork,
	#[error("there is no source of randomness")]
	NoEntropy,
	#[error("the flash can not be read: {0}")]
	Flash(FlashError),
	#[error(transparent)]
	Configuration(#[from] ConfigurationError),
	#[error("the keys can not be used: {0}")]
	Identity(TwinError<FlashFailure>),
	#[error(transparent)]
	Device(#[from] DeviceError<FlashFailure>),
}

/// Everything that the tasks need.
struct Started {
	configuration: &'static Configuration,
	device: &'static RefCell<BatteryDevice>,
	bms_line: Uart,
	stack: Stack<'static>,
	runner: Runner<'static, Ethernet>,
	random: u32,
}

/// The board's two clocks.
#[derive(Clone, Copy)]
struct BoardClock;

impl Clock for BoardClock {
	fn unix_seconds(&mut self) -> Option<u64> {
		Some(calendar::unix_seconds())
	}

	fn monotonic_ms(&mut self) -> u64 {
		embassy_time::Instant::now().as_millis()
	}
}

#[cortex_m_rt::entry]
fn main() -> ! {
	match start() {
		Ok(started) => {
			console::line(format_args!("stack start_peak={}", stack::peak_bytes()));
			// What starting took is free again.
			stack::paint();
			board::executor::run(|spawner| spawn(spawner, started))
		}
		Err(error) => {
			console::line(format_args!("stopped error=\"{error}\""));
			exit::failure()
		}
	}
}

/// Not inlined: what it takes of the stack is given back before the tasks run.
#[inline(never)]
fn start() -> Result<Started, StartError> {
	let board = Board::take(BMS_BAUD).ok_or(StartError::Board)?;
	let mut flash = board.flash.ok_or(StartError::NoFlash)?;
	let mut entropy = board.entropy.ok_or(StartError::NoEntropy)?;
	let ethernet = board.ethernet.ok_or(StartError::NoNetwork)?;

	let mut page = [0; MAX_PAGE_BYTES];
	embassy_futures::block_on(flash.read(0, &mut page)).map_err(StartError::Flash)?;
	static CONFIGURATION: StaticCell<Configuration> = StaticCell::new();
	let configuration: &'static Configuration = CONFIGURATION.init(Configuration::from_page(&page)?);

	let mut records = Records::new(flash).map_err(DeviceError::Memory)?;
	let mut fresh = [0; IDENTITY_BYTES];
	entropy.fill(&mut fresh).map_err(|_| StartError::NoEntropy)?;
	let identity = Identity::make(&mut records, &fresh).map_err(StartError::Identity)?;
	fresh.fill(0);
	match device::provision(&mut records, &configuration.birth(), 0) {
		Ok(()) => console::line(format_args!("provisioned")),
		Err(DeviceError::Sequence(SequenceError::AlreadyProvisioned)) => {}
		Err(error) => return Err(error.into()),
	}
	let device = open_device(configuration, identity, records)?;
	console::line(format_args!(
		"started battery={} public_key={} outbox={}",
		configuration.battery,
		Hex(&device.borrow().public_key()),
		device.borrow().outbox().len(),
	));

	let mut seed = [0; 8];
	entropy.fill(&mut seed).map_err(|_| StartError::NoEntropy)?;
	let seed = u64::from_le_bytes(seed);
	let network = configuration.network;
	let addresses = embassy_net::Config::ipv4_static(StaticConfigV4 {
		address: Ipv4Cidr::new(network.address, network.prefix_bits),
		gateway: network.gateway,
		dns_servers: Default::default(),
	});
	static RESOURCES: StaticCell<StackResources<SOCKETS>> = StaticCell::new();
	let resources = RESOURCES.init(StackResources::new());
	let (stack, runner) = embassy_net::new(ethernet, addresses, resources, seed);
	Ok(Started {
		configuration,
		device,
		bms_line: board.bms_line,
		stack,
		runner,
		random: (seed >> 32) as u32,
	})
}

/// Opens the device where it stays. Not inlined: the copies that this makes of it are given back at once.
#[inline(never)]
fn open_device(
	configuration: &Configuration,
	identity: Identity,
	records: Records,
) -> Result<&'static RefCell<BatteryDevice>, StartError> {
	static DEVICE: StaticCell<RefCell<BatteryDevice>> = StaticCell::new();
	let device = Device::open(
		Noted(identity.signing_key),
		identity.master,
		configuration.key_epoch,
		configuration.settings(),
		records,
	)?;
	Ok(DEVICE.init_with(|| RefCell::new(device)))
}

/// Not inlined: it puts the tasks together on the stack, and its caller never returns.
#[inline(never)]
fn spawn(spawner: Spawner, started: Started) {
	static BUFFERS: StaticCell<Buffers> = StaticCell::new();
	let buffers = BUFFERS.init(Buffers::new());
	let tasks = (
		network(started.runner),
		measure(started.device, started.bms_line, started.configuration),
		publish(
			started.device,
			started.stack,
			started.configuration,
			buffers,
			started.random,
		),
	);
	let (Ok(network), Ok(measure), Ok(publish)) = tasks else {
		console::line(format_args!("stopped error=\"a task was spawned twice\""));
		exit::failure()
	};
	spawner.spawn(network);
	spawner.spawn(measure);
	spawner.spawn(publish);
}

#[embassy_executor::task]
async fn network(mut runner: Runner<'static, Ethernet>) {
	runner.run().await;
}

#[embassy_executor::task]
async fn measure(device: &'static RefCell<BatteryDevice>, line: Uart, configuration: &'static Configuration) {
	measuring::run(device, line, configuration.rates, BoardClock).await;
}

#[embassy_executor::task]
async fn publish(
	device: &'static RefCell<BatteryDevice>,
	stack: Stack<'static>,
	configuration: &'static Configuration,
	buffers: &'static mut Buffers,
	random: u32,
) {
	publishing::run(device, stack, configuration, buffers, random).await;
	exit::success()
}

/// Bytes in hex, with 0x.
struct Hex<'a>(&'a [u8]);

impl core::fmt::Display for Hex<'_> {
	fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		formatter.write_str("0x")?;
		self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
	}
}
