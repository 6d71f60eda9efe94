//! Counting what became final: the arithmetic of a leg, without a chain.

use crate::statistics::percentile;
use serde::Serialize;
use tokio::time::{Duration, Instant};

/// What a final block says of a transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
	/// Whether it was successful as a whole.
	pub succeeded: bool,
	/// How many of its events are the one that each successful call leaves.
	pub calls_told: u32,
	/// The number that the ledger gave to what the call made: a transfer, a grant.
	pub number: Option<u32>,
	/// Why it failed.
	pub error: Option<String>,
}

/// What a bench knows of a transaction that it sent.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
	/// Calls in it.
	pub calls: u32,
	/// What it is about, for whoever sends what follows.
	pub subject: u32,
	/// When it was sent, or due to be sent if that was earlier.
	pub began: Instant,
}

/// What a leg came to.
#[derive(Debug, Default)]
pub struct Tally {
	/// Transactions in final blocks.
	pub transactions: u64,
	/// Calls that were successful.
	pub calls: u64,
	/// Calls that were not.
	pub failed: u64,
	/// Why the first of those was not.
	pub error: Option<String>,
	/// Final blocks that hold a transaction of this leg.
	pub blocks: u64,
	/// Most successful calls in one block.
	pub fullest_block: u64,
	/// Transactions that a pool had lost and took once more.
	pub resubmitted: u64,
	/// From sending to final, of each successful call, in milliseconds.
	pub latencies_ms: Vec<f64>,
	/// Subject of each successful transaction, with the number that the ledger gave.
	pub numbers: Vec<(u32, u32)>,
	first_began: Option<Instant>,
	last_arrived: Option<Instant>,
}

impl Tally {
	/// Counts the transactions of a block that was told to be final at this moment.
	pub fn block(&mut self, arrived: Instant, transactions: impl IntoIterator<Item = (Sent, Outcome)>) {
		let mut calls_of_block = 0;
		let mut transactions_of_block = 0;
		for (sent, outcome) in transactions {
			transactions_of_block += 1;
			// A call counts when the ledger says of it that it was done, not because nothing says that it failed.
			let calls = match outcome.succeeded {
				true => outcome.calls_told.min(sent.calls),
				false => 0,
			};
			calls_of_block += u64::from(calls);
			self.failed += u64::from(sent.calls - calls);
			if calls < sent.calls && self.error.is_none() {
				self.error = Some(outcome.error.unwrap_or_else(|| "its event is missing".into()));
			}
			let latency_ms = arrived.saturating_duration_since(sent.began).as_secs_f64() * 1_000.0;
			self.latencies_ms
				.extend(std::iter::repeat_n(latency_ms, calls as usize));
			if let (Some(number), true) = (outcome.number, calls > 0) {
				self.numbers.push((sent.subject, number));
			}
			self.first_began = Some(self.first_began.map_or(sent.began, |first| first.min(sent.began)));
		}
		if transactions_of_block > 0 {
			self.transactions += transactions_of_block;
			self.calls += calls_of_block;
			self.blocks += 1;
			self.fullest_block = self.fullest_block.max(calls_of_block);
			self.last_arrived = Some(self.last_arrived.map_or(arrived, |last| last.max(arrived)));
		}
	}

	/// From the first transaction that was sent to the last that became final.
	pub fn time(&self) -> Duration {
		match (self.first_began, self.last_arrived) {
			(Some(first), Some(last)) => last.saturating_duration_since(first),
			_ => Duration::ZERO,
		}
	}

	/// Successful calls per second; 0 without any.
	pub fn calls_per_second(&self) -> f64 {
		rate(&[self])
	}

	/// What a report keeps of it.
	pub fn run<'a>(&self, validators: usize, round: u32, what: &'a str, pace: &'a str) -> Run<'a> {
		let percentile_ms = |percent| percentile(&self.latencies_ms, percent);
		Run {
			run: "leg",
			validators,
			round,
			what,
			pace,
			transactions: self.transactions,
			calls: self.calls,
			failed: self.failed,
			error: self.error.clone(),
			seconds: self.time().as_secs_f64(),
			blocks: self.blocks,
			fullest_block_calls: self.fullest_block,
			resubmitted: self.resubmitted,
			latency_p50_ms: percentile_ms(50.0),
			latency_p99_ms: percentile_ms(99.0),
			latency_max_ms: percentile_ms(100.0),
			latencies_ms: self
				.latencies_ms
				.iter()
				.map(|latency_ms| (latency_ms * 10.0).round() / 10.0)
				.collect(),
		}
	}
}

/// Successful calls per second of legs that follow each other: the time between two legs does not count.
pub fn rate(legs: &[&Tally]) -> f64 {
	let seconds: f64 = legs.iter().map(|leg| leg.time().as_secs_f64()).sum();
	let calls: u64 = legs.iter().map(|leg| leg.calls).sum();
	match seconds > 0.0 {
		true => calls as f64 / seconds,
		false => 0.0,
	}
}

