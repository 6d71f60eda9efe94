//! A random walk: thousands of calls by many organisations through the composed runtime, and what has to hold after each of them.
//!
//! The calls are those of `passport-fuzz`: plausible, mostly by whom they are for and mostly in order, now and then wrong. Blocks,
//! days and months go by, the council admits, suspends, reinstates and decides by motions, devices sign frames and statements,
//! operators sign consents, batteries are sold, repurposed and recycled.
//!
//! The walk is the same each time. Two environment variables make it another:
//!
//! - `RANDOM_WALK_STEPS`: how many steps, [`STEPS`] by default; 100,000 take some minutes. Fewer than the default do not reach every
//!   call, so that is not asked for then.
//! - `RANDOM_WALK_SEED`: which walk. Seed and step are told when something does not hold.

mod chain;

use chain::{built, enact, motion, YES};
use frame_support::{traits::GetCallMetadata, BoundedVec};
use pallet_access_grant::{GrantId, Grants};
use pallet_organisations::{OrganisationOf, Organisations as Members};
use pallet_passport::{Passports, Tombstones};
use passport_fuzz::{
	calls::{Ledger, Sender, Step},
	chain::{begin, pass_time},
	choices::{random_bytes, Choices},
	invariants::{self, parts_of, shown_to, Watch},
	members::signers,
	sequence::{name_of, send, CallName, Outcome},
};
use passport_primitives::{
	ledger::Membership,
	organisation::{Role, Roles},
};
use passport_runtime::{genesis, AccountId, CouncilMembership, Organisations, Runtime, RuntimeCall, System};
use sp_core::{storage::StateVersion, H256};
use sp_keyring::Sr25519Keyring;
use std::collections::BTreeMap;

/// Steps of the walk: a call each, or time.
const STEPS: u64 = 10_000;

/// The walk that is taken unless another is asked for: the day from which on batteries have passports.
const SEED: u64 = 20_270_218;

/// Of the calls that members send, so many percent at least are taken.
const LEAST_TAKEN_PERCENT: u32 = 30;

/// Steps between two commits of the storage: a root costs what was changed since.
const COMMIT_EVERY: u64 = 25;

/// Steps between two looks at the whole ledger.
const LOOK_EVERY: u64 = 10;

/// Steps between two searches of every storage key for closed passports.
const SEARCH_EVERY: u64 = 500;

/// The members whose accounts vote on motions: never suspended, for they would lose their seats. Their memberships end now and
/// then, and they vote all the same.
const COUNCIL: u32 = 4;

/// Most members that are stopped at a time, so that enough are left to act.
const MOST_STOPPED: usize = 4;

/// Who joins the eleven members of the preset.
const FOUNDERS: [&[Role]; 12] = [
	&[Role::Manufacturer],
	&[Role::Manufacturer, Role::BridgeOperator],
	&[Role::Distributor, Role::Logistics],
	&[Role::Operator],
	&[Role::ServiceCentre],
	&[Role::SecondLifeOperator],
	&[Role::SecondLifeOperator, Role::Recycler],
	&[Role::Recycler],
	&[Role::NotifiedBody],
	&[Role::Authority],
	&[Role::DataBroker],
	&[Role::QualityAssurer, Role::BridgeOperator],
];

/// The calls that no member sends.
const OF_THE_COUNCIL: [CallName; 19] = [
	("Organisations", "admit"),
	("Organisations", "set_roles"),
	("Organisations", "set_expiry"),
	("Organisations", "suspend"),
	("Organisations", "reinstate"),
	("Organisations", "remove"),
	("Organisations", "set_quota"),
	("Organisations", "link_account_by_council"),
	("Organisations", "authorize_upgrade"),
	("Validators", "add_validator"),
	("Validators", "remove_validator"),
	("Validators", "replace_validator"),
	("Validators", "note_stalled"),
	("Passport", "take_over"),
	("AccessGrant", "set_access"),
	("AccessGrant", "set_purpose"),
	("AccessGrant", "set_demanding_authorities"),
	("Telemetry", "set_state_of_health_threshold"),
	("Telemetry", "allow_anchoring"),
];

/// What became of the calls of one kind.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
	taken: u32,
	refused_by_pallet: u32,
	refused_by_pool: u32,
}

#[derive(Default)]
struct Walk {
	watch: Watch,
	sent: BTreeMap<CallName, Tally>,
	decided: BTreeMap<CallName, Tally>,
}

