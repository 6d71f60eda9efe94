use super::refuses_whoever_may_not_act;
use crate::{mock::*, Call, Error, Event, OpenTransferOf, TransferId, TransferKind, MAX_DOCUMENTS};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use passport_primitives::battery::DocumentHash;
use sp_runtime::DispatchResult;

/// An offer by `from` with nothing special about it.
fn offer(from: u64, to: u64, numbers: &[u8], valid_for: u64) -> DispatchResult {
	OwnershipTransfer::offer(
		RuntimeOrigin::signed(from),
		organisation(to),
		TransferKind::Sale,
		false,
		batteries(numbers),
		None,
		BoundedVec::default(),
		valid_for,
	)
}

#[test]
fn an_owner_offers_its_batteries() {
	ExtBuilder.build_and_execute(|| {
		let location = Some(DocumentHash([7; 32]));
		let documents: BoundedVec<_, _> = vec![DocumentHash([8; 32]); MAX_DOCUMENTS as usize]
			.try_into()
			.unwrap();
		assert_ok!(OwnershipTransfer::offer(
			RuntimeOrigin::signed(MAKER),
			organisation(DEALER),
			TransferKind::Consignment,
			true,
			batteries(&[1, 2]),
			location,
			documents.clone(),
			5,
		));
		let stored = OwnershipTransfer::transfer(TransferId(0)).unwrap();
		assert_eq!(stored.from, organisation(MAKER));
		assert_eq!(stored.to, organisation(DEALER));
		assert_eq!(stored.kind, TransferKind::Consignment);
		assert!(stored.operation_moves);
		assert_eq!(stored.passports, batteries(&[1, 2]));
		assert_eq!(stored.location, location);
		assert_eq!(stored.documents, documents);
		assert_eq!((stored.offered_at, stored.expires_at), (1, 6));
		assert_eq!(
			OwnershipTransfer::transfer_holding(battery(2)),
			Some(TransferId(0))
		);
		assert_eq!(OwnershipTransfer::transfer_holding(battery(3)), None);
		System::assert_last_event(
			Event::TransferOffered {
				transfer: TransferId(0),
				from: organisation(MAKER),
				to: organisation(DEALER),
				kind: TransferKind::Consignment,
				operation_moves: true,
				passports: batteries(&[1, 2]),
				location,
				documents,
				expires_at: 6,
			}
			.into(),
		);
	});
}

#[test]
fn an_offer_alone_moves_nothing() {
	ExtBuilder.build_and_execute(|| {
		offered(&[1]);
		assert_eq!(StoredPassports::owner_of(battery(1)), Some(organisation(MAKER)));
	});
}

#[test]
fn a_full_load_of_thirty_two_batteries_goes_in_one_offer() {
	ExtBuilder.build_and_execute(|| {
		let load: Vec<u8> = (1..=32).collect();
		assert_eq!(offered(&load), TransferId(0));
		assert_eq!(offered(&[33]), TransferId(1));
	});
}

#[test]
fn only_an_account_of_an_active_member_can_offer() {
	ExtBuilder.build_and_execute(|| {
		refuses_whoever_may_not_act(Call::offer {
			to: organisation(DEALER),
			kind: TransferKind::Sale,
			operation_moves: false,
			passports: batteries(&[1]),
			location: None,
			documents: BoundedVec::default(),
			valid_for_blocks: 5,
		});
	});
}

#[test]
fn the_recipient_must_be_an_active_member() {
	ExtBuilder.build_and_execute(|| {
		for to in [STRANGER, ENDED, SUSPENDED] {
			assert_noop!(offer(MAKER, to, &[1], 5), Error::<Test>::RecipientNotActive);
		}
	});
}

#[test]
fn nobody_offers_to_itself() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(offer(MAKER, MAKER, &[1], 5), Error::<Test>::ToOneself);
	});
}

#[test]
fn an_offer_names_a_battery_at_least_and_each_once() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(offer(MAKER, DEALER, &[], 5), Error::<Test>::NoPassports);
		assert_noop!(
			offer(MAKER, DEALER, &[1, 2, 1], 5),
			Error::<Test>::DuplicatePassport
		);
	});
}

#[test]
fn an_offer_stands_for_one_block_to_the_maximum() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(offer(MAKER, DEALER, &[1], 0), Error::<Test>::ValidityOutOfRange);
		assert_noop!(
			offer(MAKER, DEALER, &[1], MaxOpenBlocks::get() + 1),
			Error::<Test>::ValidityOutOfRange
		);
		assert_ok!(offer(MAKER, DEALER, &[1], 1));
		assert_ok!(offer(MAKER, DEALER, &[2], MaxOpenBlocks::get()));
	});
}

