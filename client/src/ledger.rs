//! A connection to a node.

use crate::final_blocks::{FinalBlock, LatestBlocks, TransactionEvents};
use codec::{Decode, Encode};
use hex::FromHex;
use passport_primitives::{
	battery::{self, Commitment, PassportId},
	data_set::DataSet,
	organisation::OrganisationId,
	pool::PoolRefusal,
	telemetry::{device::SignedBy, SequenceWindow},
};
use passport_runtime_api::{
	DeviceView, DocumentView, GrantView, Hex, OrganisationView, PassportAnswer, PassportView, TransferView,
	Verification,
};
use std::{sync::Arc, time::Duration};
use subxt::{
	backend::LegacyBackend,
	config::{DefaultExtrinsicParamsBuilder, Hasher, PolkadotConfig},
	error::{BackendError, DispatchError, ExtrinsicError, RpcError},
	rpcs::{methods::legacy::LegacyRpcMethods, RpcClient},
	tx::{Payload, TransactionStatus},
	utils::{AccountId32, H256},
	OnlineClient,
};
use subxt_signer::sr25519::Keypair;

/// Blocks that a transaction is valid for. Long enough for a full pool, short enough that a lost one can be sent again soon.
pub const MORTALITY_BLOCKS: u64 = 64;

/// Longest wait for one answer of a node.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Why the ledger did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
	/// No node, or the connection broke: whether a transaction got through is not known.
	#[error("no answer from the node: {0}")]
	Connection(String),
	/// The pool refused: the sender is no member, or its roles do not include the call.
	#[error("refused by the pool: {0}")]
	Membership(PoolRefusal),
	/// The pool refused for another reason: a nonce that was used, a mortality that has ended.
	#[error("refused by the pool: {0}")]
	Pool(String),
	/// The transaction is in a block, and its call failed.
	#[error("{pallet}.{error}")]
	Dispatch {
		/// The pallet whose error it is.
		pallet: String,
		/// The name of the error.
		error: String,
	},
	/// The transaction left the pool without a block.
	#[error("dropped by the pool: {0}")]
	Dropped(String),
	/// The node answered what this client does not understand.
	#[error("unexpected answer: {0}")]
	Answer(String),
	/// What this client was asked to send can not be encoded.
	#[error("can not be encoded: {0}")]
	Encode(String),
}

impl LedgerError {
	/// Whether asking the ledger what happened is the way on, rather than giving up.
	pub fn is_outcome_unknown(&self) -> bool {
		matches!(
			self,
			LedgerError::Connection(_) | LedgerError::Dropped(_) | LedgerError::Answer(_)
		)
	}
}

pub(crate) fn connection(error: impl std::fmt::Display) -> LedgerError {
	LedgerError::Connection(error.to_string())
}

pub(crate) fn answer(error: impl std::fmt::Display) -> LedgerError {
	LedgerError::Answer(error.to_string())
}

/// Codes of JSON-RPC by which a node says that its pool did not take a transaction: the block of Substrate's `author` module.
const POOL_CODES: std::ops::RangeInclusive<i32> = 1_000..=1_999;

/// Tells a refusal by the pool from a broken connection, by the code that JSON-RPC gives it. The reason stands in the
/// error's data, which no `Display` of subxt shows.
fn submission(error: &ExtrinsicError) -> LedgerError {
	let refused = match error {
		ExtrinsicError::ErrorSubmittingTransaction(BackendError::Rpc(RpcError::ClientError(
			subxt::rpcs::Error::User(refused),
		))) if POOL_CODES.contains(&refused.code) => refused,
		other => return connection(other),
	};
	let data = refused
		.data
		.as_ref()
		.map_or("", |data| data.get().trim_matches('"'));
	let custom = data
		.strip_prefix("Custom error: ")
		.and_then(|digits| digits.parse().ok())
		.and_then(PoolRefusal::from_code);
	match custom {
		Some(refusal) => LedgerError::Membership(refusal),
		None => LedgerError::Pool(
			format!("{} ({}) {data}", refused.message, refused.code)
				.trim_end()
				.to_owned(),
		),
	}
}

