//! `allow_anchoring`.

use super::anchoring::{anchor, anchored, batch_of, dispute_signature, leaf, leaves, publish, STREAM};
use crate::{mock::*, AnchoringSuspended, Error, Event};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::telemetry::anchor::Offence;
use sp_runtime::DispatchError;

fn allow(account: u64) -> sp_runtime::DispatchResult {
	Telemetry::allow_anchoring(RuntimeOrigin::root(), organisation(account))
}

#[test]
fn the_council_lets_a_convicted_bridge_anchor_again_and_the_anchor_stays_marked() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let convicted = publish(BRIDGE, STREAM, vec![leaf(0, vec![])]);
		assert_ok!(dispute_signature(OUTSIDER, convicted.shown(0)));
		let next = batch_of(STREAM, 1, &leaves(&[(0, 1)]));
		assert_noop!(
			Telemetry::anchor_batch(RuntimeOrigin::signed(BRIDGE), next),
			Error::<Test>::AnchoringIsSuspended
		);
		assert_ok!(allow(BRIDGE));
		let bridge = organisation(BRIDGE);
		assert_eq!(last_event(), Some(Event::AnchoringAllowed { bridge }));
		assert!(!AnchoringSuspended::<Test>::contains_key(bridge));
		assert_eq!(anchored(&[(0, 1)]).id.number, 1);
		assert_eq!(anchor(convicted.id).offence, Some(Offence::MalformedFrame));
	});
}

#[test]
fn what_is_found_later_suspends_again() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let [first, second] = [1, 2].map(|length| publish(BRIDGE, STREAM, vec![leaf(0, vec![0; length])]));
		assert_ok!(dispute_signature(OUTSIDER, first.shown(0)));
		assert_ok!(allow(BRIDGE));
		assert_ok!(dispute_signature(OUTSIDER, second.shown(0)));
		let conviction = AnchoringSuspended::<Test>::get(organisation(BRIDGE)).unwrap();
		assert_eq!(conviction.anchor, second.id);
	});
}

#[test]
fn who_is_not_suspended_needs_no_leave() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let convicted = publish(BRIDGE, STREAM, vec![leaf(0, vec![])]);
		assert_ok!(dispute_signature(OUTSIDER, convicted.shown(0)));
		for account in [OTHER_BRIDGE, MAKER, STRANGER] {
			assert_noop!(allow(account), Error::<Test>::AnchoringNotSuspended);
		}
		assert_ok!(allow(BRIDGE));
		assert_noop!(allow(BRIDGE), Error::<Test>::AnchoringNotSuspended);
	});
}

#[test]
fn nobody_but_the_council_lets_a_bridge_anchor_again() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		let convicted = publish(BRIDGE, STREAM, vec![leaf(0, vec![])]);
		assert_ok!(dispute_signature(OUTSIDER, convicted.shown(0)));
		let members = [MAKER, BRIDGE, OTHER_BRIDGE, OUTSIDER, SUSPENDED, ENDED, STRANGER];
		let origins = members.map(RuntimeOrigin::signed);
		for origin in origins.into_iter().chain([RuntimeOrigin::none()]) {
			assert_noop!(
				Telemetry::allow_anchoring(origin, organisation(BRIDGE)),
				DispatchError::BadOrigin
			);
		}
	});
}
