//! What happens to a device in the life of its battery, signed against a node: its key is rotated, its software reset, its BMS
//! exchanged; and which frames are taken before and after.

use anyhow::{ensure, Context, Result};
use bms_sim::{proof_of_possession, DeviceIdentity};
use ed25519_dalek::Signer;
use passport_client::{
	api::{
		self,
		runtime_types::{
			self as types, pallet_telemetry::pallet::Call as TelemetryCall, passport_runtime::RuntimeCall,
		},
	},
	test_keys::TestMember,
	Ledger,
};
use passport_primitives::{
	battery::DocumentHash,
	telemetry::{device::rotation_message, FrameRefusal},
};
use passport_tests::{
	battery::Recipe,
	call::{bounded, dispatch_error, finalise},
	register, run, Battery, Node,
};
use subxt::utils::Static;

/// Who answers for the battery.
const OPERATOR: TestMember = TestMember::CellWorks;

/// The first sequence of the key that the device is given. Those below are left to what is on its way.
const ROTATED_FROM: u64 = 10;

/// Brings frames in one batch, and wants each of them to be taken, or skipped for a reason.
async fn brought(
	ledger: &Ledger,
	device: u32,
	frames: impl IntoIterator<Item = (Vec<u8>, Option<FrameRefusal>)>,
) -> Result<()> {
	let (frames, expected): (Vec<_>, Vec<_>) = frames.into_iter().unzip();
	let frames = frames
		.into_iter()
		.map(|frame| types::pallet_telemetry::SubmittedFrame {
			device,
			frame: bounded(frame),
		})
		.collect();
	let call = RuntimeCall::Telemetry(TelemetryCall::submit_frames {
		frames: bounded(frames),
	});
	let done = finalise(ledger, &TestMember::FrameBridge.signer(), &call).await?;
	let event = done
		.events
		.find_first::<api::telemetry::events::BatchVerified>()
		.context("no BatchVerified event")??;
	let mut said = vec![None; expected.len()];
	for skipped in event.skipped.0 {
		let place = said.get_mut(usize::from(skipped.position));
		*place.context("a frame that was not brought")? = Some(skipped.reason.0);
	}
	ensure!(said == expected, "{said:?} instead of {expected:?}");
	Ok(())
}

/// A frame of an epoch.
fn frame_of(battery: &Battery, sequence: u64, key_epoch: u32) -> Result<Vec<u8>> {
	battery.bake(&Recipe {
		key_epoch,
		..battery.recipe(sequence)
	})
}

/// The same battery, with a device that has other keys.
fn with_keys(battery: &Battery, index: u32) -> Battery {
	Battery {
		identity: DeviceIdentity::derive("other keys", index),
		..battery.clone()
	}
}

/// `rotate_device_key` of a battery's device to the keys of `next`, agreed to with those of `consenting`.
fn rotation(next: &Battery, consenting: &Battery) -> RuntimeCall {
	let public_key = next.identity.public_key();
	let message = rotation_message(&next.genesis_hash, &next.passport, &public_key, ROTATED_FROM);
	RuntimeCall::Telemetry(TelemetryCall::rotate_device_key {
		device: next.device,
		public_key,
		from_sequence: ROTATED_FROM,
		proof: next.identity.signing_key.sign(&message).to_bytes(),
		consent: consenting.identity.signing_key.sign(&message).to_bytes(),
	})
}

#[test]
fn a_key_that_is_rotated_signs_from_its_sequence_on_if_the_present_one_agrees() {
	run(async {
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		let aliases = ["BAT-2027-KE-000001".to_owned()];
		let before = register(&ledger, "keys", &aliases).await?.remove(0);
		let (device, operator) = (before.device, OPERATOR.signer());
		brought(
			&ledger,
			device,
			[(before.frame(1)?, None), (before.frame(2)?, None)],
		)
		.await?;

		// Whoever may manage the device has keys of its own: they are not the device's.
		let after = with_keys(&before, 1);
		let error = dispatch_error(&ledger, &operator, &rotation(&after, &after)).await?;
		ensure!(error == "Telemetry.BadConsent", "{error}");
		let stranger = TestMember::FleetOne.signer();
		let error = dispatch_error(&ledger, &stranger, &rotation(&after, &before)).await?;
		ensure!(error == "Telemetry.NotAuthorized", "{error}");

		let done = finalise(&ledger, &operator, &rotation(&after, &before)).await?;
		let event = done
			.events
			.find_first::<api::telemetry::events::DeviceKeyRotated>()
			.context("no DeviceKeyRotated event")??;
		ensure!(
			event.device == device
				&& event.public_key == after.identity.public_key()
				&& event.from_sequence == ROTATED_FROM,
			"rotated to something else"
		);
		let bad = Some(FrameRefusal::BadSignature);
		brought(
			&ledger,
			device,
			[
				// What was on its way, and what the new key may not yet sign.
				(before.frame(3)?, None),
				(after.frame(4)?, bad),
				(before.frame(ROTATED_FROM)?, bad),
				(after.frame(ROTATED_FROM)?, None),
				// Late, from before.
				(before.frame(ROTATED_FROM - 1)?, None),
				(after.frame(ROTATED_FROM + 1)?, None),
			],
		)
		.await?;
		let view = ledger.device(device).await?.context("no device")?;
		ensure!(
			view.public_key.0 == after.identity.public_key()
				&& view.key_from_sequence == ROTATED_FROM
				&& view.former_keys.len() == 1
				&& view.frames == 6
				&& view.window.highest() == ROTATED_FROM + 1
				&& view.active,
			"{view:?}"
		);
		Ok(())
	});
}

