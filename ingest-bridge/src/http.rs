//! Metrics, health and readiness over HTTP.

use crate::{
	batch::SharedQueue,
	ledger::{LedgerError, Reachability},
	metrics::Metrics,
	mqtt::Trouble,
	stop::Stop,
	store::Store,
};
use axum::{
	extract::State,
	http::{header, StatusCode},
	response::{IntoResponse, Response},
	routing::get,
	Router,
};
use std::{
	io,
	net::SocketAddr,
	path::Path,
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc,
	},
};
use tokio::net::TcpListener;

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

/// Whether frames go through: broker and node are there, and the pool takes them. A restart does not help when they are not.
async fn readiness(State(shown): State<Shown>) -> (StatusCode, String) {
	let broker = shown.metrics.broker_connected.get() == 1;
	let node = shown.reachability.is_up();
	let refusal = shown.reachability.refusal();
	let node_says = if node { "connected" } else { "not connected" };
	let broker_says = match (broker, shown.broker_trouble.get()) {
		(true, _) => "connected".to_owned(),
		(false, None) => "not connected".to_owned(),
		(false, Some(reason)) => format!("not connected: {reason}"),
	};
	let ledger = refusal.map_or_else(|| "takes frames".to_owned(), |refusal| refusal.to_string());
	let status = if broker && node && shown.takes_frames() {
		StatusCode::OK
	} else {
		StatusCode::SERVICE_UNAVAILABLE
	};
	(
		status,
		format!("broker: {broker_says}\nnode: {node_says}\nledger: {ledger}\n"),
	)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{batch::Limits, clock::Timeline, stop};
	use std::time::Duration;
	use tokio::{
		io::{AsyncReadExt, AsyncWriteExt},
		net::TcpStream,
	};

	pub async fn fetch(address: SocketAddr, path: &str) -> String {
		let mut stream = TcpStream::connect(address).await.unwrap();
		let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
		stream.write_all(request.as_bytes()).await.unwrap();
		let mut answer = String::new();
		stream.read_to_string(&mut answer).await.unwrap();
		answer
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
		let shown = Shown {
			metrics: Arc::new(Metrics::new(1).unwrap()),
			queue: Arc::new(SharedQueue::new(limits, Timeline::start())),
			store: Arc::new(Store::open(&directory.path().join("data"), 1).unwrap()),
			reachability: Arc::new(Reachability::default()),
			broker_trouble: Arc::default(),
			broken: Arc::default(),
		};
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
		shown.broken.store(true, Ordering::SeqCst);
		assert!(fetch(address, "/healthz").await.starts_with("HTTP/1.1 500"));
		let text = fetch(address, "/metrics").await;
		assert!(text.contains("passport_bridge_node_connected 1"), "{text}");
		stopper.stop();
		server.await.unwrap().unwrap();
	}
}
