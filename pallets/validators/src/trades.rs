//! How many validators one trade may hold.
//!
//! GRANDPA with *n* validators finalises what *n - f* of them vote for, with *f = (n - 1) / 3* rounded down, so *f + 1* that do
//! not vote stop finality. *f* is also the largest number below a third: *3 f < n <= 3 (f + 1)*. A trade with a third or more of
//! the validators could stop finality by itself; one with *n - f* could decide it.
//!
//! The limit is *f*, but never less than two. Below seven validators *f* is one at most, and each validator would have to
//! come from another trade, for which a young consortium has too few members. With two, a trade can stop the finality of four to
//! six validators, and can not decide it: that takes three of four, four of five, five of six.

use alloc::vec::Vec;
use codec::{Decode, Encode};
use passport_primitives::organisation::{Role, Roles};
use scale_info::TypeInfo;

/// Validators that a trade may hold whatever the size of the set.
const ALWAYS_ALLOWED: u32 = 2;

/// What an organisation does beside its trade: makers, operators and service centres run bridges, and share no interest by that.
const BESIDE_A_TRADE: Roles = Roles::of(&[Role::BridgeOperator]);

/// The share of one trade in the validators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct TradeShare {
	/// Which trade.
	pub trade: Role,
	/// Validators whose organisation is of the trade.
	pub held: u32,
	/// Most that it may hold among as many validators as there are. A trade is above it when other validators have
	/// left or the council has changed roles: then it gets no further one.
	pub most: u32,
}

/// Most validators of one trade among `validators`.
pub const fn most_of_one_trade(validators: u32) -> u32 {
	let tolerated_faults = validators.saturating_sub(1) / 3;
	if tolerated_faults > ALWAYS_ALLOWED {
		tolerated_faults
	} else {
		ALWAYS_ALLOWED
	}
}

/// The roles that count as trades of an organisation: all but what it does beside a trade, unless it does nothing else.
pub fn trades(roles: Roles) -> Roles {
	match Roles::from_bits(roles.bits() & !BESIDE_A_TRADE.bits()) {
		Some(trades) if !trades.is_empty() => trades,
		_ => roles,
	}
}

/// The shares of all trades that hold a validator, for the roles of each validator's organisation. An organisation of
/// several trades counts for each.
pub fn shares(validators: &[Roles]) -> Vec<TradeShare> {
	let most = most_of_one_trade(validators.len() as u32);
	Role::ALL
		.into_iter()
		.filter_map(|trade| {
			let held = validators
				.iter()
				.filter(|roles| trades(**roles).contains(trade))
				.count() as u32;
			(held > 0).then_some(TradeShare { trade, held, most })
		})
		.collect()
}
