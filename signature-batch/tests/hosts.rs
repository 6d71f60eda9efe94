//! One runtime on several hosts: ours checks a batch together, the SDK's says that it does not, and none that was made otherwise takes a
//! forged signature; where the functions are missing a runtime does not fall back, it stops.

mod signing;

use passport_signature_batch::host::crypto;
use proptest::prelude::*;
use sc_executor::{
	sp_wasm_interface::{ExtendedHostFunctions, HostFunctions},
	WasmExecutor,
};
use signing::{sign_as, Signed, Signer};
use sp_core::{
	ed25519, sr25519,
	traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode},
	Pair,
};
use sp_io::{SubstrateHostFunctions, TestExternalities};
use std::{collections::BTreeMap, sync::LazyLock};
use wasm_encoder::{
	BlockType, CodeSection, ConstExpr, DataSection, EntityType, ExportKind, ExportSection, Function,
	FunctionSection, GlobalSection, GlobalType, ImportSection, MemArg, MemorySection, MemoryType, Module,
	TypeSection, ValType,
};

/// The SDK's host with other functions for batches.
type With<Functions> = ExtendedHostFunctions<SubstrateHostFunctions, Functions>;

/// As our node has them: `node/src/service.rs`.
type Ours = With<crypto::HostFunctions>;

/// Bytes of key, signature and message in what the runtime is given.
const KEY: usize = 32;
const SIGNATURE: usize = 64;
const MESSAGE: usize = 32;
const RECORD: usize = KEY + SIGNATURE + MESSAGE;

/// As `HostBatch` asks.
const QUESTION: &[u8] = b"battery-passport: are signatures checked together here?";
const KEY_OF_NOBODY: [u8; KEY] = [0xff; KEY];
const SIGNATURE_BY_NOBODY: [u8; SIGNATURE] = [0; SIGNATURE];

/// Hosts that are neither ours nor the SDK's.
#[allow(dead_code, unsafe_code)] // what the macro makes for runtimes
mod other {
	use sp_core::{ed25519, sr25519, Pair};
	use sp_externalities::ExternalitiesExt;
	use sp_runtime_interface::{
		pass_by::{PassFatPointerAndRead, PassPointerAndRead},
		runtime_interface,
	};

	sp_externalities::decl_extension! {
		/// A batch is open; whether what was added verifies.
		pub struct Opened(bool);
	}

	/// Nothing is left of batches but the names.
	pub mod empty {
		use super::*;

		#[runtime_interface]
		pub trait Crypto {
			fn start_batch_verify() {}

			fn ed25519_batch_verify(
				_signature: PassPointerAndRead<&ed25519::Signature, 64>,
				_message: PassFatPointerAndRead<&[u8]>,
				_public_key: PassPointerAndRead<&ed25519::Public, 32>,
			) -> bool {
				true
			}

			fn sr25519_batch_verify(
				signature: PassPointerAndRead<&sr25519::Signature, 64>,
				message: PassFatPointerAndRead<&[u8]>,
				public_key: PassPointerAndRead<&sr25519::Public, 32>,
			) -> bool {
				// The version that takes most.
				sr25519::Pair::verify_deprecated(signature, message, public_key)
			}

			fn finish_batch_verify() -> bool {
				true
			}
		}
	}

	/// Checks at once, has nothing to say in the end, and says yes to the question as if it were ours.
	pub mod at_once {
		use super::*;

		#[runtime_interface]
		pub trait Crypto {
			fn start_batch_verify() {}

			fn ed25519_batch_verify(
				signature: PassPointerAndRead<&ed25519::Signature, 64>,
				message: PassFatPointerAndRead<&[u8]>,
				public_key: PassPointerAndRead<&ed25519::Public, 32>,
			) -> bool {
				ed25519::Pair::verify(signature, message, public_key)
			}

			fn sr25519_batch_verify(
				_signature: PassPointerAndRead<&sr25519::Signature, 64>,
				_message: PassFatPointerAndRead<&[u8]>,
				_public_key: PassPointerAndRead<&sr25519::Public, 32>,
			) -> bool {
				true
			}

			fn finish_batch_verify() -> bool {
				true
			}
		}
	}

