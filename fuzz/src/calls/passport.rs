//! Passports, from the factory to the shredder.

use super::{
	account_for_operator, another_member, by, by_the_council, is_member_that, passport_that, probe,
	some_hash, Step,
};
use crate::{
	choices::Choices,
	members::{account_of, account_with, member_that, pair_of},
};
use codec::Decode;
use frame_support::BoundedVec;
use pallet_organisations::OrganisationOf;
use pallet_passport::{
	CommitmentUpdate, Commitments, Consent, Delegations, EventRecord, NewPassport, PassportOf, Passports,
	RecyclingBatchId, RecyclingBatches, WasteHandOver, WasteHandOvers, PLACING_ROLES, RECYCLING_ROLES,
	SECOND_LIFE_ROLES, WASTE_ROLES,
};
use pallet_telemetry::StateOfHealthThresholdBp;
use passport_primitives::{
	battery::{Category, Commitment, PassportId, DATA_SETS},
	content_address::of_sha256,
	data_set::{Audience, DataSet, DataSets, Purpose},
	ledger::{AuthorityEnvelope, DelegatedRight, DelegatedRights, ENVELOPE_BYTES},
	life_cycle::{DerivationConsent, EventKind, Publication, Recorder, SecondLife, Status},
	organisation::{OrganisationId, Role, Roles},
};
use passport_runtime::{AccessGrant, AccountId, Passport, Runtime, Signature, System, Telemetry};
use sp_core::Pair;

type Call = pallet_passport::Call<Runtime>;

/// The events that somebody records by hand.
const BY_HAND: [EventKind; 7] = [
	EventKind::ManufacturingComplete,
	EventKind::QualityCertified,
	EventKind::LocationUpdate,
	EventKind::Installation,
	EventKind::MaintenanceRequired,
	EventKind::EndOfLife,
	EventKind::RecyclingInitiated,
];

pub(super) fn step(choices: &mut Choices<'_>) -> Option<Step> {
	match choices.below(37) {
		0..=4 => {
			let account = account_with(choices, PLACING_ROLES)?;
			let new = new_passport(choices);
			by(account, Call::register { new })
		}
		5 => register_many(choices),
		6..=8 => update_commitment(choices),
		9 => update_many(choices),
		10..=12 => {
			let (account, event) = event(choices)?;
			let EventRecord {
				passport,
				kind,
				evidence,
			} = event;
			by(
				account,
				Call::record_event {
					passport,
					kind,
					evidence,
				},
			)
		}
		13 => record_many(choices),
		14 | 15 => delegate(choices),
		16 => end_delegation(choices),
		17..=19 => derive(choices),
		20 | 21 => override_threshold(choices),
		22..=25 => hand_over(choices),
		26..=29 => accept_hand_over(choices),
		30 => withdraw_hand_over(choices),
		31 => register_recycling_batch(choices),
		32 => amend_recycling_batch(choices),
		33..=35 => close(choices),
		_ => {
			let (passport, record) = passport_that(choices, |_, _| true)?;
			let operator = another_member(choices, record.responsible_operator)?;
			by_the_council(Call::take_over { passport, operator })
		}
	}
}

/// A battery that is placed on the market. Mostly by a name that nobody had, now and then by one of a few that soon have all
/// been used.
fn new_passport(choices: &mut Choices<'_>) -> NewPassport {
	let number = if choices.rarely() {
		choices.below(24)
	} else {
		choices.number()
	};
	let commitments = some_commitments(choices);
	let mut envelopes = demanded(
		DataSet::ALL
			.into_iter()
			.zip(commitments)
			.filter_map(|(data_set, commitment)| commitment.map(|_| data_set)),
	);
	if choices.rarely() {
		envelopes.pop();
	}
	let mut unique_identifier = format!("https://id.example/01/09506000134352/21/{number:05}");
	if choices.below(32) == 31 {
		unique_identifier.push(' ');
	}
	NewPassport {
		unique_identifier: BoundedVec::truncate_from(unique_identifier.into_bytes()),
		alias: (choices.below(4) == 0)
			.then(|| format!("BAT-2027-LI-{number:06}"))
			.and_then(|alias| alias.into_bytes().try_into().ok()),
		category: match choices.below(4) {
			0 => Category::ElectricVehicle,
			1 => Category::LightMeansOfTransport,
			2 => Category::Industrial,
			_ => Category::StationaryStorage,
		},
		commitments,
		content_address: choices
			.rarely()
			.then(|| BoundedVec::truncate_from(of_sha256(&[choices.byte(); 32]))),
		envelopes: BoundedVec::truncate_from(envelopes),
	}
}