/// A key that a device had before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerKey {
	/// The key.
	pub public_key: [u8; 32],
	/// It signs frames of lower sequences than this, down to where the key before it ends.
	pub below_sequence: u64,
}

/// What a bridge needs of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceFacts {
	/// Its number.
	pub index: u32,
	/// The battery's passport, which its frames are signed for.
	pub passport: PassportId,
	/// Who holds its keys.
	pub signed_by: SignedBy,
	/// Key that its frames are signed with.
	pub public_key: [u8; 32],
	/// The first sequence that this key signs; 0 when the device has had no other.
	pub key_from_sequence: u64,
	/// The keys that it had before, in their order.
	pub former_keys: Vec<FormerKey>,
	/// Whether its frames are taken now.
	pub active: bool,
	/// Current epoch of its sealing key.
	pub key_epoch: u32,
	/// Sequences that the ledger has taken.
	pub window: SequenceWindow,
}

fn key(bytes: Hex) -> Result<[u8; 32], LedgerError> {
	bytes
		.0
		.try_into()
		.map_err(|_| answer("a key that has not 32 bytes"))
}

impl TryFrom<DeviceView> for DeviceFacts {
	type Error = LedgerError;

	fn try_from(view: DeviceView) -> Result<Self, LedgerError> {
		let former_keys = view
			.former_keys
			.into_iter()
			.map(|former| {
				Ok(FormerKey {
					public_key: key(former.public_key)?,
					below_sequence: former.below_sequence,
				})
			})
			.collect::<Result<_, LedgerError>>()?;
		Ok(DeviceFacts {
			index: view.device,
			passport: view.passport_id,
			signed_by: view.signed_by,
			public_key: key(view.public_key)?,
			key_from_sequence: view.key_from_sequence,
			former_keys,
			active: view.active,
			key_epoch: view.key_epoch,
			window: view.window,
		})
	}
}

/// A transaction in a finalised block.
#[derive(Debug)]
pub struct Finalised {
	/// Number of the block.
	pub block_number: u32,
	/// Hash of the block.
	pub block_hash: H256,
	/// Length of the transaction, in bytes.
	pub bytes: usize,
	/// Events of the transaction.
	pub events: TransactionEvents,
}

/// A transaction that the pool has taken.
pub struct Submitted {
	ledger: Ledger,
	progress: subxt::tx::TransactionProgress<
		PolkadotConfig,
		subxt::client::OnlineClientAtBlockImpl<PolkadotConfig>,
	>,
	bytes: usize,
}

impl Submitted {
	/// Waits until the block of the transaction is finalised.
	///
	/// What the block says is fetched once for all transactions of this connection that wait for the same block.
	///
	/// Errors: `Dispatch` when the call failed in that block; `Dropped`, `Pool` when there is no block; `Connection` when the
	/// node is gone and nobody knows.
	pub async fn finalised(mut self) -> Result<Finalised, LedgerError> {
		while let Some(status) = self.progress.next().await {
			match status.map_err(connection)? {
				TransactionStatus::InFinalizedBlock(block) => {
					let fetched = self.ledger.final_block(block.block_hash()).await?;
					let events = TransactionEvents::new(fetched, block.extrinsic_hash())?;
					if let Some(error) = events.failure()? {
						return Err(dispatch(&error));
					}
					return Ok(Finalised {
						block_number: events.block().number,
						block_hash: events.block().hash,
						bytes: self.bytes,
						events,
					});
				}
				TransactionStatus::Invalid { message } => return Err(LedgerError::Pool(message)),
				TransactionStatus::Dropped { message } | TransactionStatus::Error { message } => {
					return Err(LedgerError::Dropped(message))
				}
				_ => {}
			}
		}
		Err(connection("the node closed the subscription"))
	}
}

