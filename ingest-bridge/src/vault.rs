//! The batteries that a bridge signs for, and the one secret from which all their keys follow.
//!
//! A battery that sends the protocol's plain JSON has no key of its own. The bridge of its responsible operator then is its device: it
//! seals and signs what arrives, with keys that follow from a master secret of 32 bytes by HKDF-SHA256 (RFC 5869) without salt:
//!
//! ```text
//! Ed25519 seed of the device  info = "BPL-BRIDGE-DEVICE-KEY-v1\0" ‖ passport id
//! master of the sealing keys  info = "BPL-BRIDGE-SEAL-MASTER-v1\0" ‖ passport id
//! ```
//!
//! Nothing but the master is a secret to keep, and a battery's keys say nothing of another's. The master is in no log, error,
//! store or `Debug`, and is wiped from memory when the bridge ends, as are the keys after every use.

use crate::config::{read_secret, wrong, ConfigError};
use ed25519_dalek::{Signer, SigningKey};
use hex::FromHex;
use hkdf::Hkdf;
use passport_primitives::{
	battery::{check_alias, PassportId},
	telemetry::{
		crypto::{self, DeviceMaster, SealKey},
		device::possession_message,
		FrameError, Reading, MAX_FRAME_BYTES,
	},
};
use serde::Deserialize;
use sha2::Sha256;
use std::{
	collections::HashMap,
	fmt,
	path::{Path, PathBuf},
};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Name of the setting with the list of batteries.
pub const VAULT_SETTING: &str = "plain-json-vault";

/// Name of the setting with the file of the master secret.
pub const MASTER_SETTING: &str = "plain-json-key-file";

/// Most batteries in a vault: their public keys are worked out at the start, some 20 µs each.
pub const MAX_BATTERIES: usize = 100_000;

const DEVICE_KEY_INFO: &[u8; 25] = b"BPL-BRIDGE-DEVICE-KEY-v1\0";
const SEAL_MASTER_INFO: &[u8; 26] = b"BPL-BRIDGE-SEAL-MASTER-v1\0";

/// Where a vault is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultFiles {
	/// TOML file with the batteries.
	pub batteries: PathBuf,
	/// File with the master secret in hex in its first line, readable by its owner alone.
	pub master: PathBuf,
}

/// The master secret. It has no `Debug` and no way out.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Master([u8; 32]);

impl Master {
	fn expand(&self, info: &[u8], passport: &PassportId) -> Zeroizing<[u8; 32]> {
		let mut key = Zeroizing::new([0; 32]);
		// Expanding fails above 255 blocks of 32 bytes only; this is one.
		let expanded =
			Hkdf::<Sha256>::new(None, &self.0).expand_multi_info(&[info, &passport.0], key.as_mut_slice());
		debug_assert!(expanded.is_ok());
		key
	}

	fn signing_key(&self, passport: &PassportId) -> SigningKey {
		SigningKey::from_bytes(&self.expand(DEVICE_KEY_INFO, passport))
	}

	fn seal_key(&self, passport: &PassportId, key_epoch: u32) -> SealKey {
		DeviceMaster::new(*self.expand(SEAL_MASTER_INFO, passport)).seal_key(key_epoch)
	}
}

/// A battery that the bridge signs for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultBattery {
	/// Its passport.
	pub passport: PassportId,
	/// Its alias, if it has one.
	pub alias: Option<String>,
	/// The key that its device on the ledger has to have.
	pub public_key: [u8; 32],
}

impl VaultBattery {
	/// Whether a battery goes by this name: its alias, or its passport id in hex.
	pub fn goes_by(&self, name: &str) -> bool {
		self.alias.as_deref() == Some(name) || passport_of(name) == Some(self.passport)
	}
}

/// The passport id that a name is, in hex with `0x` or without.
fn passport_of(name: &str) -> Option<PassportId> {
	let digits = name.strip_prefix("0x").unwrap_or(name);
	<[u8; 32]>::from_hex(digits).ok().map(PassportId)
}

/// Refuses a data directory that others than its owner can look into, also one that was there before: plain JSON waits and stays in it as
/// it was sent.
pub fn check_data_directory(data: &Path) -> Result<(), ConfigError> {
	#[cfg(unix)]
	{
		use std::os::unix::fs::PermissionsExt;
		let problem = |problem: &dyn fmt::Display| wrong("data", format!("{}: {problem}", data.display()));
		let metadata = std::fs::metadata(data).map_err(|error| problem(&error))?;
		let mode = metadata.permissions().mode() & 0o777;
		if mode & 0o077 != 0 {
			return Err(problem(&format!(
				"others than its owner can look into it (mode {mode:o}), and plain JSON lies there in clear; make it 700"
			)));
		}
	}
	#[cfg(not(unix))]
	let _no_modes = data;
	Ok(())
}

