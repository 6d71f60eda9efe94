//! A battery-management board made of numbers: answers the JBD protocol ([`bms_core::jbd`]) on a Unix socket, as a board does on
//! its UART. QEMU connects the socket to the UART of a device.
//!
//! Each request for the basic information uses the pack for one step of simulated time and measures it; the cell voltages
//! that are asked for next are of the same measurement. So a run depends on nothing but its seed and on how often it was
//! asked.

use std::{
	io,
	os::unix::fs::FileTypeExt,
	path::{Path, PathBuf},
};

use bms_core::{
	jbd::{self, BasicInformation, Receiver, Register, MAX_DATA_BYTES, MAX_PACKET_BYTES, MAX_SENSORS},
	BmsSource, Measurement,
};
use passport_primitives::telemetry::Cells;
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{UnixListener, UnixStream},
};
use tracing::{info, warn};

use crate::{
	cell::Step,
	drive_cycle::{DriveCycle, Profile},
	pack::{Design, Pack, SensorFault},
};

/// Most cells that the protocol's counts and a reading hold.
pub const MAX_JBD_CELLS: u16 = 32;

const NAME: &[u8] = b"BPL-SIM-32S";

/// What is simulated, and where it answers.
#[derive(Clone, Debug, PartialEq)]
pub struct JbdPlan {
	/// The socket. A socket that is left over from a run before is replaced; another file is not.
	pub path: PathBuf,
	/// What pack and use follow from.
	pub seed: String,
	/// Which pack of the seed.
	pub index: u32,
	/// What the pack is built as; at most [`MAX_JBD_CELLS`] cells.
	pub design: Design,
	/// Simulated seconds from one measurement to the next.
	pub step_seconds: u32,
	/// A sensor breaks for the second half of every so many spans of [`Self::span`] measurements; 0: never.
	pub alert_every: u32,
	/// Measurements in a span.
	pub span: u32,
}

/// The board: a pack, and what was measured last.
pub struct JbdBoard {
	pack: Pack,
	cycle: DriveCycle,
	step: Step,
	alert_every: u32,
	span: u32,
	measurements: u64,
	last: Measurement,
}

impl JbdBoard {
	/// The board of a plan.
	pub fn new(plan: &JbdPlan) -> Self {
		JbdBoard {
			pack: Pack::new(plan.design, &plan.seed, plan.index),
			cycle: DriveCycle::new(Profile::Daily, &plan.seed, plan.index),
			step: Step::new(plan.design.chemistry.constants(), f64::from(plan.step_seconds)),
			alert_every: plan.alert_every,
			span: plan.span.max(1),
			measurements: 0,
			last: Measurement::default(),
		}
	}

	/// Measurements that were asked for.
	pub fn measurements(&self) -> u64 {
		self.measurements
	}

	/// What was measured last.
	pub fn last(&self) -> &Measurement {
		&self.last
	}

	fn measure(&mut self) {
		let span = u64::from(self.span);
		let (round, place) = (self.measurements / span, self.measurements % span);
		let broken = self.alert_every > 0
			&& (round + 1).is_multiple_of(u64::from(self.alert_every))
			&& place >= span / 2;
		self.pack.set_sensor_fault(broken.then_some(SensorFault::HotSpot));
		self.cycle.advance(&mut self.pack, &self.step);
		let Ok(measurement) = self.pack.sample();
		self.last = measurement;
		self.measurements += 1;
	}

	fn basic_information(&self) -> BasicInformation {
		let sensors = self.last.cell_temperatures_dc.as_slice();
		let milliampere_hours = |ampere_hours: f64| (ampere_hours * 1_000.0).round() as u32;
		let state_of_charge = self.pack.state_of_charge();
		BasicInformation {
			voltage_mv: self.last.voltage_mv,
			current_ma: self.last.current_ma,
			remaining_mah: milliampere_hours(self.pack.capacity_ah() * state_of_charge),
			nominal_mah: milliampere_hours(self.pack.design().capacity_ah),
			cycles: 0,
			balancing: u32::from(self.last.balancing),
			protection: 0,
			state_of_charge_percent: (state_of_charge * 100.0).round() as u8,
			cell_count: self.last.cell_voltages_mv.as_slice().len() as u8,
			temperatures_dc: Cells::try_new(&sensors[..sensors.len().min(MAX_SENSORS)]).unwrap_or_default(),
		}
	}

