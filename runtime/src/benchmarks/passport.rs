//! What the calls of the passport pallet cost, and what it does for the others.

use super::{
	setup::{
		alias, bytes32, content_address, council, document, fill_history, member, passport, sign, signed,
		without_demanding_authorities,
	},
	setup_passports::{
		authorise, costly_passport, costly_passport_id, delegated, delegated_many, enlarge, large_passport,
		last_entry, record, supersede, ALMOST_A_PAGE, OPERATOR,
	},
};
use crate::{
	configs::MaxDelegationBlocks, AccountId, Block, BlockNumber, Organisations, Passport, Runtime,
	RuntimeOrigin, Signature, Telemetry,
};
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use pallet_passport::{
	history::{pages_of, MAX_HISTORY_PAGES, TAKE_OVER_ENTRIES},
	Aliases, Call, CommitmentUpdate, Consent, ConsentOf, ConsentsOf, Delegations, EventRecord, FacilityName,
	HistoryPages, Links, NextRecyclingBatchId, Passports, RecyclingBatchId, RecyclingBatches, Tombstones,
	WasteHandOvers, HISTORY_PAGE_ENTRIES, MAX_BATCH, MAX_DELEGATES, MAX_FACILITY_BYTES, MAX_LINKS, YEARS,
};
use pallet_telemetry::DEFAULT_STATE_OF_HEALTH_THRESHOLD_BP;
use passport_primitives::{
	battery::{Commitment, PassportId},
	data_set::DataSet,
	ledger::{DelegatedRight, DelegatedRights, Passports as _},
	life_cycle::{DerivationConsent, EventKind, HistoryKind, Publication, SecondLife, Status},
	organisation::{OrganisationId, Role, Roles},
};

/// The pallet, as a type of this crate: the macro implements a foreign trait for it.
pub struct Pallet<T: Config>(pallet_passport::Pallet<T>);

/// The runtime: the setup speaks of its types alone.
pub trait Config:
	frame_system::Config<AccountId = AccountId, Block = Block, RuntimeOrigin = RuntimeOrigin>
	+ pallet_passport::Config<Signature = Signature>
{
}

impl Config for Runtime {}

/// Half of the predecessors that a passport can have.
const HALF_OF_LINKS: u32 = MAX_LINKS / 2;

/// The member that is the notified body of [`allow_waste`].
const NOTIFIED_BODY: u32 = 900;

/// Longest name of a facility.
fn facility() -> FacilityName {
	alloc::vec![b'f'; MAX_FACILITY_BYTES as usize]
		.try_into()
		.expect("within the bound")
}

/// A recycling batch of the member that this account acts for.
fn recycling_batch(recycler: &AccountId) -> RecyclingBatchId {
	let batch = NextRecyclingBatchId::<Runtime>::get();
	let masses = Commitment(bytes32("masses", 0));
	Passport::register_recycling_batch(signed(recycler), facility(), *YEARS.end(), masses)
		.expect("the batch is registered");
	batch
}

/// The consent of the operator that this account acts for, as a wallet signs it: the signature is checked twice then. It is one of
/// sr25519: a check takes as long as one of ed25519, and one of ECDSA takes no longer.
fn consent(
	signer: AccountId,
	predecessor: PassportId,
	successor: PassportId,
	deriving: OrganisationId,
	operation: SecondLife,
) -> ConsentOf<Runtime> {
	let expires_at = BlockNumber::MAX;
	let asked = DerivationConsent {
		predecessor,
		successor,
		deriving,
		operation,
		expires_at: expires_at.into(),
	};
	let signature = sign(&signer, &asked.wallet_message(&Telemetry::genesis_hash()));
	Consent {
		account: signer,
		signature,
		expires_at,
	}
}

/// A notified body allows that a battery becomes waste whose device has stated that a second life is open to it.
fn allow_waste(passport: PassportId) {
	let (_, account) = member(NOTIFIED_BODY, Roles::of(&[Role::NotifiedBody]));
	Passport::override_threshold(signed(&account), passport, document(0))
		.expect("the body has no part in it");
}

