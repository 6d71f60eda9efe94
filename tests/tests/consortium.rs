//! The consortium at work on four validators without root: whatever the council decides is proposed, voted on and closed by plain
//! transactions of its members, and is seen by everybody else in the same block.
//!
//! One test, since a network takes longer to start than a decision to be made. What takes two sessions, that is another set of
//! validators, is shown by `validator_set.rs`.

use anyhow::{bail, ensure, Context, Result};
use passport_client::{
	api::{self, runtime_types as types, runtime_types::passport_runtime::RuntimeCall},
	test_keys::{signer, TestMember},
	Keypair, Ledger,
};
use passport_primitives::{
	battery::{DocumentHash, PassportId},
	data_set::{Audience, DataSet, DataSets, Purpose},
	ledger::{DelegatedRight, DelegatedRights},
	organisation::{OrganisationId, Role, Roles},
	pool::PoolRefusal,
	telemetry::FrameRefusal,
};
use passport_tests::{
	battery::Battery,
	call::{account, batch, bounded, dispatch_error, finalise, refusal, register, remark},
	network_council::{decide, enact_all},
	network_rpc::Rpc,
	network_seal::{author, AuthorityKey},
	register as register_batteries, run, until, Network, Node, PATIENCE,
};
use serde_json::{json, Value};
use std::ops::Range;
use subxt::utils::{Static, H256};
use types::{
	pallet_access_grant::{pallet::Call as AccessGrantCall, types::GrantId},
	pallet_organisations::pallet::Call as OrganisationsCall,
	sp_runtime::DispatchError,
};

/// Who votes: four of the council's five, as many as two thirds take. The fifth is the maker, which is to be suspended.
const COUNCIL: [TestMember; 4] = [
	TestMember::BatteryTrade,
	TestMember::FleetOne,
	TestMember::SecondLife,
	TestMember::MarketSurveillance,
];

/// One vote less.
const TOO_FEW: [TestMember; 3] = [
	TestMember::BatteryTrade,
	TestMember::SecondLife,
	TestMember::MarketSurveillance,
];

/// A member of the council whose membership ends for a while. It has no validator, so that the blocks go on as before.
const SEATED: TestMember = TestMember::MarketSurveillance;

const MAKER: TestMember = TestMember::CellWorks;
const DELEGATE: TestMember = TestMember::FleetOne;
const BRIDGE: TestMember = TestMember::FrameBridge;

/// The number that the next member gets.
const NEWCOMER: OrganisationId = OrganisationId(TestMember::ALL.len() as u32 + 1);

/// From the proposal of a membership's end to that end. The decision itself takes some four blocks.
const NOTICE_BLOCKS: u32 = 6;

/// Blocks before a validator is stopped, among which there are some of its own, and after it: each of four has every fourth slot.
const BLOCKS_BEFORE: u32 = 12;
const BLOCKS_AFTER: u32 = 4;

fn set_expiry(organisation: OrganisationId, expires_at: Option<u32>) -> RuntimeCall {
	RuntimeCall::Organisations(OrganisationsCall::set_expiry {
		organisation: Static(organisation),
		expires_at,
	})
}

fn remove(organisation: OrganisationId) -> RuntimeCall {
	RuntimeCall::Organisations(OrganisationsCall::remove {
		organisation: Static(organisation),
	})
}

fn admit(newcomer: &Keypair) -> RuntimeCall {
	RuntimeCall::Organisations(OrganisationsCall::admit {
		did: bounded(b"did:web:newcomer.example".to_vec()),
		roles: Static(Roles::of(&[Role::DataBroker])),
		hpke_public_key: [9; 32],
		expires_at: None,
		accounts: bounded(vec![account(newcomer)]),
	})
}

fn request(passport: PassportId, purpose: Purpose) -> RuntimeCall {
	RuntimeCall::AccessGrant(AccessGrantCall::request {
		passport: Static(passport),
		data_sets: Static(DataSets::of(&[DataSet::Composition])),
		purpose: Static(purpose),
		duration_blocks: 10_000,
	})
}

