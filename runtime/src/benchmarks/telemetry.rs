//! What the calls of the telemetry pallet cost.

use super::{
	setup::{
		council, device, device_key, fill_device_page, member, proof_of_possession, set_clock,
		sign_as_device, signed, NOW_SECONDS,
	},
	setup_passports::{delegated, large_passport, record, OPERATOR},
};
use crate::{AccountId, Block, Runtime, RuntimeOrigin, Telemetry};
use alloc::{vec, vec::Vec};
use frame_benchmarking::v2::*;
use pallet_telemetry::{
	weights::{FULL_FRAMES, SMALL_FRAME_BYTES},
	Batch, Call, DeviceIndex, DevicesOf, LastStatement, StateOfHealthThresholdBp, SubmittedFrame,
	DEVICES_PER_PAGE, MAX_BATCH_BYTES, MAX_DEVICES_PER_PASSPORT, MAX_FRAMES_PER_BATCH,
	MAX_STATE_OF_HEALTH_THRESHOLD_BP,
};
use passport_primitives::{
	organisation::{Role, Roles},
	telemetry::{
		frame::{MAX_HEADER_BYTES, MAX_SIGNED_BYTES, SIGNATURE_BYTES},
		statement::ThresholdStatement,
		window::MAX_SEQUENCE_STEP,
		Frame, Header, SignatureScheme,
	},
};
use sp_core::ed25519;

/// The pallet, as a type of this crate: the macro implements a foreign trait for it.
pub struct Pallet<T: Config>(pallet_telemetry::Pallet<T>);

/// The runtime: the setup speaks of its types alone.
pub trait Config:
	frame_system::Config<AccountId = AccountId, Block = Block, RuntimeOrigin = RuntimeOrigin>
	+ pallet_telemetry::Config
{
}

impl Config for Runtime {}

/// Bytes of as many small frames as the most bytes need when frames are large: fewer bytes these frames can not have.
const FEWEST_BYTES: u32 = FULL_FRAMES * SMALL_FRAME_BYTES;

/// The makers of devices have the numbers of members from here on.
const FIRST_MAKER: u32 = 1_000;

/// A frame of this length that the device has signed and that will be taken. What is sealed in it is nothing: the chain does
/// not look.
fn frame(public_key: &ed25519::Public, length_bytes: u32) -> Vec<u8> {
	let header = Header {
		scheme: SignatureScheme::Ed25519,
		key_epoch: 0,
		sequence: MAX_SEQUENCE_STEP,
		first_seconds: NOW_SECONDS,
		span_seconds: 0,
		count: 1,
	};
	let mut buffer = [0; MAX_HEADER_BYTES];
	let header_bytes = header.encode(&mut buffer).expect("the buffer is long enough");
	let mut bytes = buffer[..header_bytes].to_vec();
	bytes.resize(length_bytes as usize, 0xa5);

	let parsed = Frame::parse(&bytes).expect("it is a frame");
	let mut message = vec![0; MAX_SIGNED_BYTES];
	let message = parsed
		.signed_message(&Telemetry::genesis_hash(), &mut message)
		.expect("the buffer is long enough");
	let signature = sign_as_device(public_key, message);
	let signed_bytes = bytes.len() - SIGNATURE_BYTES;
	bytes[signed_bytes..].copy_from_slice(&signature);
	bytes
}

/// A batch of this many frames with this many bytes together, each of another device. Each device is on a page of its own, of
/// another battery and of another maker, so that nothing is read once for two frames.
fn batch(frames: u32, bytes: u32) -> Batch {
	let submitted: Vec<_> = (0..frames)
		.map(|n| {
			let (_, maker) = member(FIRST_MAKER + n, OPERATOR);
			let passport = large_passport(&maker, n);
			let (number, public_key) = device(&maker, passport, n);
			// What does not divide evenly is in the first frames.
			let length_bytes = bytes / frames + u32::from(n < bytes % frames);
			SubmittedFrame {
				device: number,
				frame: frame(&public_key, length_bytes)
					.try_into()
					.expect("within the bound"),
			}
		})
		.collect();
	submitted.try_into().expect("within the bound")
}

/// The devices of a batch.
fn devices_of(frames: &Batch) -> Vec<DeviceIndex> {
	frames.iter().map(|submitted| submitted.device).collect()
}

/// That the frame of each of these devices was taken.
fn assert_taken(devices: &[DeviceIndex]) {
	for number in devices {
		let window = Telemetry::state_of(*number).map(|state| state.window.highest());
		assert_eq!(window, Some(MAX_SEQUENCE_STEP), "device {number}");
	}
}

