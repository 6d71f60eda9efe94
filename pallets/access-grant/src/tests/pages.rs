use crate::{mock::*, Grant, GrantId, GrantOf, GrantState, Grants, GrantsOf, GrantsTo, GRANTS_PER_PAGE};
use frame_support::assert_ok;
use passport_primitives::{battery::PassportId, ledger::OnPassportClosed};
use std::collections::BTreeSet;

fn numbers(page: Vec<(GrantId, GrantOf<Test>)>) -> Vec<GrantId> {
	page.into_iter().map(|(grant, _)| grant).collect()
}

/// A battery of the maker's, one of many.
fn battery(number: u8) -> PassportId {
	PassportId([100 + number; 32])
}

/// All pages of an organisation's grants.
fn every_page_of(account: u64) -> Vec<Vec<GrantId>> {
	let mut pages = Vec::new();
	let mut after = None;
	loop {
		let page = numbers(AccessGrant::grants_to(organisation(account), after));
		let Some(last) = page.last() else {
			return pages;
		};
		after = Some(*last);
		pages.push(page);
	}
}

#[test]
fn the_grants_of_a_battery_come_in_pages_the_oldest_first() {
	ExtBuilder.build_and_execute(|| {
		let all: Vec<GrantId> = (0..70)
			.map(|_| {
				let grant = requested(BROKER, COMPOSITION);
				assert_ok!(AccessGrant::approve(RuntimeOrigin::signed(MAKER), grant, None));
				grant
			})
			.collect();
		let pages: Vec<_> = (0..4)
			.map(|page| numbers(AccessGrant::grants_of(BATTERY, page)))
			.collect();
		assert_eq!(pages[0], all[..32]);
		assert_eq!(pages[1], all[32..64]);
		assert_eq!(pages[2], all[64..]);
		assert_eq!(pages[3], []);
		assert_eq!(AccessGrant::grants_of(BATTERY, u32::MAX), []);
		assert_eq!(AccessGrant::grants_of(NOWHERE, 0), []);
		assert_eq!(AccessGrant::open_grants_of(BATTERY).len(), 70);
	});
}

#[test]
fn the_grants_of_an_organisation_come_in_pages_each_once() {
	ExtBuilder.build_and_execute(|| {
		let mut all = BTreeSet::new();
		for number in 0..100 {
			StoredPassports::register(battery(number), MAKER);
			all.insert(requested_for(battery(number), BROKER, COMPOSITION));
		}
		requested(SERVICE, COMPOSITION);
		let pages = every_page_of(BROKER);
		assert_eq!(
			pages.iter().map(Vec::len).collect::<Vec<_>>(),
			[GRANTS_PER_PAGE as usize, 32, 32, 4]
		);
		assert_eq!(pages.concat().len(), all.len());
		assert_eq!(pages.concat().into_iter().collect::<BTreeSet<_>>(), all);
		assert_eq!(every_page_of(SERVICE), [[GrantId(100)]]);
		assert_eq!(every_page_of(RECYCLER), Vec::<Vec<GrantId>>::new());
	});
}

#[test]
fn a_grant_that_ends_between_two_pages_moves_no_other() {
	ExtBuilder.build_and_execute(|| {
		for number in 0..100 {
			StoredPassports::register(battery(number), MAKER);
			requested_for(battery(number), BROKER, COMPOSITION);
		}
		let before = every_page_of(BROKER);
		// The first page is gone when the second is asked for, its last entry too.
		for grant in &before[0] {
			let passport = AccessGrant::grant(*grant).unwrap().passport;
			StoredPassports::close(passport);
			AccessGrant::on_passport_closed(&passport);
		}
		let second = AccessGrant::grants_to(organisation(BROKER), before[0].last().copied());
		assert_eq!(numbers(second), before[1]);
	});
}

#[test]
fn a_page_shows_requests_and_grants_as_they_are_stored() {
	ExtBuilder.build_and_execute(|| {
		let grant = approved(BROKER, INDIVIDUAL);
		let [(number, shown)] = AccessGrant::grants_to(organisation(BROKER), None)[..] else {
			panic!("one grant");
		};
		assert_eq!((number, Some(shown)), (grant, Grants::<Test>::get(grant)));
		assert!(matches!(
			shown,
			Grant {
				state: GrantState::Approved { .. },
				..
			}
		));
		assert_eq!(AccessGrant::grants_of(BATTERY, 0), [(grant, shown)]);
		assert_eq!(GrantsOf::<Test>::get(BATTERY).to_vec(), [grant]);
		assert!(GrantsTo::<Test>::contains_key(organisation(BROKER), grant));
	});
}
