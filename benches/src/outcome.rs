//! What final blocks say of transactions.

use crate::tally::Outcome;
use anyhow::{Context, Result};
use passport_client::{api, Ledger};
use std::collections::HashMap;
use subxt::{
	events::{Event, Phase},
	utils::H256,
	PolkadotConfig,
};

/// Reads a number out of an event, if it is the one that carries it.
pub type ReadNumber = fn(&Event<'_, PolkadotConfig>) -> Option<u32>;

/// The event that a call leaves when it was successful, and the number in it.
#[derive(Clone, Copy, Debug)]
pub struct Told {
	/// Its pallet.
	pub pallet: &'static str,
	/// Its name.
	pub event: &'static str,
	/// Reads the number that the ledger gave, where it gives one.
	pub number: Option<ReadNumber>,
	/// Reads how many calls the event stands for, where that is not one.
	pub calls: Option<ReadNumber>,
}

/// What a block says of each of its transactions, by their places in it.
pub async fn outcomes(ledger: &Ledger, block: H256, told: Told) -> Result<HashMap<u32, Outcome>> {
	let at = ledger.client().at_block(block).await?;
	let events = at.events().fetch().await?;
	let mut outcomes: HashMap<u32, Outcome> = HashMap::new();
	for event in events.iter() {
		let event = event?;
		let Phase::ApplyExtrinsic(place) = event.phase() else {
			continue;
		};
		let outcome = outcomes.entry(place).or_default();
		if let Some(failed) = event.decode_fields_as::<api::system::events::ExtrinsicFailed>() {
			outcome.error = Some(format!("{:?}", failed?.dispatch_error));
		} else if event.is::<api::system::events::ExtrinsicSuccess>() {
			outcome.succeeded = true;
		} else if (event.pallet_name(), event.event_name()) == (told.pallet, told.event) {
			outcome.calls_told += match told.calls {
				Some(read) => read(&event).context("an event that does not say how much was done")?,
				None => 1,
			};
			if let Some(read) = told.number {
				outcome.number = Some(read(&event).context("an event without its number")?);
			}
		}
	}
	Ok(outcomes)
}