// No variable below has the name of a benchmark: the macro makes a type of each.
#[benchmarks]
mod benchmarks {
	use super::*;

	// The last device that the passport has room for, by a delegate of the maker's. The ones before it were revoked; they are on
	// pages of their own, as the new one is.
	#[benchmark]
	fn register_device() {
		let (passport, operator, (_, delegate)) = delegated();
		for n in 1..MAX_DEVICES_PER_PASSPORT {
			let (number, _) = device(&operator, passport, n);
			Telemetry::revoke_device(signed(&operator), number).expect("the device is revoked");
		}
		let number = fill_device_page(DEVICES_PER_PAGE - 1);
		let public_key = device_key(0);
		let proof = proof_of_possession(&public_key, &passport);

		#[extrinsic_call]
		_(signed(&delegate), passport, public_key.0, proof);

		let devices = DevicesOf::<Runtime>::get(passport);
		assert_eq!(devices.len(), MAX_DEVICES_PER_PASSPORT as usize);
		assert_eq!(devices.last(), Some(&number));
		assert!(Telemetry::active_device_of(&passport).is_some());
	}

	// By a delegate of the operator's. What was stated of the battery is withdrawn.
	#[benchmark]
	fn revoke_device() {
		let (passport, operator, (_, delegate)) = delegated();
		let (number, _): (DeviceIndex, _) = device(&operator, passport, 0);

		#[extrinsic_call]
		_(signed(&delegate), number);

		assert!(Telemetry::active_device_of(&passport).is_none());
		assert!(record(passport)
			.threshold
			.is_none_or(|standing| standing.withdrawn));
	}

	// Every frame is taken. All are small: what more bytes cost is measured below, and `WeightInfo::batch` adds it.
	#[benchmark]
	fn submit_frames(f: Linear<1, MAX_FRAMES_PER_BATCH>) {
		let (_, bridge) = member(0, Roles::of(&[Role::BridgeOperator]));
		set_clock();
		let frames = batch(f, f * SMALL_FRAME_BYTES);
		let devices = devices_of(&frames);

		#[extrinsic_call]
		_(signed(&bridge), frames);

		assert_taken(&devices);
	}

	// As few frames as can have the most bytes, so that signatures do not hide what a byte costs. Of this the weight uses the slope
	// alone, which holds below the range as well.
	#[benchmark]
	fn submit_frames_bytes(b: Linear<FEWEST_BYTES, MAX_BATCH_BYTES>) {
		let (_, bridge) = member(0, Roles::of(&[Role::BridgeOperator]));
		set_clock();
		let frames = batch(FULL_FRAMES, b);
		let devices = devices_of(&frames);
		assert_eq!(Telemetry::bytes_of(&frames), b);

		#[extrinsic_call]
		submit_frames(signed(&bridge), frames);

		assert_taken(&devices);
	}

	// It says the opposite of what was stated last, so that the history is written as well.
	#[benchmark]
	fn submit_threshold_statement() {
		let (passport, operator, _) = delegated();
		let (_, brought_by) = member(0, Roles::ANY);
		set_clock();
		let (number, public_key) = device(&operator, passport, 0);
		LastStatement::<Runtime>::insert(number, NOW_SECONDS - 1);
		let threshold_bp = MAX_STATE_OF_HEALTH_THRESHOLD_BP;
		Telemetry::set_state_of_health_threshold(council(), threshold_bp).expect("the threshold is set");
		let statement = ThresholdStatement {
			threshold_bp,
			at_or_above: false,
			made_at_seconds: NOW_SECONDS,
		};
		let message = statement.message(&Telemetry::genesis_hash(), &passport);
		let signature = sign_as_device(&public_key, &message);

		#[extrinsic_call]
		_(signed(&brought_by), number, statement, signature);

		assert_eq!(LastStatement::<Runtime>::get(number), NOW_SECONDS);
		let standing =
			pallet_passport::Passports::<Runtime>::get(passport).and_then(|record| record.threshold);
		assert!(standing.is_some_and(|standing| !standing.at_or_above));
	}

	#[benchmark]
	fn set_state_of_health_threshold() {
		let threshold_bp = MAX_STATE_OF_HEALTH_THRESHOLD_BP;

		#[extrinsic_call]
		_(council(), threshold_bp);

		assert_eq!(StateOfHealthThresholdBp::<Runtime>::get(), threshold_bp);
	}

	impl_benchmark_test_suite!(Pallet, crate::benchmarks::chain(), crate::Runtime);
}
