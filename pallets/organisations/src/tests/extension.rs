//! [`CheckMembership`]: what the pool refuses, wrappers looked into, and what it puts first.

use crate::{mock::*, CheckMembership, Consumption, Usage};
use codec::Encode;
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchClass, DispatchInfo, GetDispatchInfo},
};
use frame_system::CheckNonce;
use passport_primitives::{
	organisation::{OrganisationId, Role},
	pool::{PoolRefusal, MAX_BATCHED_CALLS, MAX_CALL_NESTING},
};
use sp_runtime::{
	traits::{DispatchTransaction, TransactionExtension, TxBaseImplication},
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
	},
};

/// Member 1: may send `remark`. Member 2: may not. Member 3: suspended. Member 4: has ended. Member 5: has no quota.
const MAKER: u64 = account(1, 0);
const OPERATOR: u64 = account(2, 0);
const SUSPENDED: u64 = account(3, 0);
const ENDED: u64 = account(4, 0);
const WITHOUT_QUOTA: u64 = account(5, 0);

fn consortium(test: impl FnOnce()) {
	ExtBuilder::default()
		.member(&[Role::Manufacturer], 2)
		.member(&[Role::Operator], 2)
		.member(&[Role::Manufacturer], 1)
		.member(&[Role::Manufacturer], 1)
		.member(&[Role::Manufacturer], 1)
		.build_and_execute(|| {
			assert_ok!(Organisations::suspend(RuntimeOrigin::root(), OrganisationId(3)));
			assert_ok!(Organisations::set_expiry(
				RuntimeOrigin::root(),
				OrganisationId(4),
				Some(0)
			));
			assert_ok!(Organisations::set_quota(
				RuntimeOrigin::root(),
				OrganisationId(5),
				Some(0)
			));
			test();
		});
}

/// A call for manufacturers and recyclers.
fn remark() -> RuntimeCall {
	RuntimeCall::System(frame_system::Call::remark { remark: vec![7] })
}

/// A call for every member.
fn link(account: u64) -> RuntimeCall {
	RuntimeCall::Organisations(crate::Call::link_account {
		account,
		expires_at: 1,
		proof: consent(1, account, 1),
	})
}

/// Another one, which the council can pause without pausing the first.
fn set_key() -> RuntimeCall {
	RuntimeCall::Organisations(crate::Call::set_hpke_key {
		hpke_public_key: HPKE_KEY,
	})
}

/// A call that the pool leaves to its own origin check.
fn checked_by_itself() -> RuntimeCall {
	RuntimeCall::Organisations(crate::Call::suspend {
		organisation: OrganisationId(1),
	})
}

/// A call of the council's members.
fn vote() -> RuntimeCall {
	RuntimeCall::System(frame_system::Call::remark_with_event { remark: vec![7] })
}

/// A call that is on nobody's list.
fn unlisted() -> RuntimeCall {
	RuntimeCall::System(frame_system::Call::set_heap_pages { pages: 64 })
}

fn batch(calls: Vec<RuntimeCall>) -> RuntimeCall {
	RuntimeCall::Utility(pallet_utility::Call::batch { calls })
}

fn proxy(real: u64, call: RuntimeCall) -> RuntimeCall {
	RuntimeCall::Proxy(pallet_proxy::Call::proxy {
		real,
		force_proxy_type: None,
		call: Box::new(call),
	})
}

/// `call` inside this many batches of one.
fn nested(wrappers: u8, call: RuntimeCall) -> RuntimeCall {
	(0..wrappers).fold(call, |call, _| batch(vec![call]))
}

/// Pauses a function, in whichever pallet.
fn pause(function: &str) {
	Paused::set(&function.as_bytes().to_vec());
}

