//! QEMU with the image.
//!
//! - **Timeout**: `timeout` of coreutils stands over QEMU and what it starts, so that nothing is left when a test dies.
//! - **Network**: QEMU's user network with `restrict=on`: the guest reaches neither the host nor anything behind it, except that
//!   a connection to one address starts the [relay](crate::relay) to the broker. The relay is a program for each connection
//!   because QEMU's other form, a fixed socket, is one connection for the whole run and outlives the guest's.
//! - **Flash**: a folder with the file of [`crate::flash_file`].

use std::{
	ffi::OsString,
	io,
	net::SocketAddr,
	path::{Path, PathBuf},
	process::{ExitStatus, Stdio},
	time::Duration,
};

use tokio::{
	io::{AsyncBufReadExt, BufReader},
	process::{Child, ChildStdout, Command},
};

use crate::flash_file::NETWORK;

/// The emulator; Debian's package is qemu-system-arm.
pub const QEMU: &str = "qemu-system-arm";

/// Which of QEMU's boards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Model {
	/// Cortex-M4F.
	Mps2An386,
	/// Cortex-M7.
	Mps2An500,
}

impl Model {
	/// QEMU's names of board and processor.
	const fn names(self) -> [&'static str; 2] {
		match self {
			Model::Mps2An386 => ["mps2-an386", "cortex-m4"],
			Model::Mps2An500 => ["mps2-an500", "cortex-m7"],
		}
	}
}

/// What to run.
#[derive(Clone, Debug)]
pub struct Run {
	/// The board.
	pub model: Model,
	/// The image, an ELF file.
	pub image: PathBuf,
	/// The folder with the flash file; QEMU runs in it.
	pub folder: PathBuf,
	/// The program with the subcommand `relay`: `bms-qemu` itself.
	pub relay: PathBuf,
	/// The broker.
	pub broker: SocketAddr,
	/// The socket of the BMS board, where one answers.
	pub bms_socket: PathBuf,
	/// Let an instruction take a nanosecond: the device's clock counts instructions then, 40 in a step. Slower.
	pub counts_instructions: bool,
	/// When the run is ended, whatever it does. At least a second.
	pub timeout: Duration,
}

/// QEMU's options have commas between them; one within a value is doubled.
fn escaped(path: &Path) -> String {
	path.display().to_string().replace(',', ",,")
}

impl Run {
	/// The arguments of `timeout`.
	fn arguments(&self) -> Vec<OsString> {
		let network = NETWORK;
		let nic = format!(
			"user,restrict=on,guestfwd=tcp:{}:{}-cmd:{} relay {}",
			network.broker,
			network.broker_port,
			escaped(&self.relay),
			self.broker
		);
		let [machine, processor] = self.model.names();
		let mut arguments: Vec<OsString> = [
			"--signal=KILL",
			&format!("{}", self.timeout.as_secs().max(1)),
			QEMU,
			"-machine",
			machine,
			"-cpu",
			processor,
			"-display",
			"none",
			"-monitor",
			"none",
			"-serial",
			"stdio",
			"-serial",
			&format!("unix:{}", escaped(&self.bms_socket)),
			"-nic",
			&nic,
			"-semihosting-config",
			"enable=on,target=native",
			"-kernel",
		]
		.map(OsString::from)
		.to_vec();
		arguments.push(self.image.clone().into());
		if self.counts_instructions {
			arguments.extend(["-icount", "shift=0"].map(OsString::from));
		}
		arguments
	}

	/// Starts it.
	pub fn start(&self) -> io::Result<Machine> {
		let mut child = Command::new("timeout")
			.args(self.arguments())
			.current_dir(&self.folder)
			.stdin(Stdio::null())
			.stdout(Stdio::piped())
			.stderr(Stdio::inherit())
			.kill_on_drop(true)
			.spawn()?;
		let stdout = child.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
		Ok(Machine {
			child,
			lines: BufReader::new(stdout).lines(),
		})
	}
}

/// A machine that runs.
pub struct Machine {
	child: Child,
	lines: tokio::io::Lines<BufReader<ChildStdout>>,
}

impl Machine {
	/// The next line of the console; `None` when the machine has ended.
	pub async fn line(&mut self) -> io::Result<Option<String>> {
		self.lines.next_line().await
	}

	/// Waits until it ends: exit code 0 or 1 as the image says, a signal when its time was over.
	pub async fn wait(&mut self) -> io::Result<ExitStatus> {
		self.child.wait().await
	}

	/// Takes its power away: SIGKILL for QEMU, which `timeout` sends when it is told that the time is over.
	pub async fn cut_power(&mut self) -> io::Result<()> {
		if let Some(id) = self.child.id() {
			Command::new("kill")
				.args(["-ALRM", &id.to_string()])
				.stderr(Stdio::null())
				.status()
				.await?;
		}
		self.wait().await.map(drop)
	}
}
