use super::NOT_ACTIVE;
use crate::{mock::*, Error, Event, OpenTransferOf};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn any_member_clears_an_expired_offer() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1, 2]);
		let_offers_expire();
		assert_ok!(OwnershipTransfer::clear_expired(
			RuntimeOrigin::signed(FLEET),
			transfer
		));
		assert_eq!(
			last_event(),
			Event::TransferExpired {
				transfer,
				from: organisation(MAKER),
				to: organisation(DEALER)
			}
			.into()
		);
		assert_eq!(OwnershipTransfer::transfer(transfer), None);
		assert_eq!(OpenTransferOf::<Test>::iter().count(), 0);
	});
}

#[test]
fn any_member_clears_an_offer_that_nobody_can_accept() {
	ExtBuilder.build_and_execute(|| {
		let handed_over = offered(&[1, 2]);
		let superseded = offered(&[3]);
		let gone = offered(&[4]);
		StoredPassports::register(battery(2), RECYCLER);
		StoredPassports::supersede(battery(3));
		StoredPassports::close(battery(4));
		for transfer in [handed_over, superseded, gone] {
			assert_ok!(OwnershipTransfer::clear_expired(
				RuntimeOrigin::signed(FLEET),
				transfer
			));
			assert_eq!(
				last_event(),
				Event::TransferLapsed {
					transfer,
					from: organisation(MAKER),
					to: organisation(DEALER)
				}
				.into()
			);
		}
	});
}

#[test]
fn an_offer_that_can_be_accepted_stays() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1]);
		System::set_block_number(1 + VALID_FOR);
		for account in [MAKER, DEALER, FLEET] {
			assert_noop!(
				OwnershipTransfer::clear_expired(RuntimeOrigin::signed(account), transfer),
				Error::<Test>::StillOpen
			);
		}
	});
}

#[test]
fn the_suspension_of_the_sender_does_not_end_its_offers() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1]);
		TableOfMembers::suspend(MAKER);
		assert_noop!(
			OwnershipTransfer::clear_expired(RuntimeOrigin::signed(FLEET), transfer),
			Error::<Test>::StillOpen
		);
	});
}

#[test]
fn nobody_but_an_active_member_clears() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1]);
		let_offers_expire();
		for (account, error) in NOT_ACTIVE {
			assert_noop!(
				OwnershipTransfer::clear_expired(RuntimeOrigin::signed(account), transfer),
				error
			);
		}
		assert_noop!(
			OwnershipTransfer::clear_expired(RuntimeOrigin::root(), transfer),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn what_is_not_there_can_not_be_cleared() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			OwnershipTransfer::clear_expired(RuntimeOrigin::signed(FLEET), crate::TransferId(0)),
			Error::<Test>::TransferNotFound
		);
	});
}
