//! Batteries and the names they go by.

use serde::{Deserialize, Serialize};

/// Longest unique identifier, in bytes: a GS1 Digital Link with GTIN (AI 01) and serial (AI 21, at most 20 characters) under
/// a resolver of the operator's.
pub const MAX_UNIQUE_IDENTIFIER_BYTES: u32 = 128;

/// Longest alias, in bytes: the protocol's `BAT-2025-LI-001234`.
pub const ALIAS_BYTES: usize = 18;

/// Most commitments that a passport carries: one for each data set of Annex XIII.
pub const DATA_SETS: usize = 4;

macro_rules! hash_type {
	($(#[$meta:meta])* $name:ident) => {
		on_chain! {
			$(#[$meta])*
			#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
			pub struct $name(pub [u8; 32]);
		}

		impl core::fmt::Display for $name {
			fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
				formatter.write_str("0x")?;
				self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
			}
		}

		impl core::fmt::Debug for $name {
			fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
				core::fmt::Display::fmt(self, formatter)
			}
		}

		impl Serialize for $name {
			fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
				serializer.collect_str(self)
			}
		}
	};
}

hash_type! {
	/// Key of a passport on the ledger: SHA-256 of the battery's unique identifier, so that every key has one length and a
	/// client can compute it without asking.
	PassportId
}

hash_type! {
	/// Commitment to one data set: SHA-256 over its RFC 8785 canonical JSON; data sets 2 to 4 carry a random salt in the
	/// document, so that a competitor can not test guesses against the ledger.
	Commitment
}

hash_type! {
	/// SHA-256 of a document that stays off the ledger: an invoice, a written authorisation, a certificate.
	DocumentHash
}

on_chain! {
	/// Category of a battery, Regulation (EU) 2023/1542 Art. 3 and 77(1).
	#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
	#[serde(rename_all = "camelCase")]
	pub enum Category {
		/// Electric vehicle.
		ElectricVehicle,
		/// Light means of transport.
		LightMeansOfTransport,
		/// Industrial, above 2 kWh.
		Industrial,
		/// Stationary energy storage: an industrial battery with duties of its own in Annex VII.
		StationaryStorage,
	}
}

/// Why a name is no unique identifier or alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
	/// No byte at all.
	#[error("the name is empty")]
	Empty,
	/// Longer than [`MAX_UNIQUE_IDENTIFIER_BYTES`].
	#[error("the name has more than 128 bytes")]
	TooLong,
	/// A byte outside the printable ASCII characters, or a space.
	#[error("the name has a character outside printable ASCII")]
	Character,
	/// Not of the form `BAT-2025-LI-001234`.
	#[error("the alias does not match BAT-YYYY-CC-NNNNNN")]
	Alias,
}

/// Checks a unique identifier: 1 to [`MAX_UNIQUE_IDENTIFIER_BYTES`] printable ASCII characters without spaces, which holds
/// every ISO/IEC 15459 identifier and every URI (RFC 3986).
pub fn check_unique_identifier(name: &[u8]) -> Result<(), NameError> {
	match name.len() {
		0 => Err(NameError::Empty),
		length if length > MAX_UNIQUE_IDENTIFIER_BYTES as usize => Err(NameError::TooLong),
		_ if name.iter().all(u8::is_ascii_graphic) => Ok(()),
		_ => Err(NameError::Character),
	}
}

/// Checks an alias: `^BAT-\d{4}-[A-Z]{2}-\d{6}$`, the protocol's battery id.
pub fn check_alias(alias: &[u8]) -> Result<(), NameError> {
	const PATTERN: &[u8; ALIAS_BYTES] = b"BAT-9999-AA-999999";
	let matches = alias.len() == ALIAS_BYTES
		&& alias
			.iter()
			.zip(PATTERN)
			.enumerate()
			.all(|(index, (byte, pattern))| match pattern {
				b'9' => byte.is_ascii_digit(),
				b'A' if index > 3 => byte.is_ascii_uppercase(),
				literal => byte == literal,
			});
	if matches {
		Ok(())
	} else {
		Err(NameError::Alias)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_protocols_battery_id_is_an_alias() {
		assert_eq!(check_alias(b"BAT-2025-LI-001234"), Ok(()));
		for wrong in [
			&b"BAT-2025-LI-00123"[..],
			b"BAT-2025-LI-0012345",
			b"BAX-2025-LI-001234",
			b"BAT-2025-L1-001234",
			b"BAT-20x5-LI-001234",
			b"BAT-2025-li-001234",
			b"CAT-2025-LI-001234",
			b"",
		] {
			assert_eq!(
				check_alias(wrong),
				Err(NameError::Alias),
				"{}",
				String::from_utf8_lossy(wrong)
			);
		}
	}

	#[test]
	fn a_unique_identifier_is_printable_and_bounded() {
		assert_eq!(
			check_unique_identifier(b"https://id.example/01/09506000134352/21/X7Q2"),
			Ok(())
		);
		assert_eq!(check_unique_identifier(b""), Err(NameError::Empty));
		assert_eq!(check_unique_identifier(&[b'a'; 128]), Ok(()));
		assert_eq!(check_unique_identifier(&[b'a'; 129]), Err(NameError::TooLong));
		assert_eq!(check_unique_identifier(b"a b"), Err(NameError::Character));
		assert_eq!(check_unique_identifier("ä".as_bytes()), Err(NameError::Character));
	}
}
