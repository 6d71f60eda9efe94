//! Frames by way of a broker and a bridge that anchors them: many under one root.

use super::{
	fleet::Fleet,
	mqtt::Message,
	rows::{self, measure},
	site::{Carried, Way},
	Bench, SIGNED_PER_SECOND,
};
use crate::{
	chain::Chain,
	leg::Pace,
	outcome::{outcomes, Told},
	show,
};
use anyhow::{ensure, Context, Result};
use passport_client::api::telemetry::{calls::AnchorBatch, events::BatchAnchored};
use passport_primitives::telemetry::anchor::{decode_batch_file, root_of, AnchoredLeaf};
use passport_tests::finalised::FrameKey;
use serde_json::json;
use std::{
	collections::{BTreeMap, BTreeSet},
	fs,
	path::Path,
};
use subxt::{events::Event, PolkadotConfig};
use tokio::time::Instant;

/// An anchor says how many readings are in it, which count as its calls, and how many frames.
const TOLD: Told = Told {
	pallet: "Telemetry",
	event: "BatchAnchored",
	number: Some(leaves),
	calls: Some(readings),
};

fn leaves(event: &Event<'_, PolkadotConfig>) -> Option<u32> {
	let anchored = event.decode_fields_as::<BatchAnchored>()?.ok()?;
	Some(anchored.leaves)
}

fn readings(event: &Event<'_, PolkadotConfig>) -> Option<u32> {
	let anchored = event.decode_fields_as::<BatchAnchored>()?.ok()?;
	anchored.readings.try_into().ok()
}

/// What stands in final blocks of a bridge's anchors.
#[derive(Default)]
struct Anchors {
	anchors: u64,
	frames: u64,
	readings: u64,
	/// Of the extrinsics.
	bytes: u64,
	/// Of the trees, with the number of leaves that stands beside each.
	roots: Vec<([u8; 32], u32)>,
	/// When the last one was heard to be final.
	last: Option<Instant>,
}

/// The frames of every batch file, by the root of the tree over them.
fn batches_under(folder: &Path) -> Result<BTreeMap<[u8; 32], Vec<FrameKey>>> {
	let mut batches = BTreeMap::new();
	for shelf in fs::read_dir(folder).with_context(|| format!("can not read {}", folder.display()))? {
		let shelf = shelf?;
		// A file that is being written lies beside the folders.
		if !shelf.file_type()?.is_dir() {
			continue;
		}
		for file in fs::read_dir(shelf.path())? {
			let file = file?.path();
			let leaves =
				decode_batch_file(&fs::read(&file)?).with_context(|| format!("in {}", file.display()))?;
			let hashes: Vec<_> = leaves.iter().map(AnchoredLeaf::hash).collect();
			let frames = leaves
				.iter()
				.map(AnchoredLeaf::place)
				.collect::<Result<Vec<_>, _>>()?;
			batches.insert(root_of(&hashes), frames);
		}
	}
	Ok(batches)
}

/// Fails unless the frames under these roots are those that were published, each under one root and once.
fn ensure_the_same(
	published: &[Message],
	roots: &[([u8; 32], u32)],
	batches: &BTreeMap<[u8; 32], Vec<FrameKey>>,
) -> Result<()> {
	let mut anchored = BTreeSet::new();
	for (root, leaves) in roots {
		let frames = batches
			.get(root)
			.context("a root that the bridge has no batch file of")?;
		ensure!(
			frames.len() == *leaves as usize,
			"an anchor of {leaves} frames has a file of {}",
			frames.len()
		);
		for frame in frames {
			ensure!(anchored.insert(*frame), "{frame:?} was anchored twice");
		}
	}
	let published: BTreeSet<FrameKey> = published
		.iter()
		.map(|message| (message.device, message.sequence))
		.collect();
	ensure!(
		anchored == published,
		"{} frames were published and not anchored, {} anchored and not published",
		published.difference(&anchored).count(),
		anchored.difference(&published).count()
	);
	Ok(())
}

