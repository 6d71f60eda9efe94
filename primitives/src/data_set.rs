//! The lattice of Annex XIII: four data sets, three audiences, and who may see what.
//!
//! Regulation (EU) 2023/1542 Art. 77(2) and Annex XIII. It is a lattice and not a ranking: authorities see test reports
//! (3) but not the individual battery (4); a legitimate interest sees 4 but not 3.

use crate::organisation::{Role, Roles};
use serde::{Deserialize, Serialize};

on_chain! {
	/// A data set of Annex XIII.
	#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
	#[serde(rename_all = "camelCase")]
	pub enum DataSet {
		/// Point 1: model information, public.
		Model = 0,
		/// Point 2: composition, part numbers, dismantling, safety.
		Composition = 1,
		/// Point 3: results of test reports.
		TestReports = 2,
		/// Point 4: the individual battery: state of health, status, measured values, events.
		Individual = 3,
	}
}

impl DataSet {
	/// Every data set, in the order of the Annex's points.
	pub const ALL: [DataSet; 4] = [
		DataSet::Model,
		DataSet::Composition,
		DataSet::TestReports,
		DataSet::Individual,
	];

	/// The number of the point in Annex XIII: 1 to 4.
	pub const fn point(self) -> u8 {
		self as u8 + 1
	}

	/// The data set of a point of Annex XIII; `None` outside 1 to 4.
	pub const fn from_point(point: u8) -> Option<Self> {
		match point {
			1 => Some(DataSet::Model),
			2 => Some(DataSet::Composition),
			3 => Some(DataSet::TestReports),
			4 => Some(DataSet::Individual),
			_ => None,
		}
	}
}

on_chain! {
	/// A set of data sets, bit `n` for point `n + 1`.
	#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
	pub struct DataSets(u8);
}

impl DataSets {
	/// No data set.
	pub const NONE: DataSets = DataSets(0);
	/// All four.
	pub const ALL: DataSets = DataSets(0b1111);

	/// The set of these.
	pub const fn of(sets: &[DataSet]) -> Self {
		let mut bits = 0;
		let mut index = 0;
		while index < sets.len() {
			bits |= 1 << sets[index] as u8;
			index += 1;
		}
		DataSets(bits)
	}

	/// The set that has these bits; `None` when a bit above the fourth is set.
	pub const fn from_bits(bits: u8) -> Option<Self> {
		if bits & !Self::ALL.0 == 0 {
			Some(DataSets(bits))
		} else {
			None
		}
	}

	/// Bit `n` for point `n + 1`.
	pub const fn bits(self) -> u8 {
		self.0
	}

	/// Whether no bit above the fourth is set: a value that came over the wire can be anything.
	pub const fn is_valid(self) -> bool {
		self.0 & !Self::ALL.0 == 0
	}

	/// Whether the set is empty.
	pub const fn is_empty(self) -> bool {
		self.0 == 0
	}

	/// Whether `set` is in it.
	pub const fn contains(self, set: DataSet) -> bool {
		self.0 & (1 << set as u8) != 0
	}

	/// Whether everything in this set is in `other` too.
	pub const fn is_subset_of(self, other: DataSets) -> bool {
		self.0 & !other.0 == 0
	}

	/// What is in either.
	pub const fn union(self, other: DataSets) -> DataSets {
		DataSets(self.0 | other.0)
	}

	/// What is in both.
	pub const fn intersection(self, other: DataSets) -> DataSets {
		DataSets(self.0 & other.0)
	}

	/// The data sets in it.
	pub fn iter(self) -> impl Iterator<Item = DataSet> {
		DataSet::ALL.into_iter().filter(move |set| self.contains(*set))
	}
}

impl Serialize for DataSets {
	fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_seq(self.iter())
	}
}

on_chain! {
	/// Who asks, in the terms of Art. 77(2).
	#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
	#[serde(rename_all = "camelCase")]
	pub enum Audience {
		/// Anybody, without asking.
		Public = 0,
		/// Notified bodies, market surveillance authorities, the Commission: Art. 77(2)(b).
		Authority = 1,
		/// Natural or legal persons with a legitimate interest: Art. 77(2)(c).
		LegitimateInterest = 2,
	}
}

impl Audience {
	/// Every audience.
	pub const ALL: [Audience; 3] = [
		Audience::Public,
		Audience::Authority,
		Audience::LegitimateInterest,
	];

	/// The audiences that an organisation with these roles belongs to, besides the public. An authority stays an authority:
	/// it does not gain a legitimate interest by another role, for point 4 is not meant for it.
	pub const fn of(roles: Roles) -> Audience {
		if roles.intersects(Roles::of(&[Role::Authority, Role::NotifiedBody])) {
			Audience::Authority
		} else if roles.intersects(Roles::of(&[
			Role::Distributor,
			Role::Operator,
			Role::ServiceCentre,
			Role::SecondLifeOperator,
			Role::Recycler,
			Role::DataBroker,
		])) {
			Audience::LegitimateInterest
		} else {
			Audience::Public
		}
	}

