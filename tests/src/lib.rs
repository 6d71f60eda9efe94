//! The harness of the end-to-end tests: programs, a broker, batteries, and what the ledger says of them.
//!
//! Everything runs as it does in the field: processes, TCP on loopback, databases on disk. Nothing here waits for a time;
//! it waits for a condition, with a deadline ([`until`]). Deadlines are long, since a machine that builds something else
//! meanwhile is slow and not wrong.

#![forbid(unsafe_code)]

pub mod battery;
pub mod bridge;
pub mod call;
pub mod clock;
pub mod finalised;
pub mod fleet;
pub mod http;
pub mod link;
pub mod mosquitto;
pub mod network;
pub mod network_consortium;
pub mod network_council;
pub mod network_disk;
pub mod network_keys;
pub mod network_peer;
pub mod network_rpc;
pub mod network_seal;
pub mod network_switch;
pub mod network_told;
pub mod network_undo;
pub mod node;
pub mod oracle;
pub mod program;
pub mod publisher;
pub mod stage;
pub mod state;
pub mod verifier;
pub mod wait;

pub use battery::{register, Battery};
pub use bridge::{Bridge, BrokerChoice, DeadLetter};
pub use finalised::FinalisedFrames;
pub use fleet::{Fleet, FleetRun};
pub use mosquitto::Mosquitto;
pub use network::Network;
pub use node::{Node, SharedChain};
pub use publisher::publish;
pub use stage::Stage;
pub use state::State;
pub use wait::{until, PATIENCE};

use anyhow::Result;
use std::{future::Future, time::Duration};

/// Longest that a test may take, waiting for its turn included. What hangs is to fail with its logs, not with the machine's
/// patience.
const LONGEST_TEST: Duration = Duration::from_secs(600);

/// Runs a test; when it fails, shows the last lines of every program's log.
///
/// Each test has a runtime of its own. What tests share must therefore not be bound to one: processes are, connections are
/// not.
// The failing of a test is a panic: libtest knows no other.
#[allow(clippy::panic)]
pub fn run(test: impl Future<Output = Result<()>>) {
	let _logs = LogsOnPanic;
	let runtime = match tokio::runtime::Builder::new_multi_thread()
		.worker_threads(2)
		.enable_all()
		.build()
	{
		Ok(runtime) => runtime,
		Err(error) => panic!("no runtime: {error}"),
	};
	match runtime.block_on(async { tokio::time::timeout(LONGEST_TEST, test).await }) {
		Ok(Ok(())) => {}
		Ok(Err(error)) => panic!("{error:#}"),
		Err(_) => panic!("not done within {} s", LONGEST_TEST.as_secs()),
	}
}

struct LogsOnPanic;

impl Drop for LogsOnPanic {
	fn drop(&mut self) {
		if std::thread::panicking() {
			eprintln!("{}", program::last_lines_of_all());
		}
	}
}
