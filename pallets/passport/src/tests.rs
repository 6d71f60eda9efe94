//! One file for each call, and one for each of the rest.

// The pallet, not the record of the same name.
use crate::mock::Passport;
use crate::{mock::*, *};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchResult, GetDispatchInfo},
	traits::{GetCallIndex, GetCallName, UnfilteredDispatchable},
};
use passport_primitives::{
	ledger::{AuthorityEnvelope, DelegatedRight, PassportRefusal, Passports as _, ENVELOPE_BYTES},
	life_cycle::{DerivationConsent, HistoryKind},
};
use sp_runtime::{testing::TestSignature, traits::BadOrigin};

mod accept_waste_hand_over;
mod amend_recycling_batch;
mod changes;
mod close_as_recycled;
mod delegate;
mod derive;
mod end_delegation;
mod hand_over_to_waste_operator;
mod history;
mod may_act;
mod override_threshold;
mod record_event;
mod record_many;
mod record_threshold_statement;
mod register;
mod register_many;
mod register_recycling_batch;
mod set_owner;
mod take_over;
mod try_state;
mod update_commitment;
mod update_many;
mod view_functions;
mod withdraw_threshold_statement;
mod withdraw_waste_hand_over;

type PassportError = Error<Test>;

const ALIAS: Alias = *b"BAT-2027-LI-000001";
const OTHER_ALIAS: Alias = *b"BAT-2027-LI-000002";
const EVIDENCE: DocumentHash = DocumentHash([0xee; 32]);
const AUTHORISATION: DocumentHash = DocumentHash([0xaa; 32]);
/// The batch that [`recycling_batch`] registers.
const BATCH: RecyclingBatchId = RecyclingBatchId(0);
const MASSES: Commitment = commitment(77);

/// A call as a transaction makes it: refused, it leaves nothing behind. What changes storage before its last check needs this.
fn send(account: AccountId, call: Call<Test>) -> DispatchResult {
	call.dispatch_bypass_filter(signed(account))
		.map(|_| ())
		.map_err(|refused| refused.error)
}

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

/// A battery with nothing but what every passport must have.
fn battery(number: u8) -> NewPassport {
	NewPassport {
		unique_identifier: identifier(number),
		alias: None,
		category: Category::ElectricVehicle,
		commitments: MODEL_ONLY,
		content_address: None,
		envelopes: BoundedVec::new(),
	}
}

fn register_as(account: AccountId, number: u8) -> DispatchResult {
	Passport::register(signed(account), battery(number))
}

/// A passport that `MAKER` has registered, without an alias.
fn registered(number: u8) -> PassportId {
	assert_ok!(register_as(MAKER, number));
	key(number)
}

/// A passport that `MAKER` has registered, with an alias.
fn registered_with_alias(number: u8, alias: Alias) -> PassportId {
	let new = NewPassport {
		alias: Some(alias),
		..battery(number)
	};
	assert_ok!(Passport::register(signed(MAKER), new));
	key(number)
}

fn sell(passport: PassportId, to: AccountId) {
	assert_eq!(Passport::set_owner(&passport, organisation(to), None), Ok(()));
}

/// What the device states about 70 %.
fn state(passport: PassportId, at_or_above: bool) {
	assert_eq!(
		Passport::record_threshold_statement(&passport, at_or_above, 7_000, EVIDENCE),
		Ok(())
	);
}

fn override_threshold(passport: PassportId) {
	assert_ok!(Passport::override_threshold(
		signed(NOTIFIED_BODY),
		passport,
		EVIDENCE
	));
}

/// The last block in which the consents of [`derive_as`] count.
const CONSENTED_UNTIL: u64 = 10_000;

/// What an operator is asked to sign for [`derive_as`].
fn asked(account: AccountId, predecessor: PassportId, number: u8) -> DerivationConsent {
	DerivationConsent {
		predecessor,
		successor: key(number),
		deriving: organisation(account),
		operation: SecondLife::Repurposing,
		expires_at: CONSENTED_UNTIL,
	}
}

