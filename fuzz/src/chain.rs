//! A chain without a node: the genesis of the four-validator preset, a story that every input goes on from, and time.

use crate::{
	calls::Ledger,
	choices::{random_bytes, Choices},
	invariants::Watch,
	sequence,
};
use frame_support::traits::Hooks;
use passport_runtime::{
	genesis, BlockNumber, Grandpa, Runtime, RuntimeGenesisConfig, Session, System, MILLISECONDS_PER_BLOCK,
};
use sp_io::TestExternalities;
use sp_runtime::BuildStorage;
use std::cell::RefCell;

/// When the first block of a story is: January 2027, in milliseconds since 1970.
const BEGINNING_MS: u64 = 1_800_000_000_000;

/// Block that a story begins in: finality can be 50 blocks behind, as the validators pallet asks before it is handed over.
const FIRST_BLOCK: BlockNumber = 100;

/// The seed of what has happened before an input.
const PROLOGUE_SEED: u64 = 3;

/// Steps of what has happened before an input: passports in every state, devices, offers, grants, documents. A test holds that
/// nothing is missing.
const PROLOGUE_STEPS: u64 = 700;

/// Most that one choice lets pass: 30 days. What lasts longer ends after several.
const LONG: BlockNumber = 30 * 86_400;

thread_local! {
	static GENESIS: RefCell<TestExternalities> = RefCell::new(genesis());
	static AFTER_PROLOGUE: RefCell<(TestExternalities, Watch)> = RefCell::new(after_prologue());
}

/// The storage of the four-validator preset.
fn genesis() -> TestExternalities {
	built(genesis::LOCAL)
}

/// The storage of a preset, as the node builds it.
pub fn built(preset: &str) -> TestExternalities {
	let json = genesis::get_preset(&preset.into()).expect("the preset is known");
	let patch: serde_json::Value = serde_json::from_slice(&json).expect("a preset is JSON");
	let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).expect("the default is JSON");
	merge(&mut config, patch);
	let config: RuntimeGenesisConfig = serde_json::from_value(config).expect("a preset fits");
	config.build_storage().expect("a preset builds").into()
}

fn merge(into: &mut serde_json::Value, patch: serde_json::Value) {
	match (into, patch) {
		(serde_json::Value::Object(into), serde_json::Value::Object(patch)) => {
			for (name, value) in patch {
				merge(into.entry(name).or_insert(serde_json::Value::Null), value);
			}
		}
		(into, patch) => *into = patch,
	}
}

fn after_prologue() -> (TestExternalities, Watch) {
	let mut chain = genesis();
	let watch = chain.execute_with(|| {
		begin();
		for step in 0..PROLOGUE_STEPS {
			let bytes = random_bytes(PROLOGUE_SEED, step);
			let mut choices = Choices::new(&bytes);
			// Nothing runs out in the last steps, so that offers and requests are open.
			if choices.below(10) == 0 && step + 60 < PROLOGUE_STEPS {
				pass_time(&mut choices);
			} else if let Some(step) = Ledger::any(&mut choices).step(&mut choices) {
				// What the council does to members would leave a story without its people.
				if !sequence::changes_membership(&step.call) {
					sequence::send(step);
				}
			}
		}
		let mut watch = Watch::default();
		watch.look().expect("nothing was seen before");
		watch
	});
	chain.commit_all().expect("no transaction of the storage is open");
	(chain, watch)
}

/// Goes to the first block of a story.
pub fn begin() {
	System::set_block_number(FIRST_BLOCK);
	pallet_timestamp::Now::<Runtime>::put(BEGINNING_MS);
}

/// Runs a story on the genesis storage. Nothing of it stays.
pub fn on_genesis<R>(story: impl FnOnce() -> R) -> R {
	GENESIS.with_borrow_mut(|chain| run(chain, story))
}

/// Runs a story on a ledger on which something has happened already, and gives it the watch that has seen that. Nothing of it
/// stays.
pub fn after_the_prologue<R>(story: impl FnOnce(Watch) -> R) -> R {
	AFTER_PROLOGUE.with_borrow_mut(|(chain, watch)| {
		let watch = watch.clone();
		run(chain, || story(watch))
	})
}

fn run<R>(chain: &mut TestExternalities, story: impl FnOnce() -> R) -> R {
	let result = chain.execute_with(story);
	chain.reset_overlay();
	result
}

/// The chain's clock, in seconds since 1970.
pub fn now_seconds() -> u64 {
	pallet_timestamp::Now::<Runtime>::get() / 1_000
}

/// Lets blocks go by: mostly one, now and then a session's rest, a day or a month.
pub fn pass_time(choices: &mut Choices<'_>) {
	let now = System::block_number();
	go_to(match choices.below(8) {
		0..=3 => now.saturating_add(1),
		4 => now.saturating_add(choices.number()),
		5 => now.saturating_add(600 - now % 600),
		6 => now.saturating_add(86_400),
		_ => now.saturating_add(LONG),
	});
}

/// Goes to a later block, with its time and what ends and begins with sessions. The blocks between are left out: nothing of the
/// ledger happens by itself.
pub fn go_to(block: BlockNumber) {
	let elapsed_ms = u64::from(block.saturating_sub(System::block_number())) * MILLISECONDS_PER_BLOCK;
	System::reset_events();
	System::set_block_number(block);
	pallet_timestamp::Now::<Runtime>::mutate(|now| *now += elapsed_ms);
	<Session as Hooks<BlockNumber>>::on_initialize(block);
	<Grandpa as Hooks<BlockNumber>>::on_finalize(block);
}
