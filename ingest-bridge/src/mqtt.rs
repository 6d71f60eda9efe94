//! The MQTT 5 client, behind a small trait, and the task that polls it.
//!
//! Four properties of rumqttc 0.25.1 shape this file; each costs messages when forgotten:
//! - Its QoS 2 receiver does not survive a cut after PUBREC: the resent PUBREL is "unsolicited" and every
//!   reconnect ends there, process restarts included (rumqtt#664). So the bridge subscribes at QoS 1,
//!   whatever the publisher used; the key (device, sequence) makes it exactly once.
//! - A packet above the client's limit is an error on every reconnect. So the limit is announced, and a
//!   broker drops such a message instead of sending it.
//! - Packet identifiers belong to a connection. An acknowledgement that comes after a reconnect would
//!   acknowledge another message, which then is lost: [`AckGate`].
//! - Requests and acknowledgements share one channel, which only polling empties: the polling task must not
//!   wait for it.

use crate::{
	backoff::Backoff,
	config::ConfigError,
	inbox::Inbox,
	lock,
	metrics::Metrics,
	stop::Stop,
	tls::{self, CertificateFiles},
};
use passport_primitives::topic;
use rumqttc::{
	v5::{
		mqttbytes::{
			v5::{Filter, Packet, Publish, RetainForwardRule, SubscribeReasonCode},
			QoS,
		},
		AsyncClient, Event, EventLoop, MqttOptions,
	},
	NetworkOptions, Outgoing,
};
use std::{
	collections::VecDeque,
	fmt,
	future::Future,
	sync::{Arc, Mutex},
	time::Duration,
};
use tokio::time::Instant;

/// When subscriptions are asked for again that a broker did not grant.
const SUBSCRIBE_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// Largest packet, in bytes, that a broker is asked to send: a frame (4096), a topic and properties, and as
/// much again so that a frame that is a little too long arrives and becomes a dead letter that tells its
/// maker so.
pub const MAX_PACKET_BYTES: u32 = 8 * 1024;

/// Names a message on one connection, for acknowledging it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketId {
	/// MQTT's packet identifier.
	pub id: u16,
	/// How the broker delivered it.
	pub quality: Quality,
}

/// MQTT's quality of service of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
	/// QoS 0: nothing to acknowledge.
	AtMostOnce,
	/// QoS 1.
	AtLeastOnce,
	/// QoS 2, which no broker should use: it is not subscribed to.
	ExactlyOnce,
}

/// The right to acknowledge one message, as long as its connection lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
	generation: u64,
	packet: PacketId,
}

/// A message as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
	/// The topic; what is no UTF-8 in it is replaced.
	pub topic: String,
	/// The payload.
	pub payload: Vec<u8>,
	/// Whether the broker says that it sends the message for a second time (DUP, MQTT 5 section 3.3.1.1).
	pub redelivered: bool,
	/// For acknowledging it.
	pub ticket: Ticket,
}

/// What comes from a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkEvent {
	/// Connected.
	Up {
		/// Whether the broker still had the session.
		session_present: bool,
	},
	/// The broker's answer to the subscriptions: an error names what it did not grant.
	Subscribed(Result<(), String>),
	/// A message.
	Message {
		/// Its topic.
		topic: String,
		/// Its payload.
		payload: Vec<u8>,
		/// Whether the broker sends it for a second time.
		redelivered: bool,
		/// Its packet.
		packet: PacketId,
	},
	/// The connection is gone, or could not be made. Asking for the next event connects again.
	Down(String),
	/// The connection was closed as asked.
	Closed,
	/// Nothing of interest.
	Other,
}

/// The client can take no request now; it can after more polling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

