//! Mosquitto for tests, with the site's example of a configuration (`mosquitto/`) or a plain one.

use crate::test_certificates::{write, Authority, Issued};
use std::{
	fs::File,
	net::{SocketAddr, TcpListener},
	path::Path,
	process::{Child, Command, Stdio},
	time::{Duration, Instant},
};
use tempfile::TempDir;

/// Debian's place for it.
const PROGRAM: &str = "/usr/sbin/mosquitto";

const DEADLINE: Duration = Duration::from_secs(30);

/// A broker that ends with the test.
pub struct TestMosquitto {
	pub address: SocketAddr,
	pub directory: TempDir,
	child: Child,
}

impl TestMosquitto {
	/// Without TLS or users.
	pub fn plain() -> Self {
		Self::start(|_, listener| {
			format!("{listener}allow_anonymous true\npersistence false\nmax_queued_messages 0\n")
		})
	}

	/// As `mosquitto/passport.conf` and `mosquitto/passport.acl` have it.
	pub fn of_a_site(authority: &Authority, broker: &Issued) -> Self {
		Self::start(|directory, listener| {
			write(directory, "ca.pem", &authority.certificate());
			write(directory, "broker.pem", &broker.certificate);
			write(directory, "broker-key.pem", &broker.key);
			write(
				directory,
				"passport.acl",
				include_str!("../mosquitto/passport.acl"),
			);
			let path = directory.display().to_string();
			include_str!("../mosquitto/passport.conf")
				.replace("/etc/mosquitto/passport", &path)
				.replace("/var/lib/mosquitto", &path)
				.replace("listener 8883\n", listener)
		})
	}

	fn start(configuration: impl Fn(&Path, &str) -> String) -> Self {
		assert!(
			Path::new(PROGRAM).exists(),
			"{PROGRAM} is not there: run scripts/setup"
		);
		// Another test may take the port in between; the next try takes another one.
		for _ in 0..10 {
			let free = TcpListener::bind("127.0.0.1:0").unwrap();
			let address = free.local_addr().unwrap();
			drop(free);
			if let Some(mosquitto) = Self::start_on(address, &configuration) {
				return mosquitto;
			}
		}
		panic!("Mosquitto does not start")
	}

	/// `None` when it ends at once.
	fn start_on(address: SocketAddr, configuration: &impl Fn(&Path, &str) -> String) -> Option<Self> {
		let directory = tempfile::tempdir().unwrap();
		// As root it would change to a user that can not read here.
		let listener = format!("user root\nlistener {} 127.0.0.1\n", address.port());
		let text = configuration(directory.path(), &listener);
		let file = write(directory.path(), "mosquitto.conf", &text);
		let log = File::create(directory.path().join("log")).unwrap();
		let child = Command::new(PROGRAM)
			.arg("-c")
			.arg(file)
			.stdin(Stdio::null())
			.stdout(log.try_clone().unwrap())
			.stderr(log)
			.spawn()
			.unwrap();
		let mut mosquitto = TestMosquitto {
			address,
			directory,
			child,
		};
		let deadline = Instant::now() + DEADLINE;
		// Asked by its log and not by a connection: another test's broker that took the port would answer.
		while !mosquitto.log().lines().any(|line| line.ends_with(" running")) {
			if mosquitto.child.try_wait().unwrap().is_some() {
				assert!(
					mosquitto.log().contains("Address already in use"),
					"{}",
					mosquitto.log()
				);
				return None;
			}
			assert!(
				Instant::now() < deadline,
				"Mosquitto does not listen:\n{}",
				mosquitto.log()
			);
			std::thread::sleep(Duration::from_millis(20));
		}
		Some(mosquitto)
	}

	/// What it has logged.
	pub fn log(&self) -> String {
		std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
	}
}

impl Drop for TestMosquitto {
	fn drop(&mut self) {
		let _ended = self.child.kill();
		let _gone = self.child.wait();
	}
}
