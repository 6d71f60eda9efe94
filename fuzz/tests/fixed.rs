//! Every fuzz target over its corpus and over a fixed number of mutations of it: the same inputs each time.

use frame_support::traits::GetCallMetadata;
use passport_fuzz::{
	calls::Ledger,
	chain,
	choices::{random_bytes, Choices},
	extrinsics, frames, invariants, ledger_of, sequence, TARGETS,
};
use passport_runtime::RuntimeCall;
use std::{collections::BTreeSet, fs, path::Path};

/// Mutated inputs of each target that decodes.
const DECODED: u64 = 20_000;

/// Mutated inputs of each target that tells stories.
const TOLD: u64 = 1_000;

/// Most bytes of a file of the corpus.
const MAX_CORPUS_BYTES: usize = 400;

/// What the mutations are chosen by.
const SEED: u64 = 7;

/// The files of a target's corpus, in the order of their names.
fn corpus(target: &str) -> Vec<Vec<u8>> {
	let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
	let mut files: Vec<_> = fs::read_dir(folder)
		.expect("a target has a corpus")
		.map(|file| file.expect("the corpus can be read").path())
		.collect();
	files.sort();
	files
		.iter()
		.map(|file| fs::read(file).expect("the corpus can be read"))
		.collect()
}

/// An input of the corpus after some changes: bits, bytes and stretches.
fn mutated(corpus: &[Vec<u8>], round: u64) -> Vec<u8> {
	let bytes = random_bytes(SEED, round);
	let mut choices = Choices::new(&bytes);
	let mut input = choices.one_of(corpus).expect("there is a file");
	for _ in 0..=choices.below(5) {
		let length = input.len() as u32;
		let from = choices.below(length + 1) as usize;
		let to = (from + choices.below(32) as usize).min(input.len());
		match choices.below(6) {
			0 if from < input.len() => input[from] ^= 1 << choices.below(8),
			1 if from < input.len() => input[from] = choices.byte(),
			2 => drop(input.drain(from..to)),
			3 => {
				let stretch = input[from..to].to_vec();
				drop(input.splice(from..from, stretch));
			}
			4 => {
				let some: Vec<_> = (0..choices.below(8)).map(|_| choices.byte()).collect();
				drop(input.splice(from..from, some));
			}
			_ => {
				let other = choices.one_of(corpus).expect("there is a file");
				input.truncate(from);
				input.extend(other.into_iter().skip(from));
			}
		}
	}
	input
}

/// Says which input it was when a target panics.
struct Input<'a> {
	target: &'a str,
	data: &'a [u8],
}

impl Drop for Input<'_> {
	fn drop(&mut self) {
		if std::thread::panicking() {
			let hex: String = self.data.iter().map(|byte| format!("{byte:02x}")).collect();
			eprintln!("{} panics over the input {hex}", self.target);
		}
	}
}

fn run(name: &str, mutations: u64) {
	let (_, target) = TARGETS
		.iter()
		.find(|(target, _)| *target == name)
		.expect("the target is on the list");
	let corpus = corpus(name);
	let mutated = (0..mutations).map(|round| mutated(&corpus, round));
	for data in corpus.iter().cloned().chain(mutated) {
		let _input = Input {
			target: name,
			data: &data,
		};
		target(&data);
	}
}

macro_rules! fixed_inputs {
	($($test:ident: $target:literal, $mutations:expr;)*) => {
		$(
			#[test]
			fn $test() {
				run($target, $mutations);
			}
		)*
	};
}

fixed_inputs! {
	any_bytes_are_an_extrinsic_or_none: "extrinsic_decoding", DECODED;
	any_bytes_are_a_frame_or_none: "frame_decoding", DECODED;
	stories_of_members_leave_what_holds: "organisations", TOLD;
	stories_of_validators_leave_what_holds: "validators", TOLD;
	stories_of_passports_leave_what_holds: "passport", TOLD;
	stories_of_owners_leave_what_holds: "ownership_transfer", TOLD;
	stories_of_grants_leave_what_holds: "access_grant", TOLD;
	stories_of_devices_leave_what_holds: "telemetry", TOLD;
	stories_of_documents_leave_what_holds: "documents", TOLD;
}

