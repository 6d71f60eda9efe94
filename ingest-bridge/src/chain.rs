//! The real ledger: a node, by way of `passport-client`.
//!
//! A connection of `passport-client` stays broken once it breaks, so it is made anew here. Nothing in this
//! file decides what is lost or sent again; it only says truthfully what is known ([`Outcome`],
//! [`LedgerError`]).

use crate::ledger::{
	Anchor, Anchored, DeviceFacts, FormerKey, Head, Ledger, LedgerError, Outcome, StreamState, Submission,
	SubmittedFrame,
};
use codec::Decode;
use futures::{stream, StreamExt, TryStreamExt};
use passport_client::{
	api::{
		self,
		runtime_types::{
			bounded_collections::bounded_vec::BoundedVec,
			passport_primitives::telemetry::anchor::{AnchorId, AnchoredBatch},
		},
	},
	FrameBatch, Keypair, Ledger as Client, LedgerError as ClientError, Submitted,
};
use passport_primitives::{pool::PoolRefusal, telemetry::SequenceWindow};
use std::{
	collections::HashMap,
	fmt::Display,
	future::Future,
	sync::{Arc, OnceLock},
	time::Duration,
};
use tokio::{
	sync::Mutex,
	time::{sleep, timeout, Instant},
};

/// Longest wait for an answer; a node that needs longer is as good as gone.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// After a connection could not be made, everyone is told so for this long without trying.
const CONNECT_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// How often it is looked whether an extrinsic's blocks are over. Subscriptions have gone silent before
/// (subxt#2050).
const LOOK_EVERY: Duration = Duration::from_secs(6);

/// For so many blocks `passport-client` signs. More would only mean waiting longer for what is lost.
const MORTALITY_BLOCKS: u64 = 64;

/// Key of `Timestamp::Now` in the state: twox-128 of either word.
const TIME_KEY: [u8; 32] = [
	0xf0, 0xc3, 0x65, 0xc3, 0xcf, 0x59, 0xd6, 0x71, 0xeb, 0x72, 0xda, 0x0e, 0x7a, 0x41, 0x13, 0xc4, 0x9f,
	0x1f, 0x05, 0x15, 0xf4, 0x62, 0xcd, 0xcf, 0x84, 0xe0, 0xf1, 0xd6, 0x04, 0x5d, 0xfc, 0xbb,
];

/// Questions for windows at a time.
const QUESTIONS_AT_ONCE: usize = 16;

#[derive(Default)]
struct Connection {
	client: Option<Client>,
	/// Counts connections, so that a late failure of an old one does not end the new one.
	number: u64,
	failed: Option<(Instant, LedgerError)>,
}

struct Node {
	url: String,
	network: OnceLock<[u8; 32]>,
	connection: Mutex<Connection>,
}

impl Node {
	/// The connection, made if there is none.
	async fn connected(&self) -> Result<(Client, u64), LedgerError> {
		let mut connection = self.connection.lock().await;
		if let Some(client) = &connection.client {
			return Ok((client.clone(), connection.number));
		}
		if let Some((when, error)) = &connection.failed {
			if when.elapsed() < CONNECT_AGAIN_AFTER {
				return Err(error.clone());
			}
		}
		match self.connect().await {
			Ok(client) => {
				connection.failed = None;
				connection.number += 1;
				connection.client = Some(client.clone());
				Ok((client, connection.number))
			}
			Err(error) => {
				connection.failed = Some((Instant::now(), error.clone()));
				Err(error)
			}
		}
	}

	async fn connect(&self) -> Result<Client, LedgerError> {
		let client = timeout(ANSWER_TIMEOUT, Client::connect(&self.url))
			.await
			.map_err(|_| LedgerError::Unreachable(format!("{} does not answer", self.url)))?
			.map_err(translate)?;
		let found = client.genesis_hash();
		let expected = *self.network.get_or_init(|| found);
		if found != expected {
			return Err(LedgerError::OtherNetwork {
				expected: hex::encode(expected),
				found: hex::encode(found),
			});
		}
		Ok(client)
	}