/// A connection to a broker that makes itself again.
pub trait Link: Send + 'static {
	/// Acknowledges from other tasks.
	type Acknowledger: Acknowledger;

	/// Hands out an acknowledger.
	fn acknowledger(&self) -> Self::Acknowledger;

	/// Waits for the next event. This is the polling: it must go on whatever else happens. Not to be
	/// cancelled: what was half sent would be lost.
	fn next(&mut self) -> impl Future<Output = LinkEvent> + Send;

	/// Asks for the subscriptions.
	fn try_subscribe(&mut self) -> Result<(), Busy>;

	/// Drops acknowledgements that were handed over and not sent. They are of a connection that is gone.
	fn forget_acknowledgements(&mut self);
}

/// Hands acknowledgements and the goodbye to a link that another task polls. Never waits.
pub trait Acknowledger: Send + 'static {
	/// Acknowledges a message.
	fn try_acknowledge(&self, packet: PacketId) -> Result<(), Busy>;

	/// Asks the link to close.
	fn try_close(&self) -> Result<(), Busy>;
}

/// What the bridge subscribes to, and how: at QoS 1 whatever table 9.2 of the protocol gives the publisher. With a group the
/// subscriptions to frames are shared (MQTT 5 section 4.8.2): the broker gives each message to one bridge of the group. Plain JSON
/// is never shared: it is for the one bridge that has the battery's key. Its alerts come on the topic of the frames' alerts, so a
/// bridge that has keys does not share that either.
pub fn subscriptions(share_group: Option<&str>, plain_json: bool) -> Vec<Filter> {
	let shared = |path: &str| match share_group {
		Some(group) => format!("$share/{group}/{path}"),
		None => path.to_owned(),
	};
	let mut paths = vec![shared(topic::FRAME_FILTER)];
	match plain_json {
		true => {
			paths.push(topic::ALERT_FILTER.to_owned());
			paths.extend(topic::PLAIN_JSON_FILTERS.map(str::to_owned));
		}
		false => paths.push(shared(topic::ALERT_FILTER)),
	}
	let filter = |path| Filter {
		// Retained frames are old news on every reconnect.
		retain_forward_rule: RetainForwardRule::OnNewSubscribe,
		..Filter::new(path, QoS::AtLeastOnce)
	};
	paths.into_iter().map(filter).collect()
}

/// Lets through acknowledgements of the connection that lasts, in the order they come (MQTT 5 section 4.6
/// demands it), and no others.
pub struct AckGate<A> {
	gate: Mutex<Gate<A>>,
	metrics: Arc<Metrics>,
}

struct Gate<A> {
	acknowledger: A,
	/// Counts connections and the gaps between them. What arrives in a gap was read from the old connection.
	generation: u64,
	up: bool,
	/// What the link had no room for.
	waiting: VecDeque<PacketId>,
}

impl<A: Acknowledger> AckGate<A> {
	/// Closed until the link is up.
	pub fn new(acknowledger: A, metrics: Arc<Metrics>) -> Self {
		let gate = Gate {
			acknowledger,
			generation: 0,
			up: false,
			waiting: VecDeque::new(),
		};
		AckGate {
			gate: Mutex::new(gate),
			metrics,
		}
	}

	/// A ticket for a message that arrived just now.
	pub fn ticket(&self, packet: PacketId) -> Ticket {
		Ticket {
			generation: lock(&self.gate).generation,
			packet,
		}
	}

	/// The link is up.
	pub fn link_up(&self) {
		let mut gate = lock(&self.gate);
		gate.generation += 1;
		gate.up = true;
		gate.waiting.clear();
	}

	/// The link is gone. From here on no acknowledgement of it gets through.
	pub fn link_down(&self) {
		let mut gate = lock(&self.gate);
		gate.generation += 1;
		gate.up = false;
		gate.waiting.clear();
	}

	/// Acknowledges a message if its connection lasts. The lock is held while the link takes it: between the
	/// check and the handing over the connection can not change.
	pub fn acknowledge(&self, ticket: Ticket) {
		if ticket.packet.quality == Quality::AtMostOnce {
			return;
		}
		let mut gate = lock(&self.gate);
		if !gate.up || ticket.generation != gate.generation {
			self.metrics.acknowledgements_dropped.inc();
			return;
		}
		gate.waiting.push_back(ticket.packet);
		self.pass_on(&mut gate);
	}

