//! What a node says of its chain, by JSON-RPC over HTTP: a question needs no connection that a fault could have cut.

use crate::{
	http,
	network_seal::{AuthorityKey, Header},
};
use anyhow::{bail, Context, Result};
use serde::de::DeserializeOwned;
use serde_json::{json, Value};
use subxt::{ext::codec::Decode, utils::H256};

/// A node that can be asked, now or later.
#[derive(Clone, Debug)]
pub struct Rpc {
	/// Whose answers these are.
	pub name: String,
	/// Its address.
	pub address: String,
}

/// A block that a node has.
#[derive(Clone, Debug)]
pub struct Head {
	/// Its number.
	pub number: u32,
	/// Its hash.
	pub hash: H256,
	/// Its header.
	pub header: Header,
}

impl Rpc {
	/// The result of a method. Errors: nobody answers, or the answer is an error or of another type.
	pub async fn ask<Answer: DeserializeOwned>(&self, method: &str, parameters: Value) -> Result<Answer> {
		let mut answer = http::json_rpc(&self.address, method, parameters)
			.await
			.with_context(|| format!("{}: {method}", self.name))?;
		match answer.get_mut("result") {
			Some(result) => {
				serde_json::from_value(result.take()).with_context(|| format!("{}: {method}", self.name))
			}
			None => bail!("{}: {method}: {}", self.name, answer["error"]),
		}
	}

	/// The latest final block.
	pub async fn finalised(&self) -> Result<Head> {
		self.head(self.ask("chain_getFinalizedHead", json!([])).await?)
			.await
	}

	/// The best block.
	pub async fn best(&self) -> Result<Head> {
		self.head(self.ask("chain_getBlockHash", json!([])).await?).await
	}

	/// The block of a hash.
	pub async fn head(&self, hash: H256) -> Result<Head> {
		let header: Option<Header> = self.ask("chain_getHeader", json!([hash])).await?;
		let header = header.with_context(|| format!("{} has no block {hash:?}", self.name))?;
		Ok(Head {
			number: header.number.try_into()?,
			hash,
			header,
		})
	}

	/// The hashes of these heights on its best chain; `None` for what it has no block of.
	pub async fn hashes(&self, numbers: &[u32]) -> Result<Vec<Option<H256>>> {
		self.ask("chain_getBlockHash", json!([numbers])).await
	}

	/// The transactions of a block, as bytes.
	pub async fn body(&self, block: H256) -> Result<Vec<Vec<u8>>> {
		let block: Value = self.ask("chain_getBlock", json!([block])).await?;
		let transactions: Vec<String> = serde_json::from_value(block["block"]["extrinsics"].clone())
			.with_context(|| format!("{} has no body of a block", self.name))?;
		transactions.iter().map(|hex| bytes(hex)).collect()
	}

	/// What a function of the runtime answers in the latest final block, as bytes.
	pub async fn state_call(&self, function: &str, arguments: &[u8]) -> Result<Vec<u8>> {
		let at = self.finalised().await?.hash;
		let arguments = format!("0x{}", hex::encode(arguments));
		let answer: String = self.ask("state_call", json!([function, arguments, at])).await?;
		bytes(&answer)
	}

	/// Who may write blocks.
	pub async fn authors(&self) -> Result<Vec<AuthorityKey>> {
		let authors = self.state_call("AuraApi_authorities", &[]).await?;
		Ok(Vec::decode(&mut authors.as_slice())?)
	}

	/// Who may vote for finality.
	pub async fn finalisers(&self) -> Result<Vec<AuthorityKey>> {
		let finalisers = self.state_call("GrandpaApi_grandpa_authorities", &[]).await?;
		let weighted: Vec<(AuthorityKey, u64)> = Vec::decode(&mut finalisers.as_slice())?;
		Ok(weighted.into_iter().map(|(key, _)| key).collect())
	}

	/// Version of the runtime in the latest final block, and of the encoding of its calls.
	pub async fn runtime_version(&self) -> Result<(u64, u64)> {
		let at = self.finalised().await?.hash;
		let version: Value = self.ask("state_getRuntimeVersion", json!([at])).await?;
		let number = |name: &str| version[name].as_u64().with_context(|| format!("no {name}"));
		Ok((number("specVersion")?, number("transactionVersion")?))
	}
}

/// The bytes of an answer in hex.
pub fn bytes(hex: &str) -> Result<Vec<u8>> {
	let digits = hex.strip_prefix("0x").context("no hex")?;
	Ok(hex::decode(digits)?)
}