/// What the pool says.
fn pool(sender: u64, call: &RuntimeCall) -> Result<(), PoolRefusal> {
	let said = CheckMembership::<Test>::default().validate_only(
		RuntimeOrigin::signed(sender),
		call,
		&call.get_dispatch_info(),
		call.encoded_size(),
		TransactionSource::External,
		0,
	);
	match said {
		Ok((validity, payer, origin)) => {
			assert_eq!(
				payer.map(|payer| payer.organisation),
				crate::OrganisationOf::<Test>::get(sender),
				"the sender's organisation pays"
			);
			let nothing_but_a_priority = ValidTransaction {
				priority: validity.priority,
				..ValidTransaction::default()
			};
			assert_eq!(validity, nothing_but_a_priority);
			assert_eq!(
				frame_system::ensure_signed(origin).ok(),
				Some(sender),
				"the origin stays the sender's"
			);
			Ok(())
		}
		Err(TransactionValidityError::Invalid(InvalidTransaction::Custom(code))) => {
			Err(PoolRefusal::from_code(code).unwrap())
		}
		Err(other) => panic!("{other:?}"),
	}
}

#[test]
fn each_refusal_has_its_cause() {
	let too_many = vec![remark(); MAX_BATCHED_CALLS as usize + 1];
	let table = [
		(STRANGER, remark(), PoolRefusal::NotAMember),
		(ENDED, remark(), PoolRefusal::MembershipEnded),
		(SUSPENDED, remark(), PoolRefusal::Suspended),
		(OPERATOR, remark(), PoolRefusal::RoleNotAllowed),
		(MAKER, unlisted(), PoolRefusal::CallNotAllowed),
		(
			MAKER,
			nested(MAX_CALL_NESTING + 1, remark()),
			PoolRefusal::NestedTooDeep,
		),
		(MAKER, batch(too_many), PoolRefusal::TooManyCalls),
		(MAKER, set_key(), PoolRefusal::CallPaused),
		(WITHOUT_QUOTA, remark(), PoolRefusal::QuotaExceeded),
		(MAKER, vote(), PoolRefusal::NotSeated),
	];
	assert_eq!(
		table.iter().map(|(.., refusal)| *refusal).collect::<Vec<_>>(),
		PoolRefusal::ALL,
		"the table has every refusal"
	);
	consortium(|| {
		pause("set_hpke_key");
		for (sender, call, refusal) in &table {
			assert_eq!(pool(*sender, call), Err(*refusal), "{call:?} by {sender}");
		}
	});
}

#[test]
fn a_member_sends_what_its_roles_include() {
	consortium(|| {
		for (sender, call) in [
			(MAKER, remark()),
			(account(1, 1), remark()),
			(MAKER, link(500)),
			(OPERATOR, link(500)),
			(OPERATOR, batch(vec![link(500), link(501)])),
			(OPERATOR, batch(vec![])),
		] {
			assert_eq!(pool(sender, &call), Ok(()), "{call:?} by {sender}");
		}
	});
}

#[test]
fn roles_and_standing_count_as_they_are_now() {
	consortium(|| {
		assert_ok!(Organisations::set_roles(
			RuntimeOrigin::root(),
			OrganisationId(2),
			passport_primitives::organisation::Roles::of(&[Role::Recycler])
		));
		assert_eq!(pool(OPERATOR, &remark()), Ok(()));
		assert_ok!(Organisations::reinstate(RuntimeOrigin::root(), OrganisationId(3)));
		assert_eq!(pool(SUSPENDED, &remark()), Ok(()));
		assert_ok!(Organisations::set_expiry(
			RuntimeOrigin::root(),
			OrganisationId(4),
			None
		));
		assert_eq!(pool(ENDED, &remark()), Ok(()));
		assert_ok!(Organisations::remove(RuntimeOrigin::root(), OrganisationId(1)));
		assert_eq!(pool(MAKER, &remark()), Err(PoolRefusal::NotAMember));
	});
}

#[test]
fn a_call_that_is_left_to_its_own_check_is_not_left_to_strangers() {
	consortium(|| {
		assert_eq!(pool(OPERATOR, &checked_by_itself()), Ok(()));
		for (sender, refusal) in [
			(STRANGER, PoolRefusal::NotAMember),
			(SUSPENDED, PoolRefusal::Suspended),
			(ENDED, PoolRefusal::MembershipEnded),
		] {
			assert_eq!(pool(sender, &checked_by_itself()), Err(refusal));
			assert_eq!(
				pool(OPERATOR, &proxy(sender, checked_by_itself())),
				Err(refusal),
				"through a delegate"
			);
		}
	});
}

