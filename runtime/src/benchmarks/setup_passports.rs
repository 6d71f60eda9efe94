//! Passports that are as large as their bounds allow, and delegates that may do everything: what the benchmarks of passports,
//! transfers and grants start from.
//!
//! Each step is a call of the pallets', but for what would take hundreds of calls for each run and is written as the pallet
//! writes it: links to sixteen passports each way, what a device has stated, and the entries of a history.

use super::setup::{bytes32, document, fill_history, member, new_passport, passport, signed};
use crate::{configs::MaxDelegationBlocks, AccountId, BlockNumber, Passport, Runtime, System};
use alloc::{format, vec::Vec};
use pallet_passport::{
	history::page_of, HistoryEntry, HistoryPages, Links, NewPassport, PassportOf, Passports,
	ThresholdStanding, HISTORY_PAGE_ENTRIES, MAX_DELEGATES, MAX_LINKS,
};
use pallet_telemetry::DEFAULT_STATE_OF_HEALTH_THRESHOLD_BP;
use passport_primitives::{
	battery::{PassportId, ALIAS_BYTES},
	ledger::DelegatedRights,
	life_cycle::Publication,
	organisation::{OrganisationId, Role, Roles},
};

/// An organisation, and an account that acts for it.
pub type Member = (OrganisationId, AccountId);

/// Who registers passports, and can take them to their end. No call is dearer to one with fewer roles.
pub const OPERATOR: Roles = Roles::of(&[Role::Manufacturer, Role::Recycler]);

/// Who acts for the responsible operator. It may record no event in its own right.
pub const DELEGATE: Roles = Roles::of(&[Role::BridgeOperator]);

/// Entries of a history whose page has room for one more: the next one rewrites the largest page that can be added to, and the
/// one after that begins another page.
pub const ALMOST_A_PAGE: u32 = HISTORY_PAGE_ENTRIES - 1;

/// The members that operate passports have the numbers from here on; a benchmark takes lower ones.
const FIRST_OPERATOR: u32 = 1_000;

/// The delegates have the numbers from here on.
const FIRST_DELEGATE: u32 = 2_000;

/// A new passport that is the dearest to register. An identifier that is as long as an alias is looked up among those as well: the
/// 110 bytes that it could be longer cost less than a read.
pub fn costly_passport(n: u32) -> NewPassport {
	let name = format!("battery-no-{n:07}");
	assert_eq!(name.len(), ALIAS_BYTES);
	NewPassport {
		unique_identifier: name.into_bytes().try_into().expect("within the bound"),
		..new_passport(n)
	}
}

/// The key of that passport.
pub fn costly_passport_id(n: u32) -> PassportId {
	Passport::passport_id(&costly_passport(n).unique_identifier)
}

/// A live passport.
pub fn record(passport: PassportId) -> PassportOf<Runtime> {
	Passports::<Runtime>::get(passport).expect("the passport is live")
}

/// The last entry of a passport's history.
pub fn last_entry(passport: PassportId) -> HistoryEntry<BlockNumber> {
	let page = page_of(record(passport).history_length - 1);
	HistoryPages::<Runtime>::get(passport, page)
		.pop()
		.expect("the last page has an entry")
}

/// Keys of passports that are none any more.
fn links(count: u32) -> Links {
	let keys: Vec<_> = (0..count).map(|n| PassportId(bytes32("link", n))).collect();
	keys.try_into().expect("within the bound")
}

/// Makes a passport in use as large as it can be, with a device's statement that a second life is open to it. Its history has
/// [`ALMOST_A_PAGE`] entries, if it had no more.
pub fn enlarge(passport: PassportId) {
	Passports::<Runtime>::mutate(passport, |record| {
		let record = record.as_mut().expect("the passport is live");
		record.predecessors = links(MAX_LINKS);
		record.threshold = Some(ThresholdStanding {
			at_or_above: true,
			threshold_bp: DEFAULT_STATE_OF_HEALTH_THRESHOLD_BP,
			stated_at: System::block_number(),
			withdrawn: false,
		});
	});
	fill_history(passport, ALMOST_A_PAGE);
}

/// Batteries were made of this one, which have been recycled since.
pub fn supersede(passport: PassportId, successors: u32) {
	Passports::<Runtime>::mutate(passport, |record| {
		let record = record.as_mut().expect("the passport is live");
		record.successors = links(successors);
		record.publication = Publication::Superseded;
	});
}

/// Passport `n`, registered for this operator and [enlarged](enlarge).
pub fn large_passport(operator: &AccountId, n: u32) -> PassportId {
	let passport = passport(operator, n);
	enlarge(passport);
	passport
}

/// Authorises eight organisations to do everything for these passports, each of an operator of its own, and returns the
/// organisation that is found last: who acts as it is the dearest to ask for. A history has eight entries more then.
pub fn authorise(passports: &[(PassportId, AccountId)]) -> Member {
	let delegates: Vec<_> = (0..MAX_DELEGATES)
		.map(|n| member(FIRST_DELEGATE + n, DELEGATE))
		.collect();
	for (passport, operator) in passports {
		for (delegate, _) in &delegates {
			Passport::delegate(
				signed(operator),
				*passport,
				*delegate,
				DelegatedRights::ALL,
				System::block_number() + MaxDelegationBlocks::get(),
				document(delegate.0),
			)
			.expect("the organisation is authorised");
		}
	}
	delegates.last().cloned().expect("there are eight")
}

/// This many [enlarged](enlarge) passports, each of an operator of its own, and the last one of the eight delegates that all of
/// them have.
pub fn delegated_many(count: u32) -> (Vec<(PassportId, AccountId)>, Member) {
	let passports: Vec<_> = (0..count)
		.map(|n| {
			let (_, operator) = member(FIRST_OPERATOR + n, OPERATOR);
			(passport(&operator, n), operator)
		})
		.collect();
	let delegate = authorise(&passports);
	for (passport, _) in &passports {
		enlarge(*passport);
	}
	(passports, delegate)
}

/// One [enlarged](enlarge) passport, an account of its operator's, and the last one of its eight delegates.
pub fn delegated() -> (PassportId, AccountId, Member) {
	let (mut passports, delegate) = delegated_many(1);
	let (passport, operator) = passports.remove(0);
	(passport, operator, delegate)
}