	/// Hands over what the link had no room for.
	pub fn flush(&self) {
		self.pass_on(&mut lock(&self.gate));
	}

	fn pass_on(&self, gate: &mut Gate<A>) {
		while let Some(packet) = gate.waiting.front() {
			if gate.acknowledger.try_acknowledge(*packet).is_err() {
				return;
			}
			gate.waiting.pop_front();
			self.metrics.messages_acknowledged.inc();
		}
	}

	/// Asks the link to close, after everything that was acknowledged.
	pub fn close(&self) {
		let gate = lock(&self.gate);
		if gate.acknowledger.try_close().is_err() {
			tracing::debug!("the link has no room for a goodbye");
		}
	}
}

/// Why something does not go on, like the connection to the broker; for `/readyz`.
#[derive(Debug, Default)]
pub struct Trouble(Mutex<Option<String>>);

impl Trouble {
	/// From now on, or not any more.
	pub(crate) fn set(&self, reason: Option<&str>) {
		*lock(&self.0) = reason.map(str::to_owned);
	}

	/// `None`: all is well, or it was not tried yet.
	pub fn get(&self) -> Option<String> {
		lock(&self.0).clone()
	}
}

/// Polls the link until it is asked to stop: hands messages to the inbox, keeps the gate and the
/// subscriptions right.
///
/// Nothing here waits for the intake: a connection that is not polled ends by its keep-alive, and
/// acknowledgements that are held back then are for nothing.
pub async fn poll<L: Link>(
	mut link: L,
	gate: Arc<AckGate<L::Acknowledger>>,
	inbox: Arc<Inbox>,
	metrics: Arc<Metrics>,
	trouble: Arc<Trouble>,
	mut backoff: Backoff,
	stop: Stop,
) {
	let mut told_down: Option<String> = None;
	let mut subscribe_at = None;
	loop {
		match link.next().await {
			LinkEvent::Up { session_present } => {
				gate.link_up();
				backoff.succeeded();
				told_down = None;
				metrics.broker_connections.inc();
				// Also when the session is there: the bridge may have been killed between CONNACK and
				// SUBSCRIBE, and a session without subscriptions is silent for ever. Subscribing again
				// changes nothing else.
				subscribe_at = Some(Instant::now());
				tracing::info!(session_present, "connected to the broker");
			}
			LinkEvent::Subscribed(Ok(())) => {
				trouble.set(None);
				metrics.broker_connected.set(1);
			}
			LinkEvent::Subscribed(Err(refused)) => {
				metrics.broker_connected.set(0);
				subscribe_at = Some(Instant::now() + SUBSCRIBE_AGAIN_AFTER);
				trouble.set(Some(&format!("the subscriptions are not granted: {refused}")));
				tracing::error!(
					refused,
					"the broker does not grant the subscriptions; check its access rules"
				);
			}
			LinkEvent::Message {
				topic,
				payload,
				redelivered,
				packet,
			} => {
				metrics.messages_received.inc();
				inbox.put(Message {
					topic,
					payload,
					redelivered,
					ticket: gate.ticket(packet),
				});
				// On the way out nothing new is taken to disk; it stays unacknowledged with the broker.
				tokio::select! {
					() = inbox.room() => {},
					() = stop.requested() => {},
				}
			}
			LinkEvent::Down(reason) => {
				gate.link_down();
				link.forget_acknowledgements();
				trouble.set(Some(&reason));
				metrics.broker_connected.set(0);
				subscribe_at = None;
				if stop.is_requested() {
					return;
				}
				// Each reason once: a certificate that is refused must not hide behind the restart before it.
				if told_down.as_ref() != Some(&reason) {
					told_down = Some(reason.clone());
					tracing::warn!(
						reason,
						"no connection to the broker; trying again until there is one"
					);
				}
				tokio::select! {
					() = tokio::time::sleep(backoff.failed()) => {},
					() = stop.requested() => return,
				}
			}
			LinkEvent::Closed => {
				metrics.broker_connected.set(0);
				return;
			}
			LinkEvent::Other => {}
		}
		gate.flush();
		// A connection without messages still has its pings: this line is reached at every keep-alive.
		if subscribe_at.is_some_and(|at| at <= Instant::now()) && link.try_subscribe().is_ok() {
			subscribe_at = None;
		}
	}
}

