//! The ledger's own calls: how many become final in a second, how long one takes, what they leave behind, and how long it takes
//! another node to go through all of it.

pub mod calls;

use crate::{
	course::{Course, Extent, LONGEST},
	leg::Pace,
	load::Order,
	options::Options,
	show,
	statistics::percentile,
	sync::cold_sync,
	tally::{rate, Tally},
};
use anyhow::{ensure, Context, Result};
use calls::{passport_id, Kind, BATCH, MAKER, SENDERS, TRADERS};
use ed25519_dalek::SigningKey;
use passport_primitives::battery::PassportId;
use serde_json::json;

/// Transactions signed for each second of a flood, in calls: more than one of these cores executes.
const SIGNED_PER_SECOND: u32 = 1_500;

/// Most cold syncs: each takes the time of many rounds.
const MOST_SYNCS: u32 = 3;

/// What two calls are together, in the report.
const TRANSFER: &str = "transfer (offer + accept)";
const GRANT: &str = "grant (request + approve)";

/// Batteries that events, transfers and grants are about. A transfer or a grant of a round is of a battery of its own, so that
/// this also bounds what is sent.
const STOCK: u32 = 8_000;
/// The same of a short round.
const QUICK_STOCK: u32 = 2_400;

/// Measures each chain that was asked for.
pub async fn run(options: &Options) -> Result<()> {
	let stock = if options.quick { QUICK_STOCK } else { STOCK };
	options
		.measure_each("ledger", async |validators, report| {
			let course = Course::start(validators, &SENDERS, Extent::of(options), report).await?;
			Bench::on(course, stock).measure().await
		})
		.await?
		.ensure_complete()
}

/// Members that trade batteries on a chain.
struct Bench<'a> {
	course: Course<'a>,
	/// The batteries that are traded and read.
	stock: Vec<PassportId>,
	/// Who owns each of them: places in [`TRADERS`].
	owners: Vec<usize>,
	/// The number of the next battery.
	next_battery: u32,
	/// The number of the next event.
	next_event: u32,
}

