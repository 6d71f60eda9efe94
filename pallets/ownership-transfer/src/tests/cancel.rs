use super::refuses_whoever_may_not_act;
use crate::{mock::*, Call, Error, Event, OpenTransferOf};
use frame_support::{assert_noop, assert_ok};

#[test]
fn the_sender_takes_its_offer_back() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1, 2]);
		assert_ok!(OwnershipTransfer::cancel(RuntimeOrigin::signed(MAKER), transfer));
		assert_eq!(
			last_event(),
			Event::TransferCancelled {
				transfer,
				from: organisation(MAKER),
				to: organisation(DEALER)
			}
			.into()
		);
		assert_noop!(accept(DEALER, transfer), Error::<Test>::TransferNotFound);
		offered_by(MAKER, FLEET, &[1, 2]);
	});
}

#[test]
fn the_sender_frees_the_rest_when_one_battery_has_gone() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1, 2]);
		StoredPassports::register(battery(1), RECYCLER);
		assert_ok!(OwnershipTransfer::cancel(RuntimeOrigin::signed(MAKER), transfer));
		offered_by(MAKER, FLEET, &[2]);
	});
}

#[test]
fn nobody_but_the_sender_cancels() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1]);
		for account in [DEALER, FLEET] {
			assert_noop!(
				OwnershipTransfer::cancel(RuntimeOrigin::signed(account), transfer),
				Error::<Test>::NotSender
			);
		}
		refuses_whoever_may_not_act(Call::cancel { transfer });
	});
}

#[test]
fn what_is_not_there_can_not_be_cancelled() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			OwnershipTransfer::cancel(RuntimeOrigin::signed(MAKER), crate::TransferId(0)),
			Error::<Test>::TransferNotFound
		);
	});
}

#[test]
fn what_was_accepted_before_is_not_taken_back() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1, 2]);
		assert_ok!(accept_some(DEALER, transfer, &[1]));
		assert_ok!(OwnershipTransfer::cancel(RuntimeOrigin::signed(MAKER), transfer));
		assert_eq!(StoredPassports::owner_of(battery(1)), Some(organisation(DEALER)));
		assert_eq!(StoredPassports::owner_of(battery(2)), Some(organisation(MAKER)));
		assert_eq!(OpenTransferOf::<Test>::iter().count(), 0);
	});
}

#[test]
fn an_expired_offer_can_be_cancelled() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1]);
		let_offers_expire();
		assert_ok!(OwnershipTransfer::cancel(RuntimeOrigin::signed(MAKER), transfer));
		assert_eq!(OwnershipTransfer::transfer(transfer), None);
	});
}

#[test]
fn a_finished_transfer_can_not_be_cancelled() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1]);
		assert_ok!(accept(DEALER, transfer));
		assert_noop!(
			OwnershipTransfer::cancel(RuntimeOrigin::signed(MAKER), transfer),
			Error::<Test>::TransferNotFound
		);
	});
}