fn dispatch(error: &DispatchError) -> LedgerError {
	match error {
		DispatchError::Module(module) => match module.details() {
			Ok(details) => LedgerError::Dispatch {
				pallet: details.pallet.name().to_owned(),
				error: details.variant.name.clone(),
			},
			Err(other) => answer(other),
		},
		other => LedgerError::Dispatch {
			pallet: "System".into(),
			error: other.to_string(),
		},
	}
}

/// A connection to a node. Cheap to clone; when the node is gone it stays broken, and a new one is to be made.
#[derive(Clone)]
pub struct Ledger {
	client: OnlineClient<PolkadotConfig>,
	methods: LegacyRpcMethods<subxt::config::RpcConfigFor<PolkadotConfig>>,
	rpc: RpcClient,
	genesis_hash: [u8; 32],
	final_blocks: Arc<LatestBlocks<FinalBlock>>,
}

impl Ledger {
	/// Connects by WebSocket. `ws://` is for loopback or a network of one's own: the node has no TLS.
	pub async fn connect(url: &str) -> Result<Self, LedgerError> {
		// The legacy methods: the newer ones keep a pin for every block while a transaction is watched, and stop at 512.
		let rpc = tokio::time::timeout(REQUEST_TIMEOUT, RpcClient::from_insecure_url(url))
			.await
			.map_err(|_| connection(format!("{url} does not answer")))?
			.map_err(connection)?;
		let backend = LegacyBackend::builder().build(rpc.clone());
		let client = OnlineClient::<PolkadotConfig>::from_backend(Arc::new(backend))
			.await
			.map_err(connection)?;
		let genesis_hash = client.genesis_hash().0;
		Ok(Ledger {
			client,
			methods: LegacyRpcMethods::new(rpc.clone()),
			rpc,
			genesis_hash,
			final_blocks: Arc::new(LatestBlocks::new()),
		})
	}

	/// What binds signatures to this network.
	pub fn genesis_hash(&self) -> [u8; 32] {
		self.genesis_hash
	}

	/// subxt's own client, for what this type does not offer.
	pub fn client(&self) -> &OnlineClient<PolkadotConfig> {
		&self.client
	}

	/// The connection, for methods that this type does not offer.
	pub fn rpc(&self) -> &RpcClient {
		&self.rpc
	}

	/// Number and hash of the latest finalised block.
	pub async fn finalised_head(&self) -> Result<(u32, H256), LedgerError> {
		let at = self.client.at_current_block().await.map_err(connection)?;
		Ok((u32::try_from(at.block_number()).map_err(answer)?, at.block_hash()))
	}

	/// The nonce of the account's next transaction, those in the pool included.
	pub async fn next_nonce(&self, account: &AccountId32) -> Result<u64, LedgerError> {
		self.methods
			.system_account_next_index(account)
			.await
			.map_err(connection)
	}

	/// Signs a call and hands it to the pool. Without a nonce the next one of the account is taken.
	pub async fn submit<Call: Payload>(
		&self,
		call: &Call,
		signer: &Keypair,
		nonce: Option<u64>,
	) -> Result<Submitted, LedgerError> {
		let nonce = match nonce {
			Some(nonce) => nonce,
			None => self.next_nonce(&signer.public_key().to_account_id()).await?,
		};
		let at = self.client.at_current_block().await.map_err(connection)?;
		// Without asking the node again: subxt's `create_signed` fetches a nonce even where one is given.
		let params = DefaultExtrinsicParamsBuilder::<PolkadotConfig>::new()
			.mortal_from_unchecked(MORTALITY_BLOCKS, at.block_number(), at.block_hash())
			.nonce(nonce)
			.build();
		let unencodable = |error: ExtrinsicError| LedgerError::Encode(error.to_string());
		let transaction = {
			let mut signable = at
				.transactions()
				.create_signable_offline(call, params)
				.map_err(unencodable)?;
			signable.sign(signer).map_err(unencodable)?
		};
		let bytes = transaction.encoded().len();
		let progress = tokio::time::timeout(REQUEST_TIMEOUT, transaction.submit_and_watch())
			.await
			.map_err(|_| connection("no answer to a transaction"))?
			.map_err(|error| submission(&error))?;
		Ok(Submitted {
			ledger: self.clone(),
			progress,
			bytes,
		})
	}

