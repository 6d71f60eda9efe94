//! The data sets of a battery, made from the seven aspects of the BatteryPassDataModel.

use anyhow::{Context, Result};
use passport_client::canonical::{self, CanonicalError};
use passport_primitives::{battery::Commitment, data_set::DataSet};
use serde_json::{json, Map, Value};
use std::{collections::BTreeMap, fs, path::Path};

/// Bytes of the salt of a data set that is not public.
pub const SALT_BYTES: usize = 16;

/// The four data sets of a battery and the salts of those that are not public.
pub struct DataSetsOfBattery {
	documents: BTreeMap<DataSet, Value>,
	salts: BTreeMap<DataSet, [u8; SALT_BYTES]>,
}

/// Takes the member `name` out of an object, or an empty object when it is not there.
fn take(object: &mut Value, name: &str) -> Value {
	object
		.as_object_mut()
		.and_then(|members| members.remove(name))
		.unwrap_or_else(|| json!({}))
}

impl DataSetsOfBattery {
	/// Reads the aspects of a folder. An aspect that is not there is one that the guidance says is not to be filled.
	pub fn read(folder: &Path, mut salt: impl FnMut() -> [u8; SALT_BYTES]) -> Result<Self> {
		let aspect = |name: &str| -> Result<Value> {
			let path = folder.join(format!("{name}-payload.json"));
			match fs::read(&path) {
				Ok(bytes) => {
					serde_json::from_slice(&bytes).with_context(|| format!("{} is no JSON", path.display()))
				}
				Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Value::Null),
				Err(error) => Err(error).with_context(|| format!("can not read {}", path.display())),
			}
		};
		let mut performance = aspect("PerformanceAndDurability")?;
		let mut labeling = aspect("Labeling")?;
		// Annex XIII: point 1 is the model, 2 the composition and dismantling, 3 the test reports, 4 the individual battery.
		let condition = take(&mut performance, "batteryCondition");
		let test_report = take(&mut labeling, "resultOfTestReport");
		let mut model = Map::new();
		for (name, value) in [
			("generalProductInformation", aspect("GeneralProductInformation")?),
			("carbonFootprint", aspect("CarbonFootprintForBatteries")?),
			("supplyChainDueDiligence", aspect("SupplyChainDueDiligence")?),
			("labeling", labeling),
			("performance", performance),
		] {
			if !value.is_null() {
				model.insert(name.into(), value);
			}
		}
		let documents = BTreeMap::from([
			(DataSet::Model, Value::Object(model)),
			(
				DataSet::Composition,
				json!({
					"materialComposition": aspect("MaterialComposition")?,
					"circularity": aspect("Circularity")?,
				}),
			),
			(DataSet::TestReports, json!({ "resultOfTestReport": test_report })),
			(DataSet::Individual, json!({ "batteryCondition": condition })),
		]);
		let salts = documents.keys().map(|set| (*set, salt())).collect();
		Ok(DataSetsOfBattery { documents, salts })
	}

	/// The document of a data set.
	pub fn document(&self, set: DataSet) -> &Value {
		&self.documents[&set]
	}

	/// The commitment to a data set.
	pub fn commitment(&self, set: DataSet) -> Result<Commitment, CanonicalError> {
		canonical::commit(set, &self.documents[&set], Some(&self.salts[&set]))
	}

	/// The commitments to all four.
	pub fn commitments(&self) -> Result<[Option<Commitment>; 4], CanonicalError> {
		let mut commitments = [None; 4];
		for set in DataSet::ALL {
			commitments[set as usize] = Some(self.commitment(set)?);
		}
		Ok(commitments)
	}

	/// Changes the document of a data set.
	pub fn update(&mut self, set: DataSet, change: impl FnOnce(&mut Value)) {
		if let Some(document) = self.documents.get_mut(&set) {
			change(document);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn data(folder: &str) -> DataSetsOfBattery {
		let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(folder);
		DataSetsOfBattery::read(&path, || [7; SALT_BYTES]).unwrap()
	}

	#[test]
	fn every_payload_of_the_data_model_has_four_commitments() {
		for folder in ["batterypass", "ev-pack"] {
			let commitments = data(folder).commitments().unwrap();
			assert!(commitments.iter().all(Option::is_some), "{folder}");
		}
	}

	#[test]
	fn what_is_individual_or_a_test_report_is_not_in_the_public_set() {
		let public = data("ev-pack").document(DataSet::Model).to_string();
		for word in [
			"batteryCondition",
			"stateOfCertifiedEnergy",
			"resultOfTestReport",
			"Cathode",
		] {
			assert!(!public.contains(word), "{word}");
		}
		assert!(public.contains("ratedEnergy"));
	}

	#[test]
	fn what_is_not_to_be_filled_yet_is_not_there() {
		let data = data("ev-pack");
		assert_eq!(data.document(DataSet::Model).get("carbonFootprint"), None);
		assert_eq!(
			data.document(DataSet::Composition)
				.pointer("/circularity/recycledContent"),
			None
		);
	}
}
