//! Plain JSON through the whole bridge: killed at every stage, cut between disk and acknowledgement.

use super::*;
use crate::vault::{Vault, VaultFiles};
use passport_primitives::{battery::PassportId, topic};

const SECRET: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// A battery that sends plain JSON: its alias, and the number of the device that the bridge is for it.
struct Sender {
	alias: String,
	device: u32,
}

/// Files of a vault with this many batteries, each of which is registered.
fn senders(directory: &Path, chain: &Arc<Mutex<Chain>>, count: u8) -> (VaultFiles, Vec<Sender>) {
	let files = VaultFiles {
		batteries: directory.join("batteries.toml"),
		master: directory.join("master"),
	};
	let senders: Vec<_> = (1..=count)
		.map(|number| Sender {
			alias: format!("BAT-2025-LI-{number:06}"),
			device: u32::from(number),
		})
		.collect();
	let entries: Vec<_> = senders
		.iter()
		.map(|sender| {
			let passport = PassportId([sender.device as u8; 32]);
			format!(
				"[[battery]]\npassport = \"{passport}\"\nalias = \"{}\"\n",
				sender.alias
			)
		})
		.collect();
	std::fs::write(&files.batteries, entries.concat()).unwrap();
	std::fs::write(&files.master, SECRET).unwrap();
	#[cfg(unix)]
	std::fs::set_permissions(&files.master, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
	let vault = Vault::load(&files).unwrap();
	let ledger = FakeLedger {
		chain: chain.clone(),
		lanes: 1,
		first_account: 0,
	};
	for sender in &senders {
		let battery = vault.find(&sender.alias).unwrap();
		ledger.register(&sender.alias, sender.device, battery.passport, battery.public_key);
	}
	(files, senders)
}

/// Messages `from..to` of each sender, as an ordinary client publishes them.
fn messages(senders: &[Sender], from: u64, to: u64) -> Vec<(String, QoS, Vec<u8>)> {
	let mut messages = Vec::new();
	for number in from..to {
		for sender in senders {
			let topic = format!("{}/{}/telemetry/soh", topic::ROOT, sender.alias);
			let payload = format!(
				"{{\"batteryId\": \"{}\", \"timestamp\": {}, \"measurements\": {{\"stateOfHealth\": 99.7, \"stateOfCharge\": 82.0, \
				 \"voltage\": 402.5, \"current\": -15.2, \"temperature\": 26.5, \"cycleCount\": 48}}}}",
				sender.alias,
				NOW_SECONDS + number
			);
			messages.push((topic, QoS::AtLeastOnce, payload.into_bytes()));
		}
	}
	messages
}

fn settings_with(data: &Path, broker: SocketAddr, files: &VaultFiles) -> Settings {
	Settings {
		plain_json: Some(files.clone()),
		..settings(data, broker)
	}
}

/// Each sequence of a device once, and of each device this many.
fn taken_once(chain: &Arc<Mutex<Chain>>, senders: &[Sender], count: u64) {
	let taken = lock(chain).taken.clone();
	let once: BTreeSet<_> = taken.iter().copied().collect();
	assert_eq!(once.len(), taken.len(), "a sequence was taken twice");
	for sender in senders {
		let of_device = once.iter().filter(|key| key.device == sender.device);
		assert_eq!(of_device.count() as u64, count, "{}", sender.alias);
	}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_every_stage_the_bridge_makes_one_frame_of_every_message() {
	let mosquitto = TestMosquitto::plain();
	let directory = tempfile::tempdir().unwrap();
	let chain = Arc::<Mutex<Chain>>::default();
	let (files, senders) = senders(directory.path(), &chain, 3);
	let settings = || settings_with(directory.path(), mosquitto.address, &files);
	// The session is there before the first message.
	let bridge = start_bridge(settings(), &chain).await;
	bridge.stop().await;
	let mut published = 0;
	for stage in [
		Stage::LookUp,
		Stage::Nonce,
		Stage::BeforeSubmission,
		Stage::InBlock,
		Stage::Windows,
		Stage::Answer,
		Stage::LookUp,
	] {
		publish(mosquitto.address, messages(&senders, published, published + 4)).await;
		published += 4;
		killed_at(stage, settings(), &chain).await;
	}
	let bridge = start_bridge(settings(), &chain).await;
	until("all are on the ledger", || async {
		lock(&chain).taken.len() as u64 >= 3 * published
	})
	.await;
	until("the queue is empty", || bridge_is_empty(bridge.http)).await;
	taken_once(&chain, &senders, published);
	assert_eq!(refusals(&bridge).await, "");
	bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_on_disk_when_its_acknowledgement_is_cut_is_one_frame() {
	const PUBLISH: u8 = 3;
	const PUBACK: u8 = 4;
	let mosquitto = TestMosquitto::plain();
	let directory = tempfile::tempdir().unwrap();
	let chain = Arc::<Mutex<Chain>>::default();
	let (files, senders) = senders(directory.path(), &chain, 2);
	let bridge = start_bridge(settings_with(directory.path(), mosquitto.address, &files), &chain).await;
	bridge.stop().await;
	let cuts: Vec<_> = [
		(true, PUBACK, 1, At::Before),
		(true, PUBACK, 3, At::Within),
		(false, PUBLISH, 2, At::Within),
		(true, PUBACK, 2, At::After),
	]
	.into_iter()
	.map(|(to_broker, kind, nth, at)| Cut {
		to_broker,
		kind,
		nth,
		at,
	})
	.collect();
	let (cutter, left) = packet_cutter(mosquitto.address, &cuts).await;
	publish(mosquitto.address, messages(&senders, 0, 20)).await;
	let bridge = start_bridge(settings_with(directory.path(), cutter, &files), &chain).await;
	// More to deliver for the cuts that are left, until all were made.
	let mut published = 20;
	while !lock(&left).is_empty() {
		assert!(published < 250, "cuts that were not made: {:?}", lock(&left));
		publish(mosquitto.address, messages(&senders, published, published + 1)).await;
		published += 1;
		sleep(Duration::from_millis(50)).await;
	}
	until("all are on the ledger", || async {
		lock(&chain).taken.len() as u64 >= 2 * published
	})
	.await;
	until("the queue is empty", || bridge_is_empty(bridge.http)).await;
	taken_once(&chain, &senders, published);
	assert!(
		bridge.metric("frames_duplicate_total").await > 0,
		"nothing came again"
	);
	assert_eq!(refusals(&bridge).await, "");
	bridge.stop().await;
}
