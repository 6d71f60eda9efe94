//! A block of the real runtime, as WASM, on several hosts: ours, which checks the signatures of a batch together, the SDK's, which checks none
//! together, and one of a kind that nobody has come to the same state.
//!
//! The state's root covers what is said of each frame, the devices, and the weight of each extrinsic, which stands in its event. What a
//! good frame behind a badly signed one comes to shows that what was taken together is undone in WASM too.

mod chain;

use chain::{built, send};
use codec::{Decode, Encode};
use frame_support::BoundedVec;
use pallet_telemetry::SubmittedFrame;
use passport_fuzz::{
	chain::{begin, now_seconds},
	extrinsics::signed,
};
use passport_primitives::{
	battery::{Category, Commitment, PassportId},
	telemetry::{
		device::possession_message,
		frame::{MAX_HEADER_BYTES, MAX_SIGNED_BYTES, SIGNATURE_BYTES, TAG_BYTES},
		Frame, FrameRefusal, Header as FrameHeader, SignatureScheme,
	},
};
use passport_runtime::{
	genesis, Block, Header, Runtime, RuntimeCall, RuntimeEvent, System, Telemetry, UncheckedExtrinsic,
	MILLISECONDS_PER_BLOCK, WASM_BINARY,
};
use passport_signature_batch::host::crypto;
use sc_executor::{
	sp_wasm_interface::{ExtendedHostFunctions, HostFunctions},
	WasmExecutor,
};
use sp_consensus_aura::AURA_ENGINE_ID;
use sp_core::{
	ed25519,
	traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode},
	Pair, H256,
};
use sp_io::{SubstrateHostFunctions, TestExternalities};
use sp_keyring::Sr25519Keyring::{Alice, Two};
use sp_runtime::{traits::Header as _, ApplyExtrinsicResult, Digest, DigestItem};
use std::sync::LazyLock;

/// A host that says yes to the question, checks each signature when it is added, and has nothing to say in the end. As on smoldot's,
/// whatever is called without an open batch ends the execution.
#[allow(dead_code, unsafe_code)] // what the macro makes for runtimes
mod other {
	use sp_core::{ed25519, sr25519, Pair};
	use sp_runtime_interface::{
		pass_by::{PassFatPointerAndRead, PassPointerAndRead},
		runtime_interface,
	};
	use std::cell::Cell;

	thread_local! {
		static IS_OPEN: Cell<bool> = const { Cell::new(false) };
		/// Whether it checks anything.
		pub static CHECKS: Cell<bool> = const { Cell::new(true) };
	}

	#[runtime_interface]
	pub trait Crypto {
		fn start_batch_verify() {
			assert!(!IS_OPEN.replace(true), "a batch is open");
		}

		fn ed25519_batch_verify(
			signature: PassPointerAndRead<&ed25519::Signature, 64>,
			message: PassFatPointerAndRead<&[u8]>,
			public_key: PassPointerAndRead<&ed25519::Public, 32>,
		) -> bool {
			assert!(IS_OPEN.get(), "no batch is open");
			!CHECKS.get() || ed25519::Pair::verify(signature, message, public_key)
		}

		fn sr25519_batch_verify(
			_signature: PassPointerAndRead<&sr25519::Signature, 64>,
			_message: PassFatPointerAndRead<&[u8]>,
			_public_key: PassPointerAndRead<&sr25519::Public, 32>,
		) -> bool {
			assert!(IS_OPEN.get(), "no batch is open");
			true
		}

		fn finish_batch_verify() -> bool {
			assert!(IS_OPEN.replace(false), "no batch is open");
			true
		}
	}
}

/// As our node has them: `node/src/service.rs`.
type Ours = ExtendedHostFunctions<SubstrateHostFunctions, crypto::HostFunctions>;
type Other = ExtendedHostFunctions<SubstrateHostFunctions, other::crypto::HostFunctions>;

// Each compiles the runtime once, for all tests.
static OURS: LazyLock<WasmExecutor<Ours>> = LazyLock::new(|| WasmExecutor::builder().build());
static THE_SDKS: LazyLock<WasmExecutor<SubstrateHostFunctions>> =
	LazyLock::new(|| WasmExecutor::builder().build());
static OTHER: LazyLock<WasmExecutor<Other>> = LazyLock::new(|| WasmExecutor::builder().build());

const IDENTIFIER: &[u8] = b"https://id.cell-works.example/21/HOSTS";

/// The first device of the ledger.
const DEVICE: u32 = 0;

