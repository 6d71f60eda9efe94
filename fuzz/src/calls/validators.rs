//! Validators, and the session keys without which there is none.

use super::{by, by_the_council, Step};
use crate::{
	choices::Choices,
	members::{account_of, member_that},
};
use codec::Encode;
use pallet_session::NextKeys;
use passport_primitives::organisation::OrganisationId;
use passport_runtime::{AccountId, Runtime, SessionKeys, System, Validators};
use sp_core::{ed25519, proof_of_possession::statement_of_ownership, sr25519, Pair};
use sp_io::hashing::blake2_256;

type Call = pallet_validators::Call<Runtime>;

pub(super) fn step(choices: &mut Choices<'_>) -> Option<Step> {
	match choices.below(12) {
		0..=3 => set_keys(choices),
		4 | 5 => {
			let validator = account_with_keys(choices)?;
			by_the_council(Call::add_validator { validator })
		}
		6 => {
			let validator = choices.one_of(&Validators::validators())?;
			by_the_council(Call::remove_validator { validator })
		}
		7 => {
			let validator = choices.one_of(&Validators::validators())?;
			let by = account_with_keys(choices)?;
			by_the_council(Call::replace_validator { validator, by })
		}
		8 => {
			let best_finalised = System::block_number().saturating_sub(choices.below(100));
			let delay_blocks = choices.below(330);
			by_the_council(Call::note_stalled {
				best_finalised,
				delay_blocks,
			})
		}
		_ => purge_keys(choices),
	}
}

/// An account that has session keys, one that is no validator before one that is.
fn account_with_keys(choices: &mut Choices<'_>) -> Option<AccountId> {
	if choices.rarely() {
		return member_that(choices, |_| true).map(|member| member.account);
	}
	let validators = Validators::validators();
	let start = NextKeys::<Runtime>::hashed_key_for(AccountId::new([choices.byte(); 32]));
	super::probe(
		NextKeys::<Runtime>::iter_keys_from(start).chain(NextKeys::<Runtime>::iter_keys()),
		|account| !validators.contains(account),
	)
}

fn purge_keys(choices: &mut Choices<'_>) -> Option<Step> {
	let account = account_with_keys(choices)?;
	let sender = if choices.rarely() {
		account_of(choices, OrganisationId(1))?
	} else {
		account.clone()
	};
	by(sender, Call::purge_keys { account })
}

/// The keys of an account's node, with the proof that it has them; now and then the proof of another account.
fn set_keys(choices: &mut Choices<'_>) -> Option<Step> {
	let account = member_that(choices, |member| member.is_active)?.account;
	let owner = if choices.rarely() {
		b"another".encode()
	} else {
		account.encode()
	};
	// One of a few nodes of the same member: who sets keys again mostly sets others.
	let node = choices.below(4);
	let seed = |purpose: &str| blake2_256(&(purpose, &account, node).encode());
	let aura = sr25519::Pair::from_seed(&seed("aura"));
	let grandpa = ed25519::Pair::from_seed(&seed("grandpa"));
	let statement = statement_of_ownership(&owner);
	let call = pallet_session::Call::<Runtime>::set_keys {
		keys: SessionKeys {
			aura: aura.public().into(),
			grandpa: grandpa.public().into(),
		},
		proof: (aura.sign(&statement), grandpa.sign(&statement)).encode(),
	};
	by(account, call)
}