	/// The answer to a request for this register.
	pub fn answer(&mut self, register: u8) -> Vec<u8> {
		let mut data = [0; MAX_DATA_BYTES];
		let (status, length) = match Register::from_number(register) {
			Some(Register::BasicInformation) => {
				self.measure();
				(0, self.basic_information().encode(&mut data))
			}
			Some(Register::CellVoltages) => {
				let cells = self.last.cell_voltages_mv.as_slice();
				for (place, voltage_mv) in data.chunks_exact_mut(2).zip(cells) {
					place.copy_from_slice(&voltage_mv.to_be_bytes());
				}
				(0, 2 * cells.len())
			}
			Some(Register::HardwareVersion) => {
				data[..NAME.len()].copy_from_slice(NAME);
				(0, NAME.len())
			}
			None => (jbd::STATUS_UNKNOWN, 0),
		};
		let mut packet = [0; MAX_PACKET_BYTES];
		// There is room for any data that fit into `data`.
		let length = jbd::response(register, status, &data[..length], &mut packet).unwrap_or(0);
		packet[..length].to_vec()
	}
}

/// Listens where the plan says. Once this has returned, a device can connect.
pub fn listen(path: &Path) -> io::Result<UnixListener> {
	match std::fs::symlink_metadata(path) {
		Ok(found) if found.file_type().is_socket() => std::fs::remove_file(path)?,
		// Binding says what is wrong with any other file.
		Ok(_) | Err(_) => {}
	}
	UnixListener::bind(path)
}

/// Answers one device after the other, for ever; the pack goes on between them.
pub async fn serve(listener: &UnixListener, board: &mut JbdBoard) -> io::Result<()> {
	loop {
		let (stream, _) = listener.accept().await?;
		info!("a device is connected");
		match answer_all(stream, board).await {
			Ok(()) => info!(measurements = board.measurements(), "the device is gone"),
			Err(error) => warn!(%error, "the line to the device failed"),
		}
	}
}

