//! Telemetry by the anchored path: a fleet, a broker, a bridge that is killed, and what anyone can then prove to whoever trusts only
//! the ledger.

use anyhow::{ensure, Context, Result};
use passport_client::{
	api::{self, runtime_types::pallet_telemetry::anchors::Anchor},
	test_keys::TestMember,
	Ledger,
};
use passport_primitives::telemetry::anchor::{
	check_order, decode_batch_file, leaf_hash, root_of, verify, AnchoredLeaf, InclusionProof,
};
use passport_tests::{
	bridge::Setup, http, program::folder, run, until, Bridge, BrokerChoice, Fleet, Mosquitto, Node, PATIENCE,
};
use serde::Deserialize;
use std::{
	collections::{BTreeMap, BTreeSet},
	fs,
	path::Path,
	time::Duration,
};
use subxt::utils::Static;
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpStream,
};

const BATTERIES: u32 = 6;
const FRAME_INTERVAL: Duration = Duration::from_millis(250);

/// The bridge's number among those of its organisation.
const STREAM: u32 = 3;

/// When the bridge is killed: as soon as a counter, or the queue, has come so far since it was started. Anchors are made of at most 32
/// leaves, some 24 of which come in a second: these moments lie before, in and after each step of an anchor's way.
const MOMENTS: [(&str, u64); 6] = [
	// Anchors are final, others on their way.
	("anchors_finalised_total", 2),
	// What came meanwhile is just being taken to disk.
	("frames_accepted_total", 1),
	// There is enough for most of an anchor.
	("frames_queued", 20),
	// An anchor is on its way, and nobody knows whether it gets there.
	("frames_submitted_total", 1),
	("frames_submitted_total", 33),
	// One is final, and its frames are being taken off the queue.
	("anchors_finalised_total", 1),
];

/// What the bridge answers of a frame.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inclusion {
	anchor: AnchorName,
	root: String,
	leaves: u32,
	leaf_index: u32,
	device: u32,
	frame: String,
	proof: Vec<String>,
	content: String,
	finalised_block: u64,
}

#[derive(Deserialize)]
struct AnchorName {
	bridge: u32,
	stream: u32,
	number: u64,
}

fn bytes(text: &str) -> Result<Vec<u8>> {
	Ok(hex::decode(text.strip_prefix("0x").context("no 0x")?)?)
}

fn hash(text: &str) -> Result<[u8; 32]> {
	bytes(text)?
		.try_into()
		.map_err(|_| anyhow::anyhow!("no hash of 32 bytes: {text}"))
}

/// A body that is no text.
async fn download(address: &str, path: &str) -> Result<Vec<u8>> {
	let mut stream = TcpStream::connect(address).await?;
	let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
	stream.write_all(request.as_bytes()).await?;
	let mut answer = Vec::new();
	stream.read_to_end(&mut answer).await?;
	let end = answer
		.windows(4)
		.position(|four| four == b"\r\n\r\n")
		.context("an answer without a body")?;
	ensure!(answer.starts_with(b"HTTP/1.1 200"), "{path} is not served");
	Ok(answer.split_off(end + 4))
}

/// The stream's anchors in the latest final block, by number.
async fn anchors(ledger: &Ledger) -> Result<Vec<Anchor<u32>>> {
	let bridge = TestMember::FrameBridge.organisation();
	let at = ledger.client().at_current_block().await?;
	let storage = api::storage().telemetry();
	let Some(state) = at
		.storage()
		.try_fetch(storage.streams(), (Static(bridge), STREAM))
		.await?
	else {
		return Ok(Vec::new());
	};
	let mut anchors = Vec::new();
	for number in 0..state.decode()?.next_number {
		let id = api::runtime_types::passport_primitives::telemetry::anchor::AnchorId {
			bridge: Static(bridge),
			stream: STREAM,
			number,
		};
		let anchor = at.storage().try_fetch(storage.anchors(), (id,)).await?;
		anchors.push(anchor.context("an anchor is missing")?.decode()?);
	}
	Ok(anchors)
}

