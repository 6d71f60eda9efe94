//! Four validators that a test does harm to, and the question that stands at the end of each: is it one ledger still?

use crate::{
	network::VALIDATORS,
	network_peer::Peer,
	network_switch::Switch,
	network_told::{Background, Sends, Told},
	program::built,
	state::State,
	until, PATIENCE,
};
use anyhow::{ensure, Context, Result};
use passport_client::{api::validators::events, test_keys::TestMember, Ledger};
use std::time::{Duration, Instant};
use subxt::utils::AccountId32;

/// Blocks that must become final to say that finality goes on.
const SOME_BLOCKS: u32 = 5;

/// Blocks that wait for finality when it has stopped: in a sound network it is one, on a busy machine three.
const BLOCKS_WAITING: u32 = 6;

/// Blocks that come after that, without one more being final.
const BLOCKS_IN_VAIN: u32 = 3;

/// How long a node may take to be one of four again after its fault has ended. Who was sent bad blocks does not talk to the
/// sender for a minute.
const RECOVERY: Duration = Duration::from_secs(150);

/// All four, by their places.
pub const ALL: [usize; 4] = [0, 1, 2, 3];

/// The network of `chain-spec/local.json`, each validator in a network namespace of its own.
pub struct Consortium {
	/// Alice, Bob, Charlie and Dave.
	pub peers: Vec<Peer>,
	/// What anybody was told since [`Consortium::listen`].
	pub told: Told,
	listeners: Vec<Background>,
	/// The first block that was not looked at for accusations.
	unread: u32,
	// After the nodes: they end before their namespaces do.
	switch: Switch,
}

impl Consortium {
	/// Starts all four and waits until they finalise blocks together.
	pub async fn start() -> Result<Self> {
		built("chain-spec/local.json")?;
		let mut switch = Switch::new()?;
		let mut peers = Vec::new();
		for name in VALIDATORS {
			peers.push(Peer::new(name, switch.plug()?, vec![format!("--{name}")])?);
		}
		let addresses: Vec<_> = peers.iter().map(Peer::address).collect();
		for peer in &mut peers {
			peer.knows(&addresses);
			peer.start()?;
		}
		for peer in &mut peers {
			peer.answers().await?;
		}
		let mut consortium = Consortium {
			peers,
			told: Told::default(),
			listeners: Vec::new(),
			unread: 1,
			switch,
		};
		consortium.goes_on(&ALL, PATIENCE).await?;
		Ok(consortium)
	}

	/// A fifth node that knows the four, not started yet.
	pub fn guest(&mut self, name: &str, arguments: Vec<String>) -> Result<Peer> {
		let addresses: Vec<_> = self.peers.iter().map(Peer::address).collect();
		let mut guest = Peer::new(name, self.switch.plug()?, arguments)?;
		guest.knows(&addresses);
		Ok(guest)
	}

	/// Starts to note what nodes and clients are told. The clients sit at the first node, which no fault stops, and at the
	/// last, which most stop.
	pub fn listen(&mut self) {
		let told = Told::default();
		let (first, last) = (self.peers[0].rpc(), self.peers[3].rpc());
		self.listeners = self.peers.iter().map(|peer| told.watch(peer.rpc())).collect();
		self.listeners.extend([
			told.client(first, TestMember::CellWorks, Sends::Registrations(3)),
			told.client(first, TestMember::BatteryTrade, Sends::Remarks(1_000)),
			told.client(last, TestMember::FleetOne, Sends::Remarks(1_000)),
			told.client(last, TestMember::SecondLife, Sends::Remarks(1_000)),
		]);
		self.told = told;
	}

	/// One more client at a node, until the end of the test.
	pub fn add_client(&mut self, node: usize, member: TestMember, sends: Sends) {
		let client = self.told.client(self.peers[node].rpc(), member, sends);
		self.listeners.push(client);
	}

	/// Waits until clients were told of so many more transactions that they are final.
	pub async fn tells(&self, more: usize) -> Result<()> {
		let wanted = self.told.transactions() + more;
		until(
			&format!("{more} more transactions are final"),
			PATIENCE,
			async || Ok((self.told.transactions() >= wanted).then_some(())),
		)
		.await
		.with_context(|| format!("clients had trouble: {}", self.told.last_trouble()))
	}

