use super::NOT_ACTIVE;
use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

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
		assert_noop!(
			OwnershipTransfer::accept(RuntimeOrigin::signed(DEALER), transfer),
			Error::<Test>::TransferNotFound
		);
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
		for (account, error) in NOT_ACTIVE {
			assert_noop!(
				OwnershipTransfer::cancel(RuntimeOrigin::signed(account), transfer),
				error
			);
		}
		assert_noop!(
			OwnershipTransfer::cancel(RuntimeOrigin::root(), transfer),
			DispatchError::BadOrigin
		);
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