/// The responsible operator that this account acts for offers a battery as waste.
fn offer_waste(operator: &AccountId, passport: PassportId, to: OrganisationId) {
	Passport::hand_over_to_waste_operator(signed(operator), passport, to).expect("the battery is offered");
}

// No variable below has the name of a benchmark: the macro makes a type of each.
#[benchmarks]
mod benchmarks {
	use super::*;

	// `DepositWeight` is no part of this: no authority demands envelopes, so what is left of depositing them is to read that.
	#[benchmark]
	fn register() {
		let (organisation, account) = member(1, OPERATOR);
		without_demanding_authorities();

		#[extrinsic_call]
		_(signed(&account), costly_passport(0));

		assert_eq!(record(costly_passport_id(0)).responsible_operator, organisation);
		assert_eq!(Aliases::<Runtime>::get(alias(0)), Some(costly_passport_id(0)));
	}

	// `DueWeight` is no part of this, as above.
	#[benchmark]
	fn update_commitment() {
		let (passport, _, (_, account)) = delegated();
		let commitment = Commitment(bytes32("update", 0));

		#[extrinsic_call]
		_(
			signed(&account),
			passport,
			DataSet::Individual,
			commitment,
			Some(content_address(1)),
		);

		let record = record(passport);
		assert_eq!(record.commitment(DataSet::Individual), Some(commitment));
		assert_eq!(record.content_address, Some(content_address(1)));
		assert_eq!(record.history_length, ALMOST_A_PAGE + 1);
	}

	#[benchmark]
	fn record_event() {
		let (passport, _, (organisation, account)) = delegated();

		// Of all kinds one that no role alone may record: the delegations are looked through.
		#[extrinsic_call]
		_(signed(&account), passport, EventKind::EndOfLife, document(0));

		let entry = last_entry(passport);
		assert_eq!(entry.kind, HistoryKind::Event(EventKind::EndOfLife));
		assert_eq!(entry.organisation, organisation);
		assert_eq!(entry.index, ALMOST_A_PAGE);
	}

	#[benchmark]
	fn delegate() {
		let (passport, operator, (organisation, _)) = delegated();

		// The last of eight is replaced.
		#[extrinsic_call]
		_(
			signed(&operator),
			passport,
			organisation,
			DelegatedRights::ALL,
			MaxDelegationBlocks::get(),
			document(0),
		);

		let delegations = Delegations::<Runtime>::get(passport);
		assert_eq!(delegations.len() as u32, MAX_DELEGATES);
		assert_eq!(
			delegations.last().map(|last| (last.delegate, last.authorisation)),
			Some((organisation, document(0)))
		);
		assert_eq!(last_entry(passport).kind, HistoryKind::Delegated);
	}

	#[benchmark]
	fn end_delegation() {
		let (passport, _, (organisation, account)) = delegated();

		#[extrinsic_call]
		_(signed(&account), passport, organisation);

		let delegations = Delegations::<Runtime>::get(passport);
		assert_eq!(delegations.len() as u32, MAX_DELEGATES - 1);
		assert!(delegations.iter().all(|other| other.delegate != organisation));
		assert_eq!(last_entry(passport).kind, HistoryKind::DelegationEnded);
	}