#[test]
fn a_call_of_the_council_is_for_seated_accounts_alone() {
	consortium(|| {
		Seated::set(&vec![MAKER, STRANGER, SUSPENDED]);
		for call in [vote(), batch(vec![vote(), vote()]), batch(vec![remark(), vote()])] {
			assert_eq!(pool(MAKER, &call), Ok(()), "{call:?}");
			assert_eq!(
				pool(account(1, 1), &call),
				Err(PoolRefusal::NotSeated),
				"another account of the same member: {call:?}"
			);
		}
		assert_eq!(pool(OPERATOR, &vote()), Err(PoolRefusal::NotSeated));
		// A seat alone is no membership.
		assert_eq!(pool(STRANGER, &vote()), Err(PoolRefusal::NotAMember));
		assert_eq!(pool(SUSPENDED, &vote()), Err(PoolRefusal::Suspended));
		assert_eq!(pool(ENDED, &vote()), Err(PoolRefusal::MembershipEnded));
		// Whose seat counts is the account that a wrapper makes the sender.
		assert_eq!(pool(OPERATOR, &proxy(MAKER, vote())), Ok(()));
		assert_eq!(pool(MAKER, &proxy(OPERATOR, vote())), Err(PoolRefusal::NotSeated));
		assert_eq!(
			pool(OPERATOR, &batch(vec![proxy(MAKER, vote()), vote()])),
			Err(PoolRefusal::NotSeated)
		);
		pause("remark_with_event");
		assert_eq!(pool(MAKER, &vote()), Err(PoolRefusal::CallPaused));
	});
}

#[test]
fn a_membership_that_merely_ended_leaves_its_seat_the_councils_calls_and_nothing_else() {
	consortium(|| {
		Seated::set(&vec![ENDED]);
		for call in [
			vote(),
			batch(vec![vote(), vote()]),
			nested(MAX_CALL_NESTING, vote()),
			proxy(ENDED, vote()),
		] {
			assert_eq!(pool(ENDED, &call), Ok(()), "{call:?}");
		}
		for call in [
			remark(),
			link(500),
			checked_by_itself(),
			batch(vec![]),
			batch(vec![vote(), remark()]),
			batch(vec![vote(), batch(vec![])]),
			proxy(MAKER, remark()),
			proxy(ENDED, remark()),
		] {
			assert_eq!(pool(ENDED, &call), Err(PoolRefusal::MembershipEnded), "{call:?}");
		}
		assert_eq!(
			pool(ENDED, &batch(vec![vote(), unlisted()])),
			Err(PoolRefusal::CallNotAllowed)
		);
		// Without the seat nothing is left.
		Seated::set(&vec![MAKER]);
		assert_eq!(pool(ENDED, &vote()), Err(PoolRefusal::MembershipEnded));
	});
}

#[test]
fn an_ended_membership_votes_with_its_own_seats_through_whichever_of_its_accounts() {
	consortium(|| {
		// The seat is a multisig's, say: it has no key, and its signatories are accounts of the same member.
		let clerk = account(4, 1);
		assert_ok!(Organisations::link_account_by_council(
			RuntimeOrigin::root(),
			OrganisationId(4),
			clerk
		));
		Seated::set(&vec![ENDED, MAKER]);
		assert_eq!(pool(clerk, &proxy(ENDED, vote())), Ok(()));
		assert_eq!(pool(clerk, &vote()), Err(PoolRefusal::MembershipEnded));
		// An active member votes for it where the seat lets it.
		assert_eq!(pool(OPERATOR, &proxy(ENDED, vote())), Ok(()));
		// It is nobody else's delegate any more.
		for sender in [ENDED, clerk] {
			assert_eq!(
				pool(sender, &proxy(MAKER, vote())),
				Err(PoolRefusal::MembershipEnded)
			);
		}
	});
}