	/// What the Annex shows this audience: the table that governance starts from and may change, since the implementing act of
	/// Art. 77(9) is outstanding.
	pub const fn default_access(self) -> DataSets {
		match self {
			Audience::Public => DataSets::of(&[DataSet::Model]),
			Audience::Authority => {
				DataSets::of(&[DataSet::Model, DataSet::Composition, DataSet::TestReports])
			}
			Audience::LegitimateInterest => {
				DataSets::of(&[DataSet::Model, DataSet::Composition, DataSet::Individual])
			}
		}
	}
}

on_chain! {
	/// What access is asked for. A reason that the operator can weigh, and an auditor can hold the grantee to.
	#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
	#[serde(rename_all = "camelCase")]
	pub enum Purpose {
		/// Purchase or sale of the battery: assessing its residual value.
		Valuation,
		/// Repair and maintenance.
		Maintenance,
		/// Preparation for re-use, repurposing, remanufacturing.
		SecondLife,
		/// Dismantling and recycling.
		Recycling,
		/// Aggregation for energy markets: Art. 14 and Annex VII.
		EnergyServices,
		/// Market surveillance and conformity assessment.
		Surveillance,
	}
}

impl Purpose {
	/// Every purpose.
	pub const ALL: [Purpose; 6] = [
		Purpose::Valuation,
		Purpose::Maintenance,
		Purpose::SecondLife,
		Purpose::Recycling,
		Purpose::EnergyServices,
		Purpose::Surveillance,
	];

	/// What the purpose opens to an audience: the table that governance starts from and may change. Surveillance is what
	/// authorities are for, Art. 77(2)(b), the other purposes are legitimate interests, Art. 77(2)(c); to an audience whose
	/// purpose it is, it opens what the Annex shows that audience. The Annex itself knows no purposes, and the implementing act
	/// of Art. 77(9) that might is outstanding. What is public is so for whatever purpose.
	pub const fn default_access(self, audience: Audience) -> DataSets {
		match (audience, self) {
			(Audience::Authority, Purpose::Surveillance) => audience.default_access(),
			(Audience::Authority, _) | (Audience::LegitimateInterest, Purpose::Surveillance) => {
				DataSets::NONE
			}
			(Audience::Public | Audience::LegitimateInterest, _) => audience.default_access(),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_default_table_is_that_of_annex_xiii() {
		// (data set, public, authorities, legitimate interest)
		let table = [
			(DataSet::Model, true, true, true),
			(DataSet::Composition, false, true, true),
			(DataSet::TestReports, false, true, false),
			(DataSet::Individual, false, false, true),
		];
		for (set, public, authority, interest) in table {
			assert_eq!(Audience::Public.default_access().contains(set), public, "{set:?}");
			assert_eq!(
				Audience::Authority.default_access().contains(set),
				authority,
				"{set:?}"
			);
			assert_eq!(
				Audience::LegitimateInterest.default_access().contains(set),
				interest,
				"{set:?}"
			);
		}
	}

	#[test]
	fn neither_authorities_nor_legitimate_interest_include_the_other() {
		let (authority, interest) = (
			Audience::Authority.default_access(),
			Audience::LegitimateInterest.default_access(),
		);
		assert!(!authority.is_subset_of(interest));
		assert!(!interest.is_subset_of(authority));
		assert!(Audience::Public.default_access().is_subset_of(authority));
		assert!(Audience::Public.default_access().is_subset_of(interest));
	}

	#[test]
	fn authorities_survey_and_the_other_purposes_are_legitimate_interests() {
		for purpose in Purpose::ALL {
			let (own, others) = if purpose == Purpose::Surveillance {
				(Audience::Authority, Audience::LegitimateInterest)
			} else {
				(Audience::LegitimateInterest, Audience::Authority)
			};
			assert_eq!(purpose.default_access(own), own.default_access(), "{purpose:?}");
			assert_eq!(purpose.default_access(others), DataSets::NONE, "{purpose:?}");
			assert_eq!(
				purpose.default_access(Audience::Public),
				DataSets::of(&[DataSet::Model]),
				"{purpose:?}"
			);
		}
	}

	#[test]
	fn an_authority_does_not_gain_point_four_by_another_role() {
		assert_eq!(
			Audience::of(Roles::of(&[Role::Authority, Role::DataBroker])),
			Audience::Authority
		);
		assert_eq!(
			Audience::of(Roles::of(&[Role::DataBroker])),
			Audience::LegitimateInterest
		);
		assert_eq!(Audience::of(Roles::of(&[Role::BridgeOperator])), Audience::Public);
	}

	#[test]
	fn points_and_data_sets_are_the_same_thing() {
		for set in DataSet::ALL {
			assert_eq!(DataSet::from_point(set.point()), Some(set));
		}
		assert_eq!(DataSet::from_point(0), None);
		assert_eq!(DataSet::from_point(5), None);
		assert_eq!(DataSets::from_bits(0b1_0000), None);
		assert_eq!(
			DataSets::from_bits(0b1001),
			Some(DataSets::of(&[DataSet::Model, DataSet::Individual]))
		);
	}
}