/// The sequences of a batch, in this order: more frames than are checked one by one on our host.
const SEQUENCES: [u64; 8] = [1, 9, 2, 3, 5, 4, 6, 7];

/// The frame that is badly signed, if one is. It leaps far ahead then: had it been taken, those behind it would be too old.
const LEAP: usize = 1;
const LEAP_TO: u64 = 10_000;

/// The device's key.
fn key() -> ed25519::Pair {
	ed25519::Pair::from_seed(&[0xb5; 32])
}

/// A ledger in block 100 on which one battery has a device.
fn ledger() -> TestExternalities {
	let mut ledger = built(genesis::LOCAL);
	ledger.execute_with(|| {
		begin();
		let new = pallet_passport::NewPassport {
			unique_identifier: BoundedVec::truncate_from(IDENTIFIER.to_vec()),
			alias: None,
			category: Category::ElectricVehicle,
			commitments: [Some(Commitment([1; 32])), None, None, None],
			content_address: None,
			envelopes: BoundedVec::default(),
		};
		let register = RuntimeCall::Passport(pallet_passport::Call::register { new });
		send(Alice, register).expect("a manufacturer registers a battery");
		let passport = PassportId(sp_io::hashing::sha2_256(IDENTIFIER));
		let public_key = key().public().0;
		let message = possession_message(&Telemetry::genesis_hash(), &passport, &public_key);
		let register = RuntimeCall::Telemetry(pallet_telemetry::Call::register_device {
			passport,
			public_key,
			proof: key().sign(&message).0,
		});
		send(Alice, register).expect("its maker registers the device");
		assert!(Telemetry::state_of(DEVICE).is_some());
	});
	ledger
		.commit_all()
		.expect("no transaction of the storage is open");
	ledger
}

/// A frame of the device, signed. What is sealed in it is nothing to the ledger.
fn frame(sequence: u64) -> Vec<u8> {
	let header = FrameHeader {
		scheme: SignatureScheme::Ed25519,
		key_epoch: 0,
		sequence,
		first_seconds: now_seconds(),
		span_seconds: 0,
		count: 1,
	};
	let mut frame = vec![0; MAX_HEADER_BYTES];
	let length = header
		.encode(&mut frame)
		.expect("it is as long as a header can be");
	frame.truncate(length);
	frame.extend([0u8; 1 + TAG_BYTES + SIGNATURE_BYTES]);
	let mut message = [0; MAX_SIGNED_BYTES];
	let signature = Frame::parse(&frame)
		.and_then(|parsed| {
			let message = parsed.signed_message(
				&Telemetry::genesis_hash(),
				&PassportId(sp_io::hashing::sha2_256(IDENTIFIER)),
				&mut message,
			)?;
			Ok(key().sign(message).0)
		})
		.expect("it is a frame");
	let place = frame.len() - SIGNATURE_BYTES;
	frame[place..].copy_from_slice(&signature);
	frame
}

/// What is in the next block: its time, and a bridge's batch. Made once for all hosts: no two sr25519 signatures are the same.
fn extrinsics(with_a_bad_signature: bool) -> Vec<UncheckedExtrinsic> {
	let mut ledger = ledger();
	let mut sequences = SEQUENCES;
	if with_a_bad_signature {
		sequences[LEAP] = LEAP_TO;
	}
	let (now_ms, mut frames) = ledger.execute_with(|| {
		let now_ms = now_seconds() * 1_000 + MILLISECONDS_PER_BLOCK;
		(now_ms, sequences.map(frame))
	});
	if with_a_bad_signature {
		// The lowest byte of the scalar.
		let place = frames[LEAP].len() - SIGNATURE_BYTES / 2;
		frames[LEAP][place] ^= 1;
	}
	let frames = frames.map(|frame| SubmittedFrame {
		device: DEVICE,
		frame: BoundedVec::truncate_from(frame),
	});
	let submit = RuntimeCall::Telemetry(pallet_telemetry::Call::submit_frames {
		frames: BoundedVec::truncate_from(frames.into()),
	});
	vec![
		UncheckedExtrinsic::new_bare(RuntimeCall::Timestamp(pallet_timestamp::Call::set {
			now: now_ms,
		})),
		signed(&Two.pair(), 0, submit),
	]
}