	async fn final_block(&self, hash: H256) -> Result<Arc<FinalBlock>, LedgerError> {
		self.final_blocks.get(hash, || self.fetch_final_block(hash)).await
	}

	async fn fetch_final_block(&self, hash: H256) -> Result<FinalBlock, LedgerError> {
		let at = self.client.at_block(hash).await.map_err(connection)?;
		// By the method itself: subxt's own way to the transactions of a block decodes each of them.
		let body = self
			.methods
			.chain_get_block(Some(hash))
			.await
			.map_err(connection)?
			.ok_or_else(|| connection(format!("the node does not have block {hash:?}")))?;
		let transactions = body
			.block
			.extrinsics
			.into_iter()
			.map(|transaction| at.hasher().hash(&transaction))
			.collect();
		Ok(FinalBlock {
			number: u32::try_from(at.block_number()).map_err(answer)?,
			hash,
			transactions,
			events: at.events().fetch().await.map_err(connection)?,
			metadata: at.metadata(),
		})
	}

	/// Signs, submits, and waits for finality.
	pub async fn finalise<Call: Payload>(
		&self,
		call: &Call,
		signer: &Keypair,
	) -> Result<Finalised, LedgerError> {
		self.submit(call, signer, None).await?.finalised().await
	}

	async fn ask<Answer: Decode>(&self, function: &str, arguments: &[u8]) -> Result<Answer, LedgerError> {
		let at = self.client.at_current_block().await.map_err(connection)?;
		let bytes = at
			.runtime_apis()
			.call_raw(&format!("PassportLedgerApi_{function}"), Some(arguments))
			.await
			.map_err(connection)?;
		Answer::decode(&mut bytes.as_slice()).map_err(answer)
	}

	/// The passport that goes by this unique identifier or alias, in the latest finalised block.
	pub async fn resolve(&self, name: &str) -> Result<Option<PassportId>, LedgerError> {
		self.ask("resolve", &name.as_bytes().encode()).await
	}

	/// A passport, live or ceased, in the latest finalised block.
	pub async fn passport(&self, passport: PassportId) -> Result<Option<PassportAnswer>, LedgerError> {
		self.ask("passport", &passport.encode()).await
	}

	/// A passport that is live in the latest finalised block.
	pub async fn live_passport(&self, passport: PassportId) -> Result<Option<PassportView>, LedgerError> {
		Ok(match self.passport(passport).await? {
			Some(PassportAnswer::Live(view)) => Some(view),
			_ => None,
		})
	}

	/// Whether the ledger holds this commitment.
	pub async fn verify(
		&self,
		passport: PassportId,
		data_set: DataSet,
		commitment: Commitment,
	) -> Result<Verification, LedgerError> {
		self.ask("verify", &(passport, data_set, commitment).encode())
			.await
	}

	/// A member.
	pub async fn organisation(
		&self,
		organisation: OrganisationId,
	) -> Result<Option<OrganisationView>, LedgerError> {
		self.ask("organisation", &organisation.encode()).await
	}

	/// The member that an account acts for.
	pub async fn organisation_of(&self, account: [u8; 32]) -> Result<Option<OrganisationId>, LedgerError> {
		self.ask("organisation_of", &account.encode()).await
	}

	/// A device.
	pub async fn device(&self, device: u32) -> Result<Option<DeviceView>, LedgerError> {
		self.ask("device", &device.encode()).await
	}

	/// The devices of a passport, the current one last.
	pub async fn devices_of(&self, passport: PassportId) -> Result<Vec<DeviceView>, LedgerError> {
		self.ask("devices_of", &passport.encode()).await
	}

