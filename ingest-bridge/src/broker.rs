//! The broker inside, rumqttd: for demos, tests and small sites. It keeps messages in memory and has no
//! access rules; a real site runs Mosquitto or a cluster.
//!
//! What it does differently from a real broker (rumqttd 0.20, read and tried): it acknowledges to the device
//! what is only in memory; a session survives the bridge's restart but not its own; it ignores Receive
//! Maximum and has at most 100 messages on their way; it wants acknowledgements in order; it drops the oldest
//! messages of a slow reader beyond [`SEGMENTS`] segments of [`SEGMENT_BYTES`]; it can not tell which port it
//! chose, so the port must be given.

use crate::mqtt::MAX_PACKET_BYTES;
use passport_primitives::topic;
use rumqttd::{Broker, Config, ConnectionSettings, RouterConfig, ServerSettings};
use std::{
	collections::HashMap,
	io,
	net::{SocketAddr, TcpListener},
	thread,
};

/// Size of a piece of the broker's memory, for each of the two subscriptions.
pub const SEGMENT_BYTES: usize = 16 * 1024 * 1024;

/// How many pieces are kept: 256 MiB, some 200,000 frames, then the oldest is dropped.
pub const SEGMENTS: usize = 16;

/// What a client of the broker inside must be ready to receive. rumqttd limits what it takes in and, with
/// topic aliases, may send on more: a topic of up to [`MAX_PACKET_BYTES`] besides a payload of as much.
pub const MAX_SENT_BYTES: u32 = 4 * MAX_PACKET_BYTES;

/// Why the broker inside does not start.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
	/// Port 0 was asked for.
	#[error("the embedded broker needs an explicit port: it can not tell which one it chose")]
	NoPort,
	/// The address is taken, most likely.
	#[error("the embedded broker can not listen on {address}: {error}")]
	Listen {
		/// Where.
		address: SocketAddr,
		/// Why not.
		error: io::Error,
	},
	/// No thread.
	#[error("the embedded broker gets no thread: {0}")]
	Thread(io::Error),
}

/// Starts the broker on threads of its own; it runs as long as the process.
pub fn start(listen: SocketAddr) -> Result<(), BrokerError> {
	let server = server(listen)?;
	thread::Builder::new()
		.name("broker".into())
		.spawn(move || serve(server))
		.map(drop)
		.map_err(BrokerError::Thread)
}

/// Runs the broker on this thread, for ever.
pub fn run(listen: SocketAddr) -> Result<(), BrokerError> {
	serve(server(listen)?);
	Ok(())
}

fn server(listen: SocketAddr) -> Result<ServerSettings, BrokerError> {
	if listen.port() == 0 {
		return Err(BrokerError::NoPort);
	}
	// rumqttd only logs that it could not listen; asking first turns that into an error.
	TcpListener::bind(listen).map_err(|error| BrokerError::Listen {
		address: listen,
		error,
	})?;
	Ok(ServerSettings {
		name: "mqtt".into(),
		listen,
		tls: None,
		next_connection_delay_ms: 1,
		connections: ConnectionSettings {
			connection_timeout_ms: 5_000,
			max_payload_size: MAX_PACKET_BYTES as usize,
			max_inflight_count: 100,
			auth: None,
			external_auth: None,
			// No memory for topics that nobody has subscribed to.
			dynamic_filters: false,
		},
	})
}

fn serve(server: ServerSettings) {
	let config = Config {
		router: RouterConfig {
			max_connections: 10_000,
			max_outgoing_packet_count: 200,
			max_segment_size: SEGMENT_BYTES,
			max_segment_count: SEGMENTS,
			// There before the first message is, so that its topics are matched against them.
			initialized_filters: Some(vec![topic::FRAME_FILTER.into(), topic::ALERT_FILTER.into()]),
			..RouterConfig::default()
		},
		v5: Some(HashMap::from([("mqtt".to_owned(), server)])),
		..Config::default()
	};
	// Returns only when the listener's thread has ended.
	match Broker::new(config).start() {
		Ok(()) => tracing::error!("the embedded broker has ended"),
		Err(error) => tracing::error!(%error, "the embedded broker has ended"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn port_0_is_refused() {
		assert!(matches!(
			start("127.0.0.1:0".parse().unwrap()),
			Err(BrokerError::NoPort)
		));
	}

	#[test]
	fn a_taken_port_is_an_error_that_names_it() {
		let taken = TcpListener::bind("127.0.0.1:0").unwrap();
		let address = taken.local_addr().unwrap();
		let error = start(address).unwrap_err();
		assert!(error.to_string().contains(&address.to_string()), "{error}");
	}
}
