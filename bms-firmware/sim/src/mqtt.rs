//! One MQTT 5 connection that many devices share, by rumqttc.
//!
//! Each connection is a new client with a clean start, thrown away when it fails: rumqttc's own reconnecting can livelock
//! (rumqtt #664, #1056) and its packet ids do not outlive it. What was on its way is in the devices' outboxes and is
//! published again; the ledger takes a frame once, by device and sequence. So QoS 2 is exactly once while a connection lasts
//! and at least once over its loss.

use std::{
	collections::{BTreeMap, HashMap, VecDeque},
	time::Duration,
};

use bms_core::Delivery;
use passport_primitives::telemetry::MAX_FRAME_BYTES;
use rumqttc::{
	v5::{
		mqttbytes::{
			v5::{ConnAck, Filter, Packet, PubAckReason, PubCompReason, PubRecReason, SubscribeReasonCode},
			QoS,
		},
		AsyncClient, Event, EventLoop, MqttOptions,
	},
	NetworkOptions, Outgoing,
};
use tokio::{
	sync::mpsc::{unbounded_channel, UnboundedReceiver, UnboundedSender},
	task::JoinHandle,
	time::{sleep, sleep_until, timeout, Instant},
};
use tracing::warn;

use crate::retry::Backoff;

/// Publishes on their way at most, whatever the broker allows.
const MAX_IN_FLIGHT: u16 = 256;
/// Topic, packet header and properties of a publish, in bytes, at their longest.
const MAX_PUBLISH_OVERHEAD: u32 = 256;
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// Topics in one SUBSCRIBE, so that it is no longer than the longest frame, which the broker takes.
const TOPICS_AT_ONCE: usize = 32;

/// Where the broker listens: `mqtt://host` or `mqtt://host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerAddress {
	host: String,
	port: u16,
}

/// Not the address of a broker.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokerAddressError {
	/// Another scheme.
	#[error("a broker's address looks like mqtt://127.0.0.1:1883")]
	Scheme,
	/// mqtts and the like.
	#[error("the simulator has no TLS: give mqtt://host:port, or a TLS proxy in front of the broker")]
	Tls,
	/// No host, a name and password, a path.
	#[error("the broker's address must be host and port, and nothing else")]
	Host,
	/// Not a number up to 65535, or 0.
	#[error("the broker's port must be a number from 1 to 65535")]
	Port,
}

impl std::str::FromStr for BrokerAddress {
	type Err = BrokerAddressError;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		let (scheme, rest) = text.split_once("://").ok_or(BrokerAddressError::Scheme)?;
		match scheme {
			"mqtt" | "tcp" => {}
			"mqtts" | "ssl" | "tls" => return Err(BrokerAddressError::Tls),
			_ => return Err(BrokerAddressError::Scheme),
		}
		let rest = rest.strip_suffix('/').unwrap_or(rest);
		// The colons of an IPv6 address stand in brackets.
		let after_bracket = rest.rfind(']').unwrap_or(0);
		let (host, port) = match rest[after_bracket..].rfind(':') {
			Some(colon) => {
				let (host, port) = rest.split_at(after_bracket + colon);
				(
					host,
					port[1..]
						.parse()
						.ok()
						.filter(|port| *port != 0)
						.ok_or(BrokerAddressError::Port)?,
				)
			}
			None => (rest, 1883),
		};
		if host.is_empty() || host.contains(['/', '@', ' ', '?', '#']) {
			return Err(BrokerAddressError::Host);
		}
		Ok(BrokerAddress {
			host: host.into(),
			port,
		})
	}
}

impl std::fmt::Display for BrokerAddress {
	fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		write!(formatter, "mqtt://{}:{}", self.host, self.port)
	}
}

/// Which frame: a device of this connection, and a sequence.
pub type FrameKey = (usize, u64);

/// What a connection reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionEvent {
	/// It is up and has room.
	Up,
	/// The broker has this frame.
	Acknowledged(FrameKey),
	/// The broker does not take this frame now.
	Refused(FrameKey, String),
	/// A command came for the device of this place.
	Command(usize, Vec<u8>),
	/// It is gone; it was not up where no frame could be on its way.
	Lost(String),
}

/// What the task that polls the client tells.
enum Wire {
	Up {
		in_flight: u16,
	},
	Subscribed {
		refused: Option<String>,
	},
	Command {
		topic: String,
		message: Vec<u8>,
	},
	Sent(u16),
	Done(u16),
	Refused {
		packet: u16,
		reason: String,
		leaks: bool,
	},
	Lost(String),
}

