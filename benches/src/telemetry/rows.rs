//! The figures that are asked for, how they are called in the report, and the table of them in `docs/performance.md`.

use crate::report::{figure, Report};
use anyhow::{Context, Result};
use std::{fs, path::Path};

/// Between these lines the table is put into a file.
const BEGIN: &str = "<!-- telemetry -->";
const END: &str = "<!-- end of telemetry -->";

/// What is measured.
pub const SIXTY: &str = "frames of 60";
/// Each reading signed alone.
pub const ONE: &str = "frames of 1";
/// The same as [`SIXTY`] of batteries that measure once a minute: made, signed and counted, and not sent.
pub const SIXTY_BY_MINUTE: &str = "frames of 60, a minute apart";
/// Frames of 60 through Mosquitto and the bridge.
pub const BY_MQTT: &str = "frames of 60 by MQTT";
/// The same, anchored.
pub const ANCHORED: &str = "frames of 60 by MQTT, anchored";
/// The bridge that only takes frames in.
pub const BRIDGE_ALONE: &str = "bridge alone";
/// What a battery adds to the state.
pub const BATTERY: &str = "battery";
/// A chain with few batteries.
pub const FEW: &str = "1,000 batteries";
/// A chain with many, whose senders have a page of states each.
pub const MANY_SPREAD: &str = "many batteries, senders far apart";
/// A chain with many, whose senders share pages of states.
pub const MANY_NEIGHBOURS: &str = "many batteries, senders side by side";
/// The genesis of that chain.
pub const MANY_GENESIS: &str = "many batteries, genesis";

/// Ratios.
pub mod ratio {
	/// Readings in frames of 60.
	pub const SIXTY: &str = "frames of 60 : protocol's contract";
	/// Readings signed alone.
	pub const ONE: &str = "frames of 1 : protocol's contract";
	/// Readings by MQTT.
	pub const BY_MQTT: &str = "by MQTT : protocol's contract";
	/// Frames.
	pub const BATCHED: &str = "frames of 60 : batched contract";
	/// See [`super::MANY_SPREAD`].
	pub const SPREAD: &str = "senders far apart : 1,000 batteries";
	/// See [`super::MANY_NEIGHBOURS`].
	pub const NEIGHBOURS: &str = "senders side by side : 1,000 batteries";
}

/// What of it is measured.
pub mod measure {
	/// Readings of a second.
	pub const FINALISED: &str = "finalised";
	/// Frames of a second.
	pub const FINALISED_FRAMES: &str = "finalised, frames";
	/// Of the extrinsics that carry frames, signature and all.
	pub const BYTES: &str = "bytes in blocks for each reading";
	/// Of the validators alone.
	pub const CPU_OF_VALIDATORS: &str = "processor time of the validators";
	/// Of bridge and validators together.
	pub const CPU_OF_ALL: &str = "processor time of bridge and validators";
	/// Of the bridge.
	pub const CPU_OF_BRIDGE: &str = "processor time of the bridge";
	/// Of Mosquitto.
	pub const CPU_OF_BROKER: &str = "processor time of the broker";
	/// What processor time is told for.
	pub const CPU_UNIT: &str = "s per 1,000 readings";
	/// One frame's share of the runtime's execution of a block: [`Execution`](super::super::execution::Execution).
	pub const EXECUTION: &str = "the runtime's execution, for each frame";
	/// A check in a batch, of [`EXECUTION`].
	pub const ED25519: &str = "ed25519 of the runtime's execution";
	/// A check by itself.
	pub const ED25519_ALONE: &str = "ed25519, a check by itself";
	/// A check in a batch of 256, as the runtime does it.
	pub const ED25519_TOGETHER: &str = "ed25519, a check in a batch";
	/// Of the ledger's own pallets.
	pub const GROWTH: &str = "growth of state for each reading";
	/// What one device adds.
	pub const STATE: &str = "keys and values of a device in state";
	/// What a frame reads and writes of it: a sixteenth of a page.
	pub const STATE_OF_PAGE: &str = "in state: its share of a page";
	/// Its number in the battery's passport.
	pub const STATE_OF_PASSPORT: &str = "in state: its number in the passport";
	/// The items that registering a device adds to.
	pub const STATE_ITEMS: [(&str, &str); 2] = [
		("Telemetry.Pages", STATE_OF_PAGE),
		("Passport.Passports", STATE_OF_PASSPORT),
	];
	/// From PUBLISH to the final block.
	pub const P50_OF_PUBLISH: &str = "published to final, p50 at half";
	/// See [`P50_OF_PUBLISH`].
	pub const P99_OF_PUBLISH: &str = "published to final, p99 at half";
	/// By the clock.
	pub const ACKNOWLEDGED: &str = "verified, on disk, acknowledged";
	/// For each second of the bridge's processor time.
	pub const ACKNOWLEDGED_PER_CPU: &str = "the same for a second of its processor time";
	/// What Mosquitto takes and forwards of the same messages for each second of its own processor time.
	pub const FORWARDED_PER_CPU: &str = "forwarded for a second of the broker's";
	/// Of what anvil does.
	pub const TIMES_PEER: &str = "a peer that neither replicates nor persists";
	/// Of what the chain with few batteries does.
	pub const TIMES_FEW: &str = "throughput";
	/// Of the specification's file.
	pub const SPECIFICATION: &str = "specification";
	/// Making it.
	pub const MAKING: &str = "making the specification";
	/// From starting the node until it answers and finalises.
	pub const STARTING: &str = "starting the node";
	/// Most of the node's, from its start until it answers.
	pub const MEMORY: &str = "memory of the node while it starts";
}

