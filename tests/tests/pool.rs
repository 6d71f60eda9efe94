//! Membership decides at the pool: what a member may not send never reaches a block, plain or wrapped, and each refusal
//! has its own reason.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used)]

use anyhow::{ensure, Result};
use passport_client::{
	api::runtime_types::{self as types, passport_runtime::RuntimeCall},
	canonical,
	test_keys::{signer, TestMember},
	Keypair, Ledger, LedgerError,
};
use passport_primitives::pool::PoolRefusal;
use passport_tests::{
	call::{
		account, add_proxy, as_multi_threshold_1, as_root, batch, batch_all, finalise, force_batch, payload,
		proxy, refusal, register, remark,
	},
	run,
	state::{unchanged, unchanged_but_nonce},
	SharedChain,
};
use subxt::utils::Static;

static CHAIN: SharedChain = SharedChain::new();

/// An account that acts for nobody.
fn stranger() -> Keypair {
	signer("//Stranger").unwrap()
}

/// A call, and the name that a failure is told under.
type Named = (&'static str, RuntimeCall);

/// A sender, what it sends, and why the pool must refuse all of it.
type Refused = (Keypair, PoolRefusal, Vec<Named>);

/// Fails unless the pool refuses each call with its own reason and the ledger stays as it was, nonces included.
async fn all_refused(ledger: &Ledger, cases: Vec<Refused>) -> Result<()> {
	unchanged(ledger, async {
		for (sender, expected, calls) in &cases {
			let nonce = ledger.next_nonce(&account(sender)).await?;
			for (name, call) in calls {
				let refused = refusal(ledger, sender, call)
					.await
					.map_err(|error| error.context(*name))?;
				ensure!(
					refused == *expected,
					"{name}: refused because {refused}, not because {expected}"
				);
			}
			ensure!(
				ledger.next_nonce(&account(sender)).await? == nonce,
				"a refused call has used a nonce"
			);
		}
		Ok(())
	})
	.await
}

/// A call as it is, and inside each wrapper that has the same sender.
fn plain_and_batched(call: impl Fn() -> RuntimeCall) -> Vec<Named> {
	vec![
		("plain", call()),
		("in batch", batch(vec![call()])),
		(
			"in batch_all, after a call that is allowed",
			batch_all(vec![remark(), call()]),
		),
		("in force_batch", force_batch(vec![call()])),
		(
			"in a batch in a batch",
			batch(vec![batch(vec![remark(), call()])]),
		),
	]
}

/// A registration that only a manufacturer may send.
fn registration() -> RuntimeCall {
	register("https://id.battery-trade.example/21/POOL1", None).unwrap()
}

#[test]
fn an_account_that_acts_for_nobody_is_refused_even_as_a_proxy() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		let broker = TestMember::DataBroker.signer();
		finalise(&ledger, &broker, &add_proxy(&stranger())).await?;
		let mut calls = plain_and_batched(remark);
		calls.push(("for a member that made it its proxy", proxy(&broker, remark())));
		calls.push((
			"for that member, in a batch",
			batch(vec![proxy(&broker, remark())]),
		));
		calls.push((
			"for a member that did not",
			proxy(&TestMember::CellWorks.signer(), remark()),
		));
		all_refused(&ledger, vec![(stranger(), PoolRefusal::NotAMember, calls)]).await
	});
}

/// Lets a member be refused and be taken again: `end` and `renew` are what root does to it.
async fn refused_in_between(
	ledger: &Ledger,
	member: TestMember,
	end: RuntimeCall,
	reason: PoolRefusal,
	renew: RuntimeCall,
) -> Result<()> {
	let (member, delegate) = (member.signer(), TestMember::FleetOne.signer());
	finalise(ledger, &member, &add_proxy(&delegate)).await?;
	as_root(ledger, end).await?;
	let through_a_member = vec![("by a proxy that is a member", proxy(&member, remark()))];
	let cases = vec![
		(member.clone(), reason, plain_and_batched(remark)),
		(delegate.clone(), reason, through_a_member),
	];
	all_refused(ledger, cases).await?;
	as_root(ledger, renew).await?;
	let (plain, by_proxy) = (remark(), proxy(&member, remark()));
	tokio::try_join!(
		finalise(ledger, &member, &plain),
		finalise(ledger, &delegate, &by_proxy)
	)?;
	Ok(())
}

#[test]
fn a_member_whose_membership_has_ended_is_refused_until_it_is_renewed() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		let member = TestMember::Carrier;
		let set_expiry = |expires_at| {
			RuntimeCall::Organisations(types::pallet_organisations::pallet::Call::set_expiry {
				organisation: Static(member.organisation()),
				expires_at,
			})
		};
		let (end, renew) = (set_expiry(Some(1)), set_expiry(None));
		refused_in_between(&ledger, member, end, PoolRefusal::MembershipEnded, renew).await
	});
}

