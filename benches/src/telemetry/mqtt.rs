//! Publishing frames that were made before, as one MQTT 5 client.
//!
//! No library: what the publisher takes of the machine's cores is missing to what is measured. It writes PUBLISH packets one behind
//! the other, and counts their acknowledgements.

use crate::leg::Pace;
use anyhow::{bail, ensure, Context, Result};
use std::{convert::Infallible, sync::Arc};
use tokio::{
	io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
	net::TcpStream,
	sync::Semaphore,
	time::{sleep_until, timeout, Duration, Instant},
};

/// Messages on their way without an acknowledgement: half of what the broker is set up for (`Mosquitto::for_load`).
const IN_FLIGHT: u32 = 512;

/// Bytes that are written in one go.
const BUFFER_BYTES: usize = 64 * 1024;

/// Longest that all of it may take.
const LONGEST: Duration = Duration::from_secs(600);

/// Packet types with their flags, MQTT 5 section 2.1.
const CONNECT: u8 = 0x10;
const CONNACK: u8 = 0x20;
/// QoS 1, not sent before, not retained.
const PUBLISH: u8 = 0x32;
const PUBACK: u8 = 0x40;

/// A frame, and where it is published.
#[derive(Clone, Debug)]
pub struct Message {
	/// The battery's topic, shared by its frames.
	pub topic: Arc<str>,
	/// Number of the device on the ledger.
	pub device: u32,
	/// The frame's sequence.
	pub sequence: u64,
	/// The frame.
	pub frame: Vec<u8>,
}

/// Publishes messages in their order at QoS 1 to the broker on this port of loopback, each when there is a permit in `room`, and
/// returns when the broker has acknowledged all that were published. Gives the moment of each: when it was written or, at a
/// steady pace, when it was due. In a flood that are fewer than the messages, if the time was over before.
///
/// Errors: the broker refuses one, is gone, or does not acknowledge.
pub async fn publish(port: u16, messages: &[Message], pace: Pace, room: &Semaphore) -> Result<Vec<Instant>> {
	let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
	stream.set_nodelay(true)?;
	stream.write_all(&connect_packet()).await?;
	let (kind, body) = read_packet(&mut stream).await?;
	ensure!(
		kind == CONNACK && body.get(1) == Some(&0),
		"the broker refuses the connection: {body:?}"
	);
	let (reader, writer) = stream.into_split();
	let in_flight = Semaphore::new(IN_FLIGHT as usize);
	let published = async {
		tokio::select! {
			began = write(writer, messages, pace, room, &in_flight) => began,
			lost = read_acknowledgements(BufReader::new(reader), &in_flight) => match lost? {},
		}
	};
	timeout(LONGEST, published)
		.await
		.context("the broker does not acknowledge")?
}

/// Gives back the place of each message that is acknowledged, until the connection ends.
async fn read_acknowledgements(
	mut reader: impl AsyncRead + Unpin,
	in_flight: &Semaphore,
) -> Result<Infallible> {
	loop {
		let (kind, body) = read_packet(&mut reader).await.context("the broker is gone")?;
		if kind != PUBACK {
			bail!("the broker sends a packet of type {kind:#x}: {body:?}");
		}
		// Without a reason it is 0, success. That nobody has subscribed is none here.
		if let Some(reason) = body.get(2).filter(|reason| **reason != 0) {
			bail!("the broker does not take a message, reason {reason:#x}");
		}
		in_flight.add_permits(1);
	}
}

