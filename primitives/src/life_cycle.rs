//! The life cycle: status values of the regulation, publication states of the passport, events of the protocol.
//!
//! The two axes never mix. [`Status`] is Annex XIII point 4's closed list and says what the battery is; [`Publication`]
//! says what has become of the record.

use crate::{
	battery::PassportId,
	organisation::{OrganisationId, Role, Roles},
};
use serde::{Deserialize, Serialize};

on_chain! {
	/// Status of the battery: the closed list of Annex XIII point 4(c).
	#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
	pub enum Status {
		/// As first placed on the market.
		#[serde(rename = "original")]
		Original,
		/// Used for another purpose than it was made for.
		#[serde(rename = "repurposed")]
		Repurposed,
		/// Used again for the purpose it was made for.
		#[serde(rename = "re-used")]
		Reused,
		/// Restored to at least 90 % of its rated capacity, Art. 3(1)(32).
		#[serde(rename = "remanufactured")]
		Remanufactured,
		/// Waste: the holder discards it, or has to.
		#[serde(rename = "waste")]
		Waste,
	}
}

on_chain! {
	/// What has become of the passport.
	#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
	#[serde(rename_all = "camelCase")]
	pub enum Publication {
		/// The current record of a battery.
		Active,
		/// Another passport has taken over the responsibility, Art. 77(7) first sentence. It stays live: its history, its
		/// commitments and its grants can be read, it takes no more telemetry and no more transfers.
		Superseded,
	}
}

on_chain! {
	/// The four operations after which a battery is placed on the market again under a new passport: Art. 77(7).
	///
	/// The number of a variant is part of what an operator signs: [`DerivationConsent`].
	#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
	#[serde(rename_all = "camelCase")]
	pub enum SecondLife {
		/// Preparation for re-use.
		PreparationForReuse = 0,
		/// Preparation for repurposing.
		PreparationForRepurposing = 1,
		/// Repurposing.
		Repurposing = 2,
		/// Remanufacturing.
		Remanufacturing = 3,
	}
}

impl SecondLife {
	/// The status that a battery has after the operation.
	pub const fn status(self) -> Status {
		match self {
			SecondLife::PreparationForReuse => Status::Reused,
			SecondLife::PreparationForRepurposing | SecondLife::Repurposing => Status::Repurposed,
			SecondLife::Remanufacturing => Status::Remanufactured,
		}
	}
}

/// What an operator signs when it consents to a derivation starts with this, so that it can not pass for anything else that
/// its account signs.
pub const DERIVATION_DOMAIN: &[u8; 13] = b"BPL-DERIVE-v1";

/// Length of the message of a consent.
pub const DERIVATION_MESSAGE_BYTES: usize = DERIVATION_DOMAIN.len() + 3 * 32 + 4 + 1 + 8;

/// Wallets put these around bytes that a page asks them to sign, so that no page obtains a signed transaction that way.
const WALLET_OPENING: &[u8; 7] = b"<Bytes>";
const WALLET_CLOSING: &[u8; 8] = b"</Bytes>";

/// Length of the message of a consent as a wallet signs it.
pub const WALLET_DERIVATION_MESSAGE_BYTES: usize =
	WALLET_OPENING.len() + DERIVATION_MESSAGE_BYTES + WALLET_CLOSING.len();

/// What the responsible operator of a battery consents to when it lets another organisation derive a second-life passport:
/// this battery, into that one, by this operation, until then.
///
/// Signed off the ledger by an account of the operator's and carried by the derivation. It needs no number against replay: it
/// names the new passport, and an identifier that was registered once is never registered again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DerivationConsent {
	/// Passport of the battery that is used.
	pub predecessor: PassportId,
	/// Passport of the battery that it becomes, or becomes part of.
	pub successor: PassportId,
	/// Who derives, and answers for the new passport.
	pub deriving: OrganisationId,
	/// What is done to the battery.
	pub operation: SecondLife,
	/// Last block in which the consent counts.
	pub expires_at: u64,
}

impl DerivationConsent {
	/// What is signed: domain ‖ genesis hash ‖ predecessor ‖ successor ‖ deriving organisation (u32, big-endian) ‖ number of the
	/// operation ‖ last block (u64, big-endian).
	pub fn message(&self, genesis_hash: &[u8; 32]) -> [u8; DERIVATION_MESSAGE_BYTES] {
		joined(&[
			DERIVATION_DOMAIN,
			genesis_hash,
			&self.predecessor.0,
			&self.successor.0,
			&self.deriving.0.to_be_bytes(),
			&[self.operation as u8],
			&self.expires_at.to_be_bytes(),
		])
	}

