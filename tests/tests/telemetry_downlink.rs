//! Commands of the responsible operator, from its key file by way of the broker to final frames: the epoch that a revoked grant
//! began, other rates, a read-out; and those that no device obeys.

use anyhow::{ensure, Context, Result};
use bms_sim::DeviceIdentity;
use passport_client::{
	api::{
		self,
		runtime_types::{
			pallet_access_grant::{
				pallet::Call as AccessGrantCall,
				types::{GrantId, KeyEnvelope},
			},
			passport_runtime::RuntimeCall,
		},
	},
	test_keys::TestMember,
	Ledger,
};
use passport_primitives::{
	battery::PassportId,
	data_set::{DataSet, DataSets, Purpose},
	ledger::ENVELOPE_BYTES,
	telemetry::{
		command::{Command as Told, SignedCommand, MAX_COMMAND_BYTES},
		crypto, Frame, Header, Reading, MAX_FRAME_BYTES,
	},
	topic::CommandTopic,
};
use passport_tests::{
	battery::now_seconds,
	call::finalise,
	oracle::nothing_lost_nothing_twice,
	program::{built, folder, Program},
	publish, register, run, until, Battery, Bridge, BrokerChoice, FinalisedFrames, Mosquitto, Node, PATIENCE,
};
use serde::Deserialize;
use serde_json::json;
use std::{
	collections::BTreeSet,
	fs,
	os::unix::fs::PermissionsExt,
	path::{Path, PathBuf},
	process::Command,
};
use subxt::utils::Static;

const ALIAS: &str = "BAT-2027-DL-000001";
const SEED: &str = "downlink";

/// Readings in a frame before anybody says otherwise.
const READINGS: u8 = 5;

/// How long ago the readings begin, in seconds: ten simulated seconds pass in a real one.
const BEGIN_BEFORE_SECONDS: u64 = 2_400;

/// What the program prints of a command that the broker has taken.
#[derive(Deserialize)]
struct Sent {
	topic: String,
	passport: String,
	counter: u64,
	command: String,
}

/// Who commands, and by way of which broker and node.
struct Operator {
	broker: String,
	node: String,
	key_file: PathBuf,
}

impl Operator {
	/// Runs the program; its one line, or what it says where it fails.
	fn command(&self, what: &[&str]) -> Result<Result<Sent, String>> {
		let output = Command::new(built("passport-ingest-bridge")?)
			.args(["command", "--battery", ALIAS, "--broker", &self.broker])
			.args(["--node", &self.node, "--key-file"])
			.arg(&self.key_file)
			.args(what)
			.output()?;
		if !output.status.success() {
			return Ok(Err(String::from_utf8_lossy(&output.stderr).into_owned()));
		}
		Ok(Ok(serde_json::from_slice(&output.stdout)?))
	}

	fn commands(&self, what: &[&str]) -> Result<Sent> {
		self.command(what)?
			.map_err(|error| anyhow::anyhow!("{what:?}: {error}"))
	}
}

/// The device of one battery, which begins in epoch 0 and obeys its operator.
struct Device {
	program: Program,
	folder: PathBuf,
}

impl Device {
	fn start(broker: &str, battery: &Battery, command_key: [u8; 32]) -> Result<Self> {
		let folder = folder("device")?;
		let manifest = folder.join("manifest.json");
		let entries = json!([{
			"alias": battery.alias,
			"passport": battery.passport.to_string(),
			"deviceIndex": battery.identity.index,
			"operator": { "commandKey": format!("0x{}", hex::encode(command_key)) },
		}]);
		fs::write(&manifest, entries.to_string())?;
		let arguments = vec![
			format!("--broker={broker}"),
			format!("--manifest={}", manifest.display()),
			format!("--seed={SEED}"),
			format!("--genesis-hash=0x{}", hex::encode(battery.genesis_hash)),
			format!("--readings-per-frame={READINGS}"),
			"--frame-interval-ms=500".into(),
			format!("--start-time={}", now_seconds() - BEGIN_BEFORE_SECONDS),
			"--drain-seconds=3600".into(),
			format!("--report={}", folder.join("report.jsonl").display()),
			format!("--state={}", folder.join("state").display()),
		];
		let program = Program::start("bms-sim", &built("bms-sim")?, arguments, &folder)?;
		Ok(Device { program, folder })
	}

	/// Lines of its log about commands that it ignored.
	fn ignored(&self) -> Result<Vec<String>> {
		let log = fs::read_to_string(self.folder.join("bms-sim.log"))?;
		let lines = log.lines().filter(|line| line.contains("a command was ignored"));
		Ok(lines.map(str::to_owned).collect())
	}

	/// Sequences that the broker has acknowledged.
	fn acknowledged(&self) -> Result<BTreeSet<u64>> {
		#[derive(Deserialize)]
		struct Line {
			sequence: u64,
		}
		let report = fs::read_to_string(self.folder.join("report.jsonl"))?;
		let lines = report.lines().map(|line| -> Result<u64> {
			let line: Line = serde_json::from_str(line).with_context(|| line.to_owned())?;
			Ok(line.sequence)
		});
		lines.collect()
	}
}

