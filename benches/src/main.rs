//! Measurements of the ledger, one command each. `scripts/bench` builds what is measured and starts this.

#![forbid(unsafe_code)]

mod chain;
mod course;
mod genesis;
mod ledger;
mod leg;
mod load;
mod machine;
mod options;
mod outcome;
mod peer;
mod process;
mod report;
mod statistics;
mod storage;
mod sync;
mod tally;
mod telemetry;

use anyhow::anyhow;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Measures the ledger on this machine, with real nodes on loopback.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
	#[command(subcommand)]
	bench: Bench,
}

#[derive(Debug, Subcommand)]
enum Bench {
	/// Finalised calls per second and latency by kind of call, state per passport, time of a cold sync.
	Ledger(options::Options),
	/// Device-signed readings: finalised per second, alone and by way of a broker and a bridge, bytes, processor time and state for
	/// each, latency.
	Telemetry(telemetry::TelemetryOptions),
	/// The same, in turns with contracts on an Ethereum development chain, and how many times as much it is.
	Peers(telemetry::TelemetryOptions),
}

#[tokio::main]
async fn main() -> ExitCode {
	let options = Options::parse();
	let bench = async {
		match &options.bench {
			Bench::Ledger(options) => ledger::run(options).await,
			Bench::Telemetry(options) => telemetry::run(options, false).await,
			Bench::Peers(options) => telemetry::run(options, true).await,
		}
	};
	// Whichever ends first: the nodes are dropped with the bench, and a dropped node is killed. Of a bench that is killed
	// itself the harness's guard ends the nodes.
	let done = tokio::select! {
		done = bench => done.inspect_err(|_| show(&passport_tests::program::last_lines_of_all())),
		_ = tokio::signal::ctrl_c() => Err(anyhow!("interrupted")),
	};
	match done {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			show(&format!("error: {error:#}"));
			ExitCode::FAILURE
		}
	}
}

/// Tells the person at the terminal something; standard output is for the figures.
#[allow(clippy::print_stderr)]
fn show(text: &str) {
	eprintln!("{text}");
}