#[test]
fn an_ended_membership_pays_for_its_votes_out_of_its_quota() {
	consortium(|| {
		Seated::set(&vec![ENDED]);
		set_quota(4, charge(&vote()));
		assert_eq!(pool(ENDED, &vote()), Ok(()));
		set_quota(4, charge(&vote()) - 1);
		assert_eq!(pool(ENDED, &vote()), Err(PoolRefusal::QuotaExceeded));
	});
}

#[test]
fn one_bad_call_refuses_its_whole_batch() {
	consortium(|| {
		for place in 0..3 {
			let mut calls = vec![link(500), link(501), link(502)];
			calls[place] = remark();
			for call in [
				pallet_utility::Call::batch { calls: calls.clone() },
				pallet_utility::Call::batch_all { calls: calls.clone() },
				pallet_utility::Call::force_batch { calls: calls.clone() },
			] {
				assert_eq!(
					pool(OPERATOR, &RuntimeCall::Utility(call)),
					Err(PoolRefusal::RoleNotAllowed),
					"place {place}"
				);
			}
		}
	});
}

#[test]
fn what_a_wrapper_hides_is_found_at_every_depth() {
	consortium(|| {
		for depth in 0..=MAX_CALL_NESTING {
			assert_eq!(
				pool(MAKER, &nested(depth, unlisted())),
				Err(PoolRefusal::CallNotAllowed)
			);
			assert_eq!(
				pool(OPERATOR, &nested(depth, remark())),
				Err(PoolRefusal::RoleNotAllowed)
			);
			assert_eq!(pool(MAKER, &nested(depth, remark())), Ok(()));
		}
	});
}

#[test]
fn a_paused_call_is_refused_at_every_depth_and_the_others_pass() {
	consortium(|| {
		pause("set_hpke_key");
		for depth in 0..=MAX_CALL_NESTING {
			assert_eq!(
				pool(MAKER, &nested(depth, set_key())),
				Err(PoolRefusal::CallPaused)
			);
			assert_eq!(pool(MAKER, &nested(depth, remark())), Ok(()));
		}
		for call in [
			batch(vec![remark(), set_key()]),
			proxy(MAKER, set_key()),
			proxy(OPERATOR, batch(vec![set_key()])),
		] {
			assert_eq!(pool(MAKER, &call), Err(PoolRefusal::CallPaused));
		}
		pause("");
		assert_eq!(pool(MAKER, &set_key()), Ok(()));
	});
}

#[test]
fn a_paused_wrapper_is_refused_whatever_it_holds() {
	consortium(|| {
		pause("batch");
		for call in [batch(vec![]), batch(vec![remark()]), proxy(MAKER, batch(vec![]))] {
			assert_eq!(pool(MAKER, &call), Err(PoolRefusal::CallPaused));
		}
		assert_eq!(pool(MAKER, &proxy(MAKER, remark())), Ok(()));
	});
}

#[test]
fn who_may_not_send_a_call_is_told_so_whether_it_is_paused_or_not() {
	consortium(|| {
		pause("remark");
		for (sender, call, refusal) in [
			(STRANGER, remark(), PoolRefusal::NotAMember),
			(SUSPENDED, remark(), PoolRefusal::Suspended),
			(OPERATOR, remark(), PoolRefusal::RoleNotAllowed),
		] {
			assert_eq!(pool(sender, &call), Err(refusal));
		}
		pause("set_heap_pages");
		assert_eq!(pool(MAKER, &unlisted()), Err(PoolRefusal::CallNotAllowed));
	});
}

#[test]
fn a_wrapper_that_is_on_nobodys_list_is_not_looked_into() {
	consortium(|| {
		let derivative = RuntimeCall::Utility(pallet_utility::Call::as_derivative {
			index: 0,
			call: Box::new(remark()),
		});
		assert_eq!(pool(MAKER, &derivative), Err(PoolRefusal::CallNotAllowed));
	});
}

