//! Plain JSON of an ordinary MQTT client: the operator's bridge seals and signs it with the key that it was registered with, and
//! the ledger says so; whenever it is killed, what the client was told is taken is final once.

use anyhow::{bail, ensure, Context, Result};
use passport_client::{
	api::{
		self,
		runtime_types::{pallet_telemetry::pallet::Call as TelemetryCall, passport_runtime::RuntimeCall},
	},
	test_keys::TestMember,
	Ledger,
};
use passport_primitives::{
	battery::PassportId,
	telemetry::{
		crypto::{self, SealKey},
		device::SignedBy,
		reading::STATUS_DISCHARGING,
		Cells, Frame, Reading, MAX_FRAME_BYTES,
	},
	topic,
};
use passport_tests::{
	battery::now_seconds,
	bridge::Setup,
	call::{finalise, register_passport},
	program::{built, folder},
	publish, register, run, until, Bridge, BrokerChoice, FinalisedFrames, Mosquitto, Node, PATIENCE,
};
use serde::Deserialize;
use std::{
	collections::{BTreeMap, BTreeSet},
	fs,
	os::unix::fs::PermissionsExt,
	process::Command,
	sync::{
		atomic::{AtomicU64, Ordering},
		Arc,
	},
	time::Duration,
};
use subxt::utils::Static;
use tokio::{
	sync::oneshot,
	task::JoinHandle,
	time::{interval, MissedTickBehavior},
};

/// The battery of the protocol's examples, of another year.
const ALIAS: &str = "BAT-2027-PJ-001234";

/// From which the bridge's keys follow: known to everyone, for this test alone.
const SECRET: &str = "7365637265742d6f662d746573742d6f662d7761732d706c61696e2d6a736f6e";

/// From one message of the client that publishes without an end to its next.
const MESSAGE_INTERVAL: Duration = Duration::from_millis(50);

/// Most messages of that client. Each is of another second, and the last one's is not to come before it is that time.
const MOST_MESSAGES: u64 = 3_000;

/// When the bridge is killed: as soon as a counter, or the queue, has come so far since it was started.
const MOMENTS: [(&str, u64); 6] = [
	("messages_received_total", 1),
	("plain_json_sealed_total", 3),
	("frames_queued", 5),
	("frames_submitted_total", 1),
	("frames_finalised_total", 1),
	("messages_acknowledged_total", 1),
];

/// A line of `plain-json keys`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Keys {
	passport: String,
	alias: Option<String>,
	public_key: String,
	proof: String,
}

fn bytes<const LENGTH: usize>(text: &str) -> Result<[u8; LENGTH]> {
	let digits = text.strip_prefix("0x").context("no 0x")?;
	let bytes: Vec<u8> = hex::decode(digits)?;
	let length = bytes.len();
	bytes
		.try_into()
		.ok()
		.with_context(|| format!("{length} bytes instead of {LENGTH}"))
}

/// What the bridge's program says on standard output.
fn said(arguments: &[&str]) -> Result<String> {
	let output = Command::new(built("passport-ingest-bridge")?)
		.args(arguments)
		.output()?;
	ensure!(
		output.status.success(),
		"{arguments:?}: {}",
		String::from_utf8_lossy(&output.stderr)
	);
	Ok(String::from_utf8(output.stdout)?)
}

