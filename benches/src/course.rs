//! What every bench does with a chain: runs legs on it, tells what came of them, takes samples.

use crate::{
	chain::{Chain, Validators},
	ledger::calls::Kind,
	leg::{self, Pace},
	load::{sign, Load, Order},
	options::Options,
	outcome::Told,
	report::Report,
	show,
	storage::Storage,
	tally::Tally,
};
use anyhow::{ensure, Context, Result};
use passport_client::test_keys::TestMember;
use serde::Serialize;
use tokio::time::Duration;

/// Longest that a leg may take that is as long as its load. It ends far sooner, or stalls.
pub const LONGEST: Duration = Duration::from_secs(900);

/// How long is measured.
#[derive(Clone, Copy)]
pub struct Extent {
	/// How often.
	pub rounds: u32,
	/// How long transactions are sent as fast as the pool takes them. Some 3 s of a leg pass before the first block is final
	/// and after the last transaction is sent, and count.
	pub flood: Duration,
	/// How long they are sent at half of that rate.
	pub steady: Duration,
}

impl Extent {
	/// Five rounds.
	pub const FULL: Extent = Extent {
		rounds: 5,
		flood: Duration::from_secs(15),
		steady: Duration::from_secs(15),
	};

	/// One short round.
	pub const QUICK: Extent = Extent {
		rounds: 1,
		flood: Duration::from_secs(8),
		steady: Duration::from_secs(8),
	};

	/// What was asked for.
	pub const fn of(options: &Options) -> Self {
		if options.quick {
			Self::QUICK
		} else {
			Self::FULL
		}
	}
}

/// A chain under measurement.
pub struct Course<'a> {
	/// The chain.
	pub chain: Chain,
	/// How long is measured.
	pub extent: Extent,
	/// The round: 0 is preparation, which is not sampled.
	pub round: u32,
	report: &'a mut Report,
}

impl<'a> Course<'a> {
	/// Starts a chain on which these members may send without end.
	pub async fn start(
		validators: Validators,
		senders: &[TestMember],
		extent: Extent,
		report: &'a mut Report,
	) -> Result<Self> {
		show(&format!("starting {} validator(s)", validators.count()));
		Self::on(Chain::start(validators).await?, senders, extent, report).await
	}

	/// The same on a chain that runs already.
	pub async fn on(
		chain: Chain,
		senders: &[TestMember],
		extent: Extent,
		report: &'a mut Report,
	) -> Result<Self> {
		chain
			.lift_quotas(senders)
			.await
			.context("the quotas can not be lifted")?;
		Ok(Course {
			chain,
			extent,
			round: 0,
			report,
		})
	}

	/// Signs what was ordered.
	pub async fn sign(&self, orders: impl IntoIterator<Item = Order>) -> Result<Load> {
		sign(self.chain.ledger(), orders).await
	}

	/// Sends, and tells what came of it: of so many `unit`, calls or frames.
	pub async fn leg(
		&mut self,
		what: &str,
		unit: &'static str,
		load: Load,
		told: Told,
		pace: Pace,
	) -> Result<Tally> {
		let pace_name = pace.name();
		let tally = leg::run(&self.chain, load, told, pace)
			.await
			.with_context(|| format!("round {} {what}, {pace_name}", self.round))?;
		let again = match tally.resubmitted {
			0 => String::new(),
			count => format!("; {count} transactions resubmitted"),
		};
		let failed = match &tally.error {
			Some(error) => format!("; {} FAILED: {error}", tally.failed),
			None => String::new(),
		};
		show(&format!(
			"round {} {what}, {pace_name}: {} {unit} in {:.1} s, {:.1} a second; {} blocks, {} in the fullest{again}{failed}",
			self.round,
			tally.calls,
			tally.time().as_secs_f64(),
			tally.calls_per_second(),
			tally.blocks,
			tally.fullest_block,
		));
		self.report
			.run(tally.run(self.chain.validators(), self.round, what, pace_name))?;
		ensure!(tally.calls > 0, "{what}: no call was successful");
		for (measure, unit, count) in [
			("failed", unit, tally.failed),
			("resubmitted", "transactions", tally.resubmitted),
		] {
			if count > 0 {
				self.sample(what, measure, unit, count as f64);
			}
		}
		Ok(tally)
	}

	/// A leg of what has to be there and is not measured: all of it.
	pub async fn prepare(&mut self, kind: Kind, orders: Vec<Order>) -> Result<Tally> {
		let load = self.sign(orders).await?;
		let tally = self
			.leg(kind.name(), "calls", load, kind.told(), Pace::Flood(LONGEST))
			.await?;
		ensure!(tally.failed == 0, "{}: {} failed", kind.name(), tally.failed);
		Ok(tally)
	}

	/// What the state holds in the last final block.
	pub async fn storage(&self) -> Result<Storage> {
		let (_, block) = self.chain.ledger().finalised_head().await?;
		Storage::at(&self.chain, block).await
	}

	/// Takes a sample.
	pub fn sample(&mut self, what: &str, measure: &'static str, unit: &'static str, sample: f64) {
		self.report
			.sample(self.chain.validators(), what, measure, unit, sample);
	}

	/// Something could not be measured, and what else there is was or will be. Errors at the end: see [`Report::ensure_complete`].
	pub fn failed(&mut self, error: String) {
		show(&format!("error: {error}"));
		self.report.failed(self.chain.validators(), error);
	}

	/// Writes down what is more than a figure.
	pub fn tell(&mut self, run: impl Serialize) -> Result<()> {
		self.report.run(run)
	}
}
