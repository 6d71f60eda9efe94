//! A proof as it comes: the answer of a node, saved whole or in part.

use passport_runtime_api::proof::{AnchorProof, DeviceProof, PassportProof};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why a file is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProofFileError {
	/// Not JSON.
	#[error("this is no JSON: {0}")]
	NotJson(#[source] serde_json::Error),
	/// The node answered with an error.
	#[error("the node did not answer with a proof: {0}")]
	NodeError(Value),
	/// JSON, but no proof of what it should be about.
	#[error("this is no answer of {method}: {source}")]
	NotAProof {
		/// The method that answers with such a proof.
		method: &'static str,
		/// What is missing.
		source: serde_json::Error,
	},
}

/// Reads the proof of a passport: the JSON-RPC response to `passport_proof`, its `result`, or the `value` in that.
pub fn read_proof(json: &[u8]) -> Result<PassportProof, ProofFileError> {
	read(json, "passport_proof")
}

/// Reads the proof of a device: the JSON-RPC response to `passport_deviceProof`, its `result`, or the `value` in that; likewise one
/// of `passport_anchorProof`, which proves a device too.
pub fn read_device_proof(json: &[u8]) -> Result<DeviceProof, ProofFileError> {
	read(json, "passport_deviceProof or passport_anchorProof")
}

/// Reads the proof of an anchor and a device: the JSON-RPC response to `passport_anchorProof`, its `result`, or the `value` in that.
pub fn read_anchor_proof(json: &[u8]) -> Result<AnchorProof, ProofFileError> {
	read(json, "passport_anchorProof")
}

fn read<P: DeserializeOwned>(json: &[u8], method: &'static str) -> Result<P, ProofFileError> {
	let mut document: Value = serde_json::from_slice(json).map_err(ProofFileError::NotJson)?;
	if let Some(error) = document.get_mut("error") {
		return Err(ProofFileError::NodeError(error.take()));
	}
	for wrapper in ["result", "value"] {
		if let Some(wrapped) = document.get_mut(wrapper) {
			document = wrapped.take();
		}
	}
	serde_json::from_value(document).map_err(|source| ProofFileError::NotAProof { method, source })
}
