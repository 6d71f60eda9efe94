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
fn closing_a_passport_takes_it_out_of_the_offer_that_it_was_in() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1, 2]);
		StoredPassports::register(battery(1), RECYCLER);
		StoredPassports::close(battery(1));
		assert_eq!(OpenTransferOf::<Test>::get(battery(1)), None);
		assert_eq!(
			last_event(),
			Event::PassportTakenOut {
				transfer,
				passport: battery(1)
			}
			.into()
		);
		assert_ok!(accept(DEALER, transfer));
		assert_eq!(StoredPassports::owner_of(battery(2)), Some(organisation(DEALER)));
	});
}

#[test]
fn an_offer_ends_when_the_last_passport_in_it_is_closed() {
	ExtBuilder.build_and_execute(|| {
		let (from, to) = (organisation(MAKER), organisation(DEALER));
		let transfer = offered(&[1]);
		StoredPassports::register(battery(1), RECYCLER);
		StoredPassports::close(battery(1));
		assert_eq!(OwnershipTransfer::transfer(transfer), None);
		assert_eq!(last_event(), Event::TransferLapsed { transfer, from, to }.into());

		let transfer = offered(&[2]);
		let_offers_expire();
		StoredPassports::close(battery(2));
		assert_eq!(OwnershipTransfer::transfer(transfer), None);
		assert_eq!(last_event(), Event::TransferExpired { transfer, from, to }.into());
		assert_eq!(OpenTransferOf::<Test>::iter().count(), 0);
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
