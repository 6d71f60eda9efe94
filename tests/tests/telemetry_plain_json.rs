//! Plain JSON of an ordinary MQTT client: the operator's bridge seals and signs it with the key that it was registered with, and
//! the ledger says so.

use anyhow::{ensure, Context, Result};
use passport_client::{
	api::{
		self,
		runtime_types::{pallet_telemetry::pallet::Call as TelemetryCall, passport_runtime::RuntimeCall},
	},
	test_keys::TestMember,
	Ledger,
};
use passport_primitives::{
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
	publish, register, run, until, Bridge, BrokerChoice, Mosquitto, Node, PATIENCE,
};
use serde::Deserialize;
use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, process::Command};
use subxt::utils::Static;

/// The battery of the protocol's examples, of another year.
const ALIAS: &str = "BAT-2027-PJ-001234";

/// From which the bridge's keys follow: known to everyone, for this test alone.
const SECRET: &str = "7365637265742d6f662d746573742d6f662d7761732d706c61696e2d6a736f6e";

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

		// What the operator does once: a secret, a list, and the registration of each battery's key.
		let files = folder("vault")?;
		let (batteries, secret) = (files.join("batteries.toml"), files.join("secret"));
		fs::write(
			&batteries,
			format!(
				"[[battery]]\npassport = \"{passport}\"\nalias = \"{ALIAS}\"\n\n[[battery]]\npassport = \"{}\"\nalias = \"{}\"\n",
				itself.passport, itself.alias
			),
		)?;
		fs::write(&secret, SECRET)?;
		fs::set_permissions(&secret, fs::Permissions::from_mode(0o600))?;
		let vault = [
			format!("--plain-json-vault={}", batteries.display()),
			format!("--plain-json-key-file={}", secret.display()),
		];
		let [in_vault, by_secret] = vault.each_ref().map(String::as_str);
		let node_url = format!("--node={}", node.url());
		let lines = said(&["plain-json", "keys", in_vault, by_secret, &node_url])?;
		let keys: Keys = serde_json::from_str(lines.lines().next().context("no keys")?)?;
		ensure!(lines.lines().count() == 2, "{lines}");
		ensure!(
			keys.passport == passport.to_string() && keys.alias.as_deref() == Some(ALIAS),
			"{lines}"
		);
		let register = RuntimeCall::Telemetry(TelemetryCall::register_bridge_device {
			passport: Static(passport),
			public_key: bytes(&keys.public_key)?,
			proof: bytes(&keys.proof)?,
		});
		let registered = finalise(&ledger, &TestMember::CellWorks.signer(), &register).await?;
		let devices = ledger.devices_of(passport).await?;
		let device = devices.last().context("no device")?.device;

		let mosquitto = Mosquitto::start().await?;
		let setup = Setup {
			arguments: vault.to_vec(),
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
		let frames = frames_since(&ledger, registered.block_number, device).await?;
		let seal_key = said(&[
			"plain-json",
			"seal-key",
			in_vault,
			by_secret,
			"--battery",
			ALIAS,
			"--epoch",
			"0",
		])?;
		let seal_key = SealKey::new(bytes(seal_key.trim())?);
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