	// Each consent is one for a predecessor, so that there are never more of them. Where one component changes, the other one is at
	// its maximum: with these ranges every pair that is measured is one that there can be, and what one predecessor and one
	// consent cost is told apart. Both costs are the same for the first and the last, so the weight holds outside the ranges.
	//
	// `DepositWeight` is no part of this: no authority demands envelopes.
	#[benchmark]
	fn derive(p: Linear<HALF_OF_LINKS, MAX_LINKS>, c: Linear<0, HALF_OF_LINKS>) {
		let roles = Roles::of(&[Role::Manufacturer, Role::SecondLifeOperator]);
		let (deriving, account) = member(1, roles);
		let operation = SecondLife::Remanufacturing;
		let successor = costly_passport_id(MAX_LINKS);
		let mut predecessors = Links::new();
		let mut consents = ConsentsOf::<Runtime>::new();
		for n in 0..p {
			// For the first ones the caller's organisation answers itself.
			let signer = (n >= p - c).then(|| member(2 + n, OPERATOR).1);
			let predecessor = passport(signer.as_ref().unwrap_or(&account), n);
			Passport::set_owner(&predecessor, deriving, None).expect("the owner changes");
			// As large as it can be before, and after: the last successor that it can have is this one. Only the first one is in
			// use still: what its device stated is held against the council's threshold.
			enlarge(predecessor);
			if n > 0 {
				supersede(predecessor, MAX_LINKS - 1);
			}
			predecessors.try_push(predecessor).expect("within the bound");
			if let Some(signer) = signer {
				consents
					.try_push(consent(signer, predecessor, successor, deriving, operation))
					.expect("within the bound");
			}
		}

		#[extrinsic_call]
		_(
			signed(&account),
			predecessors.clone(),
			operation,
			costly_passport(MAX_LINKS),
			consents,
		);

		assert_eq!(record(successor).predecessors, predecessors);
		for (n, predecessor) in predecessors.into_iter().enumerate() {
			let record = record(predecessor);
			let successors = if n == 0 { 1 } else { MAX_LINKS };
			assert_eq!(record.successors.len() as u32, successors);
			assert_eq!(record.successors.last(), Some(&successor));
			assert_eq!(record.history_length, ALMOST_A_PAGE + 2);
		}
	}

	// To itself, at once: the battery comes back from who operates it, and the offer to another ends. An offer costs less.
	#[benchmark]
	fn hand_over_to_waste_operator() {
		let (producer, account) = member(1, OPERATOR);
		let (lessee, _) = member(2, OPERATOR);
		let (recycler, _) = member(3, OPERATOR);
		let passport = passport(&account, 0);
		Passport::set_owner(&passport, producer, Some(lessee)).expect("the battery is leased");
		allow_waste(passport);
		enlarge(passport);
		offer_waste(&account, passport, recycler);

		#[extrinsic_call]
		_(signed(&account), passport, producer);

		let record = record(passport);
		assert_eq!(record.status, Status::Waste);
		assert_eq!(record.responsible_operator, producer);
		assert_eq!(record.operated_by, producer);
		assert_eq!(record.history_length, ALMOST_A_PAGE + 2);
		assert!(!WasteHandOvers::<Runtime>::contains_key(passport));
	}

	// `ClosingWeight` is no part of this: there is no offer, no grant, no device and no document under the passport, so what is left
	// of the listeners is to read that.
	#[benchmark]
	fn close_as_recycled(p: Linear<1, MAX_HISTORY_PAGES>) {
		let (recycler, account) = member(1, OPERATOR);
		let passport = passport(&account, 0);
		Passport::hand_over_to_waste_operator(signed(&account), passport, recycler)
			.expect("the battery becomes waste");
		authorise(&[(passport, account.clone())]);
		enlarge(passport);
		supersede(passport, MAX_LINKS);
		let (another, _) = member(2, OPERATOR);
		offer_waste(&account, passport, another);
		// The last entry makes the last page full.
		fill_history(passport, p * HISTORY_PAGE_ENTRIES - 1);
		let batch = recycling_batch(&account);

		#[extrinsic_call]
		_(signed(&account), passport, batch, document(0));

		assert!(!Passports::<Runtime>::contains_key(passport));
		assert!(HistoryPages::<Runtime>::iter_key_prefix(passport)
			.next()
			.is_none());
		assert!(!Delegations::<Runtime>::contains_key(passport));
		assert!(!WasteHandOvers::<Runtime>::contains_key(passport));
		let tombstone = Tombstones::<Runtime>::get(passport).expect("a tombstone stays");
		assert_eq!(pages_of(tombstone.history_length), p);
		let batch = RecyclingBatches::<Runtime>::get(batch).expect("the batch stays");
		assert_eq!(batch.batteries, 1);
	}

