use super::*;
use crate::history::KEPT_FROM_HAND;

const SOME_RIGHTS: DelegatedRights =
	DelegatedRights::of(&[DelegatedRight::UpdateCommitments, DelegatedRight::ManageDevices]);

fn delegate(account: AccountId, passport: PassportId, to: AccountId, expires_at: u64) -> DispatchResult {
	Passport::delegate(
		signed(account),
		passport,
		organisation(to),
		SOME_RIGHTS,
		expires_at,
		AUTHORISATION,
	)
}

#[test]
fn the_operator_authorises_another_organisation() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(delegate(MAKER, passport, WORKSHOP, 50));

		let workshop = organisation(WORKSHOP);
		assert_eq!(
			Delegations::<Test>::get(passport).as_slice(),
			[Delegation {
				delegate: workshop,
				rights: SOME_RIGHTS,
				expires_at: 50,
				authorisation: AUTHORISATION,
				given_by: organisation(MAKER),
			}]
		);
		assert_eq!(
			last_entries(passport),
			[(HistoryKind::Delegated, workshop, Some(AUTHORISATION))]
		);
		assert_eq!(
			events().last(),
			Some(&Event::Delegated {
				passport,
				delegate: workshop,
				rights: SOME_RIGHTS,
				expires_at: 50,
				authorisation: AUTHORISATION,
			})
		);
	});
}

#[test]
fn a_new_authorisation_replaces_the_earlier_one() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_ok!(delegate(MAKER, passport, WORKSHOP, 50));
		assert_ok!(delegate(MAKER, passport, CARRIER, 60));
		assert_ok!(Passport::delegate(
			signed(MAKER),
			passport,
			organisation(WORKSHOP),
			DelegatedRights::of(&[DelegatedRight::RecordEvents]),
			70,
			EVIDENCE,
		));
		let stored = Delegations::<Test>::get(passport);
		assert_eq!(stored.len(), 2);
		let replaced = stored
			.iter()
			.find(|delegation| delegation.delegate == organisation(WORKSHOP));
		assert_eq!(
			replaced,
			Some(&Delegation {
				delegate: organisation(WORKSHOP),
				rights: DelegatedRights::of(&[DelegatedRight::RecordEvents]),
				expires_at: 70,
				authorisation: EVIDENCE,
				given_by: organisation(MAKER),
			})
		);
	});
}

#[test]
fn accounts_that_may_not_act_delegate_nothing() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		refuses_whoever_may_not_act(|origin| {
			let to = organisation(WORKSHOP);
			Passport::delegate(origin, passport, to, SOME_RIGHTS, 50, AUTHORISATION)
		});
	});
}

#[test]
fn only_the_responsible_operator_delegates() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		sell(passport, FLEET);
		// A delegate does not pass its rights on.
		assert_ok!(delegate(MAKER, passport, CARRIER, 50));
		for member in members_except(&[MAKER]) {
			assert_noop!(
				delegate(member, passport, WORKSHOP, 50),
				PassportError::NotAuthorized
			);
		}
	});
}

#[test]
fn a_passport_that_is_not_there_is_not_found() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(delegate(MAKER, key(1), WORKSHOP, 50), PassportError::NotFound);
	});
}

#[test]
fn who_answers_for_a_superseded_passport_may_delegate() {
	ExtBuilder::build_and_execute(|| {
		let (original, _) = superseded(1, 2);
		assert_ok!(delegate(MAKER, original, WORKSHOP, 50));
	});
}

#[test]
fn nobody_authorises_itself() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		assert_noop!(delegate(MAKER, passport, MAKER, 50), PassportError::ToOneself);
	});
}

#[test]
fn a_delegation_is_of_rights_that_there_are() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		let with = |bits: u8| {
			let rights = Decode::decode(&mut &[bits][..]).unwrap();
			let to = organisation(WORKSHOP);
			Passport::delegate(signed(MAKER), passport, to, rights, 50, AUTHORISATION)
		};
		for wrong in [0, 1 << 5, 0b1000_0001] {
			assert_noop!(with(wrong), PassportError::InvalidRights);
		}
		assert_ok!(with(DelegatedRights::ALL.bits()));
	});
}

#[test]
fn a_delegation_lasts_one_block_at_least_and_as_long_as_the_chain_allows() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		System::set_block_number(10);
		let last = 10 + MaxDelegationBlocks::get();
		for wrong in [0, 10, last + 1, u64::MAX] {
			assert_noop!(
				delegate(MAKER, passport, WORKSHOP, wrong),
				PassportError::ExpiryOutOfRange
			);
		}
		assert_ok!(delegate(MAKER, passport, WORKSHOP, 11));
		assert_ok!(delegate(MAKER, passport, WORKSHOP, last));
	});
}

#[test]
fn a_delegate_may_act_itself() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		for nobody in [STRANGER, SUSPENDED, ENDED] {
			assert_noop!(
				delegate(MAKER, passport, nobody, 50),
				PassportError::RecipientNotActive
			);
		}
	});
}

#[test]
fn a_passport_has_at_most_eight_delegates_in_force() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		let delegates = members_except(&[MAKER, AUTHORITY, OTHER_MAKER]);
		assert_eq!(delegates.len(), 8);
		for (index, to) in (0..).zip(&delegates) {
			assert_ok!(delegate(MAKER, passport, *to, 50 + index));
		}
		assert_noop!(
			delegate(MAKER, passport, AUTHORITY, 90),
			PassportError::TooManyDelegates
		);
		// One of the eight again is no ninth.
		assert_ok!(delegate(MAKER, passport, delegates[7], 90));
		System::set_block_number(50);
		assert_noop!(
			delegate(MAKER, passport, AUTHORITY, 90),
			PassportError::TooManyDelegates
		);
		// The first has expired.
		System::set_block_number(51);
		assert_ok!(delegate(MAKER, passport, AUTHORITY, 90));
		assert_eq!(Delegations::<Test>::get(passport).len(), 8);
	});
}

#[test]
fn a_full_history_takes_no_delegation() {
	ExtBuilder::build_and_execute(|| {
		let passport = registered(1);
		fill_history(passport, KEPT_FROM_HAND + 1);
		assert_ok!(delegate(MAKER, passport, WORKSHOP, 50));
		assert_noop!(
			delegate(MAKER, passport, WORKSHOP, 60),
			PassportError::HistoryFull
		);
	});
}
