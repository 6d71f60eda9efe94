//! Genesis presets. Every key here is derived from a well-known seed and worth nothing: for development and tests alone.

use crate::{
	configs::DefaultQuota, AccessGrantConfig, AccountId, CouncilMembershipConfig, OrganisationsConfig,
	RuntimeGenesisConfig, SessionConfig, SessionKeys, SudoConfig, ValidatorsConfig,
};
use alloc::{format, string::ToString, vec, vec::Vec};
use frame_support::build_struct_json_patch;
use pallet_organisations::GenesisMember;
use passport_primitives::organisation::{Role, Roles};
use sp_genesis_builder::PresetId;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

/// One validator, Alice, and a sudo key.
pub const DEVELOPMENT: &str = sp_genesis_builder::DEV_RUNTIME_PRESET;
/// Four validators on one machine, a council, no sudo.
pub const LOCAL: &str = sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET;

/// A test organisation: the path of its account's seed, its name, its roles, its HPKE public key.
pub struct TestOrganisation {
	/// Whose account.
	pub account: Sr25519Keyring,
	/// Host name of its `did:web`.
	pub name: &'static str,
	/// Its roles.
	pub roles: Roles,
	/// X25519 public key, derived by RFC 9180 `DeriveKeyPair` from `battery-passport-test-hpke-key//NAME`.
	pub hpke_public_key: [u8; 32],
}

include!("genesis/test_organisations.rs");

fn members() -> Vec<GenesisMember<AccountId>> {
	TEST_ORGANISATIONS
		.iter()
		.map(|organisation| GenesisMember {
			did: format!("did:web:{}.example", organisation.name),
			roles: organisation.roles.bits(),
			hpke_public_key: organisation.hpke_public_key,
			accounts: vec![organisation.account.to_account_id()],
			// The one bridge of a test network carries every fleet: all of what members' calls may take but a fifth.
			quota: organisation
				.roles
				.contains(Role::BridgeOperator)
				.then(|| DefaultQuota::get() * 16 / 5),
		})
		.collect()
}

/// Numbers of the test organisations that are market surveillance authorities.
fn authorities() -> Vec<u32> {
	TEST_ORGANISATIONS
		.iter()
		.zip(1..)
		.filter(|(organisation, _)| organisation.roles.contains(Role::Authority))
		.map(|(_, number)| number)
		.collect()
}

fn session_keys(account: Sr25519Keyring, finality: Ed25519Keyring) -> (AccountId, AccountId, SessionKeys) {
	let keys = SessionKeys {
		aura: account.public().into(),
		grandpa: finality.public().into(),
	};
	(account.to_account_id(), account.to_account_id(), keys)
}

fn preset(
	validators: Vec<(AccountId, AccountId, SessionKeys)>,
	minimum_validators: u32,
	council: Vec<AccountId>,
	sudo: Option<AccountId>,
) -> serde_json::Value {
	build_struct_json_patch!(RuntimeGenesisConfig {
		organisations: OrganisationsConfig { members: members() },
		validators: ValidatorsConfig {
			validators: validators.iter().map(|(account, ..)| account.clone()).collect(),
			minimum_validators,
		},
		session: SessionConfig { keys: validators },
		// The market surveillance authority receives the keys of data sets 2 and 3 without asking: Art. 77(2)(b).
		access_grant: AccessGrantConfig {
			demanding_authorities: authorities(),
		},
		council_membership: CouncilMembershipConfig {
			members: council.try_into().unwrap_or_default(),
		},
		sudo: SudoConfig { key: sudo },
	})
}

fn development() -> serde_json::Value {
	preset(
		vec![session_keys(Sr25519Keyring::Alice, Ed25519Keyring::Alice)],
		1,
		vec![
			Sr25519Keyring::Alice.to_account_id(),
			Sr25519Keyring::Bob.to_account_id(),
			Sr25519Keyring::Charlie.to_account_id(),
		],
		Some(Sr25519Keyring::Alice.to_account_id()),
	)
}

fn local() -> serde_json::Value {
	let council = [
		Sr25519Keyring::Alice,
		Sr25519Keyring::Bob,
		Sr25519Keyring::Charlie,
		Sr25519Keyring::Dave,
		Sr25519Keyring::Ferdie,
	];
	preset(
		vec![
			session_keys(Sr25519Keyring::Alice, Ed25519Keyring::Alice),
			session_keys(Sr25519Keyring::Bob, Ed25519Keyring::Bob),
			session_keys(Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
			session_keys(Sr25519Keyring::Dave, Ed25519Keyring::Dave),
		],
		// GRANDPA with three needs all three; four can lose one.
		4,
		council.iter().map(|key| key.to_account_id()).collect(),
		None,
	)
}

/// The preset of a name, as JSON.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	let preset = match id.as_ref() {
		DEVELOPMENT => development(),
		LOCAL => local(),
		_ => return None,
	};
	Some(preset.to_string().into_bytes())
}

/// The names of the presets.
pub fn preset_names() -> Vec<PresetId> {
	vec![PresetId::from(DEVELOPMENT), PresetId::from(LOCAL)]
}
