//! A link between two programs that a test cuts, or holds, at a packet of its choice.
//!
//! A program that is to be killed at a stage of its work is caught there: its link is held at the packet that begins or ends
//! the stage, the test sees that it was, and kills it while it waits. Nothing in the program itself is changed for that.

use anyhow::{ensure, Result};
use std::{
	collections::VecDeque,
	io,
	net::SocketAddr,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::Duration,
};
use tokio::{
	io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
	net::{TcpListener, TcpStream},
	task::{JoinHandle, JoinSet},
};

use crate::until;

/// Longest packet that is passed on, in bytes: the metadata of a runtime, in hex, has less than a tenth.
const MAX_PACKET_BYTES: u64 = 64 << 20;

/// What a link carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
	/// Control packets of MQTT 5 (its section 2.1).
	Mqtt,
	/// JSON-RPC over WebSocket: an HTTP head in either direction, then frames (RFC 6455 section 5.2).
	JsonRpc,
}

/// Which way a packet goes: a client is who has connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Towards {
	/// To the broker, to the node.
	Server,
	/// To the bridge, to a battery.
	Client,
}

/// What a packet is known by.
#[derive(Clone, Copy, Debug)]
pub enum Sought {
	/// MQTT's type of packet, in its first four bits (MQTT 5 section 2.1.2).
	Kind(u8),
	/// A message in which this stands.
	Text(&'static str),
}

/// Where in a packet something happens to the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
	/// Nothing of it arrives.
	Before,
	/// Half of it arrives.
	Within,
	/// It arrives, and nothing after it.
	After,
}

/// What happens there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
	/// Both sides see that the connection has ended.
	Cut,
	/// Nothing passes any more, either way, and nobody is told.
	Hold,
}

/// A packet at which something happens to the link, once.
#[derive(Clone, Copy, Debug)]
pub struct Snag {
	/// Its direction.
	pub towards: Towards,
	/// What it is known by.
	pub sought: Sought,
	/// Which of this kind, from 1, counted from the snag before on over all connections.
	pub nth: usize,
	/// Where in it.
	pub place: Place,
	/// What happens.
	pub then: Then,
}

/// The snags that are to come.
#[derive(Default)]
struct Plan {
	snags: VecDeque<Snag>,
	/// Packets of the first one's kind that have passed since the one before.
	seen: usize,
	/// Snags that were not carried out yet.
	left: usize,
}

impl Plan {
	/// The snag that this packet is caught by.
	fn meets(&mut self, towards: Towards, packet: &Packet) -> Option<Snag> {
		let snag = *self.snags.front()?;
		if snag.towards != towards || !packet.is(snag.sought) {
			return None;
		}
		self.seen += 1;
		if self.seen < snag.nth {
			return None;
		}
		self.seen = 0;
		self.snags.pop_front()
	}
}

/// A packet as it came, and what is in it.
struct Packet {
	bytes: Vec<u8>,
	/// WebSocket hides what a client sends behind a mask (RFC 6455 section 5.3).
	content: Vec<u8>,
}

impl Packet {
	fn plain(bytes: Vec<u8>) -> Self {
		Packet {
			content: bytes.clone(),
			bytes,
		}
	}

	fn is(&self, sought: Sought) -> bool {
		match sought {
			Sought::Kind(kind) => self.content.first().is_some_and(|first| first >> 4 == kind),
			Sought::Text(text) => self
				.content
				.windows(text.len())
				.any(|part| part == text.as_bytes()),
		}
	}
}

/// Reads what stands behind the head of a packet.
async fn read_rest(from: &mut (impl AsyncRead + Unpin), bytes: &mut Vec<u8>, length: u64) -> io::Result<()> {
	if length > MAX_PACKET_BYTES {
		return Err(io::ErrorKind::InvalidData.into());
	}
	let start = bytes.len();
	bytes.resize(start + length as usize, 0);
	from.read_exact(&mut bytes[start..]).await?;
	Ok(())
}

