//! Publishes what is in the outbox: connects, hands one frame over, waits for its acknowledgement, takes the next.
//!
//! One frame is on its way at a time. At the protocol's rate that is one in sixty seconds; an outbox of an hour empties in
//! 64 round trips. It keeps one frame's worth of RAM, and frames in their order.
//!
//! The frame goes from flash into the MQTT client's buffer without a copy in between: [`publish_next`](Device::publish_next) is
//! called while the packet is written.
//!
//! The MQTT session ends with its connection. What was on its way is in the outbox and is published again; the ledger takes a
//! frame once, by device and sequence.

use core::{cell::RefCell, fmt::Write as _};

use bms_core::{
	outbox::Entry, Delivery, Device, Link, LinkEvent, NoRoom, NonVolatile, Outgoing, SignerKey, TopicName,
};
use bms_flash::{configuration::MAX_BATTERY_BYTES, Configuration};
use embassy_futures::select::{select, Either};
use embassy_net::{tcp::TcpSocket, Stack};
use embassy_sync::{blocking_mutex::raw::CriticalSectionRawMutex, signal::Signal};
use embassy_time::{with_timeout, Duration, Timer};
use minimq::{
	Buffers as MqttBuffers, ConfigBuilder, Connection, Error as MqttError, Io, PeerError, PubError,
	Publication, QoS, Session,
};
use passport_primitives::{telemetry::MAX_FRAME_BYTES, topic::ROOT};

use crate::{
	board::{console, stack},
	effort,
};

/// Signalled by who closes frames.
pub static FRAME_CLOSED: Signal<CriticalSectionRawMutex, ()> = Signal::new();

/// Longest topic, in bytes.
const TOPIC_BYTES: usize = ROOT.len() + 1 + MAX_BATTERY_BYTES + 1 + "telemetry/frame".len();
/// A PUBLISH around its frame, and room for a CONNECT beside it.
const MQTT_OVERHEAD_BYTES: usize = 384;
/// Longest packet from the broker: acknowledgements.
const MQTT_RECEIVE_BYTES: usize = 256;
const TCP_RECEIVE_BYTES: usize = 256;
const TCP_SEND_BYTES: usize = 1_024;

/// The longest that connecting, by TCP and then by MQTT, may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest that a broker may take for an acknowledgement before the connection is given up.
const ACKNOWLEDGE_TIMEOUT: Duration = Duration::from_secs(20);
/// MQTT's: a ping when nothing else was sent for so long.
const KEEP_ALIVE_SECONDS: u16 = 30;
/// TCP gives a peer up that sends nothing for so long, which must be longer than the pause between two pings.
const TCP_TIMEOUT: Duration = Duration::from_secs(3 * KEEP_ALIVE_SECONDS as u64);
/// Before a frame that the broker refused is tried again.
const REFUSED_PAUSE: Duration = Duration::from_secs(5);
/// Before the outbox is looked at again after a frame that could not be read.
const UNREADABLE_PAUSE: Duration = Duration::from_millis(200);
/// Between tries to connect: doubled from the first to the last.
const FIRST_PAUSE_MS: u32 = 250;
const LAST_PAUSE_MS: u32 = 32_000;

/// All that publishing needs of RAM.
pub struct Buffers {
	mqtt_receive: [u8; MQTT_RECEIVE_BYTES],
	mqtt_send: [u8; MAX_FRAME_BYTES + MQTT_OVERHEAD_BYTES],
	tcp_receive: [u8; TCP_RECEIVE_BYTES],
	tcp_send: [u8; TCP_SEND_BYTES],
}

impl Buffers {
	/// Empty.
	pub const fn new() -> Self {
		Buffers {
			mqtt_receive: [0; MQTT_RECEIVE_BYTES],
			mqtt_send: [0; MAX_FRAME_BYTES + MQTT_OVERHEAD_BYTES],
			tcp_receive: [0; TCP_RECEIVE_BYTES],
			tcp_send: [0; TCP_SEND_BYTES],
		}
	}
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
enum Ended {
	#[error("the broker can not be reached")]
	Unreachable,
	#[error("the broker did not answer in time")]
	TimedOut,
	#[error("the broker refused the connection")]
	Refused,
	#[error("the connection was lost")]
	Lost,
	#[error("a frame does not fit the broker's limits")]
	TooLarge,
}

impl<E> From<MqttError<E>> for Ended {
	fn from(error: MqttError<E>) -> Self {
		match error {
			MqttError::Peer(PeerError::Rejected(_)) => Ended::Refused,
			MqttError::Resource(_) => Ended::TooLarge,
			_ => Ended::Lost,
		}
	}
}

/// A device and what is known of its publishing.
struct Publisher<'a, K, N, const READINGS: usize, const SLOTS: usize> {
	device: &'a RefCell<Device<K, N, READINGS, SLOTS>>,
	configuration: &'a Configuration,
	acknowledged: u32,
}