/// What an aim is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Goal {
	/// So much, or more.
	AtLeast(f64),
	/// So much, or less.
	AtMost(f64),
	/// None at all.
	NoGrowth,
	/// As much as another figure of the same chain, or more: what it is called, and what and which measure it is in the report.
	AsMuchAs(&'static str, &'static str, &'static str),
	/// What is no number.
	Words(&'static str),
}

impl Goal {
	/// Whether a figure reaches it, by the other figures of its chain; `None` where no number tells.
	fn holds(self, value: f64, others: &dyn Fn(&str, &str) -> Option<f64>) -> Option<bool> {
		match self {
			Goal::AtLeast(least) => Some(value >= least),
			Goal::AtMost(most) => Some(value <= most),
			Goal::NoGrowth => Some(value <= NO_GROWTH_BYTES),
			Goal::AsMuchAs(_, what, measure) => others(what, measure).map(|other| value >= other),
			Goal::Words(_) => None,
		}
	}

	fn text(self) -> String {
		match self {
			Goal::AtLeast(bound) | Goal::AtMost(bound) => plain(bound),
			Goal::NoGrowth => "0".to_owned(),
			Goal::AsMuchAs(words, ..) | Goal::Words(words) => words.to_owned(),
		}
	}
}

/// A row of the table.
struct Row {
	/// What stands in it.
	text: &'static str,
	/// Where its figure is in the report.
	validators: usize,
	what: &'static str,
	measure: &'static str,
	unit: &'static str,
	/// What is to be multiplied for the unit.
	scale: f64,
	reach: Goal,
	aim: Goal,
	/// What it is a ratio of.
	of: Option<(&'static str, &'static str, &'static str)>,
}

/// What the state of the other pallets changes by for each reading of a flood, in bytes, is less than this: members' quotas are
/// counted in it.
const NO_GROWTH_BYTES: f64 = 0.005;

const fn row(
	text: &'static str,
	(validators, what, measure): (usize, &'static str, &'static str),
	unit: &'static str,
	(reach, aim): (Goal, Goal),
) -> Row {
	Row {
		text,
		validators,
		what,
		measure,
		unit,
		scale: 1.0,
		reach,
		aim,
		of: None,
	}
}

const fn least(reach: f64, aim: f64) -> (Goal, Goal) {
	(Goal::AtLeast(reach), Goal::AtLeast(aim))
}

const fn most(reach: f64, aim: f64) -> (Goal, Goal) {
	(Goal::AtMost(reach), Goal::AtMost(aim))
}

impl Row {
	const fn of(self, what: &'static str, measure: &'static str, unit: &'static str) -> Self {
		Row {
			of: Some((what, measure, unit)),
			..self
		}
	}

	const fn times(self, scale: f64) -> Self {
		Row { scale, ..self }
	}
}

/// All that was asked for but what a chain with many batteries shows: [`GROWTH_ROWS`].
const ROWS: [Row; 18] = [
	row(
		"device-signed readings finalised per second, one validator, verified path, frames of 60: times the protocol's contract on anvil, which neither replicates nor persists",
		(1, ratio::SIXTY, measure::TIMES_PEER),
		"times",
		least(50.0, 100.0),
	)
	.of(SIXTY, measure::FINALISED, "readings/s"),
	row(
		"the same with four validators and bridge on the same cores: times the protocol's contract on anvil, which neither replicates nor persists",
		(4, ratio::BY_MQTT, measure::TIMES_PEER),
		"times",
		least(20.0, 40.0),
	)
	.of(BY_MQTT, measure::FINALISED, "readings/s"),
	row(
		"signed frames finalised per second, one validator: times the batched contract on anvil, which neither replicates nor persists",
		(1, ratio::BATCHED, measure::TIMES_PEER),
		"times",
		least(1.0, 2.0),
	)
	.of(SIXTY, measure::FINALISED_FRAMES, "frames/s"),
	row(
		"frames of 1, one validator: times the protocol's contract on anvil, which neither replicates nor persists",
		(1, ratio::ONE, measure::TIMES_PEER),
		"times",
		least(2.0, 4.0),
	)
	.of(ONE, measure::FINALISED, "readings/s"),
	row(
		"frames of 1: ed25519 (checked in batches of 256) in the runtime's execution of a block",
		(1, ONE, measure::ED25519),
		"%",
		least(50.0, 200.0 / 3.0),
	)
	.of(ONE, measure::EXECUTION, "µs for each frame"),
	row(
		"CPU seconds per 1,000 readings over bridge and one validator, frames of 60",
		(1, BY_MQTT, measure::CPU_OF_ALL),
		"s",
		most(0.005, 0.002),
	),
	row(
		"bytes in blocks per reading: frames of 1",
		(1, ONE, measure::BYTES),
		"bytes",
		most(150.0, 130.0),
	),
	row(
		"bytes in blocks per reading: frames of 60, readings a second apart",
		(1, SIXTY, measure::BYTES),
		"bytes",
		most(16.0, 10.0),
	),
	row(
		"bytes in blocks per reading: frames of 60, readings a minute apart",
		(1, SIXTY_BY_MINUTE, measure::BYTES),
		"bytes",
		most(16.0, 10.0),
	),
	row(
		"bytes in blocks per reading: anchored",
		(1, ANCHORED, measure::BYTES),
		"bytes",
		most(1.0, 0.1),
	)
	.of(ANCHORED, measure::FINALISED, "readings/s"),
	row(
		"state growth per reading",
		(1, SIXTY, measure::GROWTH),
		"bytes",
		(Goal::NoGrowth, Goal::NoGrowth),
	),
	row(
		"state per battery: its share of a page, and its device's number in the passport",
		(1, BATTERY, measure::STATE),
		"bytes",
		most(160.0, 64.0),
	),
	row(
		"of it: its share of a page (passport, maker, key, rolling hash, window, counts)",
		(1, BATTERY, measure::STATE_OF_PAGE),
		"bytes",
		(Goal::Words(""), Goal::Words("")),
	),
	row(
		"of it: its device's number in the passport",
		(1, BATTERY, measure::STATE_OF_PASSPORT),
		"bytes",
		(Goal::Words(""), Goal::Words("")),
	),
	row(
		"publish to finalised at half of the peak, four validators: p50",
		(4, BY_MQTT, measure::P50_OF_PUBLISH),
		"s",
		most(1.5, 1.0),
	)
	.times(0.001),
	row(
		"publish to finalised at half of the peak, four validators: p99",
		(4, BY_MQTT, measure::P99_OF_PUBLISH),
		"s",
		most(3.0, 2.0),
	)
	.times(0.001),
	row(
		"bridge: MQTT messages received, verified, on disk, acknowledged per second and core",
		(1, BRIDGE_ALONE, measure::ACKNOWLEDGED_PER_CPU),
		"messages/s",
		(
			Goal::AtLeast(20_000.0),
			// The aim is one for parsing alone. All of the bridge's work is more than that.
			Goal::AsMuchAs(
				"as Mosquitto forwards",
				BRIDGE_ALONE,
				measure::FORWARDED_PER_CPU,
			),
		),
	)
	.of(BRIDGE_ALONE, measure::ACKNOWLEDGED, "messages/s by the clock"),
	row(
		"Mosquitto: the same messages taken and forwarded per second and core",
		(1, BRIDGE_ALONE, measure::FORWARDED_PER_CPU),
		"messages/s",
		(Goal::Words(""), Goal::Words("")),
	),
];

/// What a chain with many batteries shows, which can be measured by itself and with more of them.
const GROWTH_ROWS: [Row; 4] = [
	row(
		"growth: throughput with many batteries against 1,000, senders far apart",
		(1, ratio::SPREAD, measure::TIMES_FEW),
		"times",
		least(0.8, 0.95),
	)
	.of(MANY_SPREAD, measure::FINALISED, "readings/s"),
	row(
		"growth: the same, senders side by side",
		(1, ratio::NEIGHBOURS, measure::TIMES_FEW),
		"times",
		least(0.8, 0.95),
	)
	.of(MANY_NEIGHBOURS, measure::FINALISED, "readings/s"),
	row(
		"growth: batteries of that chain",
		(1, MANY_GENESIS, BATTERY),
		"batteries",
		(Goal::Words(""), Goal::Words("")),
	),
	row(
		"growth: specification of that chain",
		(1, MANY_GENESIS, measure::SPECIFICATION),
		"MB",
		(Goal::Words(""), Goal::Words("")),
	)
	.of(
		MANY_GENESIS,
		measure::MEMORY,
		"MB of memory, most of the node's while it starts",
	),
];

/// A number with a comma for each thousand, and as many decimals as [`figure`] gives.
fn plain(value: f64) -> String {
	let text = match value.fract().abs() < f64::EPSILON {
		true => format!("{value:.0}"),
		false => figure(value),
	};
	let (whole, rest) = match text.split_once('.') {
		Some((whole, decimals)) => (whole, format!(".{decimals}")),
		None => (text.as_str(), String::new()),
	};
	let mut grouped = String::new();
	for (place, digit) in whole.chars().enumerate() {
		if place > 0
			&& digit.is_ascii_digit()
			&& (whole.len() - place).is_multiple_of(3)
			&& !grouped.ends_with('-')
		{
			grouped.push(',');
		}
		grouped.push(digit);
	}
	grouped + &rest
}

/// The table of these rows, as Markdown.
fn table<'a>(report: &Report, rows: impl IntoIterator<Item = &'a Row>) -> String {
	let machine = report.machine();
	let mut text = format!(
		"Measured {} on {} ({} cores, {} MiB), commit {}{}. {}. Medians, in brackets lowest and highest of the rounds. anvil, which the \
		 peers run on, neither replicates nor persists.\n\n",
		machine.date,
		machine.cpu,
		machine.cores,
		machine.memory_mib,
		machine.commit,
		if report.is_quick() { ", one short round" } else { "" },
		machine.software.join(", "),
	);
	text.push_str("| what | measured | of | reach | aim | held |\n|---|---|---|---|---|---|\n");
	for row in rows {
		let others = |what: &str, measure: &str| {
			let (spread, _) = report.figure(row.validators, what, measure)?;
			Some(spread.median)
		};
		let (measured, held) = match report.figure(row.validators, row.what, row.measure) {
			Some((spread, rounds)) => {
				let median = spread.median * row.scale;
				let range = match rounds {
					0 | 1 => String::new(),
					_ => format!(
						" ({} to {})",
						plain(spread.min * row.scale),
						plain(spread.max * row.scale)
					),
				};
				let held = match (row.reach.holds(median, &others), row.aim.holds(median, &others)) {
					(_, Some(true)) => "aim",
					(Some(true), _) => "reach",
					(Some(false), _) => "no",
					(None, _) => "",
				};
				(format!("{} {}{range}", plain(median), row.unit), held)
			}
			None => ("not measured".to_owned(), ""),
		};
		let of = row
			.of
			.and_then(|(what, measure, unit)| {
				let (spread, _) = report.figure(row.validators, what, measure)?;
				Some(format!("{} {unit}", plain(spread.median)))
			})
			.unwrap_or_default();
		text.push_str(&format!(
			"| {} | {measured} | {of} | {} | {} | {held} |\n",
			row.text,
			row.reach.text(),
			row.aim.text(),
		));
	}
	for (validators, error) in report.failures() {
		text.push_str(&format!(
			"\nNot measured to the end, with {}: {}\n",
			match validators {
				1 => "one validator".to_owned(),
				count => format!("{count} validators"),
			},
			error.replace('\n', " ")
		));
	}
	text
}

/// Puts the table between its marks in a file. Of a run that has measured nothing but growth it is a table of its own, one for each
/// number of batteries: what stands in the file of other runs stays. Errors: the file can not be read or written, or has no marks.
pub fn write_table(report: &Report, file: &Path, growth_alone: Option<u32>) -> Result<()> {
	let text = fs::read_to_string(file).with_context(|| format!("can not read {}", file.display()))?;
	let text = match growth_alone {
		None => put_between(&text, BEGIN, END, &table(report, ROWS.iter().chain(&GROWTH_ROWS))),
		Some(batteries) => put_growth(&text, batteries, &table(report, &GROWTH_ROWS)),
	}
	.with_context(|| format!("{} has no lines {BEGIN} and {END}", file.display()))?;
	fs::write(file, text).with_context(|| format!("can not write {}", file.display()))
}

/// Puts a table of growth between the marks for its number of batteries; the first time they come after the whole table.
fn put_growth(text: &str, batteries: u32, table: &str) -> Option<String> {
	let batteries = plain(f64::from(batteries));
	let begin = format!("<!-- growth to {batteries} batteries -->");
	let end = format!("<!-- end of growth to {batteries} batteries -->");
	if text.contains(&begin) {
		return put_between(text, &begin, &end, table);
	}
	let (before, after) = text.split_once(END)?;
	let with_marks = format!("{before}{END}\n\n{begin}\n{end}{after}");
	put_between(&with_marks, &begin, &end, table)
}

fn put_between(text: &str, begin: &str, end: &str, table: &str) -> Option<String> {
	let (before, rest) = text.split_once(begin)?;
	let (_, after) = rest.split_once(end)?;
	Some(format!("{before}{begin}\n{}\n{end}{after}", table.trim_end()))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn numbers_are_grouped_and_have_the_decimals_that_count() {
		for (value, text) in [
			(0.0, "0"),
			(0.002, "0.0020"),
			(1.5, "1.50"),
			(20_000.0, "20,000"),
			(512_345.6, "512,346"),
			(-1_000.0, "-1,000"),
			(-100.0, "-100"),
			(1_000_000.0, "1,000,000"),
		] {
			assert_eq!(plain(value), text);
		}
	}

	#[test]
	fn a_row_says_what_was_reached_and_what_was_not_measured() {
		let mut report = Report::new("test", true);
		for sample in [60.0, 70.0, 80.0] {
			report.sample(1, ratio::SIXTY, measure::TIMES_PEER, "times", sample);
		}
		report.sample(1, SIXTY, measure::FINALISED, "readings/s", 123_456.0);
		report.sample(1, SIXTY, measure::BYTES, "bytes", 9.0);
		report.sample(1, ONE, measure::BYTES, "bytes", 200.0);
		report.sample(
			1,
			BRIDGE_ALONE,
			measure::ACKNOWLEDGED_PER_CPU,
			"messages/s",
			30_000.0,
		);
		report.sample(4, BY_MQTT, measure::P50_OF_PUBLISH, "ms", 1_200.0);
		let text = table(&report, ROWS.iter().chain(&GROWTH_ROWS));
		for line in [
			"neither replicates nor persists | 70 times (60 to 80) | 123,456 readings/s | 50 | 100 | reach |",
			"a second apart | 9 bytes |  | 16 | 10 | aim |",
			"frames of 1 | 200 bytes |  | 150 | 130 | no |",
			"per second and core | 30,000 messages/s |  | 20,000 | as Mosquitto forwards | reach |",
			"p50 | 1.20 s |  | 1.50 | 1 | reach |",
			"number in the passport | not measured |  | 160 | 64 |  |",
		] {
			assert!(text.contains(line), "{line}\n{text}");
		}
		let lines = text.lines().filter(|line| line.starts_with("| "));
		assert_eq!(lines.count(), ROWS.len() + GROWTH_ROWS.len() + 1);
		assert!(!text.contains("Not measured to the end"), "{text}");

		report.sample(
			1,
			BRIDGE_ALONE,
			measure::FORWARDED_PER_CPU,
			"messages/s",
			30_000.0,
		);
		report.failed(4, "no\nbroker".to_owned());
		let text = table(&report, &ROWS);
		for line in [
			"as Mosquitto forwards | aim |",
			"\nNot measured to the end, with 4 validators: no broker\n",
		] {
			assert!(text.contains(line), "{line}\n{text}");
		}
	}

	#[test]
	fn every_ratio_to_a_peer_says_what_the_peer_does_not_do() {
		let ratios: Vec<_> = ROWS
			.iter()
			.filter(|row| row.measure == measure::TIMES_PEER)
			.collect();
		assert_eq!(ratios.len(), 4);
		for row in ratios {
			assert!(
				row.text.ends_with("neither replicates nor persists"),
				"{}",
				row.text
			);
		}
	}

	#[test]
	fn a_table_takes_the_place_of_the_one_before() {
		let text = format!("above\n{BEGIN}\nold\n{END}\nbelow\n");
		let once = put_between(&text, BEGIN, END, "new\n").unwrap();
		assert_eq!(once, format!("above\n{BEGIN}\nnew\n{END}\nbelow\n"));
		assert_eq!(put_between(&once, BEGIN, END, "new\n").unwrap(), once);
		assert_eq!(put_between("no marks", BEGIN, END, "new"), None);
	}

	#[test]
	fn growth_to_each_number_of_batteries_has_a_table_that_no_other_takes_the_place_of() {
		let text = format!("above\n{BEGIN}\nmillion\n{END}\nbelow\n");
		let once = put_growth(&text, 10_000_000, "ten\n").unwrap();
		assert!(once.starts_with(&format!(
			"above\n{BEGIN}\nmillion\n{END}\n\n<!-- growth to 10,000,000"
		)));
		assert!(once.contains("batteries -->\nten\n<!-- end of growth"), "{once}");
		assert!(once.ends_with("batteries -->\nbelow\n"), "{once}");
		let both = put_growth(&once, 2_000_000, "two\n").unwrap();
		assert!(both.contains("\nten\n") && both.contains("\ntwo\n"), "{both}");
		assert_eq!(put_growth(&both, 10_000_000, "ten\n").unwrap(), both);
		let whole = put_between(&both, BEGIN, END, "new").unwrap();
		assert!(
			whole.contains("\nten\n") && !whole.contains("million\n"),
			"{whole}"
		);
		assert_eq!(put_growth("no marks", 1, "new"), None);
	}
}
