use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::data_set::{Audience, DataSets, Purpose};
use sp_runtime::DispatchError;

#[test]
fn the_table_starts_with_the_purposes_that_each_audience_has() {
	ExtBuilder.build_and_execute(|| {
		for audience in Audience::ALL {
			for purpose in Purpose::ALL {
				assert_eq!(
					AccessGrant::access_for_purpose(audience, purpose),
					purpose.default_access(audience)
				);
			}
		}
	});
}

#[test]
fn the_council_changes_one_cell() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(AccessGrant::set_purpose(
			RuntimeOrigin::root(),
			Audience::LegitimateInterest,
			Purpose::Recycling,
			COMPOSITION
		));
		assert_eq!(
			last_event(),
			Event::PurposeChanged {
				audience: Audience::LegitimateInterest,
				purpose: Purpose::Recycling,
				data_sets: COMPOSITION,
			}
			.into()
		);
		for audience in Audience::ALL {
			for purpose in Purpose::ALL {
				let expected = if (audience, purpose) == (Audience::LegitimateInterest, Purpose::Recycling) {
					COMPOSITION
				} else {
					purpose.default_access(audience)
				};
				assert_eq!(AccessGrant::access_for_purpose(audience, purpose), expected);
			}
		}
	});
}

#[test]
fn an_audience_can_lose_a_purpose() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(AccessGrant::set_purpose(
			RuntimeOrigin::root(),
			Audience::LegitimateInterest,
			Purpose::EnergyServices,
			DataSets::NONE
		));
		// Not the default, which a purpose without an entry has.
		assert_eq!(
			AccessGrant::access_for_purpose(Audience::LegitimateInterest, Purpose::EnergyServices),
			DataSets::NONE
		);
	});
}

#[test]
fn a_purpose_opens_no_more_than_the_audience_may_see() {
	ExtBuilder.build_and_execute(|| {
		let opened = || AccessGrant::access_for_purpose(Audience::Authority, Purpose::Surveillance);
		assert_ok!(AccessGrant::set_purpose(
			RuntimeOrigin::root(),
			Audience::Authority,
			Purpose::Surveillance,
			DataSets::ALL
		));
		assert_eq!(opened(), Audience::Authority.default_access());
		assert_ok!(AccessGrant::set_access(
			RuntimeOrigin::root(),
			Audience::Authority,
			DataSets::ALL
		));
		assert_eq!(opened(), DataSets::ALL);
		assert_ok!(AccessGrant::set_access(
			RuntimeOrigin::root(),
			Audience::Authority,
			MODEL
		));
		assert_eq!(opened(), MODEL);
	});
}

#[test]
fn a_wider_audience_has_wider_purposes_of_its_own_and_of_no_other() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(AccessGrant::set_purpose(
			RuntimeOrigin::root(),
			Audience::LegitimateInterest,
			Purpose::Valuation,
			INDIVIDUAL
		));
		assert_ok!(AccessGrant::set_access(
			RuntimeOrigin::root(),
			Audience::LegitimateInterest,
			DataSets::ALL
		));
		for (purpose, opened) in [
			(Purpose::Maintenance, DataSets::ALL),
			(Purpose::Valuation, INDIVIDUAL),
			(Purpose::Surveillance, DataSets::NONE),
		] {
			assert_eq!(
				AccessGrant::access_for_purpose(Audience::LegitimateInterest, purpose),
				opened,
				"{purpose:?}"
			);
		}
	});
}

#[test]
fn the_public_never_sees_more_than_the_model_for_any_purpose() {
	ExtBuilder.build_and_execute(|| {
		for purpose in Purpose::ALL {
			for data_sets in [COMPOSITION, TEST_REPORTS, INDIVIDUAL, DataSets::ALL] {
				assert_noop!(
					AccessGrant::set_purpose(RuntimeOrigin::root(), Audience::Public, purpose, data_sets),
					Error::<Test>::BeyondPublic
				);
			}
			for data_sets in [DataSets::NONE, MODEL] {
				assert_ok!(AccessGrant::set_purpose(
					RuntimeOrigin::root(),
					Audience::Public,
					purpose,
					data_sets
				));
			}
		}
	});
}

#[test]
fn a_purpose_names_data_sets_that_exist() {
	ExtBuilder.build_and_execute(|| {
		let invalid: DataSets = codec::Decode::decode(&mut &[0b1_0001u8][..]).unwrap();
		assert_noop!(
			AccessGrant::set_purpose(
				RuntimeOrigin::root(),
				Audience::Authority,
				Purpose::Surveillance,
				invalid
			),
			Error::<Test>::InvalidDataSets
		);
	});
}

#[test]
fn nobody_but_the_council_changes_a_purpose() {
	ExtBuilder.build_and_execute(|| {
		for account in [MAKER, AUTHORITY, STRANGER] {
			assert_noop!(
				AccessGrant::set_purpose(
					RuntimeOrigin::signed(account),
					Audience::Authority,
					Purpose::Surveillance,
					DataSets::ALL
				),
				DispatchError::BadOrigin
			);
		}
	});
}
