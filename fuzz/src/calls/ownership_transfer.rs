//! Transfers of ownership: offers and what becomes of them.

use super::{another_member, by, passport_that, probe, some_hash, Step};
use crate::{
	choices::Choices,
	members::{account_of, member_that},
};
use frame_support::BoundedVec;
use pallet_ownership_transfer::{TransferId, TransferKind, TransferOf, Transfers};
use passport_primitives::life_cycle::Publication;
use passport_runtime::{Runtime, System};

type Call = pallet_ownership_transfer::Call<Runtime>;

pub(super) fn step(choices: &mut Choices<'_>) -> Option<Step> {
	match choices.below(16) {
		0..=5 => offer(choices),
		6..=10 => accept(choices),
		11 => {
			let (transfer, offer) = transfer_that(choices, |_| true)?;
			let account = account_of(choices, offer.to)?;
			by(account, Call::reject { transfer })
		}
		12 => {
			let (transfer, offer) = transfer_that(choices, |_| true)?;
			let account = account_of(choices, offer.from)?;
			by(account, Call::cancel { transfer })
		}
		_ => {
			let now = System::block_number();
			let (transfer, _) = transfer_that(choices, |offer| offer.has_expired(now))?;
			let account = member_that(choices, |member| member.is_active)?.account;
			by(account, Call::clear_expired { transfer })
		}
	}
}

/// A transfer that fits, or whichever; now and then a number that may have been given or not.
fn transfer_that(
	choices: &mut Choices<'_>,
	fits: impl Fn(&TransferOf<Runtime>) -> bool,
) -> Option<(TransferId, TransferOf<Runtime>)> {
	let start = Transfers::<Runtime>::hashed_key_for(TransferId(choices.number()));
	let (transfer, offer) = probe(
		Transfers::<Runtime>::iter_from(start).chain(Transfers::<Runtime>::iter()),
		|(_, offer)| fits(offer),
	)?;
	if choices.rarely() {
		return Some((TransferId(choices.below(64)), offer));
	}
	Some((transfer, offer))
}

/// Batteries of one owner, for a kind of transfer. Most offers stand for some hours and then expire.
fn offer(choices: &mut Choices<'_>) -> Option<Step> {
	let (first, record) = passport_that(choices, |passport, record| {
		record.publication == Publication::Active
			&& !pallet_ownership_transfer::OpenTransferOf::<Runtime>::contains_key(passport)
	})?;
	let owner = record.owner;
	let mut passports = vec![first];
	for _ in 0..choices.below(4) {
		let (another, record) = passport_that(choices, |passport, record| {
			record.publication == Publication::Active && record.owner == owner && *passport != first
		})?;
		if record.owner == owner && !passports.contains(&another) || choices.rarely() {
			passports.push(another);
		}
	}
	let account = account_of(choices, owner)?;
	let to = another_member(choices, owner)?;
	let valid_for_blocks = match choices.below(8) {
		0 => choices.below(3),
		1 => 90 * 86_400,
		_ => choices.number(),
	};
	by(
		account,
		Call::offer {
			to,
			kind: choices.one_of(&TransferKind::ALL)?,
			operation_moves: choices.either(),
			passports: BoundedVec::truncate_from(passports),
			location: choices.rarely().then(|| some_hash(choices)),
			documents: BoundedVec::truncate_from(vec![some_hash(choices); choices.below(3) as usize]),
			valid_for_blocks,
		},
	)
}

/// All of an offer, or some of it.
fn accept(choices: &mut Choices<'_>) -> Option<Step> {
	let now = System::block_number();
	let (transfer, offer) = transfer_that(choices, |offer| !offer.has_expired(now))?;
	let account = account_of(choices, offer.to)?;
	let passports = if choices.either() {
		None
	} else {
		let some: Vec<_> = offer
			.passports
			.into_iter()
			.filter(|_| choices.below(3) > 0)
			.collect();
		Some(BoundedVec::truncate_from(some))
	};
	by(
		account,
		Call::accept {
			transfer,
			passports,
			take_operation: choices.either(),
		},
	)
}
