//! `authorize_upgrade`.

use super::standing::only_the_council_may;
use crate::mock::*;
use frame_support::{assert_noop, assert_ok};
use passport_primitives::organisation::Role;
use sp_core::H256;
use sp_runtime::traits::{BlakeTwo256, Hash};

fn authorised() -> Option<H256> {
	System::authorized_upgrade().map(|upgrade| *upgrade.code_hash())
}

#[test]
fn only_the_council_authorises_an_upgrade() {
	only_the_council_may(|origin| Organisations::authorize_upgrade(origin, H256([1; 32])));
}

#[test]
fn the_last_hash_that_the_council_authorised_counts_with_a_check_of_the_version() {
	ExtBuilder::default().build_and_execute(|| {
		for hash in [H256([1; 32]), H256([2; 32])] {
			assert_ok!(Organisations::authorize_upgrade(RuntimeOrigin::root(), hash));
			System::assert_last_event(RuntimeEvent::System(frame_system::Event::UpgradeAuthorized {
				code_hash: hash,
				check_version: true,
			}));
			assert_eq!(authorised(), Some(hash));
		}
	});
}

#[test]
fn no_code_is_applied_but_the_authorised() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			let apply = || {
				System::apply_authorized_upgrade(RuntimeOrigin::signed(account(1, 0)), b"other code".to_vec())
			};
			assert_noop!(apply(), frame_system::Error::<Test>::NothingAuthorized);
			assert_ok!(Organisations::authorize_upgrade(
				RuntimeOrigin::root(),
				BlakeTwo256::hash(b"the code")
			));
			assert_noop!(apply(), frame_system::Error::<Test>::Unauthorized);
		});
}