	/// As smoldot does: each is checked when it is added, and whatever is called without a batch ends the execution.
	pub mod strict {
		use super::*;

		#[runtime_interface]
		pub trait Crypto {
			fn start_batch_verify(&mut self) {
				self.register_extension(Opened(true))
					.expect("no batch is open yet");
			}

			fn ed25519_batch_verify(
				&mut self,
				signature: PassPointerAndRead<&ed25519::Signature, 64>,
				message: PassFatPointerAndRead<&[u8]>,
				public_key: PassPointerAndRead<&ed25519::Public, 32>,
			) -> bool {
				let verifies = ed25519::Pair::verify(signature, message, public_key);
				self.extension::<Opened>().expect("a batch is open").0 &= verifies;
				verifies
			}

			fn sr25519_batch_verify(
				&mut self,
				signature: PassPointerAndRead<&sr25519::Signature, 64>,
				message: PassFatPointerAndRead<&[u8]>,
				public_key: PassPointerAndRead<&sr25519::Public, 32>,
			) -> bool {
				let verifies = sr25519::Pair::verify_deprecated(signature, message, public_key);
				self.extension::<Opened>().expect("a batch is open").0 &= verifies;
				verifies
			}

			fn finish_batch_verify(&mut self) -> bool {
				let verify = self.extension::<Opened>().expect("a batch is open").0;
				self.deregister_extension::<Opened>().expect("it was there");
				verify
			}
		}
	}

	/// As Substrate did at first: what is added is good so far, the question too, and all is checked in the end.
	pub mod at_last {
		use super::*;

		#[runtime_interface]
		pub trait Crypto {
			fn start_batch_verify(&mut self) {
				self.register_extension(Opened(true))
					.expect("no batch is open yet");
			}

			fn ed25519_batch_verify(
				&mut self,
				signature: PassPointerAndRead<&ed25519::Signature, 64>,
				message: PassFatPointerAndRead<&[u8]>,
				public_key: PassPointerAndRead<&ed25519::Public, 32>,
			) -> bool {
				let verifies = ed25519::Pair::verify(signature, message, public_key);
				self.extension::<Opened>().expect("a batch is open").0 &= verifies;
				true
			}

			fn sr25519_batch_verify(
				&mut self,
				signature: PassPointerAndRead<&sr25519::Signature, 64>,
				message: PassFatPointerAndRead<&[u8]>,
				public_key: PassPointerAndRead<&sr25519::Public, 32>,
			) -> bool {
				let verifies = sr25519::Pair::verify_deprecated(signature, message, public_key);
				self.extension::<Opened>().expect("a batch is open").0 &= verifies;
				true
			}

			fn finish_batch_verify(&mut self) -> bool {
				let verify = self.extension::<Opened>().expect("a batch is open").0;
				self.deregister_extension::<Opened>().expect("it was there");
				verify
			}
		}
	}
}

