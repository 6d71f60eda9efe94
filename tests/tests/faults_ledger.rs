//! The faults that the ledger must survive: four validators, each in a network namespace of its own, and harm done to them.
//!
//! Each test ends with the same question (`Consortium::is_one_ledger`): finality goes on, all four have the same final block and
//! the same state, and whatever any node or client was told is final stands on each of them. The tests share one network, one
//! after the other; a test that fails leaves it to nobody, and the next one starts another.

use anyhow::{ensure, Context, Result};
use passport_client::{
	api::runtime_types as types,
	test_keys::{signer, TestMember},
};
use passport_primitives::pool::PoolRefusal;
use passport_tests::{
	call::{account, batch_all, include, refusal, remark},
	network_consortium::{Consortium, ALL},
	network_council::{carry, close_carried},
	network_disk::Disk,
	network_keys::SessionKeys,
	network_peer::Peer,
	network_rpc::{bytes, Head, Rpc},
	network_seal::{author, voters, AuthorityKey},
	network_told::Sends,
	program::folder,
	run, until,
	verifier::verified,
	PATIENCE,
};
use serde_json::{json, Value};
use std::{
	sync::{Mutex, PoisonError},
	time::{Duration, Instant},
};
use subxt::{ext::codec::Decode, rpcs::rpc_params};
use tokio::time::timeout;
use types::{pallet_validators::pallet::Call as ValidatorsCall, passport_runtime::RuntimeCall};

/// The network, between two tests.
static CONSORTIUM: Mutex<Option<Consortium>> = Mutex::new(None);

/// Within this finality has to be back.
const A_MINUTE: Duration = Duration::from_secs(60);

/// How far the clock of a node is off, in seconds.
const CLOCK_OFF: i32 = 30;

/// What a node says of a block whose slot has not come yet.
const FROM_THE_FUTURE: &str = "too far in the future";

/// Size of the disk that is filled. Room for the database of hours, and too little for RocksDB to set aside the 250 MB that
/// it would write its log into: then it goes on for long on a disk that is full for everybody else.
const DISK_MB: u32 = 128;

/// Secret of keys and account that no member has.
const STRANGER: &str = "//Stranger";

/// Final blocks whose authors are looked at.
const BLOCKS_READ: u32 = 12;

/// Justifications whose voters are looked at.
const JUSTIFICATIONS_READ: usize = 3;

/// Validators that never return, by their places, and the members that stand in for them.
const LOST: [(usize, TestMember); 2] = [(2, TestMember::FleetOne), (3, TestMember::SecondLife)];
const HEIRS: [TestMember; 2] = [TestMember::RecyclingPlant, TestMember::MarketSurveillance];

/// How far finality has to lag, in blocks, before it is given to another set.
const LAG_BLOCKS: u32 = 50;

/// Blocks between the signal that it is given to another set and the change: as few as may be.
const DELAY_BLOCKS: u32 = 10;

/// How long that change may take: with a lag of 60 blocks there is one in 6 s.
const HAND_OVER: Duration = Duration::from_secs(150);

/// What a node says when it takes the other set.
const FORCED: &str = "Applying authority set change forced at block";

/// A battery that nobody has registered.
const NOBODYS: &str = "https://id.cell-works.example/21/faults/never-made";

/// Plays with the network when it is its turn, and leaves to the next test what `play` gives back. The turn is waited for
/// outside the time that a test may take.
fn in_turn(play: impl AsyncFnOnce(Consortium) -> Result<Option<Consortium>>) {
	let mut place = CONSORTIUM.lock().unwrap_or_else(PoisonError::into_inner);
	let sound = place.take();
	let mut left = None;
	run(async {
		let mut consortium = match sound {
			Some(consortium) => consortium,
			None => Consortium::start().await?,
		};
		consortium.listen();
		consortium.tells(1).await?;
		left = play(consortium).await?;
		Ok(())
	});
	*place = left;
}

/// A fault of which nobody is guilty: afterwards it is one ledger, and nobody was accused.
fn fault(strike: impl AsyncFnOnce(&mut Consortium) -> Result<()>) {
	in_turn(async |mut network: Consortium| {
		strike(&mut network).await?;
		network.is_one_ledger().await?;
		let ledger = network.peers[1].ledger().await?;
		let accused = network.accused(&ledger).await?;
		ensure!(
			accused.is_empty(),
			"honest validators were accused of voting twice: {accused:?}"
		);
		Ok(Some(network))
	});
}

