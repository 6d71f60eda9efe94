//! The whole bridge with a real broker, real RocksDB and a ledger in memory.

use crate::{
	anchor::{AnchorSettings, MAX_ANCHOR_BYTES},
	batch::{FrameKey, Limits},
	bridge, broker,
	clock::Clock,
	config::{BrokerChoice, Settings},
	intake::{Bounds, LETTERS_A_MINUTE},
	ledger::{
		fake::{Chain, FakeLedger, FakeSubmission, Fault},
		Anchor, DeviceFacts, Head, Ledger, LedgerError, Outcome, StreamState, Submission, SubmittedFrame,
	},
	lock, stop,
	store::Store,
	test_battery::{Battery, NOW_SECONDS},
	test_mosquitto::TestMosquitto,
};
use passport_primitives::{
	telemetry::{
		anchor::{leaf_hash, verify, InclusionProof},
		SequenceWindow,
	},
	topic::FrameTopic,
};
use rumqttc::v5::{
	mqttbytes::{v5::Packet, QoS},
	AsyncClient, Event, MqttOptions,
};
use std::{
	collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
	net::SocketAddr,
	path::Path,
	sync::{
		atomic::{AtomicBool, AtomicUsize, Ordering},
		Arc, Mutex,
	},
	time::{Duration, Instant},
};
use tokio::{
	io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
	net::{TcpListener, TcpStream},
	time::{sleep, timeout},
};

#[path = "plain_json_tests.rs"]
mod plain_json;

const DEADLINE: Duration = Duration::from_secs(60);

/// A broker on a port of its own.
async fn start_broker() -> SocketAddr {
	let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
	let address = free.local_addr().unwrap();
	drop(free);
	broker::start(address).unwrap();
	until("the broker listens", || async {
		TcpStream::connect(address).await.is_ok()
	})
	.await;
	address
}

pub(crate) async fn until<F: std::future::Future<Output = bool>>(what: &str, condition: impl Fn() -> F) {
	timeout(DEADLINE, async {
		while !condition().await {
			sleep(Duration::from_millis(10)).await;
		}
	})
	.await
	.unwrap_or_else(|_| panic!("not in time: {what}"));
}

pub(crate) fn settings(data: &Path, broker: SocketAddr) -> Settings {
	Settings {
		data: data.to_owned(),
		node: "ws://127.0.0.1:9944".into(),
		broker: BrokerChoice::Remote {
			host: broker.ip().to_string(),
			port: broker.port(),
			login: None,
			tls: None,
		},
		client_id: "bridge".into(),
		share_group: None,
		plain_json: None,
		signers: Vec::new(),
		in_flight: 2,
		batch: Limits {
			frames: 16,
			bytes: 262_144,
			age: Duration::from_millis(20),
		},
		anchor: None,
		queue: Bounds {
			frames: 10_000,
			bytes: 1 << 30,
		},
		max_dead_letters: 100,
		receive_maximum: 64,
		keep_alive: Duration::from_secs(5),
		session_expiry_seconds: 3_600,
		http: "127.0.0.1:0".parse().unwrap(),
		http_address_file: Some(data.join("http")),
		shutdown: Duration::from_secs(5),
		log: "info".into(),
	}
}

pub(crate) struct Running {
	stopper: stop::Stopper,
	task: tokio::task::JoinHandle<Result<(), bridge::BridgeError>>,
	pub(crate) http: SocketAddr,
}

/// Starts a bridge and waits until it is ready.
pub(crate) async fn start_bridge(settings: Settings, chain: &Arc<Mutex<Chain>>) -> Running {
	start_with_accounts(settings, chain, 0).await
}

/// The same with accounts of its own: bridges that share a chain need them.
async fn start_with_accounts(settings: Settings, chain: &Arc<Mutex<Chain>>, first_account: usize) -> Running {
	let ledger = FakeLedger {
		chain: chain.clone(),
		lanes: 2,
		first_account,
	};
	let (stopper, stop) = stop::channel();
	let file = settings.http_address_file.clone().unwrap();
	let _old = std::fs::remove_file(&file);
	let store = Store::open(&settings.data.join("store"), settings.max_dead_letters).unwrap();
	let clock = Clock::new(|| Duration::from_secs(NOW_SECONDS));
	let task = tokio::spawn(async move { bridge::run(&settings, store, ledger, clock, None, stop).await });
	until("the address is written", || async { file.exists() }).await;
	let http = std::fs::read_to_string(&file).unwrap().trim().parse().unwrap();
	until("the bridge is ready", || async {
		get(http, "/readyz").await.starts_with("HTTP/1.1 200")
	})
	.await;
	Running { stopper, task, http }
}

impl Running {
	pub(crate) async fn stop(self) {
		self.stopper.stop();
		timeout(DEADLINE, self.task).await.unwrap().unwrap().unwrap();
	}

	pub(crate) async fn metric(&self, name: &str) -> u64 {
		value_of(&get(self.http, "/metrics").await, name)
	}
}

/// A metric in the text of all.
fn value_of(metrics: &str, name: &str) -> u64 {
	let line = metrics
		.lines()
		.find(|line| line.starts_with(&format!("passport_bridge_{name} ")));
	line.and_then(|line| line.rsplit(' ').next())
		.unwrap()
		.parse()
		.unwrap()
}

async fn get(address: SocketAddr, path: &str) -> String {
	let mut stream = TcpStream::connect(address).await.unwrap();
	let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
	stream.write_all(request.as_bytes()).await.unwrap();
	let mut answer = String::new();
	stream.read_to_string(&mut answer).await.unwrap();
	answer
}