/// A runtime that does as `HostBatch` with the records that it is given. It returns a byte: 0 if the host checks none together, 1 if
/// the batch does not verify, 2 if it does.
fn runtime() -> Vec<u8> {
	const START: u32 = 0;
	const ADD: u32 = 1;
	const FINISH: u32 = 2;
	const ASK: u32 = 3;
	const ALL_VERIFY: u32 = 4;
	// Below the heap.
	const ANSWER: i32 = 16;
	const ZEROS: i32 = 256;
	const NOBODY: i32 = 384;
	const TEXT: i32 = 512;
	const HEAP_BASE: i32 = 1024;
	let (i32, i64) = (ValType::I32, ValType::I64);

	let mut types = TypeSection::new();
	types.ty().function([], []);
	types.ty().function([i32, i64, i32], [i32]);
	types.ty().function([], [i32]);
	types.ty().function([i32, i32], [i64]);

	let mut imports = ImportSection::new();
	imports.import(
		"env",
		"ext_crypto_start_batch_verify_version_1",
		EntityType::Function(0),
	);
	imports.import(
		"env",
		"ext_crypto_ed25519_batch_verify_version_1",
		EntityType::Function(1),
	);
	imports.import(
		"env",
		"ext_crypto_finish_batch_verify_version_1",
		EntityType::Function(2),
	);

	imports.import(
		"env",
		"ext_crypto_sr25519_batch_verify_version_1",
		EntityType::Function(1),
	);

	let mut functions = FunctionSection::new();
	functions.function(3);
	let mut memories = MemorySection::new();
	memories.memory(MemoryType {
		minimum: 16,
		maximum: None,
		memory64: false,
		shared: false,
		page_size_log2: None,
	});
	let mut globals = GlobalSection::new();
	globals.global(
		GlobalType {
			val_type: i32,
			mutable: false,
			shared: false,
		},
		&ConstExpr::i32_const(HEAP_BASE),
	);
	let mut exports = ExportSection::new();
	exports.export("memory", ExportKind::Memory, 0);
	exports.export("__heap_base", ExportKind::Global, 0);
	exports.export("all_verify", ExportKind::Func, ALL_VERIFY);

	let (record, length, end, each_was_taken) = (0, 1, 2, 3);
	let answer = MemArg {
		offset: 0,
		align: 0,
		memory_index: 0,
	};
	// A slice is one number: its length above its address. This one is the answer.
	let slice = |address: i32, bytes: usize| ((bytes as i64) << 32) | i64::from(address);
	let mut body = Function::new([(2, i32)]);
	body.instructions()
		.call(START)
		.i32_const(ZEROS)
		.i64_const(slice(TEXT, QUESTION.len()))
		.i32_const(NOBODY)
		.call(ASK)
		.i32_eqz()
		.if_(BlockType::Empty)
		.call(FINISH)
		.drop()
		.i64_const(slice(ANSWER, 1))
		.return_()
		.end()
		.i32_const(1)
		.local_set(each_was_taken)
		.local_get(record)
		.local_get(length)
		.i32_add()
		.local_set(end)
		.block(BlockType::Empty)
		.loop_(BlockType::Empty)
		.local_get(record)
		.local_get(end)
		.i32_ge_u()
		.br_if(1)
		.local_get(record)
		.i32_const(KEY as i32)
		.i32_add()
		.local_get(record)
		.i32_const((KEY + SIGNATURE) as i32)
		.i32_add()
		.i64_extend_i32_u()
		.i64_const((MESSAGE as i64) << 32)
		.i64_or()
		.local_get(record)
		.call(ADD)
		.local_get(each_was_taken)
		.i32_and()
		.local_set(each_was_taken)
		.local_get(record)
		.i32_const(RECORD as i32)
		.i32_add()
		.local_set(record)
		.br(0)
		.end()
		.end()
		.i32_const(ANSWER)
		.call(FINISH)
		.local_get(each_was_taken)
		.i32_and()
		.i32_const(1)
		.i32_add()
		.i32_store8(answer)
		.i64_const(slice(ANSWER, 1))
		.end();
	let mut code = CodeSection::new();
	code.function(&body);
	let mut data = DataSection::new();
	// The signature of the question is of zeros, as memory is.
	data.active(0, &ConstExpr::i32_const(NOBODY), KEY_OF_NOBODY);
	data.active(0, &ConstExpr::i32_const(TEXT), QUESTION.iter().copied());

	let mut module = Module::new();
	module
		.section(&types)
		.section(&imports)
		.section(&functions)
		.section(&memories)
		.section(&globals)
		.section(&exports)
		.section(&code)
		.section(&data);
	module.finish()
}

#[derive(Debug, PartialEq, Eq)]
enum Answer {
	OneByOne,
	NotAllVerify,
	AllVerify,
}

fn ask<Host: HostFunctions>(host: &WasmExecutor<Host>, all: &[Signed]) -> Result<Answer, String> {
	ask_in(&mut TestExternalities::default(), host, all)
}

