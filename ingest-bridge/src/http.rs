//! Metrics, health, readiness and what was anchored, over HTTP.

use crate::{
	batch::{FrameKey, SharedQueue},
	content::BatchAddress,
	inclusion::{Archive, NoProof},
	ledger::{LedgerError, Reachability},
	metrics::Metrics,
	mqtt::Trouble,
	stop::Stop,
	store::Store,
};
use axum::{
	body::Body,
	extract::{Path as UrlPath, State},
	http::{header, StatusCode},
	response::{IntoResponse, Response},
	routing::get,
	Router,
};
use futures::stream;
use serde_json::json;
use std::{
	io,
	net::SocketAddr,
	path::Path,
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc,
	},
};
use tokio::{io::AsyncReadExt, net::TcpListener, time::Instant};

/// A batch file is sent in pieces of so many bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// What is shown.
#[derive(Clone)]
pub struct Shown {
	/// Counters.
	pub metrics: Arc<Metrics>,
	/// The queue.
	pub queue: Arc<SharedQueue>,
	/// The disk.
	pub store: Arc<Store>,
	/// Whether a node answers.
	pub reachability: Arc<Reachability>,
	/// Why the broker is not there.
	pub broker_trouble: Arc<Trouble>,
	/// Set when a task has ended that should not have.
	pub broken: Arc<AtomicBool>,
	/// What was anchored.
	pub archive: Arc<Archive>,
}

impl Shown {
	/// Brings gauges up to date that nobody moves.
	pub(crate) fn refresh(&self) {
		let (frames, bytes, oldest_ms) = self
			.queue
			.with(|queue| (queue.len(), queue.bytes(), queue.oldest_ms()));
		let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
		let age_ms = oldest_ms.map_or(0, |oldest| self.queue.timeline().now_ms().saturating_sub(oldest));
		self.metrics.frames_queued.set(whole(frames));
		self.metrics.queue_bytes.set(whole(bytes));
		self.metrics.queue_oldest_seconds.set(age_ms.max(0) / 1_000);
		self.metrics.node_connected.set(self.reachability.is_up().into());
		self.metrics
			.dead_letters
			.set(i64::try_from(self.store.dead_letters()).unwrap_or(i64::MAX));
	}

	/// Whether the pool takes frames, as far as it was asked. A bridge that waits for its quota is one whose frames are taken:
	/// as fast as its organisation may send them.
	pub(crate) fn takes_frames(&self) -> bool {
		matches!(self.reachability.refusal(), None | Some(LedgerError::OverQuota))
	}

	/// What `/readyz` answers at this time.
	fn readiness(&self, now: Instant) -> (StatusCode, String) {
		let broker = self.metrics.broker_connected.get() == 1;
		let node = self.reachability.is_up();
		let refusal = self.reachability.refusal();
		let held = self.metrics.held_too_long(now);
		let anchors = self.archive.trouble().get();
		let node_says = if node { "connected" } else { "not connected" };
		let broker_says = match (broker, self.broker_trouble.get()) {
			(true, _) => "connected".to_owned(),
			(false, None) => "not connected".to_owned(),
			(false, Some(reason)) => format!("not connected: {reason}"),
		};
		let ready = broker && node && self.takes_frames() && held.is_none() && anchors.is_none();
		let mut text = format!("broker: {broker_says}\nnode: {node_says}\n");
		if let Some(held) = held {
			text += &format!("acknowledgements: held back, {}\n", held.says());
		}
		if let Some(anchors) = anchors {
			text += &format!("anchors: {anchors}\n");
		}
		let ledger = refusal.map_or_else(|| "takes frames".to_owned(), |refusal| refusal.to_string());
		text += &format!("ledger: {ledger}\n");
		let status = match ready {
			true => StatusCode::OK,
			false => StatusCode::SERVICE_UNAVAILABLE,
		};
		(status, text)
	}
}

/// Listens; with port 0 the system chooses one, which `address_file` then tells.
pub async fn listen(
	address: SocketAddr,
	address_file: Option<&Path>,
) -> io::Result<(TcpListener, SocketAddr)> {
	let listener = TcpListener::bind(address).await?;
	let address = listener.local_addr()?;
	if let Some(path) = address_file {
		// Whole or not at all: someone waits for this file.
		let part = path.with_extension("part");
		tokio::fs::write(&part, format!("{address}\n")).await?;
		tokio::fs::rename(&part, path).await?;
	}
	Ok((listener, address))
}

