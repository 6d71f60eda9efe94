//! One file for each call, and one for each of the rest.

// The pallet, not the record of the same name.
use crate::mock::Passport;
use crate::{mock::*, *};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchResult, GetDispatchInfo},
	traits::{GetCallIndex, GetCallName},
};
use passport_primitives::{ledger::Passports as _, life_cycle::HistoryKind};
use sp_runtime::traits::BadOrigin;

mod close_as_recycled;
mod derive;
mod hand_over_to_waste_operator;
mod history;
mod offer_derivation;
mod record_event;
mod register;
mod set_owner;
mod take_over;
mod try_state;
mod update_commitment;
mod view_functions;
mod withdraw_derivation_offer;

type PassportError = Error<Test>;

const ALIAS: Alias = *b"BAT-2027-LI-000001";
const OTHER_ALIAS: Alias = *b"BAT-2027-LI-000002";
const EVIDENCE: DocumentHash = DocumentHash([0xee; 32]);

fn signed(account: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(account)
}

fn identifier(number: u8) -> UniqueIdentifier {
	format!("https://id.example/01/09506000134352/21/{number}")
		.into_bytes()
		.try_into()
		.unwrap()
}

/// The key of the passport with this identifier, registered or not.
fn key(number: u8) -> PassportId {
	Passport::passport_id(&identifier(number))
}

fn name(text: &[u8]) -> UniqueIdentifier {
	text.to_vec().try_into().unwrap()
}

const fn commitment(seed: u8) -> Commitment {
	Commitment([seed; 32])
}

/// Only what every passport must have.
const MODEL_ONLY: Commitments = [Some(commitment(1)), None, None, None];

fn address(seed: u8) -> ContentAddress {
	passport_primitives::content_address::of_sha256(&[seed; 32])
		.try_into()
		.unwrap()
}

fn bad_address() -> ContentAddress {
	vec![1, 2, 3].try_into().unwrap()
}

fn register_as(account: AccountId, number: u8) -> DispatchResult {
	Passport::register(
		signed(account),
		identifier(number),
		None,
		Category::ElectricVehicle,
		MODEL_ONLY,
		None,
	)
}

/// A passport that `MAKER` has registered, without an alias.
fn registered(number: u8) -> PassportId {
	assert_ok!(register_as(MAKER, number));
	key(number)
}

/// A passport that `MAKER` has registered, with an alias.
fn registered_with_alias(number: u8, alias: Alias) -> PassportId {
	assert_ok!(Passport::register(
		signed(MAKER),
		identifier(number),
		Some(alias),
		Category::Industrial,
		MODEL_ONLY,
		None,
	));
	key(number)
}

fn derive_as(account: AccountId, predecessors: &[PassportId], number: u8) -> DispatchResult {
	Passport::derive(
		signed(account),
		predecessors.to_vec().try_into().unwrap(),
		SecondLife::Repurposing,
		identifier(number),
		None,
		Category::StationaryStorage,
		MODEL_ONLY,
		None,
	)
}

/// A passport of `MAKER`'s whose battery `SECOND_LIFE` has bought and may derive from.
fn derivable(number: u8) -> PassportId {
	let passport = registered(number);
	assert_eq!(Passport::set_owner(&passport, organisation(SECOND_LIFE)), Ok(()));
	assert_ok!(Passport::offer_derivation(
		signed(MAKER),
		passport,
		organisation(SECOND_LIFE)
	));
	passport
}

/// A passport of `MAKER`'s that is superseded by another of `SECOND_LIFE`'s: both.
fn superseded(number: u8, by: u8) -> (PassportId, PassportId) {
	let original = derivable(number);
	assert_ok!(derive_as(SECOND_LIFE, &[original], by));
	(original, key(by))
}

fn hand_over(account: AccountId, passport: PassportId, to: AccountId) -> DispatchResult {
	Passport::hand_over_to_waste_operator(signed(account), passport, organisation(to))
}

