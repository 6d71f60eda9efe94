//! The whole bridge with a real broker, real RocksDB and a ledger in memory.

use crate::{
	batch::Limits,
	bridge, broker,
	clock::Clock,
	config::{BrokerChoice, Settings},
	intake::Bounds,
	ledger::fake::{Chain, FakeLedger, Fault},
	lock, stop,
	store::Store,
	test_battery::{Battery, NOW_SECONDS},
};
use rumqttc::v5::{
	mqttbytes::{v5::Packet, QoS},
	AsyncClient, Event, MqttOptions,
};
use std::{
	net::SocketAddr,
	path::Path,
	sync::{
		atomic::{AtomicUsize, Ordering},
		Arc, Mutex,
	},
	time::Duration,
};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{TcpListener, TcpStream},
	time::{sleep, timeout},
};

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

async fn until<F: std::future::Future<Output = bool>>(what: &str, condition: impl Fn() -> F) {
	timeout(DEADLINE, async {
		while !condition().await {
			sleep(Duration::from_millis(10)).await;
		}
	})
	.await
	.unwrap_or_else(|_| panic!("not in time: {what}"));
}

fn settings(data: &Path, broker: SocketAddr) -> Settings {
	Settings {
		data: data.to_owned(),
		node: "ws://127.0.0.1:9944".into(),
		broker: BrokerChoice::Remote {
			host: broker.ip().to_string(),
			port: broker.port(),
			login: None,
		},
		client_id: "bridge".into(),
		signers: Vec::new(),
		in_flight: 2,
		batch: Limits {
			frames: 16,
			bytes: 262_144,
			age: Duration::from_millis(20),
		},
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

struct Running {
	stopper: stop::Stopper,
	task: tokio::task::JoinHandle<Result<(), bridge::BridgeError>>,
	http: SocketAddr,
}

/// Starts a bridge and waits until it is ready.
async fn start_bridge(settings: Settings, chain: &Arc<Mutex<Chain>>) -> Running {
	let ledger = FakeLedger {
		chain: chain.clone(),
		lanes: 2,
	};
	let (stopper, stop) = stop::channel();
	let file = settings.http_address_file.clone().unwrap();
	let _old = std::fs::remove_file(&file);
	let store = Store::open(&settings.data.join("store"), settings.max_dead_letters).unwrap();
	let clock = Clock::new(|| Duration::from_secs(NOW_SECONDS));
	let task = tokio::spawn(async move { bridge::run(&settings, store, ledger, clock, stop).await });
	until("the address is written", || async { file.exists() }).await;
	let http = std::fs::read_to_string(&file).unwrap().trim().parse().unwrap();
	until("the bridge is ready", || async {
		get(http, "/readyz").await.starts_with("HTTP/1.1 200")
	})
	.await;
	Running { stopper, task, http }
}

impl Running {
	async fn stop(self) {
		self.stopper.stop();
		timeout(DEADLINE, self.task).await.unwrap().unwrap().unwrap();
	}

	async fn metric(&self, name: &str) -> u64 {
		let text = get(self.http, "/metrics").await;
		let line = text
			.lines()
			.find(|line| line.starts_with(&format!("passport_bridge_{name} ")));
		line.and_then(|line| line.rsplit(' ').next())
			.unwrap()
			.parse()
			.unwrap()
	}
}

async fn get(address: SocketAddr, path: &str) -> String {
	let mut stream = TcpStream::connect(address).await.unwrap();
	let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
	stream.write_all(request.as_bytes()).await.unwrap();
	let mut answer = String::new();
	stream.read_to_string(&mut answer).await.unwrap();
	answer
}

/// Publishes and waits until the broker has acknowledged everything.
async fn publish(broker: SocketAddr, messages: Vec<(String, QoS, Vec<u8>)>) {
	let mut options = MqttOptions::new("battery", broker.ip().to_string(), broker.port());
	options
		.set_keep_alive(Duration::from_secs(5))
		.set_max_packet_size(Some(65_536));
	let (client, mut event_loop) = AsyncClient::new(options, 64);
	let count = messages.len();
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

fn register(chain: &Arc<Mutex<Chain>>, batteries: &[Battery]) {
	let ledger = FakeLedger {
		chain: chain.clone(),
		lanes: 1,
	};
	for battery in batteries {
		ledger.register(&battery.name, battery.index, battery.public_key());
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
