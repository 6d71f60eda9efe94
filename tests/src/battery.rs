//! Batteries: registered on the ledger with their devices, and frames made by hand.

use crate::call::{self, batch_all};
use anyhow::{Context, Result};
use bms_sim::{proof_of_possession, DeviceIdentity};
use passport_client::{
	api::runtime_types::{pallet_telemetry::pallet::Call as TelemetryCall, passport_runtime::RuntimeCall},
	canonical,
	test_keys::TestMember,
	Ledger,
};
use passport_primitives::{
	battery::PassportId,
	telemetry::{crypto, Reading, MAX_FRAME_BYTES},
	topic::{self, FrameTopic},
};
use std::time::{SystemTime, UNIX_EPOCH};
use subxt::utils::Static;

/// Calls in one transaction at most: the pool takes 100.
const CALLS_AT_ONCE: usize = 90;

/// A battery with a passport and a device on the ledger.
#[derive(Clone)]
pub struct Battery {
	/// Its alias, which its topics carry.
	pub alias: String,
	/// Its passport.
	pub passport: PassportId,
	/// The keys of its device.
	pub identity: DeviceIdentity,
	/// Number of its device on the ledger.
	pub device: u32,
	/// Hash of the network's genesis, which frames are signed for.
	pub genesis_hash: [u8; 32],
}

/// Seconds since 1970.
pub fn now_seconds() -> u64 {
	SystemTime::now()
		.duration_since(UNIX_EPOCH)
		.unwrap_or_default()
		.as_secs()
}

/// The unique identifier that [`register`] gives a battery: its passport id is the hash of it.
pub fn unique_identifier(seed: &str, alias: &str) -> String {
	format!("https://id.cell-works.example/21/{seed}/{alias}")
}

/// Registers batteries, each with a device whose keys follow from seed and place.
pub async fn register(ledger: &Ledger, seed: &str, aliases: &[String]) -> Result<Vec<Battery>> {
	let genesis_hash = ledger.genesis_hash();
	let names: Vec<_> = aliases
		.iter()
		.zip(0..)
		.map(|(alias, index)| {
			let identifier = unique_identifier(seed, alias);
			(alias, identifier, DeviceIdentity::derive(seed, index))
		})
		.collect();
	let mut calls = Vec::new();
	for (alias, identifier, identity) in &names {
		let passport = canonical::passport_id(identifier);
		calls.push(call::register(identifier, Some(alias))?);
		calls.push(RuntimeCall::Telemetry(TelemetryCall::register_device {
			passport: Static(passport),
			public_key: identity.public_key(),
			proof: proof_of_possession(&identity.signing_key, &genesis_hash, passport.0),
		}));
	}
	while !calls.is_empty() {
		let some: Vec<_> = calls.drain(..calls.len().min(CALLS_AT_ONCE)).collect();
		call::finalise(ledger, &TestMember::CellWorks.signer(), &batch_all(some)).await?;
	}
	let mut batteries = Vec::new();
	for (alias, identifier, identity) in names {
		let device = ledger.device_by_battery_name(alias).await?;
		let device = device.with_context(|| format!("{alias} has no device"))?.index;
		let passport = canonical::passport_id(&identifier);
		batteries.push(Battery {
			alias: alias.clone(),
			passport,
			identity,
			device,
			genesis_hash,
		});
	}
	Ok(batteries)
}

/// What a frame is made of, where it is not as it should be.
#[derive(Clone)]
pub struct Recipe {
	/// Its sequence.
	pub sequence: u64,
	/// Epoch that it is sealed under.
	pub key_epoch: u32,
	/// Time of its reading.
	pub seconds: u64,
	/// The network that it is signed for.
	pub genesis_hash: [u8; 32],
	/// The battery that it is signed for.
	pub passport: PassportId,
	/// State of charge in its reading: two frames of a sequence with different ones are two frames.
	pub state_of_charge_bp: u16,
}

impl Battery {
	/// A frame as it should be.
	pub fn recipe(&self, sequence: u64) -> Recipe {
		Recipe {
			sequence,
			key_epoch: 0,
			seconds: now_seconds(),
			genesis_hash: self.genesis_hash,
			passport: self.passport,
			state_of_charge_bp: 5_000,
		}
	}

	/// A good frame.
	pub fn frame(&self, sequence: u64) -> Result<Vec<u8>> {
		self.bake(&self.recipe(sequence))
	}

	/// A frame by this recipe, sealed and signed by this battery's device.
	pub fn bake(&self, recipe: &Recipe) -> Result<Vec<u8>> {
		let reading = Reading {
			time_seconds: recipe.seconds,
			state_of_charge_bp: recipe.state_of_charge_bp,
			..Reading::default()
		};
		let mut buffer = [0; MAX_FRAME_BYTES];
		let length = crypto::build(
			&[reading],
			recipe.key_epoch,
			recipe.sequence,
			&recipe.genesis_hash,
			&recipe.passport,
			&self.identity.master.seal_key(recipe.key_epoch),
			&self.identity.signing_key,
			&mut buffer,
		)?;
		Ok(buffer[..length].to_vec())
	}

	/// The topic of its frames.
	pub fn topic(&self, kind: FrameTopic) -> String {
		topic_of(&self.alias, kind)
	}
}

/// The topic of frames under a battery's name.
pub fn topic_of(name: &str, kind: FrameTopic) -> String {
	format!("{}/{name}/{}", topic::ROOT, kind.suffix())
}