/// How to reach a broker and what to tell it.
#[derive(Clone)]
pub struct LinkSettings {
	/// Host name or address; an IPv6 address in brackets.
	pub host: String,
	/// TCP port.
	pub port: u16,
	/// Always the same, so that the broker knows the session again.
	pub client_id: String,
	/// User name and password.
	pub login: Option<(String, String)>,
	/// Certificates; without them the connection is not encrypted.
	pub tls: Option<CertificateFiles>,
	/// Group of bridges that share the subscriptions.
	pub share_group: Option<String>,
	/// Whether plain JSON is subscribed to.
	pub plain_json: bool,
	/// Most messages on their way here without acknowledgement.
	pub receive_maximum: u16,
	/// Largest packet that the broker may send, in bytes.
	pub max_packet_bytes: u32,
	/// After this much silence the broker is asked whether it is there; at least 5 s.
	pub keep_alive: Duration,
	/// How long the broker keeps the session, and its messages, without a connection.
	pub session_expiry_seconds: u32,
}

impl fmt::Debug for LinkSettings {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		// Without the password.
		write!(
			formatter,
			"LinkSettings({}@{}:{})",
			self.client_id, self.host, self.port
		)
	}
}

/// rumqttc as a [`Link`].
pub struct RumqttcLink {
	client: AsyncClient,
	event_loop: EventLoop,
	tls: Option<CertificateFiles>,
	share_group: Option<String>,
	plain_json: bool,
}

/// Hands acknowledgements to a [`RumqttcLink`].
pub struct RumqttcAcknowledger(AsyncClient);

impl RumqttcLink {
	/// Not connected yet: the first [`Link::next`] connects. An error: the certificates can not be used.
	pub fn new(settings: &LinkSettings) -> Result<Self, ConfigError> {
		let mut options = MqttOptions::new(&settings.client_id, &settings.host, settings.port);
		options
			.set_manual_acks(true)
			.set_clean_start(false)
			.set_keep_alive(settings.keep_alive.max(Duration::from_secs(5)))
			.set_session_expiry_interval(Some(settings.session_expiry_seconds))
			.set_receive_maximum(Some(settings.receive_maximum))
			.set_max_packet_size(Some(settings.max_packet_bytes));
		// No `topic_alias_max`: rumqttc 0.25.1 gives a message out before it resolves the alias, with an
		// empty topic.
		if let Some((user, password)) = &settings.login {
			options.set_credentials(user, password);
		}
		let mut network = NetworkOptions::new();
		network.set_tcp_nodelay(true);
		options.set_network_options(network);
		if let Some(files) = &settings.tls {
			options.set_transport(tls::transport(files)?);
		}
		// Room for every acknowledgement that can be due, and for subscriptions and pings besides.
		let (client, event_loop) = AsyncClient::new(options, usize::from(settings.receive_maximum) + 16);
		Ok(RumqttcLink {
			client,
			event_loop,
			tls: settings.tls.clone(),
			share_group: settings.share_group.clone(),
			plain_json: settings.plain_json,
		})
	}

