//! One battery pack's life, played on a development chain with real parts: a node, a broker and bridge, a fleet.
//!
//! `scripts/run` starts this. Nothing is simulated but the batteries' cells and the organisations' decisions.

#![forbid(unsafe_code)]

mod life;
mod payload;
mod process;
mod report;
mod watch;

use anyhow::{bail, ensure, Context, Result};
use clap::Parser;
use life::{wait_until, Battery, Life};
use passport_client::{test_keys::TestMember, Ledger};
use process::{free_port, port_or_free, Program};
use report::Report;
use std::{
	fs,
	path::{Path, PathBuf},
	time::Duration,
};
use watch::Watcher;

/// What devices of the demo derive their keys from: a well-known seed, worth nothing.
const FLEET_SEED: &str = "battery-passport-demo-fleet";

/// Plays one battery pack's life on a development chain.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
	/// End after the life instead of keeping the chain running.
	#[arg(long)]
	once: bool,
	/// Batteries in the fleet: 1 to 1,000.
	#[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
	batteries: u32,
	/// Frames that each battery sends: 1 to 1,000.
	#[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
	frames: u32,
	/// Readings in a frame: 1 to 255.
	#[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=255))]
	readings: u32,
	/// Milliseconds from one frame of a battery to its next.
	#[arg(long, default_value_t = 500)]
	frame_interval_ms: u32,
	/// The folder with the payloads.
	#[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/data"))]
	data: PathBuf,
	/// Port of JSON-RPC on loopback; another one is taken when it is in use.
	#[arg(long, default_value_t = 9944)]
	rpc_port: u16,
	/// Keep chain, queue and logs in this folder instead of one that goes with the demo.
	#[arg(long)]
	keep: Option<PathBuf>,
}

/// Everything that runs beside the demo.
struct Stage {
	node: Program,
	bridge: Program,
	rpc_url: String,
	broker_url: String,
	bridge_http: String,
	folder: PathBuf,
}

impl Stage {
	async fn set(options: &Options, folder: &Path) -> Result<(Self, Ledger)> {
		let (rpc_port, broker_port) = (port_or_free(options.rpc_port)?, free_port()?);
		let rpc_url = format!("ws://127.0.0.1:{rpc_port}");
		let mut node = Program::start(
			"passport-node",
			&[
				"--dev".into(),
				"--base-path".into(),
				folder.join("chain").display().to_string(),
				format!("--rpc-port={rpc_port}"),
				"--listen-addr=/ip4/127.0.0.1/tcp/0".into(),
				format!("--prometheus-port={}", free_port()?),
			],
			folder,
		)?;
		let mut connected = None;
		for _ in 0..240 {
			node.check_running()?;
			match Ledger::connect(&rpc_url).await {
				Ok(ledger) => {
					connected = Some(ledger);
					break;
				}
				Err(_) => tokio::time::sleep(Duration::from_millis(250)).await,
			}
		}
		let ledger = connected.context("the node did not answer within a minute")?;
		wait_until(30, "the chain finalises its first block", || async {
			Ok(ledger.finalised_head().await?.0 > 0)
		})
		.await?;

		let http_address = folder.join("bridge-http-address");
		let bridge = Program::start(
			"passport-ingest-bridge",
			&[
				format!("--embedded-broker=127.0.0.1:{broker_port}"),
				format!("--node={rpc_url}"),
				format!("--data={}", folder.join("bridge").display()),
				format!("--dev-signer={}", TestMember::FrameBridge.seed()),
				"--http=127.0.0.1:0".into(),
				format!("--http-address-file={}", http_address.display()),
			],
			folder,
		)?;
		let mut stage = Stage {
			node,
			bridge,
			rpc_url,
			broker_url: format!("mqtt://127.0.0.1:{broker_port}"),
			bridge_http: String::new(),
			folder: folder.to_path_buf(),
		};
		for _ in 0..120 {
			stage.bridge.check_running()?;
			if let Ok(address) = fs::read_to_string(&http_address) {
				stage.bridge_http = address.trim().to_owned();
			}
			if !stage.bridge_http.is_empty() && http_status(&stage.bridge_http, "/readyz").await == Some(200)
			{
				return Ok((stage, ledger));
			}
			tokio::time::sleep(Duration::from_millis(250)).await;
		}
		bail!(
			"the bridge was not ready within 30 s; its log: {}",
			folder.join("passport-ingest-bridge.log").display()
		)
	}