	/// A connection has failed: the next question makes a new one.
	async fn lost(&self, number: u64) {
		let mut connection = self.connection.lock().await;
		if connection.number == number {
			connection.client = None;
		}
	}

	/// Asks something.
	async fn ask<T, Answer>(&self, question: impl FnOnce(Client) -> Answer + Send) -> Result<T, LedgerError>
	where
		Answer: Future<Output = Result<T, ClientError>> + Send,
	{
		let (client, number) = self.connected().await?;
		let answer = match timeout(ANSWER_TIMEOUT, question(client)).await {
			Ok(answer) => answer.map_err(translate),
			Err(_) => Err(LedgerError::Unreachable(
				"the node does not answer in time".into(),
			)),
		};
		if let Err(LedgerError::Unreachable(_)) = answer {
			self.lost(number).await;
		}
		answer
	}
}

fn translate(error: ClientError) -> LedgerError {
	let text = error.to_string();
	match error {
		ClientError::Connection(reason) => LedgerError::Unreachable(reason),
		// 1014: the nonce is in the pool; 1010 outdated: it is in a block.
		ClientError::Pool(reason)
			if reason.contains("Priority is too low") || reason.contains("outdated") =>
		{
			LedgerError::Nonce(reason)
		}
		ClientError::Membership(PoolRefusal::CallPaused) => LedgerError::Paused,
		ClientError::Membership(PoolRefusal::QuotaExceeded) => LedgerError::OverQuota,
		ClientError::Membership(_) | ClientError::Pool(_) | ClientError::Dropped(_) => {
			LedgerError::Refused(text)
		}
		_ => LedgerError::Unexpected(text),
	}
}

/// The ledger behind a node.
pub struct Chain {
	node: Arc<Node>,
	keys: Vec<Keypair>,
}

impl Chain {
	/// Not connected yet: the first question connects. With `network`, a node of another one is refused.
	pub fn new(url: String, keys: Vec<Keypair>, network: Option<[u8; 32]>) -> Self {
		let known = OnceLock::new();
		if let Some(network) = network {
			// New: nothing was set before.
			let _new = known.set(network);
		}
		Chain {
			node: Arc::new(Node {
				url,
				network: known,
				connection: Mutex::default(),
			}),
			keys,
		}
	}

	fn key(&self, lane: usize) -> Result<&Keypair, LedgerError> {
		self.keys
			.get(lane)
			.ok_or_else(|| LedgerError::Unexpected(format!("there is no lane {lane}")))
	}

	/// Submits an extrinsic: `count` frames, or `None` for an anchor.
	async fn submitted<Answer>(
		&self,
		count: Option<usize>,
		submit: impl FnOnce(Client) -> Answer + Send,
	) -> Result<ChainSubmission, LedgerError>
	where
		Answer: Future<Output = Result<Submitted, ClientError>> + Send,
	{
		let (client, connection) = self.node.connected().await?;
		let submitted = match timeout(ANSWER_TIMEOUT, submit(client.clone())).await {
			Ok(submitted) => submitted.map_err(translate),
			Err(_) => Err(LedgerError::Unreachable(
				"the node does not take the extrinsic in time".into(),
			)),
		};
		match submitted {
			Ok(submitted) => Ok(ChainSubmission {
				submitted,
				client,
				node: self.node.clone(),
				connection,
				count,
			}),
			Err(error) => {
				if let LedgerError::Unreachable(_) = error {
					self.node.lost(connection).await;
				}
				Err(error)
			}
		}
	}
}

impl Ledger for Chain {
	type Submission = ChainSubmission;

	fn lanes(&self) -> usize {
		self.keys.len()
	}

	async fn genesis_hash(&self) -> Result<[u8; 32], LedgerError> {
		self.node
			.ask(|client| async move { Ok(client.genesis_hash()) })
			.await
	}