	/// Takes certificates that were renewed since; what can not be read leaves the old ones in use.
	fn read_certificates_again(&mut self) {
		let Some(files) = &self.tls else { return };
		match tls::transport(files) {
			Ok(transport) => {
				self.event_loop.options.set_transport(transport);
			}
			Err(error) => tracing::warn!(%error, "the certificates of before are used"),
		}
	}
}

impl Link for RumqttcLink {
	type Acknowledger = RumqttcAcknowledger;

	fn acknowledger(&self) -> RumqttcAcknowledger {
		RumqttcAcknowledger(self.client.clone())
	}

	async fn next(&mut self) -> LinkEvent {
		match self.event_loop.poll().await {
			Ok(Event::Incoming(Packet::ConnAck(connack))) => LinkEvent::Up {
				session_present: connack.session_present,
			},
			Ok(Event::Incoming(Packet::Publish(publish))) => LinkEvent::Message {
				topic: String::from_utf8_lossy(&publish.topic).into_owned(),
				payload: publish.payload.to_vec(),
				redelivered: publish.dup,
				packet: PacketId {
					id: publish.pkid,
					quality: match publish.qos {
						QoS::AtMostOnce => Quality::AtMostOnce,
						QoS::AtLeastOnce => Quality::AtLeastOnce,
						QoS::ExactlyOnce => Quality::ExactlyOnce,
					},
				},
			},
			Ok(Event::Incoming(Packet::SubAck(suback))) => {
				let not_granted: Vec<_> = suback
					.return_codes
					.iter()
					.filter(|code| !matches!(code, SubscribeReasonCode::Success(QoS::AtLeastOnce)))
					.map(|code| format!("{code:?}"))
					.collect();
				LinkEvent::Subscribed(match not_granted.is_empty() {
					true => Ok(()),
					false => Err(not_granted.join(", ")),
				})
			}
			Ok(Event::Outgoing(Outgoing::Disconnect)) => LinkEvent::Closed,
			Ok(_) => LinkEvent::Other,
			Err(error) => {
				let reason = tls::explain(&error, self.tls.is_some());
				self.read_certificates_again();
				LinkEvent::Down(reason)
			}
		}
	}

	fn try_subscribe(&mut self) -> Result<(), Busy> {
		let filters = subscriptions(self.share_group.as_deref(), self.plain_json);
		self.client.try_subscribe_many(filters).map_err(|_| Busy)
	}

	fn forget_acknowledgements(&mut self) {
		// rumqttc does so itself before it reports the error; what another task handed over since then is
		// still there.
		self.event_loop.clean();
	}
}

impl Acknowledger for RumqttcAcknowledger {
	fn try_acknowledge(&self, packet: PacketId) -> Result<(), Busy> {
		let quality = match packet.quality {
			Quality::AtMostOnce => QoS::AtMostOnce,
			Quality::AtLeastOnce => QoS::AtLeastOnce,
			Quality::ExactlyOnce => QoS::ExactlyOnce,
		};
		let mut publish = Publish::new("", quality, Vec::new(), None);
		publish.pkid = packet.id;
		self.0.try_ack(&publish).map_err(|_| Busy)
	}

	fn try_close(&self) -> Result<(), Busy> {
		self.0.try_disconnect().map_err(|_| Busy)
	}
}

#[cfg(test)]
pub(crate) mod fake {
	//! A link that plays a script and remembers what was acknowledged.

	use super::*;
	use tokio::sync::mpsc;

	#[derive(Clone, Default)]
	pub struct FakeAcknowledger(pub Arc<Mutex<Acknowledged>>);

	#[derive(Default)]
	pub struct Acknowledged {
		pub packets: Vec<u16>,
		pub busy: bool,
		pub closed: bool,
	}

	impl Acknowledger for FakeAcknowledger {
		fn try_acknowledge(&self, packet: PacketId) -> Result<(), Busy> {
			let mut acknowledged = lock(&self.0);
			if acknowledged.busy {
				return Err(Busy);
			}
			acknowledged.packets.push(packet.id);
			Ok(())
		}

