//! What was measured: a table for people, JSON for programs.

use crate::{
	machine::Machine,
	statistics::{spread, Spread},
};
use anyhow::{ensure, Context, Result};
use serde::Serialize;
use serde_json::{json, Value};
use std::{fs, path::Path};

/// One figure, with a sample of each round.
struct Row {
	validators: usize,
	what: String,
	measure: &'static str,
	unit: &'static str,
	samples: Vec<f64>,
}

/// Why a network was not measured to the end.
#[derive(Serialize)]
struct Failure {
	validators: usize,
	error: String,
}

/// Everything that one command measures.
pub struct Report {
	bench: &'static str,
	quick: bool,
	machine: Machine,
	/// The figures of one thing stand together.
	rows: Vec<Row>,
	failures: Vec<Failure>,
	/// What the samples were made of, one entry for each time that something was measured.
	runs: Vec<Value>,
}

impl Report {
	/// An empty one.
	pub fn new(bench: &'static str, quick: bool) -> Self {
		Report {
			bench,
			quick,
			machine: Machine::look(),
			rows: Vec::new(),
			failures: Vec::new(),
			runs: Vec::new(),
		}
	}

	/// One more sample of a figure.
	pub fn sample(
		&mut self,
		validators: usize,
		what: &str,
		measure: &'static str,
		unit: &'static str,
		sample: f64,
	) {
		let same = |row: &Row| row.validators == validators && row.what == what;
		let row = self
			.rows
			.iter_mut()
			.find(|row| same(row) && row.measure == measure);
		if let Some(row) = row {
			row.samples.push(sample);
			return;
		}
		let last = self.rows.iter().rposition(same);
		self.rows.insert(
			last.map_or(self.rows.len(), |last| last + 1),
			Row {
				validators,
				what: what.to_owned(),
				measure,
				unit,
				samples: vec![sample],
			},
		);
	}

	/// A network of this size was not measured to the end.
	pub fn failed(&mut self, validators: usize, error: String) {
		self.failures.push(Failure { validators, error });
	}

	/// Errors: something was not measured to the end.
	pub fn ensure_complete(&self) -> Result<()> {
		ensure!(self.failures.is_empty(), "not everything was measured");
		Ok(())
	}

	/// Median and spread of a figure, and how many samples it has; `None` where there is none.
	pub fn figure(&self, validators: usize, what: &str, measure: &str) -> Option<(Spread, usize)> {
		let row = self
			.rows
			.iter()
			.find(|row| row.validators == validators && row.what == what && row.measure == measure)?;
		Some((spread(&row.samples)?, row.samples.len()))
	}

	/// What it was measured on.
	pub fn machine(&self) -> &Machine {
		&self.machine
	}

	/// Whether it is one short round.
	pub fn is_quick(&self) -> bool {
		self.quick
	}

	/// How many validators a network had that was not measured to the end, and why.
	pub fn failures(&self) -> impl Iterator<Item = (usize, &str)> {
		self.failures
			.iter()
			.map(|failure| (failure.validators, failure.error.as_str()))
	}

	/// What one or more samples were made of.
	pub fn run(&mut self, run: impl Serialize) -> Result<()> {
		self.runs.push(serde_json::to_value(run)?);
		Ok(())
	}

	/// Prints the figures of a network of this size.
	#[allow(clippy::print_stdout)]
	pub fn print(&self, validators: usize) {
		let machine = &self.machine;
		println!(
			"\n{}: {validators} validator{} on {} ({} cores, {} MiB), {}, commit {}{}",
			self.bench,
			if validators == 1 { "" } else { "s" },
			machine.cpu,
			machine.cores,
			machine.memory_mib,
			machine.date,
			machine.commit,
			if self.quick { ", one short round" } else { "" },
		);
		println!(
			"{:<36} {:<46} {:>10} {:>10} {:>10} {:>3}  unit",
			"what", "measure", "median", "min", "max", "n"
		);
		for row in self.rows.iter().filter(|row| row.validators == validators) {
			if let Some(Spread { median, min, max }) = spread(&row.samples) {
				println!(
					"{:<36} {:<46} {:>10} {:>10} {:>10} {:>3}  {}",
					row.what,
					row.measure,
					figure(median),
					figure(min),
					figure(max),
					row.samples.len(),
					row.unit
				);
			}
		}
		for failure in &self.failures {
			if failure.validators == validators {
				println!("NOT MEASURED TO THE END: {}", failure.error);
			}
		}
	}

	/// Writes all of it, every sample.
	pub fn write(&self, path: &Path) -> Result<()> {
		let rows: Vec<Value> = self
			.rows
			.iter()
			.filter_map(|row| {
				let Spread { median, min, max } = spread(&row.samples)?;
				Some(json!({
					"validators": row.validators,
					"what": row.what,
					"measure": row.measure,
					"unit": row.unit,
					"median": median,
					"min": min,
					"max": max,
					"samples": row.samples,
				}))
			})
			.collect();
		let report = json!({
			"bench": self.bench,
			"quick": self.quick,
			"machine": self.machine,
			"rows": rows,
			"failures": self.failures,
			"runs": self.runs,
		});
		let mut text = serde_json::to_string(&report)?;
		text.push('\n');
		fs::write(path, text).with_context(|| format!("can not write {}", path.display()))
	}
}

/// Two or three digits that count, and no more than a table needs.
pub fn figure(value: f64) -> String {
	let decimals = match value.abs() {
		size if size >= 100.0 || size == 0.0 => 0,
		size if size >= 10.0 => 1,
		size if size >= 0.1 => 2,
		size if size >= 0.01 => 3,
		_ => 4,
	};
	format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_figure_has_three_digits_that_count() {
		for (value, text) in [
			(0.0, "0"),
			(0.456, "0.46"),
			(0.0456, "0.046"),
			(0.001_23, "0.0012"),
			(9.994, "9.99"),
			(43.21, "43.2"),
			(123.4, "123"),
			(98_765.4, "98765"),
		] {
			assert_eq!(figure(value), text);
		}
	}

	#[test]
	fn samples_of_one_figure_are_gathered_and_figures_of_one_thing_stand_together() {
		let mut report = Report::new("test", true);
		report.sample(1, "register", "finalised", "calls/s", 10.0);
		report.sample(4, "register", "finalised", "calls/s", 5.0);
		report.sample(1, "register", "p50", "ms", 7.0);
		report.sample(1, "register", "finalised", "calls/s", 30.0);
		let samples: Vec<_> = report
			.rows
			.iter()
			.map(|row| (row.validators, row.measure, row.samples.as_slice()))
			.collect();
		assert_eq!(
			samples,
			[
				(1, "finalised", &[10.0, 30.0][..]),
				(1, "p50", &[7.0][..]),
				(4, "finalised", &[5.0][..])
			]
		);
		let (spread, samples) = report.figure(1, "register", "finalised").unwrap();
		assert_eq!(
			(spread.median, spread.min, spread.max, samples),
			(20.0, 10.0, 30.0, 2)
		);
		assert_eq!(report.figure(4, "register", "p50"), None);
	}

	#[test]
	fn what_was_not_measured_to_the_end_is_an_error_in_the_end() {
		let mut report = Report::new("test", true);
		assert!(report.ensure_complete().is_ok());
		report.failed(1, "no broker".to_owned());
		assert!(report.ensure_complete().is_err());
		assert_eq!(report.failures().collect::<Vec<_>>(), [(1, "no broker")]);
	}
}
