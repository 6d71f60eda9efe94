//! `set_quota`, and what the view function tells.

use super::standing::only_the_council_may;
use crate::{mock::*, Error, Event, GenesisMember, QuotaView, Quotas, Usage};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::organisation::{OrganisationId, Role, Roles};

fn set_quota(quota: Option<u64>) {
	assert_ok!(Organisations::set_quota(
		RuntimeOrigin::root(),
		OrganisationId(1),
		quota
	));
	assert_eq!(
		last_event(),
		Some(Event::QuotaChanged {
			organisation: OrganisationId(1),
			ref_time_per_period: quota
		})
	);
}

fn told(number: u32) -> Option<QuotaView<u64>> {
	Organisations::quota(OrganisationId(number))
}

#[test]
fn only_the_council_sets_a_quota() {
	only_the_council_may(|origin| Organisations::set_quota(origin, OrganisationId(1), Some(1)));
}

#[test]
fn a_quota_is_the_default_unless_the_council_says_otherwise() {
	ExtBuilder::default()
		.member(&[Role::BridgeOperator], 1)
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			let quota = || told(1).map(|told| told.ref_time_per_period);
			assert_eq!(quota(), Some(QUOTA));
			for given in [0, 5, u64::MAX] {
				set_quota(Some(given));
				assert_eq!(quota(), Some(given));
			}
			assert_eq!(told(2).map(|told| told.ref_time_per_period), Some(QUOTA));
			set_quota(None);
			assert_eq!(quota(), Some(QUOTA));
			assert_eq!(Quotas::<Test>::iter().count(), 0);
		});
}

#[test]
fn a_quota_can_be_given_at_genesis() {
	let member = |account, quota| GenesisMember {
		did: "did:web:a.example".into(),
		roles: Roles::of(&[Role::BridgeOperator]).bits(),
		hpke_public_key: HPKE_KEY,
		accounts: vec![account],
		quota,
	};
	ExtBuilder::default()
		.genesis_member(member(500, Some(7)))
		.genesis_member(member(600, None))
		.build_and_execute(|| {
			assert_eq!(told(1).map(|told| told.ref_time_per_period), Some(7));
			assert_eq!(told(2).map(|told| told.ref_time_per_period), Some(QUOTA));
			assert_eq!(Quotas::<Test>::iter().count(), 1);
		});
}

#[test]
fn the_view_function_tells_what_was_used_in_the_current_period_and_when_that_ends() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			Usage::<Test>::insert(
				OrganisationId(1),
				crate::Consumption {
					period: 2,
					ref_time: 40,
				},
			);
			for (block, ref_time_used, period_ends_at) in [
				(19, 0, 2 * PERIOD - 1),
				(20, 40, 3 * PERIOD - 1),
				(29, 40, 3 * PERIOD - 1),
				(30, 0, 4 * PERIOD - 1),
			] {
				System::set_block_number(block);
				assert_eq!(
					told(1),
					Some(QuotaView {
						ref_time_per_period: QUOTA,
						ref_time_used,
						period_ends_at
					}),
					"block {block}"
				);
			}
			assert_eq!(told(2), None);
		});
}

#[test]
fn nobody_has_a_number_that_was_not_given() {
	ExtBuilder::default()
		.member(&[Role::Operator], 1)
		.build_and_execute(|| {
			for number in [0, 2] {
				assert_noop!(
					Organisations::set_quota(RuntimeOrigin::root(), OrganisationId(number), Some(1)),
					Error::<Test>::NotFound
				);
			}
		});
}
