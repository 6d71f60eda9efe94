use super::refuses_whoever_may_not_act;
use crate::{mock::*, Call, Error, Event, OpenTransferOf};
use frame_support::{assert_noop, assert_ok};

#[test]
fn the_recipient_turns_an_offer_down() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1, 2]);
		assert_ok!(OwnershipTransfer::reject(RuntimeOrigin::signed(DEALER), transfer));
		assert_eq!(
			last_event(),
			Event::TransferRejected {
				transfer,
				from: organisation(MAKER),
				to: organisation(DEALER)
			}
			.into()
		);
		assert_eq!(StoredPassports::owner_of(battery(1)), Some(organisation(MAKER)));
		assert_noop!(accept(DEALER, transfer), Error::<Test>::TransferNotFound);
		// The batteries are free for another offer.
		offered_by(MAKER, FLEET, &[1, 2]);
	});
}

#[test]
fn nobody_but_the_recipient_rejects() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1]);
		for account in [MAKER, FLEET] {
			assert_noop!(
				OwnershipTransfer::reject(RuntimeOrigin::signed(account), transfer),
				Error::<Test>::NotRecipient
			);
		}
		refuses_whoever_may_not_act(Call::reject { transfer });
	});
}

#[test]
fn what_is_not_there_can_not_be_rejected() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			OwnershipTransfer::reject(RuntimeOrigin::signed(DEALER), crate::TransferId(0)),
			Error::<Test>::TransferNotFound
		);
	});
}

#[test]
fn what_was_accepted_before_stays_with_the_recipient() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1, 2]);
		assert_ok!(accept_some(DEALER, transfer, &[1]));
		assert_ok!(OwnershipTransfer::reject(RuntimeOrigin::signed(DEALER), transfer));
		assert_eq!(StoredPassports::owner_of(battery(1)), Some(organisation(DEALER)));
		assert_eq!(StoredPassports::owner_of(battery(2)), Some(organisation(MAKER)));
		assert_eq!(OpenTransferOf::<Test>::iter().count(), 0);
	});
}

#[test]
fn an_expired_offer_can_be_rejected() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1]);
		let_offers_expire();
		assert_ok!(OwnershipTransfer::reject(RuntimeOrigin::signed(DEALER), transfer));
		assert_eq!(OwnershipTransfer::transfer(transfer), None);
	});
}

#[test]
fn a_finished_transfer_can_not_be_rejected() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1]);
		assert_ok!(accept(DEALER, transfer));
		assert_noop!(
			OwnershipTransfer::reject(RuntimeOrigin::signed(DEALER), transfer),
			Error::<Test>::TransferNotFound
		);
	});
}
