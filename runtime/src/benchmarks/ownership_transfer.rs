//! What the calls of the transfer pallet cost, by the number of batteries.

use super::{
	setup::{document, member, passport, signed},
	setup_passports::{enlarge, large_passport, record, ALMOST_A_PAGE, OPERATOR},
};
use crate::{
	configs::MaxOpenBlocks, AccountId, Block, BlockNumber, OwnershipTransfer, Passport, Runtime,
	RuntimeOrigin, System,
};
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{ConstU32, Get},
	BoundedVec,
};
use pallet_ownership_transfer::{
	Call, NextTransferId, OpenTransferOf, TransferId, TransferKind, Transfers, MAX_DOCUMENTS,
};
use passport_primitives::{
	battery::{DocumentHash, PassportId},
	ledger::Passports as _,
	organisation::OrganisationId,
};

/// The pallet, as a type of this crate: the macro implements a foreign trait for it.
pub struct Pallet<T: Config>(pallet_ownership_transfer::Pallet<T>);

/// The runtime: the setup speaks of its types alone.
pub trait Config:
	frame_system::Config<AccountId = AccountId, Block = Block, RuntimeOrigin = RuntimeOrigin>
	+ pallet_ownership_transfer::Config
{
}

impl Config for Runtime {}

/// Most batteries of one transfer.
fn most() -> u32 {
	<Runtime as pallet_ownership_transfer::Config>::MaxPassportsPerTransfer::get()
}

/// As many documents as go with a transfer.
fn documents() -> BoundedVec<DocumentHash, ConstU32<MAX_DOCUMENTS>> {
	let documents: Vec<_> = (0..MAX_DOCUMENTS).map(document).collect();
	documents.try_into().expect("within the bound")
}

/// Offers batteries, with all that an offer can say.
fn offered(
	sender: &AccountId,
	to: OrganisationId,
	batteries: Vec<PassportId>,
	valid_for_blocks: BlockNumber,
) -> TransferId {
	let transfer = NextTransferId::<Runtime>::get();
	OwnershipTransfer::offer(
		signed(sender),
		to,
		TransferKind::Consignment,
		true,
		batteries.try_into().expect("within the bound"),
		Some(document(MAX_DOCUMENTS)),
		documents(),
		valid_for_blocks,
	)
	.expect("the batteries are offered");
	transfer
}

/// This many batteries of this member's, their passports as large as can be.
fn batteries_of(sender: &AccountId, count: u32) -> Vec<PassportId> {
	(0..count).map(|n| large_passport(sender, n)).collect()
}

/// That a transfer is gone, and no battery is in it any more.
fn assert_ended(transfer: TransferId, batteries: &[PassportId]) {
	assert!(!Transfers::<Runtime>::contains_key(transfer));
	for battery in batteries {
		assert!(!OpenTransferOf::<Runtime>::contains_key(battery));
	}
}

// No variable below has the name of a benchmark: the macro makes a type of each.
#[benchmarks]
mod benchmarks {
	use super::*;

	// Each battery is in an old offer of its own, which has as many as an offer can have and keeps the others.
	#[benchmark]
	fn offer(p: Linear<1, { T::MaxPassportsPerTransfer::get() }>) {
		let (_, sender) = member(1, OPERATOR);
		let (to, _) = member(2, OPERATOR);
		let mut batteries: Vec<PassportId> = Vec::new();
		let mut old = Vec::new();
		for n in 0..p {
			let together: Vec<_> = (n * most()..(n + 1) * most())
				.map(|battery| passport(&sender, battery))
				.collect();
			// Of the others no more is read than that they are there.
			batteries.extend(together.last());
			old.push(offered(&sender, to, together, 1));
		}
		for battery in &batteries {
			enlarge(*battery);
		}
		// One more than the old offers were valid for.
		System::set_block_number(2);
		let transfer = NextTransferId::<Runtime>::get();

		#[extrinsic_call]
		_(
			signed(&sender),
			to,
			TransferKind::Consignment,
			true,
			batteries.clone().try_into().expect("within the bound"),
			Some(document(MAX_DOCUMENTS)),
			documents(),
			MaxOpenBlocks::get(),
		);

		for battery in &batteries {
			assert_eq!(OpenTransferOf::<Runtime>::get(battery), Some(transfer));
		}
		for transfer in old {
			let others = Transfers::<Runtime>::get(transfer)
				.expect("the old offer stays")
				.passports;
			assert_eq!(others.len() as u32, most() - 1);
		}
	}

	// The offer is as large as one can be, and the others stay in it.
	#[benchmark]
	fn accept(p: Linear<1, { T::MaxPassportsPerTransfer::get() }>) {
		let (_, sender) = member(1, OPERATOR);
		let (to, account) = member(2, OPERATOR);
		let mut batteries = batteries_of(&sender, most());
		let transfer = offered(&sender, to, batteries.clone(), MaxOpenBlocks::get());
		let chosen = batteries.split_off((most() - p) as usize);

		#[extrinsic_call]
		_(
			signed(&account),
			transfer,
			Some(chosen.clone().try_into().expect("within the bound")),
			true,
		);

		for battery in chosen {
			let record = record(battery);
			assert_eq!(record.owner, to);
			assert_eq!(record.operated_by, to);
			// The first of the two entries fills a page of the history, the second one begins another.
			assert_eq!(record.history_length, ALMOST_A_PAGE + 2);
			assert!(!OpenTransferOf::<Runtime>::contains_key(battery));
		}
		let left =
			Transfers::<Runtime>::get(transfer).map_or_else(Vec::new, |rest| rest.passports.into_inner());
		assert_eq!(left, batteries);
	}

	#[benchmark]
	fn reject(p: Linear<1, { T::MaxPassportsPerTransfer::get() }>) {
		let (_, sender) = member(1, OPERATOR);
		let (to, account) = member(2, OPERATOR);
		let batteries = batteries_of(&sender, p);
		let transfer = offered(&sender, to, batteries.clone(), MaxOpenBlocks::get());

		#[extrinsic_call]
		_(signed(&account), transfer);

		assert_ended(transfer, &batteries);
	}

	#[benchmark]
	fn cancel(p: Linear<1, { T::MaxPassportsPerTransfer::get() }>) {
		let (_, sender) = member(1, OPERATOR);
		let (to, _) = member(2, OPERATOR);
		let batteries = batteries_of(&sender, p);
		let transfer = offered(&sender, to, batteries.clone(), MaxOpenBlocks::get());

		#[extrinsic_call]
		_(signed(&sender), transfer);

		assert_ended(transfer, &batteries);
	}

	// Its time is not over, so that each battery is looked at: none of them is the sender's any more.
	#[benchmark]
	fn clear_expired(p: Linear<1, { T::MaxPassportsPerTransfer::get() }>) {
		let (_, sender) = member(1, OPERATOR);
		let (to, _) = member(2, OPERATOR);
		let (owner, account) = member(3, OPERATOR);
		let batteries = batteries_of(&sender, p);
		let transfer = offered(&sender, to, batteries.clone(), MaxOpenBlocks::get());
		for battery in &batteries {
			Passport::set_owner(battery, owner, None).expect("the owner changes");
		}

		#[extrinsic_call]
		_(signed(&account), transfer);

		assert_ended(transfer, &batteries);
	}

	impl_benchmark_test_suite!(Pallet, crate::benchmarks::chain(), crate::Runtime);
}
