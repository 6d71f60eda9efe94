//! Identities of simulated devices.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey};
use passport_primitives::{
	battery::PassportId,
	telemetry::{crypto::DeviceMaster, device::possession_message, statement::ThresholdStatement},
};
use serde::{de::Error, Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

/// The seed that is used where none is given. Like every seed it is no secret.
pub const DEFAULT_SEED: &str = "well-known test fleet";

/// The keys of one simulated device.
///
/// For simulations only: the keys follow from a text and a number.
#[derive(Clone)]
pub struct DeviceIdentity {
	/// Which device of the fleet.
	pub index: u32,
	/// The key that its frames are signed with.
	pub signing_key: SigningKey,
	/// The secret that its sealing keys are derived from.
	pub master: DeviceMaster,
}

impl DeviceIdentity {
	/// The device of this index in the fleet of this seed: each key is SHA-256 of a purpose, the seed and the index.
	pub fn derive(seed: &str, index: u32) -> Self {
		DeviceIdentity {
			index,
			signing_key: SigningKey::from_bytes(&derive_bytes("device signing key", seed, index)),
			master: DeviceMaster::new(derive_bytes("device master", seed, index)),
		}
	}

	/// The public key that the maker registers.
	pub fn public_key(&self) -> [u8; 32] {
		self.signing_key.verifying_key().to_bytes()
	}
}

/// Whose commands a device obeys: `{"commandKey": "0x…"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Operator {
	/// The operator's public command key, when the device is provisioned. From then on it changes by command alone.
	pub command_key: Hex32,
}

/// 32 bytes, in text `0x` and 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hex32(pub [u8; 32]);

impl fmt::Debug for Hex32 {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(formatter, "0x{}", hex::encode(self.0))
	}
}

impl Serialize for Hex32 {
	fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(&format_args!("{self:?}"))
	}
}

impl<'de> Deserialize<'de> for Hex32 {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let text = String::deserialize(deserializer)?;
		let mut bytes = [0; 32];
		let digits = text.strip_prefix("0x").unwrap_or(&text);
		hex::decode_to_slice(digits, &mut bytes)
			.map_err(|_| D::Error::custom("neither 64 hex digits nor 0x and 64 hex digits"))?;
		Ok(Hex32(bytes))
	}
}

/// 32 bytes that depend on purpose, seed and index, and on nothing else.
pub(crate) fn derive_bytes(purpose: &str, seed: &str, index: u32) -> [u8; 32] {
	let mut hash = Sha256::new();
	for part in ["bms-sim v1, for simulations only", purpose, seed] {
		// With its length, so that no two lists of parts make the same bytes.
		hash.update((part.len() as u64).to_le_bytes());
		hash.update(part);
	}
	hash.update(index.to_le_bytes());
	hash.finalize().into()
}

/// What a device signs to show that it holds its key: see [`possession_message`].
pub fn proof_of_possession(
	signing_key: &SigningKey,
	genesis_hash: &[u8; 32],
	passport_id: [u8; 32],
) -> [u8; 64] {
	let public_key = signing_key.verifying_key().to_bytes();
	signing_key
		.sign(&possession_message(
			genesis_hash,
			&PassportId(passport_id),
			&public_key,
		))
		.to_bytes()
}

/// What a device signs about its state of health: see [`ThresholdStatement::message`].
pub fn sign_statement(
	signing_key: &SigningKey,
	statement: &ThresholdStatement,
	genesis_hash: &[u8; 32],
	passport_id: [u8; 32],
) -> [u8; 64] {
	signing_key
		.sign(&statement.message(genesis_hash, &PassportId(passport_id)))
		.to_bytes()
}

#[cfg(test)]
mod tests {
	use super::*;
	use ed25519_dalek::{Signature, VerifyingKey};
	use std::collections::BTreeSet;

	#[test]
	fn keys_follow_from_seed_and_index_alone() {
		let keys: BTreeSet<_> = ["a", "b"]
			.into_iter()
			.flat_map(|seed| (0..50).map(move |index| DeviceIdentity::derive(seed, index).public_key()))
			.collect();
		assert_eq!(keys.len(), 100);
		let again = DeviceIdentity::derive("a", 7);
		assert!(keys.contains(&again.public_key()));
		assert!(again.master.seal_key(1) == DeviceIdentity::derive("a", 7).master.seal_key(1));
		assert!(again.master.seal_key(1) != DeviceIdentity::derive("a", 8).master.seal_key(1));
		assert_ne!(
			again.signing_key.to_bytes(),
			derive_bytes("device master", "a", 7)
		);
	}

	#[test]
	fn the_first_identity_of_the_default_seed_stays_what_it_is() {
		// Registrations of devices outlive the program that derived them.
		assert_eq!(
			hex::encode(DeviceIdentity::derive(DEFAULT_SEED, 0).public_key()),
			"9c70852699fe02ea8bf5f7730e53d7c1fb69c948740ec4c388e10f0720706681"
		);
	}

	#[test]
	fn a_proof_of_possession_is_for_one_network_battery_and_key() {
		let device = DeviceIdentity::derive("a", 1);
		let signature = Signature::from_bytes(&proof_of_possession(&device.signing_key, &[1; 32], [2; 32]));
		let key = VerifyingKey::from_bytes(&device.public_key()).unwrap();
		let message = |genesis: u8, passport: u8| {
			possession_message(&[genesis; 32], &PassportId([passport; 32]), &device.public_key())
		};
		assert!(key.verify_strict(&message(1, 2), &signature).is_ok());
		assert!(key.verify_strict(&message(9, 2), &signature).is_err());
		assert!(key.verify_strict(&message(1, 9), &signature).is_err());
	}
}
