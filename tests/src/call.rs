//! Calls, as values that can be put into wrappers.

use crate::PATIENCE;
use anyhow::{bail, Context, Result};
use passport_client::{
	api::{self, runtime_types as types},
	canonical,
	test_keys::TestMember,
	Finalised, Keypair, Ledger, LedgerError, MORTALITY_BLOCKS,
};
use passport_primitives::{
	battery::{Category, Commitment, PassportId},
	data_set::DataSet,
	ledger::{AuthorityEnvelope, ENVELOPE_BYTES},
	pool::PoolRefusal,
};
use subxt::{
	config::{DefaultExtrinsicParamsBuilder, PolkadotConfig},
	ext::{
		scale_encode::{EncodeAsFields, EncodeAsType, Error, FieldIter, TypeResolver},
		scale_value::Composite,
	},
	extrinsics::ExtrinsicEvents,
	rpcs::rpc_params,
	tx::{DynamicPayload, StaticPayload, TransactionStatus},
	utils::{AccountId32, MultiAddress, Static, H256},
};
use tokio::time::timeout;
use types::{bounded_collections::bounded_vec::BoundedVec, passport_runtime::RuntimeCall};

/// A call with its fields, for [`Ledger::submit`].
pub type Payload = DynamicPayload<Composite<()>>;

/// The list that a bounded list of the ledger is made of.
pub fn bounded<T>(values: Vec<T>) -> BoundedVec<T> {
	BoundedVec(values)
}

/// Makes a payload of a call.
pub async fn payload(ledger: &Ledger, call: &RuntimeCall) -> Result<Payload> {
	let at = ledger.client().at_current_block().await?;
	let metadata = at.metadata();
	let bytes = call.encode_as_type(metadata.outer_enums().call_enum_ty(), metadata.types())?;
	Ok(at.transactions().from_call_data_bytes(&bytes)?)
}

/// Sends a call and waits for its final block.
pub async fn finalise(ledger: &Ledger, signer: &Keypair, call: &RuntimeCall) -> Result<Finalised> {
	Ok(ledger.finalise(&payload(ledger, call).await?, signer).await?)
}

/// Sends a call and waits until the best chain has it, final or not: for a chain whose finality stands still. Gives its events.
///
/// The transaction is valid from the block before the best on, as one of polkadot.js is when finality lags. Those of [`Ledger`] are valid from
/// the final block on, which after [`MORTALITY_BLOCKS`] is too long ago.
pub async fn include(
	ledger: &Ledger,
	signer: &Keypair,
	call: &RuntimeCall,
) -> Result<ExtrinsicEvents<PolkadotConfig>> {
	let best: H256 = ledger.rpc().request("chain_getBlockHash", rpc_params![]).await?;
	let best = ledger.client().at_block(best).await?.block_number();
	// Its parent: in the place of the best block there may be another one soon.
	let at = ledger.client().at_block(best.saturating_sub(1)).await?;
	let parameters = DefaultExtrinsicParamsBuilder::new()
		.mortal(MORTALITY_BLOCKS)
		.nonce(ledger.next_nonce(&account(signer)).await?)
		.build();
	let mut progress = at
		.transactions()
		.create_signed(&payload(ledger, call).await?, signer, parameters)
		.await?
		.submit_and_watch()
		.await?;
	let included = async {
		while let Some(status) = progress.next().await {
			match status? {
				TransactionStatus::InBestBlock(block) | TransactionStatus::InFinalizedBlock(block) => {
					return anyhow::Ok(block.wait_for_success().await?)
				}
				TransactionStatus::Error { message }
				| TransactionStatus::Invalid { message }
				| TransactionStatus::Dropped { message } => bail!("the pool let go of the transaction: {message}"),
				_ => {}
			}
		}
		bail!("the node closed the subscription")
	};
	timeout(PATIENCE, included)
		.await
		.with_context(|| format!("no block has {call:?}"))?
}

/// Sends a call that the pool must refuse, and gives its reason.
pub async fn refusal(ledger: &Ledger, signer: &Keypair, call: &RuntimeCall) -> Result<PoolRefusal> {
	match ledger.submit(&payload(ledger, call).await?, signer, None).await {
		Err(LedgerError::Membership(refusal)) => Ok(refusal),
		Err(other) => Err(other).context("the pool refused for another reason"),
		Ok(_) => anyhow::bail!("the pool took the call: {call:?}"),
	}
}

/// Sends a call that must fail in its block, and gives pallet and error.
pub async fn dispatch_error(ledger: &Ledger, signer: &Keypair, call: &RuntimeCall) -> Result<String> {
	match ledger.finalise(&payload(ledger, call).await?, signer).await {
		Err(LedgerError::Dispatch { pallet, error }) => Ok(format!("{pallet}.{error}")),
		Err(other) => Err(other).context("it failed for another reason"),
		Ok(_) => anyhow::bail!("the call succeeded: {call:?}"),
	}
}

/// Does something as root, which is the council's right hand on a development chain.
pub async fn as_root(ledger: &Ledger, call: RuntimeCall) -> Result<()> {
	let call = api::tx().sudo().sudo(call);
	let done = ledger.finalise(&call, &TestMember::CellWorks.signer()).await?;
	let event = done
		.events
		.find_first::<api::sudo::events::Sudid>()
		.context("no Sudid event")??;
	event
		.sudo_result
		.map_err(|error| anyhow::anyhow!("as root: {error:?}"))
}

