//! A bridge that anchors what it should not have: another member shows the leaf with its proof, the bridge anchors nothing more, and
//! the council lets it go on.

use anyhow::{anyhow, ensure, Context, Result};
use passport_client::{
	api::{
		self,
		runtime_types::{
			self as types, pallet_telemetry::pallet::Call as TelemetryCall,
			passport_primitives::telemetry::anchor as on_ledger, passport_runtime::RuntimeCall,
		},
	},
	test_keys::TestMember,
	Ledger,
};
use passport_primitives::{
	content_address,
	telemetry::anchor::{
		check_order, decode_batch_file, encode_batch_file, prove, root_of, verify, AnchoredLeaf,
		InclusionProof,
	},
};
use passport_tests::{
	call::{as_root, bounded, dispatch_error, finalise},
	program::folder,
	register, run, Battery, Node,
};
use std::{fs, process::Command};
use subxt::utils::Static;

/// The bridge's number among those of its organisation.
const STREAM: u32 = 7;

/// Who anchors, and who disputes it.
const BRIDGE: TestMember = TestMember::FrameBridge;
const OTHER: TestMember = TestMember::DataBroker;

fn leaf(battery: &Battery, frame: Vec<u8>) -> Result<AnchoredLeaf> {
	Ok(AnchoredLeaf {
		device: battery.device,
		frame: frame.try_into().map_err(|_| anyhow!("too long a frame"))?,
	})
}

/// A batch, as a bridge would publish it.
struct Batch {
	leaves: Vec<AnchoredLeaf>,
	hashes: Vec<[u8; 32]>,
	content: Vec<u8>,
}

impl Batch {
	/// Writes the file of these leaves and takes its address.
	fn of(leaves: Vec<AnchoredLeaf>) -> Result<Self> {
		check_order(&leaves)?;
		let bytes = encode_batch_file(&leaves)?;
		ensure!(
			decode_batch_file(&bytes)? == leaves,
			"the file holds other leaves"
		);
		let file = folder("batch")?.join("batch");
		fs::write(&file, bytes)?;
		let output = Command::new("sha256sum").arg(&file).output()?;
		let digest: [u8; 32] = hex::decode(output.stdout.get(..64).context("no digest")?)?
			.try_into()
			.map_err(|_| anyhow!("no digest of 32 bytes"))?;
		let hashes = leaves.iter().map(AnchoredLeaf::hash).collect();
		Ok(Batch {
			leaves,
			hashes,
			content: content_address::of_sha256(&digest),
		})
	}

	/// `anchor_batch`, as the anchor of this number.
	fn anchor(&self, number: u64) -> RuntimeCall {
		RuntimeCall::Telemetry(TelemetryCall::anchor_batch {
			anchor: on_ledger::AnchoredBatch {
				stream: STREAM,
				number,
				root: root_of(&self.hashes),
				leaves: self.leaves.len() as u32,
				readings: self.leaves.len() as u64,
				content: bounded(self.content.clone()),
			},
		})
	}

	/// `dispute_signature` of a leaf, with the proof of the leaf at `proven`.
	fn dispute(&self, number: u64, index: usize, proven: u32) -> Result<RuntimeCall> {
		let leaf = self.leaves.get(index).context("no such leaf")?;
		let InclusionProof { index, siblings } = prove(&self.hashes, proven).context("no such leaf")?;
		Ok(RuntimeCall::Telemetry(TelemetryCall::dispute_signature {
			anchor: anchor_id(number),
			leaf: on_ledger::AnchoredLeaf {
				device: leaf.device,
				frame: bounded(leaf.frame.to_vec()),
			},
			proof: on_ledger::InclusionProof {
				index,
				siblings: bounded(siblings.to_vec()),
			},
		}))
	}
}

fn anchor_id(number: u64) -> on_ledger::AnchorId {
	on_ledger::AnchorId {
		bridge: Static(BRIDGE.organisation()),
		stream: STREAM,
		number,
	}
}

/// Whether the bridge is suspended from anchoring, and whether this anchor of its is marked.
async fn convicted(ledger: &Ledger, number: u64) -> Result<(bool, bool)> {
	let at = ledger.client().at_current_block().await?;
	let telemetry = api::storage().telemetry();
	let key = (Static(BRIDGE.organisation()),);
	let found = at
		.storage()
		.try_fetch(telemetry.anchoring_suspended(), key)
		.await?;
	let suspended = match found {
		Some(conviction) => Some(conviction.decode()?),
		None => None,
	};
	if let Some(conviction) = &suspended {
		ensure!(
			conviction.anchor.number == number
				&& matches!(conviction.offence, on_ledger::Offence::BadSignature),
			"convicted of something else"
		);
	}
	let anchor = at
		.storage()
		.try_fetch(telemetry.anchors(), (anchor_id(number),))
		.await?
		.context("the anchor is not on the ledger")?
		.decode()?;
	Ok((suspended.is_some(), anchor.offence.is_some()))
}