	async fn strike(self) -> Result<()> {
		self.bridge.stop().await?;
		self.node.stop().await
	}
}

/// Status of a GET, without a client library: one line is all that is wanted.
async fn http_status(address: &str, path: &str) -> Option<u16> {
	use tokio::io::{AsyncReadExt, AsyncWriteExt};
	let mut stream = tokio::net::TcpStream::connect(address).await.ok()?;
	let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
	stream.write_all(request.as_bytes()).await.ok()?;
	let mut answer = Vec::new();
	stream.read_to_end(&mut answer).await.ok()?;
	String::from_utf8_lossy(&answer).split(' ').nth(1)?.parse().ok()
}

/// Runs the fleet until every frame is acknowledged, then waits until every one is finalised.
async fn telemetry(
	options: &Options,
	stage: &mut Stage,
	ledger: &Ledger,
	watcher: &Watcher,
	fleet: &[Battery],
) -> Result<Report> {
	let manifest = stage.folder.join("fleet.json");
	let entries: Vec<_> = fleet
		.iter()
		.map(|battery| {
			serde_json::json!({
				"alias": battery.alias,
				"passport": battery.passport.to_string(),
				"deviceIndex": battery.fleet_index,
			})
		})
		.collect();
	fs::write(&manifest, serde_json::to_vec_pretty(&entries)?)?;
	let acknowledged = stage.folder.join("fleet-report.jsonl");
	let mut sim = Program::start(
		"bms-sim",
		&[
			format!("--broker={}", stage.broker_url),
			format!("--manifest={}", manifest.display()),
			format!("--seed={FLEET_SEED}"),
			format!("--genesis-hash=0x{}", hex_of(&ledger.genesis_hash())),
			format!("--frames-per-device={}", options.frames),
			format!("--readings-per-frame={}", options.readings),
			"--cells=96".into(),
			format!("--frame-interval-ms={}", options.frame_interval_ms),
			format!("--report={}", acknowledged.display()),
			format!("--state={}", stage.folder.join("fleet-state").display()),
		],
		&stage.folder,
	)?;
	let patience = 120 + u64::from(options.frames) * u64::from(options.frame_interval_ms) / 1000;
	tokio::time::timeout(Duration::from_secs(patience), sim.finished())
		.await
		.map_err(|_| anyhow::anyhow!("the fleet did not finish within {patience} s"))??;
	let report = Report::read(&acknowledged, fleet)?;
	ensure!(
		report.frames() as u64 >= u64::from(options.batteries) * u64::from(options.frames),
		"the fleet published {} frames of {}",
		report.frames(),
		u64::from(options.batteries) * u64::from(options.frames)
	);
	wait_until(120, "every acknowledged frame is finalised", || async {
		Ok(watcher.read(|seen| report.missing(seen)) == 0)
	})
	.await?;
	// The set that the devices were told of is the set that the ledger has, nothing twice: the ledger counts each frame once.
	for battery in fleet {
		let device = ledger.device(battery.device).await?.context("a device is gone")?;
		ensure!(
			device.frames as usize == report.frames_of(battery.device),
			"{} sent {} frames, the ledger has {}",
			battery.alias,
			report.frames_of(battery.device),
			device.frames
		);
	}
	Ok(report)
}

