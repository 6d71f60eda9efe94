//! Transactions that are signed before they are sent: signing is the members' work, not the ledger's, and is not measured.

use anyhow::{Context, Result};
use passport_client::{
	api::runtime_types::passport_runtime::RuntimeCall, test_keys::TestMember, Keypair, Ledger,
};
use passport_tests::call::{account, raw};
use subxt::{
	config::{substrate::BlakeTwo256, DefaultExtrinsicParamsBuilder, Hasher},
	ext::scale_encode::EncodeAsType,
	utils::{AccountId32, H256},
	PolkadotConfig,
};

/// Blocks that a transaction is valid for: longer than a leg lasts, so that none of them runs out while it waits.
const MORTALITY_BLOCKS: u64 = 1_024;

/// A transaction that is to be signed.
pub struct Order {
	/// Whose.
	pub sender: TestMember,
	/// What for.
	pub call: RuntimeCall,
	/// How many calls it counts for: the entries of a batch.
	pub calls: u32,
	/// What it is about, for whoever sends what follows.
	pub subject: u32,
}

/// A transaction that is ready to be sent.
pub struct Transaction {
	/// As JSON-RPC takes it.
	pub hex: String,
	/// As blocks are searched for it.
	pub hash: H256,
	/// See [`Order::calls`].
	pub calls: u32,
	/// See [`Order::subject`].
	pub subject: u32,
	/// Whose: the number of its lane.
	pub lane: usize,
}

/// Transactions of several members.
#[derive(Default)]
pub struct Load {
	/// All of them, in the order of the orders.
	pub transactions: Vec<Transaction>,
	/// What each member sends.
	pub lanes: Vec<Lane>,
}

/// What one member sends, by one account: transactions with consecutive nonces. One that is missing holds up those after it.
pub struct Lane {
	/// Whose.
	pub sender: TestMember,
	/// The account that signed them.
	pub account: AccountId32,
	/// The nonce of the first.
	pub first_nonce: u64,
	/// Their places among the transactions, in the order of their nonces.
	pub places: Vec<usize>,
}

/// Signs them, each member's with the nonces that come next.
pub async fn sign(ledger: &Ledger, orders: impl IntoIterator<Item = Order>) -> Result<Load> {
	let at = ledger.client().at_current_block().await?;
	let metadata = at.metadata();
	let client = at.transactions();
	let mut load = Load::default();
	// One for each lane.
	let mut signers: Vec<Keypair> = Vec::new();
	for order in orders {
		let known = load.lanes.iter().position(|lane| lane.sender == order.sender);
		let number = match known {
			Some(number) => number,
			None => {
				let signer = order.sender.signer();
				let account = account(&signer);
				load.lanes.push(Lane {
					sender: order.sender,
					first_nonce: ledger.next_nonce(&account).await?,
					account,
					places: Vec::new(),
				});
				signers.push(signer);
				signers.len() - 1
			}
		};
		let lane = &mut load.lanes[number];

		let bytes = order
			.call
			.encode_as_type(metadata.outer_enums().call_enum_ty(), metadata.types())?;
		let (&[pallet, call], arguments) = bytes.split_first_chunk::<2>().context("a call without a name")?;
		let pallet = metadata
			.pallet_by_call_index(pallet)
			.context("a call of no pallet")?;
		let call = pallet
			.call_variant_by_index(call)
			.context("a call that its pallet does not have")?;
		let payload = raw(pallet.name(), &call.name, arguments.to_vec());
		// Not subxt's shorter way, which asks the node for a nonce each time, even if it is told one.
		let parameters = DefaultExtrinsicParamsBuilder::<PolkadotConfig>::new()
			.mortal_from_unchecked(MORTALITY_BLOCKS, at.block_number(), at.block_hash())
			.nonce(lane.first_nonce + lane.places.len() as u64)
			.build();
		let signed = client
			.create_signable_offline(&payload, parameters)?
			.sign(&signers[number])?
			.into_encoded();
		lane.places.push(load.transactions.len());
		load.transactions.push(Transaction {
			hex: format!("0x{}", hex::encode(&signed)),
			hash: BlakeTwo256.hash(&signed),
			calls: order.calls,
			subject: order.subject,
			lane: number,
		});
	}
	Ok(load)
}