#[test]
fn a_proxied_call_needs_the_roles_of_the_account_that_it_is_made_for() {
	consortium(|| {
		let table = [
			(OPERATOR, proxy(MAKER, remark()), Ok(())),
			(MAKER, proxy(OPERATOR, remark()), Err(PoolRefusal::RoleNotAllowed)),
			(MAKER, proxy(STRANGER, remark()), Err(PoolRefusal::NotAMember)),
			(MAKER, proxy(SUSPENDED, remark()), Err(PoolRefusal::Suspended)),
			(MAKER, proxy(ENDED, remark()), Err(PoolRefusal::MembershipEnded)),
			(MAKER, proxy(MAKER, unlisted()), Err(PoolRefusal::CallNotAllowed)),
		];
		for (sender, call, said) in table {
			assert_eq!(pool(sender, &call), said, "{call:?} by {sender}");
		}
	});
}

#[test]
fn whoever_proxies_must_be_an_active_member_itself() {
	consortium(|| {
		for (sender, refusal) in [
			(STRANGER, PoolRefusal::NotAMember),
			(SUSPENDED, PoolRefusal::Suspended),
			(ENDED, PoolRefusal::MembershipEnded),
		] {
			assert_eq!(pool(sender, &proxy(MAKER, remark())), Err(refusal));
			assert_eq!(pool(sender, &batch(vec![])), Err(refusal));
		}
	});
}

#[test]
fn the_sender_is_the_sender_again_after_a_proxied_call() {
	consortium(|| {
		assert_eq!(
			pool(OPERATOR, &batch(vec![proxy(MAKER, remark()), link(500)])),
			Ok(())
		);
		assert_eq!(
			pool(OPERATOR, &batch(vec![proxy(MAKER, remark()), remark()])),
			Err(PoolRefusal::RoleNotAllowed)
		);
		// And whatever a proxied batch holds is the proxied account's.
		assert_eq!(
			pool(OPERATOR, &proxy(MAKER, batch(vec![remark(), remark()]))),
			Ok(())
		);
		assert_eq!(
			pool(
				OPERATOR,
				&proxy(MAKER, batch(vec![remark(), proxy(OPERATOR, remark())]))
			),
			Err(PoolRefusal::RoleNotAllowed)
		);
	});
}

#[test]
fn wrappers_of_every_kind_count_towards_the_depth() {
	consortium(|| {
		let four = proxy(MAKER, batch(vec![proxy(MAKER, batch(vec![remark()]))]));
		assert_eq!(pool(OPERATOR, &four), Ok(()));
		assert_eq!(
			pool(OPERATOR, &proxy(MAKER, four.clone())),
			Err(PoolRefusal::NestedTooDeep)
		);
		assert_eq!(
			pool(OPERATOR, &batch(vec![four])),
			Err(PoolRefusal::NestedTooDeep)
		);
	});
}

#[test]
fn a_batch_of_exactly_the_most_calls_passes() {
	consortium(|| {
		let most = MAX_BATCHED_CALLS as usize;
		assert_eq!(pool(MAKER, &batch(vec![remark(); most])), Ok(()));
		assert_eq!(
			pool(MAKER, &batch(vec![remark(); most + 1])),
			Err(PoolRefusal::TooManyCalls)
		);
	});
}

#[test]
fn the_calls_of_all_batches_count_together() {
	consortium(|| {
		let half = MAX_BATCHED_CALLS as usize / 2;
		// Two batches and what they hold: a wrapper inside a wrapper is a call of its batch like any other.
		let of = |first: usize, second: usize| {
			batch(vec![
				batch(vec![remark(); first]),
				proxy(MAKER, batch(vec![remark(); second])),
			])
		};
		assert_eq!(pool(MAKER, &of(half, half - 3)), Ok(()), "2 + 50 + 1 + 47");
		assert_eq!(pool(MAKER, &of(half, half - 2)), Err(PoolRefusal::TooManyCalls));
		// Empty batches are calls as well: otherwise looking at them would be work without a bound.
		assert_eq!(
			pool(MAKER, &batch(vec![batch(vec![]); 2 * half + 1])),
			Err(PoolRefusal::TooManyCalls)
		);
	});
}

