//! Arguments of the `passport_*` methods, from text to types.

use super::error::Error;
use crate::block::{AccountId, Block, Hash};
use passport_primitives::{
	battery::{check_unique_identifier, Commitment, PassportId},
	data_set::DataSet,
	organisation::OrganisationId,
};
use passport_runtime_api::PassportLedgerApi;
use serde::Deserialize;
use std::{fmt, str::FromStr};

/// How a passport was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PassportReference {
	/// By its key on the ledger.
	Id(PassportId),
	/// By its unique identifier or its alias, which the runtime looks up.
	Name(String),
}

impl PassportReference {
	/// 0x and 64 hex digits are a passport id; anything else that can be a unique identifier is a name.
	pub fn parse(text: &str) -> Result<Self, Error> {
		if let Some(bytes) = parse_32_bytes(text) {
			return Ok(Self::Id(PassportId(bytes)));
		}
		// An alias is a shorter string of the same characters, so that one check serves both.
		check_unique_identifier(text.as_bytes()).map_err(|error| {
			Error::Malformed(format!(
				"this is no passport id, unique identifier or alias: {error}"
			))
		})?;
		Ok(Self::Name(text.into()))
	}

	/// The key on the ledger; `None` when nothing goes by the name.
	///
	/// A key is given back as it is, whether or not there is a passport under it.
	pub fn resolve<Api: PassportLedgerApi<Block>>(
		&self,
		api: &Api,
		at: Hash,
	) -> Result<Option<PassportId>, Error> {
		match self {
			Self::Id(id) => Ok(Some(*id)),
			Self::Name(name) => Ok(api.resolve(at, name.clone().into_bytes())?),
		}
	}

	/// The error for a passport that is not there.
	pub fn not_found(&self) -> Error {
		Error::NotFound(format!("there is no passport {self}"))
	}
}

impl fmt::Display for PassportReference {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Id(id) => write!(formatter, "{id}"),
			Self::Name(name) => write!(formatter, "`{name}`"),
		}
	}
}

/// An organisation as JSON brings it: `7`, `"7"`, or an account.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum OrganisationArgument {
	/// A number of an organisation.
	Number(u32),
	/// A number of an organisation or an account.
	Text(String),
}

/// How an organisation was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrganisationReference {
	/// By its number.
	Number(OrganisationId),
	/// By an account that acts for it.
	Account(AccountId),
}

impl OrganisationReference {
	/// The organisation's number; `None` when the account acts for none.
	///
	/// A number is given back as it is, whether or not there is an organisation of that number.
	pub fn resolve<Api: PassportLedgerApi<Block>>(
		&self,
		api: &Api,
		at: Hash,
	) -> Result<Option<OrganisationId>, Error> {
		match self {
			Self::Number(number) => Ok(Some(*number)),
			Self::Account(account) => Ok(api.organisation_of(at, account.clone().into())?),
		}
	}

	/// The error for an organisation that is not there.
	pub fn not_found(&self) -> Error {
		Error::NotFound(match self {
			Self::Number(OrganisationId(number)) => format!("there is no organisation {number}"),
			Self::Account(account) => format!("account {account} acts for no organisation"),
		})
	}
}

impl TryFrom<OrganisationArgument> for OrganisationReference {
	type Error = Error;

	fn try_from(argument: OrganisationArgument) -> Result<Self, Error> {
		let text = match argument {
			OrganisationArgument::Number(number) => return Ok(Self::Number(OrganisationId(number))),
			OrganisationArgument::Text(text) => text,
		};
		// No account is written in less than 46 characters, so that a number is never mistaken for one.
		if let Ok(number) = text.parse() {
			return Ok(Self::Number(OrganisationId(number)));
		}
		match parse_32_bytes(&text) {
			Some(bytes) => Ok(Self::Account(bytes.into())),
			None => AccountId::from_str(&text).map(Self::Account).map_err(|reason| {
				Error::Malformed(format!(
					"an organisation is named by its number, or by an account in SS58 or as 0x and 64 hex digits: {reason}"
				))
			}),
		}
	}
}

/// The data set of a point of Annex XIII.
pub fn data_set(point: u8) -> Result<DataSet, Error> {
	DataSet::from_point(point).ok_or_else(|| {
		Error::Malformed(format!(
			"data sets are numbered 1 to 4 as in Annex XIII, not {point}"
		))
	})
}

