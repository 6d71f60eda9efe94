//! Members: accounts that come and go, and what the council decides about organisations.

use super::{by, by_the_council, Step};
use crate::{
	choices::Choices,
	members::{member_that, newcomer},
};
use codec::{Decode, Encode};
use frame_support::BoundedVec;
use pallet_organisations::{linking::link_message, Organisations};
use passport_primitives::organisation::{OrganisationId, Role, Roles};
use passport_runtime::{CouncilMembership, Runtime, Signature, System, Telemetry};
use sp_core::{Pair, H256};

type Call = pallet_organisations::Call<Runtime>;

pub(super) fn step(choices: &mut Choices<'_>) -> Option<Step> {
	match choices.below(20) {
		0..=3 => link_account(choices),
		4..=6 => unlink_account(choices),
		7 | 8 => set_hpke_key(choices),
		9 => admit(choices),
		10 => {
			let organisation = whichever(choices)?;
			let roles = some_roles(choices)?;
			by_the_council(Call::set_roles { organisation, roles })
		}
		11 => {
			let organisation = whichever(choices)?;
			let now = System::block_number();
			let expires_at = match choices.below(4) {
				0 | 1 => None,
				2 => Some(now.saturating_add(choices.number())),
				_ => Some(now.saturating_sub(1)),
			};
			by_the_council(Call::set_expiry {
				organisation,
				expires_at,
			})
		}
		12 => {
			let organisation = whichever(choices)?;
			by_the_council(Call::suspend { organisation })
		}
		13..=15 => {
			let organisation = member_that(choices, |member| !member.is_active)?.organisation;
			by_the_council(Call::reinstate { organisation })
		}
		16 => {
			let organisation = whichever(choices)?;
			by_the_council(Call::remove { organisation })
		}
		17 => {
			let organisation = whichever(choices)?;
			let ref_time_per_period = choices
				.either()
				.then(|| u64::from(choices.number()) * 1_000_000_000);
			by_the_council(Call::set_quota {
				organisation,
				ref_time_per_period,
			})
		}
		18 => {
			let organisation = whichever(choices)?;
			let account = newcomer(choices)?.account.clone();
			by_the_council(Call::link_account_by_council {
				organisation,
				account,
			})
		}
		_ => by_the_council(Call::authorize_upgrade {
			code_hash: H256([choices.byte(); 32]),
		}),
	}
}

/// A member; now and then a number that nobody has.
fn whichever(choices: &mut Choices<'_>) -> Option<OrganisationId> {
	if choices.rarely() {
		return Some(OrganisationId(choices.number()));
	}
	member_that(choices, |_| true).map(|member| member.organisation)
}

/// A role or two; now and then any bits.
fn some_roles(choices: &mut Choices<'_>) -> Option<Roles> {
	if choices.rarely() {
		return Roles::decode(&mut (choices.number() as u16).encode().as_slice()).ok();
	}
	Some(Roles::of(&[
		choices.one_of(&Role::ALL)?,
		choices.one_of(&Role::ALL)?,
	]))
}

fn some_hpke_key(choices: &mut Choices<'_>) -> [u8; 32] {
	if choices.rarely() {
		// Of small order.
		[0; 32]
	} else {
		[choices.byte().max(2); 32]
	}
}

fn link_account(choices: &mut Choices<'_>) -> Option<Step> {
	let member = member_that(choices, |member| member.is_active)?;
	let newcomer = newcomer(choices)?;
	let now = System::block_number();
	let expires_at = match choices.below(8) {
		6 => now.saturating_sub(1),
		7 => now.saturating_add(20_000),
		blocks => now.saturating_add(blocks),
	};
	let consented_to = if choices.rarely() {
		OrganisationId::default()
	} else {
		member.organisation
	};
	let message = link_message(
		&Telemetry::genesis_hash(),
		consented_to,
		&newcomer.account.encode(),
		expires_at,
	);
	by(
		member.account,
		Call::link_account {
			account: newcomer.account.clone(),
			expires_at,
			proof: Signature::Sr25519(newcomer.pair.sign(&message)),
		},
	)
}

/// Never the first of several accounts: a member keeps the one that it began with. Where that has a seat in the council, it is tried
/// now and then, and refused.
fn unlink_account(choices: &mut Choices<'_>) -> Option<Step> {
	let accounts_of = |organisation: OrganisationId| {
		Organisations::<Runtime>::get(organisation)
			.map_or_else(Vec::new, |member| member.accounts.into_inner())
	};
	let member = member_that(choices, |member| {
		member.is_active && accounts_of(member.organisation).len() > 1
	})?;
	let accounts = accounts_of(member.organisation);
	let account = if choices.rarely() {
		match accounts.first() {
			Some(first) if CouncilMembership::members().contains(first) => first.clone(),
			_ => newcomer(choices)?.account.clone(),
		}
	} else {
		match accounts.as_slice() {
			[only] => only.clone(),
			[_, others @ ..] => choices.one_of(others)?,
			[] => return None,
		}
	};
	by(accounts.first()?.clone(), Call::unlink_account { account })
}

fn set_hpke_key(choices: &mut Choices<'_>) -> Option<Step> {
	let member = member_that(choices, |member| member.is_active)?;
	let hpke_public_key = some_hpke_key(choices);
	by(member.account, Call::set_hpke_key { hpke_public_key })
}

fn admit(choices: &mut Choices<'_>) -> Option<Step> {
	let account = newcomer(choices)?.account.clone();
	let did = if choices.rarely() {
		b"did:".to_vec()
	} else {
		format!("did:web:newcomer-{}.example", choices.number()).into_bytes()
	};
	by_the_council(Call::admit {
		did: BoundedVec::truncate_from(did),
		roles: some_roles(choices)?,
		hpke_public_key: some_hpke_key(choices),
		expires_at: None,
		accounts: BoundedVec::truncate_from(vec![account]),
	})
}