#[test]
fn only_the_owner_of_every_battery_can_offer_them() {
	ExtBuilder.build_and_execute(|| {
		StoredPassports::register(battery(2), FLEET);
		assert_noop!(offer(MAKER, DEALER, &[1, 2], 5), Error::<Test>::NotOwner);
		// Not even the responsible operator, which the maker is for every battery here: ownership is not responsibility.
		assert_noop!(offer(MAKER, DEALER, &[2], 5), Error::<Test>::NotOwner);
		assert_ok!(offer(FLEET, DEALER, &[2], 5));
	});
}

#[test]
fn a_passport_that_never_was_or_was_superseded_is_not_offered() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			offer(MAKER, DEALER, &[1, 200], 5),
			Error::<Test>::PassportNotFound
		);
		StoredPassports::supersede(battery(2));
		assert_noop!(offer(MAKER, DEALER, &[1, 2], 5), Error::<Test>::PassportNotActive);
	});
}

#[test]
fn a_battery_is_in_one_open_offer_at_most() {
	ExtBuilder.build_and_execute(|| {
		offered(&[1, 2]);
		assert_noop!(offer(MAKER, FLEET, &[2, 3], 5), Error::<Test>::AlreadyOffered);
		assert_ok!(offer(MAKER, FLEET, &[3], 5));
	});
}

#[test]
fn a_battery_can_be_offered_anew_when_the_old_offer_has_expired() {
	ExtBuilder.build_and_execute(|| {
		let old = offered(&[1, 2]);
		System::set_block_number(1 + VALID_FOR);
		assert_noop!(offer(MAKER, FLEET, &[1], 5), Error::<Test>::AlreadyOffered);

		System::set_block_number(1 + VALID_FOR + 1);
		let new = offered_by(MAKER, FLEET, &[1]);
		System::assert_has_event(
			Event::PassportTakenOut {
				transfer: old,
				passport: battery(1),
			}
			.into(),
		);
		assert_eq!(
			OwnershipTransfer::transfer(old).unwrap().passports,
			batteries(&[2])
		);
		assert_eq!(OwnershipTransfer::transfer_holding(battery(1)), Some(new));
		// The other one is not held by the expired offer, and with it the old offer ends.
		assert_eq!(OwnershipTransfer::transfer_holding(battery(2)), None);
		let again = offered(&[2]);
		System::assert_has_event(
			Event::TransferExpired {
				transfer: old,
				from: organisation(MAKER),
				to: organisation(DEALER),
			}
			.into(),
		);
		assert_eq!(OwnershipTransfer::transfer(old), None);
		assert_eq!(OwnershipTransfer::transfer_holding(battery(2)), Some(again));
	});
}

#[test]
fn a_full_load_can_be_offered_anew_in_one_go() {
	ExtBuilder.build_and_execute(|| {
		let load: Vec<u8> = (1..=32).collect();
		let old = offered(&load);
		let_offers_expire();
		let new = offered(&load);
		assert_eq!(OwnershipTransfer::transfer(old), None);
		assert_eq!(
			OwnershipTransfer::transfer(new).unwrap().passports,
			batteries(&load)
		);
		assert_eq!(OpenTransferOf::<Test>::iter().count(), 32);
	});
}

#[test]
fn the_new_owner_is_not_kept_from_offering_by_an_offer_of_the_former_one() {
	ExtBuilder.build_and_execute(|| {
		let old = offered(&[1, 2]);
		// Handed over as waste: the owner changes without a transfer.
		StoredPassports::register(battery(1), RECYCLER);
		assert_eq!(OwnershipTransfer::transfer_holding(battery(1)), None);
		let new = offered_by(RECYCLER, FLEET, &[1]);
		System::assert_has_event(
			Event::PassportTakenOut {
				transfer: old,
				passport: battery(1),
			}
			.into(),
		);
		assert_eq!(OwnershipTransfer::transfer_holding(battery(1)), Some(new));
		// The former owner's offer of the other battery stands.
		assert_eq!(OwnershipTransfer::transfer_holding(battery(2)), Some(old));

		StoredPassports::register(battery(2), RECYCLER);
		offered_by(RECYCLER, FLEET, &[2]);
		System::assert_has_event(
			Event::TransferLapsed {
				transfer: old,
				from: organisation(MAKER),
				to: organisation(DEALER),
			}
			.into(),
		);
		assert_eq!(OwnershipTransfer::transfer(old), None);
	});
}

#[test]
fn an_offer_that_fails_takes_nothing_out_of_an_old_one() {
	ExtBuilder.build_and_execute(|| {
		let old = offered(&[1]);
		let_offers_expire();
		StoredPassports::supersede(battery(2));
		assert_noop!(offer(MAKER, FLEET, &[1, 2], 5), Error::<Test>::PassportNotActive);
		assert_eq!(OpenTransferOf::<Test>::get(battery(1)), Some(old));
	});
}

#[test]
fn when_all_numbers_are_given_there_are_no_more_offers() {
	ExtBuilder.build_and_execute(|| {
		crate::NextTransferId::<Test>::put(TransferId(u32::MAX));
		assert_noop!(offer(MAKER, DEALER, &[1], 5), Error::<Test>::NumbersExhausted);
	});
}
