//! A broker, a BMS board, a link that can be cut, and the machine between them.

use std::{
	collections::BTreeMap,
	fs,
	net::SocketAddr,
	path::{Path, PathBuf},
	process::Stdio,
	sync::{
		atomic::{AtomicBool, AtomicU16, Ordering},
		Arc, OnceLock,
	},
	time::Duration,
};

use bms_core::{Identity, Measurement};
use bms_flash::{configuration::Rates, Configuration, FlashRecords};
use bms_qemu::{
	flash_file::{self, CAPACITY_BYTES, FILE_NAME, PAGE_BYTES, RECORD_PAGES},
	machine::{Machine, Model, Run},
	watch::{Arrived, Watch, WatchError},
};
use bms_sim::{
	jbd::{self, JbdBoard, JbdPlan},
	pack::Design,
};
use embedded_storage_async::nor_flash::{
	ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};
use passport_primitives::{
	battery::PassportId,
	telemetry::{crypto, Frame, Reading, MAX_FRAME_BYTES},
	topic::FRAME_FILTER,
};
use rumqttc::v5::{
	mqttbytes::{v5::Packet, QoS},
	AsyncClient, Event, MqttOptions,
};
use tokio::{
	io::{AsyncBufReadExt, BufReader},
	net::{TcpListener, TcpStream, UnixListener},
	process::{Child, Command},
	sync::{
		mpsc::{unbounded_channel, UnboundedReceiver},
		watch as signal,
	},
	task::JoinHandle,
	time::{sleep, timeout},
};

/// How long anything may take, on a machine that is busy with other things.
pub const PATIENCE: Duration = Duration::from_secs(150);
const GENESIS: [u8; 32] = [7; 32];
const PASSPORT: PassportId = PassportId([0xba; 32]);
const SEED: &str = "the image in QEMU";
const BATTERY: &str = "BAT-2026-LI-000042";
/// In the place of a battery's name: what the bench itself publishes.
const MARKER: &str = "MARKER";
const MOSQUITTO: &str = "/usr/sbin/mosquitto";

/// Builds the image once for all tests.
fn image() -> PathBuf {
	static IMAGE: OnceLock<PathBuf> = OnceLock::new();
	IMAGE
		.get_or_init(|| {
			if let Some(image) = std::env::var_os("BMS_IMAGE") {
				return image.into();
			}
			let output = std::process::Command::new("scripts/firmware")
				.arg("build")
				.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
				.stderr(Stdio::inherit())
				.output()
				.expect("scripts/firmware is there");
			assert!(output.status.success(), "the image does not build");
			let printed = String::from_utf8(output.stdout).expect("a path");
			PathBuf::from(printed.trim_end())
		})
		.clone()
}

/// How a bench is set up.
#[derive(Clone, Copy)]
pub struct Setup {
	/// The board.
	pub model: Model,
	/// When the device measures and reports.
	pub rates: Rates,
	/// A sensor breaks in every so many spans.
	pub alert_every: u32,
	/// Measurements in a span.
	pub span: u32,
	/// The BMS board takes requests and answers none.
	pub silent: bool,
	/// The device's clock counts instructions.
	pub counts_instructions: bool,
}

impl Setup {
	pub fn new(rates: Rates) -> Self {
		Setup {
			model: Model::Mps2An386,
			rates,
			alert_every: 0,
			span: 60,
			silent: false,
			counts_instructions: false,
		}
	}
}

pub struct Bench {
	setup: Setup,
	folder: tempfile::TempDir,
	mosquitto: Child,
	broker: SocketAddr,
	link: Link,
	frames: UnboundedReceiver<Result<Arrived, WatchError>>,
	_bms_board: JoinHandle<()>,
}

impl Bench {
	pub async fn start(setup: Setup) -> Self {
		assert!(
			Path::new(MOSQUITTO).exists(),
			"{MOSQUITTO} is not there: run scripts/setup"
		);
		let folder = tempfile::tempdir().unwrap();
		let (mosquitto, broker) = start_mosquitto(folder.path()).await;
		let listener = jbd::listen(&folder.path().join("jbd.sock")).unwrap();
		let mut board = JbdBoard::new(&plan(setup));
		let bms_board = tokio::spawn(async move {
			if setup.silent {
				say_nothing(&listener).await;
			} else {
				jbd::serve(&listener, &mut board).await.unwrap();
			}
		});
		let link = Link::start(broker).await;
		let frames = collect(broker).await;
		Bench {
			setup,
			folder,
			mosquitto,
			broker,
			link,
			frames,
			_bms_board: bms_board,
		}
	}