/// A time as the protocol's examples write it.
fn rfc_3339(seconds: u64) -> Result<String> {
	let output = Command::new("date")
		.args(["-u", "-d", &format!("@{seconds}"), "+%Y-%m-%dT%H:%M:%SZ"])
		.output()?;
	Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn topic_of(suffix: &str) -> String {
	format!("{}/{ALIAS}/{suffix}", topic::ROOT)
}

/// The message of the protocol's section 4.3.
fn section_4_3(seconds: u64) -> Result<Vec<u8>> {
	let message = serde_json::json!({
		"timestamp": rfc_3339(seconds)?,
		"stateOfHealth": 99.7,
		"stateOfCharge": 82.0,
		"voltage": 402.5,
		"current": -15.2,
		"temperature": 26.5,
		"cycleCount": 48
	});
	Ok(message.to_string().into_bytes())
}

/// The message of the protocol's section 9.1.
fn section_9_1(seconds: u64) -> Result<Vec<u8>> {
	let message = serde_json::json!({
		"batteryId": ALIAS,
		"timestamp": rfc_3339(seconds)?,
		"measurements": {
			"stateOfHealth": 99.7,
			"stateOfCharge": 82.0,
			"voltage": 402.5,
			"current": -15.2,
			"temperature": {
				"average": 26.5,
				"max": 28.2,
				"min": 24.8,
				"cells": [26.1, 26.5, 26.8, 27.0, 26.3, 26.9, 27.2, 26.4]
			},
			"cellVoltages": [4.02, 4.03, 4.01, 4.02, 4.03, 4.02, 4.01, 4.02],
			"internalResistance": 0.015,
			"cycleCount": 48,
			"energyThroughput": 4800,
			"powerOutput": -6.1
		},
		"status": {
			"charging": false,
			"discharging": true,
			"balancing": false,
			"faults": [],
			"warnings": []
		},
		"location": {"latitude": 37.5665, "longitude": 126.9780, "altitude": 38, "speed": 65}
	});
	Ok(message.to_string().into_bytes())
}

/// Publishes the message of section 9.1, measured now, as an ordinary client does that knows nothing of this project.
fn publish_with_paho(broker: &str, suffix: &str) -> Result<()> {
	let (host, port) = broker
		.strip_prefix("mqtt://")
		.and_then(|address| address.rsplit_once(':'))
		.with_context(|| format!("{broker} is not mqtt://host:port"))?;
	let script = concat!(
		env!("CARGO_MANIFEST_DIR"),
		"/../ingest-bridge/examples/plain_json.py"
	);
	let output = Command::new("python3")
		.args([
			script,
			"--host",
			host,
			"--port",
			port,
			"--battery",
			ALIAS,
			"--topic",
			suffix,
		])
		.output()?;
	ensure!(
		output.status.success(),
		"{}",
		String::from_utf8_lossy(&output.stderr)
	);
	Ok(())
}

/// What the first message has to be on the ledger.
fn reading_of_4_3(seconds: u64) -> Reading {
	Reading {
		time_seconds: seconds,
		state_of_health_bp: 9_970,
		state_of_charge_bp: 8_200,
		voltage_mv: 402_500,
		current_ma: -15_200,
		temperature_average_dc: 265,
		temperature_max_dc: 265,
		temperature_min_dc: 265,
		cycle_count: 48,
		..Reading::default()
	}
}

/// What the second one has to be.
fn reading_of_9_1(seconds: u64) -> Result<Reading> {
	Ok(Reading {
		temperature_max_dc: 282,
		temperature_min_dc: 248,
		internal_resistance_uohm: 15_000,
		energy_throughput_wh: 4_800_000,
		power_w: -6_100,
		status: STATUS_DISCHARGING,
		cell_temperatures_dc: Cells::try_new(&[261, 265, 268, 270, 263, 269, 272, 264])
			.context("too many cells")?,
		cell_voltages_mv: Cells::try_new(&[4020, 4030, 4010, 4020, 4030, 4020, 4010, 4020])
			.context("too many cells")?,
		..reading_of_4_3(seconds)
	})
}

/// Frames of a device in final blocks from this one on, in the order that the ledger took them.
async fn frames_since(ledger: &Ledger, first_block: u32, device: u32) -> Result<Vec<Vec<u8>>> {
	let mut frames = Vec::new();
	for number in first_block..=ledger.finalised_head().await?.0 {
		let at = ledger.client().at_block(number).await?;
		let extrinsics = at.extrinsics().fetch().await?;
		for extrinsic in extrinsics.iter() {
			let extrinsic = extrinsic?;
			let call = extrinsic.decode_call_data_fields_as::<api::telemetry::calls::SubmitFrames>();
			let Some(call) = call else { continue };
			let of_device = call?.frames.0.into_iter().filter(|frame| frame.device == device);
			frames.extend(of_device.map(|frame| frame.frame.0));
		}
	}
	Ok(frames)
}

/// A battery whose key the bridge holds and the ledger knows.
struct Held {
	/// Settings of a bridge that holds it.
	arguments: Vec<String>,
	keys: Keys,
	device: u32,
	/// The block of its registration.
	first_block: u32,
}

impl Held {
	/// What the operator does once: a secret, a list, and the registration of the first battery's key.
	async fn register(ledger: &Ledger, node: &Node, batteries: &[(PassportId, &str)]) -> Result<Self> {
		let files = folder("vault")?;
		let (list, secret) = (files.join("batteries.toml"), files.join("secret"));
		let entries: String = batteries
			.iter()
			.map(|(passport, alias)| {
				format!("[[battery]]\npassport = \"{passport}\"\nalias = \"{alias}\"\n\n")
			})
			.collect();
		fs::write(&list, entries)?;
		fs::write(&secret, SECRET)?;
		fs::set_permissions(&secret, fs::Permissions::from_mode(0o600))?;
		let arguments = vec![
			format!("--plain-json-vault={}", list.display()),
			format!("--plain-json-key-file={}", secret.display()),
		];
		let node_url = format!("--node={}", node.url());
		let lines = said(&["plain-json", "keys", &arguments[0], &arguments[1], &node_url])?;
		let keys: Keys = serde_json::from_str(lines.lines().next().context("no keys")?)?;
		let (passport, alias) = *batteries.first().context("no battery")?;
		ensure!(lines.lines().count() == batteries.len(), "{lines}");
		ensure!(
			keys.passport == passport.to_string() && keys.alias.as_deref() == Some(alias),
			"{lines}"
		);
		let register = RuntimeCall::Telemetry(TelemetryCall::register_bridge_device {
			passport: Static(passport),
			public_key: bytes(&keys.public_key)?,
			proof: bytes(&keys.proof)?,
		});
		let registered = finalise(ledger, &TestMember::CellWorks.signer(), &register).await?;
		let devices = ledger.devices_of(passport).await?;
		Ok(Held {
			arguments,
			keys,
			device: devices.last().context("no device")?.device,
			first_block: registered.block_number,
		})
	}

	/// The key that its frames of the first epoch are opened with.
	fn seal_key(&self) -> Result<SealKey> {
		let key = said(&[
			"plain-json",
			"seal-key",
			&self.arguments[0],
			&self.arguments[1],
			"--battery",
			ALIAS,
			"--epoch",
			"0",
		])?;
		Ok(SealKey::new(bytes(key.trim())?))
	}
}

/// A client that publishes one message after the other, each of the second after the one before, until it is stopped.
struct Client {
	acknowledged: Arc<AtomicU64>,
	stop: oneshot::Sender<()>,
	task: JoinHandle<Result<u64>>,
}

impl Client {
	fn start(url: String, first_second: u64) -> Self {
		let acknowledged = Arc::<AtomicU64>::default();
		let count = Arc::clone(&acknowledged);
		let (stop, mut stopped) = oneshot::channel();
		let task = tokio::spawn(async move {
			let mut ticks = interval(MESSAGE_INTERVAL);
			ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
			for number in 0..MOST_MESSAGES {
				tokio::select! {
					_ = &mut stopped => return Ok(number),
					_ = ticks.tick() => {}
				}
				let message = (topic_of("telemetry/soh"), section_4_3(first_second + number)?);
				publish(&url, [message]).await?;
				count.store(number + 1, Ordering::Relaxed);
			}
			bail!("nobody has stopped the client")
		});
		Client {
			acknowledged,
			stop,
			task,
		}
	}

	/// Waits until so many more messages have been acknowledged to it.
	async fn wait_for_more(&self, more: u64) -> Result<()> {
		let before = self.acknowledged.load(Ordering::Relaxed);
		until("more messages are acknowledged", PATIENCE, async || {
			ensure!(!self.task.is_finished(), "the client has ended");
			Ok((self.acknowledged.load(Ordering::Relaxed) >= before + more).then_some(()))
		})
		.await
	}

	/// Ends it, and says how many messages were acknowledged to it.
	async fn stopped(self) -> Result<u64> {
		// It is away already when the task has ended: its error says why.
		let _ended = self.stop.send(());
		self.task.await?
	}
}

#[test]
fn plain_json_is_final_once_and_no_sequence_is_used_twice_whenever_the_bridge_is_killed() {
	run(async {
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		let identifier = format!("https://id.cell-works.example/21/plain-json-killed/{ALIAS}");
		let passport = register_passport(&ledger, &identifier, Some(ALIAS)).await?;
		let held = Held::register(&ledger, &node, &[(passport, ALIAS)]).await?;
		let mosquitto = Mosquitto::start().await?;
		let setup = Setup {
			arguments: held.arguments.clone(),
			..Setup::default()
		};
		let broker = BrokerChoice::Remote(mosquitto.url());
		let mut bridge = Bridge::start_as(&node.url(), broker, setup).await?;
		let mut frames = FinalisedFrames::from_now(&ledger).await?;
		let first_second = now_seconds() - MOST_MESSAGES;
		let client = Client::start(mosquitto.url(), first_second);
		for (metric, count) in MOMENTS {
			until(&format!("{metric} is {count}"), PATIENCE, async || {
				bridge.program.check_running()?;
				Ok((bridge.metric(metric).await? >= count).then_some(()))
			})
			.await?;
			bridge.program.kill()?;
			client.wait_for_more(10).await?;
			frames.catch_up(&ledger).await?;
			bridge.program.start_again()?;
			bridge.wait_until_ready().await?;
		}
		client.wait_for_more(10).await?;
		let acknowledged = client.stopped().await?;
		until("what was acknowledged is final", PATIENCE, async || {
			bridge.program.check_running()?;
			frames.catch_up(&ledger).await?;
			let taken = frames.taken().len() as u64;
			ensure!(
				taken <= acknowledged,
				"{taken} frames of {acknowledged} messages are final"
			);
			Ok((taken == acknowledged).then_some(()))
		})
		.await?;
		bridge.wait_until_queue_is_empty().await?;
		frames.catch_up(&ledger).await?;

		// Every frame that a block has, taken or not: two of one sequence are the same one, sent again.
		let seal_key = held.seal_key()?;
		let mut readings = BTreeMap::new();
		let mut bytes_of = BTreeMap::new();
		for bytes in frames_since(&ledger, held.first_block, held.device).await? {
			let frame = Frame::parse(&bytes)?;
			let sequence = frame.header.sequence;
			let mut opened = Vec::new();
			crypto::open(&frame, &seal_key, &mut [0; MAX_FRAME_BYTES], |reading| {
				opened.push(reading);
			})?;
			let before = bytes_of.insert(sequence, bytes.clone());
			ensure!(
				before.is_none_or(|before| before == bytes),
				"sequence {sequence} was signed for two frames"
			);
			readings.insert(sequence, opened);
		}
		let in_blocks: BTreeSet<_> = bytes_of.keys().map(|sequence| (held.device, *sequence)).collect();
		ensure!(
			frames.taken() == in_blocks,
			"in blocks, and not taken: {:?}",
			frames.skipped()
		);
		ensure!(
			frames.taken_twice().is_empty(),
			"taken twice: {:?}",
			frames.taken_twice()
		);
		let mut seconds: Vec<u64> = readings
			.values()
			.flatten()
			.map(|reading| reading.time_seconds)
			.collect();
		let told: BTreeSet<u64> = seconds.iter().copied().collect();
		ensure!(
			told.len() == seconds.len(),
			"a message is final twice: {seconds:?}"
		);
		seconds.sort_unstable();
		ensure!(
			seconds.iter().copied().eq(first_second..first_second + acknowledged),
			"{acknowledged} messages from {first_second} on were acknowledged; final are those of {seconds:?}"
		);
		for reading in readings.values().flatten() {
			ensure!(*reading == reading_of_4_3(reading.time_seconds), "{reading:?}");
		}
		let view = ledger.device(held.device).await?.context("no device")?;
		ensure!(u64::from(view.frames) == acknowledged, "{view:?}");
		let letters = bridge.dead_letters()?;
		ensure!(letters.is_empty(), "good messages were given up: {letters:#?}");
		bridge.program.stop().await
	});
}

#[test]
fn plain_json_is_sealed_and_signed_by_the_bridge_final_once_and_marked_as_such() {
	run(async {
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		let passport = register_passport(
			&ledger,
			&format!("https://id.cell-works.example/21/plain-json/{ALIAS}"),
			Some(ALIAS),
		)
		.await?;
		// One that signs for itself, to hold the mark against.
		let itself = register(&ledger, "itself", &["BAT-2027-PJ-000001".to_owned()]).await?;
		let itself = itself.first().context("a battery")?;

		let batteries = [(passport, ALIAS), (itself.passport, itself.alias.as_str())];
		let held = Held::register(&ledger, &node, &batteries).await?;
		let (keys, device) = (&held.keys, held.device);

		let mosquitto = Mosquitto::start().await?;
		let setup = Setup {
			arguments: held.arguments.clone(),
			..Setup::default()
		};
		let broker = BrokerChoice::Remote(mosquitto.url());
		let mut bridge = Bridge::start_as(&node.url(), broker, setup).await?;

		// Good ones, one of them twice, and between them what can not be signed for.
		let now = now_seconds();
		let text = String::from_utf8(section_4_3(now)?)?;
		let own = topic_of("telemetry/soh");
		let for_itself = format!("{}/{}/telemetry/soh", topic::ROOT, itself.alias);
		let stranger = format!("{}/BAT-2099-ZZ-999999/telemetry/soh", topic::ROOT);
		let bad: Vec<(&str, String, String)> = vec![
			("json_not_a_number", own.clone(), text.replace("402.5", "NaN")),
			("json_out_of_range", own.clone(), text.replace("402.5", "402500")),
			(
				"json_no_timestamp",
				own.clone(),
				text.replace("timestamp", "time"),
			),
			(
				"json_wrong_type",
				own.clone(),
				text.replace("402.5", "\"402.5 V\""),
			),
			("json_incomplete", own.clone(), text.replace("voltage", "tension")),
			("json_malformed", own.clone(), "rubbish".to_owned()),
			("json_no_key", stranger, text.clone()),
			("json_other_device", for_itself, text.clone()),
			(
				"from_the_future",
				own.clone(),
				String::from_utf8(section_4_3(now + 3_600)?)?,
			),
		];
		let mut messages = vec![
			(own.clone(), section_4_3(now - 60)?),
			(topic_of("telemetry/current"), section_9_1(now - 30)?),
			(own.clone(), section_4_3(now - 60)?),
		];
		messages.extend(
			bad.iter()
				.map(|(_, topic, text)| (topic.clone(), text.clone().into_bytes())),
		);
		publish(&mosquitto.url(), messages).await?;
		let are_final = async |count: u32| {
			until("the frames are final", PATIENCE, async || {
				let view = ledger.device(device).await?.context("no device")?;
				ensure!(view.frames <= count, "{} frames", view.frames);
				Ok((view.frames == count).then_some(view))
			})
			.await
		};
		are_final(2).await?;

		// A bridge that is killed goes on behind the last sequence. The broker has the alert meanwhile.
		bridge.program.kill()?;
		let before = now_seconds();
		publish_with_paho(&mosquitto.url(), "alerts/critical")?;
		let after = now_seconds();
		bridge.program.start_again()?;
		bridge.wait_until_ready().await?;
		let view = are_final(3).await?;
		bridge.wait_until_queue_is_empty().await?;

		// The ledger tells who signed.
		ensure!(view.signed_by == SignedBy::Bridge, "{view:?}");
		ensure!(
			view.public_key.0 == bytes::<32>(&keys.public_key)? && view.readings == 3,
			"{view:?}"
		);
		let own_view = ledger.device(itself.device).await?.context("no device")?;
		ensure!(
			own_view.signed_by == SignedBy::Battery && own_view.frames == 0,
			"{own_view:?}"
		);

		// Nothing of it stands on the ledger as it was sent; who is given the epoch's key reads what was measured.
		let frames = frames_since(&ledger, held.first_block, device).await?;
		let seal_key = held.seal_key()?;
		let mut readings = BTreeMap::new();
		for bytes in &frames {
			let frame = Frame::parse(bytes)?;
			crypto::open(&frame, &seal_key, &mut [0; MAX_FRAME_BYTES], |reading| {
				readings.insert(frame.header.sequence, reading);
			})?;
		}
		// The other client writes its own time, with a fraction and an offset.
		let of_paho = readings.last_key_value().context("no readings")?.1.time_seconds;
		ensure!(
			(before..=after).contains(&of_paho),
			"{of_paho} is not between {before} and {after}"
		);
		let expected = [
			reading_of_4_3(now - 60),
			reading_of_9_1(now - 30)?,
			reading_of_9_1(of_paho)?,
		];
		ensure!(
			frames.len() == 3 && readings.values().eq(&expected),
			"{} frames: {readings:#?}",
			frames.len()
		);

		// Every bad message is a dead letter with its reason.
		let mut letters: Vec<_> = bridge
			.dead_letters()?
			.into_iter()
			.map(|letter| (letter.reason, letter.topic, letter.payload))
			.collect();
		let mut wanted: Vec<_> = bad
			.into_iter()
			.map(|(reason, topic, text)| (reason.to_owned(), topic, format!("0x{}", hex::encode(text))))
			.collect();
		letters.sort();
		wanted.sort();
		ensure!(
			letters == wanted,
			"dead letters:\n{letters:#?}\ninstead of\n{wanted:#?}"
		);
		Ok(())
	});
}
