//! The bridge put together: starts the parts in an order that loses nothing, and stops them in another.

use crate::{
	anchor::{AnchorError, Anchorer},
	backoff::Backoff,
	batch::{Queued, SharedQueue},
	broker::{self, BrokerError, MAX_SENT_BYTES},
	clock::{Clock, LedgerTime, Timeline},
	config::{BrokerChoice, ConfigError, Settings},
	devices::Devices,
	http::{self, Shown},
	inbox::Inbox,
	inclusion::Archive,
	intake::{self, arrival, dead_letter_of_queued, Intake, STORE_BACKOFF},
	ledger::{Ledger, LedgerError, Reachability},
	metrics::Metrics,
	mqtt::{self, AckGate, Link, LinkSettings, RumqttcLink, MAX_PACKET_BYTES},
	status::{self, Screen},
	stop::{self, Stop},
	store::{fingerprint, Changes, Durability, RefusedBy, Store, StoreError},
	submit::{self, Lane, LANE_BACKOFF, REPLAYED},
	vault::Vault,
};
use std::{
	io,
	sync::{atomic::Ordering, Arc},
	time::Duration,
};
use tokio::{
	task::JoinHandle,
	time::{sleep, timeout_at, Instant},
};

/// Waits after the broker failed.
pub const LINK_BACKOFF: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(10));

/// How often the node is asked whether it is there.
const PROBE_EVERY: Duration = Duration::from_secs(2);

