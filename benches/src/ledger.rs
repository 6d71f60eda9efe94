//! The ledger's own calls: how many become final in a second, how long one takes, what they leave behind, and how long it takes
//! another node to go through all of it.

pub mod calls;

use crate::{
	chain::{Chain, Validators},
	leg::{self, Pace},
	load::{sign, Order},
	options::Options,
	report::Report,
	show,
	statistics::percentile,
	storage::Storage,
	sync::cold_sync,
	tally::{rate, Tally},
};
use anyhow::{ensure, Context, Result};
use calls::{passport_id, Kind, BATCH, MAKER, SENDERS, TRADERS};
use ed25519_dalek::SigningKey;
use passport_primitives::battery::PassportId;
use serde_json::json;
use tokio::time::Duration;

/// Transactions signed for each second of a flood, in calls: more than one of these cores executes.
const SIGNED_PER_SECOND: u32 = 1_500;

/// Longest that a leg may take that is as long as its load. It ends far sooner, or stalls.
const LONGEST: Duration = Duration::from_secs(900);

/// Most cold syncs: each takes the time of many rounds.
const MOST_SYNCS: u32 = 3;

/// What two calls are together, in the report.
const TRANSFER: &str = "transfer (offer + accept)";
const GRANT: &str = "grant (request + approve)";

/// How much is measured.
#[derive(Clone, Copy)]
struct Extent {
	rounds: u32,
	/// Batteries that events, transfers and grants are about. A transfer or a grant of a round is of a battery of its own, so
	/// that this also bounds what is sent.
	stock: u32,
	/// How long transactions are sent as fast as the pool takes them. Some 3 s of a leg pass before the first block is final
	/// and after the last transaction is sent, and count.
	flood: Duration,
	/// How long they are sent at half of that rate.
	steady: Duration,
}

const FULL: Extent = Extent {
	rounds: 5,
	stock: 8_000,
	flood: Duration::from_secs(15),
	steady: Duration::from_secs(15),
};

const QUICK: Extent = Extent {
	rounds: 1,
	stock: 2_400,
	flood: Duration::from_secs(8),
	steady: Duration::from_secs(8),
};

/// Measures each chain that was asked for.
pub async fn run(options: &Options) -> Result<()> {
	let extent = if options.quick { QUICK } else { FULL };
	options
		.measure_each("ledger", async |validators, report| {
			Bench::start(validators, extent, report).await?.measure().await
		})
		.await
}

/// A chain under measurement.
struct Bench<'a> {
	chain: Chain,
	extent: Extent,
	report: &'a mut Report,
	/// The batteries that are traded and read.
	stock: Vec<PassportId>,
	/// Who owns each of them: places in [`TRADERS`].
	owners: Vec<usize>,
	/// The number of the next battery.
	next_battery: u32,
	/// The number of the next event.
	next_event: u32,
	round: u32,
}

impl<'a> Bench<'a> {
	async fn start(validators: Validators, extent: Extent, report: &'a mut Report) -> Result<Self> {
		show(&format!("starting {} validator(s)", validators.count()));
		let chain = Chain::start(validators).await?;
		chain
			.lift_quotas(&SENDERS)
			.await
			.context("the quotas can not be lifted")?;
		Ok(Bench {
			chain,
			extent,
			report,
			stock: (0..extent.stock).map(passport_id).collect(),
			owners: vec![0; extent.stock as usize],
			next_battery: extent.stock,
			next_event: 0,
			round: 0,
		})
	}

	async fn measure(mut self) -> Result<()> {
		self.fill_stock().await?;
		self.register_devices().await?;
		self.deal_out().await?;
		let rounds = self.rounds().await;
		if let Err(error) = &rounds {
			show(&format!("error: {error:#}"));
		}
		// The blocks of rounds that failed can be synced all the same.
		let syncs = self.syncs().await;
		rounds.and(syncs)
	}

	async fn rounds(&mut self) -> Result<()> {
		for round in 1..=self.extent.rounds {
			self.round = round;
			self.registrations(Kind::Register).await?;
			self.registrations(Kind::RegisterMany).await?;
			self.events(Kind::Event).await?;
			self.events(Kind::RecordMany).await?;
			self.transfers().await?;
			self.grants().await?;
		}
		Ok(())
	}

	async fn syncs(&mut self) -> Result<()> {
		for round in 1..=self.extent.rounds.min(MOST_SYNCS) {
			self.round = round;
			self.sync().await?;
		}
		Ok(())
	}

