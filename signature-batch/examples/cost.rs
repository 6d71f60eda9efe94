//! What a signature costs alone and in batches: `cargo run --release -p passport-signature-batch --example cost`.
//!
//! Measured is the host's part, without the call out of WASM that both ways have once for each signature. Each round measures
//! every row, so that a machine that gets slower or faster in between does it to all; printed is the median of the rounds.

#![allow(clippy::print_stdout)]

use passport_signature_batch::{HostBatch, SignatureBatch};
use sp_core::{ed25519, Pair};
use sp_io::TestExternalities;
use std::time::Instant;

/// Odd, so that there is a median.
const ROUNDS: usize = 31;

/// Signatures that are checked in each measurement, in batches of the row's size.
const SIGNATURES: usize = 512;

/// Bytes of a signed frame of a few readings.
const MESSAGE_BYTES: usize = 300;

/// Signatures in a batch. 256 are the most that `submit_frames` takes.
const SIZES: [usize; 8] = [1, 2, 4, 8, 16, 64, 256, 512];

struct Signed {
	public_key: [u8; 32],
	signature: [u8; 64],
	message: [u8; MESSAGE_BYTES],
}

/// Signatures under `keys` different keys.
fn signatures(keys: usize) -> Vec<Signed> {
	(0..SIGNATURES)
		.map(|number| {
			let mut seed = [0xb5; 32];
			seed[..8].copy_from_slice(&(number as u64 % keys as u64).to_le_bytes());
			let pair = ed25519::Pair::from_seed(&seed);
			let mut message = [0x5b; MESSAGE_BYTES];
			message[..8].copy_from_slice(&(number as u64).to_le_bytes());
			Signed {
				public_key: pair.public().0,
				signature: pair.sign(&message).0,
				message,
			}
		})
		.collect()
}

fn one_by_one(all: &[Signed]) {
	for signed in all {
		let verifies = sp_io::crypto::ed25519_verify(
			&signed.signature.into(),
			&signed.message,
			&signed.public_key.into(),
		);
		assert!(verifies);
	}
}

fn together(all: &[Signed], size: usize) {
	for batch in all.chunks(size) {
		let outcome = HostBatch::if_all_verify(|signatures| {
			for signed in batch {
				signatures.add(&signed.public_key, &signed.signature, &signed.message);
			}
		});
		assert!(outcome.is_some());
	}
}

/// A batch that does not verify, and each of its signatures afterwards.
fn together_in_vain(all: &[Signed]) {
	let outcome = HostBatch::if_all_verify(|signatures| {
		for signed in all {
			signatures.add(&signed.public_key, &signed.signature, &signed.message);
		}
		signatures.add(&all[0].public_key, &all[0].signature, b"not what was signed");
	});
	assert!(outcome.is_none());
	one_by_one(all);
}

/// Microseconds for each signature.
fn measure(work: impl FnOnce()) -> f64 {
	let began = Instant::now();
	work();
	began.elapsed().as_secs_f64() * 1e6 / SIGNATURES as f64
}

fn main() {
	let of_many = signatures(SIGNATURES);
	let of_sixteen = signatures(16);
	let of_one = signatures(1);
	let mut rows = vec![("one by one".to_owned(), vec![])];
	rows.extend(SIZES.map(|size| (format!("batches of {size}"), vec![])));
	rows.push(("batches of 256, of 16 devices".to_owned(), vec![]));
	rows.push(("batches of 256, of one device".to_owned(), vec![]));
	rows.push((
		"a batch of 512 with one that is bad, then one by one".to_owned(),
		vec![],
	));
	TestExternalities::default().execute_with(|| {
		for _ in 0..ROUNDS {
			let mut samples = vec![measure(|| one_by_one(&of_many))];
			samples.extend(SIZES.map(|size| measure(|| together(&of_many, size))));
			samples.push(measure(|| together(&of_sixteen, 256)));
			samples.push(measure(|| together(&of_one, 256)));
			samples.push(measure(|| together_in_vain(&of_many)));
			for ((_, row), sample) in rows.iter_mut().zip(samples) {
				row.push(sample);
			}
		}
	});
	let mut medians: Vec<(String, f64, f64, f64)> = vec![];
	for (name, mut samples) in rows {
		samples.sort_by(f64::total_cmp);
		let part = |of: usize| samples[(ROUNDS - 1) * of / 4];
		medians.push((name, part(1), part(2), part(3)));
	}
	let alone = medians[0].2;
	println!("{:<52} {:>8} {:>17} {:>7}", "", "µs each", "quartiles", "ratio");
	for (name, low, median, high) in medians {
		println!(
			"{name:<52} {median:>8.1} {low:>8.1} {high:>8.1} {:>7.2}",
			alone / median
		);
	}
}
