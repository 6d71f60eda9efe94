//! Commitments to data sets: SHA-256 over RFC 8785 canonical JSON.

use passport_primitives::{
	battery::{Commitment, PassportId},
	data_set::DataSet,
};
use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};

/// Member that carries the salt of a data set that is not public.
pub const SALT_MEMBER: &str = "$salt";

/// Why a document has no canonical form.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
	/// A number that no IEEE 754 double holds: RFC 8785 section 3.2.2.3 has no form for it.
	#[error("the number {0} is outside the range of a double")]
	Number(String),
	/// The document is no object, so a salt has no place in it.
	#[error("a data set is a JSON object")]
	NotAnObject,
	/// The document carries the salt's member already.
	#[error("the member {SALT_MEMBER} belongs to the salt")]
	SaltTaken,
	/// Writing failed.
	#[error("the document can not be written: {0}")]
	Write(#[from] serde_json::Error),
}

/// Key of a passport on the ledger: SHA-256 of the unique identifier.
pub fn passport_id(unique_identifier: &str) -> PassportId {
	PassportId(Sha256::digest(unique_identifier.as_bytes()).into())
}

/// Every number as the double that RFC 8785 takes it for: an integer beyond 2^53 has no other canonical form.
fn as_doubles(value: &Value) -> Result<Value, CanonicalError> {
	Ok(match value {
		Value::Number(number) => {
			let double = number.as_f64().filter(|double| double.is_finite());
			let double = double.ok_or_else(|| CanonicalError::Number(number.to_string()))?;
			// Doubles that are integers within 2^53 are the same value in both forms; JCS writes them without a fraction.
			Value::Number(Number::from_f64(double).ok_or_else(|| CanonicalError::Number(number.to_string()))?)
		}
		Value::Array(values) => Value::Array(values.iter().map(as_doubles).collect::<Result<_, _>>()?),
		Value::Object(members) => Value::Object(
			members
				.iter()
				.map(|(name, value)| Ok((name.clone(), as_doubles(value)?)))
				.collect::<Result<Map<_, _>, CanonicalError>>()?,
		),
		other => other.clone(),
	})
}

/// The canonical bytes of a document, RFC 8785.
pub fn canonical_json(document: &Value) -> Result<Vec<u8>, CanonicalError> {
	Ok(serde_jcs::to_vec(&as_doubles(document)?)?)
}

/// The commitment to a data set. `salt`, at least 16 random bytes, is wanted for sets 2 to 4: without it a competitor could
/// test guesses of a value against the ledger. Set 1 is public and takes none.
pub fn commit(
	data_set: DataSet,
	document: &Value,
	salt: Option<&[u8]>,
) -> Result<Commitment, CanonicalError> {
	let mut members = document.as_object().ok_or(CanonicalError::NotAnObject)?.clone();
	if members.contains_key(SALT_MEMBER) {
		return Err(CanonicalError::SaltTaken);
	}
	if let Some(salt) = salt.filter(|_| data_set != DataSet::Model) {
		members.insert(SALT_MEMBER.into(), Value::String(hex::encode(salt)));
	}
	Ok(Commitment(
		Sha256::digest(canonical_json(&Value::Object(members))?).into(),
	))
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	fn canonical(text: &str) -> String {
		String::from_utf8(canonical_json(&serde_json::from_str(text).unwrap()).unwrap()).unwrap()
	}

	#[test]
	fn the_example_of_rfc_8785_has_its_canonical_form() {
		// RFC 8785 section 3.2.2 and 3.2.3.
		let document = r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
			"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#;
		assert_eq!(
			canonical(document),
			r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
		);
	}

	#[test]
	fn numbers_are_written_as_doubles() {
		assert_eq!(
			canonical(r#"{"a":1.0,"b":100,"c":-0.0}"#),
			r#"{"a":1,"b":100,"c":0}"#
		);
		// What ECMAScript writes for integers beyond 2^53, as the sample payloads carry them.
		assert_eq!(
			canonical(r#"{"a":-4979411194606956234}"#),
			r#"{"a":-4979411194606957000}"#
		);
		assert_eq!(
			canonical(r#"{"a":-1.7976931348623157e+308}"#),
			r#"{"a":-1.7976931348623157e+308}"#
		);
	}

	#[test]
	fn order_and_spaces_do_not_change_a_commitment_and_values_do() {
		let commit = |document: Value| commit(DataSet::Model, &document, None).unwrap();
		let one = commit(serde_json::from_str(r#"{"b": 1, "a": [1, 2]}"#).unwrap());
		assert_eq!(
			one,
			commit(serde_json::from_str(r#"{"a":[1,2],"b":1.0}"#).unwrap())
		);
		assert_ne!(one, commit(json!({"a": [2, 1], "b": 1})));
	}

	#[test]
	fn a_salt_hides_what_is_not_public() {
		let document = json!({"capacity": 60});
		let with = |salt: &[u8]| commit(DataSet::Individual, &document, Some(salt)).unwrap();
		assert_ne!(with(&[1; 16]), with(&[2; 16]));
		assert_eq!(
			commit(DataSet::Model, &document, Some(&[1; 16])).unwrap(),
			commit(DataSet::Model, &document, None).unwrap()
		);
		assert!(matches!(
			commit(DataSet::Individual, &json!({"$salt": "x"}), Some(&[1; 16])),
			Err(CanonicalError::SaltTaken)
		));
		assert!(matches!(
			commit(DataSet::Model, &json!([1]), None),
			Err(CanonicalError::NotAnObject)
		));
	}

	#[test]
	fn a_passport_id_is_the_hash_of_the_identifier() {
		assert_eq!(
			passport_id("abc").to_string(),
			"0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
		);
	}
}