	/// Signs and sends, and tells what came of it. Of a leg that prepares, in round 0, it counts only what went wrong.
	async fn leg(&mut self, kind: Kind, orders: Vec<Order>, pace: Pace) -> Result<Tally> {
		let name = kind.name();
		let load = sign(self.chain.ledger(), orders)
			.await
			.with_context(|| format!("{name}: signing"))?;
		let tally = leg::run(&self.chain, load, kind.told(), pace)
			.await
			.with_context(|| format!("round {} {name}", self.round))?;
		let pace_name = match pace {
			Pace::Flood(_) => "flood",
			Pace::Steady(_) => "steady",
		};
		let again = match tally.resubmitted {
			0 => String::new(),
			count => format!("; {count} transactions resubmitted"),
		};
		let failed = match &tally.error {
			Some(error) => format!("; {} FAILED: {error}", tally.failed),
			None => String::new(),
		};
		show(&format!(
			"round {} {name}, {pace_name}: {} calls in {:.1} s, {:.1} a second; {} blocks, {} in the fullest{again}{failed}",
			self.round,
			tally.calls,
			tally.time().as_secs_f64(),
			tally.calls_per_second(),
			tally.blocks,
			tally.fullest_block,
		));
		self.report
			.run(tally.run(self.chain.validators(), self.round, name, pace_name))?;
		ensure!(tally.calls > 0, "{name}: no call was successful");
		match pace {
			_ if self.round == 0 => {}
			Pace::Flood(_) => self.sample_flood(name, &[&tally]),
			Pace::Steady(_) => self.sample_steady(name, &[&tally]),
		}
		for (measure, unit, count) in [
			("failed", "calls", tally.failed),
			("resubmitted", "transactions", tally.resubmitted),
		] {
			if count > 0 {
				self.sample(name, measure, unit, count as f64);
			}
		}
		Ok(tally)
	}

	/// As [`Self::leg`], of what has to be there and is not measured.
	async fn prepare(&mut self, kind: Kind, orders: Vec<Order>) -> Result<Tally> {
		let tally = self.leg(kind, orders, Pace::Flood(LONGEST)).await?;
		ensure!(tally.failed == 0, "{}: {} failed", kind.name(), tally.failed);
		Ok(tally)
	}

	fn sample(&mut self, what: &str, measure: &'static str, unit: &'static str, sample: f64) {
		self.report
			.sample(self.chain.validators(), what, measure, unit, sample);
	}

	/// The rate of a flood, or of several that make one.
	fn sample_flood(&mut self, what: &str, legs: &[&Tally]) {
		self.sample(what, "finalised", "calls/s", rate(legs));
	}

	/// The latencies of a steady run, or of several that make one.
	fn sample_steady(&mut self, what: &str, legs: &[&Tally]) {
		let latencies: Vec<f64> = legs
			.iter()
			.flat_map(|tally| tally.latencies_ms.iter().copied())
			.collect();
		for (measure, percent) in [("p50 at half of that", 50.0), ("p99 at half of that", 99.0)] {
			if let Some(latency_ms) = percentile(&latencies, percent) {
				self.sample(what, measure, "ms", latency_ms);
			}
		}
	}

	/// How many transactions of a kind a flood may need.
	fn flood_transactions(&self, kind: Kind) -> u32 {
		SIGNED_PER_SECOND * self.extent.flood.as_secs() as u32 / kind.calls()
	}

	/// Half of the rate of a flood: the pace in transactions per second, and how many there are.
	fn half(&self, kind: Kind, flood: &Tally) -> (Pace, u32) {
		let per_second = flood.calls_per_second() / 2.0 / f64::from(kind.calls());
		let transactions = (per_second * self.extent.steady.as_secs_f64()).ceil() as u32;
		(Pace::Steady(per_second), transactions.max(1))
	}

	/// Registers the batteries that everything else is about. The ledger has nothing else to do, so that what it grows by is
	/// theirs.
	async fn fill_stock(&mut self) -> Result<()> {
		let (_, block) = self.chain.ledger().finalised_head().await?;
		let state_before = Storage::at(&self.chain, block).await?;
		let disk_before = self.chain.disk_bytes()?;
		let batches = (0..self.extent.stock).step_by(BATCH as usize);
		self.prepare(Kind::RegisterMany, batches.map(calls::register_many).collect())
			.await?;
		let (_, block) = self.chain.ledger().finalised_head().await?;
		let state_after = Storage::at(&self.chain, block).await?;
		let disk_after = self.chain.disk_bytes()?;

		let stock = self.extent.stock;
		let per_passport = |before: u64, after: u64| after.saturating_sub(before) as f64 / f64::from(stock);
		let state = per_passport(state_before.bytes(), state_after.bytes());
		let disk = per_passport(disk_before, disk_after);
		self.sample("passport", "keys and values in state", "bytes", state);
		self.sample("passport", "growth of the first node's files", "bytes", disk);
		self.report.run(json!({
			"run": "statePerPassport",
			"validators": self.chain.validators(),
			"passports": stock,
			"stateBytesPerPassport": state,
			"stateBytesPerPassportByItem": state_after.growth_since(&state_before, stock),
			"diskBytesPerPassport": disk,
		}))
	}