		fn try_close(&self) -> Result<(), Busy> {
			lock(&self.0).closed = true;
			Ok(())
		}
	}

	pub struct FakeLink {
		pub events: mpsc::UnboundedReceiver<LinkEvent>,
		pub acknowledger: FakeAcknowledger,
		pub subscribed: Arc<Mutex<usize>>,
	}

	impl Link for FakeLink {
		type Acknowledger = FakeAcknowledger;

		fn acknowledger(&self) -> FakeAcknowledger {
			self.acknowledger.clone()
		}

		async fn next(&mut self) -> LinkEvent {
			self.events.recv().await.unwrap_or(LinkEvent::Closed)
		}

		fn try_subscribe(&mut self) -> Result<(), Busy> {
			*lock(&self.subscribed) += 1;
			Ok(())
		}

		fn forget_acknowledgements(&mut self) {}
	}

	/// A packet delivered at QoS 1.
	pub fn packet(id: u16) -> PacketId {
		PacketId {
			id,
			quality: Quality::AtLeastOnce,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::{
		fake::{packet, FakeAcknowledger, FakeLink},
		*,
	};
	use crate::stop;
	use tokio::sync::mpsc;

	fn gate() -> (AckGate<FakeAcknowledger>, FakeAcknowledger, Arc<Metrics>) {
		let acknowledger = FakeAcknowledger::default();
		let metrics = Arc::new(Metrics::new(1).unwrap());
		(
			AckGate::new(acknowledger.clone(), metrics.clone()),
			acknowledger,
			metrics,
		)
	}

	/// rumqttc's QoS 2 receiver reconnects for ever after one cut (rumqtt#664). Whoever raises this must have
	/// shown that the livelock is gone.
	#[test]
	fn subscriptions_are_of_qos_1() {
		for (share_group, plain_json) in [(None, false), (None, true), (Some("bridges"), true)] {
			for filter in subscriptions(share_group, plain_json) {
				assert_eq!(filter.qos, QoS::AtLeastOnce, "{}", filter.path);
			}
		}
	}

	#[test]
	fn bridges_of_a_group_share_the_subscriptions() {
		assert_eq!(
			paths(Some("bridges"), false),
			[
				"$share/bridges/wia/battery-passport/+/telemetry/frame",
				"$share/bridges/wia/battery-passport/+/alerts/critical"
			]
		);
	}

	fn paths(share_group: Option<&str>, plain_json: bool) -> Vec<String> {
		subscriptions(share_group, plain_json)
			.into_iter()
			.map(|filter| filter.path)
			.collect()
	}

	#[test]
	fn plain_json_goes_to_the_bridge_that_has_keys_and_is_not_shared() {
		let plain_json = [
			"wia/battery-passport/+/alerts/critical",
			"wia/battery-passport/+/telemetry/soh",
			"wia/battery-passport/+/telemetry/voltage",
			"wia/battery-passport/+/telemetry/temperature",
			"wia/battery-passport/+/telemetry/current",
			"wia/battery-passport/+/alerts/warning",
		];
		for (share_group, frames) in [
			(None, "wia/battery-passport/+/telemetry/frame"),
			(
				Some("bridges"),
				"$share/bridges/wia/battery-passport/+/telemetry/frame",
			),
		] {
			let paths = paths(share_group, true);
			assert_eq!(paths[0], frames);
			assert_eq!(paths[1..], plain_json);
		}
		assert_eq!(paths(None, false).len(), 2);
	}

	/// Why the above: pinned, so that an update of rumqttc that mends it shows here.
	#[test]
	fn rumqttc_forgets_a_qos_2_message_with_the_connection_and_then_refuses_its_release() {
		use rumqttc::v5::{mqttbytes::v5::PubRel, MqttState};
		let mut state = MqttState::new(10, true);
		let mut publish = Publish::new("topic", QoS::ExactlyOnce, vec![1], None);
		publish.pkid = 1;
		state.handle_incoming_packet(Packet::Publish(publish)).unwrap();
		state.clean();
		let released = state.handle_incoming_packet(Packet::PubRel(PubRel::new(1, None)));
		assert!(
			released.is_err(),
			"rumqttc keeps QoS 2 state now: look at rumqtt#664 again"
		);
	}

	#[test]
	fn an_acknowledgement_of_an_old_connection_is_dropped() {
		let (gate, acknowledger, metrics) = gate();
		gate.link_up();
		let old = gate.ticket(packet(1));
		gate.link_down();
		gate.acknowledge(old);
		let between = gate.ticket(packet(2));
		gate.link_up();
		gate.acknowledge(old);
		// Read from the old connection, given out after it was gone.
		gate.acknowledge(between);
		gate.acknowledge(gate.ticket(packet(1)));
		assert_eq!(lock(&acknowledger.0).packets, [1]);
		assert_eq!(metrics.acknowledgements_dropped.get(), 3);
		assert_eq!(metrics.messages_acknowledged.get(), 1);
	}

	#[test]
	fn acknowledgements_that_find_no_room_keep_their_order() {
		let (gate, acknowledger, _) = gate();
		gate.link_up();
		lock(&acknowledger.0).busy = true;
		gate.acknowledge(gate.ticket(packet(1)));
		lock(&acknowledger.0).busy = false;
		gate.acknowledge(gate.ticket(packet(2)));
		lock(&acknowledger.0).busy = true;
		gate.acknowledge(gate.ticket(packet(3)));
		lock(&acknowledger.0).busy = false;
		gate.flush();
		assert_eq!(lock(&acknowledger.0).packets, [1, 2, 3]);
	}

	#[test]
	fn nothing_that_waits_survives_its_connection() {
		let (gate, acknowledger, _) = gate();
		gate.link_up();
		lock(&acknowledger.0).busy = true;
		gate.acknowledge(gate.ticket(packet(1)));
		gate.link_down();
		lock(&acknowledger.0).busy = false;
		gate.link_up();
		gate.flush();
		assert_eq!(lock(&acknowledger.0).packets, [0u16; 0]);
	}

	#[tokio::test]
	async fn every_connection_subscribes_and_a_bad_message_does_not_end_it() {
		let (gate, acknowledger, metrics) = gate();
		let gate = Arc::new(gate);
		let inbox = Arc::new(Inbox::new(256));
		let (events, receiver) = mpsc::unbounded_channel();
		let subscribed = Arc::new(Mutex::new(0));
		let link = FakeLink {
			events: receiver,
			acknowledger,
			subscribed: subscribed.clone(),
		};
		let (_stopper, stop) = stop::channel();
		for event in [
			LinkEvent::Up {
				session_present: false,
			},
			LinkEvent::Subscribed(Ok(())),
			LinkEvent::Message {
				topic: "no/such/topic".into(),
				payload: vec![0; 9_000],
				redelivered: false,
				packet: packet(1),
			},
			LinkEvent::Message {
				topic: String::new(),
				payload: Vec::new(),
				redelivered: true,
				packet: packet(2),
			},
			LinkEvent::Down("cut".into()),
			LinkEvent::Up {
				session_present: true,
			},
		] {
			events.send(event).unwrap();
		}
		drop(events);
		let backoff = Backoff::new(Duration::ZERO, Duration::ZERO);
		let trouble = Arc::new(Trouble::default());
		poll(
			link,
			gate,
			inbox.clone(),
			metrics.clone(),
			trouble.clone(),
			backoff,
			stop,
		)
		.await;
		assert_eq!(trouble.get().as_deref(), Some("cut"));
		assert_eq!(*lock(&subscribed), 2);
		assert_eq!(inbox.take(10).await.len(), 2);
		assert_eq!(metrics.broker_connections.get(), 2);
	}
}
