use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::data_set::{Audience, DataSets};
use sp_runtime::DispatchError;

#[test]
fn the_table_starts_as_annex_xiii_has_it() {
	ExtBuilder.build_and_execute(|| {
		for audience in Audience::ALL {
			assert_eq!(AccessGrant::access_of(audience), audience.default_access());
		}
	});
}

#[test]
fn the_council_changes_one_cell() {
	ExtBuilder.build_and_execute(|| {
		let data_sets = DataSets::ALL;
		assert_ok!(AccessGrant::set_access(
			RuntimeOrigin::root(),
			Audience::Authority,
			data_sets
		));
		assert_eq!(AccessGrant::access_of(Audience::Authority), data_sets);
		assert_eq!(
			AccessGrant::access_of(Audience::LegitimateInterest),
			Audience::LegitimateInterest.default_access()
		);
		assert_eq!(
			last_event(),
			Event::AccessChanged {
				audience: Audience::Authority,
				data_sets
			}
			.into()
		);
	});
}

#[test]
fn an_audience_can_be_shut_out() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(AccessGrant::set_access(
			RuntimeOrigin::root(),
			Audience::LegitimateInterest,
			DataSets::NONE
		));
		// Not the default, which an audience without an entry has.
		assert_eq!(
			AccessGrant::access_of(Audience::LegitimateInterest),
			DataSets::NONE
		);
	});
}

#[test]
fn the_public_never_sees_more_than_the_model() {
	ExtBuilder.build_and_execute(|| {
		for data_sets in [
			COMPOSITION,
			TEST_REPORTS,
			INDIVIDUAL,
			MODEL.union(INDIVIDUAL),
			DataSets::ALL,
		] {
			assert_noop!(
				AccessGrant::set_access(RuntimeOrigin::root(), Audience::Public, data_sets),
				Error::<Test>::BeyondPublic
			);
		}
		assert_ok!(AccessGrant::set_access(
			RuntimeOrigin::root(),
			Audience::Public,
			MODEL
		));
	});
}

#[test]
fn the_table_names_data_sets_that_exist() {
	ExtBuilder.build_and_execute(|| {
		let invalid: DataSets = codec::Decode::decode(&mut &[0b1_0001u8][..]).unwrap();
		assert_noop!(
			AccessGrant::set_access(RuntimeOrigin::root(), Audience::Authority, invalid),
			Error::<Test>::InvalidDataSets
		);
	});
}

#[test]
fn nobody_but_the_council_changes_the_table() {
	ExtBuilder.build_and_execute(|| {
		for account in [MAKER, AUTHORITY, STRANGER] {
			assert_noop!(
				AccessGrant::set_access(RuntimeOrigin::signed(account), Audience::Authority, DataSets::ALL),
				DispatchError::BadOrigin
			);
		}
	});
}
