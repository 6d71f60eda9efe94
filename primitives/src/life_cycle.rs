//! The life cycle: status values of the regulation, publication states of the passport, events of the protocol.
//!
//! The two axes never mix. [`Status`] is Annex XIII point 4's closed list and says what the battery is; [`Publication`]
//! says what has become of the record.

use crate::organisation::{Role, Roles};
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
	#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
	#[serde(rename_all = "camelCase")]
	pub enum SecondLife {
		/// Preparation for re-use.
		PreparationForReuse,
		/// Preparation for repurposing.
		PreparationForRepurposing,
		/// Repurposing.
		Repurposing,
		/// Remanufacturing.
		Remanufacturing,
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
