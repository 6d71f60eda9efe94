//! Each invariant, broken by hand: a check that never fails checks nothing.

use super::*;
use sp_runtime::DispatchError;

fn change(change: impl FnOnce(&mut RecordOf<Test>)) {
	crate::Documents::<Test>::mutate(FIRST, 0, |document| change(document.as_mut().unwrap()));
}

#[test]
fn every_broken_invariant_is_found() {
	let table: [(&'static str, fn()); 11] = [
		("a document's content address is none", || {
			change(|document| document.content_address = vec![1].try_into().unwrap());
		}),
		("a document's address does not name it", || {
			DocumentOf::<Test>::insert(FIRST, address(1), 5);
		}),
		("a document has no bytes", || {
			change(|document| document.size_bytes = 0);
		}),
		("a document was anchored by nobody", || {
			change(|document| document.uploader = OrganisationId(0));
		}),
		("a document has a number to come", || {
			Counts::<Test>::insert(FIRST, Count { next: 0, anchored: 1 });
		}),
		("an address names a document that is not there", || {
			DocumentOf::<Test>::insert(FIRST, address(2), 0);
		}),
		("documents are kept under no live passport", || {
			Counts::<Test>::insert(NONE, Count { next: 1, anchored: 0 });
		}),
		("documents are kept under no live passport", || {
			Closed::set(vec![FIRST]);
		}),
		("a passport has too many documents", || {
			Counts::<Test>::insert(
				FIRST,
				Count {
					next: 70,
					anchored: 65,
				},
			);
		}),
		("a passport's number of documents is wrong", || {
			Counts::<Test>::insert(FIRST, Count { next: 2, anchored: 2 });
		}),
		("a document has a number to come", || {
			Counts::<Test>::remove(FIRST);
		}),
	];
	for (complaint, break_it) in table {
		ExtBuilder::build_and_break(|| {
			assert_ok!(anchor(MAKER, FIRST, 1));
			assert_eq!(Documents::do_try_state(), Ok(()));
			break_it();
			assert_eq!(Documents::do_try_state(), Err(DispatchError::Other(complaint)));
		});
	}
}