/// Publishes on their way, by the packet ids that rumqttc gives them.
///
/// It counts ids 1, 2, ... up to the limit and begins anew, and runs into trouble when an id is still in use. So no more than
/// the limit may lie between the oldest that is not done and the newest, done ones in between included.
#[derive(Debug, Default)]
struct InFlight {
	limit: usize,
	/// Oldest first; `None` where it is done and only an older one keeps its place.
	span: VecDeque<Option<FrameKey>>,
	/// Number of the first in `span`, since the connection began.
	first: u64,
	/// Number of the next that rumqttc will tell a packet id of.
	next_sent: u64,
	by_packet: HashMap<u16, u64>,
}

impl InFlight {
	fn has_room(&self) -> bool {
		self.span.len() < self.limit
	}

	fn hand_over(&mut self, key: FrameKey) {
		self.span.push_back(Some(key));
	}

	fn sent(&mut self, packet: u16) {
		self.by_packet.insert(packet, self.next_sent);
		self.next_sent += 1;
	}

	fn done(&mut self, packet: u16) -> Option<FrameKey> {
		let number = self.by_packet.remove(&packet)?;
		let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
		let key = self.span.get_mut(place)?.take();
		while let Some(None) = self.span.front() {
			self.span.pop_front();
			self.first += 1;
		}
		key
	}
}

struct Client {
	client: AsyncClient,
	wire: UnboundedReceiver<Wire>,
	task: JoinHandle<()>,
	in_flight: InFlight,
	/// Publishes on their way that the broker allows, from when on it has answered every SUBSCRIBE: those take packet ids too.
	allowed: usize,
	/// SUBSCRIBEs that it has not answered.
	subscribing: usize,
}

impl Client {
	/// Asks for the topics; `false` where it has no room for that.
	fn subscribe(&mut self, topics: &BTreeMap<String, usize>) -> bool {
		let filters: Vec<_> = topics
			.keys()
			.map(|topic| Filter::new(topic, QoS::AtLeastOnce))
			.collect();
		filters.chunks(TOPICS_AT_ONCE).all(|some| {
			self.subscribing += 1;
			self.client.try_subscribe_many(some.to_vec()).is_ok()
		})
	}
}

/// A connection that is made again whenever it is lost.
pub struct Connection {
	broker: BrokerAddress,
	client_id: String,
	client: Option<Client>,
	backoff: Backoff,
	/// When to connect, where there is no client.
	connect_at: Instant,
	/// Until when nothing is published after a refusal.
	paused_until: Option<Instant>,
	/// Topics that commands come on, and for which device.
	topics: BTreeMap<String, usize>,
}

impl Connection {
	/// Not connected yet: [`next_event`](Self::next_event) does it.
	pub fn new(broker: BrokerAddress, client_id: String, backoff: Backoff) -> Self {
		Connection {
			broker,
			client_id,
			client: None,
			backoff,
			connect_at: Instant::now(),
			paused_until: None,
			topics: BTreeMap::new(),
		}
	}

	/// Takes commands for the device of this place from a topic, from the next connection on.
	pub fn listen(&mut self, place: usize, topic: String) {
		self.topics.insert(topic, place);
	}

	/// Whether a publish would be taken now.
	pub fn has_room(&self) -> bool {
		self.paused_until.is_none()
			&& self
				.client
				.as_ref()
				.is_some_and(|client| client.in_flight.has_room())
	}

	/// Takes a publish; `false` when there is no room.
	pub fn publish(&mut self, key: FrameKey, topic: String, delivery: Delivery, payload: &[u8]) -> bool {
		if !self.has_room() {
			return false;
		}
		let Some(client) = &mut self.client else {
			return false;
		};
		let qos = match delivery {
			Delivery::AtMostOnce => QoS::AtMostOnce,
			Delivery::AtLeastOnce => QoS::AtLeastOnce,
			Delivery::ExactlyOnce => QoS::ExactlyOnce,
		};
		let taken = client
			.client
			.try_publish(topic, qos, false, payload.to_vec())
			.is_ok();
		if taken {
			client.in_flight.hand_over(key);
		}
		taken
	}