async fn answer_all(mut stream: UnixStream, board: &mut JbdBoard) -> io::Result<()> {
	let mut receiver = Receiver::new();
	let mut bytes = [0; 64];
	loop {
		let count = stream.read(&mut bytes).await?;
		if count == 0 {
			return Ok(());
		}
		for byte in &bytes[..count] {
			let Some(register) = receiver.push(*byte).and_then(|packet| packet.requested()) else {
				continue;
			};
			let answer = board.answer(register);
			stream.write_all(&answer).await?;
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn plan(path: PathBuf) -> JbdPlan {
		JbdPlan {
			path,
			seed: "a".into(),
			index: 3,
			design: Design::default(),
			step_seconds: 1,
			alert_every: 0,
			span: 60,
		}
	}

	/// Takes an answer apart as a device does.
	fn read(register: Register, bytes: &[u8]) -> Vec<u8> {
		let mut receiver = Receiver::new();
		let mut found = None;
		for byte in bytes {
			if let Some(packet) = receiver.push(*byte) {
				found = Some(packet.answer_to(register).map(<[u8]>::to_vec));
			}
		}
		found.unwrap().unwrap()
	}

	#[test]
	fn a_device_reads_what_the_pack_measured() {
		let mut board = JbdBoard::new(&plan(PathBuf::new()));
		let mut currents = std::collections::BTreeSet::new();
		for _ in 0..2_000 {
			let answer = board.answer(Register::BasicInformation.number());
			let basic = BasicInformation::parse(&read(Register::BasicInformation, &answer)).unwrap();
			let cells = jbd::cell_voltages(&read(
				Register::CellVoltages,
				&board.answer(Register::CellVoltages.number()),
			))
			.unwrap();
			let measured = jbd::measurement(&basic, &cells).unwrap();
			let truth = *board.last();
			// The protocol resolves 10 mV and 10 mA.
			assert!(truth.voltage_mv.abs_diff(measured.voltage_mv) < 10);
			assert!(truth.current_ma.abs_diff(measured.current_ma) < 10);
			assert_eq!(
				Measurement {
					voltage_mv: truth.voltage_mv,
					current_ma: truth.current_ma,
					..measured
				},
				truth
			);
			currents.insert(measured.current_ma / 1_000);
		}
		assert!(currents.len() > 5, "the pack is used: {currents:?}");
	}

	#[test]
	fn the_same_seed_answers_the_same_and_another_pack_differently() {
		let answers = |index| {
			let mut board = JbdBoard::new(&JbdPlan {
				index,
				..plan(PathBuf::new())
			});
			(0..100).map(|_| board.answer(3)).collect::<Vec<_>>()
		};
		assert_eq!(answers(1), answers(1));
		assert_ne!(answers(1), answers(2));
	}

	#[test]
	fn a_register_that_there_is_not_is_refused_and_the_name_is_told() {
		let mut board = JbdBoard::new(&plan(PathBuf::new()));
		assert_eq!(board.answer(0x42)[2], jbd::STATUS_UNKNOWN);
		let name = board.answer(Register::HardwareVersion.number());
		assert_eq!(read(Register::HardwareVersion, &name), NAME);
		assert_eq!(board.measurements(), 0);
	}

	#[test]
	fn a_sensor_breaks_when_it_was_asked_to() {
		let mut board = JbdBoard::new(&JbdPlan {
			alert_every: 2,
			span: 10,
			..plan(PathBuf::new())
		});
		let hot: Vec<_> = (0..40)
			.map(|_| {
				board.answer(3);
				board.last().temperature_max_dc > 600
			})
			.collect();
		for (index, hot) in hot.into_iter().enumerate() {
			assert_eq!(hot, index % 20 >= 15, "measurement {index}");
		}
	}

	#[tokio::test]
	async fn devices_come_and_go_on_a_socket_that_was_left_over() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("jbd.sock");
		drop(listen(&path).unwrap());
		let listener = listen(&path).unwrap();
		let mut board = JbdBoard::new(&plan(path.clone()));
		let devices = async {
			for _ in 0..3 {
				let mut device = UnixStream::connect(&path).await.unwrap();
				// Noise, then a request in two parts.
				device.write_all(&[0xdd, 0x00, 0x17]).await.unwrap();
				let request = jbd::request(Register::BasicInformation);
				device.write_all(&request[..3]).await.unwrap();
				device.write_all(&request[3..]).await.unwrap();
				// What noise promised has to come before it can be told from a packet.
				device.write_all(&[0; MAX_PACKET_BYTES]).await.unwrap();
				let mut answer = [0; MAX_PACKET_BYTES];
				let count = device.read(&mut answer).await.unwrap();
				let data = read(Register::BasicInformation, &answer[..count]);
				assert_eq!(BasicInformation::parse(&data).unwrap().cell_count, 14);
			}
		};
		tokio::select! {
			() = devices => {}
			result = serve(&listener, &mut board) => result.unwrap(),
		}
		assert_eq!(board.measurements(), 3);
	}

	#[test]
	fn another_file_is_not_replaced() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("notes.txt");
		std::fs::write(&path, "keep").unwrap();
		let runtime = tokio::runtime::Builder::new_current_thread()
			.enable_all()
			.build()
			.unwrap();
		let refused = runtime.block_on(async { listen(&path) });
		assert!(refused.is_err());
		assert_eq!(std::fs::read_to_string(&path).unwrap(), "keep");
	}
}