	/// A grant of data set 4 is a key of the battery's device.
	async fn register_devices(&mut self) -> Result<()> {
		let genesis_hash = self.chain.ledger().genesis_hash();
		let devices = (0..).zip(&self.stock);
		let orders = devices.map(|(place, battery)| {
			// A key for each battery, from its passport: worth nothing outside the bench.
			let key = SigningKey::from_bytes(&battery.0);
			calls::device(place, *battery, &key, &genesis_hash)
		});
		let orders = orders.collect();
		self.prepare(Kind::Device, orders).await?;
		Ok(())
	}

	/// Gives each trader a quarter of the stock, which is the manufacturer's at first.
	async fn deal_out(&mut self) -> Result<()> {
		let offers: Vec<Order> = (0..)
			.zip(&self.stock)
			.filter_map(|(place, battery)| {
				let to = TRADERS[place as usize % TRADERS.len()];
				(to != MAKER).then(|| calls::offer(place, *battery, MAKER, to))
			})
			.collect();
		let offered = self.prepare(Kind::Offer, offers).await?;
		let accepts = offered
			.numbers
			.iter()
			.map(|(place, transfer)| {
				let by = TRADERS[*place as usize % TRADERS.len()];
				calls::accept(*place, *transfer, by)
			})
			.collect();
		let accepted = self.prepare(Kind::Accept, accepts).await?;
		ensure!(accepted.calls == offered.calls, "a battery was not handed over");
		for (place, owner) in self.owners.iter_mut().enumerate() {
			*owner = place % TRADERS.len();
		}
		Ok(())
	}

	/// New batteries, one at a time or in batches.
	async fn registrations(&mut self, kind: Kind) -> Result<()> {
		let orders = self.new_batteries(kind, self.flood_transactions(kind));
		let flood = self.leg(kind, orders, Pace::Flood(self.extent.flood)).await?;
		let (pace, transactions) = self.half(kind, &flood);
		let orders = self.new_batteries(kind, transactions);
		self.leg(kind, orders, pace).await?;
		Ok(())
	}

	/// Numbers that a flood did not get to are not used again: nobody has to keep account of them.
	fn new_batteries(&mut self, kind: Kind, transactions: u32) -> Vec<Order> {
		let first = self.next_battery;
		self.next_battery += transactions * kind.calls();
		let numbers = (first..self.next_battery).step_by(kind.calls() as usize);
		match kind {
			Kind::RegisterMany => numbers.map(calls::register_many).collect(),
			_ => numbers.map(calls::register).collect(),
		}
	}

	/// Events of the stock, one at a time or in batches.
	async fn events(&mut self, kind: Kind) -> Result<()> {
		let orders = self.new_events(kind, self.flood_transactions(kind));
		let flood = self.leg(kind, orders, Pace::Flood(self.extent.flood)).await?;
		let (pace, transactions) = self.half(kind, &flood);
		let orders = self.new_events(kind, transactions);
		self.leg(kind, orders, pace).await?;
		Ok(())
	}

	fn new_events(&mut self, kind: Kind, transactions: u32) -> Vec<Order> {
		let first = self.next_event;
		self.next_event += transactions;
		let numbers = first..self.next_event;
		match kind {
			Kind::RecordMany => numbers
				.map(|number| calls::record_many(number, &self.stock))
				.collect(),
			_ => numbers.map(|number| calls::event(number, &self.stock)).collect(),
		}
	}

	/// Each trader sells to the next: first all offers, then all acceptances, which name the numbers that the ledger gave.
	async fn transfers(&mut self) -> Result<()> {
		let all = self.extent.stock;
		let flood = Pace::Flood(self.extent.flood);
		let offered = self.leg(Kind::Offer, self.offers(all), flood).await?;
		let accepted = self
			.leg(Kind::Accept, self.accepts(&offered), Pace::Flood(LONGEST))
			.await?;
		self.sample_flood(TRANSFER, &[&offered, &accepted]);
		self.hand_over(&offered, &accepted)?;

		let (pace, transactions) = self.half(Kind::Offer, &offered);
		let offers = self.offers(transactions.min(all));
		let offered_steadily = self.leg(Kind::Offer, offers, pace).await?;
		let (pace, _) = self.half(Kind::Accept, &accepted);
		let accepts = self.accepts(&offered_steadily);
		let accepted_steadily = self.leg(Kind::Accept, accepts, pace).await?;
		self.sample_steady(TRANSFER, &[&offered_steadily, &accepted_steadily]);
		self.hand_over(&offered_steadily, &accepted_steadily)
	}