	/// Requests and grants under a passport.
	pub async fn grants_of(&self, passport: PassportId) -> Result<Vec<GrantView>, LedgerError> {
		self.ask("grants_of", &passport.encode()).await
	}

	/// An open offer.
	pub async fn transfer(&self, transfer: u32) -> Result<Option<TransferView>, LedgerError> {
		self.ask("transfer", &transfer.encode()).await
	}

	/// The documents of a passport.
	pub async fn documents_of(&self, passport: PassportId) -> Result<Vec<DocumentView>, LedgerError> {
		self.ask("documents_of", &passport.encode()).await
	}

	/// The current device of a battery that goes by its alias or, in hex, by its passport id, as topics name it.
	pub async fn device_by_battery_name(&self, name: &str) -> Result<Option<DeviceFacts>, LedgerError> {
		// An alias has 18 characters and a hyphen: never taken for the 64 digits of a passport id, with or without 0x.
		let digits = name.strip_prefix("0x").unwrap_or(name);
		let passport = match <[u8; 32]>::from_hex(digits) {
			Ok(bytes) => Some(PassportId(bytes)),
			Err(_) if battery::check_alias(name.as_bytes()).is_ok() => self.resolve(name).await?,
			Err(_) => None,
		};
		match passport {
			Some(passport) => self
				.devices_of(passport)
				.await?
				.pop()
				.map(DeviceFacts::try_from)
				.transpose(),
			None => Ok(None),
		}
	}

	/// The sequences that the ledger has taken of a device; `None` when there is no such device.
	pub async fn device_window(&self, device: u32) -> Result<Option<SequenceWindow>, LedgerError> {
		Ok(self.device(device).await?.map(|view| view.window))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// What subxt makes of the error object of an answer.
	fn answered(error: &str) -> LedgerError {
		let error: subxt::rpcs::UserError = serde_json::from_str(error).unwrap();
		let error = BackendError::from(subxt::rpcs::Error::User(error));
		submission(&ExtrinsicError::ErrorSubmittingTransaction(error))
	}

	#[test]
	fn a_refusal_of_the_pool_is_told_by_its_code() {
		let error = answered(r#"{"code":1010,"message":"Invalid Transaction","data":"Custom error: 4"}"#);
		assert!(
			matches!(error, LedgerError::Membership(PoolRefusal::RoleNotAllowed)),
			"{error}"
		);
		for (answer, says) in [
			(
				r#"{"code":1010,"message":"Invalid Transaction","data":"Transaction is outdated"}"#,
				"outdated",
			),
			(
				r#"{"code":1010,"message":"Invalid Transaction","data":"Custom error: 200"}"#,
				"200",
			),
			(
				r#"{"code":1014,"message":"Priority is too low: (1 vs 1)","data":"The transaction has ..."}"#,
				"too low",
			),
			(
				r#"{"code":1012,"message":"Transaction is temporarily banned"}"#,
				"(1012)",
			),
			(
				r#"{"code":1002,"message":"Verification Error: Runtime error","data":"RuntimeApi(..)"}"#,
				"Runtime",
			),
		] {
			let error = answered(answer);
			assert!(
				matches!(&error, LedgerError::Pool(reason) if reason.contains(says)),
				"{answer}: {error}"
			);
			assert!(!error.is_outcome_unknown());
		}
	}

	#[test]
	fn whether_a_transaction_got_through_is_not_known_where_no_pool_answered() {
		let gone = subxt::rpcs::Error::Client("connection closed".into());
		let gone = submission(&ExtrinsicError::ErrorSubmittingTransaction(BackendError::from(
			gone,
		)));
		let busy = answered(r#"{"code":-32603,"message":"Internal error"}"#);
		for error in [gone, busy] {
			assert!(
				matches!(error, LedgerError::Connection(_)) && error.is_outcome_unknown(),
				"{error}"
			);
		}
	}
}