#[test]
fn a_corpus_is_a_dozen_small_files() {
	for (target, _) in TARGETS {
		let corpus = corpus(target);
		assert!((10..=16).contains(&corpus.len()), "{target}: {}", corpus.len());
		for data in corpus {
			assert!(data.len() <= MAX_CORPUS_BYTES, "{target}: {} bytes", data.len());
		}
	}
}

/// Else a change of the calls has made something else of the files: write them anew, as README.md says.
#[test]
fn the_corpus_reaches_every_call_of_its_pallet() {
	for (target, _) in TARGETS {
		let Some(ledger) = ledger_of(target) else {
			continue;
		};
		let told: Vec<_> = corpus(target)
			.iter()
			.flat_map(|data| sequence::tell(ledger, data))
			.filter(|((pallet, _), _)| *pallet == ledger.name())
			.collect();
		let done = names(&told, |outcome| *outcome == sequence::Outcome::Done);
		let refused = names(&told, |outcome| *outcome != sequence::Outcome::Done);
		for call in RuntimeCall::get_call_names(ledger.name()) {
			assert!(done.contains(call), "{target}: {call} never succeeds");
		}
		assert!(
			refused.len() > 1,
			"{target}: of its calls only {refused:?} is ever refused"
		);
	}
}

fn names(
	told: &[(sequence::CallName, sequence::Outcome)],
	which: impl Fn(&sequence::Outcome) -> bool,
) -> BTreeSet<&'static str> {
	told.iter()
		.filter(|(_, outcome)| which(outcome))
		.map(|((_, function), _)| *function)
		.collect()
}

#[test]
fn the_corpus_has_valid_transactions_and_frames_that_open() {
	let validities: Vec<_> = corpus("extrinsic_decoding")
		.iter()
		.filter_map(|data| extrinsics::take(data))
		.collect();
	assert!(validities.iter().filter(|validity| validity.is_ok()).count() >= 5);
	assert!(validities.iter().any(Result::is_err));
	let frames = corpus("frame_decoding");
	assert!(frames.iter().any(|data| matches!(
		frames::take_frame(data),
		frames::FrameOutcome::Opened {
			is_signed: true,
			readings: 2..
		}
	)));
	assert!(frames
		.iter()
		.any(|data| frames::take_readings(data).is_some_and(|readings| readings > 1)));
}

#[test]
fn every_story_begins_with_something_of_everything() {
	use pallet_passport::{Passports, RecyclingBatches, Tombstones};
	use passport_primitives::life_cycle::{Publication, Status};
	use passport_runtime::Runtime;
	chain::after_the_prologue(|_| {
		let passports: Vec<_> = Passports::<Runtime>::iter_values().collect();
		assert!(passports.iter().any(|record| record.status == Status::Waste));
		assert!(passports
			.iter()
			.any(|record| record.publication == Publication::Superseded));
		assert!(passports.iter().any(|record| record.threshold.is_some()));
		assert!(Tombstones::<Runtime>::iter().next().is_some());
		assert!(RecyclingBatches::<Runtime>::iter().next().is_some());
		assert!(pallet_passport::Delegations::<Runtime>::iter().next().is_some());
		assert!(pallet_ownership_transfer::Transfers::<Runtime>::iter()
			.next()
			.is_some());
		let grants: Vec<_> = pallet_access_grant::Grants::<Runtime>::iter_values().collect();
		assert!(grants
			.iter()
			.any(pallet_access_grant::GrantOf::<Runtime>::is_approved));
		assert!(grants.iter().any(|grant| !grant.is_approved()));
		assert!(passport_runtime::Telemetry::devices().any(|(_, state)| state.frames > 0));
		assert!(pallet_documents::Documents::<Runtime>::iter().next().is_some());
		assert_eq!(invariants::check(), Ok(()));
		assert_eq!(invariants::check_nothing_left_behind(), Ok(()));
	});
}

