//! How the bridge is doing, for whoever watches it: a line that is drawn anew each second where standard error is a terminal,
//! and a line in the log each minute elsewhere. `/metrics` has all of it and more.

use crate::{http::Shown, lock, reason::Reason, stop::Stop};
use std::{
	io::{self, Stderr, Write},
	sync::{Arc, Mutex},
	time::Duration,
};
use tokio::time::{interval, Instant, MissedTickBehavior};
use tracing_subscriber::fmt::MakeWriter;

/// How often the line in a terminal is drawn.
const DRAW_EVERY: Duration = Duration::from_secs(1);

/// How often a line is logged where there is no terminal.
const LOG_EVERY: Duration = Duration::from_secs(60);

/// To the start of the line and away with what stands there. Wrapping is off while the line is drawn: a terminal that is too
/// narrow shows less of it, instead of leaving a row behind every second.
const ERASE: &str = "\r\x1b[K\x1b[?7l";
const WRAP_AGAIN: &str = "\x1b[?7h";

/// A terminal with a status line below the log. What is logged is written above it.
pub struct Screen<Output = Stderr>(Arc<Mutex<Drawn<Output>>>);

struct Drawn<Output> {
	line: String,
	output: Output,
}

// Not derived: that would ask for `Output: Clone`.
impl<Output> Clone for Screen<Output> {
	fn clone(&self) -> Self {
		Screen(self.0.clone())
	}
}

impl<Output: Write> Screen<Output> {
	/// Without a line until one is drawn.
	pub fn new(output: Output) -> Self {
		Screen(Arc::new(Mutex::new(Drawn {
			line: String::new(),
			output,
		})))
	}

	/// Draws another line in place of the one that stands there; an empty one leaves none.
	pub fn draw(&self, line: &str) -> io::Result<()> {
		let mut drawn = lock(&self.0);
		line.clone_into(&mut drawn.line);
		write!(drawn.output, "{ERASE}{line}{WRAP_AGAIN}")?;
		drawn.output.flush()
	}
}

impl<Output: Write> Write for Screen<Output> {
	/// Writes whole lines of a log.
	fn write(&mut self, log: &[u8]) -> io::Result<usize> {
		let mut drawn = lock(&self.0);
		let Drawn { line, output } = &mut *drawn;
		if line.is_empty() {
			output.write_all(log)?;
		} else {
			// In one piece, or the line flickers.
			let mut text = b"\r\x1b[K".to_vec();
			text.extend(log);
			text.extend(format!("{ERASE}{line}{WRAP_AGAIN}").bytes());
			output.write_all(&text)?;
		}
		Ok(log.len())
	}

	fn flush(&mut self) -> io::Result<()> {
		lock(&self.0).output.flush()
	}
}

impl<'a> MakeWriter<'a> for Screen {
	type Writer = Screen;

	fn make_writer(&'a self) -> Screen {
		self.clone()
	}
}

/// What is shown, all counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
	received: u64,
	acknowledged: u64,
	finalised: u64,
	refused: u64,
	queued: i64,
	lag_seconds: i64,
	height: i64,
	broker: bool,
	node: bool,
	takes_frames: bool,
}

fn counts(shown: &Shown) -> Counts {
	shown.refresh();
	let metrics = &shown.metrics;
	Counts {
		received: metrics.messages_received.get(),
		acknowledged: metrics.messages_acknowledged.get(),
		finalised: metrics.frames_finalised.get(),
		refused: Reason::all()
			.map(|reason| metrics.frames_refused.with_label_values(&[reason.name()]).get())
			.sum(),
		queued: metrics.frames_queued.get(),
		lag_seconds: metrics.queue_oldest_seconds.get(),
		height: metrics.finalised_height.get(),
		broker: metrics.broker_connected.get() == 1,
		node: shown.reachability.is_up(),
		takes_frames: shown.takes_frames(),
	}
}

