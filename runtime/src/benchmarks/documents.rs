//! What the calls of the documents pallet cost, and what it does when a passport is closed.

use super::{
	setup::{content_address, signed},
	setup_passports::delegated,
};
use crate::{AccountId, Block, Documents, Runtime, RuntimeOrigin};
use frame_benchmarking::v2::*;
use pallet_documents::{Call, Counts, DocumentKind, DocumentNumber, DocumentOf, MAX_DOCUMENTS_PER_PASSPORT};
use passport_primitives::{battery::PassportId, data_set::DataSet, ledger::OnPassportClosed};

/// The pallet, as a type of this crate: the macro implements a foreign trait for it.
pub struct Pallet<T: Config>(pallet_documents::Pallet<T>);

/// The runtime: the setup speaks of its types alone.
pub trait Config:
	frame_system::Config<AccountId = AccountId, Block = Block, RuntimeOrigin = RuntimeOrigin>
	+ pallet_documents::Config
{
}

impl Config for Runtime {}

/// Anchors documents 0 to `count - 1` under a passport.
fn anchor_documents(operator: &AccountId, passport: PassportId, count: u32) {
	for n in 0..count {
		Documents::anchor(
			signed(operator),
			passport,
			content_address(n),
			DocumentKind::Other,
			DataSet::Individual,
			u64::MAX,
		)
		.expect("the document is anchored");
	}
}

/// How many documents a passport has.
fn anchored(passport: PassportId) -> u32 {
	Counts::<Runtime>::get(passport).anchored
}

// No variable below has the name of a benchmark: the macro makes a type of each.
#[benchmarks]
mod benchmarks {
	use super::*;

	// The last document that there is room for, by a delegate: the delegations are looked through.
	#[benchmark]
	fn anchor() {
		let (passport, operator, (_, delegate)) = delegated();
		let number: DocumentNumber = MAX_DOCUMENTS_PER_PASSPORT - 1;
		anchor_documents(&operator, passport, number);

		#[extrinsic_call]
		_(
			signed(&delegate),
			passport,
			content_address(number),
			DocumentKind::Other,
			DataSet::Individual,
			u64::MAX,
		);

		assert_eq!(anchored(passport), MAX_DOCUMENTS_PER_PASSPORT);
		assert_eq!(
			DocumentOf::<Runtime>::get(passport, content_address(number)),
			Some(number)
		);
	}

	// The operator's document, by a delegate.
	#[benchmark]
	fn withdraw() {
		let (passport, operator, (_, delegate)) = delegated();
		anchor_documents(&operator, passport, MAX_DOCUMENTS_PER_PASSPORT);
		let number: DocumentNumber = 0;

		#[extrinsic_call]
		_(signed(&delegate), passport, number);

		assert_eq!(anchored(passport), MAX_DOCUMENTS_PER_PASSPORT - 1);
		assert!(!DocumentOf::<Runtime>::contains_key(
			passport,
			content_address(number)
		));
	}

	#[benchmark]
	fn on_passport_closed() {
		let (passport, operator, _) = delegated();
		anchor_documents(&operator, passport, MAX_DOCUMENTS_PER_PASSPORT);

		#[block]
		{
			Documents::on_passport_closed(&passport);
		}

		assert_eq!(anchored(passport), 0);
		assert_eq!(
			pallet_documents::Documents::<Runtime>::iter_prefix(passport).count(),
			0
		);
		assert_eq!(DocumentOf::<Runtime>::iter_prefix(passport).count(), 0);
	}

	impl_benchmark_test_suite!(Pallet, crate::benchmarks::chain(), crate::Runtime);
}