fn approve(grant: GrantId) -> RuntimeCall {
	RuntimeCall::AccessGrant(AccessGrantCall::approve {
		grant,
		envelope: None,
	})
}

fn frames(battery: &Battery, sequence: u64) -> Result<RuntimeCall> {
	let frame = types::pallet_telemetry::SubmittedFrame {
		device: battery.device,
		frame: bounded(battery.frame(sequence)?),
	};
	Ok(RuntimeCall::Telemetry(
		types::pallet_telemetry::pallet::Call::submit_frames {
			frames: bounded(vec![frame]),
		},
	))
}

/// The council's name of `telemetry.submit_frames`.
fn submit_frames() -> (
	types::bounded_collections::bounded_vec::BoundedVec<u8>,
	types::bounded_collections::bounded_vec::BoundedVec<u8>,
) {
	(bounded(b"Telemetry".to_vec()), bounded(b"submit_frames".to_vec()))
}

/// What a validator reads at a block, which it may have to get first.
async fn read(node: &Node, block: H256, method: &str, argument: Option<Value>) -> Result<Value> {
	let parameters: Vec<_> = argument.into_iter().chain([json!(block)]).collect();
	until(&format!("{method} at {block:?}"), PATIENCE, async || {
		let answer = node.json_rpc(method, json!(parameters)).await?;
		match answer["error"]["code"].as_i64() {
			None => Ok(Some(answer["result"]["value"].clone())),
			Some(9002) => Ok(None),
			Some(_) => bail!("{answer}"),
		}
	})
	.await
}

/// Asks for access and gives the number of the request.
async fn ask(ledger: &Ledger, by: TestMember, call: &RuntimeCall) -> Result<GrantId> {
	let asked = finalise(ledger, &by.signer(), call).await?;
	let event = asked
		.events
		.find_first::<api::access_grant::events::GrantRequested>();
	Ok(event.context("no GrantRequested event")??.grant)
}

/// What hangs on the maker: a battery with a device, a delegate, a grant, and a request that waits for an answer.
async fn set_up(ledger: &Ledger) -> Result<(Battery, GrantId)> {
	let mut batteries = register_batteries(ledger, "consortium", &["BAT-2027-CO-000001".to_owned()]).await?;
	let battery = batteries.pop().context("a battery")?;
	let delegate = RuntimeCall::Passport(types::pallet_passport::pallet::Call::delegate {
		passport: Static(battery.passport),
		delegate: Static(DELEGATE.organisation()),
		rights: Static(DelegatedRights::of(&[DelegatedRight::DecideAccess])),
		expires_at: 100_000,
		authorisation: Static(DocumentHash([7; 32])),
	});
	let maker = MAKER.signer();
	let by_the_broker = request(battery.passport, Purpose::Valuation);
	let (_, granted) = tokio::try_join!(
		finalise(ledger, &maker, &delegate),
		ask(ledger, TestMember::DataBroker, &by_the_broker),
	)?;
	let (yes, by_the_recycler) = (approve(granted), request(battery.passport, Purpose::Recycling));
	let (_, waiting) = tokio::try_join!(
		finalise(ledger, &maker, &yes),
		ask(ledger, TestMember::RecyclingPlant, &by_the_recycler),
	)?;
	Ok((battery, waiting))
}

/// Brings a frame and gives the reasons for which it was skipped, if it was.
async fn skipped(ledger: &Ledger, call: &RuntimeCall) -> Result<Vec<FrameRefusal>> {
	let done = finalise(ledger, &BRIDGE.signer(), call).await?;
	let event = done
		.events
		.find_first::<api::telemetry::events::BatchVerified>()
		.context("no BatchVerified event")??;
	Ok(event.skipped.0.into_iter().map(|frame| frame.reason.0).collect())
}

