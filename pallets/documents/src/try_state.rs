//! What always holds of the storage.

use crate::{types::MAX_DOCUMENTS_PER_PASSPORT, Config, Counts, DocumentOf, Documents, Pallet};
use frame_support::ensure;
use passport_primitives::{content_address, ledger::Passports, organisation::OrganisationId};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Documents belong to live passports, addresses and documents point at each other, counts agree.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut documents: u64 = 0;
		for (passport, number, document) in Documents::<T>::iter() {
			documents += 1;
			ensure!(
				content_address::check(&document.content_address).is_ok(),
				"a document's content address is none"
			);
			ensure!(
				DocumentOf::<T>::get(passport, &document.content_address) == Some(number),
				"a document's address does not name it"
			);
			ensure!(document.size_bytes > 0, "a document has no bytes");
			// The organisations pallet numbers from 1: 0 is a field that was forgotten.
			ensure!(
				document.uploader != OrganisationId::default(),
				"a document was anchored by nobody"
			);
			// A passport without a count fails here as well: its next number is 0.
			ensure!(
				number < Counts::<T>::get(passport).next,
				"a document has a number to come"
			);
		}
		ensure!(
			DocumentOf::<T>::iter().count() as u64 == documents,
			"an address names a document that is not there"
		);

		for (passport, count) in Counts::<T>::iter() {
			ensure!(
				T::Passports::facts(&passport).is_some(),
				"documents are kept under no live passport"
			);
			ensure!(
				count.anchored <= MAX_DOCUMENTS_PER_PASSPORT,
				"a passport has too many documents"
			);
			ensure!(
				Documents::<T>::iter_prefix(passport).count() as u64 == u64::from(count.anchored),
				"a passport's number of documents is wrong"
			);
		}
		Ok(())
	}
}