/// Set 1 nearly always, the sets that authorities hold keys of seldom: they make work with every key epoch.
fn some_commitments(choices: &mut Choices<'_>) -> Commitments {
	let bits = choices.byte();
	let commitment = Commitment([choices.byte(); 32]);
	let mut commitments = [None; DATA_SETS];
	commitments[DataSet::Model as usize] = (bits & 0xf0 != 0xf0).then_some(commitment);
	commitments[DataSet::Composition as usize] = (bits & 3 == 3).then_some(commitment);
	commitments[DataSet::TestReports as usize] = (bits & 5 == 5).then_some(commitment);
	commitments[DataSet::Individual as usize] = (bits & 2 == 2).then_some(commitment);
	commitments
}

/// The envelopes that the access table demands of a passport with these data sets.
fn demanded(committed: impl Iterator<Item = DataSet>) -> Vec<AuthorityEnvelope> {
	let shown = AccessGrant::access_for_purpose(Audience::Authority, Purpose::Surveillance);
	let due = committed.fold(DataSets::NONE, |sets, data_set| {
		sets.union(DataSets::of(&[data_set]).intersection(shown))
	});
	let authorities = Roles::of(&[Role::Authority, Role::NotifiedBody]);
	AccessGrant::demanding_authorities()
		.into_iter()
		.filter(|number| {
			is_member_that(*number, |member| {
				member.is_active && member.roles.intersects(authorities)
			})
		})
		.flat_map(|authority| {
			due.iter()
				.filter(|data_set| *data_set != DataSet::Model)
				.map(move |data_set| AuthorityEnvelope {
					authority,
					data_set,
					bytes: [1; ENVELOPE_BYTES],
				})
		})
		.collect()
}

fn register_many(choices: &mut Choices<'_>) -> Option<Step> {
	let account = account_with(choices, PLACING_ROLES)?;
	let passports: Vec<_> = (0..choices.below(4)).map(|_| new_passport(choices)).collect();
	by(
		account,
		Call::register_many {
			passports: BoundedVec::truncate_from(passports),
		},
	)
}

fn is_active(record: &PassportOf<Runtime>) -> bool {
	record.publication == Publication::Active
}

/// Sets 1 and 4 more often than those that authorities hold keys of.
fn some_update(choices: &mut Choices<'_>, passport: PassportId) -> CommitmentUpdate {
	CommitmentUpdate {
		passport,
		data_set: match choices.below(8) {
			0..=3 => DataSet::Model,
			4 => DataSet::Composition,
			5 => DataSet::TestReports,
			_ => DataSet::Individual,
		},
		commitment: Commitment([choices.byte(); 32]),
		content_address: match choices.below(16) {
			14 => Some(BoundedVec::truncate_from(of_sha256(&[choices.byte(); 32]))),
			15 => Some(BoundedVec::truncate_from(vec![choices.byte(); 8])),
			_ => None,
		},
	}
}

fn update_commitment(choices: &mut Choices<'_>) -> Option<Step> {
	let (passport, record) = passport_that(choices, |_, record| is_active(record))?;
	let right = DelegatedRight::UpdateCommitments;
	let account = account_for_operator(choices, passport, record.responsible_operator, right)?;
	let CommitmentUpdate {
		passport,
		data_set,
		commitment,
		content_address,
	} = some_update(choices, passport);
	by(
		account,
		Call::update_commitment {
			passport,
			data_set,
			commitment,
			content_address,
		},
	)
}

