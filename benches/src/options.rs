//! What the command line says.

use crate::{chain::Validators, report::Report};
use anyhow::Result;
use std::path::PathBuf;

/// What every bench can be told.
#[derive(Debug, clap::Args)]
pub struct Options {
	/// One short round instead of five.
	#[arg(long)]
	pub quick: bool,
	/// Write every figure and every sample to this file.
	#[arg(long, value_name = "FILE")]
	pub json: Option<PathBuf>,
	/// Validators of the chain that is measured.
	#[arg(long, value_enum, default_value_t = Which::Both)]
	pub validators: Which,
}

impl Options {
	/// Measures each chain that was asked for, prints a table for each, and writes the JSON. Of a chain that can not be measured
	/// to the end both hold what was measured before; [`Report::ensure_complete`] tells whether there is one.
	pub async fn measure_each(
		&self,
		bench: &'static str,
		mut measure: impl AsyncFnMut(Validators, &mut Report) -> Result<()>,
	) -> Result<Report> {
		let mut report = Report::new(bench, self.quick);
		for validators in self.validators.chains() {
			let count = validators.count();
			if let Err(error) = measure(*validators, &mut report).await {
				report.failed(count, format!("{error:#}"));
			}
			report.print(count);
			// After each chain: whoever stops the bench in the second keeps the first.
			if let Some(path) = &self.json {
				report.write(path)?;
			}
		}
		Ok(report)
	}
}

/// Which chains are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Which {
	/// One validator.
	#[value(name = "1")]
	One,
	/// Four validators.
	#[value(name = "4")]
	Four,
	/// One, then four.
	Both,
}

impl Which {
	/// Them, in the order in which they are measured.
	pub fn chains(self) -> &'static [Validators] {
		match self {
			Which::One => &[Validators::One],
			Which::Four => &[Validators::Four],
			Which::Both => &[Validators::One, Validators::Four],
		}
	}
}
