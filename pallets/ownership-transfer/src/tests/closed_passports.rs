use crate::{mock::*, Event, OpenTransferOf};
use frame_support::assert_ok;
use passport_primitives::ledger::OnPassportClosed;

#[test]
fn a_passport_in_an_open_offer_can_not_be_closed() {
	ExtBuilder.build_and_execute(|| {
		assert!(OwnershipTransfer::may_close(&battery(1)));
		let transfer = offered(&[1]);
		assert!(!OwnershipTransfer::may_close(&battery(1)));
		assert_ok!(OwnershipTransfer::reject(RuntimeOrigin::signed(DEALER), transfer));
		assert!(OwnershipTransfer::may_close(&battery(1)));
	});
}

#[test]
fn an_offer_that_holds_the_passport_no_longer_does_not_forbid_closing_it() {
	ExtBuilder.build_and_execute(|| {
		offered(&[1]);
		let_offers_expire();
		assert!(OwnershipTransfer::may_close(&battery(1)), "expired");

		offered(&[2]);
		StoredPassports::register(battery(2), RECYCLER);
		assert!(OwnershipTransfer::may_close(&battery(2)), "of a former owner");

		offered(&[3]);
		TableOfMembers::suspend(MAKER);
		assert!(OwnershipTransfer::may_close(&battery(3)), "of a suspended sender");
	});
}

#[test]
fn closing_a_passport_drops_the_offer_that_it_was_in() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1, 2]);
		StoredPassports::register(battery(1), RECYCLER);
		StoredPassports::close(battery(1));
		OwnershipTransfer::on_passport_closed(&battery(1));
		assert_eq!(OwnershipTransfer::transfer(transfer), None);
		assert_eq!(OpenTransferOf::<Test>::get(battery(1)), None);
		assert_eq!(
			last_event(),
			Event::TransferLapsed {
				transfer,
				from: organisation(MAKER),
				to: organisation(DEALER)
			}
			.into()
		);
		// The battery that is left can be offered again.
		offered(&[2]);
	});
}

#[test]
fn closing_a_passport_that_was_never_offered_does_nothing() {
	ExtBuilder.build_and_execute(|| {
		let events = System::event_count();
		OwnershipTransfer::on_passport_closed(&battery(1));
		assert_eq!(System::event_count(), events);
	});
}