fn update_many(choices: &mut Choices<'_>) -> Option<Step> {
	let (first, record) = passport_that(choices, |_, record| is_active(record))?;
	let operator = record.responsible_operator;
	let right = DelegatedRight::UpdateCommitments;
	let account = account_for_operator(choices, first, operator, right)?;
	let mut updates = Vec::new();
	for _ in 0..choices.below(4) {
		let (passport, _) = passport_that(choices, |_, other| {
			is_active(other) && other.responsible_operator == operator
		})?;
		updates.push(some_update(choices, passport));
	}
	by(
		account,
		Call::update_many {
			updates: BoundedVec::truncate_from(updates),
		},
	)
}

/// An event and an account of whoever may record it.
fn event(choices: &mut Choices<'_>) -> Option<(AccountId, EventRecord)> {
	let kind = if choices.rarely() {
		choices.one_of(&EventKind::ALL)?
	} else {
		choices.one_of(&BY_HAND)?
	};
	let (passport, record) = passport_that(choices, |_, record| is_active(record))?;
	let account = match kind.recorder() {
		Recorder::Roles(roles) => account_with(choices, roles)?,
		Recorder::PartyOr(roles) if !roles.is_empty() && choices.either() => account_with(choices, roles)?,
		Recorder::PartyOr(_) if choices.either() => account_of(choices, record.owner)?,
		Recorder::PartyOr(_) | Recorder::ResponsibleOperator | Recorder::LedgerOnly => {
			let right = DelegatedRight::RecordEvents;
			account_for_operator(choices, passport, record.responsible_operator, right)?
		}
	};
	let evidence = some_hash(choices);
	Some((
		account,
		EventRecord {
			passport,
			kind,
			evidence,
		},
	))
}

fn record_many(choices: &mut Choices<'_>) -> Option<Step> {
	let (account, event) = event(choices)?;
	let events = vec![event; choices.below(4) as usize];
	by(
		account,
		Call::record_many {
			events: BoundedVec::truncate_from(events),
		},
	)
}

fn delegate(choices: &mut Choices<'_>) -> Option<Step> {
	let (passport, record) = passport_that(choices, |_, _| true)?;
	let operator = record.responsible_operator;
	let account = account_of(choices, operator)?;
	let delegate = another_member(choices, operator)?;
	let bits = match choices.below(8) {
		0..=2 => DelegatedRights::ALL.bits(),
		7 => choices.byte(),
		_ => choices.byte() & DelegatedRights::ALL.bits(),
	};
	let rights = DelegatedRights::decode(&mut [bits].as_slice()).ok()?;
	let now = System::block_number();
	let expires_at = if choices.rarely() {
		now
	} else {
		now.saturating_add(1 + choices.number() * 100)
	};
	let authorisation = some_hash(choices);
	by(
		account,
		Call::delegate {
			passport,
			delegate,
			rights,
			expires_at,
			authorisation,
		},
	)
}

fn end_delegation(choices: &mut Choices<'_>) -> Option<Step> {
	let start = Delegations::<Runtime>::hashed_key_for(PassportId([choices.byte(); 32]));
	let now = System::block_number();
	let (passport, delegations) = probe(
		Delegations::<Runtime>::iter_from(start).chain(Delegations::<Runtime>::iter()),
		|(_, delegations)| delegations.iter().any(|delegation| !delegation.has_expired(&now)),
	)?;
	let delegation = choices.one_of(&delegations)?;
	let who = if choices.either() {
		delegation.given_by
	} else {
		delegation.delegate
	};
	let account = account_of(choices, who)?;
	by(
		account,
		Call::end_delegation {
			passport,
			delegate: delegation.delegate,
		},
	)
}

/// By a notified body, of a battery that it has no part in.
fn override_threshold(choices: &mut Choices<'_>) -> Option<Step> {
	let account = account_with(choices, Roles::of(&[Role::NotifiedBody]))?;
	let passport = if choices.rarely() {
		PassportId([choices.byte(); 32])
	} else {
		let notified_body = OrganisationOf::<Runtime>::get(&account)?;
		passport_that(choices, |_, record| {
			let parties = [record.owner, record.responsible_operator, record.operated_by];
			!Passport::is_overridden(record) && !parties.contains(&notified_body)
		})?
		.0
	};
	let evidence = some_hash(choices);
	by(account, Call::override_threshold { passport, evidence })
}