/// The invariants are asked of the storage: each of these is broken by hand, and each is found.
#[test]
fn what_is_broken_is_found() {
	use pallet_passport::{Passports, Tombstones};
	use passport_primitives::{data_set::DataSets, organisation::OrganisationId};
	use passport_runtime::{Runtime, Telemetry};
	let (any, gone) = chain::after_the_prologue(|_| {
		let any = Passports::<Runtime>::iter_keys().next().unwrap();
		let gone = Tombstones::<Runtime>::iter_keys().next().unwrap();
		(any, gone)
	});
	let breaks = |story: &dyn Fn()| {
		chain::after_the_prologue(|mut watch| {
			story();
			watch.look().is_err()
				|| invariants::check().is_err()
				|| invariants::check_nothing_left_behind().is_err()
		})
	};
	assert!(!breaks(&|| ()), "nothing is broken");
	let change = |change: fn(&mut pallet_passport::PassportOf<Runtime>)| {
		breaks(&|| {
			Passports::<Runtime>::mutate(any, |record| change(record.as_mut().unwrap()));
		})
	};
	assert!(change(|record| record.owner = OrganisationId(0)));
	assert!(change(|record| record.operated_by = OrganisationId(1_000_000)));
	assert!(change(|record| record.version = 0));
	assert!(change(|record| record.history_length += 1));
	assert!(change(|record| record.unique_identifier = Default::default()));
	assert!(change(|record| record.devices.try_push(1_000_000).unwrap()));
	assert!(breaks(&|| Passports::<Runtime>::remove(any)));
	assert!(breaks(&|| Tombstones::<Runtime>::remove(gone)));
	let record = chain::after_the_prologue(|_| Passports::<Runtime>::get(any).unwrap());
	assert!(breaks(&|| Passports::<Runtime>::insert(gone, record.clone())));
	assert!(breaks(&|| pallet_documents::Counts::<Runtime>::insert(
		gone,
		pallet_documents::Count::default()
	)));
	assert!(breaks(&|| pallet_passport::HistoryPages::<Runtime>::insert(
		gone,
		3u32,
		pallet_passport::HistoryPageOf::<Runtime>::new()
	)));
	assert!(breaks(&|| {
		let grants: Vec<_> = pallet_access_grant::Grants::<Runtime>::iter().collect();
		let (number, mut grant) = grants[0];
		grant.passport = gone;
		pallet_access_grant::Grants::<Runtime>::insert(number, grant);
	}));
	let device = chain::after_the_prologue(|_| {
		let (device, _) = Telemetry::devices().find(|(_, state)| state.frames > 0).unwrap();
		device
	});
	assert!(breaks(&|| {
		let page = device / pallet_telemetry::DEVICES_PER_PAGE;
		pallet_telemetry::Pages::<Runtime>::mutate(page, |page| {
			let place = (device % pallet_telemetry::DEVICES_PER_PAGE) as usize;
			let state = page.get_mut(place).and_then(Option::as_mut).unwrap();
			state.window = Default::default();
		});
	}));
	// What the pallet answers is held against the stored table, which shows nothing to the public of what others see.
	let shown = chain::on_genesis(|| {
		invariants::shown_to(
			passport_primitives::organisation::Roles::NONE,
			passport_primitives::data_set::Purpose::Valuation,
		)
	});
	assert_eq!(
		shown,
		DataSets::of(&[passport_primitives::data_set::DataSet::Model])
	);
}

#[test]
fn targets_and_pallets_go_by_the_same_names() {
	assert_eq!(ledger_of("extrinsic_decoding"), None);
	assert_eq!(ledger_of("organisations"), Some(Ledger::Organisations));
	assert_eq!(ledger_of("documents"), Some(Ledger::Documents));
	for (target, _) in &TARGETS[2..] {
		let ledger = ledger_of(target).unwrap();
		assert_eq!(ledger.name().to_lowercase(), target.replace('_', ""));
	}
}
