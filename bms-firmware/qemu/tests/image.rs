//! The image in QEMU: boots, publishes, loses its link and its power.
//!
//! Needed: qemu-system-arm and mosquitto (scripts/setup installs both). The image is built by the tests; `BMS_IMAGE` names
//! another one. Each run has a network of its own, a timeout, and a folder that is removed.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod bench;

use std::{collections::BTreeMap, time::Duration};

use bench::{Bench, Setup, PATIENCE};
use bms_core::alarms;
use bms_flash::configuration::Rates;
use bms_qemu::machine::Model;
use passport_primitives::topic::FrameTopic;
use tokio::time::{sleep_until, timeout, Instant};

/// Most stack that the device may use while it starts and while it runs, in bytes: with 24 kB of statics it stays below the
/// 64 kB of small parts.
const START_STACK_BYTES: usize = 28 * 1_024;
const RUN_STACK_BYTES: usize = 16 * 1_024;

/// Most instructions of a frame, and of a measurement that closes none: a third above what they take today.
const FRAME_INSTRUCTIONS: usize = 3_000_000;
const MEASUREMENT_INSTRUCTIONS: usize = 10_000;

/// Every measurement is a reading, four make a frame, twenty-five times as fast as in service.
const FAST: Rates = Rates {
	measure_every_ms: 40,
	measurements_per_reading: 1,
	readings_per_frame: 4,
	frame_seconds: 60,
};