	pub fn broker_port(&self) -> u16 {
		self.broker.port()
	}

	pub fn configuration(&self, stop_after_frames: u32) -> Configuration {
		let mut configuration = flash_file::configuration(
			BATTERY,
			GENESIS,
			PASSPORT,
			self.setup.rates,
			Design::default(),
			SEED,
			0,
		)
		.unwrap();
		configuration.stop_after_frames = stop_after_frames;
		configuration
	}

	pub fn write(&self, configuration: &Configuration) {
		flash_file::write(&self.folder.path().join(FILE_NAME), configuration).unwrap();
	}

	pub fn configure(&self, stop_after_frames: u32) {
		self.write(&self.configuration(stop_after_frames));
	}

	pub fn erase_flash(&self) {
		fs::write(self.folder.path().join(FILE_NAME), vec![0xff; CAPACITY_BYTES]).unwrap();
	}

	pub fn power_on(&self) -> Powered {
		let machine = Run {
			model: self.setup.model,
			image: image(),
			folder: self.folder.path().into(),
			relay: env!("CARGO_BIN_EXE_bms-qemu").into(),
			broker: self.link.address,
			bms_socket: self.folder.path().join("jbd.sock"),
			counts_instructions: self.setup.counts_instructions,
			timeout: PATIENCE,
		}
		.start()
		.expect("timeout and qemu-system-arm are there: run scripts/setup");
		Powered(machine)
	}

	pub async fn run_to_the_end(&mut self) -> Ended {
		let mut machine = self.power_on();
		let lines = machine.lines_to_the_end().await;
		Ended {
			lines,
			exit_code: machine.exit_code().await,
		}
	}

	/// Cuts what connections there are; how many link cuts that is.
	pub fn cut_link(&self) -> u32 {
		self.link.cut()
	}

	/// Kills the broker, which forgets everything, and starts another in its place. What the old one had delivered is
	/// returned; nothing that the device publishes to the new one is missed.
	pub async fn replace_broker(&mut self) -> Vec<Arrived> {
		self.link.held.store(true, Ordering::Relaxed);
		self.link.cut();
		let arrived = self.all_arrived().await;
		self.mosquitto.kill().await.unwrap();
		self.mosquitto = start_mosquitto_on(self.folder.path(), self.broker)
			.await
			.expect("the port is free again");
		self.frames = collect(self.broker).await;
		self.link.held.store(false, Ordering::Relaxed);
		arrived
	}

	/// So many frames, and no more than them.
	pub async fn arrived(&mut self, count: usize) -> Vec<Arrived> {
		let frames = self.all_arrived().await;
		assert_eq!(frames.len(), count);
		frames
	}

	/// All frames that the broker received and were not asked for yet, when the device has ended or its link is held.
	pub async fn all_arrived(&mut self) -> Vec<Arrived> {
		let arrived = async {
			// A connection counts as open until the broker has read it to its end, or it was cut.
			while self.link.open.load(Ordering::Relaxed) > 0 {
				sleep(Duration::from_millis(20)).await;
			}
			// A broker delivers in the order in which it receives: what comes before the marker is all there was.
			publish_marker(self.broker).await;
			let mut frames = vec![];
			loop {
				let frame = self.frames.recv().await.expect("the broker lives").unwrap();
				if frame.battery == MARKER {
					break frames;
				}
				frames.push(frame);
			}
		};
		timeout(PATIENCE, arrived).await.expect("the marker arrives")
	}

	/// Verifies and opens frames, by the key that the device told and by the secret that stands in its flash. Panics on
	/// two frames of one sequence that are not the same.
	pub fn open(&self, frames: &[Arrived], public_key: [u8; 32]) -> BTreeMap<u64, Vec<Reading>> {
		let bytes = fs::read(self.folder.path().join(FILE_NAME)).unwrap();
		let mut records = FlashRecords::<_, RECORD_PAGES>::new(Snapshot(bytes)).unwrap();
		let identity =
			Identity::open(&mut records).unwrap_or_else(|error| panic!("the device has no keys: {error}"));
		let seal_key = identity.master.seal_key(0);
		let (mut opened, mut seen) = (BTreeMap::new(), BTreeMap::new());
		for arrived in frames {
			assert_eq!(arrived.battery, BATTERY);
			let frame = Frame::parse(&arrived.bytes).unwrap();
			assert!(crypto::verify(&frame, &GENESIS, &PASSPORT, &public_key));
			let mut readings = Vec::new();
			crypto::open(&frame, &seal_key, &mut [0; MAX_FRAME_BYTES], |reading| {
				readings.push(reading);
			})
			.unwrap();
			let before = seen.insert(frame.header.sequence, arrived.bytes.clone());
			assert!(
				before.is_none_or(|before| before == arrived.bytes),
				"two frames of sequence {}",
				frame.header.sequence
			);
			opened.insert(frame.header.sequence, readings);
		}
		opened
	}