impl Anchors {
	/// Reads the blocks since frames were published.
	async fn of(chain: &Chain, carried: &Carried) -> Result<Self> {
		let mut anchors = Anchors::default();
		for number in u64::from(carried.first_block) + 1..=carried.last_block() {
			let (hash, body) = chain.body(number).await?;
			let of_block = outcomes(chain.ledger(), hash, TOLD).await?;
			let at = chain.ledger().client().at_block(hash).await?;
			let extrinsics = at.extrinsics().fetch().await?;
			for (place, extrinsic) in (0..).zip(extrinsics.iter()) {
				let Some(outcome) = of_block.get(&place) else {
					continue;
				};
				let Some(frames) = outcome.number.filter(|_| outcome.succeeded) else {
					continue;
				};
				let call = extrinsic?
					.decode_call_data_fields_as::<AnchorBatch>()
					.context("an anchor of another call")??;
				anchors.roots.push((call.anchor.root, frames));
				let extrinsic = body.get(place as usize).context("an event of no extrinsic")?;
				anchors.anchors += 1;
				anchors.frames += u64::from(frames);
				anchors.readings += u64::from(outcome.calls_told);
				anchors.bytes += extrinsic.len() as u64;
				anchors.last = anchors.last.max(carried.arrived(number));
			}
		}
		Ok(anchors)
	}
}

impl Bench<'_> {
	/// A flood of a fleet's frames by MQTT, anchored by the bridge.
	pub(super) async fn anchored(&mut self, fleet: &mut Fleet) -> Result<()> {
		let way = Way::Anchored {
			stream: self.next_stream(),
		};
		let site = self.site(fleet, way).await?;
		let extent = self.course.extent;
		let messages = fleet.messages(SIGNED_PER_SECOND * extent.flood.as_secs() as usize)?;
		let chain = &self.course.chain;
		let carried = site.carry(chain, &messages, Pace::Flood(extent.flood)).await?;
		let anchors = Anchors::of(chain, &carried).await?;
		let published = carried.began.len() as u64;
		ensure!(
			anchors.frames == published,
			"{published} frames were published, and {} anchored",
			anchors.frames
		);
		let batches = batches_under(&site.batch_files())?;
		ensure_the_same(&messages[..carried.began.len()], &anchors.roots, &batches)?;
		let (Some(first), Some(last)) = (carried.began.first(), anchors.last) else {
			anyhow::bail!("no frame was anchored");
		};
		let seconds = last.saturating_duration_since(*first).as_secs_f64();
		let readings = anchors.readings as f64;
		let cpu = carried.cpu;
		show(&format!(
			"round {} {}: {published} frames under {} roots in {seconds:.1} s",
			self.course.round,
			rows::ANCHORED,
			anchors.anchors,
		));
		let run = json!({
			"run": "anchored",
			"validators": chain.validators(),
			"round": self.course.round,
			"anchors": anchors.anchors,
			"frames": anchors.frames,
			"readings": anchors.readings,
			"bytes": anchors.bytes,
			"seconds": seconds,
			"bridgeCpuSeconds": cpu.bridge,
			"brokerCpuSeconds": cpu.broker,
			"validatorsCpuSeconds": cpu.validators,
		});
		for (what, unit, sample) in [
			(measure::FINALISED, "readings/s", readings / seconds),
			(measure::BYTES, "bytes", anchors.bytes as f64 / readings),
			(
				measure::CPU_OF_ALL,
				measure::CPU_UNIT,
				(cpu.bridge + cpu.validators) / readings * 1_000.0,
			),
		] {
			self.course.sample(rows::ANCHORED, what, unit, sample);
		}
		self.course.tell(run)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_frame_that_is_missing_or_twice_or_not_published_is_an_error() {
		let message = |device, sequence| Message {
			topic: "topic".into(),
			device,
			sequence,
			frame: Vec::new(),
		};
		let published = [message(1, 1), message(1, 2), message(2, 1)];
		let batches = |first: &[FrameKey], second: &[FrameKey]| {
			BTreeMap::from([([1; 32], first.to_vec()), ([2; 32], second.to_vec())])
		};
		let roots = [([1; 32], 2), ([2; 32], 1)];
		let good = batches(&[(1, 1), (2, 1)], &[(1, 2)]);
		ensure_the_same(&published, &roots, &good).unwrap();
		for (bad, why) in [
			(batches(&[(1, 1), (2, 1)], &[(1, 3)]), "1 frames were published"),
			(batches(&[(1, 1), (2, 1)], &[(2, 1)]), "twice"),
			(batches(&[(1, 1)], &[(1, 2)]), "a file of 1"),
			(BTreeMap::from([([1; 32], vec![(1, 1), (2, 1)])]), "no batch file"),
		] {
			let error = ensure_the_same(&published, &roots, &bad).unwrap_err();
			assert!(error.to_string().contains(why), "{error}");
		}
		assert!(ensure_the_same(&published, &roots[..1], &good).is_err());
	}
}
