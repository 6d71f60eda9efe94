//! Between the polling task, which must never wait, and the intake, which may have to.

use crate::{lock, mqtt::Message};
use std::{collections::VecDeque, sync::Mutex};
use tokio::sync::Notify;

/// Messages that are not on disk yet. The broker bounds them: it sends at most Receive Maximum of them
/// unacknowledged on one connection. Only reconnecting while acknowledgements are held back adds more, which
/// [`Inbox::room`] ends.
#[derive(Debug)]
pub struct Inbox {
	messages: Mutex<VecDeque<Message>>,
	bound: usize,
	arrived: Notify,
	taken: Notify,
}

impl Inbox {
	/// For a broker that is told `receive_maximum`: room for the messages of a few connections.
	pub fn new(receive_maximum: u16) -> Self {
		Inbox {
			messages: Mutex::default(),
			bound: 4 * usize::from(receive_maximum),
			arrived: Notify::new(),
			taken: Notify::new(),
		}
	}

	/// Puts a message in. Never waits.
	pub fn put(&self, message: Message) {
		lock(&self.messages).push_back(message);
		self.arrived.notify_one();
	}

	/// Waits until there is room. A broker that keeps to Receive Maximum never makes this wait; while it
	/// does, the connection is not polled and ends by its keep-alive, and the messages stay with the broker.
	pub async fn room(&self) {
		while lock(&self.messages).len() >= self.bound {
			self.taken.notified().await;
		}
	}

	/// Waits for messages and takes at most `most` of them. Whoever stops waiting has taken nothing.
	pub async fn take(&self, most: usize) -> Vec<Message> {
		loop {
			let group: Vec<_> = {
				let mut messages = lock(&self.messages);
				let count = messages.len().min(most);
				messages.drain(..count).collect()
			};
			if !group.is_empty() {
				self.taken.notify_one();
				return group;
			}
			self.arrived.notified().await;
		}
	}
}