/// Serves until it is time to stop.
pub async fn serve(listener: TcpListener, shown: Shown, stop: Stop) -> io::Result<()> {
	axum::serve(listener, router(shown))
		.with_graceful_shutdown(async move { stop.requested().await })
		.await
}

fn router(shown: Shown) -> Router {
	Router::new()
		.route("/metrics", get(metrics))
		.route("/healthz", get(health))
		.route("/readyz", get(readiness))
		.route("/v1/content/{cid}", get(content))
		.route("/v1/inclusion/{device}/{sequence}", get(inclusion))
		.with_state(shown)
}

async fn metrics(State(shown): State<Shown>) -> Response {
	shown.refresh();
	match shown.metrics.render() {
		Ok(text) => (
			[(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
			text,
		)
			.into_response(),
		Err(error) => {
			tracing::error!(%error, "metrics could not be written");
			StatusCode::INTERNAL_SERVER_ERROR.into_response()
		}
	}
}

/// Whether the process works at all. A restart helps when it does not.
async fn health(State(shown): State<Shown>) -> (StatusCode, &'static str) {
	match shown.broken.load(Ordering::SeqCst) {
		false => (StatusCode::OK, "ok\n"),
		true => (
			StatusCode::INTERNAL_SERVER_ERROR,
			"a part of the bridge has ended\n",
		),
	}
}

/// Whether frames go through: broker and node are there, the pool takes them, acknowledgements are not held back for long, and
/// anchors go on. A restart does not help when they are not.
async fn readiness(State(shown): State<Shown>) -> (StatusCode, String) {
	shown.readiness(Instant::now())
}

/// An error in JSON, as RFC 9457 has it.
fn problem(status: StatusCode, detail: &str) -> Response {
	let body = json!({
		"type": "about:blank",
		"title": status.canonical_reason(),
		"status": status.as_u16(),
		"detail": detail,
	});
	(
		status,
		[(header::CONTENT_TYPE, "application/problem+json")],
		body.to_string(),
	)
		.into_response()
}

/// A batch file by its content address. What an address leads to never changes.
async fn content(State(shown): State<Shown>, UrlPath(cid): UrlPath<String>) -> Response {
	let Some(address) = BatchAddress::parse(&cid) else {
		return problem(
			StatusCode::NOT_FOUND,
			"this is no content address of a batch: CIDv1, raw, SHA-256",
		);
	};
	let opened = async {
		let file = tokio::fs::File::open(shown.archive.content().path(&address)).await?;
		let bytes = file.metadata().await?.len();
		io::Result::Ok((file, bytes))
	};
	let (file, bytes) = match opened.await {
		Ok(opened) => opened,
		Err(error) if error.kind() == io::ErrorKind::NotFound => {
			return problem(StatusCode::NOT_FOUND, "this batch is not here");
		}
		Err(error) => {
			tracing::error!(%error, %address, "a batch file can not be read");
			return problem(
				StatusCode::INTERNAL_SERVER_ERROR,
				"the batch file can not be read",
			);
		}
	};
	let pieces = stream::try_unfold(file, |mut file| async move {
		let mut piece = vec![0; PIECE_BYTES];
		let read = file.read(&mut piece).await?;
		piece.truncate(read);
		io::Result::Ok((read > 0).then_some((piece, file)))
	});
	(
		[
			(header::CONTENT_TYPE, "application/octet-stream".to_owned()),
			(header::CONTENT_LENGTH, bytes.to_string()),
			(header::ETAG, format!("\"{address}\"")),
			(
				header::CACHE_CONTROL,
				"public, max-age=31536000, immutable".to_owned(),
			),
		],
		Body::from_stream(pieces),
	)
		.into_response()
}

/// That a frame is in an anchor. Once it is, the answer stays the same.
async fn inclusion(
	State(shown): State<Shown>,
	UrlPath((device, sequence)): UrlPath<(String, String)>,
) -> Response {
	let (Ok(device), Ok(sequence)) = (device.parse::<u32>(), sequence.parse::<u64>()) else {
		return problem(
			StatusCode::BAD_REQUEST,
			"device and sequence are numbers: /v1/inclusion/7/1042",
		);
	};
	match shown.archive.inclusion(FrameKey { device, sequence }).await {
		Ok(inclusion) => (
			[(header::CONTENT_TYPE, "application/json")],
			json!(inclusion).to_string(),
		)
			.into_response(),
		Err(error @ NoProof::NotAnchored) => problem(StatusCode::NOT_FOUND, &error.to_string()),
		Err(error @ NoProof::NotKept { .. }) => problem(StatusCode::GONE, &error.to_string()),
		Err(error) => {
			tracing::error!(%error, device, sequence, "an inclusion was asked for");
			// The error may name paths of this machine.
			problem(StatusCode::INTERNAL_SERVER_ERROR, "the batch can not be read")
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		batch::Limits,
		clock::Timeline,
		inclusion::MIN_KEPT_BLOCKS,
		ledger::Anchor,
		metrics::Hold,
		stop,
		store::{fingerprint, FinalAnchor},
		test_battery::Battery,
	};
	use passport_primitives::telemetry::anchor::{
		encode_batch_file, leaf_hash, root_of, verify, AnchoredLeaf, InclusionProof,
	};
	use serde_json::Value;
	use std::time::Duration;
	use tokio::{io::AsyncWriteExt, net::TcpStream};

	pub async fn fetch(address: SocketAddr, path: &str) -> String {
		let mut stream = TcpStream::connect(address).await.unwrap();
		let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
		stream.write_all(request.as_bytes()).await.unwrap();
		let mut answer = String::new();
		stream.read_to_string(&mut answer).await.unwrap();
		answer
	}

	fn shown(data: &Path, limits: Limits) -> Shown {
		let store = Arc::new(Store::open(data, 1).unwrap());
		Shown {
			metrics: Arc::new(Metrics::new(1).unwrap()),
			queue: Arc::new(SharedQueue::new(limits, Timeline::start())),
			archive: Arc::new(Archive::new(store.clone())),
			store,
			reachability: Arc::new(Reachability::default()),
			broker_trouble: Arc::default(),
			broken: Arc::default(),
		}
	}

	#[tokio::test]
	async fn readiness_needs_broker_node_and_a_pool_that_takes_frames_and_health_none_of_them() {
		let directory = tempfile::tempdir().unwrap();
		let file = directory.path().join("address");
		let limits = Limits {
			frames: 1,
			bytes: 1,
			age: Duration::ZERO,
		};
		let shown = shown(&directory.path().join("data"), limits);
		let (listener, address) = listen("127.0.0.1:0".parse().unwrap(), Some(&file)).await.unwrap();
		assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("{address}\n"));
		let (stopper, stop) = stop::channel();
		let server = tokio::spawn(serve(listener, shown.clone(), stop));
		assert!(fetch(address, "/readyz").await.starts_with("HTTP/1.1 503"));
		assert!(fetch(address, "/healthz").await.starts_with("HTTP/1.1 200"));
		shown.metrics.broker_connected.set(1);
		shown.reachability.note(Ok::<_, LedgerError>(())).unwrap();
		assert!(fetch(address, "/readyz").await.starts_with("HTTP/1.1 200"));
		for (refusal, status) in [
			(LedgerError::Paused, 503),
			(LedgerError::OverQuota, 200),
			(LedgerError::Refused("the organisation is suspended".into()), 503),
		] {
			let says = format!("ledger: {refusal}\n");
			shown
				.reachability
				.note_submission::<()>(Err(refusal))
				.unwrap_err();
			let answer = fetch(address, "/readyz").await;
			assert!(
				answer.starts_with(&format!("HTTP/1.1 {status}")) && answer.ends_with(&says),
				"{answer}"
			);
		}
		shown.reachability.note_submission(Ok(())).unwrap();
		assert!(fetch(address, "/readyz")
			.await
			.ends_with("ledger: takes frames\n"));
		let held = |seconds| shown.readiness(Instant::now() + Duration::from_secs(seconds));
		shown.metrics.hold(Some(Hold::Parked));
		assert_eq!(held(29).0, StatusCode::OK);
		// Another reason does not begin anew, and an end does.
		shown.metrics.hold(Some(Hold::Queue));
		let (status, says) = held(31);
		assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
		assert!(
			says.contains("\nacknowledgements: held back, the queue is full\n"),
			"{says}"
		);
		let text = fetch(address, "/metrics").await;
		for (reason, held) in [("queue", 1), ("parked", 0)] {
			let line = format!("passport_bridge_acknowledgements_held{{reason=\"{reason}\"}} {held}\n");
			assert!(text.contains(&line), "{line}");
		}
		shown.metrics.hold(None);
		assert_eq!(held(31).0, StatusCode::OK);
		shown.archive.trouble().set(Some("the node is behind"));
		let (status, says) = held(0);
		assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
		assert!(says.contains("\nanchors: the node is behind\n"), "{says}");
		shown.archive.trouble().set(None);
		assert_eq!(held(0).0, StatusCode::OK);
		shown.broken.store(true, Ordering::SeqCst);
		assert!(fetch(address, "/healthz").await.starts_with("HTTP/1.1 500"));
		let text = fetch(address, "/metrics").await;
		assert!(text.contains("passport_bridge_node_connected 1"), "{text}");
		stopper.stop();
		server.await.unwrap().unwrap();
	}

	fn parts_of(answer: &str) -> (&str, &str) {
		answer.split_once("\r\n\r\n").unwrap()
	}

	fn bytes_of(value: &Value) -> Vec<u8> {
		hex::decode(value.as_str().unwrap().strip_prefix("0x").unwrap()).unwrap()
	}

	/// An anchor of five frames in the archive; their leaves and the root.
	fn anchored(shown: &Shown) -> (Vec<AnchoredLeaf>, [u8; 32]) {
		let battery = Battery::new(3);
		let leaves: Vec<_> = (1..=5)
			.map(|sequence| AnchoredLeaf {
				device: battery.index,
				frame: battery.frame(sequence).try_into().unwrap(),
			})
			.collect();
		let hashes: Vec<_> = leaves.iter().map(AnchoredLeaf::hash).collect();
		let file = encode_batch_file(&leaves).unwrap();
		let address = BatchAddress::of(&file);
		shown.archive.content().prepare().unwrap();
		shown.archive.content().write(&address, &file).unwrap();
		let anchor = FinalAnchor {
			bridge: 2,
			anchor: Anchor {
				stream: 4,
				root: root_of(&hashes),
				leaves: 5,
				readings: 10,
				content: address.cid(),
			},
			block: 77,
			finalised_ms: 1_000,
		};
		let keys: Vec<_> = leaves
			.iter()
			.map(|leaf| {
				let (device, sequence) = leaf.place().unwrap();
				(FrameKey { device, sequence }, fingerprint(&leaf.frame))
			})
			.collect();
		shown.store.settle_anchor(0, &anchor, &keys).unwrap();
		(leaves, anchor.anchor.root)
	}

	#[tokio::test]
	async fn what_was_anchored_is_served_with_its_proof() {
		let directory = tempfile::tempdir().unwrap();
		let limits = Limits {
			frames: 1,
			bytes: 1,
			age: Duration::ZERO,
		};
		let shown = shown(directory.path(), limits);
		let (leaves, root) = anchored(&shown);
		let (listener, address) = listen("127.0.0.1:0".parse().unwrap(), None).await.unwrap();
		let (stopper, stop) = stop::channel();
		let server = tokio::spawn(serve(listener, shown.clone(), stop));
		let mut cid = String::new();
		for (index, leaf) in (0..).zip(&leaves) {
			let answer = fetch(address, &format!("/v1/inclusion/3/{}", index + 1)).await;
			let (head, body) = parts_of(&answer);
			assert!(head.starts_with("HTTP/1.1 200"), "{head}");
			assert!(head.contains("content-type: application/json"), "{head}");
			let said: Value = serde_json::from_str(body).unwrap();
			assert_eq!(said["anchor"], json!({"bridge": 2, "stream": 4, "number": 0}));
			assert_eq!(bytes_of(&said["root"]), root);
			assert_eq!(
				(&said["leaves"], &said["leafIndex"], &said["device"]),
				(&json!(5), &json!(index), &json!(3))
			);
			assert_eq!(said["finalisedBlock"], 77);
			let frame = bytes_of(&said["frame"]);
			assert_eq!(frame, leaf.frame.to_vec());
			let siblings: Vec<[u8; 32]> = said["proof"]
				.as_array()
				.unwrap()
				.iter()
				.map(|sibling| bytes_of(sibling).try_into().unwrap())
				.collect();
			let proof = InclusionProof {
				index,
				siblings: siblings.try_into().unwrap(),
			};
			assert!(verify(&root, 5, leaf_hash(3, &frame), &proof));
			cid = said["content"].as_str().unwrap().to_owned();
		}

		// The batch file has bytes that are no text.
		let path = format!("/v1/content/{cid}");
		let mut stream = TcpStream::connect(address).await.unwrap();
		let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
		stream.write_all(request.as_bytes()).await.unwrap();
		let mut answer = Vec::new();
		stream.read_to_end(&mut answer).await.unwrap();
		let file = encode_batch_file(&leaves).unwrap();
		let head = String::from_utf8_lossy(&answer[..answer.len() - file.len()]).into_owned();
		assert_eq!(answer[answer.len() - file.len()..], file);
		for wanted in [
			"HTTP/1.1 200",
			"cache-control: public, max-age=31536000, immutable",
			&format!("content-length: {}\r\n", file.len()),
			&format!("etag: \"{cid}\""),
		] {
			assert!(head.contains(wanted), "{wanted} is missing: {head}");
		}
		stopper.stop();
		server.await.unwrap().unwrap();
	}

	#[tokio::test]
	async fn what_is_not_there_is_a_problem_in_json() {
		let directory = tempfile::tempdir().unwrap();
		let limits = Limits {
			frames: 1,
			bytes: 1,
			age: Duration::ZERO,
		};
		let shown = shown(directory.path(), limits);
		anchored(&shown);
		let (listener, address) = listen("127.0.0.1:0".parse().unwrap(), None).await.unwrap();
		let (stopper, stop) = stop::channel();
		let server = tokio::spawn(serve(listener, shown.clone(), stop));
		let other = BatchAddress::of(b"another batch");
		let check = async |path: String, status: u16, detail: &str| {
			let answer = fetch(address, &path).await;
			let (head, body) = parts_of(&answer);
			assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {head}");
			assert!(
				head.contains("content-type: application/problem+json"),
				"{path}: {head}"
			);
			let said: Value = serde_json::from_str(body).unwrap();
			assert_eq!(said["status"], status, "{path}");
			assert!(
				said["detail"].as_str().unwrap().contains(detail),
				"{path}: {body}"
			);
		};
		check("/v1/inclusion/3/6".into(), 404, "no final anchor").await;
		check("/v1/inclusion/4/1".into(), 404, "no final anchor").await;
		check("/v1/inclusion/3/one".into(), 400, "numbers").await;
		check("/v1/inclusion/4294967296/1".into(), 400, "numbers").await;
		check(format!("/v1/content/{other}"), 404, "not here").await;
		check("/v1/content/..%2Fmeta".into(), 404, "no content address").await;
		// A batch that was changed on disk proves nothing.
		let anchor = shown.store.anchor(0).unwrap().unwrap();
		let batch = BatchAddress::from_cid(&anchor.anchor.content).unwrap();
		shown.archive.content().write(&batch, b"something else").unwrap();
		check("/v1/inclusion/3/1".into(), 500, "can not be read").await;
		// After its time the file goes; what was anchored is remembered. However short the time that is asked for: it can be disputed.
		let keep = Duration::from_secs(10);
		shown.archive.drop_old(keep, 77 + MIN_KEPT_BLOCKS).await.unwrap();
		assert!(shown.archive.content().path(&batch).exists());
		let longer = Duration::from_secs(MIN_KEPT_BLOCKS + 100);
		shown
			.archive
			.drop_old(longer, 77 + MIN_KEPT_BLOCKS + 100)
			.await
			.unwrap();
		assert!(shown.archive.content().path(&batch).exists());
		shown
			.archive
			.drop_old(keep, 77 + MIN_KEPT_BLOCKS + 1)
			.await
			.unwrap();
		assert!(!shown.archive.content().path(&batch).exists());
		check("/v1/inclusion/3/1".into(), 410, "not kept").await;
		check(format!("/v1/content/{batch}"), 404, "not here").await;
		stopper.stop();
		server.await.unwrap().unwrap();
	}
}