#[test]
fn without_one_of_four_finality_goes_on_and_without_two_it_waits_for_their_return() {
	fault(async |network: &mut Consortium| {
		// Three of four are more than two thirds.
		network.peers[3].kill()?;
		network.goes_on(&[0, 1, 2], A_MINUTE).await?;

		network.peers[2].kill()?;
		network.stands_still(&[0, 1]).await?;

		let returned = Instant::now();
		network.peers[2].start()?;
		network.peers[3].start()?;
		network.peers[2].answers().await?;
		network.peers[3].answers().await?;
		network
			.goes_on(&ALL, A_MINUTE.saturating_sub(returned.elapsed()))
			.await
	});
}

#[test]
fn two_halves_of_two_finalise_nothing_and_are_one_again_within_a_minute() {
	fault(async |network: &mut Consortium| {
		network.part(&[2, 3])?;
		network.stands_still(&ALL).await?;
		// They have gone two ways: else they were not parted.
		let (here, there) = (network.peers[0].rpc(), network.peers[2].rpc());
		let height = here.best().await?.number.min(there.best().await?.number);
		ensure!(
			here.hashes(&[height]).await? != there.hashes(&[height]).await?,
			"both halves have the same block {height}"
		);

		network.heal()?;
		network.goes_on(&ALL, A_MINUTE).await
	});
}

#[test]
fn a_validator_that_is_killed_under_load_goes_on_from_its_database() {
	fault(async |network: &mut Consortium| {
		for member in [
			TestMember::RecyclingPlant,
			TestMember::DataBroker,
			TestMember::QualityLab,
			TestMember::NotifiedBody,
			TestMember::Carrier,
		] {
			network.add_client(3, member, Sends::Remarks(20_000));
		}
		for _ in 0..3 {
			network.tells(15).await?;
			let before = network.peers[3].rpc().finalised().await?;
			network.peers[3].kill()?;
			// The clients of the others are served meanwhile.
			network.tells(3).await?;
			network.peers[3].start()?;
			network.peers[3].answers().await?;
			let after = network.peers[3].rpc().finalised().await?;
			ensure!(
				after.number >= before.number,
				"block {} was final, and {} is after the restart",
				before.number,
				after.number
			);
			network.goes_on(&ALL, A_MINUTE).await?;
		}
		Ok(())
	});
}

#[test]
fn a_node_whose_disk_is_full_ends_and_goes_on_from_its_database_on_a_larger_one() {
	fault(async |network: &mut Consortium| {
		let disk = Disk::new(DISK_MB)?;
		network.peers[3].kill()?;
		network.peers[3].move_to(disk.path())?;
		network.peers[3].start()?;
		network.peers[3].answers().await?;
		network.goes_on(&ALL, A_MINUTE).await?;

		network.add_client(0, TestMember::RecyclingPlant, Sends::Remarks(100_000));
		until("the node whose disk is full ends", PATIENCE, async || {
			// Again and again: what the database gives back does not help it.
			disk.fill()?;
			Ok((!network.peers[3].is_running()).then_some(()))
		})
		.await?;
		ensure!(
			network.peers[3].logged("No space left on device")? > 0,
			"it ended for another reason, or does not say why"
		);
		network.goes_on(&[0, 1, 2], A_MINUTE).await?;

		network.peers[3].kill()?;
		network.peers[3].move_home()?;
		network.peers[3].start()?;
		network.peers[3].answers().await
	});
}

#[test]
fn a_node_that_lost_its_database_warps_to_the_last_final_block() {
	fault(async |network: &mut Consortium| {
		network.tells(10).await?;
		network.peers[3].kill()?;
		network.peers[3].wipe()?;
		let before = network.peers[0].rpc().finalised().await?;
		network.peers[3].start_with(&["--sync=warp"])?;
		network.peers[3].answers().await?;
		for step in ["Warp sync is complete", "State sync is complete"] {
			until(step, PATIENCE, async || {
				network.peers[3].check_running()?;
				Ok((network.peers[3].logged(step)? > 0).then_some(()))
			})
			.await?;
		}

		// Blocks that were made before come later, and are not executed: it never has their states.
		let numbers: Vec<u32> = (1..=before.number).collect();
		let hashes = until("it has the blocks of the past", PATIENCE, async || {
			let hashes = network.peers[3].rpc().hashes(&numbers).await?;
			Ok(hashes.into_iter().collect::<Option<Vec<_>>>())
		})
		.await?;
		let parent = hashes.iter().nth_back(1).context("too short a chain")?;
		let state = network.peers[3]
			.rpc()
			.ask::<Value>("state_getRuntimeVersion", json!([parent]))
			.await;
		ensure!(state.is_err(), "it has executed every block: {state:?}");
		Ok(())
	});
}