/// Frames of a battery in final blocks, opened.
struct Opened {
	next_block: u32,
	frames: Vec<(Header, Vec<Reading>)>,
}

impl Opened {
	async fn catch_up(&mut self, ledger: &Ledger, battery: &Battery) -> Result<()> {
		let (last, _) = ledger.finalised_head().await?;
		while self.next_block <= last {
			let at = ledger.client().at_block(self.next_block).await?;
			let extrinsics = at.extrinsics().fetch().await?;
			for extrinsic in extrinsics.iter() {
				let extrinsic = extrinsic?;
				let call = extrinsic.decode_call_data_fields_as::<api::telemetry::calls::SubmitFrames>();
				let Some(call) = call else { continue };
				for frame in call?.frames.0 {
					if frame.device == battery.device {
						self.frames.push(open(battery, &frame.frame.0)?);
					}
				}
			}
			self.next_block += 1;
		}
		Ok(())
	}
}

/// A frame that verifies and opens under the key of the epoch in its header.
fn open(battery: &Battery, bytes: &[u8]) -> Result<(Header, Vec<Reading>)> {
	let frame = Frame::parse(bytes)?;
	ensure!(
		crypto::verify(
			&frame,
			&battery.genesis_hash,
			&battery.passport,
			&battery.identity.public_key()
		),
		"a frame that its device did not sign"
	);
	let key = battery.identity.master.seal_key(frame.header.key_epoch);
	let mut readings = Vec::new();
	crypto::open(&frame, &key, &mut [0; MAX_FRAME_BYTES], |reading| {
		readings.push(reading);
	})?;
	Ok((frame.header, readings))
}

/// Whether every reading says that this command was the last.
fn acknowledge(readings: &[Reading], counter: u64) -> bool {
	readings.iter().all(|reading| reading.last_command == counter)
}

/// Grants what only the battery's key opens, for the key of epoch 0; the grant's number.
async fn grant(ledger: &Ledger, passport: PassportId) -> Result<GrantId> {
	let request = RuntimeCall::AccessGrant(AccessGrantCall::request {
		passport: Static(passport),
		data_sets: Static(DataSets::of(&[DataSet::Individual])),
		purpose: Static(Purpose::Valuation),
		duration_blocks: 86_400,
	});
	let requested = finalise(ledger, &TestMember::DataBroker.signer(), &request).await?;
	let requested = requested
		.events
		.find_first::<api::access_grant::events::GrantRequested>()
		.context("no GrantRequested event")??;
	let number = requested.grant.0;
	let approve = RuntimeCall::AccessGrant(AccessGrantCall::approve {
		grant: GrantId(number),
		envelope: Some(KeyEnvelope {
			key_epoch: 0,
			bytes: [9; ENVELOPE_BYTES],
		}),
	});
	finalise(ledger, &TestMember::CellWorks.signer(), &approve).await?;
	Ok(GrantId(number))
}

/// What nobody's device may do for it: each with what the device says.
fn not_for_this_device(
	battery: &Battery,
	operator: &DeviceIdentity,
	obeyed: &Sent,
) -> Result<Vec<(Vec<u8>, &'static str)>> {
	let stranger = DeviceIdentity::derive("somebody else", 0);
	let sign = |counter: u64, genesis_hash: &[u8; 32], passport: PassportId, signer: &DeviceIdentity| {
		SignedCommand::sign(
			counter,
			Told::KeyEpoch(9),
			genesis_hash,
			&passport,
			&signer.signing_key,
		)
		.encode(&mut [0; MAX_COMMAND_BYTES])
		.to_vec()
	};
	let (genesis, passport, next) = (battery.genesis_hash, battery.passport, obeyed.counter + 1);
	let digits = obeyed.command.strip_prefix("0x").context("no 0x")?;
	Ok(vec![
		(
			hex::decode(digits)?,
			"its counter is not above the one obeyed last",
		),
		(
			sign(obeyed.counter - 1, &genesis, passport, operator),
			"its counter is not above the one obeyed last",
		),
		(
			sign(next, &genesis, passport, &stranger),
			"it is not signed by the operator for this network and battery",
		),
		(
			sign(next, &[1; 32], passport, operator),
			"it is not signed by the operator for this network and battery",
		),
		(
			sign(next, &genesis, PassportId([1; 32]), operator),
			"it is not signed by the operator for this network and battery",
		),
		(b"rubbish".to_vec(), "the bytes are no command"),
	])
}

fn secret_file(folder: &Path, secret: [u8; 32]) -> Result<PathBuf> {
	let path = folder.join("command-key");
	fs::write(&path, hex::encode(secret))?;
	fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
	Ok(path)
}