async fn mqtt_packet(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Packet> {
	let mut bytes = vec![from.read_u8().await?];
	let mut length = 0;
	// At most four bytes, seven bits in each (MQTT 5 section 1.5.5).
	for place in 0..4 {
		let byte = from.read_u8().await?;
		bytes.push(byte);
		length |= u64::from(byte & 0x7f) << (7 * place);
		if byte & 0x80 == 0 {
			break;
		}
	}
	read_rest(from, &mut bytes, length).await?;
	Ok(Packet::plain(bytes))
}

async fn http_head(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Packet> {
	let mut bytes = Vec::new();
	while !bytes.ends_with(b"\r\n\r\n") {
		bytes.push(from.read_u8().await?);
	}
	Ok(Packet::plain(bytes))
}

async fn web_socket_frame(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Packet> {
	let mut bytes = vec![from.read_u8().await?, from.read_u8().await?];
	let length = match bytes[1] & 0x7f {
		126 => {
			let length = from.read_u16().await?;
			bytes.extend(length.to_be_bytes());
			u64::from(length)
		}
		127 => {
			let length = from.read_u64().await?;
			bytes.extend(length.to_be_bytes());
			length
		}
		short => u64::from(short),
	};
	let mut mask = [0; 4];
	if bytes[1] & 0x80 != 0 {
		from.read_exact(&mut mask).await?;
		bytes.extend(mask);
	}
	let start = bytes.len();
	read_rest(from, &mut bytes, length).await?;
	let content = bytes[start..]
		.iter()
		.zip(mask.iter().cycle())
		.map(|(byte, mask)| byte ^ mask)
		.collect();
	Ok(Packet { bytes, content })
}

/// How a connection came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
	Closed,
	AtSnag(Then),
}

/// Passes packets on until the connection ends, or until one is caught.
async fn pass(
	from: &mut (impl AsyncRead + Unpin),
	to: &mut (impl AsyncWrite + Unpin),
	towards: Towards,
	protocol: Protocol,
	plan: &Mutex<Plan>,
) -> Ended {
	let mut from = BufReader::new(from);
	let mut first = true;
	loop {
		let read = match protocol {
			Protocol::Mqtt => mqtt_packet(&mut from).await,
			Protocol::JsonRpc if first => http_head(&mut from).await,
			Protocol::JsonRpc => web_socket_frame(&mut from).await,
		};
		first = false;
		let Ok(packet) = read else {
			return Ended::Closed;
		};
		let snag = lock(plan).meets(towards, &packet);
		let end = match snag.map(|snag| snag.place) {
			Some(Place::Before) => 0,
			Some(Place::Within) => packet.bytes.len() / 2,
			Some(Place::After) | None => packet.bytes.len(),
		};
		let written = async {
			to.write_all(&packet.bytes[..end]).await?;
			to.flush().await
		}
		.await;
		if let Some(snag) = snag {
			lock(plan).left -= 1;
			return Ended::AtSnag(snag.then);
		}
		if written.is_err() {
			return Ended::Closed;
		}
	}
}

/// One connection, from its beginning to its end.
async fn serve(near: TcpStream, server: &str, protocol: Protocol, plan: &Mutex<Plan>) {
	// A server that is away: the client's connection ends.
	let Ok(far) = TcpStream::connect(server).await else {
		return;
	};
	// Packets are small, and answers are waited for.
	if near.set_nodelay(true).and(far.set_nodelay(true)).is_err() {
		return;
	}
	let (mut from_near, mut to_near) = near.into_split();
	let (mut from_far, mut to_far) = far.into_split();
	let ended = tokio::select! {
		ended = pass(&mut from_near, &mut to_far, Towards::Server, protocol, plan) => ended,
		ended = pass(&mut from_far, &mut to_near, Towards::Client, protocol, plan) => ended,
	};
	if ended == Ended::AtSnag(Then::Hold) {
		// What the client says goes nowhere, until it is gone.
		let mut unheard = [0; 4_096];
		while matches!(from_near.read(&mut unheard).await, Ok(1..)) {}
	}
}

fn lock(plan: &Mutex<Plan>) -> MutexGuard<'_, Plan> {
	plan.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A link on loopback to a server. It passes everything on until it is told what to catch.
pub struct Link {
	address: SocketAddr,
	plan: Arc<Mutex<Plan>>,
	task: JoinHandle<()>,
}

impl Link {
	/// A link to the server at this `HOST:PORT`, which may come and go.
	pub async fn start(server: &str, protocol: Protocol) -> Result<Self> {
		let listener = TcpListener::bind("127.0.0.1:0").await?;
		let address = listener.local_addr()?;
		let plan = Arc::<Mutex<Plan>>::default();
		let (server, shared) = (server.to_owned(), plan.clone());
		let task = tokio::spawn(async move {
			let mut connections = JoinSet::new();
			while let Ok((near, _)) = listener.accept().await {
				let (server, plan) = (server.clone(), shared.clone());
				connections.spawn(async move { serve(near, &server, protocol, &plan).await });
			}
		});
		Ok(Link { address, plan, task })
	}

	/// Where clients connect, as `HOST:PORT`.
	pub fn address(&self) -> String {
		self.address.to_string()
	}

	/// Catches these packets, one after the other. An error while some of before are left.
	pub fn catch(&self, snags: impl IntoIterator<Item = Snag>) -> Result<()> {
		let mut plan = lock(&self.plan);
		ensure!(plan.left == 0, "{} snags are left", plan.left);
		plan.snags = snags.into_iter().collect();
		plan.left = plan.snags.len();
		plan.seen = 0;
		Ok(())
	}

	/// Waits until every packet was caught, as long as `check` finds nothing wrong.
	pub async fn until_caught(
		&self,
		patience: Duration,
		mut check: impl FnMut() -> Result<()>,
	) -> Result<()> {
		let waited = until("every packet is caught", patience, async || {
			check()?;
			Ok((lock(&self.plan).left == 0).then_some(()))
		})
		.await;
		waited.map_err(|error| {
			let next = lock(&self.plan).snags.front().copied();
			error.context(format!("the next one would be {next:?}"))
		})
	}
}

impl Drop for Link {
	fn drop(&mut self) {
		// Its connections end with it.
		self.task.abort();
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use anyhow::Context;

	/// A server that sends back what it gets.
	async fn echo() -> Result<String> {
		let listener = TcpListener::bind("127.0.0.1:0").await?;
		let address = listener.local_addr()?.to_string();
		tokio::spawn(async move {
			while let Ok((mut stream, _)) = listener.accept().await {
				tokio::spawn(async move {
					let (mut from, mut to) = stream.split();
					// It ends with an error when the link is cut.
					let _ended = tokio::io::copy(&mut from, &mut to).await;
				});
			}
		});
		Ok(address)
	}

	/// What comes back for these bytes until nothing more does.
	async fn answer(link: &Link, bytes: &[u8]) -> Result<Vec<u8>> {
		let mut stream = TcpStream::connect(link.address()).await?;
		stream.write_all(bytes).await?;
		let mut answer = Vec::new();
		let mut part = [0; 64];
		// A cut may be seen as an end or as an error.
		while let Ok(read @ 1..) = stream.read(&mut part).await {
			answer.extend_from_slice(&part[..read]);
		}
		Ok(answer)
	}

	const PATIENCE: Duration = Duration::from_secs(20);

	#[tokio::test]
	async fn a_link_is_cut_before_within_and_after_the_packet_that_was_asked_for() -> Result<()> {
		let link = Link::start(&echo().await?, Protocol::Mqtt).await?;
		// Two PINGREQ, a PUBACK of four bytes, a PINGREQ.
		let sent = [0xc0, 0, 0xc0, 0, 0x40, 2, 0, 7, 0xc0, 0];
		for (place, arrive) in [(Place::Before, 4), (Place::Within, 6), (Place::After, 8)] {
			link.catch([Snag {
				towards: Towards::Client,
				sought: Sought::Kind(4),
				nth: 1,
				place,
				then: Then::Cut,
			}])?;
			let answer = tokio::time::timeout(PATIENCE, answer(&link, &sent))
				.await
				.context("the link was not cut")??;
			assert_eq!(answer, sent[..arrive], "{place:?}");
			link.until_caught(PATIENCE, || Ok(())).await?;
		}
		Ok(())
	}

	#[tokio::test]
	async fn a_link_is_held_at_a_message_behind_a_mask_and_is_open_for_the_next_client() -> Result<()> {
		let link = Link::start(&echo().await?, Protocol::JsonRpc).await?;
		let mut hello = b"GET / HTTP/1.1\r\n\r\n".to_vec();
		// Two texts, masked: the second is sought.
		for text in ["first", "second"] {
			hello.extend([0x81, 0x80 | text.len() as u8, 1, 2, 3, 4]);
			hello.extend(
				text.bytes()
					.zip([1_u8, 2, 3, 4].iter().cycle())
					.map(|(byte, mask)| byte ^ mask),
			);
		}
		link.catch([Snag {
			towards: Towards::Server,
			sought: Sought::Text("second"),
			nth: 1,
			place: Place::Before,
			then: Then::Hold,
		}])?;
		let mut held = TcpStream::connect(link.address()).await?;
		held.write_all(&hello).await?;
		link.until_caught(PATIENCE, || Ok(())).await?;
		// What was caught is not left: others can be sought.
		link.catch([])?;
		let mut next = TcpStream::connect(link.address()).await?;
		next.write_all(&hello).await?;
		let mut back = vec![0; hello.len()];
		tokio::time::timeout(PATIENCE, next.read_exact(&mut back))
			.await
			.context("the link is not open")??;
		assert_eq!(back, hello);
		Ok(())
	}
}
