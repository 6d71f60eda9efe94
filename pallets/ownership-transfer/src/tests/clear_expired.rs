use super::refuses_whoever_may_not_act;
use crate::{mock::*, Call, Error, Event, OpenTransferOf};
use frame_support::{assert_noop, assert_ok};

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
		let unknown = offered(&[4]);
		for number in [1, 2] {
			StoredPassports::register(battery(number), RECYCLER);
		}
		StoredPassports::supersede(battery(3));
		StoredPassports::remove(battery(4));
		for transfer in [handed_over, superseded, unknown] {
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
fn an_offer_stays_as_long_as_one_of_its_batteries_can_be_had() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1, 2, 3]);
		StoredPassports::register(battery(1), RECYCLER);
		StoredPassports::supersede(battery(2));
		assert_noop!(
			OwnershipTransfer::clear_expired(RuntimeOrigin::signed(FLEET), transfer),
			Error::<Test>::StillOpen
		);
		assert_ok!(accept_some(DEALER, transfer, &[3]));
		assert_ok!(OwnershipTransfer::clear_expired(
			RuntimeOrigin::signed(FLEET),
			transfer
		));
		assert_eq!(OpenTransferOf::<Test>::iter().count(), 0);
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
		refuses_whoever_may_not_act(Call::clear_expired { transfer });
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