#[test]
fn a_device_obeys_its_operator_alone_each_command_once_and_its_final_frames_say_so() {
	run(async {
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		let mosquitto = Mosquitto::start().await?;
		let _bridge = Bridge::start(&node.url(), BrokerChoice::Remote(mosquitto.url())).await?;
		let batteries = register(&ledger, SEED, &[ALIAS.to_owned()]).await?;
		let battery = batteries.first().context("a battery")?;
		let key = DeviceIdentity::derive("operator", 0);
		let operator = Operator {
			broker: mosquitto.url(),
			node: node.url(),
			key_file: secret_file(&folder("operator")?, key.signing_key.to_bytes())?,
		};
		let mut frames = FinalisedFrames::from_now(&ledger).await?;
		let mut opened = Opened {
			next_block: ledger.finalised_head().await?.0 + 1,
			frames: Vec::new(),
		};

		// Nobody listens yet, and the command says so instead of getting lost.
		let refused = operator.command(&["read-out"])?.err();
		ensure!(
			refused
				.as_ref()
				.is_some_and(|error| error.contains("nobody listens")),
			"{refused:?}"
		);
		let mut device = Device::start(&mosquitto.url(), battery, key.public_key())?;
		until("a frame of epoch 0 is final", PATIENCE, async || {
			device.program.check_running()?;
			opened.catch_up(&ledger, battery).await?;
			Ok(opened
				.frames
				.first()
				.map(|(header, readings)| (header.key_epoch, header.count, acknowledge(readings, 0))))
		})
		.await
		.and_then(|first| {
			ensure!(first == (0, READINGS, true), "{first:?}");
			Ok(())
		})?;

		// A grant is revoked, and its grantee is to read nothing more.
		let grant = grant(&ledger, battery.passport).await?;
		let early = operator.command(&["key-epoch", "1"])?.err();
		ensure!(
			early.as_ref().is_some_and(|error| error.contains("key epoch 0")),
			"an epoch that the ledger has not started: {early:?}"
		);
		let revoke = RuntimeCall::AccessGrant(AccessGrantCall::revoke { grant });
		finalise(&ledger, &TestMember::CellWorks.signer(), &revoke).await?;
		let devices = ledger.devices_of(battery.passport).await?;
		let epoch = devices.last().context("no device")?.key_epoch;
		ensure!(epoch == 1, "the ledger is in epoch {epoch}");
		let sent = operator.commands(&["key-epoch", "1"])?;
		ensure!(
			sent.passport == battery.passport.to_string()
				&& sent.topic == (CommandTopic { battery: ALIAS }).to_string(),
			"{} for {}",
			sent.topic,
			sent.passport
		);
		until("frames of epoch 1 are final", PATIENCE, async || {
			device.program.check_running()?;
			opened.catch_up(&ledger, battery).await?;
			let obeyed = opened
				.frames
				.iter()
				.any(|(header, readings)| header.key_epoch == 1 && acknowledge(readings, sent.counter));
			Ok(obeyed.then_some(()))
		})
		.await?;

		// What it does not obey, it says.
		let others = not_for_this_device(battery, &key, &sent)?;
		let (messages, reasons): (Vec<_>, Vec<_>) = others
			.into_iter()
			.map(|(message, reason)| ((sent.topic.clone(), message), reason))
			.unzip();
		publish(&mosquitto.url(), messages).await?;
		let lines = until("every one of them is ignored", PATIENCE, async || {
			device.program.check_running()?;
			let lines = device.ignored()?;
			Ok((lines.len() >= reasons.len()).then_some(lines))
		})
		.await?;
		let as_expected = lines.len() == reasons.len()
			&& lines
				.iter()
				.zip(&reasons)
				.all(|(line, reason)| line.contains(reason) && line.contains(ALIAS));
		ensure!(as_expected, "{lines:#?}");

		let sent = operator.commands(&["rates", "--sample-seconds=2", "--readings-per-frame=3"])?;
		until("frames of three readings are final", PATIENCE, async || {
			device.program.check_running()?;
			opened.catch_up(&ledger, battery).await?;
			let obeyed = opened.frames.iter().any(|(header, readings)| {
				(header.key_epoch, header.count, header.span_seconds) == (1, 3, 4)
					&& acknowledge(readings, sent.counter)
			});
			Ok(obeyed.then_some(()))
		})
		.await?;
		let sent = operator.commands(&["read-out"])?;
		until("the frame that was asked for is final", PATIENCE, async || {
			device.program.check_running()?;
			opened.catch_up(&ledger, battery).await?;
			let obeyed = opened
				.frames
				.iter()
				.any(|(header, readings)| header.count == 1 && acknowledge(readings, sent.counter));
			Ok(obeyed.then_some(()))
		})
		.await?;
		ensure!(
			opened.frames.iter().all(|(header, _)| header.key_epoch <= 1),
			"an epoch that nobody may have commanded"
		);

		device.program.stop_within(PATIENCE).await?;
		let acknowledged = device
			.acknowledged()?
			.into_iter()
			.map(|sequence| (battery.device, sequence))
			.collect();
		nothing_lost_nothing_twice(&ledger, &mut frames, &acknowledged, &batteries, PATIENCE).await
	});
}