	// From an operator that has offered it, and from an owner and its lessee that were removed.
	#[benchmark]
	fn take_over() {
		let (passport, operator, _) = delegated();
		let (organisation, _) = member(1, OPERATOR);
		let (owner, _) = member(2, OPERATOR);
		let (lessee, _) = member(3, OPERATOR);
		Passport::set_owner(&passport, owner, Some(lessee)).expect("the owner changes");
		supersede(passport, MAX_LINKS);
		offer_waste(&operator, passport, organisation);
		fill_history(passport, HISTORY_PAGE_ENTRIES + ALMOST_A_PAGE);
		for gone in [owner, lessee] {
			Organisations::remove(council(), gone).expect("the organisation is removed");
		}

		#[extrinsic_call]
		_(council(), passport, organisation);

		let record = record(passport);
		assert_eq!(record.responsible_operator, organisation);
		assert_eq!(record.owner, organisation);
		assert_eq!(record.operated_by, organisation);
		assert_eq!(
			record.history_length,
			HISTORY_PAGE_ENTRIES + ALMOST_A_PAGE + TAKE_OVER_ENTRIES
		);
		assert!(!Delegations::<Runtime>::contains_key(passport));
		assert!(!WasteHandOvers::<Runtime>::contains_key(passport));
	}

	#[benchmark]
	fn override_threshold() {
		let (passport, ..) = delegated();
		supersede(passport, MAX_LINKS);
		let (_, account) = member(1, Roles::of(&[Role::NotifiedBody]));

		#[extrinsic_call]
		_(signed(&account), passport, document(0));

		assert!(record(passport).overridden_at.is_some());
		assert_eq!(last_entry(passport).kind, HistoryKind::ThresholdOverridden);
	}

	#[benchmark]
	fn register_recycling_batch() {
		let (recycler, account) = member(1, OPERATOR);
		let batch = NextRecyclingBatchId::<Runtime>::get();

		#[extrinsic_call]
		_(
			signed(&account),
			facility(),
			*YEARS.end(),
			Commitment(bytes32("masses", 0)),
		);

		let batch = RecyclingBatches::<Runtime>::get(batch).expect("the batch is registered");
		assert_eq!(batch.recycler, recycler);
	}

	#[benchmark]
	fn amend_recycling_batch() {
		let (_, account) = member(1, OPERATOR);
		let batch = recycling_batch(&account);
		let masses = Commitment(bytes32("masses", 1));

		#[extrinsic_call]
		_(signed(&account), batch, masses);

		let batch = RecyclingBatches::<Runtime>::get(batch).expect("the batch stays");
		assert_eq!(batch.masses, masses);
	}

	// `DepositWeight` is no part of this, as of `register`.
	#[benchmark]
	fn register_many(p: Linear<1, MAX_BATCH>) {
		let (_, account) = member(1, OPERATOR);
		without_demanding_authorities();
		let passports: Vec<_> = (0..p).map(costly_passport).collect();

		#[extrinsic_call]
		_(signed(&account), passports.try_into().expect("within the bound"));

		for n in 0..p {
			assert!(Passports::<Runtime>::contains_key(costly_passport_id(n)));
		}
	}

	// Each passport is another operator's, and all of them have authorised the caller's organisation.
	//
	// `DueWeight` is no part of this, as of `update_commitment`.
	#[benchmark]
	fn update_many(u: Linear<1, MAX_BATCH>) {
		let (passports, (_, account)) = delegated_many(u);
		let commitment = Commitment(bytes32("update", 0));
		let updates: Vec<_> = passports
			.iter()
			.map(|(passport, _)| CommitmentUpdate {
				passport: *passport,
				data_set: DataSet::Individual,
				commitment,
				content_address: Some(content_address(u)),
			})
			.collect();

		#[extrinsic_call]
		_(signed(&account), updates.try_into().expect("within the bound"));

		for (passport, _) in passports {
			assert_eq!(record(passport).commitment(DataSet::Individual), Some(commitment));
			assert_eq!(last_entry(passport).kind, HistoryKind::CommitmentUpdated);
		}
	}