/// Publishes until as many frames were acknowledged as the configuration asks for; for ever where it asks for none.
pub async fn run<K: SignerKey, N: NonVolatile, const READINGS: usize, const SLOTS: usize>(
	device: &RefCell<Device<K, N, READINGS, SLOTS>>,
	stack: Stack<'_>,
	configuration: &Configuration,
	buffers: &mut Buffers,
	random: u32,
) {
	let builder = ConfigBuilder::new(MqttBuffers::new(
		&mut buffers.mqtt_receive,
		&mut buffers.mqtt_send,
	));
	let Ok(builder) = builder.client_id(client_id(&configuration.battery)) else {
		console::line(format_args!(
			"not publishing error=\"the battery's name is too long\""
		));
		return;
	};
	let mut session = Session::new(builder.keepalive_interval(KEEP_ALIVE_SECONDS));
	let mut publisher = Publisher {
		device,
		configuration,
		acknowledged: 0,
	};
	let mut pause = Pause::new(random);
	loop {
		let mut socket = TcpSocket::new(stack, &mut buffers.tcp_receive, &mut buffers.tcp_send);
		let outcome = publisher.connect(&mut session, &mut socket, &mut pause).await;
		socket.abort();
		match outcome {
			Ok(()) => {
				console::line(format_args!(
					"done acknowledged={} stack_peak={} measurement_steps={} frame_steps={} seal_steps={}",
					publisher.acknowledged,
					stack::peak_bytes(),
					effort::MEASUREMENT,
					effort::FRAME,
					effort::SEAL
				));
				return;
			}
			Err(ended) => console::line(format_args!("disconnected error=\"{ended}\"")),
		}
		publisher.settle(LinkEvent::Lost);
		drop(socket);
		Timer::after(pause.next()).await;
	}
}

/// MQTT's name of the client: the battery's, or the first 64 bytes of a passport id, which is what the client holds.
fn client_id(battery: &str) -> &str {
	battery
		.strip_prefix("0x")
		.filter(|rest| rest.len() == 64)
		.unwrap_or(battery)
}

impl<K: SignerKey, N: NonVolatile, const READINGS: usize, const SLOTS: usize>
	Publisher<'_, K, N, READINGS, SLOTS>
{
	/// Connects and publishes until all is done or the connection ends.
	async fn connect(
		&mut self,
		session: &mut Session<'_>,
		socket: &mut TcpSocket<'_>,
		pause: &mut Pause,
	) -> Result<(), Ended> {
		socket.set_timeout(Some(TCP_TIMEOUT));
		let network = self.configuration.network;
		with_timeout(
			CONNECT_TIMEOUT,
			socket.connect((network.broker, network.broker_port)),
		)
		.await
		.map_err(|_| Ended::TimedOut)?
		.map_err(|_| Ended::Unreachable)?;
		let mut connection = with_timeout(CONNECT_TIMEOUT, session.connect(socket))
			.await
			.map_err(|_| Ended::TimedOut)??;
		pause.reset();
		console::line(format_args!(
			"connected broker={}:{}",
			network.broker, network.broker_port
		));
		self.publish_all(&mut connection).await?;
		// The broker sees the end of the connection too when this does not reach it.
		let _ = with_timeout(CONNECT_TIMEOUT, connection.disconnect()).await;
		Ok(())
	}

	async fn publish_all<IO: Io>(&mut self, connection: &mut Connection<'_, '_, IO>) -> Result<(), Ended> {
		loop {
			let stop_after = self.configuration.stop_after_frames;
			if stop_after > 0 && self.acknowledged >= stop_after {
				return Ok(());
			}
			match self.next() {
				Some(entry) => self.publish(connection, entry).await?,
				None => match select(FRAME_CLOSED.wait(), connection.poll()).await {
					Either::First(()) => {}
					// Nothing was subscribed to; what comes all the same is let pass.
					Either::Second(progress) => {
						progress?;
					}
				},
			}
		}
	}

	fn next(&self) -> Option<Entry> {
		let device = self.device.try_borrow().ok()?;
		device.outbox().next_to_send().map(|(_, entry)| entry)
	}

	/// Publishes a frame and waits for its acknowledgement.
	async fn publish<IO: Io>(
		&mut self,
		connection: &mut Connection<'_, '_, IO>,
		entry: Entry,
	) -> Result<(), Ended> {
		let mut topic = heapless::String::<TOPIC_BYTES>::new();
		let name = TopicName {
			battery: &self.configuration.battery,
			topic: entry.urgency.topic(),
		};
		write!(topic, "{name}").map_err(|_| Ended::TooLarge)?;
		let qos = match entry.urgency.delivery() {
			Delivery::AtMostOnce => QoS::AtMostOnce,
			Delivery::AtLeastOnce => QoS::AtLeastOnce,
			Delivery::ExactlyOnce => QoS::ExactlyOnce,
		};
		let device = self.device;
		let frame = |buffer: &mut [u8]| copy_frame(device, entry.sequence, buffer);
		let published = with_timeout(
			ACKNOWLEDGE_TIMEOUT,
			connection.publish(Publication::new(&topic, frame).qos(qos)),
		)
		.await
		.map_err(|_| Ended::TimedOut)?;
		let operation = match published {
			Ok(operation) => operation,
			// The slot was damaged and is free now, or it can not be read: look again, but let the others run in between.
			Err(PubError::Payload(NoRoom)) => {
				Timer::after(UNREADABLE_PAUSE).await;
				return Ok(());
			}
			Err(PubError::Session(error)) => return Err(error.into()),
		};
		let Some(operation) = operation else {
			self.settle(LinkEvent::Acknowledged {
				sequence: entry.sequence,
			});
			return Ok(());
		};
		while connection.is_pending(&operation) {
			let progress = with_timeout(ACKNOWLEDGE_TIMEOUT, connection.poll())
				.await
				.map_err(|_| Ended::TimedOut)?
				.map(drop);
			match progress {
				Ok(()) => {}
				Err(MqttError::Peer(PeerError::Rejected(reason))) if connection.is_connected() => {
					let sequence = entry.sequence;
					console::line(format_args!("refused sequence={sequence} reason={reason:?}"));
					self.settle(LinkEvent::Refused { sequence });
					Timer::after(REFUSED_PAUSE).await;
					return Ok(());
				}
				Err(error) => return Err(error.into()),
			}
		}
		self.settle(LinkEvent::Acknowledged {
			sequence: entry.sequence,
		});
		Ok(())
	}

	fn settle(&mut self, event: LinkEvent) {
		let Ok(mut device) = self.device.try_borrow_mut() else {
			return;
		};
		match device.settle(event) {
			Ok(Some(entry)) => {
				self.acknowledged += 1;
				console::line(format_args!(
					"acknowledged sequence={} bytes={} readings={} topic={}",
					entry.sequence,
					entry.bytes,
					entry.readings,
					entry.urgency.topic().suffix()
				));
			}
			Ok(None) => {}
			Err(error) => console::line(format_args!("not settled error=\"{error:?}\"")),
		}
	}
}