fn genesis_hash() -> [u8; 32] {
	System::block_hash(0).into()
}

/// `account` signs.
fn consent(account: AccountId, asked: &DerivationConsent) -> ConsentOf<Test> {
	Consent {
		account,
		signature: TestSignature(account, asked.message(&genesis_hash()).to_vec()),
		expires_at: asked.expires_at,
	}
}

fn derive_with(
	account: AccountId,
	predecessors: &[PassportId],
	number: u8,
	consents: Vec<ConsentOf<Test>>,
) -> DispatchResult {
	Passport::derive(
		signed(account),
		predecessors.to_vec().try_into().unwrap(),
		SecondLife::Repurposing,
		battery(number),
		consents.try_into().unwrap(),
	)
}

/// With the consent of whoever has to.
fn derive_as(account: AccountId, predecessors: &[PassportId], number: u8) -> DispatchResult {
	let consents = predecessors
		.iter()
		.filter_map(|predecessor| {
			let operator = Passport::facts(predecessor)?.responsible_operator;
			(operator != organisation(account))
				.then(|| consent(account_of(operator), &asked(account, *predecessor, number)))
		})
		.collect();
	derive_with(account, predecessors, number, consents)
}

/// A passport of `MAKER`'s whose battery `SECOND_LIFE` has bought and which is fit for a second life.
fn derivable(number: u8) -> PassportId {
	let passport = registered(number);
	sell(passport, SECOND_LIFE);
	state(passport, true);
	passport
}

/// A passport of `MAKER`'s that is superseded by another of `SECOND_LIFE`'s: both.
fn superseded(number: u8, by: u8) -> (PassportId, PassportId) {
	let original = derivable(number);
	assert_ok!(derive_as(SECOND_LIFE, &[original], by));
	(original, key(by))
}

/// `MAKER` authorises `to` for 100 blocks.
fn delegated(passport: PassportId, to: AccountId, rights: &[DelegatedRight]) {
	assert_ok!(Passport::delegate(
		signed(MAKER),
		passport,
		organisation(to),
		DelegatedRights::of(rights),
		System::block_number() + 100,
		AUTHORISATION,
	));
}

/// The first step of a hand-over, and to itself the only one.
fn offer_waste(account: AccountId, passport: PassportId, to: AccountId) -> DispatchResult {
	Passport::hand_over_to_waste_operator(signed(account), passport, organisation(to))
}

fn accept_waste(account: AccountId, passport: PassportId) -> DispatchResult {
	Passport::accept_waste_hand_over(signed(account), passport)
}

fn withdraw_waste(account: AccountId, passport: PassportId) -> DispatchResult {
	Passport::withdraw_waste_hand_over(signed(account), passport)
}

/// A battery of `MAKER`'s that it has offered to `RECYCLER` as waste.
fn offered(number: u8) -> PassportId {
	let passport = registered(number);
	assert_ok!(offer_waste(MAKER, passport, RECYCLER));
	passport
}

/// Both steps: `account` offers, `to` accepts.
fn hand_over(account: AccountId, passport: PassportId, to: AccountId) -> DispatchResult {
	offer_waste(account, passport, to)?;
	if to == account {
		return Ok(());
	}
	accept_waste(to, passport)
}

fn facility() -> FacilityName {
	b"Hydrometallurgy 2, Antwerp".to_vec().try_into().unwrap()
}

/// The batch of `RECYCLER`'s that [`close`] names, registered when it is not there yet.
fn recycling_batch() -> RecyclingBatchId {
	if !RecyclingBatches::<Test>::contains_key(BATCH) {
		assert_ok!(Passport::register_recycling_batch(
			signed(RECYCLER),
			facility(),
			2030,
			MASSES
		));
	}
	BATCH
}