#[test]
fn what_no_account_signs_is_not_this_extensions_business() {
	consortium(|| {
		for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
			let call = unlisted();
			let said = TransactionExtension::validate(
				&CheckMembership::<Test>::default(),
				origin,
				&call,
				&DispatchInfo::default(),
				0,
				(),
				&TxBaseImplication((0, &call)),
				TransactionSource::InBlock,
			);
			let (_, payer, origin) = said.expect("it is let through");
			assert_eq!(payer, None, "nobody pays");
			let prepared = CheckMembership::<Test>::default().prepare(
				payer,
				&origin,
				&call,
				&DispatchInfo::default(),
				0,
			);
			assert_eq!(prepared, Ok(None));
			assert_eq!(crate::Usage::<Test>::iter().count(), 0);
		}
	});
}

#[test]
fn a_refused_transaction_is_not_dispatched_either() {
	consortium(|| {
		let send = |sender: u64, call: RuntimeCall| {
			let info = call.get_dispatch_info();
			CheckMembership::<Test>::default()
				.dispatch_transaction(RuntimeOrigin::signed(sender), call, &info, 0, 0)
				.map(|result| result.map(|_| ()).map_err(|failed| failed.error))
		};
		assert_noop!(
			send(STRANGER, link(500)),
			TransactionValidityError::from(InvalidTransaction::Custom(PoolRefusal::NotAMember.code()))
		);
		// A proxied call is made by the account that it is made for.
		assert_eq!(
			send(
				MAKER,
				RuntimeCall::Proxy(pallet_proxy::Call::add_proxy {
					delegate: OPERATOR,
					proxy_type: (),
					delay: 0
				})
			),
			Ok(Ok(()))
		);
		assert_eq!(send(OPERATOR, batch(vec![proxy(MAKER, link(500))])), Ok(Ok(())));
		assert_eq!(crate::OrganisationOf::<Test>::get(500), Some(OrganisationId(1)));
	});
}

#[test]
fn wallets_sign_without_a_custom_type() {
	let extension = CheckMembership::<Test>::default();
	assert_eq!(extension.encode(), Vec::<u8>::new());
	assert_eq!(extension.implicit().map(|implicit| implicit.encode()), Ok(vec![]));
	assert_eq!(
		<CheckMembership<Test> as TransactionExtension<RuntimeCall>>::IDENTIFIER,
		"CheckMembership"
	);
	assert_eq!(format!("{extension:?}"), "CheckMembership");
}

/// What a transaction takes of a quota.
fn charge(call: &RuntimeCall) -> u64 {
	let info = call.get_dispatch_info();
	Organisations::block_share(&info, info.total_weight(), call.encoded_size())
}

/// What the pool orders a transaction of this class by.
fn priority_in(class: DispatchClass, sender: u64, call: &RuntimeCall) -> u64 {
	let info = DispatchInfo {
		class,
		..call.get_dispatch_info()
	};
	let (validity, ..) = CheckMembership::<Test>::default()
		.validate_only(
			RuntimeOrigin::signed(sender),
			call,
			&info,
			call.encoded_size(),
			TransactionSource::External,
			0,
		)
		.expect("the pool takes it");
	validity.priority
}

fn priority(sender: u64, call: &RuntimeCall) -> u64 {
	priority_in(DispatchClass::Normal, sender, call)
}

fn set_quota(member: u32, quota: u64) {
	assert_ok!(Organisations::set_quota(
		RuntimeOrigin::root(),
		OrganisationId(member),
		Some(quota)
	));
}

fn set_used(member: u32, ref_time: u64) {
	Usage::<Test>::insert(OrganisationId(member), Consumption { period: 0, ref_time });
}

#[test]
fn priority_falls_with_what_the_organisation_has_used_of_its_quota_in_this_period() {
	consortium(|| {
		let once = charge(&remark());
		set_quota(1, 10 * once);
		for (used, left) in [(0, 900), (1, 800), (4, 500), (8, 100), (9, 0)] {
			set_used(1, used * once);
			for account in [MAKER, account(1, 1)] {
				assert_eq!(priority(account, &remark()), left, "{used} tenths used");
			}
		}
		set_used(1, 9 * once + 1);
		assert_eq!(pool(MAKER, &remark()), Err(PoolRefusal::QuotaExceeded));
		// The next period begins with nothing used.
		System::set_block_number(PERIOD);
		assert_eq!(priority(MAKER, &remark()), 900);
	});
}

