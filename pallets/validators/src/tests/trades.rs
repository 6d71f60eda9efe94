use crate::{
	mock::*,
	trades::{most_of_one_trade, shares, trades},
	Error, TradeShare,
};
use frame_support::{assert_noop, assert_ok};
use passport_primitives::organisation::{Role, Roles};

/// Votes that GRANDPA asks for among this many validators: `finality_grandpa::voter_set::threshold`.
fn threshold(validators: u32) -> u32 {
	validators - (validators - 1) / 3
}

#[test]
fn above_six_validators_a_trade_at_its_most_can_not_stop_finality_and_one_more_could() {
	for validators in 7..=100 {
		let most = most_of_one_trade(validators);
		assert!(
			validators - most >= threshold(validators),
			"{validators} validators"
		);
		assert!(
			validators - (most + 1) < threshold(validators),
			"{validators} validators"
		);
		assert!(3 * most < validators, "{validators} validators");
	}
}

#[test]
fn up_to_six_validators_a_trade_holds_two_and_can_not_decide_finality() {
	for validators in 4..=6 {
		assert_eq!(most_of_one_trade(validators), 2);
		assert!(2 < threshold(validators));
	}
	for validators in 0..=3 {
		assert_eq!(most_of_one_trade(validators), 2);
	}
}

#[test]
fn every_role_is_a_trade_but_the_bridge_operators_beside_another() {
	for role in Role::ALL {
		assert_eq!(trades(Roles::of(&[role])), Roles::of(&[role]));
	}
	assert_eq!(
		trades(Roles::of(&[Role::Manufacturer, Role::BridgeOperator])),
		Roles::of(&[Role::Manufacturer])
	);
	assert_eq!(trades(Roles::NONE), Roles::NONE);
}

#[test]
fn an_organisation_of_several_trades_counts_for_each() {
	let share = |trade, held| TradeShare { trade, held, most: 2 };
	assert_eq!(
		shares(&[
			Roles::of(&[Role::Manufacturer, Role::Recycler]),
			Roles::of(&[Role::Recycler, Role::BridgeOperator]),
			Roles::of(&[Role::BridgeOperator]),
		]),
		[
			share(Role::Manufacturer, 1),
			share(Role::Recycler, 2),
			share(Role::BridgeOperator, 1)
		]
	);
	assert!(shares(&[]).is_empty());
}

fn manufacturers(organisations: impl IntoIterator<Item = u64>) {
	for organisation in organisations {
		TableOfMembers::set_roles(organisation, &[Role::Manufacturer]);
	}
}

#[test]
fn a_third_validator_of_a_trade_is_refused_while_three_are_a_third() {
	ExtBuilder::default().build_and_execute(|| {
		manufacturers([1, 2, 6]);
		set_keys(6);
		assert_noop!(
			Validators::add_validator(RuntimeOrigin::root(), 6),
			Error::<Test>::TradeHoldsTooMany
		);
		TableOfMembers::set_roles(6, &[Role::Authority]);
		assert_ok!(Validators::add_validator(RuntimeOrigin::root(), 6));
	});
}

#[test]
fn the_tenth_validator_can_be_the_third_of_its_trade_and_not_the_fourth() {
	ExtBuilder::default()
		.validators(&[1, 2, 3, 4, 5, 6, 7, 8, 9])
		.build_and_execute(|| {
			set_keys(10);
			manufacturers([1, 2, 3, 10]);
			assert_noop!(
				Validators::add_validator(RuntimeOrigin::root(), 10),
				Error::<Test>::TradeHoldsTooMany
			);
			TableOfMembers::set_roles(3, &[Role::Recycler]);
			assert_ok!(Validators::add_validator(RuntimeOrigin::root(), 10));
		});
}

#[test]
fn a_trade_that_came_above_its_most_gets_no_further_validator_and_hinders_no_other() {
	ExtBuilder::default().build_and_execute(|| {
		manufacturers([1, 2, 3, 6]);
		assert!(Validators::trade_shares().contains(&TradeShare {
			trade: Role::Manufacturer,
			held: 3,
			most: 2
		}));
		set_keys(6);
		set_keys(7);
		assert_noop!(
			Validators::add_validator(RuntimeOrigin::root(), 6),
			Error::<Test>::TradeHoldsTooMany
		);
		assert_ok!(Validators::add_validator(RuntimeOrigin::root(), 7));
		// Removing is always possible, of another trade as well.
		assert_ok!(Validators::remove_validator(RuntimeOrigin::root(), 4));
	});
}

#[test]
fn an_organisation_that_may_not_act_counts_for_no_trade() {
	ExtBuilder::default().build_and_execute(|| {
		manufacturers([1, 2, 6]);
		set_keys(6);
		TableOfMembers::end(1);
		assert!(Validators::trade_shares().contains(&TradeShare {
			trade: Role::Manufacturer,
			held: 1,
			most: 2
		}));
		assert_ok!(Validators::add_validator(RuntimeOrigin::root(), 6));
	});
}