fn close(account: AccountId, passport: PassportId) -> DispatchResult {
	Passport::close_as_recycled(signed(account), passport, BATCH, EVIDENCE)
		.map(|_| ())
		.map_err(|refused| refused.error)
}

/// `RECYCLER` gets a battery from `MAKER` and recycles it.
fn recycle(passport: PassportId) {
	assert_ok!(hand_over(MAKER, passport, RECYCLER));
	recycling_batch();
	assert_ok!(close(RECYCLER, passport));
}

/// A passport that `RECYCLER` has closed.
fn closed(number: u8) -> PassportId {
	let passport = registered(number);
	recycle(passport);
	passport
}

/// As many events by hand as it takes until the history has room for `left` entries more.
fn fill_history(passport: PassportId, left: u32) {
	let mut record = record(passport);
	while record.history_length < MAX_HISTORY_ENTRIES - left {
		let kind = HistoryKind::Event(EventKind::LocationUpdate);
		Passport::extend_history(passport, &mut record, kind, organisation(MAKER), Some(EVIDENCE));
	}
	Passports::<Test>::insert(passport, record);
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
			(&3, &"delegate"),
			(&4, &"end_delegation"),
			(&5, &"derive"),
			(&6, &"hand_over_to_waste_operator"),
			(&7, &"close_as_recycled"),
			(&8, &"take_over"),
			(&9, &"override_threshold"),
			(&10, &"register_recycling_batch"),
			(&11, &"amend_recycling_batch"),
			(&12, &"register_many"),
			(&13, &"update_many"),
			(&14, &"record_many"),
			(&15, &"accept_waste_hand_over"),
			(&16, &"withdraw_waste_hand_over"),
		]
	);
}

#[test]
fn a_passport_is_smaller_than_1536_bytes() {
	let bytes = PassportOf::<Test>::max_encoded_len();
	assert!(bytes < 1536, "{bytes}");
}

#[test]
fn a_page_of_a_history_is_smaller_than_1024_bytes() {
	let bytes = HistoryPageOf::<Test>::max_encoded_len();
	assert!(bytes < 1024, "{bytes}");
}

fn weight_of(call: &Call<Test>) -> Weight {
	call.get_dispatch_info().call_weight
}

#[test]
fn closing_pays_for_the_listeners_and_for_the_longest_history() {
	let call = Call::close_as_recycled {
		passport: key(1),
		batch: BATCH,
		evidence: EVIDENCE,
	};
	assert_eq!(MAX_HISTORY_PAGES, 256);
	assert_eq!(
		weight_of(&call) - <Test as Config>::WeightInfo::close_as_recycled(256),
		ListenersWeight::get()
	);
}

#[test]
fn deriving_pays_for_each_predecessor_and_each_consent() {
	ExtBuilder::build_and_execute(|| {
		let weight = |predecessors: u8, consents: u8| {
			weight_of(&Call::derive {
				predecessors: (0..predecessors).map(key).collect::<Vec<_>>().try_into().unwrap(),
				operation: SecondLife::Repurposing,
				new: battery(99),
				consents: (0..consents)
					.map(|number| consent(MAKER, &asked(SECOND_LIFE, key(number), 99)))
					.collect::<Vec<_>>()
					.try_into()
					.unwrap(),
			})
		};
		let predecessor = weight(2, 0) - weight(1, 0);
		let consent = weight(1, 1) - weight(1, 0);
		assert!(predecessor.ref_time() > 0 && consent.ref_time() > 140_000_000);
		assert_eq!(weight(16, 0) - weight(1, 0), predecessor * 15);
		assert_eq!(weight(16, 16) - weight(16, 0), consent * 16);
		// What becomes of the new passport's envelopes comes on top, once, and the listener's part for each predecessor.
		assert_eq!(
			weight(3, 2) - <Test as Config>::WeightInfo::derive(3, 2),
			DepositWeight::convert(0) + ChangedWeight::get() * 3
		);
	});
}