	/// Waits until these have some more final blocks than any of them has now.
	pub async fn goes_on(&mut self, which: &[usize], patience: Duration) -> Result<()> {
		let began = Instant::now();
		let mut height = 0;
		for &place in which {
			height = height.max(self.peers[place].rpc().finalised().await?.number);
		}
		height += SOME_BLOCKS;
		for &place in which {
			let peer = &mut self.peers[place];
			let what = format!("block {height} is final for {}", peer.name());
			until(&what, patience.saturating_sub(began.elapsed()), async || {
				peer.check_running()?;
				Ok((peer.rpc().finalised().await?.number >= height).then_some(()))
			})
			.await?;
		}
		Ok(())
	}

	/// Waits until these make blocks that nobody finalises, and holds that it stays so.
	pub async fn stands_still(&mut self, which: &[usize]) -> Result<()> {
		let mut stops = Vec::new();
		for &place in which {
			let peer = &mut self.peers[place];
			let what = format!("{BLOCKS_WAITING} blocks of {} wait for finality", peer.name());
			let stop = until(&what, PATIENCE, async || {
				peer.check_running()?;
				let (best, last) = (peer.rpc().best().await?, peer.rpc().finalised().await?);
				Ok((best.number >= last.number + BLOCKS_WAITING).then_some((place, best, last)))
			})
			.await?;
			stops.push(stop);
		}
		for (place, best, last) in stops {
			let peer = &mut self.peers[place];
			let height = best.number + BLOCKS_IN_VAIN;
			let what = format!("{} has block {height}", peer.name());
			until(&what, PATIENCE, async || {
				peer.check_running()?;
				Ok((peer.rpc().best().await?.number >= height).then_some(()))
			})
			.await?;
			let still = peer.rpc().finalised().await?;
			ensure!(
				still.hash == last.hash,
				"{} finalised block {} without two thirds",
				peer.name(),
				still.number
			);
		}
		Ok(())
	}

	/// Parts the network in two halves, these and the others.
	pub fn part(&self, away: &[usize]) -> Result<()> {
		let ports: Vec<_> = away.iter().map(|&place| self.peers[place].port()).collect();
		self.switch.part(&ports)
	}

	/// Ends the parting.
	pub fn heal(&self) -> Result<()> {
		let ports: Vec<_> = self.peers.iter().map(Peer::port).collect();
		self.switch.heal(&ports)
	}

	/// Who was accused of voting twice, in final blocks that were not read yet.
	pub async fn accused(&mut self, ledger: &Ledger) -> Result<Vec<AccountId32>> {
		let (last, _) = ledger.finalised_head().await?;
		let mut accused = Vec::new();
		while self.unread <= last {
			let at = ledger.client().at_block(self.unread).await?;
			let read = at.events().fetch().await?;
			for kept in read.find::<events::OffenderKept>() {
				accused.push(kept?.validator);
			}
			for removed in read.find::<events::OffenderRemoved>() {
				accused.push(removed?.validator);
			}
			self.unread += 1;
		}
		Ok(accused)
	}

	/// The end of a test: finality goes on, all four have the same final block and the same state, and what anybody was told
	/// stands on each of them.
	pub async fn is_one_ledger(&mut self) -> Result<()> {
		self.goes_on(&ALL, RECOVERY).await?;
		self.tells(1).await?;
		for listener in self.listeners.drain(..) {
			listener.end().await;
		}

		// The highest that any of them has: all that was told lies below.
		let mut head = self.peers[0].rpc().finalised().await?;
		for peer in &self.peers {
			let other = peer.rpc().finalised().await?;
			if other.number > head.number {
				head = other;
			}
		}
		let mut first: Option<State> = None;
		for peer in &mut self.peers {
			until(
				&format!("block {} is final for {}", head.number, peer.name()),
				PATIENCE,
				async || {
					peer.check_running()?;
					Ok((peer.rpc().finalised().await?.number >= head.number).then_some(()))
				},
			)
			.await?;
			let hashes = peer.rpc().hashes(&[head.number]).await?;
			ensure!(
				hashes == [Some(head.hash)],
				"{} has another block {}",
				peer.name(),
				head.number
			);
			let root = peer.rpc().head(head.hash).await?.header.state_root;
			ensure!(
				root == head.header.state_root,
				"{} has another state root",
				peer.name()
			);
			// The root stands in the header; that the node has what it is the root of is another matter.
			let state = State::at(&peer.ledger().await?, head.hash).await?;
			match &first {
				None => first = Some(state),
				Some(first) => {
					let differing = first.differing(&state);
					ensure!(
						differing.is_empty(),
						"{} has another state: {differing:#?}",
						peer.name()
					);
				}
			}
			self.told.stands_on(peer.rpc()).await?;
		}
		Ok(())
	}
}
