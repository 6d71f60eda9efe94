//! What becomes of the throughput when many batteries are registered: a chain with a thousand and one with a million, in turns.

use super::{
	fleet::{Fleet, SECOND, SEED},
	rows::{self, measure, ratio},
	Bench, BRIDGE,
};
use crate::{
	chain::Chain,
	course::{Course, Extent},
	genesis,
	ledger::calls::passport_id,
	report::Report,
	show,
};
use anyhow::{ensure, Context, Result};
use pallet_telemetry::DEVICES_PER_PAGE;
use passport_primitives::telemetry::device::SignedBy;
use passport_tests::program::folder;
use serde_json::json;
use std::{collections::BTreeSet, fs, time::Instant};

/// Batteries of the chain with few: all of them send.
const FEW: u32 = 1_000;

/// Batteries that send on each chain.
const SENDERS: u32 = 1_000;

/// Devices that are read back from each chain before anything is measured.
const READ_BACK: usize = 16;

/// Readings of a frame.
const READINGS: u8 = 60;

/// A chain, and how it was made.
struct Grown {
	chain: Chain,
	made: genesis::Written,
	start_seconds: f64,
	/// Most memory that the node had while it started.
	memory_bytes: u64,
}

/// Starts a chain with so many batteries.
async fn grow(batteries: u32) -> Result<Grown> {
	let file = folder("genesis")?.join("specification.json");
	show(&format!("making a genesis with {batteries} batteries"));
	let made = genesis::write(&file, SEED, batteries)?;
	show(&format!(
		"{} MB in {:.1} s; starting one validator on it",
		made.bytes / 1_000_000,
		made.time.as_secs_f64()
	));
	let start = Instant::now();
	let chain = Chain::start_from(&file).await?;
	let start_seconds = start.elapsed().as_secs_f64();
	let memory_bytes = chain.peak_memory_bytes()?;
	// The node has read it, and does not need it again.
	fs::remove_file(&file)?;
	Ok(Grown {
		chain,
		made,
		start_seconds,
		memory_bytes,
	})
}

/// The devices that send on a chain with so many: one of each of as many pages as there are senders, evenly spread.
fn far_apart(batteries: u32) -> Vec<u32> {
	let step = u64::from(batteries) / u64::from(SENDERS);
	(0..u64::from(SENDERS))
		.map(|sender| (sender * step) as u32)
		.collect()
}

/// The devices that send on a chain with so many: whole pages, evenly spread, and none that has one of the other senders, whose
/// sequences are their own. Those are two pages apart and more, so a page or the one after it is free.
fn side_by_side(batteries: u32, others: &[u32]) -> Vec<u32> {
	let taken: BTreeSet<u32> = others.iter().map(|device| device / DEVICES_PER_PAGE).collect();
	let pages = SENDERS.div_ceil(DEVICES_PER_PAGE);
	let step = batteries / DEVICES_PER_PAGE / pages;
	(0..pages)
		.map(|place| place * step)
		.map(|page| page + u32::from(taken.contains(&page)))
		.flat_map(|page| page * DEVICES_PER_PAGE..(page + 1) * DEVICES_PER_PAGE)
		.take(SENDERS as usize)
		.collect()
}

/// Reads some devices, and their passports, by the runtime's own functions: what stands in the genesis is what it understands.
async fn read_back(chain: &Chain, devices: &[u32]) -> Result<()> {
	let ledger = chain.ledger();
	for device in devices.iter().step_by(devices.len().div_ceil(READ_BACK).max(1)) {
		let passport = passport_id(*device);
		let facts = ledger
			.device_by_battery_name(&passport.to_string())
			.await?
			.with_context(|| format!("{passport} has no device"))?;
		let view = ledger
			.device(*device)
			.await?
			.with_context(|| format!("there is no device {device}"))?;
		ledger
			.live_passport(passport)
			.await?
			.with_context(|| format!("there is no passport {passport}"))?;
		ensure!(
			facts.index == *device
				&& view.device == *device
				&& view.passport_id == passport
				&& view.active
				&& view.signed_by == SignedBy::Battery
				&& view.frames == 0,
			"device {device} is not what was put into the genesis: {view:?}"
		);
	}
	Ok(())
}

