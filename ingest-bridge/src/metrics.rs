//! Counters and gauges, in Prometheus' text format. `README.md` lists them.

use crate::{lock, reason::Reason};
use prometheus::{
	Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
	TextEncoder,
};
use std::{sync::Mutex, time::Duration};
use tokio::time::Instant;

/// Buckets of seconds from arrival to finality: finality takes about a second where all is well, and hours
/// where a node was down.
const SECONDS: [f64; 12] = [
	0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1_800.0, 7_200.0, 86_400.0,
];

/// Acknowledgements that are held back for longer than this are told in `/readyz`.
pub const HELD_TOO_LONG: Duration = Duration::from_secs(30);

/// Why acknowledgements are held back: the broker keeps the messages meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
	/// The queue is full.
	Queue,
	/// Only the ledger can judge the messages, and as many as may be are parked.
	Parked,
	/// There are as many dead letters as may be that can become good: none of them is dropped for another.
	DeadLetters,
	/// The store does not work.
	Store,
}

impl Hold {
	/// Every reason.
	pub const ALL: [Hold; 4] = [Hold::Queue, Hold::Parked, Hold::DeadLetters, Hold::Store];

	/// The name in metrics.
	pub const fn name(self) -> &'static str {
		match self {
			Hold::Queue => "queue",
			Hold::Parked => "parked",
			Hold::DeadLetters => "dead_letters",
			Hold::Store => "store",
		}
	}

	/// What to tell an operator.
	pub const fn says(self) -> &'static str {
		match self {
			Hold::Queue => "the queue is full",
			Hold::Parked => "too many messages wait for a node that can judge them",
			Hold::DeadLetters => "there is no room for dead letters that may become good: replay them, or raise max-dead-letters",
			Hold::Store => "the store does not work",
		}
	}
}

/// All metrics of a bridge, in a registry of their own.
#[allow(missing_docs)] // The help texts below say it, once.
pub struct Metrics {
	registry: Registry,
	/// Why acknowledgements are held back, and since when.
	held: Mutex<Option<(Hold, Instant)>>,
	pub acknowledgements_held: IntGaugeVec,
	pub messages_received: IntCounter,
	pub messages_acknowledged: IntCounter,
	pub acknowledgements_dropped: IntCounter,
	pub broker_connections: IntCounter,
	pub broker_connected: IntGauge,
	pub node_connected: IntGauge,
	pub finalised_height: IntGauge,
	pub frames_accepted: IntCounter,
	pub plain_json_sealed: IntCounter,
	pub frames_duplicate: IntCounter,
	pub frames_refused: IntCounterVec,
	pub messages_parked: IntGauge,
	pub frames_queued: IntGauge,
	pub queue_bytes: IntGauge,
	pub queue_oldest_seconds: IntGauge,
	pub frames_batched: IntCounter,
	pub frames_submitted: IntCounter,
	pub extrinsics_submitted: IntCounter,
	pub extrinsics_unsuccessful: IntCounterVec,
	pub anchors_finalised: IntCounter,
	pub frames_finalised: IntCounter,
	pub readings_finalised: IntCounter,
	pub frames_already_taken: IntCounter,
	pub receive_to_finalised_seconds: Histogram,
	pub lane_in_flight: IntGaugeVec,
	pub lane_waiting: IntGaugeVec,
	pub dead_letters: IntGauge,
	pub dead_letters_dropped: IntCounter,
	pub dead_letters_judged_again: IntCounter,
	pub store_errors: IntCounter,
}

struct Builder(Registry);

impl Builder {
	fn counter(&self, name: &str, help: &str) -> Result<IntCounter, prometheus::Error> {
		let counter = IntCounter::new(format!("passport_bridge_{name}"), help)?;
		self.0.register(Box::new(counter.clone()))?;
		Ok(counter)
	}

	fn counters(&self, name: &str, help: &str, label: &str) -> Result<IntCounterVec, prometheus::Error> {
		let counters = IntCounterVec::new(Opts::new(format!("passport_bridge_{name}"), help), &[label])?;
		self.0.register(Box::new(counters.clone()))?;
		Ok(counters)
	}

	fn gauge(&self, name: &str, help: &str) -> Result<IntGauge, prometheus::Error> {
		let gauge = IntGauge::new(format!("passport_bridge_{name}"), help)?;
		self.0.register(Box::new(gauge.clone()))?;
		Ok(gauge)
	}

	fn gauges(&self, name: &str, help: &str, label: &str) -> Result<IntGaugeVec, prometheus::Error> {
		let gauges = IntGaugeVec::new(Opts::new(format!("passport_bridge_{name}"), help), &[label])?;
		self.0.register(Box::new(gauges.clone()))?;
		Ok(gauges)
	}
}

/// Why an extrinsic was not successful, in [`Metrics::extrinsics_unsuccessful`].
pub const UNSUCCESSFUL: [&str; 6] = [
	"refused",
	"paused",
	"over_quota",
	"failed",
	"not_included",
	"unknown",
];

