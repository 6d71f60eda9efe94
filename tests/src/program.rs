//! Programs that a test starts. Each ends with the test, whatever happens to it.
//!
//! A program that is dropped is killed. Some are shared by the tests of a file and lie in a `static`, which is never
//! dropped; and a test program may itself be killed. So each test program starts one shell that reads the ids of its
//! children from a pipe. The pipe closes when the test program is gone, in whatever way, and the shell kills what is left.

use anyhow::{bail, ensure, Context, Result};
use std::{
	fs::{File, OpenOptions},
	io::Write,
	net::{Ipv4Addr, TcpListener, UdpSocket},
	os::unix::process::CommandExt,
	path::{Path, PathBuf},
	process::{Child, ChildStdin, Command, ExitStatus, Stdio},
	sync::{
		atomic::{AtomicU16, Ordering},
		LazyLock, Mutex, MutexGuard, PoisonError,
	},
	time::Duration,
};

use crate::until;

/// Longest that a program may take to end after it was asked to.
const STOP_PATIENCE: Duration = Duration::from_secs(30);

/// Lines of each log that a failed test shows.
const LINES_SHOWN: usize = 15;

/// Set to keep databases and logs: `PASSPORT_TESTS_KEEP=1`.
const KEEP_VARIABLE: &str = "PASSPORT_TESTS_KEEP";

/// Reads `+ID` and `-ID`; at the end kills what was not taken back, and removes the folder that is its argument.
const GUARD: &str = r#"
running=
while read -r sign id; do
	case $sign in
		+) running="$running $id" ;;
		-)
			rest=
			for other in $running; do [ "$other" = "$id" ] || rest="$rest $other"; done
			running=$rest
			;;
	esac
done
[ -z "$running" ] || kill -9 $running 2>/dev/null
[ -z "$1" ] || rm -rf "$1"
"#;

/// What all tests of this test program share.
struct Session {
	folder: PathBuf,
	guard: Mutex<ChildStdin>,
	logs: Mutex<Vec<PathBuf>>,
}

// Without a folder or a shell there are no tests to run.
#[allow(clippy::panic)]
static SESSION: LazyLock<Session> =
	LazyLock::new(|| Session::open().unwrap_or_else(|error| panic!("the harness does not start: {error:#}")));

impl Session {
	fn open() -> Result<Self> {
		let folder = tempfile::Builder::new()
			.prefix("passport-tests-")
			.tempdir()?
			.keep();
		let keep = std::env::var_os(KEEP_VARIABLE).is_some();
		if keep {
			eprintln!("databases and logs: {}", folder.display());
		}
		let mut guard = Command::new("sh")
			.args(["-c", GUARD, "sh"])
			.arg(if keep { Path::new("") } else { &folder })
			.stdin(Stdio::piped())
			.stdout(Stdio::null())
			.stderr(Stdio::null())
			// A Ctrl-C in the terminal ends the test program; the guard then has its work to do.
			.process_group(0)
			.spawn()
			.context("no shell")?;
		let guard = Mutex::new(guard.stdin.take().context("the shell has no input")?);
		Ok(Session {
			folder,
			guard,
			logs: Mutex::default(),
		})
	}

	fn tell_guard(&self, sign: char, id: u32) -> Result<()> {
		writeln!(lock(&self.guard), "{sign} {id}").context("the guard is gone")
	}
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder of its own for something that a test starts; it goes with the test program.
pub fn folder(name: &str) -> Result<PathBuf> {
	static NEXT: AtomicU16 = AtomicU16::new(1);
	let number = NEXT.fetch_add(1, Ordering::Relaxed);
	let folder = SESSION.folder.join(format!("{number:02}-{name}"));
	std::fs::create_dir_all(&folder).with_context(|| format!("can not make {}", folder.display()))?;
	Ok(folder)
}

/// The folder that the programs of this workspace were built into: a test program lies in `deps/` there, another beside them.
pub fn binaries() -> Result<PathBuf> {
	let own = std::env::current_exe().context("this program does not know where it lies")?;
	let folder = own.parent().context("this program lies in no folder")?;
	let folder = match folder.ends_with("deps") {
		true => folder.parent().context("this program lies in no folder")?,
		false => folder,
	};
	Ok(folder.to_path_buf())
}

/// A program of this workspace, or a file beside them.
pub fn built(name: &str) -> Result<PathBuf> {
	let path = binaries()?.join(name);
	ensure!(
		path.exists(),
		"{} is not there: run scripts/build",
		path.display()
	);
	Ok(path)
}

/// A port on loopback that nobody uses, for TCP and UDP.
///
/// Below the ports that the system gives to outgoing connections: a program that is restarted finds its port again, and
/// nobody who keeps trying to reach it meanwhile is given that very port and connects to itself.
pub fn free_port() -> Result<u16> {
	const FIRST: u16 = 12_000;
	const COUNT: u16 = 20_000;
	static NEXT: AtomicU16 = AtomicU16::new(0);
	// Test programs that run at the same time begin at different places.
	let start = (std::process::id() % 400) as u16 * 50;
	for _ in 0..COUNT {
		let port = FIRST + start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT;
		let address = (Ipv4Addr::LOCALHOST, port);
		if TcpListener::bind(address).is_ok() && UdpSocket::bind(address).is_ok() {
			return Ok(port);
		}
	}
	bail!("no free port on loopback")
}

/// The ends of all logs that were begun, for whoever reads of a failure.
pub fn last_lines_of_all() -> String {
	lock(&SESSION.logs)
		.iter()
		.map(|log| format!("--- {}\n{}\n", log.display(), last_lines(log)))
		.collect()
}

fn last_lines(log: &Path) -> String {
	let text = std::fs::read(log).unwrap_or_default();
	let text = String::from_utf8_lossy(&text);
	let lines: Vec<_> = text.lines().collect();
	lines[lines.len().saturating_sub(LINES_SHOWN)..].join("\n")
}

/// A program that runs, or has run.
pub struct Program {
	name: String,
	path: PathBuf,
	arguments: Vec<String>,
	log: PathBuf,
	child: Option<Child>,
}

impl Program {
	/// Starts a program; what it prints goes to `folder/name.log`.
	pub fn start(name: &str, path: &Path, arguments: Vec<String>, folder: &Path) -> Result<Self> {
		let log = folder.join(format!("{name}.log"));
		let mut logs = lock(&SESSION.logs);
		if !logs.contains(&log) {
			logs.push(log.clone());
		}
		drop(logs);
		let mut program = Program {
			name: name.to_owned(),
			path: path.to_path_buf(),
			arguments,
			log,
			child: None,
		};
		program.start_again()?;
		Ok(program)
	}