	async fn finalised_head(&self) -> Result<Head, LedgerError> {
		self.node
			.ask(|client| async move {
				let at = client
					.client()
					.at_current_block()
					.await
					.map_err(|error| ClientError::Connection(error.to_string()))?;
				// Without it the bridge's own clock is all that frames are checked by: no reason to call the node gone.
				let now = at.storage().fetch_raw(TIME_KEY.to_vec()).await;
				let milliseconds = now.ok().and_then(|bytes| u64::decode(&mut bytes.as_slice()).ok());
				Ok::<_, ClientError>(Head {
					height: at.block_number(),
					unix_seconds: milliseconds.map(|milliseconds| milliseconds / 1_000),
				})
			})
			.await
	}

	async fn device_of_battery(&self, battery: &str) -> Result<Option<DeviceFacts>, LedgerError> {
		let battery = battery.to_owned();
		let facts = self
			.node
			.ask(|client| async move { client.device_by_battery_name(&battery).await })
			.await?;
		Ok(facts.map(|facts| DeviceFacts {
			index: facts.index,
			passport: facts.passport,
			public_key: facts.public_key,
			key_from_sequence: facts.key_from_sequence,
			former_keys: facts
				.former_keys
				.into_iter()
				.map(|former| FormerKey {
					public_key: former.public_key,
					below_sequence: former.below_sequence,
				})
				.collect(),
			active: facts.active,
			key_epoch: facts.key_epoch,
			window: facts.window,
		}))
	}

	async fn finalised_windows(&self, devices: &[u32]) -> Result<HashMap<u32, SequenceWindow>, LedgerError> {
		let node = &self.node;
		let windows: Vec<_> = stream::iter(devices.to_vec())
			.map(|device| async move {
				let window = node
					.ask(|client| async move { client.device_window(device).await })
					.await?;
				Ok::<_, LedgerError>((device, window))
			})
			.buffer_unordered(QUESTIONS_AT_ONCE)
			.try_collect()
			.await?;
		Ok(windows
			.into_iter()
			.filter_map(|(device, window)| Some((device, window?)))
			.collect())
	}

	async fn next_nonce(&self, lane: usize) -> Result<u64, LedgerError> {
		let account = self.key(lane)?.public_key().to_account_id();
		self.node
			.ask(|client| async move { client.next_nonce(&account).await })
			.await
	}

	async fn submit(
		&self,
		lane: usize,
		nonce: u64,
		frames: Vec<SubmittedFrame>,
	) -> Result<ChainSubmission, LedgerError> {
		let key = self.key(lane)?;
		// Not the generated call: it would look the type of every byte up in the metadata.
		let call = FrameBatch::new(frames.iter().map(|frame| (frame.device, frame.frame.as_slice())));
		self.submitted(Some(frames.len()), |client| async move {
			client.submit(&call, key, Some(nonce)).await
		})
		.await
	}

	async fn stream_state(
		&self,
		stream: u32,
		number: u64,
		sender: Option<[u8; 32]>,
	) -> Result<StreamState, LedgerError> {
		let own = self.key(0)?.public_key().to_account_id();
		let account = own.0;
		let state = self
			.node
			.ask(|client| async move {
				let unreadable = |error: &dyn Display| ClientError::Answer(error.to_string());
				let Some(bridge) = client.organisation_of(account).await? else {
					return Ok(None);
				};
				// All the rest of one block: what it says together is what counts.
				let at = client
					.client()
					.at_current_block()
					.await
					.map_err(|error| ClientError::Connection(error.to_string()))?;
				let asked = sender.map_or(own, Into::into);
				let nonce = at
					.transactions()
					.account_nonce(&asked)
					.await
					.map_err(|error| ClientError::Connection(error.to_string()))?;
				let storage = api::storage().telemetry();
				let state = at
					.storage()
					.try_fetch(storage.streams(), (bridge.into(), stream))
					.await
					.map_err(|error| unreadable(&error))?;
				let next = match state {
					Some(state) => state.decode().map_err(|error| unreadable(&error))?.next_number,
					None => 0,
				};
				let id = AnchorId {
					bridge: bridge.into(),
					stream,
					number,
				};
				let anchor = at
					.storage()
					.try_fetch(storage.anchors(), (id,))
					.await
					.map_err(|error| unreadable(&error))?;
				let anchored = match anchor {
					Some(anchor) => {
						let anchor = anchor.decode().map_err(|error| unreadable(&error))?;
						Some(Anchored {
							root: anchor.root,
							block: u64::from(anchor.anchored_at),
						})
					}
					None => None,
				};
				Ok::<_, ClientError>(Some(StreamState {
					height: at.block_number(),
					bridge: bridge.0,
					next,
					anchored,
					account,
					nonce,
				}))
			})
			.await?;
		state.ok_or_else(|| LedgerError::Refused("the signing account acts for no member".into()))
	}