async fn write(
	mut writer: impl AsyncWrite + Unpin,
	messages: &[Message],
	pace: Pace,
	room: &Semaphore,
	in_flight: &Semaphore,
) -> Result<Vec<Instant>> {
	let start = Instant::now();
	let interval = match pace {
		Pace::Flood(_) => Duration::ZERO,
		Pace::Steady(per_second) => {
			Duration::try_from_secs_f64(1.0 / per_second).context("a pace of nothing")?
		}
	};
	let mut began = Vec::with_capacity(messages.len());
	let mut buffer = Vec::with_capacity(2 * BUFFER_BYTES);
	for (place, message) in messages.iter().enumerate() {
		let due = start + interval.mul_f64(place as f64);
		if due > Instant::now() {
			flush(&mut writer, &mut buffer).await?;
			sleep_until(due).await;
		}
		take(room, &mut writer, &mut buffer).await?;
		match pace {
			Pace::Flood(longest) if start.elapsed() >= longest => break,
			_ => {}
		}
		take(in_flight, &mut writer, &mut buffer).await?;
		// Of 65,535 numbers the oldest that is in use is 512 behind.
		let packet_id = (place % usize::from(u16::MAX)) as u16 + 1;
		put_publish(&mut buffer, packet_id, message);
		began.push(match pace {
			Pace::Flood(_) => Instant::now(),
			Pace::Steady(_) => due,
		});
		if buffer.len() >= BUFFER_BYTES {
			flush(&mut writer, &mut buffer).await?;
		}
	}
	flush(&mut writer, &mut buffer).await?;
	// All places are back when everything is acknowledged.
	let _all = in_flight.acquire_many(IN_FLIGHT).await?;
	Ok(began)
}

/// Takes a permit for good. What was put together is written before waiting for one.
async fn take(
	permits: &Semaphore,
	writer: &mut (impl AsyncWrite + Unpin),
	buffer: &mut Vec<u8>,
) -> Result<()> {
	if let Ok(permit) = permits.try_acquire() {
		permit.forget();
		return Ok(());
	}
	flush(writer, buffer).await?;
	permits.acquire().await?.forget();
	Ok(())
}

async fn flush(writer: &mut (impl AsyncWrite + Unpin), buffer: &mut Vec<u8>) -> Result<()> {
	if !buffer.is_empty() {
		writer.write_all(buffer).await.context("the broker is gone")?;
		buffer.clear();
	}
	Ok(())
}

/// A packet's first byte, and what comes after its length.
async fn read_packet(reader: &mut (impl AsyncRead + Unpin)) -> Result<(u8, Vec<u8>)> {
	let kind = reader.read_u8().await?;
	let mut length = 0;
	for place in 0..4 {
		let byte = reader.read_u8().await?;
		length |= usize::from(byte & 0x7f) << (7 * place);
		if byte & 0x80 == 0 {
			let mut body = vec![0; length];
			reader.read_exact(&mut body).await?;
			return Ok((kind, body));
		}
	}
	bail!("a packet without an end of its length")
}

/// A variable byte integer, MQTT 5 section 1.5.5.
fn put_length(buffer: &mut Vec<u8>, mut length: usize) {
	loop {
		let byte = (length % 128) as u8;
		length /= 128;
		if length == 0 {
			buffer.push(byte);
			return;
		}
		buffer.push(byte | 0x80);
	}
}

/// Text with its length before it. A topic is far shorter than 64 KiB.
fn put_text(buffer: &mut Vec<u8>, text: &str) {
	buffer.extend_from_slice(&(text.len() as u16).to_be_bytes());
	buffer.extend_from_slice(text.as_bytes());
}

/// A new session without a will, a password or a keep-alive.
fn connect_packet() -> Vec<u8> {
	let client_id = format!("passport-benches-{}", std::process::id());
	let mut body = Vec::new();
	put_text(&mut body, "MQTT");
	// Version 5, clean start, no keep-alive, no properties.
	body.extend_from_slice(&[5, 0x02, 0, 0, 0]);
	put_text(&mut body, &client_id);
	let mut packet = vec![CONNECT];
	put_length(&mut packet, body.len());
	packet.extend_from_slice(&body);
	packet
}

fn put_publish(buffer: &mut Vec<u8>, packet_id: u16, message: &Message) {
	buffer.push(PUBLISH);
	// Topic with its length, packet id, no properties, payload.
	put_length(buffer, 2 + message.topic.len() + 2 + 1 + message.frame.len());
	put_text(buffer, &message.topic);
	buffer.extend_from_slice(&packet_id.to_be_bytes());
	buffer.push(0);
	buffer.extend_from_slice(&message.frame);
}

#[cfg(test)]
mod tests {
	use super::*;
	use tokio::net::TcpListener;

	fn message(sequence: u64, bytes: usize) -> Message {
		Message {
			topic: "a/b".into(),
			device: 7,
			sequence,
			frame: vec![sequence as u8; bytes],
		}
	}

