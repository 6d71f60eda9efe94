use super::NOT_ACTIVE;
use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

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
		assert_noop!(
			OwnershipTransfer::accept(RuntimeOrigin::signed(DEALER), transfer),
			Error::<Test>::TransferNotFound
		);
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
		for (account, error) in NOT_ACTIVE {
			assert_noop!(
				OwnershipTransfer::reject(RuntimeOrigin::signed(account), transfer),
				error
			);
		}
		assert_noop!(
			OwnershipTransfer::reject(RuntimeOrigin::root(), transfer),
			DispatchError::BadOrigin
		);
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