/// Fails unless the pool refuses each of these for the reason.
async fn refused(
	ledger: &Ledger,
	by: &Keypair,
	calls: impl IntoIterator<Item = RuntimeCall>,
	expected: PoolRefusal,
) -> Result<()> {
	for call in calls {
		let refused = refusal(ledger, by, &call).await?;
		ensure!(
			refused == expected,
			"refused because {refused}, not because {expected}: {call:?}"
		);
	}
	Ok(())
}

/// How many of these blocks an authority has written.
async fn written_by(rpc: &Rpc, who: &AuthorityKey, blocks: Range<u32>) -> Result<usize> {
	let authorities = rpc.authors().await?;
	let mut written = 0;
	for hash in rpc.hashes(&blocks.collect::<Vec<_>>()).await? {
		let head = rpc.head(hash.context("a block is missing")?).await?;
		written += usize::from(authorities[author(&head.header, &authorities)?] == *who);
	}
	Ok(written)
}

/// What stands and falls with the maker, as a validator reads it at a block: whether the maker may act, its grant opens, its
/// delegation counts, its device is heard.
async fn of_the_maker(node: &Node, block: H256, battery: &Battery) -> Result<[Value; 4]> {
	let passport = || Some(json!(battery.alias));
	let organisation = Some(json!(MAKER.organisation()));
	let organisation = read(node, block, "passport_organisation", organisation).await?;
	let grants = read(node, block, "passport_grants", passport()).await?;
	let delegations = read(node, block, "passport_delegations", passport()).await?;
	let devices = read(node, block, "passport_devices", passport()).await?;
	Ok([
		organisation["active"].clone(),
		grants[0]["open"].clone(),
		delegations[0]["inForce"].clone(),
		devices[0]["active"].clone(),
	])
}