/// With what an earlier call may have left open.
fn ask_in<Host: HostFunctions>(
	externalities: &mut TestExternalities,
	host: &WasmExecutor<Host>,
	all: &[Signed],
) -> Result<Answer, String> {
	let records: Vec<u8> = all
		.iter()
		.flat_map(|signed| [signed.public_key.as_slice(), &signed.signature, &signed.message].concat())
		.collect();
	assert_eq!(records.len(), RECORD * all.len());
	let wasm = runtime();
	let fetcher = WrappedRuntimeCode(wasm.as_slice().into());
	let code = RuntimeCode {
		code_fetcher: &fetcher,
		heap_pages: None,
		hash: b"the same for all hosts: each has a cache of its own".to_vec(),
	};
	let (answer, _) = host.call(
		&mut externalities.ext(),
		&code,
		"all_verify",
		&records,
		CallContext::Onchain { import: false },
	);
	match answer.map_err(|error| error.to_string())?.as_slice() {
		[0] => Ok(Answer::OneByOne),
		[1] => Ok(Answer::NotAllVerify),
		[2] => Ok(Answer::AllVerify),
		other => Err(format!("a byte is expected, not {other:?}")),
	}
}

static THE_SDKS: LazyLock<WasmExecutor<SubstrateHostFunctions>> =
	LazyLock::new(|| WasmExecutor::builder().build());
static OURS: LazyLock<WasmExecutor<Ours>> = LazyLock::new(|| WasmExecutor::builder().build());

/// Signatures by some signers, those at the places in `bad` not theirs.
fn signatures(number: usize, bad: &[usize]) -> Vec<Signed> {
	(0..number)
		.map(|place| {
			let message = [place as u8; MESSAGE];
			// Each third has parts of small order, which ZIP-215 takes.
			let torsion = if place % 3 == 0 { place % 8 } else { 0 };
			let mut signed = sign_as(&Signer::new(place as u8 % 7), torsion, torsion, &message);
			if bad.contains(&place) {
				signed.message[0] ^= 1;
			}
			signed
		})
		.collect()
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn our_host_has_the_verdict_that_each_signature_has(
		number in 0usize..40,
		bad in prop::collection::vec(0usize..80, 0..3),
	) {
		let all = signatures(number, &bad);
		let each = all.iter().all(|signed| {
			ed25519::Pair::verify(&signed.signature.into(), &signed.message, &signed.public_key.into())
		});
		prop_assert_eq!(each, !bad.iter().any(|place| *place < number));
		let expected = if each { Answer::AllVerify } else { Answer::NotAllVerify };
		prop_assert_eq!(ask(&OURS, &all), Ok(expected));
	}
}

#[test]
fn the_sdks_host_says_that_it_checks_none_together() {
	for bad in [vec![], vec![5]] {
		assert_eq!(ask(&THE_SDKS, &signatures(8, &bad)), Ok(Answer::OneByOne));
	}
}

/// Were it a signature, hosts that check none together would say yes.
#[test]
fn what_is_asked_is_signed_by_nobody_in_any_version() {
	let signature = SIGNATURE_BY_NOBODY.into();
	assert!(!sr25519::Pair::verify(
		&signature,
		QUESTION,
		&KEY_OF_NOBODY.into()
	));
	assert!(!sr25519::Pair::verify_deprecated(
		&signature,
		QUESTION,
		&KEY_OF_NOBODY.into()
	));
	// As it would be under a key of zeros.
	assert!(sr25519::Pair::verify_deprecated(
		&signature,
		QUESTION,
		&[0; KEY].into()
	));
}

#[test]
fn our_host_says_yes_to_the_question_and_to_nothing_else_that_nobody_signed() {
	let says = |signature: [u8; SIGNATURE], message: &[u8], key: [u8; KEY]| {
		TestExternalities::default()
			.execute_with(|| crypto::sr25519_batch_verify(&signature.into(), message, &key.into()))
	};
	assert!(says(SIGNATURE_BY_NOBODY, QUESTION, KEY_OF_NOBODY));
	for (signature, message, key) in [
		([1; SIGNATURE], QUESTION, KEY_OF_NOBODY),
		(SIGNATURE_BY_NOBODY, &QUESTION[1..], KEY_OF_NOBODY),
		(SIGNATURE_BY_NOBODY, QUESTION, [0; KEY]),
	] {
		assert!(!says(signature, message, key));
	}
}