	/// What the BMS board measures first, from a board like it.
	pub fn measurements(&self, count: usize) -> Vec<Measurement> {
		let mut board = JbdBoard::new(&plan(self.setup));
		(0..count)
			.map(|_| {
				board.answer(3);
				*board.last()
			})
			.collect()
	}
}

fn plan(setup: Setup) -> JbdPlan {
	JbdPlan {
		path: PathBuf::new(),
		seed: SEED.into(),
		index: 0,
		design: Design::default(),
		step_seconds: 1,
		alert_every: setup.alert_every,
		span: setup.span,
	}
}

/// Collects all that a broker receives from now on, for as long as the broker lives: a subscriber that is not polled loses
/// its connection.
async fn collect(broker: SocketAddr) -> UnboundedReceiver<Result<Arrived, WatchError>> {
	let mut watch = Watch::start(broker).await.unwrap();
	let (sender, receiver) = unbounded_channel();
	tokio::spawn(async move {
		loop {
			let frame = watch.next().await;
			let last = frame.is_err();
			if sender.send(frame).is_err() || last {
				break;
			}
		}
	});
	receiver
}

/// Publishes the marker, and waits until the broker has it.
async fn publish_marker(broker: SocketAddr) {
	let options = MqttOptions::new("bms-qemu-marker", broker.ip().to_string(), broker.port());
	let (client, mut events) = AsyncClient::new(options, 16);
	// At the QoS of telemetry: the broker may let QoS 0 overtake what waits for a subscriber's acknowledgement.
	client
		.publish(FRAME_FILTER.replace('+', MARKER), QoS::AtLeastOnce, false, "")
		.await
		.unwrap();
	while !matches!(events.poll().await.unwrap(), Event::Incoming(Packet::PubAck(_))) {}
}

/// Holds every connection and reads nothing.
async fn say_nothing(listener: &UnixListener) {
	let mut held = vec![];
	while let Ok((stream, _)) = listener.accept().await {
		held.push(stream);
	}
}

async fn start_mosquitto(folder: &Path) -> (Child, SocketAddr) {
	// Another program may take the port in between; the next try takes another one.
	for _ in 0..10 {
		let address = std::net::TcpListener::bind("127.0.0.1:0")
			.and_then(|listener| listener.local_addr())
			.unwrap();
		if let Some(child) = start_mosquitto_on(folder, address).await {
			return (child, address);
		}
	}
	panic!("mosquitto does not start");
}

/// A broker that keeps nothing; `None` when it ends at once.
///
/// Asked by what it says of itself and not by a connection: another test's broker may have taken the port and would answer.
async fn start_mosquitto_on(folder: &Path, address: SocketAddr) -> Option<Child> {
	let file = folder.join("mosquitto.conf");
	fs::write(
		&file,
		format!(
			"listener {} 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\nmax_queued_messages 0\n\
			 log_dest stderr\nlog_type information\nlog_type error\n",
			address.port()
		),
	)
	.unwrap();
	let mut child = Command::new(MOSQUITTO)
		.arg("-c")
		.arg(&file)
		.stdout(Stdio::null())
		.stderr(Stdio::piped())
		.kill_on_drop(true)
		.spawn()
		.unwrap();
	let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
	loop {
		// It says so when all its listeners are open.
		if said.next_line().await.unwrap()?.ends_with(" running") {
			break;
		}
	}
	// Read to the end: a full pipe would hold it.
	tokio::spawn(async move { while let Ok(Some(_)) = said.next_line().await {} });
	Some(child)
}

/// Between relay and broker: forwards, and breaks all connections when told to.
struct Link {
	address: SocketAddr,
	cuts: signal::Sender<u32>,
	open: Arc<AtomicU16>,
	held: Arc<AtomicBool>,
}