/// A commitment, written as 0x and 64 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitmentText(pub Commitment);

impl FromStr for CommitmentText {
	type Err = Error;

	fn from_str(text: &str) -> Result<Self, Error> {
		parse_32_bytes(text)
			.map(|bytes| Self(Commitment(bytes)))
			.ok_or_else(|| Error::Malformed("a commitment is 0x and 64 hex digits".into()))
	}
}

/// 0x and 64 hex digits of either case.
fn parse_32_bytes(text: &str) -> Option<[u8; 32]> {
	// `H256` reads digits without 0x as well. Here that would be a unique identifier.
	text.strip_prefix("0x").filter(|digits| digits.len() == 64)?;
	Hash::from_str(text).ok().map(Hash::to_fixed_bytes)
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_core::crypto::Ss58Codec;
	use sp_keyring::Sr25519Keyring::Alice;

	const DIGITS: &str = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";

	fn bytes() -> [u8; 32] {
		core::array::from_fn(|index| (index as u8 % 16) * 0x11)
	}

	#[test]
	fn hex_of_32_bytes_is_a_passport_id_in_either_case() {
		let id = PassportReference::Id(PassportId(bytes()));
		assert_eq!(PassportReference::parse(&format!("0x{DIGITS}")), Ok(id.clone()));
		assert_eq!(
			PassportReference::parse(&format!("0x{}", DIGITS.to_lowercase())),
			Ok(id)
		);
	}

	#[test]
	fn anything_else_that_is_printable_is_a_name() {
		let digit_short = format!("0x{}", &DIGITS[1..]);
		let not_hex = format!("0x{}g", &DIGITS[1..]);
		for name in [
			"BAT-2025-LI-001234",
			"https://id.example/01/09506000134352/21/X7Q2",
			DIGITS,
			&digit_short,
			&not_hex,
			"0x",
		] {
			assert_eq!(
				PassportReference::parse(name),
				Ok(PassportReference::Name(name.into()))
			);
		}
	}

	#[test]
	fn what_no_battery_can_be_called_is_malformed() {
		for text in ["", "two words", "Zoë", "line\nbreak", &"x".repeat(129)] {
			let error = PassportReference::parse(text).unwrap_err();
			assert_eq!(error.code(), 9001, "{text:?}");
		}
	}

	#[test]
	fn an_organisation_goes_by_number_and_by_account() {
		let parse = |json: &str| {
			OrganisationReference::try_from(serde_json::from_str::<OrganisationArgument>(json).unwrap())
		};
		let alice = AccountId::from(Alice.public());
		let hex = format!(
			"\"0x{}\"",
			sp_core::hexdisplay::HexDisplay::from(&Alice.public().0)
		);

		assert_eq!(parse("7"), Ok(OrganisationReference::Number(OrganisationId(7))));
		assert_eq!(
			parse("\"7\""),
			Ok(OrganisationReference::Number(OrganisationId(7)))
		);
		assert_eq!(parse(&hex), Ok(OrganisationReference::Account(alice.clone())));
		assert_eq!(
			parse(&format!("\"{}\"", alice.to_ss58check())),
			Ok(OrganisationReference::Account(alice))
		);
		for wrong in [
			"\"\"",
			"\"did:web:example.org\"",
			"\"4294967296\"",
			"\"0x1234\"",
			"\"5GrwvaEF\"",
		] {
			assert_eq!(parse(wrong).unwrap_err().code(), 9001, "{wrong}");
		}
	}

	#[test]
	fn data_sets_are_numbered_as_in_annex_xiii() {
		assert_eq!(data_set(1), Ok(DataSet::Model));
		assert_eq!(data_set(4), Ok(DataSet::Individual));
		for point in [0, 5, 255] {
			assert_eq!(data_set(point).unwrap_err().code(), 9001);
		}
	}

	#[test]
	fn a_commitment_is_32_bytes_of_hex() {
		assert_eq!(
			format!("0x{DIGITS}").parse(),
			Ok(CommitmentText(Commitment(bytes())))
		);
		for wrong in [
			"",
			"0x",
			DIGITS,
			&format!("0x{DIGITS}00"),
			&format!("0x{}zz", &DIGITS[2..]),
		] {
			assert_eq!(
				wrong.parse::<CommitmentText>().unwrap_err().code(),
				9001,
				"{wrong}"
			);
		}
	}
}