/// Tells where the walk was when it breaks off.
struct Place {
	seed: u64,
	step: u64,
}

impl Drop for Place {
	fn drop(&mut self) {
		if std::thread::panicking() {
			eprintln!("RANDOM_WALK_SEED={} broke off at step {}", self.seed, self.step);
		}
	}
}

fn from_environment(name: &str, default: u64) -> u64 {
	std::env::var(name).map_or(default, |value| value.parse().expect("a number"))
}

fn root() -> H256 {
	H256::from_slice(&sp_io::storage::root(StateVersion::V1))
}

/// More members than the preset has, admitted by the council.
fn found() {
	let newcomers = signers().iter().skip(Sr25519Keyring::iter().count());
	for (number, (roles, signer)) in FOUNDERS.into_iter().zip(newcomers).enumerate() {
		enact(RuntimeCall::Organisations(pallet_organisations::Call::admit {
			did: BoundedVec::truncate_from(format!("did:web:founder-{number}.example").into_bytes()),
			roles: Roles::of(roles),
			hpke_public_key: [9; 32],
			expires_at: None,
			accounts: BoundedVec::truncate_from(vec![signer.account.clone()]),
		}));
	}
}

/// Whether the walk would come to nothing by this decision: the council without votes, trades without a member, batteries whose
/// owner is gone.
fn is_spared(call: &RuntimeCall) -> bool {
	use pallet_organisations::Call;
	let RuntimeCall::Organisations(call) = call else {
		return false;
	};
	let are_enough_stopped = || {
		let now = System::block_number();
		let stopped = Members::<Runtime>::iter_values().filter(|member| member.standing(&now).is_err());
		stopped.count() >= MOST_STOPPED
	};
	let has_a_part = |organisation| {
		Passports::<Runtime>::iter_values().any(|record| parts_of(&record).contains(organisation))
	};
	let preset = genesis::TEST_ORGANISATIONS.len() as u32;
	match call {
		Call::set_roles { organisation, .. } => organisation.0 <= preset + FOUNDERS.len() as u32,
		Call::suspend { organisation } => organisation.0 <= COUNCIL || are_enough_stopped(),
		Call::set_expiry {
			expires_at: Some(_), ..
		} => are_enough_stopped(),
		Call::remove { organisation } => organisation.0 <= preset || has_a_part(organisation),
		_ => false,
	}
}

/// Every seat in the council can vote: its account acts for a member that is not suspended. An ended membership votes.
fn assert_every_seat_can_vote() {
	let seats = CouncilMembership::members();
	assert!(!seats.is_empty(), "nobody has a seat");
	for seat in seats {
		let member = OrganisationOf::<Runtime>::get(&seat).and_then(Members::<Runtime>::get);
		assert!(
			member.is_some_and(|member| !member.suspended),
			"{seat} has a seat and can not vote"
		);
	}
}

/// What was granted just now is what the access table shows an organisation that may act.
fn assert_granted_by_the_table(grant: GrantId) {
	let stored = Grants::<Runtime>::get(grant).expect("it was granted");
	let roles = <Organisations as Membership<AccountId>>::active_roles(stored.grantee)
		.expect("whoever is granted access may act");
	assert!(
		stored.data_sets.is_subset_of(shown_to(roles, stored.purpose)),
		"beyond the table: {stored:?}"
	);
}

impl Walk {
	fn step(&mut self, seed: u64, step: u64) {
		System::reset_events();
		let bytes = random_bytes(seed, step);
		let mut choices = Choices::new(&bytes);
		if choices.below(10) == 0 {
			pass_time(&mut choices);
		} else if let Some(step) = Ledger::any(&mut choices).step(&mut choices) {
			match step.sender {
				Sender::Account(_) => self.send(step),
				Sender::Council => self.decide(step.call),
			}
		}
		if step.is_multiple_of(LOOK_EVERY) {
			self.look();
		}
		if step.is_multiple_of(SEARCH_EVERY) {
			search();
		}
	}