/// How many blocks these have refused because of their slots.
fn refused(network: &Consortium, by: &[usize]) -> Result<usize> {
	by.iter()
		.map(|&place| network.peers[place].logged(FROM_THE_FUTURE))
		.sum()
}

#[test]
fn a_clock_half_a_minute_off_costs_its_own_validator_and_nobody_else() {
	fault(async |network: &mut Consortium| {
		// Fast: its blocks are of slots that have not come, and nobody takes them.
		let before = refused(network, &[0, 1, 2])?;
		network.peers[3].kill()?;
		network.peers[3].start_with_clock(CLOCK_OFF)?;
		network.peers[3].answers().await?;
		until("its blocks are refused", PATIENCE, async || {
			network.peers[3].check_running()?;
			Ok((refused(network, &[0, 1, 2])? > before).then_some(()))
		})
		.await?;
		network.goes_on(&[0, 1, 2], A_MINUTE).await?;

		// Slow: to it the blocks of the others are of slots that have not come.
		let before = refused(network, &[3])?;
		network.peers[3].kill()?;
		network.peers[3].start_with_clock(-CLOCK_OFF)?;
		network.peers[3].answers().await?;
		until("it refuses the others' blocks", PATIENCE, async || {
			network.peers[3].check_running()?;
			Ok((refused(network, &[3])? > before).then_some(()))
		})
		.await?;
		network.goes_on(&[0, 1, 2], A_MINUTE).await?;

		// Set right.
		network.peers[3].kill()?;
		network.peers[3].start()?;
		network.peers[3].answers().await
	});
}

#[test]
fn a_stranger_follows_and_neither_writes_nor_finalises_nor_sends() {
	fault(async |network: &mut Consortium| {
		let mut stranger = network.guest("stranger", Vec::new())?;
		stranger.insert_key(STRANGER, "sr25519", "aura")?;
		stranger.insert_key(STRANGER, "ed25519", "gran")?;
		stranger.start()?;
		stranger.answers().await?;
		let head = network.peers[0].rpc().finalised().await?;
		until("the stranger follows", PATIENCE, async || {
			stranger.check_running()?;
			Ok((stranger.rpc().finalised().await?.number >= head.number).then_some(()))
		})
		.await?;
		let hashes = stranger.rpc().hashes(&[head.number]).await?;
		ensure!(hashes == [Some(head.hash)], "the stranger follows another chain");
		// While it catches up its pool looks at transactions from an older block.
		let next = stranger.rpc().best().await?.number + 1;
		until("the stranger is in step", PATIENCE, async || {
			stranger.check_running()?;
			let health: serde_json::Value = stranger.rpc().ask("system_health", json!([])).await?;
			let in_step = health["isSyncing"] == false && stranger.rpc().best().await?.number > next;
			Ok(in_step.then_some(()))
		})
		.await?;

		// It sends nothing, by its own node or by another.
		let account_holder = signer(STRANGER).map_err(anyhow::Error::msg)?;
		for peer in [&stranger, &network.peers[0]] {
			let ledger = peer.ledger().await?;
			let reason = refusal(&ledger, &account_holder, &remark()).await?;
			ensure!(
				reason == PoolRefusal::NotAMember,
				"{} refused, since {reason}",
				peer.name()
			);
			let nonce = ledger.next_nonce(&account(&account_holder)).await?;
			ensure!(nonce == 0, "{} has a transaction of the stranger", peer.name());
		}

		// It writes nothing: each block is sealed by the validator whose turn it was.
		let rpc = network.peers[0].rpc().clone();
		let (authors, finalisers) = (rpc.authors().await?, rpc.finalisers().await?);
		ensure!(authors.len() == 4 && finalisers.len() == 4, "not four validators");
		let last = head.number + BLOCKS_READ;
		until(&format!("block {last} is final"), PATIENCE, async || {
			stranger.check_running()?;
			Ok((rpc.finalised().await?.number >= last).then_some(()))
		})
		.await?;
		let numbers: Vec<u32> = (head.number + 1..=last).collect();
		for hash in rpc.hashes(&numbers).await? {
			let block = rpc.head(hash.context("a final block without a hash")?).await?;
			author(&block.header, &authors)?;
		}

		// It finalises nothing: who signs is one of the four, and three are enough.
		let ledger = network.peers[0].ledger().await?;
		let mut justifications = ledger
			.rpc()
			.subscribe::<String>(
				"grandpa_subscribeJustifications",
				rpc_params![],
				"grandpa_unsubscribeJustifications",
			)
			.await?;
		for _ in 0..JUSTIFICATIONS_READ {
			let justification = timeout(PATIENCE, justifications.next())
				.await
				.context("no justification comes")?
				.context("no more justifications")??;
			let (number, signed) = voters(&bytes(&justification)?)?;
			ensure!(
				signed.len() >= 3 && signed.iter().all(|voter| finalisers.contains(voter)),
				"block {number} was finalised by {signed:?}"
			);
		}
		stranger.kill()
	});
}