/// Publishes and waits until the broker has acknowledged everything that it acknowledges: nothing of QoS 0.
async fn publish(broker: SocketAddr, messages: Vec<(String, QoS, Vec<u8>)>) {
	let mut options = MqttOptions::new("battery", broker.ip().to_string(), broker.port());
	options
		.set_keep_alive(Duration::from_secs(5))
		.set_max_packet_size(Some(65_536));
	let (client, mut event_loop) = AsyncClient::new(options, 64);
	let count = messages
		.iter()
		.filter(|(_, quality, _)| *quality != QoS::AtMostOnce)
		.count();
	tokio::spawn(async move {
		for (topic, quality, payload) in messages {
			client.publish(topic, quality, false, payload).await.unwrap();
		}
		// Kept until the end: without a client the event loop stops.
		std::future::pending::<()>().await;
		drop(client);
	});
	timeout(DEADLINE, async {
		let mut acknowledged = 0;
		while acknowledged < count {
			if let Event::Incoming(Packet::PubAck(_) | Packet::PubComp(_)) = event_loop.poll().await.unwrap()
			{
				acknowledged += 1;
			}
		}
	})
	.await
	.expect("the broker acknowledges");
}

pub(crate) fn register(chain: &Arc<Mutex<Chain>>, batteries: &[Battery]) {
	let ledger = FakeLedger {
		chain: chain.clone(),
		lanes: 1,
		first_account: 0,
	};
	for battery in batteries {
		ledger.register(
			&battery.name,
			battery.index,
			battery.passport(),
			battery.public_key(),
		);
	}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_and_alerts_of_any_quality_get_onto_the_ledger_once() {
	let broker = start_broker().await;
	let directory = tempfile::tempdir().unwrap();
	let chain = Arc::<Mutex<Chain>>::default();
	let batteries = [Battery::new(1), Battery::new(2)];
	register(&chain, &batteries);
	lock(&chain).faults.extend([
		Fault::UnreachableAfter,
		Fault::Lost,
		Fault::None,
		Fault::DispatchFails,
	]);
	let bridge = start_bridge(settings(directory.path(), broker), &chain).await;
	let mut messages = Vec::new();
	for sequence in 1..=40 {
		for battery in &batteries {
			let (topic, quality) = match sequence % 10 {
				0 => (battery.alert_topic(), QoS::ExactlyOnce),
				_ => (battery.topic(), QoS::AtLeastOnce),
			};
			messages.push((topic, quality, battery.frame(sequence)));
		}
	}
	messages.insert(7, (batteries[0].topic(), QoS::AtLeastOnce, b"rubbish".to_vec()));
	messages.insert(30, (batteries[0].topic(), QoS::AtLeastOnce, vec![1; 5_000]));
	publish(broker, messages).await;
	until("all are on the ledger", || async {
		lock(&chain).taken.len() == 80
	})
	.await;
	until("the queue is empty", || bridge_is_empty(bridge.http)).await;
	assert_eq!(bridge.metric("messages_received_total").await, 82);
	assert_eq!(bridge.metric("frames_accepted_total").await, 80);
	assert_eq!(
		bridge.metric("frames_refused_total{reason=\"malformed\"}").await,
		1
	);
	assert_eq!(
		bridge.metric("frames_refused_total{reason=\"oversized\"}").await,
		1
	);
	assert_eq!(bridge.metric("dead_letters").await, 2);
	assert_eq!(bridge.metric("broker_connections_total").await, 1);
	bridge.stop().await;
}

async fn bridge_is_empty(http: SocketAddr) -> bool {
	get(http, "/metrics")
		.await
		.contains("\npassport_bridge_frames_queued 0\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_published_while_the_bridge_is_away_waits_in_its_session() {
	let broker = start_broker().await;
	let directory = tempfile::tempdir().unwrap();
	let chain = Arc::<Mutex<Chain>>::default();
	let battery = Battery::new(1);
	register(&chain, std::slice::from_ref(&battery));
	let frames = |sequences: std::ops::RangeInclusive<u64>| {
		sequences
			.map(|sequence| (battery.topic(), QoS::AtLeastOnce, battery.frame(sequence)))
			.collect::<Vec<_>>()
	};
	// The node is away, so nothing is final when the bridge stops.
	let bridge = start_bridge(settings(directory.path(), broker), &chain).await;
	publish(broker, frames(1..=5)).await;
	until("five are on the ledger", || async {
		lock(&chain).taken.len() == 5
	})
	.await;
	lock(&chain).unreachable = true;
	publish(broker, frames(6..=10)).await;
	let http = bridge.http;
	until("five are on disk", || async {
		get(http, "/metrics")
			.await
			.contains("\npassport_bridge_frames_queued 5\n")
	})
	.await;
	bridge.stop().await;
	publish(broker, frames(11..=15)).await;
	lock(&chain).unreachable = false;
	let bridge = start_bridge(settings(directory.path(), broker), &chain).await;
	until("all are on the ledger", || async {
		lock(&chain).taken.len() == 15
	})
	.await;
	bridge.stop().await;
}

/// Passes connections on to `broker` and cuts the first ones after so many bytes from the broker.
async fn cutter(broker: SocketAddr, cuts: Vec<usize>) -> (SocketAddr, Arc<AtomicUsize>) {
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let address = listener.local_addr().unwrap();
	let done = Arc::new(AtomicUsize::new(0));
	let counter = done.clone();
	tokio::spawn(async move {
		let mut cuts = cuts.into_iter();
		while let Ok((mut near, _)) = listener.accept().await {
			let mut far = TcpStream::connect(broker).await.unwrap();
			let mut left = cuts.next();
			let counter = counter.clone();
			tokio::spawn(async move {
				let (mut from_near, mut to_near) = near.split();
				let (mut from_far, mut to_far) = far.split();
				let up = tokio::io::copy(&mut from_near, &mut to_far);
				let down = async {
					let mut buffer = [0; 4096];
					while let Ok(read) = from_far.read(&mut buffer).await {
						// In the middle of a packet, mostly.
						let pass = left.map_or(read, |left| read.min(left));
						if read == 0 || to_near.write_all(&buffer[..pass]).await.is_err() {
							break;
						}
						if let Some(left) = &mut left {
							*left -= pass;
							if *left == 0 {
								counter.fetch_add(1, Ordering::SeqCst);
								break;
							}
						}
					}
				};
				tokio::select! {
					_ = up => {},
					() = down => {},
				}
			});
		}
	});
	(address, done)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cuts_of_the_connection_neither_lose_nor_repeat_a_frame() {
	let broker = start_broker().await;
	let directory = tempfile::tempdir().unwrap();
	let chain = Arc::<Mutex<Chain>>::default();
	let batteries = [Battery::new(1), Battery::new(2), Battery::new(3)];
	register(&chain, &batteries);
	let cuts: Vec<usize> = (0..12).map(|cut| 200 + 377 * cut).collect();
	let count = cuts.len();
	let (cutter, done) = cutter(broker, cuts).await;
	let bridge = start_bridge(settings(directory.path(), cutter), &chain).await;
	let messages = (1..=60)
		.flat_map(|sequence| batteries.each_ref().map(|battery| (battery, sequence)))
		.map(|(battery, sequence)| {
			let quality = if sequence % 2 == 0 {
				QoS::ExactlyOnce
			} else {
				QoS::AtLeastOnce
			};
			(battery.topic(), quality, battery.frame(sequence))
		})
		.collect();
	publish(broker, messages).await;
	until("all are on the ledger", || async {
		lock(&chain).taken.len() == 180
	})
	.await;
	until("the queue is empty", || bridge_is_empty(bridge.http)).await;
	let http = bridge.http;
	assert!(
		done.load(Ordering::SeqCst) > count / 2,
		"{} cuts",
		done.load(Ordering::SeqCst)
	);
	let text = get(http, "/metrics").await;
	assert!(text.contains("\npassport_bridge_dead_letters 0\n"), "{text}");
	bridge.stop().await;
}

/// A place in a connection at which it is cut, once.
#[derive(Clone, Copy, Debug)]
struct Cut {
	to_broker: bool,
	/// MQTT's type of packet, in its first four bits (MQTT 5 section 2.1.2).
	kind: u8,
	/// Which of this kind, from 1.
	nth: usize,
	at: At,
}

#[derive(Clone, Copy, Debug)]
enum At {
	Before,
	Within,
	After,
}

async fn read_packet(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
	let mut packet = vec![stream.read_u8().await.ok()?];
	let mut length = 0;
	for place in 0..4 {
		let byte = stream.read_u8().await.ok()?;
		packet.push(byte);
		length |= usize::from(byte & 0x7f) << (7 * place);
		if byte & 0x80 == 0 {
			break;
		}
	}
	let start = packet.len();
	packet.resize(start + length, 0);
	stream.read_exact(&mut packet[start..]).await.ok()?;
	Some(packet)
}

/// Passes packets on until the connection ends or is cut; whether it was.
async fn pass(
	mut from: impl AsyncRead + Unpin,
	mut to: impl AsyncWrite + Unpin,
	to_broker: bool,
	cut: Option<Cut>,
) -> bool {
	let mut seen = 0;
	while let Some(packet) = read_packet(&mut from).await {
		let here = cut.filter(|cut| cut.to_broker == to_broker && cut.kind == packet[0] >> 4);
		seen += usize::from(here.is_some());
		let here = here.filter(|cut| cut.nth == seen).map(|cut| cut.at);
		let end = match here {
			Some(At::Before) => 0,
			Some(At::Within) => packet.len() / 2,
			Some(At::After) | None => packet.len(),
		};
		if to.write_all(&packet[..end]).await.is_err() {
			return false;
		}
		if here.is_some() {
			// What was written is to arrive.
			let _flushed = to.flush().await;
			return true;
		}
	}
	false
}

/// Passes connections on to `broker` and cuts one after the other where it is told, then none. Each cut is tried in every
/// connection until it was made.
async fn packet_cutter(broker: SocketAddr, cuts: &[Cut]) -> (SocketAddr, Arc<Mutex<VecDeque<Cut>>>) {
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let address = listener.local_addr().unwrap();
	let left = Arc::new(Mutex::new(cuts.iter().copied().collect::<VecDeque<_>>()));
	let shared = left.clone();
	tokio::spawn(async move {
		while let Ok((near, _)) = listener.accept().await {
			let far = TcpStream::connect(broker).await.unwrap();
			let (from_near, to_near) = near.into_split();
			let (from_far, to_far) = far.into_split();
			let cut = lock(&shared).front().copied();
			let was_cut = tokio::select! {
				was_cut = pass(from_near, to_far, true, cut) => was_cut,
				was_cut = pass(from_far, to_near, false, cut) => was_cut,
			};
			if was_cut {
				lock(&shared).pop_front();
			}
		}
	});
	(address, left)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_at_any_packet_of_the_session_neither_loses_nor_repeats_a_frame() {
	const CONNECT: u8 = 1;
	const CONNACK: u8 = 2;
	const PUBLISH: u8 = 3;
	const PUBACK: u8 = 4;
	const SUBSCRIBE: u8 = 8;
	const SUBACK: u8 = 9;
	let mosquitto = TestMosquitto::plain();
	let mut cuts = Vec::new();
	for at in [At::Before, At::Within, At::After] {
		for (to_broker, kind, nth) in [
			(true, CONNECT, 1),
			(false, CONNACK, 1),
			(true, SUBSCRIBE, 1),
			(false, SUBACK, 1),
			(false, PUBLISH, 1),
			(false, PUBLISH, 7),
			(true, PUBACK, 1),
			(true, PUBACK, 5),
		] {
			cuts.push(Cut {
				to_broker,
				kind,
				nth,
				at,
			});
		}
	}
	// The session must be there before the first frame is: the first cuts are made on an idle bridge.
	let directory = tempfile::tempdir().unwrap();
	let chain = Arc::<Mutex<Chain>>::default();
	let batteries = [Battery::new(1), Battery::new(2), Battery::new(3)];
	register(&chain, &batteries);
	let bridge = start_bridge(settings(directory.path(), mosquitto.address), &chain).await;
	bridge.stop().await;
	let (cutter, left) = packet_cutter(mosquitto.address, &cuts).await;
	let messages = (1..=60)
		.flat_map(|sequence| batteries.each_ref().map(|battery| (battery, sequence)))
		.map(|(battery, sequence)| (battery.topic(), QoS::AtLeastOnce, battery.frame(sequence)))
		.collect();
	publish(mosquitto.address, messages).await;
	let bridge = start_bridge(settings(directory.path(), cutter), &chain).await;
	// More to deliver for the cuts that are left, until all were made.
	let mut sequence = 60;
	while !lock(&left).is_empty() {
		sequence += 1;
		assert!(sequence < 500, "cuts that were not made: {:?}", lock(&left));
		let more = batteries
			.iter()
			.map(|battery| (battery.topic(), QoS::AtLeastOnce, battery.frame(sequence)))
			.collect();
		publish(mosquitto.address, more).await;
		until("these are on the ledger too", || async {
			lock(&chain).taken.len() as u64 == 3 * sequence
		})
		.await;
	}
	until("all are on the ledger", || async {
		lock(&chain).taken.len() as u64 == 3 * sequence
	})
	.await;
	until("the queue is empty", || bridge_is_empty(bridge.http)).await;
	assert_eq!(refusals(&bridge).await, "");
	assert!(bridge.metric("broker_connections_total").await > cuts.len() as u64 / 2);
	bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_that_come_twice_and_out_of_order_are_taken_once() {
	let mosquitto = TestMosquitto::plain();
	let directory = tempfile::tempdir().unwrap();
	let chain = Arc::<Mutex<Chain>>::default();
	let batteries = [Battery::new(1), Battery::new(2)];
	register(&chain, &batteries);
	let bridge = start_bridge(settings(directory.path(), mosquitto.address), &chain).await;
	let mut messages = Vec::new();
	for battery in &batteries {
		// Backwards in blocks within the ledger's window, each frame twice, the second time after another block.
		let blocks: Vec<Vec<u64>> = (0..6)
			.map(|block| (1..=16).rev().map(|place| 16 * block + place).collect())
			.collect();
		for (place, block) in blocks.iter().enumerate() {
			let again = place.checked_sub(1).map(|before| blocks[before].clone());
			for sequence in block.iter().copied().chain(again.into_iter().flatten()) {
				messages.push((battery.topic(), QoS::AtLeastOnce, battery.frame(sequence)));
			}
		}
	}
	let repeated = messages.len() as u64 - 2 * 96;
	publish(mosquitto.address, messages).await;
	until("all are on the ledger", || async {
		lock(&chain).taken.len() == 2 * 96
	})
	.await;
	until("the queue is empty", || bridge_is_empty(bridge.http)).await;
	// A copy that was judged in the moment in which the first one became final is sent, and found on the ledger.
	let known =
		bridge.metric("frames_duplicate_total").await + bridge.metric("frames_already_taken_total").await;
	assert_eq!(known, repeated);
	assert_eq!(bridge.metric("dead_letters").await, 0);
	bridge.stop().await;
}

/// Two bridges with data directories, sessions and accounts of their own, in a group or not.
async fn two_bridges(
	directory: &Path,
	broker: SocketAddr,
	chain: &Arc<Mutex<Chain>>,
	share_group: Option<&str>,
) -> [Running; 2] {
	let mut bridges = Vec::new();
	for number in 0..2 {
		let data = directory.join(format!("bridge-{number}"));
		std::fs::create_dir(&data).unwrap();
		let settings = Settings {
			client_id: format!("bridge-{number}"),
			share_group: share_group.map(str::to_owned),
			..settings(&data, broker)
		};
		bridges.push(start_with_accounts(settings, chain, 10 * number).await);
	}
	bridges.try_into().unwrap_or_else(|_| panic!("two bridges"))
}

/// What was refused, and how often.
async fn refusals(bridge: &Running) -> String {
	let text = get(bridge.http, "/metrics").await;
	text.lines()
		.filter(|line| line.contains("_refused_total{") && !line.ends_with(" 0"))
		.collect()
}

async fn sum(bridges: &[Running; 2], name: &str) -> u64 {
	bridges[0].metric(name).await + bridges[1].metric(name).await
}

fn frames_of(batteries: &[Battery], count: u64) -> Vec<(String, QoS, Vec<u8>)> {
	let mut messages = Vec::new();
	for sequence in 1..=count {
		for battery in batteries {
			messages.push((battery.topic(), QoS::AtLeastOnce, battery.frame(sequence)));
		}
	}
	messages
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bridges_of_a_group_share_the_messages_and_each_frame_is_taken_once() {
	let mosquitto = TestMosquitto::plain();
	let directory = tempfile::tempdir().unwrap();
	let chain = Arc::<Mutex<Chain>>::default();
	let batteries = [Battery::new(1), Battery::new(2), Battery::new(3)];
	register(&chain, &batteries);
	let bridges = two_bridges(directory.path(), mosquitto.address, &chain, Some("site")).await;
	publish(mosquitto.address, frames_of(&batteries, 40)).await;
	until("all are on the ledger", || async {
		lock(&chain).taken.len() == 120
	})
	.await;
	for bridge in &bridges {
		until("the queue is empty", || bridge_is_empty(bridge.http)).await;
		let received = bridge.metric("messages_received_total").await;
		assert!((20..=100).contains(&received), "{received} of 120");
	}
	assert_eq!(sum(&bridges, "messages_received_total").await, 120);
	assert_eq!(sum(&bridges, "frames_finalised_total").await, 120);
	assert_eq!(sum(&bridges, "dead_letters").await, 0);
	for bridge in bridges {
		bridge.stop().await;
	}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_of_a_group_that_was_away_brings_its_share_when_it_is_back() {
	let mosquitto = TestMosquitto::plain();
	let directory = tempfile::tempdir().unwrap();
	let chain = Arc::<Mutex<Chain>>::default();
	let batteries = [Battery::new(1), Battery::new(2), Battery::new(3)];
	register(&chain, &batteries);
	let [stays, leaves] = two_bridges(directory.path(), mosquitto.address, &chain, Some("site")).await;
	leaves.stop().await;
	publish(mosquitto.address, frames_of(&batteries, 40)).await;
	let data = directory.path().join("bridge-1");
	let settings = Settings {
		client_id: "bridge-1".into(),
		share_group: Some("site".into()),
		..settings(&data, mosquitto.address)
	};
	let back = start_with_accounts(settings, &chain, 10).await;
	until("all are on the ledger", || async {
		lock(&chain).taken.len() == 120
	})
	.await;
	for bridge in [stays, back] {
		until("the queue is empty", || bridge_is_empty(bridge.http)).await;
		assert_eq!(bridge.metric("dead_letters").await, 0);
		bridge.stop().await;
	}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_bridges_that_all_get_every_message_one_brings_a_frame_and_the_others_know() {
	let mosquitto = TestMosquitto::plain();
	let directory = tempfile::tempdir().unwrap();
	let chain = Arc::<Mutex<Chain>>::default();
	let batteries = [Battery::new(1), Battery::new(2), Battery::new(3)];
	register(&chain, &batteries);
	let bridges = two_bridges(directory.path(), mosquitto.address, &chain, None).await;
	publish(mosquitto.address, frames_of(&batteries, 40)).await;
	for bridge in &bridges {
		until("every message is on disk", || async {
			bridge.metric("messages_acknowledged_total").await == 120
		})
		.await;
		until("the queue is empty", || bridge_is_empty(bridge.http)).await;
	}
	assert_eq!(lock(&chain).taken.len(), 120);
	assert_eq!(sum(&bridges, "frames_finalised_total").await, 120);
	// The other 120 are known for what they are: on the ledger when they were sent, or before.
	assert_eq!(
		sum(&bridges, "frames_already_taken_total").await + sum(&bridges, "frames_duplicate_total").await,
		120
	);
	assert_eq!(sum(&bridges, "dead_letters").await, 0);
	for bridge in bridges {
		bridge.stop().await;
	}
}

/// What table 9.2 of the protocol sends over MQTT, with its quality of service. What it calls an update travels in frames
/// here; the daily summary goes over HTTP.
const TABLE_9_2: [(&str, FrameTopic, QoS); 4] = [
	("critical alerts", FrameTopic::CriticalAlert, QoS::ExactlyOnce),
	("SoH updates", FrameTopic::Telemetry, QoS::AtLeastOnce),
	("live telemetry", FrameTopic::Telemetry, QoS::AtMostOnce),
	("location updates", FrameTopic::Telemetry, QoS::AtLeastOnce),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_quality_of_table_9_2_is_kept_on_the_way_to_the_ledger() {
	let mosquitto = TestMosquitto::plain();
	let directory = tempfile::tempdir().unwrap();
	let chain = Arc::<Mutex<Chain>>::default();
	let batteries: BTreeMap<_, _> = TABLE_9_2
		.iter()
		.zip(1..)
		.map(|((row, ..), index)| (*row, Battery::new(index)))
		.collect();
	register(&chain, &batteries.values().cloned().collect::<Vec<_>>());
	let rows = |sequence| {
		TABLE_9_2
			.iter()
			.map(|(row, topic, quality)| {
				let battery = &batteries[row];
				let topic = match topic {
					FrameTopic::Telemetry => battery.topic(),
					FrameTopic::CriticalAlert => battery.alert_topic(),
				};
				(topic, *quality, battery.frame(sequence))
			})
			.collect::<Vec<_>>()
	};
	let highest = |row: &str| {
		let index = batteries[row].index;
		let taken = lock(&chain).taken.clone();
		let of_row = taken.into_iter().filter(|key| key.device == index);
		of_row.map(|key| key.sequence).max()
	};
	let bridge = start_bridge(settings(directory.path(), mosquitto.address), &chain).await;
	publish(mosquitto.address, rows(1)).await;
	for (row, ..) in TABLE_9_2 {
		until(row, || async { highest(row) == Some(1) }).await;
	}
	// What is not to be acknowledged is not; what is, is once, also what the battery sent at QoS 2.
	assert_eq!(bridge.metric("messages_received_total").await, 4);
	assert_eq!(bridge.metric("messages_acknowledged_total").await, 3);
	bridge.stop().await;

	// While no bridge is there: at most once may be not at all, and the others wait.
	publish(mosquitto.address, rows(2)).await;
	let bridge = start_bridge(settings(directory.path(), mosquitto.address), &chain).await;
	for (row, _, quality) in TABLE_9_2 {
		if quality != QoS::AtMostOnce {
			until(row, || async { highest(row) == Some(2) }).await;
		}
	}
	until("the queue is empty", || bridge_is_empty(bridge.http)).await;
	assert_eq!(bridge.metric("dead_letters").await, 0);
	bridge.stop().await;
}

/// Where a bridge is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
	/// A message came and its battery is asked after: nothing is on disk.
	LookUp,
	/// Frames are on disk and acknowledged, and none is sent.
	Nonce,
	/// The ledger is asked which of the frames it has.
	Windows,
	/// Just before the node gets the extrinsic.
	BeforeSubmission,
	/// The frames are in a block, and the bridge does not know that the node took them.
	InBlock,
	/// The node took the extrinsic, and its end is not heard.
	Answer,
}

/// A ledger that does not answer at one stage: there the bridge is killed.
struct Deadly {
	ledger: FakeLedger,
	stage: Stage,
	reached: Arc<AtomicBool>,
}

impl Deadly {
	async fn pass(&self, stage: Stage) {
		if self.stage == stage {
			self.reached.store(true, Ordering::SeqCst);
			std::future::pending::<()>().await;
		}
	}
}

impl Ledger for Deadly {
	type Submission = DeadlySubmission;

	fn lanes(&self) -> usize {
		self.ledger.lanes()
	}

	async fn genesis_hash(&self) -> Result<[u8; 32], LedgerError> {
		self.ledger.genesis_hash().await
	}

	async fn finalised_head(&self) -> Result<Head, LedgerError> {
		self.ledger.finalised_head().await
	}

	async fn device_of_battery(&self, battery: &str) -> Result<Option<DeviceFacts>, LedgerError> {
		self.pass(Stage::LookUp).await;
		self.ledger.device_of_battery(battery).await
	}

	async fn finalised_windows(&self, devices: &[u32]) -> Result<HashMap<u32, SequenceWindow>, LedgerError> {
		self.pass(Stage::Windows).await;
		self.ledger.finalised_windows(devices).await
	}

	async fn next_nonce(&self, lane: usize) -> Result<u64, LedgerError> {
		self.pass(Stage::Nonce).await;
		self.ledger.next_nonce(lane).await
	}

	async fn submit(
		&self,
		lane: usize,
		nonce: u64,
		frames: Vec<SubmittedFrame>,
	) -> Result<DeadlySubmission, LedgerError> {
		self.pass(Stage::BeforeSubmission).await;
		let submission = self.ledger.submit(lane, nonce, frames).await?;
		self.pass(Stage::InBlock).await;
		let reached = (self.stage == Stage::Answer).then(|| self.reached.clone());
		Ok(DeadlySubmission { submission, reached })
	}

	async fn stream_state(
		&self,
		stream: u32,
		number: u64,
		sender: Option<[u8; 32]>,
	) -> Result<StreamState, LedgerError> {
		self.pass(Stage::Windows).await;
		self.ledger.stream_state(stream, number, sender).await
	}

	async fn submit_anchor(
		&self,
		nonce: u64,
		number: u64,
		anchor: &Anchor,
	) -> Result<DeadlySubmission, LedgerError> {
		self.pass(Stage::BeforeSubmission).await;
		let submission = self.ledger.submit_anchor(nonce, number, anchor).await?;
		self.pass(Stage::InBlock).await;
		let reached = (self.stage == Stage::Answer).then(|| self.reached.clone());
		Ok(DeadlySubmission { submission, reached })
	}
}

struct DeadlySubmission {
	submission: FakeSubmission,
	reached: Option<Arc<AtomicBool>>,
}

impl Submission for DeadlySubmission {
	async fn outcome(self) -> Result<Outcome, LedgerError> {
		if let Some(reached) = self.reached {
			reached.store(true, Ordering::SeqCst);
			std::future::pending::<()>().await;
		}
		self.submission.outcome().await
	}
}

/// Runs a bridge until it has got to this stage, and lets go of everything at once: no task gets another turn.
async fn killed_at(stage: Stage, settings: Settings, chain: &Arc<Mutex<Chain>>) {
	let reached = Arc::new(AtomicBool::new(false));
	let ledger = Deadly {
		ledger: FakeLedger {
			chain: chain.clone(),
			lanes: 2,
			first_account: 0,
		},
		stage,
		reached: reached.clone(),
	};
	let path = settings.data.join("store");
	let store = Store::open(&path, settings.max_dead_letters).unwrap();
	let runtime = tokio::runtime::Builder::new_multi_thread()
		.worker_threads(2)
		.enable_all()
		.build()
		.unwrap();
	let (stopper, stop) = stop::channel();
	let clock = Clock::new(|| Duration::from_secs(NOW_SECONDS));
	runtime.spawn(async move { bridge::run(&settings, store, ledger, clock, None, stop).await });
	until("the stage", || async { reached.load(Ordering::SeqCst) }).await;
	runtime.shutdown_background();
	drop(stopper);
	// A write that was under way is done when the database can be opened again.
	until("the store is free", || async { Store::open(&path, 100).is_ok() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_every_stage_the_bridge_neither_loses_nor_repeats_a_frame() {
	let mosquitto = TestMosquitto::plain();
	let directory = tempfile::tempdir().unwrap();
	let chain = Arc::<Mutex<Chain>>::default();
	let batteries = [Battery::new(1), Battery::new(2), Battery::new(3)];
	register(&chain, &batteries);
	// The session is there before the first frame.
	let bridge = start_bridge(settings(directory.path(), mosquitto.address), &chain).await;
	bridge.stop().await;
	let stages = [
		Stage::LookUp,
		Stage::Nonce,
		Stage::BeforeSubmission,
		Stage::InBlock,
		Stage::Windows,
		Stage::Answer,
		Stage::Windows,
		Stage::InBlock,
		Stage::Answer,
	];
	let mut published = 0;
	for stage in stages {
		let mut messages = frames_of(&batteries, published + 4);
		messages.drain(..3 * published as usize);
		publish(mosquitto.address, messages).await;
		published += 4;
		killed_at(stage, settings(directory.path(), mosquitto.address), &chain).await;
	}
	let bridge = start_bridge(settings(directory.path(), mosquitto.address), &chain).await;
	until("all are on the ledger", || async {
		lock(&chain).taken.len() as u64 == 3 * published
	})
	.await;
	until("the queue is empty", || bridge_is_empty(bridge.http)).await;
	let taken = lock(&chain).taken.iter().copied().collect::<BTreeSet<_>>();
	assert_eq!(taken.len() as u64, 3 * published);
	assert_eq!(bridge.metric("dead_letters").await, 0);
	bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_every_stage_an_anchoring_bridge_can_prove_every_frame_and_replays_none() {
	let mosquitto = TestMosquitto::plain();
	let directory = tempfile::tempdir().unwrap();
	let chain = Arc::<Mutex<Chain>>::default();
	let batteries = [Battery::new(1), Battery::new(2), Battery::new(3)];
	register(&chain, &batteries);
	let anchoring = || Settings {
		anchor: Some(AnchorSettings {
			stream: 4,
			limits: Limits {
				frames: 8,
				bytes: MAX_ANCHOR_BYTES,
				age: Duration::from_millis(20),
			},
			keep: Duration::from_secs(3_600),
		}),
		..settings(directory.path(), mosquitto.address)
	};
	let bridge = start_bridge(anchoring(), &chain).await;
	bridge.stop().await;
	let stages = [
		Stage::LookUp,
		Stage::Windows,
		Stage::BeforeSubmission,
		Stage::InBlock,
		Stage::Windows,
		Stage::Answer,
		Stage::Windows,
		Stage::BeforeSubmission,
	];
	let mut published = 0;
	for stage in stages {
		let mut messages = frames_of(&batteries, published + 4);
		messages.drain(..3 * published as usize);
		publish(mosquitto.address, messages).await;
		published += 4;
		killed_at(stage, anchoring(), &chain).await;
	}
	let bridge = start_bridge(anchoring(), &chain).await;
	let mut proven = BTreeSet::new();
	for (index, sequence) in (1..=3).flat_map(|index| (1..=published).map(move |sequence| (index, sequence)))
	{
		let path = format!("/v1/inclusion/{index}/{sequence}");
		until(&path, || async {
			get(bridge.http, &path).await.starts_with("HTTP/1.1 200")
		})
		.await;
		let answer = get(bridge.http, &path).await;
		let (_, body) = answer.split_once("\r\n\r\n").unwrap();
		let said: serde_json::Value = serde_json::from_str(body).unwrap();
		let bytes = |value: &serde_json::Value| {
			let digits = value.as_str().unwrap().strip_prefix("0x").unwrap();
			hex::decode(digits).unwrap()
		};
		let number = said["anchor"]["number"].as_u64().unwrap();
		let (anchor, block) = lock(&chain).streams[&4][number as usize].clone();
		assert_eq!(said["finalisedBlock"], block);
		let siblings: Vec<[u8; 32]> = said["proof"]
			.as_array()
			.unwrap()
			.iter()
			.map(|sibling| bytes(sibling).try_into().unwrap())
			.collect();
		let place = said["leafIndex"].as_u64().unwrap() as u32;
		let proof = InclusionProof {
			index: place,
			siblings: siblings.try_into().unwrap(),
		};
		let frame = batteries[index as usize - 1].frame(sequence);
		assert_eq!(bytes(&said["frame"]), frame);
		assert!(verify(
			&anchor.root,
			anchor.leaves,
			leaf_hash(index, &frame),
			&proof
		));
		assert!(proven.insert((number, place)), "two frames at one place");
	}
	// The proven ones are all there are.
	let leaves: u32 = lock(&chain).streams[&4]
		.iter()
		.map(|(anchor, _)| anchor.leaves)
		.sum();
	assert_eq!(leaves as usize, proven.len());
	until("the queue is empty", || bridge_is_empty(bridge.http)).await;
	assert_eq!(bridge.metric("dead_letters").await, 0);
	bridge.stop().await;
}

/// Bad frames that a device publishes at once, and the pause after them: 5,000 a second. A check of a signature that was not
/// optimised takes as long as some hundred others.
const FLOOD: (u64, Duration) = if cfg!(debug_assertions) {
	(1, Duration::from_millis(100))
} else {
	(50, Duration::from_millis(10))
};

/// How long frames of this battery take from their publishing to the ledger, one after the other: the middle one of five.
async fn usual_latency(
	broker: SocketAddr,
	chain: &Arc<Mutex<Chain>>,
	battery: &Battery,
	first: u64,
) -> Duration {
	let mut latencies = Vec::new();
	for sequence in first..first + 5 {
		let start = Instant::now();
		let message = (battery.topic(), QoS::AtLeastOnce, battery.frame(sequence));
		publish(broker, vec![message]).await;
		let key = FrameKey {
			device: battery.index,
			sequence,
		};
		until("the frame is on the ledger", || async {
			lock(chain).taken.contains(&key)
		})
		.await;
		latencies.push(start.elapsed());
	}
	latencies.sort();
	latencies[2]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_bad_frames_from_one_device_costs_its_neighbours_less_than_twice_the_time() {
	let mosquitto = TestMosquitto::plain();
	let directory = tempfile::tempdir().unwrap();
	let chain = Arc::<Mutex<Chain>>::default();
	let (neighbour, flooding) = (Battery::new(1), Battery::new(2));
	register(&chain, &[neighbour.clone(), flooding.clone()]);
	let mut settings = settings(directory.path(), mosquitto.address);
	// Twice the default, so that what the other tests cost weighs less.
	settings.batch.age = Duration::from_secs(1);
	settings.max_dead_letters = 100_000;
	let bridge = start_bridge(settings, &chain).await;
	let alone = usual_latency(mosquitto.address, &chain, &neighbour, 1).await;

	let mut options = MqttOptions::new(
		"flood",
		mosquitto.address.ip().to_string(),
		mosquitto.address.port(),
	);
	options.set_keep_alive(Duration::from_secs(5));
	let (client, mut events) = AsyncClient::new(options, 64);
	let polling = tokio::spawn(async move { while events.poll().await.is_ok() {} });
	// Each has to be checked to its end: only the signature is wrong.
	let forged: Vec<_> = (1..=500)
		.map(|sequence| {
			let mut frame = flooding.frame(sequence);
			*frame.last_mut().unwrap() ^= 1;
			frame
		})
		.collect();
	let topic = flooding.topic();
	let flood = tokio::spawn(async move {
		for (number, frame) in (1_u64..).zip(forged.iter().cycle()) {
			let sent = client.publish(topic.as_str(), QoS::AtLeastOnce, false, frame.clone());
			if sent.await.is_err() {
				return;
			}
			if number % FLOOD.0 == 0 {
				sleep(FLOOD.1).await;
			}
		}
	});
	let refused = || async {
		let mut refused = 0;
		// Most of them unchecked.
		for reason in ["bad_signature", "flood"] {
			let metric = format!("frames_refused_total{{reason=\"{reason}\"}}");
			refused += bridge.metric(&metric).await;
		}
		refused
	};
	until("the flood is there", || async { refused().await > 10 * FLOOD.0 }).await;
	let before = refused().await;
	let flooded = usual_latency(mosquitto.address, &chain, &neighbour, 100).await;
	let meanwhile = refused().await - before;
	flood.abort();
	polling.abort();
	// Nor does it push the others' dead letters out.
	assert!(bridge.metric("dead_letters").await <= LETTERS_A_MINUTE as u64 * 2);
	assert!(meanwhile > 10 * FLOOD.0, "no flood: {meanwhile} bad frames");
	assert!(
		flooded < 2 * alone,
		"{flooded:?} instead of {alone:?}, besides {meanwhile} bad frames"
	);
	bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_does_not_wait_until_a_batch_is_old_enough() {
	let mosquitto = TestMosquitto::plain();
	let directory = tempfile::tempdir().unwrap();
	let chain = Arc::<Mutex<Chain>>::default();
	let batteries = [Battery::new(1), Battery::new(2)];
	register(&chain, &batteries);
	let mut settings = settings(directory.path(), mosquitto.address);
	settings.batch.age = 10 * DEADLINE;
	let bridge = start_bridge(settings, &chain).await;
	publish(mosquitto.address, frames_of(&batteries, 2)).await;
	until("four frames wait", || async {
		bridge.metric("frames_accepted_total").await == 4
	})
	.await;
	assert_eq!(lock(&chain).taken, []);
	let alert = (
		batteries[0].alert_topic(),
		QoS::ExactlyOnce,
		batteries[0].frame(3),
	);
	publish(mosquitto.address, vec![alert]).await;
	let key = FrameKey {
		device: batteries[0].index,
		sequence: 3,
	};
	until("the alert is on the ledger", || async {
		lock(&chain).taken.contains(&key)
	})
	.await;
	bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_leaves_the_messages_with_the_broker() {
	const QUEUE: u64 = 10;
	const RECEIVE_MAXIMUM: u64 = 16;
	const INBOX: u64 = 4 * RECEIVE_MAXIMUM;
	let mosquitto = TestMosquitto::plain();
	let directory = tempfile::tempdir().unwrap();
	let chain = Arc::<Mutex<Chain>>::default();
	let batteries = [Battery::new(1), Battery::new(2), Battery::new(3), Battery::new(4)];
	register(&chain, &batteries);
	let mut settings = settings(directory.path(), mosquitto.address);
	settings.queue.frames = QUEUE as usize;
	settings.receive_maximum = RECEIVE_MAXIMUM as u16;
	let bridge = start_bridge(settings, &chain).await;
	// So that the batteries are known when no node answers.
	publish(mosquitto.address, frames_of(&batteries, 1)).await;
	until("the first are on the ledger", || async {
		lock(&chain).taken.len() == 4
	})
	.await;
	until("the queue is empty", || bridge_is_empty(bridge.http)).await;
	lock(&chain).unreachable = true;
	let mut messages = frames_of(&batteries, 50);
	messages.drain(..4);
	publish(mosquitto.address, messages).await;
	until("the queue is full", || async {
		bridge.metric("frames_queued").await >= QUEUE
	})
	.await;
	// All from one look: between two of them the bridge goes on.
	let seen = Mutex::new([0; 3]);
	until(
		"what is on disk is acknowledged, and the broker sends on",
		|| async {
			let text = get(bridge.http, "/metrics").await;
			let [queued, acknowledged, received] = [
				"frames_queued",
				"messages_acknowledged_total",
				"messages_received_total",
			]
			.map(|name| value_of(&text, name));
			*lock(&seen) = [queued, acknowledged, received];
			acknowledged == 4 + queued && received >= acknowledged + RECEIVE_MAXIMUM
		},
	)
	.await;
	let [queued, acknowledged, received] = *lock(&seen);
	// The last group was taken while there was room for one frame at least.
	assert!(queued < QUEUE + INBOX, "{queued} frames");
	// Receive Maximum should hold the broker back. Mosquitto 2.0.11 sends more once it has a queue to send, and the bridge then
	// stops reading.
	assert!(received <= acknowledged + INBOX, "{received} messages");
	assert!(received < 200, "the broker has none left");
	lock(&chain).unreachable = false;
	until("all are on the ledger", || async {
		lock(&chain).taken.len() == 200
	})
	.await;
	assert_eq!(refusals(&bridge).await, "");
	bridge.stop().await;
}