	/// A call of a member. One that is refused leaves the storage as it was.
	fn send(&mut self, step: Step) {
		let call = step.call.clone();
		let before = root();
		let outcome = send(step);
		let tally = self.sent.entry(name_of(&call)).or_default();
		match outcome {
			Outcome::Done => {
				tally.taken += 1;
				if let RuntimeCall::AccessGrant(
					pallet_access_grant::Call::approve { grant, .. }
					| pallet_access_grant::Call::renew_envelope { grant, .. },
				) = call
				{
					assert_granted_by_the_table(grant);
				}
				return;
			}
			Outcome::RefusedByPool(_) => tally.refused_by_pool += 1,
			Outcome::Refused(_) => tally.refused_by_pallet += 1,
		}
		assert_eq!(root(), before, "refused, and the storage is another: {call:?}");
	}

	/// A decision of the council, by a motion of its members.
	fn decide(&mut self, call: RuntimeCall) {
		if is_spared(&call) {
			return;
		}
		let tally = self.decided.entry(name_of(&call)).or_default();
		match motion(call, YES.len()).expect("two thirds have voted for it") {
			Ok(()) => tally.taken += 1,
			Err(_) => tally.refused_by_pallet += 1,
		}
	}

	/// Nothing went back since the last look, and everything holds. No member is removed that has a part in a passport, so who has
	/// one is a member.
	fn look(&mut self) {
		assert_eq!(self.watch.look(), Ok(()));
		assert_eq!(invariants::check(), Ok(()));
		assert_every_seat_can_vote();
		for (passport, record) in Passports::<Runtime>::iter() {
			for organisation in parts_of(&record) {
				assert!(
					Members::<Runtime>::contains_key(organisation),
					"{organisation} has a part in {passport} and is no member"
				);
			}
		}
	}

	/// The share of the members' calls that were taken, in percent.
	fn taken_percent(&self) -> u32 {
		let (taken, sent) = self.sent.values().fold((0, 0), |(taken, sent), tally| {
			let refused = tally.refused_by_pallet + tally.refused_by_pool;
			(taken + tally.taken, sent + tally.taken + refused)
		});
		100 * taken / sent.max(1)
	}

	/// Every call that a member can send was taken at least once, and refused by its pallet at least once.
	fn assert_every_call_was_sent(&self) {
		for ledger in Ledger::ALL {
			for function in RuntimeCall::get_call_names(ledger.name()) {
				let name = (ledger.name(), *function);
				if OF_THE_COUNCIL.contains(&name) {
					continue;
				}
				let tally = self.sent.get(&name).copied().unwrap_or_default();
				assert!(
					tally.taken > 0 && tally.refused_by_pallet > 0,
					"{name:?}: {tally:?}"
				);
			}
		}
		for name in [
			("Organisations", "admit"),
			("Organisations", "suspend"),
			("Organisations", "reinstate"),
			("Validators", "add_validator"),
			("Validators", "remove_validator"),
			("Validators", "replace_validator"),
			("Validators", "note_stalled"),
		] {
			let tally = self.decided.get(&name).copied().unwrap_or_default();
			assert!(tally.taken > 0, "{name:?}: {tally:?}");
		}
	}
}

/// Nothing is left of closed passports, and every pallet's `try_state` holds.
fn search() {
	assert_eq!(invariants::check_nothing_left_behind(), Ok(()));
	assert_eq!(invariants::try_state(), Ok(()));
}

#[test]
fn thousands_of_calls_by_many_organisations_break_nothing() {
	let steps = from_environment("RANDOM_WALK_STEPS", STEPS);
	let mut place = Place {
		seed: from_environment("RANDOM_WALK_SEED", SEED),
		step: 0,
	};
	let mut walk = Walk::default();
	let mut chain = built(genesis::LOCAL);
	chain.execute_with(|| {
		begin();
		found();
	});
	for step in 0..steps {
		place.step = step;
		chain.execute_with(|| walk.step(place.seed, step));
		if step % COMMIT_EVERY == 0 {
			chain.commit_all().expect("no transaction of the storage is open");
		}
	}
	let (live, closed) = chain.execute_with(|| {
		walk.look();
		search();
		(
			Passports::<Runtime>::count(),
			Tombstones::<Runtime>::iter_keys().count(),
		)
	});
	let percent = walk.taken_percent();
	println!("{percent} % of the members' calls were taken; {live} passports live, {closed} closed");
	println!("sent by members: {:#?}", walk.sent);
	println!("decided by the council: {:#?}", walk.decided);
	if steps >= STEPS {
		assert!(percent >= LEAST_TAKEN_PERCENT, "{percent} % were taken");
		assert!(closed > 10, "{closed} passports were closed");
		walk.assert_every_call_was_sent();
	}
}
