//! Documents: anchored and withdrawn.

use super::{account_for_operator, by, passport_that, probe, Step};
use crate::{
	choices::Choices,
	members::{account_of, account_with},
};
use frame_support::BoundedVec;
use pallet_documents::{DocumentKind, Documents, ANCHORING_ROLES};
use passport_primitives::{
	battery::PassportId, content_address::of_sha256, data_set::DataSet, ledger::DelegatedRight,
};
use passport_runtime::Runtime;

type Call = pallet_documents::Call<Runtime>;

pub(super) fn step(choices: &mut Choices<'_>) -> Option<Step> {
	if choices.below(3) == 2 {
		withdraw(choices)
	} else {
		anchor(choices)
	}
}

fn anchor(choices: &mut Choices<'_>) -> Option<Step> {
	let (passport, record) = passport_that(choices, |_, _| true)?;
	let account = match choices.below(4) {
		0 => account_of(choices, record.owner)?,
		1 => account_with(choices, ANCHORING_ROLES)?,
		_ => {
			let right = DelegatedRight::AnchorDocuments;
			account_for_operator(choices, passport, record.responsible_operator, right)?
		}
	};
	let content_address = if choices.rarely() {
		vec![choices.byte(); 36]
	} else {
		of_sha256(&[choices.byte(); 32])
	};
	by(
		account,
		Call::anchor {
			passport,
			content_address: BoundedVec::truncate_from(content_address),
			kind: choices.one_of(&DocumentKind::ALL)?,
			data_set: choices.one_of(&DataSet::ALL)?,
			size_bytes: choices.below(8).into(),
		},
	)
}

fn withdraw(choices: &mut Choices<'_>) -> Option<Step> {
	let start = Documents::<Runtime>::hashed_key_for(PassportId([choices.byte(); 32]), 0u32);
	let (passport, document, record) = probe(
		Documents::<Runtime>::iter_from(start).chain(Documents::<Runtime>::iter()),
		|_| true,
	)?;
	let account = account_of(choices, record.uploader)?;
	let document = if choices.rarely() { document + 1 } else { document };
	by(account, Call::withdraw { passport, document })
}