	/// The same between `<Bytes>` and `</Bytes>`: what a wallet signs when it is given the message.
	pub fn wallet_message(&self, genesis_hash: &[u8; 32]) -> [u8; WALLET_DERIVATION_MESSAGE_BYTES] {
		joined(&[WALLET_OPENING, &self.message(genesis_hash), WALLET_CLOSING])
	}
}

/// The parts one after the other. They have `LENGTH` bytes together.
fn joined<const LENGTH: usize>(parts: &[&[u8]]) -> [u8; LENGTH] {
	let mut whole = [0; LENGTH];
	let bytes = parts.iter().flat_map(|part| part.iter());
	for (slot, byte) in whole.iter_mut().zip(bytes) {
		*slot = *byte;
	}
	whole
}

on_chain! {
	/// The eleven supply-chain events of the protocol, table 5.3.
	#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
	#[serde(rename_all = "snake_case")]
	pub enum EventKind {
		/// Production finished.
		ManufacturingComplete,
		/// Quality assurance has approved.
		QualityCertified,
		/// The owner has changed: written by the transfer pallet alone.
		OwnershipTransfer,
		/// Transport.
		LocationUpdate,
		/// Put into a vehicle or a plant.
		Installation,
		/// State of health fell below a limit: written by a device's signed statement alone.
		SohThreshold,
		/// A diagnosis asks for maintenance.
		MaintenanceRequired,
		/// Repurposing: written by the derivation of a second-life passport alone.
		SecondLifeConversion,
		/// Retired from its use.
		EndOfLife,
		/// Collected for recycling.
		RecyclingInitiated,
		/// Recycling is complete: written by closing the passport alone.
		MaterialsRecovered,
	}
}

/// Who may record an event by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorder {
	/// The responsible operator of the passport.
	ResponsibleOperator,
	/// The responsible operator or the owner, or any active member that has one of these roles.
	PartyOr(Roles),
	/// Any active member that has one of these roles.
	Roles(Roles),
	/// Nobody: another call of the ledger writes it when what it tells of happens.
	LedgerOnly,
}

impl EventKind {
	/// Every event, in the order of table 5.3.
	pub const ALL: [EventKind; 11] = [
		EventKind::ManufacturingComplete,
		EventKind::QualityCertified,
		EventKind::OwnershipTransfer,
		EventKind::LocationUpdate,
		EventKind::Installation,
		EventKind::SohThreshold,
		EventKind::MaintenanceRequired,
		EventKind::SecondLifeConversion,
		EventKind::EndOfLife,
		EventKind::RecyclingInitiated,
		EventKind::MaterialsRecovered,
	];

	/// Who may record it: the column "Stakeholders" of table 5.3.
	pub const fn recorder(self) -> Recorder {
		match self {
			EventKind::ManufacturingComplete => Recorder::ResponsibleOperator,
			EventKind::QualityCertified => {
				Recorder::Roles(Roles::of(&[Role::QualityAssurer, Role::NotifiedBody]))
			}
			EventKind::LocationUpdate => Recorder::PartyOr(Roles::of(&[Role::Logistics])),
			EventKind::Installation => Recorder::PartyOr(Roles::of(&[Role::ServiceCentre])),
			EventKind::MaintenanceRequired => Recorder::PartyOr(Roles::of(&[Role::ServiceCentre])),
			EventKind::EndOfLife => Recorder::PartyOr(Roles::NONE),
			EventKind::RecyclingInitiated => Recorder::PartyOr(Roles::of(&[Role::Recycler])),
			EventKind::OwnershipTransfer
			| EventKind::SohThreshold
			| EventKind::SecondLifeConversion
			| EventKind::MaterialsRecovered => Recorder::LedgerOnly,
		}
	}
}

