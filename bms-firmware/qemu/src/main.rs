//! `bms-qemu`: makes the flash file, runs the image, shows what the broker received. `scripts/firmware` calls it.

#![allow(clippy::print_stdout)]

use std::{
	fs,
	net::SocketAddr,
	os::unix::process::ExitStatusExt,
	path::{Path, PathBuf},
	process::ExitCode,
	time::Duration,
};

use bms_flash::configuration::Rates;
use bms_qemu::{
	flash_file::{self, FILE_NAME},
	machine::{Model, Run},
	relay,
	watch::{describe, Watch},
};
use bms_sim::{chemistry::Chemistry, identity::DEFAULT_SEED, pack::Design};
use clap::{Args, Parser, Subcommand};
use passport_primitives::battery::PassportId;

type Failure = Box<dyn std::error::Error>;

/// Runs the battery's firmware in QEMU.
#[derive(Parser)]
#[command(name = "bms-qemu", version, about)]
struct Options {
	#[command(subcommand)]
	command: Command,
}

#[derive(Subcommand)]
enum Command {
	/// Write the page of configuration into the flash file of a folder; the device's records stay.
	Flash(FlashOptions),
	/// Run the image with the flash file of a folder until it ends or its time is over.
	Run(RunOptions),
	/// Connect standard input and output to a broker. QEMU starts this; nobody else has to.
	Relay {
		/// The broker.
		broker: SocketAddr,
	},
	/// Print a line for each frame that a broker receives.
	Watch {
		/// The broker.
		#[arg(long, env = "BMS_QEMU_BROKER", value_name = "ADDRESS")]
		broker: SocketAddr,
	},
}

#[derive(Args)]
struct FlashOptions {
	/// The folder.
	#[arg(long, env = "BMS_QEMU_FOLDER", value_name = "DIR")]
	folder: PathBuf,
	/// The battery's alias, or 0x and its passport id in hex.
	#[arg(
		long,
		env = "BMS_QEMU_BATTERY",
		value_name = "NAME",
		default_value = "BAT-2026-LI-000000"
	)]
	battery: String,
	/// Genesis hash of the network that frames are signed for: 0x and 64 hex digits.
	#[arg(long, env = "BMS_QEMU_GENESIS_HASH", value_name = "HASH", value_parser = parse_hash)]
	genesis_hash: [u8; 32],
	/// The battery's passport id, which frames are signed for: 0x and 64 hex digits.
	#[arg(long, env = "BMS_QEMU_PASSPORT", value_name = "ID", value_parser = parse_hash)]
	passport: [u8; 32],
	/// Epoch of the sealing key.
	#[arg(long, env = "BMS_QEMU_KEY_EPOCH", value_name = "N", default_value_t = 0)]
	key_epoch: u32,
	/// What the pack follows from, as for bms-sim.
	#[arg(long, env = "BMS_QEMU_SEED", value_name = "TEXT", default_value = DEFAULT_SEED)]
	seed: String,
	/// Which pack of the seed: --first-device of bms-sim.
	#[arg(long, env = "BMS_QEMU_DEVICE", value_name = "N", default_value_t = 0)]
	device: u32,
	/// What the cells are made of.
	#[arg(long, env = "BMS_QEMU_CHEMISTRY", value_enum, default_value_t = Chemistry::Nmc)]
	chemistry: Chemistry,
	/// Cells in series.
	#[arg(long, env = "BMS_QEMU_CELLS", value_name = "N", default_value_t = Design::default().cells)]
	cells: u16,
	/// From one measurement to the next, in ms.
	#[arg(long, env = "BMS_QEMU_MEASURE_EVERY_MS", value_name = "MS", default_value_t = Rates::SERVICE.measure_every_ms)]
	measure_every_ms: u16,
	/// Measurements from one reading to the next.
	#[arg(long, env = "BMS_QEMU_MEASUREMENTS_PER_READING", value_name = "N",
		default_value_t = Rates::SERVICE.measurements_per_reading)]
	measurements_per_reading: u16,
	/// Readings in a frame, 1 to 16.
	#[arg(long, env = "BMS_QEMU_READINGS_PER_FRAME", value_name = "N", default_value_t = Rates::SERVICE.readings_per_frame)]
	readings_per_frame: u8,
	/// Age at which a frame closes, in seconds.
	#[arg(long, env = "BMS_QEMU_FRAME_SECONDS", value_name = "S", default_value_t = Rates::SERVICE.frame_seconds)]
	frame_seconds: u16,
	/// The device ends the run after so many acknowledged frames; 0: never.
	#[arg(
		long,
		env = "BMS_QEMU_STOP_AFTER_FRAMES",
		value_name = "N",
		default_value_t = 0
	)]
	stop_after_frames: u32,
}

