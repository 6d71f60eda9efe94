//! Mosquitto, as Debian packages it.

use crate::{
	program::{folder, free_port, Program},
	until, PATIENCE,
};
use anyhow::{ensure, Result};
use std::{fs, path::Path};
use tokio::net::TcpStream;

const MOSQUITTO: &str = "/usr/sbin/mosquitto";

/// What a site gives Mosquitto, in PEM.
pub struct SiteCertificates<'a> {
	/// Who signs the clients' certificates.
	pub authority: &'a str,
	/// The broker's own, for `localhost`.
	pub certificate: &'a str,
	/// Its key.
	pub key: &'a str,
}

/// A broker with a configuration of its own on loopback.
pub struct Mosquitto {
	/// The process.
	pub program: Program,
	port: u16,
}

impl Mosquitto {
	/// Starts a broker that forgets everything when it ends.
	pub async fn start() -> Result<Self> {
		Self::start_with("persistence false\n").await
	}

	/// Starts a broker that writes sessions and messages to disk every second: killed, it forgets what came after that.
	pub async fn saving_each_second() -> Result<Self> {
		Self::start_with("persistence true\nautosave_interval 1\n").await
	}

	/// Starts a broker that takes 1,024 messages of a client before it has acknowledged the first, in place of 20: one client
	/// publishes for many batteries. It forgets everything when it ends.
	pub async fn for_load() -> Result<Self> {
		Self::start_with("persistence false\nmax_inflight_messages 1024\n").await
	}

	/// Starts a broker as the bridge's example configures one for a site, with TLS and its access rules.
	pub async fn of_a_site(certificates: &SiteCertificates<'_>) -> Result<Self> {
		let (folder, port) = (folder("mosquitto")?, free_port()?);
		for (name, text) in [
			("ca.pem", certificates.authority),
			("broker.pem", certificates.certificate),
			("broker-key.pem", certificates.key),
			(
				"passport.acl",
				include_str!("../../ingest-bridge/mosquitto/passport.acl"),
			),
		] {
			fs::write(folder.join(name), text)?;
		}
		let path = folder.display().to_string();
		let configuration = include_str!("../../ingest-bridge/mosquitto/passport.conf")
			.replace("/etc/mosquitto/passport", &path)
			.replace("/var/lib/mosquitto", &path)
			.replace(
				"listener 8883\n",
				&format!("listener {port} 127.0.0.1\nuser root\n"),
			);
		Self::start_in(&folder, port, configuration).await
	}

	async fn start_with(persistence: &str) -> Result<Self> {
		let (folder, port) = (folder("mosquitto")?, free_port()?);
		// As root it would change to a user that can not write here. No limit of the queue: it drops what a bridge that is
		// away for long has not taken yet, acknowledged or not.
		let configuration = format!(
			"listener {port} 127.0.0.1\nallow_anonymous true\nuser root\nmax_queued_messages 0\n\
			 persistence_location {}/\n{persistence}",
			folder.display()
		);
		Self::start_in(&folder, port, configuration).await
	}

	async fn start_in(folder: &Path, port: u16, text: String) -> Result<Self> {
		let path = Path::new(MOSQUITTO);
		ensure!(path.exists(), "{MOSQUITTO} is not there: run scripts/setup");
		let configuration = folder.join("mosquitto.conf");
		fs::write(&configuration, text)?;
		let arguments = vec!["-c".into(), configuration.display().to_string()];
		let program = Program::start("mosquitto", path, arguments, folder)?;
		let mut mosquitto = Mosquitto { program, port };
		mosquitto.wait_until_it_listens().await?;
		Ok(mosquitto)
	}

	/// `mqtt://` address.
	pub fn url(&self) -> String {
		format!("mqtt://127.0.0.1:{}", self.port)
	}

	/// Its port on loopback.
	pub fn port(&self) -> u16 {
		self.port
	}

	/// Starts it again.
	pub async fn start_again(&mut self) -> Result<()> {
		self.program.start_again()?;
		self.wait_until_it_listens().await
	}

	async fn wait_until_it_listens(&mut self) -> Result<()> {
		let address = ("127.0.0.1", self.port);
		until("Mosquitto listens", PATIENCE, async || {
			self.program.check_running()?;
			Ok(TcpStream::connect(address).await.ok().map(drop))
		})
		.await
	}
}