/// Whether its state of health is no reason against a second life, as far as can be seen without the age of a statement.
fn is_fit_for_second_life(record: &PassportOf<Runtime>) -> bool {
	let threshold_bp = StateOfHealthThresholdBp::<Runtime>::get();
	let is_shown = record.threshold.as_ref().is_some_and(|standing| {
		!standing.withdrawn && standing.at_or_above && threshold_bp <= standing.threshold_bp
	});
	Passport::is_overridden(record) || record.status != Status::Waste && (!is_active(record) || is_shown)
}

fn derive(choices: &mut Choices<'_>) -> Option<Step> {
	let makes_batteries = |owner| is_member_that(owner, |owner| owner.roles.intersects(SECOND_LIFE_ROLES));
	let (first, record) = passport_that(choices, |_, record| {
		is_fit_for_second_life(record) && makes_batteries(record.owner)
	})?;
	let owner = record.owner;
	let mut predecessors = vec![(first, record)];
	for _ in 0..choices.below(3) {
		let (another, record) = passport_that(choices, |passport, record| {
			record.owner == owner && is_fit_for_second_life(record) && *passport != first
		})?;
		// Where there is none, one that is not fit comes up: now and then that may be.
		if record.owner == owner && is_fit_for_second_life(&record) || choices.rarely() {
			predecessors.push((another, record));
		}
	}
	let account = account_of(choices, owner)?;
	let operation = choices.one_of(&[
		SecondLife::PreparationForReuse,
		SecondLife::PreparationForRepurposing,
		SecondLife::Repurposing,
		SecondLife::Remanufacturing,
	])?;
	let new = new_passport(choices);
	let successor = Passport::passport_id(&new.unique_identifier);
	let mut consents = Vec::new();
	for (predecessor, record) in &predecessors {
		if record.responsible_operator != owner {
			consents.push(consent(
				choices,
				*predecessor,
				record,
				successor,
				owner,
				operation,
			)?);
		}
	}
	if choices.rarely() {
		consents.pop();
	}
	let predecessors = predecessors
		.into_iter()
		.map(|(predecessor, _)| predecessor)
		.collect();
	by(
		account,
		Call::derive {
			predecessors: BoundedVec::truncate_from(predecessors),
			operation,
			new,
			consents: BoundedVec::truncate_from(consents),
		},
	)
}

/// What the responsible operator of a predecessor signs.
fn consent(
	choices: &mut Choices<'_>,
	predecessor: PassportId,
	record: &PassportOf<Runtime>,
	successor: PassportId,
	deriving: OrganisationId,
	operation: SecondLife,
) -> Option<pallet_passport::ConsentOf<Runtime>> {
	let account = account_of(choices, record.responsible_operator)?;
	let now = System::block_number();
	let expires_at = if choices.rarely() {
		now.saturating_sub(1)
	} else {
		now.saturating_add(10)
	};
	let consent = DerivationConsent {
		predecessor,
		successor,
		deriving,
		operation,
		expires_at: expires_at.into(),
	};
	let genesis_hash = Telemetry::genesis_hash();
	let pair = pair_of(&account)?;
	let signature = if choices.either() {
		pair.sign(&consent.wallet_message(&genesis_hash))
	} else {
		pair.sign(&consent.message(&genesis_hash))
	};
	Some(Consent {
		account,
		signature: Signature::Sr25519(signature),
		expires_at,
	})
}

fn hand_over(choices: &mut Choices<'_>) -> Option<Step> {
	let treats_waste = |organisation| {
		is_member_that(organisation, |member| {
			member.is_active && member.roles.intersects(WASTE_ROLES)
		})
	};
	let (passport, record) = passport_that(choices, |passport, record| {
		let operator = record.responsible_operator;
		(record.owner == operator || treats_waste(record.owner))
			&& !WasteHandOvers::<Runtime>::contains_key(passport)
			&& !(record.status == Status::Waste
				&& is_member_that(operator, |member| member.roles.intersects(RECYCLING_ROLES)))
	})?;
	let account = account_of(choices, record.responsible_operator)?;
	let to = if record.owner != record.responsible_operator && is_active(&record) {
		record.owner
	} else {
		let roles = if choices.rarely() {
			Roles::ANY
		} else if choices.below(4) == 0 {
			WASTE_ROLES
		} else {
			RECYCLING_ROLES
		};
		member_that(choices, |member| {
			member.is_active && member.roles.intersects(roles)
		})?
		.organisation
	};
	by(account, Call::hand_over_to_waste_operator { passport, to })
}