#[tokio::test(flavor = "multi_thread")]
async fn the_image_publishes_what_the_bms_board_measured_and_nothing_twice() {
	publishes_what_was_measured(Model::Mps2An386).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_image_does_so_on_a_cortex_m7() {
	publishes_what_was_measured(Model::Mps2An500).await;
}

async fn publishes_what_was_measured(model: Model) {
	let mut bench = Bench::start(Setup {
		model,
		..Setup::new(FAST)
	})
	.await;
	bench.configure(12);
	let run = bench.run_to_the_end().await;
	assert_eq!(run.exit_code, Some(0), "{:#?}", run.lines);
	assert!(
		run.number("stack ", "start_peak=") <= START_STACK_BYTES,
		"{:#?}",
		run.lines
	);
	assert!(
		run.number("done ", "stack_peak=") <= RUN_STACK_BYTES,
		"{:#?}",
		run.lines
	);
	let frames = bench.arrived(12).await;
	let opened = bench.open(&frames, run.public_key());
	// Nothing else arrived, and in order: one frame is on its way at a time.
	let sequences: Vec<_> = frames.iter().map(|frame| bench::sequence(&frame.bytes)).collect();
	assert_eq!(sequences, (1..=12).collect::<Vec<_>>());
	assert!(frames
		.iter()
		.all(|frame| frame.topic == FrameTopic::Telemetry && frame.qos == 1));
	// Every measurement of the board, each once and in its order, as a reading.
	let expected = bench.measurements(48);
	let found: Vec<_> = opened.values().flatten().collect();
	assert_eq!(found.len(), 48);
	for (reading, measured) in found.iter().zip(&expected) {
		assert_eq!(reading.voltage_mv, measured.voltage_mv / 10 * 10);
		assert_eq!(reading.current_ma, measured.current_ma / 10 * 10);
		assert_eq!(reading.cell_voltages_mv, measured.cell_voltages_mv);
		assert_eq!(reading.cell_temperatures_dc, measured.cell_temperatures_dc);
		assert_eq!(reading.faults, 0);
		assert!(reading.state_of_health_bp > 5_000 && reading.state_of_charge_bp > 1_000);
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_tenths_of_the_instructions_of_a_frame_are_sealing_and_signing() {
	let mut bench = Bench::start(Setup {
		counts_instructions: true,
		..Setup::new(FAST)
	})
	.await;
	bench.configure(3);
	let run = bench.run_to_the_end().await;
	assert_eq!(run.exit_code, Some(0), "{:#?}", run.lines);
	// A step of the device's clock is 40 instructions of a nanosecond each.
	let instructions = |name| 40 * run.number("done ", name);
	let measurement = instructions("measurement_steps=");
	let (frame, seal) = (instructions("frame_steps="), instructions("seal_steps="));
	println!(
		"instructions: {measurement} a measurement, {frame} a frame, {seal} of them sealing and signing"
	);
	assert!(10 * seal >= 9 * frame, "{seal} of {frame}");
	assert!(frame <= FRAME_INSTRUCTIONS && measurement <= MEASUREMENT_INSTRUCTIONS);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_is_an_alert_on_its_own_topic_and_closes_its_frame() {
	let rates = Rates {
		readings_per_frame: 16,
		measurements_per_reading: 4,
		..FAST
	};
	let mut bench = Bench::start(Setup {
		// The second ten of each twenty measurements see a sensor that reads 75 degrees too much.
		alert_every: 1,
		span: 20,
		..Setup::new(rates)
	})
	.await;
	bench.configure(4);
	let run = bench.run_to_the_end().await;
	assert_eq!(run.exit_code, Some(0), "{:#?}", run.lines);
	let frames = bench.arrived(4).await;
	let opened = bench.open(&frames, run.public_key());
	for frame in &frames {
		assert_eq!((frame.topic, frame.qos), (FrameTopic::CriticalAlert, 2));
		let readings = &opened[&bench::sequence(&frame.bytes)];
		assert!(readings.len() < 16, "closed before it was full");
		let (last, before) = readings.split_last().unwrap();
		assert_eq!(last.faults, alarms::OVER_TEMPERATURE);
		assert!(last.temperature_max_dc > 600);
		assert!(before.iter().filter(|reading| reading.faults == 0).count() >= 2);
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bms_board_that_says_nothing_is_an_alert() {
	let mut bench = Bench::start(Setup {
		silent: true,
		..Setup::new(FAST)
	})
	.await;
	bench.configure(2);
	let run = bench.run_to_the_end().await;
	assert_eq!(run.exit_code, Some(0), "{:#?}", run.lines);
	assert!(run.lines.iter().any(|line| line == "bms error=\"no answer\""));
	let frames = bench.arrived(2).await;
	let opened = bench.open(&frames, run.public_key());
	assert_eq!(frames[0].topic, FrameTopic::CriticalAlert);
	assert_eq!(frames[1].topic, FrameTopic::Telemetry);
	for reading in opened.values().flatten() {
		assert_eq!(reading.faults, alarms::NO_MEASUREMENT);
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_cut_again_and_again_loses_no_frame() {
	let mut bench = Bench::start(Setup::new(FAST)).await;
	bench.configure(60);
	let mut machine = bench.power_on();
	let mut random = bench::Random::new(5);
	let (mut lines, mut cuts) = (Vec::new(), 0);
	let run = async {
		// By what the device has done and not by time: a slow machine would never get beyond connecting.
		let mut until_cut = 3 + random.below(6);
		while let Some(line) = machine.line().await {
			if bench::acknowledged_of(&line).is_some() {
				until_cut -= 1;
			}
			if until_cut == 0 {
				cuts += bench.cut_link();
				until_cut = 3 + random.below(6);
			}
			lines.push(line);
		}
		machine.exit_code().await
	};
	let exit_code = timeout(PATIENCE, run)
		.await
		.expect("the device publishes in time");
	assert_eq!(exit_code, Some(0), "{lines:#?}");
	assert!(cuts >= 3, "{cuts} cuts");
	let public_key = bench::public_key(&lines);
	let frames = bench.all_arrived().await;
	let opened = bench.open(&frames, public_key);
	let sequences: Vec<_> = opened.keys().copied().take(60).collect();
	assert_eq!(
		sequences,
		(1..=60).collect::<Vec<_>>(),
		"no gap after {cuts} cuts"
	);
	assert!(lines.iter().any(|line| line.starts_with("disconnected error=")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_and_forgets_costs_no_frame() {
	let mut bench = Bench::start(Setup::new(FAST)).await;
	bench.configure(40);
	let mut machine = bench.power_on();
	let mut lines = Vec::new();
	while lines
		.iter()
		.filter_map(|line: &String| bench::acknowledged_of(line))
		.count()
		< 12
	{
		lines.push(
			timeout(PATIENCE, machine.line())
				.await
				.unwrap()
				.expect("the device goes on"),
		);
	}
	let mut frames = bench.replace_broker().await;
	lines.extend(timeout(PATIENCE, machine.lines_to_the_end()).await.unwrap());
	assert_eq!(machine.exit_code().await, Some(0), "{lines:#?}");
	// The link was cut before, so all that the old broker acknowledged it had delivered; the device can not know that
	// and publishes the last eight of it again.
	frames.extend(bench.all_arrived().await);
	let opened = bench.open(&frames, bench::public_key(&lines));
	assert_eq!(
		opened.keys().copied().collect::<Vec<_>>(),
		(1..=40).collect::<Vec<_>>()
	);
	let again = frames.len() - opened.len();
	assert!((1..=9).contains(&again), "{again} frames were published again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_loses_power_over_and_over_repeats_no_sequence_and_loses_no_frame() {
	let kills: u64 = std::env::var("BMS_QEMU_KILLS")
		.ok()
		.and_then(|count| count.parse().ok())
		.unwrap_or(25);
	let mut bench = Bench::start(Setup::new(FAST)).await;
	bench.configure(0);
	let mut random = bench::Random::new(11);
	let mut lines = Vec::new();
	for life in 0..kills {
		let mut machine = bench.power_on();
		// Each third ends at a time: before the keys are made, while the outbox is opened, or later, as fast as this machine is.
		// The others get beyond their start on any machine, and end while frames are made.
		let cut_by_time = life % 3 == 0;
		let moment = Duration::from_millis(60 + random.below(1_600));
		let mut cut_at = cut_by_time.then(|| Instant::now() + moment);
		loop {
			tokio::select! {
				() = sleep_until(cut_at.unwrap_or_else(Instant::now)), if cut_at.is_some() => break,
				line = machine.line() => {
					let Some(line) = line else {
						panic!("the device ended by itself: {lines:#?}");
					};
					if cut_at.is_none() && bench::public_key_of(&line).is_some() {
						cut_at = Some(Instant::now() + moment);
					}
					lines.push(line);
				},
			}
		}
		machine.cut_power().await;
		lines.extend(machine.lines_to_the_end().await);
	}
	bench.configure(5);
	let run = bench.run_to_the_end().await;
	assert_eq!(run.exit_code, Some(0), "{:#?}", run.lines);
	lines.extend(run.lines.iter().cloned());
	// One device through it all: keys are made once.
	let public_keys: Vec<_> = lines
		.iter()
		.filter_map(|line| bench::public_key_of(line))
		.collect();
	let at_least = kills - kills.div_ceil(3) + 1;
	assert!(
		public_keys.len() as u64 >= at_least,
		"{} starts, of {at_least} at least",
		public_keys.len()
	);
	assert!(public_keys.iter().all(|key| *key == public_keys[0]));
	let frames = bench.all_arrived().await;
	// `open` fails on two frames of one sequence that are not the same bytes.
	let opened = bench.open(&frames, public_keys[0]);
	let acknowledged: Vec<_> = lines
		.iter()
		.filter_map(|line| bench::acknowledged_of(line))
		.collect();
	for sequence in &acknowledged {
		assert!(
			opened.contains_key(sequence),
			"sequence {sequence} was acknowledged"
		);
	}
	// Gaps are what a loss of power skips: 64 at most, for each.
	let highest = opened.keys().last().copied().unwrap_or(0);
	let skipped = highest - opened.len() as u64;
	assert!(
		skipped <= 64 * kills,
		"{skipped} sequences skipped by {kills} losses of power"
	);
	let mut published: BTreeMap<u64, u32> = BTreeMap::new();
	for frame in &frames {
		*published.entry(bench::sequence(&frame.bytes)).or_default() += 1;
	}
	println!(
		"{kills} losses of power, {} starts, {} frames of {} sequences, {} of them published again",
		public_keys.len(),
		frames.len(),
		opened.len(),
		published.values().filter(|count| **count > 1).count()
	);
	// Every counted measurement is in order of time, over all losses of power.
	let times: Vec<_> = opened
		.values()
		.flatten()
		.map(|reading| reading.time_seconds)
		.collect();
	assert!(times.is_sorted());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_network_of_a_run_leads_to_the_broker_and_nowhere_else() {
	let bench = Bench::start(Setup::new(FAST)).await;
	let mut configuration = bench.configuration(1);
	// The host itself, by its address in QEMU's network, where the broker really listens.
	configuration.network.broker = std::net::Ipv4Addr::new(10, 0, 2, 2);
	configuration.network.broker_port = bench.broker_port();
	bench.write(&configuration);
	let mut machine = bench.power_on();
	let line = timeout(PATIENCE, async {
		loop {
			match machine.line().await {
				Some(line) if line.starts_with("connected") || line.starts_with("disconnected") => {
					break line
				}
				Some(_) => {}
				None => panic!("the device ended by itself"),
			}
		}
	})
	.await
	.expect("the device tries to connect");
	assert!(line.starts_with("disconnected error="), "{line}");
	machine.cut_power().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn flash_that_was_never_configured_ends_the_run_with_a_reason() {
	let mut bench = Bench::start(Setup::new(FAST)).await;
	bench.erase_flash();
	let run = bench.run_to_the_end().await;
	assert_eq!(run.exit_code, Some(1));
	assert_eq!(run.lines, ["stopped error=\"there is no configuration page\""]);
}
