//! Grants: who asks, who decides, and the keys that go with it.

use super::{account_for_operator, by, by_the_council, key_epoch, passport_that, passports, probe, Step};
use crate::{
	choices::Choices,
	members::{account_of, member_that},
};
use frame_support::BoundedVec;
use pallet_access_grant::{GrantId, GrantOf, Grants, KeyEnvelope};
use passport_primitives::{
	data_set::{Audience, DataSet, DataSets, Purpose},
	ledger::{AuthorityEnvelope, DelegatedRight, Passports, ENVELOPE_BYTES},
	organisation::{OrganisationId, Role, Roles},
};
use passport_runtime::{AccessGrant, AccountId, Passport, Runtime, System};

type Call = pallet_access_grant::Call<Runtime>;

pub(super) fn step(choices: &mut Choices<'_>) -> Option<Step> {
	match choices.below(24) {
		0..=5 => request(choices),
		6..=10 => approve(choices),
		11 => {
			let (grant, stored) = grant_that(choices, |stored| !stored.is_approved())?;
			let account = who_decides(choices, &stored)?;
			by(account, Call::deny { grant })
		}
		12 | 13 => {
			let (grant, stored) = grant_that(choices, GrantOf::<Runtime>::is_approved)?;
			let account = if choices.below(3) == 2 {
				account_of(choices, stored.grantee)?
			} else {
				who_decides(choices, &stored)?
			};
			by(account, Call::revoke { grant })
		}
		14 | 15 => renew_envelope(choices),
		16..=18 => deposit_envelopes(choices),
		19 | 20 => {
			let now = System::block_number();
			let (grant, _) = grant_that(choices, |stored| stored.has_expired(now))?;
			let account = member_that(choices, |member| member.is_active)?.account;
			by(account, Call::clear_expired { grant })
		}
		21 => {
			let audience = choices.one_of(&Audience::ALL)?;
			let data_sets = some_cell(choices, audience.default_access());
			by_the_council(Call::set_access { audience, data_sets })
		}
		22 => {
			let audience = choices.one_of(&Audience::ALL)?;
			let purpose = choices.one_of(&Purpose::ALL)?;
			let data_sets = some_cell(choices, purpose.default_access(audience));
			by_the_council(Call::set_purpose {
				audience,
				purpose,
				data_sets,
			})
		}
		_ => set_demanding_authorities(choices),
	}
}

/// Mostly what the table starts with, now and then anything.
fn some_cell(choices: &mut Choices<'_>, default: DataSets) -> DataSets {
	if choices.below(3) == 2 {
		some_of(choices, DataSets::ALL)
	} else {
		default
	}
}

/// Some of these data sets, or none.
fn some_of(choices: &mut Choices<'_>, all: DataSets) -> DataSets {
	let bits = choices.byte();
	DataSet::ALL
		.into_iter()
		.filter(|data_set| all.contains(*data_set) && bits & (1 << *data_set as u8) != 0)
		.fold(DataSets::NONE, |some, data_set| {
			some.union(DataSets::of(&[data_set]))
		})
}

/// A request or a grant that fits, or whichever.
fn grant_that(
	choices: &mut Choices<'_>,
	fits: impl Fn(&GrantOf<Runtime>) -> bool,
) -> Option<(GrantId, GrantOf<Runtime>)> {
	let start = Grants::<Runtime>::hashed_key_for(GrantId(choices.number()));
	probe(
		Grants::<Runtime>::iter_from(start).chain(Grants::<Runtime>::iter()),
		|(_, stored)| fits(stored),
	)
}

fn who_decides(choices: &mut Choices<'_>, stored: &GrantOf<Runtime>) -> Option<AccountId> {
	let operator = <Passport as Passports>::facts(&stored.passport)?.responsible_operator;
	account_for_operator(choices, stored.passport, operator, DelegatedRight::DecideAccess)
}