#[test]
fn the_question_leaves_the_open_batch_as_it_is() {
	TestExternalities::default().execute_with(|| {
		let ask =
			|| crypto::sr25519_batch_verify(&SIGNATURE_BY_NOBODY.into(), QUESTION, &KEY_OF_NOBODY.into());
		for bad in [vec![], vec![1]] {
			crypto::start_batch_verify();
			for signed in signatures(3, &bad) {
				assert!(ask());
				assert!(crypto::ed25519_batch_verify(
					&signed.signature.into(),
					&signed.message,
					&signed.public_key.into()
				));
			}
			assert!(ask());
			assert_eq!(crypto::finish_batch_verify(), bad.is_empty());
		}
	});
}

#[test]
fn a_host_that_checks_nothing_is_asked_and_then_added_nothing_to() {
	let empty = WasmExecutor::<With<other::empty::crypto::HostFunctions>>::builder().build();
	for bad in [vec![], vec![5]] {
		assert_eq!(ask(&empty, &signatures(8, &bad)), Ok(Answer::OneByOne));
	}
}

#[test]
fn a_host_that_checks_at_once_is_believed_in_what_it_says_at_once() {
	let at_once = WasmExecutor::<With<other::at_once::crypto::HostFunctions>>::builder().build();
	assert_eq!(ask(&at_once, &signatures(8, &[])), Ok(Answer::AllVerify));
	for bad in 0..8 {
		assert_eq!(ask(&at_once, &signatures(8, &[bad])), Ok(Answer::NotAllVerify));
	}
}

#[test]
fn a_host_that_stops_where_no_batch_is_open_says_that_it_checks_none_together() {
	let strict = WasmExecutor::<With<other::strict::crypto::HostFunctions>>::builder().build();
	for bad in [vec![], vec![5]] {
		assert_eq!(ask(&strict, &signatures(8, &bad)), Ok(Answer::OneByOne));
	}
}

#[test]
fn a_host_that_takes_the_question_for_a_signature_refuses_every_batch() {
	let at_last = WasmExecutor::<With<other::at_last::crypto::HostFunctions>>::builder().build();
	for bad in [vec![], vec![5]] {
		assert_eq!(ask(&at_last, &signatures(8, &bad)), Ok(Answer::NotAllVerify));
	}
}

#[test]
fn a_batch_that_was_asked_about_is_closed_for_the_next() {
	fn twice<Host: HostFunctions>(host: &WasmExecutor<Host>) {
		let all = signatures(8, &[]);
		let mut externalities = TestExternalities::default();
		for _ in 0..2 {
			assert_eq!(ask_in(&mut externalities, host, &all), Ok(Answer::OneByOne));
		}
	}
	twice(&THE_SDKS);
	twice(&WasmExecutor::<With<other::strict::crypto::HostFunctions>>::builder().build());
}

#[test]
fn a_host_without_the_functions_stops_and_does_not_fall_back() {
	let all = signatures(2, &[]);
	let strict = WasmExecutor::<()>::builder().build();
	assert!(ask(&strict, &all).is_err());
	let lenient = WasmExecutor::<()>::builder()
		.with_allow_missing_host_functions(true)
		.build();
	assert!(ask(&lenient, &all).is_err());
}

#[test]
fn every_function_is_one_of_the_sdks_and_takes_the_same() {
	let signatures_of = |functions: Vec<&'static dyn sc_executor::sp_wasm_interface::Function>| {
		functions
			.into_iter()
			.map(|function| {
				let signature = function.signature();
				let types = format!("{:?} -> {:?}", signature.args, signature.return_value);
				(function.name().to_owned(), types)
			})
			.collect::<BTreeMap<_, _>>()
	};
	let the_sdks = signatures_of(SubstrateHostFunctions::host_functions());
	let overlay = signatures_of(crypto::HostFunctions::host_functions());
	assert_eq!(overlay.len(), 5);
	for (name, types) in &overlay {
		assert_eq!(the_sdks.get(name), Some(types), "{name}");
	}
	// None is left out: they share a batch.
	let batch_functions = the_sdks.keys().filter(|name| name.contains("batch_verify"));
	assert_eq!(
		batch_functions.collect::<Vec<_>>(),
		overlay.keys().collect::<Vec<_>>()
	);
	assert_eq!(signatures_of(Ours::host_functions()), the_sdks);
}