	/// Takes one connection, and acknowledges so many messages with this reason. Gives what was published.
	async fn broker(listener: TcpListener, acknowledged: usize, reason: u8) -> Vec<(u8, Vec<u8>)> {
		let (mut stream, _) = listener.accept().await.unwrap();
		let (kind, _) = read_packet(&mut stream).await.unwrap();
		assert_eq!(kind, CONNECT);
		stream.write_all(&[CONNACK, 3, 0, 0, 0]).await.unwrap();
		let mut taken = Vec::new();
		while let Ok((kind, body)) = read_packet(&mut stream).await {
			let id = [body[5], body[6]];
			taken.push((kind, body));
			if taken.len() <= acknowledged {
				let answer = [PUBACK, 4, id[0], id[1], reason, 0];
				// Whoever is refused hangs up.
				if stream.write_all(&answer).await.is_err() {
					break;
				}
			}
		}
		taken
	}

	async fn published(
		messages: &[Message],
		pace: Pace,
		acknowledged: usize,
		reason: u8,
	) -> (Result<Vec<Instant>>, Vec<(u8, Vec<u8>)>) {
		let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
		let port = listener.local_addr().unwrap().port();
		let broker = tokio::spawn(broker(listener, acknowledged, reason));
		let room = Semaphore::new(messages.len());
		let began = publish(port, messages, pace, &room).await;
		(began, broker.await.unwrap())
	}

	#[test]
	fn lengths_are_written_as_the_standard_says() {
		for (length, bytes) in [
			(0, &[0x00][..]),
			(127, &[0x7f]),
			(128, &[0x80, 0x01]),
			(16_383, &[0xff, 0x7f]),
			(2_097_152, &[0x80, 0x80, 0x80, 0x01]),
		] {
			let mut buffer = Vec::new();
			put_length(&mut buffer, length);
			assert_eq!(buffer, bytes, "{length}");
		}
	}

	#[tokio::test]
	async fn more_messages_than_may_be_on_their_way_are_all_published_in_order() {
		let messages: Vec<_> = (0..2_000).map(|sequence| message(sequence, 300)).collect();
		let flood = Pace::Flood(Duration::from_secs(60));
		let (began, taken) = published(&messages, flood, usize::MAX, 0).await;
		assert_eq!(began.unwrap().len(), 2_000);
		assert_eq!(taken.len(), 2_000);
		for (place, (kind, body)) in taken.iter().enumerate() {
			assert_eq!(*kind, PUBLISH);
			assert_eq!(body[..5], [0, 3, b'a', b'/', b'b']);
			assert_eq!(u16::from_be_bytes([body[5], body[6]]) as usize, place + 1);
			assert_eq!(body[8..], messages[place].frame);
		}
	}

	#[tokio::test]
	async fn a_steady_pace_counts_from_when_a_message_was_due() {
		let messages: Vec<_> = (0..20).map(|sequence| message(sequence, 3)).collect();
		let (began, _) = published(&messages, Pace::Steady(1_000.0), usize::MAX, 0).await;
		let began = began.unwrap();
		assert_eq!(began.len(), 20);
		for two in began.windows(2) {
			let apart = two[1] - two[0];
			assert!(apart.abs_diff(Duration::from_millis(1)) < Duration::from_micros(1));
		}
	}

	#[tokio::test]
	async fn what_the_broker_refuses_is_an_error() {
		let messages: Vec<_> = (0..3).map(|sequence| message(sequence, 3)).collect();
		let flood = Pace::Flood(Duration::from_secs(60));
		// 0x97: quota exceeded.
		let (began, _) = published(&messages, flood, usize::MAX, 0x97).await;
		assert!(began.unwrap_err().to_string().contains("0x97"));
	}

	#[tokio::test]
	async fn a_flood_ends_with_its_time() {
		let messages: Vec<_> = (0..3).map(|sequence| message(sequence, 3)).collect();
		let (began, taken) = published(&messages, Pace::Flood(Duration::ZERO), usize::MAX, 0).await;
		assert!(began.unwrap().is_empty());
		assert!(taken.is_empty());
	}
}