/// Why the bridge does not run.
#[derive(Debug, thiserror::Error)]
pub enum BridgeError {
	/// The store does not open, or what is in it can not be read.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// Nothing can be served on the address.
	#[error("http: {0}")]
	Http(io::Error),
	/// The broker inside does not start.
	#[error(transparent)]
	Broker(#[from] BrokerError),
	/// A file that a setting names can not be used: certificates of the connection to the broker, or the vault for plain JSON.
	#[error(transparent)]
	File(#[from] ConfigError),
	/// The node is of another network.
	#[error(transparent)]
	Ledger(LedgerError),
	/// Frames can not be anchored.
	#[error(transparent)]
	Anchor(#[from] AnchorError),
	/// An anchor is on its way, and its frames are not to be sent by the other path as well.
	#[error("the data directory has an anchor on its way: run with path = \"anchored\" until it is final")]
	AnchorOnItsWay,
	/// Two metrics have one name.
	#[error("metrics: {0}")]
	Metrics(#[from] prometheus::Error),
	/// A task ended that runs as long as the bridge.
	#[error("the {0} has ended; this is a bug")]
	TaskEnded(&'static str),
}

/// The network of the queue: what is written down, else what the node says, else waiting for one.
async fn network<L: Ledger>(
	store: &Arc<Store>,
	ledger: &L,
	reachability: &Reachability,
	stop: &Stop,
) -> Result<Option<[u8; 32]>, BridgeError> {
	if let Some(network) = store.work(Store::network).await? {
		return Ok(Some(network));
	}
	let mut backoff = LANE_BACKOFF;
	loop {
		match reachability.note(ledger.genesis_hash().await) {
			Ok(network) => {
				store.work(move |store| store.set_network(&network)).await?;
				return Ok(Some(network));
			}
			Err(error @ LedgerError::OtherNetwork { .. }) => return Err(BridgeError::Ledger(error)),
			// That no node answers was told.
			Err(LedgerError::Unreachable(_)) => {}
			Err(error) => tracing::warn!(%error, "the node was asked for its network"),
		}
		tokio::select! {
			() = sleep(backoff.failed()) => {},
			() = stop.requested() => return Ok(None),
		}
	}
}

/// Looks whether a node answers and what time the ledger has, also when there is nothing to submit. Ends when the node is of another
/// network.
async fn probe<L: Ledger>(
	ledger: Arc<L>,
	reachability: Arc<Reachability>,
	ledger_time: Arc<LedgerTime>,
	metrics: Arc<Metrics>,
	stop: Stop,
) -> Option<LedgerError> {
	loop {
		match reachability.note(ledger.finalised_head().await) {
			Ok(head) => {
				metrics
					.finalised_height
					.set(i64::try_from(head.height).unwrap_or(i64::MAX));
				if let Some(unix_seconds) = head.unix_seconds {
					ledger_time.note(head.height, unix_seconds);
				}
			}
			Err(error @ LedgerError::OtherNetwork { .. }) => return Some(error),
			Err(error) => tracing::debug!(%error, "the node was asked for its height"),
		}
		tokio::select! {
			() = sleep(PROBE_EVERY) => {},
			() = stop.requested() => return None,
		}
	}
}

fn link_settings(settings: &Settings) -> Result<LinkSettings, BrokerError> {
	let (host, port, login, tls, max_packet_bytes) = match &settings.broker {
		BrokerChoice::Embedded(listen) => {
			broker::start(*listen)?;
			let host = match listen {
				address if address.ip().is_unspecified() && address.is_ipv4() => "127.0.0.1".to_owned(),
				address if address.ip().is_unspecified() => "[::1]".to_owned(),
				address if address.is_ipv6() => format!("[{}]", address.ip()),
				address => address.ip().to_string(),
			};
			(host, listen.port(), None, None, MAX_SENT_BYTES)
		}
		BrokerChoice::Remote {
			host,
			port,
			login,
			tls,
		} => {
			let login = login
				.as_ref()
				.map(|login| (login.username.clone(), login.password.clone()));
			(host.clone(), *port, login, tls.clone(), MAX_PACKET_BYTES)
		}
	};
	Ok(LinkSettings {
		host,
		port,
		client_id: settings.client_id.clone(),
		login,
		tls,
		share_group: settings.share_group.clone(),
		plain_json: settings.plain_json.is_some(),
		receive_maximum: settings.receive_maximum,
		max_packet_bytes,
		keep_alive: settings.keep_alive,
		session_expiry_seconds: settings.session_expiry_seconds,
	})
}

/// So many frames are looked up at a time.
const LOOKED_UP_AT_ONCE: usize = 1_024;

/// Takes frames out of the queue that were anchored: on the anchored path they came again and wait to be left out, and on the other one the
/// ledger would take them a second time. How many: the same ones, and others with a sequence that was anchored.
fn leave_out_anchored(store: &Store, refused_ms: u64) -> Result<(u64, u64), StoreError> {
	let (mut same, mut others) = (0, 0);
	if store.anchor_stream()?.is_none() {
		return Ok((same, others));
	}
	let mut queued = Vec::new();
	store.for_each_queued(|key, frame| queued.push((key, fingerprint(&frame.frame))))?;
	for group in queued.chunks(LOOKED_UP_AT_ONCE) {
		let before = store.anchored_frames(group.iter().map(|(key, _)| *key))?;
		let mut changes = Changes::default();
		for ((key, fingerprint), before) in group.iter().zip(before) {
			let Some(before) = before else {
				continue;
			};
			changes.settled.push(*key);
			if before.fingerprint == *fingerprint {
				same += 1;
				continue;
			}
			if let Some(frame) = store.frames([*key])?.into_iter().flatten().next() {
				others += 1;
				changes.dead.push(dead_letter_of_queued(
					REPLAYED,
					RefusedBy::Bridge,
					*key,
					frame,
					refused_ms,
				));
			}
		}
		store.commit(&changes, Durability::Synced)?;
	}
	Ok((same, others))
}

/// Queues what an earlier run left on disk. Each counts as attempted: whether its extrinsic got into a block
/// is not known.
async fn load_queue(store: &Arc<Store>, queue: &SharedQueue, clock: &Clock) -> Result<usize, StoreError> {
	let (now_ms, unix_now_ms) = (queue.timeline().now_ms(), clock.unix_ms());
	let read = move |store: &Store| {
		let mut frames = Vec::new();
		store.for_each_queued(|key, frame| {
			let queued = Queued {
				bytes: u32::try_from(frame.frame.len()).unwrap_or(u32::MAX),
				arrival_ms: arrival(now_ms, unix_now_ms, frame.received_ms),
				urgent: frame.urgent,
				attempted: true,
			};
			frames.push((key, queued));
		})?;
		Ok(frames)
	};
	let frames = store.work(read).await?;
	let count = frames.len();
	queue.insert(frames);
	Ok(count)
}

/// Runs a bridge until it is asked to stop; `Ok` then, with the rest of the queue on disk. How it is doing is shown on `screen`,
/// or logged where there is none.
pub async fn run<L: Ledger>(
	settings: &Settings,
	store: Store,
	ledger: L,
	clock: Clock,
	screen: Option<Screen>,
	stop: Stop,
) -> Result<(), BridgeError> {
	let vault = settings.plain_json.as_ref().map(Vault::load).transpose()?;
	if let Some(vault) = &vault {
		tracing::info!(
			batteries = vault.batteries().len(),
			"plain JSON of these is sealed and signed here"
		);
	}
	let (store, ledger) = (Arc::new(store), Arc::new(ledger));
	let lanes = ledger.lanes();
	let metrics = Arc::new(Metrics::new(lanes)?);
	let reachability = Arc::new(Reachability::default());
	let queue = Arc::new(match settings.anchor {
		Some(anchor) => SharedQueue::for_anchors(anchor.limits_within(settings.queue), Timeline::start()),
		None => SharedQueue::new(settings.batch, Timeline::start()),
	});
	let archive = Arc::new(Archive::new(store.clone()));
	let (stopper, inner_stop) = stop::channel();

	// First, so that whoever waits for readiness has someone to ask.
	let shown = Shown {
		metrics: metrics.clone(),
		queue: queue.clone(),
		store: store.clone(),
		reachability: reachability.clone(),
		broker_trouble: Arc::default(),
		broken: Arc::default(),
		archive: archive.clone(),
	};
	let (broken, broker_trouble) = (shown.broken.clone(), shown.broker_trouble.clone());
	let (listener, address) = http::listen(settings.http, settings.http_address_file.as_deref())
		.await
		.map_err(BridgeError::Http)?;
	tracing::info!(%address, "serving metrics and health");
	let status = tokio::spawn(status::show(shown.clone(), screen, inner_stop.clone()));
	let http = tokio::spawn(http::serve(listener, shown, inner_stop.clone()));

	let Some(genesis_hash) = network(&store, &*ledger, &reachability, &stop).await? else {
		return Ok(());
	};
	if settings.anchor.is_none() && store.work(Store::pending_anchor).await?.is_some() {
		return Err(BridgeError::AnchorOnItsWay);
	}
	if settings.anchor.is_none() {
		let refused_ms = clock.unix_ms();
		let (same, others) = store
			.work(move |store| leave_out_anchored(store, refused_ms))
			.await?;
		metrics.frames_duplicate.inc_by(same);
		for _ in 0..others {
			metrics.refused(REPLAYED);
		}
	}
	let waiting = load_queue(&store, &queue, &clock).await?;
	tracing::info!(
		network = format!("0x{}", hex::encode(genesis_hash)),
		waiting,
		lanes,
		"the queue is open"
	);
	let devices = Arc::new(Devices::load(
		ledger.clone(),
		reachability.clone(),
		store.clone(),
	)?);

	let link = RumqttcLink::new(&link_settings(settings)?)?;
	let ledger_time = Arc::new(LedgerTime::default());
	let gate = Arc::new(AckGate::new(link.acknowledger(), metrics.clone()));
	let inbox = Arc::new(Inbox::new(settings.receive_maximum));
	let intake = Intake::load(intake::Parts {
		devices: devices.clone(),
		reachability: reachability.clone(),
		store: store.clone(),
		queue: queue.clone(),
		gate: gate.clone(),
		metrics: metrics.clone(),
		clock: clock.clone(),
		ledger_time: ledger_time.clone(),
		genesis_hash,
		bounds: settings.queue,
		backoff: STORE_BACKOFF,
		vault: vault.map(Arc::new),
	})?;
	let parts = submit::Parts {
		ledger: ledger.clone(),
		reachability: reachability.clone(),
		devices,
		store: store.clone(),
		queue,
		metrics: metrics.clone(),
		clock,
	};

	// Extrinsics on their way get half of the time that stopping may take.
	let drain = settings.shutdown / 2;
	let mut lanes: Vec<JoinHandle<Result<(), AnchorError>>> = match settings.anchor {
		Some(anchor) => {
			let anchorer = Anchorer::open(parts.clone(), archive, anchor, LANE_BACKOFF).await?;
			vec![tokio::spawn(anchorer.run(inner_stop.clone(), drain))]
		}
		None => (0..lanes)
			.map(|number| {
				let lane = Lane::new(parts.clone(), number, settings.in_flight, LANE_BACKOFF);
				let running = lane.run(inner_stop.clone(), drain);
				tokio::spawn(async move {
					running.await;
					Ok(())
				})
			})
			.collect(),
	};
	drop(parts);
	let mut intake = tokio::spawn(intake.run(inbox.clone(), inner_stop.clone()));
	let mut polling = tokio::spawn(mqtt::poll(
		link,
		gate.clone(),
		inbox,
		metrics.clone(),
		broker_trouble,
		LINK_BACKOFF,
		inner_stop.clone(),
	));
	let mut probing = tokio::spawn(probe(ledger, reachability, ledger_time, metrics, inner_stop));

	let result = tokio::select! {
		() = stop.requested() => Ok(()),
		ended = &mut probing => match ended {
			Ok(Some(error)) => Err(BridgeError::Ledger(error)),
			_ => Err(BridgeError::TaskEnded("probe of the node")),
		},
		_ = &mut intake => Err(BridgeError::TaskEnded("intake")),
		_ = &mut polling => Err(BridgeError::TaskEnded("polling of the broker")),
		error = any(&mut lanes) => Err(error.map_or(BridgeError::TaskEnded("lane"), BridgeError::Anchor)),
	};
	broken.store(result.is_err(), Ordering::SeqCst);

	tracing::info!("stopping");
	let deadline = Instant::now() + settings.shutdown;
	stopper.stop();
	// The intake first: what it has in hand is written down and acknowledged. Then the link, after the
	// acknowledgements.
	let shut = async {
		if !intake.is_finished() {
			let _ended = (&mut intake).await;
		}
		gate.close();
		if !polling.is_finished() {
			let _ended = (&mut polling).await;
		}
		for lane in &mut lanes {
			if !lane.is_finished() {
				let _ended = lane.await;
			}
		}
		if let Err(error) = store.work(Store::flush).await {
			tracing::warn!(%error, "the store could not be flushed; its log has everything");
		}
	};
	if timeout_at(deadline, shut).await.is_err() {
		tracing::warn!("not everything ended in time; what is on disk stays there");
	}
	for task in &lanes {
		task.abort();
	}
	for task in [&intake, &polling] {
		task.abort();
	}
	probing.abort();
	http.abort();
	// It takes its line off the screen.
	let _ended = status.await;
	tracing::info!("stopped");
	result
}

/// Waits until one of the tasks ends, and says why if it says so.
async fn any(tasks: &mut [JoinHandle<Result<(), AnchorError>>]) -> Option<AnchorError> {
	let (ended, ..) = futures::future::select_all(tasks.iter_mut()).await;
	ended.ok().and_then(Result::err)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		batch::FrameKey,
		ledger::Anchor,
		store::{tests::queued, FinalAnchor},
	};

	#[test]
	fn what_was_anchored_does_not_stay_in_the_queue_of_the_other_path() {
		let directory = tempfile::tempdir().unwrap();
		let store = Store::open(directory.path(), 10).unwrap();
		let key = |sequence| FrameKey { device: 1, sequence };
		let frames = [b"frame 1", b"frame 2", b"frame 3"];
		let anchor = FinalAnchor {
			bridge: 2,
			anchor: Anchor {
				stream: 4,
				root: [9; 32],
				leaves: 2,
				readings: 2,
				content: Vec::new(),
			},
			block: 7,
			finalised_ms: 1,
		};
		let leaves = [(key(1), fingerprint(frames[0])), (key(2), fingerprint(frames[1]))];
		store.set_anchor_stream(4).unwrap();
		store.settle_anchor(0, &anchor, &leaves).unwrap();
		// They came again, the second one as another frame.
		let changes = Changes {
			queue: vec![
				(key(1), queued(frames[0])),
				(key(2), queued(b"another")),
				(key(3), queued(frames[2])),
			],
			..Changes::default()
		};
		store.commit(&changes, Durability::Synced).unwrap();
		assert_eq!(leave_out_anchored(&store, 5).unwrap(), (1, 1));
		let mut left = Vec::new();
		store.for_each_queued(|key, _| left.push(key)).unwrap();
		assert_eq!(left, [key(3)]);
		let letters = store.dead_letters_from(0, 10).unwrap();
		assert_eq!(
			(letters.len(), letters[0].1.reason.as_str(), letters[0].1.sequence),
			(1, "replayed", Some(2))
		);
		assert_eq!(leave_out_anchored(&store, 5).unwrap(), (0, 0));
	}
}