#[test]
fn the_council_governs_by_motions_and_everybody_sees_it_in_the_block_of_the_decision() {
	run(async {
		let mut network = Network::start()?;
		// Bob's node takes the transactions and Dave's is asked; Alice's is the maker's.
		let ledger = network.nodes[1].ledger().await?;
		network.nodes[1].wait_for_height(&ledger, 2).await?;
		network.nodes[3].ledger().await?;
		let dave = &network.nodes[3];
		let newcomer = signer("//Newcomer").map_err(anyhow::Error::msg)?;
		let [maker, bridge, carrier, lab] =
			[MAKER, BRIDGE, TestMember::Carrier, TestMember::QualityLab].map(TestMember::signer);

		// Nobody does it alone, nor three of five: their motion is carried, and is no decision of the council. Who has no seat can not
		// even propose.
		let removal = || remove(TestMember::DataBroker.organisation());
		refused(
			&ledger,
			&COUNCIL[0].signer(),
			[removal()],
			PoolRefusal::CallNotAllowed,
		)
		.await?;
		let by_an_outsider = RuntimeCall::Council(types::pallet_collective::pallet::Call::propose {
			threshold: 1,
			proposal: Box::new(remark()),
			length_bound: 1_000,
		});
		refused(&ledger, &bridge, [by_an_outsider], PoolRefusal::NotSeated).await?;
		let ((battery, waiting), too_few) =
			tokio::try_join!(set_up(&ledger), decide(&ledger, &TOO_FEW, vec![removal()]))?;
		ensure!(
			matches!(too_few.results.as_slice(), [Err(DispatchError::BadOrigin)]),
			"three of five: {:?}",
			too_few.results
		);

		// Admission, roles, the end of a membership, the access table, a pause.
		let frame = |sequence| frames(&battery, sequence);
		let by_the_carrier = || request(battery.passport, Purpose::Maintenance);
		refused(&ledger, &newcomer, [remark()], PoolRefusal::NotAMember).await?;
		refused(&ledger, &carrier, [by_the_carrier()], PoolRefusal::RoleNotAllowed).await?;
		let decided = enact_all(
			&ledger,
			&COUNCIL,
			vec![
				admit(&newcomer),
				RuntimeCall::Organisations(OrganisationsCall::set_roles {
					organisation: Static(TestMember::Carrier.organisation()),
					roles: Static(Roles::of(&[Role::Logistics, Role::ServiceCentre])),
				}),
				set_expiry(TestMember::QualityLab.organisation(), Some(1)),
				set_expiry(SEATED.organisation(), Some(1)),
				RuntimeCall::AccessGrant(AccessGrantCall::set_access {
					audience: Static(Audience::LegitimateInterest),
					data_sets: Static(DataSets::of(&[DataSet::Model, DataSet::Composition])),
				}),
				RuntimeCall::TxPause(types::pallet_tx_pause::pallet::Call::pause {
					full_name: submit_frames(),
				}),
			],
		)
		.await?;
		for ended in [&lab, &SEATED.signer()] {
			refused(&ledger, ended, [remark()], PoolRefusal::MembershipEnded).await?;
		}
		refused(
			&ledger,
			&bridge,
			[frame(1)?, batch(vec![remark(), frame(1)?])],
			PoolRefusal::CallPaused,
		)
		.await?;
		let (any, asked) = (remark(), by_the_carrier());
		tokio::try_join!(
			finalise(&ledger, &newcomer, &any),
			finalise(&ledger, &carrier, &asked),
			// What is not paused goes on.
			finalise(&ledger, &bridge, &any),
		)?;
		let table = read(dave, decided.block_hash, "passport_accessTable", None).await?;
		ensure!(
			table["audiences"][2]["audience"] == "legitimateInterest"
				&& table["audiences"][2]["dataSets"] == json!(["model", "composition"]),
			"{table}"
		);

		// The pause ends, and a membership of itself: no call marks its last block. The member of the council whose membership has
		// ended votes, for its own as well.
		let last = ledger.finalised_head().await?.0 + NOTICE_BLOCKS;
		enact_all(
			&ledger,
			&COUNCIL,
			vec![
				RuntimeCall::TxPause(types::pallet_tx_pause::pallet::Call::unpause {
					ident: submit_frames(),
				}),
				set_expiry(TestMember::QualityLab.organisation(), None),
				set_expiry(SEATED.organisation(), None),
				set_expiry(NEWCOMER, Some(last)),
			],
		)
		.await?;
		let first = frame(1)?;
		let renewed = SEATED.signer();
		let (reasons, ..) = tokio::try_join!(
			skipped(&ledger, &first),
			finalise(&ledger, &lab, &any),
			finalise(&ledger, &renewed, &any),
		)?;
		ensure!(reasons.is_empty(), "the frame was skipped: {reasons:?}");
		until("the newcomer's last block has passed", PATIENCE, async || {
			Ok((ledger.finalised_head().await?.0 > last).then_some(()))
		})
		.await?;
		refused(&ledger, &newcomer, [remark()], PoolRefusal::MembershipEnded).await?;

		// A removal, and safe-mode: the ledger's own calls rest, members and council go on.
		let registration = || register("https://id.cell-works.example/21/SAFE-MODE", None);
		let before = enact_all(
			&ledger,
			&COUNCIL,
			vec![
				remove(NEWCOMER),
				RuntimeCall::SafeMode(types::pallet_safe_mode::pallet::Call::force_enter),
			],
		)
		.await?;
		refused(&ledger, &newcomer, [remark()], PoolRefusal::NotAMember).await?;
		refused(
			&ledger,
			&maker,
			[registration()?, batch(vec![registration()?])],
			PoolRefusal::CallPaused,
		)
		.await?;
		refused(&ledger, &bridge, [frame(2)?], PoolRefusal::CallPaused).await?;
		finalise(&ledger, &maker, &any).await?;

		// Safe-mode ends; the maker is suspended, and what hangs on it stops in that block.
		let suspended = enact_all(
			&ledger,
			&COUNCIL,
			vec![
				RuntimeCall::SafeMode(types::pallet_safe_mode::pallet::Call::force_exit),
				RuntimeCall::Organisations(OrganisationsCall::suspend {
					organisation: Static(MAKER.organisation()),
				}),
			],
		)
		.await?;
		let stands = of_the_maker(dave, before.block_hash, &battery).await?;
		ensure!(stands.iter().all(|part| *part == true), "before: {stands:?}");
		let stands = of_the_maker(dave, suspended.block_hash, &battery).await?;
		ensure!(stands.iter().all(|part| *part == false), "suspended: {stands:?}");
		refused(
			&ledger,
			&maker,
			[remark(), registration()?],
			PoolRefusal::Suspended,
		)
		.await?;
		let (delegate, second, yes) = (DELEGATE.signer(), frame(2)?, approve(waiting));
		let (reasons, by_the_delegate) = tokio::try_join!(
			skipped(&ledger, &second),
			dispatch_error(&ledger, &delegate, &yes),
		)?;
		ensure!(
			reasons == [FrameRefusal::DeviceNotActive],
			"the frame of its device: {reasons:?}"
		);
		ensure!(
			by_the_delegate == "AccessGrant.NotAuthorized",
			"{by_the_delegate}"
		);

		// Its seat in the council is gone, so that those who are left are the whole council.
		let vacated = suspended
			.events
			.find_first::<api::organisations::events::SeatVacated>()
			.context("no SeatVacated event")??;
		ensure!(
			vacated.account == account(&maker),
			"the seat of {} is gone",
			vacated.account
		);

		// Its validator is the fourth, and three are too few: it stays in the set, and writes no more blocks.
		let kept = suspended
			.events
			.find_first::<api::validators::events::StoppedValidatorKept>()
			.context("no StoppedValidatorKept event")??;
		ensure!(
			kept.validator == account(&maker),
			"{} was stopped",
			kept.validator
		);
		let rpc = Rpc {
			name: "dave".into(),
			address: dave.address(),
		};
		let (from, to) = (
			suspended.block_number + 1,
			suspended.block_number + 1 + BLOCKS_AFTER,
		);
		until(&format!("block {to} is final"), PATIENCE, async || {
			Ok((rpc.finalised().await?.number >= to).then_some(()))
		})
		.await?;
		let key = maker.public_key().0;
		ensure!(
			written_by(&rpc, &key, from - BLOCKS_BEFORE..from).await? > 0,
			"it has written no blocks before"
		);
		ensure!(
			written_by(&rpc, &key, from..to).await? == 0,
			"it goes on to write blocks"
		);

		// What was stopped in one step begins again in one, but for the validator: it writes blocks again from the next session on.
		let reinstated = enact_all(
			&ledger,
			&COUNCIL,
			vec![RuntimeCall::Organisations(OrganisationsCall::reinstate {
				organisation: Static(MAKER.organisation()),
			})],
		)
		.await?;
		let stands = of_the_maker(dave, reinstated.block_hash, &battery).await?;
		ensure!(stands.iter().all(|part| *part == true), "reinstated: {stands:?}");
		let done = finalise(&ledger, &maker, &registration()?).await?;
		// Its seat does not come back either: that takes a motion of its own.
		let proposal = RuntimeCall::Council(types::pallet_collective::pallet::Call::propose {
			threshold: 1,
			proposal: Box::new(remark()),
			length_bound: 1_000,
		});
		refused(&ledger, &maker, [proposal], PoolRefusal::NotSeated).await?;

		// And all four have the same ledger, the maker's node too.
		for (node, name) in network.nodes.iter().zip(["alice", "bob", "charlie", "dave"]) {
			let rpc = Rpc {
				name: name.into(),
				address: node.address(),
			};
			until(
				&format!("{name} has block {} as final", done.block_number),
				PATIENCE,
				async || Ok((rpc.finalised().await?.number >= done.block_number).then_some(())),
			)
			.await?;
			let hashes = rpc.hashes(&[done.block_number]).await?;
			ensure!(
				hashes == [Some(done.block_hash)],
				"{name} has another block {}",
				done.block_number
			);
		}
		Ok(())
	});
}
