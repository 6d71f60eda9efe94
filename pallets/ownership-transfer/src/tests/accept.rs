use super::refuses_whoever_may_not_act;
use crate::{mock::*, Call, Error, Event, OpenTransferOf, TransferId, TransferKind, WeightInfo};
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo};

/// The event of an acceptance by the dealer of what the maker has offered, with operation left where it is.
fn accepted(transfer: TransferId, numbers: &[u8], remaining: u32) -> RuntimeEvent {
	Event::TransferAccepted {
		transfer,
		from: organisation(MAKER),
		to: organisation(DEALER),
		passports: batteries(numbers),
		operation_moved: false,
		remaining,
	}
	.into()
}

#[test]
fn the_recipient_accepts_and_owns_every_battery() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1, 2, 3]);
		assert_ok!(accept(DEALER, transfer));
		for number in [1, 2, 3] {
			assert_eq!(
				StoredPassports::owner_of(battery(number)),
				Some(organisation(DEALER))
			);
			assert_eq!(OpenTransferOf::<Test>::get(battery(number)), None);
		}
		assert_eq!(StoredPassports::owner_of(battery(4)), Some(organisation(MAKER)));
		assert_eq!(OwnershipTransfer::transfer(transfer), None);
		assert_eq!(last_event(), accepted(transfer, &[1, 2, 3], 0));
	});
}

#[test]
fn every_kind_of_transfer_moves_the_owner() {
	ExtBuilder.build_and_execute(|| {
		for (kind, number) in TransferKind::ALL.into_iter().zip(BATTERIES) {
			let transfer = offered_as(MAKER, DEALER, &[number], kind, false);
			assert_ok!(accept(DEALER, transfer));
			assert_eq!(
				StoredPassports::owner_of(battery(number)),
				Some(organisation(DEALER)),
				"{kind:?}"
			);
		}
	});
}

#[test]
fn the_new_owner_can_pass_the_battery_on() {
	ExtBuilder.build_and_execute(|| {
		let first = offered(&[1]);
		assert_ok!(accept(DEALER, first));
		let second = offered_by(DEALER, FLEET, &[1]);
		assert_ok!(accept(FLEET, second));
		assert_eq!(StoredPassports::owner_of(battery(1)), Some(organisation(FLEET)));
	});
}

#[test]
fn the_recipient_takes_some_of_the_batteries_and_the_offer_goes_on_for_the_rest() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1, 2, 3, 4]);
		assert_ok!(accept_some(DEALER, transfer, &[4, 2]));
		assert_eq!(last_event(), accepted(transfer, &[4, 2], 2));
		for (number, owner) in [(1, MAKER), (2, DEALER), (3, MAKER), (4, DEALER)] {
			assert_eq!(
				StoredPassports::owner_of(battery(number)),
				Some(organisation(owner)),
				"{number}"
			);
		}
		assert_eq!(
			OwnershipTransfer::transfer(transfer).unwrap().passports,
			batteries(&[1, 3])
		);
		assert_eq!(OpenTransferOf::<Test>::get(battery(2)), None);
		assert_eq!(
			OwnershipTransfer::transfer_holding(battery(3)),
			Some(transfer),
			"what is left is held"
		);
		// What was taken is free at once.
		offered_by(DEALER, FLEET, &[2]);

		assert_ok!(accept_some(DEALER, transfer, &[3]));
		assert_eq!(last_event(), accepted(transfer, &[3], 1));
		// Without a list the recipient takes what is left, and not what it took before.
		assert_ok!(accept(DEALER, transfer));
		assert_eq!(last_event(), accepted(transfer, &[1], 0));
		assert_eq!(OwnershipTransfer::transfer(transfer), None);
	});
}

#[test]
fn a_list_of_every_battery_finishes_the_transfer() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1, 2]);
		assert_ok!(accept_some(DEALER, transfer, &[2, 1]));
		assert_eq!(last_event(), accepted(transfer, &[2, 1], 0));
		assert_eq!(OwnershipTransfer::transfer(transfer), None);
		assert_eq!(OpenTransferOf::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_list_names_a_battery_at_least_and_each_once() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1, 2]);
		assert_noop!(accept_some(DEALER, transfer, &[]), Error::<Test>::NoPassports);
		assert_noop!(
			accept_some(DEALER, transfer, &[1, 1]),
			Error::<Test>::DuplicatePassport
		);
	});
}

