//! Membership decides at the pool: what a member may not send never reaches a block, plain or wrapped, and each refusal
//! has its own reason.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used)]

use anyhow::{ensure, Result};
use passport_client::{
	api::runtime_types::{self as types, passport_runtime::RuntimeCall},
	test_keys::{signer, TestMember},
	Keypair, Ledger,
};
use passport_primitives::pool::PoolRefusal;
use passport_tests::{
	call::{
		account, add_proxy, as_multi_threshold_1, as_root, batch, batch_all, finalise, force_batch, proxy,
		refusal, register, remark,
	},
	run,
	state::{changes_by, unchanged},
	SharedChain,
};
use subxt::utils::Static;

static CHAIN: SharedChain = SharedChain::new();

/// An account that acts for nobody.
fn stranger() -> Keypair {
	signer("//Stranger").unwrap()
}

/// A call, for the name that a failure is told under.
type Named = (&'static str, RuntimeCall);

/// Fails unless the pool refuses each of these with this reason, and the ledger is the same as before, nonces included.
async fn all_refused(
	ledger: &Ledger,
	sender: &Keypair,
	expected: PoolRefusal,
	calls: impl IntoIterator<Item = Named>,
) -> Result<()> {
	let nonce = ledger.next_nonce(&account(sender)).await?;
	unchanged(ledger, async {
		for (name, call) in calls {
			let refused = refusal(ledger, sender, &call)
				.await
				.map_err(|error| error.context(name))?;
			ensure!(
				refused == expected,
				"{name}: refused because {refused}, not because {expected}"
			);
		}
		Ok(())
	})
	.await?;
	ensure!(
		ledger.next_nonce(&account(sender)).await? == nonce,
		"a refused call has used a nonce"
	);
	Ok(())
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
fn an_account_that_acts_for_nobody_is_refused() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		let mut calls = plain_and_batched(remark);
		calls.push((
			"for a member that never asked for it",
			proxy(&TestMember::CellWorks.signer(), remark()),
		));
		all_refused(&ledger, &stranger(), PoolRefusal::NotAMember, calls).await
	});
}

#[test]
fn a_member_whose_membership_has_ended_is_refused_until_it_is_renewed() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		let (ended, delegate) = (TestMember::Carrier, TestMember::FleetOne);
		let set_expiry = |expires_at| {
			RuntimeCall::Organisations(types::pallet_organisations::pallet::Call::set_expiry {
				organisation: Static(ended.organisation()),
				expires_at,
			})
		};
		finalise(&ledger, &ended.signer(), &add_proxy(&delegate.signer())).await?;
		as_root(&ledger, set_expiry(Some(1))).await?;

		let calls = plain_and_batched(remark);
		all_refused(&ledger, &ended.signer(), PoolRefusal::MembershipEnded, calls).await?;
		let through_a_member = [("by a proxy that is a member", proxy(&ended.signer(), remark()))];
		all_refused(
			&ledger,
			&delegate.signer(),
			PoolRefusal::MembershipEnded,
			through_a_member,
		)
		.await?;

		as_root(&ledger, set_expiry(None)).await?;
		finalise(&ledger, &delegate.signer(), &proxy(&ended.signer(), remark())).await?;
		finalise(&ledger, &ended.signer(), &remark()).await?;
		Ok(())
	});
}

#[test]
fn a_suspended_member_is_refused_until_it_is_reinstated() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		let (suspended, delegate) = (TestMember::QualityLab, TestMember::FleetOne);
		finalise(&ledger, &suspended.signer(), &add_proxy(&delegate.signer())).await?;
		let organisation = || Static(suspended.organisation());
		let suspend = types::pallet_organisations::pallet::Call::suspend {
			organisation: organisation(),
		};
		as_root(&ledger, RuntimeCall::Organisations(suspend)).await?;

		let calls = plain_and_batched(remark);
		all_refused(&ledger, &suspended.signer(), PoolRefusal::Suspended, calls).await?;
		let through_a_member = [(
			"by a proxy that is a member",
			proxy(&suspended.signer(), remark()),
		)];
		all_refused(
			&ledger,
			&delegate.signer(),
			PoolRefusal::Suspended,
			through_a_member,
		)
		.await?;

		let reinstate = types::pallet_organisations::pallet::Call::reinstate {
			organisation: organisation(),
		};
		as_root(&ledger, RuntimeCall::Organisations(reinstate)).await?;
		finalise(&ledger, &suspended.signer(), &remark()).await?;
		Ok(())
	});
}