/// The account of a signer.
pub fn account(signer: &Keypair) -> AccountId32 {
	signer.public_key().to_account_id()
}

/// `system.remark`: what every member may send, and nobody else.
pub fn remark() -> RuntimeCall {
	RuntimeCall::System(types::frame_system::pallet::Call::remark {
		remark: b"end to end".to_vec(),
	})
}

/// `utility.batch`.
pub fn batch(calls: Vec<RuntimeCall>) -> RuntimeCall {
	RuntimeCall::Utility(types::pallet_utility::pallet::Call::batch { calls })
}

/// `utility.batch_all`.
pub fn batch_all(calls: Vec<RuntimeCall>) -> RuntimeCall {
	RuntimeCall::Utility(types::pallet_utility::pallet::Call::batch_all { calls })
}

/// `utility.force_batch`.
pub fn force_batch(calls: Vec<RuntimeCall>) -> RuntimeCall {
	RuntimeCall::Utility(types::pallet_utility::pallet::Call::force_batch { calls })
}

/// `proxy.proxy` for the account of `real`.
pub fn proxy(real: &Keypair, call: RuntimeCall) -> RuntimeCall {
	RuntimeCall::Proxy(types::pallet_proxy::pallet::Call::proxy {
		real: MultiAddress::Id(account(real)),
		force_proxy_type: None,
		call: Box::new(call),
	})
}

/// `proxy.add_proxy`, for everything.
pub fn add_proxy(delegate: &Keypair) -> RuntimeCall {
	RuntimeCall::Proxy(types::pallet_proxy::pallet::Call::add_proxy {
		delegate: MultiAddress::Id(account(delegate)),
		proxy_type: types::passport_runtime::calls::ProxyType::Any,
		delay: 0,
	})
}

/// `multisig.as_multi_threshold_1` with one other signatory.
pub fn as_multi_threshold_1(other: &Keypair, call: RuntimeCall) -> RuntimeCall {
	RuntimeCall::Multisig(types::pallet_multisig::pallet::Call::as_multi_threshold_1 {
		other_signatories: vec![account(other)],
		call: Box::new(call),
	})
}

/// Commitments to the four data sets that are no other battery's: what is committed to does not matter here.
pub fn commitments(unique_identifier: &str) -> [Option<Commitment>; 4] {
	[1, 2, 3, 4].map(|point| {
		Some(Commitment(
			canonical::passport_id(&format!("{unique_identifier} {point}")).0,
		))
	})
}

/// The envelopes that the table of the test networks demands of a passport with these commitments: sets 2 and 3 for the market
/// surveillance authority. What is in them only the authority could tell.
pub fn envelopes(committed: &[Option<Commitment>; 4]) -> Vec<Static<AuthorityEnvelope>> {
	[DataSet::Composition, DataSet::TestReports]
		.into_iter()
		.filter(|data_set| committed[*data_set as usize].is_some())
		.map(|data_set| {
			Static(AuthorityEnvelope {
				authority: TestMember::MarketSurveillance.organisation(),
				data_set,
				bytes: [data_set.point(); ENVELOPE_BYTES],
			})
		})
		.collect()
}

/// The passport of an electric vehicle's battery, for the calls that register it.
pub fn new_passport(
	unique_identifier: &str,
	alias: Option<&str>,
) -> Result<types::pallet_passport::types::NewPassport> {
	let alias = alias.map(|alias| {
		alias
			.as_bytes()
			.try_into()
			.with_context(|| format!("{alias} is no alias"))
	});
	let commitments = commitments(unique_identifier);
	Ok(types::pallet_passport::types::NewPassport {
		unique_identifier: bounded(unique_identifier.as_bytes().to_vec()),
		alias: alias.transpose()?,
		category: Static(Category::ElectricVehicle),
		commitments: commitments.map(|commitment| commitment.map(Static)),
		content_address: None,
		envelopes: bounded(envelopes(&commitments)),
	})
}

/// `passport.register` of an electric vehicle's battery.
pub fn register(unique_identifier: &str, alias: Option<&str>) -> Result<RuntimeCall> {
	Ok(RuntimeCall::Passport(
		types::pallet_passport::pallet::Call::register {
			new: new_passport(unique_identifier, alias)?,
		},
	))
}

/// Registers a battery as its maker and gives its passport.
pub async fn register_passport(
	ledger: &Ledger,
	unique_identifier: &str,
	alias: Option<&str>,
) -> Result<PassportId> {
	finalise(
		ledger,
		&TestMember::CellWorks.signer(),
		&register(unique_identifier, alias)?,
	)
	.await?;
	Ok(canonical::passport_id(unique_identifier))
}

/// The arguments of a call as bytes that nobody has looked at: what a client sends that has the types wrong.
pub struct RawArguments(pub Vec<u8>);

impl EncodeAsFields for RawArguments {
	fn encode_as_fields_to<R: TypeResolver>(
		&self,
		_: &mut dyn FieldIter<'_, R::TypeId>,
		_: &R,
		out: &mut Vec<u8>,
	) -> Result<(), Error> {
		out.extend_from_slice(&self.0);
		Ok(())
	}
}

/// A call of raw arguments, properly signed by whoever sends it.
pub fn raw(pallet: &str, call: &str, arguments: Vec<u8>) -> StaticPayload<RawArguments> {
	StaticPayload::new(pallet, call, RawArguments(arguments))
}