/// The file of batteries, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BatteryFile {
	battery: Vec<BatteryEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BatteryEntry {
	passport: String,
	alias: Option<String>,
}

/// The batteries that a bridge signs for, and their keys.
pub struct Vault {
	master: Master,
	batteries: Vec<VaultBattery>,
	by_alias: HashMap<String, usize>,
	by_passport: HashMap<PassportId, usize>,
}

impl fmt::Debug for Vault {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(formatter, "Vault({} batteries)", self.batteries.len())
	}
}

impl Vault {
	/// Reads both files.
	pub fn load(files: &VaultFiles) -> Result<Self, ConfigError> {
		let master = load_master(&files.master)?;
		let problem = |problem: &dyn fmt::Display| {
			wrong(VAULT_SETTING, format!("{}: {problem}", files.batteries.display()))
		};
		let text = std::fs::read_to_string(&files.batteries).map_err(|error| problem(&error))?;
		// TOML's errors have several lines; the last says what.
		let file: BatteryFile = toml::from_str(&text)
			.map_err(|error| problem(&error.to_string().lines().last().unwrap_or_default()))?;
		if file.battery.is_empty() || file.battery.len() > MAX_BATTERIES {
			return Err(problem(&format!("needs 1 to {MAX_BATTERIES} batteries")));
		}
		let mut vault = Vault {
			master,
			batteries: Vec::new(),
			by_alias: HashMap::new(),
			by_passport: HashMap::new(),
		};
		for BatteryEntry { passport, alias } in file.battery {
			let id = passport_of(&passport)
				.ok_or_else(|| problem(&format!("\"{passport}\" is no passport id of 64 hex digits")))?;
			if let Some(alias) = &alias {
				check_alias(alias.as_bytes()).map_err(|error| problem(&format!("\"{alias}\": {error}")))?;
			}
			if !vault.add(id, alias) {
				return Err(problem(&format!("{id}, or its alias, is there twice")));
			}
		}
		Ok(vault)
	}

	/// `false`: passport or alias are there already.
	fn add(&mut self, passport: PassportId, alias: Option<String>) -> bool {
		let place = self.batteries.len();
		if self.by_passport.insert(passport, place).is_some() {
			return false;
		}
		if let Some(alias) = &alias {
			if self.by_alias.insert(alias.clone(), place).is_some() {
				return false;
			}
		}
		self.batteries.push(VaultBattery {
			passport,
			alias,
			public_key: self.master.signing_key(&passport).verifying_key().to_bytes(),
		});
		true
	}

	/// Every battery, in the order of the file.
	pub fn batteries(&self) -> &[VaultBattery] {
		&self.batteries
	}

	/// The battery of this name, as topics carry it: its alias, or its passport id in hex.
	pub fn find(&self, name: &str) -> Option<&VaultBattery> {
		let place = match self.by_alias.get(name) {
			Some(place) => place,
			None => self.by_passport.get(&passport_of(name)?)?,
		};
		self.batteries.get(*place)
	}

	/// What the bridge signs to show that it holds the key of a battery's device: for `register_bridge_device`.
	pub fn proof_of_possession(&self, battery: &VaultBattery, genesis_hash: &[u8; 32]) -> [u8; 64] {
		let message = possession_message(genesis_hash, &battery.passport, &battery.public_key);
		self.master
			.signing_key(&battery.passport)
			.sign(&message)
			.to_bytes()
	}

	/// The key that a battery's frames of an epoch are sealed under: what the envelope of a grant of data set 4 carries.
	pub fn seal_key(&self, battery: &VaultBattery, key_epoch: u32) -> SealKey {
		self.master.seal_key(&battery.passport, key_epoch)
	}

	/// Seals and signs a reading, as a battery's device does. Errors: those of [`crypto::build`]; sequence 0 is none.
	pub fn seal(
		&self,
		battery: &VaultBattery,
		reading: &Reading,
		key_epoch: u32,
		sequence: u64,
		genesis_hash: &[u8; 32],
	) -> Result<Vec<u8>, FrameError> {
		let mut buffer = [0; MAX_FRAME_BYTES];
		let length = crypto::build(
			std::slice::from_ref(reading),
			key_epoch,
			sequence,
			genesis_hash,
			&battery.passport,
			&self.seal_key(battery, key_epoch),
			&self.master.signing_key(&battery.passport),
			&mut buffer,
		)?;
		Ok(buffer[..length].to_vec())
	}