	// Whose passports these are: as in `update_many`.
	#[benchmark]
	fn record_many(e: Linear<1, MAX_BATCH>) {
		let (passports, (_, account)) = delegated_many(e);
		let events: Vec<_> = passports
			.iter()
			.map(|(passport, _)| EventRecord {
				passport: *passport,
				kind: EventKind::EndOfLife,
				evidence: document(0),
			})
			.collect();

		#[extrinsic_call]
		_(signed(&account), events.try_into().expect("within the bound"));

		for (passport, _) in passports {
			assert_eq!(
				last_entry(passport).kind,
				HistoryKind::Event(EventKind::EndOfLife)
			);
		}
	}

	#[benchmark]
	fn accept_waste_hand_over() {
		let (passport, operator, _) = delegated();
		let (recycler, account) = member(1, OPERATOR);
		allow_waste(passport);
		fill_history(passport, HISTORY_PAGE_ENTRIES + ALMOST_A_PAGE);
		offer_waste(&operator, passport, recycler);

		#[extrinsic_call]
		_(signed(&account), passport);

		let record = record(passport);
		assert_eq!(record.status, Status::Waste);
		assert_eq!(record.responsible_operator, recycler);
		assert_eq!(record.owner, recycler);
		assert_eq!(record.operated_by, recycler);
		assert_eq!(record.history_length, HISTORY_PAGE_ENTRIES + ALMOST_A_PAGE + 4);
		assert!(!Delegations::<Runtime>::contains_key(passport));
		assert!(!WasteHandOvers::<Runtime>::contains_key(passport));
	}

	#[benchmark]
	fn withdraw_waste_hand_over() {
		let (passport, operator, _) = delegated();
		let (recycler, account) = member(1, OPERATOR);
		allow_waste(passport);
		offer_waste(&operator, passport, recycler);

		#[extrinsic_call]
		_(signed(&account), passport);

		assert!(!WasteHandOvers::<Runtime>::contains_key(passport));
	}

	#[benchmark]
	fn may_act() {
		let (passport, _, (organisation, _)) = delegated();
		let may;

		#[block]
		{
			may = Passport::may_act(&passport, organisation, DelegatedRight::AnchorDocuments);
		}

		assert!(may);
	}

	// The first of the two entries fills a page of the history, the second one begins another.
	#[benchmark]
	fn set_owner() {
		let (_, operator) = member(1, OPERATOR);
		let passport = large_passport(&operator, 0);
		let (owner, _) = member(2, OPERATOR);

		#[block]
		{
			Passport::set_owner(&passport, owner, Some(owner)).expect("the owner changes");
		}

		let record = record(passport);
		assert_eq!(record.owner, owner);
		assert_eq!(record.operated_by, owner);
		assert_eq!(record.history_length, ALMOST_A_PAGE + 2);
	}

	// The device goes back on what it stated before, so that the history has an entry more.
	#[benchmark]
	fn record_threshold_statement() {
		let (_, operator) = member(1, OPERATOR);
		let passport = large_passport(&operator, 0);

		#[block]
		{
			Passport::record_threshold_statement(
				&passport,
				false,
				DEFAULT_STATE_OF_HEALTH_THRESHOLD_BP,
				document(0),
			)
			.expect("the statement is written down");
		}

		assert_eq!(record(passport).publication, Publication::Active);
		assert_eq!(
			last_entry(passport).kind,
			HistoryKind::Event(EventKind::SohThreshold)
		);
	}

	impl_benchmark_test_suite!(Pallet, crate::benchmarks::chain(), crate::Runtime);
}