/// Measures both chains in turns. Both run all the time, and the one that is not measured makes empty blocks.
pub(super) async fn measure(batteries: u32, extent: Extent, report: &mut Report) -> Result<()> {
	let few = grow(FEW).await?;
	let many = grow(batteries).await?;
	let apart = far_apart(batteries);
	let beside = side_by_side(batteries, &apart);
	let all: Vec<u32> = (0..SENDERS).collect();
	read_back(&few.chain, &all).await?;
	read_back(&many.chain, &[apart.as_slice(), beside.as_slice()].concat()).await?;
	let genesis_of_few = few.chain.ledger().genesis_hash();
	let genesis_of_many = many.chain.ledger().genesis_hash();
	let mut fleet_of_few = Fleet::numbered(rows::FEW, READINGS, SECOND, all, genesis_of_few)?;
	let mut spread = Fleet::numbered(rows::MANY_SPREAD, READINGS, SECOND, apart, genesis_of_many)?;
	let mut neighbours = Fleet::numbered(rows::MANY_NEIGHBOURS, READINGS, SECOND, beside, genesis_of_many)?;

	let mut other = many.chain;
	other.lift_quotas(&[BRIDGE]).await?;
	let mut course = Course::on(few.chain, &[BRIDGE], extent, report).await?;
	for (what, unit, sample) in [
		(rows::BATTERY, "batteries", f64::from(batteries)),
		(measure::SPECIFICATION, "MB", many.made.bytes as f64 / 1e6),
		(measure::MAKING, "s", many.made.time.as_secs_f64()),
		(measure::STARTING, "s", many.start_seconds),
		(measure::MEMORY, "MB", many.memory_bytes as f64 / 1e6),
	] {
		course.sample(rows::MANY_GENESIS, what, unit, sample);
	}
	course.tell(json!({
		"run": "growth",
		"batteries": batteries,
		"specificationBytes": many.made.bytes,
		"makingSeconds": many.made.time.as_secs_f64(),
		"startingSeconds": many.start_seconds,
		"peakMemoryBytes": many.memory_bytes,
		"startingSecondsOfFew": few.start_seconds,
	}))?;
	let mut bench = Bench::on(course, SENDERS);
	for round in 1..=extent.rounds {
		bench.course.round = round;
		let (before, _) = bench.flood(&mut fleet_of_few).await?;
		std::mem::swap(&mut bench.course.chain, &mut other);
		let (far, _) = bench.flood(&mut spread).await?;
		let (near, _) = bench.flood(&mut neighbours).await?;
		std::mem::swap(&mut bench.course.chain, &mut other);
		for (what, rate) in [(ratio::SPREAD, far), (ratio::NEIGHBOURS, near)] {
			let times = rate.readings / before.readings;
			bench.course.sample(what, measure::TIMES_FEW, "times", times);
		}
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn senders_are_spread_over_all_batteries_and_no_two_are_the_same() {
		for batteries in [32_000, 50_000, 1_000_000, 10_000_000] {
			let apart: BTreeSet<_> = far_apart(batteries).into_iter().collect();
			assert_eq!(apart.len(), SENDERS as usize);
			assert!(apart.iter().all(|device| *device < batteries));
			assert!(*apart.last().unwrap() > batteries / 100 * 99);
			let pages: BTreeSet<_> = apart.iter().map(|device| device / DEVICES_PER_PAGE).collect();
			assert_eq!(pages.len(), SENDERS as usize, "{batteries}");

			let others: Vec<_> = apart.iter().copied().collect();
			let beside: BTreeSet<_> = side_by_side(batteries, &others).into_iter().collect();
			assert_eq!(beside.len(), SENDERS as usize);
			assert!(beside.is_disjoint(&apart));
			assert!(beside.iter().all(|device| *device < batteries));
			let pages: BTreeSet<_> = beside.iter().map(|device| device / DEVICES_PER_PAGE).collect();
			assert_eq!(pages.len(), SENDERS.div_ceil(DEVICES_PER_PAGE) as usize);
		}
	}
}
