//! The simulated battery as a whole: its frames, its physics, its memory.

// clippy.toml allows it in test functions; these are their helpers.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, path::Path};

use bms_core::{Ignored, Link, LinkEvent, NoRoom, Outcome, Outgoing};
use bms_sim::{
	battery::{Produced, Setup, OUTBOX_SLOTS},
	chemistry::Chemistry,
	drive_cycle::Profile,
	identity::Hex32,
	memory::Memory,
	pack::Design,
	DeviceIdentity, Operator, SimulatedBattery,
};
use ed25519_dalek::SigningKey;
use passport_primitives::{
	battery::PassportId,
	telemetry::{
		command::{Command, Rates, SignedCommand, MAX_COMMAND_BYTES},
		crypto, Frame, Reading, MAX_FRAME_BYTES,
	},
	topic::FrameTopic,
};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

const SEED: &str = "simulation tests";
const GENESIS: [u8; 32] = [7; 32];
const PASSPORT: PassportId = PassportId([0xba; 32]);
const START: u64 = 1_800_000_000;

fn setup() -> Setup {
	Setup {
		design: Design::default(),
		profile: Profile::Daily,
		genesis_hash: GENESIS,
		readings_per_frame: 60,
		sample_seconds: 1,
		start_seconds: START,
		resume_time: false,
		alert_every: 0,
		key_epoch: 1,
		first_sequence: 1,
	}
}

fn battery(seed: &str, index: u32, setup: Setup) -> SimulatedBattery {
	let identity = DeviceIdentity::derive(seed, index);
	SimulatedBattery::open(&identity, PASSPORT, seed, setup, Memory::volatile()).unwrap()
}

/// Keeps every frame that is published.
#[derive(Default)]
struct Collector(BTreeMap<u64, (FrameTopic, Vec<u8>)>);

impl Link for Collector {
	fn publish(&mut self, frame: Outgoing<'_>) -> Result<(), NoRoom> {
		self.0.insert(frame.sequence, (frame.topic, frame.bytes.to_vec()));
		Ok(())
	}
}

impl Collector {
	fn readings(&self, identity: &DeviceIdentity) -> Vec<Reading> {
		let mut readings = Vec::new();
		for (_, bytes) in self.0.values() {
			let frame = Frame::parse(bytes).unwrap();
			assert!(crypto::verify(
				&frame,
				&GENESIS,
				&PASSPORT,
				&identity.public_key()
			));
			let key = identity.master.seal_key(frame.header.key_epoch);
			crypto::open(&frame, &key, &mut [0; MAX_FRAME_BYTES], |reading| {
				readings.push(reading);
			})
			.unwrap();
		}
		readings
	}
}

/// Makes frames and acknowledges them.
fn publish(battery: &mut SimulatedBattery, frames: usize) -> Collector {
	let mut link = Collector::default();
	for _ in 0..frames {
		assert!(matches!(battery.produce().unwrap(), Produced::Frames(_)));
		while let Some(entry) = battery.publish_next(&mut link).unwrap() {
			assert!(battery
				.settle(LinkEvent::Acknowledged {
					sequence: entry.sequence
				})
				.unwrap()
				.is_some());
		}
	}
	link
}

fn digest(link: &Collector) -> String {
	let mut hash = Sha256::new();
	for (_, bytes) in link.0.values() {
		hash.update(bytes);
	}
	hex::encode(hash.finalize())
}

#[test]
fn the_frames_of_a_seed_are_the_same_on_every_machine() {
	// Pinned: a change of the model, of the frame format or of a platform's arithmetic shows here.
	let link = publish(&mut battery(SEED, 0, setup()), 20);
	assert_eq!(
		digest(&link),
		"5416b68adeb27ed642d86ab41834a23ab700d363f34f65786620854e3c901bea"
	);
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

	#[test]
	fn the_same_seed_gives_the_same_frames_and_another_gives_others(
		seed in "[a-z ]{0,12}", index in 0u32..1_000_000, frames in 1usize..6, alert_every in 0u32..4,
	) {
		let setup = Setup { alert_every, ..setup() };
		let first = publish(&mut battery(&seed, index, setup), frames);
		let second = publish(&mut battery(&seed, index, setup), frames);
		prop_assert_eq!(&first.0, &second.0);
		let other = publish(&mut battery(&format!("{seed}!"), index, setup), frames);
		prop_assert_ne!(digest(&first), digest(&other));
		let neighbour = publish(&mut battery(&seed, index + 1, setup), frames);
		prop_assert_ne!(digest(&first), digest(&neighbour));
	}
}

