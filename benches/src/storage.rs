//! What the ledger keeps: keys and values in the state of a block, without the trie around them.

use crate::chain::Chain;
use anyhow::{ensure, Context, Result};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use subxt::utils::H256;

/// The ledger's own pallets.
const PALLETS: [&str; 7] = [
	"Organisations",
	"Validators",
	"Passport",
	"OwnershipTransfer",
	"AccessGrant",
	"Telemetry",
	"Documents",
];

/// Keys that are asked for at a time: the node's limit.
const PAGE: u32 = 1_000;

/// Length of the part of a key that names the pallet, and of that which names the item too.
const PALLET_BYTES: usize = 16;
const ITEM_BYTES: usize = 32;

/// Storage of the ledger's own pallets: bytes of keys and values together, by item (`Passport.HistoryPages`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Storage(BTreeMap<String, u64>);

impl Storage {
	/// That of the state after a block.
	pub async fn at(chain: &Chain, block: H256) -> Result<Self> {
		let at = chain.ledger().client().at_block(block).await?;
		let mut names = HashMap::new();
		let mut prefixes = BTreeSet::new();
		for entry in at.storage().entries() {
			if PALLETS.contains(&entry.pallet_name()) {
				let prefix = entry.entry()?.key_prefix();
				prefixes.insert(prefix[..PALLET_BYTES].to_vec());
				names.insert(prefix, format!("{}.{}", entry.pallet_name(), entry.entry_name()));
			}
		}
		ensure!(
			prefixes.len() == PALLETS.len(),
			"the runtime has {} of {} pallets with storage",
			prefixes.len(),
			PALLETS.len()
		);

		let methods = chain.methods();
		let mut storage = Storage::default();
		for prefix in prefixes {
			let mut last: Option<Vec<u8>> = None;
			loop {
				let page = methods
					.state_get_keys_paged(&prefix, PAGE, last.as_deref(), Some(block))
					.await?;
				let Some(end) = page.last().cloned() else { break };
				last = Some(end);
				let values = methods
					.state_query_storage_at(page.iter().map(Vec::as_slice), Some(block))
					.await?;
				for (key, value) in values.into_iter().flat_map(|values| values.changes) {
					let value = value.context("a key without a value")?;
					storage.add(&names, &key.0, &value.0);
				}
			}
		}
		Ok(storage)
	}

	fn add(&mut self, names: &HashMap<[u8; ITEM_BYTES], String>, key: &[u8], value: &[u8]) {
		// The version of a pallet's storage is no item of its own.
		let name = key
			.first_chunk::<ITEM_BYTES>()
			.and_then(|item| names.get(item))
			.map_or("others", String::as_str);
		*self.0.entry(name.to_owned()).or_default() += (key.len() + value.len()) as u64;
	}

	/// Bytes of all keys and values.
	pub fn bytes(&self) -> u64 {
		self.0.values().sum()
	}

	/// What each item has grown by since, per one of so many; items that have not grown are left out.
	pub fn growth_since(&self, before: &Storage, per: u32) -> BTreeMap<String, f64> {
		self.0
			.iter()
			.filter_map(|(name, bytes)| {
				let grown = bytes.checked_sub(before.0.get(name).copied().unwrap_or(0))?;
				(grown > 0).then(|| (name.clone(), grown as f64 / f64::from(per)))
			})
			.collect()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn storage(entries: &[(u8, usize)]) -> Storage {
		let names = HashMap::from([
			([1; ITEM_BYTES], "Passport.Passports".to_owned()),
			([2; ITEM_BYTES], "Passport.Aliases".to_owned()),
		]);
		let mut storage = Storage::default();
		for (item, value_bytes) in entries {
			let key = [[*item; ITEM_BYTES].as_slice(), &[0; 8]].concat();
			storage.add(&names, &key, &vec![0; *value_bytes]);
		}
		storage
	}

	#[test]
	fn keys_and_values_count() {
		let storage = storage(&[(1, 10), (1, 20), (2, 5), (9, 1)]);
		assert_eq!(storage.bytes(), 4 * 40 + 36);
		assert_eq!(storage.0["Passport.Passports"], 110);
		assert_eq!(storage.0["others"], 41);
	}

	#[test]
	fn growth_is_by_item_and_per_one() {
		let before = storage(&[(1, 10), (2, 5)]);
		let after = storage(&[(1, 10), (1, 60), (1, 60), (2, 5)]);
		assert_eq!(
			after.growth_since(&before, 2),
			BTreeMap::from([("Passport.Passports".to_owned(), 100.0)])
		);
	}
}