fn line(now: &Counts, before: &Counts, passed: Duration) -> String {
	let rate = |now: u64, before: u64| {
		let tenths = u128::from(now.saturating_sub(before)) * 10_000 / passed.as_millis().max(1);
		format!("{}.{}/s", tenths / 10, tenths % 10)
	};
	let ledger = match (now.node, now.takes_frames) {
		(false, _) => "node away".to_owned(),
		(true, true) => format!("final block {}", now.height),
		(true, false) => format!("final block {}, takes no frames", now.height),
	};
	format!(
		"{} | in {} | queued {}, oldest {} s | final {}, {} in all | refused {} | {ledger}",
		if now.broker { "broker there" } else { "broker away" },
		rate(now.received, before.received),
		now.queued,
		now.lag_seconds,
		rate(now.finalised, before.finalised),
		now.finalised,
		now.refused,
	)
}

/// Shows how the bridge is doing until it is time to stop: on `screen`, or in the log where there is none.
pub async fn show(shown: Shown, screen: Option<Screen>, stop: Stop) {
	let mut ticks = interval(match screen {
		Some(_) => DRAW_EVERY,
		None => LOG_EVERY,
	});
	ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
	// The first is at once, and there is nothing to tell yet.
	ticks.tick().await;
	let (mut before, mut at) = (Counts::default(), Instant::now());
	loop {
		tokio::select! {
			_ = ticks.tick() => {},
			() = stop.requested() => break,
		}
		let now = counts(&shown);
		match &screen {
			// A terminal that is gone is no reason to stop.
			Some(screen) => drop(screen.draw(&line(&now, &before, at.elapsed()))),
			None => tracing::info!(
				received = now.received,
				acknowledged = now.acknowledged,
				queued = now.queued,
				oldest_seconds = now.lag_seconds,
				finalised = now.finalised,
				refused = now.refused,
				height = now.height,
				broker = now.broker,
				node = now.node,
				"status"
			),
		}
		(before, at) = (now, Instant::now());
	}
	if let Some(screen) = &screen {
		drop(screen.draw(""));
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn output(screen: &Screen<Vec<u8>>) -> String {
		String::from_utf8(std::mem::take(&mut lock(&screen.0).output)).unwrap()
	}

	#[test]
	fn what_is_logged_stands_above_the_line() {
		let mut screen = Screen::new(Vec::new());
		screen.write_all(b"first\n").unwrap();
		assert_eq!(output(&screen), "first\n");
		screen.draw("all is well").unwrap();
		assert_eq!(output(&screen), "\r\x1b[K\x1b[?7lall is well\x1b[?7h");
		screen.write_all(b"second\n").unwrap();
		assert_eq!(
			output(&screen),
			"\r\x1b[Ksecond\n\r\x1b[K\x1b[?7lall is well\x1b[?7h"
		);
		screen.draw("").unwrap();
		output(&screen);
		screen.write_all(b"third\n").unwrap();
		assert_eq!(output(&screen), "third\n");
	}

	#[test]
	fn the_line_tells_rates_since_the_last_one() {
		let before = Counts {
			received: 100,
			finalised: 40,
			..Counts::default()
		};
		let now = Counts {
			received: 350,
			acknowledged: 340,
			finalised: 141,
			refused: 3,
			queued: 12,
			lag_seconds: 2,
			height: 77,
			broker: true,
			node: true,
			takes_frames: true,
		};
		assert_eq!(
			line(&now, &before, Duration::from_secs(2)),
			"broker there | in 125.0/s | queued 12, oldest 2 s | final 50.5/s, 141 in all | refused 3 | final block 77"
		);
		let away = Counts {
			broker: false,
			node: false,
			..now
		};
		assert!(line(&away, &now, Duration::ZERO).starts_with("broker away | in 0.0/s | "));
		assert!(line(&away, &now, Duration::from_secs(1)).ends_with("| node away"));
		let refused = Counts {
			takes_frames: false,
			..now
		};
		assert!(line(&refused, &now, Duration::from_secs(1)).ends_with("takes no frames"));
	}
}
