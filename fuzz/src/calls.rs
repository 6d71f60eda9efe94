//! Plausible calls of the ledger's pallets: about things that are there, mostly by whom they are for and mostly in order, so that
//! a story gets somewhere. What is chosen comes from the input, what it is about from the chain's storage.

mod access_grant;
mod anchors;
mod documents;
mod organisations;
mod ownership_transfer;
mod passport;
mod telemetry;
mod validators;

use crate::{
	choices::Choices,
	members::{account_of, member, member_that},
};
use frame_support::traits::PalletInfoAccess;
use pallet_passport::{PassportOf, Passports};
use passport_primitives::{
	battery::{DocumentHash, PassportId},
	ledger::{DelegatedRight, KeyEpochs},
	organisation::OrganisationId,
};
use passport_runtime::{
	AccessGrant, AccountId, Documents, Organisations, OwnershipTransfer, Passport, Runtime, RuntimeCall,
	Telemetry, Validators,
};

/// Entries of a map that are looked at before whichever is taken.
const PROBES: usize = 12;

/// Who sends a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
	/// An account, as a signed transaction.
	Account(AccountId),
	/// Two thirds of the council.
	Council,
}

/// A call and its sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
	/// Who sends it.
	pub sender: Sender,
	/// What is sent.
	pub call: RuntimeCall,
}

fn by(account: AccountId, call: impl Into<RuntimeCall>) -> Option<Step> {
	Some(Step {
		sender: Sender::Account(account),
		call: call.into(),
	})
}

fn by_the_council(call: impl Into<RuntimeCall>) -> Option<Step> {
	Some(Step {
		sender: Sender::Council,
		call: call.into(),
	})
}

/// The ledger's pallets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ledger {
	/// Members.
	Organisations,
	/// Validators, and the session keys that they need.
	Validators,
	/// Passports.
	Passport,
	/// Transfers of ownership.
	OwnershipTransfer,
	/// Grants.
	AccessGrant,
	/// Devices, frames, statements and anchors.
	Telemetry,
	/// Documents.
	Documents,
}

impl Ledger {
	/// All seven.
	pub const ALL: [Ledger; 7] = [
		Ledger::Organisations,
		Ledger::Validators,
		Ledger::Passport,
		Ledger::OwnershipTransfer,
		Ledger::AccessGrant,
		Ledger::Telemetry,
		Ledger::Documents,
	];

	/// One of them, those that most of the others need more often.
	pub fn any(choices: &mut Choices<'_>) -> Self {
		match choices.below(32) {
			0 | 1 => Ledger::Organisations,
			2 => Ledger::Validators,
			3..=13 => Ledger::Passport,
			14..=18 => Ledger::OwnershipTransfer,
			19..=24 => Ledger::AccessGrant,
			25..=29 => Ledger::Telemetry,
			_ => Ledger::Documents,
		}
	}

	/// Its name in the runtime.
	pub fn name(self) -> &'static str {
		match self {
			Ledger::Organisations => Organisations::name(),
			Ledger::Validators => Validators::name(),
			Ledger::Passport => Passport::name(),
			Ledger::OwnershipTransfer => OwnershipTransfer::name(),
			Ledger::AccessGrant => AccessGrant::name(),
			Ledger::Telemetry => Telemetry::name(),
			Ledger::Documents => Documents::name(),
		}
	}

	/// A call of this pallet; `None` where there is nothing yet that it could be about.
	pub fn step(self, choices: &mut Choices<'_>) -> Option<Step> {
		match self {
			Ledger::Organisations => organisations::step(choices),
			Ledger::Validators => validators::step(choices),
			Ledger::Passport => passport::step(choices),
			Ledger::OwnershipTransfer => ownership_transfer::step(choices),
			Ledger::AccessGrant => access_grant::step(choices),
			Ledger::Telemetry => match choices.below(4) {
				3 => anchors::step(choices),
				_ => telemetry::step(choices),
			},
			Ledger::Documents => documents::step(choices),
		}
	}
}

/// The first of these that fits, or the first where none of the next few does.
fn probe<T>(mut entries: impl Iterator<Item = T>, fits: impl Fn(&T) -> bool) -> Option<T> {
	let first = entries.next()?;
	if fits(&first) {
		return Some(first);
	}
	entries.take(PROBES).find(fits).or(Some(first))
}

/// Live passports, from anywhere in the map on. Keys are hashed, so anything can come next.
fn passports(choices: &mut Choices<'_>) -> impl Iterator<Item = (PassportId, PassportOf<Runtime>)> {
	let mut anywhere = PassportId::default();
	anywhere.0[..2].copy_from_slice(&[choices.byte(), choices.byte()]);
	let start = Passports::<Runtime>::hashed_key_for(anywhere);
	Passports::<Runtime>::iter_from(start).chain(Passports::<Runtime>::iter())
}

/// A live passport that fits, or whichever.
fn passport_that(
	choices: &mut Choices<'_>,
	fits: impl Fn(&PassportId, &PassportOf<Runtime>) -> bool,
) -> Option<(PassportId, PassportOf<Runtime>)> {
	probe(passports(choices), |(passport, record)| fits(passport, record))
}

/// Who acts for the responsible operator of a passport: an account of its own, or now and then of a delegate with this right.
fn account_for_operator(
	choices: &mut Choices<'_>,
	passport: PassportId,
	operator: OrganisationId,
	right: DelegatedRight,
) -> Option<AccountId> {
	if choices.below(4) == 3 {
		let delegates: Vec<_> = Passport::delegations(passport)
			.into_iter()
			.filter(|delegation| delegation.rights.contains(right))
			.map(|delegation| delegation.delegate)
			.collect();
		if let Some(delegate) = choices.one_of(&delegates) {
			return account_of(choices, delegate);
		}
	}
	account_of(choices, operator)
}

/// An active member other than this one.
fn another_member(choices: &mut Choices<'_>, than: OrganisationId) -> Option<OrganisationId> {
	if choices.rarely() {
		return Some(than);
	}
	member_that(choices, |member| member.is_active && member.organisation != than)
		.map(|member| member.organisation)
}

/// Whether an organisation is a member that fits.
fn is_member_that(organisation: OrganisationId, fits: impl Fn(&crate::members::Member) -> bool) -> bool {
	member(&mut Choices::new(&[]), organisation).is_some_and(|member| fits(&member))
}

/// The epoch of the key of a passport's device.
fn key_epoch(passport: &PassportId) -> Option<u32> {
	<Telemetry as KeyEpochs>::current(passport)
}

fn some_hash(choices: &mut Choices<'_>) -> DocumentHash {
	DocumentHash([choices.byte(); 32])
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_fits_is_taken_before_what_comes_first() {
		assert_eq!(probe([1, 2, 3, 4].into_iter(), |number| number % 3 == 0), Some(3));
		assert_eq!(probe([1, 2].into_iter(), |number| number % 3 == 0), Some(1));
		assert_eq!(probe(0.., |number| *number == 12), Some(12));
		assert_eq!(probe(0.., |number| *number == 13), Some(0));
		assert_eq!(probe([].into_iter(), |_: &u8| true), None);
	}
}