fn hex_of(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[allow(clippy::print_stdout)]
async fn play(options: &Options, folder: &Path) -> Result<Stage> {
	println!(
		"starting a development chain, a broker, a bridge and a fleet of {} batteries",
		options.batteries
	);
	let (mut stage, ledger) = Stage::set(options, folder).await?;
	println!(
		"chain 0x{} on {}\n",
		hex_of(&ledger.genesis_hash()),
		stage.rpc_url
	);
	let watcher = Watcher::start(&ledger).await?;
	let mut life = Life::new(&ledger, FLEET_SEED);
	let played = async {
		let (pack, data) = life.register(&options.data).await?;
		life.certify(pack).await?;
		let fleet = life.register_fleet(pack, &data, options.batteries).await?;
		println!(
			"    the fleet publishes {} frames of {} readings each …",
			options.batteries * options.frames,
			options.readings
		);
		let report = telemetry(options, &mut stage, &ledger, &watcher, &fleet)
			.await
			.context("step: telemetry")?;
		println!("    every frame that a device was told is taken stands in a finalised block, once");
		life.sell(pack).await?;
		life.grant(&fleet[0], &watcher).await?;
		let storage = life.second_life(&fleet[0], &options.data).await?;
		life.recycle(storage, pack).await?;
		watcher.read(|seen| report.print(seen));
		anyhow::Ok(())
	}
	.await;
	if let Err(error) = played {
		let step = life.current();
		stage.strike().await?;
		return Err(error.context(format!("the demo failed at or after: {step}")));
	}
	Ok(stage)
}

#[allow(clippy::print_stdout)]
fn invite(stage: &Stage) {
	let port = stage.rpc_url.rsplit(':').next().unwrap_or_default();
	println!(
		"\npolkadot.js    https://polkadot.js.org/apps/?rpc={url}\n\
		 JSON-RPC       curl -s -H 'Content-Type: application/json' -d '{{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"passport_get\",\"params\":[\"{alias}\"]}}' http://127.0.0.1:{port}\n\
		 \x20              curl -s -H 'Content-Type: application/json' -d '{{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"passport_devices\",\"params\":[\"{alias}\"]}}' http://127.0.0.1:{port}\n\
		 \x20              curl -s -H 'Content-Type: application/json' -d '{{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"passport_organisation\",\"params\":[1]}}' http://127.0.0.1:{port}\n\
		 bridge         curl -s http://{http}/metrics\n\
		 MQTT           {broker}  (wia/battery-passport/#)\n\
		 logs           {folder}\n",
		url = stage.rpc_url.replace(':', "%3A").replace('/', "%2F"),
		alias = life::PACK_ALIAS,
		http = stage.bridge_http,
		broker = stage.broker_url,
		folder = stage.folder.display(),
	);
}

#[allow(clippy::print_stdout)]
async fn run(options: Options) -> Result<()> {
	let temporary = tempfile::Builder::new().prefix("battery-passport-").tempdir()?;
	let folder = match &options.keep {
		Some(folder) => {
			fs::create_dir_all(folder).with_context(|| format!("can not make {}", folder.display()))?;
			folder.clone()
		}
		None => temporary.path().to_path_buf(),
	};
	let mut stage = tokio::select! {
		stage = play(&options, &folder) => stage?,
		_ = tokio::signal::ctrl_c() => bail!("interrupted"),
	};
	if options.once {
		return stage.strike().await;
	}
	invite(&stage);
	println!("running; Ctrl-C ends everything");
	let mut asked = Box::pin(tokio::signal::ctrl_c());
	let ended = loop {
		tokio::select! {
			_ = &mut asked => break Ok(()),
			() = tokio::time::sleep(Duration::from_secs(1)) => {
				if let Err(error) = stage.node.check_running().and_then(|()| stage.bridge.check_running()) {
					break Err(error);
				}
			},
		}
	};
	println!("\nending the bridge, then the node");
	stage.strike().await?;
	ended
}

#[tokio::main]
async fn main() {
	tracing_subscriber::fmt()
		.with_env_filter(
			tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into()),
		)
		.with_writer(std::io::stderr)
		.init();
	if let Err(error) = run(Options::parse()).await {
		#[allow(clippy::print_stderr)]
		{
			eprintln!("error: {error:#}");
		}
		std::process::exit(1);
	}
}