/// Proves a frame by what the bridge answers and the ledger says.
async fn prove(http: &str, anchors: &[Anchor<u32>], (device, sequence): (u32, u64)) -> Result<Inclusion> {
	let answer = http::get(http, &format!("/v1/inclusion/{device}/{sequence}")).await?;
	ensure!(
		answer.status == 200,
		"sequence {sequence} of device {device}: {}",
		answer.body
	);
	let said: Inclusion = serde_json::from_str(&answer.body)?;
	ensure!(
		(said.anchor.bridge, said.anchor.stream) == (TestMember::FrameBridge.organisation().0, STREAM),
		"of another stream: {}",
		answer.body
	);
	let anchor = anchors
		.get(usize::try_from(said.anchor.number)?)
		.context("the ledger has no such anchor")?;
	let siblings = said
		.proof
		.iter()
		.map(|sibling| hash(sibling))
		.collect::<Result<Vec<_>>>()?;
	let proof = InclusionProof {
		index: said.leaf_index,
		siblings: siblings
			.try_into()
			.map_err(|_| anyhow::anyhow!("too many hashes"))?,
	};
	let leaf = AnchoredLeaf {
		device: said.device,
		frame: bytes(&said.frame)?
			.try_into()
			.map_err(|_| anyhow::anyhow!("too long a frame"))?,
	};
	ensure!(
		leaf.place().ok() == Some((device, sequence)),
		"another frame than was asked for: {}",
		answer.body
	);
	ensure!(
		verify(
			&anchor.root,
			anchor.leaves,
			leaf_hash(device, &leaf.frame),
			&proof
		),
		"the proof does not hold against the ledger's root: {}",
		answer.body
	);
	ensure!(
		hash(&said.root)? == anchor.root
			&& said.leaves == anchor.leaves
			&& said.finalised_block == u64::from(anchor.anchored_at),
		"the bridge says otherwise than the ledger: {}",
		answer.body
	);
	Ok(said)
}

/// Where the bridge serves HTTP.
fn http_address(file: &Path) -> Result<String> {
	Ok(fs::read_to_string(file)?.trim().to_owned())
}

#[test]
fn every_acknowledged_frame_can_be_proven_by_one_anchor_however_the_bridge_is_killed() {
	run(async {
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		let mosquitto = Mosquitto::start().await?;
		let file = folder("anchored")?.join("http");
		let setup = Setup {
			arguments: vec![
				"--path=anchored".into(),
				format!("--anchor-stream={STREAM}"),
				"--anchor-max-age-seconds=2".into(),
				"--anchor-max-leaves=32".into(),
				format!("--http-address-file={}", file.display()),
			],
			..Setup::default()
		};
		let broker = BrokerChoice::Remote(mosquitto.url());
		let mut bridge = Bridge::start_as(&node.url(), broker, setup).await?;
		let fleet = Fleet::register(&ledger, "anchored", BATTERIES).await?;
		let mut run = fleet.publish_until_stopped(&mosquitto.url(), FRAME_INTERVAL)?;
		for (metric, count) in MOMENTS {
			until(&format!("{metric} is {count}"), PATIENCE, async || {
				bridge.program.check_running()?;
				Ok((bridge.metric(metric).await? >= count).then_some(()))
			})
			.await?;
			bridge.program.kill()?;
			run.wait_for_more(10, PATIENCE).await?;
			bridge.program.start_again()?;
			bridge.wait_until_ready().await?;
		}
		run.wait_for_more(10, PATIENCE).await?;
		let acknowledged = run.stopped(PATIENCE).await?;
		let http = http_address(&file)?;
		until("every acknowledged frame is anchored", PATIENCE, async || {
			bridge.program.check_running()?;
			let leaves: u32 = anchors(&ledger).await?.iter().map(|anchor| anchor.leaves).sum();
			let queued = bridge.metric("frames_queued").await?;
			Ok((leaves as usize >= acknowledged.len() && queued == 0).then_some(()))
		})
		.await?;

		// Each by itself, as its owner would ask.
		let on_ledger = anchors(&ledger).await?;
		let mut addresses = BTreeMap::new();
		for frame in &acknowledged {
			let said = prove(&http, &on_ledger, *frame).await?;
			addresses.insert(said.anchor.number, said.content);
		}

		// And all of them, as someone would who looks for a replay.
		let mut places = BTreeSet::new();
		for (number, anchor) in (0..).zip(&on_ledger) {
			ensure!(anchor.offence.is_none(), "anchor {number} was disputed");
			let address = addresses
				.get(&number)
				.with_context(|| format!("no acknowledged frame is in anchor {number}"))?;
			let file = download(&http, &format!("/v1/content/{address}")).await?;
			let leaves = decode_batch_file(&file)?;
			let hashes: Vec<_> = leaves.iter().map(AnchoredLeaf::hash).collect();
			ensure!(
				root_of(&hashes) == anchor.root && leaves.len() == anchor.leaves as usize,
				"{address} is not the batch of anchor {number}"
			);
			check_order(&leaves)?;
			for leaf in &leaves {
				let place = leaf.place()?;
				ensure!(places.insert(place), "{place:?} was anchored twice");
			}
		}
		ensure!(
			places == acknowledged,
			"anchored, but acknowledged to nobody: {:?}",
			places.difference(&acknowledged).collect::<Vec<_>>()
		);
		let letters = bridge.dead_letters()?;
		ensure!(letters.is_empty(), "good frames were given up: {letters:#?}");
		let unknown = http::get(&http, "/v1/inclusion/0/999999").await?;
		ensure!(unknown.status == 404, "{unknown:?}");
		bridge.program.stop().await
	});
}