#[test]
fn a_reset_begins_an_epoch_and_no_sequence_and_a_replacement_begins_both() {
	run(async {
		let mut node = Node::dev().await?;
		let ledger = node.ledger().await?;
		let aliases = ["BAT-2027-KE-000002".to_owned()];
		let old = register(&ledger, "reset", &aliases).await?.remove(0);
		let operator = OPERATOR.signer();
		let ahead = Some(FrameRefusal::WrongKeyEpoch);
		brought(
			&ledger,
			old.device,
			[(old.frame(1)?, None), (frame_of(&old, 2, 1)?, ahead)],
		)
		.await?;

		let reset = RuntimeCall::Telemetry(TelemetryCall::reset_device {
			device: old.device,
			software: Static(DocumentHash([0x50; 32])),
		});
		let stranger = TestMember::FleetOne.signer();
		let error = dispatch_error(&ledger, &stranger, &reset).await?;
		ensure!(error == "Telemetry.NotAuthorized", "{error}");
		let done = finalise(&ledger, &operator, &reset).await?;
		let event = done
			.events
			.find_first::<api::telemetry::events::DeviceReset>()
			.context("no DeviceReset event")??;
		ensure!(
			(event.device, event.key_epoch, event.software.0) == (old.device, 1, DocumentHash([0x50; 32])),
			"reset to something else"
		);
		brought(
			&ledger,
			old.device,
			[
				(frame_of(&old, 1, 1)?, Some(FrameRefusal::Replayed)),
				(frame_of(&old, 2, 1)?, None),
				// Sealed before the reset, brought after it.
				(frame_of(&old, 3, 0)?, None),
				(frame_of(&old, 4, 2)?, ahead),
			],
		)
		.await?;
		let view = ledger.device(old.device).await?.context("no device")?;
		ensure!(
			view.key_epoch == 1 && view.frames == 3 && view.public_key.0 == old.identity.public_key(),
			"{view:?}"
		);

		// The BMS is exchanged.
		let mut new = with_keys(&old, 2);
		let replace = |proof| {
			RuntimeCall::Telemetry(TelemetryCall::replace_device {
				device: old.device,
				public_key: new.identity.public_key(),
				proof,
			})
		};
		let possession = |battery: &Battery| {
			proof_of_possession(
				&battery.identity.signing_key,
				&battery.genesis_hash,
				battery.passport.0,
			)
		};
		let error = dispatch_error(&ledger, &operator, &replace(possession(&old))).await?;
		ensure!(error == "Telemetry.BadProofOfPossession", "{error}");
		let done = finalise(&ledger, &operator, &replace(possession(&new))).await?;
		let revoked = done
			.events
			.find_first::<api::telemetry::events::DeviceRevoked>()
			.context("no DeviceRevoked event")??;
		let registered = done
			.events
			.find_first::<api::telemetry::events::DeviceRegistered>()
			.context("no DeviceRegistered event")??;
		ensure!(
			revoked.device == old.device && registered.passport.0 == old.passport,
			"another device was replaced"
		);
		new.device = registered.device;
		ensure!(new.device != old.device, "the number came again");
		let gone = Some(FrameRefusal::DeviceNotActive);
		brought(&ledger, old.device, [(frame_of(&old, 5, 1)?, gone)]).await?;
		brought(
			&ledger,
			new.device,
			[
				(frame_of(&old, 1, 1)?, Some(FrameRefusal::BadSignature)),
				(frame_of(&new, 1, 2)?, None),
				(frame_of(&new, 2, 3)?, ahead),
				(frame_of(&new, 2, 2)?, None),
			],
		)
		.await?;
		let devices = ledger.devices_of(old.passport).await?;
		let states: Vec<_> = devices
			.iter()
			.map(|view| (view.device, view.active, view.key_epoch, view.frames))
			.collect();
		ensure!(
			states == [(old.device, false, 1, 3), (new.device, true, 2, 2)],
			"{states:?}"
		);
		Ok(())
	});
}