impl<'a> Bench<'a> {
	fn on(course: Course<'a>, stock: u32) -> Self {
		Bench {
			course,
			stock: (0..stock).map(passport_id).collect(),
			owners: vec![0; stock as usize],
			next_battery: stock,
			next_event: 0,
		}
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
		for round in 1..=self.course.extent.rounds {
			self.course.round = round;
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
		for round in 1..=self.course.extent.rounds.min(MOST_SYNCS) {
			self.course.round = round;
			self.sync().await?;
		}
		Ok(())
	}

	/// Sends, and samples what came of it.
	async fn leg(&mut self, kind: Kind, orders: Vec<Order>, pace: Pace) -> Result<Tally> {
		let name = kind.name();
		let load = self.course.sign(orders).await?;
		let tally = self.course.leg(name, "calls", load, kind.told(), pace).await?;
		match pace {
			Pace::Flood(_) => self.sample_flood(name, &[&tally]),
			Pace::Steady(_) => self.sample_steady(name, &[&tally]),
		}
		Ok(tally)
	}

	/// The rate of a flood, or of several that make one.
	fn sample_flood(&mut self, what: &str, legs: &[&Tally]) {
		self.course.sample(what, "finalised", "calls/s", rate(legs));
	}

	/// The latencies of a steady run, or of several that make one.
	fn sample_steady(&mut self, what: &str, legs: &[&Tally]) {
		let latencies: Vec<f64> = legs
			.iter()
			.flat_map(|tally| tally.latencies_ms.iter().copied())
			.collect();
		for (measure, percent) in [("p50 at half of that", 50.0), ("p99 at half of that", 99.0)] {
			if let Some(latency_ms) = percentile(&latencies, percent) {
				self.course.sample(what, measure, "ms", latency_ms);
			}
		}
	}

	fn stock_size(&self) -> u32 {
		self.stock.len() as u32
	}

	/// How many transactions of a kind a flood may need.
	fn flood_transactions(&self, kind: Kind) -> u32 {
		SIGNED_PER_SECOND * self.course.extent.flood.as_secs() as u32 / kind.calls()
	}

	/// Half of the rate of a flood: the pace in transactions per second, and how many there are.
	fn half(&self, kind: Kind, flood: &Tally) -> (Pace, u32) {
		let per_second = flood.calls_per_second() / 2.0 / f64::from(kind.calls());
		let transactions = (per_second * self.course.extent.steady.as_secs_f64()).ceil() as u32;
		(Pace::Steady(per_second), transactions.max(1))
	}

	/// Registers the batteries that everything else is about. The ledger has nothing else to do, so that what it grows by is
	/// theirs.
	async fn fill_stock(&mut self) -> Result<()> {
		let state_before = self.course.storage().await?;
		let disk_before = self.course.chain.disk_bytes()?;
		let batches = (0..self.stock_size()).step_by(BATCH as usize);
		self.course
			.prepare(Kind::RegisterMany, batches.map(calls::register_many).collect())
			.await?;
		let state_after = self.course.storage().await?;
		let disk_after = self.course.chain.disk_bytes()?;

		let stock = self.stock_size();
		let per_passport = |before: u64, after: u64| after.saturating_sub(before) as f64 / f64::from(stock);
		let state = per_passport(state_before.bytes(), state_after.bytes());
		let disk = per_passport(disk_before, disk_after);
		self.course
			.sample("passport", "keys and values in state", "bytes", state);
		self.course
			.sample("passport", "growth of the first node's files", "bytes", disk);
		self.course.tell(json!({
			"run": "statePerPassport",
			"validators": self.course.chain.validators(),
			"passports": stock,
			"stateBytesPerPassport": state,
			"stateBytesPerPassportByItem": state_after.growth_since(&state_before, stock),
			"diskBytesPerPassport": disk,
		}))
	}

	/// A grant of data set 4 is a key of the battery's device.
	async fn register_devices(&mut self) -> Result<()> {
		let genesis_hash = self.course.chain.ledger().genesis_hash();
		let devices = (0..).zip(&self.stock);
		let orders = devices.map(|(place, battery)| {
			// A key for each battery, from its passport: worth nothing outside the bench.
			let key = SigningKey::from_bytes(&battery.0);
			calls::device(place, *battery, &key, &genesis_hash)
		});
		let orders = orders.collect();
		self.course.prepare(Kind::Device, orders).await?;
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
		let offered = self.course.prepare(Kind::Offer, offers).await?;
		let accepts = offered
			.numbers
			.iter()
			.map(|(place, transfer)| {
				let by = TRADERS[*place as usize % TRADERS.len()];
				calls::accept(*place, *transfer, by)
			})
			.collect();
		let accepted = self.course.prepare(Kind::Accept, accepts).await?;
		ensure!(accepted.calls == offered.calls, "a battery was not handed over");
		for (place, owner) in self.owners.iter_mut().enumerate() {
			*owner = place % TRADERS.len();
		}
		Ok(())
	}

	/// New batteries, one at a time or in batches.
	async fn registrations(&mut self, kind: Kind) -> Result<()> {
		let orders = self.new_batteries(kind, self.flood_transactions(kind));
		let flood = self
			.leg(kind, orders, Pace::Flood(self.course.extent.flood))
			.await?;
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
		let flood = self
			.leg(kind, orders, Pace::Flood(self.course.extent.flood))
			.await?;
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
		let all = self.stock_size();
		let flood = Pace::Flood(self.course.extent.flood);
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
		let all = self.stock_size();
		let flood = Pace::Flood(self.course.extent.flood);
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
		let sync = cold_sync(&self.course.chain, self.course.round)
			.await
			.context("cold sync")?;
		show(&format!(
			"cold sync {}: {} blocks, {:.1} transactions each, in {:.1} s",
			self.course.round, sync.blocks, sync.transactions_per_block, sync.seconds_to_final
		));
		let what = "cold sync";
		self.course
			.sample(what, "blocks measured", "blocks", f64::from(sync.blocks));
		self.course.sample(
			what,
			"signed transactions a block",
			"transactions",
			sync.transactions_per_block,
		);
		self.course
			.sample(what, "time measured", "s", sync.seconds_to_final);
		self.course.sample(
			what,
			"extrapolated to 100,000 blocks",
			"s",
			sync.seconds_per_100000_blocks,
		);
		self.course.tell(sync)
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
		for stock in [STOCK, QUICK_STOCK] {
			assert_eq!(stock % BATCH, 0);
			assert_eq!(stock as usize % TRADERS.len(), 0);
		}
		for extent in [Extent::FULL, Extent::QUICK] {
			assert!(extent.flood.subsec_nanos() == 0 && extent.rounds > 0);
		}
	}
}
