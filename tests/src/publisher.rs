//! Messages made by hand, published as any MQTT 5 client would.

use anyhow::{bail, ensure, Context, Result};
use rumqttc::v5::{
	mqttbytes::{v5::Packet, QoS},
	AsyncClient, Event, MqttOptions,
};
use std::time::Duration;
use tokio::time::timeout;

/// Longest wait for the broker's acknowledgements.
const PUBLISH_TIMEOUT: Duration = Duration::from_secs(20);

/// A topic and what is published on it.
pub type Message = (String, Vec<u8>);

/// Publishes messages at QoS 1, one after the other, and returns when the broker has acknowledged all of them.
pub async fn publish(broker_url: &str, messages: impl IntoIterator<Item = Message>) -> Result<()> {
	let (host, port) = broker_url
		.strip_prefix("mqtt://")
		.and_then(|address| address.rsplit_once(':'))
		.with_context(|| format!("{broker_url} is no mqtt://HOST:PORT"))?;
	let client_id = format!("by-hand-{}-{}", std::process::id(), crate::battery::now_seconds());
	let mut options = MqttOptions::new(client_id, host, port.parse()?);
	options.set_keep_alive(Duration::from_secs(30));
	let messages: Vec<_> = messages.into_iter().collect();
	let (client, mut events) = AsyncClient::new(options, messages.len() + 1);
	let mut waiting = messages.len();
	for (topic, payload) in messages {
		client.try_publish(topic, QoS::AtLeastOnce, false, payload)?;
	}
	let published = async {
		while waiting > 0 {
			match events.poll().await {
				Ok(Event::Incoming(Packet::PubAck(_))) => waiting -= 1,
				Ok(Event::Incoming(Packet::Disconnect(goodbye))) => bail!("the broker hung up: {goodbye:?}"),
				Ok(_) => {}
				Err(error) => bail!("the broker is gone: {error}"),
			}
		}
		Ok(())
	};
	timeout(PUBLISH_TIMEOUT, published)
		.await
		.context("the broker does not acknowledge")??;
	ensure!(client.try_disconnect().is_ok(), "no goodbye");
	// The goodbye is sent by polling; what comes then is the end of the connection.
	let _end = timeout(PUBLISH_TIMEOUT, async { while events.poll().await.is_ok() {} }).await;
	Ok(())
}
