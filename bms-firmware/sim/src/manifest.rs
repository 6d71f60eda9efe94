//! Which devices a fleet has and what their batteries are called.

use std::{collections::BTreeSet, fs, path::Path};

use passport_primitives::battery::check_alias;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::identity::{Hex32, Operator};

/// One device of a fleet: an entry of the manifest,
/// `{"alias": "BAT-2026-LI-000001", "passport": "0x…", "deviceIndex": 0, "keyEpoch": 1}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Member {
	/// What the battery is called in topics: its alias, or its passport id in hex.
	pub alias: String,
	/// The battery's passport id, which frames and commands are signed for.
	pub passport: Hex32,
	/// Which identity it has.
	pub device_index: u32,
	/// The epoch of its sealing key; the fleet's where none is given.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub key_epoch: Option<u32>,
	/// Whose commands it obeys; nobody's where none is given.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub operator: Option<Operator>,
}

/// Why a list of members can not be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
	/// The file could not be read.
	#[error("manifest {path}: {error}")]
	File {
		/// The file.
		path: String,
		/// What the system says.
		error: std::io::Error,
	},
	/// The file is no list of members.
	#[error("manifest {path}: {error}")]
	Json {
		/// The file.
		path: String,
		/// What is wrong, and where.
		error: serde_json::Error,
	},
	/// No member.
	#[error("the manifest lists no device")]
	Empty,
	/// A name that is the passport id of another battery.
	#[error("{0} is not the passport of its entry")]
	OtherPassport(String),
	/// A name that can not stand in a topic of the protocol.
	#[error("{0:?} is neither an alias (BAT-YYYY-CC-NNNNNN) nor a passport id (64 hex digits)")]
	Alias(String),
	/// Two batteries of one name, or of one device.
	#[error("alias {alias} or device {device_index} stands in the manifest twice")]
	Twice {
		/// The name.
		alias: String,
		/// The device.
		device_index: u32,
	},
	/// A prefix that makes no alias.
	#[error("prefix {0:?} makes no alias: it must look like BAT-2026-LI-")]
	Prefix(String),
	/// More devices than six digits number.
	#[error("device {0} can not be named: aliases have six digits")]
	TooMany(u64),
}

/// Reads a manifest.
pub fn read(path: &Path) -> Result<Vec<Member>, ManifestError> {
	let name = || path.display().to_string();
	let text = fs::read(path).map_err(|error| ManifestError::File { path: name(), error })?;
	let members: Vec<Member> =
		serde_json::from_slice(&text).map_err(|error| ManifestError::Json { path: name(), error })?;
	if members.is_empty() {
		return Err(ManifestError::Empty);
	}
	let (mut aliases, mut indexes) = (BTreeSet::new(), BTreeSet::new());
	for Member {
		alias,
		passport,
		device_index,
		..
	} in &members
	{
		if !is_battery_name(alias) {
			return Err(ManifestError::Alias(alias.clone()));
		}
		if passport_of(alias).is_some_and(|named| named != *passport) {
			return Err(ManifestError::OtherPassport(alias.clone()));
		}
		if !aliases.insert(alias.as_str()) || !indexes.insert(*device_index) {
			return Err(ManifestError::Twice {
				alias: alias.clone(),
				device_index: *device_index,
			});
		}
	}
	Ok(members)
}

fn is_battery_name(name: &str) -> bool {
	check_alias(name.as_bytes()).is_ok() || passport_of(name).is_some()
}

/// The passport id that a name is, in hex with `0x` or without.
fn passport_of(name: &str) -> Option<Hex32> {
	let mut bytes = [0; 32];
	let digits = name.strip_prefix("0x").unwrap_or(name);
	hex::decode_to_slice(digits, &mut bytes).ok()?;
	Some(Hex32(bytes))
}

/// The members of a fleet without a manifest: the alias of device 42 is the prefix and `000042`. It is the battery's unique
/// identifier too, from which the passport id follows.
pub fn numbered(prefix: &str, first: u32, devices: u32) -> Result<Vec<Member>, ManifestError> {
	if check_alias(format!("{prefix}000000").as_bytes()).is_err() {
		return Err(ManifestError::Prefix(prefix.into()));
	}
	let end = u64::from(first) + u64::from(devices);
	if end > 1_000_000 {
		return Err(ManifestError::TooMany(end - 1));
	}
	Ok((first..first + devices)
		.map(|device_index| {
			let alias = format!("{prefix}{device_index:06}");
			Member {
				passport: Hex32(Sha256::digest(&alias).into()),
				alias,
				device_index,
				key_epoch: None,
				operator: None,
			}
		})
		.collect())
}

