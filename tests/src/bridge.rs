//! The ingest bridge as a process.

use crate::{
	http,
	program::{built, free_port, Program},
	until, PATIENCE,
};
use anyhow::{ensure, Context, Result};
use passport_client::test_keys::TestMember;
use serde::Deserialize;
use std::{
	path::{Path, PathBuf},
	process::Command,
};

/// The broker that a bridge takes messages from.
pub enum BrokerChoice {
	/// The one inside the bridge.
	Embedded,
	/// Another one, at this URL.
	Remote(String),
}

/// What is not as usual about a bridge.
#[derive(Default)]
pub struct Setup {
	/// Secret URIs of its lanes; the test member's own, if there are none.
	pub signers: Vec<String>,
	/// Its data directory; one in the test's folder, if there is none.
	pub data: Option<PathBuf>,
	/// Settings besides.
	pub arguments: Vec<String>,
	/// Variables of its environment, as `env` takes them.
	pub environment: Vec<String>,
}

/// A bridge.
pub struct Bridge {
	/// The process.
	pub program: Program,
	data: PathBuf,
	http: String,
	broker_url: String,
}

/// A message that did not get onto the ledger, as `dead-letters export` writes it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
	/// Why.
	pub reason: String,
	/// `bridge` or `ledger`.
	pub refused_by: String,
	/// The topic it came on.
	pub topic: String,
	/// When it came by the bridge's clock, in milliseconds since 1970.
	pub received_ms: u64,
	/// The device, where it is known.
	pub device: Option<u32>,
	/// The frame's sequence, where it could be read.
	pub sequence: Option<u64>,
	/// Length of the payload.
	pub bytes: u64,
	/// The payload in hex, cut to what is kept.
	pub payload: String,
}

impl Bridge {
	/// Starts a bridge for a node and waits until it is ready.
	pub async fn start(node_url: &str, broker: BrokerChoice) -> Result<Self> {
		Self::start_as(node_url, broker, Setup::default()).await
	}

	/// Starts a bridge that is not as usual.
	pub async fn start_as(node_url: &str, broker: BrokerChoice, setup: Setup) -> Result<Self> {
		let folder = crate::program::folder("bridge")?;
		let data = setup.data.unwrap_or_else(|| folder.join("data"));
		let http = format!("127.0.0.1:{}", free_port()?);
		let (argument, broker_url) = match broker {
			BrokerChoice::Embedded => {
				let address = format!("127.0.0.1:{}", free_port()?);
				(
					format!("--embedded-broker={address}"),
					format!("mqtt://{address}"),
				)
			}
			BrokerChoice::Remote(url) => (format!("--broker={url}"), url),
		};
		let mut arguments = vec![
			argument,
			format!("--node={node_url}"),
			format!("--data={}", data.display()),
			format!("--http={http}"),
		];
		match setup.signers.is_empty() {
			true => arguments.push(format!("--dev-signer={}", TestMember::FrameBridge.seed())),
			false => arguments.push(format!("--dev-signer={}", setup.signers.join(","))),
		}
		arguments.extend(setup.arguments);
		// `env` becomes the bridge: the id stays.
		let mut words = setup.environment;
		words.push(built("passport-ingest-bridge")?.display().to_string());
		words.extend(arguments);
		let program = Program::start("passport-ingest-bridge", Path::new("env"), words, &folder)?;
		let mut bridge = Bridge {
			program,
			data,
			http,
			broker_url,
		};
		bridge.wait_until_ready().await?;
		Ok(bridge)
	}

	/// `mqtt://` address of its broker.
	pub fn broker_url(&self) -> &str {
		&self.broker_url
	}

	/// Answer of `/readyz`, and what it says; `None` while nobody listens.
	pub async fn readiness(&self) -> Option<(u16, String)> {
		http::get(&self.http, "/readyz")
			.await
			.ok()
			.map(|answer| (answer.status, answer.body))
	}

	/// Waits until broker and node are there.
	pub async fn wait_until_ready(&mut self) -> Result<()> {
		until("the bridge is ready", PATIENCE, async || {
			self.program.check_running()?;
			Ok(self
				.readiness()
				.await
				.filter(|(status, _)| *status == 200)
				.map(drop))
		})
		.await
	}

	/// Waits until the bridge says that it is not ready, and that it is for want of this: "broker" or "node".
	pub async fn wait_until_it_misses(&mut self, what: &str) -> Result<()> {
		until(&format!("the bridge misses the {what}"), PATIENCE, async || {
			self.program.check_running()?;
			let (status, text) = self.readiness().await.context("the bridge does not answer")?;
			Ok((status == 503 && text.contains(&format!("{what}: not connected"))).then_some(()))
		})
		.await?;
		let health = http::get(&self.http, "/healthz").await?;
		ensure!(
			health.status == 200,
			"a bridge that waits is healthy: a restart does not help"
		);
		Ok(())
	}

	/// Waits until no frame is on its disk that is not final.
	pub async fn wait_until_queue_is_empty(&self) -> Result<()> {
		until("the queue is empty", PATIENCE, async || {
			Ok((self.metric("frames_queued").await? == 0).then_some(()))
		})
		.await
	}

	/// A counter or gauge, with its labels as they stand in `/metrics`.
	pub async fn metric(&self, name_and_labels: &str) -> Result<u64> {
		let text = http::get(&self.http, "/metrics").await?.body;
		let wanted = format!("passport_bridge_{name_and_labels} ");
		let value = text.lines().find_map(|line| line.strip_prefix(&wanted));
		value
			.with_context(|| format!("no metric {wanted}"))?
			.parse()
			.context("a metric that is no number")
	}

	/// Messages that it counted as refused for a reason, since it was started.
	pub async fn refused(&self, reason: &str) -> Result<u64> {
		self.metric(&format!("frames_refused_total{{reason=\"{reason}\"}}"))
			.await
	}

	/// Has it judge dead letters again, while it runs or not.
	pub fn replay(&self, which: &[&str]) -> Result<()> {
		let output = Command::new(built("passport-ingest-bridge")?)
			.args(["dead-letters", "replay"])
			.args(which)
			.arg("--data")
			.arg(&self.data)
			.output()?;
		ensure!(
			output.status.success(),
			"dead-letters replay: {}",
			String::from_utf8_lossy(&output.stderr)
		);
		Ok(())
	}

	/// Its dead letters, while it runs or not.
	pub fn dead_letters(&self) -> Result<Vec<DeadLetter>> {
		let output = Command::new(built("passport-ingest-bridge")?)
			.args(["dead-letters", "export", "--data"])
			.arg(&self.data)
			.output()?;
		ensure!(
			output.status.success(),
			"dead-letters export: {}",
			String::from_utf8_lossy(&output.stderr)
		);
		let text = String::from_utf8(output.stdout)?;
		text.lines()
			.map(|line| serde_json::from_str(line).with_context(|| line.to_owned()))
			.collect()
	}
}