#[test]
fn what_is_not_in_the_offer_can_not_be_accepted_with_it() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1, 2]);
		let another = offered(&[3]);
		// Never offered, unknown, in another offer to the same recipient.
		for number in [4, 200, 3] {
			assert_noop!(
				accept_some(DEALER, transfer, &[1, number]),
				Error::<Test>::PassportNotOffered
			);
		}
		assert_ok!(accept_some(DEALER, transfer, &[1]));
		assert_noop!(
			accept_some(DEALER, transfer, &[1]),
			Error::<Test>::PassportNotOffered
		);
		assert_eq!(OwnershipTransfer::transfer_holding(battery(3)), Some(another));
	});
}

#[test]
fn operation_moves_only_where_both_say_so() {
	ExtBuilder.build_and_execute(|| {
		let table = [
			(1, false, false, MAKER),
			(2, false, true, MAKER),
			(3, true, false, MAKER),
			(4, true, true, DEALER),
		];
		for (number, operation_moves, take_operation, operator) in table {
			let transfer = offered_as(MAKER, DEALER, &[number], TransferKind::Lease, operation_moves);
			assert_eq!(
				StoredPassports::operator_of(battery(number)),
				Some(organisation(MAKER)),
				"an offer alone moves nothing"
			);
			assert_ok!(OwnershipTransfer::accept(
				RuntimeOrigin::signed(DEALER),
				transfer,
				None,
				take_operation
			));
			assert_eq!(
				StoredPassports::owner_of(battery(number)),
				Some(organisation(DEALER))
			);
			assert_eq!(
				StoredPassports::operator_of(battery(number)),
				Some(organisation(operator)),
				"battery {number}"
			);
			assert_eq!(
				last_event(),
				Event::TransferAccepted {
					transfer,
					from: organisation(MAKER),
					to: organisation(DEALER),
					passports: batteries(&[number]),
					operation_moved: operator == DEALER,
					remaining: 0,
				}
				.into()
			);
		}
	});
}

#[test]
fn operation_can_move_with_some_batteries_of_an_offer_and_stay_for_others() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered_as(MAKER, DEALER, &[1, 2], TransferKind::Loan, true);
		assert_ok!(OwnershipTransfer::accept(
			RuntimeOrigin::signed(DEALER),
			transfer,
			Some(batteries(&[1])),
			true
		));
		assert_ok!(accept(DEALER, transfer));
		assert_eq!(
			StoredPassports::operator_of(battery(1)),
			Some(organisation(DEALER))
		);
		assert_eq!(
			StoredPassports::operator_of(battery(2)),
			Some(organisation(MAKER))
		);
	});
}

#[test]
fn a_leased_battery_is_returned_with_its_operation() {
	ExtBuilder.build_and_execute(|| {
		for (from, to, kind) in [
			(MAKER, FLEET, TransferKind::Lease),
			(FLEET, MAKER, TransferKind::Return),
		] {
			let transfer = offered_as(from, to, &[1], kind, true);
			assert_ok!(OwnershipTransfer::accept(
				RuntimeOrigin::signed(to),
				transfer,
				None,
				true
			));
			assert_eq!(StoredPassports::owner_of(battery(1)), Some(organisation(to)));
			assert_eq!(StoredPassports::operator_of(battery(1)), Some(organisation(to)));
		}
	});
}

#[test]
fn nobody_but_the_recipient_accepts() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1]);
		for account in [MAKER, FLEET] {
			assert_noop!(accept(account, transfer), Error::<Test>::NotRecipient);
			assert_noop!(accept_some(account, transfer, &[1]), Error::<Test>::NotRecipient);
		}
		refuses_whoever_may_not_act(Call::accept {
			transfer,
			passports: None,
			take_operation: false,
		});
	});
}