#[test]
fn a_call_that_no_role_of_the_member_includes_is_refused_plain_and_wrapped() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		let (trader, maker) = (TestMember::BatteryTrade.signer(), TestMember::CellWorks.signer());
		let calls = plain_and_batched(registration);
		all_refused(&ledger, &trader, PoolRefusal::RoleNotAllowed, calls).await?;

		// Whose role counts is the account that the wrapped call comes from, not the one that signs.
		finalise(&ledger, &trader, &add_proxy(&maker)).await?;
		let through_a_maker = [
			(
				"by a proxy that has the role itself",
				proxy(&trader, registration()),
			),
			(
				"by that proxy, in batches",
				batch(vec![proxy(&trader, batch(vec![registration()]))]),
			),
		];
		all_refused(&ledger, &maker, PoolRefusal::RoleNotAllowed, through_a_maker).await?;
		// The account of the two together acts for nobody.
		let together = [(
			"by a multisig with a maker",
			as_multi_threshold_1(&maker, registration()),
		)];
		all_refused(&ledger, &trader, PoolRefusal::NotAMember, together).await
	});
}

#[test]
fn a_proxy_that_acts_for_nobody_is_refused_whoever_made_it_one() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		let broker = TestMember::DataBroker.signer();
		finalise(&ledger, &broker, &add_proxy(&stranger())).await?;
		let calls = [
			("by the proxy", proxy(&broker, remark())),
			("by the proxy, in a batch", batch(vec![proxy(&broker, remark())])),
		];
		all_refused(&ledger, &stranger(), PoolRefusal::NotAMember, calls).await
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
		let admit = || {
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
		let calls = [
			plain_and_batched(set_time),
			plain_and_batched(add_validator),
			plain_and_batched(admit),
		];
		let calls = calls
			.into_iter()
			.flatten()
			.chain(plain_and_batched(write_storage));
		all_refused(&ledger, &maker, PoolRefusal::CallNotAllowed, calls).await
	});
}

#[test]
fn more_wrappers_or_calls_than_the_pool_looks_into_are_refused() {
	run(async {
		let mut node = CHAIN.take().await?;
		let ledger = node.ledger().await?;
		let maker = TestMember::CellWorks.signer();
		let wrapped = |times: usize| (0..times).fold(remark(), |call, _| batch(vec![call]));
		let many = |calls: usize| batch((0..calls).map(|_| remark()).collect());
		// The bounds themselves are allowed.
		finalise(&ledger, &maker, &wrapped(4)).await?;
		finalise(&ledger, &maker, &many(100)).await?;
		all_refused(
			&ledger,
			&maker,
			PoolRefusal::NestedTooDeep,
			[("wrapped 5 times", wrapped(5))],
		)
		.await?;
		let calls = [
			("101 in one", many(101)),
			("101 in two", batch(vec![many(50), many(49)])),
		];
		all_refused(&ledger, &maker, PoolRefusal::TooManyCalls, calls).await
	});
}

#[test]
fn what_a_role_includes_is_taken_wrapped_too_and_changes_the_state() {
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
		// The look at the state that the other tests rely on must see what is there to be seen.
		let (_, changes) = changes_by(&ledger, async { finalise(&ledger, &delegate, &call).await }).await?;
		let delegate = hex::encode(delegate.public_key().0);
		ensure!(
			changes.iter().any(|key| key.ends_with(&delegate)),
			"the sender's nonce: {changes:#?}"
		);
		ensure!(
			changes.iter().any(|key| !key.ends_with(&delegate)),
			"the passport: {changes:#?}"
		);
		Ok(())
	});
}