	/// Waits for what happens next, connecting where there is no connection. May be cancelled and called again.
	pub async fn next_event(&mut self) -> ConnectionEvent {
		loop {
			let Some(client) = &mut self.client else {
				sleep_until(self.connect_at).await;
				self.client = Some(self.connect());
				continue;
			};
			let wire = match self.paused_until {
				None => client.wire.recv().await,
				Some(until) => tokio::select! {
					wire = client.wire.recv() => wire,
					() = sleep_until(until) => {
						self.paused_until = None;
						return ConnectionEvent::Up;
					},
				},
			};
			match wire.unwrap_or_else(|| Wire::Lost("the client ended".into())) {
				Wire::Up { in_flight } => {
					self.backoff.succeed();
					client.allowed = usize::from(in_flight);
					if !client.subscribe(&self.topics) {
						let wait = self.backoff.wait();
						return self.lose("the client takes no subscription".into(), wait);
					}
					if client.subscribing == 0 {
						client.in_flight.limit = client.allowed;
						return ConnectionEvent::Up;
					}
				}
				Wire::Subscribed { refused } => {
					// Frames are worth more than commands: they go on without.
					if let Some(reason) = refused {
						warn!(
							reason,
							"the broker does not grant the topics of commands; check its access rules"
						);
					}
					client.subscribing = client.subscribing.saturating_sub(1);
					if client.subscribing == 0 {
						client.in_flight.limit = client.allowed;
						return ConnectionEvent::Up;
					}
				}
				Wire::Command { topic, message } => {
					if let Some(place) = self.topics.get(&topic) {
						return ConnectionEvent::Command(*place, message);
					}
				}
				Wire::Sent(packet) => client.in_flight.sent(packet),
				Wire::Done(packet) => {
					if let Some(key) = client.in_flight.done(packet) {
						return ConnectionEvent::Acknowledged(key);
					}
				}
				Wire::Refused {
					packet,
					reason,
					leaks,
				} => {
					let refused = client.in_flight.done(packet);
					let wait = self.backoff.wait();
					if leaks {
						// rumqttc counts a refused QoS 2 publish as on its way for ever.
						return self.lose(reason, wait);
					}
					self.paused_until = Some(Instant::now() + wait);
					if let Some(key) = refused {
						return ConnectionEvent::Refused(key, reason);
					}
				}
				Wire::Lost(reason) => {
					let wait = self.backoff.wait();
					return self.lose(reason, wait);
				}
			}
		}
	}

	fn lose(&mut self, reason: String, wait: Duration) -> ConnectionEvent {
		if let Some(client) = self.client.take() {
			client.task.abort();
		}
		self.paused_until = None;
		self.connect_at = Instant::now() + wait;
		ConnectionEvent::Lost(reason)
	}

	fn connect(&self) -> Client {
		let mut options = MqttOptions::new(&self.client_id, &self.broker.host, self.broker.port);
		options
			.set_keep_alive(KEEP_ALIVE)
			.set_clean_start(true)
			.set_outgoing_inflight_upper_limit(MAX_IN_FLIGHT);
		let mut network = NetworkOptions::new();
		network.set_tcp_nodelay(true);
		options.set_network_options(network);
		// Room for every publish on its way, and for the subscriptions before them.
		let room = usize::from(MAX_IN_FLIGHT) + self.topics.len().div_ceil(TOPICS_AT_ONCE);
		let (client, event_loop) = AsyncClient::new(options, room);
		let (sender, wire) = unbounded_channel();
		let task = tokio::spawn(poll(event_loop, sender));
		Client {
			client,
			wire,
			task,
			in_flight: InFlight::default(),
			allowed: 0,
			subscribing: 0,
		}
	}

	/// Says goodbye to the broker, for a second at most.
	pub async fn close(mut self) {
		if let Some(mut client) = self.client.take() {
			if client.client.try_disconnect().is_ok() {
				let goodbye = async { while client.wire.recv().await.is_some() {} };
				let _ = timeout(Duration::from_secs(1), goodbye).await;
			}
			client.task.abort();
		}
	}
}

/// Polls a client until its connection ends. A task of its own, since connecting must not be cancelled half-way.
async fn poll(mut event_loop: EventLoop, wire: UnboundedSender<Wire>) {
	loop {
		let told = match event_loop.poll().await {
			Ok(event) => translate(event),
			Err(error) => Some(Wire::Lost(error.to_string())),
		};
		let Some(told) = told else { continue };
		let last = matches!(told, Wire::Lost(_));
		if wire.send(told).is_err() || last {
			// Let what was written reach the socket's buffer before it is dropped.
			sleep(Duration::ZERO).await;
			return;
		}
	}
}