/// An equivocation by the book: one validator's keys on two machines. The network is nobody's afterwards: the accused is one
/// until the council has decided.
#[test]
fn a_validator_that_runs_twice_is_accused_and_the_ledger_stays_one() {
	in_turn(async |mut network: Consortium| {
		let mut twin = network.guest("alice-again", vec!["--alice".into()])?;
		twin.start()?;
		twin.answers().await?;

		let alice = account(&TestMember::CellWorks.signer());
		let ledger = network.peers[1].ledger().await?;
		let mut accused = Vec::new();
		until("alice is accused", PATIENCE, async || {
			twin.check_running()?;
			accused.extend(network.accused(&ledger).await?);
			Ok(accused.contains(&alice).then_some(()))
		})
		.await?;
		// Three honest ones of four are enough, whatever the two do.
		network.goes_on(&[1, 2, 3], A_MINUTE).await?;

		twin.kill()?;
		network.is_one_ledger().await?;
		accused.extend(network.accused(&ledger).await?);
		ensure!(
			accused.iter().all(|validator| *validator == alice),
			"others were accused too: {accused:?}"
		);
		// There are four, as few as may be: the council has to find another before this one goes.
		let authors = network.peers[1].rpc().authors().await?;
		ensure!(authors.len() == 4, "{} validators are left", authors.len());
		Ok(None)
	});
}

/// The highest block that any of these has as final. The chain of each of them has it.
async fn highest_final(nodes: &[Rpc]) -> Result<Head> {
	let mut highest = nodes.first().context("no nodes")?.finalised().await?;
	for node in nodes {
		let other = node.finalised().await?;
		if other.number > highest.number {
			highest = other;
		}
	}
	for node in nodes {
		let what = format!("{} has the last final block {}", node.name, highest.number);
		until(&what, PATIENCE, async || {
			Ok((node.hashes(&[highest.number]).await? == [Some(highest.hash)]).then_some(()))
		})
		.await?;
	}
	Ok(highest)
}

/// What a proof says after validators were changed by force: the node begins with the new set, which no set before vouches for, and
/// a verifier that was told of the new set accepts it.
async fn is_proven_by(rpc: &Rpc, finalisers: &[AuthorityKey], above: u32) -> Result<()> {
	let proof = until("a proof of a block of the new set", PATIENCE, async || {
		let proof: Value = rpc.ask("passport_proof", json!([NOBODYS])).await?;
		let number = proof["blockNumber"].as_u64();
		Ok(number
			.is_some_and(|number| number > u64::from(above))
			.then_some(proof))
	})
	.await?;
	ensure!(
		proof["value"]["firstSet"] == 1 && proof["value"]["setChanges"] == json!([]),
		"the proof begins with set {}: {}",
		proof["value"]["firstSet"],
		proof["value"]["setChanges"]
	);
	let list: Vec<_> = finalisers
		.iter()
		.map(|key| json!([format!("0x{}", hex::encode(key)), 1]))
		.collect();
	let path = folder("new-set")?.join("authorities.json");
	std::fs::write(&path, serde_json::to_vec(&list)?)?;
	let authorities = path.display().to_string();
	let genesis: String = rpc.ask("chain_getBlockHash", json!([0])).await?;
	let trusted = [
		"--authorities",
		&authorities,
		"--genesis-hash",
		&genesis,
		"--set-id",
		"1",
	];
	let proven = verified(&proof, NOBODYS, &trusted)?;
	ensure!(
		proven["setId"] == 1 && proven["passport"]["state"] == "absent",
		"{proven:#}"
	);
	Ok(())
}