impl Metrics {
	/// All at zero, those with labels too: a rate needs the zero before the first count.
	pub fn new(lanes: usize) -> Result<Self, prometheus::Error> {
		let new = Builder(Registry::new());
		let histogram = Histogram::with_opts(
			HistogramOpts::new(
				"passport_bridge_receive_to_finalised_seconds",
				"From a frame's arrival at the bridge to its final block.",
			)
			.buckets(SECONDS.to_vec()),
		)?;
		new.0.register(Box::new(histogram.clone()))?;
		let metrics = Metrics {
			messages_received: new.counter("messages_received_total", "Messages from the broker, repeats included.")?,
			messages_acknowledged: new
				.counter("messages_acknowledged_total", "Messages acknowledged to the broker: they are on disk.")?,
			acknowledgements_dropped: new.counter(
				"acknowledgements_dropped_total",
				"Acknowledgements whose connection was gone; the broker sends the message again.",
			)?,
			held: Mutex::default(),
			acknowledgements_held: new.gauges(
				"acknowledgements_held",
				"1 while acknowledgements are held back, by reason.",
				"reason",
			)?,
			broker_connections: new.counter("broker_connections_total", "Connections made to the broker.")?,
			broker_connected: new.gauge("broker_connected", "1 while connected and subscribed.")?,
			node_connected: new.gauge("node_connected", "1 while a node answers.")?,
			finalised_height: new.gauge("finalised_height", "Highest final block that the node told of.")?,
			frames_accepted: new.counter("frames_accepted_total", "Frames that passed the checks and were queued.")?,
			plain_json_sealed: new.counter(
				"plain_json_sealed_total",
				"Messages of plain JSON that the bridge sealed, signed and queued as frames.",
			)?,
			frames_duplicate: new.counter(
				"frames_duplicate_total",
				"Frames that came again, byte by byte, while queued or after they were final.",
			)?,
			frames_refused: new.counters("frames_refused_total", "Dead letters written, by reason.", "reason")?,
			messages_parked: new
				.gauge("messages_parked", "Messages on disk that only the ledger can judge, waiting for a node.")?,
			frames_queued: new.gauge("frames_queued", "Frames on disk that are not final yet.")?,
			queue_bytes: new.gauge("queue_bytes", "Bytes of those frames.")?,
			queue_oldest_seconds: new.gauge("queue_oldest_seconds", "Age of the oldest of those frames; 0 when none.")?,
			frames_batched: new.counter("frames_batched_total", "Frames put into batches, repeats included.")?,
			frames_submitted: new
				.counter("frames_submitted_total", "Frames in extrinsics that a node took, repeats included.")?,
			extrinsics_submitted: new.counter("extrinsics_submitted_total", "Extrinsics that a node took.")?,
			extrinsics_unsuccessful: new.counters(
				"extrinsics_unsuccessful_total",
				"Extrinsics whose frames were sent again: refused by the pool, paused, over the quota, failed as a whole, not included, unknown.",
				"outcome",
			)?,
			anchors_finalised: new.counter("anchors_finalised_total", "Anchors that the ledger took, final.")?,
			frames_finalised: new.counter("frames_finalised_total", "Frames that the ledger took, final.")?,
			readings_finalised: new.counter("readings_finalised_total", "Readings in those frames.")?,
			frames_already_taken: new.counter(
				"frames_already_taken_total",
				"Frames found on the ledger: after a restart, a lost answer, or through another bridge.",
			)?,
			receive_to_finalised_seconds: histogram,
			lane_in_flight: new.gauges("lane_in_flight", "Extrinsics on their way, by lane.", "lane")?,
			lane_waiting: new.gauges("lane_waiting", "1 while the lane waits after a failure.", "lane")?,
			dead_letters: new.gauge("dead_letters", "Dead letters on disk.")?,
			dead_letters_dropped: new
				.counter("dead_letters_dropped_total", "Dead letters dropped because there were too many.")?,
			dead_letters_judged_again: new
				.counter("dead_letters_judged_again_total", "Dead letters judged again because someone asked for it.")?,
			store_errors: new.counter("store_errors_total", "Writes or reads that failed; they are tried again.")?,
			registry: new.0,
		};
		for reason in Reason::all() {
			metrics.frames_refused.with_label_values(&[reason.name()]);
		}
		for outcome in UNSUCCESSFUL {
			metrics.extrinsics_unsuccessful.with_label_values(&[outcome]);
		}
		for hold in Hold::ALL {
			metrics.acknowledgements_held.with_label_values(&[hold.name()]);
		}
		for lane in 0..lanes {
			metrics.lane_in_flight.with_label_values(&[&lane.to_string()]);
			metrics.lane_waiting.with_label_values(&[&lane.to_string()]);
		}
		Ok(metrics)
	}

	/// Counts a dead letter.
	pub fn refused(&self, reason: Reason) {
		self.frames_refused.with_label_values(&[reason.name()]).inc();
	}

	/// Acknowledgements are held back from now on for this reason, or not any more.
	pub fn hold(&self, why: Option<Hold>) {
		let mut held = lock(&self.held);
		if held.map(|(before, _)| before) == why {
			return;
		}
		// Another reason does not make it shorter.
		let since = held.map_or_else(Instant::now, |(_, since)| since);
		*held = why.map(|why| (why, since));
		for hold in Hold::ALL {
			self.acknowledgements_held
				.with_label_values(&[hold.name()])
				.set((Some(hold) == why).into());
		}
	}

	/// Why acknowledgements are held back, if they have been for longer than [`HELD_TOO_LONG`].
	pub fn held_too_long(&self, now: Instant) -> Option<Hold> {
		let (why, since) = (*lock(&self.held))?;
		(now.saturating_duration_since(since) > HELD_TOO_LONG).then_some(why)
	}

	/// Everything in Prometheus' text format.
	pub fn render(&self) -> Result<String, prometheus::Error> {
		let mut text = Vec::new();
		TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
		Ok(String::from_utf8_lossy(&text).into_owned())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn every_reason_is_there_before_it_counts() {
		let text = Metrics::new(2).unwrap().render().unwrap();
		for reason in Reason::all() {
			let line = format!("passport_bridge_frames_refused_total{{reason=\"{reason}\"}} 0");
			assert!(text.contains(&line), "{line}");
		}
		assert!(text.contains("passport_bridge_lane_in_flight{lane=\"1\"} 0"));
	}
}
