//! Each invariant, broken by hand: a check that never fails checks nothing.

use crate::{mock::*, NextTransferId, OpenTransferOf, TransferId, TransferOf, Transfers};
use sp_runtime::DispatchError;

const FIRST: TransferId = TransferId(0);

fn change(change: impl FnOnce(&mut TransferOf<Test>)) {
	Transfers::<Test>::mutate(FIRST, |transfer| change(transfer.as_mut().unwrap()));
}

#[test]
fn every_broken_invariant_is_found() {
	let table: [(&'static str, fn()); 9] = [
		("a transfer has a number that was not given", || {
			NextTransferId::<Test>::put(FIRST);
		}),
		("a transfer is from and to the same organisation", || {
			change(|transfer| transfer.to = transfer.from);
		}),
		("a transfer has no battery", || {
			change(|transfer| transfer.passports = batteries(&[]));
		}),
		("a transfer ends before it began", || {
			change(|transfer| transfer.expires_at = transfer.offered_at);
		}),
		("a battery is twice in a transfer", || {
			change(|transfer| transfer.passports = batteries(&[1, 2, 1]));
		}),
		("a battery of a transfer does not lead to it", || {
			OpenTransferOf::<Test>::remove(battery(2));
		}),
		("a passport leads to a transfer without it", || {
			OpenTransferOf::<Test>::insert(battery(3), FIRST);
		}),
		("a passport leads to a transfer without it", || {
			OpenTransferOf::<Test>::insert(battery(3), TransferId(7));
		}),
		("a closed passport is in a transfer", || {
			StoredPassports::remove(battery(2));
		}),
	];
	for (complaint, break_it) in table {
		ExtBuilder.build_and_break(|| {
			assert_eq!(offered(&[1, 2]), FIRST);
			assert_eq!(OwnershipTransfer::do_try_state(), Ok(()));
			break_it();
			assert_eq!(
				OwnershipTransfer::do_try_state(),
				Err(DispatchError::Other(complaint))
			);
		});
	}
}