fn close(account: AccountId, passport: PassportId) -> DispatchResult {
	Passport::close_as_recycled(signed(account), passport, EVIDENCE)
}

/// A passport that `RECYCLER` has closed.
fn closed(number: u8) -> PassportId {
	let passport = registered(number);
	assert_ok!(hand_over(MAKER, passport, RECYCLER));
	assert_ok!(close(RECYCLER, passport));
	passport
}

fn record(passport: PassportId) -> PassportOf<Test> {
	Passports::<Test>::get(passport).unwrap()
}

fn events() -> Vec<Event<Test>> {
	System::read_events_for_pallet()
}

/// The history of a passport, as an indexer collects it.
fn history_of(passport: PassportId) -> Vec<HistoryEntry<u64>> {
	events()
		.into_iter()
		.filter_map(|event| match event {
			Event::HistoryExtended {
				passport: of, entry, ..
			} if of == passport => Some(entry),
			_ => None,
		})
		.collect()
}

/// The last entries of a history: what, who, and by what evidence.
fn last_entries<const N: usize>(
	passport: PassportId,
) -> [(HistoryKind, OrganisationId, Option<DocumentHash>); N] {
	let history = history_of(passport);
	let last = history.split_at(history.len() - N).1;
	last.iter()
		.map(|entry| (entry.kind, entry.organisation, entry.evidence))
		.collect::<Vec<_>>()
		.try_into()
		.unwrap()
}

/// Every call is refused to accounts that act for nobody or for an organisation that may not act.
fn refuses_whoever_may_not_act(call: impl Fn(RuntimeOrigin) -> DispatchResult) {
	assert_noop!(call(signed(STRANGER)), PassportError::NotAMember);
	assert_noop!(call(signed(ENDED)), PassportError::MembershipEnded);
	assert_noop!(call(signed(SUSPENDED)), PassportError::Suspended);
	assert_noop!(call(RuntimeOrigin::root()), BadOrigin);
	assert_noop!(call(RuntimeOrigin::none()), BadOrigin);
}

/// Members that are none of `allowed`.
fn members_except(allowed: &[AccountId]) -> Vec<AccountId> {
	MEMBERS
		.into_iter()
		.filter(|member| !allowed.contains(member))
		.collect()
}

#[test]
fn calls_keep_their_indices() {
	let calls: Vec<_> = Call::<Test>::get_call_indices()
		.iter()
		.zip(Call::<Test>::get_call_names())
		.collect();
	assert_eq!(
		calls,
		[
			(&0, &"register"),
			(&1, &"update_commitment"),
			(&2, &"record_event"),
			(&3, &"offer_derivation"),
			(&4, &"withdraw_derivation_offer"),
			(&5, &"derive"),
			(&6, &"hand_over_to_waste_operator"),
			(&7, &"close_as_recycled"),
			(&8, &"take_over"),
		]
	);
}

#[test]
fn a_passport_is_smaller_than_1536_bytes() {
	let bytes = PassportOf::<Test>::max_encoded_len();
	assert!(bytes < 1536, "{bytes}");
}

#[test]
fn closing_pays_for_the_listeners() {
	let call = Call::<Test>::close_as_recycled {
		passport: key(1),
		evidence: EVIDENCE,
	};
	assert_eq!(
		call.get_dispatch_info().call_weight - <Test as Config>::WeightInfo::close_as_recycled(),
		ListenersWeight::get()
	);
}

#[test]
fn deriving_pays_for_each_predecessor() {
	let weight = |predecessors: u8| {
		let call = Call::<Test>::derive {
			predecessors: (0..predecessors).map(key).collect::<Vec<_>>().try_into().unwrap(),
			operation: SecondLife::Repurposing,
			unique_identifier: identifier(99),
			alias: None,
			category: Category::StationaryStorage,
			commitments: MODEL_ONLY,
			content_address: None,
		};
		call.get_dispatch_info().call_weight
	};
	let one = weight(2) - weight(1);
	assert!(one.ref_time() > 0);
	assert_eq!(weight(16) - weight(1), one * 15);
}