/// "When they never come back" of `docs/validators.md`, step by step. The network is nobody's afterwards: its validators are others.
#[test]
fn when_two_of_four_never_return_the_council_gives_finality_to_another_set() {
	in_turn(async |mut network: Consortium| {
		// Their votes go first, and their machines when the council decides: as long as these fill their slots there is a block a
		// second, and the lag that the council has to wait for is there in half the time.
		for (place, member) in LOST {
			let lost = &mut network.peers[place];
			lost.kill()?;
			let all_keys = format!("--{}", lost.name());
			lost.forgets(&all_keys);
			lost.insert_key(member.seed(), "sr25519", "aura")?;
			lost.start()?;
		}
		let mut heirs: Vec<Peer> = Vec::new();
		for member in HEIRS {
			let mut heir = network.guest(member.name(), vec!["--rpc-methods=unsafe".into()])?;
			heir.start()?;
			heirs.push(heir);
		}
		for peer in network.peers.iter_mut().chain(&mut heirs) {
			peer.answers().await?;
		}
		network.stands_still(&[0, 1]).await?;

		// Where the new set will go on.
		let nodes: Vec<Rpc> = network
			.peers
			.iter()
			.chain(&heirs)
			.map(|peer| peer.rpc().clone())
			.collect();
		let last_final = highest_final(&nodes).await?;

		// The new validators' keys, in blocks that are not final.
		let ledger = network.peers[0].ledger().await?;
		let mut keys = Vec::new();
		for (heir, member) in heirs.iter().zip(HEIRS) {
			let made = SessionKeys::make(heir.rpc(), &member.signer()).await?;
			include(&ledger, &member.signer(), &made.set()).await?;
			ensure!(
				made.are_held_by(heir.rpc()).await?,
				"{} has not the keys that it made",
				heir.name()
			);
			keys.push(made);
		}

		// One motion: who goes, who comes, and that finality goes with them. Most of its steps can be taken before the lag is there.
		let mut decision: Vec<RuntimeCall> = LOST
			.iter()
			.zip(HEIRS)
			.map(|((_, lost), heir)| {
				RuntimeCall::Validators(ValidatorsCall::replace_validator {
					validator: account(&lost.signer()),
					by: account(&heir.signer()),
				})
			})
			.collect();
		decision.push(RuntimeCall::Validators(ValidatorsCall::note_stalled {
			best_finalised: last_final.number,
			delay_blocks: DELAY_BLOCKS,
		}));
		let motion = carry(&ledger, batch_all(decision)).await?;
		let rpc = network.peers[0].rpc().clone();
		until("finality lags far enough", PATIENCE, async || {
			// The motion is executed in the next block.
			Ok((rpc.best().await?.number + 1 >= last_final.number + LAG_BLOCKS).then_some(()))
		})
		.await?;
		for (place, _) in LOST {
			network.peers[place].kill()?;
		}
		close_carried(&ledger, &motion).await?;
		ensure!(
			rpc.finalised().await?.hash == last_final.hash,
			"blocks became final without two thirds"
		);

		// The new set takes over, and goes on from there.
		network.peers.truncate(2);
		network.peers.append(&mut heirs);
		for peer in &mut network.peers {
			let what = format!("{} has taken the new set", peer.name());
			until(&what, HAND_OVER, async || {
				peer.check_running()?;
				Ok((peer.logged(FORCED)? > 0).then_some(()))
			})
			.await?;
		}
		let taken = rpc.best().await?.number;
		until("the block of the change is final", A_MINUTE, async || {
			Ok((rpc.finalised().await?.number >= taken).then_some(()))
		})
		.await?;
		network.goes_on(&ALL, A_MINUTE).await?;
		let (authors, finalisers) = (rpc.authors().await?, rpc.finalisers().await?);
		ensure!(
			authors.len() == 4
				&& finalisers.len() == 4
				&& authors.iter().skip(2).eq(keys.iter().map(|made| &made.aura))
				&& finalisers
					.iter()
					.skip(2)
					.eq(keys.iter().map(|made| &made.grandpa)),
			"other validators than the council's: {authors:?}, {finalisers:?}"
		);

		// Nodes and chain count the same sets.
		let round: Value = rpc.ask("grandpa_roundState", json!([])).await?;
		let counted = rpc.state_call("GrandpaApi_current_set_id", &[]).await?;
		let counted = u64::decode(&mut counted.as_slice())?;
		ensure!(
			round["setId"] == 1 && counted == 1,
			"the nodes have set {}, the chain has {counted}",
			round["setId"]
		);
		is_proven_by(&rpc, &finalisers, last_final.number).await?;

		network.is_one_ledger().await?;
		let ledger = network.peers[0].ledger().await?;
		let accused = network.accused(&ledger).await?;
		ensure!(
			accused.is_empty(),
			"honest validators were accused of voting twice: {accused:?}"
		);
		Ok(None)
	});
}