/// A link that copies one frame, the one that was asked for, and has no room for another.
struct CopyInto<'a> {
	sequence: u64,
	buffer: &'a mut [u8],
	length: Option<usize>,
}

impl Link for CopyInto<'_> {
	fn publish(&mut self, frame: Outgoing<'_>) -> Result<(), NoRoom> {
		if self.length.is_some() || frame.sequence != self.sequence {
			return Err(NoRoom);
		}
		self.buffer
			.get_mut(..frame.bytes.len())
			.ok_or(NoRoom)?
			.copy_from_slice(frame.bytes);
		self.length = Some(frame.bytes.len());
		Ok(())
	}
}

fn copy_frame<K: SignerKey, N: NonVolatile, const READINGS: usize, const SLOTS: usize>(
	device: &RefCell<Device<K, N, READINGS, SLOTS>>,
	sequence: u64,
	buffer: &mut [u8],
) -> Result<usize, NoRoom> {
	let mut device = device.try_borrow_mut().map_err(|_| NoRoom)?;
	let mut link = CopyInto {
		sequence,
		buffer,
		length: None,
	};
	if let Err(error) = device.publish_next(&mut link) {
		console::line(format_args!("not read error=\"{error:?}\""));
	}
	link.length.ok_or(NoRoom)
}

/// How long to wait before the next try to connect: doubled each time, and up to half of it taken off by chance, so that a
/// fleet that lost its broker does not come back in one moment.
struct Pause {
	milliseconds: u32,
	random: u32,
}

impl Pause {
	fn new(random: u32) -> Self {
		Pause {
			milliseconds: FIRST_PAUSE_MS,
			random: random | 1,
		}
	}

	fn reset(&mut self) {
		self.milliseconds = FIRST_PAUSE_MS;
	}

	fn next(&mut self) -> Duration {
		// xorshift32 (Marsaglia 2003): spreads, keeps no secret.
		self.random ^= self.random << 13;
		self.random ^= self.random >> 17;
		self.random ^= self.random << 5;
		let pause = self.milliseconds - self.random % (self.milliseconds / 2);
		self.milliseconds = (2 * self.milliseconds).min(LAST_PAUSE_MS);
		Duration::from_millis(u64::from(pause))
	}
}