#[test]
fn an_offer_can_be_accepted_up_to_its_last_block() {
	ExtBuilder.build_and_execute(|| {
		let first = offered(&[1]);
		let second = offered(&[2, 3]);
		System::set_block_number(1 + VALID_FOR);
		assert_ok!(accept(DEALER, first));
		assert_ok!(accept_some(DEALER, second, &[2]));
		System::set_block_number(1 + VALID_FOR + 1);
		// An acceptance of some does not prolong the offer of the rest.
		assert_noop!(accept(DEALER, second), Error::<Test>::OfferExpired);
		assert_noop!(accept_some(DEALER, second, &[3]), Error::<Test>::OfferExpired);
	});
}

#[test]
fn a_transfer_is_accepted_once() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1]);
		assert_ok!(accept(DEALER, transfer));
		for number in [transfer, TransferId(77)] {
			assert_noop!(accept(DEALER, number), Error::<Test>::TransferNotFound);
			assert_noop!(accept_some(DEALER, number, &[1]), Error::<Test>::TransferNotFound);
		}
	});
}

#[test]
fn a_battery_that_left_the_sender_otherwise_stops_the_acceptance_of_all_and_not_of_others() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1, 2]);
		StoredPassports::register(battery(2), RECYCLER);
		assert_noop!(accept(DEALER, transfer), Error::<Test>::NotOwner);
		assert_noop!(accept_some(DEALER, transfer, &[2]), Error::<Test>::NotOwner);
		assert_ok!(accept_some(DEALER, transfer, &[1]));
		assert_eq!(StoredPassports::owner_of(battery(1)), Some(organisation(DEALER)));
		assert_eq!(
			StoredPassports::owner_of(battery(2)),
			Some(organisation(RECYCLER))
		);
	});
}

#[test]
fn when_the_last_battery_can_not_move_none_does() {
	ExtBuilder.build_and_execute(|| {
		// The double refuses the last one only when it is asked to move it, after it has moved the others.
		let transfer = offered(&[1, 2, 3]);
		StoredPassports::supersede(battery(3));
		assert_noop!(accept(DEALER, transfer), Error::<Test>::PassportNotActive);
		assert_noop!(
			accept_some(DEALER, transfer, &[1, 3]),
			Error::<Test>::PassportNotActive
		);
		StoredPassports::remove(battery(3));
		assert_noop!(accept(DEALER, transfer), Error::<Test>::PassportNotFound);
		StoredPassports::close(battery(3));

		StoredPassports::fill_history(battery(2));
		assert_noop!(accept(DEALER, transfer), Error::<Test>::HistoryFull);
		assert_eq!(StoredPassports::owner_of(battery(1)), Some(organisation(MAKER)));
		assert_ok!(accept_some(DEALER, transfer, &[1]));
	});
}

#[test]
fn what_a_suspended_sender_has_offered_waits_for_its_reinstatement() {
	ExtBuilder.build_and_execute(|| {
		let transfer = offered(&[1]);
		TableOfMembers::suspend(MAKER);
		assert_noop!(accept(DEALER, transfer), Error::<Test>::SenderNotActive);
		TableOfMembers::reinstate(MAKER);
		assert_ok!(accept(DEALER, transfer));
	});
}

#[test]
fn an_acceptance_weighs_as_much_as_it_moves() {
	ExtBuilder.build_and_execute(|| {
		let weight = <Test as crate::Config>::WeightInfo::accept;
		let transfer = offered(&[1, 2, 3, 4, 5]);
		let used = accept_some(DEALER, transfer, &[1, 2]).unwrap().actual_weight;
		assert_eq!(used, Some(weight(2)));
		let used = accept(DEALER, transfer).unwrap().actual_weight;
		assert_eq!(used, Some(weight(3)));
		assert!(weight(32).ref_time() > weight(3).ref_time());
	});
}

#[test]
fn an_acceptance_is_charged_for_its_list_and_without_one_for_a_full_load() {
	let weight = <Test as crate::Config>::WeightInfo::accept;
	for (passports, expected) in [(None, 32), (Some(batteries(&[1, 2])), 2)] {
		let call = Call::<Test>::accept {
			transfer: TransferId(0),
			passports,
			take_operation: false,
		};
		assert_eq!(call.get_dispatch_info().call_weight, weight(expected));
	}
}