	/// With a master and batteries that tests know.
	#[cfg(test)]
	pub(crate) fn of(master: [u8; 32], batteries: &[(PassportId, &str)]) -> Self {
		let mut vault = Vault {
			master: Master(master),
			batteries: Vec::new(),
			by_alias: HashMap::new(),
			by_passport: HashMap::new(),
		};
		for (passport, alias) in batteries {
			assert!(vault.add(*passport, Some((*alias).to_owned())));
		}
		vault
	}
}

/// What is in the file is not told, whatever is wrong with it.
fn load_master(path: &Path) -> Result<Master, ConfigError> {
	let text = Zeroizing::new(read_secret(MASTER_SETTING, path)?);
	let line = text.lines().next().unwrap_or_default().trim();
	let digits = line.strip_prefix("0x").unwrap_or(line);
	let mut master = Master([0; 32]);
	match hex::decode_to_slice(digits, &mut master.0) {
		// All zeros is a file that was never filled.
		Ok(()) if master.0 != [0; 32] => Ok(master),
		_ => Err(wrong(
			MASTER_SETTING,
			format!(
				"{}: holds no secret of 64 hex digits; `openssl rand -hex 32` makes one",
				path.display()
			),
		)),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use ed25519_dalek::{Signature, VerifyingKey};
	use passport_primitives::telemetry::Frame;
	use std::fs;

	const GENESIS: [u8; 32] = [7; 32];
	const PASSPORT: PassportId = PassportId([0x5a; 32]);
	const ALIAS: &str = "BAT-2025-LI-001234";
	const SECRET: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

	fn master() -> [u8; 32] {
		<[u8; 32]>::from_hex(SECRET).unwrap()
	}

	fn files(directory: &Path, batteries: &str, secret: &str, mode: u32) -> VaultFiles {
		let files = VaultFiles {
			batteries: directory.join("batteries.toml"),
			master: directory.join("master"),
		};
		fs::write(&files.batteries, batteries).unwrap();
		fs::write(&files.master, secret).unwrap();
		#[cfg(unix)]
		fs::set_permissions(&files.master, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
		files
	}

	fn entry(passport: &PassportId, alias: Option<&str>) -> String {
		let alias = alias.map_or_else(String::new, |alias| format!("alias = \"{alias}\"\n"));
		format!("[[battery]]\npassport = \"{passport}\"\n{alias}")
	}

	#[test]
	fn a_battery_is_found_by_its_alias_and_by_its_passport_id() {
		let directory = tempfile::tempdir().unwrap();
		let other = PassportId([3; 32]);
		let text = entry(&PASSPORT, Some(ALIAS)) + &entry(&other, None);
		let vault = Vault::load(&files(directory.path(), &text, SECRET, 0o600)).unwrap();
		let digits = "5a".repeat(32);
		let names = [
			ALIAS.to_owned(),
			digits.clone(),
			format!("0x{digits}"),
			digits.to_uppercase(),
		];
		for name in names {
			let battery = vault.find(&name).unwrap();
			assert_eq!(battery.passport, PASSPORT, "{name}");
			assert!(battery.goes_by(&name), "{name}");
		}
		assert_eq!(vault.find(&other.to_string()).unwrap().alias, None);
		assert!(!vault.find(ALIAS).unwrap().goes_by(&other.to_string()));
		for name in ["", "0x", "BAT-2025-LI-001235"] {
			assert_eq!(vault.find(name), None, "{name}");
		}
		assert_eq!(vault.find(&"5b".repeat(32)), None);
		assert_eq!(vault.find(&format!("{digits}5a")), None);
		assert_eq!(vault.batteries().len(), 2);
	}

	/// Known answers, made with Python's `hmac` and `hashlib` from the two lines of the module page.
	#[test]
	fn the_keys_follow_from_the_master_and_the_passport() {
		let master = Master(master());
		let device = master.expand(DEVICE_KEY_INFO, &PASSPORT);
		let seal = master.expand(SEAL_MASTER_INFO, &PASSPORT);
		assert_eq!(
			hex::encode(*device),
			"79571b818761aa0d7da7d91c3ae93785b1f22c8dc2cf7a81d5eeea971a906f3d"
		);
		assert_eq!(
			hex::encode(*seal),
			"3e6d3f72c319a74f8a10dda19eeefe126d7c5c675be8a15763f47289e2383822"
		);
		assert_eq!(
			hex::encode(master.seal_key(&PASSPORT, 3).expose()),
			"05b66a707ed699c8ac675e07dfc39f2ecf3811222512d6113b8a6b1a4e795882"
		);
		assert_ne!(*device, *master.expand(DEVICE_KEY_INFO, &PassportId([0x5b; 32])));
	}

	#[test]
	fn what_is_sealed_is_a_frame_of_the_batterys_device_and_opens_under_its_epochs_key() {
		let vault = Vault::of(master(), &[(PASSPORT, ALIAS)]);
		let battery = vault.find(ALIAS).unwrap();
		let reading = Reading {
			time_seconds: 1_800_000_000,
			state_of_health_bp: 9_970,
			current_ma: -15_200,
			..Reading::default()
		};
		let bytes = vault.seal(battery, &reading, 2, 77, &GENESIS).unwrap();
		let frame = Frame::parse(&bytes).unwrap();
		assert_eq!((frame.header.key_epoch, frame.header.sequence), (2, 77));
		assert!(crypto::verify(&frame, &GENESIS, &PASSPORT, &battery.public_key));
		let other = PassportId([3; 32]);
		assert!(!crypto::verify(&frame, &GENESIS, &other, &battery.public_key));
		let mut opened = Vec::new();
		let seal_key = vault.seal_key(battery, 2);
		crypto::open(&frame, &seal_key, &mut [0; MAX_FRAME_BYTES], |reading| {
			opened.push(reading);
		})
		.unwrap();
		assert_eq!(opened, [reading]);
		assert_eq!(
			vault.seal(battery, &reading, 2, 0, &GENESIS),
			Err(FrameError::Header)
		);
	}

	#[test]
	fn the_proof_of_possession_is_the_devices_signature() {
		let vault = Vault::of(master(), &[(PASSPORT, ALIAS)]);
		let battery = vault.find(ALIAS).unwrap();
		let proof = vault.proof_of_possession(battery, &GENESIS);
		let message = possession_message(&GENESIS, &PASSPORT, &battery.public_key);
		VerifyingKey::from_bytes(&battery.public_key)
			.unwrap()
			.verify_strict(&message, &Signature::from_bytes(&proof))
			.unwrap();
	}

	#[test]
	fn files_that_can_not_be_used_are_one_line_that_names_the_setting_and_no_secret() {
		let directory = tempfile::tempdir().unwrap();
		let good = entry(&PASSPORT, Some(ALIAS));
		let unknown_member = format!("{good}key = \"of its own\"");
		let same_passport = format!("{good}{good}");
		let same_alias = format!("{good}{}", entry(&PassportId([3; 32]), Some(ALIAS)));
		let no_alias = entry(&PASSPORT, Some("BAT-1"));
		let zeros = "00".repeat(32);
		let cases: [(&str, &str, u32, &str); 14] = [
			("", SECRET, 0o600, VAULT_SETTING),
			("battery = []", SECRET, 0o600, VAULT_SETTING),
			("battery = 3", SECRET, 0o600, VAULT_SETTING),
			("[[battery]]\npassport = \"0x12\"", SECRET, 0o600, VAULT_SETTING),
			(&unknown_member, SECRET, 0o600, VAULT_SETTING),
			(&same_passport, SECRET, 0o600, VAULT_SETTING),
			(&same_alias, SECRET, 0o600, VAULT_SETTING),
			(&no_alias, SECRET, 0o600, VAULT_SETTING),
			(&good, &SECRET[2..], 0o600, MASTER_SETTING),
			(&good, "correct-horse", 0o600, MASTER_SETTING),
			(&good, &zeros, 0o600, MASTER_SETTING),
			(&good, "", 0o600, MASTER_SETTING),
			(&good, SECRET, 0o640, MASTER_SETTING),
			(&good, SECRET, 0o604, MASTER_SETTING),
		];
		for (batteries, secret, mode, setting) in cases {
			let files = files(directory.path(), batteries, secret, mode);
			let error = Vault::load(&files).unwrap_err().to_string();
			assert!(error.starts_with(&format!("{setting}: ")), "{error}");
			assert_eq!(error.lines().count(), 1, "{error}");
			assert!(secret.is_empty() || !error.contains(secret), "{error}");
		}
		let mut missing = files(directory.path(), &good, SECRET, 0o600);
		missing.batteries.push("not-there");
		assert!(Vault::load(&missing)
			.unwrap_err()
			.to_string()
			.starts_with(VAULT_SETTING));
	}

	#[test]
	fn no_secret_is_shown() {
		let directory = tempfile::tempdir().unwrap();
		let files = files(directory.path(), &entry(&PASSPORT, Some(ALIAS)), SECRET, 0o600);
		let vault = Vault::load(&files).unwrap();
		let seed = hex::encode(*vault.master.expand(DEVICE_KEY_INFO, &PASSPORT));
		let shown = format!("{vault:?} {files:?} {:?}", vault.batteries());
		for secret in [SECRET.to_owned(), seed, format!("{:?}", master())] {
			assert!(!shown.contains(&secret), "{shown}");
		}
	}
}
