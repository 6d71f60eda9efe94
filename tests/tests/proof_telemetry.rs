//! What a node and a bridge prove about a battery's telemetry, checked by `passport-verify` after the node is gone: that a frame is in an
//! anchored batch and whose it is, and that frames are a device's complete history. From files and the validators of the genesis.

use anyhow::{ensure, Context, Result};
use passport_client::{
	api::runtime_types::{
		self as types, pallet_telemetry::pallet::Call as TelemetryCall, passport_runtime::RuntimeCall,
	},
	test_keys::TestMember,
};
use passport_primitives::telemetry::anchor::{prove, root_of, AnchoredLeaf};
use passport_tests::{
	battery::register,
	call::{bounded, finalise},
	program::{built, folder},
	run, until, Node, PATIENCE,
};
use serde_json::{json, Value};
use std::{
	path::Path,
	process::{Command, Output},
};

/// GRANDPA key of the development seed Alice, the development chain's only validator.
const ALICE: &str = "0x88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee";

const STREAM: u32 = 5;

fn hex(bytes: &[u8]) -> String {
	format!("0x{}", hex::encode(bytes))
}

fn verify(folder: &Path, genesis_hash: &str, arguments: &[&str]) -> Result<Output> {
	Ok(Command::new(built("passport-verify")?)
		.args(arguments)
		.args([
			"--authorities",
			"authorities.json",
			"--genesis-hash",
			genesis_hash,
		])
		.current_dir(folder)
		.env_clear()
		.output()?)
}

fn proven(output: &Output) -> Result<Value> {
	ensure!(
		output.status.success(),
		"{}",
		String::from_utf8_lossy(&output.stderr)
	);
	Ok(serde_json::from_slice(&output.stdout)?)
}

#[test]
fn a_frame_and_a_history_are_proven_from_the_genesis_validators_alone() {
	run(async {
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		let aliases = ["BAT-2027-EE-000001".to_owned()];
		let battery = register(&ledger, "proof-telemetry", &aliases).await?.remove(0);
		let bridge = TestMember::FrameBridge;

		// By the verified path: the second frame comes first, and the first one twice.
		let taken = [battery.frame(2)?, battery.frame(1)?];
		let sent = [&taken[0], &taken[1], &taken[1]].map(|frame| types::pallet_telemetry::SubmittedFrame {
			device: battery.device,
			frame: bounded(frame.clone()),
		});
		let frames = RuntimeCall::Telemetry(TelemetryCall::submit_frames {
			frames: bounded(sent.into()),
		});
		finalise(&ledger, &bridge.signer(), &frames).await?;

		// By the anchored path.
		let leaves = [3, 4, 5]
			.map(|sequence| {
				let frame = battery.frame(sequence)?;
				let frame = frame
					.try_into()
					.map_err(|_| anyhow::anyhow!("too long a frame"))?;
				anyhow::Ok(AnchoredLeaf {
					device: battery.device,
					frame,
				})
			})
			.into_iter()
			.collect::<Result<Vec<_>>>()?;
		let hashes: Vec<_> = leaves.iter().map(AnchoredLeaf::hash).collect();
		let anchor = RuntimeCall::Telemetry(TelemetryCall::anchor_batch {
			anchor: types::passport_primitives::telemetry::anchor::AnchoredBatch {
				stream: STREAM,
				number: 0,
				root: root_of(&hashes),
				leaves: 3,
				readings: 3,
				content: bounded([&[0x01, 0x55, 0x12, 0x20], [0x10; 32].as_slice()].concat()),
			},
		});
		finalise(&ledger, &bridge.signer(), &anchor).await?;

		let (height, _) = ledger.finalised_head().await?;
		let asked = async |method: &str, parameters: Value| {
			until("a proof of a block with everything in it", PATIENCE, async || {
				let answer = node.json_rpc(method, parameters.clone()).await?;
				let number = answer["result"]["blockNumber"].as_u64();
				Ok(number
					.is_some_and(|number| number >= u64::from(height))
					.then_some(answer))
			})
			.await
		};
		let organisation = bridge.organisation().0;
		let of_the_anchor = asked(
			"passport_anchorProof",
			json!([organisation, STREAM, 0, battery.device]),
		)
		.await?;
		let of_the_device = asked("passport_deviceProof", json!([battery.device])).await?;
		let genesis_hash = hex(&ledger.genesis_hash());
		node.program.stop().await?;

		let folder = folder("telemetry-auditor")?;
		let write = |name: &str, content: String| std::fs::write(folder.join(name), content);
		write("authorities.json", json!([[ALICE, 1]]).to_string())?;
		write("anchor.json", of_the_anchor.to_string())?;
		write("device.json", of_the_device.to_string())?;
		let inclusion = prove(&hashes, 1).context("no such leaf")?;
		let said = json!({
			"leafIndex": 1,
			"device": battery.device,
			"frame": hex(&leaves[1].frame),
			"proof": inclusion.siblings.iter().map(|sibling| hex(sibling)).collect::<Vec<_>>(),
		});
		write("inclusion.json", said.to_string())?;
		let lines = taken.iter().map(|frame| hex(frame) + "\n");
		write("frames", lines.collect())?;
		write(
			"swapped",
			taken.iter().rev().map(|frame| hex(frame) + "\n").collect(),
		)?;

		let passport = battery.passport.to_string();
		let device = battery.device.to_string();
		let of_sequence = |sequence: &str| {
			let arguments = [
				"inclusion",
				"--inclusion",
				"inclusion.json",
				"--proof",
				"anchor.json",
				"--device",
				&device,
				"--sequence",
				sequence,
				"--number",
				"0",
				"--passport",
				&passport,
			];
			verify(&folder, &genesis_hash, &arguments)
		};
		let frame = proven(&of_sequence("4")?)?;
		ensure!(
			frame["bridge"] == organisation
				&& frame["number"] == 0
				&& frame["sequence"] == 4
				&& frame["signedBy"] == "battery"
				&& frame["revoked"] == false
				&& frame["publicKey"] == hex(&battery.identity.public_key())
				&& frame["passportId"] == passport,
			"{frame:#}"
		);

		// As good a frame, but not the one that is asked for.
		let refused = of_sequence("3")?;
		ensure!(refused.status.code() == Some(1), "{refused:?}");

		let history_of = |device: &str, proof: &str, frames: &str| {
			let arguments = [
				"history", "--device", device, "--proof", proof, "--frames", frames,
			];
			verify(&folder, &genesis_hash, &arguments)
		};
		for proof in ["device.json", "anchor.json"] {
			let history = proven(&history_of(&device, proof, "frames")?)?;
			ensure!(
				history["frames"] == 2 && history["readings"] == 2 && history["highestSequence"] == 2,
				"{history:#}"
			);
		}
		let another = (battery.device + 1).to_string();
		for refused in [
			history_of(&device, "device.json", "swapped")?,
			history_of(&another, "device.json", "frames")?,
		] {
			ensure!(refused.status.code() == Some(1), "{refused:?}");
		}
		Ok(())
	});
}