	/// To whom the owner of a battery sells it.
	fn buyer(&self, place: u32) -> usize {
		(self.owners[place as usize] + 1) % TRADERS.len()
	}

	fn offers(&self, transactions: u32) -> Vec<Order> {
		(0..transactions)
			.map(|place| {
				let from = TRADERS[self.owners[place as usize]];
				let to = TRADERS[self.buyer(place)];
				calls::offer(place, self.stock[place as usize], from, to)
			})
			.collect()
	}

	fn accepts(&self, offered: &Tally) -> Vec<Order> {
		offered
			.numbers
			.iter()
			.map(|(place, transfer)| calls::accept(*place, *transfer, TRADERS[self.buyer(*place)]))
			.collect()
	}

	/// What was offered has changed hands. An offer that stays open would spoil the next round.
	fn hand_over(&mut self, offered: &Tally, accepted: &Tally) -> Result<()> {
		ensure!(
			accepted.calls == offered.calls,
			"{} of {} batteries were not taken over: {}",
			offered.calls - accepted.calls,
			offered.calls,
			accepted.error.as_deref().unwrap_or("no reason")
		);
		for (place, _) in &offered.numbers {
			self.owners[*place as usize] = self.buyer(*place);
		}
		Ok(())
	}

	/// Four members ask, each of a quarter of the stock, and the responsible operator approves.
	async fn grants(&mut self) -> Result<()> {
		let all = self.extent.stock;
		let flood = Pace::Flood(self.extent.flood);
		let requested = self.leg(Kind::Request, self.requests(all), flood).await?;
		let approved = self
			.leg(Kind::Approve, approvals(&requested), Pace::Flood(LONGEST))
			.await?;
		self.sample_flood(GRANT, &[&requested, &approved]);

		let (pace, transactions) = self.half(Kind::Request, &requested);
		let requests = self.requests(transactions.min(all));
		let requested_steadily = self.leg(Kind::Request, requests, pace).await?;
		let (pace, _) = self.half(Kind::Approve, &approved);
		let approved_steadily = self
			.leg(Kind::Approve, approvals(&requested_steadily), pace)
			.await?;
		self.sample_steady(GRANT, &[&requested_steadily, &approved_steadily]);
		for (asked, answered) in [(&requested, &approved), (&requested_steadily, &approved_steadily)] {
			ensure!(
				asked.calls == answered.calls,
				"a request was not approved: {}",
				answered.error.as_deref().unwrap_or("no reason")
			);
		}
		Ok(())
	}

	fn requests(&self, transactions: u32) -> Vec<Order> {
		(0..transactions)
			.map(|place| calls::request(place, self.stock[place as usize]))
			.collect()
	}

	/// Lets another node go through the chain that the rounds have left.
	async fn sync(&mut self) -> Result<()> {
		let sync = cold_sync(&self.chain, self.round).await.context("cold sync")?;
		show(&format!(
			"cold sync {}: {} blocks, {:.1} transactions each, in {:.1} s",
			self.round, sync.blocks, sync.transactions_per_block, sync.seconds_to_final
		));
		let what = "cold sync";
		self.sample(what, "blocks measured", "blocks", f64::from(sync.blocks));
		self.sample(
			what,
			"signed transactions a block",
			"transactions",
			sync.transactions_per_block,
		);
		self.sample(what, "time measured", "s", sync.seconds_to_final);
		self.sample(
			what,
			"extrapolated to 100,000 blocks",
			"s",
			sync.seconds_per_100000_blocks,
		);
		self.report.run(sync)
	}
}

fn approvals(requested: &Tally) -> Vec<Order> {
	requested
		.numbers
		.iter()
		.map(|(place, grant)| calls::approve(*place, *grant))
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_stock_is_dealt_out_in_equal_shares_and_registered_in_full_batches() {
		for extent in [FULL, QUICK] {
			assert_eq!(extent.stock % BATCH, 0);
			assert_eq!(extent.stock as usize % TRADERS.len(), 0);
			assert!(extent.flood.subsec_nanos() == 0 && extent.rounds > 0);
		}
	}
}
