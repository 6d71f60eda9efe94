//! What the broker received: a subscriber to all frames.

use std::net::SocketAddr;

use passport_primitives::{
	telemetry::{Frame, FrameError},
	topic::{self, FrameTopic, ALERT_FILTER, FRAME_FILTER},
};
use rumqttc::v5::{
	mqttbytes::{v5::Packet, QoS},
	AsyncClient, ConnectionError, Event, EventLoop, MqttOptions,
};

/// A frame with its topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
	/// The battery's name in the topic.
	pub battery: String,
	/// Telemetry or alert.
	pub topic: FrameTopic,
	/// The QoS that it was delivered with.
	pub qos: u8,
	/// Its bytes.
	pub bytes: Vec<u8>,
}

/// Why nothing more is received.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
	/// The broker.
	#[error("the broker: {0}")]
	Broker(#[from] Box<ConnectionError>),
	/// A request to the client.
	#[error("the subscription: {0}")]
	Subscribe(#[from] Box<rumqttc::v5::ClientError>),
}

/// The subscriber.
pub struct Watch {
	events: EventLoop,
	_client: AsyncClient,
}

impl Watch {
	/// Connects and subscribes to the frames of every battery, each at the QoS that the protocol publishes it with. Once
	/// this has returned, nothing that is published is missed while the connection lasts.
	pub async fn start(broker: SocketAddr) -> Result<Self, WatchError> {
		let mut options = MqttOptions::new("bms-qemu-watch", broker.ip().to_string(), broker.port());
		options.set_clean_start(true);
		let (client, mut events) = AsyncClient::new(options, 16);
		for (filter, qos) in [(FRAME_FILTER, QoS::AtLeastOnce), (ALERT_FILTER, QoS::ExactlyOnce)] {
			client.subscribe(filter, qos).await.map_err(Box::new)?;
		}
		let mut subscribed = 0;
		while subscribed < 2 {
			let event = events.poll().await.map_err(Box::new)?;
			subscribed += usize::from(matches!(event, Event::Incoming(Packet::SubAck(_))));
		}
		Ok(Watch {
			events,
			_client: client,
		})
	}

	/// The next frame.
	pub async fn next(&mut self) -> Result<Arrived, WatchError> {
		loop {
			let event = self.events.poll().await.map_err(Box::new)?;
			let Event::Incoming(Packet::Publish(publish)) = event else {
				continue;
			};
			let name = String::from_utf8_lossy(&publish.topic);
			let Some((battery, topic)) = topic::parse(&name) else {
				continue;
			};
			return Ok(Arrived {
				battery: battery.into(),
				topic,
				qos: publish.qos as u8,
				bytes: publish.payload.to_vec(),
			});
		}
	}
}

/// A line about a frame, of what anyone can read in it.
pub fn describe(arrived: &Arrived) -> Result<String, FrameError> {
	let frame = Frame::parse(&arrived.bytes)?;
	let header = frame.header;
	Ok(format!(
		"{} {} qos={} sequence={} readings={} epoch={} first={} last={} bytes={}",
		arrived.battery,
		arrived.topic.suffix(),
		arrived.qos,
		header.sequence,
		header.count,
		header.key_epoch,
		header.first_seconds,
		header.last_seconds(),
		arrived.bytes.len()
	))
}