#[test]
fn a_suspended_member_is_refused_until_it_is_reinstated() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		let member = TestMember::QualityLab;
		let organisation = || Static(member.organisation());
		let suspend = types::pallet_organisations::pallet::Call::suspend {
			organisation: organisation(),
		};
		let reinstate = types::pallet_organisations::pallet::Call::reinstate {
			organisation: organisation(),
		};
		let [end, renew] = [suspend, reinstate].map(RuntimeCall::Organisations);
		refused_in_between(&ledger, member, end, PoolRefusal::Suspended, renew).await
	});
}

#[test]
fn a_call_that_no_role_of_the_member_includes_is_refused_plain_and_wrapped() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		let (trader, maker) = (TestMember::BatteryTrade.signer(), TestMember::CellWorks.signer());
		finalise(&ledger, &trader, &add_proxy(&maker)).await?;
		// Whose role counts is the account that the wrapped call comes from, not the one that signs.
		let through_a_maker = vec![
			(
				"by a proxy that has the role itself",
				proxy(&trader, registration()),
			),
			(
				"by that proxy, in batches",
				batch(vec![proxy(&trader, batch(vec![registration()]))]),
			),
		];
		// The account of the two together acts for nobody.
		let together = vec![(
			"by a multisig with a maker",
			as_multi_threshold_1(&maker, registration()),
		)];
		let cases = vec![
			(
				trader.clone(),
				PoolRefusal::RoleNotAllowed,
				plain_and_batched(registration),
			),
			(maker, PoolRefusal::RoleNotAllowed, through_a_maker),
			(trader, PoolRefusal::NotAMember, together),
		];
		all_refused(&ledger, cases).await
	});
}

#[test]
fn calls_that_are_for_nobody_are_refused_from_everybody() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		let set_time = || RuntimeCall::Timestamp(types::pallet_timestamp::pallet::Call::set { now: 1 });
		let add_validator = || {
			RuntimeCall::Validators(types::pallet_validators::pallet::Call::add_validator {
				validator: account(&TestMember::BatteryTrade.signer()),
			})
		};
		let remove_member = || {
			RuntimeCall::Organisations(types::pallet_organisations::pallet::Call::remove {
				organisation: Static(TestMember::Carrier.organisation()),
			})
		};
		let write_storage = || {
			RuntimeCall::System(types::frame_system::pallet::Call::set_storage {
				items: vec![(b"key".to_vec(), b"value".to_vec())],
			})
		};
		// From the account that is root by way of sudo as well: that way is the only one.
		let maker = TestMember::CellWorks.signer();
		let mut calls = plain_and_batched(add_validator);
		calls.extend(plain_and_batched(remove_member));
		calls.extend(plain_and_batched(write_storage));
		calls.extend([("the time, in a batch", batch(vec![set_time()]))]);
		all_refused(&ledger, vec![(maker.clone(), PoolRefusal::CallNotAllowed, calls)]).await?;
		// An inherent as a transaction is refused before anybody asks who sends it.
		match ledger
			.submit(&payload(&ledger, &set_time()).await?, &maker, None)
			.await
		{
			Err(LedgerError::Pool(reason)) if reason.contains("mandatory") => Ok(()),
			Err(other) => Err(other.into()),
			Ok(_) => anyhow::bail!("the pool took the time from an account"),
		}
	});
}

#[test]
fn more_wrappers_or_calls_than_the_pool_looks_into_are_refused() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		let (maker, trader) = (TestMember::CellWorks.signer(), TestMember::BatteryTrade.signer());
		let wrapped = |times: usize| (0..times).fold(remark(), |call, _| batch(vec![call]));
		let many = |calls: usize| batch((0..calls).map(|_| remark()).collect());
		// The bounds themselves are allowed.
		let (deepest, most) = (wrapped(4), many(100));
		tokio::try_join!(
			finalise(&ledger, &maker, &deepest),
			finalise(&ledger, &trader, &most)
		)?;
		let too_many = vec![
			("101 in one", many(101)),
			("101 in two", batch(vec![many(50), many(49)])),
		];
		let cases = vec![
			(
				maker.clone(),
				PoolRefusal::NestedTooDeep,
				vec![("wrapped 5 times", wrapped(5))],
			),
			(maker, PoolRefusal::TooManyCalls, too_many),
		];
		all_refused(&ledger, cases).await
	});
}

#[test]
fn what_a_role_includes_is_taken_wrapped_too_and_seen_in_the_state() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		let (maker, delegate) = (
			TestMember::CellWorks.signer(),
			TestMember::MarketSurveillance.signer(),
		);
		finalise(&ledger, &maker, &add_proxy(&delegate)).await?;
		let call = register("https://id.cell-works.example/21/POOL2", None)?;
		let call = batch_all(vec![proxy(&maker, batch_all(vec![call]))]);
		// What the other tests rely on: a look at the state sees what is there to be seen.
		let looked = unchanged_but_nonce(&ledger, &delegate, finalise(&ledger, &delegate, &call)).await;
		let changes = looked.err().map(|error| error.to_string()).unwrap_or_default();
		ensure!(
			changes.contains("the state changed"),
			"a passport was registered, and nothing was seen: {changes}"
		);
		let passport = canonical::passport_id("https://id.cell-works.example/21/POOL2");
		ensure!(
			ledger.live_passport(passport).await?.is_some(),
			"the registration failed"
		);
		Ok(())
	});
}