#[cfg(test)]
mod tests {
	use super::*;

	fn read_text(text: &str) -> Result<Vec<Member>, String> {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("manifest.json");
		fs::write(&path, text).unwrap();
		read(&path).map_err(|error| error.to_string())
	}

	#[test]
	fn a_manifest_is_a_list_of_named_devices() {
		let members = read_text(
			r#"[{"alias": "BAT-2025-LI-001234", "passport": "0xbabababababababababababababababababababababababababababababababa", "deviceIndex": 7},
			    {"alias": "00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff", "passport": "0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff", "deviceIndex": 1, "keyEpoch": 2}]"#,
		)
		.unwrap();
		assert_eq!(members[0].passport, Hex32([0xba; 32]));
		assert_eq!((members[0].device_index, members[0].key_epoch), (7, None));
		assert_eq!((members[1].device_index, members[1].key_epoch), (1, Some(2)));
	}

	#[test]
	fn an_operator_is_a_key() {
		let (passport, key) = ("0x".to_owned() + &"ba".repeat(32), "0c".repeat(32));
		let members = read_text(&format!(
			r#"[{{"alias": "BAT-2025-LI-001234", "passport": "{passport}", "deviceIndex": 7, "operator": {{"commandKey": "{key}"}}}}]"#
		))
		.unwrap();
		let operator = members[0].operator.unwrap();
		assert_eq!(
			(members[0].passport.0, operator.command_key.0),
			([0xba; 32], [0x0c; 32])
		);
		let again = serde_json::to_string(&members).unwrap();
		assert_eq!(read_text(&again).unwrap(), members);
	}

	#[test]
	fn what_is_wrong_with_a_manifest_is_said_in_one_line() {
		let passport = "ba".repeat(32);
		for (text, says) in [
			("[]", "lists no device"),
			("{", "manifest"),
			(
				r#"[{"alias": "BAT-2025-LI-001234", "deviceIndex": 1}]"#,
				"passport",
			),
			(
				r#"[{"alias": "BAT-2025-LI-001234", "passport": "0x12", "deviceIndex": 1}]"#,
				"64 hex digits",
			),
			(
				r#"[{"alias": "BAT-2025-LI-001234", "passport": "PASSPORT"}]"#,
				"deviceIndex",
			),
			(
				r#"[{"alias": "BAT-2025-LI-001234", "passport": "PASSPORT", "deviceIndex": 1, "keyepoch": 1}]"#,
				"keyepoch",
			),
			(
				r#"[{"alias": "a/b", "passport": "PASSPORT", "deviceIndex": 1}]"#,
				"neither an alias",
			),
			(
				r#"[{"alias": "00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff", "passport": "PASSPORT", "deviceIndex": 1}]"#,
				"not the passport of its entry",
			),
			(
				r#"[{"alias": "BAT-2025-LI-001234", "passport": "PASSPORT", "deviceIndex": 1, "operator": {"commandKey": "0x12"}}]"#,
				"64 hex digits",
			),
			(
				r#"[{"alias": "BAT-2025-LI-001234", "passport": "PASSPORT", "deviceIndex": 1}, {"alias": "BAT-2025-LI-001235", "passport": "PASSPORT", "deviceIndex": 1}]"#,
				"twice",
			),
		] {
			let error = read_text(&text.replace("PASSPORT", &passport)).unwrap_err();
			assert!(error.contains(says) && !error.contains('\n'), "{error}");
		}
	}

	#[test]
	fn numbered_members_have_valid_aliases() {
		let members = numbered("BAT-2026-LI-", 10, 3).unwrap();
		assert_eq!(
			members[2],
			Member {
				alias: "BAT-2026-LI-000012".into(),
				passport: passport_of(
					// SHA-256 of the alias.
					"f33e7ba17ddd53882a5c21c512eefee6afb46ed8cee2ad292e4180584a30d0e6"
				)
				.unwrap(),
				device_index: 12,
				key_epoch: None,
				operator: None,
			}
		);
		assert!(matches!(numbered("BAT-26-", 0, 1), Err(ManifestError::Prefix(_))));
		assert!(matches!(
			numbered("BAT-2026-LI-", 999_999, 2),
			Err(ManifestError::TooMany(1_000_000))
		));
	}
}
