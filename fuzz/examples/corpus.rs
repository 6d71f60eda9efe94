//! Writes the corpus anew: `cargo run --release -p passport-fuzz --example corpus --features corpus`. The same every time, from the same calls.
//!
//! For a pallet it looks through random inputs and keeps the dozen that together bring about the most outcomes of its calls. For
//! what is decoded it makes good examples; the mutations make the bad ones.

use codec::Encode;
use passport_fuzz::{
	calls::{Ledger, Sender},
	chain,
	choices::{random_bytes, Choices, RANDOM_BYTES},
	extrinsics::signed,
	frames::{frame_of, readings_of},
	ledger_of,
	members::{pair_of, signers},
	sequence::{send, tell, CallName},
	TARGETS,
};
use passport_primitives::telemetry::{frame::FrameError, Cells, Reading};
use passport_runtime::{Runtime, RuntimeCall, UncheckedExtrinsic};
use std::{collections::BTreeSet, fs, io, path::Path};

/// Files for each pallet.
const FILES: usize = 12;

/// Random inputs that they are chosen from.
const CANDIDATES: u64 = 1_000;

/// Longest of them: twenty calls or so.
const LONGEST: usize = 192;

/// Longest extrinsic that is kept.
const LONGEST_EXTRINSIC: usize = 400;

fn main() -> io::Result<()> {
	for (target, _) in TARGETS {
		let files = match (ledger_of(target), target) {
			(Some(ledger), _) => stories(ledger),
			(None, "extrinsic_decoding") => extrinsics(),
			(None, _) => frames().map_err(io::Error::other)?,
		};
		let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
		if folder.exists() {
			fs::remove_dir_all(&folder)?;
		}
		fs::create_dir_all(&folder)?;
		for (number, data) in files.iter().enumerate() {
			fs::write(folder.join(format!("{number:02}")), data)?;
		}
	}
	Ok(())
}

/// What an input brings about: each call of the pallet with each of its outcomes.
type Reached = BTreeSet<(CallName, String)>;

fn stories(ledger: Ledger) -> Vec<Vec<u8>> {
	let mut candidates: Vec<(Vec<u8>, Reached)> = (0..CANDIDATES)
		.map(|round| {
			let bytes = random_bytes(2, round);
			let length = LONGEST / 2 + usize::from(bytes[RANDOM_BYTES - 1]) % (LONGEST / 2);
			let data = bytes[..length].to_vec();
			let reached = tell(ledger, &data)
				.into_iter()
				.filter(|((pallet, _), _)| *pallet == ledger.name())
				.map(|(name, outcome)| (name, format!("{outcome:?}")))
				.collect();
			(data, reached)
		})
		.collect();
	let mut seen = Reached::new();
	let mut kept = Vec::new();
	for _ in 0..FILES {
		// Success of a call counts for ten refusals: every call has to be there.
		let new = |reached: &Reached| -> usize {
			reached
				.difference(&seen)
				.map(|(_, outcome)| if outcome == "Done" { 10 } else { 1 })
				.sum()
		};
		let Some(best) = (0..candidates.len()).max_by_key(|index| new(&candidates[*index].1)) else {
			break;
		};
		let (data, reached) = candidates.swap_remove(best);
		seen.extend(reached);
		kept.push(data);
	}
	kept
}

/// A signed call of each pallet, wrappers, and extrinsics that nobody signs.
fn extrinsics() -> Vec<Vec<u8>> {
	let alice = &signers()[0].pair;
	let remark = || RuntimeCall::System(frame_system::Call::remark { remark: vec![7; 8] });
	let batch = |calls| RuntimeCall::Utility(pallet_utility::Call::batch { calls });
	let mut extrinsics = vec![
		signed(alice, 0, remark()),
		signed(alice, 1, batch(vec![remark(), remark()])),
		signed(alice, 0, batch(vec![batch(vec![batch(vec![remark()])])])),
		UncheckedExtrinsic::new_bare(RuntimeCall::Timestamp(pallet_timestamp::Call::set { now: 1 })),
		UncheckedExtrinsic::new_bare_legacy(remark()),
	];
	let general = signed(alice, 0, remark());
	if let Some((_, _, extension)) = general.preamble.to_signed() {
		extrinsics.push(UncheckedExtrinsic::new_transaction(remark(), extension));
	}
	for ledger in Ledger::ALL {
		extrinsics.extend(call_of(ledger));
	}
	extrinsics.iter().map(Encode::encode).collect()
}

/// A call that a member of the preset sends and that its pallet takes.
fn call_of(ledger: Ledger) -> Option<UncheckedExtrinsic> {
	(0..CANDIDATES).find_map(|round| {
		let bytes = random_bytes(3, round);
		let step = chain::after_the_prologue(|_| {
			let step = ledger.step(&mut Choices::new(&bytes))?;
			let taken = send(step.clone()) == passport_fuzz::sequence::Outcome::Done;
			taken.then_some(step)
		})?;
		let Sender::Account(account) = step.sender else {
			return None;
		};
		let is_of_the_preset =
			chain::on_genesis(|| pallet_organisations::OrganisationOf::<Runtime>::contains_key(&account));
		let extrinsic = signed(pair_of(&account)?, 0, step.call);
		(is_of_the_preset && extrinsic.encoded_size() <= LONGEST_EXTRINSIC).then_some(extrinsic)
	})
}

/// Frames of the device that the target knows, and the readings of frames.
fn frames() -> Result<Vec<Vec<u8>>, FrameError> {
	let reading = |minute: u64| Reading {
		time_seconds: 1_800_000_000 + 60 * minute,
		state_of_health_bp: 9_970,
		state_of_charge_bp: 8_200 - minute as u16,
		voltage_mv: 402_500 - 12 * minute as u32,
		current_ma: -15_200 + 300 * minute as i32,
		temperature_average_dc: -50 + minute as i16,
		cycle_count: 120,
		..Reading::default()
	};
	let with_cells = |minute: u64| Reading {
		cell_temperatures_dc: Cells::try_new(&[200, 201, 199 + minute as i16]).unwrap_or_default(),
		cell_voltages_mv: Cells::try_new(&[3_700; 8]).unwrap_or_default(),
		..reading(minute)
	};
	let extreme = Reading {
		time_seconds: u64::MAX >> 3,
		state_of_health_bp: u16::MAX,
		current_ma: i32::MIN,
		temperature_min_dc: i16::MIN,
		energy_throughput_wh: u64::MAX >> 3,
		faults: u32::MAX,
		..Reading::default()
	};
	let row = |count: u64| (0..count).map(reading).collect::<Vec<_>>();
	let cells = |count: u64| (0..count).map(with_cells).collect::<Vec<_>>();
	Ok(vec![
		frame_of(&row(1), 0, 1)?,
		frame_of(&row(2), 3, 9)?,
		frame_of(&row(20), 1, 1 << 40)?,
		frame_of(&cells(4), u32::MAX, u64::MAX)?,
		frame_of(&[extreme], 2, 2)?,
		frame_of(&[Reading::default(); 60], 0, 3)?,
		readings_of(&row(1), 1_800_000_000)?,
		readings_of(&row(10), 1_800_000_000)?,
		readings_of(&cells(3), 1_800_000_000)?,
		readings_of(&[extreme, reading(0)], 0)?,
		readings_of(&[Reading::default(); 100], 0)?,
		vec![1, 0, 0, 1, 10, 0, 1],
	])
}