#[test]
fn a_bridge_that_anchored_a_bad_signature_is_suspended_by_any_member_until_the_council_allows_it() {
	run(async {
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		let aliases = ["BAT-2027-DI-000001", "BAT-2027-DI-000002"].map(str::to_owned);
		let batteries = register(&ledger, "disputes", &aliases).await?;
		let [first, second] = batteries.as_slice() else {
			anyhow::bail!("two batteries")
		};
		let mut leaves = Vec::new();
		for (battery, sequence) in [(first, 1), (first, 2), (first, 3), (second, 1), (second, 2)] {
			leaves.push(leaf(battery, battery.frame(sequence)?)?);
		}
		// The last byte of a frame is one of its signature.
		let forged: u32 = 2;
		let mut frame = first.frame(3)?;
		*frame.last_mut().context("an empty frame")? ^= 1;
		leaves[forged as usize] = leaf(first, frame)?;
		let batch = Batch::of(leaves)?;
		let done = finalise(&ledger, &BRIDGE.signer(), &batch.anchor(0)).await?;
		let anchored = done
			.events
			.find_first::<api::telemetry::events::BatchAnchored>()
			.context("no BatchAnchored event")??;
		ensure!(
			anchored.anchor.number == 0 && anchored.leaves == 5 && anchored.readings == 5,
			"anchored as something else"
		);

		// What is in it and good convicts nobody, and nor does a proof of another leaf.
		let other = OTHER.signer();
		for (dispute, expected) in [
			(batch.dispute(0, 0, 0)?, "Telemetry.NoOffence"),
			(batch.dispute(0, 2, 1)?, "Telemetry.NotInAnchor"),
			(batch.dispute(1, 2, 2)?, "Telemetry.AnchorNotFound"),
		] {
			let error = dispatch_error(&ledger, &other, &dispute).await?;
			ensure!(error == expected, "{error} instead of {expected}");
		}
		ensure!(
			convicted(&ledger, 0).await? == (false, false),
			"convicted of nothing"
		);

		let proof = prove(&batch.hashes, forged).context("no such leaf")?;
		let hash = batch.hashes[forged as usize];
		ensure!(
			verify(&root_of(&batch.hashes), 5, hash, &proof),
			"the proof does not hold"
		);
		let dispute = batch.dispute(0, forged as usize, forged)?;
		let done = finalise(&ledger, &other, &dispute).await?;
		let event = done
			.events
			.find_first::<api::telemetry::events::AnchoringSuspended>()
			.context("no AnchoringSuspended event")??;
		ensure!(
			event.bridge.0 == BRIDGE.organisation()
				&& event.anchor.stream == STREAM
				&& event.anchor.number == 0
				&& matches!(event.offence, on_ledger::Offence::BadSignature),
			"somebody else was convicted, or of something else"
		);
		ensure!(convicted(&ledger, 0).await? == (true, true), "not written down");

		// It anchors nothing, good or not. What the ledger checks itself it may still bring.
		let good = Batch::of(vec![
			leaf(first, first.frame(4)?)?,
			leaf(second, second.frame(3)?)?,
		])?;
		let error = dispatch_error(&ledger, &BRIDGE.signer(), &good.anchor(1)).await?;
		ensure!(error == "Telemetry.AnchoringIsSuspended", "{error}");
		let brought = RuntimeCall::Telemetry(TelemetryCall::submit_frames {
			frames: bounded(vec![types::pallet_telemetry::SubmittedFrame {
				device: second.device,
				frame: bounded(second.frame(4)?),
			}]),
		});
		let done = finalise(&ledger, &BRIDGE.signer(), &brought).await?;
		let verified = done
			.events
			.find_first::<api::telemetry::events::BatchVerified>()
			.context("no BatchVerified event")??;
		ensure!(verified.frames == 1, "a good frame was not taken");
		let error = dispatch_error(&ledger, &other, &dispute).await?;
		ensure!(error == "Telemetry.AlreadyConvicted", "{error}");

		// The council decides when it may go on. The anchor stays marked.
		let allow = TelemetryCall::allow_anchoring {
			bridge: Static(BRIDGE.organisation()),
		};
		as_root(&ledger, RuntimeCall::Telemetry(allow)).await?;
		ensure!(
			convicted(&ledger, 0).await? == (false, true),
			"not allowed, or forgotten"
		);
		let done = finalise(&ledger, &BRIDGE.signer(), &good.anchor(1)).await?;
		let anchored = done
			.events
			.find_first::<api::telemetry::events::BatchAnchored>()
			.context("no BatchAnchored event")??;
		ensure!(
			anchored.anchor.number == 1 && anchored.leaves == 2,
			"anchored as something else"
		);
		Ok(())
	});
}