on_chain! {
	/// One entry of a passport's history. The history is a hash chain: see [`crate::battery::PassportId`] and the passport
	/// pallet; an entry is never changed.
	#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
	#[serde(rename_all = "camelCase")]
	pub enum HistoryKind {
		/// The passport was registered.
		Registered,
		/// A commitment was replaced.
		CommitmentUpdated,
		/// An event of table 5.3.
		Event(EventKind),
		/// The status changed.
		StatusChanged(Status),
		/// The responsible operator changed.
		ResponsibilityMoved,
		/// A second-life passport was derived from this one.
		Succeeded,
		/// Another organisation operates the battery.
		OperationMoved,
		/// The responsible operator has authorised another organisation in writing, Art. 77(4).
		Delegated,
		/// Such an authorisation has ended before its time.
		DelegationEnded,
		/// The device has stated that its state of health is at or above the council's threshold. That it is below is the event
		/// `soh_threshold`.
		ThresholdHeld,
		/// A notified body has allowed the way that the state of health alone would not: protocol section 5.1.
		ThresholdOverridden,
	}
}

impl Status {
	/// Whether a battery of this status may go to `next` on the same passport. Waste is a one-way street on the same
	/// passport: what is prepared for re-use out of waste gets a new one (Art. 77(7), Art. 73). The other status values are
	/// given by deriving a second-life passport, never by a change in place.
	pub const fn may_become(self, next: Status) -> bool {
		!matches!(self, Status::Waste) && matches!(next, Status::Waste)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn status_values_are_the_regulations_closed_list() {
		let names: Vec<String> = [
			Status::Original,
			Status::Repurposed,
			Status::Reused,
			Status::Remanufactured,
			Status::Waste,
		]
		.iter()
		.map(|status| serde_json::to_string(status).unwrap())
		.collect();
		assert_eq!(
			names,
			[
				"\"original\"",
				"\"repurposed\"",
				"\"re-used\"",
				"\"remanufactured\"",
				"\"waste\""
			]
		);
	}

	#[test]
	fn events_have_the_protocols_names() {
		let names: Vec<String> = EventKind::ALL
			.iter()
			.map(|kind| serde_json::to_string(kind).unwrap())
			.collect();
		assert_eq!(
			names.join(" ").replace('"', ""),
			"manufacturing_complete quality_certified ownership_transfer location_update installation soh_threshold \
			 maintenance_required second_life_conversion end_of_life recycling_initiated materials_recovered"
		);
	}

	#[test]
	fn on_one_passport_a_battery_can_only_become_waste_and_stays_it() {
		let all = [
			Status::Original,
			Status::Repurposed,
			Status::Reused,
			Status::Remanufactured,
			Status::Waste,
		];
		for from in all {
			for to in all {
				assert_eq!(
					from.may_become(to),
					to == Status::Waste && from != Status::Waste,
					"{from:?} {to:?}"
				);
			}
		}
	}

	#[test]
	fn every_part_of_a_consent_stands_in_its_message() {
		let consent = DerivationConsent {
			predecessor: PassportId([2; 32]),
			successor: PassportId([3; 32]),
			deriving: OrganisationId(0x0102_0304),
			operation: SecondLife::Remanufacturing,
			expires_at: 0x0a0b,
		};
		let message = consent.message(&[1; 32]);
		assert_eq!(message.len(), 122);
		assert_eq!(&message[..13], b"BPL-DERIVE-v1");
		assert_eq!(message[13..45], [1; 32]);
		assert_eq!(message[45..77], [2; 32]);
		assert_eq!(message[77..109], [3; 32]);
		assert_eq!(message[109..113], [1, 2, 3, 4]);
		assert_eq!(message[113], 3);
		assert_eq!(message[114..], [0, 0, 0, 0, 0, 0, 0x0a, 0x0b]);
	}

	#[test]
	fn a_wallet_signs_the_message_between_its_marks() {
		let consent = DerivationConsent {
			predecessor: PassportId([2; 32]),
			successor: PassportId([3; 32]),
			deriving: OrganisationId(4),
			operation: SecondLife::Repurposing,
			expires_at: 5,
		};
		let wrapped = consent.wallet_message(&[1; 32]);
		assert_eq!(
			wrapped.as_slice(),
			[b"<Bytes>".as_slice(), &consent.message(&[1; 32]), b"</Bytes>"].concat()
		);
	}

	#[test]
	fn what_other_calls_write_nobody_records_by_hand() {
		for kind in [
			EventKind::OwnershipTransfer,
			EventKind::SohThreshold,
			EventKind::SecondLifeConversion,
			EventKind::MaterialsRecovered,
		] {
			assert_eq!(kind.recorder(), Recorder::LedgerOnly);
		}
	}
}
