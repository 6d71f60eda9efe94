use super::NOT_ACTIVE;
use crate::{mock::*, Error, Event, OpenTransferOf, TransferId, WeightInfo};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn the_recipient_accepts_and_owns_every_battery() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1, 2, 3]);
		assert_ok!(OwnershipTransfer::accept(RuntimeOrigin::signed(DEALER), transfer));
		for number in [1, 2, 3] {
			assert_eq!(
				StoredPassports::owner_of(battery(number)),
				Some(organisation(DEALER))
			);
			assert_eq!(OpenTransferOf::<Test>::get(battery(number)), None);
		}
		assert_eq!(StoredPassports::owner_of(battery(4)), Some(organisation(MAKER)));
		assert_eq!(OwnershipTransfer::transfer(transfer), None);
		assert_eq!(
			last_event(),
			Event::TransferAccepted {
				transfer,
				from: organisation(MAKER),
				to: organisation(DEALER)
			}
			.into()
		);
	});
}

#[test]
fn the_new_owner_can_pass_the_battery_on() {
	ExtBuilder.build_and_execute(|| {
		let first = offered(&[1]);
		assert_ok!(OwnershipTransfer::accept(RuntimeOrigin::signed(DEALER), first));
		let second = offered_by(DEALER, FLEET, &[1]);
		assert_ok!(OwnershipTransfer::accept(RuntimeOrigin::signed(FLEET), second));
		assert_eq!(StoredPassports::owner_of(battery(1)), Some(organisation(FLEET)));
	});
}

#[test]
fn nobody_but_the_recipient_accepts() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1]);
		for account in [MAKER, FLEET] {
			assert_noop!(
				OwnershipTransfer::accept(RuntimeOrigin::signed(account), transfer),
				Error::<Test>::NotRecipient
			);
		}
		for (account, error) in NOT_ACTIVE {
			assert_noop!(
				OwnershipTransfer::accept(RuntimeOrigin::signed(account), transfer),
				error
			);
		}
		assert_noop!(
			OwnershipTransfer::accept(RuntimeOrigin::root(), transfer),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn an_offer_can_be_accepted_up_to_its_last_block() {
	ExtBuilder.build_and_execute(|| {
		let first = offered(&[1]);
		let second = offered(&[2]);
		System::set_block_number(1 + VALID_FOR);
		assert_ok!(OwnershipTransfer::accept(RuntimeOrigin::signed(DEALER), first));
		System::set_block_number(1 + VALID_FOR + 1);
		assert_noop!(
			OwnershipTransfer::accept(RuntimeOrigin::signed(DEALER), second),
			Error::<Test>::OfferExpired
		);
	});
}

#[test]
fn a_transfer_is_accepted_once() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1]);
		assert_ok!(OwnershipTransfer::accept(RuntimeOrigin::signed(DEALER), transfer));
		assert_noop!(
			OwnershipTransfer::accept(RuntimeOrigin::signed(DEALER), transfer),
			Error::<Test>::TransferNotFound
		);
		assert_noop!(
			OwnershipTransfer::accept(RuntimeOrigin::signed(DEALER), TransferId(77)),
			Error::<Test>::TransferNotFound
		);
	});
}

#[test]
fn a_battery_that_left_the_sender_otherwise_stops_the_whole_transfer() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1, 2]);
		StoredPassports::register(battery(2), RECYCLER);
		assert_noop!(
			OwnershipTransfer::accept(RuntimeOrigin::signed(DEALER), transfer),
			Error::<Test>::NotOwner
		);
		assert_eq!(StoredPassports::owner_of(battery(1)), Some(organisation(MAKER)));
	});
}

#[test]
fn when_the_last_battery_can_not_move_none_does() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1, 2, 3]);
		// The double refuses the third only when it is asked to move it, after it has moved two.
		StoredPassports::supersede(battery(3));
		assert_noop!(
			OwnershipTransfer::accept(RuntimeOrigin::signed(DEALER), transfer),
			Error::<Test>::PassportNotActive
		);
		StoredPassports::close(battery(3));
		assert_noop!(
			OwnershipTransfer::accept(RuntimeOrigin::signed(DEALER), transfer),
			Error::<Test>::PassportNotFound
		);
		assert_eq!(StoredPassports::owner_of(battery(1)), Some(organisation(MAKER)));
	});
}

#[test]
fn what_a_suspended_sender_has_offered_waits_for_its_reinstatement() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1]);
		TableOfMembers::suspend(MAKER);
		assert_noop!(
			OwnershipTransfer::accept(RuntimeOrigin::signed(DEALER), transfer),
			Error::<Test>::SenderNotActive
		);
		TableOfMembers::reinstate(MAKER);
		assert_ok!(OwnershipTransfer::accept(RuntimeOrigin::signed(DEALER), transfer));
	});
}

#[test]
fn a_small_transfer_weighs_less_than_a_full_one() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1, 2]);
		let used = OwnershipTransfer::accept(RuntimeOrigin::signed(DEALER), transfer)
			.unwrap()
			.actual_weight;
		assert_eq!(used, Some(<Test as crate::Config>::WeightInfo::accept(2)));
		assert!(
			<Test as crate::Config>::WeightInfo::accept(32).ref_time() > used.unwrap_or_default().ref_time()
		);
	});
}
