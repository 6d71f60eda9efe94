//! One file for each call, and one for each of the rest.

// The pallet, not the storage of the same name.
use crate::mock::Documents;
use crate::{mock::*, *};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::DispatchResult,
	traits::{GetCallIndex, GetCallName},
};
use sp_runtime::traits::BadOrigin;

mod anchor;
mod passport_closed;
mod try_state;
mod view_functions;
mod withdraw;

type DocumentsError = Error<Test>;

fn signed(account: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(account)
}

fn address(seed: u8) -> ContentAddress {
	content_address::of_sha256(&[seed; 32]).try_into().unwrap()
}

fn anchor(account: AccountId, passport: PassportId, seed: u8) -> DispatchResult {
	Documents::anchor(
		signed(account),
		passport,
		address(seed),
		DocumentKind::TestReport,
		DataSet::TestReports,
		1_000,
	)
}

fn withdraw(account: AccountId, passport: PassportId, document: DocumentNumber) -> DispatchResult {
	Documents::withdraw(signed(account), passport, document)
}

fn last_event() -> Event<Test> {
	System::read_events_for_pallet().pop().unwrap()
}

/// Every call is refused to accounts that act for nobody or for an organisation that may not act.
fn refuses_whoever_may_not_act(call: impl Fn(RuntimeOrigin) -> DispatchResult) {
	assert_noop!(call(signed(STRANGER)), DocumentsError::NotAMember);
	assert_noop!(call(signed(ENDED)), DocumentsError::MembershipEnded);
	assert_noop!(call(signed(SUSPENDED)), DocumentsError::Suspended);
	assert_noop!(call(RuntimeOrigin::root()), BadOrigin);
	assert_noop!(call(RuntimeOrigin::none()), BadOrigin);
}

#[test]
fn calls_keep_their_indices() {
	let calls: Vec<_> = Call::<Test>::get_call_indices()
		.iter()
		.zip(Call::<Test>::get_call_names())
		.collect();
	assert_eq!(calls, [(&0, &"anchor"), (&1, &"withdraw")]);
}

#[test]
fn each_kind_has_a_name_of_its_own() {
	for (index, kind) in DocumentKind::ALL.into_iter().enumerate() {
		assert_eq!(kind as usize, index);
		assert_eq!(
			DocumentKind::ALL
				.iter()
				.filter(|other| other.name() == kind.name())
				.count(),
			1
		);
		// The name is the variant's, with a small first letter.
		let variant = format!("{kind:?}");
		assert_eq!(kind.name(), variant[..1].to_lowercase() + &variant[1..]);
	}
}