#[test]
fn priority_is_a_share_of_each_organisations_own_quota() {
	consortium(|| {
		let once = charge(&link(500));
		set_quota(1, 10 * once);
		set_quota(2, 20 * once);
		for member in [1, 2] {
			set_used(member, 5 * once);
		}
		assert_eq!(priority(MAKER, &link(500)), 400);
		assert_eq!(priority(OPERATOR, &link(500)), 700);
	});
}

#[test]
fn a_short_transaction_comes_before_a_long_one_that_takes_more_of_the_same_quota() {
	consortium(|| {
		let long = RuntimeCall::System(frame_system::Call::remark {
			remark: vec![7; 100_000],
		});
		assert!(priority(MAKER, &remark()) > priority(MAKER, &long));
		assert!(priority(MAKER, &remark()) <= 1_000);
	});
}

#[test]
fn what_a_seated_account_does_in_the_council_comes_before_everything_else() {
	consortium(|| {
		use DispatchClass::{Normal, Operational};
		Seated::set(&vec![MAKER]);
		// With its whole quota left, and without a seat.
		let others = priority(OPERATOR, &link(500));
		assert_eq!(priority_in(Operational, OPERATOR, &link(500)), others);
		// A seat gives priority to nothing but the council's own calls.
		assert!(priority_in(Normal, MAKER, &remark()) <= 1_000);
		// And to those even at the end of a quota.
		set_quota(1, charge(&vote()));
		assert_eq!(priority_in(Operational, MAKER, &vote()), 1_001);
		assert!(priority_in(Operational, MAKER, &vote()) > others);
		set_quota(1, u64::MAX);
		assert_eq!(
			priority_in(Operational, MAKER, &vote()),
			1_001 + priority(MAKER, &vote())
		);
	});
}

#[test]
fn a_quota_of_nothing_leaves_a_seat_its_vote_and_nothing_else() {
	consortium(|| {
		use DispatchClass::{Normal, Operational};
		Seated::set(&vec![MAKER]);
		set_quota(1, 0);
		let said = |sender, class| {
			let call = vote();
			let info = DispatchInfo {
				class,
				..call.get_dispatch_info()
			};
			let extension = CheckMembership::<Test>::default();
			extension
				.dispatch_transaction(
					RuntimeOrigin::signed(sender),
					call.clone(),
					&info,
					call.encoded_size(),
					0,
				)
				.map(drop)
		};
		let exceeded: Result<(), TransactionValidityError> =
			Err(InvalidTransaction::Custom(PoolRefusal::QuotaExceeded.code()).into());
		assert_eq!(said(MAKER, Operational), Ok(()));
		assert_eq!(said(MAKER, Normal), exceeded);
		assert_eq!(pool(MAKER, &remark()), Err(PoolRefusal::QuotaExceeded));
		// What it votes with is bounded as for every member.
		set_used(1, QUOTA);
		assert_eq!(said(MAKER, Operational), exceeded);
	});
}

#[test]
fn the_order_of_one_accounts_transactions_is_that_of_their_nonces_whatever_their_priorities() {
	consortium(|| {
		let call = remark();
		let validity = |nonce| {
			let extensions = (
				CheckMembership::<Test>::default(),
				CheckNonce::<Test>::from(nonce),
			);
			let (validity, ..) = extensions
				.validate_only(
					RuntimeOrigin::signed(MAKER),
					&call,
					&call.get_dispatch_info(),
					call.encoded_size(),
					TransactionSource::External,
					0,
				)
				.expect("the pool takes it");
			validity
		};
		set_quota(1, 10 * charge(&call));
		set_used(1, 4 * charge(&call));
		let first = validity(0);
		// Handed in when less was used.
		set_used(1, 0);
		let second = validity(1);
		assert!(first.priority < second.priority);
		// The second one waits for what the first one provides.
		assert_eq!(second.requires, first.provides);
		assert_eq!(first.requires, Vec::<Vec<u8>>::new());
	});
}
