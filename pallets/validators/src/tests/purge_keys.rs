use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn an_account_that_is_no_validator_purges_its_keys_and_is_free() {
	ExtBuilder::default().build_and_execute(|| {
		set_keys(6);
		assert!(!System::can_dec_provider(&6));
		assert_ok!(Validators::purge_keys(RuntimeOrigin::signed(6), 6));
		assert_eq!(last_event(), Event::KeysPurged { account: 6 }.into());
		assert_eq!(Session::load_keys(&6), None);
		assert!(System::can_dec_provider(&6));
	});
}

#[test]
fn the_council_purges_the_keys_of_an_account_that_it_wants_to_remove() {
	ExtBuilder::default().build_and_execute(|| {
		set_keys(SUSPENDED);
		assert_ok!(Validators::purge_keys(RuntimeOrigin::root(), SUSPENDED));
		assert!(System::can_dec_provider(&SUSPENDED));
	});
}

#[test]
fn nobody_else_purges_them() {
	ExtBuilder::default().build_and_execute(|| {
		set_keys(6);
		for origin in [
			RuntimeOrigin::signed(1),
			RuntimeOrigin::signed(second_account_of(6)),
			RuntimeOrigin::signed(STRANGER),
			RuntimeOrigin::none(),
		] {
			assert_noop!(Validators::purge_keys(origin, 6), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn a_validators_keys_are_not_purged() {
	ExtBuilder::default().build_and_execute(|| {
		for origin in [RuntimeOrigin::signed(2), RuntimeOrigin::root()] {
			assert_noop!(Validators::purge_keys(origin, 2), Error::<Test>::AlreadyValidator);
		}
	});
}

#[test]
fn where_there_are_no_keys_none_are_purged() {
	ExtBuilder::default().build_and_execute(|| {
		for origin in [RuntimeOrigin::signed(6), RuntimeOrigin::root()] {
			assert_noop!(Validators::purge_keys(origin, 6), Error::<Test>::KeysNotSet);
		}
	});
}
