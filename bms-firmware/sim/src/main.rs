//! `bms-sim`: see [`bms_sim::options`] and the README of `bms-firmware/`.

use std::{
	io::{self, IsTerminal, Write},
	process::ExitCode,
};

use bms_sim::{
	fleet,
	identity::Hex32,
	jbd::{self, JbdBoard, JbdPlan},
	options::{unix_ms, Options},
	DeviceIdentity,
};
use clap::{error::ErrorKind, Parser};
use serde::Serialize;
use tokio::{
	signal::unix::{signal, SignalKind},
	sync::watch,
};
use tracing::{info, warn};
use tracing_subscriber::EnvFilter;

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
	let options = match Options::try_parse() {
		Ok(options) => options,
		Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
			// Where the reader of the help is gone there is nobody to tell.
			let _ = error.print();
			return ExitCode::SUCCESS;
		}
		Err(error) => return fail(&one_line(&error.to_string())),
	};
	match run(&options) {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => fail(&format!("error: {error}")),
	}
}

fn fail(line: &str) -> ExitCode {
	eprintln!("{line}");
	ExitCode::FAILURE
}

/// What clap says before the first empty line, in one: the rest is how to call for help.
fn one_line(message: &str) -> String {
	let lines: Vec<_> = message
		.lines()
		.take_while(|line| !line.is_empty())
		.map(str::trim)
		.collect();
	lines.join(" ")
}

fn run(options: &Options) -> Result<(), Failure> {
	if options.print_identities {
		return print_identities(options);
	}
	let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,bms_sim=info"));
	tracing_subscriber::fmt()
		.with_env_filter(filter)
		.with_writer(io::stderr)
		.with_ansi(io::stderr().is_terminal())
		.init();
	if let Some(plan) = options.jbd_plan()? {
		return answer_devices(&plan);
	}
	let plan = options.plan(unix_ms()? / 1_000)?;
	let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
	runtime.block_on(async {
		let (stop, stopped) = watch::channel(false);
		let (mut interrupt, mut terminate) =
			(signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
		let mut fleet = std::pin::pin!(fleet::run(plan, stopped));
		let summary = loop {
			tokio::select! {
				summary = &mut fleet => break summary?,
				_ = interrupt.recv() => {},
				_ = terminate.recv() => {},
			}
			info!("stopping: publishing what is in the outboxes");
			stop.send_replace(true);
		};
		let (produced, acknowledged, left) = (summary.produced, summary.acknowledged, summary.left);
		info!(produced, acknowledged, left, "done");
		if left > 0 && options.state.is_none() {
			warn!(
				left,
				"frames were not acknowledged and are lost: there is no --state to keep them"
			);
		}
		Ok(())
	})
}

/// Is a battery-management board until it is told to stop.
fn answer_devices(plan: &JbdPlan) -> Result<(), Failure> {
	let runtime = tokio::runtime::Builder::new_current_thread()
		.enable_all()
		.build()?;
	runtime.block_on(async {
		let (mut interrupt, mut terminate) =
			(signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
		let path = plan.path.display();
		let listener = jbd::listen(&plan.path).map_err(|error| format!("{path}: {error}"))?;
		info!(%path, "answering");
		let mut board = JbdBoard::new(plan);
		tokio::select! {
			result = jbd::serve(&listener, &mut board) => result?,
			_ = interrupt.recv() => {},
			_ = terminate.recv() => {},
		}
		std::fs::remove_file(&plan.path)?;
		Ok(())
	})
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PrintedIdentity<'a> {
	device_index: u32,
	alias: &'a str,
	passport: Hex32,
	public_key: String,
	key_epoch: u32,
}

fn print_identities(options: &Options) -> Result<(), Failure> {
	let members = options.members()?;
	let identities: Vec<_> = members
		.iter()
		.map(|member| PrintedIdentity {
			device_index: member.device_index,
			alias: &member.alias,
			passport: member.passport,
			public_key: format!(
				"0x{}",
				hex::encode(DeviceIdentity::derive(&options.seed, member.device_index).public_key())
			),
			key_epoch: member.key_epoch.unwrap_or(options.key_epoch),
		})
		.collect();
	let mut out = io::stdout().lock();
	serde_json::to_writer_pretty(&mut out, &identities)?;
	out.write_all(b"\n")?;
	Ok(())
}