/// What the table allows the one who asks, for a purpose of its audience.
fn request(choices: &mut Choices<'_>) -> Option<Step> {
	let (passport, _) = passport_that(choices, |_, _| true)?;
	let member = member_that(choices, |member| {
		member.is_active && Audience::of(member.roles) != Audience::Public
	})?;
	let audience = Audience::of(member.roles);
	let purpose = match audience {
		Audience::Authority if !choices.rarely() => Purpose::Surveillance,
		_ => choices.one_of(&Purpose::ALL)?,
	};
	let shown = AccessGrant::access_for_purpose(audience, purpose);
	let data_sets = match choices.below(8) {
		0..=2 => shown,
		7 => some_of(choices, DataSets::ALL),
		_ => some_of(choices, shown),
	};
	let duration_blocks = match choices.below(8) {
		0 => choices.below(2),
		1 => 730 * 86_400,
		_ => choices.number(),
	};
	by(
		member.account,
		Call::request {
			passport,
			data_sets,
			purpose,
			duration_blocks,
		},
	)
}

/// An envelope of the current epoch; now and then of the one before.
fn envelope(choices: &mut Choices<'_>, stored: &GrantOf<Runtime>) -> KeyEnvelope {
	let current = key_epoch(&stored.passport).unwrap_or(0);
	KeyEnvelope {
		key_epoch: if choices.rarely() {
			current.saturating_sub(1)
		} else {
			current
		},
		bytes: [choices.byte(); ENVELOPE_BYTES],
	}
}

fn approve(choices: &mut Choices<'_>) -> Option<Step> {
	let now = System::block_number();
	let (grant, stored) = grant_that(choices, |stored| {
		!stored.is_approved()
			&& !stored.has_expired(now)
			&& (!stored.needs_key() || key_epoch(&stored.passport).is_some())
	})?;
	let account = who_decides(choices, &stored)?;
	let envelope = (stored.needs_key() != choices.rarely()).then(|| envelope(choices, &stored));
	by(account, Call::approve { grant, envelope })
}

fn renew_envelope(choices: &mut Choices<'_>) -> Option<Step> {
	let now = System::block_number();
	let (grant, stored) = grant_that(choices, |stored| {
		stored.is_approved() && stored.needs_key() && !stored.has_expired(now)
	})?;
	let account = who_decides(choices, &stored)?;
	let envelope = envelope(choices, &stored);
	by(account, Call::renew_envelope { grant, envelope })
}

/// What is due under a passport; where nothing is, nothing.
fn deposit_envelopes(choices: &mut Choices<'_>) -> Option<Step> {
	let (passport, record) = probe(passports(choices), |(passport, _)| {
		!AccessGrant::due_envelopes(*passport).is_empty()
	})?;
	let right = DelegatedRight::DecideAccess;
	let account = account_for_operator(choices, passport, record.responsible_operator, right)?;
	let mut envelopes: Vec<_> = AccessGrant::due_envelopes(passport)
		.into_iter()
		.map(|(authority, data_set)| AuthorityEnvelope {
			authority,
			data_set,
			bytes: [2; ENVELOPE_BYTES],
		})
		.collect();
	if choices.rarely() {
		envelopes.push(AuthorityEnvelope {
			authority: OrganisationId(choices.below(8)),
			data_set: DataSet::TestReports,
			bytes: [3; ENVELOPE_BYTES],
		});
	}
	let current = key_epoch(&passport).unwrap_or(0);
	by(
		account,
		Call::deposit_envelopes {
			passport,
			key_epoch: if choices.rarely() { current + 1 } else { current },
			envelopes: BoundedVec::truncate_from(envelopes),
		},
	)
}

fn set_demanding_authorities(choices: &mut Choices<'_>) -> Option<Step> {
	let roles = if choices.rarely() {
		Roles::ANY
	} else {
		Roles::of(&[Role::Authority, Role::NotifiedBody])
	};
	let mut authorities = Vec::new();
	for _ in 0..choices.below(3) {
		authorities.push(
			member_that(choices, |member| {
				member.is_active && member.roles.intersects(roles)
			})?
			.organisation,
		);
	}
	by_the_council(Call::set_demanding_authorities {
		authorities: BoundedVec::truncate_from(authorities),
	})
}