#[derive(Args)]
struct RunOptions {
	/// The board.
	#[arg(long, env = "BMS_QEMU_MODEL", value_enum, default_value_t = Model::Mps2An386)]
	model: Model,
	/// The image.
	#[arg(long, env = "BMS_QEMU_IMAGE", value_name = "ELF")]
	image: PathBuf,
	/// The folder with the flash file.
	#[arg(long, env = "BMS_QEMU_FOLDER", value_name = "DIR")]
	folder: PathBuf,
	/// The broker.
	#[arg(long, env = "BMS_QEMU_BROKER", value_name = "ADDRESS")]
	broker: SocketAddr,
	/// The socket of the BMS board: bms-sim --jbd-socket.
	#[arg(long, env = "BMS_QEMU_JBD_SOCKET", value_name = "PATH")]
	jbd_socket: PathBuf,
	/// Let an instruction take a nanosecond: the steps that the device tells at its end are 40 instructions each.
	#[arg(long, env = "BMS_QEMU_COUNT_INSTRUCTIONS")]
	count_instructions: bool,
	/// When the run is ended, in seconds.
	#[arg(
		long,
		env = "BMS_QEMU_TIMEOUT_SECONDS",
		value_name = "S",
		default_value_t = 600
	)]
	timeout_seconds: u64,
}

fn parse_hash(text: &str) -> Result<[u8; 32], String> {
	let mut hash = [0; 32];
	let digits = text.strip_prefix("0x").ok_or("a hash begins with 0x")?;
	hex::decode_to_slice(digits, &mut hash).map_err(|_| "a hash is 0x and 64 hex digits")?;
	Ok(hash)
}

fn main() -> ExitCode {
	match run(Options::parse().command) {
		Ok(code) => code,
		Err(error) => {
			eprintln!("error: {error}");
			ExitCode::FAILURE
		}
	}
}

fn run(command: Command) -> Result<ExitCode, Failure> {
	match command {
		Command::Relay { broker } => relay::run(broker)?,
		Command::Flash(options) => write_flash(&options)?,
		Command::Run(options) => return runtime()?.block_on(run_image(&options)),
		Command::Watch { broker } => runtime()?.block_on(print_frames(broker))?,
	}
	Ok(ExitCode::SUCCESS)
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
	tokio::runtime::Builder::new_current_thread().enable_all().build()
}

fn write_flash(options: &FlashOptions) -> Result<(), Failure> {
	let design = Design {
		chemistry: options.chemistry,
		cells: options.cells,
		..Design::default()
	};
	let rates = Rates {
		measure_every_ms: options.measure_every_ms,
		measurements_per_reading: options.measurements_per_reading,
		readings_per_frame: options.readings_per_frame,
		frame_seconds: options.frame_seconds,
	};
	let mut configuration = flash_file::configuration(
		&options.battery,
		options.genesis_hash,
		PassportId(options.passport),
		rates,
		design,
		&options.seed,
		options.device,
	)?;
	configuration.key_epoch = options.key_epoch;
	configuration.stop_after_frames = options.stop_after_frames;
	fs::create_dir_all(&options.folder)?;
	flash_file::write(&options.folder.join(FILE_NAME), &configuration)?;
	Ok(())
}

/// QEMU runs in the folder of the flash: paths of its other files must not depend on where this was started.
fn absolute(path: &Path) -> Result<PathBuf, Failure> {
	std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

async fn run_image(options: &RunOptions) -> Result<ExitCode, Failure> {
	let mut machine = Run {
		model: options.model,
		image: absolute(&options.image)?,
		folder: options.folder.clone(),
		relay: std::env::current_exe()?,
		broker: options.broker,
		bms_socket: absolute(&options.jbd_socket)?,
		counts_instructions: options.count_instructions,
		timeout: Duration::from_secs(options.timeout_seconds),
	}
	.start()?;
	while let Some(line) = machine.line().await? {
		println!("device  {line}");
	}
	let status = machine.wait().await?;
	// A signal as shells say it: 137 when the time was over.
	Ok(status
		.code()
		.or_else(|| status.signal().map(|signal| 128 + signal))
		.and_then(|code| u8::try_from(code).ok())
		.map_or(ExitCode::FAILURE, ExitCode::from))
}

async fn print_frames(broker: SocketAddr) -> Result<(), Failure> {
	let mut watch = Watch::start(broker).await?;
	loop {
		let arrived = watch.next().await?;
		match describe(&arrived) {
			Ok(line) => println!("broker  {line}"),
			Err(error) => println!("broker  {} no frame: {error}", arrived.battery),
		}
	}
}