	/// Starts it with the arguments that it had; its log goes on in the same file.
	pub fn start_again(&mut self) -> Result<()> {
		ensure!(self.child.is_none(), "{} runs already", self.name);
		let open = || OpenOptions::new().create(true).append(true).open(&self.log);
		let output: File = open().with_context(|| format!("can not write {}", self.log.display()))?;
		let child = Command::new(&self.path)
			.args(&self.arguments)
			.stdin(Stdio::null())
			.stdout(output.try_clone()?)
			.stderr(output)
			.process_group(0)
			.spawn()
			.with_context(|| format!("can not start {}", self.path.display()))?;
		let id = child.id();
		self.child = Some(child);
		SESSION.tell_guard('+', id)
	}

	/// An error with the end of its log, when it has ended.
	pub fn check_running(&mut self) -> Result<()> {
		match self.ended()? {
			None if self.child.is_some() => Ok(()),
			None => bail!("{} was ended by the test", self.name),
			Some(status) => bail!(
				"{} ended with {status}; its last lines:\n{}",
				self.name,
				last_lines(&self.log)
			),
		}
	}

	/// The system's number for it, while it runs.
	pub fn id(&self) -> Option<u32> {
		self.child.as_ref().map(Child::id)
	}

	fn ended(&mut self) -> Result<Option<ExitStatus>> {
		match &mut self.child {
			Some(child) => Ok(child.try_wait()?),
			None => Ok(None),
		}
	}

	/// Kills it as a power cut would: it is told nothing.
	pub fn kill(&mut self) -> Result<()> {
		let Some(mut child) = self.child.take() else {
			return Ok(());
		};
		let id = child.id();
		// An error here says that it has ended already.
		let _ended = child.kill();
		child
			.wait()
			.with_context(|| format!("{} can not be ended", self.name))?;
		SESSION.tell_guard('-', id)
	}

	/// Stops it where it stands: its connections stay open, and nobody answers on them.
	pub fn freeze(&mut self) -> Result<()> {
		self.signal("STOP")
	}

	/// Lets it go on from where it was frozen.
	pub fn thaw(&mut self) -> Result<()> {
		self.signal("CONT")
	}

	fn signal(&self, signal: &str) -> Result<()> {
		let id = self.id().with_context(|| format!("{} does not run", self.name))?;
		let sent = Command::new("kill")
			.args([format!("-{signal}"), id.to_string()])
			.status()?;
		ensure!(sent.success(), "{} gets no signal {signal}", self.name);
		Ok(())
	}

	/// Asks it to end, as Ctrl-C or the system's manager would, and waits until it has.
	pub async fn stop(&mut self) -> Result<()> {
		self.stop_within(STOP_PATIENCE).await
	}

	/// The same, with the patience for a program that has work to bring to an end.
	pub async fn stop_within(&mut self, patience: Duration) -> Result<()> {
		let Some(id) = self.id() else {
			return Ok(());
		};
		self.signal("TERM")?;
		let name = self.name.clone();
		let status = until(
			&format!("{name} ends when it is asked to"),
			patience,
			async || self.ended(),
		)
		.await?;
		self.child = None;
		SESSION.tell_guard('-', id)?;
		// Some programs end by the signal itself, which has no code.
		ensure!(status.code().unwrap_or(0) == 0, "{name} ended with {status}");
		Ok(())
	}

	/// Waits until it ends by itself; an error unless it ends well.
	pub async fn finished(&mut self, patience: Duration) -> Result<()> {
		let what = format!("{} ends by itself", self.name);
		let status = until(&what, patience, async || self.ended()).await?;
		if let Some(child) = self.child.take() {
			SESSION.tell_guard('-', child.id())?;
		}
		if !status.success() {
			bail!(
				"{} ended with {status}; its last lines:\n{}",
				self.name,
				last_lines(&self.log)
			);
		}
		Ok(())
	}
}

impl Drop for Program {
	fn drop(&mut self) {
		// There is nobody left to tell; the guard tries again.
		let _killed = self.kill();
	}
}