impl Link {
	async fn start(broker: SocketAddr) -> Self {
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let address = listener.local_addr().unwrap();
		let (cuts, cut) = signal::channel(0);
		let (open, held) = (Arc::new(AtomicU16::new(0)), Arc::new(AtomicBool::new(false)));
		let (counted, refused) = (open.clone(), held.clone());
		tokio::spawn(async move {
			while let Ok((mut device, _)) = listener.accept().await {
				if refused.load(Ordering::Relaxed) {
					continue;
				}
				let (mut cut, counted) = (cut.clone(), counted.clone());
				cut.mark_unchanged();
				tokio::spawn(async move {
					let Ok(mut broker) = TcpStream::connect(broker).await else {
						return;
					};
					counted.fetch_add(1, Ordering::Relaxed);
					tokio::select! {
						_ = tokio::io::copy_bidirectional(&mut device, &mut broker) => {}
						_ = cut.changed() => {}
					}
					counted.fetch_sub(1, Ordering::Relaxed);
				});
			}
		});
		Link {
			address,
			cuts,
			open,
			held,
		}
	}

	fn cut(&self) -> u32 {
		let open = self.open.load(Ordering::Relaxed);
		self.cuts.send_modify(|count| *count += 1);
		u32::from(open > 0)
	}
}

/// A machine with power.
pub struct Powered(Machine);

impl Powered {
	pub async fn line(&mut self) -> Option<String> {
		self.0.line().await.unwrap()
	}

	pub async fn lines_to_the_end(&mut self) -> Vec<String> {
		let mut lines = vec![];
		while let Some(line) = self.line().await {
			lines.push(line);
		}
		lines
	}

	pub async fn exit_code(&mut self) -> Option<i32> {
		self.0.wait().await.unwrap().code()
	}

	pub async fn cut_power(&mut self) {
		self.0.cut_power().await.unwrap();
	}
}

/// A run that ended by itself.
pub struct Ended {
	pub lines: Vec<String>,
	pub exit_code: Option<i32>,
}

impl Ended {
	pub fn public_key(&self) -> [u8; 32] {
		public_key(&self.lines)
	}

	/// A number of the first line that begins so.
	pub fn number(&self, event: &str, name: &str) -> usize {
		self.lines
			.iter()
			.find_map(|line| value_of(line, event, name)?.parse().ok())
			.expect("the device tells it")
	}
}

pub fn public_key(lines: &[String]) -> [u8; 32] {
	lines
		.iter()
		.find_map(|line| public_key_of(line))
		.expect("the device tells its key")
}

pub fn public_key_of(line: &str) -> Option<[u8; 32]> {
	let text = value_of(line, "started ", "public_key=0x")?;
	let mut key = [0; 32];
	hex::decode_to_slice(text, &mut key).ok()?;
	Some(key)
}

pub fn acknowledged_of(line: &str) -> Option<u64> {
	value_of(line, "acknowledged ", "sequence=")?.parse().ok()
}

fn value_of<'a>(line: &'a str, event: &str, name: &str) -> Option<&'a str> {
	let values = line.strip_prefix(event)?;
	values.split(' ').find_map(|value| value.strip_prefix(name))
}

pub fn sequence(bytes: &[u8]) -> u64 {
	Frame::parse(bytes).unwrap().header.sequence
}

/// Spreads moments; splitmix64.
pub struct Random(u64);

impl Random {
	pub fn new(seed: u64) -> Self {
		Random(seed)
	}

	pub fn below(&mut self, end: u64) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		(mixed ^ (mixed >> 27)) % end
	}
}

/// The flash file as it was read, for looking at its records.
struct Snapshot(Vec<u8>);

#[derive(Debug)]
struct Unwritable;

impl NorFlashError for Unwritable {
	fn kind(&self) -> NorFlashErrorKind {
		NorFlashErrorKind::Other
	}
}

impl ErrorType for Snapshot {
	type Error = Unwritable;
}

impl ReadNorFlash for Snapshot {
	const READ_SIZE: usize = 1;

	async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Unwritable> {
		let from = offset as usize;
		bytes.copy_from_slice(self.0.get(from..from + bytes.len()).ok_or(Unwritable)?);
		Ok(())
	}

	fn capacity(&self) -> usize {
		self.0.len()
	}
}

impl NorFlash for Snapshot {
	const WRITE_SIZE: usize = 4;
	const ERASE_SIZE: usize = PAGE_BYTES;

	/// A device that lost power in the middle of a write leaves something to repair; here that stays in memory.
	async fn erase(&mut self, from: u32, to: u32) -> Result<(), Unwritable> {
		self.0
			.get_mut(from as usize..to as usize)
			.ok_or(Unwritable)?
			.fill(0xff);
		Ok(())
	}

	async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Unwritable> {
		let from = offset as usize;
		let place = self.0.get_mut(from..from + bytes.len()).ok_or(Unwritable)?;
		for (there, new) in place.iter_mut().zip(bytes) {
			*there &= new;
		}
		Ok(())
	}
}