	async fn submit_anchor(
		&self,
		nonce: u64,
		number: u64,
		anchor: &Anchor,
	) -> Result<ChainSubmission, LedgerError> {
		let key = self.key(0)?;
		let Anchor {
			stream,
			root,
			leaves,
			readings,
			content,
		} = anchor.clone();
		let call = api::tx().telemetry().anchor_batch(AnchoredBatch {
			stream,
			number,
			root,
			leaves,
			readings,
			content: BoundedVec(content),
		});
		self.submitted(None, |client| async move {
			client.submit(&call, key, Some(nonce)).await
		})
		.await
	}
}

/// An extrinsic in a node's pool.
pub struct ChainSubmission {
	submitted: Submitted,
	client: Client,
	node: Arc<Node>,
	connection: u64,
	/// Frames in it; `None` for an anchor.
	count: Option<usize>,
}

impl ChainSubmission {
	/// Waits until no block can hold the extrinsic any more: it is mortal, and its blocks count from one that
	/// was final when it was signed.
	async fn over(client: &Client) -> Result<(), LedgerError> {
		let head = || async {
			match timeout(ANSWER_TIMEOUT, client.finalised_head()).await {
				Ok(head) => head.map(|(number, _)| u64::from(number)).map_err(translate),
				Err(_) => Err(LedgerError::Unreachable(
					"the node does not answer in time".into(),
				)),
			}
		};
		let first = head().await?;
		loop {
			sleep(LOOK_EVERY).await;
			if head().await? > first + MORTALITY_BLOCKS {
				return Ok(());
			}
		}
	}
}

impl Submission for ChainSubmission {
	async fn outcome(self) -> Result<Outcome, LedgerError> {
		let ChainSubmission {
			submitted,
			client,
			node,
			connection,
			count,
		} = self;
		let ending = tokio::select! {
			biased;
			ending = submitted.finalised() => ending,
			over = Self::over(&client) => match over {
				Ok(()) => return Ok(Outcome::NotIncluded("its blocks are over".into())),
				Err(error) => {
					node.lost(connection).await;
					return Err(error);
				},
			},
		};
		match ending {
			Ok(finalised) => {
				let Some(count) = count else {
					return Ok(Outcome::Finalised(Vec::new()));
				};
				let event = finalised
					.events
					.find_first::<api::telemetry::events::BatchVerified>()
					.ok_or_else(|| LedgerError::Unexpected("no event tells of the batch".into()))?
					.map_err(|error| LedgerError::Unexpected(error.to_string()))?;
				let mut results = vec![Ok(()); count];
				for skipped in event.skipped.0 {
					match results.get_mut(usize::from(skipped.position)) {
						Some(result) => *result = Err(skipped.reason.0),
						None => {
							return Err(LedgerError::Unexpected(
								"a frame was skipped that was not sent".into(),
							))
						}
					}
				}
				let taken = results.iter().filter(|result| result.is_ok()).count();
				if taken != usize::from(event.frames) {
					return Err(LedgerError::Unexpected(format!(
						"{} frames were taken, {taken} were expected",
						event.frames
					)));
				}
				Ok(Outcome::Finalised(results))
			}
			Err(error @ ClientError::Dispatch { .. }) => Ok(Outcome::Failed(error.to_string())),
			Err(ClientError::Dropped(reason) | ClientError::Pool(reason)) => Ok(Outcome::NotIncluded(reason)),
			Err(error) => {
				let error = translate(error);
				if let LedgerError::Unreachable(_) = error {
					node.lost(connection).await;
				}
				Err(error)
			}
		}
	}
}