#[test]
fn frames_verify_open_and_count_from_one() {
	let identity = DeviceIdentity::derive(SEED, 3);
	let link = publish(&mut battery(SEED, 3, setup()), 5);
	assert_eq!(link.0.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
	let readings = link.readings(&identity);
	let times: Vec<_> = readings.iter().map(|reading| reading.time_seconds).collect();
	assert_eq!(times, (START + 1..=START + 300).collect::<Vec<_>>());
	for (topic, bytes) in link.0.values() {
		assert_eq!(*topic, FrameTopic::Telemetry);
		assert!((200..3_000).contains(&bytes.len()), "{} bytes", bytes.len());
	}
}

#[test]
fn what_is_read_is_physically_plausible() {
	for chemistry in [Chemistry::Nmc, Chemistry::Lfp] {
		let design = Design {
			chemistry,
			..Design::default()
		};
		let (low, high) = match chemistry {
			Chemistry::Nmc => (2_980, 4_215),
			Chemistry::Lfp => (2_480, 3_665),
		};
		for index in 0..4 {
			let setup = Setup {
				design,
				sample_seconds: 10,
				..setup()
			};
			let identity = DeviceIdentity::derive(SEED, index);
			// 120 frames of 600 s: 20 hours of use.
			let readings = publish(&mut battery(SEED, index, setup), 120).readings(&identity);
			let mut throughput = (0u64, 0u64, 0u32);
			for reading in &readings {
				let cells = reading.cell_voltages_mv.as_slice();
				assert!(
					cells.iter().all(|cell| (low..=high).contains(cell)),
					"{chemistry:?} {index}: {reading:?}"
				);
				assert_eq!(
					cells.iter().map(|cell| u32::from(*cell)).sum::<u32>(),
					reading.voltage_mv
				);
				assert!((-50..=600).contains(&reading.temperature_min_dc), "{reading:?}");
				assert!((-50..=600).contains(&reading.temperature_max_dc), "{reading:?}");
				assert!(reading.temperature_min_dc <= reading.temperature_average_dc);
				assert!(reading.temperature_average_dc <= reading.temperature_max_dc);
				assert!(reading.current_ma.abs() <= 2 * 60_000, "{reading:?}");
				assert!(
					(6_500..=10_200).contains(&reading.state_of_health_bp),
					"{reading:?}"
				);
				assert_eq!(reading.faults, 0, "{reading:?}");
				let now = (
					reading.energy_throughput_wh,
					reading.capacity_throughput_mah,
					reading.cycle_count,
				);
				assert!(now.0 >= throughput.0 && now.1 >= throughput.1 && now.2 >= throughput.2);
				throughput = now;
			}
			let charged = readings.iter().any(|reading| reading.current_ma > 10_000);
			let drawn = readings.iter().any(|reading| reading.current_ma < -20_000);
			let rested = readings.iter().any(|reading| reading.current_ma.abs() < 300);
			assert!(charged && drawn && rested, "{chemistry:?} {index}");
		}
	}
}

#[test]
fn the_estimated_state_of_charge_is_within_two_percent_of_the_truth() {
	for chemistry in [Chemistry::Nmc, Chemistry::Lfp] {
		for profile in [Profile::FullCycles, Profile::Daily] {
			for index in 0..4 {
				let design = Design {
					chemistry,
					..Design::default()
				};
				let setup = Setup {
					design,
					profile,
					sample_seconds: 5,
					..setup()
				};
				let mut battery = battery(SEED, index, setup);
				let mut worst: f64 = 0.0;
				let (mut least, mut most) = (1.0f64, 0.0f64);
				// 30 hours: four full cycles, or a day with its night.
				for _ in 0..30 * 12 {
					let frame = battery.produce().unwrap();
					assert!(matches!(frame, Produced::Frames(_)));
					drain(&mut battery);
					let truth = battery.pack().state_of_charge();
					(least, most) = (least.min(truth), most.max(truth));
					worst = worst.max((f64::from(battery.state_of_charge_bp()) / 10_000.0 - truth).abs());
				}
				assert!(worst < 0.02, "{chemistry:?} {profile:?} {index}: {worst}");
				if profile == Profile::FullCycles {
					assert!(
						least < 0.05 && most > 0.98,
						"{chemistry:?} {index}: {least} to {most}"
					);
				}
			}
		}
	}
}

fn drain(battery: &mut SimulatedBattery) {
	let mut link = Collector::default();
	while let Some(entry) = battery.publish_next(&mut link).unwrap() {
		battery
			.settle(LinkEvent::Acknowledged {
				sequence: entry.sequence,
			})
			.unwrap();
	}
}

#[test]
fn the_estimated_state_of_health_follows_the_packs_capacity() {
	let setup = Setup {
		profile: Profile::FullCycles,
		sample_seconds: 20,
		..setup()
	};
	for index in 0..3 {
		let mut battery = battery(SEED, index, setup);
		// 12 days: some forty full cycles.
		for _ in 0..12 * 24 * 3 {
			battery.produce().unwrap();
			drain(&mut battery);
		}
		let truth = battery.pack().capacity_ah() / 60.0;
		let estimate = f64::from(battery.state_of_health_bp()) / 10_000.0;
		assert!((estimate - truth).abs() < 0.02, "{index}: {estimate} for {truth}");
	}
}

#[test]
fn a_broken_sensor_makes_alerts() {
	let link = publish(
		&mut battery(
			SEED,
			0,
			Setup {
				alert_every: 3,
				..setup()
			},
		),
		9,
	);
	let alerts: Vec<_> = link
		.0
		.iter()
		.filter(|(_, (topic, _))| *topic == FrameTopic::CriticalAlert)
		.map(|(sequence, _)| *sequence)
		.collect();
	assert_eq!(alerts, [3, 6, 9]);
	let (_, alert) = &link.0[&3];
	assert_eq!(
		Frame::parse(alert).unwrap().header.count,
		31,
		"it closes with the reading that shows it"
	);
}

#[test]
fn a_full_outbox_stops_measuring_and_loses_nothing() {
	let mut battery = battery(
		SEED,
		0,
		Setup {
			readings_per_frame: 5,
			..setup()
		},
	);
	let mut made = 0;
	while let Produced::Frames(closed) = battery.produce().unwrap() {
		made += usize::from(closed.frames);
		assert!(made <= OUTBOX_SLOTS);
	}
	assert_eq!(battery.outbox_len(), made);
	let before = battery.next_frame_seconds();
	assert_eq!(battery.produce().unwrap(), Produced::NoRoom);
	assert_eq!(battery.next_frame_seconds(), before, "time stands still");
	let mut link = Collector::default();
	while let Some(entry) = battery.publish_next(&mut link).unwrap() {
		battery
			.settle(LinkEvent::Acknowledged {
				sequence: entry.sequence,
			})
			.unwrap();
	}
	let times: Vec<_> = link
		.readings(&DeviceIdentity::derive(SEED, 0))
		.iter()
		.map(|reading| reading.time_seconds)
		.collect();
	assert_eq!(times, (START + 1..=START + 5 * made as u64).collect::<Vec<_>>());
}

fn reopen(path: &Path, setup: Setup) -> SimulatedBattery {
	let identity = DeviceIdentity::derive(SEED, 5);
	let memory = Memory::directory(path).unwrap();
	SimulatedBattery::open(&identity, PASSPORT, SEED, setup, memory).unwrap()
}

#[test]
fn a_battery_with_a_memory_goes_on_after_a_kill() {
	let folder = tempfile::tempdir().unwrap();
	let identity = DeviceIdentity::derive(SEED, 5);
	let mut all = Collector::default();
	let mut made = 0;
	let mut charge = None;
	for _ in 0..6 {
		// Dropped without a word at the end of each life, with half of its frames not published.
		let mut battery = reopen(folder.path(), setup());
		if let Some(charge) = charge {
			assert_eq!(
				battery.pack().state_of_charge(),
				charge,
				"the pack is where it was"
			);
		}
		for _ in 0..4 {
			let Produced::Frames(closed) = battery.produce().unwrap() else {
				panic!("the outbox has room")
			};
			made += usize::from(closed.frames);
		}
		for _ in 0..2 {
			let entry = battery.publish_next(&mut all).unwrap().unwrap();
			battery
				.settle(LinkEvent::Acknowledged {
					sequence: entry.sequence,
				})
				.unwrap();
		}
		charge = Some(battery.pack().state_of_charge());
	}
	let mut battery = reopen(folder.path(), setup());
	while let Some(entry) = battery.publish_next(&mut all).unwrap() {
		battery
			.settle(LinkEvent::Acknowledged {
				sequence: entry.sequence,
			})
			.unwrap();
	}
	assert_eq!(
		all.0.len(),
		made,
		"every frame arrives, under a sequence of its own"
	);
	let readings = all.readings(&identity);
	assert_eq!(readings.len(), 60 * made);
	let throughput: Vec<_> = readings
		.iter()
		.map(|reading| reading.capacity_throughput_mah)
		.collect();
	assert!(throughput.is_sorted());
	assert_eq!(battery.outbox_len(), 0);
}

fn operator() -> SigningKey {
	SigningKey::from_bytes(&[5; 32])
}

fn command(counter: u64, command: Command) -> Vec<u8> {
	SignedCommand::sign(counter, command, &GENESIS, &PASSPORT, &operator())
		.encode(&mut [0; MAX_COMMAND_BYTES])
		.to_vec()
}

fn reopen_operated(path: &Path) -> SimulatedBattery {
	let operator = Operator {
		command_key: Hex32(operator().verifying_key().to_bytes()),
	};
	let identity = DeviceIdentity::derive(SEED, 5);
	let memory = Memory::directory(path).unwrap();
	let setup = Setup {
		readings_per_frame: 5,
		..setup()
	};
	SimulatedBattery::open_for(&identity, PASSPORT, SEED, setup, Some(operator), memory).unwrap()
}

#[test]
fn a_battery_obeys_its_operator_and_still_does_after_a_kill() {
	let folder = tempfile::tempdir().unwrap();
	let identity = DeviceIdentity::derive(SEED, 5);
	let mut all = Collector::default();
	let mut battery = reopen_operated(folder.path());
	all.0.extend(publish(&mut battery, 1).0);
	let rates = Rates {
		sample_seconds: 2,
		readings_per_frame: 20,
	};
	for (counter, told) in [(7, Command::KeyEpoch(4)), (8, Command::Rates(rates))] {
		let outcome = battery.obey(&command(counter, told)).unwrap();
		assert!(
			matches!(outcome, Outcome::Obeyed { counter: of, command, .. } if (of, command) == (counter, told)),
			"{outcome:?}"
		);
	}
	all.0.extend(publish(&mut battery, 1).0);
	// Dropped without a word.
	drop(battery);
	let mut battery = reopen_operated(folder.path());
	assert_eq!(
		battery.obey(&command(7, Command::KeyEpoch(4))).unwrap(),
		Outcome::Ignored(Ignored::NotNew)
	);
	all.0.extend(publish(&mut battery, 1).0);
	let headers: Vec<_> = all
		.0
		.values()
		.map(|(_, bytes)| {
			let header = Frame::parse(bytes).unwrap().header;
			(header.key_epoch, header.count, header.span_seconds)
		})
		.collect();
	assert_eq!(headers, [(1, 5, 4), (4, 20, 38), (4, 20, 38)]);
	let said: Vec<_> = all
		.readings(&identity)
		.iter()
		.map(|reading| reading.last_command)
		.collect();
	assert_eq!(said, [[0_u64; 5].as_slice(), &[8_u64; 40]].concat());
}

#[test]
fn a_battery_without_an_operator_obeys_nobody() {
	let mut battery = battery(SEED, 0, setup());
	assert_eq!(
		battery.obey(&command(1, Command::ReadOut)).unwrap(),
		Outcome::Ignored(Ignored::NoOperator)
	);
}

#[test]
fn a_stored_pack_of_another_design_is_refused() {
	let folder = tempfile::tempdir().unwrap();
	reopen(folder.path(), setup()).produce().unwrap();
	let design = Design {
		cells: 8,
		..Design::default()
	};
	let identity = DeviceIdentity::derive(SEED, 5);
	let memory = Memory::directory(folder.path()).unwrap();
	let error = SimulatedBattery::open(&identity, PASSPORT, SEED, Setup { design, ..setup() }, memory)
		.err()
		.unwrap();
	assert!(error.to_string().contains("another design"), "{error}");
}

#[test]
fn a_live_battery_goes_on_in_time_and_a_historic_one_begins_where_it_is_told() {
	for (resume_time, start) in [(true, START + 600), (false, START)] {
		let folder = tempfile::tempdir().unwrap();
		let setup = Setup {
			resume_time,
			..setup()
		};
		let mut battery = reopen(folder.path(), setup);
		for _ in 0..10 {
			battery.produce().unwrap();
		}
		drop(battery);
		assert_eq!(reopen(folder.path(), setup).next_frame_seconds(), start + 60);
	}
}