#[test]
fn a_new_passport_pays_for_each_authority_that_it_has_envelopes_for() {
	let new = |number, envelopes: &[(AccountId, DataSet)]| {
		let envelopes: Vec<_> = envelopes
			.iter()
			.map(|(authority, data_set)| AuthorityEnvelope {
				authority: organisation(*authority),
				data_set: *data_set,
				bytes: [1; ENVELOPE_BYTES],
			})
			.collect();
		NewPassport {
			envelopes: envelopes.try_into().unwrap(),
			..battery(number)
		}
	};
	let none = new(1, &[]);
	let one = new(
		2,
		&[
			(AUTHORITY, DataSet::Composition),
			(AUTHORITY, DataSet::TestReports),
		],
	);
	let two = new(
		3,
		&[
			(AUTHORITY, DataSet::Composition),
			(NOTIFIED_BODY, DataSet::Composition),
			(AUTHORITY, DataSet::TestReports),
		],
	);
	for (new, authorities) in [(&none, 0), (&one, 1), (&two, 2)] {
		let deposit = DepositWeight::convert(authorities);
		assert_eq!(
			weight_of(&Call::register { new: new.clone() }) - <Test as Config>::WeightInfo::register(),
			deposit
		);
		let derive = Call::derive {
			predecessors: vec![key(9)].try_into().unwrap(),
			operation: SecondLife::Repurposing,
			new: new.clone(),
			consents: Default::default(),
		};
		assert_eq!(
			weight_of(&derive) - <Test as Config>::WeightInfo::derive(1, 0),
			deposit + ChangedWeight::get()
		);
	}
	let all = Call::register_many {
		passports: vec![none, one, two].try_into().unwrap(),
	};
	assert_eq!(
		weight_of(&all) - <Test as Config>::WeightInfo::register_many(3),
		DepositWeight::convert(0) + DepositWeight::convert(1) + DepositWeight::convert(2)
	);
}

#[test]
fn a_batch_pays_for_each_entry_and_what_other_pallets_do_for_it() {
	let register = |passports: u8| {
		weight_of(&Call::register_many {
			passports: (0..passports)
				.map(battery)
				.collect::<Vec<_>>()
				.try_into()
				.unwrap(),
		})
	};
	assert_eq!(register(1), weight_of(&Call::register { new: battery(1) }));
	assert_eq!(register(32) - register(1), (register(2) - register(1)) * 31);
	assert_eq!(
		register(2) - <Test as Config>::WeightInfo::register_many(2),
		DepositWeight::convert(0) * 2
	);

	let update = |updates: usize| {
		let update = CommitmentUpdate {
			passport: key(1),
			data_set: DataSet::Model,
			commitment: commitment(1),
			content_address: None,
		};
		weight_of(&Call::update_many {
			updates: vec![update; updates].try_into().unwrap(),
		})
	};
	assert_eq!(update(32) - update(1), (update(2) - update(1)) * 31);
	assert_eq!(
		update(2) - <Test as Config>::WeightInfo::update_many(2),
		DueWeight::get() * 2
	);
	assert_eq!(
		weight_of(&Call::update_commitment {
			passport: key(1),
			data_set: DataSet::Model,
			commitment: commitment(1),
			content_address: None
		}),
		update(1)
	);

	let record = |events: usize| {
		let event = EventRecord {
			passport: key(1),
			kind: EventKind::Installation,
			evidence: EVIDENCE,
		};
		weight_of(&Call::record_many {
			events: vec![event; events].try_into().unwrap(),
		})
	};
	assert_eq!(record(32) - record(1), (record(2) - record(1)) * 31);
	assert_eq!(
		weight_of(&Call::record_event {
			passport: key(1),
			kind: EventKind::Installation,
			evidence: EVIDENCE
		}),
		record(1)
	);
}
