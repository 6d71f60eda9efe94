//! Who sends: the members of the chain and the keys of their accounts.

use crate::choices::Choices;
use pallet_organisations::{NextOrganisation, OrganisationOf, Organisations, RetiredAccounts};
use passport_primitives::organisation::{OrganisationId, Roles};
use passport_runtime::{AccountId, Runtime, System};
use sp_core::{sr25519, Pair};
use sp_keyring::Sr25519Keyring;
use std::sync::OnceLock;

/// Accounts besides those of the keyring: for members that the council admits and for accounts that are linked.
const NEWCOMERS: u8 = 96;

/// An account and its key.
pub struct Signer {
	/// The account.
	pub account: AccountId,
	/// Its key.
	pub pair: sr25519::Pair,
}

/// Every account that has a key here: those of the keyring, which the presets use, then the newcomers.
pub fn signers() -> &'static [Signer] {
	static SIGNERS: OnceLock<Vec<Signer>> = OnceLock::new();
	SIGNERS.get_or_init(|| {
		let keyring = Sr25519Keyring::iter().map(Sr25519Keyring::pair);
		let newcomers = (1..=NEWCOMERS).map(|number| sr25519::Pair::from_seed(&[number; 32]));
		keyring
			.chain(newcomers)
			.map(|pair| Signer {
				account: AccountId::from(pair.public()),
				pair,
			})
			.collect()
	})
}

/// The key of an account.
pub fn pair_of(account: &AccountId) -> Option<&'static sr25519::Pair> {
	signers()
		.iter()
		.find(|signer| signer.account == *account)
		.map(|signer| &signer.pair)
}

/// An account that acts for nobody and never did; now and then one that does.
pub fn newcomer(choices: &mut Choices<'_>) -> Option<&'static Signer> {
	let signers = signers();
	let start = choices.below(signers.len() as u32) as usize;
	if choices.rarely() {
		return signers.get(start);
	}
	let is_new = |signer: &&Signer| {
		!OrganisationOf::<Runtime>::contains_key(&signer.account)
			&& !RetiredAccounts::<Runtime>::contains_key(&signer.account)
	};
	let (before, after) = signers.split_at(start);
	after.iter().chain(before).find(is_new).or(signers.get(start))
}

/// A member, and one of its accounts.
#[derive(Clone, Debug)]
pub struct Member {
	/// Its number.
	pub organisation: OrganisationId,
	/// Its roles.
	pub roles: Roles,
	/// Whether it may act now.
	pub is_active: bool,
	/// An account that acts for it.
	pub account: AccountId,
}

/// The member of this number, with one of its accounts.
pub fn member(choices: &mut Choices<'_>, organisation: OrganisationId) -> Option<Member> {
	let stored = Organisations::<Runtime>::get(organisation)?;
	Some(Member {
		organisation,
		roles: stored.roles,
		is_active: stored.standing(&System::block_number()).is_ok(),
		account: choices.one_of(&stored.accounts)?,
	})
}

/// A member that fits, or whichever where none does.
pub fn member_that(choices: &mut Choices<'_>, fits: impl Fn(&Member) -> bool) -> Option<Member> {
	let members = NextOrganisation::<Runtime>::get().0.saturating_sub(1);
	let start = choices.below(members);
	let mut whichever = None;
	for step in 0..members {
		let number = OrganisationId(1 + (start + step) % members);
		let Some(found) = member(choices, number) else {
			continue;
		};
		if fits(&found) {
			return Some(found);
		}
		whichever.get_or_insert(found);
	}
	whichever
}

/// An account of this organisation; now and then, and where it is no member any more, whose ever.
pub fn account_of(choices: &mut Choices<'_>, organisation: OrganisationId) -> Option<AccountId> {
	if !choices.rarely() {
		if let Some(member) = member(choices, organisation) {
			return Some(member.account);
		}
	}
	member_that(choices, |_| true).map(|member| member.account)
}

/// An account of an active member that has one of these roles; now and then whose ever.
pub fn account_with(choices: &mut Choices<'_>, roles: Roles) -> Option<AccountId> {
	let whoever = choices.rarely();
	member_that(choices, |member| {
		whoever || member.is_active && member.roles.intersects(roles)
	})
	.map(|member| member.account)
}