fn translate(event: Event) -> Option<Wire> {
	let refused = |packet, reason: String, leaks| {
		Some(Wire::Refused {
			packet,
			reason,
			leaks,
		})
	};
	match event {
		Event::Incoming(Packet::ConnAck(ConnAck { properties, .. })) => {
			let (mut in_flight, mut largest) = (MAX_IN_FLIGHT, u32::MAX);
			if let Some(properties) = properties {
				in_flight = properties
					.receive_max
					.unwrap_or(in_flight)
					.clamp(1, MAX_IN_FLIGHT);
				largest = properties.max_packet_size.unwrap_or(largest);
				if properties.max_qos == Some(0) {
					return Some(Wire::Lost("the broker has no QoS 1: frames could be lost".into()));
				}
			}
			if largest < MAX_FRAME_BYTES as u32 + MAX_PUBLISH_OVERHEAD {
				return Some(Wire::Lost(format!(
					"the broker takes packets of {largest} bytes only: too few for a frame"
				)));
			}
			Some(Wire::Up { in_flight })
		}
		Event::Incoming(Packet::SubAck(answer)) => Some(Wire::Subscribed {
			refused: answer
				.return_codes
				.iter()
				.find(|code| !matches!(code, SubscribeReasonCode::Success(_)))
				.map(|code| format!("{code:?}")),
		}),
		Event::Incoming(Packet::Publish(publish)) => Some(Wire::Command {
			topic: String::from_utf8_lossy(&publish.topic).into_owned(),
			message: publish.payload.to_vec(),
		}),
		Event::Outgoing(Outgoing::Publish(packet)) => Some(Wire::Sent(packet)),
		Event::Outgoing(Outgoing::Disconnect) => Some(Wire::Lost("disconnected".into())),
		Event::Incoming(Packet::PubAck(ack)) => match ack.reason {
			PubAckReason::Success | PubAckReason::NoMatchingSubscribers => Some(Wire::Done(ack.pkid)),
			reason => refused(ack.pkid, format!("{reason:?}"), false),
		},
		Event::Incoming(Packet::PubRec(received)) => match received.reason {
			PubRecReason::Success | PubRecReason::NoMatchingSubscribers => None,
			reason => refused(received.pkid, format!("{reason:?}"), true),
		},
		Event::Incoming(Packet::PubComp(complete)) => match complete.reason {
			PubCompReason::Success => Some(Wire::Done(complete.pkid)),
			reason => refused(complete.pkid, format!("{reason:?}"), true),
		},
		_ => None,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn a_brokers_address_is_host_and_port() {
		for (text, address) in [
			("mqtt://127.0.0.1:18830", Ok("mqtt://127.0.0.1:18830")),
			("mqtt://broker.example", Ok("mqtt://broker.example:1883")),
			("tcp://broker.example/", Ok("mqtt://broker.example:1883")),
			("mqtt://[::1]:1884", Ok("mqtt://[::1]:1884")),
			("mqtt://[::1]", Ok("mqtt://[::1]:1883")),
			("mqtts://broker.example", Err(BrokerAddressError::Tls)),
			("http://broker.example", Err(BrokerAddressError::Scheme)),
			("127.0.0.1:1883", Err(BrokerAddressError::Scheme)),
			("mqtt://:1883", Err(BrokerAddressError::Host)),
			("mqtt://user:word@broker.example", Err(BrokerAddressError::Port)),
			("mqtt://user@broker.example", Err(BrokerAddressError::Host)),
			("mqtt://broker.example:0", Err(BrokerAddressError::Port)),
			("mqtt://broker.example:70000", Err(BrokerAddressError::Port)),
			("mqtt://", Err(BrokerAddressError::Host)),
		] {
			let parsed = text.parse::<BrokerAddress>().map(|address| address.to_string());
			assert_eq!(parsed, address.map(String::from), "{text}");
		}
	}

	#[test]
	fn an_acknowledgement_of_no_publish_is_nothing() {
		let mut in_flight = InFlight {
			limit: 4,
			..InFlight::default()
		};
		assert_eq!(in_flight.done(1), None);
		in_flight.hand_over((0, 7));
		in_flight.sent(1);
		assert_eq!(in_flight.done(1), Some((0, 7)));
		assert_eq!(in_flight.done(1), None);
	}

	proptest! {
		/// rumqttc's counting of packet ids, and a broker that acknowledges in any order.
		#[test]
		fn no_packet_id_is_used_twice_at_a_time_and_each_is_the_right_frame(
			limit in 1usize..9,
			steps in prop::collection::vec((any::<bool>(), 0usize..9), 0..200),
		) {
			let mut in_flight = InFlight { limit, ..InFlight::default() };
			let (mut packet, mut sequence) = (0u16, 0u64);
			let mut out: Vec<(u16, u64)> = Vec::new();
			for (publish, which) in steps {
				if publish && in_flight.has_room() {
					sequence += 1;
					packet = if usize::from(packet) == limit { 1 } else { packet + 1 };
					prop_assert!(out.iter().all(|(used, _)| *used != packet));
					in_flight.hand_over((3, sequence));
					in_flight.sent(packet);
					out.push((packet, sequence));
				} else if !out.is_empty() {
					let (packet, sequence) = out.remove(which % out.len());
					prop_assert_eq!(in_flight.done(packet), Some((3, sequence)));
				}
			}
			while let Some((packet, sequence)) = out.pop() {
				prop_assert_eq!(in_flight.done(packet), Some((3, sequence)));
			}
			prop_assert!(in_flight.span.is_empty());
		}
	}
}