/// A leg, as JSON tells of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run<'a> {
	run: &'static str,
	validators: usize,
	round: u32,
	what: &'a str,
	pace: &'a str,
	transactions: u64,
	calls: u64,
	failed: u64,
	error: Option<String>,
	seconds: f64,
	blocks: u64,
	fullest_block_calls: u64,
	resubmitted: u64,
	latency_p50_ms: Option<f64>,
	latency_p99_ms: Option<f64>,
	latency_max_ms: Option<f64>,
	/// Of each successful call, to a tenth of a millisecond.
	latencies_ms: Vec<f64>,
}

#[cfg(test)]
mod tests {
	use super::*;

	fn sent(calls: u32, subject: u32, began: Instant) -> Sent {
		Sent {
			calls,
			subject,
			began,
		}
	}

	fn success(calls_told: u32, number: Option<u32>) -> Outcome {
		Outcome {
			succeeded: true,
			calls_told,
			number,
			error: None,
		}
	}

	fn failure(error: &str) -> Outcome {
		Outcome {
			error: Some(error.into()),
			..Outcome::default()
		}
	}

	fn seconds(seconds: f64) -> Duration {
		Duration::from_secs_f64(seconds)
	}

	#[test]
	fn the_rate_is_that_of_successful_calls_from_the_first_sent_to_the_last_final() {
		let start = Instant::now();
		let mut tally = Tally::default();
		// Counted in the order of blocks, not of sending.
		tally.block(
			start + seconds(3.0),
			[
				(sent(1, 1, start + seconds(1.0)), success(1, None)),
				(sent(1, 0, start), success(1, None)),
			],
		);
		tally.block(
			start + seconds(4.0),
			[(sent(32, 2, start + seconds(2.0)), success(32, None))],
		);
		assert_eq!((tally.transactions, tally.calls, tally.failed), (3, 34, 0));
		assert_eq!((tally.blocks, tally.fullest_block), (2, 32));
		assert_eq!(tally.time(), seconds(4.0));
		assert!((tally.calls_per_second() - 8.5).abs() < 1e-9);
	}

	#[test]
	fn a_call_that_failed_takes_its_time_and_counts_for_nothing() {
		let start = Instant::now();
		let mut tally = Tally::default();
		tally.block(start + seconds(1.0), [(sent(1, 0, start), success(1, Some(7)))]);
		tally.block(
			start + seconds(2.0),
			[(sent(32, 1, start), failure("Passport.NotFound"))],
		);
		assert_eq!((tally.calls, tally.failed), (1, 32));
		assert_eq!(tally.error.as_deref(), Some("Passport.NotFound"));
		assert!((tally.calls_per_second() - 0.5).abs() < 1e-9);
		assert_eq!(tally.latencies_ms.len(), 1);
		assert_eq!(tally.numbers, [(0, 7)]);
	}

	#[test]
	fn a_call_whose_event_is_missing_has_failed_and_one_event_too_many_is_no_call() {
		let start = Instant::now();
		let mut tally = Tally::default();
		tally.block(
			start + seconds(1.0),
			[
				(sent(32, 0, start), success(30, None)),
				(sent(1, 1, start), success(2, None)),
				// The event of a call that was rolled back, if there were such a thing.
				(
					sent(1, 2, start),
					Outcome {
						calls_told: 1,
						..failure("rolled back")
					},
				),
			],
		);
		assert_eq!((tally.calls, tally.failed), (31, 3));
		assert_eq!(tally.error.as_deref(), Some("its event is missing"));
	}

	#[test]
	fn a_latency_is_that_of_each_call_and_of_none_that_failed() {
		let start = Instant::now();
		let mut tally = Tally::default();
		tally.block(
			start + seconds(1.5),
			[
				(sent(2, 0, start), success(2, None)),
				(sent(1, 1, start + seconds(1.0)), success(1, None)),
				(sent(1, 2, start), failure("no")),
			],
		);
		let rounded: Vec<f64> = tally.latencies_ms.iter().map(|ms| ms.round()).collect();
		assert_eq!(rounded, [1_500.0, 1_500.0, 500.0]);
	}

	#[test]
	fn the_time_between_two_legs_does_not_count() {
		let start = Instant::now();
		let (mut offers, mut accepts) = (Tally::default(), Tally::default());
		offers.block(start + seconds(2.0), [(sent(1, 0, start), success(1, None))]);
		let later = start + seconds(60.0);
		accepts.block(later + seconds(3.0), [(sent(1, 0, later), success(1, None))]);
		assert!((rate(&[&offers, &accepts]) - 0.4).abs() < 1e-9);
	}

	#[test]
	fn without_a_transaction_there_is_no_rate_and_no_time() {
		let mut tally = Tally::default();
		tally.block(Instant::now(), []);
		assert_eq!((tally.blocks, tally.time()), (0, Duration::ZERO));
		assert!(tally.calls_per_second().abs() < f64::EPSILON);
		let run = tally.run(1, 1, "register", "flood");
		assert_eq!(run.latency_p50_ms, None);
	}
}