/// Calls the runtime as a node does.
fn call<Host: HostFunctions>(
	host: &WasmExecutor<Host>,
	ledger: &mut TestExternalities,
	function: &str,
	argument: &[u8],
) -> Result<Vec<u8>, String> {
	let wasm = WASM_BINARY
		.expect("the runtime was built with SKIP_WASM_BUILD: there is no WASM to execute, build it without");
	let fetcher = WrappedRuntimeCode(wasm.into());
	let code = RuntimeCode {
		code_fetcher: &fetcher,
		heap_pages: None,
		hash: b"the same for all hosts: each has a cache of its own".to_vec(),
	};
	let context = CallContext::Onchain { import: false };
	let (answer, _) = host.call(&mut ledger.ext(), &code, function, argument, context);
	answer.map_err(|error| error.to_string())
}

/// What is left of a block that was made: its header, how many frames were taken, and which were skipped.
type Made = (Header, u16, Vec<(u16, FrameRefusal)>);

/// Makes the next block as an author does.
fn make<Host: HostFunctions>(host: &WasmExecutor<Host>, extrinsics: &[UncheckedExtrinsic]) -> Made {
	let mut ledger = ledger();
	let (number, slot) = ledger.execute_with(|| (System::block_number() + 1, now_seconds() + 1));
	let begun = Header::new(
		number,
		H256::zero(),
		H256::zero(),
		H256::repeat_byte(1),
		Digest {
			logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())],
		},
	);
	call(host, &mut ledger, "Core_initialize_block", &begun.encode()).expect("the block begins");
	for extrinsic in extrinsics {
		let applied = call(
			host,
			&mut ledger,
			"BlockBuilder_apply_extrinsic",
			&extrinsic.encode(),
		)
		.expect("the runtime answers");
		assert_eq!(
			ApplyExtrinsicResult::decode(&mut applied.as_slice()),
			Ok(Ok(Ok(())))
		);
	}
	let header = call(host, &mut ledger, "BlockBuilder_finalize_block", &[]).expect("the block ends");
	let header = Header::decode(&mut header.as_slice()).expect("it is a header");
	let (frames, skipped) = ledger
		.execute_with(System::events)
		.into_iter()
		.find_map(|record| match record.event {
			RuntimeEvent::Telemetry(pallet_telemetry::Event::<Runtime>::BatchVerified {
				frames,
				skipped,
				..
			}) => Some((frames, skipped)),
			_ => None,
		})
		.expect("the batch was verified");
	let skipped = skipped
		.into_iter()
		.map(|skipped| (skipped.position, skipped.reason))
		.collect();
	(header, frames, skipped)
}

/// Imports a block as a node does that did not make it: the runtime stops if it comes to another state.
fn import<Host: HostFunctions>(
	host: &WasmExecutor<Host>,
	header: &Header,
	extrinsics: &[UncheckedExtrinsic],
) -> Result<(), String> {
	let mut ledger = ledger();
	let block = Block {
		header: header.clone(),
		extrinsics: extrinsics.to_vec(),
	};
	call(host, &mut ledger, "Core_execute_block", &block.encode()).map(drop)
}

#[test]
fn a_block_has_the_same_state_on_every_host() {
	for (with_a_bad_signature, frames, skipped) in [
		(false, 8, vec![]),
		(true, 7, vec![(LEAP as u16, FrameRefusal::BadSignature)]),
	] {
		let extrinsics = extrinsics(with_a_bad_signature);
		let on_ours = make(&OURS, &extrinsics);
		assert_eq!((on_ours.1, &on_ours.2), (frames, &skipped));
		// The header has the roots of state and extrinsics.
		assert_eq!(make(&THE_SDKS, &extrinsics), on_ours);
		assert_eq!(make(&OTHER, &extrinsics), on_ours);
		assert_eq!(import(&OURS, &on_ours.0, &extrinsics), Ok(()));
		assert_eq!(import(&THE_SDKS, &on_ours.0, &extrinsics), Ok(()));
		assert_eq!(import(&OTHER, &on_ours.0, &extrinsics), Ok(()));
	}
}

/// Were the functions for batches not called, the test above would hold nothing.
#[test]
fn a_host_that_checks_nothing_comes_to_another_state_and_nobody_imports_its_block() {
	other::CHECKS.set(false);
	let (good, bad) = (extrinsics(false), extrinsics(true));
	assert_eq!(make(&OTHER, &good), make(&OURS, &good));
	let (forged, frames, skipped) = make(&OTHER, &bad);
	// The leap was taken, and those behind it are too old.
	assert_eq!((frames, skipped.len()), (2, 6));
	assert_eq!(import(&OTHER, &forged, &bad), Ok(()));
	assert!(import(&OURS, &forged, &bad).is_err());
	assert!(import(&THE_SDKS, &forged, &bad).is_err());
	other::CHECKS.set(true);
	assert!(import(&OTHER, &forged, &bad).is_err());
}
