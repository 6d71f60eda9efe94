//! Keys of the test members that every genesis preset holds. They are derived from well-known seeds and worth nothing: for
//! development and tests alone.

use passport_primitives::{envelope::EnvelopeSecret, organisation::OrganisationId};
use std::str::FromStr;
use subxt_signer::{sr25519::Keypair, SecretUri};

/// A member of the genesis presets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestMember {
	/// Manufacturer and supplier, `//Alice`.
	CellWorks,
	/// Distributor, `//Bob`.
	BatteryTrade,
	/// Operator and service centre, `//Charlie`.
	FleetOne,
	/// Second-life operator, `//Dave`.
	SecondLife,
	/// Recycler, `//Eve`.
	RecyclingPlant,
	/// Authority, `//Ferdie`.
	MarketSurveillance,
	/// Data broker, `//One`.
	DataBroker,
	/// Bridge operator, `//Two`.
	FrameBridge,
	/// Quality assurer, `//Bob//stash`.
	QualityLab,
	/// Notified body, `//Charlie//stash`.
	NotifiedBody,
	/// Logistics, `//Dave//stash`.
	Carrier,
}

impl TestMember {
	/// Every test member, in the order of their numbers.
	pub const ALL: [TestMember; 11] = [
		TestMember::CellWorks,
		TestMember::BatteryTrade,
		TestMember::FleetOne,
		TestMember::SecondLife,
		TestMember::RecyclingPlant,
		TestMember::MarketSurveillance,
		TestMember::DataBroker,
		TestMember::FrameBridge,
		TestMember::QualityLab,
		TestMember::NotifiedBody,
		TestMember::Carrier,
	];

	/// Its number on the ledger.
	pub const fn organisation(self) -> OrganisationId {
		OrganisationId(self as u32 + 1)
	}

	/// Host name of its `did:web`, without `.example`.
	pub const fn name(self) -> &'static str {
		match self {
			TestMember::CellWorks => "cell-works",
			TestMember::BatteryTrade => "battery-trade",
			TestMember::FleetOne => "fleet-one",
			TestMember::SecondLife => "second-life",
			TestMember::RecyclingPlant => "recycling-plant",
			TestMember::MarketSurveillance => "market-surveillance",
			TestMember::DataBroker => "data-broker",
			TestMember::FrameBridge => "frame-bridge",
			TestMember::QualityLab => "quality-lab",
			TestMember::NotifiedBody => "notified-body",
			TestMember::Carrier => "carrier",
		}
	}

	/// Well-known seed of its account.
	pub const fn seed(self) -> &'static str {
		match self {
			TestMember::CellWorks => "//Alice",
			TestMember::BatteryTrade => "//Bob",
			TestMember::FleetOne => "//Charlie",
			TestMember::SecondLife => "//Dave",
			TestMember::RecyclingPlant => "//Eve",
			TestMember::MarketSurveillance => "//Ferdie",
			TestMember::DataBroker => "//One",
			TestMember::FrameBridge => "//Two",
			TestMember::QualityLab => "//Bob//stash",
			TestMember::NotifiedBody => "//Charlie//stash",
			TestMember::Carrier => "//Dave//stash",
		}
	}

	/// Signer of its account.
	pub fn signer(self) -> Keypair {
		signer(self.seed()).unwrap_or_else(|_| unreachable!("the well-known seeds are valid"))
	}

	/// Private HPKE key and public key: RFC 9180 `DeriveKeyPair` from `battery-passport-test-hpke-key//NAME`.
	pub fn envelope_keys(self) -> (EnvelopeSecret, [u8; 32]) {
		EnvelopeSecret::derive(format!("battery-passport-test-hpke-key//{}", self.name()).as_bytes())
	}
}

/// The signer of a secret URI such as `//Alice` or a phrase. The error says what is wrong and never repeats the secret.
pub fn signer(uri: &str) -> Result<Keypair, &'static str> {
	let uri = SecretUri::from_str(uri).map_err(|_| "the secret URI is malformed")?;
	Keypair::from_uri(&uri).map_err(|_| "the secret URI holds no valid phrase or seed")
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn every_seed_is_valid_and_every_member_has_its_own() {
		let accounts: std::collections::BTreeSet<_> = TestMember::ALL
			.iter()
			.map(|member| member.signer().public_key().0)
			.collect();
		assert_eq!(accounts.len(), TestMember::ALL.len());
	}

	#[test]
	fn a_bad_uri_is_an_error_that_does_not_repeat_it() {
		let error = signer("not a phrase at all").map(|_| ()).unwrap_err();
		assert!(!error.contains("phrase at all"));
	}
}