/// A hand-over that was offered and fits, or whichever; now and then another passport, which may have none.
fn hand_over_that(
	choices: &mut Choices<'_>,
	fits: impl Fn(&PassportId, &WasteHandOver) -> bool,
) -> Option<(PassportId, WasteHandOver)> {
	let start = WasteHandOvers::<Runtime>::hashed_key_for(PassportId([choices.byte(); 32]));
	let (passport, offer) = probe(
		WasteHandOvers::<Runtime>::iter_from(start).chain(WasteHandOvers::<Runtime>::iter()),
		|(passport, offer)| fits(passport, offer),
	)?;
	if choices.rarely() {
		return Some((passport_that(choices, |_, _| true)?.0, offer));
	}
	Some((passport, offer))
}

fn accept_hand_over(choices: &mut Choices<'_>) -> Option<Step> {
	let (passport, offer) = hand_over_that(choices, |passport, offer| {
		Passports::<Runtime>::get(passport)
			.is_some_and(|record| !is_active(&record) || [offer.from, offer.to].contains(&record.owner))
	})?;
	let account = account_of(choices, offer.to)?;
	by(account, Call::accept_waste_hand_over { passport })
}

fn withdraw_hand_over(choices: &mut Choices<'_>) -> Option<Step> {
	let (passport, offer) = hand_over_that(choices, |_, _| true)?;
	let who = if choices.either() { offer.from } else { offer.to };
	let account = account_of(choices, who)?;
	by(account, Call::withdraw_waste_hand_over { passport })
}

fn register_recycling_batch(choices: &mut Choices<'_>) -> Option<Step> {
	let account = account_with(choices, RECYCLING_ROLES)?;
	let facility = if choices.rarely() {
		Vec::new()
	} else {
		format!("Shredder {}", choices.below(9)).into_bytes()
	};
	by(
		account,
		Call::register_recycling_batch {
			facility: BoundedVec::truncate_from(facility),
			year: 2023 + choices.below(80) as u16,
			masses: Commitment([choices.byte(); 32]),
		},
	)
}

/// A recycling batch of this recycler; of whichever where it has none.
fn batch_of(
	choices: &mut Choices<'_>,
	recycler: Option<OrganisationId>,
) -> Option<(RecyclingBatchId, OrganisationId)> {
	let start = RecyclingBatches::<Runtime>::hashed_key_for(RecyclingBatchId(choices.number()));
	probe(
		RecyclingBatches::<Runtime>::iter_from(start).chain(RecyclingBatches::<Runtime>::iter()),
		|(_, batch)| recycler.is_none_or(|recycler| batch.recycler == recycler),
	)
	.map(|(number, batch)| (number, batch.recycler))
}

fn amend_recycling_batch(choices: &mut Choices<'_>) -> Option<Step> {
	let (batch, recycler) = batch_of(choices, None)?;
	let account = account_of(choices, recycler)?;
	let masses = Commitment([choices.byte(); 32]);
	by(account, Call::amend_recycling_batch { batch, masses })
}

fn close(choices: &mut Choices<'_>) -> Option<Step> {
	let (passport, record) = passport_that(choices, |_, record| {
		record.status == Status::Waste
			&& is_member_that(record.responsible_operator, |member| {
				member.roles.intersects(RECYCLING_ROLES)
			}) && !record.successors.iter().any(Passports::<Runtime>::contains_key)
	})?;
	let operator = record.responsible_operator;
	let account = account_of(choices, operator)?;
	let batch = batch_of(choices, Some(operator)).map_or(RecyclingBatchId(0), |(batch, _)| batch);
	let evidence = some_hash(choices);
	by(
		account,
		Call::close_as_recycled {
			passport,
			batch,
			evidence,
		},
	)
}
